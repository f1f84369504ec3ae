"""Reminders while somebody is at work and while the screen is locked: which are on, put off, missed; and the tone.

What is due is worked out by `Session` from what was recorded; here it is only looked at every second and shown. A reminder
can be put off by one, two or three minutes, never past the end of its window, and every time is written down. On the locked
screen nobody knows whose it is: of the participant nothing is kept but a digest that finds the reminder again.

This is a reminder and not an alarm system (IEC 60601-1-8), and it says so.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.tone import Tone

if (
    TYPE_CHECKING
):  # the sign-in page shows a strip too, and must not wait for the rules of the protocol to load
    from ucmsc_desktop.record.reminder import Reminder, ReminderKind
    from ucmsc_desktop.session import Session

BEAT_MS = 1_000
SNOOZE_MIN = (1, 2, 3)  # and never longer
READ_EVERY_S = 5  # what is due is worked out anew so often, and after every change
TONE_EVERY = timedelta(seconds=60)
LOCKED_MIXES = 24  # ten-minute turns told on a screen that stays locked: four hours


@dataclass(frozen=True, slots=True)
class Shown:
    """A reminder that is on, for the strip. On the locked screen `about` is None: nobody knows whose it is."""

    digest: str
    kind: ReminderKind
    title: Text
    begins: datetime
    due: datetime
    ends: datetime
    about: Reminder | None = None
    count: int = 0  # times it was put off

    def is_on(self, now: datetime) -> bool:
        return self.begins <= now <= self.ends


@dataclass(frozen=True, slots=True)
class _PutOff:
    until: datetime
    count: int


@dataclass(frozen=True, slots=True)
class _Unwritten:
    """A snooze on the locked screen, to be written down once somebody has signed in."""

    digest: str
    minutes: int
    count: int
    at: datetime


def digest_of(reminder: Reminder) -> str:
    """Name a reminder so that nobody can read from it whose it is."""
    text = "\0".join(map(str, (*reminder.id[:3], reminder.due.isoformat())))
    return hashlib.sha256(b"ucmsc-reminder-v1\0" + text.encode()).hexdigest()


def _shown(reminder: Reminder, *, locked: bool) -> Shown:
    about = None if locked else reminder
    return Shown(
        digest_of(reminder),
        reminder.kind,
        reminder.title,
        reminder.begins,
        reminder.due,
        reminder.ends,
        about,
    )


class ReminderWatch(QObject):
    """Looks every second. `changed` carries the reminders that are on, the most pressing first."""

    changed = Signal(object)  # tuple[Shown, ...]

    def __init__(self, desk: Desk, parent: QObject | None = None, *, tone: Tone | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.tone = tone or Tone(self)
        self.tone.silent.connect(self._on_tone_silent)
        self._put_off: dict[str, _PutOff] = {}
        self._unwritten: list[_Unwritten] = []
        self._known: tuple[Reminder, ...] = ()
        self._locked: tuple[Shown, ...] = ()
        self._offset = timedelta(0)
        self._read_at: datetime | None = None
        self._on: tuple[Shown, ...] = ()
        self._sounded: dict[str, datetime] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self.look)
        desk.signed_in.connect(self._on_desk_signed_in)
        desk.lock_began.connect(self._on_desk_lock_began)
        desk.locked.connect(self._on_desk_locked)
        desk.changed.connect(self._on_desk_changed)

    def start(self) -> None:
        """Begin to look."""
        self._timer.start()

    def stop(self) -> None:
        """End looking, and the tone with it."""
        self._timer.stop()
        self.tone.stop()

    @property
    def on(self) -> tuple[Shown, ...]:
        """The reminders that are on, the most pressing first."""
        return self._on

    def now(self) -> datetime:
        """Give ward time, signed in or not."""
        if self._desk.is_signed_in:
            return self._desk.session.now()
        return self._desk.ward.clock.read().at + self._offset

    # --- looking ---------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Work out what is on; write down what was missed; sound the tone where it is time."""
        now = self.now()
        if self._desk.is_signed_in:
            from ucmsc_desktop.record.reminder import shown_at

            self._read(now)
            found: Sequence[Shown] = [_shown(r, locked=False) for r in shown_at(self._known, now)]
        else:
            found = sorted((s for s in self._locked if s.is_on(now)), key=lambda s: (s.ends, s.due))
        on = []
        for shown in found:
            put_off = self._put_off.get(shown.digest)
            if put_off is None or now >= put_off.until:
                on.append(replace(shown, count=put_off.count if put_off else 0))
        self._sound(on, now)
        if tuple(on) != self._on:
            self._on = tuple(on)
            self.changed.emit(self._on)

    def _read(self, now: datetime) -> None:
        session = self._desk.session
        fresh = self._read_at is not None and timedelta(0) <= now - self._read_at
        if fresh and self._read_at is not None and now - self._read_at < timedelta(seconds=READ_EVERY_S):
            return
        self._read_at = now
        try:
            self._known = session.reminders.open()
            self._write_put_off(session)
            changes = session.reminders.missed([r for r in self._known if r.is_missed(now)])
        except KnownError as error:
            self._desk.say(error)  # a full disk; the reminder itself goes on
            return
        for change in changes:
            self._desk.changed.emit(change)
            self._read_at = now  # our own change is no news

    def _write_put_off(self, session: Session) -> None:
        waiting, self._unwritten = self._unwritten, []
        known = {digest_of(r): r for r in self._known}
        for put_off in waiting:
            about = known.get(put_off.digest)
            if about is not None and session.may("complete"):
                session.reminders.snoozed(about, put_off.minutes, put_off.count, locked_at=put_off.at)

    def _sound(self, on: Sequence[Shown], now: datetime) -> None:
        self._sounded = {s.digest: self._sounded[s.digest] for s in on if s.digest in self._sounded}
        due = [
            s
            for s in on
            if s.digest not in self._sounded or not timedelta(0) <= now - self._sounded[s.digest] < TONE_EVERY
        ]
        for shown in due:
            self._sounded[shown.digest] = now
        if due and self._desk.preferences.tone:
            self.tone.play()

    # --- answering -------------------------------------------------------------------------------------------

    def snooze(self, shown: Shown, minutes: int) -> None:
        """Put a reminder off by 1, 2 or 3 minutes, and write it down."""
        if minutes not in SNOOZE_MIN:
            raise ValueError("never longer than three minutes")
        now = self.now()
        count = shown.count + 1
        self._put_off[shown.digest] = _PutOff(min(now + timedelta(minutes=minutes), shown.ends), count)
        about = shown.about
        if about is None or not self._desk.is_signed_in:
            self._unwritten.append(_Unwritten(shown.digest, minutes, count, now))
        elif self._desk.session.may("complete"):
            self._desk.do(lambda s, _a: s.reminders.snoozed(about, minutes, count))
        self.look()

    # --- what the desk tells ---------------------------------------------------------------------------------

    def _on_desk_signed_in(self) -> None:
        self._locked = ()
        self._read_at = None
        self.look()

    def _on_desk_changed(self, _change: object) -> None:
        self._read_at = None

    def _on_desk_lock_began(self) -> None:
        """Keep what the locked screen will need, without whose it is."""
        from ucmsc_desktop.record.reminder import MIX_GRACE, MIX_LEAD, mix_every

        if not self._desk.is_signed_in:
            return
        try:
            reminders = self._desk.session.reminders.open()
        except KnownError:
            reminders = self._known
        self._offset = self._desk.session.now() - self._desk.ward.clock.read().at
        every = mix_every(self._desk.ward.study)
        later = [r for r in reminders if r.kind == "mix" and r.due >= self.now() - MIX_GRACE]
        turns = [
            replace(r, begins=due - MIX_LEAD, due=due, ends=due + MIX_GRACE)
            for r in later[-1:]
            for k in range(1, LOCKED_MIXES)
            for due in (r.due + k * every,)
        ]
        self._locked = tuple(_shown(r, locked=True) for r in (*reminders, *turns))

    def _on_desk_locked(self) -> None:
        self._known = ()
        self._on = ()  # whatever was shown named somebody
        self.look()

    def _on_tone_silent(self) -> None:
        self._desk.say(
            Notice(
                "warning",
                tr("No sound on this laptop.", "本机无法发出声音。"),
                todo=tr(
                    "Reminders are shown and not heard. Check the loudspeaker, or watch the strip.",
                    "提醒仅显示而无声音。请检查扬声器，或留意屏幕提示条。",
                ),
            )
        )

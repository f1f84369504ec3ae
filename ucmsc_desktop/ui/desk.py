"""The desk: the one object every page holds. It runs use cases, asks what they need, and tells what changed.

Only here does the window talk to `Session`. A use case that needs a reason, a confirmation or an override is run again
with the answer; nothing is ever saved without the person having said so. The desk must never decide a rule itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from ucmsc_desktop.errors import (
    AccountLocked,
    ClockUnconfirmed,
    ConfirmNeeded,
    KnownError,
    ReasonNeeded,
    SignedOut,
    StepBlocked,
    WrongPassword,
)
from ucmsc_desktop.i18n import Lang, Text, tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.ui import preferences
from ucmsc_desktop.ui.jobs import Job, Jobs
from ucmsc_desktop.ui.notice import Notice, Stop, notice_of

if TYPE_CHECKING:
    from ucmsc_desktop.session import Session, Ward

T = TypeVar("T")
_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person has answered so far; a use case hands it on to `Session`."""

    reason: str = ""
    confirmed: frozenset[str] = frozenset()
    overrides: Mapping[str, str] = field(default_factory=lambda: _NONE)


@dataclass(frozen=True, slots=True)
class LockedRun:
    """What the locked screen may show of a running infusion: its time, not whose it is."""

    started: datetime
    next_at: datetime | None
    is_paused: bool
    offset: timedelta = timedelta(
        0
    )  # what ward time is ahead of the laptop's, the only clock there is when locked

    def elapsed_s(self, laptop: datetime) -> int:
        """Give the time since the start at a moment of the laptop's clock. Units: whole seconds."""
        return max(0, int((laptop + self.offset - self.started).total_seconds()))


def _running(session: Session, laptop: datetime) -> tuple[LockedRun, ...]:
    offset = session.now() - laptop
    runs = [session.infusions.run(s.subject, n) for s in session.subjects() for n in s.running]
    return tuple(
        LockedRun(r.started, r.next_at, r.status == "paused", offset) for r in runs if r.started is not None
    )


class Desk(QObject):
    """Holds the ward and the session of the person at work."""

    changed = Signal(object)  # Change, or None where anything may have changed
    said = Signal(object)  # Notice
    went = Signal(str, object)  # page, what to open there
    lock_began = Signal()  # the last moment to keep drafts
    locked = Signal()
    signed_in = Signal()
    language_chosen = Signal(str)
    scanned = Signal(str)
    stopped = Signal(object)  # Stop: the window fills with it
    preferred = Signal()  # a preference of this laptop changed
    clock_doubted = Signal()  # an entry was refused until the ward clock is read

    def __init__(self, ward: Ward, *, training: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ward = ward
        self.training = training
        self.jobs = Jobs(self)
        self.jobs.crashed.connect(self._on_jobs_crashed)
        self.preferences = preferences.read(ward.folder)
        self.running_while_locked: tuple[LockedRun, ...] = ()
        self._session: Session | None = None
        self._opening: Job | None = None
        self._told = 0  # warnings of the session that were shown
        self._clock_waits: list[tuple[Callable[[], None], Callable[[], None]]] = []  # go on, give up
        self._stops: list[tuple[Stop, Callable[[], None] | None]] = []  # the first is on the screen
        self._unread = False  # a stop was on the screen when it was locked
        self._window: QWidget | None = None
        self._dock: Callable[[QDialog], None] | None = None
        self._take_scan: Callable[[str], bool] | None = None

    # --- who is at work --------------------------------------------------------------------------------------

    @property
    def session(self) -> Session:
        """The session of the signed-in person. Raises: SignedOut."""
        if self._session is None:
            raise SignedOut
        return self._session

    @property
    def is_signed_in(self) -> bool:
        return self._session is not None

    @property
    def infusion_running(self) -> bool:
        """Say whether any participant is on the drip: then nothing may stand before the window."""
        return self._session is not None and any(s.infusion_running for s in self._session.subjects())

    def sign_in(
        self, user: str, password: str, *, failed: Callable[[KnownError], None] | None = None
    ) -> None:
        """Open a session in the worker (deriving the key takes its time), then tell `signed_in`."""

        def on_job_failed(error: Exception) -> None:
            if not isinstance(error, KnownError):
                raise error
            self._fail(error, failed)

        self._opening = self.jobs.run(
            lambda: self.ward.sign_in(user, password), then=self.begin, failed=on_job_failed
        )

    def begin(self, session: Session) -> None:
        """Take a session that was opened."""
        self._opening = None
        self._session = session
        self.running_while_locked = ()
        self._told = 0
        self.signed_in.emit()
        self._tell_warnings()
        if self._unread:
            self._unread = False
            self.say(Notice("warning", _UNREAD.get()))

    def _tell_warnings(self) -> None:
        """Show what the session has to say that was not shown yet: a suspect clock, a full disk."""
        fresh = self._session.warnings[self._told :] if self._session is not None else ()
        if fresh:
            self._told += len(fresh)
            self.say(Notice("warning", " ".join(w.get() for w in fresh)))

    def lock(self) -> None:
        """Close the session: drafts are kept, the worker has stopped reading, the keys are gone, pages are emptied."""
        session = self._session
        if session is None:
            return
        self.lock_began.emit()
        self._unread = bool(self._stops)
        self._stops.clear()
        self.jobs.finish()
        self._clock_waits.clear()
        self.running_while_locked = _running(session, self.ward.clock.read().at)
        self._session = None
        try:
            session.lock()
        except KnownError as error:
            self.say(error)  # the disk may be full; the screen is emptied all the same
        finally:
            self.locked.emit()

    def close(self) -> None:
        """End: lock, and stop the worker; a session that was just being opened is closed too."""
        self.lock()
        self.jobs.close()
        if self._opening is not None and self._opening.result is not None:
            self._opening.result.lock()

    # --- use cases -------------------------------------------------------------------------------------------

    def do(
        self,
        use: Callable[[Session, Answer], T],
        *,
        then: Callable[[T], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
    ) -> None:
        """Run a use case; ask the person for what it needs and run it again. See `Answer`."""
        self._attempt(use, Answer(), then, failed)

    def _attempt(
        self,
        use: Callable[[Session, Answer], T],
        answer: Answer,
        then: Callable[[T], None] | None,
        failed: Callable[[KnownError], None] | None,
    ) -> None:
        try:
            result = use(self.session, answer)
        except KnownError as error:
            self._ask_or_fail(error, use, answer, then, failed)
            return
        if isinstance(result, Change):
            self.changed.emit(result)
        if then is not None:
            then(result)
        self._tell_warnings()

    def _ask_or_fail(
        self,
        error: KnownError,
        use: Callable[[Session, Answer], T],
        answer: Answer,
        then: Callable[[T], None] | None,
        failed: Callable[[KnownError], None] | None,
    ) -> None:
        from ucmsc_desktop.ui.dialogs.confirm import ConfirmDialog
        from ucmsc_desktop.ui.dialogs.reason import ReasonDialog
        from ucmsc_desktop.ui.dialogs.sheet import Sheet

        if isinstance(error, ClockUnconfirmed) and self.session.may("confirm_clock"):
            self.clock_doubted.emit()
            self._ask_clock_first(
                lambda: self._attempt(use, answer, then, failed), lambda: self._fail(error, failed)
            )
            return
        sheet: Sheet
        what, _safe, todo = error.parts()
        take: Callable[[object], Answer]
        if isinstance(error, ConfirmNeeded) and not answer.confirmed.issuperset(_ids(error)):
            sheet = ConfirmDialog(f"{what}\n\n{todo}", self._window)
            take = lambda _yes: replace(answer, confirmed=answer.confirmed | _ids(error))  # noqa: E731
        elif isinstance(error, ReasonNeeded) and not answer.reason:
            sheet = ReasonDialog(what, self._window)
            take = lambda reason: replace(answer, reason=str(reason))  # noqa: E731
        elif isinstance(error, StepBlocked) and self._may_override(error, answer):
            check = str(error.details["check"])
            sheet = ReasonDialog(what, self._window, title=tr("Go on all the same?", "仍要继续？"))
            sheet.hide_usual()
            sheet.yes.setText(tr("Go on with this reason", "按此理由继续"))
            sheet.no.setText(tr("Stop here", "到此为止"))
            take = lambda reason: replace(answer, overrides={**answer.overrides, check: str(reason)})  # noqa: E731
        else:
            self._fail(error, failed)
            return
        sheet.answered.connect(lambda given: self._attempt(use, take(given), then, failed))
        sheet.rejected.connect(lambda: self._fail(error, failed) if failed is not None else None)
        self.ask(sheet)

    # --- the ward clock --------------------------------------------------------------------------------------

    def ask_clock(self) -> None:
        """Ask what the ward clock says, and record it."""
        self._ask_clock_first(lambda: None, lambda: None)

    def _ask_clock_first(self, go_on: Callable[[], None], give_up: Callable[[], None]) -> None:
        """Ask once, however many entries wait for the answer; then they are tried again in their order."""
        from ucmsc_desktop.ui.dialogs.clock import ClockDialog

        self._clock_waits.append((go_on, give_up))
        if len(self._clock_waits) > 1:
            return
        message = self.session.clock_message()
        sheet = ClockDialog(self.session.clock, message.get() if message else "", self._window)
        sheet.answered.connect(self._on_clock_answered)
        sheet.rejected.connect(self._on_clock_rejected)
        self.ask(sheet)

    def _on_clock_answered(self, ward: object) -> None:
        waiting = list(self._clock_waits)
        self._clock_waits.clear()
        told = ward if isinstance(ward, datetime) else None

        def then(_change: Change) -> None:
            for go_on, _give_up in waiting:
                go_on()

        def failed(error: KnownError) -> None:
            for _go_on, give_up in waiting:
                give_up()
            self.say(error)

        self.do(lambda s, _a: s.confirm_clock(told), then=then, failed=failed)

    def _on_clock_rejected(self) -> None:
        waiting = list(self._clock_waits)
        self._clock_waits.clear()
        for _go_on, give_up in waiting:
            give_up()

    def _may_override(self, error: StepBlocked, answer: Answer) -> bool:
        if self._session is None or error.details.get("override") != "investigator":
            return False
        return (
            self._session.account.role == "investigator"
            and error.details.get("check") not in answer.overrides
        )

    def _fail(self, error: KnownError, failed: Callable[[KnownError], None] | None) -> None:
        if failed is not None:
            failed(error)
        else:
            self.say(error)

    def sign(self, subject: str, key: FormKey, meaning: str, then: Callable[[], None] | None = None) -> None:
        """Ask for the password under what is signed, its decision and the meaning in words, and sign."""
        from ucmsc_desktop.record import signing, titles
        from ucmsc_desktop.ui.dialogs.sign import SignDialog

        session = self.session
        slot = next((s for s in session.study.forms[key.form].signatures if s.meaning == meaning), None)
        view = session.form(subject, key)
        signed = signing.signers(view, meaning)
        people = [
            (a.user, a.name)
            for a in session.people.all()
            if a.active and slot and a.role in slot.roles and a.user not in signed
        ]
        own = session.account.user
        statement = session.study.meaning_by_id[meaning].statement.get()
        what = titles.signed_text(view, meaning).get()
        sheet = SignDialog(people, own if own in dict(people) else "", statement, self._window, what=what)

        def on_sheet_answered(given: tuple[str, str]) -> None:
            user, password = given
            try:
                change = self.session.sign(subject, key, meaning, user, password)
            except (WrongPassword, AccountLocked) as error:
                sheet.refused(str(error))
                return
            except KnownError as error:
                sheet.reject()
                self.say(error)
                return
            sheet.accept()
            self.changed.emit(change)
            if then is not None:
                then()
            self._tell_warnings()

        sheet.answered.connect(on_sheet_answered)
        self.ask(sheet)

    # --- the window ------------------------------------------------------------------------------------------

    def set_window(self, window: QWidget | None, dock: Callable[[QDialog], None] | None) -> None:
        """Tell the desk which window questions belong to, and how to dock them there."""
        self._window, self._dock = window, dock
        if window is None:
            self._take_scan = None

    def set_scan_taker(self, take: Callable[[str], bool]) -> None:
        """Tell the desk who is asked first about a scan; True where it was taken, else it goes to the page."""
        self._take_scan = take

    def ask(self, dialog: QDialog, *, dock: bool = False) -> None:
        """Open a dialog; while an infusion runs it is docked into the window, so that STOP stays in reach.

        `dock`: always, because a page is read beside it.
        """
        if self._dock is not None and (dock or self.infusion_running):
            self._dock(dialog)
        else:
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    def go(self, page: str, **what: object) -> None:
        """Ask the window to show a page."""
        self.went.emit(page, what)

    def say(self, notice: Notice | KnownError) -> None:
        """Show a message in the bar."""
        self.said.emit(notice_of(notice) if isinstance(notice, KnownError) else notice)

    # --- the full-screen stop --------------------------------------------------------------------------------

    @property
    def is_stopped(self) -> bool:
        """Say whether a full-screen stop waits for a person; until then no scan and no page key is taken."""
        return bool(self._stops)

    def stop(
        self,
        notice: Notice | KnownError,
        *,
        expected: str = "",
        scanned: str = "",
        then: Callable[[], None] | None = None,
    ) -> None:
        """Fill the window with a message until somebody has read it; see widgets/stop_screen.py.

        An open question is cancelled: it would stand before the message. `then` runs once the person has confirmed.
        """
        shown = notice_of(notice) if isinstance(notice, KnownError) else notice
        self._stops.append((Stop(shown, expected, scanned), then))
        if len(self._stops) == 1:
            self.stopped.emit(self._stops[0][0])

    def stop_was_read(self) -> None:
        """The person has confirmed the stop on the screen: the next one is shown, if there is one."""
        _stop, then = self._stops.pop(0)
        if self._stops:
            self.stopped.emit(self._stops[0][0])
        if then is not None:
            then()

    def take_scan(self, code: str) -> None:
        """Pass a scan on to whatever listens; a stop on the screen takes none."""
        if self.is_stopped:
            return
        if self._take_scan is None or not self.is_signed_in or not self._take_scan(code):
            self.scanned.emit(code)

    def choose_language(self, lang: Lang) -> None:
        """Change the language of the window and remember it."""
        self.lock_began.emit()  # pages are about to go: the same moment to keep drafts
        self.prefer(language=lang)
        self.language_chosen.emit(lang)

    def prefer(self, **changes: object) -> None:
        """Change preferences of this laptop; where they cannot be kept they hold until the program ends."""
        self.preferences = self.preferences.with_(**changes)
        try:
            preferences.write(self.ward.folder, self.preferences)
        except KnownError as error:
            self.say(error)
        self.preferred.emit()

    def _on_jobs_crashed(self, error: Exception) -> None:
        if isinstance(error, KnownError):
            self.say(error)
            return
        raise error


_UNREAD = Text(
    "A stop message was on the screen when it was locked, and nobody confirmed it. What it stopped was not done: repeat "
    "the scan.",
    "锁屏时屏幕上有未确认的停止提示。被停止的操作并未执行，请重新扫描。",
)


def _ids(error: ConfirmNeeded) -> frozenset[str]:
    ids = error.details.get("ids", ())
    return frozenset(str(i) for i in ids) if isinstance(ids, tuple | list | frozenset | set) else frozenset()

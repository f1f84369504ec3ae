"""Reminders of all participants, and what is written down of them.

Only participants who have something running or waiting are looked at; a ward of thousands is not folded for a reminder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from ucmsc_desktop.record import reminder
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import Draft
from ucmsc_desktop.record.reminder import Noted, Reminder, ReminderId
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.record.tasks import Task
from ucmsc_desktop.session.core import Core

_CODES = ("run|", "rest|", "flow", "spin|", "freeze|", "none|")
_SAMPLE = "form|F10/6H/"


class Reminders:
    """The reminders of all participants, and what becomes of them."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def open(self) -> tuple[Reminder, ...]:
        """Give the unanswered reminders of all participants around now, in the order of their moments."""
        now = self._core.now()
        found = [
            r
            for subject in subjects_of(self._core.worklist())
            for r in reminder.reminders_of(self._core.state(subject), now)
        ]
        return tuple(sorted(found, key=lambda r: (r.due, r.subject)))

    def snoozed(
        self, about: Reminder, minutes: int, count: int, *, locked_at: datetime | None = None
    ) -> Change:
        """Write down that a reminder was put off; `locked_at`: on the locked screen, by nobody knows whom."""
        draft = draft_of(about, "snoozed", minutes=minutes, count=count, locked_at=locked_at)
        return self._note(about.subject, [draft])

    def missed(self, unanswered: Sequence[Reminder]) -> tuple[Change, ...]:
        """Write down the reminders whose windows have closed unanswered, each once.

        Nothing while the clock is in doubt: nobody knows then what has passed.
        """
        self._core._require_open()
        if (
            not self._core.may("complete")
            or self._core.must_change_password
            or self._core._clock.state().must_confirm
        ):
            return ()
        now = self._core.now()
        changes = []
        for subject in dict.fromkeys(r.subject for r in unanswered):
            own = [r for r in unanswered if r.subject == subject]
            missed = reminder.missed_at(own, now, noted_of(self._core.state(subject)))
            if missed:
                drafts = [draft_of(r, "missed") for r in missed]
                changes.append(self._note(subject, drafts))
        return tuple(changes)

    def _note(self, subject: str, drafts: Sequence[Draft]) -> Change:
        self._core._require_open()
        state = self._core.state(subject)
        events = self._core._append(drafts)
        self._core._extend(state, events, settled=state.settled)
        at = self._core._clock.ward(events[-1].at)
        return Change("ReminderNoted", subject, None, (), at, len(events))  # nothing in a record was saved


def subjects_of(tasks: Iterable[Task]) -> tuple[str, ...]:
    """Give the participants that may have a reminder, by their open tasks."""
    found = (
        t.subject
        for t in tasks
        if t.what.startswith(_CODES) or (t.opens is not None and t.what.startswith(_SAMPLE))
    )
    return tuple(dict.fromkeys(found))


def noted_of(state: SubjectState) -> set[ReminderId]:
    """Give the misses of a participant that were written down."""
    return {
        ReminderId(state.subject, note.key, note.point, note.due)
        for note in state.record.reminders
        if note.what == "missed"
    }


def draft_of(
    about: Reminder, what: Noted, *, minutes: int = 0, count: int = 0, locked_at: datetime | None = None
) -> Draft:
    """Make the entry of a reminder that was put off or missed."""
    data: dict[str, Any] = {
        "what": what,
        "point": about.point,
        "due": about.due.isoformat(timespec="seconds"),
    }
    extra: Mapping[str, Any] = {"minutes": minutes, "count": count} if what == "snoozed" else {}
    if locked_at is not None:
        extra = {**extra, "locked_at": locked_at.isoformat(timespec="seconds")}
    return Draft("ReminderNoted", about.subject, about.key, data={**data, **extra})

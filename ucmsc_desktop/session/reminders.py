"""Reminders of all participants, and what is written down of them.

Only participants who have something running or waiting are looked at; a ward of thousands is not folded for a reminder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from ucmsc_desktop.record.events import Draft
from ucmsc_desktop.record.reminder import Noted, Reminder, ReminderId
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.record.tasks import Task

_CODES = ("run|", "rest|", "flow", "spin|", "freeze|", "none|")
_SAMPLE = "form|F10/6H/"


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
    reminder: Reminder, what: Noted, *, minutes: int = 0, count: int = 0, locked_at: datetime | None = None
) -> Draft:
    """Make the entry of a reminder that was put off or missed."""
    data: dict[str, Any] = {
        "what": what,
        "point": reminder.point,
        "due": reminder.due.isoformat(timespec="seconds"),
    }
    extra: Mapping[str, Any] = {"minutes": minutes, "count": count} if what == "snoozed" else {}
    if locked_at is not None:
        extra = {**extra, "locked_at": locked_at.isoformat(timespec="seconds")}
    return Draft("ReminderNoted", reminder.subject, reminder.key, data={**data, **extra})

"""When somebody is to be reminded of what, for one participant. Pure: facts and a moment in, reminders out.

A reminder begins, has the moment it is about, and ends when its window closes; unanswered then, it is a miss. Answered
means recorded: there is no other way to answer. This is a reminder and not an alarm system: nothing here watches a patient.

Source: the bedside minute table (vital signs, mixing every 5 to 10 minutes, the sample 6 h after the infusion, the times
for centrifuging and freezing, the statements on infusion events at 6 h and 24 h).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.course import SCREEN, Course, course_of, falls_away, left_before, moment_of, text_of
from ucmsc_desktop.record.duties import sample_rows
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.flow_sheet import due_points
from ucmsc_desktop.record.planned import is_begun, none_rows, window_of
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.model import Study

ReminderKind = Literal["vitals", "mix", "sample", "spin", "freeze", "sign"]
Noted = Literal["snoozed", "missed"]

LEAD = timedelta(minutes=5)  # before the moment, where the window opens much earlier
MIX_LEAD = timedelta(minutes=2)
MIX_GRACE = timedelta(minutes=5)
SAMPLE_LEAD = timedelta(minutes=30)
QUARTER = timedelta(minutes=15)  # before a tube must be in the centrifuge or the freezer
BACK = timedelta(hours=26)  # what closed longer ago is not told any more
AHEAD = timedelta(hours=26)

_VITALS = Text("Vital signs, {point}", "生命体征，{point}")
_MIX = Text("Mix the bag gently", "轻摇混匀制剂袋")
_SAMPLE = Text("Blood for IL-6 and IL-8, 6 h after the infusion", "输注后6小时采血（IL-6、IL-8）")
_SPIN = Text("Centrifuge the sample, {visit}", "离心标本，{visit}")
_FREEZE = Text("Freeze the sample, {visit}", "冻存标本，{visit}")
_SIGN = Text("Infusion events up to {hours} h: answer and sign", "输注相关事件（{hours}小时）：判断并签名")


class ReminderId(NamedTuple):
    """What makes two reminders the same one."""

    subject: str
    key: FormKey
    point: str
    due: datetime


@dataclass(frozen=True, slots=True)
class Reminder:
    """One reminder. `begins` and `ends` are the first and last moment at which it is shown."""

    subject: str
    bed: str
    key: FormKey
    kind: ReminderKind
    point: str  # T15, mix, sample, spin, freeze, none6, none24
    title: Text
    begins: datetime
    due: datetime
    ends: datetime

    @property
    def id(self) -> ReminderId:
        return ReminderId(self.subject, self.key, self.point, self.due)

    def is_on(self, now: datetime) -> bool:
        """Say whether it is shown at a moment; the last second of its window still belongs to it."""
        return self.begins <= now <= self.ends

    def is_missed(self, now: datetime) -> bool:
        """Say whether its window has closed."""
        return now > self.ends


def reminders_of(state: SubjectState, now: datetime) -> tuple[Reminder, ...]:
    """Give the unanswered reminders of a participant around a moment, in the order of their moments."""
    course = course_of(state)
    if course.ended or course.failed:
        return ()
    bed = text_of(state, SCREEN, "bed")
    found = [*_of_infusions(state, course, bed, now), *_of_samples(state, course, bed)]
    last = course.died
    return tuple(
        sorted(
            (
                r
                for r in found
                if now - BACK <= r.ends and r.begins <= now + AHEAD and (last is None or r.due <= last)
            ),
            key=lambda r: (r.due, r.point),
        )
    )


# --- infusions -----------------------------------------------------------------------------------------------


def _of_infusions(state: SubjectState, course: Course, bed: str, now: datetime) -> Iterator[Reminder]:
    anchors = course.anchors
    for n, start in sorted(anchors.starts.items()):
        ended = anchors.ends.get(n)
        if ended is not None and now - ended > 2 * BACK:
            continue
        after = min((t for m, t in anchors.starts.items() if m > n), default=None)
        key = key_for(state.study.forms["F7"], n=n)
        for point, at in due_points(state, n):
            if point.anchor == "start" and point.at_min <= 0:
                continue  # before the start: START itself asks for it
            if after is not None and at > after:
                continue  # the next infusion has its own
            if ended is not None and left_before(course, at):
                continue
            opens, closes = at - timedelta(minutes=point.before_min), at + timedelta(minutes=point.after_min)
            title = _VITALS.fill(point=point.title)
            yield Reminder(
                state.subject, bed, key, "vitals", point.code, title, max(opens, at - LEAD), at, closes
            )
        for due in _mixing(state, key, start, ended, now):
            yield Reminder(state.subject, bed, key, "mix", "mix", _MIX, due - MIX_LEAD, due, due + MIX_GRACE)
        yield from (r for r in _signatures(state, n, bed) if not left_before(course, r.due))


def mix_every(study: Study) -> timedelta:
    """Give how often the bag is to be mixed."""
    return timedelta(minutes=int(str(study.parameters["mix_every_min"])))


def _mixing(
    state: SubjectState, key: FormKey, start: datetime, ended: datetime | None, now: datetime
) -> Iterator[datetime]:
    """Give when the bag should have been mixed and was not, so often after the start or after the last mixing.

    While the infusion is paused the bag waits too.
    """
    mixed = sorted(t for t in _column(state, key, "mixing", "mix_dtm") if t >= start)
    pauses, every = _pauses(state, key), mix_every(state.study)
    times: list[datetime | None] = [start, *mixed, ended]
    for begin, end in pairwise(times):
        due = (begin or start) + every
        long_ago = (now - BACK - MIX_GRACE - due) // every  # a start with a wrong year must not cost a minute
        due += every * max(0, long_ago)
        # Between two mixings those stand that passed by; after the last one also the next to come.
        while due + MIX_GRACE < end if end is not None else due <= now + every:
            if not any(a <= due and (b is None or due <= b) for a, b in pauses):
                yield due
            due += every


def _column(state: SubjectState, key: FormKey, section_id: str, item: str) -> Iterator[datetime]:
    section = next((s for s in state.study.forms["F7"].sections if s.id == section_id), None)
    for row in state.rows(key, section) if section is not None else ():
        value = state.value(key, Cell(item, row))
        if isinstance(value, datetime):
            yield value


def _pauses(state: SubjectState, key: FormKey) -> list[tuple[datetime, datetime | None]]:
    section = next((s for s in state.study.forms["F7"].sections if s.id == "interruptions"), None)
    found = []
    for row in state.rows(key, section) if section is not None else ():
        begin, end = state.value(key, Cell("int_start", row)), state.value(key, Cell("int_end", row))
        if isinstance(begin, datetime):
            found.append((begin, end if isinstance(end, datetime) else None))
    return found


def _signatures(state: SubjectState, n: int, bed: str) -> Iterator[Reminder]:
    key = key_for(state.study.forms["F8"], n=n)
    for row in none_rows(state, n):
        hours = row.what.rpartition("|")[2]
        if row.at is not None and row.closes is not None:
            title = _SIGN.fill(hours=hours)
            yield Reminder(state.subject, bed, key, "sign", f"none{hours}", title, row.at, row.at, row.closes)


# --- samples -------------------------------------------------------------------------------------------------


def _of_samples(state: SubjectState, course: Course, bed: str) -> Iterator[Reminder]:
    six = FormKey("F10", "6H")
    window = window_of(state, course, six) if 1 in course.anchors.ends else None
    if window is not None and not is_begun(state, six) and falls_away(state, course, six) is None:
        begins = window.nominal - SAMPLE_LEAD
        yield Reminder(
            state.subject, bed, six, "sample", "sample", _SAMPLE, begins, window.nominal, window.closes
        )
    for row in sample_rows(state):
        what, _, name = row.what.partition("|")
        if row.at is None or row.closes is None:
            continue
        key = FormKey.parse(name)
        visit = state.study.visit_by_id[key.visit].title
        kind: Literal["spin", "freeze"] = "spin" if what == "spin" else "freeze"
        title = (_SPIN if kind == "spin" else _FREEZE).fill(visit=visit)
        drawn = moment_of(state, key, "cyt_collect_dtm" if kind == "spin" else "cyt_spin_dtm")
        begins = max(row.at - QUARTER, drawn or row.at - QUARTER)
        yield Reminder(state.subject, bed, key, kind, kind, title, begins, row.at, row.closes)


# --- at a moment ---------------------------------------------------------------------------------------------


def shown_at(reminders: Iterable[Reminder], now: datetime) -> tuple[Reminder, ...]:
    """Give the reminders to show at a moment, those whose window closes first before the others."""
    return tuple(sorted((r for r in reminders if r.is_on(now)), key=lambda r: (r.ends, r.due)))


def missed_at(
    reminders: Iterable[Reminder], now: datetime, noted: Iterable[ReminderId]
) -> tuple[Reminder, ...]:
    """Give the reminders whose windows have closed unanswered and that nobody has written down yet."""
    known = set(noted)
    return tuple(r for r in reminders if r.is_missed(now) and r.id not in known)

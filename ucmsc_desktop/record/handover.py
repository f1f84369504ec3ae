"""What one shift tells the next, participant by participant, and the log of screen failures. No names.

The sheet is made of the same tasks as the list on the screen, so that both say the same; beside them stand what only the
records tell: running infusions, open events with their clock, how much is still empty. Pure.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.course import ELIGIBILITY, SCREEN, moment_of, text_of
from ucmsc_desktop.record.duties import goes_on, is_unjudged
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.flow_sheet import due_points
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.safety import SaeClock, clock_of
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.record.summary import SubjectSummary
from ucmsc_desktop.record.tasks import Task
from ucmsc_desktop.study.model import FlowPoint
from ucmsc_desktop.study.values import PartialDate

AHEAD = timedelta(hours=12)
_TOLD = frozenset({"overdue", "due", "next", "planned"})  # statuses that have a time


@dataclass(frozen=True, slots=True)
class Running:
    """An infusion under way. `next_at` None: no check is left."""

    n: int
    started: datetime
    next_point: FlowPoint | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class OpenEvent:
    """An adverse event that is not settled: no end, no judgement, or a report still to be made.

    Missing: no clock where the event is not serious; one that no longer runs says when the report was made.
    """

    n: int
    term: str
    onset: str
    grade: str
    goes_on: bool
    is_judged: bool
    clock: SaeClock | None


@dataclass(frozen=True, slots=True)
class Handed:
    """One participant on the sheet."""

    who: SubjectSummary
    ward: Text
    overdue: tuple[Task, ...]
    due: tuple[Task, ...]
    samples: tuple[Task, ...]
    waiting: tuple[Task, ...]  # blocked, with the reason
    running: tuple[Running, ...]
    events: tuple[OpenEvent, ...]
    unsigned: int
    missing: int
    queries: int

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to tell."""
        told = (self.overdue, self.due, self.samples, self.running, self.events)
        return not any(told) and not (self.unsigned or self.missing or self.queries)


@dataclass(frozen=True, slots=True)
class Handover:
    """The whole sheet."""

    at: datetime
    until: datetime
    people: tuple[Handed, ...]

    def counts(self) -> Mapping[str, int]:
        """Count what is handed over; this stands in the log entry of the hand-over."""
        return {
            "participants": len(self.people),
            "overdue": sum(len(p.overdue) for p in self.people),
            "due": sum(len(p.due) for p in self.people),
            "samples": sum(len(p.samples) for p in self.people),
            "running": sum(len(p.running) for p in self.people),
            "events": sum(len(p.events) for p in self.people),
            "unsigned": sum(p.unsigned for p in self.people),
        }


def handover_of(
    tasks: Iterable[Task],
    people: Iterable[SubjectSummary],
    state_of: Callable[[str], SubjectState],
    now: datetime,
) -> Handover:
    """Gather the sheet: what is overdue or comes within twelve hours, by participant, those with most to do first."""
    by_subject: dict[str, list[Task]] = {}
    for task in tasks:
        by_subject.setdefault(task.subject, []).append(task)
    found = []
    for who in people:
        mine = by_subject.get(who.subject, [])
        if mine or who.infusion_running:
            handed = _handed(who, mine, state_of(who.subject), now)
            if not handed.is_empty:
                found.append(handed)
    found.sort(key=lambda h: (not h.running, -len(h.overdue), h.who.subject))
    return Handover(now, now + AHEAD, tuple(found))


def _handed(who: SubjectSummary, tasks: list[Task], state: SubjectState, now: datetime) -> Handed:
    soon = now + AHEAD
    samples = tuple(t for t in tasks if t.what.startswith(("spin|", "freeze|")))
    # An event stands below with its clock, not in the table as well.
    rest = [t for t in tasks if t not in samples and not t.what.startswith(("sae|", "ae."))]
    overdue = tuple(t for t in rest if t.status == "overdue")
    due = tuple(
        t for t in rest if t.status == "due" or (t.status in _TOLD and t.opens and now < t.opens <= soon)
    )
    kinds = Counter(t.kind for t in tasks)
    return Handed(
        who=who,
        ward=tasks[0].ward if tasks else Text("", ""),
        overdue=overdue,
        due=due,
        samples=samples,
        waiting=tuple(t for t in rest if t.status == "blocked" and t.at is not None and t.at <= soon),
        running=tuple(_running(state, n, now) for n in who.running),
        events=tuple(_events(state, now)),
        unsigned=kinds["sign"],
        missing=missing_fields(state, now),
        queries=sum(int(t.what.rsplit("|", 1)[1]) for t in tasks if t.what.startswith("query|")),
    )


def _running(state: SubjectState, n: int, now: datetime) -> Running:
    points = sorted(due_points(state, n), key=lambda p: p[1])
    ahead = next((p for p in points if p[1] + timedelta(minutes=p[0].after_min) >= now), None)
    return Running(n, state.anchors().starts[n], *(ahead or (None, None)))


def _events(state: SubjectState, now: datetime) -> Iterable[OpenEvent]:
    for key in sorted(state.keys("F14"), key=lambda k: k.n):
        clock = clock_of(state, key, now)
        is_open = goes_on(state, key) or is_unjudged(state, key) or (clock is not None and clock.is_running)
        if not is_open:
            continue
        onset = state.value(key, Cell("ae_onset_dtm"))
        yield OpenEvent(
            key.n,
            text_of(state, key, "ae_term"),
            onset.iso().replace("T", " ") if isinstance(onset, PartialDate) else "",
            text_of(state, key, "ae_grade"),
            goes_on(state, key),
            not is_unjudged(state, key),
            clock,
        )


def missing_fields(state: SubjectState, now: datetime) -> int:
    """Count the required items still empty in the records that were begun."""
    views = (FormState(state, key, now) for key in state.keys(None))
    return sum(f.kind == "required" for v in views if not v.record.locked for f in v.findings)


# --- screen failures -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Failure:
    """One line of the log of screen failures. No name, no initials."""

    subject: str
    number: str  # screening number
    screened: datetime | None
    criteria: tuple[Text, ...]
    other: str


@dataclass(frozen=True, slots=True)
class ScreeningLog:
    """The log with its totals."""

    failures: tuple[Failure, ...]
    screened: int
    enrolled: int
    pending: int


def screening_log(people: Iterable[SubjectSummary], state_of: Callable[[str], SubjectState]) -> ScreeningLog:
    """Gather the log of screen failures, by participant number."""
    stages: Counter[str] = Counter()
    failures = []
    for who in people:
        stages[
            "failed" if who.stage == "failed" else "pending" if who.stage == "screening" else "enrolled"
        ] += 1
        if who.stage == "failed":
            failures.append(_failure(state_of(who.subject)))
    return ScreeningLog(tuple(failures), sum(stages.values()), stages["enrolled"], stages["pending"])


def _failure(state: SubjectState) -> Failure:
    item = state.study.forms["F1"].by_id["scr_fail"]
    given = state.value(SCREEN, Cell("scr_fail"))
    codes = given if isinstance(given, tuple) else tuple(_failed_criteria(state))
    criteria = tuple(c.label for code in codes if (c := item.choice(code)) is not None and code != "OTH")
    other = text_of(state, SCREEN, "scr_fail_oth") or text_of(state, ELIGIBILITY, "elig_reason")
    other = _beside(other, [words for c in criteria for words in (c.en, c.zh)])
    return Failure(
        state.subject,
        text_of(state, SCREEN, "scr_no"),
        moment_of(state, SCREEN, "scr_dtm") or state.record.created_at,
        criteria,
        other,
    )


def _beside(reason: str, criteria: list[str]) -> str:
    """Take out of a reason the criteria it begins with (the decision repeats them): they stand in the line already."""
    rest = reason.strip()
    while head := next((c for c in sorted(criteria, key=len, reverse=True) if rest.startswith(c)), ""):
        rest = rest.removeprefix(head).lstrip(" ;；")
    return rest


def _failed_criteria(state: SubjectState) -> Iterable[str]:
    """Read from the eligibility form which criteria were not met, where screening does not name them."""
    not_met = {"inc": "N", "exc": "Y"}
    for item in state.study.forms["F3"].items():
        head = item.id.split("_")[0]
        if item.cdash == "IEORRES" and text_of(state, ELIGIBILITY, item.id) == not_met.get(head[:3], "-"):
            yield head.upper()

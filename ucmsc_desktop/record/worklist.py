"""The work list of one participant: the stored summary that lists are made of, and the participant banner.

A summary holds only facts and absolute times, never a status that depends on now; what it says at a moment is read from
it (see summary). So it can be stored and read for ten thousand participants without folding their events. The rules stand
in `course` (what falls away), `planned` (visits, infusions, days) and `duties` (consent, safety, samples, queries). Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.course import (
    SCREEN,
    Stage,
    course_of,
    has_value,
    running_infusions,
    stage_of,
    text_of,
)
from ucmsc_desktop.record.duties import done_of, duty_rows
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.flow_sheet import due_points
from ucmsc_desktop.record.planned import call_rows, days_of, plan_rows
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.record.summary import (
    FORMAT,
    STAGES,
    Row,
    SubjectSummary,
    Summary,
    done_at,
    read_summary,
    read_tasks,
    tasks_at,
    write,
)
from ucmsc_desktop.record.tasks import (
    KINDS,
    Task,
    TaskKind,
    TaskStatus,
    countdown,
    light_of,
    sort_key,
    status_at,
)
from ucmsc_desktop.record.wording import Wording, day_text, infusion_text

__all__ = [
    "FORMAT", "KINDS", "STAGES", "Banner", "Stage", "SubjectSummary", "Task", "TaskKind", "TaskStatus", "Wording",
    "banner_of", "countdown", "done_at", "due_points", "has_value", "light_of", "read_summary", "read_tasks",
    "running_infusions", "sort_key", "stage_of", "status_at", "summarise", "tasks_at", "visit_now",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Banner:
    """The participant banner: who this is, and exactly one statement on allergies."""

    subject: str
    initials: str
    born: date | None
    age: int | None
    sex: str
    bed: str
    visit: Text
    allergy: Literal["known", "none", "unrecorded"]
    allergy_text: str


def visit_now(state: SubjectState, now: datetime) -> Text:
    """Name the visit a participant is at."""
    running = running_infusions(state)
    if running:
        return infusion_text(running[-1])
    first = state.anchors().starts.get(1)
    return STAGES[stage_of(state)] if first is None else day_text((now.date() - first.date()).days)


def banner_of(state: SubjectState, now: datetime) -> Banner:
    """Make the participant banner."""
    born = state.value(SCREEN, Cell("birth_date"))
    asked = text_of(state, FormKey("F4", "SCR"), "mh_allergy")
    sex = state.study.forms["F1"].by_id.get("sex")
    sex_value = state.value(SCREEN, Cell("sex"))
    born_on = born if isinstance(born, date) else None
    return Banner(
        subject=state.subject,
        initials=text_of(state, SCREEN, "initials4"),
        born=born_on,
        age=_age(born_on, now.date()),
        sex=sex.shown(sex_value) if sex and sex_value is not None else "",
        bed=text_of(state, SCREEN, "bed"),
        visit=visit_now(state, now),
        allergy="known" if asked == "Y" else ("none" if asked == "N" else "unrecorded"),
        allergy_text=text_of(state, FormKey("F4", "SCR"), "mh_allergy_agent"),
    )


def _age(born: date | None, on: date) -> int | None:
    if born is None:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def summarise(state: SubjectState, now: datetime) -> str:
    """Write the summary of a participant as stored text."""
    course = course_of(state)
    stage = stage_of(state, course)
    born = state.value(SCREEN, Cell("birth_date"))
    first = course.anchors.starts.get(1)
    ward = text_of(state, SCREEN, "ward_loc")
    is_open = stage not in ("failed", "ended")
    return write(
        Summary(
            initials=text_of(state, SCREEN, "initials4"),
            bed=text_of(state, SCREEN, "bed"),
            ward=(text_of(state, SCREEN, "ward_oth") or ward) if ward == "OTH" else ward,
            sex=text_of(state, SCREEN, "sex"),
            born=born if isinstance(born, date) else None,
            stage=stage,
            running=running_infusions(state),
            day0=first.date() if first else None,
            rows=open_rows(state, now),
            days=days_of(state, course) if is_open else None,
            done=done_of(state),
        )
    )


def open_rows(state: SubjectState, now: datetime) -> list[Row]:
    """Give everything open for a participant, with absolute times."""
    course = course_of(state)
    stage = stage_of(state, course)
    rows = list(duty_rows(state, course, stage, now))
    if stage == "ended":
        return rows
    # A sample in the centrifuge is one task, not that and its form; so are the two answers about infusion events.
    busy = {r.what.split("|")[1] for r in rows if r.what.startswith(("spin|", "freeze|"))}
    planned = [r for r in plan_rows(state, course, stage, now) if r.what.split("|")[1] not in busy]
    if stage == "failed":
        return [*planned, *rows]
    return [*planned, *call_rows(state, course), *rows]

"""The visits of a participant as the page shows them: the records of each, its window in words, how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ucmsc_desktop.i18n import show_date, tr
from ucmsc_desktop.record.course import Stage
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.record.tasks import ORDER, TaskStatus
from ucmsc_desktop.study.model import Placement
from ucmsc_desktop.study.schedule import Due, due


def by_visit(state: SubjectState, views: list[FormState]) -> Iterator[tuple[str, list[FormState]]]:
    """Give the records visit by visit, in the order of the plan."""
    for visit in state.study.visits:
        of_visit = [v for v in views if v.key.visit == visit.id]
        if of_visit:
            yield visit.id, of_visit


def window_of(state: SubjectState, visit: str) -> Due | None:
    """Give the span in which something of a visit is open; None before its anchor or where there is no window."""
    placed: list[Placement] = [p for p in state.study.schedule if p.visit == visit]
    found = [w for p in placed if (w := due(p.window, state.anchors())) is not None]
    if not found:
        return None
    return Due(min(w.nominal for w in found), min(w.opens for w in found), max(w.closes for w in found))


def is_timed(state: SubjectState, visit: str) -> bool:
    """Say whether the plan has a window for a visit, dated or not yet."""
    return any(p.visit == visit and p.window is not None for p in state.study.schedule)


def window_text(window: Due | None, *, short: bool = False, timed: bool = False) -> str:
    """Show a window; short leaves the hours out where it goes over days."""
    if window is None:
        return tr("not dated yet", "日期未定") if timed else ""
    opens, closes = window.opens, window.closes
    if (short and opens.date() != closes.date()) or (
        (opens.hour, opens.minute) == (0, 0) and (closes.hour, closes.minute) == (23, 59)
    ):
        first, last = _day(opens.date()), _day(closes.date())
        return first if first == last else f"{first} – {last}"
    if opens.date() == closes.date():
        return f"{_day(opens.date())} {opens:%H:%M}–{closes:%H:%M}"
    return f"{_day(opens.date())} {opens:%H:%M} – {_day(closes.date())} {closes:%H:%M}"


def _day(day: object) -> str:
    text = show_date(day)  # type: ignore[arg-type]
    return text[5:] if text[:4].isdigit() else text[:6]


def visit_status(views: list[FormState], tasks: Sequence[TaskStatus], stage: Stage) -> str:
    """Say how far a visit is: the most urgent of its open tasks; without any, whether it is done."""
    if tasks:
        return min(tasks, key=lambda status: ORDER[status])
    statuses = {v.status for v in views}
    if statuses <= {"complete", "signed", "locked"}:
        return "done"
    if stage in ("failed", "ended"):
        return "ended"
    return "planned" if statuses == {"empty"} else "progress"

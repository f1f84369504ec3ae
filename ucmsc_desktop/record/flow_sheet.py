"""The vital signs of an infusion: which time-points have no row yet, when each is due, and when it was missed.

Points counted from the start that lie after the true end fall away; those beyond the usual hour show only when they come.
Gives stored rows (facts and absolute times, see summary). Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from ucmsc_desktop.record.course import Course, left_before
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.record.summary import Row
from ucmsc_desktop.study.model import FlowPoint


def recorded_points(state: SubjectState, number: int) -> frozenset[object]:
    """Give the time-points of the flow sheet that have a row."""
    key = key_for(state.study.forms["F7"], n=number)
    section = next((s for s in state.study.forms["F7"].sections if s.id == "flow"), None)
    if section is None:
        return frozenset()
    return frozenset(state.value(key, Cell("ivs_point", row)) for row in state.rows(key, section))


def due_points(state: SubjectState, number: int) -> Iterator[tuple[FlowPoint, datetime]]:
    """Give the flow-sheet points of an infusion without a row, with their nominal times, where the anchor is known.

    Points counted from the start that would lie after the true end fall away: the end-of-infusion row replaces them.
    """
    anchors = state.anchors()
    start, end = anchors.starts.get(number), anchors.ends.get(number)
    have = recorded_points(state, number)
    for point in state.study.flow_sheet:
        anchor = start if point.anchor == "start" else end
        if anchor is None or point.code in have:
            continue
        at = anchor + timedelta(minutes=point.at_min)
        if point.anchor == "start" and point.at_min > 0 and end is not None and at > end:
            continue
        yield point, at


def flow_rows(state: SubjectState, course: Course, number: int) -> Iterator[Row]:
    """Give the points without a row. One whose successor has opened was missed: they are told together."""
    key = key_for(state.study.forms["F7"], n=number)
    start = course.anchors.starts[number]
    planned = (
        state.operand(key, Cell("inf_planned_min"))
        if "inf_planned_min" in state.study.forms["F7"].by_id
        else None
    )
    if not isinstance(planned, Decimal):
        planned = Decimal(str(state.study.parameters["infusion_planned_min"]))
    usual = int(planned)  # 60.0 is a whole number too
    after = sorted(t for n, t in course.anchors.starts.items() if n > number)
    points = sorted(due_points(state, number), key=lambda p: p[1])
    for place, (point, at) in enumerate(points):
        if course.died is not None and at > course.died:
            continue
        if number in course.anchors.ends and left_before(course, at):
            continue  # while the cells run in, whoever withdrew is watched all the same
        opens, closes = span_of(point, at)
        opens = max(start, opens) if point.anchor == "start" and point.at_min > 0 else opens
        limits = [closes + timedelta(seconds=1)] if place + 1 == len(points) else []
        limits += [max(span_of(*p)[0], closes + timedelta(seconds=1)) for p in points[place + 1 : place + 2]]
        limits += after[:1]
        hidden = point.anchor == "start" and point.at_min > usual
        yield Row(
            f"flow|{key}|{point.code}", at, opens, closes, mode="h" if hidden else "t", gone=min(limits)
        )


def span_of(point: FlowPoint, at: datetime) -> tuple[datetime, datetime]:
    return at - timedelta(minutes=point.before_min), at + timedelta(minutes=point.after_min)

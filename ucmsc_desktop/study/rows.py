"""Functions for expressions that look along the rows of a table: "new", "rose by", "reached", "for at least".

A series is one column, one value per row, missing ones as None. The `each_` functions turn columns into columns of
flags (True, False, or None where it cannot be known); `any_row` and `lasting` turn flags into one answer. So the rules of
a protocol are written in the form, and nothing about a single rule stands here.

The rule a reader would miss: whatever is "new" or "rose" is compared with one reference row, named by its point
("T0" unless another is given). Without that row's value nothing can be known, and the answer is missing, never no.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from ucmsc_desktop.clinical.gas import Support
from ucmsc_desktop.study.calls import Series, expression_function
from ucmsc_desktop.study.values import PartialDate

Flags = tuple[bool | None, ...]

_STRENGTH = {str(support): rank for rank, support in enumerate(Support)}


# --- flags of each row ----------------------------------------------------------------------------------------------


@expression_function(2, missing=True)
def each_in(values: Series | None, wanted: Any) -> Flags:
    """Flag the rows whose code is one of `wanted`; of a multiple choice one match is enough."""
    return tuple(None if v is None else bool(_codes(v) & _codes(wanted)) for v in values or ())


@expression_function(1, missing=True)
def each_missing(values: Series | None) -> Flags:
    """Flag the rows without a value."""
    return tuple(v is None for v in values or ())


@expression_function(2, missing=True)
def each_before(times: Series | None, moment: Any) -> Flags:
    """Flag the rows whose time lies before a moment; a time known to the day only counts by its day."""
    return tuple(_before(t, moment) for t in times or ())


@expression_function(4, missing=True)
def each_in_iae_window(times: Series | None, start: Any, end: Any, hours_after: Decimal | None) -> Flags:
    """Flag the rows from the start of an infusion to so many hours after its end, as `in_iae_window` does for one."""
    return tuple(in_iae_window(t, start, end, hours_after) for t in times or ())


@expression_function(3, 4, missing=True)
def each_new(points: Series | None, codes: Series | None, wanted: Any, reference: str = "T0") -> Flags:
    """Flag the rows that hold a code of `wanted` which the reference row does not hold."""
    before = at_point(points, codes, reference)
    if before is None:
        return tuple(None for _ in codes or ())
    fresh = _codes(wanted) - _codes(before)
    return tuple(None if c is None else bool(_codes(c) & fresh) for c in codes or ())


@expression_function(3, 4, missing=True)
def each_reach(points: Series | None, values: Series | None, threshold: Any, reference: str = "T0") -> Flags:
    """Flag the rows at the threshold or above it, and above the reference."""
    return _against(points, values, reference, lambda v, ref: v >= threshold and v > ref)


@expression_function(3, 4, missing=True)
def each_below(points: Series | None, values: Series | None, limit: Any, reference: str = "T0") -> Flags:
    """Flag the rows below the limit and below the reference."""
    return _against(points, values, reference, lambda v, ref: v < limit and v < ref)


@expression_function(3, 4, missing=True)
def each_rise(points: Series | None, values: Series | None, by: Any, reference: str = "T0") -> Flags:
    """Flag the rows that lie above the reference by at least so much."""
    return _against(points, values, reference, lambda v, ref: v - ref >= by)


@expression_function(3, 4, missing=True)
def each_fall_pct(points: Series | None, values: Series | None, percent: Any, reference: str = "T0") -> Flags:
    """Flag the rows that lie below the reference by at least so many per cent of it."""
    return _against(points, values, reference, lambda v, ref: (ref - v) * 100 >= ref * percent and v < ref)


@expression_function(2, 3, missing=True)
def each_stronger(points: Series | None, support: Series | None, reference: str = "T0") -> Flags:
    """Flag the rows with stronger respiratory support than the reference, in the order of the RSUP list."""
    ranks = tuple(None if s is None else _STRENGTH.get(s) for s in support or ())
    return _against(points, ranks, reference, lambda v, ref: v > ref)


@expression_function(2, 6, missing=True)
def row_or(*flags: Flags | None) -> Flags:
    """Join columns of flags row by row: true where one is true."""
    return tuple(_either(row) for row in zip(*(f or () for f in flags), strict=True))


@expression_function(2, 6, missing=True)
def row_and(*flags: Flags | None) -> Flags:
    """Join columns of flags row by row: true where all are true."""
    return tuple(_all(row) for row in zip(*(f or () for f in flags), strict=True))


# --- one answer of many rows ----------------------------------------------------------------------------------------


@expression_function(1, 6, missing=True)
def any_row(*flags: Flags | None) -> bool | None:
    """Say whether one row has all flags true; missing where none has but one may have, or where there is no row."""
    rows = [_all(row) for row in zip(*(f or () for f in flags), strict=True)]
    return _either(rows) if rows else None


@expression_function(1, 6, missing=True)
def count_rows(*flags: Flags | None) -> Decimal:
    """Count the rows that have all flags true; a row that is not known in full does not count."""
    return Decimal(sum(_all(row) is True for row in zip(*(f or () for f in flags), strict=True)))


@expression_function(3, missing=True)
def lasting(flags: Flags | None, times: Series | None, at_least_min: Decimal | None) -> bool | None:
    """Say whether true flags follow one another for at least so many minutes, from the first to the last true row.

    Missing: rows without time or flag are passed over when a run is looked for; None when there was none but a row
    is not known, a run is open at the last row, or there is no row at all.
    """
    if at_least_min is None:
        return None
    known = sorted(
        ((t, f) for t, f in zip(times or (), flags or (), strict=True) if t is not None and f is not None),
        key=lambda row: row[0],
    )
    limit = timedelta(minutes=float(at_least_min))
    since: datetime | None = None
    for moment, flag in known:
        since = (since or moment) if flag else None
        if since is not None and moment - since >= limit:
            return True
    complete = bool(known) and len(known) == len(flags or ())
    return False if complete and since is None else None


@expression_function(4, missing=True)
def in_iae_window(moment: Any, start: Any, end: Any, hours_after: Decimal | None) -> bool | None:
    """Say whether a moment lies between the start of an infusion and so many hours after its end, ends included.

    START is stamped with its second; an onset in that minute is written without one and belongs to it.
    Missing: while the infusion runs (no end yet) every moment from the start on is inside.
    Source: windows of the prespecified infusion events (F8); vector V43.
    """
    if moment is None or start is None or hours_after is None:
        return None
    early = _before(*(_whole_minute(m) if isinstance(m, datetime) else m for m in (moment, start)))
    if early is not False or end is None:
        return None if early is None else not early
    late = _before(end + timedelta(hours=float(hours_after)), moment)
    return None if late is None else not late


@expression_function(2, missing=True)
def no_overlap(starts: Series | None, ends: Series | None) -> bool | None:
    """Say whether no two intervals overlap; touching ends do not. Intervals that are not known in full are left out."""
    known = sorted(
        (s, e) for s, e in zip(starts or (), ends or (), strict=True) if s is not None and e is not None
    )
    return all(first[1] <= second[0] for first, second in pairwise(known)) if known else None


@expression_function(2, missing=True)
def total_minutes(starts: Series | None, ends: Series | None) -> Decimal | None:
    """Add up intervals in minutes; 0 without rows, missing if one is not known in full."""
    pairs = list(zip(starts or (), ends or (), strict=True))
    if any(s is None or e is None for s, e in pairs):
        return None
    seconds = sum(((e - s) // timedelta(seconds=1) for s, e in pairs), 0)
    return Decimal(seconds) / 60


@expression_function(5, missing=True)
def flow_in_window(points: Any, code: str | None, moment: Any, start: Any, end: Any) -> bool | None:
    """Say whether vital signs were taken inside the window of their time-point, ends included (to the minute)."""
    for point in points or ():
        if point.code == code:
            anchor = start if point.anchor == "start" else end
            if anchor is None or moment is None:
                return None
            due = _whole_minute(anchor) + timedelta(minutes=point.at_min)
            taken = _whole_minute(moment)
            return bool(
                due - timedelta(minutes=point.before_min) <= taken <= due + timedelta(minutes=point.after_min)
            )
    return None


@expression_function(3, missing=True)
def at_point(points: Series | None, values: Series | None, point: str) -> Any:
    """Give the value of the row of a point; of several rows the first value that is not missing."""
    pairs = zip(points or (), values or (), strict=True)
    return next((v for p, v in pairs if p == point and v is not None), None)


@expression_function(2)
def later_by_hours(moment: datetime, hours_after: Decimal) -> datetime:
    """Give the moment so many hours later."""
    return moment + timedelta(hours=float(hours_after))


# --- inside ---------------------------------------------------------------------------------------------------------


def _codes(value: Any) -> frozenset[Any]:
    return frozenset(value) if isinstance(value, tuple) else frozenset((value,))


def _against(
    points: Series | None, values: Series | None, reference: str, rule: Callable[[Any, Any], Any]
) -> Flags:
    before = at_point(points, values, reference)
    return tuple(None if v is None or before is None else bool(rule(v, before)) for v in values or ())


def _all(row: Any) -> bool | None:
    known = tuple(row)
    return False if False in known else (None if None in known else True)


def _either(row: Any) -> bool | None:
    known = tuple(row)
    return True if True in known else (None if None in known else False)


def _before(moment: Any, other: Any) -> bool | None:
    """Compare two moments as far as both are known; on the same day, without a time, not shown to be before."""
    if moment is None or other is None:
        return None
    if isinstance(moment, datetime) and isinstance(other, datetime):
        return moment < other
    a, b = _parts(moment), _parts(other)
    width = min(len(a), len(b))
    return a[:width] < b[:width]


def _parts(value: Any) -> tuple[int, ...]:
    if isinstance(value, PartialDate):
        known = (value.year, value.month, value.day, value.hour, value.minute)
        return tuple(p for p in known if p is not None)
    if isinstance(value, datetime):
        return (value.year, value.month, value.day, value.hour, value.minute)
    return (value.year, value.month, value.day)


def _whole_minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)

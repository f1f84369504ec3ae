"""What was going on around an adverse event: infusions, vital signs, gases, daily values, drugs. Pure.

It only chooses among what was recorded, for a reader who has the event before them; it judges nothing and leaves out
nothing that names the event. Times known to the day count with their whole day, so that a value is shown rather than lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.study.values import PartialDate

BEIJING = timezone(timedelta(hours=8))
BEFORE, AFTER = timedelta(hours=2), timedelta(hours=6)  # vital signs
GAS_AFTER = timedelta(hours=48)
DAYS_BEFORE, DAYS_AFTER = 1, 2
DRUG_BEFORE = timedelta(days=1)  # stopped no longer ago than this
MOST_ROWS = 16


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the flow sheet; `is_reference`: the T0 row that the others are compared with."""

    key: FormKey
    row: int
    at: datetime
    is_reference: bool


@dataclass(frozen=True, slots=True)
class Drug:
    """A medication given around the event; `is_for_event`: it names the event."""

    key: FormKey
    is_for_event: bool


def span_of(onset: object) -> tuple[datetime, datetime] | None:
    """Give the first and last moment that a recorded onset allows; None without one."""
    if isinstance(onset, datetime):
        return onset, onset
    if not isinstance(onset, PartialDate):
        return None
    if onset.hour is not None and onset.minute is not None and onset.month is not None:
        at = datetime(onset.year, onset.month, onset.day or 1, onset.hour, onset.minute, tzinfo=BEIJING)
        return at, at
    first = date(onset.year, onset.month or 1, onset.day or 1)
    if onset.day is not None:
        last = first
    elif onset.month is not None:
        last = date(onset.year + onset.month // 12, onset.month % 12 + 1, 1) - timedelta(days=1)
    else:
        last = date(onset.year, 12, 31)
    return datetime.combine(first, time(0), BEIJING), datetime.combine(last, time(23, 59, 59), BEIJING)


def onset_of(state: SubjectState, key: FormKey) -> tuple[datetime, datetime] | None:
    """Give the span of an adverse event's onset."""
    return span_of(state.operand(key, Cell("ae_onset_dtm")))


def infusions(state: SubjectState) -> tuple[FormKey, ...]:
    """Give the infusions that were started."""
    return tuple(k for k in state.keys("F7") if k.n in state.anchors().starts)


def vital_signs(state: SubjectState, key: FormKey) -> tuple[Row, ...]:
    """Give the rows of the flow sheets around the onset, the T0 row of the infusion before it first."""
    onset = onset_of(state, key)
    if onset is None:
        return ()
    before = max((k.n for k, s in _starts(state) if s <= onset[1]), default=0)
    section = next(s for s in state.study.forms["F7"].sections if s.id == "flow")
    rows: list[Row] = []
    for infusion in state.keys("F7"):
        for row in state.rows(infusion, section):
            at = state.operand(infusion, Cell("ivs_dtm", row))
            if not isinstance(at, datetime):
                continue
            is_reference = infusion.n == before and state.operand(infusion, Cell("ivs_point", row)) == "T0"
            if is_reference or onset[0] - BEFORE <= at <= onset[1] + AFTER:
                rows.append(Row(infusion, row, at, is_reference))
    rows.sort(key=lambda r: (not r.is_reference, r.at, r.row))
    return _nearest(rows, onset)


def _nearest(rows: list[Row], onset: tuple[datetime, datetime]) -> tuple[Row, ...]:
    """Keep the rows nearest to the onset where there are too many for a page."""
    if len(rows) <= MOST_ROWS:
        return tuple(rows)

    def distance(row: Row) -> timedelta:
        return max(onset[0] - row.at, row.at - onset[1], timedelta(0))

    kept = {id(r) for r in sorted(rows, key=lambda r: (not r.is_reference, distance(r)))[:MOST_ROWS]}
    return tuple(r for r in rows if id(r) in kept)


def gases(state: SubjectState, key: FormKey) -> tuple[FormKey, ...]:
    """Give the last blood gas before the onset, and those of the two days after it."""
    onset = onset_of(state, key)
    timed = [
        (at, k)
        for k in state.keys("F9")
        if isinstance(at := state.operand(k, Cell("abg_collect_dtm")), datetime)
    ]
    if onset is None:
        return ()
    before = [pair for pair in sorted(timed) if pair[0] < onset[0]]
    after = [pair for pair in sorted(timed) if onset[0] <= pair[0] <= onset[1] + GAS_AFTER]
    return tuple(k for _at, k in (*before[-1:], *after))


def days(state: SubjectState, key: FormKey) -> tuple[FormKey, ...]:
    """Give the daily records from the day before the onset to two days after it."""
    onset = onset_of(state, key)
    if onset is None:
        return ()
    first = onset[0].date() - timedelta(days=DAYS_BEFORE)
    last = onset[1].date() + timedelta(days=DAYS_AFTER)
    return tuple(
        k
        for k in state.keys("F12")
        if isinstance(on := state.operand(k, Cell("day_date")), date) and first <= on <= last
    )[:5]


def drugs(state: SubjectState, key: FormKey) -> tuple[Drug, ...]:
    """Give the medications that were given at the onset or stopped within the day before it, and those for the event."""
    onset = onset_of(state, key)
    found: list[Drug] = []
    for drug in state.keys("F13"):
        if state.operand(drug, Cell("cm_ae_link")) == Decimal(key.n):
            found.append(Drug(drug, is_for_event=True))
        elif onset is not None and _was_given(state, drug, onset):
            found.append(Drug(drug, is_for_event=False))
    return tuple(sorted(found, key=lambda d: (not d.is_for_event, d.key)))


def _was_given(state: SubjectState, drug: FormKey, onset: tuple[datetime, datetime]) -> bool:
    began, ended = (span_of(state.operand(drug, Cell(i))) for i in ("cm_start", "cm_stop"))
    if began is not None and began[0] > onset[1]:
        return False
    return ended is None or ended[1] >= onset[0] - DRUG_BEFORE


def _starts(state: SubjectState) -> Iterator[tuple[FormKey, datetime]]:
    starts = state.anchors().starts
    yield from ((k, starts[k.n]) for k in state.keys("F7") if k.n in starts)

"""The flow sheet of an infusion, read from its record: rows in order of time, the reference row, changes against it.

What is usual is decided by the form's own `soft` ranges, never here. Pure.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import base_amount
from ucmsc_desktop.study.model import Item, Section, round_half_up
from ucmsc_desktop.study.values import Number

FLOW = "flow"
POINT = "ivs_point"
MEASURED = "ivs_dtm"
REFERENCE = "T0"
_DIGITS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def flow_section(view: FormState) -> Section:
    """Give the table of vital signs."""
    return next(s for s in view.form.sections if s.id == FLOW)


def amount(view: FormState, item: str, row: int) -> Decimal | None:
    """Give a number of a row in its item's base unit. Missing: None for no value, a gap, or < and >."""
    value = view.value(item, row)
    if not isinstance(value, Number) or value.op != "=":
        return None
    return base_amount(view.form.by_id[item], value)


def measured_at(view: FormState, row: int) -> datetime | None:
    """Give the moment of a row."""
    value = view.value(MEASURED, row)
    return value if isinstance(value, datetime) else None


def rows_by_time(view: FormState) -> tuple[int, ...]:
    """Give the rows that stand, in order of measurement; rows without a time last."""
    rows = view.rows(flow_section(view))
    return tuple(
        sorted(rows, key=lambda r: ((at := measured_at(view, r)) is None, at.timestamp() if at else 0, r))
    )


def reference_row(view: FormState) -> int | None:
    """Give the row of T0, the reference of every change."""
    return next((r for r in view.rows(flow_section(view)) if view.value(POINT, r) == REFERENCE), None)


def is_unusual(item: Item, value: Decimal) -> bool:
    """Say whether a value lies outside the form's usual range."""
    return item.soft is not None and not item.soft.hold(value)


def short(number: Decimal) -> str:
    """Show a number as it was entered; one that a conversion made long with one decimal."""
    text = format(number, "f")
    return text if len(text.partition(".")[2]) <= 2 else format(round_half_up(number, 1), "f")


def scientific(number: Decimal) -> str:
    """Show a large number as 5.02×10⁵, for the eye only."""
    if not number:
        return "0"
    power = number.adjusted()
    return f"{number.scaleb(-power):.2f}×10{str(power).translate(_DIGITS)}"


def change(now: Decimal, before: Decimal) -> str:
    """Show a change with its sign; "±0" for none."""
    by = now - before
    if not by:
        return "±0"
    return f"{'+' if by > 0 else '−'}{short(abs(by))}"


def open_pauses(view: FormState) -> tuple[tuple[datetime, datetime | None], ...]:
    """Give the pauses in order; the end of one that is open is None."""
    section = next(s for s in view.form.sections if s.id == "interruptions")
    found: list[tuple[datetime, datetime | None]] = []
    for row in view.rows(section):
        start, end = view.value("int_start", row), view.value("int_end", row)
        if isinstance(start, datetime):
            found.append((start, end if isinstance(end, datetime) else None))
    return tuple(sorted(found, key=lambda p: p[0]))


def product_of(view: FormState) -> FormState | None:
    """Give the product record of the same infusion."""
    key = FormKey("F6", view.key.visit, view.key.n)
    return FormState(view.state, key, view.now) if key.form in view.state.study.forms else None

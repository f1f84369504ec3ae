"""What the trends show of an infusion, read from its record: four signs, the usual ranges of the form, the pauses.

No toolkit here, so that the printed page can ask for the same picture. What is usual is decided by the form's own `soft`
ranges, never here: a reading filled red is one that carries ▲ everywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import base_amount
from ucmsc_desktop.study.model import Item, Section, round_half_up
from ucmsc_desktop.study.values import Number
from ucmsc_desktop.trend.draw import Axis, Mark, Panel, Reading, Trend, stretch

FLOW = "flow"
POINT = "ivs_point"
MEASURED = "ivs_dtm"
REFERENCE = "T0"
_DIGITS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@dataclass(frozen=True, slots=True)
class _Sign:
    title: Text
    unit: Text
    items: tuple[str, ...]
    mark: Mark
    colour: str
    axis: Axis


SIGNS = (
    _Sign(Text("Temperature", "体温"), Text("°C", "°C"), ("ivs_temp",), "circle", "#005EB8", Axis(35, 41, 1)),
    _Sign(
        Text("Blood pressure", "血压"),
        Text("mmHg", "mmHg"),
        ("ivs_sbp", "ivs_dbp"),
        "bar",
        "#5B2C83",
        Axis(40, 200, 40),
    ),
    _Sign(
        Text("Pulse rate", "脉率"),
        Text("beats/min", "次/分"),
        ("ivs_hr",),
        "square",
        "#006B33",
        Axis(40, 160, 20),
    ),
    _Sign(
        Text("Oxygen saturation", "血氧饱和度"),
        Text("%", "%"),
        ("ivs_spo2",),
        "diamond",
        "#7A4B00",
        Axis(80, 100, 4),
    ),
)


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


def trend_of(view: FormState) -> Trend:
    """Read the trends of an infusion."""
    started, ended = view.value("inf_start_dtm"), view.value("inf_end_dtm")
    start = started if isinstance(started, datetime) else None
    end = ended if isinstance(ended, datetime) else None
    rows = [r for r in rows_by_time(view) if measured_at(view, r) is not None]
    times = [at for r in rows if (at := measured_at(view, r)) is not None]
    running = start is not None and end is None
    every = [*times, *([start] if start else []), *([end] if end else []), *([view.now] if running else [])]
    begins, ends = stretch(min(every, default=view.now), max(every, default=view.now))
    panels = tuple(
        _panel(view, sign, rows) for sign in SIGNS if all(i in view.form.by_id for i in sign.items)
    )
    pauses = tuple((a, b or end or view.now) for a, b in open_pauses(view))
    return Trend(panels, begins, ends, start, end, pauses, now=view.now if running else None)


def _panel(view: FormState, sign: _Sign, rows: list[int]) -> Panel:
    item = view.form.by_id[sign.items[0]]
    band = (item.soft.low, item.soft.high) if item.soft else (None, None)
    readings = tuple(_readings(view, sign, rows))
    latest, note = "", Text("", "")
    if readings:
        last = readings[-1]
        latest = short(last.value) + (f"/{short(last.low)}" if last.low is not None else "")
        note = _note(view, sign, last)
    return Panel(sign.title, sign.unit, sign.mark, sign.colour, sign.axis, band, readings, latest, note)


def _readings(view: FormState, sign: _Sign, rows: list[int]) -> Iterator[Reading]:
    for row in rows:
        at = measured_at(view, row)
        amounts = [amount(view, item, row) for item in sign.items]
        if at is None or any(a is None for a in amounts):
            continue
        unusual = any(
            is_unusual(view.form.by_id[name], a)
            for name, a in zip(sign.items, amounts, strict=True)
            if a is not None
        )
        first = amounts[0]
        assert first is not None
        yield Reading(at, first, amounts[1] if len(amounts) > 1 else None, unusual)


def _note(view: FormState, sign: _Sign, last: Reading) -> Text:
    """Say when the last reading was taken and how it differs from the reference."""
    reference = reference_row(view)
    at = f"{last.at:%H:%M}"
    before = amount(view, sign.items[0], reference) if reference else None
    low_before = amount(view, sign.items[1], reference) if reference and len(sign.items) > 1 else None
    if (
        before is None
        or (last.low is not None and low_before is None)
        or measured_at(view, reference or 0) == last.at
    ):
        return Text(f"at {at}", f"{at}")
    by = change(last.value, before)
    if last.low is not None and low_before is not None:
        by = f"{by} / {change(last.low, low_before)}"
    return Text(f"at {at}, T0 {by}", f"{at}，较T0 {by}")


def spoken(trend: Trend, show: Callable[[Text], str]) -> str:
    """Say the trends in words, for a screen reader."""
    said = [
        f"{show(p.title)} {p.latest} {show(p.unit)} {show(p.note)}".strip() for p in trend.panels if p.latest
    ]
    return "; ".join(said)

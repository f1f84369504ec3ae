"""What the trends show of an infusion: four signs, the usual ranges of the form, the pauses.

What is usual is decided by the form's own `soft` ranges, never here: a reading filled red is one that carries ▲ everywhere
else. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.flow_reading import (
    amount,
    change,
    is_unusual,
    measured_at,
    open_pauses,
    reference_row,
    rows_by_time,
    short,
)
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.trend.draw import Axis, Mark, Panel, Reading, Trend, stretch


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

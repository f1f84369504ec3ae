"""What a number may have been meant to be: the same digits in another unit, or with the decimal point elsewhere.

A slip says 8.5 kPa and 8.5 is typed beside mmHg; pH 7.40 is typed as 740. Both readings are put before the person, who
looks at the slip again. Nothing is ever changed or chosen here. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from ucmsc_desktop.clinical.units import convert
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.subject_state import base_amount
from ucmsc_desktop.study.model import Item, with_unit
from ucmsc_desktop.study.values import Number, Value

SHIFTS = (1, -1, 2, -2, 3)  # places by which a decimal point slips: pH 740 and 74 for 7.40, PaO2 8.5 for 85
DIGITS = 3  # significant ones of a converted number that is only looked at

IN_UNIT = Text(
    "If the source says {unit}, choose {unit}: {reading}.",
    "如原始记录单位为 {unit}，请选择 {unit}：{reading}。",
)
DOUBTFUL = Text("{label}: {value} is unusual.", "{label}：{value} 不常见。")
IMPOSSIBLE = Text("{label}: {value} is not possible.", "{label}：{value} 超出可能范围。")
SLIPPED = Text("Check the decimal point: was {reading} meant?", "请核对小数点：是否应为 {reading}？")


def other_units(item: Item, value: Value | None) -> tuple[Number, ...]:
    """Give the readings of the same digits in other units, where the unit that was chosen must be doubted.

    It is doubted where the number is impossible in it, or improbable (outside `sure`), or unusual while the other reading
    is usual; and only where the other reading is possible.
    """
    if not isinstance(value, Number) or not item.alt_units:
        return ()
    amount = base_amount(item, value)
    usual = item.soft is None or item.soft.hold(amount)
    possible = item.hard is None or item.hard.hold(amount)
    sure = item.sure is None or item.sure.hold(amount)
    if usual and possible and sure:
        return ()
    return tuple(_elsewhere(item, value, unusual_only=possible and sure))


def _elsewhere(item: Item, value: Number, *, unusual_only: bool) -> Iterator[Number]:
    for symbol in (item.unit, *item.alt_units):
        if symbol == (value.unit or item.unit):
            continue
        other = Number(value.amount, symbol, value.op)
        amount = base_amount(item, other)
        usual = item.soft is not None and item.soft.hold(amount)
        if (item.hard is None or item.hard.hold(amount)) and (usual or not unusual_only):
            yield other


def moved_point(item: Item, value: Number) -> Number | None:
    """Give the usual reading of an impossible number with its decimal point elsewhere; None where there is none."""
    if item.hard is None or item.hard.hold(base_amount(item, value)):
        return None
    likely = item.soft or item.hard
    for places in SHIFTS:
        moved = Number(value.amount.scaleb(-places), value.unit, value.op)
        if likely.hold(base_amount(item, moved)):
            return moved
    return None


@dataclass(frozen=True, slots=True)
class Doubt:
    """What to ask about the unit of a number. `is_possible`: it may stand as it was typed, too."""

    question: Text  # without the readings, which stand on the buttons
    text: Text  # with them, for a line of text
    is_possible: bool


def doubt_of(item: Item, value: Number) -> Doubt:
    """Say why the unit of a number is doubted."""
    possible = item.hard is None or item.hard.hold(base_amount(item, value))
    said = (DOUBTFUL if possible else IMPOSSIBLE).fill(label=item.label, value=_shown(item, value))
    question = _join(said, *_point_hint(item, value))
    return Doubt(question, with_hints(said, item, value), possible)


def both_readings(item: Item, value: Number) -> Text:
    """Show a number in the unit it carries and in the base unit: "8.5 kPa = 63.8 mmHg"."""
    here = _shown(item, value)
    if (value.unit or item.unit) == item.unit:
        other = next((s for s in item.alt_units), "")
        if not other:
            return here
        converted = _converted(item, value, other)
    else:
        converted = _converted(item, value, item.unit)
    there = _shown(item, converted)
    return Text(f"{here.en} = {there.en}", f"{here.zh} = {there.zh}")


def with_hints(said: Text, item: Item, value: Number) -> Text:
    """Put what a number may have been meant to be behind what is said about it."""
    found = [
        IN_UNIT.fill(unit=_name(item, other.unit), reading=both_readings(item, other))
        for other in other_units(item, value)
    ]
    return _join(said, *found, *_point_hint(item, value))


def _point_hint(item: Item, value: Number) -> tuple[Text, ...]:
    """Show the decimal point elsewhere, unless that is what another unit says already (12 g/dL is 120 g/L)."""
    moved = moved_point(item, value)
    said = {base_amount(item, other) for other in other_units(item, value)}
    if moved is None or base_amount(item, moved) in said:
        return ()
    return (SLIPPED.fill(reading=_shown(item, moved)),)


def _join(*texts: Text) -> Text:
    return Text(" ".join(t.en for t in texts), "".join(t.zh for t in texts))


def _converted(item: Item, value: Number, unit: str) -> Number:
    """Convert for the eye: three significant digits, whole parts kept."""
    exact = convert(value.amount, value.unit or item.unit, unit, quantity=item.quantity)
    if exact is None or not exact:
        return Number(exact or Decimal(0), unit, value.op)
    places = max(0, DIGITS - 1 - exact.adjusted())
    rounded = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return Number(rounded, unit, value.op)


def _shown(item: Item, value: Number) -> Text:
    return Text(*(_plain(value, unit) for unit in (_unit(item, value.unit).en, _unit(item, value.unit).zh)))


def _plain(value: Number, unit: str) -> str:
    sign = "" if value.op == "=" else value.op
    return with_unit(f"{sign}{format(value.amount, 'f')}", unit)


def _unit(item: Item, symbol: str) -> Text:
    return Text(item.unit_label(symbol, "en"), item.unit_label(symbol, "zh"))


def _name(item: Item, symbol: str) -> Text:
    """Name a unit inside a sentence: a label that stands in brackets behind numbers goes without them."""
    label = _unit(item, symbol)
    return Text(label.en.strip("()"), label.zh.strip("（）"))

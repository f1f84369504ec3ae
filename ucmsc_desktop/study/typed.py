"""Read a value from plain text, as case tables, stories and generators write it: "8.4 kPa", "<0.5", "ND: reason"."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any

from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Missing, Value, ValueProblem, parse_number, parse_partial

_GAP = re.compile(r"(ND|UK|NA): (.+)")


def typed_value(item: Item, plain: Any) -> Value:
    """Read the value of an item; a list is a multi-choice.

    Raises: ValueProblem where the text is no value of the item's type.
    """
    if isinstance(plain, list):
        return tuple(str(t) for t in plain)
    text = str(plain)
    gap = _GAP.fullmatch(text)
    if gap:
        return Missing(gap[1], gap[2])  # type: ignore[arg-type]  # one of the three, by the pattern
    try:
        match item.type:
            case "decimal" | "integer":
                number, _, unit = text.partition(" ")
                return parse_number(number, unit=unit or item.unit, operators=True)
            case "date":
                return date.fromisoformat(text)
            case "partial_date":
                return parse_partial(text)
            case "datetime":
                return datetime.fromisoformat(text)
            case "duration":
                return timedelta(minutes=int(text))
            case "multi":
                return (text,)
            case _:
                return text
    except ValueError as fault:
        raise ValueProblem(item.type) from fault

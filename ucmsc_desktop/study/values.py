"""The values an item can hold, how they are typed, stored as text and shown.

A value is kept exactly as it was entered, with its unit and operator; conversion happens only where a formula needs it.
The stored text is JSON, so that a ledger can be read in ten years without this program. Nothing here rounds.

The rule a reader would miss: a value is never None. An empty cell has no value at all; a deliberate gap is a `Missing`
with its code and reason.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal, assert_never

from ucmsc_desktop.i18n import Lang, show_date, show_datetime

Operator = Literal["=", "<", ">"]
MissingCode = Literal["ND", "UK", "NA"]


class ValueProblem(ValueError):
    """Typed text that cannot be a value of its item; `kind` names the fault for a message."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


@dataclass(frozen=True, slots=True)
class Number:
    """A measured or counted value as entered: amount, unit as printed on the source, operator of a laboratory result."""

    amount: Decimal
    unit: str = ""
    op: Operator = "="


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date whose month, day or time may be unknown (None); parts become known from the left."""

    year: int
    month: int | None = None
    day: int | None = None
    hour: int | None = None
    minute: int | None = None

    def __post_init__(self) -> None:
        if (self.day is not None and self.month is None) or (self.hour is not None and self.day is None):
            raise ValueProblem("date_gap")
        if (self.hour is None) != (self.minute is None):
            raise ValueProblem("date_gap")
        try:
            datetime(self.year, self.month or 1, self.day or 1, self.hour or 0, self.minute or 0)  # noqa: DTZ001
        except ValueError as fault:
            raise ValueProblem("date") from fault

    def iso(self) -> str:
        """Write it as ISO 8601 to the precision known: 2026, 2026-02, 2026-02-22 or 2026-02-22T21:00."""
        text = f"{self.year:04d}"
        if self.month is not None:
            text += f"-{self.month:02d}"
        if self.day is not None:
            text += f"-{self.day:02d}"
        if self.hour is not None:
            text += f"T{self.hour:02d}:{self.minute:02d}"
        return text


@dataclass(frozen=True, slots=True)
class Missing:
    """A deliberate gap: ND not done, UK unknown, NA not applicable, with the reason in words."""

    code: MissingCode
    reason: str = ""


Value = Number | PartialDate | Missing | datetime | date | timedelta | tuple[str, ...] | str
"""str serves choice, yes/no, staff (user name) and text; a tuple serves multi-choice."""

ItemType = Literal[
    "decimal",
    "integer",
    "choice",
    "multi",
    "yn",
    "ynu",
    "date",
    "partial_date",
    "datetime",
    "duration",
    "text",
    "staff",
]

_PARTIAL = re.compile(r"^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2}))?)?)?$")


def tidy(typed: str) -> str:
    """Turn what a Chinese input method types into plain characters: full-width digits, 。 as decimal point, 、 as comma."""
    return unicodedata.normalize("NFKC", typed).replace("。", ".").replace("、", ",").strip()


def parse_number(typed: str, *, unit: str = "", integer: bool = False, operators: bool = False) -> Number:
    """Read a number as typed, keeping every digit.

    Raises: ValueProblem "number", "integer" or "operator".
    """
    if any(unicodedata.decomposition(c).startswith(("<super>", "<sub>", "<fraction>")) for c in typed):
        raise ValueProblem("number")  # NFKC would read 10² as 102
    text = tidy(typed).replace("−", "-").replace("≤", "<").replace("≥", ">")
    op: Operator = "="
    if text[:1] in "<>" and text:
        if not operators:
            raise ValueProblem("operator")
        op = "<" if text[0] == "<" else ">"
        text = text[1:].strip()
    if not re.fullmatch(r"[+-]?(\d{1,12}(\.\d{0,10})?|\.\d{1,10})", text):
        raise ValueProblem("number")
    if integer and "." in text:
        raise ValueProblem("integer")
    try:
        return Number(Decimal(text), unit, op)
    except InvalidOperation as fault:
        raise ValueProblem("number") from fault


def dump(value: Value) -> str:
    """Write a value as its stored text (JSON). `load` of the same item type gives it back, digit by digit."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _plain(value: Value) -> object:
    match value:
        case Missing():
            return {"missing": value.code, "reason": value.reason}
        case Number():
            plain = {"n": str(value.amount), "u": value.unit}
            return plain if value.op == "=" else {**plain, "op": value.op}
        case PartialDate():
            return value.iso()
        case datetime():
            if value.tzinfo is None:
                raise ValueProblem("naive")
            return value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case timedelta():
            return {"s": int(value.total_seconds())}
        case tuple():
            return list(value)
        case str():
            return unicodedata.normalize("NFC", value)
        case _:
            assert_never(value)


def load(text: str, kind: ItemType) -> Value:
    """Read a stored text back as a value of an item type.

    Raises: ValueProblem where the text is not one that `dump` writes.
    """
    try:
        plain = json.loads(text)
        if isinstance(plain, dict) and "missing" in plain:
            return Missing(plain["missing"], plain["reason"])
        match kind:
            case "decimal" | "integer":
                return Number(Decimal(plain["n"]), plain["u"], plain.get("op", "="))
            case "multi":
                return tuple(plain)
            case "date":
                return date.fromisoformat(plain)
            case "partial_date":
                return parse_partial(plain)
            case "datetime":
                return datetime.fromisoformat(plain)
            case "duration":
                return timedelta(seconds=plain["s"])
            case "choice" | "yn" | "ynu" | "text" | "staff":
                return str(plain)
            case _:
                assert_never(kind)
    except (ValueError, KeyError, TypeError, InvalidOperation) as fault:
        raise ValueProblem("stored") from fault


def parse_partial(iso: str) -> PartialDate:
    """Read a partial date from its ISO text."""
    found = _PARTIAL.match(iso)
    if not found:
        raise ValueProblem("date")
    year, month, day, hour, minute = (int(g) if g else None for g in found.groups())
    if year is None:  # pragma: no cover - the pattern always has a year
        raise ValueProblem("date")
    return PartialDate(year, month, day, hour, minute)


def show(value: Value, lang: Lang | None = None, *, seconds: bool = False) -> str:
    """Show a value without its unit and without code-list texts (a choice shows its code; `model.Item.show` adds both)."""
    match value:
        case Missing():
            return value.code
        case Number():
            sign = "" if value.op == "=" else value.op
            return sign + format(value.amount, "f")
        case PartialDate():
            return _show_partial(value, lang)
        case datetime():
            return show_datetime(value, lang, seconds=seconds or value.second != 0)
        case date():
            return show_date(value, lang)
        case timedelta():
            total = int(value.total_seconds())
            hours, rest = divmod(total, 3600)
            minutes, secs = divmod(rest, 60)
            return f"{hours}:{minutes:02d}:{secs:02d}"
        case tuple():
            return ", ".join(value)
        case str():
            return value
        case _:
            assert_never(value)


def _show_partial(value: PartialDate, lang: Lang | None) -> str:
    if value.month is not None and value.day is not None:
        text = show_date(date(value.year, value.month, value.day), lang)
        return text if value.hour is None else f"{text} {value.hour:02d}:{value.minute:02d}"
    if value.month is None:
        return f"{value.year:04d}-UK-UK"
    return f"{value.year:04d}-{value.month:02d}-UK"

"""The frozen models of the plan: what a form, an item, a check, a visit and the study are.

They are read from forms/*.yaml by load.py and never change while the program runs. The screens, the PDF, the checks and
the exports all walk these same models; nothing about a single form stands in Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from ucmsc_desktop.i18n import Lang, Text
from ucmsc_desktop.study.expr import Expression
from ucmsc_desktop.study.label_plan import LabelPlan
from ucmsc_desktop.study.values import ItemType, Missing, MissingCode, Number, Value, show

Role = Literal[
    "nurse",
    "investigator",
    "cell_lab",
    "radiologist",
    "laboratory",
    "monitor",
    "data_manager",
    "administrator",
]
Severity = Literal["block", "query", "warn"]
_PLACE = re.compile(r"\{(\w+)\}")
FormRepeat = Literal["once", "visit", "infusion", "day", "log"]


def _exact(raw: object) -> object:
    """Take numbers from YAML as exact decimals; the loader hands over their text."""
    return Decimal(str(raw)) if isinstance(raw, int | float | str) and not isinstance(raw, bool) else raw


Exact = Annotated[Decimal, BeforeValidator(_exact)]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True, strict=False)


def _text(raw: object) -> object:
    if isinstance(raw, dict):
        if set(raw) != {"en", "zh"} or not all(isinstance(t, str) and t.strip() for t in raw.values()):
            raise ValueError("a text needs exactly en and zh, both filled")
        return Text(raw["en"], raw["zh"])
    return raw


Bilingual = Annotated[Text, BeforeValidator(_text)]


def _expr(raw: object) -> object:
    """Take an expression; a YAML `true` stands for one that always holds."""
    if isinstance(raw, bool):
        return Expression("True" if raw else "False")
    if isinstance(raw, int | Decimal | str):
        return Expression(str(raw))
    return raw


Expr = Annotated[Expression, BeforeValidator(_expr)]


class Choice(Frozen):
    """One entry of a code list; the code is stored, the label is shown. `sdtm` is the CDISC submission value."""

    code: str
    label: Bilingual
    sdtm: str | None = None


class Limits(Frozen):
    """A closed range in the item's base unit; an open end is None."""

    low: Exact | None = None
    high: Exact | None = None

    def hold(self, amount: Decimal) -> bool:
        """Say whether an unrounded amount in the base unit lies inside."""
        return (self.low is None or amount >= self.low) and (self.high is None or amount <= self.high)


def _limits(raw: object) -> object:
    if isinstance(raw, list | tuple):
        if len(raw) != 2:
            raise ValueError("a range is [low, high]")
        return Limits(low=raw[0], high=raw[1])
    return raw


Range = Annotated[Limits, BeforeValidator(_limits)]


class Item(Frozen):
    """One question of a form."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    label: Bilingual
    hint: Bilingual | None = None
    type: ItemType
    unit: str = ""
    alt_units: tuple[str, ...] = ()
    quantity: str | None = None  # which conversion a mass/mole unit needs: creatinine, bilirubin
    places: int | None = (
        None  # decimals offered and printed for a derived value; entered values keep their digits
    )
    hard: Range | None = None
    soft: Range | None = None
    sure: Range | None = None  # outside it, though possible, the unit itself is doubted
    unit_labels: Mapping[str, Bilingual] = {}  # what a person reads for each symbol; filled by the loader
    choices: tuple[Choice, ...] = ()
    max_length: int = 200
    lines: int = 1  # height of a text field
    pattern: str | None = None
    precision: Literal["minute", "second"] = "minute"
    with_time: bool = False  # a partial date that may carry hour and minute
    operators: bool = False  # < and > allowed (laboratory results)
    required: bool = True
    show: Expr | None = None
    derive: Expr | None = None
    formula: str = ""  # name and version of a derivation, printed beside its value
    by: tuple[Role, ...] = ()  # empty: whoever may enter the form
    program: bool = False  # only the program writes it (origin "drafted"); no role enters it
    site_only: bool = False  # never leaves the laptop: travels as its commitment alone
    missing: tuple[MissingCode, ...] = ("ND", "UK", "NA")
    stamp: bool = False  # offers a "Now" button that stamps the clock
    scan: bool = False  # expects a scanner; typing is allowed
    cdash: str = ""
    sdtm: str = ""

    @property
    def is_derived(self) -> bool:
        return self.derive is not None

    @property
    def is_numeric(self) -> bool:
        return self.type in ("decimal", "integer")

    def choice(self, code: str) -> Choice | None:
        """Give the code-list entry of a code."""
        return next((c for c in self.choices if c.code == code), None)

    def unit_label(self, symbol: str = "", lang: Lang | None = None) -> str:
        """Give what a person reads for a unit of this item (its base unit by default)."""
        key = symbol or self.unit
        label = self.unit_labels.get(key)
        return label.get(lang) if label else key

    def shown(self, value: Value, lang: Lang | None = None) -> str:
        """Show a value as a person reads it: code-list label, number rounded only if derived, with its unit."""
        if isinstance(value, Missing):
            return f"{value.code} ({value.reason})" if value.reason else value.code
        if isinstance(value, Number):
            amount = value
            if self.is_derived and self.places is not None:
                amount = Number(round_half_up(value.amount, self.places), value.unit, value.op)
            return with_unit(show(amount, lang), self.unit_label(value.unit, lang))
        if isinstance(value, tuple):
            found = [self.choice(code) for code in value]
            join = "、" if lang == "zh" else ", "
            return join.join(c.label.get(lang) if c else code for c, code in zip(found, value, strict=True))
        if isinstance(value, str) and self.choices:
            found_one = self.choice(value)
            return found_one.label.get(lang) if found_one else value
        return show(value, lang, seconds=self.precision == "second")


def with_unit(number: str, unit: str) -> str:
    """Put a unit behind a number; a Chinese bracket brings its own space."""
    return f"{number}{'' if unit.startswith('（') else ' '}{unit}".rstrip()


def round_half_up(amount: Decimal, places: int) -> Decimal:
    """Round for display only; thresholds act on unrounded values."""
    from decimal import ROUND_HALF_UP

    return amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


class Section(Frozen):
    """A titled group of items; with `rows` it is a table whose rows repeat."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    title: Bilingual
    note: Bilingual | None = None
    show: Expr | None = None
    rows: bool = False
    max_rows: int = 100
    row_label: Bilingual | None = None
    items: tuple[Item, ...]


class Check(Frozen):
    """A rule that must hold. It fires only on a definite False, so it is silent while a value is missing."""

    id: str = Field(pattern=r"^[A-Z][A-Za-z0-9_.]{1,40}$")  # X01, or F9.venous for a form's own
    severity: Severity
    rule: Expr
    message: Bilingual  # {item} in it stands for the value of that item
    items: tuple[str, ...]  # shown beside these; the first is where the focus goes
    guards: tuple[str, ...] = ()  # entering these items is refused while the check fires (severity block)
    override: Literal["none", "investigator"] = "none"

    @cached_property
    def named_values(self) -> frozenset[str]:
        """The items whose values stand in the message, as {item}."""
        return frozenset(_PLACE.findall(self.message.en + self.message.zh))


class SignatureSlot(Frozen):
    """A signature that a form wants.

    Without `opens` it waits until the record is complete. With it, it may be given as soon as that holds; then `covers`
    names the items and sections it is about, and only a change in these voids it. Empty `covers`: the whole record.
    """

    meaning: str
    roles: tuple[Role, ...]
    required: bool = True
    when: Expr | None = None  # asked for only while this holds
    opens: Expr | None = None
    covers: tuple[str, ...] = ()
    people: int = Field(default=1, ge=1, le=4)  # so many different persons sign in this meaning


class Form(Frozen):
    """One case report form."""

    id: str = Field(pattern=r"^F\d{1,2}$")
    name: str = Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")
    version: str
    title: Bilingual
    short: Bilingual
    note: Bilingual | None = None
    repeat: FormRepeat
    observed: str | None = None  # the item that says when this happened
    by: tuple[Role, ...]
    domain: str = ""  # SDTM domains, for aliases
    sections: tuple[Section, ...]
    checks: tuple[Check, ...] = ()
    signatures: tuple[SignatureSlot, ...] = ()

    def items(self) -> Iterator[Item]:
        """Walk all items in printed order."""
        for section in self.sections:
            yield from section.items

    @cached_property
    def by_id(self) -> Mapping[str, Item]:
        return {item.id: item for item in self.items()}

    @cached_property
    def site_only_ids(self) -> frozenset[str]:
        return frozenset(item.id for item in self.items() if item.site_only)

    @cached_property
    def section_of(self) -> Mapping[str, Section]:
        return {item.id: section for section in self.sections for item in section.items}

    def covered(self, slot: SignatureSlot) -> frozenset[str]:
        """Give the items a signature is about, sections taken apart; empty: the whole record."""
        sections = {s.id: s for s in self.sections}
        return frozenset(
            item
            for name in slot.covers
            for item in ([i.id for i in sections[name].items] if name in sections else [name])
        )

    @cached_property
    def derivation_order(self) -> tuple[Item, ...]:
        """The derived items, each after those it needs (the loader refuses cycles)."""
        ordered: dict[str, Item] = {}

        def put(item: Item) -> None:
            if item.id in ordered or item.derive is None:
                return
            for need in sorted(item.derive.names):
                if need in self.by_id:
                    put(self.by_id[need])
            ordered[item.id] = item

        for item in self.items():
            put(item)
        return tuple(ordered.values())


class Window(Frozen):
    """When a form is due.

    `elapsed`: minutes after the anchor, with a tolerance in minutes. `calendar`: whole protocol days after day 0, open
    from the start of day+before_days to the last second of day+after_days, local time.
    """

    kind: Literal["elapsed", "calendar"]
    anchor: Literal["first_start", "first_end", "this_start", "this_end", "day0"]
    at_min: int = 0
    before_min: int = 0
    after_min: int = 0
    day: int = 0
    before_days: int = 0
    after_days: int = 0
    predose: int = 0  # must come before the start of this infusion number (0: no such rule)


class Placement(Frozen):
    """A form at a visit, with its window (None: open from the visit on)."""

    form: str
    visit: str
    window: Window | None = None
    optional: bool = False


class Visit(Frozen):
    id: str = Field(pattern=r"^[A-Z0-9]{2,4}$")
    title: Bilingual
    day: int | None = None


class FlowPoint(Frozen):
    """One time-point of the vital-sign flow sheet of an infusion, in minutes from its anchor."""

    code: str
    title: Bilingual
    anchor: Literal["start", "end"]
    at_min: int
    before_min: int
    after_min: int
    temperature: bool = False
    every_min: int = 0  # >0: repeats every so many minutes until the end


class IcfVersion(Frozen):
    version: str
    dated: str
    approval: str
    active_from: str
    active_to: str | None = None


class Site(Frozen):
    id: str = Field(pattern=r"^\d{2}$")
    name: Bilingual
    pb_mmhg: Exact = Decimal(760)
    icf_versions: tuple[IcfVersion, ...]


class Meaning(Frozen):
    """What a signature says; the statement is stored by version with each signature."""

    id: str
    title: Bilingual
    statement: Bilingual
    version: str = "1"


class Study(Frozen):
    """The protocol as configuration."""

    id: str
    registry: str
    title: Bilingual
    short: Bilingual
    protocol_version: str
    protocol_date: str
    timezone: str
    sites: tuple[Site, ...]
    parameters: Mapping[str, object]  # everything tagged [P]: doses, numbers, limits, windows of checks
    visits: tuple[Visit, ...]
    schedule: tuple[Placement, ...]
    flow_sheet: tuple[FlowPoint, ...]
    meanings: tuple[Meaning, ...]
    form_order: tuple[str, ...]
    forms: Mapping[str, Form]
    choices: Mapping[str, tuple[Choice, ...]]
    labels: LabelPlan = LabelPlan()

    def form(self, form_id: str) -> Form:
        return self.forms[form_id]

    @cached_property
    def visit_by_id(self) -> Mapping[str, Visit]:
        return {visit.id: visit for visit in self.visits}

    @cached_property
    def meaning_by_id(self) -> Mapping[str, Meaning]:
        return {meaning.id: meaning for meaning in self.meanings}

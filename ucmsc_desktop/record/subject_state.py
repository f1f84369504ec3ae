"""One participant under the study's rules: what expressions see, which items show, what is derived, what fires.

`SubjectState` is immutable; `with_values` gives a new one. Values that expressions see ("operands") are decimals in the
item's base unit, codes, dates; a coded gap, a conflict's loser and a number with < or > are missing. Pure: the moment is
handed in, nothing is read from a clock or a disk.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from types import MappingProxyType
from typing import Any, TypeVar

from ucmsc_desktop.clinical.units import UnitError, convert
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.facts import FormRecord, SubjectRecord
from ucmsc_desktop.study.expr import SIGNED, Result
from ucmsc_desktop.study.model import Form, Item, Section, Site, Study
from ucmsc_desktop.study.schedule import Anchors, Due, due, placement_of
from ucmsc_desktop.study.values import Missing, Number, Value

T = TypeVar("T")
INFUSION_VISIT = "D"  # infusion n stands at visit D0, D1, D2 …
ANCHOR_ITEMS = ("inf_start_dtm", "inf_end_dtm")  # of F7: what every window of the plan is counted from


def operand(item: Item, value: Value | None) -> Result:
    """Turn a stored value into what expressions compute with.

    Units: numbers in the item's base unit. Missing: None for no value, a coded gap, or a number with an operator.
    """
    if value is None or isinstance(value, Missing):
        return None
    if isinstance(value, Number):
        if value.op != "=":
            return None
        return base_amount(item, value)
    return value


def base_amount(item: Item, value: Number) -> Decimal:
    """Give the amount in the item's base unit, unrounded; operators are ignored (ranges act on the bare number)."""
    if not value.unit or value.unit == item.unit:
        return value.amount
    converted = convert(value.amount, value.unit, item.unit, quantity=item.quantity)
    if converted is None:  # pragma: no cover - an amount in gives an amount out
        raise UnitError(value.unit)
    return converted


def key_for(form: Form, visit: str = "", n: int = 1) -> FormKey:
    """Give the key of a record: the visit follows from the number for infusion, day, log and single forms."""
    match form.repeat:
        case "infusion":
            return FormKey(form.id, f"{INFUSION_VISIT}{n - 1}", n)
        case "day":
            return FormKey(form.id, "DAY", n)
        case "log":
            return FormKey(form.id, "LOG", n)
        case _:
            return FormKey(form.id, visit, n)


@dataclass(frozen=True, slots=True)
class _Read:
    """What was already read of one record. A state whose record differs never shares it."""

    operands: dict[Cell, Result] = field(default_factory=dict)
    rows: dict[str, tuple[int, ...]] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)  # what somebody worked out from this record alone

    def without(self, cells: Iterable[Cell]) -> _Read:
        """Give a copy that does not know the cells, nor any row where one of them stands in a row."""
        operands = dict(self.operands)
        in_row = False
        for cell in cells:
            operands.pop(cell, None)
            in_row = in_row or bool(cell.row)
        return _Read(operands, {} if in_row else dict(self.rows))


@dataclass(frozen=True)
class SubjectState:
    """A participant's facts with the plan beside them. `settled`: every derivation is known to be up to date."""

    study: Study
    site: Site
    record: SubjectRecord
    overlay: Mapping[FormKey, Mapping[Cell, Value | None]] = field(default_factory=dict)
    settled: bool = field(default=False, compare=False)
    _read: dict[FormKey, _Read] = field(default_factory=dict, compare=False, repr=False)

    @property
    def subject(self) -> str:
        return self.record.subject

    # --- values ----------------------------------------------------------------------------------------------

    def form_record(self, key: FormKey) -> FormRecord:
        """Give the facts of a record; an empty one where nothing was entered."""
        found = self.record.forms.get(key)
        return found if found is not None else FormRecord(key, self.study.forms[key.form].version)

    def value(self, key: FormKey, cell: Cell) -> Value | None:
        """Give the value of a cell: the one being entered, else the recorded one."""
        over = self.overlay.get(key)
        if over is not None and cell in over:
            return over[cell]
        record = self.record.forms.get(key)
        return record.value(cell) if record else None

    def operand(self, key: FormKey, cell: Cell) -> Result:
        """Give what expressions see of a cell."""
        known = self._reading(key).operands
        cached = known.get(cell, _UNREAD)
        if cached is not _UNREAD:
            return cached
        item = self.study.forms[key.form].by_id[cell.item]
        result = known[cell] = operand(item, self.value(key, cell))
        return result

    def _reading(self, key: FormKey) -> _Read:
        found = self._read.get(key)
        if found is None:
            found = self._read[key] = _Read()
        return found

    def once(self, key: FormKey, name: str, work_out: Callable[[], T]) -> T:
        """Give what follows from one record and nothing else, worked out once as long as the record stays as it is."""
        found = self._reading(key).found
        if name not in found:
            found[name] = work_out()
        made: T = found[name]
        return made

    def rows(self, key: FormKey, section: Section) -> tuple[int, ...]:
        """Give the row numbers of a table, those being entered included, without the crossed-out ones."""
        known = self._reading(key).rows
        found = known.get(section.id)
        if found is None:
            found = known[section.id] = self._rows(key, section)
        return found

    def _rows(self, key: FormKey, section: Section) -> tuple[int, ...]:
        record = self.record.forms.get(key)
        known = set(record.rows(self.study.forms[key.form], section.id)) if record else set()
        ids = {i.id for i in section.items}
        struck = record.struck if record else frozenset()
        for cell in self.overlay.get(key, ()):
            if cell.row and cell.item in ids and Cell(section.id, cell.row) not in struck:
                known.add(cell.row)
        return tuple(sorted(known))

    def keys(self, form_id: str | None = None) -> tuple[FormKey, ...]:
        """Give the records that have something in them, those being entered included."""
        return self._keys if form_id is None else self._keys_by_form.get(form_id, ())

    @cached_property
    def _keys(self) -> tuple[FormKey, ...]:
        return tuple(sorted({*self.record.forms, *self.overlay}))

    @cached_property
    def _keys_by_form(self) -> Mapping[str, tuple[FormKey, ...]]:
        return {form: tuple(keys) for form, keys in groupby(self._keys, key=lambda k: k.form)}

    def with_values(self, key: FormKey, values: Mapping[Cell, Value | None]) -> SubjectState:
        """Give the state with values laid over it; nothing is recorded."""
        over = dict(self.overlay)
        over[key] = MappingProxyType({**over.get(key, {}), **values})
        read = dict(self._read)  # readings of other records are shared: nothing about them differs
        if key in read:
            read[key] = read[key].without(values)
        return replace(self, overlay=MappingProxyType(over), settled=False, _read=read)

    def with_record(self, record: SubjectRecord, *, settled: bool) -> SubjectState:
        """Give the state of the same participant after new events; what was read of anything they left alone stays.

        Of a record with values laid over it, the events must be those values and nothing else.
        """
        read: dict[FormKey, _Read] = {}
        for key, found in self._read.items():
            over = self.overlay.get(key)
            if over is not None:
                read[key] = found.without(over)
            elif record.forms.get(key) is self.record.forms.get(key):
                read[key] = found
        return SubjectState(self.study, self.site, record, settled=settled, _read=read)

    def signers(self, key: FormKey, meaning: str) -> tuple[str, ...]:
        """Give who signed a record in a meaning so that it holds, in order, each once; what is being entered counts."""
        record = self.record.forms.get(key)
        if record is None:
            return ()
        form, over = self.study.forms[key.form], self.overlay.get(key, {})
        changing = {
            cell.item
            for cell, value in over.items()
            if value != record.value(cell)
            and (record.entry(cell) is not None or not form.by_id[cell.item].is_derived)
        }
        return tuple(
            dict.fromkeys(
                s.user
                for s in record.signatures
                if s.meaning == meaning and not s.voided and not any(s.is_about(i) for i in changing)
            )
        )

    # --- the plan --------------------------------------------------------------------------------------------

    def anchors(self) -> Anchors:
        """Give the true starts and ends of the infusions."""
        return self._anchors

    @cached_property
    def _anchors(self) -> Anchors:
        starts: dict[int, datetime] = {}
        ends: dict[int, datetime] = {}
        for key in self.keys("F7"):
            for found, name in zip((starts, ends), ANCHOR_ITEMS, strict=True):
                if name in self.study.forms["F7"].by_id:
                    value = self.operand(key, Cell(name))
                    if isinstance(value, datetime):
                        found[key.n] = value
        return Anchors(MappingProxyType(starts), MappingProxyType(ends))

    def due(self, key: FormKey) -> Due | None:
        """Give the window of a record; None where it has none or its anchor has not happened."""
        placement = placement_of(self.study, key.form, key.visit)
        return due(placement.window, self.anchors()) if placement else None

    # --- evaluation ------------------------------------------------------------------------------------------

    def env(self, key: FormKey, now: datetime, row: int = 0) -> SubjectEnv:
        """Give what expressions of a record (and of one of its rows) can ask."""
        return SubjectEnv(self, key, row, now)

    def shown(self, key: FormKey, item: Item, now: datetime, row: int = 0) -> bool:
        """Say whether skip logic shows an item; missing answers hide it."""
        section = self.study.forms[key.form].section_of[item.id]
        env = self.env(key, now, row)
        return all(e is None or _yes(e(env)) for e in (section.show, item.show))

    def derive(self, start: Iterable[FormKey], now: datetime) -> SubjectState:
        """Give the state with every derivation up to date, in the records of `start` and all records that exist.

        Derivations of one form run in order of need; over forms they are repeated until nothing changes.
        """
        state = self
        keys = tuple(dict.fromkeys((*start, *state.keys())))
        order = {f: i for i, f in enumerate(self.study.form_order)}
        keys = tuple(sorted(keys, key=lambda k: (order.get(k.form, 99), k)))
        for _round in range(8):
            changed = False
            for key in keys:
                fresh = state._derived(key, now)
                if fresh:
                    state = state.with_values(key, fresh)
                    changed = True
            if not changed:
                return replace(state, settled=True)
        return state

    def derived_value(self, key: FormKey, item: Item, now: datetime, row: int = 0) -> Value | None:
        """Compute a derived item. Missing: None where skip logic hides it, or an input is missing."""
        if item.derive is None or not self.shown(key, item, now, row):
            return None
        return as_value(item, item.derive(self.env(key, now, row)))

    def _derived(self, key: FormKey, now: datetime) -> dict[Cell, Value | None]:
        record = self.record.forms.get(key)
        if record is not None and record.locked:
            return {}
        form = self.study.forms[key.form]
        fresh: dict[Cell, Value | None] = {}
        state = self
        for item in form.derivation_order:
            section = form.section_of[item.id]
            for row in state.rows(key, section) if section.rows else (0,):
                cell = Cell(item.id, row)
                value = state.derived_value(key, item, now, row)
                if value != state.value(key, cell):
                    fresh[cell] = value
                    state = state.with_values(key, {cell: value})
        return fresh


class SubjectEnv:
    """What an expression can ask of one record of a participant."""

    __slots__ = ("_form", "_key", "_now", "_row", "_state")

    def __init__(self, state: SubjectState, key: FormKey, row: int, now: datetime) -> None:
        self._state = state
        self._key = key
        self._row = row
        self._now = now
        self._form = state.study.forms[key.form]

    def item(self, name: str) -> Result:
        """Give an item of this record, or one of the special names."""
        item = self._form.by_id.get(name)
        if item is None:
            return self._special(name)
        return self._read(self._key, item, self._row)

    def other(self, form: str, selector: Result, item: str) -> Result:
        """Give an item of another record."""
        if form == "study":
            return self._parameter(item)
        if form == "site":
            return getattr(self._state.site, item)
        if form == "plan":
            return self._plan(item)
        key = self._find(form, selector)
        if item.startswith(SIGNED):
            return self._state.signers(key, item.removeprefix(SIGNED)) if key else ()
        return self._read(key, self._state.study.forms[form].by_id[item], 0) if key else None

    def every(self, form: str, item: str) -> tuple[Result, ...]:
        """Give an item of every record of a form, table rows one after the other, missing ones as None."""
        found = self._state.study.forms[form].by_id[item]
        values: list[Result] = []
        for key in self._state.keys(form):
            value = self._read(key, found, 0)
            is_row = self._state.study.forms[form].section_of[item].rows
            values.extend(value if is_row else (value,))
        return tuple(values)

    def _read(self, key: FormKey, item: Item, row: int) -> Result:
        section = self._state.study.forms[key.form].section_of[item.id]
        if not section.rows:
            return self._state.operand(key, Cell(item.id))
        if row and key == self._key and row in self._state.rows(key, section):
            return self._state.operand(key, Cell(item.id, row))
        return tuple(self._state.operand(key, Cell(item.id, r)) for r in self._state.rows(key, section))

    def _find(self, form_id: str, selector: Result) -> FormKey | None:
        form = self._state.study.forms[form_id]
        if isinstance(selector, str):
            return FormKey(form_id, selector, 1)
        if isinstance(selector, Decimal):
            return key_for(form, "UNS", int(selector)) if form.repeat != "once" else None
        here = self._state.study.forms[self._key.form]
        match form.repeat:
            case "once":
                existing = self._state.keys(form_id)
                return existing[0] if existing else None
            case "visit":
                return FormKey(form_id, self._key.visit, self._key.n)
            case "infusion":
                return key_for(form, n=self._key.n) if here.repeat == "infusion" else None
            case _:
                return None

    def _special(self, name: str) -> Result:
        if name.startswith(SIGNED):
            return self._state.signers(self._key, name.removeprefix(SIGNED))
        match name:
            case "now":
                return self._now
            case "today":
                return self._now.date()
            case "subject":
                return self._state.subject
            case "visit":
                return self._key.visit
            case "n":
                return Decimal(self._key.n)
            case "row_no":
                return Decimal(self._row)
            case _:
                return None

    def _parameter(self, name: str) -> Result:
        if name == "flow_sheet":
            return self._state.study.flow_sheet
        raw = self._state.study.parameters.get(name)
        if isinstance(raw, str):
            try:
                return Decimal(raw)
            except ArithmeticError:
                return raw
        if isinstance(raw, list):
            return tuple(raw)
        return Decimal(raw) if isinstance(raw, int) and not isinstance(raw, bool) else raw

    def _plan(self, name: str) -> Result:
        window = self._state.due(self._key)
        return getattr(window, name) if window else None


_UNREAD: Any = object()


def as_value(item: Item, result: Result) -> Value | None:
    """Turn what a derivation gave into a value of its item. Missing: None stays None."""
    if result is None:
        return None
    if isinstance(result, bool):
        return "Y" if result else "N"
    if isinstance(result, Decimal):
        if item.type == "integer":
            return Number(
                result.quantize(Decimal(1)) if result == result.to_integral_value() else result, item.unit
            )
        return Number(result, item.unit) if item.is_numeric else format(result, "f")
    if isinstance(result, timedelta) and item.is_numeric:
        return Number(Decimal(int(result.total_seconds())) / 60, item.unit)
    value: Value = result
    return value


def _yes(result: Result) -> bool:
    return result is True or result == "Y"

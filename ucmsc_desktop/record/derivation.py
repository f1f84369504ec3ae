"""After an entry, run again only the derivations that can see it: what `SubjectState.derive` gives, in a fraction of the time.

It rests on one thing: before the entry every derivation was up to date (`SubjectState.settled`). Where that is not
known, everything is derived. A derivation sees the items it names, wherever it names them: in its value, in its own
skip rule, in that of its section. It also sees that a record or a row exists at all, and the start and end of the
infusions where it asks for the plan. Pure.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.subject_state import ANCHOR_ITEMS, SubjectState
from ucmsc_desktop.study.expr import Expression, Ref
from ucmsc_desktop.study.model import Item, Section, Study
from ucmsc_desktop.study.values import Value

RUNAWAY = 20_000  # evaluations after one entry; only forms whose derivations chase each other come near


@dataclass(frozen=True, slots=True)
class Reader:
    """A derived item that reads another item: in its own record, or in any record of that form."""

    form: str
    item: str
    in_own_record: bool


@dataclass(frozen=True, slots=True)
class _Readers:
    """Who reads what in a study: by form and item; by form, those that see which records of it exist."""

    of_item: dict[tuple[str, str], dict[Reader, None]] = field(default_factory=dict)
    of_records: dict[str, dict[Reader, None]] = field(default_factory=dict)
    place: dict[tuple[str, str], int] = field(
        default_factory=dict
    )  # of a derived item in its form's order of need

    def add(self, form: str, item: str, ref: Ref) -> None:
        if ref.form is None:
            self._put(form, ref.item, Reader(form, item, in_own_record=True))
        elif ref.form == "plan":
            for name in ANCHOR_ITEMS:
                self._put("F7", name, Reader(form, item, in_own_record=False))
        else:
            reader = Reader(form, item, in_own_record=False)
            self._put(ref.form, ref.item, reader)
            if ref.every or ref.selector is None:  # all records, or the one there is
                self.of_records.setdefault(ref.form, {})[reader] = None

    def _put(self, form: str, item: str, reader: Reader) -> None:
        self.of_item.setdefault((form, item), {})[reader] = None


_known: list[
    tuple[Study, _Readers]
] = []  # by identity: a study is one object for as long as the program runs


def _readers(study: Study) -> _Readers:
    for known, readers in _known:
        if known is study:
            return readers
    made = _Readers()
    for form in study.forms.values():
        made.place.update({(form.id, item.id): n for n, item in enumerate(form.derivation_order)})
        for section in form.sections:
            for item in section.items:
                for expression in _expressions(section, item):
                    for ref in expression.refs:
                        made.add(form.id, item.id, ref)
    _known[:] = [*_known[-3:], (study, made)]
    return made


def _expressions(section: Section, item: Item) -> Iterable[Expression]:
    if item.derive is None:
        return ()
    return (e for e in (item.derive, item.show, section.show) if e is not None)


def follow(
    before: SubjectState, key: FormKey, values: Mapping[Cell, Value | None], now: datetime
) -> SubjectState:
    """Lay values over a record and bring every derivation up to date."""
    if not before.settled:
        return before.with_values(key, values).derive((key,), now)
    wave = _Wave(before, before.with_values(key, values), now)
    if key not in before.record.forms and key not in before.overlay:
        wave.record_appeared(key)
    for cell in values:
        section = before.study.forms[key.form].section_of[cell.item]
        if cell.row and cell.row not in before.rows(key, section):
            wave.row_appeared(key, section, cell.row)
        wave.changed(key, cell)
    return wave.run() or before.with_values(key, values).derive((key,), now)


class _Wave:
    """The derivations that wait to run, in the order of the forms, each form's in order of need."""

    def __init__(self, before: SubjectState, state: SubjectState, now: datetime) -> None:
        self._state = state
        self._now = now
        self._readers = _readers(before.study)
        self._order = {form: n for n, form in enumerate(before.study.form_order)}
        self._heap: list[tuple[int, FormKey, int, int]] = []
        self._waiting: set[tuple[int, FormKey, int, int]] = set()

    def record_appeared(self, key: FormKey) -> None:
        for item in self._state.study.forms[key.form].derivation_order:
            self._add(key, item)
        for reader in self._readers.of_records.get(key.form, ()):
            self._add_everywhere(reader)

    def row_appeared(self, key: FormKey, section: Section, row: int) -> None:
        for item in section.items:
            if item.is_derived:
                self._add(key, item, (row,))
            self.changed(key, Cell(item.id, row))  # to columns, the row is a new place even where it is empty

    def changed(self, key: FormKey, cell: Cell) -> None:
        """Let everybody run again who reads a cell."""
        form = self._state.study.forms[key.form]
        for reader in self._readers.of_item.get((key.form, cell.item), ()):
            if not reader.in_own_record:
                self._add_everywhere(reader)
                continue
            in_this_row = cell.row and form.section_of[reader.item] is form.section_of[cell.item]
            self._add(key, form.by_id[reader.item], (cell.row,) if in_this_row else None)

    def _add_everywhere(self, reader: Reader) -> None:
        item = self._state.study.forms[reader.form].by_id[reader.item]
        for key in self._state.keys(reader.form):
            self._add(key, item)

    def _add(self, key: FormKey, item: Item, rows: tuple[int, ...] | None = None) -> None:
        form = self._state.study.forms[key.form]
        if rows is None:
            section = form.section_of[item.id]
            rows = self._state.rows(key, section) if section.rows else (0,)
        place = self._readers.place[key.form, item.id]
        for row in rows:
            step = (self._order.get(key.form, 99), key, place, row)
            if step not in self._waiting:
                self._waiting.add(step)
                heapq.heappush(self._heap, step)

    def run(self) -> SubjectState | None:
        """Run what waits until nothing changes any more; None where it would not end."""
        for _ in range(RUNAWAY):
            if not self._heap:
                return replace(self._state, settled=True)
            step = heapq.heappop(self._heap)
            self._waiting.discard(step)
            _, key, place, row = step
            item = self._state.study.forms[key.form].derivation_order[place]
            cell = Cell(item.id, row)
            if self._state.form_record(key).locked:
                continue
            value = self._state.derived_value(key, item, self._now, row)
            if value != self._state.value(key, cell):
                self._state = self._state.with_values(key, {cell: value})
                self.changed(key, cell)
        return None

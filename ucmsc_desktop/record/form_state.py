"""One record of one form as a person meets it: cells, what is shown, findings, status. A pure view of a SubjectState.

Findings are computed, never stored: `required` (still empty), `soft` (outside the usual range, ▲), `warn`, `query` and
`block` (checks), `conflict` (two entries that do not know of each other). A check that uses `now` is judged by the
moment its first item was entered, so that it says tomorrow what it said then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.facts import Entry, FormRecord, Signature
from ucmsc_desktop.record.readings import with_hints
from ucmsc_desktop.record.subject_state import SubjectState, base_amount
from ucmsc_desktop.study.expr import ExpressionError
from ucmsc_desktop.study.model import Check, Form, Item, Section
from ucmsc_desktop.study.values import Number, Value, dump

FindingKind = Literal["required", "soft", "warn", "query", "block", "conflict"]
Status = Literal["empty", "started", "complete", "signed", "changed", "locked"]

FILL = Text("Fill in: {label}", "请填写：{label}")
OUTSIDE = Text(
    "{label}: {value} is outside the usual range {range}.", "{label}：{value} 超出常见范围 {range}。"
)
UNREAD = Text(
    "“{item}” was recorded with another version of this form as {raw}. It is kept; look at it.",
    "“{item}” 由本表单的其他版本记录为 {raw}。已保留，请查看。",
)
NO_VALUE = Text("(no value)", "（无数值）")
TWO_ENTRIES = Text("{label}: two different entries exist", "{label}：存在两个不同的录入值")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at, where it stands and what it says. `confirmed`: a person has said that it is right."""

    kind: FindingKind
    id: str
    cell: Cell
    message: Text
    items: tuple[str, ...] = ()
    confirmed: bool = False
    overridden: bool = False

    @property
    def is_open(self) -> bool:
        return not (self.confirmed or self.overridden)


@dataclass(frozen=True)
class FormState:
    """A record of a form at a moment."""

    state: SubjectState
    key: FormKey
    now: datetime

    @cached_property
    def form(self) -> Form:
        return self.state.study.forms[self.key.form]

    @cached_property
    def record(self) -> FormRecord:
        return self.state.form_record(self.key)

    @cached_property
    def view(self) -> SubjectState:
        """The state with derivations filled in; recorded ones are already the same."""
        known = self.key in self.state.record.forms or self.key in self.state.overlay
        if self.record.locked or (self.state.settled and known):
            return self.state
        fresh = self.state._derived(self.key, self.now)
        return self.state.with_values(self.key, fresh) if fresh else self.state

    def value(self, item: str, row: int = 0) -> Value | None:
        """Give the value of a cell."""
        return self.view.value(self.key, Cell(item, row))

    def entry(self, item: str, row: int = 0) -> Entry | None:
        """Give the current entry of a cell: who, when, why."""
        return self.record.entry(Cell(item, row))

    def history(self, item: str, row: int = 0) -> tuple[Entry, ...]:
        """Give every entry a cell ever had, first to last."""
        return self.record.cells.get(Cell(item, row), ())

    def rows(self, section: Section) -> tuple[int, ...]:
        """Give the rows of a table that stand."""
        return self.view.rows(self.key, section)

    def is_shown(self, item: Item, row: int = 0) -> bool:
        """Say whether an item is shown: by skip logic, or because it holds a value that must not vanish."""
        if self.value(item.id, row) is not None:
            return True
        return self.view.shown(self.key, item, self.now, row)

    def is_applicable(self, item: Item, row: int = 0) -> bool:
        """Say whether skip logic asks for an item."""
        return self.view.shown(self.key, item, self.now, row)

    def cells(self) -> tuple[tuple[Section, Item, int], ...]:
        """Give every cell in printed order, rows of tables included."""
        found: list[tuple[Section, Item, int]] = []
        for section in self.form.sections:
            if section.rows:
                found.extend((section, i, r) for r in self.rows(section) for i in section.items)
            else:
                found.extend((section, i, 0) for i in section.items)
        return tuple(found)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All findings, in printed order of their first item."""
        found: list[Finding] = []
        for _section, item, row in self.cells():
            found.extend(self._cell_findings(item, row))
        order = {item.id: n for n, item in enumerate(self.form.items())}
        for check in self.form.checks:
            found.extend(self._check_findings(check))
        found.extend(self._unread_findings())
        return tuple(sorted(found, key=lambda f: (order.get(f.cell.item, 0), f.cell.row)))

    def findings_of(self, item: str, row: int = 0) -> tuple[Finding, ...]:
        """Give the findings shown beside a cell."""
        return tuple(
            f for f in self.findings if (f.cell.item == item or item in f.items) and f.cell.row in (0, row)
        )

    def _cell_findings(self, item: Item, row: int) -> list[Finding]:
        cell = Cell(item.id, row)
        value = self.value(item.id, row)
        found: list[Finding] = []
        if value is None:
            kept = (entry := self.record.entry(cell)) is not None and (entry.kept or bool(entry.raw))
            if item.required and not item.is_derived and not kept and self.is_applicable(item, row):
                found.append(Finding("required", "required", cell, FILL.fill(label=item.label)))
            return found
        soft = soft_finding(item, value)
        if soft is not None:
            entry = self.record.entry(cell)
            confirmed = entry is not None and "soft" in entry.confirmed
            found.append(Finding("soft", "soft", cell, soft, confirmed=confirmed))
        heads = self.record.heads(cell)
        if len({dump(h.value) if h.value is not None else "" for h in heads}) > 1:
            found.append(Finding("conflict", "conflict", cell, TWO_ENTRIES.fill(label=item.label)))
        return found

    def _unread_findings(self) -> list[Finding]:
        """Show what these forms have no place for at the cell it belongs to, else at the first item of the form."""
        first = next(iter(self.form.items())).id
        found = []
        for cell in self.record.cells:
            for head in self.record.heads(cell):
                if head.raw:
                    item = self.form.by_id.get(cell.item)
                    place = cell if item is not None else Cell(first)
                    name = item.label if item is not None else Text(cell.item, cell.item)
                    found.append(Finding("query", "unread", place, UNREAD.fill(item=name, raw=head.raw)))
        return found

    def _check_findings(self, check: Check) -> list[Finding]:
        first = check.items[0]
        section = self.form.section_of[first]
        found = []
        for row in self.rows(section) if section.rows else (0,):
            cell = Cell(first, row)
            if not self.fires(check, row):
                continue
            confirmed = any(
                check.id in entry.confirmed
                for name in check.items
                if (
                    entry := self.record.entry(
                        Cell(name, row if name in {i.id for i in section.items} else 0)
                    )
                )
            )
            found.append(
                Finding(
                    check.severity,
                    check.id,
                    cell,
                    self.message(check, row),
                    check.items,
                    confirmed=confirmed,
                    overridden=check.id in self.record.overridden,
                )
            )
        return found

    def fires(self, check: Check, row: int = 0) -> bool:
        """Say whether a check fires: only when its rule is definitely false."""
        entry = self.record.entry(Cell(check.items[0], row))
        over = self.state.overlay.get(self.key, {})
        fresh = Cell(check.items[0], row) in over
        now = self.now if entry is None or fresh else entry.ward_at
        try:
            return check.rule(self.view.env(self.key, now, row)) is False
        except ExpressionError:
            return False

    def message(self, check: Check, row: int = 0) -> Text:
        """Give what a check says, with the values it names."""
        if not check.named_values:
            return check.message
        values = {}
        for name in check.named_values:
            item = self.form.by_id[name]
            value = self.value(name, row if self.form.section_of[name].rows else 0)
            values[name] = shown_both(item, value) if value is not None else NO_VALUE
        return check.message.fill(**values)

    @property
    def status(self) -> Status:
        """Name the state of the record."""
        record = self.record
        if record.locked:
            return "locked"
        if record.is_signed:
            return "signed"
        if record.lost_signature:
            return "changed"
        if record.completed_at is not None:
            return "complete"
        return "started" if any(e for e in record.cells.values()) else "empty"

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """Give what stands in the way of completing the record: empty required items, blocking checks, conflicts."""
        return tuple(f for f in self.findings if f.kind in ("required", "block", "conflict") and f.is_open)

    @property
    def flags(self) -> tuple[Finding, ...]:
        """Give what is marked ▲ on screen and paper."""
        return tuple(f for f in self.findings if f.kind != "required")

    @property
    def valid_signatures(self) -> tuple[Signature, ...]:
        return tuple(s for s in self.record.signatures if not s.voided)

    def content_hash(self, covers: Collection[str] = ()) -> str:
        """Hash the content a signature is about: form, version, every entered cell with its value.

        `covers`: only these items, which then stand in the hash themselves; empty: the whole record.

        A site-only value stands in it as the id of its entry, which commits to the value with its salt. The hash travels and
        is printed: over the bare value, anybody could find a name or a hospital number by trying. The centre, which has
        only the entry, computes the same hash.
        Derived values are left out: they follow from entered ones, and a window may be computed for the first time after
        the signature. A derived value that changes voids a signature all the same (see facts).
        """
        cells: dict[str, Mapping[str, str]] = {}
        for _section, item, row in self.cells():
            if item.is_derived or (covers and item.id not in covers):
                continue
            if item.site_only:
                entry = self.record.entry(Cell(item.id, row))
                if entry is not None and (entry.value is not None or entry.kept):
                    cells[f"{item.id}.{row}"] = {"entry": entry.id}
                continue
            value = self.value(item.id, row)
            if value is not None:
                cells[f"{item.id}.{row}"] = {"value": dump(value)}
        body: dict[str, object] = {"form": str(self.key), "version": self.record.version, "cells": cells}
        if covers:
            body["covers"] = sorted(covers)
        raw = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(b"ucmsc-content-v2\0" + raw.encode()).hexdigest()


def soft_finding(item: Item, value: Value) -> Text | None:
    """Say what is unusual about a number outside its soft range; None where nothing is."""
    if item.soft is None or not isinstance(value, Number):
        return None
    if item.soft.hold(base_amount(item, value)):
        return None
    said = OUTSIDE.fill(label=item.label, value=shown_both(item, value), range=range_text(item, "soft"))
    return with_hints(said, item, value)


def shown_both(item: Item, value: Value) -> Text:
    """Show a value in both languages."""
    return Text(item.shown(value, "en"), item.shown(value, "zh"))


def range_text(item: Item, which: Literal["hard", "soft"]) -> Text:
    """Show a range with its unit: "50-200 mmHg", "≥ 80 %"."""
    limits = item.hard if which == "hard" else item.soft
    if limits is None:
        return Text("", "")
    low, high = (format(x, "f") if x is not None else "" for x in (limits.low, limits.high))
    body = f"{low}–{high}" if low and high else (f"≥ {low}" if low else f"≤ {high}")
    return Text(
        f"{body} {item.unit_label('', 'en')}".rstrip(), f"{body} {item.unit_label('', 'zh')}".rstrip()
    )

"""The fields of one section, or of one row of a table: made once, then updated in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.form_state import Finding, FormState
from ucmsc_desktop.study.model import Item, Section
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.form.inputs import is_wide
from ucmsc_desktop.ui.form.layouts import Columns
from ucmsc_desktop.ui.widgets import label
from ucmsc_desktop.ui.widgets.card import Card

FieldMaker = Callable[[Item, int], Field]


class FieldSet(QWidget):
    """A card with the fields of a section; `row` 0 outside tables."""

    def __init__(self, section: Section, row: int, make: FieldMaker) -> None:
        super().__init__()
        self.section = section
        self.row = row
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        card = Card()
        outer.addWidget(card)
        if section.note is not None and not row:
            card.body.addWidget(label.hint(str(section.note), f"{section.id}:note"))
        self._columns = Columns()
        card.body.addLayout(self._columns)
        self._fields: dict[Cell, Field] = {}
        for item in section.items:
            field = make(item, row)
            self._fields[field.cell] = field
            self._columns.add(field, wide=is_wide(item))
        self._shown: dict[Cell, bool] = {}

    @property
    def fields(self) -> Mapping[Cell, Field]:
        """The fields by cell, shown or not."""
        return self._fields

    def shown(self) -> tuple[Field, ...]:
        """Give the fields that skip logic shows, in printed order."""
        return tuple(f for c, f in self._fields.items() if self._shown.get(c, False))

    def show_form(self, view: FormState, *, asks: bool) -> None:
        """Show a record. `asks`: say beside empty required items that they are to be filled in."""
        findings = _by_item(view.findings, self.row)
        for cell, field in self._fields.items():
            value = view.value(cell.item, cell.row)
            applicable = view.is_applicable(field.item, cell.row)
            entry = view.entry(cell.item, cell.row)
            shown = applicable or value is not None or field.is_dirty
            if shown != self._shown.get(cell):
                self._shown[cell] = shown
                field.setVisible(shown)
            if not shown:
                continue
            field.set_value(value)
            field.set_applicable(applicable)
            field.set_findings(f for f in findings.get(cell.item, ()) if asks or f.kind != "required")
            field.set_more(has_more=field.is_open or entry is not None)


def _by_item(findings: tuple[Finding, ...], row: int) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.cell.row in (0, row):
            for name in {finding.cell.item, *finding.items}:
                found.setdefault(name, []).append(finding)
    return found

"""The fields of one section, or of one row of a table: made when they are first shown, then updated in place.

A section opens at a keystroke, so only the fields that stand in the first window are made at once; the rest follows
before the next key can be pressed. Whoever asks for all fields gets all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.form_state import Finding, FormState
from ucmsc_desktop.study.model import Item, Section
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.form.inputs import is_wide
from ucmsc_desktop.ui.form.labels import text_label
from ucmsc_desktop.ui.form.layouts import RING, Columns
from ucmsc_desktop.ui.widgets.card import Card

FieldMaker = Callable[[Item, int], Field]
FIRST = 8  # fields made before anything is shown: what a ward laptop's window can hold


class FieldSet(QWidget):
    """A card with the fields of a section; `row` 0 outside tables."""

    grew = Signal()  # fields were made or came and went: the order of Tab is to be set again

    def __init__(self, section: Section, row: int, make: FieldMaker) -> None:
        super().__init__()
        self.section = section
        self.row = row
        self._make = make
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        card = self._card = Card()
        card.body.setContentsMargins(15, 6, 15, 10)
        outer.addWidget(card)
        if section.note is not None and not row:
            card.body.addWidget(_note(section))
        self._columns = Columns()
        card.body.addLayout(self._columns.grid)
        self._fields: dict[Cell, Field] = {}
        self._shown: dict[Cell, bool] = {}
        self._view: FormState | None = None
        self._asks = False
        self._findings: dict[str, list[Finding]] = {}
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self.make_all)

    @property
    def made(self) -> Mapping[Cell, Field]:
        """The fields made so far, by cell; hidden ones included."""
        return self._fields

    def field(self, cell: Cell) -> Field | None:
        """Give the field of a cell that is shown."""
        self.make_all()
        return self._fields.get(cell)

    def shown(self) -> tuple[Field, ...]:
        """Give the fields that skip logic shows, in printed order."""
        self.make_all()
        return self.shown_so_far()

    def shown_so_far(self) -> tuple[Field, ...]:
        """Give the shown fields that are made, in printed order."""
        cells = (Cell(i.id, self.row) for i in self.section.items)
        return tuple(self._fields[c] for c in cells if c in self._fields and self._shown.get(c, False))

    def show_form(self, view: FormState, *, asks: bool, new: bool = False) -> None:
        """Show a record. `asks`: say beside empty required items that they are to be filled in.

        `new`: a row in which nothing is saved yet; what its emptiness makes checks say is not news to anybody.
        """
        self._view, self._asks = view, asks
        self._findings = _by_item(view.findings, self.row) if asks or not new else {}
        is_first = not self._fields
        wanting = 0
        changed = False
        for item in self.section.items:
            cell = Cell(item.id, self.row)
            value = view.value(cell.item, cell.row)
            applicable = view.is_applicable(item, cell.row)
            shown = applicable or value is not None
            changed = changed or shown != self._shown.get(cell, False)
            self._shown[cell] = shown
            field = self._fields.get(cell)
            if shown and field is None:
                wanting += 1
                if is_first and wanting > FIRST:
                    self._later.start()
                    continue
                field = self._add(item, cell)
                changed = True
            if field is None:
                continue
            if not shown and field.is_dirty:
                field.put_back(None)  # typed, refused, and no longer asked for
            if shown == field.isHidden():
                field.setVisible(shown)
            if shown:
                self._fill(field, applicable=applicable)
        if changed:
            self._arrange()

    def make_all(self) -> None:
        """Make the fields that were left for later."""
        self._later.stop()
        view = self._view
        if view is None:
            return
        grown = False
        for item in self.section.items:
            cell = Cell(item.id, self.row)
            if self._shown.get(cell, False) and cell not in self._fields:
                field = self._add(item, cell)
                self._fill(field, applicable=view.is_applicable(item, cell.row))
                field.show()
                grown = True
        if grown:
            self._arrange()

    def empty(self) -> None:
        """Let go of the record: no field keeps anything of it."""
        self._later.stop()
        self._view, self._asks, self._findings = None, False, {}
        for field in self._fields.values():
            field.empty()

    def _add(self, item: Item, cell: Cell) -> Field:
        field = self._make(item, self.row)
        field.setParent(self._card)  # before it is shown: without a parent it would be a window of its own
        self._fields[cell] = field
        return field

    def _fill(self, field: Field, *, applicable: bool) -> None:
        view = self._view
        assert view is not None
        cell = field.cell
        field.set_value(view.value(cell.item, cell.row))
        field.set_applicable(applicable)
        found = self._findings.get(cell.item, ())
        field.set_findings(f for f in found if self._asks or f.kind != "required")
        field.set_more(has_more=field.is_open or view.entry(cell.item, cell.row) is not None)

    def _arrange(self) -> None:
        there = [(f, is_wide(f.item)) for f in self.shown_so_far()]
        if self._columns.arrange(there, width=self.width() - 30):
            self.grew.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()


def _note(section: Section) -> QLabel:
    note = text_label("hint", str(section.note), f"{section.id}:note")
    note.setContentsMargins(RING, 8, RING, 0)
    return note


def _by_item(findings: tuple[Finding, ...], row: int) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.cell.row in (0, row):
            for name in {finding.cell.item, *finding.items}:
                found.setdefault(name, []).append(finding)
    return found

"""The parts of one record on the screen: fields and tables by section, made when they are first needed.

What the fields tell comes out here once, with the field; nobody else connects to one. A part is never rebuilt because a
value changed. Fields are costly to make, so those of a section rest once another record is shown, emptied of everything,
and serve the next record of the same form; only what they were made for may not differ (`_Terms`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.entry import may_enter, who_enters
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.study.model import Form, Item, Role, Section
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.form.field_set import FieldSet
from ucmsc_desktop.ui.form.rows_view import RowsView
from ucmsc_desktop.ui.form.stage import Stage

Part = FieldSet | RowsView
RESTING = 24  # sections kept; some 0.4 MB each


@dataclass(frozen=True, slots=True)
class _Terms:
    """What fields are made for: who may enter what, and whom a list of people names."""

    role: Role
    locked: bool
    context: Context


class Parts(QObject):
    """Makes the parts of a record and finds fields in them."""

    committed = Signal(object, object)  # Field, Value | None
    typed = Signal()
    advanced = Signal(object)  # Field
    more_asked = Signal(object)  # Field
    undone = Signal(object)  # Field
    grew = Signal()
    row_asked = Signal(int)
    add_asked = Signal()
    strike_asked = Signal(int)
    row_closed = Signal()

    def __init__(self, stage: Stage, draft_of: Callable[[Cell], str]) -> None:
        super().__init__(stage)
        self._stage = stage
        self._draft_of = draft_of
        self._parts: dict[str, Part] = {}
        self._resting: dict[tuple[str, str], FieldSet] = {}
        self._view: FormState | None = None
        self._terms: _Terms | None = None

    def begin(self, view: FormState, role: Role, context: Context) -> None:
        """Begin with a record: let what there is of another one rest."""
        self._rest()
        terms = _Terms(role, view.record.locked, context)
        if terms != self._terms:
            self.forget()
        self._view, self._terms = view, terms

    def look(self, view: FormState) -> None:
        """Take over how the record stands now, for parts that are still to be made."""
        self._view = view

    def forget(self) -> None:
        """Throw away what rests."""
        for part in self._resting.values():
            self._stage.take(part)
        self._resting = {}

    def _rest(self) -> None:
        """Empty the fields and put them aside; throw tables away, which are quickly made."""
        for name, part in self._parts.items():
            if isinstance(part, FieldSet):
                part.hide()
                part.empty()
                self._resting[self.form.id, name] = part
            else:
                self._stage.take(part)
        self._parts = {}
        while len(self._resting) > RESTING:
            self._stage.take(self._resting.pop(next(iter(self._resting))))

    @property
    def form(self) -> Form:
        """The form of the record."""
        assert self._view is not None
        return self._view.form

    def section(self, section_id: str) -> Section:
        """Give a section of the form."""
        return next(s for s in self.form.sections if s.id == section_id)

    def may_enter_some(self) -> bool:
        """Say whether the role may enter anything in this form."""
        return self._terms is not None and any(
            may_enter(self.form, i, self._terms.role) for i in self.form.items()
        )

    def there(self, section_id: str) -> Part | None:
        """Give the part of a section if it is made."""
        return self._parts.get(section_id)

    def get(self, section_id: str) -> Part:
        """Give the part of a section; make it if need be."""
        part = self._parts.get(section_id)
        if part is None:
            section = self.section(section_id)
            part = self._make_rows(section) if section.rows else self._wake(section)
            self._parts[section_id] = part
        return part

    def fields_of(self, section_id: str) -> FieldSet | None:
        """Give the fields on the screen for a section: its own, or those of the row that is open."""
        part = self._parts.get(section_id)
        return part.editor if isinstance(part, RowsView) else part

    def rows_of(self, section_id: str) -> RowsView | None:
        """Give the table of a section; None where it is none."""
        part = self._parts.get(section_id)
        return part if isinstance(part, RowsView) else None

    def show_only(self, section_id: str) -> None:
        """Show the part of a section and hide all others."""
        for name, part in self._parts.items():
            part.setVisible(name == section_id)

    def fields(self) -> Iterator[Field]:
        """Walk all fields that are made."""
        for name in self._parts:
            found = self.fields_of(name)
            if found is not None:
                yield from found.made.values()

    def field(self, cell: Cell) -> Field | None:
        """Give the field of a cell, if its section and row are made."""
        section = self.form.section_of.get(cell.item)
        found = self.fields_of(section.id) if section is not None else None
        return found.field(cell) if found is not None and found.row == cell.row else None

    def set_tab_order(self, section_id: str, behind: tuple[QWidget, ...]) -> None:
        """Let Tab go through the fields as printed, then to what stands behind them."""
        fields = self.fields_of(section_id)
        last: QWidget | None = None
        stops = [w for f in (fields.shown_so_far() if fields is not None else ()) for w in f.stops()]
        for widget in (*stops, *behind) if stops else ():
            if last is not None:
                QWidget.setTabOrder(last, widget)
            last = widget

    def _wake(self, section: Section) -> FieldSet:
        """Take the fields of a section back to work, or make them."""
        part = self._resting.pop((self.form.id, section.id), None)
        if part is None:
            part = FieldSet(section, 0, self._make_field)
            part.grew.connect(self.grew)
            part.hide()
            self._stage.put(part)
        for field in part.made.values():
            self._restore(field)
        return part

    def _make_rows(self, section: Section) -> RowsView:
        assert self._terms is not None
        closed = self._terms.locked or self._terms.role not in self.form.by
        made = RowsView(section, self._make_field, self._terms.context, read_only=closed)
        made.row_asked.connect(self.row_asked)
        made.add_asked.connect(self.add_asked)
        made.strike_asked.connect(self.strike_asked)
        made.closed.connect(self.row_closed)
        made.grew.connect(self.grew)
        made.hide()
        self._stage.put(made)
        return made

    def _make_field(self, item: Item, row: int) -> Field:
        assert self._terms is not None
        allowed = may_enter(self.form, item, self._terms.role)
        closed = ""
        if not allowed and not item.is_derived and self.may_enter_some():
            closed = (
                tr("Filled in by the program", "由程序自动填写")
                if item.program
                else tr("Entered by: {who}", "由以下角色录入：{who}", who=who_enters(self.form, item))
            )
        read_only = self._terms.locked or not allowed
        field = Field(item, row, self._terms.context, closed=closed, read_only=read_only)
        field.committed.connect(lambda value, f=field: self.committed.emit(f, value))
        field.typed.connect(self.typed)
        field.advanced.connect(lambda f=field: self.advanced.emit(f))
        field.more_asked.connect(lambda f=field: self.more_asked.emit(f))
        field.undone.connect(lambda f=field: self.undone.emit(f))
        self._restore(field)
        return field

    def _restore(self, field: Field) -> None:
        """Put back what was typed into a cell and never saved."""
        text = self._draft_of(field.cell)
        if text and not field.is_read_only:
            assert self._view is not None
            field.set_value(self._view.value(field.cell.item, field.cell.row))
            field.restore(text)

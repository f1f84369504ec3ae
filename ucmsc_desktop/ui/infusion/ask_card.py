"""A card that asks for details of a running infusion, in the page and never before it; all of it can wait.

The big buttons have stamped their moment already. What is asked here is recorded in one transaction, or later.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Value
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.infusion.cells import Cells, Field
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.naming import named


class AskCard(QFrame):
    """Questions with Save and Later. `asked_to_save` carries the cells; `later` puts the card away.

    `asked_anew`: the fields are new ones, with nothing typed in them yet.
    """

    asked_to_save = Signal(object)  # Mapping[Cell, Value | None]
    later = Signal()
    typed = Signal()
    asked_anew = Signal()

    def __init__(self, name: str, title: str, hint: str = "", *, save: str = "") -> None:
        super().__init__()
        set_kind(self, "card")
        named(self, name, title)
        self.view: FormState | None = None
        self.cells: Cells | None = None
        self.heading = label.heading(title, f"{name}_title")
        self.hint = label.hint(hint, f"{name}_hint")
        self.hint.setVisible(bool(hint))
        self.result = label.value("", f"{name}_result")
        self.result.setWordWrap(True)
        self.result.hide()
        self.error = label.error("", f"{name}_error")
        self.error.hide()
        self.save = button.primary(save or tr("Save", "保存"), f"{name}_save", "save")
        self.wait = button.secondary(tr("Later", "稍后填写"), f"{name}_later")
        self.extra = QHBoxLayout()
        self.extra.setSpacing(8)
        self.lines = QVBoxLayout(self)
        self.lines.setContentsMargins(20, 14, 20, 14)
        self.lines.setSpacing(8)
        self.head = QHBoxLayout()
        self.head.addWidget(self.heading, 1)
        self.lines.addLayout(self.head)
        self.lines.addWidget(self.hint)
        self._place = QVBoxLayout()
        self.lines.addLayout(self._place)
        self.lines.addWidget(self.result)
        self.lines.addWidget(self.error)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addWidget(self.wait)
        buttons.addLayout(self.extra)
        buttons.addStretch(1)
        buttons.addWidget(self.save)
        self.lines.addLayout(buttons)
        self.save.clicked.connect(self.give)
        self.wait.clicked.connect(self.later)
        self.hide()

    def ask(self, view: FormState, items: Iterable[Item], row: int, context: Context) -> Cells:
        """Put questions into the card and show it."""
        if self.cells is not None:
            self._place.removeWidget(self.cells)
            self.cells.hide()
            self.cells.deleteLater()
        self.view = view
        self.cells = Cells(items, row, context)
        self._place.addWidget(self.cells)
        self.cells.typed.connect(self._on_cells_typed)
        self.cells.finished.connect(self.give)
        for field in self.cells.fields:
            field.input.show_value(view.value(field.item.id, row))
        self.say("")
        self.refresh()
        self.show()
        self.asked_anew.emit()
        return self.cells

    def renew(self, view: FormState) -> None:
        """Take a newer state of the record; what is typed stays."""
        self.view = view
        self.refresh()

    def with_typed(self) -> FormState | None:
        """Give the record as it would be with what is typed."""
        if self.view is None or self.cells is None:
            return None
        state = self.view.state.with_values(self.view.key, self.cells.typed_values())
        return FormState(state, self.view.key, self.view.now)

    def refresh(self) -> None:
        """Show and hide fields by what is typed; a subclass adds what it computes."""
        shown = self.with_typed()
        if shown is not None and self.cells is not None:
            self.cells.show_for(shown)

    def changed_values(self) -> Mapping[Cell, Value | None] | None:
        """Give the cells that differ from the record; None where something typed cannot be read."""
        if self.view is None or self.cells is None:
            return None
        values = self.cells.read()
        if values is None:
            return None
        view = self.view
        return {cell: v for cell, v in values.items() if v != view.value(cell.item, cell.row)}

    def give(self) -> None:
        """Hand over what was typed."""
        values = self.changed_values()
        if values is None:
            self.say(tr("Please correct what is marked.", "请更正标出的内容。"))
        elif not values:
            self.say(tr("Nothing is filled in yet.", "尚未填写任何内容。"))
        else:
            self.say("")
            self.asked_to_save.emit(values)

    def show_refusal(self, error: KnownError) -> None:
        """Say why it was not saved, beside the field where there is one."""
        what, _safe, todo = error.parts()
        beside = self.cells is not None and self.cells.refuse(error.details.get("cell"), what)
        self.say(tr("Not saved.", "尚未保存。") if beside else f"{error.code} {what} {todo}")

    def say(self, text: str) -> None:
        """Show a fault; "" takes it away."""
        self.error.setText(text)
        self.error.setVisible(bool(text))

    def _on_cells_typed(self, field: Field) -> None:
        if field.error.text():
            field.say("")
        self.refresh()
        self.typed.emit()

"""Fields of one record laid out in a grid, for what is asked beside a running infusion: few, large, all at once.

The inputs are those of the form page, so numbers, units and lists behave alike everywhere. Nothing is committed from
here: `read` gives what was typed, and the page records it in one transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Literal, cast

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Value, ValueProblem
from ucmsc_desktop.ui import announce
from ucmsc_desktop.ui.form import words
from ucmsc_desktop.ui.form.choice_input import TILES_MAX
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.inputs import INPUTS, Input
from ucmsc_desktop.ui.form.number_input import NumberInput
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import label
from ucmsc_desktop.ui.widgets.naming import named

COLUMN = 158
GAP = 10
_EDIT = 82
_MOMENT = 400  # a date in three parts, a time, the button that stamps
_ARROW = 70  # of a drop-down list: arrow and margins
_RING = 5  # room for the focus ring inside an input
Meaning = Literal["", "watch", "act"]  # as usual; outside the usual range; a reason to act
Describe = Callable[[Item, Value | None], tuple[str, Meaning]]
_KINDS: dict[Meaning, str] = {"": "hint", "watch": "warning", "act": "error"}


class Field(QWidget):
    """One question: label, input, a line below it, the error."""

    typed = Signal()

    def __init__(self, item: Item, row: int, context: Context) -> None:
        super().__init__()
        self.item = item
        self.row = row
        made = INPUTS[item.type](item, row, context)
        self.input = cast(Input, made)
        made.setContentsMargins(_RING, _RING, _RING, _RING)
        if isinstance(made, NumberInput):
            made.edit.setFixedWidth(_EDIT)
        self._label = label.label(str(item.label))
        self._label.setAlignment(Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignLeft)
        self._label.setBuddy(self.input.first())
        self.below = label.hint("", f"{words.object_name(item.id, row)}:below")
        self.error = label.error("", f"{words.object_name(item.id, row)}:error")
        self.error.hide()
        lines = QVBoxLayout(self)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(0)
        for part in (self._label, made, self.below, self.error):
            lines.addWidget(part)
        lines.addStretch(1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.input.typed.connect(self.typed)
        self.input.chosen.connect(lambda _origin: self.typed.emit())

    def span(self, columns: int, width: int) -> int:
        """Give the number of columns it needs. Units: width of a column in pixels."""
        match self.item.type:
            case "multi" | "text":
                return columns
            case "datetime":
                return min(columns, -(-_MOMENT // (width + GAP)))
            case "choice" if len(self.item.choices) > TILES_MAX:
                longest = max(self.fontMetrics().horizontalAdvance(str(c.label)) for c in self.item.choices)
                return min(columns, 1 if longest < width - _ARROW else 2)
            case "choice":
                return columns
            case "staff":
                return min(columns, 2)
            case _:
                return min(columns, 2 if self.item.alt_units else 1)

    @property
    def cell(self) -> Cell:
        return Cell(self.item.id, self.row)

    def label_height(self, width: int) -> int:
        """Give the height of the label at a width."""
        return self._label.heightForWidth(width)

    def even(self, height: int) -> None:
        """Give the label a height, so that the fields of a line stand level."""
        self._label.setMinimumHeight(height)

    def say(self, text: str) -> None:
        """Show what is wrong; "" takes it away."""
        if text != self.error.text():
            announce.alert(self, text)
            self.input.first().setAccessibleDescription(text)
        self.error.setText(text)
        self.error.setVisible(bool(text))
        self.input.set_wrong(bool(text))

    def describe(self, text: str, meaning: Meaning = "") -> None:
        """Show the line below the input."""
        set_kind(self.below, _KINDS[meaning])
        self.below.setText(text)
        self.below.setVisible(bool(text))


class Cells(QWidget):
    """Fields in a grid. `typed` on every change; `finished` when Enter is pressed in the last one."""

    typed = Signal(object)  # Field
    finished = Signal()

    def __init__(
        self, items: Iterable[Item], row: int, context: Context, *, skip: Iterable[str] = ()
    ) -> None:
        super().__init__()
        named(self, "cells")
        self.fields = tuple(Field(item, row, context) for item in items if not item.is_derived)
        self._row = row
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(GAP)
        self._grid.setVerticalSpacing(6)
        self._columns = 0
        self._hidden = set(skip)
        for field in self.fields:
            field.setParent(self)  # before it is shown: without a parent it would be a window
            field.typed.connect(lambda field=field: self.typed.emit(field))
            for part in (field, *field.findChildren(QWidget)):
                part.installEventFilter(self)
        self._place(4)

    def field(self, item: str) -> Field | None:
        """Find the field of an item."""
        return next((f for f in self.fields if f.item.id == item), None)

    def show_for(self, view: FormState) -> None:
        """Show the fields that skip logic asks for, with what is typed taken into account."""
        hidden = {f.item.id for f in self.fields if not view.is_applicable(f.item, self._row)}
        if hidden != self._hidden:
            self._hidden = hidden
            self._place(self._columns)

    def describe(self, how: Describe) -> None:
        """Put a line below every field."""
        for field in self.fields:
            field.describe(*how(field.item, self.value_of(field)))

    # --- reading -------------------------------------------------------------------------------------------------

    def value_of(self, field: Field) -> Value | None:
        """Give what is typed in a field; None where it is empty or cannot be read yet."""
        try:
            return field.input.read()
        except ValueProblem:
            return None

    def typed_values(self) -> dict[Cell, Value]:
        """Give what can be read so far, of the fields shown."""
        return {f.cell: v for f in self.shown() if (v := self.value_of(f)) is not None}

    def read(self) -> dict[Cell, Value | None] | None:
        """Give the values of all fields shown, None for empty ones; None altogether where one cannot be read.

        The fault is then shown beside its field, and the first of them has the focus.
        """
        values: dict[Cell, Value | None] = {}
        first: Field | None = None
        for field in self.shown():
            try:
                values[field.cell] = field.input.read()
                field.say("")
            except ValueProblem as fault:
                field.say(words.problem(field.item, fault))
                first = first or field
        if first is not None:
            first.input.first().setFocus()
            return None
        return values

    def shown(self) -> tuple[Field, ...]:
        """Give the fields that are asked."""
        return tuple(f for f in self.fields if f.item.id not in self._hidden)

    def texts(self) -> Mapping[Cell, str]:
        """Give what stands in the fields, as drafts keep it."""
        return {f.cell: text for f in self.shown() if (text := f.input.text())}

    def refuse(self, cell: object, text: str) -> bool:
        """Show a refusal beside its field; say whether there is such a field."""
        field = next((f for f in self.shown() if f.cell == cell), None)
        if field is None:
            return False
        field.say(text)
        field.input.first().setFocus()
        return True

    # --- layout and keys -----------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        columns = max(2, (self.width() + GAP) // (COLUMN + GAP))
        if columns != self._columns:
            self._place(columns)

    def _place(self, columns: int) -> None:
        for old in range(self._columns):
            self._grid.setColumnStretch(old, 0)
        self._columns = columns
        width = max(COLUMN, (self.width() + GAP) // columns - GAP)
        for field in self.fields:
            self._grid.removeWidget(field)
            field.setVisible(field.item.id not in self._hidden)
        lines: list[list[tuple[Field, int]]] = [[]]
        for field in self.shown():
            span = field.span(columns, width)
            if sum(s for _f, s in lines[-1]) + span > columns:
                lines.append([])
            lines[-1].append((field, span))
        for number, line in enumerate(lines):
            tallest = max((f.label_height(s * (width + GAP) - GAP) for f, s in line), default=0)
            place = 0
            for field, span in line:
                field.even(tallest)
                self._grid.addWidget(field, number, place, 1, span)
                place += span
        for column in range(columns):
            self._grid.setColumnStretch(column, 1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # type: ignore[attr-defined]  # a key event
            field = next(
                (f for f in self.fields if f is watched or f.isAncestorOf(cast(QWidget, watched))), None
            )
            if field is not None:
                self._go_on(field)
                return True
        return False

    def _go_on(self, field: Field) -> None:
        shown = self.shown()
        here = shown.index(field) if field in shown else -1
        if here + 1 < len(shown):
            shown[here + 1].input.first().setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.finished.emit()

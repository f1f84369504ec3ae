"""One item on the screen: its label, hint, what is wrong or unusual, the input, and a way to its history.

The contract is four things: `set_value`, `value`, `set_findings`, and the signal `committed`. Setting a value never emits.
A field commits on Enter, when the focus has left it (focus_watch.py tells it so), or when an answer is tapped; what is
refused stays as typed with the reason beside it. A field keeps no copy of data and never reaches up: it knows its item
and nothing of the form.

The rule a reader would miss: a text once refused, or waiting for an answer, is not sent again until it changes or Enter
is pressed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.form_state import Finding
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Missing, Value, ValueProblem
from ucmsc_desktop.ui import announce, style
from ucmsc_desktop.ui.form import words
from ucmsc_desktop.ui.form.calculated import Calculated
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.field_head import FieldHead, GapRow, More
from ucmsc_desktop.ui.form.inputs import INPUTS, Input
from ucmsc_desktop.ui.form.labels import Remark, inset, text_label
from ucmsc_desktop.ui.form.layouts import FlowBox

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_RED = ("block", "conflict", "required")


class Field(QWidget):
    """An item with everything that belongs to it."""

    committed = Signal(object)  # Value | None
    typed = Signal()
    advanced = Signal()  # Enter: on to the next field
    more_asked = Signal()

    def __init__(
        self, item: Item, row: int, context: Context, *, closed: str = "", read_only: bool = False
    ) -> None:
        """Make the field of an item. `closed`: why it cannot be entered here, shown below it; "" says nothing."""
        super().__init__()
        self.item = item
        self.cell = Cell(item.id, row)
        self.origin = "entered"
        self.term = 0  # which record it serves: an answer that comes late must not reach the next one
        self._gap: Missing | None = None
        self._clean = ""
        self._sent: str | None = None
        self._advancing = False
        self._problem = ""
        self._read_only = read_only or item.is_derived or bool(closed)
        self._closed = closed
        name = words.object_name(item.id, row)
        self.setObjectName(f"{name}:field")
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(0)
        self._head = FieldHead(item, name)
        self._lines.addLayout(self._head)
        self._more = More(item, name)
        self._more.setParent(self)
        self._more.clicked.connect(self._on_more_clicked)
        self._error: QLabel | None = None
        self._remark: QLabel | None = None
        self._note: QLabel | None = None
        self._gap_row: GapRow | None = None
        self.input: Input
        if item.is_derived:
            self.input = cast(Input, Calculated(item, row))
        else:
            self.input = cast(Input, INPUTS[item.type](item, row, context))
            self.input.typed.connect(self._on_input_typed)
            self.input.chosen.connect(self._on_input_chosen)
        self._lines.addWidget(cast(QWidget, self.input))
        self._lines.addStretch(1)
        if self._read_only and not item.is_derived:
            self.input.set_read_only(True)
        self._show_note()
        self._clean = self.input.text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._more.move(self.width() - style.TOUCH, 0)
        super().resizeEvent(event)

    # --- the contract ----------------------------------------------------------------------------------------

    def set_value(self, value: Value | None) -> None:
        """Show a value; emits nothing. What is being typed is not overwritten."""
        if self.is_dirty:
            return
        gap = value if isinstance(value, Missing) else None
        if gap != self._gap:
            self._show_gap(gap)
        self._gap = gap
        self.input.show_value(None if gap else value)
        self._clean = self.input.text()

    def value(self) -> Value | None:
        """Give what the field holds, typed text included. Raises: ValueProblem."""
        return self._gap if self._gap is not None else self.input.read()

    def set_findings(self, findings: Iterable[Finding]) -> None:
        """Show beside the field what is wrong (red) or unusual (▲)."""
        found = tuple(findings)
        red = [str(f.message) for f in found if f.kind in _RED and f.is_open]
        amber = [_remark(f) for f in found if f.kind not in _RED or not f.is_open]
        self._finding = "\n".join(dict.fromkeys(red))
        self._show_error()
        text = "\n".join(dict.fromkeys(amber))
        if text and self._remark is None:
            self._remark = Remark(f"{self._name}:remark")
            self._insert(self._remark)
        if self._remark is not None:
            self._remark.setText(text)
            self._remark.setVisible(bool(text))

    _finding = ""

    # --- being typed into ------------------------------------------------------------------------------------

    @property
    def _name(self) -> str:
        return words.object_name(self.item.id, self.cell.row)

    @property
    def is_open(self) -> bool:
        """Say whether something can be entered here."""
        return not self._read_only

    @property
    def is_read_only(self) -> bool:
        """Say whether nothing can be entered here."""
        return self._read_only

    def stops(self) -> list[QWidget]:
        """Give the widgets of the field that Tab stops at, in order."""
        if self._gap is not None and self._gap_row is not None:
            inside = self._gap_row.findChildren(QWidget)
        elif isinstance(self.input, FlowBox):
            inside = self.input.widgets()
        else:
            inside = cast(QWidget, self.input).findChildren(QWidget)
        here = self.window()  # the list that drops down from a box is a window of its own
        return [
            w
            for w in inside
            if w.focusPolicy() & Qt.FocusPolicy.TabFocus and not w.isHidden() and w.window() is here
        ]

    @property
    def is_dirty(self) -> bool:
        """Say whether something is typed that is not saved."""
        return self.input.text() != self._clean

    @property
    def is_waiting(self) -> bool:
        """Say whether what is typed was handed over and is neither saved nor refused yet."""
        return self._sent is not None and not self._problem

    @property
    def problem(self) -> str:
        """Give the words of the refusal that stands; "" where none does."""
        return self._problem

    def draft(self) -> str:
        """Give what is typed and not saved; "" where nothing is."""
        return self.input.text() if self.is_dirty else ""

    def restore(self, text: str) -> None:
        """Put back what was typed before the program was locked or left."""
        if self._read_only or not text:
            return
        self._show_gap(None)
        self.input.set_text(text)
        if self.is_dirty:
            self._kept = True
            self._show_note()

    _kept = False

    def focus(self) -> None:
        """Take the focus."""
        if self._gap is not None and self._gap_row is not None:
            self._gap_row.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        first = self.input.first()
        first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def holds_focus(self) -> bool:
        """Say whether the focus is in the field."""
        now = QApplication.focusWidget()
        return now is not None and (now is self or self.isAncestorOf(now))

    def commit(self, *, again: bool = False) -> None:
        """Hand over what is typed. `again`: even if the same was refused before."""
        if self._read_only:
            return
        text = self.input.text()
        if text == self._clean:
            self._sent = None
            self._set_problem("")
            return
        if text == self._sent and not again:
            return
        try:
            value = self.input.read()
        except ValueProblem as fault:
            self._sent = text
            self.refuse(words.problem(self.item, fault))
            return
        self._sent = text
        self._set_problem("")
        self.committed.emit(value)
        self.origin = "entered"

    def accept(self) -> None:
        """Learn that what was handed over is saved."""
        if self.input.text() in (self._sent, self._clean) or self._sent is None:
            self._clean = self.input.text()
        self._sent = None
        self._kept = False
        self._set_problem("")
        self._show_note()
        if self._advancing:
            self._advancing = False
            self.advanced.emit()

    def refuse(self, message: str) -> None:
        """Learn that what was handed over is not saved, and show why. What is typed stays."""
        self._advancing = False
        self._set_problem(message)

    def put_back(self, value: Value | None) -> None:
        """Give up what was typed and show the saved value again."""
        self._advancing = False
        self._sent = None
        self._kept = False
        self._set_problem("")
        self._clean = self.input.text()
        self._gap = None if not isinstance(value, Missing) else self._gap
        self.set_value(value)
        self._show_gap(self._gap)
        self._show_note()

    def empty(self) -> None:
        """Let go of the record: keep nothing of it, so that the field can serve another one."""
        self.term += 1
        self.origin = "entered"
        self.set_findings(())
        self.put_back(None)

    def set_applicable(self, applicable: bool) -> None:
        """Show that skip logic no longer asks for this item although it holds a value."""
        if applicable != self._applicable:
            self._applicable = applicable
            self._head.label.setEnabled(applicable)
            if not self._read_only:
                self.input.set_read_only(not applicable)
            self._show_note()

    _applicable = True

    def set_more(self, *, has_more: bool) -> None:
        """Offer the three dots or not."""
        self._more.setVisible(has_more)

    # --- events ----------------------------------------------------------------------------------------------

    def left(self) -> None:
        """Learn that the focus has gone elsewhere in the window."""
        self.commit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take the keys that the input let pass."""
        key = event.key()
        if key in _ENTER:
            self._enter()
        elif key == Qt.Key.Key_F4 and not event.modifiers():
            self.more_asked.emit()
        elif key == Qt.Key.Key_Escape and self.is_dirty:
            self.undone.emit()
        else:
            super().keyPressEvent(event)

    undone = Signal()

    def _enter(self) -> None:
        self._advancing = True
        self.commit(again=True)
        if self._sent is None and self._advancing and not self._problem:
            self._advancing = False
            self.advanced.emit()

    def _on_more_clicked(self) -> None:
        self.more_asked.emit()

    def _on_input_typed(self) -> None:
        if self.input.text() != self._sent:
            self._sent = None
            if self._problem:
                self._set_problem("")
        self.typed.emit()

    def _on_input_chosen(self, origin: str) -> None:
        self.origin = origin
        self.commit(again=True)

    def scan(self, code: str) -> None:
        """Take a code from the scanner and commit it."""
        self.input.set_text(code)
        self.origin = "scanned"
        self._advancing = True
        self.commit(again=True)

    # --- what stands beside the input ------------------------------------------------------------------------

    def _insert(self, widget: QWidget) -> None:
        """Put a line above the input, below label and hint."""
        self._lines.insertWidget(self._lines.indexOf(cast(QWidget, self.input)), widget)

    def _set_problem(self, message: str) -> None:
        if message != self._problem:
            self._problem = message
            self._show_error()
            # What the person just did; what stands open since long is read in its place.
            announce.alert(self, message)

    def _show_error(self) -> None:
        text = self._problem or self._finding
        if text and self._error is None:
            self._error = inset(text_label("error", "", f"{self._name}:error"))
            self._lines.insertWidget(1, self._error)
        if self._error is not None:
            self._error.setText(text)
            self._error.setVisible(bool(text))
            cast(QWidget, self.input).setAccessibleDescription(text)
            self.input.first().setAccessibleDescription(text)
            self.input.set_wrong(bool(text))

    def _show_note(self) -> None:
        if self._kept:
            text = tr(
                "Typed before, not saved yet. Press Enter to save it.", "此前键入，尚未保存。按 Enter 保存。"
            )
        elif not self._applicable:
            text = tr("No longer asked for; the value is kept.", "已不再询问；原有数值仍保留。")
        else:
            text = self._closed
        if text and self._note is None:
            self._note = inset(text_label("hint", "", f"{self._name}:note"))
            self._lines.insertWidget(self._lines.count() - 1, self._note)
        if self._note is not None:
            self._note.setText(text)
            self._note.setVisible(bool(text))

    def _show_gap(self, gap: Missing | None) -> None:
        """Show a deliberate gap in place of the input."""
        if gap is not None and self._gap_row is None:
            self._gap_row = GapRow(self._name, may_enter=not self._read_only)
            self._gap_row.again.connect(self._on_gap_row_again)
            self._insert(self._gap_row)
        if self._gap_row is not None:
            self._gap_row.show_gap(gap)
        cast(QWidget, self.input).setVisible(gap is None)
        if gap is None:
            self._gap = None

    def _on_gap_row_again(self) -> None:
        self._show_gap(None)
        self.focus()


def _remark(finding: Finding) -> str:
    done = ""
    if finding.confirmed:
        done = tr(" (confirmed)", "（已确认）")
    elif finding.overridden:
        done = tr(" (passed by the investigator)", "（研究者已批准）")
    return f"▲ {finding.message}{done}"

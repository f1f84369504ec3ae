"""Text, one line or several, and codes from a scanner.

In a field of several lines Enter goes to the next field as everywhere; Shift+Enter makes a new line.
"""

from __future__ import annotations

import re

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Value, ValueProblem
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.layouts import RING
from ucmsc_desktop.ui.form.number_input import plain_keys
from ucmsc_desktop.ui.form.words import accessible, object_name
from ucmsc_desktop.ui.style import pixmap, set_wrong
from ucmsc_desktop.ui.widgets.naming import named

_LINE = 26
_BREAKS = re.compile(r"\s*[\r\n\t\u2028\u2029]\s*")
_DAMAGED = (
    "\ufffd"  # what stands for bytes that were no text, in a paste from a program with another encoding
)


class _Lines(QPlainTextEdit):
    """Several lines of text: Enter goes to the field, on to the next one; Shift+Enter breaks the line."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                event.ignore()
                return
            self.insertPlainText("\n")
            return
        super().keyPressEvent(event)


class TextInput(QWidget):
    """Words."""

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, item: Item, row: int, _context: Context) -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(RING, RING, RING, RING)
        line.setSpacing(8)
        name, says = object_name(item.id, row), accessible(item, row)
        self.edit: QLineEdit | QPlainTextEdit
        if item.lines > 1:
            self.edit = named(_Lines(), name, says)
            self.edit.setTabChangesFocus(True)
            self.edit.setFixedHeight(_LINE * item.lines + 22)
            self.edit.setPlaceholderText(tr("Shift+Enter for a new line", "Shift+Enter 换行"))
        else:
            self.edit = named(QLineEdit(), name, says)
            width = 110 if item.max_length <= 8 else 220 if item.max_length <= 24 else 640
            self.edit.setMaximumWidth(width)
            self.edit.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            if item.scan or item.pattern:
                plain_keys(self.edit)
        self.edit.textChanged.connect(self.typed)
        line.addWidget(self.edit, 1)
        if item.scan:
            sign = QLabel()
            sign.setPixmap(pixmap("barcode_scanner", style.TEXT_SECOND, 26))
            sign.setAccessibleName(tr("can be scanned", "可扫码"))
            line.addWidget(sign)
        line.addStretch(0)

    def first(self) -> QWidget:
        """Give the widget that takes the focus."""
        return self.edit

    def show_value(self, value: Value | None) -> None:
        """Show a text; emits nothing."""
        self.set_text(value if isinstance(value, str) else "")

    def read(self) -> Value | None:
        """Give the text without white space around it, on one line where the field has one; None where there is none.

        Raises: ValueProblem "damaged" where a pasted text holds what its program could not read.
        """
        typed = self.text()
        if _DAMAGED in typed:
            raise ValueProblem("damaged")
        if isinstance(self.edit, QLineEdit):
            typed = " ".join(_BREAKS.split(typed))  # a line break pasted into it is kept by Qt, unseen
        return typed.strip() or None

    def text(self) -> str:
        """Give what is typed."""
        return self.edit.toPlainText() if isinstance(self.edit, QPlainTextEdit) else self.edit.text()

    def set_text(self, text: str) -> None:
        """Put a text in without emitting."""
        with QSignalBlocker(self.edit):
            if isinstance(self.edit, QPlainTextEdit):
                self.edit.setPlainText(text)
            else:
                self.edit.setText(text)

    def set_wrong(self, wrong: bool) -> None:
        """Mark it as wrong."""
        set_wrong(self.edit, wrong)

    def set_read_only(self, read_only: bool) -> None:
        """Let it be read only."""
        self.edit.setReadOnly(read_only)
        if isinstance(self.edit, QPlainTextEdit):
            self.edit.setEnabled(not read_only)

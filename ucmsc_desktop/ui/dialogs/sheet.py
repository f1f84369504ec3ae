"""What all questions look like: a heading, words, fields, an error, two buttons.

A sheet is a QDialog, so Enter and Escape work; opened it stands before the window, docked it is a strip in it.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui.widgets import button, label


class Sheet(QDialog):
    """A question. `answered` carries the answer; closing it without one is `rejected` as with any QDialog."""

    answered = Signal(object)

    def __init__(self, title: str, message: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 20, 24, 20)
        outer.setSpacing(12)
        self.heading = label.heading(title, "sheet_title")
        outer.addWidget(self.heading)
        self.message = label.body(message, "sheet_message")
        if not message:
            self.message.hide()
        outer.addWidget(self.message)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        outer.addLayout(self.body)
        self._error = label.error("", "sheet_error")
        self._error.hide()
        outer.addWidget(self._error)
        outer.addStretch(1)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(12)
        outer.addLayout(self.buttons)
        self.setMinimumWidth(560)

    def add_buttons(self, yes: str, no: str = "", *, kind: str = "primary") -> None:
        """Put the two buttons below: the answer, and the way back."""
        self.yes = button.make(kind, yes, "sheet_yes")
        self.no = button.secondary(no or tr("Cancel", "取消"), "sheet_no")
        self.buttons.addWidget(self.no)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.yes)
        self.yes.clicked.connect(self.give)
        self.no.clicked.connect(self.reject)

    def give(self) -> None:
        """Answer; each sheet says what its answer is."""
        raise NotImplementedError

    def finish(self, answer: object) -> None:
        """Close with an answer: first out of sight, then told, so that the next question can open."""
        self.accept()
        self.answered.emit(answer)

    def refused(self, text: str) -> None:
        """Say what is wrong with the answer and stay open."""
        self._error.setText(text)
        self._error.setVisible(bool(text))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.give()
            return
        super().keyPressEvent(event)

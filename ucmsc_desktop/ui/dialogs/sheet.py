"""What all questions look like: a heading, words, fields, an error, two buttons.

A sheet is a QDialog, so Enter and Escape work. Opened it stands before the window; docked it becomes a flat strip in it,
because the page above it (an infusion) must stay in sight.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui import announce
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label


class Sheet(QDialog):
    """A question. `answered` carries the answer; closing it without one is `rejected` as with any QDialog."""

    answered = Signal(object)

    def __init__(self, title: str, message: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(24, 20, 24, 20)
        self._grid.setSpacing(12)
        self._grid.setColumnStretch(0, 1)
        self.heading = label.heading(title, "sheet_title")
        self._grid.addWidget(self.heading, 0, 0)
        self.message = label.body(message, "sheet_message")
        if not message:
            self.message.hide()
        self._grid.addWidget(self.message, 1, 0)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        self._grid.addLayout(self.body, 2, 0)
        self._error = label.error("", "sheet_error")
        self._error.hide()
        self._grid.addWidget(self._error, 3, 0)
        self._grid.setRowStretch(4, 1)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(12)
        self._grid.addLayout(self.buttons, 5, 0)
        self.setMinimumWidth(560)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        layout = self.layout()
        if self.isWindow() and layout is not None and layout.hasHeightForWidth():
            # Qt measures words that wrap before they have their font and their width, and cuts the last line off.
            layout.activate()
            self.resize(self.width(), max(self.height(), layout.totalHeightForWidth(self.width())))

    def dock(self) -> None:
        """Become a flat strip: buttons beside the words, no labels that a field says itself."""
        self._grid.setContentsMargins(16, 8, 16, 8)
        self._grid.setSpacing(6)
        set_kind(self.heading, "label")
        self.message.setText(self.message.text().replace("\n\n", "\n"))  # height is what is short here
        for words in self.findChildren(QLabel):
            field = words.buddy()
            if isinstance(field, QWidget):
                words.hide()
                if hasattr(field, "setPlaceholderText"):
                    field.setPlaceholderText(words.text())
        # Beside the words, so that the fields have the whole width below.
        self._grid.removeItem(self.buttons)
        self._grid.addLayout(self.buttons, 0, 1, 2, 1, Qt.AlignmentFlag.AlignVCenter)
        self._grid.removeItem(self.body)
        self._grid.addLayout(self.body, 2, 0, 1, 2)
        self._grid.removeWidget(self._error)
        self._grid.addWidget(self._error, 3, 0, 1, 2)

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
        announce.alert(self, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.give()
            return
        super().keyPressEvent(event)

"""A drop-down list without a default answer; a wheel never changes it, focused or not."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox

from ucmsc_desktop.ui.widgets.naming import named


class ChoiceBox(QComboBox):
    """A list of codes shown by their texts; starts with nothing chosen."""

    def __init__(self, object_name: str, accessible: str) -> None:
        super().__init__()
        named(self, object_name, accessible)

    def set_choices(self, choices: Iterable[tuple[str, str]]) -> None:
        """Offer (code, text) pairs; keeps the code that was chosen if it is still there. Emits nothing."""
        chosen = self.code()
        self.blockSignals(True)
        self.clear()
        for code, text in choices:
            self.addItem(text, code)
        self.blockSignals(False)
        self.set_code(chosen)

    def code(self) -> str:
        """Give the code chosen; "" where none is."""
        return str(self.currentData() or "")

    def set_code(self, code: str) -> None:
        """Choose a code without emitting; an unknown one (or "") chooses nothing."""
        self.blockSignals(True)
        self.setCurrentIndex(self.findData(code) if code else -1)
        self.blockSignals(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # an answer changes by a decision, never by scrolling past it

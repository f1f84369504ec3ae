"""Keep the wheel from changing an answer: over a list, number or slider it scrolls the page instead."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QAbstractSlider, QAbstractSpinBox, QApplication, QComboBox, QScrollBar


class WheelGuard(QObject):
    """Watches every wheel event of the program."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.Wheel:
            return False
        is_answer = isinstance(watched, QComboBox | QAbstractSpinBox) or (
            isinstance(watched, QAbstractSlider) and not isinstance(watched, QScrollBar)
        )
        if not is_answer:
            return False
        event.ignore()  # an ignored wheel event goes on to the parent, so the page scrolls
        return True

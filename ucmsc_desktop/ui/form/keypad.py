"""The decimal key of a number pad gives a point, whatever the system's language would make of it.

On a German or French system it gives a comma, which a clinical number must never hold. Only that key: a comma typed on
purpose is refused with words, not turned into something else.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit

_SEPARATORS = {",", "٫", "،", "·"}


class _Keypad(QObject):
    """A filter on fields for numbers."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kinds = (QEvent.Type.KeyPress, QEvent.Type.KeyRelease)
        if event.type() not in kinds or not isinstance(event, QKeyEvent):
            return False
        on_pad = bool(event.modifiers() & Qt.KeyboardModifier.KeypadModifier)
        if not on_pad or event.text() not in _SEPARATORS:
            return False
        none = Qt.KeyboardModifier.NoModifier
        QApplication.sendEvent(watched, QKeyEvent(event.type(), Qt.Key.Key_Period, none, "."))
        return True


def point_on_keypad(edit: QLineEdit) -> QLineEdit:
    """Let the decimal key of the number pad give a point in a field."""
    edit.installEventFilter(_Keypad(edit))
    return edit

"""Tell a screen reader at once: an error beside a field, a reminder, a stop. Never what moves with the clock.

A reader that follows the focus would not find these by itself. What changes every second is not said here: it would talk
without an end.
"""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QAccessibleEvent
from PySide6.QtWidgets import QWidget

_tell = QAccessible.updateAccessibility


def alert(widget: QWidget, text: str) -> None:
    """Say something that must be heard now; an empty text says nothing."""
    if not text:
        return
    _tell(QAccessibleEvent(widget, QAccessible.Event.Alert))
    said = QAccessibleAnnouncementEvent(widget, text)
    said.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
    _tell(said)

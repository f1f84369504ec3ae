"""Names for focusable widgets: an object name for tests and scripts, an accessible name for screen readers."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QWidget

W = TypeVar("W", bound=QWidget)


def named(widget: W, object_name: str, accessible: str = "") -> W:
    """Name a widget. Missing: without `accessible` Qt takes the widget's own text (a button has one, a field not)."""
    widget.setObjectName(object_name)
    if accessible:
        widget.setAccessibleName(accessible)
    return widget

"""Tells when the focus enters a field and when it leaves one, for all fields of a page at once.

One connection instead of a filter on every widget. The rule a reader would miss: a focus that goes to another window (a
dialog, a list that drops down, another program) has not left the field.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from ucmsc_desktop.ui.form.field import Field


class FocusWatch(QObject):
    """Watches the fields below a widget."""

    entered = Signal(object)  # Field
    left = Signal(object)  # Field

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._in: Field | None = None
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_app_focus_changed)

    def forget(self) -> None:
        """Forget where the focus was: its field is about to go."""
        self._in = None

    def _on_app_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        if now is None or now.window() is not self._page.window():
            return
        here = _field_of(now, self._page)
        was, self._in = self._in, here
        if was is not None and was is not here:
            self.left.emit(was)
        if here is not None and here is not was:
            self.entered.emit(here)


def _field_of(widget: QWidget | None, page: QWidget) -> Field | None:
    while widget is not None and widget is not page:
        if isinstance(widget, Field):
            return widget
        widget = widget.parentWidget()
    return None

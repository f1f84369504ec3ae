"""Keep an event filter where input arrives: at the windows, and at the widget that has the focus.

A filter on the application is called, in Python, for every event of every widget; four of them took half of the time in
which a form opens. Keys and touches of a person reach a window first; a key then goes to the widget with the focus.
Nothing else is worth a look.
"""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QWindow
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid


class InputPoint(QObject):
    """Moves a filter along with the focus while it is started. The filter sees a key at the window, then at the widget."""

    def __init__(self, watcher: QObject) -> None:
        super().__init__(watcher)
        self._watcher = watcher
        self._at: QWidget | None = None
        self._is_on = False

    def start(self) -> None:
        """Begin; again is as good as once."""
        app = QApplication.instance()
        if self._is_on or not isinstance(app, QApplication):
            return
        self._is_on = True
        app.focusChanged.connect(self._on_app_focus_changed)
        app.focusWindowChanged.connect(self._on_app_focus_window_changed)
        for window in app.allWindows():
            window.installEventFilter(self._watcher)
        self._move(app.focusWidget() or app.activeWindow())

    def stop(self) -> None:
        """End."""
        app = QApplication.instance()
        if not self._is_on or not isinstance(app, QApplication):
            return
        self._is_on = False
        app.focusChanged.disconnect(self._on_app_focus_changed)
        app.focusWindowChanged.disconnect(self._on_app_focus_window_changed)
        for window in app.allWindows():
            window.removeEventFilter(self._watcher)
        self._move(None)

    def _move(self, there: QWidget | None) -> None:
        if not isValid(self._watcher):
            return  # the window is being taken down
        if self._at is not None and isValid(self._at):
            self._at.removeEventFilter(self._watcher)
        self._at = there
        if there is not None:
            there.installEventFilter(self._watcher)

    def _on_app_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        self._move(now or QApplication.activeWindow())

    def _on_app_focus_window_changed(self, window: QWindow | None) -> None:
        if window is not None and isValid(self._watcher):
            window.installEventFilter(self._watcher)
            self._move(QApplication.focusWidget() or QApplication.activeWindow())

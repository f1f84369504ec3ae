"""Tell a scanner's burst of keys from typing, wherever the focus is.

A scanner is a keyboard that types at least six characters with at most 35 ms between them, then a suffix (Enter unless
set otherwise). Keys are let through at once, so that typing never waits; when the burst turns out to be a scan, the
field that had the focus gets back what it held before, the suffix is swallowed, and `scanned` tells the text. So a scan
never stays in a comment and never presses Save. A field with the property "takes_scan" keeps its text and its Enter.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget

from ucmsc_desktop.study import specimen
from ucmsc_desktop.ui.input_point import InputPoint

MAX_GAP_MS = 35
MIN_LENGTH = 6
GROUP_SEPARATOR = "\x1d"
# The AIM identifier a scanner may put in front: ] and two characters, such as ]d2 (GS1 DataMatrix) or ]C1 (GS1-128).
_AIM = re.compile(r"^\][A-Za-z][0-9A-Za-z]")

_ENDS = {Qt.Key.Key_Return: "\r", Qt.Key.Key_Enter: "\r", Qt.Key.Key_Tab: "\t"}


def plain_code(burst: str, prefix: str = "") -> str:
    """Strip what a scanner puts around a code: the configured prefix and an AIM identifier; separators stay."""
    text = burst.removeprefix(prefix) if prefix else burst
    return _AIM.sub("", text).strip(" ")


def is_label(code: str) -> bool:
    """Say whether a code has the shape of the trial's own labels: it opens what it names and is no search word."""
    try:
        return specimen.read(code) is not None
    except ValueError:
        return True


class ScanWatch(QObject):
    """Watches the keys of the program for bursts."""

    scanned = Signal(str)

    def __init__(
        self,
        parent: QObject,
        *,
        prefix: str = "",
        suffix: str = "\r",
        elapsed_ms: Callable[[], int] | None = None,
    ) -> None:
        super().__init__(parent)
        self._prefix, self._suffix = prefix, suffix
        self._timer = QElapsedTimer()
        self._timer.start()
        self._elapsed_ms = elapsed_ms or self._timer.elapsed
        self._typed = ""
        self._last_ms = 0
        self._field: QWidget | None = None
        self._before: tuple[str, int] = ("", 0)
        self._input = InputPoint(self)
        self.start()

    def start(self) -> None:
        """Begin to watch the keys that reach the field with the focus."""
        self._input.start()

    def stop(self) -> None:
        """End watching."""
        self._input.stop()

    def set_marks(self, prefix: str, suffix: str) -> None:
        """Set what this ward's scanner puts before and after a code."""
        self._prefix, self._suffix = prefix, suffix

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Qt offers a key to the window, to the widget, and a key that the widget left over to its parents in turn; only
        # the widget's own turn counts, or the Enter after a fast "7.40" would be counted twice and taken for a scan.
        if event.type() is not QEvent.Type.KeyPress or not isinstance(watched, QWidget):
            return False
        focus = QApplication.focusWidget()
        if focus is not None and watched is not focus:
            return False
        return isinstance(event, QKeyEvent) and self._take(watched, event)

    def _take(self, field: QWidget, event: QKeyEvent) -> bool:
        at = self._elapsed_ms()
        is_quick = at - self._last_ms <= MAX_GAP_MS
        typed = _ENDS.get(Qt.Key(event.key()), event.text())
        if event.key() == Qt.Key.Key_BracketRight and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            typed = GROUP_SEPARATOR
        if not typed:
            return False  # shift and its like, which some scanners send between characters
        self._last_ms = at
        if self._suffix and typed == self._suffix:
            if is_quick and len(self._typed) >= MIN_LENGTH:
                return self._finish(field)
            self._typed = ""  # too short or too slow for a scan: what follows begins anew
            return False
        if not is_quick or not self._typed:
            self._begin(field)
        self._typed += typed
        return typed == GROUP_SEPARATOR

    def _begin(self, field: QWidget) -> None:
        self._typed = ""
        self._field = field
        if isinstance(self._field, QLineEdit):
            self._before = self._field.text(), self._field.cursorPosition()
        elif isinstance(self._field, QPlainTextEdit):
            self._before = self._field.toPlainText(), self._field.textCursor().position()

    def _finish(self, field: QWidget) -> bool:
        burst, self._typed = self._typed, ""
        if isinstance(field, QLineEdit) and field.echoMode() is not QLineEdit.EchoMode.Normal:
            return False  # a password typed fast is a password
        code = plain_code(burst, self._prefix)
        keeps = bool(field.property("takes_scan")) and not is_label(code)
        if field is self._field and not keeps:
            self._put_back(field)
        self.scanned.emit(code)
        return not keeps

    def _put_back(self, field: QWidget) -> None:
        text, position = self._before
        if isinstance(field, QLineEdit):
            field.setText(text)
            field.setCursorPosition(position)
        elif isinstance(field, QPlainTextEdit):
            field.setPlainText(text)
            cursor = field.textCursor()
            cursor.setPosition(position)
            field.setTextCursor(cursor)

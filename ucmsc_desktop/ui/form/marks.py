"""The filled marks of the pills as pixmaps, for beside a line of text."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPixmap

from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.widgets.pill import Mark, draw_mark


def mark_pixmap(mark: Mark, colour: str, size: int = 20, *, paper: str = "") -> QPixmap:
    """Draw a mark, sharp on the screen. Units: size in logical pixels. Missing: without `paper` that of a card."""
    app = QGuiApplication.instance()
    return _drawn(
        mark,
        colour,
        size,
        paper or style.SURFACE,
        app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0,
    )


@lru_cache(maxsize=64)
def _drawn(mark: Mark, colour: str, size: int, paper: str, ratio: float) -> QPixmap:
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    draw_mark(painter, QRectF(0.5, 0.5, size - 1, size - 1), mark, colour, paper)
    painter.end()
    return made

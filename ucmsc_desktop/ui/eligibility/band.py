"""A band across a page: where things stand in one sentence, with mark and colour, and below it why."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import label, pill
from ucmsc_desktop.ui.widgets.pill import Mark

Tone = Literal["ok", "error", "warning", "info"]

_MARKS: dict[Tone, Mark] = {"ok": "check", "error": "bar", "warning": "triangle", "info": "dots"}


class Sign(QWidget):
    """A mark, painted in the colour of its meaning when it is painted: the theme may change."""

    def __init__(self, tone: Tone | Literal["open"], size: int = 22) -> None:
        super().__init__()
        self._tone = tone
        self._size = size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_tone(self, tone: Tone | Literal["open"]) -> None:
        """Show another meaning."""
        self._tone = tone
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._size, self._size)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = self.rect().toRectF()
        match self._tone:
            case "ok":
                pill.draw_mark(painter, box, "check", style.OK, style.OK_TINT)
            case "error":
                pill.draw_mark(painter, box, "bar", style.ERROR, style.ERROR_TINT)
            case "warning":
                pill.draw_mark(painter, box, "triangle", style.WARNING, style.WARNING_TINT)
            case "info":
                pill.draw_mark(painter, box, "dots", style.PRIMARY, style.PRIMARY_TINT)
            case _:
                pill.draw_mark(painter, box, "circle", style.TEXT_SECOND, style.SURFACE)
        painter.end()


class Band(QFrame):
    """The band. `body` takes what else belongs into it; `buttons` stand at its right."""

    def __init__(self, object_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        set_kind(self, "notice-info")
        label.let_grow(self)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 6, 14, 6)
        line.setSpacing(12)
        self._sign = Sign("info", 28)
        line.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        self.body = QVBoxLayout()
        self.body.setSpacing(0)
        self._title = label.heading("", f"{object_name}_title")
        self._why = label.body("", f"{object_name}_why")
        self.body.addWidget(self._title)
        self.body.addWidget(self._why)
        line.addLayout(self.body, 1)
        self.buttons = QHBoxLayout()
        line.addLayout(self.buttons)

    def show_state(self, tone: Tone, title: str, why: str) -> None:
        """Say where things stand."""
        set_kind(self, f"notice-{tone}")
        self._sign.set_tone(tone)
        self._title.setText(title)
        self._why.setText(why)
        self._why.setVisible(bool(why))
        self.setAccessibleName(f"{title} {why}".strip())

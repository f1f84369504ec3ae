"""Labels of the form page, made the cheap way: their kind is set before the style sheet ever looks at them."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel

from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.form.layouts import RING


def text_label(kind: str, text: str, object_name: str = "", *, wrap: bool = True) -> QLabel:
    """Make a label of a kind of the style sheet; always plain text."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setProperty("kind", kind)
    if wrap:
        made.setWordWrap(True)
    if object_name:
        made.setObjectName(object_name)
    return made


def inset(text: QLabel) -> QLabel:
    """Line a label up with the inputs, which keep room for the focus ring."""
    text.setContentsMargins(RING, 0, RING, 0)
    return text


class Remark(QLabel):
    """What is unusual, on an amber strip."""

    def __init__(self, object_name: str) -> None:
        super().__init__("")
        self.setObjectName(object_name)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setFont(style.font(15, bold=True))
        self.setContentsMargins(RING + 8, 3, 8, 3)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(style.WARNING_TINT))
        painter.drawRoundedRect(self.rect().adjusted(RING, 1, -RING, -1), 4, 4)
        painter.setPen(QColor(style.WARNING))
        painter.setFont(self.font())
        wrap = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter)
        painter.drawText(self.contentsRect(), wrap, self.text())
        painter.end()

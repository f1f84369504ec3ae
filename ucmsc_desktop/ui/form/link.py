"""A line of text that takes you somewhere; it wraps instead of being cut off."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy

from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.form.marks import mark_pixmap
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.pill import Mark

_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter)


class Link(Button):
    """A link in a colour, with a mark before it if wanted."""

    def __init__(self, object_name: str, colour: str, mark: Mark | None = None) -> None:
        super().__init__("")
        named(self, object_name)
        style.set_kind(self, "link")
        self._colour = colour
        self._mark = mark
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def _inset(self) -> int:
        return 36 if self._mark else 6

    def _font(self) -> QFontMetrics:
        return QFontMetrics(style.font(16, bold=True))

    def sizeHint(self) -> QSize:
        return QSize(300, self.heightForWidth(max(self.width(), 300)))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        room = QRect(0, 0, max(width - self._inset() - 8, 60), 1000)
        return max(style.TOUCH, self._font().boundingRect(room, _WRAP, self.text()).height() + 16)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self.isDown():
            painter.fillRect(self.rect(), QColor(style.PRIMARY_TINT))
        if self._mark is not None:
            spot = QRectF(8, (self.height() - 20) / 2, 20, 20)
            painter.drawPixmap(spot.toRect(), mark_pixmap(self._mark, self._colour))
        font = style.font(16, bold=True)
        font.setUnderline(True)
        painter.setFont(font)
        painter.setPen(QColor(self._colour))
        room = QRect(self._inset(), 0, self.width() - self._inset() - 8, self.height())
        painter.drawText(room, _WRAP, self.text())
        painter.end()

"""A criterion as a small chip: its number with a mark and a colour. Painted, so that fourteen stay cheap."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen

from ucmsc_desktop.i18n import language
from ucmsc_desktop.record.eligibility import Criterion
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.eligibility.criterion_row import PILLS
from ucmsc_desktop.ui.style import font
from ucmsc_desktop.ui.widgets import pill
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.naming import named


class MarkChip(Button):
    """A chip; a tap leads to the row."""

    def __init__(self, criterion: Criterion) -> None:
        super().__init__()
        named(self, f"mark_{criterion.id}", f"{criterion.mark} {criterion.words}: {criterion.spoken}")
        self._status = PILLS[criterion.finding]
        mark = str(criterion.mark)
        self._text = mark if language() == "en" else mark.replace("入选", "入").replace("排除", "排")
        self._is_near = criterion.border is not None

    def sizeHint(self) -> QSize:
        wide = QFontMetricsF(font(15, bold=True)).horizontalAdvance(self._text)
        return QSize(int(wide) + 36 + (18 if self._is_near else 0), style.TOUCH)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        look = pill.LOOKS[self._status]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 6, -1, -6)
        painter.setPen(QPen(QColor(look.colour), 1.2))
        painter.setBrush(QColor(style.PRIMARY_TINT if self.isDown() else look.tint))
        painter.drawRoundedRect(box, 8, 8)
        middle = box.center().y()
        pill.draw_mark(painter, QRectF(box.left() + 7, middle - 7, 14, 14), look.mark, look.colour, look.tint)
        painter.setFont(font(15, bold=True))
        painter.setPen(QColor(look.colour))
        place = QRectF(box.left() + 26, box.top(), box.width() - 28, box.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._text)
        if self._is_near:
            sign = QRectF(box.right() - 20, middle - 7, 14, 14)
            pill.draw_mark(painter, sign, "triangle", style.WARNING, look.tint)
        painter.end()

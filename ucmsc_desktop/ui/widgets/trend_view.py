"""Shows trends on the screen: the strokes of trend.draw, painted."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from ucmsc_desktop.i18n import language, tr
from ucmsc_desktop.trend import draw
from ucmsc_desktop.trend.draw import Disc, Line, Shape, Stroke, Trend, Words
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.widgets.naming import named


class TrendView(QWidget):
    """Trends of one participant. Screen readers hear the last value of each sign."""

    def __init__(self) -> None:
        super().__init__()
        named(self, "trend", tr("Trend", "趋势"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self._trend: Trend | None = None

    def show_trend(self, shown: Trend) -> None:
        """Show other trends."""
        if shown == self._trend:
            return
        self._trend = shown
        self.setMinimumHeight(round(draw.least_height(len(shown.panels))))
        self.setAccessibleDescription(draw.spoken(shown, language()))
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(620, 640)

    def paintEvent(self, _event: QPaintEvent) -> None:
        if self._trend is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for stroke in draw.draw(self._trend, self.width(), self.height(), language()):
            put(painter, stroke)
        painter.end()


def put(painter: QPainter, stroke: Stroke) -> None:
    """Paint one stroke; its colours are those of paper and shown in the theme in use."""
    match stroke:
        case Line():
            pen = QPen(QColor(style.shown(stroke.colour)), stroke.width)
            if stroke.dashed:
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.drawPolyline(_polygon(stroke.points))
        case Shape():
            _prepare(painter, stroke.fill, stroke.line, stroke.width)
            painter.drawPolygon(_polygon(stroke.points))
        case Disc():
            _prepare(painter, stroke.fill, stroke.line, stroke.width)
            painter.drawEllipse(QPointF(*stroke.at), stroke.radius, stroke.radius)
        case Words():
            font = style.font(round(stroke.size), bold=stroke.bold)
            wide = QFontMetricsF(font).horizontalAdvance(stroke.text)
            left = stroke.at[0] - {"left": 0.0, "centre": wide / 2, "right": wide}[stroke.align]
            painter.setFont(font)
            painter.setPen(QColor(style.shown(stroke.colour)))
            painter.drawText(QPointF(left, stroke.at[1]), stroke.text)


def _prepare(painter: QPainter, fill: str, line: str, width: float) -> None:
    painter.setBrush(QColor(style.shown(fill)) if fill else Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(style.shown(line)), width) if line else QPen(Qt.PenStyle.NoPen))


def _polygon(points: tuple[tuple[float, float], ...]) -> QPolygonF:
    return QPolygonF([QPointF(*p) for p in points])

"""A status as icon, word and colour together, so that none of the three is needed alone.

The marks are painted here, because filled marks are told apart at a glance and the icon set holds outlines only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.ui import style

HEIGHT = 32.0
_MARK = 16.0
_FONT = 15

Mark = Literal[
    "triangle", "clock", "clock_outline", "dots", "check", "circle", "lock", "bar", "pause", "play", "pen"
]


@dataclass(frozen=True, slots=True)
class Look:
    """How a status is shown."""

    mark: Mark
    text: Text
    ink: str  # names of colours, see style.py
    paper: str

    @property
    def colour(self) -> str:
        """The colour of word and mark in the theme in use."""
        return style.colour(self.ink)

    @property
    def tint(self) -> str:
        """The colour behind them."""
        return style.colour(self.paper)


_BLUE = ("PRIMARY_DARK", "PRIMARY_TINT")
_GREEN = ("OK", "OK_TINT")
_RED = ("ERROR", "ERROR_TINT")
_AMBER = ("WARNING", "WARNING_TINT")
_GREY = ("TEXT_SECOND", "BACKGROUND")

LOOKS: Mapping[str, Look] = MappingProxyType(
    {
        "overdue": Look("triangle", Text("Overdue", "已逾期"), *_RED),
        "due": Look("clock", Text("Due now", "现在应做"), *_AMBER),
        "next": Look("clock_outline", Text("Next", "即将到期"), *_BLUE),
        "planned": Look("clock_outline", Text("Planned", "计划中"), *_GREY),
        "progress": Look("dots", Text("In progress", "进行中"), *_BLUE),
        "done": Look("check", Text("Complete", "已完成"), *_GREEN),
        "blocked": Look("bar", Text("Blocked", "受阻"), *_RED),
        "empty": Look("circle", Text("Not started", "未开始"), *_GREY),
        "started": Look("dots", Text("In progress", "进行中"), *_BLUE),
        "complete": Look("check", Text("Complete", "已完成"), *_GREEN),
        "signed": Look("pen", Text("Signed", "已签名"), *_GREEN),
        "changed": Look("triangle", Text("Changed after signing", "签名后有修改"), *_AMBER),
        "locked": Look("lock", Text("Locked", "已锁定"), *_GREY),
        "running": Look("play", Text("Running", "输注中"), *_BLUE),
        "paused": Look("pause", Text("Paused", "已暂停"), *_AMBER),
        "ended": Look("check", Text("Ended", "已结束"), *_GREEN),
        "stopped": Look("bar", Text("Stopped", "已停止"), *_AMBER),
        "query": Look("triangle", Text("Query", "质疑"), *_AMBER),
        "block": Look("bar", Text("Must be corrected", "须更正"), *_RED),
        "conflict": Look("triangle", Text("Two entries", "两个录入值"), *_RED),
        "required": Look("circle", Text("Empty", "未填"), *_GREY),
        "soft": Look("triangle", Text("Unusual", "超出常见范围"), *_AMBER),
        "warn": Look("triangle", Text("Unusual", "超出常见范围"), *_AMBER),
        "active": Look("check", Text("Active", "在用"), *_GREEN),
        "removed": Look("bar", Text("Removed", "已移除"), *_GREY),
    }
)


def width(status: str, text: str = "") -> float:
    """Give the width of a pill. Units: logical pixels."""
    words = text or LOOKS[status].text.get()
    return 10 + _MARK + 6 + QFontMetricsF(style.font(_FONT, bold=True)).horizontalAdvance(words) + 18


def draw(painter: QPainter, rect: QRectF, status: str, text: str = "") -> None:
    """Paint a pill at the left of a rectangle, in its vertical middle; the word is elided where it does not fit."""
    look = LOOKS[status]
    words = text or look.text.get()
    box = QRectF(
        rect.left() + 1, rect.center().y() - HEIGHT / 2, min(width(status, words), rect.width() - 2), HEIGHT
    )
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(look.colour), 1.2))
    painter.setBrush(QColor(look.tint))
    painter.drawRoundedRect(box, HEIGHT / 2, HEIGHT / 2)
    draw_mark(
        painter,
        QRectF(box.left() + 10, box.center().y() - _MARK / 2, _MARK, _MARK),
        look.mark,
        look.colour,
        look.tint,
    )
    painter.setFont(style.font(_FONT, bold=True))
    painter.setPen(QColor(look.colour))
    room = QRectF(box.left() + 10 + _MARK + 6, box.top(), box.width() - _MARK - 28, HEIGHT)
    shown = QFontMetricsF(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, room.width() + 1)
    painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
    painter.restore()


class _Pencil:
    """Draws into a square by a grid of 16 × 16."""

    def __init__(self, painter: QPainter, box: QRectF, colour: str) -> None:
        self.painter, self.box, self.colour, self.unit = painter, box, colour, box.width() / 16

    def at(self, x: float, y: float) -> QPointF:
        return QPointF(self.box.left() + x * self.unit, self.box.top() + y * self.unit)

    def line(self, shade: str, *points: tuple[float, float], thick: float = 1.8) -> None:
        pen = QPen(QColor(shade), thick * self.unit)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        self.painter.setPen(pen)
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.drawPolyline(QPolygonF([self.at(*p) for p in points]))

    def shape(self, shade: str, *points: tuple[float, float]) -> None:
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(QColor(shade))
        self.painter.drawPolygon(QPolygonF([self.at(*p) for p in points]))

    def disc(self, shade: str, x: float, y: float, radius: float) -> None:
        self.painter.setPen(Qt.PenStyle.NoPen)
        self.painter.setBrush(QColor(shade))
        self.painter.drawEllipse(self.at(x, y), radius * self.unit, radius * self.unit)

    def ring(self) -> None:
        self.painter.setPen(QPen(QColor(self.colour), 1.5 * self.unit))
        self.painter.setBrush(Qt.BrushStyle.NoBrush)
        self.painter.drawEllipse(self.box.center(), 7.2 * self.unit, 7.2 * self.unit)


def draw_mark(painter: QPainter, box: QRectF, mark: Mark, colour: str, paper: str) -> None:
    """Paint a mark into a square; `paper` is the colour behind it."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pencil = _Pencil(painter, box, colour)
    if mark in ("clock", "dots", "check", "bar", "pause", "play"):
        pencil.disc(colour, 8, 8, 8)
        _draw_on_disc(pencil, mark, paper)
    else:
        _draw_outline(pencil, mark, paper)
    painter.restore()


def mark_pixmap(mark: Mark, colour: str, paper: str, size: int) -> QPixmap:
    """Draw a mark as a picture, sharp on the screen. Units: logical pixels."""
    app = QGuiApplication.instance()
    ratio = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    made = QPixmap(round(size * ratio), round(size * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    draw_mark(painter, QRectF(0, 0, size, size), mark, colour, paper)
    painter.end()
    return made


_HANDS = ((8.0, 3.8), (8.0, 8.2), (10.8, 10.6))


def _draw_on_disc(pencil: _Pencil, mark: Mark, paper: str) -> None:
    match mark:
        case "clock":
            pencil.line(paper, *_HANDS, thick=1.5)
        case "dots":
            for x in (4.4, 8, 11.6):
                pencil.disc(paper, x, 8, 1.2)
        case "check":
            pencil.line(paper, (4.4, 8.4), (7, 11), (11.8, 5.6))
        case "bar":
            pencil.line(paper, (4.6, 8), (11.4, 8), thick=2.2)
        case "pause":
            pencil.line(paper, (6, 5), (6, 11))
            pencil.line(paper, (10, 5), (10, 11))
        case _:
            pencil.shape(paper, (6, 4.6), (12, 8), (6, 11.4))


def _draw_outline(pencil: _Pencil, mark: Mark, paper: str) -> None:
    colour = pencil.colour
    match mark:
        case "triangle":
            pencil.shape(colour, (8, 0.6), (16, 15), (0, 15))
            pencil.line(paper, (8, 6), (8, 9.6))
            pencil.line(paper, (8, 12.4), (8, 12.5), thick=2)
        case "clock_outline":
            pencil.ring()
            pencil.line(colour, *_HANDS, thick=1.5)
        case "lock":
            pencil.line(colour, (4.6, 7), (4.6, 4.6), (6, 2.2), (10, 2.2), (11.4, 4.6), (11.4, 7), thick=1.6)
            pencil.shape(colour, (2.6, 7), (13.4, 7), (13.4, 15), (2.6, 15))
        case "pen":
            pencil.line(colour, (2, 11), (10.6, 2.4), (13.6, 5.4), (5, 14), (1.6, 14.4), (2, 11), thick=1.5)
        case _:
            pencil.ring()


class Pill(QWidget):
    """A status that stands in a layout. Its accessible name is the word."""

    def __init__(self, status: str = "empty", text: str = "") -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._status = status
        self._text = text
        self.set_status(status, text)

    def set_status(self, status: str, text: str = "") -> None:
        """Show another status; `text` replaces its usual word."""
        self._status, self._text = status, text
        self.setAccessibleName(self.words())
        self.updateGeometry()
        self.update()

    def words(self) -> str:
        """Give the word shown."""
        return self._text or LOOKS[self._status].text.get()

    def sizeHint(self) -> QSize:
        return QSize(int(width(self._status, self._text)) + 3, int(HEIGHT) + 2)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        draw(painter, QRectF(self.rect()), self._status, self._text)
        painter.end()


class PillDelegate(QStyledItemDelegate):
    """Paints a column of statuses; the model gives the status in UserRole and the word in DisplayRole."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        words = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        status = str(index.data(Qt.ItemDataRole.UserRole) or "")
        self.initStyleOption(option, index)
        option.text = ""
        drawer = option.widget.style()
        drawer.drawControl(drawer.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        if status:
            place = QRectF(option.rect)
            draw(painter, place.adjusted(13, 0, -2, 0), status, words)

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        status = str(index.data(Qt.ItemDataRole.UserRole) or "")
        if not status:
            return super().sizeHint(option, index)
        return QSize(int(width(status, str(index.data(Qt.ItemDataRole.DisplayRole) or ""))) + 14, style.ROW)

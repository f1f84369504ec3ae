"""Answers to tap: a tile for one of several, a chip for any of several, a small one for a unit.

They are real radio buttons and check boxes (a screen reader says so), painted here because a style sheet cannot wrap
their text. The rule a reader would miss: the arrow keys only walk, and Enter never answers. A radio button of Qt chooses
as it walks, and every step would be recorded as an answer and the next one as its amendment.
"""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QCheckBox, QRadioButton, QWidget

from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.widgets.naming import named

_MARK = 22
_PAD = 12
_MAX = 520
_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}


class Tile(QRadioButton):
    """One answer of a choice. `small`: without a mark, for units."""

    stepped = Signal(int)  # an arrow key: on or back
    keyed = Signal(str)  # a character was typed

    def __init__(self, text: str, object_name: str, accessible: str, *, small: bool = False) -> None:
        super().__init__(text)
        named(self, object_name, accessible)
        self.small = small
        # Qt calls a button a radio button only if it excludes its neighbours; in a group of its own it does not.
        self._alone = QButtonGroup(self)
        self._alone.setExclusive(False)
        self._alone.addButton(self)
        self.setAutoExclusive(True)

    def sizeHint(self) -> QSize:
        return _size(self, mark=not self.small)

    def minimumSizeHint(self) -> QSize:
        return QSize(style.TOUCH + 4, style.TOUCH + 2)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return _height(self.text(), width, mark=not self.small)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def focusInEvent(self, event: QFocusEvent) -> None:
        QWidget.focusInEvent(self, event)  # past the button, which would make every one of them a stop of Tab

    def nextCheckState(self) -> None:
        self.setChecked(True)  # a tap on the chosen answer does not take it away

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _take_key(self, event):
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        _paint(self, "" if self.small else ("disc" if self.isChecked() else "ring"))


class Chip(QCheckBox):
    """One answer of several that may be given together."""

    stepped = Signal(int)
    keyed = Signal(str)

    def __init__(self, text: str, object_name: str, accessible: str) -> None:
        super().__init__(text)
        named(self, object_name, accessible)

    def sizeHint(self) -> QSize:
        return _size(self, mark=True)

    def minimumSizeHint(self) -> QSize:
        return QSize(style.TOUCH + 4, style.TOUCH + 2)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return _height(self.text(), width, mark=True)

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _take_key(self, event):
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        _paint(self, "tick" if self.isChecked() else "box")


def _take_key(tile: Tile | Chip, event: QKeyEvent) -> bool:
    key = Qt.Key(event.key())
    if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        event.ignore()  # to the field: on to the next one. Some desktops would have it press the tile
        return True
    if key in _STEPS:
        tile.stepped.emit(_STEPS[key])
        return True
    held = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    if event.text().strip() and event.text().isprintable() and not held:
        tile.keyed.emit(event.text().upper())
        return True
    return False


@lru_cache(maxsize=4)
def _font(*, bold: bool) -> QFont:
    return style.font(16, bold=bold)


@lru_cache(maxsize=1)
def _metrics() -> QFontMetrics:
    return QFontMetrics(_font(bold=True))  # the wider of the two, so that choosing moves nothing


def _inner(width: int, *, mark: bool) -> int:
    return width - 2 * _PAD - (_MARK + 8 if mark else 0)


@lru_cache(maxsize=2048)
def _text_width(text: str) -> int:
    return _metrics().horizontalAdvance(text) + 2


def _size(tile: QAbstractButton, *, mark: bool) -> QSize:
    text = tile.text()
    wanted = _text_width(text) + 2 * _PAD + (_MARK + 8 if mark else 0)
    width = min(max(wanted, style.TOUCH + 8), _MAX)
    return QSize(width, style.TOUCH + 2 if wanted <= width else _height(text, width, mark=mark))


def _height(text: str, width: int, *, mark: bool) -> int:
    room = QRect(0, 0, max(_inner(width, mark=mark), 20), 2000)
    return max(style.TOUCH + 2, _metrics().boundingRect(room, _WRAP, text).height() + 16)


def _paint(tile: QAbstractButton, mark: str) -> None:
    chosen, can = tile.isChecked(), tile.isEnabled()
    wrong = bool(tile.property("wrong"))
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    edge = style.ERROR if wrong else style.PRIMARY if chosen else style.BORDER
    thick = 3.0 if chosen or wrong else 2.0
    if not can:
        edge, thick = (style.BORDER, 2.0) if chosen else (style.LINE, 2.0)
    paper = style.BACKGROUND if not can else style.PRIMARY_TINT if chosen else style.SURFACE
    painter.setPen(QPen(QColor(edge), thick))
    painter.setBrush(QColor(paper))
    inset = thick / 2
    painter.drawRoundedRect(QRectF(tile.rect()).adjusted(inset, inset, -inset, -inset), 7, 7)
    left = _PAD
    if mark:
        top = (tile.height() - _MARK) / 2
        _draw_mark(painter, QRectF(left, top, _MARK, _MARK), mark, edge if can else style.BORDER)
        left += _MARK + 8
    painter.setFont(_font(bold=chosen))
    ink = (
        style.TEXT_SECOND if not can and not chosen else style.PRIMARY_DARK if chosen and can else style.TEXT
    )
    painter.setPen(QColor(ink))
    painter.drawText(QRect(left, 0, tile.width() - left - _PAD + 4, tile.height()), _WRAP, tile.text())
    painter.end()


def _draw_mark(painter: QPainter, box: QRectF, mark: str, colour: str) -> None:
    box = box.adjusted(1.5, 1.5, -1.5, -1.5)
    filled = mark in ("disc", "tick")
    painter.setPen(QPen(QColor(colour), 2.0))
    painter.setBrush(QColor(colour) if filled else Qt.BrushStyle.NoBrush)
    if mark in ("disc", "ring"):
        painter.drawEllipse(box)
    else:
        painter.drawRoundedRect(box, 4, 4)
    if filled:
        pen = QPen(QColor(style.SURFACE), 2.4)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        x, y, side = box.left(), box.top(), box.width()
        points = ((0.26, 0.53), (0.43, 0.70), (0.75, 0.33))
        painter.drawPolyline([QPoint(round(x + a * side), round(y + b * side)) for a, b in points])

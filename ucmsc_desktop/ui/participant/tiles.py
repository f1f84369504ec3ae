"""The tiles of the participant's page: a visit of the strip, a record of a form. Painted, so that hundreds stay cheap."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.eligibility.band import Tone
from ucmsc_desktop.ui.guides import FORM, page_for
from ucmsc_desktop.ui.style import font
from ucmsc_desktop.ui.widgets import pill
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.naming import named


class _Tile(Button):
    def __init__(self, object_name: str, accessible: str, height: int) -> None:
        super().__init__()
        named(self, object_name, accessible)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._height = height

    def sizeHint(self) -> QSize:
        return QSize(200, self._height)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self._height)

    def _paper(self, painter: QPainter, tint: str = "") -> QRectF:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(QColor(style.LINE), 1))
        painter.setBrush(QColor(style.PRIMARY_TINT if self.isDown() else tint or style.SURFACE))
        painter.drawRoundedRect(box, 8, 8)
        return box


def _write(painter: QPainter, box: QRectF, words: str, px: int, colour: str, *, bold: bool = False) -> None:
    painter.setFont(font(px, bold=bold))
    painter.setPen(QColor(colour))
    shown = QFontMetricsF(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class VisitTile(_Tile):
    """A visit: its name, its window, how far it is. A click scrolls to its records."""

    def __init__(self, visit: str, title: str, window: str, status: str) -> None:
        words = pill.LOOKS[status].text.get()
        super().__init__(
            f"strip_{visit}", f"{title}, {window}, {words}" if window else f"{title}, {words}", 78
        )
        self._title, self._window, self._status = title, window, status

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = pill.LOOKS[self._status]
        box = self._paper(painter, look.tint if self._status not in ("planned", "blocked") else style.SURFACE)
        inner = box.adjusted(12, 7, -8, -7)
        _write(
            painter,
            QRectF(inner.left(), inner.top(), inner.width(), 22),
            self._title,
            16,
            style.TEXT,
            bold=True,
        )
        place = QRectF(inner.left(), inner.top() + 21, inner.width(), 20)
        _write(painter, place, self._window, 13, style.TEXT_SECOND)
        mark = QRectF(inner.left(), inner.bottom() - 17, 14, 14)
        pill.draw_mark(painter, mark, look.mark, look.colour, look.tint)
        place = QRectF(inner.left() + 20, inner.bottom() - 20, inner.width() - 20, 20)
        _write(painter, place, look.text.get(), 14, look.colour, bold=True)
        painter.end()


class FormTile(_Tile):
    """A record: the form's name, its status, how many findings are open in it."""

    def __init__(self, key: FormKey, title: str, status: str, flags: int) -> None:
        words = pill.LOOKS[status].text.get()
        flagged = tr("{n} findings", "{n} 项问题", n=flags) if flags else ""
        parts = (f"{key.form} {title}", words, flagged)
        # A record with a guide of its own has another name: its tile does not lead to the form.
        name = f"form_{key}" if page_for(key) == FORM else f"guide_{key}"
        super().__init__(name, ", ".join(part for part in parts if part), 76)
        self._title, self._form, self._status, self._flagged = title, key.form, status, flagged

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        box = self._paper(painter)
        inner = box.adjusted(14, 8, -10, -6)
        mark = QFontMetricsF(font(14)).horizontalAdvance(self._form) + 10
        _write(painter, QRectF(inner.left(), inner.top(), mark, 24), self._form, 14, style.TEXT_SECOND)
        title = QRectF(inner.left() + mark, inner.top(), inner.width() - mark, 24)
        _write(painter, title, self._title, 16, style.TEXT, bold=True)
        low = QRectF(inner.left() - 1, inner.bottom() - 32, inner.width(), 32)
        pill.draw(painter, low, self._status)
        if self._flagged:
            used = pill.width(self._status) + 12
            sign = QRectF(low.left() + used, low.center().y() - 7, 14, 14)
            pill.draw_mark(painter, sign, "triangle", style.WARNING, style.SURFACE)
            _write(painter, low.adjusted(used + 20, 0, 0, 0), self._flagged, 14, style.WARNING, bold=True)
        painter.end()


class GuideTile(_Tile):
    """A guide: its name, where it stands in one sentence, and why. `page`: the page it leads to."""

    def __init__(self, page: str, name: str, tone: Tone, title: str, why: str) -> None:
        super().__init__(f"entry_{page}", ", ".join(part for part in (name, title, why) if part), 92)
        self.page = page
        self._name, self._tone, self._title = name, tone, title
        self._why = why.replace("\n", " · ")

    def paintEvent(self, _event: QPaintEvent) -> None:
        mark, colour, tint = {
            "ok": ("check", style.OK, style.OK_TINT),
            "error": ("bar", style.ERROR, style.ERROR_TINT),
            "warning": ("triangle", style.WARNING, style.WARNING_TINT),
            "info": ("dots", style.PRIMARY, style.PRIMARY_TINT),
        }[self._tone]
        painter = QPainter(self)
        inner = self._paper(painter, tint).adjusted(14, 8, -12, -8)
        pill.draw_mark(painter, QRectF(inner.left(), inner.top() + 2, 18, 18), mark, colour, tint)  # type: ignore[arg-type]  # marks
        left = inner.left() + 28
        width = inner.right() - left
        _write(painter, QRectF(left, inner.top(), width, 22), self._name, 14, style.TEXT_SECOND)
        _write(painter, QRectF(left, inner.top() + 23, width, 24), self._title, 17, style.TEXT, bold=True)
        _write(painter, QRectF(left, inner.top() + 50, width, 22), self._why, 14, style.TEXT_SECOND)
        painter.end()

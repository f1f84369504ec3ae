"""One focus ring for the whole program: yellow with a dark line around it, seen on white, grey, navy and red alike.

The ring is a sibling of the widget it surrounds, so it scrolls, hides and dies with it. Qt's QFocusFrame would do, but it
takes its margin from the native style and cuts the ring off. What has the ring is also scrolled into sight, from wherever
the keys came.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QPlainTextEdit,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QTextEdit,
    QWidget,
)
from shiboken6 import isValid

from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.style import RADIUS

_OUT = 5  # how far the ring reaches beyond its widget


class _Ring(QWidget):
    def __init__(self, around: QWidget, holder: QWidget) -> None:
        super().__init__(holder)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.around = around
        self._holder = holder
        # Tables fill their card to the edge: their ring lies inside.
        self._inside = _is_table(around)
        self._followed: list[QWidget] = []
        step: QWidget | None = around
        while step is not None and step is not holder:
            step.installEventFilter(self)
            self._followed.append(step)
            step = step.parentWidget()
        self._follow()

    def let_go(self) -> None:
        """Be gone: whatever happens to the widget until Qt deletes the ring, it does not show again."""
        for step in self._followed:
            if isValid(step):
                step.removeEventFilter(self)
        self.hide()
        self.deleteLater()

    def _follow(self) -> None:
        out = 0 if self._inside else _OUT
        at = self.around.mapTo(self._holder, QPoint(0, 0))
        self.setGeometry(QRect(at, self.around.size()).adjusted(-out, -out, out, out))
        self.setVisible(self.around.isVisible())
        self.raise_()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        kinds = (
            QEvent.Type.Move,
            QEvent.Type.Resize,
            QEvent.Type.Show,
            QEvent.Type.Hide,
            QEvent.Type.ZOrderChange,
        )
        if event.type() in kinds and isValid(self.around):
            self._follow()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, thick, inset in ((style.FOCUS_EDGE, 5.0, 2.5), (style.FOCUS, 3.0, 2.5)):
            painter.setPen(QPen(QColor(colour), thick))
            box = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
            painter.drawRoundedRect(box, RADIUS + 2, RADIUS + 2)
        painter.end()


def _is_table(widget: QWidget) -> bool:
    return isinstance(widget, QAbstractScrollArea) and not isinstance(widget, QPlainTextEdit | QTextEdit)


def _holder(around: QWidget) -> QWidget | None:
    """Find the nearest ancestor with room for the ring; never beyond what scrolls together with the widget."""
    holder = around.parentWidget()
    while holder is not None and not holder.isWindow():
        above = holder.parentWidget()
        if isinstance(holder, QSplitter | QStackedWidget) and above is not None:
            holder = above
            continue
        ring = QRect(around.mapTo(holder, QPoint(0, 0)), around.size()).adjusted(-_OUT, -_OUT, _OUT, _OUT)
        scrolls = above is not None and isinstance(above.parentWidget(), QAbstractScrollArea)
        if _is_table(around) or scrolls or above is None or holder.rect().contains(ring):
            break
        holder = above
    return holder


def _bring_into_sight(widget: QWidget) -> None:
    """Scroll to a widget that took the focus: Qt does so only where Tab came from inside the same area."""
    above = widget.parentWidget()
    while above is not None and not widget.isWindow():
        if isinstance(above, QScrollArea) and not _is_table(widget):
            above.ensureWidgetVisible(widget, 0, 2 * _OUT)
        above = above.parentWidget()


class FocusRing(QObject):
    """Keeps the ring around the widget that has the focus."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._ring: _Ring | None = None
        app.focusChanged.connect(self._on_app_focus_changed)

    def _on_app_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        if self._ring is not None and isValid(self._ring):
            if now is not None and self._ring.around is now:
                return
            self._ring.let_go()
        self._ring = None
        if now is not None:
            _bring_into_sight(now)
        if now is None or now.isWindow() or now.property("ring") is False:
            return
        holder = _holder(now)
        if holder is not None:
            self._ring = _Ring(now, holder)

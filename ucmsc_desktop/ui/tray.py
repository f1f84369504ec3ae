"""The tray below the page: a question that must not stand before the window while cells are running.

It gets the height its question needs, also when an error is added to it; the page gives way. Only where the window has no
such height does the question scroll. It must never cover the page: STOP stands there. What it asks about stays in sight
above it: a person who is asked whether a number is right looks at the number.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QFrame,
    QScrollArea,
    QScroller,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from ucmsc_desktop.ui.dialogs.sheet import Sheet
from ucmsc_desktop.ui.rail import NavButton
from ucmsc_desktop.ui.style import set_kind

ROOM = 30  # px above and below the field: the last line of its label, and what is said of its value
LEAST = 104  # a line of words and the buttons
EDGE = 2
ASKED = "asked_about"  # property of the field that a question is about, set by the page


def focus_first(page: QWidget) -> None:
    """Give the keyboard to the page, unless the page has put it somewhere itself.

    A button with the property "aside" stands above what the page is about and is never where a person begins.
    """
    focused = page.window().focusWidget()
    if focused is not None and focused.isVisibleTo(page) and page.isAncestorOf(focused):  # type: ignore[redundant-expr]  # the stubs promise a widget, Qt does not
        return
    following = page.nextInFocusChain()
    while following is not None and following is not page:
        wants = bool(following.focusPolicy() & Qt.FocusPolicy.TabFocus) and not following.property("aside")
        if wants and page.isAncestorOf(following) and following.isEnabled() and following.isVisibleTo(page):
            following.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        following = following.nextInFocusChain()


def _bring(area: QScrollArea, inside: QWidget, field: QWidget) -> None:
    """Scroll a field into sight with its label above it; where both and what stands below are too high, from the label."""
    top = field.mapTo(inside, QPoint(0, 0)).y() - ROOM
    bottom = top + field.height() + 2 * ROOM
    bar, height = area.verticalScrollBar(), area.viewport().height()
    if bottom - top > height or top < bar.value():
        bar.setValue(top)
    elif bottom > bar.value() + height:
        bar.setValue(bottom - height)


class _Holder(QWidget):
    """Is as high as the question needs at its true width: words that wrap ask for more when they are not asked for one."""

    def __init__(self, needed: Callable[[], int]) -> None:
        super().__init__()
        self._needed = needed

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self._needed())

    def hasHeightForWidth(self) -> bool:
        return False


class Tray(QFrame):
    """Holds one docked question at a time; the next waits until it is answered. Then the keyboard goes back."""

    def __init__(self, answered: Callable[[], None]) -> None:
        super().__init__()
        self._answered = answered
        self._waiting: list[QDialog] = []
        self._before: QWidget | None = None  # what had the keyboard when the first question came
        set_kind(self, "strip")
        self.setObjectName("tray")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        holder = _Holder(self._needed)
        holder.setObjectName("body")
        self._line = QVBoxLayout(holder)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(holder)
        QScroller.grabGesture(self._area.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(EDGE, EDGE, EDGE, EDGE)
        outer.addWidget(self._area)
        self._show_asked = QTimer(self)  # after the page has given way
        self._show_asked.setSingleShot(True)
        self._show_asked.setInterval(0)
        self._show_asked.timeout.connect(self._on_show_asked_timeout)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_app_focus_changed)
        self.hide()

    @property
    def is_asking(self) -> bool:
        """Say whether a question is docked."""
        return bool(self._waiting)

    def take(self, dialog: QDialog) -> None:
        """Show a question, or keep it until those before it are answered."""
        self._waiting.append(dialog)
        dialog.finished.connect(lambda _result: self._on_dialog_finished(dialog))
        if len(self._waiting) == 1:
            self._before = QApplication.focusWidget()
            self._show(dialog)

    def _show(self, dialog: QDialog) -> None:
        wanted: QWidget | None = dialog.focusWidget()
        dialog.setWindowFlags(Qt.WindowType.Widget)
        if isinstance(dialog, Sheet):
            dialog.dock()
        self._line.addWidget(dialog)
        dialog.installEventFilter(self)
        self.show()
        dialog.show()
        self.updateGeometry()
        if wanted is not None:
            wanted.setFocus()
        else:
            focus_first(dialog)
        self._show_asked.start()

    # --- what is asked about ---------------------------------------------------------------------------------

    def _on_show_asked_timeout(self) -> None:
        """Bring the field that the question is about into sight, else what had the keyboard."""
        field = self._asked()
        if field is None or not self._waiting:
            return
        above = field.parentWidget()
        while above is not None:
            if isinstance(above, QScrollArea) and (inside := above.widget()) is not None:
                if (layout := inside.layout()) is not None:
                    layout.activate()
                _bring(above, inside, field)
            above = above.parentWidget()

    def _asked(self) -> QWidget | None:
        window = self.window()
        marked = [w for w in window.findChildren(QWidget) if w.property(ASKED) and w.isVisible()]
        if marked:
            return marked[0]
        before = self._before
        usable = before is not None and isValid(before) and before.isVisible() and window.isAncestorOf(before)
        return before if usable and not isinstance(before, QAbstractButton) else None

    def _forget_asked(self) -> None:
        for widget in self.window().findChildren(QWidget):
            if widget.property(ASKED):
                widget.setProperty(ASKED, None)

    # --- the height a question needs -------------------------------------------------------------------------

    def _needed(self) -> int:
        """Give the height of the question at the width there is. Units: px."""
        if not self._waiting or self._waiting[0].parentWidget() is None:
            return 0
        dialog = self._waiting[0]
        layout = dialog.layout()
        margins = self.contentsMargins()
        room = self.width() - 2 * EDGE - margins.left() - margins.right()
        width = max(room, dialog.minimumSizeHint().width())
        if layout is not None and layout.hasHeightForWidth():
            return layout.totalHeightForWidth(width)
        return dialog.sizeHint().height()

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self._whole())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, min(LEAST, self._whole()))

    def _whole(self) -> int:
        margins = self.contentsMargins()  # the border of the strip
        return self._needed() + 2 * EDGE + margins.top() + margins.bottom()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
        self._show_focus()
        if self._waiting:
            self._show_asked.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()  # an error came or went: another height
        return False

    def _on_app_focus_changed(self, _old: QWidget | None, _now: QWidget | None) -> None:
        self._show_focus()

    def _show_focus(self) -> None:
        """Bring what has the keyboard into sight where the question has less height than it needs."""
        now = QApplication.focusWidget()
        if now is not None and self._area.isAncestorOf(now):
            self._area.ensureWidgetVisible(now, 0, 8)

    # --- the answer ------------------------------------------------------------------------------------------

    def _on_dialog_finished(self, dialog: QDialog) -> None:
        self._waiting.remove(dialog)
        dialog.removeEventFilter(self)
        self._line.removeWidget(dialog)
        dialog.deleteLater()
        self._forget_asked()
        if self._waiting:
            self._show(self._waiting[0])
            return
        self.hide()
        QTimer.singleShot(
            0, self, self._give_back
        )  # after the answer has done its work: it may open or close a card

    def _give_back(self) -> None:
        """Give the keyboard back, unless the answer has put it somewhere on the page."""
        before, self._before = self._before, None
        now = QApplication.focusWidget()
        in_page = now is not None and now.window() is self.window() and not isinstance(now, NavButton)
        if self._waiting or in_page:
            return
        if before is not None and isValid(before) and before.isVisible() and before.isEnabled():
            before.setFocus()
        else:
            self._answered()

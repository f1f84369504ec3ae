"""The hands and eyes of the tour: keys and mouse on the real window, and what stands on it.

Everything goes through events of Qt, as from a keyboard, a mouse, an input method and a scanner; a button that nobody
could reach (hidden, disabled, covered, behind a question) is an error, not a click. The robot keeps a clock of its own in
milliseconds, so that the scanner's watch tells typing from a burst on a machine of any speed. It must never write into a
widget.
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import TypeVar, overload

from PySide6.QtCore import QCoreApplication, QDeadlineTimer, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QGuiApplication, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QDialog, QScrollArea, QTableView, QWidget

from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.scan import ScanWatch

W = TypeVar("W", bound=QWidget)

BY_HAND_MS = 90  # between two keys of a person
BY_SCANNER_MS = 3
PATIENCE_MS = 120_000  # how long a piece of work in the background may take

_ROUNDS = 8
_LEFT = Qt.MouseButton.LeftButton
_CTRL = Qt.KeyboardModifier.ControlModifier


class TourFailed(Exception):
    """The window does not do what the story expects; the message says where and what."""


class Robot:
    """Works at one window."""

    def __init__(self, app: QApplication) -> None:
        self._app = app
        self._window: MainWindow | None = None
        self._watch: ScanWatch
        self._ms = 0
        self._pause = threading.Event()
        self.keys = 0
        self.clicks = 0
        self.scans = 0
        self.faults: list[str] = []

    # --- the window ------------------------------------------------------------------------------------------

    def take(self, window: MainWindow) -> None:
        """Work at a window from now on, with the robot's clock under its scanner's watch."""
        self._window = window
        window.scan.stop()
        self._watch = ScanWatch(window, elapsed_ms=lambda: self._ms)
        self._watch.scanned.connect(window.scan.scanned)
        self._watch.stop()
        window.activateWindow()
        window.setUpdatesEnabled(False)
        self.settle()

    def leave(self) -> None:
        """Work at that window no more."""
        if self._window is not None:
            self._watch.stop()
            self._window.setUpdatesEnabled(True)
            self._window = None

    @property
    def window(self) -> MainWindow:
        """The window at which it works."""
        if self._window is None:
            raise TourFailed("there is no window")
        return self._window

    def settle(self) -> None:
        """Let the window do what it has to do, and drop what it threw away. Raises: TourFailed after a bug in a slot."""
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self._app.processEvents()
        if self.faults:
            raise TourFailed("; ".join(self.faults))

    def note_fault(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Learn of a bug that Qt would only print: an excepthook."""
        self.faults.append("".join(traceback.format_exception(kind, error, trace)))

    def wait(self, until: Callable[[], bool], what: str) -> None:
        """Wait for the end of something that goes on in the background. Raises: TourFailed."""
        deadline = QDeadlineTimer(PATIENCE_MS)
        self.settle()
        while not until():
            if deadline.hasExpired():
                raise TourFailed(f"waited in vain for {what}")
            self._pause.wait(0.002)  # unlike a wait of Qt's, it lets the worker thread run meanwhile
            self.settle()

    # --- looking ---------------------------------------------------------------------------------------------

    @overload
    def seen(self, name: str) -> QWidget | None: ...
    @overload
    def seen(self, name: str, kind: type[W]) -> W | None: ...
    def seen(self, name: str, kind: type[QWidget] = QWidget) -> QWidget | None:
        """Give the visible widget of a name; None where there is none. Raises: TourFailed where there are several."""
        found = [w for w in self.window.findChildren(kind, name) if w.isVisible()]
        if len(found) > 1:
            raise TourFailed(f"{len(found)} widgets called {name} are visible")
        return found[0] if found else None

    @overload
    def see(self, name: str) -> QWidget: ...
    @overload
    def see(self, name: str, kind: type[W]) -> W: ...
    def see(self, name: str, kind: type[QWidget] = QWidget) -> QWidget:
        """Give the visible widget of a name. Raises: TourFailed."""
        found = self.seen(name, kind)
        if found is None:
            self.settle()
            found = self.seen(name, kind)
        if found is None:
            raise TourFailed(f"nothing called {name} is visible; {self.scene()}")
        return found

    def question(self) -> QDialog | None:
        """Give the question that stands before the window or is docked in it; None where none is asked."""
        modal = QApplication.activeModalWidget()
        if isinstance(modal, QDialog):
            return modal
        return next((d for d in self.window.findChildren(QDialog) if d.isVisible()), None)

    def scene(self) -> str:
        """Say what is on the screen, for a message."""
        work = self.window.work
        place = f"page {work.place[0]} {work.place[1]}" if work is not None else "signed out"
        asked = self.question()
        words = " / ".join(texts_in(asked)) if asked is not None else ""
        return f"{place}; question: {words}" if words else place

    # --- the mouse -------------------------------------------------------------------------------------------

    def click(self, target: str | QWidget, at: QPoint | None = None) -> None:
        """Click on a widget, scrolled into sight first. Raises: TourFailed where a hand could not reach it."""
        widget = self.see(target) if isinstance(target, str) else target
        self._wake()
        spot = self._reach(widget, at)
        self.clicks += 1
        self._ms += 4 * BY_HAND_MS
        QTest.mouseClick(widget, _LEFT, Qt.KeyboardModifier.NoModifier, spot)

    def _reach(self, widget: QWidget, at: QPoint | None) -> QPoint:
        name = widget.objectName() or type(widget).__name__
        if not widget.isVisible() or not widget.isEnabled():
            raise TourFailed(f"{name} cannot be clicked: hidden or disabled; {self.scene()}")
        modal = QApplication.activeModalWidget()
        if modal is not None and modal is not widget.window():
            raise TourFailed(f"{name} cannot be clicked: a question stands before it; {self.scene()}")
        spot = at if at is not None else widget.rect().center()
        if at is None and type(widget) is QCheckBox:  # it takes a click on its box and its words alone
            spot.setX(10)
        for _round in range(_ROUNDS):  # a page that was just built finds its sizes in several rounds
            if self._is_on_top(widget, spot):
                return spot
            scroll_to(widget, spot)
            self.settle()
            if at is None:
                spot.setY(widget.rect().center().y())
        raise TourFailed(f"{name} cannot be clicked: it is out of sight or covered; {self.scene()}")

    def _is_on_top(self, widget: QWidget, spot: QPoint) -> bool:
        there = widget.window().childAt(widget.mapTo(widget.window(), spot))
        return there is not None and (there is widget or widget.isAncestorOf(there))

    def open_row(self, table: QTableView, row: int) -> None:
        """Choose a row of a table by the mouse."""
        index = table.model().index(row, 0)
        table.scrollTo(index)
        self.click(table.viewport(), table.visualRect(index).center())
        self.settle()

    def bring(self, name: str) -> None:
        """Scroll a widget into sight: its end, then its beginning, which counts where both have no room."""
        widget = self.see(name)
        for spot in (QPoint(0, widget.height()), QPoint(0, 0)):
            scroll_to(widget, spot)
        self.settle()

    # --- the keyboard ----------------------------------------------------------------------------------------

    def focus(self) -> QWidget:
        """Give the widget that the keys go to. Raises: TourFailed."""
        self._wake()
        now = QApplication.focusWidget()
        if now is None:
            raise TourFailed(f"nothing takes the keys; {self.scene()}")
        return now

    def _wake(self) -> None:
        """Make the window in front the active one, as a window manager does when a list or a dialog has closed."""
        front = QApplication.activePopupWidget() or QApplication.activeModalWidget() or self.window
        if QApplication.activePopupWidget() is None and QApplication.activeWindow() is not front:
            front.activateWindow()
            self.wait(lambda: QApplication.activeWindow() is front, "the window to become active")

    def key(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key."""
        self._ms += BY_HAND_MS
        self.keys += 1
        QTest.keyClick(self.focus(), key, modifier)

    def type(self, text: str) -> None:
        """Type into whatever has the focus, which may move on by itself; what is not on the keys comes by input method."""
        run = ""
        for char in text:
            if char.isascii():
                self._commit(run)
                run = ""
                self._ms += BY_HAND_MS
                self.keys += 1
                QTest.keyClicks(self.focus(), char)
            else:
                run += char
        self._commit(run)

    def _commit(self, run: str) -> None:
        if not run:
            return
        event = QInputMethodEvent()
        event.setCommitString(run)
        self.keys += len(run)
        self._ms += BY_HAND_MS * len(run)
        QCoreApplication.sendEvent(self.focus(), event)

    def retype(self, text: str) -> None:
        """Type in place of what stands in the field."""
        self.key(Qt.Key.Key_A, _CTRL)
        if text:
            self.type(text)
        else:
            self.key(Qt.Key.Key_Delete)

    def fill(self, name: str, text: str) -> None:
        """Click into a field and type in place of what stands there."""
        self.click(name)
        if self.focus() is not self.see(name):
            raise TourFailed(f"a click into {name} does not bring the keys there; {self.scene()}")
        self.retype(text)

    def paste(self, name: str, text: str) -> None:
        """Paste into a field; the clipboard gets back what was on it."""
        board = QGuiApplication.clipboard()
        before = board.text()
        self.click(name)
        board.setText(text)
        self.key(Qt.Key.Key_V, _CTRL)
        board.setText(before)

    def scan(self, code: str) -> None:
        """Let a scanner send a code and its Enter."""
        self.scans += 1
        self._ms += 10 * BY_HAND_MS
        self._watch.start()
        for char in code:
            self._ms += BY_SCANNER_MS
            QTest.keyClicks(self.focus(), char)
        self._ms += BY_SCANNER_MS
        QTest.keyClick(self.focus(), Qt.Key.Key_Return)
        self._watch.stop()

    def choose(self, box: QComboBox, code: str) -> None:
        """Choose from a drop-down list: open it, walk to the line, Enter."""
        line = box.findData(code)
        if line < 0:
            raise TourFailed(f"{box.objectName()} does not offer {code}")
        if box.currentData() == code:
            return
        self._reach(box, None)
        self.clicks += 1
        QTest.mousePress(box, _LEFT)
        if not box.view().isVisible():
            raise TourFailed(f"{box.objectName()} does not open")
        QTest.mouseRelease(box, _LEFT)
        QTest.keyClick(box.view(), Qt.Key.Key_Home)
        for _step in range(line):
            QTest.keyClick(box.view(), Qt.Key.Key_Down)
        self._ms += BY_HAND_MS * (line + 2)
        self.keys += line + 2
        QTest.keyClick(box.view(), Qt.Key.Key_Return)
        self.settle()
        if box.currentData() != code:
            raise TourFailed(f"{box.objectName()} holds {box.currentData()}, {code} was chosen")


def scroll_to(widget: QWidget, spot: QPoint) -> None:
    """Scroll every area around a widget until the spot on it shows."""
    parent: QObject | None = widget.parent()
    while isinstance(parent, QWidget):
        if isinstance(parent, QScrollArea):
            inner = parent.widget()
            place = widget.mapTo(inner, spot) if inner is not None else spot
            parent.ensureVisible(place.x(), place.y(), 60, 90)
        parent = parent.parent()


def texts_in(widget: QWidget) -> list[str]:
    """Give the words on a widget."""
    from PySide6.QtWidgets import QLabel

    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text()]

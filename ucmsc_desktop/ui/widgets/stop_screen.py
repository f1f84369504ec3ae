"""The full-screen stop: red over page and rail, until a person has read it and says so.

It is no dialog: it lies inside the window, so that the clock and the PAUSE and STOP of every running infusion stay in
reach on it. Escape does nothing. No key confirms it in its first second, nor within a second of any other key: the rest
of a scan, with its Enter, must never press the button. It shows what it is handed and decides nothing.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QScroller,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.notice import Stop
from ucmsc_desktop.ui.style import pixmap, set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.stop_runs import RunStrip

REST_MS = 1000
_PRESSES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_MOVES = (
    Qt.Key.Key_Tab,
    Qt.Key.Key_Backtab,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
)
_WIDE = 760  # below this what is safe stands below what to do, not beside it
_LOW = 640  # below this the type is smaller, so that nothing has to be scrolled beside a running infusion
_SIZED = ("stop-title", "stop-text", "stop-figure", "stop-detail")


def _words(kind: str, text: str, object_name: str = "") -> QLabel:
    return set_kind(label.body(text, object_name), kind)


class StopScreen(QFrame):
    """Shows one stop over everything else in its parent. `confirmed` once a person has pressed its button."""

    confirmed = Signal()

    def __init__(self, desk: Desk, stop: Stop, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self._text = stop.spoken()
        named(set_kind(self, "stop-screen"), "stop_screen", self._text)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST_MS)
        self._ok = button.make(
            "acknowledge", tr("I have read this: go back", "我已阅读，返回"), "stop_confirm"
        )
        self._ok.setAccessibleDescription(self._text)
        self._ok.clicked.connect(self._on_ok_clicked)
        self.runs = RunStrip(desk)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._message(stop), 1)
        column.addWidget(self.runs)
        column.addLayout(self._foot(stop))
        for made in self.findChildren(QPushButton):
            made.installEventFilter(self)
        parent.installEventFilter(self)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_app_focus_changed)
        self._fit()
        self.hide()

    def _message(self, stop: Stop) -> QWidget:
        inside = QWidget()
        inside.setObjectName("body")
        lines = self._lines = QVBoxLayout(inside)
        top = QHBoxLayout()
        top.setSpacing(18)
        self._sign = QLabel()
        top.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(_words("stop-title", stop.notice.text, "stop_what"), 1)
        lines.addLayout(top)
        if stop.expected or stop.scanned:
            lines.addLayout(_pair(stop))
        self._advice = QGridLayout()
        self._advice.setHorizontalSpacing(32)
        self._advice.setVerticalSpacing(10)
        self._parts = [
            _part(caption, words, name)
            for caption, words, name in (
                (tr("What to do", "请这样做"), stop.notice.todo, "stop_todo"),
                (tr("What is safe", "安全情况"), stop.notice.safe, "stop_safe"),
            )
            if words
        ]
        lines.addLayout(self._advice)
        lines.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        QScroller.grabGesture(area.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        return area

    def _foot(self, stop: Stop) -> QHBoxLayout:
        foot = self._bottom = QHBoxLayout()
        foot.setSpacing(18)
        foot.addWidget(_words("stop-caption", stop.notice.code, "stop_code"))
        foot.addStretch(1)
        foot.addWidget(self._ok)
        return foot

    def _fit(self) -> None:
        self.setGeometry(self._over.rect())
        beside = self._over.width() >= _WIDE
        for n, part in enumerate(self._parts):
            self._advice.removeWidget(part)
            self._advice.addWidget(part, 0 if beside else n, n if beside else 0, Qt.AlignmentFlag.AlignTop)
        low = self._over.height() < _LOW
        self._lines.setContentsMargins(32, 10 if low else 22, 32, 4 if low else 8)
        self._lines.setSpacing(8 if low else 18)
        for words in self.findChildren(QLabel):
            kind = str(words.property("kind") or "").removesuffix("-low")
            if kind in _SIZED:
                set_kind(words, f"{kind}-low" if low else kind)
        self._sign.setPixmap(pixmap("block", style.ON_FILL, 48 if low else 68))
        self._bottom.setContentsMargins(32, 6 if low else 10, 32, 10 if low else 20)
        for column in range(2):
            self._advice.setColumnStretch(column, 1 if beside else 0)

    # --- what keeps it in front ------------------------------------------------------------------------------

    @property
    def is_resting(self) -> bool:
        """Say whether a press would be ignored just now."""
        return self._rest.isActive()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.raise_()
        self._rest.start()
        self._ok.setFocus(Qt.FocusReason.OtherFocusReason)
        QApplication.beep()
        QAccessible.updateAccessibility(_announcement(self, self._text))

    def hideEvent(self, event: QHideEvent) -> None:
        self._rest.stop()
        super().hideEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._over:
            if event.type() is QEvent.Type.Resize:
                self._fit()
            return False
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in _PRESSES:
                return self.is_resting
            if event.key() not in _MOVES:
                self._rest.start()  # whatever types here, the Enter that follows it is no answer
                return True
        return False

    def _on_app_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Take the keyboard back from whatever lies below; questions in windows of their own keep it."""
        is_below = now is not None and now.window() is self.window() and not self.isAncestorOf(now)
        if is_below and self.isVisible():
            self._ok.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_ok_clicked(self) -> None:
        if not self.is_resting:
            self.confirmed.emit()


def _pair(stop: Stop) -> QHBoxLayout:
    """What was expected and what was scanned, side by side; a label misread was measured against nothing expected."""
    line = QHBoxLayout()
    line.setSpacing(16)
    expected = (tr("Expected", "应为"), stop.expected, "stop_expected")
    scanned = (tr("Scanned", "扫描到"), stop.scanned, "stop_scanned")
    for caption, shown, name in (expected, scanned) if stop.expected else (scanned,):
        if name == "stop_scanned" and stop.expected:
            unequal = QLabel("≠")
            line.addWidget(set_kind(unequal, "stop-title"))
        panel = set_kind(QFrame(), "stop-panel")
        panel.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        inside = QVBoxLayout(panel)
        inside.setContentsMargins(18, 10, 18, 12)
        inside.setSpacing(0)
        inside.addWidget(set_kind(label.caption(caption), "stop-panel-caption"))
        first, _, rest = (shown or tr("nothing", "无")).partition("\n")
        inside.addWidget(_words("stop-figure", first, name))
        if rest:
            inside.addWidget(_words("stop-detail", rest, f"{name}_detail"))
        inside.addStretch(1)
        line.addWidget(panel, 1)
    return line


def _part(caption: str, words: str, name: str) -> QWidget:
    made = QWidget()
    lines = QVBoxLayout(made)
    lines.setContentsMargins(0, 0, 0, 0)
    lines.setSpacing(2)
    lines.addWidget(_words("stop-caption", caption))
    lines.addWidget(_words("stop-text", words, name))
    return made


def _announcement(screen: QWidget, text: str) -> QAccessibleAnnouncementEvent:
    made = QAccessibleAnnouncementEvent(screen, text)
    made.setPoliteness(QAccessible.AnnouncementPoliteness.Assertive)
    return made

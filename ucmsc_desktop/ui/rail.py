"""The navigation rail: one button a page, the person at work, the lock. Folded it shows icons with small words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QVBoxLayout

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.style import font, pixmap, set_kind
from ucmsc_desktop.ui.widgets import label
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.naming import named

WIDTH = 178
FOLDED_WIDTH = 76


@dataclass(frozen=True, slots=True)
class Entry:
    """A page as the rail shows it; `hint` says its key."""

    name: str
    symbol: str
    title: str
    hint: str = ""


class NavButton(Button):
    """A button of the rail, painted here: icon beside the word, or above it where the rail is folded."""

    def __init__(self, entry: Entry) -> None:
        super().__init__(entry.title)
        named(self, f"nav_{entry.name}", entry.title)
        self.setAccessibleDescription(entry.hint)
        self.setToolTip(entry.hint)
        self._symbol = entry.symbol
        self._folded = False
        self.setCheckable(True)
        self.setFlat(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(44)
        self.setMaximumHeight(66)

    def set_folded(self, folded: bool) -> None:
        """Show the icon above the word, or beside it."""
        self._folded = folded
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(FOLDED_WIDTH - 12, 66)

    def minimumSizeHint(self) -> QSize:
        return QSize(FOLDED_WIDTH - 12, 44)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if chosen or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(style.CHOSEN_PAGE if chosen else style.NAVIGATION_TINT))
            painter.drawRoundedRect(box, 8, 8)
        colour = style.ON_CHOSEN_PAGE if chosen else style.ON_NAVIGATION
        painter.setPen(QColor(colour))
        drawing = pixmap(self._symbol, colour, 24)
        if self._folded:
            painter.setFont(font(12, bold=chosen))
            top = box.center().y() - 21
            painter.drawPixmap(int(box.center().x() - 12), int(top), drawing)
            words = QFontMetricsF(painter.font()).elidedText(
                self.text(), Qt.TextElideMode.ElideRight, box.width()
            )
            place = QRectF(box.left(), top + 24, box.width(), 18)
            painter.drawText(place, Qt.AlignmentFlag.AlignCenter, words)
        else:
            painter.setFont(font(16, bold=chosen))
            painter.drawPixmap(int(box.left() + 16), int(box.center().y() - 12), drawing)
            place = box.adjusted(46, 0, -6, 0)
            words = QFontMetricsF(painter.font()).elidedText(
                self.text(), Qt.TextElideMode.ElideRight, place.width()
            )
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
        painter.end()


class Rail(QFrame):
    """The rail. `chosen` tells the page wanted, `lock_asked` that the person leaves."""

    chosen = Signal(str)
    lock_asked = Signal()
    pad_asked = Signal()

    def __init__(self, entries: Sequence[Entry], person: str) -> None:
        super().__init__()
        set_kind(self, "rail")
        self.setObjectName("rail")
        self.setAccessibleName(tr("Pages", "页面导航"))
        self._brand = set_kind(QLabel("UCMSC"), "brand")
        self._person = label.hint(person, "signed_in_person")
        set_kind(self._person, "on-navigation")
        self._buttons = {entry.name: NavButton(entry) for entry in entries}
        self._lock = NavButton(
            Entry("lock", "lock", tr("Lock (F12)", "锁屏 (F12)"), tr("Lock the screen: F12", "锁定屏幕：F12"))
        )
        self._lock.setCheckable(False)
        self._pad = NavButton(
            Entry("pad", "keyboard", tr("Number pad", "数字键盘"), tr("Number pad: F7", "数字键盘：F7"))
        )
        self._pad.clicked.connect(self.pad_asked)
        self._pad.hide()
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._brand)
        for name, made in self._buttons.items():
            self._column.addWidget(made, 4)
            made.clicked.connect(lambda _checked=False, n=name: self._on_button_clicked(n))
        self._column.addStretch(1)
        self._column.addWidget(self._person)
        self._column.addWidget(self._pad, 4)
        self._column.addWidget(self._lock, 4)
        self._lock.clicked.connect(self.lock_asked)
        self._current = ""
        self._folded: bool | None = None
        self.set_folded(False)

    def set_folded(self, folded: bool) -> None:
        """Fold to icons, or unfold."""
        if folded == self._folded:
            return
        self._folded = folded
        self.setFixedWidth(FOLDED_WIDTH if folded else WIDTH)
        side = 6 if folded else 12
        self._column.setContentsMargins(side, 12 if folded else 16, side, 12)
        self._column.setSpacing(2 if folded else 6)
        self._brand.setVisible(not folded)
        self._person.setVisible(not folded)
        self._lock.setText(tr("Lock", "锁屏") if folded else tr("Lock (F12)", "锁屏 (F12)"))
        self._pad.setText(tr("Pad", "键盘") if folded else tr("Number pad", "数字键盘"))
        for made in (*self._buttons.values(), self._pad, self._lock):
            made.set_folded(folded)

    def offer_pad(self, *, offered: bool, shown: bool) -> None:
        """Offer the number pad or not, and mark it while it is shown."""
        self._pad.setVisible(offered)
        self._pad.setChecked(shown)

    @property
    def is_folded(self) -> bool:
        return bool(self._folded)

    def set_current(self, name: str) -> None:
        """Mark the page that is shown."""
        self._current = name
        for other, made in self._buttons.items():
            made.setChecked(other == name)

    def _on_button_clicked(self, name: str) -> None:
        self.set_current(
            self._current
        )  # the page may refuse to be left: the mark follows the page, not the click
        self.chosen.emit(name)

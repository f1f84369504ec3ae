"""Buttons by what they are for; every one at least 44 px high, the main action 56, START and STOP 76.

Enter presses the button that has the focus (Qt alone takes only Space outside dialogs): gloves find Enter.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy

from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.style import font, icon, set_kind
from ucmsc_desktop.ui.widgets.naming import named

_LIGHT = ("primary", "danger", "start", "stop")


class Button(QPushButton):
    """A push button that Enter presses too."""

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if self.isCheckable():
            # Checked, the words turn bold: the room for that is kept from the start, so that nothing is cut or moves.
            bold = QFontMetrics(font(16, bold=True)).horizontalAdvance(self.text())
            hint.setWidth(max(hint.width(), bold + 40 + (28 if not self.icon().isNull() else 0)))
        return hint

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
            return
        super().keyPressEvent(event)


def make(kind: str, text: str, object_name: str, symbol: str = "") -> Button:
    """Make a button of a kind of the style sheet, with an icon from resources/icons."""
    made = named(Button(text), object_name)
    made.setAutoDefault(False)
    made.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
    set_kind(made, kind)
    if symbol:
        size = 32 if kind in ("start", "stop", "pause") else 24
        made.setIcon(icon(symbol, style.ON_FILL if kind in _LIGHT else style.PRIMARY_DARK, size=size))
        made.setIconSize(QSize(size, size))
    return made


def primary(text: str, object_name: str, symbol: str = "") -> Button:
    """Make the one main action of a page."""
    return make("primary", text, object_name, symbol)


def secondary(text: str, object_name: str, symbol: str = "") -> Button:
    """Make another action."""
    return make("secondary", text, object_name, symbol)


def danger(text: str, object_name: str, symbol: str = "") -> Button:
    """Make an action that is hard to take back."""
    return make("danger", text, object_name, symbol)


def quiet(text: str, object_name: str, symbol: str = "") -> Button:
    """Make an action that should not draw the eye."""
    return make("quiet", text, object_name, symbol)


def toggle(text: str, object_name: str) -> Button:
    """Make one answer of a choice; checked shows it chosen."""
    made = make("toggle", text, object_name)
    made.setCheckable(True)
    made.setIcon(icon("radio_button_unchecked", style.BORDER, on=style.PRIMARY, on_name="check_circle"))
    made.setIconSize(QSize(22, 22))
    return made


def big(text: str, object_name: str, kind: str = "start", symbol: str = "") -> Button:
    """Make a button for gloved fingers: kind start, stop or pause."""
    return make(kind, text, object_name, symbol)

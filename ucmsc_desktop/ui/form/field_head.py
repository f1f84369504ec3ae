"""What stands above an input: its label and hint, the three dots, and a deliberate gap in the input's place."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Missing
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.form import words
from ucmsc_desktop.ui.form.labels import inset, text_label
from ucmsc_desktop.ui.form.layouts import RING
from ucmsc_desktop.ui.widgets import button
from ucmsc_desktop.ui.widgets.naming import named


class FieldHead(QVBoxLayout):
    """The label of an item, marked where it is optional or stays on this laptop, and its hint."""

    def __init__(self, item: Item, name: str) -> None:
        super().__init__()
        self.setContentsMargins(0, 10, 0, 0)
        self.setSpacing(0)
        optional = "" if item.required or item.is_derived or item.program else tr(" (optional)", "（选填）")
        self.label = text_label("label", f"{item.label}{optional}", f"{name}:label")
        self.label.setContentsMargins(RING, 0, style.TOUCH + 2, 0)
        hint = str(item.hint) if item.hint else ""
        if item.site_only:
            self.addLayout(self._locked())
            hint = tr("Stays on this laptop. ", "仅留存于本机。") + hint
        else:
            self.addWidget(self.label)
        if hint:
            self.addWidget(inset(text_label("hint", hint, f"{name}:hint")))

    def _locked(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setContentsMargins(RING, 0, 0, 0)
        line.setSpacing(2)
        sign = QLabel()
        sign.setPixmap(style.pixmap("lock", style.TEXT_SECOND, 18))
        sign.setAccessibleName(tr("stays on this laptop", "仅留存于本机"))
        line.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self.label, 1)
        return line


class More(QAbstractButton):
    """Three dots: history, not done, clear. Not a stop of the Tab key; F4 does the same from within the field."""

    def __init__(self, item: Item, name: str) -> None:
        super().__init__()
        accessible = tr("{item}: history, not done", "{item}：修改记录、未做", item=item.label)
        named(self, f"{name}:more", accessible)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setToolTip(accessible)
        self.setFixedSize(style.TOUCH, style.TOUCH)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isDown():
            painter.setBrush(QColor(style.PRIMARY_TINT))
            painter.drawRoundedRect(self.rect(), style.RADIUS, style.RADIUS)
        painter.setBrush(QColor(style.TEXT_SECOND))
        for x in (14, 22, 30):
            painter.drawEllipse(x - 2, 20, 5, 5)
        painter.end()


class GapRow(QWidget):
    """Why there is no value. `again`: a value is to be entered after all."""

    again = Signal()

    def __init__(self, name: str, *, may_enter: bool) -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(RING, RING, RING, RING)
        line.setSpacing(8)
        sign = QLabel()
        sign.setPixmap(style.pixmap("block", style.TEXT_SECOND, 22))
        line.addWidget(sign)
        self._text = text_label("body", "", f"{name}:gap")
        line.addWidget(self._text, 1)
        if may_enter:
            enter = button.quiet(tr("Enter a value", "改填数值"), f"{name}:enter_value", "edit")
            enter.clicked.connect(self.again)
            self.setFocusProxy(enter)
            line.addWidget(enter)
        self.setMinimumHeight(style.TOUCH + 2)

    def show_gap(self, gap: Missing | None) -> None:
        """Show a gap; hide where there is none."""
        self._text.setText(words.gap(gap) if gap else "")
        self.setVisible(gap is not None)

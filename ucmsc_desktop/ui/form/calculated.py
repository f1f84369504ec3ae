"""A calculated value where an input would stand: shown, never typed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Value
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.form import words
from ucmsc_desktop.ui.form.labels import text_label
from ucmsc_desktop.ui.form.layouts import RING
from ucmsc_desktop.ui.widgets.naming import named


class Calculated(QWidget):
    """A calculated value: grey, never typed, with the name of its formula."""

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, item: Item, row: int) -> None:
        super().__init__()
        self._item = item
        name = words.object_name(item.id, row)
        line = QHBoxLayout(self)
        line.setContentsMargins(RING, RING, RING, RING)
        line.setSpacing(10)
        self.shown = named(_Well(), name, words.accessible(item, row))
        line.addWidget(self.shown)
        formula = text_label(
            "hint",
            tr("Calculated ({formula})", "计算值（{formula}）", formula=item.formula)
            if item.formula
            else tr("Calculated", "计算值"),
        )
        line.addWidget(formula, 1)

    def first(self) -> QWidget:
        """Give the widget that takes the focus."""
        return self.shown

    def show_value(self, value: Value | None) -> None:
        """Show a value; emits nothing."""
        text = "—" if value is None else self._item.shown(value)
        self.shown.setText(text)
        said = tr("nothing yet", "尚无") if value is None else text
        self.shown.setAccessibleName(f"{self._item.label}: {said}")

    def read(self) -> Value | None:
        """Give nothing: a calculated value is not read from the screen."""
        return None

    def text(self) -> str:
        """Give nothing typed."""
        return ""

    def set_text(self, _text: str) -> None:
        """Take nothing."""

    def set_wrong(self, _wrong: bool) -> None:
        """Stay grey; the words beside it say what is wrong."""

    def set_read_only(self, _read_only: bool) -> None:
        """Be read only as ever."""


class _Well(QLabel):
    def __init__(self) -> None:
        super().__init__("—")
        self.setProperty("kind", "value")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setMinimumHeight(style.TOUCH + 2)
        self.setMinimumWidth(110)
        self.setContentsMargins(14, 0, 14, 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(style.BACKGROUND))
        painter.drawRoundedRect(self.rect(), 6, 6)
        painter.end()
        super().paintEvent(event)

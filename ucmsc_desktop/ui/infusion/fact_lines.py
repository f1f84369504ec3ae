"""Lines of evidence: a mark and words each, so that what is missing is seen without colour."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.session.prechecks import Fact
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import label
from ucmsc_desktop.ui.widgets.pill import Mark, mark_pixmap

_MARK = 16
_LOOKS: dict[str, tuple[Mark, str, Text]] = {
    "ok": ("check", "OK", Text("as it should be", "符合")),
    "open": ("triangle", "WARNING", Text("to be looked at", "请注意")),
    "bad": ("bar", "ERROR", Text("stands against it", "不符合")),
    "plain": ("dots", "TEXT_SECOND", Text("", "")),
}


class FactLines(QWidget):
    """Facts below each other."""

    def __init__(self, object_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self._shown: tuple[Fact, ...] | None = None

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show other facts; nothing is laid out again where they are the same."""
        if tuple(facts) == self._shown:
            return
        self._shown = tuple(facts)
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, fact in enumerate(self._shown):
            mark, colour, words = _LOOKS[fact.state]
            sign = QLabel()
            sign.setPixmap(mark_pixmap(mark, getattr(style, colour), style.SURFACE, _MARK))
            sign.setAccessibleName(words.get())
            sign.setFixedWidth(_MARK + 2)
            sign.setContentsMargins(0, 4, 0, 0)
            said = label.body(str(fact.text), f"{self.objectName()}_{row}")
            if fact.state == "bad":
                set_kind(said, "error")
            self._grid.addWidget(sign, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(said, row, 1)
        if self.isHidden() == bool(self._shown):
            self.setVisible(bool(self._shown))

    def texts(self) -> tuple[str, ...]:
        """Give the words that are shown."""
        return tuple(str(f.text) for f in self._shown or ())

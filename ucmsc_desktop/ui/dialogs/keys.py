"""The list of keys that F1 shows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui.dialogs.sheet import Sheet
from ucmsc_desktop.ui.widgets import button, label


class KeysDialog(Sheet):
    """Shows keys in two columns."""

    def __init__(self, lines: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(tr("Keys", "快捷键"), parent=parent)
        self.setObjectName("keys_dialog")
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(6)
        half = (len(lines) + 1) // 2
        for number, (key, words) in enumerate(lines):
            row, column = number % half, 2 * (number // half)
            grid.addWidget(label.label(key), row, column)
            grid.addWidget(label.body(words), row, column + 1)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        self.body.addLayout(grid)
        close = button.primary(tr("Close", "关闭"), "sheet_yes")
        close.clicked.connect(self.give)
        self.buttons.addStretch(1)
        self.buttons.addWidget(close)
        close.setFocus()

    def give(self) -> None:
        self.accept()

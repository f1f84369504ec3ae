"""Ask in which unit a number stands on the source, both readings side by side. Chooses nothing by itself."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.readings import both_readings
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Number
from ucmsc_desktop.ui.dialogs.sheet import Sheet
from ucmsc_desktop.ui.widgets import button


class UnitDialog(Sheet):
    """One button for each possible reading; `answered` carries the number chosen, with its unit.

    The way back has the focus: a stray Enter chooses no unit.
    """

    def __init__(
        self, item: Item, message: str, readings: Sequence[Number], parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Which unit does the source print?", "原始记录上是哪个单位？"), message, parent)
        self.readings: list[button.Button] = []
        for reading in readings:
            unit = reading.unit or item.unit
            made = button.secondary(both_readings(item, reading).get(), f"reading:{unit}")
            made.clicked.connect(lambda _on=False, n=reading: self.finish(n))
            self.body.addWidget(made)
            self.readings.append(made)
        self.no = button.secondary(tr("Type it again", "重新录入"), "sheet_no")
        self.no.clicked.connect(self.reject)
        self.buttons.addWidget(self.no)
        self.buttons.addStretch(1)
        self.no.setFocus()

    def give(self) -> None:
        """Take Enter: the reading that has the focus, else the way back."""
        chosen = next((b for b in self.readings if b.hasFocus()), None)
        if chosen is not None:
            chosen.click()
        else:
            self.reject()

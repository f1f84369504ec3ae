"""Ask why there is no value: not done, unknown or not applicable, and the reason in words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.study.values import Missing, MissingCode
from ucmsc_desktop.ui.dialogs.sheet import Sheet
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.naming import named

NAMES: dict[MissingCode, Text] = {
    "ND": Text("Not done", "未做"),
    "UK": Text("Unknown", "不详"),
    "NA": Text("Not applicable", "不适用"),
}


class NotDoneDialog(Sheet):
    """Asks for a gap's code and reason. The answer is a Missing; nothing is chosen beforehand."""

    def __init__(
        self, title: str, codes: Sequence[MissingCode] = ("ND", "UK", "NA"), parent: QWidget | None = None
    ) -> None:
        super().__init__(title, parent=parent)
        self._codes: dict[MissingCode, button.Button] = {}
        line = QHBoxLayout()
        line.setSpacing(8)
        for code in codes:
            made = button.toggle(NAMES[code].get(), f"not_done_{code}")
            made.setAutoExclusive(True)
            line.addWidget(made, 1)
            self._codes[code] = made
        self.body.addLayout(line)
        words = label.label(tr("Reason", "原因"))
        self.body.addWidget(words)
        self.field = named(QLineEdit(), "not_done_reason", tr("Reason", "原因"))
        self.field.setMaxLength(300)
        words.setBuddy(self.field)
        self.body.addWidget(self.field)
        self.add_buttons(tr("Save", "保存"))
        if len(codes) == 1:
            self.field.setFocus()
            self._codes[codes[0]].setChecked(True)
        else:
            self._codes[codes[0]].setFocus()

    def give(self) -> None:
        code = next((c for c, made in self._codes.items() if made.isChecked()), None)
        reason = self.field.text().strip()
        set_wrong(self.field, code is not None and not reason)
        if code is None:
            self.refused(tr("Choose one of the answers.", "请选择一项。"))
        elif not reason:
            self.refused(tr("Say why there is no value.", "请说明无数值的原因。"))
            self.field.setFocus()
        else:
            self.finish(Missing(code, reason))

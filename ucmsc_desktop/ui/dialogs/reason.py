"""Ask why: a saved value is changed, a check is passed, a row is crossed out, a form is unlocked."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui.dialogs.sheet import Sheet
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.naming import named

LIMIT = 300


class ReasonDialog(Sheet):
    """Asks for a reason; the usual ones are one tap, any other is typed. The answer is a str, never empty."""

    def __init__(self, message: str, parent: QWidget | None = None, *, title: str = "") -> None:
        super().__init__(title or tr("Why is it changed?", "为何修改？"), message, parent)
        self._usual: list[button.Button] = []
        for number, text in enumerate(
            (
                tr("Typing mistake", "录入错误"),
                tr("Source misread", "读错原始记录"),
                tr("Source corrected", "原始记录已更正"),
                tr("Value came later", "结果后补"),
            )
        ):
            made = button.toggle(text, f"reason_{number}")
            made.clicked.connect(self._on_usual_clicked)
            self._usual.append(made)
        self._usual_grid = QGridLayout()
        self._usual_grid.setSpacing(8)
        for number, made in enumerate(self._usual):
            self._usual_grid.addWidget(made, number // 2, number % 2)
        self.body.addLayout(self._usual_grid)
        words = label.label(tr("Reason in words", "理由说明"))
        self.body.addWidget(words)
        self.field = named(QLineEdit(), "reason_text", tr("Reason in words", "理由说明"))
        self.field.setMaxLength(LIMIT)
        words.setBuddy(self.field)
        self.body.addWidget(self.field)
        self.add_buttons(tr("Save with this reason", "按此理由保存"), tr("Keep the old value", "保留原值"))
        self.field.setFocus()

    def dock(self) -> None:
        super().dock()
        for number, made in enumerate(self._usual):
            self._usual_grid.addWidget(made, 0, number)

    def hide_usual(self) -> None:
        """Offer no usual reasons: what is asked is no correction of a value."""
        for made in self._usual:
            made.hide()

    def _on_usual_clicked(self) -> None:
        for made in self._usual:
            if made is not self.sender():
                made.setChecked(False)
            elif made.isChecked():
                self.field.setText(made.text())
        self.field.setFocus()

    def give(self) -> None:
        text = self.field.text().strip()
        set_wrong(self.field, not text)
        if not text:
            self.refused(tr("Give the reason.", "请填写理由。"))
            self.field.setFocus()
            return
        self.finish(text)

"""Ask in one step why a sample was not taken."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.study.model import Choice
from ucmsc_desktop.ui.dialogs.sheet import Sheet
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets import button
from ucmsc_desktop.ui.widgets.flow import FlowLayout
from ucmsc_desktop.ui.widgets.naming import named

OTHER = "OTH"


class NotDrawnDialog(Sheet):
    """Asks for a reason of the list; the answer is (code, words). Nothing is chosen beforehand."""

    def __init__(self, title: str, reasons: tuple[Choice, ...], parent: QWidget | None = None) -> None:
        super().__init__(title, parent=parent)
        holder = QWidget()
        flow = FlowLayout(8)
        holder.setLayout(flow)
        self._codes: dict[str, button.Button] = {}
        for choice in reasons:
            made = button.toggle(choice.label.get(), f"not_drawn_{choice.code}")
            made.setAutoExclusive(True)
            made.toggled.connect(self._on_made_toggled)
            flow.addWidget(made)
            self._codes[choice.code] = made
        self.body.addWidget(holder)
        self.field = named(QLineEdit(), "not_drawn_words", tr("The other reason", "其他原因"))
        self.field.setPlaceholderText(tr("The other reason", "其他原因"))
        self.field.setMaxLength(200)
        self.field.hide()
        self.body.addWidget(self.field)
        self.add_buttons(tr("Record: not drawn", "记录：未采集"))
        next(iter(self._codes.values())).setFocus()

    def _on_made_toggled(self, _on: bool) -> None:
        is_other = OTHER in self._codes and self._codes[OTHER].isChecked()
        self.field.setVisible(is_other)
        if is_other:
            self.field.setFocus()

    def give(self) -> None:
        code = next((c for c, made in self._codes.items() if made.isChecked()), "")
        words = self.field.text().strip()
        set_wrong(self.field, code == OTHER and not words)
        if not code:
            self.refused(tr("Choose one of the reasons.", "请选择一项原因。"))
        elif code == OTHER and not words:
            self.refused(tr("Describe the other reason.", "请说明其他原因。"))
            self.field.setFocus()
        else:
            self.finish((code, words if code == OTHER else ""))

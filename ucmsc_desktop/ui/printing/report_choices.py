"""Which report of a serious event is to be printed. Printing sends nothing, and it says so; no report is chosen for anybody."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.safety import NOT_TRANSMITTED
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.flow import FlowLayout


class ReportChoices(QWidget):
    """Asks for the report. `changed` with every choice."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        texts = {
            "INITIAL": tr("Initial", "首次报告"),
            "FOLLOWUP": tr("Follow-up", "随访报告"),
            "FINAL": tr("Final", "总结报告"),
        }
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label.label(tr("Which report", "报告类型")))
        self._kinds: dict[str, Button] = {}
        flow = FlowLayout(8)
        for code, text in texts.items():
            made = button.toggle(text, f"report_{code}")
            made.clicked.connect(lambda _on=False, c=code: self.choose(c))
            self._kinds[code] = made
            flow.addWidget(made)
        holder = QWidget()
        holder.setLayout(flow)
        column.addWidget(holder)
        column.addWidget(label.hint(str(NOT_TRANSMITTED), "report_not_sent"))

    def choose(self, kind: str) -> None:
        """Choose a report; "" takes the choice back."""
        for code, made in self._kinds.items():
            made.setChecked(code == kind)
        self.changed.emit()

    def focus(self) -> None:
        """Put the keyboard on the first report."""
        next(iter(self._kinds.values())).setFocus()

    def kind(self) -> str:
        """Give the report chosen; "" where none is."""
        return next((code for code, made in self._kinds.items() if made.isChecked()), "")

    def text(self) -> str:
        """Give the words of the report chosen."""
        return next((made.text() for made in self._kinds.values() if made.isChecked()), "")

    def count(self, follow_up: int) -> None:
        """Say which follow-up would come next, counted from those that were sent."""
        self._kinds["FOLLOWUP"].setText(tr("Follow-up no. {n}", "第 {n} 次随访报告", n=follow_up))

"""Points whose window closed without a row: recorded as not done, with the reason, in one step."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.study.model import FlowPoint
from ucmsc_desktop.ui.form.tiles import Chip
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.flow import FlowLayout
from ucmsc_desktop.ui.widgets.naming import named

_REASONS = (
    Text("Care of the reaction came first", "正在处理反应"),
    Text("Monitor not available", "监护仪不可用"),
    Text("Participant away from the bed", "受试者离床"),
    Text("Forgotten", "遗漏"),
)


class MissedCard(Card):
    """The points as chips, all chosen; a reason; one button. `given` carries (codes, reason)."""

    given = Signal(object, str)

    def __init__(self) -> None:
        super().__init__(tr("Not measured in time", "未按时测量"))
        self.setObjectName("missed_card")
        self.body.setSpacing(6)
        self.body.addWidget(
            label.hint(
                tr(
                    "Measured all the same? Record it as vital signs with its true time. Not measured: say why.",
                    "如已测量，请按实际时间记录生命体征；如未测量，请说明原因。",
                )
            )
        )
        self._points = QWidget()
        self._points_flow = FlowLayout(8, parent=self._points)
        self._points_flow.setContentsMargins(5, 5, 5, 5)
        self.body.addWidget(self._points)
        self._why = named(QLineEdit(), "missed_reason", tr("Reason", "原因"))
        self._why.setPlaceholderText(tr("Reason", "原因"))
        reasons = QWidget()
        flow = FlowLayout(8, parent=reasons)
        flow.setContentsMargins(5, 0, 5, 0)
        for number, reason in enumerate(_REASONS):
            quick = button.secondary(str(reason), f"missed_reason_{number}")
            quick.clicked.connect(lambda _on=False, r=reason: self._why.setText(str(r)))
            flow.addWidget(quick)
        self.body.addWidget(reasons)
        later = button.secondary(tr("Later", "稍后填写"), "missed_later")
        later.clicked.connect(self.hide)
        save = button.primary(tr("Record as not done", "记为未做"), "missed_save", "save")
        save.clicked.connect(self._give)
        self._why.returnPressed.connect(self._give)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self._why, 1)
        line.addWidget(later)
        line.addWidget(save)
        self.body.addLayout(line)
        self._chips: dict[str, Chip] = {}
        self.hide()

    def open_missed(self, missed: Sequence[tuple[FlowPoint, datetime]]) -> None:
        """Ask about the points that were missed."""
        for chip in self._chips.values():
            self._points_flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = {}
        for point, at in missed:
            words = f"{point.title} ({at:%H:%M})"
            chip = Chip(words, f"missed:{point.code}", tr("Not measured: {p}", "未测量：{p}", p=words))
            chip.setChecked(True)
            self._chips[point.code] = chip
            self._points_flow.addWidget(chip)
            chip.show()
        self._why.clear()
        set_wrong(self._why, False)
        self.show()
        self._why.setFocus()

    def _give(self) -> None:
        codes = tuple(code for code, chip in self._chips.items() if chip.isChecked())
        reason = self._why.text().strip()
        set_wrong(self._why, not reason)
        if codes and reason:
            self.given.emit(codes, reason)

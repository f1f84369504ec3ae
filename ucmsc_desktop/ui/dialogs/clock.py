"""What does the ward clock say? One answer sets the laptop beside it: the same, or the time on the wall.

The answer is a moment, or None for "the same". The date is filled in only where nothing speaks against it.
"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ucmsc_desktop.i18n import Text, show_datetime, tr
from ucmsc_desktop.session import ClockState
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import ValueProblem
from ucmsc_desktop.ui.dialogs.sheet import Sheet
from ucmsc_desktop.ui.form import words
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.date_input import DateTimeInput
from ucmsc_desktop.ui.widgets import button, label

_ITEM = Item(
    id="ward_clock",
    label=Text("The ward clock says", "病区时钟显示"),
    type="datetime",
    sdtm="[NOT SUBMITTED]",
)


class ClockDialog(Sheet):
    """`answered` carries the moment on the wall, or None where it is the one shown."""

    def __init__(self, state: ClockState, why: str = "", parent: QWidget | None = None) -> None:
        super().__init__(tr("What does the ward clock say?", "病区时钟是几点？"), parent=parent)
        self.setObjectName("clock_dialog")
        shown = show_datetime(state.shown)
        says = says_of(state, shown)
        self.message.setText(f"{why}\n{says}" if why else says)
        self.message.show()
        self._input = DateTimeInput(_ITEM, 0, Context(lambda: state.shown))
        line = label.label(str(_ITEM.label))
        line.setBuddy(self._input.first())
        self.body.addWidget(line)
        self.body.addWidget(self._input)
        if not _date_is_doubtful(state):
            self._input.date.put(state.shown.date())
        self.no = button.secondary(tr("Cancel", "取消"), "sheet_no")
        self.same = button.secondary(tr("The same: {t}", "一致：{t}", t=f"{state.shown:%H:%M}"), "clock_same")
        self.yes = button.primary(tr("Use this time", "以此为准"), "sheet_yes")
        self.buttons.addWidget(self.no)
        self.buttons.addStretch(1)
        self.buttons.addWidget(self.same)
        self.buttons.addWidget(self.yes)
        self.no.clicked.connect(self.reject)
        self.same.clicked.connect(lambda: self.finish(None))
        self.yes.clicked.connect(self.give)
        (self._input.date.parts[0] if _date_is_doubtful(state) else self._input.time).setFocus()

    def give(self) -> None:
        """Answer with what the wall clock says."""
        try:
            ward = self._input.read()
        except ValueProblem as fault:
            self._input.set_wrong(True)
            self.refused(words.problem(_ITEM, fault))
            return
        if ward is None:
            self.refused(tr("Type the time of the ward clock.", "请输入病区时钟的时间。"))
            self._input.time.setFocus()
            return
        self.finish(ward)


def says_of(state: ClockState, clock: str) -> str:
    """Say what is shown: the laptop's time, or that with the difference somebody recorded."""
    if state.offset_s:
        return tr("This program shows {t}.", "本程序显示 {t}。", t=clock)
    return tr("This laptop says {t}.", "本机显示 {t}。", t=clock)


def _date_is_doubtful(state: ClockState) -> bool:
    if state.suspicion == "implausible":
        return True
    return state.last_entry is not None and state.shown.date() < state.last_entry.date()

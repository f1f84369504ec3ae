"""After the end: what comes when, with clock times, and when the next dose may begin."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout

from ucmsc_desktop.i18n import Text, show_datetime, tr
from ucmsc_desktop.session.aftermath import Coming, NextDose
from ucmsc_desktop.session.prechecks import Fact
from ucmsc_desktop.ui.infusion.fact_lines import FactLines
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.pill import Pill


class PocketCard(Card):
    """The next times as a table. `opened` carries the record that a line is about."""

    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__(tr("Next times", "后续时间"))
        self.setObjectName("pocket_card")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.body.addLayout(self._grid)
        self._dose_title = label.label("", "next_dose_title")
        self._dose = FactLines("next_dose")
        self.body.addWidget(self._dose_title)
        self.body.addWidget(self._dose)
        self._shown: object = None
        self.hide()

    def show_coming(self, coming: Sequence[Coming], dose: NextDose | None, now: datetime) -> None:
        """Show what is to come; nothing before the end."""
        lines = tuple((c, _status(c, now)) for c in coming)
        if (lines, dose, now.date()) != self._shown:
            self._shown = (lines, dose, now.date())
            while (item := self._grid.takeAt(0)) is not None:
                if (widget := item.widget()) is not None:
                    widget.hide()
                    widget.deleteLater()
            for row, (line, status) in enumerate(lines):
                self._add(row, line, status, now)
            self._show_dose(dose)
        if self.isHidden() == bool(lines):
            self.setVisible(bool(lines))

    def _add(self, row: int, line: Coming, status: str, now: datetime) -> None:
        at = _moment(line.at, now)
        self._grid.addWidget(label.value(at, f"pocket_{row}_at"), row, 0)
        self._grid.addWidget(label.body(str(line.title), f"pocket_{row}_what"), row, 1)
        window = f"{line.opens:%H:%M}–{line.closes:%H:%M}" if line.closes > line.opens else ""
        self._grid.addWidget(label.hint(window), row, 2)
        if line.kind == "sample" and line.key is not None and status != "done":
            open_it = button.quiet(tr("Open", "打开"), f"pocket_{row}_open")
            open_it.clicked.connect(lambda _on=False, k=line.key: self.opened.emit(k))
            self._grid.addWidget(open_it, row, 3)
        else:
            self._grid.addWidget(Pill(status), row, 3)

    def _show_dose(self, dose: NextDose | None) -> None:
        self._dose_title.setVisible(dose is not None)
        if dose is None:
            self._dose.show_facts(())
            return
        self._dose_title.setText(tr("Dose {n}", "第{n}次输注", n=dose.n))
        self._dose.show_facts(dose_facts(dose))


def dose_facts(dose: NextDose) -> tuple[Fact, ...]:
    """Say when the next dose may begin and what stands against it."""
    window = Text("May begin {a} to {b}", "可在 {a} 至 {b} 开始").fill(
        a=Text(show_datetime(dose.opens, "en"), show_datetime(dose.opens, "zh")),
        b=Text(show_datetime(dose.closes, "en"), show_datetime(dose.closes, "zh")),
    )
    facts = [Fact(window)]
    if dose.sample is not None:
        order = Text(
            "Blood first: sample {v}, then the checks, then the dose", "先采血：{v} 标本，再核查，后输注"
        )
        facts.append(Fact(order.fill(v=dose.sample), "ok" if dose.sample_done else "open"))
    facts.extend(Fact(message, "bad") for message in dose.withheld)
    if not dose.withheld:
        facts.append(Fact(Text("Nothing recorded so far withholds it", "目前无暂缓下次输注的记录"), "ok"))
    return tuple(facts)


def _moment(at: datetime, now: datetime) -> str:
    if at.date() == now.date():
        return f"{at:%H:%M}"
    if at.date() == now.date() + timedelta(days=1):
        return tr("tomorrow {t}", "次日 {t}", t=f"{at:%H:%M}")
    return show_datetime(at)


def _status(line: Coming, now: datetime) -> str:
    if line.done:
        return "done"
    if now > line.closes:
        return "overdue"
    return "due" if now >= line.opens else "planned"

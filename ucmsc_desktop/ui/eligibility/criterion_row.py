"""One criterion on the page: its verdict, its words, the evidence, what is missing with a way to it, who answered."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import show_datetime, tr
from ucmsc_desktop.record.eligibility import KEY, Criterion, Fact, Need
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.eligibility.band import Sign
from ucmsc_desktop.ui.form.layouts import FlowBox
from ucmsc_desktop.ui.form.link import Link
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.pill import Pill

PILLS = {"met": "done", "not_met": "block", "open": "empty"}
PILL_WIDTH = 156


class CriterionRow(QFrame):
    """A row of the page. `asked` gives what is to be entered; `judge_asked` the section to be answered."""

    asked = Signal(object)  # Need
    judge_asked = Signal(object)  # Criterion

    def __init__(
        self,
        criterion: Criterion,
        *,
        name: str,
        may_judge: bool,
        needs: tuple[Need, ...],
        above: Sequence[str] = (),
    ) -> None:
        """Make the row.

        `name`: of the person who answered; `may_judge`: whether the person here may answer it; `needs`: what it wants;
        `above`: the marks of the rows that ask for the rest.
        """
        super().__init__()
        set_kind(self, "card")
        named(self, f"criterion_{criterion.id}", f"{criterion.mark} {criterion.words}, {criterion.spoken}")
        self._criterion = criterion
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 10, 14, 10)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(4)
        grid.setColumnMinimumWidth(0, PILL_WIDTH)
        grid.setColumnStretch(1, 1)
        self.pill = Pill(PILLS[criterion.finding], criterion.spoken.get())
        grid.addWidget(self.pill, 0, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(3)
        head = label.label(f"{criterion.mark}  {criterion.words}", f"criterion_{criterion.id}_words")
        column.addWidget(head)
        if criterion.why is not None and criterion.finding == "not_met":
            column.addWidget(label.error(criterion.why.get(), f"criterion_{criterion.id}_why"))
        elif criterion.why is not None:
            column.addWidget(label.hint(criterion.why.get()))
        if criterion.facts:
            column.addWidget(_facts(criterion.facts))
        if criterion.border is not None:
            column.addLayout(_marked("warning", criterion.border.get(), f"criterion_{criterion.id}_border"))
        for number, wanted in enumerate(by_form(needs)):
            if may_judge and wanted[0].key == KEY:
                column.addWidget(label.hint(tr("To answer: {what}", "待回答：{what}", what=_names(wanted))))
            else:
                column.addWidget(self._need(wanted, number))
        if above and not needs:
            marks = tr(", ", "、").join(above)
            column.addWidget(label.hint(tr("Missing: as in {marks}", "缺少：同 {marks}", marks=marks)))
        if criterion.attested is not None:
            when = show_datetime(criterion.attested.at)
            words = tr("Answered by {name}, {when}", "{name} 于 {when} 判定", name=name, when=when)
            column.addWidget(label.hint(words, f"criterion_{criterion.id}_by"))
        grid.addLayout(column, 0, 1, 2, 1)
        if may_judge:
            text = tr("Change…", "修改……") if criterion.attested else tr("Judge…", "判定……")
            judge = button.secondary(text, f"judge_{criterion.id}", "edit")
            judge.setAccessibleName(f"{text} {criterion.words}")
            judge.clicked.connect(lambda _on=False: self.judge_asked.emit(self._criterion))
            grid.addWidget(judge, 0, 2, Qt.AlignmentFlag.AlignTop)
        elif criterion.is_computed:
            grid.addWidget(label.hint(tr("calculated", "自动计算")), 0, 2, Qt.AlignmentFlag.AlignTop)

    def _need(self, needs: tuple[Need, ...], number: int) -> Link:
        made = Link(f"need_{self._criterion.id}_{number}", style.PRIMARY_DARK, "circle")
        made.setText(tr("Missing: {what}", "缺少：{what}", what=need_words(needs)))
        made.clicked.connect(lambda _on=False, n=needs[0]: self.asked.emit(n))
        return made


def by_form(needs: tuple[Need, ...]) -> list[tuple[Need, ...]]:
    """Put together what is entered in one record, in the order in which it is asked."""
    found: dict[FormKey, list[Need]] = {}
    for need in needs:
        found.setdefault(need.key, []).append(need)
    return [tuple(n) for n in found.values()]


def _names(needs: tuple[Need, ...]) -> str:
    return tr(", ", "、").join(dict.fromkeys(str(n.text) for n in needs))


def need_words(needs: tuple[Need, ...]) -> str:
    """Say what is missing in one record: what, where, and who enters it where a nurse may not."""
    first = needs[0]
    place = tr("form {form}", "{form}表", form=first.key.form)
    if all("nurse" not in n.by for n in needs):
        place += tr(", {who}", "，{who}", who=first.who)
    return tr("{what} ({place})", "{what}（{place}）", what=_names(needs), place=place)


def facts_box(facts: tuple[Fact, ...]) -> QWidget:
    """Show pieces of evidence beside each other, as many on a line as fit."""
    return _facts(facts)


def _facts(facts: tuple[Fact, ...]) -> FlowBox:
    box = FlowBox(gap=4, margin=0)
    for fact in facts:
        box.add(_pair(fact))
    return box


def _pair(fact: Fact) -> QWidget:
    holder = QWidget()
    line = QHBoxLayout(holder)
    line.setContentsMargins(0, 0, 14, 0)
    line.setSpacing(6)
    name = label.caption(fact.name.get())
    kind = {"plain": "body", "strong": "label", "wrong": "error"}[fact.weight]
    value = QLabel(fact.value.get())
    value.setTextFormat(Qt.TextFormat.PlainText)
    set_kind(value, kind)
    if fact.weight == "wrong":
        line.addWidget(Sign("error", 16))
    line.addWidget(name)
    line.addWidget(value)
    holder.setAccessibleName(f"{fact.name}: {fact.value}")
    return holder


def _marked(tone: str, words: str, object_name: str) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(8)
    line.addWidget(Sign("warning" if tone == "warning" else "error", 18), 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(label.label(words, object_name), 1)
    return line

"""The filters above the table: chips for the status, a list for the kind, a list for ward or participant.

Each says how many tasks it would show, so that nothing is hidden without a number. Everything is reached by Tab and the
arrow keys, and is large enough for gloves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.record.tasks import KINDS
from ucmsc_desktop.session import Task
from ucmsc_desktop.ui.widgets import button
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox

DONE, ME = "done", "me"
_CHIPS: tuple[tuple[str, Text, frozenset[str]], ...] = (
    ("all", Text("All", "全部"), frozenset()),
    (ME, Text("For me", "我的"), frozenset()),
    ("now", Text("Now", "现在"), frozenset({"overdue", "due", "progress"})),
    ("next", Text("Next", "即将"), frozenset({"next", "planned"})),
    ("blocked", Text("Blocked", "受阻"), frozenset({"blocked"})),
    (DONE, Text("Done", "今日完成"), frozenset()),
)
_ALL = "all"
_BOTH_FROM = (
    920  # below this width the list of places is away: the search finds wards, beds and participants too
)


class Filters(QWidget):
    """The filters. `changed`: a person chose another. `is_mine`: whether the filter "For me" shows a task."""

    changed = Signal()

    def __init__(self, is_mine: Callable[[Task], bool], *, offers_mine: bool = True) -> None:
        super().__init__()
        self._is_mine = is_mine
        self.only = "all"
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(7)
        self._chips: dict[str, button.Button] = {}
        for name, text, _statuses in _CHIPS:
            made = button.make("chip", text.get(), f"worklist_filter_{name}")
            made.setCheckable(True)
            made.setAutoExclusive(True)
            made.setChecked(name == self.only)
            made.clicked.connect(lambda _checked=False, n=name: self._on_chip_clicked(n))
            line.addWidget(made)
            self._chips[name] = made
        if not offers_mine:  # who only reads has no task
            self._chips[ME].hide()
        line.addStretch(1)
        self.kind = ChoiceBox("worklist_kind", tr("Kind of task", "任务类型"))
        self.place = ChoiceBox("worklist_place", tr("Ward or participant", "病区或受试者"))
        for box in (self.kind, self.place):
            box.setMinimumWidth(112)  # the chips say their numbers; the lists give way
            box.setMaximumWidth(158)
            box.activated.connect(self.changed)
            line.addWidget(box)
        self.show_counts((), ())

    def show_counts(self, tasks: Sequence[Task], done: Sequence[Task]) -> None:
        """Count what each filter would show."""
        statuses = Counter(t.status for t in tasks)
        for name, text, wanted in _CHIPS:
            count = sum(n for s, n in statuses.items() if s in wanted)
            if name == ME:
                count = sum(map(self._is_mine, tasks))
            elif not wanted:
                count = len(done if name == DONE else tasks)
            self._chips[name].setText(f"{text.get()}  {count}")
        kinds = Counter(t.kind for t in tasks)
        self.kind.set_choices(
            [(_ALL, tr("All kinds", "全部类型"))]
            + [(k, f"{text.get()}  {kinds[k]}") for k, text in KINDS.items() if kinds[k]]
        )
        self._offer_places(tasks)
        for box in (self.kind, self.place):
            if not box.code():
                box.set_code(_ALL)

    def _offer_places(self, tasks: Sequence[Task]) -> None:
        """Offer the wards and, below them, the participants with their beds."""
        wards = Counter(t.ward for t in tasks if t.ward.en)
        beds: dict[str, str] = {}
        for task in tasks:
            beds[task.subject] = task.bed
        chosen = self.place.code()
        offered = [(_ALL, tr("All wards", "全部病区"))]
        offered += [
            (f"ward:{ward.en}", f"{ward.get()}  {n}")
            for ward, n in sorted(wards.items(), key=lambda w: w[0].en)
        ]
        offered += [
            (f"subject:{subject}", f"{subject} · {beds[subject]}" if beds[subject] else subject)
            for subject in sorted(beds)[:200]  # more are found by the search
        ]
        if chosen.startswith("subject:") and chosen.split(":")[1] not in beds:
            offered.append((chosen, chosen.split(":")[1]))
        self.place.set_choices(offered)
        self.place.view().setMinimumWidth(240)

    def let_through(self, tasks: Sequence[Task]) -> Sequence[Task]:
        """Give the tasks that are wanted."""
        statuses = next(wanted for name, _text, wanted in _CHIPS if name == self.only)
        kind, place = self.kind.code(), self.place.code()
        if statuses:
            tasks = [t for t in tasks if t.status in statuses]
        elif self.only == ME:
            tasks = [t for t in tasks if self._is_mine(t)]
        if kind not in ("", _ALL):
            tasks = [t for t in tasks if t.kind == kind]
        what, _, name = place.partition(":")
        if what == "ward":
            tasks = [t for t in tasks if t.ward.en == name]
        elif what == "subject":
            tasks = [t for t in tasks if t.subject == name]
        return tasks

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place.setHidden(event.size().width() < _BOTH_FROM and self.place.code() in ("", _ALL))

    def choose(self, name: str) -> None:
        """Choose a status as a click does."""
        self._chips[name].click()

    def _on_chip_clicked(self, name: str) -> None:
        self.only = name
        self.changed.emit()

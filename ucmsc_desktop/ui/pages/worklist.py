"""Today's work: what is overdue, due and next, over all participants. No banner here, and no name.

Of what is equally urgent the tasks of the signed-in role stand first, and the list begins at the first of them that is
wanted now; the others say for whom they are.

The time left moves every second without reading anything anew: `Session.worklist` gives back the same tuple as long as no
status differs, and then only the words in sight that changed are painted.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QHeaderView, QLineEdit, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.record.tasks import TaskStatus
from ucmsc_desktop.session import Task
from ucmsc_desktop.study.values import tidy
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.dialogs.confirm import ConfirmDialog
from ucmsc_desktop.ui.guides import way_of
from ucmsc_desktop.ui.style import icon, set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.page_frame import PageFrame
from ucmsc_desktop.ui.widgets.page_header import PageHeader
from ucmsc_desktop.ui.widgets.pill import PillDelegate
from ucmsc_desktop.ui.widgets.table import Table
from ucmsc_desktop.ui.worklist.filters import DONE, Filters
from ucmsc_desktop.ui.worklist.hand_over import HandOver
from ucmsc_desktop.ui.worklist.order import Own
from ucmsc_desktop.ui.worklist.table_model import BED, STATUS, SUBJECT, TASK, TIME, VISIT, TaskModel, TwoLines

TICK_MS = 1000
NARROW = 1060  # below this width the visit stands under the task
LOW, LOWEST = (
    330,
    240,
)  # below these heights (a question is docked) the head, then the filters make room for the list

_WIDTHS = {TIME: 138, BED: 80, SUBJECT: 118, VISIT: 158, STATUS: 156}

_NEED: tuple[tuple[TaskStatus, Text], ...] = (
    ("overdue", Text("{n} overdue", "逾期 {n} 项")),
    ("due", Text("{n} due now", "现在应做 {n} 项")),
    ("progress", Text("{n} in progress", "进行中 {n} 项")),
)

__all__ = ["TaskModel", "WorklistPage"]


class WorklistPage(QWidget):
    """The page the day starts with."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("worklist_page")
        self._desk = desk
        self._tasks: tuple[Task, ...] = ()
        self._own_first: tuple[Task, ...] = ()
        self._done: tuple[Task, ...] = ()
        self._own = Own(desk.session.study, desk.session.role)
        self.hand_over = HandOver(desk, self)
        frame = PageFrame(self, scroll=False)
        frame.body.setSpacing(10)
        self._header = PageHeader(tr("Today's work", "今日工作"), " ")
        self._scan = self._make_scan()
        self._header.buttons.addWidget(self._scan, 1)
        add = button.secondary(tr("Add participant", "新增受试者"), "worklist_add", "add")
        if not desk.session.may("create_subject"):
            add.hide()
        self._header.buttons.addWidget(add)
        frame.body.addWidget(self._header)
        self.filters = Filters(self._own.is_let_through, offers_mine=self._own.has_any)
        frame.body.addWidget(self.filters)
        self._table = Table("worklist_table", tr("Tasks", "任务"))
        self._model = TaskModel(self, self._own.waits_for)
        self._set_up_table()
        card = set_kind(QFrame(), "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self._table)
        self._none = label.hint("", "worklist_none")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside.addWidget(self._none, 1)
        frame.body.addWidget(card, 1)
        frame.body.addLayout(self._make_foot())
        add.clicked.connect(self._on_add_clicked)
        self.filters.changed.connect(self._filter)
        self._table.opened.connect(self._open_current)
        self._scan.textChanged.connect(self._filter)
        self._scan.returnPressed.connect(self._on_scan_return_pressed)
        desk.changed.connect(self._on_desk_changed)
        desk.scanned.connect(self._on_desk_scanned)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def _make_scan(self) -> QLineEdit:
        made = named(QLineEdit(), "worklist_scan", tr("Scan or search", "扫描或查找"))
        made.setPlaceholderText(tr("Scan wristband, or search", "扫描腕带，或查找"))
        made.setProperty("takes_scan", True)
        made.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        made.addAction(
            QAction(icon("barcode_scanner", style.TEXT_SECOND), "", made),
            QLineEdit.ActionPosition.LeadingPosition,
        )
        made.setMinimumWidth(286)
        made.setMaximumWidth(360)
        made.setClearButtonEnabled(True)
        return made

    def _set_up_table(self) -> None:
        self._table.setModel(self._model)
        self._table.setItemDelegate(TwoLines(self._table))
        self._table.setItemDelegateForColumn(STATUS, PillDelegate(self._table))
        across = self._table.horizontalHeader()
        for column, width in _WIDTHS.items():
            self._table.setColumnWidth(column, width)
        across.setSectionResizeMode(TASK, QHeaderView.ResizeMode.Stretch)

    def _make_foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(label.hint(tr("Up and Down to move, Enter to open", "按上下键移动，回车键打开")), 1)
        hand_over = button.secondary(tr("Hand over", "交接班"), "worklist_hand_over", "assignment")
        if not self._desk.session.may("hand_over"):
            hand_over.hide()
        people = button.secondary(tr("Participants", "全部受试者"), "worklist_people", "person")
        self._open = button.primary(tr("Open task", "打开任务"), "worklist_open", "arrow_forward")
        for made in (hand_over, people, self._open):
            foot.addWidget(made)
        hand_over.clicked.connect(self.hand_over.begin)
        people.clicked.connect(lambda: self._desk.go("choose", then="participant"))
        self._open.clicked.connect(self._open_current)
        return foot

    def open(self, **_what: object) -> None:
        """Show the tasks of now."""
        self.refresh()
        self._table.setFocus()

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Give the page's own keys."""
        return (("↑ ↓", tr("move in the list", "在列表中移动")),)

    def refresh(self) -> None:
        """Read the tasks again and keep the row that was chosen."""
        self._tasks = self._desk.session.worklist()
        self._own_first = self._own.first(self._tasks)
        self._done = self._desk.session.done_today()
        self._header.set_hint(_need(self._tasks))
        self.filters.show_counts(self._tasks, self._done)
        self._filter()

    def _filter(self) -> None:
        chosen = self._model.task(self._table.current_row())
        wanted = tidy(self._scan.text()).casefold()
        source = self._done if self.filters.only == DONE else self._own_first
        shown = self.filters.let_through(source)
        if wanted:
            shown = [t for t in shown if wanted in _haystack(t)]
        self._model.show_tasks(shown, self._desk.session.now())
        row = self._model.row_of(chosen) if chosen is not None else -1
        self._table.choose_row(row if row >= 0 else self._own.begin_at(shown))
        self._table.setVisible(bool(shown))
        self._none.setVisible(not shown)
        if self.filters.only == DONE and not source:
            self._none.setText(tr("Nothing was completed today yet.", "今日尚无已完成任务。"))
        elif self._tasks:
            self._none.setText(tr("No task matches.", "没有符合条件的任务。"))
        else:
            self._none.setText(tr("No open task. Add a participant to begin.", "暂无任务。请先新增受试者。"))
        self._open.setEnabled(bool(shown))

    def _open_current(self, _index: object = None) -> None:
        task = self._model.task(self._table.current_row())
        if task is None:
            return
        page, what = way_of(task, self._desk.session)
        self._desk.go(page, **what)

    def _on_add_clicked(self) -> None:
        def then(subject: str) -> None:
            self._desk.changed.emit(None)
            self._desk.go("participant", subject=subject)

        question = ConfirmDialog(
            tr(
                "The next number of the site is given out now. A number once given is never used again, "
                "not even for somebody who turns out not to take part.",
                "现在将发放本中心的下一个编号。编号一经发放不再使用，即使该人最终未参加试验。",
            ),
            self.window(),
            title=tr("Add a new participant?", "新增一名受试者？"),
            yes=tr("Add participant", "新增受试者"),
            no=tr("Cancel", "取消"),
        )
        question.answered.connect(lambda _yes: self._desk.do(lambda s, _a: s.create_subject(), then=then))
        self._desk.ask(question)

    def _on_scan_return_pressed(self) -> None:
        wanted = tidy(self._scan.text()).casefold()
        if not wanted:
            return
        found = [s for s in self._desk.session.subjects() if s.subject.casefold() == wanted]
        if found:
            self._scan.clear()
            self._desk.go("participant", subject=found[0].subject)
        elif self._model.rowCount():
            self._table.setFocus()
        else:
            self._none.setText(
                tr(
                    "No participant or task matches “{what}”.",
                    "没有与“{what}”相符的受试者或任务。",
                    what=self._scan.text(),
                )
            )

    def _on_desk_scanned(self, code: str) -> None:
        if self.isVisible() and not self._scan.hasFocus():
            self._scan.setText(code)
            self._on_scan_return_pressed()

    def _on_desk_changed(self, _change: object) -> None:
        if self.isVisible() and self._desk.is_signed_in:
            self.refresh()

    def _on_timer_timeout(self) -> None:
        if not self._desk.is_signed_in:
            return
        if self._desk.session.worklist() is not self._tasks:
            self.refresh()
            return
        first = self._table.rowAt(0)
        last = self._table.rowAt(self._table.viewport().height() - 1)
        self._model.tick(self._desk.session.now(), first, last if last >= 0 else self._model.rowCount() - 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_narrow = self.width() < NARROW
        self._model.shows_visit = not is_narrow
        self._table.setColumnHidden(VISIT, is_narrow)
        self._header.setHidden(self.height() < LOW)
        self.filters.setHidden(self.height() < LOWEST)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()


def _need(tasks: tuple[Task, ...]) -> str:
    """Say how much is wanted now: what the filter "Now" shows, in its parts."""
    parts = []
    for status, words in _NEED:
        if count := sum(t.status == status for t in tasks):
            parts.append(tr(words.en, words.zh, n=count))
    return " · ".join(parts) or tr("Nothing is due now", "目前没有到期任务")


def _haystack(task: Task) -> str:
    why = f"{task.why.en} {task.why.zh}" if task.why else ""
    return (
        f"{task.subject} {task.bed} {task.ward.en} {task.ward.zh} {task.title.en} {task.title.zh} "
        f"{task.visit.en} {task.visit.zh} {why}"
    ).casefold()

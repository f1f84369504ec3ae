"""Today's work: what is overdue, due and next, over all participants. No banner here, and no name.

The table reads its rows from a plain list; only what is on the screen is asked for, so ten thousand tasks scroll like ten.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer
from PySide6.QtGui import QAction, QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QHeaderView, QLineEdit, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import Text, show_date, tr
from ucmsc_desktop.session import Task
from ucmsc_desktop.study.values import tidy
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.style import TEXT_SECOND, font, icon, set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.page_frame import PageFrame
from ucmsc_desktop.ui.widgets.page_header import PageHeader
from ucmsc_desktop.ui.widgets.pill import LOOKS, PillDelegate
from ucmsc_desktop.ui.widgets.table import Table

REFRESH_MS = 30_000  # a task becomes due while nobody touches anything

_FILTERS: tuple[tuple[str, Text, frozenset[str]], ...] = (
    ("all", Text("All", "全部"), frozenset()),
    ("now", Text("Now", "现在"), frozenset({"overdue", "due", "progress"})),
    ("next", Text("Next", "即将"), frozenset({"next", "planned"})),
    ("blocked", Text("Blocked", "受阻"), frozenset({"blocked"})),
)
_COLUMNS = (
    Text("Time", "时间"),
    Text("Bed", "床号"),
    Text("Participant", "受试者"),
    Text("Task", "任务"),
    Text("Visit", "访视"),
    Text("Status", "状态"),
)
_WIDTHS = (138, 72, 122, 0, 166, 160)
_STATUS = 5
_Index = QModelIndex | QPersistentModelIndex


class TaskModel(QAbstractTableModel):
    """The tasks as a table. Statuses come with the tasks; nothing is computed while painting."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._tasks: Sequence[Task] = ()
        self._now: datetime | None = None
        self._bold = font(16, bold=True)

    def show_tasks(self, tasks: Sequence[Task], now: datetime) -> None:
        """Show other tasks."""
        self.beginResetModel()
        self._tasks, self._now = tasks, now
        self.endResetModel()

    def task(self, row: int) -> Task | None:
        """Give the task of a row; None where there is no such row."""
        return self._tasks[row] if 0 <= row < len(self._tasks) else None

    def row_of(self, task: Task) -> int:
        """Find the row of the same task after a refresh; -1 where it has gone."""
        same = (task.subject, task.key, task.title)
        return next((i for i, t in enumerate(self._tasks) if (t.subject, t.key, t.title) == same), -1)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._tasks)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(_COLUMNS)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return _COLUMNS[section].get()
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        task = self._tasks[index.row()]
        column = index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return self._text(task, column)
            case Qt.ItemDataRole.UserRole if column == _STATUS:
                return task.status
            case Qt.ItemDataRole.FontRole if column in (0, 2):
                return self._bold
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{_COLUMNS[column].get()} {self._text(task, column)}"
            case _:
                return None

    def _text(self, task: Task, column: int) -> str:
        match column:
            case 0:
                return self._when(task)
            case 1:
                return task.bed or "–"
            case 2:
                return task.subject
            case 3:
                return task.title.get() + (f" · {task.why.get()}" if task.why else "")
            case 4:
                return task.visit.get()
            case _:
                return LOOKS[task.status].text.get()

    def _when(self, task: Task) -> str:
        at = task.at
        if at is None:
            return "–"
        is_today = self._now is not None and at.date() == self._now.date()
        if task.closes is not None and task.closes - at >= timedelta(hours=23):
            # A window of whole days has no hour: midnight would be read as one.
            return tr("Today", "今天") if is_today else _short_day(at)
        return f"{at:%H:%M}" if is_today else f"{_short_day(at)} {at:%H:%M}"


class WorklistPage(QWidget):
    """The page the day starts with."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("worklist_page")
        self._desk = desk
        self._tasks: tuple[Task, ...] = ()
        self._only = "all"
        frame = PageFrame(self, scroll=False)
        frame.body.setSpacing(10)
        self._header = PageHeader(tr("Today's work", "今日工作"), " ")
        self._scan = named(QLineEdit(), "worklist_scan", tr("Scan or search", "扫描或查找"))
        self._scan.setPlaceholderText(tr("Scan wristband, or search", "扫描腕带，或查找"))
        self._scan.setProperty("takes_scan", True)
        self._scan.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self._scan.addAction(
            QAction(icon("barcode_scanner", TEXT_SECOND), "", self._scan),
            QLineEdit.ActionPosition.LeadingPosition,
        )
        self._scan.setMinimumWidth(286)
        self._scan.setMaximumWidth(360)
        self._scan.setClearButtonEnabled(True)
        self._header.buttons.addWidget(self._scan, 1)
        add = button.secondary(tr("Add participant", "新增受试者"), "worklist_add", "add")
        if not desk.session.may("create_subject"):
            add.hide()
        self._header.buttons.addWidget(add)
        frame.body.addWidget(self._header)
        frame.body.addLayout(self._filter_row())
        self._table = Table("worklist_table", tr("Tasks", "任务"))
        self._model = TaskModel(self)
        self._table.setModel(self._model)
        self._table.setItemDelegateForColumn(_STATUS, PillDelegate(self._table))
        across = self._table.horizontalHeader()
        for column, width in enumerate(_WIDTHS):
            if width:
                self._table.setColumnWidth(column, width)
            else:
                across.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        card = set_kind(QFrame(), "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self._table)
        self._none = label.hint("", "worklist_none")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside.addWidget(self._none, 1)
        frame.body.addWidget(card, 1)
        foot = QHBoxLayout()
        foot.setSpacing(14)
        foot.addWidget(label.hint(tr("Up and Down to move, Enter to open", "按上下键移动，回车键打开")), 1)
        people = button.secondary(tr("Participants", "全部受试者"), "worklist_people", "person")
        self._open = button.primary(tr("Open task", "打开任务"), "worklist_open", "arrow_forward")
        foot.addWidget(people)
        foot.addWidget(self._open)
        frame.body.addLayout(foot)
        add.clicked.connect(self._on_add_clicked)
        people.clicked.connect(lambda: desk.go("choose", then="participant"))
        self._open.clicked.connect(self._open_current)
        self._table.opened.connect(self._open_current)
        self._scan.textChanged.connect(self._filter)
        self._scan.returnPressed.connect(self._on_scan_return_pressed)
        desk.changed.connect(self._on_desk_changed)
        desk.scanned.connect(self._on_desk_scanned)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self.refresh)

    def _filter_row(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(8)
        self._filters: dict[str, button.Button] = {}
        for name, text, _statuses in _FILTERS:
            made = button.make("chip", text.get(), f"worklist_filter_{name}")
            made.setCheckable(True)
            made.setAutoExclusive(True)
            made.setChecked(name == self._only)
            made.clicked.connect(lambda _checked=False, n=name: self._on_filter_clicked(n))
            line.addWidget(made)
            self._filters[name] = made
        line.addStretch(1)
        return line

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
        urgent = sum(t.status in ("overdue", "due") for t in self._tasks)
        if urgent == 1:
            self._header.set_hint(tr("1 task needs attention", "有 1 项任务需要处理"))
        elif urgent:
            self._header.set_hint(tr("{n} tasks need attention", "有 {n} 项任务需要处理", n=urgent))
        else:
            self._header.set_hint(tr("Nothing is due now", "目前没有到期任务"))
        for name, text, statuses in _FILTERS:
            count = sum(not statuses or t.status in statuses for t in self._tasks)
            self._filters[name].setText(f"{text.get()}  {count}")
        self._filter()

    def _filter(self) -> None:
        chosen = self._model.task(self._table.current_row())
        statuses = next(s for n, _text, s in _FILTERS if n == self._only)
        wanted = tidy(self._scan.text()).casefold()
        shown = [
            t
            for t in self._tasks
            if (not statuses or t.status in statuses) and (not wanted or wanted in _haystack(t))
        ]
        self._model.show_tasks(shown, self._desk.session.now())
        row = self._model.row_of(chosen) if chosen is not None else 0
        self._table.choose_row(max(row, 0))
        self._table.setVisible(bool(shown))
        self._none.setVisible(not shown)
        self._none.setText(
            tr("No task matches.", "没有符合条件的任务。")
            if self._tasks
            else tr("No open task. Add a participant to begin.", "暂无任务。请先新增受试者。")
        )
        self._open.setEnabled(bool(shown))

    def _open_current(self, _index: object = None) -> None:
        task = self._model.task(self._table.current_row())
        if task is None:
            return
        if task.key is None:
            self._desk.go("participant", subject=task.subject)
        elif task.key.form == "F7" and task.status != "blocked" and self._desk.session.may("infuse"):
            self._desk.go("infusion", subject=task.subject, n=task.key.n)
        else:
            self._desk.go("form", subject=task.subject, key=task.key)

    def _on_add_clicked(self) -> None:
        def then(subject: str) -> None:
            self._desk.changed.emit(None)
            self._desk.go("participant", subject=subject)

        self._desk.do(lambda s, _a: s.create_subject(), then=then)

    def _on_filter_clicked(self, name: str) -> None:
        self._only = name
        self._filter()

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

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()


def _short_day(at: datetime) -> str:
    """Show a day without its year; the full date stands on the participant's page."""
    day = show_date(at.date())
    return day[5:] if day[:4].isdigit() else day[:6]


def _haystack(task: Task) -> str:
    return f"{task.subject} {task.bed} {task.title.en} {task.title.zh} {task.visit.en} {task.visit.zh}".casefold()

"""The tasks as a table of two-line rows, and the painting of it.

The model reads its rows from a plain list; only what is on the screen is asked for, so ten thousand tasks scroll like
ten. `tick` moves the time left while nobody touches anything: it asks again for the cells in sight whose words changed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ucmsc_desktop.i18n import Text, show_date, tr
from ucmsc_desktop.record.tasks import countdown, light_of
from ucmsc_desktop.session import Task
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.widgets.pill import LOOKS
from ucmsc_desktop.ui.widgets.table import Index, LineModel

COLUMNS = (
    Text("Time", "时间"),
    Text("Bed", "床号"),
    Text("Participant", "受试者"),
    Text("Task", "任务"),
    Text("Visit", "访视"),
    Text("Status", "状态"),
)
TIME, BED, SUBJECT, TASK, VISIT, STATUS = range(6)
SECOND = Qt.ItemDataRole.UserRole + 1  # the second line of a cell
TONE = Qt.ItemDataRole.UserRole + 2  # the name of its colour


class TaskModel(LineModel):
    """The tasks as a table. Statuses come with the tasks; nothing is computed while painting but the time left."""

    def __init__(self, parent: QWidget, waits_for: Callable[[Task], Text | None]) -> None:
        super().__init__(COLUMNS, parent)
        self._waits_for = waits_for  # whom a task is for, where it is not the reader's own
        self._now: datetime | None = None
        self._bold = style.font(16, bold=True)
        self.shows_visit = True  # as a column of its own; else below the task

    def show_tasks(self, tasks: Sequence[Task], now: datetime) -> None:
        """Show other tasks."""
        self._now = now
        self.show_lines(tasks)

    def task(self, row: int) -> Task | None:
        """Give the task of a row; None where there is no such row."""
        found: Task | None = self.line(row)
        return found

    def tick(self, now: datetime, first: int, last: int) -> None:
        """Move the time left on to a moment, in the rows in sight."""
        before = self._now
        self._now = now
        for row in range(max(0, first), min(last, len(self.lines) - 1) + 1):
            task = self.lines[row]
            if before is None or countdown(task, before) != countdown(task, now):
                place = self.index(row, TIME)
                self.dataChanged.emit(place, place)

    def row_of(self, task: Task) -> int:
        """Find the row of the same task after a refresh; -1 where it has gone."""
        same = (task.subject, task.key, task.title)
        return next((i for i, t in enumerate(self.lines) if (t.subject, t.key, t.title) == same), -1)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        task: Task = self.lines[index.row()]
        column = index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(task, column)
        if role == SECOND:
            return self._second(task, column)
        if role == TONE:
            return self._tone(task) if column == TIME else ""
        if role == Qt.ItemDataRole.UserRole and column == STATUS:
            return task.status
        if role == Qt.ItemDataRole.FontRole and column in (TIME, SUBJECT):
            return self._bold
        if role == Qt.ItemDataRole.AccessibleTextRole:
            second = self._second(task, column)
            return f"{COLUMNS[column].get()} {self._text(task, column)}" + (f", {second}" if second else "")
        return None

    def _text(self, task: Task, column: int) -> str:
        match column:
            case 0:
                return when(task, self._now)
            case 1:
                return task.bed or "–"
            case 2:
                return task.subject
            case 3:
                return task.title.get()
            case 4:
                return task.visit.get()
            case _:
                return LOOKS[task.status].text.get()

    def _second(self, task: Task, column: int) -> str:
        match column:
            case 0:
                left = countdown(task, self._now).get() if self._now is not None else ""
                return "" if left == self._text(task, TIME).lower() else left
            case 1:
                return task.ward.get()
            case 3:
                visit = "" if self.shows_visit or task.visit.en == "–" else task.visit.get()
                why = task.why.get() if task.why else ""
                whose = self._waits_for(task)
                return " · ".join(part for part in (whose.get() if whose else "", visit, why) if part)
            case _:
                return ""

    def _tone(self, task: Task) -> str:
        """Name the colour of the time left: that of the report clock, else that of the status."""
        if self._now is None:
            return ""
        light = light_of(task, self._now)
        if light:
            return {"green": "OK", "amber": "WARNING", "red": "ERROR"}[light]
        return {"overdue": "ERROR", "due": "WARNING"}.get(task.status, "")


def when(task: Task, now: datetime | None) -> str:
    """Show the moment of a task: the hour today, the day with it later, the day alone for windows of days."""
    at = task.at
    if at is None:
        return "–"
    is_today = now is not None and at.date() == now.date()
    if task.is_whole_days and task.closes is not None:
        # Midnight would be read as an hour.
        open_now = now is not None and task.opens is not None and task.opens <= now <= task.closes
        return tr("Today", "今天") if is_today or (open_now and task.status == "due") else short_day(at)
    if is_today:
        return f"{at:%H:%M}"
    tomorrow = now is not None and at.date() - now.date() == timedelta(days=1)
    return f"{tr('Tom.', '明日')} {at:%H:%M}" if tomorrow else f"{short_day(at)} {at:%H:%M}"


def short_day(at: datetime) -> str:
    """Show a day without its year; the full date stands on the participant's page."""
    day = show_date(at.date())
    return day[5:] if day[:4].isdigit() else day[:6]


class TwoLines(QStyledItemDelegate):
    """Paints a cell of two lines: what it says, and below, smaller, what to know about it. One line stands in the middle."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        first = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        second = str(index.data(SECOND) or "")
        tone = str(index.data(TONE) or "")
        self.initStyleOption(option, index)
        option.text = ""
        drawer = option.widget.style()
        drawer.drawControl(drawer.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        place = option.rect.adjusted(15, 0, -6, 0)
        painter.save()
        large = index.data(Qt.ItemDataRole.FontRole) or style.font(16)
        if second:
            small = style.font(14, bold=bool(tone))
            top = QRect(place.left(), place.top() + 6, place.width(), 24)
            below = QRect(place.left(), place.top() + 30, place.width(), 21)
            _put(painter, top, first, large, style.TEXT)
            _put(painter, below, second, small, style.colour(tone) if tone else style.TEXT_SECOND)
        else:
            _put(painter, place, first, large, style.TEXT)
        painter.restore()


def _put(painter: QPainter, place: QRect, words: str, font: Any, colour: str) -> None:
    painter.setFont(font)
    painter.setPen(QColor(colour))
    shown = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

"""A section whose items repeat: a table of its rows, and one row at a time to type into.

The table shows as many columns as fit; all of a row stands in its own fields. A crossed-out row stays in sight, struck
through. A new row exists only once something in it was saved.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import language, show_date, tr
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.study.model import Item, Section
from ucmsc_desktop.study.values import Missing, Number, Value, show
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.field_set import FieldMaker, FieldSet
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.pill import LOOKS, PillDelegate
from ucmsc_desktop.ui.widgets.table import Table

_ROW_HEIGHT = 48
_HEAD_HEIGHT = 66
_STATE_WIDTH = 150
_NUMBER_WIDTH = 56


def row_title(section: Section, row: int) -> str:
    """Name a row: "Time-point 3"."""
    name = section.row_label.get() if section.row_label else tr("Row", "行")
    return tr("{name} {row}", "{name} {row}", name=name, row=row)


def short(item: Item, value: Value | None, names: Context) -> str:
    """Show a value in the width of a table: the usual unit stands in the head, the year is left out."""
    from datetime import datetime

    if value is None:
        return ""
    if isinstance(value, Missing):
        return value.code
    if isinstance(value, Number) and value.unit in ("", item.unit):
        return (
            show(value) if not item.is_derived else item.shown(value).removesuffix(item.unit_label()).strip()
        )
    if isinstance(value, datetime):
        day = show_date(value.date())
        return f"{day[5:] if language() == 'zh' else day[:6]} {value:%H:%M}"
    if item.type == "staff" and isinstance(value, str):
        return names.names.get(value, value)
    return item.shown(value)


class _RowsModel(QAbstractTableModel):
    """The rows of a table as text; read only."""

    def __init__(self, section: Section, context: Context) -> None:
        super().__init__()
        self._section = section
        self._context = context
        self.items: tuple[Item, ...] = ()
        self.rows: tuple[int, ...] = ()
        self._view: FormState | None = None
        self._struck: frozenset[int] = frozenset()
        self._states: dict[int, tuple[str, str]] = {}

    def load(
        self, view: FormState, rows: Sequence[int], struck: frozenset[int], items: Sequence[Item]
    ) -> None:
        """Show the rows of a record."""
        self.beginResetModel()
        self._view, self.rows, self._struck, self.items = view, tuple(rows), struck, tuple(items)
        self._states = {row: _state(view, self._section, row, struck=row in struck) for row in rows}
        self.endResetModel()

    def rowCount(self, _parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own
        return len(self.rows)

    def columnCount(self, _parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008 - Qt's own
        return len(self.items) + 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        if orientation != Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        if section == 0:
            return tr("No.", "序号")
        if section == len(self.items) + 1:
            return tr("Status", "状态")
        return head_text(self.items[section - 1])

    def data(
        self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        row = self.rows[index.row()]
        column = index.column()
        if column == len(self.items) + 1:
            status, text = self._states[row]
            if role == Qt.ItemDataRole.UserRole:
                return status
            return text if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole) else None
        if role == Qt.ItemDataRole.DisplayRole:
            return str(row) if column == 0 else self._text(self.items[column - 1], row)
        if role == Qt.ItemDataRole.FontRole and row in self._struck:
            font = QFont(style.font(16))
            font.setStrikeOut(True)
            return font
        if role == Qt.ItemDataRole.ForegroundRole and row in self._struck:
            return QColor(style.TEXT_SECOND)
        return None

    def _text(self, item: Item, row: int) -> str:
        if self._view is None:
            return ""
        value = self._view.value(item.id, row)
        marked = any(f.kind == "soft" for f in self._view.findings if f.cell == Cell(item.id, row))
        return f"▲ {short(item, value, self._context)}" if marked else short(item, value, self._context)


def _state(view: FormState, section: Section, row: int, *, struck: bool) -> tuple[str, str]:
    if struck:
        return "removed", tr("Crossed out", "已划去")
    ids = {i.id for i in section.items}
    found = [f for f in view.findings if f.cell.row == row and f.cell.item in ids and f.is_open]
    kinds = {f.kind for f in found}
    if "block" in kinds or "conflict" in kinds:
        return "block", LOOKS["block"].text.get()
    if "required" in kinds:
        empty = sum(f.kind == "required" for f in found)
        return "started", tr("{n} empty", "{n} 项未填", n=empty)
    if kinds:
        return "query", LOOKS["query"].text.get()
    return "done", LOOKS["done"].text.get()


def head_text(item: Item) -> str:
    """Give the head of a column: label and unit."""
    unit = item.unit_label()
    return f"{item.label}\n{unit}" if unit else str(item.label)


class RowsView(QWidget):
    """The table of a section's rows, or the fields of one of them."""

    row_asked = Signal(int)  # open this row
    add_asked = Signal()
    strike_asked = Signal(int)
    closed = Signal()  # back to the table
    grew = Signal()  # the order of Tab is to be set again

    def __init__(self, section: Section, make: FieldMaker, context: Context, *, read_only: bool) -> None:
        super().__init__()
        self.section = section
        self.editor: FieldSet | None = None
        self._make = make
        self._context = context
        self._read_only = read_only
        self._view: FormState | None = None
        self._new = False
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(12)
        self._list = self._make_list()
        outer.addWidget(self._list)
        self._one = QWidget()
        self._one_lines = QVBoxLayout(self._one)
        self._one_lines.setContentsMargins(0, 0, 0, 0)
        self._one_lines.setSpacing(10)
        self._one_lines.addLayout(self._make_one_head())
        self._one.hide()
        outer.addWidget(self._one)

    def _make_list(self) -> Card:
        card = Card()
        if self.section.note is not None:
            card.body.addWidget(label.hint(str(self.section.note), f"{self.section.id}:note"))
        self._empty = label.hint(tr("Nothing recorded yet.", "尚无记录。"), f"{self.section.id}:empty")
        card.body.addWidget(self._empty)
        self.table = Table(f"{self.section.id}:rows", str(self.section.title))
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        across = self.table.horizontalHeader()
        across.setFixedHeight(_HEAD_HEIGHT)
        across.setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft
            | Qt.AlignmentFlag.AlignVCenter
            | Qt.AlignmentFlag(int(Qt.TextFlag.TextWordWrap))
        )
        across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._model = _RowsModel(self.section, self._context)
        self.table.setModel(self._model)
        self._pills = PillDelegate(self.table)
        self.table.opened.connect(lambda index: self._open_at(index.row()))
        self.table.clicked.connect(lambda index: self._open_at(index.row()))
        card.body.addWidget(self.table)
        line = QHBoxLayout()
        name = self.section.row_label.get() if self.section.row_label else tr("row", "行")
        self.add = button.secondary(
            tr("Add: {name}", "添加{name}", name=name), f"{self.section.id}:add", "add"
        )
        self.add.clicked.connect(self.add_asked)
        if self._read_only:
            self.add.hide()  # never shown from here: without a parent yet it would be a window, and take the focus
        line.addWidget(self.add)
        line.addStretch(1)
        card.body.addLayout(line)
        return card

    def _make_one_head(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(10)
        self._back = button.quiet(tr("All rows", "全部记录"), f"{self.section.id}:all", "chevron_left")
        self._back.clicked.connect(self.closed)
        self._title = label.heading("", f"{self.section.id}:row_title")
        self.strike = button.quiet(tr("Cross out…", "划去……"), f"{self.section.id}:strike", "delete")
        self.strike.clicked.connect(lambda: self.strike_asked.emit(self.row))
        line.addWidget(self._back)
        line.addWidget(self._title, 1)
        line.addWidget(self.strike)
        return line

    # --- one row ---------------------------------------------------------------------------------------------

    @property
    def row(self) -> int:
        """The row that is open; 0 where the table is shown."""
        return self.editor.row if self.editor is not None else 0

    def open_row(self, row: int, *, new: bool = False) -> None:
        """Show the fields of a row; `new`: of one that nothing is saved in yet."""
        self.close_row()
        self._new = new
        self.editor = FieldSet(self.section, row, self._make)
        self.editor.grew.connect(self.grew)
        self._one_lines.addWidget(self.editor)
        self._list.hide()
        self._one.show()

    def close_row(self) -> None:
        """Show the table again."""
        if self.editor is not None:
            self._one_lines.removeWidget(self.editor)
            self.editor.hide()
            self.editor.deleteLater()
            self.editor = None
        self._one.hide()
        self._list.show()

    # --- showing ---------------------------------------------------------------------------------------------

    def show_form(self, view: FormState, *, asks: bool) -> None:
        """Show a record: the table, or the row that is open."""
        self._view = view
        if self.editor is not None:
            row = self.editor.row
            known = row in view.rows(self.section)
            self._new = self._new and not known
            shown = view if known else _with_row(view, self.section, row)
            title = row_title(self.section, row)
            self._title.setText(tr("{title} (new)", "{title}（新）", title=title) if self._new else title)
            self.strike.setVisible(known and not self._read_only)
            self.editor.show_form(shown, asks=asks, new=self._new)
            return
        self._load()

    def _load(self) -> None:
        view = self._view
        if view is None:
            return
        struck = frozenset(c.row for c in view.record.struck if c.item == self.section.id)
        rows = sorted({*view.rows(self.section), *struck})
        self._empty.setVisible(not rows)
        self.table.setVisible(bool(rows))
        self.add.setEnabled(len(rows) - len(struck) < self.section.max_rows)
        items, widths = self._columns(view, rows)
        old = len(self._model.items) + 1
        self._model.load(view, rows, struck, items)
        self.table.setItemDelegateForColumn(old, None)  # type: ignore[arg-type]  # Qt takes None to remove it
        self.table.setItemDelegateForColumn(len(items) + 1, self._pills)
        across = self.table.horizontalHeader()
        across.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)  # first: a stretching column takes no width
        for column, width in enumerate((_NUMBER_WIDTH, *widths)):
            self.table.setColumnWidth(column, width)
        across.setSectionResizeMode(len(items) + 1, QHeaderView.ResizeMode.Stretch)
        self.table.setFixedHeight(_HEAD_HEIGHT + _ROW_HEIGHT * len(rows) + 2)

    def _columns(self, view: FormState, rows: Sequence[int]) -> tuple[list[Item], list[int]]:
        """Choose the columns that fit: in printed order, calculated and long ones left out, then widened to fill."""
        room = max(self.width() - 44, 300) - _NUMBER_WIDTH - _STATE_WIDTH
        metrics = QFontMetrics(style.font(16))
        heads = QFontMetrics(style.font(15, bold=True))
        marked = {f.cell for f in view.findings if f.kind == "soft"}
        sign = metrics.horizontalAdvance("▲ ")
        items: list[Item] = []
        widths: list[int] = []
        for item in self.section.items:
            if item.is_derived or item.lines > 1:
                continue
            words = head_text(item).replace("\n", " ").split()
            head = max(
                [heads.horizontalAdvance(w) for w in words] + [heads.horizontalAdvance(str(item.label)) // 3]
            )
            cells = [
                metrics.horizontalAdvance(short(item, view.value(item.id, r), self._context))
                + (sign if Cell(item.id, r) in marked else 0)
                for r in rows
            ]
            if rows and not any(cells) and items:
                continue  # nothing in it yet: leave the room to what there is
            width = min(max([head, *cells, 36]) + 33, 210)
            if width > room:
                continue
            room -= width
            items.append(item)
            widths.append(width)
        return items, widths

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.editor is None and event.size().width() != event.oldSize().width():
            self._load()

    def sizeHint(self) -> QSize:
        return super().sizeHint()

    def _open_at(self, index: int) -> None:
        if 0 <= index < len(self._model.rows):
            row = self._model.rows[index]
            if self._view is not None and row in self._view.rows(self.section):
                self.row_asked.emit(row)


def _with_row(view: FormState, section: Section, row: int) -> FormState:
    """Give the record as if the row were there, so that skip logic sees this row and not all of them."""
    first = next(i for i in section.items if not i.is_derived)
    return FormState(view.state.with_values(view.key, {Cell(first.id, row): None}), view.key, view.now)

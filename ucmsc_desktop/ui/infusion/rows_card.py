"""The rows of vital signs so far, in order of time. A crossed-out row stays, with a line through it and its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from ucmsc_desktop.i18n import Text, language, tr
from ucmsc_desktop.record import flow_reading
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.session.advice import alarming_items, reference_for
from ucmsc_desktop.study.values import Missing, Number, Value
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.infusion.cells import Meaning
from ucmsc_desktop.ui.style import font
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.table import Index, LineModel, Table

_ROW = 46
_LEFT, _PAD, _GAP, _RISE = 14, 26, 4, 6  # px: of the second line of a row
_INSET = 3  # px: where the style begins the words of a cell

_COLUMNS: tuple[tuple[Text, tuple[str, ...]], ...] = (
    (Text("Point", "时间点"), (flow_reading.POINT,)),
    (Text("Time", "时间"), (flow_reading.MEASURED,)),
    (Text("HR", "心率"), ("ivs_hr",)),
    (Text("BP", "血压"), ("ivs_sbp", "ivs_dbp")),
    (Text("RR", "呼吸"), ("ivs_rr",)),
    (Text("SpO2", "SpO2"), ("ivs_spo2",)),
    (Text("Temp.", "体温"), ("ivs_temp",)),
    (Text("FiO2", "FiO2"), ("ivs_fio2",)),
    (Text("Symptoms", "症状"), ("ivs_symptoms",)),
)
_SYMPTOMS = len(_COLUMNS) - 1
_SPARE = (
    (7, 700),
    (4, 640),
    (6, 600),
)  # columns left out below a width of the card; the trends and the form show them


@dataclass(frozen=True, slots=True)
class _Line:
    row: int
    struck: bool
    texts: tuple[str, ...]
    meanings: tuple[Meaning, ...]


def lines_of(view: FormState) -> tuple[_Line, ...]:
    """Read the rows of the flow sheet, crossed-out ones too."""
    section = flow_reading.flow_section(view)
    ids = {i.id for i in section.items}
    rows = {c.row for c in view.record.cells if c.row and c.item in ids}
    struck = {r for r in rows if Cell(section.id, r) in view.record.struck}
    lines = []
    for row in sorted(
        rows,
        key=lambda r: ((at := flow_reading.measured_at(view, r)) is None, at.timestamp() if at else 0, r),
    ):
        cells = [_text(view, items, row) for _title, items in _COLUMNS]
        lines.append(_Line(row, row in struck, tuple(t for t, _u in cells), tuple(m for _t, m in cells)))
    return tuple(lines)


def _text(view: FormState, items: tuple[str, ...], row: int) -> tuple[str, Meaning]:
    """Give the text of one place of the table with its change against the reference, and what it means."""
    texts: list[str] = []
    meaning: Meaning = ""
    by = ""
    acts = alarming_items(view, row) if view.value("inf_start_dtm") is not None else frozenset()
    for name in items:
        value, item = view.value(name, row), view.form.by_id[name]
        number = flow_reading.amount(view, name, row)
        if number is not None and flow_reading.is_unusual(item, number):
            meaning = meaning or "watch"
        if name in acts and value is not None and view.value(flow_reading.POINT, row) not in ("PRE15", "T0"):
            meaning = "act"
        reference = reference_for(view, name)
        before = flow_reading.amount(view, name, reference) if reference not in (None, row) else None
        if number is not None and before is not None and not by and name != "ivs_fio2":
            by = f" {flow_reading.change(number, before)}"
        texts.append(_shown(view, name, value, row))
    text = "/".join(texts) if any(texts) else ""
    mark = "▲" if meaning else ""
    return (f"{text}{mark}{by}" if text else ""), meaning


def _shown(view: FormState, name: str, value: Value | None, row: int) -> str:
    match value:
        case None:
            return ""
        case Missing():
            return value.code
        case Number():
            number = flow_reading.amount(view, name, row)
            return flow_reading.short(number) if number is not None else ""
        case str() if name == flow_reading.POINT:
            return value
        case _ if name == flow_reading.MEASURED:
            at = flow_reading.measured_at(view, row)
            return f"{at:%H:%M}" if at else ""
        case _:
            return view.form.by_id[name].shown(value, language())


class RowModel(LineModel):
    """The rows as a table."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__([heading for heading, _ids in _COLUMNS], parent)
        self._plain, self._bold, self._struck = font(16), font(16, bold=True), font(16)
        self._struck.setStrikeOut(True)

    def show_lines(self, lines: Sequence[_Line]) -> None:
        """Show other rows; the same ones again leave the choice where it is."""
        if tuple(lines) != tuple(self.lines):
            super().show_lines(lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line, column = self.lines[index.row()], index.column()
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return line.texts[column]
            case Qt.ItemDataRole.ToolTipRole | Qt.ItemDataRole.AccessibleTextRole:
                gone = tr("crossed out", "已划去") if line.struck else ""
                return f"{_COLUMNS[column][0]} {line.texts[column]} {gone}".strip()
            case Qt.ItemDataRole.FontRole:
                return self._font(line, column)
            case Qt.ItemDataRole.ForegroundRole if line.struck or line.meanings[column]:
                if line.struck:
                    return QColor(style.TEXT_SECOND)
                return QColor(style.ERROR if line.meanings[column] == "act" else style.WARNING)
            case _:
                return None

    def _font(self, line: _Line, column: int) -> QFont:
        if line.struck:
            return self._struck
        return self._bold if column == 0 or line.meanings[column] else self._plain


class _TopLine(QStyledItemDelegate):
    """Paints a cell in the first line of its row; symptoms that have no room in their column stand in a second line."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        table = option.widget
        self.initStyleOption(option, index)
        below = isinstance(table, RowsTable) and bool(table.below(index.row()))
        if below and index.column() == _SYMPTOMS:
            option.text = ""
        words = option.text
        drawer = table.style()
        option.text = ""
        drawer.drawControl(drawer.ControlElement.CE_ItemViewItem, option, painter, table)
        option.text = words
        option.rect = QRect(option.rect.topLeft(), QSize(option.rect.width(), _ROW))
        place = drawer.subElementRect(drawer.SubElement.SE_ItemViewItemText, option, table)
        painter.save()
        painter.setFont(option.font)
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        shown = QFontMetrics(option.font).elidedText(words, Qt.TextElideMode.ElideRight, place.width() + 1)
        place.adjust(_INSET, 0, 0, 0)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
        painter.restore()


class RowsTable(Table):
    """The table of rows; a row with more symptoms than its column holds is higher and names them below its numbers."""

    def __init__(self, object_name: str, accessible: str) -> None:
        super().__init__(object_name, accessible)
        self.setItemDelegate(_TopLine(self))
        self._below: list[str] = []

    def below(self, row: int) -> str:
        """Give what stands below the numbers of a row; "" where the column holds it."""
        return self._below[row] if row < len(self._below) else ""

    def _too_long(self, row: int) -> str:
        words = self._symptoms(row)
        if not words:
            return ""
        room = self.columnWidth(_SYMPTOMS) - _PAD
        fits = not self.isColumnHidden(_SYMPTOMS) and QFontMetrics(font(16)).horizontalAdvance(words) <= room
        return "" if fits else f"{_COLUMNS[_SYMPTOMS][0]}{tr(': ', '：')}{words}"

    def fit(self) -> int:
        """Give every row the height it needs, and give the height of all."""
        model = self.model()
        self._below = [self._too_long(row) for row in range(model.rowCount())]
        heights = [self._height(row) for row in range(model.rowCount())]
        for row, height in enumerate(heights):
            if self.rowHeight(row) != height:
                self.setRowHeight(row, height)
        return sum(heights)

    def _symptoms(self, row: int) -> str:
        model = self.model()
        return str(model.index(row, _SYMPTOMS).data() or "") if row < model.rowCount() else ""

    def _height(self, row: int) -> int:
        words = self.below(row)
        return _ROW + (self._place(words, 0).height() + _GAP if words else 0)

    def _place(self, words: str, top: int) -> QRect:
        """Give the place of a second line that begins at a height."""
        room = QRect(_LEFT, top, max(80, self.viewport().width() - _LEFT - _PAD), 10_000)
        flags = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        return QFontMetrics(font(16, bold=True)).boundingRect(room, flags, words)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        model = self.model()
        for row in range(model.rowCount()):
            words = self.below(row)
            if not words:
                continue
            cell = model.index(row, _SYMPTOMS)
            colour = cell.data(Qt.ItemDataRole.ForegroundRole)
            painter.setFont(cell.data(Qt.ItemDataRole.FontRole) or font(16))
            painter.setPen(colour if isinstance(colour, QColor) else QColor(style.TEXT))
            place = self._place(words, self.rowViewportPosition(row) + _ROW - _RISE)
            painter.drawText(place, int(Qt.TextFlag.TextWordWrap), words)
        painter.end()


class RowsCard(Card):
    """The table with its two actions. Both carry the row of the flow sheet."""

    strike_asked = Signal(int)
    correct_asked = Signal(int)

    def __init__(self) -> None:
        super().__init__(tr("Recorded so far", "已记录"))
        self.setObjectName("rows_card")
        self.model = RowModel(self)
        self.table = RowsTable("infusion_rows", tr("Vital signs recorded so far", "已记录的生命体征"))
        self.table.setModel(self.model)
        self.table.verticalHeader().setDefaultSectionSize(_ROW)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        across = self.table.horizontalHeader()
        across.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        across.setSectionResizeMode(_SYMPTOMS, QHeaderView.ResizeMode.Stretch)
        self._refit = QTimer(self)  # the header tells of a width before it is one
        self._refit.setSingleShot(True)
        self._refit.setInterval(0)
        self._refit.timeout.connect(self._fit)
        across.sectionResized.connect(lambda *_: self._refit.start())
        self._none = label.hint(
            tr("Nothing yet. T0 is recorded before the start.", "尚无记录。T0 须在开始前测量。")
        )
        self._correct = button.secondary(tr("Correct…", "更正……"), "infusion_correct", "edit")
        self._strike = button.secondary(tr("Cross out…", "划去……"), "infusion_strike", "delete")
        self._why = label.hint(
            tr("Choose a row to correct it or to cross it out.", "选择一行以更正或划去。"),
            "infusion_rows_hint",
        )
        self.body.addWidget(self._none)
        self.body.addWidget(self.table)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self._why, 1)
        line.addWidget(self._correct)
        line.addWidget(self._strike)
        self.body.addLayout(line)
        self._correct.clicked.connect(lambda: self._emit(self.correct_asked))
        self._strike.clicked.connect(lambda: self._emit(self.strike_asked))
        self.table.opened.connect(lambda _index: self._emit(self.correct_asked))
        self.table.selectionModel().currentRowChanged.connect(lambda *_: self._enable())
        self._enable()

    def show_rows(self, view: FormState) -> None:
        """Show the rows of a record."""
        lines = lines_of(view)
        chosen = self.model.line(self.table.current_row())
        self.model.show_lines(lines)
        if chosen is not None:
            self.table.choose_row(next((n for n, line in enumerate(lines) if line.row == chosen.row), -1))
        self._none.setVisible(not lines)
        self.table.setVisible(bool(lines))
        self._fit()
        for part in (self._why, self._correct, self._strike):
            part.setVisible(bool(lines))
        self._enable()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for column, width in _SPARE:
            self.table.setColumnHidden(column, self.width() < width)
        self._fit()

    def _fit(self) -> None:
        """Give the table the height of its rows."""
        self.table.setFixedHeight(self.table.horizontalHeader().height() + self.table.fit() + 4)

    def _enable(self) -> None:
        line = self.model.line(self.table.current_row())
        can = line is not None and not line.struck
        self._correct.setEnabled(can)
        self._strike.setEnabled(can)

    def _emit(self, signal: Any) -> None:
        line = self.model.line(self.table.current_row())
        if line is not None and not line.struck:
            signal.emit(line.row)

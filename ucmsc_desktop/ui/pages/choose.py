"""Choose a participant, before a page that is about one."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHeaderView, QLineEdit, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import Text, show_date, tr
from ucmsc_desktop.session import SubjectSummary
from ucmsc_desktop.study.values import tidy
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.style import font, set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.page_frame import PageFrame
from ucmsc_desktop.ui.widgets.page_header import PageHeader
from ucmsc_desktop.ui.widgets.table import Index, LineModel, Table

_COLUMNS = (
    Text("Participant", "受试者"),
    Text("Initials", "姓名缩写"),
    Text("Bed", "床号"),
    Text("Born", "出生日期"),
    Text("Visit", "访视"),
    Text("Status", "状态"),
)


class SubjectModel(LineModel):
    """The participants as a table."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_COLUMNS, parent)
        self._bold = font(16, bold=True)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role == Qt.ItemDataRole.FontRole and index.column() == 0:
            return self._bold
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        s: SubjectSummary = self.lines[index.row()]
        born = show_date(s.birth_date) if s.birth_date else "–"
        return (s.subject, s.initials or "–", s.bed or "–", born, s.visit.get(), s.status.get())[
            index.column()
        ]


class ChoosePage(QWidget):
    """A list of participants with a search box."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("choose_page")
        self._desk = desk
        self._then = "participant"
        frame = PageFrame(self, scroll=False)
        self._header = PageHeader(tr("Choose a participant", "选择受试者"))
        self._search = named(QLineEdit(), "choose_search", tr("Scan or search", "扫描或查找"))
        self._search.setPlaceholderText(tr("Scan wristband, or search", "扫描腕带，或查找"))
        self._search.setProperty("takes_scan", True)
        self._search.setMinimumWidth(260)
        self._header.buttons.addWidget(self._search)
        frame.body.addWidget(self._header)
        self._table = Table("choose_table", tr("Participants", "受试者"))
        self._model = SubjectModel(self)
        self._table.setModel(self._model)
        across = self._table.horizontalHeader()
        across.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        card = set_kind(QFrame(), "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self._table, 1)
        self._none = label.hint("", "choose_none")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside.addWidget(self._none, 1)
        frame.body.addWidget(card, 1)
        self._open = button.primary(tr("Open", "打开"), "choose_open", "arrow_forward")
        frame.body.addWidget(self._open, 0, Qt.AlignmentFlag.AlignRight)
        self._open.clicked.connect(self._open_current)
        self._table.opened.connect(self._open_current)
        self._search.textChanged.connect(self.refresh)
        self._search.returnPressed.connect(self._open_current)
        desk.changed.connect(self._on_desk_changed)

    def open(self, *, then: str = "participant", **_what: object) -> None:
        """Show all participants; the one chosen is opened on the page `then`."""
        self._then = then
        self._search.clear()
        self.refresh()
        self._table.setFocus()

    def refresh(self) -> None:
        """Read the participants again."""
        wanted = tidy(self._search.text()).casefold()
        found = [
            s
            for s in self._desk.session.subjects()
            if wanted in f"{s.subject} {s.initials} {s.bed} {s.status.en} {s.status.zh}".casefold()
        ]
        self._model.show_lines(found)
        self._table.choose_row(0)
        self._table.setVisible(bool(found))
        self._none.setVisible(not found)
        self._none.setText(tr("No participant matches.", "没有符合条件的受试者。"))
        self._open.setEnabled(bool(found))

    def _open_current(self, _index: object = None) -> None:
        row = self._table.current_row()
        if 0 <= row < len(self._model.lines):
            self._desk.go(self._then, subject=self._model.lines[row].subject)

    def _on_desk_changed(self, _change: object) -> None:
        if self.isVisible() and self._desk.is_signed_in:
            self.refresh()

"""The audit trail of a participant: every value that was ever recorded, who, when and why. Read only.

Newest first. Nothing is left out: first entries, changes, clearings, calculated values (on request), crossed-out rows,
completions and signatures stand in one list.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QHeaderView, QLineEdit, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import Text, show_datetime, tr
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.session import Session
from ucmsc_desktop.session.ward_clock import difference
from ucmsc_desktop.study.model import Form, Item
from ucmsc_desktop.study.values import Value, tidy
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.style import font, set_kind
from ucmsc_desktop.ui.widgets import label
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.page_frame import PageFrame
from ucmsc_desktop.ui.widgets.page_header import PageHeader
from ucmsc_desktop.ui.widgets.table import Index, LineModel, Table

_COLUMNS = (
    Text("When", "时间"),
    Text("Form", "表单"),
    Text("Item", "项目"),
    Text("Old", "原值"),
    Text("New", "新值"),
    Text("Who", "何人"),
    Text("Why", "理由"),
)
_ITEM = 2  # takes what the others leave
_LEAST = (0, 110, 150, 0, 180, 170, 0)  # where there is not room for all of the content
_MOST = (200, 190, 0, 180, 260, 210, 180)
_MEASURED = 200  # lines: what a person sees first
_PAD = 38
_ROW = 46


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the audit trail, as a person reads it."""

    at: datetime
    key: FormKey
    cell: Cell | None
    form: str
    item: str
    old: str
    new: str
    who: str
    why: str
    seq: int = 0
    is_derived: bool = False

    def texts(self) -> tuple[str, ...]:
        """Give the columns."""
        return show_datetime(self.at), self.form, self.item, self.old, self.new, self.who, self.why


def lines_of(session: Session, subject: str) -> list[Line]:
    """Give the audit trail of a participant, newest first. Raises: UnknownThing."""
    state = session.state(subject)
    now = session.now()
    found: list[Line] = []
    for key in state.record.forms:
        found.extend(_lines_of_form(session, FormState(state, key, now)))
    found.extend(_lines_of_reminders(session, state))
    return sorted(found, key=lambda line: (line.at, line.seq), reverse=True)


def _lines_of_form(session: Session, view: FormState) -> Iterator[Line]:
    record, key = view.record, view.key
    study = session.study
    place = _place(view.form, key)
    for cell in record.cells:
        item = view.form.by_id.get(cell.item)
        if item is None:
            continue
        name = item.label.get() + (tr(", row {n}", "，第 {n} 行", n=cell.row) if cell.row else "")
        before: Value | None = None
        for number, entry in enumerate(view.history(cell.item, cell.row)):
            old = "" if number == 0 else _words(session, item, before)
            new = (
                _words(session, item, entry.value)
                if not entry.kept
                else tr("(stays at the site)", "（仅留存本中心）")
            )
            why = entry.reason or (tr("calculated", "计算值") if entry.origin == "derived" else "")
            if entry.offset_s:  # the time in this line is the laptop's own
                by = difference(entry.offset_s).get()
                clock = tr("clock {by}", "时钟{by}", by=by)
                why = tr("{why}; {clock}", "{why}；{clock}", why=why, clock=clock) if why else clock
            yield Line(
                entry.at, key, cell, place, name, old, new, session.people.name_of(entry.user), why,
                entry.seq, entry.origin == "derived",
            )  # fmt: skip
            before = entry.value
    for strike in record.strikes:
        who = session.people.name_of(strike.user)
        struck = tr("crossed out", "已划除")
        yield Line(
            strike.at, key, None, place, tr("Row of a table", "表格行"), "", struck, who, strike.reason
        )
    for sign in record.signatures:
        meaning = study.meaning_by_id.get(sign.meaning)
        words = meaning.title.get() if meaning else sign.meaning
        why = tr("void: changed afterwards", "已失效：签名后有修改") if sign.voided else ""
        who = session.people.name_of(sign.user)
        yield Line(sign.at, key, None, place, tr("Signature", "签名"), "", words, who, why, sign.seq)
    for lock in record.locks:
        who = session.people.name_of(lock.user)
        said = tr("locked", "已锁定") if lock.is_locked else tr("unlocked", "已解锁")
        yield Line(lock.at, key, None, place, tr("Form", "表单"), "", said, who, lock.reason, lock.seq)
    for passed in record.overrides:
        check = next((c for c in view.form.checks if c.id == passed.check), None)
        about = str(check.message) if check is not None and not check.named_values else passed.check
        who, said = session.people.name_of(passed.user), tr("passed with a reason", "说明理由后放行")
        yield Line(passed.at, key, None, place, about, "", said, who, passed.reason, passed.seq)
    if record.completed_at is not None:
        who = session.people.name_of(record.completed_by)
        done = tr("declared complete", "已确认完成")
        yield Line(record.completed_at, key, None, place, tr("Form", "表单"), "", done, who, "")


def _place(form: Form, key: FormKey) -> str:
    """Name a record by what tells it from its like, first: the column is narrow, and two events begin with the same word."""
    which = ""
    if form.repeat in ("log", "day", "infusion"):
        which = f" {key.n}"
    elif form.repeat == "visit":
        which = f" {key.visit}"
    return f"{form.id}{which} · {form.short}"


def _in_order(place: tuple[str, str]) -> tuple[int, str]:
    """Sort records by the number of their form."""
    return int(FormKey.parse(place[0]).form[1:]), place[1]


def _lines_of_reminders(session: Session, state: SubjectState) -> Iterator[Line]:
    for note in state.record.reminders:
        form = session.study.forms.get(note.key.form)
        place = _place(form, note.key) if form is not None else note.key.form
        about = tr(
            "Reminder {point}, {due}", "提醒 {point}，{due}", point=note.point, due=f"{note.due:%H:%M}"
        )
        if note.what == "snoozed":
            said = tr("put off {n} min", "推迟 {n} 分钟", n=note.minutes)
        else:
            said = tr("missed: not recorded in its window", "漏做：时间窗内未记录")
        who = session.people.name_of(note.user)
        yield Line(note.at, note.key, None, place, about, "", said, who, "", note.seq)


def _words(session: Session, item: Item, value: Value | None) -> str:
    if value is None:
        return tr("(empty)", "（空）")
    if item.type == "staff" and isinstance(value, str):
        return session.people.name_of(value)
    return item.shown(value)


def widths_of(lines: Sequence[Line]) -> list[int]:
    """Measure what each column wants, by its heading and the first lines."""
    plain, bold = QFontMetrics(font(15)), QFontMetrics(font(15, bold=True))
    found = [bold.horizontalAdvance(title.get()) for title in _COLUMNS]
    for line in lines[:_MEASURED]:
        for column, text in enumerate(line.texts()):
            found[column] = max(found[column], (bold if column == 4 else plain).horizontalAdvance(text))
    return [min(w + _PAD, most or 280) for w, most in zip(found, _MOST, strict=True)]


class TrailModel(LineModel):
    """The lines as a table."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_COLUMNS, parent)
        self._bold = font(15, bold=True)
        self._plain = font(15)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line: Line = self.lines[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return line.texts()[index.column()]
            case Qt.ItemDataRole.AccessibleTextRole:
                return f"{_COLUMNS[index.column()].get()} {line.texts()[index.column()]}"
            case Qt.ItemDataRole.FontRole:
                return self._bold if index.column() == 4 else self._plain
            case _:
                return None


class ReviewPage(QWidget):
    """Shows the audit trail; the line chosen is written out in full below the table."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("review_page")
        self._desk = desk
        self._subject = ""
        self._lines: list[Line] = []
        frame = PageFrame(self, scroll=False)
        frame.body.setSpacing(10)
        self._header = PageHeader(tr("History", "历史"), " ")
        frame.body.addWidget(self._header)
        line = QHBoxLayout()
        line.setSpacing(12)
        self._search = named(QLineEdit(), "review_search", tr("Search the history", "查找历史"))
        self._search.setPlaceholderText(tr("Item, value, person or reason", "项目、数值、人员或理由"))
        self._search.setClearButtonEnabled(True)
        self._form = ChoiceBox("review_form", tr("Form", "表单"))
        self._form.setMinimumWidth(200)
        words = tr("Changes only", "仅显示修改")
        self._changes = named(QCheckBox(words), "review_changes", words)
        words = tr("Calculated values", "含计算值")
        self._derived = named(QCheckBox(words), "review_derived", words)
        line.addWidget(self._search, 1)
        line.addWidget(self._form)
        line.addWidget(self._changes)
        line.addWidget(self._derived)
        frame.body.addLayout(line)
        self._table = Table("review_table", tr("History", "历史"))
        self._table.verticalHeader().setDefaultSectionSize(_ROW)
        self._model = TrailModel(self)
        self._table.setModel(self._model)
        across = self._table.horizontalHeader()
        across.setSectionResizeMode(_ITEM, QHeaderView.ResizeMode.Stretch)
        across.setMinimumSectionSize(60)
        self._table.viewport().installEventFilter(self)
        card = set_kind(QFrame(), "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(1, 1, 1, 1)
        inside.addWidget(self._table, 1)
        self._none = label.hint(tr("Nothing matches.", "没有符合条件的记录。"), "review_none")
        self._none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inside.addWidget(self._none, 1)
        frame.body.addWidget(card, 1)
        self._full = label.body("", "review_full")
        self._full.setMinimumHeight(2 * QFontMetrics(font(16)).lineSpacing())
        self._full.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        frame.body.addWidget(self._full)
        self._search.textChanged.connect(self._filter)
        self._form.activated.connect(self._filter)
        self._changes.toggled.connect(self._filter)
        self._derived.toggled.connect(self._filter)
        self._table.selectionModel().currentRowChanged.connect(self._on_row_changed)
        self._table.opened.connect(self._open_current)
        desk.changed.connect(self._on_desk_changed)

    def open(self, *, subject: str, key: FormKey | None = None, **_what: object) -> None:
        """Show the history of a participant, or of one of its records. Raises: UnknownThing."""
        self._desk.session.state(subject)
        self._subject = subject
        self.refresh()
        self._form.set_code(str(key) if key is not None else "*")
        self._filter()
        self._table.setFocus()

    def refresh(self) -> None:
        """Read the history again."""
        self._lines = lines_of(self._desk.session, self._subject)
        places = {str(line.key): line.form for line in self._lines}
        chosen = self._form.code() or "*"
        self._form.set_choices([("*", tr("All forms", "全部表单")), *sorted(places.items(), key=_in_order)])
        self._form.set_code(chosen if chosen in places else "*")
        self._filter()

    def _filter(self) -> None:
        wanted = tidy(self._search.text()).casefold()
        form = self._form.code()
        shown = [
            line
            for line in self._lines
            if (form in ("*", "", str(line.key)))
            and (self._derived.isChecked() or not line.is_derived)
            and (not self._changes.isChecked() or line.old)
            and (not wanted or wanted in " ".join(line.texts()).casefold())
        ]
        self._model.show_lines(shown)
        self._fit()
        self._header.set_hint(
            tr("{n} of {all} entries", "显示 {n} / {all} 条", n=len(shown), all=len(self._lines))
        )
        self._table.setVisible(bool(shown))
        self._none.setVisible(not shown)
        self._full.setText("")
        self._table.choose_row(0)

    def _fit(self) -> None:
        """Give each column what its content needs; where that is too much, the widest give up most."""
        wanted = [float(w) for w in widths_of(self._model.lines)]
        least = [float(max(low, 60)) for low in _LEAST]
        over = sum(wanted) - max(self._table.viewport().width(), sum(least))
        spare: list[float] = [max(w - low, 0.0) for w, low in zip(wanted, least, strict=True)]
        spare[0] = 0.0  # a time is never cut
        give = sum(spare, 0.0)
        share = min(1.0, over / give) if over > 0.0 and give > 0.0 else 0.0
        for column, width in enumerate(wanted):
            if column != _ITEM:
                self._table.setColumnWidth(column, int(width - share * spare[column]))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and watched is self._table.viewport():
            self._fit()
        return False

    def _on_row_changed(self, index: QModelIndex) -> None:
        if not 0 <= index.row() < len(self._model.lines):
            return
        line = self._model.lines[index.row()]
        change = f"{line.old} → {line.new}" if line.old else line.new
        parts = (line.item, change, line.who, show_datetime(line.at, seconds=True), line.why)
        self._full.setText(" · ".join(part for part in parts if part))

    def _open_current(self, index: QModelIndex) -> None:
        line = self._model.lines[index.row()]
        what: dict[str, object] = {"subject": self._subject, "key": line.key}
        if line.cell is not None:
            what["cell"] = line.cell
        self._desk.go("form", **what)

    def _on_desk_changed(self, change: object) -> None:
        if not self.isVisible() or not self._desk.is_signed_in:
            return
        if change is None or getattr(change, "subject", "") == self._subject:
            self.refresh()

"""The form page: one record of one form, a small group of items at a time.

It reads a `FormState` from the session, hands it to the fields and takes what they commit to the desk. It is made once
per record and updated in place; nothing is rebuilt because a value was saved. "Saved" is said only with the time of a
`Change`, which exists only after the disk has it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from ucmsc_desktop.errors import (
    ConfirmNeeded,
    KnownError,
    NotComplete,
    ReasonNeeded,
    SignedOut,
    StepBlocked,
    ValueRefused,
)
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.entry import may_enter
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.study.model import Form, Item, Section
from ucmsc_desktop.study.values import Missing, Number, Value
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.form import words
from ucmsc_desktop.ui.form.check_view import CheckView, next_slot
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.drafts import DraftKeeper
from ucmsc_desktop.ui.form.error_summary import ErrorSummary
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.form.field_set import FieldSet
from ucmsc_desktop.ui.form.focus_watch import FocusWatch
from ucmsc_desktop.ui.form.foot import Foot
from ucmsc_desktop.ui.form.gaps import GapDialogs
from ucmsc_desktop.ui.form.item_panel import ItemPanel
from ucmsc_desktop.ui.form.number_input import unit_that_fits
from ucmsc_desktop.ui.form.rows_view import RowsView
from ucmsc_desktop.ui.form.section_list import LIST_WIDTH, SectionList, SectionStrip, Step, state_of
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.widgets import label
from ucmsc_desktop.ui.widgets.page_frame import MARGIN, PageFrame
from ucmsc_desktop.ui.widgets.pill import Pill

CHECK = "#check"  # the step behind the last section
LIST_FROM = 1060  # page width from which the sections stand at the left


class FormPage(QWidget):
    """A form of a participant."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._subject = ""
        self._key: FormKey | None = None
        self._view: FormState | None = None
        self._sections: dict[str, FieldSet | RowsView] = {}
        self._current = ""
        self._asked: set[str] = set()  # sections in which "Save and continue" was pressed: now empty items are named
        self._last: Field | None = None
        self._ended = False
        self._structure: object = None
        self._context = Context(now=self._now)
        self._build()
        self._drafts = DraftKeeper(self, self._fields, self._save_draft)
        self._gaps = GapDialogs(desk, self)
        self._panel = ItemPanel(self, self._name_of)
        self._panel_cell: Cell | None = None
        self._panel.not_done_asked.connect(self._on_panel_not_done_asked)
        self._panel.clear_asked.connect(self._on_panel_clear_asked)
        self._panel.closed.connect(self._on_panel_closed)
        self._focus = FocusWatch(self)
        self._focus.entered.connect(self._on_focus_entered)
        self._focus.left.connect(self._on_focus_left)
        desk.changed.connect(self._on_desk_changed)
        desk.scanned.connect(self._on_desk_scanned)
        desk.lock_began.connect(self._on_desk_lock_began)
        for keys, act in (
            ("Ctrl+Return", self._on_foot_advanced),
            ("Ctrl+Enter", self._on_foot_advanced),
            ("Ctrl+PgDown", lambda: self._turn(1)),
            ("Ctrl+PgUp", lambda: self._turn(-1)),
            ("Ctrl+D", self._on_foot_not_done_asked),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(act)

    def _build(self) -> None:  # noqa: PLR0915 - one widget after the other
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        middle = QHBoxLayout()
        middle.setSpacing(0)
        outer.addLayout(middle, 1)
        self._list_area = QScrollArea()
        self._list_area.setWidgetResizable(True)
        self._list_area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._list_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list_area.setFixedWidth(LIST_WIDTH + MARGIN + 4)
        holder = QWidget()
        holder.setObjectName("body")
        holding = QVBoxLayout(holder)
        holding.setContentsMargins(MARGIN, 16, 0, 12)
        self._list = SectionList()
        holding.addWidget(self._list)
        self._list_area.setWidget(holder)
        middle.addWidget(self._list_area)
        column = QWidget()
        self._frame = PageFrame(column)
        middle.addWidget(column, 1)
        self._strip = SectionStrip()
        self._summary = ErrorSummary()
        self._crumb = label.hint("", "form_title")
        self._pill = Pill("empty")
        self._title = label.heading("", "section_title")
        self._title.setProperty("kind", "title")
        self._banner = label.body("", "form_banner")
        body = self._frame.body
        body.setContentsMargins(MARGIN, 14, MARGIN, 20)
        body.setSpacing(10)
        body.addWidget(self._strip)
        body.addWidget(self._summary)
        head = QHBoxLayout()
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._crumb)
        texts.addWidget(self._title)
        head.addLayout(texts, 1)
        head.addWidget(self._pill, 0, Qt.AlignmentFlag.AlignTop)
        body.addLayout(head)
        body.addWidget(self._banner)
        self._place = QVBoxLayout()
        body.addLayout(self._place)
        body.addStretch(1)
        self._check = CheckView(self._name_of)
        self._check.hide()
        self._place.addWidget(self._check)
        self._foot = Foot()
        outer.addWidget(self._foot)
        self._list.chosen.connect(self._on_section_chosen)
        self._strip.chosen.connect(self._on_section_chosen)
        self._summary.asked.connect(self.go_to)
        self._summary.passed.connect(self._on_summary_passed)
        self._check.asked.connect(self.go_to)
        self._check.sign_asked.connect(self._sign)
        self._foot.advanced.connect(self._on_foot_advanced)
        self._foot.went_back.connect(self._on_foot_went_back)
        self._foot.not_done_asked.connect(self._on_foot_not_done_asked)

    # --- the contract of pages -------------------------------------------------------------------------------

    def open(self, **what: object) -> None:
        """Show a record: subject, key; `item` and `row` take the focus there. Raises: UnknownThing."""
        subject, key = what.get("subject"), what.get("key")
        if not isinstance(subject, str) or not isinstance(key, FormKey):
            self._desk.go("participant", **({"subject": subject} if isinstance(subject, str) else {}))
            return
        view = self._desk.session.form(subject, key)
        self._forget()
        self._subject, self._key = subject, key
        self._learn()
        self._drafts.begin(self._desk.session.drafts(subject, key))
        self._foot.show_saved(view.record.last_at, now=self._desk.session.now(), fresh=False)
        self._take(view)
        item, row = what.get("item"), what.get("row")
        if isinstance(item, str) and item in view.form.by_id:
            self.go_to(Cell(item, row if isinstance(row, int) else 0))
            return
        steps = self._steps(view)
        first = next((s.id for s in steps if s.state in ("problem", "progress")), None)
        first = first or next((s.id for s in steps if s.state == "empty"), steps[-1].id)
        self._show(first)

    def refresh(self) -> None:
        """Read the record again and show it."""
        if self._key is not None and self._desk.is_signed_in:
            self._take(self._desk.session.form(self._subject, self._key))
            self._render()

    def leave(self) -> bool:
        """Save what is typed, keep as a draft what cannot be saved, and let go."""
        self._commit_all()
        self._drafts.flush()
        unsaved = sum(f.is_dirty for f in self._fields())
        if unsaved:
            text = tr("{n} entries are not saved. They are kept as typed.", "有 {n} 项尚未保存，已按键入内容保留。", n=unsaved)
            self._desk.say(Notice("warning", text, todo=tr("Open the form again to finish them.", "请重新打开表单完成录入。")))
        self._panel.dismiss()
        return True

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Give the keys of this page for the list of keys."""
        return (
            ("Ctrl+Enter", tr("save and continue", "保存并继续")),
            ("Ctrl+PgUp / Ctrl+PgDn", tr("section before, next section", "上一部分、下一部分")),
            ("F4", tr("history of this item, not done, clear", "本项修改记录、未做、清除")),
            ("Ctrl+D", tr("not done…", "未做……")),
            ("1 … 9, Y, N, U", tr("choose an answer", "选择答案")),
            ("T", tr("today, in a date", "日期填今天")),
            ("U", tr("unknown, in a part of a date", "日期中的未知部分")),
            ("Esc", tr("take back what was typed", "撤销键入内容")),
        )

    # --- reading ---------------------------------------------------------------------------------------------

    def _learn(self) -> None:
        """Take over who works here and which time it is."""
        session = self._desk.session
        accounts = session.accounts()
        self._context = Context(
            now=self._now,
            staff=tuple((a.user, a.name) for a in accounts if a.active),
            me=session.account.user,
            names={a.user: a.name for a in accounts},
        )

    def _now(self) -> datetime:
        return self._desk.session.now()

    def _name_of(self, user: str) -> str:
        return self._desk.session.account_name(user)

    def _take(self, view: FormState) -> None:
        self._view = view
        structure = (view.key, view.record.locked, self._subject)
        if structure != self._structure:
            self._structure = structure
            self._discard()

    @property
    def _form(self) -> Form:
        assert self._view is not None
        return self._view.form

    def _fields(self) -> Iterator[Field]:
        for part in self._sections.values():
            found = part if isinstance(part, FieldSet) else part.editor
            if found is not None:
                yield from found.made.values()

    def _field(self, cell: Cell) -> Field | None:
        for part in self._sections.values():
            found = part if isinstance(part, FieldSet) else part.editor
            if found is not None and cell.item in {i.id for i in found.section.items} and found.row == cell.row:
                return found.field(cell)
        return None

    def _steps(self, view: FormState) -> list[Step]:
        steps = []
        refused = {f.item.id for f in self._fields() if f.problem}
        for section in view.form.sections:
            state = state_of(view, section)
            if state is None and section.id != self._current:
                continue
            if refused and any(i.id in refused for i in section.items):
                state = "problem"
            steps.append(Step(section.id, str(section.title), state or "empty"))
        done = view.status in ("complete", "signed", "locked")
        signed = done and next_slot(view, self._desk.session.account.role) is None
        state_of_check = "done" if signed else "progress" if done else "empty"
        steps.append(Step(CHECK, tr("Check and sign", "核对并签名"), state_of_check))  # type: ignore[arg-type]
        return steps

    # --- building --------------------------------------------------------------------------------------------

    def _forget(self) -> None:
        self._asked.clear()
        self._last = None
        self._current = ""
        self._structure = None
        self._panel.dismiss()
        self._discard()

    def _discard(self) -> None:
        self._focus.forget()
        self._last = None
        for part in self._sections.values():
            self._place.removeWidget(part)
            part.hide()
            part.deleteLater()
        self._sections = {}

    def _section(self, section_id: str) -> Section:
        return next(s for s in self._form.sections if s.id == section_id)

    def _make_field(self, item: Item, row: int) -> Field:
        assert self._view is not None
        role = self._desk.session.account.role
        locked = self._view.record.locked
        allowed = may_enter(self._form, item, role)
        closed = ""
        if not allowed and not item.is_derived and self._may_enter_some():
            closed = tr("Entered by: {who}", "由以下角色录入：{who}", who=words.roles(item.by or self._form.by))
        field = Field(item, row, self._context, closed=closed, read_only=locked or not allowed)
        field.committed.connect(lambda value, f=field: self._on_field_committed(f, value))
        field.typed.connect(self._on_field_typed)
        field.advanced.connect(lambda f=field: self._on_field_advanced(f))
        field.more_asked.connect(lambda f=field: self._show_panel(f))
        field.undone.connect(lambda f=field: self._put_back(f))
        text = self._drafts.of(field.cell)
        if text and not field.is_read_only:
            field.set_value(self._view.value(item.id, row))
            field.restore(text)
        return field

    def _on_focus_entered(self, field: object) -> None:
        if isinstance(field, Field):
            self._last = field
            self._frame.ensure_visible(field)

    def _on_focus_left(self, field: object) -> None:
        if isinstance(field, Field) and isValid(field) and not self._ended:
            field.left()

    def _set_tab_order(self) -> None:
        """Let Tab go through the fields as printed, then to the foot."""
        part = self._sections.get(self._current)
        fields = part if isinstance(part, FieldSet) else part.editor if part is not None else None
        if fields is None:
            return
        last: QWidget | None = None
        for field in fields.shown_so_far():
            for widget in field.stops():
                if last is not None:
                    QWidget.setTabOrder(last, widget)
                last = widget
        if last is not None:
            for widget in (self._foot.not_done, self._foot.primary, self._foot.back):
                QWidget.setTabOrder(last, widget)
                last = widget

    def _may_enter_some(self) -> bool:
        role = self._desk.session.account.role
        return any(may_enter(self._form, i, role) for i in self._form.items())

    def _part(self, section_id: str) -> FieldSet | RowsView:
        part = self._sections.get(section_id)
        if part is not None:
            return part
        section = self._section(section_id)
        if section.rows:
            assert self._view is not None
            closed = self._view.record.locked or self._desk.session.account.role not in self._form.by
            part = RowsView(section, self._make_field, self._context, read_only=closed)
            part.row_asked.connect(self._open_row)
            part.add_asked.connect(self._add_row)
            part.strike_asked.connect(self._strike_row)
            part.closed.connect(self._close_row)
        else:
            part = FieldSet(section, 0, self._make_field)
            part.grew.connect(self._set_tab_order)
        part.hide()
        self._place.addWidget(part)
        self._sections[section_id] = part
        return part

    # --- showing ---------------------------------------------------------------------------------------------

    def _show(self, section_id: str, *, focus: bool = True) -> None:
        """Show a section, or the check at the end."""
        self._panel.dismiss()
        self._current = section_id
        for name, part in self._sections.items():
            part.setVisible(name == section_id)
        self._check.setVisible(section_id == CHECK)
        shown = None if section_id == CHECK else self._part(section_id)
        self._render()
        if shown is not None:
            shown.show()
        if self._frame.area is not None:
            self._frame.area.verticalScrollBar().setValue(0)
        if focus:
            self._focus_first()

    def _focus_first(self) -> None:
        part = self._sections.get(self._current)
        fields = part if isinstance(part, FieldSet) else part.editor if part is not None else None
        if fields is not None:
            made = fields.shown_so_far()
            first = next((f for f in made if f.is_open), None)
            if first is None:
                first = next((f for f in fields.shown() if f.is_open), None)
            if first is not None:
                first.focus()
                return
        if isinstance(part, RowsView) and part.add.isVisibleTo(part):
            part.add.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        if self._current == CHECK and self._check.focus():
            return
        self._foot.primary.setFocus(Qt.FocusReason.OtherFocusReason)

    def _render(self) -> None:
        view = self._view
        if view is None:
            return
        steps = self._steps(view)
        self._list.show_steps(steps, self._current)
        self._strip.show_steps(steps, self._current)
        if self._list.current is not None:
            self._list_area.ensureWidgetVisible(self._list.current, 0, 60)
        self._render_head(view)
        if self._current == CHECK:
            self._check.show_form(view, self._desk.session.account.role)
        else:
            part = self._sections.get(self._current)
            if part is not None:
                part.show_form(view, asks=self._current in self._asked)
        self._summary.show_problems(self._problems())
        self._render_foot(view, steps)

    def _render_head(self, view: FormState) -> None:
        crumb = str(view.form.title)
        visit = view.state.study.visit_by_id.get(view.key.visit)
        if view.form.repeat == "visit" and visit is not None:
            crumb += f" · {visit.title}"
        elif view.form.repeat != "once":
            crumb += f" · {view.key.n}"
        if self._crumb.text() != crumb:
            self._crumb.setText(crumb)
        title = tr("Check and sign", "核对并签名") if self._current == CHECK else str(self._section(self._current).title)
        if self._title.text() != title:
            self._title.setText(title)
        self._pill.set_status(view.status)
        banner = ""
        if view.record.locked:
            banner = tr("This form is locked. The investigator can unlock it with a reason.", "本表单已锁定。研究者填写理由后可解锁。")
        elif not self._may_enter_some():
            who = words.roles(self._form.by)
            banner = tr("You can read this form. It is filled in by: {who}.", "您可查看本表单。由以下角色填写：{who}。", who=who)
        elif view.form.note is not None and self._current == view.form.sections[0].id:
            banner = str(view.form.note)
        self._banner.setText(banner)
        self._banner.setVisible(bool(banner))

    def _render_foot(self, view: FormState, steps: list[Step]) -> None:
        part = self._sections.get(self._current)
        in_row = isinstance(part, RowsView) and part.editor is not None
        text, symbol = tr("Save and continue", "保存并继续"), "arrow_forward"
        enabled = True
        if in_row:
            text, symbol = tr("Save this row", "保存本行"), "check"
        elif not self._may_enter_some() or view.record.locked:
            text = tr("Continue", "继续")
        if self._current == CHECK:
            slot = next_slot(view, self._desk.session.account.role)
            if slot is not None:
                text, symbol = tr("Sign…", "签名……"), "draw"
            elif view.record.completed_at is None and not view.record.locked and self._may_enter_some():
                text, symbol = tr("Complete the form", "完成表单"), "check"
                enabled = not view.open_findings
            else:
                text, symbol = tr("Done", "完成"), "check"
        self._foot.show_primary(text, symbol, enabled=enabled)
        is_first = bool(steps) and steps[0].id == self._current and not in_row
        self._foot.show_back(to_record=is_first)
        self._foot.show_not_done(self._current != CHECK and not view.record.locked and self._may_enter_some())
        self._show_unsaved()

    def _show_unsaved(self) -> None:
        self._foot.show_unsaved(sum(f.is_dirty for f in self._fields()))

    def _problems(self) -> list[tuple[Cell, str]]:
        """List what is wrong in the section shown, once it was to be left: what was refused, then what is open."""
        view = self._view
        if view is None or self._current not in self._asked:
            return []
        ids = {i.id for i in self._section(self._current).items}
        refused = [(f.cell, f.problem) for f in self._fields() if f.problem and f.item.id in ids]
        cells = {c for c, _ in refused}
        part = self._sections.get(self._current)
        row = part.row if isinstance(part, RowsView) else 0
        found = [
            (f.cell, str(f.message))
            for f in view.open_findings
            if f.cell.item in ids and f.cell not in cells and (not row or f.cell.row == row)
        ]
        return refused + found

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = event.size().width() >= LIST_FROM
        self._list_area.setVisible(wide)
        self._strip.setVisible(not wide)
        self._foot.set_narrow(not wide)
        self._panel.dismiss()
        super().resizeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        if not self._ended:
            self._drafts.flush()
        self._panel.dismiss()
        super().hideEvent(event)

    # --- saving ----------------------------------------------------------------------------------------------

    def _on_field_committed(self, field: Field, value: Value | None) -> None:
        self._save(field, value, field.origin)

    def _save(self, field: Field, value: Value | None, origin: str) -> None:
        key = self._key
        if key is None or self._ended:
            return
        subject, cell = self._subject, field.cell

        def use(session, answer):  # type: ignore[no-untyped-def]  # typed by Desk.do
            return session.enter(
                subject, key, {cell: value}, reason=answer.reason, confirmed=answer.confirmed,
                origin=origin, overrides=answer.overrides,
            )  # fmt: skip

        self._desk.do(use, failed=lambda error: self._on_save_failed(field, value, error))

    def _on_save_failed(self, field: Field, value: Value | None, error: KnownError) -> None:
        taps = field.item.type in ("choice", "yn", "ynu", "staff") or isinstance(value, Missing)
        words_of = self._refusal(field, value, error)
        if isinstance(error, ReasonNeeded):
            self._put_back(field)
            self._desk.say(Notice("info", error.parts()[1]))
            return
        if taps:
            self._put_back(field)
        field.refuse(words_of)
        if not isinstance(error, ValueRefused | ConfirmNeeded | StepBlocked | SignedOut):
            self._desk.say(error)
        field.focus() if field.holds_focus() or self._desk_was_asked(error) else None
        self._render_problems()

    @staticmethod
    def _desk_was_asked(error: KnownError) -> bool:
        return isinstance(error, ConfirmNeeded)

    def _refusal(self, field: Field, value: Value | None, error: KnownError) -> str:
        message = str(error.details.get("message") or error.parts()[0])
        if isinstance(error, ConfirmNeeded):
            return tr("Not saved yet. {message}", "尚未保存。{message}", message=message)
        if isinstance(error, ValueRefused) and isinstance(value, Number) and field.item.alt_units:
            unit = unit_that_fits(field.item, value)
            if unit:
                name = field.item.unit_label(unit)
                message += tr(" If the source says {unit}, choose {unit}.", " 如原始记录单位为 {unit}，请选择 {unit}。", unit=name)
        return message

    def _render_problems(self) -> None:
        if self._view is not None:
            self._summary.show_problems(self._problems())
            steps = self._steps(self._view)
            self._list.show_steps(steps, self._current)
            self._strip.show_steps(steps, self._current)
            self._show_unsaved()

    def _put_back(self, field: Field) -> None:
        if self._view is not None:
            field.put_back(self._view.value(field.cell.item, field.cell.row))
            self._drafts.drop(field.cell)
            self._render_problems()

    def _on_desk_changed(self, change: object) -> None:
        if self._key is None or not self._desk.is_signed_in:
            return
        if isinstance(change, Change) and change.subject and change.subject != self._subject:
            return
        if isinstance(change, Change) and change.key == self._key:
            self._foot.show_saved(change.at, now=change.at, fresh=True)
            self._take(self._desk.session.form(self._subject, self._key))
            for cell in change.cells:
                field = self._field(cell)
                if field is not None:
                    field.accept()
                self._drafts.drop(cell)
            self._render()
        elif self.isVisible():
            self.refresh()

    def _commit_all(self) -> None:
        for field in list(self._fields()):
            if field.is_dirty:
                field.commit()

    def _on_field_typed(self) -> None:
        self._drafts.touch()
        self._show_unsaved()

    def _save_draft(self, cell: Cell, text: str) -> None:
        if self._key is not None and self._desk.is_signed_in:
            try:
                self._desk.session.save_draft(self._subject, self._key, cell, text)
            except KnownError as error:
                self._desk.say(error)

    def _on_desk_lock_began(self) -> None:
        self._drafts.flush()
        self._ended = True

    def _on_desk_scanned(self, code: str) -> None:
        if not self.isVisible():
            return
        field = next((f for f in self._fields() if f.holds_focus()), None)
        if field is None or not field.item.scan:
            scannable = [f for f in self._fields() if f.item.scan and f.is_open and f.isVisible()]
            if len(scannable) != 1 or scannable[0].value() is not None:
                text = tr("A code was scanned, but no field for it was chosen.", "已扫码，但未选择对应的字段。")
                todo = tr("Tap the field, then scan again.", "请先点选字段，再重新扫码。")
                self._desk.say(Notice("info", text, todo=todo))
                return
            field = scannable[0]
        if field.is_open:
            field.scan(code)

    # --- moving ----------------------------------------------------------------------------------------------

    def _on_field_advanced(self, field: Field) -> None:
        part = self._sections.get(self._current)
        fields = part if isinstance(part, FieldSet) else part.editor if part is not None else None
        if fields is None:
            return
        shown = [f for f in fields.shown() if f.is_open or f is field]
        place = shown.index(field) + 1 if field in shown else len(shown)
        if place < len(shown):
            shown[place].focus()
        else:
            self._foot.primary.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_to(self, cell: Cell) -> None:
        """Show the section of a cell and give it the focus."""
        section = self._form.section_of.get(cell.item)
        if section is None:
            return
        if section.id != self._current:
            self._show(section.id, focus=False)
        part = self._part(section.id)
        if isinstance(part, RowsView) and cell.row and part.row != cell.row:
            self._open_row(cell.row)
        field = self._field(cell)
        if field is not None:
            self._frame.ensure_visible(field)
            field.focus()

    def _on_section_chosen(self, section_id: str) -> None:
        self._commit_all()
        part = self._sections.get(section_id)
        if section_id == self._current and isinstance(part, RowsView):
            self._close_row()
        self._show(section_id)

    def _turn(self, by: int) -> None:
        if self._view is None:
            return
        self._commit_all()
        names = [s.id for s in self._steps(self._view)]
        there = names.index(self._current) + by if self._current in names else 0
        if 0 <= there < len(names):
            self._show(names[there])

    def _on_summary_passed(self) -> None:
        self._turn(1)

    def _on_foot_went_back(self) -> None:
        part = self._sections.get(self._current)
        if isinstance(part, RowsView) and part.editor is not None:
            self._close_row()
            return
        names = [s.id for s in self._steps(self._view)] if self._view is not None else []
        if names and self._current != names[0]:
            self._turn(-1)
        else:
            self._desk.go("participant", subject=self._subject)

    def _on_foot_advanced(self) -> None:
        self._commit_all()
        if self._view is None or any(f.is_waiting for f in self._fields()):
            return
        if self._current == CHECK:
            self._finish()
            return
        self._asked.add(self._current)
        self._render()
        if self._problems() and self._may_enter_some() and not self._view.record.locked:
            if self._frame.area is not None:
                self._frame.area.verticalScrollBar().setValue(0)
            self._summary.focus()
            return
        part = self._sections.get(self._current)
        if isinstance(part, RowsView) and part.editor is not None:
            self._close_row()
            return
        self._turn(1)

    # --- rows ------------------------------------------------------------------------------------------------

    def _rows_part(self) -> RowsView | None:
        part = self._sections.get(self._current)
        return part if isinstance(part, RowsView) else None

    def _open_row(self, row: int, *, new: bool = False) -> None:
        part = self._rows_part()
        if part is None:
            return
        self._asked.discard(self._current)
        part.open_row(row, new=new)
        if part.editor is not None:
            part.editor.grew.connect(self._set_tab_order)
        self._render()
        if self._frame.area is not None:
            self._frame.area.verticalScrollBar().setValue(0)
        self._focus_first()

    def _add_row(self) -> None:
        part = self._rows_part()
        if part is not None and self._key is not None:
            row = self._desk.session.next_row(self._subject, self._key, part.section.id)
            self._open_row(row, new=True)

    def _close_row(self) -> None:
        part = self._rows_part()
        if part is None or part.editor is None:
            return
        self._commit_all()
        self._drafts.flush()
        part.close_row()
        self._asked.discard(self._current)
        self._render()
        part.add.setFocus(Qt.FocusReason.OtherFocusReason)

    def _strike_row(self, row: int) -> None:
        part = self._rows_part()
        key = self._key
        if part is None or key is None:
            return
        section, subject = part.section.id, self._subject

        def use(session, answer):  # type: ignore[no-untyped-def]  # typed by Desk.do
            return session.strike_row(subject, key, section, row, answer.reason)

        self._desk.do(use, then=lambda _change: self._close_row(), failed=self._on_act_failed)

    # --- not done, history, clear ----------------------------------------------------------------------------

    def _on_foot_not_done_asked(self) -> None:
        self._commit_all()
        if self._view is None or self._key is None or self._current == CHECK:
            return
        part = self._sections.get(self._current)
        fields = part if isinstance(part, FieldSet) else part.editor if part is not None else None
        shown = [f for f in (fields.shown() if fields is not None else ()) if f.is_open]
        last = self._last if self._last in shown else None
        self._gaps.ask(self._subject, self._view, last, shown, near=self._foot)

    def _show_panel(self, field: Field) -> None:
        if self._view is None:
            return
        cell = field.cell
        self._panel_cell = cell
        value = self._view.value(cell.item, cell.row)
        may_gap = field.is_open and bool(field.item.missing)
        self._panel.show_item(
            field.item,
            self._view.history(cell.item, cell.row),
            near=field,
            may_gap=may_gap,
            may_clear=field.is_open and value is not None,
        )

    def _panel_field(self) -> Field | None:
        return self._field(self._panel_cell) if self._panel_cell is not None else None

    def _on_panel_not_done_asked(self) -> None:
        field = self._panel_field()
        if field is not None and self._view is not None:
            self._gaps.ask_one(self._subject, self._view, field)

    def _on_panel_clear_asked(self) -> None:
        field = self._panel_field()
        if field is not None:
            self._put_back(field)
            self._save(field, None, "entered")

    def _on_panel_closed(self) -> None:
        field = self._panel_field()
        if field is not None and self.isVisible():
            field.focus()

    # --- completing and signing ------------------------------------------------------------------------------

    def _finish(self) -> None:
        """Do what the check at the end asks for next: complete, sign, or go back to the participant."""
        view, key, subject = self._view, self._key, self._subject
        if view is None or key is None:
            return
        slot = next_slot(view, self._desk.session.account.role)
        if slot is not None:
            self._sign(slot.meaning)
        elif view.record.completed_at is None and not view.record.locked and self._may_enter_some():
            self._desk.do(lambda s, _a: s.complete(subject, key), failed=self._on_act_failed)
        else:
            self._desk.go("participant", subject=subject)

    def _sign(self, meaning: str) -> None:
        if self._key is not None:
            self._desk.sign(self._subject, self._key, meaning)

    def _on_act_failed(self, error: KnownError) -> None:
        if not isinstance(error, ReasonNeeded):
            self._desk.say(error)
        if isinstance(error, NotComplete):
            self._render()



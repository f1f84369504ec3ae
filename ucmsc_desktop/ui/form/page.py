"""The form page: one record of one form, a small group of items at a time.

It reads a `FormState` from the session, hands it to the fields and takes what they commit to the desk. It is made once
per record and updated in place; nothing is rebuilt because a value was saved. "Saved" is said only with the time of a
`Change`, which exists only after the disk has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget
from shiboken6 import isValid

from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.study.values import Missing
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.form import faces
from ucmsc_desktop.ui.form.check_view import CheckView
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.drafts import DraftKeeper
from ucmsc_desktop.ui.form.faces import CHECK
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.form.finishing import Finishing
from ucmsc_desktop.ui.form.focus_watch import FocusWatch
from ucmsc_desktop.ui.form.foot import Foot
from ucmsc_desktop.ui.form.item_menu import ItemMenu
from ucmsc_desktop.ui.form.parts import Parts
from ucmsc_desktop.ui.form.saving import Saver
from ucmsc_desktop.ui.form.section_list import State, Step
from ucmsc_desktop.ui.form.stage import LIST_FROM, Stage
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.safety.sae_strip import SaeStrip

_EVENT = "F14"  # its clock is shown above the form
_ASKED_FROM = {"eligibility": Text("Eligibility", "入排标准")}  # pages that ask for one item of a form
_REPORTS = ("sae", "sae_fu", CHECK)  # its sections about the reports


class FormPage(QWidget):
    """A form of a participant."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._subject = ""
        self._key: FormKey | None = None
        self._view: FormState | None = None
        self._states: dict[str, State | None] = {}  # of the sections of this view
        self._current = ""
        self._came_from = ""  # the page that asked for one item of this form
        self._asked: set[str] = (
            set()
        )  # sections "Save and continue" was pressed in: there, empty items are named
        self._last: Field | None = None
        self._ended = False
        self._structure: object = None
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self._stage = Stage()
        self._foot = Foot()
        self._sae = SaeStrip(desk)
        outer.addWidget(self._stage, 1)
        outer.addWidget(self._foot)
        outer.insertWidget(
            0, self._sae
        )  # above, but last for the keyboard: the form begins at its first field
        self._check = CheckView(self._name_of)
        self._check.hide()
        self._stage.put(self._check)
        self._parts = Parts(self._stage, self._draft_of)
        self._drafts = DraftKeeper(self, self._parts.fields, self._save_draft)
        self._saver = Saver(desk, self)
        self._finishing = Finishing(desk, self)
        self._menu = ItemMenu(
            desk, self, self._name_of, self._parts.field, lambda: (self._subject, self._view)
        )
        self._focus = FocusWatch(self)
        self._connect()

    def _connect(self) -> None:
        desk = self._desk
        desk.changed.connect(self._on_desk_changed)
        desk.scanned.connect(self._on_desk_scanned)
        desk.lock_began.connect(self._on_desk_lock_began)
        self._stage.chosen.connect(self._on_stage_chosen)
        self._stage.summary.asked.connect(self.go_to)
        self._stage.summary.passed.connect(lambda: self._turn(1))
        self._check.asked.connect(self.go_to)
        self._check.sign_asked.connect(self._sign)
        self._check.lock_asked.connect(self._ask_lock)
        self._foot.advanced.connect(self._on_foot_advanced)
        self._foot.went_back.connect(self._on_foot_went_back)
        self._foot.not_done_asked.connect(self._on_foot_not_done_asked)
        self._parts.committed.connect(self._on_parts_committed)
        self._parts.typed.connect(self._on_parts_typed)
        self._parts.advanced.connect(self._on_parts_advanced)
        self._parts.more_asked.connect(self._menu.open)
        self._parts.undone.connect(self._put_back)
        self._parts.grew.connect(self._on_parts_grew)
        self._parts.row_asked.connect(self._open_row)
        self._parts.add_asked.connect(self._add_row)
        self._parts.strike_asked.connect(self._strike_row)
        self._parts.row_closed.connect(self._close_row)
        self._saver.refused.connect(lambda _field: self._render_problems())
        self._saver.put_back.connect(self._put_back)
        self._menu.cleared.connect(self._on_menu_cleared)
        self._focus.entered.connect(self._on_focus_entered)
        self._focus.left.connect(self._on_focus_left)
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

    # --- the contract of pages -------------------------------------------------------------------------------

    def open(self, **what: object) -> None:
        """Show a record: subject, key; `item` and `row` take the focus there; `back` names the page that asked for it, to
        which Back leads again. Raises: UnknownThing.
        """
        subject, key = what.get("subject"), what.get("key")
        if not isinstance(subject, str) or not isinstance(key, FormKey):
            self._desk.go("participant", **({"subject": subject} if isinstance(subject, str) else {}))
            return
        session = self._desk.session
        view = session.form(subject, key)
        self._menu.dismiss()
        self._asked.clear()
        self._current = ""
        self._structure = None
        self._subject, self._key = subject, key
        self._came_from = str(what.get("back") or "")
        self._drafts.begin(session.drafts(subject, key))
        self._foot.show_saved(view.record.last_at, now=session.now(), fresh=False)
        self._take(view)
        item, row = what.get("item"), what.get("row")
        if isinstance(item, str) and item in view.form.by_id:
            self.go_to(Cell(item, row if isinstance(row, int) else 0))
        else:
            self._show(faces.first_step(self._steps()))

    def refresh(self) -> None:
        """Read the record again and show it."""
        if self._key is not None and self._desk.is_signed_in:
            self._take(self._desk.session.form(self._subject, self._key))
            self._render()

    def leave(self) -> bool:
        """Save what is typed, keep as a draft what cannot be saved, and let go."""
        self._commit_all()
        self._drafts.flush()
        unsaved = sum(f.is_dirty for f in self._parts.fields())
        if unsaved:
            text = tr(
                "{n} entries are not saved. They are kept as typed.",
                "有 {n} 项尚未保存，已按键入内容保留。",
                n=unsaved,
            )
            todo = tr("Open the form again to finish them.", "请重新打开表单完成录入。")
            self._desk.say(Notice("warning", text, todo=todo))
        self._menu.dismiss()
        return True

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Give the keys of this page for the list of keys."""
        return faces.keys()

    # --- reading ---------------------------------------------------------------------------------------------

    def _now(self) -> datetime:
        return self._desk.session.now()

    def _name_of(self, user: str) -> str:
        return self._desk.session.people.name_of(user)

    def _take(self, view: FormState) -> None:
        """Take a record over; begin anew where it is another one, or was locked or unlocked."""
        self._view = view
        self._states = {}
        self._show_sae()
        structure = (view.key, view.record.locked, self._subject)
        if structure == self._structure:
            self._parts.look(view)
            return
        self._structure = structure
        self._focus.forget()
        self._last = None
        session = self._desk.session
        accounts = session.people.all()
        context = Context(
            now=self._now,
            staff=tuple((a.user, a.name) for a in accounts if a.active),
            me=session.account.user,
            names={a.user: a.name for a in accounts},
        )
        self._parts.begin(view, session.account.role, context)
        if self._current and self._current != CHECK:
            self._parts.get(self._current).show()

    def _show_sae(self) -> None:
        """Show the clock of a serious event above its form; where its reports are written down, also once it is reported."""
        view = self._view
        if view is None or view.key.form != _EVENT:
            self._sae.show_subject("")
            return
        self._sae.show_subject(self._subject, view.key, reported_too=self._current in _REPORTS)

    def _steps(self) -> list[Step]:
        assert self._view is not None
        if not self._states:
            self._states = faces.states(self._view)
        role = self._desk.session.account.role
        return faces.steps(self._view, self._states, self._parts, self._current, role)

    # --- showing ---------------------------------------------------------------------------------------------

    def _show(self, section_id: str, *, focus: bool = True) -> None:
        """Show a section, or the check at the end."""
        self._menu.dismiss()
        self._current = section_id
        self._parts.show_only(section_id)
        self._check.setVisible(section_id == CHECK)
        shown = None if section_id == CHECK else self._parts.get(section_id)
        self._render()
        if shown is not None:
            shown.show()
        self._stage.to_top()
        if focus:
            self._focus_first()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        QTimer.singleShot(0, self, self._leave_strip)  # after the window has put the keyboard somewhere

    def _leave_strip(self) -> None:
        """Begin at the first field and not on the strip above, where Enter would print."""
        now = self.window().focusWidget()
        if now is not None and self._sae.isAncestorOf(now) and self._current:  # type: ignore[redundant-expr]  # the stubs promise a widget, Qt does not
            self._focus_first()

    def _focus_first(self) -> None:
        fields = self._parts.fields_of(self._current)
        rows = self._parts.rows_of(self._current)
        if fields is not None:
            first = _first_open(fields.shown_so_far()) or _first_open(fields.shown())
            if first is not None:
                first.focus()
                return
        if rows is not None and rows.add.isVisibleTo(rows):
            rows.add.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not (self._current == CHECK and self._check.focus()):
            self._foot.primary.setFocus(Qt.FocusReason.OtherFocusReason)

    def _render(self) -> None:
        view = self._view
        if view is None:
            return
        steps = self._steps()
        role = self._desk.session.account.role
        self._show_sae()
        self._stage.show_steps(steps, self._current)
        self._stage.show_head(**faces.head(view, self._parts, self._current, steps))
        if self._current == CHECK:
            self._check.show_form(view, role, may_lock=self._desk.session.may("lock"))
        else:
            part = self._parts.there(self._current)
            if part is not None:
                part.show_form(view, asks=self._current in self._asked)
        self._stage.summary.show_problems(self._problems())
        text, symbol, enabled = faces.action(view, self._parts, self._current, role)
        self._foot.show_primary(text, symbol, enabled=enabled)
        in_row = self._in_row()
        to = ""
        if self._came_from and not in_row:
            to = str(_ASKED_FROM.get(self._came_from, ""))
        elif steps[0].id == self._current and not in_row:
            to = tr("Overview", "概览")
        self._foot.show_back(to)
        may = self._parts.may_enter_some() and not view.record.locked
        self._foot.show_not_done(may and self._current != CHECK)
        self._show_unsaved()

    def _render_problems(self) -> None:
        if self._view is not None:
            self._stage.summary.show_problems(self._problems())
            self._stage.show_steps(self._steps(), self._current)
            self._show_unsaved()

    def _problems(self) -> list[tuple[Cell, str]]:
        if self._view is None or self._current not in self._asked:
            return []
        return faces.problems(self._view, self._parts, self._current)

    def _show_unsaved(self) -> None:
        self._foot.show_unsaved(sum(f.is_dirty for f in self._parts.fields()))

    def _in_row(self) -> bool:
        rows = self._parts.rows_of(self._current)
        return rows is not None and rows.editor is not None

    def resizeEvent(self, event: QResizeEvent) -> None:
        wide = event.size().width() >= LIST_FROM
        self._stage.set_wide(wide)
        self._foot.set_narrow(not wide)
        self._menu.dismiss()
        super().resizeEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        if not self._ended:
            self._drafts.flush()
        self._menu.dismiss()
        super().hideEvent(event)

    def _on_focus_entered(self, field: object) -> None:
        if isinstance(field, Field):
            self._last = field
            self._bring(field)

    def _on_focus_left(self, field: object) -> None:
        if isinstance(field, Field) and isValid(field) and not self._ended:
            field.left()

    def _on_parts_grew(self) -> None:
        self._parts.set_tab_order(self._current, (self._foot.not_done, self._foot.primary, self._foot.back))

    # --- saving ----------------------------------------------------------------------------------------------

    def _on_parts_committed(self, field: Field, value: object) -> None:
        if self._key is not None and not self._ended:
            self._saver.save(self._subject, self._key, field, value)  # type: ignore[arg-type]  # a field gives values

    def _put_back(self, field: object) -> None:
        if self._view is not None and isinstance(field, Field):
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
            view = self._desk.session.form(self._subject, self._key)
            self._take(view)
            for cell in change.cells:
                self._learn(cell, view)
            self._render()
        elif self.isVisible():
            self.refresh()

    def _learn(self, cell: Cell, view: FormState) -> None:
        """Tell the field of a cell that was saved; what is being typed into it meanwhile is left alone."""
        field = self._parts.field(cell) if cell.item in view.form.by_id else None
        if field is None:
            return
        value = view.value(cell.item, cell.row)
        if field.is_waiting:
            self._drafts.drop(cell)
            field.accept()
        elif isinstance(value, Missing) and field.is_dirty:
            self._drafts.drop(cell)
            field.put_back(value)

    def _commit_all(self) -> None:
        for field in list(self._parts.fields()):
            if field.is_dirty:
                field.commit()

    def _on_parts_typed(self) -> None:
        self._drafts.touch()
        self._show_unsaved()

    def _draft_of(self, cell: Cell) -> str:
        return self._drafts.of(cell)

    def _save_draft(self, cell: Cell, text: str) -> None:
        if self._key is None or not self._desk.is_signed_in:
            return
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
        field = next((f for f in self._parts.fields() if f.holds_focus()), None)
        if field is None or not field.item.scan:
            empty = [f for f in self._parts.fields() if f.item.scan and f.is_open and f.isVisible()]
            field = empty[0] if len(empty) == 1 and empty[0].value() is None else None
        if field is not None and field.is_open:
            field.scan(code)
            return
        text = tr("A code was scanned, but no field for it was chosen.", "已扫码，但未选择对应的字段。")
        todo = tr("Tap the field, then scan again.", "请先点选字段，再重新扫码。")
        self._desk.say(Notice("info", text, todo=todo))

    # --- moving ----------------------------------------------------------------------------------------------

    def _on_parts_advanced(self, field: Field) -> None:
        fields = self._parts.fields_of(self._current)
        shown = [f for f in (fields.shown() if fields is not None else ()) if f.is_open or f is field]
        place = shown.index(field) + 1 if field in shown else len(shown)
        if place < len(shown):
            shown[place].focus()
        else:
            self._foot.primary.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_to(self, cell: Cell) -> None:
        """Show the section of a cell and give it the focus."""
        section = self._parts.form.section_of.get(cell.item)
        if section is None:
            return
        if section.id != self._current:
            self._show(section.id, focus=False)
        rows = self._parts.rows_of(section.id)
        if rows is not None and cell.row and rows.row != cell.row:
            self._open_row(cell.row)
        field = self._parts.field(cell)
        if field is not None:
            field.focus()
            self._bring(field)

    def _bring(self, field: Field) -> None:
        """Scroll to a field now, and again once everything has its place: what was just shown has none yet."""
        self._stage.ensure_visible(field)
        QTimer.singleShot(0, field, partial(self._bring_late, field))

    def _bring_late(self, field: Field) -> None:
        if not self._ended and field.isVisible() and field.holds_focus():
            self._stage.ensure_visible(field)

    def _on_stage_chosen(self, section_id: str) -> None:
        self._commit_all()
        if section_id == self._current and self._in_row():
            self._close_row()
        self._show(section_id)

    def _turn(self, by: int) -> None:
        if self._view is None:
            return
        self._commit_all()
        names = [s.id for s in self._steps()]
        there = names.index(self._current) + by if self._current in names else 0
        if 0 <= there < len(names):
            self._show(names[there])

    def _on_foot_went_back(self) -> None:
        if self._in_row():
            self._close_row()
        elif self._came_from:
            self._commit_all()
            self._desk.go(self._came_from, subject=self._subject)
        elif self._view is None or self._steps()[0].id == self._current:
            self._desk.go("participant", subject=self._subject)
        else:
            self._turn(-1)

    def _on_foot_advanced(self) -> None:
        self._commit_all()
        if self._view is None or any(f.is_waiting for f in self._parts.fields()):
            return
        if self._current == CHECK:
            self._finish()
            return
        self._asked.add(self._current)
        self._render()
        if self._problems() and self._parts.may_enter_some() and not self._view.record.locked:
            self._stage.to_top()
            self._stage.summary.focus()
        elif self._in_row():
            self._close_row()
        else:
            self._turn(1)

    # --- rows ------------------------------------------------------------------------------------------------

    def _open_row(self, row: int, *, new: bool = False) -> None:
        rows = self._parts.rows_of(self._current)
        if rows is None:
            return
        self._asked.discard(self._current)
        rows.open_row(row, new=new)
        self._render()
        self._stage.to_top()
        self._focus_first()

    def _add_row(self) -> None:
        if self._key is not None:
            self._open_row(self._desk.session.next_row(self._subject, self._key, self._current), new=True)

    def _close_row(self) -> None:
        rows = self._parts.rows_of(self._current)
        if rows is None or rows.editor is None:
            return
        self._commit_all()
        self._drafts.flush()
        self._focus.forget()
        self._last = None
        rows.close_row()
        self._asked.discard(self._current)
        self._render()
        rows.add.setFocus(Qt.FocusReason.OtherFocusReason)

    def _strike_row(self, row: int) -> None:
        if self._key is not None:
            self._finishing.strike(
                self._subject, self._key, (self._current, row), lambda _change: self._close_row()
            )

    # --- not done, history, clear ----------------------------------------------------------------------------

    def _on_foot_not_done_asked(self) -> None:
        self._commit_all()
        if self._view is None or self._current == CHECK:
            return
        fields = self._parts.fields_of(self._current)
        shown = [f for f in (fields.shown() if fields is not None else ()) if f.is_open]
        self._menu.ask_gaps(self._last, shown)

    def _on_menu_cleared(self, field: Field) -> None:
        self._put_back(field)
        self._on_parts_committed(field, None)

    # --- completing and signing ------------------------------------------------------------------------------

    def _finish(self) -> None:
        if self._view is not None:
            self._finishing.finish(self._subject, self._view, may_enter=self._parts.may_enter_some())

    def _sign(self, meaning: str) -> None:
        if self._key is not None:
            self._desk.sign(self._subject, self._key, meaning)

    def _ask_lock(self, lock: bool) -> None:
        if self._key is not None:
            self._finishing.ask_lock(self._subject, self._key, lock=lock)


def _first_open(fields: Iterable[Field]) -> Field | None:
    return next((f for f in fields if f.is_open), None)

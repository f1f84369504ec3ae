"""Saying why there is no value: for one item, for what is empty in the section, or for the whole form.

A gap is recorded with its code and reason for exactly the items named before; nothing that holds a value is touched
unless it was the one item asked about.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ucmsc_desktop.errors import KnownError, ReasonNeeded
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.entry import may_enter
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.values import Missing, MissingCode, Value
from ucmsc_desktop.ui.desk import Answer, Desk
from ucmsc_desktop.ui.dialogs.not_done import NotDoneDialog
from ucmsc_desktop.ui.dialogs.sheet import Sheet
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.widgets import button

_CODES: tuple[MissingCode, ...] = ("ND", "UK", "NA")


class _ScopeDialog(Sheet):
    """Asks what is not done: this item, the rest of the section, the rest of the form."""

    def __init__(self, options: Sequence[tuple[str, str]], parent: QWidget) -> None:
        super().__init__(tr("What was not done?", "哪些内容未做？"), parent=parent)
        for name, text in options:
            made = button.secondary(text, f"scope_{name}")
            made.clicked.connect(lambda _on=False, n=name: self.finish(n))
            self.body.addWidget(made)
        self.add_buttons(tr("Not done…", "未做……"))
        self.yes.hide()

    def give(self) -> None:
        """Answer nothing by Enter alone: the buttons say which."""


class GapDialogs(QObject):
    """Asks for gaps and records them."""

    def __init__(self, desk: Desk, page: QWidget) -> None:
        super().__init__(page)
        self._desk = desk
        self._page = page

    def ask(self, subject: str, view: FormState, field: Field | None, shown: Sequence[Field]) -> None:
        """Ask what is not done, then why. `shown`: the open fields on the screen; `field`: the last one used."""
        here = [f.cell for f in shown]
        empty = self._empty(view)
        in_section = [c for c in empty if c in here]
        options: list[tuple[str, str, list[Cell]]] = []
        if field is not None and field.item.missing:
            options.append(("item", str(field.item.label), [field.cell]))
        if len(in_section) > 1:
            text = tr(
                "Everything still empty in this section ({n})", "本部分所有未填项（{n}）", n=len(in_section)
            )
            options.append(("section", text, in_section))
        if len(empty) > len(in_section):
            text = tr("Everything still empty in this form ({n})", "本表单所有未填项（{n}）", n=len(empty))
            options.append(("form", text, empty))
        if not options:
            text = tr("Nothing here can be marked as not done.", "此处没有可标注为未做的项目。")
            self._desk.say(Notice("info", text))
            return
        if len(options) == 1:
            self._ask_why(subject, view, options[0][1], options[0][2])
            return
        cells = {name: (text, found) for name, text, found in options}
        dialog = _ScopeDialog([(name, text) for name, text, _ in options], self._page.window())
        dialog.answered.connect(lambda name: self._ask_why(subject, view, *cells[str(name)]))
        self._desk.ask(dialog)

    def ask_one(self, subject: str, view: FormState, field: Field) -> None:
        """Ask why one item has no value."""
        self._ask_why(subject, view, str(field.item.label), [field.cell])

    def _empty(self, view: FormState) -> list[Cell]:
        role = self._desk.session.account.role
        return [
            f.cell
            for f in view.findings
            if f.kind == "required"
            and view.form.by_id[f.cell.item].missing
            and may_enter(view.form, view.form.by_id[f.cell.item], role)
        ]

    def _ask_why(self, subject: str, view: FormState, title: str, cells: Sequence[Cell]) -> None:
        allowed = {code for c in cells for code in view.form.by_id[c.item].missing}
        codes = tuple(c for c in _CODES if c in allowed)
        dialog = NotDoneDialog(title, codes, self._page.window())
        dialog.answered.connect(lambda gap: self._record(subject, view, cells, gap))
        self._desk.ask(dialog)

    def _record(self, subject: str, view: FormState, cells: Sequence[Cell], gap: object) -> None:
        if not isinstance(gap, Missing):
            return
        values: dict[Cell, Value | None] = {
            c: gap for c in cells if gap.code in view.form.by_id[c.item].missing
        }
        key = view.key

        def use(session: Session, answer: Answer) -> Change:
            return session.enter(
                subject,
                key,
                values,
                reason=answer.reason,
                confirmed=answer.confirmed,
                overrides=answer.overrides,
            )

        self._desk.do(use, failed=self._on_failed)

    def _on_failed(self, error: KnownError) -> None:
        if not isinstance(error, ReasonNeeded):
            self._desk.say(error)

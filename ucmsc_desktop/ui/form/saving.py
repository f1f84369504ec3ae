"""Hands what a field committed to the desk, and tells the field what became of it.

The words beside a field are those of the session. What a tap chose and was not saved is taken back on the screen, since
a chosen answer looks saved; what was typed stays, to be corrected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from ucmsc_desktop.errors import (
    ConfirmNeeded,
    KnownError,
    ReasonNeeded,
    SignedOut,
    StepBlocked,
    ValueRefused,
)
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.readings import doubt_of, other_units
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Number, Value
from ucmsc_desktop.ui.desk import Answer, Desk
from ucmsc_desktop.ui.dialogs.reason import ReasonDialog
from ucmsc_desktop.ui.dialogs.unit import UnitDialog
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.notice import Notice

_LONG = 70  # characters of a value in the question why it is changed
_TAPPED = ("choice", "yn", "ynu", "staff")


class Saver(QObject):
    """Saves what fields commit. What was saved comes as the desk's `changed`."""

    refused = Signal(object)  # Field: its words say why
    put_back = Signal(object)  # Field: show the saved value again

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk

    def save(self, subject: str, key: FormKey, field: Field, value: Value | None) -> None:
        """Record a value; the desk asks for a confirmation or a reason where one is needed.

        A number whose unit must be doubted is first shown in both units; what is chosen is saved as if typed so.
        """
        others = other_units(field.item, value)
        if isinstance(value, Number) and others:
            self._ask_unit(subject, key, field, value, others)
        else:
            self._record(subject, key, field, value)

    def _ask_unit(
        self, subject: str, key: FormKey, field: Field, value: Number, others: tuple[Number, ...]
    ) -> None:
        doubt, term = doubt_of(field.item, value), field.term
        own = (value,) if doubt.is_possible else ()
        sheet = UnitDialog(field.item, doubt.question.get(), (*own, *others), field.window())

        def on_answered(chosen: Number) -> None:
            if not _serves(field, term):
                self._desk.say(_too_late())
            elif chosen == value:
                self._record(subject, key, field, value, confirmed=frozenset({"soft"}))
            else:
                sign = "" if chosen.op == "=" else chosen.op
                field.restore(f"{sign}{format(chosen.amount, 'f')} {chosen.unit}")
                field.commit(again=True)

        def on_rejected() -> None:
            if _serves(field, term):
                field.refuse(str(doubt.text))
                field.focus()
                self.refused.emit(field)

        sheet.answered.connect(on_answered)
        sheet.rejected.connect(on_rejected)
        self._desk.ask(sheet)

    def _record(
        self,
        subject: str,
        key: FormKey,
        field: Field,
        value: Value | None,
        confirmed: frozenset[str] = frozenset(),
    ) -> None:
        cell, origin, term = (
            field.cell,
            field.origin,
            field.term,
        )  # the field may serve another record by then

        def attempt(answered: Answer) -> None:
            def use(session: Session, answer: Answer) -> Change:
                given = Answer(
                    answered.reason or answer.reason,
                    confirmed | answered.confirmed | answer.confirmed,
                    {**answered.overrides, **answer.overrides},
                )
                try:
                    return session.enter(
                        subject,
                        key,
                        {cell: value},
                        reason=given.reason,
                        confirmed=given.confirmed,
                        origin=origin,
                        overrides=given.overrides,
                    )
                except ReasonNeeded as error:
                    raise _WhyChanged(session.form(subject, key).value(cell.item, cell.row), given) from error

            self._desk.do(use, failed=on_failed)

        def on_failed(error: KnownError) -> None:
            if isinstance(error, _WhyChanged):
                change = self._words(field.item, error.old, value)
                self._ask_why(change, error.given, attempt, lambda: on_failed(ReasonNeeded()))
            elif _serves(field, term):
                self._on_failed(field, value, error)
            elif not isinstance(error, ReasonNeeded):
                self._desk.say(error)

        attempt(Answer())

    def _ask_why(
        self, change: str, given: Answer, attempt: Callable[[Answer], None], give_up: Callable[[], None]
    ) -> None:
        """Ask for the reason of a change, with the value that stands and the one that would take its place."""
        holder = self.parent()
        over = holder.window() if isinstance(holder, QWidget) else None
        sheet = ReasonDialog(f"{change}\n{ReasonNeeded().parts()[0]}", over)
        sheet.answered.connect(lambda why: attempt(replace(given, reason=str(why))))
        sheet.rejected.connect(give_up)
        self._desk.ask(sheet)

    def _words(self, item: Item, old: Value | None, new: Value | None) -> str:
        names = {a.user: a.name for a in self._desk.session.people.all()}
        change = f"{_short(item, old, names)} → {_short(item, new, names)}"
        return tr("{item}: {change}", "{item}：{change}", item=item.label, change=change)

    def _on_failed(self, field: Field, value: Value | None, error: KnownError) -> None:
        if isinstance(error, ReasonNeeded):
            self.put_back.emit(field)
            self._desk.say(Notice("info", error.parts()[1]))
            return
        if field.item.type in _TAPPED:
            self.put_back.emit(field)
        field.refuse(refusal(error))
        if not isinstance(error, ValueRefused | ConfirmNeeded | StepBlocked | SignedOut):
            self._desk.say(error)
        if isinstance(error, ConfirmNeeded):
            field.focus()
        self.refused.emit(field)


class _WhyChanged(KnownError):
    """A change that wants its reason: what stands, and what was answered before it was asked for."""

    def __init__(self, old: Value | None, given: Answer) -> None:
        super().__init__()
        self.old, self.given = old, given


def _short(item: Item, value: Value | None, names: Mapping[str, str]) -> str:
    if value is None:
        return tr("(empty)", "（空）")
    if item.type == "staff" and isinstance(value, str):
        return names.get(value, value)
    shown = " ".join(item.shown(value).split())
    return shown if len(shown) <= _LONG else f"{shown[: _LONG - 1]}…"


def _serves(field: Field, term: int) -> bool:
    """Say whether a field still serves the record it served: a question can wait while another one comes on the screen."""
    return isValid(field) and field.term == term


def _too_late() -> Notice:
    return Notice(
        "warning",
        tr("Nothing was saved: another record is open now.", "未保存：当前已打开另一份记录。"),
        todo=tr(
            "What was typed is kept. Open the record it belongs to and press Enter there.",
            "键入内容已保留。请打开所属记录，并在其中按 Enter。",
        ),
    )


def refusal(error: KnownError) -> str:
    """Say why a value was not saved, in the words that stand beside the field and in the summary."""
    message = str(error.details.get("message") or error.parts()[0])
    if isinstance(error, ConfirmNeeded):
        return tr("Not saved yet. {message}", "尚未保存。{message}", message=message)
    return message

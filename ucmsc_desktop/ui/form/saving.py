"""Hands what a field committed to the desk, and tells the field what became of it.

The words beside a field are those of the session. What a tap chose and was not saved is taken back on the screen, since
a chosen answer looks saved; what was typed stays, to be corrected.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
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
from ucmsc_desktop.study.values import Number, Value
from ucmsc_desktop.ui.desk import Answer, Desk
from ucmsc_desktop.ui.dialogs.unit import UnitDialog
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.notice import Notice

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
        cell, origin, term = field.cell, field.origin, field.term

        def use(session: Session, answer: Answer) -> Change:
            return session.enter(
                subject,
                key,
                {cell: value},
                reason=answer.reason,
                confirmed=answer.confirmed | confirmed,
                origin=origin,
                overrides=answer.overrides,
            )

        def on_failed(error: KnownError) -> None:
            if _serves(field, term):
                self._on_failed(field, value, error)
            elif not isinstance(error, ReasonNeeded):
                self._desk.say(error)

        self._desk.do(use, failed=on_failed)

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

"""What is done with a whole record: complete it, sign it, lock it against change or open it again, cross a row out.

Each act asks what it needs through the desk; an act that is only waiting for its reason says nothing when that is refused.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ucmsc_desktop.errors import KnownError, ReasonNeeded
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.session import Session
from ucmsc_desktop.ui.desk import Answer, Desk
from ucmsc_desktop.ui.dialogs.reason import ReasonDialog
from ucmsc_desktop.ui.form.check_view import next_slot


class Finishing(QObject):
    """Acts on the records of a form page."""

    def __init__(self, desk: Desk, page: QWidget) -> None:
        super().__init__(page)
        self._desk = desk
        self._page = page

    def finish(self, subject: str, view: FormState, *, may_enter: bool) -> None:
        """Do what the check at the end asks for next: complete, sign, or go back to the participant."""
        slot = next_slot(view, self._desk.session.account.role)
        if slot is not None:
            self._desk.sign(subject, view.key, slot.meaning)
        elif view.record.completed_at is None and not view.record.locked and may_enter:
            key = view.key
            self._desk.do(lambda s, _a: s.complete(subject, key), failed=self._on_failed)
        else:
            self._desk.go("participant", subject=subject)

    def ask_lock(self, subject: str, key: FormKey, *, lock: bool) -> None:
        """Ask why, then lock the record against change, or open it again."""
        title = (
            tr("Why is the form locked?", "为何锁定表单？")
            if lock
            else tr("Why is it unlocked?", "为何解锁？")
        )
        words = (
            tr("No entry can be changed until it is unlocked.", "解锁前任何数据均不能修改。")
            if lock
            else tr(
                "Entries can be changed again, each with a reason.", "解锁后可再修改，每次修改须填写理由。"
            )
        )
        sheet = ReasonDialog(words, self._page.window(), title=title)
        sheet.hide_usual()
        sheet.yes.setText(tr("Lock", "锁定") if lock else tr("Unlock", "解锁"))
        sheet.no.setText(tr("Cancel", "取消"))

        def on_answered(why: object) -> None:
            def use(session: Session, _answer: Answer) -> Change:
                act = session.lock_form if lock else session.unlock_form
                return act(subject, key, str(why))

            self._desk.do(use, failed=self._on_failed)

        sheet.answered.connect(on_answered)
        self._desk.ask(sheet)

    def strike(
        self, subject: str, key: FormKey, place: tuple[str, int], then: Callable[[Change], None]
    ) -> None:
        """Cross out a row. `place`: its section and number."""
        section, row = place

        def use(session: Session, answer: Answer) -> Change:
            return session.strike_row(subject, key, section, row, answer.reason)

        self._desk.do(use, then=then, failed=self._on_failed)

    def _on_failed(self, error: KnownError) -> None:
        if not isinstance(error, ReasonNeeded):
            self._desk.say(error)

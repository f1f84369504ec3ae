"""Two people sign, each with their own password: nothing is started on one person's word.

The signature is about the double check of the bag (F6) and about the start (F7); one password gives both. The moment of
the verification is stamped when the first of the two signs, and the start must follow within the limit of the study.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel

from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.session.prechecks import Fact
from ucmsc_desktop.session.preparation import TITLES, Step, Verification, verification_of
from ucmsc_desktop.ui.infusion import duration
from ucmsc_desktop.ui.infusion.fact_lines import FactLines
from ucmsc_desktop.ui.infusion.step_cards import Scene, blocks_shown
from ucmsc_desktop.ui.style import set_kind, set_wrong
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.password_field import PasswordField
from ucmsc_desktop.ui.widgets.pill import Pill


class PersonRow(QFrame):
    """One of the two: who, password, Sign. `signing` carries user and password; the password is forgotten at once."""

    signing = Signal(str, str)

    def __init__(self, number: int) -> None:
        super().__init__()
        set_kind(self, "well")
        self._title = label.label(
            tr("First person", "核对人一") if number == 1 else tr("Second person", "核对人二")
        )
        self.person = ChoiceBox(f"verify_person_{number}", self._title.text())
        self.field = PasswordField(f"verify_password_{number}", tr("Own password", "本人密码"))
        self.field.edit.setPlaceholderText(tr("Password", "密码"))
        self.sign = button.primary(tr("Sign", "签名"), f"verify_sign_{number}", "draw")
        self._pill = Pill("required", tr("Not signed", "未签名"))
        self.error: QLabel = label.error("", f"verify_error_{number}")
        self.error.hide()
        self.sign.clicked.connect(self._give)
        self.field.edit.returnPressed.connect(self._give)
        grid = QGridLayout(self)
        grid.setContentsMargins(14, 10, 14, 10)
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(6)
        grid.addWidget(self._title, 0, 0)
        grid.addWidget(self._pill, 0, 2)
        grid.addWidget(self.person, 1, 0)
        grid.addWidget(self.field, 1, 1)
        grid.addWidget(self.sign, 1, 2)
        grid.addWidget(self.error, 2, 0, 1, 3)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 3)

    def show_person(self, people: Sequence[tuple[str, str]], user: str, *, signed: bool, open_: bool) -> None:
        """Show who is to sign and whether it is done."""
        self.person.set_choices(people)
        if user and not self.person.code():
            self.person.set_code(user)
        if signed:
            self.person.set_code(user)
        for part in (self.person, self.field, self.sign):
            part.setEnabled(open_ and not signed)
        self._pill.set_status(
            "signed" if signed else "required", "" if signed else tr("Not signed", "未签名")
        )

    def refused(self, text: str) -> None:
        """Say why it was not signed; the password is typed again."""
        self.error.setText(text)
        self.error.setVisible(bool(text))
        self.field.clear()
        if text:
            self.field.edit.setFocus()

    def _give(self) -> None:
        user, password = self.person.code(), self.field.text()
        set_wrong(self.person, not user)
        set_wrong(self.field.edit, not password)
        if user and password:
            self.signing.emit(user, password)


class VerifyStep(Card):
    """The two signatures. `signing` carries (user, password, first, second)."""

    signing = Signal(str, str, str, str)
    again = Signal()
    went_on = Signal()
    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__(TITLES["verify"].get())
        self.setObjectName("step_verify")
        self._words = label.body("", "verify_words")
        self.blocks = FactLines("step_verify_blocks")
        self.facts = FactLines("step_verify_facts")
        self.first, self.second = PersonRow(1), PersonRow(2)
        self._again = button.secondary(tr("Verify again", "重新核对"), "verify_again", "refresh")
        self._again.clicked.connect(self.again)
        self._again.hide()
        for part in (self._words, self.blocks, self.first, self.second, self.facts, self._again):
            self.body.addWidget(part)
        self.first.signing.connect(lambda user, password: self._on_row_signing(self.first, user, password))
        self.second.signing.connect(lambda user, password: self._on_row_signing(self.second, user, password))

    def show_step(self, step: Step, scene: Scene, people: Sequence[tuple[str, str]], now: datetime) -> None:
        """Show who has signed and how long it holds."""
        found = verification_of(scene.view)
        self._words.setText(str(scene.view.state.study.meaning_by_id["verified"].statement))
        blocks_shown(self.blocks, step)
        stale = found.is_stale(now)
        first = found.first or scene.context.me
        for row, user in ((self.first, first), (self.second, found.second)):
            row.show_person(people, user, signed=user in found.signed, open_=not stale)
            row.person.setPlaceholderText(tr("Choose", "请选择"))
        if self._again.isHidden() == stale:
            self._again.setVisible(stale)
        self.facts.show_facts(_facts(found, now))

    def focus_next(self) -> bool:
        """Put the keyboard where the next of the two goes on; say whether there is one."""
        for row in (self.first, self.second):
            if row.sign.isEnabled():
                (row.field.edit if row.person.code() else row.person).setFocus(
                    Qt.FocusReason.OtherFocusReason
                )
                return True
        return False

    def refused(self, user: str, text: str) -> None:
        """Say why a signature was refused, beside the person."""
        row = self.first if self.first.person.code() == user else self.second
        row.refused(text)

    def done(self) -> None:
        """Forget what was typed after a signature."""
        self.first.refused("")
        self.second.refused("")

    def _on_row_signing(self, row: PersonRow, user: str, password: str) -> None:
        first, second = self.first.person.code(), self.second.person.code()
        if not first or not second:
            row.refused(tr("Choose both people first.", "请先选择两名核对人。"))
        elif first == second:
            row.refused(tr("The second person must be somebody else.", "第二核对人必须为另一人。"))
        else:
            self.signing.emit(user, password, first, second)


def _facts(found: Verification, now: datetime) -> list[Fact]:
    if found.at is None or found.valid_until is None:
        return []
    if found.is_stale(now):
        words = Text("Verified {at}: too long ago for a start now", "{at} 核对：距开始已超过时限")
        return [Fact(words.fill(at=f"{found.at:%H:%M:%S}"), "bad")]
    words = Text(
        "Verified {at}; START by {until}, in {left}", "{at} 核对；请在 {until} 前开始，还有 {left}"
    ).fill(
        at=f"{found.at:%H:%M:%S}",
        until=f"{found.valid_until:%H:%M:%S}",
        left=duration.words(found.valid_until - now),
    )
    return [Fact(words, "ok" if found.is_complete else "open")]

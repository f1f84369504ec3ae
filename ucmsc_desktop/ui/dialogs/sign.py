"""Ask who signs and for that person's password, under what is signed and in which meaning.

Another person than the one signed in may sign here: a second nurse verifies at the bedside without a change of session.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui.dialogs.sheet import Sheet
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets import label
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.password_field import PasswordField


class SignDialog(Sheet):
    """Asks for person and password. The answer is a pair of str; the password is not kept anywhere.

    `what` names participant, record and decision: whoever types a password must see what it is put under.
    """

    def __init__(
        self,
        people: Sequence[tuple[str, str]],
        chosen: str,
        statement: str,
        parent: QWidget | None = None,
        *,
        what: str = "",
    ) -> None:
        super().__init__(tr("Sign", "签名"), statement, parent)
        if what:
            self.heading.setText(tr("Sign: {what}", "签名：{what}", what=what))
            self.setAccessibleName(self.heading.text())
        who = label.label(tr("Person", "签名人"))
        self.person = ChoiceBox("sign_person", tr("Person who signs", "签名人"))
        self.person.set_choices(people)
        self.person.set_code(chosen)
        who.setBuddy(self.person)
        self.body.addWidget(who)
        self.body.addWidget(self.person)
        words = label.label(tr("Password", "密码"))
        self.field = PasswordField("sign_password", tr("Password", "密码"))
        words.setBuddy(self.field.edit)
        self.body.addWidget(words)
        self.body.addWidget(self.field)
        self.add_buttons(tr("Sign", "签名"))
        (self.field.edit if chosen else self.person).setFocus()

    def give(self) -> None:
        user, password = self.person.code(), self.field.text()
        set_wrong(self.person, not user)
        set_wrong(self.field.edit, not password)
        if not user:
            self.refused(tr("Choose the person who signs.", "请选择签名人。"))
            self.person.setFocus()
        elif not password:
            self.refused(tr("Type the password.", "请输入密码。"))
        else:
            # Stays open: the password may be wrong. Whoever asked closes it, or calls `refused`.
            self.answered.emit((user, password))

    def refused(self, text: str) -> None:
        super().refused(text)
        self.field.clear()
        self.field.edit.setFocus()

"""Ask for the password that signs, under the words that are signed."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui.dialogs.sheet import Sheet
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets import label
from ucmsc_desktop.ui.widgets.password_field import PasswordField


class SignDialog(Sheet):
    """Asks the signed-in person for the password. The answer is a str; it is not kept anywhere."""

    def __init__(self, account_name: str, statement: str, parent: QWidget | None = None) -> None:
        super().__init__(tr("Sign", "签名"), statement, parent)
        self.body.addWidget(
            label.hint(tr("Signing as {name}", "签名人：{name}", name=account_name), "sign_as")
        )
        words = label.label(tr("Password", "密码"))
        self.body.addWidget(words)
        self.field = PasswordField("sign_password", tr("Password", "密码"))
        words.setBuddy(self.field.edit)
        self.body.addWidget(self.field)
        self.add_buttons(tr("Sign", "签名"))
        self.field.edit.setFocus()

    def give(self) -> None:
        text = self.field.text()
        set_wrong(self.field.edit, not text)
        if not text:
            self.refused(tr("Type your password.", "请输入密码。"))
            return
        # Stays open: the password may be wrong. Whoever asked closes it, or calls `refused`.
        self.answered.emit(text)

    def refused(self, text: str) -> None:
        super().refused(text)
        self.field.clear()
        self.field.edit.setFocus()

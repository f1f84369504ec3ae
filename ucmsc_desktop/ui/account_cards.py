"""The cards about accounts on the settings page: one's own password, who is there, and adding a person."""

from __future__ import annotations

from functools import partial
from typing import get_args

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout

from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.entry import ROLE_NAMES
from ucmsc_desktop.study.model import Role
from ucmsc_desktop.ui import announce
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.dialogs.reason import ReasonDialog
from ucmsc_desktop.ui.notice import Notice, notice_of
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.password_field import PasswordField
from ucmsc_desktop.ui.widgets.pill import Pill


class PeopleCard(Card):
    """Everybody with an account, and who had one."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("People", "人员"))
        self._desk = desk
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        session = desk.session
        for row, account in enumerate(sorted(session.people.all(), key=lambda a: (not a.active, a.user))):
            grid.addWidget(label.label(account.user, f"account_{account.user}"), row, 0)
            grid.addWidget(label.body(f"{account.name}, {ROLE_NAMES[account.role].get()}"), row, 1)
            grid.addWidget(Pill("active" if account.active else "removed"), row, 2)
            if account.active and account.user != session.account.user:
                remove = button.secondary(tr("Remove…", "移除……"), f"account_remove_{account.user}")
                remove.setAccessibleName(tr("Remove {who}", "移除 {who}", who=account.user))
                remove.clicked.connect(partial(self._on_remove_clicked, account.user))
                grid.addWidget(remove, row, 3)
        self.body.addLayout(grid)

    def _on_remove_clicked(self, user: str, _checked: bool = False) -> None:
        message = tr(
            "{who} can no longer sign in. What they recorded stays. The user name is never used again.",
            "{who} 将不能再登录；其已录入的内容保留；该用户名不再使用。",
            who=user,
        )
        sheet = ReasonDialog(message, self, title=tr("Remove this account?", "移除该账户？"))
        sheet.hide_usual()
        sheet.yes.setText(tr("Remove", "移除"))
        sheet.no.setText(tr("Cancel", "取消"))
        sheet.answered.connect(lambda reason: self._desk.do(lambda s, _a: s.people.remove(user, str(reason))))
        self._desk.ask(sheet)


class _AccountCard(Card):
    """A card whose wishes may be refused: it says why at its top."""

    def __init__(self, desk: Desk, title: str, why: str) -> None:
        super().__init__(title)
        self._desk = desk
        self._why = label.error("", why)
        self._why.hide()
        self.body.addWidget(self._why)

    def _refused(self, error: KnownError) -> None:
        notice = notice_of(error)
        self._say(f"{notice.code} {notice.text} {notice.todo}")

    def _say(self, text: str) -> None:
        self._why.setText(text)
        self._why.setVisible(bool(text))
        announce.alert(self._why, text)


class PasswordCard(_AccountCard):
    """Change one's own password."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, tr("My password", "我的密码"), "password_why")
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(1, 1)
        self._fields: dict[str, PasswordField] = {}
        for row, (name, text) in enumerate(
            (
                ("old", tr("Present password", "当前密码")),
                ("new", tr("New password", "新密码")),
                ("again", tr("New password again", "再次输入新密码")),
            )
        ):
            field = PasswordField(f"password_{name}", text)
            field.setMinimumWidth(420)
            field.edit.returnPressed.connect(self._on_change_clicked)
            words = label.label(text)
            words.setBuddy(field.edit)
            grid.addWidget(words, row, 0)
            grid.addWidget(field, row, 1, Qt.AlignmentFlag.AlignLeft)
            self._fields[name] = field
        self.body.addLayout(grid)
        self.body.addWidget(
            label.hint(tr("At least 12 characters; a few words are best", "至少 12 个字符；建议用几个词组成"))
        )
        change = button.secondary(tr("Change password", "修改密码"), "password_change", "lock")
        change.clicked.connect(self._on_change_clicked)
        self.body.addWidget(change, 0, Qt.AlignmentFlag.AlignLeft)

    def ask_change(self) -> None:
        """Say that the password was given by somebody else and must be changed now."""
        self._say(
            tr("This password is temporary. Choose your own now.", "当前为临时密码，请立即设置自己的密码。")
        )
        self._fields["old"].edit.setFocus()

    def _on_change_clicked(self) -> None:
        old, new, again = (self._fields[n].text() for n in ("old", "new", "again"))
        set_wrong(self._fields["again"].edit, new != again)
        if new != again:
            self._say(tr("The two passwords differ.", "两次输入的密码不一致。"))
            return

        def then(_change: object) -> None:
            for field in self._fields.values():
                field.clear()
            self._say("")
            self._desk.say(Notice("ok", tr("Your password was changed.", "密码已修改。")))

        self._desk.do(lambda s, _a: s.people.change_password(old, new), then=then, failed=self._refused)


class AddAccountCard(_AccountCard):
    """Give a person an account with a temporary password."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk, tr("Add a person", "添加人员"), "account_why")
        self._user = named(QLineEdit(), "account_user", tr("User name", "用户名"))
        self._name = named(QLineEdit(), "account_name", tr("Full name", "姓名"))
        self._role = ChoiceBox("account_role", tr("Role", "角色"))
        self._role.set_choices((r, ROLE_NAMES[r].get()) for r in get_args(Role))
        self._password = PasswordField("account_password", tr("Temporary password", "临时密码"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        for column, (text, field) in enumerate(
            (
                (tr("User name", "用户名"), self._user),
                (tr("Full name", "姓名"), self._name),
                (tr("Role", "角色"), self._role),
                (tr("Temporary password", "临时密码"), self._password),
            )
        ):
            cell = QVBoxLayout()
            words = label.label(text)
            words.setBuddy(field.edit if isinstance(field, PasswordField) else field)
            cell.addWidget(words)
            cell.addWidget(field)
            grid.addLayout(cell, column // 2, column % 2)
        self.body.addLayout(grid)
        add = button.secondary(tr("Add account", "添加账户"), "account_add", "person_add")
        add.clicked.connect(self._on_add_clicked)
        self.body.addWidget(add, 0, Qt.AlignmentFlag.AlignLeft)

    def _on_add_clicked(self) -> None:
        user, name, role = self._user.text().strip(), self._name.text().strip(), self._role.code()
        for field, wrong in ((self._user, not user), (self._name, not name), (self._role, not role)):
            set_wrong(field, wrong)
        chosen = next((r for r in get_args(Role) if r == role), None)
        if not user or not name or chosen is None:
            self._say(tr("Fill in user name, full name and role.", "请填写用户名、姓名和角色。"))
            return
        password = self._password.text()

        def then(_change: object) -> None:
            self._user.clear()
            self._name.clear()
            self._role.set_code("")
            self._password.clear()
            self._say("")
            said = tr(
                "{who} can sign in; the password must be changed at the first sign-in.",
                "{who} 可以登录；首次登录须修改密码。",
                who=user,
            )
            self._desk.say(Notice("ok", said))

        self._desk.do(
            lambda s, _a: s.people.add(user, name, chosen, password), then=then, failed=self._refused
        )

"""Sign in, and unlock. Shows nothing of any participant; a running infusion's clock goes on without saying whose it is.

The same person comes back to the same place; another person gets their own session.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ucmsc_desktop import __version__
from ucmsc_desktop.errors import AccountLocked, KnownError
from ucmsc_desktop.i18n import Text, language, tr
from ucmsc_desktop.ui import announce
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.reminder import ReminderWatch
from ucmsc_desktop.ui.style import set_kind, set_wrong
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.page_frame import PageFrame
from ucmsc_desktop.ui.widgets.password_field import PasswordField
from ucmsc_desktop.ui.widgets.reminder_strip import ReminderStrip

# As in forms/study.yaml, which is not read before somebody signs in; a test holds the two together.
PRODUCT = Text("UC-MSC in acute lung injury", "脐带间充质干细胞治疗急性肺损伤")
REGISTRY = "NCT02444455"


class SignInPage(QWidget):
    """Asks who is there."""

    def __init__(self, desk: Desk, reminders: ReminderWatch, *, last_user: str = "") -> None:
        super().__init__()
        self.setObjectName("sign_in_page")
        self._desk = desk
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        self._side = _Side(desk)
        line.addWidget(self._side)
        right = QWidget()
        line.addWidget(right, 1)
        frame = PageFrame(right)
        self.reminder = ReminderStrip(reminders, locked=True)
        top = self._languages()
        top.insertWidget(
            0, self.reminder, 100
        )  # above the card: the password must stay in sight on a low screen
        frame.body.addLayout(top)
        frame.body.addStretch(1)
        card = Card(tr("Sign in", "登录"))
        card.setFixedWidth(460)
        # Not an alignment: with one, a second line of an error squeezes what is above it.
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(card)
        middle.addStretch(1)
        frame.body.addLayout(middle)
        frame.body.addStretch(2)
        self._clocks = [_LockedClock(desk, n) for n in range(len(desk.running_while_locked))]
        for clock in self._clocks:
            card.body.addWidget(clock)
        self._error = label.error("", "sign_in_error")
        self._error.hide()
        card.body.addWidget(self._error)
        words = label.label(tr("User", "用户"))
        self._user = ChoiceBox("sign_in_user", tr("User", "用户"))
        words.setBuddy(self._user)
        card.body.addWidget(words)
        card.body.addWidget(self._user)
        words = label.label(tr("Password", "密码"))
        self._password = PasswordField("sign_in_password", tr("Password", "密码"))
        words.setBuddy(self._password.edit)
        card.body.addWidget(words)
        card.body.addWidget(self._password)
        self._go = button.primary(tr("Sign in", "登录"), "sign_in_go", "lock_open")
        card.body.addSpacing(8)
        card.body.addWidget(self._go)
        self._go.clicked.connect(self._on_go_clicked)
        self._password.edit.returnPressed.connect(self._on_go_clicked)
        self._fill(last_user)
        desk.said.connect(self._on_desk_said)

    def _languages(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.addStretch(1)
        other = "zh" if language() == "en" else "en"
        made = button.secondary("中文" if other == "zh" else "English", "sign_in_language", "language")
        made.clicked.connect(lambda: self._desk.choose_language("zh" if other == "zh" else "en"))
        line.addWidget(made)
        return line

    def _fill(self, last_user: str) -> None:
        try:
            users = self._desk.ward.users()
        except KnownError as error:
            self._show_error(error)
            self._go.setEnabled(False)
            return
        self._user.set_choices((u, u) for u in users)
        self._user.set_code(last_user if last_user in users else (users[0] if len(users) == 1 else ""))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        (self._password.edit if self._user.code() else self._user).setFocus()

    def _on_go_clicked(self) -> None:
        if not self._go.isEnabled():
            return
        user, password = self._user.code(), self._password.text()
        set_wrong(self._user, not user)
        set_wrong(self._password.edit, not password)
        if not user:
            self._say(tr("Choose your user name.", "请选择用户名。"))
            self._user.setFocus()
            return
        if not password:
            self._say(tr("Type your password.", "请输入密码。"))
            self._password.edit.setFocus()
            return
        self._say("")
        self._go.setEnabled(False)
        self._go.setText(tr("Opening…", "正在打开……"))
        self._desk.sign_in(user, password, failed=self._on_sign_in_failed)

    def _on_sign_in_failed(self, error: KnownError) -> None:
        self._go.setText(tr("Sign in", "登录"))
        self._go.setEnabled(True)
        self._show_error(error)
        self._password.clear()
        set_wrong(self._password.edit, True)
        self._password.edit.setFocus()

    def _show_error(self, error: KnownError) -> None:
        what, safe, todo = error.parts()
        parts = (what, todo) if isinstance(error, AccountLocked) else (what, safe, todo)
        self._say(f"{error.code} " + " ".join(parts))

    def _on_desk_said(self, notice: Notice) -> None:
        self._say(" ".join(part for part in (notice.code, notice.text, notice.safe, notice.todo) if part))

    def _say(self, text: str) -> None:
        self._error.setText(text)
        self._error.setVisible(bool(text))
        announce.alert(self._error, text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._on_go_clicked()
            return
        super().keyPressEvent(event)


class _Side(QFrame):
    """The navy side: what this program is."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        set_kind(self, "rail")
        self.setFixedWidth(300)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(self)
        column.setContentsMargins(28, 32, 24, 24)
        column.setSpacing(10)
        column.addWidget(set_kind(QLabel("UCMSC"), "brand"))
        for text in (PRODUCT.get(), REGISTRY):
            column.addWidget(set_kind(label.body(text), "on-navigation"))
        column.addStretch(1)
        column.addWidget(set_kind(label.body(tr("Version {v}", "版本 {v}", v=__version__)), "on-navigation"))


class _LockedClock(QFrame):
    """The time an infusion has been running, and nothing else about it."""

    def __init__(self, desk: Desk, number: int) -> None:
        super().__init__()
        set_kind(self, "notice-info")
        self._desk = desk
        self._number = number
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 14, 8)
        column.setSpacing(0)
        self._words = label.label("", f"locked_clock_words_{number}")
        self._time = label.figure("", f"locked_clock_{number}")
        self._time.ensurePolished()
        self._time.setMinimumHeight(
            self._time.fontMetrics().height() + 4
        )  # an error below must not squeeze it
        column.addWidget(self._words)
        column.addWidget(self._time)
        self._timer = QTimer(self)
        self._timer.setInterval(500)
        self._timer.timeout.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the time now."""
        running = self._desk.running_while_locked
        if self._number >= len(running):
            return
        run = running[self._number]
        seconds = run.elapsed_s(self._desk.ward.clock.read().at)
        self._time.setText(f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}")
        words = tr("Infusion paused", "输注已暂停") if run.is_paused else tr("Infusion running", "输注进行中")
        if run.next_at is not None:
            words += tr(", next check {at:%H:%M}", "，下次检查 {at:%H:%M}", at=run.next_at)
        self._words.setText(words)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

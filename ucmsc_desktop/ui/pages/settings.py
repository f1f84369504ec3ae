"""Settings: the window, one's own password, the accounts, the scanner, backup and verification, what this program is.

Rights are checked by `Session`; a part the role cannot use is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import get_args

from PySide6.QtCore import QLibraryInfo, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from ucmsc_desktop import __version__
from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import LANGS, language, tr
from ucmsc_desktop.record.entry import ROLE_NAMES
from ucmsc_desktop.study.model import Role
from ucmsc_desktop.ui import announce
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.dialogs.reason import ReasonDialog
from ucmsc_desktop.ui.notice import Notice, notice_of
from ucmsc_desktop.ui.preferences import IDLE_MIN
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.tone import Tone
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.page_frame import PageFrame
from ucmsc_desktop.ui.widgets.page_header import PageHeader
from ucmsc_desktop.ui.widgets.password_field import PasswordField
from ucmsc_desktop.ui.widgets.pill import Pill

_MARKS = (("", "–"), ("\r", "Enter"), ("\t", "Tab"), ("~", "~"), ("$", "$"), ("#", "#"))


class SettingsPage(QWidget):
    """All settings on one page that scrolls."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("settings_page")
        self._desk = desk
        self._frame = PageFrame(self)
        self._frame.body.addWidget(PageHeader(tr("Settings", "设置")))
        self._people: QWidget | None = None
        self._tone: Tone | None = None
        self._password = _PasswordCard(desk)
        self._frame.body.addWidget(self._window_card())
        self._frame.body.addWidget(self._bedside_card())
        self._frame.body.addWidget(self._password)
        self._people_at = self._frame.body.count()
        if desk.session.may("accounts"):
            self._adding = _AddAccountCard(desk)
            self._frame.body.addWidget(self._adding)
        self._frame.body.addWidget(self._care_card())
        self._frame.body.addWidget(self._about_card())
        self._frame.body.addStretch(1)
        desk.changed.connect(self._on_desk_changed)

    def open(self, *, part: str = "", **_what: object) -> None:
        """Show the settings; `part` "password" goes to the password at once."""
        self.refresh()
        if part == "password":
            self._password.ask_change()
            self._frame.ensure_visible(self._password)

    def refresh(self) -> None:
        """Read the accounts again."""
        if self._people is not None:
            self._frame.body.removeWidget(self._people)
            self._people.hide()
            self._people.deleteLater()
            self._people = None
        if self._desk.session.may("accounts"):
            self._people = self._people_card()
            self._frame.body.insertWidget(self._people_at, self._people)

    # --- the window ------------------------------------------------------------------------------------------

    def _window_card(self) -> QWidget:
        card = Card(tr("Window", "界面"))
        grid = _grid()
        kept = self._desk.preferences
        langs = list(zip(LANGS, ("English", "中文"), strict=True))
        _choice(grid, 0, tr("Language", "语言"), "language", langs, language(), self._on_language_chosen)
        names = [("day", tr("Day", "日间")), ("night", tr("Night, dim", "夜间（暗）"))]
        _choice(grid, 1, tr("Light (F9)", "明暗 (F9)"), "theme", names, kept.theme, self._on_theme_chosen)
        idle = ChoiceBox("settings_idle", tr("Lock after", "自动锁屏"))
        idle.set_choices((str(n), tr("{n} min without a touch", "{n} 分钟无操作", n=n)) for n in IDLE_MIN)
        idle.set_code(str(kept.idle_min))
        idle.activated.connect(lambda: self._desk.prefer(idle_min=int(idle.code())))
        self._field(grid, 2, tr("Lock after", "自动锁屏"), idle)
        for row, (name, text) in enumerate(
            (
                ("scanner_prefix", tr("Scanner sends before a code", "扫描枪前缀")),
                ("scanner_suffix", tr("Scanner sends after a code", "扫描枪后缀")),
            ),
            start=3,
        ):
            mark = ChoiceBox(f"settings_{name}", text)
            mark.set_choices((code or "none", shown) for code, shown in _MARKS)
            mark.set_code(getattr(kept, name) or "none")
            mark.activated.connect(partial(self._on_mark_activated, name, mark))
            self._field(grid, row, text, mark)
        card.body.addLayout(grid)
        return card

    def _field(self, grid: QGridLayout, row: int, text: str, box: QWidget) -> None:
        words = label.label(text)
        words.setBuddy(box)
        box.setMaximumWidth(320)
        grid.addWidget(words, row, 0)
        grid.addWidget(box, row, 1)

    def _on_language_chosen(self, lang: str) -> None:
        if lang != language():
            self._desk.choose_language("zh" if lang == "zh" else "en")

    def _on_theme_chosen(self, theme: str) -> None:
        if theme != self._desk.preferences.theme:
            self._desk.prefer(theme=theme)

    # --- the bedside -----------------------------------------------------------------------------------------

    def _bedside_card(self) -> QWidget:
        card = Card(tr("At the bedside", "床旁"))
        grid = _grid()
        kept = self._desk.preferences
        pads = [
            ("never", tr("Never", "从不")),
            ("button", tr("By its button", "按键打开")),
            ("always", tr("Always", "始终")),
        ]
        _choice(
            grid, 0, tr("Number pad (F7)", "数字键盘 (F7)"), "pad", pads, kept.number_pad,
            lambda code: self._desk.prefer(number_pad=code),
        )  # fmt: skip
        tones = [("on", tr("Tone", "有声")), ("off", tr("Silent", "静音"))]
        test = button.secondary(tr("Test the tone", "试听提示音"), "settings_tone_test", "notifications")
        test.clicked.connect(self._on_tone_test_clicked)
        line = _choice(
            grid, 1, tr("Reminders", "提醒"), "tone", tones, "on" if kept.tone else "off",
            lambda code: self._desk.prefer(tone=code == "on"),
        )  # fmt: skip
        line.insertWidget(2, test)
        card.body.addLayout(grid)
        card.body.addWidget(
            label.hint(
                tr(
                    "Reminders are shown on every page. They are no alarm system: nothing here watches a patient.",
                    "提醒显示于所有页面。本程序不是报警系统，不监护患者。",
                )
            )
        )
        if self._desk.session.may("confirm_clock"):
            clock = button.secondary(
                tr("Check the ward clock…", "核对病区时钟……"), "settings_clock", "schedule"
            )
            clock.clicked.connect(self._desk.ask_clock)
            card.body.addWidget(clock, 0, Qt.AlignmentFlag.AlignLeft)
        return card

    def _on_tone_test_clicked(self) -> None:
        if self._tone is None:
            self._tone = Tone(self)
            self._tone.silent.connect(self._on_tone_silent)
        self._tone.play()

    def _on_tone_silent(self) -> None:
        self._desk.say(
            Notice(
                "warning",
                tr("No sound on this laptop.", "本机无法发出声音。"),
                todo=tr(
                    "Check the loudspeaker; reminders are shown all the same.", "请检查扬声器；提醒仍会显示。"
                ),
            )
        )

    def leave(self) -> bool:
        """Be left: the tone ends."""
        if self._tone is not None:
            self._tone.stop()
        return True

    def _on_mark_activated(self, name: str, box: ChoiceBox, _index: int = 0) -> None:
        code = box.code()
        self._desk.prefer(**{name: "" if code == "none" else code})

    # --- people ----------------------------------------------------------------------------------------------

    def _people_card(self) -> QWidget:
        card = Card(tr("People", "人员"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        session = self._desk.session
        for row, account in enumerate(sorted(session.people.all(), key=lambda a: (not a.active, a.user))):
            grid.addWidget(label.label(account.user, f"account_{account.user}"), row, 0)
            grid.addWidget(label.body(f"{account.name}, {ROLE_NAMES[account.role].get()}"), row, 1)
            grid.addWidget(Pill("active" if account.active else "removed"), row, 2)
            if account.active and account.user != session.account.user:
                remove = button.secondary(tr("Remove…", "移除……"), f"account_remove_{account.user}")
                remove.setAccessibleName(tr("Remove {who}", "移除 {who}", who=account.user))
                remove.clicked.connect(partial(self._on_remove_clicked, account.user))
                grid.addWidget(remove, row, 3)
        card.body.addLayout(grid)
        return card

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

    # --- care ------------------------------------------------------------------------------------------------

    def _care_card(self) -> QWidget:
        card = Card(tr("Care of the data", "数据维护"))
        line = QHBoxLayout()
        line.setSpacing(12)
        if self._desk.session.may("backup"):
            backup = button.secondary(
                tr("Back up to a folder…", "备份到文件夹……"), "settings_backup", "backup"
            )
            backup.clicked.connect(self._on_backup_clicked)
            line.addWidget(backup)
        verify = button.secondary(
            tr("Verify the record of changes", "校验变更记录"), "settings_verify", "verified"
        )
        verify.clicked.connect(self._on_verify_clicked)
        line.addWidget(verify)
        line.addStretch(1)
        card.body.addLayout(line)
        return card

    def _on_backup_clicked(self) -> None:
        dialog = QFileDialog(self, tr("Folder for the backup", "备份文件夹"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda path: self.back_up(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def back_up(self, folder: Path) -> None:
        """Write a backup into a folder, in the worker."""
        session = self._desk.session
        self._desk.jobs.run(
            lambda: session.backup(folder),
            then=lambda path: self._desk.say(
                Notice(
                    "ok", tr("Backup written and checked: {name}", "备份已写入并校验：{name}", name=path.name)
                )
            ),
            title=tr("Writing the backup…", "正在写入备份……"),
        )

    def _on_verify_clicked(self) -> None:
        session = self._desk.session
        self._desk.jobs.run(
            session.verify,
            then=self._tell_verified,
            title=tr("Verifying every entry…", "正在校验全部记录……"),
        )

    def _tell_verified(self, found: object) -> None:
        problems = tuple(getattr(found, "problems", ()))
        if problems:
            listed = "; ".join(str(p) for p in problems[:3])
            todo = tr("Stop entering data and call the study office.", "请停止录入并致电研究办公室。")
            self._desk.say(
                Notice("error", tr("The record of changes does not verify: {what}", "变更记录校验未通过：{what}", what=listed),
                       todo=todo)
            )  # fmt: skip
            return
        count = getattr(found, "events", 0)
        self._desk.say(Notice("ok", tr("All {n} entries verify.", "全部 {n} 条记录校验通过。", n=count)))

    # --- about -----------------------------------------------------------------------------------------------

    def _about_card(self) -> QWidget:
        card = Card(tr("About", "关于"))
        session = self._desk.session
        study = session.study
        qt = QLibraryInfo.version().toString()
        for text in (
            tr("UCMSC desktop {v}, Qt {qt}", "UCMSC desktop {v}，Qt {qt}", v=__version__, qt=qt),
            f"{study.title.get()} ({study.registry})",
            tr("Protocol {v} of {d}", "方案版本 {v}，{d}", v=study.protocol_version, d=study.protocol_date),
            tr("Site {s}, laptop {d}", "中心 {s}，本机 {d}", s=session.site.id, d=session.device),
        ):
            card.body.addWidget(label.body(text))
        return card

    def _on_desk_changed(self, change: object) -> None:
        kind = getattr(change, "kind", "")
        if self._desk.is_signed_in and self.isVisible() and str(kind).startswith("User"):
            self.refresh()


def _grid() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(10)
    grid.setColumnStretch(1, 1)
    return grid


def _choice(
    grid: QGridLayout,
    row: int,
    text: str,
    name: str,
    names: Sequence[tuple[str, str]],
    chosen: str,
    choose: Callable[[str], None],
) -> QHBoxLayout:
    """Put a line of answers to tap into a grid; give the line."""
    line = QHBoxLayout()
    line.setSpacing(8)
    group = QButtonGroup(grid)
    for code, words in names:
        made = button.toggle(words, f"settings_{name}_{code}")
        made.setAccessibleName(f"{text}: {words}")
        made.setChecked(code == chosen)
        made.clicked.connect(lambda _checked=False, c=code: choose(c))
        group.addButton(made)
        line.addWidget(made)
    line.addStretch(1)
    grid.addWidget(label.label(text), row, 0)
    grid.addLayout(line, row, 1)
    return line


class _PasswordCard(Card):
    """Change one's own password."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("My password", "我的密码"))
        self._desk = desk
        self._why = label.error("", "password_why")
        self._why.hide()
        self.body.addWidget(self._why)
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

    def _refused(self, error: KnownError) -> None:
        notice = notice_of(error)
        self._say(f"{notice.code} {notice.text} {notice.todo}")

    def _say(self, text: str) -> None:
        self._why.setText(text)
        self._why.setVisible(bool(text))
        announce.alert(self._why, text)


class _AddAccountCard(Card):
    """Give a person an account with a temporary password."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("Add a person", "添加人员"))
        self._desk = desk
        self._why = label.error("", "account_why")
        self._why.hide()
        self.body.addWidget(self._why)
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

    def _refused(self, error: KnownError) -> None:
        notice = notice_of(error)
        self._say(f"{notice.code} {notice.text} {notice.todo}")

    def _say(self, text: str) -> None:
        self._why.setText(text)
        self._why.setVisible(bool(text))
        announce.alert(self._why, text)

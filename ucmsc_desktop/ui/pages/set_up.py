"""The first-run set-up on screen. What is asked and what is wrong is decided by record/guide.py; this page only shows it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from ucmsc_desktop import durable
from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import LANGS, Lang, language, tr
from ucmsc_desktop.record.guide import PAGES, TITLES, Guide
from ucmsc_desktop.session import RecoverySheet, SetUp
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.notice import notice_of
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.page_frame import PageFrame
from ucmsc_desktop.ui.widgets.password_field import PasswordField

_LANGUAGE_NAMES: dict[Lang, str] = {"en": "English", "zh": "中文"}
KEY_FILE_LIMIT = 20_000


class SetUpPage(QWidget):
    """Walks a person through the set-up. `finished` when the ward is ready to sign in."""

    finished = Signal()

    def __init__(self, desk: Desk, guide: Guide | None = None, sheet: RecoverySheet | None = None) -> None:
        super().__init__()
        self.setObjectName("set_up_page")
        self._desk = desk
        self._guide = guide or Guide(lang=language())
        self._sheet = sheet
        self._fields: dict[str, QWidget] = {}
        self._errors: dict[str, QLabel] = {}
        frame = PageFrame(self)
        self._step = label.hint("", "set_up_step")
        self._title = label.title("", "set_up_title")
        frame.body.addWidget(self._step)
        frame.body.addWidget(self._title)
        self._summary = label.error("", "set_up_error")
        self._summary.hide()
        frame.body.addWidget(self._summary)
        self._holder = QVBoxLayout()
        frame.body.addLayout(self._holder)
        frame.body.addStretch(1)
        self._back = button.secondary(tr("Back", "返回"), "set_up_back", "arrow_back")
        self._next = button.primary("", "set_up_next", "arrow_forward")
        frame.foot.addWidget(self._back)
        frame.foot.addStretch(1)
        frame.foot.addWidget(self._next)
        frame.show_foot()
        self._card: Card | None = None
        self._back.clicked.connect(self._on_back_clicked)
        self._next.clicked.connect(self._on_next_clicked)
        self._show()

    # --- one page --------------------------------------------------------------------------------------------

    def _show(self) -> None:
        guide = self._guide
        if self._card is not None:
            self._holder.removeWidget(self._card)
            self._card.hide()
            self._card.deleteLater()
        self._fields, self._errors = {}, {}
        self._say("")
        self._step.setText(
            tr(
                "Set-up, step {n} of {all}",
                "初始设置，第 {n} 步，共 {all} 步",
                n=guide.number,
                all=len(PAGES),
            )
        )
        self._title.setText(TITLES[guide.page].get())
        self._card = Card()
        self._card.body.setSpacing(6)
        self._card.setMaximumWidth(760)
        self._holder.addWidget(self._card)
        fill: dict[str, Callable[[], None]] = {
            "language": self._fill_language,
            "site": self._fill_site,
            "device": self._fill_device,
            "administrator": self._fill_administrator,
            "keys": self._fill_keys,
            "recovery": self._fill_recovery,
            "done": self._fill_done,
        }
        fill[guide.page]()
        self._back.setVisible(guide.may_go_back)
        words = tr("Continue", "继续")
        if guide.is_last_question:
            words = tr("Set up this laptop", "初始化本机")
        elif guide.page == "done":
            words = tr("Sign in", "登录")
        self._next.setText(words)
        self._next.setEnabled(True)
        first = next(iter(self._fields.values()), self._next)
        first.setFocus()

    def _add(self, name: str, text: str, widget: QWidget, hint: str = "") -> None:
        """Add a field with its label, hint and the place of its error."""
        assert self._card is not None
        words = label.label(text)
        proxy = widget.focusProxy()
        words.setBuddy(proxy if proxy is not None else widget)
        self._card.body.addWidget(words)
        if hint:
            self._card.body.addWidget(label.hint(hint))
        error = label.error("", f"error_{name}")
        error.hide()
        self._card.body.addWidget(error)
        self._card.body.addWidget(widget)
        self._card.body.addSpacing(8)
        self._fields[name], self._errors[name] = widget, error

    def _words(self, text: str, object_name: str = "") -> None:
        assert self._card is not None
        self._card.body.addWidget(label.body(text, object_name))

    def _line(self, name: str, text: str, hint: str = "") -> None:
        field = named(QLineEdit(getattr(self._guide, name)), f"set_up_{name}", text)
        field.setMaxLength(80)
        field.returnPressed.connect(self._on_next_clicked)
        self._add(name, text, field, hint)

    def _fill_language(self) -> None:
        assert self._card is not None
        self._words(
            "Choose the language of this laptop. It can be changed at any time.\n请选择本机界面语言，之后可随时更改。"
        )
        line = QHBoxLayout()
        for lang in LANGS:
            made = button.toggle(_LANGUAGE_NAMES[lang], f"set_up_language_{lang}")
            made.setAutoExclusive(True)
            made.setChecked(lang == self._guide.lang)
            made.clicked.connect(lambda _checked=False, chosen=lang: self._on_language_clicked(chosen))
            line.addWidget(made)
        line.addStretch(1)
        self._card.body.addLayout(line)

    def _fill_site(self) -> None:
        box = ChoiceBox("set_up_site", tr("Study site", "研究中心"))
        box.set_choices((s.id, f"{s.id}  {s.name.get()}") for s in self._desk.ward.study.sites)
        box.set_code(self._guide.site)
        self._add("site", tr("Study site", "研究中心"), box)

    def _fill_device(self) -> None:
        hint = tr(
            "It stands in the audit trail. For example: Ward 3, laptop 12",
            "将写入稽查轨迹。例如：三病区 12 号机",
        )
        self._line("device_label", tr("Name of this laptop", "本机名称"), hint)

    def _fill_administrator(self) -> None:
        self._line("name", tr("Full name", "姓名"), tr("As printed under signatures", "签名处打印的姓名"))
        hint = tr("Small letters and digits; never used twice", "小写字母和数字；不可重复使用")
        self._line("user", tr("User name", "用户名"), hint)
        for name, text in (
            ("password", tr("Password", "密码")),
            ("password_again", tr("Password again", "再次输入密码")),
        ):
            field = PasswordField(f"set_up_{name}", text)
            field.edit.setText(getattr(self._guide, name))
            field.edit.returnPressed.connect(self._on_next_clicked)
            hint = tr("At least 12 characters; a few words are best", "至少 12 个字符；建议用几个词组成")
            self._add(name, text, field, hint if name == "password" else "")

    def _fill_keys(self) -> None:
        self._words(
            tr(
                "Files for the centre are sealed with these keys. Compare the first and last characters with the sheet "
                "that the centre sent on paper.",
                "发往中心的文件用这些公钥加密。请与中心书面提供的公钥核对首尾字符。",
            )
        )
        for name, text in (
            ("centre_keys", tr("Working keys", "工作公钥")),
            ("recovery_key", tr("Recovery key", "恢复公钥")),
        ):
            field = named(QPlainTextEdit(getattr(self._guide, name)), f"set_up_{name}", text)
            field.setTabChangesFocus(True)
            field.setFixedHeight(76)
            self._add(name, text, field)
            read = button.secondary(
                tr("Read from a file…", "从文件读取……"), f"set_up_{name}_file", "folder_open"
            )
            read.clicked.connect(lambda _checked=False, n=name: self._on_file_clicked(n))
            assert self._card is not None
            self._card.body.addWidget(read, 0, Qt.AlignmentFlag.AlignLeft)

    def _fill_recovery(self) -> None:
        assert self._card is not None
        if self._sheet is None:
            return
        self._words(self._sheet.text.get())
        text = named(QPlainTextEdit(sheet_text(self._sheet)), "set_up_sheet", tr("Recovery sheet", "恢复单"))
        text.setReadOnly(True)
        text.setTabChangesFocus(True)
        text.setFixedHeight(190)
        self._card.body.addWidget(text)
        save = button.secondary(tr("Save the sheet…", "保存恢复单……"), "set_up_save_sheet", "save")
        save.clicked.connect(self._on_save_clicked)
        self._card.body.addWidget(save, 0, Qt.AlignmentFlag.AlignLeft)
        words = tr("The sheet is in the investigator's safe", "恢复单已放入研究者保险柜")
        box = named(QCheckBox(words), "set_up_kept_sheet", words)
        box.setChecked(self._guide.kept_sheet)
        self._add("kept_sheet", "", box)

    def _fill_done(self) -> None:
        self._words(
            tr(
                "This laptop is ready. Sign in as administrator and add the accounts of the ward.",
                "本机已就绪。请以管理员身份登录，并添加病区人员账户。",
            ),
            "set_up_done",
        )

    # --- answers ---------------------------------------------------------------------------------------------

    def _read(self) -> None:
        """Put what the fields hold into the guide."""
        answers: dict[str, object] = {}
        for name, widget in self._fields.items():
            match widget:
                case ChoiceBox():
                    answers[name] = widget.code()
                case PasswordField():
                    answers[name] = widget.text()
                case QLineEdit():
                    answers[name] = widget.text().strip()
                case QPlainTextEdit():
                    answers[name] = widget.toPlainText()
                case QCheckBox():
                    answers[name] = widget.isChecked()
                case _:
                    continue
        self._guide = self._guide.answer(**answers)

    def _say(self, text: str) -> None:
        self._summary.setText(text)
        self._summary.setVisible(bool(text))

    def _on_language_clicked(self, lang: Lang) -> None:
        self._guide = self._guide.answer(lang=lang)
        if lang != language():
            self._desk.choose_language(lang)  # the window is rebuilt, this page with it

    def _on_back_clicked(self) -> None:
        self._read()
        self._guide = self._guide.back()
        self._show()

    def _on_next_clicked(self) -> None:
        if not self._next.isEnabled():
            return
        self._read()
        problems = self._guide.problems(lambda password, user: self._desk.ward.check_password(user, password))
        for name, error in self._errors.items():
            found = next((p for p in problems if p.field == name), None)
            error.setText(found.text.get() if found else "")
            error.setVisible(found is not None)
            field = self._fields[name]
            set_wrong(field.edit if isinstance(field, PasswordField) else field, found is not None)
        if problems:
            self._say(tr("There is a problem", "填写有误"))
            self._fields[problems[0].field].setFocus()
        elif self._guide.is_last_question:
            self._make()
        elif self._guide.page == "done":
            self.finished.emit()
        else:
            self._guide = self._guide.forward()
            self._show()

    def _make(self) -> None:
        guide = self._guide
        answers = SetUp(
            site=guide.site,
            device_label=guide.device_label,
            admin_user=guide.user,
            admin_name=guide.name,
            password=guide.password,
            centre_keys=guide.recipients,
            recovery_key=guide.recovery_recipient,
        )
        self._next.setEnabled(False)
        self._back.setEnabled(False)
        self._next.setText(tr("Setting up…", "正在初始化……"))
        self._desk.jobs.run(
            lambda: self._desk.ward.set_up(answers), then=self._on_ward_made, failed=self._on_make_failed
        )

    def _on_ward_made(self, sheet: RecoverySheet) -> None:
        self._sheet = sheet
        self._guide = self._guide.made()
        self._desk.prefer(language=self._guide.lang)
        self._show()

    def _on_make_failed(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self._back.setEnabled(True)
        self._next.setEnabled(True)
        self._next.setText(tr("Set up this laptop", "初始化本机"))
        notice = notice_of(error)
        self._say(f"{notice.code} {notice.text} {notice.safe} {notice.todo}")

    # --- files -----------------------------------------------------------------------------------------------

    def _on_file_clicked(self, name: str) -> None:
        dialog = QFileDialog(self, tr("Public key", "公钥"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self._take_file(name, Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _take_file(self, name: str, path: Path) -> None:
        field = self._fields[name]
        assert isinstance(field, QPlainTextEdit)
        try:
            field.setPlainText(durable.read_regular_file(path, KEY_FILE_LIMIT).decode("utf-8", "replace"))
        except KnownError as error:
            self._say(str(error))

    def _on_save_clicked(self) -> None:
        dialog = QFileDialog(self, tr("Save the recovery sheet", "保存恢复单"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(f"recovery-sheet-{self._sheet.device if self._sheet else ''}.txt")
        dialog.fileSelected.connect(lambda path: self._save_sheet(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _save_sheet(self, path: Path) -> None:
        assert self._sheet is not None
        try:
            durable.write_file_durably(path, sheet_text(self._sheet).encode(), replace=True, private=False)
        except KnownError as error:
            self._say(str(error))


def sheet_text(sheet: RecoverySheet) -> str:
    """Give the recovery sheet as text, in the window's language."""
    return "\n".join(
        (
            tr("Recovery sheet of laptop {device}", "恢复单：本机 {device}", device=sheet.device),
            "",
            sheet.text.get(),
            "",
            tr("Public key of this laptop (register it at the centre):", "本机公钥（请在中心登记）："),
            sheet.device_public_key.strip(),
            "",
            tr("Sealed recovery file:", "加密恢复文件："),
            str(sheet.escrow_path),
            f"SHA-256 {sheet.escrow_sha256}",
            "",
        )
    )

"""Settings: the window, one's own password, the accounts, the scanner, backup and verification, what this program is.

Rights are checked by `Session`; a part the role cannot use is not shown.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QLibraryInfo, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QWidget,
)

from ucmsc_desktop import __version__
from ucmsc_desktop.i18n import LANGS, language, tr
from ucmsc_desktop.ui.account_cards import AddAccountCard, PasswordCard, PeopleCard
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.preferences import IDLE_MIN
from ucmsc_desktop.ui.tone import Tone
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.page_frame import PageFrame
from ucmsc_desktop.ui.widgets.page_header import PageHeader

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
        self._password = PasswordCard(desk)
        self._frame.body.addWidget(self._window_card())
        self._frame.body.addWidget(self._bedside_card())
        self._frame.body.addWidget(self._password)
        self._people_at = self._frame.body.count()
        if desk.session.may("accounts"):
            self._adding = AddAccountCard(desk)
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
            self._people = PeopleCard(self._desk)
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
                       todo=todo, stays=True)
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

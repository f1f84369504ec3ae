"""The window: which page exists, who sees it, and the three states it can be in: set-up, sign-in, at work.

A new screen is one line in PAGES. The window never reads a value itself; it moves pages about and locks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QStackedWidget, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.idle import IdleWatch
from ucmsc_desktop.ui.input_point import InputPoint
from ucmsc_desktop.ui.page_line import PageLine
from ucmsc_desktop.ui.palette import Theme
from ucmsc_desktop.ui.reminder import ReminderWatch
from ucmsc_desktop.ui.scan import ScanWatch
from ucmsc_desktop.ui.style import set_kind

if TYPE_CHECKING:
    from ucmsc_desktop.ui.work_area import WorkArea

_UI = "ucmsc_desktop.ui."
_EXPORTERS: tuple[str, ...] = ("nurse", "investigator", "data_manager", "administrator")
_PRINTERS: tuple[str, ...] = ("nurse", "investigator", "monitor", "data_manager")
_BEDSIDE: tuple[str, ...] = ("nurse", "investigator")
_SAMPLERS: tuple[str, ...] = (*_BEDSIDE, "cell_lab", "laboratory")

PAGES: Final = (
    PageLine("worklist", "home", Text("Worklist", "工作列表"), _UI + "pages.worklist:WorklistPage"),
    PageLine("participant", "description", Text("Overview", "概览"), _UI + "pages.participant:ParticipantPage", "must"),
    PageLine("infusion", "vaccines", Text("Infusion", "输注"), _UI + "pages.infusion:InfusionPage", "must", _BEDSIDE),
    PageLine("sampling", "bloodtype", Text("Samples", "标本"), _UI + "pages.sampling:SamplingPage", "may", _SAMPLERS),
    PageLine("print", "print", Text("Print", "打印"), _UI + "pages.print:PrintPage", "may", _PRINTERS),
    PageLine("sync", "sync", Text("Sync", "同步"), _UI + "pages.sync:SyncPage", "", _EXPORTERS),
    PageLine("review", "history", Text("History", "历史"), _UI + "pages.review:ReviewPage", "must"),
    PageLine("settings", "settings", Text("Settings", "设置"), _UI + "pages.settings:SettingsPage"),
    PageLine("form", "edit", Text("Form", "表单"), _UI + "form.page:FormPage", "must", under="participant"),
    PageLine("consent", "draw", Text("Consent", "知情同意"), _UI + "pages.consent:ConsentPage", "must", under="participant"),
    PageLine("eligibility", "fact_check", Text("Eligibility", "入选/排除标准"), _UI + "pages.eligibility:EligibilityPage", "must", under="participant"),
    PageLine("choose", "groups", Text("Participants", "受试者"), _UI + "pages.choose:ChoosePage", under="participant"),
)  # fmt: skip


class MainWindow(QWidget):
    """The one window."""

    def __init__(self, desk: Desk, pages: tuple[PageLine, ...] = PAGES) -> None:
        super().__init__()
        self._desk = desk
        self._pages = pages
        self._back: tuple[str, str, dict[str, Any]] | None = None  # who was where when the screen was locked
        self.work: WorkArea | None = None
        self.setObjectName("main_window")
        self.setMinimumSize(900, 480)
        self.resize(1280, 800)
        self._training = set_kind(QLabel(), "training")
        self._training.setObjectName("training_strip")
        self._training.setAlignment(Qt.AlignmentFlag.AlignCenter)
        if not desk.training:
            self._training.hide()
        self._stack = QStackedWidget()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._training)
        column.addWidget(self._stack, 1)
        self.idle = IdleWatch(desk.ward.clock, self)
        self.idle.idled.connect(desk.lock)
        self.scan = ScanWatch(
            self, prefix=desk.preferences.scanner_prefix, suffix=desk.preferences.scanner_suffix
        )
        self.scan.scanned.connect(desk.take_scan)
        self.reminders = ReminderWatch(desk, self)
        desk.signed_in.connect(self._on_desk_signed_in)
        desk.locked.connect(self._on_desk_locked)
        desk.went.connect(self._on_desk_went)
        desk.language_chosen.connect(self._on_desk_language_chosen)
        desk.preferred.connect(self._on_desk_preferred)
        self._coming: Theme = style.theme()
        self._repaint = QTimer(self)
        self._repaint.setSingleShot(True)
        self._repaint.setInterval(0)
        self._repaint.timeout.connect(self._on_repaint_timeout)
        self._input = InputPoint(self)
        self._input.start()
        self._show_state()
        self.reminders.start()

    # --- the three states ------------------------------------------------------------------------------------

    def _show_state(self) -> None:
        self._retitle()
        self._empty()
        if self._desk.is_signed_in:
            self._show_work()
        elif self._desk.ward.is_set_up:
            from ucmsc_desktop.ui.pages.sign_in import SignInPage

            self._show(SignInPage(self._desk, self.reminders, last_user=self._back[0] if self._back else ""))
        else:
            from ucmsc_desktop.ui.pages.set_up import SetUpPage

            page = SetUpPage(self._desk)
            page.finished.connect(self._show_state)
            self._show(page)

    def _retitle(self) -> None:
        title = tr("UCMSC trial record", "UCMSC 临床试验记录")
        if self._desk.training:
            title += tr(" (training)", "（培训）")
        self.setWindowTitle(title)
        self._training.setText(
            tr("Training ward: invented participants only", "培训病区：仅含虚构受试者，不得录入真实数据")
        )

    def _show(self, page: QWidget) -> None:
        self._stack.addWidget(page)
        self._stack.setCurrentWidget(page)

    def _empty(self) -> None:
        """Take everything out of the window, open questions too; what they showed is gone at once."""
        self.work = None
        self._desk.set_window(None, None)
        for dialog in self.findChildren(QDialog):
            dialog.hide()
            dialog.deleteLater()
        while (page := self._stack.currentWidget()) is not None:
            self._stack.removeWidget(page)
            page.hide()
            page.deleteLater()

    def _show_work(self) -> None:
        # Not before somebody has signed in: the door must open at once.
        from ucmsc_desktop.ui.work_area import WorkArea

        self.work = WorkArea(self._desk, self._pages, self.reminders)
        self._desk.set_window(self.work, self.work.dock)
        self._show(self.work)
        self.idle.start(self._desk.preferences.idle_min)
        user = self._desk.session.account.user
        if self._desk.session.must_change_password:
            self.work.show_page("settings", {"part": "password"})
            return
        if self._back is not None and self._back[0] == user and self.work.show_page(*self._back[1:]):
            return
        if (subject := self._on_drip()) and self.work.show_page("infusion", {"subject": subject}):
            return  # after a crash or a power cut: nothing is looked at before cells that run
        self.work.show_page("worklist", {})

    def _on_drip(self) -> str:
        from ucmsc_desktop.session.infusion import first_on_drip

        session = self._desk.session
        return first_on_drip(
            (s.subject, session.infusions.run(s.subject, n)) for s in session.subjects() for n in s.running
        )

    def _remember(self) -> None:
        if self.work is not None and self._user:
            self._back = (self._user, *self.work.place)

    _user = ""

    # --- what the desk tells ---------------------------------------------------------------------------------

    def _on_desk_signed_in(self) -> None:
        self._user = self._desk.session.account.user
        self._show_state()

    def _on_desk_locked(self) -> None:
        self.idle.stop()
        self._remember()
        self._show_state()

    def _on_desk_went(self, name: str, what: dict[str, object]) -> None:
        if self.work is not None:
            self.work.show_page(name, what)

    def _on_desk_language_chosen(self, _lang: str) -> None:
        self._remember()
        self._show_state()

    def _on_desk_preferred(self) -> None:
        chosen = self._desk.preferences
        if chosen.theme != style.theme():
            self._change_theme(chosen.theme)
        self.scan.set_marks(chosen.scanner_prefix, chosen.scanner_suffix)
        if self.idle.is_watching:
            self.idle.start(chosen.idle_min)

    def _change_theme(self, theme: Theme) -> None:
        """Paint everything in another theme: pages keep icons and are made anew; what is typed is kept as a draft.

        Qt polishes every widget there is, for seconds with pages open: so the old ones go first. They go in the next
        round of events, because the press that asked for this may come from one of them.
        """
        self._desk.lock_began.emit()
        self._remember()
        self._empty()
        self._coming = theme
        self._repaint.start()

    def _on_repaint_timeout(self) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            style.use(app, self._coming)
        self._show_state()

    # --- keys ------------------------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # F12 must lock even while a dialog or a menu is open, where a shortcut of the window is dead.
        if event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_F12 and self._desk.is_signed_in:
                self._desk.lock()
                return True
            if isinstance(watched, QWidget) and (self.isAncestorOf(watched) or watched is self):
                return self._own_key(event)
        return False

    def _own_key(self, event: QKeyEvent) -> bool:
        if self._desk.is_stopped:
            return False
        if event.key() == Qt.Key.Key_F1:
            self._show_keys()
            return True
        if event.key() == Qt.Key.Key_F9 and not event.modifiers():
            if not any(d.isVisible() for d in self.findChildren(QDialog)):
                self._desk.prefer(theme="day" if style.theme() == "night" else "night")
            return True
        if event.key() == Qt.Key.Key_F7 and not event.modifiers() and self.work is not None:
            if self._desk.preferences.number_pad != "never":
                self.work.toggle_pad()
            return True
        if event.key() == Qt.Key.Key_F8 and not event.modifiers():
            return self.work is not None and self.work.reminder.focus()
        number = event.key() - Qt.Key.Key_1.value
        is_alt = event.modifiers() == Qt.KeyboardModifier.AltModifier
        if self.work is not None and is_alt and 0 <= number < len(self.work.names()):
            if QApplication.activeModalWidget() is None:
                self._desk.go(self.work.names()[number])
            return True
        return False

    def _show_keys(self) -> None:
        if any(d.objectName() == "keys_dialog" and d.isVisible() for d in self.findChildren(QDialog)):
            return
        from ucmsc_desktop.ui.dialogs.keys import KeysDialog

        lines = [
            ("Tab", tr("next field", "下一字段")),
            ("Enter", tr("next field; press a button; open a row", "下一字段；按下按钮；打开所选行")),
            ("F1", tr("this list", "显示本列表")),
            ("F9", tr("dark for the night, light for the day", "夜间暗色与日间亮色切换")),
        ]
        if self.work is not None:
            lines.append(("F7", tr("number pad on the screen", "屏幕数字键盘")))
            lines.append(("F8", tr("to the reminder", "转到提醒")))
            lines.append(("F12", tr("lock the screen", "锁定屏幕")))
            lines += [
                (f"Alt+{number}", self.work.title_of(name))
                for number, name in enumerate(self.work.names(), start=1)
            ]
            more = getattr(self.work.page, "keys", None)
            if more is not None:
                lines += list(more())
        self._desk.ask(KeysDialog(lines, self))

    def closeEvent(self, event: QCloseEvent) -> None:
        self.reminders.stop()
        self.idle.stop()
        self.scan.stop()
        self._input.stop()
        self._desk.close()
        super().closeEvent(event)

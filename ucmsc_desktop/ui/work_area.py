"""What a signed-in person sees: rail, participant banner, message bar, the page, and the tray for docked questions.

It is made at sign-in and thrown away at the lock, with every page in it: nothing of a participant outlives the keys.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QBoxLayout,
    QDialog,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.entry import ROLE_NAMES
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.jobs import Job
from ucmsc_desktop.ui.notice import Stop
from ucmsc_desktop.ui.page_line import PageLine
from ucmsc_desktop.ui.rail import Entry, Rail
from ucmsc_desktop.ui.reminder import ReminderWatch, Shown
from ucmsc_desktop.ui.sampling.pairing import Pairing
from ucmsc_desktop.ui.sampling.strip import ScanStrip
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.tray import Tray, focus_first
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.banner import ParticipantBanner
from ucmsc_desktop.ui.widgets.clock_strip import ClockStrip
from ucmsc_desktop.ui.widgets.message_bar import MessageBar
from ucmsc_desktop.ui.widgets.reminder_strip import ReminderStrip
from ucmsc_desktop.ui.widgets.stop_screen import StopScreen

if TYPE_CHECKING:
    from ucmsc_desktop.ui.widgets.number_pad import NumberPad

LOW = 640  # below this height a strip above the page costs a row of it
PAGE_LEAST = 148  # what a page keeps beside a docked question: the big buttons of an infusion, and its clock
SLOW_MS = 1000  # from here on work shows that it is going on


class WorkArea(QWidget):
    """The window of a signed-in person. `moved` tells each page shown, with what it shows."""

    moved = Signal(str, object)

    def __init__(self, desk: Desk, pages: Sequence[PageLine], reminders: ReminderWatch) -> None:
        super().__init__()
        self._desk = desk
        role = desk.session.account.role
        self._lines = {p.name: p for p in pages if not p.roles or role in p.roles}
        self._made: dict[str, QWidget] = {}
        self._name = ""
        self._what: dict[str, Any] = {}
        self._subject = ""
        entries = [
            Entry(p.name, p.symbol, p.title.get(), f"Alt+{number}")
            for number, p in enumerate((p for p in self._lines.values() if not p.under), start=1)
        ]
        account = desk.session.account
        person = tr("{name}, {role}", "{name}，{role}", name=account.name, role=ROLE_NAMES[role].get())
        self.rail = Rail(entries, person)
        self.banner = ParticipantBanner()
        self.banner.hide()
        self.clock, self.reminder = ClockStrip(desk), ReminderStrip(reminders)
        self.reminder.answered.connect(self._on_reminder_answered)
        self.bar = MessageBar()
        self._stack = _Pages()
        self._busy, self._tray = _BusyStrip(), Tray(self._take_focus)
        inset = QVBoxLayout()
        inset.setContentsMargins(12, 0, 12, 0)
        inset.setSpacing(6)
        self._strips = self._make_strips(reminders)
        inset.addLayout(self._strips)
        inset.addWidget(self.bar)
        inset.addWidget(self._busy)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.banner)
        column.addLayout(inset)
        below = QHBoxLayout()  # the pad stands beside the page; what says who and what keeps the whole width
        below.setSpacing(0)
        below.addWidget(self._stack, 1)
        column.addLayout(below, 1)
        column.addWidget(self._tray)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(self.rail)
        line.addLayout(column, 1)
        self.pad: NumberPad | None = None
        self._beside = below
        self._pad_wanted = self._pad_away = False
        self._show_pad()
        self.pairing = Pairing(
            desk, lambda: (self._name, self.page, str(self._what.get("subject") or "")), self
        )
        inset.insertWidget(0, ScanStrip(desk, self.pairing))
        desk.set_scan_taker(self.pairing.take)
        self._connect()
        self.clock.refresh()

    def _connect(self) -> None:
        desk = self._desk
        desk.preferred.connect(self._show_pad)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_app_focus_changed)
        self.rail.chosen.connect(self._on_rail_chosen)
        self.rail.lock_asked.connect(desk.lock)
        self.rail.pad_asked.connect(self.toggle_pad)
        desk.said.connect(self.bar.show_notice)
        desk.changed.connect(self._on_desk_changed)
        desk.jobs.began.connect(self._busy.follow)
        desk.jobs.ended.connect(self._busy.forget)
        desk.stopped.connect(self._on_desk_stopped)
        self.bar.let_go.connect(self._take_focus)

    # --- moving about ----------------------------------------------------------------------------------------

    @property
    def page(self) -> QWidget | None:
        """The page that is shown."""
        return self._stack.currentWidget()

    @property
    def place(self) -> tuple[str, dict[str, Any]]:
        """The name of the page shown, and what it shows."""
        return self._name, {**self._what, **getattr(self.page, "shown", {})}

    def names(self) -> tuple[str, ...]:
        """Give the pages of the rail, in the order of Alt+1 and on."""
        return tuple(p.name for p in self._lines.values() if not p.under)

    def title_of(self, name: str) -> str:
        """Give the title of a page."""
        return self._lines[name].title.get()

    def show_page(self, name: str, what: Mapping[str, object]) -> bool:
        """Show a page; False where the page shown will not be left, or the role has no such page."""
        line = self._lines.get(name)
        if line is None:
            return False
        leave = getattr(self.page, "leave", None)
        if leave is not None and not leave():
            return False
        asked = dict(what)
        if "subject" not in asked and self._subject and line.subject:
            asked["subject"] = self._subject
        if line.subject == "must" and not asked.get("subject"):
            asked, line = {"then": name}, self._lines["choose"]
        try:
            page = self._page(line)
            page.open(**asked)  # type: ignore[attr-defined]  # the contract of pages
        except KnownError as error:
            self._desk.say(error)
            return False
        for once in ("record", "made"):  # done once, not again when somebody comes back to this place
            asked.pop(once, None)
        self._subject = str(asked.get("subject") or ("" if not line.subject else self._subject))
        self._name, self._what = line.name, asked
        self.bar.passed()
        self._stack.setCurrentWidget(page)
        self.rail.set_current(str(asked.get("then", "")) or line.under or line.name)
        self._show_banner()
        focus_first(page)
        self.moved.emit(line.name, asked)
        return True

    def _page(self, line: PageLine) -> QWidget:
        made = self._made.get(line.name)
        if made is None:
            module, _, name = line.place.partition(":")
            made = getattr(importlib.import_module(module), name)(self._desk)
            assert isinstance(made, QWidget)
            made.setAccessibleName(line.title.get())
            showed = getattr(made, "showed", None)
            if showed is not None:
                showed.connect(self._show_banner)
            self._made[line.name] = made
            self._stack.addWidget(made)
        return made

    def _show_banner(self) -> None:
        subject = self._what.get("subject")
        if not isinstance(subject, str) or not subject:
            self.banner.hide()
            return
        key = self._what.get("key")
        study = self._desk.session.study
        visit = ""
        if isinstance(key, FormKey) and study.forms[key.form].repeat == "visit":
            visit = study.visit_by_id[key.visit].title.get()
        elif isinstance(key, FormKey) and study.forms[key.form].repeat == "infusion":
            visit = _infusion(key.n)
        number = getattr(self.page, "shown", {}).get("n")  # the page may go on to another one by itself
        if isinstance(number, int):
            visit = _infusion(number)
        self.banner.show_banner(self._desk.session.banner(subject), visit)
        self.banner.show()

    # --- the number pad --------------------------------------------------------------------------------------

    def toggle_pad(self) -> None:
        """Show the number pad, or put it away."""
        self._pad_wanted = not (self.pad is not None and self.pad.isVisible())
        self._pad_away = not self._pad_wanted
        self._show_pad()

    def _show_pad(self) -> None:
        """Show the pad where it is wanted; the fields keep the focus."""
        choice = self._desk.preferences.number_pad
        wanted = self._pad_wanted and choice != "never"
        if wanted and self.pad is None:
            from ucmsc_desktop.ui.widgets.number_pad import NumberPad

            self.pad = NumberPad(self)
            self._beside.addWidget(self.pad)
            self.pad.closed.connect(self.toggle_pad)
        if self.pad is not None and self.pad.isHidden() == wanted:
            self.pad.setVisible(wanted)
        self.rail.offer_pad(offered=choice != "never", shown=wanted)

    def _on_app_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        """Where the pad is always wanted, the first field for digits brings it, and it stays until it is put away."""
        if self._desk.preferences.number_pad != "always" or self._pad_wanted or self._pad_away or now is None:
            return
        from ucmsc_desktop.ui.widgets.number_pad import takes_digits

        if self.isAncestorOf(now) and takes_digits(now):
            self._pad_wanted = True
            self._show_pad()

    def dock(self, dialog: QDialog) -> None:
        """Put a question into the tray instead of before the window; in a low one the number pad makes room for it."""
        if self.height() < LOW and self.pad is not None and self.pad.isVisible():
            self.toggle_pad()
        self._tray.take(dialog)

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        self.rail.set_folded(self.width() < 1200)
        self._arrange_strips()

    def _make_strips(self, reminders: ReminderWatch) -> QBoxLayout:
        made = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        made.setSpacing(6)
        made.addWidget(self.clock)
        made.addWidget(self.reminder, 1)
        self.clock.told.connect(self._arrange_strips)
        reminders.changed.connect(self._arrange_strips)
        return made

    def _arrange_strips(self) -> None:
        """Let the clock's question and a reminder share a line where height is short: the page is what is worked at."""
        low = self.height() < LOW
        beside = low and not self.reminder.isHidden() and self.clock.can_fold
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._strips.setDirection(across if beside else down)
        self.clock.set_folded(beside)
        self.reminder.set_low(low, beside=beside)
        self.bar.set_low(low)

    def _on_rail_chosen(self, name: str) -> None:
        self._desk.go(name)

    def _on_reminder_answered(self, shown: Shown) -> None:
        """Go where a reminder is answered; mixing is answered here, with its moment."""
        about = shown.about
        if about is None:
            return
        if about.kind == "mix":
            self._desk.do(
                lambda s, _a: s.enter(
                    about.subject,
                    about.key,
                    {
                        Cell("mix_dtm", s.next_row(about.subject, about.key, "mixing")): s.now().replace(
                            microsecond=0
                        )
                    },
                    origin="stamped",
                    ask=False,
                )
            )
        elif about.kind == "vitals" and "infusion" in self._lines:
            self._desk.go("infusion", subject=about.subject, key=about.key, record="vitals")
        elif about.kind == "sign" and "infusion" in self._lines:
            record = f"none_{about.point.removeprefix('none')}h"  # none6: the statement of the sixth hour
            self._desk.go("infusion", subject=about.subject, n=about.key.n, record=record)
        else:
            self._desk.go("form", subject=about.subject, key=about.key)

    def _on_desk_stopped(self, stop: Stop) -> None:
        """Put a stop over everything; a question before the window is cancelled, it would hide the stop."""
        for dialog in self.window().findChildren(QDialog):
            if dialog.isWindow() and dialog.isVisible():
                dialog.reject()
        screen = StopScreen(self._desk, stop, self)
        screen.confirmed.connect(lambda: self._on_stop_confirmed(screen))
        screen.show()

    def _on_stop_confirmed(self, screen: StopScreen) -> None:
        screen.hide()
        screen.deleteLater()
        self._take_focus()
        self._desk.stop_was_read()

    def _take_focus(self) -> None:
        """Give the keyboard back to the page once a question is answered or a message closed: left to Qt it lands on the
        rail, where Enter leaves the page. A page that knows its harmless place says so itself (`take_focus`).
        """
        page = self.page
        if page is None or not page.isVisible():
            return
        own = getattr(page, "take_focus", None)
        if own is not None:
            own()
        else:
            focus_first(page)

    def _on_desk_changed(self, change: object) -> None:
        subject = self._what.get("subject")
        if subject and (change is None or getattr(change, "subject", subject) == subject):
            self._show_banner()


def _infusion(number: int) -> str:
    return tr("Infusion {n}", "第 {n} 次输注", n=number)


class _Pages(QStackedWidget):
    """The pages. They take the height that is left and ask for little: what stands around them is never squeezed."""

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), PAGE_LEAST)

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), PAGE_LEAST)

    def hasHeightForWidth(self) -> bool:
        return False  # pages with wrapped text would ask for all the height they could use


class _BusyStrip(QFrame):
    """Says what goes on once it takes longer than a second, with a way to drop it."""

    def __init__(self) -> None:
        super().__init__()
        set_kind(self, "notice-info")
        self.setObjectName("busy_strip")
        self._job: Job | None = None
        self._title = label.label("", "busy_title")
        bar = QProgressBar()
        bar.setRange(0, 0)
        bar.setAccessibleName(tr("Working", "正在处理"))
        bar.setMaximumWidth(220)
        stop = button.secondary(tr("Cancel", "取消"), "busy_cancel")
        stop.clicked.connect(self._on_stop_clicked)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 4, 8, 4)
        line.addWidget(self._title, 1)
        line.addWidget(bar)
        line.addWidget(stop)
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(SLOW_MS)
        self._wait.timeout.connect(self._on_wait_timeout)
        self.hide()

    def follow(self, job: Job) -> None:
        """A job was handed in."""
        self._job = job
        self._title.setText(job.title or tr("Working…", "正在处理……"))
        self._wait.start()

    def forget(self, job: Job) -> None:
        """A job has come back."""
        if job is self._job:
            self._job = None
            self._wait.stop()
            self.hide()

    def _on_wait_timeout(self) -> None:
        if self._job is not None:
            self.show()

    def _on_stop_clicked(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self.forget(self._job)

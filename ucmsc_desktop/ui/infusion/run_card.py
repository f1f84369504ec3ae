"""Where the infusion stands: clock, rate and volume, expiry, next check. It shows what it is handed, second by second."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QScroller,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.session import InfusionRun
from ucmsc_desktop.ui.infusion import duration
from ucmsc_desktop.ui.infusion.run_words import RunFacts, expiry_words, line_words, mixed_words, next_words
from ucmsc_desktop.ui.infusion.step_cards import Figures
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.pill import LOOKS, Pill


class RunCard(QFrame):
    """The card at the left; the page puts the big buttons into `foot`."""

    mixed = Signal()
    rate_asked = Signal()
    missed_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        set_kind(self, "card")
        self._heading = label.heading("", "run_heading")
        self._pill = Pill("planned")
        self._clock = named(label.clock("", "run_clock"), "run_clock", tr("Time since start", "开始后时间"))
        self._paused = label.body("", "run_paused")
        self._line = label.hint("", "run_line")
        self._bar = named(QProgressBar(), "run_progress", tr("Volume infused, estimated", "已输注量（估算）"))
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setFixedHeight(18)
        self._expiry = label.hint("", "run_expiry")
        self._figures = Figures("run_figures")
        self._next_label = label.label(tr("Next check", "下次检查"))
        self._next_pill = Pill("next")
        self._next = label.value("", "run_next")
        self._next.setWordWrap(True)
        self._missed = label.error("", "run_missed")
        self._not_done = button.secondary(tr("Not measured…", "未测量……"), "run_not_done")
        self._not_done.clicked.connect(self.missed_asked)
        self._reminder = label.hint(tr("A reminder, not an alarm.", "仅为提醒，不是报警。"))
        self._mix = button.secondary(tr("Bag mixed", "已混匀"), "infusion_mixed")
        self._mix.setAccessibleName(tr("Bag gently mixed now", "刚刚轻摇混匀"))
        self._rate = button.secondary(tr("Change rate", "调整滴速"), "infusion_rate")
        self._mix.clicked.connect(self.mixed)
        self._rate.clicked.connect(self.rate_asked)
        for small in (self._mix, self._rate):
            small.setMinimumWidth(0)
            small.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._mixed_at = label.hint("", "run_mixed")
        self.due_point = ""  # the code of a point whose window is open; "" while none is
        self._build()

    def _build(self) -> None:
        inside = QWidget()
        inside.setObjectName("body")
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(6, 0, 6, 2)
        lines.setSpacing(4)
        lines.addWidget(self._paused)
        check = QHBoxLayout()
        check.addWidget(self._next_label, 1)
        check.addWidget(self._next_pill)
        lines.addLayout(check)
        below: tuple[QWidget, ...] = (
            self._next, self._line, self._bar, self._expiry, self._figures, self._missed, self._not_done, self._reminder,
        )  # fmt: skip
        for part in below:
            lines.addWidget(part)
        self._small = QWidget()
        small = QHBoxLayout(self._small)
        small.setContentsMargins(5, 3, 5, 3)  # room for the focus ring
        small.setSpacing(8)
        small.addWidget(self._mix, 1)
        small.addWidget(self._rate, 1)
        lines.addWidget(self._mixed_at)
        lines.addStretch(1)
        self._area = area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        QScroller.grabGesture(area.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(14, 8, 14, 10)
        outer.setSpacing(4)
        # The clock and the two small buttons never scroll out of sight. In a low window the clock is smaller, so that
        # the next check is seen too.
        self._head = QVBoxLayout()
        self._head.setContentsMargins(6, 6, 6, 0)
        self._head.setSpacing(0)
        top = QHBoxLayout()
        top.addWidget(self._heading, 1)
        top.addWidget(self._pill)
        self._head.addLayout(top)
        self._head.addWidget(self._clock)
        outer.addLayout(self._head)
        area.setMinimumHeight(40)
        outer.addWidget(area, 1)
        outer.addWidget(self._small)
        self.foot = QVBoxLayout()
        self.foot.setContentsMargins(1, 0, 1, 0)
        outer.addLayout(self.foot)

    def to_top(self) -> None:
        """Show the first lines."""
        self._area.verticalScrollBar().setValue(0)

    def clock_text(self) -> str:
        """Give the clock and the status, for where there is no room for the card."""
        return f"{self._clock.text()}  {self._pill.words()}" if not self._clock.isHidden() else ""

    def brief(self) -> str:
        """Give the card in one line, for where a docked question leaves no more height."""
        first = " · ".join(p for p in (self._heading.text(), self.clock_text().replace("  ", " · ")) if p)
        return f"{first} · {self._next.text()}" if not self._next.isHidden() else first

    def set_low(self, low: bool) -> None:
        """Leave out what can be spared in a low window."""
        set_kind(self._clock, "figure" if low else "clock")
        self._bar.setFixedHeight(10 if low else 18)
        self._head.setContentsMargins(6, 2 if low else 6, 6, 0)
        self._reminder.setMaximumHeight(0 if low else 16777215)
        self._next_label.setToolTip(self._reminder.text())

    # --- what is shown ---------------------------------------------------------------------------------------

    def show_run(self, run: InfusionRun, facts: RunFacts, now: datetime, mixed_at: datetime | None) -> None:
        """Show a run as it stands at a moment; called every second while it runs."""
        say(self._heading, tr("Infusion {n}", "第 {n} 次输注", n=run.n))
        mark(self._pill, "stopped" if run.status == "ended" and facts.stopped else run.status)
        reveal(self._clock, run.status != "planned")
        say(self._clock, duration.clock(run.elapsed_s))
        since = tr(
            "Time since start: {n} min", "开始后时间：{n} 分钟", n=run.elapsed_s // 60
        )  # by the minute: a screen reader must not be told every second
        if self._clock.accessibleName() != since:
            self._clock.setAccessibleName(since)
        self._show_pause(run, facts, now)
        say(self._line, line_words(run, facts, now))
        self._show_volume(run, facts, now)
        self._show_expiry(run, facts, now)
        self._show_next(run, facts, now)
        self._figures.show_figures(facts.figures if run.status == "planned" else ())
        under_way = run.status in ("running", "paused")
        reveal(self._small, under_way)
        reveal(self._mixed_at, under_way)
        last = mixed_at or run.started
        late = under_way and last is not None and now - last >= facts.mix_every and run.status == "running"
        set_kind(self._mixed_at, "error" if late else "hint")
        say(self._mixed_at, mixed_words(mixed_at, now, late=late))

    def _show_pause(self, run: InfusionRun, facts: RunFacts, now: datetime) -> None:
        text = ""
        if run.paused_since is not None:
            text = tr(
                "Paused since {at}, for {span}",
                "{at} 起暂停，已 {span}",
                at=f"{run.paused_since:%H:%M:%S}",
                span=duration.words(now - run.paused_since),
            )
        elif facts.pauses:
            whole = timedelta(seconds=run.elapsed_s - run.running_s)
            text = tr(
                "Paused {n}×, {span} in all",
                "暂停 {n} 次，共 {span}",
                n=len(facts.pauses),
                span=duration.words(whole),
            )
        say(self._paused, text)
        reveal(self._paused, bool(text))

    def _show_volume(self, run: InfusionRun, facts: RunFacts, now: datetime) -> None:
        infused = facts.infused_ml(run.ended or now)
        shown = infused is not None and facts.planned_ml is not None and run.status in ("running", "paused")
        reveal(self._bar, shown)
        if infused is not None and facts.planned_ml:
            self._bar.setValue(min(1000, int(1000 * infused / facts.planned_ml)))

    def _show_expiry(self, run: InfusionRun, facts: RunFacts, now: datetime) -> None:
        reveal(self._expiry, facts.expires is not None and run.status != "ended")
        if facts.expires is None:
            return
        words, is_near = expiry_words(run, facts, facts.expires - now)
        say(self._expiry, words)
        set_kind(self._expiry, "error" if is_near else "hint")

    def _show_next(self, run: InfusionRun, facts: RunFacts, now: datetime) -> None:
        point, at = run.next_point, run.next_at
        for part in (self._next_label, self._next_pill, self._next):
            reveal(part, point is not None)
        reveal(self._reminder, point is not None)
        self.due_point = ""
        if point is not None and at is not None:
            opens, closes = at - timedelta(minutes=point.before_min), at + timedelta(minutes=point.after_min)
            self.due_point = point.code if now >= opens else ""
            say(self._next_label, tr("Next check · {p}", "下次检查 · {p}", p=point.title))
            mark(self._next_pill, "due" if self.due_point else "next")
            say(self._next, next_words(point, at, closes, now))
        missed = tr(", ", "、").join(f"{p.title} ({when:%H:%M})" for p, when in facts.missed)
        say(self._missed, tr("Not recorded: {points}", "未记录：{points}", points=missed))
        reveal(self._missed, bool(missed))
        reveal(self._not_done, bool(missed))


def say(label_: QLabel, text: str) -> None:
    """Show a text if it is another one: what does not change every second is not laid out every second."""
    if label_.text() != text:
        label_.setText(text)


def reveal(widget: QWidget, shown: bool) -> None:
    """Show or hide a widget if that changes anything."""
    if widget.isHidden() == shown:
        widget.setVisible(shown)


def mark(pill: Pill, status: str) -> None:
    """Show a status if it is another one."""
    if pill.words() != LOOKS[status].text.get():
        pill.set_status(status)

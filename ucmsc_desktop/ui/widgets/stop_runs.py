"""The running infusions on a full-screen stop: whose, how long, PAUSE or RESUME, STOP. A stop must never hide them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.session import InfusionRun, Session
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.pill import Pill

SECOND_MS = 1000
REST_MS = 700  # the button that takes another's place must not take the second half of a double tap


@dataclass(frozen=True, slots=True)
class _Lane:
    """The widgets of one infusion."""

    subject: str
    n: int
    whose: QLabel
    words: str
    clock: QLabel
    pill: Pill
    pause: QPushButton
    resume: QPushButton
    stop: QPushButton


class RunStrip(QFrame):
    """Shows every infusion that runs when it is made, until it is gone; hidden where none runs."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("stop_runs")
        self._desk = desk
        self._timer = QTimer(self)
        self._timer.setInterval(SECOND_MS)
        self._timer.timeout.connect(self._show_second)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(REST_MS)
        grid = QGridLayout(self)
        grid.setContentsMargins(32, 4, 32, 4)
        grid.setSpacing(12)
        running = [(s.subject, s.bed, n) for s in desk.session.subjects() for n in s.running]
        self._lanes = []
        for place, (subject, bed, n) in enumerate(running):
            lane, card = self._lane(subject, bed, n, narrow=len(running) > 1)
            self._lanes.append(lane)
            grid.addWidget(card, place // 2, place % 2)
        if not running:
            self.hide()

    def _lane(self, subject: str, bed: str, n: int, *, narrow: bool) -> tuple[_Lane, QFrame]:
        mark = f"{subject}.{n}"
        whose = tr("{subject}, infusion {n}", "{subject}，第 {n} 次输注", subject=subject, n=n)
        if bed:
            whose = tr("{whose}, bed {bed}", "{whose}，{bed} 床", whose=whose, bed=bed)
        lane = _Lane(
            subject,
            n,
            label.label(whose),
            whose,
            named(
                label.figure("", f"stop_clock.{mark}"),
                f"stop_clock.{mark}",
                tr("Time since start", "开始后时间"),
            ),
            Pill("running"),
            button.big(tr("Pause", "暂停"), f"stop_pause.{mark}", "pause", "pause"),
            button.big(tr("Resume", "继续"), f"stop_resume.{mark}", "start", "play_arrow"),
            button.big(
                tr("Stop", "停止") if narrow else tr("Stop infusion", "停止输注"),
                f"stop_stop.{mark}",
                "stop",
                "block",
            ),
        )
        uses: dict[QPushButton, Callable[[Session], Change]] = {
            lane.pause: lambda s: s.infusions.pause(subject, n),
            lane.resume: lambda s: s.infusions.resume(subject, n),
            lane.stop: lambda s: s.infusions.stop(subject, n),
        }
        for pressed, use in uses.items():
            pressed.setAccessibleName(
                tr("{what}: {whose}", "{what}：{whose}", what=pressed.text(), whose=whose)
            )
            pressed.clicked.connect(lambda _checked=False, use=use: self._run(use))
        card = set_kind(QFrame(), "stop-panel")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(lane.whose)
        time = QHBoxLayout()
        time.setSpacing(12)
        time.addWidget(lane.clock)
        if not narrow:
            time.addWidget(lane.pill)
        time.addStretch(1)
        words.addLayout(time)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        for made in (lane.pause, lane.resume, lane.stop):
            buttons.addWidget(made)
            if not self._desk.session.may("infuse"):
                made.hide()
        inside = QHBoxLayout(card)
        inside.setContentsMargins(18, 6, 10, 6)
        inside.setSpacing(8)
        inside.addLayout(words, 1)
        inside.addLayout(buttons)
        return lane, card

    def _show_second(self) -> None:
        if not self._desk.is_signed_in:
            return
        session = self._desk.session
        for lane in self._lanes:
            self._show_lane(lane, session.infusions.run(lane.subject, lane.n), session)

    def _show_lane(self, lane: _Lane, run: InfusionRun, session: Session) -> None:
        hours, rest = divmod(run.elapsed_s, 3600)
        lane.clock.setText(f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}")
        lane.pill.set_status(run.status)
        if lane.pill.parentWidget() is None:  # no room beside the clock
            lane.whose.setText(f"{lane.words} · {lane.pill.words()}")
        may = session.may("infuse")
        for made, statuses in (
            (lane.pause, ("running",)),
            (lane.resume, ("paused",)),
            (lane.stop, ("running", "paused")),
        ):
            made.setVisible(may and run.status in statuses)

    def _run(self, use: Callable[[Session], Change]) -> None:
        if self._resting.isActive():
            return
        self._resting.start()
        self._desk.do(lambda s, _answer: use(s), then=self._on_done)

    def _on_done(self, _change: Change) -> None:
        self._show_second()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._show_second()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        self._resting.stop()
        super().hideEvent(event)

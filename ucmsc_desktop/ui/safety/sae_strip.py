"""The clocks of a participant's serious events, wherever the participant is shown: how long is left, and whom to call.

The strip is there as long as nobody has confirmed the report, and on the event's own form beyond that: follow-up and final
report are still to be printed. It never says "sent": it says who must be called, offers the paper, and leads to the field
where a person writes that the report was made.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import Text, show_datetime, tr
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.safety import NOT_TRANSMITTED, RECIPIENTS, SaeClock, sae_clock
from ucmsc_desktop.record.tasks import span_words
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.printing.order import event_text
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.label import let_grow
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.pill import Pill

BEAT_MS = 20_000
_FRAMES = {"open": "notice-ok", "soon": "notice-warning", "overdue": "notice-error"}
_PILLS = {
    "open": "active",
    "soon": "due",
    "overdue": "overdue",
    "late": "done",
    "reported": "done",
    "excused": "done",
}
_LEFT = Text("{span} left", "剩余 {span}")
_OVER = Text("Overdue by {span}", "已超时 {span}")


class SaeStrip(QFrame):
    """Shows the running clocks of one participant, or in one line that of one event; hidden where none runs."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "sae_strip", tr("Serious adverse events to be reported", "待上报的严重不良事件"))
        let_grow(self)
        self._desk = desk
        self._subject = ""
        self._key: FormKey | None = None
        self._reported_too = False
        self._shown: tuple[tuple[FormKey, str, bool], ...] = ()
        self._rows: list[_Row] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(14, 8, 10, 8)
        self._column.setSpacing(8)
        self._call = label.label("", "sae_call")
        self._column.addWidget(self._call)
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self.refresh)
        desk.changed.connect(self._on_desk_changed)
        desk.lock_began.connect(self._timer.stop)
        self.hide()

    def show_subject(self, subject: str, key: FormKey | None = None, *, reported_too: bool = False) -> None:
        """Show the clocks of a participant; with `key` only that of one adverse event, in one line above its form.

        `reported_too`: that event also when its report is confirmed, for the reports that follow.
        """
        self._subject, self._key, self._reported_too = subject, key, reported_too
        self.refresh()

    def refresh(self) -> None:
        """Read the clocks again."""
        if not self._subject or not self._desk.is_signed_in:
            self._timer.stop()
            self.hide()
            return
        session = self._desk.session
        now = session.now()
        clocks = [
            c
            for c in sae_clock(session.state(self._subject), now)
            if (c.is_running or self._reported_too) and self._key in (None, c.key)
        ]
        if not clocks:
            self._timer.stop()
            self.hide()
            return
        shown = tuple((c.key, c.term, self._key is None) for c in clocks)
        if shown != self._shown:
            self._shown = shown
            self._build(clocks)
        for row, clock in zip(self._rows, clocks, strict=True):
            row.show_clock(clock, now)
        kind = _FRAMES.get(clocks[0].status, "notice-info")
        if self.property("kind") != kind:
            set_kind(self, kind)
        self._call.setText(_sentences(str(NOT_TRANSMITTED), self.recipients()))
        self._call.setVisible(self._key is None)
        if self.parentWidget() is not None:
            self.show()
        if self.isVisible():
            self._timer.start()

    def clocks(self) -> tuple[str, ...]:
        """Give what each row says."""
        return tuple(row.text() for row in self._rows) if not self.isHidden() else ()

    def recipients(self) -> str:
        """Say who must have the report."""
        choices = self._desk.session.study.forms["F14"].by_id["sae_to"].choices
        names = [c.label.get() for c in choices if c.code in RECIPIENTS]
        return tr("To: {names}.", "上报对象：{names}。", names=tr(", ", "、").join(names))

    def _build(self, clocks: list[SaeClock]) -> None:
        for row in self._rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._rows = [_Row(self, clock, alone=self._key is not None) for clock in clocks]
        for made in self._rows:
            self._column.addWidget(made)

    def showEvent(self, event: QShowEvent) -> None:
        self._timer.start()
        super().showEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def _on_desk_changed(self, change: object) -> None:
        if getattr(change, "subject", self._subject) in ("", self._subject):
            self.refresh()

    # --- what its buttons do -----------------------------------------------------------------------------------

    def open_event(self, key: FormKey) -> None:
        """Go to the field where a person writes when the report was made."""
        self._desk.go("form", subject=self._subject, key=key, item="sae_reported_dtm")

    def print_report(self, key: FormKey) -> None:
        """Go to the print page, where the report of the event is seen, printed and saved."""
        self._desk.go("print", subject=self._subject, what="sae", key=key)

    @property
    def may_print(self) -> bool:
        """Say whether the signed-in role may print at all."""
        return self._desk.session.may("print")


class _Row(QWidget):
    """One event: its clock, its name, what can be done. `alone`: above its own form, where its name stands already."""

    def __init__(self, strip: SaeStrip, clock: SaeClock, *, alone: bool) -> None:
        super().__init__(strip)
        key = clock.key
        self._alone = strip if alone else None
        self._pill = Pill("active", "")
        make = label.label if alone else label.body
        self._name = make("" if alone else event_text(clock), f"sae_{key.n}_name")
        self._due = label.hint("", f"sae_{key.n}_due")
        report = button.secondary(tr("SAE report…", "SAE报告……"), f"sae_{key.n}_print", "print")
        report.clicked.connect(lambda: strip.print_report(key))
        if not strip.may_print:
            report.hide()
        self._done = button.secondary(tr("It was reported…", "已上报……"), f"sae_{key.n}_reported", "edit")
        for each in (report, self._done):
            each.setProperty("aside", True)
        self._done.clicked.connect(lambda: strip.open_event(key))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._name)
        words.addWidget(self._due)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(12)
        line.addWidget(self._pill)
        line.addLayout(words, 1)
        line.addWidget(report)
        line.addWidget(self._done)

    def show_clock(self, clock: SaeClock, now: datetime) -> None:
        """Show how long is left, to the minute; of a reported event when that was."""
        due = tr("due {at}", "截止 {at}", at=show_datetime(clock.due)) if clock.due else ""
        self._done.setVisible(clock.is_running)
        if not clock.is_running:
            self._show_end(clock, due)
            return
        left = (clock.due or now) - now
        frame = _OVER if clock.status == "overdue" else _LEFT
        span = span_words(max(abs(left), timedelta(0)))
        self._pill.set_status(_PILLS[clock.status], frame.fill(span=span).get())
        if clock.is_estimate:
            due += tr("; enter when the site became aware", "；请填写研究中心获知时间")
        if self._alone is not None:
            self._name.setText(str(NOT_TRANSMITTED))
            if (
                not clock.is_estimate
            ):  # else the time it runs from is what is wanted first, and two lines are enough
                due = _sentences(self._alone.recipients(), due)
        self._due.setText(due)

    def _show_end(self, clock: SaeClock, due: str) -> None:
        late = clock.status == "late"
        said = tr("Reported late", "超时上报") if late else tr("Reported", "已上报")
        if clock.reported is None:
            self._pill.set_status(_PILLS[clock.status], tr("No report due", "无须上报"))
            self._name.setText(clock.reason)
        else:
            self._pill.set_status("blocked" if late else _PILLS[clock.status], said)
            self._name.setText(show_datetime(clock.reported))
        self._due.setText(
            tr(
                "{due}. Follow-up and final report: print, phone or fax",
                "{due}。随访报告与总结报告：打印后电话或传真上报",
                due=due,
            ).lstrip("。. ")
        )

    def text(self) -> str:
        return f"{self._pill.words()} · {self._name.text()} · {self._due.text()}"


def _sentences(first: str, second: str) -> str:
    """Put one sentence behind another; Chinese ones touch."""
    return tr("{a} {b}", "{a}{b}", a=first, b=second).strip()

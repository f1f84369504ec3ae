"""The infusion at the bedside: clock, next check, big buttons, one row of vital signs, trends.

A big button stamps its moment at once and asks afterwards; nothing here opens before the window while cells are running.
The clock is read from what was recorded, every half second, so it is right after a lock, a crash or a restart.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QScroller, QVBoxLayout, QWidget

from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import key_for
from ucmsc_desktop.session import InfusionRun, Session
from ucmsc_desktop.study.values import Value
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.infusion import signs
from ucmsc_desktop.ui.infusion.action_pad import ActionPad
from ucmsc_desktop.ui.infusion.checks_card import ChecksCard, readiness
from ucmsc_desktop.ui.infusion.chooser import NumberChooser, RunningStrip
from ucmsc_desktop.ui.infusion.details import DoseCard, EndCard, PauseCard, RateCard
from ucmsc_desktop.ui.infusion.drafts import RowDrafts
from ucmsc_desktop.ui.infusion.notes import OfferCard, RefusalCard
from ucmsc_desktop.ui.infusion.rows_card import RowsCard
from ucmsc_desktop.ui.infusion.run_card import RunCard, facts_of, say
from ucmsc_desktop.ui.infusion.trend_view import TrendView
from ucmsc_desktop.ui.infusion.vitals_card import BEFORE_START, VitalsCard
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.page_frame import PageFrame

TICK_MS = 500
NARROW = 1000  # below this width the row of vital signs takes the whole page
LOW = 640  # below this height the big buttons stand in the foot
_LEFT = 344


class InfusionPage(QWidget):
    """One infusion of one participant."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "infusion_page")
        self._desk = desk
        self._subject = ""
        self._n = 1
        self._view: FormState | None = None
        self._minute: datetime | None = None
        self.strip, self.numbers, self.run_card, self.pad = (
            RunningStrip(),
            NumberChooser(),
            RunCard(),
            ActionPad(),
        )
        self.refusal, self.checks, self.offer = RefusalCard(), ChecksCard(), OfferCard()
        self.vitals, self.rate, self.pause, self.end = VitalsCard(), RateCard(), PauseCard(), EndCard()
        self.dose, self.rows, self.trend = DoseCard(), RowsCard(), TrendView()
        self._drafts = RowDrafts(desk, self)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._build()
        self._connect()

    # --- the page --------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._frame = PageFrame(self, scroll=False)
        self._frame.body.setSpacing(10)
        for part in (self.strip, self.refusal, self.numbers):
            self._frame.body.addWidget(part)
        right = QWidget()
        right.setObjectName("body")
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(12)
        self._trend_card = Card(tr("Trend since start", "开始以来的趋势"))
        self._trend_card.body.addWidget(self.trend, 1)
        for card in (self.vitals, self.rate, self.pause, self.end, self.offer, self.dose, self.checks):
            column.addWidget(card)
        column.addWidget(self._trend_card, 100)
        column.addWidget(self.rows)
        column.addStretch(1)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(right)
        QScroller.grabGesture(self._area.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        across = QHBoxLayout()
        across.setSpacing(16)
        across.addWidget(self.run_card)
        across.addWidget(self._area, 1)
        self._frame.body.addLayout(across, 1)
        self.run_card.foot.addWidget(self.pad)
        self.run_card.setFixedWidth(_LEFT)

    def _connect(self) -> None:
        self._desk.changed.connect(self._on_desk_changed)
        self._desk.lock_began.connect(self._drafts.flush)
        self.strip.chosen.connect(lambda subject: self._desk.go("infusion", subject=subject))
        self.numbers.chosen.connect(self._on_numbers_chosen)
        self.pad.pressed.connect(self._on_pad_pressed)
        self.run_card.mixed.connect(self._on_run_card_mixed)
        self.run_card.rate_asked.connect(self._ask_rate)
        self.checks.open_asked.connect(lambda key: self._desk.go("form", subject=self._subject, key=key))
        self.checks.vitals_asked.connect(self._ask_vitals)
        self.offer.accepted.connect(self._on_offer_accepted)
        self.vitals.asked_to_save.connect(self._on_vitals_asked_to_save)
        self.vitals.later.connect(self._on_vitals_later)
        self.vitals.typed.connect(self._on_vitals_typed)
        for card in (self.rate, self.pause, self.end):
            card.asked_to_save.connect(lambda values, card=card: self._save_details(card, values))
            card.later.connect(card.hide)
        self.end.mistaken.connect(self._on_end_mistaken)
        self.rows.strike_asked.connect(self._on_rows_strike_asked)
        self.rows.correct_asked.connect(self._on_rows_correct_asked)
        save = QShortcut(QKeySequence("Ctrl+S"), self)
        save.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        save.activated.connect(lambda: self.vitals.give() if self.vitals.isVisible() else None)
        record = QShortcut(QKeySequence("Ctrl+Return"), self)
        record.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        record.activated.connect(self._ask_vitals)

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Name the keys of this page."""
        return (
            ("Ctrl+Enter", tr("record vital signs", "记录生命体征")),
            ("Ctrl+S", tr("save the vital signs", "保存生命体征")),
        )

    def open(self, **what: object) -> None:
        """Show an infusion: `n` or the F7 `key` names it; without either the one that needs somebody."""
        self._subject = str(what["subject"])
        key, number = what.get("key"), what.get("n")
        if isinstance(number, int):
            self._n = number
        elif isinstance(key, FormKey) and key.form == "F7":
            self._n = key.n
        else:
            self._n = which_infusion(self._desk.session, self._subject)
        for card in (self.vitals, self.rate, self.pause, self.end, self.offer, self.refusal):
            card.hide()
        self.refresh()
        self._ask_what_is_missing()
        if self._view is not None:
            row, texts = self._drafts.found(self._subject, self._view.key, self._next_row())
            if texts:
                self._ask_vitals()
                self.vitals.restore(texts)
                self._drafts.watch(self._subject, self._view.key, row)

    def leave(self) -> bool:
        """Keep what is typed as drafts; the page may always be left."""
        self._drafts.flush()
        return True

    def refresh(self) -> None:
        """Read the infusion again and show it."""
        if not self._subject or not self._desk.is_signed_in:
            return
        session = self._desk.session
        run = session.infusion(self._subject, self._n)
        view = session.form(self._subject, run.key)
        self._view, self._minute = view, None
        self._facts = facts_of(view)
        self._mixed_at = _last_mixed(view)
        self._show_strip(session)
        self.numbers.show_numbers(numbers_of(session, self._subject), self._n)
        self.numbers.setVisible(run.status not in ("running", "paused"))
        self.pad.show_state(run.status if session.may("infuse") else "readonly")
        planned = run.status == "planned"
        self.checks.setVisible(planned)
        if planned:
            product = session.study.forms["F6"].title if "F6" in session.study.forms else view.form.title
            self.checks.show_readiness(readiness(view), view.key, product, view.form.title)
        else:
            self.refusal.hide()
        self.dose.show_dose(view)
        self.rows.show_rows(view)
        empty = planned and not view.rows(signs.flow_section(view))
        self.rows.setVisible(not empty)
        self._trend_card.setVisible(not empty)
        if self.vitals.isVisible():
            self.vitals.renew(view)
        self._show_second(run, session.now())
        self._arrange()

    def _show_strip(self, session: Session) -> None:
        running = [(s.subject, s.bed, n) for s in session.subjects() for n in s.running]
        self._running = tuple(running)
        self._show_strip_seconds(session)

    def _show_strip_seconds(self, session: Session) -> None:
        if len(self._running) > 1 or self.strip.isVisible():
            self.strip.show_running(
                [(s, bed, session.infusion(s, n).elapsed_s) for s, bed, n in self._running], self._subject
            )

    def _show_second(self, run: InfusionRun, now: datetime) -> None:
        """Show what moves with the clock; once a minute also what the minute changes."""
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute and self._view is not None:
            self._minute = minute
            self._view = self._desk.session.form(self._subject, run.key)
            self._facts = facts_of(self._view)
            self.trend.show_trend(signs.trend_of(self._view))
        self.run_card.show_run(run, self._facts, now, self._mixed_at)
        if self.vitals.isVisible():
            self.vitals.follow(now)
        say(self.vitals.clock, self.run_card.clock_text() if not self.run_card.isVisible() else "")

    def _arrange(self) -> None:
        """Fit the page: narrow, the row of vital signs takes it all; low, the big buttons go to the foot."""
        narrow, low = self.width() < NARROW, self.height() < LOW
        margin = 16 if narrow or low else 28
        self._frame.body.setContentsMargins(margin, 10 if low else 20, margin, 10 if low else 20)
        self.pad.offer_save(not self.vitals.isHidden())
        self.run_card.set_low(low)
        self.run_card.setVisible(not (narrow and self.vitals.isVisible()))
        foot = self._frame.foot.parentWidget()
        if low and self.pad.parentWidget() is not foot:
            self._frame.foot.addWidget(self.pad, 1)
        elif not low and self.pad.parentWidget() is foot:
            self.run_card.foot.addWidget(self.pad)
        self.pad.set_flat(low)
        if foot is not None:
            foot.setVisible(low and not self.pad.isHidden())

    # --- what the clock and the desk tell --------------------------------------------------------------------

    def _on_timer_timeout(self) -> None:
        if self._desk.is_signed_in and self._subject:
            session = self._desk.session
            self._show_second(session.infusion(self._subject, self._n), session.now())
            self._show_strip_seconds(session)

    def _on_desk_changed(self, change: Change | None) -> None:
        if self.isVisible() and (change is None or change.subject in ("", self._subject)):
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._arrange()
        focused = self.window().focusWidget()
        # The stubs promise a widget, Qt does not.
        if focused is None or not self.isAncestorOf(focused) or not focused.isVisible():  # type: ignore[redundant-expr]
            self.pad.focus_first()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        self._drafts.stop()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # --- the big buttons -------------------------------------------------------------------------------------

    def _on_pad_pressed(self, name: str) -> None:
        subject, n = self._subject, self._n
        match name:
            case "vitals" if self.vitals.isVisible() and self.vitals.is_touched:
                self.vitals.give()
            case "vitals":
                self._ask_vitals()
            case "start":
                self._desk.do(
                    lambda s, a: s.start_infusion(subject, n, confirmed=a.confirmed, overrides=a.overrides),
                    then=lambda _change: self._ask_what_is_missing(),
                    failed=self._on_start_failed,
                )
            case "pause":
                self._desk.do(lambda s, _a: s.pause_infusion(subject, n), then=lambda _c: self._ask_pause())
            case "resume":
                self._desk.do(lambda s, _a: s.resume_infusion(subject, n), then=lambda _c: self._ask_pause())
            case "end":
                self._desk.do(
                    lambda s, _a: s.end_infusion(subject, n), then=lambda _c: self._ask_what_is_missing()
                )
            case "stop":
                self._desk.do(
                    lambda s, _a: s.stop_infusion(subject, n), then=lambda _c: self._ask_what_is_missing()
                )

    def _on_start_failed(self, error: KnownError) -> None:
        more = ""
        if self._view is not None and len(blocks := readiness(self._view).blocks) > 1:
            more = tr("All {n} checks are listed below.", "共 {n} 项核查未通过，见下方。", n=len(blocks))
        self.refusal.show_error(tr("The infusion was not started", "输注未开始"), error, more)

    def _on_run_card_mixed(self) -> None:
        subject, view = self._subject, self._view
        if view is None:
            return
        self._desk.do(
            lambda s, a: s.enter(
                subject,
                view.key,
                {Cell("mix_dtm", s.next_row(subject, view.key, "mixing")): s.now().replace(microsecond=0)},
                origin="stamped",
                confirmed=a.confirmed,
            )
        )

    def _on_numbers_chosen(self, number: int) -> None:
        self._drafts.flush()
        self.open(subject=self._subject, n=number)

    # --- details ---------------------------------------------------------------------------------------------

    def _context(self) -> Context:
        session = self._desk.session
        staff = tuple((a.user, a.name) for a in session.accounts() if a.active)
        return Context(session.now, staff, session.account.user)

    def _ask_what_is_missing(self) -> None:
        """Ask for the details that the stage of the infusion needs and that are not recorded."""
        view = self._view
        if view is None or not self._desk.session.may("infuse"):
            return
        if view.value("inf_end_dtm") is not None:
            self.rate.hide()
            if not self.end.open_end(view, self._context(), self._desk.session.role):
                self.end.hide()
        elif view.value("inf_start_dtm") is not None:
            self.end.hide()
            if view.value("inf_rate_by") is None:
                self._ask_rate()
        self._ask_pause()

    def _ask_rate(self) -> None:
        if self._view is not None:
            self._view = self._desk.session.form(self._subject, self._view.key)  # its moment is the stamp
            row = self._desk.session.next_row(self._subject, self._view.key, "rates")
            self.rate.open_rates(self._view, row, self._context())
            self._area.ensureWidgetVisible(self.rate)

    def _ask_pause(self) -> None:
        if self._view is None or not self.pause.open_pause(self._view, self._context()):
            self.pause.hide()

    def _save_details(
        self, card: RateCard | PauseCard | EndCard, values: Mapping[Cell, Value | None]
    ) -> None:
        subject, view = self._subject, self._view
        if view is None:
            return
        self._desk.do(
            lambda s, a: s.enter(
                subject, view.key, values, reason=a.reason, confirmed=a.confirmed, overrides=a.overrides
            ),
            then=lambda change: self._on_details_saved(card, change),
            failed=card.show_refusal,
        )

    def _on_details_saved(self, card: RateCard | PauseCard | EndCard, change: Change) -> None:
        card.hide()
        self._say_saved(change)
        if card is not self.rate:
            self._ask_what_is_missing()

    def _on_end_mistaken(self) -> None:
        subject, view = self._subject, self._view
        if view is None:
            return
        cleared: dict[Cell, Value | None] = {Cell(i): None for i in ("inf_end_dtm", "inf_status", "int_any")}
        self._desk.do(
            lambda s, a: s.enter(subject, view.key, cleared, reason=a.reason, confirmed=a.confirmed),
            then=lambda _change: self.end.hide(),
            failed=self.end.show_refusal,
        )

    # --- vital signs -----------------------------------------------------------------------------------------

    def _next_row(self) -> int:
        assert self._view is not None
        return self._desk.session.next_row(self._subject, self._view.key, signs.FLOW)

    def _ask_vitals(self) -> None:
        if self._view is None or not self._desk.session.may("infuse"):
            return
        if not (self.vitals.isVisible() and self.vitals.is_touched):
            self._view = self._desk.session.form(self._subject, self._view.key)
            self.vitals.open_row(self._view, self._next_row(), self._context())
        self._show_vitals()

    def _show_vitals(self) -> None:
        self._arrange()
        self._area.verticalScrollBar().setValue(0)

    def _on_rows_correct_asked(self, row: int) -> None:
        if self._view is not None:
            self._drafts.flush()
            self.vitals.open_row(self._view, row, self._context(), correct=True)
            self._show_vitals()

    def _on_vitals_typed(self) -> None:
        if self._view is not None and self.vitals.cells is not None and not self.vitals.is_correction:
            self._drafts.watch(self._subject, self._view.key, self.vitals.row)
            self._drafts.note(self.vitals.cells.texts())

    def _on_vitals_later(self) -> None:
        self._drafts.drop()
        self.vitals.hide()
        self._arrange()

    def _on_vitals_asked_to_save(self, values: Mapping[Cell, Value | None]) -> None:
        subject, view = self._subject, self._view
        if view is None:
            return
        typed = {
            c for c, v in values.items() if v is not None and c.item not in (signs.POINT, signs.MEASURED)
        }
        if not typed and not self.vitals.is_correction:
            self.vitals.say(tr("Type at least one value.", "请至少填写一项数值。"))
            return
        self._desk.do(
            lambda s, a: s.enter(
                subject, view.key, values, reason=a.reason, confirmed=a.confirmed, overrides=a.overrides
            ),
            then=lambda change: self._on_vitals_saved(change, values),
            failed=self.vitals.show_refusal,
        )

    def _on_vitals_saved(self, change: Change, values: Mapping[Cell, Value | None]) -> None:
        self._drafts.drop()
        self.vitals.hide()
        self._arrange()
        self._say_saved(change)
        row = self.vitals.row
        symptoms = values.get(Cell("ivs_symptoms", row))
        named_ones = [c for c in symptoms if c != "NONE"] if isinstance(symptoms, tuple) else []
        point = self._view.value(signs.POINT, row) if self._view is not None else None
        if named_ones and point not in BEFORE_START and "F14" in self._desk.session.study.forms:
            item = self._desk.session.study.forms["F7"].by_id["ivs_symptoms"]
            self.offer.show_offer(item.shown(tuple(named_ones)))

    def _on_offer_accepted(self) -> None:
        session = self._desk.session
        number = max((k.n for k in session.state(self._subject).keys("F14")), default=0) + 1
        self._desk.go("form", subject=self._subject, key=key_for(session.study.forms["F14"], n=number))

    def _on_rows_strike_asked(self, row: int) -> None:
        subject, view = self._subject, self._view
        if view is not None:
            self._desk.do(lambda s, a: s.strike_row(subject, view.key, signs.FLOW, row, a.reason))

    def _say_saved(self, change: Change) -> None:
        self._desk.say(Notice("ok", tr("Saved {at}", "已保存 {at}", at=f"{change.at:%H:%M:%S}")))


def numbers_of(session: Session, subject: str) -> list[tuple[int, str]]:
    """Give the infusions of a participant, those planned and any beyond, with their status."""
    planned = int(str(session.study.parameters.get("n_infusions", 3)))
    last = max([planned, *(k.n for k in session.state(subject).keys("F7"))])
    return [(n, session.infusion(subject, n).status) for n in range(1, last + 1)]


def which_infusion(session: Session, subject: str) -> int:
    """Choose the infusion that needs somebody: the one on the drip, one with a check due, else the next planned."""
    numbers = numbers_of(session, subject)
    for n, status in numbers:
        if status in ("running", "paused"):
            return n
    now = session.now()
    for n, status in reversed(numbers):
        run = session.infusion(subject, n)
        if status == "ended" and run.next_at is not None and (run.next_at - now).total_seconds() < 3600:
            return n
    return next((n for n, status in numbers if status == "planned"), numbers[-1][0])


def _last_mixed(view: FormState) -> datetime | None:
    section = next(s for s in view.form.sections if s.id == "mixing")
    times = [v for r in view.rows(section) if isinstance(v := view.value("mix_dtm", r), datetime)]
    return max(times, default=None)

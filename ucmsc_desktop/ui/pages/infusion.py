"""The infusion at the bedside: the guide to the start, then clock, next check, big buttons, vital signs, events, trends.

A big button stamps its moment at once and asks afterwards; nothing here opens before the window while cells are running.
The clock is read from what was recorded, every half second, so it is right after a lock, a crash or a restart.
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeySequence, QResizeEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QHBoxLayout, QWidget

from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record import flow_reading
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.session import InfusionRun, Session
from ucmsc_desktop.session.aftermath import coming_of, infusion_in_need, next_dose, was_stopped
from ucmsc_desktop.session.infusion import last_mixed, numbers_of
from ucmsc_desktop.session.preparation import blocks_of
from ucmsc_desktop.trend.vitals import trend_of
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.infusion.action_pad import KEYS, ActionPad
from ucmsc_desktop.ui.infusion.card_drafts import CardDrafts
from ucmsc_desktop.ui.infusion.cells import Field
from ucmsc_desktop.ui.infusion.chooser import NumberChooser, OnDrip, RunningStrip
from ucmsc_desktop.ui.infusion.column import Column
from ucmsc_desktop.ui.infusion.details import DoseCard
from ucmsc_desktop.ui.infusion.events_hand import EventsHand
from ucmsc_desktop.ui.infusion.guide import Guide
from ucmsc_desktop.ui.infusion.here import Here
from ucmsc_desktop.ui.infusion.notes import OfferCard
from ucmsc_desktop.ui.infusion.pocket_card import PocketCard
from ucmsc_desktop.ui.infusion.presses import Presses
from ucmsc_desktop.ui.infusion.rows_card import RowsCard
from ucmsc_desktop.ui.infusion.run_card import RunCard, reveal, say
from ucmsc_desktop.ui.infusion.run_words import facts_of, next_short
from ucmsc_desktop.ui.infusion.vitals_card import VitalsCard
from ucmsc_desktop.ui.infusion.vitals_hand import VitalsHand
from ucmsc_desktop.ui.tray import ASKED
from ucmsc_desktop.ui.widgets import label
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.page_frame import PageFrame
from ucmsc_desktop.ui.widgets.trend_view import TrendView

TICK_MS = 500
NARROW = 1040  # below this width the row of vital signs takes the whole page
LOW = 700  # below this height the big buttons stand in the foot
FLAT = 300  # below this height (a question is docked) one line says what the card at the left says
LEAST = 190  # below this one there is that line and the big buttons, nothing else
_LEFT = 344


class InfusionPage(QWidget):
    """One infusion of one participant. `showed`: another infusion of the participant is shown."""

    showed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "infusion_page")
        self.setMinimumSize(600, 100)  # a tall layout must not hold up the window that wants the low one
        self._desk = desk
        self.here = Here(desk)
        self.here.asked_about = self._mark_asked
        self._minute: datetime | None = None
        self._running: tuple[tuple[str, str, int], ...] = ()
        self.strip, self.numbers, self.run_card, self.pad = (
            RunningStrip(),
            NumberChooser(),
            RunCard(),
            ActionPad(),
        )
        self.vitals, self.rows, self.offer = VitalsCard(), RowsCard(), OfferCard()
        self.dose, self.pocket, self.trend = DoseCard(), PocketCard(), TrendView()
        self.presses = Presses(self.here, self)
        self.events = EventsHand(self.here, self)
        self.vitals_hand = VitalsHand(self.here, self.vitals, self.rows, self.offer, self)
        self.guide = Guide(desk, self.here.context)
        hands = self.presses
        self.card_drafts = CardDrafts(desk, (*self.guide.asking, hands.rate, hands.pause, hands.end), self)
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._on_timer_timeout)
        self._build()
        self._connect()

    # --- the page --------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._frame = PageFrame(self, scroll=False)
        self._frame.body.setSpacing(10)
        self._top = QHBoxLayout()
        self._top.setSpacing(4)
        self._top.addWidget(self.numbers)
        self._top.addWidget(self.guide.strip, 1)
        self._others = (
            QWidget()
        )  # is hidden where height is short; the strip in it shows itself with every second
        around = QHBoxLayout(self._others)
        around.setContentsMargins(0, 0, 0, 0)
        around.addWidget(self.strip)
        self._brief = label.body("", "run_brief")
        self._brief.hide()
        self._frame.body.addWidget(self._others)
        self._frame.body.addWidget(self._brief)
        self._frame.body.addWidget(self.presses.refusal)
        self._frame.body.addLayout(self._top)
        across = QHBoxLayout()
        across.setSpacing(16)
        across.addWidget(self.run_card)
        across.addWidget(self._make_area(), 1)
        self._frame.body.addLayout(across, 1)
        self.run_card.foot.addWidget(self.pad)
        self.run_card.setFixedWidth(_LEFT)

    def _make_area(self) -> Column:
        self._trend_card = Card(tr("Trend since start", "开始以来的趋势"))
        self._trend_card.body.addWidget(self.trend, 1)
        hands, events = self.presses, self.events
        self._area = Column(
            (
                self.vitals, events.advice, events.symptoms, hands.rate, hands.pause, hands.end, events.none,
                events.events, self.offer, events.missed, self.dose, self.guide, self.pocket,
            ),
            self._trend_card,
            (self.rows,),
        )  # fmt: skip
        return self._area

    def _connect(self) -> None:
        self._desk.changed.connect(self._on_desk_changed)
        self._desk.scanned.connect(self._on_desk_scanned)
        self._desk.lock_began.connect(self.vitals_hand.drafts.flush)
        self.strip.chosen.connect(lambda subject: self._desk.go("infusion", subject=subject))
        self.numbers.chosen.connect(self._on_numbers_chosen)
        self.pad.pressed.connect(self._on_pad_pressed)
        self.pad.listen(self)
        QApplication.instance().focusChanged.connect(self._on_focus_changed)  # type: ignore[union-attr]
        self.run_card.mixed.connect(self.presses.mix)
        self.run_card.rate_asked.connect(self.presses.ask_rate)
        self.run_card.missed_asked.connect(self.events.ask_missed)
        self.presses.asked.connect(self._area.ensureWidgetVisible)
        self.presses.went_on.connect(self._show_top)
        self.events.put_away.connect(self._show_top)
        self.presses.reacted.connect(self._on_presses_reacted)
        self.presses.refused.connect(self._on_presses_refused)
        self.events.vitals_asked.connect(self.vitals_hand.ask_row)
        self.vitals_hand.shown.connect(self._show_top)
        self.guide.vitals_asked.connect(self.vitals_hand.ask)
        self.guide.reference_again.connect(self._on_guide_reference_again)
        self.guide.moved.connect(self._show_top)
        self.pocket.opened.connect(lambda key: self._desk.go("form", subject=self.here.subject, key=key))
        for keys, act in (("Ctrl+S", self._save_vitals), ("F6", self.strip.jump)):
            made = QShortcut(QKeySequence(keys), self)
            made.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            made.setAutoRepeat(False)
            made.activated.connect(act)

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Name the keys of this page."""
        return (
            *(
                (KEYS[name], self.pad.words(name))
                for name in ("vitals", "start", "pause", "resume", "end", "stop")
            ),
            ("Ctrl+S", tr("save the vital signs", "保存生命体征")),
            ("F6", tr("next participant on the drip", "下一位输注中的受试者")),
        )

    def open(self, **what: object) -> None:
        """Show an infusion: `n` or the F7 `key` names it; without either the one that needs somebody."""
        self.here.subject = str(what["subject"])
        key, number = what.get("key"), what.get("n")
        if isinstance(number, int):
            self.here.n = number
        elif isinstance(key, FormKey) and key.form == "F7":
            self.here.n = key.n
        else:
            session = self._desk.session
            self.here.n = infusion_in_need(session.state(self.here.subject), session.now())
        self.vitals.hide()
        self.offer.hide()
        self.presses.hide_all()
        self.events.hide_all()
        self.guide.open_guide(self.here.subject, self.here.key)
        self.refresh()
        self.presses.ask_what_is_missing()
        self.vitals_hand.restore()
        self._area.to_top()
        self._show_about(what.get("record"))
        self.showed.emit()

    def _mark_asked(self, cell: Cell | None) -> None:
        """Mark the field that a question is about, so that the tray keeps it in sight."""
        for field in self.findChildren(Field):
            field.input.setProperty(ASKED, True if field.cell == cell and field.isVisible() else None)  # type: ignore[attr-defined]

    def _show_about(self, about: object) -> None:
        """Show what a task or a reminder is about: a row to be typed, the events, the statement that none occurred."""
        cards: dict[object, Card] = {
            "events": self.events.events,
            "none_6h": self.events.none,
            "none_24h": self.events.none,
        }
        if about == "vitals":
            self.vitals_hand.ask()
        elif about in cards:
            self._area.show_card(cards[about])

    @property
    def shown(self) -> dict[str, object]:
        """What is shown beyond what the page was opened with: the number of the infusion."""
        return {"n": self.here.n} if self.here.is_open else {}

    def leave(self) -> bool:
        """Keep what is typed as drafts; the page may always be left."""
        self.vitals_hand.drafts.flush()
        self.card_drafts.flush()
        return True

    def refresh(self) -> None:
        """Read the infusion again and show it."""
        if not self.here.is_open:
            return
        session, here = self._desk.session, self.here
        run, view = here.run(), here.view()
        self._minute = None
        planned = run.status == "planned"
        self._running = tuple((s.subject, s.bed, n) for s in session.subjects() for n in s.running)
        self._show_strip(session)
        state = session.state(here.subject)
        numbers = [
            (n, "stopped" if status == "ended" and was_stopped(state, n) else status)
            for n, status in numbers_of(state, session.now())
        ]
        self.numbers.show_numbers(numbers, here.n, compact=planned)
        self.numbers.setVisible(run.status not in ("running", "paused"))
        self.pad.show_state(run.status if here.may_infuse() else "readonly")
        self._mixed_at = last_mixed(view)
        for part in (self.guide, self.guide.strip):
            part.setVisible(planned)
        if planned:
            self._show_guide(view)
        else:
            self.presses.refusal.hide()
        if self.events.place is not None and self.events.place.isVisible():
            self._area.hold(self.events.place)
        self.events.place = None
        self.events.refresh(view)
        self.dose.show_dose(view)
        self.pocket.show_coming(coming_of(view), next_dose(view), session.now())
        self.rows.show_rows(view)
        empty = not view.rows(flow_reading.flow_section(view))
        self.rows.setVisible(not (planned and empty))
        self._trend_card.setVisible(not planned)
        if self.vitals.isVisible():
            self.vitals.renew(view)
        self._show_second(run, session.now())
        self._arrange()

    def _show_guide(self, view: FormState) -> None:
        self.guide.refresh(view)
        others = [
            n for subject, _bed, n in self._running if subject == self.here.subject and n != self.here.n
        ]
        self.pad.show_ready(self.guide.open_steps, others[0] if others else 0, refused=bool(blocks_of(view)))

    def _show_strip(self, session: Session) -> None:
        if len(self._running) < 2 and not self.strip.isVisible():
            return
        now = session.now()
        found = []
        for subject, bed, n in self._running:
            run = session.infusions.run(subject, n)
            words, due = next_short(run, now)
            found.append(OnDrip(subject, bed, run.elapsed_s, run.status == "paused", words, due))
        self.strip.show_running(found, self.here.subject)

    def _show_second(self, run: InfusionRun, now: datetime) -> None:
        """Show what moves with the clock; once a minute also what the minute changes."""
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            view = self.here.view()
            self._facts = facts_of(view)
            self.trend.show_trend(trend_of(view))
            self.events.none.show_due(self.events.due(view))
            if run.status == "planned":
                self._show_guide(view)
        self.run_card.show_run(run, self._facts, now, self._mixed_at)
        say(self._brief, self.run_card.brief())
        if self.vitals.isVisible():
            self.vitals.follow(now)
        say(self.vitals.clock, self.run_card.clock_text() if not self.run_card.isVisible() else "")

    def _arrange(self) -> None:
        """Fit the page: narrow, the row of vital signs takes it all; low, the big buttons go to the foot."""
        narrow, low = self.width() < NARROW, self.height() < LOW
        margin = 16 if narrow or low else 28
        self._frame.body.setContentsMargins(margin, 6 if low else 20, margin, 6 if low else 20)
        self._frame.body.setSpacing(6 if low else 10)
        self.pad.offer_save(not self.vitals.isHidden())
        self.run_card.set_low(low)
        planned = not self.guide.isHidden()
        flat = self.height() < FLAT and not planned
        self.run_card.setVisible(not flat and not (narrow and self.vitals.isVisible()))
        least = self.height() < LEAST and not planned
        reveal(self._area, not least)
        reveal(self._others, not least)
        self.strip.set_flat(flat)
        reveal(
            self._brief, flat and (least or len(self._running) < 2)
        )  # the strip says the same of everybody
        foot = self._frame.foot.parentWidget()
        had = self.pad.holds_focus(self)
        self.pad.set_pair(low and planned)
        low = low and not planned  # before the start the height belongs to the steps
        if low and self.pad.parentWidget() is not foot:
            self._frame.foot.addWidget(self.pad, 1)
        elif not low and self.pad.parentWidget() is foot:
            self.run_card.foot.addWidget(self.pad)
        self.pad.set_flat(low)
        if foot is not None:
            foot.setVisible(low and not self.pad.isHidden())
        if had and not self.pad.holds_focus(self):
            self.pad.focus_first()  # moving the buttons takes the focus from them

    def _show_top(self) -> None:
        """Show the card that was opened: it stands at the top of the column."""
        self._arrange()
        self._area.to_top()

    # --- what the clock and the desk tell --------------------------------------------------------------------

    def _on_timer_timeout(self) -> None:
        if self.here.is_open:
            self._show_second(self.here.run(), self._desk.session.now())
            self._show_strip(self._desk.session)

    def _on_desk_changed(self, change: Change | None) -> None:
        if self.isVisible() and (change is None or change.subject in ("", self.here.subject)):
            self.refresh()

    def _on_desk_scanned(self, code: str) -> None:
        if self.isVisible() and self.here.is_open and self.here.run().status == "planned":
            self.guide.take_scan(code)

    def wants_wristband(self) -> bool:
        """Say whether a wristband scanned now is compared with the participant of this page, whoever it names."""
        open_ = self.here.is_open and self.here.run().status == "planned" and self.here.may_infuse()
        return open_ and self.guide.wants_wristband()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._arrange()
        QTimer.singleShot(0, self, self.take_focus)  # after the window has put the keyboard somewhere

    def take_focus(self) -> None:
        """Put the keyboard on the harmless big button, unless a card that asks has it.

        Not on "Bag mixed", which would be the first in order: a stray Enter would record a mixing.
        """
        focused = self.window().focusWidget()
        # The stubs promise a widget, Qt does not.
        in_card = focused is not None and self._area.isAncestorOf(focused) and focused.isVisible()  # type: ignore[redundant-expr]
        if not in_card or isinstance(focused, QAbstractItemView):
            self.pad.focus_first()
            self.run_card.to_top()

    def _on_focus_changed(self, old: QWidget | None, new: QWidget | None) -> None:
        """Keep the keyboard on the page when the card that had it is put away, and on no button of the next card.

        Qt would hand it to whatever comes next, and the next Enter would answer "Not new" for somebody.
        """
        left = old is not None and self.isAncestorOf(old) and not old.isVisible()
        if (
            left
            and self.isVisible()
            and (new is None or not self.isAncestorOf(new) or isinstance(new, (Button, QAbstractItemView)))
        ):
            self.pad.focus_first()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        self.vitals_hand.drafts.stop()
        self.card_drafts.flush()
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    # --- what is pressed -------------------------------------------------------------------------------------

    def _on_pad_pressed(self, name: str) -> None:
        if self._desk.is_stopped:
            return  # a full-screen stop lies over the page, with buttons of its own
        if name != "vitals":
            self.presses.press(name)
        elif self.vitals.isVisible() and self.vitals.is_touched:
            self.vitals.give()
        else:
            self.vitals_hand.ask()

    def _save_vitals(self) -> None:
        if self.vitals.isVisible():
            self.vitals.give()

    def _on_presses_reacted(self) -> None:
        self.events.ask_symptoms()
        self._show_top()

    def _on_presses_refused(self, error: KnownError) -> None:
        if self.guide.show_refusal(error):
            self.presses.refusal.hide()

    def _on_guide_reference_again(self) -> None:
        """The start was delayed: the old T0 stays as an unscheduled row, a new one is taken."""
        row = flow_reading.reference_row(self.here.view())
        if row is None:
            return
        why = tr("the start was delayed; T0 is taken again", "开始推迟，重新测量 T0")
        self.here.enter(
            {Cell(flow_reading.POINT, row): "UNS"},
            reason=why,
            ask=False,
            then=lambda _change: self.vitals_hand.ask(flow_reading.REFERENCE),
        )

    def _on_numbers_chosen(self, number: int) -> None:
        self.leave()
        self.open(subject=self.here.subject, n=number)

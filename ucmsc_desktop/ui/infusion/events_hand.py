"""Works what is reported of a patient: symptoms at a pause, missed points, events flagged, judged and denied."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record import flow_reading
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import key_for
from ucmsc_desktop.session import iae
from ucmsc_desktop.session.advice import advice_for
from ucmsc_desktop.session.infusion import missed_points, not_measured, rest_not_measured
from ucmsc_desktop.study.values import Number, Value
from ucmsc_desktop.ui.dialogs.reason import ReasonDialog
from ucmsc_desktop.ui.infusion.events_card import AdviceCard, EventsCard, NoneCard
from ucmsc_desktop.ui.infusion.here import Here
from ucmsc_desktop.ui.infusion.missed_card import MissedCard
from ucmsc_desktop.ui.infusion.symptoms_card import SymptomsCard


class EventsHand(QObject):
    """Holds the cards of events. `vitals_asked` carries the row that holds symptoms."""

    vitals_asked = Signal(int)
    put_away = Signal()

    def __init__(self, here: Here, parent: QObject) -> None:
        super().__init__(parent)
        self._here = here
        self.advice, self.events, self.none = AdviceCard(), EventsCard(), NoneCard()
        self.symptoms, self.missed = SymptomsCard(), MissedCard()
        self.symptoms.tapped.connect(self._on_symptoms_tapped)
        self.symptoms.alone.connect(self._on_symptoms_alone)
        self.symptoms.vitals_asked.connect(self._on_symptoms_vitals_asked)
        self.missed.given.connect(self._on_missed_given)
        self.events.flagged.connect(self._on_events_flagged)
        self.events.rejected.connect(self._on_events_rejected)
        self.events.confirmed.connect(self._on_events_confirmed)
        self.events.pressed.connect(self._on_events_pressed)
        self.events.judged.connect(self._on_events_judged)
        self.events.linked.connect(self._on_events_linked)
        self.events.opened.connect(self._open_form)
        self.none.said.connect(self._on_none_said)
        self.none.signing.connect(self._sign_none)
        self.none.rest.connect(self._on_none_rest)
        self.none.opened.connect(self._open_form)
        self.place: QWidget | None = (
            None  # of the line pressed last: it stays where it is when it becomes another
        )

    @property
    def _key(self) -> FormKey:
        return FormKey("F8", self._here.key.visit, self._here.n)

    def hide_all(self) -> None:
        """Put every card away."""
        for card in (self.advice, self.events, self.none, self.symptoms, self.missed):
            card.hide()

    def refresh(self, view: FormState) -> None:
        """Show what the record calls for now."""
        started = view.value("inf_start_dtm") is not None
        row = self._last_row(view) if started else None
        at = flow_reading.measured_at(view, row) if row is not None else None
        status = self._here.run().status
        advice = advice_for(view, row) if row is not None and status in ("running", "paused") else ()
        if status == "paused":
            advice = tuple(a for a in advice if a.level == "stop")
        self.advice.show_advice(advice, f"{at:%H:%M}" if at else "")
        adverse = [
            (k.n, str(FormState(view.state, k, view.now).value("ae_term") or "?"))
            for k in view.state.keys("F14")
        ]
        may_judge = self._here.session.role == "investigator"
        suggestions = iae.suggestions_of(view) if started else ()
        self.events.show_events(suggestions, iae.flagged_of(view), adverse, may_judge=may_judge)
        self.none.show_due(self.due(view))
        if self.symptoms.isVisible():
            self.symptoms.show_recorded(view, self.symptoms.row)

    def due(self, view: FormState) -> tuple[iae.NoneDue, ...]:
        """Give the statements that none occurred."""
        return iae.none_due(view)

    def _last_row(self, view: FormState) -> int | None:
        rows = [
            r
            for r in flow_reading.rows_by_time(view)
            if flow_reading.measured_at(view, r) is not None
            and view.value(flow_reading.POINT, r) not in ("PRE15", "T0")
        ]
        return rows[-1] if rows else None

    # --- symptoms --------------------------------------------------------------------------------------------

    def ask_symptoms(self) -> None:
        """Offer the symptoms of this moment."""
        self.symptoms.open_symptoms(self._here.view(), self._here.session.now().replace(microsecond=0))

    def _on_symptoms_tapped(self, chosen: tuple[str, ...]) -> None:
        card, here = self.symptoms, self._here
        if not chosen:
            here.desk.do(
                lambda s, _a: s.strike_row(
                    here.subject, here.key, flow_reading.FLOW, card.row, tr("tapped by mistake", "误点")
                ),
                then=lambda _change: card.show_recorded(here.view(), 0),
            )
            return
        row = card.row or here.next_row(flow_reading.FLOW)
        values: dict[Cell, Value | None] = {Cell("ivs_symptoms", row): chosen}
        reason = ""
        if not card.row:
            values |= {Cell(flow_reading.POINT, row): "UNS", Cell(flow_reading.MEASURED, row): card.at}
        else:
            before = here.view().value("ivs_symptoms", row)
            grown = isinstance(before, tuple) and set(before) < set(chosen)
            reason = (
                tr("another symptom of the same moment", "同一时刻的其他症状")
                if grown
                else tr("tapped by mistake", "误点")
            )
        here.enter(
            values,
            reason=reason,
            ask=False,
            then=lambda _change: card.show_recorded(here.view(), row),
            failed=self._on_tap_failed,
        )

    def _on_tap_failed(self, error: KnownError) -> None:
        self._here.desk.say(error)
        self.symptoms.show_recorded(self._here.view(), self.symptoms.row)

    def _put_away(self, card: QWidget, change: Change) -> None:
        card.hide()
        self.put_away.emit()
        self._here.say_saved(change)

    def _on_symptoms_vitals_asked(self, row: int) -> None:
        self.symptoms.hide()
        self.vitals_asked.emit(row)

    def _on_symptoms_alone(self, row: int) -> None:
        here = self._here
        why = tr("symptoms only; nothing was measured at this moment", "仅记录症状，当时未测量")
        values = rest_not_measured(here.session.state(here.subject), here.n, row, why)
        here.enter(values, ask=False, then=lambda change: self._put_away(self.symptoms, change))

    # --- missed points ---------------------------------------------------------------------------------------

    def ask_missed(self) -> None:
        """Ask about the points that were missed."""
        here = self._here
        missed = missed_points(here.session.state(here.subject), here.n, here.session.now())
        if missed:
            self.missed.open_missed(missed)

    def _on_missed_given(self, codes: tuple[str, ...], reason: str) -> None:
        here = self._here
        row = here.next_row(flow_reading.FLOW)
        values = not_measured(here.session.state(here.subject), here.n, codes, reason, row)
        here.enter(values, ask=False, then=lambda change: self._put_away(self.missed, change))

    # --- events ----------------------------------------------------------------------------------------------

    def _on_events_flagged(self, suggestion: iae.Suggestion) -> None:
        row = self._here.next_row("events", self._key)
        self._here.enter(
            iae.flag(self._here.view(), suggestion, row), key=self._key, then=self._here.say_saved
        )

    def _on_events_pressed(self, place: QWidget) -> None:
        self.place = place

    def _on_events_rejected(self, suggestion: iae.Suggestion) -> None:
        if self._here.session.role == "investigator":
            self._on_events_confirmed(suggestion)
        else:
            self._here.enter(iae.reject(suggestion), key=self._key, then=self._here.say_saved)

    def _on_events_confirmed(self, suggestion: iae.Suggestion) -> None:
        """An investigator's No against the numbers: with its reason, which answers the query."""
        values, queries = iae.stand_by(suggestion.code)
        here, key = self._here, self._key
        subject = here.subject
        self._ask_why(
            tr("The numbers suggest it. Why is it not an event?", "数值有提示，为何不是事件？"),
            lambda reason: here.desk.do(
                lambda s, _a: s.enter(subject, key, values, reason=reason, confirmed=queries),
                then=here.say_saved,
            ),
        )

    def _ask_why(self, question: str, then: Callable[[str], None]) -> None:
        sheet = ReasonDialog(
            question, self.events.window(), title=tr("Reasons for the judgement", "判定依据")
        )
        sheet.hide_usual()
        sheet.yes.setText(tr("Record the judgement", "记录判定"))
        sheet.no.setText(tr("Cancel", "取消"))
        sheet.answered.connect(lambda reason: then(str(reason)))
        self._here.desk.ask(sheet)

    def _on_events_judged(self, row: int, code: str) -> None:
        if code == "Y":
            self._here.enter({Cell("iae_adjud", row): code}, key=self._key, then=self._here.say_saved)
            return
        question = tr(
            "Why is it not confirmed, or why can it not be decided?", "不成立或无法判定的依据是什么？"
        )
        self._ask_why(question, lambda reason: self._judge(row, code, reason))

    def _judge(self, row: int, code: str, reason: str) -> None:
        values: dict[Cell, Value | None] = {Cell("iae_adjud", row): code, Cell("iae_adjud_text", row): reason}
        self._here.enter(values, key=self._key, then=self._here.say_saved)

    def _on_events_linked(self, row: int, number: int) -> None:
        here = self._here
        if number:
            here.enter(
                {Cell("iae_ae_link", row): Number(Decimal(number))}, key=self._key, then=here.say_saved
            )
            return
        session = here.session
        fresh = max((k.n for k in session.state(here.subject).keys("F14")), default=0) + 1
        here.enter({Cell("iae_ae_link", row): Number(Decimal(fresh))}, key=self._key)
        here.desk.go("form", subject=here.subject, key=key_for(session.study.forms["F14"], n=fresh))

    def _open_form(self) -> None:
        self._here.desk.go("form", subject=self._here.subject, key=self._key)

    # --- none occurred ---------------------------------------------------------------------------------------

    def _on_none_said(self, hour: iae.Hour, none: bool) -> None:
        here = self._here
        if not none:
            here.enter(
                {Cell(f"iae_none_{hour}"): "N"}, key=self._key, then=lambda _change: self._describe(hour)
            )
            return
        values = iae.none_occurred(here.view(), hour)
        here.enter(values, key=self._key, then=lambda _change: self._sign_none(hour))

    def _describe(self, hour: iae.Hour) -> None:
        """An event is to be described in its form; one that is flagged is described already."""
        if not any(d.hour == hour and d.events for d in self.due(self._here.view())):
            self._open_form()

    def _on_none_rest(self, hour: iae.Hour) -> None:
        here = self._here
        here.enter(iae.none_of_the_rest(here.view(), hour), key=self._key, then=here.say_saved)

    def _sign_none(self, hour: str) -> None:
        self._here.desk.sign(self._here.subject, self._key, f"none_occurred_{hour}")

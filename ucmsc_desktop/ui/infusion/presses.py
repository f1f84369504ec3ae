"""What the big buttons do: each stamps its moment at once; what is asked about it follows in the page and can wait.

A reaction never waits for a question: PAUSE and STOP record first and offer the symptoms beside.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.session.preparation import blocks_of
from ucmsc_desktop.study.values import Value
from ucmsc_desktop.ui.infusion.details import EndCard, PauseCard, RateCard
from ucmsc_desktop.ui.infusion.here import Here
from ucmsc_desktop.ui.infusion.notes import RefusalCard

Card = RateCard | PauseCard | EndCard


class Presses(QObject):
    """START, PAUSE, RESUME, STOP, END, the mixing and the rate, with the cards that ask for details.

    `reacted`: cells were paused or stopped, symptoms may be there. `refused` carries the error of a START.
    `asked`: a card was opened. `went_on`: what is asked has changed; it stands at the top.
    """

    reacted = Signal()
    refused = Signal(object)
    asked = Signal(object)
    went_on = Signal()

    def __init__(self, here: Here, parent: QObject) -> None:
        super().__init__(parent)
        self._here = here
        self.refusal, self.rate, self.pause, self.end = RefusalCard(), RateCard(), PauseCard(), EndCard()
        cards: tuple[Card, ...] = (self.rate, self.pause, self.end)
        for card in cards:
            card.asked_to_save.connect(lambda values, card=card: self._save(card, values))
            card.later.connect(card.hide)
        self.end.mistaken.connect(self._on_end_mistaken)

    def hide_all(self) -> None:
        """Put every card away."""
        for card in (self.refusal, self.rate, self.pause, self.end):
            card.hide()

    # --- the buttons -----------------------------------------------------------------------------------------

    def start(self) -> None:
        """Stamp the start."""
        subject, n = self._here.subject, self._here.n
        self._here.desk.do(
            lambda s, a: s.infusions.start(subject, n, confirmed=a.confirmed, overrides=a.overrides),
            then=lambda _change: self.ask_what_is_missing(),
            failed=self._on_start_failed,
        )

    def press(self, name: str) -> None:
        """Do what a button says."""
        here, subject, n = self._here, self._here.subject, self._here.n
        match name:
            case "start":
                self.start()
            case "pause":
                here.desk.do(lambda s, _a: s.infusions.pause(subject, n), then=lambda _c: self._react())
            case "resume":
                here.desk.do(lambda s, _a: s.infusions.resume(subject, n), then=lambda _c: self._ask_pause())
            case "end":
                here.desk.do(lambda s, _a: s.infusions.end(subject, n), then=lambda _c: self._on_ended())
            case "stop":
                here.desk.do(lambda s, _a: s.infusions.stop(subject, n), then=lambda _c: self._react())

    def _on_ended(self) -> None:
        self.ask_what_is_missing()
        self.went_on.emit()

    def _react(self) -> None:
        self.ask_what_is_missing()
        self.reacted.emit()

    def _on_start_failed(self, error: KnownError) -> None:
        more = ""
        if (count := len(blocks_of(self._here.view()))) > 1:
            more = tr("{n} checks stand against it in all.", "共有 {n} 项核查未通过。", n=count)
        self.refusal.show_error(tr("The infusion was not started", "输注未开始"), error, more)
        self.refused.emit(error)

    def mix(self) -> None:
        """Stamp a mixing of the bag."""
        row = self._here.next_row("mixing")
        now = self._here.session.now().replace(microsecond=0)
        self._here.enter({Cell("mix_dtm", row): now}, origin="stamped", ask=False)

    # --- details ---------------------------------------------------------------------------------------------

    def ask_what_is_missing(self) -> None:
        """Ask for the details that the stage of the infusion needs and that are not recorded."""
        if not self._here.is_open or not self._here.may_infuse():
            return
        view = self._here.view()
        if view.value("inf_end_dtm") is not None:
            self.rate.hide()
            if not self.end.open_end(view, self._here.context(), self._here.session.role):
                self.end.hide()
        elif view.value("inf_start_dtm") is not None:
            self.end.hide()
            if view.value("inf_rate_by") is None:
                self.ask_rate()
        self._ask_pause()

    def ask_rate(self) -> None:
        """Ask for the first rates, or for a new one."""
        self.rate.open_rates(self._here.view(), self._here.next_row("rates"), self._here.context())
        self.asked.emit(self.rate)

    def _ask_pause(self) -> None:
        if not self.pause.open_pause(self._here.view(), self._here.context()):
            self.pause.hide()

    def _save(self, card: Card, values: Mapping[Cell, Value | None]) -> None:
        self._here.enter(values, then=lambda change: self._on_saved(card, change), failed=card.show_refusal)

    def _on_saved(self, card: Card, change: Change) -> None:
        card.hide()
        self._here.say_saved(change)
        if card is not self.rate:
            self.ask_what_is_missing()
        self.went_on.emit()

    def _on_end_mistaken(self) -> None:
        cleared: dict[Cell, Value | None] = {Cell(i): None for i in ("inf_end_dtm", "inf_status", "int_any")}
        self._here.enter(cleared, then=lambda _change: self.end.hide(), failed=self.end.show_refusal)

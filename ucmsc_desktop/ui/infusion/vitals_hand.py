"""Works the row of vital signs: opens it, keeps what is typed as a draft, records it, offers what follows from it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Signal

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record import flow_reading
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.subject_state import key_for
from ucmsc_desktop.session.advice import new_symptoms
from ucmsc_desktop.session.iae import suggestions_of
from ucmsc_desktop.study.values import Value
from ucmsc_desktop.ui.infusion.drafts import RowDrafts
from ucmsc_desktop.ui.infusion.here import Here
from ucmsc_desktop.ui.infusion.notes import OfferCard
from ucmsc_desktop.ui.infusion.rows_card import RowsCard
from ucmsc_desktop.ui.infusion.vitals_card import BEFORE_START, VitalsCard
from ucmsc_desktop.ui.notice import Notice


class VitalsHand(QObject):
    """Holds together card, drafts and table. `shown`: the card was opened or put away."""

    shown = Signal()

    def __init__(
        self, here: Here, card: VitalsCard, rows: RowsCard, offer: OfferCard, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._here, self._card, self._rows, self._offer = here, card, rows, offer
        self.drafts = RowDrafts(here.desk, self)
        card.asked_to_save.connect(self._on_card_asked_to_save)
        card.later.connect(self._on_card_later)
        card.typed.connect(self._on_card_typed)
        rows.strike_asked.connect(self._on_rows_strike_asked)
        rows.correct_asked.connect(self._on_rows_correct_asked)
        offer.accepted.connect(self._on_offer_accepted)

    def ask(self, point: str = "") -> None:
        """Open a new row, unless one is being typed; `point`: for this time-point, not for the one that is due."""
        if not self._here.is_open or not self._here.may_infuse():
            return
        if not (self._card.isVisible() and self._card.is_touched):
            row = self._here.next_row(flow_reading.FLOW)
            self._card.open_row(self._here.view(), row, self._here.context(), point=point)
        self.shown.emit()

    def ask_row(self, row: int) -> None:
        """Open a row that holds symptoms already, to add what is measured."""
        self._card.open_row(self._here.view(), row, self._here.context(), correct=True, adds=True)
        self.shown.emit()

    def restore(self) -> None:
        """Open the row that was being typed before a lock, a crash or a power cut."""
        row, texts = self.drafts.found(self._here.subject, self._here.key)
        if texts and self._here.may_infuse():
            if row < self._here.next_row(flow_reading.FLOW):
                self.ask_row(row)
            else:
                self.ask()
            self._card.restore(texts)
            self.drafts.watch(self._here.subject, self._here.key, row)

    def _on_card_typed(self) -> None:
        if self._card.cells is not None and not self._card.is_correction:
            self.drafts.watch(self._here.subject, self._here.key, self._card.row)
            self.drafts.note(self._card.cells.texts())

    def _on_card_later(self) -> None:
        self.drafts.drop()
        self._card.hide()
        self.shown.emit()

    def _on_card_asked_to_save(self, values: Mapping[Cell, Value | None]) -> None:
        typed = {
            c
            for c, v in values.items()
            if v is not None and c.item not in (flow_reading.POINT, flow_reading.MEASURED)
        }
        if not typed and not self._card.is_correction:
            self._card.say(tr("Type at least one value.", "请至少填写一项数值。"))
            return
        before = {s.code for s in suggestions_of(self._here.view())}
        frozen = self._is_reference(self._card.row)
        self._here.enter(
            values,
            then=lambda change: self._on_saved(change, before, frozen=frozen),
            failed=self._card.show_refusal,
        )

    def _is_reference(self, row: int) -> bool:
        return self._here.view().value(flow_reading.POINT, row) == flow_reading.REFERENCE

    def _on_saved(self, change: Change, before: set[str], *, frozen: bool) -> None:
        self.drafts.drop()
        self._card.hide()
        self.shown.emit()
        view = self._here.view()
        after = {s.code for s in suggestions_of(view)}
        if frozen and before != after:
            self._here.desk.say(Notice("info", _recomputed(before, after)))
        else:
            self._here.say_saved(change)
        row = self._card.row
        fresh = new_symptoms(view, row)
        if (
            fresh
            and view.value(flow_reading.POINT, row) not in BEFORE_START
            and "F14" in view.state.study.forms
        ):
            self._offer.show_offer(view.form.by_id["ivs_symptoms"].shown(fresh))

    def _on_offer_accepted(self) -> None:
        session = self._here.session
        number = max((k.n for k in session.state(self._here.subject).keys("F14")), default=0) + 1
        key = key_for(session.study.forms["F14"], n=number)
        self._here.desk.go("form", subject=self._here.subject, key=key)

    def _on_rows_correct_asked(self, row: int) -> None:
        self.drafts.flush()
        self._card.open_row(self._here.view(), row, self._here.context(), correct=True)
        self.shown.emit()

    def _on_rows_strike_asked(self, row: int) -> None:
        subject, key = self._here.subject, self._here.key
        self._here.desk.do(lambda s, a: s.strike_row(subject, key, flow_reading.FLOW, row, a.reason))


def _recomputed(before: set[str], after: set[str]) -> str:
    gone, new = sorted(before - after), sorted(after - before)
    parts = [tr("T0 was corrected, the suggestions were computed anew.", "T0 已更正，系统提示已重新计算。")]
    if gone:
        parts.append(tr("No longer suggested: {c}.", "不再提示：{c}。", c=", ".join(gone)))
    if new:
        parts.append(tr("Now suggested: {c}.", "新增提示：{c}。", c=", ".join(new)))
    return " ".join(parts)

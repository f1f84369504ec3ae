"""Keeps what is typed on the cards of an infusion before it is saved: receipt of the bag, dose, line, rates, volumes.

A bag is inspected for minutes, and the screen locks meanwhile; a power cut comes when it comes. Drafts are encrypted, are no
record, and go once the answer is recorded. The row of vital signs has drafts of its own.
"""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, QTimer

from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.infusion.ask_card import AskCard
from ucmsc_desktop.ui.infusion.drafts import QUIET_MS


class CardDrafts(QObject):
    """The drafts of several cards: kept after a moment of quiet, and at once by `flush`."""

    def __init__(self, desk: Desk, cards: Iterable[AskCard], parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._cards = tuple(cards)
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MS)
        self._quiet.timeout.connect(self.flush)
        for card in self._cards:
            card.typed.connect(self._quiet.start)
            card.asked_anew.connect(lambda card=card: self._restore(card))
        desk.lock_began.connect(self.flush)
        desk.changed.connect(self._on_desk_changed)

    def _restore(self, card: AskCard) -> None:
        """Put back what was typed before a lock or a power cut, where nothing is recorded in its place."""
        if card.view is None or card.cells is None or not self._desk.is_signed_in:
            return
        kept = self._kept(card.view)
        fields = {f.cell: f for f in card.cells.fields}
        found = [c for c in kept if c in fields and not fields[c].input.text()]
        for cell in found:
            fields[cell].input.set_text(kept[cell])
        if found:
            card.refresh()

    def _kept(self, view: FormState) -> dict[Cell, str]:
        return {c: t for c, t in self._desk.session.drafts(view.state.subject, view.key).items() if t}

    def flush(self) -> None:
        """Write down what is typed and neither recorded nor kept yet."""
        self._quiet.stop()
        if not self._desk.is_signed_in:
            return
        for card in self._cards:
            if card.view is not None and card.cells is not None:
                self._keep(card)

    def _keep(self, card: AskCard) -> None:
        assert card.view is not None
        assert card.cells is not None
        session, subject, key = self._desk.session, card.view.state.subject, card.view.key
        view = session.form(subject, key)
        kept = self._kept(view)
        for field in card.cells.shown():
            text, recorded = field.input.text(), view.value(field.item.id, field.cell.row)
            typed = card.cells.value_of(field)
            is_draft = bool(text) and (typed is None or typed != recorded)
            if is_draft and kept.get(field.cell) != text:
                session.save_draft(subject, key, field.cell, text)
            elif not is_draft and field.cell in kept:
                session.drop_draft(subject, key, field.cell)

    def _on_desk_changed(self, change: object) -> None:
        """Forget the drafts of what has been recorded."""
        if not self._desk.is_signed_in:
            return
        asked: set[tuple[str, FormKey]] = {
            (c.view.state.subject, c.view.key) for c in self._cards if c.view is not None
        }
        session = self._desk.session
        for subject, key in asked:
            if change is not None and getattr(change, "subject", subject) != subject:
                continue
            view = session.form(subject, key)
            typed = self._typed(subject, key)
            for cell in self._kept(view):
                recorded = view.value(cell.item, cell.row)
                if recorded is not None and typed.get(cell, recorded) == recorded:
                    session.drop_draft(subject, key, cell)

    def _typed(self, subject: str, key: FormKey) -> dict[Cell, object]:
        """Give what the cards of a record hold now."""
        found: dict[Cell, object] = {}
        for card in self._cards:
            same = card.view is not None and (card.view.state.subject, card.view.key) == (subject, key)
            if same and card.cells is not None:
                found.update({f.cell: card.cells.value_of(f) for f in card.cells.shown() if f.input.text()})
        return found

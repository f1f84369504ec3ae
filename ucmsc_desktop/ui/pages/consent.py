"""The consent guide: form F2 step by step, with what follows from each answer, what is missing and why.

It is the form page itself, over the same items and the same entries, with a band that says where the consent stands and
lines that guide. While consent is being obtained it refuses what would make it invalid and names what would be right; a
wrong fact that has happened all the same is recorded in the plain form.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.record import consent, consent_guide
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.consent import KEY, Line, Standing
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.values import Value
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.desk import Answer, Desk
from ucmsc_desktop.ui.eligibility.band import Band, Sign, Tone
from ucmsc_desktop.ui.form.faces import CHECK
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.form.link import Link
from ucmsc_desktop.ui.form.page import FormPage
from ucmsc_desktop.ui.form.section_list import State, Step
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.page_frame import MARGIN

TONES: Final[dict[Standing, Tone]] = {
    "open": "warning",
    "valid": "ok",
    "declined": "error",
    "invalid": "error",
    "halted": "error",
    "withdrawn": "error",
}
LOW = 520  # below this height the first question comes before what is said about it
_SIGNS: Final[dict[str, Tone]] = {"ok": "ok", "wrong": "error", "info": "info"}
_TAPPED = ("choice", "yn", "ynu", "staff")


class ConsentPage(FormPage):
    """The consent of one participant."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setObjectName("consent_page")
        self._band = Band("consent_band")
        eligibility = button.quiet(tr("Eligibility", "入排标准"), "consent_eligibility", "fact_check")
        eligibility.clicked.connect(lambda: desk.go("eligibility", subject=self._subject))
        plain = button.quiet(tr("Open as form", "以表单打开"), "consent_form", "description")
        plain.clicked.connect(lambda: desk.go("form", subject=self._subject, key=KEY))
        for made in (eligibility, plain):
            self._band.buttons.addWidget(made)
        self._lead, self._lines = _Lines("consent_lead"), _Lines("consent_lines")
        for lines in (self._lead, self._lines):
            lines.asked.connect(self.go_to)
            lines.version_taken.connect(self._take_version)
        self._is_low = False
        body = self._stage.frame.body
        body.insertWidget(body.count() - 2, self._lead)
        body.insertWidget(body.count() - 2, self._lines)
        top = QWidget()  # above what scrolls: where the consent stands is in sight at every step
        label.let_grow(top)
        inset = QVBoxLayout(top)
        inset.setContentsMargins(MARGIN, 8, MARGIN, 0)
        inset.addWidget(self._band)
        self._inset = inset
        outer = self.layout()
        assert isinstance(outer, QVBoxLayout)
        outer.insertWidget(0, top)

    def open(self, **what: object) -> None:
        """Show the consent of a participant; `item` takes the focus there. Raises: UnknownThing."""
        super().open(**{**what, "key": KEY})
        view = self._view
        if view is None or "item" in what or consent.verdict(view).standing != "valid":
            return
        # Nothing is missing: not on to the re-consent, which nobody has asked for, but to what is left to do.
        self._show(CHECK if view.record.completed_at is None else "validity")

    def _render(self) -> None:
        super()._render()
        view = self._view
        if view is None:
            return
        found = consent.verdict(view)
        self._band.show_state(TONES[found.standing], found.title.get(), found.why.get())
        if self._current == CHECK:
            self._lead.hide()
            self._lines.hide()
            return
        guided = consent_guide.guide(view, self._current)
        missing = consent.missing(view, self._current)
        may_take = self._current == "version" and view.value("icf_version") is None
        right = consent.active_versions(view.state.site, consent.day_of_signing(view)) if may_take else ()
        offer = bool(right) and self._may_take()
        known = {line.cell for line in guided if line.mark == "open"}
        missing = tuple(line for line in missing if line.cell not in known)
        if self._is_low:
            self._lead.show_lines(guided[:1], (), offer=offer)
            self._lines.show_lines(guided[1:], missing, offer=False)
        else:
            self._lead.hide()
            self._lines.show_lines(guided, missing, offer=offer)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_low(self.height() < LOW)

    def _set_low(self, low: bool) -> None:
        """In a low window the first question stands in sight: one line guides to it, all the rest comes after it."""
        if low == self._is_low:
            return
        self._is_low = low
        self._inset.setContentsMargins(MARGIN, 3 if low else 8, MARGIN, 0)
        body = self._stage.frame.body
        banner = self._stage.findChild(QLabel, "form_banner")
        moved = [w for w in (banner, self._lines) if w is not None]
        for widget in moved:
            body.removeWidget(widget)
        # Before what stretches at the end; above the questions stand steps, errors and head, and the line that leads.
        place = body.count() - 1 if low else 3
        for number, widget in enumerate(moved if not low else reversed(moved)):
            body.insertWidget(place + number, widget)
        if not low:
            body.removeWidget(self._lead)
            body.insertWidget(place + 1, self._lead)
        self._render()

    def _steps(self) -> list[Step]:
        """Give the steps; the one that only shows what follows from the others is as far as the consent is."""
        found = consent.verdict(self._view).standing if self._view is not None else "open"
        state: State = "done" if found == "valid" else ("empty" if found == "open" else "problem")
        return [replace(s, state=state) if s.id == "validity" else s for s in super()._steps()]

    def _may_take(self) -> bool:
        return self._parts.may_enter_some() and self._view is not None and not self._view.record.locked

    def _on_parts_committed(self, field: Field, value: object) -> None:
        """Save an answer, or say beside it why the guide does not take it and what would be right."""
        view = self._view
        refused = None
        if view is not None:
            refused = consent.refusal(view, field.item.id, value)  # type: ignore[arg-type]  # a field gives values
        if refused is None:
            super()._on_parts_committed(field, value)
            return
        if field.item.type in _TAPPED:
            self._put_back(field)
        happened = tr(
            "If it has been signed so all the same, record it with “Open as form”: the consent is then not valid.",
            "如确已如此签署，请以“以表单打开”如实记录：该知情同意将无效。",
        )
        field.refuse(f"{refused}\n{happened}")
        self._render_problems()

    def _take_version(self) -> None:
        """Record that the paper in hand carries the version that is active."""
        view, subject = self._view, self._subject
        if view is None:
            return
        right = consent.active_versions(view.state.site, consent.day_of_signing(view))
        if not right:
            return
        values: dict[Cell, Value | None] = {
            Cell("icf_version"): right[0].version,
            Cell("icf_version_date"): date.fromisoformat(right[0].dated),
            Cell("ec_approval_no"): right[0].approval,
        }

        def use(session: Session, answer: Answer) -> Change:
            return session.enter(subject, KEY, values, reason=answer.reason, confirmed=answer.confirmed)

        self._desk.do(use)


class _Lines(QWidget):
    """What the guide says at a step, line by line; what is wrong or missing leads to its field."""

    asked = Signal(object)  # Cell
    version_taken = Signal()

    def __init__(self, object_name: str) -> None:
        super().__init__()
        self.setObjectName(object_name)
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._card: Card | None = None

    def show_lines(self, guided: tuple[Line, ...], missing: tuple[Line, ...], *, offer: bool) -> None:
        """Show other lines. `offer`: the button that takes the active version over."""
        if self._card is not None:
            self._outer.removeWidget(self._card)
            self._card.hide()
            self._card.deleteLater()
            self._card = None
        if not guided and not missing and not offer:
            self.hide()
            return
        card = self._card = set_kind(Card(), "well")
        card.body.setContentsMargins(14, 8, 14, 8)
        card.body.setSpacing(4)
        for number, line in enumerate(guided):
            card.body.addLayout(self._line(line, f"guide_{number}"))
        if missing:
            words = tr("; ", "；").join(str(line.text) for line in missing)
            text = Text("Missing here: {what}", "本步骤缺少：{what}").fill(what=words)
            card.body.addLayout(self._line(Line("open", text, missing[0].cell), "missing"))
        if offer:
            words = tr("The paper in hand is this version", "手中纸质文件即为该版本")
            take = button.secondary(words, "consent_take_version", "check")
            take.clicked.connect(self.version_taken)
            card.body.addWidget(take, 0, Qt.AlignmentFlag.AlignLeft)
        self._outer.addWidget(card)
        card.show()
        self.show()

    def _line(self, line: Line, name: str) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(10)
        text = str(line.text)
        if line.mark in ("wrong", "open") and line.cell is not None:
            colour = style.ERROR if line.mark == "wrong" else style.PRIMARY_DARK
            made = Link(name, colour, "bar" if line.mark == "wrong" else "circle")
            made.setText(text)
            made.clicked.connect(lambda _on=False, c=line.cell: self.asked.emit(c))
            row.addWidget(made, 1)
            return row
        row.setContentsMargins(8, 3, 0, 3)
        row.addWidget(Sign(_SIGNS.get(line.mark, "open"), 20), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(label.body(text, name), 1)
        return row

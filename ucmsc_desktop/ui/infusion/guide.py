"""The guide to the start: one step at a time, each with its facts, in the order of the work at the bedside.

It asks for what is missing in F6 and F7 and nothing else; what is there already is shown as facts. Nothing here decides
whether an infusion may start: the session does, by the checks of the forms.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ucmsc_desktop.errors import KnownError, StepBlocked
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.session import Session
from ucmsc_desktop.session.preparation import StepId, next_step, steps_of, verification_of
from ucmsc_desktop.study.functions import same_code
from ucmsc_desktop.study.values import Value
from ucmsc_desktop.ui.desk import Answer, Desk
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.guides import page_for
from ucmsc_desktop.ui.infusion.ask_card import AskCard
from ucmsc_desktop.ui.infusion.bedside_step import BedsideStep
from ucmsc_desktop.ui.infusion.checks_step import ChecksStep
from ucmsc_desktop.ui.infusion.product_steps import BagStep, DoseStep, LineStep, PlanStep
from ucmsc_desktop.ui.infusion.reference_step import ReferenceStep
from ucmsc_desktop.ui.infusion.scans import BedsideScans, is_ours, is_wristband
from ucmsc_desktop.ui.infusion.step_cards import Scene, StepCard
from ucmsc_desktop.ui.infusion.step_strip import StepStrip
from ucmsc_desktop.ui.infusion.verification import sign_both, stamp_again
from ucmsc_desktop.ui.infusion.verify_step import VerifyStep
from ucmsc_desktop.ui.notice import Notice

_HARD = ("X04", "X04.wristband", "X04.reuse", "X04.expired", "X04.expires_first", "X04.viability")


class Guide(QWidget):
    """The cards of the steps, one in sight. The strip stands where the page puts it. `moved`: another step is shown."""

    vitals_asked = Signal()
    reference_again = Signal()
    moved = Signal()

    def __init__(self, desk: Desk, context: Callable[[], Context]) -> None:
        super().__init__()
        self.setObjectName("guide")
        self._desk = desk
        self._context = context
        self._subject, self._key = "", FormKey("F7", "D0", 1)
        self.step: StepId = "plan"
        self.open_steps = 0  # how many steps are not done, as shown last
        self.strip = StepStrip()
        self.strip.chosen.connect(lambda step: self.show_step(cast(StepId, step)))
        self.checks, self.bedside, self.verify, self.reference = (
            ChecksStep(),
            BedsideStep(),
            VerifyStep(),
            ReferenceStep(),
        )
        self.bag = BagStep()
        self._asking: dict[StepId, StepCard] = {
            "plan": PlanStep(),
            "bag": self.bag,
            "dose": DoseStep(),
            "line": LineStep(),
        }
        self.premed = AskCard("premed", tr("Premedication", "输注前用药"), save=tr("Save drug", "保存药物"))
        self.cards: dict[StepId, QWidget] = {
            **self._asking,
            "checks": self.checks,
            "bedside": self.bedside,
            "verify": self.verify,
            "reference": self.reference,
        }
        self.scans = BedsideScans(desk, self._save_scan, self._read)
        self._lay_out()
        self._connect()

    @property
    def asking(self) -> tuple[AskCard, ...]:
        """The cards with fields that are saved together."""
        return (*self._asking.values(), self.premed)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.premed)
        for card in self.cards.values():
            card.setParent(self)
            card.hide()
            column.addWidget(card)
        column.addStretch(1)

    def _connect(self) -> None:
        for card in self._asking.values():
            card.asked_to_save.connect(lambda values, card=card: self._on_card_asked_to_save(card, values))
            card.went_on.connect(self.go_on)
            card.opened.connect(self._open)
        line = self._asking["line"]
        assert isinstance(line, LineStep)
        line.drug_asked.connect(self._ask_drug)
        self.premed.asked_to_save.connect(self._on_premed_asked_to_save)
        self.premed.later.connect(self.premed.hide)
        self.bag.typed_bag.connect(self.scans.receive)
        self.bedside.typed.connect(lambda code, _why: self.scans.at_bedside(code, typed=True))
        self.checks.answered.connect(lambda item, code: self._answer(self._key, item, code))
        self.bedside.answered.connect(lambda item, code: self._answer(self._product_key, item, code))
        for step in (self.checks, self.bedside):
            step.went_on.connect(self.go_on)
            step.opened.connect(self._open)
        self.verify.signing.connect(self._on_verify_signing)
        self.verify.again.connect(self._on_verify_again)
        self.reference.vitals_asked.connect(self.vitals_asked)
        self.reference.again.connect(self.reference_again)

    @property
    def _product_key(self) -> FormKey:
        return FormKey("F6", self._key.visit, self._key.n)

    # --- what is shown ---------------------------------------------------------------------------------------

    def open_guide(self, subject: str, key: FormKey) -> None:
        """Begin at the first step that is not done."""
        self._subject, self._key = subject, key
        self.premed.hide()
        self.step = next_step(steps_of(self._read())) or "reference"

    def show_step(self, step: StepId) -> None:
        """Show another step."""
        self.step = step
        self.premed.hide()
        self.refresh(self._read())
        self._focus()
        self.moved.emit()

    def go_on(self) -> None:
        """Show the next step that is not done; stay where everything is."""
        step = next_step(steps_of(self._read()), self.step)
        if step is not None:
            self.show_step(step)
        else:
            self.refresh(self._read())

    def refresh(self, view: FormState) -> None:
        """Show the step as it stands in the record."""
        steps = steps_of(view)
        self.open_steps = sum(s.status != "done" for s in steps)
        self.strip.show_steps(steps, self.step)
        session = self._desk.session
        scene = Scene(view, session.role, self._context(), session.people.name_of)
        now = next(s for s in steps if s.id == self.step)
        for name, card in self.cards.items():
            if card.isHidden() == (name == self.step):
                card.setVisible(name == self.step)
        if self.step in self._asking:
            self._asking[self.step].show_step(now, scene)
        elif self.step == "checks":
            self.checks.show_step(now, scene)
        elif self.step == "bedside":
            self.bedside.show_step(now, scene)
        elif self.step == "verify":
            self.verify.show_step(now, scene, self._verifiers(session), session.now())
        else:
            self.reference.show_step(now, scene)

    def _verifiers(self, session: Session) -> list[tuple[str, str]]:
        slot = next(s for s in session.study.forms["F7"].signatures if s.meaning == "verified")
        return [(a.user, a.name) for a in session.people.all() if a.active and a.role in slot.roles]

    def _focus(self) -> None:
        card = self._asking.get(self.step)
        if card is not None and card.cells is not None and card.cells.shown():
            card.cells.shown()[0].input.first().setFocus()
        elif self.step == "verify" and self.verify.focus_next():
            pass
        else:
            self.strip.focus(self.step)

    def _read(self) -> FormState:
        return self._desk.session.form(self._subject, self._key)

    # --- scans -----------------------------------------------------------------------------------------------

    def _has_bag(self) -> bool:
        return self._desk.session.form(self._subject, self._product_key).value("prod_unit_id") is not None

    def wants_wristband(self) -> bool:
        """Say whether a wristband scanned now is the check at the bedside: the bag is here and this step is its turn."""
        if not self._has_bag():
            return False
        return self.step == "bedside" or next_step(steps_of(self._read())) == "bedside"

    def take_scan(self, code: str) -> None:
        """Take a scan: the bag being received while none is, else wristband or bag at the bedside.

        A wristband before its step is that of somebody who draws blood, or has come too early: it checks no bag.
        """
        sites = [site.id for site in self._desk.session.study.sites]
        if is_ours(code, sites) and not self.wants_wristband():
            if is_wristband(code):
                self._desk.say(
                    Notice(
                        "info",
                        tr(
                            "Wristband read. It is not recorded as the bedside check.",
                            "已读取腕带，未记为床旁核对。",
                        ),
                        todo=tr(
                            "With the bag beside you, open “At the bedside”, then scan again.",
                            "请在制剂袋送到床旁后，打开“床旁核对”再扫描。",
                        ),
                    )
                )
            return
        if not self._has_bag():
            if self.step != "bag":
                self.show_step("bag")
            self.scans.receive(code)
            return
        if self.step != "bedside" and self._is_on_its_way(code):
            return
        if self.step != "bedside":
            self.show_step("bedside")
        self.scans.at_bedside(code)

    def _is_on_its_way(self, code: str) -> bool:
        """Take the right bag that is not received yet for what it is: it has just come, and is at no bedside.

        A wrong bag stops everything wherever it is scanned.
        """
        product = self._desk.session.form(self._subject, self._product_key)
        unit = product.value("prod_unit_id")
        if (
            product.value("recv_dtm") is not None
            or not isinstance(unit, str)
            or not same_code(code.strip(), unit)
        ):
            return False
        self.show_step("bag")
        self._desk.say(
            Notice(
                "info",
                tr("Bag {bag} is the one that was sent.", "制剂袋 {bag} 即为已发出的那一袋。", bag=unit),
                todo=tr(
                    "Record its receipt here. It is scanned again at the bedside.",
                    "请在此记录接收；在床旁还须再次扫描。",
                ),
            )
        )
        self.scans.stop_if_unusable()
        return True

    def _save_scan(
        self,
        key: FormKey,
        values: Mapping[Cell, Value | None],
        origin: str,
        reason: str,
        then: Callable[[], None],
    ) -> None:
        self._desk.do(
            lambda s, a: s.enter(
                self._subject,
                key,
                values,
                origin=origin,
                reason=reason or a.reason,
                confirmed=a.confirmed,
                overrides=a.overrides,
            ),
            then=lambda _change: then(),
        )

    # --- saving ----------------------------------------------------------------------------------------------

    def _on_card_asked_to_save(self, card: StepCard, values: Mapping[Cell, Value | None]) -> None:
        assert card.view is not None
        key = card.view.key
        self._desk.do(
            lambda s, a: s.enter(
                self._subject, key, values, reason=a.reason, confirmed=a.confirmed, overrides=a.overrides
            ),
            then=lambda _change: self._on_card_saved(card),
            failed=card.show_refusal,
        )

    def _on_card_saved(self, card: StepCard) -> None:
        if card.step in ("bag", "plan"):
            self.scans.stop_if_unusable()
        left = next(s for s in steps_of(self._read()) if s.id == card.step).open_items
        if left == 0:
            self.go_on()
            return
        shown = card.cells.shown() if card.cells is not None else ()
        open_ = [f for f in shown if f.item.required and not f.input.text()]
        if open_:  # say why it did not go on, and where
            one = tr("Saved. 1 answer is still open here.", "已保存。本步骤还有 1 项未填。")
            many = tr(
                "Saved. {n} answers are still open here.", "已保存。本步骤还有 {n} 项未填。", n=len(open_)
            )
            self._desk.say(Notice("info", one if len(open_) == 1 else many))
            open_[0].input.first().setFocus(Qt.FocusReason.OtherFocusReason)

    def _answer(self, key: FormKey, item: str, code: str) -> None:
        """Record one tap; where it is refused or not explained, the answer shown is again that of the record."""

        def use(session: Session, answer: Answer) -> object:
            return session.enter(
                self._subject,
                key,
                {Cell(item): code},
                reason=answer.reason,
                confirmed=answer.confirmed,
                overrides=answer.overrides,
            )

        def on_failed(error: KnownError) -> None:
            self._desk.say(error)
            self.refresh(self._read())

        self._desk.do(use, failed=on_failed)

    def _ask_drug(self) -> None:
        view = self._read()
        section = next(s for s in view.form.sections if s.id == "premedication")
        row = self._desk.session.next_row(self._subject, self._key, "premedication")
        self.premed.ask(view, section.items, row, self._context())
        self.moved.emit()

    def _on_premed_asked_to_save(self, values: Mapping[Cell, Value | None]) -> None:
        self._desk.do(
            lambda s, a: s.enter(self._subject, self._key, values, reason=a.reason, confirmed=a.confirmed),
            then=lambda _change: self.premed.hide(),
            failed=self.premed.show_refusal,
        )

    def _open(self, key: FormKey) -> None:
        self._desk.go(page_for(key), subject=self._subject, key=key)

    # --- the two signatures ----------------------------------------------------------------------------------

    def _on_verify_signing(self, user: str, password: str, first: str, second: str) -> None:
        self._desk.do(
            lambda s, _a: sign_both(s, self._subject, self._key, (user, password), (first, second)),
            then=lambda _signed: self._on_signed(),
            failed=lambda error: self._on_sign_refused(user, error),
        )

    def _on_signed(self) -> None:
        self.verify.done()
        self._desk.changed.emit(None)
        if verification_of(self._read()).is_complete:
            self.go_on()
        else:
            self._focus()

    def _on_sign_refused(self, user: str, error: KnownError) -> None:
        self.refresh(self._read())
        if isinstance(error, StepBlocked):
            self.verify.done()
            self._desk.stop(error)
            return
        what, _safe, todo = error.parts()
        self.verify.refused(user, f"{what} {todo}")

    def _on_verify_again(self) -> None:
        self._desk.do(
            lambda s, _a: stamp_again(s, self._subject, self._key),
            then=lambda _done: self._desk.changed.emit(None),
        )

    # --- a start that was refused ----------------------------------------------------------------------------

    def show_refusal(self, error: KnownError) -> bool:
        """Answer a refused START: a mistake with bag or person fills the screen (True), else go where it is answered."""
        check = str(error.details.get("check", ""))
        steps = steps_of(self._read())
        step = next((s.id for s in steps if any(b.id == check for b in s.blocks)), None)
        if step is not None:
            self.show_step(step)
        missing = step is not None and next(s for s in steps if s.id == step).open_items > 0
        if isinstance(error, StepBlocked) and check in _HARD and not missing:
            self._desk.stop(error)
            return True
        return False

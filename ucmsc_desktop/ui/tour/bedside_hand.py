"""The infusion page worked by hand: START, pause, resume, END, the row of vital signs, and the cards that ask for details."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from ucmsc_desktop.session.story import Step
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.study.values import ValueProblem, dump
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.infusion.action_pad import ActionPad
from ucmsc_desktop.ui.infusion.ask_card import AskCard
from ucmsc_desktop.ui.tour.answers import Answers
from ucmsc_desktop.ui.tour.form_hand import FormHand
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed, texts_in


class BedsideHand:
    """Works on the infusion page that is open."""

    def __init__(self, robot: Robot, desk: Desk, answers: Answers, forms: FormHand) -> None:
        self._robot = robot
        self._desk = desk
        self._answers = answers
        self._forms = forms
        self.rows = 0

    def show_number(self, n: int) -> None:
        """Show an infusion of the participant."""
        chosen = self._robot.seen(f"infusion_{n}", QAbstractButton)
        if chosen is not None and not chosen.isChecked():
            self._robot.click(chosen)
            self._robot.settle()
        heading = self._robot.see("run_heading", QLabel).text()
        if str(n) not in heading:
            raise TourFailed(f"the page shows {heading} in place of infusion {n}")

    def press(self, step: Step) -> None:
        """Press a big button, and answer what is asked after it."""
        self._robot.click(f"infusion_{step.do}")
        self._robot.settle()
        self._forms.answer_questions(step)
        refusal = self._robot.seen("refusal")
        if refusal is not None:
            raise TourFailed(f"{step.do} is refused: {' / '.join(texts_in(refusal))}")
        if step.do == "pause" and step.why:
            self._fill(step, "pause", {"int_reason": step.why})

    def is_resting(self) -> bool:
        """Say whether the big buttons take no press just now."""
        pad = self._robot.seen("infusion_pad", ActionPad)
        return pad is not None and pad.is_resting

    def record_vitals(self, step: Step, row: Mapping[str, Any]) -> None:
        """Record a row of vital signs in the card for it."""
        if self._robot.seen("vitals", AskCard) is None:
            self._robot.click("infusion_vitals")
            self._robot.settle()
        self._fill(step, "vitals", row)
        self.rows += 1

    def change_rate(self, step: Step, row: Mapping[str, Any]) -> None:
        """Record a new rate."""
        self._robot.click("infusion_rate")
        self._robot.settle()
        self._fill(step, "rate", row)

    def card_for(self, names: set[str]) -> str:
        """Give the card on the page that asks for all of the items; "" where there is none."""
        for name in ("rate", "pause", "end"):
            card = self._robot.seen(name, AskCard)
            if (
                card is not None
                and card.cells is not None
                and names <= {f.item.id for f in card.cells.shown()}
            ):
                return name
        return ""

    def fill_card(self, step: Step, card: str, values: Mapping[str, Any]) -> None:
        """Give the answers that a card asks for, and save them."""
        self._fill(step, card, values)

    def _fill(self, step: Step, name: str, values: Mapping[str, Any]) -> None:
        card = self._robot.see(name, AskCard)
        for item_id, text in values.items():
            field = card.cells.field(item_id) if card.cells is not None else None
            if field is None or not field.isVisible():
                raise TourFailed(f"{step.key} at {step.at}: the card {name} does not ask for {item_id}")
            value = typed_value(field.item, text)
            try:
                shown = field.input.read()
            except ValueProblem:
                shown = None
            if shown is None or dump(shown) != dump(value):
                self._answers.give(field.item, field.row, value, may_scan=False)
                self._robot.settle()
        self._robot.click(f"{name}_save")
        self._robot.settle()
        self._forms.answer_questions(step)
        error = self._robot.seen(f"{name}_error")
        if error is not None:
            raise TourFailed(f"{step.key} at {step.at}: {' / '.join(texts_in(_card(error)))}")


def _card(error: QWidget) -> QWidget:
    parent = error.parentWidget()
    return parent if parent is not None else error

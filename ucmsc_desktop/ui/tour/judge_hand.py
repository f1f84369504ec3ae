"""The eligibility page worked by hand: each criterion judged beside its evidence, then the decision with its signature."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Final

from PySide6.QtWidgets import QAbstractButton

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.eligibility import SECTIONS
from ucmsc_desktop.session.story import Person, Step
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.dialogs.confirm import ConfirmDialog
from ucmsc_desktop.ui.dialogs.sign import SignDialog
from ucmsc_desktop.ui.eligibility.screen_failure import ScreenFailureDialog
from ucmsc_desktop.ui.tour.form_hand import FormHand
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed
from ucmsc_desktop.ui.tour.ways import CRITERIA, Ways

_BUTTON: Final = {section: criterion for criterion, section, _en, _zh in SECTIONS}
_BY_THE_ACT: Final = (
    "elig_dtm", "borderline_ok", "elig_decision", "elig_reason", "elig_inv", "recorder", "source",
)  # fmt: skip
_MOST_QUESTIONS = 4


class JudgeHand:
    """Works on the eligibility page. `before_decision` is told the step when all is judged: there the camera stands."""

    def __init__(self, robot: Robot, desk: Desk, ways: Ways, forms: FormHand) -> None:
        self._robot = robot
        self._desk = desk
        self._ways = ways
        self._forms = forms
        self.before_decision: Callable[[Step], None] | None = None

    def judge(self, step: Step, person: Person) -> None:
        """Judge every criterion that the step answers, then decide and sign."""
        form = self._desk.session.study.forms["F3"]
        self._ways.open_guide(CRITERIA, step.subject)
        answers = [name for name in step.values if name not in _BY_THE_ACT]
        for section, names in groupby(answers, key=lambda n: form.section_of[n].id):
            self._robot.click(f"judge_{_BUTTON[section]}")
            self._robot.settle()
            for name in names:
                item = form.by_id[name]
                self._forms.answer(item, 0, typed_value(item, step.values[name]), step)
            self._robot.click("form_continue")
            self._robot.settle()
            if self._robot.seen("eligibility_band") is None:
                raise TourFailed(f"{section} does not lead back to the criteria; {self._robot.scene()}")
        if self.before_decision is not None:
            self.before_decision(step)
            self._ways.open_guide(CRITERIA, step.subject)
        eligible = step.values["elig_decision"] == "ELIG"
        self._robot.click("eligibility_decide" if eligible else "eligibility_fail")
        self._robot.settle()
        self._answer(step, person)

    def _answer(self, step: Step, person: Person) -> None:
        for _turn in range(_MOST_QUESTIONS):
            match self._robot.question():
                case None:
                    return
                case SignDialog():
                    self._forms.give_password(person.user, person.password)
                case ScreenFailureDialog():
                    self._robot.fill("failure_reason", self._reason(step))
                    self._robot.click("sheet_yes")
                case ConfirmDialog():
                    self._forms.confirmed += 1
                    self._robot.click("sheet_yes")
                case other:
                    raise TourFailed(f"no answer to {other}; {self._robot.scene()}")
            self._robot.settle()
        raise TourFailed("the questions do not end")

    def _reason(self, step: Step) -> str:
        """Give the words of the reason behind the criteria, which the program writes itself.

        Raises: TourFailed where other criteria are ticked than those that the story says.
        """
        whole = str(step.values["elig_reason"])
        choices = self._desk.session.study.forms["F1"].by_id["scr_fail"].choices
        ticked = [c for c in choices if self._robot.see(f"failure_{c.code}", QAbstractButton).isChecked()]
        front = "".join(f"{c.label}{tr('; ', '；')}" for c in ticked)
        if not ticked or not whole.startswith(front):
            raise TourFailed(f"ticked is {front or 'nothing'}, the story says {whole}")
        return whole.removeprefix(front)

"""The guide to the start worked by hand: bag, dose, checks, line, two scans at the bedside, two passwords.

What the double signature stamps by itself (who, when) is not typed: it is compared after the first password.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from PySide6.QtWidgets import QAbstractButton

from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session.preparation import PEOPLE, StepId, items_of
from ucmsc_desktop.session.story import Person, Step
from ucmsc_desktop.study.specimen import LabelCode
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.bedside_hand import BedsideHand
from ucmsc_desktop.ui.tour.proof import Proof
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed
from ucmsc_desktop.ui.tour.scan_hand import ScanHand
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox

CARDS: Final[tuple[StepId, ...]] = ("plan", "bag", "dose", "line")
ROWS: Final[tuple[StepId, ...]] = ("checks", "bedside")
DRUGS = "premedication"
_WRIST = "coi_wrist_scan"
_FIRST, _SECOND = ("coi_p1", "verify_p1"), ("coi_p2", "verify_p2")


class GuideHand:
    """Works on the infusion page before the start."""

    def __init__(self, robot: Robot, desk: Desk, bedside: BedsideHand, scans: ScanHand, proof: Proof) -> None:
        self._robot = robot
        self._desk = desk
        self._bedside = bedside
        self._scans = scans
        self._proof = proof
        self._people: tuple[str, str] = ("", "")
        self.waiting: list[Step] = []  # what the first of the two signatures will stamp
        self.prepared = 0

    def takes(self, step: Step, key: FormKey) -> bool:
        """Say whether the guide asks the person at work for all that a step says."""
        if key.form not in ("F6", "F7") or not self._desk.session.may("infuse"):
            return False
        if self._desk.session.infusions.run(step.subject, key.n).status != "planned":
            return False
        if any(section != DRUGS for section in step.rows):
            return False
        asked = {item.id for name in (*CARDS, *ROWS) for _form, item in self._items(step, key, name)}
        return bool(step.values) and step.values.keys() <= asked | set(PEOPLE)

    def _items(self, step: Step, key: FormKey, name: StepId) -> list[tuple[str, Any]]:
        view = self._desk.session.form(step.subject, FormKey("F7", key.visit, key.n))
        return [(record.key.form, item) for record, item in items_of(view, name)]

    def enter(self, step: Step, key: FormKey) -> None:
        """Answer on the cards of the guide; the page of the infusion is open."""
        stamped = {name: text for name, text in step.values.items() if name in PEOPLE}
        if stamped:
            first = next(str(text) for name, text in stamped.items() if name in _FIRST)
            second = next(str(text) for name, text in stamped.items() if name in _SECOND)
            self._people = first, second
            self.waiting.append(step)
        for name in (*CARDS, *ROWS):
            mine = [i for form, i in self._items(step, key, name) if form == key.form]
            values = {i.id: step.values[i.id] for i in mine if i.id in step.values}
            if not values:
                continue
            self.show(name)
            if name in CARDS:
                self._bedside.fill_card(step, f"step_{name}", values)
            else:
                self._confirm(step, key, values)
        for row in step.rows.get(DRUGS, ()):
            self.show("line")
            self._robot.click("line_premed")
            self._robot.settle()
            self._bedside.fill_card(step, "premed", row)

    def show(self, name: StepId) -> None:
        """Show a step by its tap in the strip."""
        tap = self._robot.see(f"step_{name}_show", QAbstractButton)
        if not tap.isChecked():
            self._robot.click(tap)
            self._robot.settle()

    def _confirm(self, step: Step, key: FormKey, values: Mapping[str, Any]) -> None:
        """Scan what is to be scanned, tap what is to be confirmed beside its evidence."""
        form = self._desk.session.study.forms[key.form]
        for name, text in values.items():
            item = form.by_id[name]
            value = typed_value(item, text)
            if name != _WRIST and self._proof.holds(step.subject, key, Cell(name), value):
                continue  # one scan of the bag answers for both records
            if name == _WRIST:
                self._scans.show(LabelCode(str(text)).printed)
            elif item.scan:
                self._scans.show(str(text))
            else:
                self._robot.click(f"{name}:{text}")
                self._robot.settle()
            entry = self._desk.session.form(step.subject, key).entry(name)
            if entry is None or entry.at < step.at:
                raise TourFailed(f"{name} was not taken now; {self._robot.scene()}")
            if self._desk.is_stopped or not self._proof.holds(step.subject, key, Cell(name), value):
                raise TourFailed(f"{name} was not taken; {self._robot.scene()}")

    def takes_signatures(self, subject: str, key: FormKey) -> bool:
        """Say whether the two who verify sign on this page: before the start."""
        return bool(self._people[0]) and self._desk.session.infusions.run(subject, key.n).status == "planned"

    def verify(self, person: Person) -> None:
        """Sign as one of the two who verify: the password on the page, for bag and start at once."""
        self.show("verify")
        for number, user in enumerate(self._people, start=1):
            box = self._robot.see(f"verify_person_{number}", ChoiceBox)
            if box.isEnabled():
                self._robot.choose(box, user)
        number = self._people.index(person.user) + 1
        self._robot.fill(f"verify_password_{number}", person.password)
        self._robot.click(f"verify_sign_{number}")
        self._robot.settle()
        if number == len(self._people):
            self.prepared += 1

"""The end of a shift: the hand-over sheet, two passwords of which one is wrong at first, and what was done today."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.session.story import Person
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.camera import Camera
from ucmsc_desktop.ui.tour.people import choose_file
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox

SHEET = "handover.pdf"
WAIT = timedelta(seconds=20)  # an account waits after wrong passwords
WRONG = "not-the-password-of-anybody"


class Shift:
    """Hands over from the person at work to another one."""

    def __init__(self, robot: Robot, desk: Desk, camera: Camera, clock: FrozenClock) -> None:
        self._robot = robot
        self._desk = desk
        self._camera = camera
        self._clock = clock

    def hand_over(self, outgoing: Person, incoming: Person, out: Path) -> None:
        """Make the sheet, keep it, let both sign; a wrong password records nothing."""
        robot = self._robot
        before = self._handed_over()
        with self._camera.each_language() as langs:
            for lang in langs:
                self._begin()
                robot.choose(robot.see("hand_incoming", ChoiceBox), incoming.user)
                if lang == "en":
                    robot.click("hand_save")
                    robot.settle()
                    choose_file(robot, out / SHEET)
                robot.fill("hand_outgoing_password", outgoing.password)
                robot.fill("hand_incoming_password", WRONG)
                robot.click("sheet_yes")
                robot.wait(lambda: robot.seen("sheet_error") is not None, "the wrong password to be refused")
                self._camera.shot("hand-over-refused")
                robot.click("sheet_no")
                robot.settle()
        if self._handed_over() != before or not (out / SHEET).is_file():
            raise TourFailed("a refused hand-over left an entry, or its sheet was not saved")
        self._clock.set(self._clock.at + WAIT)
        self._begin()
        robot.choose(robot.see("hand_incoming", ChoiceBox), incoming.user)
        robot.fill("hand_outgoing_password", outgoing.password)
        robot.fill("hand_incoming_password", incoming.password)
        robot.click("sheet_yes")
        robot.wait(lambda: self._handed_over() > before, "the hand-over to be recorded")
        self._camera.both("worklist-done-today", self._show_done)
        robot.click("worklist_filter_all")
        robot.settle()

    def _begin(self) -> None:
        self._robot.click("nav_worklist")
        self._robot.settle()
        self._robot.click("worklist_hand_over")
        self._robot.wait(lambda: self._robot.seen("hand_save") is not None, "the hand-over sheet")

    def _show_done(self) -> None:
        self._desk.go("worklist")
        self._robot.settle()
        self._robot.click("worklist_filter_done")

    def _handed_over(self) -> int:
        return sum(e.kind == "HandedOver" for e in self._desk.session.audit())

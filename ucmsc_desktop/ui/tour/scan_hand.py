"""Samples worked by hand: wristband and tube scanned at the bedside, and the question about a tube that comes too late.

The labels are those that the program prints, check character and all.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer

from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session.story import Step
from ucmsc_desktop.study.specimen import LabelCode, tube
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed
from ucmsc_desktop.ui.tour.ways import Ways

SAMPLE = "F10"


class ScanHand:
    """Scans labels at the window. `before_filing` is told of a tube that the window asks about."""

    def __init__(self, robot: Robot, desk: Desk, ways: Ways) -> None:
        self._robot = robot
        self._desk = desk
        self._ways = ways
        self.filed: list[str] = []  # samples filed by two scans
        self.before_filing: Callable[[LabelCode], None] | None = None

    def draw(self, step: Step, key: FormKey) -> None:
        """Scan the wristband and the tube; where the window is closed, say that it is to be recorded all the same.

        On the page of the samples: on that of an infusion a wristband would count for the bag as well.
        """
        code = tube(step.subject, key.visit, key.n)
        self._ways.open_page("sampling", step.subject)
        self.pair(step.subject, code)
        if self._robot.seen("sampling_file") is not None:
            if self.before_filing is not None:
                self.before_filing(code)
            if self._robot.seen("sampling_file") is None:
                self.pair(step.subject, code)
            self._robot.click("sampling_file")
            self._robot.settle()
        if self._desk.is_stopped or not self._ways.is_at(step.subject, key):
            raise TourFailed(f"{code.printed} was not filed; {self._robot.scene()}")
        self.filed.append(code.plain)

    def pair(self, subject: str, code: LabelCode) -> None:
        """Scan a wristband, then a tube."""
        self.show(LabelCode(subject).printed)
        self.show(code.printed)

    def show(self, text: str) -> None:
        """Show the scanner a label, and let the window answer."""
        self._robot.scan(text)
        self._robot.settle()

    def read_stop(self) -> None:
        """Press the button of the full-screen stop, once it takes a press. Raises: TourFailed where there is none."""
        screen = self._robot.see("stop_screen")
        self._robot.wait(
            lambda: not any(t.isActive() and t.isSingleShot() for t in screen.findChildren(QTimer)),
            "the stop to take a press",
        )
        self._robot.click("stop_confirm")
        self._robot.settle()
        if self._desk.is_stopped:
            raise TourFailed("the stop stands although it was read")

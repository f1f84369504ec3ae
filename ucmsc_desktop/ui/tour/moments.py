"""Moments of the story that do not come back, shown in both languages: criteria, samples, a serious event.

They are the story itself, photographed while it happens; nothing here is played and taken back.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QLabel

from ucmsc_desktop.i18n import LANGS
from ucmsc_desktop.record.safety import NOT_TRANSMITTED
from ucmsc_desktop.session.story import Step
from ucmsc_desktop.study.specimen import LabelCode
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.camera import FAILED, Camera
from ucmsc_desktop.ui.tour.people import choose_file
from ucmsc_desktop.ui.tour.preview import is_drawn, make_preview
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed
from ucmsc_desktop.ui.tour.walk import Walk

EDGE = "200"


class Moments:
    """Stands beside the walk. `reports`: the papers made on the way, by name."""

    def __init__(self, robot: Robot, desk: Desk, camera: Camera, walk: Walk, out: Path) -> None:
        self._robot = robot
        self._desk = desk
        self._camera = camera
        self._ways = walk.ways
        self._out = out
        self.reports: dict[str, str] = {}
        self.said_at_the_edge = ""
        walk.watchers.append(self.watch)
        walk.judges.before_decision = self.criteria
        walk.scans.before_filing = self.late_tube

    def watch(self, step: Step) -> None:
        """Look at what a step has left on the screen."""
        if step.subject != FAILED or step.key is None:
            return
        match step.key.form:
            case "F2" if step.do == "complete":
                self._camera.both("consent-complete")
            case "F14" if "ae_first_serious" in step.values:
                self._camera.both("sae-strip", self._show_strip)
            case "F14" if "sae_narrative" in step.values:
                self._serious(step)
            case _:
                pass

    def _show_strip(self) -> None:
        self._ways.open_participant(FAILED)
        self._robot.bring("sae_strip")

    def criteria(self, step: Step) -> None:
        """Show the criteria when all of them are judged and nothing is decided."""
        if step.subject != FAILED:
            return
        with self._camera.each_language() as langs:
            for lang in langs:
                self._ways.open_guide("eligibility", FAILED)
                self._camera.shot("eligibility")
                self._robot.click("mark_inc04a_pf")
                self._robot.settle()
                why = self._robot.see("criterion_inc04a_pf_why", QLabel).text()
                if EDGE not in why:
                    raise TourFailed(f"the criterion says {why}")
                self.said_at_the_edge = why if lang == "en" else self.said_at_the_edge
                self._camera.shot("eligibility-200")

    def late_tube(self, code: LabelCode) -> None:
        """Show the question about a tube whose window is not open."""
        at = self._desk.session.now()
        self._camera.both(
            "sampling-late", lambda: self._desk.go("sampling", subject=code.subject, code=code, at=at)
        )

    def _serious(self, step: Step) -> None:
        """Print the report of the event in both languages, from the strip with its clock."""
        key = step.key
        assert key is not None
        for lang in LANGS:
            self._open_report(key.n)
            self._robot.click("report_INITIAL")
            self._robot.click(f"print_lang_{lang}")
            if str(NOT_TRANSMITTED) not in self._robot.see("report_not_sent", QLabel).text():
                raise TourFailed("the page does not say that nothing is transmitted")
            make_preview(self._robot, self._desk)
            name = f"sae-{FAILED}-{lang}.pdf"
            self._robot.click("print_save")
            self._robot.settle()
            choose_file(self._robot, self._out / name)
            if not (self._out / name).is_file():
                raise TourFailed(f"{name} was not saved; {self._robot.scene()}")
            self.reports[name] = str(NOT_TRANSMITTED)
        with self._camera.each_language() as langs:
            for _lang in langs:
                self._open_report(key.n)
                self._robot.click("report_INITIAL")
                make_preview(self._robot, self._desk)
                self._camera.shot("print-sae-report", partial(is_drawn, self._robot))

    def _open_report(self, number: int) -> None:
        self._ways.open_participant(FAILED)
        self._robot.click(f"sae_{number}_print")
        self._robot.settle()

"""Pictures of the real window: at the moments of the story that will not come back, and of every page in both languages."""

from __future__ import annotations

from pathlib import Path

from ucmsc_desktop.i18n import LANGS, language
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session.story import Person, Step
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.people import People
from ucmsc_desktop.ui.tour.robot import Robot

RUNNING, WHOLE, FAILED = "01-003", "01-001", "01-002"
_MOMENTS = {"pause": "infusion-paused", "start": "infusion-started", "end": "infusion-ended"}


class Camera:
    """Takes pictures into a folder, named by language and page."""

    def __init__(self, robot: Robot, desk: Desk, people: People, folder: Path) -> None:
        self._robot = robot
        self._desk = desk
        self._people = people
        self._folder = folder

    def shot(self, name: str) -> None:
        """Take a picture of the window as it is."""
        window = self._robot.window
        window.setUpdatesEnabled(True)  # the robot works in the dark, which is faster
        self._robot.settle()
        self._robot.settle()
        window.grab().save(str(self._folder / f"{language()}-{name}.png"))
        window.setUpdatesEnabled(False)

    def watch(self, step: Step) -> None:
        """Take the pictures of the first infusion while it happens."""
        if step.subject == WHOLE and step.n == 1 and step.do in _MOMENTS:
            self.shot(_MOMENTS[step.do])

    def round(self, nurse: Person, administrator: Person, infusion: FormKey) -> None:
        """Take every page in both languages, as a nurse and, where only they may, as the administrator."""
        for lang in LANGS:
            if self._desk.is_signed_in:
                self._people.lock()
            self._people.speak_at_sign_in(lang)
            self._people.sign_in(nurse)
            self._page("worklist", "worklist")
            self._page("participant", "participant", subject=RUNNING)
            self._page("participant-complete", "participant", subject=WHOLE)
            self._page("participant-failed", "participant", subject=FAILED)
            self._page("infusion-running", "infusion", subject=RUNNING)
            self._page("infusion-after", "infusion", subject=WHOLE)
            for key in self._desk.session.state(WHOLE).planned_keys():
                if key.visit in ("SCR", "BL", "D0", "END") or (
                    key.form in ("F12", "F13", "F14", "F17") and key.n == 1
                ):
                    self._page(f"form-{key.form}-{key.visit}", "form", subject=WHOLE, key=key)
            for item, name in (
                ("inf_start_dtm", "start"),
                ("int_start", "pauses"),
                ("ivs_point", "flow-sheet"),
            ):
                self._page(f"form-F7-{name}", "form", subject=WHOLE, key=infusion, item=item)
            gas = FormKey("F9", "SCR")
            for item, name in (("abg_done", "sampling"), ("abg_pao2", "result"), ("pf", "calculated")):
                self._page(f"form-F9-{name}", "form", subject=WHOLE, key=gas, item=item)
            eligibility = FormKey("F3", "SCR")
            for item, name in (("pf", "oxygenation"), ("elig_decision", "decision")):
                self._page(f"form-F3-{name}", "form", subject=FAILED, key=eligibility, item=item)
            self._page("review", "review", subject=WHOLE)
            self._page("print", "print", subject=RUNNING)
            self._robot.click("print_preview")
            self._robot.wait(lambda: not self._desk.jobs.pending, "the preview")
            self.shot("print-preview")
            self._page("sync", "sync")
            self._page("settings", "settings")
            self._people.lock()
            self.shot("locked")
            self._people.sign_in(administrator)
            self._page("settings-administrator", "settings")

    def _page(self, name: str, page: str, **what: object) -> None:
        self._desk.go(page, **what)
        self.shot(name)

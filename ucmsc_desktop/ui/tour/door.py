"""The first day: the set-up walked page by page, the staff added on the settings page.

The same walk is made twice, in Chinese on a scratch ward that is thrown away and in English on the real one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QPlainTextEdit

from ucmsc_desktop.i18n import Lang, language
from ucmsc_desktop.session.story import Story
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.camera import Camera
from ucmsc_desktop.ui.tour.people import People
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox


@dataclass(frozen=True, slots=True)
class Keys:
    """The centre's public keys, as they come on paper."""

    working: str
    recovery: str


class Door:
    """Opens a ward for the first time."""

    def __init__(self, robot: Robot, desk: Desk, people: People, camera: Camera) -> None:
        self._robot = robot
        self._desk = desk
        self._people = people
        self._camera = camera

    def set_up(self, story: Story, keys: Keys, lang: Lang, sheet: Path) -> str:
        """Walk through the set-up; give the laptop's public key as the recovery sheet shows it."""
        robot, people, camera = self._robot, self._people, self._camera
        if language() != lang:
            robot.click(f"set_up_language_{lang}")
            robot.settle()
        camera.shot("set-up-language")
        people.next()
        robot.click("set_up_next")  # without an answer: refused
        camera.shot("set-up-refused")
        robot.choose(robot.see("set_up_site", ChoiceBox), "01")
        camera.shot("set-up-site")
        people.next()
        robot.fill("set_up_device_label", story.device_label)
        camera.shot("set-up-device")
        people.next()
        people.answer_administrator(story.administrator)
        camera.shot("set-up-administrator")
        people.next()
        robot.paste("set_up_centre_keys", keys.working)
        robot.paste("set_up_recovery_key", keys.recovery)
        camera.shot("set-up-keys")
        people.make_ward()
        camera.shot("set-up-recovery")
        public = _public_key(robot.see("set_up_sheet", QPlainTextEdit).toPlainText())
        people.save_sheet(sheet)
        robot.click("set_up_kept_sheet")
        people.next()
        camera.shot("set-up-done")
        people.next()
        camera.shot("sign-in")
        return public

    def add_staff(self, story: Story) -> None:
        """Let the administrator add everybody, each with a temporary password."""
        robot, people = self._robot, self._people
        people.sign_in(story.administrator)
        robot.click("nav_settings")
        robot.settle()
        for person in story.people:
            if person.user != story.administrator.user:
                people.add(person)
        self._camera.both("settings-administrator", lambda: robot.click("account_user"))
        people.lock()


def _public_key(sheet: str) -> str:
    lines = sheet.splitlines()
    start = next((n for n, line in enumerate(lines) if line.startswith("untrusted comment:")), None)
    if start is None or start + 1 >= len(lines):
        raise TourFailed("the recovery sheet shows no public key")
    return f"{lines[start]}\n{lines[start + 1]}\n"

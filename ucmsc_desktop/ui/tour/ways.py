"""How a person gets from page to page: by the rail, a tile, a guide, the list of tasks, a scan or a search.

Every way is one that the window offers; where it offers none the record is noted and opened by its address.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView

from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.guides import FORM, page_for
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed

CRITERIA = "eligibility"


class Ways:
    """Moves about in the window."""

    def __init__(self, robot: Robot, desk: Desk) -> None:
        self._robot = robot
        self._desk = desk
        self.by_address: list[str] = []  # records that no button leads to

    def place(self) -> tuple[str, str, FormKey | None]:
        """Name the page shown, the participant on it, and the record."""
        work = self._robot.window.work
        if work is None:
            return "", "", None
        name, what = work.place
        key = what.get("key")
        return name, str(what.get("subject", "")), key if isinstance(key, FormKey) else None

    def is_at(self, subject: str, key: FormKey) -> bool:
        """Say whether a record is on the screen, as a form or step by step."""
        name, there, shown = self.place()
        if name == "consent":
            return page_for(key) == name and there == subject
        return (name, there, shown) == (FORM, subject, key)

    def open_page(self, page: str, subject: str) -> None:
        """Show a page of the rail for a participant."""
        if self.place()[:2] == (page, subject):
            return
        if self.place()[1] != subject:
            self.open_participant(subject)
        self._robot.click(f"nav_{page}")
        self._robot.settle()
        if self.place()[:2] != (page, subject):
            raise TourFailed(f"the page {page} of {subject} does not open; {self._robot.scene()}")

    def open_participant(self, subject: str) -> None:
        """Show the page of a participant."""
        name, there, _key = self.place()
        if (name, there) == ("participant", subject):
            return
        if there == subject:
            self._robot.click("nav_participant")
        else:
            self._robot.click("nav_worklist")
            self._robot.settle()
            self._robot.fill("worklist_scan", subject)
            self._robot.key(Qt.Key.Key_Return)
        self._robot.settle()
        if self.place()[:2] != ("participant", subject):
            raise TourFailed(f"the page of {subject} does not open; {self._robot.scene()}")

    def open_guide(self, page: str, subject: str) -> None:
        """Show the guide to consent or the criteria of a participant."""
        if self.place()[:2] == (page, subject):
            return
        self.open_participant(subject)
        self._robot.click(f"entry_{page}")
        self._robot.settle()
        if self.place()[:2] != (page, subject):
            raise TourFailed(f"the guide {page} of {subject} does not open; {self._robot.scene()}")

    def open_form(self, subject: str, key: FormKey) -> None:
        """Show a record: by its guide, by its tile, by "New record", or from the list of tasks."""
        if self.is_at(subject, key):
            return
        if page_for(key) == "consent":
            self.open_guide("consent", subject)
            return
        if page_for(key) == CRITERIA:
            self.open_guide(CRITERIA, subject)
            self._robot.click("eligibility_form")
            self._robot.settle()
        elif (
            self.place()[:2] != ("participant", subject) and key.form != "F7" and self.open_task(subject, key)
        ):
            return
        else:
            self.open_participant(subject)
            tile = self._robot.seen(f"form_{key}")
            if tile is not None:
                self._robot.click(tile)
            else:
                self._open_new(subject, key)
            self._robot.settle()
        if not self.is_at(subject, key):
            raise TourFailed(f"{key} of {subject} does not open; {self._robot.scene()}")

    def _open_new(self, subject: str, key: FormKey) -> None:
        new = self._robot.seen(f"new_{key.form}")
        if new is not None:
            self._robot.click(new)
            self._robot.settle()
            if self.is_at(subject, key):
                return
        self.by_address.append(f"{subject} {key}")
        self._desk.go(FORM, subject=subject, key=key)

    def open_task(self, subject: str, key: FormKey) -> bool:
        """Open a record from the list of tasks; say whether it stands there."""
        line = next(
            (n for n, t in enumerate(self._desk.session.worklist()) if (t.subject, t.key) == (subject, key)),
            -1,
        )
        if line < 0:
            return False
        self._robot.click("nav_worklist")
        self._robot.open_row(self._robot.see("worklist_table", QTableView), line)
        self._robot.key(Qt.Key.Key_Return)
        self._robot.settle()
        return self.is_at(subject, key)

"""The preview of the print page, as the tour waits for it: made by a job, then drawn by a thread of Qt's."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractScrollArea, QLabel

from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed

INK, INKED = 110, 150  # how dark a point is, and how many are enough to be a page


def make_preview(robot: Robot, desk: Desk) -> None:
    """Press the button and wait for the pages. Raises: TourFailed."""
    robot.click("print_preview")
    robot.wait(lambda: not desk.jobs.pending, "the pages")
    error = robot.seen("print_error", QLabel)
    if error is not None:
        raise TourFailed(f"the pages were not made: {error.text()}")


def is_drawn(robot: Robot) -> bool:
    """Say whether the preview shows ink."""
    picture = robot.see("print_view", QAbstractScrollArea).viewport().grab().toImage()
    across, down = range(0, picture.width(), 3), range(0, picture.height() // 2, 3)
    return sum(picture.pixelColor(x, y).lightness() < INK for x in across for y in down) > INKED

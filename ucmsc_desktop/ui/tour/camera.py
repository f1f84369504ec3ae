"""Pictures of the real window, in both languages: at the moments of the story that do not come back, and of every page.

The camera changes the language and the page by itself; it never changes the record.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap
from PySide6.QtWidgets import QDialog

from ucmsc_desktop.i18n import LANGS, Lang, language
from ucmsc_desktop.record.course import planned_keys
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session.story import Step
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.form_hand import FormHand
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

WHOLE, FAILED, RUNNING = "01-001", "01-002", "01-003"
IN_FULL = (FormKey("F9", "SCR"), FormKey("F7", "D0", 1))  # all their sections
SERIOUS = FormKey("F14", "LOG", 1)
GUIDE = ("plan", "bag", "dose", "line", "bedside", "verify", "reference")
SMALL = (1093, 574)  # a ward laptop, 1366 × 768 at 125 %, without the task bar
FIRST = ("F6/D0/1", "F7/D0/1")
_ROUNDS = 6
_SHADE = QColor(11, 42, 74, 90)


class Camera:
    """Takes pictures into a folder, named by language and page."""

    def __init__(self, robot: Robot, desk: Desk, folder: Path) -> None:
        self._robot = robot
        self._desk = desk
        self._folder = folder
        self.names: set[str] = set()

    def shot(self, name: str, until: Callable[[], bool] | None = None) -> None:
        """Take a picture of the window as it is, with the question that stands before it.

        `until`: says that what is drawn in the background is there.
        """
        window = self._robot.window
        window.setUpdatesEnabled(True)
        for _round in range(_ROUNDS):  # a page that was just built finds its sizes in several rounds
            self._robot.settle()
        if until is not None:
            self._robot.wait(until, f"what is drawn for {name}")
        picture = window.grab()
        window.setUpdatesEnabled(False)
        asked = self._robot.question()
        if asked is not None and asked.isWindow():
            self._lay_over(picture, asked, window.mapToGlobal(QPoint(0, 0)))
        path = self._folder / f"{language()}-{name}.png"
        if not picture.save(str(path), "PNG", 80):
            raise TourFailed(f"the picture {path.name} was not saved")
        self.names.add(path.name)

    def _lay_over(self, picture: QPixmap, dialog: QDialog, origin: QPoint) -> None:
        painter = QPainter(picture)
        painter.fillRect(picture.rect(), _SHADE)
        room, size = picture.rect(), dialog.size()
        at = dialog.mapToGlobal(QPoint(0, 0)) - origin
        if not room.contains(at) or not room.contains(at + QPoint(size.width(), size.height())):
            at = QPoint(
                max(0, (room.width() - size.width()) // 2), max(0, (room.height() - size.height()) // 2)
            )
        painter.drawPixmap(at, dialog.grab())
        painter.end()

    def both(self, name: str, again: Callable[[], None] | None = None) -> None:
        """Take a picture in both languages. `again` brings back what a change of language takes away."""
        with self.each_language() as langs:
            for _lang in langs:
                if again is not None:
                    again()
                self.shot(name)

    @contextmanager
    def each_language(self) -> Iterator[Iterator[Lang]]:
        """Speak one language after the other, then the first again."""
        first = language()

        def speak() -> Iterator[Lang]:
            for lang in (first, *(other for other in LANGS if other != first)):
                self._speak(lang)
                yield lang

        try:
            yield speak()
        finally:
            self._speak(first)

    def _speak(self, lang: Lang) -> None:
        if language() != lang:
            self._desk.choose_language(lang)
            self._robot.settle()

    # --- moments of the story --------------------------------------------------------------------------------

    def watch(self, step: Step) -> None:
        """Take the pictures of the first infusion while it happens."""
        if step.subject != WHOLE or step.n != 1 or (step.key is not None and str(step.key) not in FIRST):
            return
        points = [row.get("ivs_point") for row in step.rows.get("flow", ())]
        match step.do, points:
            case "enter", [] if "recv_dtm" in step.values:
                self._steps(("checks",))
            case "enter", [] if "inf_bag_scan" in step.values:
                self._steps(GUIDE)
            case "enter", ["T0"]:
                self.both("infusion-ready")
                self.both("worklist-infusion", lambda: self._desk.go("worklist"))
                self._desk.go("infusion", subject=WHOLE, n=1)
            case "start", _:
                self.both("infusion-started")
            case "enter", ["UNS"]:
                self.both("infusion-reaction")
            case "pause", _:
                self.both("infusion-paused")
            case "end", _:
                self.both("infusion-ended")
            case "enter", ["EOI"]:
                self.both("infusion-volumes")
            case _:
                pass

    def _steps(self, names: tuple[str, ...]) -> None:
        """Take the guide to the start, step by step."""
        with self.each_language() as langs:
            for _lang in langs:
                for name in names:
                    self._robot.click(f"step_{name}_show")
                    self.shot(f"guide-{name}")

    # --- every page ------------------------------------------------------------------------------------------

    def album(self, forms: FormHand) -> None:
        """Take every page, as the person sees it who is at work, in both languages."""
        with self.each_language() as langs:
            for _lang in langs:
                self._pages()
                self._forms(forms)
                self._small()
                self._pad()
        self._night()

    def _pages(self) -> None:
        self._page("worklist", "worklist")
        self._page("participants", "choose", then="participant")
        self._page("participant", "participant", subject=WHOLE)
        self._robot.bring("course_card")
        self.shot("participant-trends")
        self._page("participant-running", "participant", subject=RUNNING)
        self._page("participant-failed", "participant", subject=FAILED)
        self._page("infusion-running", "infusion", subject=RUNNING)
        self._page("infusion-after", "infusion", subject=WHOLE, n=1)
        self._page("consent", "consent", subject=RUNNING)
        self._page("eligibility-decided", "eligibility", subject=RUNNING)
        self._page("sampling-whole", "sampling", subject=WHOLE)
        self._page("review", "review", subject=WHOLE)
        self._page("settings", "settings")

    def _forms(self, forms: FormHand) -> None:
        seen: set[str] = set()
        for key in planned_keys(self._desk.session.state(WHOLE)):
            if key.form in seen or self._desk.session.form(WHOLE, key).status == "empty":
                continue
            seen.add(key.form)
            self._desk.go("form", subject=WHOLE, key=key)
            self._robot.settle()
            forms.show_section(forms.sections()[0])
            self.shot(f"form-{key.form}")
        for key in IN_FULL:
            self._desk.go("form", subject=WHOLE, key=key)
            self._robot.settle()
            for section in forms.sections():
                forms.show_section(section)
                self.shot(f"form-{key.form}-{section.strip('#')}")
        self._desk.go("form", subject=FAILED, key=SERIOUS, item="sae_reported_dtm")
        self.shot("form-F14-sae")

    def _small(self) -> None:
        window = self._robot.window
        size = window.size()
        window.resize(*SMALL)
        self._page("small-worklist", "worklist")
        self._page("small-participant", "participant", subject=WHOLE)
        self._page("small-form", "form", subject=WHOLE, key=IN_FULL[0], item="abg_pao2")
        self._page("small-infusion", "infusion", subject=RUNNING)
        self._page("small-consent", "consent", subject=RUNNING)
        self._page("small-eligibility", "eligibility", subject=RUNNING)
        self._page("small-sampling", "sampling", subject=WHOLE)
        self._page("small-print", "print", subject=WHOLE)
        window.resize(size)
        self._robot.settle()

    def _pad(self) -> None:
        self._desk.go("form", subject=WHOLE, key=IN_FULL[0], item="abg_pao2")
        self._robot.settle()
        self._robot.key(Qt.Key.Key_F7)
        self.shot("number-pad")
        self._robot.key(Qt.Key.Key_F7)

    def _night(self) -> None:
        """Take the pages of a night shift; the light is changed twice, because that makes every page anew."""
        self._desk.go("worklist")
        self._robot.settle()
        self._robot.key(Qt.Key.Key_F9)
        try:
            with self.each_language() as langs:
                for _lang in langs:
                    self._page("night-worklist", "worklist")
                    self._page("night-infusion", "infusion", subject=RUNNING)
                    self._page("night-form", "form", subject=WHOLE, key=IN_FULL[0], item="abg_pao2")
            self._desk.go("worklist")
            self._robot.settle()
        finally:
            self._robot.key(Qt.Key.Key_F9)
            self._robot.settle()

    def small(self, name: str) -> None:
        """Take a picture of what is shown as a ward laptop shows it."""
        window = self._robot.window
        size = window.size()
        window.resize(*SMALL)
        self.shot(name)
        window.resize(size)
        self._robot.settle()

    def _page(self, name: str, page: str, **what: object) -> None:
        self._desk.go(page, **what)
        self.shot(name)

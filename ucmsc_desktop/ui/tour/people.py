"""Who is at the laptop: the first set-up, the accounts, signing in, the first password, locking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLineEdit, QPlainTextEdit

from ucmsc_desktop.i18n import Lang, language
from ucmsc_desktop.session.story import Person
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox

TEMPORARY = (
    "first-day-paper-lantern-{n}"  # what the administrator tells a new person; changed at the first sign-in
)


class People:
    """Brings persons to the window and takes them away."""

    def __init__(self, robot: Robot, desk: Desk) -> None:
        self._robot = robot
        self._desk = desk
        self._first: dict[str, str] = {}  # temporary passwords that are not changed yet
        self.sign_ins = 0
        self.clocks_compared = 0
        self.clock_asked: Callable[[], None] | None = None  # told once, when the clock is asked about
        self.first_time: Callable[[], None] | None = None  # told once, when a first password is to be changed

    # --- set-up ----------------------------------------------------------------------------------------------

    def next(self) -> None:
        """Press the main button of the set-up page."""
        self._robot.click("set_up_next")
        self._robot.settle()
        error = self._robot.seen("set_up_error")
        if error is not None:
            raise TourFailed(f"the set-up refuses the answers of {self.page()}")

    def page(self) -> str:
        """Give the words over the set-up page."""
        from PySide6.QtWidgets import QLabel

        return self._robot.see("set_up_title", QLabel).text()

    def answer_administrator(self, person: Person) -> None:
        """Fill in who looks after the accounts."""
        self._robot.fill("set_up_name", person.name)
        self._robot.fill("set_up_user", person.user)
        self._robot.fill("set_up_password", person.password)
        self._robot.fill("set_up_password_again", person.password)

    def make_ward(self) -> str:
        """Press the button that makes the ward; give the recovery sheet as it stands on the screen."""
        self._robot.click("set_up_next")
        self._robot.wait(lambda: self._robot.seen("set_up_sheet") is not None, "the set-up")
        return self._robot.see("set_up_sheet", QPlainTextEdit).toPlainText()

    def save_sheet(self, path: Path) -> None:
        """Save the recovery sheet into a file, through the dialog for files."""
        self._robot.click("set_up_save_sheet")
        choose_file(self._robot, path)
        if not path.is_file():
            raise TourFailed("the recovery sheet was not saved")

    # --- accounts --------------------------------------------------------------------------------------------

    def add(self, person: Person) -> None:
        """Add an account on the settings page, with a temporary password."""
        robot = self._robot
        temporary = TEMPORARY.format(n=len(self._first) + 31)
        robot.fill("account_user", person.user)
        robot.fill("account_name", person.name)
        robot.choose(robot.see("account_role", ChoiceBox), person.role)
        robot.fill("account_password", temporary)
        robot.click("account_add")
        robot.settle()
        if not any(a.user == person.user for a in self._desk.session.people.all()):
            raise TourFailed(f"{person.user} was not added; {robot.scene()}")
        self._first[person.user] = temporary

    def is_new(self, user: str) -> bool:
        """Say whether a person still has the password that the administrator chose, with which nobody may sign."""
        return user in self._first

    # --- coming and going ------------------------------------------------------------------------------------

    def sign_in(self, person: Person) -> None:
        """Sign a person in; the first time they choose a password of their own."""
        robot = self._robot
        temporary = self._first.pop(person.user, "")
        self.enter_password(person.user, temporary or person.password)
        robot.wait(lambda: self._desk.is_signed_in, f"the sign-in of {person.user}")
        self.sign_ins += 1
        robot.window.idle.stop()  # nobody is slow here, and its watch would look at every event
        if self._desk.session.account.user != person.user:
            raise TourFailed(f"{person.user} signed in and somebody else is at work")
        if temporary:
            self._change_password(temporary, person.password)
        self.answer_clock()

    def answer_clock(self) -> None:
        """Say that the clock on the wall shows the same, where that is asked."""
        if self._robot.seen("clock_yes") is not None:
            if self.clock_asked is not None:
                self.clock_asked()
                self.clock_asked = None
            self._robot.click("clock_yes")
            self._robot.settle()
            self.clocks_compared += 1

    def enter_password(self, user: str, password: str) -> None:
        """Choose a user, type a password, press the button."""
        robot = self._robot
        robot.choose(robot.see("sign_in_user", ChoiceBox), user)
        robot.fill("sign_in_password", password)
        robot.click("sign_in_go")

    def _change_password(self, old: str, new: str) -> None:
        robot = self._robot
        if not self._desk.session.must_change_password:
            raise TourFailed("a temporary password is not asked to be changed")
        if self.first_time is not None:
            self.first_time()
            self.first_time = None
        for name, text in (("password_old", old), ("password_new", new), ("password_again", new)):
            robot.fill(name, text)
        robot.click("password_change")
        robot.settle()
        if self._desk.session.must_change_password:
            raise TourFailed(f"the password was not changed; {robot.scene()}")

    def lock(self) -> None:
        """Lock the screen by F12."""
        if self._desk.is_signed_in:
            self._robot.key(Qt.Key.Key_F12)
            self._robot.settle()
        if self._desk.is_signed_in or self._robot.seen("sign_in_go") is None:
            raise TourFailed("F12 did not lock the screen")

    def speak_at_sign_in(self, lang: Lang) -> None:
        """Choose the language on the sign-in page."""
        if language() != lang:
            self._robot.click("sign_in_language")
            self._robot.settle()
        if language() != lang:
            raise TourFailed(f"the sign-in page does not speak {lang}")


def choose_file(robot: Robot, path: Path) -> None:
    """Type a path into the dialog for files that is open, and accept it."""
    dialog = robot.question()
    if not isinstance(dialog, QFileDialog):
        raise TourFailed(f"no dialog for files is open; {robot.scene()}")
    line = dialog.findChild(QLineEdit, "fileNameEdit")
    if line is None:
        raise TourFailed("the dialog for files has no line for a name")
    robot.click(line)
    robot.retype(str(path))
    box = dialog.findChild(QDialogButtonBox)
    if box is None:
        raise TourFailed("the dialog for files has no buttons")
    accept = next(b for b in box.buttons() if box.buttonRole(b) == QDialogButtonBox.ButtonRole.AcceptRole)
    for _try in range(
        20
    ):  # while the dialog looks the folder up, its button opens the folder in place of saving
        popup = QApplication.activePopupWidget()
        if popup is not None:
            popup.close()  # the list of names that it offers to complete
        robot.click(accept)
        QTest.qWait(20)
        if robot.question() is not dialog:
            return
    raise TourFailed(f"the dialog for files does not take {path}")

"""Scenes that do not belong to the story: refusals, questions, dialogs. Each is played, photographed and taken back.

Nothing of it is recorded: whoever plays them sees to it that the log ends where it ended before.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt

from ucmsc_desktop.i18n import LANGS
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session.story import Step
from ucmsc_desktop.study.specimen import LabelCode, tube
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.camera import FAILED, RUNNING, WHOLE, Camera
from ucmsc_desktop.ui.tour.people import People
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed
from ucmsc_desktop.ui.tour.scan_hand import ScanHand

GAS = FormKey("F9", "SCR")
BASELINE = "BL"


class Scenes:
    """Plays the scenes at the window of the person at work."""

    def __init__(self, robot: Robot, desk: Desk, camera: Camera, scans: ScanHand) -> None:
        self._robot = robot
        self._desk = desk
        self._camera = camera
        self._scans = scans
        self._played = False

    def watch(self, step: Step) -> None:
        """Play them at their moments, when nobody is on the drip."""
        if not self._played and (step.subject, step.do, str(step.key)) == (FAILED, "sign", "F1/SCR/1"):
            self._played = True
            self._in_both(self._play)
        if step.subject == RUNNING and "recv_dtm" in step.values:
            self._in_both(self._wrong_labels)

    def _in_both(self, play: Callable[[], None]) -> None:
        """Play in both languages. Raises: TourFailed where the log ends elsewhere than it did before."""
        before = len(self._desk.session.audit())
        with self._camera.each_language() as langs:
            for _lang in langs:
                play()
        if len(self._desk.session.audit()) != before:
            raise TourFailed("a scene left an entry in the log")

    def _play(self) -> None:
        self._refused()
        self._asked("250", "dialog-confirm")
        self._asked("115", "dialog-reason")
        self._history()
        self._incomplete()
        self._sign()
        self._keys()
        self._start_refused()
        self._desk.go("worklist")
        self._robot.settle()

    def _open(self, item: str) -> None:
        self._desk.go("form", subject=FAILED, key=GAS, item=item)
        self._robot.settle()
        self._robot.click(item)

    def _refused(self) -> None:
        self._open("abg_ph")
        self._robot.retype("9.9")
        self._robot.key(Qt.Key.Key_Return)
        self._camera.shot("form-refused")
        self._robot.key(Qt.Key.Key_Escape)
        self._robot.settle()

    def _asked(self, text: str, name: str) -> None:
        self._open("abg_pao2")
        self._robot.retype(text)
        self._robot.key(Qt.Key.Key_Return)
        self._camera.shot(name)
        self._robot.click("sheet_no")
        self._robot.settle()
        self._open("abg_pao2")
        self._robot.key(Qt.Key.Key_Escape)
        self._robot.settle()

    def _history(self) -> None:
        self._open("abg_pao2")
        self._robot.key(Qt.Key.Key_F4)
        self._camera.shot("form-history")
        self._robot.click("item_not_done")
        self._camera.shot("dialog-not-done")
        self._robot.click("sheet_no")
        self._robot.settle()

    def _incomplete(self) -> None:
        number = max((k.n for k in self._desk.session.state(FAILED).keys("F17")), default=0) + 1
        self._desk.go("form", subject=FAILED, key=FormKey("F17", "LOG", number))
        self._robot.settle()
        self._robot.click("form_continue")
        self._camera.shot("form-incomplete")

    def _sign(self) -> None:
        self._desk.go("participant", subject=FAILED)
        self._robot.settle()
        self._robot.click("sign_F1/SCR/1_reviewed")
        self._camera.shot("dialog-sign")
        self._robot.click("sheet_no")
        self._robot.settle()

    def _keys(self) -> None:
        self._robot.key(Qt.Key.Key_F1)
        self._camera.shot("dialog-keys")
        self._robot.key(Qt.Key.Key_Escape)
        self._robot.settle()

    def _start_refused(self) -> None:
        self._desk.go("infusion", subject=FAILED, n=1)
        self._robot.settle()
        self._robot.click("infusion_start")
        self._camera.shot("infusion-refused")

    def _wrong_labels(self) -> None:
        """Show a tube of another participant, and one whose check character is wrong: neither is filed."""
        self._desk.go("sampling", subject=RUNNING)
        self._camera.shot("sampling")
        self._scans.show(LabelCode(RUNNING).printed)
        self._camera.shot("scan-strip")
        self._scans.show(tube(WHOLE, BASELINE).printed)
        self._camera.shot("stop-other-tube")
        self._camera.small("small-stop")
        self._scans.read_stop()
        right = tube(RUNNING, BASELINE).printed
        self._scans.show(right[:-1] + ("A" if right[-1] != "A" else "B"))
        self._camera.shot("stop-misread")
        self._scans.read_stop()
        if any(s.drawn for s in self._desk.session.sampling.of(RUNNING)):
            raise TourFailed("a wrong label filed a sample")

    # --- at the end ------------------------------------------------------------------------------------------

    def question_while_running(self) -> None:
        """Show how a question is docked while cells are running: STOP stays in reach."""

        def ask() -> None:
            self._desk.go("infusion", subject=RUNNING, n=1)
            self._robot.settle()
            self._robot.click("infusion_vitals")
            self._robot.settle()
            row = self._desk.session.next_row(RUNNING, FormKey("F7", "D0", 1), "flow")
            self._robot.fill(f"ivs_hr.{row}", "185")
            self._robot.click("vitals_save")
            self._robot.settle()

        with self._camera.each_language() as langs:
            for _lang in langs:
                ask()
                self._camera.shot("infusion-question")
                self._robot.click("sheet_no")
                self._robot.settle()
                self._robot.click("vitals_later")
                self._robot.settle()

    def locked(self, people: People, user: str) -> None:
        """Show the locked screen with the clock of the infusion, and a wrong password, in both languages."""
        people.lock()
        for lang in LANGS:
            people.speak_at_sign_in(lang)
            self._camera.shot("locked")
            people.enter_password(user, "not-the-password-of-anybody")
            self._robot.wait(
                lambda: self._robot.seen("sign_in_error") is not None, "a wrong password to be refused"
            )
            self._camera.shot("sign-in-refused")

"""A night at the bedside, worked by hand on the real window: keys, mouse and scanner, a clock that stands still.

Used twice in one story: by a child process that is killed in the middle, and by the test that goes on after it. Every press
is written down with the clock at that moment, in a file that outlives the process. All persons are invented.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget

from ucmsc_desktop import age
from ucmsc_desktop.ledger.keys import TRAINING
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session, Ward
from ucmsc_desktop.session.story import Player, Story, read_story
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.study.values import Value
from ucmsc_desktop.ui import app as ui_app
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.infusion.action_pad import ActionPad
from ucmsc_desktop.ui.infusion.ask_card import AskCard
from ucmsc_desktop.ui.infusion.fact_lines import FactLines
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.pages.infusion import InfusionPage
from ucmsc_desktop.ui.tour.answers import Answers
from ucmsc_desktop.ui.tour.robot import Robot

SUBJECT = "01-001"
READY = "2026-03-02T07:12+08:00"  # consent, eligibility, baseline: all by the story of the training ward
SHIFT = Qt.KeyboardModifier.ShiftModifier
PRODUCT = {
    "prod_name": "Demo UC-MSC suspension",
    "prod_lot": "DEMO-L-0301",
    "prod_donor": "DEMO-UC-07",
    "prod_manuf": "Demo Cell Laboratory",
    "prod_coa_no": "COA-0301",
    "prod_passage": "4",
    "prod_form": "FRESH",
    "prod_total_cells": "40.0",
    "prod_conc": "0.80",
    "prod_viab": "92",
    "prod_viab_method": "TRYPAN",
    "prod_cd_pos": "PASS",
    "prod_sterility": "PASS",
    "prod_myco": "PASS",
    "prod_endotoxin": "<0.25",
    "prod_volume": "50",
    "prod_vehicle": "NS",
    "prod_dmso_pct": "0",
    "prod_hsa_pct": "1",
}
RECEIPT = {
    "ship_logger_id": "LOG-11",
    "ship_temp_min": "3.2",
    "ship_temp_max": "5.6",
    "recv_by": "nurse.alpha",
    "recv_bag_ok": "Y",
    "recv_label_ok": "Y",
    "recv_clump": "N",
    "prep_wash": "N",
    "prep_dilute": "N",
}
DRAW = {
    "cyt_done": "Y",
    "cyt_draw_site": "VENI",
    "cyt_inf_line": "N",
    "cyt_tube": "EDTA",
    "cyt_tube_lot": "EDTA-77",
    "cyt_vol": "3",
    "cyt_hold_cond": "ICE",
}
CALM = {
    "ivs_hr": "94",
    "ivs_sbp": "122",
    "ivs_dbp": "71",
    "ivs_rr": "24",
    "ivs_spo2": "95",
    "ivs_rsup": "HFNC",
    "ivs_o2flow": "50",
    "ivs_fio2": "0.40",
    "ivs_rhythm": "SR",
    "ivs_agents": ["NONE"],
    "ivs_symptoms": ["NONE"],
}


def make_ward(folder: Path) -> None:
    """Fill a ward with the story up to the evening of the first infusion."""
    story = read_story()
    clock = FrozenClock(story.start)
    player = Player(Ward(folder, clock, load_study(), kdf_floor=TRAINING), clock, story)
    player.set_up(age.new_identity()[1])
    player.play(datetime.fromisoformat(READY))


class Night:
    """The window of one process, and the hands at it."""

    def __init__(self, folder: Path, log: Path, at: str) -> None:
        app = QApplication.instance()
        self.app = app if isinstance(app, QApplication) else QApplication([])
        ui_app.prepare(self.app)
        self.story: Story = read_story()
        self.clock = FrozenClock(self.story.start)
        self.clock.set(datetime.fromisoformat(at))
        self.desk = Desk(Ward(folder, self.clock, load_study(), kdf_floor=TRAINING))
        self.window = MainWindow(self.desk)
        self.window.resize(1280, 720)
        self.window.show()
        self.robot = Robot(self.app)
        self.robot.take(self.window)
        self.answers = Answers(self.robot, lambda: self.desk.session.account.user)
        self._log = log
        self.n = 1

    def close(self) -> None:
        """Leave the window as a person does at the end of a shift."""
        self.robot.leave()
        self.window.close()
        self.window.deleteLater()
        self.app.processEvents()

    # --- time and people -------------------------------------------------------------------------------------

    def at(self, moment: str) -> None:
        """Let it be a moment; the window's own timer notices."""
        self.clock.set(datetime.fromisoformat(moment))
        page = self.window.work.page if self.window.work is not None else None
        if isinstance(page, InfusionPage):
            page._on_timer_timeout()
        self.robot.settle()

    def note(self, what: str) -> None:
        """Write down a press with the clock of its moment."""
        with self._log.open("a", encoding="utf-8") as file:
            file.write(json.dumps([what, self.clock.at.isoformat()]) + "\n")
            file.flush()

    def password(self, user: str) -> str:
        """Give the password of an invented person."""
        return next(p.password for p in self.story.people if p.user == user)

    def sign_in(self, user: str) -> None:
        """Sign in at the door, by keys."""
        from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox

        self.robot.choose(self.robot.see("sign_in_user", ChoiceBox), user)
        self.robot.fill("sign_in_password", self.password(user))
        self.robot.key(Qt.Key.Key_Return)
        self.robot.wait(lambda: self.window.work is not None, "the session")
        if (same := self.robot.seen("clock_yes")) is not None:
            self.robot.click(same)
            self.robot.settle()

    def lock(self) -> None:
        """Lock the screen by its key."""
        self.robot.key(Qt.Key.Key_F12)
        self.robot.wait(lambda: self.window.work is None, "the lock")

    def go(self, n: int) -> None:
        """Turn to an infusion."""
        self.n = n
        self.desk.go("infusion", subject=SUBJECT, n=n)
        self.robot.settle()

    @property
    def session(self) -> Session:
        return self.desk.session

    @property
    def key(self) -> FormKey:
        return FormKey("F7", f"D{self.n - 1}", self.n)

    @property
    def product(self) -> FormKey:
        return FormKey("F6", f"D{self.n - 1}", self.n)

    # --- what others record elsewhere -----------------------------------------------------------------------

    def delivered(self, user: str, key: FormKey, values: Mapping[str, Any], *, sign: str = "") -> None:
        """Record what is not the bedside's: the certificate of the laboratory, the drawn blood; sign where it is asked."""
        session = self.desk.ward.sign_in(user, self.password(user))
        form = session.study.forms[key.form]
        cells: dict[Cell, Value | None] = {Cell(k): typed_value(form.by_id[k], v) for k, v in values.items()}
        session.enter(SUBJECT, key, cells, ask=False)
        if sign:
            session.complete(SUBJECT, key)
            session.sign(SUBJECT, key, sign, user, self.password(user))
        session.lock()

    # --- the hands -------------------------------------------------------------------------------------------

    def text(self, name: str) -> str:
        """Read a label."""
        return self.robot.see(name, QLabel).text()

    def facts(self, name: str) -> tuple[str, ...]:
        """Read lines of evidence."""
        return self.robot.see(name, FactLines).texts()

    def click(self, name: str) -> None:
        """Press a button and let the page follow."""
        self.robot.click(self.robot.see(name, QAbstractButton))
        self.robot.settle()

    def big(self, name: str) -> None:
        """Press a big button by the mouse, once it takes presses."""
        self.rested()
        self.click(f"infusion_{name}")
        self.note(f"{self.n} {name}")

    def by_key(self, name: str, key: Qt.Key) -> None:
        """Press a big button by its keys."""
        self.rested()
        self.robot.key(key, SHIFT)
        self.robot.settle()
        self.note(f"{self.n} {name}")

    def rested(self) -> None:
        """Wait until the big buttons take presses again."""
        self.robot.wait(lambda: not self.robot.see("infusion_pad", ActionPad).is_resting, "the big buttons")

    def fill(self, card: str, values: Mapping[str, Any], *, save: bool = True) -> None:
        """Type into a card what it asks, and save it; a question is answered with yes."""
        made = self.robot.see(card, AskCard)
        for name, plain in values.items():
            field = made.cells.field(name) if made.cells is not None else None
            assert field is not None, f"{card} does not ask for {name}"
            assert field.isVisible(), f"{card} hides {name}"
            self.answers.give(field.item, field.row, _typed(field.item, plain), may_scan=False)
            self.robot.settle()
        if save:
            self.click(f"{card}_save")
            self.say_yes()

    def say_yes(self) -> None:
        """Answer what is asked with yes."""
        while (sheet := self.robot.question()) is not None:
            yes = next(b for b in sheet.findChildren(QAbstractButton, "sheet_yes") if b.isVisible())
            self.robot.click(yes)
            self.robot.settle()

    def step(self, name: str) -> None:
        """Turn to a step of the guide."""
        self.click(f"step_{name}_show")

    def scan(self, code: str) -> None:
        """Let the scanner read a code."""
        self.robot.scan(code)
        self.robot.settle()

    def read_stop(self) -> list[str]:
        """Read the full-screen stop and confirm it."""
        screen = self.robot.see("stop_screen")
        said = [self.text(n) for n in ("stop_what", "stop_expected", "stop_scanned")]
        timer = screen.findChild(QTimer, options=Qt.FindChildOption.FindDirectChildrenOnly)
        assert timer is not None
        self.robot.wait(lambda: not timer.isActive(), "the stop to take a press")
        self.click("stop_confirm")
        return said

    def vitals(self, changed: Mapping[str, Any], *, what: str, save: bool = True) -> None:
        """Record a row of vital signs: opened, typed, saved at this moment."""
        if self.robot.seen("vitals", AskCard) is None:
            self.rested()
            self.click("infusion_vitals")
        self.note(f"{self.n} row {what}")
        self.fill("vitals", {**CALM, **changed}, save=save)

    # --- the steps of the guide ------------------------------------------------------------------------------

    def receive(self, code: str, when: str) -> None:
        """Receive the bag: scanned, then what the label and the logger say."""
        self.step("bag")
        self.scan(code)
        self.fill("step_bag", {"recv_dtm": when, **RECEIPT})

    def confirm(self, items: tuple[str, ...]) -> None:
        """Confirm checks, one tap each."""
        self.step("checks")
        for item in items:
            self.click(f"{item}:Y")
            self.say_yes()

    def compare(self) -> None:
        """Confirm the five lines of the double check."""
        self.step("bedside")
        for item in ("coi_subject", "coi_bag", "coi_lot", "coi_dose", "coi_expiry"):
            self.click(f"{item}:Y")

    def verify(self, first: str, second: str) -> None:
        """Let two people sign, each with their own password."""
        from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox

        self.step("verify")
        for number, user in ((1, first), (2, second)):
            self.robot.choose(self.robot.see(f"verify_person_{number}", ChoiceBox), user)
        for number, user in ((1, first), (2, second)):
            self.robot.fill(f"verify_password_{number}", self.password(user))
            self.click(f"verify_sign_{number}")
            if number == 1:
                self.note(f"{self.n} verified")

    def visible(self, name: str) -> bool:
        """Say whether something is in sight."""
        return any(w.isVisible() for w in self.window.findChildren(QWidget, name))


def _typed(item: Any, plain: Any) -> Value:
    value = typed_value(item, plain)
    assert value is not None
    return value


def presses(log: Path) -> dict[str, datetime]:
    """Read what was pressed when; a press of the same name once more counts from there."""
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return {what: datetime.fromisoformat(at) for what, at in lines}

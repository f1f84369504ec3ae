"""The tour from beginning to end: set-up, story, papers, export, the centre, pictures, report.

Everything a person would do at the screen goes through the window; only the centre, which has no window, is asked
directly. The first thing that is not as the story says ends the tour with a picture of it.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QMessageLogContext, Qt, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from ucmsc_desktop import age
from ucmsc_desktop.durable import write_file_durably
from ucmsc_desktop.errors import DataFolderUnusable
from ucmsc_desktop.i18n import Text, set_language
from ucmsc_desktop.ledger.keys import FLOOR, TRAINING, KdfParams
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.session.centre import KEY_FILE, Centre
from ucmsc_desktop.session.story import Story, read_story
from ucmsc_desktop.session.ward import Ward
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.model import Study
from ucmsc_desktop.ui import app as ui_app
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.camera import Camera
from ucmsc_desktop.ui.tour.door import Door, Keys
from ucmsc_desktop.ui.tour.moments import Moments
from ucmsc_desktop.ui.tour.papers import Papers, reconcile
from ucmsc_desktop.ui.tour.people import People
from ucmsc_desktop.ui.tour.report import write_report
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed
from ucmsc_desktop.ui.tour.scenes import Scenes
from ucmsc_desktop.ui.tour.shift import Shift
from ucmsc_desktop.ui.tour.walk import Walk

NURSE, NEXT = "nurse.alpha", "nurse.beta"
_SIZE = (1280, 800)
_NOT_EMPTY = Text("it holds other files", "其中有其他文件")
_PLUGIN = "This plugin does not support"  # said by the screen that is none; it means nothing


class Witness:
    """Notes what must not happen: a socket, a warning of Qt. Python tells of every socket, whichever library makes it."""

    def __init__(self) -> None:
        self.sockets: list[str] = []
        self.warnings: list[str] = []
        sys.addaudithook(self._on_event)

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        local = event == "socket.__new__" and int(arguments[1]) not in (
            2,
            10,
            23,
            30,
        )  # IPv4, IPv6 on all systems
        if event in ("socket.__new__", "socket.connect", "socket.getaddrinfo") and not local:
            self.sockets.append(event)

    def on_message(self, kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
        """Take a message of Qt."""
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) and not text.startswith(_PLUGIN):
            self.warnings.append(text)


@dataclass(frozen=True, slots=True)
class Stage:
    """What the whole tour works with."""

    out: Path
    study: Study
    story: Story
    clock: FrozenClock
    centre: Centre
    keys: Keys
    app: QApplication
    say: Callable[[str], None]


def tour(out: Path, *, floor: KdfParams = FLOOR, say: Callable[[str], None] = print) -> int:
    """Make the tour into a folder, which is emptied first if a tour made it; give the exit status.

    `floor`: what a password guess costs; cheap keys are for tests. Raises: DataFolderUnusable when the folder holds
    something else.
    """
    began = time.perf_counter()
    witness = Witness()
    out = out.resolve()  # a dialog for files would take a relative name for one of the home folder
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # the same pictures with a display and without
    _empty(out)
    before = qInstallMessageHandler(witness.on_message)
    try:
        facts = _make(_stage(out, say), floor)
    except TourFailed as fault:
        print(f"UC-900 {fault}", file=sys.stderr)  # noqa: T201 - the answer of a command
        return 1
    finally:
        qInstallMessageHandler(before)
        sys.excepthook = sys.__excepthook__
    facts["sockets_opened"] = len(witness.sockets)
    facts["warnings_of_qt"] = witness.warnings
    facts["seconds"] = round(time.perf_counter() - began, 1)
    write_report(out, facts)
    say(f"{facts['seconds']} s: {out}")
    return 1 if witness.sockets or witness.warnings or not facts["reconciliation"]["agrees"] else 0


def _empty(out: Path) -> None:
    """Make an empty folder; only what a tour made is removed. Raises: DataFolderUnusable."""
    mark = out / ".tour"
    if out.exists() and any(out.iterdir()):
        if not mark.is_file():
            raise DataFolderUnusable(folder=str(out), reason=_NOT_EMPTY)
        shutil.rmtree(out)
    for name in ("sync", "exports", "screens"):
        (out / name).mkdir(parents=True)
    mark.touch()
    (out / "exports" / "README.txt").write_text("Data exports come in a later release.\n", encoding="utf-8")


def _stage(out: Path, say: Callable[[str], None]) -> Stage:
    study, story = load_study(), read_story()
    clock = FrozenClock(story.start)
    centre = Centre.init(out / "centre", study, clock)
    shutil.copyfile(out / "centre" / KEY_FILE, out / "centre-key.txt")
    secret, recovery = age.new_identity()
    write_file_durably(out / "recovery-key.txt", f"# public key: {recovery}\n{secret}\n".encode())
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else ui_app.make_application(["ucmsc-desktop"])
    ui_app.prepare(app)
    return Stage(out, study, story, clock, centre, Keys(centre.public_key, recovery), app, say)


def _make(stage: Stage, floor: KdfParams) -> dict[str, Any]:
    robot = Robot(stage.app)
    sys.excepthook = robot.note_fault
    try:
        stage.say("set-up in Chinese, on a ward that is thrown away")
        _rehearse(stage, robot)
        set_language("en")
        desk = Desk(Ward(stage.out / "ward", stage.clock, stage.study, kdf_floor=floor), training=True)
        window = ui_app.open_window(stage.app, desk)
        window.resize(*_SIZE)
        robot.take(window)
        try:
            return _play(stage, robot, desk)
        except TourFailed:
            with suppress(TourFailed):
                robot.faults.clear()
                Camera(robot, desk, stage.out / "screens").shot("failed")
            raise
        finally:
            robot.leave()
            window.close()
    finally:
        stage.centre.close()


def _rehearse(stage: Stage, robot: Robot) -> None:
    """Walk through the set-up in Chinese."""
    folder = stage.out / "rehearsal"
    desk = Desk(Ward(folder, stage.clock, stage.study, kdf_floor=TRAINING), training=True)
    window = ui_app.open_window(stage.app, desk)
    window.resize(*_SIZE)
    robot.take(window)
    camera = Camera(robot, desk, stage.out / "screens")
    try:
        Door(robot, desk, People(robot, desk), camera).set_up(
            stage.story, stage.keys, "zh", folder / "sheet.txt"
        )
    finally:
        robot.leave()
        window.close()
    shutil.rmtree(folder)


def _play(stage: Stage, robot: Robot, desk: Desk) -> dict[str, Any]:
    out, say, story = stage.out, stage.say, stage.story
    people = People(robot, desk)
    camera = Camera(robot, desk, out / "screens")
    papers = Papers(robot, desk, camera)
    say("set-up: the administrator, the centre's keys, the staff")
    door = Door(robot, desk, people, camera)
    on_sheet = door.set_up(story, stage.keys, "en", out / "recovery-sheet.txt")
    people.first_time = lambda: camera.both("first-password")
    people.clock_asked = lambda: camera.both("clock-question")
    door.add_staff(story)
    walk = Walk(robot, desk, people, stage.clock, story)
    scenes = Scenes(robot, desk, camera, walk.scans)
    moments = Moments(robot, desk, camera, walk, out)
    walk.watchers += [camera.watch, scenes.watch]
    say(f"the story: {len(story.steps)} steps typed into the window")
    walk.walk()
    stage.clock.set(story.steps[-1].at + timedelta(minutes=11))
    nurse, next_nurse = (next(p for p in story.people if p.user == user) for user in (NURSE, NEXT))
    walk.bring(nurse)
    say("the shift is handed over")
    Shift(robot, desk, camera, stage.clock).hand_over(nurse, next_nurse, out)
    say("papers, and the sealed file for the centre")
    made = papers.print_all(out)
    sealed = papers.export(out / "sync")
    papers.save_public_key(out / "device.pub")
    if (out / "device.pub").read_text(encoding="utf-8") != on_sheet:
        raise TourFailed("the recovery sheet and device.pub show different keys")
    stage.centre.register(on_sheet, story.device_label)
    agreement = reconcile(
        desk.session, stage.centre, stage.centre.import_files(sealed), out / "reconciliation.txt"
    )
    say("every page in both languages")
    camera.album(walk.forms)
    scenes.question_while_running()
    verified = desk.session.verify()
    scenes.locked(people, NURSE)
    return {
        "clock": {"first": story.start.isoformat(), "last": stage.clock.at.isoformat()},
        "done": {
            "steps": walk.done,
            "values_compared": walk.proof.compared,
            "forms_completed": walk.completed,
            "signatures": walk.signatures,
            "rows_of_vital_signs": walk.bedside.rows,
            "questions_confirmed": walk.forms.confirmed,
            "reasons_given": walk.forms.reasons,
            "gaps_explained": walk.forms.gaps,
            "codes_scanned": robot.scans,
            "infusions_prepared_in_the_guide": walk.guide.prepared,
            "samples_filed_by_two_scans": walk.scans.filed,
            "keys": robot.keys,
            "clicks": robot.clicks,
            "sign_ins": people.sign_ins,
            "clocks_compared": people.clocks_compared,
            "said_of_exactly_200": moments.said_at_the_edge,
            "accounts_added_on_the_settings_page": len(story.people) - 1,
            "entries": verified.events,
        },
        "reached_by_address_only": walk.ways.by_address,
        "log_holds": verified.holds,
        "reconciliation": agreement,
        "papers": {**made, **moments.reports},
        "staff": {p.user: {"name": p.name, "role": p.role, "password": p.password} for p in story.people},
    }

"""The tour from beginning to end: set the ward up, walk the story, export, import at the centre, print, take pictures.

Everything a person would do at the screen goes through the window; the centre and the papers go through the use cases
that the command line calls. Ends with report.json; raises at the first thing that is not as the story says.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication

from ucmsc_desktop import age
from ucmsc_desktop.durable import write_file_durably
from ucmsc_desktop.errors import DataFolderUnusable
from ucmsc_desktop.i18n import LANGS, Text
from ucmsc_desktop.ledger.keys import FLOOR, KdfParams
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import Event, FormKey
from ucmsc_desktop.session.centre import KEY_FILE, Centre
from ucmsc_desktop.session.session import Session
from ucmsc_desktop.session.story import Story, read_story
from ucmsc_desktop.session.ward import Ward
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.ui import app as ui_app
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.camera import Camera
from ucmsc_desktop.ui.tour.people import People, choose_file
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed
from ucmsc_desktop.ui.tour.walk import Walk
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox

REPORT = "report.json"
_NOT_EMPTY = Text("it holds other files", "其中有其他文件")


class _Network:
    """Counts what tries to reach a network; Python tells of every socket, whichever library makes it."""

    def __init__(self) -> None:
        self.sockets = 0
        sys.addaudithook(self._on_event)

    def _on_event(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in ("socket.getaddrinfo", "socket.connect") or (
            event == "socket.__new__" and int(arguments[1]) in (2, 10, 23, 30)  # IPv4 and IPv6 on all systems
        ):
            self.sockets += 1


def tour(out: Path, *, floor: KdfParams = FLOOR, say: Callable[[str], None] = print) -> int:
    """Make the tour into a folder, which is emptied first if a tour made it; give the exit status.

    Raises: TourFailed, DataFolderUnusable when the folder holds something else, and what any step raises.
    """
    began = time.perf_counter()
    network = _Network()
    _empty(out)
    study, story = load_study(), read_story()
    clock = FrozenClock(story.start)
    centre = Centre.init(out / "centre", study, clock)
    shutil.copyfile(out / "centre" / KEY_FILE, out / "centre-key.txt")
    recovery_secret, recovery = age.new_identity()
    write_file_durably(out / "recovery-key.txt", f"# public key: {recovery}\n{recovery_secret}\n".encode())
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_DontUseNativeDialogs)
    running = QApplication.instance()
    app = running if isinstance(running, QApplication) else ui_app.make_application(["tour"])
    ui_app.prepare(app)
    desk = Desk(Ward(out / "ward", clock, study, kdf_floor=floor), training=True)
    window = ui_app.open_window(app, desk)
    robot = Robot(app)
    robot.take(window)
    people = People(robot, desk)
    camera = Camera(robot, desk, people, out / "screens")
    try:
        say("set-up: the administrator, the centre's keys, the staff")
        _set_up(robot, people, camera, story, centre.public_key, recovery, out)
        walk = Walk(robot, desk, people, clock, story)
        walk.watchers.append(camera.watch)
        say(f"the story: {len(story.steps)} steps typed into the window")
        walk.walk()
        persons = {p.user: p for p in story.people}
        nurse = persons["nurse.alpha"]
        walk.bring(nurse)
        say("export to the stick, import at the centre")
        sealed = _export(robot, desk, camera, out)
        (out / "device.pub").write_text(desk.session.device_public_key(), encoding="utf-8")
        centre.register((out / "device.pub").read_text(encoding="utf-8"), "training laptop")
        imported = centre.import_files(sealed)
        agreement = _reconcile(desk.session, centre, imported[-1].last, out / "reconciliation.txt")
        say("papers")
        papers = _papers(desk.session, out)
        say("pictures of every page in both languages")
        camera.round(nurse, persons["admin"], FormKey("F7", "D0", 1))
        session_events = desk.session.audit()
        desk.lock()
    finally:
        window.close()
        desk.close()
        centre.close()
    report = {
        "story": {
            "first": story.start.isoformat(),
            "last": story.steps[-1].at.isoformat(),
            "steps": len(story.steps),
        },
        "done": {
            "steps": walk.done,
            "values_compared": walk.compared,
            "keys": robot.keys,
            "clicks": robot.clicks,
            "sign_ins": people.sign_ins,
            "signatures": walk.signatures,
            "entries": len(session_events),
        },
        "sockets_opened": network.sockets,
        "reconciliation": agreement,
        "papers": papers,
        "labels": "not made in this release",
        "exports": "data exports come in a later release",
        "screens": sorted(p.name for p in (out / "screens").glob("*.png")),
        "sign_ins": {p.user: p.password for p in story.people},
        "random": "keys, salts, file names of sealed files and so all hashes of entries differ from run to run",
        "sha256": {
            str(p.relative_to(out)): hashlib.sha256(p.read_bytes()).hexdigest()
            for p in sorted([*out.glob("*.*"), *(out / "sync").iterdir()])
            if p.is_file()
        },
        "seconds": round(time.perf_counter() - began, 1),
    }
    (out / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")
    say(f"done in {report['seconds']} s: {out}")
    if network.sockets:
        raise TourFailed("a socket was opened")
    if not agreement["agrees"]:
        raise TourFailed("ward and centre do not agree")
    return 0


def _empty(out: Path) -> None:
    if out.exists() and any(out.iterdir()):
        if not (out / REPORT).is_file() and not (out / ".tour").is_file():
            raise DataFolderUnusable(reason=_NOT_EMPTY)
        shutil.rmtree(out)
    for name in ("sync", "exports", "screens"):
        (out / name).mkdir(parents=True)
    (out / ".tour").touch()  # so that a tour that was cut short can be made again
    (out / "exports" / "README.txt").write_text("Data exports come in a later release.\n", encoding="utf-8")


def _set_up(
    robot: Robot, people: People, camera: Camera, story: Story, centre_key: str, recovery_key: str, out: Path
) -> None:
    camera.shot("set-up-language")
    people.next()
    robot.choose(robot.see("set_up_site", ChoiceBox), "01")
    camera.shot("set-up-site")
    people.next()
    robot.fill("set_up_device_label", story.device_label)
    people.next()
    people.answer_administrator(story.administrator)
    camera.shot("set-up-administrator")
    people.next()
    robot.paste("set_up_centre_keys", centre_key)
    robot.paste("set_up_recovery_key", recovery_key)
    camera.shot("set-up-keys")
    people.make_ward()
    camera.shot("set-up-recovery")
    people.save_sheet(out / "recovery-sheet.txt")
    robot.click("set_up_kept_sheet")
    people.next()
    people.next()
    for lang in reversed(LANGS):
        people.speak_at_sign_in(lang)
        camera.shot("sign-in")
    people.sign_in(story.administrator)
    robot.click("nav_settings")
    robot.settle()
    for person in story.people:
        if person.user != story.administrator.user:
            people.add(person)
    camera.shot("staff")
    people.lock()


def _export(robot: Robot, desk: Desk, camera: Camera, out: Path) -> list[Path]:
    robot.click("nav_sync")
    robot.settle()
    camera.shot("sync-before")
    robot.click("sync_browse")
    choose_file(robot, out / "sync")
    robot.click("sync_export")
    robot.wait(lambda: robot.seen("sync_safe") is not None, "the stick to be safe to remove")
    camera.shot("sync-after")
    return sorted((out / "sync").glob("*.age"))


def _reconcile(session: Session, centre: Centre, last: int, to: Path) -> dict[str, Any]:
    """Write both sides, and say whether they agree on entries, heads, counts and every value that travels."""
    ward = [e for e in session.audit() if e.seq <= last]
    there = centre.reconcile()
    counts: dict[str, int] = {}
    for event in ward:
        if event.subject:
            counts[event.subject] = counts.get(event.subject, 0) + 1
    ours = (len(ward), ward[-1].hash, tuple(sorted(counts.items())))
    theirs = (there.events, there.devices[0][2], there.subjects)
    values = _values(ward) == _values(list(centre.values()))
    lines = ["                  ward / centre"]
    lines.append(f"entries           {ours[0]} / {theirs[0]}")
    lines.append(f"head              {ours[1]} / {theirs[1]}")
    for (subject, here), (_same, at_centre) in zip(ours[2], theirs[2], strict=True):
        lines.append(f"participant {subject} {here} / {at_centre}")
    lines.append(f"values            {'equal, one by one' if values else 'DIFFER'}")
    lines.append(f"chains at centre  {'hold' if there.holds else 'DO NOT HOLD'}")
    to.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return {
        "agrees": ours == theirs and values and there.holds,
        "entries": ours[0],
        "head": ours[1],
        "participants": dict(ours[2]),
        "values_that_travel": len(_values(ward)),
        "values_that_stay": sum(e.site_only and e.value is not None for e in ward),
    }


def _values(events: list[Event]) -> dict[str, str]:
    return {e.hash: e.value for e in events if e.value is not None and not e.site_only}


def _papers(session: Session, out: Path) -> dict[str, Any]:
    made = [session.print_crf(out / f"blank-crf-{lang}.pdf", lang=lang) for lang in LANGS]
    made.append(session.print_casebook(out / "casebook-01-001.pdf", "01-001", lang="en"))
    made.append(session.print_casebook(out / "casebook-01-001-zh.pdf", "01-001", lang="zh"))
    made.append(session.print_casebook(out / "casebook-01-002.pdf", "01-002", lang="en"))
    return {m.path.name: {"pages": m.pages, "sha256": m.sha256} for m in made}

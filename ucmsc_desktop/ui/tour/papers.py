"""What leaves the window: PDFs through the print page, the sealed file through the sync page, and the centre's answer.

The reconciliation compares both sides entry by entry: nothing may be lost, and nothing that stays at the site may travel.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QLabel

from ucmsc_desktop.i18n import Lang
from ucmsc_desktop.record.events import Event
from ucmsc_desktop.session.centre import Centre, Imported
from ucmsc_desktop.session.session import Session
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.printing.order import EVERYBODY
from ucmsc_desktop.ui.tour.camera import RUNNING, WHOLE, Camera
from ucmsc_desktop.ui.tour.people import choose_file
from ucmsc_desktop.ui.tour.preview import is_drawn, make_preview
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox

PAPERS: tuple[tuple[str, str, Lang], ...] = (
    ("blank_all", "blank-crf-en.pdf", "en"),
    ("blank_all", "blank-crf-zh.pdf", "zh"),
    ("casebook", f"casebook-{WHOLE}.pdf", "en"),
    ("casebook", f"casebook-{WHOLE}-zh.pdf", "zh"),
    ("screening", "screening-log.pdf", "en"),
    ("labels", "labels.pdf", "en"),
)
_WHOSE = {"casebook": WHOLE, "labels": EVERYBODY}


class Papers:
    """Prints and exports as the person at work."""

    def __init__(self, robot: Robot, desk: Desk, camera: Camera) -> None:
        self._robot = robot
        self._desk = desk
        self._camera = camera

    def print_all(self, out: Path) -> dict[str, str]:
        """Make every paper on the print page and save it; give what the page says about each."""
        self._robot.click("nav_print")
        self._robot.settle()
        made = {}
        for kind, name, lang in PAPERS:
            self._robot.click(f"print_{kind}")
            self._robot.settle()
            if kind in _WHOSE:
                self._robot.choose(self._robot.see("print_subject", ChoiceBox), _WHOSE[kind])
            if kind == "labels":  # the wristbands too: they are what the tour scans
                self._robot.click("label_kind_participant")
            self._robot.click(f"print_lang_{lang}")
            make_preview(self._robot, self._desk)
            made[name] = self._robot.see("print_state", QLabel).text()
            self._robot.click("print_save")
            self._robot.settle()
            choose_file(self._robot, out / name)
            if not (out / name).is_file():
                raise TourFailed(f"{name} was not saved")
        with self._camera.each_language() as langs:
            for _lang in langs:
                self._desk.go("print", subject=WHOLE)
                self._camera.shot("print")
                make_preview(self._robot, self._desk)
                self._camera.shot("print-preview", partial(is_drawn, self._robot))
                self._desk.go("print", subject=RUNNING, what="labels")
                make_preview(self._robot, self._desk)
                self._camera.shot("print-labels", partial(is_drawn, self._robot))
        return made

    def export(self, folder: Path) -> list[Path]:
        """Export on the sync page; give the sealed files."""
        self._robot.click("nav_sync")
        self._robot.settle()
        self._camera.both("sync-before")
        self._robot.click("sync_browse")
        self._robot.settle()
        choose_file(self._robot, folder)
        self._robot.click("sync_export")
        self._robot.wait(lambda: self._robot.seen("sync_safe") is not None, "the stick to be safe to remove")
        self._camera.both("sync-after")
        return sorted(folder.glob("*.age"))

    def save_public_key(self, path: Path) -> None:
        """Save the laptop's public key for the centre."""
        self._robot.click("sync_save_key")
        self._robot.settle()
        choose_file(self._robot, path)


def reconcile(session: Session, centre: Centre, imported: tuple[Imported, ...], to: Path) -> dict[str, Any]:
    """Write both sides into a file, and say whether entries, heads, counts and every value that travels agree."""
    last = max(i.last for i in imported)
    ward = [e for e in session.audit() if e.seq <= last]
    there = centre.reconcile()
    here = {"entries": len(ward), "head": ward[-1].hash, "participants": _by_subject(ward)}
    heads = [head for device, _seq, head in there.devices if device == session.device]
    centre_side = {
        "entries": there.events,
        "head": heads[0] if heads else "",
        "participants": dict(there.subjects),
    }
    values, arrived = _travelling(ward), _travelling(list(centre.values()))
    agrees = here == centre_side and values == arrived and there.holds and not any(i.error for i in imported)
    lines = [
        f"Device {session.device}, entries 1 to {last}",
        "",
        *_side("ward", here, len(values)),
        "",
        *_side("centre", centre_side, len(arrived)),
        "",
        *(f"file {i.path.name}: {i.first}-{i.last}, {i.new} new, {i.outcome}" for i in imported),
        f"hash chain at the centre {'holds' if there.holds else 'DOES NOT HOLD'}",
        "ward and centre agree, value by value" if agrees else "WARD AND CENTRE DO NOT AGREE",
    ]
    to.write_text("\n".join(lines) + "\n", encoding="utf-8")
    staying = [e for e in ward if e.site_only and e.value is not None]
    return {"agrees": agrees, **here, "values_that_travel": len(values), "values_that_stay": len(staying)}


def _side(name: str, facts: Mapping[str, Any], values: int) -> list[str]:
    counts = [f"{name} participant {s}: {n} entries" for s, n in sorted(facts["participants"].items())]
    return [f"{name} entries {facts['entries']}, values {values}", f"{name} head {facts['head']}", *counts]


def _by_subject(events: list[Event]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for event in events:
        if event.subject:
            counts[event.subject] = counts.get(event.subject, 0) + 1
    return counts


def _travelling(events: list[Event]) -> dict[str, str]:
    return {e.hash: e.value for e in events if e.value is not None and not e.site_only}

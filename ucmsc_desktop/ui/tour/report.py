"""report.json: what was done, what lies in the folder, and what a reader should know about it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import qVersion

from ucmsc_desktop import __version__

REPORT = "report.json"
_NOTES = {
    "people": "everybody here is invented; the passwords are printed so that the ward can be opened",
    "random": "keys, salts and names of sealed files differ from run to run, and with them every hash of an entry, "
    "the head printed in the foot of each page, and so the hashes of the PDFs; nothing else does",
    "labels": "labels.pdf holds those of every participant; its Data Matrix codes are the ones that the tour scanned",
    "sae": "the report of the serious event was printed; this program transmits nothing, a person phones or faxes it",
    "exports": "data exports (ODM, Dataset-JSON, CSV) come in a later release",
    "by_address": "records to which no button leads; they were opened as from the list of tasks",
}


def write_report(out: Path, facts: Mapping[str, Any]) -> None:
    """Write the report beside what it describes."""
    report = {
        "program": __version__,
        "python": platform.python_version(),
        "qt": qVersion(),
        **facts,
        "notes": _NOTES,
        "screens": sorted(p.name for p in (out / "screens").glob("*.png")),
        "files": {name: _file(out / name) for name in _names(out)},
    }
    (out / REPORT).write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _names(out: Path) -> list[str]:
    found = [
        p for p in out.rglob("*") if p.is_file() and p.name not in (".tour", REPORT) and p.suffix != ".png"
    ]
    return sorted(p.relative_to(out).as_posix() for p in found)


def _file(path: Path) -> dict[str, Any]:
    body = path.read_bytes()
    return {"bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}

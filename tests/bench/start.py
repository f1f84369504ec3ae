"""Start: from nothing to a sign-in that takes a password, against a bare window of the same library in the same run."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.generator import Recipe
from tests.bench.measure import ROOT, Options, Row, Times, child_env, copy_of, ratio

GROUP = "start"
RUNS = (4, 12)
READY = "ready"

BARE = """
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
app = QApplication([])
window = QWidget()
window.resize(1280, 800)
QVBoxLayout(window).addWidget(QLineEdit())
window.show()
app.processEvents()
print("ready", flush=True)
"""

OURS = """
import sys
from ucmsc_desktop import cli
from PySide6.QtWidgets import QApplication, QLineEdit

def shown():
    app = QApplication.instance()
    while True:
        app.processEvents()
        fields = [w for w in app.allWidgets() if isinstance(w, QLineEdit) and w.echoMode() == QLineEdit.EchoMode.Password]
        if any(w.isVisible() and w.isEnabled() for w in fields):
            break
    print("ready", flush=True)
    return 0

QApplication.exec = staticmethod(shown)
sys.exit(cli.main(["--data", sys.argv[1]]))
"""


def until_ready(script: str, *arguments: str) -> float:
    """Start a program; give the seconds until it says that it is ready."""
    start = time.perf_counter()
    command = [sys.executable, "-c", script, *arguments]
    with subprocess.Popen(
        command, cwd=ROOT, env=child_env(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stderr is not None
        line = child.stdout.readline().strip()
        seconds = time.perf_counter() - start
        errors = child.stderr.read()
    if line != READY or child.returncode:
        raise RuntimeError(f"the program did not start: {errors[-2000:]}")
    return seconds


def run(options: Options) -> Iterator[Row]:
    """Start both in turn, several times."""
    runs = options.pick(*RUNS)
    with copy_of(Recipe(20, "brief")) as folder:
        data = str(Path(folder) / "ward")
        bare, ours = [], []
        until_ready(BARE)
        until_ready(OURS, data)
        for _ in range(runs):
            bare.append(until_ready(BARE))
            ours.append(until_ready(OURS, data))
    yield Times(tuple(bare)).row(GROUP, "a bare PySide6 window")
    yield Times(tuple(ours)).row(GROUP, "a usable sign-in")
    yield ratio(GROUP, "sign-in / bare window", Times(tuple(ours)), Times(tuple(bare)), 2.5)

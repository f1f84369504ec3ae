"""The running program as a process, seen from outside."""

import subprocess
import sys
from pathlib import Path

import pytest

CODE = """
import ctypes, resource, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from ucmsc_desktop.ui import app as ui_app

def at_work(self=None):
    print("core", resource.getrlimit(resource.RLIMIT_CORE))
    print("dumpable", ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
    print("window", [w.objectName() for w in QApplication.topLevelWidgets() if w.isVisible()])
    print("hook", type(sys.excepthook).__name__)
    return 7

QApplication.exec = at_work
print("status", ui_app.run(Path(sys.argv[1])))
print("after", sys.excepthook is sys.__excepthook__)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="core limits and dumpable are Linux's")
def test_the_program_runs_without_core_dumps_and_ends_clean(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(tmp_path / "ward")],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    said = done.stdout.splitlines()
    assert said == [
        "core (0, 0)", "dumpable 0", "window ['main_window']", "hook BugReporter", "status 7", "after True",
    ], done.stdout + done.stderr  # fmt: skip
    assert not (tmp_path / "ward").exists()  # looking at an empty folder makes nothing

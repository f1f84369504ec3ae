"""The work-around for PySide6 and None: it holds, and it says when it can go."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOSES = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
{first}
from PySide6.QtWidgets import QApplication, QLabel
app = QApplication([])
label = QLabel()
before = sys.getrefcount(None)
for _ in range(2000):
    label.setText("x")
print(before - sys.getrefcount(None), all(sys.getrefcount(o) > 1 << 30 for o in (None, True, False)), flush=True)
os._exit(0)
"""


def run(first: str) -> tuple[int, bool]:
    ran = subprocess.run(
        [sys.executable, "-c", LOSES.format(first=first)], capture_output=True, text=True, check=True
    )
    lost, many = ran.stdout.split()
    return int(lost), many == "True"


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_none_cannot_run_out_while_the_window_is_open() -> None:
    assert run("import ucmsc_desktop.ui")[1]


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_the_work_around_is_still_needed() -> None:
    lost, _many = run("")
    assert lost > 1000, (
        "this PySide6 keeps its references to None: take ui.__init__._keep_singletons_alive out"
    )

"""The tone: played by what there is, never waited for, and its absence said once."""

import sys
import wave
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ucmsc_desktop import paths
from ucmsc_desktop.ui import tone as module
from ucmsc_desktop.ui.tone import Tone

SOUND = paths.resources_dir() / "sounds" / module.SOUND


def test_the_sound_is_short_not_too_loud_and_made_by_this_project(tmp_path: Path) -> None:
    with wave.open(str(SOUND)) as file:
        assert file.getnframes() / file.getframerate() < 1.5
        assert (file.getnchannels(), file.getsampwidth()) == (1, 2)
    scripts = paths.resources_dir().parent / "packaging"
    if not scripts.is_dir():
        pytest.skip("installed without its build scripts")
    sys.path.insert(0, str(scripts))
    try:
        import make_sound
    finally:
        sys.path.remove(str(scripts))
    make_sound.write(tmp_path / "again.wav")
    assert (tmp_path / "again.wav").read_bytes() == SOUND.read_bytes()
    assert 8_000 < max(make_sound.samples()) < 30_000


def player(folder: Path, name: str, *, code: int) -> tuple[str, ...]:
    """A player that writes down what it was given."""
    script = folder / f"{name}.py"
    script.write_text(
        f"import sys\nopen({str(folder / name)!r}, 'a').write(sys.argv[-1])\nsys.exit({code})\n"
    )
    return (sys.executable, str(script))


@pytest.mark.skipif(sys.platform == "win32", reason="plays by winsound there")
def test_the_first_player_plays_the_sound(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> None:
    beeps: list[int] = []
    tone = Tone(commands=[player(tmp_path, "one", code=0)], beep=lambda: beeps.append(1))
    tone.play()
    qtbot.waitUntil(lambda: (tmp_path / "one").exists() and tone._process is None)
    assert (tmp_path / "one").read_text() == str(SOUND)
    assert not beeps
    assert not tone.is_silent


@pytest.mark.skipif(sys.platform == "win32", reason="plays by winsound there")
def test_a_player_that_fails_gives_way_to_the_next_and_then_to_the_beep_said_once(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path
) -> None:
    beeps: list[int] = []
    told: list[int] = []
    broken = [player(tmp_path, "one", code=1), ("/no/such/player",)]
    tone = Tone(commands=broken, beep=lambda: beeps.append(1))
    tone.silent.connect(lambda: told.append(1))
    tone.play()
    qtbot.waitUntil(lambda: bool(told))
    tone.play()
    assert len(beeps) == 2
    assert len(told) == 1
    assert (tmp_path / "one").read_text() == str(SOUND)  # tried once


@pytest.mark.skipif(sys.platform == "win32", reason="plays by winsound there")
def test_playing_does_not_wait_and_can_be_ended(qapp: QApplication, tmp_path: Path) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time\ntime.sleep(60)\n")
    tone = Tone(commands=[(sys.executable, str(slow))])
    tone.play()
    assert tone._process is not None
    tone.play()  # one at a time
    tone.stop()
    assert tone._process is None


def test_without_any_player_there_is_the_beep(qapp: QApplication) -> None:
    beeps: list[int] = []
    tone = Tone(commands=[], beep=lambda: beeps.append(1))
    tone.play()
    assert beeps or sys.platform == "win32"

"""A training ward: a data folder filled with the story of invented people, in every stage of the trial.

It lives in the days of its story: its clock is the computer's, shifted so that it stood at the story's end when the ward
was made, and runs on from there. Its keys are cheap, because there is nothing in it to protect.
"""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the window imports this module before it knows whether it is a training ward
    from ucmsc_desktop.session.ward import Ward

MARK = "training.json"


def training_ward(folder: Path) -> Ward:
    """Give the training ward in a folder; make it first where there is none, which takes some seconds.

    A ward whose making was cut short is made again; a folder with real data is never touched.
    """
    from ucmsc_desktop import age
    from ucmsc_desktop.durable import write_file_durably
    from ucmsc_desktop.ledger.keys import TRAINING
    from ucmsc_desktop.record.clock import FrozenClock, ShiftedClock, SystemClock
    from ucmsc_desktop.session.story import Player, read_story
    from ucmsc_desktop.session.ward import Ward
    from ucmsc_desktop.study.load import load_study

    study = load_study()
    mark = folder / MARK
    if not mark.is_file():
        if not (folder / "making").is_file() and folder.exists() and any(folder.iterdir()):
            return Ward(folder)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        (folder / "making").touch()
        story = read_story()
        clock = FrozenClock(story.start)
        player = Player(Ward(folder, clock, study, kdf_floor=TRAINING), clock, story)
        player.set_up(age.new_identity()[1])
        player.play()
        shift = clock.at - SystemClock(study.timezone).read().at
        write_file_durably(mark, json.dumps({"shift_s": int(shift.total_seconds())}).encode())
        (folder / "making").unlink()
    shift_s = int(json.loads(mark.read_text(encoding="utf-8"))["shift_s"])
    return Ward(folder, ShiftedClock(study.timezone, timedelta(seconds=shift_s)), study, kdf_floor=TRAINING)

"""A small ward for tests: one administrator, two nurses, an investigator, a centre, a clock that stands still."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path

from ucmsc_desktop import age
from ucmsc_desktop.durable import RESERVE_BYTES, RESERVE_NAME
from ucmsc_desktop.ledger.keys import TRAINING
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.session import Session, SetUp, Ward
from ucmsc_desktop.session.centre import Centre
from ucmsc_desktop.study.load import load_study

CHINA = timezone(timedelta(hours=8))
START = datetime(2026, 3, 1, 8, 0, tzinfo=CHINA)
PASSWORDS = {
    "admin": "teal lantern orbit 77 gravel",
    "nurse.alpha": "violet kettle harbour 31 moss",
    "nurse.beta": "amber ladder willow 58 flint",
    "dr.gamma": "indigo saddle meadow 92 quartz",
}
ROLES = {"nurse.alpha": "nurse", "nurse.beta": "nurse", "dr.gamma": "investigator"}


@dataclass
class Bench:
    """A ward with its centre and clock."""

    ward: Ward
    clock: FrozenClock
    centre: Centre
    recovery: str  # the secret half of the centre's recovery key

    def sign_in(self, user: str = "nurse.alpha") -> Session:
        return self.ward.sign_in(user, PASSWORDS[user])


def make_bench(folder: Path) -> Bench:
    """Set a ward and its centre up in a folder: a copy of one that is made once a process, its 32 MB reserve left out."""
    made, recovery_secret = _made()
    shutil.copytree(made, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(RESERVE_NAME))
    hollow_reserve(folder / "ward")
    clock = FrozenClock(START)
    study = load_study()
    ward = Ward(folder / "ward", clock, study, kdf_floor=TRAINING)
    return Bench(ward, clock, Centre.open(folder / "centre", study, clock), recovery_secret)


def hollow_reserve(ward: Path) -> None:
    """Put a hole of the reserve's size in its place, so that no sign-in of a test writes 32 MB."""
    with (ward / RESERVE_NAME).open("wb") as file:
        file.truncate(RESERVE_BYTES)


@cache
def _made() -> tuple[Path, str]:
    folder = Path(tempfile.mkdtemp(prefix="ucmsc-bench-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    clock = FrozenClock(START)
    study = load_study()
    centre = Centre.init(folder / "centre", study, clock)
    recovery_secret, recovery = age.new_identity()
    ward = Ward(folder / "ward", clock, study, kdf_floor=TRAINING)
    ward.set_up(
        SetUp(
            "01",
            "Test laptop",
            "admin",
            "Demo Administrator",
            PASSWORDS["admin"],
            (centre.public_key,),
            recovery,
        )
    )
    centre.close()
    session = ward.sign_in("admin", PASSWORDS["admin"])
    for user, role in ROLES.items():
        session.people.add(user, f"Demo {user}", role, PASSWORDS[user], is_temporary=False)  # type: ignore[arg-type]
    session.lock()
    return folder, recovery_secret

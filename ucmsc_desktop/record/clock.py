"""The only clock: one Protocol with one method, so that a test can stop time."""

from __future__ import annotations

import sys
import time
import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

BACKWARDS = timedelta(minutes=2)
JUMPED = timedelta(minutes=10)
PLAUSIBLE_YEARS = range(2020, 2100)
"""A computer whose clock battery is empty starts in 1970, in 2000 or on its own birthday."""

ZONE = timedelta(hours=8)
"""The trial's zone: China keeps one time and no summer time."""
NEAR = timedelta(minutes=2)
"""So far two clocks may differ without a word: nobody reads a wall clock better."""

Suspicion = Literal["", "backwards", "jumped", "implausible"]


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the clocks: local wall time with its offset, monotonic nanoseconds, and the boot they count from.

    `mono_ns` stands still while the computer sleeps; `slept_ns` is how long it slept since that boot, as far as the
    system tells. `zone` is the offset of the zone the computer itself is set to. Missing: None, then that of `at`.
    """

    at: datetime
    mono_ns: int
    boot: str
    slept_ns: int = 0
    zone: timedelta | None = None

    @property
    def since_boot_ns(self) -> int:
        """The time since the boot, sleep included: what no setting of the clock can change."""
        return self.mono_ns + self.slept_ns

    @property
    def computer_zone(self) -> timedelta:
        """The offset from UTC that the computer is set to."""
        return self.zone if self.zone is not None else self.at.utcoffset() or timedelta(0)


def suspicion(now: Reading, trusted: Reading | None) -> Suspicion:
    """Say why a reading cannot be believed beside an earlier one that was; "" where nothing speaks against it.

    It only flags: no order and no refusal follows from it. A clock set forward while the computer was off cannot be told.
    """
    if now.at.year not in PLAUSIBLE_YEARS:
        return "implausible"
    if trusted is None:
        return ""
    passed = now.at - trusted.at
    if passed < -BACKWARDS:
        return "backwards"
    if now.boot == trusted.boot:
        ran = timedelta(microseconds=(now.since_boot_ns - trusted.since_boot_ns) // 1000)
        if abs(passed - ran) > JUMPED:
            return "jumped"
    return ""


@dataclass(frozen=True, slots=True)
class Flag:
    """What an entry's stamp says about its clock. Units: seconds that the ward clock was ahead of this computer."""

    why: str = ""  # backwards, jumped, implausible, zone, or nothing
    offset_s: int = 0

    def __str__(self) -> str:
        return " ".join(part for part in (self.why, f"{self.offset_s:+d}s" if self.offset_s else "") if part)

    @property
    def is_trusted(self) -> bool:
        """Say whether later readings may be compared with this one: a known offset is no reason for doubt."""
        return self.why in ("", "zone")


def read_flag(text: str) -> Flag:
    """Read what `str(Flag)` wrote; what another version wrote and this one does not know is a reason for doubt."""
    why, offset = "", 0
    for part in text.split():
        if part[0] in "+-" and part[1:-1].isdecimal() and part[-1] == "s":
            offset = int(part[:-1])
        else:
            why = part
    return Flag(why, offset)


class Clock(Protocol):
    """Where the time comes from."""

    def read(self) -> Reading: ...


_PROCESS = uuid.uuid4().hex[:16]


def _boot_id() -> str:
    try:
        return (
            Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip().replace("-", "")[:16]
        )
    except OSError:
        return _PROCESS  # elsewhere monotonic times compare only within one run


def _slept_ns() -> int:
    if sys.platform == "linux":
        counts_sleep = time.CLOCK_BOOTTIME
    elif sys.platform == "darwin":
        counts_sleep = time.CLOCK_MONOTONIC  # it does there, and Python's own monotonic clock does not
    else:
        return 0
    return max(0, time.clock_gettime_ns(counts_sleep) - time.monotonic_ns())


class SystemClock:
    """The computer's clocks, shown in the trial's time zone."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone) if zone != "Asia/Shanghai" else timezone(timedelta(hours=8))
        self._boot = _boot_id()

    def read(self) -> Reading:
        now = datetime.now(self._zone)
        return Reading(now, time.monotonic_ns(), self._boot, _slept_ns(), now.astimezone().utcoffset())


class FrozenClock:
    """A clock that stands still until it is told to move; for tests and the guided tour."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._start = at  # the moment the running clock counts from

    def read(self) -> Reading:
        return Reading(self.at, int((self.at - self._start).total_seconds() * 1e9), "frozen")

    def meddle(self, **interval: float) -> None:
        """Set the wall clock forward or back by hand; the running clock, which nobody can set, does not follow."""
        step = timedelta(**interval)
        self.at += step
        self._start += step

    def advance(self, **interval: float) -> None:
        """Move on by an interval (hours=…, minutes=…, seconds=…)."""
        self.at += timedelta(**interval)

    def set(self, at: datetime) -> None:
        """Jump to a moment."""
        self.at = at


class ShiftedClock:
    """The computer's clock, shifted by a fixed interval: a training ward lives in the days of its story."""

    def __init__(self, zone: str, shift: timedelta) -> None:
        self._system = SystemClock(zone)
        self._shift = shift

    def read(self) -> Reading:
        now = self._system.read()
        return replace(now, at=now.at + self._shift)

"""The only clock: one Protocol with one method, so that a test can stop time."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the clocks: local wall time with its offset, monotonic nanoseconds, and the boot they count from."""

    at: datetime
    mono_ns: int
    boot: str


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


class SystemClock:
    """The computer's clocks, shown in the trial's time zone."""

    def __init__(self, zone: str) -> None:
        self._zone = ZoneInfo(zone) if zone != "Asia/Shanghai" else timezone(timedelta(hours=8))
        self._boot = _boot_id()

    def read(self) -> Reading:
        now = datetime.now(self._zone)
        return Reading(now, time.monotonic_ns(), self._boot)


class FrozenClock:
    """A clock that stands still until it is told to move; for tests and the guided tour."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self._start = at

    def read(self) -> Reading:
        return Reading(self.at, int((self.at - self._start).total_seconds() * 1e9), "frozen")

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
        return Reading(now.at + self._shift, now.mono_ns, now.boot)

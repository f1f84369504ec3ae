"""The ward's time: this laptop's clock, set beside the clock on the wall that the nurse reads.

The stamp of an entry is always the laptop's own time, which no answer of a person changes. What a person reads and types
is ward time: the laptop's time and the difference a person last confirmed, where it is more than two minutes. Every stamp
carries that difference, so each can be told from the other.

The rule a reader would miss: a clock that went back stops entries, not care. One answer (the same, or what the wall
clock says) and all goes on; the moment a big button was pressed before the answer is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.clock import NEAR, ZONE, Clock, Flag, Reading, Suspicion, suspicion
from ucmsc_desktop.record.events import Event

WARD = timezone(ZONE)
KIND = "ClockChecked"
WAITS_NS = 60_000_000_000
"""So long after the answer a press that waited for it is the same press. Units: nanoseconds."""

_WENT_BACK = Text(
    "This laptop's clock went back: it is earlier than the last entry. Nothing can be saved until somebody reads the ward "
    "clock; that is one step.",
    "本机时钟被调回，早于最近一次录入。须先核对病区时钟（只需一步）方可保存。",
)
_IMPLAUSIBLE = Text(
    "This laptop's clock shows an impossible date. Nothing can be saved until somebody reads the ward clock; that is one "
    "step.",
    "本机日期不合理。须先核对病区时钟（只需一步）方可保存。",
)
_STALE = Text(
    "This laptop's clock was {by}, and a new day or a restart lies between. Nothing can be saved until somebody reads the "
    "ward clock; that is one step.",
    "此前核对时本机时钟{by}，其后已过一天或重新启动。须先核对病区时钟（只需一步）方可保存。",
)
_JUMPED = Text(
    "This laptop's clock was changed by more than 10 minutes. Entries go on and are flagged. Read the ward clock.",
    "本机时钟被改动超过10分钟。可继续录入，但会被标记。请核对病区时钟。",
)
_OFFSET = Text(
    "This laptop is {by} ({who}, {at}). Entries are stamped with ward time and note the difference. Have its clock set.",
    "本机时钟{by}（{who} 于 {at} 核对）。记录按病区时间，并注明时差。请校正本机时钟。",
)
_ZONE = Text(
    "This laptop is set to time zone UTC{zone}; ward time (UTC+08:00) is shown and stamped. Have the zone set.",
    "本机时区为 UTC{zone}；程序按北京时间（UTC+08:00）显示和记录。请校正时区。",
)


def difference(offset_s: int) -> Text:
    """Say how the laptop's clock differs from the ward's: "61 min slow", "1 d 2 h fast"."""
    minutes = round(abs(offset_s) / 60)
    days, hours, rest = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days:
        span = Text(f"{days} d {hours} h", f"{days} 天 {hours} 小时")
    elif hours:
        span = Text(f"{hours} h {rest} min", f"{hours} 小时 {rest} 分钟")
    else:
        span = Text(f"{rest} min", f"{rest} 分钟")
    if offset_s > 0:
        return Text(f"{span.en} slow", f"慢 {span.zh}")
    return Text(f"{span.en} fast", f"快 {span.zh}")


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of the laptop with the ward clock. Units: seconds the ward clock was ahead."""

    at: datetime  # of the laptop
    by: str
    offset_s: int
    boot: str
    zone: str  # that the laptop was set to, "+09:00"

    @property
    def correction(self) -> timedelta:
        """What is added to the laptop's time: nothing where the two differ no more than eyes do."""
        offset = timedelta(seconds=self.offset_s)
        return offset if abs(offset) > NEAR else timedelta(0)


def check_of(event: Event) -> Check:
    """Read a comparison from its entry."""
    offset = event.data.get("offset_s", 0)
    return Check(
        event.at,
        event.user,
        offset if isinstance(offset, int) else 0,
        event.boot,
        str(event.data.get("zone", "")),
    )


@dataclass(frozen=True, slots=True)
class ClockState:
    """What there is to say about the clock at a moment. Times in the trial's zone."""

    shown: datetime  # ward time as this program has it: the laptop's with the difference
    last_entry: datetime | None  # by the laptop's clock, the last one whose time was believed
    suspicion: Suspicion
    zone: timedelta | None  # the zone the laptop is set to, where it is another one
    checked: Check | None
    checked_today: bool
    is_stale: bool  # a difference was recorded on another day or before a restart

    @property
    def must_confirm(self) -> bool:
        """Say whether nothing can be saved before somebody has read the ward clock."""
        return self.suspicion in ("backwards", "implausible") or self.is_stale

    @property
    def is_due(self) -> bool:
        """Say whether somebody should read the ward clock now: once a day, and whenever there is doubt."""
        doubt = bool(self.suspicion) or (
            self.zone is not None and (self.checked is None or self.checked.zone != zone_text(self.zone))
        )
        return doubt or self.must_confirm or not self.checked_today

    @property
    def offset_s(self) -> int:
        """The difference that is added. Units: seconds."""
        return int(self.checked.correction.total_seconds()) if self.checked else 0

    def message(self, names: Mapping[str, str]) -> Text | None:
        """Say what is wrong with the clock, what it means and what to do; None where nothing is."""
        if self.suspicion == "backwards":
            return _WENT_BACK
        if self.suspicion == "implausible":
            return _IMPLAUSIBLE
        if self.is_stale:
            return _STALE.fill(by=difference(self.offset_s))
        if self.suspicion == "jumped":
            return _JUMPED
        if self.checked is not None and self.offset_s:
            at = (self.checked.at + self.checked.correction).astimezone(WARD)
            who = names.get(self.checked.by, self.checked.by)
            return _OFFSET.fill(by=difference(self.offset_s), who=who, at=f"{at:%H:%M}")
        if self.zone is not None:
            return _ZONE.fill(zone=zone_text(self.zone))
        return None


def zone_text(offset: timedelta) -> str:
    """Show an offset from UTC: "+09:00"."""
    minutes = int(offset.total_seconds()) // 60
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def offset_of(laptop: datetime, ward: datetime) -> int:
    """Give the difference of two clocks that are both read to the minute. Units: seconds; minutes are whole."""
    first = laptop.replace(second=0, microsecond=0)
    return int((ward.replace(second=0, microsecond=0) - first).total_seconds())


class WardClock:
    """Reads the laptop's clock, knows the last comparison, and judges each reading by the ones before."""

    def __init__(self, clock: Clock, checked: Check | None, trusted: Reading | None) -> None:
        self._clock = clock
        self.checked = checked
        self.trusted = trusted
        self._pressed: dict[str, Reading] = {}
        self._answered: Reading | None = None

    def read(self) -> Reading:
        """Read the laptop's own clocks; the wall time is shown in the trial's zone."""
        found = self._clock.read()
        if found.at.utcoffset() == ZONE:
            return found
        return Reading(
            found.at.astimezone(WARD), found.mono_ns, found.boot, found.slept_ns, found.computer_zone
        )

    def now(self) -> datetime:
        """Give ward time."""
        return self.ward(self.read().at)

    def ward(self, laptop: datetime) -> datetime:
        """Turn a time of the laptop into ward time."""
        return laptop + self._correction

    @property
    def _correction(self) -> timedelta:
        return self.checked.correction if self.checked else timedelta(0)

    def flag(self, reading: Reading) -> Flag:
        """Say what the stamp of an entry must tell of its clock; a reading that is believed becomes the measure."""
        why: str = suspicion(reading, self.trusted)
        if not why:
            self.trusted = reading
            why = "" if reading.computer_zone == ZONE else "zone"
        return Flag(why, int(self._correction.total_seconds()))

    def state(self) -> ClockState:
        """Say how the clock stands now."""
        reading = self.read()
        checked = self.checked
        other = reading.computer_zone if reading.computer_zone != ZONE else None
        today = checked is not None and self._day(checked.at) == self._day(reading.at)
        moved = checked is not None and (checked.boot != reading.boot or not today)
        return ClockState(
            reading.at + self._correction,
            self.trusted.at if self.trusted else None,
            suspicion(reading, self.trusted),
            other,
            checked,
            today,
            moved and bool(self._correction),
        )

    def _day(self, laptop: datetime) -> object:
        return (laptop.astimezone(WARD) + self._correction).date()

    def confirm(self, ward: datetime | None, by: str) -> tuple[Reading, dict[str, Any]]:
        """Take what the ward clock says (None: what this program shows); give the reading and what the entry of it holds."""
        reading = self.read()
        same = int(
            self._correction.total_seconds()
        )  # what is shown is right: with it the difference that was added
        offset = offset_of(reading.at, ward) if ward is not None else same
        why = suspicion(reading, self.trusted)
        self.checked = Check(reading.at, by, offset, reading.boot, zone_text(reading.computer_zone))
        self.trusted = self._answered = reading
        return reading, {"offset_s": offset, "why": why or "asked", "zone": self.checked.zone}

    # --- big buttons ------------------------------------------------------------------------------------------

    def hold(self, action: str) -> None:
        """Keep the moment a button was pressed that has to wait for an answer about the clock; the first press counts."""
        self._pressed.setdefault(action, self.read())

    def moment(self, action: str) -> datetime:
        """Give ward time, or the moment the button was pressed whose press waited for the answer just given.

        A press that was given up keeps nothing: the same button an hour later is another press.
        """
        held, answered = self._pressed.pop(action, None), self._answered
        if held is not None and answered is not None:
            now = self.read()
            if now.boot == answered.boot and now.since_boot_ns - answered.since_boot_ns <= WAITS_NS:
                return held.at + self._correction
            self._pressed.clear()
        return self.now()

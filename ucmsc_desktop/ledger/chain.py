"""Verify the log: every hash, every joint, every commitment, every trigger. It names the first entry that does not hold.

What no local check can see is a cut-off tail or a whole older copy of the file; those show against a page or a sealed
file that carries a later head.
"""

from __future__ import annotations

from dataclasses import dataclass

from ucmsc_desktop.ledger.ledger import Ledger
from ucmsc_desktop.ledger.migrations.r0001_triggers import TRIGGERS
from ucmsc_desktop.record.events import GENESIS, Event, value_holds


@dataclass(frozen=True, slots=True)
class Fault:
    """The first entry of a device that does not hold, and why."""

    device: str
    seq: int
    why: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What the verifier found: entries read, heads per device, faults."""

    events: int
    heads: dict[str, tuple[int, str]]
    faults: tuple[Fault, ...]
    file_faults: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.faults and not self.file_faults


def verify(ledger: Ledger, own: str = "") -> Verified:
    """Verify the whole log and the file it lies in; `own` is the device it belongs to, "" at the centre.

    A value may be absent only where it is site-only and came from another device.
    """
    count = 0
    heads: dict[str, tuple[int, str]] = {}
    faults: list[Fault] = []
    for device in ledger.devices():
        seq, previous = 0, GENESIS
        try:
            for event in ledger.stretch(device, 1):
                count += 1
                why = _why_not(event, device, seq, previous, own)
                if why:
                    faults.append(Fault(device, seq + 1, why))
                    break
                seq, previous = event.seq, event.hash  # computed from the body as it was read
        except (KeyError, TypeError, ValueError):  # the body is no event any more
            faults.append(Fault(device, seq + 1, "body"))
        if not any(f.device == device for f in faults) and seq != ledger.count(device):
            faults.append(Fault(device, seq + 1, "number"))
        heads[device] = (seq, previous)
    file_faults = list(ledger.integrity())
    misfiled = ledger.misfiled() if not faults else None  # it reads bodies, which must be readable
    if misfiled is not None:
        faults.append(Fault(misfiled[0], misfiled[1], "filed"))
    if ledger.stray_values():
        file_faults.append("stray values")
    found = ledger.schema()
    for name, text in TRIGGERS.items():
        if found.get(name) != f"CREATE TRIGGER {name} {text}":
            file_faults.append(f"trigger {name}")
    return Verified(count, heads, tuple(faults), tuple(file_faults))


def _why_not(event: Event, device: str, seq: int, previous: str, own: str) -> str:
    """Say why an entry does not hold after the one before; "" where it does."""
    if event.seq != seq + 1 or event.device != device:
        return "number"
    if event.prev != previous:
        return "joint"
    if not value_holds(event) or not (event.value is not None or _may_lack(event, own)):
        return "value"
    return ""


def _may_lack(event: Event, own: str) -> bool:
    return not event.commitment or (event.site_only and event.device != own)

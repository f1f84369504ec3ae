"""The stick: seal what the centre has not acknowledged, write it, read it back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ucmsc_desktop import __version__
from ucmsc_desktop.errors import BugError
from ucmsc_desktop.ledger.ledger import Ledger
from ucmsc_desktop.study.model import Site, Study
from ucmsc_desktop.sync import bundle, seal, stick
from ucmsc_desktop.sync.minisign import SigningKey


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """How much the centre has not confirmed: number of entries, the oldest of them, the last export."""

    unconfirmed: int
    oldest: datetime | None
    last_export: datetime | None


@dataclass(frozen=True, slots=True)
class SyncMade:
    """A sealed file that was read back from the stick."""

    path: Path
    sha256: str
    first: int
    last: int


def acknowledged(ledger: Ledger, device: str) -> int:
    """Give the last entry of this device that the centre has confirmed; 0 before the first confirmation."""
    last = 0
    for _row, event in ledger.arrivals(kinds=("SyncAcknowledged",)):
        if event.data.get("device") == device:
            last = max(last, int(event.data["seq"]))
    return last


def status(ledger: Ledger, device: str) -> SyncStatus:
    """Tell how much the centre has not confirmed."""
    done = acknowledged(ledger, device)
    head = ledger.head(device).seq
    oldest = next((e.at for e in ledger.stretch(device, done + 1, done + 1)), None)
    exports = [e.at for _row, e in ledger.arrivals(kinds=("SyncWritten",))]
    return SyncStatus(head - done, oldest, exports[-1] if exports else None)


def signing_key(ledger: Ledger) -> SigningKey:
    """Give this laptop's signing key; it lies only inside the encrypted database."""
    seed = ledger.setting("signing_seed")
    if seed is None:
        raise BugError("a ward has a signing key")
    return SigningKey.from_seed(bytes.fromhex(seed))


def export(
    ledger: Ledger, study: Study, site: Site, device: str, folder: Path, now: datetime
) -> tuple[SyncMade, ...]:
    """Seal every entry since the last acknowledged one; a lost stick therefore costs nothing.

    Raises: StickReadOnly, StickGone, DiskFull, WriteFailed.
    """
    events = ledger.stretch(device, acknowledged(ledger, device) + 1, ledger.head(device).seq)
    recipients = json.loads(ledger.setting("recipients") or "[]")
    key = signing_key(ledger)
    made = []
    for header, body in bundle.pack(events, study=study.id, site=site.id, created=now, app=__version__):
        fields = {"study": study.id, "device": device, "seq": f"{header.first}-{header.last}"}
        sealed = seal.seal(body, device_key=key, label=seal.Label(seal.SYNC, fields), recipients=recipients)
        written = stick.write_sealed(folder, sealed)
        made.append(SyncMade(written.path, written.sha256, header.first, header.last))
    return tuple(made)

"""Sealed files by somebody who holds a laptop's real signing key and means harm: consistent, signed, and lying.

For tests. Entries are plain dictionaries until they are chained, so that any field can be any thing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.ward import Bench
from ucmsc_desktop.record.events import hash_body
from ucmsc_desktop.session import exchange
from ucmsc_desktop.sync import seal
from ucmsc_desktop.sync.minisign import SigningKey

SALT = bytes(range(16))


@dataclass
class Entry:
    """One line of a forged file: what stands beside the body, and the body."""

    body: dict[str, Any]
    value: str | None = None
    salt: bytes | None = None

    def set_value(self, value: str) -> None:
        self.value, self.salt = value, SALT
        self.body["commit"] = hashlib.sha256(SALT + value.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass
class Forger:
    """The key of a registered laptop, the place in its chain, and what the file will say."""

    key: SigningKey
    device: str
    first: int
    prev: str
    recipients: tuple[str, ...]
    header: dict[str, Any] = field(default_factory=dict)
    label: dict[str, str] = field(default_factory=dict)
    raw: Callable[[list[bytes]], list[bytes]] = lambda lines: lines

    def entry(self, **fields: Any) -> Entry:
        """Give an entry that the program itself could have made."""
        body: dict[str, Any] = {
            "v": 1, "device": self.device, "seq": 0, "prev": "", "parents": [], "kind": "ItemSet", "subject": "01-001",
            "form": "F9/BL/1", "form_version": "1.0", "item": "abg_sample_id", "row": 0, "commit": "", "site_only": False,
            "reason": "", "origin": "entered", "data": {}, "user": "nurse.alpha", "role": "nurse",
            "at": "2026-03-01T09:00:00.000+08:00", "mono_ns": 1, "boot": "boot", "clock": "", "app": "0.1.0",
        }  # fmt: skip
        return Entry({**body, **fields})

    def write(self, folder: Path, entries: list[Entry], *, keep: frozenset[str] = frozenset()) -> Path:
        """Chain the entries, sign and seal them; fields in `keep` are left as the forger set them."""
        prev, lines = self.prev, []
        for number, entry in enumerate(entries, start=self.first):
            if "seq" not in keep:
                entry.body["seq"] = number
            if "prev" not in keep:
                entry.body["prev"] = prev
            body = json.dumps(entry.body, separators=(",", ":"), sort_keys=True).encode()
            beside = {"type": "event", "salt": entry.salt.hex() if entry.salt else None, "value": entry.value}
            lines.append(json.dumps(beside)[:-1].encode() + b',"body":' + body + b"}")
            prev = hash_body(body)
        last = self.first + len(entries) - 1
        header = {
            "type": "header", "format": "ucmsc-sync-v1", "study": "UCMSC-ALI", "site": "01", "device": self.device,
            "first": self.first, "last": last, "prev": self.prev, "head": prev, "created": "2026-03-01T09:00:00+08:00",
            "app": "0.1.0", **self.header,
        }  # fmt: skip
        lines = [json.dumps(header).encode(), *self.raw(lines), b'{"type":"padding","fill":"0"}']
        fields = {"study": "UCMSC-ALI", "device": self.device, "seq": f"{self.first}-{last}", **self.label}
        sealed = seal.seal(
            b"\n".join(lines) + b"\n",
            device_key=self.key,
            label=seal.Label(seal.SYNC, fields),
            recipients=self.recipients,
        )
        path = folder / f"ucmsc-{hashlib.sha256(sealed).hexdigest()[:16]}.age"
        path.write_bytes(sealed)
        return path


def forger_of(bench: Bench, stick: Path) -> Forger:
    """Register the bench's laptop, bring the centre up to date, and steal the laptop's key."""
    session = bench.sign_in()
    bench.centre.register(session.device_public_key())
    key = exchange.signing_key(session._ledger)
    made = session.export_sync(stick)
    device = session.device
    session.lock()
    bench.centre.import_files([m.path for m in made])
    head: Mapping[str, tuple[int, str]] = {d: (n, h) for d, n, h in bench.centre.reconcile().devices}
    return Forger(key, device, head[device][0] + 1, head[device][1], (bench.centre.public_key,))

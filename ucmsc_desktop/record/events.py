"""The event: the one kind of fact. Every change is an event; nothing is ever changed or removed.

The body of an event is canonical JSON, stored and sent byte for byte. It never holds a value: a value stands beside it
with a random salt, and the body holds its commitment SHA-256(salt || value). So a site-only value can stay behind, and a
value typed by accident can be blanked, while the chain still verifies.

    hash = SHA-256("ucmsc-event-v1\\0" || body)        body holds `prev`, the hash of the device's entry before
"""

from __future__ import annotations

import hashlib
import json
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

DOMAIN = b"ucmsc-event-v1\0"
GENESIS = "0" * 64

_TYPES: Mapping[str, type] = {
    "v": int,
    "device": str,
    "seq": int,
    "prev": str,
    "parents": list,
    "kind": str,
    "subject": str,
    "form": str,
    "form_version": str,
    "item": str,
    "row": int,
    "commit": str,
    "site_only": bool,
    "reason": str,
    "origin": str,
    "data": dict,
    "user": str,
    "role": str,
    "at": str,
    "mono_ns": int,
    "boot": str,
    "clock": str,
    "app": str,
}
FIELDS = frozenset(_TYPES)

Kind = Literal[
    "DeviceCreated",
    "UserAdded",
    "UserChanged",
    "UserRemoved",
    "SignedIn",
    "SignInFailed",
    "SignedOut",
    "SubjectCreated",
    "ItemSet",
    "RowStruck",
    "FormCompleted",
    "FormReopened",
    "FormSigned",
    "FormLocked",
    "FormUnlocked",
    "CheckOverridden",
    "PdfWritten",
    "SyncWritten",
    "SyncAcknowledged",
    "BackupWritten",
    "ClockChecked",
    "HandedOver",
    "ReminderNoted",
]


class FormKey(NamedTuple):
    """Which record of which form: `n` counts infusions, log entries or unscheduled records; for F12 it is the day."""

    form: str
    visit: str
    n: int = 1

    def __str__(self) -> str:
        return f"{self.form}/{self.visit}/{self.n}"

    @classmethod
    def parse(cls, text: str) -> FormKey:
        """Read the text that str() writes."""
        form, visit, n = text.split("/")
        return cls(form, visit, int(n))


class Cell(NamedTuple):
    """An item in a form; row 0 outside tables."""

    item: str
    row: int = 0


@dataclass(frozen=True, slots=True)
class Draft:
    """What a use case wants to record, before the ledger stamps and chains it.

    `value` is the stored text of a value (see study.values.dump) and is kept out of the body. `data` is for facts that
    are neither clinical values nor names: they do stand in the body.
    """

    kind: Kind
    subject: str = ""
    key: FormKey | None = None
    cell: Cell | None = None
    form_version: str = ""
    value: str | None = None
    site_only: bool = False
    reason: str = ""
    origin: str = ""  # entered, derived, scanned, stamped, paper, drafted (by the program, to be checked)
    parents: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """A stored event. `value` is None where there is none, or where it stayed at the site (`value_kept`)."""

    device: str
    seq: int
    prev: str  # the hash that its body says stands before it on its device
    hash: str
    body: bytes
    kind: Kind
    subject: str
    key: FormKey | None
    cell: Cell | None
    form_version: str
    user: str
    role: str
    at: datetime
    mono_ns: int
    boot: str
    clock: str
    reason: str
    origin: str
    parents: tuple[str, ...]
    data: Mapping[str, Any]
    site_only: bool
    commitment: str
    value: str | None
    salt: bytes | None


@dataclass(frozen=True, slots=True)
class Stamp:
    """Who records, when, and on which device, for the body of an event."""

    device: str
    user: str
    role: str
    at: datetime
    mono_ns: int
    boot: str
    app: str
    clock: str = ""  # "", or why the clock is suspect: backwards, jumped, implausible


def commit(salt: bytes, value: str) -> str:
    """Commit to a value: SHA-256(salt || UTF-8 of the NFC text), in hex."""
    return hashlib.sha256(salt + value.encode("utf-8")).hexdigest()


def hash_body(body: bytes) -> str:
    """Hash an event's stored bytes."""
    return hashlib.sha256(DOMAIN + body).hexdigest()


def write(draft: Draft, stamp: Stamp, seq: int, prev: str) -> Event:
    """Make the event of a draft: canonical body, commitment, hash."""
    salt = secrets.token_bytes(16) if draft.value is not None else None
    value = unicodedata.normalize("NFC", draft.value) if draft.value is not None else None
    commitment = commit(salt, value) if salt is not None and value is not None else ""
    body = {
        "v": 1,
        "device": stamp.device,
        "seq": seq,
        "prev": prev,
        "parents": list(draft.parents),
        "kind": draft.kind,
        "subject": draft.subject,
        "form": str(draft.key) if draft.key else "",
        "form_version": draft.form_version,
        "item": draft.cell.item if draft.cell else "",
        "row": draft.cell.row if draft.cell else 0,
        "commit": commitment,
        "site_only": draft.site_only,
        "reason": unicodedata.normalize("NFC", draft.reason),
        "origin": draft.origin,
        "data": dict(draft.data),
        "user": stamp.user,
        "role": stamp.role,
        "at": stamp.at.isoformat(timespec="milliseconds"),
        "mono_ns": stamp.mono_ns,
        "boot": stamp.boot,
        "clock": stamp.clock,
        "app": stamp.app,
    }
    raw = json.dumps(
        body, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()
    return read(raw, value, salt)


def read(body: bytes, value: str | None, salt: bytes | None) -> Event:
    """Read an event from its stored bytes; the value is not checked against its commitment here (see `verify`).

    Raises: ValueError, KeyError or TypeError where the bytes are no event.
    """
    return event_of(json.loads(body.decode("utf-8")), body, value, salt)


def event_of(b: Any, body: bytes, value: str | None, salt: bytes | None) -> Event:
    """Make the event of stored bytes that were parsed already. Raises: as `read`."""
    if not isinstance(b, dict) or b.keys() != FIELDS:
        raise ValueError("not the fields of an event")
    for name, kind in _TYPES.items():
        if type(b[name]) is not kind:  # exactly: True is no number
            raise ValueError("a field of another type")
    at = datetime.fromisoformat(b["at"])
    if at.tzinfo is None:
        raise ValueError("times carry their offset")
    key = FormKey.parse(b["form"]) if b["form"] else None
    if key is not None and str(key) != b["form"]:
        raise ValueError("a record's name has one spelling")
    return Event(
        device=b["device"],
        seq=b["seq"],
        prev=b["prev"],
        hash=hash_body(body),
        body=body,
        kind=b["kind"],
        subject=b["subject"],
        key=key,
        cell=Cell(b["item"], b["row"]) if b["item"] or b["row"] else None,
        form_version=b["form_version"],
        user=b["user"],
        role=b["role"],
        at=at,
        mono_ns=b["mono_ns"],
        boot=b["boot"],
        clock=b["clock"],
        reason=b["reason"],
        origin=b["origin"],
        parents=tuple(b["parents"]),
        data=b["data"],
        site_only=b["site_only"],
        commitment=b["commit"],
        value=value,
        salt=salt,
    )


def value_holds(event: Event) -> bool:
    """Say whether the value beside the event is the one committed to; a value that stayed behind holds."""
    if not event.commitment:
        return event.value is None
    if event.value is None or event.salt is None:
        return event.value is None and event.salt is None
    return commit(event.salt, event.value) == event.commitment

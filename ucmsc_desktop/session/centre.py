"""The coordinating centre: reads sealed files into a ledger of its own and prints what both sides must agree on.

It has no way to write a value: it only receives events as they were recorded. The database is SQLite here; the key of
its encryption is drawn from the centre's own age identity in centre-key.txt. Whoever has both files reads everything: the
folder belongs on an encrypted disk, and a copy of the key file in the safe.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ucmsc_desktop import age
from ucmsc_desktop.durable import write_file_durably
from ucmsc_desktop.errors import (
    AlreadySetUp,
    ChainBroken,
    ForkFound,
    KnownError,
    NotSetUp,
    SealBroken,
    UnknownDevice,
)
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.ledger import chain
from ucmsc_desktop.ledger.ledger import BundleRow, Ledger
from ucmsc_desktop.record.clock import Clock, SystemClock
from ucmsc_desktop.record.events import GENESIS, Event
from ucmsc_desktop.session.ward import device_of
from ucmsc_desktop.study.model import Study
from ucmsc_desktop.sync import bundle, seal, stick
from ucmsc_desktop.sync.minisign import PublicKey

DATABASE = "centre.db"
KEY_FILE = "centre-key.txt"


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one file: `outcome` is "imported", "nothing new", or the code of the error it was set aside for."""

    path: Path
    device: str
    first: int
    last: int
    new: int
    outcome: str
    error: KnownError | None = None


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """What the centre holds, to be compared with the ward's own report."""

    devices: tuple[tuple[str, int, str], ...]  # device, last entry, hash of it
    subjects: tuple[tuple[str, int], ...]  # participant, entries
    events: int
    holds: bool
    bundles: tuple[BundleRow, ...]


class Centre:
    """An open centre."""

    def __init__(self, folder: Path, study: Study, identity: str, clock: Clock | None = None) -> None:
        self.folder = folder
        self.study = study
        self._identity = identity
        self._clock = clock or SystemClock(study.timezone)
        database = folder / DATABASE
        if not database.exists():
            raise NotSetUp
        self._ledger = Ledger.open(database, _database_key(identity))

    @classmethod
    def init(cls, folder: Path, study: Study, clock: Clock | None = None) -> Centre:
        """Make a new centre: its age identity in centre-key.txt, an empty ledger. Raises: AlreadySetUp."""
        if (folder / DATABASE).exists() or (folder / KEY_FILE).exists():
            raise AlreadySetUp
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        secret, public = age.new_identity()
        write_file_durably(folder / KEY_FILE, f"# public key: {public}\n{secret}\n".encode())
        Ledger.create(folder / DATABASE, _database_key(secret)).close()
        return cls(folder, study, secret, clock)

    @classmethod
    def open(cls, folder: Path, study: Study, clock: Clock | None = None) -> Centre:
        """Open a centre with the identity in its folder. Raises: NotSetUp."""
        if not (folder / KEY_FILE).is_file():
            raise NotSetUp
        return cls(folder, study, read_identity(folder / KEY_FILE), clock)

    @property
    def public_key(self) -> str:
        """Give the age public key that wards seal their files to."""
        return age.recipient_of(self._identity)

    def register(self, public_key_text: str, note: str = "") -> str:
        """Register a ward laptop by its minisign public key; give its device name. Raises: SealBroken."""
        key = PublicKey.from_text(public_key_text)
        device = device_of(key.raw)
        self._ledger.register_device(device, key.base64, note)
        return device

    def import_files(self, paths: Sequence[Path]) -> tuple[Imported, ...]:
        """Import files one by one, all or nothing each; a bad one is set aside and never stops the others.

        A long stretch comes in several files with random names: they are taken in the order of their entries.
        """
        order = list(range(len(paths)))
        if len(paths) > 1:
            order.sort(key=lambda n: self._place(paths[n]))
        done = {n: self._import(paths[n]) for n in order}
        return tuple(done[n] for n in range(len(paths)))

    def _place(self, path: Path) -> tuple[str, int]:
        """Say where a file claims to belong; what cannot be read comes first and is set aside in its turn."""
        try:
            label = seal.claimed_label(stick.read_sealed(path), identity=self._identity)
            return label.fields["device"], int(label.fields["seq"].partition("-")[0])
        except (KnownError, KeyError, ValueError):
            return "", 0

    def _import(self, path: Path) -> Imported:
        now = self._clock.read().at
        sealed = b""
        try:
            sealed = stick.read_sealed(path)
            opened = seal.open_sealed(
                sealed,
                identity=self._identity,
                signers={d: PublicKey.from_text(k) for d, k in self._ledger.registered_devices().items()},
                purpose=seal.SYNC,
                study=self.study.id,
            )
            if (
                device_of(PublicKey.from_text(self._ledger.registered_devices()[opened.device]).raw)
                != opened.device
            ):
                raise UnknownDevice(device=opened.device)
            found = bundle.unpack(opened.body, study=self.study.id, device=opened.device)
            if opened.label.fields.get("seq") != f"{found.header.first}-{found.header.last}":
                raise SealBroken(reason=Text("its label names other entries", "标签与记录不符"))
            self._compare_flags(found.events)
            new = self._join(found, sealed, path.name, now)
            header = found.header
            outcome = "imported" if new else "nothing new"
            return Imported(path, header.device, header.first, header.last, new, outcome)
        except KnownError as error:
            return self._refused(path, sealed, error, now)
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError):
            # What a signed file can still hold that nobody thought of: it must not stop the files after it.
            return self._refused(path, sealed, SealBroken(reason=Text("not readable", "无法读取")), now)

    def _refused(self, path: Path, sealed: bytes, error: KnownError, now: datetime) -> Imported:
        self._set_aside(path, sealed, error, now)
        return Imported(path, str(error.details.get("device", "")), 0, 0, 0, error.code, error)

    def _compare_flags(self, events: tuple[Event, ...]) -> None:
        """Refuse entries that keep back what should travel, or send what should stay: by this centre's own forms.

        An entry of another version of a form is judged by its own flag: what it meant then is not known here.
        """
        for event in events:
            form = self.study.forms.get(event.key.form) if event.key else None
            if (
                form is None
                or event.cell is None
                or event.kind != "ItemSet"
                or event.form_version != form.version
            ):
                continue
            item = form.by_id.get(event.cell.item)
            if item is not None and item.site_only is not event.site_only:
                raise SealBroken(
                    reason=Text(
                        f"entry {event.seq} disagrees with the form on what stays at the site",
                        f"第 {event.seq} 条的留存标记与表单不符",
                    )
                )

    def _join(self, found: bundle.Bundle, sealed: bytes, name: str, now: datetime) -> int:
        header = found.header
        head = self._ledger.head(header.device)
        if header.first > head.seq + 1:
            raise ChainBroken(device=header.device, seq=header.first)
        self._compare(header, found.events, head.seq)
        if header.first == head.seq + 1 and header.prev != (head.hash if head.seq else GENESIS):
            raise ForkFound(device=header.device, seq=header.first)
        digest = hashlib.sha256(sealed).hexdigest()
        row = BundleRow(
            digest,
            name,
            header.device,
            header.first,
            header.last,
            now.isoformat(timespec="seconds"),
            "imported",
        )
        return self._ledger.receive(found.events, row)

    def _compare(self, header: bundle.Header, events: tuple[Event, ...], known: int) -> None:
        """Compare what overlaps with what is here; another hash under the same number is a copied or rolled-back disk."""
        overlap = self._ledger.stretch(header.device, header.first, min(header.last, known))
        for here, there in zip(overlap, events, strict=False):
            if here.hash != there.hash:
                raise ForkFound(device=header.device, seq=there.seq)

    def _set_aside(self, path: Path, sealed: bytes, error: KnownError, now: datetime) -> None:
        """Keep a copy of a bad file and write down why; the original on the stick is not touched."""
        digest = (
            hashlib.sha256(sealed).hexdigest() if sealed else hashlib.sha256(path.name.encode()).hexdigest()
        )
        if sealed:
            folder = self.folder / "quarantine"
            folder.mkdir(exist_ok=True, mode=0o700)
            target = folder / f"{digest[:16]}-{error.code}.age"
            if not target.exists():
                write_file_durably(target, sealed)
        at = now.isoformat(timespec="seconds")
        device = str(error.details.get("device", ""))
        self._ledger.note_bundle(BundleRow(digest, path.name, device, 0, 0, at, error.code))

    def reconcile(self) -> Reconciliation:
        """Count and verify what is here."""
        verified = chain.verify(self._ledger)
        devices = tuple((d, seq, head) for d, (seq, head) in sorted(verified.heads.items()))
        subjects = tuple(sorted(self._ledger.count_by_subject().items()))
        return Reconciliation(devices, subjects, verified.events, verified.holds, self._ledger.bundles())

    def values(self) -> tuple[Event, ...]:
        """Give every event with a value that arrived, for comparison with a ward."""
        return tuple(e for _n, e in self._ledger.arrivals())

    def close(self) -> None:
        """Close the centre's database."""
        self._ledger.close()


def read_identity(path: Path) -> str:
    """Read the secret line of an age key file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("AGE-SECRET-KEY-"):
            return line.strip()
    raise NotSetUp


def _database_key(identity: str) -> bytes:
    return hashlib.sha256(b"ucmsc-centre-database-v1\0" + identity.encode()).digest()

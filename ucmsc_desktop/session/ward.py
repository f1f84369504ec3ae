"""A data folder from outside: is it set up, who can sign in, set it up, sign in.

In the folder: ledger.db (SQLCipher), keyslots.json, backups/, reserve.bin. The signing key of the laptop lies inside the
database; a person's own signing key only in that person's slot.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ucmsc_desktop import __version__, age, paths
from ucmsc_desktop.durable import make_reserve, remove_durably, remove_leftovers, write_file_durably
from ucmsc_desktop.errors import AlreadySetUp, DatabaseDamaged, DataFolderUnusable, NotSetUp, UnknownThing
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.clock import Clock, SystemClock
from ucmsc_desktop.record.events import Draft, Stamp

if TYPE_CHECKING:  # loaded by the first sign-in or set-up, not by the page that asks for it
    from ucmsc_desktop.ledger.keys import KdfParams
    from ucmsc_desktop.ledger.keyslots import KeySlots, Unlocked
    from ucmsc_desktop.ledger.ledger import Ledger
    from ucmsc_desktop.session.session import Session
    from ucmsc_desktop.study.model import Site, Study
    from ucmsc_desktop.sync.minisign import SigningKey

ESCROW = "recovery-escrow.age"
_MADE = (
    "ledger.db",
    "ledger.db-wal",
    "ledger.db-journal",
    "keyslots.json",
    "keyslots.previous.json",
    "keyslots.lockout.json",
    ESCROW,
)
ZONE = "Asia/Shanghai"  # of the trial, whatever the computer says

_RECOVERY = Text(
    "Keep this sheet in the investigator's safe. With it and the centre's recovery key, the data of this laptop can be "
    "opened even when every password is lost.",
    "请将本单保存在研究者的保险柜中。即使所有密码遗失，凭本单和中心的恢复密钥仍可打开本机数据。",
)


@dataclass(frozen=True, slots=True)
class SetUp:
    """The answers of the first-run set-up.

    `centre_keys`: age public keys that sync files are sealed to (the centre's working key, more if wanted).
    `recovery_key`: age public key of the centre's recovery recipient; it also receives every sync file.
    """

    site: str
    device_label: str
    admin_user: str
    admin_name: str
    password: str = field(repr=False)
    centre_keys: tuple[str, ...] = ()
    recovery_key: str = ""


@dataclass(frozen=True, slots=True)
class RecoverySheet:
    """What the set-up prints: the laptop, its public key, and where the sealed escrow lies."""

    device: str
    device_public_key: str
    escrow_path: Path
    escrow_sha256: str
    text: Text = _RECOVERY


class Ward:
    """A data folder, locked."""

    def __init__(
        self,
        folder: Path,
        clock: Clock | None = None,
        study: Study | None = None,
        *,
        kdf_floor: KdfParams | None = None,
    ) -> None:
        self.folder = folder
        self.clock = clock or SystemClock(ZONE)
        self._checked: tuple[int, int, date] | None = None
        self._given_floor = kdf_floor
        if study is not None:
            self.study = study

    @cached_property
    def study(self) -> Study:
        """The study; read when it is first asked for, which the sign-in page does not. Raises: FormsBroken."""
        from ucmsc_desktop.study.load import load_study

        return load_study()

    @property
    def _database(self) -> Path:
        return self.folder / "ledger.db"

    @property
    def _slots(self) -> Path:
        return self.folder / "keyslots.json"

    @property
    def is_set_up(self) -> bool:
        """Say whether the folder holds a ward; either file alone counts, so that nothing is ever overwritten.

        A set-up that was cut short does not: nobody has its recovery sheet, nobody has entered anything.
        """
        return (self._database.exists() or self._slots.exists()) and not self._unfinished.exists()

    @property
    def _unfinished(self) -> Path:
        return self.folder / paths.UNFINISHED

    def users(self) -> tuple[str, ...]:
        """Give the user names that can sign in. Raises: NotSetUp, KeyslotsBroken."""
        if not self.is_set_up:
            raise NotSetUp
        try:
            slots = json.loads(self._slots.read_bytes())["content"]["slots"]
            return tuple(str(slot["user"]) for slot in slots)
        except (OSError, ValueError, KeyError, TypeError):
            # Damaged or gone: the slow way knows the version before, or says what is wrong.
            return tuple(u.user for u in self._open_slots().users())

    @property
    def _floor(self) -> KdfParams:
        from ucmsc_desktop.ledger.keys import FLOOR

        return self._given_floor or FLOOR

    def check_password(self, user: str, password: str) -> None:
        """Say whether a password may be used, before anything is made. Raises: WeakPassword."""
        from ucmsc_desktop.ledger.passwords import check_password

        check_password(password, user)

    def _open_slots(self) -> KeySlots:
        from ucmsc_desktop.ledger.keyslots import KeySlots

        if not self.is_set_up:
            raise NotSetUp
        return KeySlots.open(self._slots, floor=self._floor)

    def set_up(self, answers: SetUp) -> RecoverySheet:
        """Make a new ward: keys, database, first administrator, escrow for the centre.

        Raises: AlreadySetUp, WeakPassword, UnknownThing (a key that is none), DataFolderUnusable, DiskFull.
        """
        if self.is_set_up:
            raise AlreadySetUp
        site = _site(self.study, answers.site)
        for recipient in (*answers.centre_keys, answers.recovery_key):
            age.check_recipient(recipient)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as fault:
            raise DataFolderUnusable(reason=fault.strerror or "") from fault
        # The mark goes last: until then, a program or a power supply that dies leaves a folder to be set up again.
        write_file_durably(self._unfinished, b"", replace=True)
        self._put_aside()
        try:
            sheet = self._make(answers, site)
        except BaseException:
            for name in _MADE:  # all made by this call: nobody could ever use it
                (self.folder / name).unlink(missing_ok=True)
            raise
        remove_durably(self._unfinished)
        return sheet

    def _put_aside(self) -> None:
        """Move what a set-up that was cut short has left out of the way; nothing is deleted but its reserve."""
        remove_leftovers(self.folder, re.compile(r"[\w.-]+"))
        left = [self.folder / name for name in _MADE if (self.folder / name).exists()]
        if left:
            aside = self.folder / f"unfinished-{secrets.token_hex(4)}"
            aside.mkdir(mode=0o700)
            for path in left:
                path.rename(aside / path.name)

    def _make(self, answers: SetUp, site: Site) -> RecoverySheet:
        from ucmsc_desktop.ledger import keys
        from ucmsc_desktop.ledger.keyslots import KeySlots
        from ucmsc_desktop.ledger.ledger import Ledger
        from ucmsc_desktop.sync.minisign import SigningKey

        make_reserve(self.folder)
        reading = self.clock.read()
        data_key = keys.new_data_key()
        signing = SigningKey.generate()
        device = device_name(signing)
        slots = KeySlots.create(
            self._slots,
            device,
            user=answers.admin_user,
            password=answers.password,
            data_key=data_key,
            now=reading.at,
            floor=self._floor,
        )
        escrow = slots.set_recovery(answers.recovery_key, data_key, reading.at)
        write_file_durably(self.folder / ESCROW, escrow)
        recipients = sorted({*answers.centre_keys, answers.recovery_key})
        stamp = Stamp(
            device,
            answers.admin_user,
            "administrator",
            reading.at,
            reading.mono_ns,
            reading.boot,
            __version__,
        )
        created = {
            "site": site.id,
            "label": answers.device_label,
            "public_key": signing.public.base64,
            "study": self.study.id,
            "protocol": self.study.protocol_version,
            "forms": {f.id: f.version for f in self.study.forms.values()},
        }
        first = {"user": answers.admin_user, "role": "administrator"}
        ledger = Ledger.create(self._database, data_key)
        try:
            ledger.set_setting("device", device)
            ledger.set_setting("site", site.id)
            ledger.set_setting("signing_seed", signing.seed.hex())
            ledger.set_setting("recipients", json.dumps(recipients))
            ledger.append(
                [
                    Draft("DeviceCreated", data=created),
                    Draft(
                        "UserAdded",
                        value=json.dumps(answers.admin_name, ensure_ascii=False),
                        site_only=True,
                        data=first,
                    ),
                ],
                stamp,
            )
        finally:
            ledger.close()
        digest = hashlib.sha256(escrow).hexdigest()
        return RecoverySheet(device, signing.public.text, self.folder / ESCROW, digest)

    def sign_in(self, user: str, password: str) -> Session:
        """Open the ward for a person.

        Raises: NotSetUp, WrongPassword, AccountLocked, KeyslotsBroken, DatabaseDamaged, DatabaseInUse.
        """
        from ucmsc_desktop.session.core import Opened
        from ucmsc_desktop.session.session import Session

        slots = self._open_slots()
        unlocked = slots.unlock(user, password, self.clock.read().at)
        ledger, key = self._open_ledger(unlocked)
        try:
            return Session(Opened(self.study, self.clock, ledger, slots, unlocked, key, self.folder))
        except BaseException:
            ledger.close()
            raise

    def _open_ledger(self, unlocked: Unlocked) -> tuple[Ledger, bytes]:
        from ucmsc_desktop.ledger.ledger import Ledger

        file = self._database.stat() if self._database.exists() else None
        checked = (file.st_dev, file.st_ino, self.clock.read().at.date()) if file else None
        # Coming back from the locked screen must not read the whole file again: once a day, and a file put in its place.
        check = checked is None or checked != self._checked
        try:
            opened = Ledger.open(self._database, unlocked.data_key, check=check), unlocked.data_key
        except DatabaseDamaged:
            if unlocked.previous_data_key is None:
                raise
            opened = Ledger.open(self._database, unlocked.previous_data_key), unlocked.previous_data_key
        self._checked = checked
        return opened


def device_name(key: SigningKey) -> str:
    """Name a device by its signing key: nobody can claim another's name, and a public key alone registers it."""
    return "d" + hashlib.sha256(key.public.raw).hexdigest()[:12]


def device_of(public_raw: bytes) -> str:
    """Name the device that a public key belongs to."""
    return "d" + hashlib.sha256(public_raw).hexdigest()[:12]


def _site(study: Study, site_id: str) -> Site:
    found = next((s for s in study.sites if s.id == site_id), None)
    if found is None:
        raise UnknownThing(kind=Text("site", "研究中心"), name=site_id)
    return found

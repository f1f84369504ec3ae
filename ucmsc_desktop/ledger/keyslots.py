"""The key slots beside the database: who can open it, and nothing about what is in it.

It must never hold a secret outside a slot and never read a clock. A change keeps the previous version of the
file until the new one has unlocked; a rotation keeps it until the ledger says that the database opens with
the new key (`settle`), so a crash between the two leaves a pair that fits (`roll_back`).

Three protections, for three dangers: the exact bytes are compared with what would be written (damage), a MAC
under the data key covers the whole file (somebody who holds only the disk), and each slot is bound to device,
user and cost.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from ucmsc_desktop import age, errors
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.ledger import keys
from ucmsc_desktop.ledger.keys import FLOOR, KdfParams, SlotSecrets
from ucmsc_desktop.ledger.lockout import STRANGER, Failure, Lockout
from ucmsc_desktop.ledger.passwords import check_password
from ucmsc_desktop.ledger.slotfile import MAX_SLOTS, EscrowSlot, Slot, SlotFile
from ucmsc_desktop.ledger.slotstore import SlotStore

_USER = re.compile(r"[^\W_][\w.@-]{0,63}")


@dataclass(frozen=True, slots=True)
class SlotUser:
    """Who has a slot, as far as the file says without a password."""

    user: str
    is_admin: bool
    is_temporary: bool
    signing_public: bytes


@dataclass(frozen=True, slots=True)
class Unlocked:
    """What a right password opened. Secrets are left out of the repr.

    `is_intact` False: the file was changed by somebody without the data key; tell the user and the log.
    `is_temporary` True: the password was set by an administrator and must be changed before anything is
    signed. `previous_data_key`: not None only when a rotation was cut short; try it when the database refuses
    `data_key`.
    """

    user: str
    is_admin: bool
    is_temporary: bool
    is_intact: bool
    failures: tuple[Failure, ...]
    data_key: bytes = field(repr=False)
    signing_key: bytes = field(repr=False)
    previous_data_key: bytes | None = field(repr=False, default=None)


class KeySlots:
    """The key slots of one laptop."""

    def __init__(self, store: SlotStore, floor: KdfParams) -> None:
        self._store = store
        self._floor = floor
        self.lockout = Lockout(store.path.with_name(f"{store.path.stem}.lockout{store.path.suffix}"))

    # --- open and create

    @classmethod
    def create(
        cls,
        path: Path,
        device: str,
        *,
        user: str,
        password: str,
        data_key: bytes,
        now: datetime,
        floor: KdfParams = FLOOR,
    ) -> KeySlots:
        """Write the first version with one administrator. Tests and the training ward pass TRAINING as `floor`.

        Raises: AlreadySetUp, WeakPassword, UnknownThing for an impossible user name, and what writing raises.
        """
        _check_user(user)
        check_password(password, user)
        slot = _new_slot(device, user, password, _fresh(data_key), now, floor=floor, is_admin=True)
        content = SlotFile(device=device, key_id=keys.key_id(data_key), slots=(slot,)).signed(data_key)
        slots = cls(SlotStore.create(path, content, floor), floor)
        try:
            slots._prove(user, password)
        except errors.KnownError as error:
            slots._store.discard()
            raise _broken("the new version did not open", "新版本无法打开") from error
        return slots

    @classmethod
    def open(cls, path: Path, *, floor: KdfParams = FLOOR) -> KeySlots:
        """Read the file; when it is damaged, the previous version, if that is still there.

        Raises: NotSetUp, KeyslotsBroken.
        """
        return cls(SlotStore.open(path, floor), floor)

    # --- read

    @property
    def device(self) -> str:
        """Name the device that the slots are bound to."""
        return self._content.device

    @property
    def was_restored(self) -> bool:
        """Tell whether the file was damaged and the previous version was taken; the log should say so."""
        return self._store.was_restored

    def users(self) -> tuple[SlotUser, ...]:
        """List who has a slot, in the order they were added."""
        return tuple(
            SlotUser(s.user, s.is_admin, s.is_temporary, bytes.fromhex(s.signing_public))
            for s in self._content.slots
        )

    def escrow(self) -> bytes | None:
        """Give the escrow file for the centre's recovery key; None when no recipient has been set."""
        return bytes.fromhex(self._content.escrow.sealed) if self._content.escrow else None

    def unlock(self, user: str, password: str, now: datetime) -> Unlocked:
        """Open the slot of `user`; a wrong try counts, and waits grow.

        Raises: WrongPassword, AccountLocked, KeyslotsBroken.
        """
        slot, kek, secrets = self._open(user, password, now)
        previous_key = self._previous_key(slot, kek, secrets)
        if previous_key is None:
            self._tidy(slot, kek, secrets)
        return Unlocked(
            user=slot.user,
            is_admin=slot.is_admin,
            is_temporary=slot.is_temporary,
            is_intact=self._content.is_signed_by(secrets.data_key),
            failures=self.lockout.of(slot.user),
            data_key=secrets.data_key,
            signing_key=secrets.signing_key,
            previous_data_key=previous_key,
        )

    # --- change

    def add(
        self,
        user: str,
        password: str,
        data_key: bytes,
        is_admin: bool,
        *,
        now: datetime,
        is_temporary: bool = True,
    ) -> bytes:
        """Add a slot with a signing key of its own and give the public half; names are never used twice.

        Raises: UserExists, WeakPassword, UnknownThing for an impossible name, KeyslotsBroken, what writing
        raises.
        """
        _check_user(user)
        content = self._content
        if content.find(user) or user.casefold() in content.retired:
            raise errors.UserExists
        if len(content.slots) >= MAX_SLOTS:
            raise _broken("it is full", "已满")
        check_password(password, user)
        slot = _new_slot(
            self.device,
            user,
            password,
            _fresh(data_key),
            now,
            floor=self._floor,
            is_admin=is_admin,
            is_temporary=is_temporary,
        )
        self._save_proved(
            content.model_copy(update={"slots": (*content.slots, slot)}), data_key, user, password
        )
        return bytes.fromhex(slot.signing_public)

    def change_password(self, user: str, old: str, new: str, now: datetime) -> None:
        """Wrap the same keys under a new password; nothing else is encrypted again.

        Raises: WrongPassword, AccountLocked, WeakPassword, KeyslotsBroken, and what writing raises.
        """
        slot, _, secrets = self._open(user, old, now)
        check_password(new, slot.user)
        if keys.normalised(old) == keys.normalised(new):
            raise errors.WeakPassword(reason=Text("it is the present one", "与当前密码相同"))
        changed = _new_slot(
            self.device, slot.user, new, secrets, now, floor=self._floor, is_admin=slot.is_admin
        )
        self._save_proved(self._content.replaced(changed), secrets.data_key, slot.user, new)

    def reset(self, user: str, password: str, data_key: bytes, now: datetime) -> bytes:
        """Give a user a temporary password and a new signing key, whose public half is returned; end a lock.

        The old signing key is lost with the old password: an administrator can never sign as somebody else.

        Raises: UnknownThing, WeakPassword, KeyslotsBroken, and what writing raises.
        """
        slot = self._content.get(user)
        check_password(password, slot.user)
        changed = _new_slot(
            self.device,
            slot.user,
            password,
            _fresh(data_key),
            now,
            floor=self._floor,
            is_admin=slot.is_admin,
            is_temporary=True,
        )
        self._save_proved(self._content.replaced(changed), data_key, slot.user, password)
        self.lockout.clear(slot.user)
        return bytes.fromhex(changed.signing_public)

    def remove(self, user: str, data_key: bytes) -> None:
        """Delete a slot for ever. The removed user may know the data key: `rotate` must follow.

        Raises: LastAdministrator, UnknownThing, KeyslotsBroken, and what writing raises.
        """
        slot = self._content.get(user)
        kept = tuple(s for s in self._content.slots if s.user != slot.user)
        _keep_an_administrator(kept)
        retired = (*self._content.retired, slot.user.casefold())
        self._save(self._content.model_copy(update={"slots": kept, "retired": retired}), data_key)

    def set_admin(self, user: str, is_admin: bool, data_key: bytes) -> None:
        """Make a user an administrator, or no longer one.

        Raises: LastAdministrator, UnknownThing, KeyslotsBroken, and what writing raises.
        """
        changed = self._content.replaced(self._content.get(user).model_copy(update={"is_admin": is_admin}))
        _keep_an_administrator(changed.slots)
        self._save(changed, data_key)

    def set_recovery(self, recipient: str, data_key: bytes, now: datetime) -> bytes:
        """Set the centre's recovery recipient and give the escrow file for it.

        Raises: UnknownThing when it is not an age public key, KeyslotsBroken, and what writing raises.
        """
        sealed = keys.seal_escrow(data_key, self.device, now, recipient)
        escrow = EscrowSlot(recipient=recipient, sealed=sealed.hex())
        self._save(self._content.model_copy(update={"escrow": escrow}), data_key)
        return sealed

    # --- rotation

    def rotate(self, old_key: bytes, new_key: bytes, now: datetime) -> None:
        """Hand a new data key to every slot, without their passwords; the previous version stays until `settle`.

        The ledger then moves the database to the new key and calls `settle`, or `roll_back` if that failed.

        Raises: KeyslotsBroken, and what writing raises.
        """
        self._require(old_key)
        content = self._content
        slots = []
        for slot in content.slots:
            handed = keys.hand_over(old_key, new_key, slot.recipient, content.rotation_context(slot))
            slots.append(slot.model_copy(update={"handed": (*slot.handed, handed.hex())}))
        escrow = content.escrow
        if escrow:
            sealed = keys.seal_escrow(new_key, self.device, now, escrow.recipient)
            escrow = escrow.model_copy(update={"sealed": sealed.hex()})
        changes = {"slots": tuple(slots), "escrow": escrow, "key_id": keys.key_id(new_key)}
        self._settle_same_key()
        self._store.replace(content.model_copy(update=changes).signed(new_key))

    def settle(self) -> None:
        """Drop the previous version: the database has opened with the present data key.

        Raises: what writing raises.
        """
        self._store.settle()

    def roll_back(self) -> None:
        """Go back to the previous version: the database still has the previous data key.

        Raises: KeyslotsBroken, and what writing raises.
        """
        self._store.roll_back()

    # --- inside

    @property
    def _content(self) -> SlotFile:
        return self._store.content

    def _open(self, user: str, password: str, now: datetime) -> tuple[Slot, bytes, SlotSecrets]:
        if now.tzinfo is None:
            raise errors.BugError("times carry their offset")
        slot = self._content.find(user)
        counted = slot.user if slot else STRANGER
        self.lockout.check(counted, now)
        self.lockout.begin(counted, now)
        if slot is None:
            # As slow as a real slot, so that trying names tells nothing.
            keys.derive(password, keys.new_salt(), self._floor, floor=self._floor)
            raise errors.WrongPassword
        kek = keys.derive(password, slot.salt_bytes, slot.params, floor=self._floor)
        try:
            secrets = _secrets(self._content, slot, kek)
        except errors.KeyslotsBroken:
            self.lockout.passed(slot.user)  # The password was right.
            raise
        self.lockout.passed(slot.user)
        return slot, kek, secrets

    def _previous_key(self, slot: Slot, kek: bytes, secrets: SlotSecrets) -> bytes | None:
        """Give the data key of the previous version when it is another one."""
        content = self._store.previous()
        if content is None or content.key_id == keys.key_id(secrets.data_key):
            return None
        before = content.find(slot.user)
        if before is None or before.salt != slot.salt:
            return None
        return _secrets(content, before, kek).data_key

    def _tidy(self, slot: Slot, kek: bytes, secrets: SlotSecrets) -> None:
        """After a good unlock: heal the file, forget the proved previous version, wrap a handed-over key anew."""
        try:
            self._store.heal()
            self._settle_same_key()
            if (
                slot.handed
                and self._store.previous() is None
                and self._content.is_signed_by(secrets.data_key)
            ):
                rewrapped = slot.model_copy(update={"handed": ()}).wrapping(self.device, kek, secrets)
                self._save(self._content.replaced(rewrapped), secrets.data_key)
        except (errors.KnownError, OSError):
            # Tidying can wait; the user is at the bedside.
            return

    def _settle_same_key(self) -> None:
        """Drop a previous version that differs only in slots, once the present one is known to be readable."""
        previous = self._store.previous()
        if (previous is None or previous.key_id == self._content.key_id) and (
            self._store.on_disk() == self._content
        ):
            self._store.settle()

    def _require(self, data_key: bytes) -> None:
        if keys.key_id(data_key) != self._content.key_id:
            raise errors.BugError("a change needs the present data key")
        if not self._content.is_signed_by(data_key):
            raise _broken("it was changed by another program", "被其他程序改动")

    def _save(self, changed: SlotFile, data_key: bytes) -> None:
        self._require(data_key)
        self._store.replace(changed.signed(data_key))

    def _save_proved(self, changed: SlotFile, data_key: bytes, user: str, password: str) -> None:
        before = self._content
        self._save(changed, data_key)
        try:
            self._prove(user, password)
        except errors.KnownError as error:
            self._store.take_back(before)
            raise _broken("the new version did not open", "新版本无法打开") from error
        self.settle()

    def _prove(self, user: str, password: str) -> None:
        """Open a slot from the bytes on the disk, the whole way from the password."""
        content = self._store.on_disk()
        slot = content.get(user)
        _secrets(content, slot, keys.derive(password, slot.salt_bytes, slot.params, floor=self._floor))


def _new_slot(
    device: str,
    user: str,
    password: str,
    secrets: SlotSecrets,
    now: datetime,
    *,
    floor: KdfParams,
    is_admin: bool,
    is_temporary: bool = False,
) -> Slot:
    if now.tzinfo is None:
        raise errors.BugError("times carry their offset")
    slot = Slot(
        user=user,
        is_admin=is_admin,
        is_temporary=is_temporary,
        changed=now.isoformat(),
        salt=keys.new_salt().hex(),
        memory_kib=floor.memory_kib,
        passes=floor.passes,
        lanes=floor.lanes,
        signing_public=keys.signing_public(secrets.signing_key).hex(),
        recipient=age.recipient_of(secrets.identity),
        wrapped="",
    )
    return slot.wrapping(device, keys.derive(password, slot.salt_bytes, floor, floor=floor), secrets)


def _secrets(content: SlotFile, slot: Slot, kek: bytes) -> SlotSecrets:
    """Open a slot and follow the rotations since it was wrapped."""
    secrets = slot.unwrap(content.device, kek)
    key = secrets.data_key
    for handed in slot.handed:
        context = {"device": content.device, "user": slot.user, "from": keys.key_id(key)}
        key = keys.take_over(key, bytes.fromhex(handed), secrets.identity, context)
    if keys.key_id(key) != content.key_id:
        raise _broken("a slot has another data key", "密钥槽与数据密钥不符")
    return SlotSecrets(key, secrets.signing_key, secrets.identity)


def _fresh(data_key: bytes) -> SlotSecrets:
    return SlotSecrets(data_key, keys.new_signing_key(), age.new_identity()[0])


def _check_user(user: str) -> None:
    if not _USER.fullmatch(user) or keys.normalised(user) != user:
        raise errors.UnknownThing(kind=Text("possible user name", "可用的用户名"), name=user[:64])


def _keep_an_administrator(slots: tuple[Slot, ...]) -> None:
    if not any(slot.is_admin for slot in slots):
        raise errors.LastAdministrator


def _broken(en: str, zh: str) -> errors.KeyslotsBroken:
    return errors.KeyslotsBroken(reason=Text(en, zh))

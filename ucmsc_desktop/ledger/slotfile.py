"""What stands in `keyslots.json`, byte for byte, and how one slot is wrapped.

Reads only what it would write itself: any other spelling, a changed blank included, counts as damage.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from ucmsc_desktop import errors
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.ledger import keys
from ucmsc_desktop.ledger.keys import KdfParams, SlotSecrets

MAX_FILE = 2 * 1024 * 1024
MAX_SLOTS = 200

_MAX_HANDED = 50

_Hex = Annotated[str, Field(pattern=r"^([0-9a-f]{2})*$", max_length=32 * 1024)]
_Name = Annotated[str, Field(min_length=1, max_length=64)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Slot(_Strict):
    """One user's slot. `handed` are data keys rotated to since the slot was wrapped, oldest first."""

    user: _Name
    version: Literal[1] = 1
    is_admin: bool
    is_temporary: bool
    changed: Annotated[str, Field(max_length=40)]
    salt: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    memory_kib: Annotated[int, Field(ge=1, le=keys.CEILING_KIB)]
    passes: Annotated[int, Field(ge=1, le=1000)]
    lanes: Annotated[int, Field(ge=1, le=1000)]
    signing_public: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    recipient: Annotated[str, Field(pattern=r"^age1[0-9a-z]{50,70}$")]
    wrapped: _Hex
    handed: Annotated[tuple[_Hex, ...], Field(max_length=_MAX_HANDED)] = ()

    @property
    def params(self) -> KdfParams:
        """Give what a password guess against this slot costs."""
        return KdfParams(self.memory_kib, self.passes, self.lanes)

    @property
    def salt_bytes(self) -> bytes:
        """Give the salt."""
        return bytes.fromhex(self.salt)

    def wrapping(self, device: str, kek: bytes, secrets: SlotSecrets) -> Slot:
        """Give the slot with `secrets` wrapped in it."""
        return self.model_copy(
            update={"wrapped": keys.wrap(kek, secrets.pack(), self._binding(device)).hex()}
        )

    def unwrap(self, device: str, kek: bytes) -> SlotSecrets:
        """Open the slot.

        Raises: WrongPassword.
        """
        return SlotSecrets.unpack(keys.unwrap(kek, bytes.fromhex(self.wrapped), self._binding(device)))

    def _binding(self, device: str) -> bytes:
        # Not bound: is_admin and handed, which change without the user's password; the MAC covers them.
        return keys.slot_binding(
            device,
            self.user,
            self.version,
            self.params,
            salt=self.salt,
            is_temporary=self.is_temporary,
            signing_public=self.signing_public,
            recipient=self.recipient,
        )


class EscrowSlot(_Strict):
    """The data key sealed to the centre's recovery recipient, as an age file."""

    recipient: Annotated[str, Field(pattern=r"^age1[0-9a-z]{50,70}$")]
    sealed: _Hex


class SlotFile(_Strict):
    """The whole file. `retired` are the user names, in lower case, that may never come back."""

    format: Literal["ucmsc-keyslots-v1"] = "ucmsc-keyslots-v1"
    device: _Name
    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    slots: Annotated[tuple[Slot, ...], Field(max_length=MAX_SLOTS)]
    retired: Annotated[tuple[_Name, ...], Field(max_length=10_000)] = ()
    escrow: EscrowSlot | None = None
    mac: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")] = ""

    def find(self, user: str) -> Slot | None:
        """Find a user's slot, whatever the case it is typed in; None when there is none."""
        wanted = keys.normalised(user).strip().casefold()
        return next((slot for slot in self.slots if slot.user.casefold() == wanted), None)

    def get(self, user: str) -> Slot:
        """Give a user's slot.

        Raises: UnknownThing.
        """
        if slot := self.find(user):
            return slot
        raise errors.UnknownThing(kind=Text("user", "用户"), name=user[:64])

    def replaced(self, slot: Slot) -> SlotFile:
        """Give the file with this user's slot exchanged."""
        return self.model_copy(
            update={"slots": tuple(slot if s.user == slot.user else s for s in self.slots)}
        )

    def rotation_context(self, slot: Slot) -> dict[str, str]:
        """Give what a handed-over key is bound to."""
        return {"device": self.device, "user": slot.user, "from": self.key_id}

    def signed(self, data_key: bytes) -> SlotFile:
        """Give the file with its MAC."""
        bare = self.model_copy(update={"mac": ""})
        return bare.model_copy(update={"mac": keys.mac(data_key, bare._text())})

    def is_signed_by(self, data_key: bytes) -> bool:
        """Tell whether the last change was made by a holder of the data key."""
        bare = self.model_copy(update={"mac": ""})
        return hmac.compare_digest(self.mac, keys.mac(data_key, bare._text()))

    def encoded(self) -> bytes:
        """Give the bytes of the file: the content and its SHA-256, by which damage is told from a wrong password."""
        digest = hashlib.sha256(self._text()).hexdigest()
        whole = {"content": self.model_dump(mode="json"), "sha256": digest}
        return json.dumps(whole, indent=1, sort_keys=True).encode("ascii") + b"\n"

    @classmethod
    def decoded(cls, data: bytes) -> SlotFile:
        """Read the bytes of the file.

        Raises: KeyslotsBroken.
        """
        damaged = errors.KeyslotsBroken(reason=Text("damaged", "已损坏"))
        try:
            if len(data) > MAX_FILE:
                raise damaged
            content = cls.model_validate_json(json.dumps(json.loads(data)["content"]))
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise damaged from error
        if content.encoded() != data:
            raise damaged
        return content

    def _text(self) -> bytes:
        return json.dumps(self.model_dump(mode="json"), separators=(",", ":"), sort_keys=True).encode("ascii")

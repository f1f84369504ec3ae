"""The secrets of one laptop and how each is wrapped: data key, password slots, rotation, escrow.

The data key is random and opens the database; a password only opens a slot that holds it. A user's signing
key lies in that user's slot alone, so whoever holds the data key still cannot sign as that user. Nothing here
reads or writes a file, and no secret may appear in a repr, an exception or a log. Python cannot wipe memory:
dropping the references is all that a lock can do.

Cheap key derivation exists for tests and the training ward only. A slot file names its own parameters, so the
limit cannot come from the file: the caller states a `floor`, and only code that asks for `TRAINING` gets it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from ucmsc_desktop import age, errors
from ucmsc_desktop.i18n import Text

KEY_BYTES = 32
SALT_BYTES = 16
CEILING_KIB = 1024 * 1024
"""1 GiB: a slot that asks for more would only stop the laptop."""

_MAX_PASSES = 16
_MAX_LANES = 16
_NONCE_BYTES = 12
_MAX_ESCROW = 16 * 1024
_ESCROW_PURPOSE = "ucmsc-escrow-v1"


@dataclass(frozen=True, slots=True)
class KdfParams:
    """What one password guess costs: Argon2id memory in KiB, passes over it, lanes."""

    memory_kib: int
    passes: int
    lanes: int

    def check(self, floor: KdfParams) -> None:
        """Refuse parameters below `floor` or above the ceiling.

        Raises: KeyslotsBroken.
        """
        # More lanes make no guess dearer: they have an upper limit only.
        if self.memory_kib < floor.memory_kib or self.passes < floor.passes or self.lanes < 1:
            raise _slots_broken("the password protection is too weak", "口令保护强度不足")
        if self.memory_kib > CEILING_KIB or self.passes > _MAX_PASSES or self.lanes > _MAX_LANES:
            raise _slots_broken(
                "the password protection asks for too much memory or time", "口令保护参数过大"
            )


FLOOR = KdfParams(memory_kib=64 * 1024, passes=3, lanes=4)
"""What every real slot costs at least. Source: RFC 9106, section 4, second recommended option."""

TRAINING = KdfParams(memory_kib=64, passes=1, lanes=1)
"""For tests and invented participants only; `derive` and `KeySlots` take it only as an explicit `floor`."""


@dataclass(frozen=True, slots=True)
class SlotSecrets:
    """What one password opens: the data key, the user's signing seed (Ed25519), the user's own age identity.

    The identity lets an administrator hand a rotated data key to a user without that user's password.
    """

    data_key: bytes = field(repr=False)
    signing_key: bytes = field(repr=False)
    identity: str = field(repr=False)

    def pack(self) -> bytes:
        """Give the bytes to be wrapped."""
        return self.data_key + self.signing_key + self.identity.encode("ascii")

    @classmethod
    def unpack(cls, packed: bytes) -> SlotSecrets:
        """Read what `pack` gave."""
        return cls(
            packed[:KEY_BYTES], packed[KEY_BYTES : 2 * KEY_BYTES], packed[2 * KEY_BYTES :].decode("ascii")
        )


@dataclass(frozen=True, slots=True)
class Escrow:
    """What the centre's recovery key opens when every password of a laptop is lost."""

    data_key: bytes = field(repr=False)
    device: str
    created: datetime


def new_data_key() -> bytes:
    """Make a random data key."""
    return secrets.token_bytes(KEY_BYTES)


def new_salt() -> bytes:
    """Make a random salt for one slot."""
    return secrets.token_bytes(SALT_BYTES)


def new_signing_key() -> bytes:
    """Make the secret seed of a user's Ed25519 key."""
    return secrets.token_bytes(KEY_BYTES)


def signing_public(seed: bytes) -> bytes:
    """Give the public half of a signing key."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def derive(password: str, salt: bytes, params: KdfParams, *, floor: KdfParams = FLOOR) -> bytes:
    """Turn a password into the key of its slot (Argon2id over the NFKC form).

    Raises: KeyslotsBroken when `params` are out of bounds or this computer has too little memory for them.
    """
    from argon2.exceptions import HashingError
    from argon2.low_level import Type, hash_secret_raw

    params.check(floor)
    try:
        return hash_secret_raw(
            normalised(password).encode("utf-8", "surrogatepass"),
            salt,
            time_cost=params.passes,
            memory_cost=params.memory_kib,
            parallelism=params.lanes,
            hash_len=KEY_BYTES,
            type=Type.ID,
        )
    except HashingError as error:
        raise _slots_broken("not enough memory to check a password", "内存不足，无法校验口令") from error


def normalised(text: str) -> str:
    """Give one form to what an input method may type in several (full-width letters, composed accents)."""
    return unicodedata.normalize("NFKC", text)


def bound(**context: object) -> bytes:
    """Give the one byte form of what a wrapped secret is bound to."""
    return json.dumps(context, sort_keys=True, separators=(",", ":")).encode("ascii")


def slot_binding(device: str, user: str, version: int, params: KdfParams, **more: object) -> bytes:
    """Give the associated data of a slot: moved to another device, user or cost, it no longer opens."""
    return bound(what="ucmsc-slot", device=device, user=user, version=version, kdf=asdict(params), **more)


def wrap(key: bytes, secret: bytes, binding: bytes) -> bytes:
    """Encrypt a secret with AES-256-GCM; gives nonce || ciphertext || tag."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, secret, binding)


def unwrap(key: bytes, wrapped: bytes, binding: bytes) -> bytes:
    """Decrypt what `wrap` gave.

    Raises: WrongPassword; whether the key, the binding or the bytes are wrong cannot be told.
    """
    try:
        return AESGCM(key).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], binding)
    except (InvalidTag, ValueError) as error:
        raise errors.WrongPassword from error


def subkey(data_key: bytes, label: str) -> bytes:
    """Derive a key of another purpose, so that the data key itself serves the database alone."""
    return HKDFExpand(SHA256(), KEY_BYTES, b"ucmsc-subkey-v1\0" + label.encode("ascii")).derive(data_key)


def key_id(data_key: bytes) -> str:
    """Give the public name of a data key: 16 hex digits that betray nothing of it."""
    return subkey(data_key, "id")[:8].hex()


def mac(data_key: bytes, message: bytes) -> str:
    """Give the keyed digest by which the slot file is known to come from a holder of the data key."""
    return hmac.new(subkey(data_key, "mac"), message, hashlib.sha256).hexdigest()


def hand_over(old_key: bytes, new_key: bytes, recipient: str, context: Mapping[str, str]) -> bytes:
    """Seal a rotated data key to one user: readable with that user's own identity, forgeable only with the old key.

    Two layers, because each answers another question. age: a removed user who knows the old key cannot read
    the new one. GCM under the old key: somebody who only holds the disk cannot slip in a key of their own.
    """
    sealed = age.encrypt(new_key, [recipient])
    return wrap(subkey(old_key, "rotation"), sealed, bound(what="ucmsc-rotation", **context))


def take_over(old_key: bytes, handed: bytes, identity: str, context: Mapping[str, str]) -> bytes:
    """Open what `hand_over` gave.

    Raises: KeyslotsBroken.
    """
    try:
        sealed = unwrap(subkey(old_key, "rotation"), handed, bound(what="ucmsc-rotation", **context))
        key = age.decrypt(sealed, identity)
    except (errors.WrongPassword, errors.SealBroken, errors.NotARecipient) as error:
        raise _slots_broken("a rotated key does not open", "轮换后的密钥无法打开") from error
    if len(key) != KEY_BYTES:
        raise _slots_broken("a rotated key does not open", "轮换后的密钥无法打开")
    return key


def seal_escrow(data_key: bytes, device: str, created: datetime, recipient: str) -> bytes:
    """Seal the data key to the centre's recovery recipient, as an age file that the official tool opens.

    Raises: UnknownThing when the recipient is not an age X25519 public key.
    """
    if created.tzinfo is None:
        raise errors.BugError("times carry their offset")
    note = {
        "purpose": _ESCROW_PURPOSE,
        "device": device,
        "created": created.isoformat(),
        "key_id": key_id(data_key),
        "data_key": data_key.hex(),
    }
    return age.encrypt(json.dumps(note, indent=1).encode("utf-8") + b"\n", [recipient])


def open_escrow(sealed: bytes, identity: str) -> Escrow:
    """Open an escrow file with the recovery identity.

    Raises: FileTooLarge, NotARecipient, SealBroken; UnknownThing when it is not an age identity.
    """
    if len(sealed) > _MAX_ESCROW:
        raise errors.FileTooLarge(limit=f"{_MAX_ESCROW // 1024} KB")
    escrow = _escrow_of(age.decrypt(sealed, identity))
    if escrow is None:
        raise errors.SealBroken(reason=Text("not an escrow file for this key", "不是本密钥的托管文件"))
    return escrow


def _escrow_of(plain: bytes) -> Escrow | None:
    try:
        note: Any = json.loads(plain)
        created = datetime.fromisoformat(note["created"])
        escrow = Escrow(_hex_key(note["data_key"]), str(note["device"]), created)
        fits = note["purpose"] == _ESCROW_PURPOSE and note["key_id"] == key_id(escrow.data_key)
    except (ValueError, TypeError, KeyError, RecursionError):
        # Not chained: the message of the cause may quote the secret.
        return None
    return escrow if fits and created.tzinfo else None


def _hex_key(text: str) -> bytes:
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ValueError("not 32 bytes in hex")
    return bytes.fromhex(text)


def _slots_broken(en: str, zh: str) -> errors.KeyslotsBroken:
    return errors.KeyslotsBroken(reason=Text(en, zh))

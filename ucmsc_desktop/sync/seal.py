"""Seal a body for named recipients, and open a sealed one: age( four minisign lines || body ).

Opening goes in one order and must never take another: size cap, decrypt, verify the signature over the
received bytes, compare purpose, study, sender and recipients; only then does anybody else see the body. age
hides but does not say who wrote; the signature says who wrote, and its trusted comment says for what and for
whom, so a recipient cannot pass the file on to somebody else as if it had been meant for them.

age does not compress, so the cap on the sealed bytes caps the plain ones too.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from ucmsc_desktop import age, errors
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.sync.minisign import PublicKey, SigningKey, claimed_comment, signing_key_id, split_signed

SYNC = "ucmsc-sync-v1"
RETURN = "ucmsc-return-v1"

MAX_SEALED = 64 * 1024 * 1024
MAX_BODY = 62 * 1024 * 1024
"""Leaves room for the signature and age's own bytes; a whole number of padding steps."""
MAX_RECIPIENTS = 10

_SMALLEST_STEP = 16 * 1024
_PURPOSE = re.compile(r"[a-z][a-z0-9-]{0,39}")
_FIELD_NAME = re.compile(r"[a-z][a-z_]{0,19}")
_FIELD_VALUE = re.compile(r"[A-Za-z0-9._:+/,-]{1,400}")


@dataclass(frozen=True, slots=True)
class Label:
    """The trusted comment: what a sealed file is for, and its fields in their order."""

    purpose: str
    fields: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return " ".join((self.purpose, *(f"{name}={value}" for name, value in self.fields.items())))

    @classmethod
    def parse(cls, text: str) -> Label:
        """Read a trusted comment.

        Raises: SealBroken when it is not exactly what `str` of a label gives.
        """
        purpose, *parts = text.split(" ")
        pairs = [part.partition("=") for part in parts]
        label = cls(purpose, {name: value for name, _, value in pairs})
        if len(label.fields) != len(pairs) or not label.is_well_formed or str(label) != text:
            raise _broken("the label cannot be read", "标签无法读取")
        return label

    @property
    def is_well_formed(self) -> bool:
        """Tell whether the label survives being written and read."""
        return bool(_PURPOSE.fullmatch(self.purpose)) and all(
            _FIELD_NAME.fullmatch(name) and _FIELD_VALUE.fullmatch(value)
            for name, value in self.fields.items()
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """A body whose sender, purpose and recipients have been proved."""

    label: Label
    device: str
    body: bytes = field(repr=False)


def fingerprint(recipient: str) -> str:
    """Give the 32 hex digits that stand for a recipient in a label."""
    return hashlib.sha256(recipient.encode("ascii")).hexdigest()[:32]


def pad_to_step(size: int) -> int:
    """Give the size up to which a body of `size` bytes should be padded.

    Steps of 16 KiB, growing with the size to at most an eighth of it: the outside then tells about as little
    as the number of sync files does. A body within `MAX_BODY` stays within it.
    """
    if not 0 <= size <= MAX_BODY:
        raise errors.FileTooLarge(limit=_limit(MAX_BODY))
    step = max(_SMALLEST_STEP, 1 << max(0, size.bit_length() - 5))
    return max(1, -(-size // step)) * step


def seal(body: bytes, *, device_key: SigningKey, label: Label, recipients: Sequence[str]) -> bytes:
    """Sign `body` under `label`, completed by the recipients' fingerprints, and encrypt both to the recipients.

    Raises: FileTooLarge; UnknownThing when a recipient is not an age X25519 public key.
    """
    if len(body) > MAX_BODY:
        raise errors.FileTooLarge(limit=_limit(MAX_BODY))
    unique = sorted(set(recipients))
    if not 0 < len(unique) <= MAX_RECIPIENTS or "to" in label.fields or "device" not in label.fields:
        raise errors.BugError("a label names its device; the seal adds the recipients, one to ten")
    full = Label(label.purpose, {**label.fields, "to": ",".join(fingerprint(text) for text in unique)})
    if not full.is_well_formed:
        raise errors.BugError("a label is made of plain words")
    return age.encrypt(device_key.sign(body, str(full)) + body, unique)


def open_sealed(
    sealed: bytes, *, identity: str, signers: Mapping[str, PublicKey], purpose: str, study: str
) -> Opened:
    """Decrypt, verify and check a sealed file; `signers` maps each device that may send to its public key.

    Raises: FileTooLarge; NotARecipient; UnknownDevice when no signer has the signing key; SealBroken for all
    else.
    """
    if len(sealed) > MAX_SEALED:
        raise errors.FileTooLarge(limit=_limit(MAX_SEALED))
    signature, body = split_signed(age.decrypt(sealed, identity))
    key_id = signing_key_id(signature)
    keys = {key for key in signers.values() if key.key_id == key_id}
    if not keys:
        raise errors.UnknownDevice(device=PublicKey(key_id, bytes(32)).name)
    signer, comment = _verified(keys, signature, body)
    label = Label.parse(comment)
    _check(label, {device for device, key in signers.items() if key == signer}, purpose=purpose, study=study)
    # Whoever holds another recipient's key could have sealed the same signed body again, for this reader.
    if fingerprint(age.recipient_of(identity)) not in label.fields.get("to", "").split(","):
        raise errors.NotARecipient
    return Opened(label, label.fields["device"], body)


def claimed_label(sealed: bytes, *, identity: str) -> Label:
    """Read what a sealed file says of itself, to put several in order; nothing is proved by it.

    Raises: FileTooLarge, NotARecipient, SealBroken.
    """
    if len(sealed) > MAX_SEALED:
        raise errors.FileTooLarge(limit=_limit(MAX_SEALED))
    signature, _body = split_signed(age.decrypt(sealed, identity))
    return Label.parse(claimed_comment(signature))


def _verified(keys: Collection[PublicKey], signature: bytes, body: bytes) -> tuple[PublicKey, str]:
    # Nothing stops two registered keys from carrying the same eight-byte number.
    refusal: errors.SealBroken | None = None
    for key in keys:
        try:
            return key, key.verify(signature, body)
        except errors.SealBroken as error:
            refusal = error
    raise refusal or errors.BugError("no key to verify with")


def _check(label: Label, devices: Collection[str], *, purpose: str, study: str) -> None:
    if label.purpose != purpose:
        raise _broken("made for another purpose", "用途不符")
    if label.fields.get("study") != study:
        raise _broken("from another study", "来自其他研究")
    if label.fields.get("device") not in devices:
        raise _broken("signed by another device than it names", "签名设备与标注设备不符")


def _limit(size: int) -> str:
    return f"{size // (1024 * 1024)} MB"


def _broken(en: str, zh: str) -> errors.SealBroken:
    return errors.SealBroken(reason=Text(en, zh))

"""Sign and verify in the form of minisign, so that anyone can check a file without this program.

Prehashed form only ("ED"): Ed25519 over BLAKE2b-512 of the body, then a second ("global") signature over the
first one and the trusted comment. It must never say anything about a body before both signatures hold, and
never accept two spellings of one signature.

The rule a reader would miss: the untrusted comment is signed by nobody; nothing may be concluded from it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ucmsc_desktop import errors
from ucmsc_desktop.i18n import Text

UNTRUSTED = "untrusted comment: "
TRUSTED = "trusted comment: "
MAX_COMMENT = 1024

_KEY_ALGORITHM = b"Ed"
_PREHASHED = b"ED"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A minisign public key: eight bytes that name it, and the Ed25519 key."""

    key_id: bytes
    raw: bytes

    def __post_init__(self) -> None:
        if len(self.key_id) != 8 or len(self.raw) != 32:
            raise errors.BugError("a minisign key has 8 + 32 bytes")

    @property
    def name(self) -> str:
        """Give the key's number as minisign prints it."""
        return self.key_id[::-1].hex().upper()

    @property
    def base64(self) -> str:
        """Give the one-line form that `minisign -P` takes."""
        return base64.b64encode(_KEY_ALGORITHM + self.key_id + self.raw).decode()

    @property
    def text(self) -> str:
        """Give the content of a `.pub` file that `minisign -p` takes."""
        return f"{UNTRUSTED}minisign public key {self.name}\n{self.base64}\n"

    @classmethod
    def from_text(cls, text: str) -> PublicKey:
        """Read a `.pub` file, or its second line alone.

        Raises: SealBroken when it is neither.
        """
        lines = [line.strip() for line in text.strip().splitlines()]
        if len(lines) == 2 and lines[0].startswith(UNTRUSTED):
            lines = lines[1:]
        if len(lines) != 1:
            raise _broken("not a minisign public key", "不是 minisign 公钥")
        blob = _decode(lines[0].encode("utf-8"), 42)
        if blob[:2] != _KEY_ALGORITHM:
            raise _broken("not a minisign public key", "不是 minisign 公钥")
        return cls(blob[2:10], blob[10:])

    def verify(self, signature: bytes, body: bytes) -> str:
        """Check the four signature lines against `body` and give the trusted comment.

        Raises: SealBroken.
        """
        sig = _Signature.parse(signature)
        if sig.key_id != self.key_id:
            raise _broken("signed with another key", "签名密钥不符")
        key = Ed25519PublicKey.from_public_bytes(self.raw)
        try:
            key.verify(sig.over_body, hashlib.blake2b(body).digest())
            key.verify(sig.over_comment, sig.over_body + sig.comment)
        except InvalidSignature as error:
            raise _broken("the signature does not fit", "签名不符") from error
        try:
            return sig.comment.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _broken("the comment is not text", "签名说明不是文本") from error


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A device's signing key; `seed` is the secret and lies only inside the encrypted database."""

    seed: bytes = field(repr=False)
    key_id: bytes

    @classmethod
    def generate(cls) -> SigningKey:
        """Make a new key."""
        return cls.from_seed(secrets.token_bytes(32))

    @classmethod
    def from_seed(cls, seed: bytes) -> SigningKey:
        """Rebuild a key from its 32 secret bytes; its number is the start of the public key's SHA-256."""
        return cls(seed, hashlib.sha256(_public(seed)).digest()[:8])

    @property
    def public(self) -> PublicKey:
        """Give the key that others need for verifying."""
        return PublicKey(self.key_id, _public(self.seed))

    def sign(self, body: bytes, trusted_comment: str) -> bytes:
        """Sign `body` and the comment; give the four lines of a `.minisig` file."""
        comment = trusted_comment.encode("utf-8")
        if len(comment) > MAX_COMMENT or not trusted_comment.isprintable():
            raise errors.BugError("a trusted comment is one printable line")
        key = Ed25519PrivateKey.from_private_bytes(self.seed)
        over_body = key.sign(hashlib.blake2b(body).digest())
        over_comment = key.sign(over_body + comment)
        return b"".join(
            (
                UNTRUSTED.encode() + b"signature from minisign secret key\n",
                base64.b64encode(_PREHASHED + self.key_id + over_body) + b"\n",
                TRUSTED.encode() + comment + b"\n",
                base64.b64encode(over_comment) + b"\n",
            )
        )


@dataclass(frozen=True, slots=True)
class _Signature:
    key_id: bytes
    over_body: bytes
    comment: bytes
    over_comment: bytes

    @classmethod
    def parse(cls, text: bytes) -> _Signature:
        lines = text.split(b"\n")
        if len(lines) != 5 or lines[4]:
            raise _broken("no signature", "缺少签名")
        head, first, comment, second = lines[:4]
        if not head.startswith(UNTRUSTED.encode()) or not comment.startswith(TRUSTED.encode()):
            raise _broken("no signature", "缺少签名")
        if max(len(head), len(comment)) > MAX_COMMENT + len(UNTRUSTED):
            raise _broken("the comment is too long", "签名说明过长")
        blob = _decode(first, 74)
        if blob[:2] != _PREHASHED:
            raise _broken("not a prehashed signature", "签名类型不符")
        return cls(blob[2:10], blob[10:], comment[len(TRUSTED) :], _decode(second, 64))


def signing_key_id(signature: bytes) -> bytes:
    """Read which key claims to have signed; nothing is proved by it.

    Raises: SealBroken when there is no signature.
    """
    return _Signature.parse(signature).key_id


def claimed_comment(signature: bytes) -> str:
    """Read the trusted comment as it is written; nothing is proved by it.

    Raises: SealBroken when there is no signature.
    """
    return _Signature.parse(signature).comment.decode("utf-8", "replace")


def split_signed(signed: bytes) -> tuple[bytes, bytes]:
    """Cut `four signature lines || body` in two.

    Raises: SealBroken when there are no four short lines.
    """
    end = 0
    for _ in range(4):
        end = signed.find(b"\n", end, end + 2 * MAX_COMMENT) + 1
        if not end:
            raise _broken("no signature", "缺少签名")
    return signed[:end], signed[end:]


def _public(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _decode(line: bytes, size: int) -> bytes:
    try:
        blob = base64.b64decode(line, validate=True)
    except (binascii.Error, ValueError) as error:
        raise _broken("not base64", "不是 base64 编码") from error
    # Base64 has spare bits: one signature must have one spelling only.
    if len(blob) != size or base64.b64encode(blob) != line:
        raise _broken("wrong length", "长度不符")
    return blob


def _broken(en: str, zh: str) -> errors.SealBroken:
    return errors.SealBroken(reason=Text(en, zh))

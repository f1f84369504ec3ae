"""Encrypt to age keys and decrypt with one, in memory only, with our own errors.

pyrage's file functions must never be used: on a full disk they lose the last block without a word. The caller
writes the bytes with `durable`. age hides a content but does not say who wrote it; whoever needs that signs
inside. X25519 keys only: the official `age` of every machine opens them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ucmsc_desktop import errors
from ucmsc_desktop.i18n import Text

_HEADER = b"age-encryption.org/v1\n"


def new_identity() -> tuple[str, str]:
    """Make a key pair: the secret identity and the public recipient."""
    import pyrage

    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def recipient_of(identity: str) -> str:
    """Give the public recipient of a secret identity.

    Raises: UnknownThing when it is not an age identity.
    """
    return str(_identity(identity).to_public())


def check_recipient(recipient: str) -> None:
    """Refuse what is not the public key of an age X25519 identity, in its one spelling.

    Raises: UnknownThing.
    """
    _recipient(recipient)


def encrypt(plain: bytes, recipients: Sequence[str]) -> bytes:
    """Encrypt to every one of `recipients`.

    Raises: UnknownThing when one of them is not an age X25519 public key.
    """
    import pyrage

    return bytes(pyrage.encrypt(plain, [_recipient(text) for text in recipients]))


def decrypt(sealed: bytes, identity: str) -> bytes:
    """Decrypt with a secret identity. age does not compress: the plain bytes are fewer than the sealed ones.

    Raises: NotARecipient, SealBroken; UnknownThing when it is not an age identity.
    """
    import pyrage

    key = _identity(identity)
    if not sealed.startswith(_HEADER):
        raise errors.SealBroken(reason=Text("not an age file", "不是 age 文件"))
    try:
        return bytes(pyrage.decrypt(sealed, [key]))
    except pyrage.DecryptError as error:
        # pyrage tells its reasons apart only in words; should these change, the file is refused all the same.
        if "No matching keys" in str(error):
            raise errors.NotARecipient from error
        raise errors.SealBroken(reason=Text("it cannot be decrypted", "无法解密")) from error


def _identity(text: str) -> Any:
    import pyrage

    try:
        return pyrage.x25519.Identity.from_str(text.strip())
    except pyrage.IdentityError:
        # Neither the text nor the library's message is passed on: it may be a secret with a slip in it.
        raise errors.UnknownThing(kind=Text("age secret key", "age 私钥"), name="…") from None


def _recipient(text: str) -> Any:
    import pyrage

    try:
        key = pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        key = None
    if key is None or str(key) != text:
        # Somebody may have pasted the secret key instead: show the beginning of a public key only.
        shown = f"{text[:12]}…" if text.startswith("age1") else "…"
        raise errors.UnknownThing(kind=Text("age public key", "age 公钥"), name=shown)
    return key

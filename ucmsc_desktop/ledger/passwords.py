"""Which passwords are good enough, and a passphrase to offer instead.

A laptop that is stolen is attacked offline, so the rule is length and not being guessable, never a mix of
character classes. Nothing here is stored or logged, and a refusal never repeats what was typed.
"""

from __future__ import annotations

import math
import re
import secrets
from functools import cache

from ucmsc_desktop import errors
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.ledger.keys import normalised
from ucmsc_desktop.paths import resources_dir

MIN_LENGTH = 12
MAX_LENGTH = 256
PASSPHRASE_WORDS = 4

_MIN_DIFFERENT = 5
_MIN_BEYOND_NAME = 8
_SYLLABLES_PER_WORD = 2
# Spoken and typed the same by English and Chinese readers; "si" sounds like death in Chinese and is left out.
_SYLLABLES = tuple(c + v for c in "bdfghjklmnprstwyz" for v in "aeiou" if c + v != "si")
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "!@#$%^&*()_+",
)
_LEET = str.maketrans("013457$@!", "oleastsai")


def check_password(password: str, user: str) -> None:
    """Refuse a password that an attacker would try early.

    Raises: WeakPassword with the reason.
    """
    text = normalised(password)
    if len(text) < MIN_LENGTH:
        raise _weak(f"it has fewer than {MIN_LENGTH} characters", f"少于 {MIN_LENGTH} 个字符")
    if len(text) > MAX_LENGTH or not text.isprintable():
        raise _weak("it is too long or has characters that cannot be typed", "过长或含无法键入的字符")
    plain = text.casefold()
    if _is_about(plain, normalised(user).casefold().strip()):
        raise _weak("it is made of the user name", "由用户名构成")
    if len(set(plain)) < _MIN_DIFFERENT or _is_repeated(plain):
        raise _weak("it repeats the same characters", "重复使用相同字符")
    if _is_keyboard_walk(plain):
        raise _weak("it follows the keyboard or the alphabet", "按键盘或字母顺序排列")
    if _is_common(plain):
        raise _weak("it is a common password", "属于常见密码")


def new_passphrase() -> str:
    """Make four invented words such as "bida-moke-tuso-rafe", at random and easy to type in any layout."""
    words = (
        "".join(secrets.choice(_SYLLABLES) for _ in range(_SYLLABLES_PER_WORD))
        for _ in range(PASSPHRASE_WORDS)
    )
    return "-".join(words)


def passphrase_bits() -> float:
    """Give the entropy of `new_passphrase` in bits."""
    return PASSPHRASE_WORDS * _SYLLABLES_PER_WORD * math.log2(len(_SYLLABLES))


def _is_about(plain: str, user: str) -> bool:
    return len(user) > 2 and user in plain and len(plain.replace(user, "")) < _MIN_BEYOND_NAME


def _is_repeated(plain: str) -> bool:
    return any(
        plain == (plain[:period] * len(plain))[: len(plain)] for period in range(1, len(plain) // 2 + 1)
    )


def _is_keyboard_walk(plain: str) -> bool:
    """Tell whether the password falls into few runs along a keyboard row or the alphabet, either way."""
    walks = [row for straight in _ROWS for row in (straight * 2, straight[::-1] * 2)]
    pieces, at = 0, 0
    while at < len(plain):
        size = 1
        while at + size < len(plain) and any(plain[at : at + size + 1] in walk for walk in walks):
            size += 1
        pieces += 1
        at += size
    return pieces <= len(plain) // 4


def _is_common(plain: str) -> bool:
    common = common_passwords()
    # Digits and signs around a common word are the first thing a cracking rule adds; so are 0 for o and @ for a.
    candidates = {plain, re.sub(r"[\W\d_]+", "", plain), re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)}
    candidates |= {re.sub(r"[\W\d_]+", "", candidate.translate(_LEET)) for candidate in candidates}
    return any(candidate and _falls_apart(candidate, common) for candidate in candidates)


def _falls_apart(text: str, common: frozenset[str]) -> bool:
    """Tell whether the text is a common password, or two of them one after the other."""
    return text in common or any(text[:cut] in common and text[cut:] in common for cut in range(1, len(text)))


@cache
def common_passwords() -> frozenset[str]:
    """Give the bundled list, in lower case.

    Raises: ResourceMissing; without the list no password may be accepted.
    """
    path = resources_dir() / "common-passwords.txt"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise errors.ResourceMissing(name=path.name) from error
    return frozenset(line.strip().casefold() for line in lines if line.strip() and not line.startswith("#"))


def _weak(en: str, zh: str) -> errors.WeakPassword:
    return errors.WeakPassword(reason=Text(en, zh))

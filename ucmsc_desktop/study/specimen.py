"""What the codes on the trial's labels say: the participant's number, a tube of blood, an aliquot of its plasma.

A tube is `subject-timepoint-number`: 01-001-D1-0 is the tube drawn on day 1, 01-001-D1-3 its third aliquot. An
unscheduled sample has no time-point of its own, so its record number stands in the tens: 01-001-UNS-10 is the tube of the
second one. What is recorded is that code; what is printed carries a check character behind it, so that a code typed from
a smeared label is verified before it means anything. A code read with a wrong check character is never guessed right.

Source of the check character: ISO/IEC 7064, MOD 37,36 (hybrid system, one character of 0-9 A-Z): it finds every single
wrong character and nearly every exchange of two neighbours. Hyphens are not counted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
UNSCHEDULED = "UNS"
TENS = 10  # how far apart the numbers of two unscheduled samples lie

Kind = Literal["participant", "tube", "aliquot"]

# With its hyphens as it is printed, or without any as the bars carry it; the last character is the check.
_SPELT = re.compile(r"(\d\d)-(\d{3})(?:-([0-9A-Z]{2,4})-(\d{1,3}))?-([0-9A-Z])")
_PACKED = re.compile(r"(\d\d)(\d{3})(?:(?:(BL|6H|D\d{1,2})(\d)|(UNS)(\d{1,3})))?([0-9A-Z])")


def check_character(text: str) -> str:
    """Give the check character of a code. Source: ISO/IEC 7064, MOD 37,36.

    Raises: ValueError where a character is neither digit, capital letter nor hyphen.
    """
    size = len(ALPHABET)
    product = size
    for char in text.replace("-", ""):
        total = (product + ALPHABET.index(char)) % size or size
        product = total * 2 % (size + 1)
    return ALPHABET[(size + 1 - product) % size]


@dataclass(frozen=True, slots=True)
class LabelCode:
    """A code of this trial. `visit` "" for a participant's label; `number` counts tube and aliquots of a time-point."""

    subject: str
    visit: str = ""
    number: int = 0

    @property
    def kind(self) -> Kind:
        if not self.visit:
            return "participant"
        return "aliquot" if self.aliquot else "tube"

    @property
    def n(self) -> int:
        """The number of the record: 1, but for the second and later unscheduled samples."""
        return self.number // TENS + 1 if self.visit == UNSCHEDULED else 1

    @property
    def aliquot(self) -> int:
        """The number of the aliquot; 0 is the tube itself."""
        return self.number % TENS if self.visit == UNSCHEDULED else self.number

    @property
    def plain(self) -> str:
        """The code as it is recorded."""
        return f"{self.subject}-{self.visit}-{self.number}" if self.visit else self.subject

    @property
    def printed(self) -> str:
        """The code as it is printed and read, with its check character."""
        return f"{self.plain}-{check_character(self.plain)}"

    @property
    def packed(self) -> str:
        """The printed code without hyphens, for bars that must be short."""
        return self.printed.replace("-", "")


def tube(subject: str, visit: str, n: int = 1, aliquot: int = 0) -> LabelCode:
    """Give the code of a tube, or of one of its aliquots."""
    return LabelCode(subject, visit, aliquot + (TENS * (n - 1) if visit == UNSCHEDULED else 0))


def read(text: str) -> LabelCode | None:
    """Read a scanned or typed code, upper or lower case. Missing: None for what is no code of this trial.

    Raises: ValueError where it can be nothing but one of ours and its check character is wrong.
    """
    wanted = text.strip().upper()
    found = _SPELT.fullmatch(wanted) or _PACKED.fullmatch(wanted)
    if found is None:
        return None
    site, serial, *rest, check = found.groups()
    visit, number = [part for part in rest if part is not None] or ("", "0")
    code = LabelCode(f"{site}-{serial}", visit, int(number))
    if check_character(code.plain) != check:
        if not visit and "-" not in wanted:
            return None  # six characters in a row are as likely a number of somebody else: a bag, a lot
        raise ValueError(wanted)
    return code


def recorded(text: str) -> str:
    """Give a code as it is recorded: a printed one without its check character, anything else as it is."""
    try:
        code = read(text)
    except ValueError:
        return text
    return code.plain if code is not None else text

"""The bundled fonts: which face draws a character, how wide it is, where a line may break, and the subset embedded.

Noto Sans SC draws all it can; what it lacks (⁶ ₂ ☐ ☑) comes from the symbols face. A character that no face has is an
error and never a silent box. Nothing here draws; the fonts are read once per process and never written to.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ucmsc_desktop import paths
from ucmsc_desktop.errors import GlyphMissing
from ucmsc_desktop.i18n import Lang

Weight = Literal["regular", "bold"]

# No line begins with these (closing punctuation) or ends with those (opening punctuation): GB/T 15834.
NOT_FIRST = frozenset("，。、；：？！）》〉」』】〕”’%‰℃,.;:?!)]}°·…～—–/")
NOT_LAST = frozenset("（《〈「『【〔“‘([{¥$#")
# Punctuation that the Chinese face draws as wide as a Chinese character: on English pages the symbols face draws it.
NARROW = frozenset("“”‘’…·≤≥")


class Glyph(NamedTuple):
    """A character in a face; the width is in thousandths of the type size."""

    face: int
    width: float


class Run(NamedTuple):
    """A stretch of text drawn with one face."""

    face: int
    text: str


class Library:
    """The three faces and what they cover, for pages in one language."""

    def __init__(self, faces: tuple[Any, ...], lang: Lang) -> None:
        self.faces = faces
        self._narrow = NARROW if lang == "en" else frozenset()
        self._glyphs: tuple[dict[str, Glyph], dict[str, Glyph]] = ({}, {})

    def glyph(self, char: str, weight: Weight) -> Glyph:
        """Find the face that draws a character.

        Raises: GlyphMissing, naming the character by its code point only.
        """
        known = self._glyphs[weight == "bold"]
        found = known.get(char)
        if found is None:
            code = ord(char)
            main = 1 if weight == "bold" else 0
            for face in (2, main) if char in self._narrow else (main, 2):
                # A control character may have an (empty) glyph; on paper it would vanish, so it counts as missing.
                if code in self.faces[face].charToGlyph and unicodedata.category(char)[0] != "C":
                    found = known[char] = Glyph(face, float(self.faces[face].charWidths[code]))
                    return found
            raise GlyphMissing(char=f"U+{code:04X}")
        return found

    def width(self, text: str, size: float, weight: Weight = "regular") -> float:
        """Give the width of a text in points."""
        glyph = self.glyph
        return sum(glyph(c, weight).width for c in text) * size / 1000

    def runs(self, text: str, weight: Weight = "regular") -> list[Run]:
        """Split a text into runs of one face each."""
        found: list[Run] = []
        start, face = 0, -1
        for n, char in enumerate(text):
            wanted = self.glyph(char, weight).face
            if wanted != face:
                if n > start:
                    found.append(Run(face, text[start:n]))
                start, face = n, wanted
        if text:
            found.append(Run(face, text[start:]))
        return found

    @lru_cache(maxsize=8192)  # noqa: B019 - the library lives as long as the process
    def wrap(self, text: str, size: float, width: float, weight: Weight = "regular") -> tuple[str, ...]:
        """Break a text into lines of at most `width` points; at least one line, even for an empty text.

        Only the blank at which a line breaks is left out; a word too long for a line is broken inside.
        """
        lines: list[str] = []
        for paragraph in _paragraphs(text):
            if self.width(paragraph, size, weight) <= width:
                lines.append(paragraph)
            else:
                lines.extend(self._wrapped(paragraph, size, width, weight))
        return tuple(lines)

    def _wrapped(self, paragraph: str, size: float, width: float, weight: Weight) -> Iterator[str]:
        line, used = "", 0.0
        for piece in pieces(paragraph):
            needs = self.width(piece.rstrip(" "), size, weight)
            if line and used + needs > width:
                yield line.rstrip(" ")
                line, used = "", 0.0
            if needs > width:  # a word longer than the line
                for char in piece:
                    wide = self.width(char, size, weight)
                    if line and used + wide > width:
                        yield line
                        line, used = "", 0.0
                    line, used = line + char, used + wide
                continue
            line += piece
            used += self.width(piece, size, weight)
        if line.strip(" ") or not paragraph.strip(" "):
            yield line.rstrip(" ")


def _paragraphs(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", "    ").split("\n")


def pieces(text: str) -> Iterator[str]:
    """Split a text where a line may break; a Latin word keeps the blanks after it, each Chinese character is a piece."""
    start = 0
    for n in range(1, len(text)):
        before, after = text[n - 1], text[n]
        if after == " " or after in NOT_FIRST or before in NOT_LAST:
            may = False
        elif before == " " or (before in "-/" and n - start > 4 and after.isalpha()):
            may = True
        else:
            may = _is_wide(before) or _is_wide(after)
        if may:
            yield text[start:n]
            start = n
    if text:
        yield text[start:]


def _is_wide(char: str) -> bool:
    return ord(char) >= 0x2E80 and unicodedata.east_asian_width(char) in "WF"


def library(lang: Lang) -> Library:
    """Give the fonts for a language, read once per process.

    Raises: FontsMissing, also when they vanished after they were read.
    """
    return _library(paths.require_fonts(), lang)


@lru_cache(maxsize=4)
def _library(files: tuple[Path, ...], lang: Lang) -> Library:
    return Library(_faces(files), lang)


@lru_cache(maxsize=2)
def _faces(files: tuple[Path, ...]) -> tuple[Any, ...]:
    from reportlab.pdfbase.ttfonts import TTFontFile

    return tuple(TTFontFile(str(f)) for f in files)


class Subset:
    """The characters of one face that a document uses, each with a code of its own.

    Two characters that share a glyph keep two codes, so that what is copied from the page is what was typed.
    """

    def __init__(self, face: Any) -> None:
        self.face = face
        self.codes: dict[str, int] = {}

    def encode(self, text: str) -> str:
        """Give the codes of a text as hexadecimal digits, four each."""
        codes = self.codes
        return "".join(f"{codes.setdefault(c, len(codes) + 1):04X}" for c in text)

    @property
    def name(self) -> str:
        return str(self.face.name.decode("ascii"))

    def font_file(self) -> bytes:
        """Give the embedded font: a TrueType file with the used glyphs only."""
        return bytes(self.face.makeSubset([ord(c) for c in self.codes]))

    def glyph_ids(self) -> list[int]:
        """Give, code by code from 0, the glyph number in the embedded font."""
        numbers: dict[int, int] = {0: 0}
        found = [0]
        for char in self.codes:
            original = self.face.charToGlyph[ord(char)]
            found.append(numbers.setdefault(original, len(numbers)))
        return found

    def widths(self) -> list[int]:
        """Give, code by code from 1, the advance widths in thousandths."""
        return [round(self.face.charWidths[ord(c)]) for c in self.codes]

    def to_unicode(self) -> bytes:
        """Give the table that turns codes back into characters when text is copied."""
        rows = [
            f"<{code:04X}> <{char.encode('utf-16-be').hex().upper()}>" for char, code in self.codes.items()
        ]
        blocks = [rows[n : n + 100] for n in range(0, len(rows), 100)]
        body = "".join(f"{len(b)} beginbfchar\n" + "\n".join(b) + "\nendbfchar\n" for b in blocks)
        return (
            "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
            "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
            "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
            "1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"
            f"{body}endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
        ).encode("ascii")

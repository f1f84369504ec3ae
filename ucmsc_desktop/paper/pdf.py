"""A PDF/A-2b file, written object by object: a finished page is on the disk and forgotten.

Only what archives need: Type 0 fonts with embedded subsets, sRGB output intent, XMP that says the same as the document
information, bookmarks, links. Nothing in the file depends on the clock or on chance: the same input gives the same
bytes. It must never leave a half-written file under the final name.

Source: ISO 32000-1, ISO 19005-2.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from ucmsc_desktop import durable
from ucmsc_desktop.paper.archive import srgb_profile, xmp
from ucmsc_desktop.paper.fonts import Library, Subset

PAGE_W, PAGE_H = 595.28, 841.89  # A4 portrait, in points
FONT_NAMES = ("R", "B", "S")


@dataclass(frozen=True, slots=True)
class About:
    """What the file says about itself; `made` goes into the dates, `seed` into the file's identity."""

    title: str
    lang: str
    producer: str
    made: datetime
    seed: str


@dataclass(slots=True)
class Bookmark:
    """A line of the outline; level 0 or 1."""

    title: str
    page: int
    level: int = 0


@dataclass(slots=True)
class _Open:
    """What has been written so far."""

    offsets: dict[int, int] = field(default_factory=dict)
    next_number: int = 1
    pages: list[int] = field(default_factory=list)


class PdfFile:
    """A PDF being written; use it in a `with`: an error removes it, the end gives it its name."""

    def __init__(self, out: Path, about: About, library: Library) -> None:
        self.about = about
        self.bookmarks: list[Bookmark] = []
        self.subsets = tuple(Subset(face) for face in library.faces)
        self.sha256 = ""
        self._out = out
        self._part = out.with_name(f".{out.name}.{secrets.token_hex(4)}.part")
        self._hash = hashlib.sha256()
        self._position = 0
        self._state = _Open()
        self._file: BinaryIO | None = None
        self._root = self.reserve()
        self._tree = self.reserve()
        self._resources = self.reserve()
        self._forms: dict[str, int] = {}

    def __enter__(self) -> Self:
        try:
            fd = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except OSError as error:
            raise durable.known_error(error) from error
        self._file = os.fdopen(fd, "wb")
        self._raw(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._finish()
        except BaseException as fault:
            self._remove()
            if isinstance(fault, OSError):
                raise durable.known_error(fault) from fault
            raise
        if error is not None:
            self._remove()
            if isinstance(error, OSError):
                raise durable.known_error(error) from error

    # --- pages -------------------------------------------------------------------------------------------------

    @property
    def page_count(self) -> int:
        return len(self._state.pages)

    def hold_pages(self, count: int) -> int:
        """Keep `count` pages free at this place, to be drawn later; give the index of the first."""
        first = self.page_count
        self._state.pages.extend(self.reserve() for _ in range(count))
        return first

    def page(
        self,
        content: str,
        links: Sequence[tuple[tuple[float, float, float, float], int]] = (),
        at: int = -1,
        *,
        size: tuple[float, float] | None = None,
    ) -> int:
        """Write a page (in the place `at` that was held for it); give its index.

        A link is a rectangle in page coordinates and the index of the page it leads to, written or held.
        Units: `size` in points. Missing: without it the page is A4.
        """
        if at < 0:
            at = self.hold_pages(1)
        stream = self.stream(b"", content.encode("ascii"))
        annots = b""
        if links:
            blank = self._blank_form()
            items = []
            for (x1, y1, x2, y2), target in links:
                number = self.reserve()
                self.write(
                    number,
                    f"<< /Type /Annot /Subtype /Link /F 4 /Border [0 0 0] /Rect [{x1:.1f} {y1:.1f} {x2:.1f} {y2:.1f}] "
                    f"/Dest [{self._state.pages[target]} 0 R /Fit] /AP << /N {blank} 0 R >> >>".encode(
                        "ascii"
                    ),
                )
                items.append(f"{number} 0 R")
            annots = f" /Annots [{' '.join(items)}]".encode("ascii")
        box = f"/MediaBox [0 0 {size[0]:.4f} {size[1]:.4f}] " if size is not None else ""
        self.write(
            self._state.pages[at],
            f"<< /Type /Page /Parent {self._tree} 0 R /Resources {self._resources} 0 R {box}"
            f"/Contents {stream} 0 R".encode("ascii")
            + annots
            + b" >>",
        )
        return at

    def form(self, name: str) -> str:
        """Reserve a drawing to be written at the end, such as the number of pages; give its resource name."""
        if name not in self._forms:
            self._forms[name] = self.reserve()
        return name

    def has_form(self, name: str) -> bool:
        """Say whether a drawing of this name exists."""
        return name in self._forms

    def write_form(self, name: str, content: str, width: float, height: float) -> None:
        """Write a drawing that was reserved; its origin is its lower left corner."""
        head = (
            f"/Type /XObject /Subtype /Form /BBox [0 {-height / 2:.1f} {width:.1f} {height:.1f}] "
            f"/Resources {self._resources} 0 R "
        )
        self._write_stream(self._forms[name], head.encode("ascii"), content.encode("ascii"))

    # --- objects -----------------------------------------------------------------------------------------------

    def reserve(self) -> int:
        """Give the number of an object to be written later."""
        number = self._state.next_number
        self._state.next_number += 1
        return number

    def write(self, number: int, body: bytes) -> None:
        """Write an object."""
        self._state.offsets[number] = self._position
        self._raw(b"%d 0 obj\n" % number + body + b"\nendobj\n")

    def stream(self, entries: bytes, data: bytes, *, plain: bool = False) -> int:
        """Write a stream as a new object; give its number."""
        number = self.reserve()
        self._write_stream(number, entries, data, plain=plain)
        return number

    def _write_stream(self, number: int, entries: bytes, data: bytes, *, plain: bool = False) -> None:
        if not plain:
            data = zlib.compress(data, 6)
            entries += b"/Filter /FlateDecode "
        self.write(number, b"<< " + entries + b"/Length %d >>\nstream\n" % len(data) + data + b"\nendstream")

    def _raw(self, data: bytes) -> None:
        assert self._file is not None
        self._file.write(data)
        self._hash.update(data)
        self._position += len(data)

    def _blank_form(self) -> int:
        if "blank" not in self._forms:
            self.form("blank")
            self.write_form("blank", "", 1, 1)
        return self._forms["blank"]

    # --- the end -----------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        fonts = [
            f"/{name} {self._font(subset)} 0 R"
            for name, subset in zip(FONT_NAMES, self.subsets, strict=True)
            if subset.codes
        ]
        xobjects = [f"/{name} {number} 0 R" for name, number in self._forms.items()]
        self.write(
            self._resources,
            f"<< /Font << {' '.join(fonts)} >> /XObject << {' '.join(xobjects)} >> >>".encode("ascii"),
        )
        kids = " ".join(f"{p} 0 R" for p in self._state.pages)
        self.write(
            self._tree,
            f"<< /Type /Pages /Count {self.page_count} /MediaBox [0 0 {PAGE_W} {PAGE_H}] /Kids [{kids}] >>".encode(
                "ascii"
            ),
        )
        profile = self.stream(b"/N 3 ", srgb_profile())
        outline = self._outline()
        info = self.reserve()
        about = self.about
        made = _pdf_date(about.made)
        self.write(
            info,
            b"<< /Title " + text_string(about.title) + b" /Producer " + text_string(about.producer)
            + b" /Creator " + text_string(about.producer)
            + f" /CreationDate ({made}) /ModDate ({made}) >>".encode("ascii"),
        )  # fmt: skip
        meta = self.stream(
            b"/Type /Metadata /Subtype /XML ",
            xmp(title=about.title, lang=about.lang, producer=about.producer, made=about.made),
            plain=True,
        )
        self.write(
            self._root,
            f"<< /Type /Catalog /Pages {self._tree} 0 R /Metadata {meta} 0 R /Lang ({about.lang}) "
            f"/ViewerPreferences << /DisplayDocTitle true >> {outline}"
            f"/OutputIntents [<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) "
            f"/Info (sRGB IEC61966-2.1) /DestOutputProfile {profile} 0 R >>] >>".encode("ascii"),
        )
        self._cross_references(info)
        assert self._file is not None
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self.sha256 = self._hash.hexdigest()
        os.replace(self._part, self._out)  # noqa: PTH105 - one step, as in durable.py

    def _cross_references(self, info: int) -> None:
        start = self._position
        count = self._state.next_number
        ident = hashlib.sha256(self.about.seed.encode()).hexdigest()[:32]
        changing = self._hash.hexdigest()[:32]
        lines = [f"xref\n0 {count}\n0000000000 65535 f \n"]
        lines += [f"{self._state.offsets[n]:010d} 00000 n \n" for n in range(1, count)]
        lines.append(
            f"trailer\n<< /Size {count} /Root {self._root} 0 R /Info {info} 0 R /ID [<{ident}> <{changing}>] >>\n"
            f"startxref\n{start}\n%%EOF\n"
        )
        self._raw("".join(lines).encode("ascii"))

    def _font(self, subset: Subset) -> int:
        face = subset.face
        data = subset.font_file()
        tag = "".join(chr(65 + b % 26) for b in hashlib.sha256("".join(subset.codes).encode()).digest()[:6])
        name = f"{tag}+{subset.name}"
        embedded = self.stream(f"/Length1 {len(data)} ".encode("ascii"), data)
        box = " ".join(str(round(v)) for v in face.bbox)
        descriptor = self.reserve()
        self.write(
            descriptor,
            f"<< /Type /FontDescriptor /FontName /{name} /Flags 4 /FontBBox [{box}] /ItalicAngle 0 "
            f"/Ascent {face.ascent:.0f} /Descent {face.descent:.0f} /CapHeight {face.capHeight:.0f} "
            f"/StemV {face.stemV:.0f} /FontFile2 {embedded} 0 R >>".encode("ascii"),
        )
        ids = subset.glyph_ids()
        gid_map = self.stream(b"", struct.pack(f">{len(ids)}H", *ids))
        widths = " ".join(str(w) for w in subset.widths())
        descendant = self.reserve()
        self.write(
            descendant,
            f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /{name} "
            f"/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
            f"/FontDescriptor {descriptor} 0 R /DW 1000 /W [1 [{widths}]] /CIDToGIDMap {gid_map} 0 R >>".encode(
                "ascii"
            ),
        )
        to_unicode = self.stream(b"", subset.to_unicode())
        font = self.reserve()
        self.write(
            font,
            f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding /Identity-H "
            f"/DescendantFonts [{descendant} 0 R] /ToUnicode {to_unicode} 0 R >>".encode("ascii"),
        )
        return font

    def _outline(self) -> str:
        if not self.bookmarks:
            return ""
        root = self.reserve()
        marks = [(mark, self.reserve()) for mark in self.bookmarks]
        top = [n for n, (mark, _) in enumerate(marks) if mark.level == 0]
        for place, n in enumerate(top):
            stop = top[place + 1] if place + 1 < len(top) else len(marks)
            children = list(range(n + 1, stop))
            self._bookmark(marks, n, root, top, children)
            for child in children:
                self._bookmark(marks, child, marks[n][1], children, [])
        first, last = marks[top[0]][1], marks[top[-1]][1]
        self.write(
            root,
            f"<< /Type /Outlines /First {first} 0 R /Last {last} 0 R /Count {len(top)} >>".encode("ascii"),
        )
        return f"/Outlines {root} 0 R /PageMode /UseOutlines "

    def _bookmark(
        self, marks: list[tuple[Bookmark, int]], n: int, parent: int, peers: list[int], children: list[int]
    ) -> None:
        mark, number = marks[n]
        place = peers.index(n)
        body = f"/Parent {parent} 0 R /Dest [{self._state.pages[mark.page]} 0 R /Fit]"
        if place:
            body += f" /Prev {marks[peers[place - 1]][1]} 0 R"
        if place + 1 < len(peers):
            body += f" /Next {marks[peers[place + 1]][1]} 0 R"
        if children:
            body += f" /First {marks[children[0]][1]} 0 R /Last {marks[children[-1]][1]} 0 R /Count -{len(children)}"
        self.write(number, b"<< /Title " + text_string(mark.title) + b" " + body.encode("ascii") + b" >>")

    def _remove(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
        with contextlib.suppress(OSError):
            self._part.unlink()


def text_string(text: str) -> bytes:
    """Write a text as a PDF string in UTF-16."""
    return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode("ascii") + b">"


def _pdf_date(at: datetime) -> str:
    offset = at.strftime("%z") or "+0000"
    return f"D:{at:%Y%m%d%H%M%S}{offset[:3]}'{offset[3:5]}'"

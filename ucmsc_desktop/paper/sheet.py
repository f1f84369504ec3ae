"""The page: head, foot, and the flow of content from page to page.

Every page names study, protocol, site, participant, visit, form and status above, and below its number, who printed it,
when, and where the log stood. The participant's name never appears: `PageHead` has no place for one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Literal

from ucmsc_desktop.i18n import Lang, Text, show_datetime
from ucmsc_desktop.paper import fonts
from ucmsc_desktop.paper.parts import (
    AMBER,
    BLUE,
    FRAME,
    GREEN,
    GREY,
    INK,
    RULE,
    TINT,
    Colour,
    Line,
    Pen,
    lines_of,
)
from ucmsc_desktop.paper.pdf import PAGE_H, PAGE_W, About, Bookmark, PdfFile

LEFT, RIGHT = 42.0, PAGE_W - 42.0
WIDTH = RIGHT - LEFT
TOP, BOTTOM = 90.0, PAGE_H - 54.0
CODE_SIZE = 30.0
BEIJING = timezone(timedelta(hours=8))

Status = Literal["blank", "draft", "complete", "signed", "changed"]
STATUS: Mapping[Status, tuple[Text, Colour]] = {
    "blank": (Text("BLANK", "空白表"), GREY),
    "draft": (Text("DRAFT", "草稿"), AMBER),
    "complete": (Text("COMPLETE", "已完成"), BLUE),
    "signed": (Text("SIGNED", "已签名"), GREEN),
    "changed": (Text("CHANGED AFTER SIGNATURE", "签名后有修改"), AMBER),
}

_PAGE = Text("Page {page} of ", "第 {page} 页 / 共 ")
_PAGES = Text("{count}", "{count} 页")
_PRINTED = Text("Printed by {who}, {at}", "打印人 {who}，{at}")
_APP = Text("software {app}", "软件版本 {app}")
_LOG = Text("Device {device} · entry {seq} · chain head {head}", "设备 {device} · 第 {seq} 条 · 链首 {head}")
_NO_LOG = Text("Blank form: no data, no audit trail", "空白表：不含数据和稽查轨迹")
_INCLUDES = Text("includes {count} corrections", "含修改记录 {count} 条")
_INCLUDES_ONE = Text("includes 1 correction", "含修改记录 1 条")
_HASH = Text("record hash {hash}", "记录校验值 {hash}")


@dataclass(frozen=True, slots=True)
class PageHead:
    """Who prints what, when, and where the log stood. `names`: printed names of staff by user name."""

    registry: str
    study_title: Text
    protocol: str
    site: str
    subject: str
    printed_by: str
    printed_at: datetime
    app: str
    device: str
    seq: int
    chain_head: str
    names: Mapping[str, str] = field(default_factory=dict)
    initials: str = ""  # initials at most, never a name

    def staff(self, user: str) -> str:
        """Give the printed name of a user, or the user name where none is known."""
        return self.names.get(user) or user


@dataclass(frozen=True, slots=True)
class Made:
    """A finished file: its pages and the SHA-256 of its bytes."""

    pages: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Running:
    """What head and foot say on the pages of one record. `corrections` None: not a record."""

    form: str
    version: str
    visit: str
    status: Status | None
    corrections: int | None = None
    record_hash: str = ""
    locked: bool = False
    scan: str = ""  # what the two-dimensional code in the foot says


def moment(at: datetime, lang: Lang, *, seconds: bool = True) -> str:
    """Show a moment of the log in the study's time, with the offset."""
    return f"{show_datetime(at.astimezone(BEIJING), lang, seconds=seconds)} +08:00"


class Sheet:
    """A document that grows page by page."""

    def __init__(self, pdf: PdfFile, library: fonts.Library, head: PageHead, lang: Lang) -> None:
        self.pdf = pdf
        self.library = library
        self.head = head
        self.lang: Lang = lang
        self.y = TOP
        self.running = Running("", "", "", None)
        self._pen: Pen | None = None
        self._index = -1
        self._repeat: list[Callable[[], None]] = []

    # --- flow --------------------------------------------------------------------------------------------------

    @property
    def pen(self) -> Pen:
        assert self._pen is not None, "no page was begun"
        return self._pen

    @property
    def page_index(self) -> int:
        return self._index

    @property
    def room(self) -> float:
        return BOTTOM - self.y

    def begin(self, running: Running) -> int:
        """Start a new page for another record; give the index of the page."""
        self.end_page()
        self.running = running
        self._new_page(self.pdf.hold_pages(1))
        return self._index

    def begin_held(self, running: Running, index: int) -> None:
        """Draw on a page that was held."""
        self.end_page()
        self.running = running
        self._new_page(index)

    def need(self, height: float) -> bool:
        """Turn the page unless there is room; say whether it was turned. What repeats is drawn again."""
        if self.y + height <= BOTTOM:
            return False
        self.turn()
        return True

    def turn(self) -> None:
        """Go to the next page and draw what repeats there."""
        self.end_page()
        self._new_page(self.pdf.hold_pages(1))
        for draw in tuple(self._repeat):
            draw()

    @contextmanager
    def repeating(self, draw: Callable[[], None]) -> Iterator[None]:
        """Draw something again at the top of each page that follows, as long as the block runs."""
        self._repeat.append(draw)
        try:
            yield
        finally:
            self._repeat.remove(draw)

    def end_page(self) -> None:
        """Write the page and forget it."""
        if self._pen is None:
            return
        self._foot(self._pen)
        self.pdf.page(self._pen.content, self._pen.links, at=self._index)
        self._pen = None

    def finish(self) -> None:
        """Write the last page and what was only known at the end: the number of pages."""
        self.end_page()
        pen = Pen(self.pdf, self.library)
        text = _PAGES.fill(count=self.pdf.page_count).get(self.lang)
        width = pen.text(0, PAGE_H, text, 7, colour=GREY)
        self.pdf.write_form(self.pdf.form("Pages"), pen.content, width + 2, 10)

    def _new_page(self, index: int) -> None:
        self._index = index
        self._pen = Pen(self.pdf, self.library)
        self._head(self._pen)
        self.y = TOP

    # --- texts -------------------------------------------------------------------------------------------------

    def paragraph(self, lines: list[Line], *, x: float = LEFT, after: float = 4) -> None:
        """Set lines down the page, turning it where needed."""
        for line in lines:
            self.need(line.leading)
            self.y = self.pen.lines(x, self.y, [line])
        self.y += after

    # --- head and foot -----------------------------------------------------------------------------------------

    def _head(self, pen: Pen) -> None:
        head, lang = self.head, self.lang
        x = LEFT + pen.text(LEFT, 40, head.registry, 10, weight="bold", colour=BLUE) + 8
        edge = RIGHT
        if self.running.status is not None:
            edge = self._badge(pen) - 8
        title = lines_of(self.library, head.study_title.get(lang), edge - x, size=7.5)
        pen.lines(x, 32.6 if len(title) == 1 else 27, title)
        pen.line(LEFT, 48, RIGHT, 48, colour=BLUE, width=1.1)
        cells = (
            (Text("Protocol", "方案版本/日期"), head.protocol, 92.0),
            (Text("Site", "中心"), head.site, 36.0),
            (
                Text("Participant", "受试者编号"),
                " ".join(t for t in (head.subject, head.initials) if t),
                88.0,
            ),
            (Text("Visit / record", "访视／记录"), self.running.visit, 120.0),
            (Text("Form", "表单"), self.running.form, WIDTH - 336.0),
        )
        x = LEFT
        for caption, value, width in cells:
            label = caption.get(lang)
            if caption.en == "Form" and self.running.version:
                label += Text(" · version {v}", " · 版本 {v}").fill(v=self.running.version).get(lang)
            pen.box(x, 52, width, 28, stroke=RULE, fill=TINT)
            pen.text(x + 4, 59.5, label, 5.8, colour=GREY)
            if value:
                self._fitted(pen, x + 4, value, width - 8)
            elif caption.en == "Participant" and self.running.status == "blank":
                self._number_boxes(pen, x + 4)
            x += width

    def _fitted(self, pen: Pen, x: float, value: str, width: float) -> None:
        """Set a value of the head on one line, smaller if it must be, or on two."""
        for size in (8.6, 8.0, 7.4, 6.8):
            if self.library.width(value, size, "bold") <= width:
                pen.text(x, 73, value, size, weight="bold")
                return
        y = 68.2
        for line in self.library.wrap(value, 6.4, width, "bold")[:2]:
            pen.text(x, y, line, 6.4, weight="bold")
            y += 7.6

    def _number_boxes(self, pen: Pen, x: float) -> None:
        """Draw boxes for a participant number, the site's part printed."""
        printed = f"{self.head.site:2.2}-   "
        for char in printed:
            if char == "-":
                pen.text(x + 1, 74, char, 9, colour=GREY)
                x += 6.5
                continue
            pen.box(x, 63, 11, 14, stroke=FRAME, width=0.6)
            pen.aligned(x + 5.5, 73.4, char.strip(), 9, align="centre", weight="bold")
            x += 11

    def _badge(self, pen: Pen) -> float:
        assert self.running.status is not None
        text, colour = STATUS[self.running.status]
        word = text.get(self.lang)
        if self.running.locked:
            word += Text(" · LOCKED", " · 已锁定").get(self.lang)
        width = self.library.width(word, 7.5, "bold") + 12
        pen.box(RIGHT - width, 29, width, 14.5, stroke=colour, width=0.9)
        pen.text(RIGHT - width + 6, 39, word, 7.5, weight="bold", colour=colour)
        return RIGHT - width

    def _foot(self, pen: Pen) -> None:
        head, lang, y = self.head, self.lang, PAGE_H - 40
        pen.line(LEFT, y - 9, RIGHT, y - 9, colour=FRAME, width=0.5)
        printed = _PRINTED.fill(who=head.staff(head.printed_by), at=moment(head.printed_at, lang)).get(lang)
        pen.text(LEFT, y, f"{printed} · {_APP.fill(app=head.app).get(lang)}", 6.6, colour=GREY)
        edge = RIGHT
        if self.running.scan:
            edge -= CODE_SIZE + 6
            self._code(pen, RIGHT - CODE_SIZE, y - 6.5)
        page = _PAGE.fill(page=self._index + 1).get(lang)
        total = _PAGES.fill(count="888").get(lang)
        x = edge - self.library.width(page + total, 7)
        x += pen.text(x, y, page, 7, colour=INK)
        pen.place(self.pdf.form("Pages"), x, y)
        if head.chain_head:
            log = _LOG.fill(device=head.device, seq=head.seq, head=head.chain_head[:16]).get(lang)
        else:
            log = _NO_LOG.get(lang)
        pen.text(LEFT, y + 9.5, log, 6.6, colour=GREY)
        right = []
        if self.running.record_hash:
            right.append(_HASH.fill(hash=self.running.record_hash[:16]).get(lang))
        if self.running.corrections is not None:
            one = self.running.corrections == 1
            right.append((_INCLUDES_ONE if one else _INCLUDES.fill(count=self.running.corrections)).get(lang))
        pen.aligned(edge, y + 9.5, " · ".join(right), 6.6, align="right", colour=GREY)

    def _code(self, pen: Pen, x: float, y: float) -> None:
        """Place the Data Matrix of the record; it is drawn once per record and shown on each of its pages."""
        name = "C" + hashlib.sha256(self.running.scan.encode()).hexdigest()[:12]
        if not self.pdf.has_form(name):
            from ppf.datamatrix import DataMatrix

            matrix = DataMatrix(self.running.scan).matrix
            cell = CODE_SIZE / len(matrix)
            bars = [
                f"{column * cell:.3f} {(len(matrix) - 1 - row) * cell:.3f} {cell:.3f} {cell:.3f} re"
                for row, line in enumerate(matrix)
                for column, dark in enumerate(line)
                if dark
            ]
            self.pdf.write_form(
                self.pdf.form(name), "0 0 0 rg " + " ".join(bars) + " f", CODE_SIZE, CODE_SIZE
            )
        pen.place(name, x, y + CODE_SIZE)


@contextmanager
def document(out: Path, head: PageHead, lang: Lang, title: str) -> Iterator[Sheet]:
    """Open a document; when the block ends well it lies under `out`, otherwise nothing does.

    Raises: FontsMissing, GlyphMissing, DiskFull, StickReadOnly, WriteFailed.
    """
    library = fonts.library(lang)
    seed = "|".join(
        (title, head.subject, head.device, str(head.seq), head.chain_head, head.printed_at.isoformat(), lang)
    )
    about = About(
        title, "zh-CN" if lang == "zh" else "en-GB", f"ucmsc-desktop {head.app}", head.printed_at, seed
    )
    with PdfFile(out, about, library) as pdf:
        sheet = Sheet(pdf, library, head, lang)
        yield sheet
        sheet.finish()


def bookmark(sheet: Sheet, title: str, page: int, level: int = 0) -> None:
    """Add a line to the outline."""
    sheet.pdf.bookmarks.append(Bookmark(title, page, level))

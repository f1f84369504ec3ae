"""Labels at true size: wristband or folder, tube of blood, aliquot; for a label printer, or on sheets of A4.

Every symbol stands on whole dots of the printer, counted from the corner of its page; the page itself is a whole number
of dots. A label says number and initials, time-point, planned window and trial: `Label` has no place for a name or a
hospital number. The same labels with the same head give the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ucmsc_desktop.errors import BugError
from ucmsc_desktop.i18n import Lang, Text
from ucmsc_desktop.paper import fonts
from ucmsc_desktop.paper.parts import WHITE, Colour, Pen
from ucmsc_desktop.paper.pdf import PAGE_H, PAGE_W, About, PdfFile
from ucmsc_desktop.paper.sheet import Made, PageHead
from ucmsc_desktop.paper.symbols import QUIET_BARS, QUIET_CELLS, Symbol, code128, data_matrix, dots
from ucmsc_desktop.study.label_plan import LabelKind, LabelPlan, Layout
from ucmsc_desktop.study.specimen import LabelCode

SHEET_DPI = 300  # in which the print page draws A4
MARGIN_MM = 1.5
SMALL = 4.6  # points: what may be left out is left out rather than set smaller than this
BLACK: Colour = (
    0.0,
    0.0,
    0.0,
)  # a thermal printer has no grey: anything lighter comes out as a pattern of dots
_REPRINT = Text("REPRINT", "补打")
_TITLE = Text("{registry} labels {subject}", "{registry} 标签 {subject}")


@dataclass(frozen=True, slots=True)
class Label:
    """What one label says. `point`, `what`, `window` are empty for a participant's label."""

    code: LabelCode
    initials: str
    trial: str
    point: str = ""  # the time-point
    what: str = ""  # tube, or which aliquot
    window: str = ""
    is_reprint: bool = False

    @property
    def kind(self) -> LabelKind:
        return self.code.kind


@dataclass(frozen=True, slots=True)
class _Area:
    """Where a label lies on its page. Units: dots."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class _Grid:
    """The printer's dots on one page. Units: `dot` in points."""

    plan: LabelPlan
    dpi: int

    @property
    def dot(self) -> float:
        return 72 / self.dpi

    def points(self, count: int) -> float:
        """Give the size of so many dots, a hair less: a page must never be drawn one dot wider than it is."""
        return math.floor(count * self.dot * 10_000) / 10_000

    def count(self, size_mm: float) -> int:
        return dots(float(size_mm), self.dpi)

    def size(self, kind: LabelKind) -> tuple[int, int]:
        size = self.plan.sizes[kind]
        return self.count(float(size.width_mm)), self.count(float(size.height_mm))

    @property
    def cell(self) -> int:
        return self.count(float(self.plan.cell_mm))

    @property
    def bar(self) -> int:
        return self.count(float(self.plan.bar_mm))


def render(
    out: Path,
    labels: Sequence[Label],
    head: PageHead,
    lang: Lang,
    *,
    plan: LabelPlan,
    layout: Layout | None = None,
    skip: int = 0,
) -> Made:
    """Print labels in the order given; `skip` leaves so many places of the first sheet free (they were used before).

    Missing: without a layout that of the plan. Raises: FontsMissing, GlyphMissing, DiskFull, StickReadOnly, WriteFailed.
    """
    if not labels:
        raise BugError("no label to print")
    layout = layout or plan.layout
    title = _TITLE.fill(registry=head.registry, subject=head.subject).get(lang).strip()
    seed = "|".join((title, head.device, str(head.seq), head.chain_head, head.printed_at.isoformat(), lang))
    about = About(
        title, "zh-CN" if lang == "zh" else "en-GB", f"ucmsc-desktop {head.app}", head.printed_at, seed
    )
    library = fonts.library(lang)
    with PdfFile(out, about, library) as pdf:
        if layout == "roll":
            grid = _Grid(plan, plan.dpi)
            for label in labels:
                page = _Page(pdf, library, grid, lang)
                width, height = grid.size(label.kind)
                page.draw(label, _Area(0, 0, width, height))
                page.write((grid.points(width), grid.points(height)))
        else:
            _sheets(pdf, library, _Grid(plan, SHEET_DPI), lang, labels, skip)
    return Made(pdf.page_count, pdf.sha256)


def _sheets(
    pdf: PdfFile, library: fonts.Library, grid: _Grid, lang: Lang, labels: Sequence[Label], skip: int
) -> None:
    """Lay labels out row by row; a small label stands in the corner of its place."""
    sheet, sizes = grid.plan.sheet, grid.plan.sizes.values()
    step_x = float(max(s.width_mm for s in sizes) + sheet.gap_x_mm)
    step_y = float(max(s.height_mm for s in sizes) + sheet.gap_y_mm)
    places = sheet.columns * sheet.rows
    page: _Page | None = None
    for n, label in enumerate(labels, start=skip % places):
        row, column = divmod(n % places, sheet.columns)
        if page is None or (n % places == 0):
            if page is not None:
                page.write((PAGE_W, PAGE_H))
            page = _Page(pdf, library, grid, lang)
        x = grid.count(float(sheet.left_mm) + column * step_x)
        y = grid.count(float(sheet.top_mm) + row * step_y)
        page.draw(label, _Area(x, y, *grid.size(label.kind)))
    if page is not None:
        page.write((PAGE_W, PAGE_H))


class _Page:
    """One page: texts by the pen, symbols in a space whose unit is the dot."""

    def __init__(self, pdf: PdfFile, library: fonts.Library, grid: _Grid, lang: Lang) -> None:
        self._pdf, self._library, self._grid, self._lang = pdf, library, grid, lang
        self._pen = Pen(pdf, library)
        self._symbols: list[str] = []

    def write(self, size: tuple[float, float]) -> None:
        """Write the page. Units: points."""
        dot = self._grid.dot
        shifted = f"q 1 0 0 1 0 {size[1] - PAGE_H:.4f} cm\n{self._pen.content}\nQ\n"
        symbols = " ".join(self._symbols)
        self._pdf.page(
            f"{shifted}q {dot:.7f} 0 0 {-dot:.7f} 0 {size[1]:.4f} cm 0 0 0 rg {symbols} Q", size=size
        )

    def draw(self, label: Label, area: _Area) -> None:
        """Draw a label in its place."""
        match label.kind:
            case "participant":
                self._participant(label, area)
            case "tube":
                self._tube(label, area)
            case "aliquot":
                self._aliquot(label, area)

    # --- the three kinds -------------------------------------------------------------------------------------

    def _participant(self, label: Label, area: _Area) -> None:
        lines = self._lines(label, area)
        lines.put(label.code.subject, 20, bold=True)
        lines.put(label.initials, 13, bold=True)
        lines.put(label.trial, 5.6)
        self._bars_below(label, area)
        self._reprint_right(label, area)

    def _tube(self, label: Label, area: _Area) -> None:
        lines = self._lines(label, area)
        lines.put(f"{label.code.subject}  {label.initials}".strip(), 11.5, bold=True)
        lines.put(f"{label.point} · {label.what}", 11, bold=True)
        lines.put(label.window, 6.6, wraps=2)
        lines.put(label.trial, 5.2)
        self._bars_below(label, area)
        self._reprint_right(label, area)

    def _aliquot(self, label: Label, area: _Area) -> None:
        grid = self._grid
        matrix = data_matrix(label.code.printed, grid.cell)
        x = area.x + grid.count(1) + QUIET_CELLS * grid.cell
        self._put(matrix, x, area.y + (area.height - matrix.height) // 2)
        left = x + matrix.width + QUIET_CELLS * grid.cell + grid.count(0.6)
        inner = _Area(left, area.y, area.x + area.width - left, area.height)
        right = inner.x + inner.width - grid.count(0.8)
        lines = _Lines(self._pen, inner, right, grid.dot, margins=(0, grid.count(0.6)), gap=0.08)
        mark = f" · {_REPRINT.get(self._lang)}" if label.is_reprint else ""
        lines.put(f"{label.code.subject}  {label.initials}".strip(), 7.6, bold=True)
        lines.put(label.point, 6.8, bold=True)
        lines.put(f"{label.what}  {label.code.printed}", 5.8)
        lines.put(label.window, 5, optional=True)
        lines.put(label.trial.split(" ")[0] + mark, 5)

    # --- their parts -----------------------------------------------------------------------------------------

    def _put(self, symbol: Symbol, x: int, y: int) -> None:
        self._symbols.append(symbol.drawn(x, y))

    def _lines(self, label: Label, area: _Area) -> _Lines:
        """Put the Data Matrix into its corner; give what sets the texts beside it."""
        margin = self._grid.count(MARGIN_MM)
        right = self._matrix_right(label, area)
        return _Lines(self._pen, area, right, self._grid.dot, margins=(margin, margin), gap=0.2)

    def _matrix_right(self, label: Label, area: _Area) -> int:
        """Put the Data Matrix into the upper right corner; give the dot up to which text may stand."""
        grid = self._grid
        matrix = data_matrix(label.code.printed, grid.cell)
        x = area.x + area.width - grid.count(MARGIN_MM) - matrix.width
        self._put(matrix, x, area.y + grid.count(MARGIN_MM))
        return x - QUIET_CELLS * grid.cell - grid.count(0.5)

    def _bars_below(self, label: Label, area: _Area) -> None:
        """Put Code 128 with its text along the lower edge."""
        grid, dot = self._grid, self._grid.dot
        text_h = grid.count(2.6)
        bars = code128(label.code.packed, grid.bar, grid.count(7))
        if bars.width + 2 * QUIET_BARS * grid.bar > area.width:
            raise BugError("the bars of a label do not fit its width")
        bottom = area.y + area.height - grid.count(1)
        self._put(bars, area.x + (area.width - bars.width) // 2, bottom - text_h - bars.height)
        middle = (area.x + area.width / 2) * dot
        base = (bottom - 0.2 * text_h) * dot
        self._pen.aligned(middle, base, label.code.printed, 6.6, align="centre", colour=BLACK)

    def _reprint_right(self, label: Label, area: _Area) -> None:
        """Mark a reprint below the Data Matrix, white on black."""
        if not label.is_reprint:
            return
        grid, dot = self._grid, self._grid.dot
        words = _REPRINT.get(self._lang)
        size = 5.0
        wide = self._library.width(words, size, "bold") + 4
        right = (area.x + area.width - grid.count(MARGIN_MM)) * dot
        top = (area.y + grid.count(11)) * dot
        self._pen.box(right - wide, top, wide, size + 3, fill=BLACK)
        self._pen.text(right - wide + 2, top + size + 0.6, words, size, weight="bold", colour=WHITE)


class _Lines:
    """Texts below each other in the upper left part of a label, each made smaller until it fits: nothing is cut off."""

    def __init__(
        self, pen: Pen, area: _Area, right: int, dot: float, *, margins: tuple[int, int], gap: float
    ) -> None:
        self._pen, self._gap = pen, gap
        self._x = (area.x + margins[0]) * dot
        self._y = (area.y + margins[1]) * dot
        self._width = right * dot - self._x
        self._bottom = (area.y + area.height) * dot

    def put(
        self, text: str, size: float, *, bold: bool = False, wraps: int = 1, optional: bool = False
    ) -> None:
        """Set one text, on `wraps` lines at most; an optional one is left out rather than made tiny.

        Units: `size` in points.
        """
        if not text:
            return
        weight: fonts.Weight = "bold" if bold else "regular"
        library = self._pen.library
        while len(library.wrap(text, size, self._width, weight)) > wraps:
            size = math.floor(size * 10 - 1) / 10
            if size < 2:
                raise BugError("a text of a label does not fit its width")
        if optional and (size < SMALL or self._y + size > self._bottom):
            return
        for line in library.wrap(text, size, self._width, weight):
            self._y += size * 1.02
            self._pen.text(self._x, self._y, line, size, weight=weight, colour=BLACK)
            self._y += size * self._gap

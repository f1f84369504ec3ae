"""Ink: colours, styled lines, and the pen that draws on one page.

Coordinates are points from the top left corner, y downwards; a text stands on its baseline. The pen collects the
page's drawing orders and knows nothing of forms or participants.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ucmsc_desktop.paper.fonts import Library, Weight
from ucmsc_desktop.paper.pdf import FONT_NAMES, PAGE_H, PdfFile

Colour = tuple[float, float, float]
Align = Literal["left", "right", "centre"]


def rgb(code: str) -> Colour:
    """Read a colour written as six hexadecimal digits."""
    return tuple(int(code[n : n + 2], 16) / 255 for n in (0, 2, 4))  # type: ignore[return-value]  # three of them


INK = rgb("17212B")
BLUE = rgb("0B4F8A")
GREY = rgb("55636F")  # second text: 6.1:1 on white
PALE = rgb("A3AFB8")  # placeholders inside boxes only
RULE = rgb("C9D3DA")
FRAME = rgb("6B7A86")
BAND = rgb("E7EEF4")
TINT = rgb("F4F7F9")
AMBER = rgb("8A5200")
RED = rgb("B3261E")
GREEN = rgb("1B6B3A")
WHITE = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text in one style."""

    text: str
    weight: Weight = "regular"
    colour: Colour = INK
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line."""

    spans: tuple[Span, ...]
    size: float = 8

    @property
    def leading(self) -> float:
        return self.size * 1.36


@dataclass(frozen=True, slots=True)
class Block:
    """Something of known size that can draw itself with its top left corner at a place."""

    height: float
    draw: Callable[[Pen, float, float], None]
    width: float = 0


def lines_of(
    library: Library, text: str, width: float, *, size: float = 8, style: Span | None = None
) -> list[Line]:
    """Break a text into lines of one style."""
    style = style or Span("")
    return [Line((replace(style, text=t),), size) for t in library.wrap(text, size, width, style.weight)]


def height_of(lines: Iterable[Line]) -> float:
    """Give the height of lines set below each other."""
    return sum(line.leading for line in lines)


class Pen:
    """Draws on one page."""

    def __init__(self, pdf: PdfFile, library: Library) -> None:
        self.pdf = pdf
        self.library = library
        self.links: list[tuple[tuple[float, float, float, float], int]] = []
        self._orders: list[str] = []
        self._fill: Colour | None = None
        self._stroke: tuple[Colour, float] | None = None

    @property
    def content(self) -> str:
        return "\n".join(self._orders)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 8,
        *,
        weight: Weight = "regular",
        colour: Colour = INK,
    ) -> float:
        """Draw a text from x on; give its width."""
        if not text:
            return 0
        self._use_fill(colour)
        orders = []
        for run in self.library.runs(text, weight):
            subset = self.pdf.subsets[run.face]
            orders.append(f"/{FONT_NAMES[run.face]} {_n(size)} Tf <{subset.encode(run.text)}> Tj")
        self._orders.append(f"BT 1 0 0 1 {_n(x)} {_n(PAGE_H - y)} Tm {' '.join(orders)} ET")
        return self.library.width(text, size, weight)

    def aligned(
        self, x: float, y: float, text: str, size: float = 8, *,
        align: Align = "left", weight: Weight = "regular", colour: Colour = INK,
    ) -> None:  # fmt: skip
        """Draw a text that starts at, ends at or is centred on x."""
        width = self.library.width(text, size, weight)
        start = {"left": x, "right": x - width, "centre": x - width / 2}[align]
        self.text(start, y, text, size, weight=weight, colour=colour)

    def lines(self, x: float, y: float, lines: Sequence[Line], *, align: Align = "left") -> float:
        """Draw lines below each other, the first one's top at y; give the y below the last."""
        for line in lines:
            base = y + line.size * 1.02
            width = sum(self.library.width(s.text, line.size, s.weight) for s in line.spans)
            at = {"left": x, "right": x - width, "centre": x - width / 2}[align]
            for span in line.spans:
                wide = self.text(at, base, span.text, line.size, weight=span.weight, colour=span.colour)
                if span.struck and span.text.strip():
                    self.line(
                        at, base - line.size * 0.33, at + wide, base - line.size * 0.33, colour=RED, width=0.7
                    )
                at += wide
            y += line.leading
        return y

    def line(
        self, x1: float, y1: float, x2: float, y2: float, *, colour: Colour = RULE, width: float = 0.4
    ) -> None:
        """Draw a straight line."""
        self._use_stroke(colour, width)
        self._orders.append(f"{_n(x1)} {_n(PAGE_H - y1)} m {_n(x2)} {_n(PAGE_H - y2)} l S")

    def box(
        self, x: float, y: float, w: float, h: float, *,
        fill: Colour | None = None, stroke: Colour | None = None, width: float = 0.5,
    ) -> None:  # fmt: skip
        """Draw a rectangle from its top left corner."""
        if fill is not None:
            self._use_fill(fill)
        if stroke is not None:
            self._use_stroke(stroke, width)
        paint = {(True, True): "B", (True, False): "f", (False, True): "S"}[
            (fill is not None, stroke is not None)
        ]
        self._orders.append(f"{_n(x)} {_n(PAGE_H - y - h)} {_n(w)} {_n(h)} re {paint}")

    def path(
        self, points: Sequence[tuple[float, float]], *, fill: Colour | None = None, stroke: Colour | None = None,
        width: float = 0.5, closed: bool = True, dashed: bool = False,
    ) -> None:  # fmt: skip
        """Draw joined points, open or as a closed outline."""
        if fill is not None:
            self._use_fill(fill)
        if stroke is not None:
            self._use_stroke(stroke, width)
        steps = [f"{_n(x)} {_n(PAGE_H - y)} {'l' if n else 'm'}" for n, (x, y) in enumerate(points)]
        paint = {(True, True): "b", (True, False): "f", (False, True): "s" if closed else "S"}[
            (fill is not None, stroke is not None)
        ]
        dash, solid = ("[3 2] 0 d ", " [] 0 d") if dashed else ("", "")
        self._orders.append(f"{dash}{' '.join(steps)} {paint}{solid}")

    def disc(
        self, x: float, y: float, radius: float, *,
        fill: Colour | None = None, stroke: Colour | None = None, width: float = 0.5,
    ) -> None:  # fmt: skip
        """Draw a circle round a point."""
        turn = [math.tau * n / 32 for n in range(32)]
        self.path(
            [(x + radius * math.cos(t), y + radius * math.sin(t)) for t in turn],
            fill=fill,
            stroke=stroke,
            width=width,
        )

    def place(self, name: str, x: float, y: float) -> None:
        """Draw a reserved drawing with its origin at a place."""
        self._orders.append(f"q 1 0 0 1 {_n(x)} {_n(PAGE_H - y)} cm /{name} Do Q")

    def link(self, x: float, y: float, w: float, h: float, page: int) -> None:
        """Make a rectangle lead to a page."""
        self.links.append(((x, PAGE_H - y - h, x + w, PAGE_H - y), page))

    def _use_fill(self, colour: Colour) -> None:
        if colour != self._fill:
            self._fill = colour
            self._orders.append(" ".join(_c(v) for v in colour) + " rg")

    def _use_stroke(self, colour: Colour, width: float) -> None:
        if (colour, width) != self._stroke:
            self._stroke = (colour, width)
            self._orders.append(" ".join(_c(v) for v in colour) + f" RG {_n(width)} w")


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _c(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")

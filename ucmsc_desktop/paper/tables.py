"""Tables that break over pages: the head is drawn again on each page, a row too tall for a page goes on over the next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from ucmsc_desktop.paper.parts import (
    BAND,
    BLUE,
    GREY,
    INK,
    RULE,
    Align,
    Colour,
    Line,
    Span,
    height_of,
    lines_of,
)
from ucmsc_desktop.paper.sheet import BOTTOM, LEFT, TOP, WIDTH, Sheet

PAD_X, PAD_Y = 3.5, 2.8


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; an empty title in all columns means no head."""

    title: str
    width: float
    align: Align = "left"

    @property
    def inner(self) -> float:
        return self.width - 2 * PAD_X


def fit(columns: Sequence[Column], width: float = WIDTH) -> list[Column]:
    """Stretch or shrink columns in proportion so that they fill a width."""
    total = sum(c.width for c in columns)
    return [Column(c.title, c.width * width / total, c.align) for c in columns]


class Table:
    """A table being drawn down the page."""

    def __init__(
        self, sheet: Sheet, columns: Sequence[Column], *, x: float = LEFT, head_size: float = 6.6
    ) -> None:
        self.sheet = sheet
        self.columns = tuple(columns)
        self.x = x
        self._heads = [
            lines_of(sheet.library, c.title, c.inner, size=head_size, style=Span("", "bold", INK))
            if c.title
            else []
            for c in columns
        ]
        self.head_height = max(height_of(h) for h in self._heads) + 2 * PAD_Y if any(self._heads) else 0.0

    @property
    def width(self) -> float:
        return sum(c.width for c in self.columns)

    @contextmanager
    def open(self, first_row: float = 24) -> Iterator[Table]:
        """Draw the head, with room for a first row below it, and repeat it on the pages that follow."""
        self.sheet.need(self.head_height + first_row)
        self.draw_head()
        with self.sheet.repeating(self.draw_head):
            yield self

    def draw_head(self) -> None:
        """Draw the head at the present place."""
        if not self.head_height:
            return
        sheet, pen, y = self.sheet, self.sheet.pen, self.sheet.y
        pen.box(self.x, y, self.width, self.head_height, fill=BAND)
        pen.line(self.x, y, self.x + self.width, y, colour=BLUE, width=0.8)
        x = self.x
        for column, lines in zip(self.columns, self._heads, strict=True):
            top = y + self.head_height - PAD_Y - height_of(lines)
            pen.lines(self._edge(x, column), top, lines, align=column.align)
            x += column.width
        pen.line(
            self.x, y + self.head_height, self.x + self.width, y + self.head_height, colour=GREY, width=0.5
        )
        sheet.y += self.head_height

    def row(
        self,
        cells: Sequence[Sequence[Line]],
        *,
        fill: Colour | None = None,
        least: float = 0,
        grid: bool = False,
    ) -> None:
        """Draw a row; where it is taller than a page it continues on the next."""
        rest = [list(c) for c in cells]
        while True:
            height = max(max(height_of(c) for c in rest) + 2 * PAD_Y, least)
            page = BOTTOM - TOP - self.head_height
            if height <= self.sheet.room or (height <= page and self.sheet.need(height)):
                self._draw_row(rest, height, fill, grid=grid)
                return
            if height <= page:
                continue
            if self.sheet.room < 60:
                self.sheet.turn()
                continue
            part, rest = self._split(rest)
            self._draw_row(part, self.sheet.room, fill, grid=grid)
            self.sheet.turn()

    def _split(self, cells: list[list[Line]]) -> tuple[list[list[Line]], list[list[Line]]]:
        room = self.sheet.room - 2 * PAD_Y
        first: list[list[Line]] = []
        rest: list[list[Line]] = []
        for cell in cells:
            count, used = 0, 0.0
            while count < len(cell) and used + cell[count].leading <= room:
                used += cell[count].leading
                count += 1
            first.append(cell[:count])
            rest.append(cell[count:])
        return first, rest

    def _draw_row(
        self, cells: Sequence[Sequence[Line]], height: float, fill: Colour | None, *, grid: bool
    ) -> None:
        sheet, pen, y = self.sheet, self.sheet.pen, self.sheet.y
        if fill is not None:
            pen.box(self.x, y, self.width, height, fill=fill)
        x = self.x
        for column, lines in zip(self.columns, cells, strict=True):
            pen.lines(self._edge(x, column), y + PAD_Y, lines, align=column.align)
            if grid:
                pen.line(x, y, x, y + height, colour=RULE)
            x += column.width
        if grid:
            pen.line(x, y, x, y + height, colour=RULE)
        sheet.y = y + height
        pen.line(self.x, sheet.y, self.x + self.width, sheet.y, colour=RULE)

    @staticmethod
    def _edge(x: float, column: Column) -> float:
        return {"left": x + PAD_X, "right": x + column.width - PAD_X, "centre": x + column.width / 2}[
            column.align
        ]

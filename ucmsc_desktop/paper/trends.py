"""Trends on paper: the same strokes that the window paints, one page of them."""

from __future__ import annotations

from collections.abc import Iterable

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.paper.parts import BLUE, GREY, Pen, Span, lines_of, rgb
from ucmsc_desktop.paper.sheet import BOTTOM, LEFT, WIDTH, Running, Sheet
from ucmsc_desktop.trend.draw import Disc, Line, Shape, Stroke, Trend, Words, draw

SCALE = 0.62  # points to a pixel of the screen: 14 pixels print as 8.7 points
TALLEST = 230.0  # pixels of one panel


def draw_trend(
    sheet: Sheet, trend: Trend, title: Text, note: Text, *, visit: str = "", corrections: int | None = None
) -> int:
    """Draw a trend on a page of its own; give the index of the page."""
    lang = sheet.lang
    page = sheet.begin(Running(title.get(lang), "", visit, None, corrections))
    sheet.y += 6
    sheet.pen.text(LEFT, sheet.y + 15, title.get(lang), 16, weight="bold", colour=BLUE)
    sheet.y += 24
    sheet.paragraph(
        lines_of(sheet.library, note.get(lang), WIDTH, size=7.6, style=Span("", colour=GREY)), after=8
    )
    height = min((BOTTOM - sheet.y) / SCALE, len(trend.panels) * TALLEST)
    put(sheet.pen, draw(trend, WIDTH / SCALE, height, lang), LEFT, sheet.y)
    sheet.y += height * SCALE
    return page


def put(pen: Pen, strokes: Iterable[Stroke], x: float, y: float) -> None:
    """Draw strokes with their box's top left corner at a place."""

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return x + point[0] * SCALE, y + point[1] * SCALE

    def colour(code: str) -> tuple[float, float, float] | None:
        return rgb(code.removeprefix("#")) if code else None

    for stroke in strokes:
        match stroke:
            case Line():
                points = [at(p) for p in stroke.points]
                pen.path(
                    points,
                    stroke=colour(stroke.colour),
                    width=stroke.width * SCALE,
                    closed=False,
                    dashed=stroke.dashed,
                )
            case Shape():
                pen.path(
                    [at(p) for p in stroke.points],
                    fill=colour(stroke.fill),
                    stroke=colour(stroke.line),
                    width=stroke.width * SCALE,
                )
            case Disc():
                pen.disc(
                    *at(stroke.at),
                    stroke.radius * SCALE,
                    fill=colour(stroke.fill),
                    stroke=colour(stroke.line),
                    width=stroke.width * SCALE,
                )
            case Words():
                ink = colour(stroke.colour)
                assert ink is not None
                pen.aligned(
                    *at(stroke.at),
                    stroke.text,
                    stroke.size * SCALE,
                    align=stroke.align,
                    weight="bold" if stroke.bold else "regular",
                    colour=ink,
                )

"""Draw trends of vital signs as plain strokes, so that screen and paper show the same picture.

Rules followed: time true to scale; a scale does not move when a point arrives; each sign has its own mark and colour; blood
pressure is a vertical bar with T ends; a reading outside its usual range is filled red; the last value stands large, with
its unit. No toolkit is used here: `draw` gives strokes in a box of the size asked for, y downwards, and whoever has a
painter or a PDF puts them there. The time axis counts hours of an infusion, or days of the trial where `day0` is given.

It must never show a value where there is none: a reading off the scale stands at the edge as an arrow with its number,
and readings are joined by straight lines only, in order of time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Literal

from ucmsc_desktop.i18n import Lang, Text

Point = tuple[float, float]
Align = Literal["left", "centre", "right"]
Mark = Literal["circle", "square", "diamond", "bar"]
NOTHING = Text("", "")


# --- strokes -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """Joined points."""

    points: tuple[Point, ...]
    colour: str
    width: float
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A closed outline; without a fill or a line where the colour is empty."""

    points: tuple[Point, ...]
    fill: str
    line: str = ""
    width: float = 0


@dataclass(frozen=True, slots=True)
class Disc:
    """A circle."""

    at: Point
    radius: float
    fill: str
    line: str = ""
    width: float = 0


@dataclass(frozen=True, slots=True)
class Words:
    """Text on its base line."""

    at: Point
    text: str
    size: float
    colour: str
    bold: bool = False
    align: Align = "left"


Stroke = Line | Shape | Disc | Words


# --- what is drawn -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Ink:
    """The colours; the same as in the window's style."""

    text: str = "#212B32"
    second: str = "#4C6272"
    paper: str = "#FFFFFF"
    frame: str = "#768692"
    line: str = "#D8DDE0"
    band: str = "#E3F3E9"
    pause: str = "#FFF4D6"
    unusual: str = "#C1221A"
    now: str = "#005EB8"


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading. `low` is the diastolic end of a bar. `unusual`: outside the usual range.

    `op` < or >: the laboratory said only that the true value lies below or above; it is no point but a triangle.
    """

    at: datetime
    value: Decimal
    low: Decimal | None = None
    unusual: bool = False
    op: Literal["=", "<", ">"] = "="


@dataclass(frozen=True, slots=True)
class Axis:
    """A scale of values that stays. `log`: powers of ten from `low` to `high`; `step` is of no meaning then."""

    low: int
    high: int
    step: int = 1
    log: bool = False

    def share(self, value: Decimal | int) -> float:
        """Say how far up a value lies, from 0 to 1; what does not fit lies at the edge."""
        if self.log:
            if value <= self.low:
                return 0.0
            part = math.log10(value / Decimal(self.low)) / math.log10(self.high / self.low)
        else:
            part = (float(value) - self.low) / (self.high - self.low)
        return min(1.0, max(0.0, part))

    def lines(self) -> Iterator[tuple[int, str]]:
        """Give the values that have a line, with their words."""
        if not self.log:
            yield from ((value, str(value)) for value in range(self.low, self.high + 1, self.step))
            return
        value = self.low
        while value <= self.high:
            yield value, str(value)
            value *= 10


@dataclass(frozen=True, slots=True)
class Limit:
    """A value worth a line across: a threshold of the protocol, the lower limit of an assay."""

    value: Decimal
    text: str


@dataclass(frozen=True, slots=True)
class Panel:
    """One sign: its words, its mark, its scale and its readings in order of time."""

    title: Text
    unit: Text
    mark: Mark
    colour: str
    axis: Axis
    band: tuple[Decimal | None, Decimal | None]
    readings: tuple[Reading, ...]
    latest: str = ""  # the last value as printed; "" before the first
    note: Text = NOTHING  # what stands below it: when, and the change
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True)
class Trend:
    """All panels over one stretch of time, with what happened in it."""

    panels: tuple[Panel, ...]
    begins: datetime
    ends: datetime
    started: datetime | None = None
    ended: datetime | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()
    now: datetime | None = None
    day0: date | None = None  # counts days of the trial, not hours
    marks: tuple[datetime, ...] = ()  # the starts of the infusions


# Hours shown, and minutes between lines. The stretch grows in these steps only: infusion, 6 h, 24 h after it.
_STRETCHES = ((3, 30, 15), (8, 60, 30), (27, 240, 60))


def stretch(first: datetime, last: datetime) -> tuple[datetime, datetime]:
    """Give the stretch of time to show: from the half hour before the first moment, in one of three lengths."""
    begins = first.replace(minute=first.minute // 30 * 30, second=0, microsecond=0)
    for hours, _label, _line in _STRETCHES:
        if last <= begins + timedelta(hours=hours):
            return begins, begins + timedelta(hours=hours)
    days = (last - begins) // timedelta(days=1) + 1
    return begins, begins + timedelta(days=days)


# --- drawing -------------------------------------------------------------------------------------------------------

LEFT = 186.0  # room for the words
SCALE = 40.0  # room for the numbers of the scale
HEAD = 10.0  # room for the topmost number of a scale
FOOT = 26.0  # room for the times
SPACE = 16.0  # between panels
LEAST = 112.0  # height of a panel that still holds its words
_R = 5.5


def least_height(panels: int) -> float:
    """Give the height below which the words would run into each other."""
    return panels * LEAST + (panels - 1) * SPACE + HEAD + FOOT + 4


def draw(trend: Trend, width: float, height: float, lang: Lang, ink: Ink | None = None) -> tuple[Stroke, ...]:
    """Draw trends into a box. Units: of the box, whatever they are; texts are sized for pixels at 96 dpi."""
    colours = ink or Ink()
    count = max(1, len(trend.panels))
    tall = (height - FOOT - HEAD - 4 - (count - 1) * SPACE) / count
    strokes: list[Stroke] = []
    for n, panel in enumerate(trend.panels):
        top = HEAD + n * (tall + SPACE)
        plot = _Plot(trend, panel, (LEFT + SCALE, top, width - 8, top + tall), colours)
        strokes.extend(_words(panel, top, lang, colours))
        strokes.extend(plot.ground())
        strokes.extend(plot.readings())
    bottom = HEAD + count * (tall + SPACE) - SPACE
    strokes.extend(_times(trend, LEFT + SCALE, width - 8, bottom, colours))
    return tuple(strokes)


def _words(panel: Panel, top: float, lang: Lang, ink: Ink) -> Iterator[Stroke]:
    yield Words((0, top + 16), panel.title.get(lang), 16, ink.text, bold=True)
    yield Words((0, top + 36), panel.unit.get(lang), 14, ink.second)
    yield Words((0, top + 76), panel.latest or "–", 34, ink.text, bold=True)
    if panel.note.get(lang):
        yield Words((0, top + 98), panel.note.get(lang), 14, ink.second)


def stretch_of_days(day0: datetime, first: datetime) -> tuple[datetime, datetime]:
    """Give the stretch of the whole trial: from the day before day 0, or before that where there is a reading, to day 15."""
    midnight = day0.replace(hour=0, minute=0, second=0, microsecond=0)
    begins = midnight - timedelta(days=1)
    while first < begins:
        begins -= timedelta(days=1)
    return begins, midnight + timedelta(days=16)


def _ticks(trend: Trend) -> tuple[int, int]:
    """Give the minutes between labels and between lines."""
    if trend.day0 is not None:
        return 1440, 1440
    hours = (trend.ends - trend.begins) / timedelta(hours=1)
    for most, label, line in _STRETCHES:
        if hours <= most:
            return label, line
    return 720, 240


def _times(trend: Trend, left: float, right: float, bottom: float, ink: Ink) -> Iterator[Stroke]:
    label, _line = _ticks(trend)
    while (right - left) / ((trend.ends - trend.begins) / timedelta(minutes=label)) < (
        36 if trend.day0 else 44
    ):
        label *= 2
    moment = trend.begins
    while trend.day0 and (moment.date() - trend.day0).days % (label // 1440):
        moment += timedelta(days=1)  # day 0 has its label
    while moment <= trend.ends:
        x = left + (right - left) * ((moment - trend.begins) / (trend.ends - trend.begins))
        last = moment + timedelta(minutes=label) > trend.ends
        at: Align = "right" if last and x > right - 20 else "centre"
        shown = f"D{(moment.date() - trend.day0).days}" if trend.day0 else f"{moment:%H:%M}"
        yield Words((x + (8 if at == "right" else 0), bottom + 20), shown, 14, ink.second, align=at)
        moment += timedelta(minutes=label)


class _Plot:
    """One panel's square of paper."""

    def __init__(self, trend: Trend, panel: Panel, box: tuple[float, float, float, float], ink: Ink) -> None:
        self.trend, self.panel, self.ink = trend, panel, ink
        self.left, self.top, self.right, self.bottom = box

    def x(self, moment: datetime) -> float:
        share = (moment - self.trend.begins) / (self.trend.ends - self.trend.begins)
        return self.left + (self.right - self.left) * min(1.0, max(0.0, share))

    def y(self, value: Decimal | int) -> float:
        return self.bottom - (self.bottom - self.top) * self.panel.axis.share(value)

    def _box(self, left: float, top: float, right: float, bottom: float, fill: str) -> Shape:
        return Shape(((left, top), (right, top), (right, bottom), (left, bottom)), fill)

    def ground(self) -> Iterator[Stroke]:
        """Draw what lies under the readings: usual range, pauses, lines, frame, start and end."""
        ink, axis = self.ink, self.panel.axis
        low, high = self.panel.band
        if low is not None or high is not None:
            top = self.y(high if high is not None else axis.high)
            yield self._box(
                self.left, top, self.right, self.y(low if low is not None else axis.low), ink.band
            )
        for begin, end in self.trend.pauses:
            yield self._box(
                self.x(begin), self.top, max(self.x(end), self.x(begin) + 2), self.bottom, ink.pause
            )
        _label, minutes = _ticks(self.trend)
        moment = self.trend.begins + timedelta(minutes=minutes)
        while moment < self.trend.ends:
            yield Line(((self.x(moment), self.top), (self.x(moment), self.bottom)), ink.line, 1)
            moment += timedelta(minutes=minutes)
        for value, words in axis.lines():
            y = self.y(value)
            if self.top < y < self.bottom:
                yield Line(((self.left, y), (self.right, y)), ink.line, 1)
            if y < self.bottom - 1 or axis.log or axis.low % axis.step == 0:
                yield Words((self.left - 8, y + 5), words, 14, ink.second, align="right")
        for limit in self.panel.limits:
            y = self.y(limit.value)
            yield Line(((self.left, y), (self.right, y)), ink.second, 1.5, dashed=True)
            yield Words((self.right - 4, y - 4), limit.text, 13, ink.second, align="right")
        yield Shape(
            (
                (self.left, self.top),
                (self.right, self.top),
                (self.right, self.bottom),
                (self.left, self.bottom),
            ),
            "",
            ink.frame,
            1,
        )
        for moment_or_none in (self.trend.started, self.trend.ended, *self.trend.marks):
            if moment_or_none is not None:
                x = self.x(moment_or_none)
                yield Line(((x, self.top), (x, self.bottom)), ink.frame, 2)
        if self.trend.now is not None and self.trend.begins <= self.trend.now <= self.trend.ends:
            x = self.x(self.trend.now)
            yield Line(((x, self.top), (x, self.bottom)), ink.now, 1.5, dashed=True)

    def readings(self) -> Iterator[Stroke]:
        """Draw the readings, the line that joins them first."""
        if self.panel.mark == "bar":
            for reading in self.panel.readings:
                yield from self._bar(reading)
            return
        for before, after in pairwise(self.panel.readings):
            line = ((self.x(before.at), self.y(before.value)), (self.x(after.at), self.y(after.value)))
            yield Line(line, self.panel.colour, 2)
        for reading in self.panel.readings:
            yield from self._mark(reading)

    def _bar(self, reading: Reading) -> Iterator[Stroke]:
        colour = self.ink.unusual if reading.unusual else self.panel.colour
        width = 4.0 if reading.unusual else 2.5
        x, top = self.x(reading.at), self.y(reading.value)
        bottom = self.y(reading.low if reading.low is not None else reading.value)
        yield Line(((x, top), (x, bottom)), colour, width)
        for end in {top, bottom}:
            yield Line(((x - 7, end), (x + 7, end)), colour, width)
        yield from self._off_scale(reading.value, x)
        if reading.low is not None:
            yield from self._off_scale(reading.low, x)

    def _mark(self, reading: Reading) -> Iterator[Stroke]:
        x, y = self.x(reading.at), self.y(reading.value)
        off = tuple(self._off_scale(reading.value, x))
        if off:
            yield from off
            return
        fill = self.ink.unusual if reading.unusual else self.ink.paper
        edge = self.ink.unusual if reading.unusual else self.panel.colour
        if reading.op != "=":
            tip = 7 if reading.op == "<" else -7  # points to where the true value lies
            yield Shape(((x, y + tip), (x + 7, y - tip), (x - 7, y - tip)), fill, edge, 2)
        elif self.panel.mark == "circle":
            yield Disc((x, y), _R, fill, edge, 2)
        elif self.panel.mark == "square":
            yield Shape(((x - 5, y - 5), (x + 5, y - 5), (x + 5, y + 5), (x - 5, y + 5)), fill, edge, 2)
        else:
            yield Shape(((x, y - 7), (x + 7, y), (x, y + 7), (x - 7, y)), fill, edge, 2)

    def _off_scale(self, value: Decimal, x: float) -> Iterator[Stroke]:
        """Draw an arrow with the number at the edge where a value does not fit the scale."""
        axis, ink = self.panel.axis, self.ink
        if value > axis.high:
            yield Shape(((x, self.top + 2), (x + 7, self.top + 14), (x - 7, self.top + 14)), ink.unusual)
            yield Words((x + 10, self.top + 15), format(value, "f"), 14, ink.unusual, bold=True)
        elif value < axis.low:
            yield Shape(
                ((x, self.bottom - 2), (x + 7, self.bottom - 14), (x - 7, self.bottom - 14)), ink.unusual
            )
            yield Words((x + 10, self.bottom - 4), format(value, "f"), 14, ink.unusual, bold=True)


def spoken(trend: Trend, lang: Lang) -> str:
    """Say the last value of each panel in words, for a screen reader."""
    said = (
        f"{p.title.get(lang)} {p.latest} {p.unit.get(lang)} {p.note.get(lang)}".strip()
        for p in trend.panels
        if p.latest
    )
    return "; ".join(said)

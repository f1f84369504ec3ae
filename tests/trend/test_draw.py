"""The drawing of trends: to scale, the same for every painter, nothing shown that was not measured."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.trend import draw as trend
from ucmsc_desktop.trend.draw import (
    Axis,
    Disc,
    Ink,
    Line,
    Panel,
    Reading,
    Shape,
    Trend,
    Words,
    draw,
    stretch,
)
from ucmsc_desktop.ui import style

CHINA = timezone(timedelta(hours=8))
START = datetime(2026, 3, 1, 8, 0, tzinfo=CHINA)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def temperature(*readings: Reading) -> Panel:
    return Panel(
        Text("Temperature", "体温"), Text("°C", "°C"), "circle", "#005EB8", Axis(35, 41, 1),
        (Decimal("36.0"), Decimal("38.5")), readings, "37.4",
    )  # fmt: skip


def pressure(*readings: Reading) -> Panel:
    return Panel(
        Text("Blood pressure", "血压"), Text("mmHg", "mmHg"), "bar", "#5B2C83", Axis(40, 200, 40),
        (Decimal(90), Decimal(180)), readings,
    )  # fmt: skip


def drawn(*panels: Panel, **more: object) -> tuple[trend.Stroke, ...]:
    begins, ends = stretch(START, at(60))
    return draw(Trend(panels, begins, ends, **more), 700, 600, "en")  # type: ignore[arg-type]


def discs(strokes: tuple[trend.Stroke, ...]) -> list[Disc]:
    return [s for s in strokes if isinstance(s, Disc)]


def test_time_is_true_to_scale():
    a, b, c = discs(drawn(temperature(*(Reading(at(m), Decimal(37)) for m in (0, 15, 45)))))
    assert b.at[0] - a.at[0] == pytest.approx((c.at[0] - b.at[0]) / 2)


def test_a_new_point_moves_no_other():
    old = (Reading(at(0), Decimal("36.6")), Reading(at(15), Decimal("36.9")))
    before = discs(drawn(temperature(*old)))
    after = discs(drawn(temperature(*old, Reading(at(30), Decimal("39.9")))))
    assert after[:2] == before


def test_an_unusual_reading_is_filled_red_and_a_usual_one_is_hollow():
    usual, unusual = discs(
        drawn(temperature(Reading(at(0), Decimal(37)), Reading(at(5), Decimal(39), unusual=True)))
    )
    assert (usual.fill, unusual.fill) == (Ink().paper, Ink().unusual)


def test_blood_pressure_is_a_bar_with_t_ends():
    lines = [s for s in drawn(pressure(Reading(at(10), Decimal(120), Decimal(80)))) if isinstance(s, Line)]
    bar = next(s for s in lines if s.colour == "#5B2C83" and s.points[0][0] == s.points[1][0])
    ends = [s for s in lines if s.colour == "#5B2C83" and s.points[0][1] == s.points[1][1]]
    assert {s.points[0][1] for s in ends} == {bar.points[0][1], bar.points[1][1]}


def test_a_reading_off_the_scale_is_an_arrow_with_its_number():
    strokes = drawn(temperature(Reading(at(10), Decimal("41.6"), unusual=True)))
    assert not discs(strokes)
    assert any(isinstance(s, Words) and s.text == "41.6" for s in strokes)
    assert any(isinstance(s, Shape) and len(s.points) == 3 for s in strokes)


def test_the_usual_range_is_shaded_where_its_values_lie():
    strokes = drawn(temperature(Reading(at(1), Decimal("36.0")), Reading(at(2), Decimal("38.5"))))
    band = next(s for s in strokes if isinstance(s, Shape) and s.fill == Ink().band)
    low, high = discs(strokes)
    assert {y for _x, y in band.points} == {low.at[1], high.at[1]}


def test_nothing_is_drawn_where_nothing_was_measured():
    empty = drawn(temperature())
    assert not discs(empty)
    assert not [s for s in empty if isinstance(s, Line) and s.colour == "#005EB8"]


def test_every_stroke_stays_in_its_box():
    panel = temperature(Reading(at(0), Decimal(30)), Reading(at(170), Decimal(45)))
    for stroke in drawn(panel, pressure(Reading(at(3), Decimal(250), Decimal(20)))):
        points = stroke.points if isinstance(stroke, Line | Shape) else (stroke.at,)
        assert all(-1 <= x <= 701 and -1 <= y <= 601 for x, y in points)


@pytest.mark.parametrize(("minutes", "hours"), [(60, 3), (170, 3), (200, 8), (26 * 60, 27)])
def test_the_stretch_of_time_grows_in_steps_only(minutes, hours):
    begins, ends = stretch(START, at(minutes))
    assert ends - begins == timedelta(hours=hours)


def test_longer_than_a_day_is_shown_whole():
    begins, ends = stretch(START, at(60 * 24 * 3))
    assert ends >= at(60 * 24 * 3)
    assert begins <= START


def test_the_colours_are_those_of_the_window():
    ink = Ink()
    assert (ink.text, ink.second, ink.paper, ink.frame) == (
        style.TEXT, style.TEXT_SECOND, style.SURFACE, style.BORDER,
    )  # fmt: skip
    assert (ink.line, ink.band, ink.pause, ink.unusual, ink.now) == (
        style.LINE, style.OK_TINT, style.WARNING_TINT, style.ERROR, style.PRIMARY,
    )  # fmt: skip

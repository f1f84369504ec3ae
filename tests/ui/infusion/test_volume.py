"""The estimate of what has run in: rates, the first fifteen minutes, pauses."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from ucmsc_desktop.record.flow_reading import change, scientific, short
from ucmsc_desktop.ui.infusion.duration import clock, words
from ucmsc_desktop.ui.infusion.volume import infused_ml, rate_now

START = datetime(2026, 3, 1, 8, 0, tzinfo=timezone(timedelta(hours=8)))


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


RATES = ((START, Decimal(30)), (at(15), Decimal(60)))


@pytest.mark.parametrize(("minutes", "ml"), [(0, "0"), (10, "5"), (15, "7.5"), (45, "37.5")])
def test_the_main_rate_takes_over_after_fifteen_minutes(minutes, ml):
    assert infused_ml(RATES, at(minutes), ()) == Decimal(ml)


def test_nothing_runs_in_during_a_pause():
    assert infused_ml(RATES, at(45), ((at(10), at(20)),)) == Decimal(5) + Decimal(25)


def test_a_pause_that_lasts_stops_the_estimate():
    assert infused_ml(RATES, at(60), ((at(15), at(60)),)) == Decimal("7.5")


def test_without_a_rate_nothing_is_guessed():
    assert infused_ml((), at(30), ()) is None
    assert rate_now((), at(30)) is None


def test_the_rate_shown_is_the_one_that_holds():
    assert rate_now(RATES, at(14)) == 30
    assert rate_now(RATES, at(15)) == 60


def test_a_clock_goes_on_past_a_day():
    assert clock(32 * 60 + 10) == "00:32:10"
    assert clock(26 * 3600 + 5) == "26:00:05"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(seconds=40), "40 s"),
        (timedelta(minutes=12, seconds=50), "12 min 50 s"),
        (timedelta(hours=2, minutes=5), "2 h 05 min"),
        (timedelta(days=3, hours=4), "3 d 4 h"),
    ],
)
def test_a_span_is_said_in_its_two_largest_units(span, text):
    assert words(span) == text


def test_numbers_for_the_eye():
    assert change(Decimal("37.4"), Decimal("36.6")) == "+0.8"
    assert change(Decimal(70), Decimal(82)) == "−12"
    assert change(Decimal(80), Decimal("80.0")) == "±0"
    assert short(Decimal("119.98684")) == "120.0"
    assert short(Decimal("37.40")) == "37.40"
    assert scientific(Decimal(504000)) == "5.04×10⁵"

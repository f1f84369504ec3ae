"""The functions that place samples and events beside the infusions, and compare dates known in part."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from ucmsc_desktop.study import functions  # noqa: F401 - enters what is called here into the table
from ucmsc_desktop.study.calls import FUNCTIONS
from ucmsc_desktop.study.values import PartialDate

CHINA = timezone(timedelta(hours=8))


def at(hour: int, day: int = 1) -> datetime:
    return datetime(2026, 3, day, hour, 0, tzinfo=CHINA)


def test_an_infusion_started_at_the_moment_itself_counts() -> None:
    count = FUNCTIONS["count_until"].call
    assert count((at(8), None, at(9)), at(8)) == 1
    assert count((at(8), at(9)), at(7)) == 0
    assert count((), at(8)) == 0


def test_without_a_moment_nothing_is_counted() -> None:
    assert FUNCTIONS["count_until"].call((at(8),), None) is None


@pytest.mark.parametrize(
    ("later", "earlier", "expected"),
    [
        (PartialDate(2026, 3, 1), PartialDate(2026, 3, 1, 14, 0), True),
        (PartialDate(2026, 3, 1, 13, 59), PartialDate(2026, 3, 1, 14, 0), False),
        (PartialDate(2026), PartialDate(2026, 3), True),
        (PartialDate(2025), PartialDate(2026, 3), False),
        (PartialDate(2026, 3, 2), at(9), True),
        (at(9), PartialDate(2026, 3, 1, 9, 1), False),
        (date(2026, 2, 28), PartialDate(2026, 3, 1), False),
        (at(9), at(9), True),
        (at(8), at(9), False),
    ],
)
def test_dates_known_in_part_compare_as_far_as_both_are_known(
    later: object, earlier: object, expected: bool
) -> None:
    assert FUNCTIONS["not_before"].call(later, earlier) is expected


def test_moments_compare_as_instants_whatever_their_offset() -> None:
    utc = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
    assert FUNCTIONS["not_before"].call(utc, at(9)) is True
    assert FUNCTIONS["not_before"].call(utc, at(10)) is False


def test_berlin_does_not_ask_room_air_for_a_pressure() -> None:
    berlin = FUNCTIONS["berlin"]
    assert berlin.takes_missing
    assert berlin.call(Decimal(250), "NC", None) == "NOT_APPLICABLE"
    assert berlin.call(Decimal(250), "IMV", None) is None

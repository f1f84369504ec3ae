"""The functions of expressions about a person: what they take, what stays missing."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace

import pytest

from ucmsc_desktop.study import bedside
from ucmsc_desktop.study.calls import FUNCTIONS
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.values import PartialDate, parse_partial

CHINA = timezone(timedelta(hours=8))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


def test_age_counts_to_the_local_day_of_a_moment() -> None:
    born = date(1991, 3, 1)
    assert bedside.age_years(born, at("2026-03-01T00:01")) == 35
    assert bedside.age_years(born, at("2026-02-28T23:59")) == 34
    assert bedside.age_years(born, date(2026, 3, 1)) == 35


def test_age_stays_missing_where_the_day_is_not_known() -> None:
    assert bedside.age_years(date(1991, 3, 1), PartialDate(2026, 3)) is None


@pytest.mark.parametrize(
    ("onset", "decision", "met"),
    [
        ("2026-02-22T21:00", "2026-03-01T20:30", True),
        ("2026-02-22T21:00", "2026-03-01T21:00", True),
        ("2026-02-22T21:00", "2026-03-01T21:01", False),
        ("2026-02-22", "2026-03-01T23:59", True),
        ("2026-02-21", "2026-03-01T00:00", False),
        ("2026-02", "2026-03-01T00:00", None),
        ("2026", "2026-03-01T00:00", None),
    ],
)
def test_onset_counts_hours_or_days_as_it_is_known(onset: str, decision: str, met: bool | None) -> None:
    assert bedside.onset_within(parse_partial(onset), at(decision)) is met


@pytest.mark.parametrize(
    ("onset", "near"),
    [
        ("2026-02-22T16:00", True),
        ("2026-02-22T17:00", False),
        ("2026-02-22", True),
        ("2026-02-23", False),
        ("2026-02", None),
    ],
)
def test_onset_near_its_limit_is_borderline(onset: str, near: bool | None) -> None:
    assert bedside.borderline_onset(parse_partial(onset), at("2026-03-01T10:00")) is near


def test_consent_details_must_be_those_of_the_version() -> None:
    versions = (SimpleNamespace(version="2.0", dated="2025-11-10", approval="EC-1"),)
    assert bedside.icf_matches(versions, "2.0", date(2025, 11, 10), "EC-1") is True
    assert bedside.icf_matches(versions, "2.0", date(2025, 11, 11), "EC-1") is False
    assert bedside.icf_matches(versions, "2.0", date(2025, 11, 10), "EC-2") is False
    assert bedside.icf_matches(versions, "3.0", date(2025, 11, 10), "EC-1") is None


@pytest.mark.parametrize(
    ("code", "meaning"), [("POS", True), ("NEG", False), ("INDET", None), ("PEND", None)]
)
def test_an_open_result_is_missing_and_not_negative(code: str, meaning: bool | None) -> None:
    assert bedside.positive(code) is meaning


def test_scores_are_called_with_missing_values() -> None:
    lis = FUNCTIONS["lis"]
    assert lis.takes_missing
    assert lis.call(Decimal(2), Decimal(250), None, None) == Decimal("1.5")
    assert FUNCTIONS["sofa_total"].call(Decimal(1), None, *[Decimal(0)] * 4) is None


def test_apache_is_missing_while_one_sign_is() -> None:
    signs = [Decimal(x) for x in ("38.7", "82", "118", "30", "0.40", "90")]
    rest = [Decimal(x) for x in ("7.31", "138", "3.2", "96")]
    tail = [Decimal(x) for x in ("33", "16.2", "15", "58")]
    assert bedside.apache2(*signs, None, *rest, "N", *tail, "NONE") == 11
    assert bedside.apache2(*signs, None, *rest, None, *tail, "NONE") is None
    assert bedside.apache2(*signs, None, *rest, "N", *tail, None) is None


def test_a_version_with_an_end_lapses_at_the_midnight_after_its_last_day() -> None:
    versions = load_study().sites[0].icf_versions
    signed = datetime(2025, 11, 30, 23, 59, tzinfo=CHINA)
    assert bedside.icf_lapse(versions, "1.0", signed) == datetime(2025, 12, 1, tzinfo=CHINA)
    assert bedside.icf_lapse(versions, "2.0", signed + timedelta(days=1)) is None  # no end
    assert (
        bedside.icf_lapse(versions, "1.0", signed + timedelta(days=1)) is None
    )  # was not active when it was signed
    assert bedside.icf_lapse(versions, "9.9", signed) is None


def test_an_onset_counts_to_the_hour_or_to_the_end_of_the_seventh_day() -> None:
    decision = datetime(2026, 3, 1, 20, 30, tzinfo=CHINA)
    assert bedside.onset_until(PartialDate(2026, 2, 22, 21, 0), decision) == datetime(
        2026, 3, 1, 21, tzinfo=CHINA
    )
    end = datetime(2026, 3, 1, 23, 59, 59, tzinfo=CHINA)
    assert bedside.onset_until(PartialDate(2026, 2, 22), decision) == end
    assert bedside.onset_until(PartialDate(2026, 2), decision) is None

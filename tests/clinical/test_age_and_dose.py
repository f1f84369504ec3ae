"""Age, calendar, onset, body size and dose on each side of their limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucmsc_desktop.clinical import age, dose, vitals
from ucmsc_desktop.clinical.exact import CodeError, DomainError

D = Decimal

CHINA = timezone(timedelta(hours=8))
ONSET = datetime(2026, 2, 22, 21, 0, tzinfo=CHINA)
LIMIT = ONSET + timedelta(hours=168)
SECOND = timedelta(seconds=1)
dates = st.dates(date(1900, 1, 1), date(2100, 12, 31))


@given(dates, st.integers(0, 40000))
def test_years_step_up_only_on_a_birthday(birth: date, days: int) -> None:
    on = birth + timedelta(days=days)
    today, tomorrow = age.completed_years(birth, on), age.completed_years(birth, on + timedelta(days=1))
    assert today is not None
    assert tomorrow is not None
    following = on + timedelta(days=1)
    birthday = (following.month, following.day) == (birth.month, birth.day)
    leapling = (birth.month, birth.day) == (2, 29) and (following.month, following.day) == (3, 1)
    assert tomorrow - today == int(birthday or (leapling and on.day == 28))


@pytest.mark.parametrize(("years", "eligible"), [(34, False), (35, True), (70, True), (71, False)])
def test_age_limits_include_their_ends(years: int, eligible: bool) -> None:
    assert age.age_eligible(D(years)) is eligible


@pytest.mark.parametrize("birthday", [date(2026, 3, 10)])
@pytest.mark.parametrize("years", [35, 71])
@pytest.mark.parametrize(("off", "near"), [(-4, False), (-3, True), (0, True), (3, True), (4, False)])
def test_age_near_a_limit_asks_an_investigator(birthday: date, years: int, off: int, near: bool) -> None:
    birth = birthday.replace(year=birthday.year - years)
    assert age.borderline_age(birth, birthday + timedelta(days=off)) is near


def test_the_seventieth_birthday_is_no_limit() -> None:
    assert age.borderline_age(date(1956, 3, 10), date(2026, 3, 10)) is False


def test_a_leap_day_birthday_is_near_on_1_march() -> None:
    assert age.borderline_age(date(1992, 2, 29), date(2027, 3, 4)) is True
    assert age.borderline_age(date(1992, 2, 29), date(2027, 3, 5)) is False


def test_an_age_before_birth_is_refused() -> None:
    with pytest.raises(DomainError):
        age.completed_years(date(2026, 3, 2), date(2026, 3, 1))


def test_a_moment_is_refused_where_a_date_is_meant() -> None:
    moment, day = datetime(1991, 3, 1, tzinfo=UTC), date(2026, 3, 1)
    for call in (age.completed_years, age.borderline_age, age.protocol_day, age.cdisc_dy):
        with pytest.raises(TypeError):
            call(moment, day)
        with pytest.raises(TypeError):
            call(day, moment)


@pytest.mark.parametrize(("late", "met"), [(-SECOND, True), (timedelta(0), True), (SECOND, False)])
def test_onset_limit_is_168_hours_inclusive(late: timedelta, met: bool) -> None:
    assert age.onset_within(ONSET, LIMIT + late, "HOUR") is met


def test_onset_counts_real_time_across_offsets() -> None:
    assert age.onset_within(ONSET, LIMIT.astimezone(UTC), "HOUR") is True
    assert age.onset_within(ONSET, (LIMIT + SECOND).astimezone(UTC), "HOUR") is False


@pytest.mark.parametrize(("days", "met"), [(6, True), (7, True), (8, False)])
def test_onset_by_dates_allows_seven(days: int, met: bool) -> None:
    decision = datetime(2026, 2, 22, 23, 59, tzinfo=CHINA) + timedelta(days=days)
    assert age.onset_within(date(2026, 2, 22), decision, "DAY") is met
    assert age.borderline_onset(date(2026, 2, 22), decision, "DAY") is (days == 7)


SIX_HOURS = timedelta(hours=6)


@pytest.mark.parametrize(
    ("off", "near"),
    [
        (-SIX_HOURS - SECOND, False),
        (-SIX_HOURS, True),
        (SIX_HOURS, True),
        (SIX_HOURS + SECOND, False),
    ],
)
def test_onset_near_its_limit_asks_an_investigator(off: timedelta, near: bool) -> None:
    assert age.borderline_onset(ONSET, LIMIT + off, "HOUR") is near


def test_onset_limit_can_be_set_by_the_protocol() -> None:
    assert age.onset_within(ONSET, LIMIT, "HOUR", limit=timedelta(days=3)) is False


def test_onset_refuses_what_it_cannot_judge() -> None:
    for call in (age.onset_within, age.borderline_onset):
        with pytest.raises(DomainError):
            call(ONSET, ONSET - SECOND, "HOUR")
        with pytest.raises(CodeError):
            call(ONSET, LIMIT, "MONTH")
        with pytest.raises(TypeError):
            call(ONSET.date(), LIMIT, "HOUR")
        with pytest.raises(TypeError):
            call(ONSET.replace(tzinfo=None), LIMIT, "HOUR")


@given(dates, dates)
def test_export_day_never_is_zero_and_else_follows_the_protocol_day(on: date, first: date) -> None:
    day, dy = age.protocol_day(on, first), age.cdisc_dy(on, first)
    assert day is not None
    assert dy is not None
    assert dy != 0
    assert dy - day == int(on >= first)


@given(st.decimals("25", "250", places=1), st.decimals("120", "220", places=1))
def test_bmi_agrees_with_exact_fractions(kg: Decimal, cm: Decimal) -> None:
    true = Fraction(kg) / (Fraction(cm) / 100) ** 2
    found = age.bmi(kg, cm)
    assert found is not None
    assert abs(Fraction(found) - true) <= true / 10**38


@pytest.mark.parametrize(
    "call",
    [
        lambda: age.bmi(D(0), D(170)),
        lambda: age.bmi(D(70), D(0)),
        lambda: age.predicted_body_weight("M", D(0)),
        lambda: dose.target_cells(D(0)),
        lambda: dose.target_cells(D(65), D(-1)),
        lambda: dose.target_volume_ml(D(65), D(-1), D(92)),
        lambda: dose.target_volume_ml(D(65), D(700000), D(101)),
        lambda: dose.delivered_cells(D(700000), D(-1), D(50)),
        lambda: dose.delivered_cells(D(700000), D(92), D(-1)),
        lambda: dose.dose_cells_per_kg(D(700000), D(92), D(50), D(0)),
        lambda: dose.dose_percent(D(-1)),
        lambda: dose.dose_percent(D(1), D(0)),
        lambda: dose.dose_within(D(100), D(-1)),
        lambda: dose.count_consistent(D(-1), D(1), D(1)),
        lambda: vitals.mean_arterial_pressure(D(-1), D(60)),
    ],
)
def test_impossible_bodies_and_bags_are_refused(call: Callable[[], object]) -> None:
    with pytest.raises(DomainError):
        call()


def test_unknown_sex_code_is_refused() -> None:
    with pytest.raises(CodeError):
        age.predicted_body_weight("U", D(170))


@given(
    st.decimals("25", "250", places=1), st.integers(10_000, 50_000_000), st.decimals("50", "100", places=1)
)
def test_the_target_volume_delivers_the_target_dose(kg: Decimal, conc: int, viability: Decimal) -> None:
    volume = dose.target_volume_ml(kg, D(conc), viability)
    percent = dose.dose_percent(dose.dose_cells_per_kg(D(conc), viability, volume, kg))
    assert percent is not None
    assert abs(percent - 100) < D("1e-30")


def test_a_bag_without_living_cells_has_no_target_volume() -> None:
    assert dose.target_volume_ml(D(65), D(700000), D(0)) is None
    assert dose.target_volume_ml(D(65), D(0), D(92)) is None


@pytest.mark.parametrize(
    ("percent", "tolerance", "inside"),
    [
        ("90", "10", True),
        ("89.99", "10", False),
        ("120", "20", True),
        ("120.01", "20", False),
        ("80", "20", True),
    ],
)
def test_dose_tolerance_includes_its_ends(percent: str, tolerance: str, inside: bool) -> None:
    assert dose.dose_within(D(percent), D(tolerance)) is inside


@pytest.mark.parametrize(
    ("total", "same"), [("100", True), ("95.3", True), ("95.2", False), ("105.2", True), ("105.3", False)]
)
def test_bag_total_agrees_within_five_percent(total: str, same: bool) -> None:
    # 100 is within 5 % of a total T when 0.95 T <= 100 <= 1.05 T: 95.238... <= T <= 105.263...
    assert dose.count_consistent(D(2), D(50), D(total)) is same

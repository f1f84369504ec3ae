"""Rules along the rows of a table: what is new, rose, lasted or overlapped, and what cannot be known."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from ucmsc_desktop.study import functions as f
from ucmsc_desktop.study import rows as r
from ucmsc_desktop.study.model import FlowPoint
from ucmsc_desktop.study.values import PartialDate

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
END = START + timedelta(minutes=60)
POINTS = ("PRE15", "T0", "T5", "T15")


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def numbers(*values: str | None) -> tuple[Decimal | None, ...]:
    return tuple(None if v is None else Decimal(v) for v in values)


def test_a_threshold_is_reached_at_its_value_and_only_above_the_reference() -> None:
    values = numbers("12", "4", "10", "9.99")
    assert r.each_reach(POINTS, values, Decimal(10)) == (True, False, True, False)
    assert r.each_reach(POINTS, numbers("12", "12", "12", "13"), Decimal(10)) == (False, False, False, True)


def test_without_a_reference_nothing_is_known() -> None:
    values = numbers("12", None, "10", "11")
    assert r.each_reach(POINTS, values, Decimal(10)) == (None, None, None, None)
    assert r.each_new(POINTS, ("SR", None, "VT", "VF"), "VT") == (None, None, None, None)
    assert r.each_reach((), (), Decimal(10)) == ()


def test_another_row_can_be_the_reference() -> None:
    temperatures = numbers("36.8", None, None, "37.8")
    assert r.each_rise(POINTS, temperatures, Decimal(1), "PRE15") == (False, None, None, True)


def test_a_fall_counts_in_per_cent_of_the_reference() -> None:
    values = numbers("150", "150", "105", "106")
    assert r.each_fall_pct(POINTS, values, Decimal(30)) == (False, False, True, False)
    assert r.each_fall_pct(POINTS, numbers("0", "0", "0", "0"), Decimal(30)) == (False, False, False, False)


def test_below_a_limit_is_below_the_reference_as_well() -> None:
    assert r.each_below(POINTS, numbers("80", "80", "80", "79"), Decimal(90)) == (False, False, False, True)
    assert r.each_below(POINTS, numbers("95", "95", "90", "89"), Decimal(90)) == (False, False, False, True)


def test_new_codes_are_those_the_reference_does_not_hold() -> None:
    symptoms = (("NONE",), ("COUGH",), ("COUGH", "RASH"), None)
    assert r.each_new(POINTS, symptoms, ("RASH", "COUGH")) == (False, False, True, None)
    assert r.each_in(symptoms, "COUGH") == (False, True, True, None)


def test_support_is_compared_by_its_strength() -> None:
    assert r.each_stronger(POINTS, ("IMV", "HFNC", "NC", "NIV")) == (True, False, False, True)


def test_one_row_must_hold_all_flags() -> None:
    assert r.any_row((True, False), (False, True)) is False
    assert r.any_row((True, False), (True, True)) is True
    assert r.any_row((True, False), (None, True)) is None
    assert r.any_row((), ()) is None


def test_rows_are_joined_by_or_and_and() -> None:
    assert r.row_or((True, None, False), (None, None, False)) == (True, None, False)
    assert r.row_and((True, None, True), (None, False, True)) == (None, False, True)


@pytest.mark.parametrize(
    ("flags", "minutes", "wanted"),
    [
        ((False, True, True, False), (0, 5, 15, 20), True),
        ((False, True, True, False), (0, 5, 14, 20), False),
        ((False, True, False, True), (0, 5, 10, 15), None),
        ((False, True, None, True), (0, 5, 10, 15), True),
        ((False, None, False, False), (0, 5, 10, 15), None),
        ((), (), None),
    ],
    ids=["ten minutes", "nine minutes", "open at the end", "a gap inside", "a row unknown", "no row"],
)
def test_a_run_lasts_from_its_first_to_its_last_row(
    flags: tuple[bool | None, ...], minutes: tuple[int, ...], wanted: bool | None
) -> None:
    assert r.lasting(flags, tuple(at(m) for m in minutes), Decimal(10)) is wanted


def test_rows_out_of_order_are_read_by_their_time() -> None:
    assert r.lasting((True, False, True), (at(15), at(20), at(5)), Decimal(10)) is True


def test_the_window_holds_both_its_ends() -> None:
    six = Decimal(6)
    assert r.in_iae_window(START, START, END, six) is True
    assert r.in_iae_window(END + timedelta(hours=6), START, END, six) is True
    assert r.in_iae_window(END + timedelta(hours=6, seconds=1), START, END, six) is False
    assert r.in_iae_window(START - timedelta(seconds=1), START, END, six) is False


def test_while_the_infusion_runs_the_window_is_open() -> None:
    assert r.in_iae_window(at(600), START, None, Decimal(6)) is True
    assert r.in_iae_window(at(-1), START, None, Decimal(6)) is False
    assert r.in_iae_window(at(1), None, None, Decimal(6)) is None
    assert r.in_iae_window(None, START, END, Decimal(6)) is None


def test_a_day_without_a_time_lies_inside_as_far_as_it_is_known() -> None:
    day = Decimal(24)
    assert r.in_iae_window(PartialDate(2026, 3, 3), START, END, day) is True
    assert r.in_iae_window(PartialDate(2026, 3, 4), START, END, day) is False
    assert r.in_iae_window(PartialDate(2026, 3, 1), START, END, day) is False
    assert r.each_before((PartialDate(2026, 3, 1), PartialDate(2026, 3, 2), None), START) == (
        True,
        False,
        None,
    )


def test_intervals_may_touch_but_not_overlap() -> None:
    assert r.no_overlap((at(10), at(0)), (at(20), at(10))) is True
    assert r.no_overlap((at(0), at(9)), (at(10), at(20))) is False
    assert r.no_overlap((at(0), at(5)), (None, at(20))) is True
    assert r.no_overlap((), ()) is None


def test_a_total_of_intervals_needs_all_of_them() -> None:
    assert r.total_minutes((at(0), at(10)), (at(1.5), at(20))) == Decimal("11.5")
    assert r.total_minutes((), ()) == 0
    assert r.total_minutes((at(0),), (None,)) is None


POINT = FlowPoint.model_validate(
    {
        "code": "T5",
        "title": {"en": "5", "zh": "5"},
        "anchor": "start",
        "at_min": 5,
        "before_min": 2,
        "after_min": 2,
    }
)


def test_a_time_point_is_judged_by_whole_minutes() -> None:
    start = START + timedelta(seconds=50)
    assert r.flow_in_window((POINT,), "T5", at(7) + timedelta(seconds=59), start, None) is True
    assert r.flow_in_window((POINT,), "T5", at(8), start, None) is False
    assert r.flow_in_window((POINT,), "T5", at(2) + timedelta(seconds=59), start, None) is False
    assert r.flow_in_window((POINT,), "UNS", at(5), start, None) is None
    assert r.flow_in_window((POINT,), "T5", at(5), None, None) is None


def test_codes_are_the_same_whatever_the_case_or_width() -> None:
    assert f.same_code("UC-b-0001", " ｕｃ-B-０００１ ") is True
    assert f.same_code("UC-B-0001", "UC-B-0002") is False
    assert f.code_occurrences(("UC-B-0001", None, "uc-b-0001"), "Uc-B-0001") == 2
    assert f.code_occurrences(None, None) == 0

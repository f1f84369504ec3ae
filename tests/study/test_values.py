"""Values come back digit by digit, and what a Chinese keyboard types is read."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucmsc_desktop.study.values import (
    ItemType,
    Missing,
    Number,
    PartialDate,
    Value,
    ValueProblem,
    dump,
    load,
    parse_number,
    parse_partial,
    show,
)

CHINA = timezone(timedelta(hours=8))
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9)


@given(AMOUNTS, st.sampled_from(["", "mmHg", "kPa", "µmol/L"]), st.sampled_from(["=", "<", ">"]))
def test_a_number_keeps_every_digit_its_unit_and_operator(amount: Decimal, unit: str, op: str) -> None:
    value = Number(amount, unit, op)  # type: ignore[arg-type]
    back = load(dump(value), "decimal")
    assert back == value
    assert isinstance(back, Number)
    assert str(back.amount) == str(amount)


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("Y", "yn"),
        (("CHILLS", "FEVER"), "multi"),
        (date(1968, 3, 4), "date"),
        (PartialDate(2025), "partial_date"),
        (PartialDate(2025, 2), "partial_date"),
        (PartialDate(2026, 2, 22, 21, 0), "partial_date"),
        (datetime(2026, 3, 1, 23, 59, 59, tzinfo=CHINA), "datetime"),
        (timedelta(minutes=75), "duration"),
        ("O'Brien\n“汉字” = - @", "text"),
        (Missing("ND", "分析仪故障"), "decimal"),
    ],
)
def test_every_kind_of_value_comes_back(value: Value, kind: ItemType) -> None:
    assert load(dump(value), kind) == value


@pytest.mark.parametrize(
    ("typed", "amount", "op"),
    [
        ("１２．５", "12.5", "="),
        ("36。8", "36.8", "="),
        (" 7.40 ", "7.40", "="),
        ("<0.05", "0.05", "<"),
        ("＞5000", "5000", ">"),
        ("-3", "-3", "="),
        ("−3", "-3", "="),
        (".5", "0.5", "="),
    ],
)
def test_typed_numbers_are_read(typed: str, amount: str, op: str) -> None:
    read = parse_number(typed, operators=True)
    assert (read.amount, read.op) == (Decimal(amount), op)


@pytest.mark.parametrize(
    "typed", ["", "abc", "1,5", "1e5", "NaN", "Infinity", "0x10", "1.2.3", "--1", "1 2", "²"]
)
def test_what_is_no_number_is_refused(typed: str) -> None:
    with pytest.raises(ValueProblem):
        parse_number(typed)


def test_an_operator_is_refused_where_the_item_has_none() -> None:
    with pytest.raises(ValueProblem):
        parse_number("<5")


def test_a_time_without_its_offset_is_never_stored() -> None:
    with pytest.raises(ValueProblem):
        dump(datetime(2026, 3, 1, 8, 0))  # noqa: DTZ001


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-02-30", "26-01-01", "2026-1", "2026-02-01T25:00", "2026T08:00"]
)
def test_an_impossible_date_is_refused(text: str) -> None:
    with pytest.raises(ValueProblem):
        parse_partial(text)


def test_dates_are_shown_without_ambiguity() -> None:
    moment = datetime(1968, 3, 4, 9, 5, tzinfo=CHINA)
    assert show(moment, "en") == "04-Mar-1968 09:05"
    assert show(moment, "zh") == "1968-03-04 09:05"
    assert show(PartialDate(2025, 2), "en") == "2025-02-UK"

"""Unit conversions: round trips, exact factors, refusal to guess."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucmsc_desktop.clinical import units
from ucmsc_desktop.clinical.exact import DomainError
from ucmsc_desktop.clinical.units import UnitError, convert

D = Decimal

PAIRS = [
    (name, one, two)
    for name, members in units.QUANTITIES.items()
    for one in members
    for two in members
    if one != two
]


@given(st.sampled_from(PAIRS), st.decimals("-1000000", "1000000", places=4))
def test_every_conversion_comes_back(pair: tuple[str, str, str], amount: Decimal) -> None:
    name, one, two = pair
    there = convert(amount, one, two, quantity=name)
    back = convert(there, two, one, quantity=name)
    assert there is not None
    assert back is not None
    assert abs(back - amount) <= D("1e-28")


@given(st.sampled_from(PAIRS), st.decimals("0.001", "10000", places=3))
def test_every_conversion_keeps_order(pair: tuple[str, str, str], amount: Decimal) -> None:
    name, one, two = pair
    less, more = convert(amount, one, two, quantity=name), convert(amount + 1, one, two, quantity=name)
    assert less is not None
    assert more is not None
    assert less < more


@pytest.mark.parametrize(
    ("amount", "one", "two", "quantity", "expected"),
    [
        ("760", "mmHg", "kPa", None, "101.3250144354"),
        ("1013.25", "hPa", "kPa", None, "101.325"),
        ("10", "cmH2O", "hPa", None, "9.80665"),
        ("98.6", "°F", "°C", None, "37"),
        ("39", "°C", "°F", None, "102.2"),
        ("-40", "°F", "°C", None, "-40"),
        ("130", "jin", "kg", None, "65"),
        ("65", "kg", "斤", None, "130"),
        ("1", "mg/dL", "µmol/L", "creatinine", "88.4"),
        ("1", "mg/dL", "µmol/L", "bilirubin", "17.1"),
        ("12.5", "g/dL", "g/L", None, "125"),
        ("40", "%", "fraction", None, "0.40"),
        ("0.21", "fraction", "%", None, "21"),
        ("712", "pg/mL", "ng/L", None, "712"),
        ("1.5", "ng/mL", "pg/mL", None, "1500"),
        ("0.5", "10^6/mL", "cells/mL", None, "500000"),
        ("6", "mg/h", "µg/min", None, "100"),
        ("1.8", "U/h", "U/min", None, "0.03"),
        ("60", "L/min", "mL/min", None, "60000"),
    ],
)
def test_known_equalities(amount: str, one: str, two: str, quantity: str | None, expected: str) -> None:
    assert convert(D(amount), one, two, quantity=quantity) == D(expected)


def test_one_kilopascal_in_millimetres() -> None:
    mmhg = convert(D(1), "kPa", "mmHg")
    assert mmhg is not None
    assert abs(Fraction(mmhg) - 1 / Fraction("0.133322387415")) < Fraction(1, 10**38)
    assert str(mmhg).startswith("7.5006157584565")


def test_same_unit_gives_the_amount_digit_for_digit() -> None:
    assert str(convert(D("8.40"), "kPa", "kPa")) == "8.40"
    assert str(convert(D("1.20"), "mg/dL", "mg/dL")) == "1.20"


@pytest.mark.parametrize(
    ("one", "two", "quantity"),
    [
        ("mmHg", "kg", None),
        ("mg/dL", "mmol/L", None),
        ("mmHg", "kPa", "temperature"),
        ("mmHg", "kPa", "blood"),
        ("furlong", "kg", None),
        ("kg", "", None),
        ("furlong", "furlong", None),
        ("g/L", "%", None),
    ],
)
def test_impossible_conversions_are_refused(one: str, two: str, quantity: str | None) -> None:
    with pytest.raises(UnitError):
        convert(D(1), one, two, quantity=quantity)
    with pytest.raises(UnitError):
        convert(None, one, two, quantity=quantity)


def test_milligrams_per_decilitre_need_the_analyte() -> None:
    with pytest.raises(UnitError, match="needs the quantity"):
        convert(D(1), "mg/dL", "µmol/L")


def test_rates_that_need_more_say_what() -> None:
    with pytest.raises(UnitError, match="dosing weight"):
        convert(D(1), "µg/min", "µg/kg/min")
    with pytest.raises(UnitError, match="drop factor"):
        convert(D(1), "gtt/min", "mL/h")


@pytest.mark.parametrize(
    ("typed", "symbol"),
    [("μmol/L", "µmol/L"), ("ug/kg/min", "µg/kg/min"), ("℃", "°C"), (" 斤 ", "jin"), ("×10⁹/L", "10^9/L")],
)
def test_spellings_fold_to_one_symbol(typed: str, symbol: str) -> None:
    assert units.canonical_unit(typed) == symbol


def test_units_are_listed_base_first() -> None:
    assert units.units_of("pressure") == ("kPa", "mmHg", "hPa", "cmH2O")
    with pytest.raises(UnitError):
        units.units_of("colour")


def test_every_unit_a_form_may_name_is_known() -> None:
    listed = Path(__file__).parents[2] / "forms" / "units.yaml"
    names = re.findall(r'^"?([^\s#"{][^":{]*)"?:\s*\{', listed.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(names) > 30
    assert [name for name in names if units.canonical_unit(name) != name] == []


def test_drip_rate_with_a_usual_set() -> None:
    assert units.ml_per_h(D(40), D(20)) == 120
    assert units.drops_per_min(D(120), D(20)) == 40


def test_pressor_rate_with_the_dosing_weight() -> None:
    assert units.ug_kg_min(D(10), D(80)) == D("0.125")
    assert units.ug_min(D("0.125"), D(80)) == 10


@given(st.decimals("0", "5000", places=3), st.decimals("1", "250", places=1))
def test_rates_come_back(rate: Decimal, per: Decimal) -> None:
    there, drip = units.ug_kg_min(rate, per), units.ml_per_h(rate, per)
    back, drops = units.ug_min(there, per), units.drops_per_min(drip, per)
    assert back is not None
    assert drops is not None
    assert abs(back - rate) < D("1e-30")
    assert abs(drops - rate) < D("1e-30")


def test_two_milligrams_of_bitartrate_hold_one_of_base() -> None:
    assert units.ne_base(D(2)) == 1
    assert units.ne_bitartrate(D(1)) == 2


@pytest.mark.parametrize(
    "call",
    [
        lambda: units.ml_per_h(D(40), D(0)),
        lambda: units.ml_per_h(D(-1), D(20)),
        lambda: units.drops_per_min(D(40), D(0)),
        lambda: units.drops_per_min(D(-1), D(20)),
        lambda: units.ug_kg_min(D(10), D(0)),
        lambda: units.ug_kg_min(D(-1), D(70)),
        lambda: units.ug_min(D(10), D(0)),
        lambda: units.ug_min(D(-1), D(70)),
        lambda: units.ne_base(D(-1)),
        lambda: units.ne_bitartrate(D(-1)),
    ],
)
def test_impossible_rates_are_refused(call: Callable[[], object]) -> None:
    with pytest.raises(DomainError):
        call()

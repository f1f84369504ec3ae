"""Blood-gas properties: limits by the smallest step, monotonicity, refusal of the impossible."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucmsc_desktop.clinical import gas, oxygen
from ucmsc_desktop.clinical.exact import CodeError, DomainError

D = Decimal

STEP = D("1e-24")
tensions = st.decimals("15", "700", places=1)
fractions_ = st.decimals("0.21", "1.00", places=2)
carbon = st.decimals("5", "200", places=1)
pressures = st.decimals("450", "800", places=1)


@pytest.mark.parametrize(
    ("pf", "eligible"),
    [(D(200), False), (D(200) + STEP, True), (D(300), True), (D(300) + STEP, False), (D(200) - STEP, False)],
)
def test_pf_band_is_open_at_200_and_closed_at_300(pf: Decimal, eligible: bool) -> None:
    assert gas.pf_eligible(pf) is eligible


@pytest.mark.parametrize(
    ("gradient", "eligible"), [(D(35), False), (D(35) + STEP, True), (D(35) - STEP, False)]
)
def test_gradient_must_exceed_35(gradient: Decimal, eligible: bool) -> None:
    assert gas.aado2_eligible(gradient) is eligible


@pytest.mark.parametrize(
    ("pf", "near"),
    [
        (D(195) - STEP, False),
        (D(195), True),
        (D(205), True),
        (D(205) + STEP, False),
        (D(295) - STEP, False),
        (D(295), True),
        (D(305), True),
        (D(305) + STEP, False),
    ],
)
def test_pf_near_a_limit_asks_an_investigator(pf: Decimal, near: bool) -> None:
    assert gas.borderline_pf(pf) is near


@pytest.mark.parametrize(
    ("gradient", "near"), [(D(33) - STEP, False), (D(33), True), (D(37), True), (D(37) + STEP, False)]
)
def test_gradient_near_its_limit_asks_an_investigator(gradient: Decimal, near: bool) -> None:
    assert gas.borderline_aado2(gradient) is near


@given(tensions, fractions_)
def test_pf_agrees_with_exact_fractions(pao2: Decimal, fio2: Decimal) -> None:
    true = Fraction(pao2) / Fraction(fio2)
    pf = gas.pf(pao2, fio2)
    assert pf is not None
    assert abs(Fraction(pf) - true) <= true / 10**39
    assert gas.pf_eligible(pf) is (200 < true <= 300)


@given(tensions, tensions, fractions_)
def test_pf_rises_with_oxygen_tension(one: Decimal, two: Decimal, fio2: Decimal) -> None:
    low, high = gas.pf(min(one, two), fio2), gas.pf(max(one, two), fio2)
    assert low is not None
    assert high is not None
    assert (low < high) is (one != two)


@given(fractions_, carbon, tensions, pressures)
def test_gradient_agrees_with_exact_fractions(
    fio2: Decimal, paco2: Decimal, pao2: Decimal, pb: Decimal
) -> None:
    f, c, o, b = (Fraction(x) for x in (fio2, paco2, pao2, pb))
    simple = f * (b - 47) - c * Fraction(5, 4) - o
    found, full = gas.aado2(fio2, paco2, pao2, pb), gas.aado2_full(fio2, paco2, pao2, pb)
    assert found is not None
    assert full is not None
    assert Fraction(found) == simple
    assert Fraction(full) == simple + c * f / 4
    assert gas.aado2_eligible(found) is (simple > 35)


@given(fractions_, carbon, tensions, pressures)
def test_gradient_falls_as_either_tension_rises(
    fio2: Decimal, paco2: Decimal, pao2: Decimal, pb: Decimal
) -> None:
    base = gas.aado2(fio2, paco2, pao2, pb)
    assert base is not None
    for other in (gas.aado2(fio2, paco2, pao2 + 1, pb), gas.aado2(fio2, paco2 + 1, pao2, pb)):
        assert other is not None
        assert other < base
    raised = gas.aado2(fio2, paco2, pao2, pb + 1)
    assert raised is not None
    assert raised > base


@given(st.decimals("30", "800", places=3))
def test_rice_equation_inverts(pf: Decimal) -> None:
    back = gas.pf_from_sf(gas.sf_from_pf(pf))
    assert back is not None
    assert abs(back - pf) < D("1e-30")


def test_result_does_not_depend_on_the_callers_context() -> None:
    with localcontext() as context:
        context.prec = 3
        context.rounding = ROUND_DOWN
        pf = gas.pf(D("60.1"), D("0.30"))
    assert pf == gas.pf(D("60.1"), D("0.30"))
    assert gas.pf_eligible(pf) is True


def test_whole_results_print_without_an_exponent() -> None:
    assert str(gas.pf(D(80), D("0.40"))) == "200"


def test_binary_floats_are_refused() -> None:
    with pytest.raises(TypeError):
        gas.pf(114.0, D("0.57"))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        gas.pf(D(114), fio2=0.57)  # type: ignore[arg-type]


def test_whole_numbers_do_not_become_floats() -> None:
    assert gas.pf(100, 1) == D(100)  # type: ignore[arg-type]
    assert isinstance(gas.pf(100, 1), Decimal)  # type: ignore[arg-type]


@pytest.mark.parametrize("fio2", ["0", "-0.4", "1.01", "40", "NaN", "Infinity"])
def test_an_impossible_fraction_is_refused(fio2: str) -> None:
    calls: tuple[Callable[[], object], ...] = (
        lambda: gas.pf(D(80), D(fio2)),
        lambda: gas.aado2(D(fio2), D(40), D(80)),
        lambda: gas.aado2_full(D(fio2), D(40), D(80)),
        lambda: gas.sf(D(90), D(fio2)),
        lambda: gas.oi_mawp(D(15), D(fio2), D(80)),
        lambda: gas.osi(D(15), D(fio2), D(90)),
    )
    for call in calls:
        with pytest.raises(DomainError):
            call()


def test_an_impossible_number_counts_as_arithmetic_so_that_a_form_shows_no_value() -> None:
    with pytest.raises(ArithmeticError):
        gas.pf(D(80), D(0))


@pytest.mark.parametrize(
    "call",
    [
        lambda: gas.pf(D("-0.1"), D("0.4")),
        lambda: gas.alveolar_po2(D("0.4"), D(-1)),
        lambda: gas.alveolar_po2_full(D("0.4"), D(-1)),
        lambda: gas.alveolar_po2(D("0.4"), D(40), D(47)),
        lambda: gas.aado2(D("0.4"), D(40), D(-1)),
        lambda: gas.aado2_full(D("0.4"), D(40), D(-1)),
        lambda: gas.aado2_expected(D(-1)),
        lambda: gas.oi_mawp(D(15), D("0.6"), D(0)),
        lambda: gas.oi_mawp(D(-1), D("0.6"), D(75)),
        lambda: gas.osi(D(15), D("0.6"), D(0)),
        lambda: gas.osi(D(-1), D("0.6"), D(90)),
        lambda: gas.sf(D("100.1"), D("0.4")),
        lambda: gas.rox(D(94), D("0.4"), D(-1)),
        lambda: gas.pf_altitude(D(250), D(47)),
        lambda: oxygen.fio2_estimate("NC", D(-1)),
        lambda: oxygen.pco2_at_temperature(D(-1), D(37)),
        lambda: oxygen.po2_at_temperature(D(0), D(37)),
        lambda: oxygen.hco3(D("7.4"), D(-1)),
    ],
)
def test_impossible_tensions_and_pressures_are_refused(call: Callable[[], object]) -> None:
    with pytest.raises(DomainError):
        call()


def test_no_breathing_rate_gives_no_rox() -> None:
    assert gas.rox(D(94), D("0.40"), D(0)) is None


def test_saturation_index_puts_spo2_in_place_of_oxygen_tension() -> None:
    assert gas.osi(D(15), D("0.60"), D(90)) == 10


@pytest.mark.parametrize(("spo2", "valid"), [("97", True), ("97.1", False)])
def test_saturation_ratio_is_valid_up_to_97(spo2: str, valid: bool) -> None:
    assert gas.sf_valid(D(spo2)) is valid


@pytest.mark.parametrize(
    ("device", "flow", "expected"),
    [
        ("RA", None, "0.21"),
        ("NC", "0.9", None),
        ("NC", "1", "0.25"),
        ("NC", "2.5", "0.31"),
        ("NC", "6.1", None),
        ("SM", "4.9", None),
        ("SM", "5", "0.40"),
        ("SM", "5.9", "0.40"),
        ("SM", "6", "0.50"),
        ("SM", "6.9", "0.50"),
        ("SM", "7", "0.60"),
        ("SM", "8", "0.60"),
        ("SM", "8.1", None),
        ("NRB", "5.9", None),
        ("NRB", "6", "0.60"),
        ("NRB", "7", "0.70"),
        ("NRB", "8", "0.80"),
        ("NRB", "9.9", "0.90"),
        ("NRB", "10", "0.95"),
        ("NRB", "15", "0.95"),
        ("VM", "6", None),
        ("HFNC", "50", None),
        ("IMV", "10", None),
    ],
)
def test_estimated_fraction_row_by_row(device: str, flow: str | None, expected: str | None) -> None:
    estimate = oxygen.fio2_estimate(device, None if flow is None else D(flow))
    assert estimate == (None if expected is None else D(expected))


@pytest.mark.parametrize(
    ("device", "source"),
    [
        ("RA", "AIR"),
        ("NC", "EST"),
        ("SM", "EST"),
        ("NRB", "EST"),
        ("VM", "SET"),
        ("HFNC", "SET"),
        ("IMV", "SET"),
    ],
)
def test_source_of_the_fraction(device: str, source: str) -> None:
    assert oxygen.fio2_source(device) == source


def test_unknown_support_code_is_a_defect_not_a_missing_value() -> None:
    with pytest.raises(CodeError):
        oxygen.fio2_estimate("nasal", D(3))
    with pytest.raises(CodeError):
        oxygen.fio2_source("")


def test_nothing_changes_at_37_degrees() -> None:
    assert oxygen.ph_at_temperature(D("7.30"), D(37)) == D("7.30")
    assert oxygen.pco2_at_temperature(D(40), D(37)) == 40
    assert oxygen.po2_at_temperature(D(60), D(37)) == 60


@given(st.decimals("36", "42", places=1), st.decimals("20", "400", places=1))
def test_fever_raises_tensions_and_lowers_ph(temp: Decimal, tension: Decimal) -> None:
    warmer = temp + 1
    for function in (oxygen.pco2_at_temperature, oxygen.po2_at_temperature):
        cool, warm = function(tension, temp), function(tension, warmer)
        assert cool is not None
        assert warm is not None
        assert cool < warm
    ph_cool, ph_warm = oxygen.ph_at_temperature(D("7.3"), temp), oxygen.ph_at_temperature(D("7.3"), warmer)
    assert ph_cool is not None
    assert ph_warm is not None
    assert ph_warm < ph_cool


def test_bicarbonate_disagrees_only_beyond_three() -> None:
    computed = oxygen.hco3(D("7.40"), D(40))
    assert computed is not None
    with localcontext() as context:
        context.prec = 60
        assert oxygen.hco3_disagrees(computed + 3, D("7.40"), D(40)) is False
        assert oxygen.hco3_disagrees(computed + 3 + D("1e-30"), D("7.40"), D(40)) is True
        assert oxygen.hco3_disagrees(computed - 3 - D("1e-30"), D("7.40"), D(40)) is True

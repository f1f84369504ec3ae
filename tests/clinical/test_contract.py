"""What holds for every formula: it has a version, says what missing means, and lets missing through."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucmsc_desktop.clinical import (
    FORMULA_VERSIONS,
    age,
    apache,
    dose,
    exact,
    gas,
    oxygen,
    scores,
    stats,
    tdist,
    units,
    vitals,
)

D = Decimal

MODULES = (age, apache, dose, gas, oxygen, scores, stats, tdist, units, vitals)
NO_FORMULA = {"support_of", "canonical_unit", "units_of"}
NOW = datetime(2026, 3, 1, 9, tzinfo=timezone(timedelta(hours=8)))


def public_functions() -> dict[str, Callable[..., Any]]:
    return {
        name: member
        for module in MODULES
        for name, member in inspect.getmembers(module, inspect.isfunction)
        if member.__module__ == module.__name__ and not name.startswith("_")
    }


def test_every_formula_has_a_version_and_every_version_a_formula() -> None:
    assert set(FORMULA_VERSIONS) == set(public_functions()) - NO_FORMULA
    assert all(version.rpartition("/")[2].isdigit() for version in FORMULA_VERSIONS.values())


def test_no_two_modules_share_a_formula_name() -> None:
    names = [
        name
        for module in MODULES
        for name, member in inspect.getmembers(module, inspect.isfunction)
        if member.__module__ == module.__name__ and not name.startswith("_")
    ]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", sorted(set(FORMULA_VERSIONS) - {"t_quantile", "log10_changes"}))
def test_every_formula_says_what_missing_means(name: str) -> None:
    assert "Missing:" in (inspect.getdoc(public_functions()[name]) or "")


# Arguments of which each one, when missing, makes the result missing.
STRICT: dict[str, tuple[Any, ...]] = {
    "pf": (D(80), D("0.4")),
    "pf_eligible": (D(250),),
    "borderline_pf": (D(250),),
    "pf_altitude": (D(250), D(652)),
    "alveolar_po2": (D("0.4"), D(40), D(760)),
    "alveolar_po2_full": (D("0.4"), D(40), D(760)),
    "aado2": (D("0.4"), D(40), D(80), D(760)),
    "aado2_full": (D("0.4"), D(40), D(80), D(760)),
    "aado2_eligible": (D(40),),
    "borderline_aado2": (D(40),),
    "aado2_expected": (D(50),),
    "oi_mawp": (D(15), D("0.6"), D(75)),
    "oi_mawp_kpa": (D(15), D("0.6"), D(75)),
    "osi": (D(15), D("0.6"), D(90)),
    "sf": (D(94), D("0.4")),
    "sf_valid": (D(94),),
    "pf_from_sf": (D(235),),
    "sf_from_pf": (D(200),),
    "rox": (D(94), D("0.4"), D(22)),
    "fio2_estimate": ("NC", D(3)),
    "fio2_source": ("NC",),
    "ph_at_temperature": (D("7.3"), D(39)),
    "pco2_at_temperature": (D(40), D(39)),
    "po2_at_temperature": (D(60), D(39)),
    "hco3": (D("7.4"), D(40)),
    "hco3_disagrees": (D(24), D("7.4"), D(40)),
    "ml_per_h": (D(40), D(20)),
    "drops_per_min": (D(120), D(20)),
    "ug_kg_min": (D(10), D(70)),
    "ug_min": (D("0.1"), D(70)),
    "ne_base": (D(2),),
    "ne_bitartrate": (D(1),),
    "completed_years": (date(1980, 1, 1), date(2026, 3, 1)),
    "age_eligible": (D(46),),
    "borderline_age": (date(1980, 1, 1), date(2026, 3, 1)),
    "bmi": (D(70), D(172)),
    "predicted_body_weight": ("M", D(172)),
    "protocol_day": (date(2026, 3, 2), date(2026, 3, 1)),
    "cdisc_dy": (date(2026, 3, 2), date(2026, 3, 1)),
    "onset_within": (NOW - timedelta(days=2), NOW, "HOUR"),
    "borderline_onset": (NOW - timedelta(days=2), NOW, "HOUR"),
    "target_cells": (D(65), D(500000)),
    "target_volume_ml": (D(65), D(700000), D(92), D(500000)),
    "delivered_cells": (D(700000), D(92), D(50)),
    "dose_cells_per_kg": (D(700000), D(92), D(50), D(65)),
    "dose_percent": (D(490000), D(500000)),
    "dose_within": (D(98), D(10)),
    "count_consistent": (D(2), D(50), D(100)),
    "compliance": (D(420), D(22), D(10)),
    "murray_pf": (D(180),),
    "murray_peep": (D(10),),
    "murray_compliance": (D(35),),
    "murray_band": (D(1),),
    "sofa_respiration": (D(150), "NC"),
    "sofa_coagulation": (D(95),),
    "sofa_liver": (D(34),),
    "sofa_cns": (D(13),),
    "sofa_total": (D(1),) * 6,
    "berlin": (D(250), "IMV", D(5)),
    "global_nonintubated": (True, True),
    "apache_creatinine": (D(96), False),
    "mean_arterial_pressure": (D(120), D(60)),
    "clopper_pearson": (1, 20),
    "clopper_pearson_upper": (1, 20),
}
# These score what is known, ask for one setting only, or take sequences; their own tests say how.
ELSEWHERE = {
    "convert",
    "murray",
    "sofa_cardiovascular",
    "sofa_renal",
    "global_support_met",
    "global_oxygenation_met",
    "apache_oxygen",
    "apache_parts",
    "apache_ii",
    "mean",
    "standard_deviation",
    "mean_ci",
    "geometric_mean",
    "geometric_mean_ci",
    "log10_changes",
    "gmr",
    "quantile_sas5",
    "quantile_type7",
    "median",
    "hodges_lehmann",
    "signed_rank_p",
    "t_quantile",
}


def test_the_rule_for_missing_is_tested_for_every_formula() -> None:
    assert set(STRICT) | ELSEWHERE == set(FORMULA_VERSIONS)
    assert not set(STRICT) & ELSEWHERE


@pytest.mark.parametrize("name", sorted(STRICT))
def test_one_missing_input_makes_the_result_missing(name: str) -> None:
    function, full = public_functions()[name], STRICT[name]
    assert function(*full) is not None
    for index in range(len(full)):
        assert function(*full[:index], None, *full[index + 1 :]) is None


def test_a_missing_amount_converts_to_missing() -> None:
    assert units.convert(None, "kPa", "mmHg") is None
    assert units.convert(None, "mg/dL", "µmol/L", quantity="creatinine") is None


def test_scores_with_nothing_known_are_missing() -> None:
    assert scores.murray(None, None) is None
    assert scores.sofa_cardiovascular(None) is None
    assert scores.sofa_renal(None) is None
    assert apache.apache_oxygen(None, D(90), D(100)) is None
    assert apache.apache_oxygen(D("0.4"), None, D(100)) is None
    assert apache.apache_oxygen(D("0.6"), D(90), None) is None


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [("2.5", 0, "3"), ("0.125", 2, "0.13"), ("-0.125", 2, "-0.13"), ("-0.04", 1, "0.0"), ("200", 1, "200.0")],
)
def test_display_rounds_halves_up_and_never_shows_minus_zero(value: str, places: int, shown: str) -> None:
    assert str(exact.round_half_up(D(value), places)) == shown


@given(st.decimals("-1e60", "1e60", allow_nan=False), st.integers(0, 10))
def test_display_is_never_off_by_more_than_half_a_step(value: Decimal, places: int) -> None:
    from fractions import Fraction

    shown = exact.round_half_up(value, places)
    assert shown is not None
    assert abs(Fraction(shown) - Fraction(value)) <= Fraction(1, 2 * 10**places)


def test_display_of_missing_and_impossible() -> None:
    assert exact.round_half_up(None, 1) is None
    with pytest.raises(exact.DomainError):
        exact.round_half_up(D("NaN"), 1)
    with pytest.raises(exact.DomainError):
        exact.round_half_up(D(1), -1)


def test_errors_never_carry_the_value() -> None:
    with pytest.raises(exact.DomainError) as caught:
        gas.pf(D(80), D("41.7"))
    assert "41.7" not in str(caught.value)


def test_formulas_import_nothing_that_reads_or_waits() -> None:
    folder = Path(inspect.getfile(gas)).parent
    allowed = {
        "__future__",
        "collections",
        "contextlib",
        "dataclasses",
        "datetime",
        "decimal",
        "enum",
        "fractions",
    }
    allowed |= {"functools", "math", "types", "typing", "ucmsc_desktop"}
    for source in folder.glob("*.py"):
        for line in source.read_text(encoding="utf-8").splitlines():
            if line.startswith(("import ", "from ")):
                assert line.split()[1].split(".")[0] in allowed, (source.name, line)


HAIR = D("0.001")


@pytest.mark.parametrize(
    ("call", "edge", "beyond"),
    [
        # The last value that is accepted, and the first that is not.
        (lambda x: gas.pf(x, D("0.4")), D(0), -HAIR),
        (lambda x: gas.pf(D(80), x), D(1), 1 + HAIR),
        (lambda x: gas.alveolar_po2(D("0.4"), x), D(0), -HAIR),
        (lambda x: gas.alveolar_po2_full(D("0.4"), x), D(0), -HAIR),
        (lambda x: gas.alveolar_po2(D("0.4"), D(40), x), 47 + HAIR, D(47)),
        (lambda x: gas.aado2(D("0.4"), D(40), x), D(0), -HAIR),
        (lambda x: gas.aado2_full(D("0.4"), D(40), x), D(0), -HAIR),
        (gas.aado2_expected, D(0), -HAIR),
        (lambda x: gas.oi_mawp(x, D("0.4"), D(80)), D(0), -HAIR),
        (lambda x: gas.oi_mawp(D(15), D("0.4"), x), HAIR, D(0)),
        (lambda x: gas.osi(x, D("0.4"), D(90)), D(0), -HAIR),
        (lambda x: gas.osi(D(15), D("0.4"), x), HAIR, D(0)),
        (lambda x: gas.osi(D(15), D("0.4"), x), D(100), 100 + HAIR),
        (lambda x: gas.sf(x, D("0.4")), D(0), -HAIR),
        (lambda x: gas.sf(x, D("0.4")), D(100), 100 + HAIR),
        (lambda x: gas.rox(D(94), D("0.4"), x), HAIR, -HAIR),
        (lambda x: oxygen.fio2_estimate("NC", 1 + x), D(0), D(-1) - HAIR),
        (lambda x: oxygen.pco2_at_temperature(x, D(38)), D(0), -HAIR),
        (lambda x: oxygen.po2_at_temperature(x, D(38)), HAIR, D(0)),
        (lambda x: oxygen.hco3(D("7.4"), x), D(0), -HAIR),
        (lambda x: units.ml_per_h(x, D(20)), D(0), -HAIR),
        (lambda x: units.ml_per_h(D(40), x), HAIR, D(0)),
        (lambda x: units.drops_per_min(x, D(20)), D(0), -HAIR),
        (lambda x: units.drops_per_min(D(40), x), HAIR, D(0)),
        (lambda x: units.ug_kg_min(x, D(70)), D(0), -HAIR),
        (lambda x: units.ug_kg_min(D(1), x), HAIR, D(0)),
        (lambda x: units.ug_min(x, D(70)), D(0), -HAIR),
        (lambda x: units.ug_min(D(1), x), HAIR, D(0)),
        (units.ne_base, D(0), -HAIR),
        (units.ne_bitartrate, D(0), -HAIR),
        (lambda x: age.bmi(x, D(170)), HAIR, D(0)),
        (lambda x: age.bmi(D(70), x), HAIR, D(0)),
        (lambda x: age.predicted_body_weight("F", x), HAIR, D(0)),
        (dose.target_cells, HAIR, D(0)),
        (lambda x: dose.target_cells(D(65), x), D(0), -HAIR),
        (lambda x: dose.delivered_cells(x, D(92), D(50)), D(0), -HAIR),
        (lambda x: dose.delivered_cells(D(1), x, D(50)), D(0), -HAIR),
        (lambda x: dose.delivered_cells(D(1), x, D(50)), D(100), 100 + HAIR),
        (lambda x: dose.delivered_cells(D(1), D(92), x), D(0), -HAIR),
        (dose.dose_percent, D(0), -HAIR),
        (lambda x: dose.dose_percent(D(1), x), HAIR, D(0)),
        (lambda x: dose.dose_within(D(100), x), D(0), -HAIR),
        (lambda x: dose.count_consistent(x, D(1), D(1)), D(0), -HAIR),
        (lambda x: scores.compliance(D(420), D(22), x), D(0), -HAIR),
        (lambda x: scores.murray(x, D(250)), D(0), D(-1)),
        (lambda x: scores.murray(x, D(250)), D(4), D(5)),
        (scores.murray_band, D(0), -HAIR),
        (scores.sofa_cns, D(3), D(2)),
        (scores.sofa_cns, D(15), D(16)),
        (lambda x: scores.sofa_cardiovascular(D(80), x), D(0), -HAIR),
        (lambda x: apache.apache_oxygen(x, D(90), D(100)), D(1), 1 + HAIR),
        (lambda x: apache.apache_oxygen(x, D(90), D(100)), HAIR, D(0)),
        (lambda x: vitals.mean_arterial_pressure(x, D(0)), D(0), -HAIR),
        (lambda x: vitals.mean_arterial_pressure(D(120), x), D(0), -HAIR),
    ],
)
def test_the_impossible_begins_exactly_where_it_is_said_to(
    call: Callable[[Decimal], object], edge: Decimal, beyond: Decimal
) -> None:
    assert call(edge) is not None
    with pytest.raises(exact.DomainError):
        call(beyond)


def test_an_onset_at_the_decision_is_within_the_limit() -> None:
    assert age.onset_within(NOW, NOW, "HOUR") is True
    assert age.borderline_onset(NOW, NOW, "HOUR") is False

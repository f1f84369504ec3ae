"""The published and hand-computed vectors of every formula, to the last digit printed.

Expected numbers are written out, never computed by the code under test. "..." ends a number printed truncated.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction

import pytest

from ucmsc_desktop.clinical import age, apache, dose, gas, oxygen, scores, stats, units, vitals

D = Decimal

CHINA = timezone(timedelta(hours=8))


def shows(value: D | None, printed: str) -> bool:
    """Tell whether a number starts with the printed digits (truncated with ...), or equals them."""
    assert value is not None
    if printed.endswith("..."):
        return format(value, "f").startswith(printed[:-3])
    return value == D(printed)


@pytest.mark.parametrize(
    ("vector", "pao2", "fio2", "expected", "eligible"),
    [
        ("V01", "80", "0.40", "200", False),
        ("V02", "63", "0.21", "300", True),
        ("V03", "114", "0.57", "200", False),
        ("V03", "168", "0.56", "300", True),
        ("V04", "60.1", "0.30", "200.333333333333333...", True),
        ("V05", "90", "0.35", "257.142857142857142...", True),
    ],
)
def test_pf_is_exact_at_both_limits(vector: str, pao2: str, fio2: str, expected: str, eligible: bool) -> None:
    pf = gas.pf(D(pao2), D(fio2))
    assert shows(pf, expected), vector
    assert gas.pf_eligible(pf) is eligible


def test_pf_traps_are_real_in_binary_floats() -> None:
    assert 114 / 0.57 > 200  # the reason for decimals: this patient would be let in
    assert 168 / 0.56 < 300
    assert 0.25 * 713 - 57.8 / 0.8 - 71.0 > 35


@pytest.mark.parametrize(
    ("kpa", "expected", "eligible"),
    [("8.40", "300.02463033826253...", False), ("8.39", "299.66745815928841...", True)],
)
def test_v06_pf_from_kilopascals(kpa: str, expected: str, eligible: bool) -> None:
    pf = gas.pf(units.convert(D(kpa), "kPa", "mmHg"), D("0.21"))
    assert shows(pf, expected)
    assert gas.pf_eligible(pf) is eligible
    assert gas.borderline_pf(pf) is True


def test_v08_to_v10_alveolar_oxygen() -> None:
    assert gas.alveolar_po2(D("0.21"), D(40)) == D("99.73")
    assert gas.alveolar_po2(D("0.60"), D(40)) == D("377.80")
    assert gas.alveolar_po2_full(D("0.21"), D(36)) == D("106.62")
    assert gas.alveolar_po2(D("0.21"), D(36)) == D("104.73")


@pytest.mark.parametrize(
    ("vector", "fio2", "paco2", "pao2", "simple", "full", "eligible"),
    [
        ("V11", "0.21", "30", "80", "32.23", "33.805", False),
        ("V12", "0.21", "40", "64.73", "35.00", "37.10", False),
        ("V13", "0.25", "57.8", "71.0", "35.00", "38.6125", False),
        ("V14", "0.21", "45", "63", "30.48", "32.8425", False),
        ("V15", "0.40", "35", "90", "151.45", "154.95", True),
    ],
)
def test_gradient_in_both_forms(
    vector: str, fio2: str, paco2: str, pao2: str, simple: str, full: str, eligible: bool
) -> None:
    gradient = gas.aado2(D(fio2), D(paco2), D(pao2))
    assert gradient == D(simple), vector
    assert gas.aado2_full(D(fio2), D(paco2), D(pao2)) == D(full)
    assert gas.aado2_eligible(gradient) is eligible


def test_v13_and_v14_pf_beside_the_gradient() -> None:
    assert gas.pf(D("71.0"), D("0.25")) == 284
    assert gas.pf_eligible(gas.pf(D(63), D("0.21"))) is True  # hypercapnia on air: only the gradient refuses


def test_v15_gradient_uses_the_pressure_of_the_day() -> None:
    assert gas.aado2(D("0.40"), D(35), D(90), D(756)) == D("149.85")


@pytest.mark.parametrize(("years", "expected"), [("35", "12.75"), ("52", "17"), ("70", "21.5")])
def test_v17_expected_gradient(years: str, expected: str) -> None:
    assert gas.aado2_expected(D(years)) == D(expected)


def test_v18_oxygenation_index_in_both_units() -> None:
    assert gas.oi_mawp(D(15), D("0.60"), D(75)) == 12
    assert shows(gas.oi_mawp_kpa(D(15), D("0.60"), D(75)), "90.00738910147876...")


def test_v20_saturation_ratios() -> None:
    ratio = gas.sf(D(94), D("0.40"))
    assert ratio == 235
    assert shows(gas.pf_from_sf(ratio), "203.571428571428...")
    assert shows(gas.rox(D(94), D("0.40"), D(22)), "10.6818181818181...")


def test_rice_cut_offs_pair_235_with_about_200_and_315_with_about_300() -> None:
    assert gas.sf_from_pf(D(200)) == 232
    assert gas.sf_from_pf(D(300)) == 316


def test_v22_nasal_cannula() -> None:
    assert oxygen.fio2_estimate("NC", D(3)) == D("0.33")
    assert oxygen.fio2_estimate("NC", D(6)) == D("0.45")
    assert oxygen.fio2_estimate("NC", D(3), nasal_base=oxygen.NASAL_BASE_TABLE) == D("0.32")
    assert oxygen.fio2_estimate("NC", D(6), nasal_base=oxygen.NASAL_BASE_TABLE) == D("0.44")
    assert oxygen.fio2_source("NC") == "EST"


def test_v23_pressure_units() -> None:
    assert shows(units.convert(D(12), "kPa", "mmHg"), "90.0073891014787...")
    assert units.convert(D(40), "mmHg", "kPa") == D("5.3328954966")


@pytest.mark.parametrize(
    ("vector", "birth", "on", "years", "eligible"),
    [
        ("V24", date(1991, 3, 2), date(2026, 3, 1), 34, False),
        ("V24", date(1991, 3, 1), date(2026, 3, 1), 35, True),
        ("V25", date(1955, 3, 2), date(2026, 3, 1), 70, True),
        ("V25", date(1955, 3, 1), date(2026, 3, 1), 71, False),
        ("V26", date(1992, 2, 29), date(2027, 2, 28), 34, False),
        ("V26", date(1992, 2, 29), date(2027, 3, 1), 35, True),
    ],
)
def test_completed_years(vector: str, birth: date, on: date, years: int, eligible: bool) -> None:
    assert age.completed_years(birth, on) == years, vector
    assert age.age_eligible(age.completed_years(birth, on)) is eligible


def test_v27_body_size() -> None:
    assert shows(age.bmi(D(70), D(172)), "23.6614386154678...")
    assert age.predicted_body_weight("M", D(172)) == D("67.836")
    assert age.predicted_body_weight("F", D(160)) == D("52.416")


def test_v28_target_cells() -> None:
    assert dose.target_cells(D(65)) == D("3.25E+7")
    assert dose.target_cells(D("72.5"), D("5E+5")) == D("3.625E+7")


def test_v29_delivered_dose() -> None:
    delivered = dose.dose_cells_per_kg(D("7.0E+5"), D(92), D(50), D(65))
    assert shows(delivered, "495384.615384615...")
    assert shows(dose.dose_percent(delivered), "99.0769230769...")
    assert shows(dose.target_volume_ml(D(65), D("7.0E+5"), D(92)), "50.4658385093167...")
    assert dose.delivered_cells(D("7.0E+5"), D(92), D(50)) == 32_200_000


def test_v31_murray_ventilated() -> None:
    severe = scores.murray(D(4), D(180), D(10), D(35))
    assert severe == D("2.75")
    assert scores.murray_band(severe) == "SEVERE"
    assert scores.murray(D(2), D(225), D(8), D(60)) == D("1.25")


def test_v32_murray_without_ventilator() -> None:
    assert scores.murray(D(2), D(250)) == D("1.5")


def test_v33_sofa_without_support() -> None:
    organs = (
        scores.sofa_respiration(D(250), "RA"),
        scores.sofa_coagulation(D(140)),
        scores.sofa_liver(D(18)),
        scores.sofa_cardiovascular(D(82)),
        scores.sofa_cns(D(15)),
        scores.sofa_renal(D(96)),
    )
    assert [*map(str, organs)] == ["2", "1", "0", "0", "0", "0"]
    assert scores.sofa_total(*organs) == 3


def test_v34_sofa_on_a_cannula_stops_at_two_for_the_lung() -> None:
    organs = (
        scores.sofa_respiration(D(150), "NC"),
        scores.sofa_coagulation(D(95)),
        scores.sofa_liver(D(34)),
        scores.sofa_cardiovascular(None, norepinephrine=D("0.1")),
        scores.sofa_cns(D(13)),
        scores.sofa_renal(D(171)),
    )
    assert [*map(str, organs)] == ["2", "2", "2", "3", "1", "2"]
    assert scores.sofa_total(*organs) == 12


def test_v36_apache() -> None:
    inputs = apache.ApacheInputs(
        temp_c=D("38.7"),
        map_mmhg=D(82),
        hr=D(118),
        rr=D(30),
        fio2=D("0.40"),
        pao2=D(90),
        ph=D("7.31"),
        sodium=D(138),
        potassium=D("3.2"),
        creatinine_umol_l=D(96),
        acute_renal_failure=False,
        hct_pct=D(33),
        wbc=D("16.2"),
        gcs=D(15),
        age_years=D(58),
        chronic="NONE",
    )
    assert list(apache.apache_parts(inputs).values()) == [1, 0, 2, 1, 0, 2, 0, 1, 0, 0, 1, 0, 3, 0]
    assert apache.apache_ii(inputs) == 11
    assert shows(units.convert(D(96), "µmol/L", "mg/dL", quantity="creatinine"), "1.08597285067873...")


def test_v37_berlin() -> None:
    assert scores.berlin(D(300), "IMV", D(5)) == "MILD"
    assert scores.berlin(D(200), "IMV", D(5)) == "MODERATE"
    assert gas.pf_eligible(D(200)) is False
    assert scores.berlin(D(250), "NC", None) == "NOT_APPLICABLE"
    assert shows(gas.pf_altitude(D(250), D(652)), "214.473684210526...")
    assert scores.sofa_respiration(D(300), "IMV") == 1


def test_v38_temperature_correction() -> None:
    assert oxygen.ph_at_temperature(D("7.30"), D(39)) == D("7.2719")
    assert shows(oxygen.pco2_at_temperature(D(40), D(39)), "43.6576134579502...")
    assert shows(oxygen.po2_at_temperature(D(60), D(39)), "68.9056575557859...")


@pytest.mark.parametrize(
    ("on", "day", "dy"),
    [
        (date(2026, 2, 27), -2, -2),
        (date(2026, 2, 28), -1, -1),
        (date(2026, 3, 1), 0, 1),
        (date(2026, 3, 2), 1, 2),
        (date(2026, 3, 15), 14, 15),
    ],
)
def test_v40_protocol_day(on: date, day: int, dy: int) -> None:
    first = date(2026, 3, 1)
    assert age.protocol_day(on, first) == day
    assert age.cdisc_dy(on, first) == dy


@pytest.mark.parametrize(
    ("ph", "paco2", "expected", "odd"),
    [
        ("7.40", "40", "24.2213511994904...", False),
        ("7.32", "52", "26.1903751393574...", False),
        ("7.23", "52", "21.288336143055304...", True),
    ],
)
def test_v41_bicarbonate(ph: str, paco2: str, expected: str, odd: bool) -> None:
    # The last one was recomputed: 0.0307 * 52 * 10**1.125, whose digits ...0553... the table prints as ...053...
    computed = oxygen.hco3(D(ph), D(paco2))
    assert computed is not None
    assert shows(computed, expected)
    slip = D("24.2") if ph == "7.40" else D("26.2")
    assert oxygen.hco3_disagrees(slip, D(ph), D(paco2)) is odd


def test_v44_onset() -> None:
    onset = datetime(2026, 2, 22, 21, 0, tzinfo=CHINA)
    decision = datetime(2026, 3, 1, 20, 30, tzinfo=CHINA)
    later = decision + timedelta(minutes=31)
    assert age.onset_within(onset, decision, "HOUR") is True
    assert age.onset_within(onset, later, "HOUR") is False
    assert age.onset_within(onset, later, "DAY") is True
    assert age.onset_within(onset.date(), later, "DAY") is True
    assert age.borderline_onset(onset, decision, "HOUR") is True


@pytest.mark.parametrize(
    ("events", "lower", "upper"),
    [
        (0, "0", "0.1684334710"),
        (1, "0.0012650895", "0.2487327628"),
        (2, "0.0123485272", "0.3169827140"),
    ],
)
def test_v45_exact_interval(events: int, lower: str, upper: str) -> None:
    interval = stats.clopper_pearson(events, 20)
    assert interval is not None
    assert round(interval.lower, 10) == D(lower)
    assert round(interval.upper, 10) == D(upper)


def test_v45_one_sided_limit_has_a_closed_form_at_no_events() -> None:
    upper = stats.clopper_pearson_upper(0, 20)
    assert upper is not None
    assert round(upper, 10) == D("0.1391083407")
    assert abs((1 - upper) ** 20 - D("0.05")) < D("1e-25")


BEFORE = [D(x) for x in ("48.2", "112.5", "310.0", "26.7", "905.0", "74.3", "150.1", "63.8")]
AFTER = [D(x) for x in ("60.4", "95.0", "188.2", "20.1", "410.0", "80.2", "90.6", "41.5")]
CHANGES = [b - a for a, b in zip(BEFORE, AFTER, strict=True)]


def test_v46_log_changes_and_ratio() -> None:
    logs = stats.log10_changes(BEFORE, AFTER)
    centre, spread, ratio = stats.mean(logs), stats.standard_deviation(logs), stats.gmr(BEFORE, AFTER)
    assert centre is not None
    assert spread is not None
    assert ratio is not None
    assert ratio.interval is not None
    # The table's mean and SD were printed by binary floats: sixteen digits of them mean something.
    assert abs(centre - D("-0.12902506750009735")) < D("2e-17")
    assert abs(spread - D("0.1445672017513203")) < D("1e-16")
    assert ratio.n == 8
    assert round(ratio.value, 10) == D("0.7429762520")
    assert round(ratio.interval.lower, 10) == D("0.5624886029")
    assert round(ratio.interval.upper, 10) == D("0.9813775927")


def test_v46_geometric_means() -> None:
    before, after = stats.geometric_mean(BEFORE), stats.geometric_mean(AFTER)
    assert before is not None
    assert after is not None
    assert round(before, 10) == D("114.1862761577")
    assert round(after, 10) == D("84.8376914930")


def test_v46_order_statistics() -> None:
    quarter, three = D("0.25"), D("0.75")
    assert stats.median(CHANGES) == D("-19.9")
    assert stats.quantile_sas5(CHANGES, quarter) == D("-90.65")
    assert stats.quantile_sas5(CHANGES, three) == D("-0.35")
    assert stats.quantile_type7(CHANGES, quarter) == D("-75.075")
    assert stats.quantile_type7(CHANGES, three) == D("-3.475")
    assert stats.hodges_lehmann(CHANGES) == D("-35.775")
    assert stats.signed_rank_p(CHANGES) == D("0.0546875")


def test_f21_mean_arterial_pressure() -> None:
    assert vitals.mean_arterial_pressure(D(120), D(60)) == 80
    assert shows(vitals.mean_arterial_pressure(D(118), D(71)), "86.666666666666...")
    assert Fraction(260, 3) - Fraction(vitals.mean_arterial_pressure(D(118), D(71)) or 0) < Fraction(
        1, 10**35
    )

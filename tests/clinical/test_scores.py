"""Every band of every score, on each side of each cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucmsc_desktop.clinical import apache, scores
from ucmsc_desktop.clinical.exact import CodeError, DomainError

D = Decimal

STEP = D("1e-20")
Band = Callable[[Decimal | None], Decimal | None]


def lows(*rows: tuple[str, int], below: int) -> list[tuple[Decimal, int]]:
    """Spell out bands closed at their lower end: the cut itself, and a hair below it."""
    cases: list[tuple[Decimal, int]] = []
    points = [p for _, p in rows] + [below]
    for index, (cut, at) in enumerate(rows):
        cases += [(D(cut), at), (D(cut) - STEP, points[index + 1])]
    return cases


def highs(*rows: tuple[str, int], above: int) -> list[tuple[Decimal, int]]:
    """Spell out bands closed at their upper end: the cut itself, and a hair above it."""
    cases: list[tuple[Decimal, int]] = []
    points = [p for _, p in rows] + [above]
    for index, (cut, at) in enumerate(rows):
        cases += [(D(cut), at), (D(cut) + STEP, points[index + 1])]
    return cases


def supported(pf: Decimal | None) -> Decimal | None:
    return scores.sofa_respiration(pf, "IMV")


def unsupported(pf: Decimal | None) -> Decimal | None:
    return scores.sofa_respiration(pf, "NC")


def dopamine(rate: Decimal | None) -> Decimal | None:
    return scores.sofa_cardiovascular(D(80), dopamine=rate)


def norepinephrine(rate: Decimal | None) -> Decimal | None:
    return scores.sofa_cardiovascular(D(80), norepinephrine=rate)


def epinephrine(rate: Decimal | None) -> Decimal | None:
    return scores.sofa_cardiovascular(D(80), epinephrine=rate)


def dobutamine(rate: Decimal | None) -> Decimal | None:
    return scores.sofa_cardiovascular(D(80), dobutamine=rate)


def urine(volume: Decimal | None) -> Decimal | None:
    return scores.sofa_renal(D(60), volume)


TABLES: list[tuple[Band, list[tuple[Decimal, int]]]] = [
    (scores.murray_pf, lows(("300", 0), ("225", 1), ("175", 2), ("100", 3), below=4)),
    (scores.murray_peep, highs(("5", 0), ("8", 1), ("11", 2), ("14", 3), above=4)),
    (scores.murray_compliance, lows(("80", 0), ("60", 1), ("40", 2), ("20", 3), below=4)),
    (supported, lows(("400", 0), ("300", 1), ("200", 2), ("100", 3), below=4)),
    (unsupported, lows(("400", 0), ("300", 1), ("200", 2), ("100", 2), below=2)),
    (scores.sofa_coagulation, lows(("150", 0), ("100", 1), ("50", 2), ("20", 3), below=4)),
    (scores.sofa_liver, lows(("102", 3), ("33", 2), ("20", 1), below=0) + highs(("204", 3), above=4)),
    (scores.sofa_cardiovascular, lows(("70", 0), below=1)),
    (dopamine, highs(("0", 0), ("5", 2), ("15", 3), above=4)),
    (dobutamine, highs(("0", 0), above=2)),
    (dobutamine, [(D(1), 2), (D(20), 2)]),
    (norepinephrine, highs(("0", 0), ("0.1", 3), above=4)),
    (epinephrine, highs(("0", 0), ("0.1", 3), above=4)),
    (
        scores.sofa_cns,
        [(D(g), p) for g, p in ((15, 0), (14, 1), (13, 1), (12, 2), (10, 2), (9, 3), (6, 3), (5, 4))],
    ),
    (scores.sofa_renal, lows(("300", 3), ("171", 2), ("110", 1), below=0) + highs(("440", 3), above=4)),
    (urine, lows(("500", 0), ("200", 3), below=4)),
]


@pytest.mark.parametrize(
    ("score", "value", "points"), [(score, value, points) for score, rows in TABLES for value, points in rows]
)
def test_points_on_each_side_of_each_cut(score: Band, value: Decimal, points: int) -> None:
    assert score(value) == points


@pytest.mark.parametrize(
    ("support", "hfnc_counts", "points"),
    [
        ("RA", False, 2),
        ("NRB", False, 2),
        ("HFNC", False, 2),
        ("HFNC", True, 4),
        ("NRB", True, 2),
        ("CPAP", False, 4),
        ("NIV", False, 4),
        ("IMV", False, 4),
        ("ECMO", False, 4),
    ],
)
def test_only_support_opens_three_and_four_points(support: str, hfnc_counts: bool, points: int) -> None:
    assert scores.sofa_respiration(D(99), support, hfnc_counts=hfnc_counts) == points


def test_unknown_support_matters_only_below_200() -> None:
    assert scores.sofa_respiration(D(200), None) == 2
    assert scores.sofa_respiration(D("199.9"), None) is None


def test_circulation_takes_the_worst_of_what_is_known() -> None:
    assert scores.sofa_cardiovascular(D(60), D(0), D(0), D(0), D(0)) == 1
    assert scores.sofa_cardiovascular(D(60), dobutamine=D(2)) == 2
    assert scores.sofa_cardiovascular(D(60), D(5), D(0), D("0.05"), None) == 3
    assert scores.sofa_cardiovascular(None, D(16), D(0), D("0.05"), None) == 4
    assert scores.sofa_cardiovascular(None) is None


def test_kidney_takes_the_worse_of_creatinine_and_urine() -> None:
    assert scores.sofa_renal(D(441), D(900)) == 4
    assert scores.sofa_renal(D(100), D(150)) == 4
    assert scores.sofa_renal(None, D(600)) == 0
    assert scores.sofa_renal(None, None) is None


@pytest.mark.parametrize("missing", range(6))
def test_a_missing_organ_is_not_zero(missing: int) -> None:
    organs: list[Decimal | None] = [D(1)] * 6
    assert scores.sofa_total(*organs) == 6
    organs[missing] = None
    assert scores.sofa_total(*organs) is None


@given(st.lists(st.integers(0, 4), min_size=6, max_size=6))
def test_sofa_lies_in_0_to_24(organs: list[int]) -> None:
    total = scores.sofa_total(*(D(o) for o in organs))
    assert total == sum(organs)


def test_worst_possible_sofa_is_24() -> None:
    assert scores.sofa_total(*[D(4)] * 6) == 24


@pytest.mark.parametrize(
    "call",
    [
        lambda: scores.sofa_total(D(1), D(1)),
        lambda: scores.sofa_total(*[D(5)] * 6),
        lambda: scores.sofa_total(*[D("1.5")] * 6),
        lambda: scores.sofa_cns(D(2)),
        lambda: scores.sofa_cns(D(16)),
        lambda: scores.sofa_cns(D("13.5")),
        lambda: scores.sofa_cardiovascular(D(80), D(-1)),
        lambda: scores.murray(D(5), D(200)),
        lambda: scores.murray(D("2.5"), D(200)),
        lambda: scores.murray_band(D("4.1")),
        lambda: scores.compliance(D(400), D(-1), D(5)),
    ],
)
def test_impossible_scores_are_refused(call: Callable[[], object]) -> None:
    with pytest.raises(DomainError):
        call()


def test_murray_needs_two_components() -> None:
    assert scores.murray(D(4), None) is None
    assert scores.murray(None, D(180), D(10)) == 2


@pytest.mark.parametrize(
    ("score", "band"),
    [("0", "NONE"), ("0.25", "MILD_MODERATE"), ("2.5", "MILD_MODERATE"), ("2.75", "SEVERE"), ("4", "SEVERE")],
)
def test_murray_bands(score: str, band: str) -> None:
    assert scores.murray_band(D(score)) == band


def test_compliance() -> None:
    assert scores.compliance(D(420), D(22), D(10)) == 35
    assert scores.compliance(D(420), D(10), D(10)) is None  # no driving pressure, no compliance
    assert scores.compliance(D(420), D(8), D(10)) is None


@pytest.mark.parametrize(
    ("pf", "name"),
    [
        (D(100), "SEVERE"),
        (D(100) + STEP, "MODERATE"),
        (D(200), "MODERATE"),
        (D(200) + STEP, "MILD"),
        (D(300), "MILD"),
        (D(300) + STEP, "NONE"),
    ],
)
def test_berlin_classes(pf: Decimal, name: str) -> None:
    assert scores.berlin(pf, "NIV", D(5)) == name


def test_berlin_needs_positive_pressure_of_five() -> None:
    assert scores.berlin(D(150), "IMV", D(5) - STEP) == "NOT_APPLICABLE"
    assert scores.berlin(D(150), "HFNC", D(8)) == "NOT_APPLICABLE"
    assert scores.berlin(D(150), "IMV", None) is None
    assert scores.berlin(D(150), None, D(5)) is None
    assert scores.berlin(None, "IMV", D(5)) is None


@pytest.mark.parametrize(
    ("support", "flow", "peep", "met"),
    [
        ("HFNC", "30", None, True),
        ("HFNC", "29.9", None, False),
        ("HFNC", None, "5", None),
        ("NIV", None, "5", True),
        ("NIV", None, "4.9", False),
        ("CPAP", "60", "5", True),
        ("CPAP", "60", None, None),
        ("NC", "6", None, False),
        ("IMV", None, "10", False),
        (None, "60", "10", None),
    ],
)
def test_global_support(support: str | None, flow: str | None, peep: str | None, met: bool | None) -> None:
    assert scores.global_support_met(support, flow and D(flow), peep and D(peep)) is met  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("pf", "spo2", "fio2", "met"),
    [
        ("300", None, None, True),
        ("300.1", "90", "0.40", False),
        (None, "94.5", "0.30", True),  # exactly 315
        (None, "94.6", "0.30", False),
        (None, "97", "0.40", True),
        (None, "98", "0.40", None),
        (None, "90", None, None),
    ],
)
def test_global_oxygenation(pf: str | None, spo2: str | None, fio2: str | None, met: bool | None) -> None:
    found = scores.global_oxygenation_met(pf and D(pf), spo2 and D(spo2), fio2 and D(fio2))  # type: ignore[arg-type]
    assert found is met


@pytest.mark.parametrize(
    ("support", "oxygenation", "result"),
    [
        (True, True, True),
        (True, False, False),
        (None, False, False),
        (False, None, False),
        (True, None, None),
        (None, True, None),
        (None, None, None),
    ],
)
def test_global_definition_joins_both(
    support: bool | None, oxygenation: bool | None, result: bool | None
) -> None:
    assert scores.global_nonintubated(support, oxygenation) is result


# --- APACHE II ---

NORMAL = apache.ApacheInputs(
    temp_c=D(37),
    map_mmhg=D(90),
    hr=D(80),
    rr=D(16),
    fio2=D("0.21"),
    pao2=D(90),
    ph=D("7.40"),
    sodium=D(140),
    potassium=D(4),
    creatinine_umol_l=D(80),
    acute_renal_failure=False,
    hct_pct=D(40),
    wbc=D(8),
    gcs=D(15),
    age_years=D(40),
    chronic="NONE",
)

APACHE_BANDS: dict[str, tuple[str, list[tuple[Decimal, int]]]] = {
    "temp_c": (
        "temperature",
        lows(("41", 4), ("39", 3), ("38.5", 1), ("36", 0), ("34", 1), ("32", 2), ("30", 3), below=4),
    ),
    "map_mmhg": ("map", lows(("160", 4), ("130", 3), ("110", 2), ("70", 0), ("50", 2), below=4)),
    "hr": ("heart_rate", lows(("180", 4), ("140", 3), ("110", 2), ("70", 0), ("55", 2), ("40", 3), below=4)),
    "rr": (
        "respiratory_rate",
        lows(("50", 4), ("35", 3), ("25", 1), ("12", 0), ("10", 1), ("6", 2), below=4),
    ),
    "ph": ("ph", lows(("7.7", 4), ("7.6", 3), ("7.5", 1), ("7.33", 0), ("7.25", 2), ("7.15", 3), below=4)),
    "sodium": (
        "sodium",
        lows(("180", 4), ("160", 3), ("155", 2), ("150", 1), ("130", 0), ("120", 2), ("111", 3), below=4),
    ),
    "potassium": (
        "potassium",
        lows(("7", 4), ("6", 3), ("5.5", 1), ("3.5", 0), ("3", 1), ("2.5", 2), below=4),
    ),
    "hct_pct": ("haematocrit", lows(("60", 4), ("50", 2), ("46", 1), ("30", 0), ("20", 2), below=4)),
    "wbc": ("wbc", lows(("40", 4), ("20", 2), ("15", 1), ("3", 0), ("1", 2), below=4)),
    "age_years": (
        "age",
        [(D(a), p) for a, p in ((44, 0), (45, 2), (54, 2), (55, 3), (64, 3), (65, 5), (74, 5), (75, 6))],
    ),
    "pao2": ("oxygen", [*highs(("70", 1), above=0), *lows(("61", 1), ("55", 3), below=4)]),
    "gcs": ("gcs", [(D(15), 0), (D(3), 12)]),
}


@pytest.mark.parametrize(
    ("field", "part", "value", "points"),
    [(field, part, value, points) for field, (part, rows) in APACHE_BANDS.items() for value, points in rows],
)
def test_apache_on_each_side_of_each_cut(field: str, part: str, value: Decimal, points: int) -> None:
    assert apache.apache_parts(replace(NORMAL, **{field: value}))[part] == points  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("gradient", "points"), [*lows(("500", 4), ("350", 3), ("200", 2), below=0), (D(-20), 0)]
)
def test_apache_scores_the_gradient_from_half_oxygen(gradient: Decimal, points: int) -> None:
    assert apache.apache_oxygen(D("0.5"), D(90), gradient) == points
    assert apache.apache_oxygen(D("0.5") - STEP, D(90), gradient) == 0


@pytest.mark.parametrize(
    ("mg_dl", "points"),
    [("3.5", 4), ("3.49", 3), ("2", 3), ("1.99", 2), ("1.5", 2), ("1.49", 0), ("0.6", 0), ("0.59", 2)],
)
def test_apache_creatinine_doubles_in_acute_renal_failure(mg_dl: str, points: int) -> None:
    umol = D(mg_dl) * D("88.4")
    assert apache.apache_creatinine(umol, False) == points
    assert apache.apache_creatinine(umol, True) == 2 * points


@pytest.mark.parametrize(("code", "points"), [("NONE", 0), ("NONOP_EMERG", 5), ("ELECTIVE", 2)])
def test_apache_chronic_health(code: str, points: int) -> None:
    assert apache.apache_ii(replace(NORMAL, chronic=code)) == points


@pytest.mark.parametrize("field", [f for f in NORMAL.__dataclass_fields__ if f != "aado2"])
def test_apache_is_never_totalled_with_a_gap(field: str) -> None:
    assert apache.apache_ii(NORMAL) == 0
    assert apache.apache_ii(replace(NORMAL, **{field: None})) is None


def test_apache_asks_for_the_gradient_only_from_half_oxygen() -> None:
    assert apache.apache_ii(replace(NORMAL, fio2=D("0.5"))) is None
    assert apache.apache_ii(replace(NORMAL, fio2=D("0.5"), aado2=D(250), pao2=None)) == 2


def test_apache_refuses_the_impossible() -> None:
    with pytest.raises(DomainError):
        apache.apache_ii(replace(NORMAL, gcs=D(2)))
    with pytest.raises(DomainError):
        apache.apache_ii(replace(NORMAL, fio2=D(40)))
    with pytest.raises(CodeError):
        apache.apache_ii(replace(NORMAL, chronic="?"))
    with pytest.raises(TypeError):
        apache.apache_ii(replace(NORMAL, temp_c=38.7))  # type: ignore[arg-type]

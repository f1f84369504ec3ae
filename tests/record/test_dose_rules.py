"""The rules between the doses, over the real study: samples first, decisions first, intervals and windows to the minute."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from ucmsc_desktop.errors import StepBlocked
from ucmsc_desktop.record.entry import Change, plan
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.facts import SubjectRecord
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.study.values import Value

RUNS = {n: FormKey("F7", f"D{n - 1}", n) for n in (1, 2, 3)}
START = Cell("inf_start_dtm")
GIVEN = Mapping[str, Any]
# Dose 1 at 23:10, over midnight: the doses after it fall on the evenings of 2 and 3 March.
FIRST: Mapping[str, GIVEN] = {
    "F7/D0/1": {"inf_start_dtm": "2026-03-01T23:10+08:00", "inf_end_dtm": "2026-03-02T00:05+08:00"},
    "F7/D1/2": {"inf_start_dtm": "2026-03-02T23:10+08:00", "inf_end_dtm": "2026-03-03T00:10+08:00"},
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{text}+08:00")


def state_of(*tables: Mapping[str, GIVEN], **parameters: object) -> SubjectState:
    """Lay answers over an empty participant; `item.2` stands in row 2."""
    study = load_study()
    if parameters:
        study = study.model_copy(update={"parameters": {**study.parameters, **parameters}})
    state = SubjectState(study, study.sites[0], SubjectRecord("01-001"))
    for table in tables:
        for name, given in table.items():
            key = FormKey.parse(name)
            form = study.forms[key.form]
            values: dict[Cell, Value | None] = {}
            for cell, text in given.items():
                item, _, row = cell.partition(".")
                values[Cell(item, int(row or 0))] = typed_value(form.by_id[item], text)
            state = state.with_values(key, values)
    return state.derive((), at("20T00:00"))


def against_start(state: SubjectState, n: int, moment: datetime) -> set[str]:
    """Give every check that refuses the start of a dose at a moment, copied from paper: at the bedside X01 ends the asking."""
    state = state.with_values(RUNS[n], {Cell("source"): "PAPER"})
    found: set[str] = set()
    reasons: dict[str, str] = {}
    while True:
        try:
            plan(
                state,
                Change(RUNS[n], {START: moment}, overrides=reasons, ask=False),
                role="investigator",
                now=moment,
            )
        except StepBlocked as stop:
            check = str(stop.details["check"])
            assert check not in found
            found.add(check)
            reasons[check] = "only to see the next one"
        else:
            return found


# --- X06: the sample before the dose -----------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "visit", "moment"), [(2, "D1", at("02T23:00")), (3, "D2", at("03T23:00"))])
@pytest.mark.parametrize(
    ("sample", "refused"),
    [
        ({}, True),  # nobody has touched the record
        ({"cyt_tube_lot": "EDTA-1"}, True),  # prepared, not drawn
        ({"cyt_done": "N"}, True),  # not collected, and no reason
        ({"cyt_done": "N", "cyt_nd_reason": "FAILED"}, False),
        ({"cyt_done": "Y"}, False),
    ],
)
def test_the_next_dose_waits_for_its_sample_or_for_the_reason_there_is_none(
    n: int, visit: str, moment: datetime, sample: GIVEN, refused: bool
) -> None:
    state = state_of(FIRST, {f"F10/{visit}/1": sample} if sample else {})
    assert ("X06" in against_start(state, n, moment)) is refused


def test_the_sample_of_another_day_does_not_open_the_dose() -> None:
    state = state_of(FIRST, {"F10/BL/1": {"cyt_done": "Y"}, "F10/6H/1": {"cyt_done": "Y"}})
    assert "X06" in against_start(state, 2, at("02T23:00"))
    state = state_of(FIRST, {"F10/D1/1": {"cyt_done": "Y"}})
    assert "X06" in against_start(state, 3, at("03T23:00"))


# --- X07: what an investigator decides first ---------------------------------------------------------------------

# 65 kg, 1 million viable cells in 1 mL: 32.5 mL is the target of 5×10⁵ cells/kg.
BAG: GIVEN = {
    "prep_wash": "N",
    "prep_dilute": "N",
    "prod_conc": "1.25",
    "prod_viab": "80",
    "prod_volume": "60",
}


@pytest.mark.parametrize(
    ("volume", "refused"),
    [("25.9", True), ("26", False), ("32.5", False), ("39", False), ("39.1", True), ("", True)],
)
def test_a_dose_more_than_a_fifth_off_the_target_or_unknown_waits_for_an_investigator(
    volume: str, refused: bool
) -> None:
    planned = {"dose_planned_vol": volume} if volume else {}
    state = state_of(FIRST, {"F1/SCR/1": {"weight_kg": "65"}, "F6/D1/2": {**BAG, **planned}})
    assert ("X07.dose" in against_start(state, 2, at("02T23:00"))) is refused


@pytest.mark.parametrize(
    ("viability", "refused"),
    [
        ("80", set()),
        ("79.9", {"X04.viability"}),
        (None, {"X04.viability_unknown"}),
        ("UK: no paper", {"X04.viability_unknown"}),
    ],
)
def test_a_bag_whose_viability_nobody_has_recorded_is_not_infused(
    viability: str | None, refused: set[str]
) -> None:
    bag = {k: v for k, v in {**BAG, "prod_viab": viability}.items() if v is not None}
    found = against_start(state_of({"F6/D0/1": bag}), 1, at("01T23:00"))
    assert {c for c in found if c.startswith("X04.viability")} == refused


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        ({}, False),
        ({"recv_clump": "N", "recv_bag_ok": "Y", "prod_sterility": "PEND", "coi_bag": "Y"}, False),
        ({"recv_clump": "Y"}, True),
        ({"recv_bag_ok": "N"}, True),
        ({"prod_sterility": "FAIL"}, True),
        ({"coi_lot": "N"}, True),
    ],
)
def test_what_is_found_wrong_after_the_double_check_still_stops_the_start(
    answer: GIVEN, refused: bool
) -> None:
    assert (
        "X04.product" in against_start(state_of({"F6/D0/1": {**BAG, **answer}}), 1, at("01T23:00"))
    ) is refused


@pytest.mark.parametrize(
    ("event", "refused"),
    [
        ({"iae_item.1": "06"}, True),  # nobody has judged it
        ({"iae_item.1": "06", "iae_adjud.1": "Y"}, True),
        ({"iae_item.1": "06", "iae_adjud.1": "N"}, False),
        ({"iae_item.1": "06", "iae_adjud.1": "N", "iae_item.2": "12"}, True),  # the second one is open
        (
            {"iae_item.1": "06", "iae_adjud.1": "I"},
            True,
        ),  # it cannot be decided: then the dose is what is decided
    ],
)
def test_an_infusion_event_withholds_the_next_dose_until_it_is_judged(event: GIVEN, refused: bool) -> None:
    assert ("X07" in against_start(state_of(FIRST, {"F8/D0/1": event}), 2, at("02T23:00"))) is refused


@pytest.mark.parametrize("answer", [{}, {"iae_adjud.1": "I"}, {"iae_adjud.1": "Y"}])
def test_an_event_of_the_first_dose_withholds_the_third_where_the_second_was_left_out(answer: GIVEN) -> None:
    first = {"F7/D0/1": FIRST["F7/D0/1"], "F7/D1/2": {"inf_status": "NOTSTART"}}
    event = {"F8/D0/1": {"iae_item.1": "06", **answer}}
    assert "X07" in against_start(state_of(first, event), 3, at("03T23:00"))


@pytest.mark.parametrize(("serious", "refused"), [("Y", True), ("N", False)])
def test_a_serious_first_notice_that_nobody_has_graded_withholds_the_next_dose(
    serious: str, refused: bool
) -> None:
    event = {"ae_onset_dtm": "2026-03-02T10:00", "ae_first_serious": serious}
    assert ("X07" in against_start(state_of(FIRST, {"F14/LOG/1": event}), 2, at("02T23:00"))) is refused


@pytest.mark.parametrize(
    ("grade", "relation", "refused"),
    [("3", "POSS", True), ("4", "UNASS", True), ("3", None, True), ("2", "DEF", False), ("3", "NOT", False)],
)
def test_a_related_event_of_grade_three_withholds_the_next_dose(
    grade: str, relation: str | None, refused: bool
) -> None:
    event = {
        "ae_onset_dtm": "2026-03-02T10:00",
        "ae_grade": grade,
        **({"ae_rel_msc": relation} if relation else {}),
    }
    assert ("X07" in against_start(state_of(FIRST, {"F14/LOG/1": event}), 2, at("02T23:00"))) is refused


@pytest.mark.parametrize(("pao2", "refused"), [("69.9", True), ("70", False), ("100", False)])
def test_a_fall_of_oxygenation_by_more_than_thirty_percent_withholds_the_next_dose(
    pao2: str, refused: bool
) -> None:
    gas = {"abg_done": "Y", "abg_vessel": "ART", "abg_fio2": "0.40"}
    before = {**gas, "abg_collect_dtm": "2026-03-01T22:00+08:00", "abg_pao2": "100"}
    after = {**gas, "abg_collect_dtm": "2026-03-02T22:00+08:00", "abg_pao2": pao2}
    state = state_of(FIRST, {"F9/BL/1": before, "F9/UNS/1": after})
    assert ("X07.pf" in against_start(state, 2, at("02T23:00"))) is refused


def test_the_fall_that_withholds_is_a_parameter_of_the_study() -> None:
    gas = {"abg_done": "Y", "abg_vessel": "ART", "abg_fio2": "0.40"}
    before = {**gas, "abg_collect_dtm": "2026-03-01T22:00+08:00", "abg_pao2": "100"}
    after = {**gas, "abg_collect_dtm": "2026-03-02T22:00+08:00", "abg_pao2": "85"}
    tables = (FIRST, {"F9/BL/1": before, "F9/UNS/1": after})
    assert "X07.pf" not in against_start(state_of(*tables), 2, at("02T23:00"))
    assert "X07.pf" in against_start(state_of(*tables, pf_fall_hold_pct="10"), 2, at("02T23:00"))


# --- X08: from start to start ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "fires"),
    [("02T19:09", True), ("02T19:10", False), ("03T03:10", False), ("03T03:11", True)],
)
def test_the_interval_is_twenty_to_twentyeight_hours_to_the_minute(start: str, fires: bool) -> None:
    state = state_of({"F7/D0/1": FIRST["F7/D0/1"]}).with_values(RUNS[2], {START: at(start)})
    view = FormState(state.derive((RUNS[2],), at(start)), RUNS[2], at(start))
    assert ("X08" in {f.id for f in view.findings}) is fires


# --- V43: windows to the minute, over midnight -------------------------------------------------------------------


def sample(visit: str, drawn: str) -> FormState:
    state = state_of(
        FIRST, {f"F10/{visit}/1": {"cyt_done": "Y", "cyt_collect_dtm": f"2026-03-{drawn}+08:00"}}
    )
    return FormState(state, FormKey("F10", visit), at("20T00:00"))


@pytest.mark.parametrize(
    ("visit", "drawn", "inside"),
    [
        ("BL", "01T22:09", False), ("BL", "01T22:10", True), ("BL", "01T23:10", True), ("BL", "01T23:11", False),
        ("6H", "02T05:34", False), ("6H", "02T05:35", True), ("6H", "02T06:35", True), ("6H", "02T06:36", False),
        ("D1", "02T19:09", False), ("D1", "02T19:10", True), ("D1", "03T03:10", True), ("D1", "03T03:11", False),
        ("D2", "03T17:09", False), ("D2", "03T17:10", True), ("D2", "04T05:10", True), ("D2", "04T05:11", False),
        ("D3", "04T17:09", False), ("D3", "04T17:10", True), ("D3", "05T05:10", True), ("D3", "05T05:11", False),
    ],
)  # fmt: skip
def test_a_sample_is_inside_its_window_to_the_minute(visit: str, drawn: str, inside: bool) -> None:
    view = sample(visit, drawn)
    assert view.value("cyt_in_window") == ("Y" if inside else "N")
    assert ("F10.window" in {f.id for f in view.findings}) is not inside
    if inside:
        assert view.value("cyt_fits") == visit  # the one window is the other: both are written in two places


def test_a_day_one_sample_with_the_date_of_day_two_is_told_where_it_would_belong() -> None:
    view = sample("D1", "03T19:30")
    (swapped,) = [f for f in view.findings_of("cyt_collect_dtm") if f.id == "F10.swapped"]
    assert "window of Day 2, not of Day 1" in swapped.message.en
    assert "“第2天”的窗口内" in swapped.message.zh
    assert view.value("cyt_in_window") == "N"


def test_a_sample_between_all_windows_is_late_and_not_swapped() -> None:
    view = sample("D1", "03T10:00")
    found = {f.id for f in view.findings}
    assert "F10.window" in found
    assert "F10.swapped" not in found


@pytest.mark.parametrize(
    ("onset", "item", "inside"),
    [
        ("01T23:09", "06", "N"), ("01T23:10", "06", "Y"), ("02T06:05", "06", "Y"), ("02T06:06", "06", "N"),
        ("03T00:05", "07", "Y"), ("03T00:06", "07", "N"),
    ],
)  # fmt: skip
def test_an_infusion_event_is_inside_its_window_to_the_minute(onset: str, item: str, inside: str) -> None:
    row = {"iae_item.1": item, "iae_onset_dtm.1": f"2026-03-{onset}+08:00"}
    view = FormState(state_of(FIRST, {"F8/D0/1": row}), FormKey("F8", "D0", 1), at("20T00:00"))
    assert view.value("iae_in_window", 1) == inside
    assert (view.value("iae_until_6h"), view.value("iae_until_24h")) == (at("02T06:05"), at("03T00:05"))


# START and END are stamped to the second; what a person writes has minutes.
STAMPED: Mapping[str, GIVEN] = {
    "F7/D0/1": {"inf_start_dtm": "2026-03-01T23:10:27+08:00", "inf_end_dtm": "2026-03-02T00:05:41+08:00"},
}


@pytest.mark.parametrize(
    ("visit", "drawn", "inside"),
    [
        ("6H", "02T05:34", "N"), ("6H", "02T05:35", "Y"), ("6H", "02T06:35", "Y"), ("6H", "02T06:36", "N"),
        ("D1", "02T19:09", "N"), ("D1", "02T19:10", "Y"), ("D1", "03T03:10", "Y"), ("D1", "03T03:11", "N"),
        ("BL", "01T22:10", "Y"), ("BL", "01T23:10", "Y"), ("BL", "01T23:10:28", "N"),
    ],
)  # fmt: skip
def test_the_window_of_a_stamped_start_opens_with_the_minute_that_is_shown(
    visit: str, drawn: str, inside: str
) -> None:
    given = {"cyt_done": "Y", "cyt_collect_dtm": f"2026-03-{drawn}+08:00"}
    view = FormState(state_of(STAMPED, {f"F10/{visit}/1": given}), FormKey("F10", visit), at("20T00:00"))
    assert view.value("cyt_in_window") == inside


def test_planned_minutes_copied_twice_are_found_though_the_start_was_stamped_with_seconds() -> None:
    copied = {"F10/6H/1": "02T06:05", "F10/D1/1": "02T23:10"}
    tables = {k: {"cyt_done": "Y", "cyt_collect_dtm": f"2026-03-{t}+08:00"} for k, t in copied.items()}
    view = FormState(state_of(STAMPED, tables), FormKey("F10", "D1"), at("20T00:00"))
    assert "F10.nominal_copied" in {f.id for f in view.findings_of("cyt_collect_dtm")}
    true = {**tables, "F10/D1/1": {"cyt_done": "Y", "cyt_collect_dtm": "2026-03-02T23:10:27+08:00"}}
    stamped = FormState(state_of(STAMPED, true), FormKey("F10", "D1"), at("20T00:00"))
    assert "F10.nominal_copied" not in {f.id for f in stamped.findings_of("cyt_collect_dtm")}


@pytest.mark.parametrize(
    ("onset", "inside"), [("01T23:09", "N"), ("01T23:10", "Y"), ("02T06:05", "Y"), ("02T06:06", "N")]
)
def test_a_reaction_in_the_minute_of_a_stamped_start_is_an_event_of_that_infusion(
    onset: str, inside: str
) -> None:
    row = {"iae_item.1": "06", "iae_onset_dtm.1": f"2026-03-{onset}+08:00"}
    view = FormState(state_of(STAMPED, {"F8/D0/1": row}), FormKey("F8", "D0", 1), at("20T00:00"))
    assert view.value("iae_in_window", 1) == inside


def test_day_fourteen_ends_with_its_last_second() -> None:
    state = state_of(FIRST)
    window = state.due(FormKey("F16", "END"))
    assert window is not None
    assert window.nominal == at("15T00:00")
    gas = state.due(FormKey("F9", "D14"))
    assert gas is not None
    assert (gas.opens, gas.closes) == (at("13T00:00"), at("17T23:59:59"))


# --- parameters --------------------------------------------------------------------------------------------------


def test_every_parameter_of_the_study_is_read_by_something() -> None:
    from pathlib import Path

    import ucmsc_desktop
    from ucmsc_desktop import paths

    study = load_study()
    rules = "\n".join(p.read_text(encoding="utf-8") for p in paths.forms_dir().glob("f*.yaml"))
    code = "\n".join(p.read_text(encoding="utf-8") for p in Path(ucmsc_desktop.__file__).parent.rglob("*.py"))
    unread = [n for n in study.parameters if f"study.{n}" not in rules and f'"{n}"' not in code]
    assert unread == []

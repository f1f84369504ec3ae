"""START: the moment is refused until everything before it is right, and an investigator can still record the truth."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from ucmsc_desktop.errors import NotAllowed, StepBlocked
from ucmsc_desktop.record.entry import Change, plan
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.facts import SubjectRecord
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.values import Number

NOW = datetime.fromisoformat("2026-03-02T09:00:10+08:00")
START = Cell("inf_start_dtm")
REASON = "given before this laptop was at hand; paper record checked"


def _empty() -> SubjectState:
    study = load_study()
    return SubjectState(study, study.sites[0], SubjectRecord("01-001"))


def _copied_from_paper() -> SubjectState:
    state = _empty()
    return state.with_values(key_for(state.study.forms["F7"], n=1), {Cell("source"): "PAPER"})


def _guards_of_start() -> set[str]:
    return {c.id for c in load_study().forms["F7"].checks if "inf_start_dtm" in c.guards}


def test_a_nurse_cannot_start_an_infusion_that_nothing_was_done_for() -> None:
    state = _empty()
    change = Change(key_for(state.study.forms["F7"], n=1), {START: NOW})
    with pytest.raises(StepBlocked) as stop:
        plan(state, change, role="nurse", now=NOW)
    assert "consent" in str(stop.value)


def test_a_nurse_cannot_pass_the_guards_with_a_reason() -> None:
    state = _empty()
    reasons = dict.fromkeys(_guards_of_start(), REASON)
    change = Change(key_for(state.study.forms["F7"], n=1), {START: NOW}, overrides=reasons)
    with pytest.raises(NotAllowed):
        plan(state, change, role="nurse", now=NOW)


def test_an_investigator_records_a_start_that_was_forbidden_with_a_reason_for_each_guard() -> None:
    state = _copied_from_paper()
    open_guards = {
        "X01.paper",
        "X04",
        "X04.expired",
        "X04.viability_unknown",
        "X04.wristband",
        "X05.done",
        "X05.signed",
        "X06",
        "X07.dose",
        "F7.precheck",
        "F7.rescue",
        "F7.reference",
    }
    assert open_guards <= _guards_of_start()
    key = key_for(state.study.forms["F7"], n=1)
    change = Change(key, {START: NOW}, overrides=dict.fromkeys(sorted(open_guards), REASON))
    after, drafts = plan(state, change, role="investigator", now=NOW)
    assert after.value(key, START) == NOW
    assert {str(d.data["check"]) for d in drafts if d.kind == "CheckOverridden"} == open_guards
    assert [d.cell for d in drafts if d.kind == "ItemSet" and d.origin == "entered"] == [START]


def test_not_even_an_investigator_starts_without_consent_at_the_bedside() -> None:
    state = _empty()
    reasons = dict.fromkeys(sorted(_guards_of_start() - {"X01", "X05", "X11"}), REASON)
    change = Change(key_for(state.study.forms["F7"], n=1), {START: NOW}, overrides=reasons)
    with pytest.raises(StepBlocked) as stop:
        plan(state, change, role="investigator", now=NOW)
    assert stop.value.details["check"] == "X01"
    assert stop.value.details["override"] == "none"


def test_one_guard_without_a_reason_still_refuses() -> None:
    state = _copied_from_paper()
    reasons = dict.fromkeys(sorted(_guards_of_start() - {"X01", "X06", "X05", "X11"}), REASON)
    change = Change(key_for(state.study.forms["F7"], n=1), {START: NOW}, overrides=reasons)
    with pytest.raises(StepBlocked) as stop:
        plan(state, change, role="investigator", now=NOW)
    assert stop.value.details["check"] == "X06"


def test_nobody_can_start_in_the_future() -> None:
    state = _copied_from_paper()
    later = NOW + timedelta(minutes=3)
    reasons = dict.fromkeys(sorted(_guards_of_start() - {"X01", "X05", "X11"}), REASON)
    change = Change(key_for(state.study.forms["F7"], n=1), {START: later}, overrides=reasons)
    with pytest.raises(StepBlocked) as stop:
        plan(state, change, role="investigator", now=NOW)
    assert stop.value.details["check"] == "X11"


def test_a_nurse_cannot_say_that_an_infusion_event_is_confirmed() -> None:
    state = _empty()
    change = Change(key_for(state.study.forms["F8"], n=1), {Cell("iae_adjud", 1): "Y"})
    with pytest.raises(NotAllowed):
        plan(state, change, role="nurse", now=NOW)


def test_no_event_cannot_be_said_before_the_six_hours_are_over() -> None:
    state = _empty()
    f7 = key_for(state.study.forms["F7"], n=1)
    state = state.with_values(
        f7, {START: NOW - timedelta(hours=6), Cell("inf_end_dtm"): NOW - timedelta(hours=5)}
    )
    change = Change(key_for(state.study.forms["F8"], n=1), {Cell("iae_none_6h"): "Y"})
    with pytest.raises(StepBlocked) as stop:
        plan(state, change, role="nurse", now=NOW)
    assert stop.value.details["check"] == "F8.early_6h"
    plan(state, change, role="nurse", now=NOW + timedelta(hours=1))


def test_a_participant_cannot_complete_the_study_on_a_vital_status_of_day_13() -> None:
    state = _empty()
    f7, f16 = key_for(state.study.forms["F7"], n=1), key_for(state.study.forms["F16"], "END")
    state = state.with_values(f7, {START: NOW})
    state = state.with_values(
        f16, {Cell("d14_vital"): "ALIVE", Cell("d14_vital_dtm"): NOW + timedelta(days=13)}
    )
    change = Change(f16, {Cell("eos_status"): "COMPLETED"})
    with pytest.raises(StepBlocked) as stop:
        plan(state, change, role="investigator", now=NOW + timedelta(days=15))
    assert stop.value.details["check"] == "X22"


def test_the_delivered_dose_follows_when_the_bag_is_corrected_later() -> None:
    state = _empty()
    f1 = key_for(state.study.forms["F1"], "SCR")
    f6, f7 = (key_for(state.study.forms[f], n=1) for f in ("F6", "F7"))
    state = state.with_values(f1, {Cell("weight_kg"): Number(Decimal(65), "kg")})
    state = state.with_values(
        f6,
        {
            Cell("prod_conc"): Number(Decimal("0.70"), "10^6/mL"),
            Cell("prod_viab"): Number(Decimal(92), "%"),
            Cell("prod_volume"): Number(Decimal(50), "mL"),
            Cell("prep_wash"): "N",
            Cell("prep_dilute"): "N",
        },
    )
    state = state.with_values(f7, {Cell("inf_vol"): Number(Decimal(50), "mL")}).derive((f6, f7), NOW)
    before = state.value(f7, Cell("inf_cells"))
    change = Change(f6, {Cell("prod_viab"): Number(Decimal(80), "%")}, reason="misread certificate")
    after, drafts = plan(state, change, role="nurse", now=NOW)
    assert before == Number(Decimal(32200000), "cells")
    assert after.value(f7, Cell("inf_cells")) == Number(Decimal(28000000), "cells")
    assert any(d.key == f7 and d.cell == Cell("inf_dose_kg") and d.origin == "derived" for d in drafts)


def test_the_flow_sheet_offers_the_time_points_of_the_study_and_unscheduled_ones() -> None:
    study = load_study()
    offered = [c.code for c in study.forms["F7"].by_id["ivs_point"].choices]
    assert offered == [*(p.code for p in study.flow_sheet), "UNS"]


def test_temperature_is_asked_for_where_the_study_wants_it() -> None:
    study = load_study()
    rule = next(c for c in study.forms["F7"].checks if c.id == "F7.temperature").rule.source
    wanted = tuple(p.code for p in study.flow_sheet if p.temperature)
    assert f"ivs_point not in {wanted!r}" in rule

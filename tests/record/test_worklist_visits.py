"""What the plan asks for: one test for each rule of the visit schedule."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.record.course_story import END, START, Course, day
from ucmsc_desktop.record.course import planned_keys, whole_plan
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.reminder import reminders_of
from ucmsc_desktop.study.values import Missing, Number, PartialDate

LATER = {"F9/D7/1", "F9/D14/1", "F11/D7/1", "F11/D14/1", "F10/D3/1"}


def test_before_the_start_the_baseline_sample_is_due_in_the_hour_before_the_planned_infusion() -> None:
    course = Course().eligible().receives(1).plans(1, START)
    assert course.at(START - timedelta(hours=2)).task("form|F10/BL/1").status == "planned"
    task = course.at(START - timedelta(minutes=40)).task("form|F10/BL/1")
    assert (task.status, task.kind) == ("due", "sample")
    assert (task.opens, task.closes) == (START - timedelta(minutes=60), START)


def test_an_infusion_waits_for_the_sample_before_it_once_its_hour_has_come() -> None:
    course = Course().eligible().receives(1).plans(1, START)
    assert course.at(START - timedelta(hours=3)).task("form|F7/D0/1").status == "planned"
    waiting = course.at(START - timedelta(minutes=20)).task("form|F7/D0/1")
    assert waiting.status == "blocked"
    assert waiting.why is not None
    assert "sample" in waiting.why.en
    ready = course.draws("BL", START - timedelta(minutes=30)).at(START - timedelta(minutes=20))
    assert ready.task("form|F7/D0/1").status == "due"


def test_an_infusion_waits_for_the_cells() -> None:
    course = Course().eligible().plans(1, START).draws("BL", START - timedelta(minutes=50))
    task = course.at(START - timedelta(minutes=20)).task("form|F7/D0/1")
    assert task.status == "blocked"
    assert task.why is not None
    assert "cells" in task.why.en


def test_an_infusion_waits_for_the_consent_whatever_the_hour() -> None:
    task = Course().plans(1, START).at(START).task("form|F7/D0/1")
    assert task.status == "blocked"
    assert task.why is not None
    assert task.why.zh == "等待知情同意与入选确认"


def test_vital_signs_before_the_start_follow_the_planned_time() -> None:
    course = Course().eligible().plans(1, START)
    assert course.at(START - timedelta(minutes=20)).task("flow|F7/D0/1|PRE15").status == "due"
    assert not course.measures(1, "PRE15").at(START - timedelta(minutes=20)).has("flow|F7/D0/1|PRE15")


def test_the_second_dose_is_due_a_day_after_the_first_within_the_interval() -> None:
    course = Course().infused().receives(2).draws("D1", day(1, 8))
    task = course.at(day(1, 8, 30)).task("form|F7/D1/2")
    assert (task.opens, task.closes) == (START + timedelta(hours=20), START + timedelta(hours=28))
    assert task.status == "due"
    assert course.at(day(1, 13, 1)).task("form|F7/D1/2").status == "overdue"


@pytest.mark.parametrize(("ratio", "waits"), [("174", True), ("175", False)])
def test_the_second_dose_waits_for_a_decision_where_oxygenation_has_fallen(ratio: str, waits: bool) -> None:
    course = Course().infused().receives(2).draws("D1", day(1, 8))
    for key, at, pf in ((FormKey("F9", "BL"), START, "250"), (FormKey("F9", "UNS"), day(1, 7), ratio)):
        course.enter(key, abg_done="Y", abg_collect_dtm=at, pf=Number(Decimal(pf), "mmHg"))
    task = course.at(day(1, 8, 30)).task("form|F7/D1/2")
    assert (task.status == "blocked") is waits
    assert (task.why is not None and "PaO2/FiO2" in task.why.zh) is waits


def test_the_third_dose_waits_for_the_end_of_the_second() -> None:
    task = Course().infused().starts(2, day(1, 9)).at(day(1, 10)).task("form|F7/D2/3")
    assert task.status == "blocked"
    assert task.why is not None
    assert "infusion 2" in task.why.en


def test_a_dose_left_out_does_not_move_the_visits_nor_hold_the_next_dose_up() -> None:
    course = Course().infused().enter(FormKey("F7", "D1", 2), inf_status="NOTSTART").receives(3)
    found = course.draws("D2", day(2, 8)).at(day(2, 9))
    third = found.task("form|F7/D2/3")
    assert third.status == "due"
    assert third.at == START + timedelta(hours=48)
    assert "F8/D1/2" not in found.records()
    assert found.task("form|F10/D3/1").at == START + timedelta(hours=72)


def test_the_sample_before_a_dose_can_no_longer_be_taken_once_the_dose_runs() -> None:
    second = day(1, 8, 30)
    found = Course().infused().starts(2, second).at(second + timedelta(minutes=1))
    task = found.task("form|F10/D1/1")
    assert task.status == "overdue"
    assert task.closes == second
    assert task.title.en == "Cytokines: record as not done, with the reason"
    assert task.why is not None
    assert "deviation" in task.why.en


def test_a_missed_window_asks_for_not_done_with_the_reason() -> None:
    course = Course().infused()
    closes = END + timedelta(hours=6, minutes=30)
    assert course.at(closes).task("form|F10/6H/1").title.en == "Cytokines"
    late = course.at(closes + timedelta(minutes=12)).task("form|F10/6H/1")
    assert (late.status, late.title.zh) == ("overdue", "细胞因子：记录未做及原因")


def test_a_sample_said_not_to_be_taken_is_no_longer_missed() -> None:
    course = Course().infused().enter(FormKey("F10", "6H"), cyt_done="N", cyt_nd_reason="FORGOT")
    assert course.at(day(1)).task("form|F10/6H/1").status == "progress"


def test_a_short_infusion_has_no_points_after_its_true_end() -> None:
    end = START + timedelta(minutes=20)
    found = Course().eligible().starts().measures(1, "PRE15", "T0", "T5", "T15").ends(1, end).at(end)
    points = {t.what.split("|")[2] for t in found.tasks if t.what.startswith("flow|")}
    assert "T30" not in points
    assert {"EOI", "P30", "P1H", "P24H"} <= points


def test_points_after_the_usual_hour_show_only_when_they_come() -> None:
    running = Course().eligible().starts().measures(1, "PRE15", "T0", "T5", "T15", "T30", "T45")
    early = running.at(START + timedelta(minutes=46))
    assert early.has("flow|F7/D0/1|T60")
    assert not early.has("flow|F7/D0/1|T75")
    assert running.at(START + timedelta(minutes=71)).task("flow|F7/D0/1|T75").status == "due"


def test_a_point_is_late_until_the_next_has_come_and_then_told_with_the_other_missed_ones() -> None:
    running = Course().eligible().starts().measures(1, "PRE15", "T0")
    late = running.at(START + timedelta(minutes=9)).task("flow|F7/D0/1|T5")
    assert (late.status, late.kind) == ("overdue", "vitals")
    gone = running.at(START + timedelta(minutes=26))
    assert not gone.has("flow|F7/D0/1|T5")
    missed = gone.task("flow.missed|F7/D0/1")
    assert missed.title.en == "Vital signs not recorded: 5 min; 15 min"
    assert missed.status == "overdue"


def test_twenty_four_hours_after_the_end_gives_way_to_the_next_dose() -> None:
    points = ("PRE15", "T0", "T5", "T15", "T30", "T45", "T60", "EOI", "P30", "P1H", "P2H", "P4H", "P6H")
    course = Course().infused().measures(1, *points)
    assert course.at(day(1, 8, 30)).task("flow|F7/D0/1|P24H").status == "due"
    found = course.starts(2, day(1, 9)).at(day(1, 9, 1))
    assert not found.has("flow|F7/D0/1|P24H")
    assert found.has("flow.missed|F7/D0/1")


def test_the_daily_status_is_asked_for_each_day_and_what_was_forgotten_together() -> None:
    course = Course().infused().on_day(0).on_day(2)
    found = course.at(day(5))
    assert found.task("day|F12/DAY/5").status == "due"
    missed = found.task("day.missed|F12/DAY/1")
    assert missed.title.en == "Daily status not recorded: day 1, 3, 4"
    assert not any(t.what.startswith("day|F12/DAY/6") for t in found.tasks)
    assert course.at(day(20)).task("day.missed|F12/DAY/1").title.en.endswith("day 1, 3–14")


def test_adverse_events_are_asked_for_each_day() -> None:
    course = Course().infused().on_day(0).on_day(1, day_newae_asked="N").on_day(2)
    assert course.at(day(1, 20)).task("ask|F12/DAY/1").kind == "safety"
    found = course.at(day(3))
    assert found.task("ask|F12/DAY/3").status == "due"
    assert found.task("ask.missed|F12/DAY/1").title.zh == "未主动询问不良事件：第 1 天"
    asked = course.on_day(3).at(day(3))
    assert not asked.has("ask|F12/DAY/3")


# --- early discharge -----------------------------------------------------------------------------------------


def discharged(**more: object) -> Course:
    course = Course().infused()
    for number in range(5):
        course.on_day(number)
    return course.on_day(5, day_loc="HOME", disch_dtm=day(5, 15), disch_to="HOME", **more)


def test_after_an_early_discharge_days_seven_and_fourteen_are_telephone_calls() -> None:
    found = discharged().at(day(6))
    assert found.records("F9", "F11").isdisjoint({"F9/D7/1", "F9/D14/1", "F11/D7/1", "F11/D14/1"})
    call = found.task("call|F12/DAY/7|7")
    assert call.title.en == "Telephone call, day 7"
    assert call.kind == "safety"
    assert call.why is not None
    assert "medication" in call.why.en
    last = found.task("call|F16/END/1|14")
    assert last.opens == day(14, 0)  # never before day 14
    assert not found.has("day|F12/DAY/6")
    assert not discharged().on_day(7, day_loc="HOME").at(day(8)).has("call|F12/DAY/7|7")


def test_who_comes_back_to_the_ward_keeps_the_visits() -> None:
    found = discharged(disch_return="Y").at(day(6))
    assert {"F9/D7/1", "F11/D14/1"} <= found.records()
    assert not found.has("call|F12/DAY/7|7")


def test_who_is_admitted_again_is_on_the_ward_again() -> None:
    found = discharged().on_day(6, day_loc="WARD").at(day(6, 20))
    assert {"F9/D7/1", "F11/D14/1"} <= found.records()
    assert not found.has("call|F12/DAY/7|7")


# --- death ---------------------------------------------------------------------------------------------------


def dead() -> Course:
    return (
        Course()
        .infused()
        .enter(FormKey("F15", "END"), dth_dtm=PartialDate(2026, 3, 4, 2, 10), dth_known_dtm=day(3, 2))
    )


def test_after_a_death_the_later_visits_and_doses_fall_away() -> None:
    found = dead().at(day(4))
    assert found.records("F9", "F11").isdisjoint(LATER)
    assert found.records("F6", "F7", "F8").isdisjoint({"F6/D1/2", "F7/D1/2", "F7/D2/3"})
    assert not found.has("day|F12/DAY/4")
    assert "F9/D7/1" not in {str(k) for k in planned_keys(dead().state())}
    assert "F9/D7/1" in {str(k) for k in whole_plan(dead().state())}


def test_after_a_death_the_form_the_serious_event_and_the_end_of_study_are_asked_for() -> None:
    found = Course().infused().on_day(3, day_alive="N").at(day(4))
    assert found.task("death|F15/END/1").status == "due"
    assert found.task("death.ae|F14/LOG/1").kind == "safety"
    assert found.task("form|F16/END/1").status == "due"
    told = dead().event(1, ae_grade="5", ae_sdth="Y", ae_serious="Y", ae_rel_msc="NOT").at(day(4))
    assert not told.has("death|F15/END/1")
    assert not told.has("death.ae|F14/LOG/2")


def test_what_was_open_at_the_death_is_recorded_as_not_done() -> None:
    course = Course().infused().enter(FormKey("F15", "END"), dth_dtm=PartialDate(2026, 3, 4, 5, 0))
    found = course.at(day(4)).task("nd|F10/D3/1")
    assert found.title.en == "Cytokines: record as not done, with the reason"
    assert found.why is not None
    assert "death" in found.why.en


# --- withdrawal ----------------------------------------------------------------------------------------------


def test_withdrawal_from_treatment_stops_the_doses_and_keeps_the_visits() -> None:
    found = Course().infused().consents().withdraws("TREAT", day(0, 20)).at(day(1))
    assert found.records("F6", "F7").isdisjoint({"F6/D1/2", "F7/D1/2", "F7/D2/3"})
    assert {"F9/D7/1", "F10/D3/1", "F11/D14/1"} <= found.records()


def test_withdrawal_from_samples_stops_the_blood_and_keeps_dose_and_ct() -> None:
    found = (
        Course()
        .infused()
        .consents()
        .withdraws("SAMPLES", day(1, 15))
        .starts(2, day(1, 9))
        .ends(2, day(1, 10))
        .at(day(2, 6))
    )
    assert "F10/D3/1" not in found.records()
    assert "F9/D7/1" not in found.records()
    assert {"F11/D7/1", "F7/D2/3"} <= found.records()
    guard = found.task("nd|F10/D2/1")  # START of dose 3 waits for the sample or the reason
    assert guard.why is not None
    assert "no further samples" in guard.why.en


@pytest.mark.parametrize("allowed", ["Y", "N"])
def test_withdrawal_from_everything_leaves_the_end_of_study_and_vital_status_if_allowed(allowed: str) -> None:
    found = Course().infused().consents().withdraws("ALL", day(2, 18), withdraw_vital_ok=allowed).at(day(3))
    assert found.records("F9", "F11").isdisjoint(LATER - {"F10/D3/1"})
    assert not found.has("day|F12/DAY/3")
    assert found.has("call|F16/END/1|14") is (allowed == "Y")
    assert found.has("form|F16/END/1") is (allowed == "N")


# --- not infused, screen failure, unscheduled ----------------------------------------------------------------


def test_who_has_withdrawn_from_everything_is_not_measured_after_the_infusion_any_more() -> None:
    gone = Course().infused().measures(1, "PRE15", "T0").withdraws("ALL", END + timedelta(hours=1))
    later = END + timedelta(hours=6)
    assert not {c for c in gone.at(later).codes() if c.startswith(("flow|", "none|"))}
    assert [r.point for r in reminders_of(gone.state(), later) if r.due > END + timedelta(hours=1)] == []
    stays = Course().infused().measures(1, "PRE15", "T0").withdraws("TREAT", END + timedelta(hours=1))
    assert {"flow|F7/D0/1|P6H", "none|F8/D0/1|6"} <= stays.at(later).codes()
    assert {"P6H", "none6"} <= {r.point for r in reminders_of(stays.state(), later)}


def test_who_withdraws_from_everything_with_cells_running_in_is_watched_until_they_are_stopped() -> None:
    running = Course().eligible().starts().measures(1, "PRE15", "T0", "T5")
    running.withdraws("ALL", START + timedelta(minutes=10))
    assert running.at(START + timedelta(minutes=16)).has("flow|F7/D0/1|T15")


def test_a_screen_failure_keeps_only_what_was_begun_of_screening_and_its_serious_events() -> None:
    failed = Course().enter(FormKey("F1", "SCR"), scr_outcome="SF", scr_no="S-1").consents()
    found = failed.enter(FormKey("F3", "SCR"), elig_decision="INELIG").at(START)
    assert found.records() == {"F1/SCR/1", "F2/SCR/1", "F3/SCR/1"}
    serious = failed.event(1, ae_first_serious="Y", sae_aware_dtm=START).at(START)
    assert serious.has("sae|F14/LOG/1")


def test_who_was_never_infused_has_no_visits_but_the_end_of_study() -> None:
    found = Course().eligible().enter(FormKey("F7", "D0", 1), inf_status="NOTSTART").at(day(2))
    assert found.task("form|F16/END/1").status == "due"
    assert found.records("F8", "F9", "F10", "F11", "F12") == set()
    assert found.records("F7") == {"F7/D0/1"}


def test_an_unscheduled_gas_that_was_begun_is_to_be_finished() -> None:
    found = Course().infused().enter(FormKey("F9", "UNS", 2), abg_collect_dtm=day(4)).at(day(4))
    task = found.task("form|F9/UNS/2")
    assert (task.status, task.kind, task.title.en) == ("progress", "gas", "Blood gas 2")


def test_an_ended_participant_has_only_the_clock_of_a_serious_event() -> None:
    end = FormKey("F16", "END")
    course = Course().infused().enter(end, eos_status="COMPLETED").completes(end)
    assert course.at(day(20)).tasks == []
    running = course.event(1, ae_serious="Y", sae_aware_dtm=day(20, 8)).at(day(20))
    assert running.codes() == {"sae|F14/LOG/1"}
    why_not = Missing("NA", "Reported by the sponsor's own staff")
    assert course.event(1, sae_reported_dtm=why_not).at(day(20)).tasks == []


def test_a_planned_duration_typed_with_a_decimal_point_does_not_take_the_list_away() -> None:
    planned = Number(Decimal("60.0"), "min")
    found = Course().eligible().enter(FormKey("F7", "D0", 1), inf_planned_min=planned).starts().at(START)
    assert found.has("flow|F7/D0/1|T60")
    assert not found.has("flow|F7/D0/1|T75")

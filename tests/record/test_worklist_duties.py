"""What is owed beside the visits: consent, signatures, safety, samples in work, queries, what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.record.course_story import CONSENT, END, START, WORDS, Course, day
from ucmsc_desktop.record.duties import sample_rows
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.facts import Entry, FormRecord, Signature
from ucmsc_desktop.record.tasks import KINDS, countdown, light_of, sort_key
from ucmsc_desktop.record.worklist import done_at, summarise, tasks_at
from ucmsc_desktop.study.values import Missing

EVENTS = FormKey("F8", "D0", 1)
HOUR = timedelta(hours=1)


# --- consent -------------------------------------------------------------------------------------------------


def test_a_copy_not_handed_over_stays_open() -> None:
    task = Course().consents(copy_given="N").at(START).task("copy|F2/SCR/1")
    assert (task.kind, task.status) == ("consent", "due")
    assert not Course().consents(copy_given="Y").at(START).has("copy|F2/SCR/1")


@pytest.mark.parametrize(
    ("reason", "words"),
    [("CAPACITY", "capacity regained"), ("VERSION", "new version"), ("SAFETY", "new safety information")],
)
def test_a_new_consent_is_asked_for_and_the_next_infusion_waits(reason: str, words: str) -> None:
    course = Course().infused().receives(2).draws("D1", day(1, 8))
    course.consents(
        consent_active="N",
        reconsent_needed="Y",
        reconsent_known_dtm=day(0, 18),
        reconsent_reason=reason,
        reconsent_result="PEND",
    )
    found = course.at(day(1, 9))
    assert words in found.task("recon|F2/SCR/1").title.en
    waiting = found.task("form|F7/D1/2")
    assert waiting.status == "blocked"
    assert waiting.why is not None
    assert waiting.why.en == "waits for a new consent"
    signed = course.enter(CONSENT, consent_active="Y", reconsent_ok="Y", reconsent_result="SIGNED").at(
        day(1, 9)
    )
    assert not signed.has("recon|F2/SCR/1")
    assert signed.task("form|F7/D1/2").status == "due"


def test_a_refused_new_consent_asks_for_the_withdrawal() -> None:
    facts: Mapping[str, Any] = {
        "reconsent_needed": "Y",
        "reconsent_known_dtm": day(1),
        "reconsent_result": "REFUSED",
    }
    course = Course().infused().consents(**facts)
    assert course.at(day(1)).has("refused|F2/SCR/1")
    assert not course.withdraws("TREAT", day(1)).at(day(1)).has("refused|F2/SCR/1")


def test_the_day_a_signed_version_ends_asks_for_a_new_consent_and_not_before() -> None:
    course = Course().infused().consents(icf_lapse_dtm=day(1, 0), consent_end_dtm=day(1, 0))
    assert not course.at(day(0, 23)).has("recon|F2/SCR/1")
    assert course.at(day(1, 0)).task("recon|F2/SCR/1|VERSION").status == "due"
    assert course.at(day(0, 12)).task("form|F7/D1/2").status == "blocked"


def test_who_was_consented_for_by_a_guardian_is_asked_again_each_day() -> None:
    course = Course().infused().consents(capacity="NONE", consent_by="GUARD")
    signed = START - timedelta(days=1)
    assert not course.at(signed + timedelta(hours=23)).has("recap|F2/SCR/1")
    assert course.at(START).task("recap|F2/SCR/1").kind == "consent"


# --- infusion events, signatures -----------------------------------------------------------------------------


def test_the_answers_on_infusion_events_open_at_six_and_twenty_four_hours_and_close() -> None:
    course = Course().infused()
    assert course.at(END + 5 * HOUR).task("none|F8/D0/1|6").status == "planned"
    assert course.at(END + 6 * HOUR).task("none|F8/D0/1|6").status == "due"
    late = course.at(END + 8 * HOUR + timedelta(seconds=1)).task("none|F8/D0/1|6")
    assert (late.status, late.kind) == ("overdue", "sign")
    assert course.at(END + 24 * HOUR).task("none|F8/D0/1|24").status == "due"


def test_an_answer_without_its_signature_is_still_owed_and_an_event_needs_none() -> None:
    answered = Course().infused().enter(EVENTS, iae_none_6h="Y")
    assert answered.at(END + 6 * HOUR).has("none|F8/D0/1|6")
    assert not Course().infused().enter(EVENTS, iae_none_6h="N").at(END + 6 * HOUR).has("none|F8/D0/1|6")


def test_a_given_signature_closes_the_answer() -> None:
    state = Course().infused().state()
    answered = Entry(
        "Y", "e1", "dev", 1, "dr.gamma", "investigator", END + 6 * HOUR, "", "entered", (), (), kept=False
    )
    signature = Signature(
        "none_occurred_6h", "dr.gamma", "investigator", END + 6 * HOUR, "s1", "dev", 2, "hash"
    )
    record = FormRecord(EVENTS, "1.0", cells={Cell("iae_none_6h"): (answered,)}, signatures=(signature,))
    unsigned = replace(record, signatures=(replace(signature, voided=True),))
    open_hours = []
    for held in (unsigned, record):
        known = replace(state, record=replace(state.record, forms={EVENTS: held}))
        found = tasks_at(WORDS, "01-001", summarise(known, END + 6 * HOUR), END + 6 * HOUR)
        open_hours.append([t.what.split("|")[2] for t in found if t.what.startswith("none|")])
    assert open_hours == [["6", "24"], ["24"]]


def rash(course: Course, at: Any = START + timedelta(minutes=15)) -> Course:
    """A rash that was not there at T0, in the flow sheet: it suggests 06."""
    flow = FormKey("F7", "D0", 1)
    course.enter(flow, 1, ivs_point="T0", ivs_dtm=START, ivs_symptoms=("NONE",))
    return course.enter(flow, 2, ivs_point="T15", ivs_dtm=at, ivs_symptoms=("RASH",))


def test_a_suggestion_that_nobody_has_answered_is_a_task_named_by_its_code() -> None:
    course = rash(Course().infused())
    found = course.at(END)
    task = found.task("iae|F8/D0/1|06")
    assert (task.kind, task.status, task.at) == ("safety", "due", START + timedelta(minutes=15))
    assert task.title.en == "Infusion event suggested: 06 Transfusion-like reaction"
    assert task.title.zh == "提示输注相关事件：06 类输血反应"
    assert task.visit.en == "Infusion 1"
    assert not Course().infused().at(END).has("iae|F8/D0/1")


def test_a_suggestion_is_a_task_while_the_cells_still_run() -> None:
    assert rash(Course().eligible().starts()).at(START + HOUR).has("iae|F8/D0/1|06")


def test_a_nurses_no_to_a_suggestion_waits_for_the_investigator_and_is_told_once() -> None:
    course = rash(Course().infused()).enter(EVENTS, iae_suggest_06="Y", iae06="N")
    found = course.at(END)
    assert not found.has("iae|F8/D0/1")
    assert "06 Transfusion-like" in found.task("iae.no|F8/D0/1|06").title.en
    assert not found.has("query|F8/D0/1")  # the query about it is this task


def test_a_flagged_event_waits_for_its_judgement() -> None:
    course = rash(Course().infused()).enter(EVENTS, iae_suggest_06="Y", iae06="Y")
    course.enter(EVENTS, 1, iae_item="06", iae_onset_dtm=START + timedelta(minutes=15))
    assert course.at(END).has("iae.judge|F8/D0/1|06")
    assert not course.enter(EVENTS, 1, iae_adjud="N").at(END).has("iae.judge|F8/D0/1")


def test_many_suggestions_are_named_by_their_codes() -> None:
    codes = {f"iae_suggest_{c}": "Y" for c in ("02", "06", "09")}
    task = Course().infused().enter(EVENTS, **codes).at(END).task("iae|F8/D0/1")
    assert task.title.en == "Infusion event suggested: 02; 06; 09"


def test_a_complete_record_without_its_signature_is_a_task_to_sign() -> None:
    gas = FormKey("F9", "D2")
    found = Course().infused().completes(gas).at(day(3))
    task = found.task("sign|F9/D2/1")
    assert (task.kind, task.status) == ("sign", "progress")
    assert task.title.en == "Signature: Blood gas, reviewed and approved"


# --- safety --------------------------------------------------------------------------------------------------


def serious(**more: Any) -> Course:
    return Course().infused().event(1, ae_first_serious="Y", sae_aware_dtm=day(1, 8), **more)


def test_the_clock_of_a_serious_event_is_green_then_amber_then_red_until_reported() -> None:
    course = serious()
    lights = []
    for hours in (0, 17, 19, 24, 25, 300):
        now = day(1, 8) + timedelta(hours=hours)
        task = course.at(now).task("sae|F14/LOG/1")
        lights.append((light_of(task, now), task.status))
    assert lights == [
        ("green", "due"),
        ("green", "due"),
        ("amber", "due"),
        ("amber", "due"),
        ("red", "overdue"),
        ("red", "overdue"),
    ]
    assert "phone now" in course.at(day(1)).task("sae|F14/LOG/1").title.en


@pytest.mark.parametrize(
    "said", [day(1, 9), Missing("NA", "Not serious after all, judged by the investigator")]
)
def test_the_clock_stops_with_the_report_or_with_the_reason(said: object) -> None:
    assert not serious(sae_reported_dtm=said).at(day(9)).has("sae|F14/LOG/1")


def test_an_event_judged_not_serious_has_no_clock() -> None:
    assert not serious(ae_serious="N").at(day(9)).has("sae|F14/LOG/1")


def test_an_event_without_judgement_and_one_without_end_are_told_apart() -> None:
    fresh = Course().infused().event(1, ae_ongoing="Y").at(day(1))
    assert fresh.task("ae.judge|F14/LOG/1").status == "due"
    assert not fresh.has("ae.end|F14/LOG/1")
    judged = Course().infused().event(1, ae_ongoing="Y", ae_grade="2", ae_rel_msc="POSS").at(day(1))
    assert judged.task("ae.end|F14/LOG/1").status == "progress"
    ended = Course().infused().event(1, ae_ongoing="N", ae_grade="2", ae_rel_msc="POSS").at(day(1))
    assert ended.task("form|F14/LOG/1").title.en == "Adverse event 1"


# --- samples, queries ----------------------------------------------------------------------------------------


def test_a_drawn_sample_is_to_be_spun_and_then_frozen() -> None:
    drawn = END + 6 * HOUR
    course = Course().infused().draws("6H", drawn)
    spin = course.at(drawn + timedelta(minutes=5)).task("spin|F10/6H/1")
    assert (spin.status, spin.at, spin.closes) == ("due", drawn + HOUR, drawn + 2 * HOUR)
    assert "F10/6H/1" in {str(t.key) for t in course.at(drawn).tasks}
    assert not course.at(drawn).has("form|F10/6H/1")  # one task, not two
    assert course.at(drawn + 2 * HOUR + timedelta(seconds=1)).task("spin|F10/6H/1").status == "overdue"
    spun = drawn + timedelta(minutes=40)
    course.enter(FormKey("F10", "6H"), cyt_spin_dtm=spun)
    freeze = course.at(spun).task("freeze|F10/6H/1")
    assert (freeze.closes, freeze.kind) == (spun + HOUR, "sample")
    course.enter(FormKey("F10", "6H"), cyt_freeze_dtm=spun + timedelta(minutes=20))
    assert course.at(spun + HOUR).task("form|F10/6H/1").status == "progress"


def test_when_a_tube_is_to_be_spun_is_a_parameter_of_the_study() -> None:
    drawn = END + 6 * HOUR
    state = Course().infused().draws("6H", drawn).state()
    study = state.study.model_copy(update={"parameters": {**state.study.parameters, "spin_target_min": 30}})
    (row,) = sample_rows(replace(state, study=study))
    assert (row.at, row.closes) == (drawn + timedelta(minutes=30), drawn + 2 * HOUR)


def test_a_lost_spin_time_with_its_reason_is_answered() -> None:
    drawn = END + 6 * HOUR
    course = Course().infused().draws("6H", drawn, cyt_spin_dtm=Missing("UK", "not written down"))
    assert not course.at(drawn + HOUR).has("spin|F10/6H/1")


def test_open_queries_are_counted_for_the_participant() -> None:
    found = Course().enter(FormKey("F1", "SCR"), bed="12", weight_method="STATED").at(START)
    task = found.task("query|F1/SCR/1")
    assert (task.kind, task.title.en, task.title.zh) == ("data", "1 open query", "未关闭质疑 1 条")


def test_medication_begun_and_not_completed_is_one_task() -> None:
    course = Course().infused()
    for n in (1, 2, 3):
        course.enter(FormKey("F13", "LOG", n), cm_name="paracetamol 对乙酰氨基酚")
    assert course.at(day(1)).task("log|F13/LOG/1").title.en == "Medication: 3 records not complete"


def test_every_kind_has_a_name_and_place_is_ward_and_bed() -> None:
    course = serious().consents(copy_given="N").enter(FormKey("F1", "SCR"), bed="07", ward_loc="RICU")
    found = course.at(day(1))
    assert set(found.by_kind()) <= set(KINDS)
    assert {(t.ward.en, t.bed) for t in found.tasks} == {("RICU", "07")}


# --- time left -----------------------------------------------------------------------------------------------


def test_the_time_left_counts_down_and_then_up() -> None:
    course = Course().eligible().starts().measures(1, "PRE15", "T0", "T5")
    said = {}
    for minute in (3, 12, 14, 17, 18, 21):
        now = START + timedelta(minutes=minute)
        task = course.at(now).task("flow|F7/D0/1|T15")
        said[minute] = countdown(task, now).en
    assert said == {
        3: "in 12 min",
        12: "in 3 min",
        14: "in 1 min",
        17: "1 min left",
        18: "0 min left",
        21: "3 min late",
    }


def test_a_window_of_days_counts_days() -> None:
    course = Course().infused()
    found = {n: countdown(course.at(day(n)).task("form|F9/D7/1"), day(n)).en for n in (4, 6, 8, 10)}
    assert found == {4: "in 2 d", 6: "2 d left", 8: "last day", 10: "2 d late"}
    now = day(0, 20)
    assert countdown(course.at(now).task("day|F12/DAY/0"), now).zh == "今天"


def test_a_long_wait_is_told_in_hours() -> None:
    now = END + timedelta(minutes=10)
    assert countdown(Course().infused().at(now).task("form|F10/6H/1"), now).en == "in 5 h 50 min"


# --- done today ----------------------------------------------------------------------------------------------


def test_what_was_completed_today_is_told_and_tomorrow_no_more() -> None:
    gas = FormKey("F9", "D2")
    course = Course().infused().completes(gas)
    state = course.state()
    forms = {gas: replace(state.record.forms[gas], completed_at=day(2, 14), last_at=day(2, 14))}
    state = replace(state, record=replace(state.record, forms=forms, last_at=day(2, 14)))
    text = summarise(state, day(2, 15))
    (done,) = done_at(WORDS, "01-001", text, day(2, 15))
    assert (done.status, done.title.en, done.at) == ("done", "Blood gas", day(2, 14))
    assert done_at(WORDS, "01-001", text, day(3, 0)) == []
    assert "form|F9/D2/1" not in {t.what for t in tasks_at(WORDS, "01-001", text, day(2, 15))}


def test_what_is_due_now_stands_above_what_was_missed_long_ago_and_below_what_is_just_late() -> None:
    course = Course().infused().starts(2, day(1, 9)).measures(2, "PRE15", "T0", "T5")
    now = day(1, 9, 19)
    listed = [t.what for t in sorted(course.at(now).tasks, key=sort_key)]
    late, due, missed = "flow|F7/D1/2|T15", "day|F12/DAY/1", "day.missed|F12/DAY/0|0"
    assert listed.index(late) < listed.index(due) < listed.index(missed) < listed.index("form|F10/D3/1")


def test_a_report_clock_that_ran_out_days_ago_still_stands_first() -> None:
    course = serious().consents(copy_given="N")
    first, *_rest = sorted(course.at(day(9)).tasks, key=sort_key)
    assert first.what == "sae|F14/LOG/1"

"""What the bedside computes from the record: steps, evidence, advice, suggestions, missed points, the time after."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.ui.infusion import bedside
from tests.ui.infusion.bedside import F7
from tests.ward import Bench, make_bench
from ucmsc_desktop.errors import BagUsed, ReasonNeeded, StepBlocked
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.session.advice import advice_for, alarming_items
from ucmsc_desktop.session.aftermath import coming_of, infusion_in_need, next_dose
from ucmsc_desktop.session.iae import (
    flag,
    flagged_of,
    none_due,
    none_occurred,
    none_of_the_rest,
    reject,
    stand_by,
    suggestions_of,
)
from ucmsc_desktop.session.infusion import PRESSED, missed_points, not_measured
from ucmsc_desktop.session.prechecks import known_of
from ucmsc_desktop.session.preparation import next_step, steps_of, verification_of
from ucmsc_desktop.study.values import Missing, Value

F8 = FormKey("F8", "D0", 1)
SOFT = frozenset({"soft", "X10", "X10.flow", "F7.symptom_ae", "F7.window", "F7.probe", "F8.onset_outside"})


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


@pytest.fixture
def session(bench: Bench) -> Iterator[Session]:
    """The investigator at work, who may pass what stands against the start."""
    made = bench.sign_in("dr.gamma")
    yield made
    made.lock()


@pytest.fixture
def subject(session: Session) -> str:
    made = bedside.create(session)
    bedside.override_blocks(session, made, bedside.prepare(session, made))
    return made


def row(session: Session, subject: str, point: str, *, key: FormKey = F7, **values: Value) -> int:
    """Record a row now, with values given as they are stored."""
    number = session.next_row(subject, key, "flow")
    cells: dict[Cell, Value | None] = {Cell(k, number): v for k, v in values.items()}
    cells |= {Cell("ivs_point", number): point, Cell("ivs_dtm", number): session.now().replace(microsecond=0)}
    session.enter(subject, key, cells, confirmed=SOFT)
    return number


def mmhg(text: str) -> Value:
    return bedside.number(text, "mmHg")


def started(bench: Bench, session: Session, subject: str, **at_t0: Value) -> datetime:
    referred(bench, session, subject, F7, **at_t0)
    session.infusions.start(subject, 1)
    return bench.clock.at


def referred(bench: Bench, session: Session, subject: str, key: FormKey, **at_t0: Value) -> None:
    """Record what stands before the start: PRE15, and T0, the reference."""
    base: dict[str, Value] = {
        "ivs_sbp": mmhg("120"),
        "ivs_spo2": bedside.number("96", "%"),
        "ivs_fio2": bedside.number("0.40", "fraction"),
        "ivs_rhythm": "SR",
        "ivs_rsup": "HFNC",
        "ivs_agents": ("NONE",),
        "ivs_symptoms": ("NONE",),
    }
    row(session, subject, "PRE15", key=key, ivs_temp=bedside.number("36.8", "°C"))
    bench.clock.advance(minutes=2)
    row(session, subject, "T0", key=key, **{**base, **at_t0})
    bench.clock.advance(minutes=1)


def advised(session: Session, subject: str, number: int) -> list[tuple[str, str]]:
    return [(a.level, a.rule.en) for a in advice_for(session.form(subject, F7), number)]


# --- advice ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "level", "words"),
    [
        ({"ivs_sbp": mmhg("79")}, "stop", "SBP below 80"),
        ({"ivs_sbp": mmhg("80")}, "stop", "SBP down by 30 %"),
        ({"ivs_sbp": mmhg("84")}, "stop", "SBP down by 30 %"),
        ({"ivs_spo2": bedside.number("84", "%")}, "stop", "SpO2 below 85"),
        (
            {"ivs_spo2": bedside.number("86", "%"), "ivs_fio2": bedside.number("0.50", "fraction")},
            "stop",
            "SpO2 down by 10",
        ),
        ({"ivs_rhythm": "VT"}, "stop", "New VT"),
        ({"ivs_symptoms": ("WHEEZE",)}, "stop", "Wheeze"),
        ({"ivs_symptoms": ("CHESTPAIN",)}, "stop", "Wheeze, stridor or chest pain"),
        ({"ivs_symptoms": ("RASH", "DYSPNOEA")}, "stop", "anaphylaxis"),
        ({"ivs_symptoms": ("RASH",), "ivs_sbp": mmhg("88")}, "stop", "anaphylaxis"),
        ({"ivs_symptoms": ("RASH",)}, "pause", "Urticaria only"),
        (
            {"ivs_symptoms": ("CHILLS",), "ivs_temp": bedside.number("37.8", "°C")},
            "pause",
            "Temperature up by 1 °C",
        ),
        ({"ivs_symptoms": ("NAUSEA",)}, "pause", "grade 2"),
    ],
)
def test_a_row_calls_for_advice_by_its_rule(bench, session, subject, values, level, words):
    started(bench, session, subject)
    number = row(session, subject, "UNS", **values)
    found = advised(session, subject, number)
    assert any(lev == level and words in rule for lev, rule in found), found


@pytest.mark.parametrize(
    "values",
    [
        {"ivs_sbp": mmhg("85")},
        {"ivs_spo2": bedside.number("85", "%")},
        {"ivs_spo2": bedside.number("86", "%"), "ivs_fio2": bedside.number("0.40", "fraction")},
        {"ivs_rhythm": "ST"},
        {"ivs_symptoms": ("NONE",)},
        {"ivs_temp": bedside.number("38.0", "°C")},
        {},
    ],
)
def test_a_row_within_the_limits_calls_for_none(bench, session, subject, values):
    started(bench, session, subject)
    number = row(session, subject, "UNS", ivs_hr=bedside.number("80", "/min"), **values)
    assert advised(session, subject, number) == []


def test_a_symptom_that_stood_at_t0_calls_for_nothing(bench, session, subject):
    started(bench, session, subject, ivs_symptoms=("DYSPNOEA",))
    number = row(session, subject, "UNS", ivs_symptoms=("DYSPNOEA",))
    assert advised(session, subject, number) == []


def test_the_gravest_advice_comes_first_and_names_its_items(bench, session, subject):
    started(bench, session, subject)
    number = row(session, subject, "UNS", ivs_symptoms=("NAUSEA",), ivs_sbp=mmhg("70"))
    assert [level for level, _rule in advised(session, subject, number)] == ["stop", "pause"]
    assert alarming_items(session.form(subject, F7), number) == {"ivs_sbp", "ivs_symptoms"}
    words = advice_for(session.form(subject, F7), number)[0].words()
    assert words.en == "SBP below 80 mmHg (70): stop is advised"
    assert words.zh == "收缩压低于 80 mmHg（70）：建议停止输注"


# --- infusion events ------------------------------------------------------------------------------------------


def test_a_suggestion_shows_the_value_at_t0_and_now_and_when_it_began(bench, session, subject):
    session.enter(subject, F7, {Cell("vaso_ne_salt"): "BASE"})
    started(bench, session, subject, ivs_agents=("NE",), ivs_ne_min=bedside.number("4", "µg/min"))
    bench.clock.advance(minutes=5)
    row(session, subject, "T5", ivs_agents=("NE",), ivs_ne_min=bedside.number("8", "µg/min"))
    assert suggestions_of(session.form(subject, F7)) == ()
    bench.clock.advance(minutes=10)
    at = bench.clock.at
    row(session, subject, "T15", ivs_agents=("NE",), ivs_ne_min=bedside.number("10", "µg/min"))
    bench.clock.advance(minutes=5)
    row(session, subject, "UNS", ivs_agents=("NE",), ivs_ne_min=bedside.number("14", "µg/min"))
    found = suggestions_of(session.form(subject, F7))
    assert [(s.code, s.at, s.answer) for s in found] == [("01a", at, None)]
    assert "4.00 µg/min" in found[0].before.en
    assert "10.00 µg/min" in found[0].seen.en


def test_noradrenaline_of_an_unsaid_salt_is_asked_about_with_the_rate_as_entered(bench, session, subject):
    started(bench, session, subject, ivs_agents=("NE",), ivs_ne_min=bedside.number("4", "µg/min"))
    bench.clock.advance(minutes=15)
    row(session, subject, "T15", ivs_agents=("NE",), ivs_ne_min=bedside.number("30", "µg/min"))
    (found,) = suggestions_of(session.form(subject, F7))
    assert (found.code, found.at) == ("01a", bench.clock.at)
    assert "as entered" in found.before.en
    assert "30.00 µg/min" in found.seen.en


def test_a_lasting_event_begins_with_its_first_row_not_with_the_row_that_proved_it(bench, session, subject):
    started(bench, session, subject)
    bench.clock.advance(minutes=5)
    row(session, subject, "T5", ivs_sbp=mmhg("85"))
    bench.clock.advance(minutes=3)
    row(session, subject, "UNS", ivs_sbp=mmhg("110"))
    bench.clock.advance(minutes=7)
    began = bench.clock.at
    row(session, subject, "T15", ivs_sbp=mmhg("84"))
    assert suggestions_of(session.form(subject, F7)) == ()
    bench.clock.advance(minutes=10)
    row(session, subject, "UNS", ivs_sbp=mmhg("82"))
    assert [(s.code, s.at) for s in suggestions_of(session.form(subject, F7))] == [("12", began)]


def test_a_correction_of_t0_wants_a_reason_and_takes_back_what_it_suggested(bench, session, subject):
    started(bench, session, subject)
    bench.clock.advance(minutes=5)
    row(session, subject, "UNS", ivs_rhythm="AF")
    assert [s.code for s in suggestions_of(session.form(subject, F7))] == ["03"]
    with pytest.raises(ReasonNeeded):
        session.enter(subject, F7, {Cell("ivs_rhythm", 2): "AF"})
    session.enter(subject, F7, {Cell("ivs_rhythm", 2): "AF"}, reason="AF was on the strip of T0")
    assert suggestions_of(session.form(subject, F7)) == ()
    assert [e.value for e in session.form(subject, F7).history("ivs_rhythm", 2)] == ["SR", "AF"]


def test_an_empty_place_of_t0_is_frozen_too_once_cells_run(bench, session, subject):
    started(bench, session, subject)
    place = {Cell("ivs_hr", 2): bedside.number("80", "/min")}
    with pytest.raises(ReasonNeeded):
        session.enter(subject, F7, place)
    session.enter(subject, F7, place, reason="read off the monitor's memory")
    assert session.form(subject, F7).value("ivs_hr", 2) == bedside.number("80", "/min")


def test_before_the_start_an_empty_place_of_t0_is_filled_without_a_word(bench, session, subject):
    row(session, subject, "T0", ivs_sbp=mmhg("120"))
    session.enter(subject, F7, {Cell("ivs_hr", 1): bedside.number("80", "/min")})
    assert session.form(subject, F7).value("ivs_hr", 1) == bedside.number("80", "/min")


def test_flagging_describes_the_event_and_none_cannot_be_said_over_it(bench, session, subject):
    started(bench, session, subject)
    bench.clock.advance(minutes=10)
    row(session, subject, "UNS", ivs_symptoms=("RASH",))
    bench.clock.advance(minutes=50)
    session.infusions.end(subject, 1)
    view = session.form(subject, F7)
    suggestion = next(s for s in suggestions_of(view) if s.code == "06")
    assert [n.open_codes for n in none_due(view)] == [("06",), ("06",)]
    session.enter(subject, F8, flag(view, suggestion, 1), confirmed=SOFT)
    view = session.form(subject, F7)
    events = flagged_of(view)
    assert [(e.row, e.at, e.judged) for e in events] == [(1, suggestion.at, None)]
    assert "Rash" in events[0].seen.en
    bench.clock.advance(hours=6)
    planned = none_occurred(session.form(subject, F7), "6h")
    assert Cell("iae06") not in planned
    assert planned[Cell("iae01a")] == "N"
    assert Cell("iae07") not in planned  # cardiac arrest belongs to the 24 hours


def test_none_occurred_falls_due_at_six_and_at_twenty_four_hours(bench, session, subject):
    started(bench, session, subject)
    bench.clock.advance(minutes=60)
    session.infusions.end(subject, 1)
    bench.clock.advance(hours=6, seconds=-1)
    assert [(n.hour, n.is_due) for n in none_due(session.form(subject, F7))] == [
        ("6h", False),
        ("24h", False),
    ]
    bench.clock.advance(seconds=1)
    assert [n.is_due for n in none_due(session.form(subject, F7))] == [True, False]
    bench.clock.advance(hours=18)
    assert [n.is_due for n in none_due(session.form(subject, F7))] == [True, True]


def reacted(bench, session, subject):
    """A rash after a quarter of an hour, then the end: 06 is suggested."""
    started(bench, session, subject)
    bench.clock.advance(minutes=10)
    row(session, subject, "UNS", ivs_symptoms=("RASH",))
    bench.clock.advance(minutes=50)
    session.infusions.end(subject, 1)


def as_user(bench, session, user):
    session.lock()
    return bench.sign_in(user)


def codes(session, subject):
    return [
        t.what for t in session.worklist() if t.what.startswith(("iae", "query|F8")) and t.subject == subject
    ]


def test_a_nurses_no_stays_a_task_until_an_investigator_stands_by_it_with_a_reason(bench, session, subject):
    reacted(bench, session, subject)
    assert codes(session, subject) == ["iae|F8/D0/1|06"]
    nurse = as_user(bench, session, "nurse.alpha")
    (found,) = suggestions_of(nurse.form(subject, F7))
    nurse.enter(subject, F8, reject(found))
    assert codes(nurse, subject) == ["iae.no|F8/D0/1|06"]
    bench.clock.advance(hours=6)
    assert none_due(nurse.form(subject, F7))[0].denied == ("06",)
    assert not none_due(nurse.form(subject, F7))[0].may_say_none
    values, queries = stand_by("06")
    nurse.enter(subject, F8, values, reason="it was there before", confirmed=queries)
    assert codes(nurse, subject) == ["iae.no|F8/D0/1|06"]  # a nurse confirms nothing
    doctor = as_user(bench, nurse, "dr.gamma")
    doctor.enter(subject, F8, values, reason="eczema known since childhood", confirmed=queries)
    assert codes(doctor, subject) == []
    entry = doctor.form(subject, F8).entry("iae06")
    assert (entry.value, entry.user, entry.reason) == ("N", "dr.gamma", "eczema known since childhood")
    assert len(doctor.form(subject, F8).history("iae06")) == 2
    assert [f for f in doctor.form(subject, F8).findings if f.id == "F8.suggested.06" and f.is_open] == []
    assert none_due(doctor.form(subject, F7))[0].may_say_none
    doctor.lock()


def test_the_query_comes_back_with_another_answer_against_the_numbers(bench, session, subject):
    reacted(bench, session, subject)
    values, queries = stand_by("06")
    session.enter(subject, F8, values, reason="eczema", confirmed=queries)
    assert codes(session, subject) == []
    session.enter(subject, F8, {Cell("iae06"): "Y"}, reason="looked again")
    session.enter(subject, F8, {Cell("iae06"): "N"}, reason="typed by mistake")
    assert codes(session, subject) == ["query|F8/D0/1|1"]


def test_the_same_answer_without_a_question_about_it_is_not_recorded_again(bench, session, subject):
    reacted(bench, session, subject)
    nurse = as_user(bench, session, "nurse.alpha")
    nurse.enter(subject, F8, {Cell("iae02"): "N"})
    doctor = as_user(bench, nurse, "dr.gamma")
    doctor.enter(subject, F8, {Cell("iae02"): "N"}, reason="so it is")
    assert len(doctor.form(subject, F8).history("iae02")) == 1
    doctor.lock()


def test_before_none_is_signed_stand_the_events_and_the_missing_checks_of_its_hours(bench, session, subject):
    reacted(bench, session, subject)
    ended = session.infusions.run(subject, 1).ended
    bench.clock.advance(hours=6)
    first, late = none_due(session.form(subject, F7))
    assert [t.en for t, _at in first.unmeasured][-6:] == [
        "End of infusion", "30 min after end", "1 h after end", "2 h after end", "4 h after end", "6 h after end",
    ]  # fmt: skip
    assert first.unmeasured[-1][1] == ended + timedelta(hours=6)
    assert [t.en for t, _at in late.unmeasured][-1] == "24 h after end"
    number = session.next_row(subject, F7, "flow")
    session.enter(subject, F7, not_measured(session.state(subject), 1, ["P2H"], "in the scanner", number))
    assert "2 h after end" in [t.en for t, _at in none_due(session.form(subject, F7))[0].unmeasured]
    row(session, subject, "P6H", ivs_sbp=mmhg("120"))
    assert "6 h after end" not in [t.en for t, _at in none_due(session.form(subject, F7))[0].unmeasured]
    view = session.form(subject, F7)
    session.enter(subject, F8, flag(view, suggestions_of(view)[0], 1), confirmed=SOFT)
    assert [e.en for e in none_due(session.form(subject, F7))[0].events] == ["06 Transfusion-like reaction"]
    session.enter(subject, F8, {Cell("iae_adjud", 1): "N", Cell("iae_adjud_text", 1): "eczema"})
    assert none_due(session.form(subject, F7))[0].events == ()


def test_the_rest_is_answered_in_one_step_and_never_a_line_that_is_suggested(bench, session, subject):
    reacted(bench, session, subject)
    bench.clock.advance(hours=6)
    session.enter(subject, F8, {Cell("iae02"): "Y", Cell("iae_item", 1): "02"}, confirmed=SOFT)
    session.enter(subject, F8, {Cell("iae_none_6h"): "N"}, confirmed=SOFT)
    first = none_due(session.form(subject, F7))[0]
    assert first.asks_rest
    assert not {"02", "06"} & {t.en[:2] for t in first.rest}
    planned = none_of_the_rest(session.form(subject, F7), "6h")
    assert {c.item for c in planned} == {
        "iae01a", "iae01b", "iae01c", "iae01d", "iae01e", "iae03", "iae04", "iae05", "iae09", "iae10", "iae12",
    }  # fmt: skip
    assert set(planned.values()) == {"N"}
    session.enter(subject, F8, planned, confirmed=SOFT)
    assert not none_due(session.form(subject, F7))[0].asks_rest
    assert session.form(subject, F8).value("iae06") is None


def test_an_infusion_with_open_events_or_signatures_comes_before_the_next_planned(bench, session, subject):
    started(bench, session, subject)
    assert infusion_in_need(session.state(subject), session.now()) == 1
    bench.clock.advance(minutes=60)
    session.infusions.end(subject, 1)
    bench.clock.advance(hours=5, minutes=50)
    row(session, subject, "P6H", ivs_symptoms=("NONE",))
    assert infusion_in_need(session.state(subject), session.now()) == 2  # nothing is due within the hour
    bench.clock.advance(minutes=10)
    assert infusion_in_need(session.state(subject), session.now()) == 1  # "none" is to be signed
    session.enter(subject, F8, none_occurred(session.form(subject, F7), "6h"), confirmed=SOFT)
    assert infusion_in_need(session.state(subject), session.now()) == 1
    session.enter(subject, F8, {Cell("iae_none_6h"): "N"}, reason="there was one", confirmed=SOFT)
    assert infusion_in_need(session.state(subject), session.now()) == 2


# --- missed points --------------------------------------------------------------------------------------------


def test_a_point_whose_window_has_closed_is_missed_and_recorded_as_not_done_in_one_step(
    bench, session, subject
):
    started(bench, session, subject)
    bench.clock.advance(minutes=7)
    assert missed_points(session.state(subject), 1, session.now()) == ()
    bench.clock.advance(minutes=12)
    missed = missed_points(session.state(subject), 1, session.now())
    assert [p.code for p, _at in missed] == ["T5", "T15"]
    first = session.next_row(subject, F7, "flow")
    values = not_measured(session.state(subject), 1, ["T5", "T15"], "resuscitation next door", first)
    session.enter(subject, F7, values)
    view = session.form(subject, F7)
    assert view.value("ivs_point", first) == "T5"
    assert view.value("ivs_hr", first + 1) == Missing("ND", "resuscitation next door")
    assert missed_points(session.state(subject), 1, session.now()) == ()
    assert not [f for f in view.findings if f.cell.row in (first, first + 1)]


# --- before and after -----------------------------------------------------------------------------------------


def test_the_steps_say_what_is_open_and_where_a_block_is_answered(session):
    subject = bedside.create(session)
    key = bedside.prepare(session, subject)
    view = session.form(subject, key)
    steps = {s.id: s for s in steps_of(view)}
    assert steps["plan"].status == "done"
    assert steps["dose"].status == "done"
    assert (steps["verify"].status, steps["verify"].open_items) == ("open", 2)
    assert "X01" in [b.id for b in steps["checks"].blocks]
    assert "F7.rescue" in [b.id for b in steps["line"].blocks]
    assert [s for s in steps if s == next_step(steps_of(view))] == ["bag"]
    assert next_step(steps_of(view), "line") == "bedside"
    assert next_step(steps_of(view), "reference") == "bag"


def test_evidence_says_what_the_records_hold_and_withholds_a_yes_that_would_be_untrue(session):
    subject = bedside.create(session)
    view = session.form(subject, bedside.prepare(session, subject))
    consent = known_of(view, "pre_consent", session.people.name_of)
    assert not consent.may_confirm
    assert consent.facts[0].text.en == "No active consent on form F2"
    sample = known_of(view, "pre_bl_cyt", session.people.name_of)
    assert not sample.may_confirm
    at = session.now().replace(microsecond=0)
    session.enter(subject, FormKey("F10", "BL"), {Cell("cyt_done"): "Y"})
    drawn = known_of(session.form(subject, view.key), "pre_bl_cyt", session.people.name_of)
    assert drawn.may_confirm
    session.enter(subject, FormKey("F10", "BL"), {Cell("cyt_done"): "N"}, reason="vein collapsed")
    none = known_of(session.form(subject, view.key), "pre_bl_cyt", session.people.name_of)
    assert not none.may_confirm
    session.enter(subject, FormKey("F10", "BL"), {Cell("cyt_nd_reason"): "FAILED"})
    why = known_of(session.form(subject, view.key), "pre_bl_cyt", session.people.name_of)
    assert why.may_confirm
    assert "not drawn" in why.facts[0].text.en
    assert at == session.now()


def test_a_verification_grows_stale_after_fifteen_minutes(bench, session, subject):
    session.enter(subject, F7, {Cell("verify_dtm"): bench.clock.at})
    bench.clock.advance(minutes=15)
    assert not verification_of(session.form(subject, F7)).is_stale(session.now())
    bench.clock.advance(seconds=1)
    assert verification_of(session.form(subject, F7)).is_stale(session.now())


def test_after_the_end_the_card_holds_the_checks_to_the_second_and_the_sample_to_the_minute(
    bench, session, subject
):
    begun = started(bench, session, subject)
    bench.clock.advance(minutes=50, seconds=7)
    session.infusions.end(subject, 1)
    end = bench.clock.at
    times = {
        c.title.en.split(",")[0] + c.title.en.split(",")[1]: c.at
        for c in coming_of(session.form(subject, F7))
        if c.kind == "vitals"
    }
    assert times["Vital signs 30 min after end"] == end + timedelta(minutes=30)
    assert times["Vital signs 24 h after end"] == end + timedelta(hours=24)
    sample = next(c for c in coming_of(session.form(subject, F7)) if c.kind == "sample")
    minute = end.replace(second=0)
    assert (sample.at, sample.opens) == (minute + timedelta(hours=6), minute + timedelta(hours=5, minutes=30))
    assert sample.closes == end + timedelta(hours=6, minutes=30)
    dose = next_dose(session.form(subject, F7))
    assert dose is not None
    assert (dose.n, dose.opens, dose.closes) == (2, begun + timedelta(hours=20), begun + timedelta(hours=28))
    assert (dose.sample_done, dose.withheld) == (False, ())


@pytest.mark.parametrize(("pao2", "holds"), [("61.2", True), ("61.3", False)])
def test_a_fall_of_oxygenation_is_told_before_the_next_dose(bench, session, subject, pao2, holds):
    started(bench, session, subject)
    bench.clock.advance(minutes=50)
    session.infusions.end(subject, 1)
    gas = {"abg_done": "Y", "abg_vessel": "ART", "abg_fio2": bedside.number("0.35", "fraction")}
    for key, hours, amount in ((FormKey("F9", "BL"), -2, "87.5"), (FormKey("F9", "UNS", 1), 0, pao2)):
        at = session.now().replace(microsecond=0) + timedelta(hours=hours)
        values = {**gas, "abg_collect_dtm": at, "abg_pao2": bedside.number(amount, "mmHg")}
        session.enter(subject, key, {Cell(k): v for k, v in values.items()}, ask=False)
    bench.clock.advance(minutes=1)
    dose = next_dose(session.form(subject, F7))
    assert dose is not None
    assert any("more than 30 % below" in t.en for t in dose.withheld) is holds


def test_an_event_that_nobody_judged_withholds_the_next_dose(bench, session, subject):
    started(bench, session, subject)
    bench.clock.advance(minutes=10)
    row(session, subject, "UNS", ivs_symptoms=("RASH",))
    view = session.form(subject, F7)
    suggestion = next(s for s in suggestions_of(view) if s.code == "06")
    session.enter(subject, F8, flag(view, suggestion, 1), confirmed=SOFT)
    dose = next_dose(session.form(subject, F7))
    assert dose is not None
    assert len(dose.withheld) == 1


# --- buttons that must never be refused -----------------------------------------------------------------------


def test_a_pause_finds_a_place_beside_a_row_that_was_crossed_out(
    bench: Bench, session: Session, subject: str
) -> None:
    started(bench, session, subject)
    session.enter(subject, F7, {Cell("int_reason", 1): "LINE"})
    session.strike_row(subject, F7, "interruptions", 1, "typed into the wrong table")
    bench.clock.advance(minutes=5)
    session.infusions.pause(subject, 1)
    assert session.infusions.run(subject, 1).status == "paused"


def test_a_gap_written_by_hand_holds_up_neither_resume_nor_stop(
    bench: Bench, session: Session, subject: str
) -> None:
    started(bench, session, subject)
    bench.clock.advance(minutes=5)
    session.infusions.pause(subject, 1)
    session.enter(subject, F7, {Cell("int_end", 1): Missing("UK", "nobody looked")})
    session.enter(subject, F7, {Cell("inf_end_dtm"): Missing("ND", "not yet")})
    bench.clock.advance(minutes=2)
    session.infusions.resume(subject, 1)
    bench.clock.advance(minutes=2)
    session.infusions.stop(subject, 1)
    run = session.infusions.run(subject, 1)
    assert (run.status, run.elapsed_s, run.running_s) == ("ended", 9 * 60, 7 * 60)
    entry = session.form(subject, F7).entry("inf_end_dtm")
    assert entry is not None
    assert entry.reason == PRESSED


def test_an_infusion_said_not_to_be_started_meets_every_check_when_it_is_started_after_all(
    bench: Bench,
) -> None:
    nurse = bench.sign_in("nurse.alpha")
    bare = bedside.create(nurse)
    nurse.enter(bare, F7, {Cell("inf_status"): "NOTSTART"})
    with pytest.raises(StepBlocked) as stop:
        nurse.infusions.start(bare, 1)
    assert stop.value.details["check"] == "X01"
    with pytest.raises(StepBlocked):
        nurse.enter(bare, F7, {Cell("inf_start_dtm"): nurse.now()}, reason="typed")
    nurse.lock()


def test_an_infusion_started_after_all_is_no_longer_one_not_started(
    bench: Bench, session: Session, subject: str
) -> None:
    session.enter(subject, F7, {Cell("inf_status"): "NOTSTART"})
    started(bench, session, subject)
    assert session.infusions.run(subject, 1).status == "running"
    assert session.form(subject, F7).value("inf_status") is None
    bench.clock.advance(minutes=20)
    session.infusions.end(subject, 1)
    assert session.form(subject, F7).value("inf_status") == "COMPLETED"


def test_each_late_row_joins_the_one_deviation_of_its_infusion(
    bench: Bench, session: Session, subject: str
) -> None:
    start = started(bench, session, subject)
    told = FormKey("F17", "LOG", 1)
    bench.clock.advance(minutes=9)
    first = row(session, subject, "T5", ivs_hr=bedside.number("88", "/min"))
    assert session.form(subject, told).value("dv_cat") == "TIME"
    bench.clock.advance(minutes=16)
    row(session, subject, "T15", ivs_hr=bedside.number("88", "/min"))
    words = str(session.form(subject, told).value("dv_desc"))
    assert "T5" in words
    assert "T15" in words
    when = {Cell("ivs_dtm", first): start + timedelta(minutes=5)}
    session.enter(subject, F7, when, reason="read off the monitor", ask=False)
    assert "T5 " not in str(session.form(subject, told).value("dv_desc"))
    assert session.state(subject).keys("F17") == (told,)


def test_one_infusion_of_a_participant_runs_at_a_time_and_in_turn(
    bench: Bench, session: Session, subject: str
) -> None:
    second = bedside.prepare(session, subject, 2)
    bedside.override_blocks(session, subject, second)
    referred(bench, session, subject, second)
    with pytest.raises(StepBlocked, match=r"Infusion 1 has not been started"):
        session.infusions.start(subject, 2)
    started(bench, session, subject)
    with pytest.raises(StepBlocked, match=r"Infusion 1 .* still running"):
        session.infusions.start(subject, 2)
    bench.clock.advance(minutes=20)
    session.infusions.end(subject, 1)
    session.infusions.start(subject, 2)
    assert session.infusions.run(subject, 2).status == "running"


def test_a_dose_recorded_as_not_given_lets_the_next_one_start(
    bench: Bench, session: Session, subject: str
) -> None:
    second = bedside.prepare(session, subject, 2)
    bedside.override_blocks(session, subject, second)
    referred(bench, session, subject, second)
    session.enter(subject, F7, {Cell("inf_status"): "NOTSTART"})
    session.infusions.start(subject, 2)
    assert session.infusions.run(subject, 2).status == "running"


def test_the_record_of_a_running_infusion_is_not_locked(bench: Bench, session: Session, subject: str) -> None:
    started(bench, session, subject)
    with pytest.raises(StepBlocked):
        session.lock_form(subject, F7, "data are clean")
    bench.clock.advance(minutes=20)
    session.infusions.stop(subject, 1)
    session.lock_form(subject, F7, "data are clean")
    assert session.form(subject, F7).record.locked


# --- one bag, one participant ---------------------------------------------------------------------------------


def test_a_bag_received_for_one_participant_is_refused_for_another(session: Session, subject: str) -> None:
    other = bedside.create(session, "13")
    for key, item in ((FormKey("F6", "D0", 1), "prod_unit_id"), (F7, "inf_bag_scan")):
        with pytest.raises(BagUsed) as stop:
            session.enter(other, key, {Cell(item): " bag-1 "})
        assert f"{subject}, infusion 1" in stop.value.parts("en")[0]
        assert session.form(other, key).value(item) is None
    session.enter(subject, F7, {Cell("inf_bag_scan"): "BAG-1"})  # its own participant


def test_a_bag_typed_for_the_wrong_participant_is_free_again_once_that_is_corrected(
    session: Session, subject: str
) -> None:
    other, product = bedside.create(session, "13"), FormKey("F6", "D0", 1)
    session.enter(subject, product, {Cell("prod_unit_id"): "BAG-7"}, reason="read off the wrong bag")
    session.enter(other, product, {Cell("prod_unit_id"): "BAG-1"})
    assert session.form(other, product).value("prod_unit_id") == "BAG-1"


def test_a_bag_that_did_go_to_somebody_else_is_recorded_by_an_investigator_with_the_reason(
    session: Session, subject: str
) -> None:
    other, product = bedside.create(session, "13"), FormKey("F6", "D0", 1)
    passed = {"X04.reuse": "the bag of 01-001 was hung by mistake"}
    session.enter(other, product, {Cell("prod_unit_id"): "BAG-1"}, overrides=passed)
    assert session.form(other, product).value("prod_unit_id") == "BAG-1"
    assert session.form(other, product).record.overrides[0].reason == passed["X04.reuse"]

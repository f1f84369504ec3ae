"""Reminders: which ones at which moment, that recording is the answer, and that a miss is written down once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.session.test_centre import export, register
from tests.ui.infusion import bedside
from tests.ward import Bench, make_bench
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.reminder import Reminder, _mixing, reminders_of, shown_at
from ucmsc_desktop.session import Session
from ucmsc_desktop.ui.pages.review import lines_of

F7 = FormKey("F7", "D0", 1)
SIX = FormKey("F10", "6H")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


@pytest.fixture
def session(bench: Bench) -> Session:
    return bench.sign_in("dr.gamma")


def begin(session: Session) -> str:
    """Start an infusion at this moment, the bag mixed right before."""
    from ucmsc_desktop.record import entry

    subject = bedside.create(session)
    cell = Cell("inf_start_dtm")
    at = session.now().replace(microsecond=0)
    draft = entry.item_set(session.state(subject), F7, cell, at, origin="stamped")
    session._record(session.state(subject), F7, (cell,), "ItemSet", [draft])
    return subject


def shown(session: Session) -> list[str]:
    return [r.point for r in shown_at(session.reminders.open(), session.now())]


def mix(session: Session, subject: str) -> None:
    row = session.next_row(subject, F7, "mixing")
    at = session.now().replace(microsecond=0)
    session.enter(subject, F7, {Cell("mix_dtm", row): at}, origin="stamped", ask=False)


def notes(session: Session, subject: str) -> list[tuple[str, str]]:
    return [(n.what, n.point) for n in session.state(subject).record.reminders]


def at(bench: Bench, start: datetime, **after: float) -> None:
    bench.clock.set(start + timedelta(**after))


# --- vital signs ---------------------------------------------------------------------------------------------


def test_a_point_of_the_flow_sheet_is_shown_while_its_window_is_open(bench: Bench, session: Session) -> None:
    start = bench.clock.at
    begin(session)
    at(bench, start, minutes=2, seconds=59)
    assert shown(session) == []
    at(bench, start, minutes=3)
    assert shown(session) == ["T5"]
    at(bench, start, minutes=7)
    assert shown(session) == ["T5"]
    at(bench, start, minutes=7, seconds=1)
    assert "T5" not in shown(session)
    session.lock()


def test_recording_the_point_is_the_answer(bench: Bench, session: Session) -> None:
    start = bench.clock.at
    subject = begin(session)
    at(bench, start, minutes=5)
    assert shown(session) == ["T5"]
    bedside.vitals(session, subject, F7, "T5")
    assert shown(session) == []
    at(bench, start, minutes=9)
    assert session.reminders.missed(session.reminders.open()) == ()
    session.lock()


def test_what_is_before_the_start_is_not_reminded_of_afterwards(bench: Bench, session: Session) -> None:
    begin(session)
    assert not {"PRE15", "T0"} & {r.point for r in session.reminders.open()}
    session.lock()


def test_a_late_point_with_a_wide_window_begins_five_minutes_before_its_moment(
    bench: Bench, session: Session
) -> None:
    start = bench.clock.at
    subject = begin(session)
    at(bench, start, hours=1)
    session.infusions.end(subject, 1)
    found = {r.point: r for r in session.reminders.open()}
    assert found["P6H"].begins == start + timedelta(hours=7) - timedelta(minutes=5)
    assert found["P6H"].ends == start + timedelta(hours=7, minutes=30)
    session.lock()


# --- mixing --------------------------------------------------------------------------------------------------


def test_mixing_is_due_ten_minutes_after_the_last_time_and_not_while_paused(
    bench: Bench, session: Session
) -> None:
    start = bench.clock.at
    subject = begin(session)
    at(bench, start, minutes=8)
    assert "mix" in shown(session)
    mix(session, subject)
    assert "mix" not in shown(session)
    at(bench, start, minutes=16)
    assert "mix" in shown(session)
    session.infusions.pause(subject, 1)
    at(bench, start, minutes=18, seconds=30)
    assert "mix" not in shown(session)
    session.infusions.resume(subject, 1)
    session.lock()


def test_how_often_the_bag_is_mixed_is_a_parameter_of_the_study(bench: Bench, session: Session) -> None:
    start = bench.clock.at
    state = session.state(begin(session))
    study = state.study.model_copy(update={"parameters": {**state.study.parameters, "mix_every_min": 6}})
    quick = replace(state, study=study)
    found = [r.due for r in reminders_of(quick, start + timedelta(minutes=13)) if r.kind == "mix"]
    assert found == [start + timedelta(minutes=m) for m in (6, 12, 18)]
    session.lock()


def test_mixings_that_passed_by_are_each_a_miss(bench: Bench, session: Session) -> None:
    start = bench.clock.at
    subject = begin(session)
    at(bench, start, minutes=27)
    mix(session, subject)
    missed = session.reminders.missed(session.reminders.open())
    assert len(missed) == 1
    times = [n.due - start for n in session.state(subject).record.reminders if n.point == "mix"]
    assert times == [timedelta(minutes=10), timedelta(minutes=20)]
    session.lock()


def test_after_the_end_nobody_is_to_mix(bench: Bench, session: Session) -> None:
    start = bench.clock.at
    subject = begin(session)
    at(bench, start, minutes=9)
    session.infusions.end(subject, 1)
    at(bench, start, minutes=11)
    assert "mix" not in shown(session)
    session.lock()


# --- samples and signatures -----------------------------------------------------------------------------------


def test_the_sample_at_six_hours_is_told_thirty_minutes_before(bench: Bench, session: Session) -> None:
    start = bench.clock.at
    subject = begin(session)
    at(bench, start, hours=1)
    session.infusions.end(subject, 1)
    at(bench, start, hours=6, minutes=29)
    assert "sample" not in shown(session)
    at(bench, start, hours=6, minutes=30)
    assert "sample" in shown(session)
    session.enter(subject, SIX, {Cell("cyt_done"): "Y", Cell("cyt_collect_dtm"): bench.clock.at}, ask=False)
    assert "sample" not in shown(session)
    session.lock()


def test_a_drawn_sample_is_to_be_spun_and_then_frozen(bench: Bench, session: Session) -> None:
    start = bench.clock.at
    subject = begin(session)
    at(bench, start, hours=1)
    session.infusions.end(subject, 1)
    at(bench, start, hours=7)
    drawn = bench.clock.at
    session.enter(subject, SIX, {Cell("cyt_done"): "Y", Cell("cyt_collect_dtm"): drawn}, ask=False)
    assert "spin" not in shown(session)
    at(bench, drawn, minutes=45)
    assert "spin" in shown(session)
    session.enter(subject, SIX, {Cell("cyt_spin_dtm"): bench.clock.at}, ask=False)
    assert "spin" not in shown(session)
    spun = bench.clock.at
    at(bench, spun, minutes=45)
    assert "freeze" in shown(session)
    session.enter(subject, SIX, {Cell("cyt_freeze_dtm"): bench.clock.at}, ask=False)
    assert "freeze" not in shown(session)
    session.lock()


def test_the_statements_on_infusion_events_are_due_at_six_and_twenty_four_hours(
    bench: Bench, session: Session
) -> None:
    start = bench.clock.at
    subject = begin(session)
    at(bench, start, hours=1)
    session.infusions.end(subject, 1)
    at(bench, start, hours=7)
    assert "none6" in shown(session)
    at(bench, start, hours=25)
    assert "none24" in shown(session)
    session.lock()


# --- what is written down -------------------------------------------------------------------------------------


def test_a_miss_is_written_down_once_and_stands_in_the_history(bench: Bench, session: Session) -> None:
    start = bench.clock.at
    subject = begin(session)
    at(bench, start, minutes=8)
    mix(session, subject)
    before = session.form(subject, F7)
    (change,) = session.reminders.missed(session.reminders.open())
    assert change.kind == "ReminderNoted"
    assert session.reminders.missed(session.reminders.open()) == ()
    assert notes(session, subject) == [("missed", "T5")]
    event = session.audit()[-1]
    assert event.key == F7
    assert event.data == {"what": "missed", "point": "T5", "due": (start + timedelta(minutes=5)).isoformat()}
    after = session.form(subject, F7)
    assert (after.status, after.record.cells) == (before.status, before.record.cells)
    texts = [" ".join(line.texts()) for line in lines_of(session, subject)]
    assert any("Reminder" in t and "missed" in t and "T5" in t for t in texts)
    session.lock()


def test_a_reminder_put_off_says_how_long_and_how_often(bench: Bench, session: Session) -> None:
    start = bench.clock.at
    subject = begin(session)
    at(bench, start, minutes=4)
    (about,) = shown_at(session.reminders.open(), session.now())
    session.reminders.snoozed(about, 2, 1)
    assert session.audit()[-1].data == {
        "what": "snoozed",
        "point": "T5",
        "due": (start + timedelta(minutes=5)).isoformat(),
        "minutes": 2,
        "count": 1,
    }
    assert notes(session, subject) == [("snoozed", "T5")]
    session.lock()


def test_what_closed_while_the_screen_was_locked_is_a_miss_at_the_next_sign_in(bench: Bench) -> None:
    session = bench.sign_in("dr.gamma")
    start = bench.clock.at
    subject = begin(session)
    session.lock()
    at(bench, start, minutes=40)
    again = bench.sign_in()
    again.reminders.missed(again.reminders.open())
    assert {point for _what, point in notes(again, subject)} == {"T5", "T15", "T30", "mix"}
    again.lock()


def test_nothing_is_called_missed_while_the_clock_is_in_doubt(bench: Bench, session: Session) -> None:
    start = bench.clock.at
    subject = begin(session)
    at(bench, start, minutes=8)
    session.reminders.snoozed(session.reminders.open()[0], 1, 1)
    bench.clock.meddle(hours=-1)
    assert session.reminders.missed(session.reminders.open()) == ()
    session.confirm_clock(start + timedelta(minutes=8))
    assert session.reminders.missed(session.reminders.open())
    assert ("missed", "T5") in notes(session, subject)
    session.lock()


def test_a_note_about_a_record_that_is_empty_leaves_it_empty(bench: Bench, session: Session) -> None:
    start = bench.clock.at
    subject = begin(session)
    at(bench, start, hours=1)
    session.infusions.end(subject, 1)
    at(bench, start, hours=7, minutes=31)
    session.reminders.missed(session.reminders.open())
    assert ("missed", "sample") in notes(session, subject)
    assert SIX not in session.state(subject).keys("F10")
    assert session.form(subject, SIX).status == "empty"
    session.lock()


def test_the_centre_takes_the_notes(bench: Bench, tmp_path: Path) -> None:
    register(bench)
    session = bench.sign_in("dr.gamma")
    start = bench.clock.at
    subject = begin(session)
    at(bench, start, minutes=8)
    session.reminders.missed(session.reminders.open())
    session.lock()
    (done,) = bench.centre.import_files([export(bench, tmp_path / "stick")])
    assert done.outcome == "imported"
    kept = [e.data["point"] for e in bench.centre.values() if e.kind == "ReminderNoted"]
    assert kept == ["T5"]
    assert subject in {e.subject for e in bench.centre.values()}


def test_reminders_are_found_by_what_is_open_and_not_by_folding_the_ward(
    bench: Bench, session: Session
) -> None:
    begin(session)
    quiet = bedside.create(session, bed="14")
    asked: list[str] = []
    fold = session.state

    def state(subject: str) -> object:
        asked.append(subject)
        return fold(subject)

    session.worklist()
    session.state = state  # type: ignore[method-assign, assignment]
    assert all(isinstance(r, Reminder) for r in session.reminders.open())
    assert quiet not in asked
    session.lock()


def test_a_start_with_a_wrong_year_gives_the_reminders_of_the_last_day_and_no_more(
    bench: Bench, session: Session
) -> None:
    subject = begin(session)
    now = session.now()
    long_ago = session.state(subject).with_values(F7, {Cell("inf_start_dtm"): now.replace(year=1926)})
    found = [r for r in reminders_of(long_ago, now) if r.point == "mix"]
    assert len(list(_mixing(long_ago, F7, now.replace(year=1926), None, now))) < 200
    recent = session.state(subject).with_values(F7, {Cell("inf_start_dtm"): now - timedelta(days=3)})
    assert [r.due.minute % 10 for r in found] == [
        r.due.minute % 10 for r in reminders_of(recent, now) if r.point == "mix"
    ]

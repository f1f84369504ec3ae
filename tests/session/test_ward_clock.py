"""The laptop's clock beside the ward clock: what is asked, what is stopped, what is corrected, what is recorded."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from tests.session.test_centre import export, register
from tests.ui.infusion import bedside
from tests.ward import CHINA, PASSWORDS, START, Bench, make_bench
from ucmsc_desktop.errors import ClockUnconfirmed, NotAllowed
from ucmsc_desktop.record.clock import Flag, read_flag
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.session.ward_clock import difference, offset_of
from ucmsc_desktop.study.values import Number
from ucmsc_desktop.ui.pages.review import lines_of

GAS = FormKey("F9", "BL")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


def last_check(session: Session) -> dict[str, object]:
    return dict(session.audit(lambda e: e.kind == "ClockChecked")[-1].data)


# --- once a day ----------------------------------------------------------------------------------------------


def test_the_ward_clock_is_asked_for_once_a_day_and_not_once_a_sign_in(bench: Bench) -> None:
    session = bench.sign_in()
    assert session.clock.is_due
    assert session.clock_message() is None
    session.confirm_clock()
    assert not session.clock.is_due
    session.lock()
    bench.clock.advance(hours=5)
    again = bench.sign_in("dr.gamma")
    assert not again.clock.is_due
    again.lock()
    bench.clock.advance(hours=24)
    tomorrow = bench.sign_in()
    assert tomorrow.clock.is_due
    assert not tomorrow.clock.must_confirm
    tomorrow.lock()


def test_the_same_is_recorded_as_no_difference(bench: Bench) -> None:
    session = bench.sign_in()
    change = session.confirm_clock()
    assert change.kind == "ClockChecked"
    assert last_check(session) == {"offset_s": 0, "why": "asked", "zone": "+08:00"}
    assert session.audit()[-1].clock == ""
    session.lock()


def test_one_minute_is_recorded_and_corrects_nothing(bench: Bench) -> None:
    session = bench.sign_in()
    session.confirm_clock(START + timedelta(minutes=1))
    assert last_check(session)["offset_s"] == 60
    assert session.now() == START
    assert session.clock_message() is None
    subject = session.create_subject()
    assert {e.clock for e in session.audit(lambda e: e.subject == subject)} == {""}
    session.lock()


def test_only_who_records_confirms(bench: Bench) -> None:
    session = bench.sign_in("admin")
    with pytest.raises(NotAllowed):
        session.confirm_clock()
    session.lock()


# --- a difference ---------------------------------------------------------------------------------------------


def test_a_difference_beyond_two_minutes_corrects_what_is_shown_and_stands_in_every_stamp(
    bench: Bench,
) -> None:
    session = bench.sign_in()
    session.confirm_clock(START + timedelta(minutes=63))
    assert session.now() == START + timedelta(minutes=63)
    message = session.clock_message()
    assert message is not None
    assert "1 h 3 min slow" in message.en
    assert "慢 1 小时 3 分钟" in message.zh
    assert "Demo nurse.alpha" in message.en
    assert "09:03" in message.en
    subject = session.create_subject()
    event = session.audit()[-1]
    assert event.at == START  # the stamp is the laptop's own, whatever a person says
    assert read_flag(event.clock) == Flag("", 3780)
    stamped = session.now().replace(microsecond=0)
    session.enter(subject, GAS, {Cell("abg_done"): "Y", Cell("abg_collect_dtm"): stamped})
    view = session.form(subject, GAS)
    assert not [f.id for f in view.findings if f.id.startswith(("X10", "X11"))]
    assert all("clock 1 h 3 min slow" in line.why for line in lines_of(session, subject))
    session.lock()


def test_without_the_difference_the_true_time_would_be_refused_as_still_to_come(bench: Bench) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    true = START + timedelta(minutes=63)
    with pytest.raises(Exception, match=r"UC-40[17]"):
        session.enter(subject, GAS, {Cell("abg_done"): "Y", Cell("abg_collect_dtm"): true})
    session.confirm_clock(true)
    session.enter(subject, GAS, {Cell("abg_done"): "Y", Cell("abg_collect_dtm"): true})
    assert session.form(subject, GAS).value("abg_collect_dtm") == true
    session.lock()


def test_a_difference_survives_the_lock_and_is_asked_for_again_next_day_before_anything_is_saved(
    bench: Bench,
) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    session.confirm_clock(START - timedelta(minutes=20))
    session.lock()
    again = bench.sign_in("dr.gamma")
    assert again.now() == START - timedelta(minutes=20)
    assert not again.clock.must_confirm
    again.lock()
    bench.clock.advance(hours=24)
    tomorrow = bench.sign_in()
    assert tomorrow.clock.is_stale
    message = tomorrow.clock_message()
    assert message is not None
    assert "20 min fast" in message.en
    with pytest.raises(ClockUnconfirmed):
        tomorrow.enter(subject, GAS, {Cell("abg_done"): "Y"})
    tomorrow.confirm_clock(START + timedelta(hours=24))
    assert tomorrow.now() == START + timedelta(hours=24)
    assert tomorrow.clock_message() is None
    tomorrow.enter(subject, GAS, {Cell("abg_done"): "Y"})
    tomorrow.lock()


def test_the_same_as_shown_keeps_the_difference(bench: Bench) -> None:
    session = bench.sign_in()
    session.confirm_clock(START + timedelta(minutes=63))
    session.confirm_clock()
    assert last_check(session)["offset_s"] == 3780
    assert session.now() == START + timedelta(minutes=63)
    session.lock()


# --- another zone --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "shown"), [(0, "+00:00"), (9, "+09:00")])
def test_another_zone_is_told_flagged_and_never_shown(bench: Bench, hours: int, shown: str) -> None:
    bench.clock.set(START.astimezone(timezone(timedelta(hours=hours))))
    session = bench.sign_in()
    assert session.now().isoformat() == START.isoformat()
    message = session.clock_message()
    assert message is not None
    assert f"UTC{shown}" in message.en
    assert f"UTC{shown}" in message.zh
    assert not session.clock.must_confirm
    session.confirm_clock()
    assert last_check(session) == {"offset_s": 0, "why": "asked", "zone": shown}
    assert not session.clock.is_due
    session.create_subject()
    event = session.audit()[-1]
    assert event.clock == "zone"
    assert event.at.utcoffset() == timedelta(hours=8)
    session.lock()


def test_a_zone_that_changes_during_the_day_is_asked_about_again(bench: Bench) -> None:
    session = bench.sign_in()
    session.confirm_clock()
    bench.clock.set(bench.clock.at.astimezone(timezone(timedelta(hours=9))))
    assert session.clock.is_due
    session.confirm_clock()
    assert not session.clock.is_due
    session.lock()


# --- set back, set forward -----------------------------------------------------------------------------------


def test_a_clock_set_back_stops_entries_until_one_answer_and_then_all_goes_on(bench: Bench) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    bench.clock.meddle(hours=-1)
    assert session.clock.must_confirm
    for refused in (
        lambda: session.enter(subject, GAS, {Cell("abg_done"): "Y"}),
        session.create_subject,
        lambda: session.sign(subject, GAS, "reviewed", "dr.gamma", "x"),
    ):
        with pytest.raises(ClockUnconfirmed) as caught:
            refused()
        assert caught.value.code == "UC-420"
    session.save_draft(subject, GAS, Cell("abg_ph"), "7.3")  # what is typed is kept all the same
    session.confirm_clock(START)
    assert last_check(session) == {"offset_s": 3600, "why": "backwards", "zone": "+08:00"}
    assert session.now() == START
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    assert session.audit()[-1].clock == "+3600s"
    assert session.audit()[-1].at == START - timedelta(hours=1)
    session.lock()
    again = bench.sign_in()
    assert not again.clock.must_confirm
    assert again.audit()[-1].clock == "+3600s"
    again.lock()


def test_a_clock_set_forward_is_flagged_and_asked_about_but_stops_nothing(bench: Bench) -> None:
    session = bench.sign_in()
    session.confirm_clock()
    bench.clock.meddle(hours=1)
    assert session.clock.is_due
    assert not session.clock.must_confirm
    subject = session.create_subject()
    assert session.audit()[-1].clock == "jumped"
    session.confirm_clock(START)
    assert session.now() == START
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    assert session.audit()[-1].clock == "-3600s"
    session.lock()


def test_stop_pressed_while_the_clock_is_in_doubt_keeps_its_moment(bench: Bench) -> None:
    session = bench.sign_in("dr.gamma")
    subject = bedside.create(session)
    key = bedside.prepare(session, subject)
    bedside.override_blocks(session, subject, key)
    bedside.vitals(session, subject, key, "T0")
    session.infusions.start(subject, 1)
    bench.clock.advance(minutes=30)
    bench.clock.meddle(hours=-1)
    with pytest.raises(ClockUnconfirmed):
        session.infusions.stop(subject, 1)
    bench.clock.advance(seconds=40)
    session.confirm_clock(START + timedelta(minutes=30))
    session.infusions.stop(subject, 1)
    run = session.infusions.run(subject, 1)
    assert run.ended == START + timedelta(minutes=30)
    assert run.elapsed_s == 30 * 60
    session.lock()


def test_another_button_after_the_answer_has_its_own_moment(bench: Bench) -> None:
    session = bench.sign_in("dr.gamma")
    subject = bedside.create(session)
    key = bedside.prepare(session, subject)
    bedside.override_blocks(session, subject, key)
    bedside.vitals(session, subject, key, "T0")
    session.infusions.start(subject, 1)
    bench.clock.advance(minutes=30)
    bench.clock.meddle(hours=-1)
    with pytest.raises(ClockUnconfirmed):
        session.infusions.stop(subject, 1)
    session.confirm_clock(START + timedelta(minutes=30))
    bench.clock.advance(minutes=2)
    session.infusions.pause(subject, 1)
    paused = session.infusions.run(subject, 1).paused_since
    assert paused == START + timedelta(minutes=32)
    session.lock()


def test_a_press_that_was_given_up_leaves_no_moment_for_the_next_press(bench: Bench) -> None:
    session = bench.sign_in("dr.gamma")
    subject = bedside.create(session)
    bedside.override_blocks(session, subject, bedside.prepare(session, subject))
    bedside.vitals(session, subject, bedside.F7, "T0")
    session.infusions.start(subject, 1)
    bench.clock.advance(minutes=30)
    bench.clock.meddle(hours=-1)
    with pytest.raises(ClockUnconfirmed):
        session.infusions.stop(subject, 1)  # the question is put aside, the infusion goes on
    session.confirm_clock(START + timedelta(minutes=30))
    bench.clock.advance(minutes=25)
    session.infusions.stop(subject, 1)
    assert session.infusions.run(subject, 1).ended == START + timedelta(minutes=55)
    session.lock()


def test_a_difference_changed_under_a_running_infusion_asks_for_its_start(bench: Bench) -> None:
    session = bench.sign_in("dr.gamma")
    subject = bedside.create(session)
    bedside.override_blocks(session, subject, bedside.prepare(session, subject))
    bedside.vitals(session, subject, bedside.F7, "T0")
    session.confirm_clock()
    session.infusions.start(subject, 1)
    bench.clock.advance(minutes=10)
    session.confirm_clock()
    assert not session.warnings
    session.confirm_clock(START + timedelta(minutes=70))
    assert subject in session.warnings[-1].en
    assert "correct the start" in session.warnings[-1].en
    session.lock()


def test_signature_and_completion_are_told_by_the_clock_of_the_values_beside_them(bench: Bench) -> None:
    session = bench.sign_in("dr.gamma")
    subject = session.create_subject()
    session.confirm_clock(START + timedelta(minutes=65))
    at = session.now()
    row = FormKey("F7", "D0", 1)
    session.enter(subject, row, {Cell("verify_dtm"): at, Cell("inf_bag_scan"): "BAG-1"})
    session.enter(subject, row, {Cell("verify_p1"): "dr.gamma", Cell("verify_p2"): "nurse.beta"})
    session.sign(subject, row, "verified", "dr.gamma", PASSWORDS["dr.gamma"])
    record = session.form(subject, row).record
    assert record.signatures[0].at == at
    assert record.last_at == at
    assert session.audit()[-1].at == START  # the stamp itself is the laptop's
    session.lock()


def test_the_centre_takes_entries_with_a_difference_and_judges_them_alike(
    bench: Bench, tmp_path: Path
) -> None:
    register(bench)
    session = bench.sign_in()
    session.confirm_clock(START + timedelta(minutes=63))
    subject = session.create_subject()
    stamped = session.now()
    values = {Cell("abg_done"): "Y", Cell("abg_collect_dtm"): stamped, Cell("abg_ph"): Number(Decimal("7.4"))}
    session.enter(subject, GAS, values)
    session.lock()
    (done,) = bench.centre.import_files([export(bench, tmp_path / "stick")])
    assert done.outcome == "imported"
    assert {e.clock for e in bench.centre.values() if e.subject == subject} == {"+3780s"}


# --- words and marks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "flag", [Flag(), Flag("zone"), Flag("", 3600), Flag("backwards", -120), Flag("jumped", 90_000)]
)
def test_a_flag_is_read_as_it_was_written(flag: Flag) -> None:
    assert read_flag(str(flag)) == flag


def test_a_flag_of_another_version_is_no_reason_to_trust(bench: Bench) -> None:
    assert not read_flag("moon").is_trusted
    assert read_flag("").is_trusted
    assert read_flag("zone +60s").is_trusted
    assert not read_flag("jumped +60s").is_trusted


def test_two_clocks_read_to_the_minute_differ_by_whole_minutes() -> None:
    laptop = datetime(2026, 3, 1, 13, 3, 59, 999, tzinfo=CHINA)
    assert offset_of(laptop, datetime(2026, 3, 1, 14, 3, tzinfo=CHINA)) == 3600
    assert offset_of(laptop, datetime(2026, 3, 1, 13, 3, tzinfo=CHINA)) == 0


@pytest.mark.parametrize(
    ("seconds", "english", "chinese"),
    [
        (180, "3 min slow", "慢 3 分钟"),
        (-3600, "1 h 0 min fast", "快 1 小时 0 分钟"),
        (93_600, "1 d 2 h slow", "慢 1 天 2 小时"),
    ],
)
def test_a_difference_is_told_in_words(seconds: int, english: str, chinese: str) -> None:
    assert difference(seconds) == (difference(seconds).__class__)(english, chinese)

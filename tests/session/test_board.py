"""The board says what the stored entries say, at every moment, and costs no second write with a save."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.ward import CHINA, Bench, make_bench
from ucmsc_desktop.errors import SignedOut
from ucmsc_desktop.record import worklist
from ucmsc_desktop.record.entry import item_set
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session

START = datetime(2026, 3, 1, 9, 0, tzinfo=CHINA)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


def from_scratch(session: Session) -> list[worklist.Task]:
    now, words = session.now(), worklist.Wording(session.study)
    texts = {s.subject: worklist.summarise(session.state(s.subject), now) for s in session.subjects()}
    return sorted(
        (t for s, x in texts.items() for t in worklist.tasks_at(words, s, x, now)), key=worklist.sort_key
    )


def infused(bench: Bench, session: Session) -> str:
    """Add a participant whose first infusion began and ended; written past the checks that guard START."""
    subject = session.create_subject()
    key = FormKey("F7", "D0", 1)
    state = session.state(subject)
    times = {"inf_start_dtm": START, "inf_end_dtm": START + timedelta(minutes=5)}
    session._append([item_set(state, key, Cell(i), at, origin="entered") for i, at in times.items()])
    session._states.clear()
    session.enter(subject, FormKey("F1", "SCR"), {Cell("bed"): "07"})
    return subject


def test_statuses_follow_the_clock_forwards_and_back(bench: Bench) -> None:
    session = bench.sign_in()
    for _ in range(3):
        infused(bench, session)
    statuses = set()
    for minutes in (0, 300, 329, 330, 331, 359, 360, 390, 391, 1500, 5000, 340, 20):
        bench.clock.set(START + timedelta(minutes=minutes))
        tasks = session.worklist()
        statuses |= {t.status for t in tasks}
        assert list(tasks) == from_scratch(session), minutes
    assert {"overdue", "due", "next", "planned"} <= statuses
    session.lock()


def test_a_save_shows_in_the_lists_at_once(bench: Bench) -> None:
    session = bench.sign_in()
    subject = infused(bench, session)
    other = infused(bench, session)
    assert {t.bed for t in session.worklist()} == {"07"}
    session.enter(subject, FormKey("F1", "SCR"), {Cell("bed"): "09"}, reason="moved")
    assert {t.subject: t.bed for t in session.worklist()} == {subject: "09", other: "07"}
    assert [s.bed for s in session.subjects()] == ["09", "07"]
    session.lock()


def test_the_next_session_reads_what_was_stored_and_what_came_after_a_crash(bench: Bench) -> None:
    session = bench.sign_in()
    subject = infused(bench, session)
    tasks = session.worklist()
    session.lock()
    again = bench.sign_in()
    assert again._ledger.board()[subject]
    assert again.worklist() == tasks
    again.enter(subject, FormKey("F1", "SCR"), {Cell("bed"): "11"}, reason="moved")
    again.worklist()
    again._ledger.close()  # the program ends without locking
    after = bench.sign_in()
    assert {t.bed for t in after.worklist()} == {"11"}
    after.lock()


def test_summaries_of_another_version_are_written_anew(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    session = bench.sign_in()
    subject = infused(bench, session)
    session.worklist()
    session.lock()
    monkeypatch.setattr(worklist, "FORMAT", worklist.FORMAT + 1)
    again = bench.sign_in()
    again._ledger.set_board({subject: "not a summary of this version"}, 10_000, "another version")
    assert {t.subject for t in again.worklist()} == {subject}
    again.lock()


def test_a_locked_session_shows_no_list(bench: Bench) -> None:
    session = bench.sign_in()
    infused(bench, session)
    session.worklist()
    session.subjects()
    session.lock()
    with pytest.raises(SignedOut):
        session.worklist()
    with pytest.raises(SignedOut):
        session.subjects()

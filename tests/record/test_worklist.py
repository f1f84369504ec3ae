"""What is open, from facts and absolute times alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.facts import SubjectRecord
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.record.worklist import Task, Wording, status_at, summarise, tasks_at
from ucmsc_desktop.study.load import load_study

CHINA = timezone(timedelta(hours=8))
WORDS = Wording(load_study())
START = datetime(2026, 3, 1, 23, 10, tzinfo=CHINA)
END = datetime(2026, 3, 2, 0, 5, tzinfo=CHINA)
ELIGIBLE: Mapping[FormKey, Mapping[str, Any]] = {FormKey("F3", "SCR"): {"elig_decision": "ELIG"}}


def state_with(values: Mapping[FormKey, Mapping[str, Any]]) -> SubjectState:
    study = load_study()
    state = SubjectState(study, study.sites[0], SubjectRecord("01-001"))
    for key, cells in values.items():
        state = state.with_values(key, {Cell(i): v for i, v in cells.items()})
    return state


def tasks(values: Mapping[FormKey, Mapping[str, Any]], now: datetime) -> dict[str, Task]:
    found = tasks_at(WORDS, "01-001", summarise(state_with(values), now), now)
    return {f"{t.key} {t.title.en}" if t.key and t.key.form == "F7" else str(t.key): t for t in found}


def test_before_eligibility_only_screening_and_baseline_are_open() -> None:
    found = tasks({}, START)
    assert found["F1/SCR/1"].status == "next"
    assert found["F5/BL/1"].status == "next"
    assert found["F6/D0/1"].status == "blocked"
    assert found["F9/D7/1"].why is not None


def test_windows_open_and_close_to_the_second() -> None:
    infused = {**ELIGIBLE, FormKey("F7", "D0", 1): {"inf_start_dtm": START, "inf_end_dtm": END}}
    six = "F10/6H/1"
    opens, closes = datetime(2026, 3, 2, 5, 35, tzinfo=CHINA), datetime(2026, 3, 2, 6, 35, tzinfo=CHINA)
    second = timedelta(seconds=1)
    assert tasks(infused, opens - timedelta(hours=1))[six].status == "planned"
    assert tasks(infused, opens - timedelta(minutes=30))[six].status == "next"
    assert tasks(infused, opens - second)[six].status == "next"
    assert tasks(infused, opens)[six].status == "due"
    assert tasks(infused, closes)[six].status == "due"
    assert tasks(infused, closes + second)[six].status == "overdue"


def test_a_sample_that_was_drawn_is_no_longer_overdue() -> None:
    drawn = {
        **ELIGIBLE,
        FormKey("F7", "D0", 1): {"inf_start_dtm": START, "inf_end_dtm": END},
        FormKey("F10", "6H"): {"cyt_collect_dtm": datetime(2026, 3, 2, 6, 0, tzinfo=CHINA)},
    }
    assert tasks(drawn, START + timedelta(days=2))["F10/6H/1"].status == "progress"


def test_while_the_infusion_runs_the_next_row_is_asked_for_and_the_later_wait() -> None:
    running = {**ELIGIBLE, FormKey("F7", "D0", 1): {"inf_start_dtm": START}}
    found = tasks(running, START + timedelta(minutes=5))
    assert found["F7/D0/1 Vital signs, 5 min"].status == "due"
    assert found["F7/D0/1 Vital signs, 60 min"].status == "planned"
    assert found["F10/6H/1"].status == "blocked"
    assert found["F6/D1/2"].why is not None
    assert not any("after end" in name for name in found)


def test_rows_after_the_true_end_of_a_short_infusion_fall_away() -> None:
    running = {**ELIGIBLE, FormKey("F7", "D0", 1): {"inf_start_dtm": START}}
    assert any("60 min" in name for name in tasks(running, END))
    from ucmsc_desktop.record.worklist import due_points

    ended = state_with({**ELIGIBLE, FormKey("F7", "D0", 1): {"inf_start_dtm": START, "inf_end_dtm": END}})
    codes = {point.code for point, _at in due_points(ended, 1)}
    assert "T60" not in codes
    assert {"T45", "EOI", "P6H", "P24H"} <= codes


def test_a_screen_failure_only_finishes_what_was_begun() -> None:
    choice = load_study().forms["F3"].by_id["elig_decision"].choices
    code = next(c.code for c in choice if c.code != "ELIG")
    assert set(tasks({FormKey("F3", "SCR"): {"elig_decision": code}}, START)) == {"F3/SCR/1"}


def test_no_times_means_next() -> None:
    assert status_at(None, None, START) == "next"

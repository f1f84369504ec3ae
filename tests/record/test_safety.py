"""The 24-hour clock to the minute, and what falls away after a death."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.paper.story import Story
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.facts import SubjectRecord
from ucmsc_desktop.record.safety import falls_away, sae_clock
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.study.values import Missing, PartialDate

AWARE = datetime.fromisoformat("2026-03-01T09:00+08:00")
AE = FormKey("F14", "LOG", 1)


def event(**given: str) -> SubjectState:
    return more(SubjectState(load_study(), load_study().sites[0], SubjectRecord("01-001")), 1, **given)


def more(state: SubjectState, n: int, **given: str) -> SubjectState:
    form = state.study.forms["F14"]
    values = {Cell(i): typed_value(form.by_id[i], t) for i, t in given.items()}
    return state.with_values(FormKey("F14", "LOG", n), values).derive((), AWARE)


SERIOUS = {"ae_term": "Shock", "ae_slife": "Y", "sae_aware_dtm": AWARE.isoformat()}


@pytest.mark.parametrize(
    ("after", "status"),
    [
        (timedelta(0), "open"),
        (timedelta(hours=18), "open"),
        (timedelta(hours=18, seconds=1), "soon"),
        (timedelta(hours=24), "soon"),
        (timedelta(hours=24, seconds=1), "overdue"),
        (timedelta(days=9), "overdue"),
    ],
)
def test_the_clock_turns_amber_below_six_hours_and_red_after_twenty_four(
    after: timedelta, status: str
) -> None:
    (clock,) = sae_clock(event(**SERIOUS), AWARE + after)
    assert (clock.status, clock.is_running, clock.due) == (status, True, AWARE + timedelta(hours=24))
    assert clock.term == "Shock"


@pytest.mark.parametrize(("minutes", "status"), [(0, "reported"), (1, "late")])
def test_a_report_stops_the_clock_and_says_whether_it_was_in_time(minutes: int, status: str) -> None:
    at = AWARE + timedelta(hours=24, minutes=minutes)
    (clock,) = sae_clock(event(**SERIOUS, sae_reported_dtm=at.isoformat()), at + timedelta(days=1))
    assert (clock.status, clock.is_running, clock.reported) == (status, False, at)


def test_a_reason_for_no_report_stops_the_clock_even_when_it_was_red() -> None:
    (clock,) = sae_clock(
        event(**SERIOUS, sae_reported_dtm="NA: exempt by the protocol"), AWARE + timedelta(days=3)
    )
    assert (clock.status, clock.reason) == ("excused", "exempt by the protocol")


def test_a_printed_report_is_no_report() -> None:
    form = load_study().forms["F14"]
    assert "sae_reported_dtm" in form.by_id
    assert form.by_id["sae_reported_dtm"].derive is None  # nothing but a person fills it in


def test_the_suspicion_of_the_nurse_starts_the_clock_and_the_judgement_of_the_investigator_may_end_it() -> (
    None
):
    suspected = {"ae_first_serious": "Y", "sae_aware_dtm": AWARE.isoformat()}
    assert sae_clock(event(**suspected), AWARE)[0].status == "open"
    no = dict.fromkeys(("ae_sdth", "ae_slife", "ae_shosp", "ae_sdisab", "ae_scong", "ae_smie"), "N")
    assert sae_clock(event(**suspected, **no), AWARE) == ()
    assert sae_clock(event(ae_first_serious="N"), AWARE) == ()


def test_without_a_time_of_awareness_the_clock_runs_from_the_first_entry_that_says_serious() -> None:
    story = Story()
    suspected = story.set(AE, Cell("ae_first_serious"), "Y")
    story.set(AE, Cell("ae_slife"), "Y")
    (clock,) = sae_clock(story.state().derive((), suspected.at), suspected.at)
    assert (clock.aware, clock.is_estimate, clock.status) == (suspected.at, True, "open")
    assert clock.due == suspected.at + timedelta(hours=24)


def test_the_most_urgent_clock_comes_first() -> None:
    state = event(**SERIOUS)
    state = more(
        state, 2, ae_term="Stroke", ae_slife="Y", sae_aware_dtm=(AWARE - timedelta(hours=20)).isoformat()
    )
    state = more(state, 3, ae_term="Fever", ae_slife="N")
    assert [c.n for c in sae_clock(state, AWARE + timedelta(hours=5))] == [2, 1]


def after_death(died: object) -> SubjectState:
    state = event()
    start = {Cell("inf_start_dtm"): AWARE, Cell("inf_end_dtm"): AWARE + timedelta(hours=1)}
    state = replace(state.with_values(FormKey("F7", "D0", 1), start), settled=False)
    return state.with_values(FormKey("F15", "END", 1), {Cell("dth_dtm"): died})  # type: ignore[dict-item]


def test_what_opens_after_the_death_falls_away_and_nothing_before() -> None:
    state = after_death(PartialDate(2026, 3, 4, 8, 0))
    fallen = [v for v in ("BL", "D2", "D7", "D14") if falls_away(state, FormKey("F9", v, 1))]
    assert fallen == ["D7", "D14"]
    assert falls_away(state, FormKey("F10", "D3", 1)) is False  # its window opened three hours before
    assert falls_away(state, FormKey("F16", "END", 1)) is False  # it says how the participation ended
    assert [n for n in (1, 2) if falls_away(state, FormKey("F7", f"D{n - 1}", n))] == [2]
    assert falls_away(state, FormKey("F3", "SCR", 1)) is False


def test_on_the_day_of_death_without_a_time_nothing_falls_away() -> None:
    state = after_death(PartialDate(2026, 3, 7))
    assert falls_away(state, FormKey("F9", "D7", 1)) is False
    assert falls_away(state, FormKey("F9", "D14", 1)) is True
    assert falls_away(after_death(Missing("UK", "not told")), FormKey("F9", "D14", 1)) is False

"""The 24-hour clock to the minute."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.paper.story import Story
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.facts import SubjectRecord
from ucmsc_desktop.record.safety import sae_clock
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.typed import typed_value

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

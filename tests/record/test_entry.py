"""What an entry is refused for, and that derivations after one entry are those of starting anew."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ucmsc_desktop.errors import ValueRefused
from ucmsc_desktop.record.derivation import follow
from ucmsc_desktop.record.entry import refuse_impossible
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.facts import SubjectRecord
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Missing, Number, PartialDate, Value

CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=CHINA)
STUDY = load_study()


def item(form: str, name: str) -> Item:
    return STUDY.forms[form].by_id[name]


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("F9", "abg_pao2"), Number(Decimal("14.9"), "mmHg")),
        (("F9", "abg_pao2"), Number(Decimal("1.99"), "kPa")),
        (("F9", "abg_pao2"), Number(Decimal(80), "furlong")),
        (("F9", "abg_pao2"), Number(Decimal(80), "mmHg", "<")),
        (("F9", "abg_pao2"), Number(Decimal("NaN"), "mmHg")),
        (("F9", "abg_pao2"), "80"),
        (("F9", "abg_done"), "X"),
        (("F9", "abg_sample_q"), ()),
        (("F9", "abg_sample_q"), ("OK", "OK")),
        (("F9", "abg_collect_dtm"), date(2026, 3, 1)),
        (("F9", "abg_collect_dtm"), datetime(2026, 3, 1, 8, 0)),  # noqa: DTZ001
        (("F1", "birth_date"), NOW),
        (("F1", "birth_date"), date(1899, 12, 31)),
        (("F1", "ali_onset_dtm"), PartialDate(1815)),
        (("F1", "initials4"), "zhho"),
        (("F1", "bed"), "   "),
        (("F1", "bed"), "12\u202e21"),
        (("F1", "bed"), "x" * 5000),
        (("F9", "abg_pao2"), Missing("ND", "  ")),
        (("F5", "gcs_e"), Number(Decimal("3.5"))),
    ],
)
def test_what_cannot_be_a_value_is_refused(where: tuple[str, str], value: Value) -> None:
    with pytest.raises(ValueRefused):
        refuse_impossible(item(*where), value)


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (("F9", "abg_pao2"), Number(Decimal(15), "mmHg")),
        (("F9", "abg_pao2"), Number(Decimal(700), "mmHg")),
        (("F9", "abg_fio2"), Number(Decimal(21), "%")),
        (("F1", "initials4"), "WAE-"),
        (("F1", "ali_onset_dtm"), PartialDate(2026, 2, 22, 21, 0)),
        (("F9", "abg_pao2"), Missing("ND", "clotted")),
    ],
)
def test_what_is_possible_is_taken(where: tuple[str, str], value: Value) -> None:
    refuse_impossible(item(*where), value)


GAS, ONE, CONSENT, INFUSION, SAMPLE = (
    FormKey("F9", "SCR"), FormKey("F1", "SCR"), FormKey("F2", "SCR"), FormKey("F7", "D0", 1), FormKey("F10", "6H"),
)  # fmt: skip
HOURS = st.integers(0, 72).map(lambda h: NOW - timedelta(hours=h))
CHANGES = st.one_of(
    st.tuples(st.just(GAS), st.just("abg_done"), st.sampled_from(["Y", "N"])),
    st.tuples(st.just(GAS), st.just("abg_vessel"), st.sampled_from(["ART", "VEN"])),
    st.tuples(
        st.just(GAS), st.just("abg_pao2"), st.integers(40, 200).map(lambda n: Number(Decimal(n), "mmHg"))
    ),
    st.tuples(st.just(GAS), st.just("abg_fio2"), st.integers(21, 60).map(lambda n: Number(Decimal(n), "%"))),
    st.tuples(
        st.just(GAS), st.just("abg_paco2"), st.integers(30, 60).map(lambda n: Number(Decimal(n), "mmHg"))
    ),
    st.tuples(st.just(GAS), st.just("abg_collect_dtm"), HOURS),
    st.tuples(st.just(ONE), st.just("birth_date"), st.dates(date(1940, 1, 1), date(2000, 1, 1))),
    st.tuples(
        st.just(ONE), st.just("weight_kg"), st.integers(40, 120).map(lambda n: Number(Decimal(n), "kg"))
    ),
    st.tuples(
        st.just(ONE), st.just("height_cm"), st.integers(150, 190).map(lambda n: Number(Decimal(n), "cm"))
    ),
    st.tuples(st.just(ONE), st.just("sex"), st.sampled_from(["M", "F"])),
    st.tuples(st.just(CONSENT), st.just("subj_sign_dtm"), HOURS),
    st.tuples(st.just(CONSENT), st.just("icf_version"), st.sampled_from(["1.0", "2.0"])),
    st.tuples(st.just(INFUSION), st.just("inf_start_dtm"), HOURS),
    st.tuples(st.just(INFUSION), st.just("inf_end_dtm"), HOURS),
    st.tuples(st.just(SAMPLE), st.just("cyt_collect_dtm"), HOURS),
)


@settings(max_examples=60)
@given(st.lists(CHANGES, min_size=1, max_size=12))
def test_following_one_entry_gives_what_deriving_anew_gives(
    changes: list[tuple[FormKey, str, Value]],
) -> None:
    step_by_step = SubjectState(STUDY, STUDY.sites[0], SubjectRecord("01-001"))
    entered = step_by_step
    for key, name, value in changes:
        step_by_step = follow(step_by_step, key, {Cell(name): value}, NOW)
        entered = entered.with_values(key, {Cell(name): value})
    anew = entered.derive((), NOW)
    for key in anew.keys():  # noqa: SIM118 - the records of a state, no mapping
        for derived in STUDY.forms[key.form].derivation_order:
            if not STUDY.forms[key.form].section_of[derived.id].rows:
                cell = Cell(derived.id)
                assert step_by_step.value(key, cell) == anew.value(key, cell), f"{key} {derived.id}"

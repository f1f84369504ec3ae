"""Signatures that need not wait for the whole record: when they open, what they cover, what voids them, how many people."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.ward import PASSWORDS, Bench, make_bench
from ucmsc_desktop.errors import AlreadySigned, NotComplete, SignatureNotDue, StepBlocked
from ucmsc_desktop.record import signing
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.typed import typed_value

RUN = FormKey("F7", "D0", 1)
EVENTS = FormKey("F8", "D0", 1)
SIX = ("01a", "01b", "01c", "01d", "01e", "02", "03", "04", "05", "06", "09", "10", "12")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


@pytest.fixture
def session(bench: Bench) -> Iterator[Session]:
    session = bench.sign_in("dr.gamma")
    session.create_subject()
    yield session
    session.lock()


def put(session: Session, key: FormKey, row: int = 0, reason: str = "", **typed: str) -> None:
    form = session.study.forms[key.form]
    section_rows = {i.id: s.rows for s in form.sections for i in s.items}
    cells = {Cell(k, row if section_rows[k] else 0): typed_value(form.by_id[k], v) for k, v in typed.items()}
    session.enter("01-001", key, cells, reason=reason, ask=False)


def sign(session: Session, key: FormKey, meaning: str, user: str = "dr.gamma") -> None:
    session.sign("01-001", key, meaning, user, PASSWORDS[user])


def at_six_hours(bench: Bench, session: Session) -> None:
    """An infusion from 8:00 to 9:00, judged after 15:00."""
    now = bench.clock.read().at
    bench.clock.advance(seconds=8 * 3600)
    start, end = now, now + timedelta(hours=1)
    form = session.study.forms["F7"]
    # the infusion itself is not what this is about: its times are put in past its own checks
    blocks = {c.id: "test" for c in form.checks if c.override == "investigator" and c.guards}
    session.enter("01-001", RUN, {Cell("source"): "PAPER"}, ask=False)
    session.enter("01-001", RUN, {Cell("inf_start_dtm"): start}, ask=False, overrides=blocks)
    session.enter("01-001", RUN, {Cell("inf_end_dtm"): end}, ask=False)
    put(session, EVENTS, **dict.fromkeys((f"iae{code}" for code in SIX), "N"))  # type: ignore[arg-type]
    put(session, EVENTS, iae_none_6h="Y")


def holds(session: Session, meaning: str, key: FormKey = EVENTS) -> bool:
    return any(s.meaning == meaning for s in session.form("01-001", key).valid_signatures)


def test_none_occurred_is_signed_at_six_hours_though_the_record_is_open(
    bench: Bench, session: Session
) -> None:
    at_six_hours(bench, session)
    view = session.form("01-001", EVENTS)
    assert [s.meaning for s in signing.open_slots(view)] == ["none_occurred_6h"]
    sign(session, EVENTS, "none_occurred_6h")
    view = session.form("01-001", EVENTS)
    assert view.record.completed_at is None
    assert view.status == "started"  # the whole record is not signed by it
    assert signing.open_slots(view) == ()
    with pytest.raises(NotComplete):
        sign(session, EVENTS, "reviewed")


def test_what_happens_after_six_hours_leaves_the_signature_of_six_hours(
    bench: Bench, session: Session
) -> None:
    at_six_hours(bench, session)
    sign(session, EVENTS, "none_occurred_6h")
    bench.clock.advance(seconds=12 * 3600)
    late = bench.clock.read().at - timedelta(minutes=5)
    put(session, EVENTS, row=1, iae_item="07")
    put(session, EVENTS, row=1, iae_onset_dtm=late.isoformat())
    put(session, EVENTS, iae07="Y", iae08="N")
    assert holds(session, "none_occurred_6h")


def test_an_event_with_onset_in_the_six_hours_voids_it(bench: Bench, session: Session) -> None:
    at_six_hours(bench, session)
    sign(session, EVENTS, "none_occurred_6h")
    early = bench.clock.read().at - timedelta(hours=6)
    put(session, EVENTS, row=1, iae_item="06")
    assert holds(session, "none_occurred_6h")  # nothing is known of its time yet
    put(session, EVENTS, row=1, iae_onset_dtm=early.isoformat())
    assert not holds(session, "none_occurred_6h")
    assert session.form("01-001", EVENTS).status == "changed"
    with pytest.raises(StepBlocked):
        sign(session, EVENTS, "none_occurred_6h")


def test_a_changed_line_voids_it(bench: Bench, session: Session) -> None:
    at_six_hours(bench, session)
    sign(session, EVENTS, "none_occurred_6h")
    put(session, EVENTS, iae03="Y", reason="read the strip again")
    assert not holds(session, "none_occurred_6h")


def test_it_waits_for_the_lines_it_covers_and_for_its_own_answer(bench: Bench, session: Session) -> None:
    at_six_hours(bench, session)
    session.enter("01-001", EVENTS, {Cell("iae02"): None}, reason="not yet")
    with pytest.raises(NotComplete) as caught:
        sign(session, EVENTS, "none_occurred_6h")
    found = caught.value.details["findings"]
    assert isinstance(found, tuple)
    assert [f.cell.item for f in found] == ["iae02"]
    put(session, EVENTS, iae_none_6h="N", reason="a mistake")
    with pytest.raises(SignatureNotDue) as refused:
        sign(session, EVENTS, "none_occurred_6h")
    assert refused.value.code == "UC-409"


def test_the_log_says_what_was_covered_and_the_hash_can_be_made_again(bench: Bench, session: Session) -> None:
    at_six_hours(bench, session)
    sign(session, EVENTS, "none_occurred_6h")
    event = next(e for e in reversed(session.audit()) if e.kind == "FormSigned")
    covers = event.data["covers"]
    assert set(covers) == {"iae_none_6h", "iae_rows_6h", *(f"iae{code}" for code in SIX)}
    assert event.data["content"] == session.form("01-001", EVENTS).content_hash(covers)
    put(session, EVENTS, iae07="N")
    view = session.form("01-001", EVENTS)
    assert event.data["content"] == view.content_hash(covers)  # what came later is not in it
    assert event.data["content"] != view.content_hash()
    put(session, EVENTS, iae02="Y", reason="seen later")
    assert event.data["content"] != session.form("01-001", EVENTS).content_hash(covers)


def test_a_signature_whose_cover_cannot_be_read_is_about_the_whole_record() -> None:
    from ucmsc_desktop.record.facts import _covers

    assert _covers({"iae02": 1}) == _covers("iae02") == _covers([1]) == _covers(None) == frozenset()
    assert _covers(["iae02"]) == {"iae02"}


# --- two people --------------------------------------------------------------------------------------------------


def verify(session: Session) -> None:
    now = session.now().isoformat()
    put(session, RUN, inf_bag_scan="BAG-1", verify_p1="nurse.alpha", verify_p2="nurse.beta", verify_dtm=now)


def test_two_different_people_verify_and_the_second_time_of_one_is_refused(session: Session) -> None:
    with pytest.raises(SignatureNotDue):
        sign(session, RUN, "verified", "nurse.alpha")
    verify(session)
    sign(session, RUN, "verified", "nurse.alpha")
    view = session.form("01-001", RUN)
    slot = next(s for s in view.form.signatures if s.meaning == "verified")
    assert signing.people_missing(view, slot) == 1
    assert slot in signing.unsigned_slots(view)
    with pytest.raises(AlreadySigned) as caught:
        sign(session, RUN, "verified", "nurse.alpha")
    assert caught.value.code == "UC-410"
    sign(session, RUN, "verified", "nurse.beta")
    view = session.form("01-001", RUN)
    assert signing.signers(view, "verified") == ("nurse.alpha", "nurse.beta")
    assert slot not in signing.unsigned_slots(view)
    assert view.state.env(RUN, view.now).item("signers_verified") == ("nurse.alpha", "nurse.beta")
    assert view.state.env(EVENTS, view.now).other("F7", None, "signers_verified") == (
        "nurse.alpha",
        "nurse.beta",
    )


def test_another_bag_after_the_verification_needs_both_again(session: Session) -> None:
    verify(session)
    sign(session, RUN, "verified", "nurse.alpha")
    sign(session, RUN, "verified", "nurse.beta")
    put(session, RUN, inf_rate_init="20")
    assert holds(session, "verified", RUN)
    put(session, RUN, inf_bag_scan="BAG-2", reason="the other bag")
    assert not holds(session, "verified", RUN)
    assert session.state("01-001").env(RUN, session.now()).item("signers_verified") == ()


def test_what_is_being_entered_already_counts_against_a_signature(session: Session) -> None:
    verify(session)
    sign(session, RUN, "verified", "nurse.alpha")
    state = session.state("01-001")
    assert state.signers(RUN, "verified") == ("nurse.alpha",)
    assert state.with_values(RUN, {Cell("inf_bag_scan"): "BAG-2"}).signers(RUN, "verified") == ()
    assert state.with_values(RUN, {Cell("inf_rate_init"): None}).signers(RUN, "verified") == ("nurse.alpha",)


SCREENING, PRODUCT = FormKey("F1", "SCR"), FormKey("F6", "D0", 1)


@pytest.mark.parametrize(
    ("record", "changed"),
    [
        (PRODUCT, {"prod_conc": "0.5"}),
        (PRODUCT, {"prod_viab": "85"}),
        (PRODUCT, {"dose_planned_vol": "50"}),
        (PRODUCT, {"prod_lot": "L-2"}),
        (SCREENING, {"weight_kg": "66"}),  # the dose per kg was read out as well
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value.form,
)
def test_what_was_checked_is_part_of_the_check(
    session: Session, record: FormKey, changed: dict[str, str]
) -> None:
    now = session.now().isoformat()
    put(session, SCREENING, weight_kg="60")
    put(session, PRODUCT, prod_unit_id="BAG-1", prod_lot="L-1", prod_conc="0.7", prod_viab="92")
    put(session, PRODUCT, prep_wash="N", prep_dilute="N", prod_form="FRESH", dose_planned_vol="47")
    put(session, PRODUCT, prod_expiry_dtm=(session.now() + timedelta(hours=5)).isoformat())
    put(
        session,
        PRODUCT,
        coi_wrist_scan="01-001",
        coi_bag_scan="BAG-1",
        coi_subject="Y",
        coi_bag="Y",
        coi_lot="Y",
    )
    put(session, PRODUCT, coi_dose="Y", coi_expiry="Y", coi_p1="nurse.alpha", coi_p2="dr.gamma", coi_dtm=now)
    for user in ("nurse.alpha", "dr.gamma"):
        sign(session, PRODUCT, "verified", user)
    put(session, PRODUCT, prod_hsa_pct="5")  # nothing that the two looked at
    put(session, SCREENING, height_cm="171")
    assert session.state("01-001").signers(PRODUCT, "verified") == ("nurse.alpha", "dr.gamma")
    put(session, record, reason="read again", **changed)
    assert session.state("01-001").signers(PRODUCT, "verified") == ()

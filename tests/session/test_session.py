"""The use cases: rights, reasons, questions, signatures, drafts, and what a locked session still knows: nothing."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from tests.ward import PASSWORDS, Bench, make_bench
from ucmsc_desktop.errors import (
    AccountLocked,
    AlreadySetUp,
    ClockUnconfirmed,
    ConfirmNeeded,
    FormLocked,
    NotAllowed,
    NotComplete,
    ReasonNeeded,
    SignedOut,
    ValueRefused,
    WrongPassword,
)
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import SetUp
from ucmsc_desktop.study.values import Missing, Number

GAS = FormKey("F9", "BL")
PAO2 = Cell("abg_pao2")


def mmhg(amount: str) -> Number:
    return Number(Decimal(amount), "mmHg")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


def test_a_wrong_password_opens_nothing_and_is_recorded_at_the_next_sign_in(bench: Bench) -> None:
    for _ in range(2):
        with pytest.raises(WrongPassword):
            bench.ward.sign_in("nurse.alpha", "not the password at all")
    with pytest.raises(AccountLocked):
        bench.ward.sign_in("nurse.alpha", PASSWORDS["nurse.alpha"])
    bench.clock.advance(seconds=2)
    session = bench.sign_in()
    assert any("wrong passwords" in w.en for w in session.warnings)
    assert [e.data["user"] for e in session.audit(lambda e: e.kind == "SignInFailed")] == ["nurse.alpha"] * 2
    session.lock()


def test_a_ward_is_set_up_once(bench: Bench) -> None:
    with pytest.raises(AlreadySetUp):
        bench.ward.set_up(
            SetUp("01", "x", "other", "Other", PASSWORDS["nurse.beta"], (), bench.centre.public_key)
        )


def test_roles_are_checked_where_it_counts(bench: Bench) -> None:
    session = bench.sign_in("admin")
    with pytest.raises(NotAllowed):
        session.create_subject()
    session.lock()
    nurse = bench.sign_in()
    subject = nurse.create_subject()
    with pytest.raises(NotAllowed):
        nurse.people.add("x", "X", "nurse", PASSWORDS["nurse.beta"])
    with pytest.raises(NotAllowed) as caught:
        nurse.enter(subject, FormKey("F2", "SCR"), {Cell("capacity"): "FULL"})
    assert "investigator" in str(caught.value)
    with pytest.raises(NotAllowed):
        nurse.lock_form(subject, GAS, "why")
    nurse.lock()


def test_a_saved_value_changes_only_with_a_reason_and_both_stay(bench: Bench) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    session.enter(subject, GAS, {PAO2: mmhg("81")})
    with pytest.raises(ReasonNeeded):
        session.enter(subject, GAS, {PAO2: mmhg("82")})
    with pytest.raises(ReasonNeeded):
        session.enter(subject, GAS, {PAO2: mmhg("82")}, reason="   ")
    bench.clock.advance(minutes=1)
    session.enter(subject, GAS, {PAO2: mmhg("82")}, reason="misread the slip")
    history = session.form(subject, GAS).history("abg_pao2")
    assert [e.value for e in history] == [mmhg("81"), mmhg("82")]
    assert history[1].parents == (history[0].id,)
    assert history[1].reason == "misread the slip"
    session.lock()


def test_the_same_value_again_makes_no_entry(bench: Bench) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    before = len(session.audit())
    assert session.enter(subject, GAS, {Cell("abg_done"): "Y"}).events == 0
    assert len(session.audit()) == before
    session.lock()


def test_a_hard_limit_refuses_a_soft_limit_asks_once(bench: Bench) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    with pytest.raises(ValueRefused):
        session.enter(subject, GAS, {PAO2: mmhg("701")})
    with pytest.raises(ConfirmNeeded) as asked:
        session.enter(subject, GAS, {PAO2: mmhg("205")})
    session.enter(subject, GAS, {PAO2: mmhg("205")}, confirmed=frozenset(asked.value.details["ids"]))  # type: ignore[call-overload]
    view = session.form(subject, GAS)
    flag = next(f for f in view.flags if f.id == "soft")
    assert flag.confirmed
    assert flag.cell == PAO2
    session.lock()


def test_kilopascals_are_kept_and_judged_in_mmhg(bench: Bench) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    session.enter(subject, GAS, {PAO2: Number(Decimal("8.40"), "kPa")})
    assert session.form(subject, GAS).value("abg_pao2") == Number(Decimal("8.40"), "kPa")
    with pytest.raises(ValueRefused):
        session.enter(subject, GAS, {PAO2: Number(Decimal(94), "kPa")}, reason="test")
    session.lock()


def test_not_done_needs_a_reason_and_fills_what_is_open(bench: Bench) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    key = FormKey("F5", "BL")
    with pytest.raises(ValueRefused):
        session.not_done(subject, key, "ND", " ")
    before = len(session.form(subject, key).open_findings)
    session.not_done(subject, key, "ND", "analyser out of order")
    view = session.form(subject, key)
    left = [f for f in view.open_findings if f.kind == "required"]
    assert len(left) < before / 4
    assert all(
        "ND" not in (i := view.form.by_id[f.cell.item]).missing or "nurse" not in (i.by or view.form.by)
        for f in left
    )
    assert view.value("hr") == Missing("ND", "analyser out of order")
    session.lock()


def test_an_incomplete_form_cannot_be_completed_or_signed(bench: Bench) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    with pytest.raises(NotComplete):
        session.complete(subject, GAS)
    with pytest.raises(NotComplete):
        session.sign(subject, GAS, "reviewed", "dr.gamma", PASSWORDS["dr.gamma"])
    session.lock()


def complete_gas(bench: Bench, subject: str) -> None:
    session = bench.sign_in("dr.gamma")
    session.enter(subject, GAS, {Cell("abg_done"): "N"})
    session.enter(
        subject,
        GAS,
        {Cell("abg_nd_reason"): session.form(subject, GAS).form.by_id["abg_nd_reason"].choices[0].code},
    )
    session.not_done(subject, GAS, "ND", "analyser failed")
    session.complete(subject, GAS)
    session.lock()


def test_a_signature_asks_the_named_person_and_falls_with_a_change(bench: Bench) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    session.lock()
    complete_gas(bench, subject)
    session = bench.sign_in()
    with pytest.raises(NotAllowed):
        session.sign(subject, GAS, "reviewed", "nurse.alpha", PASSWORDS["nurse.alpha"])
    with pytest.raises(WrongPassword):
        session.sign(subject, GAS, "reviewed", "dr.gamma", PASSWORDS["nurse.alpha"])
    bench.clock.advance(seconds=5)
    session.sign(subject, GAS, "reviewed", "dr.gamma", PASSWORDS["dr.gamma"])
    view = session.form(subject, GAS)
    assert view.status == "signed"
    assert (view.valid_signatures[0].user, view.valid_signatures[0].role) == ("dr.gamma", "investigator")
    assert view.valid_signatures[0].content == view.content_hash()
    session.enter(
        subject,
        GAS,
        {Cell("abg_nd_reason"): view.form.by_id["abg_nd_reason"].choices[1].code},
        reason="asked again",
    )
    after = session.form(subject, GAS)
    assert after.status == "changed"
    assert after.record.signatures[0].voided
    session.lock()


def test_a_locked_form_refuses_every_change(bench: Bench) -> None:
    session = bench.sign_in("dr.gamma")
    subject = session.create_subject()
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    session.lock_form(subject, GAS, "monitoring visit")
    for attempt in (
        lambda: session.enter(subject, GAS, {PAO2: mmhg("80")}),
        lambda: session.enter(subject, GAS, {Cell("abg_done"): "N"}, reason="x"),
        lambda: session.complete(subject, GAS),
    ):
        with pytest.raises(FormLocked):
            attempt()
    session.unlock_form(subject, GAS, "wrong form")
    session.enter(subject, GAS, {PAO2: mmhg("80")})
    session.lock()


def test_a_draft_survives_the_lock_for_the_same_person_only(bench: Bench) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    session.save_draft(subject, GAS, PAO2, "8")
    session.lock()
    other = bench.sign_in("nurse.beta")
    assert other.drafts(subject, GAS) == {}
    other.save_draft(subject, GAS, PAO2, "9")
    other.drop_draft(subject, GAS, PAO2)
    other.lock()
    again = bench.sign_in()
    assert again.drafts(subject, GAS) == {PAO2: "8"}
    again.drop_draft(subject, GAS, PAO2)
    assert again.drafts(subject, GAS) == {}
    again.lock()


def test_after_the_lock_nothing_can_be_read_or_written(bench: Bench) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    session.lock()
    with pytest.raises(SignedOut):
        session.state(subject)
    with pytest.raises(SignedOut):
        session.create_subject()


def test_a_clock_set_back_is_flagged_and_one_answer_lets_care_go_on(bench: Bench) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    session.lock()
    bench.clock.advance(days=-1)
    late = bench.sign_in()
    assert late.audit()[-1].clock == "backwards"
    with pytest.raises(ClockUnconfirmed):
        late.enter(subject, GAS, {Cell("abg_done"): "Y"})
    late.confirm_clock()
    late.enter(subject, GAS, {Cell("abg_done"): "Y"})
    late.lock()


def test_a_derived_value_is_recorded_with_what_it_was_derived_from(bench: Bench) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    one = FormKey("F1", "SCR")
    session.enter(subject, one, {Cell("height_cm"): Number(Decimal(172), "cm")})
    session.enter(subject, one, {Cell("weight_kg"): Number(Decimal(70), "kg")})
    bmi = session.form(subject, one).entry("bmi")
    assert bmi is not None
    assert bmi.origin == "derived"
    assert str(bmi.value.amount).startswith("23.6614386154678") if isinstance(bmi.value, Number) else False
    assert session.audit()[-1].data["formula"]
    session.lock()


def test_a_backup_holds_everything_and_can_be_restored(bench: Bench, tmp_path: Path) -> None:
    from ucmsc_desktop.ledger.backup import restore
    from ucmsc_desktop.ledger.keys import TRAINING
    from ucmsc_desktop.session import Ward

    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    path = session.backup(tmp_path / "backups")
    session.lock()
    restore(path, tmp_path / "restored")
    other = Ward(tmp_path / "restored", bench.clock, kdf_floor=TRAINING).sign_in(
        "nurse.alpha", PASSWORDS["nurse.alpha"]
    )
    assert other.form(subject, GAS).value("abg_done") == "Y"
    assert other.verify().holds
    with pytest.raises(AlreadySetUp):
        restore(path, tmp_path / "restored")
    other.lock()


def test_the_sign_in_page_learns_the_users_without_the_key_slots_being_loaded(bench: Bench) -> None:
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; from ucmsc_desktop.session import Ward\n"
        "print(*Ward(Path(sys.argv[1])).users()); print([m for m in ('pydantic', 'sqlalchemy') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(bench.ward.folder)], capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines() == [" ".join(bench.ward.users()), "[]"]
    assert set(PASSWORDS) == set(bench.ward.users())

"""What the guide says about a consent: missing, wrong, valid, halted, withdrawn; what stays open for the worklist."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record import consent, consent_guide
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.facts import FormRecord, SubjectRecord
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.session.prechecks import known_of
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.typed import typed_value

CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 3, 2, 12, 0, tzinfo=CHINA)
PLAIN: dict[str, Any] = {
    "capacity": "FULL",
    "capacity_basis": "oriented",
    "consent_by": "SUBJ",
    "reads_icf": "Y",
    "witness_req": "N",
    "icf_version": "2.0",
    "icf_version_date": "2025-11-10",
    "ec_approval_no": "EC-2025-018",
    "explain_start_dtm": "2026-03-01T08:00+08:00",
    "explain_end_dtm": "2026-03-01T08:30+08:00",
    "ec_questions_answered": "Y",
    "consent_given": "Y",
    "subj_sign_dtm": "2026-03-01T08:35+08:00",
    "inv_name": "lihua",
    "inv_sign_dtm": "2026-03-01T08:40+08:00",
    "copy_given": "Y",
    "copy_given_dtm": "2026-03-01T08:45+08:00",
    "hgr_sample_consent": "Y",
}
AGAIN: dict[str, Any] = {
    "reconsent_needed": "Y",
    "reconsent_known_dtm": "2026-03-02T08:00+08:00",
    "reconsent_reason": "CAPACITY",
    "reconsent_result": "PEND",
}


def view(values: dict[str, Any] | None = None, *, now: datetime = NOW, **more: Any) -> FormState:
    """A consent record with every derivation; a value of None leaves the item out."""
    study = load_study()
    form = study.forms["F2"]
    given = {**(PLAIN if values is None else values), **more}
    cells = {Cell(n): typed_value(form.by_id[n], t) for n, t in given.items() if t is not None}
    record = SubjectRecord("01-001", forms={consent.KEY: FormRecord(consent.KEY, form.version)})
    state = SubjectState(study, study.sites[0], record).with_values(consent.KEY, cells)
    return FormState(state.derive((consent.KEY,), now), consent.KEY, now)


def matters(shown: FormState) -> list[tuple[str, bool]]:
    return [(m.kind, m.stops) for m in consent.matters(shown)]


def test_a_plain_consent_lets_an_infusion_go_ahead() -> None:
    found = consent.verdict(view())
    assert found.standing == "valid"
    assert found.may_infuse
    assert found.since == datetime(2026, 3, 1, 8, 40, tzinfo=CHINA)
    assert consent.missing(view()) == ()
    assert matters(view()) == []


def test_an_empty_record_says_what_is_first_and_why() -> None:
    found = consent.verdict(view({}))
    assert found.standing == "open"
    assert not found.may_infuse
    assert found.why.en == "Missing: 12. Next: Capacity to consent"
    assert "who must sign follows from it" in consent.missing(view({}))[0].text.en
    assert found.cell == Cell("capacity")


def test_each_missing_fact_says_what_it_is_needed_for() -> None:
    lines = consent.missing(view(inv_sign_dtm=None, reads_icf=None))
    assert [line.cell for line in lines] == [Cell("reads_icf"), Cell("inv_sign_dtm")]
    assert "witness" in lines[0].text.en
    assert "same day" in lines[1].text.en
    assert [line.cell for line in consent.missing(view(inv_sign_dtm=None, reads_icf=None), "signing")] == [
        Cell("inv_sign_dtm")
    ]


@pytest.mark.parametrize(
    ("capacity", "by", "taken"),
    [
        ("FULL", "SUBJ", True),
        ("FULL", "BOTH", True),
        ("FULL", "GUARD", False),
        ("LIMITED", "BOTH", True),
        ("LIMITED", "SUBJ", False),
        ("LIMITED", "GUARD", False),
        ("NONE", "GUARD", True),
        ("NONE", "SUBJ", False),
        ("NONE", "BOTH", False),
    ],
)
def test_who_signs_follows_from_the_capacity(capacity: str, by: str, taken: bool) -> None:
    refused = consent.refusal(view({"capacity": capacity}), "consent_by", by)
    assert (refused is None) == taken
    if refused is not None:
        assert consent.SIGNERS[capacity].en in refused.en


def test_a_wrong_version_is_refused_with_the_name_of_the_right_one() -> None:
    refused = consent.refusal(view({}), "icf_version", "1.0")
    assert refused is not None
    assert "version 2.0 of 10-Nov-2025, ethics approval EC-2025-018" in refused.en
    assert "2.0 版（2025-11-10），伦理批件号 EC-2025-018" in refused.zh
    assert consent.refusal(view({}), "icf_version", "2.0") is None


def test_the_version_is_judged_on_the_day_of_the_signature_not_of_today() -> None:
    then = {"explain_start_dtm": "2025-11-30T08:00+08:00"}
    assert consent.refusal(view(then), "icf_version", "1.0") is None
    assert consent.refusal(view(then), "icf_version", "2.0") is not None
    assert consent.refusal(view(), "reconsent_version", "1.0") is not None
    assert consent.refusal(view(reconsent_dtm="2025-11-30T08:00+08:00"), "reconsent_version", "1.0") is None


def test_whoever_cannot_read_needs_a_witness() -> None:
    assert consent.refusal(view({"reads_icf": "N"}), "witness_req", "N") is not None
    assert consent.refusal(view({"reads_icf": "N"}), "witness_req", "Y") is None
    assert consent.refusal(view({"reads_icf": "Y"}), "witness_req", "N") is None


def test_after_capacity_is_regained_the_guardian_alone_is_refused() -> None:
    assert consent.refusal(view(**AGAIN), "reconsent_by", "GUARD") is not None
    assert consent.refusal(view(**AGAIN), "reconsent_by", "SUBJ") is None
    assert consent.refusal(view(**{**AGAIN, "reconsent_reason": "SAFETY"}), "reconsent_by", "GUARD") is None


def test_what_the_guide_does_not_know_it_does_not_refuse() -> None:
    assert consent.refusal(view({}), "consent_by", "GUARD") is None
    assert consent.refusal(view(), "hgr_sample_consent", "N") is None


def test_an_invalid_consent_says_which_fact_speaks_against_it() -> None:
    found = consent.verdict(view(icf_version="1.0"))
    assert found.standing == "invalid"
    assert "Wrong consent form" in found.why.en
    assert found.cell == Cell("icf_version")


def test_declined_is_not_invalid() -> None:
    assert consent.verdict(view({"capacity": "FULL", "consent_given": "N"})).standing == "declined"


def test_an_open_re_consent_halts_treatment_and_stands_first_on_the_list() -> None:
    shown = view(**AGAIN, copy_given="N", copy_given_dtm=None)
    found = consent.verdict(shown)
    assert found.standing == "halted"
    assert found.why.en == "Capacity regained"
    assert matters(shown) == [("reconsent", True), ("copy", False)]
    signed: dict[str, Any] = {
        **AGAIN,
        "reconsent_result": "SIGNED",
        "reconsent_by": "SUBJ",
        "reconsent_version": "2.0",
    }
    done = view(**signed, reconsent_dtm="2026-03-02T09:00+08:00")
    assert consent.verdict(done).standing == "valid"
    assert matters(done) == []


def test_a_refused_re_consent_leads_to_the_withdrawal() -> None:
    shown = view(**{**AGAIN, "reconsent_result": "REFUSED"})
    assert consent.verdict(shown).cell == Cell("withdrawn")
    assert matters(shown) == [("refused", True)]


def test_a_version_that_has_ended_since_halts_treatment_from_its_day_on() -> None:
    old: dict[str, Any] = {
        "icf_version": "1.0",
        "explain_start_dtm": "2025-11-30T08:00+08:00",
        "explain_end_dtm": "2025-11-30T08:30+08:00",
        "subj_sign_dtm": "2025-11-30T08:35+08:00",
        "inv_sign_dtm": "2025-11-30T08:40+08:00",
        "copy_given_dtm": "2025-11-30T09:00+08:00",
    }
    last = datetime(2025, 11, 30, 23, 59, tzinfo=CHINA)
    assert consent.verdict(view(**old, now=last)).standing == "valid"
    assert matters(view(**old, now=last)) == []
    halted = consent.verdict(view(**old))
    assert halted.standing == "halted"
    assert halted.since == datetime(2025, 12, 1, tzinfo=CHINA)
    assert matters(view(**old)) == [("version", True)]
    assert consent.verdict(view(**old, icf_lapse_waived="Y")).standing == "valid"
    assert matters(view(**old, icf_lapse_waived="Y")) == []


def test_a_version_that_lapsed_at_midnight_is_no_evidence_of_consent_for_an_infusion() -> None:
    old: dict[str, Any] = {
        "icf_version": "1.0",
        "explain_start_dtm": "2025-11-30T08:00+08:00",
        "explain_end_dtm": "2025-11-30T08:30+08:00",
        "subj_sign_dtm": "2025-11-30T08:35+08:00",
        "inv_sign_dtm": "2025-11-30T08:40+08:00",
        "copy_given_dtm": "2025-11-30T09:00+08:00",
    }
    midnight = datetime(2025, 12, 1, tzinfo=CHINA)
    for now, stands in ((midnight - timedelta(seconds=1), True), (midnight, False)):
        state = view(**old, now=now).state
        infusion = FormState(state, FormKey("F7", "D0", 1), now)
        found = known_of(infusion, "pre_consent", str)
        assert found.may_confirm is stands
        assert ("Consent ended" in " ".join(f.text.en for f in found.facts)) is not stands


def test_a_guardian_s_consent_asks_daily_for_capacity_and_stops_nothing() -> None:
    guarded = view(
        capacity="NONE", consent_by="GUARD", guard_sign_dtm="2026-03-01T08:35+08:00", subj_sign_dtm=None
    )
    assert consent.verdict(guarded).standing == "valid"
    assert matters(guarded) == [("capacity", False)]


@pytest.mark.parametrize(
    ("scope", "standing"), [("TREAT", "withdrawn"), ("ALL", "withdrawn"), ("SAMPLES", "valid")]
)
def test_a_withdrawal_says_what_still_happens(scope: str, standing: str) -> None:
    shown = view(withdrawn="Y", withdraw_dtm="2026-03-02T09:00+08:00", withdraw_scope=scope)
    found = consent.verdict(shown)
    assert found.standing == standing
    words = consent.scope_words(shown, scope)
    assert words.en
    assert words.zh
    if standing == "withdrawn":
        assert found.why in (Text(c.label.en, c.label.zh) for c in shown.form.by_id["withdraw_scope"].choices)
        assert matters(shown) == []
    else:
        assert "No further study samples" in found.why.en


def test_the_open_matters_of_a_participant_are_empty_before_anything_is_recorded() -> None:
    study = load_study()
    state = SubjectState(study, study.sites[0], SubjectRecord("01-001"))
    assert consent.open_matters(state, NOW) == ()


def test_the_guide_speaks_at_every_step_of_the_form() -> None:
    shown = view()
    steps = [s.id for s in shown.form.sections if s.id != "header"]
    for step in steps:
        lines = consent_guide.guide(shown, step)
        assert lines, f"nothing is said at {step}"
        assert all(line.text.en and line.text.zh for line in lines)
        assert not [line for line in lines if line.mark == "wrong"], f"something is wrong at {step}"


def test_the_signatures_stand_in_order_with_what_is_wrong_beside_them() -> None:
    lines = consent_guide.guide(
        view(inv_sign_dtm="2026-03-02T08:00+08:00", subj_sign_dtm="2026-03-01T07:59+08:00"), "signing"
    )
    assert [(line.mark, line.cell and line.cell.item) for line in lines] == [
        ("ok", "explain_start_dtm"),
        ("wrong", "subj_sign_dtm"),
        ("wrong", "inv_sign_dtm"),
    ]
    assert "before the explanation began" in lines[1].text.en
    assert "not on the day" in lines[2].text.en


def test_a_signature_still_to_come_is_open() -> None:
    both = view(capacity="LIMITED", consent_by="BOTH", guard_sign_dtm=None)
    lines = consent_guide.guide(both, "signing")
    assert [line.cell for line in lines if line.mark == "open"] == [Cell("guard_sign_dtm")]


def test_too_short_an_explanation_is_said_in_minutes() -> None:
    lines = consent_guide.guide(view(explain_end_dtm="2026-03-01T08:14+08:00"), "explanation")
    assert lines[0].mark == "wrong"
    assert "14 min" in lines[0].text.en
    assert consent_guide.guide(view(explain_end_dtm="2026-03-01T08:15+08:00"), "explanation")[0].mark == "ok"


def test_the_consent_record_has_the_key_of_the_plan() -> None:
    assert FormKey("F2", "SCR") == consent.KEY

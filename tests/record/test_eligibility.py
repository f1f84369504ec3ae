"""The evidence behind each criterion: exact numbers, clocks that run on, what is missing, borderline values, the re-check."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from tests.paper.story import SUBJECT, Story
from ucmsc_desktop.record import eligibility
from ucmsc_desktop.record.eligibility import Criterion, Eligibility
from ucmsc_desktop.record.events import Cell, Draft, FormKey
from ucmsc_desktop.record.facts import FormRecord, SubjectRecord
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.typed import typed_value

CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 3, 1, 10, 0, tzinfo=CHINA)
SCREENING: dict[str, Any] = {"birth_date": "1966-05-20", "sex": "M", "ali_onset_dtm": "2026-02-25T21:00"}
CONSENT: dict[str, Any] = {
    "icf_version": "2.0",
    "capacity": "FULL",
    "explain_start_dtm": "2026-03-01T08:00+08:00",
    "consent_given": "Y",
    "consent_by": "SUBJ",
    "reads_icf": "Y",
    "subj_sign_dtm": "2026-03-01T08:35+08:00",
    "inv_sign_dtm": "2026-03-01T08:40+08:00",
    "witness_req": "N",
}
GAS: dict[str, Any] = {
    "abg_done": "Y",
    "abg_collect_dtm": "2026-03-01T07:00+08:00",
    "abg_vessel": "ART",
    "abg_steady20": "Y",
    "abg_tempcorr": "N",
    "abg_pao2": "90",
    "abg_paco2": "35",
    "abg_fio2": "0.40",
    "abg_fio2_src": "SET",
}
TESTS: dict[str, Any] = {
    "vir_hbsag": "NEG",
    "vir_hbvdna": "NEG",
    "vir_antihbs": "POS",
    "vir_antihbc": "NEG",
    "vir_antihcv": "NEG",
    "vir_hivagab": "NEG",
    "vir_tb_igra": "NEG",
}
ANSWERS: dict[str, Any] = {
    "inc05_modality": "CT",
    "inc05_image_dtm": "2026-02-28T10:00+08:00",
    "inc05_reader": "Reader Test",
    "inc05_explained": "N",
    "inc05_infiltrates": "Y",
    "inc06_evidence": ["CLIN"],
    "inc06_no_hf": "Y",
    "exc02_basis": "none",
    "exc02_disability": "N",
    "exc03_status": "NEVER",
    "exc03_malig": "N",
    "exc04_prompts": ["NONE"],
    "exc04_basis": "none",
    "exc04_infect": "N",
    "exc07_prompts": ["NONE"],
    "exc07_basis": "none",
    "exc07_organ": "N",
}
DECIDED = {"elig_dtm": "2026-03-01T10:00+08:00", "elig_decision": "ELIG", "elig_inv": "lihua"}


def look(
    *,
    now: datetime = NOW,
    f1: dict[str, Any] | None = None,
    f2: dict[str, Any] | None = None,
    f3: dict[str, Any] | None = None,
    f5: dict[str, Any] | None = None,
    f9: dict[str, Any] | None = None,
    more: dict[FormKey, dict[str, Any]] | None = None,
) -> Eligibility:
    """Look at a participant; a dictionary changes what is given, a value of None leaves the item out."""
    study = load_study()
    given = {
        eligibility.SCREENING: {**SCREENING, **(f1 or {})},
        eligibility.CONSENT: {**CONSENT, **(f2 or {})},
        eligibility.KEY: {**ANSWERS, **(f3 or {})},
        eligibility.BASELINE: {**TESTS, **(f5 or {})},
        eligibility.GAS: {**GAS, **(f9 or {})},
        **(more or {}),
    }
    record = SubjectRecord("01-001", forms={k: FormRecord(k, study.forms[k.form].version) for k in given})
    state = SubjectState(study, study.sites[0], record)
    for key, values in given.items():
        form = study.forms[key.form]
        cells = {Cell(n): typed_value(form.by_id[n], t) for n, t in values.items() if t is not None}
        state = state.with_values(key, cells)
    return eligibility.look(state.derive(tuple(given), now), now)


def one(found: Eligibility, item: str) -> Criterion:
    return next(c for c in found.criteria if c.id == item)


def read(criterion: Criterion) -> str:
    return " | ".join(f"{f.name.en} {f.value.en}" for f in criterion.facts)


def test_all_fourteen_met_may_be_decided() -> None:
    found = look()
    assert len(found.criteria) == 14
    assert {c.finding for c in found.criteria} == {"met"}
    assert found.is_live
    assert found.may_decide
    assert found.needs == ()


def test_114_on_0_57_is_200_exactly_and_not_met() -> None:
    found = look(f9={"abg_pao2": "114", "abg_fio2": "0.57"})
    ratio = one(found, "inc04a_pf")
    assert ratio.finding == "not_met"
    assert ratio.why is not None
    assert ratio.why.en == "200 exactly: not above 200: not met"
    assert ratio.why.zh == "恰为200：不大于200，不符合"
    assert ratio.border is not None
    assert "unrounded 200 mmHg" in read(ratio)
    assert "0.57 (57 %)" in read(ratio)
    assert [c.id for c in found.failed] == ["inc04a_pf"]
    assert not found.may_decide


def test_60_1_on_0_30_is_met_and_shown_unrounded() -> None:
    ratio = one(look(f9={"abg_pao2": "60.1", "abg_fio2": "0.30", "abg_paco2": "30"}), "inc04a_pf")
    assert ratio.finding == "met"
    assert "200.333333… mmHg, rounded 200.3" in read(ratio)
    assert ratio.border is not None


def test_8_40_kpa_on_air_is_not_met_although_it_rounds_to_300() -> None:
    given = {"abg_pao2": "8.40 kPa", "abg_fio2": "0.21", "abg_fio2_src": "AIR"}
    ratio = one(look(f9=given), "inc04a_pf")
    assert ratio.finding == "not_met"
    assert "300.024630… mmHg, rounded 300" in read(ratio)
    assert "8.40 kPa = 63.005172… mmHg" in read(ratio)
    assert ratio.why is not None
    assert "300.024630… is above 300" in ratio.why.en
    assert ratio.border is not None
    met = one(look(f9={**given, "abg_pao2": "8.39 kPa"}), "inc04a_pf")
    assert met.finding == "met"
    assert met.border is not None


def test_300_exactly_is_met() -> None:
    ratio = one(look(f9={"abg_pao2": "63", "abg_fio2": "0.21", "abg_fio2_src": "AIR"}), "inc04a_pf")
    assert ratio.finding == "met"
    assert ratio.why is not None
    assert "300 exactly" in ratio.why.en


def test_a_gradient_of_35_exactly_is_not_met_and_shows_its_calculation() -> None:
    gap = one(look(f9={"abg_pao2": "71.0", "abg_paco2": "57.8", "abg_fio2": "0.25"}), "inc04b_aado2")
    assert gap.finding == "not_met"
    assert gap.why is not None
    assert gap.why.en == "35 exactly: not above 35: not met"
    assert "0.25 × (760 − 47) − 57.8 ÷ 0.8 − 71" in read(gap)
    assert "760 mmHg (site setting)" in read(gap)
    assert gap.border is not None


def test_the_pressure_used_says_whether_it_was_entered() -> None:
    gap = one(look(f9={"abg_pb": "756"}), "inc04b_aado2")
    assert "756 mmHg (entered)" in read(gap)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"abg_vessel": "VEN"}, "Not arterial"),
        ({"abg_steady20": "N"}, "not steady"),
        ({"abg_tempcorr": "Y"}, "corrected for temperature"),
        ({"abg_collect_dtm": "2026-02-28T09:59+08:00"}, "at most 24 h"),
    ],
)
def test_a_blood_gas_that_may_not_be_used_leaves_the_criterion_open_and_says_why(
    change: dict[str, Any], words: str
) -> None:
    ratio = one(look(f9=change), "inc04a_pf")
    assert ratio.finding == "open"
    assert any(f.weight == "wrong" and words in f"{f.name.en} {f.value.en}" for f in ratio.facts)
    assert any("take a new one" in n.text.en for n in ratio.needs)


def test_the_onset_counts_down_and_ends() -> None:
    first = one(look(), "inc03_onset")
    assert "85 h 00 min elapsed" not in read(first)
    assert "Elapsed 85 h 00 min" in read(first)
    assert "83 h 00 min left, until 04-Mar-2026 21:00" in read(first)
    last = datetime(2026, 3, 4, 21, 0, tzinfo=CHINA)
    fresh = {"abg_collect_dtm": "2026-03-04T12:00+08:00"}
    edge = one(look(now=last, f9=fresh), "inc03_onset")
    assert edge.finding == "met"
    assert edge.border is not None
    over = one(look(now=last + timedelta(minutes=1), f9=fresh), "inc03_onset")
    assert over.finding == "not_met"
    assert "0 h 01 min over the limit" in read(over)


def test_an_onset_known_to_the_day_counts_days_and_one_known_to_the_month_is_asked_for() -> None:
    day = one(look(f1={"ali_onset_dtm": "2026-02-23"}), "inc03_onset")
    assert "Calendar days 6 days" in read(day)
    month = one(look(f1={"ali_onset_dtm": "2026-02"}), "inc03_onset")
    assert month.finding == "open"
    assert [n.cell for n in month.needs] == [Cell("ali_onset_dtm")]


def test_age_shows_birth_and_consent_dates() -> None:
    age = one(look(), "inc02_age")
    assert "20-May-1966" in read(age)
    assert "01-Mar-2026" in read(age)
    assert "59 completed years" in read(age)
    young = one(look(f1={"birth_date": "1991-03-02"}), "inc02_age")
    assert young.finding == "not_met"
    assert young.border is not None
    assert young.why is not None
    assert "34" in young.why.en


def test_a_pending_result_is_open_and_named() -> None:
    found = one(look(f5={"vir_tb_igra": "PEND"}), "exc05_virol")
    assert found.finding == "open"
    assert [n.cell for n in found.needs] == [Cell("vir_tb_igra")]
    assert found.spoken.en == "Not yet known"


def test_an_exclusion_that_is_there_is_present_not_unmet() -> None:
    found = one(look(f5={"vir_hbsag": "POS"}), "exc05_virol")
    assert found.finding == "not_met"
    assert found.spoken.en == "Present"
    assert any(f.weight == "wrong" and "HBsAg" in f.name.en for f in found.facts)
    assert one(look(), "exc05_virol").spoken.zh == "无此情况"


def test_an_isolated_anti_hbs_is_not_marked_as_wrong() -> None:
    found = one(look(), "exc05_virol")
    assert all(f.weight == "plain" for f in found.facts)


def test_a_woman_needs_a_test_recent_enough_and_a_man_none() -> None:
    assert "Not applicable" in read(one(look(), "exc06_preg"))
    woman = {"sex": "F"}
    asked = one(look(f1=woman), "exc06_preg")
    assert Cell("fem_status") in [n.cell for n in asked.needs]
    tested = {"fem_status": "POT", "preg_recent": "N", "hcg": "NEG", "hcg_dtm": "2026-02-26T09:59+08:00"}
    old = one(look(f1=woman, f5=tested), "exc06_preg")
    assert old.finding == "open"
    assert any(f.weight == "wrong" and "at most 72 h" in f.value.en for f in old.facts)
    fresh = one(look(f1=woman, f5={**tested, "hcg_dtm": "2026-02-26T10:00+08:00"}), "exc06_preg")
    assert fresh.finding == "met"


def test_what_is_missing_leads_to_the_form_and_says_who_enters_it() -> None:
    found = look(f9={"abg_fio2": None}, f3={"exc02_disability": None})
    ratio = one(found, "inc04a_pf")
    assert [(n.key, n.cell) for n in ratio.needs] == [(eligibility.GAS, Cell("abg_fio2"))]
    asked = one(found, "exc02_disability").needs[0]
    assert asked.by == ("investigator",)
    assert asked.who.en == "investigator"


def test_a_deliberate_gap_is_still_missing() -> None:
    ratio = one(look(f9={"abg_fio2": "ND: not noted"}), "inc04a_pf")
    assert ratio.finding == "open"
    assert ratio.needs[0].text.en.endswith("(ND)")


def test_without_a_consent_the_first_criterion_leads_to_the_guide() -> None:
    bare = dict.fromkeys(CONSENT)
    found = look(f2=bare)
    assert one(found, "inc01_icf").finding == "open"
    assert one(found, "inc01_icf").needs[0].key == eligibility.CONSENT
    declined = one(look(f2={**bare, "consent_given": "N"}), "exc01_declined")
    assert declined.spoken.en == "Present"


def test_an_estimated_fio2_is_borderline() -> None:
    found = look(f9={"abg_fio2_src": "EST"})
    assert found.is_borderline
    assert not found.may_decide
    border = one(found, "inc04a_pf").border
    assert border is not None
    assert "estimate" in border.en


def test_a_decision_is_shown_as_of_its_moment_and_not_of_now() -> None:
    later = NOW + timedelta(days=10)
    found = look(now=later, f3=DECIDED)
    assert not found.is_live
    assert found.at == NOW
    assert found.is_eligible
    assert found.failed == ()


def test_the_decision_holds_a_day_from_the_blood_gas_and_then_wants_a_re_check() -> None:
    until = datetime(2026, 3, 2, 7, 0, tzinfo=CHINA)
    assert look(now=until, f3=DECIDED).recheck.until == until
    assert not look(now=until, f3=DECIDED).recheck.is_needed
    late = look(now=until + timedelta(minutes=1), f3=DECIDED)
    assert late.recheck.is_needed
    assert any(f.weight == "wrong" and "225 mmHg" in f.value.en for f in late.recheck.facts)
    fresh = {FormKey("F9", "BL"): {**GAS, "abg_collect_dtm": "2026-03-02T06:30+08:00", "abg_pao2": "92"}}
    again = look(now=until + timedelta(minutes=1), f3=DECIDED, more=fresh)
    assert any(f.weight == "plain" and "230 mmHg" in f.value.en for f in again.recheck.facts)


def test_a_re_check_done_holds_for_another_day_and_a_no_ends_it() -> None:
    now = datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
    done = {**DECIDED, "recheck_dtm": "2026-03-02T08:30+08:00", "recheck_ok": "Y"}
    assert not look(now=now, f3=done).recheck.is_needed
    assert look(now=now + timedelta(days=1), f3=done).recheck.is_needed
    no = look(now=now, f3={**done, "recheck_ok": "N"})
    assert no.recheck.holds is False
    assert not no.is_eligible


def test_after_the_first_infusion_no_re_check_is_asked_for() -> None:
    study = load_study()
    first = {key_for(study.forms["F7"], n=1): {"inf_start_dtm": "2026-03-02T08:30+08:00"}}
    late = datetime(2026, 3, 2, 9, 0, tzinfo=CHINA)
    assert not look(now=late, f3=DECIDED, more=first).recheck.is_needed


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("200", "200"),
        ("200.50", "200.5"),
        ("200.3333333333", "200.333333…"),
        ("0.10", "0.1"),
        ("1E+2", "100"),
    ],
)
def test_a_number_is_shown_without_rounding(amount: str, shown: str) -> None:
    assert eligibility.unrounded(Decimal(amount)) == shown


def test_a_re_check_leaves_the_signed_decision_standing_and_a_changed_criterion_does_not() -> None:
    story = Story()
    story.add(Draft("SubjectCreated", SUBJECT))
    key = FormKey("F3", "SCR")
    form = story.study.forms["F3"]
    slot = next(s for s in form.signatures if s.meaning == "eligibility")
    story.set(key, Cell("exc04_infect"), "N")
    story.add(Draft("FormCompleted", SUBJECT, key))
    signed = {"meaning": "eligibility", "content": "ab" * 32, "covers": sorted(form.covered(slot))}
    story.add(Draft("FormSigned", SUBJECT, key, data=signed), user="dr.two", role="investigator")
    story.set(key, Cell("recheck_dtm"), NOW)
    story.set(key, Cell("recheck_ok"), "Y")
    assert story.state().signers(key, "eligibility") == ("dr.two",)
    story.set(key, Cell("exc04_infect"), "Y", reason="culture positive")
    assert story.state().signers(key, "eligibility") == ()

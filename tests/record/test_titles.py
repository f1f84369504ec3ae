"""How records are named, and what the question for a signature says that is signed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from tests.record.course_story import START, Course
from ucmsc_desktop.i18n import LANGS
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.titles import record_text, signed_text
from ucmsc_desktop.study.load import load_study

EVENT, EVENTS = FormKey("F14", "LOG", 2), FormKey("F8", "D0", 1)


def said(key: FormKey, meaning: str, now: datetime = START, **values: Any) -> tuple[str, str]:
    text = signed_text(FormState(Course().enter(key, **values).state(), key, now), meaning)
    return text.en, text.zh


def test_a_decision_on_eligibility_is_named_with_its_answer() -> None:
    key = FormKey("F3", "SCR")
    assert said(key, "eligibility", elig_decision="ELIG") == (
        "01-001 · F3 Eligibility · Eligible",
        "01-001 · F3 入排标准 · 合格，同意入组",
    )
    assert said(key, "eligibility", elig_decision="INELIG")[0].endswith("· Not eligible")
    assert said(key, "entered", elig_decision="ELIG")[0] == "01-001 · F3 Eligibility"


def test_no_infusion_event_names_the_infusion_and_the_hours() -> None:
    assert said(EVENTS, "none_occurred_6h", iae_none_6h="Y") == (
        "01-001 · F8 Infusion events, infusion 1 · none occurred up to 6 h",
        "01-001 · F8 输注相关事件，第1次输注 · 6小时内未发生",
    )
    assert said(EVENTS, "none_occurred_24h", iae_none_24h="Y")[0].endswith("none occurred up to 24 h")
    assert "none occurred" not in said(EVENTS, "none_occurred_24h", iae_none_6h="Y")[0]


def test_a_judgement_names_the_event_its_relation_and_its_grade() -> None:
    judged: dict[str, Any] = {"ae_term": "Fever 发热", "ae_rel_msc": "PROB", "ae_grade": "3"}
    judged |= dict.fromkeys(("ae_sdth", "ae_slife", "ae_shosp", "ae_sdisab", "ae_scong", "ae_smie"), "N")
    assert said(EVENT, "causality", **judged) == (
        "01-001 · F14 Adverse event no. 2 · Fever 发热, probably related, grade 3, not serious",
        "01-001 · F14 不良事件 第2条 · Fever 发热，很可能有关，3级，非严重",
    )


def test_a_draft_that_is_crossed_out_is_signed_as_crossed_out() -> None:
    deviation = FormKey("F17", "LOG", 1)
    drafted = {"dv_cat": "SAMP", "dv_sev": "MINOR"}
    assert said(deviation, "reviewed", **drafted)[0].endswith("· handling of specimens, minor")
    assert said(deviation, "reviewed", **drafted, dv_draft_ok="N") == (
        "01-001 · F17 Deviation no. 1 · not a deviation",
        "01-001 · F17 方案偏离 第1条 · 不属于方案偏离",
    )
    assert said(EVENT, "causality", ae_term="Fever", ae_grade="1", ae_draft_ok="N")[0].endswith(
        "· not an adverse event of its own"
    )


def test_a_long_name_of_an_event_does_not_push_the_judgement_out_of_sight() -> None:
    text, _zh = said(EVENT, "causality", ae_term="x" * 300, ae_rel_msc="NOT", ae_grade="1")
    assert len(text) < 120
    assert text.endswith("…, not related, grade 1")


def test_the_events_of_an_infusion_are_named_with_what_was_decided_of_each() -> None:
    course = (
        Course()
        .enter(EVENTS, 1, iae_item="01a", iae_adjud="N")
        .enter(EVENTS, 2, iae_item="12", iae_adjud="Y")
    )
    text = signed_text(FormState(course.state(), EVENTS, START), "adjudicated")
    assert "01a Noradrenaline raised: not confirmed" in text.en
    assert text.en.endswith("confirmed")
    assert "01a 去甲肾上腺素加量：不成立" in text.zh


@pytest.mark.parametrize(
    ("key", "en", "zh"),
    [
        (FormKey("F7", "D1", 2), "F7 Infusion 2", "F7 第2次输注"),
        (FormKey("F9", "D7"), "F9 Blood gas, Day 7", "F9 血气，第7天"),
        (FormKey("F12", "DAY", 3), "F12 Daily status, day 3", "F12 每日状态，第3天"),
        (FormKey("F17", "LOG", 1), "F17 Deviation no. 1", "F17 方案偏离 第1条"),
        (FormKey("F1", "SCR"), "F1 Screening", "F1 筛选"),
    ],
)  # fmt: skip
def test_a_record_is_named_by_its_form_and_its_place(key: FormKey, en: str, zh: str) -> None:
    text = record_text(load_study(), key)
    assert (text.en, text.zh) == (en, zh)


@pytest.mark.parametrize("lang", LANGS)
def test_every_signature_of_the_study_can_be_named(lang: str) -> None:
    study = load_study()
    for form in study.forms.values():
        key = FormKey(
            form.id,
            {"log": "LOG", "day": "DAY"}.get(form.repeat, "D0" if form.repeat == "infusion" else "SCR"),
        )
        view = FormState(Course().state(), key, START)
        for slot in form.signatures:
            assert form.id in signed_text(view, slot.meaning).get(lang)  # type: ignore[arg-type]  # a language of the two

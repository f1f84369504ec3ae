"""Skip rules in words."""

from __future__ import annotations

import pytest

from ucmsc_desktop.paper.conditions import OTHERWISE, condition
from ucmsc_desktop.paper.trail import numbers_of
from ucmsc_desktop.study.expr import Expression
from ucmsc_desktop.study.load import load_study


@pytest.mark.parametrize(
    ("rule", "en", "zh"),
    [
        ("abg_done == 'Y'", "if no. 1 = Yes", "若第1项 = 是"),
        ("abg_done != 'Y'", "if no. 1 ≠ Yes", "若第1项 ≠ 是"),
        ("not (given(abg_done) and abg_done == 'N')", "if no. 1 ≠ No", "若第1项 ≠ 否"),
        (
            "abg_vessel == 'VEN' or abg_vessel == 'CAP'",
            "if no. 10 = Venous / Capillary",
            "若第10项 = 静脉血 / 毛细血管血",
        ),
        ("abg_vessel in ('VEN', 'CAP')", "if no. 10 = Venous / Capillary", "若第10项 = 静脉血 / 毛细血管血"),
        ("'CLOT' in abg_sample_q", "if no. 12 includes Clot", "若第12项 含 凝块"),
        (
            "visit == 'UNS' and abg_done == 'Y'",
            "if visit = Unscheduled and no. 1 = Yes",
            "若访视 = 计划外 且 第1项 = 是",
        ),
        ("given(abg_ph)", "if no. 38 is filled in", "若第38项 已填写"),
        ("F1.sex == 'F'", "if F1 Sex = Female", "若F1 性别 = 女"),
        ("n > 1", "if record number > 1", "若记录序号 > 1"),
    ],
)
def test_a_rule_is_said_with_the_numbers_on_the_page(rule, en, zh):
    study = load_study()
    form = study.forms["F9"]
    assert condition(Expression(rule), form, numbers_of(form), study, "en") == en
    assert condition(Expression(rule), form, numbers_of(form), study, "zh") == zh


def test_both_kinds_of_joining_keep_their_brackets():
    study = load_study()
    form = study.forms["F9"]
    rule = Expression("abg_done == 'Y' and (abg_vessel == 'VEN' or abg_site == 'LINE')")
    said = condition(rule, form, numbers_of(form), study, "en")
    assert said == "if no. 1 = Yes and (no. 10 = Venous or no. 11 = Arterial line)"


@pytest.mark.parametrize(
    "rule", ["minutes(abg_analysis_dtm - abg_collect_dtm) > 5", "abg_vessel == 'NOSUCH'"]
)
def test_a_rule_that_cannot_be_said_plainly_is_not_guessed(rule):
    study = load_study()
    form = study.forms["F9"]
    assert condition(Expression(rule), form, numbers_of(form), study, "en") == OTHERWISE.en


def test_no_item_name_of_the_program_reaches_the_words():
    study = load_study()
    for form in study.forms.values():
        for item in form.items():
            if item.show is not None:
                for lang in ("en", "zh"):
                    assert item.id not in condition(item.show, form, numbers_of(form), study, lang)
                    assert "_" not in condition(item.show, form, numbers_of(form), study, lang)

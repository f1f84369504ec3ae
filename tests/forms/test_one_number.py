"""Numbers that stand in two places of the forms: a change in study.yaml must not leave the other one behind."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from ucmsc_desktop.study.load import load_study

BRANCH = re.compile(
    r'"(\w+)" if .*?(-?\d+) <= (minutes|hours)\(cyt_collect_dtm - F7\[1\]\.(\w+)\) <= (-?\d+)', re.DOTALL
)
ANCHORS = {"first_start": "inf_start_dtm", "first_end": "inf_end_dtm"}


def test_the_time_point_a_sample_fits_is_judged_by_the_windows_of_the_schedule() -> None:
    study = load_study()
    item = study.forms["F10"].by_id["cyt_fits"]
    assert item.derive is not None
    judged = {
        visit: (anchor, int(low) * scale, int(high) * scale)
        for visit, low, unit, anchor, high in BRANCH.findall(item.derive.source)
        for scale in [60 if unit == "hours" else 1]
    }
    planned = {
        p.visit: (
            ANCHORS[p.window.anchor],
            p.window.at_min - p.window.before_min,
            p.window.at_min + p.window.after_min,
        )
        for p in study.schedule
        if p.form == "F10" and p.window is not None
    }
    assert judged == planned


def test_viability_is_asked_about_below_the_release_specification() -> None:
    study = load_study()
    release = Decimal(str(study.parameters["release_viability_pct"]))
    for name in ("prod_viab", "prep_viab"):
        soft = study.forms["F6"].by_id[name].soft
        assert soft is not None
        assert soft.low == release, name


def test_the_delivered_dose_is_flagged_at_the_tolerance_of_the_study() -> None:
    study = load_study()
    percent = Decimal(str(study.parameters["dose_soft_pct"]))
    soft = study.forms["F7"].by_id["inf_pct"].soft
    assert soft is not None
    assert (soft.low, soft.high) == (100 - percent, 100 + percent)


def test_vital_signs_are_due_every_quarter_of_an_hour_as_long_as_an_infusion_may_run() -> None:
    study = load_study()
    longest = int(str(study.parameters["infusion_max_min"]))
    due = [p.at_min for p in study.flow_sheet if p.anchor == "start" and p.at_min >= 15]
    assert due == list(range(15, longest + 1, 15))


@pytest.mark.parametrize(
    ("form", "check", "parameters"),
    [
        ("F6", "F6.dose", ["dose_soft_pct", "dose_hard_pct"]),
        ("F6", "X10", ["late_entry_min"]),
        ("F7", "X07.dose", ["dose_hard_pct"]),
        ("F7", "X08", ["dose_interval_h_min", "dose_interval_h_max"]),
        ("F7", "X09", ["infusion_min_min", "infusion_max_min"]),
        ("F7", "X10", ["late_entry_min"]),
        ("F7", "X10.flow", ["late_entry_flow_min"]),
        ("F7", "F7.dose", ["dose_soft_pct"]),
        ("F7", "F7.verify_time", ["verify_max_min"]),
        ("F8", "X10", ["late_entry_min"]),
        ("F10", "F10.spin60", ["spin_target_min"]),
        ("F10", "X24", ["spin_max_min"]),
        ("F10", "X24.freeze", ["freeze_max_min"]),
        ("F11", "F11.adjudicate", ["ct_adjudicate_points"]),
        ("F14", "F14.late_report", ["sae_report_h"]),
        ("F15", "X10", ["late_entry_min"]),
        ("F16", "X10", ["late_entry_min"]),
    ],
)
def test_a_message_names_the_limit_that_is_in_force(form: str, check: str, parameters: list[str]) -> None:
    study = load_study()
    message = next(c.message for c in study.forms[form].checks if c.id == check)
    for name in parameters:
        for text in (message.en, message.zh):
            assert str(study.parameters[name]) in re.findall(r"[\d.]+", text), name


@pytest.mark.parametrize(
    ("form", "item", "parameters"),
    [
        ("F8", "iae10", ["iae_fever_c", "iae_fever_rise_c"]),
        ("F8", "iae12", ["iae_sbp_low", "iae_sbp_fall_pct", "iae_hypotension_min"]),
        ("F11", "ct_adjud", ["ct_adjudicate_points"]),
        ("F14", "sae_due_dtm", ["sae_report_h"]),
    ],
)
def test_a_label_names_the_limit_that_is_in_force(form: str, item: str, parameters: list[str]) -> None:
    study = load_study()
    label = study.forms[form].by_id[item].label
    for name in parameters:
        limit = Decimal(str(study.parameters[name]))
        for text in (label.en, label.zh):
            assert limit in [Decimal(n.rstrip(".")) for n in re.findall(r"\d[\d.]*", text)], name

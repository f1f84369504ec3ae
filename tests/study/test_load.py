"""The loader finds every problem at once, each with its file and line."""

from __future__ import annotations

import re
import shutil
from functools import lru_cache
from pathlib import Path

import pytest

from ucmsc_desktop import paths
from ucmsc_desktop.errors import FormsBroken
from ucmsc_desktop.study import load
from ucmsc_desktop.study.load import load_study, read


@pytest.fixture(autouse=True)
def _each_text_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most files are the same in every test here; to parse all of them takes seconds."""
    monkeypatch.setattr(load, "_Document", _parsed)


_parsed = lru_cache(maxsize=None)(load._Document)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    target = tmp_path / "forms"
    shutil.copytree(paths.forms_dir(), target)
    return target


def change(file: Path, old: str, new: str) -> int:
    """Replace a text once and give the line it stood in."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    line = text[: text.index(old)].count("\n") + 1
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return line


def test_the_forms_of_the_study_have_no_problem() -> None:
    study, problems = read(paths.forms_dir())
    assert problems == []
    assert study is not None
    assert list(study.form_order) == [f"F{n}" for n in range(1, 18)]
    assert all(form_id in study.forms for form_id in study.form_order)


def test_every_problem_is_reported_at_once_with_its_line(copy: Path) -> None:
    gas = copy / "f09_abg.yaml"
    first = change(gas, "unit: mmHg", "unit: furlong")
    second = change(copy / "f10_cytokine.yaml", "type: text", "type: prose")
    (copy / "f13_medication.yaml").write_text("id: F13\nid: F13\n", encoding="utf-8")
    _study, problems = read(copy)
    found = {(p.file, p.line) for p in problems}
    assert any(f == "f09_abg.yaml" and abs(line - first) < 15 for f, line in found)
    assert ("f10_cytokine.yaml", second) in found
    assert ("f13_medication.yaml", 2) in found


def test_broken_files_are_named_all_at_once(copy: Path) -> None:
    (copy / "f97.yaml").write_text("id: F97\n  broken: [", encoding="utf-8")
    (copy / "f98.yaml").write_text("- a\n- b\n", encoding="utf-8")
    (copy / "f99.yaml").write_text("id: F99\nname: x\n", encoding="utf-8")
    with pytest.raises(FormsBroken) as caught:
        load_study(copy)
    told = str(caught.value)
    assert "UC-301" in told
    assert "f97.yaml:" in told
    assert "f98.yaml:1: a form file is a mapping" in told
    assert re.search(r"f99.yaml:\d+: .*Field required", told)


def test_names_circles_and_missing_texts_are_problems(copy: Path) -> None:
    change(copy / "f09_abg.yaml", "abg_done ==", "abg_dun ==")
    change(copy / "study.yaml", "zh: 筛选}", 'zh: ""}')
    (copy / "f99.yaml").write_text(
        """id: F99
name: circle
version: "1"
title: {en: Circle, zh: 循环}
short: {en: Circle, zh: 循环}
repeat: once
by: [nurse]
sections:
- id: one
  title: {en: One, zh: 一}
  items:
  - {id: aa, label: {en: A, zh: 甲}, type: decimal, derive: bb + 1}
  - {id: bb, label: {en: B, zh: 乙}, type: decimal, derive: aa + 1}
""",
        encoding="utf-8",
    )
    _study, problems = read(copy)
    assert any("en and zh" in p.message for p in problems)
    change(copy / "study.yaml", 'zh: ""}', "zh: 筛选}")
    _study, problems = read(copy)
    assert any("there is no item abg_dun" in p.message for p in problems)
    assert any("circle: aa → bb → aa" in p.message for p in problems)


def test_signatures_and_messages_that_cannot_work_are_problems(copy: Path) -> None:
    product, gas = copy / "f06_product.yaml", copy / "f09_abg.yaml"
    change(product, "covers: [identity_check, prod_unit_id", "covers: [identity_chek, prod_unit_id")
    change(copy / "f07_infusion.yaml", "  covers: [inf_bag_scan, verify_p1, verify_p2, verify_dtm]\n", "")
    change(copy / "f07_infusion.yaml", "count_given(F6.signers_verified)", "count_given(F6.signers_checked)")
    change(copy / "f08_infusion_events.yaml", 'opens: "iae_none_6h', 'opens: "iae_none_7h')
    change(
        gas, "derive: minutes(abg_analysis_dtm - abg_collect_dtm)", "derive: count_given(signers_reviewed)"
    )
    change(gas, "PaO2 {abg_pao2} is hardly", "PaO2 {abg_po2} is hardly")
    change(gas, "The patient ID on the slip is not", "The patient ID {abg_slip_id4} is not")
    _study, problems = read(copy)
    told = "\n".join(p.message for p in problems)
    for words in (
        "verified: there is no item or section identity_chek",
        "verified: a signature that opens early must say what it covers",
        "there is no signature F6.signers_checked",
        "there is no item iae_none_7h",
        "abg_delay_min: no derivation may ask who signed",
        "F9.kpa: the message names an item that is not there, abg_po2",
        "F9.kpa: abg_pao2 stands in one wording of the message only",
        "F9.swap_id: abg_slip_id4 never leaves the site and cannot stand in a message",
    ):
        assert words in told


def test_digits_of_a_limit_survive_the_yaml(copy: Path) -> None:
    study, problems = read(copy)
    assert not problems
    assert study is not None
    fio2 = study.forms["F9"].by_id["abg_fio2"]
    assert fio2.hard is not None
    assert str(fio2.hard.low) == "0.21"


def test_a_changed_file_is_read_anew_not_from_the_compiled_copy(copy: Path) -> None:
    before = load_study(copy).forms["F9"].title.en
    assert (copy / ".compiled.json").is_file()
    assert load_study(copy).forms["F9"].title.en == before
    change(copy / "f09_abg.yaml", f"en: {before}", "en: Another title")
    assert load_study(copy).forms["F9"].title.en == "Another title"


def test_the_compiled_copy_gives_the_same_study(copy: Path) -> None:
    from ucmsc_desktop.study import load

    full, _problems = read(copy)
    load_study(copy)
    load._load_cached.cache_clear()
    assert load_study(copy) == full


def test_the_sign_in_page_names_the_study_and_the_clock_its_zone() -> None:
    from ucmsc_desktop.session.ward import ZONE
    from ucmsc_desktop.ui.pages.sign_in import PRODUCT, REGISTRY

    study = load_study()
    assert (study.short, study.registry, study.timezone) == (PRODUCT, REGISTRY, ZONE)

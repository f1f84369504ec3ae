"""Blank and filled forms: every label and value readable in both languages, files sound and repeatable."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.paper import reading, story
from ucmsc_desktop import paths
from ucmsc_desktop.errors import FontsMissing, GlyphMissing, KnownError
from ucmsc_desktop.i18n import LANGS, Lang
from ucmsc_desktop.paper import answers, crf
from ucmsc_desktop.paper.blank import is_draft
from ucmsc_desktop.paper.filled import scan_text, visit_text
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.model import Study
from ucmsc_desktop.study.values import Missing, Number, Value

FORMS = load_study().form_order


def state_with(values: dict[str, Value], form_id: str = "F13", n: int = 1) -> FormState:
    study = load_study()
    story_ = story.Story()
    key = key_for(study.forms[form_id], "D2", n)
    for item, value in values.items():
        story_.set(key, Cell(item), value)
    return FormState(story_.state(), key, story.NOW)


def printed(
    tmp_path: Path, external: reading.External, state: FormState, lang: Lang = "en", **options: bool
) -> str:
    out = tmp_path / "form.pdf"
    crf.render(out, [state], story.head(lang), lang, **options)
    return reading.text_of(external, out)


# --- blank ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("form_id", FORMS)
def test_a_blank_form_shows_every_label_unit_choice_and_number(tmp_path, external, form_id, lang):
    study = load_study()
    form = study.forms[form_id]
    out = tmp_path / "blank.pdf"
    made = crf.render(out, [form], story.head(lang, blank=True), lang, study=study)
    reading.assert_sound(external, out)
    text = reading.squeezed(reading.text_of(external, out))
    assert f"{made.pages}" in text
    drafted = {i.id for s in form.sections if is_draft(s) for i in s.items}
    for number, item in enumerate(form.items(), start=1):
        if item.id in drafted:
            continue
        assert reading.squeezed(item.label.get(lang)) in text, item.id
        assert str(number) in text
        if item.unit and not item.is_derived:
            assert reading.squeezed(item.unit_label("", lang)) in text, item.id
        for choice in item.choices if not item.is_derived else ():
            assert reading.squeezed(choice.label.get(lang)) in text, (item.id, choice.code)
    for section in form.sections:
        assert (reading.squeezed(section.title.get(lang)) in text) is not is_draft(section), section.id


@pytest.mark.parametrize("lang", LANGS)
def test_items_are_numbered_in_the_order_of_the_form_model(tmp_path, external, lang):
    study = load_study()
    form = study.forms["F13"]
    out = tmp_path / "blank.pdf"
    crf.render(out, [form], story.head(lang, blank=True), lang, study=study)
    text = reading.squeezed(reading.text_of(external, out))
    places = [
        text.index(reading.squeezed(f"{n}{item.label.get(lang)}"))
        for n, item in enumerate(form.items(), start=1)
    ]
    assert places == sorted(places)


def test_several_blank_forms_begin_with_the_instructions_and_one_does_not(tmp_path, external):
    study = load_study()
    forms = [study.forms["F13"], study.forms["F17"]]
    crf.render(tmp_path / "two.pdf", forms, story.head(blank=True), "en", study=study)
    crf.render(tmp_path / "one.pdf", forms[:1], story.head(blank=True), "en", study=study)
    assert "single line through the error" in reading.text_of(external, tmp_path / "two.pdf", "-l", 1)
    assert "single line through the error" not in reading.text_of(external, tmp_path / "one.pdf")


def test_a_blank_form_says_when_an_item_is_to_be_answered(tmp_path, external):
    study = load_study()
    crf.render(tmp_path / "f9.pdf", [study.forms["F9"]], story.head(blank=True), "en", study=study)
    text = reading.squeezed(reading.text_of(external, tmp_path / "f9.pdf"))
    assert reading.squeezed("→ if no. 1 = No") in text
    assert "abg_done" not in text


def test_a_number_has_as_many_boxes_as_its_limits_need():
    item = load_study().forms["F9"].by_id["abg_pao2"]
    assert answers.digits(item)[0] == 3
    assert answers.digits(load_study().forms["F9"].by_id["abg_ph"]) == (1, 2)


# --- filled --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("form_id", FORMS)
def test_a_filled_form_shows_every_label_and_every_value(tmp_path, external, form_id, lang):
    state = story.every_form_filled()
    form_state = next(f for f in story.form_states(state) if f.form.id == form_id)
    out = tmp_path / "filled.pdf"
    crf.render(out, [form_state], story.head(lang), lang)
    reading.assert_sound(external, out)
    text = reading.squeezed(reading.text_of(external, out))
    for section, item, row in form_state.cells():
        assert reading.squeezed(item.label.get(lang)) in text, item.id
        value = form_state.value(item.id, row)
        if value is None or item.site_only:
            continue
        shown = item.shown(value, lang)
        if section.rows and isinstance(value, Number):
            shown = shown.removesuffix(item.unit_label("", lang)).strip()
        if item.type == "multi":
            for code in value:  # type: ignore[union-attr]  # a tuple, by the type
                assert reading.squeezed(item.shown((code,), lang)) in text, item.id
        elif item.type == "staff":
            assert reading.squeezed(story.NAMES[str(value)]) in text, item.id
        else:
            assert reading.squeezed(shown) in text, (item.id, shown)
    assert story.SECRET.split("-", maxsplit=1)[0].replace(" ", "") not in text


def test_the_same_state_and_head_give_the_same_bytes(tmp_path):
    states = story.form_states(story.eventful())
    one = crf.render(tmp_path / "a.pdf", states, story.head(), "zh")
    two = crf.render(tmp_path / "b.pdf", states, story.head(), "zh")
    assert one == two
    assert (tmp_path / "a.pdf").read_bytes() == (tmp_path / "b.pdf").read_bytes()


def test_another_moment_gives_other_bytes(tmp_path):
    states = story.form_states(story.eventful())[:1]
    later = replace(story.head(), printed_at=story.NOW + timedelta(seconds=1))
    one = crf.render(tmp_path / "a.pdf", states, story.head(), "en")
    two = crf.render(tmp_path / "b.pdf", states, later, "en")
    assert one.sha256 != two.sha256


def test_a_missing_value_prints_its_code_and_reason(tmp_path, external):
    item = next(i for i in load_study().forms["F13"].items() if "ND" in i.missing and not i.is_derived)
    state = state_with({item.id: Missing("ND", "Not recorded that night")})
    assert "ND (Not recorded that night)" in printed(tmp_path, external, state)


def test_an_empty_required_item_is_printed_as_not_entered(tmp_path, external):
    item = next(i for i in load_study().forms["F13"].items() if i.type == "text")
    assert "not entered" in printed(tmp_path, external, state_with({item.id: "Aspirin"}))


def test_a_derived_value_carries_its_formula(tmp_path, external):
    state = next(f for f in story.form_states(story.eventful()) if f.form.id == "F9")
    text = printed(tmp_path, external, state)
    assert re.search(r"calculated · F1/1", text)


def test_a_value_outside_the_usual_range_is_flagged(tmp_path, external):
    item = load_study().forms["F9"].by_id["abg_paco2"]
    assert item.soft is not None
    assert item.soft.high is not None
    value = Number(item.soft.high + 1, item.unit)
    text = printed(tmp_path, external, state_with({"abg_paco2": value}, "F9"))
    assert re.search(r"mmHg\s+▲", text)
    assert "outside the usual range" in text


def test_site_only_values_are_kept_at_the_site_unless_asked_for(tmp_path, external):
    state = next(f for f in story.form_states(story.eventful()) if f.form.id == "F1")
    text = printed(tmp_path, external, state)
    assert "kept at site" in text
    assert "Fictia" not in text
    assert "Fictia" not in (tmp_path / "form.pdf").read_bytes().decode("latin-1")
    assert "Fictia" in printed(tmp_path, external, state, site_items=True)


# --- hostile values ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hostile",
    [
        "<b>bold</b> & <super>6</super> <img src='x'/> &amp; ]]>",
        "100% \\ (paren) <00> endstream endobj",
        "-- ' OR 1=1; ‘quoted’ “double”",
        "Supercalifragilistic" * 12,
        "很长的中文没有任何空格" * 20,
        "O'Brien\nsecond line\tafter a tab",
    ],
)
def test_hostile_text_prints_as_it_was_typed(tmp_path, external, hostile):
    item = next(i for i in load_study().forms["F13"].items() if i.type == "text")
    text = printed(tmp_path, external, state_with({item.id: hostile}))
    assert reading.squeezed(hostile) in reading.squeezed(text)
    reading.assert_sound(external, tmp_path / "form.pdf")


def test_a_text_longer_than_a_page_goes_on_over_the_next(tmp_path, external):
    item = next(i for i in load_study().forms["F13"].items() if i.type == "text")
    long = " ".join(f"word{n}" for n in range(2500))
    text = printed(tmp_path, external, state_with({item.id: long}))
    for n in (0, 1249, 2499):
        assert f"word{n}" in text


@pytest.mark.parametrize(("bad", "code"), [("😀", "U+1F600"), ("שלום", "U+05E9"), ("a\u202eb", "U+202E")])
def test_a_character_that_cannot_be_printed_leaves_no_file(tmp_path, bad, code):
    item = next(i for i in load_study().forms["F13"].items() if i.type == "text")
    with pytest.raises(GlyphMissing) as caught:
        crf.render(tmp_path / "x.pdf", [state_with({item.id: bad})], story.head(), "en")
    assert caught.value.details["char"] == code
    assert list(tmp_path.iterdir()) == []


def test_a_failed_print_keeps_the_file_that_was_there(tmp_path):
    out = tmp_path / "x.pdf"
    out.write_bytes(b"earlier")
    item = next(i for i in load_study().forms["F13"].items() if i.type == "text")
    with pytest.raises(GlyphMissing):
        crf.render(out, [state_with({item.id: "😀"})], story.head(), "en")
    assert out.read_bytes() == b"earlier"


def test_missing_fonts_are_told_by_their_code(tmp_path, monkeypatch):
    monkeypatch.setattr(paths, "resources_dir", lambda: tmp_path)
    with pytest.raises(FontsMissing):
        crf.render(tmp_path / "x.pdf", [load_study().forms["F1"]], story.head(blank=True), "en")


def test_a_folder_that_is_not_there_is_a_known_error(tmp_path):
    with pytest.raises(KnownError):
        crf.render(tmp_path / "no" / "x.pdf", [load_study().forms["F1"]], story.head(blank=True), "en")


# --- the code in the foot ------------------------------------------------------------------------------------------


def test_the_code_in_the_foot_scans_to_the_record_and_its_hash(tmp_path, external):
    zxingcpp = pytest.importorskip("zxingcpp")
    from PIL import Image

    state = next(f for f in story.form_states(story.eventful()) if f.form.id == "F9")
    crf.render(tmp_path / "f.pdf", [state], story.head(), "en")
    reading.run(external, "pdftoppm", "-r", 300, "-l", 1, "-gray", "-png", tmp_path / "f.pdf", tmp_path / "p")
    with Image.open(next(tmp_path.glob("p*.png"))) as page:
        found = {code.text for code in zxingcpp.read_barcodes(page)}
    assert found == {scan_text(state)}
    assert state.content_hash()[:16] in scan_text(state)


# --- all item types ------------------------------------------------------------------------------------------------


def one_item_form(study: Study, kind: str) -> Study:
    """Give a study whose F13 is one item of a type."""
    form = study.forms["F13"]
    base = form.sections[0].items[0]
    choices = study.choices["SIDE"] if kind in ("choice", "multi") else form_choices(study, kind)
    item = base.model_copy(
        update={"type": kind, "choices": choices, "id": "probe", "derive": None, "show": None}
    )
    section = form.sections[0].model_copy(update={"items": (item,), "show": None})
    small = form.model_copy(update={"sections": (section,), "checks": (), "signatures": ()})
    for name in ("by_id", "section_of", "derivation_order"):
        small.__dict__.pop(name, None)
    return study.model_copy(update={"forms": {**study.forms, "F13": small}})


def form_choices(study: Study, kind: str) -> tuple[object, ...]:
    for form in study.forms.values():
        for item in form.items():
            if item.type == kind:
                return item.choices
    return ()


KINDS = (
    "decimal", "integer", "choice", "multi", "yn", "ynu", "date", "partial_date", "datetime", "duration", "text", "staff",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_item_type_prints_blank_and_filled(tmp_path, external, kind):
    study = one_item_form(load_study(), kind)
    form = study.forms["F13"]
    crf.render(tmp_path / "blank.pdf", [form], story.head(blank=True), "en", study=study)
    reading.assert_sound(external, tmp_path / "blank.pdf")
    story_ = story.Story()
    story_.study = study
    key = key_for(form, n=1)
    value = story.sample(form.by_id["probe"])
    story_.set(key, Cell("probe"), value)
    filled: SubjectState = story_.state()
    text = printed(tmp_path, external, FormState(filled, key, story.NOW))
    shown = form.by_id["probe"].shown(value, "en")
    wanted = story.NAMES["nurse.one"] if kind == "staff" else shown
    for part in wanted.split(", "):
        assert reading.squeezed(part) in reading.squeezed(text)


def test_a_time_in_another_zone_prints_its_offset():
    item = load_study().forms["F9"].by_id["abg_collect_dtm"]
    value = story.START.astimezone(__import__("datetime").timezone(timedelta(hours=9)))
    assert answers.shown(item, value, "en", {}).endswith("+0900")
    assert not answers.shown(item, story.START, "en", {}).endswith("+0800")


def test_digits_are_never_rounded_for_entered_values(tmp_path, external):
    text = printed(tmp_path, external, state_with({"abg_ph": Number(Decimal("7.3501"))}, "F9"))
    assert "7.3501" in text


@pytest.mark.parametrize(
    ("form", "en", "zh"),
    [("F17", "Deviation no. 2", "方案偏离 第2条"), ("F13", "Medication no. 2", "合并用药 第2条"),
     ("F14", "Adverse event no. 2", "不良事件 第2条")],
)  # fmt: skip
def test_a_record_of_a_log_is_named_by_what_it_is_about(form: str, en: str, zh: str) -> None:
    text = visit_text(load_study(), FormKey(form, "LOG", 2))
    assert (text.en, text.zh) == (en, zh)

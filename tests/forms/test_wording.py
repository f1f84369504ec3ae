"""Every text of the forms stands in both languages, each in its own words and its own punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from pydantic import BaseModel

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.study.load import load_study

CHINESE = re.compile(r"[\u3400-\u9fff]")
PLACE = re.compile(r"\{\w+\}")
# Names that Chinese texts write in Latin letters too.
NAMES = re.compile(
    r"\b(mmHg|cmH|kPa|hPa|pH|m?mol|min|fraction|jin|DuoPAP|Murray|Berlin|APACHE|SOFA|Helmet|Plasma-Lyte|NCT\d+|rpm)\b"
)
WORD = re.compile(r"\b[a-z]{3,}\b|\b[A-Z][a-z]{3,}\b")
RUN = re.compile(r"\b[a-z]{3,}(?: [a-z]{2,}){2,}\b")  # three words of English in a row


def texts() -> Iterator[tuple[str, Text]]:
    """Give every text of the study with where it stands."""
    study = load_study()
    yield from _texts("study", study)
    for name, listed in study.choices.items():
        for choice in listed:
            yield f"{name}.{choice.code}", choice.label


def _texts(path: str, node: object) -> Iterator[tuple[str, Text]]:
    if isinstance(node, Text):
        yield path, node
    elif isinstance(node, BaseModel):
        own = getattr(node, "id", None) or getattr(node, "code", None)
        here = f"{path}.{own}" if own else path
        for field in type(node).model_fields:
            yield from _texts(here, getattr(node, field))
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from _texts(f"{path}.{key}" if not isinstance(value, BaseModel) else path, value)
    elif isinstance(node, tuple | list):
        for value in node:
            yield from _texts(path, value)


def untranslated(text: Text) -> str:
    """Say what is not in its own language; "" where all is."""
    en, zh = (NAMES.sub("", PLACE.sub("", wording)) for wording in (text.en, text.zh))
    if WORD.search(en) and not CHINESE.search(zh):
        return "no Chinese"
    if RUN.search(zh):
        return "English in the Chinese"
    if CHINESE.search(re.sub(r"\(?氧合指数(OI,平均气道压法)?\)?|\(斤\)", "", en)):
        return "Chinese in the English"
    return ""


def test_no_text_of_the_forms_is_left_untranslated() -> None:
    found = list(texts())
    assert len(found) > 3000
    wrong = [
        f"{where}: {what}: {text.en} | {text.zh}" for where, text in found if (what := untranslated(text))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("en", "zh"),
    [
        ("Blood drawn at", "Blood drawn at"),
        ("Blood drawn at", "BLOOD"),
        ("Blood drawn at", "采血：time of the draw"),
        ("采血时间 at", "采血时间"),
    ],
)
def test_a_text_that_is_not_translated_is_found(en: str, zh: str) -> None:
    assert untranslated(Text(en, zh))


@pytest.mark.parametrize(("en", "zh"), [("PaO2/FiO2 (氧合指数)", "PaO2/FiO2 (氧合指数)"), ("ECMO", "ECMO")])
def test_signs_that_both_languages_share_are_not(en: str, zh: str) -> None:
    assert not untranslated(Text(en, zh))


def test_chinese_has_chinese_punctuation() -> None:
    wrong = [
        f"{where}: {text.zh}"
        for where, text in texts()
        if re.search(r"[\u3400-\u9fff][,;?!:][\u3400-\u9fff]", text.zh) and "OI,平均气道压法" not in text.zh
    ]
    assert wrong == []


def test_every_message_is_a_sentence() -> None:
    wrong = [
        f"{form.id} {check.id}: {check.message.en} | {check.message.zh}"
        for form in load_study().forms.values()
        for check in form.checks
        if check.message.en[-1] not in ".?!" or check.message.zh[-1] not in "。？！"
    ]
    assert wrong == []


def test_the_version_of_a_formula_is_a_code_and_no_word() -> None:
    """It is printed beside every calculated value, in both languages."""
    code = re.compile(r"[A-Z][A-Z0-9]*[a-e]?( [A-Z0-9]+[a-e]?)?/\d+")
    wrong = [
        f"{form.id}.{item.id}: {item.formula}"
        for form in load_study().forms.values()
        for item in form.items()
        if item.derive is not None and not code.fullmatch(item.formula)
    ]
    assert wrong == []

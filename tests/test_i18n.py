"""Both wordings of every text are there, with the same placeholders, and every error has its three parts."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from ucmsc_desktop import errors
from ucmsc_desktop.errors import KnownError

PACKAGE = Path(errors.__file__).parent
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def texts() -> Iterator[tuple[str, int, str, str]]:
    """Give every tr("…", "…") and Text("…", "…") of the program whose wordings are written out."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("tr", "Text")
            ):
                continue
            plain = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            if len(plain) == 2:
                yield str(path.relative_to(PACKAGE)), node.lineno, plain[0], plain[1]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_wordings_have_the_same_placeholders() -> None:
    found = list(texts())
    assert len(found) > 100
    wrong = [f"{file}:{line}" for file, line, en, zh in found if placeholders(en) != placeholders(zh)]
    assert not wrong, wrong


# --- nothing is left in the other language ---------------------------------------------------------------------

# What Chinese writes in Latin letters too.
NAMES = re.compile(r"\b(mmHg|UCMSC|desktop)\b")
WORD = re.compile(r"[A-Za-z]{4,}")
# Calls that put a text before somebody's eyes or ears: on the screen, on paper.
SHOWING = re.compile(
    r"set(Text|WindowTitle|Title|ToolTip|StatusTip|PlaceholderText|AccessibleName|AccessibleDescription|Prefix|Suffix|"
    r"SpecialValueText|InformativeText|DetailedText|HorizontalHeaderLabels)|add(Action|Item|Tab)|"
    r"draw(Text|String|CentredString|RightString)|Paragraph|Q(Label|PushButton|ToolButton|GroupBox|CheckBox|RadioButton|Action)"
)


def written_out(node: ast.expr) -> str | None:
    """Give the words of a literal, those around the places of an f-string too; None for anything else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(v.value if isinstance(v, ast.Constant) else " " for v in node.values)  # type: ignore[misc]
    return None


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


def untranslated(source: str) -> Iterator[str]:
    """Give every text of a module that stands in one language only."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        words = [written_out(a) for a in node.args]
        if called(node) in ("tr", "Text") and len(words) >= 2:
            en, zh = (NAMES.sub("", re.sub(r"\{[^}]*\}", "", w or "")) for w in words[:2])
            if words[1] is not None and WORD.search(en) and not CHINESE.search(zh):
                yield f"{node.lineno}: no Chinese: {words[0]!r}"
            if words[0] is not None and CHINESE.search(en):
                yield f"{node.lineno}: Chinese in the English: {words[0]!r}"
        elif SHOWING.fullmatch(called(node)):
            for word in filter(None, words):
                if WORD.search(NAMES.sub("", word)) or CHINESE.search(word):
                    yield f"{node.lineno}: shown in one language: {word!r}"


def test_no_text_of_a_screen_a_paper_or_an_error_is_left_untranslated() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{found}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for found in untranslated(path.read_text(encoding="utf-8"))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    "source",
    [
        'tr("Bag mixed", "Bag mixed")',
        'tr("Bag mixed", "Mixed")',
        'Text(f"Taken {at}", f"At {at}")',
        'Text(f"第 {n} 次", f"第 {n} 次")',
        'button.setText("Bag mixed")',
        'QLabel(f"Taken {at}", parent)',
        'canvas.drawString(x, y, "第 1 页")',
    ],
)
def test_a_text_in_one_language_is_found(source: str) -> None:
    assert list(untranslated(source))


@pytest.mark.parametrize(
    "source", ['tr("Bag mixed", "已轻摇混匀")', 'Text("mmHg", "mmHg")', "button.setText(words.get())"]
)
def test_a_text_in_both_is_not(source: str) -> None:
    assert not list(untranslated(source))


def known_errors() -> list[type[KnownError]]:
    return [
        e
        for e in vars(errors).values()
        if isinstance(e, type) and issubclass(e, KnownError) and e is not KnownError
    ]


def test_every_error_has_a_code_of_its_own_and_three_parts_in_both_languages() -> None:
    codes = [e.code for e in known_errors()]
    assert len(codes) == len(set(codes))
    for error in known_errors():
        assert re.fullmatch(r"UC-[1-6]\d\d", error.code)
        for part in (error.what, error.safe, error.todo):
            assert part.en
            assert CHINESE.search(part.zh) or part.en == part.zh == "{message}"
            assert placeholders(part.en) == placeholders(part.zh)

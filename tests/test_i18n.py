"""Both wordings of every text are there, with the same placeholders, and every error has its three parts."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

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


def test_no_text_is_left_untranslated() -> None:
    wrong = [
        f"{file}:{line}: {en!r}"
        for file, line, en, zh in texts()
        if re.search(r"[A-Za-z]{4,}", re.sub(r"\{[^}]*\}", "", en)) and zh == en != "mmHg"
    ]
    assert not wrong, "\n".join(wrong)


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

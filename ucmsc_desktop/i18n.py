"""The two languages of the program, side by side.

Every text a person can read is written once, in English and in Chinese, in the same place: `tr("Save", "保存")` in
code, `{en: ..., zh: ...}` in the forms. With exactly two languages this beats message catalogues: nothing can be left
untranslated, both wordings are reviewed together, and nothing has to be compiled. A test walks all calls of `tr` and
`Text` and fails when the placeholders of the two wordings differ.

This module must never decide a language by itself: the user chooses it, the printed page names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = ("en", "zh")

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_current: Lang = "en"


@dataclass(frozen=True, slots=True)
class Text:
    """One text in both languages."""

    en: str
    zh: str

    def get(self, lang: Lang | None = None) -> str:
        """Give the wording in `lang` (None: the language of the window)."""
        return self.zh if (lang or _current) == "zh" else self.en

    def __str__(self) -> str:
        return self.get()

    def fill(self, **values: object) -> Text:
        """Put values into the placeholders of both wordings; texts among them are put in their own language."""
        return Text(
            self.en.format(**{k: _in(v, "en") for k, v in values.items()}),
            self.zh.format(**{k: _in(v, "zh") for k, v in values.items()}),
        )


def _in(value: object, lang: Lang) -> object:
    return value.get(lang) if isinstance(value, Text) else value


def set_language(lang: Lang) -> None:
    """Choose the language of the window; screens must be rebuilt afterwards."""
    global _current
    _current = lang


def language() -> Lang:
    """Name the language of the window."""
    return _current


def tr(en: str, zh: str, **values: object) -> str:
    """Give a text in the language of the window, with its placeholders filled."""
    text = Text(en, zh)
    return (text.fill(**values) if values else text).get()


def show_date(value: date, lang: Lang | None = None) -> str:
    """Show a date as 04-Mar-1968 in English and 1968-03-04 in Chinese; never 03/04/1968."""
    if (lang or _current) == "zh":
        return f"{value:%Y-%m-%d}"
    return f"{value.day:02d}-{_MONTHS[value.month - 1]}-{value.year:04d}"


def show_datetime(value: datetime, lang: Lang | None = None, *, seconds: bool = False) -> str:
    """Show a date and a 24-hour time in the value's own offset."""
    clock = f"{value:%H:%M:%S}" if seconds else f"{value:%H:%M}"
    return f"{show_date(value.date(), lang)} {clock}"

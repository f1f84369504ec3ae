"""The colours of the program by name, for day and for night, and what stands on what.

Colours are names first: a module asks `style.PRIMARY` when it paints and gets that of the theme in use. Both themes obey
the same rules of contrast; a test walks the pairs below for each. No colour carries a meaning alone.

Night is for a ward with the lights out: little light in all, so that eyes stay used to the dark, and no white plane. Paper
is always by day.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal, get_args

Theme = Literal["day", "night"]
THEMES: Final[tuple[Theme, ...]] = get_args(Theme)

# By name, for day and for night.
_COLOURS: Final[Mapping[str, tuple[str, str]]] = {
    "BACKGROUND": ("#F0F4F5", "#10161A"),
    "SURFACE": ("#FFFFFF", "#1A2227"),
    "TEXT": ("#212B32", "#D5DDE2"),
    "TEXT_SECOND": ("#4C6272", "#A2B1BB"),
    "BORDER": ("#768692", "#7E8F9A"),
    "LINE": ("#D8DDE0", "#323E46"),  # hairlines between rows and around cards: decoration, carries no meaning
    "PRIMARY": ("#005EB8", "#7DB4EA"),
    "PRIMARY_DARK": ("#003D78", "#A6CDF4"),
    "PRIMARY_TINT": ("#E3EDF8", "#1D3349"),
    "ERROR": ("#C1221A", "#FF8D83"),
    "ERROR_DARK": ("#8F1610", "#FFB0A8"),
    "ERROR_TINT": ("#FDECEA", "#42201E"),
    "WARNING": ("#7A4B00", "#EDBB57"),
    "WARNING_TINT": ("#FFF4D6", "#392E13"),
    "OK": ("#006B33", "#72CC95"),
    "OK_DARK": ("#004D25", "#9ADFB4"),
    "OK_TINT": ("#E3F3E9", "#163526"),
    "FOCUS": ("#FFDD00", "#FFDD00"),
    "FOCUS_EDGE": ("#212B32", "#10161A"),
    "NAVIGATION": ("#0B2A4A", "#0A1824"),
    "NAVIGATION_TINT": ("#1E4165", "#1B3045"),
    "ON_NAVIGATION": ("#FFFFFF", "#D5DDE2"),
    "CHOSEN_PAGE": ("#FFFFFF", "#2A4763"),  # the page of the rail that is shown
    "ON_CHOSEN_PAGE": ("#0B2A4A", "#F2F6F8"),
    "BANNER": ("#DCE8F4", "#1D2C39"),
    # Filled buttons: what is on them is light in both themes, so that STOP is red and START green at night too.
    "FILL_PRIMARY": ("#005EB8", "#1F5C99"),
    "FILL_PRIMARY_DOWN": ("#003D78", "#143F6B"),
    "FILL_ERROR": ("#C1221A", "#A8281F"),
    "FILL_ERROR_DOWN": ("#8F1610", "#7A1A13"),
    "FILL_OK": ("#006B33", "#176B3C"),
    "FILL_OK_DOWN": ("#004D25", "#0E4A28"),
    "ON_FILL": ("#FFFFFF", "#F2F6F8"),
    # The marks of the trends; each sign has a shape of its own besides.
    "VIOLET": ("#5B2C83", "#C3A3E6"),
}

# What stands on what. 4.5 for text, 3 for borders, icons and the focus ring.
TEXT_PAIRS: Final = (
    ("TEXT", "BACKGROUND"), ("TEXT", "SURFACE"), ("TEXT", "BANNER"), ("TEXT", "PRIMARY_TINT"), ("TEXT", "WARNING_TINT"),
    ("TEXT", "ERROR_TINT"), ("TEXT", "OK_TINT"), ("TEXT_SECOND", "BACKGROUND"), ("TEXT_SECOND", "SURFACE"),
    ("TEXT_SECOND", "BANNER"), ("TEXT_SECOND", "PRIMARY_TINT"), ("TEXT_SECOND", "LINE"), ("PRIMARY", "SURFACE"),
    ("PRIMARY", "BACKGROUND"), ("PRIMARY_DARK", "SURFACE"), ("PRIMARY_DARK", "BACKGROUND"), ("PRIMARY_DARK", "PRIMARY_TINT"),
    ("SURFACE", "PRIMARY"), ("SURFACE", "PRIMARY_DARK"), ("ON_FILL", "FILL_PRIMARY"), ("ON_FILL", "FILL_PRIMARY_DOWN"),
    ("ON_FILL", "FILL_ERROR"), ("ON_FILL", "FILL_ERROR_DOWN"), ("ON_FILL", "FILL_OK"), ("ON_FILL", "FILL_OK_DOWN"),
    ("ERROR", "SURFACE"), ("ERROR", "BACKGROUND"), ("ERROR", "ERROR_TINT"), ("ERROR", "PRIMARY_TINT"),
    ("ERROR_DARK", "SURFACE"), ("ERROR_DARK", "ERROR_TINT"), ("WARNING", "WARNING_TINT"), ("WARNING", "SURFACE"),
    ("WARNING", "BACKGROUND"), ("OK", "OK_TINT"), ("OK", "SURFACE"), ("OK", "BACKGROUND"), ("VIOLET", "SURFACE"),
    ("ON_NAVIGATION", "NAVIGATION"), ("ON_NAVIGATION", "NAVIGATION_TINT"), ("ON_CHOSEN_PAGE", "CHOSEN_PAGE"),
)  # fmt: skip
LINE_PAIRS: Final = (
    ("BORDER", "SURFACE"), ("BORDER", "BACKGROUND"), ("BORDER", "BANNER"), ("PRIMARY", "SURFACE"),
    ("PRIMARY", "BACKGROUND"), ("PRIMARY", "PRIMARY_TINT"), ("ERROR", "SURFACE"), ("ERROR", "ERROR_TINT"),
    ("WARNING", "WARNING_TINT"), ("OK", "OK_TINT"), ("OK", "SURFACE"), ("FOCUS_EDGE", "FOCUS"), ("FOCUS", "NAVIGATION"),
    ("TEXT", "SURFACE"), ("VIOLET", "OK_TINT"), ("PRIMARY", "OK_TINT"), ("OK", "WARNING_TINT"),
    ("PRIMARY", "WARNING_TINT"), ("ERROR", "OK_TINT"),
)  # fmt: skip


def colours(theme: Theme) -> Mapping[str, str]:
    """Give the colours of a theme by name."""
    return _BY_THEME[theme]


_BY_THEME: Final[Mapping[Theme, Mapping[str, str]]] = {
    theme: MappingProxyType({name: both[n] for name, both in _COLOURS.items()})
    for n, theme in enumerate(THEMES)
}
_NAMES: Final = {both[0]: name for name, both in reversed(list(_COLOURS.items()))}


def on_screen(printed: str, theme: Theme) -> str:
    """Give the colour of a theme for one that was chosen for paper; one that has no name stays as it is."""
    name = _NAMES.get(printed.upper())
    return _BY_THEME[theme][name] if name else printed


def contrast(first: str, second: str) -> float:
    """Give the contrast ratio of two colours. Source: WCAG 2.2, relative luminance."""
    high, low = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

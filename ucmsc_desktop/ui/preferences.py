"""What this laptop remembers about its window: language, theme, scanner, idle time, number pad, tone. Never anything about a participant.

A file that cannot be read is as good as none: the window must open all the same.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from ucmsc_desktop.durable import read_regular_file, write_file_durably
from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import LANGS, Lang
from ucmsc_desktop.ui.palette import THEMES, Theme

NAME = "window.json"
IDLE_MIN = range(1, 16)
NumberPad = Literal["never", "button", "always"]
NUMBER_PADS: tuple[NumberPad, ...] = get_args(NumberPad)


@dataclass(frozen=True, slots=True)
class Preferences:
    """The choices of this laptop. Units: idle time in minutes."""

    language: Lang = "en"
    idle_min: int = 5
    scanner_prefix: str = ""
    scanner_suffix: str = "\r"
    theme: Theme = "day"
    number_pad: NumberPad = "button"
    tone: bool = True

    def with_(self, **changes: Any) -> Preferences:
        """Give the preferences with some changed."""
        return replace(self, **changes)


def read(folder: Path) -> Preferences:
    """Read the preferences of a data folder. Missing: the defaults."""
    try:
        raw = json.loads(read_regular_file(folder / NAME, 20_000))
    except (KnownError, OSError, ValueError):
        return Preferences()
    if not isinstance(raw, dict):
        return Preferences()
    default = Preferences()
    language = raw.get("language")
    idle = raw.get("idle_min")
    prefix, suffix = raw.get("scanner_prefix"), raw.get("scanner_suffix")
    theme, pad, tone = raw.get("theme"), raw.get("number_pad"), raw.get("tone")
    return Preferences(
        language=language if language in LANGS else default.language,
        idle_min=idle if isinstance(idle, int) and idle in IDLE_MIN else default.idle_min,
        scanner_prefix=prefix if isinstance(prefix, str) and len(prefix) <= 4 else default.scanner_prefix,
        scanner_suffix=suffix if isinstance(suffix, str) and len(suffix) <= 4 else default.scanner_suffix,
        theme=theme if theme in THEMES else default.theme,
        number_pad=pad if pad in NUMBER_PADS else default.number_pad,
        tone=tone if isinstance(tone, bool) else default.tone,
    )


def write(folder: Path, preferences: Preferences) -> None:
    """Keep the preferences. Raises: DiskFull, WriteFailed and their like."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    body = json.dumps(asdict(preferences), ensure_ascii=False, indent=1).encode()
    write_file_durably(folder / NAME, body, replace=True)

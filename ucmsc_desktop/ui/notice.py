"""What the message bar can say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ucmsc_desktop.errors import KnownError

NoticeKind = Literal["ok", "info", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Notice:
    """A message: what happened, what is safe, what to do; the last two may be empty."""

    kind: NoticeKind
    text: str
    code: str = ""
    safe: str = ""
    todo: str = ""


def notice_of(error: KnownError) -> Notice:
    """Put a known error into the words of the window's language."""
    what, safe, todo = error.parts()
    return Notice("error", what, error.code, safe, todo)

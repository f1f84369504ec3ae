"""What the message bar can say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import tr

NoticeKind = Literal["ok", "info", "warning", "error"]

# A full disk, a stick that is gone, a damaged file: something is not where it should be, whichever page is shown.
# The other errors refused one step on one page and changed nothing.
_LASTING = ("UC-0", "UC-1", "UC-5")


@dataclass(frozen=True, slots=True)
class Notice:
    """A message: what happened, what is safe, what to do; the last two may be empty.

    `stays`: an error that stays over other pages too, until somebody closes it; a warning always does.
    """

    kind: NoticeKind
    text: str
    code: str = ""
    safe: str = ""
    todo: str = ""
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """A notice that fills the screen, with what was expected and what was scanned; further lines of both are small."""

    notice: Notice
    expected: str = ""
    scanned: str = ""

    def spoken(self) -> str:
        """Give all of it as a screen reader says it."""
        notice = self.notice
        parts = [tr("Stop.", "停止。"), notice.text]
        if self.expected or self.scanned:
            parts.append(tr("Expected: {what}.", "应为：{what}。", what=self.expected.replace("\n", ", ")))
            parts.append(tr("Scanned: {what}.", "扫描到：{what}。", what=self.scanned.replace("\n", ", ")))
        return " ".join(part for part in (*parts, notice.todo, notice.safe, notice.code) if part)


def notice_of(error: KnownError) -> Notice:
    """Put a known error into the words of the window's language."""
    what, safe, todo = error.parts()
    return Notice("error", what, error.code, safe, todo, stays=error.code.startswith(_LASTING))

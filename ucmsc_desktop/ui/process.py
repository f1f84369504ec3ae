"""What the running program owes its data: no memory image on the disk, and a bug is told without telling a value."""

from __future__ import annotations

import ctypes
import logging
import sys
import traceback
from pathlib import Path
from types import TracebackType

from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.notice import Notice

_log = logging.getLogger(__name__)
_PR_SET_DUMPABLE = 4


def keep_memory_private() -> None:
    """Forbid core dumps and other processes' look into the memory, where the keys are. Linux; elsewhere nothing."""
    if sys.platform != "linux":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


class BugReporter:
    """Takes errors nobody caught: shows that something is wrong and where, never what was in it.

    The message of an exception can carry a value, so only its type and the lines of the program are told.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def __call__(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if isinstance(error, KnownError):
            self._desk.say(error)
            return
        where = place_of(trace)
        _log.error("bug %s at %s", kind.__name__, where)
        self._desk.say(
            Notice(
                "error",
                tr("The program met an error of its own ({what}).", "程序内部错误（{what}）。", what=f"{kind.__name__}, {where}"),
                "UC-000",
                tr("Everything that showed “Saved” is safe.", "所有已显示“已保存”的内容都是安全的。"),
                tr("Lock and sign in again; tell the study office the words in brackets.",
                   "请锁屏后重新登录，并将括号内文字告知研究办公室。"),
                stays=True,
            )
        )  # fmt: skip


def place_of(trace: TracebackType | None) -> str:
    """Name the last lines of the program in a trace: file and line, no values."""
    frames = traceback.extract_tb(trace)[-2:]
    return " < ".join(f"{Path(f.filename).name}:{f.lineno}" for f in reversed(frames)) or "?"

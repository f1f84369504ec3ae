"""The window: the only package that knows Qt. It is handed what it shows, calls `Session`, and keeps no copy of data."""

from __future__ import annotations

import ctypes
import sys


def _keep_singletons_alive() -> None:
    """Make None, True and False immortal where Python itself does not: before 3.12.

    PySide6 6.12.0 gives one reference to None away with every call that returns nothing, and one to True with every
    signal sent. On Python 3.11 the count runs out after some minutes of a running clock and the interpreter stops
    ("none_dealloc", "bool_dealloc"). A test says when a later PySide6 no longer needs this.
    """
    if sys.version_info < (3, 12) and not hasattr(sys, "gettotalrefcount"):
        for singleton in (None, True, False):
            ctypes.c_ssize_t.from_address(id(singleton)).value += 1 << 40


_keep_singletons_alive()

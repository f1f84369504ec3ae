"""The use cases: everything a person can do is a method of `Ward` (locked) or `Session` (signed in).

Screens and command line call only this package. Every right is checked here, whatever a screen shows.

Names are loaded when they are first used: the sign-in page needs the key slots, not yet the database library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ucmsc_desktop.record.worklist import Banner, SubjectSummary, Task
    from ucmsc_desktop.session.accounts import Account
    from ucmsc_desktop.session.exchange import SyncMade, SyncStatus
    from ucmsc_desktop.session.handing_over import Nurse
    from ucmsc_desktop.session.infusion import InfusionRun
    from ucmsc_desktop.session.printing import PdfMade
    from ucmsc_desktop.session.session import Session
    from ucmsc_desktop.session.ward import RecoverySheet, SetUp, Ward
    from ucmsc_desktop.session.ward_clock import ClockState

_HOMES = {
    "Account": "session.accounts",
    "Banner": "record.worklist",
    "ClockState": "session.ward_clock",
    "InfusionRun": "session.infusion",
    "Nurse": "session.handing_over",
    "PdfMade": "session.printing",
    "RecoverySheet": "session.ward",
    "Session": "session.session",
    "SetUp": "session.ward",
    "SubjectSummary": "record.worklist",
    "SyncMade": "session.exchange",
    "SyncStatus": "session.exchange",
    "Task": "record.worklist",
    "Ward": "session.ward",
}

__all__ = [
    "Account",
    "Banner",
    "ClockState",
    "InfusionRun",
    "Nurse",
    "PdfMade",
    "RecoverySheet",
    "Session",
    "SetUp",
    "SubjectSummary",
    "SyncMade",
    "SyncStatus",
    "Task",
    "Ward",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"ucmsc_desktop.{_HOMES[name]}"), name)

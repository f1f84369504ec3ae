"""The use cases: everything a person can do is a method of `Ward` (locked) or `Session` (signed in).

Screens and command line call only this package. Every right is checked here, whatever a screen shows.
"""

from ucmsc_desktop.record.worklist import Banner, SubjectSummary, Task
from ucmsc_desktop.session.accounts import Account
from ucmsc_desktop.session.exchange import SyncMade, SyncStatus
from ucmsc_desktop.session.infusion import InfusionRun
from ucmsc_desktop.session.printing import PdfMade
from ucmsc_desktop.session.session import Session
from ucmsc_desktop.session.ward import RecoverySheet, SetUp, Ward

__all__ = [
    "Account",
    "Banner",
    "InfusionRun",
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

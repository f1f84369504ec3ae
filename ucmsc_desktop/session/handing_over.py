"""The hand-over of a shift: the sheet, and the two persons who say with their own passwords that they went through it.

Made from the list on the screen and the records beside it. It never prints a name of a participant, and the log entry of
a hand-over holds user names, counts and the hash of the sheet, nothing clinical.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ucmsc_desktop.errors import KnownError, NotAllowed, PasswordTemporary, SecondPersonNeeded, UnknownThing
from ucmsc_desktop.i18n import Lang, Text
from ucmsc_desktop.ledger.keyslots import KeySlots
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.entry import named_roles
from ucmsc_desktop.record.events import Draft
from ucmsc_desktop.record.handover import handover_of
from ucmsc_desktop.session import printing
from ucmsc_desktop.session.accounts import RIGHTS, Account
from ucmsc_desktop.session.core import Core
from ucmsc_desktop.session.paperwork import Paper
from ucmsc_desktop.session.printing import PdfMade

ACTION = Text("hand over the shift", "交接班")


class Nurse(NamedTuple):
    """One of the two at a hand-over, with the password just typed."""

    user: str
    password: str


class Shift:
    """The hand-over of this session: its sheets, and the two who went through one."""

    def __init__(self, core: Core, paper: Paper) -> None:
        self._core, self._paper = core, paper
        self._sheets: dict[str, Mapping[str, int]] = {}  # printed in this session, with what they counted

    def sheet(self, out: Path, *, lang: Lang = "en") -> PdfMade:
        """Print the hand-over sheet of this moment. Raises: NotAllowed, FontsMissing, GlyphMissing, DiskFull."""
        self._core._require("hand_over", ACTION)
        sheet = handover_of(self._core.worklist(), self._core.subjects(), self._core.state, self._core.now())
        made = printing.handover_sheet(self._paper._context(lang), out, sheet)
        self._paper._note(made, "", None)
        self._sheets[made.sha256] = sheet.counts()
        return made

    def counts(self, sheet_sha256: str) -> Mapping[str, int]:
        """Give what a hand-over sheet of this session counted. Raises: UnknownThing."""
        self._core._require_open()
        if sheet_sha256 not in self._sheets:
            raise UnknownThing(kind=Text("hand-over sheet", "交接班单"), name=sheet_sha256[:16])
        return self._sheets[sheet_sha256]

    def hand_over(self, outgoing: Nurse, incoming: Nurse, sheet_sha256: str) -> Change:
        """Record that two persons went through a sheet printed in this session, each with the own password.

        Raises: NotAllowed, SecondPersonNeeded, WrongPassword, AccountLocked, PasswordTemporary, UnknownThing, DiskFull.
        """
        self._core._require("hand_over", ACTION)
        self._core._require_own_password()
        self._core._require_clock()
        counts = self.counts(sheet_sha256)
        verify_both(self._core._accounts, self._core._slots, outgoing, incoming, self._core._laptop_now())
        draft = draft_of(outgoing, incoming, sheet_sha256, counts)
        event = self._core._append([draft])[0]
        return Change("HandedOver", "", None, (), event.at)


def verify_both(
    accounts: Mapping[str, Account], slots: KeySlots, outgoing: Nurse, incoming: Nurse, now: datetime
) -> None:
    """Check that two different persons who may hand over typed their own passwords.

    Raises: SecondPersonNeeded, NotAllowed, WrongPassword, AccountLocked, PasswordTemporary; the error's details say in
    `person` whose password it was.
    """
    if outgoing.user == incoming.user:
        raise SecondPersonNeeded
    for nurse in (outgoing, incoming):
        account = accounts.get(nurse.user)
        if account is None or not account.active:
            raise UnknownThing(kind=Text("account", "账户"), name=nurse.user)
        if account.role not in RIGHTS["hand_over"]:
            roles = sorted(RIGHTS["hand_over"])
            who = named_roles(roles)
            raise NotAllowed(action=ACTION, who=who)
        try:
            unlocked = slots.unlock(nurse.user, nurse.password, now)
        except KnownError as error:
            error.details["person"] = nurse.user
            raise
        if unlocked.is_temporary:
            raise PasswordTemporary(person=nurse.user)


def draft_of(outgoing: Nurse, incoming: Nurse, sha256: str, counts: Mapping[str, int]) -> Draft:
    """Give the log entry of a hand-over."""
    data = {"outgoing": outgoing.user, "incoming": incoming.user, "tasks": dict(counts), "sha256": sha256}
    return Draft("HandedOver", data=data)

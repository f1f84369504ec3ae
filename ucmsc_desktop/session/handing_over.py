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
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.ledger.keyslots import KeySlots
from ucmsc_desktop.record.entry import ROLE_NAMES
from ucmsc_desktop.record.events import Draft
from ucmsc_desktop.record.handover import Handover, ScreeningLog
from ucmsc_desktop.session.accounts import RIGHTS, Account
from ucmsc_desktop.session.printing import Context, PdfMade, _head

ACTION = Text("hand over the shift", "交接班")


class Nurse(NamedTuple):
    """One of the two at a hand-over, with the password just typed."""

    user: str
    password: str


def print_sheet(context: Context, out: Path, sheet: Handover) -> PdfMade:
    """Print the hand-over sheet. Raises: FontsMissing, GlyphMissing, DiskFull."""
    from ucmsc_desktop.paper import handover as renderer

    made = renderer.render(out, sheet, _head(context, None), context.lang)
    return PdfMade(out, made.sha256, made.pages, context.head[:16], context.lang)


def print_screening(context: Context, out: Path, log: ScreeningLog) -> PdfMade:
    """Print the log of screen failures. Raises: FontsMissing, GlyphMissing, DiskFull."""
    from ucmsc_desktop.paper import handover as renderer

    made = renderer.render_screening(out, log, _head(context, None), context.lang)
    return PdfMade(out, made.sha256, made.pages, context.head[:16], context.lang)


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
            who = Text(", ".join(ROLE_NAMES[r].en for r in roles), "、".join(ROLE_NAMES[r].zh for r in roles))
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

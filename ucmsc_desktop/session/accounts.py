"""Who may use the laptop: accounts as the log tells them. Names stay at the site; user names travel."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace

from ucmsc_desktop.record.events import Event
from ucmsc_desktop.study.model import Role

KINDS = ("UserAdded", "UserChanged", "UserRemoved")

# What a role may do besides entering forms (that is in the forms themselves).
RIGHTS: dict[str, frozenset[Role]] = {
    "create_subject": frozenset({"nurse", "investigator"}),
    "complete": frozenset({"nurse", "investigator", "cell_lab", "radiologist", "laboratory"}),
    "confirm_clock": frozenset({"nurse", "investigator", "cell_lab", "radiologist", "laboratory"}),
    "lock": frozenset({"investigator"}),
    "print": frozenset({"nurse", "investigator", "monitor", "data_manager"}),
    "export": frozenset({"nurse", "investigator", "data_manager", "administrator"}),
    "accounts": frozenset({"administrator"}),
    "backup": frozenset({"nurse", "investigator", "data_manager", "administrator"}),
    "infuse": frozenset({"nurse", "investigator"}),
    "hand_over": frozenset({"nurse", "investigator"}),
}


@dataclass(frozen=True, slots=True)
class Account:
    """A person with an account. A user name is used once for ever; a removed account keeps its name in the log."""

    user: str
    name: str
    role: Role
    active: bool = True


def fold_accounts(events: Iterable[Event]) -> dict[str, Account]:
    """Fold the account events of a laptop."""
    accounts: dict[str, Account] = {}
    for event in events:
        user = str(event.data["user"])
        if event.kind == "UserAdded":
            name = json.loads(event.value) if event.value is not None else user
            accounts[user] = Account(user, name, event.data["role"])
        elif event.kind == "UserRemoved" and user in accounts:
            accounts[user] = replace(accounts[user], active=False)
        elif event.kind == "UserChanged" and user in accounts and "role" in event.data:
            accounts[user] = replace(accounts[user], role=event.data["role"])
    return accounts

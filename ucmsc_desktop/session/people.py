"""The people of a laptop as use cases: accounts are added and removed by an administrator, each password by its owner."""

from __future__ import annotations

from dataclasses import replace

from ucmsc_desktop.errors import ReasonNeeded, UnknownThing
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import Draft
from ucmsc_desktop.session.accounts import Account
from ucmsc_desktop.session.core import Core
from ucmsc_desktop.study.model import Role
from ucmsc_desktop.study.values import dump


class People:
    """Everybody with an account on this laptop."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def all(self) -> tuple[Account, ...]:
        """Give everybody who has or had an account."""
        self._core._require_open()
        return tuple(self._core._accounts.values())

    def name_of(self, user: str) -> str:
        """Give the printed name of a user; the user name where it is not known here."""
        account = self._core._accounts.get(user)
        return account.name if account else user

    def add(self, user: str, name: str, role: Role, password: str, *, is_temporary: bool = True) -> Change:
        """Give a person an account; the password is temporary until they change it themselves.

        Raises: NotAllowed, UserExists, WeakPassword.
        """
        self._core._require("accounts", Text("add an account", "添加账户"))
        public = self._core._slots.add(
            user,
            password,
            self._core._data_key,
            role == "administrator",
            now=self._core._laptop_now(),
            is_temporary=is_temporary,
        )
        data = {"user": user, "role": role, "signing_public": public.hex()}
        event = self._core._append([Draft("UserAdded", value=dump(name), site_only=True, data=data)])[0]
        self._core._accounts = {**self._core._accounts, user: Account(user, name, role)}
        return Change("UserAdded", "", None, (), event.at)

    def remove(self, user: str, reason: str) -> Change:
        """Take an account away. Raises: NotAllowed, ReasonNeeded, LastAdministrator, UnknownThing."""
        self._core._require("accounts", Text("remove an account", "删除账户"))
        if not reason.strip():
            raise ReasonNeeded
        if user not in self._core._accounts or not self._core._accounts[user].active:
            raise UnknownThing(kind=Text("account", "账户"), name=user)
        self._core._slots.remove(user, self._core._data_key)
        event = self._core._append([Draft("UserRemoved", reason=reason, data={"user": user})])[0]
        self._core._accounts = {
            **self._core._accounts,
            user: replace(self._core._accounts[user], active=False),
        }
        return Change("UserRemoved", "", None, (), event.at)

    def change_password(self, old: str, new: str) -> Change:
        """Change one's own password. Raises: WrongPassword, WeakPassword."""
        self._core._require_open()
        self._core._slots.change_password(self._core.account.user, old, new, self._core._laptop_now())
        self._core.must_change_password = False
        data = {"user": self._core.account.user, "what": "password"}
        event = self._core._append([Draft("UserChanged", data=data)])[0]
        return Change("UserChanged", "", None, (), event.at)

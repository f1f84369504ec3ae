"""The first-run set-up as a walk through pages, without a screen: what is asked, in which order, what is still wrong.

A guide is frozen: every answer and every step gives a new one, so a test can walk it and a screen can go back. It makes
nothing; the set-up itself happens once, between the keys and the recovery sheet, and there is no way back across it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ucmsc_desktop import age
from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import Lang, Text

Page = Literal["language", "site", "device", "administrator", "keys", "recovery", "done"]
PAGES: tuple[Page, ...] = ("language", "site", "device", "administrator", "keys", "recovery", "done")

TITLES: dict[Page, Text] = {
    "language": Text("Language", "语言"),
    "site": Text("Study site", "研究中心"),
    "device": Text("This laptop", "本机"),
    "administrator": Text("First administrator", "首位管理员"),
    "keys": Text("The centre's public keys", "中心公钥"),
    "recovery": Text("Recovery sheet", "恢复单"),
    "done": Text("Ready", "完成"),
}

_USER = re.compile(r"^[a-z][a-z0-9._-]{1,19}$")
_RECIPIENT = re.compile(r"age1[0-9a-z]+")

_CHOOSE_SITE = Text("Choose the study site.", "请选择研究中心。")
_NAME_DEVICE = Text(
    "Name this laptop, for example by its ward and inventory number.", "请填写本机名称，例如病区和资产编号。"
)
_USER_FORM = Text(
    "A user name has 2 to 20 small letters, digits, dots or dashes and starts with a letter.",
    "用户名为 2 至 20 个小写字母、数字、点或短横线，并以字母开头。",
)
_NAME = Text("Give the person's name as it is printed under signatures.", "请填写签名处打印的姓名。")
_DIFFER = Text("The two passwords differ.", "两次输入的密码不一致。")
_NO_KEY = Text(
    "Paste the centre's working key (it starts with age1).", "请粘贴中心工作公钥（以 age1 开头）。"
)
_BAD_KEY = Text("This is not an age public key.", "这不是有效的 age 公钥。")
_NO_RECOVERY = Text(
    "Paste the centre's recovery key (it starts with age1).", "请粘贴中心恢复公钥（以 age1 开头）。"
)
_SAME_KEY = Text("The recovery key must be another key than the working key.", "恢复公钥不得与工作公钥相同。")
_KEEP_SHEET = Text(
    "Save or print the sheet, put it in the investigator's safe, then tick the box.",
    "请保存或打印恢复单，放入研究者保险柜，然后勾选。",
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an answer: the field and the words beside it."""

    field: str
    text: Text


@dataclass(frozen=True, slots=True)
class Guide:
    """Where the set-up stands and what has been answered."""

    page: Page = "language"
    lang: Lang = "en"
    site: str = ""
    device_label: str = ""
    user: str = ""
    name: str = ""
    password: str = field(default="", repr=False)
    password_again: str = field(default="", repr=False)
    centre_keys: str = ""
    recovery_key: str = ""
    is_made: bool = False  # the ward exists from here on
    kept_sheet: bool = False

    def answer(self, **answers: Any) -> Guide:
        """Give the guide with answers filled in."""
        return replace(self, **answers)

    @property
    def number(self) -> int:
        """The number of the page, from 1."""
        return PAGES.index(self.page) + 1

    @property
    def is_last_question(self) -> bool:
        """Say whether going on from here makes the ward."""
        return self.page == "keys"

    @property
    def may_go_back(self) -> bool:
        """Say whether there is a way back: not to before the language, not across the making of the ward."""
        return self.page != "language" and not self.is_made

    def problems(self, check_password: Callable[[str, str], None]) -> tuple[Problem, ...]:
        """Give what is wrong on this page, in the order of its fields; empty means that it can go on.

        `check_password` takes the password and the user name and raises a KnownError with a reason.
        """
        match self.page:
            case "site":
                return () if self.site else (Problem("site", _CHOOSE_SITE),)
            case "device":
                return () if self.device_label.strip() else (Problem("device_label", _NAME_DEVICE),)
            case "administrator":
                return self._administrator_problems(check_password)
            case "keys":
                return self._key_problems()
            case "recovery":
                return () if self.kept_sheet else (Problem("kept_sheet", _KEEP_SHEET),)
            case _:
                return ()

    def _administrator_problems(self, check_password: Callable[[str, str], None]) -> tuple[Problem, ...]:
        found: list[Problem] = []
        if not self.name.strip():
            found.append(Problem("name", _NAME))
        if not _USER.match(self.user):
            found.append(Problem("user", _USER_FORM))
        try:
            check_password(self.password, self.user)
        except KnownError as error:
            what, todo = error.what.fill(**error.details), error.todo
            found.append(Problem("password", Text(f"{what.en} {todo.en}", f"{what.zh}{todo.zh}")))
        else:
            if self.password != self.password_again:
                found.append(Problem("password_again", _DIFFER))
        return tuple(found)

    def _key_problems(self) -> tuple[Problem, ...]:
        found: list[Problem] = []
        working, recovery = self.recipients, recipients_in(self.recovery_key)
        if not working:
            found.append(Problem("centre_keys", _NO_KEY))
        elif not all(map(_is_key, working)):
            found.append(Problem("centre_keys", _BAD_KEY))
        if not recovery:
            found.append(Problem("recovery_key", _NO_RECOVERY))
        elif len(recovery) > 1 or not _is_key(recovery[0]):
            found.append(Problem("recovery_key", _BAD_KEY))
        elif recovery[0] in working:
            found.append(Problem("recovery_key", _SAME_KEY))
        return tuple(found)

    @property
    def recipients(self) -> tuple[str, ...]:
        """The centre's working keys."""
        return recipients_in(self.centre_keys)

    @property
    def recovery_recipient(self) -> str:
        """The centre's recovery key; "" where there is none yet."""
        return next(iter(recipients_in(self.recovery_key)), "")

    def forward(self) -> Guide:
        """Go to the next page; the caller has seen to it that there are no problems."""
        return replace(self, page=PAGES[min(self.number, len(PAGES) - 1)])

    def back(self) -> Guide:
        """Go to the page before, where there is a way back."""
        return replace(self, page=PAGES[self.number - 2]) if self.may_go_back else self

    def made(self) -> Guide:
        """The ward was made: forget the password and go on to the recovery sheet."""
        return replace(self, is_made=True, password="", password_again="", page="recovery")


def recipients_in(text: str) -> tuple[str, ...]:
    """Find age public keys in pasted text or the text of a key file; comments and other lines do no harm."""
    lines = (line.strip() for line in text.splitlines())
    found = (m for line in lines if not line.startswith("#") for m in _RECIPIENT.findall(line.lower()))
    return tuple(dict.fromkeys(found))


def _is_key(text: str) -> bool:
    try:
        age.check_recipient(text)
    except KnownError:
        return False
    return True

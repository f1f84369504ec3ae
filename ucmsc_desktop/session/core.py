"""The open log of one signed-in person: the moment, the rights, what is appended, and participants as the log tells them.

Everything that a person does goes through here: a right is asked for by name, an entry is stamped with who, when and by
which clock, and is on the disk when `_append` returns. It knows nothing of any single use case.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ucmsc_desktop import __version__
from ucmsc_desktop.durable import LOW_SPACE_BYTES, free_bytes, make_reserve, release_reserve
from ucmsc_desktop.errors import (
    ClockUnconfirmed,
    DiskFull,
    KnownError,
    NotAllowed,
    PasswordTemporary,
    ReserveUsed,
    SignedOut,
    UnknownThing,
)
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.ledger.keyslots import KeySlots, Unlocked
from ucmsc_desktop.ledger.ledger import Ledger
from ucmsc_desktop.record import facts, worklist
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.clock import Clock, Reading, read_flag
from ucmsc_desktop.record.entry import named_roles
from ucmsc_desktop.record.events import Draft, Event, Stamp
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.record.tasks import Task
from ucmsc_desktop.session import accounts
from ucmsc_desktop.session.accounts import RIGHTS, Account
from ucmsc_desktop.session.board import Board
from ucmsc_desktop.session.ward_clock import KIND, Check, ClockState, WardClock, check_of
from ucmsc_desktop.study.model import Role, Site, Study

_WRONG_TRIES = Text(
    "{count} wrong passwords were typed for your account since you last signed in.",
    "自您上次登录以来，您的账户有 {count} 次密码错误。",
)
_STRANGE = Text(
    "{subject} has records of another version of the forms ({names}). They are kept and exported, but this program cannot "
    "show them: update it.",
    "{subject} 含有其他版本表单的记录（{names}）。已保留并可导出，但本程序无法显示，请更新程序。",
)
_STARTED_BEFORE = Text(
    "{at}: the difference to the ward clock was changed while an infusion runs ({who}). Its start was stamped by the time "
    "shown before: compare start and clock, and correct the start with the reason.",
    "{at}：输注进行中（{who}）更改了与病区时钟的时差。其开始时间按更改前的时间记录，请核对，必要时说明理由后更正。",
)
LOOK_BACK = 2000  # entries looked through for one whose time was not suspect
KEPT_STATES = 16


class Opened(NamedTuple):
    """What a correct password opened."""

    study: Study
    clock: Clock
    ledger: Ledger
    slots: KeySlots
    unlocked: Unlocked
    data_key: bytes
    folder: Path


class Core:
    """The open log of one person at work."""

    def __init__(self, opened: Opened) -> None:
        study, clock, ledger, slots, unlocked, data_key, folder = opened
        self.study = study
        self.folder = folder
        self._ledger = ledger
        self._slots = slots
        self._unlocked: Unlocked | None = unlocked
        self._data_key = data_key
        self._states: dict[str, SubjectState] = {}
        self._board = Board(ledger, study, lambda s: worklist.summarise(self.state(s), self.now()))
        self.device = ledger.setting("device") or ""
        site_id = ledger.setting("site")
        self.site: Site = next((s for s in study.sites if s.id == site_id), study.sites[0])
        self._accounts = accounts.fold_accounts(e for _n, e in ledger.arrivals(kinds=accounts.KINDS))
        account = self._accounts.get(unlocked.user)
        if account is None or not account.active:
            raise UnknownThing(kind=Text("account", "账户"), name=unlocked.user)
        self.account: Account = account
        self.must_change_password = unlocked.is_temporary
        self.warnings: tuple[Text, ...] = ()
        self._clock = WardClock(clock, self._last_check(), self._last_trusted())
        self._begin(unlocked)

    def _begin(self, unlocked: Unlocked) -> None:
        # The reserve was used up, or the folder was restored: keep it again while there is room.
        with contextlib.suppress(KnownError):
            if free_bytes(self.folder) > LOW_SPACE_BYTES:
                make_reserve(self.folder)
        unrecorded = self._slots.lockout.unrecorded()
        drafts = [
            Draft("SignInFailed", data={"user": f.user, "at": f.at.isoformat(timespec="seconds")})
            for f in unrecorded
        ]
        troubles = {
            "slots_changed_outside": not unlocked.is_intact,
            "slots_restored": self._slots.was_restored,
            "failures_lost": self._slots.lockout.was_damaged,
        }
        found = {name: True for name, is_so in troubles.items() if is_so}
        drafts.append(Draft("SignedIn", data={"host": "desktop", **found}))
        self._append(drafts)
        self._slots.lockout.acknowledge(unlocked.user, unrecorded)
        own = [f for f in unlocked.failures if f.user == unlocked.user]
        if own:
            self._warn(_WRONG_TRIES.fill(count=len(own)))
        if not unlocked.is_intact:
            self._warn(Text("The file of key slots was changed from outside.", "密钥文件曾被外部改动。"))
        if free_bytes(self.folder) < LOW_SPACE_BYTES:
            self._warn(Text("Less than 500 MB are free on the disk.", "磁盘剩余空间不足 500 MB。"))

    def _warn(self, text: Text) -> None:
        """Tell the person something, once."""
        if text not in self.warnings:
            self.warnings = (*self.warnings, text)

    @property
    def is_open(self) -> bool:
        return self._unlocked is not None

    def lock(self) -> None:
        """Close the database and forget the keys."""
        if self._unlocked is None:
            return
        with contextlib.suppress(KnownError):
            self._board.store()  # it can be built again; what was entered is stored already
        try:
            self._append([Draft("SignedOut")])
        finally:  # a full disk must not keep the keys in memory
            self._unlocked = None
            self._data_key = b""
            self._accounts = {}
            self._states.clear()
            self._board.forget()
            self._ledger.close()

    # --- the moment -------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Give ward time: the laptop's, in the trial's zone, with the difference a person last confirmed."""
        return self._clock.now()

    def _laptop_now(self) -> datetime:
        """Give the laptop's own time: what locks an account must not move with an answer about the ward clock."""
        return self._clock.read().at

    @property
    def clock(self) -> ClockState:
        """How this laptop's clock stands beside the ward clock."""
        self._require_open()
        return self._clock.state()

    def clock_message(self) -> Text | None:
        """Say what is wrong with the clock, what it means and what to do; None where nothing is."""
        return self.clock.message({a.user: a.name for a in self._accounts.values()})

    def confirm_clock(self, ward: datetime | None = None) -> Change:
        """Record what the ward clock says; None: what this program shows. Raises: NotAllowed."""
        self._require("confirm_clock", Text("confirm the time", "核对时间"))
        self._require_own_password()
        before = self._clock.state().offset_s
        reading, data = self._clock.confirm(ward, self.account.user)
        event = self._append([Draft("ClockChecked", data=data)], self._stamp(reading))[0]
        running = [s.subject for s in self.subjects() if s.running]
        if running and self._clock.state().offset_s != before:
            self._warn(_STARTED_BEFORE.fill(who=", ".join(running), at=f"{self.now():%H:%M}"))
        return Change("ClockChecked", "", None, (), event.at)

    def _require_clock(self) -> None:
        """Refuse to record anything while the clock is earlier than the last entry and nobody has looked."""
        if self._clock.state().must_confirm:
            raise ClockUnconfirmed

    def _last_check(self) -> Check | None:
        """Give the last comparison of this laptop with the ward clock; None where there was none yet."""
        found = [e for _n, e in self._ledger.arrivals(kinds=(KIND,)) if e.device == self.device]
        return check_of(found[-1]) if found else None

    def _last_trusted(self) -> Reading | None:
        """Give the clocks of this laptop's last entry whose time was not suspect; None where there is none lately."""
        upper = self._ledger.head(self.device).seq
        lowest = max(0, upper - LOOK_BACK)
        while upper > lowest:
            lower = max(lowest, upper - 20)
            stretch = self._ledger.stretch(self.device, lower + 1, upper)
            found = [Reading(e.at, e.mono_ns, e.boot) for e in stretch if read_flag(e.clock).is_trusted]
            if found:
                return found[-1]
            upper = lower
        return None

    # --- the rights -------------------------------------------------------------------------------------------

    @property
    def role(self) -> Role:
        return self.account.role

    def may(self, action: str) -> bool:
        """Say whether the signed-in role has a right."""
        return self.account.role in RIGHTS[action]

    def _require(self, action: str, name: Text) -> None:
        self._require_open()
        if not self.may(action):
            roles = sorted(RIGHTS[action])
            who = named_roles(roles)
            raise NotAllowed(action=name, who=who)

    def _require_open(self) -> None:
        if self._unlocked is None:
            raise SignedOut

    def _require_own_password(self) -> None:
        """Refuse to record anything in the name of a person whose password somebody else chose."""
        self._require_open()
        if self.must_change_password:
            raise PasswordTemporary

    # --- the log ----------------------------------------------------------------------------------------------

    def _stamp(self, reading: Reading | None = None) -> Stamp:
        self._require_open()
        reading = reading or self._clock.read()
        return Stamp(
            self.device,
            self.account.user,
            self.account.role,
            reading.at,
            reading.since_boot_ns,
            reading.boot,
            __version__,
            str(self._clock.flag(reading)),
        )

    def _append(self, drafts: Sequence[Draft], stamp: Stamp | None = None) -> tuple[Event, ...]:
        """Append drafts; where the disk is full give the reserve free, save all the same and tell the person.

        Raises: DiskFull where the reserve was used before: then nothing of the drafts is saved.
        """
        stamp = stamp or self._stamp()
        try:
            return self._ledger.append(drafts, stamp)
        except DiskFull:
            if not release_reserve(self.folder):
                raise
        events = self._ledger.append(drafts, stamp)
        self._warn(ReserveUsed.text())
        return events

    def _extend(self, state: SubjectState, events: Sequence[Event], *, settled: bool) -> None:
        """Follow a participant's state with events just appended; `settled`: they bring every derivation up to date."""
        if events:
            record = facts.extend(self.study, state.record, events)
            self._states[state.subject] = state.with_record(record, settled=settled)

    # --- participants -----------------------------------------------------------------------------------------

    def state(self, subject: str) -> SubjectState:
        """Give a participant's facts under the study's rules. Raises: UnknownThing."""
        self._require_open()
        found = self._states.get(subject)
        if found is None:
            record = facts.fold(self.study, subject, self._ledger.subject_events(subject))
            if record.created_at is None:
                raise UnknownThing(kind=Text("participant", "受试者"), name=subject)
            if record.strange:
                names = ", ".join(sorted({str(key) for key in record.strange}))
                self._warn(_STRANGE.fill(subject=subject, names=names))
            found = SubjectState(self.study, self.site, record)
            while len(self._states) >= KEPT_STATES:
                self._states.pop(next(iter(self._states)))
            self._states[subject] = found
        return found

    def banner(self, subject: str) -> worklist.Banner:
        """Give the participant banner."""
        return worklist.banner_of(self.state(subject), self.now())

    def subjects(self) -> tuple[worklist.SubjectSummary, ...]:
        """Give a summary of every participant."""
        self._require_open()
        return self._board.summaries(self.now())

    def worklist(self) -> tuple[worklist.Task, ...]:
        """Give the open tasks of all participants, most urgent first."""
        self._require_open()
        return self._board.tasks(self.now())

    def done_today(self) -> tuple[Task, ...]:
        """Give what was completed today, over all participants, the last first."""
        self._require_open()
        return self._board.done(self.now())

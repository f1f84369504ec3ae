"""One signed-in person at work. The only object that writes.

Each method checks the right, decides with pure functions what the entry means, appends the events in one synced
transaction and gives back a `Change`. A `Session` ends with `lock`; what was typed and not committed stays as a draft.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Literal, NoReturn

from ucmsc_desktop import __version__
from ucmsc_desktop.durable import LOW_SPACE_BYTES, free_bytes, make_reserve, release_reserve
from ucmsc_desktop.errors import (
    AlreadySigned,
    ClockUnconfirmed,
    DiskFull,
    FormLocked,
    KnownError,
    NotAllowed,
    NotComplete,
    PasswordTemporary,
    ReasonNeeded,
    ReserveUsed,
    SignatureNotDue,
    SignedOut,
    StepBlocked,
    UnknownThing,
)
from ucmsc_desktop.i18n import Lang, Text
from ucmsc_desktop.ledger import chain
from ucmsc_desktop.ledger.backup import write_backup
from ucmsc_desktop.ledger.keyslots import KeySlots, Unlocked
from ucmsc_desktop.ledger.ledger import Ledger
from ucmsc_desktop.record import automatic, entry, facts, reminder, signing, worklist
from ucmsc_desktop.record.automatic import DRAFTED
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.clock import Clock, Reading, read_flag
from ucmsc_desktop.record.entry import ROLE_NAMES
from ucmsc_desktop.record.events import Cell, Draft, Event, FormKey, Stamp
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.handover import handover_of, screening_log
from ucmsc_desktop.record.privacy import refuse_names
from ucmsc_desktop.record.reminder import Reminder
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.record.tasks import Task
from ucmsc_desktop.session import (
    accounts,
    bags,
    exchange,
    handing_over,
    infusion,
    labels,
    printing,
    reminders,
    safety,
)
from ucmsc_desktop.session.accounts import RIGHTS, Account
from ucmsc_desktop.session.board import Board
from ucmsc_desktop.session.sampling import Sampling
from ucmsc_desktop.session.ward_clock import KIND, Check, ClockState, WardClock, check_of
from ucmsc_desktop.study.model import Role, SignatureSlot, Site, Study
from ucmsc_desktop.study.values import Missing, MissingCode, Value, dump

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
_NOT_DRAFTED = Text(
    "A deviation or an adverse event could not be drafted by the program. Your entry is saved; write the record yourself.",
    "程序未能草拟方案偏离或不良事件记录。您的录入已保存，请自行填写该记录。",
)
LOOK_BACK = 2000  # entries looked through for one whose time was not suspect
KEPT_STATES = 16


class Session:
    """A person at work on this laptop."""

    def __init__(
        self,
        study: Study,
        clock: Clock,
        ledger: Ledger,
        slots: KeySlots,
        unlocked: Unlocked,
        data_key: bytes,
        folder: Path,
    ) -> None:
        self.study = study
        self.folder = folder
        self._ledger = ledger
        self._slots = slots
        self._unlocked: Unlocked | None = unlocked
        self._data_key = data_key
        self._states: dict[str, SubjectState] = {}
        self.sampling = Sampling(self)
        self._bags = bags.Bags(ledger)
        self._labels: dict[str, Mapping[str, tuple[str, ...]]] = {}  # codes by file, while only looked at
        self._sheets: dict[
            str, Mapping[str, int]
        ] = {}  # hand-over sheets printed here, with what they counted
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

    # --- the moment, the rights, the log ---------------------------------------------------------------------

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

    @property
    def role(self) -> Role:
        return self.account.role

    def _require_open(self) -> None:
        if self._unlocked is None:
            raise SignedOut

    def _require_own_password(self) -> None:
        """Refuse to record anything in the name of a person whose password somebody else chose."""
        self._require_open()
        if self.must_change_password:
            raise PasswordTemporary

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

    def may(self, action: str) -> bool:
        """Say whether the signed-in role has a right."""
        return self.account.role in RIGHTS[action]

    def _require(self, action: str, name: Text) -> None:
        self._require_open()
        if not self.may(action):
            roles = sorted(RIGHTS[action])
            who = Text(", ".join(ROLE_NAMES[r].en for r in roles), "、".join(ROLE_NAMES[r].zh for r in roles))
            raise NotAllowed(action=name, who=who)

    # --- people ----------------------------------------------------------------------------------------------

    def accounts(self) -> tuple[Account, ...]:
        """Give everybody who has or had an account."""
        self._require_open()
        return tuple(self._accounts.values())

    def account_name(self, user: str) -> str:
        """Give the printed name of a user; the user name where it is not known here."""
        account = self._accounts.get(user)
        return account.name if account else user

    def add_account(
        self, user: str, name: str, role: Role, password: str, *, is_temporary: bool = True
    ) -> Change:
        """Give a person an account; the password is temporary until they change it themselves.

        Raises: NotAllowed, UserExists, WeakPassword.
        """
        self._require("accounts", Text("add an account", "添加账户"))
        public = self._slots.add(
            user,
            password,
            self._data_key,
            role == "administrator",
            now=self._laptop_now(),
            is_temporary=is_temporary,
        )
        data = {"user": user, "role": role, "signing_public": public.hex()}
        event = self._append([Draft("UserAdded", value=dump(name), site_only=True, data=data)])[0]
        self._accounts = {**self._accounts, user: Account(user, name, role)}
        return Change("UserAdded", "", None, (), event.at)

    def remove_account(self, user: str, reason: str) -> Change:
        """Take an account away. Raises: NotAllowed, ReasonNeeded, LastAdministrator, UnknownThing."""
        self._require("accounts", Text("remove an account", "删除账户"))
        if not reason.strip():
            raise ReasonNeeded
        if user not in self._accounts or not self._accounts[user].active:
            raise UnknownThing(kind=Text("account", "账户"), name=user)
        self._slots.remove(user, self._data_key)
        event = self._append([Draft("UserRemoved", reason=reason, data={"user": user})])[0]
        self._accounts = {**self._accounts, user: replace(self._accounts[user], active=False)}
        return Change("UserRemoved", "", None, (), event.at)

    def change_password(self, old: str, new: str) -> Change:
        """Change one's own password. Raises: WrongPassword, WeakPassword."""
        self._require_open()
        self._slots.change_password(self.account.user, old, new, self._laptop_now())
        self.must_change_password = False
        data = {"user": self.account.user, "what": "password"}
        event = self._append([Draft("UserChanged", data=data)])[0]
        return Change("UserChanged", "", None, (), event.at)

    # --- participants ----------------------------------------------------------------------------------------

    def create_subject(self) -> str:
        """Give a new participant the next free number of the site, 01-001 and on."""
        self._require("create_subject", Text("add a participant", "添加受试者"))
        self._require_own_password()
        self._require_clock()
        taken = [int(s.split("-")[1]) for s in self._ledger.subjects() if s.startswith(f"{self.site.id}-")]
        subject = f"{self.site.id}-{max(taken, default=0) + 1:03d}"
        self._append([Draft("SubjectCreated", subject, data={"site": self.site.id})])
        return subject

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

    def form(self, subject: str, key: FormKey) -> FormState:
        """Give a record of a form as it stands."""
        return FormState(self.state(subject), key, self.now())

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

    # --- entering --------------------------------------------------------------------------------------------

    def enter(
        self,
        subject: str,
        key: FormKey,
        values: Mapping[Cell, Value | None],
        *,
        reason: str = "",
        confirmed: frozenset[str] = frozenset(),
        origin: str = "entered",
        overrides: Mapping[str, str] | None = None,
        ask: bool = True,
    ) -> Change:
        """Record values in one record of a form, with every derivation that follows, in one transaction.

        Missing: a value of None clears a cell (needs a reason); a gap is a `Missing` with its reason. `ask` False: a
        stamp at the bedside; nothing is asked, what is unusual stays open to be looked at.
        Raises: ValueRefused, ConfirmNeeded, ReasonNeeded, StepBlocked, NotAllowed, BagUsed, FormLocked, DiskFull.
        """
        state = self.state(subject)
        values = labels.as_recorded(self.study, key, values)
        change = entry.Change(key, values, reason, confirmed, origin, overrides or {}, ask)
        after, drafts = entry.plan(state, change, role=self.role, now=self.now())
        if bags.CHECK not in {*change.overrides, *state.form_record(key).overridden}:
            entered = {d.cell: values.get(d.cell) for d in drafts if d.key == key and d.cell is not None}
            self._bags.refuse(subject, key, entered)
        after, drafts = self._with_drafts(after, drafts)
        if drafts and not reason.strip() and infusion.touches_reference(after, key, values):
            raise ReasonNeeded(cells=tuple(values))
        return self._record(subject, key, tuple(values), "ItemSet", drafts, settled=after.settled)

    def _with_drafts(self, after: SubjectState, own: list[Draft]) -> tuple[SubjectState, list[Draft]]:
        """Add what the program drafts because of an entry. Whatever is wrong with a draft never costs the entry."""
        try:
            followed, every = automatic.follow_up(after, own, self.now())
            refuse_names(self.study, after.record, [d for d in every if d.origin == DRAFTED])
        except Exception:  # noqa: BLE001 - a fault of the drafts must not become one of the entry
            self._warn(_NOT_DRAFTED)
            return after, own
        return followed, every

    def _record(
        self,
        subject: str,
        key: FormKey,
        cells: tuple[Cell, ...],
        kind: str,
        drafts: Sequence[Draft],
        *,
        settled: bool = False,
    ) -> Change:
        """Append, and follow with the state; `settled`: the drafts bring every derivation up to date."""
        self._require_own_password()
        self._require_clock()
        state = self.state(subject)  # before anything is written: there is no entry about nobody
        refuse_names(self.study, state.record, drafts)
        events = self._append(drafts)
        if events:
            record = facts.extend(self.study, state.record, events)
            self._states[subject] = state.with_record(record, settled=settled)
        at = self._clock.ward(events[-1].at) if events else self.now()
        return Change(kind, subject, key, cells, at, len(events))  # type: ignore[arg-type]  # kinds are literals

    def next_row(self, subject: str, key: FormKey, section_id: str) -> int:
        """Give the number of the next row of a table; numbers of crossed-out rows are not used again."""
        state = self.state(subject)
        form = self.study.forms[key.form]
        ids = {i.id for s in form.sections if s.id == section_id for i in s.items}
        record = state.form_record(key)
        used = [c.row for c in record.cells if c.item in ids]
        return max((*used, *(c.row for c in record.struck if c.item == section_id)), default=0) + 1

    def strike_row(self, subject: str, key: FormKey, section_id: str, row: int, reason: str) -> Change:
        """Cross out a row of a table; it stays in the record. Raises: ReasonNeeded, FormLocked, NotAllowed."""
        if not reason.strip():
            raise ReasonNeeded
        state = self.state(subject)
        form = self.study.forms[key.form]
        if state.form_record(key).locked:
            raise FormLocked
        if self.role not in form.by:
            self._refuse_form(key)
        cell = Cell(section_id, row)
        strike = Draft("RowStruck", subject, key, cell, form.version, reason=reason)
        try:
            drafts = automatic.follow_strike(state, strike, self.now())
            refuse_names(self.study, state.record, [d for d in drafts if d.origin == DRAFTED])
        except Exception:  # noqa: BLE001 - as with an entry
            self._warn(_NOT_DRAFTED)
            drafts = [strike]
        return self._record(subject, key, (cell,), "RowStruck", drafts)

    def not_done(self, subject: str, key: FormKey, code: MissingCode, reason: str) -> Change:
        """Mark what is still open in a record as not done, unknown or not applicable, with one reason."""
        view = self.form(subject, key)
        values: dict[Cell, Value | None] = {
            f.cell: Missing(code, reason)
            for f in view.findings
            if f.kind == "required"
            and code in view.form.by_id[f.cell.item].missing
            and entry.may_enter(view.form, view.form.by_id[f.cell.item], self.role)
        }
        return self.enter(subject, key, values)

    def complete(self, subject: str, key: FormKey) -> Change:
        """Declare a record complete. Raises: NotComplete with what is open, StepBlocked, NotAllowed."""
        self._require("complete", Text("complete a form", "完成表单"))
        view = self.form(subject, key)
        if view.record.locked:
            raise FormLocked
        if self.role not in view.form.by and not any(self.role in i.by for i in view.form.items()):
            self._refuse_form(key)
        blocking = [f for f in view.open_findings if f.kind == "block"]
        if blocking:
            raise StepBlocked(message=blocking[0].message, check=blocking[0].id, override="none")
        if view.open_findings:
            raise NotComplete(count=len(view.open_findings), findings=view.open_findings)
        after = view.state.derive((key,), view.now)
        drafts = [
            entry.item_set(
                view.state,
                k,
                c,
                v,
                origin="derived",
                data={"formula": self.study.forms[k.form].by_id[c.item].formula},
            )
            for k, cells in after.overlay.items()
            for c, v in cells.items()
            if v != view.state.value(k, c)
        ]
        drafts.append(Draft("FormCompleted", subject, key, form_version=view.form.version))
        return self._record(subject, key, (), "FormCompleted", drafts, settled=after.settled)

    def sign(self, subject: str, key: FormKey, meaning: str, user: str, password: str) -> Change:
        """Sign a record, or the part of it that the meaning covers, as the person named, whose own password is asked.

        Raises: WrongPassword, AccountLocked, PasswordTemporary, NotAllowed (the role may not sign in this meaning),
        AlreadySigned, SignatureNotDue, StepBlocked, NotComplete, DiskFull.
        """
        self._require_clock()
        view = self.form(subject, key)
        slot = next((s for s in view.form.signatures if s.meaning == meaning), None)
        account = self._accounts.get(user)
        named = self.study.meaning_by_id.get(meaning)
        if slot is None or named is None:
            raise UnknownThing(kind=Text("signature", "签名含义"), name=meaning)
        unlocked = self._slots.unlock(user, password, self._laptop_now())
        if unlocked.is_temporary:
            raise PasswordTemporary
        if account is None or not account.active or account.role not in slot.roles:
            who = Text(
                ", ".join(ROLE_NAMES[r].en for r in slot.roles),
                "、".join(ROLE_NAMES[r].zh for r in slot.roles),
            )
            raise NotAllowed(action=named.title, who=who)
        if user in signing.signers(view, meaning):
            raise AlreadySigned(name=account.name, meaning=named.title)
        self._require_signable(view, slot, named.title)
        covered = view.form.covered(slot)
        data = {
            "meaning": meaning,
            "statement_version": named.version,
            "content": view.content_hash(covered),
            "method": "password",
            **({"covers": sorted(covered)} if covered else {}),
        }
        stamp = replace(self._stamp(), user=user, role=account.role)
        draft = Draft("FormSigned", subject, key, form_version=view.form.version, data=data)
        events = self._append([draft], stamp)
        record = facts.extend(self.study, view.state.record, events)
        self._states[subject] = view.state.with_record(record, settled=view.state.settled)
        return Change("FormSigned", subject, key, (), events[-1].at)

    def _require_signable(self, view: FormState, slot: SignatureSlot, title: Text) -> None:
        """Refuse a signature that what stands in the record does not bear."""
        if slot not in signing.wanted_slots(view):
            raise SignatureNotDue(meaning=title)
        if view.record.completed_at is not None:
            return
        if slot.opens is None:
            raise NotComplete(count=len(view.open_findings), findings=view.open_findings)
        if not signing.has_opened(view, slot):
            raise SignatureNotDue(meaning=title)
        open_ones = signing.in_the_way(view, slot)
        blocking = next((f for f in open_ones if f.kind == "block"), None)
        if blocking:
            raise StepBlocked(message=blocking.message, check=blocking.id, override="none")
        if open_ones:
            raise NotComplete(count=len(open_ones), findings=open_ones)

    def lock_form(self, subject: str, key: FormKey, reason: str) -> Change:
        """Lock a record against change. Raises: NotAllowed, ReasonNeeded, StepBlocked (while the infusion runs)."""
        return self._lock(subject, key, reason, "FormLocked")

    def unlock_form(self, subject: str, key: FormKey, reason: str) -> Change:
        """Open a locked record again. Raises: NotAllowed, ReasonNeeded."""
        return self._lock(subject, key, reason, "FormUnlocked")

    def _lock(self, subject: str, key: FormKey, reason: str, kind: str) -> Change:
        self._require("lock", Text("lock or unlock a form", "锁定或解锁表单"))
        if not reason.strip():
            raise ReasonNeeded
        if kind == "FormLocked":
            infusion.refuse_lock(self.state(subject), key)
        draft = Draft(kind, subject, key, form_version=self.study.forms[key.form].version, reason=reason)  # type: ignore[arg-type]
        return self._record(subject, key, (), kind, [draft])

    def _refuse_form(self, key: FormKey) -> NoReturn:
        form = self.study.forms[key.form]
        who = Text(", ".join(ROLE_NAMES[r].en for r in form.by), "、".join(ROLE_NAMES[r].zh for r in form.by))
        raise NotAllowed(action=form.title, who=who)

    # --- drafts ----------------------------------------------------------------------------------------------

    def save_draft(self, subject: str, key: FormKey, cell: Cell, typed: str) -> None:
        """Keep what is being typed, encrypted and not audited; an empty text drops it."""
        self._require_open()
        self._ledger.save_draft(subject, str(key), cell.item, cell.row, user=self.account.user, typed=typed)

    def drop_draft(self, subject: str, key: FormKey, cell: Cell) -> None:
        """Forget a draft."""
        self.save_draft(subject, key, cell, "")

    def drafts(self, subject: str, key: FormKey) -> dict[Cell, str]:
        """Give what this person had typed in a record and not committed."""
        self._require_open()
        found = self._ledger.drafts(subject, str(key), self.account.user)
        return {Cell(item, row): typed for (item, row), typed in found.items()}

    # --- the infusion ----------------------------------------------------------------------------------------

    def infusion(self, subject: str, n: int) -> infusion.InfusionRun:
        """Give the state of an infusion."""
        return infusion.run_of(self.state(subject), n, self.now())

    def start_infusion(
        self,
        subject: str,
        n: int,
        *,
        confirmed: frozenset[str] = frozenset(),
        overrides: Mapping[str, str] | None = None,
    ) -> Change:
        """Stamp the start now. Raises: StepBlocked with the check that stands against it, ConfirmNeeded."""
        self._require("infuse", Text("run an infusion", "执行输注"))
        key, values = infusion.start(
            self.state(subject), n, self._pressed("start", subject, n), self.account.user
        )
        return self._stamped(subject, key, values, confirmed=confirmed, overrides=overrides)

    def pause_infusion(self, subject: str, n: int, reason_code: str = "") -> Change:
        """Stamp a pause now; the reason may follow."""
        self._require("infuse", Text("run an infusion", "执行输注"))
        key, values = infusion.pause(self.state(subject), n, self._pressed("pause", subject, n), reason_code)
        return self._stamped(subject, key, values, ask=False)

    def resume_infusion(self, subject: str, n: int) -> Change:
        """Stamp the end of a pause now."""
        self._require("infuse", Text("run an infusion", "执行输注"))
        key, values = infusion.resume(self.state(subject), n, self._pressed("resume", subject, n))
        return self._stamped(subject, key, values, ask=False)

    def stop_infusion(self, subject: str, n: int) -> Change:
        """Stamp a stop before the end now (the reason follows); a running pause ends with it."""
        return self._end(subject, n, "STOPPED")

    def end_infusion(self, subject: str, n: int) -> Change:
        """Stamp the end now; volume and residual follow."""
        return self._end(subject, n, "COMPLETED")

    def _pressed(self, action: str, subject: str, n: int) -> datetime:
        """Give the moment of a big button. While the clock must be confirmed it is kept until that is done.

        Raises: ClockUnconfirmed.
        """
        self._require_open()
        named = f"{action} {subject} {n}"
        if self._clock.state().must_confirm:
            self._clock.hold(named)
            raise ClockUnconfirmed
        return self._clock.moment(named)

    def _end(self, subject: str, n: int, status: str) -> Change:
        self._require("infuse", Text("run an infusion", "执行输注"))
        key, values = infusion.end(self.state(subject), n, self._pressed(status, subject, n), status)
        return self._stamped(subject, key, values, ask=False)

    def _stamped(
        self,
        subject: str,
        key: FormKey,
        values: Mapping[Cell, Value | None],
        *,
        confirmed: frozenset[str] = frozenset(),
        overrides: Mapping[str, str] | None = None,
        ask: bool = True,
    ) -> Change:
        """Record what a big button stands for; a gap that somebody had put there never holds it up."""
        reason = infusion.PRESSED if infusion.holds_answer(self.state(subject), key, values) else ""
        return self.enter(
            subject, key, values, reason=reason, origin="stamped", confirmed=confirmed, overrides=overrides, ask=ask
        )  # fmt: skip

    # --- reminders -------------------------------------------------------------------------------------------

    def reminders(self) -> tuple[Reminder, ...]:
        """Give the unanswered reminders of all participants around now, in the order of their moments."""
        now = self.now()
        found = [
            r
            for subject in reminders.subjects_of(self.worklist())
            for r in reminder.reminders_of(self.state(subject), now)
        ]
        return tuple(sorted(found, key=lambda r: (r.due, r.subject)))

    def note_snoozed(
        self, about: Reminder, minutes: int, count: int, *, locked_at: datetime | None = None
    ) -> Change:
        """Write down that a reminder was put off; `locked_at`: on the locked screen, by nobody knows whom."""
        draft = reminders.draft_of(about, "snoozed", minutes=minutes, count=count, locked_at=locked_at)
        return self._note_reminders(about.subject, [draft])

    def note_missed(self, unanswered: Sequence[Reminder]) -> tuple[Change, ...]:
        """Write down the reminders whose windows have closed unanswered, each once.

        Nothing while the clock is in doubt: nobody knows then what has passed.
        """
        self._require_open()
        if not self.may("complete") or self.must_change_password or self._clock.state().must_confirm:
            return ()
        now = self.now()
        changes = []
        for subject in dict.fromkeys(r.subject for r in unanswered):
            own = [r for r in unanswered if r.subject == subject]
            missed = reminder.missed_at(own, now, reminders.noted_of(self.state(subject)))
            if missed:
                drafts = [reminders.draft_of(r, "missed") for r in missed]
                changes.append(self._note_reminders(subject, drafts))
        return tuple(changes)

    def _note_reminders(self, subject: str, drafts: Sequence[Draft]) -> Change:
        self._require_open()
        state = self.state(subject)
        events = self._append(drafts)
        record = facts.extend(self.study, state.record, events)
        self._states[subject] = state.with_record(record, settled=state.settled)
        at = self._clock.ward(events[-1].at)
        return Change("ReminderNoted", subject, None, (), at, len(events))  # nothing in a record was saved

    # --- paper, stick, care ----------------------------------------------------------------------------------

    def print_crf(
        self,
        out: Path,
        *,
        subject: str | None = None,
        form: str | None = None,
        key: FormKey | None = None,
        lang: Lang = "en",
    ) -> printing.PdfMade:
        """Print blank forms (no subject) or filled ones. Raises: FontsMissing, GlyphMissing, DiskFull."""
        self._require("print", Text("print", "打印"))
        state = self.state(subject) if subject else None
        made = printing.crf(self._paper(lang), out, state, form=form, key=key)
        self._note_pdf(made, subject or "", key)
        return made

    def print_casebook(self, out: Path, subject: str, *, lang: Lang = "en") -> printing.PdfMade:
        """Print everything of a participant. Raises: FontsMissing, GlyphMissing, DiskFull."""
        self._require("print", Text("print", "打印"))
        made = printing.casebook(self._paper(lang), out, self.state(subject))
        self._note_pdf(made, subject, None)
        return made

    def print_sae_report(
        self,
        out: Path,
        subject: str,
        n: int,
        kind: Literal["INITIAL", "FOLLOWUP", "FINAL"],
        *,
        lang: Lang = "en",
    ) -> printing.PdfMade:
        """Print the report of serious adverse event n; it is not sent by that. Raises: NotAllowed, UnknownThing, DiskFull."""
        self._require("print", safety.PRINT)
        made, key, number = safety.print_report(self._paper(lang), out, self.state(subject), n, kind)
        self._note_pdf(made, subject, key, report=kind, number=number)
        return made

    def first_notice(self, subject: str, infusion_key: FormKey, row: int) -> Change:
        """Begin an adverse event from a row of the flow sheet; the change names the new record."""
        key, values = safety.first_notice(self.state(subject), infusion_key, row)
        return self.enter(subject, key, values)

    def print_handover(self, out: Path, *, lang: Lang = "en") -> printing.PdfMade:
        """Print the hand-over sheet of this moment. Raises: NotAllowed, FontsMissing, GlyphMissing, DiskFull."""
        self._require("hand_over", handing_over.ACTION)
        sheet = handover_of(self.worklist(), self.subjects(), self.state, self.now())
        made = handing_over.print_sheet(self._paper(lang), out, sheet)
        self._note_pdf(made, "", None)
        self._sheets[made.sha256] = sheet.counts()
        return made

    def handover_counts(self, sheet_sha256: str) -> Mapping[str, int]:
        """Give what a hand-over sheet of this session counted. Raises: UnknownThing."""
        self._require_open()
        if sheet_sha256 not in self._sheets:
            raise UnknownThing(kind=Text("hand-over sheet", "交接班单"), name=sheet_sha256[:16])
        return self._sheets[sheet_sha256]

    def print_screening_log(self, out: Path, *, lang: Lang = "en") -> printing.PdfMade:
        """Print the log of screen failures, without names. Raises: NotAllowed, FontsMissing, GlyphMissing, DiskFull."""
        self._require("print", Text("print", "打印"))
        made = handing_over.print_screening(
            self._paper(lang), out, screening_log(self.subjects(), self.state)
        )
        self._note_pdf(made, "", None)
        return made

    def hand_over(
        self, outgoing: handing_over.Nurse, incoming: handing_over.Nurse, sheet_sha256: str
    ) -> Change:
        """Record that two persons went through a sheet printed in this session, each with the own password.

        Raises: NotAllowed, SecondPersonNeeded, WrongPassword, AccountLocked, PasswordTemporary, UnknownThing, DiskFull.
        """
        self._require("hand_over", handing_over.ACTION)
        self._require_own_password()
        self._require_clock()
        counts = self.handover_counts(sheet_sha256)
        handing_over.verify_both(self._accounts, self._slots, outgoing, incoming, self._laptop_now())
        draft = handing_over.draft_of(outgoing, incoming, sheet_sha256, counts)
        event = self._append([draft])[0]
        return Change("HandedOver", "", None, (), event.at)

    def print_labels(
        self,
        out: Path,
        *,
        subject: str | None = None,
        wanted: labels.Wanted | None = None,
        lang: Lang = "en",
        preview: bool = False,
    ) -> printing.PdfMade:
        """Print labels of a participant, or of all still in the trial; one printed before is marked as a reprint.

        Of a screen failure or one whose trial has ended they are printed on request alone: nothing more is drawn.
        `preview`: they are only looked at; they count as printed once `labels_went_out` says so.
        Raises: NotAllowed, UnknownThing, FontsMissing, GlyphMissing, DiskFull.
        """
        self._require("print", Text("print", "打印"))
        subjects = [subject] if subject else [s.subject for s in self.subjects() if labels.is_wanted(s)]
        states = [(self.state(s), labels.printed_before(self._ledger.subject_events(s))) for s in subjects]
        if not states:
            raise UnknownThing(kind=Text("participant", "受试者"), name="")
        made, codes = labels.write(self._paper(lang), out, wanted or labels.Wanted(), states)
        self._labels[made.sha256] = codes
        if preview:
            self._note_pdf(made, subject or "", None)
        else:
            self.labels_went_out(made)
        return made

    def labels_went_out(self, made: printing.PdfMade) -> None:
        """Record that labels shown before went to a printer or into a file: from now on they are reprints."""
        self._require("print", Text("print", "打印"))
        for subject, printed in self._labels.pop(made.sha256, {}).items():
            self._note_pdf(made, subject, None, labels=list(printed))

    def _paper(self, lang: Lang) -> printing.Context:
        head = self._ledger.head(self.device)
        return printing.Context(
            self.study,
            self.site,
            lang,
            self.account.user,
            self.now(),
            self.device,
            head.seq,
            head.hash,
            {a.user: a.name for a in self._accounts.values()},
        )

    def _note_pdf(self, made: printing.PdfMade, subject: str, key: FormKey | None, **more: object) -> None:
        data = {"sha256": made.sha256, "pages": made.pages, "head": made.head, "lang": made.lang}
        self._append([Draft("PdfWritten", subject, data={**data, "record": str(key) if key else "", **more})])

    def sync_status(self) -> exchange.SyncStatus:
        """Tell how much the centre has not confirmed yet."""
        self._require_open()
        return exchange.status(self._ledger, self.device)

    def export_sync(self, folder: Path) -> tuple[exchange.SyncMade, ...]:
        """Seal everything the centre has not acknowledged into files on a stick; safe to remove when this returns.

        Raises: StickReadOnly, StickGone, DiskFull, WriteFailed.
        """
        self._require("export", Text("export", "导出"))
        made = exchange.export(self._ledger, self.study, self.site, self.device, folder, self.now())
        for file in made:
            data = {"sha256": file.sha256, "name": file.path.name, "first": file.first, "last": file.last}
            self._append([Draft("SyncWritten", data=data)])
        return made

    def device_public_key(self) -> str:
        """Give the text of this laptop's minisign public key."""
        self._require_open()
        return exchange.signing_key(self._ledger).public.text

    def verify(self) -> chain.Verified:
        """Verify the whole log."""
        self._require_open()
        return chain.verify(self._ledger, self.device)

    def backup(self, folder: Path) -> Path:
        """Write a checked, encrypted copy of the database and the key slots into a folder."""
        self._require("backup", Text("back up", "备份"))
        path = write_backup(self._ledger, self._data_key, self.folder / "keyslots.json", folder, self.now())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self._append([Draft("BackupWritten", data={"name": path.name, "sha256": digest})])
        return path

    def audit(self, wanted: Callable[[Event], bool] | None = None) -> tuple[Event, ...]:
        """Give the events of the log in order of arrival, all or those wanted."""
        self._require_open()
        return tuple(e for _n, e in self._ledger.arrivals() if wanted is None or wanted(e))

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

"""What is entered into the records of participants, completed, signed and locked.

Each method decides with pure functions what an entry means, appends it with everything that follows from it in one synced
transaction, and gives back a `Change`. Nothing is half saved, and nothing is asked once it is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NoReturn

from ucmsc_desktop.errors import (
    AlreadySigned,
    FormLocked,
    NotAllowed,
    NotComplete,
    PasswordTemporary,
    ReasonNeeded,
    SignatureNotDue,
    StepBlocked,
    UnknownThing,
)
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record import automatic, entry, signing
from ucmsc_desktop.record.automatic import DRAFTED
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.entry import named_roles
from ucmsc_desktop.record.events import Cell, Draft, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.privacy import refuse_names
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.session import bags, infusion, labels
from ucmsc_desktop.session.core import Core, Opened
from ucmsc_desktop.study.model import SignatureSlot
from ucmsc_desktop.study.values import Missing, MissingCode, Value

_NOT_DRAFTED = Text(
    "A deviation or an adverse event could not be drafted by the program. Your entry is saved; write the record yourself.",
    "程序未能草拟方案偏离或不良事件记录。您的录入已保存，请自行填写该记录。",
)


class Entries(Core):
    """The records of participants, as one signed-in person fills them."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened)
        self._bags = bags.Bags(self._ledger)

    def form(self, subject: str, key: FormKey) -> FormState:
        """Give a record of a form as it stands."""
        return FormState(self.state(subject), key, self.now())

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
        return self._record(after, key, tuple(values), "ItemSet", drafts, settled=after.settled)

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
        state: SubjectState,
        key: FormKey,
        cells: tuple[Cell, ...],
        kind: str,
        drafts: Sequence[Draft],
        *,
        settled: bool = False,
    ) -> Change:
        """Append what leads to a state: what was read while it was planned need not be read again."""
        self._require_own_password()
        self._require_clock()
        refuse_names(self.study, state.record, drafts)
        events = self._append(drafts)
        self._extend(state, events, settled=settled)
        at = self._clock.ward(events[-1].at) if events else self.now()
        return Change(kind, state.subject, key, cells, at, len(events))  # type: ignore[arg-type]  # kinds are literals

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
        return self._record(state, key, (cell,), "RowStruck", drafts)

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
        return self._record(after, key, (), "FormCompleted", drafts, settled=after.settled)

    def _refuse_form(self, key: FormKey) -> NoReturn:
        form = self.study.forms[key.form]
        who = named_roles(form.by)
        raise NotAllowed(action=form.title, who=who)

    # --- signing and locking ----------------------------------------------------------------------------------

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
            who = named_roles(slot.roles)
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
        self._extend(view.state, events, settled=view.state.settled)
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
        state = self.state(subject)
        if kind == "FormLocked":
            infusion.refuse_lock(state, key)
        draft = Draft(kind, subject, key, form_version=self.study.forms[key.form].version, reason=reason)  # type: ignore[arg-type]
        return self._record(state, key, (), kind, [draft])

    # --- drafts -----------------------------------------------------------------------------------------------

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

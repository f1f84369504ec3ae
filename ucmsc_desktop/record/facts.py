"""What a set of events says about one participant: cells with their history, completions, signatures, locks.

A fold and nothing else: no rule of the protocol stands here. The order in which events of different devices arrive does
not matter for values: the current value of a cell is the entry that no other entry has as its parent; two such entries
with different values are a conflict, and both are kept. What another version of the forms recorded and this one cannot
read is kept as it stands, never dropped and never a reason to stop.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType

from ucmsc_desktop.record.clock import read_flag
from ucmsc_desktop.record.events import Cell, Event, FormKey
from ucmsc_desktop.study.model import Form, Item, Study
from ucmsc_desktop.study.values import Missing, Number, PartialDate, Value, ValueProblem, load

READABLE_YEARS = range(1000, 9000)
"""Beyond, adding a window to a time would leave the calendar."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One recorded state of a cell. `value` None: cleared (or a derivation that lost its inputs)."""

    value: Value | None
    id: str
    device: str
    seq: int
    user: str
    role: str
    at: datetime
    reason: str
    origin: str
    parents: tuple[str, ...]
    confirmed: tuple[str, ...]  # checks that had fired and were confirmed by the person
    kept: bool  # a site-only value that stayed at the site
    raw: str = ""  # the stored text of a value that these forms cannot read; then `value` is None
    offset_s: int = 0  # so much the ward clock was ahead of the laptop's, whose time `at` is

    @property
    def ward_at(self) -> datetime:
        """The moment of the entry by the ward clock, which the values are written by."""
        return self.at + timedelta(seconds=self.offset_s)


def ward_time(event: Event) -> datetime:
    """Give the moment of an event by the ward clock: what stands beside values must be told by the clock of the values."""
    return event.at + timedelta(seconds=read_flag(event.clock).offset_s)


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature on a form: who, when (by the ward clock), in which meaning; `voided` by a later change."""

    meaning: str
    user: str
    role: str
    at: datetime
    id: str
    device: str
    seq: int
    content: str  # hash of the content signed; the place for a key-bound signature is beside it in the event
    statement: str = ""  # version of the statement that was signed
    voided: bool = False
    covers: frozenset[str] = frozenset()  # the items it is about; empty: the whole record

    def is_about(self, item: str) -> bool:
        """Say whether a change of an item changes what was signed."""
        return not self.covers or item in self.covers


@dataclass(frozen=True, slots=True)
class Strike:
    """A row of a table that was crossed out: Cell(section id, row), by whom, when, why."""

    cell: Cell
    user: str
    role: str
    at: datetime
    reason: str
    seq: int


@dataclass(frozen=True, slots=True)
class Override:
    """A blocking check that an investigator decided to pass, with the reason."""

    check: str
    user: str
    role: str
    at: datetime
    reason: str
    seq: int


@dataclass(frozen=True, slots=True)
class Lock:
    """A record was locked against change, or opened again, with the reason."""

    is_locked: bool
    user: str
    at: datetime
    reason: str
    seq: int


@dataclass(frozen=True, slots=True)
class FormRecord:
    """The facts of one record of one form."""

    key: FormKey
    version: str
    cells: Mapping[Cell, tuple[Entry, ...]] = field(default_factory=dict)
    strikes: tuple[Strike, ...] = ()
    completed_at: datetime | None = None
    completed_by: str = ""
    locked: bool = False
    locks: tuple[Lock, ...] = ()
    signatures: tuple[Signature, ...] = ()
    overrides: tuple[Override, ...] = ()
    last_at: datetime | None = None
    last_seq: int = 0

    @property
    def is_signed(self) -> bool:
        """Say whether a signature on the whole record holds."""
        return any(not s.voided and not s.covers for s in self.signatures)

    @property
    def lost_signature(self) -> bool:
        """Say whether a signature fell with a change and was not given again."""
        held = {s.meaning for s in self.signatures if not s.voided}
        return any(s.voided and s.meaning not in held for s in self.signatures)

    @property
    def struck(self) -> frozenset[Cell]:
        """The rows crossed out, as Cell(section id, row)."""
        return frozenset(s.cell for s in self.strikes)

    @property
    def overridden(self) -> frozenset[str]:
        """The blocking checks that an investigator passed."""
        return frozenset(o.check for o in self.overrides)

    def heads(self, cell: Cell) -> tuple[Entry, ...]:
        """Give the entries of a cell that no other entry supersedes; more than one is a conflict."""
        entries = self.cells.get(cell, ())
        if len(entries) < 2:
            return entries
        superseded = {p for e in entries for p in e.parents}
        return tuple(e for e in entries if e.id not in superseded)

    def entry(self, cell: Cell) -> Entry | None:
        """Give the current entry of a cell; of two in conflict the one with the smaller id, on every device the same."""
        heads = self.heads(cell)
        return min(heads, key=lambda e: e.id) if len(heads) > 1 else (heads[0] if heads else None)

    def value(self, cell: Cell) -> Value | None:
        """Give the current value of a cell; None where there is none."""
        entry = self.entry(cell)
        return entry.value if entry else None

    def rows(self, form: Form, section_id: str) -> tuple[int, ...]:
        """Give the numbers of the rows of a table that were entered and not crossed out."""
        section = next(s for s in form.sections if s.id == section_id)
        ids = {i.id for i in section.items}
        struck = self.struck
        found = {c.row for c in self.cells if c.row and c.item in ids}
        return tuple(sorted(r for r in found if Cell(section_id, r) not in struck))

    def in_struck_row(self, form: Form, cell: Cell) -> bool:
        """Say whether a cell stands in a row that was crossed out."""
        return bool(cell.row) and Cell(form.section_of[cell.item].id, cell.row) in self.struck

    @property
    def changes(self) -> int:
        """Count the entries after the first, over all cells, derived ones left out."""
        return sum(
            sum(1 for e in entries[1:] if e.origin != "derived") for entries in self.cells.values() if entries
        )


@dataclass(frozen=True, slots=True)
class ReminderNote:
    """A reminder that was put off, or whose window closed unanswered. It is about a record and not part of it."""

    key: FormKey
    point: str
    due: datetime
    what: str  # snoozed, missed
    minutes: int
    user: str
    at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class SubjectRecord:
    """The facts of one participant."""

    subject: str
    created_at: datetime | None = None
    created_by: str = ""
    forms: Mapping[FormKey, FormRecord] = field(default_factory=dict)
    strange: Mapping[FormKey, FormRecord] = field(default_factory=dict)  # forms or visits not in this study
    events: int = 0
    last_at: datetime | None = None
    reminders: tuple[ReminderNote, ...] = ()

    def records(self, form_id: str) -> tuple[FormRecord, ...]:
        """Give all records of a form, by visit and number."""
        return tuple(r for k, r in sorted(self.forms.items()) if k.form == form_id)


def fold(study: Study, subject: str, events: Iterable[Event]) -> SubjectRecord:
    """Fold a participant's events, given in ledger order."""
    return extend(study, SubjectRecord(subject), events)


def extend(study: Study, record: SubjectRecord, events: Iterable[Event]) -> SubjectRecord:
    """Add new events to a record; gives the same as folding all of them. Records they do not touch stay the same objects."""
    touched: dict[FormKey, _Building] = {}
    created_at, created_by = record.created_at, record.created_by
    count, last = record.events, record.last_at
    reminders = list(record.reminders)
    newest: Event | None = None
    for event in events:
        count += 1
        newest = event
        if event.kind == "SubjectCreated":
            created_at, created_by = ward_time(event), event.user
        elif event.kind == "ReminderNoted":
            reminders.extend(_reminder(event))
        elif event.key is not None:
            building = touched.get(event.key)
            if building is None:
                known = record.forms.get(event.key) or record.strange.get(event.key)
                building = touched[event.key] = _Building(known or FormRecord(event.key, event.form_version))
            building.add(study, event)
    last = ward_time(newest) if newest is not None else last
    forms, strange = dict(record.forms), dict(record.strange)
    for key, building in touched.items():
        (forms if _has_place(study, key) else strange)[key] = building.done()
    return SubjectRecord(
        record.subject,
        created_at,
        created_by,
        MappingProxyType(forms),
        MappingProxyType(strange),
        count,
        last,
        tuple(reminders),
    )


def _reminder(event: Event) -> Iterator[ReminderNote]:
    """Read a note about a reminder; what cannot be read is left alone, it changes no value."""
    try:
        due = datetime.fromisoformat(str(event.data.get("due", "")))
    except ValueError:
        return
    if event.key is None or due.tzinfo is None:
        return
    minutes = event.data.get("minutes", 0)
    yield ReminderNote(
        event.key,
        str(event.data.get("point", "")),
        due,
        str(event.data.get("what", "")),
        minutes if isinstance(minutes, int) else 0,
        event.user,
        event.at,
        event.seq,
    )


def _has_place(study: Study, key: FormKey) -> bool:
    """Say whether this study has a place for a record."""
    form = study.forms.get(key.form)
    return form is not None and (form.repeat not in ("once", "visit") or key.visit in study.visit_by_id)


class _Building:
    """A form record while it is being folded. Most events only add an entry: what else they say waits for `done`."""

    def __init__(self, start: FormRecord) -> None:
        self.record = start
        self.cells: dict[Cell, tuple[Entry, ...]] = dict(start.cells)
        self._version = start.version
        self._last: Event | None = None

    def done(self) -> FormRecord:
        return replace(
            self.record,
            cells=MappingProxyType(self.cells),
            version=self._version,
            last_at=ward_time(self._last) if self._last is not None else self.record.last_at,
            last_seq=self._last.seq if self._last is not None else self.record.last_seq,
        )

    def add(self, study: Study, event: Event) -> None:
        self._last = event
        self._version = event.form_version or self._version
        record = self.record
        match event.kind:
            case "ItemSet" if event.cell is not None:
                self.cells[event.cell] = (*self.cells.get(event.cell, ()), _entry(study, event))
                if event.origin != "derived" or len(self.cells[event.cell]) > 1:
                    record = _changed(record, (event.cell.item,))
            case "RowStruck" if event.cell is not None:
                strike = Strike(event.cell, event.user, event.role, ward_time(event), event.reason, event.seq)
                record = replace(_changed(record, _items_of(study, event)), strikes=(*record.strikes, strike))
            case "FormCompleted":
                record = replace(record, completed_at=ward_time(event), completed_by=event.user)
            case "FormReopened":
                record = replace(record, completed_at=None, completed_by="")
            case "FormSigned":
                signature = Signature(
                    meaning=str(event.data.get("meaning", "")),
                    user=event.user,
                    role=event.role,
                    at=ward_time(event),
                    id=event.hash,
                    device=event.device,
                    seq=event.seq,
                    content=str(event.data.get("content", "")),
                    statement=str(event.data.get("statement_version", "")),
                    covers=_covers(event.data.get("covers")),
                )
                record = replace(record, signatures=(*record.signatures, signature))
            case "FormLocked" | "FormUnlocked":
                lock = Lock(event.kind == "FormLocked", event.user, ward_time(event), event.reason, event.seq)
                record = replace(record, locked=lock.is_locked, locks=(*record.locks, lock))
            case "CheckOverridden":
                check = str(event.data.get("check", ""))
                passed = Override(check, event.user, event.role, ward_time(event), event.reason, event.seq)
                record = replace(record, overrides=(*record.overrides, passed))
            case _:
                pass
        self.record = record


def _changed(record: FormRecord, items: Iterable[str]) -> FormRecord:
    """A change of content voids the signatures that are about it and asks for completion again."""
    items = tuple(items)
    falls = [not s.voided and any(s.is_about(i) for i in items) for s in record.signatures]
    if record.completed_at is None and not any(falls):
        return record
    voided = tuple(
        replace(s, voided=True) if fell else s for s, fell in zip(record.signatures, falls, strict=True)
    )
    return replace(record, signatures=voided, completed_at=None, completed_by="")


def _items_of(study: Study, event: Event) -> tuple[str, ...]:
    """Give the items of the table that a row was crossed out of, and the table's own name."""
    form = study.forms.get(event.key.form) if event.key else None
    name = event.cell.item if event.cell else ""
    return (name, *(i.id for s in (form.sections if form else ()) if s.id == name for i in s.items))


def _covers(said: object) -> frozenset[str]:
    """Read what a signature covers; what cannot be read covers the whole record, so that any change voids it."""
    if isinstance(said, list) and all(isinstance(name, str) for name in said):
        return frozenset(said)
    return frozenset()


def _entry(study: Study, event: Event) -> Entry:
    value: Value | None = None
    raw = ""
    confirmed = event.data.get("confirmed", ())
    if event.value is not None and event.key is not None and event.cell is not None:
        form = study.forms.get(event.key.form)
        value = _value(form.by_id.get(event.cell.item) if form else None, event.value)
        if value is None:
            raw = "•••" if event.site_only else event.value
    return Entry(
        value=value,
        id=event.hash,
        device=event.device,
        seq=event.seq,
        user=event.user,
        role=event.role,
        at=event.at,
        reason=event.reason,
        origin=event.origin,
        parents=event.parents,
        confirmed=tuple(map(str, confirmed)) if isinstance(confirmed, list | tuple) else (),
        kept=bool(event.commitment) and event.value is None,
        raw=raw,
        offset_s=read_flag(event.clock).offset_s,
    )


def _value(item: Item | None, stored: str) -> Value | None:
    """Read a stored text as a value that everything else can work with; None where these forms cannot."""
    if item is None:
        return None
    try:
        value = load(stored, item.type)
    except (ValueProblem, OverflowError, RecursionError):
        return None
    match value:
        case Number():
            units = ("", item.unit, *item.alt_units)
            fits = value.unit in units and value.amount.is_finite() and abs(value.amount.adjusted()) < 40
        case Missing():
            fits = value.code in ("ND", "UK", "NA") and isinstance(value.reason, str)
        case tuple():
            fits = all(isinstance(code, str) for code in value)
        case datetime():
            fits = value.tzinfo is not None and value.year in READABLE_YEARS
        case date() | PartialDate():
            fits = value.year in READABLE_YEARS
        case _:
            fits = True
    return value if fits else None

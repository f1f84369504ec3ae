"""What the program writes by itself: drafts of deviations (F17) and of adverse events (F14), each to be checked. Pure.

A draft is made in the transaction of the entry that causes it. It has a source that names it for ever: while any entry of
the log says that a source was drafted, it is never drafted again, whatever a person has done to the record since.
Cells that still hold the program's own entry follow the facts, with the old entry in the history; a cell that a person
has entered, changed or cleared is theirs and is never touched. When the cause is gone only "found by the program" is
cleared, which raises a query; nothing else is taken away. A locked record is left as it is.

The rule a reader would miss: the drafts bypass the rights of the person who saves, because it is the program that
writes. So nothing here may judge: grade, seriousness and causality are drafted only where they follow from a death.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

from ucmsc_desktop.record import deviations
from ucmsc_desktop.record.derivation import follow
from ucmsc_desktop.record.deviations import Cause
from ucmsc_desktop.record.entry import item_set
from ucmsc_desktop.record.events import Cell, Draft, FormKey
from ucmsc_desktop.record.facts import Strike
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.values import Number, PartialDate, Value

DRAFTED = "drafted"
"""The origin of what the program wrote."""

ROUNDS = 4

CHANGED = "The entries behind it changed 所依据的数据已更改"
GONE = "Cause gone 起因已不存在"
CROSSED_OUT = "Draft crossed out 草稿已划去"


@dataclass(frozen=True, slots=True)
class _Kind:
    """A form that drafts go to, and its items about the draft itself."""

    form: str
    source: str
    found: str
    answer: str
    clears: bool  # crossed out, what the program filled in is cleared: other rules must not count it


_DEVIATION = _Kind("F17", "dv_source", "dv_found", "dv_draft_ok", clears=False)
_EVENT = _Kind("F14", "ae_source", "ae_found", "ae_draft_ok", clears=True)


def follow_up(
    state: SubjectState, drafts: Sequence[Draft], now: datetime
) -> tuple[SubjectState, list[Draft]]:
    """Add to the events of an entry what the program drafts because of it; give the state that all of them lead to.

    `state` is the state after the entry. Without an entry nothing is drafted, so that looking changes nothing.
    """
    if not drafts or not {_DEVIATION.form, _EVENT.form} <= state.study.forms.keys():
        return state, list(drafts)
    work = _Work(state, now, drafts)
    for _ in range(ROUNDS):  # a draft may be what another one waits for
        before = work.size
        work.take(_EVENT, list(events(work.state)))
        work.take(_DEVIATION, list(deviations.causes(work.state, now)))
        if work.size == before:
            break
    return work.state, work.drafts()


def follow_strike(state: SubjectState, strike: Draft, now: datetime) -> list[Draft]:
    """Give a row's crossing-out with what the program writes because the row no longer counts."""
    assert strike.key is not None
    assert strike.cell is not None
    record = state.form_record(strike.key)
    struck = Strike(strike.cell, "", "", now, strike.reason, 0)
    forms = {**state.record.forms, strike.key: replace(record, strikes=(*record.strikes, struck))}
    after = state.with_record(replace(state.record, forms=MappingProxyType(forms)), settled=False)
    return follow_up(after, [strike], now)[1]


def is_draft(state: SubjectState, key: FormKey) -> bool:
    """Say whether the program made a record."""
    return any(key in _made(state, kind).values() for kind in (_DEVIATION, _EVENT) if kind.form == key.form)


def is_unchecked(state: SubjectState, key: FormKey) -> bool:
    """Say whether the program made a record that no person has confirmed or crossed out yet."""
    for kind in (_DEVIATION, _EVENT):
        if kind.form == key.form and key in _made(state, kind).values():
            return state.value(key, Cell(kind.answer)) is None
    return False


def _made(state: SubjectState, kind: _Kind) -> dict[str, FormKey]:
    """Give the records the program made, by source: any entry it ever made counts, whatever stands there now."""
    found: dict[str, FormKey] = {}
    cell = Cell(kind.source)
    for key in state.keys(kind.form):
        record = state.record.forms.get(key)
        entries = record.cells.get(cell, ()) if record is not None else ()
        sources = [e.value for e in entries if e.origin == DRAFTED]
        for source in (*sources, state.value(key, cell) if not entries else None):
            if isinstance(source, str):
                found.setdefault(source, key)
    return found


class _Work:
    """The drafts of one transaction while they are being made."""

    def __init__(self, state: SubjectState, now: datetime, drafts: Sequence[Draft]) -> None:
        self.state = state
        self._now = now
        self._given = list(drafts)
        self._made: dict[tuple[FormKey, Cell], Draft] = {}
        self._typed = {
            (d.key, d.cell) for d in drafts if d.kind == "ItemSet" and d.origin not in ("derived", DRAFTED)
        }

    @property
    def size(self) -> int:
        return len(self._made)

    def take(self, kind: _Kind, causes: Iterable[Cause]) -> None:
        """Bring the records of a kind in line with the causes there are."""
        made = _made(self.state, kind)
        standing: set[str] = set()
        for cause in causes:
            if cause.record is not None and cause.link is not None:
                self._link(*cause.link, cause.record.n)
                continue
            standing.add(cause.source)
            key = made.get(cause.source)
            if key is None and cause.is_wanted:
                number = max((k.n for k in self.state.keys(kind.form)), default=0) + 1
                key = key_for(self.state.study.forms[kind.form], n=number)
                values = {kind.source: cause.source, kind.found: cause.found, **cause.values}
                self._write(key, {Cell(i): v for i, v in values.items()}, "")
            elif key is not None and not self._is_closed(kind, key):
                values = {kind.found: cause.found, **cause.values}
                self._write(key, self._differing(key, values), CHANGED)
            if cause.link is not None and key is not None:
                self._link(*cause.link, key.n)
        for source, key in made.items():
            if kind.clears and self._is_crossed_out(kind, key):
                self._write(key, self._own(kind, key), CROSSED_OUT)
            elif source not in standing and not self._is_closed(kind, key):
                self._write(key, self._differing(key, {kind.found: None}), GONE)

    def _is_closed(self, kind: _Kind, key: FormKey) -> bool:
        return self.state.form_record(key).locked or self._is_crossed_out(kind, key)

    def _is_crossed_out(self, kind: _Kind, key: FormKey) -> bool:
        return self.state.value(key, Cell(kind.answer)) == "N"

    def _differing(self, key: FormKey, values: Mapping[str, Value | None]) -> dict[Cell, Value | None]:
        """Give the cells that are the program's to write and hold something else."""
        return {
            Cell(i): v
            for i, v in values.items()
            if self.state.value(key, Cell(i)) != v and self._is_ours(key, Cell(i), empty=v is not None)
        }

    def _own(self, kind: _Kind, key: FormKey) -> dict[Cell, Value | None]:
        """Give the cells that still hold what the program filled in, apart from what says where it came from."""
        if self.state.form_record(key).locked:
            return {}
        kept = {kind.source, kind.found}
        cells = self.state.form_record(key).cells
        return {
            c: None
            for c in cells
            if c.item not in kept
            and self.state.value(key, c) is not None
            and self._is_ours(key, c, empty=False)
        }

    def _is_ours(self, key: FormKey, cell: Cell, *, empty: bool) -> bool:
        """Say whether a cell holds the program's own entry; `empty`: or none at all, ever."""
        if (key, cell) in self._typed:
            return False
        heads = self.state.form_record(key).heads(cell)
        if len({h.value for h in heads}) > 1:
            return False  # two laptops drafted under one number: a person says which, both stay in sight until then
        return all(h.origin == DRAFTED for h in heads) and (bool(heads) or empty)

    def _link(self, key: FormKey, cell: Cell, number: int) -> None:
        """Write the number of a record where it is to stand, if nobody ever wrote there."""
        record = self.state.form_record(key)
        if (
            record.locked
            or record.cells.get(cell)
            or (key, cell) in self._typed
            or self.state.value(key, cell)
        ):
            return
        self._write(key, {cell: Number(Decimal(number))}, "")

    def _write(self, key: FormKey, values: Mapping[Cell, Value | None], reason: str) -> None:
        for cell, value in values.items():
            draft = item_set(self.state, key, cell, value, origin=DRAFTED, reason=reason)
            self._made[key, cell] = draft  # written twice in one transaction, the last word stands
        if values:
            self.state = follow(self.state, key, values, self._now)

    def drafts(self) -> list[Draft]:
        """Give all events of the transaction; what is calculated follows last, each cell once and with its last value."""
        if not self._made:
            return self._given
        kept = [d for d in self._given if not (d.kind == "ItemSet" and d.origin == "derived")]
        return [*kept, *self._made.values(), *self._derived()]

    def _derived(self) -> Iterator[Draft]:
        before = SubjectState(self.state.study, self.state.site, self.state.record)
        for key, cells in self.state.overlay.items():
            form = self.state.study.forms[key.form]
            for cell, value in cells.items():
                item = form.by_id[cell.item]
                if item.is_derived and value != before.value(key, cell):
                    yield item_set(before, key, cell, value, origin="derived", data={"formula": item.formula})


# --- adverse events ---------------------------------------------------------------------------------------------------

_DEATH_CODE = "08"
_NEAR = timedelta(hours=1)  # two onsets so close may be one event, written down twice
_ACTIONS = {"STOP": "STOP", "PAUSE": "PAUSE", "SLOW": "SLOW"}  # with the infusion, the strongest first
_TREATMENTS = {"DRUG": "DRUG", "RESP": "OXYGEN", "CPR": "PROC", "OTH": "OTH"}


def events(state: SubjectState) -> Iterator[Cause]:
    """Give every death and every confirmed infusion event: each wants an adverse event."""
    yield from _death(state)
    for key in state.keys("F8"):
        section = next(s for s in state.study.forms["F8"].sections if s.id == "events")
        for row in state.rows(key, section):
            if state.operand(key, Cell("iae_adjud", row)) == "Y":
                yield from _confirmed(state, key, row)


def _death(state: SubjectState) -> Iterator[Cause]:
    for key in state.keys("F15"):
        died = state.operand(key, Cell("dth_dtm"))
        if not isinstance(died, PartialDate):
            continue
        cause = state.operand(key, Cell("dth_cause"))
        known = state.operand(key, Cell("dth_known_dtm"))
        values: dict[str, Value] = {
            "ae_term": cause if isinstance(cause, str) and len(cause) <= 150 else "Death 死亡",
            "ae_onset_dtm": died,
            "ae_first_serious": "Y",
            "ae_ongoing": "N",
            "ae_end_dtm": died,
            "ae_out": "FATAL",
            "ae_grade_ver": "V5",
            "ae_grade": "5",
            "ae_sdth": "Y",
        }
        if isinstance(known, datetime):
            values["sae_aware_dtm"] = known
        yield Cause(f"{key} death", f"F15: death 死亡 {_shown(died)}", values, _fatal(state) is None)


def _confirmed(state: SubjectState, key: FormKey, row: int) -> Iterator[Cause]:
    code, onset = state.operand(key, Cell("iae_item", row)), state.operand(key, Cell("iae_onset_dtm", row))
    if not isinstance(code, str) or not isinstance(onset, datetime):
        return
    link = Cell("iae_ae_link", row)
    known = _fatal(state) if code == _DEATH_CODE else _same(state, key.n, code)
    linked = state.operand(key, link)
    source = f"{key} event {row}"
    if linked is None and known is not None and source not in _made(state, _EVENT):
        # A person has recorded it already: the number is all that is missing.
        yield Cause(source, "", {}, link=(key, link), record=known)
        return
    choice = state.study.forms["F8"].by_id["iae_item"].choice(code)
    label = choice.label if choice else None
    names = (label.en.removeprefix(code).strip(), label.zh.removeprefix(code).strip()) if label else (code,)
    called = " ".join(dict.fromkeys((code, *names)))
    found = f"F8 #{key.n}, event 事件 {row}: {called}; confirmed 研究者确认, {onset:%Y-%m-%d %H:%M}"
    alike = [f"F14 #{k.n}" for k in _near(state, onset)]
    if alike:
        found += f"; is it the same event as 是否与以下为同一事件: {', '.join(alike)}?"
    values: dict[str, Value] = {"ae_term": " ".join(names), "ae_onset_dtm": _partial(onset), "ae_iae": code}
    values |= _course(state, key, row)
    wanted = linked is None and code != _DEATH_CODE
    yield Cause(source, found, values, wanted, (key, link))


def _course(state: SubjectState, key: FormKey, row: int) -> dict[str, Value]:
    """Carry over what form F8 says of an event: its end, the values, what was done."""
    values: dict[str, Value] = {}
    ended = state.operand(key, Cell("iae_end_dtm", row))
    if isinstance(ended, datetime):
        values |= {"ae_ongoing": "N", "ae_end_dtm": _partial(ended)}
    told = [state.operand(key, Cell(i, row)) for i in ("iae_value_t0", "iae_value_event", "iae_action_text")]
    before, worst, action = (t if isinstance(t, str) else "" for t in told)
    text = "; ".join(
        t for t in (f"T0: {before}" if before else "", f"→ {worst}" if worst else "", action) if t
    )
    if text:
        values["ae_desc"] = text
    done = state.operand(key, Cell("iae_action", row))
    if isinstance(done, tuple) and done:
        values["ae_acn"] = next((acn for code, acn in _ACTIONS.items() if code in done), "NONE")
        values["ae_acnoth"] = tuple(t for code, t in _TREATMENTS.items() if code in done) or ("NONE",)
    return values


def _fatal(state: SubjectState) -> FormKey | None:
    """Give the adverse event that is the death."""
    for key in state.keys("F14"):
        if state.operand(key, Cell("ae_grade")) == "5" or state.operand(key, Cell("ae_out")) == "FATAL":
            return key
    return None


def _same(state: SubjectState, n: int, code: str) -> FormKey | None:
    """Give the adverse event that a person has recorded as this infusion event after this infusion."""
    for key in state.keys("F14"):
        number = state.operand(key, Cell("ae_inf_no"))
        if state.operand(key, Cell("ae_iae")) == code and number == n:
            return key
    return None


def _near(state: SubjectState, onset: datetime) -> Iterator[FormKey]:
    """Give the adverse events that somebody began within an hour of an onset: perhaps it is written down already."""
    drafted = set(_made(state, _EVENT).values())
    for key in state.keys("F14"):
        at = state.operand(key, Cell("ae_onset_dtm"))
        if key in drafted or not isinstance(at, PartialDate) or at.hour is None:
            continue
        began = datetime.fromisoformat(at.iso()).replace(tzinfo=onset.tzinfo)
        if abs(began - onset) <= _NEAR:
            yield key


def _partial(at: datetime) -> PartialDate:
    return PartialDate(at.year, at.month, at.day, at.hour, at.minute)


def _shown(at: PartialDate) -> str:
    return at.iso().replace("T", " ")

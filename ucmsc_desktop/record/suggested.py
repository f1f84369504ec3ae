"""Infusion events (F8) that wait for somebody: suggested and unanswered, denied by a nurse, flagged and not judged.

A suggestion is a question of the flow sheet. A nurse's "not an event" against it stays open until an investigator has
stood by it with an entry of his own, or has signed what covers it. Nothing here decides that an event happened. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.model import Form
from ucmsc_desktop.study.values import Value

_SUGGEST = "iae_suggest_"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Codes of one infusion. `asked`: unanswered; `denied`: a nurse's No without an investigator; `flagged`: not judged."""

    key: FormKey
    asked: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    flagged: tuple[str, ...] = ()


@lru_cache(maxsize=8)
def _codes(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(n.removeprefix(_SUGGEST) for n in names if n.startswith(_SUGGEST))


def codes_of(form: Form) -> tuple[str, ...]:
    """Give the codes of the events that the flow sheet may suggest, in printed order."""
    return _codes(tuple(form.by_id))


def waiting_of(state: SubjectState, n: int, now: datetime) -> Waiting | None:
    """Give what waits for somebody about the events of an infusion; None where nothing does, or the record is locked."""
    if "F8" not in state.study.forms:
        return None
    form = state.study.forms["F8"]
    key = key_for(form, n=n)
    if state.form_record(key).locked:
        return None
    asked, denied = [], []
    for code in codes_of(form):
        if not is_suggested(state, key, code, now):
            continue
        answer = state.value(key, Cell(f"iae{code}"))
        if answer is None:
            asked.append(code)
        elif is_denied(state, key, code):
            denied.append(code)
    flagged = _flagged(state, key)
    return Waiting(key, tuple(asked), tuple(denied), flagged) if asked or denied or flagged else None


def is_suggested(state: SubjectState, key: FormKey, code: str, now: datetime) -> bool:
    """Say whether the flow sheet suggests an event; computed here while nothing of the event record is stored."""
    cell = Cell(f"{_SUGGEST}{code}")
    if key in state.record.forms or key in state.overlay:
        return state.value(key, cell) == "Y"
    return state.derived_value(key, state.study.forms[key.form].by_id[cell.item], now) == "Y"


def is_denied(state: SubjectState, key: FormKey, code: str) -> bool:
    """Say whether an answer is a No that no investigator has given, stood by or signed for."""
    cell = Cell(f"iae{code}")
    if state.value(key, cell) != "N":
        return False
    record = state.form_record(key)
    entry = record.entry(cell)
    signed = any(
        not s.voided and s.role == "investigator" and s.is_about(cell.item) for s in record.signatures
    )
    return not signed and (entry is None or entry.role != "investigator")


def _flagged(state: SubjectState, key: FormKey) -> tuple[str, ...]:
    section = next(s for s in state.study.forms[key.form].sections if s.id == "events")
    rows = state.rows(key, section)
    open_rows = (r for r in rows if state.value(key, Cell("iae_adjud", r)) is None)
    found = (state.value(key, Cell("iae_item", r)) for r in open_rows)
    return tuple(dict.fromkeys(code for code in found if isinstance(code, str)))


def began(state: SubjectState, key: FormKey, code: str, now: datetime) -> datetime | None:
    """Give the moment at which a suggestion begins; None where it does not rest on rows of the flow sheet."""
    view = FormState(state, key_for(state.study.forms["F7"], n=key.n), now)
    row = onset_row(view, code)
    at = view.value("ivs_dtm", row) if row is not None else None
    return at if isinstance(at, datetime) else None


def onset_row(view: FormState, code: str) -> int | None:
    """Find the row at which a suggestion begins: with the rows up to some row it holds, and none before it is needed.

    `view`: the F7 record.
    """
    flow = next(s for s in view.form.sections if s.id == "flow")
    rows = sorted((at, r) for r in view.rows(flow) if isinstance(at := view.value("ivs_dtm", r), datetime))
    order = [r for _at, r in rows]
    references = [r for r in order if view.value("ivs_point", r) in ("T0", "PRE15")]
    last = next((n for n in range(len(order)) if _stands(view, code, [*references, *order[: n + 1]])), None)
    if last is None:
        return None
    onset = last
    for first in range(last, -1, -1):
        if order[first] in references:
            continue
        onset = first
        if _stands(view, code, [*references, *order[first : last + 1]]):
            break
    return order[onset]


def _stands(view: FormState, code: str, keep: Sequence[int]) -> bool:
    """Say whether a suggestion would stand with these rows alone."""
    flow = next(s for s in view.form.sections if s.id == "flow")
    gone: dict[Cell, Value | None] = {
        Cell(i.id, r): None for r in view.rows(flow) if r not in keep for i in flow.items
    }
    state = view.state.with_values(view.key, gone) if gone else view.state
    form = state.study.forms["F8"]
    key = FormKey("F8", view.key.visit, view.key.n)
    return state.derived_value(key, form.by_id[f"{_SUGGEST}{code}"], view.now) == "Y"

"""Infusion events (F8) at the bedside: what the flow sheet suggests, who flagged and judged it, when none is to be signed.

A suggestion asks; a nurse flags, an investigator adjudicates. Nothing here decides that an event happened. Suggestions
are computed by the form (iae_suggest_*); here each gets the values it rests on and the moment at which it began. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record import signing
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.session.advice import reference_for
from ucmsc_desktop.study.values import Missing, Value

Hour = Literal["6h", "24h"]

# The values that each suggestion rests on, in the flow sheet; "a|b": b where a is not known.
RESTS_ON: dict[str, tuple[str, ...]] = {
    "01a": ("ivs_ne_ugmin|ivs_ne_total",),
    "01b": ("ivs_phe_ugmin",),
    "01c": ("ivs_dopa_ugkg",),
    "01d": ("ivs_epi_ugkg",),
    "01e": ("ivs_pressor_n",),
    "02": ("ivs_rhythm",),
    "03": ("ivs_rhythm",),
    "04": ("ivs_fio2", "ivs_peep"),
    "05": ("ivs_rsup", "ivs_fio2"),
    "06": ("ivs_symptoms",),
    "07": ("ivs_rhythm", "ivs_hr"),
    "08": (),
    "09": ("ivs_symptoms", "ivs_sbp"),
    "10": ("ivs_temp", "ivs_symptoms"),
    "11": (),
    "12": ("ivs_sbp",),
}
_WINDOW: dict[Hour, str] = {"6h": "iae_window_h", "24h": "iae_window_late_h"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What the flow sheet suggests. `answer`: Y flagged, N rejected, None open. Missing: None for an unknown onset."""

    code: str
    title: Text
    answer: str | None
    at: datetime | None
    before: Text
    seen: Text


@dataclass(frozen=True, slots=True)
class FlaggedEvent:
    """An event somebody described. `judged`: Y confirmed, N not, I indeterminate, None open."""

    row: int
    title: Text
    at: datetime | None
    before: Text
    seen: Text
    judged: str | None
    ae: int | None


@dataclass(frozen=True, slots=True)
class NoneDue:
    """The positive statement that none occurred. `open_codes`: suggestions to be answered before it can be made."""

    hour: Hour
    at: datetime
    is_due: bool
    answer: str | None
    is_signed: bool
    open_codes: tuple[str, ...]


def events_key(view: FormState) -> FormKey:
    """Give the key of the event record of an infusion."""
    return FormKey("F8", view.key.visit, view.key.n)


def events_view(view: FormState) -> FormState:
    """Give the event record of an infusion (`view`: its F7 record)."""
    return FormState(view.state, events_key(view), view.now)


def suggestions_of(view: FormState) -> tuple[Suggestion, ...]:
    """Give what the flow sheet suggests, with values and answers."""
    events = events_view(view)
    found = []
    for code in RESTS_ON:
        if events.value(f"iae_suggest_{code}") != "Y":
            continue
        answer = events.value(f"iae{code}")
        row = onset_row(view, code)
        at = view.value("ivs_dtm", row) if row is not None else None
        found.append(
            Suggestion(
                code,
                events.form.by_id[f"iae{code}"].label,
                answer if isinstance(answer, str) else None,
                at if isinstance(at, datetime) else None,
                _values(view, code, None),
                _values(view, code, row) if row is not None else Text("", ""),
            )
        )
    return tuple(found)


def onset_row(view: FormState, code: str) -> int | None:
    """Find the row at which a suggestion begins: with the rows up to some row it holds, and none before it is needed."""
    flow = next(s for s in view.form.sections if s.id == "flow")
    rows = sorted((at, r) for r in view.rows(flow) if isinstance(at := view.value("ivs_dtm", r), datetime))
    order = [r for _at, r in rows]
    references = [r for r in order if view.value("ivs_point", r) in ("T0", "PRE15")]
    last = next((n for n in range(len(order)) if _suggests(view, code, [*references, *order[: n + 1]])), None)
    if last is None:
        return None
    onset = last
    for first in range(last, -1, -1):
        if order[first] in references:
            continue
        onset = first
        if _suggests(view, code, [*references, *order[first : last + 1]]):
            break
    return order[onset]


def _suggests(view: FormState, code: str, keep: Sequence[int]) -> bool:
    """Say whether a suggestion would stand with these rows alone."""
    flow = next(s for s in view.form.sections if s.id == "flow")
    gone: dict[Cell, Value | None] = {
        Cell(i.id, r): None for r in view.rows(flow) if r not in keep for i in flow.items
    }
    state = view.state.with_values(view.key, gone) if gone else view.state
    events = events_view(view)
    return state.derived_value(events.key, events.form.by_id[f"iae_suggest_{code}"], view.now) == "Y"


def _values(view: FormState, code: str, row: int | None) -> Text:
    """Say the values that a suggestion rests on, in a row, or at the reference where row is None."""
    parts = []
    for names in RESTS_ON[code]:
        name, value = _first_known(view, names.split("|"), row)
        if value is None or isinstance(value, Missing):
            continue
        item = view.form.by_id[name]
        shown = Text(item.shown(value, "en"), item.shown(value, "zh"))
        parts.append(Text(f"{item.label.en} {shown.en}", f"{item.label.zh} {shown.zh}"))
    return Text(", ".join(p.en for p in parts), "，".join(p.zh for p in parts))


def _first_known(view: FormState, names: Sequence[str], row: int | None) -> tuple[str, Value | None]:
    for name in names:
        where = reference_for(view, name) if row is None else row
        value = view.value(name, where) if where is not None else None
        if value is not None:
            return name, value
    return names[-1], None


def flagged_of(view: FormState) -> tuple[FlaggedEvent, ...]:
    """Give the events that were described, in order."""
    events = events_view(view)
    section = next(s for s in events.form.sections if s.id == "events")
    found = []
    for row in events.rows(section):
        code = events.value("iae_item", row)
        if code is None:
            continue
        at, judged = events.value("iae_onset_dtm", row), events.value("iae_adjud", row)
        item = events.form.by_id["iae_item"]
        before, seen = (str(events.value(i, row) or "") for i in ("iae_value_t0", "iae_value_event"))
        link = events.value("iae_ae_link", row)
        found.append(
            FlaggedEvent(
                row,
                Text(item.shown(code, "en"), item.shown(code, "zh")),
                at if isinstance(at, datetime) else None,
                Text(before, before),
                Text(seen, seen),
                judged if isinstance(judged, str) else None,
                int(link.amount) if link is not None and hasattr(link, "amount") else None,
            )
        )
    return tuple(found)


def none_due(view: FormState) -> tuple[NoneDue, ...]:
    """Give the two statements that none occurred, from the end of the infusion on."""
    ended = view.value("inf_end_dtm")
    if not isinstance(ended, datetime):
        return ()
    events = events_view(view)
    waiting = tuple(s.code for s in suggestions_of(view) if s.answer is None)
    found = []
    for hour, name in _WINDOW.items():
        at = ended + timedelta(hours=int(str(view.state.study.parameters[name])))
        answer = events.value(f"iae_none_{hour}")
        covered = _covered(events, hour)
        found.append(
            NoneDue(
                hour,
                at,
                view.now >= at,
                answer if isinstance(answer, str) else None,
                bool(signing.signers(events, f"none_occurred_{hour}")),
                tuple(c for c in waiting if f"iae{c}" in covered),
            )
        )
    return tuple(found)


def _covered(events: FormState, hour: Hour) -> frozenset[str]:
    slot = next(s for s in events.form.signatures if s.meaning == f"none_occurred_{hour}")
    return events.form.covered(slot)


# --- what a press records ------------------------------------------------------------------------------------


def flag(view: FormState, suggestion: Suggestion, row: int) -> Mapping[Cell, Value | None]:
    """Plan the values of flagging a suggestion: the answer and a row that describes it."""
    values: dict[Cell, Value | None] = {
        Cell(f"iae{suggestion.code}"): "Y",
        Cell("iae_item", row): suggestion.code,
    }
    if suggestion.at is not None:
        values[Cell("iae_onset_dtm", row)] = suggestion.at
    limit = events_view(view).form.by_id["iae_value_t0"].max_length
    for name, text in (("iae_value_t0", suggestion.before), ("iae_value_event", suggestion.seen)):
        if text.get():
            values[Cell(name, row)] = text.get()[:limit]
    return values


def reject(suggestion: Suggestion) -> Mapping[Cell, Value | None]:
    """Plan the values of answering a suggestion with No."""
    return {Cell(f"iae{suggestion.code}"): "N"}


def none_occurred(view: FormState, hour: Hour) -> Mapping[Cell, Value | None]:
    """Plan the values of the statement that none occurred: every line it is about that is still open becomes No."""
    events = events_view(view)
    values: dict[Cell, Value | None] = {
        Cell(f"iae{code}"): "N"
        for code in RESTS_ON
        if f"iae{code}" in _covered(events, hour) and events.value(f"iae{code}") is None
    }
    values[Cell(f"iae_none_{hour}")] = "Y"
    return values

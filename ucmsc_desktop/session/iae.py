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
from ucmsc_desktop.record.flow_sheet import due_points
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.suggested import is_denied, onset_row
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
    """What the flow sheet suggests. `answer`: Y flagged, N rejected, None open. Missing: None for an unknown onset.

    `is_denied`: a nurse has rejected it and no investigator has stood by that.
    """

    code: str
    title: Text
    answer: str | None
    at: datetime | None
    before: Text
    seen: Text
    is_denied: bool = False


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
    code: str = ""


@dataclass(frozen=True, slots=True)
class NoneDue:
    """The positive statement that none occurred, and what is to be known before it is made.

    `open_codes`: suggestions nobody has answered. `denied`: suggestions a nurse has rejected and no investigator
    confirmed. `events`: those of its hours that are flagged or confirmed. `unmeasured`: checks of its hours without a
    measurement, with their times. `rest`: its lines nobody has answered and nothing suggests.
    """

    hour: Hour
    at: datetime
    is_due: bool
    answer: str | None
    is_signed: bool
    open_codes: tuple[str, ...]
    denied: tuple[str, ...] = ()
    events: tuple[Text, ...] = ()
    unmeasured: tuple[tuple[Text, datetime], ...] = ()
    rest: tuple[Text, ...] = ()

    @property
    def may_say_none(self) -> bool:
        """Say whether nothing that is recorded speaks against "none occurred"."""
        return not (self.open_codes or self.denied or self.events)

    @property
    def asks_rest(self) -> bool:
        """Say whether an event is flagged and the other lines may be answered together."""
        return self.answer == "N" and bool(self.events and self.rest)


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
                is_denied(events.view, events.key, code),
            )
        )
    return tuple(found)


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
                str(code),
            )
        )
    return tuple(found)


def none_due(view: FormState) -> tuple[NoneDue, ...]:
    """Give the two statements that none occurred, from the end of the infusion on."""
    ended = view.value("inf_end_dtm")
    if not isinstance(ended, datetime):
        return ()
    events = events_view(view)
    suggestions, flagged = suggestions_of(view), flagged_of(view)
    found = []
    for hour, name in _WINDOW.items():
        at = ended + timedelta(hours=int(str(view.state.study.parameters[name])))
        answer = events.value(f"iae_none_{hour}")
        covered = _covered(events, hour)
        rest = _rest(events, hour, {s.code for s in suggestions})
        found.append(
            NoneDue(
                hour,
                at,
                view.now >= at,
                answer if isinstance(answer, str) else None,
                bool(signing.signers(events, f"none_occurred_{hour}")),
                tuple(s.code for s in suggestions if s.answer is None and f"iae{s.code}" in covered),
                tuple(s.code for s in suggestions if s.is_denied and f"iae{s.code}" in covered),
                _events_of(events, flagged, covered, at),
                _unmeasured(view, at),
                tuple(_short(events, code) for code in rest),
            )
        )
    return tuple(found)


def _covered(events: FormState, hour: Hour) -> frozenset[str]:
    slot = next(s for s in events.form.signatures if s.meaning == f"none_occurred_{hour}")
    return events.form.covered(slot)


def _short(events: FormState, code: str) -> Text:
    """Name an event as its row does."""
    found = events.form.by_id["iae_item"].choice(code)
    return found.label if found is not None else Text(code, code)


def _events_of(
    events: FormState, flagged: Sequence[FlaggedEvent], covered: frozenset[str], until: datetime
) -> tuple[Text, ...]:
    """Give the events that speak against "none": answered Yes, or described and not rejected, unless it began later."""
    rejected = {e.code for e in flagged if e.judged == "N"} - {e.code for e in flagged if e.judged != "N"}
    later = {e.code for e in flagged if e.at is not None and e.at > until}
    described = {e.code for e in flagged if e.judged != "N" and (e.at is None or e.at <= until)}
    codes = [
        code
        for code in RESTS_ON
        if code in described
        or (events.value(f"iae{code}") == "Y" and f"iae{code}" in covered and code not in rejected | later)
    ]
    return tuple(_short(events, code) for code in codes)


def _unmeasured(view: FormState, until: datetime) -> tuple[tuple[Text, datetime], ...]:
    """Give the checks of the hours up to a moment at which nothing was measured: no row, or one that says so."""
    flow = next(s for s in view.form.sections if s.id == "flow")
    anchors, n = view.state.anchors(), view.key.n
    begin = anchors.starts.get(n, until)
    times = {p.code: (p.title, at) for p, at in due_points(view.state, n)}
    for row in view.rows(flow):
        code = view.value("ivs_point", row)
        point = next((p for p in view.state.study.flow_sheet if p.code == code), None)
        anchor = anchors.starts.get(n) if point is None or point.anchor == "start" else anchors.ends.get(n)
        if point is not None and anchor is not None and isinstance(view.value("ivs_dtm", row), Missing):
            times[point.code] = (point.title, anchor + timedelta(minutes=point.at_min))
    found = sorted(((at, title) for title, at in times.values() if begin <= at <= until), key=lambda f: f[0])
    return tuple((title, at) for at, title in found)


def _rest(events: FormState, hour: Hour, suggested: set[str]) -> tuple[str, ...]:
    covered = _covered(events, hour)
    return tuple(
        code
        for code in RESTS_ON
        if f"iae{code}" in covered and code not in suggested and events.value(f"iae{code}") is None
    )


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
    return {**none_of_the_rest(view, hour), Cell(f"iae_none_{hour}"): "Y"}


def none_of_the_rest(view: FormState, hour: Hour) -> Mapping[Cell, Value | None]:
    """Plan a No for every line of these hours that nobody has answered; never for one that the numbers suggest."""
    suggested = {s.code for s in suggestions_of(view)}
    return {Cell(f"iae{code}"): "N" for code in _rest(events_view(view), hour, suggested)}


def stand_by(code: str) -> tuple[Mapping[Cell, Value | None], frozenset[str]]:
    """Plan an investigator's No to a suggestion; give the query that it answers with its reason."""
    return {Cell(f"iae{code}"): "N"}, frozenset({f"F8.suggested.{code}"})

"""Labels as a use case: which ones, what they say, whether they were printed before. Codes read from a scanner come in here.

A label that was printed before says so: two tubes with one label are one sample too many. What was printed stands in the
log (`PdfWritten` with the codes), so that a reprint is known on the next day too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ucmsc_desktop.errors import LabelMisread
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import Cell, Event, FormKey
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.record.summary import SubjectSummary
from ucmsc_desktop.session import printing, samples
from ucmsc_desktop.study.label_plan import KINDS, LabelKind, Layout
from ucmsc_desktop.study.model import Study
from ucmsc_desktop.study.specimen import UNSCHEDULED, LabelCode, read, recorded, tube
from ucmsc_desktop.study.values import Value

OURS = frozenset({"coi_wrist_scan", "cyt_label_id", "aliq_id"})
"""The items that hold codes of this trial. Bags, lots and hospital numbers are other people's codes: one in 36 numbers of
six digits would pass for a wristband of ours, and lose its last digit."""

_TUBE = Text("Tube", "采血管")
_ALIQUOT = Text("Aliquot {n}", "分装管 {n}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which labels of a participant to print. Empty `visits`: every time-point of the plan."""

    kinds: tuple[LabelKind, ...] = KINDS
    visits: tuple[str, ...] = ()
    copies: int = 1
    aliquots: int = 0  # 0: as many as the study's configuration says
    layout: Layout | None = None  # None: that of the study's configuration
    skip: int = 0  # places of the first sheet that are used up


def is_wanted(who: SubjectSummary) -> bool:
    """Say whether labels for all include this participant's: not those of one for whom nothing more is drawn."""
    return who.stage not in ("failed", "ended")


def read_code(text: str) -> LabelCode | None:
    """Read a scanned or typed code. Missing: None for what is no code of this trial. Raises: LabelMisread."""
    try:
        return read(text)
    except ValueError as fault:
        raise LabelMisread from fault


def as_recorded(
    study: Study, key: FormKey, values: Mapping[Cell, Value | None]
) -> Mapping[Cell, Value | None]:
    """Take the check character off codes of this trial in the items that hold them; anything else stays as it is."""
    items = study.forms[key.form].by_id
    return {
        cell: recorded(value)
        if isinstance(value, str) and cell.item in OURS and cell.item in items and items[cell.item].scan
        else value
        for cell, value in values.items()
    }


def codes(state: SubjectState, wanted: Wanted) -> tuple[LabelCode, ...]:
    """Give the codes of the labels wanted, in the order in which they are needed; a copy follows its first."""
    return tuple(code for code in _codes(state, wanted) for _copy in range(wanted.copies))


def _codes(state: SubjectState, wanted: Wanted) -> Iterator[LabelCode]:
    if "participant" in wanted.kinds:
        yield LabelCode(state.subject)
    visits = wanted.visits or samples.planned_visits(state.study)
    for visit in visits:
        n = _next_unscheduled(state) if visit == UNSCHEDULED else 1
        if "tube" in wanted.kinds:
            yield tube(state.subject, visit, n)
        if "aliquot" in wanted.kinds:
            for number in range(1, (wanted.aliquots or state.study.labels.aliquots) + 1):
                yield tube(state.subject, visit, n, number)


def _next_unscheduled(state: SubjectState) -> int:
    """Give the number of the unscheduled sample that comes next."""
    taken = [
        k.n
        for k in state.keys(samples.FORM)
        if k.visit == UNSCHEDULED and state.value(k, Cell("cyt_done")) is not None
    ]
    return max(taken, default=0) + 1


def printed_before(events: Iterable[Event]) -> frozenset[str]:
    """Give the codes on labels printed so far."""
    return frozenset(str(code) for e in events if e.kind == "PdfWritten" for code in e.data.get("labels", ()))


def write(
    context: printing.Context,
    out: Path,
    wanted: Wanted,
    states: Sequence[tuple[SubjectState, frozenset[str]]],
) -> tuple[printing.PdfMade, dict[str, tuple[str, ...]]]:
    """Print labels of participants, each with the codes printed before; give the file and the codes by participant.

    Raises: FontsMissing, GlyphMissing, DiskFull.
    """
    from ucmsc_desktop.paper import labels as paper

    drawn: list[paper.Label] = []
    by_subject: dict[str, tuple[str, ...]] = {}
    lang = context.lang
    study = context.study
    trial = f"{study.registry} {study.short.get(lang)}"
    for state, before in states:
        found = codes(state, wanted)
        by_subject[state.subject] = tuple(dict.fromkeys(c.plain for c in found))
        initials = state.value(FormKey("F1", "SCR"), Cell("initials4"))
        for code in found:
            point, what, window = _words(state, code)
            drawn.append(
                paper.Label(
                    code,
                    initials if isinstance(initials, str) else "",
                    trial,
                    point.get(lang),
                    what.get(lang),
                    window.get(lang),
                    is_reprint=code.plain in before,
                )
            )
    one = states[0][0] if len(states) == 1 else None
    made = paper.render(
        out,
        drawn,
        printing._head(context, one),
        lang,
        plan=study.labels,
        layout=wanted.layout,
        skip=wanted.skip,
    )
    return printing.PdfMade(out, made.sha256, made.pages, context.head[:16], lang), by_subject


def _words(state: SubjectState, code: LabelCode) -> tuple[Text, Text, Text]:
    """Give time-point, what it is, and the planned window: its times once they are known, else the rule."""
    nothing = Text("", "")
    if not code.visit:
        return nothing, nothing, nothing
    key = samples.key_of(state.study, code)
    what = _ALIQUOT.fill(n=code.aliquot) if code.aliquot else _TUBE
    due = samples.window_of(state, key)
    window = samples.span(due) if due is not None else samples.rule_at(state.study, key)
    return samples.title_of(state.study, key), what, window

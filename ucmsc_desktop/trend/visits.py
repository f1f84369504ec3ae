"""The course over the trial: PaO2/FiO2, P(A-a)O2, IL-6 and IL-8 of one participant against the days.

Only what was recorded is shown: a blood gas that is not arterial has no PaO2/FiO2 and so no point; a cytokine below the limit
of the assay is a triangle at that limit, never a value of its own. The cytokines stand on a logarithmic scale, because
sepsis spans five powers of ten. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.subject_state import SubjectState, base_amount
from ucmsc_desktop.study.model import round_half_up
from ucmsc_desktop.study.values import Number, Operator
from ucmsc_desktop.trend.draw import Axis, Limit, Mark, Panel, Reading, Trend, stretch_of_days

_PF, _AADO2 = Text("PaO2/FiO2", "PaO2/FiO2 氧合指数"), Text("P(A-a)O2", "P(A-a)O2")
HAEMOLYSED = Decimal(2)  # from this grade on a cytokine is filled red: red cells release IL-8


@dataclass(frozen=True, slots=True)
class _Course:
    title: Text
    unit: str
    form: str
    item: str
    at: str
    mark: Mark
    colour: str
    axis: Axis
    limits: tuple[Limit, ...] = ()
    lloq: str = ""
    doubtful: Callable[[SubjectState, FormKey], bool] = lambda _state, _key: False


def _haemolysed(state: SubjectState, key: FormKey) -> bool:
    value = state.operand(key, Cell("cyt_hemolysis"))
    return isinstance(value, Decimal) and value >= HAEMOLYSED


def _estimated(state: SubjectState, key: FormKey) -> bool:
    return state.value(key, Cell("abg_fio2_src")) == "EST"


# Thresholds as registered: PaO2/FiO2 above 200 and up to 300 mmHg, P(A-a)O2 above 35 mmHg.
COURSES = (
    _Course(
        _PF, "mmHg", "F9", "pf", "abg_collect_dtm", "circle", "#005EB8", Axis(0, 600, 200),
        (Limit(Decimal(200), "200"), Limit(Decimal(300), "300")),
    ),
    _Course(
        _AADO2, "mmHg", "F9", "aado2", "abg_collect_dtm", "square", "#5B2C83", Axis(0, 400, 100),
        (Limit(Decimal(35), "35"),),
    ),
    _Course(
        Text("IL-6", "IL-6"), "pg/mL", "F10", "il6_value", "cyt_collect_dtm", "diamond", "#006B33",
        Axis(1, 100_000, log=True), lloq="il6_lloq", doubtful=_haemolysed,
    ),
    _Course(
        Text("IL-8", "IL-8"), "pg/mL", "F10", "il8_value", "cyt_collect_dtm", "circle", "#7A4B00",
        Axis(1, 100_000, log=True), lloq="il8_lloq", doubtful=_haemolysed,
    ),
)  # fmt: skip


def course_of(state: SubjectState) -> Trend | None:
    """Read the course of a participant.

    Missing: None where no value has been recorded yet.
    """
    panels = tuple(_panel(state, course) for course in COURSES)
    times = [reading.at for panel in panels for reading in panel.readings]
    if not times:
        return None
    starts = tuple(start for _n, start in sorted(state.anchors().starts.items()))
    day0 = starts[0] if starts else min(times)
    begins, ends = stretch_of_days(day0, min(times))
    return Trend(panels, begins, ends, day0=day0.date(), marks=starts)


def _panel(state: SubjectState, course: _Course) -> Panel:
    found = sorted(_readings(state, course), key=lambda r: r[0].at)
    readings = tuple(reading for reading, _key in found)
    limits = course.limits
    latest, note = "", Text("", "")
    if found:
        last, key = found[-1]
        item = state.study.forms[course.form].by_id[course.item]
        latest = f"{'' if last.op == '=' else last.op}{_short(last.value, item.places if item.is_derived else None)}"
        visit = state.study.visit_by_id[key.visit].title
        note = visit if key.visit != "UNS" else Text(f"{last.at:%m-%d %H:%M}", f"{last.at:%m-%d %H:%M}")
        if course.form == "F9" and _estimated(state, key):
            note = Text(f"{note.en}, FiO2 estimated", f"{note.zh}，FiO2为估算")
        if course.lloq:
            lowest = _number(state, key, course.form, course.lloq)
            if lowest is not None:
                limits = (Limit(lowest.value, f"LLOQ {_short(lowest.value, None)}"),)
    return Panel(
        course.title, Text(course.unit, course.unit), course.mark, course.colour, course.axis, (None, None),
        readings, latest, note, limits,
    )  # fmt: skip


def _readings(state: SubjectState, course: _Course) -> Iterator[tuple[Reading, FormKey]]:
    for key in state.keys(course.form):
        at = state.operand(key, Cell(course.at))
        found = _number(state, key, course.form, course.item)
        if isinstance(at, datetime) and found is not None:
            yield Reading(at, found.value, unusual=course.doubtful(state, key), op=found.op), key


@dataclass(frozen=True, slots=True)
class _Number:
    value: Decimal  # in the item's base unit
    op: Operator


def _number(state: SubjectState, key: FormKey, form: str, item: str) -> _Number | None:
    value = state.value(key, Cell(item))
    if not isinstance(value, Number):
        return None
    return _Number(base_amount(state.study.forms[form].by_id[item], value), value.op)


def _short(value: Decimal, places: int | None) -> str:
    """Show a number as it was entered; one that was computed with the places its item prints."""
    return format(value if places is None else round_half_up(value, places), "f")

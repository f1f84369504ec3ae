"""Which protocol deviations the entries of a participant show. Pure.

Only what can be computed from recorded times and numbers stands here; whether it is a deviation at all, why it happened
and what is done about it is a person's to say (F17). It must never look at a name, and never guess a missing value: a
rule whose values are not all known finds nothing.

A deviation is told in one text with the numbers once and the few words in both languages, because a stored value has
one wording: "planned 计划 14:30 ±30 min, drawn 采样 15:12 (+42 min)".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any, NamedTuple

from ucmsc_desktop.record.course import course_of, falls_away, left_before
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.safety import clock_of
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.functions import icf_active, moment_of
from ucmsc_desktop.study.schedule import Due, placement_of
from ucmsc_desktop.study.values import Missing, Value


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that wants a record of its own. `source` names it for ever; `is_wanted`: may be drafted if it is not yet.

    `link`: the cell in which the number of the record is to stand, where nobody has filled it in; `record`: a person has
    made that record already, and the link is all that is missing.
    """

    source: str
    found: str
    values: Mapping[str, Value]
    is_wanted: bool = True
    link: tuple[FormKey, Cell] | None = None
    record: FormKey | None = None


@dataclass(frozen=True, slots=True)
class _Timed:
    """A scheduled assessment: the item that says when, the one that says whether, why not, and what is done."""

    when: str
    done: str
    why_not: str
    word: str


_TIMED = {
    "F9": _Timed("abg_collect_dtm", "abg_done", "abg_nd_reason", "drawn 采样"),
    "F10": _Timed("cyt_collect_dtm", "cyt_done", "cyt_nd_reason", "drawn 采血"),
    "F11": _Timed("ct_dtm", "ct_done", "ct_nd_reason", "imaged 检查"),
}
MINUTE = timedelta(minutes=1)
_NO_FAULT = ("DEATH",)  # reasons for which a missed assessment is none


def causes(state: SubjectState, now: datetime) -> Iterator[Cause]:
    """Give every deviation that the entries show, each with the name of its source."""
    yield from _scheduled(state, now)
    yield from _samples(state)
    yield from _infusions(state)
    yield from _flow_sheet(state)
    yield from _consent(state)
    yield from _eligibility(state)
    yield from _drugs(state)
    yield from _reports(state, now)


def _cause(
    key: FormKey, what: str, category: str, text: str, at: datetime | None, *, important: bool = False
) -> Cause:
    values: dict[str, Value] = {
        "dv_cat": category,
        "dv_form": f"{key.form} {key.visit}" + (f" #{key.n}" if key.n > 1 or key.visit == "LOG" else ""),
        "dv_desc": text,
        "dv_sev": "IMPORTANT" if important else "MINOR",
    }
    if at is not None:
        values["dv_dtm"] = at
    return Cause(f"{key} {what}", text, values)


# --- times of assessments ---------------------------------------------------------------------------------------------


def _scheduled(state: SubjectState, now: datetime) -> Iterator[Cause]:
    starts = state.anchors().starts
    for form, timed in _TIMED.items():
        for key in state.keys(form):
            window = state.due(key)
            if window is None:
                continue
            at = _moment(state, key, timed.when)
            if at is None:
                if _get(state, key, timed.done) == "N" and _is_missed(state, key, window, timed, now):
                    text = f"{_planned(state, key, window)}, not done 未做 ({_get(state, key, timed.why_not) or '–'})"
                    yield _cause(key, "missed", "MISS", text, window.closes)
                continue
            placement = placement_of(state.study, key.form, key.visit)
            plan = placement.window if placement else None
            dose = starts.get(plan.predose) if plan and plan.predose else None
            is_after_dose = dose is not None and at >= dose
            if plan and dose is not None and is_after_dose:
                text = (
                    f"{key.form} {key.visit}: {timed.word} {_at(at)}, infusion {plan.predose} started "
                    f"第{plan.predose}次输注开始 {_at(dose, at)} ({_minutes(at - dose)})"
                )
                yield _cause(key, "predose", "SAMP", text, at)
            closed_by_dose = is_after_dose and dose == window.closes
            if at < window.opens or (at > window.closes and not closed_by_dose):
                text = f"{_planned(state, key, window)}, {timed.word} {_at(at, window.nominal)} ({_off(window, at)})"
                yield _cause(key, "window", "TIME", text, at)


def _is_missed(state: SubjectState, key: FormKey, window: Due, timed: _Timed, now: datetime) -> bool:
    """Say whether an assessment that was recorded as not done was still owed when its window closed."""
    if now <= window.closes or _get(state, key, timed.why_not) in _NO_FAULT:
        return False
    course = course_of(state)
    if falls_away(state, course, key) is not None or (
        course.died is not None and course.died < window.closes
    ):
        return False
    ended = _moment(state, FormKey("F16", "END"), "eos_dtm")
    return ended is None or ended >= window.closes


def _planned(state: SubjectState, key: FormKey, window: Due) -> str:
    """Say what was planned: to the minute, or in whole days."""
    name = f"{key.form} {key.visit}: planned 计划"
    if _is_calendar(window):
        first, last = window.opens.date(), window.closes.date()
        days = f"{first}" if first == last else f"{first} – {last}"
        return f"{name} {window.nominal.date()} ({days})" if first != last else f"{name} {days}"
    before, after = window.nominal - window.opens, window.closes - window.nominal
    if before // MINUTE == after // MINUTE:  # of a stamped start the window closes with its second
        return f"{name} {_at(window.nominal)} ±{_span(before)}"
    return f"{name} {_at(window.opens)} – {_at(window.closes, window.opens)}"


def _off(window: Due, at: datetime) -> str:
    if _is_calendar(window):
        return f"{(at.date() - window.nominal.date()).days:+d} d"
    return _minutes(at - window.nominal)


def _is_calendar(window: Due) -> bool:
    return (window.closes.hour, window.closes.minute, window.closes.second) == (23, 59, 59)


def _samples(state: SubjectState) -> Iterator[Cause]:
    limits = (
        ("spin", "cyt_spin_delay", "cyt_spin_dtm", "spin_max_min", "draw to centrifuge 采血至离心"),
        (
            "freeze",
            "cyt_freeze_delay",
            "cyt_freeze_dtm",
            "freeze_max_min",
            "centrifuge to freezer 离心至冻存",
        ),
    )
    for key in state.keys("F10"):
        for what, delay, at, limit, words in limits:
            found, most = _get(state, key, delay), _limit(state, limit)
            if isinstance(found, Decimal) and found > most:
                text = f"{key.form} {key.visit}: {words} {_plain(found)} min (≤ {_plain(most)} min)"
                yield _cause(key, what, "SAMP", text, _moment(state, key, at))


# --- infusion and product ---------------------------------------------------------------------------------------------


def _infusions(state: SubjectState) -> Iterator[Cause]:
    anchors = state.anchors()
    for n, start in sorted(anchors.starts.items()):
        key = key_for(state.study.forms["F7"], n=n)
        name = f"Infusion {n} 第{n}次输注: "
        before, end = anchors.starts.get(n - 1), anchors.ends.get(n)
        if before is not None:
            low, high = _limit(state, "dose_interval_h_min"), _limit(state, "dose_interval_h_max")
            if not low <= _hours(start - before) <= high:
                text = (
                    f"{name}{_span(start - before)} after infusion {n - 1} 距第{n - 1}次输注 ({low}–{high} h)"
                )
                yield _cause(key, "interval", "TIME", text, start)
        most = _limit(state, "infusion_max_min")
        if end is not None and _hours(end - start) * 60 > most:
            text = f"{name}took 历时 {_span(end - start)} (≤ {most} min)"
            yield _cause(key, "duration", "DOSE", text, end)
        yield from _waived(state, key, name, start)
        yield from _dose(state, key, name, end or start)
        yield from _product(state, key, name, start)


def _waived(state: SubjectState, key: FormKey, name: str, start: datetime) -> Iterator[Cause]:
    """Give a start that only an investigator's reason let pass although consent did not cover it.

    Without that reason nothing is said: then the consent is perhaps only not typed in yet.
    """
    if "X01.paper" not in state.form_record(key).overridden:
        return
    consent = FormKey("F2", "SCR")
    signed, ended = _moment(state, consent, "consent_dtm"), _moment(state, consent, "consent_end_dtm")
    if signed is None or signed > start or (ended is not None and ended <= start):
        text = f"{name}started 开始 {_at(start)}, by the records without valid consent 按记录无有效知情同意"
        yield _cause(key, "consent", "ICF", text, start, important=True)


def _dose(state: SubjectState, key: FormKey, name: str, at: datetime) -> Iterator[Cause]:
    percent = _get(state, key, "inf_pct")
    soft, hard = _limit(state, "dose_soft_pct"), _limit(state, "dose_hard_pct")
    if not isinstance(percent, Decimal) or abs(percent - 100) <= soft:
        return
    is_hard = abs(percent - 100) > hard
    text = (
        f"{name}delivered 实际输注 {_plain(percent)} % of target 占目标剂量 (±{hard if is_hard else soft} %)"
    )
    yield _cause(key, "dose", "DOSE", text, at, important=is_hard)


def _product(state: SubjectState, key: FormKey, name: str, start: datetime) -> Iterator[Cause]:
    bag = FormKey("F6", key.visit, key.n)
    viability, least = _get(state, bag, "bag_viab"), _limit(state, "release_viability_pct")
    if isinstance(viability, Decimal) and viability < least:
        text = f"{name}viability 细胞活率 {_plain(viability)} % (≥ {least} %)"
        yield _cause(key, "viability", "PRODUCT", text, start, important=True)
    expiry = _moment(state, bag, "prod_expiry_dtm")
    if expiry is not None and start >= expiry:
        text = f"{name}started 开始 {_at(start)}, product expired 制剂失效 {_at(expiry, start)}"
        yield _cause(key, "expired", "PRODUCT", text, start, important=True)


def _flow_sheet(state: SubjectState) -> Iterator[Cause]:
    """Give the vital signs of each infusion that were measured outside their windows, and those recorded as not measured.

    One deviation of each kind an infusion: every late row as a record of its own would bury the rest.
    """
    course = course_of(state)
    for key in state.keys("F7"):
        rows = state.once(key, "off plan", partial(_off_plan, state, key))
        owed = [p for p in rows.missed if not left_before(course, p[0]) and not _after(course.died, p[0])]
        start = course.anchors.starts.get(key.n)
        late = [f"{code} {_at(at, start)} ({_minutes(off)})" for at, code, off in rows.late]
        missed = [f"{code} {_at(at, start)}" for at, code in owed]
        name = f"Infusion {key.n} 第{key.n}次输注: vital signs 生命体征"
        if late:
            text = f"{name} measured outside the window 超窗测量: {', '.join(late)}"
            yield _cause(key, "flow window", "TIME", text, rows.late[0][0])
        if missed:
            text = f"{name} not measured 未测: {', '.join(missed)}"
            yield _cause(key, "flow missed", "MISS", text, owed[0][0])


class _OffPlan(NamedTuple):
    """The planned rows of one flow sheet outside their windows (when, which, how far off), and those not measured."""

    late: list[tuple[datetime, str, timedelta]]
    missed: list[tuple[datetime, str]]


def _off_plan(state: SubjectState, key: FormKey) -> _OffPlan:
    found = _OffPlan([], [])
    section = next((s for s in state.study.forms["F7"].sections if s.id == "flow"), None)
    points = {p.code for p in state.study.flow_sheet}
    for row in state.rows(key, section) if section is not None else ():
        inside = state.operand(
            key, Cell("ivs_in_window", row)
        )  # asked first: of most rows there is no more to know
        if inside == "Y":
            continue
        code, planned = (state.operand(key, Cell(i, row)) for i in ("ivs_point", "ivs_nominal_dtm"))
        if code not in points or not isinstance(planned, datetime):
            continue
        at = state.operand(key, Cell("ivs_dtm", row))
        if isinstance(at, datetime) and inside == "N":
            found.late.append((at, str(code), at - planned))
        elif isinstance(state.value(key, Cell("ivs_dtm", row)), Missing):
            found.missed.append((planned, str(code)))
    found.late.sort()
    found.missed.sort()
    return found


def _after(moment: datetime | None, at: datetime) -> bool:
    return moment is not None and at > moment


# --- consent, eligibility, drugs, reports -----------------------------------------------------------------------------


def _consent(state: SubjectState) -> Iterator[Cause]:
    key = _only(state, "F2")
    if key is None:
        return
    versions = state.site.icf_versions
    for what, item, moment in (
        ("version", "icf_version", "signed_dtm"),
        ("version again", "reconsent_version", "reconsent_dtm"),
    ):
        version, signed = _get(state, key, item), _moment(state, key, moment)
        if version is None or signed is None or icf_active(versions, version, signed) is not False:
            continue
        active = ", ".join(v.version for v in versions if icf_active(versions, v.version, signed)) or "–"
        text = f"Consent form 知情同意书: signed 签署 {version}, {_at(signed)}; active 现行 {active}"
        yield _cause(key, what, "ICF", text, signed, important=True)


def _eligibility(state: SubjectState) -> Iterator[Cause]:
    key, start = _only(state, "F3"), state.anchors().starts.get(1)
    if key is not None and start is not None and _get(state, key, "eligible") == "N":
        text = f"Not eligible 不符合入选 (F3), infused 已输注 {_at(start)}"
        yield _cause(key, "infused", "ELIG", text, start, important=True)


def _drugs(state: SubjectState) -> Iterator[Cause]:
    for key in state.keys("F13"):
        classes = _get(state, key, "cm_class")
        if isinstance(classes, tuple) and "CELL" in classes:
            began, name = _get(state, key, "cm_start"), _get(state, key, "cm_name")
            start = state.anchors().starts.get(1)
            at = moment_of(began, start) if began is not None and start is not None else None
            text = f"Other cell therapy 其他细胞治疗 (F13 #{key.n}): {name or '–'}"
            yield _cause(key, "prohibited", "DRUG", text, at, important=True)


def _reports(state: SubjectState, now: datetime) -> Iterator[Cause]:
    for key in state.keys("F14"):
        clock = clock_of(state, key, now)
        if clock is None or clock.status != "late" or clock.reported is None or clock.due is None:
            continue
        text = (
            f"SAE F14 #{key.n}: due 应报 {_at(clock.due)}, reported 实报 {_at(clock.reported, clock.due)} "
            f"({_minutes(clock.reported - clock.due)})"
        )
        yield _cause(key, "late report", "SAE", text, clock.reported, important=True)


# --- reading and writing ----------------------------------------------------------------------------------------------


def _get(state: SubjectState, key: FormKey, item: str) -> Any:
    form = state.study.forms.get(key.form)
    return state.operand(key, Cell(item)) if form is not None and item in form.by_id else None


def _moment(state: SubjectState, key: FormKey, item: str) -> datetime | None:
    found = _get(state, key, item)
    return found if isinstance(found, datetime) else None


def _only(state: SubjectState, form: str) -> FormKey | None:
    return next(iter(state.keys(form)), None)


def _limit(state: SubjectState, name: str) -> Decimal:
    return Decimal(str(state.study.parameters[name]))


def _hours(interval: timedelta) -> Decimal:
    return Decimal(interval // timedelta(seconds=1)) / 3600


def _at(moment: datetime, beside: datetime | None = None) -> str:
    """Show a moment; beside one of the same day by its hour alone."""
    same = beside is not None and beside.date() == moment.astimezone(beside.tzinfo).date()
    return f"{moment:%H:%M}" if same else f"{moment:%Y-%m-%d %H:%M}"


def _minutes(interval: timedelta) -> str:
    sign = "-" if interval < timedelta(0) else "+"
    return sign + _span(abs(interval))


def _span(interval: timedelta) -> str:
    """Show a span to the minute; to the second where that is all there is."""
    seconds = interval // timedelta(seconds=1)
    if seconds < 60:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    if not hours or (hours == 1 and minutes):
        return f"{seconds // 60} min"
    if not minutes and seconds % 60:  # just over the hour: the seconds say on which side of a limit
        return f"{hours} h 00 min {seconds % 60:02d} s"
    return f"{hours} h {minutes:02d} min" if minutes else f"{hours} h"


def _plain(number: Decimal) -> str:
    """Show a number with two decimals at most."""
    shown = number.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    return format(shown.normalize(), "f") if shown != shown.to_integral_value() else format(shown, ".0f")

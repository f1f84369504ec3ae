"""What else is owed for one participant: consent, safety reports, samples in work, queries, records begun.

Gives stored rows (facts and absolute times, see summary). The clock of a serious event runs from the moment the site
learned of it and stops only with a time of report or a reason why there is none. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from ucmsc_desktop.record.course import (
    BEIJING,
    CONSENT,
    DEATH,
    Course,
    Stage,
    left_before,
    moment_of,
    text_of,
    was_answered,
)
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.planned import none_rows, sign_rows
from ucmsc_desktop.record.safety import clock_of
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.record.suggested import Waiting, began, waiting_of
from ucmsc_desktop.record.summary import Done, Mode, Row


def duty_rows(state: SubjectState, course: Course, stage: Stage, now: datetime) -> Iterator[Row]:
    """Give everything owed beside the plan."""
    yield from safety_rows(state, course, stage, now)
    if stage == "ended":
        return
    told: dict[FormKey, int] = {}
    if stage != "failed":
        yield from consent_rows(state, course)
        for n in sorted(course.anchors.starts):
            waiting = waiting_of(state, n, now)
            if waiting is not None:
                yield from iae_rows(state, waiting, now)
                told[waiting.key] = len(waiting.denied)
        for n in sorted(course.anchors.ends):
            yield from (r for r in none_rows(state, n) if r.at is None or not left_before(course, r.at))
        yield from sample_rows(state)
    yield from log_rows(state, now)
    yield from query_rows(state, now, told)


# --- consent -------------------------------------------------------------------------------------------------


def consent_rows(state: SubjectState, course: Course) -> Iterator[Row]:
    """Give what is owed about consent: the copy, and a new consent where one is needed."""
    if text_of(state, CONSENT, "consent_given") != "Y" or course.died is not None:
        return
    signed = moment_of(state, CONSENT, "consent_dtm") or moment_of(state, CONSENT, "signed_dtm")
    if text_of(state, CONSENT, "copy_given") == "N":
        yield Row(f"copy|{CONSENT}", signed, mode="d", why="paper")
    if course.scope in ("ALL", "TREAT"):
        return
    if text_of(state, CONSENT, "reconsent_needed") == "Y":
        if text_of(state, CONSENT, "reconsent_ok") != "Y":
            since = moment_of(state, CONSENT, "reconsent_known_dtm")
            if text_of(state, CONSENT, "reconsent_result") == "REFUSED":
                yield Row(f"refused|{CONSENT}", since, mode="d", why="block")
            else:
                yield Row(
                    f"recon|{CONSENT}|{text_of(state, CONSENT, 'reconsent_reason')}",
                    since,
                    mode="d",
                    why="block",
                )
        return
    if signed is None:
        return
    lapses = moment_of(state, CONSENT, "icf_lapse_dtm")
    if lapses is not None and text_of(state, CONSENT, "icf_lapse_waived") != "Y":
        yield Row(f"recon|{CONSENT}|VERSION", lapses, lapses, mode="h", why="icf")
    if text_of(state, CONSENT, "capacity") in ("NONE", "LIMITED"):
        every = timedelta(days=int(str(state.study.parameters.get("consent_reask_days", 1))))
        asked = state.form_record(CONSENT).cells.get(Cell("reconsent_needed"), ())
        last = max([signed, *(e.ward_at for e in asked)])
        yield Row(f"recap|{CONSENT}", last + every, last + every, mode="h", why="guard")


# --- safety --------------------------------------------------------------------------------------------------


def is_unjudged(state: SubjectState, key: FormKey) -> bool:
    """Say whether the investigator's judgement of an event is missing."""
    return not (was_answered(state, key, "ae_grade") and was_answered(state, key, "ae_rel_msc"))


def goes_on(state: SubjectState, key: FormKey) -> bool:
    """Say whether an event has no end yet."""
    return text_of(state, key, "ae_ongoing") == "Y"


def safety_rows(state: SubjectState, course: Course, stage: Stage, now: datetime) -> Iterator[Row]:
    """Give the clocks of serious events and what is missing about events and a death."""
    events = sorted(state.keys("F14"), key=lambda k: k.n)
    for key in events:
        if state.form_record(key).locked:
            continue
        clock = clock_of(state, key, now)
        if clock is not None and clock.is_running:
            why = "aware" if clock.is_estimate else "phone"
            mode: Mode = "t" if clock.due is not None else "d"
            yield Row(f"sae|{key}", clock.due, clock.aware, clock.due, mode, why)
        if stage != "ended":
            yield from _event_rows(state, key, now)
    if stage != "ended":
        yield from _death_rows(state, course, events)


def _event_rows(state: SubjectState, key: FormKey, now: datetime) -> Iterator[Row]:
    if is_unjudged(state, key):
        yield Row(f"ae.judge|{key}", mode="d", why="judge")
        return
    if goes_on(state, key):
        yield Row(f"ae.end|{key}", mode="p")
    if state.form_record(key).completed_at is not None:
        yield from sign_rows(FormState(state, key, now))
    elif not goes_on(state, key):
        yield Row(f"form|{key}", mode="p")


def _death_rows(state: SubjectState, course: Course, events: list[FormKey]) -> Iterator[Row]:
    if course.died is None:
        return
    if not was_answered(state, DEATH, "dth_dtm"):
        yield Row(f"death|{DEATH}", course.died, mode="d")
    if not any(text_of(state, k, "ae_grade") == "5" or text_of(state, k, "ae_sdth") == "Y" for k in events):
        following = max((k.n for k in events), default=0) + 1
        yield Row(f"death.ae|F14/LOG/{following}", course.died, mode="d")


# --- infusion events ------------------------------------------------------------------------------------------


def iae_rows(state: SubjectState, waiting: Waiting, now: datetime) -> Iterator[Row]:
    """Give what waits about the events of an infusion: for either to answer, for the investigator to confirm or judge."""
    if waiting.asked:
        since = [at for code in waiting.asked if (at := began(state, waiting.key, code, now)) is not None]
        yield Row(
            f"iae|{waiting.key}|{','.join(waiting.asked)}", min(since, default=None), mode="d", why="iae"
        )
    if waiting.denied:
        yield Row(f"iae.no|{waiting.key}|{','.join(waiting.denied)}", mode="d", why="iae.no")
    if waiting.flagged:
        yield Row(f"iae.judge|{waiting.key}|{','.join(waiting.flagged)}", mode="d", why="iae.judge")


# --- samples, logs, queries ----------------------------------------------------------------------------------


def sample_rows(state: SubjectState) -> Iterator[Row]:
    """Give the samples that are drawn and not yet spun, or spun and not yet frozen."""
    for key in sorted(state.keys("F10")):
        if state.form_record(key).locked or text_of(state, key, "cyt_done") != "Y":
            continue
        drawn, spun = moment_of(state, key, "cyt_collect_dtm"), moment_of(state, key, "cyt_spin_dtm")
        if not was_answered(state, key, "cyt_spin_dtm"):
            if drawn is not None:
                aim, by = (drawn + _limit(state, name) for name in ("spin_target_min", "spin_max_min"))
                yield Row(f"spin|{key}", min(aim, by), drawn, by)
        elif spun is not None and not was_answered(state, key, "cyt_freeze_dtm"):
            by = spun + _limit(state, "freeze_max_min")
            yield Row(f"freeze|{key}", by, spun, by)


def _limit(state: SubjectState, name: str) -> timedelta:
    return timedelta(minutes=int(str(state.study.parameters[name])))


def log_rows(state: SubjectState, now: datetime) -> Iterator[Row]:
    """Give the records of logs and days that were begun and not completed, one task for each form."""
    for form in state.study.forms.values():
        if form.repeat not in ("log", "day") or form.id == "F14":
            continue
        begun = []
        for key in sorted(state.keys(form.id), key=lambda k: k.n):
            record = state.form_record(key)
            if record.locked:
                continue
            if record.completed_at is None:
                begun.append(key)
            else:
                yield from sign_rows(FormState(state, key, now))
        if begun:
            yield Row(f"log|{begun[0]}|{len(begun)}", mode="p")


def query_rows(state: SubjectState, now: datetime, told: Mapping[FormKey, int]) -> Iterator[Row]:
    """Give the number of open queries, at the first record that has one; `told`: so many of a record are tasks already.

    What is recorded is judged as it stands: deriving everything again would cost more than all else together.
    """
    first, count = None, 0
    settled = replace(state, settled=True)
    for key in state.keys(None):
        found = open_queries(FormState(settled, key, now)) - told.get(key, 0)
        if found:
            first, count = first or key, count + found
    if first is not None:
        yield Row(f"query|{first}|{count}", mode="p")


def open_queries(view: FormState) -> int:
    """Count the queries of a record that nobody has answered, and the cells with two entries."""
    if view.record.locked:
        return 0
    checks = (c for c in view.form.checks if c.severity == "query")
    fired = sum(f.is_open for check in checks for f in view._check_findings(check))
    twice = (c for c, entries in view.record.cells.items() if len(entries) > 1)
    return fired + sum(len({e.value for e in view.record.heads(cell)}) > 1 for cell in twice)


# --- what was done -------------------------------------------------------------------------------------------


def done_of(state: SubjectState) -> Done | None:
    """Give what was completed on the last day on which anything was entered, the last first."""
    last = state.record.last_at
    if last is None:
        return None
    day = last.astimezone(BEIJING).date()
    found: list[tuple[str, datetime]] = []
    for key, record in state.record.forms.items():
        if record.last_at is None or record.last_at.astimezone(BEIJING).date() != day:
            continue
        if record.completed_at is not None and record.completed_at.astimezone(BEIJING).date() == day:
            found.append((f"form|{key}", record.completed_at))
        if key.form == "F7":
            found.extend(_points_of(state, key, day))
    return Done(day, tuple(sorted(found, key=lambda f: f[1], reverse=True)))


def _points_of(state: SubjectState, key: FormKey, day: date) -> Iterator[tuple[str, datetime]]:
    section = next((s for s in state.study.forms["F7"].sections if s.id == "flow"), None)
    for row in state.rows(key, section) if section is not None else ():
        at = state.value(key, Cell("ivs_dtm", row))
        point = state.value(key, Cell("ivs_point", row))
        if isinstance(at, datetime) and isinstance(point, str) and at.astimezone(BEIJING).date() == day:
            yield f"flow|{key}|{point}", at

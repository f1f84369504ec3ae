"""What the plan still asks for of one participant: visits, infusions, vital signs, daily status, telephone calls.

Gives stored rows (facts and absolute times, see summary). A window that depends on something that has not happened is
counted from the planned time of the infusion where there is one, and waits otherwise. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from types import MappingProxyType

from ucmsc_desktop.record.course import (
    CALL_DAYS,
    CONSENT,
    END,
    LAST_DAY,
    Course,
    Stage,
    falls_away,
    guards_a_dose,
    moment_of,
    planned_keys,
    text_of,
    was_answered,
)
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.flow_sheet import flow_rows, recorded_points, span_of
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.signing import unsigned_slots
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.record.summary import Days, Mode, Row
from ucmsc_desktop.study.model import Window
from ucmsc_desktop.study.schedule import Anchors, Due, due, placement_of
from ucmsc_desktop.study.values import Missing

_DONE_ITEM = {"F9": "abg_done", "F10": "cyt_done", "F11": "ct_done"}
_BEFORE_START = timedelta(minutes=60)  # what belongs to a start begins so long before it


def plan_rows(state: SubjectState, course: Course, stage: Stage, now: datetime) -> Iterator[Row]:
    """Give what the plan asks for and what was begun of it."""
    begun = set(state.keys())
    for key in planned_keys(state):
        if state.study.forms[key.form].repeat in ("log", "day"):
            continue
        view = FormState(state, key, now)
        record = view.record
        if record.locked:
            continue
        if record.completed_at is not None:
            yield from sign_rows(view)
        elif stage == "failed":
            if key in begun:
                yield Row(f"form|{key}", mode="p")
        elif key.form == "F7":
            yield from _infusion_rows(state, course, stage, view)
        elif key.form == "F6":
            yield _product_row(state, course, stage, key)
        elif key.form == "F8":
            if key.n in course.anchors.ends and not _none_pending(state, key):
                yield Row(f"form|{key}", mode="p")
        elif key == END:
            yield _end_row(state, course, stage)
        else:
            yield _visit_row(state, course, stage, key)


def sign_rows(view: FormState) -> Iterator[Row]:
    """Give the signatures that a completed record still wants, as one task."""
    missing = unsigned_slots(view)
    if missing:
        meanings = ",".join(slot.meaning for slot in missing)
        yield Row(f"sign|{view.key}|{meanings}", view.record.completed_at, mode="p")


# --- visits --------------------------------------------------------------------------------------------------


def _visit_row(state: SubjectState, course: Course, stage: Stage, key: FormKey) -> Row:
    code = f"form|{key}"
    if is_begun(state, key):
        return Row(code, mode="p")
    window = window_of(state, course, key)
    if course.died is not None and window is not None and window.closes > course.died:
        return Row(f"nd|{key}", course.died, mode="d", why="death")
    if course.scope == "SAMPLES" and course.withdrew is not None and guards_a_dose(course, key, state):
        return Row(f"nd|{key}", course.withdrew, mode="d", why="samples")
    if window is not None:
        return Row(code, window.nominal, window.opens, window.closes)
    why = _waits_for(state, course, stage, key)
    return Row(code, mode="b" if why else "t", why=why)


def is_begun(state: SubjectState, key: FormKey) -> bool:
    """Say whether what the window is about has happened or was answered, so that only the writing is left."""
    form = state.study.forms[key.form]
    done = _DONE_ITEM.get(key.form, "")
    return was_answered(state, key, form.observed or "observed_dtm") or text_of(state, key, done) == "N"


def window_of(state: SubjectState, course: Course, key: FormKey) -> Due | None:
    """Give the window of a record; before the first infusion one is counted from its planned time.

    A sample that must come before a dose cannot be taken once that dose runs: its window closes there.
    """
    placement = placement_of(state.study, key.form, key.visit)
    if placement is None or placement.window is None:
        return None
    found = due(placement.window, course.anchors)
    if found is None:
        planned = planned_start(state, 1)
        return _expected(placement.window, planned) if planned is not None and key.visit == "BL" else None
    dose = course.anchors.starts.get(placement.window.predose)
    if dose is not None and dose < found.closes:
        return Due(min(found.nominal, dose), min(found.opens, dose), dose)
    return found


def _expected(window: Window, planned: datetime) -> Due | None:
    return due(window, Anchors(MappingProxyType({1: planned}), MappingProxyType({})))


def planned_start(state: SubjectState, n: int) -> datetime | None:
    """Give the planned start of an infusion that has not started."""
    return moment_of(state, key_for(state.study.forms["F7"], n=n), "inf_planned_dtm")


def _waits_for(state: SubjectState, course: Course, stage: Stage, key: FormKey) -> str:
    """Say what must happen before a record can be begun; "" where nothing stands against it."""
    if key.visit in ("SCR", "BL", "UNS"):
        return ""
    if stage == "screening":
        return "elig"
    if not course.anchors.starts:
        return "start"
    placement = placement_of(state.study, key.form, key.visit)
    if (
        placement
        and placement.window
        and placement.window.anchor == "first_end"
        and 1 not in course.anchors.ends
    ):
        return "end|1"
    return ""


def _end_row(state: SubjectState, course: Course, stage: Stage) -> Row:
    """Give the end of study: at its window, or at once where nothing more is to come."""
    if text_of(state, END, "d14_vital") or text_of(state, END, "eos_status"):
        return Row(f"form|{END}", mode="p")
    window = window_of(state, course, END)
    if course.died is not None:
        return Row(f"form|{END}", course.died, mode="d")
    if course.not_infused or (course.scope == "ALL" and not course.vital_status_allowed):
        return Row(f"form|{END}", course.withdrew, mode="d")
    if window is not None:
        why = "vital" if course.scope == "ALL" else ("call" if course.by_telephone else "")
        code = f"call|{END}|{LAST_DAY}" if why else f"form|{END}"
        return Row(code, window.nominal, window.opens, window.closes, why=why)
    if course.scope == "ALL":
        return Row(f"form|{END}", course.withdrew, mode="d")
    return Row(f"form|{END}", mode="b", why=_waits_for(state, course, stage, END) or "start")


# --- infusions -----------------------------------------------------------------------------------------------


def infusion_window(state: SubjectState, course: Course, n: int) -> Due | None:
    """Give when an infusion is due: as planned, or a day after the one before within the interval of the protocol.

    An infusion that was left out does not move the later ones: they stay on the clock of the last one given.
    """
    planned = planned_start(state, n)
    before = max((m for m in course.anchors.starts if m < n), default=0)
    if not before:
        return (
            Due(planned, planned - _BEFORE_START, planned + timedelta(hours=24))
            if planned and n == 1
            else None
        )
    days = n - before
    start = course.anchors.starts[before]
    low = int(str(state.study.parameters["dose_interval_h_min"])) + 24 * (days - 1)
    high = int(str(state.study.parameters["dose_interval_h_max"])) + 24 * (days - 1)
    opens, closes = start + timedelta(hours=low), start + timedelta(hours=high)
    nominal = (
        planned if planned is not None and opens <= planned <= closes else start + timedelta(hours=24 * days)
    )
    return Due(nominal, opens, closes)


def _infusion_rows(state: SubjectState, course: Course, stage: Stage, view: FormState) -> Iterator[Row]:
    key, n = view.key, view.key.n
    anchors = course.anchors
    if n in anchors.starts:
        if n not in anchors.ends:
            yield Row(f"run|{key}", anchors.starts[n], mode="p")
        else:
            yield Row(f"rest|{key}", mode="p")
        yield from flow_rows(state, course, n)
        return
    if n in course.not_started:
        yield Row(f"form|{key}", mode="p")
        return
    window = infusion_window(state, course, n)
    hard = _hard_block(state, course, stage, n) or _lapse(state, window)
    soft = "" if hard else _soft_block(state, view)
    mode: Mode = "b" if hard else ("s" if soft else "t")
    if window is None:
        yield Row(f"form|{key}", mode=mode, why=hard or soft)
    else:
        yield Row(f"form|{key}", window.nominal, window.opens, window.closes, mode, hard or soft)
    planned = planned_start(state, n)
    if planned is not None and not hard:
        for point in state.study.flow_sheet:
            if point.anchor == "start" and point.at_min < 0 and point.code not in recorded_points(state, n):
                at = planned + timedelta(minutes=point.at_min)
                yield Row(f"flow|{key}|{point.code}", at, *span_of(point, at))


def _product_row(state: SubjectState, course: Course, stage: Stage, key: FormKey) -> Row:
    if key.n in course.anchors.starts or was_answered(state, key, "prod_unit_id"):
        return Row(f"form|{key}", mode="p")
    hard = _hard_block(state, course, stage, key.n)
    window = infusion_window(state, course, key.n)
    if window is None or hard:
        return Row(f"form|{key}", window.nominal if window else None, mode="b" if hard else "t", why=hard)
    return Row(f"form|{key}", window.nominal - _BEFORE_START, window.opens, window.closes)


def _hard_block(state: SubjectState, course: Course, stage: Stage, n: int) -> str:
    """Say what forbids an infusion whatever else is ready; "" where nothing does."""
    if stage == "screening":
        return "elig"
    if text_of(state, CONSENT, "consent_active") == "N":
        pending = (
            text_of(state, CONSENT, "reconsent_needed") == "Y"
            and text_of(state, CONSENT, "reconsent_ok") != "Y"
        )
        return "consent" if pending else "elig"
    waiting = [m for m in range(1, n) if m not in course.anchors.ends and m not in course.not_started]
    return f"end|{waiting[-1]}" if waiting else ""


def _lapse(state: SubjectState, window: Due | None) -> str:
    """Say whether the consent ends before this infusion: a new version of the form takes over on a known day."""
    ends = moment_of(state, CONSENT, "consent_end_dtm")
    return "consent" if ends is not None and window is not None and ends <= window.nominal else ""


def _soft_block(state: SubjectState, view: FormState) -> str:
    """Say what START would refuse for now; what a person can still do before."""
    checks = {c.id: c for c in view.form.checks}
    for check_id, why in (("X06", "blood"), ("X07", "related"), ("X07.pf", "oxygen")):
        check = checks.get(check_id)
        if check is not None and view.fires(check):
            return why
    product = key_for(state.study.forms["F6"], n=view.key.n) if "F6" in state.study.forms else None
    return "product" if product is not None and not was_answered(state, product, "prod_unit_id") else ""


def _none_pending(state: SubjectState, key: FormKey) -> bool:
    return any(True for _ in none_rows(state, key.n)) and key not in state.keys("F8")


def none_rows(state: SubjectState, n: int) -> Iterator[Row]:
    """Give the answers "no infusion event" that are not signed yet: open when their hours are over."""
    key = key_for(state.study.forms["F8"], n=n)
    ended = state.anchors().ends.get(n)
    record = state.form_record(key)
    if ended is None or record.locked or (record.completed_at is not None and not _wants_none(state, key)):
        return
    grace = timedelta(hours=int(str(state.study.parameters.get("iae_sign_within_h", 2))))
    for name, hours in (("iae_window_h", 6), ("iae_window_late_h", 24)):
        answer = text_of(state, key, f"iae_none_{hours}h")
        if answer == "N" or (answer == "Y" and state.signers(key, f"none_occurred_{hours}h")):
            continue
        over = ended + timedelta(hours=int(str(state.study.parameters[name])))
        yield Row(f"none|{key}|{hours}", over, over, over + grace)


def _wants_none(state: SubjectState, key: FormKey) -> bool:
    return any(text_of(state, key, f"iae_none_{hours}h") == "Y" for hours in (6, 24))


# --- days ----------------------------------------------------------------------------------------------------


def days_of(state: SubjectState, course: Course) -> Days | None:
    """Give the protocol days without a daily status, and those on which nobody asked about adverse events."""
    if course.day0 is None or "F12" not in state.study.forms:
        return None
    have = {k.n: k for k in state.keys("F12")}
    form = state.study.forms["F12"]
    missing, unasked = [], []
    for day in range(LAST_DAY + 1):
        key = have.get(day)
        if key is None:
            is_call = (
                course.by_telephone
                and course.left_on is not None
                and day in CALL_DAYS
                and day > course.left_on
            )
            if not is_call and falls_away(state, course, key_for(form, n=day)) is None:
                missing.append(day)
        elif not state.form_record(key).locked and text_of(state, key, "day_alive") != "N":
            asked = state.value(key, Cell("day_newae_asked"))
            if asked != "Y" and not isinstance(asked, Missing):
                unasked.append(day)
    return Days(course.day0, tuple(missing), tuple(unasked))


def call_rows(state: SubjectState, course: Course) -> Iterator[Row]:
    """Give the telephone call of day 7 after an early discharge; that of day 14 is the end of study."""
    if (
        not course.by_telephone
        or course.left_on is None
        or course.day0 is None
        or "F12" not in state.study.forms
    ):
        return
    for day in CALL_DAYS[:-1]:
        key = FormKey("F12", "DAY", day)
        if day <= course.left_on or key in state.keys("F12") or falls_away(state, course, key):
            continue
        window = next(
            (
                p.window
                for p in state.study.schedule
                if p.window and p.window.kind == "calendar" and p.window.day == day
            ),
            None,
        )
        found = due(window, course.anchors)
        if found is not None:
            yield Row(f"call|{key}|{day}", found.nominal, found.opens, found.closes, why="call")

"""The course of one participant: infused or not, withdrawn, discharged, dead; and what of the plan falls away by it.

A record that has something in it never falls away: what was recorded stays to be finished. Pure.
Source: the protocol's visit schedule (discharge before day 14, death, scope of a withdrawal, screen failure, not infused).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from typing import Literal

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.schedule import Anchors, due, placement_of
from ucmsc_desktop.study.values import Missing, PartialDate, Value

Stage = Literal["screening", "failed", "eligible", "infusing", "follow_up", "ended"]
Scope = Literal["", "TREAT", "SAMPLES", "ALL"]
AwayCode = Literal["failed", "not_infused", "death", "withdrawn", "treatment", "samples", "discharged"]

SCREEN, CONSENT, ELIGIBILITY = FormKey("F1", "SCR"), FormKey("F2", "SCR"), FormKey("F3", "SCR")
DEATH, END = FormKey("F15", "END"), FormKey("F16", "END")
ALWAYS = frozenset({"F1", "F2", "F3"})  # of a screen failure only these are asked for
OF_AN_INFUSION = frozenset({"F6", "F7", "F8"})
BLOOD = frozenset({"F9", "F10"})
CALL_DAYS = (7, 14)  # after an early discharge: by telephone
LAST_DAY = 14
BEIJING = timezone(timedelta(hours=8))

AWAY: dict[AwayCode, Text] = {
    "failed": Text("screen failure", "筛选失败"),
    "not_infused": Text("never infused", "未输注"),
    "death": Text("NA: death", "NA：死亡"),
    "withdrawn": Text("withdrew from everything", "已全部退出"),
    "treatment": Text("withdrew from treatment", "已停止治疗"),
    "samples": Text("withdrew from further samples", "已停止采样"),
    "discharged": Text("discharged; telephone calls instead", "已出院，改为电话随访"),
}


@dataclass(frozen=True, slots=True)
class Course:
    """What happened to a participant. Missing: None for what has not happened."""

    anchors: Anchors
    failed: bool = False
    ended: bool = False
    not_infused: bool = False
    not_started: frozenset[int] = frozenset()  # infusions recorded as not started
    died: datetime | None = None
    withdrew: datetime | None = None
    scope: Scope = ""
    vital_status_allowed: bool = False
    left: datetime | None = None  # discharged
    left_on: int | None = None  # protocol day of the discharge
    comes_back: bool = False

    @property
    def day0(self) -> datetime | None:
        """The first moment of day 0."""
        first = self.anchors.starts.get(1)
        return datetime.combine(first.date(), time(0), first.tzinfo) if first else None

    @property
    def by_telephone(self) -> bool:
        """Say whether days 7 and 14 are done by telephone."""
        return self.left is not None and not self.comes_back


def course_of(state: SubjectState) -> Course:
    """Read the course of a participant from what was recorded."""
    anchors = state.anchors()
    not_started = frozenset(
        k.n
        for k in state.keys("F7")
        if text_of(state, k, "inf_status") == "NOTSTART" and k.n not in anchors.starts
    )
    decision = text_of(state, ELIGIBILITY, "elig_decision")
    infused = bool(anchors.starts)
    failed = not infused and (
        decision not in ("", "ELIG") or (text_of(state, SCREEN, "scr_outcome") == "SF" and decision != "ELIG")
    )
    status = text_of(state, END, "eos_status")
    scope = text_of(state, CONSENT, "withdraw_scope") if text_of(state, CONSENT, "withdrawn") == "Y" else ""
    left, left_on, back = _discharge(state, anchors)
    return Course(
        anchors=anchors,
        failed=failed,
        ended=bool(status) and state.form_record(END).completed_at is not None,
        not_infused=not infused and (1 in not_started or status == "NOT_TREATED"),
        not_started=not_started,
        died=_death(state, anchors),
        withdrew=_moment(state, CONSENT, "withdraw_dtm") if scope else None,
        scope=scope if scope in ("TREAT", "SAMPLES", "ALL") else "",  # type: ignore[arg-type]  # one of three
        vital_status_allowed=text_of(state, CONSENT, "withdraw_vital_ok") == "Y",
        left=left,
        left_on=left_on,
        comes_back=back,
    )


def stage_of(state: SubjectState, course: Course | None = None) -> Stage:
    """Say where a participant stands in the trial."""
    course = course or course_of(state)
    if course.ended:
        return "ended"
    if running_infusions(state):
        return "infusing"
    if course.anchors.starts:
        return "follow_up"
    if course.failed:
        return "failed"
    return "eligible" if text_of(state, ELIGIBILITY, "elig_decision") == "ELIG" else "screening"


def running_infusions(state: SubjectState) -> tuple[int, ...]:
    """Give the numbers of the infusions that started and have not ended."""
    anchors = state.anchors()
    return tuple(n for n in sorted(anchors.starts) if n not in anchors.ends)


def falls_away(state: SubjectState, course: Course, key: FormKey) -> AwayCode | None:
    """Say why a planned record is no longer asked for; None where it still is. Its content is not looked at."""
    if key.form in ALWAYS or key == DEATH:
        return None
    if course.failed:
        return "failed"
    if key == END:
        return None
    if course.not_infused:
        return "not_infused"
    repeat = state.study.forms[key.form].repeat
    if repeat == "log":
        return None
    if repeat == "day":
        return _day_falls_away(course, key.n)
    if repeat == "infusion" and key.form in OF_AN_INFUSION:
        return _infusion_falls_away(course, key)
    return _visit_falls_away(state, course, key)


def left_before(course: Course, at: datetime) -> bool:
    """Say whether a participant had withdrawn from everything before a moment: nothing is asked of them then."""
    return course.scope == "ALL" and course.withdrew is not None and at > course.withdrew


def _infusion_falls_away(course: Course, key: FormKey) -> AwayCode | None:
    if key.n in course.anchors.starts:
        return None
    if course.died is not None:
        return "death"
    if course.scope == "ALL":
        return "withdrawn"
    if course.scope == "TREAT":
        return "treatment"
    return "not_infused" if key.n in course.not_started and key.form != "F7" else None


def _day_falls_away(course: Course, day: int) -> AwayCode | None:
    if course.day0 is None:
        return None
    begins = course.day0 + timedelta(days=day)
    if course.died is not None and begins.date() > course.died.date():
        return "death"
    if course.scope == "ALL" and course.withdrew is not None and begins.date() > course.withdrew.date():
        return "withdrawn"
    if course.left_on is not None and day > course.left_on and day not in CALL_DAYS:
        return "discharged"
    return None


def _visit_falls_away(state: SubjectState, course: Course, key: FormKey) -> AwayCode | None:
    placement = placement_of(state.study, key.form, key.visit)
    if placement is None or placement.optional:
        return None
    window = due(placement.window, course.anchors)
    if window is None:
        if course.anchors.starts and placement.window is None:
            return None  # of before the infusion, which took place: it is wanted
        if (
            course.anchors.starts
            and placement.window is not None
            and course.died is None
            and course.scope != "ALL"
        ):
            return None  # its anchor is still to come
        return "death" if course.died is not None else ("withdrawn" if course.scope == "ALL" else None)
    if course.died is not None and window.opens > course.died:
        return "death"
    if course.withdrew is not None and window.closes > course.withdrew:
        if course.scope == "ALL":
            return "withdrawn"
        if course.scope == "SAMPLES" and key.form in BLOOD and not guards_a_dose(course, key, state):
            return "samples"
    if course.by_telephone and course.left is not None and window.opens > course.left:
        return "discharged"
    return None


def guards_a_dose(course: Course, key: FormKey, state: SubjectState) -> bool:
    """Say whether a dose still to come waits for this sample, or for the reason why it was not taken."""
    placement = placement_of(state.study, key.form, key.visit)
    dose = placement.window.predose if placement is not None and placement.window is not None else 0
    return (
        bool(dose)
        and key.form == "F10"
        and dose not in course.anchors.starts
        and dose not in course.not_started
    )


# --- reading -------------------------------------------------------------------------------------------------


def text_of(state: SubjectState, key: FormKey, item: str) -> str:
    """Give the text or code of an item; "" where there is none, or where these forms have no such item."""
    if key.form not in state.study.forms or item not in state.study.forms[key.form].by_id:
        return ""
    value: Value | None = state.value(key, Cell(item))
    return value if isinstance(value, str) else ""


def moment_of(state: SubjectState, key: FormKey, item: str) -> datetime | None:
    """Give the moment an item holds; None where there is none."""
    return _moment(state, key, item)


def was_answered(state: SubjectState, key: FormKey, item: str) -> bool:
    """Say whether an item has a value or a deliberate gap with its reason."""
    form = state.study.forms.get(key.form)
    return form is not None and item in form.by_id and state.value(key, Cell(item)) is not None


def has_value(value: Value | None) -> bool:
    """Say whether there is a value that is not a coded gap."""
    return value is not None and not isinstance(value, Missing)


def _moment(state: SubjectState, key: FormKey, item: str) -> datetime | None:
    form = state.study.forms.get(key.form)
    if form is None or item not in form.by_id:
        return None
    value = state.value(key, Cell(item))
    return value if isinstance(value, datetime) else None


def _death(state: SubjectState, anchors: Anchors) -> datetime | None:
    """Give the latest moment that the recorded death allows; a daily status "not alive" counts until F15 is there."""
    value = state.value(DEATH, Cell("dth_dtm")) if "F15" in state.study.forms else None
    if isinstance(value, PartialDate):
        return _last_of(value)
    first = anchors.starts.get(1)
    if first is None:
        return None
    days = [k.n for k in state.keys("F12") if text_of(state, k, "day_alive") == "N"]
    return _end_of(first.date() + timedelta(days=min(days)), first) if days else None


def _discharge(state: SubjectState, anchors: Anchors) -> tuple[datetime | None, int | None, bool]:
    """Give when a participant left hospital (the end of that day where no hour is known), the day, and the return."""
    gone: tuple[datetime | None, int | None, bool] = (None, None, False)
    first = anchors.starts.get(1)
    for key in sorted(state.keys("F12"), key=lambda k: k.n):
        where = text_of(state, key, "day_loc")
        if where in ("ICU", "WARD"):
            gone = (None, None, False)  # came back to the ward
        elif where in ("HOME", "OTHER"):
            left = _moment(state, key, "disch_dtm")
            if left is None and first is not None:
                left = _end_of(first.date() + timedelta(days=key.n), first)
            back = gone[2] or text_of(state, key, "disch_return") == "Y"
            gone = (gone[0] or left, gone[1] if gone[1] is not None else key.n, back)
    return gone


def _last_of(value: PartialDate) -> datetime:
    """Give the last moment of what is known of a date: of the year, the month, the day, or the minute itself."""
    if value.hour is not None and value.day is not None and value.month is not None:
        return datetime(value.year, value.month, value.day, value.hour, value.minute or 0, tzinfo=BEIJING)
    year, month = (value.year, value.month) if value.month is not None else (value.year, 12)
    if value.day is not None:
        last = datetime(year, month, value.day, tzinfo=BEIJING) + timedelta(days=1)
    else:
        last = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=BEIJING)
    return last - timedelta(seconds=1)


def _end_of(day: date, like: datetime) -> datetime:
    return datetime.combine(day, time(23, 59, 59), like.tzinfo)


# --- the plan ------------------------------------------------------------------------------------------------------


def planned_keys(state: SubjectState) -> tuple[FormKey, ...]:
    """Give every record the plan asks for, in the order of the forms: visits, infusions; logs only as they exist.

    What the course of the participant made fall away (death, discharge, withdrawal, screen failure, no infusion) is
    left out, unless something was recorded in it.
    """
    have = set(state.keys())
    course = course_of(state)
    return tuple(k for k in whole_plan(state) if k in have or falls_away(state, course, k) is None)


def whole_plan(state: SubjectState) -> tuple[FormKey, ...]:
    """Give every record of the protocol's plan and every one that exists, whatever became of the participant."""
    study = state.study
    keys: set[FormKey] = set(state.keys())
    for placement in study.schedule:
        if not placement.optional:
            keys.add(FormKey(placement.form, placement.visit, 1))
    infusions = int(str(study.parameters.get("n_infusions", 3)))
    for form in study.forms.values():
        if form.repeat == "infusion":
            keys.update(key_for(form, n=n) for n in range(1, infusions + 1))
    order = {f: i for i, f in enumerate(study.form_order)}
    visits = {v.id: i for i, v in enumerate(study.visits)}
    return tuple(sorted(keys, key=lambda k: (visits.get(k.visit, 99), order.get(k.form, 99), k.n)))

"""What is open for one participant, and the short summary that lists are made of.

A summary holds only facts and absolute times, never a status that depends on now: `tasks_at` turns it into overdue, due,
next at the moment of looking. So it can be stored and read for ten thousand participants without folding their events.
Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.schedule import Due, placement_of
from ucmsc_desktop.study.values import Missing, Value

TaskStatus = Literal["overdue", "due", "next", "planned", "progress", "done", "blocked"]
Stage = Literal["screening", "failed", "eligible", "infusing", "follow_up", "ended"]

STAGES: dict[str, Text] = {
    "screening": Text("Screening", "筛选中"),
    "failed": Text("Screen failure", "筛选失败"),
    "eligible": Text("Eligible", "合格待输注"),
    "infusing": Text("Infusion running", "输注进行中"),
    "follow_up": Text("Follow-up", "随访中"),
    "ended": Text("Ended", "已结束"),
}
SOON = timedelta(minutes=30)
FORMAT = 2  # of stored summaries; others are written anew

_NO_ELIGIBILITY = Text("waits for consent and eligibility", "等待知情同意与入选确认")
_NO_START = Text("waits for the first infusion", "等待首次输注")
_SIGN = Text("Signature: {form}", "待签名：{form}")


class Task(NamedTuple):
    """One thing to do: what, for whom, when. Times None: not tied to a time yet."""

    subject: str
    key: FormKey | None
    title: Text
    visit: Text
    bed: str
    at: datetime | None
    opens: datetime | None
    closes: datetime | None
    status: TaskStatus
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class SubjectSummary:
    """A participant as lists show it. No name."""

    subject: str
    initials: str
    bed: str
    sex: str
    birth_date: date | None
    visit: Text
    stage: Stage
    running: tuple[int, ...]  # numbers of infusions under way

    @property
    def status(self) -> Text:
        return STAGES[self.stage]

    @property
    def infusion_running(self) -> bool:
        return bool(self.running)


@dataclass(frozen=True, slots=True)
class Banner:
    """The participant banner: who this is, and exactly one statement on allergies."""

    subject: str
    initials: str
    born: date | None
    age: int | None
    sex: str
    bed: str
    visit: Text
    allergy: Literal["known", "none", "unrecorded"]
    allergy_text: str


def stage_of(state: SubjectState) -> Stage:
    """Say where a participant stands in the trial."""
    end = FormKey("F16", "END")
    if _text(state, end, "eos_status") and state.form_record(end).completed_at is not None:
        return "ended"
    if running_infusions(state):
        return "infusing"
    if state.anchors().starts:
        return "follow_up"
    decision = _text(state, FormKey("F3", "SCR"), "elig_decision")
    if decision == "ELIG":
        return "eligible"
    if decision or _text(state, FormKey("F1", "SCR"), "scr_outcome") == "SF":
        return "failed"
    return "screening"


def running_infusions(state: SubjectState) -> tuple[int, ...]:
    """Give the numbers of the infusions that started and have not ended."""
    anchors = state.anchors()
    return tuple(n for n in sorted(anchors.starts) if n not in anchors.ends)


def visit_now(state: SubjectState, now: datetime) -> Text:
    """Name the visit a participant is at."""
    running = running_infusions(state)
    if running:
        return Text(f"Infusion {running[-1]}", f"第 {running[-1]} 次输注")
    first = state.anchors().starts.get(1)
    if first is None:
        return STAGES[stage_of(state)]
    day = (now.date() - first.date()).days
    return Text(f"Day {day}", f"第{day}天")


def banner_of(state: SubjectState, now: datetime) -> Banner:
    """Make the participant banner."""
    one = FormKey("F1", "SCR")
    born = state.value(one, Cell("birth_date"))
    asked = _text(state, FormKey("F4", "SCR"), "mh_allergy")
    agent = _text(state, FormKey("F4", "SCR"), "mh_allergy_agent")
    sex = state.study.forms["F1"].by_id.get("sex")
    sex_value = state.value(one, Cell("sex"))
    born_on = born if isinstance(born, date) else None
    return Banner(
        subject=state.subject,
        initials=_text(state, one, "initials4"),
        born=born_on,
        age=_age(born_on, now.date()),
        sex=sex.shown(sex_value) if sex and sex_value is not None else "",
        bed=_text(state, one, "bed"),
        visit=visit_now(state, now),
        allergy="known" if asked == "Y" else ("none" if asked == "N" else "unrecorded"),
        allergy_text=agent,
    )


def _age(born: date | None, on: date) -> int | None:
    if born is None:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _text(state: SubjectState, key: FormKey, item: str) -> str:
    if key.form not in state.study.forms or item not in state.study.forms[key.form].by_id:
        return ""
    value: Value | None = state.value(key, Cell(item))
    return value if isinstance(value, str) else ""


# --- summary --------------------------------------------------------------------------------------------------


def summarise(state: SubjectState, now: datetime) -> str:
    """Write the summary of a participant as stored text."""
    one = FormKey("F1", "SCR")
    born = state.value(one, Cell("birth_date"))
    first = state.anchors().starts.get(1)
    plain = {
        "initials": _text(state, one, "initials4"),
        "bed": _text(state, one, "bed"),
        "sex": _text(state, one, "sex"),
        "born": born.isoformat() if isinstance(born, date) else "",
        "stage": stage_of(state),
        "running": list(running_infusions(state)),
        "day0": first.date().isoformat() if first else "",
        "tasks": [_pack(t) for t in open_tasks(state, now)],
    }
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def open_tasks(state: SubjectState, now: datetime) -> Iterator[Task]:
    """Give what is open, with times where the plan has them. The status is `planned`, `progress` or `blocked` here."""
    stage = stage_of(state)
    if stage in ("failed", "ended"):
        return
    bed = _text(state, FormKey("F1", "SCR"), "bed")
    for number in running_infusions(state):
        yield from _flow_tasks(state, number, bed, now)
    for key in state.planned_keys():
        form = state.study.forms[key.form]
        if form.repeat in ("log", "day"):
            continue
        view = FormState(state, key, now)
        record = view.record
        if record.locked or (record.completed_at and not _unsigned(view)):
            continue
        window = state.due(key) or _infusion_due(state, key)
        why = _waits_for(state, key, stage)
        begun = _is_begun(view)
        title = _SIGN.fill(form=form.short) if record.completed_at else form.short
        visit = state.study.visit_by_id[key.visit].title
        if form.repeat == "infusion":
            visit = Text(f"Infusion {key.n}", f"第 {key.n} 次输注")
        timed = window is not None and not begun
        yield Task(
            state.subject,
            key,
            title,
            visit,
            bed,
            window.nominal if window else None,
            window.opens if window and timed else None,
            window.closes if window and timed else None,
            "progress" if begun else ("blocked" if why else "planned"),
            None if begun else why,
        )


def _is_begun(view: FormState) -> bool:
    """Say whether what the window is about has happened, so that only the writing is left."""
    return view.record.completed_at is not None or has_value(
        view.state.value(
            view.key, Cell(view.form.observed or "observed_dtm")
        )  # entered, so nothing is derived for it
    )


def _waits_for(state: SubjectState, key: FormKey, stage: Stage) -> Text | None:
    """Say what must happen before a record can be begun; None where nothing stands against it."""
    anchors = state.anchors()
    if key.visit in ("SCR", "BL"):
        return None
    if stage == "screening":
        return _NO_ELIGIBILITY
    if state.study.forms[key.form].repeat == "infusion":
        before = key.n - 1
        if before and before not in anchors.ends:
            return Text(f"waits for the end of infusion {before}", f"等待第 {before} 次输注结束")
        return None
    if not anchors.starts:
        return _NO_START
    placement = placement_of(state.study, key.form, key.visit)
    if placement and placement.window and placement.window.anchor == "first_end" and 1 not in anchors.ends:
        return Text("waits for the end of infusion 1", "等待第 1 次输注结束")
    return None


def _unsigned(view: FormState) -> bool:
    """Say whether a completed record still wants a signature."""
    have = {s.meaning for s in view.valid_signatures}
    open_slots = [slot for slot in view.form.signatures if slot.required and slot.meaning not in have]
    if not open_slots or any(slot.when is None for slot in open_slots):
        return bool(open_slots)
    env = view.view.env(view.key, view.now)
    return any(slot.when is not None and slot.when(env) in (True, "Y") for slot in open_slots)


def _infusion_due(state: SubjectState, key: FormKey) -> Due | None:
    """An infusion after the first is due a day after the one before, within the interval of the protocol."""
    if state.study.forms[key.form].repeat != "infusion" or key.n < 2:
        return None
    before = state.anchors().starts.get(key.n - 1)
    if before is None:
        return None
    low = int(str(state.study.parameters["dose_interval_h_min"]))
    high = int(str(state.study.parameters["dose_interval_h_max"]))
    nominal = before + timedelta(hours=24)
    return Due(nominal, before + timedelta(hours=low), before + timedelta(hours=high))


def _flow_tasks(state: SubjectState, number: int, bed: str, now: datetime) -> Iterator[Task]:
    """Give the flow-sheet points of a running infusion that have no row yet."""
    key = key_for(state.study.forms["F7"], n=number)
    start = state.anchors().starts[number]
    for point, at in due_points(state, number):
        yield Task(
            state.subject,
            key,
            Text(f"Vital signs, {point.title.en}", f"生命体征，{point.title.zh}"),
            Text(f"Infusion {number}", f"第 {number} 次输注"),
            bed,
            at,
            max(start, at - timedelta(minutes=point.before_min)),
            at + timedelta(minutes=point.after_min),
            "planned",
        )


def due_points(state: SubjectState, number: int) -> Iterator[tuple[Any, datetime]]:
    """Give the flow-sheet points of an infusion without a row, with their nominal times, where the anchor is known.

    Points counted from the start that would lie after the true end fall away: the end-of-infusion row replaces them.
    """
    key = key_for(state.study.forms["F7"], n=number)
    anchors = state.anchors()
    start, end = anchors.starts.get(number), anchors.ends.get(number)
    section = next((s for s in state.study.forms["F7"].sections if s.id == "flow"), None)
    have = set()
    if section is not None:
        have = {state.value(key, Cell("ivs_point", row)) for row in state.rows(key, section)}
    for point in state.study.flow_sheet:
        anchor = start if point.anchor == "start" else end
        if anchor is None or point.code in have:
            continue
        at = anchor + timedelta(minutes=point.at_min)
        if point.anchor == "start" and point.at_min > 0 and end is not None and at > end:
            continue
        yield point, at


def _pack(task: Task) -> list[Any]:
    def moment(value: datetime | None) -> str:
        return value.isoformat() if value else ""

    why = [task.why.en, task.why.zh] if task.why else None
    return [
        str(task.key) if task.key else "",
        [task.title.en, task.title.zh],
        [task.visit.en, task.visit.zh],
        moment(task.at),
        moment(task.opens),
        moment(task.closes),
        why,
        task.status,
    ]


def read_summary(subject: str, text: str, now: datetime) -> SubjectSummary:
    """Read the stored summary of a participant."""
    plain = json.loads(text)
    running = tuple(plain["running"])
    if running:
        visit = Text(f"Infusion {running[-1]}", f"第 {running[-1]} 次输注")
    elif plain["day0"]:
        day = (now.date() - date.fromisoformat(plain["day0"])).days
        visit = Text(f"Day {day}", f"第{day}天")
    else:
        visit = STAGES[plain["stage"]]
    born = date.fromisoformat(plain["born"]) if plain["born"] else None
    return SubjectSummary(
        subject, plain["initials"], plain["bed"], plain["sex"], born, visit, plain["stage"], running
    )


def tasks_at(subject: str, text: str, now: datetime) -> list[Task]:
    """Give the tasks of a stored summary with their status at a moment."""
    plain = json.loads(text)
    found = []
    bed = plain["bed"]
    for key, title, visit, at, opens, closes, why, stored in plain["tasks"]:
        when, begin, end = (datetime.fromisoformat(m) if m else None for m in (at, opens, closes))
        status: TaskStatus = stored if stored != "planned" else status_at(begin, end, now)
        found.append(
            Task(
                subject,
                _key(key) if key else None,
                _text_of(*title),
                _text_of(*visit),
                bed,
                when,
                begin,
                end,
                status,
                _text_of(*why) if why else None,
            )
        )
    return found


# Ten thousand participants share some hundred keys and texts.
_key = lru_cache(maxsize=1024)(FormKey.parse)
_text_of = lru_cache(maxsize=1024)(Text)


def next_change(tasks: Iterable[Task]) -> datetime | None:
    """Give the first moment at which one of the tasks has another status than it has; None where none ever has."""
    moments: list[datetime] = []
    for task in tasks:
        if task.opens is None or task.closes is None:
            continue
        match task.status:
            case "planned":
                moments.append(task.opens - SOON)
            case "next":
                moments.append(task.opens)
            case "due":
                moments.append(task.closes + timedelta.resolution)
    return min(moments, default=None)


def status_at(opens: datetime | None, closes: datetime | None, now: datetime) -> TaskStatus:
    """Name the status of a window at a moment; its last second still belongs to it."""
    if opens is None or closes is None:
        return "next"
    if now > closes:
        return "overdue"
    if now >= opens:
        return "due"
    return "next" if opens - now <= SOON else "planned"


ORDER: dict[TaskStatus, int] = {
    "overdue": 0, "due": 1, "progress": 2, "next": 3, "planned": 4, "blocked": 5, "done": 6,
}  # fmt: skip


def sort_key(task: Task) -> tuple[int, float, str]:
    """Order tasks as a nurse reads them: overdue, due, next; by time inside, those without a time last."""
    return ORDER[task.status], task.at.timestamp() if task.at else float("inf"), task.subject


def has_value(value: Value | None) -> bool:
    """Say whether there is a value that is not a coded gap."""
    return value is not None and not isinstance(value, Missing)

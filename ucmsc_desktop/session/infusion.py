"""The infusion as a running thing: what START, PAUSE, RESUME, STOP and END record, and where it stands now. Pure.

Each button stamps the clock at once; every detail may follow. Nothing here is kept in memory: a run is read from what
was recorded, so it survives a lock, a crash and a restart with its clock right.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ucmsc_desktop.errors import StepBlocked
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.flow_sheet import due_points
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.model import FlowPoint
from ucmsc_desktop.study.values import Missing, Value

FLOW = "flow"
REFERENCE = "T0"
RunStatus = Literal["planned", "running", "paused", "ended"]

PRESSED = "Button pressed at the bedside 床旁按键"
"""The reason where a button writes over what somebody had put there, such as "not done": a button never asks for one."""

_NOT_RUNNING = Text("This infusion is not running.", "该次输注未在进行。")
_LOCKED_OUT = Text(
    "This infusion is running: locked, it could not be stopped. Lock the record after the end.",
    "该次输注正在进行：锁定后将无法记录停止。请在输注结束后再锁定。",
)
_COPIED = Text(
    "This record is copied from paper: its start is typed with the time on the paper. To start now, set its source to "
    "“entered directly”.",
    "本记录由纸质转录，开始时间须按纸质记录填写。如现在开始输注，请将数据来源改为“直接录入”。",
)
_RUNS = Text("This infusion has started already.", "该次输注已开始。")
_OTHER_RUNS = Text(
    "Infusion {n} of this participant is still running. End or stop it first.",
    "该受试者第 {n} 次输注尚未结束，请先结束或停止。",
)
_NOT_ITS_TURN = Text(
    "Infusion {n} has not been started. Start that one, or record there that it was not given.",
    "第 {n} 次输注尚未开始。请先执行该次输注，或在该次记录中注明未输注。",
)


@dataclass(frozen=True, slots=True)
class InfusionRun:
    """Where an infusion stands. Units: seconds; times in the trial's zone. None: has not happened."""

    n: int
    key: FormKey
    status: RunStatus
    started: datetime | None
    ended: datetime | None
    paused_since: datetime | None
    elapsed_s: int
    running_s: int
    next_point: FlowPoint | None
    next_at: datetime | None


def infusion_key(state: SubjectState, n: int) -> FormKey:
    """Give the key of the record of an infusion."""
    return key_for(state.study.forms["F7"], n=n)


def run_of(state: SubjectState, n: int, now: datetime) -> InfusionRun:
    """Read where an infusion stands at a moment."""
    key = infusion_key(state, n)
    anchors = state.anchors()
    started, ended = anchors.starts.get(n), anchors.ends.get(n)
    pauses = _pauses(state, key)
    paused_since = next((start for _row, start, end in pauses if end is None), None)
    until = ended or now
    elapsed = max(timedelta(0), until - started) if started else timedelta(0)
    stopped = sum((max(timedelta(0), (end or until) - start) for _row, start, end in pauses), timedelta(0))
    status: RunStatus = "planned"
    if started is not None:
        status = "ended" if ended else ("paused" if paused_since else "running")
    point, at = _next(state, n, now)
    return InfusionRun(
        n,
        key,
        status,
        started,
        ended,
        paused_since if status == "paused" else None,
        int(elapsed.total_seconds()),
        int(max(timedelta(0), elapsed - stopped).total_seconds()),
        point,
        at,
    )


def _next(state: SubjectState, n: int, now: datetime) -> tuple[FlowPoint | None, datetime | None]:
    """Give the next flow-sheet point; one whose window has closed gives way to the next that is still open."""
    points = sorted(due_points(state, n), key=lambda p: p[1])
    still = [p for p in points if p[1] + timedelta(minutes=p[0].after_min) >= now]
    return (still[0][0], still[0][1]) if still else (None, None)


def _pauses(state: SubjectState, key: FormKey) -> list[tuple[int, datetime, datetime | None]]:
    form = state.study.forms["F7"]
    section = next(s for s in form.sections if s.id == "interruptions")
    found = []
    for row in state.rows(key, section):
        start, end = state.operand(key, Cell("int_start", row)), state.operand(key, Cell("int_end", row))
        if isinstance(start, datetime):
            found.append((row, start, end if isinstance(end, datetime) else None))
    return found


def numbers_of(state: SubjectState, now: datetime) -> tuple[tuple[int, RunStatus], ...]:
    """Give the infusions of a participant, those planned and any beyond, with their status."""
    planned = int(str(state.study.parameters.get("n_infusions", 3)))
    last = max([planned, *(k.n for k in state.keys("F7"))])
    return tuple((n, run_of(state, n, now).status) for n in range(1, last + 1))


def which_infusion(state: SubjectState, now: datetime) -> int:
    """Choose the infusion that needs somebody: the one on the drip, one with a check due, else the next planned."""
    numbers = numbers_of(state, now)
    for n, status in numbers:
        if status in ("running", "paused"):
            return n
    for n, status in reversed(numbers):
        run = run_of(state, n, now)
        if status == "ended" and run.next_at is not None and run.next_at - now < timedelta(hours=1):
            return n
    return next((n for n, status in numbers if status == "planned"), numbers[-1][0])


def first_on_drip(runs: Iterable[tuple[str, InfusionRun]]) -> str:
    """Give the participant on the drip whose next check comes first; "" where nobody is: there work goes on."""
    running = [
        (run.next_at, run.started, subject) for subject, run in runs if run.status in ("running", "paused")
    ]
    last = max((at for at, _start, _subject in running if at), default=None)
    ordered = sorted(running, key=lambda r: (r[0] is None, r[0] or last, r[1], r[2]))
    return ordered[0][2] if ordered else ""


def last_mixed(view: FormState) -> datetime | None:
    """Give when the bag was last mixed; None where it was not."""
    section = next(s for s in view.form.sections if s.id == "mixing")
    times = [v for r in view.rows(section) if isinstance(v := view.value("mix_dtm", r), datetime)]
    return max(times, default=None)


def start(
    state: SubjectState, n: int, now: datetime, user: str
) -> tuple[FormKey, Mapping[Cell, Value | None]]:
    """Plan the values of START. Raises: StepBlocked when it has started, when another of the same participant runs, and
    while an earlier one is neither started nor recorded as not given.
    """
    key = infusion_key(state, n)
    anchors = state.anchors()
    if n in anchors.starts:
        raise StepBlocked(message=_RUNS, check="start", override="none")
    if running := sorted(anchors.starts.keys() - anchors.ends.keys()):
        raise StepBlocked(message=_OTHER_RUNS.fill(n=running[0]), check="start", override="none")
    for earlier in range(1, n):
        status = state.value(infusion_key(state, earlier), Cell("inf_status"))
        if earlier not in anchors.starts and status != "NOTSTART":
            raise StepBlocked(message=_NOT_ITS_TURN.fill(n=earlier), check="start", override="none")
    if state.value(key, Cell("source")) == "PAPER":
        raise StepBlocked(message=_COPIED, check="start", override="none")
    values: dict[Cell, Value | None] = {Cell("inf_start_dtm"): _second(now)}
    if state.value(key, Cell("inf_status")) == "NOTSTART":
        values[Cell("inf_status")] = (
            None  # it is started now after all, and every check before a start holds again
        )
    if state.value(key, Cell("inf_nurse")) is None:
        values[Cell("inf_nurse")] = user
    return key, values


def pause(
    state: SubjectState, n: int, now: datetime, reason_code: str
) -> tuple[FormKey, Mapping[Cell, Value | None]]:
    """Plan the values of PAUSE. Raises: StepBlocked when it is not running."""
    run = _under_way(state, n, now)
    if run.status != "running":
        raise StepBlocked(message=_NOT_RUNNING, check="pause", override="none")
    values: dict[Cell, Value | None] = {Cell("int_start", row := _next_pause(state, run.key)): _second(now)}
    if reason_code:
        values[Cell("int_reason", row)] = reason_code
    return run.key, values


def resume(state: SubjectState, n: int, now: datetime) -> tuple[FormKey, Mapping[Cell, Value | None]]:
    """Plan the values of RESUME. Raises: StepBlocked when it is not paused."""
    run = _under_way(state, n, now)
    if run.status != "paused":
        raise StepBlocked(message=_NOT_RUNNING, check="resume", override="none")
    return run.key, _close_pause(state, run.key, now)


def end(
    state: SubjectState, n: int, now: datetime, status: str
) -> tuple[FormKey, Mapping[Cell, Value | None]]:
    """Plan the values of END or STOP; a pause that is open ends with it. Raises: StepBlocked when it is not running."""
    run = _under_way(state, n, now)
    values: dict[Cell, Value | None] = dict(_close_pause(state, run.key, now))
    values[Cell("inf_end_dtm")] = _second(now)
    if state.value(run.key, Cell("inf_status")) is None:
        values[Cell("inf_status")] = status
    if state.value(run.key, Cell("int_any")) is None:
        values[Cell("int_any")] = "Y" if _pauses(state, run.key) else "N"
    return run.key, values


def refuse_lock(state: SubjectState, key: FormKey) -> None:
    """Refuse to lock the record of a running infusion: STOP must always find it open. Raises: StepBlocked."""
    anchors = state.anchors()
    if key.form == "F7" and key.n in anchors.starts and key.n not in anchors.ends:
        raise StepBlocked(message=_LOCKED_OUT, check="running", override="none")


def touches_reference(state: SubjectState, key: FormKey, cells: Iterable[Cell]) -> bool:
    """Say whether cells belong to the T0 row of an infusion that has started: the frozen reference of every event.

    From START on such a change is a correction and wants a reason, even where a cell was empty or the row was not T0.
    """
    if key.form != "F7" or key.n not in state.anchors().starts:
        return False
    flow = next(s for s in state.study.forms["F7"].sections if s.id == FLOW)
    ids = {i.id for i in flow.items}
    rows = {c.row for c in cells if c.row and c.item in ids}
    return any(state.value(key, Cell("ivs_point", row)) == REFERENCE for row in rows)


def missed_points(state: SubjectState, n: int, now: datetime) -> tuple[tuple[FlowPoint, datetime], ...]:
    """Give the points of the flow sheet whose window has closed without a row, in order of time."""
    closed = (p for p in due_points(state, n) if p[1] + timedelta(minutes=p[0].after_min) < now)
    return tuple(sorted(closed, key=lambda p: p[1]))


def not_measured(
    state: SubjectState, n: int, codes: Sequence[str], reason: str, first_row: int
) -> Mapping[Cell, Value | None]:
    """Plan rows that say of each point that it was not measured, and why; one row a point, from `first_row` on."""
    form = state.study.forms["F7"]
    flow = next(s for s in form.sections if s.id == FLOW)
    values: dict[Cell, Value | None] = {}
    for row, code in enumerate(codes, start=first_row):
        values[Cell("ivs_point", row)] = code
        for item in flow.items:
            if item.required and not item.is_derived and item.show is None and item.id != "ivs_point":
                values[Cell(item.id, row)] = Missing("ND", reason)
    return values


def rest_not_measured(state: SubjectState, n: int, row: int, reason: str) -> Mapping[Cell, Value | None]:
    """Plan the gaps of a row that holds symptoms alone."""
    key = infusion_key(state, n)
    flow = next(s for s in state.study.forms["F7"].sections if s.id == FLOW)
    return {
        Cell(i.id, row): Missing("ND", reason)
        for i in flow.items
        if i.required and not i.is_derived and i.show is None and state.value(key, Cell(i.id, row)) is None
    }


def _under_way(state: SubjectState, n: int, now: datetime) -> InfusionRun:
    run = run_of(state, n, now)
    if run.status not in ("running", "paused"):
        raise StepBlocked(message=_NOT_RUNNING, check="running", override="none")
    return run


def _next_pause(state: SubjectState, key: FormKey) -> int:
    """Give a row that nobody has written in and nobody has crossed out: a pause is never refused for want of a place."""
    section = next(s for s in state.study.forms["F7"].sections if s.id == "interruptions")
    record, ids = state.form_record(key), {i.id for i in section.items}
    used = [c.row for c in record.cells if c.item in ids]
    used += [c.row for c in record.struck if c.item == section.id]
    return max(used, default=0) + 1


def holds_answer(state: SubjectState, key: FormKey, values: Mapping[Cell, Value | None]) -> bool:
    """Say whether a press writes over an answer that stands there."""
    return any((old := state.value(key, c)) is not None and old != v for c, v in values.items())


def _close_pause(state: SubjectState, key: FormKey, now: datetime) -> dict[Cell, Value | None]:
    return {Cell("int_end", row): _second(now) for row, _start, end in _pauses(state, key) if end is None}


def _second(moment: datetime) -> datetime:
    return moment.replace(microsecond=0)

"""The stored summary of a participant: facts and absolute times in a short text, and what it says at a moment.

Three lines of JSON: who and where; the open tasks; what was completed on the last day on which anything was entered. No
status that depends on now is stored, so that the text stays true while nobody writes. Reading it is the hot path of the
first page (ten thousand participants in half a second): codes are worded once, times are whole seconds of the epoch.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.course import BEIJING, Stage
from ucmsc_desktop.record.tasks import SOON, STALE, Task, TaskStatus
from ucmsc_desktop.record.wording import Wording, day_text, infusion_text

FORMAT = 5  # of stored summaries; others are written anew

Mode = Literal["t", "h", "s", "d", "p", "b"]
"""t timed, h timed and not shown before it opens, s timed and blocked once it opens, d due now, p in progress, b blocked."""

STAGES: dict[Stage, Text] = {
    "screening": Text("Screening", "筛选中"),
    "failed": Text("Screen failure", "筛选失败"),
    "eligible": Text("Eligible", "合格待输注"),
    "infusing": Text("Infusion running", "输注进行中"),
    "follow_up": Text("Follow-up", "随访中"),
    "ended": Text("Ended", "已结束"),
}
DAY_S = 24 * 60 * 60
_SOON_S = int(SOON.total_seconds())
_STALE_S = int(STALE.total_seconds())
_FOLDS = {"flow": "flow.missed"}  # several that passed by become one task
_FIXED: dict[str, TaskStatus] = {"b": "blocked", "d": "due", "p": "progress"}


class Row(NamedTuple):
    """One stored task. `gone`: from then on it is folded into another, or no longer shown."""

    what: str
    at: datetime | None = None
    opens: datetime | None = None
    closes: datetime | None = None
    mode: Mode = "t"
    why: str = ""
    gone: datetime | None = None


@dataclass(frozen=True, slots=True)
class Days:
    """Protocol days without a daily status, and with one that does not say whether adverse events were asked about."""

    day0: datetime
    missing: tuple[int, ...] = ()
    unasked: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What was completed on one local day: codes and moments."""

    day: date
    rows: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """What is stored of a participant."""

    initials: str
    bed: str
    ward: str
    sex: str
    born: date | None
    stage: Stage
    running: tuple[int, ...]
    day0: date | None
    rows: Sequence[Row] = ()
    days: Days | None = None
    done: Done | None = field(default=None)


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
    ward: str = ""

    @property
    def status(self) -> Text:
        return STAGES[self.stage]

    @property
    def infusion_running(self) -> bool:
        return bool(self.running)


def write(summary: Summary) -> str:
    """Write a summary as stored text."""
    who = {
        "initials": summary.initials,
        "bed": summary.bed,
        "ward": summary.ward,
        "sex": summary.sex,
        "born": summary.born.isoformat() if summary.born else "",
        "stage": summary.stage,
        "running": list(summary.running),
        "day0": summary.day0.isoformat() if summary.day0 else "",
    }
    days = summary.days
    open_days = [_s(days.day0), list(days.missing), list(days.unasked)] if days else None
    tasks: Any = 0
    if summary.rows or (days and (days.missing or days.unasked)):
        tasks = [summary.bed, summary.ward, [_packed(r) for r in summary.rows], open_days]
    done = ""
    if summary.done and summary.done.rows:
        listed = [[what, _s(at)] for what, at in summary.done.rows]
        done = summary.done.day.isoformat() + _json([summary.bed, summary.ward, listed])
    return f"{_json(who)}\n{_json(tasks)}\n{done}"


def _json(plain: Any) -> str:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":"))


def _packed(row: Row) -> list[Any]:
    packed: list[Any] = [row.what, row.mode, row.why, *map(_s, (row.at, row.opens, row.closes, row.gone))]
    while packed[-1] is None:
        packed.pop()
    return packed


def _s(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at is not None else None


def _at(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, BEIJING) if seconds is not None else None


def read_summary(subject: str, text: str, now: datetime) -> SubjectSummary:
    """Read who a participant is and where they stand."""
    plain = json.loads(text[: text.index("\n")])
    running = tuple(plain["running"])
    stage: Stage = plain["stage"]
    if running:
        visit = infusion_text(running[-1])
    elif plain["day0"]:
        visit = day_text((now.date() - date.fromisoformat(plain["day0"])).days)
    else:
        visit = STAGES[stage]
    born = date.fromisoformat(plain["born"]) if plain["born"] else None
    return SubjectSummary(
        subject, plain["initials"], plain["bed"], plain["sex"], born, visit, stage, running, plain["ward"]
    )


def tasks_at(words: Wording, subject: str, text: str, now: datetime) -> list[Task]:
    """Give the open tasks of a stored summary with their status at a moment."""
    return read_tasks(words, subject, text, now)[0]


def read_tasks(words: Wording, subject: str, text: str, now: datetime) -> tuple[list[Task], datetime | None]:
    """Give the open tasks at a moment, and the first later moment at which they are others; None where they stay."""
    start = text.index("\n") + 1
    line = text[start : text.index("\n", start)]
    if line == "0":
        return [], None
    bed, ward_code, rows, days = json.loads(line)
    reading = _Reading(words, subject, bed, words.ward(ward_code), now.timestamp())
    for row in rows:
        reading.add(*row)
    reading.fold()
    if days is not None:
        reading.add_days(*days)
    return reading.tasks, _at(reading.until)


def done_at(words: Wording, subject: str, text: str, now: datetime) -> list[Task]:
    """Give what was completed on the day of a moment, the last first."""
    start = text.rindex("\n") + 1
    day = now.date().isoformat()
    if not text.startswith(day, start):
        return []
    bed, ward_code, rows = json.loads(text[start + len(day) :])
    ward = words.ward(ward_code)
    found = []
    for code, seconds in rows:
        what = words.what(code)
        done = Task(
            subject,
            what.key,
            what.title,
            what.visit,
            bed,
            _at(seconds),
            None,
            None,
            "done",
            None,
            what.kind,
            ward,
            code,
        )
        found.append(done)
    return found


class _Reading:
    """One summary being read. Times are seconds of the epoch until a task is made."""

    def __init__(self, words: Wording, subject: str, bed: str, ward: Text, now_s: float) -> None:
        self.tasks: list[Task] = []
        self.until: float | None = None
        self._words, self._subject, self._bed, self._ward, self._now = words, subject, bed, ward, now_s
        self._folded: dict[tuple[str, str], list[tuple[str, int, int, int]]] = {}

    def add(
        self, code: str, mode: str, why: str, at: int | None = None, opens: int | None = None,
        closes: int | None = None, gone: int | None = None,
    ) -> None:  # fmt: skip
        """Add a stored row as it stands now; one that is not shown only says when it will be."""
        if gone is not None:
            if self._now >= gone:
                self._fold(code, at or gone, opens or gone, min(closes or gone, gone - 1))
                return
            self._later(gone)
        status, is_late = _FIXED.get(mode), False
        if status is None:
            status = self._timed(mode, opens, closes)
            if status is None:
                return
            is_late = status == "overdue"
        is_stale = is_late and self._is_stale(code, closes or 0)
        what = self._words.what(code)
        title, reason = what.title, self._words.why(why)
        if is_late and what.late is not None:
            title, reason = what.late[0], reason or what.late[1]
        self.tasks.append(
            Task(
                self._subject, what.key, title, what.visit, self._bed, _at(at), _at(opens), _at(closes), status, reason,
                what.kind, self._ward, code, is_stale,
            )
        )  # fmt: skip

    def _timed(self, mode: str, opens: int | None, closes: int | None) -> TaskStatus | None:
        """Give the status of a window, and note when it will be another; None where it is not shown yet."""
        now = self._now
        if opens is None:
            return "next"
        if now < opens:
            if mode == "h":
                self._later(opens)
                return None
            is_soon = opens - now <= _SOON_S
            self._later(opens if is_soon else opens - _SOON_S)
            return "next" if is_soon else "planned"
        if closes is not None:
            if now > closes:
                return "overdue"
            self._later(closes + 1e-6)
        return "blocked" if mode == "s" else "due"

    def _is_stale(self, code: str, closes: int) -> bool:
        """Say whether something was missed so long ago that only the writing is left; a report clock never is."""
        if code.startswith("sae|"):
            return False
        if ".missed|" in code or self._now > closes + _STALE_S:
            return True
        self._later(closes + _STALE_S + 1e-6)
        return False

    def fold(self) -> None:
        """Make one task of those that passed by."""
        for (head, key), missed in self._folded.items():
            listed = ",".join(m[0] for m in missed)
            self.add(f"{_FOLDS[head]}|{key}|{listed}", "t", "", *missed[0][1:])
        self._folded.clear()

    def add_days(self, day0: int, missing: list[int], unasked: list[int]) -> None:
        """Add the daily status: today's for itself, the days gone by as one."""
        today = int((self._now - day0) // DAY_S)
        if any(d >= today for d in missing) or today in unasked:
            self._later(day0 + (today + 1) * DAY_S)
        for head, days, extra in (("day", missing, ()), ("ask", unasked, missing)):
            past = [d for d in days if d < today]
            if past:
                begin = day0 + past[0] * DAY_S
                listed = ",".join(map(str, past))
                self.add(
                    f"{head}.missed|F12/DAY/{past[0]}|{listed}", "t", "", begin, begin, begin + DAY_S - 1
                )
            if today in days or today in extra:
                begin = day0 + today * DAY_S
                self.add(f"{head}|F12/DAY/{today}", "t", "", begin, begin, begin + DAY_S - 1)

    def _fold(self, code: str, at: int, opens: int, closes: int) -> None:
        head, _, rest = code.partition("|")
        if head in _FOLDS:
            key, _, name = rest.partition("|")
            self._folded.setdefault((head, key), []).append((name, at, opens, closes))

    def _later(self, moment: float) -> None:
        if moment > self._now and (self.until is None or moment < self.until):
            self.until = moment

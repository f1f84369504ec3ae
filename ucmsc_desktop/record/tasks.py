"""One open task as lists show it: what, for whom, where, when, and how much time is left.

A task knows absolute times; its status is what they mean at a moment. Nothing here reads a clock.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import FormKey

TaskStatus = Literal["overdue", "due", "next", "planned", "progress", "done", "blocked"]
TaskKind = Literal[
    "form", "sample", "gas", "ct", "vitals", "infusion", "sign", "safety", "consent", "data"
]  # fmt: skip
Light = Literal["", "green", "amber", "red"]

KINDS: dict[TaskKind, Text] = {
    "vitals": Text("Vital signs", "生命体征"),
    "infusion": Text("Infusion", "输注"),
    "sample": Text("Blood samples", "血标本"),
    "gas": Text("Blood gas", "血气"),
    "ct": Text("CT", "CT"),
    "safety": Text("Safety", "安全性"),
    "consent": Text("Consent", "知情同意"),
    "sign": Text("Signatures", "签名"),
    "data": Text("Queries", "质疑"),
    "form": Text("Other forms", "其他表单"),
}
SOON = timedelta(minutes=30)
WHOLE_DAY = timedelta(hours=23)  # a window at least so long after its moment has no hour worth showing
SAE_AMBER = timedelta(hours=6)
STALE = timedelta(hours=12)
NOBODY = Text("", "")


class Task(NamedTuple):
    """One thing to do. Times None: not tied to a time yet. `why`: what it waits for, or what to know first."""

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
    kind: TaskKind = "form"
    ward: Text = NOBODY
    what: str = ""  # the code it was stored under: "sae|F14/LOG/1"
    is_stale: bool = False  # overdue for so long that only the writing is left

    @property
    def is_whole_days(self) -> bool:
        """Say whether its window is one of days: midnight would be read as an hour."""
        return self.at is not None and self.closes is not None and self.closes - self.at >= WHOLE_DAY

    @property
    def is_clock(self) -> bool:
        """Say whether a report of a serious event is running out of time."""
        return self.what.startswith("sae|")


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


_CLOCK_PLACE = -1.0  # a report that runs out of time stands above everything, whoever looks
_STALE_PLACE = 1.5  # what was missed long ago must not stand above what is due now


def urgency(task: Task) -> float:
    """Give how urgent a task is, the lowest first: report clocks, overdue, due, missed long ago, in progress, next."""
    if task.is_clock:
        return _CLOCK_PLACE
    return _STALE_PLACE if task.is_stale else ORDER[task.status]


def sort_key(task: Task) -> tuple[float, float, str]:
    """Order tasks as a nurse reads them: by urgency; those without a time last.

    What is open now is ordered by the end of its window, the rest by its moment.
    """
    moment = task.closes if task.status in ("due", "overdue") and task.closes is not None else task.at
    return urgency(task), moment.timestamp() if moment is not None else float("inf"), task.subject


def light_of(task: Task, now: datetime) -> Light:
    """Give the colour of a running report clock: green, amber in its last six hours, red when it has run out.

    Missing: "" for any other task.
    """
    if not task.is_clock or task.closes is None:
        return ""
    if now > task.closes:
        return "red"
    return "amber" if task.closes - now < SAE_AMBER else "green"


_IN = Text("in {time}", "{time}后")
_LEFT = Text("{time} left", "剩余 {time}")
_LATE = Text("{time} late", "已超 {time}")
_SINCE = Text("for {time}", "已 {time}")
_TODAY = Text("today", "今天")
_LAST_DAY = Text("last day", "最后一天")


def countdown(task: Task, now: datetime) -> Text:
    """Say how much time there is: "in 12 min" until it opens, "4 min left" while it is open, "12 min late" after.

    Whole minutes: what is left is rounded down, so that nobody is promised a minute that is not there.
    Missing: an empty text where the task is not tied to a time.
    """
    if task.status == "done":
        return NOBODY
    if task.opens is None and task.closes is None:
        return _span_text(_SINCE, now - task.at) if task.at is not None and task.at <= now else NOBODY
    if task.closes is not None and now > task.closes:
        return _span_text(_LATE, now - task.closes, days=task.is_whole_days)
    if task.opens is not None and now < task.opens:
        if task.is_whole_days:
            return _days_text(_IN, (task.opens.date() - now.date()).days)
        moment = task.at if task.at is not None and task.at > now else task.opens
        return _span_text(_IN, moment - now)
    if task.closes is None:
        return NOBODY
    if task.is_whole_days:
        days = (task.closes.date() - now.date()).days
        return _days_text(_LEFT, days) if days else (_TODAY if _is_one_day(task) else _LAST_DAY)
    if task.at is not None and task.at > now and not task.is_clock:
        return _span_text(_IN, task.at - now)
    return _span_text(_LEFT, task.closes - now)


def _is_one_day(task: Task) -> bool:
    return task.opens is not None and task.closes is not None and task.opens.date() == task.closes.date()


def _span_text(frame: Text, span: timedelta, *, days: bool = False) -> Text:
    if days:
        return _days_text(frame, max(1, -(-span // timedelta(days=1))))
    return frame.fill(time=span_words(span))


def _days_text(frame: Text, days: int) -> Text:
    return frame.fill(time=Text(f"{days} d", f"{days} 天"))


def span_words(span: timedelta) -> Text:
    """Show a span in the units a nurse reckons with: minutes below an hour, hours and minutes below two days, days."""
    minutes = max(0, int(span.total_seconds() // 60))
    if minutes < 60:
        return Text(f"{minutes} min", f"{minutes} 分钟")
    hours, rest = divmod(minutes, 60)
    if hours < 48:
        return (
            Text(f"{hours} h {rest:02d} min", f"{hours} 小时 {rest:02d} 分")
            if rest
            else Text(f"{hours} h", f"{hours} 小时")
        )
    return Text(f"{hours // 24} d", f"{hours // 24} 天")

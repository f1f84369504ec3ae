"""The blood samples for IL-6 and IL-8 as they pass from the vein to the freezer: what was done when, what is next by when.

Pure: it plans what a scan records, and reads where each sample stands. A tube is filed under the time-point on its label
and under no other; a time outside the window is said and stays the nurse's choice. What F10 derives and checks is decided
there, never here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from ucmsc_desktop.errors import BloodNotDrawn, LabelUnknown, TubeNotTheirs, TubeUsed
from ucmsc_desktop.i18n import Lang, Text, show_date
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.study.model import Study, Window
from ucmsc_desktop.study.schedule import Due, placement_of
from ucmsc_desktop.study.specimen import UNSCHEDULED, LabelCode, tube
from ucmsc_desktop.study.values import Value

FORM = "F10"
ALIQUOTS = "aliquot"  # the table of the form
STEPS = {"spin": "cyt_spin_dtm", "freeze": "cyt_freeze_dtm"}

SampleStatus = Literal["planned", "next", "due", "overdue", "drawn", "spun", "frozen", "not_drawn"]
NEXT_WITHIN = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample as it stands. Missing: None for what has not happened or cannot be known yet."""

    subject: str
    key: FormKey
    title: Text
    status: SampleStatus
    due: Due | None
    rule: Text  # the window in words, "" for an unscheduled sample
    drawn: datetime | None = None
    spun: datetime | None = None
    frozen: datetime | None = None
    spin_by: datetime | None = None
    spin_latest: datetime | None = None
    freeze_by: datetime | None = None
    aliquots: tuple[str, ...] = ()
    wanted: int = 0  # the number of aliquots written down; 0 while it is not

    @property
    def code(self) -> LabelCode:
        """The code of its tube."""
        return tube(self.subject, self.key.visit, self.key.n)

    @property
    def is_under_way(self) -> bool:
        return self.status in ("drawn", "spun")


@dataclass(frozen=True, slots=True)
class Misfit:
    """A tube whose window is not the one that is open: what is said, and what could be done instead."""

    title: Text
    open_titles: tuple[Text, ...]
    due: Due | None
    rule: Text
    is_early: bool

    def text(self) -> Text:
        """Say which tube it is and what time it is."""
        if self.open_titles:
            both = [" / ".join(t.get(lang) for t in self.open_titles) for lang in ("en", "zh")]
            return Text(
                f"This is the tube for “{self.title.en}”; now is the window of “{both[0]}”.",
                f"这是“{self.title.zh}”的采血管；现在是“{both[1]}”的时间窗。",
            )
        if self.due is None:
            return Text(
                f"This is the tube for “{self.title.en}” ({self.rule.en}); that has not come yet.",
                f"这是“{self.title.zh}”的采血管（{self.rule.zh}）；现在尚未到该时间点。",
            )
        when = span(self.due)
        en = f"its window opens later ({when.en})" if self.is_early else f"its window is over ({when.en})"
        zh = f"时间窗尚未开始（{when.zh}）" if self.is_early else f"时间窗已过（{when.zh}）"
        return Text(
            f"This is the tube for “{self.title.en}”; {en}.", f"这是“{self.title.zh}”的采血管；{zh}。"
        )


# --- windows in words -----------------------------------------------------------------------------------------


def span(due: Due) -> Text:
    """Give a window as one line: 04-Mar 14:12–15:12, with the second day where it ends on another."""
    return Text(_span(due, "en"), _span(due, "zh"))


def _span(due: Due, lang: Lang) -> str:
    first, last = due.opens, due.closes
    end = f"{last:%H:%M}" if first.date() == last.date() else f"{_day(last, lang)} {last:%H:%M}"
    return f"{_day(first, lang)} {first:%H:%M}–{end}"


def _day(at: datetime, lang: Lang) -> str:
    shown = show_date(at.date(), lang)
    return shown[5:] if lang == "zh" else shown[:6]


def rule_of(window: Window | None) -> Text:
    """Say a window of the plan in words, for when its times are not known yet."""
    if window is None or window.kind != "elapsed":
        return Text("", "")
    anchor = {
        "first_start": Text("the start of dose 1", "首次输注开始"),
        "first_end": Text("the end of dose 1", "首次输注结束"),
    }.get(window.anchor, Text("the infusion", "输注"))
    before, after = _long(window.before_min), _long(window.after_min)
    if not window.at_min and not window.after_min:
        return Text(
            f"{window.before_min} to 0 min before {anchor.en}",
            f"{anchor.zh}前{window.before_min}–0分钟",
        )
    at = _long(window.at_min)
    if window.before_min == window.after_min:
        return Text(f"{at.en} ± {before.en} after {anchor.en}", f"{anchor.zh}后{at.zh} ± {before.zh}")
    return Text(
        f"{at.en} after {anchor.en} (−{before.en}/+{after.en})",
        f"{anchor.zh}后{at.zh}（−{before.zh}/+{after.zh}）",
    )


def rule_at(study: Study, key: FormKey) -> Text:
    """Say the window of a time-point in words; "" where the plan has none."""
    placement = placement_of(study, key.form, key.visit)
    return rule_of(placement.window if placement else None)


def _long(minutes: int) -> Text:
    if minutes and minutes % 60 == 0:
        return Text(f"{minutes // 60} h", f"{minutes // 60}小时")
    return Text(f"{minutes} min", f"{minutes}分钟")


# --- where a sample stands ------------------------------------------------------------------------------------


def planned_visits(study: Study) -> tuple[str, ...]:
    """Give the time-points of the plan at which blood is drawn, unscheduled ones left out."""
    return tuple(p.visit for p in study.schedule if p.form == FORM and not p.optional)


def title_of(study: Study, key: FormKey) -> Text:
    """Name a time-point."""
    title = study.visit_by_id[key.visit].title
    if key.visit == UNSCHEDULED and key.n > 1:
        return Text(f"{title.en} {key.n}", f"{title.zh} {key.n}")
    return title


def window_of(state: SubjectState, key: FormKey) -> Due | None:
    """Give the window of a sample; one that must come before a dose closes with the start of that dose."""
    due = state.due(key)
    placement = placement_of(state.study, key.form, key.visit)
    window = placement.window if placement else None
    if due is None or window is None or not window.predose:
        return due
    start = state.anchors().starts.get(window.predose)
    return Due(due.nominal, due.opens, min(due.closes, start)) if start is not None else due


def samples_of(state: SubjectState, now: datetime) -> tuple[Sample, ...]:
    """Give the samples of a participant in the order of the plan, then the unscheduled ones that were begun."""
    keys = [FormKey(FORM, visit, 1) for visit in planned_visits(state.study)]
    keys += [k for k in state.keys(FORM) if k.visit == UNSCHEDULED]
    return tuple(sample_of(state, key, now) for key in keys)


def sample_of(state: SubjectState, key: FormKey, now: datetime) -> Sample:
    """Give one sample as it stands."""
    drawn, spun, frozen = (
        _moment(state, key, item) for item in ("cyt_collect_dtm", "cyt_spin_dtm", "cyt_freeze_dtm")
    )
    section = next(s for s in state.study.forms[FORM].sections if s.id == ALIQUOTS)
    found = (state.value(key, Cell("aliq_id", row)) for row in state.rows(key, section))
    wanted = state.operand(key, Cell("cyt_aliquots"))
    due = window_of(state, key)
    return Sample(
        state.subject,
        key,
        title_of(state.study, key),
        _status(state, key, due, now),
        due,
        rule_at(state.study, key),
        drawn,
        spun,
        frozen,
        _after(drawn, _minutes(state.study, "spin_target_min")),
        _after(drawn, _minutes(state.study, "spin_max_min")),
        _after(spun, _minutes(state.study, "freeze_max_min")),
        tuple(a for a in found if isinstance(a, str)),
        int(wanted) if isinstance(wanted, Decimal) else 0,  # 3.0 is a whole number too
    )


def _status(state: SubjectState, key: FormKey, due: Due | None, now: datetime) -> SampleStatus:
    if state.value(key, Cell("cyt_done")) == "N":
        return "not_drawn"
    for item, status in (
        ("cyt_freeze_dtm", "frozen"),
        ("cyt_spin_dtm", "spun"),
        ("cyt_collect_dtm", "drawn"),
    ):
        if state.value(key, Cell(item)) is not None:
            return status  # type: ignore[return-value]  # one of the three
    if state.value(key, Cell("cyt_done")) == "Y":
        return "drawn"
    if due is None:
        return "next" if key.visit in open_visits(state, now) else "planned"
    if now > due.closes:
        return "overdue"
    if now >= due.opens:
        return "due"
    return "next" if due.opens - now <= NEXT_WITHIN else "planned"


def open_visits(state: SubjectState, now: datetime) -> tuple[str, ...]:
    """Give the time-points whose window is open; before the first infusion that is the one before it."""
    found = []
    for visit in planned_visits(state.study):
        due = window_of(state, FormKey(FORM, visit, 1))
        placement = placement_of(state.study, FORM, visit)
        window = placement.window if placement else None
        is_before = window is not None and window.anchor == "first_start" and window.at_min == 0
        if (due is None and is_before) or (due is not None and due.opens <= now <= due.closes):
            found.append(visit)
    return tuple(found)


def _moment(state: SubjectState, key: FormKey, item: str) -> datetime | None:
    value = state.operand(key, Cell(item))
    return value if isinstance(value, datetime) else None


def _minutes(study: Study, name: str) -> timedelta:
    return timedelta(minutes=int(str(study.parameters.get(name, 60))))


def _after(start: datetime | None, long: timedelta) -> datetime | None:
    return start + long if start is not None else None


# --- what a scan records --------------------------------------------------------------------------------------


def key_of(study: Study, code: LabelCode) -> FormKey:
    """Give the record a tube or an aliquot belongs to. Raises: LabelUnknown where the plan has no such time-point."""
    if placement_of(study, FORM, code.visit) is None:
        raise LabelUnknown(subject=code.plain)
    return FormKey(FORM, code.visit, code.n)


def misfit(state: SubjectState, code: LabelCode, now: datetime) -> Misfit | None:
    """Say what is odd about drawing this tube now; None where its window is open or it has none."""
    key = key_of(state.study, code)
    visits = open_visits(state, now)
    if code.visit == UNSCHEDULED or code.visit in visits:
        return None
    due = window_of(state, key)
    return Misfit(
        title_of(state.study, key),
        tuple(state.study.visit_by_id[v].title for v in visits),
        due,
        rule_at(state.study, key),
        due is not None and now < due.opens,
    )


def draw(state: SubjectState, code: LabelCode, at: datetime) -> tuple[FormKey, Mapping[Cell, Value | None]]:
    """Plan what a tube scanned at the bedside of a participant records.

    Raises: TubeNotTheirs, TubeUsed, LabelUnknown.
    """
    if code.subject != state.subject:
        raise TubeNotTheirs
    key = key_of(state.study, code)
    used = state.value(key, Cell("cyt_label_id"))
    if used is not None or state.value(key, Cell("cyt_collect_dtm")) is not None:
        raise TubeUsed(where=_where(state, key))
    values: dict[Cell, Value | None] = {Cell("cyt_done"): "Y", Cell("cyt_label_id"): code.plain}
    values[Cell("cyt_collect_dtm")] = at.replace(microsecond=0)
    return key, values


def aliquot(
    state: SubjectState, code: LabelCode, at: datetime
) -> tuple[FormKey, Mapping[Cell, Value | None]]:
    """Plan what an aliquot scanned on its way into the freezer records; nothing where it is recorded already.

    The first one stamps the time of freezing, once the centrifugation is recorded.
    Raises: BloodNotDrawn, LabelUnknown (the tube itself is no aliquot).
    """
    key = key_of(state.study, code)
    if not code.aliquot:
        raise LabelUnknown(subject=code.plain)
    where = _where(state, key)
    is_undone = state.value(key, Cell("cyt_done")) == "N"
    if is_undone or state.value(key, Cell("cyt_collect_dtm")) is None:
        raise BloodNotDrawn(where=where)
    form = state.study.forms[FORM]
    section = next(s for s in form.sections if s.id == ALIQUOTS)
    rows = state.rows(key, section)
    if any(state.value(key, Cell("aliq_id", row)) == code.plain for row in rows):
        return key, {}
    struck = [c.row for c in state.form_record(key).struck if c.item == ALIQUOTS]
    empty = [row for row in rows if state.value(key, Cell("aliq_id", row)) is None]
    row = empty[0] if empty else max((*rows, *struck), default=0) + 1
    values: dict[Cell, Value | None] = {Cell("aliq_id", row): code.plain}
    is_spun = state.value(key, Cell("cyt_spin_dtm")) is not None
    if is_spun and state.value(key, Cell("cyt_freeze_dtm")) is None:
        values[Cell("cyt_freeze_dtm")] = at.replace(microsecond=0)
    return key, values


def not_drawn(code: str, words: str) -> Mapping[Cell, Value | None]:
    """Plan the record of a sample that was not taken: that, and why."""
    values: dict[Cell, Value | None] = {Cell("cyt_done"): "N", Cell("cyt_nd_reason"): code}
    if words.strip():
        values[Cell("cyt_nd_text")] = words.strip()
    return values


def _where(state: SubjectState, key: FormKey) -> Text:
    title, drawn = title_of(state.study, key), _moment(state, key, "cyt_collect_dtm")
    if drawn is None:
        return Text(f"{state.subject}, {title.en}", f"{state.subject}，{title.zh}")
    return Text(
        f"{state.subject}, {title.en}, drawn {_day(drawn, 'en')} {drawn:%H:%M}",
        f"{state.subject}，{title.zh}，{_day(drawn, 'zh')} {drawn:%H:%M} 采血",
    )

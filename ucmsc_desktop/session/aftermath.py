"""What comes after an infusion has ended: the times of the next checks and samples, and whether the next dose may follow.

The pocket card of the nurse, with clock times. The rules for the next dose are the checks of its own record (X06-X08);
here they are only asked ahead of time. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.planned import none_rows
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.record.suggested import waiting_of
from ucmsc_desktop.session.iae import none_due
from ucmsc_desktop.session.infusion import infusion_key, numbers_of, which_infusion
from ucmsc_desktop.session.prechecks import SAMPLE_BEFORE
from ucmsc_desktop.study.schedule import placement_of

Kind = Literal["vitals", "sample", "sign", "dose"]
WITHHOLDING = ("X07", "X07.pf")  # of the rules for the next dose, those that nothing but a decision answers


@dataclass(frozen=True, slots=True)
class Coming:
    """One line of the pocket card. `done`: it is recorded already."""

    kind: Kind
    title: Text
    at: datetime
    opens: datetime
    closes: datetime
    done: bool
    key: FormKey | None = None


@dataclass(frozen=True, slots=True)
class NextDose:
    """The dose after this one: its number, when it may begin, and what speaks against it now."""

    n: int
    opens: datetime
    closes: datetime
    sample: Text | None
    sample_done: bool
    withheld: tuple[Text, ...]


def infusion_in_need(state: SubjectState, now: datetime) -> int:
    """Choose the infusion that needs somebody first: the one on the drip, one whose events wait for an answer or a
    signature, else one with a check due, else the next planned.
    """
    numbers = numbers_of(state, now)
    for n, status in numbers:
        if status in ("running", "paused"):
            return n
    for n, status in numbers:
        if status == "ended" and _waits(state, n, now):
            return n
    return which_infusion(state, now)


def _waits(state: SubjectState, n: int, now: datetime) -> bool:
    if waiting_of(state, n, now) is not None:
        return True
    return any(row.at is not None and now >= row.at for row in none_rows(state, n))


def was_stopped(state: SubjectState, n: int) -> bool:
    """Say whether an infusion was stopped before its end."""
    return state.value(infusion_key(state, n), Cell("inf_status")) == "STOPPED"


def coming_of(view: FormState) -> tuple[Coming, ...]:
    """Give what is to be done after an infusion, in order of time; empty before it has ended."""
    ended = view.value("inf_end_dtm")
    if not isinstance(ended, datetime):
        return ()
    found = [*_vitals(view, ended), *_samples(view), *_signatures(view)]
    return tuple(sorted(found, key=lambda c: c.at))


def _vitals(view: FormState, ended: datetime) -> Iterator[Coming]:
    flow = next(s for s in view.form.sections if s.id == "flow")
    have = {view.value("ivs_point", r) for r in view.rows(flow)}
    for point in view.state.study.flow_sheet:
        if point.anchor != "end":
            continue
        at = ended + timedelta(minutes=point.at_min)
        title = Text("Vital signs, {p}", "生命体征，{p}").fill(p=point.title)
        if point.temperature:
            title = Text("{t}, with temperature", "{t}，含体温").fill(t=title)
        opens, closes = at - timedelta(minutes=point.before_min), at + timedelta(minutes=point.after_min)
        yield Coming("vitals", title, at, max(opens, ended), closes, point.code in have)


def _samples(view: FormState) -> Iterator[Coming]:
    """Give the samples between this infusion and the next that are counted from the first one."""
    visits = {1: ("6H", "D1"), 2: ("D2",), 3: ("D3",)}.get(view.key.n, ())
    for visit in visits:
        key = key_for(view.state.study.forms["F10"], visit)
        due = view.state.due(key)
        if due is None or placement_of(view.state.study, "F10", visit) is None:
            continue
        form = FormState(view.state, key, view.now)
        title = Text("IL-6/IL-8 blood, {v}: EDTA on ice", "IL-6/IL-8 采血，{v}：EDTA 冰浴").fill(
            v=view.state.study.visit_by_id[visit].title
        )
        done = form.value("cyt_done") is not None
        yield Coming("sample", title, due.nominal, due.opens, due.closes, done, key)


def _signatures(view: FormState) -> Iterator[Coming]:
    for none in none_due(view):
        title = Text(
            "Investigator: infusion events up to {h} h", "研究者：结束后{h}小时内输注相关事件结论"
        ).fill(h=none.hour.removesuffix("h"))
        done = none.answer == "N" or (none.answer == "Y" and none.is_signed)
        yield Coming("sign", title, none.at, none.at, none.at + timedelta(hours=2), done)


def next_dose(view: FormState) -> NextDose | None:
    """Say when the next dose may begin and what withholds it; None after the last one, or before this has started."""
    study, n = view.state.study, view.key.n + 1
    started = view.value("inf_start_dtm")
    if n > int(str(study.parameters["n_infusions"])) or not isinstance(started, datetime):
        return None
    low, high = (int(str(study.parameters[f"dose_interval_h_{end}"])) for end in ("min", "max"))
    after = FormState(view.state, key_for(study.forms["F7"], n=n), view.now)
    withheld = tuple(c.message for c in after.form.checks if c.id in WITHHOLDING and after.fires(c))
    visit = SAMPLE_BEFORE.get(n)
    sample = study.visit_by_id[visit].title if visit else None
    done = not any(c.id == "X06" and after.fires(c) for c in after.form.checks)
    return NextDose(
        n, started + timedelta(hours=low), started + timedelta(hours=high), sample, done, withheld
    )

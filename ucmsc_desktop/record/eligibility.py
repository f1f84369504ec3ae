"""Eligibility of a participant: all criteria at a moment, the decision, and whether it still holds before the first infusion.

Judged at the moment of the decision or, before there is one, at the moment of looking ("as if it were decided now"); the
verdicts are those of form F3. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.basis import hours, unrounded
from ucmsc_desktop.record.criteria import (
    BASELINE,
    CONSENT,
    GAS,
    KEY,
    SCREENING,
    Criterion,
    Eligibility,
    Fact,
    Need,
    Recheck,
)
from ucmsc_desktop.record.derivation import follow
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.evidence import Evidence
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.study.bedside import onset_until
from ucmsc_desktop.study.values import Missing, Number

__all__ = [
    "BASELINE", "CONSENT", "GAS", "KEY", "SCREENING", "Criterion", "Eligibility", "Fact", "Need", "Recheck", "as_of",
    "look", "unrounded",
]  # fmt: skip

SECTIONS = (
    ("inc01_icf", "inc01", "I1", "入选1"),
    ("inc02_age", "inc02", "I2", "入选2"),
    ("inc03_onset", "inc03", "I3", "入选3"),
    ("inc04a_pf", "inc04", "I4a", "入选4a"),
    ("inc04b_aado2", "inc04", "I4b", "入选4b"),
    ("inc05_infiltrates", "inc05", "I5", "入选5"),
    ("inc06_no_hf", "inc06", "I6", "入选6"),
    ("exc01_declined", "exc01", "E1", "排除1"),
    ("exc02_disability", "exc02", "E2", "排除2"),
    ("exc03_malig", "exc03", "E3", "排除3"),
    ("exc04_infect", "exc04", "E4", "排除4"),
    ("exc05_virol", "exc05", "E5", "排除5"),
    ("exc06_preg", "exc06", "E6", "排除6"),
    ("exc07_organ", "exc07", "E7", "排除7"),
)


def look(state: SubjectState, now: datetime) -> Eligibility:
    """Look at every criterion: at the moment of the decision, or as of now while there is none."""
    return _all(Evidence(as_of(state, now)))


def as_of(state: SubjectState, now: datetime) -> FormState:
    """Give the eligibility record; without a decision, as if it were taken now."""
    record = state.form_record(KEY)
    decided = state.value(KEY, Cell("elig_decision")) is not None
    if decided or record.locked:
        return FormState(state, KEY, now)
    return FormState(follow(state, KEY, {Cell("elig_dtm"): now}, now), KEY, now)


def _all(found: Evidence) -> Eligibility:
    view = found.view
    decision = view.value("elig_decision")
    return Eligibility(
        at=found.at,
        is_live=decision is None,
        criteria=tuple(found.criterion(*line) for line in SECTIONS),
        is_borderline=view.value("borderline") == "Y",
        is_confirmed=view.value("borderline_ok") == "Y",
        decision=decision if isinstance(decision, str) else "",
        decided_by=str(view.value("elig_inv") or ""),
        reason=str(view.value("elig_reason") or ""),
        is_signed=any(s.meaning == "eligibility" for s in view.valid_signatures),
        is_eligible=view.value("eligible") == "Y",
        recheck=_recheck(found),
        others=_others(found),
    )


def _others(found: Evidence) -> tuple[Need, ...]:
    """Give what the form still asks for beside criteria and decision."""
    items = [
        f.cell.item
        for f in found.view.findings
        if f.kind == "required" and found.form.section_of[f.cell.item].id in ("header", "recheck")
    ]
    return tuple(found.needs(KEY, *items))


def _recheck(found: Evidence) -> Recheck:
    until = found.view.value("hold_until_dtm")
    done = found.view.value("recheck_dtm")
    ok = found.view.value("recheck_ok")
    holds = None if ok is None else ok == "Y"
    limit = until if isinstance(until, datetime) else None
    started = 1 in found.state.anchors().starts
    is_late = limit is not None and found.now > limit and not started
    fresh = isinstance(done, datetime) and found.now - done <= _gas_hours(found) and holds is True
    decided = found.view.value("elig_decision") == "ELIG"
    return Recheck(
        limit, decided and is_late and not fresh, tuple(_facts_now(found)) if decided else (),
        done if isinstance(done, datetime) else None, holds,
    )  # fmt: skip


def _gas_hours(found: Evidence) -> timedelta:
    return timedelta(hours=int(Decimal(str(found.state.study.parameters["elig_abg_max_age_h"]))))


def _facts_now(found: Evidence) -> Iterator[Fact]:
    """Give what a re-check would find now."""
    then = follow(found.state, KEY, {Cell("recheck_dtm"): found.now}, found.now)
    fresh = FormState(then, KEY, found.now)
    onset = found.value(SCREENING, "ali_onset_dtm")
    until = onset_until(onset, found.now) if onset is not None and not isinstance(onset, Missing) else None
    if until is not None:
        gone = until < found.now
        words = Text("{h} over the limit", "超出 {h}") if gone else Text("{h} left", "剩余 {h}")
        yield Fact(
            Text("Onset, 7 days", "起病7天时限"),
            words.fill(h=hours(abs(until - found.now))),
            "wrong" if gone else "plain",
        )
    ratio, taken = fresh.value("recheck_pf"), fresh.value("recheck_abg_dtm")
    if isinstance(ratio, Number) and isinstance(taken, datetime):
        old = found.now - taken > _gas_hours(found)
        is_in = fresh.value("recheck_pf_in") == "Y"
        words = Text("{x} mmHg, {h} ago", "{x} mmHg，{h}前").fill(
            x=unrounded(ratio.amount), h=hours(found.now - taken)
        )
        yield Fact(
            Text("Latest PaO2/FiO2", "最近一次氧合指数（PaO2/FiO2）"),
            words,
            "wrong" if old or not is_in else "plain",
        )
    tested = found.value(BASELINE, "hcg_dtm")
    if isinstance(tested, datetime) and found.value(BASELINE, "hcg") == "NEG":
        limit = timedelta(hours=int(Decimal(str(found.state.study.parameters["hcg_max_age_h"]))))
        words = Text("{h} old", "已 {h}").fill(h=hours(found.now - tested))
        yield Fact(
            Text("Pregnancy test", "妊娠试验"), words, "wrong" if found.now - tested > limit else "plain"
        )

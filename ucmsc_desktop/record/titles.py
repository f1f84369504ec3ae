"""How a record is named, and what a signature on it decides: "F14 Adverse event no. 2 · probably related, grade 3".

Screen and paper name a record with the same words. It must never show more than the record says: a decision that is not
there is left out. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.study.model import Form, Study
from ucmsc_desktop.study.values import Missing, Value

TERM_MOST = 40  # characters of what a person called an event

_NUMBER = Text("{form} no. {n}", "{form} 第{n}条")
_AGAIN = Text("no. {n}", "第{n}次")
_OF_LOG = Text("no. {n}", "第{n}条")
_INFUSION = Text("infusion {n}", "第{n}次输注")
_DAY = Text("day {n}", "第{n}天")
_COMMA = Text(", ", "，")
_GRADE = Text("grade {n}", "{n}级")
_SERIOUS = {"Y": Text("serious", "严重（SAE）"), "N": Text("not serious", "非严重")}
_NONE_UP_TO = Text("none occurred up to {h} h", "{h}小时内未发生")
_NO_DEVIATION = Text("not a deviation", "不属于方案偏离")
_NO_EVENT = Text("not an adverse event of its own", "不作为独立的不良事件")
_CHECKED = Text("bag {code}", "袋号 {code}")
_ONE_CONFIRMED = {"Y": Text("confirmed", "确认"), "N": Text("not confirmed", "不成立"), "I": Text("cannot be decided", "无法判定")}  # fmt: skip


def log_text(form: Form, n: int) -> Text:
    """Name a record of a log by what it is about: "Deviation no. 1"."""
    return _NUMBER.fill(form=form.short, n=n)


def number_text(form: Form, n: int) -> Text:
    """Say which record of its form one is: "no. 2" of a log, "day 3", "infusion 1"."""
    return {"log": _OF_LOG, "day": _DAY, "infusion": _INFUSION}.get(form.repeat, _AGAIN).fill(n=n)


def record_text(study: Study, key: FormKey) -> Text:
    """Name a record by code, form and place: "F9 Blood gas, Day 7", "F14 Adverse event no. 2"."""
    form = study.forms[key.form]
    match form.repeat:
        case "log":
            named = log_text(form, key.n)
            return Text(f"{key.form} {named.en}", f"{key.form} {named.zh}")
        case "infusion" if key.form == "F7":
            return Text(f"{key.form} {form.short.en} {key.n}", f"{key.form} {_INFUSION.fill(n=key.n).zh}")
        case "infusion" | "day":
            place = number_text(form, key.n)
        case "once":
            return Text(f"{key.form} {form.short.en}", f"{key.form} {form.short.zh}")
        case _:
            visit = study.visit_by_id.get(key.visit)
            place = visit.title if visit is not None else Text(key.visit, key.visit)
            if key.n > 1:
                place = _joined([place, number_text(form, key.n)])
    return _joined([Text(f"{key.form} {form.short.en}", f"{key.form} {form.short.zh}"), place])


def signed_text(view: FormState, meaning: str) -> Text:
    """Say what a signature is put under: participant, record, and for a decision the decision itself."""
    record = record_text(view.state.study, view.key)
    decide = _DECISIONS.get((view.key.form, meaning))
    decided = [t for t in decide(view) if t is not None] if decide is not None else []
    parts = [record, _joined(decided)] if decided else [record]
    return Text(
        " · ".join([view.state.subject, *(p.en for p in parts)]),
        " · ".join([view.state.subject, *(p.zh for p in parts)]),
    )


def _joined(parts: list[Text]) -> Text:
    return Text(_COMMA.en.join(p.en for p in parts), _COMMA.zh.join(p.zh for p in parts))


def _answer(view: FormState, name: str) -> Text | None:
    value = view.value(name)
    if value is None:
        return None
    item = view.form.by_id[name]
    return _small(Text(item.shown(value, "en"), item.shown(value, "zh")), value)


def _small(shown: Text, value: Value) -> Text:
    """Write an answer of a code list as part of a sentence."""
    return Text(shown.en[:1].lower() + shown.en[1:], shown.zh) if isinstance(value, str) else shown


def _answers(*names: str) -> Callable[[FormState], Iterator[Text | None]]:
    return lambda view: (_answer(view, name) for name in names)


def _deviation(view: FormState) -> Iterator[Text | None]:
    if view.value("dv_draft_ok") == "N":
        yield _NO_DEVIATION
        return
    yield from (_answer(view, "dv_cat"), _answer(view, "dv_sev"))


def _eligibility(view: FormState) -> Iterator[Text | None]:
    decided = _answer(view, "elig_decision")
    yield Text(decided.en.capitalize(), decided.zh) if decided is not None else None


def _causality(view: FormState) -> Iterator[Text | None]:
    if view.value("ae_draft_ok") == "N":
        yield _NO_EVENT
        return
    term = view.value("ae_term")
    if isinstance(term, str):
        short = term if len(term) <= TERM_MOST else f"{term[: TERM_MOST - 1]}…"
        yield Text(short, short)
    yield _answer(view, "ae_rel_msc")
    grade = view.value("ae_grade")
    if isinstance(grade, Missing):
        yield _answer(view, "ae_grade")
    elif grade is not None:
        yield _GRADE.fill(n=grade)
    yield _SERIOUS.get(str(view.value("ae_serious")))


def _none(hours: int, view: FormState) -> Iterator[Text | None]:
    yield _NONE_UP_TO.fill(h=hours) if view.value(f"iae_none_{hours}h") == "Y" else None


def _adjudicated(view: FormState) -> Iterator[Text | None]:
    section = view.form.section_of["iae_item"]
    item = view.form.by_id["iae_item"]
    for row in view.rows(section):
        what, judged = view.value("iae_item", row), _ONE_CONFIRMED.get(str(view.value("iae_adjud", row)))
        if isinstance(what, str) and judged is not None:
            yield Text(f"{item.shown(what, 'en')}: {judged.en}", f"{item.shown(what, 'zh')}：{judged.zh}")


def _bag(view: FormState) -> Iterator[Text | None]:
    code = view.value("inf_bag_scan")
    yield _CHECKED.fill(code=code) if isinstance(code, str) else None


_DECISIONS: Mapping[tuple[str, str], Callable[[FormState], Iterator[Text | None]]] = {
    ("F3", "eligibility"): _eligibility,
    ("F7", "verified"): _bag,
    ("F8", "none_occurred_6h"): partial(_none, 6),
    ("F8", "none_occurred_24h"): partial(_none, 24),
    ("F8", "adjudicated"): _adjudicated,
    ("F14", "causality"): _causality,
    ("F15", "reviewed"): _answers("dth_cause_cat", "dth_rel"),
    ("F16", "completion"): _answers("eos_status"),
    ("F17", "reviewed"): _deviation,
}

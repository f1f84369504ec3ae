"""What the records say to each check before an infusion, so that a nurse reads facts and only confirms. Pure.

A fact never answers a check: it is shown beside the question. Where the records contradict a Yes (no valid consent, no
sample and no reason), the Yes is not offered until they no longer do.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from ucmsc_desktop.i18n import Text, show_datetime
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import key_for
from ucmsc_desktop.study.model import round_half_up
from ucmsc_desktop.study.values import Number, PartialDate, Value

State = Literal["ok", "open", "bad", "plain"]

SAMPLE_BEFORE = {1: "BL", 2: "D1", 3: "D2"}
_SIGNS: tuple[tuple[str, Text], ...] = (
    ("ivs_fio2", Text("FiO2", "FiO2")),
    ("ivs_peep", Text("PEEP", "呼气末正压 PEEP")),
    ("ivs_ne_total", Text("noradrenaline µg/min", "去甲肾上腺素 µg/min")),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of evidence."""

    text: Text
    state: State = "plain"


@dataclass(frozen=True, slots=True)
class Known:
    """What stands beside a check, and the record where it can be put right. `may_confirm` False: a Yes would be untrue."""

    facts: tuple[Fact, ...]
    key: FormKey | None = None

    @property
    def may_confirm(self) -> bool:
        return not any(f.state == "bad" for f in self.facts)


def known_of(view: FormState, item: str, name: Callable[[str], str]) -> Known:
    """Give the evidence for a pre-check of F7. `name` gives the printed name of a user."""
    made: dict[str, Callable[[], Known]] = {
        "pre_consent": lambda: _consent(view),
        "pre_elig": lambda: _eligibility(view, name),
        "pre_stable": lambda: _stability(view),
        "pre_preg": lambda: _pregnancy(view),
        "pre_newae": lambda: _events(view),
        "pre_bl_cyt": lambda: _sample(view),
        "pre_bl_abg": lambda: _gas(view),
        "pre_bl_ct": lambda: _scan(view),
    }
    return made[item]() if item in made else Known(())


def _consent(view: FormState) -> Known:
    form = _other(view, "F2", "SCR")
    at, version, active = form.value("consent_dtm"), form.value("icf_version"), form.value("consent_active")
    facts = []
    if isinstance(at, datetime) and version is not None:
        who = _shown(form, "consent_by")
        facts.append(
            Fact(
                Text("Version {v}, signed {at} by {who}", "版本 {v}，{at} 由{who}签署").fill(
                    v=str(version), at=_when(at), who=who
                ),
                "ok" if active == "Y" and _is_over(form, view.now) is None else "plain",
            )
        )
    if active != "Y":
        facts.append(Fact(Text("No active consent on form F2", "F2 中无有效知情同意"), "bad"))
    elif (ended := _is_over(form, view.now)) is not None:
        lapsed = Text(
            "Consent ended {at}: sign the version in force", "知情同意已于 {at} 失效，须签署现行版本"
        )
        facts.append(Fact(lapsed.fill(at=_when(ended)), "bad"))
    elif form.value("withdrawn") != "Y":
        facts.append(Fact(Text("Not withdrawn", "未撤回"), "ok"))
    given = form.value("copy_given_dtm")
    if isinstance(given, datetime):
        facts.append(Fact(Text("Copy given {at}", "副本于 {at} 交付").fill(at=_when(given)), "ok"))
    return Known(tuple(facts), form.key)


def _is_over(form: FormState, now: datetime) -> datetime | None:
    """Give when the consent ended, where it has: the version signed may lapse on a day without any entry."""
    ended = form.value("consent_end_dtm")
    return ended if isinstance(ended, datetime) and ended <= now else None


def _eligibility(view: FormState, name: Callable[[str], str]) -> Known:
    form = _other(view, "F3", "SCR")
    facts = []
    if form.value("eligible") == "Y" and form.value("elig_decision") == "ELIG":
        at = form.value("elig_dtm")
        when = _when(at) if isinstance(at, datetime) else Text("", "")
        facts.append(Fact(Text("Decided eligible {at}", "{at} 判定合格").fill(at=when), "ok"))
    else:
        facts.append(Fact(Text("Not declared eligible on form F3", "F3 尚未判定合格"), "bad"))
    signed = [s for s in form.valid_signatures if s.meaning == "eligibility"]
    if signed:
        last = signed[-1]
        words = Text("Signed by {who} {at}", "{who} 于 {at} 签名").fill(
            who=name(last.user), at=_when(last.at)
        )
        facts.append(Fact(words, "ok"))
    else:
        facts.append(Fact(Text("The eligibility signature is missing", "缺少入选资格签名"), "open"))
    return Known(tuple(facts), form.key)


def _stability(view: FormState) -> Known:
    rows = [
        (at, r)
        for r in view.rows(next(s for s in view.form.sections if s.id == "flow"))
        if isinstance(at := view.value("ivs_dtm", r), datetime)
    ]
    rows.sort()
    facts = []
    for item, title in _SIGNS:
        amounts = [(at, n) for at, r in rows if (n := _amount(view, item, r)) is not None]
        if not amounts or (item == "ivs_ne_total" and not any(n for _at, n in amounts)):
            continue
        words = ", ".join(f"{at:%H:%M} {_short(n)}" for at, n in amounts[-3:])
        rose = len(amounts) > 1 and amounts[-1][1] > amounts[0][1]
        facts.append(Fact(Text(f"{title.en}: {words}", f"{title.zh}：{words}"), "open" if rose else "plain"))
    if not rows:
        facts.append(Fact(Text("No vital signs recorded yet today", "今日尚无生命体征记录"), "open"))
    gas = _latest_gas(view)
    if gas is not None:
        facts.append(gas)
    return Known(tuple(facts), None)


def _latest_gas(view: FormState) -> Fact | None:
    found = []
    for key in view.state.keys("F9"):
        form = FormState(view.state, key, view.now)
        at, fio2 = form.value("abg_collect_dtm"), _amount(form, "abg_fio2", 0)
        if isinstance(at, datetime) and fio2 is not None:
            found.append((at, fio2, _amount(form, "pf", 0)))
    if not found:
        return None
    at, fio2, ratio = max(found, key=lambda f: f[0])
    tail = f", PaO2/FiO2 {round_half_up(ratio, 0)}" if ratio is not None else ""
    words = Text("Last blood gas {at}: FiO2 {f}{tail}", "最近血气 {at}：FiO2 {f}{tail}")
    return Fact(words.fill(at=_when(at), f=_short(fio2), tail=tail))


def _pregnancy(view: FormState) -> Known:
    form = _other(view, "F5", "BL")
    sex = view.state.value(FormKey("F1", "SCR"), Cell("sex"))
    if sex == "M":
        return Known((Fact(Text("Male", "男性"), "ok"),), form.key)
    result, at, status = form.value("hcg"), form.value("hcg_dtm"), form.value("fem_status")
    facts = []
    if status is not None:
        facts.append(Fact(_shown(form, "fem_status"), "plain" if status == "POT" else "ok"))
    if result is not None:
        limit = int(str(view.state.study.parameters["hcg_max_age_h"]))
        old = isinstance(at, datetime) and (view.now - at).total_seconds() > limit * 3600
        when = _when(at) if isinstance(at, datetime) else Text("time not recorded", "时间未记录")
        state: State = "bad" if result == "POS" else ("open" if old or result != "NEG" else "ok")
        words = Text("hCG {result}, {at}", "hCG {result}，{at}").fill(result=_shown(form, "hcg"), at=when)
        facts.append(Fact(words, state))
        if old:
            facts.append(Fact(Text(f"Older than {limit} h", f"已超过 {limit} 小时"), "open"))
    elif status in (None, "POT"):
        facts.append(Fact(Text("No hCG recorded on form F5", "F5 未记录 hCG"), "open"))
    return Known(tuple(facts), form.key)


def _events(view: FormState) -> Known:
    facts = []
    for key in view.state.keys("F14"):
        form = FormState(view.state, key, view.now)
        term = form.value("ae_term")
        if term is None:
            continue
        grade, related = form.value("ae_grade"), form.value("ae_rel_msc")
        parts = [Text(f"{key.n}. {term}", f"{key.n}. {term}")]
        if grade is not None:
            parts.append(Text(f"grade {grade}", f"{grade} 级"))
        if related is not None:
            parts.append(_shown(form, "ae_rel_msc"))
        if form.value("ae_ongoing") == "Y":
            parts.append(Text("ongoing", "未结束"))
        text = Text(", ".join(p.en for p in parts), "，".join(p.zh for p in parts))
        facts.append(Fact(text, "open" if grade in ("3", "4", "5") else "plain"))
    if not facts:
        facts.append(Fact(Text("No adverse event recorded so far", "目前无不良事件记录"), "plain"))
    return Known(tuple(facts), None)


def _sample(view: FormState) -> Known:
    visit = SAMPLE_BEFORE.get(view.key.n)
    if visit is None:
        return Known((Fact(Text("No sample is planned before this dose", "本次输注前无计划采样"), "ok"),))
    form = _other(view, "F10", visit)
    title = view.state.study.visit_by_id[visit].title
    if form.value("cyt_done") == "Y":
        at = form.value("cyt_collect_dtm")
        when = _when(at) if isinstance(at, datetime) else Text("time not recorded", "时间未记录")
        label = form.value("cyt_label_id")
        tail = f", {label}" if isinstance(label, str) else ""
        words = Text("{visit}: drawn {at}{tail}", "{visit}：{at} 已采{tail}").fill(
            visit=title, at=when, tail=tail
        )
        return Known((Fact(words, "ok" if isinstance(at, datetime) else "open"),), form.key)
    if form.value("cyt_nd_reason") is not None:
        words = Text("{visit}: not drawn, {why}", "{visit}：未采，{why}")
        return Known((Fact(words.fill(visit=title, why=_shown(form, "cyt_nd_reason")), "open"),), form.key)
    words = Text("{visit}: neither drawn nor a reason on form F10", "{visit}：F10 既无采样也无未采原因")
    return Known((Fact(words.fill(visit=title), "bad"),), form.key)


def _gas(view: FormState) -> Known:
    form = _other(view, "F9", "BL")
    at, ratio = form.value("abg_collect_dtm"), _amount(form, "pf", 0)
    if isinstance(at, datetime):
        tail = Text("", "")
        if ratio is not None:
            n = round_half_up(ratio, 0)
            tail = Text(f", PaO2/FiO2 {n}", f"，PaO2/FiO2 {n}")
        return Known(
            (Fact(Text("Taken {at}{tail}", "{at} 已采{tail}").fill(at=_when(at), tail=tail), "ok"),), form.key
        )
    return Known((_not_done(form, "abg_done", "abg_nd_reason", "F9"),), form.key)


def _scan(view: FormState) -> Known:
    form = _other(view, "F11", "BL")
    at = form.value("ct_dtm")
    if isinstance(at, datetime):
        return Known((Fact(Text("Done {at}", "{at} 已完成").fill(at=_when(at)), "ok"),), form.key)
    return Known((_not_done(form, "ct_done", "ct_nd_reason", "F11"),), form.key)


def _not_done(form: FormState, done: str, why: str, name: str) -> Fact:
    if form.value(done) == "N" and form.value(why) is not None:
        return Fact(Text("Not done: {why}", "未做：{why}").fill(why=_shown(form, why)), "open")
    return Fact(Text(f"Not recorded on form {name}", f"{name} 未记录"), "bad")


# --- reading --------------------------------------------------------------------------------------------------


def _other(view: FormState, form: str, visit: str) -> FormState:
    return FormState(view.state, key_for(view.state.study.forms[form], visit), view.now)


def _shown(form: FormState, item: str) -> Text:
    value: Value | None = form.value(item)
    if value is None:
        return Text("?", "？")
    found = form.form.by_id[item]
    return Text(found.shown(value, "en"), found.shown(value, "zh"))


def _amount(form: FormState, item: str, row: int) -> Decimal | None:
    value = form.value(item, row)
    return value.amount if isinstance(value, Number) and value.op == "=" else None


def _short(number: Decimal) -> str:
    return format(
        number.normalize() if number != number.to_integral_value() else number.quantize(Decimal(1)), "f"
    )


def _when(moment: datetime | PartialDate) -> Text:
    if isinstance(moment, datetime):
        return Text(show_datetime(moment, "en"), show_datetime(moment, "zh"))
    return Text(str(moment), str(moment))

"""Advice to stop or pause an infusion, read from one row of vital signs against T0. Advice, never an action.

Only a person stops an infusion; each piece of advice says by which rule it speaks and what was seen. The limits are
parameters of the study. Source: the stopping examples of the protocol default, to be confirmed by the investigator. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import base_amount
from ucmsc_desktop.study.values import Number, Value

Level = Literal["stop", "pause"]

_LETHAL = ("VT", "VF", "ASYS")
_AIRWAY = ("WHEEZE", "CHESTPAIN")
_SKIN = ("RASH", "FLUSH", "ITCH")
_VERB: dict[Level, Text] = {
    "stop": Text("stop is advised", "建议停止输注"),
    "pause": Text("pause is advised", "建议暂停输注"),
}


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice: what to do, by which rule, what was seen, and the items it rests on."""

    level: Level
    rule: Text
    seen: Text
    items: tuple[str, ...]

    def words(self) -> Text:
        """Say it whole: "SBP < 80 mmHg (76): stop is advised"."""
        return Text("{rule} ({seen}): {verb}", "{rule}（{seen}）：{verb}").fill(
            rule=self.rule, seen=self.seen, verb=_VERB[self.level]
        )


def advice_for(view: FormState, row: int) -> tuple[Advice, ...]:
    """Give the advice that a row of vital signs calls for, the gravest first. Missing values call for nothing."""
    found = [*_pressure(view, row), *_oxygen(view, row), *_rhythm(view, row), *_symptoms(view, row)]
    return tuple(sorted(found, key=lambda a: a.level != "stop"))


def alarming_items(view: FormState, row: int) -> frozenset[str]:
    """Give the items of a row that advice rests on."""
    return frozenset(item for advice in advice_for(view, row) for item in advice.items)


def _pressure(view: FormState, row: int) -> Iterator[Advice]:
    now, before = amount(view, "ivs_sbp", row), _at_reference(view, "ivs_sbp", row)
    low, fall = _limit(view, "advise_sbp_low"), _limit(view, "advise_sbp_fall_pct")
    if now is None:
        return
    if now < low:
        rule = Text(f"SBP below {low} mmHg", f"收缩压低于 {low} mmHg")
        yield Advice("stop", rule, Text(f"{now}", f"{now}"), ("ivs_sbp",))
    elif before is not None and before > 0 and (before - now) * 100 >= fall * before:
        rule = Text(
            f"SBP down by {fall} % or more and not corrected within 5 min",
            f"收缩压下降 ≥ {fall} % 且 5 分钟内未纠正",
        )
        yield Advice("stop", rule, Text(f"{before} → {now}", f"{before} → {now}"), ("ivs_sbp",))


def _oxygen(view: FormState, row: int) -> Iterator[Advice]:
    now, before = amount(view, "ivs_spo2", row), _at_reference(view, "ivs_spo2", row)
    low, fall = _limit(view, "advise_spo2_low"), _limit(view, "advise_spo2_fall")
    if now is None:
        return
    if now < low:
        rule = Text(f"SpO2 below {low} %", f"SpO2 低于 {low} %")
        yield Advice("stop", rule, Text(f"{now} %", f"{now} %"), ("ivs_spo2",))
        return
    fio2, fio2_before = amount(view, "ivs_fio2", row), _at_reference(view, "ivs_fio2", row)
    raised = fio2 is not None and fio2_before is not None and fio2 > fio2_before
    if before is not None and raised and before - now >= fall:
        rule = Text(
            f"SpO2 down by {fall} points or more with FiO2 raised",
            f"FiO2 上调后 SpO2 仍下降 ≥ {fall} 个百分点",
        )
        yield Advice("stop", rule, Text(f"{before} → {now}", f"{before} → {now}"), ("ivs_spo2", "ivs_fio2"))


def _rhythm(view: FormState, row: int) -> Iterator[Advice]:
    code = view.value("ivs_rhythm", row)
    reference = reference_row(view)
    before = view.value("ivs_rhythm", reference) if reference is not None else None
    arrest = amount(view, "ivs_hr", row) == 0
    if (code in _LETHAL and code != before) or arrest:
        seen = _shown(view, "ivs_rhythm", code) if code in _LETHAL else Text("no pulse", "无脉搏")
        rule = Text("New VT, VF or arrest", "新发室速、室颤或心搏停止")
        yield Advice("stop", rule, seen, ("ivs_rhythm", "ivs_hr"))


def _symptoms(view: FormState, row: int) -> Iterator[Advice]:
    fresh = new_symptoms(view, row)
    if not fresh:
        return
    shown = _shown(view, "ivs_symptoms", tuple(fresh))
    items = ("ivs_symptoms",)
    sbp = amount(view, "ivs_sbp", row)
    fallen = sbp is not None and sbp < _limit(view, "iae_sbp_low")
    airway = any(c in fresh for c in ("WHEEZE", "DYSPNOEA"))
    if any(c in fresh for c in _SKIN) and (airway or fallen):
        rule = Text(
            "Skin signs with airway or pressure: anaphylaxis?", "皮肤表现伴气道或血压改变，疑似严重过敏反应"
        )
        yield Advice("stop", rule, shown, items)
    elif any(c in fresh for c in _AIRWAY):
        rule = Text("Wheeze, stridor or chest pain", "喘鸣、喉鸣或胸痛")
        yield Advice("stop", rule, shown, items)
    else:
        yield _milder(view, row, fresh, shown)


def _milder(view: FormState, row: int, fresh: tuple[str, ...], shown: Text) -> Advice:
    rise = _limit(view, "advise_temp_rise_c")
    now, before = amount(view, "ivs_temp", row), _at_reference(view, "ivs_temp", row)
    if "CHILLS" in fresh and now is not None and before is not None and now - before >= rise:
        rule = Text(f"Temperature up by {rise} °C or more with rigors", f"体温升高 ≥ {rise} °C 伴寒战")
        return Advice(
            "pause", rule, Text(f"{before} → {now}", f"{before} → {now}"), ("ivs_temp", "ivs_symptoms")
        )
    if set(fresh) <= {"RASH", "ITCH"}:
        return Advice("pause", Text("Urticaria only", "仅有荨麻疹"), shown, ("ivs_symptoms",))
    rule = Text("A new symptom, if it is grade 2 or more", "新发症状，如达 2 级及以上")
    return Advice("pause", rule, shown, ("ivs_symptoms",))


def new_symptoms(view: FormState, row: int) -> tuple[str, ...]:
    """Give the symptoms of a row that were not there at T0."""
    now = view.value("ivs_symptoms", row)
    reference = reference_row(view)
    before = view.value("ivs_symptoms", reference) if reference is not None else None
    had = before if isinstance(before, tuple) else ()
    return tuple(c for c in now if c != "NONE" and c not in had) if isinstance(now, tuple) else ()


def reference_row(view: FormState, point: str = "T0") -> int | None:
    """Give the row of a reference point; None where it was not recorded."""
    section = next(s for s in view.form.sections if s.id == "flow")
    return next((r for r in view.rows(section) if view.value("ivs_point", r) == point), None)


def reference_for(view: FormState, item: str) -> int | None:
    """Give the row that an item is compared with: PRE15 for temperature, T0 for everything else."""
    return reference_row(view, "PRE15" if item == "ivs_temp" else "T0")


def amount(view: FormState, item: str, row: int) -> Decimal | None:
    """Give a number of a row in base units. Missing: None for no value, a gap, or < and >."""
    value = view.value(item, row)
    if not isinstance(value, Number) or value.op != "=":
        return None
    return base_amount(view.form.by_id[item], value)


def _at_reference(view: FormState, item: str, row: int) -> Decimal | None:
    reference = reference_for(view, item)
    return None if reference is None or reference == row else amount(view, item, reference)


def _limit(view: FormState, name: str) -> Decimal:
    return Decimal(str(view.state.study.parameters[name]))


def _shown(view: FormState, item: str, value: Value | None) -> Text:
    found = view.form.by_id[item]
    return Text("", "") if value is None else Text(found.shown(value, "en"), found.shown(value, "zh"))

"""The mistakes made with blood gases and cytokine samples, each caught while it is typed, in words that help.

One row a mistake: what stood there before, the one answer that is wrong, its neighbour that is right, the check that
catches it and words that must stand in both languages. `how`: refused (no such value is saved), stopped (the answer is
not taken), asked (taken once confirmed), shown (taken, and stays open beside the answer).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

import pytest

from ucmsc_desktop.errors import ConfirmNeeded, StepBlocked, ValueRefused
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record import entry
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.facts import SubjectRecord
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.readings import both_readings, other_units
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.model import Form, Role
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.study.values import Number, Value

How = Literal["refused", "stopped", "asked", "shown"]
Given = Mapping[str, str | list[str]]
NOW = datetime.fromisoformat("2026-03-02T12:00+08:00")


@dataclass(frozen=True)
class Catch:
    """A mistake. `before`, `others`: what stood there; `row`: the answer stands in the first row of a table."""

    mistake: str
    check: str  # "" where the value itself is refused
    how: How
    wrong: tuple[str, str | list[str]]
    right: str | list[str]
    en: tuple[str, ...]
    zh: tuple[str, ...]
    before: Given = field(default_factory=dict)
    others: Mapping[str, Given] = field(default_factory=dict)
    row: int = 0
    key: FormKey | None = None  # the gas of D2
    role: Role = "nurse"


GAS: Given = {"abg_done": "Y", "abg_collect_dtm": "2026-03-02T11:30+08:00", "abg_vessel": "ART"}
LAST: Mapping[str, Given] = {
    "F9/BL/1": {
        "abg_done": "Y", "abg_collect_dtm": "2026-03-01T07:00+08:00", "abg_vessel": "ART", "abg_ph": "7.38",
        "abg_pao2": "80", "abg_fio2": "0.33", "abg_paco2": "36", "abg_hb": "120",
    },
}  # fmt: skip

D2 = FormKey("F9", "D2")
GASES = (
    # (a) kPa typed as mmHg
    Catch("a: PaO2 of a slip in kPa, possible in mmHg", "F9.kpa", "shown", ("abg_pao2", "24"), "27",
          ("24 mmHg", "choose kPa"), ("24 mmHg", "请改选 kPa"), GAS),
    Catch("a: PaO2 of a slip in kPa, impossible in mmHg", "", "refused", ("abg_pao2", "8.5"), "8.5 kPa",
          ("8.5 kPa = 63.8 mmHg", "choose kPa"), ("8.5 kPa = 63.8 mmHg", "请选择 kPa"), GAS),
    Catch("a: PaCO2 of a slip in kPa", "F9.kpa_co2", "shown", ("abg_paco2", "5.3"), "5.3 kPa",
          ("5.3 mmHg", "choose kPa"), ("5.3 mmHg", "请改选 kPa"), GAS),
    # (b) per cent typed as a fraction, or the other way round
    Catch("b: 40 beside fraction", "", "refused", ("abg_fio2", "40"), "40 %",
          ("choose %", "40 % = 0.400"), ("请选择 %", "40 % = 0.400"), GAS),
    Catch("b: 0.40 beside %", "", "refused", ("abg_fio2", "0.40 %"), "0.40",
          ("0.40 (fraction)",), ("0.40（小数）",), GAS),
    Catch("b: 1 beside %, meant as pure oxygen", "", "refused", ("abg_fio2", "1 %"), "100 %",
          ("1 (fraction) = 100 %",), ("1（小数） = 100 %",), GAS),
    Catch("b: 1.01 to 20.99 is neither", "", "refused", ("abg_fio2", "15"), "0.21",
          ("0.21",), ("0.21",), GAS),
    Catch("b: PaO2/FiO2 outside 40 to 600", "X15", "shown", ("abg_fio2", "0.21"), "0.40",
          ("outside 40 to 600", "fraction or a percentage"), ("超出40–600", "小数还是百分数"),
          {**GAS, "abg_pao2": "130"}),
    # (c) the FiO2 of the order, or one that was just changed
    Catch("c: FiO2 other than on the flow sheet", "X13", "shown", ("abg_fio2", "0.50"), "0.49",
          ("0.50", "not the order"), ("0.50", "不以医嘱为准"), GAS,
          {"F7/D1/2": {"ivs_point.1": "T0", "ivs_dtm.1": "2026-03-02T11:00+08:00", "ivs_fio2.1": "0.40"}}),
    Catch("c: settings changed within 20 minutes", "F9.steady", "asked", ("abg_steady20", "N"), "Y",
          ("20 minutes", "repeated"), ("20分钟", "复查"), GAS),
    # (d) venous blood
    Catch("d: PaO2 below 45 with a good SpO2", "F9.venous", "shown", ("abg_pao2", "44"), "45",
          ("arterial?", "44 mmHg", "93 %"), ("是否为动脉血", "44 mmHg", "重采"), {**GAS, "abg_spo2": "93"}),
    Catch("d: SaO2 more than 5 below SpO2", "F9.venous_sat", "shown", ("abg_sao2", "87.9"), "88",
          ("arterial?", "87.9 %"), ("是否为动脉血", "87.9 %"), {**GAS, "abg_pao2": "60", "abg_spo2": "93"}),
    Catch("d: PaCO2 6 above the last gas", "F9.pco2_rise", "asked", ("abg_paco2", "42"), "41.9",
          ("6 mmHg or more", "arterial"), ("升高≥6 mmHg", "动脉血"), GAS, LAST),
    # (e) air in the syringe, a leak
    Catch("e: PaO2 above the alveolar value", "X15.air", "shown", ("abg_pao2", "104.8"), "104.7",
          ("Air in the syringe", "draw again"), ("气泡", "重新采样"),
          {**GAS, "abg_fio2": "0.21", "abg_paco2": "40"}),
    Catch("e: PaO2/FiO2 more than doubled", "F9.pf_jump", "asked", ("abg_pao2", "160.1"), "160",
          ("doubled or halved", "air in the syringe"), ("气泡", "一倍以上"), {**GAS, "abg_fio2": "0.33"}, LAST),
    Catch("e: a bubble seen", "F9.quality", "shown", ("abg_sample_q", ["BUBBLE"]), ["OK"],
          ("Repeat it if possible",), ("尽可能重采",), GAS),
    # (f) the time of the slip taken for the time of the draw
    Catch("f: analysed before it was drawn", "F9.order", "stopped", ("abg_analysis_dtm", "2026-03-02T11:29+08:00"),
          "2026-03-02T11:31+08:00", ("time printed on the slip",), ("报告单打印时间",), GAS),
    Catch("f: drawn after it was analysed", "F9.order", "stopped", ("abg_collect_dtm", "2026-03-02T11:45+08:00"),
          "2026-03-02T11:35+08:00", ("drawn, analysed, result",), ("采样、上机、回报",),
          {"abg_done": "Y", "abg_analysis_dtm": "2026-03-02T11:40+08:00"}),
    Catch("f: both times are one", "F9.same_time", "asked", ("abg_analysis_dtm", "2026-03-02T11:30+08:00"),
          "2026-03-02T11:31+08:00", ("same minute",), ("同一分钟",), GAS),
    Catch("f: more than 30 minutes to the analyser", "F9.delay30", "shown",
          ("abg_analysis_dtm", "2026-03-02T12:01+08:00"), "2026-03-02T12:00+08:00",
          ("31 min", "how the sample was kept"), ("31 分钟", "标本保存方式"), GAS),
    # (g) another patient's slip
    Catch("g: another ID on the slip", "F9.swap_id", "shown", ("abg_slip_id4", "7319"), "7391",
          ("not this participant's hospital number", "find the right slip"), ("住院号", "请勿录入"), GAS,
          {"F1/SCR/1": {"hosp_no": "DEMO-00 7391"}}),
    Catch("g: a result typed from the slip with another ID", "F9.swap_id", "stopped", ("abg_ph", "7.40"), "",
          ("Do not enter the values",), ("请勿录入结果",), {**GAS, "abg_slip_id4": "7319"},
          {"F1/SCR/1": {"hosp_no": "DEMO-00 7391"}}),
    Catch("g: the slip is not the wristband's", "F9.swap", "stopped", ("abg_pao2", "80"), "",
          ("find the right slip",), ("找到正确的报告单",), {**GAS, "abg_slip_id_ok": "N"}),
    Catch("g: pH jumps", "F9.jump", "shown", ("abg_ph", "7.18"), "7.19",
          ("7.18", "this patient's"), ("7.18", "是否为本患者"), GAS, LAST),
    Catch("g: haemoglobin jumps", "F9.jump_hb", "shown", ("abg_hb", "90"), "91",
          ("90 g/L", "this patient's"), ("90 g/L", "是否为本患者"), GAS, LAST),
    # (h) numbers that contradict each other
    Catch("h: pH 7.23 typed for 7.32 (V41)", "F9.hco3", "shown", ("abg_ph", "7.23"), "7.32",
          ("26.2", "21.3 mmol/L", "standard (SB)"), ("26.2", "21.3 mmol/L", "标准碳酸氢根"),
          {**GAS, "abg_paco2": "52", "abg_hco3": "26.2"}),
    # (i) values at the patient's temperature
    Catch("i: temperature-corrected values", "F9.tempcorr", "shown", ("abg_tempcorr", "Y"), "N",
          ("37 °C",), ("37°C", "未校正"), GAS),
    # (j) slips of the decimal point
    Catch("j: pH 74", "", "refused", ("abg_ph", "74"), "7.4", ("was 7.4 meant",), ("是否应为 7.4",), GAS),
    Catch("j: pH 74.0", "", "refused", ("abg_ph", "74.0"), "7.40", ("was 7.40 meant",), ("是否应为 7.40",), GAS),
    Catch("j: PaO2 8.5 for 85", "", "refused", ("abg_pao2", "8.5"), "85",
          ("was 85 mmHg meant",), ("是否应为 85 mmHg",), GAS),
    Catch("j: PaO2 850 for 85", "", "refused", ("abg_pao2", "850"), "85.0",
          ("was 85.0 mmHg meant",), ("是否应为 85.0 mmHg",), GAS),
)  # fmt: skip

ONE: Mapping[str, Given] = {
    "F7/D0/1": {"inf_start_dtm": "2026-03-01T08:30+08:00", "inf_end_dtm": "2026-03-01T09:30+08:00"},
}
D1 = FormKey("F10", "D1")
SIX = FormKey("F10", "6H")
DRAWN: Given = {"cyt_done": "Y", "cyt_collect_dtm": "2026-03-02T08:00+08:00"}
BEFORE: Mapping[str, Given] = {
    "F10/BL/1": {
        "cyt_done": "Y", "cyt_collect_dtm": "2026-03-01T08:00+08:00", "cyt_tube": "EDTA", "cyt_draw_site": "VENI",
        "cyt_label_id": "01-001-BL-0", "aliq_id.1": "01-001-D1-1", "il_done": "Y", "il6_value": "61",
        "il8_value": "61", "cyt_assay": "ECLIA", "cyt_kit_lot": "KIT-1",
    },
}  # fmt: skip
RESULT: Given = {**DRAWN, "cyt_label_id": "01-001-D1-0", "il_done": "Y", "cyt_report_id": "01-001-D1-0"}


DRAWS = (
    Catch("nominal time copied twice", "F10.nominal_copied", "shown",
        ("cyt_collect_dtm", "2026-03-02T08:30+08:00"), "2026-03-02T08:31+08:00",
        ("planned minute", "really drawn"), ("计划时间", "实际采血时间"), {"cyt_done": "Y"},
        {**ONE, "F10/6H/1": {"cyt_done": "Y", "cyt_collect_dtm": "2026-03-01T15:30+08:00"}}),
    Catch("drawn from the line of the infusion", "F10.infusion_line", "shown", ("cyt_inf_line", "Y"), "N",
        ("other side",), ("从对侧重新采血",)),
    Catch("another tube than before: no reason", "F10.tube_reason", "shown", ("cyt_tube", "SERUM"), "EDTA",
        ("give the reason", "serum and heparin"), ("填写原因", "肝素"), others=BEFORE),
    Catch("another tube than before: asked at once", "F10.not_edta", "asked", ("cyt_tube", "HEPARIN"), "EDTA",
        ("purple", "EDTA tube too"), ("紫色", "补采EDTA"), others=BEFORE),
    Catch("another tube than before: results cannot be compared", "X23", "shown", ("cyt_tube", "CITRATE"), "EDTA",
        ("Citrate (blue)", "same tube"), ("枸橼酸钠", "同一种采血管"), others=BEFORE),
    Catch("another draw site than before", "X23.site", "shown", ("cyt_draw_site", "ALINE"), "VENI",
        ("Arterial line", "say in the remark"), ("动脉置管", "备注"), others=BEFORE),
    Catch("centrifuged after more than two hours", "X24", "shown",
        ("cyt_spin_dtm", "2026-03-02T10:01+08:00"), "2026-03-02T10:00+08:00",
        ("121 min", "limit is 120 min"), ("121 分钟", "上限为120分钟")),
    Catch("centrifuged after more than one hour", "F10.spin60", "asked",
        ("cyt_spin_dtm", "2026-03-02T09:01+08:00"), "2026-03-02T09:00+08:00",
        ("61 min", "60 min is the aim"), ("61 分钟", "宜≤60分钟")),
    Catch("held at room temperature", "F10.room_temperature", "shown", ("cyt_hold_cond", "RT"), "ICE",
        ("room temperature", "on ice"), ("室温", "冰浴"), {**DRAWN, "cyt_spin_dtm": "2026-03-02T08:31+08:00"}),
    Catch("at room temperature, told while the tube can still be cooled", "F10.room_temperature_now", "asked",
        ("cyt_hold_cond", "RT"), "FRIDGE", ("on ice now",), ("立即冰浴",)),
    Catch("haemolysis 2", "X24.haemolysis", "shown", ("cyt_hemolysis", "2"), "1",
        ("Haemolysis 2", "Draw again"), ("溶血 2 级", "重新采血")),
    Catch("frozen more than an hour after centrifugation", "X24.freeze", "shown",
        ("cyt_freeze_dtm", "2026-03-02T09:21+08:00"), "2026-03-02T09:20+08:00",
        ("61 min", "limit is 60 min"), ("61 分钟", "上限为60分钟"),
        {**DRAWN, "cyt_spin_dtm": "2026-03-02T08:20+08:00"}),
    Catch("labels swapped: the D1 sample has the time of the 6 h sample", "F10.swapped", "shown",
        ("cyt_collect_dtm", "2026-03-01T15:30+08:00"), "2026-03-02T08:20+08:00",
        ("window of 6 h", "not of Day 1"), ("“6小时”", "而非“第1天"), {"cyt_done": "Y"}),
    Catch("labels swapped: the 6 h sample has the time of the D1 sample", "F10.swapped", "shown",
        ("cyt_collect_dtm", "2026-03-02T08:20+08:00"), "2026-03-01T15:30+08:00",
        ("window of Day 1", "not of 6 h"), ("“第1天”", "而非“首次输注结束后6小时”"), {"cyt_done": "Y"}, key=SIX),
    Catch("a D1 sample that carries the date of D2", "F10.swapped", "shown",
        ("cyt_collect_dtm", "2026-03-03T08:20+08:00"), "2026-03-02T08:20+08:00",
        ("window of Day 2", "check date and hour"), ("“第2天”", "核对日期和钟点"), {"cyt_done": "Y"}),
    Catch("the tube of another time-point", "F10.label_point", "stopped",
        ("cyt_label_id", "01-001-6H-0"), "01-001-D1-0",
        ("01-001-6H-0", "tube in your hand"), ("01-001-6H-0", "手中采血管")),
    Catch("the tube of another participant", "F10.label_point", "stopped",
        ("cyt_label_id", "01-002-D1-0"), "01-001-D1-0", ("another participant",), ("其他受试者",)),
    Catch("one barcode on two aliquots", "F10.aliquot_twice", "stopped", ("aliq_id", "01-001-D1-1"), "01-001-D1-2",
        ("01-001-D1-1", "already used"), ("01-001-D1-1", "已被使用"), others=BEFORE, row=1),
    Catch("the aliquot of another participant", "F10.aliquot_point", "stopped",
        ("aliq_id", "01-002-D1-2"), "01-001-D1-2", ("Put this aliquot aside",), ("单独放置",), row=1),
)  # fmt: skip
RESULTS = (
    Catch("<1.5 typed as 1.5", "F10.il6_range", "shown", ("il6_value", "1.5"), "<1.5",
        ("at or below the lower limit", "enter the sign <"), ("定量下限", "连同符号"), {**RESULT, "il6_lloq": "1.5"}),
    Catch("<1.5 typed as 1.5, told by the sign", "F10.il6_sign", "shown", ("il6_op", "LT"), "EQ",
        ("not as 1.5",), ("不能填1.5",), {**RESULT, "il6_value": "1.5"}),
    Catch("IL-8 <2 typed as 2", "F10.il8_range", "shown", ("il8_value", "2"), "<2",
        ("at or below the lower limit",), ("定量下限",), {**RESULT, "il8_lloq": "2"}),
    Catch("ng/mL typed as pg/mL", "F10.il6_unit", "shown", ("il6_value", "0.06"), "0.06 ng/mL",
        ("0.06 pg/mL", "choose ng/mL"), ("0.06 pg/mL", "请改选 ng/mL")),
    Catch("IL-8 in ng/mL typed as pg/mL", "F10.il8_unit", "shown", ("il8_value", "0.99"), "1",
        ("choose ng/mL",), ("请改选 ng/mL",)),
    Catch("ng/mL typed as pg/mL after a plateau", "F10.il6_unit", "shown", ("il6_value", "0.06"), "0.06 ng/mL",
        ("choose ng/mL",), ("请改选 ng/mL",), others={
            "F10/BL/1": {**BEFORE["F10/BL/1"], "il6_value": ">5000", "il6_op": "GT"}}),
    Catch("the result of another participant", "F10.report_id", "stopped",
        ("cyt_report_id", "01-002-D1-0"), "01-001-D1-0",
        ("01-002-D1-0", "do not enter these values"), ("01-002-D1-0", "请勿在此录入"),
        {**DRAWN, "cyt_label_id": "01-001-D1-0", "il_done": "Y"}),
    Catch("the result of another time-point", "F10.report_id", "stopped",
        ("cyt_report_id", "01-001-D2-0"), "01-001-D1-0", ("time-point must both match",), ("时间点均须一致",),
        {**DRAWN, "cyt_label_id": "01-001-D1-0", "il_done": "Y"}),
    Catch("a result before anybody looked whose it is", "F10.report_first", "stopped", ("il6_value", "12"), "",
        ("barcode of the report first",), ("先扫描或录入",), {**DRAWN, "il_done": "Y"}),
    Catch("a result before anybody said that there is one", "F10.report_first", "stopped", ("il8_value", "12"), "",
        ("barcode of the report first",), ("先扫描或录入",), DRAWN),
    Catch("a plateau that was not diluted", "F10.il6_plateau", "shown", ("il6_op", "GT"), "EQ",
        (">5000 pg/mL", "dilute and repeat"), (">5000 pg/mL", "稀释后复测"), {**RESULT, "il6_value": ">5000"}),
    Catch("a plateau typed without its sign", "F10.il6_top", "shown", ("il6_value", "5000"), "4999",
        ("upper limit", "diluted and repeated"), ("定量上限", "稀释后复测"),
        {**RESULT, "il6_uloq": "5000", "il6_dil": "1"}),
    Catch("an IL-8 plateau that was not diluted", "F10.il8_plateau", "shown", ("il8_dil", "1"), "10",
        ("plateau of the assay",), ("平台值",), {**RESULT, "il8_value": ">10000", "il8_op": "GT"}),
    Catch("another assay than before", "X23.assay", "shown", ("cyt_assay", "ELISA"), "ECLIA",
        ("ELISA", "one assay"), ("ELISA", "同一方法")),
)  # fmt: skip
ALL = (
    *(replace(c, key=D2) for c in GASES),
    *(replace(c, key=c.key or D1, before=c.before or DRAWN, others=c.others or ONE) for c in DRAWS),
    *(
        replace(c, key=D1, before=c.before or RESULT, others=c.others or BEFORE, role="laboratory")
        for c in RESULTS
    ),
)


# --- playing a row -----------------------------------------------------------------------------------------------


def cells(form: Form, given: Given) -> dict[Cell, Value | None]:
    """Read answers; `item.2` stands in row 2."""
    found: dict[Cell, Value | None] = {}
    for name, text in given.items():
        item, _, row = name.partition(".")
        found[Cell(item, int(row or 0))] = typed_value(form.by_id[item], text)
    return found


def key_of(catch: Catch) -> FormKey:
    assert catch.key is not None
    return catch.key


def state_before(catch: Catch) -> SubjectState:
    study = load_study()
    state = SubjectState(study, study.sites[0], SubjectRecord("01-001"))
    for name, given in {**catch.others, str(key_of(catch)): catch.before}.items():
        key = FormKey.parse(name)
        assert key == key_for(study.forms[key.form], key.visit, key.n), f"{name} is no record"
        state = state.with_values(key, cells(study.forms[key.form], given))
    return state.derive((key_of(catch),), NOW)


def typed(catch: Catch, text: str | list[str]) -> tuple[str, str, Text]:
    """Type one answer; give what became of it, by which check, and what was said."""
    state = state_before(catch)
    form = state.study.forms[key_of(catch).form]
    cell = Cell(catch.wrong[0], catch.row)
    value = typed_value(form.by_id[cell.item], text)
    others = frozenset({"soft", *(c.id for c in form.checks)}) - {catch.check}
    now = max(NOW, datetime.fromisoformat("2026-03-04T12:00+08:00"))  # no time of the table is still to come
    change = entry.Change(key_of(catch), {cell: value}, confirmed=others)
    try:
        after, _ = entry.plan(state, change, role=catch.role, now=now)
    except ValueRefused as error:
        return "refused", "", said_by(error)
    except StepBlocked as error:
        return "stopped", str(error.details["check"]), said_by(error)
    except ConfirmNeeded as error:
        return "asked", str(error.details["ids"][0]), said_by(error)  # type: ignore[index]
    view = FormState(after, key_of(catch), now)
    beside = [f for f in view.findings_of(cell.item, cell.row) if f.id == catch.check and f.is_open]
    return ("shown", catch.check, beside[0].message) if beside else ("saved", "", Text("", ""))


def said_by(error: ValueRefused | StepBlocked | ConfirmNeeded) -> Text:
    message = error.details["message"]
    assert isinstance(message, Text)
    return message


@pytest.mark.parametrize("catch", ALL, ids=lambda c: c.mistake)
def test_the_mistake_is_caught_as_it_is_typed_and_told_in_both_languages(catch: Catch) -> None:
    how, check, said = typed(catch, catch.wrong[1])
    assert (how, check) == (catch.how, catch.check)
    for word in catch.en:
        assert word in said.en
    for word in catch.zh:
        assert word in said.zh


@pytest.mark.parametrize("catch", [c for c in ALL if c.right], ids=lambda c: c.mistake)
def test_its_neighbour_passes(catch: Catch) -> None:
    how, check, said = typed(catch, catch.right)
    assert (how, check) == ("saved", ""), said


@pytest.mark.parametrize("catch", ALL, ids=lambda c: c.mistake)
def test_what_is_said_is_a_sentence_of_each_language_and_no_name_of_a_check(catch: Catch) -> None:
    _, _, said = typed(catch, catch.wrong[1])
    assert not catch.check or catch.check not in said.en + said.zh
    assert len(said.en.split()) >= 6
    assert len(re.findall(r"[\u4e00-\u9fff]", said.zh)) >= 6
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"\(?氧合指数\)?", "", said.en))
    assert not re.search(r"\{\w+\}|\bF(9|10)\.", said.en + said.zh)


def test_every_letter_of_the_list_has_its_rows() -> None:
    assert {c.mistake[0] for c in GASES} == set("abcdefghij")


# --- the question about the unit ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("item", "typed_text", "readings"),
    [
        ("abg_pao2", "24", ["24 kPa = 180 mmHg"]),
        ("abg_pao2", "10.5", ["10.5 kPa = 78.8 mmHg"]),
        ("abg_paco2", "5.3", ["5.3 kPa = 39.8 mmHg"]),
        ("abg_paco2", "11.9", ["11.9 kPa = 89.3 mmHg"]),
        ("abg_pao2", "60", []),
        ("abg_paco2", "40", []),
    ],
)
def test_a_unit_is_asked_for_with_both_readings(item: str, typed_text: str, readings: list[str]) -> None:
    known = load_study().forms["F9"].by_id[item]
    value = typed_value(known, typed_text)
    assert isinstance(value, Number)
    assert [both_readings(known, other).en for other in other_units(known, value)] == readings

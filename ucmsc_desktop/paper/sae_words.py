"""The words of the report of a serious adverse event, and which items of which form it prints, in which order.

The labels of the items are those of the forms; nothing here repeats them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.paper.parts import AMBER, GREEN, GREY, RED, Colour
from ucmsc_desktop.record.safety import ClockStatus

Kind = Literal["INITIAL", "FOLLOWUP", "FINAL"]
KINDS: Mapping[Kind, Text] = {
    "INITIAL": Text("Initial report", "首次报告"),
    "FOLLOWUP": Text("Follow-up report no. {n}", "第 {n} 次随访报告"),
    "FINAL": Text("Final report", "总结报告"),
}
TITLE = Text("Serious adverse event report", "严重不良事件（SAE）报告表")
NOT_SENT = Text("NOT TRANSMITTED ELECTRONICALLY", "未经电子传输")
DO_SEND = Text(
    "This program sends nothing. Phone or fax this report now to the sponsor and to the ethics committee; then enter the time "
    "of the report in form F14.",
    "本程序不会发送任何信息。请立即以电话或传真将本报告送达申办者和伦理委员会，随后在 F14 表中填写上报时间。",
)  # fmt: skip
STATES: Mapping[ClockStatus, tuple[Text, Colour]] = {
    "open": (Text("OPEN", "时限内，待上报"), GREEN),
    "soon": (Text("LESS THAN 6 H LEFT", "剩余不足6小时"), AMBER),
    "overdue": (Text("OVERDUE", "已超时"), RED),
    "reported": (Text("REPORTED IN TIME", "已按时上报"), GREEN),
    "late": (Text("REPORTED LATE", "超时上报"), RED),
    "excused": (Text("NO REPORT DUE: {reason}", "无须上报：{reason}"), GREY),
}
LEFT = Text("{h} h {m} min left at printing", "打印时剩余 {h} 小时 {m} 分")
OVER = Text("{h} h {m} min over at printing", "打印时已超 {h} 小时 {m} 分")
ONGOING = Text("ongoing", "持续使用")
CLOCK = (
    Text("Site aware", "获知时间"),
    Text("Due (24 h)", "上报截止（24小时）"),
    Text("Reported (confirmed by hand)", "上报时间（人工确认）"),
    Text("Printed at", "打印时间"),
)
ESTIMATE = Text("not entered; first called serious", "未填写；按首次判为严重的录入时间")
INFUSIONS_TITLE = Text("Study treatment: infusions given", "研究治疗：已给予的细胞输注")
NO_INFUSION = Text("No infusion was started before this report.", "截至本报告尚未开始输注。")
PERSON_TITLE = Text("Trial and participant (no name)", "研究与受试者（不含姓名）")
EVENT_TITLE = Text("The event", "事件")
SERIOUS_TITLE = Text("Seriousness criteria", "严重性标准")
JUDGED_TITLE = Text("Severity, causality, expectedness", "严重程度、相关性、预期性")
ACTION_TITLE = Text("Action and outcome", "措施与转归")
TOLD_TITLE = Text("Narrative", "事件描述")
VITALS_TITLE = Text("Vital signs around the event (T0 = reference)", "事件前后生命体征（T0为参照）")
GASES_TITLE = Text("Blood gases: the last before, and 48 h after", "动脉血气：事件前最近一次及其后48小时")
DAYS_TITLE = Text("Daily status: the day before to two days after", "每日状态：前1天至后2天")
BASELINE_TITLE = Text("Baseline laboratory values (F5)", "基线实验室检查（F5）")
DRUGS_TITLE = Text(
    "Concomitant medication at the onset, and treatment of the event", "发生时的合并用药及事件治疗用药"
)
SENT_TITLE = Text("Reports sent so far", "已发送的报告")
DEATH_TITLE = Text("Death (F15)", "死亡（F15）")
NONE = Text("none recorded", "无记录")
EVENT_NO = Text("Adverse event no. {n}", "不良事件 第{n}条")
NO_CRITERION = Text("Seriousness not yet judged by the investigator", "研究者尚未判定严重性标准")
GLANCE = ("ae_grade", "ae_rel_msc", "ae_expected", "ae_out")
FOR_EVENT = Text("for this event", "用于本事件")

# What is printed of each form, in this order; the labels are those of the forms.
EVENT = (
    "ae_term", "ae_diag", "ae_onset_dtm", "ae_ongoing", "ae_end_dtm", "ae_flow_symptoms", "ae_symptoms", "ae_inf_no",
    "ae_h_since_start", "ae_h_since_end", "ae_teae", "ae_iae", "ae_iae_window", "ae_aesi", "ae_desc",
)  # fmt: skip
FROM_INFUSION = frozenset({"ae_h_since_start", "ae_h_since_end", "ae_teae", "ae_iae_window"})
BEFORE = Text("0: before any infusion", "0：首次输注前")
SERIOUSNESS = (
    "ae_serious",
    "ae_sdth",
    "ae_slife",
    "ae_shosp",
    "ae_sdisab",
    "ae_scong",
    "ae_smie",
    "ae_first_serious",
)
JUDGEMENT = (
    "ae_grade", "ae_grade_ver", "ae_rel_msc", "ae_rel_suggest", "ae_q_time", "ae_q_known", "ae_q_other", "ae_q_stop",
    "ae_q_again", "ae_rel_proc", "ae_rel_disease", "ae_rel_cause", "ae_expected", "ae_susar",
)  # fmt: skip
ACTION = ("ae_acn", "ae_acnoth", "ae_out")
REPORTING = ("sae_to", "sae_no")
DEATH = ("dth_dtm", "dth_cause", "dth_cause_cat", "dth_rel", "dth_autopsy")
PERSON = ("age_y", "sex", "weight_kg", "height_cm")
HISTORY = ("mh_ali_cause", "mh_allergy", "mh_allergy_agent")
PRODUCT = ("prod_lot", "prod_unit_id", "bag_viab")
INFUSION = (
    "inf_start_dtm",
    "inf_end_dtm",
    "inf_duration_min",
    "inf_vol",
    "inf_dose_kg",
    "inf_pct",
    "inf_status",
)
FLOW = (
    "ivs_dtm", "ivs_point", "ivs_hr", "ivs_sbp", "ivs_dbp", "ivs_rr", "ivs_spo2", "ivs_temp", "ivs_fio2", "ivs_rhythm", "ivs_symptoms",
)  # fmt: skip
GAS = (
    "abg_collect_dtm",
    "abg_rsup",
    "abg_fio2",
    "abg_ph",
    "abg_pao2",
    "abg_paco2",
    "abg_hco3",
    "abg_lac",
    "pf",
)
DAY = (
    "day_date", "day_rsup_max", "day_fio2_max", "day_vaso", "day_hr_max", "day_map_min", "day_temp_max", "day_spo2_min",
    "day_plt", "day_bili", "day_cr", "day_sofa",
)  # fmt: skip
BASELINE = (
    "lab_dtm", "lab_wbc", "lab_hgb", "lab_plt", "lab_cr", "lab_alt", "lab_ast", "lab_tbil", "lab_pt_inr", "lab_ddimer", "lab_crp", "lab_pct",
)  # fmt: skip
DRUG = ("cm_name", "cm_indic", "cm_dose", "cm_dose_unit", "cm_freq", "cm_route", "cm_start", "cm_stop")
SENT = ("fu_type", "fu_dtm", "fu_to", "fu_text")

"""The words of tasks: a stored task is a short code, and here stands what it says in both languages.

A code is `head|record|more`, for example `form|F9/D7/1`, `flow|F7/D0/1|T15`, `sae|F14/LOG/2`. Ten thousand participants
share some hundred codes, so each is worded once. A code of another version that has no words shows itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.tasks import TaskKind
from ucmsc_desktop.study.model import Study


class What(NamedTuple):
    """What a code says. `late` replaces title and reason once the window has closed."""

    key: FormKey | None
    kind: TaskKind
    title: Text
    visit: Text
    late: tuple[Text, Text] | None = None


FORM_KINDS: Mapping[str, TaskKind] = {
    "F2": "consent", "F6": "infusion", "F7": "infusion", "F8": "infusion", "F9": "gas", "F10": "sample", "F11": "ct",
    "F14": "safety", "F15": "safety",
}  # fmt: skip

_NOT_DONE = Text("{form}: record as not done, with the reason", "{form}：记录未做及原因")
_CLOSED = Text("Window closed: done late, it is a deviation", "时间窗已过：补做须记为方案偏离")
_RECONSENT = {
    "CAPACITY": Text("capacity regained", "恢复知情同意能力"),
    "VERSION": Text("new version of the form", "知情同意书更新版本"),
    "SAFETY": Text("new safety information", "出现新的安全性信息"),
}
# Titles that need no more than their record: head -> kind, title.
_PLAIN: Mapping[str, tuple[TaskKind, Text]] = {
    "run": ("infusion", Text("Infusion is running", "输注进行中")),
    "rest": ("infusion", Text("Infusion record: fill in the rest", "输注记录：补全其余内容")),
    "copy": ("consent", Text("Copy of the consent not handed over", "知情同意书副本尚未交付")),
    "recap": ("consent", Text("Ask whether capacity to consent is back", "确认是否已恢复知情同意能力")),
    "refused": ("consent", Text("New consent refused: record the withdrawal", "拒绝再次知情同意：请记录退出")),
    "spin": ("sample", Text("Centrifuge the sample", "标本离心")),
    "freeze": ("sample", Text("Freeze the sample at −80 °C", "标本 −80°C 冻存")),
    "sae": ("safety", Text("Serious event {n}: not transmitted, phone now", "严重不良事件 {n}：尚未上报，请立即电话上报")),
    "ae.judge": ("safety", Text("Adverse event {n}: not yet judged", "不良事件 {n}：尚未判定")),
    "ae.end": ("safety", Text("Adverse event {n}: no end yet", "不良事件 {n}：尚无结束时间")),
    "death": ("safety", Text("Death: fill in the form", "死亡：填写死亡记录表")),
    "death.ae": ("safety", Text("Death: record the serious adverse event", "死亡：记录严重不良事件")),
    "day": ("form", Text("Daily status", "每日状态")),
    "ask": ("safety", Text("Ask about adverse events today", "今日主动询问不良事件")),
}  # fmt: skip
_SIGN = Text("Signature: {form}", "待签名：{form}")
_NONE_SIGN = Text("Infusion event, yes or none: sign at {h} h", "输注相关事件有或无：{h} 小时签名")
_IAE: Mapping[str, Text] = {
    "iae": Text("Infusion event suggested: {names}", "提示输注相关事件：{names}"),
    "iae.no": Text("“Not an event” to be confirmed: {names}", "待确认“不是事件”：{names}"),
    "iae.judge": Text("Infusion event to be judged: {names}", "待判定输注相关事件：{names}"),
}
_SIGNED = Text("Signed: {form}", "已签名：{form}")

_WHY: Mapping[str, Text] = {
    "elig": Text("waits for consent and eligibility", "等待知情同意与入选确认"),
    "start": Text("waits for the first infusion", "等待首次输注"),
    "end": Text("waits for the end of infusion {n}", "等待第 {n} 次输注结束"),
    "begin": Text("waits for the start of infusion {n}", "等待第 {n} 次输注开始"),
    "consent": Text("waits for a new consent", "等待再次知情同意"),
    "withdrawn": Text("consent to treatment was withdrawn", "治疗知情同意已撤回"),
    "blood": Text("draw the sample before this dose first", "请先采集本次输注前标本"),
    "product": Text("the cells are not received and checked yet", "制剂尚未接收核对"),
    "related": Text("an earlier event needs an investigator's decision", "既往事件须由研究者决定"),
    "oxygen": Text("PaO2/FiO2 has fallen: an investigator must decide", "PaO2/FiO2 下降，须由研究者决定"),
    "samples": Text("no further samples: record that it was not taken", "已停止采样：请记录未采集"),
    "death": Text("death: record what was not done", "死亡：请记录未做项目"),
    "judge": Text("grade, seriousness and causality, by the investigator", "分级、严重性与相关性，由研究者判定"),
    "iae": Text("flag it, or answer that it is not an event", "请标记为事件，或回答不是事件"),
    "iae.no": Text("by the investigator: the numbers suggest it, the nurse said no", "由研究者确认：数值有提示，护士判为否"),
    "iae.judge": Text("by the investigator: confirmed or not", "由研究者判定是否成立"),
    "phone": Text("reported by telephone or fax, then write down the time", "电话或传真上报后填写上报时间"),
    "aware": Text(
        "counted from the first entry: write when the site learned of it", "自首次记录起算：请填写研究中心获知时间"
    ),
    "call": Text(
        "by telephone: vital status, adverse events, medication", "电话核实存活状态、不良事件、合并用药"
    ),
    "vital": Text("vital status only", "仅核实存活状态"),
    "paper": Text("the signed original or a copy, with the time", "交付签署原件或副本，并填写时间"),
    "block": Text("no infusion until it is signed", "签署前不得输注"),
    "guard": Text("the guardian consented for the participant", "由监护人代为同意"),
    "icf": Text("the version signed has ended: no infusion until it is signed", "所签版本已停用：签署前不得输注"),
}  # fmt: skip


def infusion_text(n: int) -> Text:
    """Name an infusion."""
    return Text(f"Infusion {n}", f"第 {n} 次输注")


def day_text(day: int) -> Text:
    """Name a protocol day."""
    return Text(f"Day {day}", f"第{day}天")


class Wording:
    """The words of one study's tasks."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._points = {p.code: p.title for p in study.flow_sheet}
        self._whats: dict[str, What] = {}
        self._whys: dict[str, Text | None] = {"": None}
        self._wards: dict[str, Text] = {}
        self._special: Mapping[str, Callable[[FormKey, list[str]], tuple[TaskKind, Text]]] = {
            "nd": self._not_done,
            "flow": self._flow,
            "flow.missed": self._flow_missed,
            "day.missed": self._days_missed,
            "ask.missed": self._asks_missed,
            "sign": self._sign,
            "signed": self._sign,
            "none": lambda _k, more: ("sign", _NONE_SIGN.fill(h=more[0])),
            **{head: self._event(title) for head, title in _IAE.items()},
            "recon": self._again,
            "query": self._query,
            "log": self._log,
            "call": self._call,
        }

    def what(self, code: str) -> What:
        """Give what a code says."""
        found = self._whats.get(code)
        if found is None:
            found = self._whats[code] = self._worded(code)
        return found

    def why(self, code: str) -> Text | None:
        """Give the words of a reason: a name, or a name with the number of an infusion."""
        if code in self._whys:
            return self._whys[code]
        name, _, n = code.partition("|")
        text = _WHY.get(name, Text(name, name)).fill(n=n)
        self._whys[code] = text
        return text

    def ward(self, code: str) -> Text:
        """Give the short name of a ward; one named in free text is itself."""
        found = self._wards.get(code)
        if found is None:
            found = self._wards[code] = WARDS.get(code, Text(code, code))
        return found

    def _worded(self, code: str) -> What:
        head, _, rest = code.partition("|")
        parts = rest.split("|")
        key = FormKey.parse(parts[0])
        form = self._study.forms.get(key.form)
        if form is None:
            return What(key, "form", Text(code, code), Text("", ""))
        visit = self._visit(key)
        if head == "form":
            kind = FORM_KINDS.get(key.form, "form")
            number = form.repeat == "log" or (key.visit == "UNS" and key.n > 1)
            title = Text(f"{form.short.en} {key.n}", f"{form.short.zh} {key.n}") if number else form.short
            return What(key, kind, title, visit, (_NOT_DONE.fill(form=form.short), _CLOSED))
        if head in _PLAIN:
            kind, title = _PLAIN[head]
            return What(key, kind, title.fill(n=key.n), visit)
        special = self._special.get(head)
        if special is None:
            return What(key, "form", Text(code, code), visit)
        kind, title = special(key, parts[1:])
        return What(key, kind, title, visit)

    def _visit(self, key: FormKey) -> Text:
        match self._study.forms[key.form].repeat:
            case "infusion":
                return infusion_text(key.n)
            case "day":
                return day_text(key.n)
            case "log":
                return Text("–", "–")
            case _:
                found = self._study.visit_by_id.get(key.visit)
                return found.title if found else Text(key.visit, key.visit)

    def _point(self, code: str) -> Text:
        return self._points.get(code, Text(code, code))

    def _not_done(self, key: FormKey, _more: list[str]) -> tuple[TaskKind, Text]:
        return FORM_KINDS.get(key.form, "form"), _NOT_DONE.fill(form=self._study.forms[key.form].short)

    def _flow(self, _key: FormKey, more: list[str]) -> tuple[TaskKind, Text]:
        point = self._point(more[0])
        return "vitals", Text(f"Vital signs, {point.en}", f"生命体征，{point.zh}")

    def _flow_missed(self, _key: FormKey, more: list[str]) -> tuple[TaskKind, Text]:
        points = [self._point(code) for code in more[0].split(",")]
        if len(points) > 3:
            said = Text("Vital signs not recorded: {n} time-points", "生命体征未记录：{n} 个时间点")
            return "vitals", said.fill(n=len(points))
        names = Text("; ".join(p.en for p in points), "、".join(p.zh for p in points))
        return "vitals", Text("Vital signs not recorded: {names}", "生命体征未记录：{names}").fill(
            names=names
        )

    def _days_missed(self, _key: FormKey, more: list[str]) -> tuple[TaskKind, Text]:
        return "form", Text("Daily status not recorded: day {days}", "每日状态未记录：第 {days} 天").fill(
            days=_ranges(more[0])
        )

    def _asks_missed(self, _key: FormKey, more: list[str]) -> tuple[TaskKind, Text]:
        said = Text("Adverse events not asked about: day {days}", "未主动询问不良事件：第 {days} 天")
        return "safety", said.fill(days=_ranges(more[0]))

    def _sign(self, key: FormKey, more: list[str]) -> tuple[TaskKind, Text]:
        form = self._study.forms[key.form].short
        named = self._study.meaning_by_id.get(more[0])
        if named is None:
            return "sign", _SIGN.fill(form=form)
        return "sign", Text("Signature: {form}, {meaning}", "待签名：{form}，{meaning}").fill(
            form=form, meaning=Text(named.title.en[:1].lower() + named.title.en[1:], named.title.zh)
        )

    def _event(self, title: Text) -> Callable[[FormKey, list[str]], tuple[TaskKind, Text]]:
        """Name infusion events by code and title; many by their codes alone."""

        def worded(key: FormKey, more: list[str]) -> tuple[TaskKind, Text]:
            codes = more[0].split(",")
            item = self._study.forms[key.form].by_id.get("iae_item")
            names = [found.label for c in codes if item and (found := item.choice(c))]
            if len(codes) > 2 or len(names) < len(codes):
                names = [Text(c, c) for c in codes]
            joined = Text("; ".join(n.en for n in names), "、".join(n.zh for n in names))
            return "safety", title.fill(names=joined)

        return worded

    def _again(self, _key: FormKey, more: list[str]) -> tuple[TaskKind, Text]:
        reason = _RECONSENT.get(more[0])
        if reason is None:
            return "consent", Text("Consent again", "再次知情同意")
        return "consent", Text("Consent again: {reason}", "再次知情同意：{reason}").fill(reason=reason)

    def _query(self, _key: FormKey, more: list[str]) -> tuple[TaskKind, Text]:
        n = int(more[0])
        return "data", Text("1 open query" if n == 1 else f"{n} open queries", f"未关闭质疑 {n} 条")

    def _log(self, key: FormKey, more: list[str]) -> tuple[TaskKind, Text]:
        n, form = int(more[0]), self._study.forms[key.form].short
        words = Text("{form}: 1 record not complete", "{form}：1 条未完成")
        if n > 1:
            words = Text("{form}: {n} records not complete", "{form}：{n} 条未完成")
        return FORM_KINDS.get(key.form, "form"), words.fill(form=form, n=n)

    def _call(self, _key: FormKey, more: list[str]) -> tuple[TaskKind, Text]:
        return "safety", Text("Telephone call, day {n}", "第 {n} 天电话随访").fill(n=more[0])


WARDS: Mapping[str, Text] = {
    "": Text("", ""),
    "RESP": Text("Resp.", "呼吸科"),
    "RICU": Text("RICU", "呼吸ICU"),
    "ICU": Text("ICU", "ICU"),
    "ED": Text("ED", "急诊"),
    "OTH": Text("Other", "其他"),
}


def _ranges(listed: str) -> str:
    """Write numbers shortly: 1,2,3,5 -> 1–3, 5."""
    numbers = [int(n) for n in listed.split(",")]
    groups: list[list[int]] = []
    for n in numbers:
        if groups and groups[-1][-1] == n - 1:
            groups[-1].append(n)
        else:
            groups.append([n])
    return ", ".join(f"{g[0]}–{g[-1]}" if len(g) > 2 else ", ".join(map(str, g)) for g in groups)

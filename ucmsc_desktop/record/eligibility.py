"""The evidence behind each criterion of eligibility: what it rests on, what is missing, who answered, how near the limit.

Every verdict is a derived or attested item of form F3; here they are only read, at the moment of the decision or, before
there is one, at the moment of looking ("as if it were decided now"). Must never round a value into or out of eligibility:
numbers are shown unrounded first. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from ucmsc_desktop.i18n import Text, show_date, show_datetime
from ucmsc_desktop.record.derivation import follow
from ucmsc_desktop.record.entry import ROLE_NAMES
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState, operand
from ucmsc_desktop.study.bedside import onset_until
from ucmsc_desktop.study.functions import moment_of
from ucmsc_desktop.study.model import Item, Role
from ucmsc_desktop.study.values import Missing, Number, Value

KEY = FormKey("F3", "SCR")
SCREENING = FormKey("F1", "SCR")
CONSENT = FormKey("F2", "SCR")
BASELINE = FormKey("F5", "BL")
GAS = FormKey("F9", "SCR")

Finding = Literal["met", "not_met", "open"]
DIGITS = 6  # shown of a value that has no end

SPOKEN: dict[tuple[bool, Finding], Text] = {  # (is exclusion, finding)
    (False, "met"): Text("Met", "符合"),
    (False, "not_met"): Text("Not met", "不符合"),
    (False, "open"): Text("Not yet known", "尚未判定"),
    (True, "met"): Text("Not present", "无此情况"),
    (True, "not_met"): Text("Present", "存在"),
    (True, "open"): Text("Not yet known", "尚未判定"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One piece of evidence, as it is read: a name and a value."""

    name: Text
    value: Text
    weight: Literal["plain", "strong", "wrong"] = "plain"


@dataclass(frozen=True, slots=True)
class Need:
    """Something that is missing: what, where it is entered, who may."""

    text: Text
    key: FormKey
    cell: Cell
    by: tuple[Role, ...]

    @property
    def who(self) -> Text:
        """Name who may enter it."""
        return Text(
            ", ".join(ROLE_NAMES[r].en for r in self.by), "、".join(ROLE_NAMES[r].zh for r in self.by)
        )


@dataclass(frozen=True, slots=True)
class Attested:
    """Who answered a criterion, and when."""

    user: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion with its verdict and what it rests on. `border`: why the investigator must look at it again."""

    id: str
    mark: Text
    words: Text
    is_exclusion: bool
    finding: Finding
    is_computed: bool
    section: str
    facts: tuple[Fact, ...] = ()
    needs: tuple[Need, ...] = ()
    why: Text | None = None
    border: Text | None = None
    attested: Attested | None = None

    @property
    def spoken(self) -> Text:
        """Name the finding: an exclusion that is absent is not "met"."""
        return SPOKEN[self.is_exclusion, self.finding]


@dataclass(frozen=True, slots=True)
class Recheck:
    """Whether the decision still holds before the first infusion. `until`: so long without a re-check."""

    until: datetime | None
    is_needed: bool
    facts: tuple[Fact, ...] = ()
    done_at: datetime | None = None
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """All criteria at a moment, the decision, and what stands before it."""

    at: datetime
    is_live: bool  # no decision yet: judged as of the moment of looking
    criteria: tuple[Criterion, ...]
    is_borderline: bool
    is_confirmed: bool
    decision: str  # "", "ELIG", "INELIG"
    decided_by: str
    reason: str
    is_signed: bool
    is_eligible: bool
    recheck: Recheck
    others: tuple[Need, ...] = field(default=())  # required items of the form that belong to no criterion

    @property
    def failed(self) -> tuple[Criterion, ...]:
        """The criteria that are not met."""
        return tuple(c for c in self.criteria if c.finding == "not_met")

    @property
    def unknown(self) -> tuple[Criterion, ...]:
        """The criteria that cannot be judged yet."""
        return tuple(c for c in self.criteria if c.finding == "open")

    @property
    def needs(self) -> tuple[Need, ...]:
        """Everything that is missing, each once."""
        return tuple(dict.fromkeys(n for c in self.criteria for n in c.needs))

    @property
    def may_decide(self) -> bool:
        """Say whether "eligible" may be declared now."""
        return not self.failed and not self.unknown and (self.is_confirmed or not self.is_borderline)


_SECTIONS = (
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
    return _Look(state, now).all()


def as_of(state: SubjectState, now: datetime) -> FormState:
    """Give the eligibility record; without a decision, as if it were taken now."""
    record = state.form_record(KEY)
    decided = record.value(Cell("elig_decision")) is not None
    if decided or record.locked:
        return FormState(state, KEY, now)
    return FormState(follow(state, KEY, {Cell("elig_dtm"): now}, now), KEY, now)


def unrounded(amount: Decimal, digits: int = DIGITS) -> str:
    """Show a number without rounding: all its digits, or the first few and an ellipsis."""
    text = format(amount.normalize(), "f")
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest[:digits]}…" if len(rest) > digits else text


class _Look:
    """Reads one participant's evidence."""

    def __init__(self, state: SubjectState, now: datetime) -> None:
        self.now = now
        self.view = as_of(state, now)
        self.state = self.view.view
        self.form = self.view.form
        moment = self.view.value("elig_dtm")
        self.at = moment if isinstance(moment, datetime) else now

    # --- reading ---------------------------------------------------------------------------------------------

    def value(self, key: FormKey, item: str) -> Value | None:
        return self.state.value(key, Cell(item))

    def amount(self, key: FormKey, item: str) -> Decimal | None:
        found = operand(self.item(key, item), self.value(key, item))
        return found if isinstance(found, Decimal) else None

    def item(self, key: FormKey, item: str) -> Item:
        return self.state.study.forms[key.form].by_id[item]

    def shown(self, key: FormKey, item: str) -> Text:
        value = self.value(key, item)
        if value is None:
            return Text("–", "–")
        found = self.item(key, item)
        return Text(found.shown(value, "en"), found.shown(value, "zh"))

    def fact(self, key: FormKey, item: str, name: Text | None = None) -> Fact | None:
        if self.value(key, item) is None:
            return None
        return Fact(name or self.item(key, item).label, self.shown(key, item))

    def facts(self, key: FormKey, *items: str) -> list[Fact]:
        return [f for i in items if (f := self.fact(key, i)) is not None]

    def needs(self, key: FormKey, *items: str) -> list[Need]:
        """Give those of the items that have no value; what skip logic hides is not needed."""
        form = self.state.study.forms[key.form]
        found = []
        for name in items:
            item = form.by_id[name]
            value = self.value(key, name)
            if isinstance(value, Missing):
                words = Text("{what} ({gap})", "{what}（{gap}）").fill(what=item.label, gap=value.code)
            elif value is None and self.state.shown(key, item, self.now):
                words = item.label
            else:
                continue
            found.append(Need(words, key, Cell(name), item.by or form.by))
        return found

    # --- all -------------------------------------------------------------------------------------------------

    def all(self) -> Eligibility:
        view = self.view
        decision = view.value("elig_decision")
        return Eligibility(
            at=self.at,
            is_live=decision is None,
            criteria=tuple(self.criterion(*line) for line in _SECTIONS),
            is_borderline=view.value("borderline") == "Y",
            is_confirmed=view.value("borderline_ok") == "Y",
            decision=decision if isinstance(decision, str) else "",
            decided_by=str(view.value("elig_inv") or ""),
            reason=str(view.value("elig_reason") or ""),
            is_signed=any(s.meaning == "eligibility" for s in view.valid_signatures),
            is_eligible=view.value("eligible") == "Y",
            recheck=self.recheck(),
            others=self.others(),
        )

    def others(self) -> tuple[Need, ...]:
        """Give what the form still asks for beside criteria and decision."""
        outside = {"header", "decision_time", "borderline", "decision", "recheck"}
        found = [
            f.cell.item
            for f in self.view.findings
            if f.kind == "required"
            and self.form.section_of[f.cell.item].id in outside - {"decision", "decision_time", "borderline"}
        ]
        return tuple(self.needs(KEY, *found))

    def criterion(self, item_id: str, section: str, en: str, zh: str) -> Criterion:
        item = self.form.by_id[item_id]
        value = self.view.value(item_id)
        is_exclusion = item_id.startswith("exc")
        finding: Finding = "open"
        if value in ("Y", "N"):
            finding = "met" if (value == "Y") is not is_exclusion else "not_met"
        plain = Criterion(
            item_id, Text(en, zh), item.label, is_exclusion, finding, item.is_derived, section,
            attested=self.attested(item),
        )  # fmt: skip
        filled: Criterion = getattr(self, f"_{item_id}")(plain)
        return filled

    def attested(self, item: Item) -> Attested | None:
        entry = self.view.entry(item.id)
        if item.is_derived or entry is None or entry.value is None:
            return None
        return Attested(entry.user, entry.at)

    def border(self, item: str, words: Text) -> Text | None:
        return words if self.view.value(item) == "Y" else None

    # --- the computed criteria -------------------------------------------------------------------------------

    def _inc01_icf(self, plain: Criterion) -> Criterion:
        facts = self.facts(CONSENT, "consent_dtm", "icf_version", "consent_by")
        needs: list[Need] = []
        why = None
        if plain.finding == "open":
            if self.value(CONSENT, "consent_dtm") is None:
                label = Text("A valid consent (consent guide)", "有效的知情同意（知情同意引导）")
                needs = [Need(label, CONSENT, Cell("consent_given"), ("nurse", "investigator"))]
        elif plain.finding == "not_met":
            why = Text("There is no consent that holds at this moment.", "此时不存在有效的知情同意。")
            needs = [
                Need(
                    Text("Look at the consent guide", "查看知情同意引导"),
                    CONSENT,
                    Cell("consent_given"),
                    ("nurse", "investigator"),
                )
            ]
        return replace(plain, facts=tuple(facts), needs=tuple(needs), why=why)

    def _inc02_age(self, plain: Criterion) -> Criterion:
        facts = self.facts(SCREENING, "birth_date")
        age = self.view.value("elig_age")
        consented = self.value(CONSENT, "consent_dtm")
        if isinstance(consented, datetime):
            facts.append(Fact(Text("Consent", "知情同意"), _date(consented.date())))
        why = None
        if isinstance(age, Number):
            words = Text("{n} completed years", "{n} 周岁").fill(n=format(age.amount, "f"))
            facts.append(Fact(Text("Age at consent", "签署时年龄"), words, _weight(plain)))
            if plain.finding == "not_met":
                why = Text("{n} is outside 35 to 70.", "{n} 周岁不在35～70周岁范围内。").fill(
                    n=format(age.amount, "f")
                )
        needs = self.needs(SCREENING, "birth_date")
        if consented is None:
            needs += [
                Need(
                    Text("The date of consent", "知情同意日期"),
                    CONSENT,
                    Cell("consent_given"),
                    ("nurse", "investigator"),
                )
            ]
        border = self.border(
            "border_age",
            Text(
                "Consent within 3 days of the 35th or 71st birthday: check the ID card.",
                "知情同意距35或71周岁生日≤3天：请核对身份证。",
            ),
        )
        return replace(plain, facts=tuple(facts), needs=tuple(needs), why=why, border=border)

    def _inc03_onset(self, plain: Criterion) -> Criterion:
        facts = self.facts(SCREENING, "ali_onset_dtm")
        onset = self.value(SCREENING, "ali_onset_dtm")
        why = None
        needs = self.needs(SCREENING, "ali_onset_dtm")
        if onset is not None and not isinstance(onset, Missing):
            until = onset_until(onset, self.at)
            begun = moment_of(onset, self.at)
            if isinstance(begun, datetime) and until is not None:
                facts.append(Fact(Text("Elapsed", "已过"), _hours(self.at - begun)))
            elif until is not None:
                days = self.view.value("elig_onset_d")
                if isinstance(days, Number):
                    facts.append(Fact(Text("Calendar days", "日历天数"), _days(days.amount)))
            if until is None:
                needs += [
                    Need(
                        Text("The day of onset (only the month is known)", "起病日期（目前仅知月份）"),
                        SCREENING,
                        Cell("ali_onset_dtm"),
                        ("nurse", "investigator"),
                    )
                ]
            else:
                left = until - self.at
                gone = left < timedelta(0)
                words = (
                    Text("{h} over the limit", "超出 {h}")
                    if gone
                    else Text("{h} left, until {when}", "剩余 {h}，至 {when}")
                )
                span = _hours(-left if gone else left)
                facts.append(
                    Fact(
                        Text("Limit of 7 days", "7天时限"),
                        words.fill(h=span, when=_moment(until)),
                        "wrong" if gone else "strong",
                    )
                )
                if plain.finding == "not_met":
                    why = Text("The onset is more than 7 days ago.", "起病已超过7天。")
        border = self.border(
            "border_onset",
            Text("Within 6 h of the limit: check the hour of onset.", "距时限≤6小时：请核对起病钟点。"),
        )
        return replace(plain, facts=tuple(facts), needs=tuple(needs), why=why, border=border)

    def _gas_facts(self) -> list[Fact]:
        facts = self.facts(GAS, "abg_collect_dtm")
        age = self.view.value("elig_abg_age_h")
        if isinstance(age, Number):
            limit = self.state.study.parameters["elig_abg_max_age_h"]
            is_old = not 0 <= age.amount <= Decimal(str(limit))
            words = Text("{h} h old, at most {limit} h", "已 {h} 小时，上限 {limit} 小时").fill(
                h=_short(age.amount), limit=limit
            )
            facts.append(
                Fact(Text("Age of the blood gas", "血气距今"), words, "wrong" if is_old else "plain")
            )
        return facts

    def _gas_faults(self) -> list[Fact]:
        """Say why a blood gas may not be used."""
        asked = (
            ("abg_vessel", "ART", Text("Not arterial blood", "不是动脉血")),
            ("abg_steady20", "Y", Text("Settings not steady for 20 min", "参数稳定不足20分钟")),
            ("abg_tempcorr", "N", Text("Values corrected for temperature", "为体温校正值")),
        )
        return [
            Fact(words, self.shown(GAS, name), "wrong")
            for name, right, words in asked
            if self.value(GAS, name) is not None and self.value(GAS, name) != right
        ]

    def _gas_needs(self, *more: str) -> list[Need]:
        needs = self.needs(
            GAS, "abg_collect_dtm", "abg_vessel", "abg_pao2", *more, "abg_fio2", "abg_fio2_src", "abg_steady20", "abg_tempcorr"
        )  # fmt: skip
        usable = self.view.value("elig_abg_ok")
        if usable == "N":
            needs.append(
                Need(
                    Text("A blood gas that may be used: take a new one", "可用于判定的血气：请重新采集"),
                    GAS,
                    Cell("abg_collect_dtm"),
                    ("nurse", "investigator"),
                )
            )
        return needs

    def _inc04a_pf(self, plain: Criterion) -> Criterion:
        facts = self._gas_facts()
        pao2, fio2 = self.amount(GAS, "abg_pao2"), self.amount(GAS, "abg_fio2")
        ratio = self.view.value("elig_pf")
        typed = self.value(GAS, "abg_pao2")
        if pao2 is not None:
            words = self.shown(GAS, "abg_pao2")
            if isinstance(typed, Number) and typed.unit not in ("", "mmHg"):
                words = Text("{t} = {mm} mmHg", "{t} = {mm} mmHg").fill(t=words, mm=unrounded(pao2))
            facts.append(Fact(Text("PaO2", "PaO2"), words))
        if fio2 is not None:
            percent = unrounded(fio2 * 100)
            facts.append(
                Fact(
                    Text("FiO2", "FiO2"),
                    Text(f"{format(fio2, 'f')} ({percent} %)", f"{format(fio2, 'f')}（{percent}%）"),
                )
            )
        facts += self.facts(GAS, "abg_fio2_src")
        why = None
        if isinstance(ratio, Number):
            exact = unrounded(ratio.amount)
            words = Text("{x} mmHg", "{x} mmHg").fill(x=exact)
            if exact != _short(ratio.amount):
                words = Text("{x} mmHg, rounded {r}", "{x} mmHg，约 {r}").fill(
                    x=exact, r=_short(ratio.amount)
                )
            facts.append(
                Fact(Text("PaO2/FiO2, unrounded", "氧合指数（PaO2/FiO2），未舍入"), words, _weight(plain))
            )
            why = _why_pf(ratio.amount, exact)
        facts += self._gas_faults()
        borders = [
            ("border_pf", Text("Within 5 mmHg of a limit: check PaO2, FiO2 and their units on the slip.", "距界值≤5 mmHg：请按单据核对PaO2、FiO2及单位。")),
            ("border_fio2", Text("FiO2 is an estimate from the oxygen flow: it may be far off.", "FiO2系按氧流量估算，可能相差较大。")),
        ]  # fmt: skip
        return replace(
            plain, facts=tuple(facts), needs=tuple(self._gas_needs()), why=why, border=self._borders(borders)
        )

    def _inc04b_aado2(self, plain: Criterion) -> Criterion:
        facts: list[Fact] = []
        gradient = self.view.value("elig_aado2")
        pb = self.view.value("elig_pb")
        if isinstance(pb, Number):
            own = self.value(GAS, "abg_pb") is not None
            source = Text("entered", "录入") if own else Text("site setting", "中心设定")
            facts.append(
                Fact(
                    Text("Barometric pressure used", "所用大气压"),
                    Text("{pb} mmHg ({s})", "{pb} mmHg（{s}）").fill(pb=unrounded(pb.amount), s=source),
                )
            )
        facts += self.facts(GAS, "abg_paco2")
        why = None
        pao2, paco2, fio2 = (self.amount(GAS, n) for n in ("abg_pao2", "abg_paco2", "abg_fio2"))
        if (
            isinstance(gradient, Number)
            and isinstance(pb, Number)
            and pao2 is not None
            and paco2 is not None
            and fio2 is not None
        ):
            sum_ = f"{format(fio2, 'f')} × ({unrounded(pb.amount)} − 47) − {unrounded(paco2, 2)} ÷ 0.8 − {unrounded(pao2, 2)}"
            facts.append(Fact(Text("Calculation", "计算"), Text(sum_, sum_)))
            exact = unrounded(gradient.amount)
            words = Text("{x} mmHg", "{x} mmHg").fill(x=exact)
            if exact != _short(gradient.amount):
                words = Text("{x} mmHg, rounded {r}", "{x} mmHg，约 {r}").fill(
                    x=exact, r=_short(gradient.amount)
                )
            facts.append(Fact(Text("P(A-a)O2, unrounded", "P(A-a)O2，未舍入"), words, _weight(plain)))
            if gradient.amount <= 35:
                even = gradient.amount == 35
                why = (
                    Text("35 exactly: not above 35: not met", "恰为35：不大于35，不符合")
                    if even
                    else Text("{x} is not above 35: not met", "{x} 不大于35，不符合").fill(x=exact)
                )
        borders = [
            (
                "border_aado2",
                Text(
                    "Within 2 mmHg of the limit: check PaCO2 and the pressure used.",
                    "距界值≤2 mmHg：请核对PaCO2及所用大气压。",
                ),
            )
        ]
        return replace(
            plain,
            facts=tuple(facts),
            needs=tuple(self._gas_needs("abg_paco2")),
            why=why,
            border=self._borders(borders),
        )

    def _borders(self, found: list[tuple[str, Text]]) -> Text | None:
        words = [w for name, w in found if self.view.value(name) == "Y"]
        return Text(" ".join(w.en for w in words), "".join(w.zh for w in words)) if words else None

    def _exc01_declined(self, plain: Criterion) -> Criterion:
        needs: list[Need] = []
        if plain.finding == "open":
            needs = [
                Need(
                    Text("A valid consent (consent guide)", "有效的知情同意（知情同意引导）"),
                    CONSENT,
                    Cell("consent_given"),
                    ("nurse", "investigator"),
                )
            ]
        facts = self.facts(CONSENT, "consent_given", "decline_reason")
        return replace(plain, facts=tuple(facts), needs=tuple(needs))

    def _exc05_virol(self, plain: Criterion) -> Criterion:
        tests = (
            "vir_hbsag",
            "vir_hbvdna",
            "vir_antihbs",
            "vir_antihbc",
            "vir_antihcv",
            "vir_hcvrna",
            "vir_hivagab",
            "vir_tb_igra",
        )
        facts = self.facts(BASELINE, "vir_dtm")
        needs = self.needs(
            BASELINE,
            "vir_hbsag",
            "vir_hbvdna",
            "vir_antihbs",
            "vir_antihbc",
            "vir_antihcv",
            "vir_hivagab",
            "vir_tb_igra",
        )
        for name in tests:
            value = self.value(BASELINE, name)
            if value is None:
                continue
            counts = value == "POS" and name not in ("vir_antihbs", "vir_antihbc")
            facts.append(
                Fact(
                    self.item(BASELINE, name).label,
                    self.shown(BASELINE, name),
                    "wrong" if counts else "plain",
                )
            )
            if value in ("PEND", "INDET"):
                words = Text("{t}: {v}", "{t}：{v}").fill(
                    t=self.item(BASELINE, name).label, v=self.shown(BASELINE, name)
                )
                needs.append(Need(words, BASELINE, Cell(name), ("nurse", "investigator")))
        if self.view.value("exc05_hbc_iso") == "Y":
            needs += self.needs(KEY, "exc05_hbc_inv")
        return replace(plain, facts=tuple(facts), needs=tuple(needs))

    def _exc06_preg(self, plain: Criterion) -> Criterion:
        facts = self.facts(SCREENING, "sex")
        if self.value(SCREENING, "sex") == "M":
            return replace(
                plain, facts=(*facts, Fact(Text("Not applicable", "不适用"), Text("male", "男性")))
            )
        facts += self.facts(BASELINE, "fem_status", "preg_recent", "preg_end_date", "hcg", "hcg_dtm")
        age = self.view.value("exc06_hcg_h")
        if isinstance(age, Number):
            limit = self.state.study.parameters["hcg_max_age_h"]
            is_old = not 0 <= age.amount <= Decimal(str(limit))
            words = Text("{h} h old, at most {limit} h", "已 {h} 小时，上限 {limit} 小时").fill(
                h=_short(age.amount), limit=limit
            )
            facts.append(Fact(Text("Age of the test", "检测距今"), words, "wrong" if is_old else "plain"))
        needs = self.needs(SCREENING, "sex")
        if self.value(SCREENING, "sex") == "F":
            needs += self.needs(BASELINE, "fem_status", "preg_recent", "preg_end_date", "hcg", "hcg_dtm")
            if plain.finding == "open" and not needs:
                needs = [
                    Need(
                        Text("A new pregnancy test", "复查妊娠试验"),
                        BASELINE,
                        Cell("hcg"),
                        ("nurse", "investigator"),
                    )
                ]
        return replace(plain, facts=tuple(facts), needs=tuple(needs))

    # --- the attested criteria -------------------------------------------------------------------------------

    def _answered(self, plain: Criterion, *basis: str) -> Criterion:
        items = [i for i in basis if self.state.shown(KEY, self.form.by_id[i], self.now)]
        needs = self.needs(KEY, *items, plain.id)
        return replace(plain, facts=tuple(self.facts(KEY, *items)), needs=tuple(needs))

    def _inc05_infiltrates(self, plain: Criterion) -> Criterion:
        made = self._answered(plain, "inc05_modality", "inc05_image_dtm", "inc05_reader", "inc05_explained")
        taken = self.view.value("inc05_image_dtm")
        if not isinstance(taken, datetime):
            return made
        limit = Decimal(str(self.state.study.parameters["elig_image_max_age_h"]))
        age = Decimal(int((self.at - taken).total_seconds())) / 3600
        is_old = not 0 <= age <= limit
        words = Text("{h} h old, at most {limit} h", "已 {h} 小时，上限 {limit} 小时").fill(
            h=_short(age), limit=limit
        )
        fact = Fact(Text("Age of the image", "影像距今"), words, "wrong" if is_old else "plain")
        return replace(made, facts=(*made.facts, fact))

    def _inc06_no_hf(self, plain: Criterion) -> Criterion:
        return self._answered(
            plain, "inc06_evidence", "inc06_lvef", "inc06_bnp_kind", "inc06_bnp", "inc06_pawp"
        )

    def _exc02_disability(self, plain: Criterion) -> Criterion:
        return self._answered(plain, "exc02_basis")

    def _exc03_malig(self, plain: Criterion) -> Criterion:
        return self._answered(plain, "exc03_status", "exc03_basis")

    def _exc04_infect(self, plain: Criterion) -> Criterion:
        return self._answered(plain, "exc04_prompts", "exc04_basis")

    def _exc07_organ(self, plain: Criterion) -> Criterion:
        return self._answered(plain, "exc07_prompts", "exc07_basis")

    # --- before the first infusion ---------------------------------------------------------------------------

    def recheck(self) -> Recheck:
        until = self.view.value("hold_until_dtm")
        done = self.view.value("recheck_dtm")
        ok = self.view.value("recheck_ok")
        holds = None if ok is None else ok == "Y"
        limit = until if isinstance(until, datetime) else None
        started = 1 in self.state.anchors().starts
        is_late = limit is not None and self.now > limit and not started
        fresh = isinstance(done, datetime) and self.now - done <= self._gas_hours() and holds is True
        decided = self.view.value("elig_decision") == "ELIG"
        return Recheck(
            limit, decided and is_late and not fresh, tuple(self._facts_now()) if decided else (),
            done if isinstance(done, datetime) else None, holds,
        )  # fmt: skip

    def _gas_hours(self) -> timedelta:
        return timedelta(hours=int(Decimal(str(self.state.study.parameters["elig_abg_max_age_h"]))))

    def _facts_now(self) -> Iterator[Fact]:
        """Give what a re-check would find now."""
        then = follow(self.state, KEY, {Cell("recheck_dtm"): self.now}, self.now)
        fresh = FormState(then, KEY, self.now)
        onset = self.value(SCREENING, "ali_onset_dtm")
        until = onset_until(onset, self.now) if onset is not None and not isinstance(onset, Missing) else None
        if until is not None:
            gone = until < self.now
            words = Text("{h} over the limit", "超出 {h}") if gone else Text("{h} left", "剩余 {h}")
            yield Fact(
                Text("Onset, 7 days", "起病7天时限"),
                words.fill(h=_hours(abs(until - self.now))),
                "wrong" if gone else "plain",
            )
        ratio, taken = fresh.value("recheck_pf"), fresh.value("recheck_abg_dtm")
        if isinstance(ratio, Number) and isinstance(taken, datetime):
            old = self.now - taken > self._gas_hours()
            is_in = fresh.value("recheck_pf_in") == "Y"
            words = Text("{x} mmHg, {h} ago", "{x} mmHg，{h}前").fill(
                x=unrounded(ratio.amount), h=_hours(self.now - taken)
            )
            yield Fact(
                Text("Latest PaO2/FiO2", "最近一次氧合指数（PaO2/FiO2）"),
                words,
                "wrong" if old or not is_in else "plain",
            )
        tested = self.value(BASELINE, "hcg_dtm")
        if isinstance(tested, datetime) and self.value(BASELINE, "hcg") == "NEG":
            limit = timedelta(hours=int(Decimal(str(self.state.study.parameters["hcg_max_age_h"]))))
            words = Text("{h} old", "已 {h}").fill(h=_hours(self.now - tested))
            yield Fact(
                Text("Pregnancy test", "妊娠试验"), words, "wrong" if self.now - tested > limit else "plain"
            )


def _weight(plain: Criterion) -> Literal["strong", "wrong"]:
    return "wrong" if plain.finding == "not_met" else "strong"


def _why_pf(ratio: Decimal, exact: str) -> Text | None:
    if ratio == 200:
        return Text("200 exactly: not above 200: not met", "恰为200：不大于200，不符合")
    if ratio < 200:
        return Text("{x} is not above 200: not met", "{x} 不大于200，不符合").fill(x=exact)
    if ratio > 300:
        return Text("{x} is above 300: not met", "{x} 大于300，不符合").fill(x=exact)
    if ratio == 300:
        return Text("300 exactly: not above 300: met", "恰为300：不大于300，符合")
    return None


def _short(amount: Decimal) -> str:
    """Round to one decimal, for reading beside the unrounded value."""
    rounded = amount.quantize(Decimal("0.1"), rounding="ROUND_HALF_UP")
    return format(rounded.normalize() if rounded == rounded.to_integral_value() else rounded, "f")


def _hours(span: timedelta) -> Text:
    """Show a span in whole hours and minutes, and in days beyond two."""
    minutes = int(span.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    return Text(f"{hours} h {rest:02d} min", f"{hours} 小时 {rest:02d} 分")


def _days(days: Decimal) -> Text:
    return Text(f"{format(days, 'f')} days", f"{format(days, 'f')} 天")


def _moment(at: datetime) -> Text:
    return Text(show_datetime(at, "en"), show_datetime(at, "zh"))


def _date(day: date) -> Text:
    return Text(show_date(day, "en"), show_date(day, "zh"))

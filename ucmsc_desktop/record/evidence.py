"""The evidence behind each criterion: what it rests on, what is missing, who answered, how near the limit.

Every verdict is a derived or attested item of form F3; here they are only read. Must never round a value into or out of
eligibility: numbers are shown unrounded first. Pure.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.basis import Basis, at_moment, both, hours, in_days, on_day, short, unrounded
from ucmsc_desktop.record.criteria import (
    BASELINE,
    CONSENT,
    GAS,
    KEY,
    SCREENING,
    Criterion,
    Fact,
    Finding,
    Need,
)
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.study.bedside import onset_until
from ucmsc_desktop.study.functions import moment_of
from ucmsc_desktop.study.model import Role
from ucmsc_desktop.study.values import Missing, Number


class Evidence(Basis):
    """Judges one participant's criteria at a moment."""

    def criterion(self, item_id: str, section: str, en: str, zh: str) -> Criterion:
        """Judge one criterion."""
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
            facts.append(Fact(Text("Consent", "知情同意"), on_day(consented.date())))
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
                facts.append(Fact(Text("Elapsed", "已过"), hours(self.at - begun)))
            elif until is not None:
                days = self.view.value("elig_onset_d")
                if isinstance(days, Number):
                    facts.append(Fact(Text("Calendar days", "日历天数"), in_days(days.amount)))
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
                span = hours(-left if gone else left)
                facts.append(
                    Fact(
                        Text("Limit of 7 days", "7天时限"),
                        words.fill(h=span, when=at_moment(until)),
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
                h=short(age.amount), limit=limit
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
        who: tuple[Role, ...] = ("nurse", "investigator")
        if self.value(GAS, "abg_done") != "Y" and self.value(GAS, "abg_pao2") is None:
            words = Text(
                "An arterial blood gas: PaO2, PaCO2, FiO2 and where it comes from",
                "动脉血气：PaO2、PaCO2、FiO2及其来源",
            )
            return [Need(words, GAS, Cell("abg_done"), who)]
        needs = self.needs(
            GAS, "abg_collect_dtm", "abg_vessel", "abg_pao2", *more, "abg_fio2", "abg_fio2_src", "abg_steady20", "abg_tempcorr"
        )  # fmt: skip
        if self.view.value("elig_abg_ok") == "N":
            words = Text("A blood gas that may be used: take a new one", "可用于判定的血气：请重新采集")
            needs.append(Need(words, GAS, Cell("abg_collect_dtm"), who))
        return needs

    def _inc04a_pf(self, plain: Criterion) -> Criterion:
        facts = self._gas_facts()
        pao2, fio2 = self.amount(GAS, "abg_pao2"), self.amount(GAS, "abg_fio2")
        ratio = self.view.value("elig_pf")
        typed = self.value(GAS, "abg_pao2")
        if pao2 is not None:
            words = self.shown(GAS, "abg_pao2")
            if isinstance(typed, Number) and typed.unit not in ("", "mmHg"):
                words = Text(f"{words.en} = {unrounded(pao2)} mmHg", f"{words.zh} = {unrounded(pao2)} mmHg")
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
            words = both(f"{exact} mmHg")
            if exact != short(ratio.amount):
                words = Text("{x} mmHg, rounded {r}", "{x} mmHg，约 {r}").fill(x=exact, r=short(ratio.amount))
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
            words = both(f"{exact} mmHg")
            if exact != short(gradient.amount):
                words = Text("{x} mmHg, rounded {r}", "{x} mmHg，约 {r}").fill(
                    x=exact, r=short(gradient.amount)
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
                h=short(age.amount), limit=limit
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
            h=short(age), limit=limit
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

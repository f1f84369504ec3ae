"""What the consent of a participant amounts to, in words: is there one, what is missing at each step and why, what is open.

It reads form F2 and holds nothing of its own: every judgement (valid, active, ended) is a derived item of that form, so
that the screen, the paper and the guard before an infusion can never disagree. Pure.

The rule a reader would miss: a wrong fact that has happened (an old version signed) is recorded in the plain form and makes
the consent invalid; the guide, which is used while consent is being obtained, refuses it and says what would be right.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from ucmsc_desktop.i18n import Text, show_date, show_datetime
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.study.model import IcfVersion, Site
from ucmsc_desktop.study.values import Value

KEY = FormKey("F2", "SCR")

Standing = Literal["open", "valid", "declined", "invalid", "halted", "withdrawn"]
Mark = Literal["ok", "wrong", "open", "info"]
MatterKind = Literal["reconsent", "copy", "version", "capacity", "refused"]

SIGNERS: dict[str, Text] = {
    "FULL": Text("the participant signs", "由受试者本人签署"),
    "LIMITED": Text("the participant and the guardian both sign", "由受试者本人和监护人/法定代理人共同签署"),
    "NONE": Text("the guardian signs", "由监护人/法定代理人签署"),
}
SIGN_AS: dict[str, tuple[str, ...]] = {"FULL": ("SUBJ", "BOTH"), "LIMITED": ("BOTH",), "NONE": ("GUARD",)}
SCOPES = ("TREAT", "SAMPLES", "ALL")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the guide: done, wrong, still to come, or said for information; `cell` is where it is entered."""

    mark: Mark
    text: Text
    cell: Cell | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where the consent stands: one sentence to read in three seconds, and why. `since`: from when, where that is known."""

    standing: Standing
    title: Text
    why: Text
    since: datetime | None = None
    cell: Cell | None = None

    @property
    def may_infuse(self) -> bool:
        """Say whether consent stands in the way of no infusion."""
        return self.standing == "valid"


@dataclass(frozen=True, slots=True)
class Matter:
    """Something about consent that is open and wants a person. `since`: from when; `stops`: no infusion until it is done."""

    kind: MatterKind
    title: Text
    key: FormKey
    cell: Cell
    since: datetime | None
    stops: bool


# --- the version of the consent form ----------------------------------------------------------------------------


def active_versions(site: Site, day: date) -> tuple[IcfVersion, ...]:
    """Give the consent-form versions of a site that are active on a day; the newest first."""
    found = [
        v
        for v in site.icf_versions
        if date.fromisoformat(v.active_from) <= day
        and (v.active_to is None or day <= date.fromisoformat(v.active_to))
    ]
    return tuple(sorted(found, key=lambda v: v.active_from, reverse=True))


def version_words(version: IcfVersion) -> Text:
    """Name a version as its footer does: number, date, ethics approval."""
    dated = date.fromisoformat(version.dated)
    return Text(
        f"version {version.version} of {show_date(dated, 'en')}, ethics approval {version.approval}",
        f"{version.version} 版（{show_date(dated, 'zh')}），伦理批件号 {version.approval}",
    )


def day_of_signing(view: FormState) -> date:
    """Give the day on which the version must be active: that of the signature, else of the explanation, else today."""
    for name in ("signed_dtm", "explain_start_dtm"):
        value = view.value(name)
        if isinstance(value, datetime):
            return value.date()
    return view.now.date()


def refusal(view: FormState, item: str, value: Value | None) -> Text | None:
    """Say why the guide does not take an answer, and what would be right; None where it may be saved."""
    if item in ("icf_version", "reconsent_version") and isinstance(value, str):
        return version_refusal(view, value, again=item == "reconsent_version")
    capacity = view.value("capacity")
    if item == "consent_by" and isinstance(capacity, str) and value not in SIGN_AS.get(capacity, (value,)):
        return Text(
            "That does not go with the capacity recorded: {who}.", "与所记录的知情同意能力不符：应{who}。"
        ).fill(who=SIGNERS[capacity])
    if item == "witness_req" and value == "N" and view.value("reads_icf") == "N":
        return Text(
            "The person signing cannot read: an impartial witness is needed, from the beginning of the explanation.",
            "签署人无阅读能力：须有公正见证人自告知开始全程在场。",
        )
    if item == "reconsent_by" and value == "GUARD" and view.value("reconsent_reason") == "CAPACITY":
        return Text(
            "Capacity is regained: the participant signs in person.",
            "受试者已恢复知情同意能力：须由本人签署。",
        )
    return None


def version_refusal(view: FormState, version: str, *, again: bool) -> Text | None:
    """Say why a version is the wrong paper on its day, and which is the right one; None where it is right."""
    moment = view.value("reconsent_dtm") if again else None
    if again:
        day = moment.date() if isinstance(moment, datetime) else view.now.date()
    else:
        day = day_of_signing(view)
    right = active_versions(view.state.site, day)
    if any(v.version == version for v in right):
        return None
    on = Text(show_date(day, "en"), show_date(day, "zh"))
    if not right:
        return Text(
            "No consent form is active at this site on {on}. Ask the investigator.",
            "{on} 本中心没有现行版本的知情同意书，请联系研究者。",
        ).fill(on=on)
    return Text(
        "Version {v} is not the active one on {on}. The right one is {right}. Take that paper.",
        "{v} 版在 {on} 不是现行版本。应使用 {right}。请更换纸质文件。",
    ).fill(v=version, on=on, right=version_words(right[0]))


# --- where it stands --------------------------------------------------------------------------------------------


def view_of(state: SubjectState, now: datetime) -> FormState:
    """Give the consent record of a participant."""
    return FormState(state, KEY, now)


def verdict(view: FormState) -> Verdict:
    """Say where the consent stands."""
    if view.value("withdrawn") == "Y" and view.value("withdraw_scope") != "SAMPLES":
        return _withdrawn(view)
    if view.value("consent_given") == "N":
        title = Text("Consent declined", "拒绝知情同意")
        return Verdict(
            "declined",
            title,
            Text("No study procedure.", "不得进行任何研究操作。"),
            cell=Cell("consent_given"),
        )
    if view.value("consent_valid") == "N":
        wrong = next((f for f in view.open_findings if f.kind == "block"), None)
        why = (
            wrong.message
            if wrong
            else Text("A fact recorded speaks against it.", "已记录的事实与有效性矛盾。")
        )
        title = Text("Consent is not valid. No infusion.", "知情同意无效，不得输注。")
        return Verdict("invalid", title, why, cell=wrong.cell if wrong else None)
    if view.value("consent_valid") != "Y":
        return _open(view)
    if (halt := _halted(view)) is not None:
        return halt
    since = view.value("consent_dtm")
    at = since if isinstance(since, datetime) else None
    when = Text(show_datetime(at, "en"), show_datetime(at, "zh")) if at else Text("", "")
    why = Text("Valid since {when}.", "自 {when} 起有效。").fill(when=when)
    if view.value("withdrawn") == "Y":
        no_more = Text("No further study samples: withdrawn.", "已撤回采样同意，不再采集研究样本。")
        why = Text(f"{why.en} {no_more.en}", f"{why.zh}{no_more.zh}")
    title = Text("Consent is valid", "知情同意有效")
    return Verdict("valid", title, why, at)


def _open(view: FormState) -> Verdict:
    gaps = missing(view)
    title = Text("No valid consent yet. No infusion.", "尚无有效知情同意，不得输注。")
    if not gaps:
        return Verdict("open", title, Text("Facts are not known.", "部分事实未知。"))
    first = gaps[0].cell
    name = view.form.by_id[first.item].label if first is not None else gaps[0].text
    if len(gaps) == 1:
        return Verdict("open", title, Text("Missing: {what}", "缺少：{what}").fill(what=name), cell=first)
    why = Text("Missing: {n}. Next: {what}", "缺少 {n} 项。下一项：{what}").fill(n=len(gaps), what=name)
    return Verdict("open", title, why, cell=first)


def _withdrawn(view: FormState) -> Verdict:
    at = view.value("withdraw_dtm")
    scope = view.value("withdraw_scope")
    title = Text("Consent withdrawn. No infusion.", "已撤回知情同意，不得输注。")
    if isinstance(scope, str):
        choice = view.form.by_id["withdraw_scope"].choice(scope)
        why = choice.label if choice else Text(scope, scope)
    else:
        why = Text("What was withdrawn is not recorded yet: ask.", "尚未记录撤回范围，请询问。")
    return Verdict("withdrawn", title, why, at if isinstance(at, datetime) else None, Cell("withdraw_scope"))


def _halted(view: FormState) -> Verdict | None:
    ended = view.value("consent_end_dtm")
    lapsed = isinstance(ended, datetime) and ended <= view.now
    if view.value("consent_active") == "Y" and not lapsed:
        return None
    title = Text("New consent needed. No infusion until it is signed.", "须再次知情同意，签署前不得输注。")
    since = ended if isinstance(ended, datetime) else None
    if view.value("consent_active") == "Y" and since is not None:
        why = Text("The version signed is no longer active since {when}.", "所签版本自 {when} 起停用。").fill(
            when=Text(show_datetime(since, "en"), show_datetime(since, "zh"))
        )
        return Verdict("halted", title, why, since, Cell("reconsent_needed"))
    if view.value("reconsent_result") == "REFUSED":
        why = Text(
            "Re-consent was refused: record the withdrawal and its scope.",
            "已拒绝再次知情同意：须记录撤回及其范围。",
        )
        return Verdict("halted", title, why, since, Cell("withdrawn"))
    why = _reason(view)
    return Verdict("halted", title, why, since, Cell("reconsent_result"))


def _reason(view: FormState) -> Text:
    reason = view.value("reconsent_reason")
    if not isinstance(reason, str):
        return Text("The reason is not recorded yet.", "尚未记录原因。")
    choice = view.form.by_id["reconsent_reason"].choice(reason)
    return choice.label if choice else Text(reason, reason)


def scope_words(view: FormState, scope: str) -> Text:
    """Say what still happens after a withdrawal of this scope: the words that are confirmed when it is saved."""
    wanted = f"F2.scope_{scope.lower()}"
    return next((c.message for c in view.form.checks if c.id == wanted), Text("", ""))


# --- what is missing, step by step ------------------------------------------------------------------------------

_WHY: dict[str, Text] = {
    "capacity": Text("an investigator's judgement of capacity: who must sign follows from it", "研究者对知情同意能力的判断：由此决定应由谁签署"),
    "capacity_basis": Text("what that judgement rests on", "该判断的依据"),
    "consent_by": Text("who signs", "由谁签署"),
    "guard_rel": Text("how the guardian is related", "监护人/法定代理人与受试者的关系"),
    "subj_no_sign_reason": Text("why the participant does not sign", "受试者本人未签署的原因"),
    "reads_icf": Text("whether the person signing can read: if not, a witness is needed", "签署人能否阅读：不能则须有见证人"),
    "witness_req": Text("whether a witness is needed", "是否需要见证人"),
    "witness_indep": Text("that the witness is not trial staff", "见证人不是研究团队成员"),
    "icf_version": Text("the version printed in the footer", "页脚所印版本号"),
    "explain_start_dtm": Text("when the explanation began: nobody may sign before", "知情告知开始时间：此前不得签署"),
    "explain_end_dtm": Text("when it ended: shows there was time to decide", "告知结束时间：证明有充分考虑时间"),
    "ec_questions_answered": Text("that questions were answered", "是否已解答疑问"),
    "consent_given": Text("whether they agree", "是否同意"),
    "subj_sign_dtm": Text("the participant's signature, date and time", "受试者签署日期时间"),
    "guard_sign_dtm": Text("the guardian's signature, date and time", "监护人/法定代理人签署日期时间"),
    "inv_name": Text("the investigator who explained", "执行知情告知的研究者"),
    "inv_sign_dtm": Text("the investigator's signature, on the same day", "研究者签署（同一天）"),
    "witness_sign_dtm": Text("the witness's signature, on the same day", "见证人签署（同一天）"),
    "copy_given": Text("whether the signed copy was handed over", "是否已交付签署副本"),
    "hgr_sample_consent": Text("whether samples may be stored", "是否同意样本留存"),
}  # fmt: skip


def missing(view: FormState, section_id: str = "") -> tuple[Line, ...]:
    """Give what is still empty, of the whole consent or of one section, each with what it is needed for."""
    found = []
    for finding in view.findings:
        if finding.kind != "required":
            continue
        section = view.form.section_of[finding.cell.item].id
        if section == "header" or (section_id and section != section_id):
            continue
        name = view.form.by_id[finding.cell.item].label
        found.append(Line("open", _WHY.get(finding.cell.item, name), finding.cell))
    return tuple(found)


# --- what is open, for lists ------------------------------------------------------------------------------------


def open_matters(state: SubjectState, now: datetime) -> tuple[Matter, ...]:
    """Give what is open about a participant's consent, what stops an infusion first; empty before anything is recorded."""
    view = view_of(state, now)
    if view.status == "empty":
        return ()
    return tuple(sorted(matters(view), key=lambda m: not m.stops))


def matters(view: FormState) -> Iterator[Matter]:
    """Give what is open about a consent record, in no order."""
    if view.value("withdrawn") == "Y" and view.value("withdraw_scope") != "SAMPLES":
        return
    valid = view.value("consent_valid") == "Y"
    pending = view.value("reconsent_needed") == "Y" and view.value("reconsent_ok") != "Y"
    if valid and pending and view.value("reconsent_result") == "REFUSED":
        title = Text("Re-consent refused: record the withdrawal", "拒绝再次知情同意：记录撤回")
        yield Matter("refused", title, KEY, Cell("withdrawn"), _when(view, "reconsent_known_dtm"), stops=True)
    elif valid and pending:
        title = Text("New consent: {why}", "再次知情同意：{why}").fill(why=_reason(view))
        yield Matter(
            "reconsent", title, KEY, Cell("reconsent_result"), _when(view, "reconsent_known_dtm"), stops=True
        )
    lapse = view.value("icf_lapse_dtm")
    if (
        valid
        and not pending
        and isinstance(lapse, datetime)
        and view.value("icf_lapse_waived") != "Y"
        and lapse <= view.now
    ):
        title = Text(
            "New version of the consent form: sign again, or record that it is not asked for",
            "知情同意书版本已更新：再次签署，或记录无需签署",
        )
        yield Matter("version", title, KEY, Cell("reconsent_needed"), lapse, stops=True)
    if view.value("copy_given") == "N" and view.value("consent_given") == "Y":
        title = Text("Hand over the signed copy of the consent form", "交付已签署的知情同意书副本")
        yield Matter("copy", title, KEY, Cell("copy_given"), _when(view, "signed_dtm"), stops=False)
    if (
        valid
        and view.value("capacity") in ("LIMITED", "NONE")
        and view.value("reconsent_ok") != "Y"
        and not pending
    ):
        title = Text("Ask daily: has capacity to consent come back?", "每日询问：是否已恢复知情同意能力？")
        yield Matter(
            "capacity", title, KEY, Cell("reconsent_needed"), _when(view, "consent_dtm"), stops=False
        )


def _when(view: FormState, item: str) -> datetime | None:
    value = view.value(item)
    return value if isinstance(value, datetime) else None

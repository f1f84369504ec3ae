"""What the consent guide says at each step of form F2: what follows from what is known, what is in order, what is not.

The steps are the sections of the form, in the order in which consent is obtained; the words here never decide anything.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from ucmsc_desktop.i18n import Text, show_date, show_datetime
from ucmsc_desktop.record.consent import (
    SCOPES,
    SIGNERS,
    Line,
    Mark,
    active_versions,
    day_of_signing,
    matters,
    scope_words,
    version_refusal,
    version_words,
)
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.study.values import Value


def guide(view: FormState, section_id: str) -> tuple[Line, ...]:
    """Give what the guide says at a step: what follows from what is known, what is in order and what is not."""
    match section_id:
        case "capacity":
            lines = list(_capacity(view))
        case "signers":
            lines = list(_signers(view))
        case "witness":
            lines = list(_witness(view))
        case "version":
            lines = list(_version(view))
        case "explanation":
            lines = list(_explanation(view))
        case "signing":
            lines = list(_signing(view))
        case "handover":
            lines = list(_handover(view))
        case "validity":
            lines = list(_validity(view))
        case "reconsent":
            lines = list(_reconsent(view))
        case "withdrawal":
            lines = [Line("info", scope_words(view, s), Cell("withdraw_scope")) for s in SCOPES]
        case _:
            lines = []
    return tuple(lines)


def _capacity(view: FormState) -> Iterator[Line]:
    capacity = view.value("capacity")
    if isinstance(capacity, str):
        yield Line("ok", Text("From this follows: {who}.", "由此：{who}。").fill(who=SIGNERS[capacity]))
    else:
        yield Line(
            "info",
            Text(
                "Can the participant understand, weigh and decide now? Sedation or delirium: none for the time being.",
                "受试者目前能否理解、权衡并作出决定？镇静或谵妄：暂时不具备。",
            ),
        )


def _signers(view: FormState) -> Iterator[Line]:
    capacity, by = view.value("capacity"), view.value("consent_by")
    if not isinstance(capacity, str):
        yield Line(
            "open",
            Text("First the capacity: an investigator judges it.", "须先由研究者判断知情同意能力。"),
            Cell("capacity"),
        )
        return
    label = view.form.by_id["capacity"].choice(capacity)
    words = Text("Capacity: {c}. So {who}.", "知情同意能力：{c}。因此{who}。").fill(
        c=label.label if label else capacity, who=SIGNERS[capacity]
    )
    wrong = isinstance(by, str) and view.value("signer_ok") == "N"
    yield Line("wrong" if wrong else ("ok" if by else "info"), words, Cell("consent_by"))


def _witness(view: FormState) -> Iterator[Line]:
    reads, wanted = view.value("reads_icf"), view.value("witness_req")
    if reads == "N":
        yield Line(
            "wrong" if wanted == "N" else "info",
            Text(
                "Cannot read: an impartial witness is present during the whole explanation and signs.",
                "无阅读能力：公正见证人须全程在场并签字。",
            ),
            Cell("witness_req"),
        )
    elif reads == "Y" and wanted == "N":
        yield Line("ok", Text("No witness needed.", "不需要见证人。"))
    else:
        yield Line("info", Text("Let the person read a line aloud.", "请签署人朗读一行文字加以确认。"))
    if view.value("witness_indep") == "N":
        yield Line(
            "wrong",
            Text("A member of the trial staff cannot be the witness.", "研究团队成员不得担任见证人。"),
            Cell("witness_indep"),
        )


def _version(view: FormState) -> Iterator[Line]:
    day = day_of_signing(view)
    on = Text(show_date(day, "en"), show_date(day, "zh"))
    right = active_versions(view.state.site, day)
    if not right:
        yield Line(
            "wrong",
            Text("No version is active at this site on {on}.", "{on} 本中心没有现行版本。").fill(on=on),
        )
        return
    typed = view.value("icf_version")
    fits = any(v.version == typed for v in right)
    words = Text("Active at this site on {on}: {v}.", "{on} 本中心现行版本：{v}。").fill(
        on=on, v=version_words(right[0])
    )
    yield Line("ok" if fits else ("info" if typed is None else "wrong"), words, Cell("icf_version"))
    if typed is not None and not fits:
        refused = version_refusal(view, str(typed), again=False)
        if refused is not None:
            yield Line("wrong", refused, Cell("icf_version"))


def _explanation(view: FormState) -> Iterator[Line]:
    begun, ended = view.value("explain_start_dtm"), view.value("explain_end_dtm")
    least = int(Decimal(str(view.state.study.parameters["explain_min_min"])))
    if isinstance(begun, datetime) and isinstance(ended, datetime):
        minutes = int((ended - begun).total_seconds() // 60)
        words = Text(
            "Explained for {n} min; at least {least} min are expected.",
            "告知 {n} 分钟；应不少于 {least} 分钟。",
        ).fill(n=minutes, least=least)
        yield Line("ok" if minutes >= least else "wrong", words, Cell("explain_end_dtm"))
    else:
        yield Line(
            "info",
            Text("At least {least} min, and time to ask.", "不少于 {least} 分钟，并留出提问时间。").fill(
                least=least
            ),
        )


def _signing(view: FormState) -> Iterator[Line]:
    """The signatures in the order of time, each with what it must keep to."""
    begun = view.value("explain_start_dtm")
    signed = view.value("signed_dtm")
    rows = (
        ("explain_start_dtm", Text("Explanation began", "告知开始")),
        ("subj_sign_dtm", Text("Participant", "受试者本人")),
        ("guard_sign_dtm", Text("Guardian", "监护人/法定代理人")),
        ("inv_sign_dtm", Text("Investigator", "研究者")),
        ("witness_sign_dtm", Text("Witness", "见证人")),
    )
    for name, who in rows:
        value = view.value(name)
        if value is None and not view.is_applicable(view.form.by_id[name]):
            continue
        if not isinstance(value, datetime):
            yield Line(
                "open",
                Text("{who}: not signed yet", "{who}：尚未签署").fill(who=who)
                if name != "explain_start_dtm"
                else Text("When did the explanation begin?", "知情告知何时开始？"),
                Cell(name),
            )
            continue
        when = Text(show_datetime(value, "en"), show_datetime(value, "zh"))
        fault = _fault_of(name, value, begun, signed)
        words = Text("{who}: {when}", "{who}：{when}").fill(who=who, when=when)
        if fault is not None:
            words = Text(f"{words.en} – {fault.en}", f"{words.zh}——{fault.zh}")
        yield Line("wrong" if fault else "ok", words, Cell(name))


def _fault_of(name: str, value: datetime, begun: Value | None, signed: Value | None) -> Text | None:
    if name != "explain_start_dtm" and isinstance(begun, datetime) and value < begun:
        return Text("before the explanation began", "早于知情告知开始")
    other_day = isinstance(signed, datetime) and value.date() != signed.date()
    if name in ("inv_sign_dtm", "witness_sign_dtm") and other_day:
        return Text("not on the day of the others", "与其他签署不在同一天")
    return None


def _handover(view: FormState) -> Iterator[Line]:
    if view.value("copy_given") == "N":
        yield Line(
            "wrong",
            Text(
                "The copy stays on the worklist until it is handed over.",
                "副本交付前，该任务一直保留在工作列表。",
            ),
            Cell("copy_given"),
        )
    elif view.value("copy_given") == "Y":
        yield Line("ok", Text("Copy handed over.", "副本已交付。"))
    else:
        yield Line(
            "info",
            Text(
                "One signed paper stays with the participant or guardian.",
                "一份签署的知情同意书由受试者或监护人/法定代理人保存。",
            ),
        )
    if view.value("hgr_sample_consent") == "N":
        yield Line(
            "info",
            Text(
                "No storage: left-over aliquots are destroyed after the planned tests.",
                "不同意留存：计划检测完成后销毁剩余样本。",
            ),
        )


_ASKED = (  # derived item or rule, where it is entered, in order, not in order
    ("consent_given", "consent_given", Text("They agreed to take part", "同意参加研究"), Text("They did not agree to take part", "未同意参加研究")),
    ("signer_ok", "consent_by", Text("The right person signed for this capacity", "签署人与知情同意能力相符"), Text("The wrong person signed for this capacity", "签署人与知情同意能力不符")),
    ("witness_ok", "witness_req", Text("The rule on witnesses is kept", "符合见证要求"), Text("The rule on witnesses is not kept", "不符合见证要求")),
    ("icf", "icf_version", Text("The version was active on the day of signing", "签署当日所用为现行版本"), Text("The version was not the active one on the day of signing", "签署当日所用不是现行版本")),
    ("order", "explain_start_dtm", Text("Signed after the explanation began", "签署晚于知情告知开始"), Text("Signed before the explanation began", "签署早于知情告知开始")),
    ("consent_dtm", "inv_sign_dtm", Text("All signatures that are needed are there", "所需签署齐全"), Text("A signature is missing", "缺少签署")),
)  # fmt: skip


def _validity(view: FormState) -> Iterator[Line]:
    for name, cell, right, wrong in _ASKED:
        mark = _state(view, name)
        yield Line(mark, wrong if mark == "wrong" else right, Cell(cell))


def _state(view: FormState, name: str) -> Mark:
    signed, begun, typed = (
        view.value("signed_dtm"),
        view.value("explain_start_dtm"),
        view.value("icf_version"),
    )
    match name:
        case "icf":
            if typed is None or not isinstance(signed, datetime):
                return "open"
            return (
                "ok"
                if any(v.version == typed for v in active_versions(view.state.site, signed.date()))
                else "wrong"
            )
        case "order":
            if not isinstance(signed, datetime) or not isinstance(begun, datetime):
                return "open"
            return "ok" if begun <= signed else "wrong"
        case "consent_dtm":
            return "ok" if view.value(name) is not None else "open"
        case _:
            value = view.value(name)
            return "ok" if value == "Y" else ("wrong" if value == "N" else "open")


def _reconsent(view: FormState) -> Iterator[Line]:
    yield Line(
        "info",
        Text(
            "New consent is needed when capacity is regained, when a new version is in force, or when new safety information comes.",
            "以下情形须再次知情同意：恢复知情同意能力、知情同意书更新版本、出现新的安全性信息。",
        ),
    )
    for matter in matters(view):
        if matter.kind in ("reconsent", "version", "capacity", "refused"):
            yield Line("wrong" if matter.stops else "info", matter.title, matter.cell)

"""File a tube or an aliquot from the window: what is right is recorded and said, what is wrong fills the screen."""

from __future__ import annotations

from datetime import datetime

from ucmsc_desktop.errors import BloodNotDrawn, KnownError, StepBlocked, TubeNotTheirs, TubeUsed
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.entry import may_enter
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.session.samples import FORM, Sample, title_of
from ucmsc_desktop.study.specimen import LabelCode
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.notice import Notice

_STOPS = (TubeNotTheirs, TubeUsed, BloodNotDrawn, StepBlocked)


def file_tube(desk: Desk, subject: str, code: LabelCode, at: datetime) -> None:
    """Record that blood was drawn into a tube, then show the record where it goes on."""

    def on_filed(change: Change) -> None:
        key = change.key
        if key is None:
            return
        sample = desk.session.sampling.one(subject, key)
        desk.go("form", subject=subject, key=key, **_next_item(desk.session, subject, key))
        desk.say(_filed(sample))

    desk.do(
        lambda s, a: s.sampling.draw(subject, code, at, reason=a.reason, overrides=a.overrides),
        then=on_filed,
        failed=lambda error: refuse(desk, error, subject, code),
    )


def file_aliquot(desk: Desk, code: LabelCode, at: datetime) -> None:
    """Record an aliquot on its way into the freezer, and show its sample."""

    def on_filed(change: Change) -> None:
        key = change.key
        if key is None:
            return
        desk.go("sampling", subject=code.subject, key=key)
        desk.say(_aliquot_filed(desk.session.sampling.one(code.subject, key), code, change))

    desk.do(
        lambda s, a: s.sampling.file_aliquot(code, at, overrides=a.overrides),
        then=on_filed,
        failed=lambda error: refuse(desk, error, "", code),
    )


def refuse(desk: Desk, error: KnownError, subject: str, code: LabelCode) -> None:
    """Say why a scan is not taken: with the whole screen where the tube is the wrong one, else in the message bar."""
    if not isinstance(error, _STOPS):
        desk.say(error)
        return
    scanned = f"{code.subject}\n{words_of(desk.session, code)}"
    if isinstance(error, TubeNotTheirs):
        expected = f"{subject}\n{who(desk.session, subject)}"
    elif isinstance(error, TubeUsed):
        expected = tr("A tube not used yet", "未使用的采血管")
    elif isinstance(error, BloodNotDrawn):
        expected = tr("An aliquot of blood that was drawn", "已采血标本的分装管")
    else:
        expected = ""
        scanned = ""
    desk.stop(error, expected=expected, scanned=scanned)


def who(session: Session, subject: str) -> str:
    """Say whom a number stands for, as far as a label may: initials and bed."""
    found = next((s for s in session.subjects() if s.subject == subject), None)
    if found is None:
        return ""
    bed = tr("bed {bed}", "{bed} 床", bed=found.bed) if found.bed else ""
    return tr(", ", "，").join(part for part in (found.initials, bed) if part)


def words_of(session: Session, code: LabelCode) -> str:
    """Say what a tube or an aliquot is."""
    point = point_of(session, code)
    if code.aliquot:
        return tr("{point}, aliquot {n}", "{point}，分装管 {n}", point=point, n=code.aliquot)
    return tr("{point}, tube", "{point}，采血管", point=point)


def point_of(session: Session, code: LabelCode) -> str:
    """Name the time-point on a label."""
    return title_of(session.study, FormKey(FORM, code.visit, code.n)).get()


def _next_item(session: Session, subject: str, key: FormKey) -> dict[str, object]:
    """Find the first question of the record that this person can answer now."""
    view = session.form(subject, key)
    for finding in view.findings:
        item = view.form.by_id[finding.cell.item]
        if finding.kind == "required" and may_enter(view.form, item, session.account.role):
            return {"item": item.id, "row": finding.cell.row}
    return {}


def _filed(sample: Sample) -> Notice:
    drawn, by = sample.drawn, sample.spin_by
    text = tr(
        "{who}, {point}: drawn {at}.",
        "{who}，{point}：{at} 采血，已记录。",
        who=sample.subject,
        point=sample.title,
        at=f"{drawn:%H:%M:%S}" if drawn else "",
    )
    todo = tr("Spin by {by}.", "请于 {by} 前离心。", by=f"{by:%H:%M}") if by else ""
    return Notice("ok", text, todo=todo)


def _aliquot_filed(sample: Sample, code: LabelCode, change: Change) -> Notice:
    named = tr(
        "{who}, {point}, aliquot {n}",
        "{who}，{point}，分装管 {n}",
        who=sample.subject,
        point=sample.title,
        n=code.aliquot,
    )
    if not change.events:
        return Notice("info", tr("{what} is recorded already.", "{what} 已有记录。", what=named))
    text = tr("{what} is recorded.", "{what} 已记录。", what=named)
    if sample.spun is None:
        todo = tr(
            "No centrifugation is recorded yet, so no freezing time was stamped.",
            "尚无离心记录，未记录冻存时间。",
        )
        return Notice("warning", text, todo=todo)
    if any(c.item == "cyt_freeze_dtm" for c in change.cells) and sample.frozen is not None:
        text += tr(" Frozen {at}.", "{at} 冻存。", at=f"{sample.frozen:%H:%M:%S}")
    return Notice("ok", text)

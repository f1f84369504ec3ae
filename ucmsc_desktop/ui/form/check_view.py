"""The last step of every form: what is still open, what is unusual, who completed it, who signed and who still has to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import show_datetime, tr
from ucmsc_desktop.record import signing
from ucmsc_desktop.record.form_state import Finding, FormState
from ucmsc_desktop.record.signed import changes_since, signed_values
from ucmsc_desktop.study.model import Role, SignatureSlot
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.form import words
from ucmsc_desktop.ui.form.layouts import FlowBox
from ucmsc_desktop.ui.form.link import Link
from ucmsc_desktop.ui.form.marks import mark_pixmap
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.pill import Mark, Pill

_MOST = 12


def next_slot(view: FormState, role: Role) -> SignatureSlot | None:
    """Give the signature that a role may give next on a complete record; None where there is none."""
    if view.record.completed_at is None:
        return None
    return next((s for s in signing.open_slots(view) if role in s.roles), None)


class CheckView(QWidget):
    """Check and sign."""

    asked = Signal(object)  # Cell: go there
    sign_asked = Signal(str)  # meaning
    lock_asked = Signal(bool)  # lock the record, or open it again

    def __init__(self, name_of: Callable[[str], str]) -> None:
        super().__init__()
        self._name_of = name_of
        self._outer = QVBoxLayout(self)
        self._outer.setContentsMargins(0, 0, 0, 0)
        self._outer.setSpacing(12)
        self._content: QWidget | None = None
        self._links: list[Link] = []

    def show_form(self, view: FormState, role: Role, *, may_lock: bool = False) -> None:
        """Show a record; `may_lock`: whether the person here may lock it and open it again."""
        if self._content is not None:
            self._outer.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
        self._content = QWidget()
        self._links = []
        lines = QVBoxLayout(self._content)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.setSpacing(12)
        open_ones = view.open_findings
        flags = [f for f in view.flags if f not in open_ones]
        if open_ones:
            lines.addWidget(self._make_open(open_ones))
        else:  # one line: what is signed stands below, and is to be seen
            lines.addLayout(
                _line("check", style.OK, tr("Everything asked for is filled in.", "所要求的内容均已填写。"))
            )
        if flags:
            lines.addWidget(self._make_flags(flags))
        lines.addWidget(self._make_signatures(view, role))
        if may_lock and view.status in ("signed", "locked"):
            lines.addLayout(self._make_lock(locked=view.record.locked))
        lines.addStretch(1)
        self._outer.addWidget(self._content)
        self._content.show()  # Qt would wait for the next round of events

    def focus(self) -> bool:
        """Take the focus to the first thing that is open; say whether there is one."""
        if self._links:
            self._links[0].setFocus(Qt.FocusReason.OtherFocusReason)
        return bool(self._links)

    def _make_open(self, found: Sequence[Finding]) -> Card:
        card = Card(tr("Still open", "尚待完成"))
        card.body.addSpacing(6)
        for number, finding in enumerate(found[:_MOST]):
            card.body.addWidget(self._link(finding, f"open_{number}"))
        if len(found) > _MOST:
            card.body.addWidget(label.hint(tr("and {n} more", "另有 {n} 项", n=len(found) - _MOST)))
        card.body.setSpacing(0)
        return card

    def _make_flags(self, found: Sequence[Finding]) -> Card:
        card = Card(tr("To look at again", "请再次核对"))
        card.body.addSpacing(6)
        for number, finding in enumerate(found[:_MOST]):
            done = tr(" (confirmed)", "（已确认）") if not finding.is_open else ""
            made = Link(f"flag_{number}", style.PRIMARY_DARK)
            made.setText(f"▲ {finding.message}{done}".replace("\n", " "))
            card.body.addWidget(made)
            made.clicked.connect(lambda _on=False, c=finding.cell: self.asked.emit(c))
        card.body.setSpacing(0)
        return card

    def _link(self, finding: Finding, name: str) -> Link:
        made = (
            Link(name, style.PRIMARY_DARK) if finding.kind == "required" else Link(name, style.ERROR, "bar")
        )
        made.setText(str(finding.message).replace("\n", " "))
        self._links.append(made)
        made.clicked.connect(lambda: self.asked.emit(finding.cell))
        return made

    def _make_signatures(self, view: FormState, role: Role) -> Card:
        record = view.record
        card = Card()
        head = QHBoxLayout()
        head.addWidget(label.heading(tr("Completion and signatures", "完成与签名")), 1)
        head.addWidget(Pill(view.status))
        card.body.addLayout(head)
        if record.completed_at is not None:
            text = tr(
                "Completed by {name}, {when}", "{name} 于 {when} 完成填写",
                name=self._name_of(record.completed_by), when=show_datetime(record.completed_at),
            )  # fmt: skip
            card.body.addLayout(_line("check", style.OK, text))
        elif record.signatures:
            text = tr(
                "Changed after it was signed: complete and sign it again.", "签名后有修改：请重新完成并签名。"
            )
            card.body.addLayout(_line("triangle", style.WARNING, text))
        slots = signing.wanted_slots(view)
        if not slots:
            card.body.addWidget(label.hint(tr("This form needs no signature.", "本表单无需签名。")))
        for slot in slots:
            card.body.addWidget(self._make_slot(view, slot, role))
        return card

    def _make_lock(self, *, locked: bool) -> QHBoxLayout:
        line = QHBoxLayout()
        text = (
            tr("Locked: nobody can change an entry.", "已锁定：任何人均不能修改。")
            if locked
            else tr(
                "Locking closes a signed form against every change until an investigator unlocks it.",
                "锁定后表单不可再修改，须由研究者解锁。",
            )
        )
        line.addWidget(label.hint(text, "form_lock_words"), 1)
        made = (
            button.secondary(tr("Unlock…", "解锁……"), "form_unlock", "lock_open")
            if locked
            else button.secondary(tr("Lock the form…", "锁定表单……"), "form_lock", "lock")
        )
        made.clicked.connect(lambda: self.lock_asked.emit(not locked))
        line.addWidget(made)
        return line

    def _make_slot(self, view: FormState, slot: SignatureSlot, role: Role) -> QWidget:
        meaning = view.state.study.meaning_by_id[slot.meaning]
        made = QWidget()
        lines = QVBoxLayout(made)
        lines.setContentsMargins(0, 8, 0, 0)
        lines.setSpacing(2)
        optional = "" if slot.required else tr(" (optional)", "（选填）")
        top = QHBoxLayout()
        top.addWidget(label.label(f"{meaning.title}{optional}"), 1)
        lines.addLayout(top)
        lines.addWidget(label.hint(str(meaning.statement)))
        signed = signed_values(view, slot)
        if signed:
            lines.addWidget(_values(signed, f"signed:{slot.meaning}"))
        for signature in (s for s in view.record.signatures if s.meaning == slot.meaning):
            who = tr(
                "Signed by {name} ({role}), {when}", "{name}（{role}）于 {when} 签名",
                name=self._name_of(signature.user), role=words.roles((signature.role,)),
                when=show_datetime(signature.at, seconds=True),
            )  # fmt: skip
            if signature.voided:
                text = tr("{who}: void, the form was changed later", "{who}：已失效，之后表单有修改", who=who)
                lines.addLayout(_line("bar", style.TEXT_SECOND, text))
                for change in changes_since(view, signature)[:_MOST]:
                    text = tr(
                        "Changed since: {what} ({name}, {when})", "此后修改：{what}（{name}，{when}）",
                        what=change.text, name=self._name_of(change.user), when=show_datetime(change.at),
                    )  # fmt: skip
                    lines.addWidget(label.body(text, f"changed:{change.cell.item}"))
            else:
                lines.addLayout(_line("pen", style.OK, who))
        missing = signing.people_missing(view, slot)
        if not missing:
            return made
        if slot.people > 1:
            text = tr(
                "{missing} of {people} people have still to sign, each with their own password.",
                "须由{people}人分别以本人密码签名，尚缺{missing}人。", missing=missing, people=slot.people,
            )  # fmt: skip
            lines.addLayout(_line("clock_outline", style.TEXT_SECOND, text))
        if role not in slot.roles:
            text = tr("Waits for: {who}", "等待签名：{who}", who=words.roles(slot.roles))
            lines.addLayout(_line("clock_outline", style.TEXT_SECOND, text))
        elif not signing.is_open(view, slot):
            lines.addLayout(_line("clock_outline", style.TEXT_SECOND, _waits_for(view, slot)))
        else:
            sign = button.secondary(tr("Sign…", "签名……"), f"sign:{slot.meaning}", "draw")
            sign.clicked.connect(lambda: self.sign_asked.emit(slot.meaning))
            top.addWidget(sign)
        return made


def _waits_for(view: FormState, slot: SignatureSlot) -> str:
    if slot.opens is None:
        return tr("Can be signed once the form is complete.", "表单完成后方可签名。")
    first = next(iter(signing.in_the_way(view, slot)), None)
    if first is None or not signing.has_opened(view, slot):
        return tr(
            "Can be signed once what it is about is filled in.",
            "相关条目填写后即可签名，无需等待整份表单完成。",
        )
    return tr("Before it can be signed: {what}", "签名前请先处理：{what}", what=first.message)


def _values(signed: Sequence[tuple[str, str]], object_name: str) -> FlowBox:
    """Show what a signature is about, name and value beside each other."""
    box = FlowBox(gap=4, margin=0)
    box.setObjectName(object_name)
    for name, value in signed:
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 14, 0)
        line.setSpacing(6)
        line.addWidget(label.caption(name))
        shown = QLabel(value)
        shown.setTextFormat(Qt.TextFormat.PlainText)
        style.set_kind(shown, "label")
        line.addWidget(shown)
        holder.setAccessibleName(f"{name}: {value}")
        box.add(holder)
    return box


def _line(mark: Mark, colour: str, text: str) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(8)
    sign = QLabel()  # not one that wraps: aligned to the top, that has no height and shows no mark
    sign.setPixmap(mark_pixmap(mark, colour, paper=style.SURFACE))
    line.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    line.addWidget(label.body(text), 1)
    return line

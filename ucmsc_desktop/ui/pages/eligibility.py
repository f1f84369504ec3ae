"""Eligibility at a glance: one row a criterion with its evidence, what is missing, the investigator's decision.

While nothing is decided, what fails and what is not known yet stand first: each criterion once, with what it wants. The page reads `record.eligibility` and enters nothing but the decision; a criterion is answered in its own section of
form F3, opened in place. Everybody may read it; who may not decide sees what is to be fetched.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import show_datetime, tr
from ucmsc_desktop.record import signing
from ucmsc_desktop.record.eligibility import KEY, Criterion, Eligibility, Need, look
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.eligibility.acts import Acts
from ucmsc_desktop.ui.eligibility.band import Band, Tone
from ucmsc_desktop.ui.eligibility.criterion_form import CriterionForm
from ucmsc_desktop.ui.eligibility.criterion_row import CriterionRow, facts_box
from ucmsc_desktop.ui.eligibility.mark_chip import MarkChip
from ucmsc_desktop.ui.form.layouts import FlowBox
from ucmsc_desktop.ui.guides import page_for
from ucmsc_desktop.ui.style import icon, set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.page_frame import PageFrame
from ucmsc_desktop.ui.widgets.page_header import PageHeader

REFRESH_MS = 30_000  # the clocks of onset, blood gas and test run on


ENTERED = "entered"  # the meaning of the signature under the entries themselves


class EligibilityPage(QWidget):
    """The criteria of one participant."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("eligibility_page")
        self._desk = desk
        self._subject = ""
        self._found: Eligibility | None = None
        self._acts = Acts(desk, self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self._stack = QStackedWidget()
        outer.addWidget(self._stack)
        overview = QWidget()
        self._frame = PageFrame(overview)
        self._stack.addWidget(overview)
        self._form: CriterionForm | None = None
        self._content: QWidget | None = None
        self._judged = ""  # the criterion whose section was opened last
        self._header = PageHeader(tr("Eligibility", "入选/排除标准"))
        consent = button.secondary(tr("Consent", "知情同意"), "eligibility_consent", "draw")
        consent.clicked.connect(lambda: desk.go("consent", subject=self._subject))
        plain = button.secondary(tr("Open as form", "以表单打开"), "eligibility_form", "description")
        plain.clicked.connect(lambda: desk.go("form", subject=self._subject, key=KEY))
        for made in (consent, plain):
            made.setProperty("aside", True)
            self._header.buttons.addWidget(made)
        self._frame.body.setSpacing(10)
        self._frame.body.addWidget(self._header)
        self._band = Band("eligibility_band")
        self._frame.body.addWidget(self._band)
        self._decides = desk.session.role == "investigator"
        self._make_foot()
        desk.changed.connect(self._on_desk_changed)
        self._timer = QTimer(self)
        self._timer.setInterval(REFRESH_MS)
        self._timer.timeout.connect(self._on_timer_timeout)

    def _make_foot(self) -> None:
        foot = self._frame.foot
        back = button.secondary(tr("Overview", "概览"), "eligibility_back", "arrow_back")
        back.clicked.connect(lambda: self._desk.go("participant", subject=self._subject))
        foot.addWidget(back)
        self._foot_words = label.hint("", "eligibility_foot")
        foot.addWidget(self._foot_words, 1)
        self._fail = button.secondary(tr("Screen failure…", "筛选失败……"), "eligibility_fail", "block")
        self._fail.clicked.connect(self._on_fail_clicked)
        self._decide = button.primary(tr("Eligible: sign…", "合格：签名……"), "eligibility_decide", "draw")
        self._decide.clicked.connect(self._on_decide_clicked)
        self._entered = button.secondary(
            tr("Sign the entries…", "签署数据录入……"), "eligibility_entered", "draw"
        )
        self._entered.clicked.connect(lambda: self._desk.sign(self._subject, KEY, ENTERED))
        foot.addWidget(self._fail)
        foot.addWidget(self._entered)
        foot.addWidget(self._decide)
        self._frame.show_foot()

    # --- the contract of pages -------------------------------------------------------------------------------

    def open(self, *, subject: str, **what: object) -> None:
        """Show a participant; `item` opens the section of one criterion. Raises: UnknownThing."""
        self._desk.session.state(subject)
        self._subject = subject
        self._judged = ""
        self._stack.setCurrentIndex(0)
        self.refresh()
        if self._frame.area is not None:
            self._frame.area.verticalScrollBar().setValue(0)
        self.take_focus()
        item = what.get("item")
        form = self._desk.session.study.forms["F3"]
        if isinstance(item, str) and item in form.by_id and self._decides:
            self._open_item(item)

    def refresh(self) -> None:
        """Read everything again and draw it anew, at the same place of scrolling; a decision is read from its top."""
        if not self._subject or not self._desk.is_signed_in:
            return
        session = self._desk.session
        before = self._found
        self._found = found = look(session.state(self._subject), session.now())
        self._show_head(found)
        bar = self._frame.area.verticalScrollBar() if self._frame.area else None
        at = bar.value() if bar else 0
        focused = self._content.focusWidget() if self._content is not None else None
        name = focused.objectName() if focused is not None else ""
        if self._content is not None:
            self._frame.body.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
        self._content = self._make_content(found)
        self._frame.body.addWidget(self._content, 1)
        self._content.show()  # Qt would wait for the next round of events
        if name and (again := self._content.findChild(QWidget, name)) is not None:
            again.setFocus()
        was = (before.decision, before.is_signed) if before is not None else ("", False)
        if bar is not None:
            bar.setValue(at if was == (found.decision, found.is_signed) else 0)
        self._show_foot(found)

    def take_focus(self) -> None:
        """Begin at the next criterion that is to be judged here; where all are, at the decision."""
        found = self._found
        if found is None or self._stack.currentIndex() or self._content is None:
            return
        order = [c.id for c in found.criteria]
        start = order.index(self._judged) if self._judged in order else 0
        open_ = {c.id for c in found.unknown}
        names = [n for n in (*order[start:], *order[:start]) if n in open_]
        ways = (self._content.findChild(QWidget, f"judge_{n}") for n in names)
        judge = next((w for w in ways if w is not None), None)
        if judge is not None and not (found.failed and not self._judged):
            judge.setFocus(Qt.FocusReason.OtherFocusReason)
            QTimer.singleShot(0, judge, partial(self._frame.ensure_visible, judge))
            return
        for end in (self._decide, self._fail):
            if end.isVisibleTo(self) and end.isEnabled() and (not found.decision or end is self._decide):
                end.setFocus(Qt.FocusReason.OtherFocusReason)
                return

    def leave(self) -> bool:
        """Keep what is typed in an open section."""
        return self._form is None or self._form.leave()

    def keys(self) -> tuple[tuple[str, str], ...]:
        """Give the keys of the section that is open."""
        return self._form.keys() if self._form is not None and self._stack.currentIndex() else ()

    # --- parts -----------------------------------------------------------------------------------------------

    def _show_head(self, found: Eligibility) -> None:
        at = show_datetime(found.at)
        if found.is_live:
            self._header.set_hint(
                tr(
                    "From what is recorded at {at}; nothing is decided yet",
                    "依据 {at} 已有数据，尚未判定",
                    at=at,
                )
            )
        else:
            self._header.set_hint(tr("As decided at {at}", "按判定时间 {at}", at=at))
        decided_by = self._desk.session.people.name_of(found.decided_by)
        self._band.show_state(*band_of(found, decided_by, with_unknown=False))

    def _make_content(self, found: Eligibility) -> QWidget:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._marks(found))
        if found.decision == "ELIG":
            column.addWidget(self._recheck_card(found))
        asked: dict[Need, Criterion] = {}
        for title, rows in groups_of(found):
            column.addWidget(label.heading(title))
            for criterion in rows:
                column.addWidget(self._row(criterion, asked))
        column.addStretch(1)
        return content

    def _marks(self, found: Eligibility) -> FlowBox:
        """All fourteen at a glance; a tap scrolls to the row."""
        box = FlowBox(gap=4, margin=2)
        for criterion in found.criteria:
            made = MarkChip(criterion)
            made.clicked.connect(lambda _on=False, c=criterion: self._scroll_to(c))
            box.add(made)
        return box

    def _scroll_to(self, criterion: Criterion) -> None:
        row = self.findChild(QWidget, f"criterion_{criterion.id}")
        if row is not None and self._frame.area is not None and self._content is not None:
            self._frame.area.verticalScrollBar().setValue(row.y() + self._content.y() - 12)

    def _row(self, criterion: Criterion, asked: dict[Need, Criterion]) -> CriterionRow:
        """Make a row; what a row above asks for already is not asked for again (`asked`: by which)."""
        name = self._desk.session.people.name_of(criterion.attested.user) if criterion.attested else ""
        may = self._decides and not criterion.is_computed and not self._is_locked()
        fresh = tuple(n for n in criterion.needs if n not in asked)
        above = {str(asked[n].mark) for n in criterion.needs if n in asked}
        asked.update(dict.fromkeys(fresh, criterion))
        made = CriterionRow(criterion, name=name, may_judge=may, needs=fresh, above=sorted(above))
        made.asked.connect(self._on_row_asked)
        made.judge_asked.connect(self._on_row_judge_asked)
        return made

    def _is_locked(self) -> bool:
        return self._desk.session.state(self._subject).form_record(KEY).locked

    def _recheck_card(self, found: Eligibility) -> QWidget:
        """Whether the decision still holds before the first infusion."""
        recheck = found.recheck
        card = Band("eligibility_recheck")
        until = show_datetime(recheck.until) if recheck.until else "–"
        done = show_datetime(recheck.done_at) if recheck.done_at else ""
        tone: Tone = "info"
        title = tr("The values hold until {until}", "判定依据有效至 {until}", until=until)
        why = tr("A first infusion after that needs a re-check.", "逾此时间首次输注须复核。")
        if recheck.holds is False:
            tone, title = "error", tr("No longer eligible, {at}", "复核不再符合，{at}", at=done)
            why = found.reason
        elif recheck.is_needed:
            tone = "warning"
            title = tr("Re-check before the first infusion", "首次输注前须复核")
            why = tr("The values held until {until}.", "判定依据有效至 {until}。", until=until)
        elif recheck.done_at is not None:
            tone, title = "ok", tr("Checked again, {at}: still eligible", "已于 {at} 复核：仍符合", at=done)
            why = ""
        card.show_state(tone, title, why)
        if recheck.facts:
            card.body.addWidget(facts_box(recheck.facts))
        if self._decides and recheck.is_needed and recheck.holds is not False:
            line = QHBoxLayout()
            line.setSpacing(10)
            still = button.secondary(tr("Still eligible: sign…", "仍符合：签名……"), "recheck_yes", "draw")
            no = button.secondary(tr("No longer…", "不再符合……"), "recheck_no", "block")
            still.clicked.connect(lambda: self._acts.check_again(self._subject, found, holds=True))
            no.clicked.connect(lambda: self._acts.check_again(self._subject, found, holds=False))
            line.addWidget(still)
            line.addWidget(no)
            line.addStretch(1)
            card.body.addSpacing(6)
            card.body.addLayout(line)
        return card

    def _show_foot(self, found: Eligibility) -> None:
        started = bool(self._desk.session.state(self._subject).anchors().starts)
        open_ = not found.decision and not self._is_locked()
        self._fail.setVisible(not started and found.decision != "INELIG" and self._may_fail())
        unsigned = bool(found.decision) and not found.is_signed
        self._decide.setVisible(self._decides and (open_ or unsigned))
        self._decide.setText(tr("Sign…", "签名……") if unsigned else tr("Eligible: sign…", "合格：签名……"))
        self._decide.setEnabled(unsigned or found.may_decide or self._only_border(found))
        words = ""
        if not self._decides and open_:
            words = tr("An investigator decides and signs.", "由研究者判定并签名。")
        elif not self._decides and unsigned:
            words = tr("An investigator signs.", "待研究者签名。")
        elif open_ and found.failed:
            marks = tr(", ", "、").join(str(c.mark) for c in found.failed)
            words = tr("Not met: {m}. No waivers.", "不符合：{m}。不允许豁免。", m=marks)
        elif open_ and not self._decide.isEnabled():
            words = tr(
                "“Eligible” opens when all 14 are answered and met. No waivers.",
                "14项全部判定并符合后方可选择“合格”。不允许豁免。",
            )
        self._foot_words.setText(words)
        is_next = open_ and bool(found.failed)
        set_kind(self._fail, "danger" if is_next else "secondary")
        self._fail.setIcon(icon("block", style.ON_FILL if is_next else style.PRIMARY_DARK))
        self._entered.setVisible(found.is_signed and self._may_sign_entries())

    def _may_sign_entries(self) -> bool:
        """Say whether the person here entered the record and its own signature under that is still to be given."""
        view = self._desk.session.form(self._subject, KEY)
        mine = view.value("recorder") == self._desk.session.account.user
        return mine and any(s.meaning == ENTERED for s in signing.open_slots(view))

    def _may_fail(self) -> bool:
        return self._desk.session.role in ("nurse", "investigator")

    @staticmethod
    def _only_border(found: Eligibility) -> bool:
        return not found.failed and not found.unknown

    # --- what the person does --------------------------------------------------------------------------------

    def _on_row_asked(self, need: object) -> None:
        if not isinstance(need, Need):
            return
        if need.key == KEY and self._desk.session.role in need.by:
            self._open_item(need.cell.item)
            return
        page = page_for(need.key)
        back = {"back": "eligibility"} if page == "form" else {}
        self._desk.go(page, subject=self._subject, key=need.key, item=need.cell.item, **back)

    def _on_row_judge_asked(self, criterion: object) -> None:
        if isinstance(criterion, Criterion):
            form = self._desk.session.study.forms["F3"]
            section = next(s for s in form.sections if s.id == criterion.section)
            empty = [n.cell.item for n in criterion.needs if n.key == KEY]
            first = empty[0] if empty else next(i.id for i in section.items if not i.is_derived)
            self._judged = criterion.id
            self._open_item(first)

    def _open_item(self, item: str) -> None:
        """Open the section of an item over the list."""
        if self._form is None:
            self._form = CriterionForm(self._desk)
            self._form.closed.connect(self._on_form_closed)
            self._stack.addWidget(self._form)
        self._stack.setCurrentWidget(self._form)
        self._form.open(subject=self._subject, key=KEY, item=item)

    def _on_form_closed(self) -> None:
        self._stack.setCurrentIndex(0)
        self.refresh()
        self.take_focus()

    def _on_decide_clicked(self) -> None:
        if self._found is None:
            return
        if self._found.decision:
            self._sign_again()
        else:
            self._acts.declare_eligible(self._subject, self._found)

    def _sign_again(self) -> None:
        """Sign a decision that is recorded; complete the record first where a change has opened it."""
        subject = self._subject
        record = self._desk.session.state(subject).form_record(KEY)
        if record.completed_at is not None:
            self._acts.sign(subject)
        else:
            self._desk.do(lambda s, _a: s.complete(subject, KEY), then=lambda _c: self._acts.sign(subject))

    def _on_fail_clicked(self) -> None:
        if self._found is not None:
            self._acts.close_as_failure(self._subject, self._found)

    def _on_desk_changed(self, change: object) -> None:
        if not self.isVisible() or not self._desk.is_signed_in or self._stack.currentIndex():
            return
        if change is None or getattr(change, "subject", "") == self._subject:
            self.refresh()

    def _on_timer_timeout(self) -> None:
        if not self._stack.currentIndex() and self._found is not None and self._found.is_live:
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()


def groups_of(found: Eligibility) -> list[tuple[str, list[Criterion]]]:
    """Give the criteria in the order in which they are looked at, each once: what fails and what is open come first."""
    first: list[tuple[str, list[Criterion]]] = []
    if not found.decision:
        first = [
            (tr("Not met", "不符合"), list(found.failed)),
            (tr("Still to be judged or fetched", "待判定或待补充"), list(found.unknown)),
        ]
    shown = {c.id for _title, rows in first for c in rows}
    rest = [c for c in found.criteria if c.id not in shown]
    some = bool(shown)
    inclusion = (
        tr("Inclusion: met", "入选标准：已符合")
        if some
        else tr("Inclusion: all must be met", "入选标准：须全部符合")
    )
    exclusion = (
        tr("Exclusion: not present", "排除标准：无此情况")
        if some
        else tr("Exclusion: none may be present", "排除标准：须全部不存在")
    )
    groups = [
        *first,
        (inclusion, [c for c in rest if not c.is_exclusion]),
        (exclusion, [c for c in rest if c.is_exclusion]),
    ]
    return [(title, rows) for title, rows in groups if rows]


def band_of(found: Eligibility, decided_by: str, *, with_unknown: bool = True) -> tuple[Tone, str, str]:
    """Say where eligibility stands: colour, one sentence, and which criteria it hangs on.

    `with_unknown`: name those not yet known, too, where they do not stand below.
    """
    join = tr(", ", "、")
    failed = join.join(_failure(c) for c in found.failed)
    unknown = join.join(str(c.mark) for c in found.unknown)
    if found.decision == "INELIG":
        return "error", tr("Not eligible: screen failure", "不合格：筛选失败"), found.reason
    if found.decision == "ELIG":
        return _band_of_eligible(found, decided_by)
    if found.failed:
        title = tr("Not eligible as it stands: {n} not met", "目前不合格：{n} 项不符合", n=len(found.failed))
        rest = tr("\nNot yet known: {m}", "\n尚未判定：{m}", m=unknown) if unknown and with_unknown else ""
        return "error", title, failed + rest
    if found.unknown:
        title = tr(
            "Not yet decided: {n} of 14 not yet known", "尚未判定：14项中 {n} 项未知", n=len(found.unknown)
        )
        why = tr("Not yet known: {m}", "尚未判定：{m}", m=unknown) if with_unknown else ""
        return "warning", title, why
    if found.is_borderline and not found.is_confirmed:
        title = tr("All 14 met; borderline values to be confirmed", "14项全部符合；临界值待研究者确认")
        marks = join.join(str(c.mark) for c in found.criteria if c.border is not None)
        return "warning", title, tr("Borderline: {m}", "临界：{m}", m=marks)
    return (
        "ok",
        tr("All 14 met", "14项全部符合"),
        tr("The investigator decides and signs.", "由研究者判定并签名。"),
    )


def _failure(criterion: Criterion) -> str:
    words = criterion.why or criterion.words
    return f"{criterion.mark} {words}"


def _band_of_eligible(found: Eligibility, decided_by: str) -> tuple[Tone, str, str]:
    who = tr("{name}, {at}", "{name}，{at}", name=decided_by, at=show_datetime(found.at))
    if not found.is_eligible:
        title = tr("Decided eligible, but it no longer holds", "曾判定合格，但目前不成立")
        marks = tr(", ", "、").join(str(c.mark) for c in (*found.failed, *found.unknown))
        return "error", title, tr("Look at: {m}", "请查看：{m}", m=marks) if marks else who
    if found.recheck.is_needed:
        title = tr("Eligible, but to be checked again before the first infusion", "合格，但首次输注前须复核")
        return "warning", title, who
    if not found.is_signed:
        return "warning", tr("Eligible, not signed yet", "合格，尚未签名"), who
    return "ok", tr("Eligible, signed", "合格，已签名"), who

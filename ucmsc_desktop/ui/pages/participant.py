"""One participant: visits with their windows, every record with its status, open findings, signatures, what can be added.

The page shows what `SubjectState` and `FormState` say and sends the person to the form or its guide; nothing is entered
here. How far a visit is comes from the work list, so that the two can never say different things.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record import consent, eligibility
from ucmsc_desktop.record.course import planned_keys, stage_of
from ucmsc_desktop.record.doers import for_text
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.record.tasks import TaskStatus
from ucmsc_desktop.session import Task
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.eligibility.band import Band
from ucmsc_desktop.ui.guides import page_for, way_of
from ucmsc_desktop.ui.pages.consent import TONES
from ucmsc_desktop.ui.pages.eligibility import band_of
from ucmsc_desktop.ui.participant.cards import (
    additions_card,
    course_card,
    findings_card,
    put,
    signature_cards,
)
from ucmsc_desktop.ui.participant.tiles import FormTile, GuideTile, VisitTile
from ucmsc_desktop.ui.participant.visits import by_visit, is_timed, visit_status, window_of, window_text
from ucmsc_desktop.ui.safety.sae_strip import SaeStrip
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.flow import FlowLayout
from ucmsc_desktop.ui.widgets.page_frame import PageFrame
from ucmsc_desktop.ui.widgets.page_header import PageHeader
from ucmsc_desktop.ui.worklist.order import Own

_BEHIND = ("UNS", "DAY", "LOG")  # shown in the list below, not in the strip of visits


class ParticipantPage(QWidget):
    """Everything about one participant at a glance."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.setObjectName("participant_page")
        self._desk = desk
        self._subject = ""
        self._frame = PageFrame(self)
        self._header = PageHeader("")
        infuse = button.secondary(tr("Infusion", "输注"), "participant_infusion", "vaccines")
        if not desk.session.may("infuse"):
            infuse.hide()
        infuse.clicked.connect(lambda: desk.go("infusion", subject=self._subject))
        history = button.secondary(tr("History", "历史"), "participant_history", "history")
        history.clicked.connect(lambda: desk.go("review", subject=self._subject))
        another = button.secondary(tr("Other participant", "其他受试者"), "participant_other", "person")
        another.clicked.connect(lambda: desk.go("choose", then="participant"))
        for made in (another, history, infuse):
            self._header.buttons.addWidget(made)
        self._frame.body.addWidget(self._header)
        self._next = button.primary("", "participant_next", "arrow_forward")
        self._next.clicked.connect(self._on_next_clicked)
        self._next_task: Task | None = None
        self._own = Own(desk.session.study, desk.session.role)
        self._frame.body.addWidget(self._next)
        self._others = label.label("", "participant_next_others")
        self._others.setWordWrap(True)
        self._frame.body.addWidget(self._others)
        self._sae = SaeStrip(desk)
        self._frame.body.addWidget(self._sae)
        self._content: QWidget | None = None
        self._all_findings = False
        self._groups: dict[str, QWidget] = {}
        desk.changed.connect(self._on_desk_changed)

    def open(self, *, subject: str, **_what: object) -> None:
        """Show a participant. Raises: UnknownThing."""
        self._desk.session.state(subject)
        self._all_findings = self._all_findings and subject == self._subject
        if self._frame.area is not None:  # whoever opens the page must see the clock of a serious event
            self._frame.area.verticalScrollBar().setValue(0)
        self._subject = subject
        self._sae.show_subject(subject)
        self.refresh()
        if self._next_task is not None:
            self._next.setFocus()

    def refresh(self) -> None:
        """Read the participant again and draw the page anew, at the same place of scrolling."""
        session = self._desk.session
        state = session.state(self._subject)
        now = session.now()
        views = [FormState(state, key, now) for key in planned_keys(state)]
        summary = session.banner(self._subject)
        self._header.set_title(tr("Participant {s}", "受试者 {s}", s=self._subject))
        done = sum(v.status in ("complete", "signed", "locked") for v in views)
        self._header.set_hint(
            tr("{visit} · {n} of {all} records complete", "{visit} · 已完成 {n}/{all} 份记录",
               visit=summary.visit, n=done, all=len(views))
        )  # fmt: skip
        self._show_next()
        bar = self._frame.area.verticalScrollBar() if self._frame.area else None
        at = bar.value() if bar else 0
        focused = self._content.focusWidget() if self._content is not None else None
        name = focused.objectName() if focused is not None else ""
        if self._content is not None:
            self._frame.body.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
        self._content = QWidget()
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(14)
        if (closed := self._closed(state)) is not None:
            column.addWidget(closed)
        column.addWidget(self._guides(state))
        column.addWidget(self._strip(state, views))
        wanted, given = signature_cards(views, session, partial(self._desk.sign, self._subject))
        more = None if self._all_findings else self._show_all_findings
        findings = findings_card(views, self._go, more)
        additions = additions_card(state, session.account.role, now.date(), self._go)
        for made in (findings, wanted, course_card(state), additions):
            if made is not None:
                column.addWidget(made)
        self._groups = {}
        for visit, of_visit in by_visit(state, views):
            column.addWidget(self._group(state, visit, of_visit))
        if given is not None:
            column.addWidget(given)
        column.addStretch(1)
        self._frame.body.addWidget(self._content, 1)
        self._content.show()  # Qt would wait for the next round of events
        if name and (again := self._content.findChild(QWidget, name)) is not None:
            again.setFocus()
        if bar is not None:
            bar.setValue(at)

    def _show_next(self) -> None:
        """Offer the first thing of the work list that this person can do here, so that nobody has to look for it; where
        something of somebody else stands before it, say so in words.
        """
        tasks = [t for t in self._desk.session.worklist() if t.subject == self._subject]
        open_ones = [t for t in tasks if t.status != "blocked" and t.key is not None]
        self._next_task = own = next(filter(self._own.is_own, open_ones), None)
        self._next.setHidden(own is None)
        if own is not None:
            self._next.setText(tr("Next: {what}", "下一步：{what}", what=_named(own)))
        first = open_ones[0] if open_ones else None
        others = self._others_words(first) if first is not None and first is not own else ""
        self._others.setText(others)
        self._others.setHidden(not others)

    def _others_words(self, task: Task) -> str:
        whose = for_text(self._own.of(task))
        if self._next_task is None:
            return tr("Next, {whose}: {what}", "下一步，{whose}：{what}", whose=whose, what=_named(task))
        return tr("Open, {whose}: {what}", "待办，{whose}：{what}", whose=whose, what=_named(task))

    def _on_next_clicked(self) -> None:
        if self._next_task is not None:
            page, what = way_of(self._next_task, self._desk.session)
            self._desk.go(page, **what)

    # --- parts -----------------------------------------------------------------------------------------------

    def _closed(self, state: SubjectState) -> QWidget | None:
        """Say that a participant failed screening, and why: nothing further is owed."""
        if stage_of(state) != "failed":
            return None
        item = state.study.forms["F1"].by_id["scr_fail"]
        codes = state.value(FormKey("F1", "SCR"), Cell("scr_fail"))
        words = state.value(FormKey("F3", "SCR"), Cell("elig_reason"))
        why = item.shown(codes) if isinstance(codes, tuple) else (words if isinstance(words, str) else "")
        band = Band("participant_closed")
        title = tr("Screen failure: closed, no infusion", "筛选失败：已关闭，不得输注")
        band.show_state("error", title, why)
        return band

    def _guides(self, state: SubjectState) -> QWidget:
        """Consent and eligibility, each with where it stands: what must be in order before any infusion."""
        now = self._desk.session.now()
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        found = consent.verdict(consent.view_of(state, now))
        seen = eligibility.look(state, now)
        tone, title, why = band_of(seen, self._desk.session.people.name_of(seen.decided_by))
        tiles = (
            GuideTile(
                "consent",
                tr("Consent", "知情同意"),
                TONES[found.standing],
                found.title.get(),
                found.why.get(),
            ),
            GuideTile("eligibility", tr("Eligibility", "入选/排除标准"), tone, title, why),
        )
        for column, tile in enumerate(tiles):
            tile.clicked.connect(partial(self._open_page, tile.page))
            grid.addWidget(tile, 0, column)
            grid.setColumnStretch(column, 1)
        return holder

    def _open_page(self, page: str, _checked: bool = False) -> None:
        self._desk.go(page, subject=self._subject)

    def _strip(self, state: SubjectState, views: list[FormState]) -> QWidget:
        """The visits in order, each with its window and what the work list says of it."""
        made = Card(tr("Visits", "访视"))
        flow = FlowLayout(8, column_min=148)
        statuses = self._task_statuses()
        stage = stage_of(state)
        for visit, of_visit in by_visit(state, views):
            if visit in _BEHIND:
                continue
            window = window_of(state, visit)
            tile = VisitTile(
                visit,
                state.study.visit_by_id[visit].title.get(),
                window_text(window, short=True, timed=is_timed(state, visit)),
                visit_status(of_visit, statuses.get(visit, []), stage),
            )
            tile.clicked.connect(partial(self._scroll_to, visit))
            flow.addWidget(tile)
        put(made, flow)
        return made

    def _task_statuses(self) -> dict[str, list[TaskStatus]]:
        """Give the statuses of the open tasks of this participant, by visit, as the work list has them."""
        found: dict[str, list[TaskStatus]] = {}
        for task in self._desk.session.worklist():
            if task.subject == self._subject and task.key is not None:
                found.setdefault(task.key.visit, []).append(task.status)
        return found

    def _show_all_findings(self) -> None:
        self._all_findings = True
        self.refresh()

    def _group(self, state: SubjectState, visit: str, views: list[FormState]) -> QWidget:
        made = Card()
        made.setObjectName(f"visit_{visit}")
        head = QHBoxLayout()
        head.addWidget(label.heading(state.study.visit_by_id[visit].title.get()), 1)
        head.addWidget(label.hint(window_text(window_of(state, visit))))
        made.body.addLayout(head)
        flow = FlowLayout(10, column_min=262)
        for view in views:
            title = view.form.short.get()
            if view.form.repeat == "infusion":
                title = tr("{form} {n}", "{form} {n}", form=view.form.short, n=view.key.n)
            elif view.key.n > 1 or visit in _BEHIND:
                title = f"{title} · {view.key.n}"
            flags = (
                0 if view.status == "empty" else sum(f.is_open for f in view.flags)
            )  # as in `findings_card`
            tile = FormTile(view.key, title, view.status, flags)
            tile.clicked.connect(partial(self._go, view.key, None))
            flow.addWidget(tile)
        put(made, flow)
        self._groups[visit] = made
        return made

    # --- what the person does --------------------------------------------------------------------------------

    def _go(self, key: FormKey, cell: Cell | None, _checked: bool = False) -> None:
        what: dict[str, object] = {"subject": self._subject, "key": key}
        if cell is not None:
            what |= {"cell": cell, "item": cell.item, "row": cell.row}
        self._desk.go(page_for(key), **what)

    def _scroll_to(self, visit: str, _checked: bool = False) -> None:
        group = self._groups.get(visit)
        if group is not None and self._frame.area is not None and self._content is not None:
            self._frame.area.verticalScrollBar().setValue(group.y() + self._content.y() - 12)

    def _on_desk_changed(self, change: object) -> None:
        if not self.isVisible() or not self._desk.is_signed_in:
            return
        if change is None or getattr(change, "subject", "") == self._subject:
            self.refresh()


def _named(task: Task) -> str:
    """Name a task with its visit, unless it is of no visit or named by it."""
    what, visit = task.title.get(), task.visit.get()
    if visit in (what, "–"):
        return what
    return tr("{what} ({visit})", "{what}（{visit}）", what=what, visit=visit)

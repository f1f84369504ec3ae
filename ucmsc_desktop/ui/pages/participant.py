"""One participant: visits with their windows, every record with its status, open findings, signatures, what can be added.

The page shows what `SubjectState` and `FormState` say and sends the person to the form or its guide; nothing is entered
here. How far a visit is comes from the work list, so that the two can never say different things.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import show_date, show_datetime, tr
from ucmsc_desktop.record import consent, eligibility, signing
from ucmsc_desktop.record.course import Stage, planned_keys, stage_of
from ucmsc_desktop.record.entry import may_enter
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import Finding, FormState
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.record.tasks import ORDER, TaskStatus
from ucmsc_desktop.session import Task
from ucmsc_desktop.study.model import Form, Placement
from ucmsc_desktop.study.schedule import Due, due
from ucmsc_desktop.trend.visits import course_of
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.eligibility.band import Band
from ucmsc_desktop.ui.guides import page_for, way_of
from ucmsc_desktop.ui.pages.consent import TONES
from ucmsc_desktop.ui.pages.eligibility import band_of
from ucmsc_desktop.ui.pages.participant_tiles import FormTile, GuideTile, VisitTile
from ucmsc_desktop.ui.safety.sae_strip import SaeStrip
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.flow import FlowLayout
from ucmsc_desktop.ui.widgets.page_frame import PageFrame
from ucmsc_desktop.ui.widgets.page_header import PageHeader
from ucmsc_desktop.ui.widgets.pill import Pill
from ucmsc_desktop.ui.widgets.trend_view import TrendView

FINDINGS_SHOWN = 5
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
        self._frame.body.addWidget(self._next)
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
        wanted, given = self._signatures(views)
        for made in (self._findings(views), wanted, _course(state), self._additions(state)):
            if made is not None:
                column.addWidget(made)
        self._groups = {}
        for visit, of_visit in _by_visit(state, views):
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
        """Offer the first thing of the work list that this person can do here, so that nobody has to look for it."""
        session = self._desk.session
        mine = (t for t in session.worklist() if t.subject == self._subject and t.status != "blocked")
        self._next_task = task = next((t for t in mine if t.key is not None), None)
        self._next.setHidden(task is None)
        if task is not None:
            what, visit = task.title.get(), task.visit.get()
            if visit in (what, "–"):  # of no visit, or named by it
                self._next.setText(tr("Next: {what}", "下一步：{what}", what=what))
            else:
                self._next.setText(
                    tr("Next: {what} ({visit})", "下一步：{what}（{visit}）", what=what, visit=visit)
                )

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
        for visit, of_visit in _by_visit(state, views):
            if visit in _BEHIND:
                continue
            window = _window(state, visit)
            tile = VisitTile(
                visit,
                state.study.visit_by_id[visit].title.get(),
                _window_text(window, short=True, is_timed=_is_timed(state, visit)),
                visit_status(of_visit, statuses.get(visit, []), stage),
            )
            tile.clicked.connect(partial(self._scroll_to, visit))
            flow.addWidget(tile)
        _put(made, flow)
        return made

    def _task_statuses(self) -> dict[str, list[TaskStatus]]:
        """Give the statuses of the open tasks of this participant, by visit, as the work list has them."""
        found: dict[str, list[TaskStatus]] = {}
        for task in self._desk.session.worklist():
            if task.subject == self._subject and task.key is not None:
                found.setdefault(task.key.visit, []).append(task.status)
        return found

    def _findings(self, views: list[FormState]) -> QWidget | None:
        """What is open and wants a person: conflicts, blocking checks, queries; empty items are seen in the forms.

        A record that nobody has begun has no finding worth showing: its checks speak up when it is begun.
        """
        found = [
            (v, f)
            for v in views
            if v.status != "empty"
            for f in v.findings
            if f.is_open and f.kind in ("conflict", "block", "query")
        ]
        if not found:
            return None
        made = Card(tr("Open findings: {n}", "待处理问题：{n} 项", n=len(found)))
        grid = _grid()
        for number, (view, finding) in enumerate(found if self._all_findings else found[:FINDINGS_SHOWN]):
            self._finding_line(grid, number, view, finding)
        made.body.addLayout(grid)
        if len(found) > FINDINGS_SHOWN and not self._all_findings:
            more = button.quiet(
                tr("Show all {n}", "显示全部 {n} 项", n=len(found)), "findings_all", "keyboard_arrow_down"
            )
            more.clicked.connect(self._on_more_clicked)
            made.body.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        return made

    def _finding_line(self, grid: QGridLayout, number: int, view: FormState, finding: Finding) -> None:
        grid.addWidget(Pill(finding.kind), number, 0, Qt.AlignmentFlag.AlignVCenter)
        words = tr("{form}, {place}: {what}", "{form}，{place}：{what}",
                   form=view.form.short, place=_place(view), what=finding.message)  # fmt: skip
        grid.addWidget(label.body(words), number, 1)
        look = button.secondary(tr("Open", "打开"), f"finding_open_{number}")
        look.setAccessibleName(tr("Open: {what}", "打开：{what}", what=finding.message))
        look.clicked.connect(partial(self._go, view.key, finding.cell))
        grid.addWidget(look, number, 2)

    def _on_more_clicked(self) -> None:
        self._all_findings = True
        self.refresh()

    def _signatures(self, views: list[FormState]) -> tuple[QWidget | None, QWidget | None]:
        """Which signatures are wanted, with those this person may give, and which are there."""
        wanted, there = _grid(), _grid()
        for view in views:
            self._slots_of(view, wanted, there)
        made: list[QWidget | None] = []
        for grid, title in (
            (wanted, tr("To be signed", "待签名")),
            (there, tr("Signatures given", "已有签名")),
        ):
            card = Card(title) if grid.count() else None
            if card is not None:
                card.body.addLayout(grid)
            made.append(card)
        return made[0], made[1]

    def _slots_of(self, view: FormState, open_ones: QGridLayout, there: QGridLayout) -> None:
        session = self._desk.session
        unsigned, complete = signing.unsigned_slots(view), view.record.completed_at is not None
        for slot in view.form.signatures:
            given = [s for s in view.valid_signatures if s.meaning == slot.meaning]
            wanted = slot in unsigned and (complete or signing.is_open(view, slot))
            if not wanted and not (given and complete):
                continue
            title = session.study.meaning_by_id[slot.meaning].title.get()
            grid = open_ones if wanted else there
            row = grid.rowCount()
            shown = Pill("signed") if not wanted else Pill("next", tr("To be signed", "待签名"))
            grid.addWidget(shown, row, 0, Qt.AlignmentFlag.AlignVCenter)
            words = tr("{form}, {place}: {what}", "{form}，{place}：{what}",
                       form=view.form.short, place=_place(view), what=title)  # fmt: skip
            if given:
                names = tr(", ", "、").join(session.people.name_of(s.user) for s in given)
                words += f" · {names}, {show_datetime(given[-1].at)}"
            grid.addWidget(label.body(words), row, 1)
            if wanted:
                sign = button.secondary(tr("Sign…", "签名……"), f"sign_{view.key}_{slot.meaning}", "draw")
                sign.setAccessibleName(tr("Sign: {what}", "签名：{what}", what=words))
                sign.clicked.connect(partial(self._on_sign_clicked, view.key, slot.meaning))
                grid.addWidget(sign, row, 2)

    def _additions(self, state: SubjectState) -> QWidget | None:
        """Buttons for records that the plan does not place: logs, days, unscheduled ones."""
        role = self._desk.session.account.role
        made: list[button.Button] = []
        for form in (state.study.forms[f] for f in state.study.form_order):
            if not any(may_enter(form, item, role) for item in form.items()):
                continue
            key = _new_key(state, form, self._desk.session.now().date().toordinal())
            if key is None:
                continue
            text = f"{form.id} {form.short}"
            if key.visit == "UNS":
                text = tr("Unscheduled: {form}", "计划外：{form}", form=text)
            more = button.secondary(text, f"new_{form.id}", "add")
            more.setAccessibleName(tr("New record: {form}", "新增记录：{form}", form=text))
            more.clicked.connect(partial(self._go, key, None))
            made.append(more)
        if not made:
            return None
        card = Card(tr("New record", "新增记录"))
        flow = FlowLayout(10)
        for each in made:
            flow.addWidget(each)
        _put(card, flow)
        return card

    def _group(self, state: SubjectState, visit: str, views: list[FormState]) -> QWidget:
        made = Card()
        made.setObjectName(f"visit_{visit}")
        head = QHBoxLayout()
        head.addWidget(label.heading(state.study.visit_by_id[visit].title.get()), 1)
        head.addWidget(label.hint(_window_text(_window(state, visit))))
        made.body.addLayout(head)
        flow = FlowLayout(10, column_min=262)
        for view in views:
            title = view.form.short.get()
            if view.form.repeat == "infusion":
                title = tr("{form} {n}", "{form} {n}", form=view.form.short, n=view.key.n)
            elif view.key.n > 1 or visit in _BEHIND:
                title = f"{title} · {view.key.n}"
            flags = 0 if view.status == "empty" else sum(f.is_open for f in view.flags)  # as in `_findings`
            tile = FormTile(view.key, title, view.status, flags)
            tile.clicked.connect(partial(self._go, view.key, None))
            flow.addWidget(tile)
        _put(made, flow)
        self._groups[visit] = made
        return made

    # --- what the person does --------------------------------------------------------------------------------

    def _go(self, key: FormKey, cell: Cell | None, _checked: bool = False) -> None:
        what: dict[str, object] = {"subject": self._subject, "key": key}
        if cell is not None:
            what |= {"cell": cell, "item": cell.item, "row": cell.row}
        self._desk.go(page_for(key), **what)

    def _on_sign_clicked(self, key: FormKey, meaning: str, _checked: bool = False) -> None:
        self._desk.sign(self._subject, key, meaning)

    def _scroll_to(self, visit: str, _checked: bool = False) -> None:
        group = self._groups.get(visit)
        if group is not None and self._frame.area is not None and self._content is not None:
            self._frame.area.verticalScrollBar().setValue(group.y() + self._content.y() - 12)

    def _on_desk_changed(self, change: object) -> None:
        if not self.isVisible() or not self._desk.is_signed_in:
            return
        if change is None or getattr(change, "subject", "") == self._subject:
            self.refresh()


def _grid() -> QGridLayout:
    """Lay out lines of a pill, words and a button, so that the words stand below each other."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(1, 1)
    return grid


def _put(card: Card, flow: FlowLayout) -> None:
    # A layout with height for width must sit in a widget of its own, or its card keeps the height of one line.
    holder = QWidget()
    holder.setLayout(flow)
    policy = holder.sizePolicy()
    policy.setHeightForWidth(True)
    holder.setSizePolicy(policy)
    card.body.addWidget(holder)


def _by_visit(state: SubjectState, views: list[FormState]) -> Iterator[tuple[str, list[FormState]]]:
    """Give the records visit by visit, in the order of the plan."""
    for visit in state.study.visits:
        of_visit = [v for v in views if v.key.visit == visit.id]
        if of_visit:
            yield visit.id, of_visit


def _window(state: SubjectState, visit: str) -> Due | None:
    """Give the span in which something of a visit is open; None before its anchor or where there is no window."""
    placed: list[Placement] = [p for p in state.study.schedule if p.visit == visit]
    found = [w for p in placed if (w := due(p.window, state.anchors())) is not None]
    if not found:
        return None
    return Due(min(w.nominal for w in found), min(w.opens for w in found), max(w.closes for w in found))


def _is_timed(state: SubjectState, visit: str) -> bool:
    """Say whether the plan has a window for a visit, dated or not yet."""
    return any(p.visit == visit and p.window is not None for p in state.study.schedule)


def _window_text(window: Due | None, *, short: bool = False, is_timed: bool = False) -> str:
    """Show a window; short leaves the hours out where it goes over days."""
    if window is None:
        return tr("not dated yet", "日期未定") if is_timed else ""
    opens, closes = window.opens, window.closes
    if (short and opens.date() != closes.date()) or (
        (opens.hour, opens.minute) == (0, 0) and (closes.hour, closes.minute) == (23, 59)
    ):
        first, last = _day(opens.date()), _day(closes.date())
        return first if first == last else f"{first} – {last}"
    if opens.date() == closes.date():
        return f"{_day(opens.date())} {opens:%H:%M}–{closes:%H:%M}"
    return f"{_day(opens.date())} {opens:%H:%M} – {_day(closes.date())} {closes:%H:%M}"


def _day(day: object) -> str:
    text = show_date(day)  # type: ignore[arg-type]
    return text[5:] if text[:4].isdigit() else text[:6]


def visit_status(views: list[FormState], tasks: Sequence[TaskStatus], stage: Stage) -> str:
    """Say how far a visit is: the most urgent of its open tasks; without any, whether it is done."""
    if tasks:
        return min(tasks, key=lambda status: ORDER[status])
    statuses = {v.status for v in views}
    if statuses <= {"complete", "signed", "locked"}:
        return "done"
    if stage in ("failed", "ended"):
        return "ended"
    return "planned" if statuses == {"empty"} else "progress"


def _course(state: SubjectState) -> QWidget | None:
    """The course over the trial, the same picture that ends the casebook; None until there is a value."""
    course = course_of(state)
    if course is None:
        return None
    card = Card(tr("Course over the trial", "研究期间变化趋势"))
    card.setObjectName("course_card")
    view = TrendView()
    view.show_trend(course)
    card.body.addWidget(view)
    card.body.addWidget(
        label.hint(
            tr(
                "Vertical lines: infusions. Dashed: limits of the protocol or of the assay. A triangle points to where the "
                "true value lies. Filled red: haemolysed.",
                "竖线：输注。虚线：方案界值或检测下限。三角形指向真值所在方向。红色填充：溶血标本。",
            )
        )
    )
    return card


def _place(view: FormState) -> str:
    if view.form.repeat in ("log", "day", "infusion"):
        return str(view.key.n)
    return view.state.study.visit_by_id[view.key.visit].title.get()


def _new_key(state: SubjectState, form: Form, today: int) -> FormKey | None:
    """Give the key of the next record that may be added by hand; None for forms whose records are all planned.

    Of a daily form it is the first day without a record, today at the latest: yesterday is written this morning.
    """
    taken = [k.n for k in state.keys(form.id)]
    match form.repeat:
        case "log":
            return key_for(form, n=max(taken, default=0) + 1)
        case "day":
            start = state.anchors().starts.get(1)
            if start is None:
                return None
            days = range(today - start.date().toordinal() + 1)
            return key_for(form, n=next((d for d in days if d not in taken), days[-1] if days else 0))
        case "visit":
            unscheduled = [k.n for k in state.keys(form.id) if k.visit == "UNS"]
            placed = any(p.form == form.id and p.visit == "UNS" for p in state.study.schedule)
            return FormKey(form.id, "UNS", max(unscheduled, default=0) + 1) if placed else None
        case _:
            return None

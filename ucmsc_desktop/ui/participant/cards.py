"""The cards of a participant's page: open findings, signatures, records to add, the course over the trial."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from ucmsc_desktop.i18n import show_datetime, tr
from ucmsc_desktop.record import signing
from ucmsc_desktop.record.additions import next_key
from ucmsc_desktop.record.entry import may_enter
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import Finding, FormState
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.model import Role
from ucmsc_desktop.trend.visits import course_of
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.flow import FlowLayout
from ucmsc_desktop.ui.widgets.pill import Pill
from ucmsc_desktop.ui.widgets.trend_view import TrendView

FINDINGS_SHOWN = 5
Go = Callable[[FormKey, Cell | None], None]
"""Opens a record, at a cell if one is named."""


def findings_card(views: list[FormState], go: Go, more: Callable[[], None] | None) -> QWidget | None:
    """What is open and wants a person: conflicts, blocking checks, queries; empty items are seen in the forms.

    A record that nobody has begun has no finding worth showing: its checks speak up when it is begun. `more` None: all are
    shown; else the first few, and a button for the rest.
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
    for number, (view, finding) in enumerate(found[:FINDINGS_SHOWN] if more else found):
        _finding_line(grid, number, view, finding, go)
    made.body.addLayout(grid)
    if len(found) > FINDINGS_SHOWN and more:
        rest = button.quiet(
            tr("Show all {n}", "显示全部 {n} 项", n=len(found)), "findings_all", "keyboard_arrow_down"
        )
        rest.clicked.connect(lambda _down=False: more())
        made.body.addWidget(rest, 0, Qt.AlignmentFlag.AlignLeft)
    return made


def _finding_line(grid: QGridLayout, number: int, view: FormState, finding: Finding, go: Go) -> None:
    grid.addWidget(Pill(finding.kind), number, 0, Qt.AlignmentFlag.AlignVCenter)
    words = tr("{form}, {place}: {what}", "{form}，{place}：{what}",
               form=view.form.short, place=_place(view), what=finding.message)  # fmt: skip
    grid.addWidget(label.body(words), number, 1)
    look = button.secondary(tr("Open", "打开"), f"finding_open_{number}")
    look.setAccessibleName(tr("Open: {what}", "打开：{what}", what=finding.message))
    look.clicked.connect(lambda _down=False: go(view.key, finding.cell))
    grid.addWidget(look, number, 2)


def signature_cards(
    views: list[FormState], session: Session, sign: Callable[[FormKey, str], None]
) -> tuple[QWidget | None, QWidget | None]:
    """Which signatures are wanted, with those this person may give, and which are there."""
    wanted, there = _grid(), _grid()
    for view in views:
        _slots_of(view, session, sign, wanted, there)
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


def _slots_of(
    view: FormState,
    session: Session,
    sign: Callable[[FormKey, str], None],
    open_ones: QGridLayout,
    there: QGridLayout,
) -> None:
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
            press = button.secondary(tr("Sign…", "签名……"), f"sign_{view.key}_{slot.meaning}", "draw")
            press.setAccessibleName(tr("Sign: {what}", "签名：{what}", what=words))
            press.clicked.connect(lambda _down=False, m=slot.meaning: sign(view.key, m))
            grid.addWidget(press, row, 2)


def additions_card(state: SubjectState, role: Role, today: date, go: Go) -> QWidget | None:
    """Buttons for records that the plan does not place: logs, days, unscheduled ones."""
    made: list[button.Button] = []
    for form in (state.study.forms[f] for f in state.study.form_order):
        if not any(may_enter(form, item, role) for item in form.items()):
            continue
        key = next_key(state, form, today.toordinal())
        if key is None:
            continue
        text = f"{form.id} {form.short}"
        if key.visit == "UNS":
            text = tr("Unscheduled: {form}", "计划外：{form}", form=text)
        more = button.secondary(text, f"new_{form.id}", "add")
        more.setAccessibleName(tr("New record: {form}", "新增记录：{form}", form=text))
        more.clicked.connect(lambda _down=False, k=key: go(k, None))
        made.append(more)
    if not made:
        return None
    card = Card(tr("New record", "新增记录"))
    flow = FlowLayout(10)
    for each in made:
        flow.addWidget(each)
    put(card, flow)
    return card


def course_card(state: SubjectState) -> QWidget | None:
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


def put(card: Card, flow: FlowLayout) -> None:
    """Put a flow of buttons or tiles into a card."""
    # A layout with height for width must sit in a widget of its own, or its card keeps the height of one line.
    holder = QWidget()
    holder.setLayout(flow)
    policy = holder.sizePolicy()
    policy.setHeightForWidth(True)
    holder.setSizePolicy(policy)
    card.body.addWidget(holder)


def _grid() -> QGridLayout:
    """Lay out lines of a pill, words and a button, so that the words stand below each other."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(8)
    grid.setColumnStretch(1, 1)
    return grid


def _place(view: FormState) -> str:
    if view.form.repeat in ("log", "day", "infusion"):
        return str(view.key.n)
    return view.state.study.visit_by_id[view.key.visit].title.get()

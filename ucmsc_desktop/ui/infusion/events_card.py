"""Infusion events at the bedside: advice, suggestions with their values, adjudication, the statement that none occurred.

Advice and suggestions are read from the numbers and ask; a nurse flags, an investigator judges and signs. The page
records what is pressed here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import Signal, SignalInstance
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import Text, show_datetime, tr
from ucmsc_desktop.session.advice import Advice
from ucmsc_desktop.session.iae import FlaggedEvent, NoneDue, Suggestion
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.pill import Pill, mark_pixmap

_JUDGED = {
    "Y": ("block", Text("Confirmed", "已确认")),
    "N": ("done", Text("Not confirmed", "不成立")),
    "I": ("query", Text("Cannot be decided", "无法判定")),
}


class AdviceCard(QFrame):
    """Advice to stop or to pause, with its rule. It presses nothing."""

    def __init__(self) -> None:
        super().__init__()
        set_kind(self, "notice-error")
        self.setObjectName("advice_card")
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(16, 10, 16, 10)
        self._lines.setSpacing(4)
        self._shown: object = None
        self.hide()

    def show_advice(self, advice: Sequence[Advice], at: str) -> None:
        """Show the advice of the last row; nothing where there is none."""
        shown = (tuple(advice), at)
        if shown == self._shown:
            return
        self._shown = shown
        _clear(self._lines)
        grave = any(a.level == "stop" for a in advice)
        set_kind(self, "notice-error" if grave else "notice-warning")
        for number, piece in enumerate(advice):
            line = QWidget()
            across = QHBoxLayout(line)
            across.setContentsMargins(0, 0, 0, 0)
            across.setSpacing(10)
            sign = label.body()
            colour = style.ERROR if piece.level == "stop" else style.WARNING
            paper = style.ERROR_TINT if grave else style.WARNING_TINT
            sign.setPixmap(mark_pixmap("triangle", colour, paper, 20))
            sign.setFixedWidth(24)
            words = label.label(str(piece.words()), f"advice_{number}")
            across.addWidget(sign)
            across.addWidget(words, 1)
            self._lines.addWidget(line)
        if advice:
            self._lines.addWidget(
                label.hint(
                    tr("Advice from the row of {at}. You decide.", "依据 {at} 的记录提出，由您决定。", at=at),
                    "advice_hint",
                )
            )
        if self.isHidden() == bool(advice):
            self.setVisible(bool(advice))


class _Slot(QWidget):
    """The place of one event: it stays where it is while the line in it becomes another."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._line = QVBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._shown: object = None

    def show_line(self, shown: object, make: Callable[[], QWidget]) -> None:
        """Show another line, unless it says what stands there already."""
        if shown != self._shown:
            self._shown = shown
            _clear(self._line)
            self._line.addWidget(make())


class EventsCard(Card):
    """What the flow sheet suggests and what was flagged: one place for each, in the order of the list."""

    flagged = Signal(object)  # Suggestion
    rejected = Signal(object)  # Suggestion
    confirmed = Signal(object)  # Suggestion: an investigator stands by a nurse's No
    judged = Signal(int, str)  # row, Y N I
    linked = Signal(int, int)  # row, number of the adverse event; 0: a new one
    opened = Signal()
    pressed = Signal(object)  # the place of the line in which something was pressed

    def __init__(self) -> None:
        super().__init__(tr("Infusion events", "输注相关事件"))
        self.setObjectName("events_card")
        self.body.setSpacing(8)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(8)
        self.body.addLayout(self._lines)
        open_it = button.quiet(tr("Open the event form (F8)", "打开事件表（F8）"), "events_open", "edit")
        open_it.clicked.connect(self.opened)
        self.body.addWidget(open_it)
        self._slots: dict[str, _Slot] = {}
        self.hide()

    def show_events(
        self,
        suggestions: Sequence[Suggestion],
        events: Sequence[FlaggedEvent],
        adverse: Sequence[tuple[int, str]],
        *,
        may_judge: bool,
    ) -> None:
        """Show what is suggested and waits, and what was flagged; `adverse`: (number, term) of F14."""
        lines: dict[str, tuple[object, Callable[[], QWidget]]] = {}
        for one in suggestions:
            if one.answer is None or one.is_denied:
                lines[one.code] = ((one, may_judge), partial(self._suggestion, one, may_judge=may_judge))
        for event in events:
            # The first description of an event takes the place of its suggestion.
            place = event.code if event.code not in lines else f"{event.code}.{event.row:02d}"
            facts = (event, tuple(adverse), may_judge)
            lines[place] = (facts, partial(self._event, event, adverse, may_judge=may_judge))
        for place in [p for p in self._slots if p not in lines]:
            gone = self._slots.pop(place)
            self._lines.removeWidget(gone)
            gone.hide()
            gone.deleteLater()
        for number, place in enumerate(sorted(lines)):
            slot = self._slots.get(place)
            if slot is None:
                slot = self._slots[place] = _Slot(f"place_{place}")
            if self._lines.indexOf(slot) != number:
                self._lines.removeWidget(slot)
                self._lines.insertWidget(number, slot)
            slot.show_line(*lines[place])
        if self.isHidden() == bool(lines):
            self.setVisible(bool(lines))

    def _tell(self, place: str, signal: SignalInstance, *told: object) -> None:
        """Tell what was pressed, and first in which place."""
        slot = self._slots.get(place)
        if slot is not None:
            self.pressed.emit(slot)
        signal.emit(*told)

    def _suggestion(self, suggestion: Suggestion, *, may_judge: bool) -> QWidget:
        code = suggestion.code
        yes = button.danger(tr("Flag as event", "标记为事件"), f"flag_{code}")
        yes.clicked.connect(lambda: self._tell(code, self.flagged, suggestion))
        at = f"{suggestion.at:%H:%M}" if suggestion.at else "?"
        values = tr(
            "T0: {before}  →  {at}: {seen}", "T0：{before}  →  {at}：{seen}",
            before=suggestion.before.get() or "–", at=at, seen=suggestion.seen.get() or "–",
        )  # fmt: skip
        if suggestion.is_denied:
            values += "\n" + tr(
                "The nurse answered: not an event. The investigator confirms that, or it is flagged.",
                "护士已回答“不是事件”，须由研究者确认，或改为标记事件。",
            )
            buttons: list[QWidget] = [yes]
            if may_judge:
                stand = button.secondary(tr("Confirm: not an event", "确认不是事件"), f"confirm_{code}")
                stand.clicked.connect(lambda: self._tell(code, self.confirmed, suggestion))
                buttons.insert(0, stand)
            pill = Pill("due", tr("Investigator to confirm", "待研究者确认"))
            return _line(pill, str(suggestion.title), values, buttons, f"denied_{code}")
        no = button.secondary(tr("Not an event", "不是事件"), f"reject_{code}")
        no.clicked.connect(lambda: self._tell(code, self.rejected, suggestion))
        return _line(
            Pill("query", tr("The numbers suggest", "数值提示")),
            str(suggestion.title),
            values,
            (no, yes),
            f"suggestion_{code}",
        )

    def _event(self, event: FlaggedEvent, adverse: Sequence[tuple[int, str]], *, may_judge: bool) -> QWidget:
        at = f"{event.at:%H:%M}" if event.at else "?"
        values = f"T0: {event.before.get() or '–'}  →  {at}: {event.seen.get() or '–'}"
        buttons: list[QWidget] = []
        if event.judged is None and may_judge:
            for code, kind in (("I", "secondary"), ("N", "secondary"), ("Y", "danger")):
                made: Button = button.make(kind, str(_JUDGED[code][1]), f"judge_{event.row}_{code}")
                made.clicked.connect(
                    lambda _on=False, r=event.row, c=code: self._tell(event.code, self.judged, r, c)
                )
                buttons.append(made)
        status, words = _JUDGED.get(
            event.judged or "", ("due", Text("Investigator to judge", "待研究者判定"))
        )
        if event.judged == "Y" and event.ae is None:
            buttons.append(self._link(event.row, adverse))
            values += "\n" + tr("Needs its adverse event.", "须关联不良事件。")
        elif event.ae is not None:
            values += "\n" + tr("Adverse event {n}", "不良事件 {n}", n=event.ae)
        return _line(Pill(status, str(words)), str(event.title), values, tuple(buttons), f"event_{event.row}")

    def _link(self, row: int, adverse: Sequence[tuple[int, str]]) -> QWidget:
        box = ChoiceBox(f"event_link_{row}", tr("Adverse event of this infusion event", "关联的不良事件"))
        box.set_choices(
            [
                *((str(n), f"{n}. {term}") for n, term in adverse),
                ("0", tr("New adverse event…", "新建不良事件……")),
            ]
        )
        box.setPlaceholderText(tr("Adverse event…", "不良事件……"))
        box.setMinimumWidth(220)
        box.activated.connect(lambda _index: self.linked.emit(row, int(box.code())))
        return box


class NoneCard(Card):
    """The positive statement at E+6 h and E+24 h. `said` carries (hour, True for none, False for an event)."""

    said = Signal(str, bool)
    signing = Signal(str)
    rest = Signal(str)  # hour: No to every other line
    opened = Signal()

    def __init__(self) -> None:
        super().__init__(tr("Did any infusion event occur?", "是否发生输注相关事件？"))
        self.setObjectName("none_card")
        self._lines = QVBoxLayout()
        self._lines.setSpacing(8)
        self.body.addLayout(self._lines)
        self._shown: object = None
        self.hide()

    def show_due(self, due: Sequence[NoneDue]) -> None:
        """Show the statements that are due and not made, or made and not signed, and what follows from an event."""
        still = [
            d
            for d in due
            if d.is_due and (d.answer is None or (d.answer == "Y" and not d.is_signed) or d.asks_rest)
        ]
        if tuple(still) != self._shown:
            self._shown = tuple(still)
            _clear(self._lines)
            for one in still:
                self._lines.addWidget(self._rest(one) if one.answer == "N" else self._statement(one))
        if self.isHidden() == bool(still):
            self.setVisible(bool(still))

    def _statement(self, due: NoneDue) -> QWidget:
        is_said = due.answer == "Y"
        words, name = tr("None occurred: sign", "未发生：签名"), f"none_yes_{due.hour}"
        if is_said:
            words, name = tr("Sign: none occurred", "签名：未发生"), f"none_sign_{due.hour}"
        none = button.make("primary" if due.may_say_none else "secondary", words, name, "draw")
        none.setEnabled(due.may_say_none)
        if is_said:
            none.clicked.connect(lambda: self.signing.emit(due.hour))
        else:
            none.clicked.connect(lambda: self.said.emit(due.hour, True))
        parts = [none]
        if not is_said or due.events:
            kind = "primary" if due.events else "secondary"
            some = button.make(kind, tr("An event occurred", "有事件发生"), f"none_no_{due.hour}")
            some.clicked.connect(lambda: self.said.emit(due.hour, False))
            parts.insert(0, some)
        return _line(
            Pill("due"), _hours(due), _before_none(due), parts, f"none_{due.hour}", _not_measured(due)
        )

    def _rest(self, due: NoneDue) -> QWidget:
        """Offer the other lines in one step; each is named, and stays in F8 to be changed."""
        single = button.secondary(tr("One by one in F8", "在 F8 逐项回答"), f"rest_open_{due.hour}", "edit")
        single.clicked.connect(self.opened)
        every = button.primary(tr("None of the others", "其余均未发生"), f"rest_none_{due.hour}")
        every.clicked.connect(lambda: self.rest.emit(due.hour))
        words = tr(
            "An event occurred: {events}. Not answered yet, {n} lines: {rest}. One press answers No to each; in F8 every "
            "line can be changed.",
            "已有事件：{events}。尚未回答的 {n} 项：{rest}。点按后均记为“否”，可在 F8 逐项更改。",
            events=_joined(due.events), n=len(due.rest), rest=_joined(due.rest),
        )  # fmt: skip
        return _line(Pill("progress"), _hours(due), words, (single, every), f"rest_{due.hour}")


def _hours(due: NoneDue) -> str:
    return tr("Up to {h} h after the end", "结束后{h}小时内", h=due.hour.removesuffix("h"))


def _joined(texts: Sequence[Text]) -> str:
    return tr("; ", "；").join(t.get() for t in texts)


def _before_none(due: NoneDue) -> str:
    """Say what speaks against "none", or what signing it does."""
    parts = []
    if due.events:
        parts.append(
            tr("Flagged in these hours: {events}. “None” can only be signed where the investigator has rejected each.",
               "该时段已标记：{events}。研究者均判定不成立后方可签“未发生”。", events=_joined(due.events))
        )  # fmt: skip
    if due.open_codes:
        parts.append(
            tr("Answer first what the numbers suggest: {codes}.", "请先处理数值提示的事件：{codes}。",
               codes=", ".join(due.open_codes))
        )  # fmt: skip
    if due.denied:
        parts.append(
            tr("The investigator first confirms “not an event”: {codes}.", "请研究者先确认“不是事件”：{codes}。",
               codes=", ".join(due.denied))
        )  # fmt: skip
    if parts:
        return "\n".join(parts)
    if due.answer == "Y":
        return tr("Said: none. The investigator's signature is missing.", "已记录“未发生”，缺少研究者签名。")
    return tr("Due since {at}. All lines of F8 that are empty become No.", "{at} 起应答。F8 中未填各项将记为“否”。",
              at=show_datetime(due.at))  # fmt: skip


def _not_measured(due: NoneDue) -> str:
    """Say which checks of these hours are missing; "" for none."""
    if not due.unmeasured:
        return ""
    listed = tr("; ", "；").join(f"{title.get()} ({at:%H:%M})" for title, at in due.unmeasured)
    said = tr("No vital signs in these hours at: {points}.", "该时段缺生命体征：{points}。", points=listed)
    return f"{said} {tr('It can be signed all the same.', '仍可签名。')}" if due.may_say_none else said


def _line(
    pill: Pill, title: str, text: str, buttons: Sequence[QWidget], name: str, caution: str = ""
) -> QWidget:
    made = QFrame()
    set_kind(made, "well")
    made.setObjectName(name)
    words = QVBoxLayout()
    words.setSpacing(3)
    head = QHBoxLayout()
    head.setSpacing(10)
    head.addWidget(label.label(title, f"{name}_title"), 1)
    head.addWidget(pill)
    words.addLayout(head)
    words.addWidget(label.body(text, f"{name}_values"))
    if caution:
        words.addWidget(set_kind(label.body(f"▲ {caution}", f"{name}_caution"), "warning"))
    if buttons:
        across = QHBoxLayout()
        across.setSpacing(8)
        across.addStretch(1)
        for part in buttons:
            across.addWidget(part)
        words.addLayout(across)
    lines = QVBoxLayout(made)
    lines.setContentsMargins(14, 8, 10, 8)
    lines.addLayout(words)
    return made


def _clear(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()

"""The sections of a form with their state: a list at the left, or a line of steps where the window is narrow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.study.model import Section
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.form.layouts import FlowBox
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.pill import Mark, draw_mark

State = Literal["empty", "progress", "done", "query", "problem"]

_LOOKS: Mapping[State, tuple[Mark, str, Text]] = {
    "empty": ("circle", "TEXT_SECOND", Text("not started", "未开始")),
    "progress": ("dots", "PRIMARY", Text("in progress", "进行中")),
    "done": ("check", "OK", Text("complete", "已完成")),
    "query": ("triangle", "WARNING", Text("to check", "待核对")),
    "problem": ("triangle", "ERROR", Text("to correct", "须更正")),
}
_MARK = 20
_MANY = 12
LIST_WIDTH = 226


@dataclass(frozen=True, slots=True)
class Step:
    """A section as the list shows it."""

    id: str
    title: str
    state: State


def state_of(view: FormState, section: Section) -> State | None:
    """Say how far a section is; None where skip logic shows nothing of it."""
    ids = {i.id for i in section.items}
    rows = view.rows(section) if section.rows else (0,)
    if not section.rows and not any(view.is_shown(i) for i in section.items):
        return None
    hidden = section.show is not None and section.show(view.view.env(view.key, view.now)) not in (True, "Y")
    if section.rows and not rows and hidden:
        return None
    kinds = {f.kind for f in view.findings if f.cell.item in ids and f.is_open}
    if kinds & {"block", "conflict"}:
        return "problem"
    if "required" in kinds:
        typed = any(view.entry(i.id, r) is not None for r in rows for i in section.items if not i.is_derived)
        return "progress" if typed else "empty"
    if kinds:
        return "query"
    return "done" if any(view.value(i.id, r) is not None for r in rows for i in section.items) else "empty"


class _StepButton(Button):
    """One section: mark, title, and a blue bar where it is the one shown. `folded`: the mark alone, unless shown."""

    def __init__(self, *, folded: bool) -> None:
        super().__init__("")
        self.folded = folded
        self.most = 420  # the widest a folded step may be
        self.step_id = ""
        self.title = ""
        self.state: State = "empty"
        self.setCheckable(True)
        style.set_kind(self, "section")
        vertical = QSizePolicy.Policy.Fixed if folded else QSizePolicy.Policy.Minimum
        self.setSizePolicy(QSizePolicy.Policy.Fixed if folded else QSizePolicy.Policy.Preferred, vertical)

    def show_step(self, step: Step, *, current: bool) -> None:
        self.step_id = step.id
        name = f"{step.title}, {_LOOKS[step.state][2]}"
        named(self, f"section:{step.id}", name)
        self.setToolTip(name if self.folded else "")
        self.title, self.state = step.title, step.state
        self.setChecked(current)
        if not self.folded:
            self.ensurePolished()  # the style sheet sets a least height of its own when it polishes
            self.setMinimumHeight(self.sizeHint().height())
        self.updateGeometry()
        self.update()

    def nextCheckState(self) -> None:
        """Stay as the list says."""

    def sizeHint(self) -> QSize:
        if not self.folded:
            return QSize(LIST_WIDTH, max(48, self._text_height(LIST_WIDTH) + 20))
        if not self.isChecked():
            return QSize(style.TOUCH + 2, style.TOUCH)
        text = QFontMetrics(style.font(16, bold=True)).horizontalAdvance(self.title)
        return QSize(min(text + _MARK + 40, self.most), style.TOUCH)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() if not self.folded else QSize(style.TOUCH, style.TOUCH)

    def _text_height(self, width: int) -> int:
        room = QRect(0, 0, width - _MARK - 40, 500)
        return (
            QFontMetrics(style.font(16, bold=True))
            .boundingRect(room, int(Qt.TextFlag.TextWordWrap), self.title)
            .height()
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        if chosen or self.isDown():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(style.PRIMARY_TINT))
            painter.drawRoundedRect(self.rect(), style.RADIUS, style.RADIUS)
        if chosen:
            painter.setBrush(QColor(style.PRIMARY))
            bar = (
                QRect(0, 4, 5, self.height() - 8)
                if not self.folded
                else QRect(4, self.height() - 4, self.width() - 8, 4)
            )
            painter.drawRoundedRect(bar, 2, 2)
        mark, colour, _words = _LOOKS[self.state]
        paper = style.PRIMARY_TINT if chosen else style.BACKGROUND
        left = 14 if not (self.folded and not chosen) else (self.width() - _MARK) / 2
        draw_mark(
            painter,
            QRectF(left, (self.height() - _MARK) / 2, _MARK, _MARK),
            mark,
            style.colour(colour),
            paper,
        )
        if not self.folded or chosen:
            painter.setPen(QColor(style.PRIMARY_DARK if chosen else style.TEXT))
            painter.setFont(style.font(16, bold=chosen))
            box = QRect(14 + _MARK + 10, 0, self.width() - _MARK - 30, self.height())
            metrics = painter.fontMetrics()
            text = (
                metrics.elidedText(self.title, Qt.TextElideMode.ElideRight, box.width())
                if self.folded
                else self.title
            )
            flags = Qt.AlignmentFlag.AlignVCenter | (
                Qt.TextFlag.TextSingleLine if self.folded else Qt.TextFlag.TextWordWrap
            )
            painter.drawText(box, int(flags), text)
        painter.end()


class _Steps:
    """The buttons of a list of sections, made as they are needed and changed in place."""

    def __init__(
        self, *, folded: bool, put: Callable[[_StepButton], None], chosen: Callable[[str], None]
    ) -> None:
        self._folded = folded
        self._put = put
        self._chosen = chosen
        self._buttons: list[_StepButton] = []
        self._shown: tuple[tuple[Step, ...], str] | None = None
        self.current: QWidget | None = None  # the button of the section shown

    def show(self, steps: Sequence[Step], current: str) -> bool:
        """Show sections with their state; say whether anything changed."""
        wanted = tuple(steps), current
        if self._shown == wanted:
            return False
        self._shown = wanted
        while len(self._buttons) < len(steps):
            made = _StepButton(folded=self._folded)
            made.clicked.connect(lambda _on=False, b=made: self._chosen(b.step_id))
            self._buttons.append(made)
            self._put(made)
        for made, step in zip(self._buttons, steps, strict=False):
            made.most = 420 if len(steps) <= _MANY else 200
            made.show_step(step, current=step.id == current)
            made.setVisible(True)
        for made in self._buttons[len(steps) :]:
            made.setVisible(False)
        self.current = next((b for b in self._buttons[: len(steps)] if b.isChecked()), None)
        return True


class SectionList(QWidget):
    """The sections below each other; `chosen` gives the id of the one asked for."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._lines = QVBoxLayout(self)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(2)
        self._lines.addStretch(1)
        self._steps = _Steps(folded=False, put=self._add, chosen=self.chosen.emit)

    @property
    def current(self) -> QWidget | None:
        """The button of the section shown."""
        return self._steps.current

    def show_steps(self, steps: Sequence[Step], current: str) -> None:
        """Show sections with their state."""
        self._steps.show(steps, current)

    def _add(self, made: _StepButton) -> None:
        self._lines.insertWidget(self._lines.count() - 1, made)


class SectionStrip(FlowBox):
    """The sections in a line, for a narrow window: marks alone, and the title of the one shown."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__(gap=2, margin=0)
        self._steps = _Steps(folded=True, put=self.add, chosen=self.chosen.emit)

    def show_steps(self, steps: Sequence[Step], current: str) -> None:
        """Show sections with their state."""
        if self._steps.show(steps, current):
            self.relay()

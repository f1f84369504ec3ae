"""The steps before the start as a strip: one tap each, with the mark of what is done, open or in the way."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.session.preparation import Step, StepStatus
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.style import font
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.pill import Mark, draw_mark

_MARK = 18
_HEIGHT = 50
_FONT = 15
_SHORT: dict[str, Text] = {
    "plan": Text("Plan", "计划"),
    "bag": Text("Bag", "制剂"),
    "dose": Text("Dose", "剂量"),
    "checks": Text("Checks", "核查"),
    "line": Text("Line", "通路"),
    "bedside": Text("Bedside", "床旁"),
    "verify": Text("Sign", "签名"),
    "reference": Text("T0", "T0"),
}
_LOOKS: dict[StepStatus, tuple[Mark, str, Text]] = {
    "done": ("check", "OK", Text("done", "已完成")),
    "open": ("circle", "TEXT_SECOND", Text("open", "未完成")),
    "blocked": ("bar", "ERROR", Text("stands against the start", "不能开始输注")),
}


class StepButton(QAbstractButton):
    """One step. Enter presses it too."""

    def __init__(self, step: str) -> None:
        super().__init__()
        named(self, f"step_{step}_show")
        self.setText(_SHORT[step].get())
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._status: StepStatus = "open"

    def show_step(self, step: Step, number: int, *, current: bool) -> None:
        """Show how far the step is."""
        self._status = step.status
        self.setChecked(current)
        self.setAccessibleName(
            tr("Step {n}, {title}: {state}", "第{n}步 {title}：{state}", n=number, title=step.title,
               state=_LOOKS[step.status][2])
        )  # fmt: skip
        self.setToolTip(self.accessibleName())
        self.update()

    def sizeHint(self) -> QSize:
        wide = QFontMetrics(font(_FONT, bold=True)).horizontalAdvance(self.text())
        return QSize(wide + _MARK + 24, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
            return
        super().keyPressEvent(event)

    def nextCheckState(self) -> None:
        self.setChecked(True)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = self.isChecked()
        paper = style.PRIMARY_TINT if chosen else style.SURFACE
        painter.setPen(QPen(QColor(style.PRIMARY if chosen else style.BORDER), 3 if chosen else 1.5))
        painter.setBrush(QColor(paper))
        edge = 1.5 if chosen else 1
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge), 8, 8)
        mark, colour, _words = _LOOKS[self._status]
        painter.setFont(font(_FONT, bold=chosen))
        wide = QFontMetrics(painter.font()).horizontalAdvance(self.text())
        left = (self.width() - wide - _MARK - 6) / 2
        box = QRectF(left, (self.height() - _MARK) / 2, _MARK, _MARK)
        draw_mark(painter, box, mark, getattr(style, colour), paper)
        painter.setPen(QColor(style.PRIMARY_DARK if chosen else style.TEXT))
        words = QRectF(left + _MARK + 6, 0, wide + 2, self.height())
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.end()


class StepStrip(QWidget):
    """All steps beside each other. `chosen` carries the step."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        named(self, "step_strip", tr("Steps before the start", "开始前的步骤"))
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(5, 5, 5, 5)  # room for the focus ring
        self._line.setSpacing(6)
        self._buttons: dict[str, StepButton] = {}
        for step in _SHORT:
            made = StepButton(step)
            made.clicked.connect(lambda _on=False, s=step: self.chosen.emit(s))
            self._buttons[step] = made
            self._line.addWidget(made)

    def show_steps(self, steps: Sequence[Step], current: str) -> None:
        """Show how far the steps are, and which one is open."""
        for number, step in enumerate(steps, start=1):
            self._buttons[step.id].show_step(step, number, current=step.id == current)

    def focus(self, step: str) -> None:
        """Put the keyboard on a step."""
        self._buttons[step].setFocus()

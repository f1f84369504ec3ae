"""Which infusion, and which participant where several are on the drip: one tap each, the clock beside the number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui.infusion import duration
from ucmsc_desktop.ui.style import TOUCH, set_kind
from ucmsc_desktop.ui.widgets import button
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.pill import LOOKS, mark_pixmap

RING = (5, 5, 5, 5)  # room for the focus ring


class NumberChooser(QWidget):
    """The infusions of a participant, each with its status. `chosen` carries the number.

    `compact`: the numbers alone, where the line is shared with the steps; the status is in the accessible name.
    """

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(*RING)
        self._line.setSpacing(6)
        self._buttons: dict[int, Button] = {}
        self._compact: bool | None = None

    def show_numbers(
        self, statuses: Sequence[tuple[int, str]], current: int, *, compact: bool = False
    ) -> None:
        """Show the infusions as (number, status)."""
        if [n for n, _s in statuses] != list(self._buttons) or compact != self._compact:
            self._compact = compact
            self._rebuild([n for n, _s in statuses])
        for number, status in statuses:
            made = self._buttons[number]
            word = LOOKS[status].text.get()
            full = tr("Infusion {n}: {word}", "第 {n} 次输注：{word}", n=number, word=word)
            made.setText(
                str(number) if compact else tr("{n}: {word}", "第{n}次：{word}", n=number, word=word)
            )
            made.setAccessibleName(full)
            made.setToolTip(full)
            if not compact:  # the mark of the status: a tick for "chosen" would read as "completed"
                look = LOOKS[status]
                made.setIcon(QIcon(mark_pixmap(look.mark, look.colour, look.tint, 20)))
            made.setChecked(number == current)

    def _rebuild(self, numbers: Sequence[int]) -> None:
        for made in self._buttons.values():
            self._line.removeWidget(made)
            made.hide()
            made.deleteLater()
        self._buttons = {}
        for number in numbers:
            made = button.toggle("", f"infusion_{number}")
            if self._compact:
                made.setIcon(QIcon())
                made.setText(str(number))
                made.setFixedWidth(TOUCH + 6)
            made.clicked.connect(lambda _on=False, n=number: self._on_clicked(n))
            self._buttons[number] = made
            self._line.addWidget(made, 0 if self._compact else 1)

    def _on_clicked(self, number: int) -> None:
        for n, made in self._buttons.items():
            made.setChecked(n == number)
        self.chosen.emit(number)


@dataclass(frozen=True, slots=True)
class OnDrip:
    """One running infusion as the strip shows it."""

    subject: str
    bed: str
    elapsed_s: int
    is_paused: bool
    next_words: str
    is_due: bool


class _TwoLines(Button):
    """A toggle with two lines of words, or one where height is short."""

    def __init__(self, object_name: str) -> None:
        super().__init__()
        self.is_flat = False
        named(self, object_name)
        self.setCheckable(True)
        self.setAutoDefault(False)
        set_kind(self, "toggle")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), TOUCH if self.is_flat else 2 * TOUCH - 20)


class RunningStrip(QWidget):
    """Everybody on the drip, when there is more than one. `chosen` carries the participant; F6 jumps to the next."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(*RING)
        self._line.setSpacing(8)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._buttons: dict[str, _TwoLines] = {}
        self._current = ""
        self._is_flat = False
        self._running: Sequence[OnDrip] = ()
        self.hide()

    def set_flat(self, flat: bool) -> None:
        """Say in one line instead of two what is said of each."""
        if flat != self._is_flat:
            self._is_flat = flat
            if self._running and self.isVisible():
                self.show_running(self._running, self._current)

    def show_running(self, running: Sequence[OnDrip], current: str) -> None:
        """Show the participants with clock and next check."""
        self._current, self._running = current, running
        if [r.subject for r in running] != list(self._buttons):
            for made in self._buttons.values():
                self._line.removeWidget(made)
                made.hide()
                made.deleteLater()
            self._buttons = {}
            for run in running:
                made = _TwoLines(f"running_{run.subject}")
                made.clicked.connect(lambda _on=False, s=run.subject: self._on_clicked(s))
                self._buttons[run.subject] = made
                self._line.addWidget(made, 1)
        for run in running:
            made = self._buttons[run.subject]
            place = tr("bed {bed}", "{bed} 床", bed=run.bed) if run.bed else ""
            paused = tr("paused", "已暂停") if run.is_paused else ""
            first = " · ".join(p for p in (run.subject, place, duration.clock(run.elapsed_s), paused) if p)
            second = f"{'▲ ' if run.is_due else ''}{run.next_words}"
            words = (" · " if self._is_flat else "\n").join(p for p in (first, second) if p)
            if made.is_flat != self._is_flat:
                made.is_flat = self._is_flat
                made.updateGeometry()
            if made.text() != words:
                made.setText(words)
                made.setAccessibleName(f"{first}, {second}" if second else first)
            made.setChecked(run.subject == current)
        self.setVisible(len(running) > 1)

    def jump(self) -> None:
        """Go to the next participant on the drip."""
        order = list(self._buttons)
        if len(order) > 1:
            place = order.index(self._current) if self._current in order else -1
            self.chosen.emit(order[(place + 1) % len(order)])

    def _on_clicked(self, subject: str) -> None:
        self.chosen.emit(subject)

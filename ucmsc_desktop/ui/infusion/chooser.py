"""Which infusion, and which participant where several are on the drip: one tap each, the clock beside the number."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui.infusion import duration
from ucmsc_desktop.ui.widgets import button
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.pill import LOOKS

RING = (5, 5, 5, 5)  # room for the focus ring


class NumberChooser(QWidget):
    """The infusions of a participant, each with its status. `chosen` carries the number."""

    chosen = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(*RING)
        self._line.setSpacing(8)
        self._buttons: dict[int, Button] = {}

    def show_numbers(self, statuses: Sequence[tuple[int, str]], current: int) -> None:
        """Show the infusions as (number, status)."""
        if [n for n, _s in statuses] != list(self._buttons):
            self._rebuild([n for n, _s in statuses])
        for number, status in statuses:
            made = self._buttons[number]
            word = LOOKS[status].text.get()
            made.setText(tr("{n}: {word}", "第{n}次：{word}", n=number, word=word))
            made.setAccessibleName(tr("Infusion {n}: {word}", "第 {n} 次输注：{word}", n=number, word=word))
            made.setChecked(number == current)

    def _rebuild(self, numbers: Sequence[int]) -> None:
        for made in self._buttons.values():
            self._line.removeWidget(made)
            made.hide()
            made.deleteLater()
        self._buttons = {}
        for number in numbers:
            made = button.toggle("", f"infusion_{number}")
            made.clicked.connect(lambda _on=False, n=number: self._on_clicked(n))
            self._buttons[number] = made
            self._line.addWidget(made, 1)

    def _on_clicked(self, number: int) -> None:
        for n, made in self._buttons.items():
            made.setChecked(n == number)
        self.chosen.emit(number)


class RunningStrip(QWidget):
    """Everybody on the drip, when there is more than one. `chosen` carries the participant."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(*RING)
        self._line.setSpacing(8)
        self._buttons: dict[str, Button] = {}
        self.hide()

    def show_running(self, running: Sequence[tuple[str, str, int]], current: str) -> None:
        """Show the participants as (number, bed, seconds since start)."""
        if [s for s, _b, _e in running] != list(self._buttons):
            for made in self._buttons.values():
                self._line.removeWidget(made)
                made.hide()
                made.deleteLater()
            self._buttons = {}
            for subject, _bed, _elapsed in running:
                made = button.toggle("", f"running_{subject}")
                made.clicked.connect(lambda _on=False, s=subject: self._on_clicked(s))
                self._buttons[subject] = made
                self._line.addWidget(made)
        for subject, bed, elapsed in running:
            made = self._buttons[subject]
            place = tr("bed {bed}", "{bed} 床", bed=bed) if bed else ""
            made.setText(" · ".join(p for p in (subject, place, duration.clock(elapsed)) if p))
            made.setChecked(subject == current)
        self.setVisible(len(running) > 1)

    def _on_clicked(self, subject: str) -> None:
        self.chosen.emit(subject)

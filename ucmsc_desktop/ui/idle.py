"""Tell when nobody has touched the computer for a while, or when it slept. What was touched is never looked at.

A laptop that sleeps stops its timers: woken after an hour it would still be unlocked. So a beat compares the clock on
the wall with the one that stands still in sleep.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

from ucmsc_desktop.record.clock import Clock
from ucmsc_desktop.ui.input_point import InputPoint

BEAT_MS = 2_000
SLEPT_S = 30

_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletPress,
    }
)


class IdleWatch(QObject):
    """Emits `idled` after the given minutes without a key, a touch or a move, or after a sleep, while it is started."""

    idled = Signal()

    def __init__(self, clock: Clock, parent: QObject) -> None:
        super().__init__(parent)
        self._clock = clock
        self._beat = QTimer(self)
        self._beat.setInterval(BEAT_MS)
        self._beat.timeout.connect(self.look)
        self._seen = clock.read()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.idled)
        self._input = InputPoint(self)

    def start(self, minutes: int) -> None:
        """Begin to watch."""
        self._timer.setInterval(minutes * 60_000)
        self._input.start()
        self._timer.start()
        self._seen = self._clock.read()
        self._beat.start()

    def look(self) -> None:
        """Compare the clocks; more wall time than running time means that the computer slept (or was set forward)."""
        before, self._seen = self._seen, self._clock.read()
        wall_s = (self._seen.at - before.at).total_seconds()
        running_s = (self._seen.mono_ns - before.mono_ns) / 1e9
        if wall_s - running_s > SLEPT_S:
            self.idled.emit()

    def stop(self) -> None:
        """End watching."""
        self._timer.stop()
        self._beat.stop()
        self._input.stop()

    @property
    def is_watching(self) -> bool:
        return self._timer.isActive()

    @property
    def interval_min(self) -> int:
        """The minutes after which it tells."""
        return self._timer.interval() // 60_000

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _TOUCHES and self._timer.isActive():
            self._timer.start()
        return False

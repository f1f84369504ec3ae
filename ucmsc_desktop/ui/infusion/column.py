"""The right half of the infusion page: cards below each other, scrolled by wheel and finger, the trends taking what is left."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QScroller, QVBoxLayout, QWidget


class Column(QScrollArea):
    """Cards in order; `growing` is the one that takes the height left over."""

    def __init__(self, cards: Sequence[QWidget], growing: QWidget, below: Sequence[QWidget]) -> None:
        super().__init__()
        inside = QWidget()
        inside.setObjectName("body")
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(0, 0, 4, 0)
        lines.setSpacing(12)
        for card in cards:
            lines.addWidget(card)
        lines.addWidget(growing, 100)
        for card in below:
            lines.addWidget(card)
        lines.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)
        QScroller.grabGesture(self.viewport(), QScroller.ScrollerGestureType.TouchGesture)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Scroll to what Tab reaches, not to what gets the keyboard because a line that had it is put away."""
        had, at = QApplication.focusWidget(), self.verticalScrollBar().value()
        moved = super().focusNextPrevChild(forward)
        if had is None or not had.isVisibleTo(self):
            self.verticalScrollBar().setValue(at)
        return moved

    def to_top(self) -> None:
        """Show the first card."""
        self.verticalScrollBar().setValue(0)

    def show_card(self, card: QWidget) -> None:
        """Bring a card to the top, once the cards have found their heights."""
        QTimer.singleShot(0, self, lambda: self._move(card, 0))

    def hold(self, line: QWidget) -> None:
        """Keep a line where it stands in sight, whatever its card and those above it become now."""
        y = line.mapTo(self.viewport(), QPoint(0, 0)).y()
        QTimer.singleShot(0, self, lambda: self._move(line, y))

    def _move(self, widget: QWidget, y: int) -> None:
        if not widget.isVisibleTo(self):
            return
        inside = self.widget()
        layout = inside.layout() if inside is not None else None
        if layout is not None:
            layout.activate()
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + widget.mapTo(self.viewport(), QPoint(0, 0)).y() - y)

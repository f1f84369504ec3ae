"""The right half of the infusion page: cards below each other, scrolled by wheel and finger, the trends taking what is left."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QScroller, QVBoxLayout, QWidget


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

    def to_top(self) -> None:
        """Show the first card."""
        self.verticalScrollBar().setValue(0)

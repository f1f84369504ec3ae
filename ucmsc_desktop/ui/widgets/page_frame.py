"""The frame of a page: content that scrolls, by finger too, and a foot that stays."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QScroller, QVBoxLayout, QWidget

from ucmsc_desktop.ui.style import set_kind

MARGIN = 28  # as in the mock-ups; less on a folded window would gain nothing that matters


class PageFrame:
    """Lays out a page: put content into `body`, sticky buttons into `foot` (then `show_foot`)."""

    def __init__(self, page: QWidget, *, scroll: bool = True) -> None:
        outer = QVBoxLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        content = QWidget()
        content.setObjectName("body")
        self.body = QVBoxLayout(content)
        self.body.setContentsMargins(MARGIN, 20, MARGIN, 20)
        self.body.setSpacing(14)
        self.area: QScrollArea | None = None
        if scroll:
            self.area = QScrollArea()
            self.area.setWidgetResizable(True)
            self.area.setFrameShape(QFrame.Shape.NoFrame)
            self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
            self.area.setWidget(content)
            QScroller.grabGesture(self.area.viewport(), QScroller.ScrollerGestureType.TouchGesture)
            outer.addWidget(self.area, 1)
        else:
            outer.addWidget(content, 1)
        self._foot = set_kind(QFrame(), "foot")
        self.foot = QHBoxLayout(self._foot)
        self.foot.setContentsMargins(MARGIN, 10, MARGIN, 10)
        self.foot.setSpacing(12)
        self._foot.hide()
        outer.addWidget(self._foot)

    def show_foot(self) -> None:
        """Show the foot; to be called once something is in it."""
        self._foot.show()

    def ensure_visible(self, widget: QWidget) -> None:
        """Scroll until a widget is seen, with room above for its label."""
        if self.area is not None:
            self.area.ensureWidgetVisible(widget, 20, 90)

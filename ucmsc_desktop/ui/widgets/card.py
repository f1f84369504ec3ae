"""A white sheet with a hairline around it, on which a page puts what belongs together."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import label


class Card(QFrame):
    """A card; put content into `body`."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_kind(self, "card")
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(20, 18, 20, 18)
        self.body.setSpacing(10)
        if title:
            self.body.addWidget(label.heading(title))

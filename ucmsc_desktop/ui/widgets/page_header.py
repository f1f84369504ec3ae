"""The head of a page: its title, one line of what matters, its buttons at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from ucmsc_desktop.ui.widgets import label


class PageHeader(QWidget):
    """The head of a page; put its actions into `buttons`."""

    def __init__(self, title: str, hint: str = "") -> None:
        super().__init__()
        self._title = label.title(title, "page_title")
        self._hint = label.hint(hint, "page_hint")
        if not hint:
            self._hint.hide()
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._title)
        texts.addWidget(self._hint)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(14)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(14)
        line.addLayout(texts, 1)
        line.addLayout(self.buttons)

    def set_title(self, text: str) -> None:
        """Show another title."""
        self._title.setText(text)

    def set_hint(self, text: str) -> None:
        """Show another line below the title; none where it is empty."""
        self._hint.setText(text)
        self._hint.setVisible(bool(text))

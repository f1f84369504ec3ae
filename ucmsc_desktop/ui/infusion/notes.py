"""Two notes of the page: why START did not start, and the offer to record an adverse event."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card


class RefusalCard(QFrame):
    """A refusal over the whole width: what happened, and what to do."""

    def __init__(self) -> None:
        super().__init__()
        set_kind(self, "summary")
        self.setObjectName("refusal")
        self._title = label.heading("", "refusal_title")
        self._what = label.error("", "refusal_what")
        self._todo = label.body("", "refusal_todo")
        close = button.secondary(tr("Close", "关闭"), "refusal_close", "close")
        close.clicked.connect(self.hide)
        texts = QVBoxLayout()
        texts.setSpacing(4)
        for part in (self._title, self._what, self._todo):
            texts.addWidget(part)
        line = QHBoxLayout(self)
        line.setContentsMargins(20, 12, 16, 12)
        line.addLayout(texts, 1)
        line.addWidget(close)
        self.hide()

    def show_error(self, title: str, error: KnownError, more: str = "") -> None:
        """Show a refusal, with what else is to be said."""
        what, safe, todo = error.parts()
        todo = f"{todo} {more}".strip()
        self._title.setText(title)
        self._what.setText(f"{what}  {error.code}")
        self._todo.setText(f"{safe} {todo}")
        self.setAccessibleName(f"{title}. {what} {todo}")
        self.show()


class OfferCard(Card):
    """Offers the adverse event form after a symptom was recorded."""

    accepted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("offer")
        self._text = label.body("", "offer_text")
        yes = button.secondary(tr("Record an adverse event (F14)", "填写不良事件（F14）"), "offer_yes")
        no = button.quiet(tr("Not new", "非新发"), "offer_no")
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self._text, 1)
        line.addWidget(no)
        line.addWidget(yes)
        self.body.addLayout(line)
        yes.clicked.connect(self.accepted)
        no.clicked.connect(self.hide)
        self.hide()

    def show_offer(self, symptoms: str) -> None:
        """Ask about symptoms."""
        self._text.setText(tr("{s}: new or worse since T0?", "{s}：是否为 T0 后新发或加重？", s=symptoms))
        self.show()

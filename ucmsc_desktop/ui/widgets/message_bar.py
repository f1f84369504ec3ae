"""The bar for one message below the banner: code, what happened, what is safe, what to do; it stays until closed.

A message that something went well goes by itself, when the next page opens or after a while if it asks for nothing; an
error never does.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui import announce, style
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.style import pixmap, set_kind
from ucmsc_desktop.ui.widgets import button, label

GOOD_MS = 15_000  # so long good news stands over the page

_LOOK = {
    "ok": ("check_circle", "OK"),
    "info": ("info", "PRIMARY_DARK"),
    "warning": ("warning", "WARNING"),
    "error": ("error", "ERROR"),
}


class MessageBar(QFrame):
    """Shows one notice. `closed` when the person has read it."""

    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("message_bar")
        label.let_grow(self)
        self._kind = ""
        self._mark = QLabel()
        self._what = label.label("", "message_what")
        self._rest = label.body("", "message_rest")
        self._close = button.quiet(tr("Close", "关闭"), "message_close", "close")
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a tap leaves the keyboard where it is
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._what)
        texts.addWidget(self._rest)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 8, 8, 8)
        line.setSpacing(12)
        line.addWidget(self._mark)
        line.addLayout(texts, 1)
        line.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._line = line
        self._good = QTimer(self)
        self._good.setSingleShot(True)
        self._good.setInterval(GOOD_MS)
        self._good.timeout.connect(self.passed)
        self._close.clicked.connect(self._on_close_clicked)
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        """Show a notice in place of the last one, and tell screen readers."""
        self._kind = notice.kind
        set_kind(self, f"notice-{notice.kind}")
        name, colour = _LOOK[notice.kind]
        self._mark.setPixmap(pixmap(name, style.colour(colour), 24))
        self._what.setText(f"{notice.code}  {notice.text}" if notice.code else notice.text)
        rest = " ".join(part for part in (notice.safe, notice.todo) if part)
        self._rest.setText(rest)
        self._rest.setVisible(bool(rest))
        is_short = not rest
        self._mark.setAlignment(Qt.AlignmentFlag.AlignVCenter if is_short else Qt.AlignmentFlag.AlignTop)
        if notice.kind in ("ok", "info") and is_short:
            self._good.start()
        else:
            self._good.stop()
        self.setAccessibleName(" ".join(part for part in (notice.code, notice.text, rest) if part))
        self.show()
        announce.alert(self, self.accessibleName())

    def set_low(self, low: bool) -> None:
        """Save height in a low window."""
        self._line.setContentsMargins(14, 1 if low else 8, 8, 1 if low else 8)

    def hideEvent(self, event: QHideEvent) -> None:
        self._good.stop()
        super().hideEvent(event)

    def text(self) -> str:
        """Give all that is said; "" while nothing is shown."""
        return self.accessibleName() if self._kind else ""

    def passed(self) -> None:
        """Another page opened: good news goes, an error or a warning stays."""
        if self._kind in ("ok", "info"):
            self.clear()

    def clear(self) -> None:
        """Show nothing."""
        self._kind = ""
        self.setAccessibleName("")
        for part in (self._what, self._rest):
            part.setText("")
        self.hide()

    def _on_close_clicked(self) -> None:
        self.clear()
        self.closed.emit()

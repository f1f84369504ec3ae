"""The bar for one message below the banner: code, what happened, what is safe, what to do; it stays until closed.

A message that something went well goes by itself, when the next page opens or after a while if it asks for nothing. An
error that refused one step goes with the page on which it was asked for; a warning, and an error after which something is
not on the disk, never go by themselves. What goes while it has the keyboard gives it back.
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
    """Shows one notice. `let_go` where it went while it had the keyboard."""

    let_go = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("message_bar")
        label.let_grow(self)
        self._kind = ""
        self._stays = False
        self._is_fresh = False  # said a moment ago: a page that opens because of it must not take it away
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
        self._close.clicked.connect(self.clear)
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        """Show a notice in place of the last one, and tell screen readers."""
        self._kind = notice.kind
        self._stays = notice.stays or notice.kind == "warning"
        self._is_fresh = True
        QTimer.singleShot(0, self, self._settle)
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
        """Another page opened: what belongs to the page before goes, and what was said with the step to this one stays."""
        if self._kind in ("ok", "info") or (self._kind and not self._stays and not self._is_fresh):
            self.clear()

    def clear(self) -> None:
        """Show nothing."""
        had_keyboard = self._close.hasFocus()
        self._kind = ""
        self.setAccessibleName("")
        for part in (self._what, self._rest):
            part.setText("")
        self.hide()
        if had_keyboard:
            self.let_go.emit()

    def _settle(self) -> None:
        self._is_fresh = False

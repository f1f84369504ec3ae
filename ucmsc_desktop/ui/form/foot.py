"""The foot of the form page: back, what is saved and when, not done, and the one main action."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from ucmsc_desktop.i18n import show_datetime, tr
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.form.marks import mark_pixmap
from ucmsc_desktop.ui.style import icon, set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.page_frame import MARGIN

_TIGHT = 760


class Foot(QFrame):
    """The foot. It says "saved" only with a time it was handed: that of a change the disk has."""

    advanced = Signal()
    went_back = Signal()
    not_done_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        set_kind(self, "foot")
        line = QHBoxLayout(self)
        line.setContentsMargins(MARGIN, 10, MARGIN, 10)
        line.setSpacing(14)
        self.back = button.secondary(tr("Back", "返回"), "form_back", "arrow_back")
        self._sign = QLabel()
        self._saved = label.hint("", "form_saved")
        self.not_done = button.secondary(tr("Not done…", "未做……"), "form_not_done")
        self.primary = button.primary(tr("Save and continue", "保存并继续"), "form_continue", "arrow_forward")
        line.addWidget(self.back)
        line.addWidget(self._sign)
        line.addWidget(self._saved, 1)
        line.addWidget(self.not_done)
        line.addWidget(self.primary)
        self.back.clicked.connect(self.went_back)
        self.not_done.clicked.connect(self.not_done_asked)
        self.primary.clicked.connect(self.advanced)
        self._narrow = False
        self._at: datetime | None = None
        self._long = ""
        self._short = ""
        self._unsaved = 0
        self._show()

    def set_narrow(self, narrow: bool) -> None:
        """Say it in fewer words where the window is narrow."""
        if narrow != self._narrow:
            self._narrow = narrow
            self._show()

    def show_saved(self, at: datetime | None, *, now: datetime, fresh: bool) -> None:
        """Say when the record was last saved; `fresh`: just now, by what was done here. Missing: says nothing."""
        self._at = at
        if at is None:
            self._long = self._short = ""
        elif fresh or at.date() == now.date():
            clock = f"{at:%H:%M}"
            self._long = tr("Saved on this computer at {t}", "已于 {t} 保存在本机", t=clock)
            self._short = tr("Saved {t}", "已保存 {t}", t=clock)
        else:
            when = show_datetime(at)
            self._long = tr("Saved on this computer {t}", "已于 {t} 保存在本机", t=when)
            self._short = tr("Saved {t}", "已保存 {t}", t=when)
        self._show()

    def show_unsaved(self, count: int) -> None:
        """Say that something is typed and not saved."""
        if count != self._unsaved:
            self._unsaved = count
            self._show()

    def _show(self) -> None:
        if self._unsaved:
            self._sign.setPixmap(mark_pixmap("dots", style.WARNING))
            text = tr("Not saved yet: press Enter", "尚未保存：请按 Enter")
        elif self._at is not None:
            self._sign.setPixmap(mark_pixmap("check", style.OK))
            text = self._short if self._narrow else self._long
        else:
            text = ""
        self._sign.setVisible(bool(text))
        self._sign.setToolTip(text)
        self._sign.setAccessibleName(text)
        # Beside the number pad there is room for the mark and no sentence; that something is not saved is said all the same.
        self._saved.setText("" if self.width() < _TIGHT and not self._unsaved else text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show()

    def show_primary(self, text: str, symbol: str, *, enabled: bool) -> None:
        """Say what the main action does now."""
        if self.primary.text() != text:
            self.primary.setText(text)
            self.primary.setIcon(icon(symbol, style.ON_FILL))
        self.primary.setEnabled(enabled)

    def show_back(self, to: str) -> None:
        """Say where Back leads: to a page by its name, or (empty) to the section before."""
        text = to or tr("Back", "返回")
        if self.back.text() != text:
            self.back.setText(text)

    def show_not_done(self, offered: bool) -> None:
        """Offer "Not done…" or not."""
        self.not_done.setVisible(offered)

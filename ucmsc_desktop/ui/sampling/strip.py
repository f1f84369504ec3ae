"""The strip that says which code was scanned and which one is waited for, second by second."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QAccessibleEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.sampling import filing
from ucmsc_desktop.ui.sampling.pairing import Pairing
from ucmsc_desktop.ui.style import pixmap, set_kind
from ucmsc_desktop.ui.widgets import button, label


class ScanStrip(QFrame):
    """Shows what a pairing holds; hidden while it holds nothing."""

    def __init__(self, desk: Desk, pairing: Pairing) -> None:
        super().__init__()
        set_kind(self, "notice-info")
        self.setObjectName("scan_strip")
        self._desk, self._pairing = desk, pairing
        sign = QLabel()
        sign.setPixmap(pixmap("barcode_scanner", style.TEXT, 28))
        self._text = label.label("", "scan_strip_text")
        self._left = label.value("", "scan_strip_left")
        drop = button.quiet(tr("Forget this scan", "取消本次扫描"), "scan_strip_drop", "close")
        drop.clicked.connect(pairing.drop)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 4, 8, 4)
        line.setSpacing(12)
        line.addWidget(sign, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self._text, 1)
        line.addWidget(self._left)
        line.addWidget(drop)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._on_timer_timeout)
        pairing.held_changed.connect(self._on_pairing_held_changed)
        self.hide()

    def _on_pairing_held_changed(self) -> None:
        code = self._pairing.held
        if code is None or not self._desk.is_signed_in:
            self.hide()
            return
        session = self._desk.session
        if code.visit:
            text = tr(
                "Tube {point} of {who} scanned: now the wristband",
                "已扫描 {who} 的“{point}”采血管：请扫描腕带",
                who=code.subject,
                point=filing.point_of(session, code),
            )
        else:
            known = filing.who(session, code.subject)
            text = tr(
                "Participant {who} scanned: now the tube",
                "已扫描受试者 {who}：请扫描采血管",
                who=f"{code.subject} ({known})" if known else code.subject,
            )
        self._text.setText(text)
        self.setAccessibleName(text)
        self._on_timer_timeout()
        self.show()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _on_timer_timeout(self) -> None:
        left = self._pairing.left_s(self._desk.session.now()) if self._desk.is_signed_in else 0
        self._left.setText(tr("{n} s", "{n} 秒", n=left))
        if not left:
            self._pairing.drop()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

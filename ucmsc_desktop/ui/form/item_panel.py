"""What happened to one item: every value it had, who, when, why; and what else can be done with it.

It lies over the page below its field, closes with Escape or by a tap elsewhere, and never stands before the window.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import show_datetime, tr
from ucmsc_desktop.record.entry import ROLE_NAMES
from ucmsc_desktop.record.facts import Entry
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Missing, Value
from ucmsc_desktop.ui.form import words
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label

_WIDTH = 440


class ItemPanel(QFrame):
    """The history of an item over the page."""

    not_done_asked = Signal()
    clear_asked = Signal()
    closed = Signal()

    def __init__(self, page: QWidget, name_of: Callable[[str], str]) -> None:
        super().__init__(page)
        set_kind(self, "strip")
        self.setObjectName("item_panel")
        self._page = page
        self._name_of = name_of
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 10, 16, 12)
        outer.setSpacing(8)
        head = QHBoxLayout()
        self._title = label.heading("", "item_panel_title")
        head.addWidget(self._title, 1)
        self._close = button.quiet(tr("Close", "关闭"), "item_panel_close", "close")
        self._close.clicked.connect(self.dismiss)
        head.addWidget(self._close)
        outer.addLayout(head)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer.addWidget(self._area, 1)
        line = QHBoxLayout()
        line.setSpacing(10)
        self.not_done = button.secondary(tr("Not done…", "未做……"), "item_not_done", "block")
        self.not_done.clicked.connect(self._on_not_done_clicked)
        self.clear = button.secondary(tr("Clear the value…", "清除数值……"), "item_clear", "backspace")
        self.clear.clicked.connect(self._on_clear_clicked)
        line.addWidget(self.not_done)
        line.addWidget(self.clear)
        line.addStretch(1)
        outer.addLayout(line)
        self.hide()

    def show_item(
        self, item: Item, history: Sequence[Entry], *, near: QWidget, may_gap: bool, may_clear: bool
    ) -> None:
        """Show the history of an item below its field, the newest value first."""
        self._title.setText(str(item.label))
        body = QWidget()
        body.setObjectName("body")
        lines = QVBoxLayout(body)
        lines.setContentsMargins(0, 0, 6, 0)
        lines.setSpacing(2)
        if not history:
            lines.addWidget(label.hint(tr("Nothing recorded yet.", "尚无记录。"), "history_empty"))
        for number, entry in enumerate(reversed(history)):
            for text in self._entry(item, entry, number):
                lines.addWidget(text)
            lines.addSpacing(8)
        lines.addStretch(1)
        self._area.setWidget(body)
        self.not_done.setVisible(may_gap)
        self.clear.setVisible(may_clear)
        self._place(near, body)
        self.show()
        self.raise_()
        self._close.setFocus(Qt.FocusReason.OtherFocusReason)
        app = QApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def _entry(self, item: Item, entry: Entry, number: int) -> list[QLabel]:
        value = label.label(self._shown(item, entry), f"history_value_{number}")
        who = tr(
            "{when}, {name} ({role}), {how}",
            "{when}，{name}（{role}），{how}",
            when=show_datetime(entry.at, seconds=True),
            name=self._name_of(entry.user),
            role=ROLE_NAMES[entry.role].get() if entry.role in ROLE_NAMES else entry.role,
            how=words.ORIGINS[entry.origin].get() if entry.origin in words.ORIGINS else entry.origin,
        )
        texts = [value, label.hint(who, f"history_who_{number}")]
        if entry.reason:
            texts.append(label.hint(tr("Reason: {r}", "理由：{r}", r=entry.reason), f"history_why_{number}"))
        if entry.confirmed:
            texts.append(
                label.hint(
                    tr("▲ confirmed when it was entered", "▲ 录入时已确认"), f"history_confirmed_{number}"
                )
            )
        return texts

    def _shown(self, item: Item, entry: Entry) -> str:
        value: Value | None = entry.value
        if value is None:
            return tr("(kept at the site)", "（保留在中心）") if entry.kept else tr("(empty)", "（空）")
        if isinstance(value, Missing):
            return words.gap(value)
        if item.type == "staff" and isinstance(value, str):
            return self._name_of(value)
        return item.shown(value)

    def _place(self, near: QWidget, body: QWidget) -> None:
        page = self._page
        width = min(max(near.width(), _WIDTH), page.width() - 24)
        self.setFixedWidth(width)
        for text in body.findChildren(QLabel):
            text.ensurePolished()  # its font is that of its kind only from then on
        inside = body.layout()
        wanted = inside.totalHeightForWidth(width - 60) if inside is not None else 0
        buttons = 68 if not (self.not_done.isHidden() and self.clear.isHidden()) else 8
        height = min(max(wanted, 40) + 96 + buttons, max(page.height() - 40, 200))
        self.setFixedHeight(height)
        at = near.mapTo(page, QPoint(0, near.height() + 4))
        top = at.y() if at.y() + height < page.height() - 8 else near.mapTo(page, QPoint(0, -height - 4)).y()
        top = max(8, min(top, page.height() - height - 8))
        self.move(max(8, min(at.x(), page.width() - width - 12)), top)

    def dismiss(self) -> None:
        """Close it."""
        if self.isHidden():
            return
        app = QApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        self.hide()
        self.closed.emit()

    def _on_not_done_clicked(self) -> None:
        self.dismiss()
        self.not_done_asked.emit()

    def _on_clear_clicked(self) -> None:
        self.dismiss()
        self.clear_asked.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(watched, QWidget):
            return False
        inside = watched is self or self.isAncestorOf(watched)
        if event.type() == QEvent.Type.MouseButtonPress and not inside:
            self.dismiss()
        elif inside and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() != Qt.Key.Key_Escape:
                return False
            self.dismiss()
            return True
        return False

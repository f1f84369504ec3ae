"""What is wrong, all at once, at the top of the page: each line takes you to its field.

The lines say the same words as the fields. It shows after "Save and continue" was pressed, not while someone types.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.ui import announce, style
from ucmsc_desktop.ui.form.link import Link
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label

_MOST = 5


class ErrorSummary(QFrame):
    """The error summary; hidden while there is nothing to say."""

    asked = Signal(object)  # Cell: go there
    passed = Signal()  # go on and finish this later

    def __init__(self) -> None:
        super().__init__()
        set_kind(self, "summary")
        self.setObjectName("error_summary")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(18, 4, 12, 8)
        outer.setSpacing(0)
        head = QHBoxLayout()
        self._title = label.heading(tr("There is a problem", "填写有误"), "error_title")
        head.addWidget(self._title, 1)
        self.later = button.quiet(tr("Finish this later", "稍后完成"), "finish_later", "arrow_forward")
        self.later.clicked.connect(self.passed)
        head.addWidget(self.later)
        outer.addLayout(head)
        self._lines = QVBoxLayout()
        self._lines.setSpacing(0)
        outer.addLayout(self._lines)
        self._rest = label.hint("", "error_rest")
        outer.addWidget(self._rest)
        self._shown: tuple[tuple[Cell, str], ...] = ()
        self.links: list[Link] = []
        self.hide()

    def show_problems(self, problems: Sequence[tuple[Cell, str]]) -> None:
        """Show problems as links, the first ones where there are many; hide where there is none."""
        wanted = tuple(problems)
        self.setVisible(bool(wanted))
        if wanted == self._shown:
            return
        self._shown = wanted
        announce.alert(
            self, ". ".join((self._title.text(), *(text for _cell, text in wanted[:_MOST]))) if wanted else ""
        )
        while len(self.links) < min(len(wanted), _MOST):
            link = Link(f"error_link_{len(self.links)}", style.ERROR)
            number = len(self.links)
            link.clicked.connect(lambda _on=False, n=number: self.asked.emit(self._shown[n][0]))
            self.links.append(link)
            self._lines.addWidget(link)
        for number, link in enumerate(self.links):
            link.setVisible(number < len(wanted))
            if number < len(wanted):
                link.setText(wanted[number][1].replace("\n", " "))
                link.updateGeometry()
        more = len(wanted) - _MOST
        self._rest.setVisible(more > 0)
        self._rest.setText(tr("and {n} more", "另有 {n} 项", n=more))

    def focus(self) -> None:
        """Take the focus to the first line."""
        if self.links:
            self.links[0].setFocus(Qt.FocusReason.OtherFocusReason)

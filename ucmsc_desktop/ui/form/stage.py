"""What the form page is made of, apart from its foot: sections at the left or above, errors, head, and room for fields."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from ucmsc_desktop.ui.form.error_summary import ErrorSummary
from ucmsc_desktop.ui.form.section_list import LIST_WIDTH, SectionList, SectionStrip, Step
from ucmsc_desktop.ui.widgets import label
from ucmsc_desktop.ui.widgets.page_frame import MARGIN, PageFrame
from ucmsc_desktop.ui.widgets.pill import Pill

LIST_FROM = 1060  # width from which the sections stand at the left


class Stage(QWidget):
    """The upper part of the form page. `chosen` gives the id of the section asked for."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        self.list_area = self._make_list()
        line.addWidget(self.list_area)
        column = QWidget()
        self.frame = PageFrame(column)
        line.addWidget(column, 1)
        self.strip = SectionStrip()
        self.strip.chosen.connect(self.chosen)
        self.summary = ErrorSummary()
        body = self.frame.body
        body.setContentsMargins(MARGIN, 14, MARGIN, 20)
        body.setSpacing(10)
        body.addWidget(self.strip)
        body.addWidget(self.summary)
        body.addLayout(self._make_head())
        self._banner = label.body("", "form_banner")
        body.addWidget(self._banner)
        self._place = QVBoxLayout()
        body.addLayout(self._place)
        body.addStretch(1)

    def _make_list(self) -> QScrollArea:
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedWidth(LIST_WIDTH + MARGIN + 4)
        holder = QWidget()
        holder.setObjectName("body")
        lines = QVBoxLayout(holder)
        lines.setContentsMargins(MARGIN, 16, 0, 12)
        self._list = SectionList()
        self._list.chosen.connect(self.chosen)
        lines.addWidget(self._list)
        area.setWidget(holder)
        return area

    def _make_head(self) -> QHBoxLayout:
        self._crumb = label.hint("", "form_title")
        self._title = label.heading("", "section_title")
        self._title.setProperty("kind", "title")
        self._pill = Pill("empty")
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._crumb)
        texts.addWidget(self._title)
        head = QHBoxLayout()
        head.addLayout(texts, 1)
        head.addWidget(self._pill, 0, Qt.AlignmentFlag.AlignTop)
        return head

    def put(self, widget: QWidget) -> None:
        """Put in what shows a section."""
        self._place.addWidget(widget)

    def take(self, widget: QWidget) -> None:
        """Take out what showed a section; it is gone at once."""
        self._place.removeWidget(widget)
        widget.hide()
        widget.deleteLater()

    def show_steps(self, steps: Sequence[Step], current: str) -> None:
        """Show the sections with their state."""
        self._list.show_steps(steps, current)
        self.strip.show_steps(steps, current)
        if self._list.current is not None:
            self._settle_list()
            self.list_area.ensureWidgetVisible(self._list.current, 0, 60)

    def _settle_list(self) -> None:
        """Lay the list out now: what was just made has no place yet to scroll to."""
        holder = self.list_area.widget()
        lines = holder.layout() if holder is not None else None
        if holder is None or lines is None:
            return
        if lines.sizeHint().height() > holder.height():
            holder.resize(holder.width(), lines.sizeHint().height())
        lines.activate()

    def show_head(self, *, crumb: str, title: str, status: str, banner: str) -> None:
        """Show which form and section this is, how far the form is, and what holds for all of it."""
        for shown, text in ((self._crumb, crumb), (self._title, title), (self._banner, banner)):
            if shown.text() != text:
                shown.setText(text)
        self._pill.set_status(status)
        self._banner.setVisible(bool(banner))

    def set_wide(self, wide: bool) -> None:
        """Show the sections at the left, or as a line of steps above."""
        self.list_area.setVisible(wide)
        self.strip.setVisible(not wide)

    def to_top(self) -> None:
        """Scroll to the top."""
        if self.frame.area is not None:
            self.frame.area.verticalScrollBar().setValue(0)

    def ensure_visible(self, widget: QWidget) -> None:
        """Scroll until a field is seen."""
        self.frame.ensure_visible(widget)

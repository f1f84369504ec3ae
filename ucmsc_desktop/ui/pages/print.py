"""Print: choose what, see it, print it or keep it as a PDF. What is printed is the file that is shown, byte for byte.

The file lies in the private folder of this user until the next one or the lock. Labels that went out are gone from the
screen: printed twice they must say so. The report of a serious event says wherever it goes that nobody has it by that.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from pathlib import Path

from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ucmsc_desktop import paths
from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.safety import NOT_TRANSMITTED
from ucmsc_desktop.session import PdfMade
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.jobs import Job
from ucmsc_desktop.ui.printing.choices import Choices
from ucmsc_desktop.ui.printing.order import Order
from ucmsc_desktop.ui.printing.preview import Preview
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.page_frame import PageFrame


class PrintPage(QWidget):
    """What to print, and its preview."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "print_page")
        self._desk = desk
        self._order: Order | None = None  # of what is shown
        self._job: Job | None = None
        self.choices = Choices(desk)
        self.preview = Preview(desk)
        frame = PageFrame(self, scroll=False)
        line = QHBoxLayout()
        line.setSpacing(16)
        line.addWidget(self.choices)
        line.addWidget(self.preview, 1)
        frame.body.setContentsMargins(16, 12, 16, 12)
        frame.body.addLayout(line, 1)
        self.choices.changed.connect(self._show_state)
        self.choices.asked.connect(self.make)
        self.preview.went_out.connect(self._on_preview_went_out)
        desk.lock_began.connect(self._forget)

    def keys(self) -> tuple[tuple[str, str], ...]:
        """This page has no keys of its own."""
        return ()

    def open(self, **what: object) -> None:
        """Show the page; `subject` and `key` choose a participant and a filled form, `what` another kind.

        With "sae" `key` is that of the event. `made`: a file that is made already and is to be read.
        """
        subject, key, kind, made = what.get("subject"), what.get("key"), what.get("what"), what.get("made")
        self.refresh()
        self.choices.open(
            subject if isinstance(subject, str) else "",
            key if isinstance(key, FormKey) else None,
            kind if isinstance(kind, str) else "",
        )
        reads = isinstance(made, PdfMade)
        self.choices.setHidden(reads)  # what is only read gets the whole page
        self.preview.show_heads(not reads)
        if isinstance(made, PdfMade):
            self._show_copy(made)
            self.preview.view.setFocus()

    def refresh(self) -> None:
        """Read participants, forms and printers again."""
        if self._desk.is_signed_in:
            self.choices.refresh()
            self.preview.refresh()

    def _show_copy(self, made: PdfMade) -> None:
        """Show somebody else's file. A copy: the page throws away what it shows, and a file that is open stays on Windows."""
        self._forget()
        path = self._new_path()
        try:
            path.write_bytes(made.path.read_bytes())
        except OSError:
            self.choices.say(
                tr("The sheet is no longer there. Make it again.", "该文件已不存在，请重新生成。")
            )
            return
        self._order = self.choices.order()
        self._on_made(replace(made, path=path))

    def _new_path(self) -> Path:
        return paths.private_temp_dir(self._desk.session.folder) / f"{secrets.token_hex(8)}.pdf"

    # --- making ----------------------------------------------------------------------------------------------

    def make(self) -> None:
        """Make the PDF in the background and show it."""
        self._forget()
        self.choices.say("")
        self.preview.state.setText(tr("The pages are being made.", "正在生成页面。"))
        self._order = self.choices.order()
        self._job = self._desk.jobs.run(
            self._order.work(self._desk.session, self._new_path()),
            then=self._on_made,
            failed=self._on_making_failed,
            title=tr("Making the pages", "正在生成页面"),
        )
        self._show_state()

    def _on_made(self, made: PdfMade) -> None:
        order = self._order
        assert order is not None
        dpi = self._desk.session.study.labels.dpi if order.is_roll else 0
        warning = str(NOT_TRANSMITTED) if order.what == "sae" else ""
        self.preview.show_pages(made, order.title, order.file_name(), dpi=dpi, warning=warning)
        self._show_state()
        if self.isVisible():
            # The button that made it was off meanwhile: Qt moved the keyboard to the first choice.
            self.preview.view.setFocus()

    def _on_making_failed(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self.preview.state.setText("")
        self.choices.say(str(error))
        self._show_state()

    def _show_state(self) -> None:
        self.choices.show_state(busy=self._job is not None and not self._job.is_done)

    def _on_preview_went_out(self, made: object) -> None:
        """Labels have left the laptop: it is recorded, and what is on the screen goes, because it would be a reprint."""
        if isinstance(made, PdfMade) and self._order is not None and self._order.what == "labels":
            self._desk.do(lambda s, _a: s.paper.labels_went_out(made))
            self._forget()

    def _forget(self) -> None:
        """Take the pages off the screen and off the disk."""
        if self._job is not None:
            self._job.cancel()
        self.preview.forget()

    def hideEvent(self, event: QHideEvent) -> None:
        self.preview.stop()
        super().hideEvent(event)

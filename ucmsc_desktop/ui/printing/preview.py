"""The right side of the print page: the pages as they will be printed, and the buttons that print or keep them.

What is printed is the file that is shown, byte for byte; a printer gets it page by page, and no dialog of the system stands
before the window. It must never keep pages longer than they are shown: `forget` takes them off the screen and off the disk.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout

from ucmsc_desktop.durable import write_file_durably
from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.session import PdfMade
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.printing.job import Printing, printers
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.naming import named

LABEL_ZOOM = 2.0


class Preview(Card):
    """Shows pages. `went_out`: some of them have left the laptop, to a printer or into a file."""

    went_out = Signal(object)  # PdfMade

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self.made: PdfMade | None = None
        self.printing: Printing | None = None
        self._dpi = 0  # of the label printer, where labels for one are shown
        self._file_name = ""
        self._warning = ""
        self.step = QTimer(self)
        self.step.setInterval(0)
        self.step.timeout.connect(self._on_step_timeout)
        self.document = QPdfDocument(self)
        self.title = label.heading("", "print_title")
        self.state = label.hint("", "print_state")
        self.view = named(QPdfView(self), "print_view", tr("Preview of the pages", "页面预览"))
        self._set_up_view()
        self._empty = label.body(
            tr(
                "Choose what to print, then show the preview. Nothing goes to a printer before.",
                "请选择打印内容并生成预览；此前不会发送到打印机。",
            ),
            "print_empty",
        )
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.view)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self.title)
        texts.addWidget(self.state)
        self.body.addLayout(texts)
        self.body.addWidget(self._pages, 1)
        self.body.addLayout(self._make_foot())

    def _set_up_view(self) -> None:
        self.view.setDocument(self.document)
        around = self.view.palette()
        around.setColor(around.ColorRole.Dark, QColor(style.LINE))  # what lies around the pages
        self.view.setPalette(around)
        self.view.setPageMode(QPdfView.PageMode.MultiPage)
        self.view.setZoomMode(QPdfView.ZoomMode.FitToWidth)

    def _make_foot(self) -> QHBoxLayout:
        self.printer = ChoiceBox("print_printer", tr("Printer", "打印机"))
        self.print_it = button.primary(tr("Print", "打印"), "print_print", "print")
        self.save_it = button.secondary(tr("Save PDF…", "另存为 PDF……"), "print_save", "download")
        self._stop_it = button.secondary(tr("Cancel", "取消"), "print_cancel", "close")
        self._stop_it.hide()
        foot = QHBoxLayout()
        foot.setSpacing(10)
        foot.addWidget(self.printer, 1)
        for made in (self._stop_it, self.save_it, self.print_it):
            foot.addWidget(made)
        self.print_it.clicked.connect(self._on_print_clicked)
        self.save_it.clicked.connect(self._on_save_clicked)
        self._stop_it.clicked.connect(self.stop)
        return foot

    # --- the pages -------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the printers again."""
        found = printers()
        self.printer.set_choices((name, name) for name in found)
        if found and not self.printer.code():
            self.printer.set_code(found[0])
        self.printer.setPlaceholderText(tr("No printer", "无打印机") if not found else tr("Choose", "请选择"))
        self._light()

    def show_pages(
        self, made: PdfMade, title: str, file_name: str, *, dpi: int = 0, warning: str = ""
    ) -> None:
        """Show a file. `dpi`: that of the label printer where they are labels. `warning`: said with them, wherever they go."""
        self.made, self._dpi = made, dpi
        self._file_name, self._warning = file_name, warning
        self.view.setZoomMode(QPdfView.ZoomMode.Custom if dpi else QPdfView.ZoomMode.FitToWidth)
        if dpi:
            self.view.setZoomFactor(LABEL_ZOOM)
        self.document.load(str(made.path))
        self._pages.setCurrentWidget(self.view)
        self.title.setText(title)
        pages = tr("Pages: {n} · SHA-256 {h}…", "共 {n} 页，SHA-256 {h}……", n=made.pages, h=made.sha256[:16])
        self.state.setText(warning or pages)
        self._light()

    def show_heads(self, shown: bool) -> None:
        """Show what stands above the pages, or give its room to them."""
        for part in (self.title, self.state):
            part.setHidden(not shown)

    def forget(self) -> None:
        """Take the pages off the screen and off the disk."""
        self.stop()
        self.document.close()
        if self.made is not None:
            with contextlib.suppress(OSError):
                self.made.path.unlink(missing_ok=True)
        self.made = None
        self._pages.setCurrentWidget(self._empty)
        self.title.setText("")
        self.state.setText("")
        self._light()

    def _light(self) -> None:
        done = self.made is not None and self.printing is None
        self.save_it.setEnabled(done)
        self.print_it.setEnabled(done)

    # --- printing --------------------------------------------------------------------------------------------

    def _on_print_clicked(self) -> None:
        name = self.printer.code()
        if not name:
            self._desk.say(
                Notice(
                    "info",
                    tr("No printer is set up on this computer.", "本机未安装打印机。"),
                    todo=tr("Save the PDF and print it elsewhere.", "请另存为 PDF，在其他计算机上打印。"),
                )
            )
            return
        info = QPrinterInfo.printerInfo(name)
        self.print_on(QPrinter(info, QPrinter.PrinterMode.HighResolution))

    def print_on(self, printer: QPrinter) -> None:
        """Print the pages shown."""
        printing = Printing(self.document, printer, dpi=self._dpi)
        if not printing.begin():
            self._desk.say(
                Notice(
                    "error",
                    tr("The printer does not take the job.", "打印机未接受任务。"),
                    todo=tr("Check it, or save the PDF.", "请检查打印机，或另存为 PDF。"),
                )
            )
            return
        self.printing = printing
        self._stop_it.show()
        self._light()
        self.step.start()

    def _on_step_timeout(self) -> None:
        if self.printing is None:
            self.step.stop()
            return
        more = self.printing.put_page()
        self.state.setText(
            tr(
                "Printing page {n} of {all}",
                "正在打印第 {n} / {all} 页",
                n=self.printing.page,
                all=self.printing.pages,
            )
        )
        if not more:
            self.printing.end()
            pages = self.printing.pages
            self._end_printing()
            self.went_out.emit(self.made)
            text = tr("{n} pages are at the printer.", "{n} 页已送至打印机。", n=pages)
            self._desk.say(Notice("warning" if self._warning else "ok", text, todo=self._warning))

    def stop(self) -> None:
        """Stop printing; some pages may have come out of the printer."""
        if self.printing is not None:
            self.printing.abort()
            some = self.printing.page > 0
            self._end_printing()
            if some and self._desk.is_signed_in:
                self.went_out.emit(self.made)
            self.state.setText(tr("Printing was cancelled.", "打印已取消。"))

    def _end_printing(self) -> None:
        self.step.stop()
        self.printing = None
        self._stop_it.hide()
        self._light()

    # --- saving ----------------------------------------------------------------------------------------------

    def _on_save_clicked(self) -> None:
        dialog = QFileDialog(
            self, tr("Save PDF", "另存为 PDF"), str(Path.home() / self._file_name), "PDF (*.pdf)"
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.fileSelected.connect(lambda chosen: self.save_to(Path(chosen)))
        self._desk.ask(dialog)

    def save_to(self, path: Path) -> None:
        """Keep the pages shown under a name; they hold data in plain text."""
        if self.made is None:
            return
        try:
            write_file_durably(path, self.made.path.read_bytes(), replace=True)
        except KnownError as error:
            self._desk.say(error)
            return
        warning = self._warning
        self.went_out.emit(self.made)
        text = tr("Saved as {name}.", "已保存为 {name}。", name=path.name)
        keep = tr("It is not encrypted: keep it where the study allows.", "该文件未加密，请按研究规定保存。")
        if warning:
            self._desk.say(Notice("warning", text, safe=keep, todo=warning))
        else:
            self._desk.say(Notice("ok", text, todo=keep))

"""Print: choose what, see it, print it or keep it as a PDF. What is printed is the file that is shown, byte for byte.

The file lies in the private folder of this user until the next one or the lock. A printer gets it page by page; no dialog
of the system stands before the window. Labels that went out are gone from the screen: printed twice they must say so.
"""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer
from PySide6.QtGui import QColor, QHideEvent
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtWidgets import QApplication, QFileDialog, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from ucmsc_desktop import paths
from ucmsc_desktop.durable import write_file_durably
from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import LANGS, Lang, language, tr
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session import PdfMade, Session
from ucmsc_desktop.session.labels import is_wanted
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.jobs import Job
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.printing.job import Printing, printers
from ucmsc_desktop.ui.printing.label_choices import LabelChoices
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.page_frame import PageFrame

EVERYBODY = "*"
LABEL_ZOOM = 2.0
_LEFT = 344
_LANGUAGES: dict[Lang, str] = {"en": "English", "zh": "中文"}


class PrintPage(QWidget):
    """What to print, and its preview."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "print_page")
        self._desk = desk
        self._lang: Lang = language()
        self._what = "blank_all"
        self._made: PdfMade | None = None
        self._shown = ""  # the kind of what is shown
        self._dpi = 0  # of the label printer, where labels for one are shown
        self._job: Job | None = None
        self._printing: Printing | None = None
        self._step = QTimer(self)
        self._step.setInterval(0)
        self._step.timeout.connect(self._on_step_timeout)
        self.document = QPdfDocument(self)
        self._kinds: dict[str, Button] = {}
        self._languages: dict[Lang, Button] = {}
        self._build()
        desk.lock_began.connect(self._forget)

    # --- the page --------------------------------------------------------------------------------------------

    def _build(self) -> None:
        frame = PageFrame(self, scroll=False)
        line = QHBoxLayout()
        line.setSpacing(16)
        self._choices = self._build_choices()
        line.addWidget(self._choices)
        line.addWidget(self._build_preview(), 1)
        frame.body.setContentsMargins(16, 12, 16, 12)
        frame.body.addLayout(line, 1)

    def _build_choices(self) -> QWidget:
        holder = QWidget()
        holder.setFixedWidth(_LEFT)
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        inside = QWidget()
        column.addWidget(inside, 1)
        left = self._left = PageFrame(inside)
        left.body.setContentsMargins(0, 0, 4, 0)
        card = Card(tr("What to print", "打印内容"))
        for name, text in (
            ("blank_all", tr("All blank forms", "全套空白表单")),
            ("blank_one", tr("One blank form", "单张空白表单")),
            ("filled", tr("A filled form", "已填写的表单")),
            ("casebook", tr("Casebook of a participant", "受试者病例册")),
            ("labels", tr("Labels", "标签")),
            ("handover", tr("Hand-over sheet", "交接班单")),
            ("screening", tr("Log of screen failures", "筛选失败登记表")),
        ):
            if name == "handover" and not self._desk.session.may("hand_over"):
                continue
            made = button.toggle(text, f"print_{name}")
            made.clicked.connect(lambda _on=False, n=name: self._choose_kind(n))
            self._kinds[name] = made
            card.body.addWidget(made)
        self._other = button.quiet(tr("Print something else", "打印其他内容"), "print_other", "print")
        self._other.clicked.connect(lambda: self._fold(False))
        card.body.addWidget(self._other)
        self._subject_label = label.label(tr("Participant", "受试者"))
        self.subject = ChoiceBox("print_subject", tr("Participant", "受试者"))
        self._form_label = label.label(tr("Form", "表单"))
        self.form = ChoiceBox("print_form", tr("Form", "表单"))
        self.labels = LabelChoices(self._desk.session.study)
        self.labels.changed.connect(self._refresh_buttons)
        for part in (self._subject_label, self.subject, self._form_label, self.form, self.labels):
            card.body.addWidget(part)
        card.body.addWidget(label.label(tr("Language of the paper", "打印语言")))
        both = QHBoxLayout()
        for lang in LANGS:
            made = button.toggle(_LANGUAGES[lang], f"print_lang_{lang}")
            made.clicked.connect(lambda _on=False, chosen=lang: self._choose_language(chosen))
            self._languages[lang] = made
            both.addWidget(made)
        card.body.addLayout(both)
        self.show_it = button.primary(tr("Show preview", "生成预览"), "print_preview", "visibility")
        self._error = label.error("", "print_error")
        self._error.hide()
        under = QVBoxLayout()
        under.setContentsMargins(0, 0, 4, 5)
        under.addWidget(self._error)
        under.addWidget(self.show_it)
        column.addLayout(under)
        left.body.addWidget(card)
        left.body.addStretch(1)
        self.subject.activated.connect(lambda _i: self._on_subject_activated())
        self.form.activated.connect(lambda _i: self._refresh_buttons())
        self.show_it.clicked.connect(self.make)
        return holder

    def _build_preview(self) -> QWidget:
        card = Card()
        self._title = label.heading("", "print_title")
        self._state = label.hint("", "print_state")
        self.view = named(QPdfView(card), "print_view", tr("Preview of the pages", "页面预览"))
        self.view.setDocument(self.document)
        around = self.view.palette()
        around.setColor(around.ColorRole.Dark, QColor(style.LINE))  # what lies around the pages
        self.view.setPalette(around)
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
        self.view.setPageMode(QPdfView.PageMode.MultiPage)
        self.view.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self.printer = ChoiceBox("print_printer", tr("Printer", "打印机"))
        self.print_it = button.primary(tr("Print", "打印"), "print_print", "print")
        self.save_it = button.secondary(tr("Save PDF…", "另存为 PDF……"), "print_save", "download")
        self.stop_it = button.secondary(tr("Cancel", "取消"), "print_cancel", "close")
        self.stop_it.hide()
        foot = QHBoxLayout()
        foot.setSpacing(10)
        foot.addWidget(self.printer, 1)
        for made in (self.stop_it, self.save_it, self.print_it):
            foot.addWidget(made)
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addWidget(self._title)
        texts.addWidget(self._state)
        card.body.addLayout(texts)
        card.body.addWidget(self._pages, 1)
        card.body.addLayout(foot)
        self.print_it.clicked.connect(self._on_print_clicked)
        self.save_it.clicked.connect(self._on_save_clicked)
        self.stop_it.clicked.connect(self._on_stop_clicked)
        return card

    def keys(self) -> tuple[tuple[str, str], ...]:
        """This page has no keys of its own."""
        return ()

    def open(self, **what: object) -> None:
        """Show the page; `subject` and `key` choose a participant and a filled form, `what` another kind.

        `made`: a file that is made already and is to be read.
        """
        subject, key, kind, made = what.get("subject"), what.get("key"), what.get("what"), what.get("made")
        self.refresh()
        if isinstance(kind, str) and kind in self._kinds:
            self._what = kind
            self._fill_subjects()
            self.subject.set_code(subject if isinstance(subject, str) and subject else EVERYBODY)
        elif isinstance(subject, str) and subject:
            self.subject.set_code(subject)
            self._what = "filled" if isinstance(key, FormKey) else "casebook"
            self._fill_forms()
            if isinstance(key, FormKey):
                self.form.set_code(str(key))
        self._choose_kind(self._what, show=False)  # the page begins at its top
        if self._left.area is not None:
            self._left.area.verticalScrollBar().setValue(0)
        self._fold(isinstance(kind, str) and kind in self._kinds)
        reads = isinstance(made, PdfMade)
        for part in (self._choices, self._title, self._state):
            part.setHidden(reads)  # what is only read gets the whole page
        if isinstance(made, PdfMade):
            self._show_copy(made)
            self.view.setFocus()

    def _show_copy(self, made: PdfMade) -> None:
        """Show somebody else's file. A copy: the page throws away what it shows, and a file that is open stays on Windows."""
        self._forget()
        path = paths.private_temp_dir(self._desk.session.folder) / f"{secrets.token_hex(8)}.pdf"
        try:
            path.write_bytes(made.path.read_bytes())
        except OSError:
            self._say(tr("The sheet is no longer there. Make it again.", "该文件已不存在，请重新生成。"))
            return
        self._shown, self._dpi = self._what, 0
        self._on_made(replace(made, path=path))

    def refresh(self) -> None:
        """Read participants, forms and printers again."""
        if not self._desk.is_signed_in:
            return
        self._fill_subjects()
        found = printers()
        self.printer.set_choices((name, name) for name in found)
        if found and not self.printer.code():
            self.printer.set_code(found[0])
        self.printer.setPlaceholderText(tr("No printer", "无打印机") if not found else tr("Choose", "请选择"))
        self._fill_forms()
        self._refresh_buttons()

    # --- choices ---------------------------------------------------------------------------------------------

    def _choose_kind(self, name: str, *, show: bool = True) -> None:
        self._what = name
        for other, made in self._kinds.items():
            made.setChecked(other == name)
        needs_subject = name in ("filled", "casebook", "labels")
        needs_form = name in ("filled", "blank_one")
        self.labels.setVisible(name == "labels")
        self._fill_subjects()
        for part in (self._subject_label, self.subject):
            part.setVisible(needs_subject)
        for part in (self._form_label, self.form):
            part.setVisible(needs_form)
        self._fill_forms()
        self._refresh_buttons()
        self._show_options(show and (needs_subject or needs_form))

    def _fold(self, folded: bool) -> None:
        """Show only the kind somebody came for, so that what is asked about it is in sight; one press shows the others."""
        for name, made in self._kinds.items():
            made.setHidden(folded and name != self._what)
        self._other.setHidden(not folded)

    def _show_options(self, wanted: bool) -> None:
        """Bring what is asked about the chosen kind into sight: the list of kinds is as high as a low window."""
        area = self._left.area
        if wanted and area is not None and self.isVisible():
            self._left.body.activate()
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
            top = self._subject_label if self._subject_label.isVisibleTo(self) else self._form_label
            content = area.widget()
            assert content is not None
            place = top.mapTo(content, QPoint(0, 0)).y()
            area.verticalScrollBar().setValue(max(0, place - 60))

    def _fill_subjects(self) -> None:
        """Offer the participants; labels also for all at once who are still in the trial."""
        chosen = self.subject.code()
        people = self._desk.session.subjects()
        found = [(s.subject, _subject_words(s.subject, s.initials)) for s in people]
        if self._what == "labels" and any(map(is_wanted, people)):
            found.append((EVERYBODY, tr("All still in the trial", "全部在研受试者")))
        self.subject.set_choices(found)
        if chosen:
            self.subject.set_code(chosen)

    def _choose_language(self, lang: Lang) -> None:
        self._lang = lang
        self._refresh_buttons()

    def _on_subject_activated(self) -> None:
        self._fill_forms()
        self._refresh_buttons()

    def _fill_forms(self) -> None:
        session = self._desk.session
        if self._what == "filled":
            subject = self.subject.code()
            self.form.set_choices(_records(session, subject) if subject else ())
        else:
            self.form.set_choices(
                (f, f"{f}  {session.study.forms[f].title}")
                for f in session.study.form_order
                if f in session.study.forms
            )

    def _refresh_buttons(self) -> None:
        for lang, made in self._languages.items():
            made.setChecked(lang == self._lang)
        ready = {
            "blank_all": True,
            "blank_one": bool(self.form.code()),
            "filled": bool(self.subject.code() and self.form.code()),
            "casebook": bool(self.subject.code()),
            "labels": bool(self.subject.code()) and self.labels.is_ready(),
        }.get(self._what, True)
        busy = self._job is not None and not self._job.is_done
        self.show_it.setEnabled(ready and not busy)
        done = self._made is not None and self._printing is None
        self.save_it.setEnabled(done)
        self.print_it.setEnabled(done)

    # --- making ----------------------------------------------------------------------------------------------

    def make(self) -> None:
        """Make the PDF in the background and show it."""
        session = self._desk.session
        self._forget()
        self._say("")
        self._state.setText(tr("The pages are being made.", "正在生成页面。"))
        self._shown = self._what
        self._dpi = session.study.labels.dpi if self._is_roll() else 0
        work = self._work(session)
        self._job = self._desk.jobs.run(
            work,
            then=self._on_made,
            failed=self._on_making_failed,
            title=tr("Making the pages", "正在生成页面"),
        )
        self._refresh_buttons()

    def _work(self, session: Session) -> Callable[[], PdfMade]:
        what, subject, form, lang = self._what, self.subject.code(), self.form.code(), self._lang
        out = paths.private_temp_dir(session.folder) / f"{secrets.token_hex(8)}.pdf"
        match what:
            case "blank_all":
                return lambda: session.paper.crf(out, lang=lang)
            case "blank_one":
                return lambda: session.paper.crf(out, form=form, lang=lang)
            case "filled":
                return lambda: session.paper.crf(out, subject=subject, key=FormKey.parse(form), lang=lang)
            case "labels":
                wanted, whose = self.labels.wanted(), None if subject == EVERYBODY else subject
                return lambda: session.paper.labels(
                    out, subject=whose, wanted=wanted, lang=lang, preview=True
                )
            case "handover":
                return lambda: session.shift.sheet(out, lang=lang)
            case "screening":
                return lambda: session.paper.screening_log(out, lang=lang)
            case _:
                return lambda: session.paper.casebook(out, subject, lang=lang)

    def _on_made(self, made: PdfMade) -> None:
        self._made = made
        self.view.setZoomMode(QPdfView.ZoomMode.Custom if self._dpi else QPdfView.ZoomMode.FitToWidth)
        if self._dpi:
            self.view.setZoomFactor(LABEL_ZOOM)
        self.document.load(str(made.path))
        self._pages.setCurrentWidget(self.view)
        self._title.setText(self._name())
        self._state.setText(
            tr("Pages: {n} · SHA-256 {h}…", "共 {n} 页，SHA-256 {h}……", n=made.pages, h=made.sha256[:16])
        )
        self._refresh_buttons()
        if self.isVisible():
            self.view.setFocus()  # the button that made it was off meanwhile: Qt moved the keyboard to the first choice

    def _on_making_failed(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self._state.setText("")
        self._say(str(error))
        self._refresh_buttons()

    def _name(self) -> str:
        match self._what:
            case "blank_all":
                return tr("All blank forms", "全套空白表单")
            case "casebook":
                return tr("Casebook {s}", "病例册 {s}", s=self.subject.code())
            case "labels" | "handover" | "screening":
                return self._kinds[self._what].text()
            case _:
                return self.form.currentText()

    def _is_roll(self) -> bool:
        return self._what == "labels" and self.labels.layout_wanted == "roll"

    def _went_out(self) -> None:
        """Labels have left the laptop: it is recorded, and what is on the screen goes, because it would be a reprint."""
        if self._made is not None and self._shown == "labels":
            made = self._made
            self._desk.do(lambda s, _a: s.paper.labels_went_out(made))
            self._forget()
            self._refresh_buttons()

    def _say(self, text: str) -> None:
        self._error.setText(text)
        self._error.setVisible(bool(text))

    def _forget(self) -> None:
        """Take the pages off the screen and off the disk."""
        if self._printing is not None:
            self._on_stop_clicked()
        if self._job is not None:
            self._job.cancel()
        self.document.close()
        if self._made is not None:
            with contextlib.suppress(OSError):
                self._made.path.unlink(missing_ok=True)
        self._made = None
        self._pages.setCurrentWidget(self._empty)
        self._title.setText("")
        self._state.setText("")

    # --- printing and saving ---------------------------------------------------------------------------------

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
        self._printing = printing
        self.stop_it.show()
        self._refresh_buttons()
        self._step.start()

    def _on_step_timeout(self) -> None:
        if self._printing is None:
            self._step.stop()
            return
        more = self._printing.put_page()
        self._state.setText(
            tr(
                "Printing page {n} of {all}",
                "正在打印第 {n} / {all} 页",
                n=self._printing.page,
                all=self._printing.pages,
            )
        )
        if not more:
            self._printing.end()
            pages = self._printing.pages
            self._stop_printing()
            self._went_out()
            self._desk.say(Notice("ok", tr("{n} pages are at the printer.", "{n} 页已送至打印机。", n=pages)))

    def _on_stop_clicked(self) -> None:
        if self._printing is not None:
            self._printing.abort()
            some = self._printing.page > 0
            self._stop_printing()
            if some and self._desk.is_signed_in:
                self._went_out()  # some may have come out of the printer
            self._state.setText(tr("Printing was cancelled.", "打印已取消。"))

    def _stop_printing(self) -> None:
        self._step.stop()
        self._printing = None
        self.stop_it.hide()
        self._refresh_buttons()

    def _on_save_clicked(self) -> None:
        dialog = QFileDialog(
            self, tr("Save PDF", "另存为 PDF"), str(Path.home() / self._file_name()), "PDF (*.pdf)"
        )
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.fileSelected.connect(lambda chosen: self.save_to(Path(chosen)))
        self._desk.ask(dialog)

    def _file_name(self) -> str:
        if self._what in ("handover", "screening"):
            return f"ucmsc-{self._what}-{self._lang}.pdf"
        subject = self.subject.code() if self._what in ("filled", "casebook", "labels") else "blank"
        subject = "all" if subject == EVERYBODY else subject
        form = self.form.code().replace("/", "-") if self._what in ("filled", "blank_one") else ""
        kind = {"blank_all": "crf", "casebook": "casebook", "labels": "labels"}.get(self._what, form)
        return f"ucmsc-{subject}-{kind}-{self._lang}.pdf"

    def save_to(self, path: Path) -> None:
        """Keep the pages shown under a name; they hold data in plain text."""
        if self._made is None:
            return
        try:
            write_file_durably(path, self._made.path.read_bytes(), replace=True)
        except KnownError as error:
            self._desk.say(error)
            return
        self._went_out()
        self._desk.say(
            Notice(
                "ok",
                tr("Saved as {name}.", "已保存为 {name}。", name=path.name),
                todo=tr(
                    "It is not encrypted: keep it where the study allows.", "该文件未加密，请按研究规定保存。"
                ),
            )
        )

    def hideEvent(self, event: QHideEvent) -> None:
        if self._printing is not None:
            self._on_stop_clicked()
        super().hideEvent(event)


def _subject_words(subject: str, initials: str) -> str:
    return f"{subject}  {initials}".strip()


def _records(session: Session, subject: str) -> list[tuple[str, str]]:
    """Name the records of a participant that have something in them."""
    study = session.study
    found = []
    records = session.state(subject).keys()
    for key in records:
        form = study.forms[key.form]
        visit = study.visit_by_id[key.visit].title if key.visit in study.visit_by_id else key.visit
        number = f" {key.n}" if form.repeat in ("infusion", "log", "day") or key.n > 1 else ""
        place = "" if form.repeat == "once" else f" · {visit}"
        found.append((str(key), f"{key.form}  {form.short}{number}{place}"))
    return found

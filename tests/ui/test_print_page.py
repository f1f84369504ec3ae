"""The print page: what is shown is what is printed, and a missing font or printer is said in plain words."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image, ImageOps
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import NOW, add_participant, find
from ucmsc_desktop import paths
from ucmsc_desktop.errors import FontsMissing
from ucmsc_desktop.i18n import set_language
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.specimen import tube
from ucmsc_desktop.study.values import PartialDate
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.pages.print import PrintPage
from ucmsc_desktop.ui.printing import preview as preview_module
from ucmsc_desktop.ui.printing.job import Printing, render

TIMEOUT = 20_000


@pytest.fixture
def session(sign_in: Callable[..., Session]) -> Session:
    return sign_in("nurse1")


@pytest.fixture
def subject(session: Session) -> str:
    return add_participant(session)


@pytest.fixture
def page(desk: Desk, subject: str, qtbot: QtBot) -> PrintPage:
    made = PrintPage(desk)
    qtbot.addWidget(made)
    made.resize(1102, 735)
    made.open()
    with qtbot.waitExposed(made):
        made.show()
    return made


@pytest.fixture
def said(desk: Desk) -> list[Notice]:
    heard: list[Notice] = []
    desk.said.connect(heard.append)
    return heard


def press(page: QWidget, name: str, qtbot: QtBot) -> None:
    qtbot.mouseClick(find(page, name, QAbstractButton), Qt.MouseButton.LeftButton)


def make(page: PrintPage, qtbot: QtBot) -> Path:
    press(page, "print_preview", qtbot)
    qtbot.waitUntil(lambda: page.preview.made is not None, timeout=TIMEOUT)
    assert page.preview.made is not None
    return page.preview.made.path


def test_a_blank_form_is_shown_before_it_can_be_printed(page, qtbot):
    press(page, "print_blank_one", qtbot)
    assert not page.choices.show_it.isEnabled()
    page.choices.form.set_code("F9")
    page.choices.changed.emit()
    assert not page.preview.print_it.isEnabled()
    path = make(page, qtbot)
    assert page.preview.document.status() == QPdfDocument.Status.Ready
    assert page.preview.document.pageCount() == page.preview.made.pages  # type: ignore[union-attr]
    assert page.preview.print_it.isEnabled()
    assert path.stat().st_mode & 0o077 == 0 or path.parent.stat().st_mode & 0o077 == 0


def test_the_pages_lie_in_the_private_folder_and_go_with_the_next(page, session, qtbot):
    press(page, "print_blank_one", qtbot)
    page.choices.form.set_code("F9")
    page.choices.changed.emit()
    first = make(page, qtbot)
    assert first.parent == paths.private_temp_dir(session.folder)
    second = make(page, qtbot)
    assert not first.exists()
    assert second.exists()


def test_the_pages_go_at_the_lock(page, desk, qtbot):
    press(page, "print_blank_one", qtbot)
    page.choices.form.set_code("F9")
    page.choices.changed.emit()
    path = make(page, qtbot)
    desk.lock()
    assert not path.exists()
    assert page.preview.document.pageCount() == 0


def test_a_filled_form_is_offered_with_its_participant(page, subject, qtbot):
    page.open(subject=subject, key=FormKey("F1", "SCR"))
    assert page.choices.what == "filled"
    assert page.choices.subject.code() == subject
    assert page.choices.form.code() == str(FormKey("F1", "SCR"))
    assert make(page, qtbot).exists()


def test_a_casebook_can_be_made_in_the_other_language(page, subject, qtbot):
    page.open(subject=subject)
    press(page, "print_lang_zh", qtbot)
    make(page, qtbot)
    assert page.preview.made is not None
    assert page.preview.made.lang == "zh"


def test_without_fonts_the_page_says_so_with_its_code(page, qtbot, monkeypatch):
    def missing() -> tuple[Path, ...]:
        raise FontsMissing(name="NotoSansSC-Regular.ttf")

    monkeypatch.setattr(paths, "require_fonts", missing)
    press(page, "print_blank_one", qtbot)
    page.choices.form.set_code("F9")
    page.choices.changed.emit()
    press(page, "print_preview", qtbot)
    qtbot.waitUntil(lambda: bool(page.choices.error.text()), timeout=TIMEOUT)
    assert "UC-601" in page.choices.error.text()
    assert "NotoSansSC-Regular.ttf" in page.choices.error.text()
    assert page.choices.show_it.isEnabled()
    assert not page.preview.print_it.isEnabled()


def test_without_a_printer_the_pdf_can_be_saved(page, said, qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(preview_module, "printers", list)
    press(page, "print_blank_one", qtbot)
    page.choices.form.set_code("F9")
    page.refresh()
    path = make(page, qtbot)
    press(page, "print_print", qtbot)
    assert "No printer" in said[-1].text
    assert "Save the PDF" in said[-1].todo
    page.preview.save_to(tmp_path / "f9.pdf")
    assert (tmp_path / "f9.pdf").read_bytes() == path.read_bytes()
    assert said[-1].kind == "ok"


def test_what_is_printed_is_what_is_shown_page_by_page(page, said, qtbot, tmp_path):
    press(page, "print_blank_one", qtbot)
    page.choices.form.set_code("F9")
    page.choices.changed.emit()
    make(page, qtbot)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "paper.pdf"))
    page.preview.print_on(printer)
    qtbot.waitUntil(lambda: page.preview.printing is None, timeout=TIMEOUT)
    assert said[-1].kind == "ok"
    paper = QPdfDocument()
    assert paper.load(str(tmp_path / "paper.pdf")) == QPdfDocument.Error.None_
    assert paper.pageCount() == page.preview.document.pageCount()
    same, other = _apart(page.preview.document, 0, paper, 0), _apart(page.preview.document, 1, paper, 0)
    assert same < other / 3


def _apart(ours: QPdfDocument, our_page: int, theirs: QPdfDocument, their_page: int) -> float:
    """Say how far two pages are apart, looked at from so far away that only dark and light places remain."""
    smooth = Qt.TransformationMode.SmoothTransformation
    a, b = (
        render(d, p, QSize(840, 1188)).scaled(70, 99, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)
        for d, p in ((ours, our_page), (theirs, their_page))
    )
    places = [(x, y) for x in range(70) for y in range(99)]
    return sum(abs(a.pixelColor(*at).lightness() - b.pixelColor(*at).lightness()) for at in places) / len(
        places
    )


def test_printing_stops_when_the_page_is_left(page, qtbot, tmp_path):
    make(page, qtbot)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "paper.pdf"))
    page.preview.print_on(printer)
    page.hide()
    assert page.preview.printing is None
    assert not page.preview.step.isActive()


def test_a_printer_that_refuses_is_named_a_refusal(page, said, qtbot, monkeypatch):
    press(page, "print_blank_one", qtbot)
    page.choices.form.set_code("F9")
    page.choices.changed.emit()
    make(page, qtbot)
    monkeypatch.setattr(Printing, "begin", lambda _self: False)
    page.preview.print_on(QPrinter())
    assert said[-1].kind == "error"
    assert page.preview.printing is None


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_everything_that_takes_the_focus_has_a_name(desk, subject, qtbot, lang):
    set_language(lang)
    page = PrintPage(desk)
    qtbot.addWidget(page)
    page.open(subject=subject, key=FormKey("F1", "SCR"))
    page.show()
    for widget in page.findChildren(QWidget):
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisible():
            continue
        if widget.objectName().startswith("qt_"):
            continue
        named = widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text())
        assert named, widget
        assert widget.objectName(), widget


@pytest.mark.parametrize("size", [(953, 480), (1102, 735)])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_fits(desk, subject, qtbot, size, lang):
    set_language(lang)
    page = PrintPage(desk)
    qtbot.addWidget(page)
    page.open(subject=subject, key=FormKey("F1", "SCR"))
    page.show()
    assert page.minimumSizeHint().width() <= size[0]
    assert page.minimumSizeHint().height() <= size[1]


# --- labels and lists ------------------------------------------------------------------------------------------------


def shown_labels(session: Session) -> list[str]:
    """The codes that count as printed."""
    return [c for e in session.audit(lambda e: e.kind == "PdfWritten") for c in e.data.get("labels", ())]


def choose_labels(page: PrintPage, subject: str, *visits: str) -> None:
    page.open(subject=subject, what="labels")
    for visit, chip in page.choices.labels._visits.items():
        chip.setChecked(visit in visits)
    page.choices.labels._kinds["aliquot"].setChecked(False)


def test_labels_looked_at_are_not_printed_and_those_saved_are(page, session, subject, qtbot, tmp_path):
    choose_labels(page, subject, "BL", "D1")
    make(page, qtbot)
    assert page.preview.document.pageCount() == 2
    assert round(page.preview.document.pagePointSize(0).width() / 72 * 25.4) == 50
    assert shown_labels(session) == []
    page.preview.save_to(tmp_path / "labels.pdf")
    assert (tmp_path / "labels.pdf").read_bytes().startswith(b"%PDF-")
    assert shown_labels(session) == [f"{subject}-BL-0", f"{subject}-D1-0"]
    # Printed once more from here they would not say that they are reprints.
    assert page.preview.document.pageCount() == 0
    assert not page.preview.print_it.isEnabled()


def test_labels_go_to_the_printer_in_its_own_dots(page, session, subject, qtbot, tmp_path):
    choose_labels(page, subject, "6H")
    make(page, qtbot)
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "paper.pdf"))
    page.preview.print_on(printer)
    qtbot.waitUntil(lambda: page.preview.printing is None, timeout=TIMEOUT)
    assert printer.resolution() == session.study.labels.dpi
    paper = QPdfDocument()
    assert paper.load(str(tmp_path / "paper.pdf")) == QPdfDocument.Error.None_
    assert round(paper.pagePointSize(0).width() / 72 * 25.4) == 50
    image = render(paper, 0, QSize(400, 240)).convertToFormat(QImage.Format.Format_Grayscale8)
    raw = Image.frombytes("L", (400, 240), bytes(image.constBits()), "raw", "L", image.bytesPerLine())
    found = {r.text for r in zxingcpp.read_barcodes(ImageOps.expand(raw, 40, 255))}
    assert found == {tube(subject, "6H").printed, tube(subject, "6H").packed}
    assert shown_labels(session) == [f"{subject}-6H-0"]


def test_labels_of_everybody_on_sheets(page, session, subject, qtbot):
    other = add_participant(session)
    choose_labels(page, "", "D2")
    assert page.choices.subject.code() == "*"
    page.choices.labels.layout_box.set_code("sheet")
    page.choices.labels._refresh()
    page.choices.labels.skip.set_code("27")  # the last place: the second label begins a new sheet
    make(page, qtbot)
    assert page.preview.document.pageCount() == 2
    assert round(page.preview.document.pagePointSize(0).width()) == 595
    assert page.preview._file_name == "ucmsc-all-labels-en.pdf"
    assert other != subject


def test_labels_for_all_are_not_offered_where_nobody_is_left_in_the_trial(page, session, subject):
    choose_labels(page, "", "D2")
    assert "All still in the trial" in [
        page.choices.subject.itemText(i) for i in range(page.choices.subject.count())
    ]
    session.enter(subject, FormKey("F1", "SCR"), {Cell("scr_outcome"): "SF"}, reason="closed", ask=False)
    page.refresh()
    assert [page.choices.subject.itemText(i)[:6] for i in range(page.choices.subject.count())] == [subject]


def test_without_a_kind_or_a_time_point_there_is_nothing_to_print(page, subject):
    choose_labels(page, subject)
    assert not page.choices.show_it.isEnabled()
    page.choices.labels._kinds["participant"].setChecked(True)
    page.choices.labels._kinds["tube"].setChecked(False)
    assert page.choices.show_it.isEnabled()


@pytest.mark.parametrize(
    ("kind", "title"), [("handover", "Hand-over sheet"), ("screening", "Log of screen failures")]
)
def test_lists_of_the_ward_are_shown(page, qtbot, kind, title):
    press(page, f"print_{kind}", qtbot)
    make(page, qtbot)
    assert page.preview.title.text() == title
    assert page.preview.document.pageCount() >= 1


def test_the_page_opens_at_its_top_also_in_a_low_window(page, subject, qtbot):
    page.resize(1017, 427)
    area = page.choices.frame.area
    for what in ({"subject": subject}, {"subject": subject, "what": "labels"}, {}):
        area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())
        page.hide()
        page.open(**what)
        page.show()
        assert area.verticalScrollBar().value() == 0, what


def test_who_comes_for_labels_sees_what_is_asked_about_them(page, subject, qtbot):
    page.resize(1017, 483)
    page.open(subject=subject, what="labels")
    for _round in range(4):
        QApplication.processEvents()
    area = page.choices.frame.area.viewport()
    for name in ("print_labels", "print_subject", "label_kind_tube"):
        widget = find(page, name)
        assert widget.mapTo(area, QPoint(0, widget.height())).y() <= area.height(), name
    assert not [w for w in page.findChildren(QWidget, "print_casebook") if w.isVisible()]
    press(page, "print_other", qtbot)
    assert find(page, "print_casebook").isVisible()
    page.open(subject=subject)
    assert find(page, "print_blank_all").isVisible()


def test_after_the_preview_was_made_the_keyboard_is_on_it(page, qtbot):
    page.choices.show_it.setFocus()
    make(page, qtbot)
    assert page.focusWidget() is page.preview.view


# --- the report of a serious event -----------------------------------------------------------------------------------


EVENT = FormKey("F14", "LOG", 1)


@pytest.fixture
def serious(session: Session, subject: str) -> FormKey:
    values: dict[str, object] = {
        "ae_term": "Anaphylactic shock 过敏性休克", "ae_onset_dtm": PartialDate(2026, 3, 4, 8, 10),
        "ae_first_serious": "Y", "sae_aware_dtm": NOW - timedelta(minutes=30),
    }  # fmt: skip
    session.enter(subject, EVENT, {Cell(i): v for i, v in values.items()})  # type: ignore[misc]  # values of items
    return EVENT


def test_the_report_of_a_serious_event_is_seen_before_it_is_printed(
    page, session, subject, serious, said, qtbot, tmp_path
):
    page.open(subject=subject, what="sae", key=serious)
    assert page.choices.form.currentText() == "SAE 1 · Anaphylactic shock 过敏性休克"
    assert not page.choices.show_it.isEnabled()  # no report is chosen for anybody
    assert page.focusWidget() is find(page, "report_INITIAL")
    press(page, "report_FOLLOWUP", qtbot)
    assert find(page, "report_FOLLOWUP", QAbstractButton).text() == "Follow-up no. 1"  # type: ignore[attr-defined]
    make(page, qtbot)
    assert page.preview.document.pageCount() == page.preview.made.pages
    assert page.preview.title.text().startswith(f"{subject} · SAE 1")
    assert "phone or fax now" in page.preview.state.text()
    out = tmp_path / page.preview._file_name
    assert out.name == f"ucmsc-{subject}-sae-1-followup-en.pdf"
    page.preview.save_to(out)
    assert out.read_bytes().startswith(b"%PDF")
    assert (said[-1].kind, "phone or fax now" in said[-1].todo) == ("warning", True)
    assert session.form(subject, EVENT).value("sae_reported_dtm") is None  # printing reports nothing
    page.open(subject=subject, what="sae", key=serious)
    assert not page.choices.show_it.isEnabled()  # nor is the last choice kept for the next report


def test_of_a_participant_without_a_serious_event_there_is_no_report(page, session, subject, serious, qtbot):
    other = add_participant(session)
    page.open(subject=other, what="sae")
    press(page, "report_INITIAL", qtbot)
    assert page.choices.form.count() == 0
    assert page.choices.form.placeholderText() == "No serious event"
    assert not page.choices.show_it.isEnabled()
    page.choices.subject.set_code(subject)
    page.choices._on_subject_activated()
    assert page.choices.form.code() == str(serious)  # the only one
    assert page.choices.show_it.isEnabled()

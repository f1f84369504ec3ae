"""A label from paper to record: printed, drawn as a printer would, read by a scanner, typed by it, filed as its sample."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest
import zxingcpp
from PIL import Image, ImageOps
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel

from tests.ui.conftest import add_participant, find
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.session.labels import Wanted
from ucmsc_desktop.study.label_plan import LabelKind
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.widgets.stop_screen import StopScreen

SignIn = Callable[..., Session]
Symbol = Literal["DataMatrix", "Code128"]
BL = FormKey("F10", "BL")


@pytest.fixture
def session(sign_in: SignIn, window: MainWindow) -> Session:
    return sign_in("nurse1")


def read_from_paper(
    session: Session,
    external: Callable[[str], Path],
    folder: Path,
    subject: str,
    kind: LabelKind,
    dpi: int,
    symbol: Symbol,
) -> str:
    """Print one label, draw it in the dots of a printer and read its code."""
    out = folder / f"{subject}-{kind}.pdf"
    session.paper.labels(out, subject=subject, wanted=Wanted(kinds=(kind,), visits=("BL",)))
    subprocess.run([external("pdftoppm"), "-r", str(dpi), "-mono", out, out.with_suffix("")], check=True)
    (drawn,) = folder.glob(f"{out.stem}-*.pbm")
    around = ImageOps.expand(Image.open(drawn).convert("L"), 40, 255)
    found = {str(r.format).replace(" ", ""): r.text for r in zxingcpp.read_barcodes(around)}
    return found[symbol]


def type_as_scanner(window: MainWindow, code: str) -> None:
    """Send the keys of a scanner to whatever has the focus, with Enter behind them."""
    for char in f"{code}\r":
        key = Qt.Key.Key_Return if char == "\r" else Qt.Key(ord(char.upper()))
        event = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, char)
        QApplication.sendEvent(QApplication.focusWidget() or window, event)


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("symbol", ["DataMatrix", "Code128"])
def test_what_was_printed_scanned_and_typed_files_the_sample_under_its_time_point(
    window: MainWindow,
    session: Session,
    clock: FrozenClock,
    external: Callable[[str], Path],
    tmp_path: Path,
    dpi: int,
    symbol: Symbol,
) -> None:
    subject, other = add_participant(session, "ZHHO"), add_participant(session, "LIMI", bed="13")
    for kind in ("participant", "tube"):
        clock.advance(seconds=20)
        type_as_scanner(window, read_from_paper(session, external, tmp_path, subject, kind, dpi, symbol))
    view = session.form(subject, BL)
    assert view.value("cyt_label_id") == f"{subject}-BL-0"
    assert view.value("cyt_collect_dtm") == clock.read().at
    assert session.form(other, BL).value("cyt_done") is None


def test_the_wristband_of_another_stops_with_the_whole_screen_and_files_nothing(
    window: MainWindow,
    session: Session,
    external: Callable[[str], Path],
    tmp_path: Path,
) -> None:
    subject, other = add_participant(session, "ZHHO"), add_participant(session, "LIMI", bed="13")
    type_as_scanner(
        window, read_from_paper(session, external, tmp_path, other, "participant", 203, "DataMatrix")
    )
    type_as_scanner(window, read_from_paper(session, external, tmp_path, subject, "tube", 203, "DataMatrix"))
    screen = find(window, "stop_screen", StopScreen)
    assert screen.width() * screen.height() > 0.8 * window.width() * window.height()
    words = " ".join(w.text() for w in screen.findChildren(QLabel))
    assert subject in words
    assert other in words
    for each in (subject, other):
        assert session.form(each, BL).value("cyt_done") is None

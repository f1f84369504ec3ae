"""Two scans file a tube: from anywhere, in either order, under the time-point on the label or not at all."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import NOW, add_participant, find
from tests.ui.infusion import bedside
from ucmsc_desktop.i18n import set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.specimen import ALPHABET, LabelCode, check_character, tube
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.pages.sampling import SamplingPage
from ucmsc_desktop.ui.widgets.pill import Pill
from ucmsc_desktop.ui.widgets.stop_screen import StopScreen

BL = FormKey("F10", "BL")
SignIn = Callable[..., Session]


@pytest.fixture
def session(sign_in: SignIn, window: MainWindow) -> Session:
    return sign_in("nurse1")


@pytest.fixture
def subject(session: Session) -> str:
    return add_participant(session, "ZHHO")


@pytest.fixture
def infused(sign_in: SignIn, desk: Desk, window: MainWindow, clock: FrozenClock) -> str:
    """A participant whose first dose ran for half an hour; the nurse is signed in."""
    session = sign_in("inv1")
    made = bedside.create(session)
    bedside.override_blocks(session, made, bedside.prepare(session, made))
    bedside.vitals(session, made, bedside.F7, "T0")
    session.infusions.start(made, 1)
    clock.advance(minutes=30)
    session.infusions.end(made, 1)
    desk.lock()
    sign_in("nurse1")
    return made


def scan(desk: Desk, code: LabelCode) -> None:
    desk.take_scan(code.printed)


def band(subject: str) -> LabelCode:
    return LabelCode(subject)


def said(window: MainWindow) -> str:
    assert window.work is not None
    return window.work.bar.text()


def place(window: MainWindow) -> tuple[str, object]:
    assert window.work is not None
    name, what = window.work.place
    return name, what.get("subject")


def stop_words(window: MainWindow) -> set[str]:
    screen = find(window, "stop_screen", StopScreen)
    return {w.text() for w in screen.findChildren(QLabel) if w.isVisible()}


def drawn(session: Session, subject: str, visit: str = "BL") -> object:
    return session.form(subject, FormKey("F10", visit)).value("cyt_collect_dtm")


def press(qtbot: QtBot, parent: QWidget, name: str) -> None:
    qtbot.mouseClick(find(parent, name, QPushButton), Qt.MouseButton.LeftButton)


# --- the pair -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("band_first", [True, False])
def test_wristband_and_tube_in_either_order_file_the_sample_and_open_its_record(
    window: MainWindow, desk: Desk, session: Session, subject: str, clock: FrozenClock, band_first: bool
) -> None:
    codes = [band(subject), tube(subject, "BL")]
    for code in codes if band_first else reversed(codes):
        clock.advance(seconds=7)
        scan(desk, code)
    assert drawn(session, subject) == clock.read().at
    view = session.form(subject, BL)
    assert view.value("cyt_label_id") == f"{subject}-BL-0"
    entry = view.entry("cyt_collect_dtm")
    assert entry is not None
    assert entry.origin == "stamped"
    assert window.work is not None
    name, what = window.work.place
    assert (name, what["key"], what["item"]) == ("form", BL, "cyt_draw_site")
    assert "drawn 09:00:14" in said(window)
    assert "Spin by 10:00" in said(window)


def test_what_is_waited_for_is_said_and_counts_down(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str, clock: FrozenClock
) -> None:
    scan(desk, band(subject))
    text = find(window, "scan_strip_text", QLabel)
    assert isinstance(text, QLabel)
    assert text.text() == f"Participant {subject} (ZHHO, bed 12) scanned: now the tube"
    clock.advance(seconds=25)
    left = find(window, "scan_strip_left", QLabel)
    qtbot.waitUntil(lambda: left.text() == "35 s", timeout=3000)  # type: ignore[attr-defined]
    press(qtbot, window, "scan_strip_drop")
    assert not text.isVisible()


def test_after_a_minute_the_first_scan_counts_no_more(
    window: MainWindow, desk: Desk, session: Session, subject: str, clock: FrozenClock
) -> None:
    scan(desk, band(subject))
    clock.advance(seconds=61)
    scan(desk, tube(subject, "BL"))
    assert drawn(session, subject) is None
    text = find(window, "scan_strip_text", QLabel)
    assert text.text() == f"Tube Baseline of {subject} scanned: now the wristband"  # type: ignore[attr-defined]


def test_a_wristband_alone_opens_its_participant(window: MainWindow, desk: Desk, subject: str) -> None:
    desk.go("settings")
    scan(desk, band(subject))
    assert place(window) == ("participant", subject)


def test_a_wristband_takes_nobody_away_from_a_running_infusion(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    session = sign_in("inv1")
    running = bedside.create(session)
    bedside.override_blocks(session, running, bedside.prepare(session, running))
    bedside.vitals(session, running, bedside.F7, "T0")
    session.infusions.start(running, 1)
    other = add_participant(session)
    assert window.work is not None
    desk.go("infusion", subject=running)
    with qtbot.waitSignal(desk.scanned):  # the page compares wristbands itself
        scan(desk, band(other))
    assert place(window) == ("infusion", running)
    assert find(window, "scan_strip").isVisible()


def test_a_swapped_wristband_at_the_bedside_step_stops_and_opens_nobody(
    window: MainWindow, desk: Desk, session: Session
) -> None:
    mine = bedside.create(session)
    bedside.prepare(session, mine)
    session.enter(mine, FormKey("F6", "D0", 1), {Cell("recv_dtm"): session.now()}, ask=False)
    other = add_participant(session)
    desk.go("infusion", subject=mine, n=1)
    desk.take_scan("BAG-1")  # the bag is at the arm: the wristband is next
    scan(desk, band(other))
    assert desk.is_stopped
    assert place(window) == ("infusion", mine)
    assert session.form(mine, FormKey("F6", "D0", 1)).value("coi_wrist_scan") == other


def test_a_wristband_scanned_for_a_draw_beside_the_guide_waits_for_its_tube_and_checks_no_bag(
    window: MainWindow, desk: Desk, session: Session
) -> None:
    mine = bedside.create(session)
    bedside.prepare(session, mine)
    desk.go("infusion", subject=mine, n=1)
    scan(desk, band(mine))
    assert place(window) == ("infusion", mine)
    assert find(window, "scan_strip").isVisible()
    assert session.form(mine, FormKey("F6", "D0", 1)).value("coi_wrist_scan") is None


# --- what is refused ------------------------------------------------------------------------------------------


def test_the_tube_of_another_participant_stops_with_the_whole_screen(
    window: MainWindow, desk: Desk, session: Session, subject: str
) -> None:
    other = add_participant(session, "LIMI", "13")
    scan(desk, band(subject))
    scan(desk, tube(other, "BL"))
    words = stop_words(window)
    assert {"UC-441", subject, "ZHHO, bed 12", other, "Baseline, tube"} <= words
    assert drawn(session, subject) is None
    assert drawn(session, other) is None


def test_a_used_tube_stops_and_its_record_is_not_changed(
    window: MainWindow, desk: Desk, session: Session, subject: str, clock: FrozenClock
) -> None:
    for code in (band(subject), tube(subject, "BL")):
        scan(desk, code)
    first = drawn(session, subject)
    clock.advance(minutes=3)
    scan(desk, band(subject))
    scan(desk, tube(subject, "BL"))
    assert "UC-442" in stop_words(window)
    assert drawn(session, subject) == first


def test_a_wrong_check_character_stops(window: MainWindow, desk: Desk, subject: str) -> None:
    plain = f"{subject}-BL-0"
    desk.take_scan(f"{plain}-{next(c for c in ALPHABET if c != check_character(plain))}")
    assert "UC-443" in stop_words(window)


def test_a_label_of_nobody_here_stops(window: MainWindow, desk: Desk, subject: str) -> None:
    scan(desk, band("01-999"))
    assert "UC-444" in stop_words(window)


def test_an_aliquot_without_blood_stops(window: MainWindow, desk: Desk, subject: str) -> None:
    scan(desk, tube(subject, "D2", aliquot=1))
    assert "UC-445" in stop_words(window)


def test_while_a_question_is_open_no_scan_is_taken(
    qtbot: QtBot, window: MainWindow, desk: Desk, session: Session, subject: str
) -> None:
    from ucmsc_desktop.ui.dialogs.reason import ReasonDialog

    dialog = ReasonDialog("Why?", window.work)
    desk.ask(dialog)
    qtbot.waitUntil(dialog.isVisible)
    scan(desk, band(subject))
    scan(desk, tube(subject, "BL"))
    assert "A question is open" in said(window)
    assert drawn(session, subject) is None
    dialog.reject()


def test_a_code_that_is_not_ours_goes_to_the_page(qtbot: QtBot, desk: Desk, subject: str) -> None:
    with qtbot.waitSignal(desk.scanned) as heard:
        desk.take_scan("BAG-2026-0007")
    assert heard.args == ["BAG-2026-0007"]


def test_a_page_that_wants_wristbands_itself_keeps_them(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str
) -> None:
    assert window.work is not None
    window.work.page.takes_scan = lambda code: code == band(subject).printed  # type: ignore[union-attr]
    with qtbot.waitSignal(desk.scanned):
        scan(desk, band(subject))
    assert place(window)[0] == "worklist"


def test_a_code_scanned_into_its_field_of_the_form_is_the_answer_there(
    qtbot: QtBot, window: MainWindow, desk: Desk, session: Session, subject: str
) -> None:
    session.enter(subject, BL, {Cell("cyt_done"): "Y"})
    desk.go("form", subject=subject, key=BL, item="cyt_label_id")
    qtbot.waitUntil(lambda: find(window, "cyt_label_id", QLineEdit).hasFocus())
    scan(desk, tube(subject, "BL"))
    assert session.form(subject, BL).value("cyt_label_id") == f"{subject}-BL-0"
    assert drawn(session, subject) is None


def test_a_scanned_label_does_not_stay_in_a_search_field(
    qtbot: QtBot, window: MainWindow, subject: str
) -> None:
    field = QLineEdit(window)
    field.setProperty("takes_scan", True)
    field.show()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    for char in f"]d1{band(subject).printed.lower()}\r":
        key = Qt.Key.Key_Return if char == "\r" else Qt.Key(ord(char.upper()))
        QApplication.sendEvent(
            field, QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier, char)
        )
    assert place(window) == ("participant", subject)
    assert field.text() == ""


# --- a tube whose window is not open --------------------------------------------------------------------------


def test_the_tube_of_another_time_point_is_asked_about_and_filed_under_its_own(
    qtbot: QtBot, window: MainWindow, desk: Desk, infused: str, clock: FrozenClock
) -> None:
    clock.advance(hours=23)
    scan(desk, band(infused))
    scan(desk, tube(infused, "6H"))
    at = clock.read().at
    odd = find(window, "sampling_odd", QLabel)
    assert odd.text() == "This is the tube for “6 h after infusion”; now is the window of “Day 1”."  # type: ignore[attr-defined]
    assert drawn(desk.session, infused, "6H") is None
    assert window.focusWidget() is find(window, "sampling_aside")  # Enter alone records nothing
    clock.advance(seconds=50)
    press(qtbot, window, "sampling_file")
    assert drawn(desk.session, infused, "6H") == at  # the moment of the scan, not of the answer
    assert drawn(desk.session, infused, "D1") is None


def test_put_aside_nothing_is_recorded(
    qtbot: QtBot, window: MainWindow, desk: Desk, infused: str, clock: FrozenClock
) -> None:
    scan(desk, tube(infused, "D1"))
    scan(desk, band(infused))
    press(qtbot, window, "sampling_aside")
    assert not [w for w in window.findChildren(QWidget, "sampling_question") if w.isVisible()]
    assert drawn(desk.session, infused, "D1") is None
    assert place(window) == ("sampling", infused)


# --- spin, freeze, not drawn ----------------------------------------------------------------------------------


def filed(desk: Desk, subject: str) -> None:
    for code in (band(subject), tube(subject, "BL")):
        scan(desk, code)
    desk.go("sampling", subject=subject)


def by_words(window: MainWindow, subject: str) -> str:
    found = find(window, f"sample_by.{subject}.BL.1", QLabel)
    assert isinstance(found, QLabel)
    return found.text()


def test_the_page_counts_down_to_spin_and_freezing(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str, clock: FrozenClock
) -> None:
    filed(desk, subject)
    assert by_words(window, subject) == "Spin by 10:00 · 1:00:00 left"
    clock.advance(minutes=18)
    qtbot.waitUntil(lambda: by_words(window, subject) == "Spin by 10:00 · 42:00 left", timeout=3000)
    press(qtbot, window, f"sample_spin.{subject}.BL.1")
    assert by_words(window, subject) == "Freeze by 10:18 · 1:00:00 left"
    clock.advance(minutes=5)
    scan(desk, tube(subject, "BL", aliquot=1))
    sample = desk.session.sampling.one(subject, BL)
    assert sample.frozen == clock.read().at
    assert sample.aliquots == (f"{subject}-BL-1",)
    assert "Frozen 09:23:00" in said(window)


def test_a_spin_that_is_late_says_how_late(
    window: MainWindow, desk: Desk, subject: str, clock: FrozenClock
) -> None:
    filed(desk, subject)
    clock.advance(minutes=75)
    desk.go("sampling", subject=subject)
    assert by_words(window, subject) == "Spin was due 10:00, at the latest 11:00 · 45:00 left"
    clock.advance(minutes=50)
    desk.go("sampling", subject=subject)
    assert by_words(window, subject) == "Spin was due 11:00 at the latest · 5:00 late"


def test_the_tube_scanned_again_alone_shows_its_sample(window: MainWindow, desk: Desk, subject: str) -> None:
    filed(desk, subject)
    desk.go("worklist")
    scan(desk, tube(subject, "BL"))
    assert place(window) == ("sampling", subject)
    assert window.focusWidget() is find(window, f"sample_spin.{subject}.BL.1")


def test_not_drawn_is_one_step_with_its_reason(
    qtbot: QtBot, window: MainWindow, desk: Desk, session: Session, subject: str
) -> None:
    desk.go("sampling", subject=subject)
    press(qtbot, window, f"sample_skip.{subject}.BL.1")
    press(qtbot, window, "sheet_yes")
    error = find(window, "sheet_error", QLabel)
    assert "Choose one" in error.text()  # type: ignore[attr-defined]
    press(qtbot, window, "not_drawn_REFUSED")
    press(qtbot, window, "sheet_yes")
    view = session.form(subject, BL)
    assert (view.value("cyt_done"), view.value("cyt_nd_reason")) == ("N", "REFUSED")
    find(window, f"sample.{subject}.BL.1")
    assert "Not drawn" in {pill.words() for pill in window.findChildren(Pill) if pill.isVisible()}


def test_a_code_can_be_typed_and_is_verified(
    qtbot: QtBot, window: MainWindow, desk: Desk, session: Session, subject: str
) -> None:
    desk.go("sampling", subject=subject)
    field = find(window, "sampling_code", QLineEdit)
    assert isinstance(field, QLineEdit)
    for text in (f"{subject}-BL-0", band(subject).printed, tube(subject, "BL").packed.lower()):
        field.setText(text)
        press(qtbot, window, "sampling_take")
        if text == f"{subject}-BL-0":  # without its check character
            wrong = find(window, "sampling_code_wrong", QLabel)
            assert "last character" in wrong.text()  # type: ignore[attr-defined]
    assert drawn(session, subject) == NOW


def test_the_page_of_a_participant_shows_nobody_elses_samples(
    window: MainWindow, desk: Desk, session: Session, subject: str
) -> None:
    other = add_participant(session, "LIMI", "13")
    filed(desk, subject)
    desk.go("sampling", subject=other)
    assert not [w for w in window.findChildren(QWidget, f"sample.{subject}.BL.1") if w.isVisible()]
    hint = find(window, "page_hint", QLabel)
    assert hint.text() == f"{subject}, Baseline: Spin by 10:00 · 1:00:00 left"  # type: ignore[attr-defined]


def test_without_a_participant_the_page_shows_who_is_next(
    window: MainWindow, desk: Desk, session: Session, subject: str
) -> None:
    other = add_participant(session, "LIMI", "13")
    filed(desk, subject)
    desk.go("sampling", subject="")
    assert find(window, f"sample.{subject}.BL.1").isVisible()  # to be spun
    assert find(window, f"sample.{other}.BL.1").isVisible()  # next
    assert not [w for w in window.findChildren(QWidget, f"sample.{other}.D3.1") if w.isVisible()]


def test_the_page_leaves_no_timer_running_behind(window: MainWindow, desk: Desk, subject: str) -> None:
    desk.go("sampling", subject=subject)
    page = find(window, "sampling_page", SamplingPage)
    desk.go("worklist")
    assert not [t for t in page.findChildren(QTimer) if t.isActive()]


def test_it_speaks_chinese(window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    set_language("zh")
    session = sign_in("nurse1")
    subject = add_participant(session, "ZHHO")
    scan(desk, band(subject))
    text = find(window, "scan_strip_text", QLabel)
    assert text.text() == f"已扫描受试者 {subject} (ZHHO，12 床)：请扫描采血管"  # type: ignore[attr-defined]
    scan(desk, tube(subject, "BL"))
    assert "请于 10:00 前离心" in said(window)

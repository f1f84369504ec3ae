"""The full-screen stop: over everything, never pressed by a scanner, and no infusion hidden by it."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QAccessible, QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import find
from tests.ui.infusion import bedside
from ucmsc_desktop.errors import DiskFull
from ucmsc_desktop.i18n import set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.session import Session
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.widgets.stop_screen import StopScreen

SignIn = Callable[..., Session]
SWAPPED = Notice(
    "error", "Wrong wristband.", "UC-000", safe="Nothing was recorded.", todo="Fetch the right bag."
)


def screen_of(window: MainWindow) -> StopScreen:
    found = find(window, "stop_screen", StopScreen)
    assert isinstance(found, StopScreen)
    return found


def rested(screen: StopScreen) -> None:
    """Let the first second pass."""
    timer = screen.findChild(QTimer)
    assert timer is not None
    timer.stop()
    assert not screen.is_resting


def press(widget: QWidget, text: str) -> None:
    for char in text:
        key = {"\r": Qt.Key.Key_Return, " ": Qt.Key.Key_Space}.get(char, Qt.Key(ord(char)))
        for kind in (QKeyEvent.Type.KeyPress, QKeyEvent.Type.KeyRelease):
            QApplication.sendEvent(widget, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, char))


def start_infusion(sign_in: SignIn, desk: Desk, clock: FrozenClock) -> str:
    """Let cells run for 14 minutes and 33 seconds; the nurse is signed in."""
    session = sign_in("inv1")
    subject = bedside.create(session)
    bedside.override_blocks(session, subject, bedside.prepare(session, subject))
    desk.lock()
    session = sign_in()
    bedside.vitals(session, subject, bedside.F7, "T0")
    session.infusions.start(subject, 1)
    clock.advance(minutes=14, seconds=33)
    return subject


@pytest.fixture
def stopped(window: MainWindow, desk: Desk, sign_in: SignIn) -> StopScreen:
    sign_in()
    desk.stop(SWAPPED, expected="01-003\nABCD, bed 12", scanned="01-004\nEFGH, bed 13")
    return screen_of(window)


def test_it_covers_page_and_rail_and_says_all_three_parts_and_both_codes(
    window: MainWindow, stopped: StopScreen
) -> None:
    assert window.work is not None
    assert stopped.geometry() == window.work.rect()
    assert window.work.childAt(20, 60) is not window.work.rail
    shown = {w.text() for w in stopped.findChildren(QLabel) if w.isVisible()}
    assert {"Wrong wristband.", "Nothing was recorded.", "Fetch the right bag.", "UC-000"} <= shown
    assert {"01-003", "ABCD, bed 12", "01-004", "EFGH, bed 13"} <= shown


def test_it_grows_with_the_window(qtbot: QtBot, window: MainWindow, stopped: StopScreen) -> None:
    window.resize(1400, 900)
    assert window.work is not None
    qtbot.waitUntil(lambda: stopped.width() == window.work.width() == 1400)  # type: ignore[union-attr]


def test_enter_and_space_do_nothing_in_the_first_second_and_confirm_after_it(
    window: MainWindow, desk: Desk, stopped: StopScreen
) -> None:
    ok = find(stopped, "stop_confirm")
    press(ok, "\r \r")
    ok.click()  # type: ignore[attr-defined]
    assert desk.is_stopped
    rested(stopped)
    press(ok, "\r")
    assert not desk.is_stopped
    assert not stopped.isVisible()


def test_a_scan_typed_over_it_never_confirms_it_however_long_it_has_stood(
    desk: Desk, stopped: StopScreen
) -> None:
    rested(stopped)
    ok = find(stopped, "stop_confirm")
    press(ok, "01-3\r")  # too short for the watch of scans: it reaches the button
    assert desk.is_stopped
    assert stopped.is_resting


def test_escape_never_closes_it(desk: Desk, stopped: StopScreen) -> None:
    rested(stopped)
    for _ in range(3):
        press(find(stopped, "stop_confirm"), "\x1b")
        QApplication.sendEvent(
            find(stopped, "stop_confirm"),
            QKeyEvent(QKeyEvent.Type.KeyPress, Qt.Key.Key_Escape, Qt.KeyboardModifier.NoModifier),
        )
    assert desk.is_stopped


def test_the_keyboard_cannot_leave_it(
    qtbot: QtBot, window: MainWindow, desk: Desk, stopped: StopScreen
) -> None:
    assert window.work is not None
    for _ in range(4):
        qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Tab)
        focused = window.focusWidget()
        assert focused is not None
        assert stopped.isAncestorOf(focused)
    before = window.work.place
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert window.work.place == before


def test_no_scan_is_taken_until_it_is_confirmed(qtbot: QtBot, desk: Desk, stopped: StopScreen) -> None:
    with qtbot.assertNotEmitted(desk.scanned):
        desk.take_scan("01-003")
    rested(stopped)
    press(find(stopped, "stop_confirm"), "\r")
    with qtbot.waitSignal(desk.scanned):
        desk.take_scan("01-003")


def test_a_second_stop_waits_for_the_first_and_then_takes_its_place(
    qtbot: QtBot, window: MainWindow, desk: Desk, stopped: StopScreen
) -> None:
    done: list[str] = []
    desk.stop(DiskFull(), then=lambda: done.append("second"))
    rested(stopped)
    press(find(stopped, "stop_confirm"), "\r")
    assert desk.is_stopped
    assert not done
    second = screen_of(window)
    assert "UC-101" in {w.text() for w in second.findChildren(QLabel)}
    rested(second)
    press(find(second, "stop_confirm"), "\r")
    assert done == ["second"]


def test_an_open_question_is_cancelled_before_it_would_hide_the_stop(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    sign_in()
    dialog = QDialog(window.work)
    desk.ask(dialog)
    qtbot.waitUntil(dialog.isVisible)
    with qtbot.waitSignal(dialog.rejected):
        desk.stop(SWAPPED)
    assert screen_of(window).isVisible()


def test_the_clock_of_a_running_infusion_goes_on_and_it_can_be_paused_and_stopped(
    qtbot: QtBot, window: MainWindow, desk: Desk, clock: FrozenClock, sign_in: SignIn
) -> None:
    subject = start_infusion(sign_in, desk, clock)
    session = desk.session
    desk.stop(SWAPPED)
    screen = screen_of(window)
    shown = find(screen, f"stop_clock.{subject}.1", QLabel)
    assert isinstance(shown, QLabel)
    assert shown.text() == "00:14:33"
    clock.advance(seconds=61)
    qtbot.waitUntil(lambda: shown.text() == "00:15:34", timeout=3000)
    pause = find(screen, f"stop_pause.{subject}.1", QPushButton)
    qtbot.mouseClick(pause, Qt.MouseButton.LeftButton)  # at once: no second of waiting for this one
    assert session.infusions.run(subject, 1).status == "paused"
    stop = find(screen, f"stop_stop.{subject}.1", QPushButton)
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)  # the second half of a double tap
    assert session.infusions.run(subject, 1).status == "paused"
    for timer in screen.runs.findChildren(QTimer):
        if timer.isSingleShot():
            timer.stop()
    qtbot.mouseClick(stop, Qt.MouseButton.LeftButton)
    assert session.infusions.run(subject, 1).status == "ended"
    assert session.form(subject, bedside.F7).value("inf_status") == "STOPPED"


def test_the_end_of_a_scan_does_not_press_stop(
    window: MainWindow, desk: Desk, clock: FrozenClock, sign_in: SignIn
) -> None:
    subject = start_infusion(sign_in, desk, clock)
    session = desk.session
    desk.stop(SWAPPED)
    screen = screen_of(window)
    rested(screen)
    press(find(screen, f"stop_stop.{subject}.1"), "3-6H\r")
    assert session.infusions.run(subject, 1).status == "running"


def test_a_screen_reader_is_told_all_of_it(stopped: StopScreen) -> None:
    said = QAccessible.queryAccessibleInterface(stopped).text(QAccessible.Text.Name)
    for part in ("Stop.", "Wrong wristband.", "Expected: 01-003", "Scanned: 01-004", "Fetch the right bag."):
        assert part in said
    button = QAccessible.queryAccessibleInterface(find(stopped, "stop_confirm"))
    assert button.text(QAccessible.Text.Description) == said


def test_a_stop_that_was_locked_away_unread_is_mentioned_after_the_sign_in(
    window: MainWindow, desk: Desk, stopped: StopScreen, sign_in: SignIn
) -> None:
    desk.lock()
    assert not desk.is_stopped
    sign_in()
    assert window.work is not None
    assert "nobody confirmed" in window.work.bar.text()
    assert "01-003" not in window.work.bar.text()


def test_it_speaks_chinese(window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    set_language("zh")
    sign_in()
    desk.stop(DiskFull(), expected="01-003", scanned="")
    shown = {w.text() for w in screen_of(window).findChildren(QLabel)}
    assert {"应为", "扫描到", "无", "请这样做", "安全情况"} <= shown


def test_a_misread_label_is_measured_against_nothing(window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    sign_in()
    desk.stop(SWAPPED, scanned="01-003-6H-0-X")
    shown = [w.text() for w in screen_of(window).findChildren(QLabel) if w.isVisible()]
    assert "01-003-6H-0-X" in shown
    assert not {"Expected", "nothing", "≠"} & set(shown)

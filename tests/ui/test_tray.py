"""A question docked while cells are running, in a low window: everything in sight, nothing over anything else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import add_participant, find
from tests.ui.test_window import start_by_hand
from ucmsc_desktop.i18n import set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.dialogs.confirm import ConfirmDialog
from ucmsc_desktop.ui.dialogs.keys import KeysDialog
from ucmsc_desktop.ui.dialogs.reason import ReasonDialog
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.pages.print import PrintPage
from ucmsc_desktop.ui.pages.worklist import WorklistPage
from ucmsc_desktop.ui.worklist.hand_over import HandOverDialog

SignIn = Callable[..., Session]
LOW = (1093, 574)


@pytest.fixture
def subject(window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock) -> str:
    """A participant on the drip for a quarter of an hour, in a low window: a check is due."""
    session = sign_in()
    made = add_participant(session)
    start_by_hand(session, made)
    clock.advance(minutes=16)
    desk.changed.emit(None)
    window.resize(*LOW)
    desk.go("infusion", subject=made)
    window.reminders.look()
    settle()
    assert find(window, "reminder_strip").isVisible()
    return made


def settle() -> None:
    """Let the layout find its sizes: words that wrap are measured in a second round."""
    for _round in range(4):
        QApplication.processEvents()


def place(widget: QWidget) -> QRect:
    """Where a widget is in its window."""
    return QRect(widget.mapTo(widget.window(), QPoint(0, 0)), widget.size())


def in_sight(window: QWidget, name: str) -> None:
    """A hand reaches the widget: every corner of it and its middle are on top."""
    widget = find(window, name)
    for spot in (
        QPoint(4, 4),
        widget.rect().center(),
        widget.rect().bottomRight() - QPoint(4, 4),
    ):
        there = window.childAt(widget.mapTo(window, spot))
        assert there is not None, (name, spot)
        assert there is widget or widget.isAncestorOf(there), (name, spot, there)


def hand_over(qtbot: QtBot, window: MainWindow, desk: Desk) -> HandOverDialog:
    """The question of the hand-over, asked from the worklist; then on with the infusion."""
    assert window.work is not None
    subject = window.work.place[1]["subject"]
    desk.go("worklist")
    page = window.work.page
    assert isinstance(page, WorklistPage)
    QTest.mouseClick(find(page, "worklist_hand_over"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.hand_over._dialog is not None, timeout=15_000)
    dialog = page.hand_over._dialog
    assert dialog is not None
    desk.go("infusion", subject=subject)
    settle()
    return dialog


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_hand_over_with_everything_that_can_be_said_covers_nothing(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str, lang: str
) -> None:
    if lang == "zh":
        desk.choose_language("zh")
        set_language("zh")
        settle()
    dialog = hand_over(qtbot, window, desk)
    desk.say(Notice("ok", "Saved 09:19:00"))
    dialog.incoming.set_code("inv1")
    dialog.refuse(
        "Nora Test: The user name or the password is wrong. Nothing was opened or changed. "
        "Type it again; after five wrong tries the account waits.",
        "nurse1",
    )
    settle()
    for name in ("infusion_stop", "infusion_pause", "infusion_vitals", "reminder_act", "message_close"):
        in_sight(window, name)
    for name in (
        "sheet_yes",
        "sheet_no",
        "hand_outgoing_password",
        "hand_incoming",
        "hand_incoming_password",
    ):
        in_sight(window, name)
    assert dialog.focusWidget() is dialog.outgoing_password.edit
    shown = [
        find(window, n)
        for n in ("sheet_message", "sheet_error", "hand_outgoing", "hand_incoming", "sheet_no", "sheet_yes")
    ]
    for one in shown:
        assert one.height() >= one.sizeHint().height() or one.height() >= one.heightForWidth(one.width())
        assert not [o for o in shown if o is not one and place(o).intersects(place(one))], one.objectName()


def test_beside_a_docked_question_the_clock_of_the_infusion_stays_in_sight(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str
) -> None:
    hand_over(qtbot, window, desk)
    brief = find(window, "run_brief", QLabel)
    assert isinstance(brief, QLabel)
    assert "Infusion 1 · 00:16:00 · Running" in brief.text()
    in_sight(window, "run_brief")


def test_the_page_gets_its_height_back_when_the_question_is_answered(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str
) -> None:
    dialog = hand_over(qtbot, window, desk)
    dialog.reject()
    settle()
    assert not [w for w in window.findChildren(QWidget, "run_brief") if w.isVisible()]
    in_sight(window, "infusion_mixed")
    in_sight(window, "infusion_stop")


def test_a_question_higher_than_its_room_scrolls_and_stop_stays(
    window: MainWindow, desk: Desk, subject: str
) -> None:
    desk.ask(KeysDialog([(f"Alt+{n}", f"page {n}") for n in range(24)], window))
    settle()
    in_sight(window, "infusion_stop")
    tray = find(window, "tray")
    assert place(tray).bottom() <= window.rect().bottom()
    assert tray.height() >= 104


def test_a_short_question_takes_no_more_than_it_needs(window: MainWindow, desk: Desk, subject: str) -> None:
    desk.ask(ReasonDialog("A saved value may be changed only with a reason.", window))
    settle()
    in_sight(window, "sheet_yes")
    in_sight(window, "reason_text")
    assert find(window, "tray").height() < 220


# --- the sheet is read above the question --------------------------------------------------------------------


def test_the_sheet_that_will_be_recorded_is_shown_above_the_question(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str
) -> None:
    dialog = hand_over(qtbot, window, desk)
    dialog.outgoing_password.edit.setText("typed already")
    tray = find(window, "tray")
    before = tray.height()
    QTest.mouseClick(find(window, "hand_show"), Qt.MouseButton.LeftButton)
    settle()
    assert window.work is not None
    page = window.work.page
    assert isinstance(page, PrintPage)
    assert page.preview.document.pageCount() >= 1
    made = window.work._made["worklist"].hand_over._made  # type: ignore[attr-defined]  # the worklist's own
    assert page.preview.made is not None
    assert page.preview.made.path.read_bytes() == made.path.read_bytes()
    assert tray.height() < before, "the question makes room for what is read"
    assert page.preview.view.height() > 120
    in_sight(window, "hand_back")
    QTest.mouseClick(find(window, "hand_back"), Qt.MouseButton.LeftButton)
    settle()
    assert dialog.outgoing_password.text() == "typed already"
    assert window.focusWidget() is dialog.incoming
    dialog.reject()
    settle()
    assert page.preview.made.path.is_file(), "what is on the screen can still be printed"
    desk.go("print", subject=subject)
    settle()
    assert find(window, "print_blank_all").isVisible()


def test_without_an_infusion_the_sheet_is_read_in_the_same_way(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    add_participant(sign_in())
    desk.go("worklist")
    page = window.work.page if window.work is not None else None
    assert isinstance(page, WorklistPage)
    QTest.mouseClick(find(page, "worklist_hand_over"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.hand_over._dialog is not None, timeout=15_000)
    settle()
    assert QApplication.activeModalWidget() is None
    QTest.mouseClick(find(window, "hand_show"), Qt.MouseButton.LeftButton)
    settle()
    in_sight(window, "print_view")


# --- what a reminder leads to --------------------------------------------------------------------------------


def test_record_on_a_reminder_opens_the_row_it_is_about(window: MainWindow, desk: Desk, subject: str) -> None:
    QTest.mouseClick(find(window, "reminder_act"), Qt.MouseButton.LeftButton)
    settle()
    assert find(window, "vitals").isVisible()
    assert window.focusWidget().objectName().startswith("ivs_hr.")
    assert window.work is not None
    assert "record" not in window.work.place[1], "coming back to the page opens no row by itself"


def test_a_row_that_is_put_away_leaves_the_keyboard_on_the_harmless_button(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str
) -> None:
    QTest.mouseClick(find(window, "infusion_vitals"), Qt.MouseButton.LeftButton)
    settle()
    QTest.mouseClick(find(window, "vitals_later"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.focusWidget() is find(window, "infusion_vitals"))


def test_after_the_end_the_question_about_the_volumes_is_what_is_seen(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str
) -> None:
    page = window.work.page if window.work is not None else None
    assert page is not None
    column = page._area  # type: ignore[attr-defined]  # the column of the infusion page
    column.verticalScrollBar().setValue(column.verticalScrollBar().maximum())
    QTest.mouseClick(find(window, "infusion_end"), Qt.MouseButton.LeftButton)
    settle()
    in_sight(window, "end_title")


# --- which infusion, and why not yet -------------------------------------------------------------------------


def test_the_banner_names_the_infusion_that_is_shown(window: MainWindow, desk: Desk, subject: str) -> None:
    visit = find(window, "banner_visit", QLabel)
    assert isinstance(visit, QLabel)
    assert visit.text() == "Infusion 1"
    desk.go("infusion", subject=subject, n=2)
    settle()
    assert visit.text() == "Infusion 2"
    desk.go("worklist")
    desk.go("infusion", subject=subject)
    settle()
    assert visit.text() == "Infusion 1"


def test_the_banner_follows_a_tap_on_another_number(window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    subject = add_participant(sign_in())
    desk.go("infusion", subject=subject, n=1)
    settle()
    QTest.mouseClick(find(window, "infusion_2"), Qt.MouseButton.LeftButton)
    settle()
    visit = find(window, "banner_visit", QLabel)
    assert isinstance(visit, QLabel)
    assert visit.text() == "Infusion 2"
    assert window.work is not None
    assert window.work.place == ("infusion", {"subject": subject, "n": 2})


def test_start_says_that_another_infusion_of_the_participant_runs(
    window: MainWindow, desk: Desk, subject: str
) -> None:
    desk.go("infusion", subject=subject, n=2)
    settle()
    start = find(window, "infusion_start", QAbstractButton)
    assert isinstance(start, QAbstractButton)
    assert start.text() == "START\ninfusion 1 runs"
    assert start.property("kind") == "start-open"
    assert start.accessibleName().endswith("Not ready: infusion 1 runs")


# --- strips above the page -----------------------------------------------------------------------------------


def test_answering_about_the_clock_leaves_the_keyboard_in_the_field(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in())
    desk.go("form", subject=subject, key=FormKey("F1", "SCR"), item="scr_no")
    settle()
    field = find(window, "scr_no")
    field.setFocus()
    QTest.mouseClick(find(window, "clock_yes"), Qt.MouseButton.LeftButton)
    settle()
    assert window.focusWidget() is field


def test_a_word_that_asks_for_nothing_goes_by_itself_and_one_that_does_stays(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    sign_in()
    assert window.work is not None
    bar = window.work.bar
    desk.say(Notice("info", "The saved value is kept."))
    assert bar._good.isActive()
    desk.say(Notice("info", "No printer.", todo="Save the PDF."))
    assert not bar._good.isActive()
    desk.say(Notice("warning", "No sound."))
    assert not bar._good.isActive()


@pytest.mark.parametrize("lines", [1, 2, 3, 5])
def test_a_question_before_the_window_shows_all_its_words(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, lines: int
) -> None:
    sign_in()
    desk.ask(ConfirmDialog("A number once given is never used again by anybody else. " * lines, window))
    settle()
    words = find(window, "sheet_message", QLabel)
    assert words.height() >= words.heightForWidth(words.width())


def test_another_infusion_is_shown_from_its_top(window: MainWindow, desk: Desk, subject: str) -> None:
    page = window.work.page if window.work is not None else None
    assert page is not None
    bar = page._area.verticalScrollBar()  # type: ignore[attr-defined]  # the column of the infusion page
    bar.setValue(bar.maximum())
    desk.go("infusion", subject=subject, n=2)
    settle()
    assert bar.value() == 0


def test_after_the_symptoms_of_a_stop_the_volumes_are_what_is_seen(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str
) -> None:
    QTest.mouseClick(find(window, "infusion_stop"), Qt.MouseButton.LeftButton)
    settle()
    page = window.work.page if window.work is not None else None
    assert page is not None
    QTest.mouseClick(find(window, "symptom:RASH"), Qt.MouseButton.LeftButton)
    page._area.verticalScrollBar().setValue(120)  # type: ignore[attr-defined]  # looking for another symptom
    find(window, "symptoms_alone", QAbstractButton).click()  # type: ignore[attr-defined]  # asked for as a button
    settle()
    in_sight(window, "end_title")


def test_a_docked_question_spends_no_height_on_empty_lines(
    window: MainWindow, desk: Desk, subject: str
) -> None:
    desk.ask(ConfirmDialog("185 /min is outside the usual range.\n\nCheck it against the source.", window))
    settle()
    words = find(window, "sheet_message", QLabel)
    assert isinstance(words, QLabel)
    assert words.text() == "185 /min is outside the usual range.\nCheck it against the source."
    assert find(window, "tray").height() < 120

"""The clock strip: what it asks and says on every page, and that one answer lets everything go on."""

from collections.abc import Callable
from datetime import timedelta, timezone

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.conftest import NOW, add_participant, find
from tests.ui.test_window import start_by_hand
from ucmsc_desktop.errors import ClockUnconfirmed, KnownError
from ucmsc_desktop.i18n import set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.widgets.clock_strip import ClockStrip

SignIn = Callable[..., Session]
GAS = FormKey("F9", "SCR")


def strip(window: MainWindow) -> ClockStrip:
    assert window.work is not None
    window.work.clock.refresh()
    QApplication.processEvents()
    return window.work.clock


def press(window: MainWindow, name: str, qtbot: QtBot) -> None:
    qtbot.mouseClick(find(window, name, QPushButton), Qt.MouseButton.LeftButton)


def offset(session: Session) -> object:
    return session.audit(lambda e: e.kind == "ClockChecked")[-1].data["offset_s"]


def test_the_day_begins_with_one_question_and_yes_ends_it(
    qtbot: QtBot, window: MainWindow, sign_in: SignIn
) -> None:
    session = sign_in()
    assert strip(window).text() == "This laptop says 09:00. Is the ward clock the same?"
    assert strip(window).property("kind") == "notice-info"
    press(window, "clock_yes", qtbot)
    assert not strip(window).isVisible()
    assert offset(session) == 0


def test_the_question_stands_in_nobodys_way(window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    session = sign_in()
    assert strip(window).isVisible()
    subject = add_participant(session)
    desk.go("participant", subject=subject)
    assert strip(window).isVisible()
    assert window.work is not None
    assert window.work.place[0] == "participant"


def test_no_asks_for_the_time_and_the_banner_says_what_it_means_on_every_page(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    press(window, "clock_no", qtbot)
    dialog = find(window, "clock_dialog", QDialog)
    time = find(dialog, "ward_clock:time", QLineEdit)
    qtbot.waitUntil(time.hasFocus)
    qtbot.keyClicks(time, "1004")
    qtbot.keyClick(time, Qt.Key.Key_Return)
    assert offset(session) == 64 * 60
    assert session.now() == NOW + timedelta(minutes=64)
    for page in ("settings", "sync", "worklist"):
        desk.go(page)
        said = strip(window).text()
        assert "1 h 4 min slow" in said
        assert "Nora Test" in said
        assert "Have its clock set" in said
        assert strip(window).isVisible()
    assert strip(window).property("kind") == "notice-warning"
    set_language("zh")
    strip(window).refresh()
    assert "慢 1 小时 4 分钟" in strip(window).text()


def test_a_time_that_is_none_is_refused_with_words_and_nothing_is_recorded(
    qtbot: QtBot, window: MainWindow, sign_in: SignIn
) -> None:
    session = sign_in()
    press(window, "clock_no", qtbot)
    dialog = find(window, "clock_dialog", QDialog)
    time = find(dialog, "ward_clock:time", QLineEdit)
    qtbot.keyClicks(time, "2500")
    qtbot.keyClick(time, Qt.Key.Key_Return)
    error = find(dialog, "sheet_error", QLabel)
    assert isinstance(error, QLabel)
    assert "24-hour" in error.text()
    assert not session.audit(lambda e: e.kind == "ClockChecked")
    qtbot.keyClick(time, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_one_minute_apart_is_recorded_and_needs_no_banner(
    qtbot: QtBot, window: MainWindow, sign_in: SignIn
) -> None:
    session = sign_in()
    press(window, "clock_no", qtbot)
    time = find(find(window, "clock_dialog", QDialog), "ward_clock:time", QLineEdit)
    qtbot.keyClicks(time, "0901")
    qtbot.keyClick(time, Qt.Key.Key_Return)
    assert offset(session) == 60
    assert not strip(window).isVisible()


@pytest.mark.parametrize(("hours", "shown"), [(0, "UTC+00:00"), (9, "UTC+09:00")])
def test_a_wrong_zone_is_named_and_ward_time_is_shown_all_the_same(
    window: MainWindow, sign_in: SignIn, clock: FrozenClock, hours: int, shown: str
) -> None:
    clock.set(clock.at.astimezone(timezone(timedelta(hours=hours))))
    sign_in()
    said = strip(window).text()
    assert shown in said
    assert "This laptop says 09:00" in said
    assert "Have the zone set" in said


def test_a_clock_set_back_by_an_hour_waits_for_one_answer_and_then_the_value_is_saved(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    session = sign_in()
    subject = add_participant(session)
    clock.meddle(hours=-1)
    assert "Nothing can be saved" in strip(window).text()
    assert strip(window).property("kind") == "notice-error"
    desk.do(lambda s, _a: s.enter(subject, GAS, {Cell("abg_done"): "Y"}))
    dialog = find(window, "clock_dialog", QDialog)
    time = find(dialog, "ward_clock:time", QLineEdit)
    qtbot.keyClicks(time, "0900")
    qtbot.keyClick(time, Qt.Key.Key_Return)
    assert session.form(subject, GAS).value("abg_done") == "Y"
    assert offset(session) == 3600
    assert session.audit()[-1].clock == "+3600s"
    assert "1 h 0 min slow" in strip(window).text()


def test_several_entries_wait_for_one_question(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    session = sign_in()
    subject = add_participant(session)
    clock.meddle(hours=-1)
    desk.do(lambda s, _a: s.enter(subject, GAS, {Cell("abg_done"): "Y"}))
    desk.do(lambda s, _a: s.enter(subject, FormKey("F9", "BL"), {Cell("abg_done"): "N"}))
    assert len([d for d in window.findChildren(QDialog) if d.isVisible()]) == 1
    press(window, "clock_same", qtbot)
    assert session.form(subject, GAS).value("abg_done") == "Y"
    assert session.form(subject, FormKey("F9", "BL")).value("abg_done") == "N"


def test_a_question_put_away_gives_the_error_back_and_keeps_what_is_typed(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    subject = add_participant(sign_in())
    clock.meddle(hours=-1)
    failed: list[KnownError] = []
    desk.do(lambda s, _a: s.enter(subject, GAS, {Cell("abg_done"): "Y"}), failed=failed.append)
    press(window, "sheet_no", qtbot)
    assert [type(e) for e in failed] == [ClockUnconfirmed]


def test_a_clock_that_went_far_back_asks_for_the_date_too(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    sign_in()
    clock.meddle(days=-400)
    strip(window)
    press(window, "clock_no", qtbot)
    dialog = find(window, "clock_dialog", QDialog)
    day = find(dialog, "ward_clock:day", QLineEdit)
    assert isinstance(day, QLineEdit)
    assert day.text() == ""  # nobody confirms a wrong year by typing an hour
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)


def test_a_clock_set_forward_is_told_and_stops_nothing(
    window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    session = sign_in()
    session.confirm_clock()
    subject = add_participant(session)
    clock.meddle(hours=1)
    assert "changed by more than 10 minutes" in strip(window).text()
    desk.do(lambda s, _a: s.enter(subject, GAS, {Cell("abg_done"): "Y"}))
    assert session.form(subject, GAS).value("abg_done") == "Y"
    assert session.audit()[-1].clock == "jumped"


def test_who_records_nothing_is_told_and_not_asked(
    window: MainWindow, sign_in: SignIn, clock: FrozenClock
) -> None:
    clock.set(clock.at.astimezone(timezone(timedelta(hours=9))))
    sign_in("admin")
    assert "UTC+09:00" in strip(window).text()
    assert not window.work.clock.same.isVisible()  # type: ignore[union-attr]
    assert not window.work.clock.other.isVisible()  # type: ignore[union-attr]


def test_the_locked_clock_of_an_infusion_runs_by_the_ward_clock(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    from tests.ui.test_window import start_by_hand, texts

    session = sign_in()
    session.confirm_clock(NOW + timedelta(hours=1))
    subject = add_participant(session)
    start_by_hand(session, subject)
    clock.advance(minutes=10)
    desk.lock()
    assert "00:10:00" in texts(window)


def test_the_settings_let_the_clock_be_checked_again(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    desk.go("settings")
    press(window, "settings_clock", qtbot)
    press(window, "clock_same", qtbot)
    assert offset(session) == 0


def test_in_a_low_window_the_question_and_a_reminder_share_a_line_and_no_word_is_lost(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    session = sign_in()
    subject = add_participant(session)
    start_by_hand(session, subject)
    desk.changed.emit(None)
    clock.advance(minutes=5)
    window.reminders.look()
    window.resize(1093, 574)
    made = strip(window)
    assert window.work is not None
    reminder = window.work.reminder
    assert reminder.isVisible()
    assert made.isVisible()
    assert made.y() == reminder.y()
    assert made.height() < 60
    said = find(window, "clock_fold", QPushButton)
    assert said.accessibleName() == "This laptop says 09:05. Is the ward clock the same?"
    assert not [w for w in window.findChildren(QPushButton, "reminder_later_1") if w.isVisible()]
    press(window, "clock_fold", qtbot)
    assert find(window, "clock_dialog", QDialog)
    window.resize(1280, 800)
    QApplication.processEvents()
    assert reminder.y() > made.y()
    assert find(window, "clock_yes")


def test_what_stops_entries_says_all_its_words_in_a_low_window_too(
    window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    session = sign_in()
    subject = add_participant(session)
    start_by_hand(session, subject)
    desk.changed.emit(None)
    clock.advance(minutes=5)
    window.reminders.look()
    clock.meddle(minutes=-30)
    window.resize(1093, 574)
    made = strip(window)
    assert window.work is not None
    assert window.work.reminder.isVisible()
    assert made.property("kind") == "notice-error"
    assert find(window, "clock_words", QLabel)
    assert not made.can_fold

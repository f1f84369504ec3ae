"""Reminders in the window: on every page, on the locked screen without saying whose, put off, missed, heard."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from tests.ui.conftest import NOW, add_participant, find
from tests.ui.infusion import bedside
from tests.ui.test_window import start_by_hand, texts
from ucmsc_desktop.i18n import set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.reminder import ReminderWatch
from ucmsc_desktop.ui.tone import Tone
from ucmsc_desktop.ui.widgets.reminder_strip import ReminderStrip

SignIn = Callable[..., Session]
F7 = FormKey("F7", "D0", 1)


@pytest.fixture
def tones(window: MainWindow) -> list[int]:
    """How often the tone was played, in place of the tone."""
    played: list[int] = []
    tone = window.reminders.tone
    tone.play = lambda: played.append(1)  # type: ignore[method-assign]
    return played


@pytest.fixture
def subject(window: MainWindow, tones: list[int], sign_in: SignIn) -> str:
    """A participant whose infusion has just begun, with a nurse at work."""
    session = sign_in()
    session.confirm_clock()
    made = add_participant(session, bed="12")
    start_by_hand(session, made)
    return made


def move(window: MainWindow, clock: FrozenClock, **after: float) -> ReminderWatch:
    clock.set(NOW + timedelta(**after))
    window.reminders._read_at = None
    window.reminders.look()
    QApplication.processEvents()
    return window.reminders


def strip(window: MainWindow) -> ReminderStrip:
    assert window.work is not None
    return window.work.reminder


def press(window: MainWindow, name: str, qtbot: QtBot) -> None:
    qtbot.mouseClick(find(window, name, QPushButton), Qt.MouseButton.LeftButton)


def noted(session: Session, subject: str) -> list[tuple[str, str, int]]:
    return [(n.what, n.point, n.minutes) for n in session.state(subject).record.reminders]


def test_a_due_check_is_shown_on_whatever_page_is_open_and_heard(
    window: MainWindow, desk: Desk, subject: str, clock: FrozenClock, tones: list[int]
) -> None:
    move(window, clock, minutes=2)
    assert not strip(window).isVisible()
    assert not tones
    move(window, clock, minutes=3)
    assert len(tones) == 1
    for page in ("settings", "sync", "worklist"):
        desk.go(page)
        assert strip(window).isVisible()
        said = strip(window).text()
        assert said.startswith(f"Vital signs, 5 min · {subject}, bed 12")
        assert "due 09:05, until 09:07" in said
        assert "a reminder, not an alarm" in said
    set_language("zh")
    window.reminders.changed.emit(window.reminders.on)
    assert "仅为提醒，不是报警" in strip(window).text()


def test_it_is_heard_again_every_minute_until_it_is_answered(
    window: MainWindow, subject: str, clock: FrozenClock, tones: list[int], desk: Desk
) -> None:
    for second in range(0, 121, 10):
        move(window, clock, minutes=3, seconds=second)
    assert len(tones) == 3
    bedside.vitals(desk.session, subject, F7, "T5")
    desk.changed.emit(None)
    move(window, clock, minutes=5, seconds=30)
    assert not strip(window).isVisible()
    assert len(tones) == 3


def test_it_can_be_put_off_by_minutes_which_are_counted_and_written_down(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str, clock: FrozenClock, tones: list[int]
) -> None:
    move(window, clock, minutes=3)
    press(window, "reminder_later_1", qtbot)
    assert not strip(window).isVisible()
    move(window, clock, minutes=3, seconds=59)
    assert not strip(window).isVisible()
    move(window, clock, minutes=4)
    assert "put off 1×" in strip(window).text()
    assert len(tones) == 2
    press(window, "reminder_later_2", qtbot)
    move(window, clock, minutes=6)
    assert "put off 2×" in strip(window).text()
    assert noted(desk.session, subject) == [("snoozed", "T5", 1), ("snoozed", "T5", 2)]


def test_nothing_is_put_off_beyond_three_minutes(
    window: MainWindow, subject: str, clock: FrozenClock
) -> None:
    watch = move(window, clock, minutes=3)
    with pytest.raises(ValueError, match="three"):
        watch.snooze(watch.on[0], 4)


def test_a_window_that_closes_unanswered_is_written_down_as_a_miss(
    window: MainWindow, desk: Desk, subject: str, clock: FrozenClock
) -> None:
    move(window, clock, minutes=3)
    move(window, clock, minutes=7, seconds=1)
    assert noted(desk.session, subject) == [("missed", "T5", 0)]
    move(window, clock, minutes=7, seconds=30)
    assert len(noted(desk.session, subject)) == 1
    desk.go("review", subject=subject)
    assert window.work is not None
    table = window.work.page.findChild(object, "review_table")  # type: ignore[union-attr]
    shown = [str(table.model().index(row, 4).data()) for row in range(table.model().rowCount())]
    assert any(text.startswith("missed") for text in shown)


def test_record_leads_to_the_infusion_and_bag_mixed_stamps_the_moment(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str, clock: FrozenClock
) -> None:
    move(window, clock, minutes=3)
    press(window, "reminder_act", qtbot)
    assert window.work is not None
    assert window.work.place[0] == "infusion"
    bedside.vitals(desk.session, subject, F7, "T5", at_min=0)
    desk.changed.emit(None)
    move(window, clock, minutes=9)
    assert "Mix the bag gently" in strip(window).text()
    press(window, "reminder_act", qtbot)
    form = desk.session.form(subject, F7)
    assert form.value("mix_dtm", 1) == clock.at
    entry = form.entry("mix_dtm", 1)
    assert entry is not None
    assert entry.origin == "stamped"
    move(window, clock, minutes=9, seconds=5)
    assert "Mix" not in strip(window).text()


def test_of_several_the_one_that_closes_first_is_shown_with_the_number_of_the_others(
    window: MainWindow, subject: str, clock: FrozenClock
) -> None:
    move(window, clock, minutes=12)
    assert [s.kind for s in window.reminders.on] == ["mix", "vitals"]
    assert "1 more" in strip(window).text()


def test_f8_leads_to_the_reminder_by_keyboard(
    qtbot: QtBot, window: MainWindow, subject: str, clock: FrozenClock
) -> None:
    move(window, clock, minutes=3)
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_F8)
    assert find(window, "reminder_act").hasFocus()
    qtbot.keyClick(find(window, "reminder_act"), Qt.Key.Key_Tab)
    assert find(window, "reminder_later_1").hasFocus()
    qtbot.keyClick(find(window, "reminder_later_1"), Qt.Key.Key_Return)
    assert not strip(window).isVisible()


# --- the locked screen -----------------------------------------------------------------------------------------


def test_the_locked_screen_reminds_without_saying_of_whom(
    window: MainWindow, desk: Desk, subject: str, clock: FrozenClock, tones: list[int]
) -> None:
    desk.lock()
    assert window.reminders.on == ()
    clock.set(NOW + timedelta(minutes=13))
    window.reminders.look()
    shown = find(window, "reminder_strip")
    assert "Vital signs, 15 min" in texts(window) or "Mix the bag gently" in texts(window)
    said = texts(window) + shown.accessibleName()
    assert subject not in said
    assert "ABCD" not in said
    assert "bed" not in said
    assert tones
    assert all(s.about is None for s in window.reminders.on)


def test_on_a_ward_laptop_the_password_stays_in_sight_below_the_reminder(
    window: MainWindow, desk: Desk, subject: str, clock: FrozenClock
) -> None:
    window.resize(1093, 574)
    desk.lock()
    clock.set(NOW + timedelta(minutes=13))
    window.reminders.look()
    QApplication.processEvents()
    assert find(window, "reminder_strip").isVisible()
    button = find(window, "sign_in_go")
    assert button.visibleRegion().boundingRect().height() == button.height()


def test_a_bag_is_to_be_mixed_on_a_screen_that_stays_locked(
    window: MainWindow, desk: Desk, subject: str, clock: FrozenClock
) -> None:
    clock.set(NOW + timedelta(minutes=6))
    desk.lock()
    for minutes in (9, 19, 59, 119):
        clock.set(NOW + timedelta(minutes=minutes))
        window.reminders.look()
        assert "mix" in [s.kind for s in window.reminders.on]


def test_what_was_put_off_on_the_locked_screen_is_written_down_at_the_next_sign_in(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str, clock: FrozenClock, sign_in: SignIn
) -> None:
    desk.lock()
    clock.set(NOW + timedelta(minutes=4))
    window.reminders.look()
    press(window, "reminder_later_2", qtbot)
    assert not find(window, "sign_in_go").window().findChild(ReminderStrip, "reminder_strip").isVisible()  # type: ignore[union-attr]
    clock.set(NOW + timedelta(minutes=5))
    session = sign_in()
    assert noted(session, subject) == [("snoozed", "T5", 2)]
    event = session.audit(lambda e: e.kind == "ReminderNoted")[-1]
    assert event.data["locked_at"] == (NOW + timedelta(minutes=4)).isoformat()


def test_what_passed_while_it_was_locked_is_a_miss_at_the_next_sign_in(
    window: MainWindow, desk: Desk, subject: str, clock: FrozenClock, sign_in: SignIn
) -> None:
    desk.lock()
    clock.set(NOW + timedelta(minutes=8))
    session = sign_in()
    assert noted(session, subject) == [("missed", "T5", 0)]


# --- the tone --------------------------------------------------------------------------------------------------


def test_a_silent_laptop_reminds_by_the_strip_alone(
    window: MainWindow, desk: Desk, subject: str, clock: FrozenClock, tones: list[int]
) -> None:
    desk.prefer(tone=False)
    move(window, clock, minutes=3)
    assert strip(window).isVisible()
    assert not tones


def test_that_there_is_no_sound_is_said_once(window: MainWindow, desk: Desk, subject: str) -> None:
    tone = Tone(commands=[], beep=lambda: None)
    watch = ReminderWatch(desk, window, tone=tone)
    said: list[object] = []
    desk.said.connect(said.append)
    tone.play()
    tone.play()
    assert len(said) == 1
    assert window.work is not None
    assert "No sound on this laptop" in window.work.bar.text()
    watch.stop()


def test_the_tone_can_be_tried_in_the_settings(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    played: list[int] = []
    monkeypatch.setattr(Tone, "play", lambda _self: played.append(1))
    sign_in()
    desk.go("settings")
    press(window, "settings_tone_test", qtbot)
    assert played == [1]


def test_a_look_every_second_is_cheap(
    window: MainWindow, desk: Desk, subject: str, clock: FrozenClock
) -> None:
    move(window, clock, minutes=3)
    asked: list[int] = []
    session = desk.session
    opened = session.reminders.open
    session.reminders.open = lambda: asked.append(1) or opened()  # type: ignore[method-assign, func-returns-value]
    for second in range(1, 5):
        clock.set(NOW + timedelta(minutes=3, seconds=second))
        window.reminders.look()
    assert not asked

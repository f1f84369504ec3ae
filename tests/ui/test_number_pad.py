"""The number pad for gloves: beside the page, typing as a keyboard does, with only the keys a field can take."""

from collections.abc import Callable
from itertools import count

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import add_participant, find
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.values import Number
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.dialogs.confirm import ConfirmDialog
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.widgets.number_pad import NumberPad, takes_digits

SignIn = Callable[..., Session]
GAS = FormKey("F9", "SCR")


@pytest.fixture
def session(window: MainWindow, sign_in: SignIn) -> Session:
    made = sign_in()
    made.confirm_clock()
    return made


@pytest.fixture
def subject(session: Session, desk: Desk) -> str:
    """A participant whose blood gas is open at its result."""
    made = add_participant(session)
    session.enter(made, GAS, {Cell("abg_done"): "Y"})
    return made


def open_field(window: MainWindow, desk: Desk, subject: str, item: str, qtbot: QtBot) -> QLineEdit:
    desk.go("form", subject=subject, key=GAS, item=item)
    field = window.focusWidget()
    assert isinstance(field, QLineEdit)
    return field


def pad(window: MainWindow) -> NumberPad:
    assert window.work is not None
    assert window.work.pad is not None
    return window.work.pad


def tap(window: MainWindow, keys: str, qtbot: QtBot) -> None:
    """Tap keys, at a hand's pace: faster it would be a scanner."""
    beat = count(0, 100)
    window.scan._elapsed_ms = lambda: next(beat)
    names = {".": "point", "-": "minus", "<": "back", "\n": "next"}
    for key in keys:
        qtbot.mouseClick(find(window, f"pad_{names.get(key, key)}", QPushButton), Qt.MouseButton.LeftButton)


def test_the_pad_types_into_the_field_and_next_saves_and_moves_on(
    qtbot: QtBot, window: MainWindow, desk: Desk, session: Session, subject: str
) -> None:
    field = open_field(window, desk, subject, "abg_ph", qtbot)
    qtbot.keyClick(field, Qt.Key.Key_F7)
    assert pad(window).isVisible()
    assert field.hasFocus()
    tap(window, "7.46<1\n", qtbot)
    value = session.form(subject, GAS).value("abg_ph")
    assert isinstance(value, Number)
    assert str(value.amount) == "7.41"
    assert window.focusWidget() is not field


def test_the_keys_are_for_gloves_and_never_take_the_focus(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str
) -> None:
    field = open_field(window, desk, subject, "abg_ph", qtbot)
    qtbot.mouseClick(find(window, "nav_pad"), Qt.MouseButton.LeftButton)
    field.setFocus()
    for key in pad(window).findChildren(QPushButton):
        assert key.focusPolicy() == Qt.FocusPolicy.NoFocus
        if key.objectName() != "pad_close":
            assert key.height() >= style.PAD
            assert key.width() >= style.PAD
    tap(window, "7", qtbot)
    assert field.hasFocus()
    assert field.text() == "7"


def test_only_the_keys_that_make_sense_are_on(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str
) -> None:
    open_field(window, desk, subject, "abg_ph", qtbot)
    window.work.toggle_pad()  # type: ignore[union-attr]
    assert pad(window).point.isEnabled()
    assert not pad(window).minus.isEnabled()
    assert not pad(window).unit.isEnabled()
    open_field(window, desk, subject, "abg_be", qtbot)
    assert pad(window).minus.isEnabled()
    tap(window, "-3", qtbot)
    assert window.focusWidget().text() == "-3"  # type: ignore[union-attr]
    open_field(window, desk, subject, "abg_collect_dtm", qtbot)
    assert not pad(window).point.isEnabled()
    assert not pad(window).minus.isEnabled()
    window.work.rail.setFocus()  # type: ignore[union-attr]


def test_the_unit_changes_by_its_key_and_the_reading_beside_it_follows(
    qtbot: QtBot, window: MainWindow, desk: Desk, session: Session, subject: str
) -> None:
    open_field(window, desk, subject, "abg_pao2", qtbot)
    window.work.toggle_pad()  # type: ignore[union-attr]
    assert pad(window).unit.text() == "mmHg"
    qtbot.mouseClick(find(window, "pad_unit"), Qt.MouseButton.LeftButton)
    assert pad(window).unit.text() == "kPa"
    tap(window, "12.8\n", qtbot)
    value = session.form(subject, GAS).value("abg_pao2")
    assert isinstance(value, Number)
    assert (str(value.amount), value.unit) == ("12.8", "kPa")


def test_a_date_and_a_time_are_typed_with_digits_alone(
    qtbot: QtBot, window: MainWindow, desk: Desk, session: Session, subject: str
) -> None:
    open_field(window, desk, subject, "abg_collect_dtm", qtbot)
    window.work.toggle_pad()  # type: ignore[union-attr]
    tap(window, "04" + "03" + "2026" + "0855" + "\n", qtbot)
    value = session.form(subject, GAS).value("abg_collect_dtm")
    assert f"{value:%Y-%m-%d %H:%M}" == "2026-03-04 08:55"


def test_beside_the_pad_nothing_of_field_or_pad_is_hidden_on_a_ward_laptop(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str
) -> None:
    window.resize(1093, 574)
    field = open_field(window, desk, subject, "abg_pao2", qtbot)
    window.work.toggle_pad()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: not pad(window)._settle.isActive())
    assert window.width() == 1093
    assert window.height() == 574
    whole = window.rect()
    for key in pad(window).findChildren(QPushButton):
        if key.isVisible():
            assert whole.contains(key.geometry().translated(key.parentWidget().mapTo(window, QPoint(0, 0))))
    above: QWidget | None = field.parentWidget()
    while above is not None and not isinstance(above, QAbstractScrollArea):
        above = above.parentWidget()
    assert isinstance(above, QAbstractScrollArea)
    seen = field.geometry().translated(field.parentWidget().mapTo(above.viewport(), QPoint(0, 0)))
    assert above.viewport().rect().contains(seen)
    assert (
        not pad(window).geometry().intersects(above.geometry().translated(above.mapTo(window, QPoint(0, 0))))
    )
    assert window.work.banner.width() >= window.width() - 80  # type: ignore[union-attr]


def test_never_always_and_by_its_button(qtbot: QtBot, window: MainWindow, desk: Desk, subject: str) -> None:
    assert window.work is not None
    field = open_field(window, desk, subject, "abg_ph", qtbot)
    assert find(window, "nav_pad").isVisible()
    desk.prefer(number_pad="never")
    assert not window.work.rail.findChild(QWidget, "nav_pad").isVisible()  # type: ignore[union-attr]
    qtbot.keyClick(field, Qt.Key.Key_F7)
    assert window.work.pad is None
    desk.prefer(number_pad="always")
    open_field(window, desk, subject, "abg_pao2", qtbot)
    assert pad(window).isVisible()
    qtbot.mouseClick(find(window, "nav_pad"), Qt.MouseButton.LeftButton)
    assert not pad(window).isVisible()
    open_field(window, desk, subject, "abg_paco2", qtbot)
    assert not pad(window).isVisible()  # put away is put away


def test_a_comment_and_a_password_are_no_fields_for_digits(
    qtbot: QtBot, window: MainWindow, desk: Desk, session: Session
) -> None:
    desk.go("settings")
    field = find(window, "password_old", QLineEdit)
    assert not takes_digits(field)
    plain = QLineEdit()
    qtbot.addWidget(plain)
    assert not takes_digits(plain)


@pytest.mark.parametrize("separator", [",", "٫"])
def test_the_decimal_key_of_a_keyboards_number_pad_is_a_point_in_every_locale(
    qtbot: QtBot, window: MainWindow, desk: Desk, subject: str, separator: str
) -> None:
    field = open_field(window, desk, subject, "abg_ph", qtbot)
    keypad = Qt.KeyboardModifier.KeypadModifier
    for key, text in ((Qt.Key.Key_7, "7"), (Qt.Key.Key_Comma, separator), (Qt.Key.Key_4, "4")):
        QApplication.sendEvent(field, QKeyEvent(QEvent.Type.KeyPress, key, keypad, text))
    assert field.text() == "7.4"


def test_a_comma_typed_on_purpose_is_refused_with_words_and_not_turned_into_a_point(
    qtbot: QtBot, window: MainWindow, desk: Desk, session: Session, subject: str
) -> None:
    field = open_field(window, desk, subject, "abg_ph", qtbot)
    qtbot.keyClicks(field, "7,4")
    qtbot.keyClick(field, Qt.Key.Key_Enter)  # the Enter of the number pad
    assert field.text() == "7,4"
    assert session.form(subject, GAS).value("abg_ph") is None


def test_in_a_low_window_the_pad_makes_room_for_a_docked_question(
    qtbot: QtBot, window: MainWindow, desk: Desk, session: Session, subject: str
) -> None:
    window.resize(1093, 574)
    field = open_field(window, desk, subject, "abg_ph", qtbot)
    qtbot.keyClick(field, Qt.Key.Key_F7)
    shown = pad(window)
    assert shown.isVisible()
    assert window.work is not None
    question = ConfirmDialog("Right?", window)
    window.work.dock(question)
    assert not shown.isVisible()
    question.reject()

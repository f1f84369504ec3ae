"""What a screen reader is told: names, roles, states, values, errors as they happen; and nothing of a clock that runs."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLineEdit,
    QRadioButton,
    QTableView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.ui.conftest import add_participant, find
from tests.ui.test_keyboard import _PAGE
from tests.ui.test_window import start_by_hand
from ucmsc_desktop.i18n import LANGS, Lang, set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.ui import announce
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.dialogs.clock import ClockDialog
from ucmsc_desktop.ui.dialogs.confirm import ConfirmDialog
from ucmsc_desktop.ui.dialogs.keys import KeysDialog
from ucmsc_desktop.ui.dialogs.not_done import NotDoneDialog
from ucmsc_desktop.ui.dialogs.reason import ReasonDialog
from ucmsc_desktop.ui.dialogs.sign import SignDialog
from ucmsc_desktop.ui.main_window import PAGES, MainWindow

SignIn = Callable[..., Session]
GAS = FormKey("F9", "SCR")
Role = QAccessible.Role
_SILENT_ROLES = {Role.NoRole, Role.Client, Role.Pane, Role.Window, Role.Whitespace}


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was announced, in the order it was said."""
    said: list[str] = []

    def hear(event: Any) -> None:
        if event.type() == QAccessible.Event.Announcement:
            said.append(event.message())

    monkeypatch.setattr(announce, "_tell", hear)
    return said


def faults(root: QWidget) -> Iterator[str]:
    """Walk what can have the focus, and give what a screen reader would not understand."""
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or widget.focusPolicy() == Qt.FocusPolicy.NoFocus or is_inner(widget):
            continue
        told = QAccessible.queryAccessibleInterface(widget)
        name = widget.objectName() or repr(widget)
        if told is None:
            yield f"{name}: unknown to a screen reader"
            continue
        if not told.text(QAccessible.Text.Name).strip():
            yield f"{name}: no name"
        if told.role() in _SILENT_ROLES:
            yield f"{name}: no role"
        state = told.state()
        if widget.isEnabled() and not state.focusable:
            yield f"{name}: not told to be focusable"
        if bool(state.disabled) is widget.isEnabled():
            yield f"{name}: wrongly enabled or disabled"
        yield from state_faults(widget, told, name)


def state_faults(widget: QWidget, told: Any, name: str) -> Iterator[str]:
    state = told.state()
    if isinstance(widget, QLineEdit):
        hides = widget.echoMode() is not QLineEdit.EchoMode.Normal
        if told.text(QAccessible.Text.Value) != ("" if hides else widget.text()) and not hides:
            yield f"{name}: the value is not told"
        if hides and not state.passwordEdit:
            yield f"{name}: a password is not told to be one"
        if bool(state.readOnly) is not widget.isReadOnly():
            yield f"{name}: read only is not told"
    if isinstance(widget, QComboBox) and told.text(QAccessible.Text.Value) != widget.currentText():
        yield f"{name}: the choice is not told"
    if isinstance(widget, QRadioButton) and told.role() != Role.RadioButton:
        yield f"{name}: no radio button"
    if isinstance(widget, QCheckBox) and told.role() != Role.CheckBox:
        yield f"{name}: no check box"
    if (
        isinstance(widget, QAbstractButton)
        and widget.isCheckable()
        and bool(state.checked) is not widget.isChecked()
    ):
        yield f"{name}: checked or not is not told"


def is_inner(widget: QWidget) -> bool:
    """Say whether a widget is Qt's own part of one that has a name."""
    if widget.objectName().startswith("qt_"):
        return True
    parent = widget.parentWidget()
    return (
        not widget.objectName()
        and parent is not None
        and (parent.inherits("QAbstractScrollArea") or parent.inherits("QComboBox"))
    )


def test_the_walk_finds_what_has_no_name(prepared: QApplication, qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    bare = QLineEdit(page)
    bare.setObjectName("bare")
    page.show()
    assert list(faults(page)) == ["bare: no name"]


# --- every page, every dialog --------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
def test_every_page_names_what_can_have_the_focus_with_role_and_state(
    window: MainWindow, desk: Desk, sign_in: SignIn, lang: Lang
) -> None:
    set_language(lang)
    subject = add_participant(sign_in("inv1"))
    found = []
    for line in PAGES:
        desk.go(line.name, **{"subject": subject, **_PAGE.get(line.name, {})})  # type: ignore[arg-type]
        QApplication.processEvents()
        found += [f"{line.name}: {fault}" for fault in faults(window)]
    assert not found


def test_the_door_and_the_number_pad_are_named_too(window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    assert not list(faults(window))
    sign_in()
    assert window.work is not None
    window.work.toggle_pad()
    assert not list(faults(window))
    assert window.work.pad is not None
    for key in window.work.pad.findChildren(QAbstractButton):
        told = QAccessible.queryAccessibleInterface(key)
        assert told is not None
        assert told.text(QAccessible.Text.Name).strip(), key.objectName()


@pytest.mark.parametrize("lang", LANGS)
def test_every_dialog_is_named(
    window: MainWindow, desk: Desk, sign_in: SignIn, lang: Lang, qtbot: QtBot
) -> None:
    set_language(lang)
    session = sign_in()
    made: list[QDialog] = [
        ReasonDialog("Why?", window),
        ConfirmDialog("Really?", window),
        SignDialog([("nurse1", "Nora Test")], "nurse1", "I signed.", window),
        NotDoneDialog("pH", parent=window),
        KeysDialog([("F1", "keys")], window),
        ClockDialog(session.clock, "", window),
    ]
    for dialog in made:
        dialog.open()
        told = QAccessible.queryAccessibleInterface(dialog)
        assert told is not None
        assert told.text(QAccessible.Text.Name).strip(), dialog
        assert told.role() == Role.Dialog
        assert not list(faults(dialog)), dialog
        dialog.reject()


# --- values ---------------------------------------------------------------------------------------------------


def value(widget: QWidget) -> str:
    told = QAccessible.queryAccessibleInterface(widget)
    assert told is not None
    return str(told.text(QAccessible.Text.Value))


def name(widget: QWidget) -> str:
    told = QAccessible.queryAccessibleInterface(widget)
    assert told is not None
    return str(told.text(QAccessible.Text.Name))


def test_a_number_is_told_as_a_value_and_its_unit_with_its_name(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    from tests.ui.conftest import number

    session = sign_in()
    subject = add_participant(session)
    session.enter(subject, GAS, {Cell("abg_done"): "Y", Cell("abg_ph"): number("7.41")}, ask=False)
    desk.go("form", subject=subject, key=GAS, item="abg_pao2")
    assert value(find(window, "abg_ph")) == "7.41"
    assert name(find(window, "abg_pao2")) == "PaO2, mmHg"
    chosen = QAccessible.queryAccessibleInterface(find(window, "abg_pao2:mmHg"))
    assert chosen is not None
    assert chosen.state().checked


def test_a_calculated_value_is_told_with_its_name(window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    from tests.ui.conftest import number

    session = sign_in()
    subject = add_participant(session)
    values = {
        Cell("abg_done"): "Y", Cell("abg_vessel"): "ART", Cell("abg_rsup"): "HFNC", Cell("abg_fio2"): number("0.5", "fraction"),
        Cell("abg_pao2"): number("90", "mmHg"),
    }  # fmt: skip
    session.enter(subject, GAS, values, ask=False)  # type: ignore[arg-type]
    desk.go("form", subject=subject, key=GAS, item="pf")
    told = [name(w) for w in window.findChildren(QWidget, "pf") if w.isVisible()]
    assert told
    assert told[0].startswith("PaO2/FiO2")
    assert told[0].endswith(": 180.0 mmHg")


def test_the_cells_of_a_table_are_told_with_their_columns(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    subject = add_participant(session, bed="12")
    desk.go("choose", then="participant")
    table = find(window, "choose_table", QTableView)
    assert isinstance(table, QTableView)
    told = QAccessible.queryAccessibleInterface(table)
    assert told is not None
    assert told.role() == Role.Table
    parts = [told.child(n) for n in range(told.childCount())]
    heads = [
        str(p.text(QAccessible.Text.Name)) for p in parts if p is not None and p.role() == Role.ColumnHeader
    ]
    cells = [str(p.text(QAccessible.Text.Name)) for p in parts if p is not None and p.role() == Role.Cell]
    assert "Bed" in heads
    assert any(subject in c for c in cells)
    assert all(c.strip() for c in cells)


# --- what is said at once -------------------------------------------------------------------------------------


def test_a_refusal_beside_a_field_is_said_and_stays_with_the_field(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, heard: list[str]
) -> None:
    session = sign_in()
    subject = add_participant(session)
    session.enter(subject, GAS, {Cell("abg_done"): "Y"}, ask=False)
    desk.go("form", subject=subject, key=GAS, item="abg_ph")
    field = find(window, "abg_ph", QLineEdit)
    heard.clear()
    qtbot.keyClicks(field, "x")
    window.scan._typed = ""
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert len(heard) == 1
    assert heard[0].startswith("pH: type a number")
    told = QAccessible.queryAccessibleInterface(field)
    assert told is not None
    assert told.text(QAccessible.Text.Description) == heard[0]


def test_a_summary_of_errors_a_message_and_a_wrong_password_are_said(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, heard: list[str]
) -> None:
    from tests.ui.test_window import type_password

    type_password(qtbot, window, "nurse1", "wrong password 1")
    qtbot.waitUntil(lambda: any("UC-201" in text for text in heard))
    subject = add_participant(sign_in())
    heard.clear()
    desk.go("form", subject=subject, key=GAS)
    qtbot.mouseClick(find(window, "form_continue"), Qt.MouseButton.LeftButton)
    assert any(text.startswith("There is a problem") for text in heard)
    desk.do(lambda s, _a: s.people.add("x", "X", "nurse", "y"))
    assert any("UC-205" in text for text in heard)


def test_a_reminder_is_said_once_and_the_clock_of_an_infusion_never(
    window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock, heard: list[str], qtbot: QtBot
) -> None:
    session = sign_in()
    session.confirm_clock()
    subject = add_participant(session)
    start_by_hand(session, subject)
    desk.changed.emit(None)
    desk.go("infusion", subject=subject, n=1)
    clock.advance(minutes=3)
    window.reminders.look()
    heard.clear()
    window.reminders._read_at = None
    shown = []
    for _second in range(90):
        clock.advance(seconds=1)
        window.reminders.look()
        page = window.work.page if window.work is not None else None
        page._timer.timeout.emit()  # type: ignore[union-attr]
        shown.append(find(window, "run_clock").text())  # type: ignore[attr-defined]
    assert len(set(shown)) > 30
    assert not heard
    said = name(find(window, "run_clock"))
    assert "Time since start" in said
    assert "4 min" in said


def test_the_clock_question_is_said_once_and_not_with_every_minute(
    window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock, heard: list[str]
) -> None:
    sign_in()
    assert window.work is not None
    window.work.clock.refresh()
    assert sum("ward clock" in text for text in heard) == 1
    for _minute in range(5):
        clock.advance(minutes=1)
        window.work.clock.refresh()
    assert sum("ward clock" in text for text in heard) == 1
    assert "09:05" in name(window.work.clock)

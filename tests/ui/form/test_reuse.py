"""Fields that served one record serve the next one of the same form: nothing of the first may be left in them."""

from collections.abc import Callable
from typing import get_args

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.ui.conftest import add_participant, find, number
from tests.ui.form.test_inputs import CONTEXT, EXAMPLES
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import Finding
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.values import ItemType, Missing
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.form.page import FormPage
from ucmsc_desktop.ui.form.parts import RESTING
from ucmsc_desktop.ui.main_window import MainWindow

GAS = FormKey("F9", "D2")
SCREENING = FormKey("F1", "SCR")


def look(widget: QWidget) -> list[tuple[object, ...]]:
    """Everything a person or a screen reader can tell of a widget and what is in it."""
    found: list[tuple[object, ...]] = []
    for part in (widget, *widget.findChildren(QWidget)):
        if not part.isVisibleTo(widget):
            continue
        told: list[object] = [type(part).__name__, part.objectName(), part.accessibleName()]
        told += [part.accessibleDescription(), part.isEnabled(), part.property("wrong") or False]
        told.append(bool(part.focusPolicy() & Qt.FocusPolicy.TabFocus))
        if isinstance(part, QLineEdit):
            told += [part.text(), part.isReadOnly(), part.isUndoAvailable(), part.isRedoAvailable()]
        elif isinstance(part, QPlainTextEdit):
            told += [part.toPlainText(), part.document().isUndoAvailable(), part.document().isRedoAvailable()]
        elif isinstance(part, QComboBox):
            told += [part.currentText(), [part.itemText(n) for n in range(part.count())]]
        elif isinstance(part, QAbstractButton):
            told += [part.text(), part.isChecked()]
        elif isinstance(part, QLabel):
            told.append(part.text())
        found.append(tuple(told))
    return sorted(found, key=repr)


@pytest.mark.parametrize("kind", get_args(ItemType))
@pytest.mark.parametrize("way", ["typed", "saved", "refused", "gap", "kept", "skipped"])
def test_an_emptied_field_is_as_one_that_was_just_made(
    qtbot: QtBot, prepared: object, kind: ItemType, way: str
) -> None:
    item, value = EXAMPLES[kind]
    new, used = Field(item, 0, CONTEXT), Field(item, 0, CONTEXT)
    for field in (new, used):
        qtbot.addWidget(field)
        field.show()
    used.set_value(value)
    kept = used.input.text()
    match way:
        case "typed":
            for edit in used.findChildren(QLineEdit):
                qtbot.keyClicks(edit, "12")
            for lines in used.findChildren(QPlainTextEdit):
                qtbot.keyClicks(lines, "secret")
        case "refused":
            used.put_back(None)
            used.restore(kept)
            used.refuse("secret")
        case "gap":
            used.set_value(Missing("ND", "secret"))
        case "kept":
            used.put_back(None)
            used.restore(kept)
        case "skipped":
            used.set_applicable(False)
    used.set_findings((Finding("query", "x", Cell(item.id), Text("secret", "secret")),))
    assert look(used) != look(new)
    used.empty()
    used.set_applicable(True)
    assert look(used) == look(new)
    assert (used.draft(), used.problem, used.origin, used.is_waiting) == ("", "", "entered", False)
    with qtbot.assertNotEmitted(used.committed):
        used.left()


def test_somebody_who_has_left_is_not_offered_in_the_next_record(qtbot: QtBot, prepared: object) -> None:
    item, _value = EXAMPLES["staff"]
    used = Field(item, 0, CONTEXT)
    qtbot.addWidget(used)
    used.set_value("old1")
    assert "Olga Test" in str(look(used))
    used.empty()
    used.set_value("inv1")
    assert "Olga Test" not in str(look(used))


# --- on the page -------------------------------------------------------------------------------------------------


@pytest.fixture
def page_of(window: MainWindow, desk: Desk) -> Callable[..., FormPage]:
    def show(subject: str, key: FormKey, section: str = "") -> FormPage:
        desk.go("form", subject=subject, key=key)
        assert window.work is not None
        page = window.work.page
        assert isinstance(page, FormPage)
        if section:
            page._on_stage_chosen(section)
        QApplication.processEvents()
        QApplication.processEvents()
        return page

    return show


def fill(session: Session, subject: str, key: FormKey) -> None:
    session.enter(subject, key, {Cell("abg_done"): "Y"})
    values = {"abg_ph": "7.31", "abg_paco2": "49", "abg_hco3": "23.1"}
    cells = {
        Cell(name): number(amount, session.study.forms["F9"].by_id[name].unit)
        for name, amount in values.items()
    }
    session.enter(subject, key, cells, confirmed=frozenset({"soft"}), reason="x")


def test_the_next_participant_sees_what_a_new_page_would_show(
    window: MainWindow,
    desk: Desk,
    sign_in: Callable[..., Session],
    page_of: Callable[..., FormPage],
    qtbot: QtBot,
) -> None:
    session = sign_in()
    first, second = add_participant(session), add_participant(session, "WXYZ", "14")
    session.enter(second, GAS, {Cell("abg_done"): "Y"})
    expected = look(page_of(second, GAS, "gas")._stage)
    made = page_of(second, GAS, "gas")._parts.get("gas")
    fill(session, first, GAS)
    page = page_of(first, GAS, "gas")
    assert page._parts.get("gas") is made
    edit = find(window, "abg_sao2", QLineEdit)
    edit.setFocus()
    qtbot.keyClicks(edit, "9x")  # refused, kept as a draft of the first participant
    page._on_foot_advanced()
    assert "7.31" in str(look(page._stage))
    assert "9x" in str(look(page._stage))
    assert look(page_of(second, GAS, "gas")._stage) == expected
    assert "9x" in str(look(page_of(first, GAS, "gas")._stage))


def test_what_rests_holds_nothing_of_anybody(
    desk: Desk, sign_in: Callable[..., Session], page_of: Callable[..., FormPage]
) -> None:
    session = sign_in()
    subject = add_participant(session)
    fill(session, subject, GAS)
    page = page_of(subject, GAS, "gas")
    page_of(subject, SCREENING)
    (resting,) = [p for (_form, name), p in page._parts._resting.items() if name == "gas"]
    assert resting.made
    assert all(field.value() is None for field in resting.made.values() if field.is_open)
    assert "7.31" not in str([w.text() for w in resting.findChildren(QLineEdit)])


def test_an_answer_that_comes_late_stays_out_of_the_next_record(
    window: MainWindow,
    desk: Desk,
    sign_in: Callable[..., Session],
    page_of: Callable[..., FormPage],
    qtbot: QtBot,
) -> None:
    session = sign_in()
    first, second = add_participant(session), add_participant(session, "WXYZ", "14")
    for subject in (first, second):
        fill(session, subject, GAS)
    page = page_of(first, GAS, "gas")
    field = page._parts.field(Cell("abg_ph"))
    assert field is not None

    def ask(typed: str) -> QDialog:
        page_of(first, GAS, "gas")
        field.input.set_text(typed)
        field.commit()
        (question,) = [d for d in window.findChildren(QDialog) if d.isVisible()]
        assert page_of(second, GAS, "gas")._parts.field(Cell("abg_ph")) is field
        return question

    before = look(page_of(second, GAS, "gas")._parts.field(Cell("abg_ph")))  # type: ignore[arg-type]  # it is there
    ask("7.05").reject()  # unusual, and not confirmed
    assert look(field) == before
    question = ask("7.35")  # another value: why?
    qtbot.keyClicks(question.findChild(QLineEdit), "misread")
    qtbot.mouseClick(question.findChild(QPushButton, "sheet_yes"), Qt.MouseButton.LeftButton)
    assert look(field) == before
    assert session.form(first, GAS).value("abg_ph") == number("7.35")
    assert session.form(second, GAS).value("abg_ph") == number("7.31")


def test_a_unit_chosen_late_is_saved_nowhere_and_stays_typed(
    window: MainWindow, sign_in: Callable[..., Session], page_of: Callable[..., FormPage], qtbot: QtBot
) -> None:
    session = sign_in()
    first, second = add_participant(session), add_participant(session, "WXYZ", "14")
    for subject in (first, second):
        fill(session, subject, GAS)
    field = page_of(first, GAS, "gas")._parts.field(Cell("abg_pao2"))
    assert field is not None
    for reading in ("reading:kPa", "reading:mmHg"):
        page_of(first, GAS, "gas")
        field.input.set_text("24 mmHg")
        field.commit(again=True)  # 24 mmHg or 24 kPa?
        assert page_of(second, GAS, "gas")._parts.field(Cell("abg_pao2")) is field
        before = look(field)
        qtbot.mouseClick(find(window, reading), Qt.MouseButton.LeftButton)
        assert look(field) == before
        assert "another record is open" in str(look(window))
    assert session.form(first, GAS).value("abg_pao2") is None
    assert session.form(second, GAS).value("abg_pao2") is None
    page_of(first, GAS, "gas")
    assert field.draft() == "24 mmHg"


def test_a_lock_of_the_form_makes_its_fields_anew(
    window: MainWindow, desk: Desk, sign_in: Callable[..., Session], page_of: Callable[..., FormPage]
) -> None:
    session = sign_in("inv1")
    first, second = add_participant(session), add_participant(session, "WXYZ", "14")
    open_one = page_of(first, SCREENING)._parts
    field = open_one.field(Cell("initials4"))
    assert field is not None
    assert field.is_open
    session.lock_form(second, SCREENING, "study closed")
    again = page_of(second, SCREENING)._parts.field(Cell("initials4"))
    assert again is not None
    assert not again.is_open
    back = page_of(first, SCREENING)._parts.field(Cell("initials4"))
    assert back is not None
    assert back.is_open


def test_only_so_many_sections_rest(
    desk: Desk, sign_in: Callable[..., Session], page_of: Callable[..., FormPage]
) -> None:
    session = sign_in()
    subject = add_participant(session)
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    for form in session.study.forms.values():
        page = page_of(subject, FormKey(form.id, "D2" if form.repeat == "visit" else "SCR"))
        for step in page._steps()[:-1]:
            page._on_stage_chosen(step.id)
    assert len(page._parts._resting) == RESTING

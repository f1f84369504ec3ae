"""A field commits once, keeps what is refused, and shows beside itself what is wrong."""

from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.form_state import Finding
from ucmsc_desktop.study.expr import Expression
from ucmsc_desktop.study.model import Choice, Item
from ucmsc_desktop.study.values import Missing, Number, Value
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.form.focus_watch import FocusWatch

NOW = datetime(2026, 3, 4, 9, 5, tzinfo=timezone(timedelta(hours=8)))
CONTEXT = Context(now=lambda: NOW)
PULSE = Item(id="hr", label=Text("Pulse rate", "脉率"), type="integer")
NOTE = Item(id="note", label=Text("Note", "备注"), type="text", lines=3, required=False)
ANSWER = Item(
    id="yes", label=Text("Taken", "已采"), type="yn",
    choices=(Choice(code="Y", label=Text("Yes", "是")), Choice(code="N", label=Text("No", "否"))),
)  # fmt: skip


class Sheet(QWidget):
    """Some fields in a window, with what they committed."""

    def __init__(self, *items: Item, **more: object) -> None:
        super().__init__()
        self.fields = [Field(i, 0, CONTEXT, **more) for i in items]  # type: ignore[arg-type]
        self.committed: list[Value | None] = []
        self.advanced = 0
        lines = QVBoxLayout(self)
        for field in self.fields:
            lines.addWidget(field)
            field.committed.connect(self.committed.append)
            field.advanced.connect(self._on_field_advanced)
        watch = FocusWatch(self)
        watch.left.connect(lambda field: field.left())

    def _on_field_advanced(self) -> None:
        self.advanced += 1


@pytest.fixture
def sheet(qtbot: QtBot, prepared: object):
    def show(*items: Item, **more: object) -> Sheet:
        made = Sheet(*items, **more)
        qtbot.addWidget(made)
        with qtbot.waitExposed(made):
            made.show()
        made.activateWindow()
        qtbot.waitUntil(made.isActiveWindow)
        made.fields[0].focus()
        return made

    return show


def edit(field: Field) -> QLineEdit:
    found = field.input.first()
    assert isinstance(found, QLineEdit)
    return found


def text(field: Field, name: str) -> str:
    found = field.findChild(QLabel, f"{field.item.id}:{name}")
    return found.text() if found is not None and not found.isHidden() else ""


def finding(kind: str, words: str, **more: object) -> Finding:
    return Finding(kind, "x", Cell("hr"), Text(words, words), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_enter_commits_once_and_goes_on_when_saved(qtbot, sheet, key):
    page = sheet(PULSE, ANSWER)
    field = page.fields[0]
    qtbot.keyClicks(edit(field), "88")
    qtbot.keyClick(edit(field), key)
    assert page.committed == [Number(Decimal(88))]
    assert page.advanced == 0  # not before it is saved
    field.accept()
    assert page.advanced == 1
    qtbot.keyClick(edit(field), Qt.Key.Key_Tab)
    assert len(page.committed) == 1


def test_tab_commits_once(qtbot, sheet):
    page = sheet(PULSE, ANSWER)
    qtbot.keyClicks(edit(page.fields[0]), "88")
    qtbot.keyClick(edit(page.fields[0]), Qt.Key.Key_Tab)
    assert page.committed == [Number(Decimal(88))]
    assert page.fields[1].holds_focus()


def test_enter_on_an_untouched_field_goes_on_and_commits_nothing(qtbot, sheet):
    page = sheet(PULSE)
    qtbot.keyClick(edit(page.fields[0]), Qt.Key.Key_Return)
    assert page.committed == []
    assert page.advanced == 1


def test_enter_on_answers_goes_on_and_answers_nothing(qtbot, sheet):
    page = sheet(ANSWER)
    qtbot.keyClick(page.fields[0].input.first(), Qt.Key.Key_Return)
    assert page.committed == []
    assert page.advanced == 1


def test_a_window_before_it_is_no_commit(qtbot, sheet):
    page = sheet(PULSE)
    qtbot.keyClicks(edit(page.fields[0]), "88")
    other = QLineEdit()
    qtbot.addWidget(other)
    other.show()
    other.activateWindow()
    other.setFocus()
    qtbot.waitUntil(other.hasFocus)
    assert page.committed == []


def test_what_cannot_be_read_stays_typed_with_the_reason_beside_it(qtbot, sheet):
    page = sheet(PULSE, ANSWER)
    field = page.fields[0]
    qtbot.keyClicks(edit(field), "8x")
    qtbot.keyClick(edit(field), Qt.Key.Key_Return)
    assert page.committed == []
    assert page.advanced == 0
    assert edit(field).text() == "8x"
    assert text(field, "error").startswith("Pulse rate: type a number")
    assert edit(field).accessibleDescription() == text(field, "error")
    assert edit(field).property("wrong") is True
    qtbot.keyClick(edit(field), Qt.Key.Key_Backspace)
    assert text(field, "error") == ""


def test_what_was_refused_is_not_sent_again_by_leaving_but_by_enter(qtbot, sheet):
    page = sheet(PULSE, ANSWER)
    field = page.fields[0]
    qtbot.keyClicks(edit(field), "999")
    qtbot.keyClick(edit(field), Qt.Key.Key_Return)
    field.refuse("Pulse rate: 999 is not possible.")
    qtbot.keyClick(edit(field), Qt.Key.Key_Tab)
    assert len(page.committed) == 1
    assert edit(field).text() == "999"
    field.focus()
    qtbot.keyClick(edit(field), Qt.Key.Key_Return)
    assert len(page.committed) == 2


def test_a_value_from_elsewhere_does_not_overwrite_what_is_typed(qtbot, sheet):
    page = sheet(PULSE)
    field = page.fields[0]
    qtbot.keyClicks(edit(field), "8")
    field.set_value(Number(Decimal(70)))
    assert edit(field).text() == "8"
    assert page.committed == []


def test_escape_asks_to_take_back_what_was_typed(qtbot, sheet):
    page = sheet(PULSE)
    field = page.fields[0]
    field.set_value(Number(Decimal(70)))
    qtbot.keyClicks(edit(field), "1")
    with qtbot.waitSignal(field.undone):
        qtbot.keyClick(edit(field), Qt.Key.Key_Escape)
    field.put_back(Number(Decimal(70)))
    assert edit(field).text() == "70"
    assert not field.is_dirty


def test_emptying_a_saved_field_commits_none(qtbot, sheet):
    page = sheet(PULSE)
    page.fields[0].set_value(Number(Decimal(70)))
    edit(page.fields[0]).selectAll()
    qtbot.keyClick(edit(page.fields[0]), Qt.Key.Key_Delete)
    qtbot.keyClick(edit(page.fields[0]), Qt.Key.Key_Return)
    assert page.committed == [None]


def test_shift_enter_breaks_a_line_and_enter_commits(qtbot, sheet):
    page = sheet(NOTE)
    lines = page.fields[0].input.first()
    assert isinstance(lines, QPlainTextEdit)
    qtbot.keyClicks(lines, "one")
    qtbot.keyClick(lines, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(lines, "two")
    assert page.committed == []
    qtbot.keyClick(lines, Qt.Key.Key_Return)
    assert page.committed == ["one\ntwo"]


def test_a_deliberate_gap_stands_in_words_in_place_of_the_input(qtbot, sheet):
    page = sheet(PULSE)
    field = page.fields[0]
    gap = Missing("ND", "patient asleep")
    field.set_value(gap)
    assert field.value() == gap
    assert text(field, "gap") == "Not done: patient asleep"
    assert not edit(field).isVisible()
    qtbot.mouseClick(field.findChild(QWidget, "hr:enter_value"), Qt.MouseButton.LeftButton)
    qtbot.keyClicks(edit(field), "70")
    qtbot.keyClick(edit(field), Qt.Key.Key_Return)
    assert page.committed == [Number(Decimal(70))]


def test_findings_stand_beside_the_field_red_or_amber(qtbot, sheet):
    field = sheet(PULSE).fields[0]
    field.set_findings(
        [finding("required", "Fill in: Pulse rate"), finding("soft", "unusual", confirmed=True)]
    )
    assert text(field, "error") == "Fill in: Pulse rate"
    assert text(field, "remark") == "▲ unusual (confirmed)"
    field.set_findings([finding("block", "stop", overridden=True)])
    assert text(field, "error") == ""
    assert text(field, "remark") == "▲ stop (passed by the investigator)"
    field.set_findings([])
    assert text(field, "remark") == ""


def test_a_calculated_item_is_grey_with_its_formula_and_takes_no_typing(qtbot, sheet):
    derived = PULSE.model_copy(
        update={"derive": Expression("1 + 1"), "formula": "F1/1", "places": 1, "type": "decimal"}
    )
    field = sheet(derived).fields[0]
    field.set_value(Number(Decimal("200.333")))
    assert not field.is_open
    assert [w.text() for w in field.findChildren(QLabel, "hr")] == ["200.3"]
    assert "Calculated (F1/1)" in [w.text() for w in field.findChildren(QLabel)]


def test_an_item_of_another_role_is_read_only_and_says_whose_it_is(qtbot, sheet):
    page = sheet(PULSE, closed="Entered by: investigator")
    field = page.fields[0]
    field.set_value(Number(Decimal(70)))
    qtbot.keyClicks(edit(field), "1")
    assert edit(field).text() == "70"
    assert text(field, "note") == "Entered by: investigator"


def test_what_stays_on_the_laptop_says_so(qtbot, sheet):
    field = sheet(PULSE.model_copy(update={"site_only": True})).fields[0]
    assert text(field, "hint").startswith("Stays on this laptop.")


def test_optional_items_are_marked_and_required_ones_are_not(qtbot, sheet):
    assert text(sheet(NOTE).fields[0], "label") == "Note (optional)"
    assert text(sheet(PULSE).fields[0], "label") == "Pulse rate"


def test_f4_asks_for_the_history(qtbot, sheet):
    field = sheet(PULSE).fields[0]
    with qtbot.waitSignal(field.more_asked):
        qtbot.keyClick(edit(field), Qt.Key.Key_F4)


def test_a_kept_draft_is_typed_again_and_says_that_it_is_not_saved(qtbot, sheet):
    page = sheet(PULSE)
    page.fields[0].restore("8")
    assert page.fields[0].is_dirty
    assert "not saved yet" in text(page.fields[0], "note")
    assert page.committed == []

"""Every input: what is typed becomes the value, a value shown comes back unchanged, and showing never emits."""

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import get_args

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from ucmsc_desktop.i18n import Text, set_language
from ucmsc_desktop.study.model import Choice, Item, Limits
from ucmsc_desktop.study.values import ItemType, Missing, Number, PartialDate, Value, ValueProblem
from ucmsc_desktop.ui.form.choice_input import ListInput, MultiInput, StaffInput
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.date_input import DateInput, DateTimeInput, PartialDateInput
from ucmsc_desktop.ui.form.inputs import INPUTS, Input
from ucmsc_desktop.ui.form.number_input import NumberInput, echo
from ucmsc_desktop.ui.form.time_input import DurationInput

CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 3, 4, 9, 5, 42, 123456, tzinfo=CHINA)
CONTEXT = Context(
    now=lambda: NOW,
    staff=(("nurse1", "Nora Test"), ("inv1", "Ivo Test")),
    me="nurse1",
    names={"nurse1": "Nora Test", "inv1": "Ivo Test", "old1": "Olga Test"},
)
MMHG = {"mmHg": Text("mmHg", "mmHg"), "kPa": Text("kPa", "kPa")}
FIO2 = {"fraction": Text("(fraction)", "（小数）"), "%": Text("%", "%")}


def item(kind: ItemType, **more: object) -> Item:
    made: dict[str, object] = {"id": "it", "label": Text("Pulse rate", "脉率"), "type": kind, **more}
    return Item.model_validate(made)


def choices(*codes: str) -> tuple[Choice, ...]:
    return tuple(Choice(code=c, label=Text(f"Answer {c}", f"答案{c}")) for c in codes)


PRESSURE = item("decimal", unit="mmHg", alt_units=("kPa",), unit_labels=MMHG, hard=Limits(low=15, high=700))
OXYGEN = item("decimal", unit="fraction", alt_units=("%",), unit_labels=FIO2, hard=Limits(low="0.21", high=1))
LISTED = item("choice", choices=choices(*"ABCDEFGH"))

EXAMPLES: dict[ItemType, tuple[Item, Value]] = {
    "decimal": (PRESSURE, Number(Decimal("8.40"), "kPa")),
    "integer": (item("integer"), Number(Decimal(88))),
    "choice": (item("choice", choices=choices("A", "B")), "B"),
    "multi": (item("multi", choices=choices("A", "B", "C")), ("A", "C")),
    "yn": (item("yn", choices=choices("Y", "N")), "N"),
    "ynu": (item("ynu", choices=choices("Y", "N", "U")), "U"),
    "date": (item("date"), date(1968, 3, 4)),
    "partial_date": (item("partial_date", with_time=True), PartialDate(2026, 2, None)),
    "datetime": (item("datetime", stamp=True), datetime(2026, 3, 1, 23, 10, tzinfo=CHINA)),
    "duration": (item("duration", precision="second"), timedelta(hours=1, minutes=2, seconds=3)),
    "text": (item("text", lines=3), "two\nlines"),
    "staff": (item("staff"), "inv1"),
}


def make(qtbot: QtBot, an_item: Item, row: int = 0) -> Input:
    widget = INPUTS[an_item.type](an_item, row, CONTEXT)
    qtbot.addWidget(widget)
    widget.show()
    return widget  # type: ignore[return-value]  # every maker gives an Input; the test below walks them


def test_every_item_type_has_an_input():
    assert set(INPUTS) == set(get_args(ItemType))
    assert set(EXAMPLES) == set(get_args(ItemType))


@pytest.mark.parametrize("kind", get_args(ItemType))
def test_a_value_shown_is_read_back_unchanged_and_emits_nothing(qtbot, prepared, kind):
    an_item, value = EXAMPLES[kind]
    made = make(qtbot, an_item)
    with qtbot.assertNotEmitted(made.typed), qtbot.assertNotEmitted(made.chosen):
        made.show_value(value)
        assert made.read() == value
        made.show_value(None)
        assert made.read() is None


@pytest.mark.parametrize("kind", get_args(ItemType))
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_draft_put_back_gives_the_value_that_was_typed(qtbot, prepared, kind, lang):
    set_language(lang)
    an_item, value = EXAMPLES[kind]
    made = make(qtbot, an_item)
    made.show_value(value)
    kept = made.text()
    made.show_value(None)
    assert made.text() == ""
    with qtbot.assertNotEmitted(made.typed), qtbot.assertNotEmitted(made.chosen):
        made.set_text(kept)
    assert made.read() == value


@pytest.mark.parametrize("kind", get_args(ItemType))
def test_every_stop_of_the_tab_key_is_named(qtbot, prepared, kind):
    made = make(qtbot, EXAMPLES[kind][0], row=3)
    widget = made.first()
    assert isinstance(widget, QWidget)
    root = made if isinstance(made, QWidget) else widget
    stops = [
        w for w in [root, *root.findChildren(QWidget)]
        if w.focusPolicy() != Qt.FocusPolicy.NoFocus and w.window() is root.window() and w.objectName()[:3] != "qt_"
    ]  # fmt: skip
    assert stops
    for stop in stops:
        assert stop.objectName().startswith("it.3"), stop
        assert "Pulse rate" in stop.accessibleName(), stop.objectName()


# --- numbers -------------------------------------------------------------------------------------------------


def number(qtbot: QtBot, an_item: Item = PRESSURE) -> NumberInput:
    made = make(qtbot, an_item)
    assert isinstance(made, NumberInput)
    return made


@pytest.mark.parametrize("typed", ["１２．５", "12。5", " 12.5 "])
def test_full_width_digits_are_read(qtbot, prepared, typed):
    made = number(qtbot)
    made.edit.setText(typed)
    assert made.read() == Number(Decimal("12.5"), "mmHg")


def test_the_input_method_is_off_where_numbers_are_typed(qtbot, prepared):
    made = number(qtbot)
    assert not made.edit.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)


def test_the_unit_toggle_changes_the_unit_and_never_the_digits(qtbot, prepared):
    made = number(qtbot)
    qtbot.keyClicks(made.edit, "60")
    assert made.echo is not None
    assert made.echo.text() == "60 mmHg = 8.0 kPa"
    with qtbot.waitSignal(made.typed):
        qtbot.mouseClick(made.findChild(QWidget, "it:kPa"), Qt.MouseButton.LeftButton)
    assert made.read() == Number(Decimal(60), "kPa")
    assert made.echo.text() == "60 kPa = 450 mmHg"


def test_a_unit_typed_behind_the_number_is_chosen(qtbot, prepared):
    made = number(qtbot)
    qtbot.keyClicks(made.edit, "8.4kPa")
    assert made.read() == Number(Decimal("8.4"), "kPa")


@pytest.mark.parametrize(
    ("an_item", "value", "words"),
    [
        (PRESSURE, Number(Decimal("8.0"), "kPa"), "8.0 kPa = 60 mmHg"),
        (OXYGEN, Number(Decimal("0.40"), "fraction"), "0.40 (40 %)"),
        (OXYGEN, Number(Decimal(40), "%"), "0.40 (40 %)"),
        (OXYGEN, Number(Decimal("0.405"), "fraction"), "0.405 (40.5 %)"),
        (item("integer"), Number(Decimal(60)), ""),
    ],
)
def test_the_echo_gives_the_other_reading(an_item, value, words):
    assert echo(an_item, value) == words


def test_half_a_kilogram_is_not_rounded_away():
    weight = item(
        "decimal",
        unit="kg",
        alt_units=("jin",),
        unit_labels={"kg": Text("kg", "kg"), "jin": Text("jin", "斤")},
    )
    assert echo(weight, Number(Decimal(123), "jin")) == "123 jin = 61.5 kg"


def test_operators_are_typed_or_tapped_where_they_are_allowed(qtbot, prepared):
    made = number(qtbot, item("decimal", operators=True))
    qtbot.keyClicks(made.edit, "0.5")
    qtbot.mouseClick(made.findChild(QWidget, "it:less"), Qt.MouseButton.LeftButton)
    assert made.read() == Number(Decimal("0.5"), "", "<")
    qtbot.mouseClick(made.findChild(QWidget, "it:less"), Qt.MouseButton.LeftButton)
    assert made.read() == Number(Decimal("0.5"))
    without = number(qtbot)
    without.edit.setText("<5")
    with pytest.raises(ValueProblem):
        without.read()


# --- answers -------------------------------------------------------------------------------------------------


def test_arrow_keys_walk_over_answers_and_choose_none(qtbot, prepared):
    made = make(qtbot, EXAMPLES["ynu"][0])
    first = made.first()
    first.setFocus()
    with qtbot.assertNotEmitted(made.chosen):
        qtbot.keyClick(first, Qt.Key.Key_Right)
        qtbot.keyClick(first, Qt.Key.Key_Return)
    assert made.read() is None


@pytest.mark.parametrize(("key", "code"), [("y", "Y"), ("n", "N"), ("U", "U")])
def test_a_letter_answers_yes_no_unknown(qtbot, prepared, key, code):
    made = make(qtbot, EXAMPLES["ynu"][0])
    with qtbot.waitSignal(made.chosen):
        qtbot.keyClicks(made.first(), key)
    assert made.read() == code


def test_a_digit_chooses_the_answer_at_that_place_or_of_that_name(qtbot, prepared):
    placed = make(qtbot, item("choice", choices=choices("A", "B")))
    qtbot.keyClicks(placed.first(), "2")
    assert placed.read() == "B"
    graded = make(qtbot, item("choice", choices=choices("0", "1", "2")))
    qtbot.keyClicks(graded.first(), "2")
    assert graded.read() == "2"


def test_a_tap_on_the_chosen_answer_keeps_it(qtbot, prepared):
    made = make(qtbot, EXAMPLES["yn"][0])
    tile = made.first()
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
    assert made.read() == "Y"


def test_ticking_several_answers_is_one_entry(qtbot, prepared):
    made = make(qtbot, EXAMPLES["multi"][0])
    assert isinstance(made, MultiInput)
    with qtbot.assertNotEmitted(made.chosen):
        for code in "CA":
            qtbot.mouseClick(made.findChild(QWidget, f"it:{code}"), Qt.MouseButton.LeftButton)
    assert made.read() == ("A", "C")


def test_more_answers_than_six_are_a_list_that_starts_empty(qtbot, prepared):
    made = make(qtbot, LISTED)
    assert isinstance(made, ListInput)
    assert made.read() is None


@pytest.mark.parametrize("focused", [False, True])
def test_a_wheel_over_a_list_changes_nothing(qtbot, prepared, focused):
    made = make(qtbot, LISTED)
    assert isinstance(made, ListInput)
    made.show_value("C")
    if focused:
        made.box.setFocus()
    middle = QPointF(made.box.rect().center())
    event = QWheelEvent(
        middle, made.box.mapToGlobal(middle), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(made.box, event)
    assert made.read() == "C"


def test_a_key_opens_a_list_and_changes_no_answer(qtbot, prepared):
    made = make(qtbot, LISTED)
    assert isinstance(made, ListInput)
    made.show_value("C")
    made.box.setFocus()
    with qtbot.assertNotEmitted(made.chosen):
        qtbot.keyClick(made.box, Qt.Key.Key_Down)
    assert made.box.view().isVisible()
    made.box.hidePopup()
    assert made.read() == "C"


def test_one_button_chooses_oneself_and_one_who_left_keeps_the_name(qtbot, prepared):
    made = make(qtbot, item("staff"))
    assert isinstance(made, StaffInput)
    assert made.read() is None
    with qtbot.waitSignal(made.chosen):
        qtbot.mouseClick(made.findChild(QWidget, "it:me"), Qt.MouseButton.LeftButton)
    assert made.read() == "nurse1"
    made.show_value("old1")
    assert made.box.currentText() == "Olga Test"


# --- dates and times -----------------------------------------------------------------------------------------


def part(made: Input, name: str) -> QLineEdit:
    assert isinstance(made, QWidget)
    found = made.findChild(QLineEdit, f"it:{name}")
    assert found is not None
    return found


def test_a_date_moves_on_as_it_is_typed_and_names_the_month(qtbot, prepared):
    made = make(qtbot, item("date"))
    assert isinstance(made, DateInput)
    part(made, "day").setFocus()
    qtbot.keyClicks(part(made, "day"), "04")
    qtbot.keyClicks(part(made, "month"), "3")
    qtbot.keyClicks(part(made, "year"), "1968")
    part(made, "month").editingFinished.emit()
    assert part(made, "month").text() == "Mar"
    assert made.read() == date(1968, 3, 4)


def test_a_whole_date_pasted_into_one_part_fills_all(qtbot, prepared):
    made = make(qtbot, item("date"))
    for text in ("1968-03-04", "04-Mar-1968", "１９６８０３０４"):
        made.show_value(None)
        part(made, "day").setText(text)
        part(made, "day").textEdited.emit(text)
        assert made.read() == date(1968, 3, 4), text


def test_t_is_today(qtbot, prepared):
    made = make(qtbot, item("date"))
    qtbot.keyClicks(part(made, "day"), "t")
    assert made.read() == date(2026, 3, 4)


@pytest.mark.parametrize(
    ("day", "month", "year", "kind"),
    [
        ("31", "2", "2026", "date"),
        ("4", "", "2026", "date_part"),
        ("4", "3", "68", "year"),
        ("4", "13", "2026", "date"),
    ],
)
def test_an_impossible_or_unfinished_date_says_which(qtbot, prepared, day, month, year, kind):
    made = make(qtbot, item("date"))
    for name, text in (("day", day), ("month", month), ("year", year)):
        part(made, name).setText(text)
    with pytest.raises(ValueProblem) as fault:
        made.read()
    assert fault.value.kind == kind


def test_unknown_parts_of_a_date_are_typed_or_tapped(qtbot, prepared):
    made = make(qtbot, item("partial_date"))
    assert isinstance(made, PartialDateInput)
    part(made, "year").setText("2026")
    qtbot.mouseClick(made.findChild(QWidget, "it:month_uk"), Qt.MouseButton.LeftButton)
    assert made.read() == PartialDate(2026)
    made.show_value(PartialDate(2026, 2))
    assert part(made, "day").text() == "UK"
    part(made, "day").clear()
    qtbot.keyClicks(part(made, "day"), "u")
    assert made.read() == PartialDate(2026, 2)


def test_an_unknown_month_with_a_known_day_is_no_date(qtbot, prepared):
    made = make(qtbot, item("partial_date"))
    for name, text in (("day", "4"), ("month", "UK"), ("year", "2026")):
        part(made, name).setText(text)
    with pytest.raises(ValueProblem):
        made.read()


def test_a_partial_date_may_carry_a_time(qtbot, prepared):
    made = make(qtbot, item("partial_date", with_time=True))
    made.show_value(PartialDate(2026, 2, 22))
    part(made, "time").setText("2100")
    assert made.read() == PartialDate(2026, 2, 22, 21, 0)


@pytest.mark.parametrize(
    ("typed", "hour", "minute"), [("0905", 9, 5), ("9:05", 9, 5), ("０９：０５", 9, 5), ("23.59", 23, 59)]
)
def test_a_time_is_read_by_the_24_hour_clock(qtbot, prepared, typed, hour, minute):
    made = make(qtbot, item("datetime"))
    made.show_value(NOW)
    part(made, "time").setText(typed)
    assert made.read() == datetime(2026, 3, 4, hour, minute, tzinfo=CHINA)


@pytest.mark.parametrize(
    ("typed", "kind"), [("24:00", "time24"), ("9", "time"), ("12:60", "time"), ("", "time_part")]
)
def test_a_time_that_is_none_says_so(qtbot, prepared, typed, kind):
    made = make(qtbot, item("datetime"))
    made.show_value(NOW)
    part(made, "time").setText(typed)
    with pytest.raises(ValueProblem) as fault:
        made.read()
    assert fault.value.kind == kind


@pytest.mark.parametrize(("precision", "second"), [("minute", 0), ("second", 42)])
def test_now_stamps_the_clock_to_the_precision_asked_for(qtbot, prepared, precision, second):
    made = make(qtbot, item("datetime", stamp=True, precision=precision))
    assert isinstance(made, DateTimeInput)
    with qtbot.waitSignal(made.chosen) as told:
        qtbot.mouseClick(made.findChild(QWidget, "it:now"), Qt.MouseButton.LeftButton)
    assert told.args == ["stamped"]
    assert made.read() == NOW.replace(second=second, microsecond=0)


def test_a_moment_of_another_offset_is_shown_in_the_trials_time(qtbot, prepared):
    made = make(qtbot, item("datetime"))
    moment = datetime(2026, 3, 4, 1, 5, tzinfo=UTC)
    made.show_value(moment)
    assert part(made, "time").text() == "09:05"
    assert made.read() == moment


def test_a_duration_needs_minutes_below_sixty(qtbot, prepared):
    made = make(qtbot, item("duration"))
    assert isinstance(made, DurationInput)
    made.parts[0].setText("1")
    made.parts[1].setText("75")
    with pytest.raises(ValueProblem):
        made.read()
    made.parts[1].setText("15")
    assert made.read() == timedelta(hours=1, minutes=15)


def test_in_chinese_the_year_comes_first(qtbot, prepared):
    set_language("zh")
    made = make(qtbot, item("date"))
    assert made.first().objectName() == "it:year"


def test_a_gap_is_not_shown_as_a_value(qtbot, prepared):
    made = number(qtbot)
    made.show_value(Missing("ND", "refused"))
    assert made.read() is None


# --- what cannot stand together, and what is pasted --------------------------------------------------------------


@pytest.mark.parametrize("alone", ["NONE", "OK"])
def test_none_and_an_answer_take_each_other_away(qtbot, prepared, alone):
    made = make(qtbot, item("multi", choices=choices(alone, "FEVER", "RASH")))
    assert isinstance(made, MultiInput)
    chips = {c: made.findChild(QWidget, f"it:{c}") for c in (alone, "FEVER", "RASH")}
    told: list[str] = []
    made.typed.connect(lambda: told.append(made.text()))
    for code in ("FEVER", "RASH", alone, "RASH", alone, alone):
        qtbot.mouseClick(chips[code], Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert told == ["FEVER", "FEVER RASH", alone, "RASH", alone, ""]


def test_none_is_taken_away_by_a_key_too_and_a_saved_contradiction_is_shown_as_it_is(qtbot, prepared):
    made = make(qtbot, item("multi", choices=choices("NONE", "FEVER", "RASH")))
    made.show_value(("NONE", "RASH"))
    assert made.read() == ("NONE", "RASH")
    qtbot.keyClicks(made.first(), "2")
    assert made.read() == ("FEVER", "RASH")


def paste(edit: QWidget, text: str | bytes) -> None:
    board, data = QApplication.clipboard(), QMimeData()
    if isinstance(text, bytes):
        data.setData("text/plain", text)
    else:
        data.setText(text)
    board.setMimeData(data)
    edit.paste()  # type: ignore[attr-defined]  # both kinds of edit have it
    board.clear()


def test_a_number_pasted_in_wide_characters_is_read(qtbot, prepared):
    made = make(qtbot, PRESSURE)
    paste(made.first(), "１２．５ ｋＰａ")
    assert made.read() == Number(Decimal("12.5"), "kPa")


@pytest.mark.parametrize("lines", [1, 3])
def test_a_text_whose_bytes_were_lost_is_not_taken(qtbot, prepared, lines):
    made = make(qtbot, item("text", lines=lines))
    paste(made.first(), b"slept \xb0\xb2 well")
    with pytest.raises(ValueProblem, match="damaged"):
        made.read()


def test_lines_pasted_into_one_line_become_one(qtbot, prepared):
    made = make(qtbot, item("text"))
    paste(made.first(), "slept\r\n well,\tno pain\n")
    assert made.read() == "slept well, no pain"
    more = make(qtbot, item("text", lines=3))
    paste(more.first(), "slept well\nno pain")
    assert more.read() == "slept well\nno pain"

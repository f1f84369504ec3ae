"""The infusion page, on a real ward: what the big buttons record, and what is shown of it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import find
from tests.ui.infusion import bedside
from tests.ui.infusion.bedside import F7
from ucmsc_desktop.i18n import set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.values import Number
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.infusion.action_pad import REST_MS
from ucmsc_desktop.ui.infusion.vitals_card import due_code
from ucmsc_desktop.ui.pages.infusion import InfusionPage


@pytest.fixture
def subject(sign_in: Callable[..., Session], desk: Desk) -> str:
    """A participant at whom only T0 stands against the start."""
    session = sign_in("inv1")
    made = bedside.create(session)
    bedside.override_blocks(session, made, bedside.prepare(session, made))
    desk.lock()
    return made


@pytest.fixture
def session(sign_in: Callable[..., Session], subject: str) -> Session:
    return sign_in("nurse1")


@pytest.fixture
def page(desk: Desk, session: Session, subject: str, qtbot: QtBot) -> InfusionPage:
    return shown(desk, qtbot, subject)


def shown(desk: Desk, qtbot: QtBot, subject: str, **what: object) -> InfusionPage:
    made = InfusionPage(desk)
    qtbot.addWidget(made)
    made.resize(1102, 735)
    made.open(subject=subject, **what)
    with qtbot.waitExposed(made):
        made.show()
    return made


def press(page: InfusionPage, name: str, qtbot: QtBot) -> None:
    made = find(page, f"infusion_{name}", QPushButton)
    qtbot.waitUntil(made.isEnabled, timeout=REST_MS + 2000)
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)


def text(page: QWidget, name: str) -> str:
    label = find(page, name, QLabel)
    assert isinstance(label, QLabel)
    return label.text()


def begin(session: Session, subject: str) -> None:
    bedside.vitals(session, subject, F7, "T0")
    session.infusions.start(subject, 1)


def set_rates(session: Session, subject: str) -> None:
    values = {
        Cell("inf_rate_by"): "PUMP",
        Cell("inf_rate_init"): bedside.number("30", "mL/h"),
        Cell("inf_rate_main"): bedside.number("60", "mL/h"),
    }
    session.enter(subject, F7, values)


def type_into(page: InfusionPage, name: str, typed: str, qtbot: QtBot) -> None:
    edit = find(page, name, QLineEdit)
    edit.setFocus()
    qtbot.keyClicks(edit, typed)


# --- before the start ----------------------------------------------------------------------------------------


def test_start_is_refused_in_the_page_until_t0_is_recorded(page, session, subject, qtbot):
    press(page, "start", qtbot)
    assert "T0" in text(page, "refusal_what")
    assert "UC-407" in text(page, "refusal_what")
    assert session.infusions.run(subject, 1).status == "planned"


def test_start_stamps_the_moment_once(page, session, subject, clock, qtbot):
    bedside.vitals(session, subject, F7, "T0")
    page.refresh()
    at = clock.at
    press(page, "start", qtbot)
    clock.advance(seconds=2)
    view = session.form(subject, F7)
    assert view.value("inf_start_dtm") == at
    entry = view.entry("inf_start_dtm")
    assert entry is not None
    assert (entry.origin, entry.user) == ("stamped", "nurse1")
    assert len(view.history("inf_start_dtm")) == 1


def test_the_second_half_of_a_double_tap_presses_nothing(page, session, subject, qtbot):
    bedside.vitals(session, subject, F7, "T0")
    page.refresh()
    press(page, "start", qtbot)
    for made in page.pad.findChildren(QPushButton):
        qtbot.mouseClick(made, Qt.MouseButton.LeftButton)
    assert session.infusions.run(subject, 1).status == "running"


def test_start_has_no_focus_by_itself(page):
    assert page.window().focusWidget() is find(page, "infusion_vitals")


# --- the clock -----------------------------------------------------------------------------------------------


def test_the_clock_goes_on_while_paused_and_says_so(desk, session, subject, clock, qtbot):
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    clock.advance(minutes=10)
    press(page, "pause", qtbot)
    clock.advance(minutes=2, seconds=5)
    page.refresh()
    assert text(page, "run_clock") == "00:12:05"
    assert "2 min 05 s" in text(page, "run_paused")
    press(page, "resume", qtbot)
    run = session.infusions.run(subject, 1)
    assert (run.status, run.elapsed_s, run.running_s) == ("running", 725, 600)
    assert text(page, "run_paused") == "Paused 1×, 2 min 05 s in all"


def test_the_clock_is_right_after_a_restart(desk, sign_in, session, subject, clock, qtbot):
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    clock.advance(minutes=20)
    page.hide()
    desk.lock()
    clock.advance(minutes=12, seconds=10)
    sign_in("nurse1")
    again = shown(desk, qtbot, subject)
    assert text(again, "run_clock") == "00:32:10"


def test_volume_and_progress_follow_rate_and_pauses(desk, session, subject, clock, qtbot):
    begin(session, subject)
    set_rates(session, subject)
    page = shown(desk, qtbot, subject)
    clock.advance(minutes=45)
    page.refresh()
    assert "≈37 / 47 mL" in text(page, "run_line")
    assert page.run_card._bar.value() == 797
    assert "60 mL/h" in text(page, "run_line")


def test_without_a_rate_no_volume_is_shown(desk, session, subject, clock, qtbot):
    begin(session, subject)
    clock.advance(minutes=45)
    page = shown(desk, qtbot, subject)
    assert "rate not recorded yet" in text(page, "run_line")
    assert not page.run_card._bar.isVisible()


def test_the_next_check_counts_down_and_a_missed_one_is_named(desk, session, subject, clock, qtbot):
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    clock.advance(minutes=1, seconds=10)
    page.refresh()
    assert text(page, "run_next") == "Vital signs 09:05, in 3 min 50 s"
    clock.advance(minutes=5)
    page.refresh()
    assert "due since 09:05, until 09:07" in text(page, "run_next")
    clock.advance(minutes=3)
    page.refresh()
    assert text(page, "run_missed") == "Not recorded: 15 min before (08:45), 5 min (09:05)"
    assert "09:15" in text(page, "run_next")


def test_a_hidden_page_has_no_timer(page, qtbot):
    assert page._timer.isActive()
    page.hide()
    assert not page._timer.isActive()


# --- vital signs ---------------------------------------------------------------------------------------------


def test_a_row_of_vital_signs_is_one_change(desk, session, subject, clock, qtbot):
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    clock.advance(minutes=5)
    press(page, "vitals", qtbot)
    for name, typed in (
        ("ivs_hr", "88"),
        ("ivs_sbp", "118"),
        ("ivs_dbp", "74"),
        ("ivs_rr", "18"),
        ("ivs_spo2", "96"),
    ):
        type_into(page, f"{name}.2", typed, qtbot)
    qtbot.mouseClick(find(page, "ivs_symptoms.2:NONE"), Qt.MouseButton.LeftButton)
    changes: list[object] = []
    desk.changed.connect(changes.append)
    before = len(session.audit())
    press(page, "vitals", qtbot)  # the same button saves while the row is open
    assert len(changes) == 1
    view = session.form(subject, F7)
    assert view.value("ivs_point", 2) == "T5"
    assert view.value("ivs_dtm", 2) == clock.at
    assert view.value("ivs_hr", 2) == Number(Decimal(88), "/min")
    assert view.value("ivs_symptoms", 2) == ("NONE",)
    added = session.audit()[before:]
    assert {e.at for e in added} == {clock.at}
    assert not page.vitals.isVisible()


def test_no_clinical_value_stands_in_a_new_row(desk, session, subject, clock, qtbot):
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    press(page, "vitals", qtbot)
    assert page.vitals.cells is not None
    given = {c.item for c in page.vitals.cells.typed_values()}
    assert given == {"ivs_point", "ivs_dtm"}


def test_the_row_asks_what_the_form_asks(desk, session, subject, qtbot):
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    press(page, "vitals", qtbot)
    assert page.vitals.cells is not None
    section = next(s for s in session.study.forms["F7"].sections if s.id == "flow")
    assert [f.item.id for f in page.vitals.cells.fields] == [i.id for i in section.items if not i.is_derived]


def test_the_time_follows_the_clock_until_something_is_typed(desk, session, subject, clock, qtbot):
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    press(page, "vitals", qtbot)
    clock.advance(minutes=5)
    page._on_timer_timeout()
    type_into(page, "ivs_hr.2", "88", qtbot)
    typed_at = clock.at
    clock.advance(minutes=1)
    page._on_timer_timeout()
    assert page.vitals.cells is not None
    values = page.vitals.cells.typed_values()
    assert values[Cell("ivs_dtm", 2)] == typed_at
    assert values[Cell("ivs_point", 2)] == "T5"


def test_beside_a_field_stand_the_value_before_and_the_change_against_t0(
    desk, session, subject, clock, qtbot
):
    begin(session, subject)
    clock.advance(minutes=5)
    bedside.vitals(session, subject, F7, "T5", ivs_hr="88")
    page = shown(desk, qtbot, subject)
    clock.advance(minutes=10)
    press(page, "vitals", qtbot)
    type_into(page, "ivs_hr.3", "131", qtbot)
    assert text(page, "ivs_hr.3:below") == "▲ before 88 · T0 +55"
    type_into(page, "ivs_sbp.3", "120", qtbot)
    type_into(page, "ivs_dbp.3", "60", qtbot)
    assert text(page, "ivs_map.3:below") == "calculated 80"


def test_what_skip_logic_asks_for_appears_as_the_answer_is_given(desk, session, subject, qtbot):
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    press(page, "vitals", qtbot)
    assert page.vitals.cells is not None
    assert "ivs_peep" not in {f.item.id for f in page.vitals.cells.shown()}
    box = find(page, "ivs_rsup.2", QComboBox)
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData("IMV"))
    box.activated.emit(box.currentIndex())
    assert "ivs_peep" in {f.item.id for f in page.vitals.cells.shown()}


def test_a_value_that_cannot_be_is_refused_beside_its_field(desk, session, subject, qtbot):
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    press(page, "vitals", qtbot)
    type_into(page, "ivs_hr.2", "880", qtbot)
    press(page, "vitals", qtbot)
    assert "880" in text(page, "ivs_hr.2:error")
    assert session.form(subject, F7).value("ivs_hr", 2) is None
    assert page.vitals.isVisible()


def test_an_empty_row_is_not_saved(desk, session, subject, qtbot):
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    press(page, "vitals", qtbot)
    page.vitals.give()
    assert text(page, "vitals_error") == "Type at least one value."
    assert session.next_row(subject, F7, "flow") == 2


def test_enter_goes_to_the_next_field(desk, session, subject, qtbot):
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    page.activateWindow()
    press(page, "vitals", qtbot)
    first = find(page, "ivs_hr.2", QLineEdit)
    qtbot.keyClick(first, Qt.Key.Key_Return)
    assert page.window().focusWidget() is find(page, "ivs_sbp.2", QLineEdit)


def test_what_was_typed_survives_a_lock(desk, sign_in, session, subject, qtbot):
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    press(page, "vitals", qtbot)
    type_into(page, "ivs_hr.2", "88", qtbot)
    desk.lock()
    page.hide()
    sign_in("nurse1")
    again = shown(desk, qtbot, subject)
    edit = find(again, "ivs_hr.2", QLineEdit)
    assert isinstance(edit, QLineEdit)
    assert edit.text() == "88"
    again.vitals.later.emit()
    assert desk.session.drafts(subject, F7) == {}


def test_a_symptom_offers_an_adverse_event(desk, session, subject, clock, qtbot):
    if "F14" not in session.study.forms:
        pytest.skip("the adverse event form is not there yet")
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    clock.advance(minutes=5)
    press(page, "vitals", qtbot)
    type_into(page, "ivs_hr.2", "88", qtbot)
    chip = find(page, "ivs_symptoms.2:CHILLS", QAbstractButton)
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    asked: list[object] = []
    desk.ask = asked.append  # type: ignore[method-assign]
    page.vitals.give()
    asked[0].answered.emit(None)  # type: ignore[attr-defined]
    assert "Chills" in text(page, "offer_text")
    with qtbot.waitSignal(desk.went) as went:
        qtbot.mouseClick(find(page, "offer_yes"), Qt.MouseButton.LeftButton)
    assert went.args is not None
    assert went.args[1]["key"].form == "F14"
    asked[0].deleteLater()  # type: ignore[attr-defined]


def test_crossing_out_asks_why(desk, session, subject, qtbot):
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    asked: list[object] = []
    desk.set_window(page, asked.append)
    page.rows.table.choose_row(0)
    qtbot.mouseClick(find(page, "infusion_strike"), Qt.MouseButton.LeftButton)
    assert len(asked) == 1
    dialog = asked[0]
    assert session.form(subject, F7).rows(page_section(session)) == (1,)
    dialog.answered.emit("measured on the wrong patient")  # type: ignore[attr-defined]
    assert session.form(subject, F7).rows(page_section(session)) == ()
    assert page.rows.model.line(0) is not None
    assert page.rows.model.line(0).struck  # type: ignore[union-attr]
    desk.set_window(None, None)
    dialog.deleteLater()  # type: ignore[attr-defined]


def page_section(session: Session):
    return next(s for s in session.study.forms["F7"].sections if s.id == "flow")


@pytest.mark.parametrize(
    ("minutes", "code"),
    [(0, "UNS"), (3, "T5"), (7, "T5"), (9, "UNS"), (13, "T15"), (30, "T30"), (37, "UNS"), (41, "T45")],
)
def test_a_measurement_belongs_to_the_point_whose_window_is_open(session, subject, clock, minutes, code):
    begin(session, subject)
    clock.advance(minutes=minutes)
    view = session.form(subject, F7)
    assert due_code(view, view.now) == code


def test_before_the_start_pre15_then_t0_are_due(session, subject, clock: FrozenClock):
    view = session.form(subject, F7)
    assert due_code(view, view.now) == "PRE15"
    bedside.vitals(session, subject, F7, "PRE15")
    view = session.form(subject, F7)
    assert due_code(view, view.now) == "T0"
    bedside.vitals(session, subject, F7, "T0")
    view = session.form(subject, F7)
    assert due_code(view, view.now) == "UNS"


# --- the end -------------------------------------------------------------------------------------------------


def test_end_asks_for_volumes_in_the_page_and_shows_the_dose(desk, session, subject, clock, qtbot):
    begin(session, subject)
    set_rates(session, subject)
    clock.advance(minutes=60)
    page = shown(desk, qtbot, subject)
    press(page, "end", qtbot)
    assert session.form(subject, F7).value("inf_end_dtm") == clock.at
    type_into(page, "inf_vol", "47", qtbot)
    assert "5.04×10⁵ cells/kg, 100.9 % of the target" in text(page, "end_result")
    type_into(page, "inf_residual", "53", qtbot)
    type_into(page, "flush_vol", "20", qtbot)
    qtbot.mouseClick(find(page, "end_save"), Qt.MouseButton.LeftButton)
    assert session.form(subject, F7).value("inf_vol") == Number(Decimal(47), "mL")
    assert text(page, "dose_per_kg") == "5.04×10⁵ cells/kg"
    assert text(page, "dose_share") == "100.9 % of the target (+0.9 points)"
    assert not page.presses.end.isVisible()


def test_the_volumes_may_wait_and_are_asked_again(desk, session, subject, clock, qtbot):
    begin(session, subject)
    clock.advance(minutes=60)
    session.infusions.end(subject, 1)
    page = shown(desk, qtbot, subject)
    qtbot.mouseClick(find(page, "end_later"), Qt.MouseButton.LeftButton)
    assert not page.presses.end.isVisible()
    page.open(subject=subject, n=1)
    assert page.presses.end.isVisible()


def test_an_end_pressed_by_mistake_is_taken_back_with_a_reason(desk, session, subject, clock, qtbot):
    begin(session, subject)
    clock.advance(minutes=30)
    session.infusions.end(subject, 1)
    page = shown(desk, qtbot, subject)
    asked: list[object] = []
    desk.set_window(page, asked.append)
    desk.ask = asked.append  # type: ignore[method-assign]
    qtbot.mouseClick(find(page, "end_mistaken"), Qt.MouseButton.LeftButton)
    asked[0].answered.emit("pressed by mistake")  # type: ignore[attr-defined]
    run = session.infusions.run(subject, 1)
    assert (run.status, run.elapsed_s) == ("running", 1800)
    assert session.form(subject, F7).history("inf_end_dtm")[0].value == clock.at
    desk.set_window(None, None)
    asked[0].deleteLater()  # type: ignore[attr-defined]


def test_stop_ends_at_once_and_asks_later(desk, session, subject, clock, qtbot):
    begin(session, subject)
    clock.advance(minutes=20)
    page = shown(desk, qtbot, subject)
    press(page, "stop", qtbot)
    view = session.form(subject, F7)
    assert (view.value("inf_end_dtm"), view.value("inf_status")) == (clock.at, "STOPPED")
    assert "investigator" in text(page, "end_hint")


@pytest.mark.parametrize("minutes", [3, 8, 60, 200])
def test_no_question_holds_up_the_end(desk, session, subject, clock, qtbot, minutes):
    begin(session, subject)
    clock.advance(minutes=minutes)
    page = shown(desk, qtbot, subject)
    press(page, "end", qtbot)
    assert session.infusions.run(subject, 1).status == "ended"


def test_a_pause_asks_for_its_reason_in_the_page(desk, session, subject, clock, qtbot):
    begin(session, subject)
    set_rates(session, subject)
    page = shown(desk, qtbot, subject)
    press(page, "pause", qtbot)
    qtbot.mouseClick(find(page, "int_reason.1:LINE"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(find(page, "pause_save"), Qt.MouseButton.LeftButton)
    assert session.form(subject, F7).value("int_reason", 1) == "LINE"


def test_one_tap_stamps_a_mixing(desk, session, subject, clock, qtbot):
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    clock.advance(minutes=5)
    press(page, "mixed", qtbot)
    clock.advance(minutes=2)
    page.refresh()
    assert session.form(subject, F7).value("mix_dtm", 1) == clock.at - timedelta(minutes=2)
    assert text(page, "run_mixed") == "Bag mixed 2 min 00 s ago"


def test_a_change_of_rate_is_recorded_with_its_moment(desk, session, subject, clock, qtbot):
    begin(session, subject)
    set_rates(session, subject)
    page = shown(desk, qtbot, subject)
    clock.advance(minutes=20)
    press(page, "rate", qtbot)
    type_into(page, "rate_mlh.1", "90", qtbot)
    qtbot.mouseClick(find(page, "rate_save"), Qt.MouseButton.LeftButton)
    view = session.form(subject, F7)
    assert view.value("rate_dtm", 1) == clock.at
    assert "90 mL/h" in text(page, "run_line")


# --- more than one -------------------------------------------------------------------------------------------


def test_another_participant_on_the_drip_is_one_tap_away(desk, sign_in, session, subject, clock, qtbot):
    begin(session, subject)
    desk.lock()
    second = sign_in("inv1")
    other = bedside.create(second, bed="7")
    bedside.override_blocks(second, other, bedside.prepare(second, other))
    begin(second, other)
    page = shown(desk, qtbot, subject)
    clock.advance(minutes=1)
    page._on_timer_timeout()
    made = find(page, f"running_{other}", QPushButton)
    assert isinstance(made, QPushButton)
    assert made.text() == f"{other} · bed 7 · 00:01:00\n5 min 09:05, in 4 min 00 s"
    with qtbot.waitSignal(desk.went) as went:
        qtbot.mouseClick(made, Qt.MouseButton.LeftButton)
    assert went.args == ["infusion", {"subject": other}]


def test_the_page_opens_at_the_infusion_that_needs_somebody(desk, session, subject, clock, qtbot):
    begin(session, subject)
    clock.advance(minutes=60)
    session.infusions.end(subject, 1)
    assert shown(desk, qtbot, subject).here.n == 1
    clock.advance(hours=2, minutes=30)
    assert shown(desk, qtbot, subject).here.n == 2
    clock.advance(hours=6)
    assert shown(desk, qtbot, subject).here.n == 1  # whether an event occurred is to be signed


# --- everybody -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_everything_that_takes_the_focus_has_a_name(desk, session, subject, clock, qtbot, lang):
    set_language(lang)
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    press(page, "vitals", qtbot)
    nameless = [
        w
        for w in page.findChildren(QWidget)
        if w.isVisible() and w.focusPolicy() != Qt.FocusPolicy.NoFocus
        and not ((w.accessibleName() or (isinstance(w, QAbstractButton) and w.text())) and w.objectName())
        and "qt_" not in w.objectName()
    ]  # fmt: skip
    assert nameless == []


@pytest.mark.parametrize("size", [(953, 480), (1022, 500), (1102, 735)])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_fits_without_sideways_scrolling_and_stop_is_in_sight(
    desk, session, subject, qtbot, size, lang
):
    set_language(lang)
    begin(session, subject)
    page = shown(desk, qtbot, subject)
    page.resize(*size)
    press(page, "vitals", qtbot)
    assert page.minimumSizeHint().width() <= size[0]
    assert page.minimumSizeHint().height() <= size[1]
    stop = find(page, "infusion_stop")
    qtbot.waitUntil(lambda: page.rect().contains(stop.mapTo(page, stop.rect().bottomRight())))
    assert stop.height() >= 76
    inside = page._area.widget()
    assert inside is not None
    assert inside.width() <= page._area.viewport().width()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("state", ["running", "paused"])
@pytest.mark.parametrize("size", [(1102, 643), (1102, 573), (1102, 493), (1017, 415)])
def test_mixing_rate_and_next_check_are_in_sight_below_reminders(
    desk, session, subject, clock, qtbot, lang, state, size
):
    set_language(lang)
    bedside.vitals(session, subject, F7, "T0")
    session.infusions.start(subject, 1)
    clock.advance(minutes=43)
    if state == "paused":
        session.infusions.pause(subject, 1)
    page = shown(desk, qtbot, subject)
    page.resize(*size)
    qtbot.waitUntil(lambda: page.size().width() == size[0])
    for name in ("infusion_mixed", "infusion_rate", "run_clock"):
        made = find(page, name)
        assert made.visibleRegion().boundingRect().height() == made.height(), name
    assert find(page, "run_next").visibleRegion().boundingRect().height() >= 20

"""While cells run: keys that press once, symptoms by one tap, missed checks, events flagged, judged and denied."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QDialog, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import PASSWORD, find
from tests.ui.infusion import bedside
from tests.ui.infusion.bedside import F7
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record import signing
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.session.iae import FlaggedEvent, stand_by
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.values import Missing, Number
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.infusion.action_pad import REST_MS
from ucmsc_desktop.ui.infusion.events_card import EventsCard
from ucmsc_desktop.ui.pages.infusion import InfusionPage
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox

F8 = FormKey("F8", "D0", 1)
SHIFT = Qt.KeyboardModifier.ShiftModifier
ANY = frozenset({"soft", "X10", "X10.flow", "F7.symptom_ae", "F7.window", "F8.onset_outside"})


@pytest.fixture
def subject(sign_in: Callable[..., Session], desk: Desk) -> str:
    """A participant with T0, ready to be started."""
    session = sign_in("inv1")
    made = bedside.create(session)
    bedside.override_blocks(session, made, bedside.prepare(session, made))
    bedside.vitals(session, made, F7, "PRE15", -10)
    bedside.vitals(session, made, F7, "T0")
    session.enter(made, F7, {Cell("ivs_rhythm", 2): "SR"})
    desk.lock()
    return made


@pytest.fixture
def session(sign_in: Callable[..., Session], subject: str) -> Session:
    return sign_in("nurse1")


@pytest.fixture
def page(desk: Desk, session: Session, subject: str, qtbot: QtBot) -> InfusionPage:
    """The page of an infusion that has just begun."""
    session.infusions.start(subject, 1)
    session.enter(subject, F7, {Cell("inf_rate_by"): "PUMP"})
    return shown(desk, qtbot, subject)


def shown(desk: Desk, qtbot: QtBot, subject: str) -> InfusionPage:
    made = InfusionPage(desk)
    qtbot.addWidget(made)
    made.resize(1102, 735)
    made.open(subject=subject, n=1)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def press(page: QWidget, name: str, qtbot: QtBot) -> None:
    qtbot.mouseClick(find(page, name, QAbstractButton), Qt.MouseButton.LeftButton)


def rested(page: InfusionPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not page.pad.is_resting, timeout=REST_MS + 2000)


def text(page: QWidget, name: str) -> str:
    label = find(page, name, QLabel)
    assert isinstance(label, QLabel)
    return label.text()


def row(session: Session, subject: str, point: str, **values: object) -> int:
    number = session.next_row(subject, F7, "flow")
    cells = {Cell(k, number): v for k, v in values.items()}
    cells |= {Cell("ivs_point", number): point, Cell("ivs_dtm", number): session.now().replace(microsecond=0)}
    session.enter(subject, F7, cells, confirmed=ANY)  # type: ignore[arg-type]
    return number


# --- keys -----------------------------------------------------------------------------------------------------


def test_every_big_button_has_its_keys(page, session, subject, clock, qtbot):
    stamps = []
    for minutes, key in ((5, Qt.Key.Key_F6), (7, Qt.Key.Key_F7), (9, Qt.Key.Key_F8)):
        clock.advance(minutes=minutes)
        rested(page, qtbot)
        qtbot.keyClick(page, key, SHIFT)
        stamps.append(clock.at)
    view = session.form(subject, F7)
    assert [view.value("int_start", 1), view.value("int_end", 1), view.value("inf_end_dtm")] == stamps
    assert view.value("inf_status") == "COMPLETED"


def test_stop_has_its_keys(page, session, subject, clock, qtbot):
    clock.advance(minutes=5)
    qtbot.keyClick(page, Qt.Key.Key_F9, SHIFT)
    assert session.form(subject, F7).value("inf_status") == "STOPPED"


@pytest.mark.parametrize("key", [Qt.Key.Key_F5, Qt.Key.Key_F6, Qt.Key.Key_F8, Qt.Key.Key_F9])
def test_a_bare_key_presses_nothing(page, session, subject, clock, qtbot, key):
    clock.advance(minutes=5)
    qtbot.keyClick(page, key)
    qtbot.keyClick(page, Qt.Key.Key_S)
    assert session.infusions.run(subject, 1).status == "running"


def test_a_second_press_within_a_second_does_nothing(page, session, subject, clock, qtbot):
    clock.advance(minutes=5)
    qtbot.keyClick(page, Qt.Key.Key_F6, SHIFT)
    assert REST_MS >= 1000
    assert page.pad.is_resting
    qtbot.keyClick(page, Qt.Key.Key_F7, SHIFT)
    qtbot.keyClick(page, Qt.Key.Key_F8, SHIFT)
    assert session.infusions.run(subject, 1).status == "paused"
    rested(page, qtbot)
    qtbot.keyClick(page, Qt.Key.Key_F7, SHIFT)
    assert session.infusions.run(subject, 1).status == "running"


@pytest.mark.parametrize("way", ["tap", "key"])
def test_the_row_of_vital_signs_opens_while_the_big_buttons_rest(page, session, subject, clock, qtbot, way):
    clock.advance(minutes=5)
    qtbot.keyClick(page, Qt.Key.Key_F6, SHIFT)
    assert page.pad.is_resting
    if way == "tap":
        qtbot.mouseClick(find(page, "infusion_vitals"), Qt.MouseButton.LeftButton)
    else:
        qtbot.keyClick(page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert page.pad.is_resting
    assert page.vitals.isVisible()


def test_the_keys_still_press_after_a_card_with_the_focus_has_closed(page, session, subject, clock, qtbot):
    clock.advance(minutes=5)
    page.vitals_hand.ask()
    qtbot.keyClicks(find(page, "ivs_hr.3", QLineEdit), "88")
    press(page, "vitals_save", qtbot)
    assert page.isAncestorOf(page.window().focusWidget())
    qtbot.keyClick(page, Qt.Key.Key_F6, SHIFT)
    assert session.infusions.run(subject, 1).status == "paused"


def test_the_keyboard_stays_at_the_buttons_after_a_press_and_rests_on_the_harmless_one(
    page, session, subject, clock, qtbot
):
    clock.advance(minutes=5)
    press(page, "infusion_pause", qtbot)
    assert page.window().focusWidget() is page.pad  # not on the rail, where Enter would leave the page
    rested(page, qtbot)
    assert page.window().focusWidget() is find(page, "infusion_vitals")


def test_the_keyboard_stays_at_the_buttons_while_they_rest_and_the_window_gets_lower(page, clock, qtbot):
    clock.advance(minutes=5)
    press(page, "infusion_pause", qtbot)
    page.resize(page.width(), 420)  # as when a reminder comes: the buttons move to the foot
    assert page.window().focusWidget() in (page.pad, find(page, "infusion_vitals"))
    rested(page, qtbot)
    assert page.window().focusWidget() is find(page, "infusion_vitals")


def test_when_a_card_is_put_away_no_button_of_the_next_card_gets_the_keyboard(
    page, session, subject, clock, qtbot
):
    clock.advance(minutes=5)
    press(page, "infusion_pause", qtbot)
    rested(page, qtbot)
    press(page, "symptom:CHILLS", qtbot)
    find(page, "symptoms_alone", QAbstractButton).setFocus()
    press(page, "symptoms_alone", qtbot)  # what is left asks "Why was it paused?": Later, Save
    assert page.window().focusWidget() is find(page, "infusion_vitals")


# --- symptoms -------------------------------------------------------------------------------------------------


def test_a_tap_after_pause_is_a_row_of_that_moment_at_once(page, session, subject, clock, qtbot):
    clock.advance(minutes=5)
    at = clock.at
    press(page, "infusion_pause", qtbot)
    clock.advance(seconds=8)
    press(page, "symptom:CHILLS", qtbot)
    view = session.form(subject, F7)
    assert (view.value("ivs_point", 3), view.value("ivs_dtm", 3)) == ("UNS", at)
    assert view.value("ivs_symptoms", 3) == ("CHILLS",)


def test_more_taps_grow_the_row_and_a_mistap_leaves_its_trace(page, session, subject, clock, qtbot):
    clock.advance(minutes=5)
    press(page, "infusion_stop", qtbot)
    for code in ("CHILLS", "RASH", "RASH"):
        press(page, f"symptom:{code}", qtbot)
    history = session.form(subject, F7).history("ivs_symptoms", 3)
    assert [e.value for e in history] == [("CHILLS",), ("CHILLS", "RASH"), ("CHILLS",)]
    assert [e.reason for e in history] == ["", "another symptom of the same moment", "tapped by mistake"]
    press(page, "symptom:CHILLS", qtbot)
    view = session.form(subject, F7)
    assert 3 not in view.rows(next(s for s in view.form.sections if s.id == "flow"))
    press(page, "symptom:NAUSEA", qtbot)
    assert session.form(subject, F7).value("ivs_symptoms", 4) == ("NAUSEA",)


def test_symptoms_alone_close_the_row_with_its_gaps(page, session, subject, clock, qtbot):
    clock.advance(minutes=5)
    press(page, "infusion_pause", qtbot)
    press(page, "symptom:COUGH", qtbot)
    press(page, "symptoms_alone", qtbot)
    view = session.form(subject, F7)
    assert isinstance(view.value("ivs_hr", 3), Missing)
    assert not [f for f in view.findings if f.kind == "required" and f.cell.row == 3]
    assert not page.events.symptoms.isVisible()


def test_vital_signs_join_the_row_of_the_symptoms(page, session, subject, clock, qtbot):
    clock.advance(minutes=5)
    at = clock.at
    press(page, "infusion_pause", qtbot)
    press(page, "symptom:CHILLS", qtbot)
    clock.advance(minutes=1)
    press(page, "symptoms_vitals", qtbot)
    qtbot.keyClicks(find(page, "ivs_hr.3", QLineEdit), "120")
    press(page, "vitals_save", qtbot)
    view = session.form(subject, F7)
    assert (view.value("ivs_hr", 3), view.value("ivs_dtm", 3)) == (bedside.number("120", "/min"), at)
    assert len(view.history("ivs_symptoms", 3)) == 1


def test_nothing_before_the_window_asks_for_symptoms(page, clock, qtbot):
    clock.advance(minutes=5)
    press(page, "infusion_stop", qtbot)
    assert not [d for d in page.findChildren(QDialog) if d.isVisible()]
    assert page.events.symptoms.isVisible()


# --- advice ---------------------------------------------------------------------------------------------------


def test_advice_says_its_rule_and_presses_nothing(page, session, subject, clock, qtbot):
    clock.advance(minutes=5)
    row(session, subject, "T5", ivs_sbp=bedside.number("76", "mmHg"))
    page.refresh()
    assert text(page, "advice_0") == "SBP below 80 mmHg (76): stop is advised"
    assert session.infusions.run(subject, 1).status == "running"
    clock.advance(minutes=5)
    row(session, subject, "UNS", ivs_sbp=bedside.number("118", "mmHg"))
    page.refresh()
    assert not page.events.advice.isVisible()


def test_advice_stands_beside_the_row_while_it_is_typed(page, clock, qtbot):
    clock.advance(minutes=5)
    page.vitals_hand.ask()
    edit = find(page, "ivs_sbp.3", QLineEdit)
    qtbot.keyClicks(edit, "76")
    assert text(page, "vitals_result").startswith("SBP below 80 mmHg (76)")
    assert find(page, "ivs_sbp.3:below", QLabel).property("kind") == "error"


def test_the_change_of_temperature_is_against_pre15(page, session, subject, clock, qtbot):
    clock.advance(minutes=15)
    page.vitals_hand.ask()
    qtbot.keyClicks(find(page, "ivs_temp.3", QLineEdit), "38.1")
    assert "PRE15 +1.5" in text(page, "ivs_temp.3:below")


# --- missed ---------------------------------------------------------------------------------------------------


def test_missed_checks_are_recorded_as_not_done_in_one_step(page, session, subject, clock, qtbot):
    clock.advance(minutes=19)
    page._on_timer_timeout()
    press(page, "run_not_done", qtbot)
    press(page, "missed:T15", qtbot)  # that one was measured and is recorded late
    press(page, "missed_save", qtbot)
    assert page.events.missed.isVisible()  # no reason yet
    press(page, "missed_reason_0", qtbot)
    press(page, "missed_save", qtbot)
    view = session.form(subject, F7)
    assert view.value("ivs_point", 3) == "T5"
    assert view.value("ivs_dtm", 3) == Missing("ND", "Care of the reaction came first")
    page.refresh()
    assert text(page, "run_missed") == "Not recorded: 15 min (09:15)"


# --- events ---------------------------------------------------------------------------------------------------


def with_rash(session: Session, subject: str, clock) -> None:
    clock.advance(minutes=10)
    row(session, subject, "UNS", ivs_symptoms=("RASH",))


def test_a_nurse_flags_what_the_numbers_suggest(page, session, subject, clock, qtbot):
    with_rash(session, subject, clock)
    page.refresh()
    assert "06 Reaction like" in text(page, "suggestion_06_title")
    assert "Symptoms None" in text(page, "suggestion_06_values")
    press(page, "flag_06", qtbot)
    view = session.form(subject, F8)
    assert (view.value("iae06"), view.value("iae_item", 1)) == ("Y", "06")
    assert view.value("iae_onset_dtm", 1) == clock.at
    assert text(page, "event_1_title") == "06 Transfusion-like reaction"
    assert not [
        w for w in page.findChildren(QAbstractButton) if w.objectName().startswith("judge_") and w.isVisible()
    ]


def test_the_investigator_judges_on_the_same_page_and_sees_the_adverse_event(
    desk, sign_in, session, subject, clock, qtbot
):
    session.infusions.start(subject, 1)
    with_rash(session, subject, clock)
    first = shown(desk, qtbot, subject)
    press(first, "flag_06", qtbot)
    first.hide()
    desk.lock()
    session = sign_in("inv1")
    page = shown(desk, qtbot, subject)
    press(page, "judge_1_Y", qtbot)
    view = session.form(subject, F8)
    assert view.value("iae_adjud", 1) == "Y"
    link = view.value("iae_ae_link", 1)
    assert isinstance(link, Number)  # drafted by the program, or still to be chosen
    assert f"Adverse event {link.amount}" in text(page, "event_1_values")
    assert "X17" not in [f.id for f in view.findings]


def test_a_confirmed_event_without_its_adverse_event_asks_for_it(qtbot):
    card = EventsCard()
    qtbot.addWidget(card)
    event = FlaggedEvent(1, Text("06", "06"), None, Text("", ""), Text("", ""), "Y", None)
    card.show_events((), (event,), [(1, "Urticaria")], may_judge=True)
    with qtbot.waitExposed(card):
        card.show()
    box = find(card, "event_link_1", ChoiceBox)
    assert isinstance(box, ChoiceBox)
    assert [box.itemText(i) for i in range(box.count())] == ["1. Urticaria", "New adverse event…"]
    box.setCurrentIndex(0)
    with qtbot.waitSignal(card.linked) as linked:
        box.activated.emit(0)
    assert linked.args == [1, 1]


def test_an_event_that_is_not_confirmed_wants_its_reasons(desk, sign_in, session, subject, clock, qtbot):
    session.infusions.start(subject, 1)
    with_rash(session, subject, clock)
    first = shown(desk, qtbot, subject)
    press(first, "flag_06", qtbot)
    first.hide()
    desk.lock()
    session = sign_in("inv1")
    page = shown(desk, qtbot, subject)
    asked: list[object] = []
    desk.ask = asked.append  # type: ignore[method-assign]
    press(page, "judge_1_N", qtbot)
    assert session.form(subject, F8).value("iae_adjud", 1) is None
    asked[0].answered.emit("drug rash known before")  # type: ignore[attr-defined]
    view = session.form(subject, F8)
    assert (view.value("iae_adjud", 1), view.value("iae_adjud_text", 1)) == ("N", "drug rash known before")
    asked[0].deleteLater()  # type: ignore[attr-defined]


def test_none_occurred_is_offered_when_due_and_signed_with_the_investigators_password(
    page, desk, session, subject, clock, qtbot
):
    clock.advance(minutes=60)
    session.infusions.end(subject, 1)
    clock.advance(hours=5, minutes=59)
    page.refresh()
    assert not page.events.none.isVisible()
    clock.advance(minutes=1)
    page._on_timer_timeout()
    assert page.events.none.isVisible()
    asked: list[object] = []
    desk.ask = asked.append  # type: ignore[method-assign]
    press(page, "none_yes_6h", qtbot)
    view = session.form(subject, F8)
    assert (view.value("iae_none_6h"), view.value("iae01a"), view.value("iae07")) == ("Y", "N", None)
    assert page.events.none.isVisible()  # said, not yet signed
    asked[0].answered.emit(("inv1", PASSWORD))  # type: ignore[attr-defined]
    assert signing.signers(session.form(subject, F8), "none_occurred_6h") == ("inv1",)
    assert not page.events.none.isVisible()
    asked[0].deleteLater()  # type: ignore[attr-defined]


def test_none_cannot_be_said_before_a_suggestion_is_answered(
    page, desk, sign_in, session, subject, clock, qtbot
):
    with_rash(session, subject, clock)
    session.infusions.end(subject, 1)
    clock.advance(hours=6)
    page.refresh()
    assert not find(page, "none_yes_6h").isEnabled()
    assert "06" in text(page, "none_6h_values")
    press(page, "reject_06", qtbot)
    assert session.form(subject, F8).value("iae06") == "N"
    assert not find(page, "none_yes_6h").isEnabled()  # a nurse's No waits for the investigator
    assert "confirms" in text(page, "none_6h_values")
    session.enter(subject, F8, {Cell("iae06"): None}, reason="pressed by mistake")
    desk.lock()
    doctor = sign_in("inv1")
    values, queries = stand_by("06")
    doctor.enter(subject, F8, values, reason="eczema known for years", confirmed=queries)
    page = shown(desk, qtbot, subject)
    assert find(page, "none_yes_6h").isEnabled()


def test_a_corrected_t0_says_what_became_of_the_suggestions(page, desk, session, subject, clock, qtbot):
    clock.advance(minutes=5)
    row(session, subject, "T5", ivs_rhythm="AF")
    page.refresh()
    assert find(page, "suggestion_03").isVisible()
    said: list[object] = []
    desk.said.connect(said.append)
    asked: list[object] = []
    desk.ask = asked.append  # type: ignore[method-assign]
    page.rows.correct_asked.emit(2)
    field = page.vitals.cells.field("ivs_rhythm")
    field.input.set_text("AF")
    press(page, "vitals_save", qtbot)
    assert session.form(subject, F7).value("ivs_rhythm", 2) == "SR"  # frozen: asked why first
    asked[0].answered.emit("AF was on the strip")  # type: ignore[attr-defined]
    assert session.form(subject, F7).value("ivs_rhythm", 2) == "AF"
    assert "No longer suggested: 03." in said[-1].text  # type: ignore[attr-defined]
    assert not [w for w in page.findChildren(QWidget, "suggestion_03") if w.isVisible()]
    asked[0].deleteLater()  # type: ignore[attr-defined]


# --- several --------------------------------------------------------------------------------------------------


def test_one_key_jumps_to_the_next_participant_on_the_drip(desk, sign_in, session, subject, clock, qtbot):
    session.infusions.start(subject, 1)
    desk.lock()
    second = sign_in("inv1")
    other = bedside.create(second, bed="7")
    bedside.override_blocks(second, other, bedside.prepare(second, other))
    bedside.vitals(second, other, F7, "T0")
    second.infusions.start(other, 1)
    page = shown(desk, qtbot, subject)
    clock.advance(minutes=4)
    page._on_timer_timeout()
    made = find(page, f"running_{other}", QAbstractButton)
    assert isinstance(made, QAbstractButton)
    assert "▲ 5 min due now" in made.text()
    with qtbot.waitSignal(desk.went) as went:
        qtbot.keyClick(page, Qt.Key.Key_F6)
    assert went.args == ["infusion", {"subject": other}]


def test_after_the_end_the_page_holds_the_next_times_and_the_next_dose(page, session, subject, clock, qtbot):
    clock.advance(minutes=50)
    session.infusions.end(subject, 1)
    page.refresh()
    assert text(page, "pocket_1_at") == "10:20"
    assert text(page, "pocket_1_what") == "Vital signs, 30 min after end"
    facts = page.pocket.findChild(QWidget, "next_dose").texts()  # type: ignore[union-attr]
    assert facts[0] == "May begin 05-Mar-2026 05:00 to 05-Mar-2026 13:00"


def test_what_a_symptom_without_an_event_asks_for_is_said_in_sentences():
    check = next(c for c in load_study().forms["F7"].checks if c.id == "F7.symptom_ae")
    assert "?" not in check.message.en
    assert check.message.en.endswith("If the symptom was not there at T0, record an adverse event (F14).")
    assert check.message.zh.endswith("如该症状在 T0 时没有，请填写不良事件（F14）。")

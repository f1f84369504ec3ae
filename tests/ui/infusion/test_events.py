"""Infusion events on the real window: the task that leads there, what is said before none is signed, nothing that jumps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLabel, QWidget

from tests.ui.conftest import find
from tests.ui.infusion import bedside
from tests.ui.infusion.bedside import F7
from ucmsc_desktop.i18n import set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.guides import way_of
from ucmsc_desktop.ui.infusion.rows_card import RowsTable
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.pages.infusion import InfusionPage
from ucmsc_desktop.ui.reminder import Shown

F8 = FormKey("F8", "D0", 1)
LOW = (1093, 574)
SignIn = Callable[..., Session]


@pytest.fixture
def subject(window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock) -> str:
    """On the drip for half an hour: chills, then a rash with wheeze and a falling pressure. The investigator is at work."""
    window.resize(*LOW)
    session = sign_in("inv1")
    made = bedside.create(session)
    bedside.override_blocks(session, made, bedside.prepare(session, made))
    bedside.vitals(session, made, F7, "PRE15", -10)
    bedside.vitals(session, made, F7, "T0")
    session.infusions.start(made, 1)
    clock.advance(minutes=15)
    react(session, made, "T15")
    clock.advance(minutes=15)
    react(session, made, "T30")
    return made


def react(session: Session, subject: str, point: str) -> None:
    row = bedside.vitals(session, subject, F7, point, ivs_sbp="82", ivs_dbp="50")
    checks = {c.id for c in session.study.forms["F7"].checks}
    session.enter(
        subject,
        F7,
        {Cell("ivs_symptoms", row): ("RASH", "WHEEZE", "DYSPNOEA")},
        reason="as seen",
        confirmed=frozenset({"soft", *checks}),
    )


def opened(window: MainWindow, desk: Desk, subject: str, **what: object) -> InfusionPage:
    desk.go("infusion", subject=subject, **what)
    settle()
    assert window.work is not None
    page = window.work.page
    assert isinstance(page, InfusionPage)
    return page


def settle() -> None:
    for _round in range(5):
        QApplication.processEvents()


def press(window: QWidget, name: str) -> None:
    QTest.mouseClick(find(window, name, QAbstractButton), Qt.MouseButton.LeftButton)
    settle()


def agree(window: QWidget) -> None:
    """Confirm what is asked, where something is asked."""
    for dialog in window.findChildren(QDialog):
        if dialog.isVisible():
            press(dialog, "sheet_yes")


def text(page: QWidget, name: str) -> str:
    label = find(page, name, QLabel)
    assert isinstance(label, QLabel)
    return label.text()


def y_of(window: QWidget, widget: QWidget) -> int:
    return widget.mapTo(window, QPoint(0, 0)).y()


def task(session: Session, start: str):  # type: ignore[no-untyped-def]
    return next(t for t in session.worklist() if t.what.startswith(start))


def flag_all(window: MainWindow, desk: Desk) -> None:
    for view in ("06", "09", "12"):
        press(window, f"flag_{view}")
        agree(window)


# --- the way there --------------------------------------------------------------------------------------------


def test_the_task_of_a_suggestion_opens_the_events_of_that_infusion(window, desk, subject):
    page, what = way_of(task(desk.session, "iae|"), desk.session)
    assert (page, what) == ("infusion", {"subject": subject, "n": 1, "record": "events"})
    made = opened(window, desk, subject, n=1, record="events")
    card = made.events.events
    assert abs(y_of(made, card) - y_of(made, made._area)) <= 2


def test_the_task_to_sign_none_opens_the_infusion_at_that_signature(window, desk, subject, clock):
    desk.session.infusions.end(subject, 1)
    clock.advance(hours=6)
    page, what = way_of(task(desk.session, "none|F8/D0/1|6"), desk.session)
    assert (page, what) == ("infusion", {"subject": subject, "n": 1, "record": "none_6h"})
    made = opened(window, desk, subject, n=1, record="none_6h")
    assert abs(y_of(made, made.events.none) - y_of(made, made._area)) <= 2


def test_the_reminder_to_sign_none_leads_to_that_signature(window, desk, subject, clock):
    desk.session.infusions.end(subject, 1)
    clock.advance(hours=6)
    about = next(r for r in desk.session.reminders.open() if r.point == "none6")
    assert window.work is not None
    window.work._on_reminder_answered(
        Shown("", about.kind, about.title, about.begins, about.due, about.ends, about)
    )
    settle()
    page = window.work.page
    assert isinstance(page, InfusionPage)
    assert page.here.n == 1
    assert abs(y_of(page, page.events.none) - y_of(page, page._area)) <= 2


def test_the_page_without_a_number_opens_where_events_wait(window, desk, subject, clock):
    desk.session.infusions.end(subject, 1)
    clock.advance(hours=3)
    assert opened(window, desk, subject).here.n == 1


# --- flagging, denying, confirming ----------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["06", "09", "12"])
def test_the_pane_stays_where_it_is_when_an_event_is_flagged(window, desk, subject, code):
    page = opened(window, desk, subject, n=1, record="events")
    button = find(window, f"flag_{code}")
    page._area.ensureWidgetVisible(button)
    settle()
    place = next(w for w in page.findChildren(QWidget, f"place_{code}"))
    before = place.mapTo(page._area.viewport(), QPoint(0, 0)).y()
    press(window, f"flag_{code}")
    agree(window)
    assert desk.session.form(subject, F8).value(f"iae{code}") == "Y"
    assert find(place, "event_1").isVisible()  # in the place of its suggestion
    assert abs(place.mapTo(page._area.viewport(), QPoint(0, 0)).y() - before) <= 2


def test_an_investigators_no_to_a_suggestion_asks_why_and_closes_it(window, desk, subject):
    opened(window, desk, subject, n=1, record="events")
    press(window, "reject_06")
    assert desk.session.form(subject, F8).value("iae06") is None
    field = find(window, "reason_text")
    field.setPlainText("urticaria known for years") if hasattr(field, "setPlainText") else field.setText(
        "known"
    )
    press(window, "sheet_yes")
    assert desk.session.form(subject, F8).value("iae06") == "N"
    assert not [t for t in desk.session.worklist() if t.what.startswith(("iae.no|", "query|F8"))]


def test_a_nurses_no_stays_in_sight_for_the_investigator_to_confirm(window, desk, subject, sign_in):
    desk.lock()
    sign_in("nurse1")
    page = opened(window, desk, subject, n=1, record="events")
    press(window, "reject_06")
    assert desk.session.form(subject, F8).value("iae06") == "N"
    assert find(page, "denied_06").isVisible()
    assert not page.findChildren(QWidget, "confirm_06")
    assert task(desk.session, "iae.no|").what == "iae.no|F8/D0/1|06"
    desk.lock()
    sign_in("inv1")
    opened(window, desk, subject, n=1, record="events")
    press(window, "confirm_06")
    field = find(window, "reason_text")
    field.setPlainText("urticaria known for years") if hasattr(field, "setPlainText") else field.setText(
        "known"
    )
    press(window, "sheet_yes")
    assert desk.session.form(subject, F8).entry("iae06").user == "inv1"
    assert not [t for t in desk.session.worklist() if t.what.startswith("iae.no|")]


# --- none, or one and none of the others ----------------------------------------------------------------------


def test_none_is_not_the_main_action_while_an_event_is_flagged(window, desk, subject, clock):
    page = opened(window, desk, subject, n=1, record="events")
    flag_all(window, desk)
    desk.session.infusions.end(subject, 1)
    clock.advance(hours=6)
    desk.changed.emit(None)
    settle()
    none, some = find(page, "none_yes_6h"), find(page, "none_no_6h")
    assert (none.property("kind"), none.isEnabled(), some.property("kind")) == ("secondary", False, "primary")
    assert "12 Hypotension" in text(page, "none_6h_values")
    assert "4 h after end" in text(page, "none_6h_caution")
    assert "all the same" not in text(page, "none_6h_caution")


@pytest.mark.parametrize(("lang", "said"), [("en", "4 h after end"), ("zh", "结束后4小时")])
def test_the_missing_checks_are_named_before_none_is_signed_and_refuse_nothing(
    window, desk, sign_in, clock, lang, said
):
    window.resize(*LOW)
    session = sign_in("inv1")
    if lang == "zh":
        desk.choose_language("zh")
        set_language("zh")
    made = bedside.create(session)
    bedside.override_blocks(session, made, bedside.prepare(session, made))
    bedside.vitals(session, made, F7, "T0")
    session.infusions.start(made, 1)
    clock.advance(minutes=60)
    session.infusions.end(made, 1)
    clock.advance(hours=6)
    page = opened(window, desk, made, n=1, record="none_6h")
    assert said in text(page, "none_6h_caution")
    none = find(page, "none_yes_6h")
    assert (none.property("kind"), none.isEnabled()) == ("primary", True)


def test_after_an_event_the_other_lines_are_answered_in_one_step(window, desk, subject, clock):
    page = opened(window, desk, subject, n=1, record="events")
    press(window, "flag_12")
    agree(window)
    desk.session.infusions.end(subject, 1)
    clock.advance(hours=6)
    desk.changed.emit(None)
    settle()
    press(window, "none_no_6h")
    assert window.work is not None
    assert window.work.page is page  # described already: no need to leave
    assert "02 VT, VF or asystole" in text(page, "rest_6h_values")
    press(window, "rest_none_6h")
    view = desk.session.form(subject, F8)
    assert [view.value(f"iae{c}") for c in ("01a", "02", "10", "12")] == ["N", "N", "N", "Y"]
    assert [view.value(f"iae{c}") for c in ("06", "09", "07")] == [
        None,
        None,
        None,
    ]  # suggested; of the 24 hours


def test_an_event_that_nobody_has_described_opens_the_form(window, desk, sign_in, clock):
    session = sign_in("inv1")
    made = bedside.create(session)
    bedside.override_blocks(session, made, bedside.prepare(session, made))
    bedside.vitals(session, made, F7, "T0")
    session.infusions.start(made, 1)
    clock.advance(minutes=60)
    session.infusions.end(made, 1)
    clock.advance(hours=6)
    opened(window, desk, made, n=1, record="none_6h")
    press(window, "none_no_6h")
    assert window.work is not None
    assert window.work.place[0] == "form"


# --- how it looks ---------------------------------------------------------------------------------------------


def test_a_stopped_infusion_does_not_look_completed(window, desk, subject):
    page = opened(window, desk, subject, n=1)
    desk.session.infusions.stop(subject, 1)
    desk.changed.emit(None)
    settle()
    assert page.run_card._pill.words() == "Stopped"
    assert find(page, "infusion_1", QAbstractButton).text() == "1: Stopped"  # type: ignore[attr-defined]
    assert "stopped early" in text(page, "run_line")


@pytest.mark.parametrize(
    ("lang", "said"),
    [("en", "Symptoms: Rash or urticaria, Wheeze or bronchospasm, Dyspnoea▲"), ("zh", "症状：皮疹/荨麻疹")],
)
def test_symptoms_of_a_row_are_read_in_full_in_a_low_narrow_window(window, desk, subject, lang, said):
    if lang == "zh":
        desk.choose_language("zh")
        set_language("zh")
    page = opened(window, desk, subject, n=1)
    table = page.rows.table
    assert isinstance(table, RowsTable)
    last = table.model().rowCount() - 1
    assert table.below(last).startswith(said)
    assert table.rowHeight(last) > table.rowHeight(0) or table.below(0)
    heights = sum(table.rowHeight(r) for r in range(last + 1))
    assert table.viewport().height() >= heights


def test_symptoms_stand_in_their_column_where_there_is_room(window, desk, subject):
    window.resize(1920, 1080)
    page = opened(window, desk, subject, n=1)
    table = page.rows.table
    assert table.below(table.model().rowCount() - 1) == ""

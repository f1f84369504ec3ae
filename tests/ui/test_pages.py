"""Worklist, participant, history and settings, as a person uses them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import NOW, PASSWORD, add_participant, find
from ucmsc_desktop.i18n import Text, set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session, Task
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.guides import page_for
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.pages.review import lines_of
from ucmsc_desktop.ui.pages.worklist import TaskModel, WorklistPage
from ucmsc_desktop.ui.widgets import pill
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.table import Table

SignIn = Callable[..., Session]
BG = FormKey("F9", "SCR")


def table(window: QWidget, name: str) -> Table:
    found = find(window, name, Table)
    assert isinstance(found, Table)
    return found


def rows(shown: Table) -> list[list[str]]:
    model = shown.model()
    return [
        [str(model.index(r, c).data() or "") for c in range(model.columnCount())]
        for r in range(model.rowCount())
    ]


def read(window: QWidget) -> str:
    """Everything a person can read in a window."""
    QApplication.processEvents()
    shown = [w.text() for w in window.findChildren(QLabel) if w.isVisible()]
    return "\n".join(shown + [w.text() for w in window.findChildren(QPushButton) if w.isVisible()])


# --- worklist ------------------------------------------------------------------------------------------------


def test_the_worklist_names_nobody_and_says_bed_number_and_task(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in(), initials="ABCD", bed="12")
    desk.go("worklist")
    shown = rows(table(window, "worklist_table"))
    assert any(row[1:4] == ["12", subject, "Screening"] for row in shown)
    assert "ABCD" not in str(shown)
    assert "1968" not in str(shown)


def test_arrow_and_enter_open_a_task(qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    subject = add_participant(sign_in())
    desk.go("worklist")
    shown = table(window, "worklist_table")
    assert shown.hasFocus()
    gone: list[object] = []
    desk.went.connect(lambda page, what: gone.append((page, what)))
    qtbot.keyClick(shown, Qt.Key.Key_Down)
    qtbot.keyClick(shown, Qt.Key.Key_Return)
    model = shown.model()
    assert isinstance(model, TaskModel)
    task = model.task(1)
    assert task is not None
    assert task.key is not None
    assert gone == [(page_for(task.key), {"subject": subject, "key": task.key})]


def test_adding_a_participant_leads_to_the_new_record(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    qtbot.mouseClick(find(window, "worklist_add"), Qt.MouseButton.LeftButton)
    assert session.subjects() == ()
    qtbot.mouseClick(find(window, "sheet_yes"), Qt.MouseButton.LeftButton)
    assert window.work is not None
    assert window.work.place == ("participant", {"subject": "01-001"})
    assert "Participant 01-001" in read(window)


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_a_stray_key_gives_out_no_number(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, key: Qt.Key
) -> None:
    session = sign_in()
    qtbot.mouseClick(find(window, "worklist_add"), Qt.MouseButton.LeftButton)
    question = find(window, "sheet_yes").window()
    assert "never used again" in read(question)
    qtbot.keyClick(question.focusWidget(), key)
    assert session.subjects() == ()
    assert not question.isVisible()
    assert window.work is not None
    assert window.work.place[0] == "worklist"


def test_who_may_not_add_a_participant_is_not_offered_it(window: MainWindow, sign_in: SignIn) -> None:
    sign_in("admin")
    assert not [w for w in window.findChildren(QWidget, "worklist_add") if w.isVisible()]


def test_typing_in_the_search_narrows_the_list_and_a_number_opens_the_participant(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    first, second = add_participant(session, bed="12"), add_participant(session, bed="07")
    desk.go("worklist")
    box = find(window, "worklist_scan", QLineEdit)
    assert isinstance(box, QLineEdit)
    qtbot.keyClicks(box, second)
    assert {row[2] for row in rows(table(window, "worklist_table"))} == {second}
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert window.work is not None
    assert window.work.place[1] == {"subject": second}
    assert first != second


def test_a_search_without_a_match_says_so(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    add_participant(sign_in())
    desk.go("worklist")
    qtbot.keyClicks(find(window, "worklist_scan"), "99")
    assert "No task matches." in read(window)
    assert not find(window, "worklist_open").isEnabled()


def test_a_scan_anywhere_on_the_worklist_opens_the_participant(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in())
    desk.go("worklist")
    desk.scanned.emit(subject)
    assert window.work is not None
    assert window.work.place == ("participant", {"subject": subject})


def test_a_filter_shows_one_kind_of_task_and_counts_all(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    add_participant(sign_in())
    desk.go("worklist")
    everything = len(rows(table(window, "worklist_table")))
    blocked = find(window, "worklist_filter_blocked", QPushButton)
    qtbot.mouseClick(blocked, Qt.MouseButton.LeftButton)
    statuses = {row[5] for row in rows(table(window, "worklist_table"))}
    assert statuses == {"Blocked"}
    assert f"All  {everything}" in read(window)


def test_a_task_becomes_overdue_while_the_page_is_open(
    window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sign_in()
    at = NOW + timedelta(minutes=10)

    def worklist() -> tuple[Task, ...]:
        status = "overdue" if session.now() > at + timedelta(minutes=3) else "next"
        return (Task("01-001", BG, Text("Vitals", "体征"), Text("V", "访"), "12", at, at, at, status),)  # type: ignore[arg-type]

    monkeypatch.setattr(session, "worklist", worklist)
    desk.go("worklist")
    assert rows(table(window, "worklist_table"))[0][5] == "Next"
    clock.advance(minutes=20)
    page = find(window, "worklist_page", WorklistPage)
    assert isinstance(page, WorklistPage)
    page._timer.timeout.emit()
    assert rows(table(window, "worklist_table"))[0][5] == "Overdue"
    assert "1 overdue" in read(window)


def test_ten_thousand_tasks_ask_only_for_what_is_on_the_screen(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sign_in()
    tasks = tuple(
        Task(
            f"01-{n:05d}",
            BG,
            Text("Blood gas", "血气"),
            Text("Day 2", "第2天"),
            "1",
            None,
            None,
            None,
            "planned",
        )
        for n in range(10_000)
    )
    monkeypatch.setattr(session, "worklist", lambda: tasks)
    asked: set[int] = set()
    plain = TaskModel.data

    def data(model: TaskModel, index: QModelIndex, role: int = 0) -> object:
        asked.add(index.row())
        return plain(model, index, role)

    monkeypatch.setattr(TaskModel, "data", data)
    desk.go("worklist")
    window.grab()
    assert table(window, "worklist_table").model().rowCount() == 10_000
    assert 5 <= len(asked) <= 60


def test_a_window_of_whole_days_shows_no_hour(
    window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sign_in()
    midnight = NOW.replace(hour=0)
    whole = (midnight, midnight, midnight + timedelta(days=1, seconds=-1))
    hours = (NOW, NOW, NOW + timedelta(hours=1))
    later = tuple(m + timedelta(days=3) for m in whole)
    monkeypatch.setattr(
        session,
        "worklist",
        lambda: tuple(
            Task("01-001", BG, Text("Blood gas", "血气"), Text("Day 2", "第2天"), "1", *times, "due")
            for times in (whole, hours, later)
        ),
    )
    desk.go("worklist")
    assert [row[0] for row in rows(table(window, "worklist_table"))] == ["Today", "09:00", "07-Mar"]


# --- participant ---------------------------------------------------------------------------------------------


def test_the_participant_page_shows_the_status_of_every_record(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in())
    desk.go("participant", subject=subject)
    assert "In progress" in find(window, "form_F1/SCR/1").accessibleName()
    assert "Not started" in find(window, "form_F9/D7/1").accessibleName()
    desk.do(lambda s, a: s.not_done(subject, BG, "ND", "test"))
    assert "In progress" in find(window, "form_F9/SCR/1").accessibleName()


def test_a_tile_opens_its_record(qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    subject = add_participant(sign_in())
    desk.go("participant", subject=subject)
    gone: list[object] = []
    desk.went.connect(lambda page, what: gone.append((page, what)))
    qtbot.keyClick(find(window, "form_F9/SCR/1"), Qt.Key.Key_Return)
    assert gone == [("form", {"subject": subject, "key": BG})]


def test_visits_show_their_windows_once_the_first_infusion_has_started(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    from tests.ui.test_window import start_by_hand

    session = sign_in()
    subject = add_participant(session)
    desk.go("participant", subject=subject)
    assert "not dated yet" in find(window, "strip_D7").accessibleName()
    start_by_hand(session, subject)
    desk.changed.emit(None)
    assert "10-Mar – 12-Mar" in find(window, "strip_D7").accessibleName()
    set_language("zh")
    desk.changed.emit(None)
    assert "03-10 – 03-12" in find(window, "strip_D7").accessibleName()


def test_a_new_log_entry_gets_the_next_number(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in())
    desk.go("participant", subject=subject)
    gone: list[dict[str, object]] = []
    desk.went.connect(lambda _page, what: gone.append(what))
    qtbot.mouseClick(find(window, "new_F9"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(find(window, "nav_participant"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(find(window, "new_F14"), Qt.MouseButton.LeftButton)
    keys = [what.get("key") for what in gone]
    assert keys[0] == FormKey("F9", "UNS", 1)
    assert keys[-1] == FormKey("F14", "LOG", 1)


def test_findings_of_records_nobody_has_begun_are_not_shown(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in())
    desk.go("participant", subject=subject)
    assert "Open findings" not in read(window)


# --- history -------------------------------------------------------------------------------------------------


def test_the_history_tells_old_new_who_when_and_why(
    window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    session = sign_in()
    subject = add_participant(session, bed="12")
    clock.advance(minutes=5)
    session.enter(subject, FormKey("F1", "SCR"), {Cell("bed"): "14"}, reason="moved")
    desk.go("review", subject=subject)
    newest = rows(table(window, "review_table"))[0]
    assert newest == ["04-Mar-2026 09:05", "F1 · Screening", "Bed", "12", "14", "Nora Test", "moved"]
    assert "12 → 14" in read(window)
    assert "09:05:00" in read(window)


def test_the_history_tells_of_locks_and_why(window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    session = sign_in("inv1")
    subject = add_participant(session)
    session.lock_form(subject, FormKey("F1", "SCR"), "monitoring visit")
    session.unlock_form(subject, FormKey("F1", "SCR"), "bed was wrong")
    desk.go("review", subject=subject)
    told = [row[1:] for row in rows(table(window, "review_table"))]
    assert told[0] == ["F1 · Screening", "Form", "", "unlocked", "Ivo Test", "bed was wrong"]
    assert told[1] == ["F1 · Screening", "Form", "", "locked", "Ivo Test", "monitoring visit"]


def test_the_history_can_be_searched_and_limited_to_changes(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    subject = add_participant(session)
    session.enter(subject, FormKey("F1", "SCR"), {Cell("bed"): "14"}, reason="moved")
    desk.go("review", subject=subject)
    all_rows = rows(table(window, "review_table"))
    qtbot.keyClick(find(window, "review_changes"), Qt.Key.Key_Space)
    assert [row[2] for row in rows(table(window, "review_table"))] == ["Bed"]
    qtbot.keyClick(find(window, "review_changes"), Qt.Key.Key_Space)
    qtbot.keyClicks(find(window, "review_search"), "initials")
    assert [row[4] for row in rows(table(window, "review_table"))] == ["ABCD"]
    assert len(all_rows) > 2


def test_the_history_counts_every_entry_of_every_cell(sign_in: SignIn) -> None:
    session = sign_in()
    subject = add_participant(session)
    session.enter(subject, FormKey("F1", "SCR"), {Cell("bed"): None}, reason="left")
    record = session.state(subject).record
    entries = sum(len(e) for form in record.forms.values() for e in form.cells.values())
    lines = lines_of(session, subject)
    assert len(lines) == entries
    assert lines[0].new == "(empty)" or any(line.new == "(empty)" for line in lines)


# --- settings ------------------------------------------------------------------------------------------------


def test_an_administrator_adds_a_person_who_can_then_sign_in(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    sign_in("admin")
    desk.go("settings")
    qtbot.keyClicks(find(window, "account_user"), "nurse2")
    qtbot.keyClicks(find(window, "account_name"), "Nina Test")
    role = find(window, "account_role", ChoiceBox)
    assert isinstance(role, ChoiceBox)
    role.set_code("nurse")
    qtbot.keyClicks(find(window, "account_password"), "short")
    qtbot.mouseClick(find(window, "account_add"), Qt.MouseButton.LeftButton)
    assert "UC-204" in read(window)
    find(window, "account_password", QLineEdit).clear()  # type: ignore[attr-defined]
    qtbot.keyClicks(find(window, "account_password"), PASSWORD)
    qtbot.mouseClick(find(window, "account_add"), Qt.MouseButton.LeftButton)
    assert "Nina Test, nurse" in read(window)
    desk.lock()
    assert "nurse2" in desk.ward.users()


def test_removing_a_person_needs_a_reason_and_keeps_the_line(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    sign_in("admin")
    desk.go("settings")
    qtbot.mouseClick(find(window, "account_remove_nurse1"), Qt.MouseButton.LeftButton)
    qtbot.keyClicks(find(window, "reason_text"), "left the ward")
    qtbot.mouseClick(find(window, "sheet_yes"), Qt.MouseButton.LeftButton)
    assert "nurse1" not in desk.ward.users()
    assert find(window, "account_nurse1").isVisible()
    assert not [w for w in window.findChildren(QWidget, "account_remove_nurse1") if w.isVisible()]


def test_a_nurse_sees_no_accounts(window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    sign_in("nurse1")
    desk.go("settings")
    assert "People" not in read(window)
    assert "My password" in read(window)


def test_a_password_is_changed_only_with_the_present_one(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    sign_in("nurse1")
    desk.go("settings")
    fresh = "silver-otter-market-3"
    for name, text in (("old", "not this one 11"), ("new", fresh), ("again", fresh)):
        qtbot.keyClicks(find(window, f"password_{name}"), text)
    qtbot.mouseClick(find(window, "password_change"), Qt.MouseButton.LeftButton)
    assert "UC-201" in read(window)
    find(window, "password_old", QLineEdit).clear()  # type: ignore[attr-defined]
    qtbot.keyClicks(find(window, "password_old"), PASSWORD)
    qtbot.mouseClick(find(window, "password_change"), Qt.MouseButton.LeftButton)
    assert "Your password was changed." in read(window)
    desk.lock()
    desk.ward.sign_in("nurse1", fresh).lock()


def test_verifying_tells_how_many_entries_hold(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    sign_in("nurse1")
    desk.go("settings")
    qtbot.mouseClick(find(window, "settings_verify"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "entries verify" in read(window))


def test_the_idle_time_chosen_is_kept_and_used_at_once(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    sign_in("nurse1")
    desk.go("settings")
    box = find(window, "settings_idle", ChoiceBox)
    assert isinstance(box, ChoiceBox)
    box.set_code("2")
    box.activated.emit(box.currentIndex())
    assert window.idle.interval_min == 2
    assert Desk(desk.ward).preferences.idle_min == 2


def test_every_status_of_a_task_and_a_form_has_a_pill() -> None:
    from typing import get_args

    from ucmsc_desktop.record.form_state import FindingKind, Status
    from ucmsc_desktop.record.worklist import TaskStatus

    for kind in (Status, TaskStatus, FindingKind):
        assert set(get_args(kind)) <= set(pill.LOOKS)


def test_the_columns_of_the_history_are_as_wide_as_what_they_hold(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in())
    desk.go("review", subject=subject)
    shown = table(window, "review_table")
    old, who = shown.columnWidth(3), shown.columnWidth(5)
    assert old < who  # nothing was changed yet: the column of old values stands empty
    assert who >= shown.fontMetrics().horizontalAdvance("Nora Test")

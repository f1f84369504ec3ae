"""The work list as a person uses it: the time left, filters, what was done, the hand-over."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import NOW, PASSWORD, add_participant, find
from ucmsc_desktop.i18n import Lang, Text, set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.tasks import KINDS, Task, TaskKind, TaskStatus, sort_key
from ucmsc_desktop.session import Session
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.pages.worklist import WorklistPage
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.table import Table
from ucmsc_desktop.ui.worklist.hand_over import HandOverDialog
from ucmsc_desktop.ui.worklist.table_model import SECOND, TONE

SignIn = Callable[..., Session]
GAS = FormKey("F9", "D7")
RICU, ICU = Text("RICU", "RICU"), Text("ICU", "ICU")


def task(
    subject: str, status: TaskStatus, kind: TaskKind = "gas", *,
    at: datetime = NOW, ward: Text = RICU, why: Text | None = None, what: str = "form|F9/D7/1", minutes: int = 10,
) -> Task:  # fmt: skip
    span = timedelta(minutes=minutes)
    title, visit = Text("Blood gas", "血气"), Text("Day 7", "第7天")
    return Task(subject, GAS, title, visit, "07", at, at - span, at + span, status, why, kind, ward, what)


def page_of(window: MainWindow) -> WorklistPage:
    page = find(window, "worklist_page", WorklistPage)
    assert isinstance(page, WorklistPage)
    return page


def column(window: QWidget, number: int, role: int = Qt.ItemDataRole.DisplayRole) -> list[str]:
    shown = find(window, "worklist_table", Table)
    assert isinstance(shown, Table)
    model = shown.model()
    return [str(model.index(r, number).data(role) or "") for r in range(model.rowCount())]


def show(
    desk: Desk, session: Session, monkeypatch: pytest.MonkeyPatch, *tasks: Task, done: tuple[Task, ...] = ()
) -> None:
    monkeypatch.setattr(session, "worklist", lambda: tasks)
    monkeypatch.setattr(session, "done_today", lambda: done)
    desk.go("worklist")


def test_the_time_left_moves_while_nobody_touches_anything_and_nothing_is_read_anew(
    window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sign_in()
    show(desk, session, monkeypatch, task("01-001", "due", at=NOW + timedelta(minutes=5)))
    asked: list[int] = []

    def done_today() -> tuple[Task, ...]:
        asked.append(1)
        return ()

    monkeypatch.setattr(session, "done_today", done_today)
    page = page_of(window)
    said = []
    for minutes in (0, 3, 7):
        clock.set(NOW + timedelta(minutes=minutes))
        page._timer.timeout.emit()
        said += column(window, 0, SECOND)
    assert said == ["in 5 min", "in 2 min", "8 min left"]
    assert asked == []


def test_only_the_words_that_changed_are_painted_again(
    window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sign_in()
    show(desk, session, monkeypatch, task("01-001", "due", at=NOW + timedelta(minutes=5)))
    page = page_of(window)
    painted: list[int] = []
    page._model.dataChanged.connect(lambda top, _bottom: painted.append(top.row()))
    clock.set(NOW + timedelta(seconds=1))
    page._timer.timeout.emit()
    clock.set(NOW + timedelta(seconds=2))
    page._timer.timeout.emit()
    assert painted == [0]  # from 5 to 4 whole minutes, once


def test_the_reason_stands_below_a_blocked_task_and_is_read_aloud(
    window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    why = Text("waits for a new consent", "等待再次知情同意")
    show(desk, sign_in(), monkeypatch, task("01-001", "blocked", why=why))
    assert column(window, 3) == ["Blood gas"]
    assert column(window, 3, SECOND)[0].endswith("waits for a new consent")
    assert "waits for a new consent" in column(window, 3, Qt.ItemDataRole.AccessibleTextRole)[0]


def test_the_report_clock_is_green_then_amber_then_red(
    window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = NOW + timedelta(hours=20)
    serious = task("01-001", "due", "safety", at=due, what="sae|F14/LOG/1", minutes=0)
    show(desk, sign_in(), monkeypatch, serious._replace(opens=NOW))
    tones = []
    for hours in (0, 15, 21):
        clock.set(NOW + timedelta(hours=hours))
        page_of(window).refresh()
        tones += column(window, 0, TONE)
    assert tones == ["OK", "WARNING", "ERROR"]


def test_filters_by_kind_ward_and_participant_narrow_together(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sign_in()
    show(
        desk, session, monkeypatch,
        task("01-001", "due", "gas"), task("01-002", "due", "sample"), task("01-003", "overdue", "sample", ward=ICU),
    )  # fmt: skip
    kind, place = find(window, "worklist_kind", ChoiceBox), find(window, "worklist_place", ChoiceBox)
    assert isinstance(kind, ChoiceBox)
    assert isinstance(place, ChoiceBox)
    assert [kind.itemText(i) for i in range(kind.count())] == [
        "All kinds",
        "Blood samples  2",
        "Blood gas  1",
    ]
    kind.setFocus()
    qtbot.keyClick(kind, Qt.Key.Key_Down)
    assert column(window, 2) == ["01-002", "01-003"]
    place.set_code("ward:ICU")
    place.activated.emit(place.currentIndex())
    assert column(window, 2) == ["01-003"]
    place.set_code("subject:01-001")
    place.activated.emit(place.currentIndex())
    assert "No task matches." in [w.text() for w in window.findChildren(QLabel) if w.isVisible()]


def test_what_was_done_today_is_a_view_of_its_own(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sign_in()
    show(desk, session, monkeypatch, task("01-001", "due"), done=(task("01-002", "done"),))
    chip = find(window, "worklist_filter_done", QPushButton)
    assert isinstance(chip, QPushButton)
    assert chip.text() == "Done  1"
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert column(window, 2) == ["01-002"]
    assert column(window, 5) == ["Complete"]


def test_a_narrow_window_puts_the_visit_below_the_task(
    window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(desk, sign_in(), monkeypatch, task("01-001", "due"))
    window.resize(1024, 600)
    QApplication.processEvents()
    shown = find(window, "worklist_table", Table)
    assert isinstance(shown, Table)
    assert shown.isColumnHidden(4)
    assert column(window, 3, SECOND) == ["Day 7"]
    assert not shown.horizontalScrollBar().isVisible()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(("width", "number"), [(1024, 40), (1093, 120)])
def test_the_filters_fit_beside_each_other_in_a_small_window(
    window: MainWindow,
    desk: Desk,
    sign_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
    lang: Lang,
    width: int,
    number: int,
) -> None:
    session = sign_in()
    tasks = tuple(task(f"01-{n:03d}", "due") for n in range(number))
    desk.choose_language(lang)
    window.resize(width, 560)
    show(desk, session, monkeypatch, *tasks, done=tasks)
    QApplication.processEvents()
    filters = page_of(window).filters
    shown = [w for w in filters.findChildren(QWidget) if w.parent() is filters and w.isVisible()]
    assert len(shown) == (8 if width > 1024 else 7)
    for left, right in pairwise(sorted(shown, key=lambda w: w.x())):
        assert left.geometry().right() < right.x()
    assert max(w.geometry().right() for w in shown) < filters.width()
    for chip in (w for w in shown if isinstance(w, QPushButton)):
        assert chip.width() >= chip.sizeHint().width(), chip.text()


def test_every_kind_is_named_in_both_languages() -> None:
    assert all(text.en and text.zh for text in KINDS.values())


# --- hand-over -----------------------------------------------------------------------------------------------


def begin(qtbot: QtBot, window: MainWindow) -> HandOverDialog:
    qtbot.mouseClick(find(window, "worklist_hand_over"), Qt.MouseButton.LeftButton)
    page = page_of(window)
    qtbot.waitUntil(lambda: page.hand_over._dialog is not None, timeout=15_000)
    dialog = page.hand_over._dialog
    assert dialog is not None
    return dialog


def test_two_people_hand_over_with_their_own_passwords(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    add_participant(session)
    desk.go("worklist")
    dialog = begin(qtbot, window)
    made = page_of(window).hand_over._made
    assert made is not None
    assert made.path.exists()
    assert dialog.outgoing.code() == "nurse1"
    dialog.give()
    assert "own password" in dialog._error.text()
    dialog.incoming.set_code("inv1")
    qtbot.keyClicks(dialog.outgoing_password.edit, PASSWORD)
    qtbot.keyClicks(dialog.incoming_password.edit, "not the right one")
    dialog.give()
    qtbot.waitUntil(lambda: "Ivo Test" in dialog._error.text(), timeout=15_000)
    assert dialog.incoming_password.text() == ""
    assert session.audit(lambda e: e.kind == "HandedOver") == ()
    qtbot.keyClicks(dialog.incoming_password.edit, PASSWORD)
    qtbot.keyClick(dialog.incoming_password.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(session.audit(lambda e: e.kind == "HandedOver")) == 1, timeout=15_000)
    qtbot.waitUntil(lambda: page_of(window).hand_over._dialog is None)
    assert not made.path.exists()


def test_the_sheet_goes_when_the_question_is_cancelled(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    add_participant(sign_in())
    desk.go("worklist")
    dialog = begin(qtbot, window)
    made = page_of(window).hand_over._made
    assert made is not None
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not made.path.exists())


def test_who_may_not_hand_over_is_not_offered_it(window: MainWindow, sign_in: SignIn) -> None:
    sign_in("admin")
    assert not [w for w in window.findChildren(QWidget, "worklist_hand_over") if w.isVisible()]


def test_the_page_speaks_chinese(
    window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_language("zh")
    session = sign_in()
    show(desk, session, monkeypatch, task("01-001", "overdue", at=NOW - timedelta(minutes=22)))
    assert column(window, 0, SECOND) == ["已超 12 分钟"]


@pytest.mark.parametrize(("form", "name"), [("F2", "consent"), ("F3", "eligibility"), ("F1", "form")])
def test_a_task_opens_where_its_record_is_worked_on(
    window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, form: str, name: str
) -> None:
    session = sign_in()
    subject = add_participant(session)
    about = task(subject, "due", "form")._replace(key=FormKey(form, "SCR"), what=f"form|{form}/SCR/1")
    show(desk, session, monkeypatch, about)
    find(window, "worklist_open", QPushButton).click()  # type: ignore[attr-defined]  # asked for as a button
    assert window.work is not None
    assert window.work.place[0] == name


# --- whose task it is ----------------------------------------------------------------------------------------


def of(subject: str, status: TaskStatus, code: str, minutes: int = 10) -> Task:
    key = FormKey.parse(code.split("|")[1])
    return task(subject, status, what=code, minutes=minutes)._replace(key=key, title=Text(code, code))


SIGNATURE, VITALS = "none|F8/D0/1|6", "flow|F7/D0/1|T15"


def test_own_tasks_stand_first_among_the_equally_urgent_and_the_others_say_for_whom_they_are(
    window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sign_in()
    tasks = (of("01-001", "due", SIGNATURE), of("01-002", "due", VITALS), of("01-003", "planned", VITALS))
    show(desk, session, monkeypatch, *tasks)
    assert column(window, 2) == ["01-002", "01-001", "01-003"]
    assert column(window, 3, SECOND)[1].startswith("for the investigator")
    assert "for the" not in column(window, 3, SECOND)[0]
    set_language("zh")
    assert column(window, 3, SECOND)[1].startswith("由研究者完成")


def test_an_investigator_is_told_nothing_of_the_kind(
    window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(desk, sign_in("inv1"), monkeypatch, of("01-001", "due", SIGNATURE), of("01-002", "due", VITALS))
    assert column(window, 2) == ["01-001", "01-002"]
    assert "for the" not in " ".join(column(window, 3, SECOND))


def test_the_first_enter_of_a_nurse_lands_on_a_task_of_her_own(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sign_in()
    subject = add_participant(session)
    tasks = (of(subject, "overdue", SIGNATURE), of(subject, "due", "form|F1/SCR/1"))
    show(desk, session, monkeypatch, *tasks)
    assert column(window, 2) == [subject, subject]  # what is overdue still stands above
    shown = find(window, "worklist_table", Table)
    qtbot.keyClick(shown, Qt.Key.Key_Return)
    assert window.work is not None
    assert window.work.place[1]["key"] == FormKey("F1", "SCR")


def test_the_report_clock_stands_on_top_whoever_looks(
    window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sign_in()
    clock = of("01-009", "due", "sae|F14/LOG/1", minutes=600)
    tasks = sorted((of("01-001", "overdue", VITALS), of("01-002", "due", VITALS), clock), key=sort_key)
    show(desk, session, monkeypatch, *tasks)
    assert column(window, 2) == ["01-009", "01-001", "01-002"]


def test_the_filter_for_me_counts_what_it_shows_and_hides_nothing_until_it_is_chosen(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sign_in()
    tasks = (
        of("01-001", "due", "sae|F14/LOG/1"), of("01-002", "overdue", SIGNATURE), of("01-003", "due", VITALS),
        of("01-004", "planned", VITALS),
    )  # fmt: skip
    show(desk, session, monkeypatch, *tasks)
    assert column(window, 2) == ["01-001", "01-002", "01-003", "01-004"]
    chip = find(window, "worklist_filter_me", QPushButton)
    assert isinstance(chip, QPushButton)
    assert chip.text() == "For me  3"
    qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert column(window, 2) == ["01-001", "01-003", "01-004"]


def test_who_only_reads_is_offered_no_filter_for_tasks_of_their_own(
    window: MainWindow, sign_in: SignIn
) -> None:
    sign_in("admin")
    assert not [w for w in window.findChildren(QWidget, "worklist_filter_me") if w.isVisible()]

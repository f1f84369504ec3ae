"""The participant's page: where consent and eligibility stand, the strip of visits, the course over the trial."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import NOW, add_participant, find
from tests.ui.test_eligibility_page import participant
from tests.ui.test_window import start_by_hand
from ucmsc_desktop.i18n import Lang, set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.tasks import ORDER, Task
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.guides import page_for, way_of
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.pages.participant import ParticipantPage
from ucmsc_desktop.ui.widgets.pill import LOOKS

SignIn = Callable[..., Session]


def page(window: MainWindow) -> ParticipantPage:
    found = find(window, "participant_page")
    assert isinstance(found, ParticipantPage)
    return found


def strip(window: MainWindow, visit: str) -> str:
    return find(window, f"strip_{visit}").accessibleName()


def agrees(window: MainWindow, session: Session, subject: str) -> set[str]:
    """Compare the strip with the work list, visit by visit; give the statuses seen."""
    seen = set()
    by_visit: dict[str, list[str]] = {}
    for task in session.worklist():
        if task.subject == subject and task.key is not None:
            by_visit.setdefault(task.key.visit, []).append(task.status)
    for visit in ("SCR", "BL", "D0", "6H", "D1", "D2", "D3", "D7", "D14", "END"):
        statuses = by_visit.get(visit)
        if statuses:
            first = min(statuses, key=lambda s: ORDER[s])  # type: ignore[index]  # statuses of tasks
            assert strip(window, visit).endswith(LOOKS[first].text.get()), visit
            seen.add(first)
    return seen


def test_the_strip_says_what_the_work_list_says(
    window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    session = sign_in()
    subject = add_participant(session)
    desk.go("participant", subject=subject)
    assert "blocked" in agrees(window, session, subject)
    start_by_hand(session, subject)
    seen: set[str] = set()
    window.idle.stop()  # nobody has gone away: only the clock is moved
    for hours in (0, 7, 30, 60):
        clock.set(NOW + timedelta(hours=hours))
        desk.changed.emit(None)
        seen |= agrees(window, session, subject)
    assert "overdue" in seen


def test_a_record_begun_is_in_progress_in_the_strip_and_on_the_work_list(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    subject = add_participant(session)
    desk.go("participant", subject=subject)
    desk.do(lambda s, _a: s.enter(subject, FormKey("F1", "SCR"), {Cell("scr_dtm"): NOW}))
    assert agrees(window, session, subject) >= {"progress"}
    assert strip(window, "SCR").endswith("In progress")


def test_consent_and_eligibility_say_where_they_stand_and_lead_to_their_pages(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = participant(session, gas={"abg_pao2": "114", "abg_fio2": "0.57"})
    desk.go("participant", subject=subject)
    assert "Consent is valid" in find(window, "entry_consent").accessibleName()
    assert "200 exactly: not above 200" in find(window, "entry_eligibility").accessibleName()
    for name in ("consent", "eligibility"):
        desk.go("participant", subject=subject)
        qtbot.keyClick(find(window, f"entry_{name}"), Qt.Key.Key_Return)
        assert window.work is not None
        assert window.work.place == (name, {"subject": subject})


def test_the_tiles_of_consent_and_eligibility_lead_to_their_guides(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in())
    desk.go("participant", subject=subject)
    qtbot.keyClick(find(window, "guide_F2/SCR/1"), Qt.Key.Key_Return)
    assert window.work is not None
    assert window.work.place[0] == "consent"


@pytest.mark.parametrize(("form", "name"), [("F2", "consent"), ("F3", "eligibility"), ("F9", "form")])
def test_a_link_to_a_record_leads_to_its_guide_where_it_has_one(form: str, name: str) -> None:
    assert page_for(FormKey(form, "SCR")) == name


def test_the_course_over_the_trial_is_shown_once_there_is_a_value(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    subject = add_participant(session)
    desk.go("participant", subject=subject)
    assert page(window).findChild(QWidget, "course_card") is None
    gas = {
        "abg_done": "Y", "abg_collect_dtm": "2026-03-04T08:30:00+08:00", "abg_vessel": "ART", "abg_fio2": "0.40",
        "abg_pao2": "100", "abg_paco2": "40",
    }  # fmt: skip
    form = session.study.forms["F9"]
    values = {Cell(name): typed_value(form.by_id[name], text) for name, text in gas.items()}
    session.enter(subject, FormKey("F9", "SCR"), values, ask=False)
    desk.changed.emit(None)
    card = find(window, "course_card")
    assert "250.0 mmHg" in find(card, "trend").accessibleDescription()


def test_a_finding_leads_to_its_very_field(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    subject = add_participant(session)
    key = FormKey("F1", "SCR")
    session.enter(subject, key, {Cell("scr_outcome"): "ENR"})
    desk.go("participant", subject=subject)
    gone: list[dict[str, object]] = []
    desk.went.connect(lambda _page, what: gone.append(what))
    qtbot.keyClick(find(window, "finding_open_0"), Qt.Key.Key_Return)
    assert gone[0]["item"] == "scr_outcome"


def test_the_page_says_what_comes_next_and_enter_begins_it(
    window: MainWindow, desk: Desk, sign_in: SignIn, qtbot: QtBot
) -> None:
    session = sign_in()
    subject = session.create_subject()
    desk.go("participant", subject=subject)
    first = find(window, "participant_next")
    task = next(t for t in session.worklist() if t.subject == subject and t.key is not None)
    assert task.title.get() in first.text()  # type: ignore[attr-defined]  # a button
    assert first.hasFocus()
    qtbot.keyClick(first, Qt.Key.Key_Return)
    assert window.work is not None
    name, what = window.work.place
    assert (name, what["subject"], what["key"]) == (page_for(task.key), subject, task.key)  # type: ignore[arg-type]


def test_a_task_of_the_consent_opens_its_guide_from_the_worklist_as_from_anywhere(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    subject = session.create_subject()
    task = next(t for t in session.worklist() if t.key == FormKey("F2", "SCR"))
    assert way_of(task, session) == ("consent", {"subject": subject, "key": task.key})


def test_a_page_opened_again_shows_its_head(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in())
    desk.go("participant", subject=subject)
    shown = page(window)
    area = shown.findChild(QScrollArea)
    assert area is not None
    bar = area.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 300)
    bar.setValue(300)
    desk.changed.emit(None)
    qtbot.waitUntil(lambda: bar.value() == 300)  # what is read anew stays where it was
    desk.go("worklist")
    desk.go("participant", subject=subject)
    QApplication.processEvents()
    assert bar.value() == 0


def next_of(window: MainWindow) -> tuple[str, str]:
    """Give what the button offers and what is said beside it; "" for what is not there."""
    shown = page(window)
    button = shown.findChild(QPushButton, "participant_next")
    words = shown.findChild(QLabel, "participant_next_others")
    assert button is not None
    assert words is not None
    return button.text() if button.isVisible() else "", words.text() if words.isVisible() else ""


@pytest.mark.parametrize(
    ("lang", "alone", "before"),
    [
        ("en", "Next, for the investigator: Eligibility (Screening)", "Open, for the investigator: Eligibility (Screening)"),
        ("zh", "下一步，由研究者完成：入排标准（筛选）", "待办，由研究者完成：入排标准（筛选）"),
    ],
)  # fmt: skip
def test_what_somebody_else_must_do_next_is_said_in_words_and_is_no_button(
    window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch,
    lang: Lang, alone: str, before: str,
) -> None:  # fmt: skip
    set_language(lang)
    session = sign_in()
    subject = session.create_subject()
    key, study = FormKey("F3", "SCR"), session.study
    visit = study.visit_by_id["SCR"].title
    theirs = Task(subject, key, study.forms["F3"].short, visit, "", None, None, None, "progress",
                  what="sign|F3/SCR/1|eligibility")  # fmt: skip
    mine = theirs._replace(
        status="planned", what="form|F1/SCR/1", key=FormKey("F1", "SCR"), title=study.forms["F1"].short
    )
    monkeypatch.setattr(session, "worklist", lambda: (theirs,))
    desk.go("participant", subject=subject)
    QApplication.processEvents()
    assert next_of(window) == ("", alone)
    monkeypatch.setattr(session, "worklist", lambda: (theirs, mine))
    page(window).refresh()
    QApplication.processEvents()
    offered, said = next_of(window)
    assert study.forms["F1"].short.get() in offered
    assert said == before
    monkeypatch.setattr(session, "worklist", lambda: (mine, theirs))
    page(window).refresh()
    QApplication.processEvents()
    assert next_of(window)[1] == ""

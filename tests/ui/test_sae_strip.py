"""The strip of a serious event: what it says, when it changes colour, when it goes, and that printing is not reporting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import NOW, add_participant, find
from ucmsc_desktop.i18n import LANGS, Lang, set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.values import Missing, PartialDate
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.form.page import FormPage
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.safety.sae_strip import SaeStrip
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox

EVENT = FormKey("F14", "LOG", 1)


@pytest.fixture
def session(sign_in: Callable[..., Session]) -> Session:
    return sign_in("nurse1")


@pytest.fixture
def subject(session: Session) -> str:
    return add_participant(session)


def serious(session: Session, subject: str, n: int = 1, **more: object) -> None:
    values = {
        "ae_term": "Anaphylactic shock 过敏性休克", "ae_onset_dtm": PartialDate(2026, 3, 4, 8, 10),
        "ae_first_serious": "Y", "sae_aware_dtm": NOW - timedelta(minutes=30), **more,
    }  # fmt: skip
    cells = {Cell(i): v for i, v in values.items() if v is not None}
    session.enter(subject, FormKey("F14", "LOG", n), cells, confirmed=frozenset({"F14.twice"}))  # type: ignore[arg-type]


@pytest.fixture
def strip(desk: Desk, session: Session, subject: str, qtbot: QtBot) -> Iterator[SaeStrip]:
    host = QWidget()
    host.resize(953, 220)
    column = QVBoxLayout(host)
    made = SaeStrip(desk)
    column.addWidget(made)
    column.addStretch(1)
    qtbot.addWidget(host)
    with qtbot.waitExposed(host):
        host.show()
    made.show_subject(subject)
    yield made
    host.hide()


def test_nothing_is_shown_while_no_clock_runs(strip: SaeStrip) -> None:
    assert strip.isHidden()
    assert strip.clocks() == ()


def test_it_appears_with_the_first_notice_and_names_whom_to_call(
    strip: SaeStrip, session: Session, desk: Desk, subject: str
) -> None:
    desk.do(lambda s, _a: serious(s, subject))
    strip.refresh()
    assert strip.isVisible()
    (row,) = strip.clocks()
    assert row == "23 h 30 min left · SAE 1 · Anaphylactic shock 过敏性休克 · due 05-Mar-2026 08:30"
    said = find(strip, "sae_call").text()  # type: ignore[attr-defined]
    assert said == "Not transmitted by this program: phone or fax now. To: Sponsor, Ethics committee."


def test_it_says_the_same_in_chinese(desk: Desk, session: Session, subject: str, strip: SaeStrip) -> None:
    serious(session, subject)
    set_language("zh")
    strip.refresh()
    assert strip.clocks() == (
        "剩余 23 小时 30 分 · SAE 1 · Anaphylactic shock 过敏性休克 · 截止 2026-03-05 08:30",
    )
    said = find(strip, "sae_call").text()  # type: ignore[attr-defined]
    assert said == "本程序不会自动上报：请立即电话或传真上报。上报对象：申办者、伦理委员会。"


@pytest.mark.parametrize(
    ("hours", "kind", "words"),
    [(17, "notice-ok", "6 h 30 min left"), (18, "notice-warning", "5 h 30 min left"), (26, "notice-error", "Overdue by 2 h 30 min")],
)  # fmt: skip
def test_it_turns_amber_and_red(
    strip: SaeStrip, session: Session, subject: str, clock: FrozenClock, hours: int, kind: str, words: str
) -> None:
    serious(session, subject)
    clock.advance(hours=hours)
    strip.refresh()
    assert (strip.property("kind"), strip.clocks()[0].split(" · ")[0]) == (kind, words)


@pytest.mark.parametrize("answer", ["reported", "reason"])
def test_it_stays_red_until_a_person_says_when_or_why_not(
    strip: SaeStrip, session: Session, desk: Desk, subject: str, clock: FrozenClock, answer: str
) -> None:
    serious(session, subject)
    clock.advance(hours=30)
    strip.refresh()
    assert strip.isVisible()
    value = session.now() if answer == "reported" else Missing("NA", "exempt by the protocol")
    desk.do(lambda s, _a: s.enter(subject, EVENT, {Cell("sae_reported_dtm"): value}))
    assert strip.isHidden()


def test_the_most_urgent_event_stands_first_and_one_form_shows_only_its_own(
    strip: SaeStrip, session: Session, subject: str
) -> None:
    serious(session, subject)
    serious(session, subject, 2, ae_term="Stroke", sae_aware_dtm=NOW - timedelta(minutes=40))
    strip.refresh()
    assert ["Stroke" in row for row in strip.clocks()] == [True, False]
    strip.show_subject(subject, EVENT)
    assert len(strip.clocks()) == 1
    strip.show_subject("")
    assert strip.isHidden()


def test_without_the_time_of_awareness_it_asks_for_it(
    strip: SaeStrip, session: Session, subject: str
) -> None:
    serious(session, subject, sae_aware_dtm=None)
    strip.refresh()
    assert strip.clocks()[0].endswith("due 05-Mar-2026 09:00; enter when the site became aware")


def test_it_leads_to_the_field_where_the_report_is_confirmed(
    strip: SaeStrip, session: Session, desk: Desk, subject: str, qtbot: QtBot
) -> None:
    serious(session, subject)
    strip.refresh()
    with qtbot.waitSignal(desk.went) as went:
        qtbot.mouseClick(find(strip, "sae_1_reported"), Qt.MouseButton.LeftButton)
    assert went.args == ["form", {"subject": subject, "key": EVENT, "item": "sae_reported_dtm"}]


def test_its_report_is_seen_on_the_print_page_with_the_event_chosen(
    strip: SaeStrip, session: Session, desk: Desk, subject: str, qtbot: QtBot
) -> None:
    serious(session, subject)
    strip.refresh()
    with qtbot.waitSignal(desk.went) as went:
        qtbot.mouseClick(find(strip, "sae_1_print"), Qt.MouseButton.LeftButton)
    assert went.args == ["print", {"subject": subject, "what": "sae", "key": EVENT}]
    assert session.form(subject, EVENT).value("sae_reported_dtm") is None
    assert strip.isVisible()


def test_it_ends_with_the_session(strip: SaeStrip, session: Session, desk: Desk, subject: str) -> None:
    serious(session, subject)
    strip.refresh()
    desk.lock()
    assert not strip._timer.isActive()
    strip.refresh()


def test_the_form_of_an_event_shows_its_own_clock_and_no_other_form_does(
    desk: Desk, session: Session, subject: str, qtbot: QtBot
) -> None:
    serious(session, subject, 1)
    serious(session, subject, 2, ae_term="Sepsis 脓毒症", sae_aware_dtm=NOW - timedelta(minutes=40))
    page = FormPage(desk)
    qtbot.addWidget(page)
    page.resize(1102, 700)
    page.open(subject=subject, key=FormKey("F14", "LOG", 2))
    with qtbot.waitExposed(page):
        page.show()
    strip = find(page, "sae_strip", SaeStrip)
    assert isinstance(strip, SaeStrip)
    assert strip.isVisible()
    said = strip.clocks()
    assert len(said) == 1
    assert said[0].endswith("due 05-Mar-2026 08:20")
    page.open(subject=subject, key=FormKey("F1", "SCR"))
    assert not strip.isVisible()
    page.open(subject=subject, key=EVENT)
    said = strip.clocks()
    assert len(said) == 1
    assert said[0].endswith("due 05-Mar-2026 08:30")


def test_above_its_own_form_the_clock_takes_one_line(
    desk: Desk, session: Session, subject: str, strip: SaeStrip
) -> None:
    serious(session, subject)
    strip.refresh()
    whole = strip.sizeHint().height()
    strip.show_subject(subject, EVENT)
    assert strip.sizeHint().height() < whole
    assert strip.sizeHint().height() <= 64
    pill, call, due = strip.clocks()[0].split(" · ")
    assert pill == "23 h 30 min left"
    assert call == "Not transmitted by this program: phone or fax now."
    assert due == "To: Sponsor, Ethics committee. due 05-Mar-2026 08:30"


@pytest.mark.parametrize("lang", LANGS)
def test_above_its_own_form_it_keeps_to_two_lines_on_a_ward_laptop(
    window: MainWindow, desk: Desk, session: Session, subject: str, lang: Lang
) -> None:
    desk.choose_language(lang)
    window.resize(1093, 574)
    for aware in (None, NOW - timedelta(minutes=30)):
        serious(session, subject, sae_aware_dtm=aware)
        desk.go("form", subject=subject, key=EVENT)
        QApplication.processEvents()
        strip = find(window, "sae_strip", SaeStrip)
        assert strip.height() <= 68, strip.clocks()  # type: ignore[attr-defined]  # asked for as a strip


def test_a_reported_event_still_gives_its_follow_up_and_final_report_on_its_form(
    window: MainWindow, desk: Desk, session: Session, subject: str, qtbot: QtBot
) -> None:
    serious(session, subject, sae_reported_dtm=NOW - timedelta(minutes=5))
    desk.go("form", subject=subject, key=EVENT, item="sae_reported_dtm")
    strip = find(window, "sae_strip", SaeStrip)
    assert isinstance(strip, SaeStrip)
    assert strip.isVisible()
    assert strip.clocks()[0].startswith("Reported · 04-Mar-2026 08:55")
    assert not any(b.isVisible() for b in strip.findChildren(QAbstractButton, "sae_1_reported"))
    qtbot.mouseClick(find(strip, "sae_1_print"), Qt.MouseButton.LeftButton)
    assert window.work is not None
    assert window.work.place[0] == "print"
    assert find(window, "print_form", ChoiceBox).code() == str(EVENT)  # type: ignore[attr-defined]  # asked for as a box
    desk.go("form", subject=subject, key=EVENT, item="ae_term")
    assert not strip.isVisible()  # where nothing is said about reports, the form has the room


def test_the_form_of_an_event_opens_with_the_keyboard_on_a_field_and_not_on_printing(
    window: MainWindow, desk: Desk, session: Session, subject: str, qtbot: QtBot
) -> None:
    serious(session, subject)
    desk.go("form", subject=subject, key=EVENT)
    qtbot.waitUntil(lambda: window.focusWidget() is not None)
    strip = find(window, "sae_strip", SaeStrip)
    qtbot.waitUntil(lambda: not strip.isAncestorOf(window.focusWidget()))
    assert strip.isVisible()

"""The eligibility page, as an investigator decides on it and a nurse reads it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import NOW, PASSWORD, find
from tests.ui.test_pages import read
from ucmsc_desktop.errors import ConfirmNeeded
from ucmsc_desktop.i18n import LANGS, Lang, set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.eligibility import BASELINE, CONSENT, GAS, KEY, SCREENING
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.eligibility.criterion_row import CriterionRow
from ucmsc_desktop.ui.eligibility.screen_failure import ScreenFailureDialog
from ucmsc_desktop.ui.form.link import Link
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.widgets.pill import Pill

SignIn = Callable[..., Session]
PERSON: dict[str, Any] = {
    "initials4": "ABCD",
    "birth_date": "1966-05-20",
    "sex": "M",
    "ali_onset_dtm": "2026-03-01T21:00",
    "scr_outcome": "PEND",
}
AGREED: dict[str, Any] = {
    "icf_version": "2.0",
    "capacity": "FULL",
    "explain_start_dtm": "2026-03-04T07:00+08:00",
    "consent_given": "Y",
    "consent_by": "SUBJ",
    "reads_icf": "Y",
    "subj_sign_dtm": "2026-03-04T07:35+08:00",
    "inv_sign_dtm": "2026-03-04T07:40+08:00",
    "witness_req": "N",
}
GASES: dict[str, Any] = {
    "abg_done": "Y",
    "abg_collect_dtm": "2026-03-04T08:00+08:00",
    "abg_vessel": "ART",
    "abg_steady20": "Y",
    "abg_tempcorr": "N",
    "abg_pao2": "90",
    "abg_paco2": "35",
    "abg_fio2": "0.40",
    "abg_fio2_src": "SET",
}
TESTS: dict[str, Any] = dict.fromkeys(("vir_hbsag", "vir_hbvdna", "vir_antihbs", "vir_antihbc", "vir_antihcv", "vir_hivagab", "vir_tb_igra"), "NEG")  # fmt: skip
ANSWERS: dict[str, Any] = {
    "inc05_modality": "CT",
    "inc05_image_dtm": "2026-03-03T10:00+08:00",
    "inc05_reader": "Reader Test",
    "inc05_explained": "N",
    "inc05_infiltrates": "Y",
    "inc06_evidence": ["CLIN"],
    "inc06_no_hf": "Y",
    "exc02_basis": "none",
    "exc02_disability": "N",
    "exc03_status": "NEVER",
    "exc03_malig": "N",
    "exc04_prompts": ["NONE"],
    "exc04_basis": "none",
    "exc04_infect": "N",
    "exc07_prompts": ["NONE"],
    "exc07_basis": "none",
    "exc07_organ": "N",
}


def put(session: Session, subject: str, key: FormKey, values: Mapping[str, Any]) -> None:
    """Enter plain values; what is asked is confirmed."""
    form = session.study.forms[key.form]
    cells = {Cell(name): typed_value(form.by_id[name], text) for name, text in values.items()}
    confirmed: frozenset[str] = frozenset({"soft"})
    for _ in range(4):
        try:
            session.enter(subject, key, cells, confirmed=confirmed)
        except ConfirmNeeded as question:
            asked = question.details["ids"]
            assert isinstance(asked, tuple)
            confirmed |= frozenset(asked)
        else:
            return
    raise AssertionError(f"{key} was not entered")


def participant(session: Session, *, gas: Mapping[str, Any] | None = None, answered: bool = True) -> str:
    """A participant who was screened this morning; `gas` changes the blood gas."""
    subject = session.create_subject()
    put(session, subject, SCREENING, PERSON)
    put(session, subject, CONSENT, AGREED)
    put(session, subject, GAS, {**GASES, **(gas or {})})
    put(session, subject, BASELINE, TESTS)
    if answered:
        put(session, subject, KEY, ANSWERS)
    return subject


def give_password(qtbot: QtBot, window: MainWindow) -> None:
    """Type the password of the person who signs."""
    qtbot.keyClicks(find(window, "sign_password", QLineEdit), PASSWORD)
    qtbot.mouseClick(find(window, "sheet_yes"), Qt.MouseButton.LeftButton)


def click(qtbot: QtBot, window: MainWindow, name: str) -> None:
    qtbot.mouseClick(find(window, name), Qt.MouseButton.LeftButton)


def row(window: MainWindow, item: str) -> str:
    """Everything read in the row of a criterion, its verdict first."""
    found = find(window, f"criterion_{item}")
    words = [p.words() for p in found.findChildren(Pill)]
    return "\n".join(words + [w.text() for w in found.findChildren(QLabel) if not w.isHidden()])


@pytest.mark.parametrize(
    ("gas", "verdict", "words"),
    [
        ({"abg_pao2": "114", "abg_fio2": "0.57"}, "Not met", "200 exactly: not above 200: not met"),
        (
            {"abg_pao2": "60.1", "abg_fio2": "0.30", "abg_paco2": "30"},
            "Met",
            "200.333333… mmHg, rounded 200.3",
        ),
        (
            {"abg_pao2": "8.40 kPa", "abg_fio2": "0.21", "abg_fio2_src": "AIR"},
            "Not met",
            "300.024630… is above 300: not met",
        ),
    ],
)
def test_the_ratio_is_judged_unrounded_and_marked_as_borderline(
    window: MainWindow, desk: Desk, sign_in: SignIn, gas: dict[str, str], verdict: str, words: str
) -> None:
    subject = participant(sign_in("inv1"), gas=gas)
    desk.go("eligibility", subject=subject)
    shown = row(window, "inc04a_pf")
    assert shown.startswith(f"{verdict}\n")
    assert words in shown
    assert "Within 5 mmHg of a limit" in shown


def test_every_criterion_says_its_verdict_in_a_word_in_both_languages(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = participant(sign_in("inv1"))
    desk.go("eligibility", subject=subject)
    assert row(window, "inc02_age").startswith("Met\n")
    assert row(window, "exc05_virol").startswith("Not present\n")
    set_language("zh")
    desk.changed.emit(None)
    assert row(window, "inc02_age").startswith("符合\n")
    assert row(window, "exc05_virol").startswith("无此情况\n")


def test_an_investigator_decides_and_signs_with_the_password(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = participant(session)
    desk.go("eligibility", subject=subject)
    assert "All 14 met" in read(window)
    click(qtbot, window, "eligibility_decide")
    asked = find(window, "sheet_title", QLabel).text()  # type: ignore[attr-defined]  # asked for as a label
    assert asked == f"Sign: {subject} · F3 Eligibility · Eligible"
    give_password(qtbot, window)
    view = session.form(subject, KEY)
    assert view.value("elig_decision") == "ELIG"
    assert view.value("eligible") == "Y"
    assert view.value("elig_dtm") == NOW
    assert [(s.meaning, s.user) for s in view.valid_signatures] == [("eligibility", "inv1")]
    assert "Eligible, signed" in read(window)
    assert session.state(subject).form_record(KEY).entry(Cell("borderline_ok")) is None
    desk.lock()
    sign_in("nurse1")
    desk.go("eligibility", subject=subject)
    assert "Eligible, signed" in read(window)
    assert "An investigator" not in read(window)


def test_a_failed_criterion_closes_the_way_to_eligible(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = participant(sign_in("inv1"), gas={"abg_pao2": "114", "abg_fio2": "0.57"})
    desk.go("eligibility", subject=subject)
    assert not find(window, "eligibility_decide").isEnabled()
    assert "No waivers" in read(window)
    assert "Not eligible as it stands: 1 not met" in read(window)


def test_borderline_values_are_confirmed_against_the_source_before_the_decision(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = participant(session, gas={"abg_pao2": "60.1", "abg_fio2": "0.30", "abg_paco2": "30"})
    desk.go("eligibility", subject=subject)
    click(qtbot, window, "eligibility_decide")
    assert "Within 5 mmHg of a limit" in find(window, "sheet_message", QLabel).text()  # type: ignore[attr-defined]
    click(qtbot, window, "sheet_no")
    assert session.form(subject, KEY).value("elig_decision") is None
    click(qtbot, window, "eligibility_decide")
    click(qtbot, window, "sheet_yes")
    give_password(qtbot, window)
    view = session.form(subject, KEY)
    assert view.value("borderline_ok") == "Y"
    assert view.value("eligible") == "Y"


def test_a_screen_failure_names_the_criterion_and_closes_the_participant(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = participant(session, gas={"abg_pao2": "114", "abg_fio2": "0.57"}, answered=False)
    desk.go("eligibility", subject=subject)
    click(qtbot, window, "eligibility_fail")
    assert "Borderline values" in read(window)
    click(qtbot, window, "sheet_yes")
    ticked = find(window, "failure_INC04A", QAbstractButton)
    assert isinstance(ticked, QAbstractButton)
    assert ticked.isChecked()
    qtbot.keyClicks(find(window, "failure_reason"), "PaO2/FiO2 200 on two slips")
    click(qtbot, window, "sheet_yes")
    give_password(qtbot, window)
    assert session.form(subject, SCREENING).value("scr_outcome") == "SF"
    assert session.form(subject, SCREENING).value("scr_fail") == ("INC04A",)
    view = session.form(subject, KEY)
    assert view.value("elig_decision") == "INELIG"
    assert "PaO2/FiO2 200 on two slips" in str(view.value("elig_reason"))
    assert [s.meaning for s in view.valid_signatures] == ["eligibility"]
    left = [t for t in session.worklist() if t.subject == subject]
    assert {t.status for t in left} <= {
        "progress"
    }  # what was begun is written to its end; nothing new is due
    assert not [t for t in left if t.key is not None and t.key.form == "F7"]
    desk.go("participant", subject=subject)
    assert "Screen failure: closed, no infusion" in read(window)
    assert "I4a" in find(window, "participant_closed").accessibleName()


def test_a_screen_failure_without_a_criterion_is_not_recorded(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = participant(session)
    desk.go("eligibility", subject=subject)
    click(qtbot, window, "eligibility_fail")
    click(qtbot, window, "sheet_yes")
    assert "at least one criterion" in read(window)
    click(qtbot, window, "failure_OTH")
    click(qtbot, window, "sheet_yes")
    assert "what the other reason is" in read(window)
    assert session.form(subject, SCREENING).value("scr_outcome") == "PEND"


def test_a_nurse_reads_what_to_fetch_and_decides_nothing(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("nurse1")
    subject = session.create_subject()
    put(session, subject, SCREENING, PERSON)
    desk.go("eligibility", subject=subject)
    assert not [w for w in window.findChildren(QWidget, "eligibility_decide") if w.isVisible()]
    assert not [w for w in window.findChildren(QWidget, "judge_inc05_infiltrates") if w.isVisible()]
    assert "An investigator decides and signs." in read(window)
    lines = [
        w.text() for w in window.findChildren(Link) if w.isVisible() and w.objectName().startswith("need_")
    ]
    assert any("PaO2" in text and "form F9" in text for text in lines)
    gone: list[tuple[str, dict[str, object]]] = []
    desk.went.connect(lambda page, what: gone.append((page, what)))
    gas = next(w for w in window.findChildren(Link) if w.isVisible() and "form F9" in w.text())
    qtbot.keyClick(gas, Qt.Key.Key_Return)
    assert gone == [("form", {"subject": subject, "key": GAS, "item": "abg_done", "back": "eligibility"})]
    qtbot.mouseClick(find(window, "form_back"), Qt.MouseButton.LeftButton)
    assert gone[-1] == ("eligibility", {"subject": subject})


def test_each_criterion_stands_once_and_what_is_open_stands_first(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = participant(session, gas={"abg_pao2": "114", "abg_fio2": "0.57"}, answered=False)
    desk.go("eligibility", subject=subject)
    page = find(window, "eligibility_page")
    rows = [w for w in page.findChildren(CriterionRow) if w.isVisible()]
    names = [w.objectName() for w in sorted(rows, key=lambda w: w.mapTo(page, QPoint()).y())]
    assert len(set(names)) == len(names) == 14
    assert names[0] == "criterion_inc04a_pf"  # not met
    assert names[1] == "criterion_inc05_infiltrates"  # not known yet
    assert names[-1] == "criterion_exc06_preg"
    assert read(window).count("Not yet known: ") == 0


def test_what_one_row_asks_for_the_next_does_not_ask_for_again(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("nurse1")
    subject = session.create_subject()
    put(session, subject, SCREENING, PERSON)
    desk.go("eligibility", subject=subject)
    assert "PaO2" in row(window, "inc04a_pf")
    assert "Missing: as in I4a" in row(window, "inc04b_aado2")


def test_after_one_criterion_the_keyboard_stands_at_the_next_open_one(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = participant(session)
    session.enter(
        subject, KEY, {Cell("exc02_disability"): None, Cell("exc07_organ"): None}, reason="asked again"
    )
    desk.go("eligibility", subject=subject)
    qtbot.waitUntil(lambda: _focus(window) == "judge_exc02_disability")
    qtbot.keyClick(find(window, "judge_exc02_disability"), Qt.Key.Key_Return)
    assert find(window, "form_continue").text() == "Save, back to the criteria"  # type: ignore[attr-defined]
    qtbot.mouseClick(find(window, "exc02_disability:N"), Qt.MouseButton.LeftButton)
    qtbot.keyClick(find(window, "form_continue"), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: _focus(window) == "judge_exc07_organ")
    qtbot.keyClick(find(window, "judge_exc07_organ"), Qt.Key.Key_Return)
    qtbot.mouseClick(find(window, "form_back"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: _focus(window) == "judge_exc07_organ")  # it is still open


def _focus(window: MainWindow) -> str:
    now = window.focusWidget()
    return now.objectName() if now is not None else ""


def test_the_question_about_a_borderline_value_shows_the_numbers_to_compare(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = participant(sign_in("inv1"), gas={"abg_pao2": "60.1", "abg_fio2": "0.30", "abg_paco2": "30"})
    desk.go("eligibility", subject=subject)
    click(qtbot, window, "eligibility_decide")
    message = find(window, "sheet_message", QLabel)
    assert message.height() >= message.heightForWidth(message.width())  # nothing of it is cut
    asked = message.text()  # type: ignore[attr-defined]
    assert "PaO2 60.1 mmHg" in asked
    assert "FiO2 0.30" in asked
    assert "200.333333…" in asked


def test_the_one_who_entered_the_record_signs_that_too_where_the_decision_was_signed(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = participant(session)
    desk.go("eligibility", subject=subject)
    assert not [w for w in window.findChildren(QWidget, "eligibility_entered") if w.isVisible()]
    find(window, "eligibility_page")._frame.area.verticalScrollBar().setValue(300)  # type: ignore[attr-defined]
    click(qtbot, window, "eligibility_decide")
    give_password(qtbot, window)
    area = find(window, "eligibility_page")._frame.area  # type: ignore[attr-defined]
    assert area.verticalScrollBar().value() == 0  # that it is signed stands at the top
    click(qtbot, window, "eligibility_entered")
    give_password(qtbot, window)
    assert {s.meaning for s in session.form(subject, KEY).valid_signatures} == {"eligibility", "entered"}
    assert not [w for w in window.findChildren(QWidget, "eligibility_entered") if w.isVisible()]


def test_a_missing_consent_leads_to_its_guide(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("nurse1")
    subject = session.create_subject()
    desk.go("eligibility", subject=subject)
    qtbot.keyClick(find(window, "need_inc01_icf_0"), Qt.Key.Key_Return)
    assert window.work is not None
    assert window.work.place[0] == "consent"


def test_a_criterion_is_answered_in_place_and_leads_back_to_the_list(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = participant(session)
    put_back = {"exc02_disability": None}
    session.enter(subject, KEY, {Cell(n): v for n, v in put_back.items()}, reason="asked again")
    desk.go("eligibility", subject=subject)
    assert row(window, "exc02_disability").startswith("Not yet known\n")
    qtbot.keyClick(find(window, "judge_exc02_disability"), Qt.Key.Key_Return)
    qtbot.mouseClick(find(window, "exc02_disability:N"), Qt.MouseButton.LeftButton)
    qtbot.keyClick(find(window, "form_continue"), Qt.Key.Key_Return)
    shown = row(window, "exc02_disability")
    assert shown.startswith("Not present\n")
    assert "Answered by Ivo Test, 04-Mar-2026 09:00" in shown


def test_the_clock_of_the_onset_runs_while_the_page_is_open(
    window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    subject = participant(sign_in("inv1"))
    desk.go("eligibility", subject=subject)
    assert "108 h 00 min left" in row(window, "inc03_onset")
    window.idle.stop()  # nobody has gone away: only the clock is moved
    clock.advance(minutes=90)
    page = find(window, "eligibility_page")
    page._timer.timeout.emit()  # type: ignore[attr-defined]
    assert "106 h 30 min left" in row(window, "inc03_onset")


def test_a_delayed_first_infusion_is_checked_again_and_signed(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    session = sign_in("inv1")
    subject = participant(session)
    desk.go("eligibility", subject=subject)
    click(qtbot, window, "eligibility_decide")
    give_password(qtbot, window)
    assert "The values hold until 05-Mar-2026 08:00" in read(window)
    window.idle.stop()  # nobody has gone away: only the clock is moved
    clock.advance(hours=24)
    desk.changed.emit(None)
    assert "Re-check before the first infusion" in read(window)
    assert "to be checked again" in find(window, "eligibility_band").accessibleName()
    click(qtbot, window, "recheck_yes")
    assert "Why does eligibility still hold?" in read(window)
    qtbot.keyClicks(find(window, "reason_text"), "bag came late, blood gas at noon")
    click(qtbot, window, "sheet_yes")
    give_password(qtbot, window)
    view = session.form(subject, KEY)
    assert view.value("recheck_ok") == "Y"
    assert view.value("recheck_dtm") == NOW + timedelta(hours=24)
    assert [s.meaning for s in view.valid_signatures] == ["eligibility"]
    assert "Checked again" in read(window)


def test_the_form_itself_stays_in_reach(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = participant(sign_in("inv1"))
    desk.go("eligibility", subject=subject)
    click(qtbot, window, "eligibility_form")
    assert window.work is not None
    assert window.work.place == ("form", {"subject": subject, "key": KEY})


@pytest.mark.parametrize("lang", LANGS)
def test_the_question_of_a_screen_failure_fits_on_a_ward_laptop(
    window: MainWindow, desk: Desk, sign_in: SignIn, lang: Lang
) -> None:
    session = sign_in("inv1")
    window.resize(1093, 574)
    set_language(lang)
    sheet = ScreenFailureDialog(session.study.forms["F1"].by_id["scr_fail"], (), window)
    sheet.adjustSize()
    assert sheet.width() <= 1093
    assert sheet.height() <= 550

"""The consent guide, as an investigator walks through it and a nurse reads it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import find
from tests.ui.test_eligibility_page import PERSON, put
from tests.ui.test_pages import read
from ucmsc_desktop.i18n import set_language
from ucmsc_desktop.record.consent import KEY
from ucmsc_desktop.record.eligibility import SCREENING
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.session import Session
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.form.link import Link
from ucmsc_desktop.ui.main_window import MainWindow

SignIn = Callable[..., Session]
AGREED: dict[str, Any] = {
    "capacity": "FULL",
    "capacity_basis": "oriented",
    "consent_by": "SUBJ",
    "reads_icf": "Y",
    "witness_req": "N",
    "icf_version": "2.0",
    "icf_version_date": "2025-11-10",
    "ec_approval_no": "EC-2025-018",
    "explain_start_dtm": "2026-03-04T07:00+08:00",
    "explain_end_dtm": "2026-03-04T07:30+08:00",
    "ec_questions_answered": "Y",
    "consent_given": "Y",
    "subj_sign_dtm": "2026-03-04T07:35+08:00",
    "inv_name": "inv1",
    "inv_sign_dtm": "2026-03-04T07:40+08:00",
    "copy_given": "Y",
    "copy_given_dtm": "2026-03-04T07:45+08:00",
    "hgr_sample_consent": "Y",
}


def begin(session: Session, **values: Any) -> str:
    """A participant with what is known of the consent."""
    subject = session.create_subject()
    put(session, subject, SCREENING, PERSON)
    if values:
        put(session, subject, KEY, values)
    return subject


def band(window: MainWindow) -> str:
    return find(window, "consent_band").accessibleName()


def guide(window: MainWindow) -> str:
    """What the guide says at the step that is shown."""
    holder = find(window, "consent_lines")
    shown = [w for w in holder.findChildren(QWidget) if isinstance(w, QLabel | Link) and w.isVisible()]
    return "\n".join(w.text() for w in shown if isinstance(w, QLabel | Link))


def tap(qtbot: QtBot, window: MainWindow, name: str) -> None:
    qtbot.mouseClick(find(window, name), Qt.MouseButton.LeftButton)


def test_the_guide_says_what_is_missing_first_and_why(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = begin(sign_in("inv1"))
    desk.go("consent", subject=subject)
    assert "No valid consent yet. No infusion." in band(window)
    assert "Next: Capacity to consent" in band(window)
    assert "Missing here: an investigator's judgement of capacity: who must sign follows from it" in guide(
        window
    )


def test_who_signs_follows_from_the_capacity_and_the_wrong_one_is_not_taken(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = begin(session, capacity="LIMITED", capacity_basis="drowsy")
    desk.go("consent", subject=subject, item="consent_by")
    assert "So the participant and the guardian both sign." in guide(window)
    tap(qtbot, window, "consent_by:SUBJ")
    assert session.form(subject, KEY).value("consent_by") is None
    assert "does not go with the capacity recorded" in read(window)
    tap(qtbot, window, "consent_by:BOTH")
    assert session.form(subject, KEY).value("consent_by") == "BOTH"
    assert "does not go with the capacity recorded" not in read(window)


def test_a_wrong_version_is_refused_with_the_right_one_and_the_plain_form_takes_the_fact(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = begin(session, capacity="FULL")
    desk.go("consent", subject=subject, item="icf_version")
    qtbot.keyClicks(find(window, "icf_version"), "1.0", delay=60)
    qtbot.keyClick(find(window, "icf_version"), Qt.Key.Key_Return)
    assert session.form(subject, KEY).value("icf_version") is None
    assert "The right one is version 2.0 of 10-Nov-2025, ethics approval EC-2025-018" in read(window)
    desk.go("form", subject=subject, key=KEY, item="icf_version")
    qtbot.keyClicks(find(window, "icf_version"), "1.0", delay=60)
    qtbot.keyClick(find(window, "icf_version"), Qt.Key.Key_Return)
    assert session.form(subject, KEY).value("icf_version") == "1.0"


def test_the_active_version_is_taken_over_by_one_act(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = begin(session, capacity="FULL")
    desk.go("consent", subject=subject, item="icf_version")
    tap(qtbot, window, "consent_take_version")
    view = session.form(subject, KEY)
    assert [view.value(n) for n in ("icf_version", "icf_version_date", "ec_approval_no")] == [
        "2.0",
        date(2025, 11, 10),
        "EC-2025-018",
    ]
    assert not [w for w in window.findChildren(QWidget, "consent_take_version") if w.isVisible()]


def test_signatures_out_of_order_are_named_and_lead_to_their_field(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = begin(session, **{**AGREED, "subj_sign_dtm": "2026-03-04T06:59+08:00"})
    desk.go("consent", subject=subject, item="inv_sign_dtm")
    assert "Participant: 04-Mar-2026 06:59 – before the explanation began" in guide(window)
    assert "Consent is not valid. No infusion." in band(window)
    wrong = next(w for w in window.findChildren(Link) if w.isVisible() and "06:59" in w.text())
    qtbot.keyClick(wrong, Qt.Key.Key_Return)
    field = find(window, "subj_sign_dtm:field")
    focused = window.focusWidget()
    assert focused is not None
    assert field.isAncestorOf(focused)


def test_a_valid_consent_opens_where_something_is_left_to_do(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = begin(sign_in("inv1"), **AGREED)
    desk.go("consent", subject=subject)
    assert "Consent is valid" in band(window)
    assert "Check and sign" in read(window)


def test_the_keyboard_alone_answers_a_step_and_goes_on(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = begin(session)
    desk.go("consent", subject=subject)
    focused = window.focusWidget()
    assert focused is not None
    qtbot.keyClick(focused, Qt.Key.Key_1)
    assert session.form(subject, KEY).value("capacity") == "FULL"
    basis = find(window, "capacity_basis")
    basis.setFocus()
    qtbot.keyClicks(basis, "oriented", delay=60)
    qtbot.keyClick(basis, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert session.form(subject, KEY).value("capacity_basis") == "oriented"
    assert "So the participant signs." in guide(window)


def test_a_withdrawal_says_what_still_happens_before_it_is_saved(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = begin(session, **AGREED, withdrawn="Y")
    desk.go("consent", subject=subject, item="withdraw_scope")
    for words in ("Treatment only:", "Samples only:", "Everything:"):
        assert words in guide(window)
    tap(qtbot, window, "withdraw_scope:TREAT")
    asked = find(window, "sheet_message", QLabel)
    assert isinstance(asked, QLabel)
    assert "Follow-up goes on as planned" in asked.text()
    assert session.form(subject, KEY).value("withdraw_scope") is None
    tap(qtbot, window, "sheet_yes")
    assert session.form(subject, KEY).value("withdraw_scope") == "TREAT"
    assert "Consent withdrawn. No infusion." in band(window)


def test_an_open_re_consent_is_red_on_every_step(window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    subject = begin(
        sign_in("inv1"),
        **AGREED,
        reconsent_needed="Y",
        reconsent_known_dtm="2026-03-04T08:30+08:00",
        reconsent_reason="SAFETY",
        reconsent_result="PEND",
    )
    for item in ("capacity", "icf_version", "reconsent_result"):
        desk.go("consent", subject=subject, item=item)
        assert "New consent needed. No infusion until it is signed." in band(window)
    assert "New consent: New safety information" in guide(window)


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "Entered by: investigator"), ("zh", "由以下角色录入：研究者")]
)
def test_a_nurse_sees_what_the_investigator_has_to_judge(
    window: MainWindow, desk: Desk, sign_in: SignIn, lang: Any, words: str
) -> None:
    session = sign_in("nurse1")
    subject = begin(session)
    set_language(lang)
    desk.go("consent", subject=subject, item="capacity")
    assert words in read(window)
    assert session.state(subject).form_record(KEY).value(Cell("capacity")) is None


def test_the_step_of_validity_is_not_ticked_before_there_is_a_consent(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    subject = begin(session, **{**AGREED, "inv_sign_dtm": "ND: forgotten"})
    desk.go("consent", subject=subject, item="capacity")
    step = find(window, "section:validity")
    assert "empty" in step.accessibleName().lower() or "not started" in step.accessibleName().lower()


def test_the_plain_form_and_eligibility_stay_in_reach(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = begin(sign_in("inv1"))
    desk.go("consent", subject=subject)
    tap(qtbot, window, "consent_form")
    assert window.work is not None
    assert window.work.place == ("form", {"subject": subject, "key": KEY})
    desk.go("consent", subject=subject)
    tap(qtbot, window, "consent_eligibility")
    assert window.work.place[0] == "eligibility"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_in_a_low_window_the_first_question_of_every_step_is_in_sight(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, lang: str
) -> None:
    if lang == "zh":
        desk.choose_language("zh")
        set_language("zh")
    session = sign_in("inv1")
    subject = begin(session)
    window.resize(1093, 574 - 26)  # a training ward has a strip more
    for item in ("capacity", "consent_by", "witness_req", "icf_version", "explain_start_dtm"):
        desk.go("consent", subject=subject)
        desk.go("consent", subject=subject, item=item)
        assert window.work is not None
        page = window.work.page
        assert page is not None
        page._stage.to_top()  # type: ignore[attr-defined]  # as somebody sees the step who opens it
        for _round in range(4):
            QApplication.processEvents()
        field = find(window, item)
        foot = find(window, "form_continue")
        top = field.mapTo(window, QPoint(0, 0)).y()
        assert top + field.height() <= foot.mapTo(window, QPoint(0, 0)).y(), (item, top, field.height())
    desk.go("consent", subject=subject)
    assert "Missing here" in guide(window) or "本步骤缺少" in guide(window), (
        "all that is missing is still said"
    )


def test_a_window_that_grows_has_the_guide_above_the_questions_again(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = begin(sign_in("inv1"))
    desk.go("consent", subject=subject)
    for size in ((1093, 548), (1280, 800)):
        window.resize(*size)
        for _round in range(4):
            QApplication.processEvents()
    below = find(window, "capacity:label").mapTo(window, QPoint(0, 0)).y()
    for name in ("form_banner", "consent_lines"):
        assert find(window, name).mapTo(window, QPoint(0, 0)).y() < below, name
    assert not [w for w in window.findChildren(QWidget, "consent_lead") if w.isVisible()]

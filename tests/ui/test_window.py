"""From the door to a form and back: sign in, lock, language, navigation, keys."""

import re
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

import ucmsc_desktop.ui
from tests.ui.conftest import PASSWORD, add_participant, find
from ucmsc_desktop.errors import ConfirmNeeded, DiskFull, ReasonNeeded, SignedOut, StepBlocked
from ucmsc_desktop.i18n import Text, language
from ucmsc_desktop.record.clock import FrozenClock, Reading
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.desk import Answer, Desk
from ucmsc_desktop.ui.idle import IdleWatch
from ucmsc_desktop.ui.main_window import PAGES, MainWindow
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.palette import Theme
from ucmsc_desktop.ui.process import BugReporter
from ucmsc_desktop.ui.scan import ScanWatch
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.work_area import WorkArea

SignIn = Callable[..., Session]


def texts(window: QWidget) -> str:
    """Everything a person can read in a window."""
    shown = [w.text() for w in window.findChildren(QLabel) if w.isVisible()]
    shown += [w.text() for w in window.findChildren(QPushButton) if w.isVisible()]
    return "\n".join(shown)


def type_password(qtbot: QtBot, window: MainWindow, user: str, password: str) -> None:
    box = find(window, "sign_in_user", ChoiceBox)
    assert isinstance(box, ChoiceBox)
    box.set_code(user)
    qtbot.keyClicks(find(window, "sign_in_password"), password)
    qtbot.keyClick(find(window, "sign_in_password"), Qt.Key.Key_Return)


def test_signing_in_by_keyboard_leads_to_the_worklist(qtbot: QtBot, window: MainWindow, desk: Desk) -> None:
    type_password(qtbot, window, "nurse1", PASSWORD)
    qtbot.waitUntil(lambda: window.work is not None)
    assert "Today's work" in texts(window)
    assert "Nora Test, nurse" in texts(window)
    assert desk.session.account.user == "nurse1"


def test_a_wrong_password_is_told_in_three_parts_and_the_field_is_empty_again(
    qtbot: QtBot, window: MainWindow, desk: Desk
) -> None:
    type_password(qtbot, window, "nurse1", "not the password 1")
    qtbot.waitUntil(lambda: "UC-201" in texts(window))
    assert "wrong" in texts(window)
    assert "Nothing was opened" in texts(window)
    field = find(window, "sign_in_password", QLineEdit)
    assert isinstance(field, QLineEdit)
    assert field.text() == ""
    assert not desk.is_signed_in


def test_without_a_user_chosen_nothing_is_tried(qtbot: QtBot, window: MainWindow, desk: Desk) -> None:
    qtbot.keyClicks(find(window, "sign_in_password"), PASSWORD)
    qtbot.keyClick(find(window, "sign_in_password"), Qt.Key.Key_Return)
    assert "Choose your user name" in texts(window)
    assert not desk.jobs.pending


def test_f12_closes_the_session_and_leaves_nothing_of_the_participant(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    subject = add_participant(session)
    desk.go("participant", subject=subject)
    assert subject in texts(window)
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_F12)
    assert not session.is_open
    with pytest.raises(SignedOut):
        _ = desk.session
    left = "\n".join(w.accessibleName() for w in window.findChildren(QWidget) if w.isVisible())
    assert subject not in texts(window) + left
    assert "ABCD" not in texts(window) + left
    assert window.work is None


def test_the_pages_of_a_locked_session_are_destroyed_not_hidden(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in())
    desk.go("participant", subject=subject)
    desk.lock()
    qtbot.waitUntil(lambda: window.findChild(QWidget, "participant_page") is None)
    assert window.findChild(QWidget, "participant_banner") is None


def test_drafts_can_be_kept_at_the_last_moment_before_the_lock(desk: Desk, sign_in: SignIn) -> None:
    session = sign_in()
    subject = add_participant(session)
    key = FormKey("F9", "SCR")
    desk.lock_began.connect(lambda: desk.session.save_draft(subject, key, Cell("abg_ph"), "7.3"))
    desk.lock()
    again = desk.ward.sign_in("nurse1", PASSWORD)
    assert again.drafts(subject, key) == {Cell("abg_ph"): "7.3"}
    again.lock()


def test_the_same_person_comes_back_to_the_same_place_and_another_does_not(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in())
    desk.go("participant", subject=subject)
    desk.lock()
    sign_in("inv1")
    assert window.work is not None
    assert window.work.place[0] == "worklist"
    desk.lock()
    sign_in("nurse1")
    assert window.work.place[0] == "worklist"  # the investigator was here in between
    desk.go("participant", subject=subject)
    desk.lock()
    sign_in("nurse1")
    assert window.work.place == ("participant", {"subject": subject})


def test_nobody_touching_the_computer_locks_it(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    sign_in()
    assert window.idle.interval_min == 5
    window.idle.idled.emit()
    assert not desk.is_signed_in
    assert not window.idle.is_watching


def test_a_key_puts_the_idle_lock_off(qtbot: QtBot, window: MainWindow, sign_in: SignIn) -> None:
    sign_in()
    before = window.idle._timer.timerId()
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_Down)
    assert window.idle._timer.timerId() != before  # a timer started again has another id
    assert window.idle.is_watching


def test_a_hand_on_the_mouse_puts_the_idle_lock_off(window: MainWindow, sign_in: SignIn) -> None:
    sign_in()
    before = window.idle._timer.timerId()
    QTest.mouseMove(window.windowHandle(), window.rect().center())
    assert window.idle._timer.timerId() != before


def test_f12_locks_from_within_an_open_menu(window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    sign_in()
    menu = QMenu(window)
    menu.addAction("Paste")
    menu.popup(window.mapToGlobal(window.rect().center()))
    QApplication.processEvents()
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_F12)
    menu.close()
    assert not desk.is_signed_in


def test_a_key_is_heard_while_nothing_has_the_focus(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    sign_in()
    focused = QApplication.focusWidget()
    assert focused is not None
    focused.clearFocus()
    assert QApplication.focusWidget() is None
    scanned: list[str] = []
    desk.scanned.connect(scanned.append)
    qtbot.keyClicks(window, "01-001")
    qtbot.keyClick(window, Qt.Key.Key_Return)
    assert scanned == ["01-001"]
    QTest.keyClick(window.windowHandle(), Qt.Key.Key_F1)
    assert find(window, "keys_dialog", QDialog).isVisible()


def test_a_page_opens_without_a_filter_on_every_event(
    request: pytest.FixtureRequest, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[QEvent.Type] = []
    for kind in (IdleWatch, ScanWatch, MainWindow):
        old = kind.eventFilter

        def counted(self: QObject, watched: QObject, event: QEvent, old: Callable[..., bool] = old) -> bool:
            asked.append(event.type())
            return old(self, watched, event)

        monkeypatch.setattr(kind, "eventFilter", counted)
    request.getfixturevalue("window")
    subject = add_participant(request.getfixturevalue("sign_in")())
    asked.clear()
    desk.go("form", subject=subject, key=FormKey("F9", "SCR"))
    QApplication.processEvents()
    assert 0 < len(asked) < 150  # of some 2,000 events


def test_only_one_widget_could_change_by_the_wheel_and_it_does_not() -> None:
    """ChoiceBox ignores the wheel (test_style.py); another kind of list, number or slider would have to do so too."""
    turned = re.compile(r"\bQ(Combo|Spin|DoubleSpin)Box\b|\bQ(Date|Time|DateTime)Edit\b|\bQ(Slider|Dial)\b")
    ui = Path(ucmsc_desktop.ui.__file__).parent
    found = {p.name for p in ui.rglob("*.py") if turned.search(p.read_text("utf-8"))}
    assert found - {"style.py", "robot.py"} == {"choice_box.py"}


def test_a_laptop_that_slept_is_locked_when_it_wakes(
    window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    sign_in()
    clock.advance(minutes=3)
    window.idle.look()
    assert desk.is_signed_in  # three minutes awake: both clocks ran
    awake = clock.read()
    desk.ward.clock = SleptClock(Reading(awake.at + timedelta(hours=1), awake.mono_ns, awake.boot))
    window.idle._clock = desk.ward.clock
    window.idle.look()
    assert not desk.is_signed_in


class SleptClock:
    """The wall clock went on; the running time stood still."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def read(self) -> Reading:
        return self._reading


def test_the_lock_takes_an_open_question_with_it(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in())
    desk.do(lambda s, a: s.enter(subject, FormKey("F1", "SCR"), {Cell("bed"): "14"}, reason=a.reason))
    field = find(window, "reason_text")
    qtbot.keyClick(field, Qt.Key.Key_F12)
    assert not desk.is_signed_in
    assert not field.isVisible()
    qtbot.waitUntil(lambda: window.findChild(QWidget, "reason_text") is None)


def test_the_language_switch_at_the_door_rebuilds_the_window(
    qtbot: QtBot, window: MainWindow, desk: Desk
) -> None:
    qtbot.mouseClick(find(window, "sign_in_language"), Qt.MouseButton.LeftButton)
    assert language() == "zh"
    assert "登录" in texts(window)
    assert desk.preferences.language == "zh"


def test_the_language_switch_at_work_keeps_the_person_and_the_place(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    desk.go("settings")
    qtbot.mouseClick(find(window, "settings_language_zh"), Qt.MouseButton.LeftButton)
    assert window.work is not None
    assert window.work.place[0] == "settings"
    assert "设置" in texts(window)
    assert desk.session is session


def test_the_rail_folds_below_1200_pixels_and_keeps_its_words(
    qtbot: QtBot, window: MainWindow, sign_in: SignIn
) -> None:
    sign_in()
    assert window.work is not None
    assert not window.work.rail.is_folded
    window.resize(1024, 560)
    qtbot.waitUntil(lambda: window.work is not None and window.work.rail.is_folded)
    assert find(window, "nav_worklist").accessibleName() == "Worklist"
    assert find(window, "nav_settings").height() >= 44


def test_alt_and_a_number_go_to_a_page(qtbot: QtBot, window: MainWindow, sign_in: SignIn) -> None:
    sign_in()
    assert window.work is not None
    number = window.work.names().index("settings") + 1
    key = Qt.Key(Qt.Key.Key_0.value + number)
    qtbot.keyClick(window.focusWidget() or window, key, Qt.KeyboardModifier.AltModifier)
    assert window.work.place[0] == "settings"


def test_f1_lists_the_keys_and_escape_closes_the_list(
    qtbot: QtBot, window: MainWindow, sign_in: SignIn
) -> None:
    sign_in()
    qtbot.keyClick(window.focusWidget() or window, Qt.Key.Key_F1)
    shown = find(window, "keys_dialog", QDialog)
    assert "Alt+1" in texts(shown)
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    assert not shown.isVisible()


def test_a_page_a_role_cannot_use_is_not_offered(window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    sign_in("admin")
    assert window.work is not None
    assert "infusion" not in window.work.names()
    desk.go("infusion", subject="01-001")
    assert window.work.place[0] == "worklist"


def test_a_page_about_a_participant_asks_for_one_first(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in())
    desk.go("review")
    assert window.work is not None
    assert window.work.place[0] == "choose"
    assert not window.work.banner.isVisible()
    qtbot.keyClick(find(window, "choose_table"), Qt.Key.Key_Return)
    assert window.work.place == ("review", {"subject": subject})


def test_the_banner_stands_on_pages_about_one_participant_only(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    subject = add_participant(session, bed="12")
    assert window.work is not None
    assert not window.work.banner.isVisible()
    desk.go("participant", subject=subject)
    assert window.work.banner.isVisible()
    shown = window.work.banner.text()
    for part in (subject, "ABCD", "04-Mar-1968 (58y)", "Female", "12", "Allergies not recorded"):
        assert part in shown
    desk.do(
        lambda s, a: s.enter(subject, FormKey("F4", "SCR"), {Cell("mh_allergy"): "N"}, confirmed=a.confirmed)
    )
    assert "No known allergies" in window.work.banner.text()
    assert "not recorded" not in window.work.banner.text()


def test_a_known_error_shows_its_code_and_three_parts(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    sign_in("admin")
    desk.do(lambda s, _a: s.create_subject())
    assert window.work is not None
    said = window.work.bar.text()
    assert "UC-205" in said
    assert "Nothing was changed" in said
    assert "Ask a colleague" in said


def test_an_error_that_refused_a_step_goes_with_its_page_and_one_of_the_disk_stays(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    sign_in("admin")
    assert window.work is not None
    bar = window.work.bar
    desk.do(lambda s, _a: s.create_subject())
    desk.go("settings")
    assert "UC-205" in bar.text()  # said in the same breath as the step to this page
    QApplication.processEvents()
    desk.go("worklist")
    assert bar.text() == ""
    desk.say(DiskFull())
    QApplication.processEvents()
    desk.go("settings")
    assert "UC-101" in bar.text()  # something is not saved: in reach until it is closed
    desk.say(Notice("warning", "Two entries are not saved."))
    QApplication.processEvents()
    desk.go("worklist")
    assert "not saved" in bar.text()


@pytest.mark.parametrize("by", ["hand", "itself"])
def test_a_message_that_goes_gives_the_keyboard_back_to_the_page(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, by: str
) -> None:
    session = sign_in()
    add_participant(session)
    desk.go("worklist")
    assert window.work is not None
    page = window.work.page
    assert page is not None
    desk.say(Notice("ok", "Saved."))
    close = find(window, "message_close")
    close.setFocus(Qt.FocusReason.TabFocusReason)
    assert close.hasFocus()
    if by == "hand":
        qtbot.keyClick(close, Qt.Key.Key_Return)
    else:
        window.work.bar._good.timeout.emit()
    assert not window.work.bar.isVisible()
    now = QApplication.focusWidget()
    assert now is not None
    assert page.isAncestorOf(now)


def test_a_change_without_a_reason_asks_for_it_and_is_tried_again(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in())
    key, cell = FormKey("F1", "SCR"), Cell("bed")
    changes: list[object] = []
    desk.changed.connect(changes.append)
    desk.do(lambda s, a: s.enter(subject, key, {cell: "14"}, reason=a.reason))
    assert not changes
    field = find(window, "reason_text")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert "Give the reason" in texts(window)  # an empty reason is none
    qtbot.keyClicks(field, "moved")
    qtbot.mouseClick(find(window, "sheet_yes"), Qt.MouseButton.LeftButton)
    assert len(changes) == 1
    entry = desk.session.form(subject, key).entry("bed")
    assert entry is not None
    assert (entry.value, entry.reason) == ("14", "moved")


def test_a_question_closed_without_an_answer_gives_the_error_back(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in())
    failed: list[object] = []
    desk.do(
        lambda s, a: s.enter(subject, FormKey("F1", "SCR"), {Cell("bed"): "14"}, reason=a.reason),
        failed=failed.append,
    )
    qtbot.keyClick(find(window, "reason_text"), Qt.Key.Key_Escape)
    assert [type(e) for e in failed] == [ReasonNeeded]
    assert desk.session.form(subject, FormKey("F1", "SCR")).value("bed") == "12"


def test_an_unusual_value_is_confirmed_by_a_decision_not_by_a_stray_enter(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    sign_in()
    seen: list[frozenset[str]] = []

    def use(_session: Session, answer: Answer) -> None:
        seen.append(answer.confirmed)
        if not answer.confirmed:
            raise ConfirmNeeded(message=Text("Unusual", "异常"), ids=("soft",))

    failed: list[object] = []
    desk.do(use, failed=failed.append)
    qtbot.waitUntil(lambda: find(window, "sheet_no").hasFocus())
    qtbot.keyClick(find(window, "sheet_no"), Qt.Key.Key_Return)
    assert len(failed) == 1
    desk.do(use)
    qtbot.mouseClick(find(window, "sheet_yes"), Qt.MouseButton.LeftButton)
    assert seen == [frozenset(), frozenset(), frozenset({"soft"})]


def test_only_an_investigator_is_offered_to_pass_a_block(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    given: list[dict[str, str]] = []

    def use(_session: Session, answer: Answer) -> None:
        given.append(dict(answer.overrides))
        if "X07" not in answer.overrides:
            raise StepBlocked(message=Text("Dose too high", "剂量过高"), check="X07", override="investigator")

    sign_in("nurse1")
    desk.do(use)
    assert window.work is not None
    assert "Dose too high" in window.work.bar.text()
    assert not [d for d in window.findChildren(QDialog) if d.isVisible()]
    desk.lock()
    sign_in("inv1")
    desk.do(use)
    qtbot.keyClicks(find(window, "reason_text"), "decided")
    qtbot.mouseClick(find(window, "sheet_yes"), Qt.MouseButton.LeftButton)
    assert given[-1] == {"X07": "decided"}


def test_while_an_infusion_runs_a_question_is_docked_and_the_window_stays_usable(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    session = sign_in()
    subject = add_participant(session)
    start_by_hand(session, subject)
    desk.changed.emit(None)
    assert desk.infusion_running
    desk.do(lambda s, a: s.enter(subject, FormKey("F1", "SCR"), {Cell("bed"): "14"}, reason=a.reason))
    assert QApplication.activeModalWidget() is None
    tray = find(window, "tray")
    qtbot.mouseClick(find(window, "nav_settings"), Qt.MouseButton.LeftButton)
    assert window.work is not None
    assert window.work.place[0] == "settings"
    qtbot.keyClicks(find(tray, "reason_text"), "moved")
    qtbot.mouseClick(find(tray, "sheet_yes"), Qt.MouseButton.LeftButton)
    assert session.form(subject, FormKey("F1", "SCR")).value("bed") == "14"
    assert not tray.isVisible()
    page = window.work.page
    assert page is not None
    # Not on the rail, where the next Enter would open another page.
    qtbot.waitUntil(lambda: page.isAncestorOf(QApplication.focusWidget()))


def test_a_locked_screen_shows_the_time_of_a_running_infusion_and_not_whose_it_is(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    session = sign_in()
    subject = add_participant(session)
    start_by_hand(session, subject)
    clock.advance(minutes=32, seconds=10)
    desk.lock()
    assert "00:32:10" in texts(window)
    assert subject not in texts(window)
    clock.advance(seconds=5)
    qtbot.waitUntil(lambda: "00:32:15" in texts(window))


def start_by_hand(session: Session, subject: str) -> None:
    """Record a start as another device would have: the checks before it are not the subject here."""
    from ucmsc_desktop.record import entry

    key, cell = FormKey("F7", "D0", 1), Cell("inf_start_dtm")
    draft = entry.item_set(session.state(subject), key, cell, session.now(), origin="stamped")
    session._record(session.state(subject), key, (cell,), "ItemSet", [draft])


def test_a_temporary_password_must_be_changed_before_anything_else(
    window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("admin")
    session.people.add("nurse2", "Nina Test", "nurse", PASSWORD)
    desk.lock()
    sign_in("nurse2")
    assert window.work is not None
    assert window.work.place == ("settings", {"part": "password"})
    assert "temporary" in texts(window)


def test_every_page_names_what_can_have_the_focus(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    subject = add_participant(sign_in("inv1"))
    assert window.work is not None
    silent: list[str] = []
    what: dict[str, dict[str, object]] = {
        "choose": {"then": "participant"},
        "form": {"subject": subject, "key": FormKey("F9", "SCR")},
        "infusion": {"subject": subject, "n": 1},
        "settings": {},
        "sync": {},
        "worklist": {},
    }
    for line in PAGES:
        desk.go(line.name, **what.get(line.name, {"subject": subject}))
        QApplication.processEvents()
        assert window.work.place[0] == line.name
        silent += [f"{line.name}: {w!r}" for w in nameless(window)]
    assert not silent


def nameless(window: QWidget) -> list[QWidget]:
    """Walk what a screen reader is told, and give the focusable widgets it could not name."""
    found = []
    for widget in window.findChildren(QWidget):
        if not widget.isVisible() or widget.focusPolicy() == Qt.FocusPolicy.NoFocus:
            continue
        if widget.objectName().startswith("qt_") or not widget.objectName():
            parent = widget.parentWidget()
            if parent is not None and (
                parent.inherits("QAbstractScrollArea") or parent.inherits("QComboBox")
            ):
                continue  # Qt's own parts inside a widget that has a name
            if widget.objectName().startswith("qt_"):
                continue
        told = QAccessible.queryAccessibleInterface(widget)
        if not widget.objectName() or told is None or not told.text(QAccessible.Text.Name):
            found.append(widget)
    return found


def test_the_walk_finds_a_field_without_a_name(prepared: QApplication, qtbot: QtBot) -> None:
    page, named = QWidget(), QLineEdit()
    qtbot.addWidget(page)
    bare = QLineEdit(page)
    named.setParent(page)
    named.setObjectName("bed")
    named.setAccessibleName("Bed")
    page.show()
    assert nameless(page) == [bare]


@pytest.mark.expects_log("bug ValueError")
def test_a_bug_is_told_by_its_place_and_never_by_its_words(
    window: MainWindow, desk: Desk, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    sign_in()
    try:
        raise ValueError("secret bed 12")
    except ValueError as error:
        BugReporter(desk)(ValueError, error, error.__traceback__)
    assert window.work is not None
    said = window.work.bar.text()
    assert "UC-000" in said
    assert "ValueError, test_window.py:" in said
    assert "secret" not in said + caplog.text


def test_every_page_of_the_window_has_both_languages_and_a_key(window: MainWindow) -> None:
    for line in PAGES:
        assert line.title.en
        assert line.title.zh
    assert len({line.name for line in PAGES}) == len(PAGES)


def test_showing_the_window_loads_nothing_that_only_paper_and_export_need(tmp_path: object) -> None:
    code = f"""
import sys
from pathlib import Path
from ucmsc_desktop.session import Ward
from ucmsc_desktop.ui import app as ui_app
from ucmsc_desktop.ui.desk import Desk
app = ui_app.make_application(["x"])
desk = Desk(Ward(Path({str(tmp_path)!r})))
window = ui_app.open_window(app, desk)
app.processEvents()
heavy = [m for m in ("reportlab", "pikepdf", "lxml", "alembic", "ppf", "PySide6.QtNetwork", "PySide6.QtPdf") if m in sys.modules]
window.close()
print("loaded:", heavy)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60
    )
    assert "loaded: []" in done.stdout, done.stdout + done.stderr


def test_the_light_changes_without_painting_pages_that_are_thrown_away(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in()
    for name in ("settings", "sync", "worklist"):
        desk.go(name)
    painted: list[int] = []

    def use(app: QApplication, theme: Theme) -> None:
        painted.append(len(window.findChildren(WorkArea)))
        used(app, theme)

    used = style.use
    monkeypatch.setattr(style, "use", use)
    desk.prefer(theme="night")
    try:
        qtbot.waitUntil(lambda: style.theme() == "night")
        assert painted == [0]
        assert find(window, "worklist_page").isVisible()
    finally:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        used(app, "day")


def test_a_lock_while_the_light_changes_shows_the_door(
    qtbot: QtBot, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    sign_in()
    desk.prefer(theme="night")
    try:
        desk.lock()
        qtbot.waitUntil(lambda: style.theme() == "night")
        assert find(window, "sign_in_page").isVisible()
        assert window.work is None
    finally:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        style.use(app, "day")

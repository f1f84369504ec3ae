"""Everything by keys alone: a whole form, an infusion, every page; the focus is always seen, and F1 tells every key."""

import re
from collections.abc import Callable, Iterator
from itertools import count

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAction, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractScrollArea,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.ui.conftest import add_participant, find
from tests.ui.infusion import bedside
from tests.ui.infusion.bedside import F7
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.focus_ring import _Ring
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.form.tiles import Chip, Tile
from ucmsc_desktop.ui.main_window import PAGES, MainWindow

SignIn = Callable[..., Session]
GAS = FormKey("F9", "SCR")
_PAGE = {
    "choose": {"then": "participant"},
    "form": {"key": GAS},
    "infusion": {"n": 1},
}


class Keys:
    """A person without a mouse: presses what has the focus, and sees where it is."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window, self.qtbot = window, qtbot
        beat = count(0, 100)  # at a hand's pace: faster it would be a scanner
        window.scan._elapsed_ms = lambda: next(beat)
        self.unseen: list[str] = []

    def focus(self) -> QWidget:
        QApplication.processEvents()
        now = QApplication.focusWidget()
        assert now is not None, "nothing has the focus"
        return now

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.look()
        self.qtbot.keyClick(self.focus(), key, modifier)

    def type(self, text: str) -> None:
        for char in text:
            self.qtbot.keyClicks(self.focus(), char)

    def tab_to(self, name: str, *, most: int = 60) -> QWidget:
        """Press Tab until a widget has the focus."""
        for _step in range(most):
            if self.focus().objectName() == name:
                return self.focus()
            self.press(Qt.Key.Key_Tab)
        raise AssertionError(f"Tab does not lead to {name}")

    def look(self) -> None:
        """Note where the focus could not be seen."""
        now = self.focus()
        problem = hidden(now)
        if problem:
            self.unseen.append(f"{now.objectName() or type(now).__name__}: {problem}")


def hidden(widget: QWidget) -> str:
    """Say why a person cannot see that a widget has the focus; "" where they can."""
    if not widget.isVisible():
        return "it is not shown"
    rings = [r for r in widget.window().findChildren(_Ring) if r.isVisible() and r.around is widget]
    if not rings:
        return "it has no ring"
    above: QWidget | None = widget.parentWidget()
    while above is not None:
        parent = above.parentWidget()
        if isinstance(parent, QAbstractScrollArea) and parent.viewport() is above:
            place = QRect(widget.mapTo(above, QPoint(0, 0)), widget.size())
            if not above.rect().intersects(place) or above.rect().top() > place.top() + place.height() // 2:
                return f"it is scrolled out of sight: {place} in {above.rect()}"
        above = parent
    return ""


@pytest.fixture
def keys(window: MainWindow, qtbot: QtBot) -> Iterator[Keys]:
    made = Keys(window, qtbot)
    yield made
    assert not made.unseen


# --- a whole form --------------------------------------------------------------------------------------------

ANSWERS = {
    "abg_done": "Y", "abg_collect_dtm": "T\t0850", "abg_analysis_dtm": "T\t0855", "abg_routine": "Y", "abg_vessel": "1",
    "abg_site": "1", "abg_sample_q": "1", "abg_slip_id4": "1234", "abg_slip_id_ok": "Y", "abg_rsup": "HFNC",
    "abg_o2flow": "45", "abg_fio2_src": "1", "abg_fio2": "0.45", "abg_steady20": "Y", "abg_trach": "N",
    "abg_temp_pt": "37.2", "abg_tempcorr": "N", "abg_ph": "7.42", "abg_pao2": "88", "abg_paco2": "38",
    "abg_hco3": "24.2", "abg_be": "0.3", "abg_sao2": "96.5", "abg_spo2": "97", "abg_slip_copied": "Y",
    "recorder": "nurse1", "source": "SLIP",
}  # fmt: skip


def answer(keys: Keys, field: Field) -> None:
    """Answer the item that has the focus; leave what needs no answer."""
    text = ANSWERS.get(field.item.id, "")
    now = keys.focus()
    if not text:
        return
    if isinstance(now, QComboBox):
        steps = now.findData(text)
        assert steps >= 0, f"{field.item.id} does not offer {text}"
        keys.press(Qt.Key.Key_Down)  # opens the list; it never changes the answer unseen
        view = now.view()
        assert view.isVisible()
        keys.qtbot.keyClick(view, Qt.Key.Key_Home)
        for _step in range(steps):
            keys.qtbot.keyClick(view, Qt.Key.Key_Down)
        keys.qtbot.keyClick(view, Qt.Key.Key_Return)
        keys.window.activateWindow()  # as a window manager does once the list has closed
        keys.qtbot.waitUntil(keys.window.isActiveWindow)
        assert now.currentData() == text
    elif isinstance(now, Tile | Chip):
        if not text.isalpha() or len(text) == 1:
            keys.type(text)
        else:
            places = [c.code for c in field.item.choices]
            keys.type(str(places.index(text) + 1))
    else:
        for part in text.split("\t"):
            keys.type(part)


def field_of(widget: QWidget) -> Field | None:
    above: QWidget | None = widget
    while above is not None and not isinstance(above, Field):
        above = above.parentWidget()
    return above


def test_a_whole_form_is_found_filled_in_and_completed_by_keys_alone(
    keys: Keys, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    session.confirm_clock()
    subject = add_participant(session)
    alt = Qt.KeyboardModifier.AltModifier
    keys.press(Qt.Key.Key_2, alt)  # Record: asks which participant
    keys.press(Qt.Key.Key_Return)
    assert window.work is not None
    assert window.work.place == ("participant", {"subject": subject})
    keys.tab_to(f"form_{GAS}")
    keys.press(Qt.Key.Key_Return)
    assert window.work.place[0] == "form"
    for _step in range(120):
        now = keys.focus()
        if now.objectName() == "form_continue":
            keys.press(Qt.Key.Key_Return)
            if session.form(subject, GAS).record.completed_at is not None:
                break
            continue
        field = field_of(now)
        assert field is not None, f"the focus is at {now.objectName() or now}"
        answer(keys, field)
        keys.press(Qt.Key.Key_Return)
        assert not field.problem, field.problem
        assert not [d for d in window.findChildren(QDialog) if d.isVisible()]
    view = session.form(subject, GAS)
    assert view.record.completed_at is not None
    assert view.record.completed_by == "nurse1"
    assert view.value("abg_rsup") == "HFNC"
    assert {e.origin for c in view.record.cells.values() for e in c} <= {"entered", "derived", "stamped"}


def test_enter_is_next_and_escape_takes_back(
    keys: Keys, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in()
    subject = add_participant(session)
    desk.go("form", subject=subject, key=FormKey("F1", "SCR"), item="bed")
    before = keys.focus()
    keys.type("99")
    keys.press(Qt.Key.Key_Escape)
    assert isinstance(before, QLineEdit)
    assert before.text() == "12"
    keys.press(Qt.Key.Key_Return)
    assert keys.focus() is not before


# --- an infusion ---------------------------------------------------------------------------------------------


def press_big(keys: Keys, name: str, qtbot: QtBot) -> None:
    """Go to a big button by Tab and press it with Enter; after a press the pad rests for a moment."""
    made = find(keys.window, f"infusion_{name}", QPushButton)
    qtbot.waitUntil(made.isEnabled, timeout=3000)
    keys.tab_to(f"infusion_{name}")
    keys.press(Qt.Key.Key_Return)


def test_start_pause_resume_a_row_of_vital_signs_and_end_by_keys_alone(
    keys: Keys, window: MainWindow, desk: Desk, sign_in: SignIn, clock: object, qtbot: QtBot
) -> None:
    session = sign_in("inv1")
    session.confirm_clock()
    subject = bedside.create(session)
    bedside.override_blocks(session, subject, bedside.prepare(session, subject))
    bedside.vitals(session, subject, F7, "T0")
    desk.go("infusion", subject=subject, n=1)
    press_big(keys, "start", qtbot)
    assert session.infusions.run(subject, 1).status == "running"
    press_big(keys, "pause", qtbot)
    assert session.infusions.run(subject, 1).status == "paused"
    press_big(keys, "resume", qtbot)
    assert session.infusions.run(subject, 1).status == "running"
    clock.advance(minutes=5)  # type: ignore[attr-defined]
    desk.changed.emit(None)
    rows = len(session.form(subject, F7).rows(flow(session)))
    qtbot.waitUntil(find(window, "infusion_vitals", QPushButton).isEnabled, timeout=3000)
    keys.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    typed = {"ivs_hr": "82", "ivs_sbp": "121", "ivs_dbp": "77", "ivs_rr": "18", "ivs_spo2": "96"}
    for item, text in typed.items():
        keys.tab_to(next(w.objectName() for w in fields(window, item)))
        keys.type(text)
    keys.press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    view = session.form(subject, F7)
    assert len(view.rows(flow(session))) == rows + 1
    row = view.rows(flow(session))[-1]
    assert view.value("ivs_point", row) == "T5"
    assert view.value("ivs_hr", row) is not None
    press_big(keys, "end", qtbot)
    assert session.infusions.run(subject, 1).status == "ended"


def flow(session: Session) -> object:
    return next(s for s in session.study.forms["F7"].sections if s.id == "flow")


def fields(window: MainWindow, item: str) -> list[QLineEdit]:
    found = [
        w
        for w in window.findChildren(QLineEdit)
        if w.isVisible() and re.fullmatch(rf"{item}\.\d+", w.objectName())
    ]
    assert found, f"no field for {item}"
    return found


# --- every page ----------------------------------------------------------------------------------------------


def test_tab_walks_every_page_and_the_focus_is_always_seen(
    keys: Keys, window: MainWindow, desk: Desk, sign_in: SignIn
) -> None:
    session = sign_in("inv1")
    session.confirm_clock()
    subject = add_participant(session)
    for line in PAGES:
        desk.go(line.name, **{"subject": subject, **_PAGE.get(line.name, {})})  # type: ignore[arg-type]
        QApplication.processEvents()
        first = keys.focus()
        seen = []
        for _step in range(80):
            keys.look()
            seen.append(keys.focus())
            keys.press(Qt.Key.Key_Tab)
            if keys.focus() is first:
                break
        assert keys.focus() is first, f"Tab does not come round on {line.name}"
        assert len(seen) > 3


def test_shift_tab_goes_back(keys: Keys, window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    sign_in()
    desk.go("settings")
    first = keys.focus()
    keys.press(Qt.Key.Key_Tab)
    second = keys.focus()
    assert second is not first
    keys.press(Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert keys.focus() is first


# --- F1 ------------------------------------------------------------------------------------------------------


def shortcuts(window: QWidget) -> set[str]:
    """Give the keys that do something wherever the focus is on this page."""
    found = {s.key().toString() for s in window.findChildren(QShortcut) if s.isEnabled()}
    page = window.work.page if isinstance(window, MainWindow) and window.work is not None else window
    assert page is not None
    shown = {
        s.key().toString()
        for s in window.findChildren(QShortcut)
        if isinstance(s.parent(), QWidget) and s.parent().isVisible()  # type: ignore[union-attr]
    }
    actions = {a.shortcut().toString() for a in page.findChildren(QAction) if not a.shortcut().isEmpty()}
    return (found & shown) | actions


def plain(keys: str) -> str:
    return keys.replace("Return", "Enter").replace("PgDown", "PgDn")


def test_f1_tells_every_key_of_every_page(
    keys: Keys, window: MainWindow, desk: Desk, sign_in: SignIn, qtbot: QtBot
) -> None:
    session = sign_in("inv1")
    subject = add_participant(session)
    for line in PAGES:
        desk.go(line.name, **{"subject": subject, **_PAGE.get(line.name, {})})  # type: ignore[arg-type]
        QApplication.processEvents()
        wanted = {plain(k) for k in shortcuts(window)} | {
            "F1",
            "F7",
            "F8",
            "F9",
            "F12",
            "Alt+1",
            "Enter",
            "Tab",
        }
        keys.press(Qt.Key.Key_F1)
        dialog = find(window, "keys_dialog", QDialog)
        told = plain(" ".join(w.text() for w in dialog.findChildren(QLabel)))
        assert not [k for k in wanted if k not in told], f"on {line.name} F1 says nothing of {wanted}"
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda d=dialog: not d.isVisible())
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)


def test_no_letter_alone_is_a_shortcut_anywhere(window: MainWindow, desk: Desk, sign_in: SignIn) -> None:
    """A scan or a comment would press it."""
    session = sign_in("inv1")
    subject = add_participant(session)
    bare = []
    for line in PAGES:
        desk.go(line.name, **{"subject": subject, **_PAGE.get(line.name, {})})  # type: ignore[arg-type]
        QApplication.processEvents()
        for shortcut in window.findChildren(QShortcut):
            bare += [k.toString() for k in (shortcut.key(),) if is_bare(k)]
        for pressed in window.findChildren(QPushButton):
            if not pressed.shortcut().isEmpty() and is_bare(pressed.shortcut()):
                bare.append(pressed.objectName())
    assert not bare


def is_bare(keys: QKeySequence) -> bool:
    return bool(re.fullmatch(r"(Shift\+)?[A-Za-z0-9]", keys.toString()))

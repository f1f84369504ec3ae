"""The worker thread, and telling a scanner from a typist."""

import threading
from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from ucmsc_desktop.ui.jobs import Jobs
from ucmsc_desktop.ui.scan import ScanWatch, plain_code


@pytest.fixture
def jobs(qapp: QApplication) -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close()


def test_work_runs_elsewhere_and_its_result_comes_back_here(qtbot: QtBot, jobs: Jobs) -> None:
    here = threading.current_thread()
    seen: list[object] = []
    jobs.run(threading.current_thread, then=lambda there: seen.extend((there, threading.current_thread())))
    qtbot.waitUntil(lambda: len(seen) == 2)
    assert seen[0] is not here
    assert seen[1] is here


def test_jobs_run_one_after_the_other_in_order(qtbot: QtBot, jobs: Jobs) -> None:
    done: list[int] = []
    for n in range(20):
        jobs.run(lambda n=n: n, then=done.append)
    qtbot.waitUntil(lambda: len(done) == 20)
    assert done == list(range(20))


def test_a_failure_goes_to_whoever_asked(qtbot: QtBot, jobs: Jobs) -> None:
    failed: list[Exception] = []
    jobs.run(lambda: 1 // 0, failed=failed.append)
    qtbot.waitUntil(lambda: bool(failed))
    assert isinstance(failed[0], ZeroDivisionError)


def test_a_failure_nobody_asked_for_is_told_all_the_same(qtbot: QtBot, jobs: Jobs) -> None:
    with qtbot.waitSignal(jobs.crashed) as told:
        jobs.run(lambda: 1 // 0)
    assert isinstance(told.args[0], ZeroDivisionError)


def test_a_cancelled_job_tells_nothing_and_one_that_waited_never_runs(qtbot: QtBot, jobs: Jobs) -> None:
    gate = threading.Event()
    told: list[object] = []
    ran: list[int] = []
    first = jobs.run(gate.wait, then=told.append)
    second = jobs.run(lambda: ran.append(1), then=told.append)
    first.cancel()
    second.cancel()
    gate.set()
    qtbot.waitUntil(lambda: not jobs.pending)
    assert not told
    assert not ran


def test_finish_waits_for_the_job_at_work_and_drops_the_rest(qtbot: QtBot, jobs: Jobs) -> None:
    done: list[str] = []
    began = threading.Event()

    def work() -> None:
        began.set()
        done.append("first")

    jobs.run(work)
    began.wait(5)
    jobs.run(lambda: done.append("second"))
    jobs.finish()
    assert done[0] == "first"
    count = len(done)
    jobs.run(lambda: done.append("after"))
    qtbot.waitUntil(lambda: "after" in done)
    assert len(done) == count + 1


def test_a_closed_worker_leaves_no_thread_and_takes_no_work(qapp: QApplication) -> None:
    made = Jobs()
    made.run(lambda: None)
    made.close()
    assert not [t for t in threading.enumerate() if t.name == "ucmsc-jobs"]
    with pytest.raises(RuntimeError):
        made.run(lambda: None)


class Hand:
    """Types into a field with a given time between keys."""

    def __init__(self) -> None:
        self.ms = 1000

    def elapsed_ms(self) -> int:
        return self.ms

    def type(self, field: QWidget, text: str, gap_ms: int) -> None:
        for char in text:
            self.ms += gap_ms
            key = {"\r": Qt.Key.Key_Return, "\t": Qt.Key.Key_Tab}.get(char, Qt.Key(ord(char.upper())))
            shown = "" if char == "\t" else char
            if char == "\x1d":
                key, shown = Qt.Key.Key_BracketRight, ""
            held = Qt.KeyboardModifier.ControlModifier if char == "\x1d" else Qt.KeyboardModifier.NoModifier
            QApplication.sendEvent(field, QKeyEvent(QKeyEvent.Type.KeyPress, key, held, shown))


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def watch(qapp: QApplication, hand: Hand) -> Iterator[ScanWatch]:
    made = ScanWatch(qapp, prefix="~", elapsed_ms=hand.elapsed_ms)
    qapp.installEventFilter(made)  # the fields of these tests have no focus
    yield made
    qapp.removeEventFilter(made)
    made.stop()
    made.deleteLater()


@pytest.mark.parametrize("kind", [QLineEdit, QPlainTextEdit])
def test_a_scan_does_not_stay_in_a_comment(
    qtbot: QtBot, watch: ScanWatch, hand: Hand, kind: type[QWidget]
) -> None:
    field = kind()
    qtbot.addWidget(field)
    hand.type(field, "slept well", 120)
    hand.ms += 500
    told: list[str] = []
    watch.scanned.connect(told.append)
    hand.type(field, "~01-001\r", 8)
    held = field.text() if isinstance(field, QLineEdit) else field.toPlainText()  # type: ignore[attr-defined]
    assert held == "slept well"
    assert told == ["01-001"]


def test_a_scan_does_not_press_enter_and_typing_does(qtbot: QtBot, watch: ScanWatch, hand: Hand) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    pressed: list[int] = []
    field.returnPressed.connect(lambda: pressed.append(1))
    hand.type(field, "01-001\r", 8)
    assert not pressed
    hand.ms += 500
    hand.type(field, "01-001\r", 60)
    assert pressed == [1]
    assert field.text() == "01-001"


def test_a_short_burst_is_typing(qtbot: QtBot, watch: ScanWatch, hand: Hand) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    with qtbot.assertNotEmitted(watch.scanned):
        hand.type(field, "12.5\r", 8)
    assert field.text() == "12.5"


def test_a_field_that_takes_scans_keeps_the_text(qtbot: QtBot, watch: ScanWatch, hand: Hand) -> None:
    field = QLineEdit()
    field.setProperty("takes_scan", True)
    qtbot.addWidget(field)
    hand.type(field, "LOT-20260304\r", 8)
    assert field.text() == "LOT-20260304"


def test_the_group_separator_arrives_and_the_aim_identifier_goes(
    qtbot: QtBot, watch: ScanWatch, hand: Hand
) -> None:
    field = QLineEdit()
    qtbot.addWidget(field)
    told: list[str] = []
    watch.scanned.connect(told.append)
    hand.type(field, "]d2010123\x1d10AB\r", 8)
    assert told == ["010123\x1d10AB"]


def test_a_password_typed_fast_is_not_a_scan(qtbot: QtBot, watch: ScanWatch, hand: Hand) -> None:
    field = QLineEdit()
    field.setEchoMode(QLineEdit.EchoMode.Password)
    qtbot.addWidget(field)
    with qtbot.assertNotEmitted(watch.scanned):
        hand.type(field, "violet kettle\r", 8)
    assert field.text() == "violet kettle"


def test_prefix_and_identifier_are_stripped_once() -> None:
    assert plain_code("~]C101-001", "~") == "01-001"
    assert plain_code("]C101-001") == "01-001"
    assert plain_code("01-001", "~") == "01-001"


def test_a_short_number_and_enter_typed_fast_is_no_scan(qtbot: QtBot, hand: Hand) -> None:
    outer = QWidget()
    middle, field = QWidget(outer), QLineEdit()
    field.setParent(middle)
    qtbot.addWidget(outer)
    outer.show()
    outer.activateWindow()
    field.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is field)
    watch = ScanWatch(outer, elapsed_ms=hand.elapsed_ms)
    scanned: list[str] = []
    entered: list[str] = []
    watch.scanned.connect(scanned.append)
    field.returnPressed.connect(lambda: entered.append(field.text()))
    hand.type(field, "7.40\r", 5)  # the Enter goes on to both parents
    hand.type(field, "1\r", 5)
    watch.stop()
    assert scanned == []
    assert entered == ["7.40", "7.401"]

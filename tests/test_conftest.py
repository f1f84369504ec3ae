"""The guards of conftest.py must be able to fail: each is broken once, in a test run of its own."""

import socket
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).with_name("conftest.py")


@pytest.fixture
def run(pytester: pytest.Pytester):
    """Run one test body under the project's conftest, in a process of its own, and count the outcomes."""
    pytester.makeconftest(CONFTEST.read_text(encoding="utf-8"))
    pytester.makeini("[pytest]\nmarkers = expects_log\nqt_api = pyside6\n")

    def go(body: str) -> dict[str, int]:
        pytester.makepyfile("import logging, threading, pytest\n" + body)
        return pytester.runpytest_subprocess("-p", "no:randomly", "-p", "no:cacheprovider").parseoutcomes()

    return go


def test_a_quiet_test_passes(run):
    assert run("def test_it(): assert True") == {"passed": 1}


def test_an_unexpected_warning_in_the_log_fails(run):
    assert run("def test_it(): logging.getLogger('x').warning('disk slow')") == {"passed": 1, "errors": 1}


def test_an_announced_log_passes(run):
    body = "@pytest.mark.expects_log('disk slow')\ndef test_it(): logging.getLogger('x').warning('disk slow')"
    assert run(body) == {"passed": 1}


def test_an_announced_log_that_does_not_come_fails(run):
    assert run("@pytest.mark.expects_log('disk slow')\ndef test_it(): pass") == {"passed": 1, "errors": 1}


def test_a_thread_left_running_fails(run):
    body = "def test_it(): threading.Thread(target=threading.Event().wait, args=(9,), daemon=True).start()"
    assert run(body) == {"passed": 1, "errors": 1}


def test_a_swallowed_use_of_the_network_fails(run):
    body = """
import socket
def test_it():
    try: socket.socket(socket.AF_INET)
    except Exception: pass
"""
    assert run(body) == {"passed": 1, "errors": 1}


def test_a_window_left_open_fails(run):
    body = """
from PySide6.QtWidgets import QWidget
kept = []
def test_it(qapp):
    kept.append(QWidget())
    kept[0].show()
"""
    assert run(body) == {"passed": 1, "errors": 1}


def test_a_timer_left_running_fails(run):
    body = """
from PySide6.QtCore import QTimer
kept = []
def test_it(qapp):
    kept.append(QTimer())
    kept[0].start(1000)
"""
    assert run(body) == {"passed": 1, "errors": 1}


def test_windows_and_timers_that_are_closed_pass(run):
    body = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget
def test_it(qtbot):
    window = QWidget()
    QVBoxLayout(window).addWidget(QComboBox())
    timer = QTimer(window)
    timer.start(1000)
    qtbot.addWidget(window)
    window.show()
"""
    assert run(body) == {"passed": 1}


def test_no_socket_to_another_machine_can_be_made(network_attempts):
    with pytest.raises(RuntimeError, match="network"):
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    assert network_attempts

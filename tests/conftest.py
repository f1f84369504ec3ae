"""What holds for every test: no network, no unexpected log, no thread, window or timer left behind.

Loaded before any test module, so that Qt starts without a display and nothing touches the user's own data folder.
"""

import gc
import logging
import os
import re
import shutil
import socket
import sys
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

import ucmsc_desktop.ui  # noqa: F401 - before Qt: see there what PySide6 does to None

ROOT = Path(__file__).resolve().parent.parent
IN_CI = bool(os.environ.get("CI"))

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

hypothesis.settings.register_profile("dev", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None, print_blob=True)
hypothesis.settings.load_profile("ci" if IN_CI else "dev")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tour: it takes longest, and the other worker does the rest meanwhile. All else stays shuffled."""
    items.sort(key=lambda item: "test_tour" not in item.nodeid)


# --- the network ---------------------------------------------------------------------------------------------

_network_use: list[str] = []


def _refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6):
        _network_use.append(f"a socket of family {arguments[1]}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        _network_use.append(f"{event}{arguments[:2]}")
    else:
        return
    raise RuntimeError(f"a test may not use the network: {_network_use[-1]}")


# An audit hook sees every socket of the process, whichever library makes it, and cannot be patched away.
sys.addaudithook(_refuse_network)


@pytest.fixture(autouse=True)
def _no_network() -> Iterator[None]:
    """Fail a test that tried to reach the network, even if the code under test swallowed the refusal."""
    before = len(_network_use)
    yield
    tried = _network_use[before:]
    assert not tried, f"the test tried to use the network: {tried}"


@pytest.fixture
def network_attempts() -> Iterator[list[str]]:
    """Give the list of refused attempts and forgive those of this test: for the tests of the guard itself."""
    before = len(_network_use)
    yield _network_use
    del _network_use[before:]


@pytest.fixture(autouse=True, scope="session")
def _own_data_folder() -> Iterator[None]:
    """Point UCMSC_DATA at a folder that goes away, so that no test can write to the user's data."""
    with tempfile.TemporaryDirectory(prefix="ucmsc-tests-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("UCMSC_DATA", str(Path(folder) / "data"))
        yield


# --- logs ----------------------------------------------------------------------------------------------------


class _Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(f"{record.levelname} {record.name}: {record.getMessage()}")


@pytest.fixture(autouse=True)
def _no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail on any log from WARNING up that the marker `expects_log` does not announce, and on one that is missing."""
    marker = request.node.get_closest_marker("expects_log")
    expected = [re.compile(pattern) for pattern in marker.args] if marker else []
    collector = _Collector()
    root = logging.getLogger()
    root.addHandler(collector)
    yield
    root.removeHandler(collector)
    unexpected = [m for m in collector.messages if not any(p.search(m) for p in expected)]
    assert not unexpected, f"unexpected log: {unexpected}"
    absent = [p.pattern for p in expected if not any(p.search(m) for m in collector.messages)]
    assert not absent, f"expected log did not come: {absent}; logged: {collector.messages}"


# --- leaks ---------------------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_leaked_thread() -> Iterator[None]:
    """Fail when a thread outlives its test by more than two seconds."""
    before = set(threading.enumerate())
    yield
    # A dummy stands for a thread of Qt's own pool; the pool is asked below.
    left = [t for t in threading.enumerate() if t not in before and not isinstance(t, threading._DummyThread)]
    for thread in left:
        thread.join(2)
    alive = [thread.name for thread in left if thread.is_alive()]
    assert not alive, f"threads left running: {alive}"


def _qt() -> Any:
    """Give the running QApplication, or None: pure tests must not load Qt."""
    widgets = sys.modules.get("PySide6.QtWidgets")
    return widgets.QApplication.instance() if widgets else None


_timers: weakref.WeakSet[Any] = weakref.WeakSet()


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Note every timer that is made. To look for them among all objects after each test took half of the run."""
    from PySide6 import QtCore  # pytest-qt has loaded it

    class Timer(QtCore.QTimer):
        def __init__(self, *arguments: Any, **named: Any) -> None:
            super().__init__(*arguments, **named)
            _timers.add(self)

    QtCore.QTimer = Timer  # type: ignore[misc]  # before any module of the program takes it from there


def _active_timers() -> set[Any]:
    valid = sys.modules["shiboken6"].isValid
    return {timer for timer in list(_timers) if valid(timer) and timer.isActive()}


@pytest.fixture(autouse=True)
def _no_leaked_qt(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail when a window, a running timer or a pool job of Qt outlives its test."""
    uses_qt = bool({"qapp", "qtbot"} & set(request.fixturenames)) or _qt() is not None
    app = _qt()
    windows = set(app.topLevelWidgets()) if app else set()
    timers = _active_timers() if app and uses_qt else set()
    yield
    app = _qt()
    if not app or not uses_qt:
        return
    from PySide6.QtCore import QEvent, QThreadPool

    def left() -> list[str]:
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        app.processEvents()
        found = [f"window {w!r}" for w in app.topLevelWidgets() if w not in windows]
        return found + [f"timer {t!r} of {t.parent()!r}" for t in _active_timers() - timers]

    assert QThreadPool.globalInstance().waitForDone(2000), "a job of Qt's thread pool is still running"
    leaked = left()
    if leaked:
        gc.collect()  # a cycle of Python references is not a leak yet
        leaked = left()
    assert not leaked, f"Qt objects left behind: {leaked}"


# --- what tests ask for --------------------------------------------------------------------------------------

_APT_PACKAGE = {
    "age": "age",
    "age-keygen": "age",
    "minisign": "minisign",
    "openbox": "openbox",
    "pdffonts": "poppler-utils",
    "pdfinfo": "poppler-utils",
    "pdftoppm": "poppler-utils",
    "pdftotext": "poppler-utils",
    "qpdf": "qpdf",
    "strace": "strace",
    "xauth": "xauth",
    "xdotool": "xdotool",
    "Xvfb": "xvfb",
    "xvfb-run": "xvfb",
}


@pytest.fixture(scope="session")
def external() -> Callable[[str], Path]:
    """Give a function from a program's name to its path.

    Missing: the test is skipped and says which package to install; on a build server that could install it, it fails,
    because a run without the outside witnesses proves less than it claims.
    """

    def find(name: str) -> Path:
        found = shutil.which(name)
        if found:
            return Path(found)
        reason = f"{name} is not installed: sudo apt-get install {_APT_PACKAGE[name]}"
        if IN_CI and os.name == "posix" and os.geteuid() == 0:
            pytest.fail(reason)
        pytest.skip(reason)

    return find


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Give the folder of standards' schemas and samples that may lie beside the checkout; skip without it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the standards' schemas and samples are not beside this checkout")
    return folder

"""A real ward in a temporary folder, with a clock that stands still, for the tests of the window.

Participants here are invented. Key derivation is the cheap one for training, so that a sign-in takes milliseconds.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from tests.ward import hollow_reserve
from ucmsc_desktop import age
from ucmsc_desktop.durable import RESERVE_NAME
from ucmsc_desktop.i18n import set_language
from ucmsc_desktop.ledger import keys
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session, SetUp, Ward
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.model import Study
from ucmsc_desktop.study.values import Number
from ucmsc_desktop.ui import app as ui_app
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.main_window import MainWindow

PASSWORD = "quiet-lamp-orchard-7"
NOW = datetime(2026, 3, 4, 9, 0, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture(scope="session")
def study() -> Study:
    return load_study()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    set_language("en")
    yield
    set_language("en")


@pytest.fixture
def prepared(qapp: QApplication) -> QApplication:
    """The application with the program's look."""
    ui_app.prepare(qapp)
    return qapp


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOW)


@pytest.fixture
def empty_ward(tmp_path: Path, clock: FrozenClock, study: Study) -> Ward:
    return Ward(tmp_path / "ward", clock, study, kdf_floor=keys.TRAINING)


@pytest.fixture(scope="session")
def made_ward(tmp_path_factory: pytest.TempPathFactory, study: Study) -> Path:
    """A ward with an administrator, a nurse and an investigator, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("made") / "ward"
    made = Ward(folder, FrozenClock(NOW), study, kdf_floor=keys.TRAINING)
    work, recovery = age.new_identity()[1], age.new_identity()[1]
    made.set_up(SetUp("01", "Test laptop", "admin", "Ada Minh", PASSWORD, (work,), recovery))
    session = made.sign_in("admin", PASSWORD)
    session.people.add("nurse1", "Nora Test", "nurse", PASSWORD, is_temporary=False)
    session.people.add("inv1", "Ivo Test", "investigator", PASSWORD, is_temporary=False)
    session.lock()
    return folder


@pytest.fixture
def ward(empty_ward: Ward, made_ward: Path) -> Ward:
    """The made ward, in a folder of its own; the reserve of 32 MB stays behind."""
    shutil.copytree(made_ward, empty_ward.folder, ignore=shutil.ignore_patterns(RESERVE_NAME))
    hollow_reserve(empty_ward.folder)
    return empty_ward


@pytest.fixture
def desk(prepared: QApplication, ward: Ward) -> Iterator[Desk]:
    """A desk at which nobody has signed in yet."""
    made = Desk(ward)
    yield made
    made.close()


@pytest.fixture
def sign_in(desk: Desk, qtbot: QtBot) -> Callable[..., Session]:
    """Sign somebody in without the page for it."""

    def go(user: str = "nurse1") -> Session:
        desk.begin(desk.ward.sign_in(user, PASSWORD))
        return desk.session

    return go


@pytest.fixture
def window(desk: Desk, qtbot: QtBot) -> MainWindow:
    """The window, in front and active."""
    made = MainWindow(desk)
    desk.language_chosen.disconnect(made._on_desk_language_chosen)
    desk.language_chosen.connect(set_language)
    desk.language_chosen.connect(made._on_desk_language_chosen)
    qtbot.addWidget(made)
    made.resize(1280, 800)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def add_participant(session: Session, initials: str = "ABCD", bed: str = "12") -> str:
    """Add an invented participant with what the banner shows."""
    subject = session.create_subject()
    session.enter(
        subject,
        FormKey("F1", "SCR"),
        {
            Cell("initials4"): initials,
            Cell("birth_date"): date(1968, 3, 4),
            Cell("sex"): "F",
            Cell("bed"): bed,
        },
        confirmed=frozenset({"soft"}),
    )
    return subject


def number(text: str, unit: str = "") -> Number:
    return Number(Decimal(text), unit)


def find(parent: QWidget, name: str, kind: type[QWidget] = QWidget) -> QWidget:
    """Give the visible widget of a name; what was just added to a layout is shown first."""
    QApplication.processEvents()
    found = [w for w in parent.findChildren(kind, name) if w.isVisible()]
    assert found, f"no visible {name}"
    return found[-1]

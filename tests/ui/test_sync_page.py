"""The sync page: what the centre lacks, and "safe to remove" only after the file was read back."""

import errno
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import add_participant, find
from ucmsc_desktop.durable import Disk
from ucmsc_desktop.i18n import set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.session import Session
from ucmsc_desktop.sync.minisign import PublicKey
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.pages import sync as sync_module
from ucmsc_desktop.ui.pages.sync import Stick, SyncPage

TIMEOUT = 10_000


@pytest.fixture(autouse=True)
def plugged(monkeypatch: pytest.MonkeyPatch) -> list[Stick]:
    """What is plugged in: nothing, unless a test says so."""
    found: list[Stick] = []
    monkeypatch.setattr(sync_module, "sticks", lambda: tuple(found))
    return found


@pytest.fixture
def session(sign_in: Callable[..., Session]) -> Session:
    made = sign_in("nurse1")
    add_participant(made)
    return made


@pytest.fixture
def page(desk: Desk, session: Session, qtbot: QtBot) -> SyncPage:
    made = SyncPage(desk)
    qtbot.addWidget(made)
    made.resize(1102, 735)
    made.open()
    with qtbot.waitExposed(made):
        made.show()
    return made


def text(page: QWidget, name: str) -> str:
    label = find(page, name, QLabel)
    assert isinstance(label, QLabel)
    return label.text()


def export(page: SyncPage, qtbot: QtBot) -> None:
    qtbot.mouseClick(find(page, "sync_export"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page._job is not None and page._job.is_done, timeout=TIMEOUT)


def test_it_says_how_much_the_centre_has_not_confirmed(page, session, clock: FrozenClock):
    clock.advance(days=3, hours=4)
    page.refresh()
    count = session.sync_status().unconfirmed
    assert count > 0
    assert text(page, "sync_status") == f"{count} entries, the oldest 3 d 4 h old"
    assert text(page, "sync_last") == "Nothing was exported yet."


def test_without_a_place_nothing_can_be_exported(page):
    assert not page.export_it.isEnabled()
    assert "No stick found" in text(page, "sync_no_stick")


def test_the_one_stick_that_is_plugged_in_is_chosen(page, plugged, tmp_path, qtbot):
    plugged.append(Stick(tmp_path, "KINGFISHER", 7_200_000_000))
    qtbot.mouseClick(find(page, "sync_look"), Qt.MouseButton.LeftButton)
    made = find(page, "sync_place_0", QAbstractButton)
    assert isinstance(made, QAbstractButton)
    assert "KINGFISHER, 7.2 GB free" in made.text()
    assert made.isChecked()
    assert page.export_it.isEnabled()


def test_of_two_sticks_none_is_chosen_for_the_person(page, plugged, tmp_path):
    plugged += [Stick(tmp_path / "a", "A", 1), Stick(tmp_path / "b", "B", 1)]
    page._show_places()
    assert not page.export_it.isEnabled()


def test_safe_to_remove_names_the_file_that_lies_on_the_stick(page, session, tmp_path, qtbot):
    page.choose(tmp_path)
    export(page, qtbot)
    files = list(tmp_path.glob("ucmsc-*.age"))
    assert len(files) == 1
    assert text(page, "sync_safe") == "Safe to remove"
    said = text(page, "sync_written")
    assert files[0].name in said
    assert hashlib.sha256(files[0].read_bytes()).hexdigest()[:16] in said
    assert "entries 1 to " in said
    assert text(page, "sync_last").startswith("Last export 04-Mar-2026 09:00")
    past = [w.text() for w in page._past_card.findChildren(QLabel)]
    assert any(files[0].name in line for line in past)


def test_a_write_protected_stick_is_said_with_its_code(page, tmp_path, qtbot, monkeypatch):
    def refuse(_self: Disk, path: Path, _mode: int) -> int:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(Disk, "create", refuse)
    page.choose(tmp_path)
    export(page, qtbot)
    assert "UC-501" in text(page, "sync_error")
    assert not page._done.isVisible()
    assert list(tmp_path.glob("*.age*")) == []
    assert page.export_it.isEnabled()


def test_the_public_key_is_shown_and_saved_as_the_centre_reads_it(page, session, tmp_path):
    page.save_key(tmp_path / "device.pub")
    written = (tmp_path / "device.pub").read_text(encoding="utf-8")
    assert written == session.device_public_key()
    assert page.key.text() == PublicKey.from_text(written).base64


def test_it_says_plainly_what_it_cannot_do(page):
    assert "does not read return files" in text(page, "sync_returns")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_everything_that_takes_the_focus_has_a_name(desk, session, plugged, tmp_path, qtbot, lang):
    set_language(lang)
    plugged.append(Stick(tmp_path, "A", 1))
    page = SyncPage(desk)
    qtbot.addWidget(page)
    page.open()
    page.show()
    for widget in page.findChildren(QWidget):
        if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or not widget.isVisible():
            continue
        if widget.objectName().startswith("qt_"):
            continue
        assert widget.accessibleName() or (isinstance(widget, QAbstractButton) and widget.text()), widget
        assert widget.objectName(), widget


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_fits(desk, session, qtbot, lang):
    set_language(lang)
    page = SyncPage(desk)
    qtbot.addWidget(page)
    page.open()
    page.resize(953, 480)
    page.show()
    inside = page._frame.area.widget()  # type: ignore[union-attr]
    assert inside is not None
    assert inside.minimumSizeHint().width() <= 953 - 16

"""The first run, from an empty folder to the sign-in page, by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import PASSWORD, find
from ucmsc_desktop import age
from ucmsc_desktop.i18n import language
from ucmsc_desktop.session import Ward
from ucmsc_desktop.ui import app as ui_app
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.pages.set_up import SetUpPage
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox


@pytest.fixture
def first_run(prepared: QApplication, empty_ward: Ward, qtbot: QtBot) -> Iterator[MainWindow]:
    desk = Desk(empty_ward)
    window = ui_app.open_window(prepared, desk)
    qtbot.addWidget(window)
    yield window
    desk.close()


def words(window: QWidget) -> str:
    QApplication.processEvents()
    return "\n".join(w.text() for w in window.findChildren(QLabel) if w.isVisible())


def click(qtbot: QtBot, window: QWidget, name: str) -> None:
    qtbot.mouseClick(find(window, name), Qt.MouseButton.LeftButton)


def paste(window: QWidget, name: str, text: str) -> None:
    field = find(window, name, QPlainTextEdit)
    assert isinstance(field, QPlainTextEdit)
    field.setPlainText(text)


def test_an_empty_folder_is_set_up_and_the_administrator_can_sign_in(
    qtbot: QtBot, first_run: MainWindow, empty_ward: Ward, tmp_path: Path
) -> None:
    window = first_run
    assert "step 1 of 7" in words(window)
    click(qtbot, window, "set_up_next")
    click(qtbot, window, "set_up_next")
    assert "Choose the study site." in words(window)
    site = find(window, "set_up_site", ChoiceBox)
    assert isinstance(site, ChoiceBox)
    site.set_code("01")
    click(qtbot, window, "set_up_next")
    qtbot.keyClicks(find(window, "set_up_device_label"), "Ward 3, laptop 12")
    click(qtbot, window, "set_up_next")
    qtbot.keyClicks(find(window, "set_up_name"), "Ada Minh")
    qtbot.keyClicks(find(window, "set_up_user"), "admin")
    qtbot.keyClicks(find(window, "set_up_password"), "password123456")
    click(qtbot, window, "set_up_next")
    assert "common" in words(window)
    for name in ("set_up_password", "set_up_password_again"):
        find(window, name).clear()  # type: ignore[attr-defined]
        qtbot.keyClicks(find(window, name), PASSWORD)
    click(qtbot, window, "set_up_next")
    paste(window, "set_up_centre_keys", age.new_identity()[1])
    paste(window, "set_up_recovery_key", age.new_identity()[1])
    assert not empty_ward.is_set_up
    click(qtbot, window, "set_up_next")
    qtbot.waitUntil(lambda: "step 6 of 7" in words(window), timeout=15_000)
    click(qtbot, window, "set_up_next")
    assert "tick the box" in words(window)
    page = find(window, "set_up_page", SetUpPage)
    assert isinstance(page, SetUpPage)
    page._save_sheet(tmp_path / "sheet.txt")
    assert "SHA-256" in (tmp_path / "sheet.txt").read_text(encoding="utf-8")
    box = find(window, "set_up_kept_sheet", QCheckBox)
    assert isinstance(box, QCheckBox)
    qtbot.keyClick(box, Qt.Key.Key_Space)
    click(qtbot, window, "set_up_next")
    click(qtbot, window, "set_up_next")
    assert find(window, "sign_in_user").isVisible()
    empty_ward.sign_in("admin", PASSWORD).lock()


def test_the_language_chosen_first_is_the_language_of_the_set_up(qtbot: QtBot, first_run: MainWindow) -> None:
    click(qtbot, first_run, "set_up_language_zh")
    assert language() == "zh"
    assert "第 1 步" in words(first_run)


def test_a_key_file_is_read_into_the_field_and_a_missing_one_is_told(
    qtbot: QtBot, prepared: QApplication, empty_ward: Ward, tmp_path: Path
) -> None:
    from ucmsc_desktop.record.guide import Guide

    desk = Desk(empty_ward)
    page = SetUpPage(desk, Guide(page="keys"))
    qtbot.addWidget(page)
    page.show()
    key = age.new_identity()[1]
    (tmp_path / "centre.pub").write_text(f"# the centre\n{key}\n", encoding="utf-8")
    page._take_file("centre_keys", tmp_path / "centre.pub")
    field = find(page, "set_up_centre_keys", QPlainTextEdit)
    assert isinstance(field, QPlainTextEdit)
    assert key in field.toPlainText()
    page._take_file("centre_keys", tmp_path / "not there")
    assert "UC-" in words(page)
    desk.close()

"""Every page speaks the language that was chosen: walked as it is shown, so that no word escapes by the way it was made."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import add_participant
from tests.ui.test_keyboard import _PAGE
from ucmsc_desktop.i18n import LANGS, Lang, set_language
from ucmsc_desktop.session import Session
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.main_window import PAGES, MainWindow

SignIn = Callable[..., Session]
CHINESE = re.compile(r"[\u3400-\u9fff]")
# Names that are the same in both languages: the product, initials, languages by their own name, keys of the keyboard.
NAMES = re.compile(r"\b(UCMSC|desktop|ABCD|English|Enter|Qt)\b|中文")


def shown(root: QWidget) -> Iterator[tuple[str, str]]:
    """Give every text that is seen or heard, with the name of its widget."""
    for widget in root.findChildren(QWidget):
        if not widget.isVisible():
            continue
        texts = [widget.toolTip(), widget.accessibleName(), widget.accessibleDescription()]
        if isinstance(widget, QLabel | QAbstractButton):
            texts.append(widget.text())
        if isinstance(widget, QLineEdit):
            texts.append(widget.placeholderText())
        if isinstance(widget, QComboBox):
            texts += [widget.itemText(n) for n in range(widget.count())]
        yield from ((widget.objectName(), NAMES.sub("", re.sub("<[^>]+>", "", t))) for t in texts if t)


def foreign(root: QWidget, lang: Lang) -> Iterator[str]:
    """Give what stands in the other language."""
    for name, text in shown(root):
        has_chinese = CHINESE.search(text) is not None
        if (lang == "en" and has_chinese) or (
            lang == "zh" and not has_chinese and re.search(r"[A-Za-z]{4,}", text)
        ):
            yield f"{name}: {text!r}"


@pytest.mark.parametrize("lang", LANGS)
def test_every_page_speaks_one_language(window: MainWindow, desk: Desk, sign_in: SignIn, lang: Lang) -> None:
    set_language(lang)
    desk.language_chosen.emit(lang)
    subject = add_participant(sign_in("inv1"))
    found = []
    for line in PAGES:
        desk.go(line.name, **{"subject": subject, **_PAGE.get(line.name, {})})  # type: ignore[dict-item]
        QApplication.processEvents()
        found += [f"{line.name}: {fault}" for fault in dict.fromkeys(foreign(window, lang))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("lang", "text"), [("zh", "Bag mixed"), ("en", "已混匀")])
def test_the_walk_finds_a_word_of_the_other_language(qtbot: QtBot, lang: Lang, text: str) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    QLabel(text, page)
    page.show()
    assert list(foreign(page, lang))

"""Contrast, kinds and icons: what the eye needs, measured."""

import ast
import re

import pytest
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ucmsc_desktop import paths
from ucmsc_desktop.errors import ResourceMissing
from ucmsc_desktop.ui import palette, style
from ucmsc_desktop.ui.palette import Theme
from ucmsc_desktop.ui.widgets import button, pill
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox


@pytest.mark.parametrize("theme", palette.THEMES)
@pytest.mark.parametrize(("text", "behind"), palette.TEXT_PAIRS)
def test_text_stands_out_from_what_is_behind_it(theme: Theme, text: str, behind: str) -> None:
    now = palette.colours(theme)
    assert palette.contrast(now[text], now[behind]) >= 4.5


@pytest.mark.parametrize("theme", palette.THEMES)
@pytest.mark.parametrize(("line", "behind"), palette.LINE_PAIRS)
def test_borders_icons_and_the_focus_ring_stand_out(theme: Theme, line: str, behind: str) -> None:
    now = palette.colours(theme)
    assert palette.contrast(now[line], now[behind]) >= 3


@pytest.mark.parametrize("theme", palette.THEMES)
@pytest.mark.parametrize("status", sorted(pill.LOOKS))
def test_a_pill_is_readable_and_has_a_word_in_both_languages(theme: Theme, status: str) -> None:
    look, now = pill.LOOKS[status], palette.colours(theme)
    assert palette.contrast(now[look.ink], now[look.paper]) >= 4.5
    assert look.text.en
    assert look.text.zh


def test_contrast_of_black_on_white_is_the_largest_there_is() -> None:
    assert round(palette.contrast("#000000", "#FFFFFF"), 2) == 21
    assert palette.contrast("#777777", "#777777") == 1


@pytest.mark.parametrize("theme", palette.THEMES)
def test_the_style_sheet_uses_no_colour_of_its_own(theme: Theme) -> None:
    assert not re.findall(r"#[0-9A-Fa-f]{3,8}\b", style._SHEET)
    assert "@" not in style.style_sheet(theme)
    assert "%" not in style.style_sheet(theme)


def test_every_pair_of_text_and_background_in_the_style_sheet_is_among_those_measured() -> None:
    pairs = set()
    for rule in re.findall(r"\{([^}]*)\}", style._SHEET):
        ink = re.search(r"(?<![-\w])color: @(\w+)", rule)
        paper = re.search(r"(?<!selection-)background(?:-color)?: @(\w+)", rule)
        if ink and paper:
            pairs.add((ink[1], paper[1]))
    assert ("ON_FILL", "FILL_PRIMARY") in pairs
    assert pairs <= set(palette.TEXT_PAIRS)


def test_night_gives_less_light_and_no_white_plane() -> None:
    night = palette.colours("night")
    for name in (
        "BACKGROUND",
        "SURFACE",
        "BANNER",
        "NAVIGATION",
        "PRIMARY_TINT",
        "ERROR_TINT",
        "WARNING_TINT",
    ):
        assert palette._luminance(night[name]) < 0.05


def test_a_colour_chosen_for_paper_is_shown_as_that_of_the_theme() -> None:
    assert palette.on_screen("#212B32", "day") == "#212B32"
    assert palette.on_screen("#212b32", "night") == palette.colours("night")["TEXT"]
    assert palette.on_screen("#123456", "night") == "#123456"


def test_no_module_keeps_a_colour_of_the_theme_it_was_loaded_in() -> None:
    """A name imported from style would stay that of the day."""
    ui = paths.resources_dir().parent / "ucmsc_desktop" / "ui"
    names = set(palette.colours("day"))
    kept = []
    for path in ui.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "ucmsc_desktop.ui.style":
                kept += [f"{path.name}: {a.name}" for a in node.names if a.name in names]
    assert not kept


def test_no_other_module_of_the_window_brings_a_style_sheet_or_a_colour_of_its_own() -> None:
    """The trend plots are drawn for paper as well and hold their own few colours."""
    ui = paths.resources_dir().parent / "ucmsc_desktop" / "ui"
    found = [
        f"{path.name}: {line.strip()}"
        for path in ui.rglob("*.py")
        if path.name not in ("palette.py", "trend.py", "signs.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if ("setStyleSheet(" in line and path.name != "style.py") or re.search(r"\"#[0-9A-Fa-f]{6}\"", line)
    ]
    assert not found


def test_an_icon_is_drawn_in_the_colour_asked_for(prepared: QApplication) -> None:
    image = style.pixmap("home", style.PRIMARY, 48, ratio=2).toImage()
    assert image.width() == 96
    shades = {
        image.pixelColor(x, y).name()
        for x in range(96)
        for y in range(96)
        if image.pixelColor(x, y).alpha() == 255
    }
    assert shades == {style.PRIMARY.lower()}


def test_a_missing_icon_is_named() -> None:
    with pytest.raises(ResourceMissing) as caught:
        style.pixmap("no_such_icon")
    assert "no_such_icon" in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "height"),
    [("secondary", style.TOUCH), ("primary", style.ACTION), ("stop", style.PAD), ("quiet", style.TOUCH)],
)
def test_buttons_are_large_enough_for_fingers(
    prepared: QApplication, qtbot: QtBot, kind: str, height: int
) -> None:
    made = button.make(kind, "Go", "go", "check")
    qtbot.addWidget(made)
    made.ensurePolished()
    assert made.sizeHint().height() >= height


def test_a_chosen_answer_is_not_cut_when_its_words_turn_bold(prepared: QApplication, qtbot: QtBot) -> None:
    made = button.toggle("English", "language")
    qtbot.addWidget(made)
    before = made.sizeHint().width()
    made.setChecked(True)
    assert made.sizeHint().width() == before


def test_the_wheel_scrolls_past_a_list_without_changing_its_answer(
    prepared: QApplication, qtbot: QtBot
) -> None:
    box = ChoiceBox("sex", "Sex")
    box.set_choices([("F", "Female"), ("M", "Male")])
    box.set_code("F")
    qtbot.addWidget(box)
    box.show()
    box.setFocus()
    turn = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, turn)
    assert box.code() == "F"
    assert not turn.isAccepted()


def test_a_choice_starts_empty_and_setting_it_tells_nobody(prepared: QApplication, qtbot: QtBot) -> None:
    box = ChoiceBox("sex", "Sex")
    qtbot.addWidget(box)
    with qtbot.assertNotEmitted(box.currentIndexChanged):
        box.set_choices([("F", "Female"), ("M", "Male")])
        assert box.code() == ""
        box.set_code("M")
    assert box.code() == "M"


def test_the_focus_ring_surrounds_the_widget_with_the_focus_in_yellow_and_dark(
    prepared: QApplication, qtbot: QtBot
) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    column.setContentsMargins(30, 30, 30, 30)
    first, second = QPushButton("One"), QPushButton("Two")
    column.addWidget(first)
    column.addWidget(second)
    page.resize(300, 220)
    with qtbot.waitExposed(page):
        page.show()
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    second.setFocus()
    image = page.grab().toImage()
    ratio = image.devicePixelRatio()

    def shades(around: QRect) -> set[str]:
        x = round((around.left() - 3) * ratio)
        middle = range(round((around.top() + 10) * ratio), round((around.bottom() - 10) * ratio))
        return {image.pixelColor(x, y).name() for y in middle}

    assert style.FOCUS.lower() in shades(second.geometry())
    assert style.FOCUS.lower() not in shades(first.geometry())

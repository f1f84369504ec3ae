"""Answers from a list: tiles for a few, a drop-down list for many, chips where several may be true, a list of people.

No answer is ever given by default, by walking with the arrow keys, or by a wheel. Keys: the digit of an answer chooses
it, Y, N and U answer yes, no and unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.study.model import Choice, Item
from ucmsc_desktop.study.values import Value
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.layouts import RING, FlowBox
from ucmsc_desktop.ui.form.tiles import Chip, Tile
from ucmsc_desktop.ui.form.words import accessible, object_name
from ucmsc_desktop.ui.style import TOUCH, set_wrong
from ucmsc_desktop.ui.widgets import button
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.naming import named

TILES_MAX = 6
ALONE = ("NONE", "OK")  # codes that say "nothing of all this": by convention of the forms, whatever the list
_MOVES = (
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_Space,
)


class _Walker:
    """Lets the arrow keys walk over tiles and a digit or letter tap one; a group is one stop of the Tab key."""

    def __init__(self, tiles: Mapping[str, Tile | Chip], keys: Sequence[str]) -> None:
        self._tiles = list(tiles.values())
        self._keys = keys
        for number, tile in enumerate(self._tiles):
            tile.stepped.connect(lambda by, n=number: self._go((n + by) % len(self._tiles)))
            tile.keyed.connect(self._on_tile_keyed)
        self.rest_on(self._tiles[0])

    def rest_on(self, tile: Tile | Chip) -> None:
        """Make a tile the one that Tab reaches."""
        for other in self._tiles:
            wanted = Qt.FocusPolicy.StrongFocus if other is tile else Qt.FocusPolicy.ClickFocus
            if other.focusPolicy() != wanted:
                other.setFocusPolicy(wanted)

    def _go(self, number: int) -> None:
        self.rest_on(self._tiles[number])
        self._tiles[number].setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_tile_keyed(self, typed: str) -> None:
        if typed in self._keys:
            number = self._keys.index(typed)
            self._go(number)
            self._tiles[number].click()


def _keys(choices: Sequence[Choice], kind: str) -> list[str]:
    codes = [c.code for c in choices]
    if kind in ("yn", "ynu") or all(len(c) == 1 and c.isdigit() for c in codes):
        return codes  # of grades and scores the digit is the answer, not its place
    return [str(n) if n < 10 else "" for n in range(1, len(codes) + 1)]


class ChoiceInput(FlowBox):
    """One of a few answers, all in sight."""

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, item: Item, row: int, _context: Context) -> None:
        super().__init__()
        says = accessible(item, row)
        name = named(self, object_name(item.id, row), says).objectName()
        self._tiles: dict[str, Tile] = {}
        for choice in item.choices:
            tile = Tile(str(choice.label), f"{name}:{choice.code}", f"{says}: {choice.label}")
            tile.clicked.connect(lambda _on=False, c=choice.code: self._on_tile_clicked(c))
            self._tiles[choice.code] = tile
            self.add(tile)
        self._walker = _Walker(self._tiles, _keys(item.choices, item.type))

    def first(self) -> QWidget:
        """Give the widget that takes the focus."""
        return self._tiles.get(self.text()) or next(iter(self._tiles.values()))

    def show_value(self, value: Value | None) -> None:
        """Show an answer; emits nothing."""
        self.set_text(value if isinstance(value, str) else "")

    def read(self) -> Value | None:
        """Give the answer chosen."""
        return self.text() or None

    def text(self) -> str:
        """Give the code chosen; "" where none is."""
        return next((c for c, tile in self._tiles.items() if tile.isChecked()), "")

    def set_text(self, text: str) -> None:
        """Choose a code without emitting."""
        for code, tile in self._tiles.items():
            tile.setChecked(code == text)
        self._walker.rest_on(self._tiles.get(text) or next(iter(self._tiles.values())))

    def set_wrong(self, wrong: bool) -> None:
        """Mark it as wrong."""
        for tile in self._tiles.values():
            _mark_wrong(tile, wrong)

    def set_read_only(self, read_only: bool) -> None:
        """Let it be read only."""
        for tile in self._tiles.values():
            tile.setEnabled(not read_only)

    def _on_tile_clicked(self, code: str) -> None:
        self.set_text(code)
        self.chosen.emit("entered")


def _mark_wrong(tile: Tile | Chip, wrong: bool) -> None:
    if bool(tile.property("wrong")) != wrong:
        tile.setProperty("wrong", wrong)
        tile.update()


class MultiInput(FlowBox):
    """Any of several answers; recorded when the field is left, so that ticking four is one entry.

    "None" cannot stand beside an answer: whichever of the two is ticked last takes the other away.
    """

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, item: Item, row: int, _context: Context) -> None:
        super().__init__()
        says = accessible(item, row)
        name = named(self, object_name(item.id, row), says).objectName()
        self._chips: dict[str, Chip] = {}
        for choice in item.choices:
            chip = Chip(str(choice.label), f"{name}:{choice.code}", f"{says}: {choice.label}")
            chip.clicked.connect(lambda on=False, c=choice.code: self._on_chip_clicked(c, on))
            self._chips[choice.code] = chip
            self.add(chip)
        self._walker = _Walker(self._chips, _keys(item.choices, item.type))

    def first(self) -> QWidget:
        """Give the widget that takes the focus."""
        return next(iter(self._chips.values()))

    def _on_chip_clicked(self, code: str, on: bool) -> None:
        for other, chip in self._chips.items():
            if on and other != code and (other in ALONE or code in ALONE):
                chip.setChecked(False)
        self.typed.emit()

    def show_value(self, value: Value | None) -> None:
        """Show the answers; emits nothing."""
        chosen = value if isinstance(value, tuple) else ()
        for code, chip in self._chips.items():
            chip.setChecked(code in chosen)
        if not chosen:
            self._walker.rest_on(next(iter(self._chips.values())))

    def read(self) -> Value | None:
        """Give the answers ticked, in printed order; None where none is."""
        return tuple(c for c, chip in self._chips.items() if chip.isChecked()) or None

    def text(self) -> str:
        """Give the codes ticked, as a draft keeps them."""
        return " ".join(c for c, chip in self._chips.items() if chip.isChecked())

    def set_text(self, text: str) -> None:
        """Put a draft back."""
        self.show_value(tuple(text.split()))

    def set_wrong(self, wrong: bool) -> None:
        """Mark it as wrong."""
        for chip in self._chips.values():
            _mark_wrong(chip, wrong)

    def set_read_only(self, read_only: bool) -> None:
        """Let it be read only."""
        for chip in self._chips.values():
            chip.setEnabled(not read_only)


class _Box(ChoiceBox):
    """A drop-down list that a key opens instead of changing: Qt would change the answer unseen, and record it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()  # to the field: on to the next one
            return
        held = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        letter = bool(event.text().strip()) and event.text().isprintable() and not held
        if letter or event.key() in _MOVES:
            self.showPopup()
            if letter:
                self.view().keyboardSearch(event.text())
            return
        super().keyPressEvent(event)


class ListInput(QWidget):
    """One of many answers, in a drop-down list."""

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, item: Item, row: int, _context: Context) -> None:
        super().__init__()
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(RING, RING, RING, RING)
        self._line.setSpacing(8)
        self.box = _Box(object_name(item.id, row), accessible(item, row))
        self.box.setMinimumWidth(160)
        self.box.setMaximumWidth(460)
        self.box.setMinimumHeight(TOUCH + 2)
        self.box.setMaxVisibleItems(12)
        self.box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.box.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setPlaceholderText(tr("Choose", "请选择"))
        self.box.set_choices((c.code, str(c.label)) for c in item.choices)
        self.box.activated.connect(lambda _index: self.chosen.emit("entered"))
        self._line.addWidget(self.box, 1)

    def first(self) -> QWidget:
        """Give the widget that takes the focus."""
        return self.box

    def show_value(self, value: Value | None) -> None:
        """Show an answer; emits nothing."""
        self.set_text(value if isinstance(value, str) else "")

    def read(self) -> Value | None:
        """Give the answer chosen."""
        return self.box.code() or None

    def text(self) -> str:
        """Give the code chosen; "" where none is."""
        return self.box.code()

    def set_text(self, text: str) -> None:
        """Choose a code without emitting."""
        self.box.set_code(text)

    def set_wrong(self, wrong: bool) -> None:
        """Mark it as wrong."""
        set_wrong(self.box, wrong)

    def set_read_only(self, read_only: bool) -> None:
        """Let it be read only."""
        self.box.setEnabled(not read_only)


class StaffInput(ListInput):
    """A person with an account here; one button for oneself, never by itself."""

    def __init__(self, item: Item, row: int, context: Context) -> None:
        super().__init__(item, row, context)
        self._me = context.me
        self._staff = context.staff
        self._names = context.names
        self._mine: button.Button | None = None
        self.box.set_choices(context.staff)
        if any(user == context.me for user, _name in context.staff):
            name = f"{object_name(item.id, row)}:me"
            says = tr("{item}: me", "{item}：本人", item=item.label)
            self._mine = named(button.quiet(tr("Me", "本人"), name, "person"), name, says)
            self._mine.clicked.connect(self._on_mine_clicked)
            self._line.addWidget(self._mine)

    def set_text(self, text: str) -> None:
        """Choose a user without emitting; one who has left is shown by name all the same."""
        known = dict(self._staff)
        if text and text not in known:
            known[text] = self._names.get(text, text)
        if self.box.count() != len(known) or (text and self.box.findData(text) < 0):
            self.box.set_choices(known.items())
        self.box.set_code(text)

    def set_read_only(self, read_only: bool) -> None:
        """Let it be read only."""
        super().set_read_only(read_only)
        if self._mine is not None:
            self._mine.setVisible(not read_only)

    def _on_mine_clicked(self) -> None:
        self.box.set_code(self._me)
        self.box.setFocus(Qt.FocusReason.OtherFocusReason)
        self.chosen.emit("entered")

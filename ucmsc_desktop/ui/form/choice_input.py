"""Answers from a list: tiles for a few, a drop-down list for many, chips where several may be true, a list of people.

No answer is ever given by default, by walking with the arrow keys, or by a wheel. Keys: the digit of an answer chooses
it, Y, N and U answer yes, no and unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.study.model import Choice, Item
from ucmsc_desktop.study.values import Value
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.layouts import Flow
from ucmsc_desktop.ui.form.tiles import Chip, Tile
from ucmsc_desktop.ui.form.words import accessible, object_name
from ucmsc_desktop.ui.style import TOUCH, set_wrong
from ucmsc_desktop.ui.widgets import button
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.naming import named

TILES_MAX = 6
_BACK = (Qt.Key.Key_Left, Qt.Key.Key_Up)
_ON = (Qt.Key.Key_Right, Qt.Key.Key_Down)


class _Walker(QObject):
    """Lets the arrow keys walk over tiles and a digit or letter tap one; a group is one stop of the Tab key."""

    def __init__(self, tiles: Sequence[QAbstractButton], keys: Sequence[str]) -> None:
        super().__init__(tiles[0].parent() if tiles else None)
        self._tiles = tiles
        self._keys = keys
        for tile in tiles:
            tile.installEventFilter(self)
        self.rest_on(tiles[0])

    def rest_on(self, tile: QAbstractButton) -> None:
        """Make a tile the one that Tab reaches."""
        for other in self._tiles:
            other.setFocusPolicy(Qt.FocusPolicy.StrongFocus if other is tile else Qt.FocusPolicy.ClickFocus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        here = next((i for i, t in enumerate(self._tiles) if t is watched), None)
        if here is None:
            return False
        if event.key() in (*_BACK, *_ON):
            there = self._tiles[(here + (1 if event.key() in _ON else -1)) % len(self._tiles)]
            self.rest_on(there)
            there.setFocus(Qt.FocusReason.OtherFocusReason)
            return True
        typed = event.text().upper()
        if typed and typed in self._keys and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            there = self._tiles[self._keys.index(typed)]
            self.rest_on(there)
            there.setFocus(Qt.FocusReason.OtherFocusReason)
            there.click()
            return True
        return False


def _keys(choices: Iterable[Choice], kind: str) -> list[str]:
    if kind in ("yn", "ynu"):
        return [c.code for c in choices]
    codes = [c.code for c in choices]
    if all(len(c) == 1 and c.isdigit() for c in codes):
        return codes  # grades and scores: the digit is the answer, not its place
    return [str(n) if n < 10 else "" for n in range(1, len(codes) + 1)]


class ChoiceInput(QWidget):
    """One of a few answers, all in sight."""

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, item: Item, row: int, _context: Context) -> None:
        super().__init__()
        name = named(self, object_name(item.id, row), accessible(item, row)).objectName()
        flow = Flow(self)
        self._tiles: dict[str, Tile] = {}
        for choice in item.choices:
            says = f"{accessible(item, row)}: {choice.label}"
            tile = Tile(str(choice.label), f"{name}:{choice.code}", says)
            tile.clicked.connect(lambda _on=False, c=choice.code: self._on_tile_clicked(c))
            self._tiles[choice.code] = tile
            flow.addWidget(tile)
        self._walker = _Walker(list(self._tiles.values()), _keys(item.choices, item.type))

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
            set_wrong(tile, wrong)

    def set_read_only(self, read_only: bool) -> None:
        """Let it be read only."""
        for tile in self._tiles.values():
            tile.setEnabled(not read_only)

    def _on_tile_clicked(self, code: str) -> None:
        self.set_text(code)
        self.chosen.emit("entered")


class MultiInput(QWidget):
    """Any of several answers; recorded when the field is left, so that ticking four is one entry."""

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, item: Item, row: int, _context: Context) -> None:
        super().__init__()
        name = named(self, object_name(item.id, row), accessible(item, row)).objectName()
        flow = Flow(self)
        self._chips: dict[str, Chip] = {}
        for choice in item.choices:
            chip = Chip(str(choice.label), f"{name}:{choice.code}", f"{accessible(item, row)}: {choice.label}")
            chip.clicked.connect(self.typed)
            self._chips[choice.code] = chip
            flow.addWidget(chip)
        self._walker = _Walker(list(self._chips.values()), _keys(item.choices, item.type))

    def first(self) -> QWidget:
        """Give the widget that takes the focus."""
        return next(iter(self._chips.values()))

    def show_value(self, value: Value | None) -> None:
        """Show the answers; emits nothing."""
        chosen = value if isinstance(value, tuple) else ()
        for code, chip in self._chips.items():
            chip.setChecked(code in chosen)

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
            set_wrong(chip, wrong)

    def set_read_only(self, read_only: bool) -> None:
        """Let it be read only."""
        for chip in self._chips.values():
            chip.setEnabled(not read_only)


class _OpenFirst(QObject):
    """Makes keys on a closed list open it: Qt would change the answer unseen, and record it."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if not isinstance(watched, ChoiceBox) or watched.view().isVisible():
            return False
        plain = not event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
        letter = plain and event.text().strip().isprintable() and bool(event.text().strip())
        moves = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Home, Qt.Key.Key_End)
        if not (letter or event.key() in moves or event.key() == Qt.Key.Key_Space):
            return False
        watched.showPopup()
        if letter:
            watched.view().keyboardSearch(event.text())
        return True


class ListInput(QWidget):
    """One of many answers, in a drop-down list."""

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, item: Item, row: int, _context: Context) -> None:
        super().__init__()
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        self.box = ChoiceBox(object_name(item.id, row), accessible(item, row))
        self.box.setMinimumWidth(160)
        self.box.setMaximumWidth(460)
        self.box.setMinimumHeight(TOUCH + 2)
        self.box.setMaxVisibleItems(12)
        self.box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.box.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setPlaceholderText(tr("Choose", "请选择"))
        self.box.set_choices((c.code, str(c.label)) for c in item.choices)
        self.box.activated.connect(lambda _index: self.chosen.emit("entered"))
        self._filter = _OpenFirst(self)
        self.box.installEventFilter(self._filter)
        line.addWidget(self.box, 1)

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
        self._people = dict(context.staff)
        self._names = context.names
        self.box.set_choices(context.staff)
        name = object_name(item.id, row)
        self._mine = named(
            button.quiet(tr("Me", "本人"), f"{name}:me", "person"),
            f"{name}:me",
            tr("{item}: me", "{item}：本人", item=item.label),
        )
        self._mine.setVisible(context.me in self._people)
        self._mine.clicked.connect(self._on_mine_clicked)
        line = self.layout()
        if line is not None:
            line.addWidget(self._mine)

    def set_text(self, text: str) -> None:
        """Choose a user without emitting; one who has left is shown by name all the same."""
        if text and self.box.findData(text) < 0:
            self.box.addItem(self._names.get(text, text), text)
        self.box.set_code(text)

    def set_read_only(self, read_only: bool) -> None:
        """Let it be read only."""
        super().set_read_only(read_only)
        self._mine.setVisible(not read_only and self._me in self._people)

    def _on_mine_clicked(self) -> None:
        self.box.set_code(self._me)
        self.box.setFocus(Qt.FocusReason.OtherFocusReason)
        self.chosen.emit("entered")

"""Day, month and year, each in its box, in the order the language reads them.

A month shows by its name in English, so that 04 and 03 cannot be taken for each other. Typing moves on by itself once a
part is full; a whole date pasted or scanned into any part fills all three; T means today. Must never complete a date by
itself: a missing part is a question to the person.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit

from ucmsc_desktop.i18n import language, tr
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import PartialDate, ValueProblem, tidy
from ucmsc_desktop.ui.form.number_input import plain_keys
from ucmsc_desktop.ui.form.words import accessible, object_name
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets.naming import named

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
UNKNOWN = "UK"
_ISO = re.compile(r"^(\d{4})[-/.年]?(\d{2})[-/.月]?(\d{2})日?$")
_WORDS = re.compile(r"^(\d{1,2})[- /.]([A-Za-z]{3,9})[- /.](\d{4})$")


def read_month(text: str) -> int:
    """Read a month from its number or its English name. Raises: ValueProblem "date"."""
    if text[:3].lower() in MONTHS:
        return MONTHS.index(text[:3].lower()) + 1
    if not text.isdigit() or not 1 <= int(text) <= 12:
        raise ValueProblem("date")
    return int(text)


def show_month(month: int) -> str:
    """Show a month: its name in English, its number in Chinese."""
    return MONTHS[month - 1].title() if language() == "en" else f"{month:02d}"


class _Part(QLineEdit):
    """One part of a date. Backspace in an empty part goes back."""

    moved = Signal(int)

    def __init__(self, width: int, full: int, ghost: str) -> None:
        super().__init__()
        plain_keys(self)
        self.full = full
        self.setFixedWidth(width)
        self.setPlaceholderText(ghost)
        self.setTextMargins(-6, 0, -6, 0)  # the style's room at both sides, for two to four digits

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at_start = self.cursorPosition() == 0 and not self.hasSelectedText()
        at_end = self.cursorPosition() == len(self.text()) and not self.hasSelectedText()
        back = event.key() == Qt.Key.Key_Backspace and not self.text()
        if back or (event.key() == Qt.Key.Key_Left and at_start):
            self.moved.emit(-1)
        elif event.key() == Qt.Key.Key_Right and at_end:
            self.moved.emit(1)
        else:
            super().keyPressEvent(event)


class DateParts(QObject):
    """Day, month and year, each in its box."""

    typed = Signal()
    filled = Signal()

    def __init__(self, item: Item, row: int, today: Callable[[], date], *, partial: bool = False) -> None:
        super().__init__()
        self._today = today
        self._partial = partial
        name, says = object_name(item.id, row), accessible(item, row)
        english = language() == "en"
        self.day = named(_Part(48, 2, tr("DD", "日")), f"{name}:day", tr("{f}, day", "{f}，日", f=says))
        self.month = named(
            _Part(60 if english else 48, 3 if english else 2, tr("Mon", "月")),
            f"{name}:month",
            tr("{f}, month", "{f}，月", f=says),
        )
        self.year = named(_Part(64, 4, tr("YYYY", "年")), f"{name}:year", tr("{f}, year", "{f}，年", f=says))
        self.parts = (self.day, self.month, self.year) if english else (self.year, self.month, self.day)
        for part in self.parts:
            part.textEdited.connect(lambda text, p=part: self._on_part_edited(p, text))
            part.moved.connect(lambda step, p=part: self.step(p, step))
            part.editingFinished.connect(self._tidy)

    def step(self, part: _Part, by: int) -> None:
        """Go to the part before or behind."""
        there = self.parts.index(part) + by
        if 0 <= there < len(self.parts):
            self.parts[there].setFocus(Qt.FocusReason.OtherFocusReason)
            self.parts[there].selectAll()
        elif by > 0:
            self.filled.emit()

    def _on_part_edited(self, part: _Part, text: str) -> None:
        plain = tidy(text)
        if self._spread(plain):
            self.typed.emit()
            self.filled.emit()
            return
        if plain.lower() == "t":
            self.put(self._today())
            self.typed.emit()
            self.filled.emit()
            return
        if self._partial and part is not self.year and plain.lower() in ("u", "uk"):
            part.setText(UNKNOWN)
            self.typed.emit()
            self.step(part, 1)
            return
        separated = len(plain) > 1 and plain[-1] in "-/.,年月日 "
        if separated or plain != text:
            part.setText(plain.rstrip("-/.,年月日 "))
        self.typed.emit()
        if separated or self._is_full(part):
            self.step(part, 1)

    def _is_full(self, part: _Part) -> bool:
        text = part.text()
        if part is self.month and text.isdigit():
            return len(text) == 2 or int(text) > 1
        if part is self.day and text.isdigit():
            return len(text) == 2 or int(text) > 3
        return len(text) >= part.full

    def _spread(self, text: str) -> bool:
        """Spread a whole date over the parts; say whether it was one."""
        iso, words = _ISO.match(text), _WORDS.match(text)
        try:
            if iso:
                self.put(date(int(iso[1]), int(iso[2]), int(iso[3])))
            elif words:
                self.put(date(int(words[3]), read_month(words[2]), int(words[1])))
        except ValueError:
            return False
        return bool(iso or words)

    def _tidy(self) -> None:
        """Show a number typed as a month by its name, and a day with two digits."""
        try:
            if self.month.text() and self.month.text() != UNKNOWN:
                self.month.setText(show_month(read_month(tidy(self.month.text()))))
        except ValueProblem:
            return
        if self.day.text().isdigit():
            self.day.setText(f"{int(self.day.text()):02d}")

    def put(self, value: date | PartialDate | None) -> None:
        """Show a date; emits nothing."""
        if value is None:
            for part in self.parts:
                part.setText("")  # not clear(), after which Ctrl+Z would bring the date of before back
            return
        self.year.setText(f"{value.year:04d}")
        self.month.setText(show_month(value.month) if value.month else UNKNOWN)
        self.day.setText(f"{value.day:02d}" if value.day else UNKNOWN)

    def read(self) -> tuple[int, int | None, int | None] | None:
        """Give year, month and day, unknown ones as None; None where nothing is typed. Raises: ValueProblem."""
        year, month, day = (tidy(p.text()) for p in (self.year, self.month, self.day))
        if not (year or month or day):
            return None
        if not (year and month and day):
            raise ValueProblem("date_part")
        if not (year.isdigit() and len(year) == 4):
            raise ValueProblem("year")
        unknown_month, unknown_day = month.upper() == UNKNOWN, day.upper() == UNKNOWN
        if unknown_month and not unknown_day:
            raise ValueProblem("date_gap")
        if not unknown_day and not day.isdigit():
            raise ValueProblem("date")
        return int(year), None if unknown_month else read_month(month), None if unknown_day else int(day)

    def text(self) -> str:
        """Give the parts as typed, as a draft keeps them."""
        parts = [p.text().strip() for p in (self.year, self.month, self.day)]
        with suppress(ValueProblem):
            parts[1] = f"{read_month(tidy(parts[1])):02d}" if parts[1] and parts[1] != UNKNOWN else parts[1]
        if parts[2].isdigit():
            parts[2] = f"{int(parts[2]):02d}"
        return "/".join(parts) if any(parts) else ""

    def set_text(self, text: str) -> None:
        """Put a draft back."""
        parts = (*text.split("/"), "", "", "")[:3]
        for part, typed in zip((self.year, self.month, self.day), parts, strict=True):
            part.setText(typed)
        self._tidy()

    def set_wrong(self, wrong: bool) -> None:
        """Mark all parts as wrong."""
        for part in self.parts:
            set_wrong(part, wrong)

    def set_read_only(self, read_only: bool) -> None:
        """Let it be read only."""
        for part in self.parts:
            part.setReadOnly(read_only)


def whole(parts: tuple[int, int | None, int | None]) -> date:
    """Give a date of which everything is known. Raises: ValueProblem."""
    year, month, day = parts
    if month is None or day is None:
        raise ValueProblem("date_part")
    try:
        return date(year, month, day)
    except ValueError as fault:
        raise ValueProblem("date") from fault

"""Dates and times: a date in three parts in the order the language reads it, a time by the 24-hour clock.

A month shows by its name in English, so that 04 and 03 cannot be taken for each other. Typing moves on by itself once a
part is full; a whole date pasted or scanned into any part fills all three; T means today. Unknown parts of a partial
date say UK. Must never complete a date by itself: a missing part is a question to the person.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from ucmsc_desktop.i18n import language, tr
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import PartialDate, Value, ValueProblem, tidy
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.labels import text_label
from ucmsc_desktop.ui.form.layouts import FlowBox
from ucmsc_desktop.ui.form.number_input import plain_keys
from ucmsc_desktop.ui.form.tiles import Chip
from ucmsc_desktop.ui.form.words import accessible, object_name
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets import button
from ucmsc_desktop.ui.widgets.naming import named

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
UNKNOWN = "UK"
_ISO = re.compile(r"^(\d{4})[-/.年]?(\d{2})[-/.月]?(\d{2})日?$")
_WORDS = re.compile(r"^(\d{1,2})[- /.]([A-Za-z]{3,9})[- /.](\d{4})$")
_TIME = re.compile(r"^(\d{1,2})[:.]?(\d{2})(?:[:.]?(\d{2}))?$")


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


def read_time(text: str) -> tuple[int, int, int]:
    """Read 0905, 9:05, 09:05:30. Raises: ValueProblem "time" or "time24"."""
    found = _TIME.match(tidy(text).replace(" ", ""))
    if not found:
        raise ValueProblem("time")
    hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
    if (hour, minute, second) == (24, 0, 0):
        raise ValueProblem("time24")
    if hour > 23 or minute > 59 or second > 59:
        raise ValueProblem("time")
    return hour, minute, second


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


def _whole(parts: tuple[int, int | None, int | None]) -> date:
    year, month, day = parts
    if month is None or day is None:
        raise ValueProblem("date_part")
    try:
        return date(year, month, day)
    except ValueError as fault:
        raise ValueProblem("date") from fault


class DateInput(FlowBox):
    """A date that is wholly known."""

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, item: Item, row: int, context: Context) -> None:
        super().__init__(gap=5)
        named(self, object_name(item.id, row), accessible(item, row))
        self._context = context
        self.date = DateParts(item, row, lambda: context.now().date())
        self.date.typed.connect(self.typed)
        self.add(*self.date.parts)
        self._stamp = _stamp_button(item, row, tr("Today", "今天")) if item.stamp else None
        if self._stamp is not None:
            self._stamp.clicked.connect(self._on_stamp_clicked)
            self.add(self._stamp)

    def _on_stamp_clicked(self) -> None:
        self.date.put(self._context.now().date())
        self.chosen.emit("stamped")

    def first(self) -> QWidget:
        """Give the widget that takes the focus."""
        return self.date.parts[0]

    def show_value(self, value: Value | None) -> None:
        """Show a date; emits nothing."""
        self.date.put(value if isinstance(value, date) else None)

    def read(self) -> Value | None:
        """Read the date. Raises: ValueProblem."""
        parts = self.date.read()
        return _whole(parts) if parts else None

    def text(self) -> str:
        """Give what is typed."""
        return self.date.text()

    def set_text(self, text: str) -> None:
        """Put a draft back."""
        self.date.set_text(text)

    def set_wrong(self, wrong: bool) -> None:
        """Mark it as wrong."""
        self.date.set_wrong(wrong)

    def set_read_only(self, read_only: bool) -> None:
        """Let it be read only."""
        self.date.set_read_only(read_only)
        if self._stamp is not None:
            self._stamp.setVisible(not read_only)
            self.relay()


class PartialDateInput(FlowBox):
    """A date of which day, or month and day, may be unknown; with a time where the item asks for one."""

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, item: Item, row: int, context: Context) -> None:
        super().__init__(gap=5)
        name = named(self, object_name(item.id, row), accessible(item, row)).objectName()
        self.date = DateParts(item, row, lambda: context.now().date(), partial=True)
        self.date.typed.connect(self._on_date_typed)
        self.add(*self.date.parts)
        self.time: QLineEdit | None = None
        if item.with_time:
            self.time = _time_edit(item, row, seconds=False)
            self.time.textEdited.connect(self.typed)
            self.date.filled.connect(self.time.setFocus)
            self.time.setToolTip(tr("empty: unknown", "留空表示未知"))
            self.add(self.time)
        self._chips = {
            "day": Chip(
                tr("Day unknown", "日未知"),
                f"{name}:day_uk",
                tr("{f}: day unknown", "{f}：日未知", f=item.label),
            ),
            "month": Chip(
                tr("Month unknown", "月未知"),
                f"{name}:month_uk",
                tr("{f}: month unknown", "{f}：月未知", f=item.label),
            ),
        }
        for which, chip in self._chips.items():
            chip.clicked.connect(lambda on=False, w=which: self._on_chip_clicked(w, on))
            self.add(chip)

    def _on_date_typed(self) -> None:
        self._refresh()
        self.typed.emit()

    def _on_chip_clicked(self, which: str, on: bool) -> None:
        month, day = self.date.month, self.date.day
        if on:
            day.setText(UNKNOWN)
            if which == "month":
                month.setText(UNKNOWN)
            if self.time is not None:
                self.time.clear()
        else:
            day.setText("") if which == "day" else month.setText("")
        self._refresh()
        self.typed.emit()

    def _refresh(self) -> None:
        self._chips["day"].setChecked(self.date.day.text() == UNKNOWN)
        self._chips["month"].setChecked(self.date.month.text() == UNKNOWN)

    def first(self) -> QWidget:
        """Give the widget that takes the focus."""
        return self.date.parts[0]

    def show_value(self, value: Value | None) -> None:
        """Show a date; emits nothing."""
        shown = value if isinstance(value, PartialDate) else None
        self.date.put(shown)
        if self.time is not None:
            known = shown is not None and shown.hour is not None
            self.time.setText(f"{shown.hour:02d}:{shown.minute:02d}" if known and shown else "")
        self._refresh()

    def read(self) -> Value | None:
        """Read the date as far as it is known. Raises: ValueProblem."""
        parts = self.date.read()
        typed = tidy(self.time.text()) if self.time is not None else ""
        if parts is None:
            if typed:
                raise ValueProblem("date_part")
            return None
        if not typed:
            return PartialDate(*parts)
        hour, minute, _second = read_time(typed)
        return PartialDate(*parts, hour, minute)

    def text(self) -> str:
        """Give what is typed."""
        typed = self.time.text().strip() if self.time is not None else ""
        return f"{self.date.text()} {typed}".strip()

    def set_text(self, text: str) -> None:
        """Put a draft back."""
        days, _, clock = text.partition(" ")
        self.date.set_text(days)
        if self.time is not None:
            self.time.setText(clock)
        self._refresh()

    def set_wrong(self, wrong: bool) -> None:
        """Mark it as wrong."""
        self.date.set_wrong(wrong)
        if self.time is not None:
            set_wrong(self.time, wrong)

    def set_read_only(self, read_only: bool) -> None:
        """Let it be read only."""
        self.date.set_read_only(read_only)
        if self.time is not None:
            self.time.setReadOnly(read_only)
        for chip in self._chips.values():
            chip.setVisible(not read_only)
        self.relay()


class DateTimeInput(FlowBox):
    """A date with a time; "Now" stamps both from the clock."""

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, item: Item, row: int, context: Context) -> None:
        super().__init__(gap=5)
        named(self, object_name(item.id, row), accessible(item, row))
        self._context = context
        self._seconds = item.precision == "second"
        self.date = DateParts(item, row, lambda: context.now().date())
        self.date.typed.connect(self.typed)
        self.time = _time_edit(item, row, seconds=self._seconds)
        self.time.textEdited.connect(self.typed)
        self.date.filled.connect(self._on_date_filled)
        self.add(*self.date.parts)
        self.add(self.time)
        self._stamp = _stamp_button(item, row, tr("Now", "现在")) if item.stamp else None
        if self._stamp is not None:
            self._stamp.clicked.connect(self._on_stamp_clicked)
            self.add(self._stamp)

    def _on_date_filled(self) -> None:
        self.time.setFocus(Qt.FocusReason.OtherFocusReason)
        self.time.selectAll()

    def _on_stamp_clicked(self) -> None:
        now = self._context.now()
        self.show_value(now.replace(microsecond=0, second=now.second if self._seconds else 0))
        self.time.setFocus(Qt.FocusReason.OtherFocusReason)
        self.chosen.emit("stamped")

    def first(self) -> QWidget:
        """Give the widget that takes the focus."""
        return self.date.parts[0]

    def show_value(self, value: Value | None) -> None:
        """Show a moment in the trial's time zone; emits nothing."""
        if not isinstance(value, datetime):
            self.date.put(None)
            self.time.setText("")
            return
        local = value.astimezone(self._context.now().tzinfo)
        self.date.put(local.date())
        self.time.setText(f"{local:%H:%M:%S}" if self._seconds or local.second else f"{local:%H:%M}")

    def read(self) -> Value | None:
        """Read the moment. Raises: ValueProblem."""
        parts, typed = self.date.read(), tidy(self.time.text())
        if parts is None and not typed:
            return None
        if parts is None or not typed:
            raise ValueProblem("time_part")
        day = _whole(parts)
        hour, minute, second = read_time(typed)
        return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=self._context.now().tzinfo)

    def text(self) -> str:
        """Give what is typed."""
        return f"{self.date.text()} {self.time.text().strip()}".strip()

    def set_text(self, text: str) -> None:
        """Put a draft back."""
        days, _, clock = text.partition(" ") if "/" in text else ("", "", text)
        self.date.set_text(days)
        self.time.setText(clock)

    def set_wrong(self, wrong: bool) -> None:
        """Mark it as wrong."""
        self.date.set_wrong(wrong)
        set_wrong(self.time, wrong)

    def set_read_only(self, read_only: bool) -> None:
        """Let it be read only."""
        self.date.set_read_only(read_only)
        self.time.setReadOnly(read_only)
        if self._stamp is not None:
            self._stamp.setVisible(not read_only)
            self.relay()


class DurationInput(FlowBox):
    """A length of time in hours and minutes, with seconds where the item counts them."""

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, item: Item, row: int, _context: Context) -> None:
        super().__init__()
        name, says = object_name(item.id, row), accessible(item, row)
        named(self, name, says)
        self._seconds = item.precision == "second"
        texts = (("h", tr("h", "小时")), ("min", tr("min", "分")), ("s", tr("s", "秒")))
        self.parts: list[QLineEdit] = []
        for key, unit in texts if self._seconds else texts[:2]:
            edit = plain_keys(named(QLineEdit(), f"{name}:{key}", f"{says}, {unit}"))
            edit.setFixedWidth(64)
            edit.textEdited.connect(self.typed)
            self.parts.append(edit)
            self.add(edit)
            self.add(text_label("hint", unit, wrap=False))

    def first(self) -> QWidget:
        """Give the widget that takes the focus."""
        return self.parts[0]

    def show_value(self, value: Value | None) -> None:
        """Show a duration; emits nothing."""
        if not isinstance(value, timedelta):
            for part in self.parts:
                part.setText("")
            return
        total = int(value.total_seconds())
        amounts = (total // 3600, total % 3600 // 60, total % 60)
        for part, amount in zip(self.parts, amounts, strict=False):
            part.setText(str(amount))

    def read(self) -> Value | None:
        """Read the duration. Raises: ValueProblem."""
        typed = [tidy(p.text()) for p in self.parts]
        if not any(typed):
            return None
        amounts = [t or "0" for t in typed]
        if not all(a.isdigit() for a in amounts) or any(int(a) > 59 for a in amounts[1:]):
            raise ValueProblem("duration")
        hours, minutes, seconds = (*(int(a) for a in amounts), 0)[:3]
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)

    def text(self) -> str:
        """Give what is typed."""
        typed = [p.text().strip() for p in self.parts]
        return ":".join(typed) if any(typed) else ""

    def set_text(self, text: str) -> None:
        """Put a draft back."""
        for part, typed in zip(self.parts, (*text.split(":"), "", "", ""), strict=False):
            part.setText(typed)

    def set_wrong(self, wrong: bool) -> None:
        """Mark it as wrong."""
        for part in self.parts:
            set_wrong(part, wrong)

    def set_read_only(self, read_only: bool) -> None:
        """Let it be read only."""
        for part in self.parts:
            part.setReadOnly(read_only)


def _time_edit(item: Item, row: int, *, seconds: bool) -> QLineEdit:
    name = f"{object_name(item.id, row)}:time"
    made = plain_keys(named(QLineEdit(), name, tr("{f}, time", "{f}，时间", f=accessible(item, row))))
    made.setFixedWidth(97 if seconds else 80)
    made.setTextMargins(-6, 0, -6, 0)
    made.setPlaceholderText(tr("HH:mm:ss", "时:分:秒") if seconds else tr("HH:mm", "时:分"))
    made.editingFinished.connect(lambda: _tidy_time(made, seconds=seconds))
    return made


def _tidy_time(edit: QLineEdit, *, seconds: bool) -> None:
    try:
        hour, minute, second = read_time(edit.text())
    except ValueProblem:
        return
    edit.setText(f"{hour:02d}:{minute:02d}:{second:02d}" if seconds or second else f"{hour:02d}:{minute:02d}")


def _stamp_button(item: Item, row: int, text: str) -> button.Button:
    name = f"{object_name(item.id, row)}:now"
    return named(button.quiet(text, name), name, f"{item.label}: {text}")

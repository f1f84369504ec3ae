"""Dates, dates of which a part is unknown, and moments. "Today" and "Now" stamp them from the clock."""

from __future__ import annotations

from datetime import date, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import PartialDate, Value, ValueProblem, tidy
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.date_parts import UNKNOWN, DateParts, whole
from ucmsc_desktop.ui.form.layouts import FlowBox
from ucmsc_desktop.ui.form.tiles import Chip
from ucmsc_desktop.ui.form.time_input import read_time, time_edit
from ucmsc_desktop.ui.form.words import accessible, object_name
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets import button
from ucmsc_desktop.ui.widgets.naming import named


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
        return whole(parts) if parts else None

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
            self.time = time_edit(item, row, seconds=False)
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
        self.time = time_edit(item, row, seconds=self._seconds)
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
        day = whole(parts)
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


def _stamp_button(item: Item, row: int, text: str) -> button.Button:
    name = f"{object_name(item.id, row)}:now"
    return named(button.quiet(text, name), name, f"{item.label}: {text}")

"""How a value is given to the input of an item: keys, taps, lists, a scanner. One way for every item type.

It puts a value on the screen and says whether Enter is still to be pressed; what is done with it is for the page.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from PySide6.QtWidgets import QAbstractButton, QLineEdit, QWidget

from ucmsc_desktop.i18n import language
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Number, PartialDate, Value
from ucmsc_desktop.ui.form.choice_input import TILES_MAX
from ucmsc_desktop.ui.form.date_parts import UNKNOWN, show_month
from ucmsc_desktop.ui.form.words import object_name
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox

_AT_ONCE = ("choice", "yn", "ynu", "staff")


class Answers:
    """Gives answers on whatever page shows the input."""

    def __init__(self, robot: Robot, me: Callable[[], str]) -> None:
        self._robot = robot
        self._me = me

    def give(self, item: Item, row: int, value: Value, *, may_scan: bool = True) -> bool:
        """Put a value into the input of an item that is on the screen; say whether it waits for Enter."""
        name = object_name(item.id, row)
        match value:
            case Number():
                self._number(name, item, value)
            case PartialDate():
                self._date(name, value.year, value.month, value.day)
                if item.with_time:
                    known = value.hour is not None
                    self._time(name, f"{value.hour:02d}{value.minute:02d}" if known else "")
            case datetime():
                self._date(name, value.year, value.month, value.day)
                seconds = item.precision == "second" or value.second
                self._time(name, f"{value:%H%M%S}" if seconds else f"{value:%H%M}")
            case date():
                self._date(name, value.year, value.month, value.day)
            case timedelta():
                self._duration(name, value, seconds=item.precision == "second")
            case tuple():
                self._several(name, item, value)
            case str() if item.type == "staff":
                self._person(name, value)
            case str() if item.type in _AT_ONCE:
                self._one(name, item, value)
            case str():
                return self._text(name, item, value, may_scan=may_scan)
            case _:
                raise TourFailed(f"{name}: the tour cannot type {value!r}")
        return item.type not in _AT_ONCE

    # --- by type ---------------------------------------------------------------------------------------------

    def _go(self, name: str) -> None:
        """Bring the focus into a field by the mouse, unless Enter in the field before has brought it there."""
        widget = self._robot.see(name)
        if not widget.hasFocus():
            self._robot.click(widget)

    def _number(self, name: str, item: Item, value: Number) -> None:
        self._go(name)
        sign = "" if value.op == "=" else value.op
        self._robot.retype(sign + format(value.amount, "f"))
        if item.alt_units:
            tile = self._robot.seen(f"{name}:{value.unit or item.unit}", QAbstractButton)
            if tile is not None and not tile.isChecked():
                self._robot.click(tile)

    def _date(self, name: str, year: int, month: int | None, day: int | None) -> None:
        days = f"{day:02d}" if day else UNKNOWN[0]
        months = show_month(month) if month else UNKNOWN[0]
        years = f"{year:04d}"
        english = language() == "en"
        self._go(f"{name}:day" if english else f"{name}:year")
        for part in (days, months, years) if english else (years, months, days):
            self._robot.retype(part)  # a full part moves on by itself

    def _time(self, name: str, text: str) -> None:
        self._go(f"{name}:time")
        if text or self._robot.see(f"{name}:time", QLineEdit).text():
            self._robot.retype(text)

    def _duration(self, name: str, value: timedelta, *, seconds: bool) -> None:
        total = int(value.total_seconds())
        amounts = {"h": total // 3600, "min": total // 60 % 60, "s": total % 60}
        for part, amount in amounts.items():
            if part != "s" or seconds:
                self._robot.fill(f"{name}:{part}", str(amount))

    def _several(self, name: str, item: Item, value: tuple[str, ...]) -> None:
        for choice in item.choices:
            chip = self._robot.see(f"{name}:{choice.code}", QAbstractButton)
            if chip.isChecked() != (choice.code in value):
                self._robot.click(chip)

    def _one(self, name: str, item: Item, code: str) -> None:
        if len(item.choices) > TILES_MAX:
            self._robot.choose(self._robot.see(name, ChoiceBox), code)
            return
        group = self._robot.see(name)
        if item.type in ("yn", "ynu") and _holds_focus(group):
            self._robot.type(code.lower())
        else:
            self._robot.click(f"{name}:{code}")

    def _person(self, name: str, user: str) -> None:
        if user == self._me():
            self._robot.click(f"{name}:me")
        else:
            self._robot.choose(self._robot.see(name, ChoiceBox), user)

    def _text(self, name: str, item: Item, text: str, *, may_scan: bool) -> bool:
        if "\n" in text:
            raise TourFailed(f"{name}: the tour types no new lines")
        self._go(name)
        if item.scan and may_scan:
            self._robot.scan(text)
            return False
        self._robot.retype(text)
        return True


def _holds_focus(group: QWidget) -> bool:
    return any(child.hasFocus() for child in group.findChildren(QAbstractButton))

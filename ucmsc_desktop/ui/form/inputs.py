"""Which input an item gets. A new item type needs one line here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from PySide6.QtCore import SignalInstance
from PySide6.QtWidgets import QWidget

from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import ItemType, Value
from ucmsc_desktop.ui.form.choice_input import TILES_MAX, ChoiceInput, ListInput, MultiInput, StaffInput
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.date_input import DateInput, DateTimeInput, PartialDateInput
from ucmsc_desktop.ui.form.number_input import NumberInput
from ucmsc_desktop.ui.form.text_input import TextInput
from ucmsc_desktop.ui.form.time_input import DurationInput


class Input(Protocol):
    """What a field asks of the widget that is typed into. Showing a value never emits.

    `typed`: something changed and is not committed. `chosen(origin)`: an answer was given by one act ("entered" by a
    tap, "stamped" from the clock) and is to be committed at once.
    """

    @property
    def typed(self) -> SignalInstance: ...
    @property
    def chosen(self) -> SignalInstance: ...
    def first(self) -> QWidget: ...
    def show_value(self, value: Value | None) -> None: ...
    def read(self) -> Value | None: ...
    def text(self) -> str: ...
    def set_text(self, text: str) -> None: ...
    def set_wrong(self, wrong: bool) -> None: ...
    def set_read_only(self, read_only: bool) -> None: ...


Maker = Callable[[Item, int, Context], QWidget]


def _choice(item: Item, row: int, context: Context) -> QWidget:
    return (ChoiceInput if len(item.choices) <= TILES_MAX else ListInput)(item, row, context)


INPUTS: Mapping[ItemType, Maker] = {
    "decimal": NumberInput,
    "integer": NumberInput,
    "choice": _choice,
    "multi": MultiInput,
    "yn": ChoiceInput,
    "ynu": ChoiceInput,
    "date": DateInput,
    "partial_date": PartialDateInput,
    "datetime": DateTimeInput,
    "duration": DurationInput,
    "text": TextInput,
    "staff": StaffInput,
}


def is_wide(item: Item) -> bool:
    """Say whether a field needs the width of both columns: long lists to tick, long texts, answers in sentences."""
    if item.type == "multi" or (item.type == "text" and (item.lines > 1 or item.max_length > 120)):
        return True
    if item.type == "partial_date":
        return item.with_time
    if item.type == "choice" and len(item.choices) <= TILES_MAX:
        widths = [_width(str(c.label)) for c in item.choices]
        return sum(widths) > 48 and (len(widths) > 3 or max(widths) > 30)
    return item.is_numeric and len(item.alt_units) > 2


def _width(text: str) -> int:
    return sum(2 if ord(c) > 0x2E80 else 1 for c in text)

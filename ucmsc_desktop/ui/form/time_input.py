"""Times of day by the 24-hour clock, and lengths of time."""

from __future__ import annotations

import re
from datetime import timedelta

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Value, ValueProblem, tidy
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.labels import text_label
from ucmsc_desktop.ui.form.layouts import FlowBox
from ucmsc_desktop.ui.form.number_input import plain_keys
from ucmsc_desktop.ui.form.words import accessible, object_name
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets.naming import named

_TIME = re.compile(r"^(\d{1,2})[:.]?(\d{2})(?:[:.]?(\d{2}))?$")


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


def time_edit(item: Item, row: int, *, seconds: bool) -> QLineEdit:
    """Make the field of a time of day; what can be read as one is shown as 09:05 when it is left."""
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

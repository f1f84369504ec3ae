"""Whether the record says what the story says, digit by digit. The first difference ends the tour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session.story import ROW, Step
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.study.values import Value, dump
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.robot import TourFailed

_STAMPS: Final = {"start": "inf_start_dtm", "end": "inf_end_dtm", "stop": "inf_end_dtm"}


def key_of(step: Step) -> FormKey:
    """Give the record of a step. Raises: TourFailed where it names none."""
    if step.key is None:
        raise TourFailed(f"the step {step.do} of {step.subject} names no form")
    return step.key


class Proof:
    """Compares with the record of the person at work; `compared` counts the values."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self.compared = 0

    def holds(self, subject: str, key: FormKey, cell: Cell, wanted: Value) -> bool:
        """Say whether the record holds exactly this value."""
        found = self._desk.session.state(subject).value(key, cell)
        return found is not None and dump(found) == dump(wanted)

    def holds_all(self, subject: str, key: FormKey, values: Mapping[str, Any]) -> bool:
        """Say whether the record holds all values of a step."""
        form = self._desk.session.study.forms[key.form]
        return all(
            self.holds(subject, key, Cell(name), typed_value(form.by_id[name], text))
            for name, text in values.items()
        )

    def compare(self, step: Step) -> None:
        """Compare the record with all that a step says. Raises: TourFailed."""
        if step.do in _STAMPS:
            key = step.key if step.key is not None else FormKey("F7", f"D{step.n - 1}", step.n)
            self._same(step.subject, key, Cell(_STAMPS[step.do]), step.at)
        if step.do != "enter":
            return
        key = key_of(step)
        form = self._desk.session.study.forms[key.form]
        for name, text in step.values.items():
            self._same(step.subject, key, Cell(name), typed_value(form.by_id[name], text))
        for section, rows in step.rows.items():
            last = self._desk.session.next_row(step.subject, key, section) - 1
            fresh = [r for r in rows if ROW not in r]
            numbers = iter(range(last - len(fresh) + 1, last + 1))
            for row in rows:
                number = int(row[ROW]) if ROW in row else next(numbers)
                for name, text in row.items():
                    if name != ROW:
                        self._same(step.subject, key, Cell(name, number), typed_value(form.by_id[name], text))

    def _same(self, subject: str, key: FormKey, cell: Cell, wanted: Value) -> None:
        if not self.holds(subject, key, cell, wanted):
            found = self._desk.session.state(subject).value(key, cell)
            told = "nothing" if found is None else dump(found)
            raise TourFailed(f"{key} {cell.item}.{cell.row} holds {told}, the story says {dump(wanted)}")
        self.compared += 1

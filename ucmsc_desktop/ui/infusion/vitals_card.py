"""One row of vital signs: the due time-point and the time are there already, every value is typed.

Beside each field stands what was measured before and the change against T0. Until something is typed the time follows
the clock; the first key stops it, because that is when the value was read off the monitor.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from ucmsc_desktop.i18n import show_datetime, tr
from ucmsc_desktop.record import flow_reading
from ucmsc_desktop.record.flow_sheet import due_points
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import base_amount
from ucmsc_desktop.session.advice import advice_for
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Number, Value
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.infusion.ask_card import AskCard
from ucmsc_desktop.ui.infusion.cells import Field, Meaning
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import label

UNSCHEDULED = "UNS"
BEFORE_START = ("PRE15", "T0")
_T0_AHEAD = timedelta(minutes=6)


def due_code(view: FormState, now: datetime) -> str:
    """Name the time-point that a measurement at this moment belongs to.

    That is the point whose window is open; of two the nearer one. Before the start PRE15, then T0. Otherwise unscheduled:
    a measurement is never given to a point whose window it misses.
    """
    if view.value("inf_start_dtm") is None:
        have = {view.value(flow_reading.POINT, r) for r in view.rows(flow_reading.flow_section(view))}
        planned = view.value("inf_planned_dtm")
        close = isinstance(planned, datetime) and planned - now < _T0_AHEAD
        for code in BEFORE_START:
            if code not in have and not (code == "PRE15" and close):
                return code
        return UNSCHEDULED
    inside = [
        (abs(at - now), point.code)
        for point, at in due_points(view.state, view.key.n)
        if at - timedelta(minutes=point.before_min)
        <= now
        <= at + timedelta(minutes=point.after_min, seconds=59)
    ]
    return min(inside)[1] if inside else UNSCHEDULED


class VitalsCard(AskCard):
    """The row of vital signs being typed."""

    def __init__(self) -> None:
        super().__init__(
            "vitals",
            tr("Vital signs", "生命体征"),
            save=tr("Save vital signs", "保存生命体征"),
        )
        self.wait.setText(tr("Cancel", "取消"))
        self.clock = label.value("", "vitals_clock")
        self.head.addWidget(self.clock)
        self.row = 0
        self.is_correction = False
        self._follows = True
        self._point = ""
        self._followed: datetime | None = None
        self._previous: int | None = None

    def open_row(
        self,
        view: FormState,
        row: int,
        context: Context,
        *,
        correct: bool = False,
        adds: bool = False,
        point: str = "",
    ) -> None:
        """Ask for a new row, or correct one that stands.

        `adds`: fill up one that holds symptoms alone; `point`: for this time-point, whatever the clock says.
        """
        self._point = point
        self.row, self.is_correction, self._follows = row, correct and not adds, not correct
        self._followed = None
        rows = [r for r in flow_reading.rows_by_time(view) if r != row]
        at = flow_reading.measured_at(view, row) if correct else view.now
        earlier = [
            r
            for r in rows
            if (m := flow_reading.measured_at(view, r)) is not None and (at is None or m <= at)
        ]
        self._previous = earlier[-1] if earlier else None
        items = [_slim(item, view.value(item.id, row)) for item in flow_reading.flow_section(view).items]
        self.heading.setText(
            tr("Correct vital signs", "更正生命体征") if self.is_correction else tr("Vital signs", "生命体征")
        )
        self.cells = self.ask(view, items, row, context)
        if not correct:
            self.follow(view.now)
        first = next((f for f in self.cells.shown() if f.item.is_numeric), None)
        if first is not None:
            first.input.first().setFocus()

    def follow(self, now: datetime) -> None:
        """Keep time and time-point with the clock until something is typed."""
        second = now.replace(microsecond=0)
        if not self._follows or self.cells is None or self.view is None or second == self._followed:
            return
        self._followed = second
        at, point = self.cells.field(flow_reading.MEASURED), self.cells.field(flow_reading.POINT)
        if at is not None:
            at.input.show_value(second)
        if point is not None:
            point.input.show_value(self._point or due_code(self.view, now))

    @property
    def is_touched(self) -> bool:
        """Say whether something was typed that would be lost."""
        return not self._follows

    def restore(self, texts: dict[str, str]) -> None:
        """Put back what had been typed before a lock or a crash."""
        if self.cells is None:
            return
        self._follows = False
        for field in self.cells.fields:
            if field.item.id in texts:
                field.input.set_text(texts[field.item.id])
        self.refresh()

    def refresh(self) -> None:
        super().refresh()
        shown = self.with_typed()
        if shown is None or self.cells is None:
            return
        advice = advice_for(shown, self.row) if shown.value("inf_start_dtm") is not None else ()
        acts = frozenset(i for a in advice for i in a.items)
        self.cells.describe(lambda item, value: self._beside(shown, item, value, acts))
        set_kind(self.result, "error" if any(a.level == "stop" for a in advice) else "warning")
        self.result.setText("\n".join(str(a.words()) for a in advice))
        self.result.setVisible(bool(advice))

    def _on_cells_typed(self, field: Field) -> None:
        self._follows = False
        super()._on_cells_typed(field)

    def _beside(
        self, shown: FormState, item: Item, value: Value | None, acts: frozenset[str]
    ) -> tuple[str, Meaning]:
        """Say what stood here before and how it differs from the reference: T0, for temperature PRE15."""
        if item.id in (flow_reading.POINT, flow_reading.MEASURED):
            return self._timing(shown, item)
        act: Meaning = "act" if item.id in acts else ""
        if not item.is_numeric:
            before = shown.value(item.id, self._previous) if self._previous else None
            return (tr("before: {v}", "前次：{v}", v=item.shown(before)) if before is not None else ""), act
        parts: list[str] = []
        typed = base_amount(item, value) if isinstance(value, Number) and value.op == "=" else None
        unusual = typed is not None and flow_reading.is_unusual(item, typed)
        named = "PRE15" if item.id == "ivs_temp" else flow_reading.REFERENCE
        row = next(
            (
                r
                for r in flow_reading.rows_by_time(shown)
                if r != self.row and shown.value(flow_reading.POINT, r) == named
            ),
            None,
        )
        before_amount = flow_reading.amount(shown, item.id, self._previous) if self._previous else None
        reference = flow_reading.amount(shown, item.id, row) if row else None
        if before_amount is not None:
            parts.append(tr("before {v}", "前次 {v}", v=flow_reading.short(before_amount)))
        if reference is not None and typed is not None:
            parts.append(tr("{t} {by}", "较{t} {by}", t=named, by=flow_reading.change(typed, reference)))
        elif reference is not None and row != self._previous:
            parts.append(f"{named} {flow_reading.short(reference)}")
        if item.id == "ivs_map":
            computed = flow_reading.amount(shown, "ivs_map_calc", self.row)
            if computed is not None:
                parts.append(tr("calculated {v}", "计算值 {v}", v=_rounded(computed)))
        return ("▲ " if unusual else "") + " · ".join(parts), act or ("watch" if unusual else "")

    def _timing(self, shown: FormState, item: Item) -> tuple[str, Meaning]:
        """Say when the chosen point was due, and whether the time lies in its window."""
        if item.id != flow_reading.POINT:
            return "", ""
        nominal = shown.value("ivs_nominal_dtm", self.row)
        if not isinstance(nominal, datetime):
            return "", ""
        outside = shown.value("ivs_in_window", self.row) == "N"
        when = f"{nominal:%H:%M}" if nominal.date() == shown.now.date() else show_datetime(nominal)
        text = tr("due {when}", "应测 {when}", when=when)
        return (tr("{t}, outside its window", "{t}，超出时间窗", t=text), "watch") if outside else (text, "")


def _slim(item: Item, value: Value | None) -> Item:
    """Leave out units that are not on the monitor, to keep the row short; FiO2 keeps both, it is read either way."""
    if item.unit == "fraction" or (isinstance(value, Number) and value.unit in item.alt_units):
        return item
    return item.model_copy(update={"alt_units": ()})


def _rounded(number: Decimal) -> str:
    return format(number.quantize(Decimal(1)), "f")

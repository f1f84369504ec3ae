"""Symptoms at a pause or a stop: one tap each, recorded at once as a row of that moment. It never holds up care."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record import flow_reading
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.ui.form.tiles import Chip
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.flow import FlowLayout

_ITEM = "ivs_symptoms"


class SymptomsCard(Card):
    """The chips. `tapped` carries all that are chosen after a tap; `vitals_asked` and `alone` carry the row."""

    tapped = Signal(object)  # tuple[str, ...]
    vitals_asked = Signal(int)
    alone = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("symptoms_card")
        self.at: datetime | None = None
        self.row: int = 0  # the row that holds them; 0 before the first tap
        self.body.setSpacing(6)
        self._title = label.heading("", "symptoms_title")
        self._place = QWidget()
        self._flow = FlowLayout(8, parent=self._place)
        self._flow.setContentsMargins(5, 5, 5, 5)  # room for the focus ring
        self._chips: dict[str, Chip] = {}
        self._vitals = button.primary(tr("Vital signs…", "生命体征……"), "symptoms_vitals")
        self._alone = button.secondary(tr("Symptoms only", "仅记录症状"), "symptoms_alone")
        self._none = button.secondary(tr("No symptoms", "无症状"), "symptoms_none")
        self._vitals.clicked.connect(lambda: self.vitals_asked.emit(self.row))
        self._alone.clicked.connect(lambda: self.alone.emit(self.row))
        self._none.clicked.connect(self.hide)
        acts = QHBoxLayout()
        acts.setSpacing(10)
        acts.addWidget(self._none)
        acts.addWidget(self._alone)
        acts.addStretch(1)
        acts.addWidget(self._vitals)
        self.body.addWidget(self._title)
        self.body.addLayout(acts)
        self.body.addWidget(self._place)
        self.hide()

    def open_symptoms(self, view: FormState, at: datetime) -> None:
        """Ask for the symptoms of a moment."""
        self.at, self.row = at, 0
        self._title.setText(
            tr("Symptoms at {at}: a tap records them", "{at} 的症状：点选即记录", at=f"{at:%H:%M:%S}")
        )
        if not self._chips:
            item = view.form.by_id[_ITEM]
            for choice in item.choices:
                if choice.code == "NONE":
                    continue
                chip = Chip(str(choice.label), f"symptom:{choice.code}", f"{item.label}: {choice.label}")
                chip.clicked.connect(self._on_chip_clicked)
                self._chips[choice.code] = chip
                self._flow.addWidget(chip)
        for chip in self._chips.values():
            chip.setChecked(False)
        self._offer()
        self.show()

    def show_recorded(self, view: FormState, row: int) -> None:
        """Show what stands in the record now."""
        self.row = row
        value = view.value(_ITEM, row) if row else None
        chosen = value if isinstance(value, tuple) else ()
        for code, chip in self._chips.items():
            chip.setChecked(code in chosen)
        self._offer()

    def chosen(self) -> tuple[str, ...]:
        """Give the codes that are chosen, in the order of the list."""
        return tuple(code for code, chip in self._chips.items() if chip.isChecked())

    def _offer(self) -> None:
        self._vitals.setEnabled(bool(self.row))
        self._alone.setEnabled(bool(self.row))
        self._none.setEnabled(not self.row)

    def _on_chip_clicked(self) -> None:
        self.tapped.emit(self.chosen())


def is_symptom_row(view: FormState, row: int) -> bool:
    """Say whether a row holds symptoms and nothing measured yet."""
    return view.value(_ITEM, row) is not None and all(
        view.value(i.id, row) is None
        for i in flow_reading.flow_section(view).items
        if i.required
        and not i.is_derived
        and i.show is None
        and i.id not in (flow_reading.POINT, flow_reading.MEASURED, _ITEM)
    )

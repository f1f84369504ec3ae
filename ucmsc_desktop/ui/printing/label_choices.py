"""Which labels to print: what for, which time-points, how many, on which paper."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.session.labels import Wanted
from ucmsc_desktop.session.samples import FORM, planned_visits
from ucmsc_desktop.study.label_plan import KINDS, LabelKind, Layout
from ucmsc_desktop.study.model import Study
from ucmsc_desktop.study.specimen import UNSCHEDULED
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import label
from ucmsc_desktop.ui.widgets.button import Button, make
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.flow import FlowLayout

COPIES = 5


class LabelChoices(QWidget):
    """Asks for `Wanted`. `changed` with every choice."""

    changed = Signal()

    def __init__(self, study: Study) -> None:
        super().__init__()
        self._plan = study.labels
        names = {
            "participant": tr("Wristband, folder", "腕带/病历夹"),
            "tube": tr("Tubes", "采血管"),
            "aliquot": tr("Aliquots", "分装管"),
        }
        visits = [
            *planned_visits(study),
            *(p.visit for p in study.schedule if p.form == FORM and p.visit == UNSCHEDULED),
        ]
        self._kinds: dict[LabelKind, Button] = {k: _chip(names[k], f"label_kind_{k}") for k in KINDS}
        self._visits = {v: _chip(str(study.visit_by_id[v].title), f"label_visit_{v}") for v in visits}
        for made in (*self._kinds.values(), *self._visits.values()):
            made.toggled.connect(self._on_made_toggled)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(label.label(tr("Labels for", "标签用途")))
        column.addWidget(_flow(list(self._kinds.values())))
        self._visit_label = label.label(tr("Time-points", "时间点"))
        self._visit_flow = _flow(list(self._visits.values()))
        column.addWidget(self._visit_label)
        column.addWidget(self._visit_flow)
        self.aliquots = _numbers(
            "label_aliquots", tr("Aliquots of each tube", "每管分装数"), 6, self._plan.aliquots
        )
        self.copies = _numbers("label_copies", tr("Copies of each label", "每张份数"), COPIES, 1)
        sheet = self._plan.sheet
        self.skip = _numbers(
            "label_skip", tr("First free place on the sheet", "标签纸首个空位"), sheet.columns * sheet.rows, 1
        )
        self.layout_box = ChoiceBox("label_layout", tr("Paper", "纸张"))
        self.layout_box.set_choices(
            [("roll", tr("Label printer", "标签打印机")), ("sheet", tr("Sheets of A4", "A4 标签纸"))]
        )
        self.layout_box.set_code(self._plan.layout)
        self._lines: dict[ChoiceBox, QWidget] = {}
        for box in (self.aliquots, self.copies, self.layout_box, self.skip):
            line = QWidget()
            inside = QHBoxLayout(line)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.addWidget(label.label(box.accessibleName()), 1)
            inside.addWidget(box)
            column.addWidget(line)
            self._lines[box] = line
            box.activated.connect(lambda _i: self._on_made_toggled())
        self._hint = label.hint("")
        column.addWidget(self._hint)
        for kind in ("tube", "aliquot"):
            self._kinds[kind].setChecked(True)
        for visit in planned_visits(study):
            self._visits[visit].setChecked(True)
        self._refresh()

    @property
    def layout_wanted(self) -> Layout:
        return "sheet" if self.layout_box.code() == "sheet" else "roll"

    def is_ready(self) -> bool:
        """Say whether there is anything to print."""
        kinds = self._chosen_kinds()
        return bool(kinds) and (kinds == ("participant",) or bool(self._chosen_visits()))

    def wanted(self) -> Wanted:
        """Give what was chosen."""
        layout = self.layout_wanted
        return Wanted(
            self._chosen_kinds(),
            self._chosen_visits(),
            copies=int(self.copies.code() or 1),
            aliquots=int(self.aliquots.code() or 0),
            layout=layout,
            skip=int(self.skip.code() or 1) - 1 if layout == "sheet" else 0,
        )

    def _chosen_kinds(self) -> tuple[LabelKind, ...]:
        return tuple(k for k, made in self._kinds.items() if made.isChecked())

    def _chosen_visits(self) -> tuple[str, ...]:
        return tuple(v for v, made in self._visits.items() if made.isChecked())

    def _on_made_toggled(self, _on: bool = False) -> None:
        self._refresh()
        self.changed.emit()

    def _refresh(self) -> None:
        kinds = self._chosen_kinds()
        for part in (self._visit_label, self._visit_flow):
            part.setVisible(kinds != ("participant",))
        self._lines[self.aliquots].setVisible("aliquot" in kinds)
        self._lines[self.skip].setVisible(self.layout_wanted == "sheet")
        plan = self._plan
        sizes = tr("; ", "；").join(
            f"{_mm(plan.sizes[k].width_mm)} × {_mm(plan.sizes[k].height_mm)} mm" for k in kinds
        )
        dots = tr(
            "{sizes}, {dpi} dpi. Print at 100 %.",
            "{sizes}，{dpi} dpi，按 100% 打印。",
            sizes=sizes,
            dpi=plan.dpi,
        )
        again = tr("One printed before is marked as a reprint.", "曾打印过的标签会注明“补打”。")
        self._hint.setText(f"{dots} {again}" if self.layout_wanted == "roll" else again)


def _mm(size: object) -> str:
    return f"{size:f}" if not isinstance(size, int) else str(size)


def _chip(text: str, name: str) -> Button:
    made = make("chip", text, name)
    made.setCheckable(True)
    return set_kind(made, "chip")


def _flow(chips: list[Button]) -> QWidget:
    holder = QWidget()
    flow = FlowLayout(8)
    holder.setLayout(flow)
    for chip in chips:
        flow.addWidget(chip)
    return holder


def _numbers(name: str, accessible: str, most: int, chosen: int) -> ChoiceBox:
    box = ChoiceBox(name, accessible)
    box.set_choices([(str(n), str(n)) for n in range(1, most + 1)])
    box.set_code(str(chosen))
    box.setFixedWidth(96)
    return box

"""PRE15 and T0: the vital signs that every later one is compared with."""

from __future__ import annotations

from PySide6.QtCore import Signal

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.session.preparation import TITLES, Step
from ucmsc_desktop.ui.infusion.fact_lines import FactLines
from ucmsc_desktop.ui.infusion.step_cards import Scene, blocks_shown
from ucmsc_desktop.ui.infusion.step_facts import reference_facts
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card


class ReferenceStep(Card):
    """`vitals_asked` opens the row of vital signs; `again` takes a new T0 where the start was delayed."""

    vitals_asked = Signal()
    again = Signal()

    def __init__(self) -> None:
        super().__init__(TITLES["reference"].get())
        self.setObjectName("step_reference")
        self.body.addWidget(
            label.hint(
                tr(
                    "PRE15 is the reference of temperature, T0 (within five minutes before the start) of everything else. "
                    "From START on T0 is frozen.",
                    "体温以 PRE15 为参照，其余均以 T0（开始前5分钟内）为参照。开始后 T0 即固定。",
                )
            )
        )
        self.blocks = FactLines("step_reference_blocks")
        self.facts = FactLines("step_reference_facts")
        self._record = button.primary(
            tr("Record vital signs", "记录生命体征"), "record_reference", "monitor_heart"
        )
        self._again = button.secondary(tr("Take T0 again", "重新测量 T0"), "reference_again", "refresh")
        self._record.clicked.connect(self.vitals_asked)
        self._again.clicked.connect(self.again)
        for part in (self.blocks, self.facts, self._record, self._again):
            self.body.addWidget(part)
        self._again.hide()

    def show_step(self, step: Step, scene: Scene) -> None:
        """Show what was recorded before the start."""
        blocks_shown(self.blocks, step)
        facts = reference_facts(scene.view)
        self.facts.show_facts(facts)
        late = len(facts) > 2
        if self._again.isHidden() == late:
            self._again.setVisible(late)
        if self._record.isHidden() == (step.open_items > 0):
            self._record.setVisible(step.open_items > 0)

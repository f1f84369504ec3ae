"""The checks before the start: each with its evidence beside it, so that facts are read and only confirmed."""

from __future__ import annotations

from PySide6.QtCore import Signal

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.entry import may_enter
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session.prechecks import known_of
from ucmsc_desktop.session.preparation import TITLES, Step
from ucmsc_desktop.ui.infusion.confirm_row import ConfirmRow
from ucmsc_desktop.ui.infusion.fact_lines import FactLines
from ucmsc_desktop.ui.infusion.step_cards import Scene, blocks_shown
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card


class ChecksStep(Card):
    """All pre-checks of F7. `answered` carries (item, code)."""

    answered = Signal(str, str)
    opened = Signal(object)
    went_on = Signal()

    def __init__(self) -> None:
        super().__init__(TITLES["checks"].get())
        self.setObjectName("step_checks")
        self.body.setSpacing(8)
        self.body.addWidget(
            label.hint(
                tr(
                    "Read what is recorded, then confirm. A No needs an investigator before the start.",
                    "请阅读记录内容后确认；任何“否”须由研究者决定后方可开始。",
                )
            )
        )
        self.blocks = FactLines("step_checks_blocks")
        self.body.addWidget(self.blocks)
        self._rows: dict[str, ConfirmRow] = {}
        self._keys: dict[str, FormKey] = {}

    def show_step(self, step: Step, scene: Scene) -> None:
        """Show the checks as they stand."""
        view = scene.view
        section = next(s for s in view.form.sections if s.id == "precheck")
        if not self._rows:
            for item in section.items:
                row = self._rows[item.id] = ConfirmRow(item)
                row.setParent(self)
                row.answered.connect(self.answered)
                row.opened.connect(lambda i=item.id: self._on_row_opened(i))
                self.body.addWidget(row)
            on = button.primary(tr("Go on", "继续"), "step_checks_save", "arrow_forward")
            on.clicked.connect(self.went_on)
            self.body.addWidget(on)
        blocks_shown(self.blocks, step)
        for item in section.items:
            row, shown = self._rows[item.id], view.is_applicable(item)
            if row.isHidden() == shown:
                row.setVisible(shown)
            if not shown:
                continue
            found = known_of(view, item.id, scene.name)
            if found.key is not None:
                self._keys[item.id] = found.key
            row.show_row(
                found.facts,
                view.value(item.id),
                may_enter=may_enter(view.form, item, scene.role),
                may_confirm=found.may_confirm,
            )
            row.offer_form(found.key is not None and any(f.state in ("bad", "open") for f in found.facts))

    def _on_row_opened(self, item: str) -> None:
        self.opened.emit(self._keys[item])

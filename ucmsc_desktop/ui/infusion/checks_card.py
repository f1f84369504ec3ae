"""What stands against the start of an infusion, read from the forms: records that are not filled, checks that fire.

It decides nothing: the same checks stop START in the session. Each line leads to the form where it is answered.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.form_state import Finding, FormState
from ucmsc_desktop.ui.infusion import signs
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.pill import Pill

START_ITEM = "inf_start_dtm"
_BEFORE = ("plan", "precheck", "access", "premedication", "verification")
_BEFORE_F6 = ("disposition",)  # of F6 all but this is filled before the start


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far the records are, and what would stop START."""

    product: FormKey | None
    product_open: int
    checks_open: int
    has_reference: bool
    blocks: tuple[Finding, ...]

    @property
    def is_ready(self) -> bool:
        return not self.blocks


def readiness(view: FormState) -> Readiness:
    """Read how far the preparation of an infusion is."""
    product = signs.product_of(view)
    blocks = tuple(
        f
        for f in view.findings
        if f.kind == "block" and f.is_open and START_ITEM in _guards(view, f) and f.id != "F7.reference"
    )
    return Readiness(
        product.key if product else None,
        _open(product, [s.id for s in product.form.sections if s.id not in _BEFORE_F6]) if product else 0,
        _open(view, _BEFORE),
        signs.reference_row(view) is not None,
        blocks,
    )


def _guards(view: FormState, finding: Finding) -> tuple[str, ...]:
    return next((c.guards for c in view.form.checks if c.id == finding.id), ())


def _open(view: FormState, sections: tuple[str, ...] | list[str]) -> int:
    return sum(
        1 for f in view.findings if f.kind == "required" and view.form.section_of[f.cell.item].id in sections
    )


class ChecksCard(Card):
    """The preparation at a glance. `open_asked` carries the key of the form to open."""

    open_asked = Signal(object)
    vitals_asked = Signal()

    def __init__(self) -> None:
        super().__init__(tr("Before the start", "开始前核查"))
        self.setObjectName("checks_card")
        self._lines = QVBoxLayout()
        self._lines.setSpacing(8)
        self.body.addLayout(self._lines)
        self._shown: object = None

    def show_readiness(self, ready: Readiness, key: FormKey, product: Text, infusion: Text) -> None:
        """Show how far the preparation is."""
        if (ready, key) == self._shown:
            return
        self._shown = (ready, key)
        while (item := self._lines.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if ready.product is not None:
            self._add_form(ready.product, product, ready.product_open, "open_product")
        self._add_form(key, infusion, ready.checks_open, "open_checks")
        self._add_reference(ready)
        for block in ready.blocks:
            self._add_block(block)
        if ready.is_ready and ready.has_reference:
            self._lines.addWidget(
                label.body(tr("Nothing stands against the start.", "可以开始输注。"), "start_ready")
            )

    def _add_form(self, key: FormKey, title: Text, still: int, name: str) -> None:
        status = "done" if still == 0 else "progress"
        words = "" if still == 0 else tr("{n} open", "{n} 项未填", n=still)
        open_it = button.secondary(tr("Open {form}", "打开 {form}", form=key.form), name)
        open_it.clicked.connect(lambda: self.open_asked.emit(key))
        self._add(f"{key.form}  {title}", Pill(status, words), open_it)

    def _add_reference(self, ready: Readiness) -> None:
        record = None
        if not ready.has_reference:
            record = button.secondary(tr("Record T0", "记录 T0"), "record_reference")
            record.clicked.connect(self.vitals_asked)
        title = tr("T0 vital signs, the reference of every event", "T0 生命体征（所有事件的参照）")
        self._add(title, Pill("done" if ready.has_reference else "due"), record)

    def _add(self, title: str, pill: Pill, act: QWidget | None) -> None:
        line = QWidget()
        across = QHBoxLayout(line)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(12)
        across.addWidget(label.body(title), 1)
        across.addWidget(pill)
        if act is not None:
            act.setMinimumWidth(132)
            across.addWidget(act)
        else:
            across.addSpacing(144)
        self._lines.addWidget(line)

    def _add_block(self, block: Finding) -> None:
        line = QWidget()
        across = QHBoxLayout(line)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(12)
        across.addWidget(Pill("blocked"))
        across.addWidget(label.body(str(block.message), f"block:{block.id}"), 1)
        self._lines.addWidget(line)

"""Close a participant before the first infusion: which criteria fail, and why in words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtWidgets import QLineEdit, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.ui.dialogs.sheet import Sheet
from ucmsc_desktop.ui.form.layouts import RING, FlowBox
from ucmsc_desktop.ui.form.tiles import Chip
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets import label
from ucmsc_desktop.ui.widgets.naming import named

OTHER = "OTH"
WIDTH = 900
MOST = 1060  # with fewer lines of criteria it is lower: a ward laptop's screen is
EDGE = 24  # of the window beside it
SIDE = 24  # of a sheet
_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Failure:
    """The answer: the criteria by code, in printed order, and the reason in words."""

    codes: tuple[str, ...]
    reason: str


class ScreenFailureDialog(Sheet):
    """Asks for the criteria and the reason; those that fail by the record are ticked and can be changed."""

    def __init__(self, item: Item, failed: Collection[str], parent: QWidget | None = None) -> None:
        """Ask. `item`: the one of form F1 that takes the criteria; `failed`: codes that the record shows."""
        super().__init__(
            tr("Screen failure", "筛选失败"),
            tr(
                "The participant is closed: no infusion, no visits; records begun are still completed. Which criteria are not met?",
                "将关闭该受试者：不得输注，不再访视；已开始的记录仍须完成。哪些标准不符合？",
            ),
            parent,
        )
        self._boxes: dict[str, Chip] = {}
        width = max(WIDTH, min(MOST, (parent.width() if parent is not None else 0) - EDGE))
        self.setMinimumWidth(width)
        line = FlowBox(gap=2, margin=RING)
        for choice in item.choices:
            made = Chip(choice.label.get(), f"failure_{choice.code}", f"{item.label}: {choice.label}")
            made.setChecked(choice.code in failed)
            line.add(made)
            self._boxes[choice.code] = made
        line.setMinimumHeight(line.heightForWidth(width - 2 * SIDE))
        self.body.addWidget(line)
        words = label.label(
            tr(
                "Reason in words (optional, but not for “Other reason”)",
                "原因说明（选填；选“其他原因”时必填）",
            )
        )
        self.body.addWidget(words)
        self.field = named(QLineEdit(), "failure_reason", tr("Reason in words", "原因说明"))
        self.field.setMaxLength(_LIMIT)
        words.setBuddy(self.field)
        self.body.addWidget(self.field)
        self.add_buttons(
            tr("Record the screen failure", "记录筛选失败"), tr("Not yet", "暂不"), kind="danger"
        )
        self._grid.setSpacing(8)
        self._grid.setContentsMargins(SIDE, 14, SIDE, 14)
        self.body.setSpacing(4)
        self.field.setFocus()

    def give(self) -> None:
        codes = tuple(code for code, box in self._boxes.items() if box.isChecked())
        reason = self.field.text().strip()
        if not codes:
            self.refused(tr("Choose at least one criterion.", "请至少选择一项标准。"))
            return
        if OTHER in codes and not reason:
            set_wrong(self.field, True)
            self.refused(tr("Say what the other reason is.", "请说明其他原因。"))
            self.field.setFocus()
            return
        self.finish(Failure(codes, reason))

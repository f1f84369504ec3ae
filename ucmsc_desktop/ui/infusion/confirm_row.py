"""One check to confirm: the question, the facts beside it, Yes and No. One tap answers and is recorded at once.

Yes is not offered while the facts contradict it; an answer given stays in sight and can be changed, with a reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.session.prechecks import Fact
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Value
from ucmsc_desktop.ui.form.tiles import Tile
from ucmsc_desktop.ui.infusion.fact_lines import FactLines
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label


class ConfirmRow(QFrame):
    """A question with its evidence. `answered` carries (item id, code); `opened` asks for the record behind it."""

    answered = Signal(str, str)
    opened = Signal()

    def __init__(self, item: Item) -> None:
        super().__init__()
        set_kind(self, "well")
        self.item = item
        self._question = label.label(str(item.label))
        self.facts = FactLines(f"{item.id}:facts")
        self._who = label.hint("", f"{item.id}:who")
        self._who.hide()
        self.open = button.quiet(tr("Open the form", "打开表单"), f"{item.id}:open")
        self.open.clicked.connect(self.opened)
        self.open.hide()
        self._tiles = {
            choice.code: Tile(str(choice.label), f"{item.id}:{choice.code}", f"{item.label}: {choice.label}")
            for choice in item.choices
        }
        words = QVBoxLayout()
        words.setSpacing(3)
        for part in (self._question, self.facts, self._who):
            words.addWidget(part)
        answers = QHBoxLayout()
        answers.setSpacing(8)
        answers.addWidget(self.open)
        for code, tile in self._tiles.items():
            tile.setMinimumWidth(84)
            tile.clicked.connect(lambda _on=False, c=code: self.answered.emit(item.id, c))
            answers.addWidget(tile)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 8, 8, 8)
        line.setSpacing(12)
        line.addLayout(words, 1)
        line.addLayout(answers)

    def show_row(
        self, facts: Sequence[Fact], value: Value | None, *, may_enter: bool, may_confirm: bool = True
    ) -> None:
        """Show evidence and answer."""
        self.facts.show_facts(facts)
        for code, tile in self._tiles.items():
            tile.setChecked(code == value)
            tile.setEnabled(may_enter and (code != "Y" or may_confirm or value == "Y"))
        self._who.setText("" if may_enter else tr("An investigator answers this.", "由研究者回答。"))
        if self._who.isHidden() == (not may_enter):
            self._who.setVisible(not may_enter)

    def offer_form(self, offered: bool) -> None:
        """Offer to open the record that the facts come from."""
        if self.open.isHidden() == offered:
            self.open.setVisible(offered)

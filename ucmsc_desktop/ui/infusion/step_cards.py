"""The cards of the steps before the start: facts at the top, then what is still to be answered, then on to the next step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.entry import may_enter
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.session.prechecks import Fact
from ucmsc_desktop.session.preparation import TITLES, Step, StepId, items_of, product_view
from ucmsc_desktop.study.model import Item, Role
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.infusion.ask_card import AskCard
from ucmsc_desktop.ui.infusion.fact_lines import FactLines
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label


@dataclass(frozen=True, slots=True)
class Scene:
    """What a step card is shown with."""

    view: FormState  # the infusion record
    role: Role
    context: Context
    name: Callable[[str], str]


def blocks_shown(lines: FactLines, step: Step) -> None:
    """Show what stands against the start at a step once nothing is open there any more."""
    lines.show_facts([Fact(b.message, "bad") for b in step.blocks] if step.status == "blocked" else [])


class StepCard(AskCard):
    """A step. `opened` asks for the whole form; `went_on` for the next step, where nothing is to be saved."""

    opened = Signal(object)  # FormKey
    went_on = Signal()
    form = "F6"
    always: tuple[str, ...] = ()  # asked even when answered already: it may change until the start
    never: tuple[str, ...] = ()  # answered in another way on this card

    def __init__(self, step: StepId) -> None:
        super().__init__(f"step_{step}", TITLES[step].get(), save=tr("Save and go on", "保存并继续"))
        self.step = step
        self.facts = FactLines(f"step_{step}_facts")
        self.blocks = FactLines(f"step_{step}_blocks")
        self.lines.insertWidget(2, self.facts)
        self.lines.insertWidget(1, self.blocks)
        self.whole = button.quiet(tr("Open the whole form", "打开完整表单"), f"step_{step}_form", "edit")
        self.whole.clicked.connect(self._on_whole_clicked)
        self.extra.addWidget(self.whole)
        self.wait.hide()
        self._asked: tuple[str, ...] = ()
        self._scene: Scene | None = None

    def show_step(self, step: Step, scene: Scene) -> None:
        """Show the step as it stands; what is typed and not saved stays."""
        self._scene = scene
        record = scene.view if self.form == "F7" else product_view(scene.view)
        wanted = [i for i in self._items(scene) if may_enter(record.form, i, scene.role)]
        others = [i for i in self._items(scene) if not may_enter(record.form, i, scene.role) and i.required]
        ids = tuple(i.id for i in wanted)
        if ids != self._asked or self.cells is None or self.view is None or self.view.key != record.key:
            kept = {f.item.id: f.input.text() for f in self.cells.fields} if self.cells is not None else {}
            same = self.view is not None and self.view.key == record.key
            self._asked = ids
            cells = self.ask(record, wanted, 0, scene.context)
            for field in cells.fields if same else ():
                if kept.get(field.item.id) and field.item.id in ids:
                    field.input.set_text(kept[field.item.id])
            self.refresh()
        else:
            self.renew(record)
        self.facts.show_facts(self._facts(scene))
        blocks_shown(self.blocks, step)
        hint = ""
        if others:
            hint = tr(
                "Somebody else answers: {items}",
                "由他人填写：{items}",
                items="; ".join(str(i.label) for i in others),
            )
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.save.setText(tr("Save and go on", "保存并继续") if ids else tr("Go on", "继续"))

    def _items(self, scene: Scene) -> Sequence[Item]:
        found = []
        for record, item in items_of(scene.view, self.step):
            if record.key.form != self.form or item.id in self.never or not self._is_asked(record, item):
                continue
            found.append(item)
        return found

    def _is_asked(self, record: FormState, item: Item) -> bool:
        return item.id in self.always or record.value(item.id) is None

    def _facts(self, scene: Scene) -> Sequence[Fact]:
        """Give what stands above the questions; each card has its own."""
        return ()

    def give(self) -> None:
        """Save what was typed; where nothing was, go on."""
        values = self.changed_values()
        if values is None:
            self.say(tr("Please correct what is marked.", "请更正标出的内容。"))
        elif not {c: v for c, v in values.items() if v is not None}:
            self.say("")
            self.went_on.emit()
        else:
            self.say("")
            self.asked_to_save.emit({c: v for c, v in values.items() if v is not None})

    def _on_whole_clicked(self) -> None:
        if self.view is not None:
            self.opened.emit(self.view.key)


class Figures(QWidget):
    """A few large numbers with their captions, two beside each other; the first two are the largest."""

    def __init__(self, name: str, *, large: bool = False) -> None:
        super().__init__()
        self.setObjectName(name)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 4, 0, 4)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(1, 1 if large else 0)
        self._large = large
        self._shown: object = None

    def show_figures(self, figures: Sequence[tuple[object, str, bool]]) -> None:
        """Show (caption, number, whether it is off)."""
        plain = tuple((str(c), n, off) for c, n, off in figures)
        if plain == self._shown:
            return
        self._shown = plain
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for number, (caption, figure, off) in enumerate(plain):
            row, column = divmod(number, 2)
            said = label.value(figure, f"{self.objectName()}_{number}")
            large = ("figure", "title") if self._large else ("title", "value")
            set_kind(said, "error" if off else large[min(row, 1)])
            said.setAccessibleName(f"{caption} {figure}")
            self._grid.addWidget(label.caption(caption), 2 * row, column)
            self._grid.addWidget(said, 2 * row + 1, column)
        if self.isHidden() == bool(plain):
            self.setVisible(bool(plain))

"""The steps about time, bag, dose and line: plan, receipt of the product, planned dose, venous access and rescue kit."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.record.entry import may_enter
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.session.prechecks import Fact
from ucmsc_desktop.session.preparation import Step, product_view
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.ui.infusion import step_facts
from ucmsc_desktop.ui.infusion.step_cards import Figures, Scene, StepCard
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.naming import named


class PlanStep(StepCard):
    """When it is to begin, how long it will take, and whether the product lasts so long."""

    form = "F7"
    always = ("inf_planned_dtm", "inf_planned_min")

    def __init__(self) -> None:
        super().__init__("plan")

    def _facts(self, scene: Scene) -> Sequence[Fact]:
        shown = self.with_typed()
        return step_facts.plan_facts(shown if shown is not None else scene.view)

    def refresh(self) -> None:
        super().refresh()
        if self._scene is not None:
            self.facts.show_facts(self._facts(self._scene))


class TypedCode(QWidget):
    """The way out where a code cannot be scanned: what it says, and why it was typed. `given` carries both."""

    given = Signal(str, str)

    def __init__(self, name: str, *, with_reason: bool) -> None:
        super().__init__()
        self.setObjectName(name)
        self._code = named(QLineEdit(), f"{name}_code", tr("Code as printed", "标签上的编码"))
        self._code.setPlaceholderText(tr("Code as printed", "标签上的编码"))
        self._code.setProperty("takes_scan", False)
        self._why = named(QLineEdit(), f"{name}_why", tr("Why it was not scanned", "未扫码的原因"))
        self._why.setPlaceholderText(tr("Why it was not scanned", "未扫码的原因"))
        self._wants_reason = with_reason
        if not with_reason:
            self._why.hide()
        use = button.secondary(tr("Use it", "使用"), f"{name}_use")
        use.clicked.connect(self._on_use_clicked)
        self._code.returnPressed.connect(self._why.setFocus if with_reason else self._on_use_clicked)
        self._why.returnPressed.connect(self._on_use_clicked)
        line = QHBoxLayout(self)
        line.setContentsMargins(5, 0, 5, 0)
        line.setSpacing(8)
        line.addWidget(self._code, 2)
        line.addWidget(self._why, 3)
        line.addWidget(use)
        self.hide()

    def ask(self) -> None:
        """Open and take the keyboard."""
        self.show()
        self._code.setFocus()

    def _on_use_clicked(self) -> None:
        code, why = self._code.text().strip(), self._why.text().strip()
        set_wrong(self._code, not code)
        set_wrong(self._why, self._wants_reason and not why)
        if code and (why or not self._wants_reason):
            self._code.clear()
            self._why.clear()
            self.hide()
            self.given.emit(code, why)


class BagStep(StepCard):
    """Receipt of the bag: scanned first, then the certificate, transport and inspection as far as still open."""

    never = ("prod_unit_id", "prod_id_entry", "prod_typed_reason")
    typed_bag = Signal(str, str)

    def __init__(self) -> None:
        super().__init__("bag")
        self._call = label.heading(tr("Scan the bag", "请扫描制剂袋"), "bag_call")
        self._type = button.quiet(tr("It cannot be scanned", "无法扫码"), "bag_type", "keyboard")
        self._typed = TypedCode("bag_typed", with_reason=True)
        self._type.clicked.connect(self._typed.ask)
        self._typed.given.connect(self.typed_bag)
        self._scan = QWidget()
        across = QHBoxLayout()
        across.addWidget(self._call, 1)
        across.addWidget(self._type)
        lines = QVBoxLayout(self._scan)
        lines.setContentsMargins(0, 0, 0, 0)
        lines.addLayout(across)
        lines.addWidget(self._typed)
        self.lines.insertWidget(2, self._scan)
        self._scan.hide()

    def show_step(self, step: Step, scene: Scene) -> None:
        super().show_step(step, scene)
        product = product_view(scene.view)
        item = product.form.by_id["prod_unit_id"]
        missing = product.value("prod_unit_id") is None and may_enter(product.form, item, scene.role)
        if self._scan.isHidden() == missing:
            self._scan.setVisible(missing)

    def _items(self, scene: Scene) -> Sequence[Item]:
        return [i for i in super()._items(scene) if i.required]

    def _facts(self, scene: Scene) -> Sequence[Fact]:
        return step_facts.bag_facts(scene.view)


class DoseStep(StepCard):
    """The volume to infuse, and what it comes to, large."""

    always = ("dose_planned_vol",)

    def __init__(self) -> None:
        super().__init__("dose")
        self.figures = Figures("dose_figures", large=True)
        self.lines.insertWidget(2, self.figures)
        self.lines.removeWidget(self.facts)  # what the figures rest on stands below the one question
        self.lines.insertWidget(self.lines.indexOf(self.result), self.facts)

    def _facts(self, scene: Scene) -> Sequence[Fact]:
        return step_facts.dose_facts(scene.view)

    def refresh(self) -> None:
        super().refresh()
        shown = self.with_typed()
        if shown is not None and self._scene is not None:
            here = FormState(shown.state, self._scene.view.key, shown.now)
            self.figures.show_figures(step_facts.dose_figures(here))


class LineStep(StepCard):
    """Venous access, giving set, rescue kit, premedication, and how vital signs are taken."""

    form = "F7"
    drug_asked = Signal()

    def __init__(self) -> None:
        super().__init__("line")
        self._drug = button.secondary(tr("Premedication given…", "填写输注前用药……"), "line_premed")
        self._drug.clicked.connect(self.drug_asked)
        self.extra.insertWidget(0, self._drug)
        self._drug.hide()

    def show_step(self, step: Step, scene: Scene) -> None:
        super().show_step(step, scene)
        wanted = scene.view.value("premed_given") == "Y"
        if self._drug.isHidden() == wanted:
            self._drug.setVisible(wanted)

    def _facts(self, scene: Scene) -> Sequence[Fact]:
        facts = []
        for section in scene.view.form.sections:
            if section.id not in ("access", "flow_setup"):
                continue
            for item in section.items:
                value = scene.view.value(item.id)
                if value is not None and item.id != "flow_remark":
                    good = not (item.id in ("iv_dedicated", "rescue_ready") and value == "N")
                    good = good and value not in ("LEUK", "MICRO")
                    words = (
                        f"{item.label.en}: {item.shown(value, 'en')}",
                        f"{item.label.zh}：{item.shown(value, 'zh')}",
                    )
                    facts.append(Fact(Text(*words), "ok" if good else "bad"))
        return facts

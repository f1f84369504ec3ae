"""At the bedside: wristband and bag scanned, then five things compared by two people who each look for themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout

from ucmsc_desktop.i18n import Text, show_date, tr
from ucmsc_desktop.record.entry import may_enter
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.flow_reading import amount
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.session.prechecks import Fact
from ucmsc_desktop.session.preparation import TITLES, Step, product_view
from ucmsc_desktop.study.functions import same_code
from ucmsc_desktop.ui.infusion import step_facts
from ucmsc_desktop.ui.infusion.confirm_row import ConfirmRow
from ucmsc_desktop.ui.infusion.fact_lines import FactLines
from ucmsc_desktop.ui.infusion.product_steps import TypedCode
from ucmsc_desktop.ui.infusion.step_cards import Scene, blocks_shown
from ucmsc_desktop.ui.style import TOUCH, set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.pill import Pill

_NO_WRIST = Text("The right wristband has not been scanned", "尚未扫描正确的腕带")
_NO_BAG = Text("The right bag has not been scanned", "尚未扫描正确的制剂袋")
_QUESTIONS = ("coi_subject", "coi_bag", "coi_lot", "coi_dose", "coi_expiry")


class _Scan(QFrame):
    """One of the two scans: what is wanted, and what was read."""

    def __init__(self, name: str, title: str) -> None:
        super().__init__()
        set_kind(self, "well")
        self._title = label.label(title)
        self._value: QLabel = label.value("", f"{name}_read")
        self._pill = Pill("due", tr("Scan now", "请扫描"))
        lines = QVBoxLayout(self)
        lines.setContentsMargins(14, 10, 14, 10)
        lines.setSpacing(4)
        top = QHBoxLayout()
        top.addWidget(self._title, 1)
        top.addWidget(self._pill)
        lines.addLayout(top)
        lines.addWidget(self._value)
        for words in (self._title, self._value):  # a long code must not take the room of the other scan
            words.setMinimumWidth(0)
            words.setSizePolicy(QSizePolicy.Policy.Ignored, words.sizePolicy().verticalPolicy())
        self._value.setWordWrap(True)

    def show_scan(self, read: str, *, good: bool, how: str) -> None:
        """Show what was read. Missing: "" for nothing yet."""
        if not read:
            self._pill.set_status("due", tr("Scan now", "请扫描"))
        elif good:
            self._pill.set_status("done", tr("Agrees", "一致"))
        else:
            self._pill.set_status("block", tr("Does not agree", "不一致"))
        self._value.setText(f"{read}  {how}".strip() if read else "–")


class BedsideStep(Card):
    """The double check of F6 at the bedside. `typed` carries a code that could not be scanned."""

    answered = Signal(str, str)
    typed = Signal(str, str)
    opened = Signal(object)
    went_on = Signal()

    def __init__(self) -> None:
        super().__init__(TITLES["bedside"].get())
        self.setObjectName("step_bedside")
        self.body.setSpacing(8)
        self.blocks = FactLines("step_bedside_blocks")
        self._wrist = _Scan("wristband", tr("1  Wristband on the arm", "1  手腕上的腕带"))
        self._bag = _Scan("bedside_bag", tr("2  Bag to be connected", "2  将要连接的制剂袋"))
        self._type = button.quiet(tr("A code cannot be scanned", "无法扫码"), "bedside_type", "keyboard")
        self._code = TypedCode("bedside_typed", with_reason=False)
        self._type.clicked.connect(self._code.ask)
        self._code.given.connect(self.typed)
        pair = QGridLayout()
        pair.setSpacing(10)
        pair.addWidget(self._wrist, 0, 0)
        pair.addWidget(self._bag, 0, 1)
        pair.setColumnStretch(0, 1)
        pair.setColumnStretch(1, 1)
        self.body.addWidget(self.blocks)
        self.body.addLayout(pair)
        self.body.addWidget(self._type, 0, Qt.AlignmentFlag.AlignLeft)
        self.body.addWidget(self._code)
        self._rows: dict[str, ConfirmRow] = {}
        self._type.setMinimumHeight(TOUCH)

    def show_step(self, step: Step, scene: Scene) -> None:
        """Show the double check as it stands."""
        product = product_view(scene.view)
        if not self._rows:
            for name in _QUESTIONS:
                row = self._rows[name] = ConfirmRow(product.form.by_id[name])
                row.setParent(self)
                row.answered.connect(self.answered)
                self.body.addWidget(row)
            on = button.primary(tr("Go on", "继续"), "step_bedside_save", "arrow_forward")
            on.clicked.connect(self.went_on)
            self.body.addWidget(on)
        blocks_shown(self.blocks, step)
        wrist, bag = _text(product, "coi_wrist_scan"), _text(product, "coi_bag_scan")
        unit = _text(product, "prod_unit_id")
        right_wrist = bool(wrist) and same_code(wrist, scene.view.state.subject)
        right_bag = bool(bag) and bool(unit) and same_code(bag, unit)
        self._wrist.show_scan(wrist, good=right_wrist, how=_how(product, "coi_wrist_scan"))
        self._bag.show_scan(bag, good=right_bag, how=_how(product, "coi_bag_scan"))
        facts = _facts(scene.view, product, right_wrist, right_bag)
        for name, row in self._rows.items():
            item = product.form.by_id[name]
            row.show_row(
                facts[name],
                product.value(name),
                may_enter=may_enter(product.form, item, scene.role),
                may_confirm=not any(f.state == "bad" for f in facts[name]),
            )


def _facts(
    view: FormState, product: FormState, right_wrist: bool, right_bag: bool
) -> dict[str, Sequence[Fact]]:
    """Put beside each question what the record says to it."""
    figures = {str(c.en): (n, off) for c, n, off in step_facts.dose_figures(view)}
    dose = " · ".join(n for n, _off in figures.values())
    unit, lot, coa = (_text(product, i) for i in ("prod_unit_id", "prod_lot", "prod_coa_no"))
    target = amount(product, "dose_planned_vol", 0)
    return {
        "coi_subject": (
            Fact(_person(view), "ok" if right_wrist else "plain"),
            *_not_yet(right_wrist, _NO_WRIST),
        ),
        "coi_bag": (
            Fact(Text(f"Received {unit or '?'}", f"接收 {unit or '？'}"), "ok" if right_bag else "plain"),
            *_not_yet(right_bag, _NO_BAG),
        ),
        "coi_lot": (
            Fact(
                Text(
                    f"Lot {lot or '?'}, certificate {coa or '?'}",
                    f"批号 {lot or '？'}，质检报告 {coa or '？'}",
                )
            ),
        ),
        "coi_dose": (Fact(Text(dose or "?", dose or "？"), "plain" if target is not None else "bad"),),
        "coi_expiry": tuple(step_facts.expiry_facts(view)),
    }


def _not_yet(is_right: bool, words: Text) -> tuple[Fact, ...]:
    return () if is_right else (Fact(words, "bad"),)


def _person(view: FormState) -> Text:
    one = FormKey("F1", "SCR")
    initials = view.state.value(one, Cell("initials4"))
    born = view.state.value(one, Cell("birth_date"))
    bed = view.state.value(one, Cell("bed"))
    en, zh = [view.state.subject], [view.state.subject]
    if isinstance(initials, str):
        en.append(initials)
        zh.append(initials)
    if isinstance(born, date) and not isinstance(born, datetime):
        en.append(f"born {show_date(born, 'en')}")
        zh.append(f"{show_date(born, 'zh')} 出生")
    if isinstance(bed, str):
        en.append(f"bed {bed}")
        zh.append(f"{bed} 床")
    return Text(", ".join(en), "，".join(zh))


def _text(view: FormState, item: str) -> str:
    value = view.value(item)
    return value if isinstance(value, str) else ""


def _how(view: FormState, item: str) -> str:
    entry = view.entry(item)
    if entry is None:
        return ""
    words = tr("scanned", "扫码") if entry.origin == "scanned" else tr("typed", "手工输入")
    return f"{words} {entry.at:%H:%M}"

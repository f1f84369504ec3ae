"""What is asked after a big button was pressed: rates after START, the reason of a pause, the volumes after END."""

from __future__ import annotations

from decimal import Decimal

from PySide6.QtCore import Signal

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record import flow_reading
from ucmsc_desktop.record.entry import may_enter
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.study.model import Role
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.infusion.ask_card import AskCard
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.card import Card

_RATES = (
    "inf_rate_by",
    "inf_drop_factor",
    "inf_rate_init",
    "inf_drops_init",
    "inf_rate_main",
    "inf_drops_main",
)
_PAUSE = ("int_reason", "int_reason_oth", "int_action")
_END = ("inf_vol", "inf_residual", "flush_vol", "inf_stop_reason", "inf_stop_text")


class RateCard(AskCard):
    """The rates at the start, or a change of rate stamped when it was asked for."""

    def __init__(self) -> None:
        super().__init__("rate", tr("Rate", "滴速"), save=tr("Save rate", "保存滴速"))

    def open_rates(self, view: FormState, row: int, context: Context) -> None:
        """Ask for the first rates where none is known, else for a new one in a row of its own."""
        if view.value("inf_rate_by") is None:
            self.heading.setText(tr("Rates", "滴速"))
            self.ask(view, [view.form.by_id[i] for i in _RATES if i in view.form.by_id], 0, context)
            return
        self.heading.setText(tr("New rate", "新滴速"))
        section = next(s for s in view.form.sections if s.id == "rates")
        cells = self.ask(view, section.items, row, context)
        at, rate = cells.field("rate_dtm"), next((f for f in cells.shown() if f.item.is_numeric), None)
        if at is not None:
            at.input.show_value(view.now.replace(microsecond=0))
        if rate is not None:
            rate.input.first().setFocus()


class PauseCard(AskCard):
    """Why it was interrupted, and what was done."""

    def __init__(self) -> None:
        super().__init__("pause", tr("Why was it paused?", "为何暂停？"), save=tr("Save reason", "保存原因"))
        self.row = 0

    def open_pause(self, view: FormState, context: Context) -> bool:
        """Ask about the last interruption that is not described yet; say whether there is one."""
        section = next(s for s in view.form.sections if s.id == "interruptions")
        rows = [r for r in view.rows(section) if view.value("int_start", r) is not None]
        paused = view.value("inf_end_dtm") is None and any(view.value("int_end", r) is None for r in rows)
        wanted = ("int_reason",) if paused else ("int_reason", "int_action")
        still = [r for r in rows if any(view.value(i, r) is None for i in wanted)]
        if not still:
            return False
        self.row = still[-1]
        at = view.value("int_start", self.row)
        self.hint.setText(tr("Interruption at {at}", "中断时间 {at}", at=f"{at:%H:%M:%S}"))
        self.hint.show()
        items = [view.form.by_id[i] for i in _PAUSE if not (paused and i == "int_action")]
        self.ask(view, items, self.row, context)
        return True


class EndCard(AskCard):
    """Volumes after the end; what the dose comes to stands below as they are typed."""

    mistaken = Signal()

    def __init__(self) -> None:
        super().__init__("end", tr("Volumes", "输注量"), save=tr("Save volumes", "保存输注量"))
        self.still_running = button.quiet(
            tr("It is still running", "仍在输注（误按）"), "end_mistaken", "undo"
        )
        self.extra.addWidget(self.still_running)
        self.still_running.clicked.connect(self.mistaken)

    def open_end(self, view: FormState, context: Context, role: Role) -> bool:
        """Ask for what is still missing after the end; say whether anything is."""
        items = [view.form.by_id[i] for i in _END if may_enter(view.form, view.form.by_id[i], role)]
        wanted = [i for i in items if view.value(i.id) is None and view.is_applicable(i)]
        if not wanted:
            return False
        stopped = view.value("inf_status") == "STOPPED"
        self.heading.setText(tr("Stopped: volumes", "已停止：输注量") if stopped else tr("Volumes", "输注量"))
        words = tr("Read the bag and the flush syringe.", "请读取输注袋和冲管注射器。")
        if stopped and not any(i.id == "inf_stop_reason" for i in items):
            words += " " + tr(
                "An investigator records why it was stopped (F7).", "停止原因由研究者在 F7 填写。"
            )
        self.hint.setText(words)
        self.hint.show()
        self.still_running.setVisible(view.value("inf_vol") is None)
        self.ask(view, items, 0, context)
        return True

    def refresh(self) -> None:
        super().refresh()
        shown = self.with_typed()
        if shown is not None:
            text, unusual = dose_words(shown)
            set_kind(self.result, "error" if unusual else "value")
            self.result.setText(text)
            self.result.setVisible(bool(text))


class DoseCard(Card):
    """The dose delivered, from the derived items of the record."""

    def __init__(self) -> None:
        super().__init__(tr("Delivered dose", "实际输注剂量"))
        self.setObjectName("dose_card")
        self._dose = label.figure("", "dose_per_kg")
        self._share = label.value("", "dose_share")
        self._rest = label.hint("", "dose_rest")
        for part in (self._dose, self._share, self._rest):
            self.body.addWidget(part)
        self.hide()

    def show_dose(self, view: FormState) -> None:
        """Show the dose of a record; nothing while it cannot be known."""
        dose, share = flow_reading.amount(view, "inf_dose_kg", 0), flow_reading.amount(view, "inf_pct", 0)
        self.setVisible(dose is not None)
        if dose is None:
            return
        self._dose.setText(tr("{dose} cells/kg", "{dose} 个/kg", dose=flow_reading.scientific(dose)))
        unusual = share is not None and flow_reading.is_unusual(view.form.by_id["inf_pct"], share)
        set_kind(self._share, "error" if unusual else "value")
        text = _share(share)
        self._share.setText(f"▲ {text}" if unusual else text)
        cells, running = (
            flow_reading.amount(view, "inf_cells", 0),
            flow_reading.amount(view, "inf_running_min", 0),
        )
        parts = []
        if cells is not None:
            parts.append(tr("{n} viable cells", "活细胞 {n} 个", n=flow_reading.scientific(cells)))
        if running is not None:
            parts.append(tr("{m} min without pauses", "净输注 {m} 分钟", m=f"{running:.0f}"))
        volume, residual, flush = (
            flow_reading.amount(view, i, 0) for i in ("inf_vol", "inf_residual", "flush_vol")
        )
        if volume is not None:
            parts.append(tr("{v} mL infused", "已输注 {v} mL", v=flow_reading.short(volume)))
        if residual is not None:
            parts.append(tr("{v} mL left in the bag", "残余 {v} mL", v=flow_reading.short(residual)))
        if flush is not None:
            parts.append(tr("flush {v} mL", "冲管 {v} mL", v=flow_reading.short(flush)))
        self._rest.setText(" · ".join(parts))


def dose_words(view: FormState) -> tuple[str, bool]:
    """Say the dose that a record comes to, and whether it is off the target. Missing: "" while it cannot be known."""
    dose, share = flow_reading.amount(view, "inf_dose_kg", 0), flow_reading.amount(view, "inf_pct", 0)
    if dose is None:
        return "", False
    unusual = share is not None and flow_reading.is_unusual(view.form.by_id["inf_pct"], share)
    text = tr(
        "Delivered {dose} cells/kg, {share}",
        "实际剂量 {dose} 个/kg，{share}",
        dose=flow_reading.scientific(dose),
        share=_share(share),
    )
    return (f"▲ {text}" if unusual else text), unusual


def _share(share: Decimal | None) -> str:
    if share is None:
        return tr("target not known", "目标剂量未知")
    off = share - 100
    by = f"{'+' if off > 0 else '−'}{abs(off):.1f}" if abs(off) >= Decimal("0.05") else "±0"
    return tr(
        "{p} % of the target ({by} points)",
        "为目标剂量的 {p} %（偏差 {by} 个百分点）",
        p=f"{share:.1f}",
        by=by,
    )

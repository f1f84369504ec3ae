"""Where the infusion stands: clock, rate and volume, expiry, next check. It shows what it is handed, second by second."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QScrollArea,
    QScroller,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ucmsc_desktop.i18n import show_datetime, tr
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.worklist import due_points
from ucmsc_desktop.session import InfusionRun
from ucmsc_desktop.study.model import FlowPoint
from ucmsc_desktop.ui.infusion import duration, signs, volume
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.pill import LOOKS, Pill

NEAR_EXPIRY = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What the record says around a run. Units: mL. Missing: None for what is not recorded."""

    rates: volume.Rates
    pauses: tuple[tuple[datetime, datetime | None], ...]
    planned_ml: Decimal | None
    planned_at: datetime | None
    expires: datetime | None
    missed: tuple[tuple[FlowPoint, datetime], ...]
    plan: tuple[str, ...] = ()  # what the product record says, line by line

    def infused_ml(self, until: datetime) -> Decimal | None:
        """Estimate the volume run in by a moment."""
        return volume.infused_ml(self.rates, until, tuple((a, b or until) for a, b in self.pauses))


def facts_of(view: FormState) -> RunFacts:
    """Read the facts around a run from its record."""
    planned = view.value("inf_planned_dtm")
    product = signs.product_of(view)
    expires = product.value("prod_expiry_dtm") if product else None
    missed = tuple(
        (point, at)
        for point, at in due_points(view.state, view.key.n)
        if at + timedelta(minutes=point.after_min) < view.now
    )
    return RunFacts(
        volume.rates_of(view),
        signs.open_pauses(view),
        volume.planned_ml(product),
        planned if isinstance(planned, datetime) else None,
        expires if isinstance(expires, datetime) else None,
        tuple(sorted(missed, key=lambda p: p[1])),
        _plan(product) if product else (),
    )


def _plan(product: FormState) -> tuple[str, ...]:
    """Say what is planned, item by item of the product record that is known."""
    names = (
        "prod_unit_id",
        "dose_weight_kg",
        "dose_target_cells",
        "dose_planned_vol",
        "dose_planned_kg",
        "dose_planned_pct",
    )
    lines = []
    for item in (product.form.by_id[n] for n in names if n in product.form.by_id):
        value = product.value(item.id)
        if value is None:
            continue
        amount = signs.amount(product, item.id, 0)
        large = amount is not None and amount >= 10_000
        shown = (
            f"{signs.scientific(amount)} {item.unit_label()}"
            if amount is not None and large
            else item.shown(value)
        )
        lines.append(tr("{label}: {value}", "{label}：{value}", label=item.label, value=shown))
    return tuple(lines)


class RunCard(QFrame):
    """The card at the left; the page puts the big buttons into `foot`."""

    mixed = Signal()
    rate_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        set_kind(self, "card")
        self._heading = label.heading("", "run_heading")
        self._pill = Pill("planned")
        self._clock = named(label.clock("", "run_clock"), "run_clock", tr("Time since start", "开始后时间"))
        self._paused = label.body("", "run_paused")
        self._line = label.hint("", "run_line")
        self._bar = named(QProgressBar(), "run_progress", tr("Volume infused, estimated", "已输注量（估算）"))
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 1000)
        self._bar.setFixedHeight(18)
        self._expiry = label.hint("", "run_expiry")
        self._plan = label.body("", "run_plan")
        self._next_label = label.label(tr("Next check", "下次检查"))
        self._next_pill = Pill("next")
        self._next = label.value("", "run_next")
        self._next.setWordWrap(True)
        self._missed = label.error("", "run_missed")
        self._reminder = label.hint(tr("A reminder, not an alarm.", "仅为提醒，不是报警。"))
        self._mix = button.secondary(tr("Bag mixed", "已混匀"), "infusion_mixed")
        self._mix.setAccessibleName(tr("Bag gently mixed now", "刚刚轻摇混匀"))
        self._rate = button.secondary(tr("Change rate", "调整滴速"), "infusion_rate")
        self._mix.clicked.connect(self.mixed)
        self._rate.clicked.connect(self.rate_asked)
        for small in (self._mix, self._rate):
            small.setMinimumWidth(0)
            small.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._mixed_at = label.hint("", "run_mixed")
        self.due_point = ""  # the code of a point whose window is open; "" while none is
        self._build()

    def _build(self) -> None:
        inside = QWidget()
        inside.setObjectName("body")
        lines = QVBoxLayout(inside)
        lines.setContentsMargins(6, 6, 6, 2)
        lines.setSpacing(4)
        top = QHBoxLayout()
        top.addWidget(self._heading, 1)
        top.addWidget(self._pill)
        lines.addLayout(top)
        for part in (self._clock, self._paused, self._line, self._bar, self._expiry, self._plan):
            lines.addWidget(part)
        lines.addSpacing(4)
        check = QHBoxLayout()
        check.addWidget(self._next_label, 1)
        check.addWidget(self._next_pill)
        lines.addLayout(check)
        for part in (self._next, self._missed, self._reminder):
            lines.addWidget(part)
        self._small = QWidget()
        small = QHBoxLayout(self._small)
        small.setContentsMargins(5, 5, 5, 5)  # room for the focus ring
        small.setSpacing(8)
        small.addWidget(self._mix, 1)
        small.addWidget(self._rate, 1)
        lines.addWidget(self._small)
        lines.addWidget(self._mixed_at)
        lines.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(inside)
        QScroller.grabGesture(area.viewport(), QScroller.ScrollerGestureType.TouchGesture)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(14, 8, 14, 14)
        outer.setSpacing(8)
        outer.addWidget(area, 1)
        self.foot = QVBoxLayout()
        self.foot.setContentsMargins(1, 0, 1, 0)
        outer.addLayout(self.foot)

    def clock_text(self) -> str:
        """Give the clock and the status, for where there is no room for the card."""
        return f"{self._clock.text()}  {self._pill.words()}" if not self._clock.isHidden() else ""

    def set_low(self, low: bool) -> None:
        """Leave out what can be spared in a low window."""
        self._reminder.setMaximumHeight(0 if low else 16777215)
        self._next_label.setToolTip(self._reminder.text())

    # --- what is shown ---------------------------------------------------------------------------------------

    def show_run(self, run: InfusionRun, facts: RunFacts, now: datetime, mixed_at: datetime | None) -> None:
        """Show a run as it stands at a moment; called every second while it runs."""
        say(self._heading, tr("Infusion {n}", "第 {n} 次输注", n=run.n))
        mark(self._pill, run.status)
        reveal(self._clock, run.status != "planned")
        say(self._clock, duration.clock(run.elapsed_s))
        self._show_pause(run, facts, now)
        say(self._line, _line(run, facts, now))
        self._show_volume(run, facts, now)
        self._show_expiry(run, facts, now)
        self._show_next(run, facts, now)
        say(self._plan, "\n".join(facts.plan))
        reveal(self._plan, run.status == "planned" and bool(facts.plan))
        under_way = run.status in ("running", "paused")
        reveal(self._small, under_way)
        reveal(self._mixed_at, under_way)
        say(self._mixed_at, _mixed(mixed_at, now))

    def _show_pause(self, run: InfusionRun, facts: RunFacts, now: datetime) -> None:
        text = ""
        if run.paused_since is not None:
            text = tr(
                "Paused since {at}, for {span}",
                "{at} 起暂停，已 {span}",
                at=f"{run.paused_since:%H:%M:%S}",
                span=duration.words(now - run.paused_since),
            )
        elif facts.pauses:
            whole = timedelta(seconds=run.elapsed_s - run.running_s)
            text = tr(
                "{n} pause(s), {span} in all",
                "暂停 {n} 次，共 {span}",
                n=len(facts.pauses),
                span=duration.words(whole),
            )
        say(self._paused, text)
        reveal(self._paused, bool(text))

    def _show_volume(self, run: InfusionRun, facts: RunFacts, now: datetime) -> None:
        infused = facts.infused_ml(run.ended or now)
        shown = infused is not None and facts.planned_ml is not None and run.status in ("running", "paused")
        reveal(self._bar, shown)
        if infused is not None and facts.planned_ml:
            self._bar.setValue(min(1000, int(1000 * infused / facts.planned_ml)))

    def _show_expiry(self, run: InfusionRun, facts: RunFacts, now: datetime) -> None:
        reveal(self._expiry, facts.expires is not None and run.status != "ended")
        if facts.expires is None:
            return
        at = f"{facts.expires:%H:%M}"
        left = facts.expires - now
        if left <= timedelta(0):
            say(self._expiry, tr("The product expired at {at}", "制剂已于 {at} 失效", at=at))
        elif left >= timedelta(days=1):
            say(self._expiry, tr("Product expires in {span}", "制剂 {span}后失效", span=duration.words(left)))
        else:
            say(
                self._expiry,
                tr(
                    "Product expires {at}, in {span}",
                    "制剂 {at} 失效，还有 {span}",
                    at=at,
                    span=duration.words(left),
                ),
            )
        set_kind(self._expiry, "error" if left <= NEAR_EXPIRY else "hint")

    def _show_next(self, run: InfusionRun, facts: RunFacts, now: datetime) -> None:
        point, at = run.next_point, run.next_at
        for part in (self._next_label, self._next_pill, self._next):
            reveal(part, point is not None)
        reveal(self._reminder, point is not None)
        self.due_point = ""
        if point is not None and at is not None:
            opens, closes = at - timedelta(minutes=point.before_min), at + timedelta(minutes=point.after_min)
            self.due_point = point.code if now >= opens else ""
            say(self._next_label, tr("Next check · {p}", "下次检查 · {p}", p=point.title))
            mark(self._next_pill, "due" if self.due_point else "next")
            say(self._next, _next_words(point, at, closes, now))
        missed = tr(", ", "、").join(f"{p.title} ({when:%H:%M})" for p, when in facts.missed)
        say(self._missed, tr("Not recorded: {points}", "未记录：{points}", points=missed))
        reveal(self._missed, bool(missed))


def say(label_: QLabel, text: str) -> None:
    """Show a text if it is another one: what does not change every second is not laid out every second."""
    if label_.text() != text:
        label_.setText(text)


def reveal(widget: QWidget, shown: bool) -> None:
    """Show or hide a widget if that changes anything."""
    if widget.isHidden() == shown:
        widget.setVisible(shown)


def mark(pill: Pill, status: str) -> None:
    """Show a status if it is another one."""
    if pill.words() != LOOKS[status].text.get():
        pill.set_status(status)


def _line(run: InfusionRun, facts: RunFacts, now: datetime) -> str:
    """Say when it started, how fast it runs and how much has run in, as far as known."""
    parts: list[str] = []
    if run.started is None:
        if facts.planned_at is not None:
            parts.append(tr("Planned for {at}", "计划 {at} 开始", at=f"{facts.planned_at:%H:%M}"))
            left = facts.planned_at - now
            if left > timedelta(0):
                parts.append(tr("in {span}", "还有 {span}", span=duration.words(left)))
        return " · ".join(parts)
    if run.ended is not None:
        return tr("{a} to {b}", "{a} 至 {b}", a=f"{run.started:%H:%M}", b=f"{run.ended:%H:%M}")
    parts.append(tr("Started {at}", "{at} 开始", at=f"{run.started:%H:%M}"))
    rate = volume.rate_now(facts.rates, now)
    if run.status == "paused":
        parts.append("0 mL/h")
    elif rate is not None:
        parts.append(f"{signs.short(rate)} mL/h")
    infused = facts.infused_ml(now)
    if infused is not None and facts.planned_ml is not None:
        parts.append(
            tr(
                "≈{ml} / {all} mL",
                "≈{ml} / {all} mL",
                ml=int(infused),
                all=signs.short(facts.planned_ml),
            )
        )
    elif rate is None:
        parts.append(tr("rate not recorded yet", "滴速尚未记录"))
    return " · ".join(parts)


def _next_words(point: FlowPoint, at: datetime, closes: datetime, now: datetime) -> str:
    when = f"{at:%H:%M}" if at.date() == now.date() else show_datetime(at)
    if now < at:
        return tr(
            "Vital signs {when}, in {span}",
            "{when} 生命体征，还有 {span}",
            when=when,
            span=duration.words(at - now),
        )
    return tr(
        "Vital signs due since {when}, until {closes}",
        "{when} 生命体征应测，{closes} 前有效",
        when=when,
        closes=f"{closes:%H:%M}",
    )


def _mixed(at: datetime | None, now: datetime) -> str:
    if at is None:
        return tr("Mix the bag gently every 5 to 10 minutes", "每 5–10 分钟轻摇混匀一次")
    return tr("Bag mixed {span} ago", "{span}前混匀", span=duration.words(now - at))

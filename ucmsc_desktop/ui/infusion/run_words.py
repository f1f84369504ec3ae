"""What is said of a running infusion: facts read from its record, and the words for clock, rate, expiry and next check."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ucmsc_desktop.i18n import Text, show_datetime, tr
from ucmsc_desktop.record import flow_reading
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.session import InfusionRun
from ucmsc_desktop.session.aftermath import was_stopped
from ucmsc_desktop.session.infusion import missed_points
from ucmsc_desktop.session.preparation import planned_end
from ucmsc_desktop.study.model import FlowPoint
from ucmsc_desktop.ui.infusion import duration, volume
from ucmsc_desktop.ui.infusion.step_facts import dose_figures

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
    figures: tuple[tuple[Text, str, bool], ...] = ()  # the planned dose: caption, number, whether it is off
    planned_end: datetime | None = None
    mix_every: timedelta = timedelta(minutes=10)
    stopped: bool = False  # ended by STOP, not by END

    def infused_ml(self, until: datetime) -> Decimal | None:
        """Estimate the volume run in by a moment."""
        return volume.infused_ml(self.rates, until, tuple((a, b or until) for a, b in self.pauses))


def facts_of(view: FormState) -> RunFacts:
    """Read the facts around a run from its record."""
    planned = view.value("inf_planned_dtm")
    product = flow_reading.product_of(view)
    expires = product.value("prod_expiry_dtm") if product else None
    return RunFacts(
        volume.rates_of(view),
        flow_reading.open_pauses(view),
        volume.planned_ml(product),
        planned if isinstance(planned, datetime) else None,
        expires if isinstance(expires, datetime) else None,
        missed_points(view.state, view.key.n, view.now),
        dose_figures(view) if product else (),
        planned_end(view, view.now),
        timedelta(minutes=int(str(view.state.study.parameters["mix_every_min"]))),
        was_stopped(view.state, view.key.n),
    )


def line_words(run: InfusionRun, facts: RunFacts, now: datetime) -> str:
    """Say when it started, how fast it runs and how much has run in, as far as known."""
    parts: list[str] = []
    if run.started is None:
        if facts.planned_at is not None:
            parts.append(tr("Planned for {at}", "计划 {at} 开始", at=_moment(facts.planned_at, now)))
            left = facts.planned_at - now
            if left > timedelta(0):
                parts.append(tr("in {span}", "还有 {span}", span=duration.words(left)))
        return " · ".join(parts)
    if run.ended is not None:
        times = {"a": f"{run.started:%H:%M}", "b": f"{run.ended:%H:%M}"}
        if facts.stopped:
            return tr("{a} to {b}, stopped early", "{a} 至 {b}，提前停止", **times)
        return tr("{a} to {b}", "{a} 至 {b}", **times)
    parts.append(tr("Started {at}", "{at} 开始", at=f"{run.started:%H:%M}"))
    rate = volume.rate_now(facts.rates, now)
    if run.status == "paused":
        parts.append("0 mL/h")
    elif rate is not None:
        parts.append(f"{flow_reading.short(rate)} mL/h")
    infused = facts.infused_ml(now)
    if infused is not None and facts.planned_ml is not None:
        parts.append(
            tr(
                "≈{ml} / {all} mL",
                "≈{ml} / {all} mL",
                ml=int(infused),
                all=flow_reading.short(facts.planned_ml),
            )
        )
    elif rate is None:
        parts.append(tr("rate not recorded yet", "滴速尚未记录"))
    return " · ".join(parts)


def next_words(point: FlowPoint, at: datetime, closes: datetime, now: datetime) -> str:
    """Say when the next vital signs are due."""
    when = _moment(at, now)
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


def next_short(run: InfusionRun, now: datetime) -> tuple[str, bool]:
    """Say the next check of one of several infusions in few words, and whether it is due."""
    point, at = run.next_point, run.next_at
    if point is None or at is None:
        return "", False
    if now >= at - timedelta(minutes=point.before_min):
        return tr("{p} due now", "{p} 现在应测", p=point.title), True
    words = tr(
        "{p} {at}, in {span}",
        "{p} {at}，还有 {span}",
        p=point.title,
        at=f"{at:%H:%M}",
        span=duration.words(at - now),
    )
    return words, False


def mixed_words(at: datetime | None, now: datetime, *, late: bool) -> str:
    """Say how long ago the bag was mixed."""
    if late:
        if at is None:
            return tr("Mix the bag now: not mixed yet", "请立即混匀：尚未混匀")
        return tr(
            "Mix the bag now: last {span} ago", "请立即混匀：上次为 {span}前", span=duration.words(now - at)
        )
    if at is None:
        return tr("Mix the bag gently every 5 to 10 minutes", "每 5–10 分钟轻摇混匀一次")
    return tr("Bag mixed {span} ago", "{span}前混匀", span=duration.words(now - at))


def expiry_words(run: InfusionRun, facts: RunFacts, left: timedelta) -> tuple[str, bool]:
    """Say when the product expires, and whether that is near; before the start against the planned end."""
    assert facts.expires is not None
    at = f"{facts.expires:%H:%M}"
    if left <= timedelta(0):
        return tr("The product expired at {at}", "制剂已于 {at} 失效", at=at), True
    if left >= timedelta(days=1):
        return tr("Product expires in {span}", "制剂 {span}后失效", span=duration.words(left)), False
    named = {"at": at, "span": duration.words(left)}
    if run.status == "planned" and facts.planned_end is not None:
        end = f"{facts.planned_end:%H:%M}"
        spare = facts.expires - facts.planned_end
        if spare < timedelta(0):
            words = (
                "Expires {at}, in {span}: BEFORE the planned end {end}",
                "{at} 失效，还有 {span}：早于计划结束 {end}",
            )
            return tr(*words, end=end, **named), True
        words = (
            "Product expires {at}, in {span}; planned end {end}",
            "制剂 {at} 失效，还有 {span}；计划结束 {end}",
        )
        return tr(*words, end=end, **named), spare <= NEAR_EXPIRY
    return tr("Product expires {at}, in {span}", "制剂 {at} 失效，还有 {span}", **named), left <= NEAR_EXPIRY


def _moment(at: datetime, now: datetime) -> str:
    near = at.date() == now.date() or abs(at - now) < timedelta(hours=12)  # over midnight too
    return f"{at:%H:%M}" if near else show_datetime(at)

"""How much has run in so far, estimated from the rates and the time without pauses. Pure; shown, never recorded.

The volume that counts is the one a person reads off at the end; this one says "about" wherever it is shown.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from ucmsc_desktop.record import flow_reading
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.study.values import Number

FIRST = timedelta(minutes=15)  # the form's "first 15 minutes"

Rates = tuple[tuple[datetime, Decimal], ...]


def rates_of(view: FormState) -> Rates:
    """Give the rates in mL/h, each with the moment from which it holds; empty while none is known.

    The main rate takes over after 15 minutes unless a change was recorded before.
    """
    start = view.value("inf_start_dtm")
    if not isinstance(start, datetime):
        return ()
    found: list[tuple[datetime, Decimal]] = []
    section = next(s for s in view.form.sections if s.id == "rates")
    for row in view.rows(section):
        at, rate = view.value("rate_dtm", row), flow_reading.amount(view, "rate_new_mlh", row)
        if isinstance(at, datetime) and rate is not None:
            found.append((max(at, start), rate))
    first, main = (
        flow_reading.amount(view, "inf_rate_init_mlh", 0),
        flow_reading.amount(view, "inf_rate_main_mlh", 0),
    )
    if first is not None:
        found.append((start, first))
    if main is not None and not any(at < start + FIRST for at, _rate in found if at > start):
        found.append((start + FIRST, main))
    return tuple(sorted(found, key=lambda r: r[0]))


def infused_ml(
    rates: Rates, until: datetime, pauses: tuple[tuple[datetime, datetime], ...]
) -> Decimal | None:
    """Estimate the volume run in. Units: mL. Missing: None while no rate is known."""
    if not rates:
        return None
    total = Decimal(0)
    for n, (since, rate) in enumerate(rates):
        end = min(rates[n + 1][0] if n + 1 < len(rates) else until, until)
        seconds = _seconds(since, end) - sum(
            (_seconds(max(since, a), min(end, b)) for a, b in pauses), Decimal(0)
        )
        total += rate * max(Decimal(0), seconds) / 3600
    return total


def rate_now(rates: Rates, now: datetime) -> Decimal | None:
    """Give the rate that holds at a moment. Units: mL/h."""
    return next((rate for since, rate in reversed(rates) if since <= now), None)


def planned_ml(product: FormState | None) -> Decimal | None:
    """Give the volume planned in the product record. Units: mL."""
    value = product.value("dose_planned_vol") if product else None
    return value.amount if isinstance(value, Number) else None


def _seconds(since: datetime, until: datetime) -> Decimal:
    return Decimal(max(0, (until - since) // timedelta(milliseconds=1))) / 1000

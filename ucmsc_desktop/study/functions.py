"""The general functions of expressions: missing values, series, moments, codes. Each is small, pure and documented.

Clinical formulas live in ucmsc_desktop.clinical; here they only get a name.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ucmsc_desktop.clinical import dose, gas, oxygen, scores, units, vitals
from ucmsc_desktop.study.calls import FUNCTIONS, Function, Series, expression_function, formula
from ucmsc_desktop.study.values import PartialDate, tidy

# --- missing values and series ----------------------------------------------------------------------------------


@expression_function(1, missing=True)
def given(value: Any) -> bool:
    """Say whether there is a value (a coded gap is none)."""
    return value is not None and value != ()


@expression_function(2, missing=True)
def first_given(value: Any, other: Any) -> Any:
    """Give the first value that is not missing."""
    return value if value is not None else other


@expression_function(1, 12, missing=True)
def any_true(*values: Any) -> bool | None:
    """Say whether one is true or "Y"; missing when none is and some are missing. Tuples are looked into."""
    flat = list(_flat(values))
    if any(_truth(v) for v in flat):
        return True
    return None if any(v is None for v in flat) else False


@expression_function(1, 20, missing=True)
def all_true(*values: Any) -> bool | None:
    """Say whether all are true or "Y"; False as soon as one is not, otherwise missing when some are missing."""
    flat = list(_flat(values))
    if any(v is not None and not _truth(v) for v in flat):
        return False
    return None if any(v is None for v in flat) else True


@expression_function(1, 12, missing=True)
def count_given(*values: Any) -> Decimal:
    """Count the values that are not missing; tuples are looked into."""
    return Decimal(sum(v is not None for v in _flat(values)))


@expression_function(1, 12, missing=True)
def max_of(*values: Any) -> Any:
    """Give the largest value that is not missing."""
    known = [v for v in _flat(values) if v is not None]
    return max(known) if known else None


@expression_function(1, 12, missing=True)
def min_of(*values: Any) -> Any:
    """Give the smallest value that is not missing."""
    known = [v for v in _flat(values) if v is not None]
    return min(known) if known else None


@expression_function(1, 12, missing=True)
def latest(*values: Any) -> Any:
    """Give the latest moment that is not missing."""
    return max_of(*values)


@expression_function(1, 12, missing=True)
def earliest(*values: Any) -> Any:
    """Give the earliest moment that is not missing."""
    return min_of(*values)


@expression_function(1, 12)
def sum_of(*values: Any) -> Decimal | None:
    """Add values; missing if one is missing (a total of parts that are not all known is not a total)."""
    flat = list(_flat(values))
    return None if any(v is None for v in flat) else sum(flat, Decimal(0))


@expression_function(1)
def absolute(value: Decimal) -> Decimal:
    """Give the magnitude of a number."""
    return abs(value)


@expression_function(1, missing=True)
def same_all(values: Series | None) -> bool | None:
    """Say whether all values of a series that are not missing are equal; missing when there are fewer than two."""
    known = [v for v in values or () if v is not None]
    return None if len(known) < 2 else all(v == known[0] for v in known)


@expression_function(2, missing=True)
def occurrences(values: Series | None, value: Any) -> Decimal:
    """Count how often a value stands in a series."""
    return Decimal(sum(v is not None and v == value for v in values or ()))


@expression_function(4, missing=True)
def nearest(times: Series | None, values: Series | None, moment: datetime | None, within_min: Decimal) -> Any:
    """Give the value whose time lies nearest to `moment`, at most `within_min` minutes away (tie: the earlier)."""
    if moment is None:
        return None
    limit = timedelta(minutes=float(within_min))
    pairs = [
        (abs(t - moment), t, v)
        for t, v in zip(times or (), values or (), strict=True)
        if t is not None and v is not None and abs(t - moment) <= limit
    ]
    return min(pairs, key=lambda p: (p[0], p[1]))[2] if pairs else None


@expression_function(2, missing=True)
def preceding(times: Series | None, moment: datetime | None) -> Any:
    """Give the latest time of a series that is not after `moment`."""
    known = [t for t in times or () if t is not None and moment is not None and t <= moment]
    return max(known) if known else None


@expression_function(3, 5, missing=True)
def preceding_value(
    times: Series | None,
    values: Series | None,
    moment: datetime | None,
    kinds: Series | None = None,
    kind: Any = None,
) -> Any:
    """Give the value that belongs to the latest time before `moment`; with `kinds`, of those of one kind alone."""
    if moment is None:
        return None
    pairs = [
        (t, v)
        for t, v, k in zip(times or (), values or (), kinds or (kind,) * len(times or ()), strict=True)
        if t is not None and v is not None and t < moment and k == kind
    ]
    return max(pairs, key=lambda p: p[0])[1] if pairs else None


@expression_function(4, 9, missing=True)
def copied_rows(rows: Decimal, *series: Series | None) -> Decimal:
    """Count the signs that hold one and the same value in at least `rows` consecutive rows (X12)."""
    return Decimal(sum(_longest_run(s or ()) >= int(rows) for s in series))


def _longest_run(values: Series) -> int:
    best = run = 0
    before: Any = None
    for value in values:
        run = run + 1 if value is not None and value == before else int(value is not None)
        before = value
        best = max(best, run)
    return best


def _flat(values: Iterable[Any]) -> Iterable[Any]:
    for value in values:
        if isinstance(value, tuple):
            yield from value
        else:
            yield value


def _truth(value: Any) -> bool:
    return value == "Y" or value is True


# --- time -------------------------------------------------------------------------------------------------------


@expression_function(1)
def minutes(interval: timedelta) -> Decimal:
    """Give an interval in minutes, exactly."""
    return _seconds(interval) / 60


@expression_function(1)
def hours(interval: timedelta) -> Decimal:
    """Give an interval in hours, exactly."""
    return _seconds(interval) / 3600


def _seconds(interval: timedelta) -> Decimal:
    return Decimal(interval.days * 86400 + interval.seconds) + Decimal(interval.microseconds) / 1_000_000


@expression_function(2)
def days_between(first: Any, second: Any) -> Decimal | None:
    """Give whole calendar days from `first` to `second`; missing where a day is not known."""
    a, b = _day(first), _day(second)
    return None if a is None or b is None else Decimal((b - a).days)


@expression_function(1)
def date_of(moment: Any) -> date | None:
    """Give the local calendar date of a moment; missing where the day is not known."""
    return _day(moment)


@expression_function(1)
def precision(value: Any) -> str:
    """Name what is known of a partial date: YEAR, MONTH, DAY or HOUR."""
    if isinstance(value, PartialDate):
        known = (value.month, value.day, value.hour)
        return ("YEAR", "MONTH", "DAY", "HOUR")[sum(k is not None for k in known)]
    return "HOUR" if isinstance(value, datetime) else "DAY"


@expression_function(2)
def moment_of(value: Any, like: datetime) -> datetime | None:
    """Turn a partial date with a time into a moment in the offset of `like`; missing without a time."""
    if isinstance(value, datetime):
        return value
    if isinstance(value, PartialDate) and value.hour is not None and value.minute is not None:
        return datetime(
            value.year, value.month or 1, value.day or 1, value.hour, value.minute, tzinfo=like.tzinfo
        )
    return None


@expression_function(2)
def protocol_day(on: Any, first_start: datetime) -> Decimal | None:
    """Give the protocol day: 0 on the date of the first infusion.

    Source: F19 (day 0 = date of the first infusion, local calendar).
    """
    return days_between(first_start, on)


@expression_function(2)
def end_of_day(first_start: datetime, day: Decimal) -> datetime:
    """Give 23:59:59 local time of a protocol day."""
    on = first_start.date() + timedelta(days=int(day))
    return datetime.combine(on, time(23, 59, 59), first_start.tzinfo)


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, PartialDate):
        if value.month is None or value.day is None:
            return None
        return date(value.year, value.month, value.day)
    return value if isinstance(value, date) else None


# --- study configuration ----------------------------------------------------------------------------------------


@expression_function(3)
def icf_active(versions: Iterable[Any], version: str, on: Any) -> bool | None:
    """Say whether a consent-form version was the active one of the site on a day (X02)."""
    day = _day(on)
    if day is None:
        return None
    return any(
        v.version == version
        and date.fromisoformat(v.active_from) <= day
        and (v.active_to is None or day <= date.fromisoformat(v.active_to))
        for v in versions
    )


@expression_function(4, missing=True)
def flow_nominal(
    points: Any, code: str | None, start: datetime | None, end: datetime | None
) -> datetime | None:
    """Give the nominal time of a flow-sheet point; missing until its anchor is known."""
    for point in points or ():
        if point.code == code:
            anchor = start if point.anchor == "start" else end
            return None if anchor is None else anchor + timedelta(minutes=point.at_min)
    return None


# --- clinical formulas --------------------------------------------------------------------------------------------
# Formulas propagate missing themselves; they run in their own decimal context. (name in the forms → formula)


formula(gas.pf, 2)
formula(gas.pf_eligible, 1)
formula(gas.borderline_pf, 1)
formula(gas.alveolar_po2, 2, 3, name="pao2_alveolar")
formula(gas.alveolar_po2_full, 2, 3, name="pao2_alveolar_full")
formula(gas.aado2, 3, 4, name="aado2_simplified")
formula(gas.aado2_full, 3, 4)
formula(gas.aado2_eligible, 1)
formula(gas.borderline_aado2, 1)
formula(gas.oi_mawp, 3)
formula(gas.sf, 2)
formula(gas.rox, 3)
formula(oxygen.hco3, 2, name="hco3_calc")
formula(oxygen.fio2_source, 1)
formula(units.convert, 3)


@expression_function(2, missing=True)
def fio2_estimate(support: str | None, flow: Decimal | None) -> Decimal | None:
    """Estimate FiO2 from support and flow; room air needs no flow."""
    estimate: Decimal | None = oxygen.fio2_estimate(support, flow)
    return estimate


# --- samples, events and their distance from the infusions ---------------------------------------------------------


@expression_function(2, missing=True)
def count_until(times: Series | None, moment: Any) -> Decimal | None:
    """Count the times of a series that are not after `moment`; missing without a moment.

    A stamped time has its second, a moment that a person wrote its minute alone: it belongs to what began in that minute.
    """
    if moment is None:
        return None
    return Decimal(sum(t is not None and t.replace(second=0, microsecond=0) <= moment for t in times or ()))


@expression_function(2)
def not_before(later: Any, earlier: Any) -> bool:
    """Say whether `later` does not lie before `earlier`; dates known in part compare as far as both are known."""
    if isinstance(later, datetime) and isinstance(earlier, datetime):
        return later >= earlier
    a, b = _date_parts(later), _date_parts(earlier)
    known = min(len(a), len(b))
    return a[:known] >= b[:known]


def _date_parts(value: Any) -> tuple[int, ...]:
    names = ("year", "month", "day", "hour", "minute")
    parts = (getattr(value, name, None) for name in names)
    return tuple(p for p in parts if p is not None)


formula(oxygen.ph_at_temperature, 2)
formula(oxygen.pco2_at_temperature, 2)
formula(oxygen.po2_at_temperature, 2)
FUNCTIONS["berlin"] = Function(scores.berlin, 3, 3, takes_missing=True)  # PEEP is not asked for on room air


formula(dose.target_cells, 1, 2)
formula(dose.target_volume_ml, 3, 4)
formula(dose.delivered_cells, 3)
formula(dose.dose_cells_per_kg, 4)
formula(dose.dose_percent, 1, 2)
formula(dose.dose_within, 2)
formula(dose.count_consistent, 3)
formula(vitals.mean_arterial_pressure, 2, name="map_mmhg")
formula(units.ml_per_h, 2)
formula(units.ug_min, 2)
formula(units.ug_kg_min, 2)
formula(units.ne_base, 1)
formula(gas.pf_altitude, 2)

# --- codes read by a scanner ----------------------------------------------------------------------------------------


@expression_function(2)
def same_code(first: str, second: str) -> bool:
    """Say whether two scanned or typed codes are the same; case, width and blanks around them do not count."""
    return _code(first) == _code(second)


@expression_function(2, missing=True)
def code_occurrences(values: Series | None, code: str | None) -> Decimal:
    """Count how often a scanned or typed code stands in a series, compared as `same_code` does."""
    return Decimal(sum(code is not None and v is not None and _code(v) == _code(code) for v in values or ()))


@expression_function(2)
def last_chars(code: str, count: Decimal) -> str | None:
    """Give the last letters and digits of a code, other characters passed over; missing where it has fewer."""
    plain = "".join(c for c in tidy(code) if c.isalnum())
    return plain[-int(count) :] if len(plain) >= int(count) else None


def _code(text: str) -> str:
    return tidy(text).casefold()

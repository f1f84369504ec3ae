"""Age, body size and the trial's calendar: completed years, BMI, predicted weight, protocol day, onset.

Must never turn a birth date into an instant: China had summer time 1986-91, so birth dates are plain dates
here and a datetime is refused where a date is meant. The rule a reader would miss: protocol day 0 is the day
of the first infusion, while the export's --DY has no day 0.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from ucmsc_desktop.clinical.exact import CodeError, DomainError, exact, require

AGE_MIN = 35
AGE_MAX = 70
AGE_BORDER = timedelta(days=3)
ONSET_LIMIT = timedelta(days=7)
ONSET_BORDER = timedelta(hours=6)


class Precision(StrEnum):
    """How exactly the onset is known."""

    DAY = "DAY"
    HOUR = "HOUR"


def _plain_date(value: date) -> date:
    if isinstance(value, datetime):
        raise TypeError("a plain date is needed, not a moment")
    return value


@exact
def completed_years(birth: date | None, on: date | None) -> Decimal | None:
    """Count completed years of age (周岁). Someone born on 29 February completes the year on 1 March.

    Missing: any None gives None. Raises: DomainError for a day before birth, TypeError for a datetime.
    Source: F10.
    """
    if birth is None or on is None:
        return None
    first, day = _plain_date(birth), _plain_date(on)
    require(day >= first, "the day must not be before birth")
    return Decimal(day.year - first.year - ((day.month, day.day) < (first.month, first.day)))


@exact
def age_eligible(age_years: Decimal | None) -> bool | None:
    """Tell whether completed years lie in 35-70, ends included.

    Missing: None gives None. Source: inclusion criterion 2.
    """
    return None if age_years is None else AGE_MIN <= age_years <= AGE_MAX


def _birthday(birth: date, years: int) -> date | None:
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        if birth.year + years > date.max.year:
            return None
        return date(birth.year + years, 3, 1)  # 29 February in a common year


def borderline_age(birth: date | None, on: date | None) -> bool | None:
    """Tell whether a day is within 3 days of the birthday that opens (35th) or closes (71st) eligibility.

    Missing: any None gives None. Raises: TypeError for a datetime. Source: X28.
    """
    if birth is None or on is None:
        return None
    first, day = _plain_date(birth), _plain_date(on)
    limits = (_birthday(first, AGE_MIN), _birthday(first, AGE_MAX + 1))
    return any(limit is not None and abs(day - limit) <= AGE_BORDER for limit in limits)


@exact
def bmi(weight_kg: Decimal | None, height_cm: Decimal | None) -> Decimal | None:
    """Compute the body mass index.

    Units: kg, cm; result kg/m2. Missing: any None gives None.
    Raises: DomainError for a weight or height not above 0. Source: F11.
    """
    if weight_kg is None or height_cm is None:
        return None
    require(weight_kg > 0 and height_cm > 0, "weight_kg and height_cm must be above 0")
    return weight_kg * 10000 / (height_cm * height_cm)


@exact
def predicted_body_weight(sex: str | None, height_cm: Decimal | None) -> Decimal | None:
    """Compute predicted body weight, for tidal volume only: never for the cell dose.

    Units: code M or F, cm; result kg. Missing: any None gives None.
    Raises: CodeError for another sex code, DomainError for a height not above 0. Source: F12.
    """
    if sex is None or height_cm is None:
        return None
    require(height_cm > 0, "height_cm must be above 0")
    match sex:
        case "M":
            base = Decimal(50)
        case "F":
            base = Decimal("45.5")
        case _:
            raise CodeError("sex must be M or F")
    return base + Decimal("0.91") * (height_cm - Decimal("152.4"))


@exact
def protocol_day(on: date | None, first_infusion: date | None) -> Decimal | None:
    """Count days from the date of the first infusion, which is day 0.

    Missing: any None gives None; a partial date is missing, nothing is imputed.
    Raises: TypeError for a datetime: its local date is the caller's to choose. Source: F19.
    """
    if on is None or first_infusion is None:
        return None
    return Decimal((_plain_date(on) - _plain_date(first_infusion)).days)


@exact
def cdisc_dy(on: date | None, first_infusion: date | None) -> Decimal | None:
    """Count the study day of the export, --DY: 1 on the day of the first infusion, -1 the day before, never
    0.

    Missing: any None gives None. Raises: TypeError for a datetime. Source: F19, CDISC SDTM.
    """
    day = protocol_day(on, first_infusion)
    if day is None:
        return None
    return day + 1 if day >= 0 else day


def _elapsed(onset: date, decision: datetime) -> timedelta:
    if not isinstance(onset, datetime):
        raise TypeError("an onset known to the hour is a moment, not a date")
    if onset.tzinfo is None or decision.tzinfo is None:
        raise TypeError("a moment must carry its offset")
    return decision.astimezone(UTC) - onset.astimezone(UTC)


def _days(onset: date, decision: datetime) -> timedelta:
    day = onset.date() if isinstance(onset, datetime) else onset
    return decision.date() - day


def _span(onset: date, decision: datetime, precision: str) -> timedelta:
    match precision:
        case Precision.HOUR:
            return _elapsed(onset, decision)
        case Precision.DAY:
            return _days(onset, decision)
        case _:
            raise CodeError("precision must be DAY or HOUR")


def onset_within(
    onset: date | None,
    decision: datetime | None,
    precision: str | None,
    *,
    limit: timedelta = ONSET_LIMIT,
) -> bool | None:
    """Tell whether the illness began no more than seven days before the decision.

    HOUR: elapsed time up to 168 h, inclusive. DAY: difference of calendar dates up to 7, each date read in
    the offset its moment carries, so pass both in the site's zone.
    Units: aware datetimes (a plain date will do for DAY), code DAY or HOUR. Missing: any None gives None.
    Raises: DomainError for an onset after the decision, CodeError for another precision, TypeError for a
    naive datetime or for HOUR without a time of day. Source: inclusion criterion 3.
    """
    if onset is None or decision is None or precision is None:
        return None
    span = _span(onset, decision, precision)
    if span < timedelta(0):
        raise DomainError("the onset must not be after the decision")
    return span <= limit


def borderline_onset(
    onset: date | None,
    decision: datetime | None,
    precision: str | None,
    *,
    limit: timedelta = ONSET_LIMIT,
) -> bool | None:
    """Tell whether the onset is within 6 h of its limit, on either side.

    With DAY precision the hours are unknown: exactly seven dates apart is borderline, as the time that really
    passed may lie on either side of 168 h. Missing: any None gives None. Raises: as `onset_within`. Source:
    X28.
    """
    if onset is None or decision is None or precision is None:
        return None
    span = _span(onset, decision, precision)
    if span < timedelta(0):
        raise DomainError("the onset must not be after the decision")
    if precision == Precision.DAY:
        return span == limit
    return abs(span - limit) <= ONSET_BORDER

"""Functions for expressions about a person: age, size, onset, consent form, test results, scores.

Formulas and limits live in ucmsc_desktop.clinical; here they get the names that the forms use, and moments and partial
dates are brought to what a formula takes. Must never decide anything that is not known: a pending or indeterminate
result, or an onset known to the month, is missing and not "no".

The rule a reader would miss: an onset with a time of day counts in hours (168 h, inclusive), one without counts in
calendar days (7, inclusive), both in the offset of the decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ucmsc_desktop.clinical import age, apache, scores
from ucmsc_desktop.study.calls import FUNCTIONS, Function, expression_function, formula
from ucmsc_desktop.study.functions import date_of, moment_of

# --- age and size ------------------------------------------------------------------------------------------------


@expression_function(2)
def age_years(birth: date, on: Any) -> Decimal | None:
    """Count completed years (周岁) on a day, or on the local day of a moment. Source: F10."""
    years: Decimal | None = age.completed_years(birth, date_of(on))
    return years


@expression_function(2)
def borderline_age(birth: date, on: Any) -> bool | None:
    """Say whether a day is within 3 days of the 35th or the 71st birthday. Source: X28."""
    return age.borderline_age(birth, date_of(on))


formula(age.age_eligible, 1)
formula(age.bmi, 2)
formula(age.predicted_body_weight, 2, name="pbw")

# --- onset -------------------------------------------------------------------------------------------------------


@expression_function(2)
def onset_within(onset: Any, decision: datetime) -> bool | None:
    """Say whether the illness began no more than seven days before the decision; missing without a known day.

    Source: inclusion criterion 3.
    """
    return _onset(age.onset_within, onset, decision)


@expression_function(2)
def borderline_onset(onset: Any, decision: datetime) -> bool | None:
    """Say whether the onset is so near its limit that an investigator must confirm. Source: X28."""
    return _onset(age.borderline_onset, onset, decision)


def _onset(rule: Callable[..., bool | None], onset: Any, decision: datetime) -> bool | None:
    moment = moment_of(onset, decision)
    if moment is not None:
        return rule(moment, decision, "HOUR")
    return rule(date_of(onset), decision, "DAY")


@expression_function(2)
def onset_until(onset: Any, like: datetime) -> datetime | None:
    """Give the last moment at which the illness still began within seven days; missing without a known day.

    Source: inclusion criterion 3.
    """
    moment = moment_of(onset, like)
    if moment is not None:
        return moment + age.ONSET_LIMIT
    day = date_of(onset)
    if day is None:
        return None
    return datetime.combine(day + age.ONSET_LIMIT, time(23, 59, 59), like.tzinfo)


# --- consent form and results ------------------------------------------------------------------------------------


@expression_function(4)
def icf_matches(versions: Iterable[Any], version: str, dated: date, approval: str) -> bool | None:
    """Say whether date and ethics approval belong to a consent-form version of the site; missing for an unknown version."""
    known = [v for v in versions if v.version == version]
    if not known:
        return None
    return any(date.fromisoformat(v.dated) == dated and v.approval == approval for v in known)


@expression_function(3)
def icf_lapse(versions: Iterable[Any], version: str, signed: datetime) -> datetime | None:
    """Give the moment from which a consent-form version signed while it was active no longer is; missing while it has no end.

    The moment is midnight after its last day, in the offset of the signature.
    """
    for found in versions:
        if found.version == version and found.active_to is not None:
            last = date.fromisoformat(found.active_to)
            if date.fromisoformat(found.active_from) <= signed.date() <= last:
                return datetime.combine(last + timedelta(days=1), time(), signed.tzinfo)
    return None


@expression_function(1)
def positive(result: str) -> bool | None:
    """Read a result code: POS is true, NEG is false, indeterminate and pending are missing."""
    return {"POS": True, "NEG": False}.get(result)


# --- scores ------------------------------------------------------------------------------------------------------
# Several of these score what is known, so they see missing values themselves.


def _score(call: Callable[..., Any], least: int, most: int, name: str = "") -> None:
    FUNCTIONS[name or str(getattr(call, "__name__", ""))] = Function(call, least, most, takes_missing=True)


_score(scores.sofa_respiration, 2, 2)
_score(scores.sofa_coagulation, 1, 1)
_score(scores.sofa_liver, 1, 1)
_score(scores.sofa_cardiovascular, 1, 5)
_score(scores.sofa_cns, 1, 1)
_score(scores.sofa_renal, 1, 2)
_score(scores.sofa_total, 6, 6)
_score(scores.compliance, 3, 3)
_score(scores.murray, 2, 4, name="lis")

_APACHE = (
    "temp_c", "map_mmhg", "hr", "rr", "fio2", "pao2", "aado2", "ph", "sodium", "potassium", "creatinine_umol_l",
    "acute_renal_failure", "hct_pct", "wbc", "gcs", "age_years", "chronic",
)  # fmt: skip


@expression_function(17, missing=True)
def apache2(*signs: Any) -> Decimal | None:
    """Total APACHE II; missing if one sign is.

    Order: temperature, MAP, heart rate, respiratory rate, FiO2, PaO2, P(A-a)O2, pH, sodium, potassium, creatinine (µmol/L),
    acute renal failure ("Y"/"N"), haematocrit (%), white cells, GCS, age, chronic health code. Source: F16.
    """
    named = dict(zip(_APACHE, signs, strict=True))
    failure = named["acute_renal_failure"]
    named["acute_renal_failure"] = None if failure is None else failure == "Y"
    total: Decimal | None = apache.apache_ii(apache.ApacheInputs(**named))
    return total

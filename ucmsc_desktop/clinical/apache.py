"""APACHE II from the worst values of 24 hours. Optional in this trial.

Must never total an incomplete set. The rule a reader would miss: the printed bands leave gaps (39-40.9, then
41; 61-70, then 60), so a value belongs to the highest band whose printed lower end it reaches, unrounded;
only PaO2 "above 70", "below 55" and the like are read as they are printed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum

from ucmsc_desktop.clinical.exact import CodeError, exact, require
from ucmsc_desktop.clinical.units import UMOL_PER_MGDL_CREATININE

Bands = Sequence[tuple[Decimal, int]]


def _bands(*rows: tuple[str, int]) -> Bands:
    return tuple((Decimal(start), points) for start, points in rows)


# Each row: lower end, points. Below the last row a value scores 4.
_TEMPERATURE = _bands(("41", 4), ("39", 3), ("38.5", 1), ("36", 0), ("34", 1), ("32", 2), ("30", 3))
_MAP = _bands(("160", 4), ("130", 3), ("110", 2), ("70", 0), ("50", 2))
_HEART_RATE = _bands(("180", 4), ("140", 3), ("110", 2), ("70", 0), ("55", 2), ("40", 3))
_RESPIRATORY_RATE = _bands(("50", 4), ("35", 3), ("25", 1), ("12", 0), ("10", 1), ("6", 2))
_PH = _bands(("7.7", 4), ("7.6", 3), ("7.5", 1), ("7.33", 0), ("7.25", 2), ("7.15", 3))
_SODIUM = _bands(("180", 4), ("160", 3), ("155", 2), ("150", 1), ("130", 0), ("120", 2), ("111", 3))
_POTASSIUM = _bands(("7", 4), ("6", 3), ("5.5", 1), ("3.5", 0), ("3", 1), ("2.5", 2))
_HAEMATOCRIT = _bands(("60", 4), ("50", 2), ("46", 1), ("30", 0), ("20", 2))
_WBC = _bands(("40", 4), ("20", 2), ("15", 1), ("3", 0), ("1", 2))
_GRADIENT = _bands(("500", 4), ("350", 3), ("200", 2), ("-1000", 0))
_CREATININE = _bands(("3.5", 4), ("2", 3), ("1.5", 2), ("0.6", 0))
_AGE = _bands(("75", 6), ("65", 5), ("55", 3), ("45", 2), ("0", 0))


def _score(value: Decimal | None, bands: Bands, below: int = 4) -> Decimal | None:
    if value is None:
        return None
    return Decimal(next((points for start, points in bands if value >= start), below))


class Chronic(StrEnum):
    """Severe chronic organ failure, and how the patient came to intensive care."""

    NONE = "NONE"
    NONOPERATIVE_OR_EMERGENCY = "NONOP_EMERG"
    ELECTIVE = "ELECTIVE"


_CHRONIC_POINTS = {Chronic.NONE: 0, Chronic.NONOPERATIVE_OR_EMERGENCY: 5, Chronic.ELECTIVE: 2}


@exact
def apache_oxygen(fio2: Decimal | None, pao2: Decimal | None, aado2: Decimal | None) -> Decimal | None:
    """Score oxygenation: the gradient when FiO2 is 0.5 or more, else PaO2.

    Units: fraction, mmHg. Missing: no FiO2 gives None, and so does the one tension that it asks for.
    Raises: DomainError for FiO2 outside (0, 1]. Source: F16.
    """
    if fio2 is None:
        return None
    require(0 < fio2 <= 1, "fio2 must be a fraction above 0 and at most 1")
    if fio2 >= Decimal("0.5"):
        return _score(aado2, _GRADIENT, below=0)
    if pao2 is None:
        return None
    if pao2 > 70:
        return Decimal(0)
    return _score(pao2, _bands(("61", 1), ("55", 3)))


@exact
def apache_creatinine(creatinine_umol_l: Decimal | None, acute_renal_failure: bool | None) -> Decimal | None:
    """Score creatinine on its mg/dL bands, doubled in acute renal failure.

    Units: µmol/L. Missing: any None gives None. Source: F16.
    """
    if creatinine_umol_l is None or acute_renal_failure is None:
        return None
    points = _score(creatinine_umol_l / UMOL_PER_MGDL_CREATININE, _CREATININE, below=2)
    return None if points is None else points * (2 if acute_renal_failure else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApacheInputs:
    """The worst values of the first 24 hours; None is missing. Units are those of `apache_parts`."""

    temp_c: Decimal | None
    map_mmhg: Decimal | None
    hr: Decimal | None
    rr: Decimal | None
    fio2: Decimal | None
    pao2: Decimal | None
    aado2: Decimal | None = None
    ph: Decimal | None
    sodium: Decimal | None
    potassium: Decimal | None
    creatinine_umol_l: Decimal | None
    acute_renal_failure: bool | None
    hct_pct: Decimal | None
    wbc: Decimal | None
    gcs: Decimal | None
    age_years: Decimal | None
    chronic: str | None


@exact
def apache_parts(inputs: ApacheInputs) -> dict[str, Decimal | None]:
    """Score each of the twelve signs, age and chronic health.

    Units: °C, mmHg, /min, fraction, mmol/L, µmol/L, %, 10^9/L, completed years.
    Missing: a sign whose input is missing is None.
    Raises: DomainError for GCS not a whole number 3-15 or FiO2 outside (0, 1]; CodeError for an unknown
    chronic code.
    Source: F16, Knaus 1985.
    """
    for item in fields(inputs):
        if isinstance(getattr(inputs, item.name), float):
            raise TypeError("binary floats are refused: pass Decimal")
    if inputs.gcs is not None:
        require(3 <= inputs.gcs <= 15 and inputs.gcs == int(inputs.gcs), "gcs must be a whole number 3-15")
    if inputs.chronic is not None and inputs.chronic not in _CHRONIC_POINTS:
        raise CodeError("chronic must be NONE, NONOP_EMERG or ELECTIVE")
    return {
        "temperature": _score(inputs.temp_c, _TEMPERATURE),
        "map": _score(inputs.map_mmhg, _MAP),
        "heart_rate": _score(inputs.hr, _HEART_RATE),
        "respiratory_rate": _score(inputs.rr, _RESPIRATORY_RATE),
        "oxygen": apache_oxygen(inputs.fio2, inputs.pao2, inputs.aado2),
        "ph": _score(inputs.ph, _PH),
        "sodium": _score(inputs.sodium, _SODIUM),
        "potassium": _score(inputs.potassium, _POTASSIUM),
        "creatinine": apache_creatinine(inputs.creatinine_umol_l, inputs.acute_renal_failure),
        "haematocrit": _score(inputs.hct_pct, _HAEMATOCRIT),
        "wbc": _score(inputs.wbc, _WBC),
        "gcs": None if inputs.gcs is None else Decimal(15) - inputs.gcs,
        "age": _score(inputs.age_years, _AGE),
        "chronic": None if inputs.chronic is None else Decimal(_CHRONIC_POINTS[Chronic(inputs.chronic)]),
    }


@exact
def apache_ii(inputs: ApacheInputs) -> Decimal | None:
    """Add up APACHE II.

    Missing: one missing part gives None. Raises: as `apache_parts`. Source: F16, Knaus 1985.
    """
    parts = tuple(apache_parts(inputs).values())
    known = [part for part in parts if part is not None]
    return sum(known, Decimal(0)) if len(known) == len(parts) else None

"""Bedside scores: Murray lung injury, SOFA 1996, the Berlin and Global 2024 definitions of ARDS.

Must never read a missing organ as 0, nor score PaO2/FiO2 below 200 as 3 or 4 points without ventilatory
support.
The rule a reader would miss: every cut is tested on the unrounded value, and each band names its closed end.
"Ventilatory support" is CPAP, NIV, IMV or ECMO; high-flow oxygen counts only if the study says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum

from ucmsc_desktop.clinical.exact import exact, require
from ucmsc_desktop.clinical.gas import POSITIVE_PRESSURE, Support, sf, sf_valid, support_of

SOFA_VERSION = "SOFA 1996"


def _points_below(value: Decimal, cuts: Sequence[int]) -> Decimal:
    """Give one point for each cut the value is below."""
    return Decimal(sum(value < cut for cut in cuts))


@exact
def compliance(vt_ml: Decimal | None, pplat: Decimal | None, peep: Decimal | None) -> Decimal | None:
    """Compute static compliance of the respiratory system.

    Units: mL, cmH2O; result mL/cmH2O.
    Missing: any None gives None, and so does a plateau not above PEEP: no compliance can be computed.
    Raises: DomainError for a negative number. Source: F14.
    """
    if vt_ml is None or pplat is None or peep is None:
        return None
    require(min(vt_ml, pplat, peep) >= 0, "ventilator settings must not be below 0")
    return vt_ml / (pplat - peep) if pplat > peep else None


@exact
def murray_pf(pf: Decimal | None) -> Decimal | None:
    """Score PaO2/FiO2: 300 and over 0, from 225 1, from 175 2, from 100 3, below 100 4.

    Units: mmHg; result points. Missing: None gives None. Source: F14.
    """
    return None if pf is None else _points_below(pf, (300, 225, 175, 100))


@exact
def murray_peep(peep: Decimal | None) -> Decimal | None:
    """Score PEEP: up to 5 0, to 8 1, to 11 2, to 14 3, above 14 4.

    Units: cmH2O; result points. Missing: None gives None. Source: F14.
    """
    return None if peep is None else Decimal(sum(peep > cut for cut in (5, 8, 11, 14)))


@exact
def murray_compliance(compliance: Decimal | None) -> Decimal | None:
    """Score compliance: 80 and over 0, from 60 1, from 40 2, from 20 3, below 20 4.

    Units: mL/cmH2O; result points. Missing: None gives None. Source: F14.
    """
    return None if compliance is None else _points_below(compliance, (80, 60, 40, 20))


@exact
def murray(
    quadrants: Decimal | None,
    pf: Decimal | None,
    peep: Decimal | None = None,
    compliance: Decimal | None = None,
) -> Decimal | None:
    """Compute the Murray lung injury score: the mean of the components known.

    Units: quadrants with infiltrates 0-4, mmHg, cmH2O, mL/cmH2O.
    Missing: a missing component is left out; fewer than two known give None.
    Raises: DomainError for quadrants not a whole number 0-4. Source: F14, Murray 1988.
    """
    if quadrants is not None:
        require(0 <= quadrants <= 4 and quadrants == int(quadrants), "quadrants must be a whole number 0-4")
    parts = (quadrants, murray_pf(pf), murray_peep(peep), murray_compliance(compliance))
    known = [part for part in parts if part is not None]
    return sum(known, Decimal(0)) / len(known) if len(known) >= 2 else None


class LungInjury(StrEnum):
    """What a Murray score means."""

    NONE = "NONE"
    MILD_MODERATE = "MILD_MODERATE"
    SEVERE = "SEVERE"


@exact
def murray_band(score: Decimal | None) -> LungInjury | None:
    """Name the band of a Murray score: 0 none, up to 2.5 mild to moderate, above 2.5 severe.

    Missing: None gives None. Raises: DomainError for a score outside 0-4. Source: F14.
    """
    if score is None:
        return None
    require(0 <= score <= 4, "score must lie in 0-4")
    if score == 0:
        return LungInjury.NONE
    return LungInjury.SEVERE if score > Decimal("2.5") else LungInjury.MILD_MODERATE


@exact
def sofa_respiration(pf: Decimal | None, support: str | None, *, hfnc_counts: bool = False) -> Decimal | None:
    """Score respiration: below 400 1, 300 2, and only with ventilatory support below 200 3, below 100 4.

    Units: mmHg, RSUP code. `hfnc_counts`: high-flow oxygen is support in this study.
    Missing: no PaO2/FiO2 gives None; no support code gives None only below 200, where it decides.
    Raises: CodeError for an unknown support code. Source: F15.
    """
    device = None if support is None else support_of(support)
    if pf is None:
        return None
    points = _points_below(pf, (400, 300, 200, 100))
    if points <= 2:
        return points
    if device is None:
        return None
    supported = device in POSITIVE_PRESSURE or (hfnc_counts and device is Support.HFNC)
    return points if supported else Decimal(2)


@exact
def sofa_coagulation(platelets: Decimal | None) -> Decimal | None:
    """Score platelets: below 150 1, 100 2, 50 3, 20 4.

    Units: 10^9/L. Missing: None gives None. Source: F15.
    """
    return None if platelets is None else _points_below(platelets, (150, 100, 50, 20))


@exact
def sofa_liver(bilirubin_umol_l: Decimal | None) -> Decimal | None:
    """Score bilirubin: from 20 1, from 33 2, from 102 3, above 204 4.

    Units: µmol/L. Missing: None gives None. Source: F15.
    """
    if bilirubin_umol_l is None:
        return None
    return Decimal(sum(bilirubin_umol_l >= cut for cut in (20, 33, 102)) + (bilirubin_umol_l > 204))


@exact
def sofa_cardiovascular(
    map_mmhg: Decimal | None,
    dopamine: Decimal | None = None,
    dobutamine: Decimal | None = None,
    epinephrine: Decimal | None = None,
    norepinephrine: Decimal | None = None,
) -> Decimal | None:
    """Score circulation by the worst of mean pressure and vasoactive drugs given for at least one hour.

    MAP below 70 1; dobutamine or dopamine to 5 2; dopamine above 5 or (nor)epinephrine to 0.1 3; dopamine
    above 15 or (nor)epinephrine above 0.1 4.
    Units: mmHg; µg/kg/min, noradrenaline as base (`units.ne_base`), 0 for a drug not given.
    Missing: what is known is scored; nothing known gives None. Raises: DomainError below 0. Source: F15.
    """
    drugs = (dopamine, dobutamine, epinephrine, norepinephrine)
    require(all(rate is None or rate >= 0 for rate in drugs), "a rate must not be below 0")
    tenth = Decimal("0.1")
    points: list[int] = []
    if map_mmhg is not None:
        points.append(int(map_mmhg < 70))
    if dopamine is not None:
        points.append(0 if dopamine == 0 else 2 + (dopamine > 5) + (dopamine > 15))
    if dobutamine is not None:
        points.append(0 if dobutamine == 0 else 2)
    catecholamines = [rate for rate in (epinephrine, norepinephrine) if rate is not None]
    points += [0 if rate == 0 else 3 + (rate > tenth) for rate in catecholamines]
    return Decimal(max(points)) if points else None


@exact
def sofa_cns(gcs: Decimal | None) -> Decimal | None:
    """Score consciousness: GCS 13-14 1, 10-12 2, 6-9 3, below 6 4; before sedation if sedated.

    Missing: None gives None. Raises: DomainError for GCS not a whole number 3-15. Source: F15.
    """
    if gcs is None:
        return None
    require(3 <= gcs <= 15 and gcs == int(gcs), "gcs must be a whole number 3-15")
    return _points_below(gcs, (15, 13, 10, 6))


@exact
def sofa_renal(creatinine_umol_l: Decimal | None, urine_ml_24h: Decimal | None = None) -> Decimal | None:
    """Score the kidney by the worse of creatinine and urine.

    Creatinine from 110 1, from 171 2, from 300 3, above 440 4; urine below 500 3, below 200 4.
    Units: µmol/L, mL in 24 h. Missing: what is known is scored; nothing known gives None. Source: F15.
    """
    points: list[int] = []
    if creatinine_umol_l is not None:
        points.append(sum(creatinine_umol_l >= cut for cut in (110, 171, 300)) + (creatinine_umol_l > 440))
    if urine_ml_24h is not None:
        points.append(4 if urine_ml_24h < 200 else 3 if urine_ml_24h < 500 else 0)
    return Decimal(max(points)) if points else None


@exact
def sofa_total(*organs: Decimal | None) -> Decimal | None:
    """Add the six organ scores: respiration, coagulation, liver, circulation, consciousness, kidney.

    Missing: one missing organ gives None; it is not 0.
    Raises: DomainError unless six scores of 0-4 in whole points are given. Source: F15.
    """
    require(len(organs) == 6, "SOFA has six organs")
    known = [organ for organ in organs if organ is not None]
    require(all(0 <= k <= 4 and k == int(k) for k in known), "an organ scores whole points 0-4")
    return sum(known, Decimal(0)) if len(known) == 6 else None


class Berlin(StrEnum):
    """The Berlin classes; NONE is PaO2/FiO2 above 300, NOT_APPLICABLE is no PEEP or CPAP of 5."""

    SEVERE = "SEVERE"
    MODERATE = "MODERATE"
    MILD = "MILD"
    NONE = "NONE"
    NOT_APPLICABLE = "NOT_APPLICABLE"


@exact
def berlin(pf: Decimal | None, support: str | None, peep: Decimal | None) -> Berlin | None:
    """Name the Berlin class: to 100 severe, to 200 moderate, to 300 mild, all with PEEP or CPAP of 5.

    Units: mmHg (above 1000 m: `gas.pf_altitude`), RSUP code, cmH2O. Says nothing on onset, imaging or cause.
    Missing: any None gives None; PEEP is not asked for on a device without positive pressure.
    Raises: CodeError for an unknown support code. Source: F17.
    """
    device = None if support is None else support_of(support)
    if pf is None or device is None:
        return None
    if device not in POSITIVE_PRESSURE:
        return Berlin.NOT_APPLICABLE
    if peep is None:
        return None
    if peep < 5:
        return Berlin.NOT_APPLICABLE
    if pf > 300:
        return Berlin.NONE
    return Berlin.SEVERE if pf <= 100 else Berlin.MODERATE if pf <= 200 else Berlin.MILD


@exact
def global_support_met(support: str | None, flow_l_min: Decimal | None, peep: Decimal | None) -> bool | None:
    """Tell whether support reaches Global 2024 non-intubated: high flow from 30, NIV or CPAP from 5.

    Units: RSUP code, L/min, cmH2O. Missing: no code gives None, and so does the one setting the device is
    judged by.
    Raises: CodeError for an unknown support code. Source: F17.
    """
    if support is None:
        return None
    match support_of(support):
        case Support.HFNC:
            return None if flow_l_min is None else flow_l_min >= 30
        case Support.CPAP | Support.NIV:
            return None if peep is None else peep >= 5
        case _:
            return False


@exact
def global_oxygenation_met(pf: Decimal | None, spo2: Decimal | None, fio2: Decimal | None) -> bool | None:
    """Tell whether oxygenation reaches Global 2024: PaO2/FiO2 to 300, or SpO2/FiO2 to 315 with SpO2 to 97.

    Units: mmHg, %, fraction. Missing: a PaO2/FiO2 decides alone; without it SpO2/FiO2 is asked; neither
    usable gives None, and SpO2 above 97 is not usable. Raises: DomainError as `gas.sf`. Source: F17.
    """
    if pf is not None:
        return pf <= 300
    ratio = sf(spo2, fio2)
    return ratio <= 315 if ratio is not None and sf_valid(spo2) else None


def global_nonintubated(support_met: bool | None, oxygenation_met: bool | None) -> bool | None:
    """Join the two Global 2024 criteria.

    Missing: a criterion not met decides even when the other is missing. Source: F17.
    """
    if support_met is False or oxygenation_met is False:
        return False
    return None if support_met is None or oxygenation_met is None else True

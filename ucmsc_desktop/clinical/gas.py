"""Blood-gas formulas: PaO2/FiO2, the alveolar-arterial gradient, oxygenation indices, estimates of FiO2.

Must never decide eligibility on a rounded, temperature-corrected or full-form value: the trial's gradient is
the simplified form (R 0.8, water vapour 47 mmHg), its limits are strict at 200 and 35 and inclusive at 300.
The rule a reader would miss: in this trial "oxygenation index" is PaO2/FiO2; the OI with mean airway pressure
is always named `oi_mawp`. Pressures are mmHg and FiO2 a fraction throughout; convert first with
`units.convert`.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from ucmsc_desktop.clinical.exact import CodeError, exact, require
from ucmsc_desktop.clinical.units import KPA_PER_MMHG

PB_DEFAULT = Decimal(760)
WATER_VAPOUR = Decimal(47)
RESPIRATORY_QUOTIENT = Decimal("0.8")
SPO2_RATIO_LIMIT = Decimal(97)  # above it the dissociation curve is flat and SpO2/FiO2 says nothing


class Support(StrEnum):
    """Respiratory support, the RSUP code list, weakest first."""

    RA = "RA"
    NC = "NC"
    SM = "SM"
    VM = "VM"
    NRB = "NRB"
    HFNC = "HFNC"
    CPAP = "CPAP"
    NIV = "NIV"
    IMV = "IMV"
    ECMO = "ECMO"


POSITIVE_PRESSURE = frozenset({Support.CPAP, Support.NIV, Support.IMV, Support.ECMO})


def support_of(code: str) -> Support:
    """Read a RSUP code. Raises: CodeError for a code not on the list."""
    try:
        return Support(code)
    except ValueError:
        raise CodeError("support must be a code of the RSUP list") from None


def _check_fio2(fio2: Decimal) -> None:
    require(0 < fio2 <= 1, "fio2 must be a fraction above 0 and at most 1")


def _check_pb(pb: Decimal) -> None:
    require(pb > WATER_VAPOUR, "pb must be above the water vapour pressure")


@exact
def pf(pao2: Decimal | None, fio2: Decimal | None) -> Decimal | None:
    """Divide arterial oxygen tension by inspired fraction (氧合指数).

    Units: mmHg, fraction; result mmHg. Missing: any None gives None.
    Raises: DomainError for FiO2 outside (0, 1] or PaO2 below 0. Source: F1.
    """
    if pao2 is None or fio2 is None:
        return None
    _check_fio2(fio2)
    require(pao2 >= 0, "pao2 must not be below 0")
    return pao2 / fio2


@exact
def pf_eligible(pf: Decimal | None) -> bool | None:
    """Tell whether PaO2/FiO2 lies in the trial's band, above 200 and up to 300.

    Units: mmHg, unrounded. Missing: None gives None. Source: inclusion criterion 4a.
    """
    return None if pf is None else 200 < pf <= 300


@exact
def borderline_pf(pf: Decimal | None) -> bool | None:
    """Tell whether PaO2/FiO2 is so near a limit that an investigator must confirm: 195-205 or 295-305.

    Units: mmHg, unrounded, ends included. Missing: None gives None. Source: X28.
    """
    return None if pf is None else 195 <= pf <= 205 or 295 <= pf <= 305


@exact
def pf_altitude(pf: Decimal | None, pb: Decimal | None) -> Decimal | None:
    """Scale PaO2/FiO2 to sea level, for sites above 1000 m.

    Units: mmHg. Missing: any None gives None. Raises: DomainError for Pb at or below 47.
    Source: F17, Berlin definition 2012. Never for trial eligibility.
    """
    if pf is None or pb is None:
        return None
    _check_pb(pb)
    return pf * pb / 760


@exact
def alveolar_po2(
    fio2: Decimal | None, paco2: Decimal | None, pb: Decimal | None = PB_DEFAULT
) -> Decimal | None:
    """Estimate alveolar oxygen tension, simplified form: the one eligibility uses.

    Units: fraction, mmHg; result mmHg. Missing: any None gives None; leave `pb` out for 760.
    Raises: DomainError for FiO2 outside (0, 1], PaCO2 below 0, Pb at or below 47. Source: F2.
    """
    if fio2 is None or paco2 is None or pb is None:
        return None
    _check_fio2(fio2)
    _check_pb(pb)
    require(paco2 >= 0, "paco2 must not be below 0")
    return fio2 * (pb - WATER_VAPOUR) - paco2 / RESPIRATORY_QUOTIENT


@exact
def alveolar_po2_full(
    fio2: Decimal | None, paco2: Decimal | None, pb: Decimal | None = PB_DEFAULT
) -> Decimal | None:
    """Estimate alveolar oxygen tension, full form: for display beside the simplified one.

    Units: fraction, mmHg; result mmHg. Missing: any None gives None; leave `pb` out for 760.
    Raises: DomainError as `alveolar_po2`. Source: F3.
    """
    if fio2 is None or paco2 is None or pb is None:
        return None
    _check_fio2(fio2)
    _check_pb(pb)
    require(paco2 >= 0, "paco2 must not be below 0")
    return fio2 * (pb - WATER_VAPOUR) - paco2 * (fio2 + (1 - fio2) / RESPIRATORY_QUOTIENT)


@exact
def aado2(
    fio2: Decimal | None,
    paco2: Decimal | None,
    pao2: Decimal | None,
    pb: Decimal | None = PB_DEFAULT,
) -> Decimal | None:
    """Compute the alveolar-arterial oxygen gradient from the simplified form.

    Units: fraction, mmHg; result mmHg. Missing: any None gives None; leave `pb` out for 760.
    Raises: DomainError as `alveolar_po2`, or PaO2 below 0. Source: F4 on F2.
    """
    if pao2 is None:
        return None
    require(pao2 >= 0, "pao2 must not be below 0")
    alveolar = alveolar_po2(fio2, paco2, pb)
    return None if alveolar is None else alveolar - pao2


@exact
def aado2_full(
    fio2: Decimal | None,
    paco2: Decimal | None,
    pao2: Decimal | None,
    pb: Decimal | None = PB_DEFAULT,
) -> Decimal | None:
    """Compute the alveolar-arterial oxygen gradient from the full form. Never for eligibility.

    Units: fraction, mmHg; result mmHg. Missing: any None gives None; leave `pb` out for 760.
    Raises: DomainError as `aado2`. Source: F4 on F3.
    """
    if pao2 is None:
        return None
    require(pao2 >= 0, "pao2 must not be below 0")
    alveolar = alveolar_po2_full(fio2, paco2, pb)
    return None if alveolar is None else alveolar - pao2


@exact
def aado2_eligible(aado2: Decimal | None) -> bool | None:
    """Tell whether the gradient is above 35 mmHg.

    Units: mmHg, unrounded, simplified form. Missing: None gives None. Source: inclusion criterion 4b.
    """
    return None if aado2 is None else aado2 > 35


@exact
def borderline_aado2(aado2: Decimal | None) -> bool | None:
    """Tell whether the gradient is so near its limit that an investigator must confirm: 33-37.

    Units: mmHg, unrounded, ends included. Missing: None gives None. Source: X28.
    """
    return None if aado2 is None else 33 <= aado2 <= 37


@exact
def aado2_expected(age_years: Decimal | None) -> Decimal | None:
    """Compute the gradient expected for age. Valid on room air only.

    Units: completed years; result mmHg. Missing: None gives None.
    Raises: DomainError for an age below 0. Source: F5.
    """
    if age_years is None:
        return None
    require(age_years >= 0, "age_years must not be below 0")
    return age_years / 4 + 4


@exact
def oi_mawp(mawp: Decimal | None, fio2: Decimal | None, pao2: Decimal | None) -> Decimal | None:
    """Compute the oxygenation index with mean airway pressure (氧合指数OI,平均气道压法). Not PaO2/FiO2.

    Units: cmH2O, fraction, mmHg; result cmH2O/mmHg. Missing: any None gives None.
    Raises: DomainError for FiO2 outside (0, 1], PaO2 not above 0, pressure below 0. Source: F6.
    """
    if mawp is None or fio2 is None or pao2 is None:
        return None
    _check_fio2(fio2)
    require(pao2 > 0, "pao2 must be above 0")
    require(mawp >= 0, "mawp must not be below 0")
    return mawp * fio2 * 100 / pao2


@exact
def oi_mawp_kpa(mawp: Decimal | None, fio2: Decimal | None, pao2: Decimal | None) -> Decimal | None:
    """Compute the oxygenation index in cmH2O/kPa, the form REALIST reports.

    Units: cmH2O, fraction, PaO2 still in mmHg. Missing: any None gives None.
    Raises: DomainError as `oi_mawp`. Source: F6.
    """
    index = oi_mawp(mawp, fio2, pao2)
    return None if index is None else index / KPA_PER_MMHG


@exact
def osi(mawp: Decimal | None, fio2: Decimal | None, spo2: Decimal | None) -> Decimal | None:
    """Compute the oxygen saturation index, the oxygenation index with SpO2 in place of PaO2.

    Units: cmH2O, fraction, %. Missing: any None gives None.
    Raises: DomainError for FiO2 outside (0, 1], SpO2 outside (0, 100], pressure below 0. Source: F6.
    """
    if mawp is None or fio2 is None or spo2 is None:
        return None
    _check_fio2(fio2)
    require(0 < spo2 <= 100, "spo2 must be a percentage above 0")
    require(mawp >= 0, "mawp must not be below 0")
    return mawp * fio2 * 100 / spo2


@exact
def sf(spo2: Decimal | None, fio2: Decimal | None) -> Decimal | None:
    """Divide SpO2 by inspired fraction. Read it only where `sf_valid` holds.

    Units: %, fraction. Missing: any None gives None.
    Raises: DomainError for FiO2 outside (0, 1] or SpO2 outside [0, 100]. Source: F7.
    """
    if spo2 is None or fio2 is None:
        return None
    _check_fio2(fio2)
    require(0 <= spo2 <= 100, "spo2 must be a percentage")
    return spo2 / fio2


@exact
def sf_valid(spo2: Decimal | None) -> bool | None:
    """Tell whether SpO2/FiO2 may stand in for PaO2/FiO2: SpO2 at most 97 %.

    Missing: None gives None. Source: F7.
    """
    return None if spo2 is None else spo2 <= SPO2_RATIO_LIMIT


@exact
def pf_from_sf(sf: Decimal | None) -> Decimal | None:
    """Estimate PaO2/FiO2 from SpO2/FiO2. Never for eligibility.

    Missing: None gives None. Source: F7, Rice 2007: S/F = 64 + 0.84 P/F.
    """
    return None if sf is None else (sf - 64) / Decimal("0.84")


@exact
def sf_from_pf(pf: Decimal | None) -> Decimal | None:
    """Estimate SpO2/FiO2 from PaO2/FiO2.

    Missing: None gives None. Source: F7, Rice 2007.
    """
    return None if pf is None else 64 + Decimal("0.84") * pf


@exact
def rox(spo2: Decimal | None, fio2: Decimal | None, rr: Decimal | None) -> Decimal | None:
    """Compute the ROX index, SpO2/FiO2 over respiratory rate.

    Units: %, fraction, breaths/min. Missing: any None gives None, and so does a rate of 0 (no ratio exists).
    Raises: DomainError as `sf`, or a rate below 0. Source: F7.
    """
    ratio = sf(spo2, fio2)
    if ratio is None or rr is None:
        return None
    require(rr >= 0, "rr must not be below 0")
    return None if rr == 0 else ratio / rr

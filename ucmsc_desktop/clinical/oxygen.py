"""What a device's flow implies for FiO2, and what a gas would read at the patient's own temperature.

Must never feed eligibility silently: an estimated FiO2 carries the source EST and a temperature-corrected
value is for display only. Low-flow FiO2 is a convention: at 2 L/min the true fraction spans 24-35 %.
"""

from __future__ import annotations

from decimal import Decimal

from ucmsc_desktop.clinical.exact import exact, require
from ucmsc_desktop.clinical.gas import Support, support_of

ROOM_AIR = Decimal("0.21")
NASAL_BASE = Decimal("0.21")  # the printed table uses 0.20; one must be picked and the site picked 0.21
NASAL_BASE_TABLE = Decimal("0.20")
_PER_LITRE = Decimal("0.04")

# (flow from, FiO2): the source's simple-mask rows overlap at 7 L/min, so 7 belongs to the higher row.
_SIMPLE_MASK = ((Decimal(7), Decimal("0.60")), (Decimal(6), Decimal("0.50")), (Decimal(5), Decimal("0.40")))
_SIMPLE_MASK_MAX = Decimal(8)
# Nominal; the true fraction of a reservoir mask is 0.60-0.90. Boundary rule: each row holds up to the next.
_RESERVOIR = (
    (Decimal(10), Decimal("0.95")),
    (Decimal(9), Decimal("0.90")),
    (Decimal(8), Decimal("0.80")),
    (Decimal(7), Decimal("0.70")),
    (Decimal(6), Decimal("0.60")),
)


@exact
def fio2_estimate(
    support: str | None, flow_l_min: Decimal | None, *, nasal_base: Decimal = NASAL_BASE
) -> Decimal | None:
    """Estimate FiO2 from the oxygen flow of a low-flow device; room air is 0.21.

    Units: RSUP code, L/min; result fraction. Missing: any None gives None (flow is not needed on room air).
    None also means that no estimate exists: a device with a set FiO2, or a flow outside the device's rows
    (cannula 1-6, simple mask 5-8, reservoir mask from 6).
    Raises: CodeError for an unknown support code, DomainError for a flow below 0. Source: F8, Chinese
    textbook rows.
    """
    if support is None:
        return None
    device = support_of(support)
    if device is Support.RA:
        return ROOM_AIR
    if flow_l_min is None:
        return None
    require(flow_l_min >= 0, "flow_l_min must not be below 0")
    if device is Support.NC:
        return nasal_base + _PER_LITRE * flow_l_min if 1 <= flow_l_min <= 6 else None
    if device is Support.SM and flow_l_min <= _SIMPLE_MASK_MAX:
        return _row(_SIMPLE_MASK, flow_l_min)
    if device is Support.NRB:
        return _row(_RESERVOIR, flow_l_min)
    return None


def _row(rows: tuple[tuple[Decimal, Decimal], ...], flow: Decimal) -> Decimal | None:
    return next((fio2 for start, fio2 in rows if flow >= start), None)


def fio2_source(support: str | None) -> str | None:
    """Tell where FiO2 comes from by default: AIR, EST or SET (a measured value overrides it by hand).

    Missing: None gives None. Raises: CodeError for an unknown support code. Source: code list O2SRC.
    """
    if support is None:
        return None
    device = support_of(support)
    if device is Support.RA:
        return "AIR"
    return "EST" if device in (Support.NC, Support.SM, Support.NRB) else "SET"


@exact
def ph_at_temperature(ph: Decimal | None, temp_c: Decimal | None) -> Decimal | None:
    """Correct pH from 37 °C to the patient's temperature. Display only.

    Units: pH, °C. Missing: any None gives None. Source: F18.
    """
    if ph is None or temp_c is None:
        return None
    slope = Decimal("-0.0147") + Decimal("0.0065") * (Decimal("7.4") - ph)
    return ph + slope * (temp_c - 37)


@exact
def pco2_at_temperature(pco2: Decimal | None, temp_c: Decimal | None) -> Decimal | None:
    """Correct carbon dioxide tension from 37 °C to the patient's temperature. Display only.

    Units: mmHg, °C. Missing: any None gives None. Raises: DomainError below 0 mmHg. Source: F18.
    """
    if pco2 is None or temp_c is None:
        return None
    require(pco2 >= 0, "pco2 must not be below 0")
    return pco2 * Decimal(10) ** (Decimal("0.019") * (temp_c - 37))


@exact
def po2_at_temperature(po2: Decimal | None, temp_c: Decimal | None) -> Decimal | None:
    """Correct oxygen tension from 37 °C to the patient's temperature. Display only.

    Units: mmHg, °C. Missing: any None gives None. Raises: DomainError unless above 0 mmHg.
    Source: F18, Severinghaus and CLSI C46.
    """
    if po2 is None or temp_c is None:
        return None
    require(po2 > 0, "po2 must be above 0")
    power = po2 ** Decimal("3.88")
    slope = (Decimal("5.49e-11") * power + Decimal("0.071")) / (Decimal("9.72e-9") * power + Decimal("2.30"))
    return po2 * Decimal(10) ** (slope * (temp_c - 37))


@exact
def hco3(ph: Decimal | None, paco2: Decimal | None) -> Decimal | None:
    """Compute actual bicarbonate by Henderson-Hasselbalch, to check the typed one.

    Units: pH, mmHg; result mmol/L. Missing: any None gives None.
    Raises: DomainError for PaCO2 below 0. Source: F20.
    """
    if ph is None or paco2 is None:
        return None
    require(paco2 >= 0, "paco2 must not be below 0")
    return Decimal("0.0307") * paco2 * Decimal(10) ** (ph - Decimal("6.105"))


@exact
def hco3_disagrees(typed: Decimal | None, ph: Decimal | None, paco2: Decimal | None) -> bool | None:
    """Tell whether the typed bicarbonate is more than 3 mmol/L off the computed one (typo, or SB for AB).

    Units: mmol/L, pH, mmHg. Missing: any None gives None. Raises: DomainError as `hco3`. Source: F9 form
    rule.
    """
    computed = hco3(ph, paco2)
    return None if typed is None or computed is None else abs(typed - computed) > 3

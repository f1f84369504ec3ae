"""The cell dose: how many cells a patient should get, the volume that holds them, what was delivered.

Must never count dead cells: every dose here is viable nucleated cells. The rule a reader would miss:
viability is a percentage as the certificate prints it (92), concentration is cells per mL (7E+5, not 0.7 of
"10^6").
"""

from __future__ import annotations

from decimal import Decimal

from ucmsc_desktop.clinical.exact import exact, require

TARGET_CELLS_PER_KG = Decimal(500000)


def _check_weight(weight_kg: Decimal) -> None:
    require(weight_kg > 0, "weight_kg must be above 0")


def _check_product(conc_per_ml: Decimal, viability_pct: Decimal) -> None:
    require(conc_per_ml >= 0, "conc_per_ml must not be below 0")
    require(0 <= viability_pct <= 100, "viability_pct must be a percentage")


@exact
def target_cells(
    weight_kg: Decimal | None, target_per_kg: Decimal | None = TARGET_CELLS_PER_KG
) -> Decimal | None:
    """Compute the cells to give.

    Units: kg, viable cells/kg; result cells. Missing: any None gives None; leave the target out for 5E+5.
    Raises: DomainError for a weight not above 0 or a target below 0. Source: F13, registry arm.
    """
    if weight_kg is None or target_per_kg is None:
        return None
    _check_weight(weight_kg)
    require(target_per_kg >= 0, "target_per_kg must not be below 0")
    return target_per_kg * weight_kg


@exact
def target_volume_ml(
    weight_kg: Decimal | None,
    conc_per_ml: Decimal | None,
    viability_pct: Decimal | None,
    target_per_kg: Decimal | None = TARGET_CELLS_PER_KG,
) -> Decimal | None:
    """Compute the volume that holds the target dose.

    Units: kg, nucleated cells/mL, %, viable cells/kg; result mL.
    Missing: any None gives None, and so does a bag without living cells: no volume holds the dose.
    Raises: DomainError for a weight not above 0, a negative number or a viability outside 0-100. Source: F13.
    """
    cells = target_cells(weight_kg, target_per_kg)
    if cells is None or conc_per_ml is None or viability_pct is None:
        return None
    _check_product(conc_per_ml, viability_pct)
    living = conc_per_ml * viability_pct
    return None if living == 0 else cells * 100 / living


@exact
def delivered_cells(
    conc_per_ml: Decimal | None, viability_pct: Decimal | None, volume_ml: Decimal | None
) -> Decimal | None:
    """Compute the viable cells that reached the vein.

    Units: nucleated cells/mL, %, mL infused (flush and residual excluded); result cells.
    Missing: any None gives None. Raises: DomainError for a negative number or viability outside 0-100.
    Source: F13.
    """
    if conc_per_ml is None or viability_pct is None or volume_ml is None:
        return None
    _check_product(conc_per_ml, viability_pct)
    require(volume_ml >= 0, "volume_ml must not be below 0")
    return conc_per_ml * viability_pct * volume_ml / 100


@exact
def dose_cells_per_kg(
    conc_per_ml: Decimal | None,
    viability_pct: Decimal | None,
    volume_ml: Decimal | None,
    weight_kg: Decimal | None,
) -> Decimal | None:
    """Compute the delivered dose.

    Units: nucleated cells/mL, %, mL infused, kg; result viable cells/kg. Missing: any None gives None.
    Raises: DomainError as `delivered_cells`, or a weight not above 0. Source: F13.
    """
    cells = delivered_cells(conc_per_ml, viability_pct, volume_ml)
    if cells is None or weight_kg is None:
        return None
    _check_weight(weight_kg)
    return cells / weight_kg


@exact
def dose_percent(
    dose_per_kg: Decimal | None, target_per_kg: Decimal | None = TARGET_CELLS_PER_KG
) -> Decimal | None:
    """Compute the delivered dose as a share of its target.

    Units: cells/kg both; result %. Missing: any None gives None; leave the target out for 5E+5.
    Raises: DomainError for a dose below 0 or a target not above 0. Source: F13.
    """
    if dose_per_kg is None or target_per_kg is None:
        return None
    require(dose_per_kg >= 0, "dose_per_kg must not be below 0")
    require(target_per_kg > 0, "target_per_kg must be above 0")
    return dose_per_kg * 100 / target_per_kg


@exact
def dose_within(percent: Decimal | None, tolerance_pct: Decimal | None) -> bool | None:
    """Tell whether a dose lies within a tolerance of its target, ends included.

    Units: % of target; percentage points (10 asks the nurse, 20 needs an investigator).
    Missing: any None gives None. Raises: DomainError for a tolerance below 0. Source: F6 form, X07.
    """
    if percent is None or tolerance_pct is None:
        return None
    require(tolerance_pct >= 0, "tolerance_pct must not be below 0")
    return abs(percent - 100) <= tolerance_pct


@exact
def count_consistent(
    conc_per_ml: Decimal | None, volume_ml: Decimal | None, total_cells: Decimal | None
) -> bool | None:
    """Tell whether concentration times volume gives the bag's total within 5 % of that total.

    Units: nucleated cells/mL, mL, nucleated cells. Missing: any None gives None.
    Raises: DomainError for a negative number. Source: F6 form.
    """
    if conc_per_ml is None or volume_ml is None or total_cells is None:
        return None
    require(min(conc_per_ml, volume_ml, total_cells) >= 0, "counts and volumes must not be below 0")
    return abs(conc_per_ml * volume_ml - total_cells) * 20 <= total_cells

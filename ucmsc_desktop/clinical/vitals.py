"""Arithmetic on vital signs.

Must never replace a typed mean pressure: a monitor's own mean is measured, the derived one is an estimate and
is flagged as such by the form.
"""

from __future__ import annotations

from decimal import Decimal

from ucmsc_desktop.clinical.exact import exact, require


@exact
def mean_arterial_pressure(sbp: Decimal | None, dbp: Decimal | None) -> Decimal | None:
    """Estimate mean arterial pressure from systolic and diastolic.

    Units: mmHg. Missing: any None gives None. Raises: DomainError for a pressure below 0. Source: F21.
    """
    if sbp is None or dbp is None:
        return None
    require(min(sbp, dbp) >= 0, "a pressure must not be below 0")
    return (sbp + 2 * dbp) / 3

"""Conversions between the units printed on slips, pumps and labels.

Must never guess: mg/dL of creatinine and mg/dL of bilirubin differ fivefold, so the quantity must be named;
a conversion that needs a weight or a drop factor has its own function and is refused by `convert`.
The rule a reader would miss: what was typed is stored with its unit; a converted number only feeds formulas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from ucmsc_desktop.clinical.exact import exact, require

KPA_PER_MMHG = Decimal("0.133322387415")  # conventional mmHg; the Torr differs in the seventh digit
UMOL_PER_MGDL_CREATININE = Decimal("88.4")
UMOL_PER_MGDL_BILIRUBIN = Decimal("17.1")
# A Chinese ampoule labelled 2 mg noradrenaline bitartrate holds about 1 mg of base.
BITARTRATE_PER_NE_BASE = Decimal(2)


class UnitError(ValueError):
    """A conversion that does not exist, or that cannot be done without knowing more."""


@dataclass(frozen=True, slots=True)
class Scale:
    """How a unit maps to its quantity's base unit: base = (amount - zero) * up / down."""

    up: Decimal = Decimal(1)
    down: Decimal = Decimal(1)
    zero: Decimal = Decimal(0)


def _times(up: str, down: str = "1", zero: str = "0") -> Scale:
    return Scale(Decimal(up), Decimal(down), Decimal(zero))


_ONE = Scale()

QUANTITIES: Mapping[str, Mapping[str, Scale]] = MappingProxyType(
    {
        "pressure": {
            "kPa": _ONE,
            "mmHg": Scale(up=KPA_PER_MMHG),
            "hPa": _times("0.1"),
            "cmH2O": _times("0.0980665"),
        },
        "temperature": {"°C": _ONE, "°F": _times("5", "9", "32")},
        "weight": {"kg": _ONE, "g": _times("0.001"), "jin": _times("0.5")},
        "length": {"cm": _ONE, "m": _times("100"), "mm": _times("0.1")},
        "creatinine": {"µmol/L": _ONE, "mg/dL": Scale(up=UMOL_PER_MGDL_CREATININE)},
        "bilirubin": {"µmol/L": _ONE, "mg/dL": Scale(up=UMOL_PER_MGDL_BILIRUBIN)},
        "mass_concentration": {
            "g/L": _ONE,
            "g/dL": _times("10"),
            "mg/dL": _times("0.01"),
            "mg/L": _times("0.001"),
            "µg/L": _times("0.000001"),
            "ng/mL": _times("0.000001"),
            "µg/mL": _times("0.001"),
            "ng/L": _times("0.000000001"),
            "pg/mL": _times("0.000000001"),
        },
        "substance_concentration": {"mmol/L": _ONE, "µmol/L": _times("0.001")},
        "proportion": {"fraction": _ONE, "%": _times("0.01")},
        "volume": {"mL": _ONE, "L": _times("1000"), "µL": _times("0.001")},
        "flow": {"mL/h": _ONE, "mL/min": _times("60"), "L/min": _times("60000")},
        "drop_rate": {"gtt/min": _ONE},
        "drug_rate": {"µg/min": _ONE, "mg/h": _times("1000", "60"), "µg/h": _times("1", "60")},
        "drug_rate_per_kg": {
            "µg/kg/min": _ONE,
            "µg/kg/h": _times("1", "60"),
            "mg/kg/h": _times("1000", "60"),
        },
        "unit_rate": {"U/min": _ONE, "U/h": _times("1", "60")},
        "cell_count": {"cells": _ONE, "10^6": _times("1000000")},
        "cell_concentration": {"cells/mL": _ONE, "10^6/mL": _times("1000000")},
        "blood_count": {"10^9/L": _ONE},
        "cell_dose": {"cells/kg": _ONE, "10^6/kg": _times("1000000")},
        "enzyme_activity": {"U/L": _ONE},
        "duration": {"h": _ONE, "min": _times("1", "60"), "s": _times("1", "3600"), "d": _times("24")},
        "rate_per_minute": {"/min": _ONE},
        # One unit each: known, so that a form may name it, with nothing to convert to.
        **{unit: {unit: _ONE} for unit in ("y", "ms", "×g", "rpm", "pack-years", "points", "EU/mL", "IU/mL")},
        **{unit: {unit: _ONE} for unit in ("kg/m2", "mL/kg", "mL/cmH2O")},
    }
)

_ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "℃": "°C",
        "℉": "°F",
        "斤": "jin",
        "滴/分": "gtt/min",
        "drops/min": "gtt/min",
        "次/分": "/min",
        "×10⁶": "10^6",
        "×10⁶/mL": "10^6/mL",
        "×10⁶/kg": "10^6/kg",
        "×10⁹/L": "10^9/L",
    }
)
_KNOWN = frozenset(unit for units in QUANTITIES.values() for unit in units)
_NEEDS_MORE: Mapping[frozenset[str], str] = MappingProxyType(
    {
        frozenset({"drug_rate", "drug_rate_per_kg"}): "the dosing weight",
        frozenset({"flow", "drop_rate"}): "the drop factor",
    }
)


def canonical_unit(unit: str) -> str:
    """Return the one spelling used inside: micro sign U+00B5, Chinese and single-glyph forms folded.

    Raises: UnitError for a unit the program does not know.
    """
    text = unit.strip()
    text = _ALIASES.get(text, text).replace("\u03bc", "µ")
    if text not in _KNOWN and text.startswith("ug"):
        text = "µg" + text[2:]
    if text not in _KNOWN:
        raise UnitError(f"unknown unit: {unit!r}")
    return text


def units_of(quantity: str) -> tuple[str, ...]:
    """List the units of a quantity, base unit first. Raises: UnitError for an unknown quantity."""
    if quantity not in QUANTITIES:
        raise UnitError(f"unknown quantity: {quantity!r}")
    return tuple(QUANTITIES[quantity])


@exact
def convert(
    amount: Decimal | None, from_unit: str, to_unit: str, *, quantity: str | None = None
) -> Decimal | None:
    """Convert an amount, exactly where decimals allow and to 40 digits otherwise.

    Units: as printed; `quantity` is needed where the same pair means two things (creatinine, bilirubin).
    Missing: None gives None, after the pair itself has been found possible.
    Raises: UnitError for an unknown unit or quantity, an impossible pair, or a pair that needs more.
    Source: F9; conventional mmHg 0.133322387415 kPa, cmH2O 98.0665 Pa.
    """
    source, target = canonical_unit(from_unit), canonical_unit(to_unit)
    names = tuple(QUANTITIES) if quantity is None else (quantity,)
    pairs = {
        (QUANTITIES[name][source], QUANTITIES[name][target])
        for name in names
        if units_of(name) and source in QUANTITIES[name] and target in QUANTITIES[name]
    }
    if not pairs:
        raise UnitError(_why_not(source, target, quantity))
    if amount is None or source == target:
        return amount
    if len(pairs) > 1:
        raise UnitError(f"{source} to {target} needs the quantity")
    ((one, two),) = pairs
    return (amount - one.zero) * (one.up * two.down) / (one.down * two.up) + two.zero


def _why_not(source: str, target: str, quantity: str | None) -> str:
    if quantity is not None:
        return f"{source} to {target} is no conversion of {quantity}"
    for first in (name for name, units in QUANTITIES.items() if source in units):
        for second in (name for name, units in QUANTITIES.items() if target in units):
            more = _NEEDS_MORE.get(frozenset({first, second}))
            if more is not None:
                return f"{source} to {target} needs {more}"
    return f"{source} cannot become {target}"


@exact
def ml_per_h(drops_per_min: Decimal | None, drop_factor: Decimal | None) -> Decimal | None:
    """Convert a drip rate to mL/h.

    Units: drops/min; drop factor in drops/mL (20 for a usual set). Missing: any None gives None.
    Raises: DomainError when the drop factor is not above 0 or the rate is below 0.
    """
    if drops_per_min is None or drop_factor is None:
        return None
    require(drop_factor > 0, "drop_factor must be above 0")
    require(drops_per_min >= 0, "drops_per_min must not be below 0")
    return drops_per_min * 60 / drop_factor


@exact
def drops_per_min(ml_h: Decimal | None, drop_factor: Decimal | None) -> Decimal | None:
    """Convert mL/h to a drip rate.

    Units: mL/h; drop factor in drops/mL. Missing: any None gives None.
    Raises: DomainError when the drop factor is not above 0 or the rate is below 0.
    """
    if ml_h is None or drop_factor is None:
        return None
    require(drop_factor > 0, "drop_factor must be above 0")
    require(ml_h >= 0, "ml_h must not be below 0")
    return ml_h * drop_factor / 60


@exact
def ug_kg_min(ug_min: Decimal | None, weight_kg: Decimal | None) -> Decimal | None:
    """Convert a vasopressor rate from µg/min to µg/kg/min with the dosing weight.

    Missing: any None gives None. Raises: DomainError when weight is not above 0 or the rate is below 0.
    """
    if ug_min is None or weight_kg is None:
        return None
    require(weight_kg > 0, "weight_kg must be above 0")
    require(ug_min >= 0, "ug_min must not be below 0")
    return ug_min / weight_kg


@exact
def ug_min(ug_kg_min: Decimal | None, weight_kg: Decimal | None) -> Decimal | None:
    """Convert a vasopressor rate from µg/kg/min to µg/min with the dosing weight.

    Missing: any None gives None. Raises: DomainError when weight is not above 0 or the rate is below 0.
    """
    if ug_kg_min is None or weight_kg is None:
        return None
    require(weight_kg > 0, "weight_kg must be above 0")
    require(ug_kg_min >= 0, "ug_kg_min must not be below 0")
    return ug_kg_min * weight_kg


@exact
def ne_base(bitartrate: Decimal | None) -> Decimal | None:
    """Convert a noradrenaline amount or rate written as bitartrate to base, any mass unit.

    Missing: None gives None. Raises: DomainError below 0.
    Source: Chinese ampoule label, 2 mg bitartrate for about 1 mg base (by molecular weight 0.5016).
    """
    if bitartrate is None:
        return None
    require(bitartrate >= 0, "bitartrate must not be below 0")
    return bitartrate / BITARTRATE_PER_NE_BASE


@exact
def ne_bitartrate(base: Decimal | None) -> Decimal | None:
    """Convert a noradrenaline amount or rate written as base to bitartrate, any mass unit.

    Missing: None gives None. Raises: DomainError below 0. Source: as `ne_base`.
    """
    if base is None:
        return None
    require(base >= 0, "base must not be below 0")
    return base * BITARTRATE_PER_NE_BASE

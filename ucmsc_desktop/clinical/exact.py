"""Exact arithmetic for every formula: one decimal context, one rounding rule, one way to refuse bad input.

Must never let a result depend on the caller's decimal context, and must never let a binary float in:
114/0.57 in floats is 200.00000000000003 and would make an ineligible patient eligible.
The rule a reader would miss: nothing is rounded between steps; `round_half_up` is for display only.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from decimal import (
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

PRECISION = 40
_CONTEXT = Context(
    prec=PRECISION,
    rounding=ROUND_HALF_EVEN,
    Emin=-999999,
    Emax=999999,
    traps=[InvalidOperation, DivisionByZero, Overflow],
)


class DomainError(ArithmeticError, ValueError):
    """A number no patient, device or bag can have. The message names the input, never its value.

    An ArithmeticError, so that a form's derivation reads it like a division by zero: no value, not a crash.
    """


class CodeError(ValueError):
    """A code that is not on its list: a defect of a form or a caller, never of what a nurse typed."""


def _lift(value: object) -> object:
    if isinstance(value, float):
        raise TypeError("binary floats are refused: pass Decimal")
    if isinstance(value, Decimal) and not value.is_finite():
        raise DomainError("a number must be finite")
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    if isinstance(value, list | tuple):
        return tuple(_lift(item) for item in value)
    return value


def _plain(value: R) -> R:
    # 80/0.40 is Decimal("2E+2"); people and exports must read 200.
    if isinstance(value, Decimal) and value.is_finite():
        exponent = value.as_tuple().exponent
        if isinstance(exponent, int) and exponent > 0 and value.adjusted() < PRECISION:
            return value.quantize(Decimal(1))  # type: ignore[return-value]  # R is Decimal here
    return value


def exact(function: Callable[P, R]) -> Callable[P, R]:
    """Run a formula in the module's own decimal context.

    Whole numbers are lifted to Decimal, so int/int cannot become a float on the way.
    Raises: TypeError for a float, DomainError for NaN or infinity.
    """

    @functools.wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        with localcontext(_CONTEXT):
            lifted = [_lift(item) for item in args]
            named = {name: _lift(item) for name, item in kwargs.items()}
            return _plain(function(*lifted, **named))  # type: ignore[arg-type]  # int became Decimal

    return wrapper


def round_half_up(value: Decimal | None, places: int) -> Decimal | None:
    """Round for display, halves away from zero; never prints minus zero.

    Missing: None gives None. Raises: DomainError for NaN, infinity or a negative `places`.
    """
    if value is None:
        return None
    if not value.is_finite() or places < 0:
        raise DomainError("only a finite number can be shown, with zero or more decimals")
    with localcontext(_CONTEXT) as context:
        # A 40-digit context cannot hold 10**39 with two decimals.
        context.prec = max(PRECISION, value.adjusted() + places + 2)
        rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        return abs(rounded) if rounded.is_zero() else rounded


def require(condition: bool, rule: str) -> None:
    """Refuse an impossible input. Raises: DomainError(rule) when the condition does not hold."""
    if not condition:
        raise DomainError(rule)

"""The table of the functions that expressions may call. Each module of functions enters its own.

A function sees values, never the database. Unless it `takes_missing`, it is not called at all when an argument is
missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Series = tuple[Any, ...]
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Function:
    """An entry of the table: the callable, how many arguments, whether it wants to see missing ones."""

    call: Callable[..., Any]
    least: int
    most: int
    takes_missing: bool = False


FUNCTIONS: dict[str, Function] = {}


def expression_function(least: int, most: int | None = None, *, missing: bool = False) -> Callable[[F], F]:
    """Enter a function into the table under its own name."""

    def enter(call: F) -> F:
        FUNCTIONS[call.__name__] = Function(call, least, most if most is not None else least, missing)
        return call

    return enter


def formula(call: Callable[..., Any], least: int, most: int | None = None, *, name: str = "") -> None:
    """Enter a clinical formula into the table, under its own name unless another is given."""
    key = name or str(getattr(call, "__name__", ""))
    FUNCTIONS[key] = Function(call, least, most if most is not None else least)

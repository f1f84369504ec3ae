"""The expression language: missing propagates, logic has three values, and nothing but the whitelist runs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucmsc_desktop.study.expr import Expression, ExpressionError
from ucmsc_desktop.study.values import PartialDate


class Values:
    def __init__(self, **values: Any) -> None:
        self.values = values

    def item(self, name: str) -> Any:
        return self.values.get(name)

    def other(self, form: str, selector: Any, item: str) -> Any:
        return self.values.get(f"{form}[{selector}].{item}" if selector is not None else f"{form}.{item}")

    def every(self, form: str, item: str) -> tuple[Any, ...]:
        found: tuple[Any, ...] = self.values[f"{form}.all.{item}"]
        return found


TRUTH = {True: "True", False: "False", None: "nothing"}


@pytest.mark.parametrize("a", [True, False, None])
@pytest.mark.parametrize("b", [True, False, None])
def test_and_or_not_are_kleene(a: bool | None, b: bool | None) -> None:
    env = Values()
    wanted_and = False if a is False or b is False else (None if a is None or b is None else True)
    wanted_or = True if a is True or b is True else (None if a is None or b is None else False)
    assert Expression(f"{TRUTH[a]} and {TRUTH[b]}")(env) is wanted_and
    assert Expression(f"{TRUTH[a]} or {TRUTH[b]}")(env) is wanted_or
    assert Expression(f"not {TRUTH[a]}")(env) is (None if a is None else not a)


@pytest.mark.parametrize(
    "source", ["x + 1", "x < 1", "x == x", "-x", "x in (1, 2)", "pf(x, 0.4)", "1 if x else 2", "hours(x - x)"]
)
def test_a_missing_operand_gives_missing(source: str) -> None:
    assert Expression(source)(Values()) is None


def test_numbers_are_exact_decimals() -> None:
    assert Expression("0.1 + 0.2")(Values()) == Decimal("0.3")
    assert Expression("114 / 0.57 > 200")(Values()) is False  # a binary float would say True
    assert Expression("x * (760 - 47) - 57.8 / 0.8 - 71.0 > 35")(Values(x=Decimal("0.25"))) is False


def test_division_by_zero_has_no_value() -> None:
    assert Expression("1 / x")(Values(x=Decimal(0))) is None


def test_names_in_other_forms_are_found() -> None:
    env = Values(
        **{"F2.consent_dtm": 1, "F9[BL].pf": 2, "F7[1].inf_end": 3, "F14.all.ae_grade": (1, None, 3)}
    )
    assert Expression("F2.consent_dtm")(env) == 1
    assert Expression('F9["BL"].pf')(env) == 2
    assert Expression("F7[n - 1].inf_end")(Values(**env.values, n=Decimal(2))) == 3
    assert Expression("max_of(F14.all.ae_grade)")(env) == 3
    assert Expression("x + y").names == {"x", "y"}


@pytest.mark.parametrize(
    "source",
    [
        "__import__('os')",
        "x.__class__",
        "().__class__",
        "open('f')",
        "[y for y in x]",
        "lambda: 1",
        "f'{x}'",
        "x if",
        "x := 1",
        "x is None",
        "pf(pao2=1, fio2=2)",
        "x ** 9",
        "b'x'",
        "F2.a.b",
        "other.x",
        "no_such_function(x)",
        "pf(1)",
        "(" * 500,
    ],
)
def test_what_is_not_on_the_whitelist_is_refused_at_load(source: str) -> None:
    with pytest.raises(ExpressionError):
        Expression(source)


@given(st.text(max_size=40))
def test_no_text_ever_does_more_than_be_refused_or_evaluate(text: str) -> None:
    try:
        expression = Expression(text)
        expression(Values(x=Decimal(1)))
    except ExpressionError:
        pass


def test_partial_dates_compare_by_what_both_know() -> None:
    env = Values(a=PartialDate(2026, 2), b=PartialDate(2026, 2, 22), c=PartialDate(2026, 3))
    assert Expression("a == b")(env) is True
    assert Expression("b < c")(env) is True
    assert Expression("a > c")(env) is False

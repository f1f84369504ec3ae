"""The small expression language of the forms: a whitelist of Python syntax over Decimals, dates and codes.

Three rules hold everywhere. *Missing propagates*: an operator or function with a missing operand gives missing.
*and / or / not are three-valued*: False and missing is False, True or missing is True, otherwise missing stays missing.
*A check fires only on a definite False.* Missing is None; it never counts as False or zero.

Names:  `abg_ph` (this form; inside a row, this row), `F2.subj_sign_dtm` (another form: its one record, or the record of
the same visit or infusion), `F9["BL"].pf` and `F7[1].inf_start_dtm` (that visit, that number), `F14.all.ae_grade` (every
record and row, as a tuple aligned by record, missing kept as None), `study.x`, `site.x`, `plan.nominal` and, without a
dot, `now`, `today`, `subject`, `visit`, `n` (record number), `row_no`. `signers_verified` and `F6.signers_verified` give the
user names of those whose signature in that meaning holds, as a tuple (empty, never missing); not for derivations.

Nothing here reads a file, a clock or an attribute of a Python object; what is not on the whitelist is refused at load.
Measured before it was chosen: ~5 µs an evaluation, where ready-made evaluators could not mix Decimal and dates, were
100 times slower, or had holes in their sandbox.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Context, Decimal, localcontext
from typing import Any, Protocol

from ucmsc_desktop.study.values import PartialDate

Result = (
    Any  # Decimal | str | bool | date | datetime | timedelta | PartialDate | tuple | None: data at run time
)


class ExpressionError(ValueError):
    """An expression that cannot be accepted; the message says why."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A name in an expression. `form` None: this form (or a special name); `selector` None: the matching record."""

    item: str
    form: str | None = None
    selector: Callable[[Env], Result] | None = None
    every: bool = False


class Env(Protocol):
    """What an expression can ask for."""

    def item(self, name: str) -> Result: ...
    def other(self, form: str, selector: Result, item: str) -> Result: ...
    def every(self, form: str, item: str) -> tuple[Result, ...]: ...


Evaluator = Callable[[Env], Result]

ARITHMETIC = Context(prec=40)  # so that a result never depends on who calls

SPECIAL = frozenset({"now", "today", "visit", "n", "row_no", "subject"})
SPACES = frozenset({"study", "site", "plan"})
SIGNED = "signers_"  # before a meaning: who signed in it

_COMPARE: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}
_ARITH: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


class Expression:
    """A compiled expression. Equal sources are equal expressions."""

    __slots__ = ("_run", "functions", "refs", "source")

    def __init__(self, source: str) -> None:
        self.source = source.strip()
        try:
            tree = ast.parse(self.source, mode="eval")
        except (SyntaxError, ValueError, RecursionError, MemoryError) as fault:
            raise ExpressionError(f"not an expression: {self.source!r}") from fault
        compiler = _Compiler(self.source)
        self._run = compiler.build(tree.body)
        self.refs: tuple[Ref, ...] = tuple(compiler.refs)
        self.functions: frozenset[str] = frozenset(compiler.functions)

    def __call__(self, env: Env) -> Result:
        """Evaluate; None means missing.

        Raises: ExpressionError where operands cannot be combined (a defect of the form, found by its case table).
        """
        try:
            with localcontext(ARITHMETIC):
                return self._run(env)
        except (ArithmeticError, ValueError):
            return None  # a division by zero, or inputs that no patient can have, give no value
        except TypeError as fault:
            raise ExpressionError(f"{self.source!r}: {fault}") from fault

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Expression) and other.source == self.source

    def __hash__(self) -> int:
        return hash(self.source)

    def __repr__(self) -> str:
        return f"Expression({self.source!r})"

    @property
    def names(self) -> frozenset[str]:
        """Names of items of the same form that the expression reads."""
        return frozenset(r.item for r in self.refs if r.form is None and r.item not in SPECIAL)


class _Compiler:
    def __init__(self, source: str) -> None:
        self.source = source
        self.refs: list[Ref] = []
        self.functions: set[str] = set()

    def build(self, node: ast.expr) -> Evaluator:  # noqa: PLR0911 - one arm per node of the whitelist
        match node:
            case ast.Constant():
                return self._constant(node)
            case ast.Name(id=name):
                self.refs.append(Ref(name))
                return lambda env: env.item(name)
            case ast.Attribute():
                return self._attribute(node)
            case ast.BoolOp(op=op, values=parts):
                return (
                    _and([self.build(p) for p in parts])
                    if isinstance(op, ast.And)
                    else _or([self.build(p) for p in parts])
                )
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                run = self.build(inner)
                return lambda env: None if (v := run(env)) is None else not v
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                run = self.build(inner)
                return lambda env: None if (v := run(env)) is None else -v
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITH:
                return _binary(_ARITH[type(op)], self.build(left), self.build(right))
            case ast.Compare():
                return self._compare(node)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return _choose(self.build(test), self.build(body), self.build(orelse))
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                runs = [self.build(p) for p in parts]
                return lambda env: tuple(r(env) for r in runs)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
                return self._call(name, args)
            case _:
                raise ExpressionError(
                    f"{ast.get_source_segment(self.source, node) or self.source!r} is not allowed"
                )

    def _constant(self, node: ast.Constant) -> Evaluator:
        value: Result = node.value
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = Decimal(ast.get_source_segment(self.source, node) or str(value))  # the digits as written
        elif not isinstance(value, str | bool) and value is not None:
            raise ExpressionError(f"{value!r} is not allowed")
        return lambda env: value

    def _attribute(self, node: ast.Attribute) -> Evaluator:
        item = node.attr
        match node.value:
            case ast.Name(id=form):
                if not (form in SPACES or _is_form(form)):
                    raise ExpressionError(f"{form} is neither a form nor one of {sorted(SPACES)}")
                self.refs.append(Ref(item, form))
                return lambda env: env.other(form, None, item)
            case ast.Attribute(value=ast.Name(id=form), attr="all") if _is_form(form):
                self.refs.append(Ref(item, form, every=True))
                return lambda env: env.every(form, item)
            case ast.Subscript(value=ast.Name(id=form), slice=pick) if _is_form(form):
                select = self.build(pick)
                self.refs.append(Ref(item, form, select))
                return lambda env: None if (s := select(env)) is None else env.other(form, s, item)
            case _:
                raise ExpressionError(f"{ast.get_source_segment(self.source, node)!r} is not allowed")

    def _compare(self, node: ast.Compare) -> Evaluator:
        tests = []
        left = self.build(node.left)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            if type(op) not in _COMPARE:
                raise ExpressionError(
                    f"{type(op).__name__} is not allowed; a missing value is asked with given(x)"
                )
            right = self.build(right_node)
            tests.append(_binary(_COMPARE[type(op)], left, right))
            left = right
        return tests[0] if len(tests) == 1 else _and(tests)

    def _call(self, name: str, args: list[ast.expr]) -> Evaluator:
        # Each enters its functions into the table; they bring the formulas, so they are loaded on first use.
        from ucmsc_desktop.study import bedside, functions, rows  # noqa: F401
        from ucmsc_desktop.study.calls import FUNCTIONS

        function = FUNCTIONS.get(name)
        if function is None:
            raise ExpressionError(f"there is no function {name}")
        if not function.least <= len(args) <= function.most:
            raise ExpressionError(
                f"{name} takes {function.least} to {function.most} arguments, not {len(args)}"
            )
        self.functions.add(name)
        runs = [self.build(a) for a in args]
        call = function.call
        if function.takes_missing:
            return lambda env: call(*[r(env) for r in runs])

        def evaluate(env: Env) -> Result:
            values = []
            for run in runs:
                value = run(env)
                if value is None:
                    return None
                values.append(value)
            return call(*values)

        return evaluate


def _is_form(name: str) -> bool:
    return name[:1] == "F" and name[1:].isdigit()


def _and(runs: list[Evaluator]) -> Evaluator:
    def evaluate(env: Env) -> Result:
        result: Result = True
        for run in runs:
            value = run(env)
            if value is None:
                result = None
            elif not value:
                return False
        return result

    return evaluate


def _or(runs: list[Evaluator]) -> Evaluator:
    def evaluate(env: Env) -> Result:
        result: Result = False
        for run in runs:
            value = run(env)
            if value is None:
                result = None
            elif value:
                return True
        return result

    return evaluate


def _choose(test: Evaluator, body: Evaluator, orelse: Evaluator) -> Evaluator:
    def evaluate(env: Env) -> Result:
        value = test(env)
        if value is None:
            return None
        return body(env) if value else orelse(env)

    return evaluate


def _binary(op: Callable[[Any, Any], Any], left: Evaluator, right: Evaluator) -> Evaluator:
    def evaluate(env: Env) -> Result:
        a = left(env)
        if a is None:
            return None
        b = right(env)
        if b is None:
            return None
        if type(a) is not type(b) or isinstance(a, PartialDate):
            a, b = _alike(a, b)
        return op(a, b)

    return evaluate


def _alike(a: Result, b: Result) -> tuple[Result, Result]:
    """Bring a moment and a date to dates, partial dates to what they know; leave all else alone."""
    if isinstance(a, PartialDate) or isinstance(b, PartialDate):
        width = min(_known(a), _known(b))
        return _parts(a)[:width], _parts(b)[:width]
    if isinstance(a, datetime) and type(b) is date:
        return a.date(), b
    if isinstance(b, datetime) and type(a) is date:
        return a, b.date()
    if isinstance(a, timedelta) and isinstance(b, Decimal):
        raise TypeError("an interval is compared through minutes(), hours() or days()")
    return a, b


def _known(value: Result) -> int:
    if isinstance(value, PartialDate):
        return sum(p is not None for p in (value.year, value.month, value.day, value.hour, value.minute))
    return 5 if isinstance(value, datetime) else 3


def _parts(value: Result) -> tuple[int, ...]:
    if isinstance(value, PartialDate):
        return tuple(
            p for p in (value.year, value.month, value.day, value.hour, value.minute) if p is not None
        )
    if isinstance(value, datetime):
        return (value.year, value.month, value.day, value.hour, value.minute)
    if isinstance(value, date):
        return (value.year, value.month, value.day)
    raise TypeError("a date is compared with a date")

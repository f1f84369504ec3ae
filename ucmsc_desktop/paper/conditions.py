"""Skip rules in words, for a person with a pen: "if no. 1 = Yes".

Only what can be said plainly is said; any other rule becomes "where it applies". The words never decide anything: the
program applies the rule itself when the page is typed in.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ucmsc_desktop.i18n import Lang, Text
from ucmsc_desktop.study.expr import Expression
from ucmsc_desktop.study.model import Form, Item, Study

OTHERWISE = Text("where it applies", "如适用")
_IF = Text("if {rule}", "若{rule}")
_NUMBER = Text("no. {n}", "第{n}项")
_AND = Text(" and ", " 且 ")
_OR = Text(" or ", " 或 ")
_INCLUDES = Text("{left} includes {right}", "{left} 含 {right}")
_GIVEN = Text("{name} is filled in", "{name} 已填写")
_EMPTY = Text("{name} is empty", "{name} 未填写")
_SPECIAL: Mapping[str, Text] = {"visit": Text("visit", "访视"), "n": Text("record number", "记录序号")}
_SIGNS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "=", ast.NotEq: "≠", ast.Lt: "<", ast.LtE: "≤", ast.Gt: ">", ast.GtE: "≥", ast.In: "=", ast.NotIn: "≠",
}  # fmt: skip
_OPPOSITE: Mapping[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


class _Unsayable(Exception):
    pass


def condition(
    rule: Expression, form: Form, numbers: Mapping[str, str], study: Study | None, lang: Lang
) -> str:
    """Say a skip rule in words, with the numbers that the items have on the page."""
    try:
        words = _Speaker(form, numbers, study, lang).say(ast.parse(rule.source, mode="eval").body)
    except _Unsayable:
        return OTHERWISE.get(lang)
    return _IF.fill(rule=words).get(lang)


class _Speaker:
    def __init__(self, form: Form, numbers: Mapping[str, str], study: Study | None, lang: Lang) -> None:
        self.form = form
        self.numbers = numbers
        self.study = study
        self.lang: Lang = lang

    def say(self, node: ast.expr, *, inside: bool = False) -> str:
        match node:
            case ast.BoolOp(op=op, values=parts):
                return self._joined(
                    op, _spoken(parts) if isinstance(op, ast.And) else _merged(parts), inside=inside
                )
            case ast.UnaryOp(op=ast.Not(), operand=ast.Call(func=ast.Name(id="given"), args=[asked])):
                return _EMPTY.fill(name=self._name(asked)).get(self.lang)
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return self.say(_negated(inner), inside=inside)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _SIGNS:
                return self._compare(left, op, right)
            case ast.Call(func=ast.Name(id="given"), args=[asked]):
                return _GIVEN.fill(name=self._name(asked)).get(self.lang)
            case _:
                raise _Unsayable

    def _joined(self, op: ast.boolop, parts: Sequence[ast.expr], *, inside: bool) -> str:
        if len(parts) == 1:
            return self.say(parts[0], inside=inside)
        word = _AND if isinstance(op, ast.And) else _OR
        joined = word.get(self.lang).join(self.say(p, inside=True) for p in parts)
        return f"({joined})" if inside else joined

    def _compare(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> str:
        if isinstance(op, ast.In) and isinstance(left, ast.Constant):
            said = self._value(self._item(right), left)
            return _INCLUDES.fill(left=self._name(right), right=said).get(self.lang)
        value = (
            self._value(left, right)
            if isinstance(right, ast.Constant | ast.Tuple | ast.List)
            else self._name(right)
        )
        return f"{self._name(left)} {_SIGNS[type(op)]} {value}"

    def _name(self, node: ast.expr) -> str:
        match node:
            case ast.Name(id=name) if name in _SPECIAL:
                return _SPECIAL[name].get(self.lang)
            case ast.Name(id=name) if name in self.numbers:
                return _NUMBER.fill(n=self.numbers[name]).get(self.lang)
            case ast.Attribute(value=ast.Name(id=form)):
                item = self._item(node)
                if item is not None:
                    return f"{form} {item.label.get(self.lang)}"
        raise _Unsayable

    def _item(self, node: ast.expr) -> Item | None:
        match node:
            case ast.Name(id=name):
                return self.form.by_id.get(name)
            case ast.Attribute(value=ast.Name(id=form), attr=name) if self.study and form in self.study.forms:
                return self.study.forms[form].by_id.get(name)
        return None

    def _value(self, about: ast.expr | Item | None, node: ast.expr) -> str:
        item = self._item(about) if isinstance(about, ast.expr) else about
        match node:
            case ast.Constant(value=bool()):
                raise _Unsayable
            case ast.Constant(value=str(code)):
                return self._label(about, item, code)
            case ast.Constant(value=int() | float() as number):
                unit = item.unit_label("", self.lang) if item else ""
                return f"{Decimal(str(number))} {unit}".rstrip()
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return " / ".join(self._value(about, p) for p in parts)
            case _:
                raise _Unsayable

    def _label(self, about: ast.expr | Item | None, item: Item | None, code: str) -> str:
        if isinstance(about, ast.Name) and about.id == "visit" and self.study:
            visit = self.study.visit_by_id.get(code)
            return visit.title.get(self.lang) if visit else code
        choice = item.choice(code) if item else None
        if choice is None:
            raise _Unsayable
        return choice.label.get(self.lang)


def _spoken(parts: Sequence[ast.expr]) -> list[ast.expr]:
    """Leave out "x is filled in" where another part speaks of x anyway."""
    kept: list[ast.expr] = []
    for part in parts:
        if isinstance(part, ast.Call) and len(part.args) == 1:
            about = ast.dump(part.args[0])
            if any(p is not part and isinstance(p, ast.Compare) and about == ast.dump(p.left) for p in parts):
                continue
        kept.append(part)
    return kept


def _merged(parts: Sequence[ast.expr]) -> list[ast.expr]:
    """Turn "x = a or x = b" into "x = a / b"."""
    merged: dict[str, list[ast.expr]] = {}
    names: dict[str, ast.expr] = {}
    others: list[ast.expr] = []
    for part in parts:
        match part:
            case ast.Compare(left=ast.Name() as left, ops=[ast.Eq()], comparators=[ast.Constant() as right]):
                merged.setdefault(left.id, []).append(right)
                names[left.id] = left
            case _:
                others.append(part)
    joined: list[ast.expr] = [
        ast.Compare(left=names[name], ops=[ast.In()], comparators=[ast.Tuple(elts=values)])
        for name, values in merged.items()
    ]
    return [*joined, *others]


def _negated(node: ast.expr) -> ast.expr:
    match node:
        case ast.BoolOp(op=ast.And(), values=parts):
            negative = [_negated(p) for p in _spoken(parts)]
            return negative[0] if len(negative) == 1 else ast.BoolOp(op=ast.Or(), values=negative)
        case ast.Compare(left=left, ops=[op], comparators=right) if type(op) in _OPPOSITE and not isinstance(
            left, ast.Constant
        ):
            return ast.Compare(left=left, ops=[_OPPOSITE[type(op)]()], comparators=right)
        case _:
            raise _Unsayable

"""Every case table tests/forms/*.yaml: what is given in a form, and what must follow."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from ucmsc_desktop.errors import ValueRefused
from ucmsc_desktop.record.entry import refuse_impossible
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.facts import FormRecord, Signature, SubjectRecord
from ucmsc_desktop.record.form_state import FormState, soft_finding
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.model import Form, Item
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.study.values import Number, Value

TABLES = sorted(Path(__file__).parent.glob("f*.yaml"))
DEFAULT_NOW = "2026-03-02T12:00+08:00"


@cache
def table_of(path: Path) -> dict[str, Any]:
    """Read a case table; once a process."""
    table: dict[str, Any] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    return table


def _cases() -> list[Any]:
    return [
        pytest.param(table_of(path)["form"], case, id=f"{path.stem}: {case['name']}")
        for path in TABLES
        for case in table_of(path)["cases"]
    ]


def _key(state: SubjectState, name: str) -> FormKey:
    found = re.fullmatch(r"(F\d+)(?:\[(\w+)\])?", name)
    assert found, f"{name} is no record"
    form = state.study.forms[found[1]]
    pick = found[2]
    if pick is None:
        return key_for(form, _visit(state, form))
    if form.repeat == "visit" and not pick.isdigit():
        return FormKey(form.id, pick, 1)
    return key_for(form, "UNS", int(pick))


def _visit(state: SubjectState, form: Form) -> str:
    placement = next((p for p in state.study.schedule if p.form == form.id), None)
    return placement.visit if placement else "UNS"


def _values(form: Form, given: dict[str, Any], rows: dict[str, Any]) -> dict[Cell, Value | None]:
    values: dict[Cell, Value | None] = {
        Cell(name): typed_value(form.by_id[name], text) for name, text in given.items() if text is not None
    }
    for section_id, table in rows.items():
        section = next(s for s in form.sections if s.id == section_id)
        assert section.rows, f"{section_id} has no rows"
        for number, row in enumerate(table, start=1):
            for name, text in row.items():
                values[Cell(name, number)] = typed_value(form.by_id[name], text)
    return values


@pytest.mark.parametrize(("form_id", "case"), _cases())
def test_case(form_id: str, case: dict[str, Any]) -> None:
    view = _view(form_id, case)
    expect = case["expect"]
    known = {"fires", "silent", "derived", "hidden", "shown", "refused", "soft", "not_refused", "not_soft"}
    assert set(expect) <= known, f"unknown expectations {set(expect) - known}"
    _assert_checks(view, expect)
    for name, wanted in (expect.get("derived") or {}).items():
        _assert_derived(view, name, wanted)
    form = view.form
    for name in expect.get("shown", []):
        assert view.is_applicable(form.by_id[name], _row(form, name)), f"{name} should be shown"
    for name in expect.get("hidden", []):
        assert not view.is_applicable(form.by_id[name], _row(form, name)), f"{name} should be hidden"
    for cell, value in _values(form, case.get("given") or {}, case.get("rows") or {}).items():
        assert value is not None
        _assert_taken(form.by_id[cell.item], value, expect)


def _view(form_id: str, case: dict[str, Any]) -> FormState:
    """Build the record that a case describes, with every derivation."""
    study = load_study()
    if case.get("study"):
        study = study.model_copy(update={"parameters": {**study.parameters, **case["study"]}})
    now = datetime.fromisoformat(case.get("now", DEFAULT_NOW))
    state = SubjectState(study, study.sites[0], SubjectRecord("01-001"))
    signed = {_key(state, name): _signed(given, now) for name, given in (case.get("signed") or {}).items()}
    forms = {
        key: FormRecord(key, study.forms[key.form].version, signatures=made) for key, made in signed.items()
    }
    state = SubjectState(study, study.sites[0], SubjectRecord("01-001", forms=forms))
    for name, given in (case.get("others") or {}).items():
        key = _key(state, name)
        plain = {k: v for k, v in given.items() if k != "rows"}
        state = state.with_values(key, _values(study.forms[key.form], plain, given.get("rows", {})))
    form = study.forms[form_id]
    key = key_for(form, case.get("visit") or _visit(state, form), int(case.get("n", 1)))
    state = state.with_values(key, _values(form, case.get("given") or {}, case.get("rows") or {}))
    return FormState(state.derive((key,), now), key, now)


def _signed(given: dict[str, list[str]], at: datetime) -> tuple[Signature, ...]:
    """Make signatures that stand whatever else the case enters: meaning → user names."""
    covers = frozenset({"nothing of this case"})
    return tuple(
        Signature(meaning, user, "nurse", at, f"{meaning}.{user}", "D", 1, "", covers=covers)
        for meaning, users in given.items()
        for user in users
    )


def _assert_checks(view: FormState, expect: dict[str, Any]) -> None:
    checks = {c.id for c in view.form.checks}
    for check in view.form.checks:  # an error in a rule would look like a check that is silent
        section = view.form.section_of[check.items[0]]
        for row in view.rows(section) if section.rows else (0,):
            check.rule(view.view.env(view.key, view.now, row))
    fired = {f.id for f in view.findings} & checks
    for name in (*expect.get("fires", []), *expect.get("silent", [])):
        assert name in checks, f"there is no check {name}"
    assert set(expect.get("fires", [])) <= fired, f"should fire: {set(expect.get('fires', [])) - fired}"
    assert not set(expect.get("silent", [])) & fired, f"should be silent: {set(expect['silent']) & fired}"


def _assert_taken(item: Item, value: Value, expect: dict[str, Any]) -> None:
    refused = _is_refused(item, value)
    assert refused == (item.id in expect.get("refused", [])), f"{item.id} refused: {refused}"
    if isinstance(value, Number) and not refused:
        soft = soft_finding(item, value) is not None
        if item.id in expect.get("soft", []):
            assert soft, f"{item.id} should be asked about"
        if item.id in expect.get("not_soft", []):
            assert not soft, f"{item.id} should not be asked about"


def _row(form: Form, name: str) -> int:
    return 1 if form.section_of[name].rows else 0


def _is_refused(item: Item, value: Value) -> bool:
    try:
        refuse_impossible(item, value)
    except ValueRefused:
        return True
    return False


def _assert_derived(view: FormState, name: str, wanted: Any) -> None:
    """`name` or `name[row]`; decimals are compared exactly, digit strings that end in … by their beginning."""
    found = re.fullmatch(r"(\w+)(?:\[(\d+)\])?", name)
    assert found
    item = view.form.by_id[found[1]]
    assert item.is_derived, f"{name} is not derived"
    value = view.value(item.id, int(found[2] or 0) or _row(view.form, item.id))
    if wanted is None:
        assert value is None, f"{name} should be missing, is {value}"
        return
    assert value is not None, f"{name} is missing, should be {wanted}"
    if isinstance(value, Number):
        text = str(wanted)
        if text.endswith("…"):
            assert format(value.amount, "f").startswith(text[:-1]), f"{name} is {value.amount}"
        else:
            assert value.amount == Decimal(text), f"{name} is {value.amount}, should be {wanted}"
    else:
        assert value == typed_value(item, wanted), f"{name} is {value}, should be {wanted}"


def test_every_form_has_a_case_table() -> None:
    tables = {table_of(p)["form"] for p in TABLES}
    assert tables == set(load_study().forms)


def test_every_check_has_a_row_on_each_side() -> None:
    fires: dict[str, set[str]] = {}
    silent: dict[str, set[str]] = {}
    for path in TABLES:
        table = table_of(path)
        for case in table["cases"]:
            fires.setdefault(table["form"], set()).update(case["expect"].get("fires", []))
            silent.setdefault(table["form"], set()).update(case["expect"].get("silent", []))
    missing = [
        f"{form.id} {check.id} never {side}"
        for form in load_study().forms.values()
        for check in form.checks
        for side, seen in (("fires", fires), ("is silent", silent))
        if check.id not in seen.get(form.id, set())
    ]
    assert not missing, "\n".join(missing)


def test_every_derivation_has_a_row() -> None:
    seen: dict[str, set[str]] = {}
    for path in TABLES:
        table = table_of(path)
        for case in table["cases"]:
            names = (re.sub(r"\[\d+\]$", "", n) for n in case["expect"].get("derived") or {})
            seen.setdefault(table["form"], set()).update(names)
    missing = [
        f"{form.id} {item.id}"
        for form in load_study().forms.values()
        for item in form.items()
        if item.is_derived and item.id not in seen.get(form.id, set())
    ]
    assert not missing, "\n".join(missing)

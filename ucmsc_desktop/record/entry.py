"""Decide what an entry means before anything is written: refuse it, ask about it, or give the events that record it.

Pure. The order is fixed: may this person, is it a value at all, is it inside the hard limits, does a guarding check stop
it, is it unusual (asked once), does it change something saved (needs a reason). Only then are events planned: the
entered cells, then every derivation that changes because of them, in this record and in all others.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ucmsc_desktop.errors import (
    ConfirmNeeded,
    FormLocked,
    NotAllowed,
    ReasonNeeded,
    StepBlocked,
    ValueRefused,
)
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.derivation import follow
from ucmsc_desktop.record.events import Cell, Draft, FormKey
from ucmsc_desktop.record.form_state import FormState, range_text, shown_both, soft_finding
from ucmsc_desktop.record.readings import with_hints
from ucmsc_desktop.record.subject_state import SubjectState, base_amount
from ucmsc_desktop.study.model import Form, Item, Role
from ucmsc_desktop.study.values import Missing, Number, PartialDate, Value, dump

ROLE_NAMES: Mapping[str, Text] = {
    "nurse": Text("nurse", "护士"),
    "investigator": Text("investigator", "研究者"),
    "cell_lab": Text("cell laboratory", "细胞制备人员"),
    "radiologist": Text("radiologist", "放射科医师"),
    "laboratory": Text("laboratory", "检验人员"),
    "monitor": Text("monitor", "监查员"),
    "data_manager": Text("data manager", "数据管理员"),
    "administrator": Text("administrator", "管理员"),
}

PROGRAM = Text("nobody, the program fills it in", "无，由程序自动填写")

_BAD_CODE = Text("{label}: choose one of the answers offered.", "{label}：请从所列选项中选择。")
_BAD_TYPE = Text("{label}: this is not a valid entry.", "{label}：录入内容无效。")
_TOO_LONG = Text("{label}: at most {limit} characters.", "{label}：最多 {limit} 个字符。")
_PATTERN = Text("{label}: does not have the expected form. {hint}", "{label}：格式不符。{hint}")
_HARD = Text(
    "{label}: {value} is not possible. It must be {range}.", "{label}：{value} 超出可能范围，应为 {range}。"
)
_NO_GAP = Text("{label}: “{code}” is not allowed here.", "{label}：此处不可填“{code}”。")
_GAP_REASON = Text("{label}: say why there is no value.", "{label}：请说明无数值的原因。")
_UNPRINTABLE = Text("{label}: a character in it cannot be printed.", "{label}：含有无法打印的字符。")
_OLD = Text("{label}: this year is not plausible.", "{label}：年份不合理。")
_NO_PLACE = Text("{label}: this row is crossed out or not there.", "{label}：该行已划去或不存在。")
_DERIVED = Text("{label} is calculated and cannot be typed.", "{label} 为计算值，不可录入。")


YEARS = range(1900, 2100)  # of anything that can be entered; windows are counted from these times


@dataclass(frozen=True, slots=True)
class Change:
    """What a person wants to record in one record of a form, all in one transaction."""

    key: FormKey
    values: Mapping[Cell, Value | None]
    reason: str = ""
    confirmed: frozenset[str] = frozenset()  # ids of findings already confirmed: "soft" and check ids
    origin: str = "entered"
    overrides: Mapping[str, str] = field(default_factory=dict)  # check id → reason, by an investigator
    ask: bool = (
        True  # False: a stamp at the bedside, never held up by a question; what is unusual stays open, with ▲
    )


def may_enter(form: Form, item: Item, role: Role) -> bool:
    """Say whether a role may enter an item."""
    return not item.is_derived and not item.program and role in (item.by or form.by)


def named_roles(roles: Iterable[str]) -> Text:
    """Name roles in both languages: "nurse, investigator"."""
    names = [ROLE_NAMES[r] for r in roles]
    return Text(", ".join(n.en for n in names), "、".join(n.zh for n in names))


def who_enters(form: Form, item: Item) -> Text:
    """Name who fills an item in: the roles that may, or the program where no person does."""
    if item.program or item.is_derived:
        return PROGRAM
    return named_roles(item.by or form.by)


def plan(
    state: SubjectState, change: Change, *, role: Role, now: datetime
) -> tuple[SubjectState, list[Draft]]:
    """Plan the events of a change; give the state they lead to.

    Missing: a value of None clears a cell, which needs a reason like any change.
    Raises: NotAllowed, FormLocked, ValueRefused, StepBlocked, ConfirmNeeded, ReasonNeeded.
    """
    form = state.study.forms[change.key.form]
    record = state.form_record(change.key)
    if record.locked:
        raise FormLocked
    changed = {
        c: v
        for c, v in change.values.items()
        if v != state.value(change.key, c)
        or _is_scanned_anew(form, change, c)
        or _is_stood_by(state, change, c, role)
    }
    if not changed:
        return state, []
    for cell, value in changed.items():
        item = form.by_id[cell.item]
        if item.is_derived:
            raise ValueRefused(message=_DERIVED.fill(label=item.label), cell=cell)
        if (cell.row > 0) is not form.section_of[cell.item].rows or record.in_struck_row(form, cell):
            raise ValueRefused(message=_NO_PLACE.fill(label=item.label), cell=cell)
        if not may_enter(form, item, role):
            raise NotAllowed(action=item.label, who=who_enters(form, item))
        if value is not None:
            refuse_impossible(item, value, cell=cell)
    after = follow(state, change.key, changed, now)
    view = FormState(after, change.key, now)
    _refuse_guarded(view, changed, change)
    confirmed = _ask(view, changed, change) if change.ask else {}
    for cell in changed:
        if explained := _explained(form, change, cell, role):
            confirmed[cell] = (*confirmed.get(cell, ()), *explained)
    if not change.reason.strip() and any(_is_saved(state, change.key, c) for c in changed):
        raise ReasonNeeded(cells=tuple(changed))
    return after, _drafts(state, after, change, changed, confirmed, role)


def _is_scanned_anew(form: Form, change: Change, cell: Cell) -> bool:
    """Say whether the same code was scanned once more, with the reason said: a check of its own, at its own moment."""
    return form.by_id[cell.item].scan and len(change.values) == 1 and bool(change.reason.strip())


def _explained(form: Form, change: Change, cell: Cell, role: Role) -> tuple[str, ...]:
    """Give the queries about one answer that an investigator answers with it: he says why it is right as it stands."""
    if role != "investigator" or len(change.values) != 1 or not change.reason.strip():
        return ()
    about = (c for c in form.checks if c.severity == "query" and cell.item in c.items)
    return tuple(c.id for c in about if c.id in change.confirmed)


def _is_stood_by(state: SubjectState, change: Change, cell: Cell, role: Role) -> bool:
    """Say whether an investigator makes the answer of another his own, against a query: an entry of his, with the reason."""
    entry = state.form_record(change.key).entry(cell)
    form = state.study.forms[change.key.form]
    others = entry is not None and entry.role != "investigator"
    return others and bool(_explained(form, change, cell, role))


def refuse_impossible(item: Item, value: Value, *, cell: Cell | None = None) -> None:
    """Refuse a value that its item cannot hold. Raises: ValueRefused."""
    fault = _fault(item, value)
    if fault is not None:
        raise ValueRefused(message=fault, cell=cell)


def _fault(item: Item, value: Value) -> Text | None:  # noqa: PLR0911 - one arm per kind of value
    """Say why an item cannot hold a value; None where it can."""
    name = item.label
    match value:
        case Missing():
            if value.code not in item.missing:
                return _NO_GAP.fill(label=name, code=value.code)
            return None if value.reason.strip() else _GAP_REASON.fill(label=name)
        case Number() if item.is_numeric:
            return _number_fault(item, value)
        case tuple() if item.type == "multi":
            listed = bool(value) and len(set(value)) == len(value) and all(item.choice(v) for v in value)
            return None if listed else _BAD_CODE.fill(label=name)
        case str() if item.type in ("choice", "yn", "ynu"):
            return None if item.choice(value) else _BAD_CODE.fill(label=name)
        case str() if item.type in ("text", "staff"):
            return _text_fault(item, value)
        case datetime() if item.type == "datetime" and value.tzinfo is not None:
            return _OLD.fill(label=name) if value.year not in YEARS else None
        case PartialDate() if item.type == "partial_date":
            return _OLD.fill(label=name) if value.year not in YEARS else None
        case date() if item.type == "date" and not isinstance(value, datetime):
            return _OLD.fill(label=name) if value.year not in YEARS else None
        case timedelta() if item.type == "duration":
            return None if value >= timedelta(0) else _BAD_TYPE.fill(label=name)
        case _:
            return _BAD_TYPE.fill(label=name)


def _text_fault(item: Item, value: str) -> Text | None:
    if not value.strip():
        return _BAD_TYPE.fill(label=item.label)
    if len(value) > item.max_length:
        return _TOO_LONG.fill(label=item.label, limit=item.max_length)
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") and c != "\n" for c in value):
        return _UNPRINTABLE.fill(label=item.label)
    if item.pattern and not re.fullmatch(item.pattern, value):
        return _PATTERN.fill(label=item.label, hint=item.hint or Text("", ""))
    return None


def _number_fault(item: Item, value: Number) -> Text | None:
    fits = value.unit in ("", item.unit, *item.alt_units) and (value.op == "=" or item.operators)
    whole = item.type != "integer" or value.amount == value.amount.to_integral_value()
    if not (fits and whole and value.amount.is_finite()):
        return _BAD_TYPE.fill(label=item.label)
    if item.hard is not None and not item.hard.hold(base_amount(item, value)):
        said = _HARD.fill(label=item.label, value=shown_both(item, value), range=range_text(item, "hard"))
        return with_hints(said, item, value)
    return None


def _refuse_guarded(view: FormState, changed: Mapping[Cell, Value | None], change: Change) -> None:
    names = {c.item for c, v in changed.items() if v is not None}
    for check in view.form.checks:
        if not names & set(check.guards):
            continue
        if check.id in change.overrides or check.id in view.record.overridden:
            continue
        section = view.form.section_of[check.items[0]]
        rows = {c.row for c in changed if c.item in check.guards} if section.rows else {0}
        fired = next((row for row in rows if view.fires(check, row)), None)
        if fired is not None:
            raise StepBlocked(message=view.message(check, fired), check=check.id, override=check.override)


def _ask(
    view: FormState, changed: Mapping[Cell, Value | None], change: Change
) -> dict[Cell, tuple[str, ...]]:
    """Ask once about what is unusual; give the ids confirmed per cell.

    A warning that stood before and has nothing to do with the cells entered is not asked again.
    """
    confirmed: dict[Cell, tuple[str, ...]] = {}
    messages: list[Text] = []
    ids: list[str] = []
    for cell, value in changed.items():
        item = view.form.by_id[cell.item]
        fired: list[tuple[str, Text]] = []
        if value is not None:
            soft = soft_finding(item, value)
            if soft is not None:
                fired.append(("soft", soft))
            for check in view.form.checks:
                if check.severity == "warn" and cell.item in check.items:
                    row = cell.row if view.form.section_of[check.items[0]].rows else 0
                    if view.fires(check, row):
                        fired.append((check.id, view.message(check, row)))
        for check_id, message in fired:
            if check_id in change.confirmed:
                confirmed[cell] = (*confirmed.get(cell, ()), check_id)
            elif check_id not in ids or check_id == "soft":
                ids.append(check_id)
                messages.append(message)
    if messages:
        both = Text("\n".join(m.en for m in messages), "\n".join(m.zh for m in messages))
        raise ConfirmNeeded(message=both, ids=tuple(ids), cells=tuple(changed))
    return confirmed


def _is_saved(state: SubjectState, key: FormKey, cell: Cell) -> bool:
    entry = state.form_record(key).entry(cell)
    return entry is not None and (entry.value is not None or entry.kept or bool(entry.raw))


def _drafts(
    before: SubjectState,
    after: SubjectState,
    change: Change,
    changed: Mapping[Cell, Value | None],
    confirmed: Mapping[Cell, tuple[str, ...]],
    role: Role,
) -> list[Draft]:
    drafts: list[Draft] = []
    for check_id, reason in change.overrides.items():
        check = next((c for c in after.study.forms[change.key.form].checks if c.id == check_id), None)
        if check is None or check.override != "investigator" or role != "investigator" or not reason.strip():
            raise NotAllowed(
                action=check.message if check else Text(check_id, check_id), who=ROLE_NAMES["investigator"]
            )
        drafts.append(
            Draft(
                "CheckOverridden", before.subject, change.key,
                form_version=after.study.forms[change.key.form].version, reason=reason, data={"check": check_id},
            )
        )  # fmt: skip
    for cell, value in changed.items():
        data = {"confirmed": list(confirmed[cell])} if cell in confirmed else {}
        drafts.append(
            item_set(before, change.key, cell, value, origin=change.origin, reason=change.reason, data=data)
        )
    for key, cells in after.overlay.items():
        for cell, value in cells.items():
            item = after.study.forms[key.form].by_id[cell.item]
            if item.is_derived and value != before.value(key, cell):
                drafts.append(
                    item_set(before, key, cell, value, origin="derived", data={"formula": item.formula})
                )
    return drafts


def item_set(
    state: SubjectState,
    key: FormKey,
    cell: Cell,
    value: Value | None,
    *,
    origin: str,
    reason: str = "",
    data: Mapping[str, object] | None = None,
) -> Draft:
    """Make the draft of one cell's new value; its parents are the entries that the person saw."""
    form = state.study.forms[key.form]
    return Draft(
        "ItemSet",
        state.subject,
        key,
        cell,
        form.version,
        value=dump(value) if value is not None else None,
        site_only=form.by_id[cell.item].site_only,
        reason=reason,
        origin=origin,
        parents=tuple(e.id for e in state.form_record(key).heads(cell)),
        data=data or {},
    )

"""Decide what an entry means before anything is written: refuse it, ask about it, or give the events that record it.

Pure. The order is fixed: may this person, is it a value at all, is it inside the hard limits, does a guarding check stop
it, is it unusual (asked once), does it change something saved (needs a reason). Only then are events planned: the
entered cells, then every derivation that changes because of them, in this record and in all others.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

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

_BAD_CODE = Text("{label}: choose one of the answers offered.", "{label}：请从所列选项中选择。")
_BAD_TYPE = Text("{label}: this is not a valid entry.", "{label}：录入内容无效。")
_TOO_LONG = Text("{label}: at most {limit} characters.", "{label}：最多 {limit} 个字符。")
_PATTERN = Text("{label}: does not have the expected form. {hint}", "{label}：格式不符。{hint}")
_HARD = Text(
    "{label}: {value} is not possible. It must be {range}.", "{label}：{value} 不可能，应为 {range}。"
)
_NO_GAP = Text("{label}: “{code}” is not allowed here.", "{label}：此处不可填“{code}”。")
_GAP_REASON = Text("{label}: say why there is no value.", "{label}：请说明无数值的原因。")
_FUTURE = Text("{label}: this time is in the future.", "{label}：该时间在未来。")
_OLD = Text("{label}: this year is not plausible.", "{label}：年份不合理。")
_DERIVED = Text("{label} is calculated and cannot be typed.", "{label} 为计算值，不可录入。")


@dataclass(frozen=True, slots=True)
class Change:
    """What a person wants to record in one record of a form, all in one transaction."""

    key: FormKey
    values: Mapping[Cell, Value | None]
    reason: str = ""
    confirmed: frozenset[str] = frozenset()  # ids of findings already confirmed: "soft" and check ids
    origin: str = "entered"
    overrides: Mapping[str, str] = field(default_factory=dict)  # check id → reason, by an investigator


def may_enter(form: Form, item: Item, role: Role) -> bool:
    """Say whether a role may enter an item."""
    return not item.is_derived and role in (item.by or form.by)


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
    changed = {c: v for c, v in change.values.items() if v != state.value(change.key, c)}
    if not changed:
        return state, []
    for cell, value in changed.items():
        item = form.by_id[cell.item]
        if item.is_derived:
            raise ValueRefused(message=_DERIVED.fill(label=item.label), cell=cell)
        if not may_enter(form, item, role):
            allowed = item.by or form.by
            who = Text(
                ", ".join(ROLE_NAMES[r].en for r in allowed), "、".join(ROLE_NAMES[r].zh for r in allowed)
            )
            raise NotAllowed(action=item.label, who=who)
        if value is not None:
            refuse_impossible(item, value, now=now, cell=cell)
    after = follow(state, change.key, changed, now)
    view = FormState(after, change.key, now)
    _refuse_guarded(view, changed, change)
    confirmed = _ask(view, changed, change)
    if not change.reason.strip() and any(_is_saved(state, change.key, c) for c in changed):
        raise ReasonNeeded(cells=tuple(changed))
    return after, _drafts(state, after, change, changed, confirmed, role)


def refuse_impossible(item: Item, value: Value, *, now: datetime, cell: Cell | None = None) -> None:
    """Refuse a value that its item cannot hold. Raises: ValueRefused."""

    def refuse(message: Text, **details: object) -> None:
        raise ValueRefused(message=message.fill(label=item.label, **details), cell=cell)

    if isinstance(value, Missing):
        if value.code not in item.missing:
            refuse(_NO_GAP, code=value.code)
        if not value.reason.strip():
            refuse(_GAP_REASON)
        return
    expected: dict[str, type | tuple[type, ...]] = {
        "decimal": Number,
        "integer": Number,
        "multi": tuple,
        "partial_date": PartialDate,
    }
    wanted = expected.get(item.type)
    if wanted is not None and not isinstance(value, wanted):
        refuse(_BAD_TYPE)
    if isinstance(value, Number):
        _refuse_number(item, value, refuse)
    elif isinstance(value, tuple):
        if not value or len(set(value)) != len(value) or any(item.choice(v) is None for v in value):
            refuse(_BAD_CODE)
    elif isinstance(value, str):
        if item.type in ("choice", "yn", "ynu") and item.choice(value) is None:
            refuse(_BAD_CODE)
        if item.type not in ("choice", "yn", "ynu", "text", "staff") or not value.strip():
            refuse(_BAD_TYPE)
        if len(value) > item.max_length:
            refuse(_TOO_LONG, limit=item.max_length)
        if item.pattern and not re.fullmatch(item.pattern, value):
            refuse(_PATTERN, hint=item.hint or Text("", ""))
    elif isinstance(value, datetime):
        if item.type != "datetime" or value.tzinfo is None:
            refuse(_BAD_TYPE)
        if value.year < 1900:
            refuse(_OLD)


def _refuse_number(item: Item, value: Number, refuse: object) -> None:
    assert callable(refuse)
    if value.unit not in ("", item.unit, *item.alt_units) or (value.op != "=" and not item.operators):
        refuse(_BAD_TYPE)
    if item.type == "integer" and value.amount != value.amount.to_integral_value():
        refuse(_BAD_TYPE)
    if item.hard is not None and not item.hard.hold(base_amount(item, value)):
        hint = item.hint or Text("", "")
        refuse(_HARD, value=shown_both(item, value), range=range_text(item, "hard"), hint=hint)


def _refuse_guarded(view: FormState, changed: Mapping[Cell, Value | None], change: Change) -> None:
    names = {c.item for c, v in changed.items() if v is not None}
    for check in view.form.checks:
        if not names & set(check.guards):
            continue
        if check.id in change.overrides or check.id in view.record.overridden:
            continue
        section = view.form.section_of[check.items[0]]
        rows = {c.row for c in changed if c.item in check.guards} if section.rows else {0}
        if any(view.fires(check, row) for row in rows):
            raise StepBlocked(message=check.message, check=check.id, override=check.override)


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
                    rows = view.form.section_of[check.items[0]].rows
                    if view.fires(check, cell.row if rows else 0):
                        fired.append((check.id, check.message))
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
    return entry is not None and (entry.value is not None or entry.kept)


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

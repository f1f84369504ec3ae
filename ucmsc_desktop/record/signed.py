"""What a signature is about, item by item, and what was changed after one was given. Pure.

A person who signs sees the answers that the signature answers for, not only a sentence. It shows; it never decides what a
signature covers: that is the slot's (see signing), and a signature that covers all is about more than is shown here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.facts import Entry, Signature
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.study.model import Item, Section, SignatureSlot
from ucmsc_desktop.study.values import Value

MOST = 30  # more items than these are no glance: then only those that the signing role alone may answer
_LONG = 60  # characters of a value


@dataclass(frozen=True, slots=True)
class ChangedLater:
    """An entry made after a signature about it."""

    cell: Cell
    text: str
    user: str
    at: datetime


def signed_values(view: FormState, slot: SignatureSlot) -> tuple[tuple[str, str], ...]:
    """Give name and value of what a signature is about: what it covers, else the judgements of the roles that sign.

    Missing: nothing where the signature is about the whole record and nobody but its roles answers anything in it.
    """
    covered = view.form.covered(slot)
    found = [i for s in view.form.sections if not s.rows for i in s.items if i.id in covered]
    if not covered or len(found) > MOST:
        found = [i for s in view.form.sections if not s.rows for i in _own(s, slot, covered)]
    return tuple(
        (str(item.label), _words(item, value))
        for item in found
        if not item.site_only and item.type != "staff" and (value := view.value(item.id)) is not None
    )


def _own(section: Section, slot: SignatureSlot, covered: frozenset[str]) -> list[Item]:
    """Give what the signing roles alone answer in a section; calculated values where they answer all of it."""
    asked = [i for i in section.items if not i.is_derived]
    own = [i for i in asked if i.by and set(i.by) <= set(slot.roles)]
    shown = section.items if own and len(own) == len(asked) else own
    return [i for i in shown if not covered or i.id in covered]


def changes_since(view: FormState, signature: Signature) -> tuple[ChangedLater, ...]:
    """Give what was entered, about what it covers, after a signature, in the order of entry."""
    found: list[tuple[int, ChangedLater]] = []
    for cell, entries in view.record.cells.items():
        item = view.form.by_id.get(cell.item)
        if item is None or item.is_derived or not signature.is_about(cell.item):
            continue
        before: Value | None = None
        for entry in entries:
            if _is_later(entry, signature) and entry.value != before:
                row = tr(", row {n}", "，第 {n} 行", n=cell.row) if cell.row else ""
                old, new = (_words(item, v) for v in (before, entry.value))
                text = tr(
                    "{item}: {old} → {new}",
                    "{item}：{old} → {new}",
                    item=f"{item.label}{row}",
                    old=old,
                    new=new,
                )
                found.append((entry.seq, ChangedLater(cell, text, entry.user, entry.ward_at)))
            before = entry.value
    return tuple(change for _seq, change in sorted(found, key=lambda f: f[0]))


def _is_later(entry: Entry, signature: Signature) -> bool:
    """Say whether an entry came after a signature; only on one device is there an order beside the clock's."""
    if entry.device == signature.device:
        return entry.seq > signature.seq
    return entry.ward_at > signature.at


def _words(item: Item, value: Value | None) -> str:
    if value is None:
        return tr("(empty)", "（空）")
    if item.site_only:
        return "…"
    shown = item.shown(value)
    return shown if len(shown) <= _LONG else f"{shown[: _LONG - 1]}…"

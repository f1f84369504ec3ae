"""Which signatures a record wants, who gave them, and which may be given now. Pure.

Screens, the work list, the paper and `Session.sign` all ask here, so that they never disagree. A signature waits for the
record to be complete unless its slot opens earlier; then it waits only for what it covers. Never decides on passwords.
"""

from __future__ import annotations

from ucmsc_desktop.record.form_state import Finding, FormState
from ucmsc_desktop.study.expr import Expression, ExpressionError
from ucmsc_desktop.study.model import SignatureSlot


def wanted_slots(view: FormState) -> tuple[SignatureSlot, ...]:
    """Give the signatures a record asks for with the answers it has, those given already too."""
    return tuple(s for s in view.form.signatures if s.when is None or _holds(view, s.when))


def signers(view: FormState, meaning: str) -> tuple[str, ...]:
    """Give the user names of those whose signature in a meaning holds, each once."""
    return tuple(dict.fromkeys(s.user for s in view.valid_signatures if s.meaning == meaning))


def people_missing(view: FormState, slot: SignatureSlot) -> int:
    """Say how many more persons must sign."""
    return max(0, slot.people - len(signers(view, slot.meaning)))


def unsigned_slots(view: FormState) -> tuple[SignatureSlot, ...]:
    """Give the required signatures that are still missing, whether or not they may be given yet."""
    return tuple(s for s in wanted_slots(view) if s.required and people_missing(view, s))


def open_slots(view: FormState) -> tuple[SignatureSlot, ...]:
    """Give the signatures still missing that somebody may give right now, optional ones too."""
    return tuple(s for s in wanted_slots(view) if people_missing(view, s) and is_open(view, s))


def is_open(view: FormState, slot: SignatureSlot) -> bool:
    """Say whether a signature may be given now: the record is complete, or what it covers is there."""
    if view.record.completed_at is not None:
        return True
    return has_opened(view, slot) and not in_the_way(view, slot)


def has_opened(view: FormState, slot: SignatureSlot) -> bool:
    """Say whether the moment of an early signature has come; a record that is complete has opened all."""
    return view.record.completed_at is not None or (slot.opens is not None and _holds(view, slot.opens))


def in_the_way(view: FormState, slot: SignatureSlot) -> tuple[Finding, ...]:
    """Give the open findings about what a signature covers: empty required items, blocking checks, conflicts.

    A check that guards only a later step, such as the start, refuses that step and not the signature before it.
    """
    covered = view.form.covered(slot)
    later = (
        {c.id for c in view.form.checks if c.guards and covered.isdisjoint(c.guards)} if covered else set()
    )
    return tuple(
        f
        for f in view.open_findings
        if (not covered or f.cell.item in covered) and not (f.kind == "block" and f.id in later)
    )


def _holds(view: FormState, expression: Expression) -> bool:
    try:
        return expression(view.view.env(view.key, view.now)) in (True, "Y")
    except ExpressionError:
        return False

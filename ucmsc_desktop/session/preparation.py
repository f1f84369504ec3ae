"""The preparation of an infusion as steps, read from its records: what is done, what is open, what stands against START.

It decides nothing: the checks of the forms stop START in `Session`; here each of them is put to the step at which a
person can answer it. Pure. The rule a reader would miss: the product (F6) and the infusion (F7) are two records and one
preparation, so a step may ask for items of both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record import signing
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.form_state import Finding, FormState
from ucmsc_desktop.study.model import Item, Section

StepId = Literal["plan", "bag", "dose", "checks", "line", "bedside", "verify", "reference"]
StepStatus = Literal["done", "open", "blocked"]

START = "inf_start_dtm"
BAG_CHECKED = "coi_dtm"

TITLES: dict[StepId, Text] = {
    "plan": Text("Plan", "计划"),
    "bag": Text("Receive the bag", "接收制剂"),
    "dose": Text("Dose", "剂量"),
    "checks": Text("Checks", "输注前核查"),
    "line": Text("Line and rescue", "通路与抢救"),
    "bedside": Text("At the bedside", "床旁核对"),
    "verify": Text("Two signatures", "双人签名"),
    "reference": Text("T0 vital signs", "T0 生命体征"),
}

# What each step asks for: items of F6 and F7 by section, or single ones.
_SECTIONS: dict[StepId, tuple[tuple[str, str], ...]] = {
    "plan": (("F7", "plan"),),
    "bag": (
        ("F6", "identity"),
        ("F6", "release"),
        ("F6", "transport"),
        ("F6", "inspection"),
        ("F6", "thaw"),
        ("F6", "preparation"),
    ),
    "dose": (("F6", "dose"),),
    "checks": (("F7", "precheck"),),
    "line": (("F7", "access"), ("F7", "premedication"), ("F7", "flow_setup")),
    "bedside": (("F6", "identity_check"), ("F7", "verification")),
    "verify": (),
    "reference": (),
}
_NOT_NOW = ("flow_remark",)
PEOPLE = ("coi_p1", "coi_p2", "coi_dtm", "verify_p1", "verify_p2", "verify_dtm")

# At which step a check that stands against START, or against the double check of the bag, is answered.
_STEP_OF: dict[str, StepId] = {
    "X01": "checks",
    "X04": "bedside",
    "X04.wristband": "bedside",
    "X04.reuse": "bag",
    "X04.expired": "bag",
    "X04.expires_first": "plan",
    "X04.viability": "bag",
    "X04.viability_unknown": "bag",
    "X04.product": "bag",
    "X05": "verify",
    "X05.done": "verify",
    "X05.signed": "verify",
    "F7.verify_time": "verify",
    "X06": "checks",
    "X07": "checks",
    "X07.dose": "dose",
    "F7.precheck": "checks",
    "F7.filter": "line",
    "F7.rescue": "line",
    "F7.reference": "reference",
    "F7.reference_whole": "reference",
    "F6.bag": "bag",
    "F6.certificate": "bag",
    "F6.typed": "bag",
    "F6.double_check": "bedside",
}
_HARD_STOPS = ("X04", "X04.wristband", "X04.reuse", "X04.expired", "X04.expires_first", "X04.viability")


@dataclass(frozen=True, slots=True)
class Step:
    """One step: how many answers are open, and the checks that fire there."""

    id: StepId
    status: StepStatus
    open_items: int
    blocks: tuple[Finding, ...] = ()

    @property
    def title(self) -> Text:
        return TITLES[self.id]


@dataclass(frozen=True, slots=True)
class Verification:
    """Who verifies, when it was stamped, who of them has signed for bag and start. Missing: "" and None."""

    first: str
    second: str
    at: datetime | None
    signed: tuple[str, ...]
    valid_until: datetime | None

    @property
    def is_complete(self) -> bool:
        return len(self.signed) >= 2

    def is_stale(self, now: datetime) -> bool:
        """Say whether it was too long ago for a start now."""
        return self.valid_until is not None and now > self.valid_until


def product_view(view: FormState) -> FormState:
    """Give the product record of the same infusion."""
    return FormState(view.state, FormKey("F6", view.key.visit, view.key.n), view.now)


def steps_of(view: FormState) -> tuple[Step, ...]:
    """Give the steps of the preparation of an infusion, in the order of the work."""
    product = product_view(view)
    found = [*_firing(view, START), *(f for f in _firing(product, BAG_CHECKED) if f.id not in _HARD_STOPS)]
    steps = []
    for step in TITLES:
        still = len(open_cells(view, step))
        if step == "verify":
            still = max(0, 2 - len(verification_of(view).signed))
        if step == "reference":
            still = 0 if has_reference(view) else 1
        blocks = tuple(f for f in found if _STEP_OF.get(f.id, "checks") == step)
        status: StepStatus = "open" if still else ("blocked" if blocks else "done")
        steps.append(Step(step, status, still, blocks))
    return tuple(steps)


def next_step(steps: tuple[Step, ...], after: StepId | None = None) -> StepId | None:
    """Give the step to go on with: the next one not done, after a step and then from the start; None when all are."""
    order = list(steps)
    if after is not None:
        place = next(n for n, s in enumerate(order) if s.id == after) + 1
        order = order[place:] + order[:place]
    return next((s.id for s in order if s.status != "done"), None)


def blocks_of(view: FormState) -> tuple[Finding, ...]:
    """Give the checks that would refuse START now."""
    return tuple(_firing(view, START))


def _firing(view: FormState, guarded: str) -> Iterator[Finding]:
    guards = {c.id: c.guards for c in view.form.checks}
    for finding in view.findings:
        if finding.kind == "block" and finding.is_open and guarded in guards.get(finding.id, ()):
            yield finding


def items_of(view: FormState, step: StepId) -> tuple[tuple[FormState, Item], ...]:
    """Give the questions of a step that stand alone (not in rows), with the record each belongs to."""
    product = product_view(view)
    found: list[tuple[FormState, Item]] = []
    for form, name in _SECTIONS[step]:
        record = product if form == "F6" else view
        section = _section(record, name)
        if section.rows:
            continue
        found.extend(
            (record, i) for i in section.items if not i.is_derived and i.id not in (*PEOPLE, *_NOT_NOW)
        )
    return tuple(found)


def open_cells(view: FormState, step: StepId) -> tuple[tuple[FormState, Item], ...]:
    """Give the required questions of a step that are not answered yet."""
    return tuple(
        (record, item)
        for record, item in items_of(view, step)
        if item.required and record.is_applicable(item) and record.value(item.id) is None
    )


def has_reference(view: FormState) -> bool:
    """Say whether the T0 row stands."""
    flow = _section(view, "flow")
    return any(view.value("ivs_point", r) == "T0" for r in view.rows(flow))


def verification_of(view: FormState) -> Verification:
    """Read how far the two-person verification is."""
    product = product_view(view)
    at = view.value("verify_dtm")
    moment = at if isinstance(at, datetime) else None
    here, there = signing.signers(view, "verified"), signing.signers(product, "verified")
    limit = int(str(view.state.study.parameters["verify_max_min"]))
    return Verification(
        _name(view, "verify_p1"),
        _name(view, "verify_p2"),
        moment,
        tuple(user for user in here if user in there),
        moment + timedelta(minutes=limit) if moment else None,
    )


def _name(view: FormState, item: str) -> str:
    value = view.value(item)
    return value if isinstance(value, str) else ""


def planned_end(view: FormState, now: datetime) -> datetime | None:
    """Give when the infusion would end: by the plan, or, where that moment has passed, counted from now.

    Missing: None while no start is planned.
    """
    planned = view.value("inf_planned_end_dtm")
    start = view.value("inf_planned_dtm")
    if not isinstance(planned, datetime) or not isinstance(start, datetime):
        return None
    return planned + max(timedelta(0), now - start)


def _section(view: FormState, name: str) -> Section:
    return next(s for s in view.form.sections if s.id == name)

"""A criterion of eligibility and what it rests on, as the page and the paper show it; the words of a finding.

Plain facts without behaviour; `evidence` fills them, `eligibility` puts them together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.entry import named_roles
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.study.model import Role

KEY = FormKey("F3", "SCR")
SCREENING = FormKey("F1", "SCR")
CONSENT = FormKey("F2", "SCR")
BASELINE = FormKey("F5", "BL")
GAS = FormKey("F9", "SCR")

Finding = Literal["met", "not_met", "open"]
SPOKEN: dict[tuple[bool, Finding], Text] = {  # (is exclusion, finding)
    (False, "met"): Text("Met", "符合"),
    (False, "not_met"): Text("Not met", "不符合"),
    (False, "open"): Text("Not yet known", "尚未判定"),
    (True, "met"): Text("Not present", "无此情况"),
    (True, "not_met"): Text("Present", "存在"),
    (True, "open"): Text("Not yet known", "尚未判定"),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One piece of evidence, as it is read: a name and a value."""

    name: Text
    value: Text
    weight: Literal["plain", "strong", "wrong"] = "plain"


@dataclass(frozen=True, slots=True)
class Need:
    """Something that is missing: what, where it is entered, who may."""

    text: Text
    key: FormKey
    cell: Cell
    by: tuple[Role, ...]

    @property
    def who(self) -> Text:
        """Name who may enter it."""
        return named_roles(self.by)


@dataclass(frozen=True, slots=True)
class Attested:
    """Who answered a criterion, and when."""

    user: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion with its verdict and what it rests on. `border`: why the investigator must look at it again."""

    id: str
    mark: Text
    words: Text
    is_exclusion: bool
    finding: Finding
    is_computed: bool
    section: str
    facts: tuple[Fact, ...] = ()
    needs: tuple[Need, ...] = ()
    why: Text | None = None
    border: Text | None = None
    attested: Attested | None = None

    @property
    def spoken(self) -> Text:
        """Name the finding: an exclusion that is absent is not "met"."""
        return SPOKEN[self.is_exclusion, self.finding]


@dataclass(frozen=True, slots=True)
class Recheck:
    """Whether the decision still holds before the first infusion. `until`: so long without a re-check."""

    until: datetime | None
    is_needed: bool
    facts: tuple[Fact, ...] = ()
    done_at: datetime | None = None
    holds: bool | None = None


@dataclass(frozen=True, slots=True)
class Eligibility:
    """All criteria at a moment, the decision, and what stands before it."""

    at: datetime
    is_live: bool  # no decision yet: judged as of the moment of looking
    criteria: tuple[Criterion, ...]
    is_borderline: bool
    is_confirmed: bool
    decision: str  # "", "ELIG", "INELIG"
    decided_by: str
    reason: str
    is_signed: bool
    is_eligible: bool
    recheck: Recheck
    others: tuple[Need, ...] = field(default=())  # required items of the form that belong to no criterion

    @property
    def failed(self) -> tuple[Criterion, ...]:
        """The criteria that are not met."""
        return tuple(c for c in self.criteria if c.finding == "not_met")

    @property
    def unknown(self) -> tuple[Criterion, ...]:
        """The criteria that cannot be judged yet."""
        return tuple(c for c in self.criteria if c.finding == "open")

    @property
    def needs(self) -> tuple[Need, ...]:
        """Everything that is missing, each once."""
        return tuple(dict.fromkeys(n for c in self.criteria for n in c.needs))

    @property
    def may_decide(self) -> bool:
        """Say whether "eligible" may be declared now."""
        return not self.failed and not self.unknown and (self.is_confirmed or not self.is_borderline)

"""Tell the course of one participant in the words of the protocol, and look at what is open at a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, Self

from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.facts import FormRecord, SubjectRecord
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.record.worklist import Task, Wording, summarise, tasks_at
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.values import Number

CHINA = timezone(timedelta(hours=8))
WORDS = Wording(load_study())
START = datetime(2026, 3, 1, 9, 0, tzinfo=CHINA)
END = START + timedelta(minutes=60)
CONSENT = FormKey("F2", "SCR")


def day(number: int, hour: int = 12, minute: int = 0) -> datetime:
    """Give a moment of a protocol day."""
    return START.replace(hour=hour, minute=minute) + timedelta(days=number)


@dataclass
class Course:
    """What was recorded, form by form; every step gives the course back."""

    values: dict[FormKey, dict[Cell, Any]] = field(default_factory=dict)
    complete: set[FormKey] = field(default_factory=set)

    def enter(self, key: FormKey, row: int = 0, **values: Any) -> Self:
        self.values.setdefault(key, {}).update({Cell(name, row): value for name, value in values.items()})
        return self

    def eligible(self) -> Self:
        return self.enter(FormKey("F3", "SCR"), elig_decision="ELIG")

    def consents(self, **more: Any) -> Self:
        signed = START - timedelta(days=1)
        facts = {"consent_given": "Y", "capacity": "FULL", "consent_by": "SUBJ", "copy_given": "Y"}
        return self.enter(CONSENT, consent_dtm=signed, signed_dtm=signed, **{**facts, **more})

    def plans(self, n: int, at: datetime) -> Self:
        return self.enter(FormKey("F7", f"D{n - 1}", n), inf_planned_dtm=at)

    def receives(self, n: int) -> Self:
        return self.enter(FormKey("F6", f"D{n - 1}", n), prod_unit_id=f"DEMO-BAG-{n}")

    def starts(self, n: int = 1, at: datetime = START) -> Self:
        return self.enter(FormKey("F7", f"D{n - 1}", n), inf_start_dtm=at)

    def ends(self, n: int = 1, at: datetime = END) -> Self:
        return self.enter(FormKey("F7", f"D{n - 1}", n), inf_end_dtm=at)

    def infused(self) -> Self:
        return self.eligible().starts().ends()

    def draws(self, visit: str, at: datetime, **more: Any) -> Self:
        return self.enter(FormKey("F10", visit), cyt_done="Y", cyt_collect_dtm=at, **more)

    def measures(self, n: int, *points: str) -> Self:
        for row, point in enumerate(points, start=1):
            self.enter(
                FormKey("F7", f"D{n - 1}", n),
                row,
                ivs_point=point,
                ivs_dtm=START,
                ivs_hr=Number(Decimal(80), "/min"),
            )
        return self

    def on_day(self, number: int, **values: Any) -> Self:
        facts = {"day_alive": "Y", "day_loc": "WARD", "day_newae_asked": "Y"}
        return self.enter(FormKey("F12", "DAY", number), **{**facts, **values})

    def event(self, n: int = 1, **values: Any) -> Self:
        return self.enter(FormKey("F14", "LOG", n), ae_term="Rigors 寒战", **values)

    def withdraws(self, scope: str, at: datetime, **more: Any) -> Self:
        return self.enter(CONSENT, withdrawn="Y", withdraw_dtm=at, withdraw_scope=scope, **more)

    def completes(self, key: FormKey) -> Self:
        self.complete.add(key)
        return self

    def state(self) -> SubjectState:
        study = load_study()
        forms = {
            key: FormRecord(
                key, study.forms[key.form].version, completed_at=START, completed_by="nurse.alpha"
            )
            for key in self.complete
        }
        state = SubjectState(study, study.sites[0], SubjectRecord("01-001", forms=forms))
        for key, cells in self.values.items():
            state = state.with_values(key, cells)
        return state

    def at(self, now: datetime) -> Open:
        """Give what is open at a moment, as it is stored and read again."""
        return Open(tasks_at(WORDS, "01-001", summarise(self.state(), now), now))


@dataclass(frozen=True)
class Open:
    """The open tasks at a moment."""

    tasks: list[Task]

    def codes(self) -> set[str]:
        return {t.what for t in self.tasks}

    def records(self, *forms: str) -> set[str]:
        return {str(t.key) for t in self.tasks if t.key is not None and (not forms or t.key.form in forms)}

    def task(self, start: str) -> Task:
        """Give the one task whose code begins so."""
        (found,) = [t for t in self.tasks if t.what == start or t.what.startswith(start + "|")]
        return found

    def has(self, start: str) -> bool:
        return any(t.what == start or t.what.startswith(start + "|") for t in self.tasks)

    def by_kind(self) -> Mapping[str, int]:
        counts: dict[str, int] = {}
        for task in self.tasks:
            counts[task.kind] = counts.get(task.kind, 0) + 1
        return counts

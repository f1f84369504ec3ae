"""A story: what fictitious people do on a training ward, step by step, with the clock. Read from resources/training/.

The same story fills the training ward through `Session` and is typed into the real widgets by the guided tour, so what
is shown is what the program does. All persons in it are invented.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from ucmsc_desktop import age, paths
from ucmsc_desktop.errors import ConfirmNeeded, ResourceMissing
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session.session import Session
from ucmsc_desktop.session.ward import SetUp, Ward
from ucmsc_desktop.study.load import plain_yaml
from ucmsc_desktop.study.model import Role, Study
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.study.values import Value

ROW = "row"  # in a row of a step: the number of the row that it goes on with


@dataclass(frozen=True, slots=True)
class Person:
    """An invented member of staff with an account on the training ward."""

    user: str
    name: str
    role: Role
    password: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does at a moment.

    `do`: create · enter · complete · sign · start · pause · resume · stop · end. `values` and `rows` are plain text (see
    study.typed); a row is new unless it says which one it goes on with (`row: 1`); a question that comes is answered
    with yes; `why` is the reason for a change, or for a pause.
    """

    at: datetime
    by: str
    subject: str
    do: str
    key: FormKey | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    rows: Mapping[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    why: str = ""
    meaning: str = ""
    n: int = 1


@dataclass(frozen=True, slots=True)
class Story:
    """People and steps, in order of time."""

    people: tuple[Person, ...]
    administrator: Person
    device_label: str
    start: datetime
    steps: tuple[Step, ...]


def read_story(folder: Path | None = None) -> Story:
    """Read resources/training/*.yaml: people.yaml and one file per participant. Raises: ResourceMissing."""
    where = folder or paths.resources_dir() / "training"
    if not (where / "people.yaml").is_file():
        raise ResourceMissing(name="training/people.yaml")
    top = plain_yaml(where / "people.yaml")
    people = tuple(Person(user=u, **facts) for u, facts in top["people"].items())
    steps: list[Step] = []
    for path in sorted(where.glob("[0-9]*.yaml")):
        plain = plain_yaml(path)
        steps.extend(_step(plain["subject"], raw) for raw in plain["steps"])
    administrator = next(p for p in people if p.role == "administrator")
    ordered = sorted(steps, key=lambda s: s.at)  # stable: steps of one moment keep their order
    return Story(people, administrator, top["device"], datetime.fromisoformat(top["start"]), tuple(ordered))


def _step(subject: str, raw: Mapping[str, Any]) -> Step:
    key = FormKey.parse(raw["form"]) if "form" in raw else None
    return Step(
        at=datetime.fromisoformat(str(raw["at"])),
        by=raw["by"],
        subject=subject,
        do=raw.get("do", "enter"),
        key=key,
        values=raw.get("values", {}),
        rows=raw.get("rows", {}),
        why=raw.get("why", ""),
        meaning=raw.get("meaning", ""),
        n=int(raw.get("n", 1)),
    )


def cells_of(study: Study, session: Session, step: Step) -> Iterator[dict[Cell, Value | None]]:
    """Give what a step enters, in the portions in which a person would save it: item by item, row by row."""
    assert step.key is not None
    form = study.forms[step.key.form]
    for name, text in step.values.items():
        yield {Cell(name): typed_value(form.by_id[name], text)}
    for section, rows in step.rows.items():
        for row in rows:
            named = int(row.get(ROW, 0))
            number = named or session.next_row(step.subject, step.key, section)
            cells = {name: text for name, text in row.items() if name != ROW}
            yield {Cell(name, number): typed_value(form.by_id[name], text) for name, text in cells.items()}


class Player:
    """Plays a story on a ward through sessions, moving a frozen clock."""

    def __init__(self, ward: Ward, clock: FrozenClock, story: Story) -> None:
        self._ward = ward
        self._clock = clock
        self._story = story
        self._people = {p.user: p for p in story.people}
        self._session: Session | None = None

    def set_up(self, centre_key: str, recovery_key: str = "") -> None:
        """Set the ward up and give everybody an account."""
        boss = self._story.administrator
        self._clock.set(self._story.start)
        keys = SetUp(
            site=self._ward.study.sites[0].id,
            device_label=self._story.device_label,
            admin_user=boss.user,
            admin_name=boss.name,
            password=boss.password,
            centre_keys=(centre_key,),
            recovery_key=recovery_key or age.new_identity()[1],
        )
        self._ward.set_up(keys)
        session = self._ward.sign_in(boss.user, boss.password)
        for person in self._story.people:
            if person.user != boss.user:
                session.people.add(person.user, person.name, person.role, person.password, is_temporary=False)
        session.lock()

    def play(self, until: datetime | None = None) -> None:
        """Play every step up to a moment, then lock."""
        try:
            for step in self._story.steps:
                if until is None or step.at <= until:
                    self.play_step(step)
        finally:
            if self._session is not None:
                self._session.lock()
                self._session = None

    def play_step(self, step: Step) -> None:
        """Play one step as the person it names."""
        self._clock.set(max(step.at, self._clock.at))
        session = self._as(step.by)
        match step.do:
            case "create":
                session.create_subject()
            case "enter":
                for cells in cells_of(self._ward.study, session, step):
                    self._enter(session, step, cells)
            case "complete":
                assert step.key is not None
                session.complete(step.subject, step.key)
            case "sign":
                assert step.key is not None
                person = self._people[step.by]
                session.sign(step.subject, step.key, step.meaning, person.user, person.password)
            case "start":
                session.infusions.start(step.subject, step.n)
            case "pause":
                session.infusions.pause(step.subject, step.n, step.why)
            case "resume":
                session.infusions.resume(step.subject, step.n)
            case "stop":
                session.infusions.stop(step.subject, step.n)
            case "end":
                session.infusions.end(step.subject, step.n)
            case other:
                raise ValueError(f"a story has no step {other}")

    def _enter(self, session: Session, step: Step, cells: Mapping[Cell, Value | None]) -> None:
        assert step.key is not None
        try:
            session.enter(step.subject, step.key, cells, reason=step.why)
        except ConfirmNeeded as question:
            confirmed = frozenset(str(i) for i in question.details["ids"])  # type: ignore[attr-defined]
            session.enter(step.subject, step.key, cells, reason=step.why, confirmed=confirmed)

    def _as(self, user: str) -> Session:
        if self._session is None or self._session.account.user != user:
            if self._session is not None:
                self._session.lock()
            person = self._people[user]
            self._session = self._ward.sign_in(person.user, person.password)
        return self._session

"""The order of the work list for one person: as urgent as it is, and of the equally urgent the person's own first.

A report clock is let through for everybody: whoever reads the list may be the one who telephones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.doers import Doers
from ucmsc_desktop.record.tasks import Task, urgency
from ucmsc_desktop.study.model import Role, Study

_WANTED_NOW = ("overdue", "due", "progress")


class Own:
    """Which tasks are a role's own."""

    def __init__(self, study: Study, role: Role) -> None:
        self._doers = Doers(study)
        self._role = role
        self.has_any = any(
            role in f.by or any(role in s.roles for s in f.signatures) for f in study.forms.values()
        )

    def of(self, task: Task) -> frozenset[Role]:
        """Give the roles that can do a task."""
        return self._doers.of(task)

    def is_own(self, task: Task) -> bool:
        """Say whether the role can do a task."""
        return self._role in self._doers.of(task)

    def is_let_through(self, task: Task) -> bool:
        """Say whether the filter "For me" shows a task."""
        return task.is_clock or self.is_own(task)

    def waits_for(self, task: Task) -> Text | None:
        """Say for whom a task is, where the role cannot do it."""
        return None if task.status == "done" else self._doers.waits_for(task, self._role)

    def first(self, tasks: Iterable[Task]) -> tuple[Task, ...]:
        """Put the own tasks first among those of the same urgency; otherwise the order stays."""
        return tuple(self._ordered(tasks))

    def _ordered(self, tasks: Iterable[Task]) -> Iterator[Task]:
        for place, group in groupby(tasks, key=urgency):
            if place < 0:
                yield from group  # report clocks: by their time alone
                continue
            others = []
            for task in group:
                if self.is_own(task):
                    yield task
                else:
                    others.append(task)
            yield from others

    def begin_at(self, tasks: Sequence[Task]) -> int:
        """Give the row to begin at: the first own task that is wanted now, else the first row."""
        return next((n for n, t in enumerate(tasks) if t.status in _WANTED_NOW and self.is_own(t)), 0)

"""The board: what the lists show of every participant, read once and kept up to date while a person is at work.

It is made of the stored summaries and of nothing else; a summary is written anew when its participant has new entries.
What changed is stored when the session ends, not with each save: a save must not wait for a second one. After a crash, or
with another version of the program or of the forms, the entries are there and the summaries follow from them.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime

from ucmsc_desktop import __version__
from ucmsc_desktop.ledger.ledger import Ledger
from ucmsc_desktop.record import worklist
from ucmsc_desktop.record.worklist import SubjectSummary, Task
from ucmsc_desktop.study.model import Study

STORE_AFTER = 200  # summaries; so that building the board of a large log is not lost on the way

_Entry = tuple[
    float, float, str, int, Task
]  # sort key, participant, place among their tasks: a Task is never compared


class Board:
    """The tasks and summaries of all participants."""

    def __init__(self, ledger: Ledger, study: Study, summarise: Callable[[str], str]) -> None:
        self._ledger = ledger
        self._summarise = summarise
        forms = " ".join(f"{f.id}={f.version}" for f in study.forms.values())
        self._made_by = f"{worklist.FORMAT} {__version__} {study.protocol_version} {forms}"
        self._lock = (
            threading.RLock()
        )  # asked by the window, and by the worker that prints the hand-over sheet
        self._texts: dict[str, str] | None = None
        self._upto = 0
        self._unstored: set[str] = set()
        self._words = worklist.Wording(study)
        # What was read out of the texts, and until when it holds; those that are stale are read again.
        self._until: dict[str, datetime | None] = {}
        self._next: datetime | None = None  # the first of them
        self._stale: set[str] = set()
        self._entries: list[_Entry] = []
        self._tasks: tuple[Task, ...] = ()
        self._asked: datetime | None = None
        self._summaries: dict[str, SubjectSummary] = {}
        self._day: date | None = None

    def tasks(self, now: datetime) -> tuple[Task, ...]:
        """Give the open tasks of all participants, most urgent first; the same tuple as long as nothing differs.

        Cheap enough to ask every second: participants are read again only when they have new entries, or when the first
        of their tasks has another status than before.
        """
        with self._lock:
            texts = self._fresh()
            if self._asked is not None and now < self._asked:
                self._stale = set(texts)  # the clock was set back
            elif self._next is not None and self._next <= now:
                self._stale |= {s for s, until in self._until.items() if until is not None and until <= now}
            self._asked = now
            if self._stale:
                with _unswept():
                    self._read(self._stale, texts, now)
                self._stale = set()
            return self._tasks

    def _read(self, subjects: set[str], texts: dict[str, str], now: datetime) -> None:
        entries = [e for e in self._entries if e[2] not in subjects] if self._entries else []
        for subject in subjects:
            found, until = worklist.read_tasks(self._words, subject, texts[subject], now)
            entries.extend((*worklist.sort_key(t), place, t) for place, t in enumerate(found))
            self._until[subject] = until
        entries.sort()
        self._entries = entries
        self._tasks = tuple(e[-1] for e in entries)
        self._next = min((u for u in self._until.values() if u is not None), default=None)

    def done(self, now: datetime) -> tuple[Task, ...]:
        """Give what was completed today, over all participants, the last first."""
        with self._lock:
            texts = self._fresh()
            found = [t for s, text in texts.items() for t in worklist.done_at(self._words, s, text, now)]
            found.sort(key=lambda t: (t.at is not None, t.at, t.subject), reverse=True)
            return tuple(found)

    def summaries(self, now: datetime) -> tuple[SubjectSummary, ...]:
        """Give the summaries of all participants, by number."""
        with self._lock:
            texts = self._fresh()
            if self._day != now.date():
                self._summaries.clear()
                self._day = now.date()
            unread = [s for s in texts if s not in self._summaries]
            with _unswept():
                for subject in unread:
                    self._summaries[subject] = worklist.read_summary(subject, texts[subject], now)
            return tuple(self._summaries[s] for s in sorted(self._summaries))

    def store(self) -> None:
        """Store what changed, for the next session."""
        with self._lock:
            if self._texts is None or not self._unstored:
                return
            self._ledger.set_board({s: self._texts[s] for s in self._unstored}, self._upto, self._made_by)
            self._unstored.clear()

    def forget(self) -> None:
        """Forget everything: the session is locked."""
        with self._lock:
            self._texts = None
            self._entries, self._tasks = [], ()
            self._until.clear()
            self._stale.clear()
            self._next = None
            self._summaries.clear()

    def _fresh(self) -> dict[str, str]:
        """Give the summaries, those with new entries written anew."""
        if self._texts is None:
            self._upto = self._ledger.board_upto(self._made_by)
            self._texts = self._ledger.board() if self._upto else {}
            self._stale = set(self._texts)
        last = self._ledger.last_id()
        if self._upto < last:
            for subject in self._ledger.subjects_after(self._upto):
                self._texts[subject] = self._summarise(subject)
                self._unstored.add(subject)
                self._stale.add(subject)
                self._summaries.pop(subject, None)
            self._upto = last
            if len(self._unstored) > STORE_AFTER:
                self.store()
        return self._texts


@contextmanager
def _unswept() -> Iterator[None]:
    """Keep the garbage collector from searching tens of thousands of new tasks, all of which stay, over and over."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()

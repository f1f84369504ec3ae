"""Count wrong passwords, make the next try wait, and remember them until they are in the log.

Lies in a small file of its own beside the key slots, so that a wrong password never rewrites the file that
holds the keys. An attempt is counted before it is tested and taken back when it was right: pulling the plug
meanwhile wins nothing. It slows a person at the keyboard; a thief with the disk tries elsewhere, and against
that only Argon2id helps.

It must never keep a name that was typed but does not exist (people type passwords into that field), never
lock out the ward because the file is damaged or the disk full, and never lock longer than its longest wait
because a clock was set back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from ucmsc_desktop import errors
from ucmsc_desktop.durable import read_regular_file, write_file_durably

STRANGER = ""
"""Stands for every user name that does not exist."""
LOCK_AFTER = 5
LOCK_S = 15 * 60
MAX_WAIT_S = 60

_MAX_BYTES = 256 * 1024
_MAX_FAILURES = 1000


class Failure(BaseModel):
    """One wrong password; `user` is empty when there is no such user."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
    user: Annotated[str, Field(max_length=64)]
    at: AwareDatetime
    is_recorded: bool = False


class _Count(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
    wrong: Annotated[int, Field(ge=1, le=10**6)]
    last: AwareDatetime


class _State(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")
    format: Literal["ucmsc-lockout-v1"] = "ucmsc-lockout-v1"
    counts: dict[str, _Count] = {}
    failures: tuple[Failure, ...] = ()
    dropped: Annotated[int, Field(ge=0)] = 0


def wait_s(wrong: int) -> int:
    """Give the seconds to wait after `wrong` wrong passwords in a row.

    One slip is free, then 1, 2, 4 s; the fifth locks; after the lock 16, 32, 60 ... s, and a lock at every
    fifth.
    """
    if wrong < 2:
        return 0
    return LOCK_S if wrong % LOCK_AFTER == 0 else min(MAX_WAIT_S, 1 << min(wrong - 2, 16))


class Lockout:
    """The waits and the unrecorded failures of one laptop; survives a restart."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.was_damaged = False
        self.is_saved = True
        self._state = self._load()

    def check(self, user: str, now: datetime) -> None:
        """Refuse a try that comes too early; it is not counted as a wrong one.

        Raises: AccountLocked with the seconds left.
        """
        if not (count := self._state.counts.get(user)):
            return
        wait = timedelta(seconds=wait_s(count.wrong))
        if wait and now < count.last:
            # The clock was set back. The wait starts again from now, or it would last until the old time returns.
            count = count.model_copy(update={"last": now})
            self._change(counts={**self._state.counts, user: count})
        left = count.last + wait - now
        if left > timedelta(0):
            raise errors.AccountLocked(seconds=-(-left // timedelta(seconds=1)))

    def begin(self, user: str, now: datetime) -> None:
        """Count a try as wrong before it is tested."""
        before = self._state.counts.get(user)
        count = _Count(wrong=before.wrong + 1 if before else 1, last=now)
        failures = (*self._state.failures, Failure(user=user, at=now))
        self._change(
            counts={**self._state.counts, user: count},
            failures=failures[-_MAX_FAILURES:],
            dropped=self._state.dropped + max(0, len(failures) - _MAX_FAILURES),
        )

    def passed(self, user: str) -> None:
        """Take the last try back, because it was right, and let the count start anew."""
        failures = list(self._state.failures)
        for at in reversed(range(len(failures))):
            if failures[at].user == user:
                del failures[at]
                break
        self._change(counts=self._without(user), failures=tuple(failures))

    def clear(self, user: str) -> None:
        """End a lock, as an administrator may; what happened stays on the list."""
        self._change(counts=self._without(user))

    def of(self, user: str) -> tuple[Failure, ...]:
        """List the wrong passwords of a user since that user's last `acknowledge`, oldest first."""
        return tuple(failure for failure in self._state.failures if failure.user == user)

    def unrecorded(self) -> tuple[Failure, ...]:
        """List the wrong passwords of everybody that are not in the log yet, oldest first."""
        return tuple(failure for failure in self._state.failures if not failure.is_recorded)

    @property
    def dropped(self) -> int:
        """Tell how many failures no longer fit on the list."""
        return self._state.dropped

    def acknowledge(self, user: str, recorded: Iterable[Failure]) -> None:
        """Note that `recorded` are in the log, and forget those that `user` has been shown as well."""
        done = set(recorded)
        kept = (f.model_copy(update={"is_recorded": True}) if f in done else f for f in self._state.failures)
        self._change(
            failures=tuple(f for f in kept if not (f.is_recorded and f.user in (user, STRANGER))), dropped=0
        )

    def _without(self, user: str) -> dict[str, _Count]:
        return {name: count for name, count in self._state.counts.items() if name != user}

    def _load(self) -> _State:
        try:
            return _State.model_validate_json(read_regular_file(self._path, _MAX_BYTES))
        except errors.StickGone:
            return _State()
        except (errors.KnownError, ValidationError):
            # Nobody may be locked out by a damaged file; the log is told that the counts are lost.
            self.was_damaged = True
            return _State()

    def _change(self, **fields: object) -> None:
        changed = self._state.model_copy(update=fields)
        if changed == self._state:
            return
        self._state = changed
        try:
            write_file_durably(
                self._path, changed.model_dump_json(indent=1).encode("utf-8") + b"\n", replace=True
            )
            self.is_saved = True
        except errors.KnownError:
            # On a full or read-only disk the waits hold until the program ends: signing in must still be possible.
            self.is_saved = False

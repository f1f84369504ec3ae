"""Wrong passwords wait, lock and are remembered, and nobody is locked out for ever by accident."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ucmsc_desktop import errors
from ucmsc_desktop.ledger.lockout import LOCK_S, STRANGER, Failure, Lockout, wait_s

NOW = datetime(2026, 3, 4, 14, 3, tzinfo=UTC)
USER = "nurse.qing"


def wrong(lockout: Lockout, times: int, now: datetime = NOW) -> datetime:
    """Type wrong passwords, each as soon as it is allowed; give the time of the last."""
    for _ in range(times):
        while True:
            try:
                lockout.check(USER, now)
            except errors.AccountLocked as locked:
                now += timedelta(seconds=int(str(locked.details["seconds"])))
            else:
                break
        lockout.begin(USER, now)
    return now


def left(lockout: Lockout, now: datetime) -> object:
    try:
        lockout.check(USER, now)
    except errors.AccountLocked as locked:
        return locked.details["seconds"]
    return 0


def test_waits_grow_and_every_fifth_locks() -> None:
    assert [wait_s(n) for n in range(12)] == [0, 0, 1, 2, 4, LOCK_S, 16, 32, 60, 60, LOCK_S, 60]
    assert wait_s(10**6 + 1) == 60


@pytest.mark.parametrize(("times", "seconds"), [(1, 0), (2, 1), (3, 2), (4, 4), (5, LOCK_S)])
def test_wait_follows_the_wrong_passwords_and_ends(tmp_path: Path, times: int, seconds: int) -> None:
    lockout = Lockout(tmp_path / "lock")
    last = wrong(lockout, times)
    assert left(lockout, last) == seconds
    assert left(lockout, last + timedelta(seconds=seconds)) == 0


def test_state_survives_a_restart(tmp_path: Path) -> None:
    last = wrong(Lockout(tmp_path / "lock"), 5)
    again = Lockout(tmp_path / "lock")
    assert left(again, last) == LOCK_S
    assert len(again.of(USER)) == 5
    assert not again.was_damaged


def test_try_during_the_wait_is_refused_without_being_counted(tmp_path: Path) -> None:
    lockout = Lockout(tmp_path / "lock")
    last = wrong(lockout, 3)
    assert left(lockout, last + timedelta(seconds=1)) == 1
    assert left(lockout, last + timedelta(seconds=1.5)) == 1
    assert len(lockout.of(USER)) == 3


def test_one_user_does_not_lock_another(tmp_path: Path) -> None:
    lockout = Lockout(tmp_path / "lock")
    last = wrong(lockout, 5)
    lockout.check("nurse.bai", last)
    lockout.check(STRANGER, last)


def test_right_password_starts_anew_but_failures_stay_until_recorded_and_shown(tmp_path: Path) -> None:
    lockout = Lockout(tmp_path / "lock")
    last = wrong(lockout, 3)
    lockout.begin(USER, last)
    lockout.passed(USER)
    assert left(lockout, last) == 0
    assert len(lockout.of(USER)) == 3
    lockout.acknowledge("nurse.bai", lockout.unrecorded())
    assert lockout.unrecorded() == ()
    assert len(lockout.of(USER)) == 3, "recorded by a colleague, but not yet shown to the one concerned"
    lockout.acknowledge(USER, ())
    assert Lockout(tmp_path / "lock").of(USER) == ()


def test_failure_that_came_after_the_recording_is_not_lost(tmp_path: Path) -> None:
    lockout = Lockout(tmp_path / "lock")
    wrong(lockout, 1)
    recorded = lockout.unrecorded()
    wrong(lockout, 1, NOW + timedelta(seconds=9))
    lockout.acknowledge(USER, recorded)
    assert lockout.unrecorded() == (Failure(user=USER, at=NOW + timedelta(seconds=9)),)


def test_administrator_ends_a_lock_and_the_failures_stay(tmp_path: Path) -> None:
    lockout = Lockout(tmp_path / "lock")
    last = wrong(lockout, 5)
    lockout.clear(USER)
    assert left(lockout, last) == 0
    assert len(lockout.unrecorded()) == 5


def test_clock_set_back_never_locks_longer_than_the_wait(tmp_path: Path) -> None:
    lockout = Lockout(tmp_path / "lock")
    wrong(lockout, 5)
    earlier = NOW - timedelta(days=365)
    assert left(lockout, earlier) == LOCK_S
    assert left(lockout, earlier + timedelta(seconds=LOCK_S)) == 0


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": "x"}', b"\xff" * 10, b"{" * 300_000])
def test_damaged_file_is_told_and_locks_nobody_out(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "lock").write_bytes(content)
    lockout = Lockout(tmp_path / "lock")
    assert lockout.was_damaged
    assert left(lockout, NOW) == 0
    wrong(lockout, 2)
    assert not Lockout(tmp_path / "lock").was_damaged


def test_waits_hold_in_memory_when_the_file_cannot_be_written(tmp_path: Path) -> None:
    lockout = Lockout(tmp_path / "gone" / "lock")
    last = wrong(lockout, 5)
    assert left(lockout, last) == LOCK_S
    assert not lockout.is_saved


def test_list_of_failures_is_bounded_and_says_what_it_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ucmsc_desktop.ledger.lockout._MAX_FAILURES", 3)
    lockout = Lockout(tmp_path / "lock")
    wrong(lockout, 5)
    assert (len(lockout.of(USER)), lockout.dropped) == (3, 2)
    lockout.acknowledge(USER, lockout.unrecorded())
    assert lockout.dropped == 0

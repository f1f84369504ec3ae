"""The whole file is read for faults once a day and whenever there is a reason, not with every return to the screen."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.ward import Bench, make_bench
from ucmsc_desktop.errors import DatabaseDamaged
from ucmsc_desktop.ledger import connection
from ucmsc_desktop.ledger.ledger import Ledger


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    done: list[Path] = []
    real = Ledger._quick_check

    def noting(self: Ledger) -> None:
        done.append(self.path)
        real(self)

    monkeypatch.setattr(Ledger, "_quick_check", noting)
    return done


def sign_in_and_out(bench: Bench) -> None:
    bench.sign_in().lock()


def test_a_return_from_the_locked_screen_does_not_read_the_file_again(
    bench: Bench, checks: list[Any]
) -> None:
    bench.ward._checked = None
    sign_in_and_out(bench)
    assert len(checks) == 1
    sign_in_and_out(bench)
    assert len(checks) == 1


def test_the_next_day_it_is_read_again(bench: Bench, checks: list[Any]) -> None:
    sign_in_and_out(bench)
    checks.clear()
    bench.clock.advance(days=1)
    sign_in_and_out(bench)
    sign_in_and_out(bench)
    assert len(checks) == 1


def test_a_file_put_in_its_place_is_read(bench: Bench, checks: list[Any]) -> None:
    sign_in_and_out(bench)
    checks.clear()
    path = bench.ward.folder / "ledger.db"
    shutil.copy(path, path.with_name("other.db"))
    path.with_name("other.db").replace(path)
    sign_in_and_out(bench)
    assert len(checks) == 1


def test_after_a_fault_it_is_read_whatever_the_caller_says(bench: Bench, checks: list[Any]) -> None:
    path = bench.ward.folder / "ledger.db"
    with pytest.raises(DatabaseDamaged), connection.known_errors(path):
        raise type("Fault", (Exception,), {"__module__": "sqlcipher3.x"})("database disk image is malformed")
    sign_in_and_out(bench)
    assert checks == [path]
    sign_in_and_out(bench)
    assert checks == [path]

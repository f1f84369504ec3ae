"""The clock: a suspect one is flagged at every entry and told until it is confirmed; it decides no order."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ward import CHINA, PASSWORDS, make_bench
from ucmsc_desktop.ledger.keys import TRAINING
from ucmsc_desktop.record import facts
from ucmsc_desktop.record.clock import Reading, SystemClock, suspicion
from ucmsc_desktop.record.events import Cell, Draft, FormKey
from ucmsc_desktop.session import Session, Ward
from ucmsc_desktop.study.values import Number

GAS = FormKey("F9", "BL")
START = datetime(2026, 3, 1, 9, 0, tzinfo=CHINA)
HOUR = 3_600_000_000_000


@dataclass
class TwoClocks:
    """A wall clock that anybody can set, and a running clock that nobody can."""

    at: datetime = START
    mono_ns: int = HOUR
    boot: str = "boot-1"
    slept_ns: int = 0

    def read(self) -> Reading:
        return Reading(self.at, self.mono_ns, self.boot, self.slept_ns)

    def run(self, **interval: float) -> None:
        step = timedelta(**interval)
        self.at += step
        self.mono_ns += int(step.total_seconds() * 1e9)

    def reboot(self, **off: float) -> None:
        self.at += timedelta(**off)
        self.boot += "+"
        self.mono_ns = 0
        self.slept_ns = 0


@dataclass
class Watched:
    """A ward on two clocks."""

    ward: Ward
    clock: TwoClocks

    def sign_in(self) -> Session:
        return self.ward.sign_in("nurse.alpha", PASSWORDS["nurse.alpha"])


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    bench = make_bench(tmp_path)
    clock = TwoClocks()
    return Watched(Ward(bench.ward.folder, clock, bench.ward.study, kdf_floor=TRAINING), clock)


def flag_of_next_entry(session: Session) -> str:
    """Append an entry of the session itself, which even a clock that went back does not stop."""
    session._append([Draft("BackupWritten", data={"name": "x", "sha256": ""})])
    return session.audit()[-1].clock


def test_an_undisturbed_clock_is_never_flagged(watched: Watched) -> None:
    for _ in range(3):
        session = watched.sign_in()
        watched.clock.run(hours=7)
        session.lock()
        watched.clock.reboot(hours=60)
    session = watched.sign_in()
    assert {e.clock for e in session.audit()} == {""}
    assert session.clock.suspicion == ""
    assert session.clock_message() is None
    session.lock()


@pytest.mark.parametrize(
    ("change", "flag"),
    [
        (timedelta(minutes=11), "jumped"),
        (timedelta(days=400), "jumped"),
        (timedelta(minutes=-11), "backwards"),
        (timedelta(minutes=9), ""),
        (timedelta(seconds=-90), ""),
        (timedelta(days=-40 * 365), "implausible"),
        (timedelta(days=90 * 365), "implausible"),
    ],
)
def test_a_clock_changed_during_a_session_is_flagged_at_the_next_entry(
    watched: Watched, change: timedelta, flag: str
) -> None:
    session = watched.sign_in()
    assert flag_of_next_entry(session) == ""
    watched.clock.at += change
    assert flag_of_next_entry(session) == flag
    assert flag_of_next_entry(session) == flag
    assert session.clock.suspicion == flag
    assert (session.clock_message() is not None) == bool(flag)
    assert session.clock.must_confirm == (flag in ("backwards", "implausible"))
    session.lock()


def test_a_clock_set_right_again_is_believed_again(watched: Watched) -> None:
    session = watched.sign_in()
    watched.clock.at += timedelta(hours=3)
    assert flag_of_next_entry(session) == "jumped"
    watched.clock.at -= timedelta(hours=3)
    assert flag_of_next_entry(session) == ""
    session.lock()


def test_a_jump_between_two_sign_ins_is_flagged(watched: Watched) -> None:
    watched.sign_in().lock()
    watched.clock.at += timedelta(hours=3)
    session = watched.sign_in()
    assert session.audit()[-1].clock == "jumped"
    message = session.clock_message()
    assert message is not None
    assert "clock was changed" in message.en
    session.lock()


def test_a_clock_that_stays_behind_stays_flagged_over_sign_ins_and_restarts(watched: Watched) -> None:
    watched.sign_in().lock()
    watched.clock.at -= timedelta(days=2)
    for _ in range(3):
        session = watched.sign_in()
        assert session.audit()[-1].clock == "backwards"
        session.lock()
        watched.clock.reboot(minutes=5)


def test_a_night_asleep_is_no_jump(watched: Watched) -> None:
    session = watched.sign_in()
    watched.clock.at += timedelta(hours=9)
    watched.clock.slept_ns += 9 * HOUR
    assert flag_of_next_entry(session) == ""
    session.lock()
    again = watched.sign_in()
    assert again.audit()[-1].clock == ""
    again.lock()


def test_another_zone_is_noted(watched: Watched) -> None:
    watched.clock.at = watched.clock.at.astimezone(UTC)
    session = watched.sign_in()
    assert session.audit()[-1].clock == "zone"
    session.lock()


def test_the_running_clock_of_this_system_does_not_go_back() -> None:
    clock = SystemClock("Asia/Shanghai")
    first, second = clock.read(), clock.read()
    assert first.slept_ns >= 0
    assert second.mono_ns >= first.mono_ns
    assert suspicion(second, first) == ""


def test_no_order_and_no_value_follows_from_the_clock(tmp_path: Path) -> None:
    bench = make_bench(tmp_path)
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    for amount in ("81", "82", "83"):
        session.enter(subject, GAS, {Cell("abg_pao2"): Number(Decimal(amount), "mmHg")}, reason="read again")
        bench.clock.advance(minutes=7)
    events = session.audit(lambda e: e.subject == subject)
    times = [e.at for e in events]
    random.Random(7).shuffle(times)
    permuted = [replace(e, at=at) for e, at in zip(events, times, strict=True)]
    straight, crooked = (facts.fold(session.study, subject, each) for each in (events, permuted))
    for cell in straight.forms[GAS].cells:
        assert straight.forms[GAS].value(cell) == crooked.forms[GAS].value(cell)
    session.lock()

"""Power cut at any moment of a save: the system calls of the real program are recorded and every prefix of them replayed.

What was written and not yet synced is lost, kept in part, torn or kept whole. In every such state the database must open,
verify, and hold each entry that had been acknowledged. With `synchronous = NORMAL` it must not: that is the control.
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.ledger.test_ledger import KEY, STAMP, item
from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.ledger.chain import verify
from ucmsc_desktop.ledger.ledger import Ledger
from ucmsc_desktop.record.events import Draft

ROOT = Path(__file__).resolve().parents[2]
SAVES = 6
PROGRAM = """
import os, sys
from pathlib import Path
from ucmsc_desktop.ledger import connection
if sys.argv[2] == "NORMAL":
    connection.PRAGMAS = tuple(p.replace("= EXTRA", "= NORMAL") for p in connection.PRAGMAS)
from ucmsc_desktop.ledger.ledger import Ledger
from tests.ledger.test_ledger import KEY, STAMP, item
ledger = Ledger.open(Path(sys.argv[1]), KEY)
ledger.append([item("warm")], STAMP)
for number in range(int(sys.argv[3])):
    last = ledger.append([item(f"{number}"), item("derived", "pf")], STAMP)[-1]
    os.write(1, b"ACK %d\\n" % last.seq)
"""
CALL = re.compile(
    r"^(?:\d+ +)?(pwrite64|ftruncate|fsync|fdatasync|write)\((\d+)<(.*?)>(?:, (.*))?\) += (-?\d+)"
)


@dataclass
class Call:
    """One system call: on which file, and for a write what and where."""

    name: str
    path: str
    data: bytes = b""
    at: int = 0


@dataclass
class Disk:
    """Files as a disk may hold them: what was synced, and what waits in a cache, in order."""

    synced: dict[str, bytearray]
    waiting: dict[str, list[Call]] = field(default_factory=dict)

    def apply(self, call: Call) -> None:
        if call.name in ("fsync", "fdatasync"):
            for done in self.waiting.pop(call.path, []):
                put(self.synced[call.path], done)
        else:
            self.waiting.setdefault(call.path, []).append(call)

    def after_a_power_cut(self, rng: random.Random, how: str) -> dict[str, bytes]:
        found = {path: bytearray(content) for path, content in self.synced.items()}
        for path, calls in self.waiting.items():
            kept = {
                "lost": [],
                "whole": calls,
                "some": [c for c in calls if rng.random() < 0.5],
                "torn": calls,
            }[how]
            for number, call in enumerate(kept):
                is_torn = how == "torn" and number == len(kept) - 1 and len(call.data) > 1
                part = call.data[: rng.randrange(1, len(call.data))] if is_torn else call.data
                put(found[path], Call(call.name, path, part, call.at))
        return {path: bytes(content) for path, content in found.items()}


def put(content: bytearray, call: Call) -> None:
    if call.name == "ftruncate":
        del content[call.at :]
        content.extend(bytes(call.at - len(content)))
        return
    end = call.at + len(call.data)
    content.extend(bytes(max(0, end - len(content))))
    content[call.at : end] = call.data


def unhex(text: str) -> bytes:
    return bytes.fromhex(text.replace("\\x", ""))


def record(strace: Path, folder: Path, synchronous: str) -> tuple[dict[str, bytearray], list[Call]]:
    """Run some saves under strace; give the files before them and the calls that followed."""
    path = folder / "ledger.db"
    log = folder / "trace"
    before = {str(path): bytearray(path.read_bytes()), f"{path}-wal": bytearray()}
    done = subprocess.run(
        [
            strace, "-f", "-y", "-xx", "-s", "10000000", "-o", log,
            "-e", "trace=pwrite64,ftruncate,fsync,fdatasync,write",
            sys.executable, "-c", PROGRAM, path, synchronous, str(SAVES),
        ],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode and "ptrace" in done.stderr.lower():
        pytest.skip(f"strace may not trace here: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    calls = []
    for line in log.read_text().splitlines():
        found = CALL.match(line)
        if not found or found[5] == "-1":
            continue
        name, number, where, rest = found[1], found[2], found[3], found[4] or ""
        file = unhex(where).decode() if where.startswith("\\x") else where
        if name == "write" and number == "1":
            calls.append(Call("ack", "", unhex(rest.split('"')[1])))
        elif file in before and name == "pwrite64":
            calls.append(Call(name, file, unhex(rest.split('"')[1]), int(rest.rsplit(", ", 1)[1])))
        elif file in before and name == "ftruncate":
            calls.append(Call(name, file, at=int(rest)))
        elif file in before:
            calls.append(Call(name, file))
    return before, calls


def lost_after_power_cuts(folder: Path, before: dict[str, bytearray], calls: list[Call]) -> list[str]:
    """Cut the power after every call, in four ways; give what was acknowledged and is not there."""
    disk, acknowledged, faults = Disk(before), 0, []
    rng = random.Random(7)
    state = folder / "state"
    for number, call in enumerate(calls):
        if call.name == "ack":
            acknowledged = int(call.data.split()[1])
        else:
            disk.apply(call)
        for how in ("lost", "whole", "some", "torn"):
            shutil.rmtree(state, ignore_errors=True)
            state.mkdir()
            for path, content in disk.after_a_power_cut(rng, how).items():
                if content:
                    (state / Path(path).name).write_bytes(content)
            try:
                ledger = Ledger.open(state / "ledger.db", KEY)
            except KnownError as fault:
                faults.append(f"after call {number}, {how}: {fault.code}")
                continue
            seq, found = ledger.head("d1").seq, verify(ledger, "d1")
            ledger.close()
            if seq < acknowledged or not found.holds:
                faults.append(
                    f"after call {number}, {how}: {seq} of {acknowledged}, {found.faults} {found.file_faults}"
                )
    assert acknowledged
    return faults


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ledger = Ledger.create(tmp_path / "ledger.db", KEY)
    ledger.append([Draft("DeviceCreated"), item("1")], STAMP)
    ledger.close()
    return tmp_path


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="strace is a tool of Linux")
def test_no_power_cut_takes_an_acknowledged_entry(folder: Path, external: Callable[[str], Path]) -> None:
    before, calls = record(external("strace"), folder, "EXTRA")
    acks = [n for n, c in enumerate(calls) if c.name == "ack"]
    assert len(acks) == SAVES
    for ack in acks:
        last = [c for c in calls[:ack] if c.path.endswith("-wal") and c.name != "ftruncate"][-1]
        assert last.name in ("fsync", "fdatasync"), (
            "an acknowledgement came before the sync of the write-ahead log"
        )
    assert lost_after_power_cuts(folder, before, calls) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="strace is a tool of Linux")
def test_the_replay_finds_what_a_careless_setting_loses(
    folder: Path, external: Callable[[str], Path]
) -> None:
    before, calls = record(external("strace"), folder, "NORMAL")
    assert any("lost" in fault for fault in lost_after_power_cuts(folder, before, calls))

"""Take times honestly and judge them: every run is kept, ranges are shown, parts to compare run in turn.

The machine may be shared, so a budget is a ratio within one run wherever it can be. A budget in milliseconds is judged by
the processor time of this process (the median; on a quiet machine it is the time that passes), the time that passed is
shown beside it. Memory is the peak of a process of its own (VmHWM: on Linux ru_maxrss of a child starts at its parent's).
"""

from __future__ import annotations

import gc
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from tests.bench import generator
from tests.bench.generator import Recipe

ROOT = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Options:
    """How long the run may take: quick (under a minute), usual, full (with a million entries)."""

    quick: bool = False
    full: bool = False

    def pick(self, quick: int, usual: int) -> int:
        """Choose a number of runs."""
        return quick if self.quick else usual


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `limit` None: for information. `at_least`: the limit is a floor."""

    group: str
    what: str
    unit: str
    value: float
    low: float
    high: float
    limit: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def passes(self) -> bool | None:
        if self.limit is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def plain(self) -> dict[str, Any]:
        """Give the line for JSON."""
        return {**asdict(self), "passes": self.passes}


class Seconds(float):
    """The seconds that passed, with those of the processor."""

    cpu: float

    def __new__(cls, passed: float, cpu: float) -> Self:
        made = super().__new__(cls, passed)
        made.cpu = cpu
        return made


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds of several runs of one thing."""

    runs: tuple[float, ...]

    @property
    def cpu(self) -> float | None:
        """The median of the processor's seconds; None where only the time that passed is known."""
        known = [run.cpu for run in self.runs if isinstance(run, Seconds)]
        return statistics.median(known) if len(known) == len(self.runs) else None

    def of_processor(self) -> Times:
        """Give the same runs by the processor's seconds."""
        return Times(tuple(run.cpu if isinstance(run, Seconds) else run for run in self.runs))

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    @property
    def low(self) -> float:
        return min(self.runs)

    @property
    def high(self) -> float:
        return max(self.runs)

    @property
    def note(self) -> str:
        """Say the 95th percentile of the time that passed."""
        return f"p95 {self.p95 * 1000:.1f}"

    @property
    def p95(self) -> float:
        return sorted(self.runs)[min(len(self.runs) - 1, int(len(self.runs) * 0.95))]

    def row(self, group: str, what: str, limit_ms: float | None = None, note: str = "") -> Row:
        """Give the line in milliseconds: judged by the processor's time, the time that passed as the range."""
        ms = [x * 1000 for x in (self.median, self.low, self.high)]
        if self.cpu is None or limit_ms is None:
            return Row(group, what, "ms", ms[0], ms[1], ms[2], limit_ms, note=note)
        passed = f"passed {ms[0]:.1f}" + (f", {note}" if note else "")
        return Row(group, what, "ms", self.cpu * 1000, ms[1], ms[2], limit_ms, note=passed)


def timed(work: Callable[[], object]) -> Seconds:
    """Run something once, garbage swept before; give its seconds."""
    gc.collect()
    start, cpu = time.perf_counter(), time.process_time()
    work()
    return Seconds(time.perf_counter() - start, time.process_time() - cpu)


def repeat(work: Callable[[], object], times: int) -> Times:
    """Run something several times."""
    return Times(tuple(timed(work) for _ in range(times)))


def ratio(
    group: str, what: str, ours: Times, base: Times, limit: float, *, by_processor: bool = False
) -> Row:
    """Give the line of two things measured in turn: the ratio of their medians, its range from the quartiles.

    `by_processor` compares the processor's seconds, where nothing waits for a disk or another process.
    """
    if by_processor:
        ours, base = ours.of_processor(), base.of_processor()
    low = _quartile(ours, 1) / _quartile(base, 3)
    high = _quartile(ours, 3) / _quartile(base, 1)
    return Row(group, what, "×", ours.median / base.median, low, high, limit)


def _quartile(times: Times, number: int) -> float:
    if len(times.runs) < 2:
        return times.median
    return statistics.quantiles(times.runs, n=4, method="inclusive")[number - 1]


@contextmanager
def copy_of(recipe: Recipe) -> Iterator[Path]:
    """Give a copy of a stored ledger that may be written to."""
    source = generator.stored(recipe)
    with tempfile.TemporaryDirectory(prefix="ucmsc-bench-run-") as folder:
        target = Path(folder) / "data"
        shutil.copytree(source, target)
        yield target


def peak_kb() -> int:
    """Give the peak memory of this process."""
    try:
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    except OSError:
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak // 1024 if sys.platform == "darwin" else peak


def in_child(module: str, function: str, *arguments: str) -> dict[str, float]:
    """Run a function of a benchmark module in a process of its own; give its numbers and `peak_kb`."""
    command = [sys.executable, "-m", "tests.bench.child", module, function, *arguments]
    return dict(json.loads(_run(command).stdout.splitlines()[-1]))


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(command, cwd=ROOT, env=child_env(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stderr[-2000:]}")
    return done


def child_env() -> dict[str, str]:
    """Give the environment of children: no display, and no data folder but the one they are told."""
    # Compiled modules are kept, as on a laptop: else every start would be measured with the compiling of its own source.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "QT_QPA_PLATFORM": "offscreen", "UCMSC_DATA": str(ROOT / "no-such-folder")}

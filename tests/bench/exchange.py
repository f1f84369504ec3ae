"""Sealed files: how fast a stretch of the log goes out and comes in, and that memory does not grow with it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench import generator
from tests.bench.generator import Recipe
from tests.bench.measure import Options, Row, Times, copy_of, in_child

GROUP = "exchange"
FLOOR = 10_000
FLAT = 1.25  # peak at the most entries over the peak at the fewest


def run(options: Options) -> Iterator[Row]:
    """Export from a ward and import at the centre, each in a process of its own."""
    sizes = [5_000, 15_000] if options.quick else [10_000, 100_000]  # a file holds some 4,500 entries
    if options.full:
        sizes.append(1_000_000)
    peaks: dict[str, list[float]] = {"out": [], "in": []}
    for size in sizes:
        participants = 12 * (-(-size // (12 * 80)) + 1)
        with copy_of(Recipe(participants, "brief", entries=size)) as folder:
            runs = options.pick(1, 3 if size < 1_000_000 else 1)
            sent, came = [], []
            for n in range(runs):
                stick = folder / f"stick-{n}"
                stick.mkdir()
                done = in_child("exchange", "send", str(folder), str(stick))
                sent.append(done["seconds"] / done["events"])
                peaks["out"].append(done["peak_kb"])
                centre = folder / f"centre-{n}"
                shutil.copytree(folder / "centre", centre)
                got = in_child("exchange", "receive", str(centre), str(stick))
                if got["events"] < size:
                    raise RuntimeError(f"{got['events']} of {size} entries arrived")
                came.append(got["seconds"] / got["events"])
                peaks["in"].append(got["peak_kb"])
                shutil.rmtree(centre)
                shutil.rmtree(stick)
        yield _rate(f"export of {size:,} entries", sent, f"peak {peaks['out'][-1] / 1024:.0f} MB")
        yield _rate(f"import of {size:,} entries", came, f"peak {peaks['in'][-1] / 1024:.0f} MB")
    for way, name in (("out", "export"), ("in", "import")):
        first, last = peaks[way][0], peaks[way][-1]
        times = last / first
        yield Row(
            GROUP, f"memory of {name}, {sizes[-1]:,} / {sizes[0]:,} entries", "×", times, times, times, FLAT
        )


def _rate(what: str, seconds_each: list[float], note: str) -> Row:
    times = Times(tuple(seconds_each))
    return Row(
        GROUP, what, "/s", 1 / times.median, 1 / times.high, 1 / times.low, FLOOR, at_least=True, note=note
    )


def send(folder: str, stick: str) -> dict[str, float]:
    """Export everything (a process of its own)."""
    session = generator.sign_in(Path(folder))
    start = time.perf_counter()
    made = session.export_sync(Path(stick))
    seconds = time.perf_counter() - start
    session.lock()
    return {"seconds": seconds, "events": sum(f.last - f.first + 1 for f in made), "files": len(made)}


def receive(centre_folder: str, stick: str) -> dict[str, float]:
    """Import every file in order (a process of its own)."""
    from ucmsc_desktop.record.clock import FrozenClock
    from ucmsc_desktop.session.centre import Centre
    from ucmsc_desktop.study.load import load_study

    centre = Centre.open(Path(centre_folder), load_study(), FrozenClock(generator.NOW))
    files = sorted(Path(stick).glob("*.age"), key=lambda p: p.stat().st_mtime_ns)
    start = time.perf_counter()
    done = centre.import_files(files)
    seconds = time.perf_counter() - start
    centre.close()
    problems = [d.outcome for d in done if d.outcome != "imported"]
    if problems:
        raise RuntimeError(f"not imported: {problems}")
    return {"seconds": seconds, "events": sum(d.new for d in done)}

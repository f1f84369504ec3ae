"""Run the benchmarks and print the table: budget, measured, range, verdict. `make bench`.

The exit status is 0 when every budget is kept, 1 when one is missed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench.measure import Options, Row

PARTS = ("start", "forms", "saves", "worklists", "casebooks", "exchange", "rates")


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="part", help=f"some of {', '.join(PARTS)}; all if none is named"
    )
    parser.add_argument(
        "--quick",
        action="store_true",
        help="fewer runs, no 10,000 participants: under a minute once the ledgers are stored",
    )
    parser.add_argument(
        "--full", action="store_true", help="sealed files of 1,000,000 entries too: many minutes"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there as well")
    given = parser.parse_args(argv)
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    options = Options(quick=given.quick, full=given.full)
    rows: list[Row] = []
    print(f"{'part':12} {'what':62} {'budget':>10} {'median':>10}   range", flush=True)
    for name in given.parts or PARTS:
        for row in importlib.import_module(f"tests.bench.{name}").run(options):
            rows.append(row)
            print(line(row), flush=True)
    missed = [r for r in rows if r.passes is False]
    judged = sum(r.passes is not None for r in rows)
    print(f"\n{judged - len(missed)} of {judged} budgets kept")
    if given.json:
        machine = {
            "python": platform.python_version(),
            "system": platform.platform(),
            "rows": [r.plain() for r in rows],
        }
        given.json.write_text(json.dumps(machine, indent=1, ensure_ascii=False), encoding="utf-8")
    return 1 if missed else 0


def line(row: Row) -> str:
    """Write one line of the table."""
    verdict = {True: "ok", False: "MISSED", None: ""}[row.passes]
    sign = "≥" if row.at_least else "≤"
    budget = f"{sign} {_short(row.limit)} {row.unit}" if row.limit is not None else ""
    spread = f"{_short(row.low)} … {_short(row.high)}"
    note = f"  ({row.note})" if row.note else ""
    return f"{row.group:12} {row.what:62} {budget:>10} {_short(row.value):>7} {row.unit:3}  {spread:20} {verdict}{note}"


def _short(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


if __name__ == "__main__":
    sys.exit(main())

"""Run one function of a benchmark in this process and print its numbers with the peak memory: see measure.in_child."""

from __future__ import annotations

import importlib
import json
import sys

from tests.bench import measure


def main() -> None:
    module, function, *arguments = sys.argv[1:]
    numbers = getattr(importlib.import_module(f"tests.bench.{module}"), function)(*arguments)
    print(json.dumps({**numbers, "peak_kb": measure.peak_kb()}))


if __name__ == "__main__":
    main()

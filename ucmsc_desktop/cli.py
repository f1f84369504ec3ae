"""The command line. No Qt here: every command works without a display.

Errors go to stderr with their code; exit status 2 for wrong use, 1 for failure, 0 for success.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from ucmsc_desktop.errors import KnownError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and give its exit status."""
    parser = _parser()
    options = parser.parse_args(argv)
    try:
        return int(options.run(options))
    except KnownError as error:
        print(error, file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ucmsc-desktop", description="UC-MSC trial, ward laptop")
    commands = parser.add_subparsers(required=True, metavar="command")
    forms = commands.add_parser("forms", help="the study's forms").add_subparsers(
        required=True, metavar="action"
    )
    check = forms.add_parser("check", help="tell every problem in forms/, or count what is there")
    check.add_argument("--json", action="store_true")
    check.set_defaults(run=_forms_check)
    return parser


def _forms_check(options: argparse.Namespace) -> int:
    from ucmsc_desktop import paths
    from ucmsc_desktop.study import load

    study, problems = load.read(paths.forms_dir())
    if options.json:
        print(load.report())
    elif problems or study is None:
        for problem in problems:
            print(problem, file=sys.stderr)
        print(f"UC-301 {len(problems)} problems", file=sys.stderr)
    else:
        found = load.counts(study)
        print(", ".join(f"{count} {name}" for name, count in found.items()))
    return 1 if problems or study is None else 0

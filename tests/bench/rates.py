"""What else takes time: reading the forms, unlocking with a real key, verifying the log, a backup."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench import generator
from tests.bench.generator import Recipe
from tests.bench.measure import Options, Row, Times, copy_of, in_child, repeat, timed
from ucmsc_desktop.ledger import keys

GROUP = "rates"


def run(options: Options) -> Iterator[Row]:
    """Measure them; none has a budget of its own."""
    runs = options.pick(2, 5)
    compiled = [in_child("rates", "load", "compiled")["seconds"] for _ in range(runs)]
    yield Times(tuple(compiled)).row(GROUP, "read the forms, compiled copy")
    if not options.quick:
        read = in_child("rates", "load", "yaml")["seconds"]
        yield Times((read,)).row(GROUP, "read and check the forms, YAML")
    salt = keys.new_salt()
    yield repeat(lambda: keys.derive("a password of some length", salt, keys.FLOOR), runs).row(
        GROUP, "derive a key, real cost"
    )
    with copy_of(Recipe(20, "full")) as folder, tempfile.TemporaryDirectory() as out:
        session = generator.sign_in(folder, "admin")
        events = session._ledger.count()
        seconds = [timed(session.verify) for _ in range(runs)]
        rate = sorted(events / s for s in seconds)
        yield Row(GROUP, f"verify a log of {events:,} entries", "/s", rate[len(rate) // 2], rate[0], rate[-1])
        yield Times((timed(lambda: session.backup(Path(out))),)).row(
            GROUP, f"back up and check {events:,} entries"
        )
        session.lock()


def load(how: str) -> dict[str, float]:
    """Load the study in a fresh process (what Python has to import is counted)."""

    def work() -> None:
        from ucmsc_desktop import paths
        from ucmsc_desktop.study import load as forms

        if how == "yaml":
            forms.read(paths.forms_dir())
        else:
            forms.load_study()

    return {"seconds": timed(work)}

"""Save: one value as the nurse sees it, against a bare commit of the same bytes into an encrypted database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.bench import generator
from tests.bench.generator import Recipe
from tests.bench.measure import Options, Row, Times, copy_of, ratio, timed
from ucmsc_desktop.ledger.connection import PRAGMAS
from ucmsc_desktop.record.events import Cell, Event, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.values import Number, Value

GROUP = "save"
RUNS = (30, 120)


def plain_store(path: Path) -> Any:
    """Open an encrypted database with the program's own settings and two plain tables."""
    import sqlcipher3

    raw = sqlcipher3.dbapi2.connect(str(path), isolation_level=None)
    raw.execute(f"PRAGMA key = \"x'{bytes(32).hex()}'\"")
    for pragma in PRAGMAS:
        raw.execute(pragma).fetchall()
    raw.execute("CREATE TABLE body (id INTEGER PRIMARY KEY, hash TEXT, body BLOB)")
    raw.execute("CREATE TABLE value (id INTEGER PRIMARY KEY, salt BLOB, value TEXT)")
    return raw


def commit(raw: Any, events: tuple[Event, ...]) -> None:
    """Commit the bytes of events, durably."""
    raw.execute("BEGIN IMMEDIATE")
    raw.executemany("INSERT INTO body (hash, body) VALUES (?, ?)", [(e.hash, e.body) for e in events])
    raw.executemany("INSERT INTO value (salt, value) VALUES (?, ?)", [(e.salt, e.value) for e in events])
    raw.execute("COMMIT")


def run(options: Options) -> Iterator[Row]:
    """Save into the record of a participant with few and with very many entries, each in turn with a bare commit."""
    runs = options.pick(*RUNS)
    lactate, pulse = Cell("abg_lac"), Cell("ivs_hr", 4)
    cases: tuple[tuple[Recipe, str, FormKey, Cell, str, str], ...] = (
        (Recipe(20, "brief"), "01-012", FormKey("F9", "SCR"), lactate, "mmol/L", "few entries"),
        (Recipe(20, "full"), "01-001", FormKey("F9", "D7"), lactate, "mmol/L", "some 1,500 entries"),
        (Recipe(20, "full"), "01-001", FormKey("F7", "D1", 2), pulse, "/min", "flow sheet, 1,500 entries"),
    )
    for recipe, subject, key, cell, unit, what in cases:
        with copy_of(recipe) as folder:
            session = generator.sign_in(folder)
            yield from _case(
                session, folder / "plain.db", _saver(session, subject, key, cell, unit), what, runs
            )
            session.lock()


def _saver(session: Session, subject: str, key: FormKey, cell: Cell, unit: str) -> Callable[[int], None]:
    def save(n: int) -> None:
        value: Value = Number(Decimal(80 + n % 9) if unit == "/min" else Decimal(11 + n % 9) / 10, unit)
        session.enter(
            subject, key, {cell: value}, reason="Digit misread 看错一位", confirmed=frozenset({"soft"})
        )

    return save


def _case(session: Session, path: Path, save: Callable[[int], None], what: str, runs: int) -> Iterator[Row]:
    raw = plain_store(path)
    first = timed(lambda: save(0))
    ours, bare, sizes = [], [], []
    for n in range(1, runs + 1):
        before = session._ledger.head(session.device).seq
        ours.append(timed(lambda n=n: save(n)))  # type: ignore[misc]  # bound at once
        events = tuple(session._ledger.stretch(session.device, before + 1))
        sizes.append(len(events))
        bare.append(timed(lambda events=events: commit(raw, events)))  # type: ignore[misc]  # bound at once
    raw.close()
    saved, committed = Times(tuple(ours)), Times(tuple(bare))
    note = f"{sum(sizes) / len(sizes):.1f} events a save, p95 {saved.p95 * 1000:.1f} ms, the first {first * 1000:.1f} ms"
    yield committed.row(GROUP, f"bare SQLCipher commit, {what}")
    yield saved.row(GROUP, f"Session.enter, {what}", None, note)
    yield ratio(GROUP, f"save / bare commit, {what}", saved, committed, 3)

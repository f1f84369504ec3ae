"""The worklist with few and many participants: first after sign-in, again, after a save, and built anew."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from tests.bench import generator
from tests.bench.generator import Recipe
from tests.bench.measure import Options, Row, Times, copy_of, repeat, timed
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.study.values import Number

GROUP = "worklist"
BUDGETS_MS = {20: 50.0, 1_000: 100.0, 10_000: 500.0}


def run(options: Options) -> Iterator[Row]:
    """Ask for the worklist as the first page does."""
    for size, limit in BUDGETS_MS.items():
        if size == 10_000 and options.quick:
            continue
        with copy_of(Recipe(size, "brief")) as folder:
            cold, people, signing, unlocking = [], [], [], []
            ward = generator.ward_of(folder)
            for _ in range(options.pick(3, 7)):
                ward = generator.ward_of(folder)  # that has checked nothing yet
                signing.append(timed(lambda ward=ward: generator.sign_in(folder, ward=ward).lock()))  # type: ignore[misc]
                unlocking.append(timed(lambda ward=ward: generator.sign_in(folder, ward=ward).lock()))  # type: ignore[misc]
                session = generator.sign_in(folder, ward=ward)
                cold.append(timed(session.worklist))
                session.lock()
                session = generator.sign_in(folder, ward=ward)
                people.append(timed(session.subjects))
                session.lock()
            session = generator.sign_in(folder, ward=ward)
            entries = session._ledger.count()
            tasks = len(session.worklist())
            warm = repeat(session.worklist, options.pick(10, 30))
            done = repeat(session.done_today, options.pick(5, 15))
            after, saves = [], options.pick(5, 15)
            subject = f"01-{size - 8:03d}"
            for n in range(saves):
                lactate = Number(Decimal(11 + n % 9) / 10, "mmol/L")
                session.enter(subject, FormKey("F9", "SCR"), {Cell("abg_lac"): lactate}, reason="misread")
                after.append(timed(session.worklist))
            session.lock()
        where = f"{size:,} participants, {tasks:,} tasks"
        yield Times(tuple(cold)).row(GROUP, f"first after sign-in, {where}", limit)
        yield warm.row(GROUP, f"again, as each second asks, {where}", 5.0)
        yield done.row(GROUP, f"what was done today, {size:,}", limit)
        yield Times(tuple(after)).row(GROUP, f"after a save, {where}", limit)
        yield Times(tuple(people)).row(GROUP, f"list of participants, first, {size:,}", limit)
        of = f"training key, {entries:,} entries"
        yield Times(tuple(signing)).row("rates", f"sign in and out, file checked, {of}")
        yield Times(tuple(unlocking)).row("rates", f"unlock and lock again, {of}")
    yield from _anew(options.pick(20, 1_000))


def _anew(size: int) -> Iterator[Row]:
    """Build the board of all participants from nothing, as after a restore."""
    with copy_of(Recipe(size, "brief")) as folder:
        session = generator.sign_in(folder)
        session._ledger.set_setting("board_by", "nobody")
        seconds = timed(session.worklist)
        session.lock()
    each = seconds * 1000 / size
    yield Row(GROUP, f"board from nothing, each of {size:,}", "ms", each, each, each)

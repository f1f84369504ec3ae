"""The benchmarks' ledgers are real ones: they verify, hold every stage, and come out the same each time. Nothing is timed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.bench import generator, measure
from tests.bench.__main__ import PARTS, line
from tests.bench.forms import FORTY, see
from tests.bench.generator import Recipe
from tests.bench.measure import Row, Times
from ucmsc_desktop.record.events import Cell, FormKey


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    generator.make(folder, Recipe(5)).centre.close()
    return folder


def test_a_made_ledger_verifies_and_has_tasks(folder: Path) -> None:
    session = generator.sign_in(folder)
    found = session.verify()
    assert found.holds
    assert found.events > 300
    people = session.subjects()
    assert [p.subject for p in people] == [f"01-00{n}" for n in range(1, 6)]
    assert {"screening", "follow_up"} <= {p.stage for p in people}
    assert {"progress", "overdue"} <= {t.status for t in session.worklist()}
    session.lock()


def test_what_was_derived_in_bulk_is_what_the_program_derives(folder: Path) -> None:
    session = generator.sign_in(folder)
    for person in session.subjects():
        state = session.state(person.subject)
        assert not state.derive((), session.now()).overlay, person.subject
    session.lock()


def test_a_nurse_can_go_on_where_the_generator_stopped(folder: Path) -> None:
    session = generator.sign_in(folder)
    key = FormKey("F9", "SCR")
    subject = session.subjects()[0].subject
    before = len(session.form(subject, key).history("abg_lac"))
    value = session.form(subject, key).value("abg_ph")
    session.enter(subject, key, {Cell("abg_lac"): None}, reason="wrong slip")
    assert len(session.form(subject, key).history("abg_lac")) == before + 1
    assert session.form(subject, key).value("abg_ph") == value
    session.lock()


def test_the_same_recipe_gives_the_same_log(folder: Path, tmp_path: Path) -> None:
    generator.make(tmp_path, Recipe(5)).centre.close()
    logs = []
    for each in (folder, tmp_path):
        session = generator.sign_in(each)
        written = session.audit(
            lambda e: (
                e.kind == "ItemSet"
                and e.boot == "frozen"
                and e.reason != "wrong slip"
                and e.origin != "drafted"
            )
        )  # without what other tests of this file entered into the folder, and what the program drafted of it
        logs.append([(e.subject, e.key, e.cell, e.value, e.user, e.at) for e in written])
        session.lock()
    assert len(logs[0]) > 100
    assert logs[0] == logs[1]


def test_the_form_to_open_has_about_forty_items() -> None:
    moments = generator.timeline("stays", "full")
    assert sum(m.draft.key == FORTY and m.draft.kind == "ItemSet" for m in moments) >= 40


def test_a_ratio_is_judged_by_its_medians() -> None:
    row = measure.ratio("part", "this / that", Times((2.0, 4.0, 9.0)), Times((2.0, 2.0, 2.0)), 1.9)
    assert row.value == 2
    assert row.passes is False
    assert "MISSED" in line(row)
    assert Row("part", "what", "ms", 1, 1, 1).passes is None


def test_every_part_exists() -> None:
    assert all((Path(generator.__file__).parent / f"{name}.py").is_file() for name in PARTS)
    assert callable(see)

"""What another version of the forms recorded is shown rather than lost, on screen and on paper, and stops nothing."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ward import CHINA, Bench, make_bench
from ucmsc_desktop.errors import ReasonNeeded, ValueRefused
from ucmsc_desktop.record.course import planned_keys
from ucmsc_desktop.record.events import Cell, Draft, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.values import Number

GAS = FormKey("F9", "BL")
RUN = FormKey("F7", "D0", 1)
PAO2 = Cell("abg_pao2")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


def newer(session: Session, subject: str) -> None:
    """Record what a newer version of the program may have left in the log before this one was put back."""
    value = lambda key, item, text, **more: Draft(  # noqa: E731
        "ItemSet", subject, key, Cell(item, more.pop("row", 0)), "9.9", value=text, **more
    )
    drafts = [
        value(GAS, "abg_brand_new", '"kept-for-you"'),
        value(GAS, "abg_hidden_new", '"nobody-may-read"', site_only=True),
        value(GAS, "abg_pao2", '{"n":"81","u":"furlong"}'),
        value(GAS, "abg_ph", '{"n":"1E+999999","u":""}'),
        value(GAS, "abg_collect_dtm", '"9999-12-31T23:59:59-23:59"'),
        value(RUN, "inf_start_dtm", '"9999-12-31T23:59:59+08:00"'),
        value(RUN, "new_row_item", '"x"', row=2),
        value(FormKey("F99", "BL"), "x", '"whole new form"'),
        value(FormKey("F9", "D99"), "abg_done", '"Y"'),
        Draft("RowStruck", subject, RUN, Cell("interruptions", 4), "9.9", reason="typed twice"),
        Draft("FormSigned", subject, RUN, form_version="9.9", data={"meaning": "a_new_meaning"}),
    ]
    session._ledger.append(drafts, session._stamp())
    session._states.clear()


def test_everything_works_on_and_says_what_it_could_not_read(bench: Bench, tmp_path: Path) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    newer(session, subject)
    told = [f.message.en for f in session.form(subject, GAS).findings if f.id == "unread"]
    assert len(told) == 5
    assert any("kept-for-you" in t for t in told)
    assert any("furlong" in t for t in told)
    assert not any("nobody-may-read" in t for t in told)
    assert any("F99/BL/1" in w.en and "F9/D99/1" in w.en for w in session.warnings)
    assert session.worklist() is not None
    assert [s.subject for s in session.subjects()] == [subject]
    assert session.infusions.run(subject, 1).status == "planned"
    for key in planned_keys(session.state(subject)):
        session.form(subject, key).findings  # noqa: B018 - computing it must not fail
    (tmp_path / "stick").mkdir()
    bench.centre.register(session.device_public_key())
    made = session.export_sync(tmp_path / "stick")
    assert {i.outcome for i in bench.centre.import_files([m.path for m in made])} == {"imported"}
    assert session.verify().holds
    session.lock()
    session = bench.sign_in("dr.gamma")
    assert [s.subject for s in session.subjects()] == [subject]
    session.lock()


def test_it_stands_on_paper(bench: Bench, tmp_path: Path, external: Callable[[str], Path]) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    newer(session, subject)
    session.paper.casebook(tmp_path / "casebook.pdf", subject)
    session.paper.crf(tmp_path / "gas.pdf", subject=subject, form="F9", lang="zh")
    for path in (tmp_path / "casebook.pdf", tmp_path / "gas.pdf"):
        read = subprocess.run(
            [external("pdftotext"), "-raw", path, "-"], capture_output=True, text=True, check=True
        ).stdout
        assert "kept-for-you" in read
        assert "furlong" in read
        assert "nobody-may-read" not in read
    session.lock()


def test_a_value_that_cannot_be_read_is_not_overwritten_without_a_reason(bench: Bench) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    newer(session, subject)
    mmhg = Number(Decimal(80), "mmHg")
    with pytest.raises(ReasonNeeded):
        session.enter(subject, GAS, {PAO2: mmhg})
    session.enter(subject, GAS, {PAO2: mmhg}, reason="read again from the slip")
    view = session.form(subject, GAS)
    assert view.value("abg_pao2") == mmhg
    assert [e.raw for e in view.history("abg_pao2")] == ['{"n":"81","u":"furlong"}', ""]
    assert not [f for f in view.findings if f.id == "unread" and f.cell == PAO2]
    assert not [f for f in view.findings if f.kind == "conflict"]
    session.lock()


@pytest.mark.parametrize("year", [1, 1899, 2100, 9999])
def test_a_year_from_which_no_window_can_be_counted_is_refused(bench: Bench, year: int) -> None:
    session = bench.sign_in()
    subject = session.create_subject()
    for key, item in ((GAS, "abg_collect_dtm"), (RUN, "inf_start_dtm")):
        with pytest.raises(ValueRefused):
            session.enter(subject, key, {Cell(item): datetime(year, 12, 31, 23, 59, tzinfo=CHINA)})
    assert session.worklist() is not None
    session.lock()

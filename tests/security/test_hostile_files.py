"""A registered laptop in wrong hands: what its key signs is refused, or stored where it can do no harm."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.security.forger import Entry, Forger, forger_of
from tests.ward import Bench, make_bench
from ucmsc_desktop.cli import import_line, reconciliation_lines
from ucmsc_desktop.record import facts
from ucmsc_desktop.record.events import Event
from ucmsc_desktop.session.centre import Imported, Reconciliation
from ucmsc_desktop.sync import bundle


@dataclass
class Stage:
    """A centre that is up to date, and somebody with the laptop's key."""

    bench: Bench
    forger: Forger
    stick: Path
    before: Reconciliation

    def send(self, *entries: Entry, keep: frozenset[str] = frozenset()) -> Imported:
        (done,) = self.bench.centre.import_files([self.forger.write(self.stick, list(entries), keep=keep)])
        return done


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    bench = make_bench(tmp_path)
    stick = tmp_path / "stick"
    stick.mkdir()
    forger = forger_of(bench, stick)
    return Stage(bench, forger, stick, bench.centre.reconcile())


def with_value(entry: Entry, value: str) -> Entry:
    entry.set_value(value)
    return entry


def test_the_forger_can_make_a_file_that_is_taken(stage: Stage) -> None:
    """Otherwise every refusal below would prove nothing."""
    done = stage.send(
        with_value(stage.forger.entry(), '"S-1"'), stage.forger.entry(kind="SignedOut", item="", form="")
    )
    assert (done.outcome, done.new) == ("imported", 2)


Case = Callable[[Forger], list[Entry]]


def field(**fields: Any) -> Case:
    return lambda f: [f.entry(**fields)]


def header(**fields: Any) -> Case:
    def make(f: Forger) -> list[Entry]:
        f.header = fields
        return [f.entry()]

    return make


def lines(change: Callable[[list[bytes]], list[bytes]]) -> Case:
    def make(f: Forger) -> list[Entry]:
        f.raw = change
        return [with_value(f.entry(), '"S-1"'), f.entry()]

    return make


def label(**fields: str) -> Case:
    def make(f: Forger) -> list[Entry]:
        f.label = fields
        return [f.entry()]

    return make


def site_only(flag: bool, item: str, value: str | None, form: str = "F1/SCR/1") -> Case:
    def make(f: Forger) -> list[Entry]:
        entry = f.entry(form=form, item=item, site_only=flag)
        entry.set_value(value or '"hidden"')
        if value is None:
            entry.value = entry.salt = None
        return [entry]

    return make


def deep(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"x": found}
    return found


REFUSED: dict[str, Case] = {
    "another study": header(study="OTHER-STUDY"),
    "another device in the header": header(device="d000000000000"),
    "more entries than there are": header(last=999_999),
    "a first entry of zero": header(first=0),
    "a first entry that is text": header(first="9"),
    "a first entry beyond any number": header(first=10**30, last=10**30),
    "another head": header(head="ab" * 32),
    "a time that is none": header(created="yesterday"),
    "a label with other entries": label(seq="1-1"),
    "another device's entry": field(device="d000000000000"),
    "an entry left out": lambda f: [f.entry(seq=f.first), f.entry(seq=f.first + 2)],
    "a line repeated": lines(lambda found: [found[0], found[0]]),
    "two lines swapped": lines(lambda found: found[::-1]),
    "no lines": lines(lambda _found: []),
    "a key twice in a body": lines(lambda f: [f[0].replace(b'"body":{', b'"body":{"app":"x",'), *f[1:]]),
    "a key twice beside it": lines(lambda f: [f[0].replace(b'"type"', b'"value":null,"type"', 1), *f[1:]]),
    "a value exchanged": lines(lambda f: [f[0].replace(b"S-1", b"S-2"), *f[1:]]),
    "a value without its salt": lines(
        lambda f: [f[0].replace(b'"salt": "00', b'"salt": null, "x": "00'), *f[1:]]
    ),
    "no number": field(data={"x": float("nan")}),
    "an endless number": field(data={"x": float("inf")}),
    "a normal value held back under the flag": site_only(flag=True, item="bed", value=None),
    "a name sent without the flag": site_only(flag=False, item="subj_name", value='"A Name"'),
    "a name sent with the flag": site_only(flag=True, item="subj_name", value='"A Name"'),
    "a missing value without any flag": site_only(flag=False, item="bed", value=None),
    "a subject with a zero byte": field(subject="01-001\0"),
    "a subject that moves the cursor": field(subject="01-001\x1b[2J"),
    "a subject of half a character": field(subject="\ud800"),
    "a reason of half a character": field(reason="\ud800"),
    "a subject of endless length": field(subject="9" * 5000),
    "a subject that is a list": field(subject=["01-001"]),
    "a subject that is nothing": field(subject=None),
    "a user with a line end": field(user="nurse\nadmin"),
    "a kind that is a number": field(kind=7),
    "a number that is true": field(row=True),
    "a number with a fraction": field(mono_ns=1.5),
    "a row below zero": field(row=-1),
    "a row beyond any table": field(row=10**12),
    "a record spelled in another way": field(form="F9/BL/01"),
    "a record with too few parts": field(form="F9"),
    "a record without a number": field(form="F9/BL/x"),
    "a time without its offset": field(at="2026-03-01T09:00:00"),
    "a time that is no time": field(at="noon"),
    "data that are a list": field(data=[1]),
    "data too deep": field(data=deep(60)),
    "data deeper than any reader": lines(
        lambda f: [f[0].replace(b'"data":{}', b'"data":' + b'{"x":' * 50_000 + b"1" + b"}" * 50_000), *f[1:]]
    ),
    "parents that are numbers": field(parents=[1]),
    "a field too many": field(extra=1),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_lying_file_is_set_aside_and_changes_nothing(stage: Stage, name: str) -> None:
    entries = REFUSED[name](stage.forger)
    keep = frozenset({"seq"}) if name == "an entry left out" else frozenset()
    bad = stage.forger.write(stage.stick, entries, keep=keep)
    stage.forger.header, stage.forger.label, stage.forger.raw = {}, {}, lambda found: found
    good = stage.forger.write(stage.stick, [stage.forger.entry()])
    first, second = stage.bench.centre.import_files([bad])[0], stage.bench.centre.reconcile()
    assert first.outcome in ("UC-503", "UC-507")
    assert second.devices == stage.before.devices
    assert second.subjects == stage.before.subjects
    assert second.holds
    assert len(list((stage.bench.centre.folder / "quarantine").iterdir())) == 1
    assert bad.exists()
    (after,) = stage.bench.centre.import_files([good])
    assert after.outcome == "imported"


def test_an_entry_on_another_past_raises_the_alarm(stage: Stage) -> None:
    stage.forger.prev = "ab" * 32
    assert stage.send(stage.forger.entry()).outcome == "UC-508"
    assert stage.bench.centre.reconcile().devices == stage.before.devices


def test_entries_that_were_sent_before_cannot_be_sent_otherwise(stage: Stage) -> None:
    assert stage.send(stage.forger.entry()).outcome == "imported"
    done = stage.send(stage.forger.entry(user="dr.gamma"))
    assert done.outcome == "UC-508"
    assert stage.bench.centre.reconcile().holds


def test_a_gap_to_what_is_here_is_told(stage: Stage) -> None:
    stage.forger.first += 5
    assert stage.send(stage.forger.entry()).outcome == "UC-507"


def test_a_file_beyond_the_caps_is_not_read(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MAX_LINE", 1000)
    assert stage.send(stage.forger.entry(reason="x" * 2000)).outcome == "UC-503"
    monkeypatch.setattr(bundle, "MAX_LINES", 3)
    assert stage.send(*(stage.forger.entry() for _ in range(3))).outcome == "UC-503"


def test_what_nobody_thought_of_does_not_stop_the_files_after_it(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = bundle.unpack, []

    def stumbling(*args: Any, **named: Any) -> bundle.Bundle:
        calls.append(1)
        if len(calls) == 1:
            raise OverflowError
        return real(*args, **named)

    monkeypatch.setattr(bundle, "unpack", stumbling)
    one = stage.forger.write(stage.stick, [stage.forger.entry()])
    two = stage.forger.write(stage.stick, [stage.forger.entry(reason="x")])
    outcomes = [i.outcome for i in stage.bench.centre.import_files([one, two])]
    assert sorted(outcomes) == ["UC-503", "imported"]


# --- stored, and harmless ------------------------------------------------------------------------------------

SQL = "01-001'; DROP TABLE event; --"
HTML = "<script>alert(1)</script>{0}%s"


def strange(f: Forger) -> list[Entry]:
    """Give entries that a newer or a hostile laptop may hold and that no rule of this version forbids."""
    return [
        f.entry(kind="SubjectCreated", form="", item="", form_version=""),
        with_value(f.entry(subject=SQL), '"x"'),
        with_value(f.entry(subject=HTML, item=HTML), json.dumps(HTML)),
        f.entry(kind="Nonsense"),
        f.entry(kind="FormSigned", item="", data={}),
        f.entry(kind="FormSigned", item="", data={"meaning": ["x"], "content": 7}),
        f.entry(kind="CheckOverridden", item="", data={"check": {"x": 1}}),
        f.entry(kind="RowStruck", item="no_such_section", row=3),
        with_value(f.entry(item="no_such_item", form_version="9.9"), '"newer"'),
        with_value(f.entry(form="F99/BL/1", item="x"), '"newer form"'),
        with_value(f.entry(form="F9/NOWHERE/1"), '"newer visit"'),
        with_value(f.entry(item="abg_pao2"), '{"n":"abc","u":"mmHg"}'),
        with_value(f.entry(item="abg_pao2"), '{"n":"NaN","u":"mmHg"}'),
        with_value(f.entry(item="abg_pao2"), '{"n":"1E+999999","u":"mmHg"}'),
        with_value(f.entry(item="abg_pao2"), '{"n":"81","u":"furlong"}'),
        with_value(f.entry(item="abg_pao2"), '{"missing":"??","reason":[]}'),
        with_value(f.entry(item="abg_pao2"), "no JSON at all"),
        with_value(f.entry(item="abg_pao2"), "[" * 100_000),
        with_value(f.entry(item="abg_collect_dtm"), '"2026-03-01T09:00:00"'),
        with_value(f.entry(item="abg_collect_dtm"), '"9999-12-31T23:59:59-23:59"'),
        with_value(f.entry(item="abg_done"), '"NO SUCH CODE"'),
        f.entry(at="9999-12-31T23:59:59.999+00:00", data={"confirmed": 7}),
        f.entry(at="0001-01-01T00:00:00.000+14:00", data={"confirmed": [["x"]]}),
        f.entry(mono_ns=10**400, parents=["nobody"]),
    ]


def test_strange_entries_are_stored_and_told_without_harm(stage: Stage) -> None:
    entries = strange(stage.forger)
    done = stage.send(*entries)
    assert (done.outcome, done.new) == ("imported", len(entries))
    report = stage.bench.centre.reconcile()
    assert report.holds
    assert report.events == stage.before.events + len(entries)
    assert dict(report.subjects)[SQL] == 1
    for line in (*reconciliation_lines(report), import_line(done)):
        assert line.isprintable()


def test_strange_entries_fold_without_a_crash_and_in_two_steps_as_in_one(stage: Stage) -> None:
    stage.send(*strange(stage.forger))
    study = stage.bench.ward.study
    events: list[Event] = [e for e in stage.bench.centre.values() if e.subject == "01-001"]
    whole = facts.fold(study, "01-001", events)
    assert {k.form for k in whole.strange} == {"F99", "F9"}
    raws = {e.raw for r in whole.forms.values() for entries in r.cells.values() for e in entries if e.raw}
    assert {'"newer"', "no JSON at all", '{"n":"81","u":"furlong"}'} <= raws
    parts = facts.extend(study, facts.fold(study, "01-001", events[:9]), events[9:])
    assert parts == whole

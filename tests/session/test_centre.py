"""The centre: imports once, in order, from known devices, and sets everything else aside."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.ward import Bench, make_bench
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Ward

GAS = FormKey("F9", "BL")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


def export(bench: Bench, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    session = bench.sign_in()
    (made,) = session.export_sync(folder)
    session.lock()
    return made.path


def register(bench: Bench) -> str:
    session = bench.sign_in()
    device = bench.centre.register(session.device_public_key())
    session.lock()
    return device


def test_a_file_is_imported_once_and_counts_agree(bench: Bench, tmp_path: Path) -> None:
    device = register(bench)
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    session.lock()
    path = export(bench, tmp_path / "stick")
    first, again = bench.centre.import_files([path, path])
    assert (first.outcome, again.outcome) == ("imported", "nothing new")
    assert first.new == first.last
    report = bench.centre.reconcile()
    assert report.holds
    assert report.devices[0][:2] == (device, first.last)
    session = bench.sign_in()
    assert dict(report.subjects)[subject] == sum(e.subject == subject for e in session.audit())
    head = next(e.hash for e in session.audit() if e.seq == first.last)
    assert report.devices[0][2] == head
    session.lock()


def test_overlapping_files_in_any_order_give_the_same(bench: Bench, tmp_path: Path) -> None:
    register(bench)
    one = export(bench, tmp_path / "stick")
    two = export(bench, tmp_path / "stick")
    three = export(bench, tmp_path / "stick")
    outcomes = [i.outcome for i in bench.centre.import_files([two, one, three, two])]
    assert outcomes == ["imported", "nothing new", "imported", "nothing new"]
    assert bench.centre.reconcile().holds


def test_an_unknown_device_is_set_aside_and_the_others_go_on(bench: Bench, tmp_path: Path) -> None:
    path = export(bench, tmp_path / "stick")
    (unknown,) = bench.centre.import_files([path])
    assert unknown.outcome == "UC-506"
    assert bench.centre.reconcile().events == 0
    register(bench)
    (known,) = bench.centre.import_files([path])
    assert known.outcome == "imported"


def test_a_damaged_file_never_stops_the_others(bench: Bench, tmp_path: Path) -> None:
    register(bench)
    good = export(bench, tmp_path / "stick")
    bad = good.with_name("ucmsc-00000000000000aa.age")
    raw = bytearray(good.read_bytes())
    raw[len(raw) // 2] ^= 1
    bad.write_bytes(raw)
    results = bench.centre.import_files([bad, good])
    assert [r.outcome for r in results] == ["UC-503", "imported"]
    assert list((tmp_path / "centre" / "quarantine").iterdir())
    assert bad.exists()


def test_a_copied_disk_raises_the_alarm(bench: Bench, tmp_path: Path) -> None:
    register(bench)
    bench.centre.import_files([export(bench, tmp_path / "stick")])
    shutil.copytree(bench.ward.folder, tmp_path / "clone")
    session = bench.sign_in()
    session.create_subject()
    session.lock()
    bench.centre.import_files([export(bench, tmp_path / "stick")])
    from ucmsc_desktop.ledger.keys import TRAINING

    cloned = Bench(Ward(tmp_path / "clone", bench.clock, kdf_floor=TRAINING), bench.clock, bench.centre, "")
    session = cloned.sign_in("nurse.beta")
    session.create_subject()
    session.lock()
    (alarm,) = bench.centre.import_files([export(cloned, tmp_path / "stick")])
    assert alarm.outcome == "UC-508"
    assert "copied" in str(alarm.error)


def test_a_gap_is_refused_until_the_whole_comes(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ucmsc_desktop.session import exchange

    register(bench)
    whole = export(bench, tmp_path / "stick")
    monkeypatch.setattr(exchange, "acknowledged", lambda _ledger, _device: 3)
    part = export(bench, tmp_path / "stick")
    monkeypatch.undo()
    (gap,) = bench.centre.import_files([part])
    assert gap.outcome == "UC-507"
    assert bench.centre.reconcile().events == 0
    outcomes = [i.outcome for i in bench.centre.import_files([whole, part])]
    assert outcomes == ["imported", "imported"]


def test_the_files_of_a_long_stretch_are_taken_in_the_order_of_their_entries(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ucmsc_desktop.sync import bundle

    register(bench)
    monkeypatch.setattr(bundle, "PIECE", bundle._ROOM + 3_000)
    session = bench.sign_in()
    (tmp_path / "stick").mkdir()
    made = session.export_sync(tmp_path / "stick")
    session.lock()
    assert len(made) > 2
    backwards = [m.path for m in reversed(made)]
    results = bench.centre.import_files(backwards)
    assert [r.path for r in results] == backwards
    assert {r.outcome for r in results} == {"imported"}
    assert bench.centre.reconcile().holds

"""Backups: what comes back is what was there; a bad one changes nothing; an old one on a laptop that went on is found out."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.ward import PASSWORDS, Bench, make_bench
from ucmsc_desktop import paths
from ucmsc_desktop.errors import AlreadySetUp, BackupInvalid, WriteFailed
from ucmsc_desktop.ledger import backup
from ucmsc_desktop.ledger.keys import TRAINING
from ucmsc_desktop.session import Session, Ward


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


@pytest.fixture
def saved(bench: Bench, tmp_path: Path) -> Path:
    session = bench.sign_in()
    session.create_subject()
    path = session.backup(tmp_path / "backups").parent
    session.lock()
    return path


def sign_in(bench: Bench, folder: Path) -> Session:
    return Ward(folder, bench.clock, bench.ward.study, kdf_floor=TRAINING).sign_in(
        "nurse.alpha", PASSWORDS["nurse.alpha"]
    )


def test_what_comes_back_is_what_was_there(bench: Bench, saved: Path, tmp_path: Path) -> None:
    backup.restore(saved, tmp_path / "back")
    there, here = sign_in(bench, tmp_path / "back"), bench.sign_in()
    upto = next(e.seq for e in here.audit() if e.kind == "BackupWritten") - 1
    assert [e.hash for e in there.audit()[:upto]] == [e.hash for e in here.audit()[:upto]]
    assert there.verify().holds
    there.lock()
    here.lock()


@pytest.mark.parametrize("harm", ["cut database", "empty database", "broken slots", "no slots"])
def test_a_bad_backup_is_refused_before_anything_is_written(saved: Path, tmp_path: Path, harm: str) -> None:
    bad = tmp_path / "bad"
    shutil.copytree(saved, bad)
    database, slots = bad / backup.DATABASE, bad / backup.SLOTS
    match harm:
        case "cut database":
            database.write_bytes(database.read_bytes()[:-100])
        case "empty database":
            database.write_bytes(b"")
        case "broken slots":
            slots.write_bytes(slots.read_bytes().replace(b'"content"', b'"contents"'))
        case _:
            slots.unlink()
    with pytest.raises(BackupInvalid):
        backup.restore(bad, tmp_path / "back")
    assert not (tmp_path / "back").exists()
    backup.restore(saved, tmp_path / "back")


def test_a_restore_that_was_cut_short_goes_on_and_nothing_is_overwritten(
    bench: Bench, saved: Path, tmp_path: Path
) -> None:
    back = tmp_path / "back"
    back.mkdir()
    shutil.copy(saved / backup.DATABASE, back)
    (back / paths.UNFINISHED).touch()
    backup.restore(saved, back)
    sign_in(bench, back).lock()
    with pytest.raises(AlreadySetUp):
        backup.restore(saved, back)
    other = tmp_path / "other"
    other.mkdir()
    (other / backup.DATABASE).write_bytes(b"somebody else's")
    with pytest.raises(AlreadySetUp):
        backup.restore(saved, other)
    assert (other / backup.DATABASE).read_bytes() == b"somebody else's"


def test_a_second_backup_in_the_same_second_overwrites_nothing(bench: Bench, tmp_path: Path) -> None:
    session = bench.sign_in()
    first = session.backup(tmp_path / "backups")
    before = first.read_bytes()
    with pytest.raises(WriteFailed):
        session.backup(tmp_path / "backups")
    assert first.read_bytes() == before
    assert [p.name for p in (tmp_path / "backups").iterdir()] == [first.parent.name]
    session.lock()


def test_an_older_backup_on_a_laptop_that_went_on_raises_the_alarm_at_the_centre(
    bench: Bench, saved: Path, tmp_path: Path
) -> None:
    """Two pasts under one name: neither is lost, and the centre says so instead of choosing."""
    stick = tmp_path / "stick"
    stick.mkdir()
    session = bench.sign_in()
    session.create_subject()
    bench.centre.register(session.device_public_key())
    bench.centre.import_files([m.path for m in session.export_sync(stick)])
    session.lock()
    before = bench.centre.reconcile()
    for name in (backup.DATABASE, backup.SLOTS):
        (bench.ward.folder / name).unlink()
    backup.restore(saved, bench.ward.folder)
    session = bench.sign_in()
    session.create_subject()
    (alarm,) = bench.centre.import_files([m.path for m in session.export_sync(stick)])
    session.lock()
    assert alarm.outcome == "UC-508"
    after = bench.centre.reconcile()
    assert (after.devices, after.subjects) == (before.devices, before.subjects)
    assert after.holds

"""What is called written is on the stick, whole; what is listed is a sealed file and nothing else."""

import errno
import hashlib
import os
from pathlib import Path

import pytest

from ucmsc_desktop import errors
from ucmsc_desktop.durable import Disk
from ucmsc_desktop.sync import stick
from ucmsc_desktop.sync.stick import list_sealed, read_sealed, write_sealed

SEALED = os.urandom(5000)
GOOD = "ucmsc-0123456789abcdef.age"


def test_written_file_is_listed_and_read_back(tmp_path: Path) -> None:
    written = write_sealed(tmp_path, SEALED)
    assert (written.sha256, written.size) == (hashlib.sha256(SEALED).hexdigest(), len(SEALED))
    assert list_sealed(tmp_path).files == (written.path,)
    assert read_sealed(written.path) == SEALED


def test_names_are_random_and_older_files_stay(tmp_path: Path) -> None:
    first, second = write_sealed(tmp_path, SEALED), write_sealed(tmp_path, SEALED)
    assert first.path != second.path
    assert set(list_sealed(tmp_path).files) == {first.path, second.path}


def test_name_that_is_taken_is_never_overwritten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stick.secrets, "token_hex", lambda _: "0123456789abcdef")
    (tmp_path / GOOD).write_bytes(b"older")
    with pytest.raises(errors.WriteFailed):
        write_sealed(tmp_path, SEALED)
    assert (tmp_path / GOOD).read_bytes() == b"older"


def test_centre_can_read_it_under_another_account(tmp_path: Path) -> None:
    assert write_sealed(tmp_path, SEALED).path.stat().st_mode & 0o444 == 0o444


CALLS = ("create", "write", "sync", "close", "digest", "rename", "sync_folder")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, errors.DiskFull),
        (errno.EROFS, errors.StickReadOnly),
        (errno.ENODEV, errors.StickGone),
        (errno.EIO, errors.WriteFailed),
    ],
)
def test_export_that_fails_at_any_call_is_named_and_leaves_nothing_to_import(
    tmp_path: Path, call: str, number: int, kind: type[errors.KnownError]
) -> None:
    class Failing(Disk):
        def __getattribute__(self, name: str) -> object:
            real = super().__getattribute__(name)
            if name != call:
                return real

            def fails(*arguments: object) -> None:
                if name == "close":
                    os.close(arguments[0])  # type: ignore[arg-type]
                raise OSError(number, "x")

            return fails

    with pytest.raises(kind):
        write_sealed(tmp_path, SEALED, disk=Failing())
    assert list(tmp_path.iterdir()) == []


def test_leftovers_of_a_pulled_stick_go_with_the_next_export(tmp_path: Path) -> None:
    (tmp_path / f".{GOOD}.0123abcd.part").write_bytes(b"half")
    written = write_sealed(tmp_path, SEALED)
    assert list(tmp_path.iterdir()) == [written.path]


def test_only_regular_files_with_our_name_are_listed(tmp_path: Path) -> None:
    (tmp_path / GOOD).write_bytes(SEALED)
    (tmp_path / "ucmsc-1111111111111111.age").mkdir()
    (tmp_path / "ucmsc-2222222222222222.age").symlink_to(tmp_path / GOOD)
    os.mkfifo(tmp_path / "ucmsc-3333333333333333.age")
    for name in (
        "ucmsc-0123456789ABCDEF.age",
        "ucmsc-0123.age",
        f"{GOOD}.exe",
        f".{GOOD}.0123abcd.part",
        f"x{GOOD}",
    ):
        (tmp_path / name).write_bytes(SEALED)
    found = list_sealed(tmp_path)
    assert found.files == (tmp_path / GOOD,)
    assert found.is_complete


def test_folder_with_too_many_files_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stick, "MAX_FILES", 2)
    for number in range(3):
        (tmp_path / f"ucmsc-{number:016x}.age").write_bytes(b"")
    found = list_sealed(tmp_path)
    assert (len(found.files), found.is_complete) == (2, False)


def test_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(errors.StickGone):
        list_sealed(tmp_path / "gone")
    with pytest.raises(errors.StickGone):
        write_sealed(tmp_path / "gone", SEALED)


def test_reading_refuses_links_other_names_and_sizes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / GOOD).write_bytes(SEALED)
    (tmp_path / "other.age").write_bytes(SEALED)
    link = tmp_path / "ucmsc-2222222222222222.age"
    link.symlink_to(tmp_path / GOOD)
    with pytest.raises(errors.SealBroken):
        read_sealed(tmp_path / "other.age")
    with pytest.raises(errors.KnownError):
        read_sealed(link)
    monkeypatch.setattr(stick, "MAX_SEALED", len(SEALED) - 1)
    with pytest.raises(errors.FileTooLarge):
        read_sealed(tmp_path / GOOD)
    with pytest.raises(errors.FileTooLarge):
        write_sealed(tmp_path, SEALED)

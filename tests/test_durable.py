"""A write that returns is on the disk; a write that fails leaves nothing and says so, whichever call it was."""

import errno
import hashlib
import os
import re
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ucmsc_desktop import durable, errors
from ucmsc_desktop.durable import Disk, write_file_durably

DATA = bytes(range(256)) * 20
OLD = b"the version before"


class FailingDisk(Disk):
    """A disk whose n-th call fails; it counts the calls, so that a test can walk through all of them."""

    def __init__(self, fails_at: int, number: int = errno.EIO, chunk: int = 2000) -> None:
        self.fails_at = fails_at
        self.number = number
        self.chunk = chunk
        self.calls: list[str] = []

    def _step(self, name: str) -> None:
        self.calls.append(name)
        if len(self.calls) == self.fails_at:
            raise OSError(self.number, os.strerror(self.number))

    def create(self, path: Path, mode: int) -> int:
        self._step("create")
        return super().create(path, mode)

    def write(self, fd: int, data: memoryview) -> int:
        self._step("write")
        return super().write(fd, data[: self.chunk])

    def sync(self, fd: int) -> None:
        self._step("sync")
        super().sync(fd)

    def close(self, fd: int) -> None:
        super().close(fd)  # A close that reports an error has closed all the same.
        self._step("close")

    def digest(self, path: Path) -> str:
        self._step("digest")
        return super().digest(path)

    def rename(self, source: Path, target: Path) -> None:
        self._step("rename")
        super().rename(source, target)

    def sync_folder(self, folder: Path) -> None:
        self._step("sync_folder")
        super().sync_folder(folder)


def all_calls(folder: Path) -> list[str]:
    disk = FailingDisk(0)
    write_file_durably(folder / "counted", DATA, disk=disk)
    (folder / "counted").unlink()
    return disk.calls


def test_calls_come_in_the_order_that_survives_a_power_cut(tmp_path: Path) -> None:
    assert all_calls(tmp_path) == [
        "create", "write", "write", "write", "sync", "close", "digest", "rename", "sync_folder",
    ]  # fmt: skip


def test_write_gives_the_digest_and_leaves_exactly_the_file(tmp_path: Path) -> None:
    digest = write_file_durably(tmp_path / "a.bin", DATA)
    assert digest == hashlib.sha256(DATA).hexdigest()
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]
    assert (tmp_path / "a.bin").read_bytes() == DATA


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC, errno.EROFS, errno.ENODEV])
@pytest.mark.parametrize("step", range(1, 10))
def test_failure_at_any_call_leaves_no_file_and_is_never_called_success(
    tmp_path: Path, step: int, number: int
) -> None:
    assert len(all_calls(tmp_path)) == 9, "the steps above must cover every call"
    with pytest.raises(errors.KnownError):
        write_file_durably(tmp_path / "a.bin", DATA, disk=FailingDisk(step, number))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("step", range(1, 10))
def test_failed_replacement_leaves_the_old_or_the_whole_new_content(tmp_path: Path, step: int) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(OLD)
    with pytest.raises(errors.WriteFailed):
        write_file_durably(path, DATA, replace=True, disk=FailingDisk(step))
    assert path.read_bytes() == (DATA if step == 9 else OLD)
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]


def test_interrupted_write_leaves_nothing(tmp_path: Path) -> None:
    class Interrupted(Disk):
        def sync(self, fd: int) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_file_durably(tmp_path / "a.bin", DATA, disk=Interrupted())
    assert list(tmp_path.iterdir()) == []


def test_disk_that_loses_bytes_silently_is_found_out(tmp_path: Path) -> None:
    class Lossy(Disk):
        def write(self, fd: int, data: memoryview) -> int:
            os.write(fd, data[:-1])
            return len(data)

    with pytest.raises(errors.WriteFailed):
        write_file_durably(tmp_path / "a.bin", DATA, disk=Lossy())
    assert list(tmp_path.iterdir()) == []


def test_write_that_takes_nothing_ends_instead_of_turning_for_ever(tmp_path: Path) -> None:
    class Stuck(Disk):
        def write(self, fd: int, data: memoryview) -> int:
            return 0

    with pytest.raises(errors.WriteFailed):
        write_file_durably(tmp_path / "a.bin", DATA, disk=Stuck())


@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_existing_name_is_never_overwritten_unless_asked(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.bin"
    if kind == "file":
        path.write_bytes(OLD)
    else:
        path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(errors.WriteFailed):
        write_file_durably(path, DATA)
    assert [p.name for p in tmp_path.iterdir()] == ["a.bin"]
    assert path.is_symlink() or path.read_bytes() == OLD


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, errors.DiskFull),
        (errno.EDQUOT, errors.DiskFull),
        (errno.EROFS, errors.StickReadOnly),
        (errno.EACCES, errors.StickReadOnly),
        (errno.ENODEV, errors.StickGone),
        (errno.EFBIG, errors.WriteFailed),
        (errno.EIO, errors.WriteFailed),
    ],
)
def test_system_error_is_named_in_both_languages(number: int, kind: type[errors.KnownError]) -> None:
    found = durable.known_error(OSError(number, "x"))
    assert type(found) is kind
    assert all(found.parts("en") + found.parts("zh"))


def test_missing_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(errors.StickGone):
        write_file_durably(tmp_path / "gone" / "a.bin", DATA)


def test_private_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    write_file_durably(tmp_path / "a.bin", DATA)
    assert (tmp_path / "a.bin").stat().st_mode & 0o077 == 0


def test_folder_without_folder_sync_is_accepted_but_a_real_error_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(number: int) -> Callable[[int], None]:
        def fsync(fd: int) -> None:
            raise OSError(number, "x")

        return fsync

    monkeypatch.setattr(os, "fsync", refuse(errno.EINVAL))
    Disk().sync_folder(tmp_path)
    monkeypatch.setattr(os, "fsync", refuse(errno.EIO))
    with pytest.raises(OSError, match="x"):
        Disk().sync_folder(tmp_path)


# --- real disks that fail ---------------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 256 KiB."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("a small disk can be mounted by root on Linux only")
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this machine does not let a test mount a disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_full_disk_is_reported_and_holds_what_it_held(small_disk: Path) -> None:
    write_file_durably(small_disk / "old.bin", OLD)
    with pytest.raises(errors.DiskFull):
        write_file_durably(small_disk / "new.bin", os.urandom(300_000))
    assert [p.name for p in small_disk.iterdir()] == ["old.bin"]
    write_file_durably(small_disk / "new.bin", os.urandom(100_000))


def test_reserve_gives_room_for_one_more_write_on_a_full_disk(small_disk: Path) -> None:
    durable.make_reserve(small_disk, size=100_000)
    write_file_durably(small_disk / "filler.bin", os.urandom(120_000))
    entry = os.urandom(60_000)
    with pytest.raises(errors.DiskFull):
        write_file_durably(small_disk / "entry.bin", entry)
    assert durable.release_reserve(small_disk)
    write_file_durably(small_disk / "entry.bin", entry)
    assert not durable.release_reserve(small_disk)


def test_file_size_limit_is_reported_and_leaves_nothing(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("no file size limits on Windows")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        with pytest.raises(errors.WriteFailed):
            write_file_durably(tmp_path / "a.bin", DATA)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert list(tmp_path.iterdir()) == []


def test_device_that_is_always_full_is_reported(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")

    class Full(Disk):
        def create(self, path: Path, mode: int) -> int:
            return os.open("/dev/full", os.O_WRONLY)

    with pytest.raises(errors.DiskFull):
        write_file_durably(tmp_path / "a.bin", DATA, disk=Full())
    assert list(tmp_path.iterdir()) == []


# --- the reserve, reading, left-overs ---------------------------------------------------------------------------


def test_reserve_is_really_written_and_made_once(tmp_path: Path) -> None:
    durable.make_reserve(tmp_path, size=1_000_000)
    status = (tmp_path / durable.RESERVE_NAME).stat()
    assert status.st_blocks * 512 >= 1_000_000
    durable.make_reserve(tmp_path, size=1_000_000)
    assert (tmp_path / durable.RESERVE_NAME).stat().st_mtime_ns == status.st_mtime_ns
    assert durable.RESERVE_BYTES == 32 * 1024 * 1024


def test_reading_follows_no_link_and_keeps_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"12345")
    (tmp_path / "link").symlink_to(path)
    os.mkfifo(tmp_path / "pipe")
    assert durable.read_regular_file(path, 5) == b"12345"
    with pytest.raises(errors.FileTooLarge):
        durable.read_regular_file(path, 4)
    for name in ("link", "pipe", "."):
        with pytest.raises(errors.WriteFailed):
            durable.read_regular_file(tmp_path / name, 5)
    with pytest.raises(errors.StickGone):
        durable.read_regular_file(tmp_path / "gone", 5)


def test_only_our_own_leftovers_are_removed(tmp_path: Path) -> None:
    names = [".ours.age.0123abcd.part", ".theirs.txt.0123abcd.part", "ours.age", ".ours.age.part"]
    for name in names:
        (tmp_path / name).write_bytes(b"")
    assert durable.remove_leftovers(tmp_path, re.compile(r"ours\.age")) == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted(names[1:])
    assert durable.remove_leftovers(tmp_path / "gone", re.compile("x")) == 0


def test_removing_what_is_not_there_is_no_error_and_a_failing_disk_is(tmp_path: Path) -> None:
    durable.remove_durably(tmp_path / "gone")
    (tmp_path / "a.bin").write_bytes(OLD)

    class Broken(Disk):
        def remove(self, path: Path) -> None:
            raise OSError(errno.EIO, "x")

    with pytest.raises(errors.WriteFailed):
        durable.remove_durably(tmp_path / "a.bin", disk=Broken())


def test_free_space_is_that_of_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert durable.free_bytes(tmp_path) > 0
    with pytest.raises(errors.StickGone):
        durable.free_bytes(tmp_path / "gone")

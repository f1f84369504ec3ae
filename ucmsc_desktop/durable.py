"""Write a file so that "saved" is true: complete, read back, and still there after the power fails.

For every file outside the database: key slots, backups, sealed bundles on a stick. It must never report
success for bytes it has not read back from the disk, never leave a half-written file under the final name,
and never overwrite unless told to. A failed write or sync is reported, never tried again: after an I/O error
nobody knows what a second fsync would be talking about.

The order is the point: temporary file in the same folder, write, fsync, close, re-open and compare SHA-256,
rename, fsync the folder. The system calls go through `Disk`, so that a test can make any one of them fail.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import shutil
import stat
import sys
from pathlib import Path

from ucmsc_desktop import errors
from ucmsc_desktop.i18n import Text

RESERVE_BYTES = 32 * 1024 * 1024
LOW_SPACE_BYTES = 500 * 1000 * 1000
RESERVE_NAME = "reserve.bin"

_CHUNK = 1024 * 1024
_BINARY: int = getattr(os, "O_BINARY", 0)
_NO_LINKS: int = getattr(os, "O_NOFOLLOW", 0)
_FOLDER_SYNC_UNSUPPORTED = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}


class Disk:
    """The system calls of one durable write, one method each."""

    def create(self, path: Path, mode: int) -> int:
        """Create a file that must not exist yet and give its descriptor."""
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY | _NO_LINKS, mode)

    def write(self, fd: int, data: memoryview) -> int:
        """Write some of `data` and tell how many bytes were taken."""
        return os.write(fd, data)

    def sync(self, fd: int) -> None:
        """Push the file through every cache, the drive's own included where the system allows it."""
        if sys.platform == "darwin":
            import fcntl

            # fsync on macOS stops at the drive's volatile cache.
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
        else:
            os.fsync(fd)

    def close(self, fd: int) -> None:
        """Close the descriptor; some file systems report a lost write only here."""
        os.close(fd)

    def digest(self, path: Path) -> str:
        """Read the file again, past the page cache where the system allows it, and give its SHA-256."""
        sha = hashlib.sha256()
        fd = os.open(path, os.O_RDONLY | _BINARY | _NO_LINKS)
        try:
            if sys.platform == "linux":
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
            elif sys.platform == "darwin":
                import fcntl

                fcntl.fcntl(fd, fcntl.F_NOCACHE, 1)
            while block := os.read(fd, _CHUNK):
                sha.update(block)
        finally:
            os.close(fd)
        return sha.hexdigest()

    def rename(self, source: Path, target: Path) -> None:
        """Give the file its final name in one step."""
        os.replace(source, target)

    def sync_folder(self, folder: Path) -> None:
        """Make the new name itself durable; Windows journals it and offers no such call."""
        if sys.platform == "win32":
            return
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        except OSError as error:
            # Some FUSE drivers (exFAT, NTFS) know no folder sync; every other failure is real.
            if error.errno not in _FOLDER_SYNC_UNSUPPORTED:
                raise
        finally:
            os.close(fd)

    def remove(self, path: Path) -> None:
        """Delete one name."""
        os.unlink(path)


REAL_DISK = Disk()


def write_file_durably(
    path: Path, data: bytes, *, replace: bool = False, private: bool = True, disk: Disk = REAL_DISK
) -> str:
    """Write `data` under `path`, read it back, and give its SHA-256; a return means it is on the disk.

    Without `replace` an existing name is refused. `private` makes the file readable by its owner only; a
    sealed file on a stick is not private, because another person must read it on another computer.

    Raises: DiskFull, StickReadOnly, StickGone, WriteFailed; the folder then holds what it held before, except
    that a name replaced just before the folder sync failed may already show the new, complete content.
    """
    expected = hashlib.sha256(data).hexdigest()
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    named = False
    try:
        _write_part(part, data, 0o600 if private else 0o644, disk)
        if disk.digest(part) != expected:
            raise errors.WriteFailed(reason=Text("read back differently", "回读内容不一致"))
        if not replace and os.path.lexists(path):
            raise errors.WriteFailed(reason=Text("a file of this name exists", "同名文件已存在"))
        disk.rename(part, path)
        named = True
        disk.sync_folder(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            disk.remove(part)
        if named and not replace:
            # Complete and verified, but its name may not survive a power cut: failure must mean "nothing there".
            with contextlib.suppress(OSError):
                disk.remove(path)
        if isinstance(error, OSError):
            raise known_error(error) from error
        raise
    return expected


def _write_part(part: Path, data: bytes, mode: int, disk: Disk) -> None:
    fd = disk.create(part, mode)
    is_open = True
    try:
        rest = memoryview(data)
        while rest:
            taken = disk.write(fd, rest[:_CHUNK])
            if taken <= 0:
                raise OSError(errno.EIO, "nothing was written")
            rest = rest[taken:]
        disk.sync(fd)
        is_open = False  # Even a close that fails gives the descriptor up.
        disk.close(fd)
    finally:
        if is_open:
            with contextlib.suppress(OSError):
                os.close(fd)


def known_error(error: OSError) -> errors.KnownError:
    """Name a failed system call in the words of `errors`."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return errors.DiskFull()
        case errno.EROFS | errno.EACCES | errno.EPERM:
            return errors.StickReadOnly()
        case errno.ENOENT | errno.ENODEV | errno.ENXIO | errno.ENOTDIR:
            return errors.StickGone()
        case errno.EFBIG:
            return errors.WriteFailed(
                reason=Text("the file is too large for this disk", "文件超过该磁盘允许的大小")
            )
        case number:
            name = errno.errorcode.get(number or 0, "?")
            return errors.WriteFailed(reason=Text(f"system error {name}", f"系统错误 {name}"))


def remove_durably(path: Path, *, disk: Disk = REAL_DISK) -> None:
    """Delete a file if it is there, and make the deletion durable.

    Raises: as `write_file_durably`.
    """
    try:
        disk.remove(path)
        disk.sync_folder(path.parent)
    except FileNotFoundError:
        return
    except OSError as error:
        raise known_error(error) from error


def read_regular_file(path: Path, limit: int) -> bytes:
    """Read one regular file of at most `limit` bytes, following no link and never waiting on a pipe or device.

    Raises: FileTooLarge; StickGone when it is no longer there; WriteFailed when it is not a regular file.
    """
    try:
        if not stat.S_ISREG(os.lstat(path).st_mode):
            raise OSError(errno.ELOOP, "not a regular file")
        fd = os.open(path, os.O_RDONLY | _BINARY | _NO_LINKS | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(fd, "rb") as file:
            if not stat.S_ISREG(os.fstat(fd).st_mode):
                raise OSError(errno.ELOOP, "not a regular file")
            data = file.read(limit + 1)
    except OSError as error:
        raise known_error(error) from error
    if len(data) > limit:
        raise errors.FileTooLarge(
            limit=f"{limit // (1024 * 1024)} MB" if limit >= 1024 * 1024 else f"{limit} B"
        )
    return data


def rename_folder_durably(source: Path, target: Path, *, disk: Disk = REAL_DISK) -> None:
    """Give a folder that others wrote into its final name, once every file in it is on the disk.

    Raises: as `write_file_durably`; WriteFailed when the name is taken.
    """
    try:
        if os.path.lexists(target):
            raise errors.WriteFailed(reason=Text("a folder of this name exists", "同名文件夹已存在"))
        for entry in sorted(os.scandir(source), key=lambda e: e.name):
            fd = os.open(entry.path, os.O_RDWR | _BINARY | _NO_LINKS)
            try:
                disk.sync(fd)
            finally:
                os.close(fd)
        disk.sync_folder(source)
        disk.rename(source, target)
        disk.sync_folder(target.parent)
    except OSError as error:
        raise known_error(error) from error


def remove_leftovers(folder: Path, name: re.Pattern[str]) -> int:
    """Delete the temporary files that a power cut left for final names matching `name`; give how many."""
    removed = 0
    with contextlib.suppress(OSError):
        for entry in list(os.scandir(folder)):
            found = re.fullmatch(r"\.(.+)\.[0-9a-f]{8}\.part", entry.name)
            if found and name.fullmatch(found[1]) and entry.is_file(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    os.unlink(entry.path)
                    removed += 1
    return removed


def free_bytes(folder: Path) -> int:
    """Give the free space of the disk under `folder`.

    Raises: StickGone and its like when the folder is not there.
    """
    try:
        return shutil.disk_usage(folder).free
    except OSError as error:
        raise known_error(error) from error


def make_reserve(folder: Path, *, size: int = RESERVE_BYTES, disk: Disk = REAL_DISK) -> None:
    """Keep `size` bytes back for the day the disk is full; do nothing if they are kept already.

    Random bytes, really written: a hole or a compressed run of zeros would give nothing back.

    Raises: as `write_file_durably`.
    """
    path = folder / RESERVE_NAME
    with contextlib.suppress(OSError):
        if os.lstat(path).st_size == size:
            return
    write_file_durably(path, secrets.token_bytes(size), replace=True, disk=disk)


def release_reserve(folder: Path, *, disk: Disk = REAL_DISK) -> bool:
    """Give the reserve back to the full disk; False means there was none left."""
    path = folder / RESERVE_NAME
    if not os.path.lexists(path):
        return False
    remove_durably(path, disk=disk)
    return True

"""Put sealed files on a stick and take them off again.

It must never overwrite or delete a bundle, never follow a link, and never say "safe to remove" before the
bytes have been read back from the stick. Names are random: the outside of a stick tells nobody who sent what.
"""

from __future__ import annotations

import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from ucmsc_desktop import errors
from ucmsc_desktop.durable import (
    REAL_DISK,
    Disk,
    known_error,
    read_regular_file,
    remove_leftovers,
    write_file_durably,
)
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.sync.seal import MAX_SEALED

NAME = re.compile(r"ucmsc-[0-9a-f]{16}\.age")
MAX_FILES = 1000
"""More than this in one folder is not a stick of ours; the listing stops there and says so."""


@dataclass(frozen=True, slots=True)
class Written:
    """A sealed file that has been read back from the stick; it is safe to remove it."""

    path: Path
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Listing:
    """The sealed files of a folder by name; `is_complete` is False when there were more than are listed."""

    files: tuple[Path, ...]
    is_complete: bool


def write_sealed(folder: Path, sealed: bytes, *, disk: Disk = REAL_DISK) -> Written:
    """Write a sealed file under a fresh random name; a return means "safe to remove".

    Raises: FileTooLarge; DiskFull, StickReadOnly, StickGone or WriteFailed, and then nothing of it is in the
    folder.
    """
    if len(sealed) > MAX_SEALED:
        raise errors.FileTooLarge(limit=f"{MAX_SEALED // (1024 * 1024)} MB")
    remove_leftovers(folder, NAME)
    path = folder / f"ucmsc-{secrets.token_hex(8)}.age"
    # Not private: the centre reads the stick under another account.
    digest = write_file_durably(path, sealed, private=False, disk=disk)
    return Written(path, digest, len(sealed))


def list_sealed(folder: Path) -> Listing:
    """List the regular files of `folder` itself whose name is that of a sealed file; links are passed over.

    Raises: StickGone when the folder is not there, StickReadOnly when it may not be read.
    """
    found: list[Path] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    found.append(Path(entry.path))
                    if len(found) > MAX_FILES:
                        break
    except OSError as error:
        raise known_error(error) from error
    return Listing(tuple(sorted(found[:MAX_FILES])), len(found) <= MAX_FILES)


def read_sealed(path: Path) -> bytes:
    """Read a sealed file chosen by the user or listed by `list_sealed`.

    Raises: FileTooLarge; SealBroken when its name or kind is not that of a sealed file; StickGone.
    """
    if not NAME.fullmatch(path.name):
        raise errors.SealBroken(reason=Text("not the name of a sealed file", "文件名不符"))
    return read_regular_file(path, MAX_SEALED)

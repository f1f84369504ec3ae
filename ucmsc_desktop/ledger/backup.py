"""Backups: a complete encrypted copy with its key slots, checked before it gets its name; and the way back.

A live database file is never copied; SQLite writes the copy itself. A backup is one folder with two files.
"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from ucmsc_desktop.durable import (
    known_error,
    read_regular_file,
    remove_durably,
    rename_folder_durably,
    write_file_durably,
)
from ucmsc_desktop.errors import AlreadySetUp, BackupInvalid, KeyslotsBroken
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.ledger.ledger import Ledger
from ucmsc_desktop.ledger.slotfile import SlotFile
from ucmsc_desktop.paths import UNFINISHED

DATABASE = "ledger.db"
SLOTS = "keyslots.json"
_SLOTS_LIMIT = 1024 * 1024
_PAGE = 4096


def write_backup(ledger: Ledger, key: bytes, slots: Path, folder: Path, now: datetime) -> Path:
    """Write a backup into a new folder under `folder` and give the copy's path; it was opened and checked.

    Raises: DiskFull, DataFolderUnusable, BackupInvalid, StickGone, WriteFailed. Nothing of a failed backup stays.
    """
    target = folder / f"ucmsc-backup-{now:%Y%m%d-%H%M%S}"
    part = folder / f"{target.name}.part"
    try:
        part.mkdir(parents=True, mode=0o700)
    except OSError as fault:
        raise BackupInvalid(reason=fault.strerror or "folder") from fault
    try:
        copy = part / DATABASE
        ledger.copy_to(copy)
        _check(copy, key, ledger.last_id())
        write_file_durably(part / SLOTS, read_regular_file(slots, _SLOTS_LIMIT))
        rename_folder_durably(part, target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return target / DATABASE


def _check(copy: Path, key: bytes, rows: int) -> None:
    check = Ledger.open(copy, key)
    try:
        if check.last_id() != rows or check.integrity():
            raise BackupInvalid(reason=Text("it does not hold every entry", "记录不完整"))
    finally:
        check.close()
    for side in ("-wal", "-shm"):
        copy.with_name(copy.name + side).unlink(missing_ok=True)


def restore(backup: Path, folder: Path) -> None:
    """Put a backup into an empty data folder; signing in then opens and checks it.

    Cut short, it can be called again: what lies there already, byte for byte, is kept.
    Raises: AlreadySetUp when other data are there, BackupInvalid, DiskFull.
    """
    source = backup if backup.is_dir() else backup.parent
    if not (source / DATABASE).is_file() or not (source / SLOTS).is_file():
        raise BackupInvalid(
            reason=Text("ledger.db or keyslots.json is missing", "缺少 ledger.db 或 keyslots.json")
        )
    try:
        contents = {
            DATABASE: (source / DATABASE).read_bytes(),
            SLOTS: read_regular_file(source / SLOTS, _SLOTS_LIMIT),
        }
        SlotFile.decoded(contents[SLOTS])
        present = {n: (folder / n).read_bytes() for n in contents if (folder / n).exists()}
    except OSError as fault:
        raise known_error(fault) from fault
    except KeyslotsBroken as fault:
        raise BackupInvalid(reason=Text("keyslots.json is damaged", "keyslots.json 已损坏")) from fault
    if len(contents[DATABASE]) % _PAGE or not contents[DATABASE]:
        raise BackupInvalid(reason=Text("ledger.db is cut off", "ledger.db 不完整"))
    if len(present) == len(contents) or any(contents[name] != found for name, found in present.items()):
        raise AlreadySetUp
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, content in contents.items():
        if name not in present:
            write_file_durably(folder / name, content)
    remove_durably(
        folder / UNFINISHED
    )  # of a set-up that was cut short before: the folder holds a whole ward now

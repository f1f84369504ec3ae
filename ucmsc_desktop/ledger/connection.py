"""Open the encrypted database: SQLCipher behind SQLAlchemy Core, one connection, one place that talks to the disk.

The traps that this module closes: no key on a new file would mean a plaintext database; the exclusive lock must be set
before WAL, or a full disk kills the program by SIGBUS at the next start; parameters are hidden from every exception;
driver errors become errors that a nurse can act on.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import StaticPool

from ucmsc_desktop.errors import (
    DatabaseDamaged,
    DatabaseInUse,
    DataFolderUnusable,
    DiskFull,
    KnownError,
    LibraryTooOld,
)

MINIMUM_SQLITE = (3, 51, 3)  # before it, a WAL reset could corrupt the file

SUSPECT: set[Path] = set()
"""Databases that an operation failed on in this process: the next opening checks them, whatever the caller says."""

PRAGMAS = (
    "PRAGMA cipher_log_level = NONE",
    "PRAGMA cipher_memory_security = OFF",
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = EXTRA",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA cell_size_check = ON",
    "PRAGMA secure_delete = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA fullfsync = ON",
    "PRAGMA checkpoint_fullfsync = ON",
)


def connect(path: Path, key: bytes) -> Engine:
    """Give an engine with one open, keyed, checked connection.

    Raises: LibraryTooOld, DatabaseInUse, DatabaseDamaged (a wrong key reads as damage), DataFolderUnusable, DiskFull.
    """
    import sqlcipher3

    if sqlcipher3.dbapi2.sqlite_version_info < MINIMUM_SQLITE:
        raise LibraryTooOld(reason=sqlcipher3.dbapi2.sqlite_version)
    if len(key) != 32:
        raise ValueError("the data key has 32 bytes")

    def creator() -> Any:
        raw = sqlcipher3.dbapi2.connect(str(path), isolation_level=None, check_same_thread=False, timeout=2)
        raw.execute(f"PRAGMA key = \"x'{key.hex()}'\"")
        for pragma in PRAGMAS:
            raw.execute(pragma).fetchall()
        raw.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        return raw

    with known_errors(path):
        engine = create_engine(
            "sqlite+pysqlite://",
            module=sqlcipher3.dbapi2,
            creator=creator,
            poolclass=StaticPool,
            hide_parameters=True,
            isolation_level="AUTOCOMMIT",
        )
        engine.connect().close()
    return engine


@contextmanager
def known_errors(path: Path) -> Iterator[None]:
    """Turn driver errors into errors with a code; anything else passes."""
    try:
        yield
    except DBAPIError as fault:
        raise _known(fault.orig, path) from None
    except Exception as fault:
        if type(fault).__module__.startswith(("sqlcipher3", "sqlite3")):
            raise _known(fault, path) from None
        raise


def _known(fault: BaseException | None, path: Path) -> BaseException:
    text = str(fault).lower()
    SUSPECT.add(path)
    reasons: tuple[tuple[str, Callable[[], KnownError]], ...] = (
        ("disk is full", DiskFull),
        ("database is locked", DatabaseInUse),
        ("not a database", lambda: DatabaseDamaged(reason="key or header")),
        ("malformed", lambda: DatabaseDamaged(reason="structure")),
        ("unable to open", lambda: DataFolderUnusable(reason=_why_not(path))),
        ("readonly", lambda: DataFolderUnusable(reason="read-only")),
        ("disk i/o", lambda: DiskFull() if _is_full(path) else DatabaseDamaged(reason="disk I/O")),
        ("hmac", lambda: DatabaseDamaged(reason="page check")),
    )
    for sign, make in reasons:
        if sign in text:
            return make()
    return fault if fault is not None else RuntimeError("database")


def _why_not(path: Path) -> str:
    return "missing" if not path.parent.exists() else "no access"


def _is_full(path: Path) -> bool:
    """Try to write a page beside the database; only that tells a full disk from a broken one."""
    probe = path.with_name(path.name + ".probe")
    try:
        with probe.open("wb") as file:
            file.write(b"\0" * 65536)
            file.flush()
    except OSError as fault:
        return fault.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    else:
        return False
    finally:
        probe.unlink(missing_ok=True)


@contextmanager
def writing(connection: Connection) -> Iterator[Connection]:
    """One transaction: everything or nothing, on the disk when it ends."""
    connection.exec_driver_sql("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.exec_driver_sql("COMMIT")
    except BaseException:
        with suppress(DBAPIError):  # the failed statement may have ended it already
            connection.exec_driver_sql("ROLLBACK")
        raise

"""The log: append events in one synced transaction, read them back, never change them.

All SQL of the program is in this package. There is one connection and one lock; a long reader takes events in
partitions and holds the lock a few milliseconds each time, so that a save never waits. What `append` returns is on the
disk.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as upsert
from sqlalchemy.exc import DBAPIError

from ucmsc_desktop.errors import BugError, DatabaseDamaged
from ucmsc_desktop.ledger import tables as t
from ucmsc_desktop.ledger.connection import SUSPECT, connect, known_errors, writing
from ucmsc_desktop.ledger.migrations import HEAD
from ucmsc_desktop.record.events import GENESIS, Draft, Event, Stamp, hash_body, read, write

PARTITION = 200


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a device: its number and hash."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class BundleRow:
    """A sealed file as the centre saw it."""

    sha256: str
    name: str
    device: str
    first: int
    last: int
    at: str
    outcome: str


class Ledger:
    """An open log. Close it to forget the key."""

    def __init__(self, path: Path, key: bytes) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._engine = connect(path, key)
        self._connection = self._engine.connect()
        self._heads: dict[str, Head] = {}

    @classmethod
    def create(cls, path: Path, key: bytes) -> Ledger:
        """Create the database at `path`, which must not exist."""
        if path.exists():
            raise BugError("the database exists already")
        path.touch(mode=0o600)
        ledger = cls(path, key)
        ledger._migrate()
        return ledger

    @classmethod
    def open(cls, path: Path, key: bytes, *, check: bool = True) -> Ledger:
        """Open the database at `path` and bring its schema up to date.

        `check` reads the whole file for faults of structure (6 s for a million entries). Without it the file must have
        been checked before in this process; every page that is read is verified by its own code all the same.

        Raises: DatabaseDamaged, DatabaseInUse, DataFolderUnusable, DiskFull.
        """
        if not path.is_file():
            raise DatabaseDamaged(reason="missing")
        ledger = cls(path, key)
        try:
            with known_errors(path):
                version = ledger._version()
                if version != HEAD:
                    ledger._migrate()
                if check or path in SUSPECT:
                    ledger._quick_check()
        except BaseException:
            ledger.close()
            raise
        return ledger

    def _quick_check(self) -> None:
        if self._connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
            raise DatabaseDamaged(reason="quick check")
        SUSPECT.discard(self.path)

    def _version(self) -> str | None:
        has = "SELECT count(*) FROM sqlite_schema WHERE name = 'alembic_version'"
        if not self._connection.exec_driver_sql(has).scalar():
            return None
        return self._connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()

    def _migrate(self) -> None:
        from alembic import command
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        config.attributes["connection"] = self._connection
        with self._lock, known_errors(self.path), writing(self._connection):
            command.upgrade(config, "head")

    def close(self) -> None:
        """Close the database; the key goes with the connection."""
        with self._lock:
            self._connection.close()
            self._engine.dispose()

    # --- writing ---------------------------------------------------------------------------------------------

    def append(self, drafts: Sequence[Draft], stamp: Stamp) -> tuple[Event, ...]:
        """Append drafts as events of the stamp's device in one transaction; give them when they are on the disk.

        Raises: DiskFull, DatabaseDamaged. Nothing is kept of a failed append.
        """
        if not drafts:
            return ()
        with self._lock, known_errors(self.path):
            head = self.head(stamp.device)
            events: list[Event] = []
            for draft in drafts:
                event = write(draft, stamp, head.seq + 1, head.hash)
                head = Head(event.seq, event.hash)
                events.append(event)
            with writing(self._connection):
                self._insert(events)
            self._heads[stamp.device] = head
        return tuple(events)

    def receive(self, events: Sequence[Event], bundle: BundleRow) -> int:
        """Append events of other devices and the record of their file, all or nothing; give how many were new.

        Events that are here already are passed over; the caller has checked that their hashes are the same.
        """
        with self._lock, known_errors(self.path), writing(self._connection):
            known = {device: self.head(device).seq for device in {e.device for e in events}}
            fresh = [e for e in events if e.seq > known[e.device]]
            self._insert(fresh)
            self._connection.execute(_upsert_bundle(bundle))
            self._heads.clear()
        return len(fresh)

    def note_bundle(self, bundle: BundleRow) -> None:
        """Record the outcome of a file that was not imported."""
        with self._lock, known_errors(self.path), writing(self._connection):
            self._connection.execute(_upsert_bundle(bundle))

    def _insert(self, events: Sequence[Event]) -> None:
        if not events:
            return
        first = self.last_id() + 1
        rows = [
            (n, e.device, e.seq, e.hash, e.prev, e.subject, str(e.key) if e.key else "", e.kind, e.body)
            for n, e in enumerate(events, first)
        ]
        values = [(n, e.salt, e.value) for n, e in enumerate(events, first) if e.value is not None and e.salt]
        # Plain statements: building them for every row took a third of an import.
        self._connection.exec_driver_sql(_INSERT_EVENT, rows)
        if values:
            self._connection.exec_driver_sql(_INSERT_VALUE, values)

    # --- reading ---------------------------------------------------------------------------------------------

    def head(self, device: str) -> Head:
        """Give the last entry of a device; number 0 before the first."""
        with self._lock:
            found = self._heads.get(device)
            if found is None:
                query = select(t.event.c.seq, t.event.c.hash).where(t.event.c.device == device)
                row = self._connection.execute(query.order_by(t.event.c.seq.desc()).limit(1)).first()
                found = self._heads[device] = Head(row.seq, row.hash) if row else Head(0, GENESIS)
            return found

    def last_id(self) -> int:
        """Give the number of the newest row, in order of arrival."""
        with self._lock:
            return int(self._connection.execute(_LAST_ID).scalar_one())

    def subject_events(self, subject: str) -> tuple[Event, ...]:
        """Give all events of a participant in order of arrival."""
        query = _EVENTS.where(t.event.c.subject == subject).order_by(t.event.c.id)
        with self._lock, known_errors(self.path):
            return tuple(_event(row) for row in self._connection.execute(query))

    def form_events(self, form: str, after: int = 0) -> tuple[Event, ...]:
        """Give the values entered in the records of one form, of all participants, that arrived after a row."""
        table = t.event.c
        about = (table.id > after, table.kind == "ItemSet", table.form.startswith(f"{form}/"))
        with self._lock, known_errors(self.path):
            return tuple(
                _event(row) for row in self._connection.execute(_EVENTS.where(*about).order_by(table.id))
            )

    def stretch(self, device: str, first: int, last: int | None = None) -> Iterator[Event]:
        """Give the events of a device from `first` to `last`, in partitions, so that a save can come between."""
        at = first
        while last is None or at <= last:
            upper = at + PARTITION if last is None else min(at + PARTITION, last + 1)
            query = _EVENTS.where(t.event.c.device == device, t.event.c.seq >= at, t.event.c.seq < upper)
            with self._lock, known_errors(self.path):
                rows = self._connection.execute(query.order_by(t.event.c.seq)).all()
            if not rows:
                return
            yield from (_event(row) for row in rows)
            at = upper

    def arrivals(self, after: int = 0, kinds: Iterable[str] | None = None) -> Iterator[tuple[int, Event]]:
        """Give events by order of arrival after a row, in partitions, with their row numbers."""
        wanted = tuple(kinds) if kinds is not None else None
        while True:
            query = _EVENTS.where(t.event.c.id > after).order_by(t.event.c.id).limit(PARTITION)
            if wanted is not None:
                query = query.where(t.event.c.kind.in_(wanted))
            with self._lock, known_errors(self.path):
                rows = self._connection.execute(query).all()
            if not rows:
                return
            for row in rows:
                after = row.id
                yield row.id, _event(row)

    def subjects(self) -> tuple[str, ...]:
        """Give the numbers of all participants."""
        query = (
            select(t.event.c.subject).where(t.event.c.kind == "SubjectCreated").order_by(t.event.c.subject)
        )
        with self._lock:
            return tuple(dict.fromkeys(self._connection.execute(query).scalars()))

    def devices(self) -> tuple[str, ...]:
        """Give the devices that have entries here."""
        with self._lock:
            return tuple(
                self._connection.execute(
                    select(t.event.c.device).distinct().order_by(t.event.c.device)
                ).scalars()
            )

    def count(self, device: str | None = None) -> int:
        """Count the entries, of one device or of all."""
        query = select(func.count()).select_from(t.event)
        if device is not None:
            query = query.where(t.event.c.device == device)
        with self._lock:
            return int(self._connection.execute(query).scalar_one())

    def count_by_subject(self) -> dict[str, int]:
        """Count the entries of each participant."""
        query = (
            select(t.event.c.subject, func.count()).where(t.event.c.subject != "").group_by(t.event.c.subject)
        )
        with self._lock:
            return {subject: int(n) for subject, n in self._connection.execute(query)}

    # --- what may change: settings, drafts, the board, the centre's registers ---------------------------------

    def setting(self, name: str) -> str | None:
        """Give a setting of this database."""
        with self._lock:
            return self._connection.execute(
                select(t.setting.c.value).where(t.setting.c.name == name)
            ).scalar()

    def set_setting(self, name: str, value: str) -> None:
        """Store a setting."""
        statement = upsert(t.setting).values(name=name, value=value)
        self._change(
            lambda: self._connection.execute(statement.on_conflict_do_update(["name"], set_={"value": value}))
        )

    def save_draft(self, subject: str, form: str, item: str, row: int, *, user: str, typed: str) -> None:
        """Keep what a person is typing; an empty text drops it. Two persons do not overwrite each other."""
        where = (
            t.draft.c.subject == subject,
            t.draft.c.form == form,
            t.draft.c.item == item,
            t.draft.c.row == row,
            t.draft.c.user == user,
        )
        if not typed:
            self._change(lambda: self._connection.execute(delete(t.draft).where(*where)))
            return
        statement = upsert(t.draft).values(
            subject=subject, form=form, item=item, row=row, user=user, typed=typed
        )
        change = statement.on_conflict_do_update(
            ["subject", "form", "item", "row", "user"], set_={"typed": typed}
        )
        self._change(lambda: self._connection.execute(change))

    def drafts(self, subject: str, form: str, user: str) -> dict[tuple[str, int], str]:
        """Give what a person had typed in a record and not committed."""
        query = select(t.draft).where(
            t.draft.c.subject == subject, t.draft.c.form == form, t.draft.c.user == user
        )
        with self._lock:
            return {(r.item, r.row): r.typed for r in self._connection.execute(query)}

    def board(self) -> dict[str, str]:
        """Give the stored summaries of all participants."""
        with self._lock:
            return {r.subject: r.summary for r in self._connection.execute(select(t.board))}

    def board_upto(self, made_by: str) -> int:
        """Give the row up to which the stored summaries are good; 0 where they were made by another program or plan."""
        if self.setting("board_by") != made_by:
            return 0
        return int(self.setting("board_upto") or 0)

    def set_board(self, summaries: dict[str, str], upto: int, made_by: str) -> None:
        """Store summaries that were computed from the events up to a row."""

        def store() -> None:
            if summaries:
                statement = upsert(t.board)
                statement = statement.on_conflict_do_update(
                    ["subject"], set_={"summary": statement.excluded.summary}
                )
                self._connection.execute(
                    statement, [{"subject": s, "summary": x} for s, x in summaries.items()]
                )
            for name, value in (("board_upto", str(upto)), ("board_by", made_by)):
                marker = upsert(t.setting).values(name=name, value=value)
                self._connection.execute(marker.on_conflict_do_update(["name"], set_={"value": value}))

        self._change(store)

    def subjects_after(self, row: int) -> tuple[str, ...]:
        """Give the participants that have entries after a row."""
        # NOT INDEXED: only the rows after it are read; the planner would walk the whole index of participants.
        query = "SELECT DISTINCT subject FROM event NOT INDEXED WHERE id > ? AND subject != ''"
        with self._lock, known_errors(self.path):
            return tuple(self._connection.exec_driver_sql(query, (row,)).scalars())

    def register_device(self, device: str, public_key: str, note: str = "") -> None:
        """Enter a device and its public key into the centre's register."""
        statement = upsert(t.device).values(device=device, public_key=public_key, note=note)
        self._change(lambda: self._connection.execute(statement.on_conflict_do_nothing()))

    def registered_devices(self) -> dict[str, str]:
        """Give the registered devices with their public keys."""
        with self._lock:
            return {r.device: r.public_key for r in self._connection.execute(select(t.device))}

    def bundles(self) -> tuple[BundleRow, ...]:
        """Give every sealed file that was seen, oldest first."""
        with self._lock:
            rows = self._connection.execute(select(t.bundle).order_by(t.bundle.c.at, t.bundle.c.name)).all()
        return tuple(BundleRow(*row) for row in rows)

    def _change(self, work: Callable[[], object]) -> None:
        with self._lock, known_errors(self.path), writing(self._connection):
            work()

    # --- care ------------------------------------------------------------------------------------------------

    def schema(self) -> dict[str, str]:
        """Give the definitions of all triggers, for the verifier."""
        query = "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'"
        with self._lock:
            return {row[0]: row[1] for row in self._connection.exec_driver_sql(query)}

    def misfiled(self) -> tuple[str, int] | None:
        """Give the first entry whose columns do not say what its body says; None when all do."""
        query = """SELECT device, seq FROM event WHERE
            json_extract(CAST(body AS TEXT), '$.device') IS NOT device OR
            json_extract(CAST(body AS TEXT), '$.seq') IS NOT seq OR
            json_extract(CAST(body AS TEXT), '$.prev') IS NOT prev OR
            json_extract(CAST(body AS TEXT), '$.subject') IS NOT subject OR
            json_extract(CAST(body AS TEXT), '$.form') IS NOT form OR
            json_extract(CAST(body AS TEXT), '$.kind') IS NOT kind
            ORDER BY id LIMIT 1"""
        with self._lock, known_errors(self.path):
            row = self._connection.exec_driver_sql(query).first()
        return (row[0], row[1]) if row else self._filed_under_another_hash()

    def _filed_under_another_hash(self) -> tuple[str, int] | None:
        columns = select(t.event.c.id, t.event.c.device, t.event.c.seq, t.event.c.hash, t.event.c.body)
        after = 0
        while True:
            query = columns.where(t.event.c.id > after).order_by(t.event.c.id).limit(PARTITION)
            with self._lock, known_errors(self.path):
                rows = self._connection.execute(query).all()
            if not rows:
                return None
            for row in rows:
                if hash_body(row.body) != row.hash:
                    return row.device, row.seq
            after = rows[-1].id

    def stray_values(self) -> int:
        """Count values that belong to no entry."""
        query = "SELECT count(*) FROM event_value WHERE id NOT IN (SELECT id FROM event)"
        with self._lock, known_errors(self.path):
            return int(self._connection.exec_driver_sql(query).scalar_one())

    def integrity(self) -> tuple[str, ...]:
        """Give every fault that SQLite and SQLCipher find in the file; none is good."""
        faults: list[str] = []
        with self._lock, known_errors(self.path):
            # SQLCipher reads the pages of the file, not those in the write-ahead log: after a power cut during a
            # checkpoint a torn page would look like damage, though the log holds it whole.
            with suppress(DBAPIError):  # on a full disk there is nothing to gain
                self._connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)").all()
            for pragma in ("cipher_integrity_check", "integrity_check"):
                rows = self._connection.exec_driver_sql(f"PRAGMA {pragma}").scalars().all()
                faults.extend(str(r) for r in rows if r != "ok")
        return tuple(faults)

    def copy_to(self, path: Path) -> None:
        """Write a complete encrypted copy to a new file (VACUUM INTO keeps the key)."""
        with self._lock, known_errors(path):
            self._connection.exec_driver_sql("VACUUM INTO ?", (str(path),))


_INSERT_EVENT = """INSERT INTO event (id, device, seq, hash, prev, subject, form, kind, body)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_INSERT_VALUE = "INSERT INTO event_value (id, salt, value) VALUES (?, ?, ?)"

_LAST_ID = select(func.coalesce(func.max(t.event.c.id), 0))

_EVENTS: Select[tuple[int, bytes, bytes, str]] = select(
    t.event.c.id, t.event.c.body, t.event_value.c.salt, t.event_value.c.value
).select_from(t.event.outerjoin(t.event_value, t.event.c.id == t.event_value.c.id))


def _event(row: object) -> Event:
    return read(row.body, row.value, row.salt)  # type: ignore[attr-defined]  # a row of _EVENTS


def _upsert_bundle(bundle: BundleRow) -> Insert:
    columns = {
        "name": bundle.name,
        "device": bundle.device,
        "first": bundle.first,
        "last": bundle.last,
        "at": bundle.at,
        "outcome": bundle.outcome,
    }
    return (
        upsert(t.bundle)
        .values(sha256=bundle.sha256, **columns)
        .on_conflict_do_update(["sha256"], set_=columns)
    )

"""The log: what is acknowledged stays, what is written cannot be changed, what is altered is named."""

from __future__ import annotations

import contextlib
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from ucmsc_desktop.errors import DatabaseDamaged, DatabaseInUse, DiskFull
from ucmsc_desktop.ledger.chain import verify
from ucmsc_desktop.ledger.ledger import Ledger
from ucmsc_desktop.record.events import Cell, Draft, FormKey, Stamp

KEY = bytes(range(32))
CANARY = "KANARIENVOGEL-7391"
AT = datetime(2026, 3, 1, 8, 0, tzinfo=timezone(timedelta(hours=8)))
STAMP = Stamp("d1", "nurse.alpha", "nurse", AT, 1, "boot", "0.1.0")
ROOT = Path(__file__).resolve().parents[2]


def item(value: str, name: str = "abg_ph") -> Draft:
    return Draft(
        "ItemSet", "01-001", FormKey("F9", "BL"), Cell(name), "1.0", value=f'"{value}"', origin="entered"
    )


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    made = Ledger.create(tmp_path / "ledger.db", KEY)
    made.append([Draft("DeviceCreated"), Draft("SubjectCreated", "01-001")], STAMP)
    for number in range(20):
        made.append([item(f"{number}"), item(f"x{number}", "abg_pb")], STAMP)
    return made


def test_what_was_appended_comes_back_after_reopening(ledger: Ledger) -> None:
    path = ledger.path
    before = ledger.subject_events("01-001")
    ledger.close()
    again = Ledger.open(path, KEY)
    assert again.subject_events("01-001") == before
    assert again.head("d1").seq == 42
    assert verify(again, "d1").holds
    again.close()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET kind = 'X' WHERE id = 3",
        "DELETE FROM event WHERE id = 3",
        "DELETE FROM event",
        "INSERT OR REPLACE INTO event SELECT * FROM event WHERE id = 3",
        "REPLACE INTO event SELECT * FROM event WHERE id = 3",
        "INSERT INTO event SELECT 99, device, 99, substr(hash, 2) || 'a', prev, '', '', 'X', body FROM event WHERE id = 3",
        "UPDATE event_value SET value = '1'",
        "DELETE FROM event_value",
        "INSERT OR REPLACE INTO event_value SELECT * FROM event_value LIMIT 1",
    ],
)
def test_no_statement_changes_the_log(ledger: Ledger, statement: str) -> None:
    with pytest.raises(DBAPIError):
        ledger._connection.exec_driver_sql(statement)
    assert verify(ledger, "d1").holds
    assert ledger.count() == 42
    ledger.close()


def tamper(ledger: Ledger, *statements: str) -> None:
    """Change the log as somebody with the key and SQL could, triggers put back afterwards."""
    run = ledger._connection.exec_driver_sql
    triggers = ledger.schema()
    run("PRAGMA foreign_keys = OFF")
    for name in triggers:
        run(f"DROP TRIGGER {name}")
    for statement in statements:
        run(statement)
    for text in triggers.values():
        run(text)


@pytest.mark.parametrize(
    ("statement", "seq"),
    [
        (
            "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), 'nurse.alpha', 'nurse.aloha') AS BLOB) WHERE id = 7",
            8,
        ),
        ("DELETE FROM event WHERE id = 1", 1),
        ("DELETE FROM event WHERE id = 20", 20),
        ("UPDATE event_value SET value = '\"999\"' WHERE id = 9", 9),
        ("DELETE FROM event_value WHERE id = 9", 9),
        ("UPDATE event SET subject = '01-002' WHERE id = 9", 9),
        ("UPDATE event SET seq = CASE seq WHEN 9 THEN -10 ELSE -9 END WHERE seq IN (9, 10)", 9),
    ],
)
def test_the_first_altered_entry_is_named(ledger: Ledger, statement: str, seq: int) -> None:
    extra = ("UPDATE event SET seq = -seq WHERE seq < 0",) if "seq = CASE" in statement else ()
    statements = (statement, *extra)
    if extra:
        tamper(ledger, "PRAGMA ignore_check_constraints = ON", *statements)
    else:
        tamper(ledger, *statements)
    found = verify(ledger, "d1")
    assert not found.holds
    assert found.faults[0].seq == seq
    ledger.close()


def test_a_dropped_trigger_is_reported(ledger: Ledger) -> None:
    ledger._connection.exec_driver_sql("DROP TRIGGER event_no_delete")
    assert verify(ledger, "d1").file_faults == ("trigger event_no_delete",)
    ledger.close()


def test_a_flipped_byte_of_the_file_is_found(tmp_path: Path, ledger: Ledger) -> None:
    path = ledger.path
    ledger.close()
    size = path.stat().st_size
    random.seed(4)
    for _ in range(6):
        copy = tmp_path / "copy.db"
        shutil.copy(path, copy)
        at = random.randrange(4096, size)
        with copy.open("r+b") as file:
            file.seek(at)
            byte = file.read(1)
            file.seek(at)
            file.write(bytes([byte[0] ^ 1]))
        assert not intact(copy)


def intact(path: Path) -> bool:
    """Say whether a database opens and verifies."""
    try:
        ledger = Ledger.open(path, KEY)
    except DatabaseDamaged:
        return False
    try:
        return verify(ledger, "d1").holds
    except DatabaseDamaged:
        return False
    finally:
        ledger.close()


def test_the_file_is_not_readable_without_the_key(tmp_path: Path, ledger: Ledger) -> None:
    ledger.append([item(CANARY)], STAMP)
    ledger.save_draft("01-001", "F9/BL/1", "abg_ph", 0, user="nurse.alpha", typed=CANARY)
    for file in tmp_path.iterdir():
        content = file.read_bytes()
        assert not content.startswith(b"SQLite format 3")
        for secret in (CANARY.encode(), b"01-001", b"abg_ph", b"nurse.alpha"):
            assert secret not in content, file.name
    ledger.close()


def test_a_wrong_key_opens_nothing(ledger: Ledger, capfd: pytest.CaptureFixture[str]) -> None:
    path = ledger.path
    ledger.close()
    with pytest.raises(DatabaseDamaged) as caught:
        Ledger.open(path, bytes(32))
    assert caught.value.code == "UC-103"
    assert capfd.readouterr().err == ""


def test_a_second_program_is_told_that_the_folder_is_in_use(ledger: Ledger) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from ucmsc_desktop.errors import KnownError\n"
        "from ucmsc_desktop.ledger.ledger import Ledger\n"
        "try:\n Ledger.open(Path(sys.argv[1]), bytes(range(32)))\n"
        "except KnownError as e:\n print(e.code)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(ledger.path)], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert told.stdout.strip() == DatabaseInUse.code
    ledger.close()


def test_an_outside_reader_opens_the_database_with_the_raw_key(tmp_path: Path, ledger: Ledger) -> None:
    """SQLite3 Multiple Ciphers is another implementation of the file format than the one that wrote it."""
    apsw = pytest.importorskip("apsw", reason="apsw-sqlite3mc is not installed")
    ledger.append([item(CANARY)], STAMP)
    ledger.copy_to(tmp_path / "copy.db")
    ledger.close()
    outside = apsw.Connection(str(tmp_path / "copy.db"))
    for pragma, value in (("cipher", "sqlcipher"), ("legacy", 4), ("key", f"raw:{KEY.hex()}")):
        outside.pragma(pragma, value)
    assert outside.execute("SELECT count(*) FROM event").fetchone() == (43,)
    assert outside.execute("SELECT value FROM event_value WHERE value LIKE ?", ("%KANARIEN%",)).fetchone()
    outside.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here (needs root)")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_is_told_and_nothing_is_lost(small_disk: Path) -> None:
    path = small_disk / "ledger.db"
    ledger = Ledger.create(path, KEY)
    filler = small_disk / "reserve.bin"
    filler.write_bytes(b"r" * 200_000)
    done = 0
    code = ""
    while not code and done < 10_000:
        try:
            ledger.append([item("v" * 500)], STAMP)
            done += 1
        except DiskFull as told:
            code = told.code
    assert code == "UC-101"
    assert done > 50
    filler.unlink()
    ledger.append([item("after")], STAMP)
    ledger.close()
    again = Ledger.open(path, KEY)
    assert again.count() == done + 1
    assert verify(again, "d1").holds
    again.close()


def test_a_full_disk_at_the_start_does_not_stop_reading(small_disk: Path) -> None:
    path = small_disk / "ledger.db"
    ledger = Ledger.create(path, KEY)
    ledger.append([item("kept")], STAMP)
    ledger.close()
    with contextlib.suppress(OSError), (small_disk / "filler").open("wb") as file:
        while True:
            file.write(b"f" * 4096)
            file.flush()
    again = Ledger.open(path, KEY)
    assert again.count() == 1
    again.close()


KILLER = """
import os, random, signal, sys
from pathlib import Path
from ucmsc_desktop.ledger.chain import verify
from ucmsc_desktop.ledger.ledger import Ledger
from tests.ledger.test_ledger import KEY, STAMP, item

path, rounds = Path(sys.argv[1]), int(sys.argv[2])
random.seed(7391)
for _ in range(rounds):
    ours, theirs = os.pipe()
    writer = os.fork()
    if writer == 0:  # saves two entries at a time for ever, and tells the number of each save it was acknowledged
        os.close(ours)
        ledger = Ledger.open(path, KEY)
        while True:
            last = ledger.append([item("acknowledged"), item("derived", "pf")], STAMP)[-1]
            os.write(theirs, f"{last.seq}\\n".encode())
    os.close(theirs)
    told = os.fdopen(ours)
    acknowledged = 0
    for _line in range(random.randint(1, 25)):
        acknowledged = int(told.readline())
    os.kill(writer, signal.SIGKILL)
    acknowledged = max([acknowledged, *(int(n) for n in told.read().split("\\n")[:-1])])
    os.waitpid(writer, 0)
    ledger = Ledger.open(path, KEY)
    head, found = ledger.head("d1").seq, verify(ledger, "d1")
    ledger.close()
    assert head >= acknowledged, f"{acknowledged} was acknowledged, {head} is there"
    assert head % 2 == 0, "half a save"
    assert found.holds, found
print("nothing missing", flush=True)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
def test_kill_9_in_a_hundred_saves_loses_nothing_acknowledged(ledger: Ledger) -> None:
    path = ledger.path
    ledger.close()
    ran = subprocess.run(
        [sys.executable, "-c", KILLER, str(path), "100"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert ran.stdout.strip() == "nothing missing", ran.stderr

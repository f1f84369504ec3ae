"""The program killed at any step of set-up, sign-in, lock, export, backup or restore: the folder stays usable.

A child process is killed by itself, at the n-th step that touches the disk: each file call of ours, each statement of the
database. Afterwards the same is simply done again, as a person would.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = '''
import os, random, shutil, signal, sys
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.ward import PASSWORDS, make_bench
from ucmsc_desktop import durable
from ucmsc_desktop.ledger import backup
from ucmsc_desktop.ledger.keys import TRAINING
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import SetUp, Ward
from ucmsc_desktop.session import session as session_module, ward as ward_module

folder, action, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
small = lambda where: durable.make_reserve_(where, size=1000)
durable.make_reserve_ = durable.make_reserve
ward_module.make_reserve = session_module.make_reserve = small
bench = make_bench(folder / "bench")
GAS = FormKey("F9", "BL")
session = bench.sign_in()
subject = session.create_subject()
session.enter(subject, GAS, {Cell("abg_done"): "Y"})
copy = session.backup(folder / "first").parent
session.lock()
(folder / "stick").mkdir()
ANSWERS = SetUp("01", "Laptop", "admin", "Demo Administrator", PASSWORDS["admin"], (), bench.centre.public_key)


def ward(where):
    return Ward(where, bench.clock, bench.ward.study, kdf_floor=TRAINING)


def sign_in(where):
    return ward(where).sign_in("nurse.alpha", PASSWORDS["nurse.alpha"])


def do(where):
    if action == "set-up":
        ward(where).set_up(ANSWERS)
    elif action == "restore":
        backup.restore(copy, where)
    elif action == "enter":
        s = sign_in(where)
        s.enter(subject, GAS, {Cell("abg_nd_text"): "typed"})
        s.lock()
    elif action == "password":
        s = sign_in(where)
        s.people.change_password(PASSWORDS["nurse.alpha"], "marble anchor tundra 45 fern")
        s.lock()
    else:
        s = sign_in(where)
        s.export_sync(folder / "stick") if action == "export" else s.backup(where / "backups")
        s.lock()


def check(where):
    """Do what a person would do next; whatever raises here is the finding."""
    if action == "set-up":
        w = ward(where)
        if not w.is_set_up:
            w.set_up(ANSWERS)
        s = w.sign_in("admin", PASSWORDS["admin"])
    elif action == "restore":
        if not ward(where).is_set_up or not (where / "keyslots.json").exists():
            backup.restore(copy, where)
        s = sign_in(where)
    elif action == "password":
        try:
            s = sign_in(where)
        except Exception:
            bench.clock.advance(seconds=90)
            s = ward(where).sign_in("nurse.alpha", "marble anchor tundra 45 fern")
    else:
        s = sign_in(where)
    found = s.verify()
    assert found.holds, found
    if action != "set-up":
        assert s.form(subject, GAS).value("abg_done") == "Y"
    if action == "export":
        bench.centre.register(s.device_public_key())
        files = sorted((folder / "stick").glob("ucmsc-*.age"))
        assert all(i.outcome != "UC-503" for i in bench.centre.import_files(files)), "half a file has a whole name"
        s.export_sync(folder / "stick")
    if action == "backup":
        for made in (where / "backups").glob("ucmsc-backup-*"):
            if made.suffix != ".part":
                shutil.rmtree(folder / "again", ignore_errors=True)
                backup.restore(made, folder / "again")
                sign_in(folder / "again").lock()
        bench.clock.advance(seconds=2)
        s.backup(where / "backups")
    s.lock()


def arm(at):
    """Die at the step of this number."""
    count = [0]

    def step(*_args, **_named):
        count[0] += 1
        if count[0] == at:
            os.kill(os.getpid(), signal.SIGKILL)

    for name in ("create", "write", "sync", "close", "rename", "sync_folder", "remove", "digest"):
        def wrapped(self, *args, _real=getattr(durable.Disk, name)):
            step()
            return _real(self, *args)
        setattr(durable.Disk, name, wrapped)
    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "after_cursor_execute", step)
    sys.addaudithook(lambda what, _args: step() if what in ("os.rename", "os.mkdir", "os.remove", "shutil.rmtree") else None)
    return count


def fresh(number):
    where = folder / f"w{number}"
    if action not in ("set-up", "restore"):
        shutil.copytree(bench.ward.folder, where)
    return where


def child(at, where):
    pid = os.fork()
    if pid == 0:
        try:
            arm(at)
            do(where)
            os._exit(0)
        except BaseException as fault:
            print(f"round {at}: {fault!r}", file=sys.stderr, flush=True)
            os._exit(3)
    return os.waitpid(pid, 0)[1]


# How many steps are there? Run once without dying, in a child that tells.
out, into = os.pipe()
pid = os.fork()
if pid == 0:
    count = arm(0)
    do(fresh("count"))
    os.write(into, str(count[0]).encode())
    os._exit(0)
os.waitpid(pid, 0)
steps = int(os.read(out, 100))
assert steps > 10, steps
random.seed(7391)
points = sorted(random.sample(range(1, steps + 1), min(rounds, steps)))
killed = 0
for at in points:
    bench.clock.advance(seconds=61)
    where = fresh(at)
    status = child(at, where)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0, f"step {at}: {status}"
    killed += os.WIFSIGNALED(status)
    try:
        check(where)
    except BaseException as fault:
        raise SystemExit(f"killed at step {at} of {steps}: {fault!r} {[p.name for p in where.glob('*')] if where.exists() else '-'}") from fault
    shutil.rmtree(where, ignore_errors=True)
assert killed > len(points) // 2
print(f"usable after {killed} kills", flush=True)
'''


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX")
@pytest.mark.parametrize("action", ["set-up", "enter", "password", "export", "backup", "restore"])
def test_a_kill_at_any_step_leaves_a_folder_that_can_be_used(action: str, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path), action, "20"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "usable after" in ran.stdout, ran.stderr[-3000:]

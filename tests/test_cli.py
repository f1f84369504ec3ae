"""The command line as an outside check uses it: artefacts, coded errors, exit statuses, and never a traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.ward import PASSWORDS
from ucmsc_desktop import age
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import SetUp, Ward

ROOT = Path(__file__).resolve().parents[1]


class Command:
    """Runs the program as its own process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(
        self, *arguments: str | Path, root: Path = ROOT, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        ran = subprocess.run(
            [
                sys.executable,
                "-m",
                "ucmsc_desktop",
                "--data",
                str(self.folder / "ward"),
                *map(str, arguments),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=root,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen", **environment},
            timeout=120,
        )
        assert "Traceback" not in ran.stderr, ran.stderr
        return ran


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one ward with real key derivation, to be copied by each test."""
    folder = tmp_path_factory.mktemp("cli")
    run = Command(folder)
    assert run("--data", folder / "centre", "centre", "init").returncode == 0
    identity = next(
        s for s in (folder / "centre" / "centre-key.txt").read_text().splitlines() if s.startswith("AGE-")
    )
    ward = Ward(folder / "ward")
    recovery = age.new_identity()[1]
    ward.set_up(
        SetUp(
            "01", "Laptop", "admin", "Demo Admin", PASSWORDS["admin"], (age.recipient_of(identity),), recovery
        )
    )
    boss = ward.sign_in("admin", PASSWORDS["admin"])
    boss.people.add("nurse.alpha", "Nurse Alpha", "nurse", PASSWORDS["nurse.alpha"], is_temporary=False)
    (folder / "device.pub").write_text(boss.device_public_key())
    boss.lock()
    session = ward.sign_in("nurse.alpha", PASSWORDS["nurse.alpha"])
    subject = session.create_subject()
    session.enter(subject, FormKey("F1", "SCR"), {Cell("subj_name"): "Demo Person", Cell("bed"): "12"})
    session.lock()
    (folder / "password").write_text(PASSWORDS["nurse.alpha"] + "\n")
    return folder


@pytest.fixture
def ward(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture
def run(ward: Path) -> Command:
    return Command(ward)


def sign_in(ward: Path) -> tuple[str | Path, ...]:
    return ("--user", "nurse.alpha", "--password-file", ward / "password")


def test_the_whole_way_to_the_centre(run: Command, ward: Path) -> None:
    stick = ward / "stick"
    stick.mkdir()
    exported = run("sync", "export", "--to", stick, *sign_in(ward))
    assert exported.returncode == 0, exported.stderr
    (sealed,) = stick.iterdir()
    centre = ("--data", ward / "centre", "centre")
    assert run(*centre, "register", ward / "device.pub").returncode == 0
    imported = run(*centre, "import", sealed)
    assert imported.returncode == 0, imported.stderr
    assert "imported" in imported.stdout
    report = run(*centre, "report")
    assert report.returncode == 0
    assert "chains hold" in report.stdout
    assert "participant 01-001" in report.stdout
    status = run("sync", "status", *sign_in(ward))
    assert "not confirmed by the centre" in status.stdout


def test_verify_backup_and_restore(run: Command, ward: Path) -> None:
    assert "entries verified" in run("ledger", "verify", *sign_in(ward)).stdout
    backup = run("ledger", "backup", "--to", ward / "backups", *sign_in(ward))
    assert backup.returncode == 0, backup.stderr
    other = Command(ward / "other")
    assert other("ledger", "restore", backup.stdout.strip()).returncode == 0
    assert "entries verified" in other("ledger", "verify", *sign_in(ward)).stdout
    again = other("ledger", "restore", backup.stdout.strip())
    assert (again.returncode, again.stderr[:6]) == (1, "UC-108")


def test_papers_are_printed(run: Command, ward: Path) -> None:
    blank = run("crf", "blank", "--out", ward / "blank.pdf", "--lang", "zh")
    assert blank.returncode == 0, blank.stderr
    filled = run("crf", "print", "--out", ward / "book.pdf", "--subject", "01-001", *sign_in(ward))
    assert filled.returncode == 0, filled.stderr
    for name in ("blank.pdf", "book.pdf"):
        assert (ward / name).read_bytes().startswith(b"%PDF-")


def wrong_password(_run: Command, ward: Path) -> tuple[str | Path, ...]:
    (ward / "password").write_text("this is not the password")
    return ("ledger", "verify", *sign_in(ward))


def tampered_byte(_run: Command, ward: Path) -> tuple[str | Path, ...]:
    database = ward / "ward" / "ledger.db"
    raw = bytearray(database.read_bytes())
    raw[len(raw) // 2] ^= 1
    database.write_bytes(raw)
    return ("ledger", "verify", *sign_in(ward))


def not_set_up(_run: Command, ward: Path) -> tuple[str | Path, ...]:
    shutil.rmtree(ward / "ward")
    return ("ledger", "verify", *sign_in(ward))


def no_participant(_run: Command, ward: Path) -> tuple[str | Path, ...]:
    return ("crf", "print", "--out", ward / "x.pdf", "--subject", "01-999", *sign_in(ward))


def broken_slots(_run: Command, ward: Path) -> tuple[str | Path, ...]:
    for file in (ward / "ward").glob("keyslots*.json"):
        file.write_text("{")
    return ("ledger", "verify", *sign_in(ward))


def no_stick(_run: Command, ward: Path) -> tuple[str | Path, ...]:
    return ("sync", "export", "--to", ward / "nowhere", *sign_in(ward))


@pytest.mark.parametrize(
    ("arrange", "code"),
    [
        (wrong_password, "UC-201"),
        (tampered_byte, "UC-103"),
        (not_set_up, "UC-107"),
        (no_participant, "UC-302"),
        (broken_slots, "UC-203"),
        (no_stick, "UC-502"),
    ],
)
def test_each_trouble_has_its_own_code(
    run: Command, ward: Path, arrange: Callable[[Command, Path], tuple[str | Path, ...]], code: str
) -> None:
    ran = run(*arrange(run, ward))
    assert ran.returncode == 1
    assert ran.stderr.startswith(code), ran.stderr
    assert len(ran.stderr.split(". ")) >= 3, "what happened, what is safe, what to do"


def test_troubles_are_told_in_chinese_too(run: Command, ward: Path) -> None:
    ran = run("--lang", "zh", *wrong_password(run, ward))
    assert ran.stderr.startswith("UC-201 用户名或密码错误")


@pytest.fixture
def read_only_stick(tmp_path: Path) -> Path:
    folder = tmp_path / "read-only"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "ro,size=1m", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a read-only file system cannot be mounted here (needs root)")
    return folder


def test_a_write_protected_stick_is_told(run: Command, ward: Path, read_only_stick: Path) -> None:
    try:
        ran = run("sync", "export", "--to", read_only_stick, *sign_in(ward))
        assert (ran.returncode, ran.stderr[:6]) == (1, "UC-501"), ran.stderr
        assert "entries verified" in run("ledger", "verify", *sign_in(ward)).stdout
    finally:
        subprocess.run(["umount", "-l", str(read_only_stick)], check=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the program with its forms and resources, to break."""
    root = tmp_path / "program"
    ignore = shutil.ignore_patterns("__pycache__", ".compiled.json*")
    for name in ("ucmsc_desktop", "forms", "resources"):
        shutil.copytree(ROOT / name, root / name, ignore=ignore)
    return root


def test_missing_fonts_are_told(run: Command, ward: Path, checkout: Path) -> None:
    shutil.rmtree(checkout / "resources" / "fonts")
    ran = run("crf", "blank", "--out", ward / "x.pdf", root=checkout, PYTHONPATH=str(checkout))
    assert (ran.returncode, ran.stderr[:6]) == (1, "UC-601"), ran.stderr
    assert not (ward / "x.pdf").exists()


def test_broken_yaml_is_told_with_file_and_line(run: Command, ward: Path, checkout: Path) -> None:
    form = checkout / "forms" / "f09_abg.yaml"
    form.write_text(
        form.read_text(encoding="utf-8").replace("type: decimal", "type: desimal", 1), encoding="utf-8"
    )
    checked = run("forms", "check", root=checkout, PYTHONPATH=str(checkout))
    assert checked.returncode == 1
    assert "f09_abg.yaml:" in checked.stderr
    ran = run("ledger", "verify", *sign_in(ward), root=checkout, PYTHONPATH=str(checkout))
    assert (ran.returncode, ran.stderr[:6]) == (1, "UC-301"), ran.stderr


def test_wrong_use_is_exit_2(run: Command) -> None:
    assert run("ledger").returncode == 2
    assert run("no-such-command").returncode == 2


def test_the_self_test_passes(run: Command) -> None:
    ran = run("self-test")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "ok" in ran.stdout

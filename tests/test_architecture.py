"""The shape of the house: layers, what may lie in the repository, what the wheel carries."""

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "ucmsc_desktop"
RESOURCES = ROOT / "resources"
TEXT_SUFFIXES = {
    "",
    ".cfg",
    ".css",
    ".html",
    ".ini",
    ".json",
    ".md",
    ".po",
    ".py",
    ".qss",
    ".sh",
    ".svg",
    ".toml",
}
TEXT_SUFFIXES |= {".txt", ".xml", ".yaml", ".yml"}


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def imported_modules(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


# --- layers --------------------------------------------------------------------------------------------------


def lint_imports(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", *arguments], cwd=cwd, capture_output=True, text=True, check=False
    )


def test_imports_keep_to_the_layers():
    result = lint_imports()
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("place", "line", "contract"),
    [
        ("clinical/bad.py", "import ucmsc_desktop.study", "Imports point down"),
        ("paper/bad.py", "import ucmsc_desktop.ledger", "Imports point down"),
        ("record/bad.py", "from PySide6 import QtCore", "Qt only in ui"),
        ("sync/bad.py", "import sqlite3", "SQL only in ledger"),
        ("export/bad.py", "import pikepdf", "PDF only in paper"),
        ("utils.py", "", "Imports point down"),
    ],
)
def test_the_contracts_catch_a_forbidden_import(tmp_path, place, line, contract):
    for layer in ("clinical", "study", "record", "ledger", "paper", "sync", "export", "analysis", "ui"):
        (tmp_path / "ucmsc_desktop" / layer).mkdir(parents=True)
        (tmp_path / "ucmsc_desktop" / layer / "__init__.py").touch()
    for module in ("__init__", "errors", "i18n", "paths"):
        (tmp_path / "ucmsc_desktop" / f"{module}.py").touch()
    (tmp_path / "pyproject.toml").write_text(
        (ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8"
    )
    assert lint_imports(cwd=tmp_path).returncode == 0
    (tmp_path / "ucmsc_desktop" / place).write_text(line + "\n", encoding="utf-8")
    result = lint_imports(cwd=tmp_path)
    assert result.returncode != 0
    assert contract in result.stdout


def test_no_module_has_a_name_that_says_nothing():
    nothing = {"utils", "util", "common", "helpers", "helper", "misc", "manager"}
    assert not [path for path in PACKAGE.rglob("*.py") if path.stem in nothing]


def test_dialogs_are_opened_not_run():
    # exec() of a dialog starts a second event loop, in which a reminder can re-enter a save.
    found = []
    for path in (PACKAGE / "ui").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"exec", "exec_"}
            ):
                owner = ast.unparse(node.func.value)
                if "app" not in owner.lower():
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno} {owner}.{node.func.attr}()")
    assert not found


def test_a_module_that_starts_the_program_loads_nothing_heavy():
    code = (
        "import sys, ucmsc_desktop.errors, ucmsc_desktop.paths\n"
        "print([m for m in ('PySide6', 'reportlab', 'pikepdf', 'lxml', 'sqlalchemy', 'alembic') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_every_third_party_import_is_a_declared_dependency():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = {re.split(r"[<>=!~ ;\[]", line)[0].lower() for line in project["dependencies"]}
    named_otherwise = {"PySide6": "pyside6-essentials", "ruamel": "ruamel.yaml", "argon2": "argon2-cffi"}
    named_otherwise |= {"PIL": "pillow", "ppf": "ppf-datamatrix", "shiboken6": "pyside6-essentials"}
    top = {name.split(".")[0] for path in PACKAGE.rglob("*.py") for name in imported_modules(path)}
    third = top - set(sys.stdlib_module_names) - {"ucmsc_desktop"}
    assert {name for name in third if named_otherwise.get(name, name).lower() not in declared} == set()


# --- what lies in the repository -----------------------------------------------------------------------------

# Written in two halves, so that this file does not find itself.
FORBIDDEN = [
    "/wor" + "k/",
    "/tmp/br" + "ief",
    "bash_" + "jobs",
    "before-" + "stop",
    r"\." + "library/",
    r"//[a-z.-]*(py" + r"pi|pythonho" + r"sted|npm" + r"js|deb" + r"ian)[a-z]*\.[a-z]",
    r"\b(Cla" + r"ude|Chat" + r"GPT|Anth" + r"ropic|Open" + r"AI)\b",
    r"-----BEGIN [A-Z ]*PRIV" + "ATE KEY",
    "AGE-SECRET-" + "KEY-1[0-9A-Z]{20}",
]


@pytest.mark.parametrize("pattern", FORBIDDEN)
def test_no_tracked_text_names_a_machine_a_registry_or_a_secret(pattern):
    found = []
    for path in tracked_files():
        if path.suffix not in TEXT_SUFFIXES or path.name.startswith("LICENSE"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert not found


def test_nothing_is_tracked_that_the_tools_or_the_program_make():
    made = re.compile(r"(^|/)(uv\.lock|__pycache__|\.venv|demo-out|keyslots\.json)(/|$)|\.(pyc|db|age|key)$")
    frozen = ROOT / "tests" / "frozen"
    names = [p.relative_to(ROOT).as_posix() for p in tracked_files() if not p.is_relative_to(frozen)]
    assert not [name for name in names if made.search(name)]


def test_packaging_stays_a_folder():
    # With an __init__.py it would hide the library of the same name from everything that starts in this folder.
    assert not (ROOT / "packaging" / "__init__.py").exists()


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_pinned_package_is_exact_and_has_hashes(name):
    text = (ROOT / "packaging" / name).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert lines
    assert not [
        line for line in lines if not re.match(r"[A-Za-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}", line)
    ]
    assert "http" not in text


def test_a_ward_gets_the_versions_that_were_tested():
    def pins(name: str) -> set[str]:
        return set(
            re.findall(r"^\S+==\S+", (ROOT / "packaging" / name).read_text(encoding="utf-8"), re.MULTILINE)
        )

    assert pins("requirements.txt") < pins("requirements-dev.txt")


# --- fonts and icons -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["fonts", "icons"])
def test_every_bundled_font_and_icon_is_named_with_its_licence(folder):
    notice = (RESOURCES / "THIRD_PARTY.md").read_text(encoding="utf-8")
    licences = sorted(path.name for path in (RESOURCES / folder).glob("LICENSE-*.txt"))
    assert licences
    assert not [name for name in licences if f"{folder}/{name}" not in notice]
    bundled = [path for path in (RESOURCES / folder).iterdir() if path.name not in licences]
    assert bundled
    words = set(re.findall(r"[\w.-]+", notice))
    assert not [p.name for p in bundled if p.name not in words and p.stem not in words]


def test_the_fonts_together_have_every_character_the_papers_use():
    from fontTools.ttLib import TTFont

    from ucmsc_desktop.paths import require_fonts

    def characters(path: Path) -> set[int]:
        with TTFont(path, lazy=True) as font:
            return set(font.getBestCmap())

    regular, bold, symbols = map(characters, require_fonts())
    wanted = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉☐☑☒▲△●○✓✗→←≤≥±µμ°−×·…“”‘’—✎体温动脉血气"
    assert not [c for c in wanted if ord(c) not in (regular & bold) | symbols]
    # Why there is a symbol font at all; were Noto to gain these, it could go.
    assert {ord(c) for c in "⁶₂☐☑"} <= symbols - regular


# --- the wheel -----------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_wheel_carries_forms_and_resources(tmp_path):
    from hatchling.builders.wheel import WheelBuilder

    wheel = Path(next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])))
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        archive.extractall(tmp_path / "site")
    for folder in ("forms", "resources"):
        here = {p.relative_to(ROOT).as_posix() for p in (ROOT / folder).rglob("*") if p.is_file()}
        assert here
        assert not {name for name in here if f"ucmsc_desktop/_data/{name}" not in names}
    assert not [name for name in names if name.startswith(("tests/", "packaging/", "demo-out/"))]
    code = "from ucmsc_desktop import paths; print(paths.forms_dir()); paths.require_fonts()"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "site", capture_output=True, text=True, check=True
    )
    assert Path(result.stdout.strip()) == tmp_path / "site" / "ucmsc_desktop" / "_data" / "forms"

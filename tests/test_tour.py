"""The guided tour, made once in a process of its own, and what outside programs find in what it leaves behind."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ucmsc_desktop.i18n import Lang
from ucmsc_desktop.ledger.keys import TRAINING
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.course import planned_keys
from ucmsc_desktop.record.events import Event, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.safety import sae_clock
from ucmsc_desktop.session import Session, Ward
from ucmsc_desktop.session.story import read_story
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.specimen import LabelCode, tube
from ucmsc_desktop.study.values import Number, Value

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
# The hook comes before anything of the program: no socket of any library escapes it.
TOUR = """
import sys
met = []
def hook(event, arguments):
    if event in ("socket.getaddrinfo", "socket.connect") or event == "socket.__new__" and arguments[1] != 1:
        met.append(event)
sys.addaudithook(hook)
from pathlib import Path
from ucmsc_desktop.ledger.keys import TRAINING
from ucmsc_desktop.ui.tour.guide import tour
status = tour(Path(sys.argv[1]), floor=TRAINING)
print("sockets", met)
raise SystemExit(status)
"""
External = Callable[[str], str]


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the tour, as `ucmsc-desktop demo` does, with cheap keys."""
    out = tmp_path_factory.mktemp("tour") / "demo"
    ran = subprocess.run(
        [sys.executable, "-c", TOUR, out.name],  # a relative folder, as in `make demo`
        capture_output=True,
        text=True,
        check=False,
        cwd=out.parent,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT)},
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-4000:]
    assert ran.stdout.rstrip().endswith("sockets []")
    assert not ran.stderr
    return out


@pytest.fixture(scope="session")
def report(made: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((made / "report.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="session")
def session(made: Path) -> Iterator[Session]:
    """The ward of the tour, opened by its nurse at the story's end."""
    story = read_story()
    nurse = next(p for p in story.people if p.user == "nurse.alpha")
    later = story.steps[-1].at + timedelta(
        hours=2
    )  # the tour ends with wrong passwords, which make an account wait
    ward = Ward(made / "ward", FrozenClock(later), kdf_floor=TRAINING)
    opened = ward.sign_in(nurse.user, nurse.password)
    yield opened
    opened.lock()


def test_every_sample_of_the_story_is_filed_by_wristband_and_tube(
    report: dict[str, Any], session: Session
) -> None:
    filed = report["done"]["samples_filed_by_two_scans"]
    assert sorted(filed) == [
        "01-001-6H-0", "01-001-BL-0", "01-001-D1-0", "01-001-D2-0", "01-001-D3-0", "01-003-BL-0",
    ]  # fmt: skip
    baseline = session.form("01-003", FormKey("F10", "BL"))
    entry = baseline.entry("cyt_collect_dtm")
    assert entry is not None
    assert entry.origin == "stamped"
    assert baseline.value("cyt_label_id") == "01-003-BL-0"


def test_each_preparation_goes_through_the_guide_with_one_password_of_each_of_the_two(
    report: dict[str, Any], session: Session
) -> None:
    assert report["done"]["infusions_prepared_in_the_guide"] == 4
    for subject, visit, n in (("01-001", "D0", 1), ("01-001", "D2", 3), ("01-003", "D0", 1)):
        bag, start = (session.form(subject, FormKey(form, visit, n)) for form in ("F6", "F7"))
        for item in ("coi_wrist_scan", "coi_bag_scan"):
            entry = bag.entry(item)
            assert entry is not None
            assert entry.origin == "scanned"
        assert bag.value("coi_dtm") == start.value("verify_dtm")
        for view in (bag, start):
            signers = {s.user for s in view.valid_signatures if s.meaning == "verified"}
            assert signers == {"nurse.alpha", "nurse.beta"}


def test_exactly_two_hundred_is_said_to_be_not_above_two_hundred(report: dict[str, Any]) -> None:
    assert report["done"]["said_of_exactly_200"] == "200 exactly: not above 200: not met"
    assert report["reached_by_address_only"] == []


def test_the_late_sample_is_drafted_as_a_deviation_that_a_person_confirms(session: Session) -> None:
    deviation = session.form("01-001", FormKey("F17", "LOG", 1))
    drafted = deviation.entry("dv_source")
    assert drafted is not None
    assert drafted.origin == "drafted"
    assert "F10" in str(deviation.value("dv_source"))
    answer = deviation.entry("dv_draft_ok")
    assert answer is not None
    assert (answer.origin, deviation.value("dv_draft_ok")) == ("entered", "Y")
    late = session.form("01-001", FormKey("F10", "D3"))
    assert late.value("cyt_label_id") == "01-001-D3-0"  # never filed under another time-point


def test_the_serious_event_keeps_its_clock_until_a_person_reports_it(
    made: Path, external: External, session: Session
) -> None:
    (clock,) = sae_clock(session.state("01-002"), session.now())
    assert clock.status == "reported"
    assert clock.reported is not None
    assert clock.due is not None
    assert clock.reported < clock.due
    assert sae_clock(session.state("01-001"), session.now()) == ()  # the mild fever is none
    for name, words in (
        ("sae-01-002-en.pdf", "NOT TRANSMITTED"),
        ("sae-01-002-zh.pdf", "未经电子传输"),
    ):
        text = subprocess.run(
            [external("pdftotext"), str(made / name), "-"], capture_output=True, text=True, check=True
        ).stdout
        assert words in text.upper()
        assert "Demo Person" not in text


def test_two_passwords_hand_the_shift_over_and_the_refused_try_leaves_no_entry(
    made: Path, session: Session
) -> None:
    (handed,) = [e for e in session.audit() if e.kind == "HandedOver"]
    assert (handed.data["outgoing"], handed.data["incoming"]) == ("nurse.alpha", "nurse.beta")
    assert (made / "handover.pdf").read_bytes().startswith(b"%PDF")


def test_labels_are_made_for_wristband_and_tubes_of_those_still_in_the_trial(
    made: Path, external: External
) -> None:
    text = subprocess.run(
        [external("pdftotext"), str(made / "labels.pdf"), "-"], capture_output=True, text=True, check=True
    ).stdout
    assert LabelCode("01-003").printed in text
    assert tube("01-003", "BL").printed in text
    for gone in ("01-001", "01-002"):  # ended, and a screen failure
        assert gone not in text


def values(session: Session, *, staying: bool) -> list[Event]:
    return [e for e in session.audit() if e.value is not None and e.site_only is staying]


def test_everything_is_done_at_the_window_and_no_socket_is_opened(report: dict[str, Any]) -> None:
    assert report["done"]["steps"] == len(read_story().steps)
    assert report["done"]["values_compared"] > 2000
    assert report["sockets_opened"] == 0
    assert report["warnings_of_qt"] == []
    assert report["reconciliation"]["agrees"]


def test_the_three_participants_are_where_the_story_leaves_them(session: Session) -> None:
    stages = {s.subject: s.stage for s in session.subjects()}
    assert stages == {"01-001": "ended", "01-002": "failed", "01-003": "infusing"}
    pf = session.form("01-002", FormKey("F9", "SCR")).value("pf")
    assert isinstance(pf, Number)
    assert pf.amount == 200
    assert session.form("01-002", FormKey("F3", "SCR")).value("eligible") == "N"
    assert session.infusions.run("01-003", 1).status == "running"
    assert session.verify().holds


@pytest.fixture(scope="session")
def body(made: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Open the sealed files with the official programs alone, as the README says."""
    import shutil

    if not shutil.which("age") or not shutil.which("minisign"):
        pytest.skip("needs Debian's age and minisign")
    work = tmp_path_factory.mktemp("opened")
    bodies = []
    for sealed in sorted((made / "sync").glob("*.age")):
        plain = subprocess.run(
            ["age", "-d", "-i", str(made / "centre-key.txt"), str(sealed)], capture_output=True, check=True
        ).stdout
        lines = plain.split(b"\n", 4)
        (work / "body").write_bytes(lines[4])
        (work / "body.minisig").write_bytes(b"\n".join(lines[:4]) + b"\n")
        checked = subprocess.run(
            ["minisign", "-V", "-m", "body", "-x", "body.minisig", "-p", str(made / "device.pub")],
            capture_output=True,
            text=True,
            check=True,
            cwd=work,
        )
        assert "ucmsc-sync-v1" in checked.stdout
        bodies.append(lines[4])
    return b"".join(bodies)


def test_the_opened_file_holds_every_value_and_none_of_the_names(body: bytes, session: Session) -> None:
    lines = [json.loads(line) for line in body.splitlines()]
    sent = {line["body"]["seq"]: line["value"] for line in lines if line["type"] == "event"}
    last = max(sent)
    travelling = [e for e in values(session, staying=False) if e.seq <= last]
    assert len(travelling) > 3000
    assert all(sent[e.seq] == e.value for e in travelling)
    staying = [e for e in values(session, staying=True) if e.seq <= last]
    assert len(staying) > 10
    assert all(sent[e.seq] is None for e in staying)
    text = body.decode("utf-8")
    for event in staying:
        assert event.value is not None
        kept = str(json.loads(event.value))
        for words in (kept, *re.findall(r"[A-Z]+-[\w-]*\d+|[\u4e00-\u9fff]{3,}", kept)):
            assert words not in text, f"{words} travels"


def test_nothing_readable_lies_in_the_data_folder(made: Path, session: Session) -> None:
    needles = [
        b"01-001",
        b"DEMO-",
        "演示".encode(),
        b"abg_pao2",
        b"YSJI",
        *(p.password.encode() for p in read_story().people),
    ]
    for path in (made / "ward").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [n for n in needles if n in content], path.name


def test_every_pdf_is_sound_and_has_its_fonts_inside(made: Path, external: External) -> None:
    papers = sorted(made.glob("*.pdf"))
    assert {p.name for p in papers} >= {
        "blank-crf-en.pdf", "blank-crf-zh.pdf", "casebook-01-001.pdf", "labels.pdf", "handover.pdf",
        "screening-log.pdf", "sae-01-002-en.pdf", "sae-01-002-zh.pdf",
    }  # fmt: skip
    for path in papers:
        checked = subprocess.run(
            [external("qpdf"), "--check", str(path)], capture_output=True, text=True, check=False
        )
        assert checked.returncode == 0, checked.stdout + checked.stderr
        fonts = subprocess.run(
            [external("pdffonts"), str(path)], capture_output=True, text=True, check=True
        ).stdout
        rows = [line for line in fonts.splitlines()[2:] if line.strip()]
        assert rows
        assert all(re.search(r"\byes\s+yes\s+yes\b", row) for row in rows), fonts


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_casebook_gives_back_each_label_and_value(
    made: Path, external: External, session: Session, lang: Lang
) -> None:
    name = "casebook-01-001.pdf" if lang == "en" else "casebook-01-001-zh.pdf"
    text = subprocess.run(
        [external("pdftotext"), "-raw", str(made / name), "-"], capture_output=True, text=True, check=True
    ).stdout
    flat = re.sub(r"\s+", "", text)
    state = session.state("01-001")
    missing: list[str] = []
    for key in planned_keys(state):
        view = FormState(state, key, session.now())
        for section, item, row in view.cells():
            value = view.value(item.id, row)
            if value is None or item.site_only or section.rows:
                continue
            missing += [
                f"{key} {item.id}: {words}"
                for words in words_of(session, item, value, lang)
                if re.sub(r"\s+", "", words) not in flat
            ]
    assert not missing, "\n".join(missing[:40])


def words_of(session: Session, item: Item, value: Value, lang: Lang) -> list[str]:
    """Give what a page must hold of an answered item: its label, and each part of its value."""
    if item.type == "staff" and isinstance(value, str):
        return [item.label.get(lang), session.people.name_of(value)]
    if isinstance(value, tuple):
        return [item.label.get(lang), *(item.shown((code,), lang) for code in value)]
    return [item.label.get(lang), item.shown(value, lang)]


def test_pictures_of_every_page_in_both_languages(made: Path) -> None:
    names = {p.stem for p in (made / "screens").glob("*.png")}
    for lang in ("en", "zh"):
        for page in (
            "sign-in",
            "worklist",
            "worklist-done-today",
            "participant",
            "participant-trends",
            "consent",
            "eligibility-200",
            "sampling",
            "guide-bedside",
            "guide-verify",
            "infusion-running",
            "night-worklist",
            "night-infusion",
            "number-pad",
            "sae-strip",
            "small-stop",
            "print-preview",
            "print-labels",
            "sync-after",
            "review",
            "settings",
        ):
            assert f"{lang}-{page}" in names
        forms = {m[1] for n in names if (m := re.match(rf"{lang}-form-(F\d+)", n))}
        assert forms >= set(load_study().forms) - {"F15"}  # nobody dies in the story


def test_each_picture_has_its_twin_and_shows_something(made: Path) -> None:
    pictures = {p.name: p.stat().st_size for p in (made / "screens").glob("*.png")}
    assert {n[3:] for n in pictures if n.startswith("en-")} == {
        n[3:] for n in pictures if n.startswith("zh-")
    }
    assert not {
        name: size for name, size in pictures.items() if size < 12_000
    }  # a window without light has 5,000


def test_refusals_and_questions_are_in_the_pictures(made: Path) -> None:
    names = {p.stem[3:] for p in (made / "screens").glob("en-*.png")}
    assert names >= {
        "form-refused", "form-incomplete", "dialog-confirm", "dialog-reason", "dialog-sign", "dialog-not-done",
        "infusion-refused", "infusion-question", "infusion-paused", "infusion-ended", "locked", "sign-in-refused",
        "set-up-refused", "stop-other-tube", "stop-misread", "scan-strip", "sampling-late", "hand-over-refused",
        "print-sae-report", "clock-question",
    }  # fmt: skip


def test_the_report_gives_the_hash_of_every_file(made: Path, report: dict[str, Any]) -> None:
    told = report["files"]
    assert {"blank-crf-en.pdf", "casebook-01-001-zh.pdf", "device.pub", "reconciliation.txt"} <= set(told)
    for name, facts in told.items():
        if name.startswith("ward/"):
            continue  # opened again by these tests
        assert hashlib.sha256((made / name).read_bytes()).hexdigest() == facts["sha256"], name


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    ran = subprocess.run(
        [sys.executable, "-m", "ucmsc_desktop", "demo", "--out", str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=ROOT, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )  # fmt: skip
    assert ran.returncode == 1
    assert ran.stderr.startswith("UC-106")
    assert (tmp_path / "thesis.txt").read_text() == "mine"

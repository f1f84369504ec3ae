"""Nothing that was typed shows anywhere outside the encryption, and nothing that stays at the site travels."""

from __future__ import annotations

import json
import logging
import subprocess
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pikepdf
import pytest
from sqlalchemy.exc import DBAPIError

from tests.ward import CHINA, PASSWORDS, Bench, make_bench
from ucmsc_desktop import age
from ucmsc_desktop.errors import ValueRefused
from ucmsc_desktop.record import facts
from ucmsc_desktop.record.events import Cell, Draft, FormKey, Stamp, write
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.values import Missing, Number
from ucmsc_desktop.sync.minisign import split_signed

ONE, CONSENT, GAS, CT, DEATH = (
    FormKey("F1", "SCR"),
    FormKey("F2", "SCR"),
    FormKey("F9", "BL"),
    FormKey("F11", "BL"),
    FormKey("F15", "END"),
)
AT_SITE = {
    "name": "Kanarienvogel 金丝雀",
    "hospital number": "KX-7391055",
    "guardian": "Zeisigmann",
    "witness": "Gimpelfrau",
    "accession number": "ACC-5519377",
    "certificate": "CERT-2208841",
    "person": "Demo nurse.alpha",
    "gap reason": "girlitzgrund",
}
TYPED = {
    "value": "83.91377",
    "reason": "buchfinkgrund",
    "note": "stieglitznotiz",
}
DRAFT = "rotkehlchenentwurf"


@dataclass
class Walk:
    """What a walk through the whole program left behind."""

    bench: Bench
    root: Path
    subject: str
    secrets: dict[str, bytes]
    bodies: list[bytes]
    papers: list[Path]
    printed: str


@pytest.fixture
def walk(
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> Iterator[Walk]:
    caplog.set_level(logging.DEBUG)
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    bench = make_bench(tmp_path)
    nurse = bench.sign_in()
    subject = nurse.create_subject()
    name, number = Cell("subj_name"), Cell("hosp_no")
    nurse.enter(subject, ONE, {name: AT_SITE["name"], number: AT_SITE["hospital number"]})
    nurse.enter(subject, GAS, {Cell("abg_done"): "Y"})
    nurse.enter(subject, GAS, {Cell("abg_pao2"): Number(Decimal(81), "mmHg")})
    pao2 = Number(Decimal(TYPED["value"]), "mmHg")
    nurse.enter(subject, GAS, {Cell("abg_pao2"): pao2}, reason=TYPED["reason"])
    nurse.enter(subject, GAS, {Cell("abg_ph"): Missing("ND", TYPED["note"])})
    nurse.save_draft(subject, GAS, Cell("abg_paco2"), DRAFT)
    secrets = {
        "data key": nurse._data_key,
        "signing seed": bytes.fromhex(nurse._ledger.setting("signing_seed") or ""),
    }
    nurse.lock()
    doctor = bench.sign_in("dr.gamma")
    doctor.enter(
        subject,
        CONSENT,
        {Cell("guard_name"): AT_SITE["guardian"], Cell("witness_name"): AT_SITE["witness"]},
    )
    doctor.enter(subject, CT, {Cell("ct_acc_no"): AT_SITE["accession number"]})
    doctor.enter(subject, DEATH, {Cell("dth_cert_no"): AT_SITE["certificate"]})
    doctor.enter(
        subject, CONSENT, {Cell("witness_name"): Missing("UK", AT_SITE["gap reason"])}, reason="not legible"
    )
    (tmp_path / "stick").mkdir()
    (tmp_path / "paper").mkdir()
    papers = [tmp_path / "paper" / "casebook.pdf", tmp_path / "paper" / "one.pdf"]
    doctor.paper.casebook(papers[0], subject)
    doctor.paper.crf(papers[1], subject=subject, form="F1", lang="zh")
    bench.centre.register(doctor.device_public_key())
    made = doctor.export_sync(tmp_path / "stick")
    doctor.backup(tmp_path / "backups")
    assert doctor.verify().holds
    doctor.lock()
    assert {i.outcome for i in bench.centre.import_files([m.path for m in made])} == {"imported"}
    identity = bench.centre._identity
    bodies = [split_signed(age.decrypt(m.path.read_bytes(), identity))[1] for m in made]
    out, err = capfd.readouterr()
    yield Walk(bench, tmp_path, subject, secrets, bodies, papers, out + err + caplog.text)
    bench.centre.close()


def spellings(secret: str | bytes) -> tuple[bytes, ...]:
    """Give the forms in which a secret could lie in a file."""
    if isinstance(secret, bytes):
        return (secret, secret.hex().encode(), secret.hex().upper().encode())
    escaped = json.dumps(secret)[1:-1].encode()
    return (secret.encode(), secret.encode("utf-16-le"), escaped)


def holds(content: bytes, secret: str | bytes) -> bool:
    return any(s in content for s in spellings(secret))


def test_no_file_but_paper_holds_anything_that_was_typed(walk: Walk) -> None:
    every = {**AT_SITE, **TYPED, "draft": DRAFT, **PASSWORDS, **walk.secrets}
    seen = 0
    for path in walk.root.rglob("*"):
        if path.is_file() and path not in walk.papers:
            seen += 1
            content = path.read_bytes() + path.name.encode()
            found = [what for what, secret in every.items() if holds(content, secret)]
            assert not found, f"{found} in {path.relative_to(walk.root)}"
            if path.suffix in (".db", ".db-wal"):
                assert not content.startswith(b"SQLite format 3")
    assert seen > 10


def test_the_search_would_find_what_it_looks_for(walk: Walk) -> None:
    (body,) = walk.bodies
    assert all(holds(body, secret) for secret in TYPED.values())
    assert holds(b'{"x":"' + json.dumps(AT_SITE["name"]).encode() + b'"}', AT_SITE["name"])


def test_logs_and_streams_hold_nothing(walk: Walk) -> None:
    for what, secret in {**AT_SITE, **TYPED, "draft": DRAFT, **PASSWORDS}.items():
        assert secret not in walk.printed, what
    for what, key in walk.secrets.items():
        assert key.hex() not in walk.printed, what


def test_what_stays_at_the_site_does_not_travel(walk: Walk) -> None:
    for body in walk.bodies:
        found = [what for what, secret in AT_SITE.items() if holds(body, secret)]
        assert not found
        assert DRAFT.encode() not in body
        assert not any(holds(body, key) for key in walk.secrets.values())
    stored = [str(e.value) for e in walk.bench.centre.values()]
    assert not [w for w, secret in AT_SITE.items() if any(secret in value for value in stored)]


def test_paper_names_nobody(walk: Walk, external: Callable[[str], Path]) -> None:
    for path in walk.papers:
        with pikepdf.open(path) as pdf:
            told = str(dict(pdf.docinfo)) + pdf.Root.Metadata.read_bytes().decode()
        assert not [what for what, secret in {**AT_SITE, **TYPED}.items() if secret in told]
        read = subprocess.run(
            [external("pdftotext"), "-raw", path, "-"], capture_output=True, text=True, check=True
        ).stdout
        people = {
            k: v for k, v in AT_SITE.items() if k != "person"
        }  # staff are named on paper, participants never
        assert not [what for what, secret in people.items() if secret in read]
    assert TYPED["reason"] in "".join(
        subprocess.run(
            [external("pdftotext"), "-raw", walk.papers[0], "-"], capture_output=True, text=True, check=True
        ).stdout.split()
    )


def test_errors_of_the_database_carry_no_parameters(walk: Walk) -> None:
    session = walk.bench.sign_in()
    with pytest.raises(DBAPIError) as caught:
        session._ledger._connection.exec_driver_sql(
            "INSERT INTO setting (name, value) VALUES (?, ?)", ("device", TYPED["note"])
        )
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert TYPED["note"] not in told
    session.lock()


def test_representations_carry_no_value_and_no_key(walk: Walk) -> None:
    session = walk.bench.sign_in()
    with pytest.raises(ValueRefused) as caught:
        session.enter(walk.subject, GAS, {Cell("abg_pao2"): Number(Decimal("9391.377"), "mmHg")}, reason="x")
    told = [
        repr(caught.value),
        repr(session),
        repr(session._ledger),
        repr(session._unlocked),
        repr(session._slots),
    ]
    for text in told:
        assert "9391" not in text
        assert not any(key.hex() in text or str(key) in text for key in walk.secrets.values())
        assert PASSWORDS["nurse.alpha"] not in text
    session.lock()


# --- derived values, messages, hashes, reasons ----------------------------------------------------------------


def test_nothing_that_travels_is_derived_from_what_stays() -> None:
    study = load_study()
    kept = {(f.id, i.id) for f in study.forms.values() for i in f.items() if i.site_only}
    assert ("F1", "subj_name") in kept
    for form in study.forms.values():
        for item in form.items():
            for expression in (item.derive, item.show):
                if expression is None or item.site_only:
                    continue
                read = {(r.form or form.id, r.item) for r in expression.refs}
                assert not read & kept, f"{form.id}.{item.id} tells of {read & kept}"


def test_a_signature_tells_nobody_what_stays_at_the_site(tmp_path: Path) -> None:
    """The hash of the content travels and is printed; over a bare name, whoever guesses the name sees it fit."""
    bench = make_bench(tmp_path)
    session = bench.sign_in()
    hashes = []
    for _ in range(2):
        subject = session.create_subject()
        session.enter(subject, ONE, {Cell("subj_name"): AT_SITE["name"]})
        hashes.append(session.form(subject, ONE).content_hash())
    assert hashes[0] != hashes[1], "the same name gives the same hash: it can be guessed"
    before = session.form(subject, ONE).content_hash()
    session.enter(subject, ONE, {Cell("subj_name"): "Somebody Else"}, reason="misheard")
    assert session.form(subject, ONE).content_hash() != before
    session.lock()


def test_the_centre_computes_the_hash_that_was_signed(tmp_path: Path) -> None:
    bench = make_bench(tmp_path)
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, ONE, {Cell("subj_name"): AT_SITE["name"], Cell("bed"): "12"})
    here = session.form(subject, ONE).content_hash()
    bench.centre.register(session.device_public_key())
    (tmp_path / "stick").mkdir()
    bench.centre.import_files([m.path for m in session.export_sync(tmp_path / "stick")])
    study = session.study
    record = facts.fold(study, subject, (e for e in bench.centre.values() if e.subject == subject))
    there = FormState(SubjectState(study, session.site, record), ONE, session.now())
    assert there.value("subj_name") is None
    assert there.content_hash() == here
    session.lock()
    bench.centre.close()


@pytest.mark.parametrize(
    "text",
    ["was KX-7391055 before", "kanarienvogel 金丝雀 asked for it", "number kx-7391055", "(KX-7391055)"],
)
def test_a_name_is_refused_where_it_would_travel(tmp_path: Path, text: str) -> None:
    bench = make_bench(tmp_path)
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(
        subject, ONE, {Cell("subj_name"): AT_SITE["name"], Cell("hosp_no"): AT_SITE["hospital number"]}
    )
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    before = len(session.audit())
    with pytest.raises(ValueRefused) as caught:
        session.enter(subject, GAS, {Cell("abg_done"): "N"}, reason=text)
    assert "KX" not in str(caught.value)
    with pytest.raises(ValueRefused):
        session.enter(subject, GAS, {Cell("abg_ph"): Missing("ND", text)})
    with pytest.raises(ValueRefused):
        session.enter(subject, ONE, {Cell("hosp_no"): "KX-0"}, reason=text)
    assert len(session.audit()) == before
    session.enter(subject, ONE, {Cell("hosp_no"): "KX-0"}, reason="misread the wristband")
    with pytest.raises(ValueRefused):
        session.enter(subject, GAS, {Cell("abg_done"): "N"}, reason=text)
    session.lock()


def test_other_words_are_not_taken_for_a_name(tmp_path: Path) -> None:
    bench = make_bench(tmp_path)
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, ONE, {Cell("subj_name"): "Li", Cell("hosp_no"): "7391"})
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    session.enter(subject, GAS, {Cell("abg_done"): "N"}, reason="slip 173910 in Litre")
    session.lock()


def test_a_site_only_draft_is_flagged_in_its_body_and_bare_of_its_value() -> None:
    stamp = Stamp("d1", "nurse.alpha", "nurse", datetime(2026, 3, 1, tzinfo=CHINA), 1, "boot", "0.1.0")
    event = write(Draft("ItemSet", value='"secret"', site_only=True), stamp, 1, "0" * 64)
    assert b"secret" not in event.body
    assert json.loads(event.body)["site_only"] is True

"""A full disk: what was saved is said to be saved, what was not is said not to be, and nobody enters a value twice."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ward import PASSWORDS, Bench, make_bench
from ucmsc_desktop import durable
from ucmsc_desktop.durable import RESERVE_NAME
from ucmsc_desktop.errors import DiskFull
from ucmsc_desktop.ledger.ledger import Ledger
from ucmsc_desktop.record.events import Cell, Draft, Event, FormKey, Stamp
from ucmsc_desktop.session import Session, core
from ucmsc_desktop.study.values import Number

GAS = FormKey("F9", "BL")
PAO2 = Cell("abg_pao2")
VALUE = Number(Decimal(81), "mmHg")


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = make_bench(tmp_path)
    made.sign_in().lock()  # keeps the reserve
    return made


def fill_disk(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let every append fail as on a full disk for as long as the reserve takes its place."""
    real = Ledger.append

    def append(self: Ledger, drafts: Sequence[Draft], stamp: Stamp) -> tuple[Event, ...]:
        if (folder / RESERVE_NAME).exists() or (folder / "full").exists():
            raise DiskFull
        return real(self, drafts, stamp)

    monkeypatch.setattr(Ledger, "append", append)


def on_a_record(bench: Bench) -> tuple[Session, str]:
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    return session, subject


def test_an_entry_saved_with_the_reserve_is_said_to_be_saved(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, subject = on_a_record(bench)
    fill_disk(monkeypatch, bench.ward.folder)
    change = session.enter(subject, GAS, {PAO2: VALUE})
    assert change.events >= 1
    assert session.form(subject, GAS).value("abg_pao2") == VALUE
    (told,) = session.warnings
    assert told.en.startswith("UC-111")
    assert "saved" in told.en
    assert not (bench.ward.folder / RESERVE_NAME).exists()
    # The same again is no second entry, and a change knows what it changes: nothing was forgotten in memory.
    assert session.enter(subject, GAS, {PAO2: VALUE}).events == 0
    session.enter(subject, GAS, {PAO2: Number(Decimal(82), "mmHg")}, reason="misread")
    assert len(session.form(subject, GAS).record.heads(PAO2)) == 1
    assert session.warnings == (told,)
    session.lock()


def test_an_entry_that_is_not_saved_is_not_shown_as_saved(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, subject = on_a_record(bench)
    fill_disk(monkeypatch, bench.ward.folder)
    (bench.ward.folder / "full").touch()
    before = len(session.audit())
    with pytest.raises(DiskFull):
        session.enter(subject, GAS, {PAO2: VALUE})
    assert session.form(subject, GAS).value("abg_pao2") is None
    assert len(session.audit()) == before
    assert session.warnings == ()
    (bench.ward.folder / "full").unlink()
    session.enter(subject, GAS, {PAO2: VALUE})
    assert session.form(subject, GAS).value("abg_pao2") == VALUE
    session.lock()


def test_a_signature_may_use_the_reserve_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    session = bench.sign_in("dr.gamma")
    subject = session.create_subject()
    key = FormKey("F13", "LOG", 1)
    monkeypatch.setattr(Session, "form", complete_form(Session.form))
    fill_disk(monkeypatch, bench.ward.folder)
    meaning = session.study.forms["F13"].signatures[0].meaning
    session.sign(subject, key, meaning, "dr.gamma", PASSWORDS["dr.gamma"])
    assert session.audit()[-1].kind == "FormSigned"
    assert session.warnings
    session.lock()


def complete_form(real):  # type: ignore[no-untyped-def]
    """Let a record count as complete: what completes it is not the matter here."""
    from dataclasses import replace

    def form(self, subject, key):  # type: ignore[no-untyped-def]
        view = real(self, subject, key)
        view.__dict__["record"] = replace(view.record, completed_at=view.now)
        return view

    return form


def test_signing_in_on_a_full_disk_uses_the_reserve(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    fill_disk(monkeypatch, bench.ward.folder)
    monkeypatch.setattr(core, "free_bytes", lambda _folder: 1000)
    session = bench.sign_in()
    assert session.audit()[-1].kind == "SignedIn"
    assert any(w.en.startswith("UC-111") for w in session.warnings)
    session.lock()


def test_the_reserve_is_kept_again_as_soon_as_there_is_room(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    reserve = bench.ward.folder / RESERVE_NAME
    reserve.unlink()
    monkeypatch.setattr(core, "free_bytes", lambda _folder: durable.LOW_SPACE_BYTES - 1)
    session = bench.sign_in()
    assert not reserve.exists()
    assert any("500 MB" in w.en for w in session.warnings)
    session.lock()
    monkeypatch.setattr(core, "free_bytes", lambda _folder: durable.LOW_SPACE_BYTES + 1)
    bench.sign_in().lock()
    assert reserve.stat().st_size == durable.RESERVE_BYTES


def test_a_full_disk_does_not_keep_the_keys_at_the_lock(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _subject = on_a_record(bench)
    fill_disk(monkeypatch, bench.ward.folder)
    (bench.ward.folder / "full").touch()
    with pytest.raises(DiskFull):
        session.lock()
    assert not session.is_open
    assert session._data_key == b""
    with pytest.raises(Exception, match="closed"):
        session._ledger.count()


def test_the_window_tells_at_once(bench: Bench, monkeypatch: pytest.MonkeyPatch, qapp: object) -> None:
    from ucmsc_desktop.ui.desk import Desk
    from ucmsc_desktop.ui.notice import Notice

    session, subject = on_a_record(bench)
    desk = Desk(bench.ward)
    said: list[Notice] = []
    desk.said.connect(said.append)
    desk.begin(session)
    assert said == []
    fill_disk(monkeypatch, bench.ward.folder)
    desk.do(lambda s, _a: s.enter(subject, GAS, {PAO2: VALUE}))
    assert [n.kind for n in said] == ["warning"]
    assert "UC-111" in said[0].text
    desk.do(lambda s, a: s.enter(subject, GAS, {PAO2: Number(Decimal(82), "mmHg")}, reason="misread"))
    assert len(said) == 1
    desk.close()

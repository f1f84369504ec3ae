"""Safety through a session: drafts in the same transaction, reports that are printed and never taken for sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.paper.reading import External, squeezed, text_of
from tests.ward import START, Bench, make_bench
from ucmsc_desktop.errors import DiskFull, NotAllowed, UnknownThing, ValueRefused
from ucmsc_desktop.ledger.ledger import Ledger
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.safety import sae_clock
from ucmsc_desktop.session import Session
from ucmsc_desktop.session.safety import report_number
from ucmsc_desktop.study.values import Missing, Number, PartialDate

GAS = FormKey("F9", "BL")
INFUSION = FormKey("F7", "D0", 1)
SIX = FormKey("F10", "6H")
EVENT, DEVIATION, DEATH = FormKey("F14", "LOG", 1), FormKey("F17", "LOG", 1), FormKey("F15", "END")
EVERY = frozenset({"soft"})


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


@pytest.fixture
def nurse(bench: Bench) -> Session:
    return bench.sign_in()


def infused(bench: Bench, session: Session) -> str:
    """A participant whose infusion ran from 08:00 to 09:00; the start's own checks are not what is tested here."""
    from ucmsc_desktop.record.entry import item_set

    subject = session.create_subject()
    state = session.state(subject)
    times = {"inf_start_dtm": START, "inf_end_dtm": START + timedelta(hours=1)}
    session._record(
        session.state(subject),
        INFUSION,
        (),
        "ItemSet",
        [item_set(state, INFUSION, Cell(i), t, origin="entered") for i, t in times.items()],
    )
    bench.clock.set(START + timedelta(hours=10))
    session.enter(subject, SIX, {Cell("cyt_done"): "Y"})
    return subject


def draw_late(session: Session, subject: str) -> int:
    """Draw the 6 h sample 90 min after its time; give how many events that made."""
    at = START + timedelta(hours=8, minutes=30)
    known = frozenset({"X10", "F10.adsorber"})
    return session.enter(subject, SIX, {Cell("cyt_collect_dtm"): at}, confirmed=known).events


def test_the_draft_stands_in_the_same_transaction_as_its_cause(
    bench: Bench, nurse: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = infused(bench, nurse)
    calls: list[int] = []
    append = Ledger.append

    def counted(self: Ledger, drafts: object, stamp: object) -> object:
        events = append(self, drafts, stamp)  # type: ignore[arg-type]
        calls.append(len(events))
        return events

    monkeypatch.setattr(Ledger, "append", counted)
    made = draw_late(nurse, subject)
    assert calls == [made]
    (record,) = [nurse.form(subject, k) for k in nurse.state(subject).keys("F17")]
    assert (record.value("dv_cat"), record.value("dv_source")) == ("TIME", "F10/6H/1 window")
    entry = record.entry("dv_cat")
    assert entry is not None
    assert (entry.origin, entry.user) == ("drafted", "nurse.alpha")
    for facts in nurse.state(subject).record.forms.values():  # no cell was written twice over the same entry
        assert {len(facts.heads(cell)) for cell in facts.cells} == {1}
    nurse.lock()


def test_an_entry_that_is_refused_or_not_saved_drafts_nothing(
    bench: Bench, nurse: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = infused(bench, nurse)
    with pytest.raises(ValueRefused):
        nurse.enter(subject, SIX, {Cell("cyt_collect_dtm"): "late"})

    def full(*_: object) -> None:
        raise DiskFull

    monkeypatch.setattr(Ledger, "append", full)
    monkeypatch.setattr("ucmsc_desktop.session.core.release_reserve", lambda _folder: False)
    with pytest.raises(DiskFull):
        draw_late(nurse, subject)
    monkeypatch.undo()
    assert nurse.state(subject).keys("F17") == ()
    nurse.lock()


def test_drafts_survive_a_new_session_and_are_not_made_again(bench: Bench, nurse: Session) -> None:
    subject = infused(bench, nurse)
    draw_late(nurse, subject)
    nurse.lock()
    again = bench.sign_in("nurse.beta")
    again.enter(subject, SIX, {Cell("cyt_tube_lot"): "A1"})
    assert len(again.state(subject).keys("F17")) == 1
    again.lock()


def test_the_centre_takes_drafts_and_the_casebook_shows_them(
    bench: Bench, nurse: Session, tmp_path: Path, external: External
) -> None:
    subject = infused(bench, nurse)
    draw_late(nurse, subject)
    bench.centre.register(nurse.device_public_key())
    stick = tmp_path / "stick"
    stick.mkdir()
    imported = bench.centre.import_files([f.path for f in nurse.export_sync(stick)])
    assert {i.outcome for i in imported} == {"imported"}
    assert any(e.origin == "drafted" for e in bench.centre.values())
    nurse.paper.casebook(tmp_path / "book.pdf", subject)
    text = squeezed(text_of(external, tmp_path / "book.pdf"))
    assert squeezed("Drafted by the program, to be checked") in text
    assert squeezed("planned 计划 2026-03-01 15:00 ±30 min, drawn 采血 16:30 (+90 min)") in text
    nurse.lock()


def serious(session: Session, subject: str) -> None:
    session.enter(
        subject,
        EVENT,
        {
            Cell("ae_term"): "Shock",
            Cell("ae_onset_dtm"): PartialDate(2026, 3, 1, 8, 30),
            Cell("ae_first_serious"): "Y",
            Cell("sae_aware_dtm"): START + timedelta(minutes=40),
        },
        confirmed=frozenset({"F14.twice"}),
    )


@pytest.mark.parametrize(("lang", "title"), [("en", "Initial report"), ("zh", "首次报告")])
def test_printing_a_report_is_logged_and_reports_nothing(
    bench: Bench, nurse: Session, tmp_path: Path, external: External, lang: str, title: str
) -> None:
    subject = infused(bench, nurse)
    serious(nurse, subject)
    out = tmp_path / "sae.pdf"
    made = nurse.paper.sae_report(out, subject, 1, "INITIAL", lang=lang)  # type: ignore[arg-type]
    assert squeezed(title) in squeezed(text_of(external, out))
    (event,) = nurse.audit(lambda e: e.kind == "PdfWritten")
    assert event.subject == subject
    told = {k: event.data[k] for k in ("record", "report", "number", "sha256", "lang")}
    assert told == {
        "record": "F14/LOG/1",
        "report": "INITIAL",
        "number": 1,
        "sha256": made.sha256,
        "lang": lang,
    }
    (clock,) = sae_clock(nurse.state(subject), nurse.now())
    assert clock.is_running
    assert nurse.form(subject, EVENT).value("sae_reported_dtm") is None
    nurse.lock()


def test_follow_ups_count_those_that_were_sent_not_those_that_were_printed(
    bench: Bench, nurse: Session, tmp_path: Path
) -> None:
    subject = infused(bench, nurse)
    serious(nurse, subject)
    for _ in range(2):
        nurse.paper.sae_report(tmp_path / "f.pdf", subject, 1, "FOLLOWUP")
    sent = {Cell("fu_type", 1): "INITIAL", Cell("fu_dtm", 1): START + timedelta(hours=2)}
    nurse.enter(subject, EVENT, sent)  # type: ignore[arg-type]
    assert report_number(nurse.state(subject), EVENT, "FOLLOWUP") == 1
    sent = {Cell("fu_type", 2): "FOLLOWUP", Cell("fu_dtm", 2): START + timedelta(hours=3)}
    nurse.enter(subject, EVENT, sent)  # type: ignore[arg-type]
    nurse.paper.sae_report(tmp_path / "g.pdf", subject, 1, "FOLLOWUP")
    numbers = [e.data["number"] for e in nurse.audit(lambda e: e.kind == "PdfWritten")]
    assert numbers == [1, 1, 2]
    nurse.strike_row(subject, EVENT, "sae_fu", 2, "never left the ward")
    assert report_number(nurse.state(subject), EVENT, "FOLLOWUP") == 1
    nurse.lock()


def test_there_is_no_report_of_an_event_that_is_not_there_and_none_for_the_administrator(
    bench: Bench, nurse: Session, tmp_path: Path
) -> None:
    subject = infused(bench, nurse)
    with pytest.raises(UnknownThing):
        nurse.paper.sae_report(tmp_path / "x.pdf", subject, 7, "INITIAL")
    assert list(tmp_path.glob("*.pdf")) == []
    nurse.lock()
    admin = bench.sign_in("admin")
    with pytest.raises(NotAllowed):
        admin.paper.sae_report(tmp_path / "x.pdf", subject, 1, "INITIAL")
    admin.lock()


def test_a_row_of_the_flow_sheet_begins_an_event_with_its_time_and_symptoms(
    bench: Bench, nurse: Session
) -> None:
    subject = infused(bench, nurse)
    at = START + timedelta(minutes=15)
    row = {Cell("ivs_dtm", 1): at, Cell("ivs_symptoms", 1): ("RASH", "ITCH"), Cell("ivs_point", 1): "T15"}
    nurse.enter(subject, INFUSION, row, ask=False)  # type: ignore[arg-type]
    change = nurse.first_notice(subject, INFUSION, 1)
    assert change.key == EVENT
    event = nurse.form(subject, EVENT)
    assert event.value("ae_onset_dtm") == PartialDate(2026, 3, 1, 8, 15)
    assert event.value("ae_flow_symptoms") == ("RASH", "ITCH")
    assert event.value("ae_inf_no") == Number(Decimal(1))
    with pytest.raises(UnknownThing):
        nurse.first_notice(subject, INFUSION, 9)
    nurse.lock()


def test_a_nurse_gives_the_first_notice_and_grades_nothing(bench: Bench, nurse: Session) -> None:
    subject = infused(bench, nurse)
    serious(nurse, subject)
    for item in (
        "ae_grade",
        "ae_sdth",
        "ae_slife",
        "ae_smie",
        "ae_q_time",
        "ae_rel_msc",
        "ae_expected",
        "ae_draft_ok",
        "sae_narrative",
    ):
        with pytest.raises(NotAllowed):
            nurse.enter(subject, EVENT, {Cell(item): "Y"})
    for item in ("ae_serious", "ae_rel_suggest"):
        with pytest.raises(ValueRefused):
            nurse.enter(subject, EVENT, {Cell(item): "Y"})
    for key, item in (
        (EVENT, "ae_source"),
        (EVENT, "ae_found"),
        (DEVIATION, "dv_source"),
        (DEVIATION, "dv_found"),
    ):
        with pytest.raises(NotAllowed, match="program"):
            nurse.enter(subject, key, {Cell(item): "mine"})
    nurse.lock()


def test_a_death_drafts_its_event_and_the_clock_runs_until_a_person_says_that_it_was_reported(
    bench: Bench,
) -> None:
    nurse = bench.sign_in()
    subject = infused(bench, nurse)
    nurse.lock()
    doctor = bench.sign_in("dr.gamma")
    known = START + timedelta(hours=9)
    doctor.enter(
        subject,
        DEATH,
        {Cell("dth_dtm"): PartialDate(2026, 3, 1, 16, 30), Cell("dth_known_dtm"): known},
        confirmed=frozenset({"X10"}),
    )
    assert doctor.form(subject, EVENT).value("ae_grade") == "5"
    (clock,) = sae_clock(doctor.state(subject), doctor.now())
    assert (clock.aware, clock.status) == (known, "open")
    bench.clock.set(known + timedelta(hours=25))
    assert sae_clock(doctor.state(subject), doctor.now())[0].status == "overdue"
    doctor.enter(subject, EVENT, {Cell("sae_reported_dtm"): Missing("NA", "sponsor was at the bedside")})
    assert sae_clock(doctor.state(subject), doctor.now())[0].status == "excused"
    doctor.lock()


def test_a_report_made_too_late_drafts_an_important_deviation(bench: Bench, nurse: Session) -> None:
    subject = infused(bench, nurse)
    serious(nurse, subject)
    bench.clock.set(START + timedelta(hours=30))
    nurse.enter(subject, EVENT, {Cell("sae_reported_dtm"): datetime.fromisoformat("2026-03-02T10:00+08:00")})
    told = nurse.form(subject, DEVIATION)
    assert [told.value(i) for i in ("dv_cat", "dv_sev")] == ["SAE", "IMPORTANT"]
    assert told.value("dv_desc") == "SAE F14 #1: due 应报 2026-03-02 08:40, reported 实报 10:00 (+80 min)"
    nurse.lock()


def test_the_clock_of_an_event_nobody_timed_runs_by_the_ward_clock(bench: Bench, nurse: Session) -> None:
    subject = nurse.create_subject()
    nurse.confirm_clock(START + timedelta(minutes=63))  # the laptop is slow by more than an hour
    bench.clock.advance(minutes=5)
    nurse.enter(subject, EVENT, {Cell("ae_first_serious"): "Y"})
    (clock,) = sae_clock(nurse.state(subject), nurse.now())
    assert clock.is_estimate
    assert clock.aware == START + timedelta(minutes=68)
    assert clock.due == START + timedelta(hours=24, minutes=68)


def test_a_draft_that_may_not_travel_never_costs_the_entry_behind_it(bench: Bench, nurse: Session) -> None:
    subject = infused(bench, nurse)
    # A number that stays at the site and happens to be a word of the program's own text.
    nurse.enter(subject, FormKey("F1", "SCR"), {Cell("hosp_no"): "planned"})
    draw_late(nurse, subject)
    assert nurse.form(subject, SIX).value("cyt_collect_dtm") == START + timedelta(hours=8, minutes=30)
    assert nurse.state(subject).keys("F17") == ()
    assert any("could not be drafted" in w.en for w in nurse.warnings)


def test_a_fault_of_the_program_s_own_drafts_never_costs_the_entry(
    bench: Bench, nurse: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    subject = infused(bench, nurse)

    def broken(*_given: object) -> None:
        raise ArithmeticError

    monkeypatch.setattr("ucmsc_desktop.record.deviations.causes", broken)
    draw_late(nurse, subject)
    assert nurse.form(subject, SIX).value("cyt_collect_dtm") == START + timedelta(hours=8, minutes=30)
    nurse.enter(subject, INFUSION, {Cell("int_reason", 1): "LINE"})
    nurse.strike_row(subject, INFUSION, "interruptions", 1, "typed twice")
    assert nurse.state(subject).form_record(INFUSION).strikes

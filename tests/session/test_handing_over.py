"""The hand-over: a sheet that says what the list says, two own passwords, one entry that the centre takes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.paper import reading
from tests.ward import PASSWORDS, START, Bench, make_bench
from ucmsc_desktop.errors import NotAllowed, SecondPersonNeeded, UnknownThing, WrongPassword
from ucmsc_desktop.i18n import LANGS, Lang
from ucmsc_desktop.record.entry import item_set
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Nurse, Session
from ucmsc_desktop.study.values import Value

NOW = START.replace(hour=19, minute=40)
NAME = "Demo Person 演示"


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


@pytest.fixture
def nurse(bench: Bench) -> Iterator[Session]:
    session = bench.sign_in("nurse.alpha")
    yield session
    session.lock()


def record(session: Session, subject: str, key: FormKey, values: dict[str, Value]) -> None:
    """Write values past the checks that guard them."""
    state = session.state(subject)
    session._append([item_set(state, key, Cell(i), v, origin="entered") for i, v in values.items()])
    session._states.clear()


def ward_at_work(bench: Bench, session: Session) -> tuple[str, str]:
    """One participant on the drip, one with a serious event and a sample in the centrifuge."""
    one, two = session.create_subject(), session.create_subject()
    key = FormKey("F7", "D0", 1)
    first = FormKey("F1", "SCR")
    for subject, bed in ((one, "07"), (two, "12")):
        record(
            session, subject, first, {"bed": bed, "ward_loc": "RICU", "subj_name": NAME, "initials4": "YSYI"}
        )
    record(session, one, key, {"inf_start_dtm": NOW - timedelta(minutes=20)})
    morning = NOW - timedelta(hours=9)
    record(session, two, key, {"inf_start_dtm": morning, "inf_end_dtm": morning + timedelta(hours=1)})
    serious: dict[str, Value] = {
        "ae_term": "Rigors 寒战",
        "ae_first_serious": "Y",
        "ae_ongoing": "Y",
        "sae_aware_dtm": morning,
    }
    record(session, two, FormKey("F14", "LOG", 1), serious)
    drawn: dict[str, Value] = {"cyt_done": "Y", "cyt_collect_dtm": NOW - timedelta(minutes=30)}
    record(session, two, FormKey("F10", "6H"), drawn)
    bench.clock.set(NOW)
    return one, two


def both() -> tuple[Nurse, Nurse]:
    return (
        Nurse("nurse.alpha", PASSWORDS["nurse.alpha"]),
        Nurse("nurse.beta", PASSWORDS["nurse.beta"]),
    )


@pytest.mark.parametrize("lang", LANGS)
def test_the_sheet_says_what_the_next_shift_needs_and_names_nobody(
    bench: Bench, nurse: Session, tmp_path: Path, external: reading.External, lang: Lang
) -> None:
    one, two = ward_at_work(bench, nurse)
    out = tmp_path / "sheet.pdf"
    made = nurse.shift.sheet(out, lang=lang)
    text = reading.text_of(external, out)
    reading.assert_sound(external, out)
    told = {
        "en": [
            "Hand-over sheet",
            "Infusion 1 runs since 19:20 (20 min)",
            "Report due 02-Mar-2026 10:40, 15 h left",
            "Centrifuge the sample",
            "Outgoing nurse",
            "Incoming nurse",
            "Demo nurse.alpha",
            f"Page 1 of {made.pages}",
        ],
        "zh": [
            "交接班单",
            "第1次输注，19:20开始（已20分钟）",
            "上报截止2026-03-0210:40，剩余15小时",
            "标本离心",
            "接班护士",
        ],
    }[lang]
    squeezed = reading.squeezed(text)
    for words in (one, two, "07", "12", "呼吸ICU" if lang == "zh" else "RICU", "Rigors寒战", *told):
        assert reading.squeezed(words) in squeezed, words
    assert "演示" not in text
    assert "Demo Person" not in text
    assert "YSYI" not in text


def test_the_sheet_counts_what_the_list_shows(bench: Bench, nurse: Session, tmp_path: Path) -> None:
    ward_at_work(bench, nurse)
    made = nurse.shift.sheet(tmp_path / "sheet.pdf")
    counts = nurse.shift.counts(made.sha256)
    tasks = nurse.worklist()
    assert counts["participants"] == 2
    assert counts["running"] == counts["events"] == counts["samples"] == 1
    assert counts["overdue"] == sum(t.status == "overdue" for t in tasks)
    due = [t for t in tasks if t.status == "due" and not t.what.startswith(("sae", "ae.", "spin"))]
    assert counts["due"] >= len(due) > 0


def test_both_give_their_own_password_and_one_entry_says_so(
    bench: Bench, nurse: Session, tmp_path: Path
) -> None:
    ward_at_work(bench, nurse)
    made = nurse.shift.sheet(tmp_path / "sheet.pdf")
    change = nurse.shift.hand_over(*both(), made.sha256)
    (event,) = nurse.audit(lambda e: e.kind == "HandedOver")
    assert change.kind == "HandedOver"
    assert event.data["outgoing"] == "nurse.alpha"
    assert event.data["incoming"] == "nurse.beta"
    assert event.data["sha256"] == made.sha256
    assert event.data["tasks"] == dict(nurse.shift.counts(made.sha256))


def test_nothing_is_recorded_until_both_passwords_are_right(
    bench: Bench, nurse: Session, tmp_path: Path
) -> None:
    ward_at_work(bench, nurse)
    sheet = nurse.shift.sheet(tmp_path / "sheet.pdf").sha256
    outgoing, incoming = both()
    with pytest.raises(WrongPassword) as refused:
        nurse.shift.hand_over(outgoing, Nurse("nurse.beta", "wrong word here 12"), sheet)
    assert refused.value.details["person"] == "nurse.beta"
    with pytest.raises(SecondPersonNeeded):
        nurse.shift.hand_over(outgoing, outgoing, sheet)
    with pytest.raises(UnknownThing):
        nurse.shift.hand_over(outgoing, incoming, "0" * 64)
    with pytest.raises(NotAllowed):
        nurse.shift.hand_over(outgoing, Nurse("admin", PASSWORDS["admin"]), sheet)
    assert nurse.audit(lambda e: e.kind == "HandedOver") == ()


def test_the_centre_takes_the_entry(bench: Bench, tmp_path: Path) -> None:
    session = bench.sign_in()
    bench.centre.register(session.device_public_key())
    ward_at_work(bench, session)
    made = session.shift.sheet(tmp_path / "sheet.pdf")
    session.shift.hand_over(*both(), made.sha256)
    (tmp_path / "stick").mkdir()
    files = session.export_sync(tmp_path / "stick")
    session.lock()
    assert {i.outcome for i in bench.centre.import_files([f.path for f in files])} == {"imported"}
    kinds = [e.kind for e in bench.centre.values()]
    assert kinds.count("HandedOver") == 1
    assert bench.centre.reconcile().holds


def test_an_empty_ward_has_a_sheet_that_says_so(
    nurse: Session, tmp_path: Path, external: reading.External
) -> None:
    nurse.shift.sheet(tmp_path / "sheet.pdf")
    assert "Nothing is open" in reading.text_of(external, tmp_path / "sheet.pdf")


@pytest.mark.parametrize("lang", LANGS)
def test_the_log_of_screen_failures_gives_date_number_and_criterion_and_no_name(
    bench: Bench, nurse: Session, tmp_path: Path, external: reading.External, lang: Lang
) -> None:
    first, third = FormKey("F1", "SCR"), FormKey("F3", "SCR")
    facts: dict[str, Value] = {"scr_no": "S-0042", "scr_dtm": START, "subj_name": NAME, "initials4": "YSYI"}
    named, judged, kept = (nurse.create_subject() for _ in range(3))
    record(nurse, named, first, {**facts, "scr_outcome": "SF", "scr_fail": ("INC04A", "EXC03")})
    record(nurse, judged, first, {"scr_no": "S-0043", "scr_dtm": START})
    record(nurse, judged, third, {"exc05_virol": "Y", "elig_decision": "INELIG"})
    record(nurse, kept, third, {"elig_decision": "ELIG"})
    out = tmp_path / "log.pdf"
    nurse.paper.screening_log(out, lang=lang)
    reading.assert_sound(external, out)
    text = reading.text_of(external, out)
    choice = nurse.study.forms["F1"].by_id["scr_fail"].choice
    labels = [c.label.get(lang) for code in ("INC04A", "EXC03", "EXC05") if (c := choice(code)) is not None]
    assert len(labels) == 3
    for words in (named, judged, "S-0042", "S-0043", *labels):
        assert reading.squeezed(words) in reading.squeezed(text), words
    assert kept not in text
    assert "演示" not in text
    assert "YSYI" not in text


@pytest.mark.parametrize(("lang", "told"), [("en", "Reported in time"), ("zh", "已按时上报")])
def test_a_serious_event_is_called_one_when_its_report_is_made(
    bench: Bench, nurse: Session, tmp_path: Path, external: reading.External, lang: Lang, told: str
) -> None:
    _, two = ward_at_work(bench, nurse)
    record(nurse, two, FormKey("F14", "LOG", 1), {"sae_reported_dtm": NOW - timedelta(hours=8)})
    out = tmp_path / "sheet.pdf"
    nurse.shift.sheet(out, lang=lang)
    text = reading.squeezed(reading.text_of(external, out))
    assert "SAE1Rigors" in text
    assert reading.squeezed(told) in text


@pytest.mark.parametrize("lang", LANGS)
def test_a_criterion_that_the_decision_repeats_is_logged_once(
    nurse: Session, tmp_path: Path, external: reading.External, lang: Lang
) -> None:
    subject = nurse.create_subject()
    found = nurse.study.forms["F1"].by_id["scr_fail"].choice("INC04A")
    assert found is not None
    record(nurse, subject, FormKey("F1", "SCR"), {"scr_outcome": "SF", "scr_fail": ("INC04A",)})
    record(nurse, subject, FormKey("F3", "SCR"), {"elig_reason": f"{found.label.en}; exactly 200 恰为200"})
    out = tmp_path / "log.pdf"
    nurse.paper.screening_log(out, lang=lang)
    text = reading.squeezed(reading.text_of(external, out))
    assert text.count(reading.squeezed(found.label.get(lang))) == 1
    assert text.count(reading.squeezed(found.label.en)) == (lang == "en")
    assert reading.squeezed("exactly 200 恰为200") in text

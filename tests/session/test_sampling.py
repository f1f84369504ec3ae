"""Labels and scans as use cases: a tube is filed under its own time-point or not at all, and every step has its time."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ui.infusion import bedside
from tests.ward import CHINA, Bench, make_bench
from ucmsc_desktop.errors import (
    BloodNotDrawn,
    LabelMisread,
    LabelUnknown,
    NotAllowed,
    ReasonNeeded,
    StepBlocked,
    TubeNotTheirs,
    TubeUsed,
    UnknownThing,
)
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.entry import item_set
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session, labels, samples
from ucmsc_desktop.study import specimen
from ucmsc_desktop.study.model import Window
from ucmsc_desktop.study.specimen import ALPHABET, LabelCode, check_character, tube
from ucmsc_desktop.study.values import Number

BL, D1, UNS = FormKey("F10", "BL"), FormKey("F10", "D1"), FormKey("F10", "UNS")
STARTED = datetime(2026, 3, 1, 8, 30, tzinfo=CHINA)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


@pytest.fixture
def session(bench: Bench) -> Session:
    return bench.sign_in()


@pytest.fixture
def subject(session: Session) -> str:
    return session.create_subject()


@pytest.fixture
def infused(bench: Bench) -> str:
    """A participant whose first dose ran from 08:30 to 09:00."""
    session = bench.sign_in("dr.gamma")
    made = bedside.create(session)
    bedside.override_blocks(session, made, bedside.prepare(session, made))
    bedside.vitals(session, made, bedside.F7, "T0")
    bench.clock.set(STARTED)
    session.infusions.start(made, 1)
    bench.clock.advance(minutes=30)
    session.infusions.end(made, 1)
    session.lock()
    return made


def draw(session: Session, subject: str, visit: str = "BL") -> FormKey:
    code = tube(subject, visit)
    session.sampling.draw(subject, code, session.now())
    return FormKey("F10", visit)


# --- reading --------------------------------------------------------------------------------------------------


def test_a_label_is_read_in_either_spelling_and_case(session: Session, subject: str) -> None:
    code = tube(subject, "D1", aliquot=2)
    for text in (code.printed, code.packed, code.packed.lower()):
        assert session.sampling.read(text) == code
    assert session.sampling.read(LabelCode(subject).printed) == LabelCode(subject)
    assert session.sampling.read("UCMSC-2026-0007") is None


def test_a_wrong_check_character_is_refused(session: Session, subject: str) -> None:
    plain = f"{subject}-D1-0"
    wrong = next(c for c in ALPHABET if c != check_character(plain))
    with pytest.raises(LabelMisread):
        session.sampling.read(f"{plain}-{wrong}")


@pytest.mark.parametrize("code", [LabelCode("01-999"), tube("01-999", "D1"), tube("01-001", "D9")])
def test_a_label_of_nobody_here_or_of_no_time_point_is_refused(
    session: Session, subject: str, code: LabelCode
) -> None:
    with pytest.raises(LabelUnknown):
        session.sampling.read(code.printed)


# --- drawing --------------------------------------------------------------------------------------------------


def test_a_tube_is_filed_under_its_time_point_with_the_second_of_its_scan(
    bench: Bench, session: Session, subject: str
) -> None:
    at = session.now().replace(second=41)
    bench.clock.advance(minutes=2)  # the nurse was asked something in between
    session.sampling.draw(subject, tube(subject, "BL"), at)
    view = session.form(subject, BL)
    assert view.value("cyt_done") == "Y"
    assert view.value("cyt_label_id") == f"{subject}-BL-0"
    assert view.value("cyt_collect_dtm") == at
    entry = view.entry("cyt_collect_dtm")
    assert entry is not None
    assert entry.origin == "stamped"
    assert session.form(subject, D1).value("cyt_collect_dtm") is None


def test_the_tube_of_another_participant_is_refused_and_nothing_is_recorded(
    session: Session, subject: str
) -> None:
    other = session.create_subject()
    with pytest.raises(TubeNotTheirs):
        session.sampling.draw(subject, tube(other, "BL"), session.now())
    for each in (subject, other):
        assert session.form(each, BL).value("cyt_done") is None


def test_a_tube_is_used_once(bench: Bench, session: Session, subject: str) -> None:
    draw(session, subject)
    first = session.form(subject, BL).value("cyt_collect_dtm")
    bench.clock.advance(minutes=9)
    with pytest.raises(TubeUsed) as refused:
        draw(session, subject)
    assert "08:00" in str(refused.value)
    assert session.form(subject, BL).value("cyt_collect_dtm") == first


def test_the_second_unscheduled_sample_has_a_record_of_its_own(session: Session, subject: str) -> None:
    for n in (1, 2):
        session.sampling.draw(subject, tube(subject, "UNS", n), session.now())
    assert session.form(subject, FormKey("F10", "UNS", 2)).value("cyt_label_id") == f"{subject}-UNS-10"
    assert session.form(subject, UNS).value("cyt_label_id") == f"{subject}-UNS-0"
    assert [s.title for s in session.sampling.of(subject)][-2:] == [
        Text("Unscheduled", "计划外"),
        Text("Unscheduled 2", "计划外 2"),
    ]


def test_before_the_first_dose_only_the_baseline_tube_fits(session: Session, subject: str) -> None:
    assert session.sampling.misfit(tube(subject, "BL")) is None
    assert session.sampling.misfit(tube(subject, "UNS")) is None
    odd = session.sampling.misfit(tube(subject, "6H"))
    assert odd is not None
    assert odd.text().en == "This is the tube for “6 h after infusion”; now is the window of “Baseline”."
    assert odd.text().zh == "这是“输注后6小时”的采血管；现在是“基线”的时间窗。"


@pytest.mark.parametrize(
    ("hours", "visit", "said"),
    [
        (0, "6H", "its window opens later (01-Mar 14:30–15:30)"),
        (6, "6H", None),
        (6, "BL", "now is the window of “6 h after infusion”"),
        (8, "6H", "its window is over (01-Mar 14:30–15:30)"),
        (23, "D1", None),
        (23, "6H", "now is the window of “Day 1”"),
    ],
)
def test_a_tube_whose_window_is_not_open_is_said_to_be_so(
    bench: Bench, infused: str, hours: int, visit: str, said: str | None
) -> None:
    bench.clock.advance(hours=hours)
    odd = bench.sign_in().sampling.misfit(tube(infused, visit))
    if said is None:
        assert odd is None
    else:
        assert odd is not None
        assert said in odd.text().en


def test_drawn_outside_its_window_it_keeps_its_label_and_the_query_stays_open(
    bench: Bench, infused: str
) -> None:
    bench.clock.advance(hours=23)
    session = bench.sign_in()
    draw(session, infused, "6H")
    view = session.form(infused, FormKey("F10", "6H"))
    assert view.value("cyt_label_id") == f"{infused}-6H-0"
    assert view.value("cyt_in_window") == "N"
    assert {"F10.swapped", "F10.window"} <= {f.id for f in view.findings}
    assert session.form(infused, D1).value("cyt_collect_dtm") is None


def test_the_window_before_a_dose_closes_with_its_start(bench: Bench, infused: str) -> None:
    state = bench.sign_in().state(infused)
    due = samples.window_of(state, D1)
    assert due is not None
    second = FormKey("F7", "D1", 2)
    started = state.with_values(second, {Cell("inf_start_dtm"): STARTED + timedelta(hours=23)})
    closed = samples.window_of(started, D1)
    assert closed is not None
    assert due.closes == STARTED + timedelta(hours=28)
    assert closed.closes == STARTED + timedelta(hours=23)
    assert samples.sample_of(started, D1, STARTED + timedelta(hours=24)).status == "overdue"


def test_a_sample_not_taken_is_recorded_in_one_step(session: Session, subject: str) -> None:
    session.sampling.skip(subject, BL, "OTH", "Vein could not be found")
    view = session.form(subject, BL)
    assert [view.value(i) for i in ("cyt_done", "cyt_nd_reason", "cyt_nd_text")] == [
        "N",
        "OTH",
        "Vein could not be found",
    ]
    assert session.sampling.one(subject, BL).status == "not_drawn"
    with pytest.raises(ReasonNeeded):  # found after all: the change is one that is explained
        draw(session, subject)


# --- spin, freeze ---------------------------------------------------------------------------------------------


def test_each_step_says_by_when_the_next_is_due(bench: Bench, session: Session, subject: str) -> None:
    key = draw(session, subject)
    start = session.now()
    sample = session.sampling.one(subject, key)
    assert (sample.status, sample.spin_by, sample.spin_latest) == (
        "drawn",
        start + timedelta(minutes=60),
        start + timedelta(minutes=120),
    )
    bench.clock.advance(minutes=20)
    session.sampling.stamp(subject, key, "spin")
    sample = session.sampling.one(subject, key)
    assert (sample.status, sample.spun, sample.freeze_by) == (
        "spun",
        start + timedelta(minutes=20),
        start + timedelta(minutes=80),
    )
    bench.clock.advance(minutes=15)
    session.sampling.stamp(subject, key, "freeze")
    assert session.sampling.one(subject, key).status == "frozen"
    assert not session.sampling.under_way()


def test_the_sample_that_is_most_pressing_stands_first(bench: Bench, session: Session) -> None:
    first, second, third = (session.create_subject() for _ in range(3))
    for subject in (first, second, third):
        draw(session, subject)
        bench.clock.advance(minutes=10)
    session.sampling.stamp(first, BL, "spin")  # to be frozen in 60 min: later than both others are to be spun
    assert [s.subject for s in session.sampling.under_way()] == [second, third, first]


def test_aliquots_are_filed_once_each_and_the_first_stamps_the_freezing(
    bench: Bench, session: Session, subject: str
) -> None:
    key = draw(session, subject)
    bench.clock.advance(minutes=20)
    session.sampling.stamp(subject, key, "spin")
    bench.clock.advance(minutes=20)
    frozen = session.now()
    for number in (1, 2, 2, 1):
        session.sampling.file_aliquot(tube(subject, "BL", aliquot=number), session.now())
        bench.clock.advance(seconds=30)
    sample = session.sampling.one(subject, key)
    assert sample.aliquots == (f"{subject}-BL-1", f"{subject}-BL-2")
    assert sample.frozen == frozen
    again = session.sampling.file_aliquot(tube(subject, "BL", aliquot=2), session.now())
    assert again.events == 0


def test_an_aliquot_scanned_before_the_spin_is_filed_and_stamps_no_freezing(
    bench: Bench, session: Session, subject: str
) -> None:
    key = draw(session, subject)
    session.sampling.file_aliquot(tube(subject, "BL", aliquot=1), session.now())
    sample = session.sampling.one(subject, key)
    assert sample.aliquots == (f"{subject}-BL-1",)
    assert sample.frozen is None


def test_an_aliquot_of_blood_that_was_never_drawn_is_refused(session: Session, subject: str) -> None:
    with pytest.raises(BloodNotDrawn):
        session.sampling.file_aliquot(tube(subject, "D1", aliquot=1), session.now())


def test_an_aliquot_of_a_sample_marked_not_done_is_refused_and_the_contradiction_is_a_query(
    session: Session, subject: str
) -> None:
    key = draw(session, subject)
    session.sampling.skip(subject, key, "FORGOTTEN", reason="another patient's")
    with pytest.raises(BloodNotDrawn):
        session.sampling.file_aliquot(tube(subject, "BL", aliquot=1), session.now())
    found = [f for f in session.form(subject, key).findings if f.id == "F10.done_or_not"]
    assert [f.kind for f in found] == ["query"]


def test_the_tube_itself_is_not_filed_as_its_aliquot(session: Session, subject: str) -> None:
    key = draw(session, subject)
    with pytest.raises(LabelUnknown):
        session.sampling.file_aliquot(tube(subject, "BL"), session.now())
    assert session.form(subject, key).value("aliq_id", 1) is None


def test_a_monitor_may_file_nothing(bench: Bench, session: Session, subject: str) -> None:
    session.lock()
    admin = bench.sign_in("admin")
    admin.people.add("mon", "Demo Monitor", "monitor", "violet kettle harbour 31 moss", is_temporary=False)
    admin.lock()
    monitor = bench.ward.sign_in("mon", "violet kettle harbour 31 moss")
    with pytest.raises(NotAllowed):
        draw(monitor, subject)


# --- the codes in the form itself -----------------------------------------------------------------------------


def test_the_form_takes_the_printed_code_and_records_the_plain_one(session: Session, subject: str) -> None:
    code = tube(subject, "BL")
    for text in (code.printed, code.packed, code.plain):
        session.enter(subject, BL, {Cell("cyt_done"): "Y", Cell("cyt_label_id"): text}, reason="again")
        assert session.form(subject, BL).value("cyt_label_id") == code.plain
    session.enter(subject, BL, {Cell("aliq_id", 1): tube(subject, "BL", aliquot=1).packed})
    assert session.form(subject, BL).value("aliq_id", 1) == f"{subject}-BL-1"


def test_the_codes_of_others_are_recorded_as_they_are_even_where_they_could_be_ours(
    session: Session, subject: str
) -> None:
    assert (
        specimen.recorded("999222") == "99-922"
    )  # six digits with the check character of a wristband, by chance
    product = FormKey("F6", "D0", 1)
    for item in ("prod_unit_id", "prod_lot", "ship_logger_id", "coi_bag_scan"):
        session.enter(subject, product, {Cell(item): "999222"})
        assert session.form(subject, product).value(item) == "999222"
    session.enter(subject, FormKey("F1", "SCR"), {Cell("hosp_no"): "999222"})
    assert session.form(subject, FormKey("F1", "SCR")).value("hosp_no") == "999222"


def test_a_number_of_another_site_s_shape_is_left_to_the_page(session: Session, subject: str) -> None:
    for text in ("999223", "123456"):
        assert session.sampling.read(text) is None
    assert (
        session.sampling.read(LabelCode(subject).packed[:-1] + "X") is None
    )  # as likely somebody else's number
    with pytest.raises(LabelMisread):
        session.sampling.read(LabelCode(subject).printed[:-1] + "X")


def test_a_number_of_aliquots_typed_with_a_decimal_point_is_that_number(
    session: Session, subject: str
) -> None:
    key = draw(session, subject)
    session.enter(subject, key, {Cell("cyt_aliquots"): Number(Decimal("3.0"))})
    assert session.sampling.one(subject, key).wanted == 3


def test_the_form_still_refuses_the_tube_of_another_time_point(session: Session, subject: str) -> None:
    with pytest.raises(StepBlocked):
        session.enter(subject, BL, {Cell("cyt_done"): "Y", Cell("cyt_label_id"): tube(subject, "D1").printed})


# --- printing -------------------------------------------------------------------------------------------------


def test_labels_of_every_time_point_are_printed_and_recorded(
    session: Session, subject: str, tmp_path: Path
) -> None:
    made = session.paper.labels(tmp_path / "l.pdf", subject=subject)
    assert made.pages == 1 + 5 * (1 + session.study.labels.aliquots)
    (noted,) = session.audit(lambda e: e.kind == "PdfWritten")
    assert noted.subject == subject
    assert noted.data["sha256"] == made.sha256
    assert noted.data["labels"][:3] == [subject, f"{subject}-BL-0", f"{subject}-BL-1"]


def test_a_label_printed_before_is_a_reprint_the_next_day_too(
    bench: Bench, session: Session, subject: str, tmp_path: Path
) -> None:
    session.paper.labels(tmp_path / "1.pdf", subject=subject, wanted=labels.Wanted(("tube",), ("BL",)))
    session.lock()
    events = bench.sign_in()._ledger.subject_events(subject)
    assert labels.printed_before(events) == {f"{subject}-BL-0"}


def test_labels_of_all_participants_are_noted_with_each(session: Session, tmp_path: Path) -> None:
    both = [session.create_subject() for _ in range(2)]
    session.paper.labels(tmp_path / "l.pdf", wanted=labels.Wanted(("participant",), copies=2), lang="zh")
    noted = session.audit(lambda e: e.kind == "PdfWritten")
    assert [(e.subject, e.data["labels"]) for e in noted] == [(s, [s]) for s in both]


def test_labels_of_all_leave_out_whoever_failed_screening_or_has_ended(
    session: Session, tmp_path: Path
) -> None:
    stays, failed = (session.create_subject() for _ in range(2))
    state, first = session.state(failed), FormKey("F1", "SCR")
    session._append([item_set(state, first, Cell("scr_outcome"), "SF", origin="entered")])
    session._states.clear()
    wanted = labels.Wanted(("participant",))
    session.paper.labels(tmp_path / "all.pdf", wanted=wanted)
    assert [e.subject for e in session.audit(lambda e: e.kind == "PdfWritten")] == [stays]
    session.paper.labels(tmp_path / "one.pdf", subject=failed, wanted=wanted)
    assert [e.subject for e in session.audit(lambda e: e.kind == "PdfWritten")] == [stays, failed]


def test_without_a_participant_there_is_nothing_to_print(session: Session, tmp_path: Path) -> None:
    with pytest.raises(UnknownThing):
        session.paper.labels(tmp_path / "l.pdf")


def test_the_unscheduled_label_is_that_of_the_sample_that_comes_next(session: Session, subject: str) -> None:
    wanted = labels.Wanted(("tube",), ("UNS",))
    assert labels.codes(session.state(subject), wanted) == (tube(subject, "UNS", 1),)
    session.sampling.draw(subject, tube(subject, "UNS", 1), session.now())
    assert labels.codes(session.state(subject), wanted) == (tube(subject, "UNS", 2),)


def elapsed(**minutes: int) -> Window:
    return Window(kind="elapsed", anchor="first_end", **minutes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("window", "en", "zh"),
    [
        (elapsed(at_min=360, before_min=30, after_min=30), "6 h ± 30 min after the end of dose 1", "首次输注结束后6小时 ± 30分钟"),
        (elapsed(at_min=0, before_min=60), "60 to 0 min before the end of dose 1", "首次输注结束前60–0分钟"),
        (elapsed(at_min=90, before_min=5, after_min=60), "90 min after the end of dose 1 (−5 min/+1 h)", "首次输注结束后90分钟（−5分钟/+1小时）"),
        (None, "", ""),
    ],
)  # fmt: skip
def test_a_window_is_put_into_words(window: Window | None, en: str, zh: str) -> None:
    assert samples.rule_of(window) == Text(en, zh)


def test_a_label_that_was_only_looked_at_was_not_printed(
    session: Session, subject: str, tmp_path: Path
) -> None:
    wanted = labels.Wanted(("tube",), ("BL",))

    def printed() -> frozenset[str]:
        return labels.printed_before(session.audit(lambda e: e.subject == subject))

    made = session.paper.labels(tmp_path / "1.pdf", subject=subject, wanted=wanted, preview=True)
    assert not printed()
    session.paper.labels_went_out(made)
    assert printed() == {f"{subject}-BL-0"}
    session.paper.labels_went_out(made)  # said once is enough
    assert len(session.audit(lambda e: "labels" in e.data)) == 1

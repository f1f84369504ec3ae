"""What the program drafts by itself: once, with its numbers, never over a person's word, and never taken away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.paper.story import Story
from ucmsc_desktop.record import automatic
from ucmsc_desktop.record.automatic import DRAFTED, is_draft, is_unchecked
from ucmsc_desktop.record.course import planned_keys
from ucmsc_desktop.record.derivation import follow
from ucmsc_desktop.record.entry import item_set
from ucmsc_desktop.record.events import Cell, Draft, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.safety import sae_clock
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.study.values import Value

FIRST = FormKey("F7", "D0", 1)
SECOND = FormKey("F7", "D1", 2)
START, END = "2026-03-02T09:00:00+08:00", "2026-03-02T10:00:00+08:00"


class Bed:
    """A participant whose entries go through the program's own drafts, event by event."""

    def __init__(self) -> None:
        self.story = Story()
        self.now = datetime.fromisoformat("2026-03-02T08:00+08:00")
        self.story.add(Draft("SubjectCreated", "01-001"))

    def state(self) -> SubjectState:
        return self.story.state().derive((), self.now)

    def at(self, now: str) -> Bed:
        self.now = datetime.fromisoformat(now)
        return self

    def enter(self, key: FormKey, values: Mapping[str, Any], row: int = 0) -> list[Draft]:
        """Enter values; give what the program added to them."""
        state = self.state()
        form = state.study.forms[key.form]
        typed: dict[Cell, Value | None] = {
            Cell(i, row): typed_value(form.by_id[i], t) if t is not None else None for i, t in values.items()
        }
        after = follow(state, key, typed, self.now)
        drafts = [item_set(state, key, c, v, origin="entered", reason="test") for c, v in typed.items()]
        recorded = self.story.state()
        for k, cells in after.overlay.items():  # what follows from the entry, as `entry.plan` gives it
            items = state.study.forms[k.form].by_id
            drafts += [
                item_set(recorded, k, c, v, origin="derived")
                for c, v in cells.items()
                if items[c.item].is_derived and v != recorded.value(k, c)
            ]
        _, every = automatic.follow_up(after, drafts, self.now)
        for draft in every:
            self.story.add(draft)
        return [d for d in every if d.origin == DRAFTED]

    def strike(self, key: FormKey, section: str, row: int) -> list[Draft]:
        strike = Draft("RowStruck", "01-001", key, Cell(section, row), "1.0", reason="typed twice")
        every = automatic.follow_strike(self.state(), strike, self.now)
        for draft in every:
            self.story.add(draft)
        return [d for d in every if d.origin == DRAFTED]

    def infuse(self, start: str = START, end: str = END, key: FormKey = FIRST) -> None:
        self.now = datetime.fromisoformat(end)
        self.enter(key, {"inf_start_dtm": start, "inf_end_dtm": end})

    def records(self, form: str = "F17") -> list[FormState]:
        return [FormState(self.state(), k, self.now) for k in self.state().keys(form)]

    def told(self) -> list[tuple[Any, ...]]:
        """Give category, severity and description of every deviation."""
        return [(r.value("dv_cat"), r.value("dv_sev"), r.value("dv_desc")) for r in self.records()]

    def categories(self) -> list[Any]:
        return [r.value("dv_cat") for r in self.records()]

    def fired(self, key: FormKey) -> set[str]:
        return {f.id for f in FormState(self.state(), key, self.now).findings}


DEVIATION, EVENT = FormKey("F17", "LOG", 1), FormKey("F14", "LOG", 1)
GAS_D7, CT_D2 = FormKey("F9", "D7"), FormKey("F11", "D2")
BASELINE, SIX, DAY1, DAY2 = (FormKey("F10", v) for v in ("BL", "6H", "D1", "D2"))
DRAW = {"cyt_done": "Y"}


@pytest.fixture
def bed() -> Bed:
    made = Bed()
    made.infuse()
    return made


# --- deviations -------------------------------------------------------------------------------------------------------


def test_a_late_sample_drafts_a_minor_deviation_with_its_numbers_in_one_text(bed: Bed) -> None:
    bed.at("2026-03-02T17:00+08:00").enter(SIX, {**DRAW, "cyt_collect_dtm": "2026-03-02T16:42+08:00"})
    text = "F10 6H: planned 计划 2026-03-02 16:00 ±30 min, drawn 采血 16:42 (+42 min)"
    assert bed.told() == [("TIME", "MINOR", text)]
    (record,) = bed.records()
    assert record.value("dv_dtm") == datetime.fromisoformat("2026-03-02T16:42+08:00")
    assert (record.value("dv_form"), record.value("dv_found")) == ("F10 6H", text)
    assert record.value("dv_source") == "F10/6H/1 window"
    assert is_draft(bed.state(), DEVIATION)
    assert is_unchecked(bed.state(), DEVIATION)
    assert {e.origin for cells in record.record.cells.values() for e in cells} <= {DRAFTED, "derived"}


@pytest.mark.parametrize("at", ["15:30", "16:00", "16:30"])
def test_a_sample_in_its_window_ends_included_drafts_nothing(bed: Bed, at: str) -> None:
    assert (
        bed.at("2026-03-02T17:00+08:00").enter(SIX, {**DRAW, "cyt_collect_dtm": f"2026-03-02T{at}+08:00"})
        == []
    )


@pytest.mark.parametrize(
    ("at", "off"), [("15:29", "-31 min"), ("16:31", "+31 min"), ("18:05", "+2 h 05 min")]
)
def test_a_minute_beyond_the_window_is_one(bed: Bed, at: str, off: str) -> None:
    bed.at("2026-03-02T19:00+08:00").enter(SIX, {**DRAW, "cyt_collect_dtm": f"2026-03-02T{at}+08:00"})
    assert bed.told()[0][2].endswith(f"({off})")


def test_gas_and_ct_have_their_windows_too(bed: Bed) -> None:
    bed.at("2026-03-12T09:00+08:00").enter(
        GAS_D7, {"abg_done": "Y", "abg_collect_dtm": "2026-03-11T08:00+08:00"}
    )
    bed.enter(CT_D2, {"ct_done": "Y", "ct_dtm": "2026-03-05T08:00+08:00"})
    assert bed.told() == [
        ("TIME", "MINOR", "F9 D7: planned 计划 2026-03-09 (2026-03-08 – 2026-03-10), drawn 采样 2026-03-11 08:00 (+2 d)"),
        ("TIME", "MINOR", "F11 D2: planned 计划 2026-03-04 09:00 ±12 h, imaged 检查 2026-03-05 08:00 (+23 h)"),
    ]  # fmt: skip


def test_blood_after_the_dose_is_a_deviation_of_sampling_also_inside_its_window(bed: Bed) -> None:
    bed.infuse("2026-03-03T09:00:00+08:00", "2026-03-03T10:00:00+08:00", SECOND)
    bed.enter(DAY1, {**DRAW, "cyt_collect_dtm": "2026-03-03T09:10+08:00"})
    text = "F10 D1: drawn 采血 2026-03-03 09:10, infusion 2 started 第2次输注开始 09:00 (+10 min)"
    assert bed.told() == [("SAMP", "MINOR", text)]


def test_blood_before_the_dose_is_none(bed: Bed) -> None:
    bed.infuse("2026-03-03T09:00:00+08:00", "2026-03-03T10:00:00+08:00", SECOND)
    assert bed.enter(DAY1, {**DRAW, "cyt_collect_dtm": "2026-03-03T08:59+08:00"}) == []


def test_a_baseline_drawn_after_the_start_is_told_once(bed: Bed) -> None:
    bed.enter(BASELINE, {**DRAW, "cyt_collect_dtm": "2026-03-02T09:05+08:00"})
    assert bed.categories() == ["SAMP"]


def test_the_dose_that_comes_later_shows_that_the_blood_was_late(bed: Bed) -> None:
    bed.at("2026-03-03T09:30+08:00").enter(DAY1, {**DRAW, "cyt_collect_dtm": "2026-03-03T09:10+08:00"})
    assert bed.told() == []
    bed.infuse("2026-03-03T09:00:00+08:00", "2026-03-03T10:00:00+08:00", SECOND)
    assert bed.categories() == ["SAMP"]


def dosed(bed: Bed, volume: str) -> None:
    bed.enter(FormKey("F1", "SCR"), {"weight_kg": "50"})
    bag = {
        "prod_form": "FRESH",
        "prod_conc": "0.5",
        "prod_viab": "100",
        "prod_volume": "100",
        "prep_wash": "N",
        "prep_dilute": "N",
    }
    bed.enter(FormKey("F6", "D0", 1), bag)
    bed.enter(FIRST, {"inf_vol": volume})


@pytest.mark.parametrize(
    ("volume", "told"),
    [("45", None), ("55", None), ("44.9", "MINOR"), ("55.1", "MINOR"), ("40", "MINOR"), ("60", "MINOR"), ("39.9", "IMPORTANT"), ("60.1", "IMPORTANT")],
)  # fmt: skip
def test_a_dose_off_by_more_than_ten_or_twenty_per_cent(bed: Bed, volume: str, told: str | None) -> None:
    dosed(bed, volume)
    assert [(c, s) for c, s, _ in bed.told()] == ([("DOSE", told)] if told else [])


def test_the_text_of_a_dose_has_the_number(bed: Bed) -> None:
    dosed(bed, "39.9")
    assert bed.told()[0][2] == "Infusion 1 第1次输注: delivered 实际输注 79.8 % of target 占目标剂量 (±20 %)"


@pytest.mark.parametrize(
    ("second", "told"),
    [("2026-03-03T05:00:00", False), ("2026-03-03T04:59:59", True), ("2026-03-03T13:00:00", False), ("2026-03-03T13:00:20", True)],
)  # fmt: skip
def test_an_interval_outside_20_to_28_hours(bed: Bed, second: str, told: bool) -> None:
    bed.infuse(f"{second}+08:00", f"{second[:11]}{int(second[11:13]) + 1:02d}:00:00+08:00", SECOND)
    assert bed.categories() == (["TIME"] if told else [])
    if second.endswith("20"):
        assert "28 h 00 min 20 s after infusion 1 距第1次输注 (20–28 h)" in bed.told()[0][2]


def test_an_infusion_longer_than_the_limit() -> None:
    for end, told in (("13:00:00", []), ("13:00:30", ["DOSE"])):
        bed = Bed()
        bed.infuse(end=f"2026-03-02T{end}+08:00")
        assert bed.categories() == told


def test_the_window_of_a_start_stamped_with_its_second_is_told_in_whole_minutes() -> None:
    bed = Bed()
    bed.infuse(start="2026-03-02T09:00:17+08:00", end="2026-03-02T10:00:41+08:00")
    bed.at("2026-03-02T17:00+08:00").enter(SIX, {**DRAW, "cyt_collect_dtm": "2026-03-02T16:42+08:00"})
    assert "planned 计划 2026-03-02 16:00 ±30 min," in bed.told()[0][2]


def test_vital_signs_outside_their_windows_are_one_deviation_of_their_infusion(bed: Bed) -> None:
    bed.at("2026-03-02T09:31+08:00")
    bed.enter(FIRST, {"ivs_point": "T15", "ivs_dtm": "2026-03-02T09:16:00+08:00"}, row=1)
    assert bed.told() == []
    bed.enter(FIRST, {"ivs_point": "T5", "ivs_dtm": "2026-03-02T09:14:00+08:00"}, row=2)
    bed.enter(FIRST, {"ivs_point": "UNS", "ivs_dtm": "2026-03-02T09:29:00+08:00"}, row=3)
    bed.at("2026-03-02T12:31+08:00")
    bed.enter(FIRST, {"ivs_point": "P1H", "ivs_dtm": "2026-03-02T12:30:00+08:00"}, row=4)
    text = (
        "Infusion 1 第1次输注: vital signs 生命体征 measured outside the window 超窗测量: "
        "T5 09:14 (+9 min), P1H 12:30 (+90 min)"
    )
    assert bed.told() == [("TIME", "MINOR", text)]
    assert bed.records()[0].value("dv_source") == "F7/D0/1 flow window"
    bed.enter(FIRST, {"ivs_dtm": "2026-03-02T09:06:00+08:00"}, row=2)
    assert "T5" not in bed.told()[0][2]


def test_vital_signs_recorded_as_not_measured_are_one_deviation_but_none_after_a_death(bed: Bed) -> None:
    bed.at("2026-03-02T18:00+08:00")
    bed.enter(FIRST, {"ivs_point": "T15", "ivs_dtm": "ND: nurse called away"}, row=1)
    bed.enter(FIRST, {"ivs_point": "P2H", "ivs_dtm": "ND: in the CT room"}, row=2)
    text = "Infusion 1 第1次输注: vital signs 生命体征 not measured 未测: T15 09:15, P2H 12:00"
    assert bed.told() == [("MISS", "MINOR", text)]
    died = Bed()
    died.infuse()
    died.enter(FormKey("F15", "END"), {"dth_dtm": "2026-03-02T11:00"})
    died.enter(FIRST, {"ivs_point": "P2H", "ivs_dtm": "ND: died"}, row=1)
    assert "MISS" not in died.categories()


MISSED = {"cyt_done": "N", "cyt_nd_reason": "FORGOTTEN"}


def test_a_missed_sample_is_drafted_with_the_first_entry_after_its_window_closed(bed: Bed) -> None:
    assert bed.at("2026-03-02T16:29+08:00").enter(SIX, MISSED) == []
    assert bed.at("2026-03-02T16:30+08:00").enter(FormKey("F12", "DAY", 0), {"day_alive": "Y"}) == []
    bed.at("2026-03-02T16:31+08:00").enter(FormKey("F12", "DAY", 0), {"day_loc": "ICU"})
    text = "F10 6H: planned 计划 2026-03-02 16:00 ±30 min, not done 未做 (FORGOTTEN)"
    assert bed.told() == [("MISS", "MINOR", text)]
    assert bed.records()[0].value("dv_dtm") == datetime.fromisoformat("2026-03-02T16:30+08:00")


def test_a_sample_nobody_has_called_missed_is_no_deviation_yet(bed: Bed) -> None:
    assert bed.at("2026-03-05T16:31+08:00").enter(FormKey("F12", "DAY", 0), {"day_alive": "Y"}) == []


def test_death_and_withdrawal_are_no_fault(bed: Bed) -> None:
    bed.at("2026-03-02T18:00+08:00").enter(SIX, {"cyt_done": "N", "cyt_nd_reason": "DEATH"})
    consent = {"withdrawn": "Y", "withdraw_scope": "SAMPLES", "withdraw_dtm": "2026-03-02T19:00+08:00"}
    bed.at("2026-03-08T18:00+08:00").enter(FormKey("F2", "SCR"), consent)
    bed.enter(FormKey("F10", "D3"), MISSED)
    assert bed.told() == []
    bed.enter(CT_D2, {"ct_done": "N", "ct_nd_reason": "REFUSED"})  # images are no samples
    assert bed.categories() == ["MISS"]


def test_a_consent_form_that_was_not_the_active_one_is_important() -> None:
    bed = Bed().at("2026-03-02T10:00+08:00")
    signed = {
        "icf_version": "1.0",
        "consent_given": "Y",
        "consent_by": "SUBJ",
        "subj_sign_dtm": "2026-03-01T08:35+08:00",
    }
    bed.enter(FormKey("F2", "SCR"), signed)
    text = "Consent form 知情同意书: signed 签署 1.0, 2026-03-01 08:35; active 现行 2.0"
    assert bed.told() == [("ICF", "IMPORTANT", text)]


def test_an_infusion_of_somebody_not_eligible_is_important_whichever_is_entered_first() -> None:
    for order in (1, -1):
        bed = Bed().at("2026-03-02T10:00+08:00")
        steps = [
            (FIRST, {"inf_start_dtm": START}),
            (FormKey("F3", "SCR"), {"elig_dtm": "2026-03-02T08:30+08:00", "elig_decision": "INELIG"}),
        ]
        for key, values in steps[::order]:
            bed.enter(key, values)
        assert [(c, s) for c, s, _ in bed.told()] == [("ELIG", "IMPORTANT")]


@pytest.mark.parametrize(
    ("spin", "freeze", "told"),
    [("18:00", "19:00", []), ("18:01", "19:00", ["SAMP"]), ("18:00", "19:01", ["SAMP"]), ("18:01", "19:02", ["SAMP", "SAMP"])],
)  # fmt: skip
def test_late_spinning_and_late_freezing(bed: Bed, spin: str, freeze: str, told: list[str]) -> None:
    bed.at("2026-03-02T20:00+08:00").enter(SIX, {**DRAW, "cyt_collect_dtm": "2026-03-02T16:00+08:00"})
    bed.enter(
        SIX, {"cyt_spin_dtm": f"2026-03-02T{spin}+08:00", "cyt_freeze_dtm": f"2026-03-02T{freeze}+08:00"}
    )
    assert bed.categories() == told


def test_a_product_below_its_specification_or_expired_that_was_used_is_important() -> None:
    bed = Bed()
    bag = {
        "prod_form": "FRESH",
        "prod_viab": "79.5",
        "prep_wash": "N",
        "prod_expiry_dtm": "2026-03-02T09:00+08:00",
    }
    bed.enter(FormKey("F6", "D0", 1), bag)
    assert bed.told() == []  # not used yet
    bed.infuse()
    assert bed.told() == [
        ("PRODUCT", "IMPORTANT", "Infusion 1 第1次输注: viability 细胞活率 79.5 % (≥ 80 %)"),
        ("PRODUCT", "IMPORTANT", "Infusion 1 第1次输注: started 开始 2026-03-02 09:00, product expired 制剂失效 09:00"),
    ]  # fmt: skip


def test_another_cell_therapy_is_important_and_its_unknown_hour_stays_open(bed: Bed) -> None:
    key = FormKey("F13", "LOG", 1)
    bed.enter(key, {"cm_name": "Invented cells", "cm_class": ["CELL"], "cm_start": "2026-03"})
    assert bed.told() == [("DRUG", "IMPORTANT", "Other cell therapy 其他细胞治疗 (F13 #1): Invented cells")]
    assert bed.records()[0].value("dv_dtm") is None


@pytest.mark.parametrize(("minutes", "told"), [(0, []), (1, ["SAE"])])
def test_a_report_after_24_hours(bed: Bed, minutes: int, told: list[str]) -> None:
    bed.at("2026-03-05T09:00+08:00")
    event = {"ae_term": "Shock", "ae_first_serious": "Y", "sae_aware_dtm": "2026-03-02T12:00+08:00"}
    bed.enter(EVENT, event)
    assert (
        bed.told() == []
    )  # overdue is red on the screen; it is a deviation once it is known how late it was
    bed.enter(EVENT, {"sae_reported_dtm": f"2026-03-03T12:{minutes:02d}+08:00"})
    assert bed.categories() == told


# --- once, and never over a person's word -----------------------------------------------------------------------------


def late(bed: Bed) -> None:
    bed.at("2026-03-02T17:00+08:00").enter(SIX, {**DRAW, "cyt_collect_dtm": "2026-03-02T16:42+08:00"})


def test_a_draft_follows_an_amended_time_as_long_as_nobody_has_answered_it(bed: Bed) -> None:
    late(bed)
    bed.enter(SIX, {"cyt_collect_dtm": "2026-03-02T16:45+08:00"})
    (record,) = bed.records()
    assert str(record.value("dv_desc")).endswith("16:45 (+45 min)")
    first, second = record.history("dv_desc")
    assert str(first.value).endswith("(+42 min)")
    assert (second.parents, second.reason) == ((first.id,), automatic.CHANGED)


def test_what_a_person_wrote_is_theirs(bed: Bed) -> None:
    late(bed)
    bed.enter(DEVIATION, {"dv_desc": "Courier late 运送延误", "dv_sev": "IMPORTANT", "dv_draft_ok": "Y"})
    bed.enter(SIX, {"cyt_collect_dtm": "2026-03-02T16:45+08:00"})
    (record,) = bed.records()
    assert (record.value("dv_desc"), record.value("dv_sev")) == ("Courier late 运送延误", "IMPORTANT")
    assert str(record.value("dv_found")).endswith("(+45 min)")
    assert not is_unchecked(bed.state(), DEVIATION)


def test_a_cause_that_is_gone_leaves_the_draft_standing_with_a_query(bed: Bed) -> None:
    late(bed)
    before = {c: e.value for c, e in _cells(bed, DEVIATION).items()}
    assert "F17.cause_gone" not in bed.fired(DEVIATION)
    bed.enter(SIX, {"cyt_collect_dtm": "2026-03-02T16:12+08:00"})
    assert "F17.cause_gone" in bed.fired(DEVIATION)
    after = {c: e.value for c, e in _cells(bed, DEVIATION).items()}
    assert {c for c in before if before[c] != after[c]} == {Cell("dv_found")}
    bed.enter(DEVIATION, {"dv_draft_ok": "N"})
    assert "F17.cause_gone" not in bed.fired(DEVIATION)


def test_a_cause_that_comes_back_makes_no_second_draft(bed: Bed) -> None:
    late(bed)
    for at in ("16:12", "16:50", "16:12", "16:55"):
        bed.enter(SIX, {"cyt_collect_dtm": f"2026-03-02T{at}+08:00"})
    (record,) = bed.records()
    assert str(record.value("dv_found")).endswith("(+55 min)")


def test_a_draft_crossed_out_or_emptied_by_a_person_never_comes_again(bed: Bed) -> None:
    late(bed)
    bed.enter(DEVIATION, {"dv_draft_ok": "N", "dv_draft_why": "the ward clock was wrong"})
    bed.enter(SIX, {"cyt_collect_dtm": "2026-03-02T16:50+08:00"})
    (record,) = bed.records()
    assert str(record.value("dv_desc")).endswith("(+42 min)")  # crossed out, it no longer follows
    bed.enter(DEVIATION, {"dv_source": None, "dv_desc": None})
    bed.enter(SIX, {"cyt_collect_dtm": "2026-03-02T16:51+08:00"})
    assert len(bed.records()) == 1


def test_a_locked_draft_is_left_as_it_is(bed: Bed) -> None:
    late(bed)
    bed.story.add(Draft("FormLocked", "01-001", DEVIATION, reason="closed"))
    assert bed.enter(SIX, {"cyt_collect_dtm": "2026-03-02T16:12+08:00"}) == []


def test_a_draft_takes_the_number_after_the_one_being_entered(bed: Bed) -> None:
    bed.at("2026-03-02T17:00+08:00").enter(DEVIATION, {"dv_cat": "OTH"})
    late(bed)
    assert [k.n for k in bed.state().keys("F17")] == [1, 2]


def test_looking_changes_nothing(bed: Bed) -> None:
    late(bed)
    state = bed.state()
    assert automatic.follow_up(state, [], bed.now) == (state, [])


# --- adverse events ---------------------------------------------------------------------------------------------------

FLAGS = FormKey("F8", "D0", 1)
WHEEZE = {
    "iae_item": "06", "iae_onset_dtm": "2026-03-02T09:20:30+08:00", "iae_value_t0": "no rash 无皮疹",
    "iae_value_event": "urticaria 荨麻疹", "iae_action": ["PAUSE", "DRUG"], "iae_action_text": "chlorphenamine 氯苯那敏",
}  # fmt: skip


def test_a_confirmed_infusion_event_drafts_an_adverse_event_and_links_it(bed: Bed) -> None:
    assert bed.enter(FLAGS, WHEEZE, row=1) == []
    bed.enter(FLAGS, {"iae_adjud": "Y"}, row=1)
    (event,) = bed.records("F14")
    told = ("ae_term", "ae_iae", "ae_acn", "ae_acnoth", "ae_desc", "ae_source")
    assert [event.value(i) for i in told] == [
        "Transfusion-like reaction 类输血反应", "06", "PAUSE", ("DRUG",),
        "T0: no rash 无皮疹; → urticaria 荨麻疹; chlorphenamine 氯苯那敏", "F8/D0/1 event 1",
    ]  # fmt: skip
    assert str(event.value("ae_onset_dtm").iso()) == "2026-03-02T09:20"  # type: ignore[union-attr]
    judged = ("ae_grade", "ae_serious", "ae_rel_msc", "ae_expected", "ae_sdth", "ae_first_serious")
    assert [event.value(i) for i in judged] == [None] * 6  # the program judges nothing
    assert bed.state().operand(FLAGS, Cell("iae_ae_link", 1)) == 1
    assert "X17" not in bed.fired(FLAGS)
    assert (event.value("ae_inf_no").amount, event.value("ae_iae_window")) == (1, "Y")  # type: ignore[union-attr]


def test_the_draft_names_its_event_and_asks_about_one_that_began_at_the_same_time(bed: Bed) -> None:
    first, later = FormKey("F14", "LOG", 1), FormKey("F14", "LOG", 2)
    bed.enter(first, {"ae_term": "Urticaria 荨麻疹", "ae_onset_dtm": "2026-03-02T09:15"})
    bed.enter(later, {"ae_term": "Headache 头痛", "ae_onset_dtm": "2026-03-02T15:00"})
    bed.enter(FLAGS, {**WHEEZE, "iae_adjud": "Y"}, row=1)
    (found,) = [str(e.value("ae_found")) for e in bed.records("F14") if e.value("ae_found") is not None]
    assert "06 Transfusion-like reaction 类输血反应; confirmed" in found
    assert found.endswith("is it the same event as 是否与以下为同一事件: F14 #1?")


@pytest.mark.parametrize("answer", ["N", "I"])
def test_an_event_that_is_not_confirmed_drafts_none(bed: Bed, answer: str) -> None:
    bed.enter(FLAGS, {**WHEEZE, "iae_adjud": answer}, row=1)
    assert bed.records("F14") == []


def test_an_adverse_event_that_a_person_has_recorded_is_linked_and_not_drafted_again(bed: Bed) -> None:
    bed.enter(EVENT, {"ae_term": "Urticaria", "ae_onset_dtm": "2026-03-02T09:21", "ae_iae": "06"})
    bed.enter(FLAGS, {**WHEEZE, "iae_adjud": "Y"}, row=1)
    assert [r.value("ae_term") for r in bed.records("F14")] == ["Urticaria"]
    assert bed.state().operand(FLAGS, Cell("iae_ae_link", 1)) == 1


def test_a_person_who_links_in_the_same_breath_gets_no_draft(bed: Bed) -> None:
    bed.enter(EVENT, {"ae_term": "Rash", "ae_onset_dtm": "2026-03-02T09:21"})
    bed.enter(FLAGS, {**WHEEZE, "iae_adjud": "Y", "iae_ae_link": "1"}, row=1)
    assert len(bed.records("F14")) == 1


@pytest.mark.parametrize("how", ["adjudged anew", "row crossed out"])
def test_an_infusion_event_taken_back_leaves_the_adverse_event_with_a_query(bed: Bed, how: str) -> None:
    bed.enter(FLAGS, {**WHEEZE, "iae_adjud": "Y"}, row=1)
    if how == "row crossed out":
        assert [d.cell for d in bed.strike(FLAGS, "events", 1)] == [Cell("ae_found")]
    else:
        bed.enter(FLAGS, {"iae_adjud": "N"}, row=1)
    assert "F14.cause_gone" in bed.fired(EVENT)
    assert bed.records("F14")[0].value("ae_iae") == "06"


def test_an_event_crossed_out_is_cleared_of_what_the_program_wrote_and_counts_for_nothing(bed: Bed) -> None:
    bed.enter(FLAGS, {**WHEEZE, "iae_adjud": "Y"}, row=1)
    bed.enter(EVENT, {"ae_grade": "2"})
    bed.enter(EVENT, {"ae_draft_ok": "N", "ae_draft_why": "same as no. 2"})
    (event,) = bed.records("F14")
    assert [event.value(i) for i in ("ae_term", "ae_onset_dtm", "ae_iae")] == [None, None, None]
    assert event.value("ae_grade") == "2"  # a person's word: only a person clears it
    assert event.history("ae_term")[0].value == "Transfusion-like reaction 类输血反应"
    assert event.history("ae_term")[1].reason == automatic.CROSSED_OUT
    bed.enter(FLAGS, {"iae_value_event": "hives"}, row=1)
    assert len(bed.records("F14")) == 1


DEATH = FormKey("F15", "END")
DIED = {"dth_dtm": "2026-03-04T07:30", "dth_known_dtm": "2026-03-04T07:35+08:00", "dth_cause": "Septic shock"}


def test_a_death_drafts_a_serious_fatal_event_of_grade_5_with_its_clock(bed: Bed) -> None:
    bed.at("2026-03-04T08:00+08:00").enter(DEATH, DIED)
    (event,) = bed.records("F14")
    told = (
        "ae_term",
        "ae_grade",
        "ae_sdth",
        "ae_serious",
        "ae_out",
        "ae_ongoing",
        "ae_rel_msc",
        "ae_dth_form",
    )
    assert [event.value(i) for i in told] == ["Septic shock", "5", "Y", "Y", "FATAL", "N", None, "Y"]
    (clock,) = sae_clock(bed.state(), bed.now)
    assert (clock.due, clock.status) == (datetime.fromisoformat("2026-03-05T07:35+08:00"), "open")
    assert "X17" not in bed.fired(DEATH) | bed.fired(EVENT)
    assert not {"X18", "F14.fatal", "F14.order"} & bed.fired(EVENT)


def test_a_death_known_to_the_day_puts_no_hour_in_its_place(bed: Bed) -> None:
    bed.at("2026-03-05T08:00+08:00").enter(DEATH, {"dth_dtm": "2026-03-04"})
    assert bed.records("F14")[0].value("ae_onset_dtm").iso() == "2026-03-04"  # type: ignore[union-attr]
    bed.enter(DEATH, {"dth_cause": "Septic shock", "dth_dtm": "2026-03-04T07:30"})
    assert (
        bed.records("F14")[0].value("ae_term") == "Septic shock"
    )  # nobody has looked at the draft: it follows


def test_a_death_whose_adverse_event_is_there_already_drafts_none(bed: Bed) -> None:
    bed.at("2026-03-04T08:00+08:00").enter(EVENT, {"ae_term": "Septic shock", "ae_grade": "5"})
    assert "X17" in bed.fired(EVENT)  # grade 5 asks for the death form
    bed.enter(DEATH, DIED)
    assert len(bed.records("F14")) == 1
    assert "X17" not in bed.fired(EVENT)


def test_after_a_death_the_later_visits_fall_away_and_none_of_them_is_missed(bed: Bed) -> None:
    bed.at("2026-03-04T08:00+08:00").enter(DEATH, DIED)
    planned = set(planned_keys(bed.state()))
    assert not planned & {GAS_D7, FormKey("F9", "D14"), FormKey("F11", "D14")}
    assert {SIX, FormKey("F16", "END")} <= planned
    bed.at("2026-03-20T08:00+08:00").enter(GAS_D7, {"abg_done": "N", "abg_nd_reason": "OTH"})
    assert bed.told() == []


def test_a_death_after_an_infusion_is_one_event_also_where_form_f8_confirms_it(bed: Bed) -> None:
    bed.at("2026-03-03T08:00+08:00").enter(
        FLAGS, {"iae_item": "08", "iae_onset_dtm": "2026-03-03T07:30+08:00", "iae_adjud": "Y"}, row=1
    )
    assert bed.records("F14") == []
    bed.enter(DEATH, {**DIED, "dth_dtm": "2026-03-03T07:30", "dth_known_dtm": "2026-03-03T07:35+08:00"})
    assert len(bed.records("F14")) == 1
    bed.enter(DEATH, {"dth_autopsy": "N"})
    assert bed.state().operand(FLAGS, Cell("iae_ae_link", 1)) == 1


# --- whatever is entered, in whatever order ---------------------------------------------------------------------------

_TIMES = st.integers(0, 30 * 60).map(
    lambda m: (datetime.fromisoformat(START) + timedelta(minutes=m)).isoformat()
)
_STEPS = st.one_of(
    st.tuples(st.sampled_from([SIX, DAY1, BASELINE]), st.fixed_dictionaries({"cyt_done": st.just("Y"), "cyt_collect_dtm": _TIMES}), st.just(0)),
    st.tuples(st.just(SIX), st.fixed_dictionaries({"cyt_done": st.just("N"), "cyt_nd_reason": st.sampled_from(["FORGOTTEN", "DEATH"])}), st.just(0)),
    st.tuples(st.just(SECOND), st.fixed_dictionaries({"inf_start_dtm": _TIMES}), st.just(0)),
    st.tuples(st.just(FLAGS), st.fixed_dictionaries({"iae_item": st.sampled_from(["06", "08"]), "iae_onset_dtm": _TIMES, "iae_adjud": st.sampled_from(["Y", "N"])}), st.sampled_from([1, 2])),
    st.tuples(st.just(DEATH), st.fixed_dictionaries({"dth_dtm": st.sampled_from(["2026-03-03", "2026-03-03T05:00", None])}), st.just(0)),
    st.tuples(st.just(DEVIATION), st.fixed_dictionaries({"dv_draft_ok": st.sampled_from(["Y", "N", None])}), st.just(0)),
    st.tuples(st.just(EVENT), st.fixed_dictionaries({"ae_draft_ok": st.sampled_from(["Y", "N"]), "ae_grade": st.sampled_from(["2", "5"])}), st.just(0)),
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(st.lists(_STEPS, min_size=1, max_size=8))
def test_drafting_twice_changes_nothing_and_no_source_is_drafted_twice(
    steps: list[tuple[FormKey, dict[str, Any], int]],
) -> None:
    bed = Bed()
    bed.infuse()
    bed.at("2026-03-04T12:00+08:00")
    for key, values, row in steps:
        bed.enter(key, values, row)
        state = bed.state()
        touch = [Draft("RowStruck", "01-001", FIRST, Cell("mixing", 9), reason="any entry at all")]
        again, more = automatic.follow_up(state, touch, bed.now)
        assert more == touch
        assert again is state
        for form, item in (("F17", "dv_source"), ("F14", "ae_source")):
            records = [state.form_record(k) for k in state.keys(form)]
            made = [e.value for r in records for e in r.cells.get(Cell(item), ())]
            assert len(made) == len(set(made))
        for record in (
            state.record.forms.values()
        ):  # one entry follows the other: no conflict of the program with itself
            assert all(len(record.heads(c)) == 1 for c in record.cells)


def _cells(bed: Bed, key: FormKey) -> dict[Cell, Any]:
    record = bed.state().form_record(key)
    return {c: record.entry(c) for c in record.cells}


def test_two_drafts_of_two_laptops_under_one_number_stay_in_sight_for_a_person(bed: Bed) -> None:
    bed.at("2026-03-02T17:00+08:00").enter(SIX, {**DRAW, "cyt_collect_dtm": "2026-03-02T16:42+08:00"})
    state = bed.state()
    mine = state.form_record(DEVIATION)
    cells = {
        cell: (
            *entries,
            replace(entries[0], id="0" + entries[0].id[1:], device="other", value="another source"),
        )
        if cell.item in ("dv_source", "dv_found", "dv_desc")
        else entries
        for cell, entries in mine.cells.items()
    }
    merged = state.with_record(
        replace(state.record, forms={**state.record.forms, DEVIATION: replace(mine, cells=cells)}),
        settled=True,
    )
    gas = FormKey("F9", "BL")
    after = follow(merged, gas, {Cell("abg_done"): "Y"}, bed.now)
    entry = item_set(merged, gas, Cell("abg_done"), "Y", origin="entered")
    _, every = automatic.follow_up(after, [entry], bed.now)
    assert [d for d in every if d.origin == DRAFTED] == []
    assert {h.value for h in merged.form_record(DEVIATION).heads(Cell("dv_found"))} >= {"another source"}


def test_an_infusion_passed_without_consent_is_an_important_deviation_until_the_consent_is_there(
    bed: Bed,
) -> None:
    assert bed.categories() == []  # nobody passed anything: the consent is perhaps not typed in yet
    bed.story.add(Draft("CheckOverridden", "01-001", FIRST, reason="paper", data={"check": "X01.paper"}))
    bed.enter(FIRST, {"rescue_ready": "Y"})
    ((category, severity, text),) = bed.told()
    assert (category, severity) == ("ICF", "IMPORTANT")
    assert (
        text
        == "Infusion 1 第1次输注: started 开始 2026-03-02 09:00, by the records without valid consent 按记录无有效知情同意"
    )
    assert bed.enter(FIRST, {"rescue_ready": "N"}) == []  # told once

"""The bedside hour by hour, over midnight, through the real window: what was pressed when is what is recorded.

An infusion started at 23:20 with a reaction, a pause and a power cut in the middle (a child process, killed); a second one
that was stopped. Every time in the database is compared with the clock at the press.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from tests.ui.infusion.night import DRAW, PRODUCT, SUBJECT, Night, make_ward, presses
from ucmsc_desktop.record import signing
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.study.values import Missing, Number

ROOT = Path(__file__).resolve().parents[2]
CHECKS = ("pre_consent", "pre_elig", "pre_newae", "pre_bl_cyt", "pre_bl_abg", "pre_bl_ct")
LINE = {
    "iv_access": "PIV",
    "iv_dedicated": "Y",
    "iv_filter": "STD",
    "rescue_ready": "Y",
    "premed_given": "N",
    "ivs_temp_site": "AX",
}


def evening(folder: Path, log: Path) -> Night:
    """Bring the first infusion to START and into its 45th minute, with a row half typed."""
    night = Night(folder, log, "2026-03-02T22:00+08:00")
    product = {
        **PRODUCT,
        "prod_release_dtm": "2026-03-02T21:30+08:00",
        "prod_viab_dtm": "2026-03-02T21:00+08:00",
        "prod_expiry_dtm": "2026-03-03T05:00+08:00",
        "ship_out_dtm": "2026-03-02T21:50+08:00",
    }
    night.delivered("cell.delta", FormKey("F6", "D0", 1), product)
    again = {
        "recheck_dtm": "2026-03-02T22:00+08:00",
        "recheck_ok": "Y",
    }  # the first blood gas is of yesterday
    night.delivered("dr.gamma", FormKey("F3", "SCR"), again)  # the signed decision stands
    before_the_start(night)
    first_hour(night)
    return night


def before_the_start(night: Night) -> None:
    night.sign_in("dr.gamma")
    night.go(1)
    night.step("checks")
    night.click("pre_stable:Y")
    night.lock()
    night.sign_in("nurse.alpha")
    night.go(1)
    assert night.text("run_heading") == "Infusion 1"
    night.step("plan")
    night.fill("step_plan", {"inf_planned_dtm": "2026-03-02T23:20+08:00", "inf_planned_min": "75"})
    night.at("2026-03-02T22:15+08:00")
    night.receive("DEMO-BAG-0101", "2026-03-02T22:12+08:00")
    night.step("bag")
    assert any("4 h 25 min after the planned end" in fact for fact in night.facts("step_bag_facts"))
    night.step("dose")
    night.fill("step_dose", {"dose_planned_vol": "46"})
    night.at("2026-03-02T22:40+08:00")
    night.click("infusion_start")
    assert night.visible("refusal")
    night.step("checks")
    assert not night.robot.see("pre_bl_cyt:Y").isEnabled()  # the blood is not drawn yet
    night.lock()
    night.at("2026-03-02T22:45+08:00")
    blood = {**DRAW, "cyt_collect_dtm": "2026-03-02T22:45+08:00", "cyt_label_id": "01-001-BL-0"}
    night.delivered("nurse.alpha", FormKey("F10", "BL"), blood)
    night.sign_in("nurse.alpha")
    night.go(1)
    night.confirm(CHECKS)
    night.step("line")
    night.fill("step_line", LINE)
    night.at("2026-03-02T23:05+08:00")
    night.vitals({"ivs_temp": "37.0"}, what="PRE15")
    night.at("2026-03-02T23:10+08:00")
    night.scan("01-003")
    assert night.read_stop()[1:] == [SUBJECT, "01-003"]
    night.scan(SUBJECT)
    night.scan("DEMO-BAG-0999")
    assert night.read_stop()[1:] == ["DEMO-BAG-0101", "DEMO-BAG-0999"]
    night.scan("DEMO-BAG-0101")
    night.compare()
    night.at("2026-03-02T23:12:31+08:00")
    night.verify("nurse.alpha", "nurse.beta")
    night.at("2026-03-02T23:16:40+08:00")
    night.big("start")
    assert "T0" in night.text("refusal_what"), night.text("refusal_what")
    night.vitals({}, what="T0")


def first_hour(night: Night) -> None:
    night.at("2026-03-02T23:20:07+08:00")
    night.by_key("start", Qt.Key.Key_F5)
    night.at("2026-03-02T23:20:07.500+08:00")
    night.robot.key(Qt.Key.Key_F5, Qt.KeyboardModifier.ShiftModifier)  # the second half of a double press
    night.fill("rate", {"inf_rate_by": "PUMP", "inf_rate_init": "20", "inf_rate_main": "60"})
    night.at("2026-03-02T23:25:10+08:00")
    night.vitals({"ivs_hr": "96"}, what="T5")
    night.at("2026-03-02T23:28+08:00")
    night.rested()
    night.click("infusion_mixed")
    night.note("1 mixed")
    night.at("2026-03-02T23:35:20+08:00")
    night.vitals({"ivs_temp": "37.3"}, what="T15")
    # a reaction: PAUSE first, the symptoms after it, the numbers last
    night.at("2026-03-02T23:41:05+08:00")
    night.by_key("pause", Qt.Key.Key_F6)
    night.click("symptom:CHILLS")
    night.click("symptom:FEVER")
    night.click("pause_later")
    night.at("2026-03-02T23:42:10+08:00")
    night.click("symptoms_vitals")
    night.fill(
        "vitals",
        {
            "ivs_hr": "128",
            "ivs_sbp": "84",
            "ivs_dbp": "50",
            "ivs_rr": "28",
            "ivs_spo2": "93",
            "ivs_temp": "38.6",
            "ivs_rsup": "HFNC",
            "ivs_o2flow": "50",
            "ivs_fio2": "0.40",
            "ivs_rhythm": "ST",
            "ivs_agents": ["NONE"],
        },
    )
    assert "SBP down by 30 % or more" in night.text("advice_0")
    assert night.session.infusions.run(SUBJECT, 1).status == "paused"  # advice presses nothing
    assert night.visible("suggestion_10")
    assert "37.0 °C" in night.text("suggestion_10_values")
    night.click("flag_10")
    night.at("2026-03-02T23:50:30+08:00")
    night.vitals({"ivs_hr": "110", "ivs_temp": "38.1", "ivs_symptoms": ["FEVER"]}, what="T30")
    night.at("2026-03-02T23:53:12+08:00")
    night.by_key("resume", Qt.Key.Key_F7)
    night.fill("pause", {"int_reason": "AE", "int_action": "HALF"})
    night.at("2026-03-03T00:04:50+08:00")
    night.vitals({"ivs_hr": "104", "ivs_symptoms": ["FEVER"]}, what="T45", save=False)


def killed() -> None:
    """The child: work up to a half-typed row, then the power fails."""
    folder, log = Path(sys.argv[1]), Path(sys.argv[2])
    try:
        night = evening(folder, log)
    except BaseException:  # noqa: BLE001 - whatever it was, the process must end
        traceback.print_exc()
        os._exit(3)  # the worker thread would keep the process
    last = "ivs_symptoms"  # the field typed last is kept after less than half a second
    night.robot.wait(lambda: last in {c.item for c in night.session.drafts(SUBJECT, night.key)}, "the drafts")
    night.note("killed")
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("night") / "ward"
    make_ward(folder)
    return folder


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "presses.jsonl"


@pytest.fixture
def after_the_cut(made: Path, tmp_path: Path, log: Path) -> Iterator[Night]:
    """The window of the next process, three minutes after the child was killed in mid-infusion."""
    folder = tmp_path / "ward"
    shutil.copytree(made, folder)
    code = "from tests.ui.test_minute_table import killed; killed()"
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder), str(log)],
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
        cwd=ROOT,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
    assert done.returncode == -signal.SIGKILL, done.stdout + done.stderr
    night = Night(folder, log, "2026-03-03T00:08:02+08:00")
    yield night
    night.close()


@pytest.mark.skipif(sys.platform == "win32", reason="a process is killed here")
def test_the_minute_table_over_midnight_with_a_pause_a_power_cut_and_a_stop(
    after_the_cut: Night, log: Path
) -> None:
    night = after_the_cut
    night.sign_in("nurse.alpha")
    # the same screen, the clock right to the second, the half-typed row still there
    assert night.window.work is not None
    assert night.window.work.place[0] == "infusion"
    assert night.text("run_clock") == "00:47:55"
    card = night.window.work.page.vitals  # type: ignore[union-attr]
    assert card.isVisible()
    assert card.cells.field("ivs_hr").input.text() == "104"
    assert card.cells.field("ivs_symptoms").input.read() == ("FEVER",)
    assert card.cells.field("ivs_dtm").input.read() == datetime.fromisoformat("2026-03-03T00:04:50+08:00")
    night.click("vitals_save")
    night.say_yes()
    the_end(night)
    judged(night)
    the_second(night)
    compare(night, presses(log))


def the_end(night: Night) -> None:
    night.at("2026-03-03T00:20:15+08:00")
    night.vitals({"ivs_hr": "100"}, what="T60")
    night.at("2026-03-03T00:31:10+08:00")
    night.by_key("end", Qt.Key.Key_F8)
    night.fill("end", {"inf_vol": "46", "inf_residual": "4", "flush_vol": "20"})
    assert night.text("dose_share").startswith("99.6 % of the target")
    night.at("2026-03-03T00:32+08:00")
    night.vitals({"ivs_hr": "99", "ivs_temp": "37.8"}, what="EOI")
    shown = [night.text(f"pocket_{row}_at") for row in range(3)]
    assert shown == ["00:31", "01:01", "01:31"]
    # a check that nobody made: not measured, why, one step
    night.at("2026-03-03T01:15+08:00")
    assert "30 min after end (01:01)" in night.text("run_missed")
    night.click("run_not_done")
    night.click("missed_reason_3")
    night.click("missed_save")
    assert not night.visible("run_missed")
    night.lock()


def judged(night: Night) -> None:
    """The investigator judges what was flagged, and signs that none occurred up to six hours."""
    night.at("2026-03-03T06:31:09+08:00")
    night.sign_in("dr.gamma")
    night.go(1)
    assert not night.visible("none_card")  # one second too early
    night.at("2026-03-03T06:40+08:00")
    night.window.work.page.refresh()  # type: ignore[union-attr]
    night.click("judge_1_N")
    night.robot.fill("reason_text", "fever of the pneumonia, no rigors seen by me")
    night.say_yes()
    night.click("none_yes_6h")
    night.robot.fill("sign_password", night.password("dr.gamma"))
    night.say_yes()
    assert not night.visible("none_card")
    night.lock()


def the_second(night: Night) -> None:
    """Dose 2 the next evening, by the same guide, stopped at once with STOP."""
    night.at("2026-03-03T21:40+08:00")
    product = {
        **PRODUCT,
        "prod_lot": "DEMO-L-0302",
        "prod_coa_no": "COA-0302",
        "prod_release_dtm": "2026-03-03T20:50+08:00",
        "prod_viab_dtm": "2026-03-03T20:30+08:00",
        "prod_expiry_dtm": "2026-03-04T04:00+08:00",
        "ship_out_dtm": "2026-03-03T21:10+08:00",
    }
    night.delivered("cell.delta", FormKey("F6", "D1", 2), product)
    blood = {**DRAW, "cyt_collect_dtm": "2026-03-03T21:40+08:00", "cyt_label_id": "01-001-D1-0"}
    night.delivered("nurse.alpha", FormKey("F10", "D1"), blood)
    night.sign_in("dr.gamma")
    night.go(2)
    night.step("checks")
    night.click("pre_stable:Y")
    night.lock()
    night.sign_in("nurse.alpha")
    night.go(2)
    night.step("plan")
    night.fill("step_plan", {"inf_planned_dtm": "2026-03-03T22:30+08:00"})
    night.at("2026-03-03T21:50+08:00")
    night.receive("DEMO-BAG-0102", "2026-03-03T21:48+08:00")
    night.step("dose")
    night.fill("step_dose", {"dose_planned_vol": "46"})
    night.confirm(("pre_consent", "pre_elig", "pre_newae", "pre_bl_cyt"))
    night.step("line")
    night.fill("step_line", LINE)
    night.at("2026-03-03T22:15+08:00")
    night.vitals({"ivs_temp": "37.2"}, what="PRE15")
    night.at("2026-03-03T22:18:44+08:00")
    night.scan("DEMO-BAG-0102")
    night.scan(SUBJECT)
    night.compare()
    night.verify("nurse.alpha", "nurse.beta")
    night.at("2026-03-03T22:27:30+08:00")
    night.vitals({}, what="T0")
    night.at("2026-03-03T22:30:12+08:00")
    night.big("start")
    night.fill("rate", {"inf_rate_by": "PUMP", "inf_rate_init": "20", "inf_rate_main": "60"})
    night.at("2026-03-03T22:38:51+08:00")
    night.by_key("stop", Qt.Key.Key_F9)
    assert night.session.infusions.run(SUBJECT, 2).status == "ended"
    night.click("symptom:WHEEZE")
    night.note("2 row UNS")
    night.click("symptoms_alone")
    night.fill("end", {"inf_vol": "3", "inf_residual": "47", "flush_vol": "0"})
    assert night.visible("suggestion_06")


def compare(night: Night, pressed: dict[str, datetime]) -> None:
    """Hold every time in the database against the clock at its press."""
    whole = {what: at.replace(microsecond=0) for what, at in pressed.items()}
    for n, rows in (
        (1, ("PRE15", "T0", "T5", "T15", "T30", "T45", "T60", "EOI")),
        (2, ("PRE15", "T0", "UNS")),
    ):
        view = night.session.form(SUBJECT, FormKey("F7", f"D{n - 1}", n))
        product = night.session.form(SUBJECT, FormKey("F6", f"D{n - 1}", n))
        ended = whole[f"{n} end"] if n == 1 else whole[f"{n} stop"]
        assert view.value("inf_start_dtm") == whole[f"{n} start"]
        assert view.value("inf_end_dtm") == ended
        assert view.value("verify_dtm") == product.value("coi_dtm") == whole[f"{n} verified"]
        flow = next(s for s in view.form.sections if s.id == "flow")
        points = {str(view.value("ivs_point", r)): view.value("ivs_dtm", r) for r in view.rows(flow)}
        assert {p: points[p] for p in rows} == {p: whole[f"{n} row {p}"] for p in rows}
        for item in ("inf_start_dtm", "inf_end_dtm"):
            entries = view.history(item)
            assert [(e.origin, e.ward_at.replace(microsecond=0)) for e in entries] == [
                ("stamped", entries[0].value)
            ]
        for key in (view, product):
            assert signing.signers(key, "verified") == ("nurse.alpha", "nurse.beta")
    first = night.session.form(SUBJECT, FormKey("F7", "D0", 1))
    assert (first.value("int_start", 1), first.value("int_end", 1)) == (whole["1 pause"], whole["1 resume"])
    assert first.value("mix_dtm", 1) == whole["1 mixed"]
    symptoms = next(r for r in range(1, 20) if first.value("ivs_symptoms", r) == ("CHILLS", "FEVER"))
    assert first.value("ivs_dtm", symptoms) == whole["1 pause"]
    ran = (whole["1 end"] - whole["1 start"]) - (whole["1 resume"] - whole["1 pause"])
    running = first.value("inf_running_min")
    assert isinstance(running, Number)
    assert round(running.amount * 60) == int(ran.total_seconds())
    missed = next(r for r in range(1, 20) if first.value("ivs_point", r) == "P30")
    assert first.value("ivs_hr", missed) == Missing("ND", "Forgotten")
    second = night.session.form(SUBJECT, FormKey("F7", "D1", 2))
    assert second.value("inf_status") == "STOPPED"
    events = night.session.form(SUBJECT, FormKey("F8", "D0", 1))
    assert (events.value("iae_item", 1), events.value("iae_adjud", 1)) == ("10", "N")
    assert events.value("iae_onset_dtm", 1) == whole["1 pause"]
    assert signing.signers(events, "none_occurred_6h") == ("dr.gamma",)
    assert night.session.verify().holds

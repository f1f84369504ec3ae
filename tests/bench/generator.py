"""Make wards with many invented participants: the same bytes as a nurse's own entries, written in bulk.

One timeline of a participant is worked out with the study's own derivations; every participant is that timeline, moved
to their own arrival and cut off at the present moment, so that each stage of the trial occurs and the worklist has real
tasks. The same parameters give the same log, hash by hash. Nothing here reads a clock or holds a real person's data.
"""

from __future__ import annotations

import hashlib
import heapq
import os
import random
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, Literal
from unittest import mock

from tests.ward import PASSWORDS, Bench, make_bench
from ucmsc_desktop.ledger.connection import writing
from ucmsc_desktop.ledger.keys import TRAINING
from ucmsc_desktop.ledger.ledger import Head
from ucmsc_desktop.record import worklist
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.derivation import follow
from ucmsc_desktop.record.entry import item_set
from ucmsc_desktop.record.events import Cell, Draft, Event, FormKey, Stamp, write
from ucmsc_desktop.record.facts import SubjectRecord
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.session import Session, Ward
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.model import Study
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.study.values import PartialDate, Value, dump

CHINA = timezone(timedelta(hours=8))
NOW = datetime(2026, 3, 16, 10, 30, tzinfo=CHINA)
ARRIVAL = datetime(2026, 3, 2, 8, 0, tzinfo=CHINA)  # of the worked-out timeline
DAY = 24 * 60
COMMIT_EVERY = 4000
OVERLAP = 12  # participants whose entries lie between each other's in the log

Fate = Literal["completes", "fails", "stays"]
Detail = Literal["full", "brief"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which ledger to make: participants, and whether each has all of its forms (about 900 entries) or a few (about 90)."""

    participants: int
    detail: Detail = "brief"
    entries: int = 0  # more than 0: go on until so many entries are there, for the sync files


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the timeline: its second after the arrival, and what is recorded."""

    second: int
    draft: Draft
    value: Value | None = None  # where it moves with the participant: a moment or a date


# --- the timeline ----------------------------------------------------------------------------------------------------
# Values are plain text as in a story; "@95" is a moment 95 minutes after the arrival, a whole day where a date is asked.

SCREENING: Mapping[str, Any] = {
    "scr_no": "S-0001", "scr_dtm": "@5", "subj_name": "Demo Person 演示", "hosp_no": "DEMO-0001", "bed": "07",
    "initials4": "YSYI", "birth_date": "@-21000000", "sex": "M", "ethnicity_cn": "HAN", "height_cm": "171",
    "height_method": "MEAS", "weight_kg": "68.0", "weight_method": "BED", "weight_dtm": "@-10",
    "weight_admit_kg": "69.0", "admit_hosp_dtm": "@-2000", "ward_loc": "RICU", "admit_icu_dtm": "@-900",
    "ali_onset_dtm": "@-2880", "scr_outcome": "PEND", "recorder": "nurse.alpha", "source": "HIS",
}  # fmt: skip
CONSENT: Mapping[str, Any] = {
    "icf_version": "2.0", "icf_version_date": "2025-11-10", "ec_approval_no": "EC-2025-018", "capacity": "FULL",
    "capacity_basis": "Alert and oriented 神志清楚", "explain_start_dtm": "@20", "explain_end_dtm": "@50",
    "ec_questions_answered": "Y", "consent_given": "Y", "consent_by": "SUBJ", "reads_icf": "Y",
    "subj_sign_dtm": "@55", "inv_name": "dr.gamma", "inv_sign_dtm": "@57", "witness_req": "N", "copy_given": "Y",
    "copy_given_dtm": "@58", "hgr_sample_consent": "Y", "recorder": "dr.gamma", "source": "PAPER",
}  # fmt: skip
GAS: Mapping[str, Any] = {
    "abg_done": "Y", "abg_vessel": "ART", "abg_site": "RADIAL", "abg_sample_q": ["OK"], "abg_slip_id4": "0001", "abg_slip_id_ok": "Y",
    "abg_rsup": "NC", "abg_o2flow": "5", "abg_fio2_src": "EST", "abg_fio2": "0.41", "abg_steady20": "Y",
    "abg_rr": "24", "abg_position": "SEMI", "abg_temp_pt": "37.2", "abg_tempcorr": "N", "abg_ph": "7.442",
    "abg_pao2": "98", "abg_paco2": "37", "abg_hco3": "24.7", "abg_be": "0.6", "abg_sao2": "97.2", "abg_spo2": "96",
    "abg_lac": "1.2", "abg_slip_copied": "Y", "recorder": "nurse.alpha", "source": "SLIP",
}  # fmt: skip
BLOOD: Mapping[str, Any] = {
    "cyt_done": "Y", "cyt_draw_site": "VENI", "cyt_inf_line": "N", "cyt_tube": "EDTA", "cyt_tube_lot": "EDTA-77",
    "cyt_vol": "3", "cyt_label_id": "01-001-BL-0", "cyt_hold_cond": "ICE", "cyt_spin_g": "1600",
    "cyt_spin_min": "10", "cyt_spin_temp": "4", "cyt_hemolysis": "0", "cyt_lipemia": "0", "cyt_icterus": "0",
    "cyt_aliquots": "3", "cyt_aliq_vol": "0.5", "cyt_freezer": "F-2", "cyt_freezer_temp": "-80",
    "il_done": "N", "il_nd_reason": "PEND", "recorder": "nurse.alpha", "source": "DIRECT",
}  # fmt: skip
INFUSION: Mapping[str, Any] = {
    "pre_consent": "Y", "pre_elig": "Y", "pre_stable": "Y", "pre_newae": "Y", "iv_access": "PIV",
    "iv_dedicated": "Y", "iv_filter": "STD", "rescue_ready": "Y", "premed_given": "N", "ivs_temp_site": "AX",
    "inf_bag_scan": "DEMO-BAG-0301", "verify_p1": "nurse.alpha", "verify_p2": "nurse.beta", "inf_nurse": "nurse.alpha",
    "inf_rate_by": "PUMP", "inf_rate_init": "20", "inf_rate_main": "60", "recorder": "nurse.alpha", "source": "DIRECT",
}  # fmt: skip
SIGNS: Mapping[str, Any] = {
    "ivs_sbp": "117", "ivs_dbp": "69", "ivs_rr": "22", "ivs_spo2": "95", "ivs_rsup": "NC", "ivs_o2flow": "5",
    "ivs_fio2": "0.41", "ivs_rhythm": "SR", "ivs_agents": ["NONE"], "ivs_symptoms": ["NONE"],
}  # fmt: skip
LASTS_MIN = 60


@dataclass(frozen=True, slots=True)
class _Step:
    minute: int
    key: FormKey
    values: Mapping[str, Any]
    row: int = 0
    reason: str = ""
    done: tuple[str, ...] | None = None  # the record is complete then, with these signatures


def _steps(study: Study, fate: Fate, detail: Detail) -> list[_Step]:
    full = detail == "full"
    one = FormKey("F1", "SCR")
    steps = [_Step(6, one, SCREENING)]
    if fate == "fails":
        steps.append(
            _Step(200, one, {"scr_outcome": "SF"}, reason="Decision on form F3", done=("entered", "reviewed"))
        )
        return steps
    steps += _gas(110, "SCR", full=True)
    steps.append(_Step(60, FormKey("F2", "SCR"), CONSENT if full else {"consent_given": "Y"}))
    if full:
        steps.append(_Step(62, FormKey("F2", "SCR"), {}, done=("entered", "reviewed")))
    steps += [
        _Step(300, one, {"scr_outcome": "ENR"}, reason="Eligible on form F3", done=("entered", "reviewed")),
        _Step(290, FormKey("F3", "SCR"), {"elig_decision": "ELIG"}),
    ]
    starts = {n: n * DAY + 60 for n in (1, 2, 3)}
    if full:
        for visit, minute in (("BL", DAY - 40), ("D2", 3 * DAY), ("D7", 8 * DAY), ("D14", 15 * DAY)):
            steps += _gas(minute, visit, full=True)
        for visit, minute in (
            ("BL", DAY + 20),
            ("6H", DAY + 480),
            ("D1", 2 * DAY + 20),
            ("D3", 4 * DAY + 60),
        ):
            steps += _blood(minute, visit)
        for n, start in starts.items():
            steps += _infusion(study, n, start)
    else:
        key = FormKey("F7", "D0", 1)
        steps.append(_Step(starts[1], key, {"inf_start_dtm": f"@{starts[1]}", "inf_nurse": "nurse.alpha"}))
        steps.append(_Step(starts[1] + LASTS_MIN, key, {"inf_end_dtm": f"@{starts[1] + LASTS_MIN}"}))
        steps += _gas(8 * DAY, "D7", full=False)
    if fate == "completes":
        end = 15 * DAY + 300
        steps.append(_Step(end, FormKey("F16", "END"), {"eos_status": "COMPLETED"}, done=("completion",)))
    return sorted(steps, key=lambda s: s.minute)


def _gas(minute: int, visit: str, *, full: bool) -> list[_Step]:
    key = FormKey("F9", visit)
    times = {"abg_collect_dtm": f"@{minute - 20}", "abg_analysis_dtm": f"@{minute - 12}"}
    values = {**GAS, **times} if full else {"abg_done": "Y", **times, "abg_pao2": "95", "abg_fio2": "0.41"}
    steps = [_Step(minute, key, values)]
    if full and visit != "SCR":
        steps.append(_Step(minute + 3, key, {"abg_lac": "1.4"}, reason="Digit misread 看错一位"))
    if full:
        steps.append(_Step(minute + 30, key, {}, done=("reviewed",)))
    return steps


def _blood(minute: int, visit: str) -> list[_Step]:
    key = FormKey("F10", visit)
    times = {
        "cyt_collect_dtm": f"@{minute - 5}",
        "cyt_spin_dtm": f"@{minute + 20}",
        "cyt_freeze_dtm": f"@{minute + 50}",
    }
    steps = [_Step(minute, key, {**BLOOD, **times})]
    steps += [
        _Step(minute + 51, key, {"aliq_id": f"01-001-{visit}-{n}", "aliq_position": f"A{n}"}, row=n)
        for n in (1, 2, 3)
    ]
    return steps


def _infusion(study: Study, n: int, start: int) -> list[_Step]:
    key = FormKey("F7", f"D{n - 1}", n)
    before = {**INFUSION, "inf_planned_dtm": f"@{start}", "verify_dtm": f"@{start - 7}"}
    end = start + LASTS_MIN
    steps = [
        _Step(start - 10, key, before),
        _Step(start, key, {"inf_start_dtm": f"@{start}"}),
        _Step(end, key, {"inf_end_dtm": f"@{end}", "inf_status": "COMPLETED", "int_any": "N"}),
        _Step(end + 20, key, {"inf_vol": "50", "inf_residual": "0", "flush_vol": "20"}),
    ]
    row = 0
    for point in study.flow_sheet:
        minute = (start if point.anchor == "start" else end) + point.at_min
        if point.anchor == "start" and point.at_min > LASTS_MIN:
            continue
        row += 1
        signs = {"ivs_point": point.code, "ivs_dtm": f"@{minute}", "ivs_hr": str(84 + row), **SIGNS}
        if point.temperature:
            signs["ivs_temp"] = "37.0"
        steps.append(_Step(minute + 1, key, signs, row=row))
    return steps


@cache
def timeline(fate: Fate, detail: Detail) -> tuple[Moment, ...]:
    """Work a participant out, derived values included."""
    study = load_study()
    state = SubjectState(study, study.sites[0], SubjectRecord("00-000"), settled=True)
    moments = [Moment(0, Draft("SubjectCreated", "00-000", data={"site": study.sites[0].id}))]
    for step in _steps(study, fate, detail):
        form = study.forms[step.key.form]
        cells = {
            Cell(name, step.row): _value(study, step.key, name, text) for name, text in step.values.items()
        }
        after = follow(state, step.key, cells, ARRIVAL + timedelta(minutes=step.minute))
        second = step.minute * 60
        for cell, value in cells.items():
            second += 1
            draft = item_set(state, step.key, cell, value, origin="entered", reason=step.reason)
            moments.append(_moment(second, draft, value))
        for key, over in after.overlay.items():
            for cell, new in over.items():
                item = study.forms[key.form].by_id[cell.item]
                if item.is_derived and new != state.value(key, cell):
                    draft = item_set(state, key, cell, new, origin="derived", data={"formula": item.formula})
                    moments.append(_moment(second, draft, new))
        state = after
        if step.done is not None:
            moments.append(
                Moment(second + 5, Draft("FormCompleted", "00-000", step.key, form_version=form.version))
            )
            for meaning in step.done:
                data = {
                    "meaning": meaning,
                    "statement_version": "1",
                    "content": "0" * 64,
                    "method": "password",
                }
                draft = Draft("FormSigned", "00-000", step.key, form_version=form.version, data=data)
                moments.append(Moment(second + 9, draft))
    return tuple(sorted(moments, key=lambda m: m.second))


def _value(study: Study, key: FormKey, name: str, text: Any) -> Value:
    item = study.forms[key.form].by_id[name]
    if not (isinstance(text, str) and text.startswith("@")):
        return typed_value(item, text)
    at = ARRIVAL + timedelta(minutes=int(text[1:]))
    match item.type:
        case "date":
            return at.date()
        case "partial_date":
            return PartialDate(at.year, at.month, at.day)
        case _:
            return at


def _moment(second: int, draft: Draft, value: Value | None) -> Moment:
    moves = isinstance(value, datetime | date | PartialDate) and draft.cell != Cell("icf_version_date")
    return Moment(second, draft, value if moves else None)


def _moved(value: Value, days: timedelta, minutes: timedelta) -> str:
    """Move a value by whole days; a time of day as well by the minutes of the participant."""
    if isinstance(value, datetime):
        return dump(value + days + minutes)
    if isinstance(value, PartialDate):
        on = date(value.year, value.month or 1, value.day or 1) + days
        return dump(replace(value, year=on.year, month=value.month and on.month, day=value.day and on.day))
    assert isinstance(value, date)
    return dump(value + days)


# --- the log ---------------------------------------------------------------------------------------------------------


def _age_days(back: int) -> int:
    """Say how many days ago a participant arrived, counted from the newest: one a day, five a day further back."""
    return back if back < 20 else 20 + (back - 20) // 5


def _fate(back: int) -> Fate:
    if back < 20:
        return "fails" if back in (9, 18) else "stays"
    return ("completes", "completes", "fails", "completes", "stays")[back % 5]


def entries(recipe: Recipe) -> Iterator[tuple[datetime, Draft, tuple[FormKey | None, Cell | None]]]:
    """Give every entry in the order of the log, participants overlapping as on a ward."""
    for first in range(0, recipe.participants, OVERLAP):
        numbers = range(first + 1, min(first + OVERLAP, recipe.participants) + 1)
        yield from heapq.merge(*(_entries_of(recipe, n) for n in numbers), key=lambda e: e[0])


def _entries_of(
    recipe: Recipe, number: int
) -> Iterator[tuple[datetime, Draft, tuple[FormKey | None, Cell | None]]]:
    back = recipe.participants - number
    subject = f"01-{number:03d}"
    minutes = timedelta(minutes=5 * (number % 12))
    days = NOW.date() - ARRIVAL.date() - timedelta(days=_age_days(back))
    for moment in timeline(_fate(back), recipe.detail):
        at = ARRIVAL + days + minutes + timedelta(seconds=moment.second)
        if at >= NOW:
            return
        draft = moment.draft
        value = _moved(moment.value, days, minutes) if moment.value is not None else draft.value
        yield at, replace(draft, subject=subject, value=value), (draft.key, draft.cell)


def fill(session: Session, recipe: Recipe) -> int:
    """Write the participants into an open, empty ward; give the number of entries written."""
    ledger = session._ledger
    head = ledger.head(session.device)
    heads: dict[tuple[str, object], str] = {}
    batch: list[Event] = []
    count = 0

    def store() -> None:
        with ledger._lock, writing(ledger._connection):
            ledger._insert(batch)
        ledger._heads[session.device] = head
        batch.clear()

    started: datetime | None = None
    for at, planned, cell in entries(recipe):
        started = started or at
        mono = int((at - started).total_seconds() * 1e9)
        before = heads.get((planned.subject, cell))
        stamp = Stamp(session.device, "nurse.alpha", "nurse", at, mono, "frozen", "bench")
        draft = replace(planned, parents=(before,)) if before else planned
        event = write(draft, stamp, head.seq + 1, head.hash)
        if draft.kind == "ItemSet":
            heads[draft.subject, cell] = event.hash
        head = Head(event.seq, event.hash)
        batch.append(event)
        count += 1
        if len(batch) >= COMMIT_EVERY:
            store()
        if 0 < recipe.entries <= count:
            break
    store()
    return count


def make(folder: Path, recipe: Recipe) -> Bench:
    """Make a ward and its centre in an empty folder, filled; keys, salts and entries follow from the recipe."""
    seed = random.Random(repr(recipe))
    with mock.patch("secrets.token_bytes", seed.randbytes):
        bench = make_bench(folder)
        bench.clock.set(NOW)
        session = bench.sign_in()
        fill(session, recipe)
        session.lock()
    bench.centre.register(bench_public_key(bench))
    return bench


def bench_public_key(bench: Bench) -> str:
    """Give the public key that the centre registers the ward by."""
    session = bench.sign_in()
    text = session.device_public_key()
    session.lock()
    return text


# --- the store of ledgers --------------------------------------------------------------------------------------------


def stored(recipe: Recipe) -> Path:
    """Give the folder of a ledger in the store, made first where it is not there. Copy it; never open it in place."""
    name = f"{recipe.detail}-{recipe.participants}-{recipe.entries}"
    folder = _store() / f"{name}-{_code_hash()}"
    if not (folder / "complete").is_file():
        for old in _store().glob(f"{name}-*"):
            shutil.rmtree(old, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        bench = make(folder, recipe)
        if not recipe.entries:
            session = bench.sign_in()
            session.subjects()  # as in life, where the board grows with every entry
            session.lock()
        bench.centre.close()
        (folder / "complete").touch()
    return folder


def ward_of(folder: Path) -> Ward:
    """Open the ward of a copy of a stored ledger."""
    return Ward(folder / "ward", FrozenClock(NOW), load_study(), kdf_floor=TRAINING)


def sign_in(folder: Path, user: str = "nurse.alpha", *, ward: Ward | None = None) -> Session:
    """Sign in on a copy of a stored ledger, on a ward that was opened before or on a new one."""
    return (ward or ward_of(folder)).sign_in(user, PASSWORDS[user])


def _store() -> Path:
    return Path(
        os.environ.get("UCMSC_BENCH_STORE") or Path(tempfile.gettempdir()) / f"ucmsc-bench-{os.getuid()}"
    )


@cache
def _code_hash() -> str:
    """Hash what decides how the entries look: this code, the form of events and summaries, the items there are."""
    package = Path(__file__).parent.parent.parent / "ucmsc_desktop"
    files = [Path(__file__), Path(__file__).parent.parent / "ward.py"]
    files += [package / f"{name}.py" for name in ("record/events", "ledger/tables", "study/values")]
    files += sorted((package / "ledger" / "migrations").rglob("*.py"))
    total = hashlib.sha256(str(worklist.FORMAT).encode())
    for path in files:
        total.update(path.read_bytes())
    for form in load_study().forms.values():
        total.update(f"{form.id} {form.version} {[(i.id, i.type, i.unit) for i in form.items()]}".encode())
    return total.hexdigest()[:12]

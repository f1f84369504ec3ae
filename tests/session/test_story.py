"""The story of the training ward: it plays through the session, and what it leaves behind is what it was written to show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

import pytest

from ucmsc_desktop.ledger import keys
from ucmsc_desktop.ledger.passwords import check_password
from ucmsc_desktop.record import deviations
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.course import planned_keys
from ucmsc_desktop.record.events import Cell, Event, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.session.centre import KEY_FILE, Centre, read_identity
from ucmsc_desktop.session.session import Session
from ucmsc_desktop.session.story import ROW, Player, Step, Story, read_story
from ucmsc_desktop.session.ward import Ward
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.model import Study
from ucmsc_desktop.study.values import Missing, Number, Value
from ucmsc_desktop.sync import seal, stick
from ucmsc_desktop.sync.minisign import PublicKey

WHOLE, FAILED, RUNNING = "01-001", "01-002", "01-003"
IDENTITIES = (
    "Demo Person", "演示甲", "演示乙", "演示丙", "DEMO-1K7Q", "DEMO-2M8R", "DEMO-3P9T", "DEMO-CT-", "Nurse Alpha",
    "护士甲", "Radiologist Zeta", "Admin Omega",
)  # fmt: skip


class WatchingPlayer(Player):
    """Plays as the tour types. Notes every item that its form does not ask for at the moment it is entered, and every
    cell that the kept state of the participant tells otherwise than one that is read anew.
    """

    def __init__(self, ward: Ward, clock: FrozenClock, story: Story) -> None:
        super().__init__(ward, clock, story)
        self.hidden: list[str] = []
        self.stale: list[str] = []
        self.entered = 0

    def _enter(self, session: Session, step: Step, cells: Mapping[Cell, Value | None]) -> None:
        assert step.key is not None
        state = session.state(step.subject)
        for cell, value in cells.items():
            view = FormState(state, step.key, session.now())
            if not view.is_applicable(view.form.by_id[cell.item], cell.row):
                self.hidden.append(f"{step.at:%m-%d %H:%M} {step.subject} {step.key} {cell.item}")
            state = state.with_values(step.key, {cell: value})
        super()._enter(session, step, cells)
        self.entered += 1
        if self.entered % 3 == 0:
            self.stale += stale_cells(session.state(step.subject))


def stale_cells(kept: SubjectState) -> list[str]:
    """Name what a state that was kept from entry to entry tells otherwise than one without anything read before."""
    anew = SubjectState(kept.study, kept.site, kept.record)
    found = [] if kept.anchors() == anew.anchors() else ["anchors"]
    for key, record in kept.record.forms.items():
        tables = (s for s in kept.study.forms[key.form].sections if s.rows)
        found += [f"{key} {s.id}" for s in tables if kept.rows(key, s) != anew.rows(key, s)]
        found += [f"{key} {c}" for c in record.cells if kept.operand(key, c) != anew.operand(key, c)]
    at = kept.record.created_at
    assert at is not None
    if list(deviations.causes(kept, at)) != list(deviations.causes(anew, at)):
        found.append("deviations")
    return found


@dataclass
class Played:
    """The ward after the story, with a nurse signed in, and the centre that its files are sealed to."""

    session: Session
    centre: Centre
    centre_identity: str
    hidden: list[str] = field(default_factory=list)
    stale: list[str] = field(default_factory=list)

    def form(self, subject: str, key: str) -> FormState:
        return self.session.form(subject, FormKey.parse(key))


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study()


@pytest.fixture(scope="module")
def story() -> Story:
    return read_story()


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory, study: Study, story: Story) -> Iterator[Played]:
    folder = tmp_path_factory.mktemp("training")
    clock = FrozenClock(story.start)
    centre = Centre.init(folder / "centre", study, clock)
    ward = Ward(folder / "ward", clock, study, kdf_floor=keys.TRAINING)
    player = WatchingPlayer(ward, clock, story)
    player.set_up(centre.public_key)
    player.play()
    nurse = next(p for p in story.people if p.role == "nurse")
    session = ward.sign_in(nurse.user, nurse.password)
    yield Played(session, centre, read_identity(folder / "centre" / KEY_FILE), player.hidden, player.stale)
    session.lock()
    centre.close()


# --- how it is written -------------------------------------------------------------------------------------------


def test_every_invented_password_would_be_accepted(story: Story) -> None:
    for person in story.people:
        check_password(person.password, person.user)


def test_items_stand_in_printed_order_and_no_calculated_item_is_typed(story: Story, study: Study) -> None:
    faults = []
    for step in story.steps:
        if step.key is None:
            continue
        form = study.forms[step.key.form]
        order = {item.id: n for n, item in enumerate(form.items())}
        sections = [s.id for s in form.sections]
        rows = [[name for name in row if name != ROW] for found in step.rows.values() for row in found]
        for typed in (list(step.values), *rows):
            places = [order[name] for name in typed]
            if places != sorted(places) or any(form.by_id[name].is_derived for name in typed):
                faults.append(f"{step.at} {step.key} {typed}")
        if sorted(step.rows, key=sections.index) != list(step.rows):
            faults.append(f"{step.at} {step.key} {list(step.rows)}")
    assert faults == []


def test_the_running_infusion_is_the_last_thing_that_happens(story: Story) -> None:
    assert story.steps[-1].subject == RUNNING
    assert {s.subject for s in story.steps} == {WHOLE, FAILED, RUNNING}


def test_every_item_is_asked_for_when_it_is_typed(played: Played) -> None:
    assert played.hidden == []


def test_what_is_kept_from_entry_to_entry_is_what_would_be_read_anew(played: Played) -> None:
    assert played.stale == []


# --- what it leaves behind ---------------------------------------------------------------------------------------


def test_the_whole_course_is_complete_signed_and_without_open_findings(played: Played) -> None:
    state = played.session.state(WHOLE)
    faults = []
    for key in planned_keys(state):
        view = played.session.form(WHOLE, key)
        have = {s.meaning for s in view.valid_signatures}
        env = state.env(key, view.now)
        wanted = {
            s.meaning
            for s in view.form.signatures
            if s.required and (s.when is None or s.when(env) in (True, "Y"))
        }
        if view.record.completed_at is None or view.open_findings or wanted - have:
            faults.append((str(key), view.status, wanted - have))
    assert faults == []
    assert planned_keys(played.session.state(WHOLE))
    assert {k.n for k in state.keys("F12")} == set(range(15))


def test_the_only_open_queries_of_the_whole_course_are_about_the_late_sample(played: Played) -> None:
    open_checks = {
        (str(key), finding.id)
        for key in planned_keys(played.session.state(WHOLE))
        for finding in played.session.form(WHOLE, key).findings
        if finding.is_open
    }
    assert open_checks == {("F10/D3/1", "F10.window")}
    assert played.form(WHOLE, "F17/LOG/1").value("dv_cat") == "TIME"


def test_the_whole_course_shows_what_a_record_can_go_through(played: Played) -> None:
    gas = played.form(WHOLE, "F9/D2/1")
    first, corrected = gas.history("abg_pao2")
    assert (first.value, corrected.value) == (Number(Decimal(98), "mmHg"), Number(Decimal(89), "mmHg"))
    assert "transposed" in corrected.reason
    assert [s.voided for s in gas.record.signatures] == [True, False]
    assert played.form(WHOLE, "F5/BL/1").value("lab_ca_ion") == Missing(
        "ND", "Analyser channel out of service 仪器该通道停用"
    )
    assert played.form(WHOLE, "F10/D3/1").value("il8_value") == Number(Decimal("1.5"), "pg/mL", "<")
    infusion = played.form(WHOLE, "F7/D0/1")
    (reaction,) = [f for f in infusion.findings if f.kind == "soft"]
    assert (reaction.cell.item, reaction.confirmed) == ("ivs_hr", True)
    assert infusion.value("int_action", 1) == "HALF"
    fever = played.form(WHOLE, "F14/LOG/1")
    told = ("ae_grade", "ae_serious", "ae_related", "ae_out", "ae_acn")
    assert [fever.value(i) for i in told] == ["1", "N", "Y", "RECOVERED", "PAUSE"]
    assert played.form(WHOLE, "F13/LOG/3").value("cm_ae_link") == Number(Decimal(1))


def test_no_infusion_of_the_whole_course_suggests_a_prespecified_event(played: Played) -> None:
    for n in (1, 2, 3):
        view = played.form(WHOLE, f"F8/D{n - 1}/{n}")
        suggested = {i.id: view.value(i.id) for i in view.form.items() if i.id.startswith("iae_suggest_")}
        assert [name for name, answer in suggested.items() if answer == "Y"] == []
        assert suggested["iae_suggest_09"] == "N"  # flushing alone is no anaphylaxis
        assert 95 < _amount(played.form(WHOLE, f"F7/D{n - 1}/{n}").value("inf_pct")) < 105


def test_every_row_of_the_flow_sheets_lies_in_its_window(played: Played) -> None:
    for subject, n in ((WHOLE, 1), (WHOLE, 2), (WHOLE, 3), (RUNNING, 1)):
        view = played.form(subject, f"F7/D{n - 1}/{n}")
        section = next(s for s in view.form.sections if s.id == "flow")
        late = [
            view.value("ivs_point", r) for r in view.rows(section) if view.value("ivs_in_window", r) == "N"
        ]
        assert late == []


def test_a_ratio_of_exactly_two_hundred_fails_screening(played: Played) -> None:
    assert played.form(FAILED, "F9/SCR/1").value("pf") == Number(Decimal(200), "mmHg")
    decision = played.form(FAILED, "F3/SCR/1")
    assert (decision.value("inc04a_pf"), decision.value("eligible")) == ("N", "N")
    assert "eligibility" in {s.meaning for s in decision.valid_signatures}
    outcome = played.form(FAILED, "F1/SCR/1").history("scr_outcome")
    assert [e.value for e in outcome] == ["PEND", "SF"]
    assert outcome[-1].reason


def test_the_ward_ends_with_one_participant_in_every_stage_that_matters(played: Played) -> None:
    stages = {s.subject: s.stage for s in played.session.subjects()}
    assert stages == {WHOLE: "ended", FAILED: "failed", RUNNING: "infusing"}
    run = played.session.infusions.run(RUNNING, 1)
    assert run.status == "running"
    assert run.next_point is not None
    assert run.next_point.code == "T30"


# --- where it goes -----------------------------------------------------------------------------------------------


def test_the_log_verifies_and_the_centre_holds_the_same_without_any_name(
    played: Played, study: Study, tmp_path: Path
) -> None:
    session, centre = played.session, played.centre
    verified = session.verify()
    assert verified.holds
    device = centre.register(session.device_public_key())
    here = session.audit()
    made = session.export_sync(tmp_path)
    imported = centre.import_files([m.path for m in made])
    assert [i.outcome for i in imported] == ["imported"] * len(made)

    report = centre.reconcile()
    assert report.holds
    assert report.devices == ((device, *verified.heads[session.device]),)
    assert report.events == verified.events == len(here)
    per_subject = {s: sum(e.subject == s for e in here) for s in (WHOLE, FAILED, RUNNING)}
    assert {s: n for s, n in report.subjects if s} == per_subject

    there = {e.hash: e for e in centre.values()}
    assert all(_travelled(e, there[e.hash]) for e in here)
    kept = {str(e.value).strip('"') for e in here if e.site_only and e.value is not None}
    assert {"Demo Person One 演示甲", "DEMO-1K7Q", "Nurse Alpha 护士甲"} <= kept

    signers = {device: PublicKey.from_text(session.device_public_key())}
    for file in made:
        opened = seal.open_sealed(
            stick.read_sealed(file.path),
            identity=played.centre_identity,
            signers=signers,
            purpose=seal.SYNC,
            study=study.id,
        )
        text = opened.body.decode("utf-8")
        assert [word for word in sorted({*kept, *IDENTITIES}) if word in text] == []


def _travelled(event: Event, copy: Event) -> bool:
    return copy.value == (None if event.site_only else event.value) and copy.at == event.at


def _amount(value: Value | None) -> Decimal:
    assert isinstance(value, Number)
    return value.amount

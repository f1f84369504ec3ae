"""Every method of a session refuses the wrong role and a locked screen; accounts cannot be bent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import get_args

import pytest

from tests.ward import PASSWORDS, START, Bench, make_bench
from ucmsc_desktop.errors import (
    KnownError,
    LastAdministrator,
    NotAllowed,
    PasswordTemporary,
    SignedOut,
    UnknownThing,
    UserExists,
    WrongPassword,
)
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.reminder import Reminder
from ucmsc_desktop.session import Nurse, PdfMade, Session
from ucmsc_desktop.study.model import Role
from ucmsc_desktop.study.specimen import tube
from ucmsc_desktop.study.values import Number

GAS = FormKey("F9", "BL")
BLOOD = FormKey("F10", "6H")
TUBE, ALIQUOT = tube("01-001", "6H"), tube("01-001", "D1", aliquot=1)
DRUG = FormKey("F13", "LOG", 1)
SUBJECT = "01-001"
ROLES: tuple[Role, ...] = get_args(Role)
EVERY = frozenset(ROLES)
BEDSIDE = frozenset({"nurse", "investigator"})
TAKERS = BEDSIDE | {"laboratory", "cell_lab"}  # who may enter a blood sample
ADMIN = frozenset({"administrator"})
GIVEN = "velvet ladder comet 64 birch"

REMINDER = Reminder(
    SUBJECT, "05", FormKey("F7", "D0", 1), "vitals", "T15", Text("15 min", "15分钟"), START, START, START
)  # fmt: skip

Use = Callable[[Session, Path], object]
# What each method is, and who may use it. A method that is not here fails the first test.
METHODS: dict[str, tuple[Use, frozenset[str]]] = {
    "people.all": (lambda s, _: s.people.all(), EVERY),
    "people.add": (lambda s, _: s.people.add("new.one", "New One", "nurse", GIVEN), ADMIN),
    "people.remove": (lambda s, _: s.people.remove("nurse.beta", "left"), ADMIN),
    "people.change_password": (lambda s, _: s.people.change_password(GIVEN, "x"), EVERY),
    "create_subject": (lambda s, _: s.create_subject(), BEDSIDE),
    "state": (lambda s, _: s.state(SUBJECT), EVERY),
    "form": (lambda s, _: s.form(SUBJECT, GAS), EVERY),
    "banner": (lambda s, _: s.banner(SUBJECT), EVERY),
    "subjects": (lambda s, _: s.subjects(), EVERY),
    "worklist": (lambda s, _: s.worklist(), EVERY),
    "done_today": (lambda s, _: s.done_today(), EVERY),
    "shift.sheet": (lambda s, out: s.shift.sheet(out / f"h-{s.role}.pdf"), BEDSIDE),
    "paper.screening_log": (
        lambda s, out: s.paper.screening_log(out / f"l-{s.role}.pdf"),
        frozenset({"nurse", "investigator", "monitor", "data_manager"}),
    ),
    "shift.counts": (lambda s, _: s.shift.counts("0" * 64), EVERY),
    "shift.hand_over": (
        lambda s, _: s.shift.hand_over(Nurse("nurse.alpha", GIVEN), Nurse("nurse.beta", GIVEN), "0" * 64),
        BEDSIDE,
    ),
    "enter": (
        lambda s, _: s.enter(SUBJECT, FormKey("F9", "UNS", 1 + ROLES.index(s.role)), {Cell("abg_done"): "Y"}),
        BEDSIDE,
    ),
    "next_row": (lambda s, _: s.next_row(SUBJECT, FormKey("F7", "D0", 1), "interruptions"), EVERY),
    "strike_row": (
        lambda s, _: s.strike_row(SUBJECT, FormKey("F7", "D0", 1), "interruptions", 1, "typed twice"),
        BEDSIDE,
    ),
    "not_done": (
        lambda s, _: s.not_done(SUBJECT, GAS, "ND", "device broken"),
        EVERY,
    ),  # of nothing, see below
    "complete": (lambda s, _: s.complete(SUBJECT, GAS), BEDSIDE),
    "sign": (
        lambda s, _: s.sign(SUBJECT, GAS, "reviewed", s.account.user, password_of(s)),
        frozenset({"investigator"}),
    ),
    "lock_form": (lambda s, _: s.lock_form(SUBJECT, GAS, "why"), frozenset({"investigator"})),
    "unlock_form": (lambda s, _: s.unlock_form(SUBJECT, GAS, "why"), frozenset({"investigator"})),
    "save_draft": (lambda s, _: s.save_draft(SUBJECT, GAS, Cell("abg_ph"), "7."), EVERY),
    "drop_draft": (lambda s, _: s.drop_draft(SUBJECT, GAS, Cell("abg_ph")), EVERY),
    "drafts": (lambda s, _: s.drafts(SUBJECT, GAS), EVERY),
    "infusions.run": (lambda s, _: s.infusions.run(SUBJECT, 1), EVERY),
    "infusions.start": (lambda s, _: s.infusions.start(SUBJECT, 1), BEDSIDE),
    "infusions.pause": (lambda s, _: s.infusions.pause(SUBJECT, 1), BEDSIDE),
    "infusions.resume": (lambda s, _: s.infusions.resume(SUBJECT, 1), BEDSIDE),
    "infusions.stop": (lambda s, _: s.infusions.stop(SUBJECT, 1), BEDSIDE),
    "infusions.end": (lambda s, _: s.infusions.end(SUBJECT, 1), BEDSIDE),
    "paper.crf": (
        lambda s, d: s.paper.crf(d / "no" / "a.pdf", form="F1"),
        BEDSIDE | {"monitor", "data_manager"},
    ),
    "paper.casebook": (
        lambda s, d: s.paper.casebook(d / "no" / "b.pdf", SUBJECT),
        BEDSIDE | {"monitor", "data_manager"},
    ),
    "paper.sae_report": (
        lambda s, d: s.paper.sae_report(d / "no" / "c.pdf", SUBJECT, 1, "INITIAL"),
        BEDSIDE | {"monitor", "data_manager"},
    ),
    "first_notice": (lambda s, _: s.first_notice(SUBJECT, FormKey("F7", "D0", 1), 9), EVERY),  # of no row
    "paper.labels": (
        lambda s, d: s.paper.labels(d / "no" / "d.pdf", subject=SUBJECT),
        BEDSIDE | {"monitor", "data_manager"},
    ),
    "paper.labels_went_out": (
        lambda s, d: s.paper.labels_went_out(PdfMade(d / "d.pdf", "0" * 64, 1, "", "en")),
        BEDSIDE | {"monitor", "data_manager"},
    ),
    "sampling.read": (lambda s, _: s.sampling.read(TUBE.printed), EVERY),
    "sampling.of": (lambda s, _: s.sampling.of(SUBJECT), EVERY),
    "sampling.one": (lambda s, _: s.sampling.one(SUBJECT, BLOOD), EVERY),
    "sampling.under_way": (lambda s, _: s.sampling.under_way(), EVERY),
    "sampling.misfit": (lambda s, _: s.sampling.misfit(TUBE), EVERY),
    "sampling.draw": (
        lambda s, _: s.sampling.draw(SUBJECT, tube(SUBJECT, "UNS", 1 + ROLES.index(s.role)), s.now()),
        BEDSIDE,
    ),
    # of blood that nobody drew
    "sampling.file_aliquot": (lambda s, _: s.sampling.file_aliquot(ALIQUOT, s.now()), EVERY),
    "sampling.stamp": (
        lambda s, _: s.sampling.stamp(SUBJECT, FormKey("F10", "UNS", 20 + ROLES.index(s.role)), "spin"),
        TAKERS,
    ),
    "sampling.skip": (
        lambda s, _: s.sampling.skip(SUBJECT, FormKey("F10", "UNS", 40 + ROLES.index(s.role)), "REFUSED"),
        BEDSIDE,
    ),
    "confirm_clock": (lambda s, _: s.confirm_clock(), BEDSIDE | {"cell_lab", "radiologist", "laboratory"}),
    "reminders.open": (lambda s, _: s.reminders.open(), EVERY),
    "reminders.missed": (lambda s, _: s.reminders.missed(()), EVERY),
    "reminders.snoozed": (lambda s, _: s.reminders.snoozed(REMINDER, 3, 1), EVERY),
    "sync_status": (lambda s, _: s.sync_status(), EVERY),
    "export_sync": (lambda s, d: s.export_sync(d / "no"), BEDSIDE | {"data_manager", "administrator"}),
    "device_public_key": (lambda s, _: s.device_public_key(), EVERY),
    "verify": (lambda s, _: s.verify(), EVERY),
    "backup": (lambda s, d: s.backup(d / "backups"), BEDSIDE | {"data_manager", "administrator"}),
    "audit": (lambda s, _: s.audit(), EVERY),
}
# These tell nothing of anybody: the moment, the rights of a role, a user name for a user name, and the lock itself.
HARMLESS = {"now", "may", "people.name_of", "lock", "role", "is_open", "clock", "clock_message"}


@contextmanager
def locking(session: Session) -> Iterator[Session]:
    """Give a session and lock it whatever happens: others of the module use the same folder."""
    try:
        yield session
    finally:
        session.lock()


def password_of(session: Session) -> str:
    return PASSWORDS.get(session.account.user, GIVEN)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Give a ward with an account of every role, shared by the table: nothing in it changes who may what."""
    made = make_bench(tmp_path_factory.mktemp("roles"))
    boss = made.sign_in("admin")
    for role in ROLES:
        boss.people.add(f"one.{role}", f"Demo {role}", role, GIVEN, is_temporary=False)
    boss.lock()
    nurse = made.sign_in()
    nurse.create_subject()
    nurse.lock()
    return made


def public_methods(session: Session) -> Iterator[str]:
    """Give what can be called of a session and of its parts ("paper.crf")."""
    for name in dir(type(session)):
        if not name.startswith("_"):
            yield name
    for part, thing in vars(session).items():
        if not part.startswith("_") and type(thing).__module__.startswith("ucmsc_desktop.session"):
            yield from (f"{part}.{name}" for name in dir(thing) if callable_part(thing, name))


def callable_part(thing: object, name: str) -> bool:
    return not name.startswith("_") and callable(getattr(type(thing), name, None))


def test_the_table_names_every_method(bench: Bench) -> None:
    with locking(bench.sign_in()) as session:
        assert set(public_methods(session)) - HARMLESS == set(METHODS)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_may_do_what_the_table_says(bench: Bench, role: Role, tmp_path: Path) -> None:
    wrong = []
    with locking(bench.ward.sign_in(f"one.{role}", GIVEN)) as session:
        for name, (use, allowed) in METHODS.items():
            if name in ("people.add", "people.remove") and role in allowed:
                continue  # they change who is there: tested below
            try:
                use(session, tmp_path)
                refused = False
            except NotAllowed:
                refused = True
            except KnownError:
                refused = False  # allowed, and stopped by something else
            if refused is (role in allowed):
                wrong.append(name)
    assert not wrong


@pytest.mark.parametrize("name", METHODS)
def test_a_locked_session_refuses_every_method(bench: Bench, name: str, tmp_path: Path) -> None:
    session = bench.sign_in("nurse.alpha")
    session.lock()
    with pytest.raises(SignedOut):
        METHODS[name][0](session, tmp_path)


def test_a_locked_session_knows_no_name_and_no_key(bench: Bench) -> None:
    session = bench.sign_in()
    session.lock()
    assert session.people.name_of("dr.gamma") == "dr.gamma"
    assert session._data_key == b""
    assert session._unlocked is None


@pytest.mark.parametrize("role", sorted(EVERY - BEDSIDE))
def test_not_done_marks_nothing_for_those_who_may_not_enter(bench: Bench, role: str) -> None:
    with locking(bench.ward.sign_in(f"one.{role}", GIVEN)) as session:
        assert session.not_done(SUBJECT, FormKey("F9", "D2"), "ND", "no time").events == 0


@pytest.mark.parametrize("name", ["lock_form", "unlock_form", "strike_row", "not_done"])
def test_no_entry_is_ever_made_about_nobody(bench: Bench, name: str) -> None:
    uses = {
        "lock_form": lambda s: s.lock_form("01-999", GAS, "why"),
        "unlock_form": lambda s: s.unlock_form("01-999", GAS, "why"),
        "strike_row": lambda s: s.strike_row("01-999", DRUG, "drug", 1, "why"),
        "not_done": lambda s: s.not_done("01-999", GAS, "ND", "why"),
    }
    with locking(bench.sign_in("dr.gamma")) as session:
        before = len(session.audit())
        with pytest.raises(UnknownThing):
            uses[name](session)
        assert len(session.audit()) == before


# --- accounts ------------------------------------------------------------------------------------------------


@pytest.fixture
def ward(tmp_path: Path) -> Bench:
    return make_bench(tmp_path)


def test_with_a_temporary_password_nothing_is_recorded_or_signed(ward: Bench) -> None:
    boss = ward.sign_in("admin")
    boss.people.add("dr.new", "Demo New", "investigator", GIVEN)
    boss.lock()
    doctor = ward.ward.sign_in("dr.new", GIVEN)
    assert doctor.must_change_password
    with pytest.raises(PasswordTemporary):
        doctor.create_subject()
    doctor.lock()
    nurse = ward.sign_in()
    subject = nurse.create_subject()
    nurse.lock()
    doctor = ward.ward.sign_in("dr.new", GIVEN)
    for use in (
        lambda: doctor.enter(subject, GAS, {Cell("abg_done"): "Y"}),
        lambda: doctor.lock_form(subject, GAS, "why"),
        lambda: doctor.sign(subject, GAS, "reviewed", "dr.new", GIVEN),
    ):
        with pytest.raises(PasswordTemporary):
            use()
    assert not doctor.audit(lambda e: e.subject == subject and e.user == "dr.new")
    doctor.people.change_password(GIVEN, "copper violin harvest 18 pond")
    doctor.enter(subject, GAS, {Cell("abg_done"): "Y"})
    doctor.lock()


def test_a_temporary_password_cannot_sign_in_somebody_elses_session(ward: Bench) -> None:
    boss = ward.sign_in("admin")
    boss.people.add("dr.new", "Demo New", "investigator", GIVEN)
    boss.lock()
    nurse = ward.sign_in()
    subject = nurse.create_subject()
    with pytest.raises(PasswordTemporary):
        nurse.sign(subject, GAS, "reviewed", "dr.new", GIVEN)
    nurse.lock()


def test_a_removed_person_neither_signs_in_nor_signs_and_stays_in_the_record(ward: Bench) -> None:
    boss = ward.sign_in("admin")
    boss.people.remove("dr.gamma", "left the ward")
    boss.lock()
    with pytest.raises(WrongPassword):
        ward.sign_in("dr.gamma")
    nurse = ward.sign_in()
    subject = nurse.create_subject()
    with pytest.raises(WrongPassword):
        nurse.sign(subject, GAS, "reviewed", "dr.gamma", PASSWORDS["dr.gamma"])
    gone = next(a for a in nurse.people.all() if a.user == "dr.gamma")
    assert not gone.active
    assert nurse.people.name_of("dr.gamma") == "Demo dr.gamma"
    nurse.lock()


def test_a_removal_names_the_account_exactly(ward: Bench) -> None:
    boss = ward.sign_in("admin")
    before = len(boss.audit())
    for wrong in ("NURSE.BETA", "nurse.beta ", "nobody"):
        with pytest.raises(UnknownThing):
            boss.people.remove(wrong, "left")
    assert len(boss.audit()) == before
    boss.people.remove("nurse.beta", "left")
    with pytest.raises(UnknownThing):
        boss.people.remove("nurse.beta", "left again")
    boss.lock()
    again = ward.sign_in("admin")
    assert [a.user for a in again.people.all() if not a.active] == ["nurse.beta"]
    again.lock()


@pytest.mark.parametrize("name", ["nurse.beta", "Nurse.Beta", "NURSE.BETA"])
def test_a_user_name_is_never_given_again(ward: Bench, name: str) -> None:
    boss = ward.sign_in("admin")
    boss.people.remove("nurse.beta", "left")
    with pytest.raises(UserExists):
        boss.people.add(name, "Another", "nurse", GIVEN)
    boss.lock()


def test_the_last_administrator_stays_and_the_log_does_not_say_otherwise(ward: Bench) -> None:
    boss = ward.sign_in("admin")
    with pytest.raises(LastAdministrator):
        boss.people.remove("admin", "leaving")
    assert not boss.audit(lambda e: e.kind == "UserRemoved")
    boss.lock()
    ward.sign_in("admin").lock()


def test_a_struck_row_and_a_row_that_cannot_be_take_no_value(ward: Bench) -> None:
    session = ward.sign_in()
    subject = session.create_subject()
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    with pytest.raises(KnownError):
        session.enter(subject, GAS, {Cell("abg_pao2", 3): Number(Decimal(80), "mmHg")})
    session.lock()

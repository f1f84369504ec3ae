"""The slot file opens for the right people, refuses everybody else, and is never without a readable version."""

import errno
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from ucmsc_desktop import age, durable, errors
from ucmsc_desktop.ledger import keys
from ucmsc_desktop.ledger.keys import FLOOR, TRAINING
from ucmsc_desktop.ledger.keyslots import KeySlots, Unlocked
from ucmsc_desktop.ledger.lockout import LOCK_S, STRANGER
from ucmsc_desktop.ledger.slotfile import SlotFile

NOW = datetime(2026, 3, 4, 14, 3, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
ADMIN, ADMIN_PASSWORD = "admin.lan", "kettle-orbit-maple-92"
NURSE, NURSE_PASSWORD = "nurse.qing", "window-copper-lake-17"
NEW_PASSWORD = "harbour-violet-stone-5"
DATA_KEY = bytes(range(32))
ROTATED = bytes(range(1, 33))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keyslots.json"


@pytest.fixture
def slots(path: Path) -> KeySlots:
    """Give the slots of an administrator and a nurse."""
    made = KeySlots.create(
        path, "L01", user=ADMIN, password=ADMIN_PASSWORD, data_key=DATA_KEY, now=NOW, floor=TRAINING
    )
    made.add(NURSE, NURSE_PASSWORD, DATA_KEY, False, now=NOW)
    return made


def reopened(path: Path) -> KeySlots:
    return KeySlots.open(path, floor=TRAINING)


def admin(slots: KeySlots, now: datetime = NOW) -> Unlocked:
    return slots.unlock(ADMIN, ADMIN_PASSWORD, now)


def nurse(slots: KeySlots, password: str = NURSE_PASSWORD, now: datetime = NOW) -> Unlocked:
    return slots.unlock(NURSE, password, now)


def names(path: Path) -> set[str]:
    return {p.name for p in path.parent.iterdir()}


# --- unlock -----------------------------------------------------------------------------------------------------


def test_both_users_open_the_same_data_key_with_signing_keys_of_their_own(
    slots: KeySlots, path: Path
) -> None:
    again = reopened(path)
    first, second = admin(again), nurse(again)
    assert first.data_key == second.data_key == DATA_KEY
    assert first.signing_key != second.signing_key
    assert [keys.signing_public(u.signing_key) for u in (first, second)] == [
        u.signing_public for u in again.users()
    ]
    assert (first.is_admin, first.is_temporary, second.is_admin, second.is_temporary) == (
        True,
        False,
        False,
        True,
    )
    assert first.is_intact
    assert first.previous_data_key is None


def test_user_name_may_be_typed_in_any_case_and_width(slots: KeySlots) -> None:
    assert slots.unlock(" Nurse.ＱING", NURSE_PASSWORD, NOW).user == NURSE


def test_no_secret_shows_in_the_repr_or_in_the_file(slots: KeySlots, path: Path) -> None:
    opened = admin(slots)
    text = path.read_text() + repr(opened)
    for secret in (DATA_KEY, opened.signing_key):
        assert secret.hex() not in text
        assert repr(secret)[2:-1] not in text
    assert ADMIN_PASSWORD not in text
    assert "SECRET-KEY" not in text


@pytest.mark.parametrize(
    ("user", "password"), [(NURSE, ADMIN_PASSWORD), (NURSE, ""), ("nobody", NURSE_PASSWORD)]
)
def test_wrong_password_and_unknown_user_look_the_same(slots: KeySlots, user: str, password: str) -> None:
    with pytest.raises(errors.WrongPassword) as caught:
        slots.unlock(user, password, NOW)
    assert caught.value.details == {}


def test_five_wrong_passwords_lock_across_a_restart_until_the_wait_is_over(
    slots: KeySlots, path: Path
) -> None:
    now = NOW
    for wait in (0, 1, 2, 4, LOCK_S):
        with pytest.raises(errors.WrongPassword):
            nurse(slots, "wrong-wrong-wrong", now)
        slots = reopened(path)
        if wait:
            with pytest.raises(errors.AccountLocked) as caught:
                nurse(slots, NURSE_PASSWORD, now)
            assert caught.value.details == {"seconds": wait}
        now += timedelta(seconds=wait)
    opened = nurse(slots, NURSE_PASSWORD, now)
    assert [f.at for f in opened.failures] == [NOW + timedelta(seconds=s) for s in (0, 0, 1, 3, 7)]


def test_unknown_names_are_counted_without_being_kept(slots: KeySlots, path: Path) -> None:
    with pytest.raises(errors.WrongPassword):
        slots.unlock("kettle-orbit-maple-92", "x", NOW)
    assert [f.user for f in slots.lockout.unrecorded()] == [STRANGER]
    assert "kettle" not in path.with_name("keyslots.lockout.json").read_text()


def test_try_is_counted_before_it_is_tested(
    slots: KeySlots, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def plug_pulled(*_: object, **__: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(keys, "derive", plug_pulled)
    with pytest.raises(KeyboardInterrupt):
        nurse(slots, "guess-guess-guess")
    assert len(reopened(path).lockout.of(NURSE)) == 1


def test_reset_by_an_administrator_ends_the_lock(slots: KeySlots) -> None:
    for second in range(5):
        with pytest.raises((errors.WrongPassword, errors.AccountLocked)):
            nurse(slots, "wrong-wrong-wrong", NOW + timedelta(minutes=second))
    late = NOW + timedelta(minutes=5)
    with pytest.raises(errors.AccountLocked):
        nurse(slots, NURSE_PASSWORD, late)
    slots.reset(NURSE, NEW_PASSWORD, DATA_KEY, late)
    assert nurse(slots, NEW_PASSWORD, late).is_temporary


def test_times_must_carry_their_offset(slots: KeySlots) -> None:
    naive = NOW.replace(tzinfo=None)
    with pytest.raises(errors.BugError):
        admin(slots, naive)
    with pytest.raises(errors.BugError):
        slots.reset(NURSE, NEW_PASSWORD, DATA_KEY, naive)


# --- the floor --------------------------------------------------------------------------------------------------


def test_program_with_the_real_floor_refuses_cheap_slots(slots: KeySlots, path: Path) -> None:
    with pytest.raises(errors.KeyslotsBroken):
        KeySlots.open(path)


def test_slots_made_without_a_stated_floor_are_dear(path: Path) -> None:
    KeySlots.create(path, "L01", user=ADMIN, password=ADMIN_PASSWORD, data_key=DATA_KEY, now=NOW)
    slot = SlotFile.decoded(path.read_bytes()).slots[0]
    assert slot.params == FLOOR
    assert KeySlots.open(path).unlock(ADMIN, ADMIN_PASSWORD, NOW).data_key == DATA_KEY


# --- add, change, reset, remove ---------------------------------------------------------------------------------


def test_second_set_up_is_refused_and_changes_nothing(slots: KeySlots, path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(errors.AlreadySetUp):
        KeySlots.create(
            path, "L02", user=ADMIN, password=ADMIN_PASSWORD, data_key=ROTATED, now=NOW, floor=TRAINING
        )
    assert path.read_bytes() == before


@pytest.mark.parametrize("user", ["", " ", "a b", "_x", "x" * 65, "Ｗide", "a\nb", "../x"])
def test_impossible_user_name_is_refused(slots: KeySlots, user: str) -> None:
    with pytest.raises(errors.UnknownThing):
        slots.add(user, NEW_PASSWORD, DATA_KEY, False, now=NOW)


def test_weak_password_is_refused_everywhere(slots: KeySlots, path: Path) -> None:
    before = path.read_bytes()
    with pytest.raises(errors.WeakPassword):
        slots.add("nurse.bai", "password1234", DATA_KEY, False, now=NOW)
    with pytest.raises(errors.WeakPassword):
        slots.reset(NURSE, "nurse.qing.12", DATA_KEY, NOW)
    with pytest.raises(errors.WeakPassword):
        slots.change_password(NURSE, NURSE_PASSWORD, "short", NOW)
    with pytest.raises(errors.WeakPassword):
        slots.change_password(NURSE, NURSE_PASSWORD, NURSE_PASSWORD, NOW)
    assert path.read_bytes() == before


def test_changed_password_keeps_both_keys_and_the_old_one_is_dead(slots: KeySlots, path: Path) -> None:
    before = nurse(slots)
    slots.change_password(NURSE, NURSE_PASSWORD, NEW_PASSWORD, NOW)
    again = reopened(path)
    after = nurse(again, NEW_PASSWORD)
    assert (after.data_key, after.signing_key) == (before.data_key, before.signing_key)
    assert not after.is_temporary
    with pytest.raises(errors.WrongPassword):
        nurse(again)
    assert "keyslots.previous.json" not in names(path), "the old password would still open it"


def test_change_needs_the_old_password_and_counts_a_wrong_one(slots: KeySlots) -> None:
    with pytest.raises(errors.WrongPassword):
        slots.change_password(NURSE, "wrong-wrong-wrong", NEW_PASSWORD, NOW)
    assert len(slots.lockout.of(NURSE)) == 1


def test_reset_gives_a_new_signing_key_so_nobody_can_sign_as_the_user(slots: KeySlots, path: Path) -> None:
    before = nurse(slots)
    public = slots.reset(NURSE, NEW_PASSWORD, DATA_KEY, NOW)
    after = nurse(reopened(path), NEW_PASSWORD)
    assert after.data_key == DATA_KEY
    assert after.is_temporary
    assert after.signing_key != before.signing_key
    assert keys.signing_public(after.signing_key) == public


def test_user_name_is_never_used_twice(slots: KeySlots, path: Path) -> None:
    slots.remove(NURSE, DATA_KEY)
    for name in (NURSE, NURSE.upper(), ADMIN):
        with pytest.raises(errors.UserExists):
            reopened(path).add(name, NEW_PASSWORD, DATA_KEY, False, now=NOW)


def test_removed_user_cannot_open(slots: KeySlots, path: Path) -> None:
    slots.remove(NURSE, DATA_KEY)
    again = reopened(path)
    admin(again)
    with pytest.raises(errors.WrongPassword):
        nurse(again)
    assert "keyslots.previous.json" not in names(path), (
        "it has the removed slot and must go after a good unlock"
    )


def test_last_administrator_stays(slots: KeySlots) -> None:
    for attempt in (
        lambda: slots.remove(ADMIN, DATA_KEY),
        lambda: slots.set_admin(ADMIN, False, DATA_KEY),
    ):
        with pytest.raises(errors.LastAdministrator):
            attempt()
    slots.set_admin(NURSE, True, DATA_KEY)
    slots.remove(ADMIN, DATA_KEY)
    with pytest.raises(errors.LastAdministrator):
        slots.remove(NURSE, DATA_KEY)
    assert nurse(slots).is_admin


def test_unknown_user_cannot_be_removed_or_reset(slots: KeySlots) -> None:
    with pytest.raises(errors.UnknownThing):
        slots.remove("nobody", DATA_KEY)
    with pytest.raises(errors.UnknownThing):
        slots.reset("nobody", NEW_PASSWORD, DATA_KEY, NOW)


def test_change_needs_the_present_data_key(slots: KeySlots) -> None:
    with pytest.raises(errors.BugError):
        slots.remove(NURSE, ROTATED)


# --- damage and forgery -----------------------------------------------------------------------------------------


def test_any_changed_byte_is_called_damage_and_not_a_wrong_password(slots: KeySlots, path: Path) -> None:
    data = path.read_bytes()
    for at in range(0, len(data), 7):
        for bit in (1, 32):
            path.write_bytes(data[:at] + bytes([data[at] ^ bit]) + data[at + 1 :])
            with pytest.raises(errors.KeyslotsBroken):
                reopened(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"null\n",
        b"{}",
        b"[" * 100_000,
        b'{"content": 1}',
        b"\xff\xfe",
        b"x" * (2 * 1024 * 1024 + 1),
    ],
    ids=range(8),
)
def test_foreign_content_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(errors.KeyslotsBroken):
        reopened(path)


def test_link_in_place_of_the_file_is_refused(slots: KeySlots, path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))
    with pytest.raises(errors.KeyslotsBroken):
        reopened(path)


def test_missing_file_means_not_set_up(path: Path) -> None:
    with pytest.raises(errors.NotSetUp):
        reopened(path)


def forged(path: Path, change: Callable[[SlotFile], SlotFile]) -> KeySlots:
    """Change the file as somebody with the disk but without the data key can: with a right checksum."""
    path.write_bytes(change(SlotFile.decoded(path.read_bytes())).encoded())
    return reopened(path)


def test_forged_administrator_is_noticed_and_cannot_change_anything(slots: KeySlots, path: Path) -> None:
    def promote(content: SlotFile) -> SlotFile:
        return content.replaced(content.get(NURSE).model_copy(update={"is_admin": True}))

    again = forged(path, promote)
    assert not nurse(again).is_intact
    with pytest.raises(errors.KeyslotsBroken):
        again.remove(ADMIN, DATA_KEY)


@pytest.mark.parametrize(
    "change",
    [{"is_temporary": False}, {"signing_public": "00" * 32}, {"salt": "00" * 16}, {"user": "nurse.bai"}],
)
def test_slot_with_anything_exchanged_does_not_open(
    slots: KeySlots, path: Path, change: dict[str, object]
) -> None:
    again = forged(
        path, lambda c: c.model_copy(update={"slots": (c.slots[0], c.slots[1].model_copy(update=change))})
    )
    with pytest.raises(errors.WrongPassword):
        again.unlock(str(change.get("user", NURSE)), NURSE_PASSWORD, NOW)


def test_slot_moved_to_another_laptop_does_not_open(slots: KeySlots, path: Path) -> None:
    again = forged(path, lambda c: c.model_copy(update={"device": "L02"}))
    with pytest.raises(errors.WrongPassword):
        admin(again)


def test_file_that_names_another_data_key_is_broken(slots: KeySlots, path: Path) -> None:
    again = forged(path, lambda c: c.model_copy(update={"key_id": keys.key_id(ROTATED)}))
    with pytest.raises(errors.KeyslotsBroken):
        admin(again)


def test_first_version_that_does_not_open_is_not_left_behind(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise errors.WrongPassword

    monkeypatch.setattr(KeySlots, "_prove", fails)
    with pytest.raises(errors.KeyslotsBroken):
        KeySlots.create(
            path, "L01", user=ADMIN, password=ADMIN_PASSWORD, data_key=DATA_KEY, now=NOW, floor=TRAINING
        )
    assert names(path) == set()


def test_damaged_file_is_replaced_by_the_previous_version_and_kept_aside(slots: KeySlots, path: Path) -> None:
    slots.remove(NURSE, DATA_KEY)
    path.write_bytes(b"noise")
    again = reopened(path)
    assert again.was_restored
    assert admin(again).data_key == DATA_KEY
    admin(again)
    assert path.with_name("keyslots.damaged.json").read_bytes() == b"noise"
    assert not reopened(path).was_restored


# --- writing fails ----------------------------------------------------------------------------------------------


class BrokenAfter(durable.Disk):
    """A disk on which every call from the n-th on fails."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, "x")

    def create(self, path: Path, mode: int) -> int:
        self._step()
        return super().create(path, mode)

    def write(self, fd: int, data: memoryview) -> int:
        self._step()
        return super().write(fd, data)

    def sync(self, fd: int) -> None:
        self._step()
        super().sync(fd)

    def rename(self, source: Path, target: Path) -> None:
        self._step()
        super().rename(source, target)

    def sync_folder(self, folder: Path) -> None:
        self._step()
        super().sync_folder(folder)

    def remove(self, path: Path) -> None:
        self._step()
        super().remove(path)


@pytest.mark.parametrize("calls", range(31))
def test_password_change_on_a_dying_disk_leaves_one_password_that_works(
    slots: KeySlots, path: Path, monkeypatch: pytest.MonkeyPatch, calls: int
) -> None:
    disk = BrokenAfter(calls)
    for name in ("ledger.slotstore", "ledger.lockout"):
        monkeypatch.setattr(
            f"ucmsc_desktop.{name}.write_file_durably",
            lambda *a, **k: durable.write_file_durably(*a, **k, disk=disk),
        )
    monkeypatch.setattr(
        "ucmsc_desktop.ledger.slotstore.remove_durably", lambda p: durable.remove_durably(p, disk=disk)
    )
    try:
        slots.change_password(NURSE, NURSE_PASSWORD, NEW_PASSWORD, NOW)
        changed = True
    except errors.KnownError:
        changed = False
    monkeypatch.undo()
    again = reopened(path)
    assert admin(again).is_intact
    opened = []
    for minute, password in enumerate((NURSE_PASSWORD, NEW_PASSWORD)):
        try:
            nurse(again, password, NOW + timedelta(minutes=minute + 1))
            opened.append(password)
        except errors.WrongPassword:
            continue
    assert len(opened) == 1
    assert not changed or opened == [NEW_PASSWORD]
    assert changed or calls < 30, "with 30 good calls nothing fails any more: the range covers all of them"


def test_new_version_that_does_not_open_is_taken_back(
    slots: KeySlots, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = path.read_bytes()

    def fails(*_: object) -> None:
        raise errors.WrongPassword

    monkeypatch.setattr(KeySlots, "_prove", fails)
    with pytest.raises(errors.KeyslotsBroken):
        slots.reset(NURSE, NEW_PASSWORD, DATA_KEY, NOW)
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert nurse(reopened(path)).data_key == DATA_KEY


def test_sign_in_works_in_a_folder_that_cannot_be_written(
    slots: KeySlots, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = BrokenAfter(0)
    monkeypatch.setattr(
        "ucmsc_desktop.ledger.lockout.write_file_durably",
        lambda *a, **k: durable.write_file_durably(*a, **k, disk=disk),
    )
    assert admin(slots).data_key == DATA_KEY
    assert not slots.lockout.is_saved


# --- rotation ---------------------------------------------------------------------------------------------------


def test_rotated_key_reaches_everybody_without_their_passwords(slots: KeySlots, path: Path) -> None:
    slots.rotate(DATA_KEY, ROTATED, NOW)
    slots.settle()
    again = reopened(path)
    assert (admin(again).data_key, nurse(again).data_key) == (ROTATED, ROTATED)
    assert nurse(again).is_intact
    assert all(slot.handed == () for slot in SlotFile.decoded(path.read_bytes()).slots), (
        "wrapped anew after use"
    )
    assert nurse(reopened(path)).data_key == ROTATED


def test_several_rotations_are_followed_by_who_was_away(slots: KeySlots, path: Path) -> None:
    chain = [DATA_KEY, *(bytes([n]) * 32 for n in range(1, 6))]
    for old, new in pairwise(chain):
        slots.rotate(old, new, NOW)
        slots.settle()
    assert nurse(reopened(path)).data_key == chain[-1]


def test_rotation_cut_short_offers_both_keys_until_settled(slots: KeySlots, path: Path) -> None:
    slots.rotate(DATA_KEY, ROTATED, NOW)
    opened = nurse(reopened(path))
    assert (opened.data_key, opened.previous_data_key) == (ROTATED, DATA_KEY)
    again = reopened(path)
    again.settle()
    assert nurse(again).previous_data_key is None


def test_rotation_can_be_rolled_back(slots: KeySlots, path: Path) -> None:
    before = path.read_bytes()
    slots.rotate(DATA_KEY, ROTATED, NOW)
    slots.roll_back()
    assert path.read_bytes() == before
    assert nurse(reopened(path)).data_key == DATA_KEY
    with pytest.raises(errors.KeyslotsBroken):
        slots.roll_back()


def test_nothing_else_changes_while_a_rotation_is_open(slots: KeySlots) -> None:
    slots.rotate(DATA_KEY, ROTATED, NOW)
    with pytest.raises(errors.BugError):
        slots.remove(NURSE, ROTATED)
    with pytest.raises(errors.BugError):
        slots.rotate(ROTATED, DATA_KEY, NOW)


def test_removed_user_with_old_file_and_old_key_does_not_get_the_new_key(slots: KeySlots, path: Path) -> None:
    gone = nurse(slots)
    # The removed user keeps all that the slot held.
    old = SlotFile.decoded(path.read_bytes())
    slot = old.get(NURSE)
    kept = slot.unwrap("L01", keys.derive(NURSE_PASSWORD, slot.salt_bytes, slot.params, floor=TRAINING))
    slots.remove(NURSE, DATA_KEY)
    slots.rotate(DATA_KEY, ROTATED, NOW)
    handed = SlotFile.decoded(path.read_bytes()).get(ADMIN).handed[0]
    context = {"device": "L01", "user": ADMIN, "from": keys.key_id(DATA_KEY)}
    with pytest.raises(errors.KeyslotsBroken):
        keys.take_over(gone.data_key, bytes.fromhex(handed), kept.identity, context)


def test_handed_key_of_somebody_without_the_old_key_is_refused(slots: KeySlots, path: Path) -> None:
    evil = b"e" * 32

    def slip_in(content: SlotFile) -> SlotFile:
        slot = content.get(NURSE)
        handed = keys.hand_over(evil, evil, slot.recipient, content.rotation_context(slot)).hex()
        slots = tuple(s.model_copy(update={"handed": (handed,)}) if s is slot else s for s in content.slots)
        return content.model_copy(update={"slots": slots, "key_id": keys.key_id(evil)}).signed(evil)

    again = forged(path, slip_in)
    with pytest.raises(errors.KeyslotsBroken):
        nurse(again)
    assert again.lockout.of(NURSE) == (), "the password was right"


# --- escrow -----------------------------------------------------------------------------------------------------


def test_escrow_follows_the_rotation(slots: KeySlots, path: Path) -> None:
    identity, recipient = age.new_identity()
    assert slots.escrow() is None
    assert slots.set_recovery(recipient, DATA_KEY, NOW) == slots.escrow()
    slots.rotate(DATA_KEY, ROTATED, LATER)
    slots.settle()
    sealed = reopened(path).escrow()
    assert sealed is not None
    assert keys.open_escrow(sealed, identity) == keys.Escrow(ROTATED, "L01", LATER)


def test_file_is_plain_json_for_whoever_must_look_into_it(slots: KeySlots, path: Path) -> None:
    content = json.loads(path.read_bytes())["content"]
    assert (content["format"], content["device"]) == ("ucmsc-keyslots-v1", "L01")
    assert path.stat().st_mode & 0o077 == 0

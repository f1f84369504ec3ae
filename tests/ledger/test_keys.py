"""Secrets open with the right key in the right place only, and show themselves nowhere."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from ucmsc_desktop import age, errors
from ucmsc_desktop.ledger import keys
from ucmsc_desktop.ledger.keys import CEILING_KIB, FLOOR, TRAINING, KdfParams

NOW = datetime(2026, 3, 4, 14, 3, tzinfo=timezone(timedelta(hours=8)))
SALT = bytes(range(16))
PASSWORD = "kettle-orbit-maple-92"


def test_real_slots_cost_what_the_design_says() -> None:
    assert asdict(FLOOR) == {"memory_kib": 65536, "passes": 3, "lanes": 4}


@pytest.mark.parametrize(
    "params",
    [
        TRAINING,
        KdfParams(FLOOR.memory_kib - 1, 3, 4),
        KdfParams(FLOOR.memory_kib, 2, 4),
        KdfParams(FLOOR.memory_kib, 3, 0),
        KdfParams(CEILING_KIB + 1, 3, 4),
        KdfParams(FLOOR.memory_kib, 17, 4),
        KdfParams(FLOOR.memory_kib, 3, 17),
    ],
)
def test_parameters_outside_the_bounds_are_refused_before_any_work(params: KdfParams) -> None:
    with pytest.raises(errors.KeyslotsBroken):
        keys.derive(PASSWORD, SALT, params)


def test_ceiling_holds_under_the_training_floor_too() -> None:
    with pytest.raises(errors.KeyslotsBroken):
        keys.derive(PASSWORD, SALT, KdfParams(CEILING_KIB + 1, 1, 1), floor=TRAINING)


def test_derivation_is_argon2id_as_published() -> None:
    # An outside reading of the same inputs: the encoded form of argon2-cffi's high-level API.
    from argon2 import PasswordHasher

    key = keys.derive(PASSWORD, SALT, FLOOR)
    import base64

    def b64(data: bytes) -> str:
        return base64.b64encode(data).decode().rstrip("=")

    PasswordHasher().verify(f"$argon2id$v=19$m=65536,t=3,p=4${b64(SALT)}${b64(key)}", PASSWORD)


def test_full_width_typing_gives_the_same_key() -> None:
    assert keys.derive("Ａｂｃ１２３", SALT, TRAINING, floor=TRAINING) == keys.derive(
        "Abc123", SALT, TRAINING, floor=TRAINING
    )


BINDING = keys.slot_binding("L01", "nurse.qing", 1, FLOOR)
OTHERS = [
    keys.slot_binding("L02", "nurse.qing", 1, FLOOR),
    keys.slot_binding("L01", "nurse.bai", 1, FLOOR),
    keys.slot_binding("L01", "nurse.qing", 2, FLOOR),
    keys.slot_binding("L01", "nurse.qing", 1, TRAINING),
]


def test_wrapped_secret_comes_back() -> None:
    kek, secret = keys.new_data_key(), b"secret"
    assert keys.unwrap(kek, keys.wrap(kek, secret, BINDING), BINDING) == secret
    assert keys.wrap(kek, secret, BINDING) != keys.wrap(kek, secret, BINDING)


@pytest.mark.parametrize("binding", OTHERS)
def test_wrapped_secret_does_not_open_elsewhere(binding: bytes) -> None:
    kek = keys.new_data_key()
    with pytest.raises(errors.WrongPassword):
        keys.unwrap(kek, keys.wrap(kek, b"secret", BINDING), binding)


def test_any_changed_or_missing_byte_of_a_wrapped_secret_is_refused() -> None:
    kek = keys.new_data_key()
    wrapped = keys.wrap(kek, b"secret", BINDING)
    for at in range(len(wrapped)):
        flipped = wrapped[:at] + bytes([wrapped[at] ^ 1]) + wrapped[at + 1 :]
        for bad in (flipped, wrapped[:at]):
            with pytest.raises(errors.WrongPassword):
                keys.unwrap(kek, bad, BINDING)


def test_purposes_of_the_data_key_do_not_meet() -> None:
    data_key = keys.new_data_key()
    names = [keys.subkey(data_key, label) for label in ("id", "mac", "rotation")]
    assert len({data_key, *names}) == 4
    assert data_key.hex()[:16] != keys.key_id(data_key)


def test_no_secret_shows_in_a_repr() -> None:
    identity, _ = age.new_identity()
    secrets = keys.SlotSecrets(b"d" * 32, b"s" * 32, identity)
    escrow = keys.Escrow(b"d" * 32, "L01", NOW)
    assert keys.SlotSecrets.unpack(secrets.pack()) == secrets
    for shown in (repr(secrets), repr(escrow)):
        assert "ddd" not in shown
        assert "sss" not in shown
        assert "AGE-SECRET" not in shown


# --- rotation ---------------------------------------------------------------------------------------------------


def test_handed_over_key_opens_for_its_user_only_and_needs_the_old_key() -> None:
    old, new = keys.new_data_key(), keys.new_data_key()
    identity, recipient = age.new_identity()
    context = {"device": "L01", "user": "nurse.qing"}
    handed = keys.hand_over(old, new, recipient, context)
    assert keys.take_over(old, handed, identity, context) == new
    stranger, _ = age.new_identity()
    for bad in (
        lambda: keys.take_over(new, handed, identity, context),
        lambda: keys.take_over(old, handed, stranger, context),
        lambda: keys.take_over(old, handed, identity, {**context, "user": "nurse.bai"}),
        lambda: keys.take_over(old, handed[:-1], identity, context),
    ):
        with pytest.raises(errors.KeyslotsBroken):
            bad()


# --- escrow -----------------------------------------------------------------------------------------------------


def test_escrow_opens_with_the_recovery_identity() -> None:
    identity, recipient = age.new_identity()
    data_key = keys.new_data_key()
    opened = keys.open_escrow(keys.seal_escrow(data_key, "L01", NOW, recipient), identity)
    assert opened == keys.Escrow(data_key, "L01", NOW)


def test_escrow_opens_with_the_official_age(tmp_path: Path, external: Callable[[str], Path]) -> None:
    key_file = tmp_path / "recovery.txt"
    subprocess.run([external("age-keygen"), "-o", key_file], check=True, capture_output=True)
    made = subprocess.run(
        [external("age-keygen"), "-y", key_file], check=True, capture_output=True, text=True
    )
    data_key = keys.new_data_key()
    (tmp_path / "escrow").write_bytes(keys.seal_escrow(data_key, "L01", NOW, made.stdout.strip()))
    opened = subprocess.run(
        [external("age"), "-d", "-i", key_file, tmp_path / "escrow"], check=True, capture_output=True
    )
    note = json.loads(opened.stdout)
    assert bytes.fromhex(note["data_key"]) == data_key
    assert (note["device"], note["created"]) == ("L01", NOW.isoformat())


def test_escrow_for_somebody_else_damaged_or_false_is_refused() -> None:
    identity, recipient = age.new_identity()
    data_key = keys.new_data_key()
    sealed = keys.seal_escrow(data_key, "L01", NOW, recipient)
    with pytest.raises(errors.NotARecipient):
        keys.open_escrow(sealed, age.new_identity()[0])
    with pytest.raises(errors.SealBroken):
        keys.open_escrow(sealed[:-1], identity)
    with pytest.raises(errors.FileTooLarge):
        keys.open_escrow(sealed + bytes(20_000), identity)
    good = {
        "purpose": "ucmsc-escrow-v1",
        "device": "L01",
        "created": NOW.isoformat(),
        "data_key": data_key.hex(),
    }
    for false in (
        b"[]",
        b"not json",
        b"[" * 5000,
        json.dumps(good).encode(),
        json.dumps({**good, "key_id": "0" * 16}).encode(),
        json.dumps({**good, "key_id": keys.key_id(data_key), "purpose": "x"}).encode(),
        json.dumps({**good, "key_id": keys.key_id(data_key), "data_key": "00"}).encode(),
        json.dumps({**good, "key_id": keys.key_id(data_key), "created": "2026-03-04"}).encode(),
    ):
        with pytest.raises(errors.SealBroken):
            keys.open_escrow(age.encrypt(false, [recipient]), identity)


@pytest.mark.parametrize("text", ["", "age1xyz", "AGE-SECRET-KEY-1QQ", "ssh-ed25519 AAAA"])
def test_impossible_key_is_named_without_being_shown(text: str) -> None:
    with pytest.raises(errors.UnknownThing) as not_public:
        keys.seal_escrow(bytes(32), "L01", NOW, text)
    with pytest.raises(errors.UnknownThing) as not_secret:
        age.recipient_of(text)
    assert "SECRET" not in str(not_public.value) + str(not_secret.value)

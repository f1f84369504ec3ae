"""A sealed file opens for its recipients, from its sender, for its purpose; every other way is refused."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucmsc_desktop import age, errors
from ucmsc_desktop.sync import seal as sealing
from ucmsc_desktop.sync.minisign import PublicKey, SigningKey
from ucmsc_desktop.sync.seal import (
    MAX_BODY,
    RETURN,
    SYNC,
    Label,
    Opened,
    fingerprint,
    open_sealed,
    pad_to_step,
    seal,
)

STUDY = "NCT02444455"
DEVICE = SigningKey.from_seed(b"\x01" * 32)
OTHER_DEVICE = SigningKey.from_seed(b"\x02" * 32)
SIGNERS = {"L01": DEVICE.public, "L02": OTHER_DEVICE.public}
CENTRE, TO_CENTRE = age.new_identity()
RECOVERY, TO_RECOVERY = age.new_identity()
STRANGER, TO_STRANGER = age.new_identity()
BODY = b'{"header": true}\n{"event": 1}\n'
LABEL = Label(SYNC, {"study": STUDY, "device": "L01", "seq": "101-140"})


def sealed_by(
    key: SigningKey = DEVICE, label: Label = LABEL, to: tuple[str, ...] = (TO_CENTRE, TO_RECOVERY)
) -> bytes:
    return seal(BODY, device_key=key, label=label, recipients=to)


def opened(
    data: bytes, identity: str = CENTRE, signers: dict[str, PublicKey] = SIGNERS, purpose: str = SYNC
) -> Opened:
    return open_sealed(data, identity=identity, signers=signers, purpose=purpose, study=STUDY)


SEALED = sealed_by()


# --- opens ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("identity", [CENTRE, RECOVERY], ids=["centre", "recovery"])
def test_each_recipient_opens_it_and_learns_who_sent_what(identity: str) -> None:
    found = opened(SEALED, identity)
    assert found.body == BODY
    assert found.device == "L01"
    assert dict(found.label.fields) == {
        "study": STUDY,
        "device": "L01",
        "seq": "101-140",
        "to": ",".join(fingerprint(r) for r in sorted((TO_CENTRE, TO_RECOVERY))),
    }


def test_outside_tells_neither_study_device_nor_content() -> None:
    for word in (b"ucmsc", STUDY.encode(), b"L01", b"minisign", b"event", TO_CENTRE.encode()):
        assert word not in SEALED


def test_anyone_opens_it_with_the_official_tools(tmp_path: Path, external: Callable[[str], Path]) -> None:
    (tmp_path / "f.age").write_bytes(SEALED)
    (tmp_path / "centre.key").write_text(CENTRE + "\n")
    (tmp_path / "device.pub").write_text(DEVICE.public.text)
    age_tool, minisign = external("age"), external("minisign")
    plain = subprocess.run(
        [age_tool, "-d", "-i", "centre.key", "f.age"], cwd=tmp_path, check=True, capture_output=True
    )
    lines = plain.stdout.split(b"\n", 4)
    (tmp_path / "body.minisig").write_bytes(b"\n".join(lines[:4]) + b"\n")
    (tmp_path / "body").write_bytes(lines[4])
    done = subprocess.run(
        [minisign, "-Vm", "body", "-x", "body.minisig", "-p", "device.pub"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert f"study={STUDY} device=L01 seq=101-140" in done.stdout
    assert lines[4] == BODY


def test_file_made_with_the_official_tools_opens_here(
    tmp_path: Path, external: Callable[[str], Path]
) -> None:
    (tmp_path / "body").write_bytes(BODY)
    label = f"{SYNC} study={STUDY} device=L07 seq=1-2 to={fingerprint(TO_CENTRE)}"
    for arguments in (["-G", "-W", "-p", "p", "-s", "s"], ["-S", "-m", "body", "-s", "s", "-t", label]):
        subprocess.run([external("minisign"), *arguments], cwd=tmp_path, check=True, capture_output=True)
    plain = (tmp_path / "body.minisig").read_bytes() + BODY
    made = subprocess.run([external("age"), "-r", TO_CENTRE], input=plain, check=True, capture_output=True)
    key = PublicKey.from_text((tmp_path / "p").read_text())
    assert opened(made.stdout, signers={"L07": key}).body == BODY


def test_largest_body_fits_under_the_cap() -> None:
    assert (
        len(seal(bytes(MAX_BODY), device_key=DEVICE, label=LABEL, recipients=[TO_CENTRE]))
        <= sealing.MAX_SEALED
    )


# --- is refused -------------------------------------------------------------------------------------------------


def test_every_flipped_byte_is_refused() -> None:
    for at in range(len(SEALED)):
        for bit in (0x01, 0x80):
            with pytest.raises((errors.SealBroken, errors.NotARecipient)):
                opened(SEALED[:at] + bytes([SEALED[at] ^ bit]) + SEALED[at + 1 :])


def test_every_truncation_and_any_tail_is_refused() -> None:
    for size in range(len(SEALED)):
        with pytest.raises((errors.SealBroken, errors.NotARecipient)):
            opened(SEALED[:size])
    for tail in (b"\0", SEALED):
        with pytest.raises(errors.SealBroken):
            opened(SEALED + tail)


def test_every_flipped_byte_inside_the_encryption_is_refused_too() -> None:
    """A recipient can open, change and encrypt again: only the signature stops that."""
    plain = age.decrypt(SEALED, CENTRE)
    start = (
        plain.index(b"\n") + 1
    )  # The untrusted comment before it is signed by nobody and used for nothing.
    for at in range(start, len(plain)):
        flipped = plain[:at] + bytes([plain[at] ^ 1]) + plain[at + 1 :]
        with pytest.raises((errors.SealBroken, errors.UnknownDevice)):
            opened(age.encrypt(flipped, [TO_CENTRE]))


def test_wrong_identity_is_told_apart_from_damage() -> None:
    with pytest.raises(errors.NotARecipient):
        opened(SEALED, STRANGER)


def test_file_passed_on_to_somebody_it_was_not_sealed_for_is_refused() -> None:
    passed_on = age.encrypt(age.decrypt(SEALED, CENTRE), [TO_STRANGER])
    with pytest.raises(errors.NotARecipient):
        opened(passed_on, STRANGER)


@pytest.mark.parametrize("purpose", [RETURN, "ucmsc-sync-v2", ""])
def test_file_for_another_purpose_is_refused(purpose: str) -> None:
    with pytest.raises(errors.SealBroken):
        opened(SEALED, purpose=purpose)


def test_file_from_another_study_is_refused() -> None:
    with pytest.raises(errors.SealBroken):
        open_sealed(SEALED, identity=CENTRE, signers=SIGNERS, purpose=SYNC, study="NCT00000000")


def test_unregistered_or_revoked_device_is_refused_by_its_key_number() -> None:
    with pytest.raises(errors.UnknownDevice) as caught:
        opened(SEALED, signers={"L02": OTHER_DEVICE.public})
    assert caught.value.details == {"device": DEVICE.public.name}
    with pytest.raises(errors.UnknownDevice):
        opened(SEALED, signers={})


def test_device_cannot_speak_for_another_device() -> None:
    with pytest.raises(errors.SealBroken):
        opened(sealed_by(OTHER_DEVICE))


def test_key_with_a_stolen_number_neither_passes_nor_blocks_the_real_one() -> None:
    thief = SigningKey(b"\x03" * 32, DEVICE.key_id)
    signers = {"L66": thief.public, **SIGNERS}
    assert opened(SEALED, signers=signers).device == "L01"
    with pytest.raises(errors.SealBroken):
        opened(sealed_by(thief), signers=signers)


def test_body_is_not_looked_at_before_the_signature_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    def parsed(text: str) -> Label:
        pytest.fail(f"parsed before it was verified: {text}")

    plain = age.decrypt(SEALED, CENTRE)
    monkeypatch.setattr(Label, "parse", parsed)
    with pytest.raises(errors.SealBroken):
        opened(age.encrypt(plain + b"x", [TO_CENTRE]))


def test_sizes_are_capped_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.FileTooLarge):
        seal(bytes(MAX_BODY + 1), device_key=DEVICE, label=LABEL, recipients=[TO_CENTRE])
    monkeypatch.setattr(sealing, "MAX_SEALED", len(SEALED) - 1)
    with pytest.raises(errors.FileTooLarge):
        opened(SEALED)


def test_armoured_or_plain_file_is_refused(external: Callable[[str], Path]) -> None:
    made = subprocess.run(
        [external("age"), "-a", "-r", TO_CENTRE], input=BODY, check=True, capture_output=True
    )
    for data in (made.stdout, BODY, DEVICE.sign(BODY, str(LABEL)) + BODY):
        with pytest.raises(errors.SealBroken):
            opened(data)


def test_sealing_needs_recipients_that_are_public_keys() -> None:
    for to in ((CENTRE,), ("age1xyz",), (TO_CENTRE.upper(),), (TO_CENTRE, "")):
        with pytest.raises(errors.UnknownThing):
            sealed_by(to=to)
    with pytest.raises(errors.BugError):
        sealed_by(to=())


# --- label and padding ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "label",
    [
        Label("Bad Purpose", dict(LABEL.fields)),
        Label(SYNC, {**LABEL.fields, "x": "two words"}),
        Label(SYNC, {**LABEL.fields, "x": ""}),
        Label(SYNC, {**LABEL.fields, "X": "1"}),
        Label(SYNC, {**LABEL.fields, "to": "me"}),
        Label(SYNC, {"study": STUDY}),
    ],
)
def test_label_that_could_be_misread_is_never_signed(label: Label) -> None:
    with pytest.raises(errors.BugError):
        sealed_by(label=label)


@pytest.mark.parametrize(
    "text",
    [
        "",
        f"{SYNC} a=1 a=2",
        f"{SYNC}  a=1",
        f"{SYNC} a",
        f"{SYNC} a= ",
        f"{SYNC} a=1\n",
        f"{SYNC} a=é",
        f"{SYNC} =1",
        "Not-a-purpose",
    ],
)
def test_label_in_any_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(errors.SealBroken):
        Label.parse(text)


def test_label_is_read_back() -> None:
    assert Label.parse(str(LABEL)) == LABEL


@given(st.integers(0, MAX_BODY))
def test_padding_covers_stays_small_and_is_stable(size: int) -> None:
    padded = pad_to_step(size)
    assert size <= padded <= MAX_BODY
    assert padded - size <= max(16 * 1024, size / 8)
    assert pad_to_step(padded) == padded


def test_sizes_close_together_look_the_same() -> None:
    assert len({pad_to_step(n) for n in range(1, 16 * 1024)}) == 1
    assert len({pad_to_step(n) for n in range(0, 1024 * 1024, 512)}) <= 50
    with pytest.raises(errors.FileTooLarge):
        pad_to_step(MAX_BODY + 1)

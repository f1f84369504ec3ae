"""Our signatures and those of the official minisign are the same thing; nothing else is a signature."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ucmsc_desktop import errors
from ucmsc_desktop.sync import minisign
from ucmsc_desktop.sync.minisign import PublicKey, SigningKey

KEY = SigningKey.from_seed(bytes(range(32)))
BODY = b"line one\nline two\n"
COMMENT = "ucmsc-sync-v1 study=NCT02444455 device=L01"
SIGNED = KEY.sign(BODY, COMMENT)


def test_official_minisign_accepts_our_signature_and_public_key(
    tmp_path: Path, external: Callable[[str], Path]
) -> None:
    (tmp_path / "body").write_bytes(BODY)
    (tmp_path / "body.minisig").write_bytes(SIGNED)
    (tmp_path / "device.pub").write_text(KEY.public.text)
    for key in (["-p", "device.pub"], ["-P", KEY.public.base64]):
        done = subprocess.run(
            [external("minisign"), "-V", "-m", "body", "-x", "body.minisig", *key],
            cwd=tmp_path,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        assert COMMENT in done.stdout
    (tmp_path / "body").write_bytes(BODY + b"x")
    refused = subprocess.run(
        [external("minisign"), "-V", "-m", "body", "-p", "device.pub"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
    )
    assert refused.returncode != 0


@pytest.fixture
def official(tmp_path: Path, external: Callable[[str], Path]) -> tuple[PublicKey, bytes]:
    """Give a public key and a signature of BODY made by the official tool."""
    (tmp_path / "body").write_bytes(BODY)
    for arguments in (["-G", "-W", "-p", "p", "-s", "s"], ["-S", "-m", "body", "-s", "s", "-t", COMMENT]):
        subprocess.run([external("minisign"), *arguments], cwd=tmp_path, check=True, capture_output=True)
    return PublicKey.from_text((tmp_path / "p").read_text()), (tmp_path / "body.minisig").read_bytes()


def test_we_accept_what_the_official_minisign_signed(official: tuple[PublicKey, bytes]) -> None:
    key, signature = official
    assert key.verify(signature, BODY) == COMMENT
    assert minisign.signing_key_id(signature) == key.key_id
    with pytest.raises(errors.SealBroken):
        key.verify(signature, BODY + b"x")


def test_key_number_is_printed_as_the_official_tool_does(
    official: tuple[PublicKey, bytes], tmp_path: Path
) -> None:
    assert (tmp_path / "p").read_text() == official[0].text


def test_public_key_is_read_back_from_either_form() -> None:
    assert PublicKey.from_text(KEY.public.text) == PublicKey.from_text(KEY.public.base64) == KEY.public
    assert PublicKey.from_text(KEY.public.text.replace("\n", "\r\n")) == KEY.public


@pytest.mark.parametrize(
    "text", ["", "x", "RWQ", KEY.public.base64 + "A", "untrusted comment: x", "é\né\né", "RUQ" + "A" * 53]
)
def test_other_text_is_not_a_public_key(text: str) -> None:
    with pytest.raises(errors.SealBroken):
        PublicKey.from_text(text)


def test_every_flipped_bit_of_what_is_signed_is_refused() -> None:
    start = SIGNED.index(b"\n") + 1  # The first line is signed by nobody.
    for at in range(start, len(SIGNED)):
        for bit in range(8):
            flipped = SIGNED[:at] + bytes([SIGNED[at] ^ (1 << bit)]) + SIGNED[at + 1 :]
            with pytest.raises(errors.SealBroken):
                KEY.public.verify(flipped, BODY)


def test_every_shorter_signature_is_refused() -> None:
    for size in range(len(SIGNED)):
        with pytest.raises(errors.SealBroken):
            KEY.public.verify(SIGNED[:size], BODY)


def test_signature_of_another_key_with_the_same_number_is_refused() -> None:
    other = SigningKey(bytes(32), KEY.key_id)
    with pytest.raises(errors.SealBroken):
        KEY.public.verify(other.sign(BODY, COMMENT), BODY)


def test_comment_cannot_be_moved_to_another_signature() -> None:
    mine, other = SIGNED.split(b"\n"), KEY.sign(b"other", "other comment").split(b"\n")
    mixed = b"\n".join((*mine[:2], *other[2:]))
    with pytest.raises(errors.SealBroken):
        KEY.public.verify(mixed, BODY)


@pytest.mark.parametrize("comment", ["two\nlines", "x" * 1025, "nul\0", "bell\a"])
def test_comment_that_is_not_one_printable_line_is_never_signed(comment: str) -> None:
    with pytest.raises(errors.BugError):
        KEY.sign(BODY, comment)


def test_seed_does_not_show() -> None:
    assert repr(KEY.seed)[2:-1] not in repr(KEY)
    assert SigningKey.generate() != SigningKey.generate()


def test_signature_and_body_are_cut_apart_exactly() -> None:
    assert minisign.split_signed(SIGNED + BODY) == (SIGNED, BODY)
    assert minisign.split_signed(SIGNED) == (SIGNED, b"")
    for text in (b"", b"\n\n\n", SIGNED[:-1], b"x" * 100_000 + SIGNED):
        with pytest.raises(errors.SealBroken):
            minisign.split_signed(text)

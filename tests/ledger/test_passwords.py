"""Passwords that fall first are refused, in any spelling; the offered passphrase always passes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucmsc_desktop import errors
from ucmsc_desktop.ledger import passwords
from ucmsc_desktop.ledger.passwords import check_password, new_passphrase

GOOD = [
    "kettle-orbit-maple-92",
    "bida-moke-tuso-rafe",
    "窗外的雨声让人想起老家的院子",
    "Vq7#mRz2!xKd",
    "blue gate over nine rivers",
]
BAD = [
    "short-pass1",
    "aaaaaaaaaaaa",
    "abababababab",
    "xk9xk9xk9xk9",
    "123456789012",
    "qwertyuiop12",
    "1qaz2wsx3edc",
    "0987654321098",
    "Password1234",
    "P@ssw0rd!!!!",
    "!!welcome2026",
    "WelcomePassword1",
    "summerwinter2025",
    "woaini5201314",
    "Clinical-Trial-2026",
    "stemcell!stemcell",
    "ｐａｓｓｗｏｒｄ１２３４",
    "nurse.qing.1",
    "nurse.qing123",
    "NURSE.QING-2026",
    "with\x00control-char",
    "x" * 200 + "yz!" * 40,
]


@pytest.mark.parametrize("password", GOOD)
def test_long_unguessable_password_is_accepted(password: str) -> None:
    check_password(password, "nurse.qing")


@pytest.mark.parametrize("password", BAD)
def test_guessable_password_is_refused_with_a_reason_in_both_languages(password: str) -> None:
    with pytest.raises(errors.WeakPassword) as caught:
        check_password(password, "nurse.qing")
    assert password not in str(caught.value)
    assert "{" not in "".join(caught.value.parts("en") + caught.value.parts("zh"))


@given(st.text(max_size=11))
def test_fewer_than_twelve_characters_are_never_enough(password: str) -> None:
    if len(passwords.normalised(password)) < passwords.MIN_LENGTH:
        with pytest.raises(errors.WeakPassword):
            check_password(password, "nurse.qing")


@given(st.text(max_size=300))
def test_any_text_is_accepted_or_refused_without_another_error(password: str) -> None:
    try:
        check_password(password, "nurse.qing")
    except errors.WeakPassword:
        assert True


def test_passphrase_has_four_words_and_at_least_44_bits() -> None:
    phrases = {new_passphrase() for _ in range(200)}
    assert len(phrases) == 200
    assert passwords.passphrase_bits() >= 44
    for phrase in phrases:
        assert len(phrase.split("-")) == 4
        check_password(phrase, "nurse.qing")


def test_every_syllable_is_counted_once() -> None:
    assert len(set(passwords._SYLLABLES)) == len(passwords._SYLLABLES)


def test_missing_list_refuses_instead_of_accepting_everything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(passwords, "resources_dir", lambda: tmp_path)
    passwords.common_passwords.cache_clear()
    with pytest.raises(errors.ResourceMissing):
        check_password("kettle-orbit-maple-92", "nurse.qing")
    passwords.common_passwords.cache_clear()

"""The codes on labels: what is printed is read back, and what is typed wrong is never taken for another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.specimen import ALPHABET, LabelCode, check_character, read, recorded, tube

SUBJECTS = st.builds(lambda site, serial: f"{site:02d}-{serial:03d}", st.integers(1, 99), st.integers(1, 999))
VISITS = st.sampled_from([p.visit for p in load_study().schedule if p.form == "F10"])
CODES = st.one_of(
    st.builds(LabelCode, SUBJECTS),
    st.builds(tube, SUBJECTS, VISITS, st.integers(1, 99), st.integers(0, 6)),
)


def test_the_check_character_is_that_of_the_published_example():
    # The example of the IFPI's Global Release Identifier, which takes the same system: A1-2425G-ABC1234002-M.
    assert check_character("A1-2425G-ABC1234002") == "M"
    assert check_character("01-003") == check_character("01003")


def test_what_is_recorded_is_what_the_form_asks_for():
    assert tube("01-001", "D1").plain == "01-001-D1-0"
    assert tube("01-001", "D1", aliquot=3).plain == "01-001-D1-3"
    assert tube("01-001", "UNS", n=2, aliquot=1).plain == "01-001-UNS-11"


@given(CODES)
def test_every_code_is_read_back_from_both_spellings_in_either_case(code):
    for text in (code.printed, code.packed):
        assert read(text) == code
        assert read(f" {text.lower()} ") == code
    assert recorded(code.printed) == recorded(code.packed) == code.plain


@given(CODES, st.data())
def test_one_wrong_character_is_never_read_as_another_code(code, data):
    text = code.printed
    at = data.draw(st.integers(0, len(text) - 1).filter(lambda n: text[n] != "-"))
    wrong = data.draw(st.sampled_from(sorted(set(ALPHABET) - {text[at]})))
    try:
        found = read(text[:at] + wrong + text[at + 1 :])
    except ValueError:
        return
    assert found is None


@given(CODES)
def test_the_number_of_the_record_and_of_the_aliquot_are_told_apart(code):
    again = tube(code.subject, code.visit, code.n, code.aliquot) if code.visit else LabelCode(code.subject)
    assert again == code


@pytest.mark.parametrize(
    "text", ["", "UCMSC-2026-0007", "01-003", "01-001-D1-0", "0100", "]d2010123", "12345678"]
)
def test_what_is_no_label_of_ours_is_left_alone(text):
    assert read(text) is None
    assert recorded(text) == text


def test_a_wrong_check_character_is_said_and_not_guessed():
    wrong = "01-003-D1-0-" + next(c for c in ALPHABET if c != check_character("01-003-D1-0"))
    with pytest.raises(ValueError, match="01-003"):
        read(wrong)
    assert recorded(wrong) == wrong

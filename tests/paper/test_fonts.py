"""Coverage, line breaking, and what cannot be printed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ucmsc_desktop import paths
from ucmsc_desktop.errors import FontsMissing, GlyphMissing
from ucmsc_desktop.paper.fonts import NOT_FIRST, NOT_LAST, Subset, library, pieces

PRINTABLE = "abc XYZ 0123 ，。（）《》中文不适用研究者 ⁶₂☐☑▲×≤°µ-/“”"


def test_superscripts_and_boxes_come_from_the_symbols_face():
    fonts = library("zh")
    assert [(r.face, r.text) for r in fonts.runs("×10⁶/kg ☐是")] == [
        (0, "×10"),
        (2, "⁶"),
        (0, "/kg "),
        (2, "☐"),
        (0, "是"),
    ]


def test_bold_text_uses_the_bold_face():
    assert [r.face for r in library("zh").runs("剂量", "bold")] == [1]


def test_quotation_marks_are_narrow_in_english_and_wide_in_chinese():
    assert library("en").width("“", 10) < library("zh").width("“", 10)


@pytest.mark.parametrize(
    ("char", "code"),
    [("😀", "U+1F600"), ("א", "U+05D0"), ("ع", "U+0639"), ("\u202e", "U+202E"), ("\x07", "U+0007")],
)
def test_a_character_without_a_glyph_is_an_error_that_names_only_its_code(char: str, code: str):
    with pytest.raises(GlyphMissing) as caught:
        library("en").width(f"secret{char}", 8)
    assert caught.value.details == {"char": code}
    assert "secret" not in str(caught.value)


def test_a_missing_fonts_folder_is_told_even_after_the_fonts_were_read(tmp_path, monkeypatch):
    library("en")
    monkeypatch.setattr(paths, "resources_dir", lambda: tmp_path)
    with pytest.raises(FontsMissing):
        library("en")


@given(st.text(PRINTABLE, max_size=120), st.floats(25, 300))
def test_wrapping_loses_nothing_but_blanks_and_keeps_the_width(text: str, width: float):
    fonts = library("zh")
    lines = fonts.wrap(text, 8, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    for line in lines:
        assert fonts.width(line.rstrip(" "), 8) <= width + 0.01 or len(line) == 1


def test_a_very_long_word_is_broken_inside():
    lines = library("en").wrap("x" * 500, 8, 100)
    assert len(lines) > 10
    assert "".join(lines) == "x" * 500


def test_line_breaks_in_a_value_are_kept():
    assert library("en").wrap("one\ntwo\r\nthree", 8, 200) == ("one", "two", "three")


def test_no_line_begins_with_closing_punctuation_or_ends_with_opening():
    text = "受试者已签署知情同意书（版本2.0），并完成全部检查；结果见报告《动脉血气》。" * 4
    for width in range(40, 220, 7):
        lines = library("zh").wrap(text, 8, float(width))
        assert not [line for line in lines[1:] if line[0] in NOT_FIRST]
        assert not [line for line in lines[:-1] if line[-1] in NOT_LAST]


def test_pieces_join_to_the_text():
    text = "PaO2/FiO2 (氧合指数) 200 mmHg，单位 kPa/mmHg"
    assert "".join(pieces(text)) == text


def test_two_characters_that_share_a_glyph_keep_codes_of_their_own():
    face = library("zh").faces[0]
    by_glyph: dict[int, list[str]] = {}
    for code, glyph in face.charToGlyph.items():
        by_glyph.setdefault(glyph, []).append(chr(code))
    twins = next(chars for chars in by_glyph.values() if len(chars) > 1)
    subset = Subset(face)
    codes = subset.encode("".join(twins[:2]))
    assert codes[:4] != codes[4:8]
    assert subset.glyph_ids()[1] == subset.glyph_ids()[2]
    for char in twins[:2]:
        assert char.encode("utf-16-be").hex().upper().encode() in subset.to_unicode()

"""Labels: each symbol of each size is read back at the printer's own dots, and says what the words beside it say."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from tests.paper import reading, story
from ucmsc_desktop.errors import BugError
from ucmsc_desktop.i18n import LANGS
from ucmsc_desktop.paper import labels, symbols
from ucmsc_desktop.paper.labels import Label
from ucmsc_desktop.study.label_plan import LabelPlan
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.specimen import LabelCode, tube

VISITS = [p.visit for p in load_study().schedule if p.form == "F10"]
CODES = [
    LabelCode("01-003"),
    *(tube("01-003", v, n=2 if v == "UNS" else 1, aliquot=a) for v in VISITS for a in (0, 4)),
    tube("01-003", "UNS", n=12, aliquot=4),  # three digits are the longest
]
TRIAL = {"en": "NCT02444455 UC-MSC in acute lung injury", "zh": "NCT02444455 脐带间充质干细胞治疗急性肺损伤"}


def plan_of(dpi: int) -> LabelPlan:
    return load_study().labels.model_copy(update={"dpi": dpi})


def label_of(code: LabelCode, lang: str, *, is_reprint: bool = False) -> Label:
    if not code.visit:
        return Label(code, "ZHHO", TRIAL[lang], is_reprint=is_reprint)
    point = load_study().visit_by_id[code.visit].title.get(lang)  # type: ignore[arg-type]
    what = {"en": ("Tube", "Aliquot 4"), "zh": ("采血管", "分装管4")}[lang][bool(code.aliquot)]
    return Label(code, "ZHHO", TRIAL[lang], point, what, "2026-03-04 14:12–15:12", is_reprint)


def printed(tmp_path: Path, found: list[Label], lang: str = "en", dpi: int = 203, **options: object) -> Path:
    out = tmp_path / f"labels-{lang}-{dpi}.pdf"
    labels.render(out, found, story.head(lang), lang, plan=plan_of(dpi), **options)  # type: ignore[arg-type]
    return out


def pictures(external: reading.External, pdf: Path, dpi: int) -> list[Image.Image]:
    """Draw the pages as a printer without greys would."""
    reading.run(external, "pdftoppm", "-r", dpi, "-mono", pdf, pdf.with_suffix(""))
    return [Image.open(p).convert("L") for p in sorted(pdf.parent.glob(f"{pdf.stem}-*.pbm"))]


def read(picture: Image.Image) -> dict[str, str]:
    # A scanner sees the white of the backing paper around a label; the page ends at its edge.
    around = Image.new("L", (picture.width + 80, picture.height + 80), 255)
    around.paste(picture, (40, 40))
    return {str(r.format).replace(" ", ""): r.text for r in zxingcpp.read_barcodes(around)}


@pytest.mark.parametrize("dpi", [203, 300])
@pytest.mark.parametrize("lang", LANGS)
def test_every_symbol_of_every_label_is_read_back(tmp_path, external, lang, dpi):
    pdf = printed(tmp_path, [label_of(c, lang, is_reprint=True) for c in CODES], lang, dpi)
    reading.assert_sound(external, pdf)
    found = pictures(external, pdf, dpi)
    assert len(found) == len(CODES)
    for code, picture in zip(CODES, found, strict=True):
        wanted = {"DataMatrix": code.printed}
        if code.kind != "aliquot":
            wanted["Code128"] = code.packed
        assert read(picture) == wanted


@pytest.mark.parametrize(("dpi", "cell", "bar"), [(203, 4, 2), (300, 6, 3)])
def test_cells_and_bars_are_whole_dots_of_the_printer(tmp_path, external, dpi, cell, bar):
    pdf = printed(tmp_path, [label_of(tube("01-003", "6H"), "en")], dpi=dpi)
    (picture,) = pictures(external, pdf, dpi)
    assert cell == symbols.dots(0.5, dpi)
    assert bar == symbols.dots(0.25, dpi)
    margin = symbols.dots(1.5, dpi)
    size = 16 * cell
    matrix = picture.crop((picture.width - margin - size, margin, picture.width - margin, margin + size))
    assert dark_runs(matrix, size - 1) == [size]  # the solid lower edge, from end to end
    for y in range(size):
        assert all(run % cell == 0 for run in dark_runs(matrix, y))
    middle = picture.height - symbols.dots(1, dpi) - symbols.dots(2.6, dpi) - symbols.dots(3.5, dpi)
    runs = dark_runs(picture, middle)
    assert len(runs) == 9 * 3 + 4  # start, 01, 00, to B, 3, 6, H, 0 … three bars each, the stop has four
    assert all(run % bar == 0 and run <= 4 * bar for run in runs)


def dark_runs(picture: Image.Image, y: int) -> list[int]:
    row = [picture.getpixel((x, y)) for x in range(picture.width)]
    return [len(list(group)) for dark, group in groupby(row, lambda p: p == 0) if dark]


@pytest.mark.parametrize("dpi", [203, 300])
def test_a_label_has_its_true_size(tmp_path, external, dpi):
    pdf = printed(tmp_path, [label_of(c, "en") for c in CODES[:3]], dpi=dpi)
    for page, (width, height) in enumerate([(50, 30), (50, 30), (33, 13)], start=1):
        info = reading.run(external, "pdfinfo", "-f", page, "-l", page, pdf)
        size = next(line for line in info.splitlines() if line.startswith("Page") and "size" in line).split()
        found = [float(size[-4]) / 72 * 25.4, float(size[-2]) / 72 * 25.4]
        assert found == pytest.approx([width, height], abs=25.4 / dpi / 2 + 0.001)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("code", CODES, ids=str)
def test_the_words_say_number_initials_point_and_code_and_none_is_cut(tmp_path, external, lang, code):
    label = label_of(code, lang, is_reprint=True)
    text = reading.squeezed(reading.text_of(external, printed(tmp_path, [label], lang)))
    wanted = [code.subject, "ZHHO", label.point, label.what, label.window, code.printed, "NCT02444455"]
    for words in wanted:
        assert reading.squeezed(words) in text
    assert {"en": "REPRINT", "zh": "补打"}[lang] in text


def test_only_a_reprint_says_so(tmp_path, external):
    text = reading.text_of(external, printed(tmp_path, [label_of(c, "en") for c in CODES[:3]]))
    assert "REPRINT" not in text


def test_sheets_hold_labels_in_rows_and_columns_from_the_first_free_place(tmp_path, external):
    sheet = load_study().labels.sheet
    places = sheet.columns * sheet.rows
    pdf = printed(tmp_path, [label_of(CODES[1], "en")] * places, layout="sheet", skip=4)
    found = pictures(external, pdf, 300)
    assert len(found) == 2  # four places of the first were left free
    assert found[0].size == (2481, 3508)
    counted = [
        sum(r.format == zxingcpp.BarcodeFormat.DataMatrix for r in zxingcpp.read_barcodes(p)) for p in found
    ]
    assert counted == [places - 4, 4]
    first = found[0].crop((0, 0, 2481, symbols.dots(float(sheet.top_mm) + 30, 300)))
    assert not zxingcpp.read_barcodes(first)  # the first row was used


@pytest.mark.parametrize("layout", ["roll", "sheet"])
def test_the_same_labels_give_the_same_bytes(tmp_path, layout):
    found = [label_of(c, "zh") for c in CODES]
    one, two = tmp_path / "one.pdf", tmp_path / "two.pdf"
    for out in (one, two):
        labels.render(out, found, story.head("zh"), "zh", plan=plan_of(203), layout=layout)
    assert one.read_bytes() == two.read_bytes()
    labels.render(
        two, [replace(found[0], is_reprint=True), *found[1:]], story.head("zh"), "zh", plan=plan_of(203)
    )
    assert one.read_bytes() != two.read_bytes()


def test_a_label_too_narrow_for_its_bars_is_refused_and_leaves_no_file(tmp_path):
    plan = plan_of(203)
    narrow = plan.sizes["tube"].model_copy(update={"width_mm": 30})
    plan = plan.model_copy(update={"sizes": {**plan.sizes, "tube": narrow}})
    with pytest.raises(BugError):
        labels.render(tmp_path / "x.pdf", [label_of(CODES[1], "en")], story.head("en"), "en", plan=plan)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "text", ["01003D10K", "010036H0K", "01003K", "12", "1", "AB123456", "A1234567B", "a~ 9", "0123456789"]
)
def test_code_128_is_read_back_whatever_its_character_sets(text):
    symbol = symbols.code128(text, 2, 60)
    picture = Image.new("L", (symbol.width + 80, 100), 255)
    for x, y, width, height in symbol.boxes:
        picture.paste(0, (40 + x, 20 + y, 40 + x + width, 20 + y + height))
    assert [r.text for r in zxingcpp.read_barcodes(picture)] == [text]


def test_digits_go_in_pairs_so_that_the_bars_stay_short():
    assert symbols.values("0100") == (105, 1, 0, (105 + 1 * 1 + 2 * 0) % 103, 106)
    assert len(symbols.values("01003UNS10K")) * 11 + 2 == 145


@pytest.mark.parametrize("text", ["", "条码", "a\n"])
def test_code_128_refuses_what_it_cannot_say(text):
    with pytest.raises(ValueError, match="ASCII"):
        symbols.code128(text, 2, 60)


def test_a_plan_that_runs_over_the_edge_of_the_paper_is_refused():
    whole = load_study().labels.model_dump()
    with pytest.raises(ValueError, match="A4"):
        LabelPlan.model_validate({**whole, "sheet": {**whole["sheet"], "columns": 4}})

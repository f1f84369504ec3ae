"""The casebook: order, contents, corrections, signatures, privacy, page numbers, archive format, memory."""

from __future__ import annotations

import re
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from tests.paper import reading, story
from ucmsc_desktop.errors import GlyphMissing
from ucmsc_desktop.i18n import LANGS, Text
from ucmsc_desktop.paper import casebook
from ucmsc_desktop.paper.trail import Record, spans
from ucmsc_desktop.record.events import Cell, Draft
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import key_for
from ucmsc_desktop.trend.vitals import trend_of


@pytest.fixture(scope="module")
def books(tmp_path_factory) -> dict[str, tuple[Path, casebook.Made]]:
    folder = tmp_path_factory.mktemp("casebook")
    made = {}
    for lang in LANGS:
        out = folder / f"{lang}.pdf"
        made[lang] = (out, casebook.render(out, story.eventful(), story.head(lang), lang, story.NOW))
    return made


def pages_of(external: reading.External, pdf: Path) -> list[str]:
    return reading.text_of(external, pdf).split("\f")[:-1]


@pytest.mark.parametrize("lang", LANGS)
def test_the_file_is_sound_and_says_title_and_language(books, external, lang):
    out, made = books[lang]
    reading.assert_sound(external, out)
    info = reading.run(external, "pdfinfo", out)
    assert re.search(r"^Title:\s+NCT02444455 .+ 01-001$", info, re.MULTILINE)
    assert re.search(rf"^Pages:\s+{made.pages}$", info, re.MULTILINE)
    assert (b"/Lang (zh-CN)" if lang == "zh" else b"/Lang (en-GB)") in out.read_bytes()
    assert b"Helvetica" not in out.read_bytes()


@pytest.mark.parametrize("lang", LANGS)
def test_every_page_tells_its_number_the_total_and_where_the_log_stood(books, external, lang):
    out, made = books[lang]
    pages = pages_of(external, out)
    assert len(pages) == made.pages
    for n, page in enumerate(pages, start=1):
        flat = reading.squeezed(page)
        wanted = Text(f"Page {n} of {made.pages}", f"第 {n} 页 / 共 {made.pages} 页").get(lang)
        assert reading.squeezed(wanted) in flat
        for fact in (
            "NCT02444455",
            "1.0 / 2015-05-08",
            "01-001",
            "0123456789abcdef",
            "ward-a1",
            "1234",
            "+08:00",
            "0.1.0",
        ):
            assert reading.squeezed(fact) in flat, (n, fact)
        assert re.search(Text(r"includes\d+correction", "含修改记录\\d+条").get(lang), flat)


@pytest.mark.parametrize("lang", LANGS)
def test_the_contents_give_the_page_on_which_each_record_begins(books, external, lang):
    out, _ = books[lang]
    pages = pages_of(external, out)
    state = story.eventful()
    rows = pages[1].splitlines()
    for key in state.record.forms:
        form = state.study.forms[key.form]
        name = f"{form.id} {form.title.get(lang)}"
        numbers = [int(m[1]) for row in rows if name in row and (m := re.search(r" (\d+)$", row))]
        assert numbers, key
        for n in numbers:
            assert reading.squeezed(name) in reading.squeezed(pages[n - 1])
            # The title of a form stands on its first page alone: number and title there, both in head and heading.
            assert reading.squeezed(pages[n - 1]).count(reading.squeezed(form.title.get(lang))) >= 2


def test_records_stand_in_visit_order(books, external):
    out, _ = books["en"]
    text = reading.text_of(external, out)
    body = text[text.index("Screening and demographics", text.index("Contents") + 2000) :]
    places = [
        body.index(t)
        for t in (
            "Infusion 1 (Day 0)",
            "6 h after infusion",
            "Day 2\n",
            "Medication no. 1",
            "Medication no. 3",
        )
    ]
    assert places == sorted(places)


@pytest.mark.parametrize("lang", LANGS)
def test_no_name_and_no_hospital_number_is_printed(books, external, lang):
    out, _ = books[lang]
    text = reading.squeezed(reading.text_of(external, out))
    for part in ("Fictia", "Testperson", "4711", "Newname"):
        assert part not in text
    assert reading.squeezed(Text("kept at site", "仅存于研究中心").get(lang)) in text


def test_the_correction_table_shows_old_new_who_when_and_why(books, external):
    out, _ = books["en"]
    text = re.sub(r"\s+", " ", reading.text_of(external, out))
    assert re.search(
        r"\d+\. pH 7\.38 7\.31 Doctor Two 测试医生 02-Mar-2026 \d\d:\d\d:\d\d \+08:00 Digit misread 看错一位",
        text,
    )
    assert re.search(
        r"\d+\. pH 7\.31 7\.32 Nurse One 测试护士 02-Mar-2026 \d\d:\d\d:\d\d \+08:00 Second look", text
    )
    assert "Tube broken 冻存管破裂" in text


def test_the_old_value_is_struck_through_and_the_new_one_is_not(tmp_path):
    from ucmsc_desktop.paper.parts import Span

    drawn: list[Span] = []
    original = Span.__init__

    def spy(self: Span, *args: object, **kwargs: object) -> None:
        original(self, *args, **kwargs)  # type: ignore[arg-type]
        drawn.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Span, "__init__", spy)
        casebook.render(tmp_path / "x.pdf", story.eventful(), story.head(), "en", story.NOW)
    struck = {s.text for s in drawn if s.struck}
    assert {"7.38", "7.31", "whole row"} <= struck
    assert "7.32" not in struck


def test_the_number_of_corrections_is_what_people_changed(external):
    state = story.eventful()
    for key, facts in state.record.forms.items():
        record = Record(FormState(state, key, story.NOW), story.head(), "en")
        assert record.count == facts.changes + len(facts.strikes)


def test_a_conflict_prints_both_entries_with_their_devices(books, external):
    out, _ = books["en"]
    text = re.sub(r"\s+", " ", reading.text_of(external, out))
    section = text[text.index("Conflicts: two entries made independently") :][:600]
    assert "66 mmHg" in section
    assert "ward-a1" in section
    assert "ward-b2" in section


def test_a_signature_says_all_that_is_required_and_whether_it_holds(books, external):
    out, _ = books["en"]
    text = re.sub(r"\s+", " ", reading.text_of(external, out))
    state = story.eventful()
    signatures = [s for r in state.record.forms.values() for s in r.signatures]
    assert {s.voided for s in signatures} == {True, False}
    assert "my electronic signature is the legally binding equivalent of my handwritten signature" in text
    assert "Reviewed and approved" in text
    assert "dr.two · investigator" in text
    assert "VALID at print time" in text
    assert "VOIDED by a later change" in text
    assert "CHANGED AFTER SIGNATURE" in text
    for signature in signatures:
        assert signature.id[:32] in text


@pytest.mark.parametrize("lang", LANGS)
def test_boxes_for_signatures_by_hand_stand_at_each_record(books, external, lang):
    out, _ = books[lang]
    flat = reading.squeezed(reading.text_of(external, out))
    for text in (Text("Recorded by", "记录人"), Text("Checked by", "核对人"), Text("Investigator", "研究者")):
        assert flat.count(reading.squeezed(text.get(lang))) >= len(story.eventful().record.forms)


def test_the_same_state_and_head_give_the_same_bytes(books, tmp_path):
    out, made = books["zh"]
    again = casebook.render(tmp_path / "again.pdf", story.eventful(), story.head("zh"), "zh", story.NOW)
    assert again == made
    assert (tmp_path / "again.pdf").read_bytes() == out.read_bytes()


def test_the_same_bytes_come_from_another_process(tmp_path):
    code = (
        "from pathlib import Path; from tests.paper import story\n"
        "from ucmsc_desktop.paper import crf; from ucmsc_desktop.study.load import load_study\n"
        "s = load_study()\n"
        f"print(crf.render(Path({str(tmp_path / 'p.pdf')!r}), [s.forms['F9']], story.head(blank=True), 'zh', study=s).sha256)"
    )
    root = Path(__file__).resolve().parents[2]
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=root,
            env={"PYTHONHASHSEED": seed, "PATH": ""},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


def test_one_character_that_cannot_be_printed_leaves_no_casebook(tmp_path):
    tale = story.Story()
    form = tale.study.forms["F13"]
    item = next(i for i in form.items() if i.type == "text")
    tale.set(key_for(form, n=1), Cell(item.id), "\U0001f600")
    with pytest.raises(GlyphMissing):
        casebook.render(tmp_path / "x.pdf", tale.state(), story.head(), "en", story.NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_participant_without_data_has_a_cover_and_contents(tmp_path, external):
    tale = story.Story()
    tale.add(Draft("SubjectCreated", story.SUBJECT))
    made = casebook.render(tmp_path / "x.pdf", tale.state(), story.head(), "en", story.NOW)
    assert made.pages == 2
    assert "no data" in reading.text_of(external, tmp_path / "x.pdf")


@pytest.mark.parametrize("lang", LANGS)
def test_the_blank_casebook_has_cover_instructions_schedule_and_every_form(tmp_path, external, lang):
    state = story.eventful()
    out = tmp_path / "blank.pdf"
    casebook.render_blank(out, state.study, state.site, story.head(lang, blank=True), lang)
    reading.assert_sound(external, out)
    flat = reading.squeezed(reading.text_of(external, out))
    for text in (Text("How to fill in this form", "填写说明"), Text("Schedule", "研究流程图")):
        assert reading.squeezed(text.get(lang)) in flat
    for form in state.study.forms.values():
        assert reading.squeezed(f"{form.id} {form.title.get(lang)}") in flat
    for page in reading.text_of(external, out).split("\f")[:-1]:
        head = reading.squeezed(page).partition("方案版本/日期")[0]
        assert "草稿" not in head
    assert "DRAFT" not in flat


@pytest.mark.parametrize("lang", LANGS)
def test_the_file_meets_the_archive_format(books, reference_data, lang):
    out, _ = books[lang]
    gate = reference_data / "pdf" / "pdfa_check.py"
    done = subprocess.run([sys.executable, gate, out], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_memory_does_not_grow_with_the_number_of_pages(tmp_path):
    from ucmsc_desktop.paper import crf

    form = story.eventful().study.forms["F9"]

    def peak(count: int) -> int:
        tracemalloc.start()
        crf.render(tmp_path / f"{count}.pdf", [form] * count, story.head(blank=True), "en")
        _, top = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return top

    peak(2)
    few, many = peak(5), peak(25)
    # Per page only its object number, its offset and a bookmark stay: well under 2 KB.
    assert many - few < 20 * 5 * 2048


def test_a_filled_casebook_stays_small(books):
    out, made = books["en"]
    content = 0
    for match in re.finditer(rb"/Contents (\d+) 0 R", out.read_bytes()):
        length = re.search(rb"\n%s 0 obj\n<< /Filter /FlateDecode /Length (\d+)" % match[1], out.read_bytes())
        assert length
        content += int(length[1])
    assert content / made.pages < 20_000


def test_row_numbers_are_written_shortly():
    assert spans([3, 1, 2, 5, 7, 8]) == "1–3, 5, 7–8"


@pytest.mark.parametrize("lang", LANGS)
def test_vital_signs_and_course_are_drawn_with_their_last_values(tmp_path, external, lang):
    out = tmp_path / "book.pdf"
    casebook.render(out, story.every_form_filled(), story.head(lang), lang, story.NOW)
    reading.assert_sound(external, out)
    drawn = {
        title: next(p for p in pages_of(external, out) if p.count(title.get(lang)) > 1)
        for title in (casebook.VITALS, casebook.COURSE)
    }
    for title, word in (
        (casebook.VITALS, Text("Pulse rate", "脉率")),
        (casebook.COURSE, Text("IL-8", "IL-8")),
    ):
        assert word.get(lang) in drawn[title]
    state = story.every_form_filled()
    view = next(v for v in story.form_states(state) if v.form.id == "F7")
    pulse = next(panel for panel in trend_of(view).panels if panel.title.en == "Pulse rate")
    assert pulse.latest in drawn[casebook.VITALS].split()

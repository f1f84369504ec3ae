"""The report of a serious adverse event: every label and value comes back from the file, in both languages."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from tests.paper.reading import External, assert_sound, run, squeezed, text_of
from tests.paper.story import NOW, SECRET, SUBJECT, Story, every_form_filled, head
from ucmsc_desktop.i18n import LANGS, Lang
from ucmsc_desktop.paper import answers, sae_report, sae_words
from ucmsc_desktop.paper.sae_report import Report
from ucmsc_desktop.record import around
from ucmsc_desktop.record.events import Cell, Draft, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.values import Number, PartialDate

EVENT = FormKey("F14", "LOG", 1)
ITEMS = {
    "F14": (*sae_words.EVENT, *sae_words.SERIOUSNESS, *sae_words.JUDGEMENT, *sae_words.ACTION, *sae_words.REPORTING, "sae_narrative"),
    "F15": sae_words.DEATH,
    "F1": sae_words.PERSON,
    "F4": sae_words.HISTORY,
    "F6": sae_words.PRODUCT,
    "F7": sae_words.INFUSION,
    "F13": sae_words.DRUG,
}  # fmt: skip


def printed(
    external: External,
    out: Path,
    state: SubjectState,
    lang: Lang,
    report: Report | None = None,
    now: datetime = NOW,
) -> str:
    sae_report.render(out, state, EVENT, report or Report("INITIAL"), head(lang), lang, now)
    assert_sound(external, out)
    return squeezed(text_of(external, out))


@pytest.mark.parametrize("lang", LANGS)
def test_every_label_and_value_comes_back(external: External, tmp_path: Path, lang: Lang) -> None:
    state = every_form_filled()
    text = printed(external, tmp_path / "sae.pdf", state, lang)
    missing = []
    for form, items in ITEMS.items():
        view = FormState(
            state, key_for(state.study.forms[form], "SCR" if form in ("F1", "F4") else "END"), NOW
        )
        for name in items:
            item, value = view.form.by_id[name], view.value(name)
            if not view.is_shown(item):
                continue
            unit = item.unit_label("", lang)
            shown = (
                answers.shown(item, value, lang, head(lang).names).removesuffix(unit)
                if value is not None
                else ""
            )
            parts = [
                item.label.get(lang),
                *(shown.split(", " if lang == "en" else "、") if isinstance(value, tuple) else [shown]),
            ]
            missing += [f"{form} {name}: {p}" for p in parts if squeezed(p) not in text]
    assert missing == []


@pytest.mark.parametrize("lang", LANGS)
def test_what_every_page_and_the_first_say(external: External, tmp_path: Path, lang: Lang) -> None:
    out = tmp_path / "sae.pdf"
    text = printed(external, out, every_form_filled(), lang)
    study = every_form_filled().study
    for said in (
        sae_words.TITLE, sae_words.NOT_SENT, sae_words.DO_SEND, study.title, study.sites[0].name, *sae_words.CLOCK,
    ):  # fmt: skip
        assert squeezed(said.get(lang)) in text
    assert SUBJECT in text
    assert study.registry in text
    pages = int(
        next(x for x in run(external, "pdfinfo", out).splitlines() if x.startswith("Pages:")).split()[1]
    )
    for page in range(1, pages + 1):
        one = squeezed(text_of(external, out, "-f", page, "-l", page))
        assert (f"Page{page}of{pages}" if lang == "en" else f"第{page}页/共{pages}页") in one
        assert "0123456789abcdef" in one  # the head of the chain
        assert squeezed({"en": "DRAFT", "zh": "草稿"}[lang]) in one
    assert squeezed(SECRET) not in text


@pytest.mark.parametrize("lang", LANGS)
def test_initial_follow_up_and_final_name_themselves(external: External, tmp_path: Path, lang: Lang) -> None:
    said = {
        kind: printed(external, tmp_path / f"{kind}.pdf", every_form_filled(), lang, Report(kind, 3))
        for kind in sae_words.KINDS
    }
    titles = {kind: squeezed(text.fill(n=3).get(lang)) for kind, text in sae_words.KINDS.items()}
    for kind, text in said.items():
        top = text.split(squeezed(sae_words.PERSON_TITLE.get(lang)))[
            0
        ]  # below, reports already sent are listed
        assert [k for k, t in titles.items() if t in top] == [kind]
    assert ("no.3" if lang == "en" else "第3次") in titles["FOLLOWUP"]


AWARE = datetime.fromisoformat("2026-03-05T09:00+08:00")


def shock(*, reported: str | None = None, life: str = "Y") -> Story:
    story = Story()
    story.add(Draft("SubjectCreated", SUBJECT))
    story.set(EVENT, Cell("ae_term"), "Shock")
    story.set(EVENT, Cell("ae_onset_dtm"), PartialDate(2026, 3, 5, 8, 30))
    story.set(EVENT, Cell("ae_slife"), life)
    story.set(EVENT, Cell("sae_aware_dtm"), AWARE)
    if reported:
        story.set(EVENT, Cell("sae_reported_dtm"), datetime.fromisoformat(reported))
    return story


@pytest.mark.parametrize("lang", LANGS)
def test_what_happened_and_how_it_was_judged_stands_before_everything_else(
    external: External, tmp_path: Path, lang: Lang
) -> None:
    story = shock()
    form = story.state().study.forms["F14"]
    for name, value in (("ae_grade", "4"), ("ae_rel_msc", "POSS")):
        story.set(EVENT, Cell(name), value)
    text = printed(external, tmp_path / "sae.pdf", story.state(), lang)
    top = text.split(squeezed(sae_words.PERSON_TITLE.get(lang)))[0]
    assert "Shock" in top
    assert squeezed(form.by_id["ae_slife"].label.get(lang)) in top
    for name, value in (("ae_grade", "4"), ("ae_rel_msc", "POSS")):
        item = form.by_id[name]
        assert squeezed(f"{item.label.get(lang)}: {item.shown(value, lang)}") in top
    assert squeezed(f"{form.by_id['ae_out'].label.get(lang)}: {answers.NOT_ENTERED.get(lang)}") in top
    assert squeezed(sae_words.EVENT_NO.fill(n=1).get(lang)) in top  # in the head: not "visit no. 1"


@pytest.mark.parametrize("lang", LANGS)
def test_an_unjudged_event_says_so_at_the_top(external: External, tmp_path: Path, lang: Lang) -> None:
    story = shock(life="N")
    text = printed(external, tmp_path / "sae.pdf", story.state(), lang)
    assert squeezed(sae_words.NO_CRITERION.get(lang)) in text


@pytest.mark.parametrize("lang", LANGS)
def test_an_event_before_any_infusion_says_so_once(external: External, tmp_path: Path, lang: Lang) -> None:
    story = shock()
    story.set(EVENT, Cell("ae_inf_no"), Number(Decimal(0)))
    text = printed(external, tmp_path / "sae.pdf", story.state(), lang)
    assert text.count(squeezed(sae_words.BEFORE.get(lang))) == 1
    form = story.state().study.forms["F14"]
    for item in sae_words.FROM_INFUSION:
        assert squeezed(form.by_id[item].label.get(lang)) not in text, item


@pytest.mark.parametrize(
    ("hours", "reported", "status", "words"),
    [
        (3, None, "open", "21 h 00 min left at printing"),
        (20, None, "soon", "4 h 00 min left at printing"),
        (30, None, "overdue", "6 h 00 min over at printing"),
        (30, "2026-03-06T08:00+08:00", "reported", ""),
        (30, "2026-03-06T10:00+08:00", "late", ""),
    ],
)
def test_the_clock_stands_on_the_first_page(
    external: External, tmp_path: Path, hours: int, reported: str | None, status: str, words: str
) -> None:
    state = shock(reported=reported).state().derive((), AWARE)
    text = printed(external, tmp_path / "c.pdf", state, "en", now=AWARE + timedelta(hours=hours))
    found = [s for s, (word, _) in sae_words.STATES.items() if squeezed(word.en) in text and s != "excused"]
    assert found == [status]
    assert squeezed("05-Mar-2026 09:00") in text
    assert squeezed("06-Mar-2026 09:00") in text
    assert squeezed(words) in text


def test_only_a_valid_signature_makes_it_signed(external: External, tmp_path: Path) -> None:
    story = shock()
    for said, act in (
        ("DRAFT", lambda: story.add(Draft("FormCompleted", SUBJECT, EVENT))),
        ("DRAFT", lambda: story.sign(EVENT, "causality")),
        ("SIGNED", lambda: story.set(EVENT, Cell("ae_out"), "FATAL")),
        ("CHANGEDAFTERSIGNATURE", lambda: None),
    ):
        state = story.state()
        text = printed(external, tmp_path / "s.pdf", state, "en")
        badge = [w for w in ("DRAFT", "CHANGEDAFTERSIGNATURE", "SIGNED") if w in text.split("Protocol1.0")[0]]
        assert badge == [said]
        act()


# --- what is chosen around the event ----------------------------------------------------------------------------------


def surrounded() -> SubjectState:
    story = shock()
    infusion = FormKey("F7", "D0", 1)
    story.set(infusion, Cell("inf_start_dtm"), datetime.fromisoformat("2026-03-05T08:00+08:00"))
    times = ["07:55", "06:29", "06:30", "14:30", "14:31"]
    for row, (at, point) in enumerate(zip(times, ["T0", "UNS", "UNS", "UNS", "UNS"], strict=True), start=1):
        story.set(infusion, Cell("ivs_dtm", row), datetime.fromisoformat(f"2026-03-05T{at}+08:00"))
        story.set(infusion, Cell("ivs_point", row), point)
    for visit, at in (("SCR", "03T08:00"), ("BL", "05T08:29"), ("D2", "07T08:30"), ("D7", "07T08:31")):
        story.set(
            FormKey("F9", visit), Cell("abg_collect_dtm"), datetime.fromisoformat(f"2026-03-{at}+08:00")
        )
    drugs = (
        ("given on", PartialDate(2026, 3, 1), None, None),
        ("stopped within the day", PartialDate(2026, 3, 1), PartialDate(2026, 3, 4, 8, 30), None),
        ("stopped before", PartialDate(2026, 3, 1), PartialDate(2026, 3, 4, 8, 29), None),
        ("begun after", PartialDate(2026, 3, 6), None, None),
        ("begun after, for it", PartialDate(2026, 3, 6), None, 1),
    )
    for n, (name, start, stop, link) in enumerate(drugs, start=1):
        key = FormKey("F13", "LOG", n)
        story.set(key, Cell("cm_name"), name)
        story.set(key, Cell("cm_start"), start)
        if stop is not None:
            story.set(key, Cell("cm_stop"), stop)
        if link is not None:
            story.set(key, Cell("cm_ae_link"), Number(Decimal(link)))
    return story.state().derive((), NOW)


def test_vital_signs_from_two_hours_before_to_six_after_and_the_reference() -> None:
    rows = around.vital_signs(surrounded(), EVENT)
    assert [(r.row, r.is_reference) for r in rows] == [(1, True), (3, False), (4, False)]


def test_the_last_gas_before_and_those_of_two_days_after() -> None:
    assert [k.visit for k in around.gases(surrounded(), EVENT)] == ["BL", "D2"]


def test_drugs_at_the_onset_and_all_for_the_event() -> None:
    found = around.drugs(surrounded(), EVENT)
    assert [(d.key.n, d.is_for_event) for d in found] == [(5, True), (1, False), (2, False)]


@pytest.mark.parametrize(
    ("onset", "first", "last"),
    [
        (PartialDate(2026, 12), "2026-12-01T00:00:00", "2026-12-31T23:59:59"),
        (PartialDate(2026, 2, 3), "2026-02-03T00:00:00", "2026-02-03T23:59:59"),
        (PartialDate(2026), "2026-01-01T00:00:00", "2026-12-31T23:59:59"),
        (PartialDate(2026, 2, 3, 4, 5), "2026-02-03T04:05:00", "2026-02-03T04:05:00"),
    ],
)
def test_what_is_known_of_an_onset_counts_whole(onset: PartialDate, first: str, last: str) -> None:
    span = around.span_of(onset)
    assert span == tuple(datetime.fromisoformat(f"{t}+08:00") for t in (first, last))


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("sent", [0, 2])
def test_the_boxes_to_be_signed_never_stand_alone_on_the_last_page(
    external: External, tmp_path: Path, lang: Lang, sent: int
) -> None:
    """The narrative pushes the end down line by line; wherever the page turns, what was sent goes with the signatures."""
    out, state = tmp_path / "sae.pdf", every_form_filled()
    for row in range(1, sent + 1):
        state = state.with_values(
            EVENT,
            {
                Cell("fu_type", row): "FOLLOWUP",
                Cell("fu_dtm", row): NOW,
                Cell("fu_to", row): ("SPONSOR", "EC"),
            },
        )
    said = squeezed(sae_words.SENT_TITLE.get(lang))
    for lines in range(0, 60, 4):
        told = state.with_values(EVENT, {Cell("sae_narrative"): "\n".join(["Told 所述"] * (lines + 1))})
        made = sae_report.render(out, told, EVENT, Report("INITIAL"), head(lang), lang, NOW)
        last = run(external, "pdftotext", "-f", str(made.pages), "-layout", str(out), "-")
        assert said in squeezed(last), (lines, made.pages)

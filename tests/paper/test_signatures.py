"""The printed block of signatures that are about a part of a record, and of those that several people give."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.paper import reading, story
from ucmsc_desktop.i18n import LANGS, Lang
from ucmsc_desktop.paper import crf
from ucmsc_desktop.record.events import Cell, Draft, FormKey
from ucmsc_desktop.record.form_state import FormState

RUN = FormKey("F7", "D0", 1)
WANTED = {"en": "1 of 2 different persons", "zh": "须由2名不同人员签名，尚缺1名"}
ONLY = {"en": "Signed are only these items", "zh": "本签名仅针对以下条目"}


@pytest.mark.parametrize("lang", LANGS)
def test_a_partial_signature_names_what_it_is_about_and_who_is_missing(
    tmp_path: Path, external: reading.External, lang: Lang
) -> None:
    told = story.Story()
    told.set(RUN, Cell("verify_dtm"), story.NOW)
    data = {"meaning": "verified", "content": "ab" * 32, "covers": ["verify_dtm", "verify_p1", "an_old_item"]}
    told.add(Draft("FormSigned", story.SUBJECT, RUN, data=data), user="dr.two", role="investigator")
    state = FormState(told.state(), RUN, story.NOW)
    out = tmp_path / "f7.pdf"
    crf.render(out, [state], story.head(lang), lang)
    text = reading.squeezed(reading.text_of(external, out))
    assert reading.squeezed(WANTED[lang]) in text
    assert reading.squeezed(ONLY[lang]) in text
    covered = text.split(reading.squeezed(ONLY[lang]))[1]
    for item in ("verify_dtm", "verify_p1"):
        assert reading.squeezed(state.form.by_id[item].label.get(lang)) in covered
    assert "an_old_item" in covered  # not in this version of the form, and told all the same

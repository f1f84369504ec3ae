"""The case report form on paper: blank forms and filled records, in any mixture, from one form model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ucmsc_desktop.errors import BugError
from ucmsc_desktop.i18n import Lang, Text
from ucmsc_desktop.paper.blank import draw_blank
from ucmsc_desktop.paper.filled import draw_filled, visit_text
from ucmsc_desktop.paper.instructions import draw_instructions
from ucmsc_desktop.paper.sheet import Made, PageHead, bookmark, document
from ucmsc_desktop.paper.trail import Record
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.study.model import Form, Study

__all__ = ["Made", "PageHead", "render"]

_TITLE = Text("{registry} case report form", "{registry} 病例报告表")
_TITLE_ONE = Text("{registry} {form}", "{registry} {form}")


def render(
    out: Path,
    pages: Sequence[FormState | Form],
    head: PageHead,
    lang: Lang,
    *,
    study: Study | None = None,
    site_items: bool = False,
) -> Made:
    """Print forms: a `FormState` filled, a `Form` blank. More than one blank form begins with the filling instructions.

    `study` gives blank forms the visits they are planned for; `site_items` prints what otherwise stays at the site.
    Raises: FontsMissing, GlyphMissing, DiskFull, StickReadOnly, WriteFailed; then there is no file.
    """
    if not pages:
        raise BugError("nothing to print")
    if study is None:
        study = next((p.state.study for p in pages if isinstance(p, FormState)), None)
    first = pages[0].form if isinstance(pages[0], FormState) else pages[0]
    one = f"{first.id} {first.title.get(lang)}"
    title = (
        _TITLE_ONE.fill(registry=head.registry, form=one)
        if len(pages) == 1
        else _TITLE.fill(registry=head.registry)
    )
    with document(out, head, lang, title.get(lang)) as sheet:
        if sum(isinstance(p, Form) for p in pages) > 1:
            bookmark(sheet, Text("How to fill in this form", "填写说明").get(lang), draw_instructions(sheet))
        for page in pages:
            if isinstance(page, Form):
                index = draw_blank(sheet, page, study)
                bookmark(sheet, f"{page.id} {page.title.get(lang)}", index)
            else:
                index = draw_filled(sheet, Record(page, head, lang, site_items))
                place = visit_text(page.state.study, page.key).get(lang)
                bookmark(sheet, f"{page.form.id} {page.form.title.get(lang)} · {place}", index)
    return Made(sheet.pdf.page_count, sheet.pdf.sha256)

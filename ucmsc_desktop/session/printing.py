"""Paper as a use case: put the head of every page together and hand the states to the renderer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ucmsc_desktop import __version__
from ucmsc_desktop.errors import UnknownThing
from ucmsc_desktop.i18n import Lang, Text
from ucmsc_desktop.record.course import planned_keys
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.handover import Handover, ScreeningLog
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.study.model import Form, Site, Study

if TYPE_CHECKING:  # reportlab is loaded by the first print, not by the window
    from ucmsc_desktop.paper.sheet import PageHead


@dataclass(frozen=True, slots=True)
class Context:
    """Who prints, when, on which device, on top of which entry of the log."""

    study: Study
    site: Site
    lang: Lang
    user: str
    now: datetime
    device: str
    seq: int
    head: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PdfMade:
    """A PDF as it lies on the disk."""

    path: Path
    sha256: str
    pages: int
    head: str
    lang: Lang


def crf(
    context: Context, out: Path, state: SubjectState | None, *, form: str | None, key: FormKey | None
) -> PdfMade:
    """Print blank forms (no state) or the filled records of a participant.

    Raises: UnknownThing, FontsMissing, GlyphMissing, DiskFull.
    """
    from ucmsc_desktop.paper import crf as renderer

    pages: list[FormState | Form]
    if form is not None and form not in context.study.forms:
        raise UnknownThing(kind=Text("form", "表单"), name=form)
    if state is None:
        pages = [context.study.forms[f] for f in context.study.form_order if form in (None, f)]
    elif key is not None:
        pages = [FormState(state, key, context.now)]
    else:
        pages = [FormState(state, k, context.now) for k in planned_keys(state) if form in (None, k.form)]
    if state is None and form is None:
        from ucmsc_desktop.paper import casebook as whole

        made = whole.render_blank(out, context.study, context.site, _head(context, None), context.lang)
    else:
        made = renderer.render(out, pages, _head(context, state), context.lang, study=context.study)
    return PdfMade(out, made.sha256, made.pages, context.head[:16], context.lang)


def casebook(context: Context, out: Path, state: SubjectState) -> PdfMade:
    """Print everything of a participant. Raises: FontsMissing, GlyphMissing, DiskFull."""
    from ucmsc_desktop.paper import casebook as renderer

    made = renderer.render(out, state, _head(context, state), context.lang, context.now)
    return PdfMade(out, made.sha256, made.pages, context.head[:16], context.lang)


def handover_sheet(context: Context, out: Path, sheet: Handover) -> PdfMade:
    """Print the hand-over sheet. Raises: FontsMissing, GlyphMissing, DiskFull."""
    from ucmsc_desktop.paper import handover as renderer

    made = renderer.render(out, sheet, _head(context, None), context.lang)
    return PdfMade(out, made.sha256, made.pages, context.head[:16], context.lang)


def screening(context: Context, out: Path, log: ScreeningLog) -> PdfMade:
    """Print the log of screen failures. Raises: FontsMissing, GlyphMissing, DiskFull."""
    from ucmsc_desktop.paper import handover as renderer

    made = renderer.render_screening(out, log, _head(context, None), context.lang)
    return PdfMade(out, made.sha256, made.pages, context.head[:16], context.lang)


def _head(context: Context, state: SubjectState | None) -> PageHead:
    from ucmsc_desktop.paper.sheet import PageHead

    study = context.study
    return PageHead(
        registry=study.registry,
        study_title=study.short,
        protocol=f"{study.protocol_version} / {study.protocol_date}",
        site=context.site.id,
        subject=state.subject if state else "",
        printed_by=context.user,
        printed_at=context.now,
        app=__version__,
        device=context.device,
        seq=context.seq,
        chain_head=context.head,
        names=context.names,
    )

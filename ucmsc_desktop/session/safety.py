"""Safety as a use case: the report of a serious event as a file, and a first notice from a row of the flow sheet.

It must never mark an event as reported: that a report reached somebody is what a person confirms (sae_reported_dtm), not
what a printer did.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ucmsc_desktop.errors import UnknownThing
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.session.printing import Context, PdfMade, _head
from ucmsc_desktop.study.values import PartialDate, Value

if TYPE_CHECKING:
    from ucmsc_desktop.paper.sae_words import Kind

PRINT = Text("print a safety report", "打印安全性报告")


def report_number(state: SubjectState, key: FormKey, kind: Kind) -> int:
    """Give the number of the next report of a kind: follow-ups count on from those that were sent."""
    if kind != "FOLLOWUP":
        return 1
    section = next(s for s in state.study.forms["F14"].sections if s.id == "sae_fu")
    sent = [state.operand(key, Cell("fu_type", row)) for row in state.rows(key, section)]
    return sent.count("FOLLOWUP") + 1


def print_report(
    context: Context, out: Path, state: SubjectState, n: int, kind: Kind
) -> tuple[PdfMade, FormKey, int]:
    """Print the report of an adverse event; give the file, the record and the number of the report.

    Raises: UnknownThing where there is no such event, FontsMissing, GlyphMissing, DiskFull.
    """
    from ucmsc_desktop.paper import sae_report as renderer

    key = key_for(state.study.forms["F14"], n=n)
    if key not in state.keys("F14"):
        raise UnknownThing(kind=Text("adverse event", "不良事件"), name=str(n))
    report = renderer.Report(kind, report_number(state, key, kind))
    made = renderer.render(out, state, key, report, _head(context, state), context.lang, context.now)
    return PdfMade(out, made.sha256, made.pages, context.head[:16], context.lang), key, report.number


def first_notice(
    state: SubjectState, infusion: FormKey, row: int
) -> tuple[FormKey, Mapping[Cell, Value | None]]:
    """Plan a new adverse event from a row of the flow sheet: its onset is the time of the row.

    The symptoms need not be copied: the form shows those of the row nearest to the onset by itself.
    Raises: UnknownThing where the row has no time.
    """
    at = state.operand(infusion, Cell("ivs_dtm", row))
    if not isinstance(at, datetime):
        raise UnknownThing(kind=Text("row", "行"), name=str(row))
    number = max((k.n for k in state.keys("F14")), default=0) + 1
    values: dict[Cell, Value | None] = {
        Cell("ae_onset_dtm"): PartialDate(at.year, at.month, at.day, at.hour, at.minute)
    }
    return key_for(state.study.forms["F14"], n=number), values

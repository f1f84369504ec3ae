"""What is to be printed: one order, the work that makes its pages, the name of its file. Knows no widget.

An order is taken when the preview is asked for: what is saved or printed later is named by it, not by what was chosen
meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from ucmsc_desktop.i18n import Lang, tr
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.safety import SaeClock, sae_clock
from ucmsc_desktop.record.titles import record_text
from ucmsc_desktop.session import PdfMade, Session
from ucmsc_desktop.session.labels import Wanted

EVERYBODY = "*"
ReportKind = Literal["INITIAL", "FOLLOWUP", "FINAL"]


@dataclass(frozen=True, slots=True)
class Order:
    """What to print. `form`: a form, a record or an event, by what is printed. `report`: which report of an event.

    `title`: what stands above its pages. `is_roll`: labels for a label printer.
    """

    what: str
    subject: str
    form: str
    lang: Lang
    wanted: Wanted | None = None
    report: str = ""
    title: str = ""
    is_roll: bool = False

    def work(self, session: Session, out: Path) -> Callable[[], PdfMade]:
        """Give what makes the pages, to be run in the worker."""
        paper, lang = session.paper, self.lang
        match self.what:
            case "blank_all":
                return lambda: paper.crf(out, lang=lang)
            case "blank_one":
                return lambda: paper.crf(out, form=self.form, lang=lang)
            case "filled":
                key = FormKey.parse(self.form)
                return lambda: paper.crf(out, subject=self.subject, key=key, lang=lang)
            case "labels":
                whose = None if self.subject == EVERYBODY else self.subject
                return lambda: paper.labels(out, subject=whose, wanted=self.wanted, lang=lang, preview=True)
            case "handover":
                return lambda: session.shift.sheet(out, lang=lang)
            case "screening":
                return lambda: paper.screening_log(out, lang=lang)
            case "sae":
                n, kind = FormKey.parse(self.form).n, cast(ReportKind, self.report)
                return lambda: paper.sae_report(out, self.subject, n, kind, lang=lang)
            case _:
                return lambda: paper.casebook(out, self.subject, lang=lang)

    def file_name(self) -> str:
        """Name the file it is saved as: never with a name of a person."""
        if self.what in ("handover", "screening"):
            return f"ucmsc-{self.what}-{self.lang}.pdf"
        if self.what == "sae":
            return (
                f"ucmsc-{self.subject}-sae-{FormKey.parse(self.form).n}-{self.report.lower()}-{self.lang}.pdf"
            )
        subject = self.subject if self.what in ("filled", "casebook", "labels") else "blank"
        subject = "all" if subject == EVERYBODY else subject
        form = self.form.replace("/", "-") if self.what in ("filled", "blank_one") else ""
        kind = {"blank_all": "crf", "casebook": "casebook", "labels": "labels"}.get(self.what, form)
        return f"ucmsc-{subject}-{kind}-{self.lang}.pdf"


def records(session: Session, subject: str) -> list[tuple[str, str]]:
    """Name the records of a participant that have something in them."""
    keys = session.state(subject).keys()
    return [(str(k), record_text(session.study, k).get()) for k in keys]


def events(session: Session, subject: str) -> list[tuple[str, str]]:
    """Name the serious events of a participant, the most urgent first."""
    clocks = sae_clock(session.state(subject), session.now())
    return [(str(c.key), event_text(c)) for c in clocks]


def event_text(clock: SaeClock) -> str:
    """Name a serious event by number and by what it was called."""
    return tr("SAE {n} · {term}", "SAE {n} · {term}", n=clock.n, term=clock.term or tr("not named yet", "尚未命名"))  # fmt: skip

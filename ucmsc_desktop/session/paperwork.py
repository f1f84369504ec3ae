"""What a person prints: forms, casebook, reports and labels. Each file made is written down with its hash."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from ucmsc_desktop.errors import UnknownThing
from ucmsc_desktop.i18n import Lang, Text
from ucmsc_desktop.record.events import Draft, FormKey
from ucmsc_desktop.record.handover import screening_log
from ucmsc_desktop.session import labels, printing, safety
from ucmsc_desktop.session.core import Core

_ACTION = Text("print", "打印")


class Paper:
    """The paper of one session."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._labels: dict[str, Mapping[str, tuple[str, ...]]] = {}  # codes by file, while only looked at

    def crf(
        self,
        out: Path,
        *,
        subject: str | None = None,
        form: str | None = None,
        key: FormKey | None = None,
        lang: Lang = "en",
    ) -> printing.PdfMade:
        """Print blank forms (no subject) or filled ones. Raises: FontsMissing, GlyphMissing, DiskFull."""
        self._core._require("print", _ACTION)
        state = self._core.state(subject) if subject else None
        made = printing.crf(self._context(lang), out, state, form=form, key=key)
        self._note(made, subject or "", key)
        return made

    def casebook(self, out: Path, subject: str, *, lang: Lang = "en") -> printing.PdfMade:
        """Print everything of a participant. Raises: FontsMissing, GlyphMissing, DiskFull."""
        self._core._require("print", _ACTION)
        made = printing.casebook(self._context(lang), out, self._core.state(subject))
        self._note(made, subject, None)
        return made

    def sae_report(
        self,
        out: Path,
        subject: str,
        n: int,
        kind: Literal["INITIAL", "FOLLOWUP", "FINAL"],
        *,
        lang: Lang = "en",
    ) -> printing.PdfMade:
        """Print the report of serious adverse event n; it is not sent by that. Raises: NotAllowed, UnknownThing, DiskFull."""
        self._core._require("print", safety.PRINT)
        made, key, number = safety.print_report(self._context(lang), out, self._core.state(subject), n, kind)
        self._note(made, subject, key, report=kind, number=number)
        return made

    def screening_log(self, out: Path, *, lang: Lang = "en") -> printing.PdfMade:
        """Print the log of screen failures, without names. Raises: NotAllowed, FontsMissing, GlyphMissing, DiskFull."""
        self._core._require("print", _ACTION)
        made = printing.screening(
            self._context(lang), out, screening_log(self._core.subjects(), self._core.state)
        )
        self._note(made, "", None)
        return made

    def labels(
        self,
        out: Path,
        *,
        subject: str | None = None,
        wanted: labels.Wanted | None = None,
        lang: Lang = "en",
        preview: bool = False,
    ) -> printing.PdfMade:
        """Print labels of a participant, or of all still in the trial; one printed before is marked as a reprint.

        Of a screen failure or one whose trial has ended they are printed on request alone: nothing more is drawn.
        `preview`: they are only looked at; they count as printed once `labels_went_out` says so.
        Raises: NotAllowed, UnknownThing, FontsMissing, GlyphMissing, DiskFull.
        """
        self._core._require("print", _ACTION)
        subjects = [subject] if subject else [s.subject for s in self._core.subjects() if labels.is_wanted(s)]
        states = [
            (self._core.state(s), labels.printed_before(self._core._ledger.subject_events(s)))
            for s in subjects
        ]
        if not states:
            raise UnknownThing(kind=Text("participant", "受试者"), name="")
        made, codes = labels.write(self._context(lang), out, wanted or labels.Wanted(), states)
        self._labels[made.sha256] = codes
        if preview:
            self._note(made, subject or "", None)
        else:
            self.labels_went_out(made)
        return made

    def labels_went_out(self, made: printing.PdfMade) -> None:
        """Record that labels shown before went to a printer or into a file: from now on they are reprints."""
        self._core._require("print", _ACTION)
        for subject, printed in self._labels.pop(made.sha256, {}).items():
            self._note(made, subject, None, labels=list(printed))

    def _context(self, lang: Lang) -> printing.Context:
        head = self._core._ledger.head(self._core.device)
        return printing.Context(
            self._core.study,
            self._core.site,
            lang,
            self._core.account.user,
            self._core.now(),
            self._core.device,
            head.seq,
            head.hash,
            {a.user: a.name for a in self._core._accounts.values()},
        )

    def _note(self, made: printing.PdfMade, subject: str, key: FormKey | None, **more: object) -> None:
        data = {"sha256": made.sha256, "pages": made.pages, "head": made.head, "lang": made.lang}
        self._core._append(
            [Draft("PdfWritten", subject, data={**data, "record": str(key) if key else "", **more})]
        )

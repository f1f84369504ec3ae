"""Blood samples as use cases: a scan is read, a tube is filed under its own time-point, each step is stamped.

Everything is entered through `Entries.enter`, so rights, checks and the log are those of any entry. It must never file a
tube under another time-point than the one on its label, nor guess a time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ucmsc_desktop.errors import LabelMisread, LabelUnknown, UnknownThing
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import labels, samples
from ucmsc_desktop.session.entries import Entries
from ucmsc_desktop.session.samples import Misfit, Sample
from ucmsc_desktop.study.specimen import LabelCode

_NOTHING: Mapping[str, str] = {}


class Sampling:
    """The samples of the participants of one session."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries

    def read(self, text: str) -> LabelCode | None:
        """Read a scanned or typed code. Missing: None for what is no code of this trial.

        A bare number of six digits is as likely a bag or a hospital number: only one of this site can be misread.
        Raises: LabelMisread where its check character is wrong, LabelUnknown where its participant is not here.
        """
        try:
            code = labels.read_code(text)
        except LabelMisread:
            if "-" in text or text.strip().startswith(self._entries.site.id):
                raise
            return None
        if code is None:
            return None
        try:
            self._entries.state(code.subject)
        except UnknownThing as fault:
            raise LabelUnknown(subject=code.subject) from fault
        if code.visit:
            samples.key_of(self._entries.study, code)
        return code

    def of(self, subject: str) -> tuple[Sample, ...]:
        """Give the samples of a participant as they stand."""
        return samples.samples_of(self._entries.state(subject), self._entries.now())

    def one(self, subject: str, key: FormKey) -> Sample:
        """Give one sample as it stands."""
        return samples.sample_of(self._entries.state(subject), key, self._entries.now())

    def under_way(self) -> tuple[Sample, ...]:
        """Give every sample that is drawn and not yet frozen, of all participants, the one to be spun first at the top."""
        found = [
            sample
            for subject in self._entries.subjects()
            for sample in self.of(subject.subject)
            if sample.is_under_way
        ]
        return tuple(sorted(found, key=_next_by))

    def misfit(self, code: LabelCode) -> Misfit | None:
        """Say what is odd about drawing this tube now; None where its window is open."""
        return samples.misfit(self._entries.state(code.subject), code, self._entries.now())

    def draw(
        self,
        subject: str,
        code: LabelCode,
        at: datetime,
        *,
        reason: str = "",
        overrides: Mapping[str, str] = _NOTHING,
    ) -> Change:
        """Record that blood was drawn into a tube at the moment of its scan.

        Raises: TubeNotTheirs, TubeUsed, LabelUnknown, StepBlocked, NotAllowed, ReasonNeeded, FormLocked, DiskFull.
        """
        key, values = samples.draw(self._entries.state(subject), code, at)
        return self._entries.enter(
            subject, key, values, origin="stamped", reason=reason, overrides=overrides, ask=False
        )

    def file_aliquot(
        self, code: LabelCode, at: datetime, *, overrides: Mapping[str, str] = _NOTHING
    ) -> Change:
        """Record an aliquot on its way into the freezer; one that is recorded already changes nothing.

        Raises: BloodNotDrawn, LabelUnknown, StepBlocked, NotAllowed, FormLocked, DiskFull.
        """
        key, values = samples.aliquot(self._entries.state(code.subject), code, at)
        return self._entries.enter(
            code.subject, key, values, origin="stamped", overrides=overrides, ask=False
        )

    def stamp(self, subject: str, key: FormKey, step: str, *, reason: str = "") -> Change:
        """Stamp the start of the centrifugation ("spin") or the freezing ("freeze") now.

        Raises: StepBlocked, NotAllowed, ReasonNeeded, FormLocked, DiskFull.
        """
        cell = Cell(samples.STEPS[step])
        at = self._entries.now().replace(microsecond=0)
        return self._entries.enter(subject, key, {cell: at}, origin="stamped", reason=reason, ask=False)

    def skip(self, subject: str, key: FormKey, code: str, words: str = "", *, reason: str = "") -> Change:
        """Record in one step that a sample was not taken, and why (a code of ND_CYT; words where it is another reason).

        Raises: ValueRefused, NotAllowed, ReasonNeeded, FormLocked, DiskFull.
        """
        return self._entries.enter(subject, key, samples.not_drawn(code, words), reason=reason)


def _next_by(sample: Sample) -> tuple[bool, float]:
    by = sample.freeze_by if sample.spun else sample.spin_by
    return by is None, by.timestamp() if by is not None else 0.0

"""The big buttons of an infusion as use cases: each stamps its moment at once; details are asked afterwards.

A press is never lost: while the clock must be confirmed its moment is kept until that is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from ucmsc_desktop.errors import ClockUnconfirmed
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import infusion
from ucmsc_desktop.session.entries import Entries
from ucmsc_desktop.study.values import Value

_ACTION = Text("run an infusion", "执行输注")


class Infusions:
    """The infusions of the participants of one session."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries

    def run(self, subject: str, n: int) -> infusion.InfusionRun:
        """Give the state of an infusion."""
        return infusion.run_of(self._entries.state(subject), n, self._entries.now())

    def start(
        self,
        subject: str,
        n: int,
        *,
        confirmed: frozenset[str] = frozenset(),
        overrides: Mapping[str, str] | None = None,
    ) -> Change:
        """Stamp the start now. Raises: StepBlocked with the check that stands against it, ConfirmNeeded."""
        self._entries._require("infuse", _ACTION)
        key, values = infusion.start(
            self._entries.state(subject), n, self._pressed("start", subject, n), self._entries.account.user
        )
        return self._stamped(subject, key, values, confirmed=confirmed, overrides=overrides)

    def pause(self, subject: str, n: int, reason_code: str = "") -> Change:
        """Stamp a pause now; the reason may follow."""
        self._entries._require("infuse", _ACTION)
        key, values = infusion.pause(
            self._entries.state(subject), n, self._pressed("pause", subject, n), reason_code
        )
        return self._stamped(subject, key, values, ask=False)

    def resume(self, subject: str, n: int) -> Change:
        """Stamp the end of a pause now."""
        self._entries._require("infuse", _ACTION)
        key, values = infusion.resume(self._entries.state(subject), n, self._pressed("resume", subject, n))
        return self._stamped(subject, key, values, ask=False)

    def stop(self, subject: str, n: int) -> Change:
        """Stamp a stop before the end now (the reason follows); a running pause ends with it."""
        return self._end(subject, n, "STOPPED")

    def end(self, subject: str, n: int) -> Change:
        """Stamp the end now; volume and residual follow."""
        return self._end(subject, n, "COMPLETED")

    def _pressed(self, action: str, subject: str, n: int) -> datetime:
        """Give the moment of a big button. While the clock must be confirmed it is kept until that is done.

        Raises: ClockUnconfirmed.
        """
        self._entries._require_open()
        named = f"{action} {subject} {n}"
        if self._entries._clock.state().must_confirm:
            self._entries._clock.hold(named)
            raise ClockUnconfirmed
        return self._entries._clock.moment(named)

    def _end(self, subject: str, n: int, status: str) -> Change:
        self._entries._require("infuse", _ACTION)
        key, values = infusion.end(self._entries.state(subject), n, self._pressed(status, subject, n), status)
        return self._stamped(subject, key, values, ask=False)

    def _stamped(
        self,
        subject: str,
        key: FormKey,
        values: Mapping[Cell, Value | None],
        *,
        confirmed: frozenset[str] = frozenset(),
        overrides: Mapping[str, str] | None = None,
        ask: bool = True,
    ) -> Change:
        """Record what a big button stands for; a gap that somebody had put there never holds it up."""
        reason = infusion.PRESSED if infusion.holds_answer(self._entries.state(subject), key, values) else ""
        return self._entries.enter(
            subject, key, values, reason=reason, origin="stamped", confirmed=confirmed, overrides=overrides, ask=ask
        )  # fmt: skip

"""The 24-hour clock of serious adverse events. Pure.

The clock runs from the moment the site's staff became aware, not from the onset, and stands still only when a person
has written down that the report was made, or why none is due. It must never take a printed report for a report that
was sent. Only absolute times stand in a `SaeClock` beside its status, so they may be stored and judged again later.

The rule a reader would miss: where nobody has written down when the site became aware, the clock runs from the moment
at which the event was first called serious here. The site cannot have become aware later than that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.study.values import Missing

ClockStatus = Literal["open", "soon", "overdue", "reported", "late", "excused"]

SOON = timedelta(hours=6)
CRITERIA = ("ae_sdth", "ae_slife", "ae_shosp", "ae_sdisab", "ae_scong", "ae_smie")
NOT_TRANSMITTED = Text(
    "Not transmitted by this program: phone or fax now.", "本程序不会自动上报：请立即电话或传真上报。"
)
RECIPIENTS = ("SPONSOR", "EC")  # who must have it; the form lists who else may

_ORDER: dict[ClockStatus, int] = {"overdue": 0, "soon": 1, "open": 2, "late": 3, "reported": 4, "excused": 5}


@dataclass(frozen=True, slots=True)
class SaeClock:
    """The clock of one event. `reason`: why no time of report is given. `is_estimate`: nobody has said when we knew."""

    key: FormKey
    term: str
    aware: datetime | None
    due: datetime | None
    reported: datetime | None
    reason: str
    status: ClockStatus
    is_estimate: bool = False

    @property
    def n(self) -> int:
        """The number of the adverse event."""
        return self.key.n

    @property
    def is_running(self) -> bool:
        """Say whether the report is still to be confirmed."""
        return self.status in ("open", "soon", "overdue")


def sae_clock(state: SubjectState, now: datetime) -> tuple[SaeClock, ...]:
    """Give the clock of every event that is or may be serious, the most urgent first.

    Source: §4.1, 24 hours from the site's awareness [P: study.sae_report_h].
    """
    clocks = [c for key in state.keys("F14") if (c := clock_of(state, key, now)) is not None]
    return tuple(sorted(clocks, key=lambda c: (_ORDER[c.status], c.due or now, c.key)))


def clock_of(state: SubjectState, key: FormKey, now: datetime) -> SaeClock | None:
    """Give the clock of one adverse event; None where it is not serious."""
    if not may_be_serious(state, key):
        return None
    written = state.operand(key, Cell("sae_aware_dtm"))
    aware = written if isinstance(written, datetime) else _called_serious(state, key)
    report = state.value(key, Cell("sae_reported_dtm"))
    reported = report if isinstance(report, datetime) else None
    reason = report.reason if isinstance(report, Missing) else ""
    due = aware + timedelta(hours=int(str(state.study.parameters["sae_report_h"]))) if aware else None
    term = state.value(key, Cell("ae_term"))
    return SaeClock(
        key,
        term if isinstance(term, str) else "",
        aware,
        due,
        reported,
        reason,
        _status(due, reported, reason, now),
        is_estimate=not isinstance(written, datetime),
    )


def _status(due: datetime | None, reported: datetime | None, reason: str, now: datetime) -> ClockStatus:
    if reported is not None:
        return "late" if due is not None and reported > due else "reported"
    if reason:
        return "excused"
    if due is None:
        return "open"
    if now > due:
        return "overdue"
    return "soon" if due - now < SOON else "open"


def may_be_serious(state: SubjectState, key: FormKey) -> bool:
    """Say whether an event is serious, or suspected to be while the investigator has not judged."""
    judged = state.operand(key, Cell("ae_serious"))
    if judged is None:
        return bool(state.operand(key, Cell("ae_first_serious")) == "Y")
    return bool(judged == "Y")


def _called_serious(state: SubjectState, key: FormKey) -> datetime | None:
    """Give the moment of the first entry that calls an event serious."""
    record = state.form_record(key)
    entries = [e for item in (*CRITERIA, "ae_first_serious") for e in record.cells.get(Cell(item), ())]
    return min((e.ward_at for e in entries if e.value == "Y"), default=None)

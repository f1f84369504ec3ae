"""When a form is due: windows to the minute from the anchors of one participant.

Anchors are the true start and end of the first infusion. Elapsed windows count from the minute of them, since a button
stamps seconds and people write minutes, and close to the second; calendar windows count protocol days (day 0 = local
date of the first start) and close at 23:59:59. A record is never moved to another time-point because of its time.
Windows are all [P] and come from study.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from ucmsc_desktop.study.model import Placement, Study, Window


@dataclass(frozen=True, slots=True)
class Anchors:
    """Starts and ends of the infusions of a participant, by number; only what has happened is there."""

    starts: Mapping[int, datetime]
    ends: Mapping[int, datetime]


@dataclass(frozen=True, slots=True)
class Due:
    """A window in time: nominal moment and the closed interval around it. `predose` closes it at that dose's start."""

    nominal: datetime
    opens: datetime
    closes: datetime


def due(window: Window | None, anchors: Anchors) -> Due | None:
    """Give the window of a placement; None while its anchor has not happened or where there is none.

    Source: the visit schedule and its vector V43.
    """
    if window is None:
        return None
    start = anchors.starts.get(1)
    if window.kind == "calendar":
        if start is None:
            return None
        first = datetime.combine(start.date(), time(0), start.tzinfo)
        nominal = first + timedelta(days=window.day)
        opens = nominal - timedelta(days=window.before_days)
        closes = nominal + timedelta(days=window.after_days + 1) - timedelta(seconds=1)
        return Due(nominal, opens, closes)
    anchor = anchors.ends.get(1) if window.anchor == "first_end" else start
    if anchor is None:
        return None
    nominal = anchor.replace(second=0, microsecond=0) + timedelta(minutes=window.at_min)
    closes = anchor + timedelta(minutes=window.at_min + window.after_min)
    return Due(nominal, nominal - timedelta(minutes=window.before_min), closes)


def placement_of(study: Study, form: str, visit: str) -> Placement | None:
    """Find the placement of a form at a visit."""
    return next((p for p in study.schedule if p.form == form and p.visit == visit), None)

"""Which record may be added by hand beside those that the plan places: logs, days, unscheduled visits. Pure."""

from __future__ import annotations

from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.model import Form


def next_key(state: SubjectState, form: Form, today: int) -> FormKey | None:
    """Give the key of the next record that may be added by hand; None for forms whose records are all planned.

    Of a daily form it is the first day without a record, today at the latest: yesterday is written this morning.
    """
    taken = [k.n for k in state.keys(form.id)]
    match form.repeat:
        case "log":
            return key_for(form, n=max(taken, default=0) + 1)
        case "day":
            start = state.anchors().starts.get(1)
            if start is None:
                return None
            days = range(today - start.date().toordinal() + 1)
            return key_for(form, n=next((d for d in days if d not in taken), days[-1] if days else 0))
        case "visit":
            unscheduled = [k.n for k in state.keys(form.id) if k.visit == "UNS"]
            placed = any(p.form == form.id and p.visit == "UNS" for p in state.study.schedule)
            return FormKey(form.id, "UNS", max(unscheduled, default=0) + 1) if placed else None
        case _:
            return None

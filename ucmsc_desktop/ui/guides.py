"""Which page a record or a task is worked on: consent and eligibility have a guide of their own, an infusion its page,
every other record its form."""

from __future__ import annotations

from typing import Final

from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session import Session, Task

FORM: Final = "form"
GUIDES: Final = {"F2": "consent", "F3": "eligibility"}


def page_for(key: FormKey) -> str:
    """Name the page that a link to a record leads to."""
    return GUIDES.get(key.form, FORM)


def way_of(task: Task, session: Session) -> tuple[str, dict[str, object]]:
    """Name the page on which a task is done, and what it is to show."""
    if task.key is None:
        return "participant", {"subject": task.subject}
    if task.what.startswith(("none|", "iae")) and session.may("infuse"):
        # what is asked about infusion events is answered there, beside the numbers; in F8 it would begin at line 01a
        about = f"none_{task.what.rsplit('|', 1)[1]}h" if task.what.startswith("none|") else "events"
        return "infusion", {"subject": task.subject, "n": task.key.n, "record": about}
    if _is_bedside(task) and session.may("infuse"):
        return "infusion", {"subject": task.subject, "n": task.key.n}
    return page_for(task.key), {"subject": task.subject, "key": task.key}


def _is_bedside(task: Task) -> bool:
    """Say whether a task is done on the infusion page rather than in its form."""
    is_f7 = task.key is not None and task.key.form == "F7"
    return (
        is_f7
        and task.status not in ("blocked", "done")
        and not task.what.startswith(("rest|", "sign|", "query|"))
    )

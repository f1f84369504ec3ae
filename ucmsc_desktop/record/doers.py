"""Who can do a task: the roles that may enter what it asks for, or may give the signature it waits for.

Lists show a person's own tasks first and say of the others whom they wait for. It decides no right: those are checked
where an entry or a signature is made. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.entry import ROLE_NAMES, may_enter
from ucmsc_desktop.record.tasks import Task
from ucmsc_desktop.study.model import Form, Role, Study

# What a task asks for, where it is one item of its form and not the whole of it.
_ITEMS: Mapping[str, str] = {
    "sae": "sae_reported_dtm", "ae.judge": "ae_grade", "ae.end": "ae_ongoing", "death": "dth_dtm",
    "death.ae": "ae_term", "copy": "copy_given", "recap": "reconsent_needed", "recon": "reconsent_result",
    "refused": "withdrawn", "spin": "cyt_spin_dtm", "freeze": "cyt_freeze_dtm", "ask": "day_newae_asked",
    "ask.missed": "day_newae_asked", "flow": "ivs_dtm", "flow.missed": "ivs_dtm",
    "iae.no": "iae_adjud", "iae.judge": "iae_adjud",
}  # fmt: skip
_ROLES: tuple[Role, ...] = tuple(ROLE_NAMES)  # type: ignore[arg-type]  # the names are those of the roles

NOBODY: frozenset[Role] = frozenset()


class Doers:
    """Who can do the tasks of one study. Tasks share some hundred codes, so each is looked up once."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._known: dict[tuple[str, bool], frozenset[Role]] = {}

    def of(self, task: Task) -> frozenset[Role]:
        """Give the roles that can do a task. Missing: empty for a task that is of no record."""
        begun = task.status == "progress"
        found = self._known.get((task.what, begun))
        if found is None:
            found = self._known[(task.what, begun)] = self._look(task, begun=begun)
        return found

    def waits_for(self, task: Task, role: Role) -> Text | None:
        """Say for whom a task is, where the role cannot do it; None where it can, and where its reason says so already."""
        roles = self.of(task)
        if role in roles or not roles or (task.why and all(ROLE_NAMES[r].en in task.why.en for r in roles)):
            return None
        return for_text(roles)

    def _look(self, task: Task, *, begun: bool) -> frozenset[Role]:
        form = self._study.forms.get(task.key.form) if task.key is not None else None
        if form is None:
            return NOBODY
        head, _, rest = task.what.partition("|")
        more = rest.partition("|")[2]
        if head in ("sign", "none"):
            return _signers(form, more if head == "sign" else f"none_occurred_{more}h")
        item = form.by_id.get(_ITEMS.get(head, ""))
        if item is None and head == "form" and not begun:
            item = form.by_id.get(form.observed or "")  # who does what the record is about begins it
        if item is not None and (asked := _enterers(form, (item.id,))):
            return asked
        return _enterers(form, form.by_id)


def for_text(roles: Iterable[Role]) -> Text:
    """Say for whom something is: "for the investigator"."""
    names = [ROLE_NAMES[r] for r in _ROLES if r in roles]
    return Text(
        f"for the {' or '.join(n.en for n in names)}",
        f"由{'或'.join(n.zh for n in names)}完成",
    )


def _enterers(form: Form, items: Iterable[str]) -> frozenset[Role]:
    return frozenset(r for r in _ROLES if any(may_enter(form, form.by_id[i], r) for i in items))


def _signers(form: Form, meanings: str) -> frozenset[Role]:
    """Give who may sign; of several signatures at once, whoever may give one of them."""
    wanted = meanings.split(",")
    return frozenset(r for s in form.signatures if s.meaning in wanted for r in s.roles)

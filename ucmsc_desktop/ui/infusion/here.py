"""Which infusion is worked on, and how something of it is recorded. The parts of the infusion page share one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ucmsc_desktop.errors import ConfirmNeeded, KnownError, ReasonNeeded
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState, soft_finding
from ucmsc_desktop.session import InfusionRun, Session
from ucmsc_desktop.study.values import Value
from ucmsc_desktop.ui.desk import Answer, Desk
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.notice import Notice


class Here:
    """A participant's infusion on the page."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.subject = ""
        self.n = 1
        self.asked_about: Callable[[Cell | None], None] = lambda _cell: (
            None
        )  # told before a question is shown

    @property
    def session(self) -> Session:
        return self.desk.session

    @property
    def is_open(self) -> bool:
        """Say whether there is an infusion to work on."""
        return bool(self.subject) and self.desk.is_signed_in

    @property
    def key(self) -> FormKey:
        """The key of the infusion record."""
        return FormKey("F7", f"D{self.n - 1}", self.n)

    def run(self) -> InfusionRun:
        """Give where the infusion stands now."""
        return self.session.infusions.run(self.subject, self.n)

    def view(self) -> FormState:
        """Give the infusion record as it stands now."""
        return self.session.form(self.subject, self.key)

    def may_infuse(self) -> bool:
        """Say whether the person at work may run infusions."""
        return self.session.may("infuse")

    def next_row(self, section: str, key: FormKey | None = None) -> int:
        """Give the number of a new row."""
        return self.session.next_row(self.subject, key or self.key, section)

    def context(self) -> Context:
        """Give what fields may know."""
        session = self.session
        staff = tuple((a.user, a.name) for a in session.people.all() if a.active)
        return Context(session.now, staff, session.account.user)

    def enter(
        self,
        values: Mapping[Cell, Value | None],
        *,
        key: FormKey | None = None,
        then: Callable[[Change], None] | None = None,
        failed: Callable[[KnownError], None] | None = None,
        origin: str = "entered",
        reason: str = "",
        ask: bool = True,
    ) -> None:
        """Record values; what the person is asked is asked by the desk. `ask` False: nothing holds this up."""
        subject, record = self.subject, key or self.key

        def use(session: Session, answer: Answer) -> Change:
            try:
                return session.enter(
                    subject,
                    record,
                    values,
                    reason=answer.reason or reason,
                    confirmed=answer.confirmed,
                    overrides=answer.overrides,
                    origin=origin,
                    ask=ask,
                )
            except (ConfirmNeeded, ReasonNeeded) as question:
                self.asked_about(self._cell_of(question, record, values))
                raise

        self.desk.do(use, then=then, failed=failed)

    def _cell_of(
        self, question: KnownError, record: FormKey, values: Mapping[Cell, Value | None]
    ) -> Cell | None:
        """Find the cell that a question is about: the first unusual one, the first of the check, the first changed."""
        form = self.session.study.forms[record.form]
        ids = {str(i) for i in question.details.get("ids", ())}  # type: ignore[attr-defined]
        named = {i for c in form.checks if c.id in ids for i in c.items}
        view = self.session.form(self.subject, record)
        changed = [c for c, v in values.items() if v != view.value(c.item, c.row)]
        for cell in changed:
            value, item = values[cell], form.by_id[cell.item]
            if "soft" in ids and value is not None and soft_finding(item, value) is not None:
                return cell
        return next((c for c in changed if c.item in named), next(iter(changed), None))

    def say_saved(self, change: Change) -> None:
        """Say when something was saved."""
        self.desk.say(Notice("ok", tr("Saved {at}", "已保存 {at}", at=f"{change.at:%H:%M:%S}")))

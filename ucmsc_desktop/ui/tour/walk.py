"""The story walked at the window: who comes, where they go, what they do, and whether the record says the same.

The clock stands at the moment of each step. After every step the values recorded are compared with the story, digit by
digit; the first difference ends the tour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView

from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session.story import ROW, Person, Step, Story
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.study.values import Value, dump
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.answers import Answers
from ucmsc_desktop.ui.tour.bedside_hand import BedsideHand, flow_key
from ucmsc_desktop.ui.tour.form_hand import FormHand
from ucmsc_desktop.ui.tour.people import People
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed

FLOW = "flow"
RATES = "rates"
_BEDSIDE = ("start", "pause", "resume", "stop", "end")
_STAMPS = {"start": "inf_start_dtm", "end": "inf_end_dtm", "stop": "inf_end_dtm"}

Watcher = Callable[[Step], None]


class Walk:
    """Walks a story. `before` and `after` are told each step: there the camera stands."""

    def __init__(self, robot: Robot, desk: Desk, people: People, clock: FrozenClock, story: Story) -> None:
        self._robot = robot
        self._desk = desk
        self._people = people
        self._clock = clock
        self._persons = {p.user: p for p in story.people}
        self._steps = story.steps
        self.forms = FormHand(robot, desk, answers := Answers(robot, lambda: desk.session.account.user))
        self.bedside = BedsideHand(robot, desk, answers, self.forms)
        self.compared = 0
        self.signatures = 0
        self.completed = 0
        self.done = 0
        self.by_address: list[str] = []  # records that no button leads to
        self.watchers: list[Watcher] = []

    # --- who is there ----------------------------------------------------------------------------------------

    def walk(self, until: datetime | None = None) -> None:
        """Walk all steps. Raises: TourFailed with the step in its message."""
        steps = [s for s in self._steps if until is None or s.at <= until]
        for user, group in groupby(steps, key=lambda s: s.by):
            mine = list(group)
            if all(s.do == "sign" for s in mine) and self._may_sign_here(mine):
                for step in mine:
                    self._walk_step(step, self._sign_on_page)
                continue
            self._clock.set(max(mine[0].at, self._clock.at))
            self.bring(self._persons[user])
            for step in mine:
                self._walk_step(step, self._do)

    def bring(self, person: Person) -> None:
        """Have a person at work: lock, and let them sign in, unless it is them already."""
        if self._desk.is_signed_in:
            if self._desk.session.account.user == person.user:
                return
            self._people.lock()
        self._people.sign_in(person)

    def _may_sign_here(self, steps: Sequence[Step]) -> bool:
        """Say whether somebody may sign at the screen of the person at work, who sees that participant's records."""
        return (
            self._desk.is_signed_in
            and self._desk.session.account.role in ("nurse", "investigator")
            and bool(steps)
            and not self._people.is_new(steps[0].by)
        )

    def _walk_step(self, step: Step, act: Callable[[Step], None]) -> None:
        self._clock.set(max(step.at, self._clock.at))
        try:
            act(step)
            self._compare(step)
        except TourFailed as fault:
            what = f"{step.do} {step.key or ''}".strip()
            raise TourFailed(f"{step.at:%d-%b %H:%M} {step.subject} {step.by}: {what}: {fault}") from fault
        self.done += 1
        for watcher in self.watchers:
            watcher(step)

    # --- what they do ----------------------------------------------------------------------------------------

    def _do(self, step: Step) -> None:
        match step.do:
            case "create":
                self._create(step)
            case "enter":
                self._enter(step)
            case "complete":
                key = _key(step)
                self.open_form(step.subject, key)
                self.forms.complete(step.subject, key)
                self.completed += 1
            case "sign":
                self._sign(step)
            case name if name in _BEDSIDE:
                self.open_infusion(step.subject, step.n)
                self.bedside.press(step)
            case other:
                raise TourFailed(f"the tour has no step {other}")

    def _create(self, step: Step) -> None:
        self._robot.click("nav_worklist")
        self._robot.settle()
        self._robot.click("worklist_add")
        self._robot.settle()
        if self._place() != ("participant", step.subject, None):
            raise TourFailed(f"no participant {step.subject} was added; {self._robot.scene()}")

    def _enter(self, step: Step) -> None:
        key = _key(step)
        if key.form == "F7" and self._desk.session.may("infuse") and self._enter_at_bedside(step, key):
            return
        self.open_form(step.subject, key)
        self.forms.enter(step, key)

    def _enter_at_bedside(self, step: Step, key: FormKey) -> bool:
        """Enter what belongs to a running infusion on its page; say whether that was all of the step."""
        if FLOW in step.rows:
            if step.values:
                self.open_form(step.subject, key)
                self.forms.enter(replace(step, rows={}), key)
            self.open_infusion(step.subject, key.n)
            for row in step.rows[FLOW]:
                self.bedside.record_vitals(step, row)
            rest = {s: rows for s, rows in step.rows.items() if s != FLOW}
            for section, rows in rest.items():
                for row in rows:
                    self.open_form(step.subject, key)
                    self.forms.enter_row(step, key, section, row)
            return True
        if self._place() != ("infusion", step.subject, None):
            return False
        self.bedside.show_number(key.n)
        names = set(step.values)
        card = self.bedside.card_for(names) if names else ""
        if card:
            self.bedside.fill_card(step, card, step.values)
            return True
        if names or RATES not in step.rows:
            return False
        return self._enter_rates(step, key)

    def _enter_rates(self, step: Step, key: FormKey) -> bool:
        for row in step.rows[RATES]:
            self.bedside.change_rate(step, row)
        for section, rows in step.rows.items():
            for row in rows if section != RATES else ():
                plain = {name: text for name, text in row.items() if name != ROW}
                card = self.bedside.card_for(set(plain))
                if card:
                    self.bedside.fill_card(step, card, plain)
                else:
                    self.open_form(step.subject, key)
                    self.forms.enter_row(step, key, section, row)
        return True

    # --- signing ---------------------------------------------------------------------------------------------

    def _sign(self, step: Step) -> None:
        key = _key(step)
        here = self._place()
        if here == ("form", step.subject, key) or (
            here[:2] != ("participant", step.subject) and self._open_task(step.subject, key)
        ):
            self.forms.sign(step.meaning)
            self._give_password(step)
        else:
            self._sign_on_page(step)

    def _sign_on_page(self, step: Step) -> None:
        """Sign on the page of the participant, where every signature that is wanted has its button."""
        self.open_participant(step.subject)
        self._robot.click(f"sign_{step.key}_{step.meaning}")
        self._give_password(step)

    def _give_password(self, step: Step) -> None:
        person = self._persons[step.by]
        self.forms.give_password(person.user, person.password)
        view = self._desk.session.form(step.subject, _key(step))
        given = [s for s in view.valid_signatures if s.meaning == step.meaning and s.user == step.by]
        if not given:
            raise TourFailed(f"the signature of {step.by} is not on the form")
        self.signatures += 1

    # --- where they go ---------------------------------------------------------------------------------------

    def _place(self) -> tuple[str, str, FormKey | None]:
        work = self._robot.window.work
        if work is None:
            return "", "", None
        name, what = work.place
        key = what.get("key")
        return (
            name,
            str(what.get("subject", "")),
            key if name == "form" and isinstance(key, FormKey) else None,
        )

    def open_participant(self, subject: str) -> None:
        """Show the page of a participant."""
        name, there, _key = self._place()
        if (name, there) == ("participant", subject):
            return
        if there == subject:
            self._robot.click("nav_participant")
        else:
            self._robot.click("nav_worklist")
            self._robot.settle()
            self._robot.fill("worklist_scan", subject)
            self._robot.key(Qt.Key.Key_Return)
        self._robot.settle()
        if self._place()[:2] != ("participant", subject):
            raise TourFailed(f"the page of {subject} does not open; {self._robot.scene()}")

    def open_form(self, subject: str, key: FormKey) -> None:
        """Show a record: by its tile, by "New record", or from the list of tasks."""
        if self._place() == ("form", subject, key):
            return
        if (
            self._place()[:2] != ("participant", subject)
            and key.form != "F7"
            and self._open_task(subject, key)
        ):
            return
        self.open_participant(subject)
        tile = self._robot.seen(f"form_{key}")
        if tile is not None:
            self._robot.click(tile)
        else:
            self._open_new(subject, key)
        self._robot.settle()
        if self._place() != ("form", subject, key):
            raise TourFailed(f"{key} of {subject} does not open; {self._robot.scene()}")

    def _open_new(self, subject: str, key: FormKey) -> None:
        new = self._robot.seen(f"new_{key.form}")
        if new is not None:
            self._robot.click(new)
            self._robot.settle()
            if self._place() == ("form", subject, key):
                return
        self.by_address.append(f"{subject} {key}")
        self._desk.go("form", subject=subject, key=key)

    def _open_task(self, subject: str, key: FormKey) -> bool:
        """Open a record from the list of tasks; say whether it stands there."""
        line = next(
            (n for n, t in enumerate(self._desk.session.worklist()) if (t.subject, t.key) == (subject, key)),
            -1,
        )
        if line < 0:
            return False
        self._robot.click("nav_worklist")
        self._robot.open_row(self._robot.see("worklist_table", QTableView), line)
        self._robot.key(Qt.Key.Key_Return)
        self._robot.settle()
        return self._place() == ("form", subject, key)

    def open_infusion(self, subject: str, n: int) -> None:
        """Show an infusion of a participant."""
        if self._place()[:2] != ("infusion", subject):
            if self._place()[1] != subject:
                self.open_participant(subject)
            self._robot.click("nav_infusion")
            self._robot.settle()
        if self._place()[:2] != ("infusion", subject):
            raise TourFailed(f"the infusion of {subject} does not open; {self._robot.scene()}")
        self.bedside.show_number(n)
        if (
            self.bedside.is_resting()
        ):  # after a press the buttons take no other for a moment: go away and come back
            self._robot.click("nav_worklist")
            self._robot.settle()
            self.open_infusion(subject, n)

    # --- whether it is so ------------------------------------------------------------------------------------

    def _compare(self, step: Step) -> None:
        """Compare the record with the step, digit by digit."""
        if step.do in _STAMPS:
            self._same(step.subject, flow_key(step), Cell(_STAMPS[step.do]), step.at)
        if step.do != "enter":
            return
        key = _key(step)
        form = self._desk.session.study.forms[key.form]
        for name, text in step.values.items():
            self._same(step.subject, key, Cell(name), typed_value(form.by_id[name], text))
        for section, rows in step.rows.items():
            last = self._desk.session.next_row(step.subject, key, section) - 1
            fresh = [r for r in rows if ROW not in r]
            numbers = iter(range(last - len(fresh) + 1, last + 1))
            for row in rows:
                number = int(row[ROW]) if ROW in row else next(numbers)
                for name, text in row.items():
                    if name != ROW:
                        self._same(step.subject, key, Cell(name, number), typed_value(form.by_id[name], text))

    def _same(self, subject: str, key: FormKey, cell: Cell, wanted: Value) -> None:
        found = self._desk.session.state(subject).value(key, cell)
        if found is None or dump(found) != dump(wanted):
            told = "nothing" if found is None else dump(found)
            raise TourFailed(f"{key} {cell.item}.{cell.row} holds {told}, the story says {dump(wanted)}")
        self.compared += 1


def _key(step: Step) -> FormKey:
    if step.key is None:
        raise TourFailed(f"the step {step.do} of {step.subject} names no form")
    return step.key

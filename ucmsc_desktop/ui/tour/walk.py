"""The story walked at the window: who comes, where they go, what they do, and whether the record says the same.

The clock stands at the moment of each step. After every step the values recorded are compared with the story, digit by
digit; the first difference ends the tour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session.story import ROW, Person, Step, Story
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.tour.answers import Answers
from ucmsc_desktop.ui.tour.bedside_hand import BedsideHand
from ucmsc_desktop.ui.tour.form_hand import FormHand
from ucmsc_desktop.ui.tour.guide_hand import GuideHand
from ucmsc_desktop.ui.tour.judge_hand import JudgeHand
from ucmsc_desktop.ui.tour.people import People
from ucmsc_desktop.ui.tour.proof import Proof, key_of
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed
from ucmsc_desktop.ui.tour.scan_hand import SAMPLE, ScanHand
from ucmsc_desktop.ui.tour.ways import Ways

FLOW = "flow"
RATES = "rates"
_BEDSIDE = ("start", "pause", "resume", "stop", "end")
# What is stamped at the moment it happens: there the clock stands at that moment, before the rest is written down.
_HAPPENS = {SAMPLE: "cyt_collect_dtm", "F3": "elig_dtm"}

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
        self.ways = Ways(robot, desk)
        self.proof = Proof(desk)
        self.forms = FormHand(
            robot, desk, answers := Answers(robot, lambda: desk.session.account.user), self.proof
        )
        self.bedside = BedsideHand(robot, desk, answers, self.forms)
        self.scans = ScanHand(robot, desk, self.ways)
        self.judges = JudgeHand(robot, desk, self.ways, self.forms)
        self.guide = GuideHand(robot, desk, self.bedside, self.scans, self.proof)
        self.signatures = 0
        self.completed = 0
        self.done = 0
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
            self._clock.set(max(_moment(mine[0]), self._clock.at))
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
        self._clock.set(max(_moment(step), self._clock.at))
        try:
            act(step)
            if step not in self.guide.waiting:
                self.proof.compare(step)
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
                key = key_of(step)
                if self._desk.session.form(step.subject, key).record.completed_at is None:
                    self.ways.open_form(step.subject, key)
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
        self._robot.click("sheet_yes")  # a number once given is never used again: it is asked for once
        self._robot.settle()
        if self.ways.place()[:2] != ("participant", step.subject):
            raise TourFailed(f"no participant {step.subject} was added; {self._robot.scene()}")

    def _enter(self, step: Step) -> None:
        key = key_of(step)
        if self.guide.takes(step, key):
            self.open_infusion(step.subject, key.n)
            self.guide.enter(step, key)
            return
        if key.form == "F7" and self._desk.session.may("infuse") and self._enter_at_bedside(step, key):
            return
        if "elig_decision" in step.values:
            self.judges.judge(step, self._persons[step.by])
            self._clock.set(max(step.at, self._clock.at))
            return
        if "cyt_label_id" in step.values and _moment(step) == self._clock.at:
            self.scans.draw(step, key)
            self._clock.set(max(step.at, self._clock.at))
        if not step.rows and self.proof.holds_all(step.subject, key, step.values):
            return
        self.ways.open_form(step.subject, key)
        self.forms.enter(step, key)

    def _enter_at_bedside(self, step: Step, key: FormKey) -> bool:
        """Enter what belongs to a running infusion on its page; say whether that was all of the step."""
        if FLOW in step.rows:
            if step.values:
                self._enter(replace(step, rows={}))
            self.open_infusion(step.subject, key.n)
            for row in step.rows[FLOW]:
                self.bedside.record_vitals(step, row)
            rest = {s: rows for s, rows in step.rows.items() if s != FLOW}
            for section, rows in rest.items():
                for row in rows:
                    self.ways.open_form(step.subject, key)
                    self.forms.enter_row(step, key, section, row)
            return True
        if self.ways.place() != ("infusion", step.subject, None):
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
                    self.ways.open_form(step.subject, key)
                    self.forms.enter_row(step, key, section, row)
        return True

    # --- signing ---------------------------------------------------------------------------------------------

    def _sign(self, step: Step) -> None:
        key = key_of(step)
        here = self.ways.place()
        if self._has_signed(step) or self._verify(step, key):
            self.signatures += 1
        elif self.ways.is_at(step.subject, key) or (
            here[:2] != ("participant", step.subject) and self.ways.open_task(step.subject, key)
        ):
            self.forms.sign(step.meaning)
            self._give_password(step)
        else:
            self._sign_on_page(step)

    def _sign_on_page(self, step: Step) -> None:
        """Sign on the page of the participant, where every signature that is wanted has its button."""
        if self._has_signed(step) or self._verify(step, key_of(step)):
            self.signatures += 1
            return
        self.ways.open_participant(step.subject)
        self._robot.click(f"sign_{step.key}_{step.meaning}")
        self._give_password(step)

    def _verify(self, step: Step, key: FormKey) -> bool:
        """Sign before a start on the page of the infusion; say whether it was that signature."""
        if step.meaning != "verified" or not self.guide.takes_signatures(step.subject, key):
            return False
        self.open_infusion(step.subject, key.n)
        self.guide.verify(self._persons[step.by])
        while self.guide.waiting:
            self.proof.compare(self.guide.waiting.pop())
        if not self._has_signed(step):
            raise TourFailed(f"the signature of {step.by} is not on the form; {self._robot.scene()}")
        return True

    def _give_password(self, step: Step) -> None:
        person = self._persons[step.by]
        self.forms.give_password(person.user, person.password)
        if not self._has_signed(step):
            raise TourFailed(f"the signature of {step.by} is not on the form")
        self.signatures += 1

    def _has_signed(self, step: Step) -> bool:
        view = self._desk.session.form(step.subject, key_of(step))
        return any(s.meaning == step.meaning and s.user == step.by for s in view.valid_signatures)

    # --- where they go ---------------------------------------------------------------------------------------

    def open_infusion(self, subject: str, n: int) -> None:
        """Show an infusion of a participant."""
        self.ways.open_page("infusion", subject)
        self.bedside.show_number(n)
        if (
            self.bedside.is_resting()
        ):  # after a press the buttons take no other for a moment: go away and come back
            self._robot.click("nav_worklist")
            self._robot.settle()
            self.open_infusion(subject, n)


def _moment(step: Step) -> datetime:
    """Give the moment at which a step begins: of what is stamped, when it happens, not when the rest is written down."""
    name = _HAPPENS.get(step.key.form, "") if step.key is not None else ""
    when = step.values.get(name)
    return min(step.at, datetime.fromisoformat(str(when))) if when is not None else step.at

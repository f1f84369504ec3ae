"""The form page worked by hand: find the section, answer item by item, add rows, complete, sign.

Questions that come are answered as the story says: a reason where it has one, "it is right" to what is unusual. An answer
that the page refuses ends the tour.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QRegularExpression, Qt
from PySide6.QtWidgets import QAbstractButton, QTableView

from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session.story import ROW, Step
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.study.values import Missing, Value
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.dialogs.confirm import ConfirmDialog
from ucmsc_desktop.ui.dialogs.reason import ReasonDialog
from ucmsc_desktop.ui.dialogs.sign import SignDialog
from ucmsc_desktop.ui.form.faces import CHECK
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.form.tiles import Tile
from ucmsc_desktop.ui.form.words import object_name
from ucmsc_desktop.ui.tour.answers import Answers
from ucmsc_desktop.ui.tour.proof import Proof
from ucmsc_desktop.ui.tour.robot import Robot, TourFailed, texts_in
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox

_SECTION = "section:"
_SECTIONS = QRegularExpression("^section:")
_MOST_QUESTIONS = 6


class FormHand:
    """Works on the form page that is open."""

    def __init__(self, robot: Robot, desk: Desk, answers: Answers, proof: Proof) -> None:
        self._robot = robot
        self._desk = desk
        self._answers = answers
        self._proof = proof
        self.confirmed = 0
        self.reasons = 0
        self.gaps = 0

    # --- entering --------------------------------------------------------------------------------------------

    def enter(self, step: Step, key: FormKey) -> None:
        """Enter what a step says, item by item and row by row; what a scan or a button has entered stays as it is."""
        form = self._desk.session.study.forms[key.form]
        for name, text in step.values.items():
            item = form.by_id[name]
            value = typed_value(item, text)
            if self._proof.holds(step.subject, key, Cell(name), value):
                continue
            self.go_to_section(form.section_of[name].id)
            if name == "icf_version" and self._robot.seen("consent_take_version") is not None:
                self._robot.click("consent_take_version")
                self._robot.settle()
                if self._proof.holds(step.subject, key, Cell(name), value):
                    continue
            self.answer(item, 0, value, step)
        for section, rows in step.rows.items():
            for row in rows:
                self.enter_row(step, key, section, row)

    def enter_row(self, step: Step, key: FormKey, section: str, row: Mapping[str, Any]) -> None:
        """Enter a row of a table: a new one, or one that the story goes on with."""
        form = self._desk.session.study.forms[key.form]
        self.go_to_section(section)
        number = int(row.get(ROW, 0))
        if number:
            self._open_row(section, number)
        else:
            number = self._desk.session.next_row(step.subject, key, section)
            self._robot.click(f"{section}:add")
            self._robot.settle()
        for name, text in row.items():
            if name != ROW:
                item = form.by_id[name]
                self.answer(item, number, typed_value(item, text), step)
        self._robot.click("form_continue")
        self._robot.settle()
        if self._robot.seen(f"{section}:all") is not None:  # something in the row is still open: leave it so
            self._robot.click(f"{section}:all")
            self._robot.settle()

    def _open_row(self, section: str, number: int) -> None:
        table = self._robot.see(f"{section}:rows", QTableView)
        model = table.model()
        for line in range(model.rowCount()):
            if model.index(line, 0).data() == str(number):
                self._robot.open_row(table, line)
                return
        raise TourFailed(f"there is no row {number} in {section}")

    def answer(self, item: Item, row: int, value: Value, step: Step) -> None:
        """Answer an item that is on the screen. Raises: TourFailed where it is not saved."""
        name = object_name(item.id, row)
        field = self._robot.see(f"{name}:field", Field)
        if isinstance(value, Missing):
            self._leave_empty(field, value)
        elif self._answers.give(item, row, value):
            self._robot.key(Qt.Key.Key_Return)
        self.answer_questions(step)
        if field.problem or field.is_dirty:
            raise TourFailed(
                f"{step.key} {name} was not saved: {field.problem or 'it waits'}; {self._robot.scene()}"
            )

    def _leave_empty(self, field: Field, gap: Missing) -> None:
        """Say why an item has no value: F4 in the field or its three dots, Not done…, code, reason."""
        if field.holds_focus():
            self._robot.key(Qt.Key.Key_F4)
        else:
            name = object_name(field.item.id, field.cell.row)
            dots = field.findChildren(QAbstractButton, f"{name}:more")
            self._robot.click(next(d for d in dots if not isinstance(d, Tile)))
        self._robot.settle()
        self._robot.click("item_not_done")
        self._robot.settle()
        self._robot.click(f"not_done_{gap.code}")
        self._robot.fill("not_done_reason", gap.reason)
        self._robot.click("sheet_yes")
        self._robot.settle()
        self.gaps += 1

    def answer_questions(self, step: Step) -> None:
        """Answer the questions that stand before the page. Raises: TourFailed where the story has no answer."""
        for _turn in range(_MOST_QUESTIONS):
            asked = self._robot.question()
            match asked:
                case None:
                    return
                case ReasonDialog() if step.why:
                    self._robot.retype(step.why)
                    self.reasons += 1
                case ConfirmDialog():
                    self.confirmed += 1
                case _:
                    raise TourFailed(f"{step.key} at {step.at}: no answer to {' / '.join(texts_in(asked))}")
            self._robot.click("sheet_yes")
            self._robot.settle()
        raise TourFailed("the questions do not end")

    # --- moving about ----------------------------------------------------------------------------------------

    def sections(self) -> list[str]:
        """Give the sections that the page offers, from first to last."""
        found = self._robot.window.findChildren(QAbstractButton, _SECTIONS)
        buttons = [b for b in found if b.isVisible()]
        buttons.sort(key=lambda b: (b.y(), b.x()))
        return [b.objectName().removeprefix(_SECTION) for b in buttons]

    def current(self) -> str:
        """Give the section that is shown."""
        for section in self.sections():
            if self._robot.see(_SECTION + section, QAbstractButton).isChecked():
                return section
        return ""

    def go_to_section(self, section: str) -> None:
        """Show a section: by "Save and continue" where it is the next one, else by its name in the list."""
        made = self._robot.see(_SECTION + section, QAbstractButton)
        if made.isChecked():
            return
        names = self.sections()
        here = self.current()
        if here in names and names.index(here) + 1 == names.index(section):
            self._robot.click("form_continue")
            self._robot.settle()
            if self._robot.seen("finish_later") is not None:
                self._robot.click("finish_later")
                self._robot.settle()
        self.show_section(section)

    def show_section(self, section: str) -> None:
        """Show a section by its name in the list."""
        made = self._robot.see(_SECTION + section, QAbstractButton)
        if not made.isChecked():
            self._robot.click(made)
            self._robot.settle()
        if not self._robot.see(_SECTION + section, QAbstractButton).isChecked():
            raise TourFailed(f"the page does not show {section}; {self._robot.scene()}")

    # --- completing and signing ------------------------------------------------------------------------------

    def complete(self, subject: str, key: FormKey) -> None:
        """Go on to the check at the end and complete the form."""
        self.go_to_section(CHECK)
        self._robot.click("form_continue")
        self._robot.settle()
        view = self._desk.session.form(subject, key)
        if view.record.completed_at is None:
            still = [str(f.message) for f in view.open_findings]
            raise TourFailed(f"{subject} {key} cannot be completed: {still}; {self._robot.scene()}")

    def sign(self, meaning: str) -> None:
        """Ask for a signature on the check at the end."""
        self.go_to_section(CHECK)
        self._robot.click(f"sign:{meaning}")

    def give_password(self, user: str, password: str) -> None:
        """Sign in the dialog: person, password, button. Raises: TourFailed."""
        self._robot.settle()
        asked = self._robot.question()
        if not isinstance(asked, SignDialog):
            raise TourFailed(f"no password is asked; {self._robot.scene()}")
        self._robot.choose(self._robot.see("sign_person", ChoiceBox), user)
        self._robot.fill("sign_password", password)
        self._robot.click("sheet_yes")
        self._robot.settle()
        if self._robot.question() is asked:
            raise TourFailed(f"the signature is refused: {' / '.join(texts_in(asked))}")

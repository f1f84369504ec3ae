"""What can be done on the eligibility page: decide, close as a screen failure, check again; each ends in a signature.

Each act is one use of the session that may be run again after a question: what it has entered already is not entered twice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtWidgets import QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.eligibility import KEY, SCREENING, Criterion, Eligibility
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.values import Value
from ucmsc_desktop.ui.desk import Answer, Desk
from ucmsc_desktop.ui.dialogs.confirm import ConfirmDialog
from ucmsc_desktop.ui.dialogs.reason import ReasonDialog
from ucmsc_desktop.ui.eligibility.screen_failure import OTHER, SIDE, WIDTH, Failure, ScreenFailureDialog

MEANING = "eligibility"
BORDER_CHECKS = frozenset({"X28", "X28.fio2"})


class Acts:
    """The acts of a page on one participant."""

    def __init__(self, desk: Desk, page: QWidget) -> None:
        self._desk = desk
        self._page = page

    # --- eligible --------------------------------------------------------------------------------------------

    def declare_eligible(self, subject: str, found: Eligibility) -> None:
        """Decide "eligible"; borderline values are confirmed against the source first."""
        self._confirm_borders(found, lambda confirm: self._declare(subject, confirm=confirm))

    def _confirm_borders(self, found: Eligibility, then: Callable[[bool], None]) -> None:
        """Have borderline values checked against the source; `then` learns whether that was asked."""
        if not found.is_borderline or found.is_confirmed:
            then(False)
            return
        sheet = ConfirmDialog(
            "\n\n".join(border_words(c) for c in found.criteria if c.border is not None),
            self._page.window(),
            title=tr("Borderline values", "临界值"),
            yes=tr("Checked against the source: right", "已核对源数据：无误"),
            no=tr("Not yet", "暂不"),
        )
        sheet.setMinimumWidth(WIDTH)
        sheet.message.setMinimumHeight(sheet.message.heightForWidth(WIDTH - 2 * SIDE))  # every number is read
        sheet.answered.connect(lambda _yes: then(True))
        self._desk.ask(sheet)

    def _declare(self, subject: str, *, confirm: bool) -> None:
        def use(session: Session, answer: Answer) -> Change:
            values: dict[Cell, Value | None] = {
                Cell("elig_dtm"): _minute(session),
                Cell("elig_decision"): "ELIG",
                Cell("elig_inv"): session.account.user,
                **_header(session, subject),
            }
            if confirm:
                values[Cell("borderline_ok")] = "Y"
            confirmed = answer.confirmed | (BORDER_CHECKS if confirm else frozenset())
            session.enter(subject, KEY, values, reason=answer.reason, confirmed=confirmed)
            return session.complete(subject, KEY)

        self._desk.do(use, then=lambda _change: self.sign(subject))

    def sign(self, subject: str) -> None:
        """Ask for the investigator's password and sign the decision."""
        self._desk.sign(subject, KEY, MEANING)

    # --- screen failure --------------------------------------------------------------------------------------

    def close_as_failure(self, subject: str, found: Eligibility) -> None:
        """Ask for the criteria and the reason, then close the participant; an investigator decides and signs as well."""
        if self._desk.session.role == "investigator":
            self._confirm_borders(found, lambda confirm: self._ask_failure(subject, found, confirm=confirm))
        else:
            self._ask_failure(subject, found, confirm=False)

    def _ask_failure(self, subject: str, found: Eligibility, *, confirm: bool) -> None:
        item = self._desk.session.study.forms["F1"].by_id["scr_fail"]
        failed = {c.id.split("_")[0].upper() for c in found.failed}
        sheet = ScreenFailureDialog(item, failed, self._page.window())
        sheet.answered.connect(lambda given: self._fail(subject, given, confirm=confirm))
        self._desk.ask(sheet)

    def _fail(self, subject: str, given: object, *, confirm: bool) -> None:
        if not isinstance(given, Failure):
            return
        decides = self._desk.session.role == "investigator"

        def use(session: Session, answer: Answer) -> Change:
            item = session.study.forms["F1"].by_id["scr_fail"]
            names = [str(c.label) for code in given.codes if (c := item.choice(code)) and code != OTHER]
            reason = tr("; ", "；").join([*names, *([given.reason] if given.reason else [])])
            why = answer.reason or tr("Screen failure: {why}", "筛选失败：{why}", why=reason)
            change = self._record_failure(session, subject, given, why, answer)
            if not decides:
                return change
            decision: dict[Cell, Value | None] = {
                Cell("elig_dtm"): _minute(session),
                Cell("elig_decision"): "INELIG",
                Cell("elig_reason"): reason,
                Cell("elig_inv"): session.account.user,
                **_header(session, subject),
            }
            if confirm:
                decision[Cell("borderline_ok")] = "Y"
            confirmed = answer.confirmed | (BORDER_CHECKS if confirm else frozenset())
            session.enter(subject, KEY, decision, reason=why, confirmed=confirmed)
            session.not_done(subject, KEY, "ND", why)
            return session.complete(subject, KEY)

        self._desk.do(use, then=lambda _change: self.sign(subject) if decides else None)

    @staticmethod
    def _record_failure(session: Session, subject: str, given: Failure, why: str, answer: Answer) -> Change:
        values: dict[Cell, Value | None] = {
            Cell("scr_outcome"): "SF",
            Cell("scr_fail"): given.codes,
        }
        if OTHER in given.codes:
            values[Cell("scr_fail_oth")] = given.reason
        return session.enter(subject, SCREENING, values, reason=why, confirmed=answer.confirmed)

    # --- before the first infusion ---------------------------------------------------------------------------

    def check_again(self, subject: str, found: Eligibility, *, holds: bool) -> None:
        """Record the re-check; a value that has left its limits, or a no, wants the reason in words."""
        if holds and not any(f.weight == "wrong" for f in found.recheck.facts):
            self._recheck(subject, holds=True, why="")
            return
        title = (
            tr("Why does eligibility still hold?", "为何仍符合入选条件？")
            if holds
            else tr("Why does eligibility no longer hold?", "为何不再符合入选条件？")
        )
        words = "\n".join(f"{f.name}: {f.value}" for f in found.recheck.facts if f.weight == "wrong")
        sheet = ReasonDialog(words, self._page.window(), title=title)
        sheet.hide_usual()
        sheet.yes.setText(tr("Record and sign", "记录并签名"))
        sheet.no.setText(tr("Not yet", "暂不"))
        sheet.answered.connect(lambda why: self._recheck(subject, holds=holds, why=str(why)))
        self._desk.ask(sheet)

    def _recheck(self, subject: str, *, holds: bool, why: str) -> None:
        def use(session: Session, answer: Answer) -> Change:
            values: dict[Cell, Value | None] = {
                Cell("recheck_dtm"): _minute(session),
                Cell("recheck_ok"): "Y" if holds else "N",
            }
            if why:
                values[Cell("recheck_reason")] = why
            reason = answer.reason or tr("Checked again", "再次复核")
            session.enter(subject, KEY, values, reason=reason, confirmed=answer.confirmed)
            return session.complete(subject, KEY)

        self._desk.do(use, then=lambda _change: self.sign(subject))


def border_words(criterion: Criterion) -> str:
    """Say what is to be compared with the source: the criterion, its numbers, and why they are doubted."""
    join = tr(" · ", " · ")
    numbers = join.join(f"{fact.name} {fact.value}" for fact in criterion.facts)
    return f"{criterion.mark}  {criterion.words}\n{numbers}\n{criterion.border}"


def _minute(session: Session) -> Value:
    return session.now().replace(second=0, microsecond=0)


def _header(session: Session, subject: str) -> Mapping[Cell, Value | None]:
    """Say who records this and how, where nobody has: the decision is entered here and now by the person signed in."""
    record = session.state(subject).form_record(KEY)
    values: dict[Cell, Value | None] = {}
    if record.value(Cell("recorder")) is None:
        values[Cell("recorder")] = session.account.user
    if record.value(Cell("source")) is None:
        values[Cell("source")] = "DIRECT"
    return values

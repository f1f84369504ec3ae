"""Blood samples: which tube is due, what was scanned, spin by when, freeze by when, and why one was not taken.

The page shows what `Session.sampling` says. A tube whose window is not open is asked about here, with the moment of its
scan kept: the choice may take a minute, the blood was drawn before it. Nothing is ever filed under another time-point.
"""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from shiboken6 import isValid

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.session.samples import FORM, Sample
from ucmsc_desktop.study.specimen import LabelCode
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.sampling import filing
from ucmsc_desktop.ui.sampling.not_drawn import NotDrawnDialog
from ucmsc_desktop.ui.sampling.row import SampleRow, by_words
from ucmsc_desktop.ui.style import set_kind, set_wrong
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.page_frame import PageFrame
from ucmsc_desktop.ui.widgets.page_header import PageHeader

_OPEN = ("due", "overdue", "next")  # what is shown besides while no participant is chosen


class SamplingPage(QWidget):
    """The samples of a participant; without one, everybody's that are due or wait for centrifuge or freezer."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "sampling_page")
        self._desk = desk
        self._subject = ""
        self._ask: tuple[LabelCode, datetime] | None = None
        self._rows: list[SampleRow] = []
        self._shown: tuple[Sample, ...] = ()
        self._elsewhere: tuple[Sample, ...] = ()  # under way at anybody's
        self._goal: QWidget | None = None  # what shall have the focus
        self._frame = PageFrame(self)
        self._header = PageHeader(tr("Blood samples", "血样采集"))
        self._all = button.secondary(tr("All participants", "全部受试者"), "sampling_all", "groups")
        self._all.clicked.connect(lambda: desk.go("sampling", subject=""))
        labels = button.secondary(tr("Print labels", "打印标签"), "sampling_labels", "label")
        labels.clicked.connect(self._on_labels_clicked)
        if not desk.session.may("print"):
            labels.hide()
        for made in (self._all, labels):
            self._header.buttons.addWidget(made)
        self._frame.body.addWidget(self._header)
        self._frame.body.addWidget(self._build_question())
        self._frame.body.addWidget(self._build_how())
        self._list = QVBoxLayout()
        self._list.setSpacing(10)
        self._frame.body.addLayout(self._list)
        self._none = label.body(tr("No sample is due now.", "目前没有应采集的标本。"), "sampling_none")
        self._frame.body.addWidget(self._none)
        self._frame.body.addStretch(1)
        self._timer = QTimer(self)
        self._timer.setInterval(1000)
        self._timer.timeout.connect(self._on_timer_timeout)
        desk.changed.connect(self._on_desk_changed)
        desk.scanned.connect(self._on_desk_scanned)

    # --- what the page is made of ----------------------------------------------------------------------------

    def _build_question(self) -> QWidget:
        """The choice about a tube whose window is not open."""
        self._question = set_kind(QFrame(), "notice-warning")
        self._question.setObjectName("sampling_question")
        self._odd = label.heading("", "sampling_odd")
        keeps = label.body(
            tr(
                "Filed, it keeps the time-point on its label and a deviation is drafted; it is never filed under another. "
                "Put aside, nothing is recorded.",
                "如仍记录，标本归标签所示时间点，并生成方案偏离草稿，不会改归其他时间点；如弃用，则不作任何记录。",
            )
        )
        self._yes = button.primary("", "sampling_file")
        self._no = button.secondary(tr("Put this tube aside", "弃用此管"), "sampling_aside")
        self._yes.clicked.connect(self._on_yes_clicked)
        self._no.clicked.connect(self._on_no_clicked)
        buttons = QHBoxLayout()
        buttons.setSpacing(12)
        buttons.addWidget(self._no)
        buttons.addStretch(1)
        buttons.addWidget(self._yes)
        lines = QVBoxLayout(self._question)
        lines.setContentsMargins(18, 12, 14, 12)
        for part in (self._odd, keeps):
            lines.addWidget(part)
        lines.addLayout(buttons)
        self._question.hide()
        return self._question

    def _build_how(self) -> QWidget:
        how = set_kind(QFrame(), "well")
        words = label.body(
            tr(
                "Blood in the tube? Scan wristband and tube, in either order, within 60 seconds.",
                "采血完成后，60 秒内扫描腕带和采血管，先后不限。",
            ),
            "sampling_how",
        )
        self.field = named(QLineEdit(), "sampling_code", tr("Code on the label", "标签编码"))
        self.field.setPlaceholderText(tr("Or type a code", "或手工输入编码"))
        self.field.setInputMethodHints(
            Qt.InputMethodHint.ImhUppercaseOnly | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self.field.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.field.setFixedWidth(230)
        self.field.setMaxLength(24)
        take = button.secondary(tr("Take it", "确定"), "sampling_take")
        self.field.returnPressed.connect(self._on_code_given)
        take.clicked.connect(self._on_code_given)
        self._wrong = label.error("", "sampling_code_wrong")
        self._wrong.hide()
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addWidget(words, 1)
        line.addWidget(self.field)
        line.addWidget(take)
        lines = QVBoxLayout(how)
        lines.setContentsMargins(16, 8, 12, 8)
        lines.addLayout(line)
        lines.addWidget(self._wrong)
        if not self._may_draw():
            how.hide()
        return how

    def keys(self) -> tuple[tuple[str, str], ...]:
        """This page has no keys of its own."""
        return ()

    def open(self, **what: object) -> None:
        """Show the samples of a participant (`subject`), one of them (`key`), or ask about a tube (`code`, `at`)."""
        subject, key = what.get("subject"), what.get("key")
        self._subject = subject if isinstance(subject, str) else ""
        code, at = what.get("code"), what.get("at")
        self._ask = (code, at) if isinstance(code, LabelCode) and isinstance(at, datetime) else None
        self._say_wrong("")
        self.field.clear()
        self._shown = ()
        self.refresh()
        wanted = next((r for r in self._rows if r.sample.key == key and r.sample.subject == subject), None)
        self._goal = None
        if self._ask is not None:
            self._goal = self._no  # Enter must not file it by itself
        elif wanted is not None:
            self._goal = next((b for b in wanted.findChildren(button.Button) if not b.isHidden()), None)
        self._go_to_goal()

    def _go_to_goal(self) -> None:
        """Put the focus where it was asked for, once the page is there to take it."""
        if self._goal is not None and isValid(self._goal) and self.isVisible():
            self._goal.setFocus()
            self._frame.ensure_visible(self._goal)
            self._goal = None

    def refresh(self) -> None:
        """Read the samples again."""
        if not self._desk.is_signed_in:
            return
        self._header.set_title(tr("Blood samples", "血样采集"))
        self._all.setVisible(bool(self._subject))
        self._show_question()
        self._elsewhere = self._desk.session.sampling.under_way()
        shown = self._samples()
        if shown != self._shown or not self._rows:
            self._shown = shown
            self._fill(shown)
        self._none.setVisible(not shown)
        self._show_time()

    def _samples(self) -> tuple[Sample, ...]:
        """Give those of the participant, and of nobody else under their banner; without one, what is due of all.

        What waits for centrifuge or freezer comes first.
        """
        sampling = self._desk.session.sampling
        if self._subject:
            return tuple(sorted(sampling.of(self._subject), key=lambda s: not s.is_under_way))
        subjects = self._desk.session.subjects()
        rest = (s for each in subjects for s in sampling.of(each.subject) if s.status in _OPEN)
        return (*sampling.under_way(), *rest)

    def _fill(self, shown: tuple[Sample, ...]) -> None:
        for old in self._rows:
            self._list.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._rows = []
        for sample in shown:
            row = SampleRow(sample, may_draw=self._may_draw(), with_subject=sample.subject != self._subject)
            row.pressed.connect(lambda what, s=sample: self._on_row_pressed(s, what))
            self._list.addWidget(row)
            self._rows.append(row)

    def _show_question(self) -> None:
        odd = self._desk.session.sampling.misfit(self._ask[0]) if self._ask is not None else None
        self._question.setVisible(odd is not None)
        if odd is None:
            return
        self._odd.setText(str(odd.text()))
        self._yes.setText(tr("Record it as “{point}” all the same", "仍记录为“{point}”标本", point=odd.title))

    def _show_time(self) -> None:
        now = self._desk.session.now()
        for row in self._rows:
            row.show_time(now)
        others = [s for s in self._elsewhere if s.subject != self._subject] if self._subject else []
        lines = [
            tr(
                "{who}, {point}: {by}",
                "{who}，{point}：{by}",
                who=s.subject,
                point=s.title,
                by=by_words(s, now)[0],
            )
            for s in others
        ]
        self._header.set_hint("\n".join(lines))

    def _may_draw(self) -> bool:
        form = self._desk.session.study.forms[FORM]
        item = form.by_id["cyt_done"]
        return self._desk.session.account.role in (item.by or form.by)

    # --- what is asked for -----------------------------------------------------------------------------------

    def _on_row_pressed(self, sample: Sample, what: str) -> None:
        subject, key = sample.subject, sample.key
        match what:
            case "spin" | "freeze":
                self._desk.do(lambda s, a: s.sampling.stamp(subject, key, what, reason=a.reason))
            case "skip":
                self._ask_why(sample)
            case _:
                self._desk.go("form", subject=subject, key=key)

    def _ask_why(self, sample: Sample) -> None:
        subject, key = sample.subject, sample.key
        reasons = self._desk.session.study.choices["ND_CYT"]
        title = tr(
            "{who}, {point}: why was it not drawn?",
            "{who}，{point}：为何未采集？",
            who=subject,
            point=sample.title,
        )
        dialog = NotDrawnDialog(title, reasons, self.window())
        dialog.answered.connect(
            lambda given: self._desk.do(
                lambda s, a: s.sampling.skip(subject, key, given[0], given[1], reason=a.reason)
            )
        )
        self._desk.ask(dialog)

    def _on_yes_clicked(self) -> None:
        if self._ask is not None:
            (code, at), self._ask = self._ask, None
            self._show_question()
            filing.file_tube(self._desk, code.subject, code, at)

    def _on_no_clicked(self) -> None:
        self._desk.go("sampling", subject=self._subject)

    def _on_labels_clicked(self) -> None:
        self._desk.go("print", subject=self._subject, what="labels")

    def _on_code_given(self) -> None:
        text = self.field.text().strip()
        if text:
            self.field.clear()
            self._say_wrong("")
            self._desk.take_scan(text)

    def _on_desk_scanned(self, code: str) -> None:
        """A code that nobody took: it is none of this trial, or was typed without its last character."""
        if not self.isVisible():
            return
        self.field.setText(code)
        self._say_wrong(
            tr(
                "This is no label of this trial. Type the whole code below the bars, with its last character.",
                "这不是本试验的标签。请输入条码下方的完整编码，包括最后一位校验字符。",
            )
        )

    def _say_wrong(self, text: str) -> None:
        set_wrong(self.field, bool(text))
        self._wrong.setText(text)
        self._wrong.setVisible(bool(text))

    # --- time ------------------------------------------------------------------------------------------------

    def _on_desk_changed(self, change: Change | None) -> None:
        if self.isVisible() and self._desk.is_signed_in and (change is None or change.key is None or change.key.form in (FORM, "F7")):  # fmt: skip
            self.refresh()

    def _on_timer_timeout(self) -> None:
        if not self._desk.is_signed_in:
            return
        if self._desk.session.now().second == 0:
            self.refresh()
        else:
            self._show_time()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()
        self._go_to_goal()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

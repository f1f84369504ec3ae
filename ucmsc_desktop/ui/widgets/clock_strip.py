"""What stands against the laptop's clock, on every page until it is settled; and the daily question.

It asks once a day and whenever the clock is in doubt, and stands in nobody's way: only a clock that went back stops entries,
and this strip then says so and lets them go on with one answer. Beside a reminder in a low window it folds to one button,
which opens the question with all its words; what stops entries never folds.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui import announce, style
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.dialogs.clock import says_of
from ucmsc_desktop.ui.style import pixmap, set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.label import let_grow
from ucmsc_desktop.ui.widgets.naming import named

BEAT_MS = 5_000
_INK = {"error": "ERROR", "warning": "WARNING", "info": "PRIMARY_DARK"}


class ClockStrip(QFrame):
    """Shows the state of the clock; hidden while there is nothing to say. `told` when it has something else to say."""

    told = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "clock_strip")
        let_grow(self)
        self._desk = desk
        self._said = ""
        self._folded = self._asks = self._may = self._stops = False
        self._sign = QLabel()
        self._words = label.body("", "clock_words")
        self.same = button.secondary(tr("Yes, the same", "一致"), "clock_yes")
        self.other = button.secondary(tr("No…", "不一致……"), "clock_no")
        self.same.clicked.connect(self._on_same_clicked)
        self.other.clicked.connect(desk.ask_clock)
        self.fold = button.secondary("", "clock_fold", "schedule")
        self.fold.setParent(self)
        self.fold.hide()
        self.fold.clicked.connect(desk.ask_clock)
        line = QHBoxLayout(self)
        line.setContentsMargins(14, 6, 10, 6)
        line.setSpacing(12)
        line.addWidget(self._sign)
        line.addWidget(self._words, 1)
        line.addWidget(self.same)
        line.addWidget(self.other)
        line.addWidget(self.fold)
        self._line = line
        for made in (self.same, self.other, self.fold):
            made.setFocusPolicy(
                Qt.FocusPolicy.TabFocus
            )  # a tap leaves the keyboard in the field that is typed in
        self._timer = QTimer(self)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self.refresh)
        desk.changed.connect(self._on_desk_changed)
        desk.clock_doubted.connect(self.refresh)
        desk.lock_began.connect(self._timer.stop)  # this strip goes with its window
        self.hide()
        self._timer.start()

    def refresh(self) -> None:
        """Look at the clock again."""
        if not self._desk.is_signed_in:
            self._timer.stop()
            return
        session = self._desk.session
        state, message = session.clock, session.clock_message()
        may = session.may("confirm_clock") and not session.must_change_password
        asks = state.is_due and may
        if message is None and not asks:
            self._show("", "", "")
            return
        kind = "error" if state.must_confirm else ("warning" if message is not None else "info")
        clock = f"{state.shown:%H:%M}"
        question = tr(
            "{says} Is the ward clock the same?", "{says}与病区时钟是否一致？", says=says_of(state, clock)
        )
        parts = [message.get()] if message is not None else []
        if asks:
            parts.append(question)
        told = f"{kind} {message.get() if message is not None else asks}"  # the minute alone is no news
        self._asks, self._may, self._stops = asks, may, state.must_confirm
        self.fold.setText(tr("Clock {t}?", "时钟 {t}？", t=clock))
        self.fold.setAccessibleName(" ".join(parts))
        self._arrange()
        if state.must_confirm:
            self.other.setText(tr("Confirm the time…", "核对时间……"))
        else:
            self.other.setText(tr("No…", "不一致……") if asks else tr("Check again…", "重新核对……"))
        self._show(kind, " ".join(parts), told)

    @property
    def can_fold(self) -> bool:
        """Say whether one button is enough for now: not where entries wait for the answer, or nobody here may give it."""
        return not self.isHidden() and self._may and not self._stops

    def set_folded(self, folded: bool) -> None:
        """Become one button, or show all words again."""
        if folded != self._folded:
            self._folded = folded
            self._arrange()

    def _arrange(self) -> None:
        folded = self._folded
        self._line.setContentsMargins(*((4, 2, 4, 2) if folded else (14, 6, 10, 6)))
        for part in (self._sign, self._words):
            part.setHidden(folded)
        self.same.setVisible(self._asks and not self._stops and not folded)
        self.other.setVisible(self._may and not folded)
        self.fold.setVisible(folded)

    def _show(self, kind: str, words: str, told: str) -> None:
        if not words:
            self._said = ""
            if not self.isHidden():
                self.hide()
                self.told.emit()
            return
        if self._words.text() != words:
            self._words.setText(words)
            self.setAccessibleName(words)
        set_kind(self, f"notice-{kind}")
        if told != self._said:
            self._sign.setPixmap(pixmap("schedule", style.colour(_INK[kind]), 26))
        if self.isHidden():
            self.show()
        if told != self._said:
            self._said = told
            announce.alert(self, self.accessibleName())
            self.told.emit()

    def _on_desk_changed(self, _change: object) -> None:
        self.refresh()

    def _on_same_clicked(self) -> None:
        self._desk.do(lambda s, _a: s.confirm_clock())

    def text(self) -> str:
        """Give all that is said; "" while nothing is shown."""
        return self._words.text() if self._said else ""

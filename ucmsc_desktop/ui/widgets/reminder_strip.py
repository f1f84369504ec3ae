"""The strip of a reminder: what, for whom, since when; to the place where it is answered; or put off.

Signed in it names participant and bed; on the locked screen it does not. One reminder at a time, with the number of the
others. It says that it is a reminder and not an alarm.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from ucmsc_desktop.i18n import Text, show_datetime, tr
from ucmsc_desktop.ui import announce, style
from ucmsc_desktop.ui.reminder import SNOOZE_MIN, ReminderWatch, Shown
from ucmsc_desktop.ui.style import pixmap, set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.label import let_grow
from ucmsc_desktop.ui.widgets.naming import named

_DO: dict[str, Text] = {
    "vitals": Text("Record", "去记录"),
    "mix": Text("Bag mixed", "已混匀"),
    "sample": Text("Open", "打开"),
    "spin": Text("Open", "打开"),
    "freeze": Text("Open", "打开"),
    "sign": Text("Open", "打开"),
}


class ReminderStrip(QFrame):
    """Shows the most pressing reminder of a watch. `answered` where the person goes to answer it."""

    answered = Signal(object)  # Shown

    def __init__(self, watch: ReminderWatch, *, locked: bool = False) -> None:
        super().__init__()
        named(set_kind(self, "reminder"), "reminder_strip")
        let_grow(self)
        self._watch = watch
        self._is_locked = locked
        self._shown: Shown | None = None
        self._told = ""
        sign = QLabel()
        sign.setPixmap(pixmap("notifications", style.WARNING, 28))
        self._what = label.label("", "reminder_what")
        self._when = label.hint("", "reminder_when")
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(self._what)
        texts.addWidget(self._when)
        self.act = button.secondary("", "reminder_act")
        self.act.setParent(self)
        self.act.clicked.connect(self._on_act_clicked)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        if locked:
            self.act.hide()  # where it would lead shows whose it is
        else:
            buttons.addWidget(self.act)
        self.later = []
        for minutes in SNOOZE_MIN:
            made = button.make(
                "minutes", tr("In {n} min", "{n} 分钟后", n=minutes), f"reminder_later_{minutes}"
            )
            made.setAccessibleName(tr("Remind again in {n} min", "{n} 分钟后再提醒", n=minutes))
            made.clicked.connect(lambda _checked=False, n=minutes: self._on_later_clicked(n))
            buttons.addWidget(made)
            self.later.append(made)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(14, 6, 10, 6)
        outer.setSpacing(12)
        outer.addWidget(sign, 0, Qt.AlignmentFlag.AlignVCenter)
        outer.addLayout(texts, 1)
        outer.addLayout(buttons)
        self._outer = outer
        if not watch.on:
            self.hide()  # otherwise it shows with the page it is put on: shown without one it would be a window
        watch.changed.connect(self._on_watch_changed)
        self._on_watch_changed(watch.on)

    def set_low(self, low: bool, *, beside: bool = False) -> None:
        """Save height in a low window; beside another strip only the longest putting-off stays."""
        self._outer.setContentsMargins(14, 1 if low else 6, 10, 1 if low else 6)
        for made in self.later[:-1]:
            made.setHidden(beside)
        n = SNOOZE_MIN[-1]
        alone, in_row = tr("Again in {n} min", "{n} 分钟后再提醒", n=n), tr("In {n} min", "{n} 分钟后", n=n)
        self.later[-1].setText(alone if beside else in_row)

    def focus(self) -> bool:
        """Take the focus to the first button; say whether anything is shown."""
        if self._shown is None or not self.isVisible():
            return False
        (self.later[0] if self._is_locked else self.act).setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def _on_watch_changed(self, on: tuple[Shown, ...]) -> None:
        self._shown = on[0] if on else None
        shown = self._shown
        if shown is None:
            self.hide()
            self._told = ""
            return
        title = shown.title.get()
        self._what.setText(title)
        if shown.about is not None:
            where = tr("{s}, bed {b}", "{s}，{b} 床", s=shown.about.subject, b=shown.about.bed)
            if not shown.about.bed:
                where = shown.about.subject
            self._what.setText(f"{title} · {where}")
        self._when.setText(self._words(shown, len(on) - 1))
        self.act.setText(_DO[shown.kind].get())
        self.act.setAccessibleName(f"{self.act.text()}: {self._what.text()}")
        said = f"{self._what.text()}. {self._when.text()}"
        self.setAccessibleName(said)
        if self.isHidden() and self.parentWidget() is not None:
            self.show()
        if self._told != shown.digest:  # a new one; not every time its words change
            self._told = shown.digest
            announce.alert(self, self.accessibleName())

    def _words(self, shown: Shown, others: int) -> str:
        today = shown.due.date() == shown.ends.date()
        until = f"{shown.ends:%H:%M}" if today else show_datetime(shown.ends)
        parts = [
            tr("due {due}, until {until}", "应于 {due}，截止 {until}", due=f"{shown.due:%H:%M}", until=until)
        ]
        if shown.count:
            parts.append(tr("put off {n}×", "已推迟 {n} 次", n=shown.count))
        if others:
            parts.append(tr("{n} more", "另有 {n} 项", n=others))
        parts.append(tr("a reminder, not an alarm", "仅为提醒，不是报警"))
        return " · ".join(parts)

    def _on_act_clicked(self) -> None:
        if self._shown is not None:
            self.answered.emit(self._shown)

    def _on_later_clicked(self, minutes: int) -> None:
        if self._shown is not None:
            self._watch.snooze(self._shown, minutes)

    def text(self) -> str:
        """Give all that is said; "" while nothing is shown."""
        return self.accessibleName() if self._shown is not None else ""

"""The big buttons of an infusion. Each says at once what was pressed; what it means is for the page.

The rule a reader would miss: after a press the buttons that move cells rest for a moment, because the one that appears in
the place of the one pressed must not take the second half of a double tap. The row of vital signs may be opened at once:
it moves nothing.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QIcon, QKeySequence, QShortcut
from PySide6.QtWidgets import QGridLayout, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.style import PAD, icon
from ucmsc_desktop.ui.widgets import button
from ucmsc_desktop.ui.widgets.button import Button

REST_MS = 1000

# Two keys at once, so that no press is an accident, and none that a desktop keeps for itself.
KEYS = {
    "start": "Shift+F5",
    "pause": "Shift+F6",
    "resume": "Shift+F7",
    "end": "Shift+F8",
    "stop": "Shift+F9",
    "vitals": "Ctrl+Return",
}
_SHOWN = {
    "planned": ("vitals", "start"),
    "running": ("vitals", "pause", "end", "stop"),
    "paused": ("vitals", "resume", "end", "stop"),
    "ended": ("vitals",),
    "readonly": (),
}


class ActionPad(QWidget):
    """START, PAUSE, RESUME, END, STOP and the row of vital signs. `pressed` carries the name of the button."""

    pressed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("infusion_pad")
        self._buttons: dict[str, Button] = {
            "vitals": button.primary(
                tr("Record vital signs now", "立即记录生命体征"), "infusion_vitals", "monitor_heart"
            ),
            "start": button.big(tr("START", "开始输注"), "infusion_start", "start", "play_arrow"),
            "pause": button.big(tr("Pause", "暂停"), "infusion_pause", "pause", "pause"),
            "resume": button.big(tr("Resume", "继续"), "infusion_resume", "start", "play_arrow"),
            "end": button.big(tr("End", "输完"), "infusion_end", "pause", "check_circle"),
            "stop": button.big(tr("STOP", "立即停止"), "infusion_stop", "stop", "block"),
        }
        for name, accessible in {
            "start": tr("Start: the cells reach the vein", "开始：细胞进入静脉"),
            "pause": tr("Pause the infusion", "暂停输注"),
            "resume": tr("Resume the infusion", "继续输注"),
            "end": tr("End: the bag has run in", "结束：制剂已输完"),
            "stop": tr("Stop the infusion before its end", "提前停止输注"),
        }.items():
            self._buttons[name].setAccessibleName(accessible)
            self._buttons[name].setToolTip(f"{accessible} ({KEYS[name]})")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(5, 5, 5, 5)  # room for the focus ring
        self._grid.setSpacing(8)
        self._state = "readonly"
        self._flat = False
        self._pair = False
        self._saves = False
        self._standing: tuple[int, int, bool] = (0, 0, False)
        self._resting = QTimer(self)
        self._resting.setSingleShot(True)
        self._resting.setInterval(REST_MS)
        self._resting.timeout.connect(self._on_resting_timeout)
        for name, made in self._buttons.items():
            made.setParent(self)
            made.hide()
            made.setMinimumWidth(0)
            made.clicked.connect(lambda _checked=False, name=name: self._on_button_clicked(name))
        self._lay_out()

    def listen(self, page: QWidget) -> None:
        """Let the keys press the buttons while a page is shown, wherever the focus is in its window.

        A key that is held down presses once.
        """
        for name, keys in KEYS.items():
            made = QShortcut(QKeySequence(keys), page)
            made.setContext(Qt.ShortcutContext.WindowShortcut)
            made.setAutoRepeat(False)
            made.activated.connect(lambda name=name: self._on_key_activated(name))

    def _on_key_activated(self, name: str) -> None:
        if name in _SHOWN[self._state] and self._buttons[name].isEnabled():
            self._on_button_clicked(name)

    def show_state(self, state: str) -> None:
        """Offer what can be done in a state: planned, running, paused, ended, readonly."""
        if state != self._state:
            self._state = state
            self._lay_out()
            self.offer_save(self._saves)

    def show_ready(self, open_steps: int, running: int = 0, *, refused: bool = False) -> None:
        """Show START as what it is: ready, or why not yet. It may be pressed either way, and then says all of it.

        `open_steps` of the guide; `running`: the number of another infusion that has not ended, 0 where there is none;
        `refused`: a check stands against it though every step is done.
        """
        standing = (open_steps, running, refused)
        if standing == self._standing:
            return
        self._standing = standing
        made = self._buttons["start"]
        words = tr("Start: the cells reach the vein", "开始：细胞进入静脉")
        still = _why_not(open_steps, running, refused=refused)
        if not still:
            made.setText(tr("START", "开始输注"))
            made.setIcon(icon("play_arrow", style.ON_FILL, size=32))
        else:
            made.setText(f"{tr('START', '开始输注')}\n{still}")
            made.setIcon(QIcon())
            words = tr("{start}. Not ready: {still}", "{start}。尚未就绪：{still}", start=words, still=still)
        style.set_kind(made, "start-open" if still else "start")
        made.setAccessibleName(words)
        made.setToolTip(f"{words} ({KEYS['start']})")
        self._lay_out()

    def set_flat(self, flat: bool) -> None:
        """Lay the buttons in one line (in the foot of a low window) or in a block."""
        if flat != self._flat:
            self._flat = flat
            self._lay_out()

    def set_pair(self, pair: bool) -> None:
        """Lay the two buttons before the start beside each other, where a low window has no room for two lines."""
        if pair != self._pair:
            self._pair = pair
            self._lay_out()
            self.offer_save(self._saves)

    def focus_first(self) -> None:
        """Put the focus on the harmless button: Enter must never start or stop cells by accident."""
        if self.is_resting:
            self.setFocus()  # a button that is off takes no focus; it comes back to the harmless one after the rest
        else:
            self._buttons["vitals"].setFocus()

    def holds_focus(self, page: QWidget) -> bool:
        """Say whether the keyboard of a page is on one of the buttons, or will be once the page is shown."""
        return page.focusWidget() in (self, *self._buttons.values())

    def words(self, name: str) -> str:
        """Say what a button does."""
        return self._buttons[name].accessibleName() or self._buttons[name].text()

    def offer_save(self, save: bool) -> None:
        """Let the first button save the row of vital signs that is open, in place of opening one."""
        made = self._buttons["vitals"]
        self._saves = save
        short = self._pair and self._state == "planned"
        if short:
            made.setText(tr("Save", "保存") if save else tr("Vital signs", "生命体征"))
        else:
            made.setText(
                tr("Save vital signs", "保存生命体征")
                if save
                else tr("Record vital signs now", "立即记录生命体征")
            )
        made.setIcon(QIcon() if short else icon("save" if save else "monitor_heart", style.ON_FILL))

    @property
    def is_resting(self) -> bool:
        """Say whether a press of a button that moves cells would be ignored just now."""
        return self._resting.isActive()

    def rest(self) -> None:
        """Let nothing move cells for a moment. The keyboard stays here, or Qt would move it to the rail, where Enter leaves.

        A row of vital signs may be opened meanwhile, but one that is open is not saved by the second half of a double tap.
        """
        if any(made.hasFocus() for made in self._buttons.values()):
            self.setFocus()
        for name, made in self._buttons.items():
            made.setEnabled(name == "vitals" and not self._saves)
        self._resting.start()

    def _lay_out(self) -> None:
        shown = _SHOWN[self._state]
        for made in self._buttons.values():
            self._grid.removeWidget(made)
        places = dict(zip(shown, self._places(shown), strict=True))
        for name, made in self._buttons.items():
            if name in places:
                self._grid.addWidget(made, *places[name])
            made.setVisible(name in places)
            level = self._flat or (self._pair and self._state == "planned")
            made.setFixedHeight(PAD if level and name == "vitals" else made.sizeHint().height())
        for column in range(5):
            self._grid.setColumnStretch(column, 0)
        for column in range(len(shown) if self._flat else 2):
            self._grid.setColumnStretch(column, 2 if self._flat and column == 0 else 1)
        self.setVisible(bool(shown))

    def _places(self, shown: tuple[str, ...]) -> list[tuple[int, int, int, int]]:
        """Give row, column, rows and columns of each button."""
        if self._flat:
            return [(0, column, 1, 1) for column in range(len(shown))]
        if self._pair and self._state == "planned":
            return [(0, column, 1, 1) for column in range(len(shown))]
        if len(shown) < 4:
            return [(row, 0, 1, 2) for row in range(len(shown))]
        return [(0, 0, 1, 2), (1, 0, 1, 1), (1, 1, 1, 1), (2, 0, 1, 2)]

    def _on_button_clicked(self, name: str) -> None:
        if name != "vitals":
            self.rest()
        self.pressed.emit(name)

    def _on_resting_timeout(self) -> None:
        for made in self._buttons.values():
            made.setEnabled(True)
        if self.hasFocus():
            self.focus_first()

    def hideEvent(self, event: QHideEvent) -> None:
        if self._resting.isActive():
            self._resting.stop()
            self._on_resting_timeout()
        super().hideEvent(event)


def _why_not(open_steps: int, running: int, *, refused: bool) -> str:
    """Say in a few words why START rests; "" where it is ready."""
    if running:
        return tr("infusion {n} runs", "第 {n} 次输注中", n=running)
    if open_steps == 1:
        return tr("1 step open", "还有 1 步未完成")
    if open_steps:
        return tr("{n} steps open", "还有 {n} 步未完成", n=open_steps)
    return tr("not allowed yet", "暂不允许") if refused else ""

"""A number pad on the screen, for gloved fingers: keys of 76 px at the right of the page, never over a field.

Its keys type into the field that has the focus and never take the focus themselves; so a field cannot tell them from a
keyboard, and moving on, refusing and drafts are the same. It shows what it types into. Where a key makes no sense for the
field (a minus for a heart rate) it is off.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.form.number_input import NumberInput
from ucmsc_desktop.ui.style import icon, set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.naming import named

GAP = 4
MARGIN = 6
WIDTH = 4 * style.PAD + 3 * GAP + 2 * MARGIN
KEYS = 4 * style.PAD + 3 * GAP + 2 * MARGIN  # the height of the keys alone
HEAD = style.TOUCH + GAP  # what it types into stands above where there is room

_DIGITS = ((7, 8, 9), (4, 5, 6), (1, 2, 3))
SETTLE_MS = 40
ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Wants:
    """What a field can take besides digits."""

    point: bool = False
    minus: bool = False
    units: tuple[str, ...] = ()


def wants_of(edit: QLineEdit) -> Wants:
    """Say what a field can take: a number by its item, a code a hyphen; a part of a date or a time digits alone."""
    above = edit.parentWidget()
    while above is not None and not isinstance(above, NumberInput):
        above = above.parentWidget()
    if above is None:
        is_part = ":" in edit.objectName()  # day, month, year, time, hours
        return Wants(minus=not is_part)
    return Wants(point=above.takes_point, minus=above.takes_minus, units=above.unit_names())


def takes_digits(widget: QWidget | None) -> bool:
    """Say whether a widget is a field for a number, a date, a time or a code: those have the input method switched off."""
    return (
        isinstance(widget, QLineEdit)
        and not widget.isReadOnly()
        and widget.isEnabled()
        and widget.echoMode() is QLineEdit.EchoMode.Normal
        and not widget.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled)
    )


class NumberPad(QFrame):
    """The pad. `closed` when the person puts it away."""

    closed = Signal()

    def __init__(self, page: QWidget) -> None:
        super().__init__()
        named(set_kind(self, "pad"), "number_pad", tr("Number pad", "数字键盘"))
        self._page = page
        self._field: QLineEdit | None = None
        self._rounds = 0
        self._into = label.label("", "pad_field")
        self._into.setWordWrap(False)
        self._into.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._value = label.value("", "pad_value")
        self._value.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        close = button.quiet("", "pad_close", "close")
        close.setAccessibleName(tr("Put the number pad away", "收起数字键盘"))
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        close.clicked.connect(self.closed)
        self._head = QWidget()
        head = QHBoxLayout(self._head)
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(8)
        head.addWidget(self._into, 3)
        head.addWidget(self._value, 2)
        head.addWidget(close)
        grid = QGridLayout()
        grid.setSpacing(GAP)
        for row, digits in enumerate(_DIGITS):
            for column, digit in enumerate(digits):
                grid.addWidget(self._digit(digit), row, column)
        grid.addWidget(self._digit(0), 3, 0)
        self.point = self._key(".", "pad_point", tr("Decimal point", "小数点"))
        self.minus = self._key("−", "pad_minus", tr("Minus", "减号"))
        self.back = self._key("", "pad_back", tr("Backspace", "退格"))
        self.back.setIcon(icon("backspace"))
        self.back.setIconSize(QSize(32, 32))
        self.unit = self._key("", "pad_unit", tr("Other unit", "切换单位"))
        set_kind(self.unit, "key-small")
        self.next = self._key(tr("Next", "下一项"), "pad_next", tr("Next field", "下一字段"))
        set_kind(self.next, "key-next")
        self.point.clicked.connect(lambda: self._press(Qt.Key.Key_Period, "."))
        self.minus.clicked.connect(lambda: self._press(Qt.Key.Key_Minus, "-"))
        self.back.clicked.connect(lambda: self._press(Qt.Key.Key_Backspace, ""))
        self.next.clicked.connect(lambda: self._press(Qt.Key.Key_Return, "\r"))
        self.unit.clicked.connect(self._on_unit_clicked)
        for made, row, column in (
            (self.back, 0, 3),
            (self.minus, 1, 3),
            (self.unit, 2, 3),
            (self.point, 3, 1),
        ):
            grid.addWidget(made, row, column)
        grid.addWidget(self.next, 3, 2, 1, 2)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        outer.setSpacing(GAP)
        outer.addWidget(self._head)
        outer.addLayout(grid)
        outer.addStretch(1)
        self.setFixedWidth(WIDTH)
        self._settle = QTimer(self)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._bring_into_sight)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._on_app_focus_changed)
        self.hide()

    def _key(self, text: str, name: str, accessible: str) -> Button:
        made = named(Button(text), name, accessible)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.setAutoRepeat(name == "pad_back")
        return set_kind(made, "key")

    def _digit(self, digit: int) -> Button:
        made = self._key(str(digit), f"pad_{digit}", str(digit))
        key = Qt.Key(Qt.Key.Key_0.value + digit)
        made.clicked.connect(lambda: self._press(key, str(digit)))
        return made

    # --- what it types into ----------------------------------------------------------------------------------

    @property
    def field(self) -> QLineEdit | None:
        """The field it types into; None while there is none."""
        return self._field if self._field is not None and isValid(self._field) else None

    def look(self) -> None:
        """Take the field that has the focus, if it takes digits; otherwise rest."""
        focused = QApplication.focusWidget()
        self._take(focused if isinstance(focused, QLineEdit) and self._is_mine(focused) else None)

    def _is_mine(self, widget: QWidget | None) -> bool:
        return takes_digits(widget) and widget is not None and self._page.isAncestorOf(widget)

    def _on_app_focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        if self.isVisible() and now is not None:
            self._take(now if isinstance(now, QLineEdit) and self._is_mine(now) else None)

    def _take(self, field: QLineEdit | None) -> None:
        before = self.field
        if before is not None and before is not field:
            before.textChanged.disconnect(self._on_text_changed)
        if field is not None and before is not field:
            field.textChanged.connect(self._on_text_changed)
        self._field = field
        wants = wants_of(field) if field is not None else Wants()
        for made in self.findChildren(Button):
            if made.objectName() not in ("pad_close", "pad_point", "pad_minus", "pad_unit"):
                made.setEnabled(field is not None)
        self.point.setEnabled(wants.point)
        self.minus.setEnabled(wants.minus)
        self.unit.setEnabled(len(wants.units) > 1)
        self._show_unit()
        if field is None:
            self._into.setText(tr("Choose a field", "请选择字段"))
            self._value.setText("")
            return
        name = field.accessibleName()
        self._into.setAccessibleName(name)
        # "Heart rate, /min, row 5" does not fit above the keys: an ellipsis says so, a cut word does not.
        room = self._into.width() or self.sizeHint().width() // 2
        self._into.setText(self._into.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, room))
        self._on_text_changed(field.text())
        self._rounds = ROUNDS
        self._settle.start()

    def _on_text_changed(self, text: str) -> None:
        self._value.setText(text)

    def _number(self) -> NumberInput | None:
        above: QWidget | None = self.field
        while above is not None and not isinstance(above, NumberInput):
            above = above.parentWidget()
        return above

    def _show_unit(self) -> None:
        number = self._number()
        names = number.unit_names() if number is not None else ()
        self.unit.setText(number.unit_text if number is not None and len(names) > 1 else "")

    def _bring_into_sight(self) -> None:
        """The page has become narrower, and finds its new height in several rounds: the field must still be seen."""
        self._rounds -= 1
        if self._rounds <= 0:
            self._settle.stop()
        field = self.field
        above = field.parentWidget() if field is not None else None
        while field is not None and above is not None and above is not self._page.window():
            if isinstance(above, QScrollArea):
                above.ensureWidgetVisible(field, 20, 60)
            above = above.parentWidget()

    # --- typing ----------------------------------------------------------------------------------------------

    def _press(self, key: Qt.Key, text: str) -> None:
        field = self.field
        if field is None:
            return
        if not field.hasFocus():
            field.setFocus(Qt.FocusReason.OtherFocusReason)
        none = Qt.KeyboardModifier.NoModifier
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            there = QApplication.focusWidget() if kind is QEvent.Type.KeyRelease else field
            if there is not None:
                QApplication.sendEvent(there, QKeyEvent(kind, key, none, text))

    def _on_unit_clicked(self) -> None:
        number = self._number()
        if number is not None:
            number.next_unit()
            self._show_unit()

    def minimumSizeHint(self) -> QSize:
        return QSize(WIDTH, KEYS)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._head.setVisible(event.size().height() >= KEYS + HEAD)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look()

    def hideEvent(self, event: QHideEvent) -> None:
        self._settle.stop()
        self._take(None)
        super().hideEvent(event)

"""Numbers: typed as printed on the source, with the unit of the source, the other reading shown beside it.

Parsing lives in study.values; nothing is rounded or converted before it is stored. The echo is for the eye only: it has
about as many digits as were typed.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from ucmsc_desktop.clinical.units import convert
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Number, Value, ValueProblem, parse_number, tidy
from ucmsc_desktop.ui.form.context import Context
from ucmsc_desktop.ui.form.keypad import point_on_keypad
from ucmsc_desktop.ui.form.labels import text_label
from ucmsc_desktop.ui.form.layouts import FlowBox
from ucmsc_desktop.ui.form.tiles import Tile
from ucmsc_desktop.ui.form.words import accessible, object_name
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets.naming import named

_GRACE = Decimal("0.26")


def plain_keys(edit: QLineEdit) -> QLineEdit:
    """Switch the input method off: digits, codes and dates are typed as they are on the key."""
    edit.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
    edit.setInputMethodHints(
        Qt.InputMethodHint.ImhNoPredictiveText
        | Qt.InputMethodHint.ImhNoAutoUppercase
        | Qt.InputMethodHint.ImhPreferNumbers
    )
    return edit


class NumberInput(FlowBox):
    """A decimal or whole number with its unit."""

    typed = Signal()
    chosen = Signal(str)

    def __init__(self, item: Item, row: int, _context: Context) -> None:
        super().__init__()
        self._item = item
        name = object_name(item.id, row)
        self._operators: dict[str, Tile] = {}
        if item.operators:
            for sign, says in (("<", tr("less than", "小于")), (">", tr("more than", "大于"))):
                tile = Tile(
                    sign, f"{name}:{'less' if sign == '<' else 'more'}", f"{item.label}, {says}", small=True
                )
                tile.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # on the keyboard the sign itself is typed
                tile.clicked.connect(lambda _on=False, s=sign: self._on_operator_clicked(s))
                self._operators[sign] = tile
                self.add(tile)
        self.edit = plain_keys(named(QLineEdit(), name, accessible(item, row)))
        point_on_keypad(self.edit)
        self.edit.setFixedWidth(110)
        self.edit.textEdited.connect(self._on_edit_text_edited)
        self.add(self.edit)
        self._units: dict[str, Tile] = {}
        if item.alt_units:
            for symbol in (item.unit, *item.alt_units):
                text = item.unit_label(symbol)
                tile = Tile(
                    text,
                    f"{name}:{symbol}",
                    tr("{item}, unit {unit}", "{item}，单位{unit}", item=item.label, unit=text),
                    small=True,
                )
                tile.clicked.connect(lambda _on=False, s=symbol: self._on_unit_clicked(s))
                self._units[symbol] = tile
                self.add(tile)
            self._choose_unit(item.unit)
        elif item.unit:
            self.add(text_label("hint", item.unit_label(), wrap=False))
        self.echo: QLabel | None = None

    # --- what a field asks of every input --------------------------------------------------------------------

    def first(self) -> QWidget:
        """Give the widget that takes the focus."""
        return self.edit

    def show_value(self, value: Value | None) -> None:
        """Show a value; emits nothing."""
        if isinstance(value, Number):
            self.edit.setText(("" if value.op == "=" else value.op) + format(value.amount, "f"))
            self._choose_unit(value.unit or self._item.unit)
        else:
            self.edit.setText("")  # not clear(), after which Ctrl+Z would bring the value of before back
            self._choose_unit(self._item.unit)
        self._refresh()

    def read(self) -> Value | None:
        """Read what is typed. Raises: ValueProblem."""
        if not self.edit.text().strip():
            return None
        return parse_number(
            self.edit.text(),
            unit=self.unit,
            integer=self._item.type == "integer",
            operators=self._item.operators,
        )

    def text(self) -> str:
        """Give what stands in the field, unit included, as a draft keeps it."""
        typed = self.edit.text().strip()
        return f"{typed} {self.unit}" if typed and self._units else typed

    def set_text(self, text: str) -> None:
        """Put a draft back."""
        number, _, unit = text.partition(" ")
        self.edit.setText(number)
        self._choose_unit(unit if unit in self._units else self._item.unit)
        self._refresh()

    def set_wrong(self, wrong: bool) -> None:
        """Mark it as wrong."""
        set_wrong(self.edit, wrong)

    def set_read_only(self, read_only: bool) -> None:
        """Let it be read only."""
        self.edit.setReadOnly(read_only)
        for tile in (*self._units.values(), *self._operators.values()):
            tile.setEnabled(not read_only)

    # --- for a number pad on the screen ----------------------------------------------------------------------

    @property
    def takes_point(self) -> bool:
        """Say whether a decimal point can be typed here."""
        return self._item.type == "decimal"

    @property
    def takes_minus(self) -> bool:
        """Say whether a number below nought is possible here."""
        low = self._item.hard.low if self._item.hard is not None else None
        return low is None or low < 0

    def unit_names(self) -> tuple[str, ...]:
        """Give the units to choose from; none where there is one only."""
        return tuple(self._units)

    @property
    def unit_text(self) -> str:
        """Give the unit chosen as a person reads it."""
        return self._item.unit_label(self.unit)

    def next_unit(self) -> None:
        """Choose the next of the units, as a tap on its tile would."""
        names = self.unit_names()
        if names:
            self._units[names[(names.index(self.unit) + 1) % len(names)]].click()

    # --- unit, operator, echo --------------------------------------------------------------------------------

    @property
    def unit(self) -> str:
        """Give the unit chosen."""
        return next((s for s, tile in self._units.items() if tile.isChecked()), self._item.unit)

    def _choose_unit(self, symbol: str) -> None:
        for name, tile in self._units.items():
            tile.setChecked(name == symbol)
            tile.setFocusPolicy(Qt.FocusPolicy.StrongFocus if name == symbol else Qt.FocusPolicy.ClickFocus)

    def _on_unit_clicked(self, symbol: str) -> None:
        self._choose_unit(symbol)
        self._refresh()
        self.typed.emit()

    def _on_operator_clicked(self, sign: str) -> None:
        bare = self.edit.text().strip().lstrip("<>＜＞").strip()
        had = tidy(self.edit.text())[:1] == sign
        self.edit.setText(bare if had else sign + bare)
        self._refresh()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.typed.emit()

    def _on_edit_text_edited(self, text: str) -> None:
        self._take_unit(text)
        self._refresh()
        self.typed.emit()

    def _take_unit(self, text: str) -> None:
        """Choose the unit that was typed or pasted behind the number ("8.4 kPa")."""
        tail = tidy(text).lstrip("<>=+-.0123456789 ")
        if not tail:
            return
        for symbol in (self._item.unit, *self._item.alt_units):
            names = {symbol.casefold(), self._item.unit_label(symbol).casefold()}
            if symbol and tail.casefold() in names:
                tidied = tidy(text)
                self.edit.setText(tidied[: len(tidied) - len(tail)].strip())
                self._choose_unit(symbol)

    def _refresh(self) -> None:
        sign = tidy(self.edit.text())[:1]
        for name, tile in self._operators.items():
            tile.setChecked(name == sign)
        words = ""
        if self._units:
            try:
                value = self.read()
            except ValueProblem:
                value = None
            if isinstance(value, Number):
                words = echo(self._item, value)
        self._show_echo(words)

    def _show_echo(self, words: str) -> None:
        if self.echo is None:
            if not words:
                return
            self.echo = text_label("hint", "", f"{self.edit.objectName()}:echo", wrap=False)
            self.add(self.echo)
        if words != self.echo.text() or self.echo.isHidden() == bool(words):
            self.echo.setText(words)
            self.echo.setVisible(bool(words))
            self.relay()


def echo(item: Item, value: Number) -> str:
    """Show a number in its other units too: "60 mmHg = 8.0 kPa", "0.40 (40 %)". Empty where there is no other."""
    own = value.unit or item.unit
    sign = "" if value.op == "=" else value.op
    others = []
    for symbol in (item.unit, *item.alt_units):
        if symbol == own:
            continue
        other = _converted(item, value.amount, own, symbol)
        others.append((symbol, f"{sign}{other}"))
    if not others:
        return ""
    here = f"{sign}{format(value.amount, 'f')}"
    if {own, *(s for s, _ in others)} == {"fraction", "%"}:
        fraction, percent = (here, others[0][1]) if own == "fraction" else (others[0][1], here)
        return f"{fraction} ({percent} %)"
    readings = " = ".join(f"{text} {item.unit_label(symbol)}" for symbol, text in others)
    return f"{here} {item.unit_label(own)} = {readings}"


def _converted(item: Item, amount: Decimal, own: str, symbol: str) -> str:
    """Convert for the eye, with about the resolution of what was typed."""
    step = Decimal(1).scaleb(min(int(amount.as_tuple().exponent), 0))
    exact = convert(amount, own, symbol, quantity=item.quantity)
    above = convert(amount + step, own, symbol, quantity=item.quantity)
    if exact is None or above is None:  # pragma: no cover - an amount in gives an amount out
        return ""
    width = abs(above - exact)
    # A quarter of a digit of grace: 8.0 kPa reads 60 mmHg and not 60.0, but 123 jin reads 61.5 kg and not 62.
    wanted = (-width.log10() - _GRACE).to_integral_value(ROUND_CEILING) if width else Decimal(0)
    places = max(0, int(wanted))
    return format(exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP), "f")

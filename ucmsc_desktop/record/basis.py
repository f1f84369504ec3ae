"""What a criterion rests on: values of a participant's records with their names, what is missing, who answered.

Numbers are shown unrounded first. Pure.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

from ucmsc_desktop.i18n import Text, show_date, show_datetime
from ucmsc_desktop.record.criteria import Attested, Fact, Need
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import operand
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Missing, Value

DIGITS = 6  # shown of a value that has no end


class Basis:
    """Reads one participant's evidence at a moment."""

    def __init__(self, view: FormState) -> None:
        """Read the eligibility record as it stands, derivations included."""
        now = self.now = view.now
        self.view = view
        self.state = self.view.view
        self.form = self.view.form
        moment = self.view.value("elig_dtm")
        self.at = moment if isinstance(moment, datetime) else now

    def value(self, key: FormKey, item: str) -> Value | None:
        """Give a value of a record."""
        return self.state.value(key, Cell(item))

    def amount(self, key: FormKey, item: str) -> Decimal | None:
        """Give a number in its base unit; None where there is none."""
        found = operand(self.item(key, item), self.value(key, item))
        return found if isinstance(found, Decimal) else None

    def item(self, key: FormKey, item: str) -> Item:
        """Give an item of a form."""
        return self.state.study.forms[key.form].by_id[item]

    def shown(self, key: FormKey, item: str) -> Text:
        """Show a value; a dash where there is none."""
        value = self.value(key, item)
        if value is None:
            return Text("–", "–")
        found = self.item(key, item)
        return Text(found.shown(value, "en"), found.shown(value, "zh"))

    def fact(self, key: FormKey, item: str, name: Text | None = None) -> Fact | None:
        """Give a value with its name; None where there is none."""
        if self.value(key, item) is None:
            return None
        return Fact(name or self.item(key, item).label, self.shown(key, item))

    def facts(self, key: FormKey, *items: str) -> list[Fact]:
        """Give the values that are there, with their names."""
        return [f for i in items if (f := self.fact(key, i)) is not None]

    def needs(self, key: FormKey, *items: str) -> list[Need]:
        """Give those of the items that have no value; what skip logic hides is not needed."""
        form = self.state.study.forms[key.form]
        found = []
        for name in items:
            item = form.by_id[name]
            value = self.value(key, name)
            if isinstance(value, Missing):
                words = Text("{what} ({gap})", "{what}（{gap}）").fill(what=item.label, gap=value.code)
            elif value is None and self.state.shown(key, item, self.now):
                words = item.label
            else:
                continue
            found.append(Need(words, key, Cell(name), item.by or form.by))
        return found

    def attested(self, item: Item) -> Attested | None:
        """Say who answered an item, and when; None where nobody has, or it is calculated."""
        entry = self.view.entry(item.id)
        if item.is_derived or entry is None or entry.value is None:
            return None
        return Attested(entry.user, entry.ward_at)

    def border(self, item: str, words: Text) -> Text | None:
        """Give the words of a borderline flag that is up."""
        return words if self.view.value(item) == "Y" else None


def unrounded(amount: Decimal, digits: int = DIGITS) -> str:
    """Show a number without rounding: all its digits, or the first few and an ellipsis."""
    text = format(amount.normalize(), "f")
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest[:digits]}…" if len(rest) > digits else text


def short(amount: Decimal) -> str:
    """Round to one decimal, for reading beside the unrounded value."""
    rounded = amount.quantize(Decimal("0.1"), rounding="ROUND_HALF_UP")
    return format(rounded.normalize() if rounded == rounded.to_integral_value() else rounded, "f")


def hours(span: timedelta) -> Text:
    """Show a span in whole hours and minutes, and in days beyond two."""
    minutes = int(span.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    return Text(f"{hours} h {rest:02d} min", f"{hours} 小时 {rest:02d} 分")


def in_days(days: Decimal) -> Text:
    return Text(f"{format(days, 'f')} days", f"{format(days, 'f')} 天")


def at_moment(at: datetime) -> Text:
    return Text(show_datetime(at, "en"), show_datetime(at, "zh"))


def on_day(day: date) -> Text:
    return Text(show_date(day, "en"), show_date(day, "zh"))


def both(text: str) -> Text:
    """Give what reads the same in both languages: numbers and their units."""
    return Text(text, text)

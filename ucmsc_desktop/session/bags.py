"""Which bag of cells was received for whom, over all participants of this laptop.

A bag belongs to one infusion of one participant. Within a participant the forms check that (X04.reuse); they see no other
participant, and must not: so it is asked here, before an entry is recorded. It never looks at anything but bag codes.
"""

from __future__ import annotations

from collections.abc import Mapping

from ucmsc_desktop.errors import BagUsed
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.ledger.ledger import Ledger
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.study.functions import same_code
from ucmsc_desktop.study.values import Value, ValueProblem, load

RECEIVED = ("F6", "prod_unit_id")
ASKED = {RECEIVED, ("F7", "inf_bag_scan")}  # an entry here names a bag
CHECK = "X04.reuse"  # what an investigator passes, with the reason, where a bag did go to somebody else


class Bags:
    """The bags received on this laptop; read once, then kept up to date by what arrived since."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._upto = 0
        self._held: dict[tuple[str, FormKey], str] = {}

    def refuse(self, subject: str, key: FormKey, values: Mapping[Cell, Value | None]) -> None:
        """Refuse a bag that stands in the product record of another participant. Raises: BagUsed."""
        for cell, value in values.items():
            if isinstance(value, str) and (key.form, cell.item) in ASKED:
                found = self.elsewhere(subject, value)
                if found is not None:
                    raise BagUsed(where=found)

    def elsewhere(self, subject: str, code: str) -> Text | None:
        """Say for whom else a bag was received; None where for nobody."""
        self._read()
        for (other, key), held in self._held.items():
            if other != subject and same_code(held, code):
                return Text(f"{other}, infusion {key.n}", f"{other} 第 {key.n} 次输注")
        return None

    def _read(self) -> None:
        upto = self._ledger.last_id()
        if upto == self._upto:
            return
        form, item = RECEIVED
        for event in self._ledger.form_events(form, self._upto):
            if event.key is None or event.cell is None or event.cell.item != item:
                continue
            value = _text(event.value)
            if value is None:
                self._held.pop((event.subject, event.key), None)
            else:
                self._held[event.subject, event.key] = value
        self._upto = upto


def _text(stored: str | None) -> str | None:
    try:
        value = load(stored, "text") if stored is not None else None
    except ValueProblem:
        return None
    return value if isinstance(value, str) else None

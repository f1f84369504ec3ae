"""What a use case changed, for every screen to decide whether it is stale."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ucmsc_desktop.record.events import Cell, FormKey, Kind


@dataclass(frozen=True, slots=True)
class Change:
    """One durable change: it exists only after the transaction was synced to disk."""

    kind: Kind
    subject: str
    key: FormKey | None
    cells: tuple[Cell, ...]
    at: datetime
    events: int = 1

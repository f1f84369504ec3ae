"""Keeps what is typed and not saved: after two quiet seconds, and at once when the page or the session ends.

Drafts are encrypted with everything else and are no record: nobody but the person who typed them sees them again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtCore import QObject, QTimer

from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.ui.form.field import Field

QUIET_MS = 2000


class DraftKeeper(QObject):
    """Watches the fields of a page. `save(cell, text)` keeps a draft; an empty text drops it."""

    def __init__(
        self, parent: QObject, fields: Callable[[], Iterable[Field]], save: Callable[[Cell, str], None]
    ) -> None:
        super().__init__(parent)
        self._fields = fields
        self._save = save
        self._kept: dict[Cell, str] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(QUIET_MS)
        self._timer.timeout.connect(self.flush)

    def begin(self, kept: Mapping[Cell, str]) -> None:
        """Begin with the drafts that are there."""
        self._timer.stop()
        self._kept = dict(kept)

    def touch(self) -> None:
        """Something was typed: wait for two quiet seconds from now."""
        self._timer.start()

    def flush(self) -> None:
        """Keep what is typed now."""
        self._timer.stop()
        for field in self._fields():
            text = field.draft()
            if text and self._kept.get(field.cell) != text:
                self._save(field.cell, text)
                self._kept[field.cell] = text
            elif not text:
                self.drop(field.cell)

    def drop(self, cell: Cell) -> None:
        """Forget the draft of a cell, if there is one."""
        if self._kept.pop(cell, None) is not None:
            self._save(cell, "")

    def of(self, cell: Cell) -> str:
        """Give the draft of a cell; "" where there is none."""
        return self._kept.get(cell, "")

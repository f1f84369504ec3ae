"""Keeps a row of vital signs while it is typed, so that a lock or a power cut costs nothing.

Drafts are encrypted and not part of the audit trail; they go once the row is saved or put away.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QTimer

from ucmsc_desktop.record import flow_reading
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.ui.desk import Desk

QUIET_MS = 400  # what a power cut may cost at most: the end of one field


class RowDrafts(QObject):
    """The drafts of one row: kept when the next field is begun, after a moment of quiet, and at once before a lock."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._desk = desk
        self._subject = ""
        self._key: FormKey | None = None
        self._row = 0
        self._typed: dict[Cell, str] = {}
        self._kept: dict[Cell, str] = {}
        self._touched: set[Cell] = set()
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MS)
        self._quiet.timeout.connect(self.flush)

    def found(self, subject: str, key: FormKey) -> tuple[int, dict[str, str]]:
        """Give the row that was being typed, and its texts by item; (0, {}) where none was."""
        kept = self._desk.session.drafts(subject, key)
        items = {i.id for i in flow_reading.flow_section(self._desk.session.form(subject, key)).items}
        rows = {c.row for c, text in kept.items() if c.row and c.item in items and text}
        if not rows:
            return 0, {}
        row = max(rows)
        return row, {c.item: text for c, text in kept.items() if c.row == row and c.item in items and text}

    def watch(self, subject: str, key: FormKey, row: int) -> None:
        """Say which row is being typed."""
        if (subject, key, row) != (self._subject, self._key, self._row):
            self._subject, self._key, self._row = subject, key, row
            self._typed, self._kept = {}, {}
            if self._desk.is_signed_in:
                self._kept = {
                    c: t for c, t in self._desk.session.drafts(subject, key).items() if c.row == row
                }

    def note(self, texts: Mapping[Cell, str]) -> None:
        """Take what stands in the fields now; a field that was left is written down before the next one is."""
        changed = {c for c in {*texts, *self._typed} if texts.get(c, "") != self._typed.get(c, "")}
        if self._touched and changed - self._touched:
            self.flush()
        self._touched = changed or self._touched
        self._typed = dict(texts)
        self._quiet.start()

    def flush(self) -> None:
        """Write down what is typed and not kept yet."""
        self._quiet.stop()
        if self._key is None or not self._desk.is_signed_in or not self._typed:
            return
        session = self._desk.session
        for cell in {*self._typed, *self._kept}:
            text = self._typed.get(cell, "")
            if text != self._kept.get(cell, ""):
                session.save_draft(self._subject, self._key, cell, text)
        self._kept = dict(self._typed)

    def drop(self) -> None:
        """Forget the drafts of the row."""
        self._quiet.stop()
        if self._key is not None and self._desk.is_signed_in:
            for cell in self._kept:
                self._desk.session.drop_draft(self._subject, self._key, cell)
        self._typed, self._kept = {}, {}

    def stop(self) -> None:
        """Keep what is typed and stop waiting."""
        self.flush()

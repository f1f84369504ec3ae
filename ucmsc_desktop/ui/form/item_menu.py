"""What can be done with one item beside entering it: see its history, say why there is no value, clear it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.form.gaps import GapDialogs
from ucmsc_desktop.ui.form.item_panel import ItemPanel


class ItemMenu(QObject):
    """The panel of an item, and the questions about gaps. `cleared` gives the field whose value is to go."""

    cleared = Signal(object)

    def __init__(
        self,
        desk: Desk,
        page: QWidget,
        name_of: Callable[[str], str],
        field_of: Callable[[Cell], Field | None],
        shown: Callable[[], tuple[str, FormState | None]],
    ) -> None:
        super().__init__(page)
        self._page = page
        self._field_of = field_of
        self._shown = shown  # the participant and the record as they stand now
        self._cell: Cell | None = None
        self._gaps = GapDialogs(desk, page)
        self._panel = ItemPanel(page, name_of)
        self._panel.not_done_asked.connect(self._on_panel_not_done_asked)
        self._panel.clear_asked.connect(self._on_panel_clear_asked)
        self._panel.closed.connect(self._on_panel_closed)

    def open(self, field: Field) -> None:
        """Open the panel of an item beside its field."""
        _subject, view = self._shown()
        if view is None:
            return
        cell = self._cell = field.cell
        self._panel.show_item(
            field.item,
            view.history(cell.item, cell.row),
            near=field,
            may_gap=field.is_open and bool(field.item.missing),
            may_clear=field.is_open and view.value(cell.item, cell.row) is not None,
        )

    def ask_gaps(self, last: Field | None, fields: Sequence[Field]) -> None:
        """Ask what of a section is not done. `last`: the field last used."""
        subject, view = self._shown()
        if view is not None:
            self._gaps.ask(subject, view, last if last in fields else None, fields)

    def dismiss(self) -> None:
        """Close the panel."""
        self._panel.dismiss()

    def _field(self) -> Field | None:
        return self._field_of(self._cell) if self._cell is not None else None

    def _on_panel_not_done_asked(self) -> None:
        field = self._field()
        subject, view = self._shown()
        if field is not None and view is not None:
            self._gaps.ask_one(subject, view, field)

    def _on_panel_clear_asked(self) -> None:
        field = self._field()
        if field is not None:
            self.cleared.emit(field)

    def _on_panel_closed(self) -> None:
        field = self._field()
        if field is not None and self._page.isVisible():
            field.focus()

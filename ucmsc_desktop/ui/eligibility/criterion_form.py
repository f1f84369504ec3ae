"""The items of one criterion, entered in place: the form page itself, kept to one section and led back to the list."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.form import faces
from ucmsc_desktop.ui.form.page import FormPage


class CriterionForm(FormPage):
    """One section of the eligibility form. `closed`: back to the list of criteria."""

    closed = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self.setObjectName("criterion_form")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Offer no other sections: the list of criteria is the way to them."""
        super().resizeEvent(event)
        self._stage.list_area.hide()
        self._stage.strip.hide()

    def _render(self) -> None:
        """Say that the way leads back to the criteria, not on to another step."""
        super()._render()
        if self._view is None:
            return
        self._stage.show_head(**faces.head(self._view, self._parts, self._current))
        self._foot.show_primary(
            tr("Save, back to the criteria", "保存并返回标准列表"),
            "check",
            enabled=self._foot.primary.isEnabled(),
        )
        self._foot.back.setText(tr("Criteria", "标准列表"))

    def _turn(self, by: int) -> None:
        """Go back to the list instead of on to another section; what could not be saved stays as a draft."""
        self._commit_all()
        self._drafts.flush()
        self.closed.emit()

    def _on_foot_went_back(self) -> None:
        self._turn(-1)

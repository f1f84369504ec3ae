"""Ask once whether something unusual is right, or whether a step that is hard to take back is meant."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui.dialogs.sheet import Sheet


class ConfirmDialog(Sheet):
    """Asks yes or no. The way back has the focus: a stray Enter confirms nothing."""

    def __init__(
        self,
        message: str,
        parent: QWidget | None = None,
        *,
        title: str = "",
        yes: str = "",
        no: str = "",
        kind: str = "primary",
    ) -> None:
        super().__init__(title or tr("Please check", "请核对"), message, parent)
        self.add_buttons(
            yes or tr("It is right, save it", "无误，保存"), no or tr("Correct it", "返回更正"), kind=kind
        )
        self.no.setFocus()

    def give(self) -> None:
        if self.no.hasFocus():
            self.reject()
            return
        self.finish(None)

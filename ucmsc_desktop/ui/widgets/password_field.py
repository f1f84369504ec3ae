"""A field for a password: hidden, shown while the eye is pressed in, never seen by an input method."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.style import icon
from ucmsc_desktop.ui.widgets import button
from ucmsc_desktop.ui.widgets.naming import named


class PasswordField(QWidget):
    """A password and its eye. `edit` is the field itself."""

    def __init__(self, object_name: str, accessible: str) -> None:
        super().__init__()
        self.edit = named(QLineEdit(), object_name, accessible)
        self.edit.setEchoMode(QLineEdit.EchoMode.Password)
        self.edit.setInputMethodHints(
            Qt.InputMethodHint.ImhHiddenText
            | Qt.InputMethodHint.ImhSensitiveData
            | Qt.InputMethodHint.ImhNoPredictiveText
        )
        self._eye = button.make("quiet", "", f"{object_name}_eye")
        self._eye.setCheckable(True)
        self._eye.setIcon(icon("visibility", style.PRIMARY_DARK, on_name="visibility_off"))
        self._eye.setAccessibleName(tr("Show the password", "显示密码"))
        self._eye.setIconSize(QSize(24, 24))
        self._eye.setFixedWidth(52)
        self._eye.toggled.connect(self._on_eye_toggled)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(self.edit, 1)
        line.addWidget(self._eye)
        self.setFocusProxy(self.edit)

    def text(self) -> str:
        """Give what was typed."""
        return self.edit.text()

    def clear(self) -> None:
        """Forget what was typed, and hide again."""
        self.edit.clear()
        self._eye.setChecked(False)

    def _on_eye_toggled(self, shown: bool) -> None:
        self.edit.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)

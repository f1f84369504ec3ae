"""Labels by what they are. Always plain text: a value that looks like HTML must print as typed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ucmsc_desktop.ui.style import set_kind


def let_grow(frame: QWidget) -> None:
    """Let a frame with wrapping text be as high as its lines need at its width, and no higher than they ask for."""
    policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    policy.setHeightForWidth(True)
    frame.setSizePolicy(policy)


def _label(kind: str, text: str, object_name: str, *, wrap: bool) -> QLabel:
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setWordWrap(wrap)
    if wrap:
        # A wrapping label must give way in width and ask for the height its lines need.
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        made.setSizePolicy(policy)
    if object_name:
        made.setObjectName(object_name)
    return set_kind(made, kind)


def title(text: str = "", object_name: str = "") -> QLabel:
    """Make the title of a page."""
    return _label("title", text, object_name, wrap=False)


def heading(text: str = "", object_name: str = "") -> QLabel:
    """Make the heading of a card or a dialog."""
    return _label("heading", text, object_name, wrap=True)


def label(text: str = "", object_name: str = "") -> QLabel:
    """Make the bold label of a field."""
    return _label("label", text, object_name, wrap=True)


def body(text: str = "", object_name: str = "") -> QLabel:
    """Make running text."""
    return _label("body", text, object_name, wrap=True)


def hint(text: str = "", object_name: str = "") -> QLabel:
    """Make second text: a hint, a caption."""
    return _label("hint", text, object_name, wrap=True)


def caption(text: str = "", object_name: str = "") -> QLabel:
    """Make the small label above a value."""
    return _label("caption", text, object_name, wrap=False)


def value(text: str = "", object_name: str = "") -> QLabel:
    """Make a value that is read, not typed."""
    return _label("value", text, object_name, wrap=False)


def error(text: str = "", object_name: str = "") -> QLabel:
    """Make an error beside its field."""
    return _label("error", text, object_name, wrap=True)


def figure(text: str = "", object_name: str = "") -> QLabel:
    """Make a large number, such as the last reading of a trend."""
    return _label("figure", text, object_name, wrap=False)


def clock(text: str = "", object_name: str = "") -> QLabel:
    """Make the big clock of an infusion."""
    return _label("clock", text, object_name, wrap=False)

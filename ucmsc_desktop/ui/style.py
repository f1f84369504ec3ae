"""The one look of the program: colours by name, sizes, icons, and the style sheet made from them.

Widgets say what they are (`set_kind(label, "title")`), never how they look; no other module may hold a style sheet or a
colour of its own. There are two themes, day and night (palette.py); neither follows the desktop's own.

The rule a reader would miss: ask `style.PRIMARY` where you paint, never `from style import PRIMARY`: that would be the
colour of the theme in which the module was loaded. And focus is not styled here: one ring for all widgets is drawn by
focus_ring.py.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QStyleFactory, QWidget

from ucmsc_desktop import paths
from ucmsc_desktop.errors import ResourceMissing
from ucmsc_desktop.i18n import language
from ucmsc_desktop.ui.palette import Theme, colours, on_screen

# The colours of the theme in use, given by __getattr__ below.
BACKGROUND: str
SURFACE: str
TEXT: str
TEXT_SECOND: str
BORDER: str
LINE: str
PRIMARY: str
PRIMARY_DARK: str
PRIMARY_TINT: str
ERROR: str
ERROR_DARK: str
ERROR_TINT: str
WARNING: str
WARNING_TINT: str
OK: str
OK_DARK: str
OK_TINT: str
FOCUS: str
FOCUS_EDGE: str
NAVIGATION: str
NAVIGATION_TINT: str
ON_NAVIGATION: str
CHOSEN_PAGE: str
ON_CHOSEN_PAGE: str
BANNER: str
FILL_PRIMARY: str
FILL_PRIMARY_DOWN: str
FILL_ERROR: str
FILL_ERROR_DOWN: str
FILL_OK: str
FILL_OK_DOWN: str
ON_FILL: str
VIOLET: str

TOUCH: Final = 44  # the smallest thing a finger must hit
ACTION: Final = 56  # the main action of a page
PAD: Final = 76  # 20 mm on a ward laptop: gloved fingers
GAP: Final = 8
RADIUS: Final = 8
ROW: Final = 58  # a row of a table

FAMILY: Final = "Noto Sans SC"
SYMBOLS: Final = "UCMSC Symbols"

W = TypeVar("W", bound=QWidget)


_theme: Theme = "day"

if not TYPE_CHECKING:  # to the type checker the names above are all there is

    def __getattr__(name: str) -> str:
        try:
            return colour(name)
        except KeyError:
            raise AttributeError(f"the style has no {name}") from None


def colour(name: str) -> str:
    """Give a colour of the theme in use by its name."""
    return colours(_theme)[name]


def theme() -> Theme:
    """Name the theme in use."""
    return _theme


def shown(printed: str) -> str:
    """Give the colour to paint on the screen for one chosen for paper."""
    return on_screen(printed, _theme)


def font(px: int, *, bold: bool = False) -> QFont:
    """Give the program's font for own painting. Units: logical pixels."""
    made = QFont([FAMILY, SYMBOLS])
    made.setPixelSize(px)
    made.setBold(bold)
    if language() == "en":
        # Quotation marks and dashes are as wide as a Chinese character unless the narrow ones are asked for.
        made.setFeature(QFont.Tag("pwid"), 1)
    return made


def set_kind(widget: W, kind: str) -> W:
    """Say what a widget is; the style sheet knows how that looks."""
    return _set_property(widget, "kind", kind)


def set_wrong(widget: W, wrong: bool) -> W:
    """Mark a field as wrong (thick red border) or no longer so."""
    return _set_property(widget, "wrong", wrong)


def _set_property(widget: W, name: str, value: object) -> W:
    if widget.property(name) != value:
        widget.setProperty(name, value)
        # Before that, Qt polishes it when it is first shown or measured.
        if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
            style = widget.style()
            style.unpolish(widget)
            style.polish(widget)
            widget.update()
    return widget


# --- icons ---------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _svg(name: str, colour: str) -> bytes:
    try:
        text = paths.icon_path(name).read_text(encoding="utf-8")
    except OSError:
        raise ResourceMissing(name=f"icons/{name}.svg") from None
    return text.replace("<svg ", f'<svg fill="{colour}" ', 1).encode()


@lru_cache(maxsize=512)
def _drawn(name: str, colour: str, size: int, ratio: float) -> QPixmap:
    # Read before painting begins: an error between begin and end would leave a painter on a dead picture.
    drawing = QSvgRenderer(QByteArray(_svg(name, colour)))
    made = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    drawing.render(painter, QRectF(made.rect()))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def pixmap(name: str, colour: str = "", size: int = 24, *, ratio: float = 0) -> QPixmap:
    """Draw an icon in a colour, sharp on the screen.

    Units: size in logical pixels. Missing: without a colour that of text; a ratio of 0 means that of the sharpest screen.
    Raises: ResourceMissing.
    """
    app = QGuiApplication.instance()
    sharpest = app.devicePixelRatio() if isinstance(app, QGuiApplication) else 1.0
    return _drawn(name, colour or colours(_theme)["TEXT"], size, ratio or sharpest)


def icon(name: str, colour: str = "", *, on: str = "", on_name: str = "", size: int = 24) -> QIcon:
    """Give an icon in a colour; in the colour `on`, or as the icon `on_name`, while its button is checked.

    Missing: without a colour that of text. Raises: ResourceMissing.
    """
    now = colours(_theme)
    return _icon(name, colour or now["TEXT"], on, on_name, size, now["BORDER"])


@lru_cache(maxsize=512)
def _icon(name: str, colour: str, on: str, on_name: str, size: int, disabled: str) -> QIcon:
    made = QIcon()
    ratios = {1.0, 2.0, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())}
    states = ((QIcon.State.Off, name, colour), (QIcon.State.On, on_name or name, on or colour))
    for ratio in sorted(ratios):
        for state, shown, paint in states:
            made.addPixmap(_drawn(shown, paint, size, ratio), QIcon.Mode.Normal, state)
            made.addPixmap(_drawn(shown, disabled, size, ratio), QIcon.Mode.Disabled, state)
    return made


# --- the whole program ---------------------------------------------------------------------------------------


def apply(app: QApplication) -> None:
    """Give the application its style, palette, bundled fonts and style sheet. Raises: FontsMissing."""
    for path in paths.require_fonts():
        if QFontDatabase.addApplicationFont(str(path)) < 0:
            raise ResourceMissing(name=path.name)
    app.setStyle(QStyleFactory.create("Fusion"))
    app.setFont(font(16))
    use(app, _theme)


def use(app: QApplication, theme: Theme) -> None:
    """Paint the whole program in a theme. What keeps icons or pictures must be made anew."""
    global _theme  # noqa: PLW0603 - one window, one theme
    _theme = theme
    QGuiApplication.styleHints().setColorScheme(
        Qt.ColorScheme.Light if theme == "day" else Qt.ColorScheme.Dark
    )
    app.setPalette(palette())
    app.setStyleSheet(style_sheet(theme))


def palette() -> QPalette:
    """Give the palette for what the style sheet does not reach (tool tips, file dialogs, disabled text)."""
    made = QPalette()
    roles = QPalette.ColorRole
    now = colours(_theme)
    for role, name in {
        roles.Window: "BACKGROUND", roles.WindowText: "TEXT", roles.Base: "SURFACE", roles.AlternateBase: "BACKGROUND",
        roles.Text: "TEXT", roles.Button: "SURFACE", roles.ButtonText: "TEXT", roles.BrightText: "ERROR",
        roles.Highlight: "PRIMARY", roles.HighlightedText: "SURFACE", roles.Link: "PRIMARY",
        roles.LinkVisited: "PRIMARY", roles.ToolTipBase: "SURFACE", roles.ToolTipText: "TEXT",
        roles.PlaceholderText: "TEXT_SECOND", roles.Light: "SURFACE", roles.Midlight: "LINE", roles.Mid: "BORDER",
        roles.Dark: "BORDER", roles.Accent: "PRIMARY",
    }.items():  # fmt: skip
        made.setColor(role, QColor(now[name]))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, role, QColor(now["TEXT_SECOND"]))
    return made


@lru_cache(maxsize=2)
def style_sheet(theme: Theme = "day") -> str:
    """Give the one style sheet in the colours of a theme."""
    sizes = {name: str(globals()[name]) for name in ("TOUCH", "ACTION", "PAD", "GAP", "RADIUS", "ROW")}
    names = {**sizes, **colours(theme)}
    text = _SHEET
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(f"@{name}", names[name])
    for name in ("keyboard_arrow_down", "check"):  # a style sheet cannot recolour a picture
        drawn = name if theme == "day" else f"{name}_on_dark"
        text = text.replace(f"%{name}", paths.icon_path(drawn).as_posix())
    return text


_SHEET = """
QToolTip { background: @SURFACE; color: @TEXT; border: 1px solid @BORDER; padding: 4px; }
QScrollArea, QScrollArea > QWidget > QWidget#body { background: transparent; border: none; }

QLabel { background: transparent; }
QLabel[kind="title"] { font-size: 28px; font-weight: bold; }
QLabel[kind="heading"] { font-size: 20px; font-weight: bold; }
QLabel[kind="label"] { font-size: 16px; font-weight: bold; }
QLabel[kind="hint"] { font-size: 15px; color: @TEXT_SECOND; }
QLabel[kind="caption"] { font-size: 14px; color: @TEXT_SECOND; }
QLabel[kind="value"] { font-size: 18px; font-weight: bold; }
QLabel[kind="error"] { font-size: 16px; font-weight: bold; color: @ERROR; }
QLabel[kind="warning"] { font-size: 15px; font-weight: bold; color: @WARNING; }
QLabel[kind="figure"] { font-size: 34px; font-weight: bold; }
QLabel[kind="clock"] { font-size: 64px; font-weight: bold; }
QLabel[kind="brand"] { font-size: 20px; font-weight: bold; color: @ON_NAVIGATION; }
QLabel[kind="on-navigation"] { font-size: 15px; color: @ON_NAVIGATION; }
QLabel[kind="training"] { font-size: 14px; font-weight: bold; color: @WARNING; background: @WARNING_TINT;
    border-bottom: 1px solid @WARNING; padding: 2px; }

QFrame[kind="card"] { background: @SURFACE; border: 1px solid @LINE; border-radius: 10px; }
QFrame[kind="well"] { background: @BACKGROUND; border: 1px solid @LINE; border-radius: @RADIUSpx; }
QFrame[kind="summary"] { background: @SURFACE; border: 4px solid @ERROR; border-radius: 4px; }
QFrame[kind="foot"] { background: @SURFACE; border: none; border-top: 1px solid @LINE; }
QFrame[kind="strip"] { background: @SURFACE; border: 2px solid @PRIMARY; border-radius: @RADIUSpx; }
QFrame[kind="strip"] QDialog { background: @SURFACE; }
QFrame[kind="banner"] { background: @BANNER; border: none; border-top: 4px solid @PRIMARY;
    border-bottom: 1px solid @BORDER; }
QFrame[kind="rail"] { background: @NAVIGATION; border: none; }
QFrame[kind="notice-ok"] { background: @OK_TINT; border: 2px solid @OK; border-radius: 6px; }
QFrame[kind="notice-info"] { background: @PRIMARY_TINT; border: 2px solid @PRIMARY; border-radius: 6px; }
QFrame[kind="notice-warning"] { background: @WARNING_TINT; border: 2px solid @WARNING; border-radius: 6px; }
QFrame[kind="reminder"] { background: @WARNING_TINT; border: 3px solid @WARNING; border-radius: 6px; }
QFrame[kind="notice-error"] { background: @ERROR_TINT; border: 2px solid @ERROR; border-radius: 6px; }
QFrame[kind="stop-screen"] { background: @FILL_ERROR; border: none; }
QFrame[kind="stop-panel"] { background: @SURFACE; border: none; border-radius: @RADIUSpx; }
QLabel[kind="stop-title"] { font-size: 44px; font-weight: bold; color: @ON_FILL; }
QLabel[kind="stop-title-low"] { font-size: 34px; font-weight: bold; color: @ON_FILL; }
QLabel[kind="stop-caption"] { font-size: 18px; font-weight: bold; color: @ON_FILL; }
QLabel[kind="stop-text"] { font-size: 28px; color: @ON_FILL; }
QLabel[kind="stop-text-low"] { font-size: 22px; color: @ON_FILL; }
QLabel[kind="stop-panel-caption"] { font-size: 16px; color: @TEXT_SECOND; }
QLabel[kind="stop-figure"] { font-size: 38px; font-weight: bold; color: @TEXT; }
QLabel[kind="stop-figure-low"] { font-size: 28px; font-weight: bold; color: @TEXT; }
QLabel[kind="stop-detail"] { font-size: 22px; color: @TEXT; }
QLabel[kind="stop-detail-low"] { font-size: 18px; color: @TEXT; }
QFrame[kind="allergy-known"] { background: @SURFACE; border: 2px solid @ERROR; border-radius: 6px; }
QFrame[kind="allergy-none"] { background: @SURFACE; border: 2px solid @OK; border-radius: 6px; }
QFrame[kind="allergy-unrecorded"] { background: @WARNING_TINT; border: 2px solid @WARNING; border-radius: 6px; }
QLabel[kind="words-known"] { font-weight: bold; color: @ERROR; }
QLabel[kind="words-none"] { font-weight: bold; color: @OK; }
QLabel[kind="words-unrecorded"] { font-weight: bold; color: @WARNING; }

QPushButton { min-height: 44px; padding: 0 20px; border-radius: @RADIUSpx; font-weight: bold; font-size: 16px;
    background: @SURFACE; color: @PRIMARY_DARK; border: 2px solid @PRIMARY; }
QPushButton:pressed { background: @PRIMARY_TINT; }
QPushButton:disabled { background: @BACKGROUND; color: @TEXT_SECOND; border: 2px solid @LINE; }
QPushButton[kind="primary"] { min-height: 52px; font-size: 18px; padding: 0 26px;
    background: @FILL_PRIMARY; color: @ON_FILL; border: 2px solid @PRIMARY; }
QPushButton[kind="primary"]:pressed { background: @FILL_PRIMARY_DOWN; border-color: @PRIMARY_DARK; }
QPushButton[kind="danger"] { min-height: 52px; font-size: 18px; padding: 0 26px;
    background: @FILL_ERROR; color: @ON_FILL; border: 2px solid @ERROR; }
QPushButton[kind="danger"]:pressed { background: @FILL_ERROR_DOWN; border-color: @ERROR_DARK; }
QPushButton[kind="start"] { min-height: 72px; font-size: 22px; padding: 0 12px;
    background: @FILL_OK; color: @ON_FILL; border: 2px solid @OK; }
QPushButton[kind="start-open"] { min-height: 72px; font-size: 18px; padding: 0 6px; color: @TEXT_SECOND;
    border: 2px dashed @BORDER; }
QPushButton[kind="start"]:pressed { background: @FILL_OK_DOWN; }
QPushButton[kind="stop"] { min-height: 72px; font-size: 22px; padding: 0 26px;
    background: @FILL_ERROR; color: @ON_FILL; border: 2px solid @ERROR; }
QPushButton[kind="acknowledge"] { min-height: 72px; font-size: 22px; padding: 0 32px;
    background: @SURFACE; color: @ERROR_DARK; border: 2px solid @SURFACE; }
QPushButton[kind="acknowledge"]:pressed { background: @ERROR_TINT; }
QPushButton[kind="stop"]:pressed { background: @FILL_ERROR_DOWN; }
QPushButton[kind="pause"] { min-height: 72px; font-size: 22px; padding: 0 12px; }
QPushButton[kind="primary"]:disabled, QPushButton[kind="danger"]:disabled, QPushButton[kind="start"]:disabled,
QPushButton[kind="stop"]:disabled, QPushButton[kind="pause"]:disabled {
    background: @LINE; color: @TEXT_SECOND; border: 2px solid @LINE; }
QPushButton[kind="quiet"] { background: transparent; border: 2px solid transparent; padding: 0 10px;
    color: @PRIMARY; }
QPushButton[kind="quiet"]:pressed { background: @PRIMARY_TINT; }
QPushButton[kind="key"] { min-height: 72px; min-width: 72px; font-size: 26px; padding: 0; color: @TEXT;
    border: 2px solid @BORDER; }
QFrame[kind="pad"] { background: @BACKGROUND; border: none; border-left: 2px solid @BORDER; }
QPushButton[kind="key-small"] { min-height: 72px; min-width: 72px; font-size: 18px; padding: 0; color: @TEXT;
    border: 2px solid @BORDER; }
QPushButton[kind="key-next"] { min-height: 72px; min-width: 72px; font-size: 22px; padding: 0;
    background: @FILL_PRIMARY; color: @ON_FILL; border: 2px solid @PRIMARY; }
QPushButton[kind="key-next"]:pressed { background: @FILL_PRIMARY_DOWN; }
QPushButton[kind="key-next"]:disabled { background: @LINE; color: @TEXT_SECOND; border: 2px solid @LINE; }
QPushButton[kind="minutes"] { padding: 0 10px; min-width: 44px; }
QPushButton[kind="toggle"] { font-weight: normal; color: @TEXT; border: 2px solid @BORDER; text-align: left;
    padding: 0 16px 0 12px; }
QPushButton[kind="toggle"]:checked { font-weight: bold; color: @PRIMARY_DARK; background: @PRIMARY_TINT;
    border: 3px solid @PRIMARY; padding: 0 15px 0 11px; min-height: 42px; }
QPushButton[kind="chip"] { min-height: 40px; padding: 0 16px; border-radius: 22px; font-weight: normal; color: @TEXT;
    background: @SURFACE; border: 2px solid @BORDER; }
QPushButton[kind="chip"]:checked { font-weight: bold; color: @SURFACE; background: @PRIMARY_DARK;
    border-color: @PRIMARY_DARK; }
QPushButton[kind="link"] { background: transparent; border: none; padding: 0 6px; text-align: left;
    color: @ERROR; text-decoration: underline; }
QPushButton[kind="nav"] { background: transparent; color: @ON_NAVIGATION; border: none; font-weight: normal;
    text-align: left; padding: 0 0 0 18px; min-height: 44px; }
QPushButton[kind="nav"]:pressed { background: @NAVIGATION_TINT; }
QPushButton[kind="nav"]:checked { background: @CHOSEN_PAGE; color: @ON_CHOSEN_PAGE; font-weight: bold; }
QPushButton[kind="nav-folded"] { background: transparent; border: none; padding: 0; min-height: 44px; }
QPushButton[kind="nav-folded"]:pressed { background: @NAVIGATION_TINT; }
QPushButton[kind="nav-folded"]:checked { background: @CHOSEN_PAGE; }
QPushButton[kind="section"] { background: transparent; color: @TEXT; border: none; font-weight: normal;
    text-align: left; padding: 0 10px; border-left: 4px solid transparent; border-radius: 4px; }
QPushButton[kind="section"]:checked { background: @PRIMARY_TINT; color: @PRIMARY_DARK;
    border-left: 4px solid @PRIMARY; }
QPushButton[kind="tile"] { background: @SURFACE; color: @TEXT; border: 1px solid @LINE; font-weight: normal;
    text-align: left; padding: 0 14px; }
QPushButton[kind="tile"]:pressed { background: @PRIMARY_TINT; }

QLineEdit, QPlainTextEdit, QTextEdit, QComboBox, QAbstractSpinBox { background: @SURFACE; color: @TEXT;
    border: 2px solid @BORDER; border-radius: 6px; font-size: 16px;
    selection-background-color: @PRIMARY; selection-color: @SURFACE; }
QLineEdit { placeholder-text-color: @TEXT_SECOND; }
QLineEdit, QComboBox, QAbstractSpinBox { min-height: 42px; padding: 0 12px; }
QPlainTextEdit, QTextEdit { padding: 6px 8px; }
QLineEdit:read-only, QLineEdit:disabled, QPlainTextEdit:disabled, QComboBox:disabled {
    background: @BACKGROUND; color: @TEXT_SECOND; border-color: @LINE; }
QLineEdit[wrong="true"], QPlainTextEdit[wrong="true"], QComboBox[wrong="true"], QAbstractSpinBox[wrong="true"],
QPushButton[wrong="true"], QFrame[wrong="true"] { border: 3px solid @ERROR; }
QLineEdit[wrong="true"], QComboBox[wrong="true"] { min-height: 40px; }
QComboBox::drop-down { border: none; width: 40px; }
QComboBox::down-arrow { image: url("%keyboard_arrow_down"); width: 24px; height: 24px; }
QComboBox QAbstractItemView { background: @SURFACE; border: 2px solid @BORDER; outline: none;
    selection-background-color: @PRIMARY; selection-color: @SURFACE; }
QComboBox QAbstractItemView::item { min-height: 44px; padding: 0 10px; }

QCheckBox, QRadioButton { spacing: 12px; min-height: 44px; background: transparent; }
QCheckBox::indicator, QRadioButton::indicator { width: 26px; height: 26px; background: @SURFACE;
    border: 2px solid @BORDER; border-radius: 4px; }
QRadioButton::indicator { border-radius: 15px; }
QCheckBox::indicator:checked { background: @PRIMARY_TINT; border-color: @PRIMARY; image: url("%check"); }
QRadioButton::indicator:checked { border-color: @PRIMARY; background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5,
    fx: 0.5, fy: 0.5, stop: 0 @PRIMARY, stop: 0.52 @PRIMARY, stop: 0.6 @SURFACE, stop: 1 @SURFACE); }

QTableView, QListView { background: @SURFACE; border: none; outline: none; gridline-color: @LINE;
    selection-background-color: @PRIMARY_TINT; selection-color: @TEXT; }
QTableView::item { border-bottom: 1px solid @LINE; padding: 0 12px; }
QTableView::item:selected { background: @PRIMARY_TINT; color: @TEXT; }
QHeaderView { background: @SURFACE; border: none; }
QHeaderView::section { background: @SURFACE; color: @TEXT_SECOND; border: none;
    border-bottom: 2px solid @BORDER; padding: 0 12px 0 15px; font-size: 15px; font-weight: bold; }
QTableCornerButton::section { background: @SURFACE; border: none; }
QListView::item { min-height: 44px; padding: 0 10px; }

QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 16px; margin: 1px; }
QScrollBar:horizontal { height: 16px; margin: 1px; }
QScrollBar::handle { background: @BORDER; border-radius: 7px; }
QScrollBar::handle:vertical { min-height: 48px; }
QScrollBar::handle:horizontal { min-width: 48px; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QProgressBar { background: @BACKGROUND; border: 1px solid @BORDER; border-radius: 9px; min-height: 16px;
    max-height: 16px; text-align: center; color: transparent; }
QProgressBar::chunk { background: @PRIMARY; border-radius: 8px; }
QTabBar::tab { min-height: 44px; padding: 0 18px; background: transparent; border: none;
    border-bottom: 4px solid transparent; font-weight: bold; color: @TEXT_SECOND; }
QTabBar::tab:selected { color: @PRIMARY_DARK; border-bottom: 4px solid @PRIMARY; }
QTabWidget::pane { border: none; border-top: 1px solid @LINE; }
QDialog { background: @SURFACE; }
"""

"""Start the window on a data folder, and end with the keys gone.

Started by the command line. What is slow to load (PDF, XML, migrations) must not be loaded by showing the window.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, QLocale, QSize, Qt, QTranslator
from PySide6.QtGui import QFontDatabase, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication

from ucmsc_desktop import __version__, paths
from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import Lang, set_language
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.focus_ring import FocusRing
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.process import BugReporter, keep_memory_private

if TYPE_CHECKING:
    from ucmsc_desktop.session import Ward

TITLE_BAR = 40


def run(ward_folder: Path, training: bool = False) -> int:
    """Open the window on a data folder and give the exit status once it is closed.

    Raises: FontsMissing, FormsBroken, DataFolderUnusable.
    """
    from ucmsc_desktop.session import Ward
    from ucmsc_desktop.session.training import training_ward

    keep_memory_private()
    app = make_application(sys.argv[:1])
    folder = ward_folder / "training" if training else ward_folder
    paths.clear_private_temp(folder)
    desk = Desk(training_ward(folder) if training else Ward(folder), training=training)
    window = open_window(app, desk)
    room = window.screen().availableGeometry()
    if room.width() < window.width() or room.height() < window.height() + TITLE_BAR:
        window.showMaximized()  # a ward laptop: 1366 × 768 at 125 %
    desk.jobs.run(lambda: preload(desk.ward))
    sys.excepthook = BugReporter(desk)
    try:
        return app.exec()
    finally:
        sys.excepthook = sys.__excepthook__
        window.close()
        paths.clear_private_temp(folder)


def preload(ward: Ward) -> None:
    """Load what the first sign-in needs while a person types the password; what is wrong shows at the sign-in."""
    import_module("ucmsc_desktop.session.session")
    with suppress(KnownError):
        _ = ward.study


def make_application(arguments: list[str]) -> QApplication:
    """Make the application: fonts, look, guards. Raises: FontsMissing."""
    # Fractional factors (125 %) are kept as they are: rounding them would cut a ward laptop's screen by a third.
    QGuiApplication.setHighDpiScaleFactorRoundingPolicy(Qt.HighDpiScaleFactorRoundingPolicy.PassThrough)
    app = QApplication(arguments)
    app.setApplicationName("ucmsc-desktop")
    app.setApplicationVersion(__version__)
    prepare(app)
    return app


def prepare(app: QApplication) -> None:
    """Give an application the program's look and guards; once is enough."""
    if app.property("ucmsc_prepared"):
        return
    app.setProperty("ucmsc_prepared", True)
    # Numbers are typed and shown as 37.4 whatever the system's language says.
    QLocale.setDefault(QLocale.c())
    style.apply(app)
    FocusRing(app)


def open_window(app: QApplication, desk: Desk) -> MainWindow:
    """Show the window in the language this laptop remembers."""
    speak(app, desk.preferences.language)
    style.use(app, desk.preferences.theme)
    # Before the window, which rebuilds itself on the same signal.
    desk.language_chosen.connect(lambda lang: speak(app, lang))
    window = MainWindow(desk)
    window.show()
    return window


def speak(app: QApplication, lang: Lang) -> None:
    """Choose the language of the program and of Qt's own dialogs."""
    set_language(lang)
    app.setFont(style.font(16))
    old = app.property("ucmsc_translator")
    if isinstance(old, QTranslator):
        app.removeTranslator(old)
        app.setProperty("ucmsc_translator", None)
    if lang == "zh":
        translator = QTranslator(app)
        folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
        if translator.load("qtbase_zh_CN", folder):
            app.installTranslator(translator)
            app.setProperty("ucmsc_translator", translator)


def self_test(pdf: Path) -> bool:
    """Say whether the bundled fonts load and QtPdf can draw a page of a PDF; for the installer's check."""
    from PySide6.QtPdf import QPdfDocument

    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or make_application(["self-test"])
    document = QPdfDocument(app)
    document.load(str(pdf))
    drawn = document.render(0, QSize(300, 424)) if document.pageCount() else QImage()
    document.close()
    return not drawn.isNull() and style.FAMILY in QFontDatabase.families()

"""Where things lie: the forms and resources that come with the program, and the folder of one ward's data.

The only module that knows whether the program runs from a checkout or from an installed wheel. It must never create
or delete anything but the private folder for unencrypted PDFs. A path is given whether or not something is there;
the one who reads it reports what is missing.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import sys
from pathlib import Path

from ucmsc_desktop.errors import DataFolderUnusable, FontsMissing

FONT_REGULAR = "NotoSansSC-Regular.ttf"
FONT_BOLD = "NotoSansSC-Bold.ttf"
FONT_SYMBOLS = "DejaVuSans-symbols.ttf"  # family "UCMSC Symbols": what Noto Sans SC lacks, such as ⁶ ₂ ☐ ☑
FONTS = (FONT_REGULAR, FONT_BOLD, FONT_SYMBOLS)

UNFINISHED = "set-up.unfinished"  # in a data folder whose set-up was cut short

_PACKAGE = Path(__file__).resolve().parent


def _bundled(name: str) -> Path:
    installed = _PACKAGE / "_data" / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def forms_dir() -> Path:
    """Give the folder of the form definitions (study.yaml and one YAML per form)."""
    return _bundled("forms")


def resources_dir() -> Path:
    """Give the folder of fonts, icons, sounds and other files the program shows or plays."""
    return _bundled("resources")


def font_path(name: str) -> Path:
    """Give the path of a bundled font, for instance FONT_REGULAR."""
    return resources_dir() / "fonts" / name


def icon_path(name: str) -> Path:
    """Give the path of a bundled icon by its Material Symbols name, without the suffix."""
    return resources_dir() / "icons" / f"{name}.svg"


def require_fonts() -> tuple[Path, ...]:
    """Give the paths of all bundled fonts, in the order of FONTS.

    Raises: FontsMissing when one is not there; printing with another font would silently drop characters.
    """
    paths = tuple(font_path(name) for name in FONTS)
    for path in paths:
        if not path.is_file():
            raise FontsMissing(name=path.name)
    return paths


def data_dir(override: Path | str | None = None) -> Path:
    """Give the folder of the database and all that belongs to it; it need not exist yet.

    First `override` (the option --data), then the variable UCMSC_DATA, then the user's own data folder of this
    machine. Never a roaming or synchronised folder: an open database must not be copied behind the program's back.
    """
    chosen = override or os.environ.get("UCMSC_DATA")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return _user_data_dir() / "ucmsc-desktop"


def _user_data_dir() -> Path:
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        return Path(local) if local else Path.home() / "AppData" / "Local"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    xdg = os.environ.get("XDG_DATA_HOME", "")
    # The XDG specification says that a relative path there is invalid and is to be ignored.
    return Path(xdg) if os.path.isabs(xdg) else Path.home() / ".local" / "share"  # noqa: PTH117


def private_temp_dir(data: Path) -> Path:
    """Give, and make, the folder for PDFs and other plain files on their way to a printer or a viewer.

    Only this user can read it. Where the system has a folder in memory for the signed-in user it lies there, so
    that plain values never touch the disk; otherwise inside `data`.

    Raises: DataFolderUnusable when it belongs to someone else, is a link, or cannot be made.
    """
    folder = _private_temp_path(data)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and found.st_uid != os.getuid()):
            raise DataFolderUnusable(folder=str(folder), reason="not a private folder of this user")
        folder.chmod(0o700)
    except OSError as error:
        raise DataFolderUnusable(folder=str(folder), reason=error.strerror or type(error).__name__) from None
    return folder


def clear_private_temp(data: Path) -> None:
    """Remove the private folder and all in it; to be called when the program starts and when it ends.

    Safe at the start: the database's lock allows one running program per data folder.
    """
    folder = _private_temp_path(data)
    if folder.is_symlink():
        folder.unlink()
    else:
        shutil.rmtree(folder, ignore_errors=True)


def _private_temp_path(data: Path) -> Path:
    runtime = os.environ.get("XDG_RUNTIME_DIR", "") if sys.platform == "linux" else ""
    if os.path.isabs(runtime) and Path(runtime).is_dir() and os.access(runtime, os.W_OK):  # noqa: PTH117
        mark = hashlib.sha256(str(data.absolute()).encode()).hexdigest()[:16]
        return Path(runtime) / f"ucmsc-desktop-{mark}"
    return data / "private-temp"

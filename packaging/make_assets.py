"""Copy the bundled fonts and icons out of their packages, and cut the symbol font.

For a developer who raises a version: unpack the three npm packages named in
resources/THIRD_PARTY.md and run

    python packaging/make_assets.py NOTO_FOLDER SYMBOLS_FOLDER DEJAVU_FOLDER

The result is the same for the same input, so a review can repeat it. Nothing here runs when the
program is used or tested.
"""

import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

RESOURCES = Path(__file__).resolve().parent.parent / "resources"

# What the CRFs print and Noto Sans SC may lack; the text fonts come first, this one fills the gaps.
SYMBOLS = (
    "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎"
    "☐☑☒■□▪▫▲△▼▽▶▷◀◁◆◇●○◉◌★☆⚠✎✓✔✕✖✗✘"
    "←↑→↓↔↕⇒⇔↻↺"
    "≤≥≈≠±×÷−·∙∞√∑∆∂µμ°′″‰‱½¼¾⅓⅔"
    "…“”‘’‚„«»‹›–—―•†‡§¶©®™€£¥"
    "αβγδεκλπσχΔΩ"
)

ICONS = {
    "home", "description", "vaccines", "monitoring", "print", "history", "lock", "lock_open", "settings",
    "sync", "sync_problem", "person", "person_add", "qr_code_scanner", "barcode_scanner", "warning", "error",
    "check", "check_circle", "schedule", "pending", "radio_button_unchecked", "arrow_back", "arrow_forward",
    "play_arrow", "pause", "stop", "block", "add", "delete", "edit", "close", "cancel", "search", "usb",
    "download", "upload", "language", "info", "help", "visibility", "visibility_off", "groups", "draw",
    "logout", "keyboard_arrow_down", "keyboard_arrow_up", "chevron_left", "chevron_right", "ecg_heart",
    "monitor_heart", "dark_mode", "notifications", "undo", "refresh", "assignment", "fact_check", "bed",
    "bloodtype", "save", "label", "backup", "keyboard", "verified", "backspace", "folder_open", "analytics",
}  # fmt: skip


# A style sheet cannot recolour a picture: these two it shows in the dark as well.
ON_DARK = ("check", "keyboard_arrow_down")
LIGHT_FILL = "#D5DDE2"


def cut_symbols(source: Path, target: Path) -> None:
    """Write the glyphs of SYMBOLS as a small font of its own family.

    The family is renamed so that a machine with the full DejaVu Sans installed still shows this file.
    """
    options = subset.Options(layout_features=[], hinting=False, name_IDs=["*"], notdef_outline=True)
    font = TTFont(source, recalcTimestamp=False)
    missing = [c for c in SYMBOLS if ord(c) not in font.getBestCmap()]
    if missing:
        raise SystemExit(f"{source.name} has no glyph for {' '.join(missing)}")
    cutter = subset.Subsetter(options)
    cutter.populate(text=SYMBOLS + " 0123456789")
    cutter.subset(font)
    names = {
        1: "UCMSC Symbols",
        3: "UCMSC Symbols",
        4: "UCMSC Symbols",
        6: "UCMSCSymbols",
        16: "UCMSC Symbols",
    }
    for record in font["name"].names:
        if record.nameID in names:
            font["name"].setName(
                names[record.nameID], record.nameID, record.platformID, record.platEncID, record.langID
            )
    font.save(target, reorderTables=True)


def main(noto: Path, symbols: Path, dejavu: Path) -> None:
    """Fill resources/fonts and resources/icons."""
    fonts, icons = RESOURCES / "fonts", RESOURCES / "icons"
    for weight in ("400Regular", "700Bold"):
        shutil.copyfile(
            noto / weight / f"NotoSansSC_{weight}.ttf",
            fonts / f"NotoSansSC-{weight.lstrip('0123456789')}.ttf",
        )
    shutil.copyfile(noto / "LICENSE_FONT", fonts / "LICENSE-NotoSansSC.txt")
    cut_symbols(dejavu / "ttf" / "DejaVuSans.ttf", fonts / "DejaVuSans-symbols.ttf")
    shutil.copyfile(dejavu / "LICENSE", fonts / "LICENSE-DejaVu.txt")
    for old in icons.glob("*.svg"):
        old.unlink()
    for name in sorted(ICONS):
        shutil.copyfile(symbols / "outlined" / f"{name}.svg", icons / f"{name}.svg")
    for name in ON_DARK:
        drawn = (icons / f"{name}.svg").read_text(encoding="utf-8")
        light = drawn.replace("<svg ", f'<svg fill="{LIGHT_FILL}" ', 1)
        (icons / f"{name}_on_dark.svg").write_text(light, encoding="utf-8")
    shutil.copyfile(symbols / "LICENSE", icons / "LICENSE-MaterialSymbols.txt")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))

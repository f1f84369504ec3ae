"""Bar codes as whole printer dots: Data Matrix and Code 128. A symbol is a list of dark boxes; nothing here draws.

Both are counted in dots of the printer that will print them, so that no cell and no bar is wider than its neighbour. The
Data Matrix comes from ppf-datamatrix. Code 128 is encoded here: the library that is kept for PDF draws its bars in
points and rounds each by itself, and what is needed of the standard is one table and two of its three character sets.

Source: ISO/IEC 16022 (Data Matrix), ISO/IEC 15417 (Code 128). Both want a quiet zone around them, which is the business
of whoever places them: 1 cell here, 10 bars there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

QUIET_CELLS = 1
QUIET_BARS = 10
# A printer paints every dot that a shape touches (ISO 32000-1, 10.6.5), so a box that ends exactly between two dots may
# come out one dot wider. Each is drawn this much smaller on every side, in dots: it covers its own dots and no other.
INSET = 0.02

Box = tuple[int, int, int, int]  # x, y, width, height, from the top left corner

_START_B, _START_C, _STOP = 104, 105, 106
_TO_C, _TO_B = 99, 100
# The widths of bar, space, bar, space, bar, space of the values 0 to 105, and of the stop with its last bar.
_TABLE = (
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222"
    "123122123221223211221132221231213212223112312131311222321122321221312212322112322211212123212321"
    "232121111323131123131321112313132113132311211313231113231311112133112331132131113123113321133121"
    "313121211331231131213113213311213131311123311321331121312113312311332111314111221411431111111224"
    "111422121124121421141122141221112214112412122114122411142112142211241211221114413111241112134111"
    "111242121142121241114212124112124211411212421112421211212141214121412121111143111341131141114113"
    "114311411113411311113141114131311141411131211412211214211232"
)
_WIDTHS = (*(_TABLE[n : n + 6] for n in range(0, len(_TABLE), 6)), "2331112")
_DIGITS = re.compile(r"\d*")


@dataclass(frozen=True, slots=True)
class Symbol:
    """Dark boxes within a width and a height. Units: printer dots."""

    width: int
    height: int
    boxes: tuple[Box, ...]

    def drawn(self, x: int, y: int) -> str:
        """Give the drawing orders with the top left corner at a place, in a space whose unit is the dot, y downwards."""
        inset, less = INSET, 2 * INSET
        return (
            " ".join(
                f"{x + a + inset:.2f} {y + b + inset:.2f} {w - less:.2f} {h - less:.2f} re"
                for a, b, w, h in self.boxes
            )
            + " f"
        )


def dots(size_mm: float, dpi: int) -> int:
    """Give the whole number of dots nearest to a size, at least one."""
    return max(1, round(size_mm * dpi / 25.4))


def data_matrix(text: str, cell: int) -> Symbol:
    """Encode a text as a Data Matrix with cells of so many dots."""
    from ppf.datamatrix import DataMatrix

    matrix = DataMatrix(text).matrix
    boxes: list[Box] = []
    for row, line in enumerate(matrix):
        start = -1
        for column, dark in enumerate([*line, 0]):
            if dark and start < 0:
                start = column
            elif not dark and start >= 0:
                boxes.append((start * cell, row * cell, (column - start) * cell, cell))
                start = -1
    return Symbol(len(matrix[0]) * cell, len(matrix) * cell, tuple(boxes))


def code128(text: str, bar: int, height: int) -> Symbol:
    """Encode a text as Code 128 with narrowest bars of so many dots.

    Raises: ValueError where a character is not printable ASCII.
    """
    boxes: list[Box] = []
    at = 0
    for value in values(text):
        for place, width in enumerate(_WIDTHS[value]):
            wide = int(width) * bar
            if place % 2 == 0:
                boxes.append((at, 0, wide, height))
            at += wide
    return Symbol(at, height, tuple(boxes))


def values(text: str) -> tuple[int, ...]:
    """Give the symbol values of a text with start, check and stop; digits go in pairs where that is shorter."""
    found = list(_coded(text))
    check = (found[0] + sum(place * value for place, value in enumerate(found[1:], start=1))) % 103
    return (*found, check, _STOP)


def _coded(text: str) -> Iterator[int]:
    if not text or any(not " " <= c <= "~" for c in text):
        raise ValueError("Code 128 here takes printable ASCII only")
    pairs = _run(text, 0) >= (2 if len(text) == 2 else 4)
    yield _START_C if pairs else _START_B
    at = 0
    while at < len(text):
        run = _run(text, at)
        if pairs and run >= 2:
            yield int(text[at : at + 2])
            at += 2
        elif pairs:
            pairs = False
            yield _TO_B
        elif run >= 6 or (run >= 4 and at + run == len(text)):
            if run % 2:  # an odd digit goes alone before the pairs
                yield ord(text[at]) - 32
                at += 1
            pairs = True
            yield _TO_C
        else:
            yield ord(text[at]) - 32
            at += 1


def _run(text: str, at: int) -> int:
    """Count the digits from a place on."""
    found = _DIGITS.match(text, at)
    return len(found[0]) if found else 0

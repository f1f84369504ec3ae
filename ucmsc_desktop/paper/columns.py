"""How a repeating table of many items is laid on a portrait page: bands of columns below each other.

The row number and the first item stand again in every band, so that each band can be read alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ucmsc_desktop.i18n import Lang
from ucmsc_desktop.paper.answers import digits
from ucmsc_desktop.paper.fonts import Library
from ucmsc_desktop.paper.sheet import WIDTH
from ucmsc_desktop.paper.tables import PAD_X, Column, fit
from ucmsc_desktop.study.model import Item, Section

NUMBER_W = 30.0
LEGEND_FROM = 4  # a list with this many choices is written as a code, and explained below the table


def column_width(library: Library, item: Item, lang: Lang) -> float:
    """Give the width an item needs in a table."""
    words = item.label.get(lang).replace("/", " ").split() if lang == "en" else []
    word = max((library.width(w, 6.6, "bold") for w in words), default=0.0) + 2 * PAD_X
    match item.type:
        case "decimal" | "integer":
            before, after = digits(item)
            need = 22.0 + 5.5 * (before + after) + (20 if item.alt_units else 0)
        case "yn" | "ynu":
            need = 44.0
        case "choice":
            widest = max(library.width(c.label.get(lang), 7, "bold") for c in item.choices) + 2 * PAD_X
            need = min(max(widest, 46.0), 84.0)
        case "multi":
            need = 96.0
        case "date" | "partial_date":
            need = 62.0
        case "datetime":
            need = 66.0
        case "text":
            need = 70.0 if item.max_length <= 60 else 110.0
        case _:
            need = 62.0
    return max(need, min(word, 90.0), 34.0)


def bands(
    library: Library,
    section: Section,
    items: Sequence[Item],
    lang: Lang,
    numbers: Mapping[str, str],
    last: Column | None = None,
) -> Iterator[tuple[list[Item], list[Column]]]:
    """Split items of a table into bands that fit the page, with their columns; evenly, so that no band is a stub.

    `last` is a column more at the end of the last band.
    """
    extra = last.width if last else 0.0
    items = list(items)
    widths = {i.id: column_width(library, i, lang) for i in items}
    first = items[0]
    room = WIDTH - NUMBER_W
    total = sum(widths.values()) + extra
    if total <= room:
        groups = [items]
    else:
        rest_room = room - widths[first.id]
        rest = items[1:]
        whole = sum(widths[i.id] for i in rest) + extra
        count = max(2, -(-int(whole) // int(rest_room)))
        target = whole / count
        groups = [[first]]
        used = 0.0
        for item in rest:
            wide = widths[item.id]
            full = used + wide > rest_room
            even = used > 0 and used + wide / 2 > target and len(groups) < count
            if len(groups[-1]) > 1 and (full or even):
                groups.append([first])
                used = 0.0
            groups[-1].append(item)
            used += wide
    row_label = section.row_label.get(lang) if section.row_label else "#"
    if library.width(row_label, 6.4, "bold") > NUMBER_W - 2 * PAD_X:
        row_label = "#"
    for group in groups:
        columns = [Column(title(i, lang, numbers), widths[i.id]) for i in group]
        if last is not None and group is groups[-1]:
            columns.append(last)
        narrow = len(groups) == 1 and sum(c.width for c in columns) + NUMBER_W <= WIDTH / 2
        yield group, [Column(row_label, NUMBER_W), *(columns if narrow else fit(columns, room))]


def side_by_side(columns: Sequence[Column]) -> int:
    """Say how many copies of a narrow table stand beside each other on the blank page."""
    return max(1, min(4, int(WIDTH / (sum(c.width for c in columns) * 1.12))))


def title(item: Item, lang: Lang, numbers: Mapping[str, str]) -> str:
    """Give a column's title: number, label, unit."""
    unit = item.unit_label("", lang) if item.unit else ""
    return f"{numbers[item.id]}. {item.label.get(lang)}" + (
        f" ({unit})" if unit and not unit.startswith(("(", "（")) else f" {unit}" if unit else ""
    )


def legend(section: Section, lang: Lang, numbers: Mapping[str, str]) -> Iterator[str]:
    """Explain the codes of the longer lists, for the blank table."""
    for item in section.items:
        if (
            item.choices
            and (len(item.choices) >= LEGEND_FROM or item.type == "multi")
            and not item.is_derived
        ):
            codes = "; ".join(f"{c.code} = {c.label.get(lang)}" for c in item.choices)
            yield f"{numbers[item.id]}. {item.label.get(lang)}: {codes}"

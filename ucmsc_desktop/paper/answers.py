"""How the answer to an item looks on paper, by item type: empty to be written on, or filled.

The one place in paper that knows item types; `match` with assert_never makes a new type fail the type check here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import assert_never

from ucmsc_desktop.i18n import Lang, Text
from ucmsc_desktop.paper.fonts import Library, Weight
from ucmsc_desktop.paper.parts import AMBER, FRAME, GREY, INK, PALE, Block, Line, Pen, Span, lines_of
from ucmsc_desktop.study.model import Choice, Item
from ucmsc_desktop.study.values import Missing, Value

CELL_W, CELL_H = 11.4, 13.6  # one box for one digit: 4 × 4.8 mm
TICK = "\u2610"
TICKED = "\u2611"

CALCULATED = Text("Calculated by the program; leave empty ({formula})", "由程序计算，请勿填写（{formula}）")
CALCULATED_BARE = Text("Calculated by the program; leave empty", "由程序计算，请勿填写")
AT_SITE = Text("kept at site", "仅存于研究中心")
NOT_ENTERED = Text("not entered", "未录入")
NOT_ASKED = Text("not asked (skip rule)", "不适用（按跳转规则）")
NO_RESULT = Text("not calculated: a value it needs is missing", "未计算：缺少所需数值")
ALL_THAT_APPLY = Text("tick all that apply", "可多选")
PARTIAL = Text("write UK for an unknown part", "未知部分填 UK")
DURATION = Text("h : min : s", "时：分：秒")
STAFF = Text("name in block letters or user name", "正楷姓名或用户名")


# --- empty ---------------------------------------------------------------------------------------------------------


def blank(library: Library, item: Item, lang: Lang, width: float) -> Block:  # noqa: PLR0911 - one per type
    """Give the space in which an item is answered on paper."""
    if item.is_derived:
        text = CALCULATED.fill(formula=item.formula) if item.formula else CALCULATED_BARE
        return note(library, text.get(lang), width)
    if item.site_only:
        return stack(writing_lines(width, 1), note(library, AT_SITE.get(lang), width))
    match item.type:
        case "decimal" | "integer":
            return _number(library, item, lang, width)
        case "choice" | "yn" | "ynu":
            return ticks(library, item.choices, lang, width)
        case "multi":
            return stack(
                note(library, ALL_THAT_APPLY.get(lang), width), ticks(library, item.choices, lang, width)
            )
        case "date":
            return boxes("YYYY-MM-DD")
        case "partial_date":
            pattern = "YYYY-MM-DD HH:mm" if item.with_time else "YYYY-MM-DD"
            return stack(boxes(pattern), note(library, PARTIAL.get(lang), width))
        case "datetime":
            return boxes("YYYY-MM-DD HH:mm:ss" if item.precision == "second" else "YYYY-MM-DD HH:mm")
        case "duration":
            return beside(boxes("HH:mm:ss"), note(library, DURATION.get(lang), 60))
        case "text":
            return writing_lines(width, max(item.lines, 2 if item.max_length > 60 else 1))
        case "staff":
            return stack(writing_lines(width, 1), note(library, STAFF.get(lang), width))
        case _:
            assert_never(item.type)


def digits(item: Item) -> tuple[int, int]:
    """Say how many boxes a number needs before and after the point, from its limits."""
    limits = [v for r in (item.hard, item.soft) if r for v in (r.low, r.high) if v is not None]
    top = max((abs(v) for v in limits), default=Decimal(9999))
    before = max(len(str(int(top))), 1)
    if item.type == "integer":
        return before, 0
    after = max(
        [-int(v.as_tuple().exponent) for v in limits] + [item.places or 0, 2 if item.alt_units else 1]
    )
    return before, after


def _number(library: Library, item: Item, lang: Lang, width: float) -> Block:
    before, after = digits(item)
    grid = boxes("#" * before + ("." + "#" * after if after else ""))
    parts: list[Block] = []
    if item.operators:
        parts.append(ticks(library, (_plain("<"), _plain(">")), lang, 48))
    parts.append(grid)
    if not item.alt_units:
        return (
            beside(*parts, note(library, item.unit_label("", lang), 90, colour_grey=False))
            if item.unit
            else beside(*parts)
        )
    units = tuple(_plain(item.unit_label(s, lang)) for s in (item.unit, *item.alt_units))
    wide = beside(*parts, ticks(library, units, lang, width))
    return wide if wide.width <= width else stack(beside(*parts), ticks(library, units, lang, width))


def _plain(text: str) -> Choice:
    return Choice(code=text, label=Text(text, text))


def boxes(pattern: str) -> Block:
    """Give a row of digit boxes: Y M D H m s # are boxes, the rest stands between them."""
    wide = {"-": 7.0, ":": 6.0, ".": 6.0, " ": 9.0}
    width = sum(wide.get(c, CELL_W) for c in pattern)

    def draw(pen: Pen, x: float, y: float) -> None:
        for char in pattern:
            step = wide.get(char, CELL_W)
            if char in wide:
                if char != " ":
                    pen.aligned(x + step / 2, y + 10, char, 9, align="centre", colour=GREY)
            else:
                pen.box(x, y, step, CELL_H, stroke=FRAME, width=0.6)
                if char != "#":
                    pen.aligned(x + step / 2, y + 9.4, char, 6.5, align="centre", colour=PALE)
            x += step

    return Block(CELL_H, draw, width)


def ticks(library: Library, choices: Sequence[Choice], lang: Lang, width: float) -> Block:
    """Give a tick box for each choice: in a running line when few, in columns when many."""
    size, mark, gap = 8.0, 12.0, 11.0
    labels = [c.label.get(lang) for c in choices]
    widths = [mark + library.width(t, size) for t in labels]
    pitch = 13.2
    places: list[tuple[float, float, tuple[str, ...]]] = []
    if sum(widths) + gap * (len(widths) - 1) <= width:
        x = 0.0
        for text, wide in zip(labels, widths, strict=True):
            places.append((x, 0, (text,)))
            x += wide + gap
        height, used = pitch, x - gap
    else:
        columns = next((n for n in (4, 3, 2) if max(widths) <= width / n - 4), 2 if len(labels) > 7 else 1)
        rows = -(-len(labels) // columns)
        y = height = 0.0
        used = width
        column_x = 0.0
        for n, text in enumerate(labels):
            if n and n % rows == 0:
                column_x += width / columns
                y = 0.0
            lines = library.wrap(text, size, width / columns - mark - 2)
            places.append((column_x, y, lines))
            y += pitch + (len(lines) - 1) * 10.4
            height = max(height, y)

    def draw(pen: Pen, left: float, top: float) -> None:
        for x, y, lines in places:
            pen.text(left + x, top + y + 10.2, TICK, 11)
            for n, line in enumerate(lines):
                pen.text(left + x + mark, top + y + 9.6 + n * 10.4, line, size)

    return Block(height, draw, used)


def writing_lines(width: float, count: int) -> Block:
    """Give ruled lines to write on."""
    pitch = 15.5

    def draw(pen: Pen, x: float, y: float) -> None:
        for n in range(count):
            pen.line(
                x, y + (n + 1) * pitch - 2.5, x + width, y + (n + 1) * pitch - 2.5, colour=FRAME, width=0.5
            )

    return Block(count * pitch - 1.5, draw, width)


def note(library: Library, text: str, width: float, *, colour_grey: bool = True) -> Block:
    """Give a short text: grey and small, or in the size of an answer."""
    size = 6.8 if colour_grey else 8.4
    lines = lines_of(library, text, width, size=size, style=Span("", colour=GREY if colour_grey else INK))
    height = sum(line.leading for line in lines)
    wide = max(library.width(line.spans[0].text, size) for line in lines)
    return Block(height, lambda pen, x, y: void(pen.lines(x, y, lines)), wide)


def void(_: object) -> None:
    """Let an expression stand where nothing is given back."""


def stack(*blocks: Block, gap: float = 1.5) -> Block:
    """Set blocks below each other."""

    def draw(pen: Pen, x: float, y: float) -> None:
        for block in blocks:
            block.draw(pen, x, y)
            y += block.height + gap

    return Block(sum(b.height for b in blocks) + gap * (len(blocks) - 1), draw, max(b.width for b in blocks))


def beside(*blocks: Block, gap: float = 7) -> Block:
    """Set blocks in a row, their middles on one line."""
    height = max(b.height for b in blocks)

    def draw(pen: Pen, x: float, y: float) -> None:
        for block in blocks:
            block.draw(pen, x, y + (height - block.height) / 2)
            x += block.width + gap

    return Block(height, draw, sum(b.width for b in blocks) + gap * (len(blocks) - 1))


# --- filled --------------------------------------------------------------------------------------------------------


def shown(item: Item, value: Value, lang: Lang, names: Mapping[str, str]) -> str:
    """Show a value on paper: as everywhere, with printed names for staff and the offset where it is not +08:00."""
    if item.type == "staff" and isinstance(value, str):
        return names.get(value) or value
    text = item.shown(value, lang)
    offset = getattr(value, "utcoffset", None)
    if offset is not None and (delta := offset()) is not None and delta.total_seconds() != 8 * 3600:
        text += f" {value:%z}"
    return text


def filled(
    library: Library, item: Item, value: Value, text: str, lang: Lang, width: float, *, size: float = 8.6
) -> list[Line]:
    """Give the lines of a filled answer; the choices not taken stand beside the taken one where a line holds them all."""
    colour = GREY if item.is_derived else INK
    if isinstance(value, Missing):
        return lines_of(library, text, width, size=size, style=Span("", "bold", AMBER))
    if item.choices and not item.is_derived:
        taken = value if isinstance(value, tuple) else (str(value),)
        spans = _choices(item, taken, lang)
        if len(item.choices) <= 5 and sum(library.width(s.text, size, s.weight) for s in spans) <= width:
            return [Line(tuple(spans), size)]
        lines: list[Line] = []
        for code in taken:
            choice = item.choice(code)
            label = choice.label.get(lang) if choice else code
            lines += lines_of(library, f"{TICKED} {label}", width, size=size, style=Span("", "bold", colour))
        return lines
    weight: Weight = "bold" if not (item.type == "text" and len(text) > 60) else "regular"
    return lines_of(library, text, width, size=size, style=Span("", weight, colour))


def _choices(item: Item, taken: Sequence[str], lang: Lang) -> list[Span]:
    spans: list[Span] = []
    known = {c.code for c in item.choices}
    for n, choice in enumerate(item.choices):
        label = choice.label.get(lang)
        gap = "    " if n + 1 < len(item.choices) else ""
        if choice.code in taken:
            spans.append(Span(f"{TICKED} {label}{gap}", "bold"))
        else:
            spans.append(Span(f"{TICK} {label}{gap}", "regular", GREY))
    spans += [Span(f"    {TICKED} {code}", "bold") for code in taken if code not in known]
    return spans

"""What stands below the answers of a record: corrections, flags and checks, conflicts, signatures.

A correction shows the old value struck through, the new one, who, when and why. What belongs to a site-only item prints
as "kept at site" here too, old values included.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ucmsc_desktop.i18n import Lang, Text
from ucmsc_desktop.paper import answers
from ucmsc_desktop.paper.parts import (
    AMBER,
    BLUE,
    GREY,
    INK,
    RED,
    Colour,
    Line,
    Span,
    lines_of,
)
from ucmsc_desktop.paper.sheet import LEFT, WIDTH, PageHead, Sheet, moment
from ucmsc_desktop.paper.tables import Column, Table
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.facts import Entry, Strike
from ucmsc_desktop.record.form_state import Finding, FormState
from ucmsc_desktop.study.model import Form, Item, Section

CLEARED = Text("(cleared)", "（已清除）")
INDEPENDENT = Text("(second, independent entry)", "（另一独立录入）")
RECALCULATED = Text("recalculated by the program", "程序重新计算")
CONTINUED = Text("{title} (continued)", "{title}（续）")
ROW = Text("row {row}", "第{row}行")
ORIGINS: Mapping[str, Text] = {
    "scanned": Text("scanned", "扫码"),
    "stamped": Text("stamped by clock", "时钟记录"),
    "paper": Text("copied from paper", "纸质转录"),
    "drafted": Text("drafted by the program", "程序草拟"),
}


def numbers_of(form: Form) -> dict[str, str]:
    """Number the items of a form in printed order, the same on screen and paper."""
    return {item.id: str(n) for n, item in enumerate(form.items(), start=1)}


@dataclass(frozen=True, slots=True)
class Correction:
    """One line of the correction table; `number` is 0 for what the program recalculated by itself."""

    number: int
    cell: Cell
    label: str
    old: str
    new: str
    entry: Entry
    reason: str


@dataclass(frozen=True)
class Record:
    """A record on its way to paper: its state, the language, and whose names may be printed."""

    state: FormState
    head: PageHead
    lang: Lang
    site_items: bool = False  # print site-only items: for the site's own copy, on explicit demand

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        return numbers_of(self.state.form)

    def hides(self, item: Item) -> bool:
        """Say whether the values of an item stay at the site."""
        return item.site_only and not self.site_items

    def text(self, item: Item, entry: Entry) -> str:
        """Show the value of an entry."""
        if entry.kept or (self.hides(item) and entry.value is not None):
            return answers.AT_SITE.get(self.lang)
        if entry.value is None:
            return entry.raw or CLEARED.get(self.lang)
        return answers.shown(item, entry.value, self.lang, self.head.names)

    def rows(self, section: Section) -> tuple[int, ...]:
        """Give all rows of a table, crossed-out ones included."""
        struck = {c.row for c in self.state.record.struck if c.item == section.id}
        return tuple(sorted({*self.state.rows(section), *struck}))

    def cells(self) -> Iterator[tuple[Section, Item, int]]:
        """Walk every cell in printed order, crossed-out rows included."""
        for section in self.state.form.sections:
            for row in self.rows(section) if section.rows else (0,):
                for item in section.items:
                    yield section, item, row

    @cached_property
    def corrections(self) -> tuple[Correction, ...]:
        """Everything that replaced something, numbered in printed order."""
        found: list[Correction] = []
        number = 0
        for section, item, row in self.cells():
            entries = self.state.history(item.id, row)
            known = {e.id: e for e in entries}
            for entry in entries[1:]:
                derived = entry.origin == "derived"
                number += not derived
                before = [self.text(item, known[p]) for p in entry.parents if p in known]
                found.append(
                    Correction(
                        0 if derived else number,
                        Cell(item.id, row),
                        self.label(section, item, row),
                        " / ".join(before) or INDEPENDENT.get(self.lang),
                        self.text(item, entry),
                        entry,
                        entry.reason or (RECALCULATED.get(self.lang) if derived else "—"),
                    )
                )
        return tuple(found)

    @cached_property
    def count(self) -> int:
        """How many corrections people made, crossed-out rows included."""
        return sum(1 for c in self.corrections if c.number) + len(self.state.record.strikes)

    @cached_property
    def marks(self) -> Mapping[Cell, str]:
        """The correction numbers of each cell."""
        found: dict[Cell, list[str]] = {}
        for c in self.corrections:
            if c.number:
                found.setdefault(c.cell, []).append(str(c.number))
        return {cell: ",".join(numbers) for cell, numbers in found.items()}

    @cached_property
    def flags(self) -> Mapping[Cell, tuple[Finding, ...]]:
        """The findings of each cell; a check stands at its first item."""
        found: dict[Cell, list[Finding]] = {}
        for finding in self.state.flags:
            found.setdefault(finding.cell, []).append(finding)
        return {cell: tuple(f) for cell, f in found.items()}

    def label(self, section: Section, item: Item, row: int) -> str:
        """Name a cell: the label, and the row in a table."""
        label = item.label.get(self.lang)
        if not row:
            return label
        title = (section.row_label or section.title).get(self.lang)
        return f"{label} · {title} {ROW.fill(row=row).get(self.lang)}"


def heading(sheet: Sheet, text: Text, *, room: float = 40, colour: Colour = BLUE) -> None:
    """Set a small heading that stays with what follows it."""
    sheet.need(22 + room)
    sheet.y += 8
    sheet.pen.text(LEFT, sheet.y + 9, text.get(sheet.lang), 9, weight="bold", colour=colour)
    sheet.y += 14


def _texts(
    sheet: Sheet, column: Column, text: str, style: Span | None = None, size: float = 7.2
) -> list[Line]:
    return lines_of(sheet.library, text, column.inner, size=size, style=style)


def draw_corrections(sheet: Sheet, record: Record) -> None:
    """Draw the correction table, and crossed-out rows below it; nothing where nothing was corrected."""
    lang, strikes = sheet.lang, record.state.record.strikes
    if not record.corrections and not strikes:
        return
    heading(sheet, Text("Corrections", "修改记录"))
    t = [
        Column("✎", 20, "right"),
        Column(Text("Item", "项目").get(lang), 126),
        Column(Text("Old value", "原值").get(lang), 92),
        Column(Text("New value", "新值").get(lang), 92),
        Column(Text("By, when", "修改人、时间").get(lang), 92),
        Column(Text("Reason", "修改理由").get(lang), WIDTH - 422),
    ]
    table = Table(sheet, t)
    with table.open():
        for c in record.corrections:
            tone = INK if c.number else GREY
            item = f"{record.numbers[c.cell.item]}. {c.label}"
            stale = c.old == INDEPENDENT.get(lang)
            table.row([
                _texts(sheet, t[0], str(c.number or "–"), Span("", colour=tone)),
                _texts(sheet, t[1], item, Span("", colour=tone)),
                _texts(sheet, t[2], c.old, Span("", colour=GREY, struck=not stale)),
                _texts(sheet, t[3], c.new, Span("", "bold" if c.number else "regular", tone)),
                _who(sheet, record, c.entry, t[4]),
                _texts(sheet, t[5], c.reason, Span("", colour=tone)),
            ])  # fmt: skip
        for n, strike in enumerate(strikes, start=1 + record.count - len(strikes)):
            table.row([
                _texts(sheet, t[0], str(n)),
                _texts(sheet, t[1], _strike_label(record, strike.cell)),
                _texts(sheet, t[2], Text("whole row", "整行").get(lang), Span("", colour=GREY, struck=True)),
                _texts(sheet, t[3], Text("crossed out", "已划去").get(lang), Span("", "bold")),
                _who(sheet, record, strike, t[4]),
                _texts(sheet, t[5], strike.reason or "—"),
            ])  # fmt: skip


def _strike_label(record: Record, cell: Cell) -> str:
    """Name a crossed-out row."""
    section = next(s for s in record.state.form.sections if s.id == cell.item)
    return f"{section.title.get(record.lang)} · {ROW.fill(row=cell.row).get(record.lang)}"


def _who(sheet: Sheet, record: Record, entry: Entry | Strike, column: Column) -> list[Line]:
    text = f"{record.head.staff(entry.user)}\n{moment(entry.at, sheet.lang)}"
    return lines_of(sheet.library, text, column.inner, size=6.4, style=Span("", colour=GREY))


_KINDS: Mapping[str, Text] = {
    "soft": Text("unusual value", "超出常见范围"),
    "warn": Text("warning", "提醒"),
    "query": Text("query", "质疑"),
    "block": Text("blocking check", "阻断核查"),
    "conflict": Text("conflict", "冲突"),
}


def draw_flags(sheet: Sheet, record: Record) -> None:
    """Draw what is marked ▲: unusual values and checks that fire, with what was said to them."""
    found = [f for f in record.state.flags if f.kind != "conflict"]
    if not found:
        return
    lang = sheet.lang
    heading(sheet, Text("Flags and checks ▲", "标记与核查 ▲"), colour=AMBER)
    t = [
        Column(Text("Item / row", "项目/行").get(lang), 58),
        Column(Text("Kind", "类型").get(lang), 100),
        Column(Text("What it says", "内容").get(lang), WIDTH - 268),
        Column(Text("State", "状态").get(lang), 110),
    ]
    table = Table(sheet, t)
    with table.open():
        for finding, rows in _gathered(found):
            item = record.state.form.by_id[finding.cell.item]
            place = record.numbers[item.id] + (f" / {spans(rows)}" if rows else "")
            kind = _KINDS[finding.kind].get(lang) + ("" if finding.id == "soft" else f" {finding.id}")
            message = item.label if finding.kind == "soft" and record.hides(item) else finding.message
            table.row([
                _texts(sheet, t[0], place),
                _texts(sheet, t[1], kind, Span("", colour=AMBER)),
                _texts(sheet, t[2], message.get(lang)),
                _texts(sheet, t[3], _state_of(record, finding).get(lang), Span("", "bold" if finding.is_open else "regular")),
            ])  # fmt: skip


def _gathered(found: Iterable[Finding]) -> Iterator[tuple[Finding, list[int]]]:
    """Bring the rows of a table at which the same thing is said into one line."""
    groups: dict[tuple[str, str, Text, bool, bool], tuple[Finding, list[int]]] = {}
    for f in found:
        group = groups.setdefault((f.id, f.cell.item, f.message, f.confirmed, f.overridden), (f, []))
        if f.cell.row:
            group[1].append(f.cell.row)
    yield from groups.values()


def spans(rows: Iterable[int]) -> str:
    """Write row numbers shortly: 1–3, 5."""
    parts: list[list[int]] = []
    for row in sorted(rows):
        if parts and row == parts[-1][-1] + 1:
            parts[-1].append(row)
        else:
            parts.append([row])
    return ", ".join(f"{p[0]}–{p[-1]}" if len(p) > 1 else str(p[0]) for p in parts)


def _state_of(record: Record, finding: Finding) -> Text:
    passed = next((o for o in record.state.record.overrides if o.check == finding.id), None)
    if finding.overridden and passed is not None:
        return Text("passed by {who}: {why}", "{who} 已放行：{why}").fill(
            who=record.head.staff(passed.user), why=passed.reason
        )
    if finding.confirmed:
        return Text("confirmed at entry", "录入时已确认")
    return Text("open", "未解决")


def draw_conflicts(sheet: Sheet, record: Record) -> None:
    """Draw every cell that holds two entries which do not know of each other."""
    found = [f for f in record.state.flags if f.kind == "conflict"]
    if not found:
        return
    lang = sheet.lang
    heading(sheet, Text("Conflicts: two entries made independently", "冲突：两次相互独立的录入"), colour=RED)
    t = [
        Column(Text("Item", "项目").get(lang), 170),
        Column(Text("Entry", "录入值").get(lang), 130),
        Column(Text("By, when", "录入人、时间").get(lang), 110),
        Column(Text("Device, entry", "设备、条目").get(lang), WIDTH - 410),
    ]
    table = Table(sheet, t)
    with table.open():
        for finding in found:
            item = record.state.form.by_id[finding.cell.item]
            section = record.state.form.section_of[item.id]
            for head in sorted(record.state.record.heads(finding.cell), key=lambda e: e.id):
                table.row([
                    _texts(sheet, t[0], f"{record.numbers[item.id]}. {record.label(section, item, finding.cell.row)}"),
                    _texts(sheet, t[1], record.text(item, head), Span("", "bold", RED)),
                    _who(sheet, record, head, t[2]),
                    _texts(sheet, t[3], f"{head.device} · {head.seq}"),
                ])  # fmt: skip

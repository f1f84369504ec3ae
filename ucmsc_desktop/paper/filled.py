"""A filled record: every item of the form with its value, or why there is none, who entered it and when."""

from __future__ import annotations

from collections.abc import Sequence

from ucmsc_desktop.i18n import Lang, Text
from ucmsc_desktop.paper import answers
from ucmsc_desktop.paper.blank import draw_band, draw_title, form_name
from ucmsc_desktop.paper.columns import bands, side_by_side
from ucmsc_desktop.paper.fonts import Weight
from ucmsc_desktop.paper.parts import AMBER, BLUE, GREY, INK, RED, Line, Span, lines_of
from ucmsc_desktop.paper.sheet import LEFT, WIDTH, Running, Sheet, Status, moment
from ucmsc_desktop.paper.signatures import draw_signatures, draw_wet
from ucmsc_desktop.paper.tables import Column, Table, fit
from ucmsc_desktop.paper.trail import (
    CONTINUED,
    ORIGINS,
    Record,
    draw_conflicts,
    draw_corrections,
    draw_flags,
)
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.facts import Entry
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.titles import log_text
from ucmsc_desktop.study.model import Item, Section, Study
from ucmsc_desktop.study.values import Missing, Number

COLUMNS = (Column("", 22, "right"), Column("", 176), Column("", WIDTH - 296), Column("", 98))

_OF_INFUSION = Text("Infusion {n}", "第{n}次输注")
_OF_DAY = Text("Day {n}", "第{n}天")
_AGAIN = Text("{visit}, no. {n}", "{visit} 第{n}次")
_ENTERED = Text("Completed by {who}, {at}", "完成人 {who}，{at}")
_LAST = Text("Last change {at}", "最后修改 {at}")


def status_of(state: FormState) -> Status:
    """Name the state of a record as the head prints it; a lock is told beside it."""
    record = state.record
    if record.is_signed:
        return "signed"
    if record.lost_signature:
        return "changed"
    return "complete" if record.completed_at is not None else "draft"


def visit_text(study: Study, key: FormKey) -> Text:
    """Name where a record stands: visit, infusion, day or number."""
    form = study.forms[key.form]
    match form.repeat:
        case "infusion":
            visit = study.visit_by_id.get(key.visit)
            text = _OF_INFUSION.fill(n=key.n)
            return Text(f"{text.en} ({visit.title.en})", f"{text.zh}（{visit.title.zh}）") if visit else text
        case "day":
            return _OF_DAY.fill(n=key.n)
        case "log":
            return log_text(form, key.n)
        case _:
            title = (
                study.visit_by_id[key.visit].title
                if key.visit in study.visit_by_id
                else Text(key.visit, key.visit)
            )
            return _AGAIN.fill(visit=title, n=key.n) if key.n > 1 or key.visit == "UNS" else title


def running(sheet: Sheet, record: Record) -> Running:
    """Say what head and foot carry on the pages of a record."""
    state = record.state
    return Running(
        form=form_name(state.form, sheet),
        version=state.record.version,
        visit=visit_text(state.state.study, state.key).get(sheet.lang),
        status=status_of(state),
        corrections=record.count,
        record_hash=state.content_hash(),
        scan=scan_text(state),
        locked=state.record.locked,
    )


def scan_text(state: FormState) -> str:
    """Give what the code in the foot says: with it the program can tell whether a sheet still equals the data."""
    return f"UCMSC1|{state.state.subject}|{state.key}|{state.content_hash()[:16]}"


def draw_filled(sheet: Sheet, record: Record) -> int:
    """Draw a record from a new page on; give the index of that page."""
    first = sheet.begin(running(sheet, record))
    draw_title(sheet, record.state.form)
    _summary(sheet, record)
    page = _FilledForm(sheet, record)
    for section in record.state.form.sections:
        page.section(section)
    draw_flags(sheet, record)
    draw_conflicts(sheet, record)
    draw_corrections(sheet, record)
    draw_signatures(sheet, record)
    draw_wet(sheet)
    return first


def _summary(sheet: Sheet, record: Record) -> None:
    facts, lang = record.state.record, sheet.lang
    parts = []
    if facts.completed_at is not None:
        who = record.head.staff(facts.completed_by)
        parts.append(_ENTERED.fill(who=who, at=moment(facts.completed_at, lang)).get(lang))
    if facts.last_at is not None:
        parts.append(_LAST.fill(at=moment(facts.last_at, lang)).get(lang))
    if facts.version != record.state.form.version:
        text = Text("entered with form version {a}, printed with {b}", "录入时表单版本 {a}，打印版本 {b}")
        parts.append(text.fill(a=facts.version, b=record.state.form.version).get(lang))
    if parts:
        lines = lines_of(sheet.library, " · ".join(parts), WIDTH, size=7, style=Span("", colour=GREY))
        sheet.paragraph(lines, after=2)


class _FilledForm:
    def __init__(self, sheet: Sheet, record: Record) -> None:
        self.sheet = sheet
        self.record = record
        self.state = record.state
        self.lang: Lang = sheet.lang

    def section(self, section: Section) -> None:
        sheet = self.sheet
        title = section.title.get(self.lang)
        sheet.y += 5
        sheet.need(140 if section.rows and self.record.rows(section) else 56)
        draw_band(sheet, title)
        with sheet.repeating(lambda: draw_band(sheet, CONTINUED.fill(title=title).get(self.lang))):
            if section.rows:
                self._rows(section)
            else:
                table = Table(sheet, COLUMNS)
                for item in section.items:
                    table.row(self._item(item))

    # --- one item below the other ------------------------------------------------------------------------------

    def _item(self, item: Item) -> list[list[Line]]:
        library = self.sheet.library
        asked = self.state.is_shown(item)
        label = lines_of(
            library, item.label.get(self.lang), COLUMNS[1].inner, size=8, style=Span("", colour=_tone(asked))
        )
        number = [Line((Span(self.record.numbers[item.id], colour=GREY),), 7.2)]
        answer = self._answer(item, 0, COLUMNS[2].inner, asked=asked)
        return [number, label, answer, self._meta(item)]

    def _answer(self, item: Item, row: int, width: float, *, asked: bool, size: float = 8.6) -> list[Line]:
        lines = self._value(item, row, width, asked=asked, size=size)
        return self._append(lines, self._marks(Cell(item.id, row)), width)

    def _marks(self, cell: Cell, *, short: bool = False) -> list[Span]:
        """Give what stands behind a value: ▲ with the checks, a conflict, the numbers of its corrections."""
        marks: list[Span] = []
        found = self.record.flags.get(cell, ())
        said = list(
            dict.fromkeys(
                "▲" if short or f.kind == "soft" else f"▲ {f.id}" for f in found if f.kind != "conflict"
            )
        )
        if said:
            marks.append(Span("  " + "  ".join(said), "bold", AMBER))
        if any(f.kind == "conflict" for f in found):
            marks.append(Span(Text("  ≠ two entries", "  ≠ 两次录入").get(self.lang), "bold", RED))
        if cell in self.record.marks:
            marks.append(Span(f"  ✎ {self.record.marks[cell]}", "regular", BLUE))
        return marks

    def _append(self, lines: list[Line], marks: Sequence[Span], width: float) -> list[Line]:
        """Put marks behind the last line, or below it where they do not fit."""
        library = self.sheet.library
        for mark in marks:
            last = lines[-1]
            used = sum(library.width(s.text, last.size, s.weight) for s in last.spans)
            if used + library.width(mark.text, last.size, mark.weight) <= width:
                lines[-1] = Line((*last.spans, mark), last.size)
            else:
                lines += lines_of(library, mark.text.strip(), width, size=min(last.size, 7.4), style=mark)
        return lines

    def _value(self, item: Item, row: int, width: float, *, asked: bool, size: float) -> list[Line]:
        library, entry = self.sheet.library, self.state.entry(item.id, row)
        value = self.state.value(item.id, row)
        if (entry is not None and entry.kept) or (value is not None and self.record.hides(item)):
            return self._words(answers.AT_SITE, width, size)
        if value is not None:
            text = answers.shown(item, value, self.lang, self.record.head.names)
            return answers.filled(library, item, value, text, self.lang, width, size=size)
        if not asked:
            return self._words(answers.NOT_ASKED, width, size - 1)
        if item.is_derived:
            return self._words(answers.NO_RESULT, width, size - 1)
        if not item.required:
            return self._words(answers.NOT_ENTERED, width, size - 1)
        return lines_of(
            library, answers.NOT_ENTERED.get(self.lang), width, size=size, style=Span("", "bold", AMBER)
        )

    def _words(self, text: Text, width: float, size: float) -> list[Line]:
        return lines_of(
            self.sheet.library, text.get(self.lang), width, size=size, style=Span("", colour=GREY)
        )

    def _meta(self, item: Item) -> list[Line]:
        entry = self.state.entry(item.id)
        width, library = COLUMNS[3].inner, self.sheet.library
        texts: list[str] = []
        if item.is_derived:
            if self.state.value(item.id) is not None:
                texts.append(
                    Text("calculated · {f}", "计算值 · {f}").fill(f=item.formula or "–").get(self.lang)
                )
        elif entry is not None:
            texts.append(self._by(entry))
        return [
            line for t in texts for line in lines_of(library, t, width, size=6.2, style=Span("", colour=GREY))
        ]

    def _by(self, entry: Entry) -> str:
        origin = ORIGINS.get(entry.origin)
        how = f" · {origin.get(self.lang)}" if origin else ""
        return f"{self.record.head.staff(entry.user)}{how}\n{moment(entry.at, self.lang)}"

    # --- rows --------------------------------------------------------------------------------------------------

    def _rows(self, section: Section) -> None:
        sheet, library = self.sheet, self.sheet.library
        rows = self.record.rows(section)
        if not rows:
            asked = self.state.is_shown(section.items[0]) if section.show is not None else True
            text = Text("no rows", "无记录") if asked else answers.NOT_ASKED
            sheet.y += 3
            sheet.paragraph(self._words(text, WIDTH - 20, 7.6), x=LEFT + 9, after=2)
            names = "; ".join(f"{self.record.numbers[i.id]}. {i.label.get(self.lang)}" for i in section.items)
            sheet.paragraph(
                lines_of(library, names, WIDTH - 20, size=6.8, style=Span("", colour=GREY)),
                x=LEFT + 9,
                after=2,
            )
            return
        struck = {c.row for c in self.state.record.struck if c.item == section.id}
        entered = Column(Text("Entered by", "录入人").get(self.lang), 84)
        groups = list(bands(library, section, section.items, self.lang, self.record.numbers, entered))
        for place, (group, columns) in enumerate(groups):
            sheet.y += 3
            copies = min(side_by_side(columns), len(rows))
            table = Table(sheet, fit(columns * copies), head_size=6.4)
            with table.open(first_row=66):
                for start in range(0, len(rows), copies):
                    cells: list[list[Line]] = []
                    for row in rows[start : start + copies]:
                        by = self._row_by(section, row) if place + 1 == len(groups) else None
                        made = self._row(group, row, columns, by)
                        cells += [[_strike(line) for line in c] for c in made] if row in struck else made
                    cells += [[]] * (len(table.columns) - len(cells))
                    table.row(cells, least=15, grid=True)

    def _row(
        self, group: Sequence[Item], row: int, columns: Sequence[Column], by: list[Line] | None
    ) -> list[list[Line]]:
        cells = [[Line((Span(str(row), colour=GREY),), 7)]]
        for item, column in zip(group, columns[1:], strict=False):
            cells.append(self._cell(item, row, column.inner, asked=self.state.is_shown(item, row)))
        return cells if by is None else [*cells, by]

    def _row_by(self, section: Section, row: int) -> list[Line]:
        """Say who entered a row, each person once with the time of their last entry in it."""
        last: dict[str, Entry] = {}
        for item in section.items:
            entry = self.state.entry(item.id, row)
            if entry is not None and not item.is_derived:
                before = last.get(entry.user)
                last[entry.user] = entry if before is None or entry.at >= before.at else before
        texts = [self._by(entry) for entry in sorted(last.values(), key=lambda e: e.at)]
        return lines_of(self.sheet.library, "\n".join(texts), 84 - 7, size=5.8, style=Span("", colour=GREY))

    def _cell(self, item: Item, row: int, width: float, *, asked: bool) -> list[Line]:
        value, library = self.state.value(item.id, row), self.sheet.library
        entry = self.state.entry(item.id, row)
        if (
            value is None
            and (entry is None or not entry.kept)
            and (not asked or not item.required or item.is_derived)
        ):
            lines = [Line((Span("–", colour=GREY),), 7)]
        elif value is None or isinstance(value, Missing) or self.record.hides(item):
            lines = self._value(item, row, width, asked=asked, size=7.2)
        else:
            text = answers.shown(item, value, self.lang, self.record.head.names)
            unit = item.unit_label("", self.lang)
            if isinstance(value, Number) and value.unit == item.unit and unit:
                text = text.removesuffix(unit).rstrip()  # the head of the column says it
            weight: Weight = "regular" if item.type == "text" else "bold"
            style = Span("", weight, GREY if item.is_derived else INK)
            lines = lines_of(library, text, width, size=7.2, style=style)
        return self._append(lines, self._marks(Cell(item.id, row), short=True), width)


def _tone(asked: bool) -> tuple[float, float, float]:
    return Span("").colour if asked else GREY


def _strike(line: Line) -> Line:
    return Line(tuple(Span(s.text, s.weight, GREY, struck=True) for s in line.spans), line.size)

"""A blank form: every item of the form model with the space to answer it by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.paper import answers
from ucmsc_desktop.paper.columns import LEGEND_FROM, bands, legend, side_by_side
from ucmsc_desktop.paper.conditions import condition
from ucmsc_desktop.paper.parts import (
    BAND,
    BLUE,
    GREY,
    INK,
    PALE,
    RULE,
    Block,
    Line,
    Span,
    height_of,
    lines_of,
)
from ucmsc_desktop.paper.sheet import BOTTOM, LEFT, RIGHT, TOP, WIDTH, Running, Sheet
from ucmsc_desktop.paper.signatures import WET_H, draw_wet
from ucmsc_desktop.paper.tables import Column, Table, fit
from ucmsc_desktop.paper.trail import CONTINUED, heading, numbers_of
from ucmsc_desktop.record.entry import ROLE_NAMES
from ucmsc_desktop.study.expr import Expression
from ucmsc_desktop.study.model import Choice, Form, Item, Section, Study, Visit

NO_X, LABEL_X, ANSWER_X, GAP_X = LEFT + 19, LEFT + 25, LEFT + 205, RIGHT - 64
LABEL_W = ANSWER_X - LABEL_X - 10
ANSWER_W = GAP_X - ANSWER_X - 8
BLANK_ROWS = 6
_REASONS_H = 38.0

OPTIONAL = Text("optional", "选填")
_GUIDES = {"datetime": "MM-DD HH:mm", "date": "YYYY-MM-DD", "partial_date": "YYYY-MM-DD"}
WHICH: Mapping[str, Text] = {
    "infusion": Text("Infusion number", "第几次输注"),
    "day": Text("Protocol day", "研究日"),
    "log": Text("Record number", "记录序号"),
}


def form_name(form: Form, sheet: Sheet) -> str:
    """Name a form with its number."""
    return f"{form.id} {form.title.get(sheet.lang)}"


def draw_blank(sheet: Sheet, form: Form, study: Study | None) -> int:
    """Draw a blank form from a new page on; give the index of that page. `study` knows the visits and other forms."""
    first = sheet.begin(Running(form_name(form, sheet), form.version, "", "blank"))
    draw_title(sheet, form)
    _which(sheet, form, planned_visits(study, form))
    page = _BlankForm(sheet, form, study)
    for section in form.sections:
        if not is_draft(section):
            page.section(section)
    page.reasons()
    draw_wet(sheet)
    return first


def is_draft(section: Section) -> bool:
    """Say whether a section is about what the program has drafted: nobody writes that by hand."""
    return any(item.program for item in section.items)


def planned_visits(study: Study | None, form: Form) -> tuple[Visit, ...]:
    """Give the visits at which a form is planned, in their order."""
    if study is None:
        return ()
    planned = {p.visit for p in study.schedule if p.form == form.id}
    return tuple(v for v in study.visits if v.id in planned)


def draw_title(sheet: Sheet, form: Form) -> None:
    """Set the title of a form and its note."""
    title = lines_of(sheet.library, form.title.get(sheet.lang), WIDTH - 40, size=14, style=Span("", "bold"))
    pen = sheet.pen
    sheet.y += 4
    badge = sheet.library.width(form.id, 14, "bold")
    pen.text(LEFT, sheet.y + 14.3, form.id, 14, weight="bold", colour=BLUE)
    sheet.y = pen.lines(LEFT + badge + 8, sheet.y, title) + 2
    if form.note:
        sheet.paragraph(
            lines_of(sheet.library, form.note.get(sheet.lang), WIDTH, size=7.6, style=Span("", colour=GREY)),
            after=3,
        )


def _which(sheet: Sheet, form: Form, visits: Sequence[Visit]) -> None:
    """Ask which record this sheet is."""
    if form.repeat == "once" or (form.repeat == "visit" and not visits):
        return
    if form.repeat == "visit":
        label = Text("Visit", "访视").get(sheet.lang)
        block = answers.ticks(
            sheet.library, tuple(_as_choice(v) for v in visits), sheet.lang, RIGHT - ANSWER_X + 90
        )
        x = ANSWER_X - 90
    else:
        label = WHICH[form.repeat].get(sheet.lang)
        block, x = answers.boxes("##"), ANSWER_X - 90
    pen, y = sheet.pen, sheet.y + 2
    pen.box(LEFT, y, WIDTH, block.height + 8, stroke=RULE)
    pen.text(LEFT + 6, y + 13.5, label, 8.2, weight="bold")
    block.draw(pen, x, y + 4)
    sheet.y = y + block.height + 14


def _as_choice(visit: Visit) -> Choice:
    return Choice(code=visit.id, label=visit.title)


def draw_band(sheet: Sheet, text: str, right: Sequence[str] = ()) -> None:
    """Draw the band of a section; `right` is its skip rule, already broken into lines."""
    pen = sheet.pen
    height = max(16.0, 6 + 9.2 * len(right))
    pen.box(LEFT, sheet.y, WIDTH, height, fill=BAND)
    pen.box(LEFT, sheet.y, 3, height, fill=BLUE)
    pen.text(LEFT + 9, sheet.y + 11.3, text, 8.8, weight="bold")
    for n, line in enumerate(right):
        pen.aligned(RIGHT - 5, sheet.y + 10.8 + n * 9.2, line, 6.8, align="right", colour=GREY)
    sheet.y += height


class _BlankForm:
    def __init__(self, sheet: Sheet, form: Form, study: Study | None) -> None:
        self.sheet = sheet
        self.form = form
        self.study = study
        self.numbers = numbers_of(form)
        self.drafted = {i.id for s in form.sections if is_draft(s) for i in s.items}

    def _said(self, show: Expression | None) -> str:
        """Say when something is asked; empty where only a draft of the program could hide it."""
        if show is None or (show.refs and all(not r.form and r.item in self.drafted for r in show.refs)):
            return ""
        return condition(show, self.form, self.numbers, self.study, self.sheet.lang)

    def section(self, section: Section) -> None:
        sheet = self.sheet
        title = section.title.get(sheet.lang)
        rule: tuple[str, ...] = ()
        if said := self._said(section.show):
            rule = sheet.library.wrap(said, 6.8, WIDTH - sheet.library.width(title, 8.8, "bold") - 40)
        noted = (
            lines_of(
                sheet.library, section.note.get(sheet.lang), WIDTH - 12, size=7.2, style=Span("", colour=GREY)
            )
            if section.note
            else []
        )
        sheet.y += 5
        first = self._table_height(section) if section.rows else self._height(section.items[0])[0]
        sheet.need(16 + height_of(noted) + first + 6)
        draw_band(sheet, title, rule)
        with sheet.repeating(lambda: draw_band(sheet, CONTINUED.fill(title=title).get(sheet.lang))):
            if noted:
                sheet.y += 3
                sheet.paragraph(noted, x=LEFT + 9, after=1)
            if section.rows:
                self._table(section)
            else:
                for item in section.items:
                    self._item(item)

    def _label(self, item: Item) -> list[Line]:
        sheet, lang = self.sheet, self.sheet.lang
        lines = lines_of(sheet.library, item.label.get(lang), LABEL_W, size=8.2)
        small: list[str] = []
        if said := self._said(item.show):
            small.append("→ " + said)
        tags = []
        if not item.required and not item.is_derived:
            tags.append(OPTIONAL.get(lang))
        if item.by and set(item.by) != set(self.form.by):
            tags.append((", " if lang == "en" else "、").join(ROLE_NAMES[r].get(lang) for r in item.by))
        if tags:
            small.append(" · ".join(tags))
        if item.hint:
            small.append(item.hint.get(lang))
        for text in small:
            lines += lines_of(sheet.library, text, LABEL_W, size=6.6, style=Span("", colour=GREY))
        return lines

    def _height(self, item: Item) -> tuple[float, list[Line], Block]:
        label = self._label(item)
        block = answers.blank(self.sheet.library, item, self.sheet.lang, ANSWER_W)
        return max(height_of(label), block.height) + 9, label, block

    def _item(self, item: Item) -> None:
        sheet = self.sheet
        height, label, block = self._height(item)
        sheet.need(height)
        pen, y = sheet.pen, sheet.y
        small = max(height_of(label), block.height)
        pen.aligned(
            NO_X,
            y + 4.5 + 8.4 + (0 if small > 16 else (small - label[0].leading) / 2),
            self.numbers[item.id],
            7.4,
            align="right",
            colour=GREY,
        )
        pen.lines(
            LABEL_X,
            y + 4.5 + (max(0.0, block.height - height_of(label)) / 2 if block.height <= 18 else 0),
            label,
        )
        block.draw(pen, ANSWER_X, y + 4.5 + (max(0.0, label[0].leading - block.height) / 2))
        if item.missing and not item.is_derived:
            x = GAP_X
            for code in item.missing:
                x += pen.text(x, y + 14, answers.TICK, 8.5, colour=GREY) + 0.5
                x += pen.text(x, y + 13.3, code, 6.6, colour=GREY) + 3.2
        sheet.y = y + height
        pen.line(LEFT, sheet.y, RIGHT, sheet.y)

    def _table_rows(self, section: Section) -> tuple[list[str], int, float]:
        """Say what stands in the first column beforehand, how many rows are drawn, and how high they are."""
        if self._is_fixed(section):
            printed = [c.label.get(self.sheet.lang) for c in section.items[0].choices]
            return printed, len(printed), 15.3
        return [], min(section.max_rows, BLANK_ROWS), 23.0

    def _table_height(self, section: Section) -> float:
        """Estimate the height of the first band of a table, so that its title does not stay behind alone."""
        _, rows, least = self._table_rows(section)
        return min(rows * least + 62, BOTTOM - TOP - 60)

    def _table(self, section: Section) -> None:
        sheet, lang = self.sheet, self.sheet.lang
        first = section.items[0]
        printed, rows, least = self._table_rows(section)
        written = [i for i in section.items if not i.is_derived]
        for group, columns in bands(sheet.library, section, written, lang, self.numbers):
            sheet.y += 3
            copies = min(side_by_side(columns), max(1, section.max_rows // rows))
            table = Table(sheet, fit(columns * copies), head_size=6.4)
            with table.open(first_row=rows * least):
                for row in range(rows):
                    cells: list[list[Line]] = []
                    for copy in range(copies):
                        cells.append([Line((Span(str(row + 1 + copy * rows), colour=GREY),), 7)])
                        for item, column in zip(group, columns[1:], strict=True):
                            if item is first and printed:
                                cells.append(
                                    lines_of(
                                        sheet.library,
                                        printed[row],
                                        column.inner,
                                        size=7,
                                        style=Span("", "bold"),
                                    )
                                )
                            else:
                                cells.append(self._cell(item, column.inner))
                    table.row(cells, least=least, grid=True)
        self._below(section, printed=bool(printed))

    def _below(self, section: Section, *, printed: bool) -> None:
        """Explain the codes of a table and name what the program calculates for it."""
        sheet, lang = self.sheet, self.sheet.lang
        notes = [t for n, t in enumerate(legend(section, lang, self.numbers)) if n or not printed]
        derived = [i for i in section.items if i.is_derived]
        if derived:
            names = "; ".join(f"{self.numbers[i.id]}. {i.label.get(lang)}" for i in derived)
            notes.append(
                Text("Calculated by the program: {names}", "由程序计算：{names}").fill(names=names).get(lang)
            )
        sheet.y += 3
        for text in notes:
            sheet.paragraph(
                lines_of(sheet.library, text, WIDTH - 6, size=6.4, style=Span("", colour=GREY)),
                x=LEFT + 3,
                after=1,
            )

    def _is_fixed(self, section: Section) -> bool:
        """Say whether the first column lists the rows beforehand: the time-points of the flow sheet."""
        codes = {c.code for c in section.items[0].choices}
        return self.study is not None and bool(codes) and codes >= {p.code for p in self.study.flow_sheet}

    def _cell(self, item: Item, width: float) -> list[Line]:
        sheet, lang = self.sheet, self.sheet.lang
        guide = _GUIDES.get(item.type)
        if guide:
            return lines_of(sheet.library, guide, width, size=6, style=Span("", colour=PALE))
        if item.choices and len(item.choices) < LEGEND_FROM and item.type != "multi":
            return [
                line
                for c in item.choices
                for line in lines_of(sheet.library, f"{answers.TICK} {c.label.get(lang)}", width, size=7)
            ]
        return []

    def reasons(self) -> None:
        """Draw the table in which every ND, UK and NA is explained; it and the signatures stay on one page."""
        if not any(i.missing for i in self.form.items() if not i.is_derived):
            return
        sheet, lang = self.sheet, self.sheet.lang
        rows = next((n for n in (3, 2) if sheet.room >= _REASONS_H + n * 19 + WET_H), 3)
        room = 16 + rows * 19 + WET_H
        heading(sheet, Text("Reason for each ND, UK or NA", "ND、UK、NA 的原因"), room=room, colour=INK)
        columns = [
            Column(Text("Item no.", "项目号").get(lang), 52),
            Column(Text("Code", "代码").get(lang), 92),
            Column(Text("Reason", "原因").get(lang), WIDTH - 144),
        ]
        codes = "   ".join(f"{answers.TICK}{c}" for c in ("ND", "UK", "NA"))
        table = Table(sheet, columns)
        with table.open():
            for _ in range(rows):
                table.row([[], [Line((Span(codes, colour=GREY),), 7.4)], []], least=19, grid=True)

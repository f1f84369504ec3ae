"""The casebook of a participant: cover, contents, and every record in visit order with its corrections and signatures.

Pages are written as they are drawn and forgotten. The cover and the contents stand first but are drawn last, on pages
held for them, because only then the page numbers and totals are known. No name of a participant is ever printed unless
the caller asks for the site's own copy.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ucmsc_desktop.i18n import Lang, Text
from ucmsc_desktop.paper import answers
from ucmsc_desktop.paper.blank import draw_blank, planned_visits
from ucmsc_desktop.paper.filled import draw_filled, status_of, visit_text
from ucmsc_desktop.paper.instructions import draw_instructions
from ucmsc_desktop.paper.parts import (
    AMBER,
    BLUE,
    FRAME,
    GREY,
    INK,
    RED,
    RULE,
    TINT,
    Line,
    Span,
    height_of,
    lines_of,
)
from ucmsc_desktop.paper.sheet import (
    BOTTOM,
    LEFT,
    RIGHT,
    STATUS,
    TOP,
    WIDTH,
    Made,
    PageHead,
    Running,
    Sheet,
    bookmark,
    document,
    moment,
)
from ucmsc_desktop.paper.signatures import draw_wet
from ucmsc_desktop.paper.tables import Column, Table
from ucmsc_desktop.paper.trail import Record
from ucmsc_desktop.paper.trends import draw_trend
from ucmsc_desktop.record.course import AWAY, course_of, falls_away, whole_plan
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.study.model import Site, Study
from ucmsc_desktop.trend import visits
from ucmsc_desktop.trend.vitals import trend_of

__all__ = ["Made", "PageHead", "render", "render_blank"]

COVER = Text("Cover", "封面")
CONTENTS = Text("Contents", "目录")
CASEBOOK = Text("Participant casebook", "受试者病例报告表")
BLANK_CASEBOOK = Text("Case report form", "病例报告表")
VITALS = Text("Vital signs during the infusion", "输注期间生命体征")
VITALS_NOTE = Text(
    "Vertical lines: start and end. Shaded columns: pauses. Green: usual range; filled red: outside it. Every value stands in "
    "the flow sheet.",
    "竖线：输注开始与结束。阴影：暂停。绿色：常见范围；红色填充：超出常见范围。各数值以记录表为准。",
)
NO_DATA = Text("no data", "无数据")
COURSE = Text("Course over the trial", "研究期间变化趋势")
COURSE_NOTE = Text(
    "Vertical lines: starts of infusions. Dashed lines: limits of the protocol, or the lower limit of the assay (LLOQ). A "
    "triangle points to where the true value lies (< or >). Filled red: haemolysed sample. Every value stands in its record.",
    "竖线：各次输注开始。虚线：方案界值或检测定量下限（LLOQ）。三角形指向真值所在方向（< 或 >）。红色填充：溶血标本。各数值以相应记录为准。",
)
ROW_H = 17.0
ROWS_A_PAGE = int((BOTTOM - TOP - 62) // ROW_H)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the contents; `page` -1: nothing was entered."""

    visit: str
    form: str
    status: Line
    corrections: str
    page: int


def render(
    out: Path, state: SubjectState, head: PageHead, lang: Lang, now: datetime, *, site_items: bool = False
) -> Made:
    """Print the casebook of a participant. `site_items` prints what otherwise stays at the site, names included.

    Raises: FontsMissing, GlyphMissing, DiskFull, StickReadOnly, WriteFailed; then there is no file.
    """
    title = Text("{r} {kind} {s}", "{r} {kind} {s}").fill(r=head.registry, kind=CASEBOOK, s=state.subject)
    keys = whole_plan(state)
    course = course_of(state)
    with document(out, head, lang, title.get(lang)) as sheet:
        cover = sheet.pdf.hold_pages(1)
        held = -(-max(len(keys), 1) // ROWS_A_PAGE)
        contents = sheet.pdf.hold_pages(held)
        bookmark(sheet, COVER.get(lang), cover)
        bookmark(sheet, CONTENTS.get(lang), contents)
        entries: list[_Entry] = []
        totals = _Totals()
        visit = ""
        for key in keys:
            record = Record(FormState(state, key, now), head, lang, site_items)
            away = falls_away(state, course, key)
            entry = _draw(sheet, record, totals, AWAY[away] if away else NO_DATA)
            entries.append(entry)
            if entry.page >= 0:
                if entry.visit != visit:
                    visit = entry.visit
                    bookmark(sheet, visit, entry.page)
                bookmark(sheet, entry.form, entry.page, level=1)
        _draw_course(sheet, state, totals)
        _draw_contents(sheet, entries, contents, totals)
        _draw_cover(sheet, state, cover, totals)
    return Made(sheet.pdf.page_count, sheet.pdf.sha256)


@dataclass(slots=True)
class _Totals:
    records: int = 0
    corrections: int = 0
    flags: int = 0
    conflicts: int = 0
    signatures: int = 0
    voided: int = 0

    def add(self, record: Record) -> None:
        self.records += 1
        self.corrections += record.count
        flags = record.state.flags
        self.conflicts += sum(f.kind == "conflict" for f in flags)
        self.flags += sum(f.kind != "conflict" and f.is_open for f in flags)
        self.signatures += sum(not s.voided for s in record.state.record.signatures)
        self.voided += sum(s.voided for s in record.state.record.signatures)


def _draw(sheet: Sheet, record: Record, totals: _Totals, without: Text) -> _Entry:
    """Draw a record; where nothing was recorded only its line in the contents says `without`."""
    state, lang = record.state, sheet.lang
    visit = visit_text(state.state.study, state.key)
    form = f"{state.form.id} {state.form.title.get(lang)}"
    if state.state.study.forms[state.key.form].repeat in ("day", "log"):
        group = state.state.study.visit_by_id.get(state.key.visit)
        form = f"{form} · {visit.get(lang)}"
        visit = group.title if group else visit
    if state.status == "empty":
        nothing = Line((Span(without.get(lang), colour=GREY),), 7.6)
        return _Entry(visit.get(lang), form, nothing, "", -1)
    totals.add(record)
    page = draw_filled(sheet, record)
    if state.form.id == "F7":
        _draw_vitals(sheet, record, visit.get(lang))
    word, colour = STATUS[status_of(state)]
    status = word.get(lang) + (Text(" · LOCKED", " · 已锁定").get(lang) if state.record.locked else "")
    return _Entry(
        visit.get(lang), form, Line((Span(status, "bold", colour),), 6.8), str(record.count or ""), page
    )


def _draw_vitals(sheet: Sheet, record: Record, visit: str) -> None:
    """Draw the vital signs of an infusion after its record, where any were measured."""
    trend = trend_of(record.state)
    if any(panel.readings for panel in trend.panels):
        draw_trend(sheet, trend, VITALS, VITALS_NOTE, visit=visit, corrections=record.count)


def _draw_course(sheet: Sheet, state: SubjectState, totals: _Totals) -> None:
    """Draw the course over the trial, where anything was measured."""
    course = visits.course_of(state)
    if course is not None:
        page = draw_trend(sheet, course, COURSE, COURSE_NOTE, corrections=totals.corrections)
        bookmark(sheet, COURSE.get(sheet.lang), page)


def _draw_contents(sheet: Sheet, entries: Sequence[_Entry], first: int, totals: _Totals) -> None:
    lang = sheet.lang
    columns = [
        Column(Text("Visit", "访视").get(lang), 112),
        Column(Text("Form", "表单").get(lang), WIDTH - 310),
        Column(Text("Status", "状态").get(lang), 118),
        Column(Text("Corrections", "修改").get(lang), 46, "right"),
        Column(Text("Page", "页码").get(lang), 34, "right"),
    ]
    pages = [entries[n : n + ROWS_A_PAGE] for n in range(0, len(entries), ROWS_A_PAGE)] or [()]
    for n, part in enumerate(pages):
        sheet.begin_held(Running(CONTENTS.get(lang), "", "", None, totals.corrections), first + n)
        sheet.y += 6
        sheet.pen.text(LEFT, sheet.y + 15, CONTENTS.get(lang), 16, weight="bold", colour=BLUE)
        sheet.y += 26
        table = Table(sheet, columns)
        table.draw_head()
        before = ""
        for entry in part:
            y = sheet.y
            tone = INK if entry.page >= 0 else GREY
            table.row([
                _one(sheet, entry.visit if entry.visit != before else "", columns[0], Span("", "bold", tone)),
                _one(sheet, entry.form, columns[1], Span("", colour=tone)),
                [entry.status],
                _one(sheet, entry.corrections, columns[3], Span("")),
                _one(sheet, str(entry.page + 1) if entry.page >= 0 else "–", columns[4], Span("", "bold", tone)),
            ], least=ROW_H)  # fmt: skip
            before = entry.visit
            if entry.page >= 0:
                sheet.pen.link(LEFT, y, WIDTH, ROW_H, entry.page)
    sheet.end_page()


def _one(sheet: Sheet, text: str, column: Column, style: Span) -> list[Line]:
    """Set a text on one line, smaller if it must be, so that the number of contents pages is known beforehand."""
    size = 8.0
    while size > 4.5 and sheet.library.width(text, size, style.weight) > column.inner:
        size -= 0.25
    return [Line((Span(text, style.weight, style.colour),), size)]


def _draw_cover(sheet: Sheet, state: SubjectState, index: int, totals: _Totals) -> None:
    lang = sheet.lang
    sheet.begin_held(Running(COVER.get(lang), "", "", None, totals.corrections), index)
    _headline(sheet, state.study, CASEBOOK)
    created = state.record.created_at
    facts = [
        (Text("Registry number", "注册号"), state.study.registry),
        (Text("Protocol", "方案版本/日期"), f"{state.study.protocol_version} / {state.study.protocol_date}"),
        (Text("Site", "研究中心"), f"{state.site.id} · {state.site.name.get(lang)}"),
        (Text("Participant number", "受试者编号"), state.subject),
        (Text("Initials", "姓名拼音缩写"), sheet.head.initials or "—"),
        (Text("Entered in the log", "建档时间"), moment(created, lang) if created else "—"),
        (
            Text("Last entry", "最后记录时间"),
            moment(state.record.last_at, lang) if state.record.last_at else "—",
        ),
        (Text("Printed", "打印时间"), moment(sheet.head.printed_at, lang)),
    ]
    _facts(sheet, facts)
    counts = (
        (Text("records", "份记录"), totals.records, INK),
        (Text("corrections", "条修改"), totals.corrections, INK),
        (Text("open flags", "项未解决标记"), totals.flags, AMBER if totals.flags else INK),
        (Text("conflicts", "处冲突"), totals.conflicts, RED if totals.conflicts else INK),
        (Text("valid signatures", "个有效签名"), totals.signatures, INK),
        (Text("voided signatures", "个失效签名"), totals.voided, AMBER if totals.voided else INK),
    )
    sheet.y += 10
    width = WIDTH / len(counts)
    for n, (caption, count, colour) in enumerate(counts):
        x = LEFT + n * width
        sheet.pen.box(x, sheet.y, width, 42, stroke=RULE, fill=TINT)
        sheet.pen.aligned(
            x + width / 2, sheet.y + 21, str(count), 15, align="centre", weight="bold", colour=colour
        )
        sheet.pen.aligned(x + width / 2, sheet.y + 34, caption.get(lang), 7, align="centre", colour=GREY)
    sheet.y += 56
    said = Text(
        "This casebook shows every value as it stood in the log at the entry named below, with all earlier values and "
        "reasons in the correction tables. ▲ marks unusual values and checks that fire; grey values are calculated, with "
        "the version of their formula; ND, UK and NA are deliberate gaps with their reason. Names, hospital numbers and "
        "telephone numbers are kept at the site and are not printed.",
        "本册按下述日志条目所处状态打印全部数值，历次原值及修改理由见各表修改记录。▲ 表示超出常见范围或触发核查；灰色为计算值并注明公式版本；"
        "ND、UK、NA 为有意缺失并附原因。姓名、住院号、电话等仅存于研究中心，不予打印。",
    )  # fmt: skip
    sheet.paragraph(lines_of(sheet.library, said.get(lang), WIDTH, size=8.4, style=Span("", colour=GREY)))
    _declaration(sheet)
    sheet.end_page()


def _declaration(sheet: Sheet) -> None:
    lang = sheet.lang
    sheet.y += 8
    said = Text(
        "Investigator's declaration: I have reviewed this casebook and confirm that it is accurate, complete and agrees "
        "with the source records.",
        "研究者声明：本人已审阅本病例报告表，确认其准确、完整并与源记录一致。",
    )  # fmt: skip
    sheet.paragraph(lines_of(sheet.library, said.get(lang), WIDTH, size=9, style=Span("", "bold")))
    draw_wet(sheet)


def _headline(sheet: Sheet, study: Study, kind: Text) -> None:
    lang = sheet.lang
    sheet.y = TOP + 46
    title = lines_of(sheet.library, study.title.get(lang), WIDTH - 26, size=21, style=Span("", "bold", INK))
    height = height_of(title) + 50
    sheet.pen.box(LEFT, sheet.y, 5, height, fill=BLUE)
    sheet.pen.text(LEFT + 20, sheet.y + 13, f"{study.registry} · {study.id}", 11, weight="bold", colour=BLUE)
    y = sheet.pen.lines(LEFT + 20, sheet.y + 20, title)
    sheet.pen.text(LEFT + 20, y + 18, kind.get(lang), 14, colour=GREY)
    sheet.y += height + 34


def _facts(sheet: Sheet, facts: Iterable[tuple[Text, str]]) -> None:
    for caption, value in facts:
        lines = lines_of(sheet.library, value, WIDTH - 160, size=10, style=Span("", "bold"))
        sheet.pen.text(LEFT, sheet.y + 10.5, caption.get(sheet.lang), 8.4, colour=GREY)
        sheet.y = sheet.pen.lines(LEFT + 150, sheet.y, lines) + 3.5
        sheet.pen.line(LEFT, sheet.y, RIGHT, sheet.y)
        sheet.y += 4.5


# --- the blank casebook --------------------------------------------------------------------------------------------


def render_blank(out: Path, study: Study, site: Site, head: PageHead, lang: Lang) -> Made:
    """Print the blank casebook: cover, filling instructions, schedule, every form in its order.

    Raises: FontsMissing, GlyphMissing, DiskFull, StickReadOnly, WriteFailed; then there is no file.
    """
    title = f"{head.registry} {BLANK_CASEBOOK.get(lang)}"
    with document(out, head, lang, title) as sheet:
        _blank_cover(sheet, study, site)
        bookmark(sheet, Text("How to fill in this form", "填写说明").get(lang), draw_instructions(sheet))
        bookmark(sheet, Text("Schedule", "研究流程图").get(lang), _schedule(sheet, study))
        for form_id in study.form_order:
            form = study.forms[form_id]
            bookmark(sheet, f"{form.id} {form.title.get(lang)}", draw_blank(sheet, form, study))
    return Made(sheet.pdf.page_count, sheet.pdf.sha256)


def _blank_cover(sheet: Sheet, study: Study, site: Site) -> None:
    lang = sheet.lang
    page = sheet.begin(Running(COVER.get(lang), "", "", "blank"))
    bookmark(sheet, COVER.get(lang), page)
    _headline(sheet, study, BLANK_CASEBOOK)
    _facts(
        sheet,
        [
            (Text("Registry number", "注册号"), study.registry),
            (Text("Protocol", "方案版本/日期"), f"{study.protocol_version} / {study.protocol_date}"),
            (Text("Site", "研究中心"), f"{site.id} · {site.name.get(lang)}"),
        ],
    )
    sheet.y += 12
    asked = (
        (Text("Participant number", "受试者编号"), answers.boxes("##-###")),
        (Text("Initials (4 letters)", "姓名拼音缩写（4个字母）"), answers.boxes("####")),
        (Text("Signed informed consent", "签署知情同意日期"), answers.boxes("YYYY-MM-DD")),
        (Text("First infusion (day 0)", "首次输注日期（第0天）"), answers.boxes("YYYY-MM-DD")),
    )
    for caption, block in asked:
        sheet.pen.text(LEFT, sheet.y + 10, caption.get(lang), 9, weight="bold")
        block.draw(sheet.pen, LEFT + 190, sheet.y)
        sheet.y += 27
    sheet.y += 20
    _declaration(sheet)


def _schedule(sheet: Sheet, study: Study) -> int:
    """Draw which form belongs to which visit."""
    lang = sheet.lang
    name = Text("Schedule", "研究流程图")
    first = sheet.begin(Running(name.get(lang), "", "", "blank"))
    sheet.y += 8
    sheet.pen.text(LEFT, sheet.y + 15, name.get(lang), 16, weight="bold", colour=BLUE)
    sheet.y += 30
    visits = [v for v in study.visits if v.id not in ("DAY", "LOG")]
    form_w = 122.0
    step = (WIDTH - form_w) / max(len(visits), 1)
    columns = [Column(Text("Form", "表单").get(lang), form_w)]
    columns += [Column(v.title.get(lang), step, "centre") for v in visits]
    table = Table(sheet, columns, head_size=5.6 if len(visits) > 9 else 6.2)
    with table.open():
        for form_id in study.form_order:
            form = study.forms[form_id]
            planned = {v.id for v in planned_visits(study, form)}
            if form.repeat == "infusion":
                infusions = int(str(study.parameters.get("n_infusions", 3)))
                planned |= {f"D{n}" for n in range(infusions)}
            optional = {p.visit for p in study.schedule if p.form == form_id and p.optional}
            cells = [lines_of(sheet.library, f"{form.id} {form.title.get(lang)}", form_w - 8, size=7.6)]
            if form.repeat in ("day", "log"):
                text = Text("every day", "每日") if form.repeat == "day" else Text("as it happens", "随时")
                cells += [lines_of(sheet.library, text.get(lang), 200, size=7.2, style=Span("", colour=GREY))]
                cells += [[] for _ in visits[1:]]
            else:
                cells += [_mark(v.id, planned, optional) for v in visits]
            table.row(cells, least=18, grid=form.repeat not in ("day", "log"))
    sheet.y += 6
    key = Text("● planned   ○ when needed", "● 计划内   ○ 需要时")
    sheet.paragraph(lines_of(sheet.library, key.get(lang), WIDTH, size=7.4, style=Span("", colour=GREY)))
    if study.flow_sheet:
        points = "; ".join(p.title.get(lang) for p in study.flow_sheet)
        said = Text("Vital signs at each infusion: {points}", "每次输注的生命体征时间点：{points}").fill(
            points=points
        )
        sheet.paragraph(lines_of(sheet.library, said.get(lang), WIDTH, size=7.8))
    sheet.pen.line(LEFT, sheet.y + 2, RIGHT, sheet.y + 2, colour=FRAME)
    return first


def _mark(visit: str, planned: set[str], optional: set[str]) -> list[Line]:
    if visit in optional:
        return [Line((Span("○", colour=GREY),), 9)]
    return [Line((Span("●", colour=BLUE),), 9)] if visit in planned else []

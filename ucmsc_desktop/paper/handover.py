"""The hand-over sheet of a shift, and the log of screen failures. No name of a participant is ever printed.

The sheet says what the list on the screen says at the moment of printing; it is paper for the pocket, not a record. The
lines below are for the two nurses: who hands over, who takes over.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ucmsc_desktop.i18n import Lang, Text, show_date, show_datetime
from ucmsc_desktop.paper.parts import (
    AMBER,
    BAND,
    BLUE,
    FRAME,
    GREEN,
    GREY,
    INK,
    RED,
    TINT,
    Colour,
    Line,
    Span,
    lines_of,
)
from ucmsc_desktop.paper.sheet import LEFT, RIGHT, WIDTH, Made, PageHead, Running, Sheet, bookmark, document
from ucmsc_desktop.paper.tables import Column, Table, fit
from ucmsc_desktop.record.handover import Failure, Handed, Handover, OpenEvent, ScreeningLog
from ucmsc_desktop.record.handover import Running as Run
from ucmsc_desktop.record.safety import SaeClock
from ucmsc_desktop.record.tasks import Task, countdown, span_words

TITLE = Text("Hand-over sheet", "交接班单")
LOG_TITLE = Text("Log of screen failures", "筛选失败登记表")
_SIZE = 7.8
_SPAN = Text("What is overdue, and what comes until {until}", "已逾期事项，以及至 {until} 应完成的事项")
_NOT_A_RECORD = Text(
    "Made from the log for this hand-over; not a source document. What is done is entered in the program.",
    "本单由系统记录生成，仅用于交接班，不作为源文件；完成的操作须在系统中记录。",
)
_NOTHING = Text(
    "Nothing is open, and nothing comes within twelve hours.", "无未完成事项，未来 12 小时内也无应完成事项。"
)
_NAMES = Text("No names are printed.", "本表不印姓名。")


def render(out: Path, sheet_of: Handover, head: PageHead, lang: Lang) -> Made:
    """Print the hand-over sheet. Raises: FontsMissing, GlyphMissing, DiskFull, StickReadOnly, WriteFailed."""
    with document(out, head, lang, f"{head.registry} {TITLE.get(lang)}") as sheet:
        page = sheet.begin(Running(TITLE.get(lang), "", "", None))
        bookmark(sheet, TITLE.get(lang), page)
        until = _SPAN.fill(until=Text(_moment(sheet_of.until, "en"), _moment(sheet_of.until, "zh")))
        _headline(sheet, TITLE, f"{_moment(sheet_of.at, lang)} · {until.get(lang)}")
        _totals(sheet, sheet_of)
        if not sheet_of.people:
            sheet.paragraph(lines_of(sheet.library, _NOTHING.get(lang), WIDTH, size=10))
        for person in sheet_of.people:
            _person(sheet, person, sheet_of)
        _nurses(sheet, head)
    return Made(sheet.pdf.page_count, sheet.pdf.sha256)


def _moment(at: datetime, lang: Lang) -> str:
    return show_datetime(at, lang)


def _headline(sheet: Sheet, title: Text, below: str) -> None:
    sheet.y += 6
    sheet.pen.text(LEFT, sheet.y + 15, title.get(sheet.lang), 17, weight="bold", colour=BLUE)
    sheet.y += 22
    sheet.paragraph(lines_of(sheet.library, below, WIDTH, size=9, style=Span("", colour=GREY)), after=6)


def _figures(sheet: Sheet, figures: Sequence[tuple[Text, int, Colour]]) -> None:
    """Draw numbers with their captions in a row of boxes."""
    width = WIDTH / len(figures)
    for n, (caption, count, colour) in enumerate(figures):
        x = LEFT + n * width
        sheet.pen.box(x, sheet.y, width - 4, 34, fill=TINT, stroke=FRAME, width=0.4)
        sheet.pen.text(x + 6, sheet.y + 15, str(count), 13, weight="bold", colour=colour if count else GREY)
        sheet.pen.text(x + 6, sheet.y + 28, caption.get(sheet.lang), 7, colour=GREY)
    sheet.y += 42


def _totals(sheet: Sheet, of: Handover) -> None:
    counts = of.counts()
    _figures(
        sheet,
        (
            (Text("Infusions running", "正在输注"), counts["running"], BLUE),
            (Text("Overdue", "已逾期"), counts["overdue"], RED),
            (Text("Due within 12 h", "12小时内应完成"), counts["due"], INK),
            (Text("Samples in work", "待离心/冻存标本"), counts["samples"], AMBER),
            (Text("Open events", "未关闭事件"), counts["events"], RED),
            (Text("Signatures pending", "待签名"), counts["unsigned"], INK),
        ),
    )


# --- a participant -------------------------------------------------------------------------------------------


def _person(sheet: Sheet, person: Handed, of: Handover) -> None:
    lang = sheet.lang
    sheet.need(70)
    pen, y, who = sheet.pen, sheet.y, person.who
    pen.box(LEFT, y, WIDTH, 20, fill=BAND)
    pen.box(LEFT, y, 4, 20, fill=BLUE)
    x = LEFT + 11 + pen.text(LEFT + 11, y + 13.8, who.subject, 11, weight="bold")
    place = Text("bed {bed}", "{bed} 床").fill(bed=who.bed or "–")
    facts = [t for t in (person.ward.get(lang), place.get(lang), who.visit.get(lang)) if t]
    pen.text(x + 12, y + 13.6, "  ·  ".join(facts), 9)
    rest = Text(
        "{m} fields empty · {q} queries · {s} signatures", "未填 {m} 项 · 质疑 {q} 条 · 待签名 {s} 项"
    ).fill(m=person.missing, q=person.queries, s=person.unsigned)
    pen.aligned(RIGHT - 6, y + 13.2, rest.get(lang), 7.6, align="right", colour=GREY)
    sheet.y += 22
    for run in person.running:
        _run(sheet, run, of.at)
    columns = fit(
        (
            Column(Text("When", "时间").get(lang), 62),
            Column(Text("Time left", "剩余").get(lang), 78),
            Column(Text("What", "事项").get(lang), 218),
            Column(Text("Visit", "访视").get(lang), 82),
            Column(Text("Note", "备注").get(lang), 72),
        )
    )
    groups = (
        (Text("Overdue", "已逾期"), person.overdue, RED),
        (Text("Samples in work", "处理中标本"), person.samples, AMBER),
        (Text("Due", "应完成"), person.due, BLUE),
        (Text("Blocked", "受阻"), person.waiting, GREY),
    )
    if any(tasks for _title, tasks, _colour in groups):
        table = Table(sheet, columns)
        with table.open():
            for title, tasks, colour in groups:
                for task in tasks:
                    table.row(_cells(sheet, columns, title, task, colour, of.at), least=17, grid=True)
    for event in person.events:
        _event(sheet, event, of.at)
    sheet.y += 9


def _run(sheet: Sheet, run: Run, now: datetime) -> None:
    """Draw a running infusion: its clock, and the next check."""
    lang = sheet.lang
    said = Text("Infusion {n} runs since {since} ({time})", "第 {n} 次输注，{since} 开始（已 {time}）").fill(
        n=run.n, since=f"{run.started:%H:%M}", time=span_words(now - run.started)
    )
    following = Text("no further check", "无后续检查")
    if run.next_point is not None and run.next_at is not None:
        following = Text("next check {at}, {point}", "下次检查 {at}，{point}").fill(
            at=f"{run.next_at:%H:%M}", point=run.next_point.title
        )
    sheet.need(18)
    sheet.pen.box(LEFT, sheet.y, WIDTH, 17, stroke=BLUE, width=0.9)
    x = LEFT + 8 + sheet.pen.text(LEFT + 8, sheet.y + 11.8, said.get(lang), 9, weight="bold", colour=BLUE)
    sheet.pen.text(x + 14, sheet.y + 11.8, following.get(lang), 9, weight="bold")
    sheet.y += 20


def _cells(
    sheet: Sheet, columns: Sequence[Column], group: Text, task: Task, colour: Colour, now: datetime
) -> list[list[Line]]:
    lang = sheet.lang
    left = countdown(task, now).get(lang)
    if task.opens is not None and task.opens > now and not task.is_whole_days:
        left = Text("from {at}", "{at} 起").fill(at=f"{task.opens:%H:%M}").get(lang)
    status = [Line((Span(group.get(lang), "bold", colour),), _SIZE)]
    if left:
        status += lines_of(
            sheet.library, left, columns[1].inner, size=_SIZE, style=Span("", "regular", colour)
        )
    what = lines_of(sheet.library, task.title.get(lang), columns[2].inner, size=_SIZE, style=Span("", "bold"))
    if task.why is not None:
        why = Span("", colour=GREY)
        what += lines_of(sheet.library, task.why.get(lang), columns[2].inner, size=7, style=why)
    return [
        lines_of(sheet.library, _when(task, now, lang), columns[0].inner, size=_SIZE, style=Span("", "bold")),
        status,
        what,
        lines_of(sheet.library, task.visit.get(lang), columns[3].inner, size=_SIZE),
        [],
    ]


def _when(task: Task, now: datetime, lang: Lang) -> str:
    if task.at is None:
        return "–"
    if task.is_whole_days and task.closes is not None:
        end = task.closes.date()
        return show_date(end, lang) if end != now.date() else Text("today", "今天").get(lang)
    day = task.at.date() - now.date()
    clock = f"{task.at:%H:%M}"
    if not day:
        return clock
    if day == timedelta(days=1):
        return Text(f"{clock} tomorrow", f"明日 {clock}").get(lang)
    return f"{show_date(task.at.date(), lang)} {clock}"


def _event(sheet: Sheet, event: OpenEvent, now: datetime) -> None:
    """Draw an open event; below a serious one its clock, or when it was reported."""
    lang = sheet.lang
    serious = event.clock is not None
    spans = [Span(Text("SAE {n}", "SAE {n}").fill(n=event.n).get(lang), "bold", RED)]
    if not serious:
        spans = [Span(Text("AE {n}", "AE {n}").fill(n=event.n).get(lang), "bold", INK)]
    facts = [event.term]
    if event.onset:
        facts.append(Text("since {at}", "发生 {at}").fill(at=event.onset).get(lang))
    if event.grade:
        facts.append(Text("grade {g}", "{g} 级").fill(g=event.grade).get(lang))
    if event.goes_on:
        facts.append(Text("goes on", "持续中").get(lang))
    if not event.is_judged:
        facts.append(Text("not yet judged by the investigator", "研究者尚未判定").get(lang))
    spans.append(Span("   " + " · ".join(f for f in facts if f)))
    lines = _wrapped(sheet, spans)
    if event.clock is not None:
        lines += _clock_lines(sheet, event, now)
    height = sum(line.leading for line in lines) + 6
    sheet.need(height)
    sheet.pen.box(LEFT, sheet.y, 3, height, fill=RED if serious else AMBER)
    sheet.pen.lines(LEFT + 9, sheet.y + 3, lines)
    sheet.y += height + 2


def _clock_lines(sheet: Sheet, event: OpenEvent, now: datetime) -> list[Line]:
    assert event.clock is not None
    due, lang = event.clock.due, sheet.lang
    if not event.clock.is_running:
        tone = RED if event.clock.status == "late" else INK
        return [Line((Span(_told(event.clock).get(lang), "bold", tone),), 8.4)]
    if due is None:
        said = Text("Not transmitted: phone now.", "尚未上报：请立即电话上报。")
        return [Line((Span(said.get(lang), "bold", RED),), 8.4)]
    tone = {"open": GREEN, "soon": AMBER}.get(event.clock.status, RED)
    frame = Text("{time} left", "剩余 {time}") if now <= due else Text("{time} late", "已超 {time}")
    left = frame.fill(time=span_words(abs(due - now)))
    said = Text(
        "Not transmitted: phone now. Report due {due}, {left}",
        "尚未上报：请立即电话上报。上报截止 {due}，{left}",
    ).fill(due=_moment(due, lang), left=left)
    return [Line((Span(said.get(lang), "bold", tone),), 8.4)]


def _told(clock: SaeClock) -> Text:
    """Say what became of a report whose clock no longer runs."""
    at = clock.reported
    if at is None:
        return Text("No report due: {why}", "无须上报：{why}").fill(why=clock.reason)
    when = Text(_moment(at, "en"), _moment(at, "zh"))
    if clock.status == "late":
        return Text("Reported late, {at}", "已上报（超时），{at}").fill(at=when)
    return Text("Reported in time, {at}", "已按时上报，{at}").fill(at=when)


def _wrapped(sheet: Sheet, spans: Sequence[Span]) -> list[Line]:
    """Set a bold head and its text; what is too long goes on below."""
    head, rest = spans[0], spans[1]
    width = WIDTH - 14 - sheet.library.width(head.text, 8.4, "bold")
    wrapped = sheet.library.wrap(rest.text.strip(), 8.4, width - 8)
    lines = [Line((head, Span("   " + (wrapped[0] if wrapped else ""))), 8.4)]
    lines += [Line((Span(t),), 8.4) for t in wrapped[1:]]
    return lines


def _nurses(sheet: Sheet, head: PageHead) -> None:
    """Draw the two lines to be signed by hand, kept together."""
    lang = sheet.lang
    sheet.need(104)
    sheet.y += 6
    sheet.pen.line(LEFT, sheet.y, RIGHT, sheet.y, colour=FRAME, width=0.6)
    sheet.y += 12
    who = (
        (Text("Outgoing nurse", "交班护士"), head.staff(head.printed_by)),
        (Text("Incoming nurse", "接班护士"), ""),
    )
    width = (WIDTH - 14) / 2
    for n, (title, name) in enumerate(who):
        x, y = LEFT + n * (width + 14), sheet.y
        sheet.pen.box(x, y, width, 62, stroke=FRAME, width=0.7)
        sheet.pen.text(x + 8, y + 13, title.get(lang), 8.6, weight="bold")
        sheet.pen.aligned(x + width - 8, y + 13, name, 8.6, align="right")
        for caption, base in ((Text("Signature", "签名"), 33), (Text("Date and time", "日期时间"), 53)):
            wide = sheet.pen.text(x + 8, y + base, caption.get(lang), 7, colour=GREY)
            sheet.pen.line(x + 13 + wide, y + base + 1.5, x + width - 8, y + base + 1.5, colour=FRAME)
    sheet.y += 70
    sheet.paragraph(
        lines_of(sheet.library, _NOT_A_RECORD.get(lang), WIDTH, size=7, style=Span("", colour=GREY)), after=0
    )


# --- the log of screen failures ------------------------------------------------------------------------------


def render_screening(out: Path, log: ScreeningLog, head: PageHead, lang: Lang) -> Made:
    """Print the log of screen failures. Raises: FontsMissing, GlyphMissing, DiskFull, StickReadOnly, WriteFailed."""
    with document(out, head, lang, f"{head.registry} {LOG_TITLE.get(lang)}") as sheet:
        page = sheet.begin(Running(LOG_TITLE.get(lang), "", "", None))
        bookmark(sheet, LOG_TITLE.get(lang), page)
        _headline(sheet, LOG_TITLE, f"{_moment(head.printed_at, lang)} · {_NAMES.get(lang)}")
        _figures(
            sheet,
            (
                (Text("Screened", "已筛选"), log.screened, INK),
                (Text("Enrolled", "已入组"), log.enrolled, GREEN),
                (Text("Screen failures", "筛选失败"), len(log.failures), RED),
                (Text("Pending", "待定"), log.pending, AMBER),
            ),
        )
        if not log.failures:
            nothing = Text("No participant failed screening.", "无筛选失败者。")
            sheet.paragraph(lines_of(sheet.library, nothing.get(lang), WIDTH, size=10))
        else:
            _failures(sheet, log.failures)
        _responsible(sheet)
    return Made(sheet.pdf.page_count, sheet.pdf.sha256)


def _failures(sheet: Sheet, failures: Sequence[Failure]) -> None:
    lang = sheet.lang
    columns = fit(
        (
            Column(Text("No.", "序号").get(lang), 26, "right"),
            Column(Text("Date", "日期").get(lang), 70),
            Column(Text("Screening number", "筛选号").get(lang), 78),
            Column(Text("Participant number", "受试者编号").get(lang), 78),
            Column(Text("Criterion not met", "不符合的标准").get(lang), 258),
        )
    )
    table = Table(sheet, columns)
    with table.open():
        for n, failure in enumerate(failures, start=1):
            words = [c.get(lang) for c in failure.criteria] + ([failure.other] if failure.other else [])
            unknown = Span("", colour=AMBER)
            said = [x for w in words for x in lines_of(sheet.library, w, columns[4].inner, size=_SIZE)]
            if not said:
                text = Text("not recorded", "未记录").get(lang)
                said = lines_of(sheet.library, text, columns[4].inner, size=_SIZE, style=unknown)
            at = show_date(failure.screened.date(), lang) if failure.screened else "–"
            plain = (str(n), at, failure.number or "–", failure.subject)
            cells = [
                lines_of(sheet.library, text, column.inner, size=_SIZE)
                for text, column in zip(plain, columns, strict=False)
            ]
            table.row([*cells, said], least=17, grid=True)
    sheet.y += 8


def _responsible(sheet: Sheet) -> None:
    lang = sheet.lang
    sheet.need(44)
    sheet.y += 14
    x = LEFT
    for caption in (Text("Investigator", "研究者"), Text("Date", "日期")):
        wide = sheet.pen.text(x, sheet.y + 10, caption.get(lang), 8.4, weight="bold")
        sheet.pen.line(x + wide + 8, sheet.y + 12, x + 240, sheet.y + 12, colour=FRAME)
        x += 264
    sheet.y += 24

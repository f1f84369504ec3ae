"""Signatures: the block of each electronic one, those still wanted, and the boxes to be signed by hand.

An electronic signature prints its meaning, statement, printed name, user, moment, id and whether it still holds
(21 CFR 11.50). What is not known is not printed as if it were: the state is that of the log at print time.
"""

from __future__ import annotations

from collections.abc import Iterator

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.paper import answers
from ucmsc_desktop.paper.parts import AMBER, FRAME, GREEN, GREY, RED, TINT, Span, height_of, lines_of
from ucmsc_desktop.paper.sheet import LEFT, WIDTH, Sheet, moment
from ucmsc_desktop.paper.trail import Record, heading
from ucmsc_desktop.record import signing
from ucmsc_desktop.record.entry import ROLE_NAMES, named_roles
from ucmsc_desktop.record.facts import Signature

WET = (Text("Recorded by", "记录人"), Text("Checked by", "核对人"), Text("Investigator", "研究者"))
_MISSING = Text("Not yet signed: {title} ({roles})", "尚未签名：{title}（{roles}）")
_MORE = Text(
    "Not yet signed: {title} ({roles}), {missing} of {people} different persons",
    "尚未签名：{title}（{roles}），须由{people}名不同人员签名，尚缺{missing}名",
)
_ONLY = Text("Signed are only these items: {items}", "本签名仅针对以下条目：{items}")
WET_H = 84.0  # with its heading


def draw_signatures(sheet: Sheet, record: Record) -> None:
    """Draw the block of each electronic signature, and name those still wanted."""
    signatures = record.state.record.signatures
    wanted = [] if record.state.status == "empty" else list(_wanted(record))
    if not signatures and not wanted:
        return
    room = 100 if signatures else 14 * len(wanted) + WET_H  # the boxes below shall not stand alone on a page
    heading(sheet, Text("Electronic signatures", "电子签名"), room=room)
    for signature in signatures:
        _signature(sheet, record, signature)
    for text in wanted:
        lines = lines_of(sheet.library, text, WIDTH - 12, size=7.4, style=Span("", colour=AMBER))
        sheet.paragraph(lines, x=LEFT + 6, after=1)


def _wanted(record: Record) -> Iterator[str]:
    study = record.state.state.study
    for slot in signing.unsigned_slots(record.state):
        title = study.meaning_by_id[slot.meaning].title
        roles = named_roles(slot.roles)
        missing = signing.people_missing(record.state, slot)
        text = _MORE if slot.people > 1 else _MISSING
        yield text.fill(title=title, roles=roles, missing=missing, people=slot.people).get(record.lang)


def _covered(record: Record, signature: Signature) -> str:
    """Name what a signature is about: the whole record, or the items it covers, in printed order."""
    if not signature.covers:
        return ""
    known = [i for i in record.state.form.items() if i.id in signature.covers]
    gone = sorted(signature.covers - {i.id for i in known})
    join = "；" if record.lang == "zh" else "; "
    names = join.join([*(i.label.get(record.lang) for i in known), *gone])
    return _ONLY.fill(items=names).get(record.lang)


def _signature(sheet: Sheet, record: Record, signature: Signature) -> None:
    lang = sheet.lang
    meaning = record.state.state.study.meaning_by_id.get(signature.meaning)
    title = meaning.title.get(lang) if meaning else signature.meaning
    statement = meaning.statement.get(lang) if meaning else ""
    role = ROLE_NAMES.get(signature.role, Text(signature.role, signature.role)).get(lang)
    if signature.voided:
        state, tone = Text("VOIDED by a later change", "已因后续修改而失效"), RED
    else:
        state, tone = Text("VALID at print time", "打印时有效"), GREEN
    fields = (
        (Text("Meaning", "签名含义"), title),
        (Text("Name (printed)", "姓名"), record.head.staff(signature.user)),
        (Text("User, role", "用户名、角色"), f"{signature.user} · {role}"),
        (Text("Date and time", "日期时间"), moment(signature.at, lang)),
        (Text("Signature id", "签名编号"), f"{signature.id[:32]}\n{signature.device} / {signature.seq}"),
        (Text("Content hash", "内容校验值"), signature.content[:32] or "—"),
    )
    rows = [
        (c.get(lang), lines_of(sheet.library, v, 170, size=7.6, style=Span("", "bold"))) for c, v in fields
    ]
    said = lines_of(sheet.library, statement, WIDTH - 16, size=7.4) if statement else []
    covered = _covered(record, signature)
    if covered:
        said += lines_of(sheet.library, covered, WIDTH - 16, size=6.6, style=Span("", colour=GREY))
    pairs = [rows[n : n + 2] for n in range(0, len(rows), 2)]
    heights = [max(height_of(v) for _, v in pair) + 4 for pair in pairs]
    height = sum(heights) + height_of(said) + 24
    sheet.need(height + 4)
    pen, y = sheet.pen, sheet.y
    pen.box(LEFT, y, WIDTH, height, stroke=FRAME, fill=TINT, width=0.6)
    pen.box(LEFT, y, 3, height, fill=tone)
    y += 5
    for pair, tall in zip(pairs, heights, strict=True):
        for n, (caption, value) in enumerate(pair):
            x = LEFT + 10 + n * WIDTH / 2
            pen.text(x, y + 7.8, caption, 6.4, colour=GREY)
            pen.lines(x + 72, y, value)
        y += tall
    if said:
        y = pen.lines(LEFT + 10, y + 1, said) + 1
    pen.text(LEFT + 10, y + 8.5, Text("State", "状态").get(lang), 6.4, colour=GREY)
    pen.text(LEFT + 82, y + 8.5, state.get(lang), 8, weight="bold", colour=tone)
    sheet.y += height + 4


def draw_wet(sheet: Sheet) -> None:
    """Draw the three boxes to be signed by hand, kept together."""
    lang, height, gap = sheet.lang, 56.0, 8.0
    heading(sheet, Text("Signatures by hand", "手写签名"), room=height)
    pen, y = sheet.pen, sheet.y
    width = (WIDTH - 2 * gap) / 3
    for n, title in enumerate(WET):
        x = LEFT + n * (width + gap)
        pen.box(x, y, width, height, stroke=FRAME, width=0.7)
        pen.text(x + 5, y + 11, title.get(lang), 8, weight="bold")
        label = pen.text(x + 5, y + 28, Text("Signature", "签名").get(lang), 6.8, colour=GREY)
        pen.line(x + 9 + label, y + 29.5, x + width - 6, y + 29.5, colour=FRAME, width=0.5)
        label = pen.text(x + 5, y + 47, Text("Date", "日期").get(lang), 6.8, colour=GREY)
        answers.boxes("YYYY-MM-DD").draw(pen, x + 12 + label, y + 37)
    sheet.y += height + 6

"""The page that says how to fill in the paper form: first page of a blank casebook."""

from __future__ import annotations

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.paper import answers
from ucmsc_desktop.paper.parts import BLUE, GREY, Span, lines_of
from ucmsc_desktop.paper.sheet import LEFT, WIDTH, Running, Sheet

TITLE = Text("How to fill in this form", "填写说明")

RULES: tuple[tuple[Text, Text], ...] = (
    (
        Text("When paper is used", "何时使用纸质表"),
        Text(
            "Use it only while the program cannot be used. Enter it in the program as soon as possible, with the source "
            "“copied from paper” and the true time of each event; a second person checks the entry. Keep the paper: it "
            "is the source record.",
            "仅在程序无法使用时填写。恢复后尽快录入程序，数据来源选“纸质转录”，填写事件真实发生时间，并由第二人核对。纸质表须保存，作为源文件。",
        ),
    ),
    (
        Text("Pen", "笔迹"),
        Text(
            "Black ball-point pen, block letters and clear digits. No pencil, no correction fluid, no stickers over text.",
            "使用黑色签字笔或圆珠笔，字迹清楚。不得使用铅笔、涂改液或粘贴覆盖。",
        ),
    ),
    (
        Text("Corrections", "更正"),
        Text(
            "Draw one single line through the error so that it stays readable, write the right value beside it, add your "
            "initials, the date and the reason. Never overwrite, erase or tear out a page.",
            "在错误处划一条横线，保持原记录清晰可辨，在旁边写上正确内容，并签署姓名缩写、日期和理由。不得描改、擦除或撕页。",
        ),
    ),
    (
        Text("Nothing stays empty", "不留空白"),
        Text(
            "Answer every item that applies. Where there is no value, tick ND (not done), UK (unknown) or NA (not "
            "applicable) at the right and give the reason at the end of the form. “→ if no. 1 = Yes” under an item means: "
            "answer it only then; otherwise draw a line through its answer.",
            "凡适用的项目均须填写。无数值时在右侧勾选 ND（未做）、UK（未知）或 NA（不适用），并在表末写明原因。项目下方的“→ 若第1项 = 是”表示仅在该条件成立时填写，否则在答案处划一横线。",
        ),
    ),
    (
        Text("Boxes", "方格"),
        Text(
            "One digit in each box, right-aligned before the decimal point, decimals from the left after it; use no more "
            "digits than the source shows. Tick (☑) or cross (☒) the box of your choice, never circle it.",
            "每格一个数字；整数部分靠右对齐，小数部分从左起填写；位数以源记录为准。选择项在方框内打勾（☑）或打叉（☒），不要画圈。",
        ),
    ),
    (
        Text("Numbers and units", "数值与单位"),
        Text(
            "Copy the number and the unit exactly as the source prints them and tick the unit. Do not convert, do not "
            "round. A result below or above the measuring range keeps its < or >.",
            "按源记录原样填写数值和单位，并勾选单位；不换算、不修约。低于或高于检测范围的结果须保留 < 或 >。",
        ),
    ),
    (
        Text("Dates and times", "日期与时间"),
        Text(
            "Date as year-month-day (YYYY-MM-DD), time on the 24-hour clock (HH:mm), local time; midnight is 00:00 of the "
            "new day. Where a part of a date is unknown and the item allows it, write UK in its boxes.",
            "日期按年-月-日（YYYY-MM-DD）填写，时间采用24小时制（HH:mm）、当地时间；午夜记为次日00:00。允许部分日期的项目，未知部分填 UK。",
        ),
    ),
    (
        Text("Calculated items", "计算项目"),
        Text(
            "Grey items are calculated by the program. Leave them empty on paper.",
            "灰色项目由程序计算，纸质表上不填写。",
        ),
    ),
    (
        Text("Privacy", "隐私"),
        Text(
            "The participant number is the only identification on these pages. Names, hospital numbers and telephone "
            "numbers stand only in items marked “kept at site”; cover them on every copy that leaves the centre. Never "
            "write an identity-card number.",
            "表中仅以受试者编号识别受试者。姓名、住院号和电话只写在标注“仅存于研究中心”的项目中，任何离开中心的复印件须遮盖。严禁记录身份证号码。",
        ),
    ),
    (
        Text("Signatures", "签名"),
        Text(
            "Whoever writes signs as recorder with the date of writing; a second person checks and signs; the "
            "investigator signs last. Sign with your own name, never for somebody else, and never in advance.",
            "填写者在“记录人”处签名并注明填写日期；核对人核对后签名；研究者最后签名。须本人签名，不得代签或预签。",
        ),
    ),
)


def draw_instructions(sheet: Sheet) -> int:
    """Draw the instructions on a new page; give its index."""
    lang = sheet.lang
    first = sheet.begin(Running(TITLE.get(lang), "", "", "blank"))
    sheet.y += 8
    sheet.pen.text(LEFT, sheet.y + 15, TITLE.get(lang), 16, weight="bold", colour=BLUE)
    sheet.y += 30
    for n, (head, body) in enumerate(RULES, start=1):
        lines = lines_of(sheet.library, body.get(lang), WIDTH - 130, size=8.6)
        name = lines_of(sheet.library, head.get(lang), 100, size=8.8, style=Span("", "bold"))
        sheet.need(sum(line.leading for line in lines) + 12)
        y = sheet.y
        sheet.pen.aligned(LEFT + 14, y + 9, str(n), 8.8, align="right", weight="bold", colour=BLUE)
        sheet.pen.lines(LEFT + 22, y, name)
        below = sheet.pen.lines(LEFT + 128, y, lines)
        sheet.y = max(below, y + sum(line.leading for line in name)) + 5
        sheet.pen.line(LEFT, sheet.y, LEFT + WIDTH, sheet.y)
        sheet.y += 5
    _examples(sheet)
    return first


def _examples(sheet: Sheet) -> None:
    lang = sheet.lang
    sheet.need(80)
    sheet.y += 6
    sheet.pen.text(LEFT, sheet.y + 9, Text("Examples", "示例").get(lang), 9, weight="bold", colour=BLUE)
    sheet.y += 18
    shown = (
        (Text("Number", "数值"), "###.#", " 68.5"),
        (Text("Date", "日期"), "YYYY-MM-DD", "2026-03-01"),
        (Text("Time", "时间"), "HH:mm", "08:30"),
    )
    x = LEFT + 22
    for caption, pattern, example in shown:
        grid = answers.boxes("".join("#" if c.isalpha() else c for c in pattern))
        sheet.pen.text(x, sheet.y + 9.6, caption.get(lang), 7.4, colour=GREY)
        start = x + sheet.library.width(caption.get(lang), 7.4) + 6
        grid.draw(sheet.pen, start, sheet.y)
        at = start
        for char in example:
            step = {"-": 7.0, ":": 6.0, ".": 6.0}.get(char, answers.CELL_W)
            if char not in "-:. ":
                sheet.pen.aligned(
                    at + step / 2, sheet.y + 10.3, char, 9.5, align="centre", weight="bold", colour=BLUE
                )
            at += step
        x = start + grid.width + 26
    sheet.y += 30

"""The words of the form page that more than one of its modules says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.record.entry import named_roles
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Missing, MissingCode, ValueProblem

GAPS: Mapping[MissingCode, Text] = {
    "ND": Text("Not done", "未做"),
    "UK": Text("Unknown", "未知"),
    "NA": Text("Not applicable", "不适用"),
}
ORIGINS: Mapping[str, Text] = {
    "entered": Text("typed", "键入"),
    "derived": Text("calculated", "计算"),
    "scanned": Text("scanned", "扫码"),
    "stamped": Text("stamped", "一键记录"),
    "paper": Text("from paper", "纸质转录"),
    "drafted": Text("drafted by the program", "程序草拟"),
}

_PROBLEMS: Mapping[str, Text] = {
    "damaged": Text(
        "a character in it (\ufffd) was lost when it was copied; type it from the source",
        "含有复制时丢失的字符（\ufffd），请按原始记录重新键入",
    ),
    "number": Text("type a number, for example 36.8", "请输入数字，例如 36.8"),
    "integer": Text("type a whole number", "请输入整数"),
    "operator": Text("< and > cannot be used here; type the number alone", "此处不可使用 < 或 >，请只填数字"),
    "date": Text("this date does not exist; check day, month and year", "该日期不存在，请核对年、月、日"),
    "date_part": Text("fill in day, month and year", "请填写年、月、日"),
    "date_gap": Text(
        "what is unknown must be the end: an unknown month leaves day and time unknown too",
        "未知部分只能在后面：月份未知时，日和时间也应为未知",
    ),
    "year": Text("type the year with four digits", "请填写四位数年份"),
    "time": Text("give the time by the 24-hour clock, for example 09:05", "请按24小时制填写时间，例如 09:05"),
    "time_part": Text("give date and time", "请填写日期和时间"),
    "time24": Text("24:00 is 00:00 of the next day; use that", "24:00 请填写为次日 00:00"),
    "duration": Text(
        "give hours and minutes; minutes and seconds below 60", "请填写小时和分钟；分、秒须小于60"
    ),
}
_OTHER = Text("this cannot be read; type it again", "无法识别，请重新输入")


def problem(item: Item, fault: ValueProblem) -> str:
    """Say what is wrong with what was typed, beginning with the item, as the session's own messages do."""
    text = _PROBLEMS.get(fault.kind, _OTHER).get()
    return tr("{label}: {text}.", "{label}：{text}。", label=item.label, text=text)


def gap(value: Missing) -> str:
    """Show a deliberate gap in words."""
    name = GAPS[value.code].get()
    return (
        tr("{name}: {reason}", "{name}：{reason}", name=name, reason=value.reason) if value.reason else name
    )


def roles(names: Iterable[str]) -> str:
    """List roles in the window's language."""
    return named_roles(names).get()


def accessible(item: Item, row: int = 0) -> str:
    """Name a field for a screen reader: label, unit, row."""
    unit = item.unit_label()
    name = f"{item.label}, {unit}" if unit else str(item.label)
    return tr("{name}, row {row}", "{name}，第{row}行", name=name, row=row) if row else name


def object_name(item: str, row: int = 0) -> str:
    """Give the object name of an item's field."""
    return f"{item}.{row}" if row else item

"""The body of a sealed file: JSON lines, one header, then the events exactly as stored, then padding.

    {"type":"header","format":"ucmsc-sync-v1","study":…,"site":…,"device":…,"first":101,"last":140,"prev":…,"head":…,…}
    {"type":"event","salt":"<hex>","value":"<stored text>","body":{…the stored bytes…}}
    {"type":"padding","fill":"…"}

The bytes after `"body":` are the event's own, untouched; their hash is the event's hash. A site-only value is left out,
salt and all: its commitment inside the body travels alone. No file may be read before its signature was verified.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ucmsc_desktop.errors import SealBroken
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import Event, event_of, value_holds
from ucmsc_desktop.sync.seal import pad_to_step

FORMAT = "ucmsc-sync-v1"
MAX_LINES = 500_000
MAX_LINE = 1_000_000
MAX_WORD = 200
MAX_COUNT = 100_000
MAX_DEPTH = 8
_BODY = b',"body":'
PIECE = 4 * 1024 * 1024
"""How large a body becomes before the next one is begun: neither side then needs more memory for a longer stretch."""
_ROOM = 8 * 1024  # for header and padding line


@dataclass(frozen=True, slots=True)
class Header:
    """What a bundle says about itself; every word of it is checked against the events."""

    study: str
    site: str
    device: str
    first: int
    last: int
    prev: str
    head: str
    created: datetime
    app: str


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle as read: the header and its events, complete and joined to each other."""

    header: Header
    events: tuple[Event, ...]


def event_line(event: Event) -> bytes:
    """Write an event as a line; a site-only value stays behind."""
    travels = event.value is not None and event.salt is not None and not event.site_only
    beside = {
        "type": "event",
        "salt": event.salt.hex() if travels and event.salt else None,
        "value": event.value if travels else None,
    }
    head = json.dumps(beside, ensure_ascii=False, separators=(",", ":"))
    return head[:-1].encode() + _BODY + event.body + b"}\n"


def pack(
    events: Iterable[Event], *, study: str, site: str, created: datetime, app: str
) -> Iterator[tuple[Header, bytes]]:
    """Pack consecutive events of one device into bodies of a few megabytes, in order; memory holds one body."""
    lines: list[bytes] = []
    size = 0
    first: Event | None = None
    last: Event | None = None

    def close() -> tuple[Header, bytes]:
        assert first is not None
        assert last is not None
        header = Header(study, site, first.device, first.seq, last.seq, first.prev, last.hash, created, app)
        return header, _body(header, lines)

    for event in events:
        line = event_line(event)
        if first is not None and size + len(line) > PIECE - _ROOM:
            yield close()
            lines, size, first = [], 0, None
        first = first or event
        last = event
        lines.append(line)
        size += len(line)
    if first is not None:
        yield close()


def _body(header: Header, lines: list[bytes]) -> bytes:
    plain = {
        "type": "header",
        "format": FORMAT,
        "study": header.study,
        "site": header.site,
        "device": header.device,
        "first": header.first,
        "last": header.last,
        "prev": header.prev,
        "head": header.head,
        "created": header.created.isoformat(timespec="seconds"),
        "app": header.app,
    }
    top = json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    frame = b'{"type":"padding","fill":"%s"}\n'
    size = len(top) + sum(map(len, lines)) + len(frame) - 2
    return b"".join((top, *lines, frame % (b"0" * (pad_to_step(size) - size))))


def unpack(body: bytes, *, study: str, device: str) -> Bundle:
    """Read a body whose signature holds.

    Raises: SealBroken where anything is not exactly as `pack` writes it. Nothing of such a file may be used.
    """
    if not body.endswith(b"\n"):
        raise _broken("cut off", "内容不完整")
    lines = body[:-1].split(b"\n")
    if not 2 <= len(lines) <= MAX_LINES or any(len(line) > MAX_LINE for line in lines[:-1]):
        raise _broken("too many or too long lines", "行数或行长超限")
    header = _header(_json(lines[0]))
    if header.study != study or header.device != device:
        raise _broken("another study or device than its label says", "研究或设备与标签不符")
    if _json(lines[-1]).get("type") != "padding":
        raise _broken("no end", "缺少结尾")
    events = tuple(_event(line) for line in lines[1:-1])
    _check(header, events)
    return Bundle(header, events)


def _check(header: Header, events: tuple[Event, ...]) -> None:
    if not events or header.first < 1 or len(events) != header.last - header.first + 1:
        raise _broken("the number of entries is not the one stated", "记录数与声明不符")
    before = header.prev
    for number, event in enumerate(events, start=header.first):
        if event.device != header.device or event.seq != number or event.prev != before:
            raise _broken(f"entry {number} does not join the one before", f"第 {number} 条与前一条不衔接")
        if not value_holds(event):
            raise _broken(
                f"entry {number} has another value than committed", f"第 {number} 条的数值与承诺不符"
            )
        if event.commitment and event.value is None and not event.site_only:
            raise _broken(f"entry {number} has lost its value", f"第 {number} 条缺少数值")
        if event.site_only and event.value is not None:
            raise _broken(
                f"entry {number} brings a value that stays at the site",
                f"第 {number} 条含有应留存于中心的数值",
            )
        if not _is_named_plainly(event):
            raise _broken(f"entry {number} has impossible names", f"第 {number} 条的名称不合规")
        before = event.hash
    if before != header.head:
        raise _broken("the last entry is not the one stated", "末条记录与声明不符")


def _is_named_plainly(event: Event) -> bool:
    """Say whether the words that lists, paper and terminals show of an event are short and printable."""
    cell = event.cell.item if event.cell else ""
    words = (
        event.device, event.kind, event.subject, str(event.key or ""), event.form_version, cell, event.user,
        event.role, event.origin, event.boot, event.clock, *event.parents,
    )  # fmt: skip
    counts = (event.cell.row if event.cell else 0, event.key.n if event.key else 0)
    try:
        joined = "".join(words)
    except TypeError:  # one of them is no text
        return False
    return (
        joined.isprintable()
        and max(map(len, words)) <= MAX_WORD
        and all(0 <= n <= MAX_COUNT for n in counts)
        and _is_flat(event.data, MAX_DEPTH)
    )


def _is_flat(value: object, depth: int) -> bool:
    """Say whether a value is nested no deeper than that; SQLite's own JSON reader has a limit too."""
    if isinstance(value, Mapping):
        return depth > 0 and all(_is_flat(v, depth - 1) for v in value.values())
    if isinstance(value, list):
        return depth > 0 and all(_is_flat(v, depth - 1) for v in value)
    return True


def _event(line: bytes) -> Event:
    at = line.find(_BODY)
    if at < 0 or not line.endswith(b"}"):
        raise _broken("a line is no entry", "存在非记录行")
    beside = _json(line[:at] + b"}")
    body = line[at + len(_BODY) : -1]
    plain = _json(body)
    if beside.get("type") != "event" or set(beside) != {"type", "salt", "value"}:
        raise _broken("a line is no entry", "存在非记录行")
    salt, value = beside["salt"], beside["value"]
    if (
        (salt is None) != (value is None)
        or not isinstance(salt, str | None)
        or not isinstance(value, str | None)
    ):
        raise _broken("a value without its salt", "数值缺少盐值")
    try:
        return event_of(plain, body, value, bytes.fromhex(salt) if salt else None)
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise _broken("a line is no entry", "存在非记录行") from fault


def _header(plain: Mapping[str, Any]) -> Header:
    try:
        if plain["type"] != "header" or plain["format"] != FORMAT:
            raise _broken("not a sync file", "不是同步文件")
        first, last = plain["first"], plain["last"]
        if type(first) is not int or type(last) is not int:
            raise _broken("the header is not readable", "文件头无法读取")
        return Header(
            study=str(plain["study"]),
            site=str(plain["site"]),
            device=str(plain["device"]),
            first=first,
            last=last,
            prev=str(plain["prev"]),
            head=str(plain["head"]),
            created=datetime.fromisoformat(plain["created"]),
            app=str(plain["app"]),
        )
    except (KeyError, ValueError, TypeError) as fault:
        raise _broken("the header is not readable", "文件头无法读取") from fault


def _pairs(found: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(found)
    if len(plain) != len(found):
        raise ValueError("key twice")
    return plain


def _refuse(_constant: str) -> Any:
    raise ValueError("no number")


_STRICT = json.JSONDecoder(object_pairs_hook=_pairs, parse_constant=_refuse)


def _json(raw: bytes) -> dict[str, Any]:
    """Read one object strictly: UTF-8, no key twice, no NaN, not deep."""
    try:
        plain = _STRICT.decode(raw.decode("utf-8"))
        if b"\\ud" in raw.lower():
            json.dumps(plain, ensure_ascii=False).encode()  # half a character pair cannot be stored
    except (ValueError, RecursionError) as fault:
        raise _broken("a line is not JSON", "存在非 JSON 行") from fault
    if not isinstance(plain, dict):
        raise _broken("a line is not an object", "存在非对象行")
    return plain


def _broken(en: str, zh: str) -> SealBroken:
    return SealBroken(reason=Text(en, zh))

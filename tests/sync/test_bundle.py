"""The body of a sync file: verbatim, complete, and refused as a whole when anything in it is not right."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ucmsc_desktop.errors import SealBroken
from ucmsc_desktop.record.events import GENESIS, Cell, Draft, Event, FormKey, Stamp, write
from ucmsc_desktop.sync.bundle import Header, pack, unpack

AT = datetime(2026, 3, 1, 8, 0, tzinfo=timezone(timedelta(hours=8)))
STAMP = Stamp("d1", "nurse.alpha", "nurse", AT, 1, "boot", "0.1.0")


def chain(count: int) -> list[Event]:
    events: list[Event] = []
    prev = GENESIS
    for number in range(1, count + 1):
        draft = Draft(
            "ItemSet",
            "01-001",
            FormKey("F1", "SCR"),
            Cell("subj_name" if number % 5 == 0 else "bed"),
            "1.0",
            value=json.dumps(f'值 {number} “,"body":” O\'Brien', ensure_ascii=False),
            site_only=number % 5 == 0,
            reason="改正 \U0001f600" if number % 3 == 0 else "",
        )
        event = write(draft, STAMP, number, prev)
        prev = event.hash
        events.append(event)
    return events


def packed(events: list[Event]) -> tuple[Header, bytes]:
    (one,) = pack(events, study="S", site="01", created=AT, app="0.1.0")
    return one


def test_events_arrive_byte_for_byte_and_site_only_values_stay() -> None:
    events = chain(23)
    header, body = packed(events[4:])
    found = unpack(body, study="S", device="d1")
    assert [e.body for e in found.events] == [e.body for e in events[4:]]
    assert [e.hash for e in found.events] == [e.hash for e in events[4:]]
    for sent, got in zip(events[4:], found.events, strict=True):
        assert got.value == (None if sent.site_only else sent.value)
        assert got.salt == (None if sent.site_only else sent.salt)
    assert (header.first, header.last, header.prev) == (5, 23, events[3].hash)
    for event in events[4:]:
        if event.site_only:
            assert event.value is not None
            assert event.value.encode() not in body


def test_the_size_tells_little() -> None:
    sizes = {len(packed(chain(n))[1]) for n in range(1, 12)}
    assert len(sizes) <= 2
    assert all(size % 1024 == 0 for size in sizes)


BODY = packed(chain(6))[1]


def test_each_line_but_the_padding_matters() -> None:
    lines = BODY.splitlines(keepends=True)
    for gone in range(len(lines)):
        with pytest.raises(SealBroken):
            unpack(b"".join(lines[:gone] + lines[gone + 1 :]), study="S", device="d1")
    for one in range(1, len(lines) - 2):
        swapped = [*lines]
        swapped[one], swapped[one + 1] = swapped[one + 1], swapped[one]
        with pytest.raises(SealBroken):
            unpack(b"".join(swapped), study="S", device="d1")


def test_every_flipped_bit_outside_the_padding_is_refused() -> None:
    end = BODY.index(b'{"type":"padding"')
    header_free = {k: BODY.index(k.encode()) for k in ('"created":', '"app":', '"site":')}
    spans = [(at, BODY.index(b",", at)) for at in header_free.values()]
    for at in range(0, end, 7):
        if any(a <= at <= b + 3 for a, b in spans):
            continue  # what the header says besides is covered by the signature alone
        broken = BODY[:at] + bytes([BODY[at] ^ 4]) + BODY[at + 1 :]
        with pytest.raises(SealBroken):
            unpack(broken, study="S", device="d1")


@pytest.mark.parametrize(
    ("study", "device"),
    [("T", "d1"), ("S", "d2")],
)
def test_another_study_or_device_is_refused(study: str, device: str) -> None:
    with pytest.raises(SealBroken):
        unpack(BODY, study=study, device=device)


@pytest.mark.parametrize(
    "line",
    [
        b'{"type":"event","salt":null,"value":null,"body":{"a":1,"a":2}}',
        b'{"type":"event","salt":null,"value":null,"body":{"a":NaN}}',
        b'{"type":"event","salt":null,"value":null,"body":' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"type":"event","salt":"00","value":null,"body":{}}',
        b"\xff\xfe",
        b"[]",
        b"",
    ],
)
def test_hostile_lines_are_refused(line: bytes) -> None:
    lines = BODY.splitlines()
    with pytest.raises(SealBroken):
        unpack(b"\n".join([*lines[:2], line, *lines[3:]]) + b"\n", study="S", device="d1")


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_be_refused(raw: bytes) -> None:
    with pytest.raises(SealBroken):
        unpack(raw, study="S", device="d1")


def test_many_events_are_split_into_files_that_join(monkeypatch: pytest.MonkeyPatch) -> None:
    from ucmsc_desktop.sync import bundle

    monkeypatch.setattr(bundle, "PIECE", bundle._ROOM + 20_000)
    events = chain(60)
    parts = list(pack(events, study="S", site="01", created=AT, app="0.1.0"))
    assert len(parts) > 1
    joined = [e.hash for _h, body in parts for e in unpack(body, study="S", device="d1").events]
    assert joined == [e.hash for e in events]
    for (one, _), (two, _) in pairwise(parts):
        assert (two.first, two.prev) == (one.last + 1, one.head)

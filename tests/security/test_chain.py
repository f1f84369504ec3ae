"""The log seen from outside: a verifier of thirty lines agrees, and whatever is altered inside is named."""
# ruff: noqa: S608 - the statements are written here, to do harm on purpose

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.ledger.test_ledger import KEY, STAMP, item, tamper
from tests.ward import Bench, make_bench
from ucmsc_desktop import age
from ucmsc_desktop.ledger.chain import verify
from ucmsc_desktop.ledger.ledger import Ledger
from ucmsc_desktop.record.events import Cell, Draft, FormKey
from ucmsc_desktop.study.values import Number
from ucmsc_desktop.sync.minisign import split_signed

GAS = FormKey("F9", "BL")


# --- begin of the outside verifier: hashlib and json alone, as an inspector would write it from the README -------
def outside(body: bytes) -> tuple[int, str, list[str]]:
    """Verify the decrypted body of a sealed file; give the last number, the last hash and what does not hold."""
    lines = body.rstrip(b"\n").split(b"\n")
    header = json.loads(lines[0])
    seq, prev, wrong = header["first"] - 1, header["prev"], []
    for line in lines[1:-1]:
        seq += 1
        try:
            before, _, raw = line.partition(b',"body":')
            beside, event = json.loads(before + b"}"), json.loads(raw[:-1])
            if (
                not line.endswith(b"}")
                or set(beside) != {"type", "salt", "value"}
                or beside["type"] != "event"
            ):
                wrong.append(f"{seq} form")
            if (event["device"], event["seq"], event["prev"]) != (header["device"], seq, prev):
                wrong.append(f"{seq} joint")
            if beside["value"] is not None:
                salted = bytes.fromhex(beside["salt"]) + beside["value"].encode()
                if event["site_only"] or hashlib.sha256(salted).hexdigest() != event["commit"]:
                    wrong.append(f"{seq} value")
            elif beside["salt"] is not None or (event["commit"] and not event["site_only"]):
                wrong.append(f"{seq} value")
            prev = hashlib.sha256(b"ucmsc-event-v1\0" + raw[:-1]).hexdigest()
        except (ValueError, KeyError, TypeError):
            wrong.append(f"{seq} unreadable")
    if (seq, prev) != (header["last"], header["head"]):
        wrong.append("head")
    return seq, prev, wrong


# --- end of the outside verifier ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def body(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Give the decrypted body of a real file, and check it against what the ward says of itself."""
    folder = tmp_path_factory.mktemp("chain")
    bench: Bench = make_bench(folder)
    session = bench.sign_in()
    subject = session.create_subject()
    session.enter(subject, FormKey("F1", "SCR"), {Cell("subj_name"): "Demo Name", Cell("bed"): "12"})
    session.enter(subject, GAS, {Cell("abg_done"): "Y"})
    for amount in ("81", "82"):
        session.enter(subject, GAS, {Cell("abg_pao2"): Number(Decimal(amount), "mmHg")}, reason="读错 slip")
    verified = session.verify()
    (made,) = session.export_sync(folder)
    session.lock()
    plain = split_signed(age.decrypt(made.path.read_bytes(), bench.centre._identity))[1]
    seq, head, wrong = outside(plain)
    assert not wrong
    assert verified.heads == {session.device: (seq, head)}
    bench.centre.close()
    return plain


def test_the_outside_verifier_finds_every_flipped_bit_of_an_entry(body: bytes) -> None:
    start = body.index(b"\n") + 1
    end = body.rstrip(b"\n").rindex(b"\n")
    rng = random.Random(1)
    salts = {n for found in re.finditer(rb'"salt":"([0-9a-f]+)"', body) for n in range(*found.span(1))}
    for at in rng.sample(range(start, end), 400):
        changed = bytearray(body)
        changed[at] ^= 1 << rng.randrange(8)
        if changed[at] == 0x0A or body[at] == 0x0A:
            continue  # lines torn or joined: the count tells
        if at in salts and changed[at] in b"ABCDEF":
            continue  # the same salt in capitals
        assert outside(bytes(changed))[2], f"byte {at}: {body[at - 20 : at + 20]!r}"


def test_the_outside_verifier_finds_dropped_swapped_and_repeated_entries(body: bytes) -> None:
    lines = body.split(b"\n")
    for altered in (
        [lines[0], *lines[2:]],
        [*lines[:4], *lines[5:]],
        [*lines[:-3], *lines[-2:]],
        [*lines[:3], lines[4], lines[3], *lines[5:]],
        [*lines[:3], lines[3], lines[3], *lines[4:]],
    ):
        assert outside(b"\n".join(altered))[2]


def test_the_outside_verifier_finds_values_of_two_entries_exchanged(body: bytes) -> None:
    lines = body.split(b"\n")
    at = [n for n, line in enumerate(lines[1:-2], 1) if b'"value":null' not in line]
    one, two = at[-1], at[-2]
    heads = {n: lines[n].partition(b',"body":') for n in (one, two)}
    lines[one] = heads[two][0] + heads[one][1] + heads[one][2]
    lines[two] = heads[one][0] + heads[two][1] + heads[two][2]
    assert {w.split()[1] for w in outside(b"\n".join(lines))[2]} == {"value"}


# --- inside: somebody with the key and SQL ------------------------------------------------------------------------


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.create(tmp_path / "ledger.db", KEY)
    made.append([Draft("DeviceCreated"), Draft("SubjectCreated", "01-001")], STAMP)
    for number in range(6):
        made.append([item(f"{number}"), item(f"x{number}", "abg_pb")], STAMP)
    made.append([item("hidden", "subj_name")], STAMP)
    made.append([Draft("SignedOut")], STAMP)
    yield made
    made.close()


SWAP = "UPDATE event_value SET {0} = (SELECT {0} FROM event_value o WHERE o.id = {1}) WHERE id = {2}"
BODY = "UPDATE event SET body = CAST(replace(CAST(body AS TEXT), '{}', '{}') AS BLOB) WHERE id = {}"


@pytest.mark.parametrize(
    ("statements", "seq"),
    [
        ([SWAP.format("value", 8, 6)], 6),
        ([SWAP.format("salt", 8, 6)], 6),
        (
            [
                "CREATE TEMP TABLE kept AS SELECT * FROM event_value WHERE id = 6",
                SWAP.format("salt", 8, 6),
                SWAP.format("value", 8, 6),
                (
                    "UPDATE event_value SET salt = (SELECT salt FROM kept), value = (SELECT value FROM kept) "
                    "WHERE id = 8"
                ),
            ],
            6,
        ),
        ([BODY.format('"site_only":false', '"site_only":true', 5)], 5),
        ([BODY.format('"device":"d1"', '"device":"d2"', 5)], 5),
        ([BODY.format('"subject":"01-001"', '"subject":"01-002"', 5)], 6),
        ([BODY.format('"role":"nurse"', '"role":"admin"', 16)], 16),
        (["UPDATE event SET body = X'00FF' WHERE id = 5"], 5),
        (["UPDATE event SET body = CAST('{}' AS BLOB) WHERE id = 5"], 5),
        (["UPDATE event SET body = CAST('[]' AS BLOB) WHERE id = 16"], 16),
        (["UPDATE event SET device = 'd2'"], 1),
        (["UPDATE event SET hash = '" + "a" * 64 + "' WHERE id = 16"], 16),
        (["UPDATE event SET hash = '" + "a" * 64 + "' WHERE id = 1"], 1),
        (["UPDATE event SET kind = 'SignedIn' WHERE id = 16"], 16),
        (["DELETE FROM event_value WHERE id = 15"], 15),
    ],
)
def test_whatever_is_altered_inside_is_named(ledger: Ledger, statements: list[str], seq: int) -> None:
    assert verify(ledger, "d1").holds
    tamper(ledger, *statements)
    found = verify(ledger, "d1")
    assert not found.holds
    assert found.faults[0].seq in (seq, seq + 1), "an altered body shows at the joint after it"


def test_a_renamed_device_is_named_too(ledger: Ledger) -> None:
    tamper(
        ledger,
        BODY.format('"device":"d1"', '"device":"d9"', 1),
        "UPDATE event SET device = 'd9' WHERE id = 1",
    )
    assert not verify(ledger, "d1").holds


def test_entries_of_two_devices_may_lie_between_each_other(ledger: Ledger) -> None:
    from dataclasses import replace

    other = replace(STAMP, device="d2")
    for number in range(3):
        ledger.append([item(f"{number}")], other)
        ledger.append([item(f"{number}")], STAMP)
    found = verify(ledger, "d1")
    assert found.holds
    assert {d: n for d, (n, _h) in found.heads.items()} == {"d1": 19, "d2": 3}


def test_a_cut_tail_holds_by_itself_and_shows_against_paper(ledger: Ledger) -> None:
    """The limit that the README states: only a head seen outside tells of a tail that was cut off."""
    seq, head = verify(ledger, "d1").heads["d1"]
    tamper(ledger, f"DELETE FROM event WHERE seq = {seq}")
    found = verify(ledger, "d1")
    assert found.holds
    assert found.heads["d1"] != (seq, head)

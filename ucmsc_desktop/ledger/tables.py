"""The tables of the log, for queries. They are created by the migrations, which are written by hand.

`event` and `event_value` only ever grow: triggers refuse update, delete, replace, a gap in the numbers and a hash that
does not join. Everything else in the database (`setting`, `draft`, `board`) can be rebuilt or is worth nothing later.
"""

from __future__ import annotations

from sqlalchemy import BLOB, Column, Integer, MetaData, Table, Text

metadata = MetaData()

event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("device", Text, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("hash", Text, nullable=False),
    Column("prev", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", BLOB, nullable=False),
)

event_value = Table(
    "event_value",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("salt", BLOB, nullable=False),
    Column("value", Text, nullable=False),
)

setting = Table(
    "setting", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False)
)

draft = Table(
    "draft",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("form", Text, primary_key=True),
    Column("item", Text, primary_key=True),
    Column("row", Integer, primary_key=True),
    Column("user", Text, primary_key=True),
    Column("typed", Text, nullable=False),
)

board = Table(
    "board", metadata, Column("subject", Text, primary_key=True), Column("summary", Text, nullable=False)
)

device = Table(
    "device",
    metadata,
    Column("device", Text, primary_key=True),
    Column("public_key", Text, nullable=False),
    Column("note", Text, nullable=False),
)

bundle = Table(
    "bundle",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("at", Text, nullable=False),
    Column("outcome", Text, nullable=False),
)

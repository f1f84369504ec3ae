"""The append-only log, values beside it, and the tables that can be rebuilt."""

from alembic import op

from ucmsc_desktop.ledger.migrations.r0001_triggers import TRIGGERS

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    """CREATE TABLE event (
        id INTEGER PRIMARY KEY,
        device TEXT NOT NULL,
        seq INTEGER NOT NULL CHECK (seq > 0),
        hash TEXT NOT NULL CHECK (length(hash) = 64),
        prev TEXT NOT NULL CHECK (length(prev) = 64),
        subject TEXT NOT NULL,
        form TEXT NOT NULL,
        kind TEXT NOT NULL,
        body BLOB NOT NULL,
        UNIQUE (device, seq)
    ) STRICT""",
    "CREATE INDEX event_subject ON event (subject, id)",
    "CREATE INDEX event_kind ON event (kind, id)",
    """CREATE TABLE event_value (
        id INTEGER PRIMARY KEY REFERENCES event (id),
        salt BLOB NOT NULL CHECK (length(salt) = 16),
        value TEXT NOT NULL
    ) STRICT""",
    "CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    """CREATE TABLE draft (
        subject TEXT NOT NULL, form TEXT NOT NULL, item TEXT NOT NULL, row INTEGER NOT NULL,
        user TEXT NOT NULL, typed TEXT NOT NULL,
        PRIMARY KEY (subject, form, item, row, user)
    ) STRICT""",
    "CREATE TABLE board (subject TEXT PRIMARY KEY, summary TEXT NOT NULL) STRICT",
    "CREATE TABLE device (device TEXT PRIMARY KEY, public_key TEXT NOT NULL, note TEXT NOT NULL) STRICT",
    """CREATE TABLE bundle (
        sha256 TEXT PRIMARY KEY, name TEXT NOT NULL, device TEXT NOT NULL,
        first INTEGER NOT NULL, last INTEGER NOT NULL, at TEXT NOT NULL, outcome TEXT NOT NULL
    ) STRICT""",
)


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for name, text in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {text}")


def downgrade() -> None:
    raise NotImplementedError("the log is never taken back")

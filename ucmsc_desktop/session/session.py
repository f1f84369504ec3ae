"""One signed-in person at work. The only object that writes.

`Core` is the open log, `Entries` what is entered into records; a `Session` adds the rest of what a person can do, in
parts: people, infusions, sampling, reminders, paper and shift. It ends with `lock`; what was typed and not committed
stays as a draft.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.ledger import chain
from ucmsc_desktop.ledger.backup import write_backup
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import Draft, Event, FormKey
from ucmsc_desktop.session import exchange, safety
from ucmsc_desktop.session.core import Opened
from ucmsc_desktop.session.entries import Entries
from ucmsc_desktop.session.handing_over import Shift
from ucmsc_desktop.session.infusions import Infusions
from ucmsc_desktop.session.paperwork import Paper
from ucmsc_desktop.session.people import People
from ucmsc_desktop.session.reminders import Reminders
from ucmsc_desktop.session.sampling import Sampling


class Session(Entries):
    """A person at work on this laptop."""

    def __init__(self, opened: Opened) -> None:
        super().__init__(opened)
        self.people = People(self)
        self.infusions = Infusions(self)
        self.sampling = Sampling(self)
        self.reminders = Reminders(self)
        self.paper = Paper(self)
        self.shift = Shift(self, self.paper)

    def create_subject(self) -> str:
        """Give a new participant the next free number of the site, 01-001 and on."""
        self._require("create_subject", Text("add a participant", "添加受试者"))
        self._require_own_password()
        self._require_clock()
        taken = [int(s.split("-")[1]) for s in self._ledger.subjects() if s.startswith(f"{self.site.id}-")]
        subject = f"{self.site.id}-{max(taken, default=0) + 1:03d}"
        self._append([Draft("SubjectCreated", subject, data={"site": self.site.id})])
        return subject

    def first_notice(self, subject: str, infusion_key: FormKey, row: int) -> Change:
        """Begin an adverse event from a row of the flow sheet; the change names the new record."""
        key, values = safety.first_notice(self.state(subject), infusion_key, row)
        return self.enter(subject, key, values)

    def sync_status(self) -> exchange.SyncStatus:
        """Tell how much the centre has not confirmed yet."""
        self._require_open()
        return exchange.status(self._ledger, self.device)

    def export_sync(self, folder: Path) -> tuple[exchange.SyncMade, ...]:
        """Seal everything the centre has not acknowledged into files on a stick; safe to remove when this returns.

        Raises: StickReadOnly, StickGone, DiskFull, WriteFailed.
        """
        self._require("export", Text("export", "导出"))
        made = exchange.export(self._ledger, self.study, self.site, self.device, folder, self.now())
        for file in made:
            data = {"sha256": file.sha256, "name": file.path.name, "first": file.first, "last": file.last}
            self._append([Draft("SyncWritten", data=data)])
        return made

    def device_public_key(self) -> str:
        """Give the text of this laptop's minisign public key."""
        self._require_open()
        return exchange.signing_key(self._ledger).public.text

    def verify(self) -> chain.Verified:
        """Verify the whole log."""
        self._require_open()
        return chain.verify(self._ledger, self.device)

    def backup(self, folder: Path) -> Path:
        """Write a checked, encrypted copy of the database and the key slots into a folder."""
        self._require("backup", Text("back up", "备份"))
        path = write_backup(self._ledger, self._data_key, self.folder / "keyslots.json", folder, self.now())
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        self._append([Draft("BackupWritten", data={"name": path.name, "sha256": digest})])
        return path

    def audit(self, wanted: Callable[[Event], bool] | None = None) -> tuple[Event, ...]:
        """Give the events of the log in order of arrival, all or those wanted."""
        self._require_open()
        return tuple(e for _n, e in self._ledger.arrivals() if wanted is None or wanted(e))

"""Keep the slot file on the disk so that one readable version is there at any moment.

It must never overwrite the only version that has been proved to open. Which versions are proved is decided by
`keyslots`; here lie the two files and the order of writing them.
"""

from __future__ import annotations

from pathlib import Path

from ucmsc_desktop import errors
from ucmsc_desktop.durable import read_regular_file, remove_durably, write_file_durably
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.ledger.keys import KdfParams
from ucmsc_desktop.ledger.slotfile import MAX_FILE, SlotFile


class SlotStore:
    """The present version of the slot file, and the previous one while it is needed."""

    def __init__(self, path: Path, content: SlotFile, floor: KdfParams) -> None:
        self.path = path
        self.content = content
        self.was_restored = False
        """True when the present version was damaged or gone and the previous one was taken."""
        self._is_whole = True
        self._floor = floor
        self._previous = path.with_name(f"{path.stem}.previous{path.suffix}")

    @classmethod
    def create(cls, path: Path, content: SlotFile, floor: KdfParams) -> SlotStore:
        """Write the first version.

        Raises: AlreadySetUp, and what writing raises.
        """
        store = cls(path, content, floor)
        if path.exists() or store._previous.exists():
            raise errors.AlreadySetUp
        store._write(path, content)
        return store

    @classmethod
    def open(cls, path: Path, floor: KdfParams) -> SlotStore:
        """Read the present version; when it is damaged or gone, the previous one.

        Raises: NotSetUp, KeyslotsBroken.
        """
        store = cls(path, SlotFile(device="-", key_id="0" * 16, slots=()), floor)
        try:
            store.content = store._read(path)
        except (errors.KeyslotsBroken, errors.StickGone) as error:
            previous = store.previous()
            if previous is None:
                raise (errors.NotSetUp() if isinstance(error, errors.StickGone) else error) from error
            store.content = previous
            store.was_restored = True
            store._is_whole = False
        return store

    def previous(self) -> SlotFile | None:
        """Give the previous version; None when there is none that can be read."""
        try:
            return self._read(self._previous)
        except (errors.KeyslotsBroken, errors.StickGone):
            return None

    def on_disk(self) -> SlotFile:
        """Read the present version again.

        Raises: KeyslotsBroken; StickGone when it is not there.
        """
        return self._read(self.path)

    def replace(self, changed: SlotFile) -> None:
        """Write a new present version and keep the last proved one as the previous.

        Raises: what writing raises; then the version before is still the present one.
        """
        if SlotFile.decoded(changed.encoded()) != changed:
            raise errors.BugError("a slot file that could not be read again")
        previous = self.previous()
        if previous is None:
            self._write(self._previous, self.content)
        elif previous.key_id != self.content.key_id:
            raise errors.BugError("settle or roll back the rotation first")
        self._write(self.path, changed)
        self.content = changed

    def take_back(self, before: SlotFile) -> None:
        """Write a version that was the present one before a change that did not prove itself.

        Raises: what writing raises.
        """
        self._write(self.path, before)
        self.content = before

    def discard(self) -> None:
        """Delete a first version that did not open.

        Raises: what writing raises.
        """
        remove_durably(self.path)

    def settle(self) -> None:
        """Drop the previous version.

        Raises: what writing raises.
        """
        remove_durably(self._previous)

    def roll_back(self) -> None:
        """Make the previous version the present one.

        Raises: KeyslotsBroken when there is none, and what writing raises.
        """
        previous = self.previous()
        if previous is None:
            raise errors.KeyslotsBroken(reason=Text("no previous version", "没有上一版本"))
        self.take_back(previous)
        self.settle()

    def heal(self) -> None:
        """Write the version that was restored, and keep the damaged one aside for whoever looks into it.

        Raises: what writing raises.
        """
        if self._is_whole:
            return
        if self.path.exists():
            self.path.replace(self.path.with_name(f"{self.path.stem}.damaged{self.path.suffix}"))
        self._write(self.path, self.content)
        self._is_whole = True

    def _write(self, path: Path, content: SlotFile) -> None:
        try:
            write_file_durably(path, content.encoded(), replace=True)
        except (errors.StickReadOnly, errors.StickGone) as error:
            raise errors.DataFolderUnusable(reason=Text("it cannot be written", "无法写入")) from error

    def _read(self, path: Path) -> SlotFile:
        try:
            content = SlotFile.decoded(read_regular_file(path, MAX_FILE))
        except (errors.FileTooLarge, errors.WriteFailed, errors.StickReadOnly) as error:
            raise errors.KeyslotsBroken(
                reason=Text("not a file that can be read", "不是可读取的文件")
            ) from error
        for slot in content.slots:
            slot.params.check(self._floor)
        return content

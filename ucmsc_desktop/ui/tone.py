"""The tone of a reminder: a short sound through whatever this laptop has, without waiting for it and without a network.

On Windows winsound; elsewhere the first player there is, as a process of its own; without one the system's beep. Whether
anybody heard it nobody can tell: that a laptop has no sound is said once, and the strip is what counts.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal
from PySide6.QtWidgets import QApplication

from ucmsc_desktop import paths

SOUND = "reminder.wav"
_PLAYERS: tuple[tuple[str, ...], ...] = (("pw-play",), ("paplay",), ("aplay", "-q"), ("afplay",))
Command = tuple[str, ...]


def players() -> list[Command]:
    """Give the programs of this computer that can play a file, the best first."""
    if sys.platform == "win32":
        return []
    found = ((shutil.which(name), rest) for name, *rest in _PLAYERS)
    return [(path, *rest) for path, rest in found if path]


class Tone(QObject):
    """Plays the tone. `silent` once, when nothing could play it."""

    silent = Signal()

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        commands: Sequence[Command] | None = None,
        beep: Callable[[], None] = QApplication.beep,
    ) -> None:
        super().__init__(parent)
        self._given = commands
        self._left: list[Command] | None = None
        self._beep = beep
        self._process: QProcess | None = None
        self._told = False

    @property
    def is_silent(self) -> bool:
        """Say whether nothing could play the tone so far."""
        return self._told

    def play(self) -> None:
        """Play the tone; come back at once."""
        if self._by_system():
            return
        if self._left is None:
            self._left = list(self._given if self._given is not None else players())
        if self._process is not None:
            return  # the last one is still playing
        self._try_next()

    def _by_system(self) -> bool:
        if sys.platform == "win32":  # pragma: no cover - tested where it runs
            import winsound

            try:
                flags = winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT
                winsound.PlaySound(str(_file()), flags)
            except RuntimeError:
                self._tell()
            return True
        return False

    def _try_next(self) -> None:
        if not self._left or not _file().is_file():
            self._tell()
            return
        program, *arguments = self._left[0]
        made = self._process = QProcess(self)
        made.setStandardOutputFile(QProcess.nullDevice())
        made.setStandardErrorFile(QProcess.nullDevice())
        made.finished.connect(self._on_process_finished)
        made.errorOccurred.connect(self._on_process_error)
        made.start(program, [*arguments, str(_file())])

    def _on_process_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        self._done(worked=code == 0 and status is QProcess.ExitStatus.NormalExit)

    def _on_process_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:  # everything else is followed by `finished`
            self._done(worked=False)

    def _done(self, *, worked: bool) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        if not worked and self._left:
            self._left.pop(0)
            self._try_next()

    def _tell(self) -> None:
        self._beep()
        if not self._told:
            self._told = True
            self.silent.emit()

    def stop(self) -> None:
        """End what is playing."""
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect(self._on_process_finished)
            process.errorOccurred.disconnect(self._on_process_error)
            process.kill()
            process.waitForFinished(500)
            process.deleteLater()


def _file() -> Path:
    return paths.resources_dir() / "sounds" / SOUND

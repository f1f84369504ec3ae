"""One worker thread for what takes longer than a blink: PDFs, exports, backups, verification.

Jobs run one after the other; their results come back on the UI thread. The worker reads and makes files; it must never
write to the ledger by itself, and no widget may be touched from it. A running job cannot be torn out of its thread:
cancelling it drops its result, a job that still waits never starts.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Job:
    """A piece of work handed to the worker."""

    def __init__(
        self,
        work: Callable[[], Any],
        then: Callable[[Any], None] | None,
        failed: Callable[[Exception], None] | None,
        title: str,
    ) -> None:
        self.work = work
        self.then = then
        self.failed = failed
        self.title = title
        self.is_cancelled = False
        self.is_done = False
        self.result: Any = None
        self.error: Exception | None = None

    def cancel(self) -> None:
        """Drop the result; a job that has not begun will not begin."""
        self.is_cancelled = True


class Jobs(QObject):
    """The worker thread and its queue. It starts with the first job and ends with `close`."""

    began = Signal(object)  # Job: handed in
    ended = Signal(object)  # Job: done, failed or dropped
    crashed = Signal(object)  # Exception nobody asked to hear of
    _came_back = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: deque[Job] = deque()
        self._wake = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closing = False
        self._pending: list[Job] = []
        self._came_back.connect(self._on_job_came_back, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        work: Callable[[], T],
        *,
        then: Callable[[T], None] | None = None,
        failed: Callable[[Exception], None] | None = None,
        title: str = "",
    ) -> Job:
        """Do `work` in the worker, then call `then` with its result, or `failed` with what it raised."""
        job = Job(work, then, failed, title)
        self._pending.append(job)
        with self._wake:
            if self._closing:
                raise RuntimeError("the worker is closed")
            self._waiting.append(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="ucmsc-jobs")
                self._thread.start()
            self._wake.notify()
        self.began.emit(job)
        return job

    @property
    def pending(self) -> tuple[Job, ...]:
        """The jobs that have not come back."""
        return tuple(self._pending)

    def finish(self) -> None:
        """Drop what waits and block until the job at work is through; before the keys go, nothing may be reading."""
        for job in self._pending:
            job.cancel()
        with self._wake:
            self._wake.wait_for(lambda: not self._waiting and not self._at_work)

    def close(self) -> None:
        """End the worker; drop what waits, wait for what runs."""
        for job in self._pending:
            job.cancel()
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    _at_work = False

    def _work(self) -> None:
        while True:
            with self._wake:
                self._at_work = False
                self._wake.notify_all()
                self._wake.wait_for(lambda: bool(self._waiting) or self._closing)
                if not self._waiting:
                    return
                job = self._waiting.popleft()
                self._at_work = True
            if not job.is_cancelled:
                try:
                    job.result = job.work()
                except Exception as error:  # noqa: BLE001 - told to the UI thread, which shows or logs it
                    job.error = error
            self._came_back.emit(job)

    def _on_job_came_back(self, job: Job) -> None:
        job.is_done = True
        if job in self._pending:
            self._pending.remove(job)
        self.ended.emit(job)
        if job.is_cancelled:
            return
        if job.error is None:
            if job.then is not None:
                job.then(job.result)
        elif job.failed is not None:
            job.failed(job.error)
        else:
            self.crashed.emit(job.error)

"""Pair two scans: a participant and a tube, in either order, within a minute. What waits for its other half is told.

A tube alone proves nothing about the arm it comes from, a wristband alone records nothing: only both together file a
sample. Codes that are not of this trial, and codes a page or a field wants for itself, are left to them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from math import ceil

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QWidget

from ucmsc_desktop.errors import LabelMisread, LabelUnknown
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.study.specimen import LabelCode
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.sampling import filing

HOLDS = timedelta(seconds=60)
_STAY = (
    "infusion",
    "form",
)  # pages that somebody works on: a wristband of the same person does not leave them


class Pairing(QObject):
    """Takes scans. `held_changed` tells that another code waits for its other half, or none."""

    held_changed = Signal()

    def __init__(
        self, desk: Desk, place: Callable[[], tuple[str, QWidget | None, str]], parent: QObject
    ) -> None:
        """`place` tells the name of the page shown, the page, and whom it is about."""
        super().__init__(parent)
        self._desk = desk
        self._place = place
        self.held: LabelCode | None = None
        self.since: datetime | None = None

    def take(self, text: str) -> bool:
        """Take a scan; False where it is left to the page."""
        name, page, subject = self._place()
        wants, compares = getattr(page, "takes_scan", None), getattr(page, "wants_wristband", None)
        if (callable(wants) and wants(text)) or _in_scan_field():
            return False
        try:
            code = self._desk.session.sampling.read(text)
        except (LabelMisread, LabelUnknown) as error:
            self.drop()
            self._desk.stop(error, scanned=text.upper())
            return True
        if code is None:
            return False
        if QApplication.activeModalWidget() is not None:
            waits = tr(
                "A question is open. Answer it, then scan again.", "有未回答的问题，请先回答，再重新扫描。"
            )
            self._desk.say(Notice("warning", waits))
            return True
        now = self._desk.session.now()
        held = self.held if self.left_s(now) > 0 else None
        self.drop()
        match code.kind:
            case "participant":
                if held is not None and held.visit:
                    self._pair(code.subject, held, now)
                else:
                    if callable(compares) and compares():
                        return False  # the check at the bedside: a wrong one must stop there, not open its participant
                    self._hold(code, now)
                    self._open(name, subject, code.subject)
                    return name != "infusion"  # there it is said that it does not check a bag
            case "tube":
                if held is not None and not held.visit:
                    self._pair(held.subject, code, now)
                elif not self._show_drawn(code):
                    self._hold(code, now)
            case "aliquot":
                filing.file_aliquot(self._desk, code, now)
        return True

    def left_s(self, now: datetime) -> int:
        """Give for how long the code that is held still counts. Units: seconds, 0 when none does."""
        if self.held is None or self.since is None:
            return 0
        return max(0, ceil((HOLDS - (now - self.since)).total_seconds()))

    def drop(self) -> None:
        """Forget what was scanned."""
        if self.held is not None:
            self.held = self.since = None
            self.held_changed.emit()

    def _hold(self, code: LabelCode, now: datetime) -> None:
        self.held, self.since = code, now
        self.held_changed.emit()

    def _open(self, page: str, shown: str, subject: str) -> None:
        """A wristband opens its participant, but takes nobody away from a drip or from this participant's form."""
        if page in _STAY and (shown == subject or self._desk.infusion_running):
            return
        if shown != subject or page not in ("participant", "sampling"):
            self._desk.go("sampling" if page == "sampling" else "participant", subject=subject)

    def _show_drawn(self, code: LabelCode) -> bool:
        """Show the sample of a tube that was filed before: what follows is the spin, not a second draw."""
        sampling = self._desk.session.sampling
        found = next((s for s in sampling.of(code.subject) if s.code == code and s.drawn is not None), None)
        if found is None:
            return False
        self._desk.go("sampling", subject=code.subject, key=found.key)
        return True

    def _pair(self, subject: str, code: LabelCode, now: datetime) -> None:
        sampling = self._desk.session.sampling
        if code.subject == subject and not any(s.code == code and s.drawn for s in sampling.of(subject)):
            odd = sampling.misfit(code)
            if odd is not None:
                self._desk.go("sampling", subject=subject, code=code, at=now)
                return
        filing.file_tube(self._desk, subject, code, now)


def _in_scan_field() -> bool:
    """Say whether the keyboard is in a field of a form that takes codes: then the scan is its answer."""
    widget: QWidget | None = QApplication.focusWidget()
    while widget is not None:
        item = getattr(widget, "item", None)
        if item is not None and hasattr(item, "scan"):
            return bool(item.scan)
        widget = widget.parentWidget()
    return False

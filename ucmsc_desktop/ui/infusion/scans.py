"""What a scan before the start means: the bag being received, the wristband on the arm, the bag to be connected.

Codes may come in any order; the code itself says what it is. A wrong one is recorded and stops everything with the whole
screen. Nothing is ever taken for right because it is near. A code that is scanned again is a check of its own, with its
own moment: the old one may be from before the bag came.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta

from ucmsc_desktop.errors import BagUsed, KnownError, StepBlocked, WrongBag, WrongWristband
from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.session import Session
from ucmsc_desktop.session.preparation import blocks_of, product_view
from ucmsc_desktop.study import specimen
from ucmsc_desktop.study.functions import same_code
from ucmsc_desktop.study.values import Value
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.infusion.verification import SCANNED, is_outdated, stamp_again
from ucmsc_desktop.ui.notice import Notice

_PARTICIPANT = re.compile(r"\d\d-\d{3}")
_TWICE = timedelta(seconds=3)  # within this time the same code is one scan that the reader gave twice
_UNUSABLE = ("X04.reuse", "X04.expired", "X04.expires_first", "X04.viability")

Save = Callable[[FormKey, Mapping[Cell, Value | None], str, str, Callable[[], None]], None]
"""key, values, origin, reason, then."""


class BedsideScans:
    """Takes the codes of one preparation. `save` records, `read_again` gives the infusion record as it stands."""

    def __init__(self, desk: Desk, save: Save, read_again: Callable[[], FormState]) -> None:
        self._desk = desk
        self._save = save
        self._read_again = read_again

    def receive(self, code: str, why_typed: str = "") -> None:
        """Take the code of the bag that has come; `why_typed` where it could not be scanned."""
        view, bag = self._read_again(), code.strip()
        used = used_elsewhere(self._desk.session, view, bag)
        if used:
            self._desk.stop(BagUsed(where=used), scanned=bag)
            return
        values: dict[Cell, Value | None] = {
            Cell("prod_unit_id"): bag,
            Cell("prod_id_entry"): "TYPED" if why_typed else "SCAN",
        }
        if why_typed:
            values[Cell("prod_typed_reason")] = why_typed
        origin = "entered" if why_typed else "scanned"
        self._save(product_view(view).key, values, origin, "", self.stop_if_unusable)

    def at_bedside(self, code: str, *, typed: bool = False) -> None:
        """Take a wristband or the bag to be connected."""
        view = self._read_again()
        subject, unit = view.state.subject, _text(product_view(view), "prod_unit_id")
        origin = "entered" if typed else "scanned"
        if unit and same_code(code.strip(), unit):  # first: a bag's number may look like a label of ours
            self._record(view, "coi_bag_scan", unit, origin, lambda: self._connect(unit, origin))
            return
        try:
            read = specimen.read(code)
        except ValueError:
            text = tr("This label is damaged: its check character is wrong.", "标签损坏：校验字符不符。")
            todo = tr("Scan it again, or print a new one.", "请重新扫描或重新打印。")
            self._desk.say(Notice("error", text, todo=todo))
            return
        plain = specimen.recorded(code.strip())
        if same_code(plain, subject):
            self._record(view, "coi_wrist_scan", subject, origin, self._renew)
        elif (read is not None and not read.visit) or _PARTICIPANT.fullmatch(plain):
            error = WrongWristband()
            self._record(view, "coi_wrist_scan", plain, origin, lambda: self._stop(error, subject, plain))
        else:
            wrong = WrongBag()
            self._record(view, "coi_bag_scan", plain, origin, lambda: self._stop(wrong, unit or "?", plain))

    def _record(self, view: FormState, item: str, code: str, origin: str, then: Callable[[], None]) -> None:
        self._record_in(product_view(view), item, code, origin, then)

    def _record_in(
        self, record: FormState, item: str, code: str, origin: str, then: Callable[[], None]
    ) -> None:
        entry = record.entry(item)
        stands = record.value(item) is not None
        if (
            entry is not None
            and (entry.value, entry.origin) == (code, origin)
            and record.now - entry.at < _TWICE
        ):
            then()
            return
        again = tr("scanned again", "再次扫描") if stands else ""
        self._save(record.key, {Cell(item): code}, origin, again, then)

    def _connect(self, unit: str, origin: str) -> None:
        """The right bag is at the bedside: it is also the one that will be connected (F7)."""
        self._record_in(self._read_again(), "inf_bag_scan", unit, origin, self._on_connected)

    def _on_connected(self) -> None:
        self._renew()
        self.stop_if_unusable()

    def _renew(self) -> None:
        """A scan after the double check was stamped is a new double check: its moment is now, and both sign again."""
        view = self._read_again()
        subject, key = view.state.subject, view.key
        if not is_outdated(view):
            return
        self._desk.do(
            lambda s, _a: stamp_again(s, subject, key, SCANNED.get()),
            then=lambda _done: self._desk.changed.emit(None),
        )

    def _stop(self, error: KnownError, expected: str, scanned: str) -> None:
        self._desk.stop(error, expected=expected, scanned=scanned)

    def stop_if_unusable(self) -> None:
        """Stop with the whole screen where the bag is expired, used, too weak, or expires before the planned end."""
        error = unusable(self._read_again())
        if error is not None:
            self._desk.stop(error)


def is_ours(code: str, sites: Collection[str]) -> bool:
    """Say whether a code is a label of this trial (a wristband, a tube), right or damaged: never a bag."""
    try:
        read = specimen.read(code)
    except ValueError:
        return True
    if read is None:
        return bool(_PARTICIPANT.fullmatch(code.strip()))
    return read.subject.partition("-")[0] in sites


def is_wristband(code: str) -> bool:
    """Say whether a code names a participant."""
    try:
        read = specimen.read(code)
    except ValueError:
        return False
    return (read is not None and not read.visit) or bool(_PARTICIPANT.fullmatch(code.strip()))


def unusable(view: FormState) -> StepBlocked | None:
    """Give why the bag must not be used as far as it is known; what is only missing is no reason."""
    product = product_view(view)
    expires = product.value("prod_expiry_dtm")
    own = [
        f
        for f in product.findings
        if f.kind == "block"
        and f.is_open
        and f.id in ("X04.reuse", "X04.viability", "F6.bag", "F6.certificate")
    ]
    for finding in (*own, *(b for b in blocks_of(view) if b.id in _UNUSABLE)):
        if finding.id == "X04.expired" and not isinstance(expires, datetime):
            continue
        return StepBlocked(message=finding.message, check=finding.id, override="investigator")
    return None


def used_elsewhere(session: Session, view: FormState, code: str) -> Text | None:
    """Say where a bag was received or connected for somebody else on this laptop; None where nowhere."""
    for summary in session.subjects():
        if summary.subject == view.state.subject:
            continue
        state = session.state(summary.subject)
        for form, item in (("F6", "prod_unit_id"), ("F7", "inf_bag_scan")):
            for key in state.keys(form):
                value = state.value(key, Cell(item))
                if isinstance(value, str) and same_code(value, code):
                    return Text(
                        f"{summary.subject}, infusion {key.n}", f"{summary.subject} 第 {key.n} 次输注"
                    )
    return None


def _text(view: FormState, item: str) -> str:
    value = view.value(item)
    return value if isinstance(value, str) else ""

"""What the two-person verification records: the stamp of the check, and one person's signature on bag and start."""

from __future__ import annotations

from datetime import datetime

from ucmsc_desktop.errors import AlreadySigned
from ucmsc_desktop.i18n import Text, tr
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.session import Session
from ucmsc_desktop.session.preparation import product_view, verification_of
from ucmsc_desktop.study.values import Value

SCANNED = Text("wristband or bag scanned again", "再次扫描腕带或制剂袋")


def sign_both(
    session: Session, subject: str, key: FormKey, person: tuple[str, str], people: tuple[str, str]
) -> bool:
    """Stamp the verification where it is not, then sign bag (F6) and start (F7) as one person.

    `person`: user and password; `people`: the two users who verify. Raises: what entering and signing raise.
    """
    user, password = person
    view = session.form(subject, key)
    found = verification_of(view)
    if found.at is None or (found.first, found.second) != people:
        stamp(session, subject, key, people, tr("the people who verify changed", "核对人变更"))
    elif is_outdated(view):
        stamp_again(session, subject, key, SCANNED.get())
    for record in (_product(key), key):
        try:
            session.sign(subject, record, "verified", user, password)
        except AlreadySigned:
            continue
    return True


def is_outdated(view: FormState) -> bool:
    """Say whether wristband or bag was scanned after the double check was stamped: then the stamp is of another check."""
    stamped = verification_of(view).at
    product = product_view(view)
    scans = (product.entry("coi_wrist_scan"), product.entry("coi_bag_scan"), view.entry("inf_bag_scan"))
    return stamped is not None and any(e is not None and e.at.replace(microsecond=0) > stamped for e in scans)


def stamp(session: Session, subject: str, key: FormKey, people: tuple[str, str], why: str) -> None:
    """Stamp who verifies and when, in both records. `why` is recorded where something stood there before."""
    now: datetime = session.now().replace(microsecond=0)
    given: tuple[Value, ...] = (*people, now)
    for record, names in (
        (_product(key), ("coi_p1", "coi_p2", "coi_dtm")),
        (key, ("verify_p1", "verify_p2", "verify_dtm")),
    ):
        values: dict[Cell, Value | None] = {
            Cell(name): value for name, value in zip(names, given, strict=True)
        }
        stood = session.form(subject, record)
        reason = why if any(stood.value(name) is not None for name in names) else ""
        session.enter(subject, record, values, origin="stamped", reason=reason, ask=False)


def stamp_again(session: Session, subject: str, key: FormKey, why: str = "") -> bool:
    """Stamp a new moment for the same people; the old signatures fall. `why`: "" where the start was delayed."""
    found = verification_of(session.form(subject, key))
    why = why or tr("verified again: the start was delayed", "开始推迟，重新核对")
    stamp(session, subject, key, (found.first, found.second), why)
    return True


def _product(key: FormKey) -> FormKey:
    return FormKey("F6", key.visit, key.n)

"""What the two-person verification records: the stamp of the check, and one person's signature on bag and start."""

from __future__ import annotations

from datetime import datetime

from ucmsc_desktop.errors import AlreadySigned
from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.session.preparation import verification_of
from ucmsc_desktop.study.values import Value


def sign_both(
    session: Session, subject: str, key: FormKey, person: tuple[str, str], people: tuple[str, str]
) -> bool:
    """Stamp the verification where it is not, then sign bag (F6) and start (F7) as one person.

    `person`: user and password; `people`: the two users who verify. Raises: what entering and signing raise.
    """
    user, password = person
    found = verification_of(session.form(subject, key))
    if found.at is None or (found.first, found.second) != people:
        stamp(session, subject, key, people, tr("the people who verify changed", "核对人变更"))
    for record in (_product(key), key):
        try:
            session.sign(subject, record, "verified", user, password)
        except AlreadySigned:
            continue
    return True


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


def stamp_again(session: Session, subject: str, key: FormKey) -> bool:
    """Stamp a new moment for the same people, because the start was delayed; the old signatures fall."""
    found = verification_of(session.form(subject, key))
    why = tr("verified again: the start was delayed", "开始推迟，重新核对")
    stamp(session, subject, key, (found.first, found.second), why)
    return True


def _product(key: FormKey) -> FormKey:
    return FormKey("F6", key.visit, key.n)

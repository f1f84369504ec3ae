"""Which page a record is worked on: consent and eligibility have a guide of their own, every other record its form."""

from __future__ import annotations

from typing import Final

from ucmsc_desktop.record.events import FormKey

FORM: Final = "form"
GUIDES: Final = {"F2": "consent", "F3": "eligibility"}


def page_for(key: FormKey) -> str:
    """Name the page that a link to a record leads to."""
    return GUIDES.get(key.form, FORM)

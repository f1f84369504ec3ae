"""One line of the table of pages."""

from __future__ import annotations

from dataclasses import dataclass

from ucmsc_desktop.i18n import Text


@dataclass(frozen=True, slots=True)
class PageLine:
    """A page of the program. `place` is module:class, loaded when the page is first shown.

    `subject`: "" never about one participant, "may", "must". `roles` empty: everybody. `under`: the rail entry that is
    marked while a page without an entry of its own is shown.
    """

    name: str
    symbol: str
    title: Text
    place: str
    subject: str = ""
    roles: tuple[str, ...] = ()  # names of study.model.Role
    under: str = ""

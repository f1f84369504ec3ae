"""What fields may know besides their item: the moment, and who works here. They never see a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Context:
    """The moment in the trial's time zone, the people to choose from as (user, name), and who is signed in.

    `names` also has those who have left: a value naming one of them is still shown by name.
    """

    now: Callable[[], datetime]
    staff: tuple[tuple[str, str], ...] = ()
    me: str = ""
    names: Mapping[str, str] = field(default_factory=dict)

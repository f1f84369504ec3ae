"""Windows to the minute: vector V43 of the protocol's schedule, across midnight."""

from datetime import datetime, timedelta, timezone

import pytest

from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.schedule import Anchors, due, placement_of

CHINA = timezone(timedelta(hours=8))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


NIGHT = Anchors({1: at("2026-03-01T23:10:00")}, {1: at("2026-03-02T00:05:00")})


@pytest.mark.parametrize(
    ("form", "visit", "nominal", "opens", "closes"),
    [
        ("F10", "6H", "2026-03-02T06:05:00", "2026-03-02T05:35:00", "2026-03-02T06:35:00"),
        ("F10", "D1", "2026-03-02T23:10:00", "2026-03-02T19:10:00", "2026-03-03T03:10:00"),
        ("F10", "D2", "2026-03-03T23:10:00", "2026-03-03T17:10:00", "2026-03-04T05:10:00"),
        ("F10", "D3", "2026-03-04T23:10:00", "2026-03-04T17:10:00", "2026-03-05T05:10:00"),
        ("F10", "BL", "2026-03-01T23:10:00", "2026-03-01T22:10:00", "2026-03-01T23:10:00"),
        ("F9", "D2", "2026-03-03T00:00:00", "2026-03-03T00:00:00", "2026-03-03T23:59:59"),
        ("F9", "D7", "2026-03-08T00:00:00", "2026-03-07T00:00:00", "2026-03-09T23:59:59"),
        ("F9", "D14", "2026-03-15T00:00:00", "2026-03-13T00:00:00", "2026-03-17T23:59:59"),
        ("F16", "END", "2026-03-15T00:00:00", "2026-03-15T00:00:00", "2026-03-17T23:59:59"),
    ],
)
def test_window_is_the_one_of_the_protocol(
    form: str, visit: str, nominal: str, opens: str, closes: str
) -> None:
    placement = placement_of(load_study(), form, visit)
    assert placement is not None
    window = due(placement.window, NIGHT)
    assert window is not None
    assert (window.nominal, window.opens, window.closes) == (at(nominal), at(opens), at(closes))


def test_nothing_is_due_before_its_anchor_has_happened() -> None:
    study = load_study()
    none = Anchors({}, {})
    running = Anchors({1: at("2026-03-01T23:10:00")}, {})
    six_hours = placement_of(study, "F10", "6H")
    assert six_hours is not None
    assert due(six_hours.window, none) is None
    assert due(six_hours.window, running) is None  # counts from the end, and the end has not come


def test_a_second_infusion_does_not_move_the_clock() -> None:
    later = Anchors({1: at("2026-03-01T23:10:00"), 2: at("2026-03-03T01:00:00")}, dict(NIGHT.ends))
    placement = placement_of(load_study(), "F10", "D3")
    assert placement is not None
    assert due(placement.window, later) == due(placement.window, NIGHT)

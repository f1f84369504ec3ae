"""The course over the trial: only what was measured, at its own time, on scales that stay."""

from datetime import datetime
from decimal import Decimal

import pytest

from tests.paper.story import NOW, SUBJECT, Story
from ucmsc_desktop.record.events import Cell, Draft, FormKey
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.trend.draw import Line, Shape, Trend, Words, draw, spoken, stretch_of_days
from ucmsc_desktop.trend.visits import course_of

BASELINE, DAY2, DAY7 = (FormKey("F9", visit) for visit in ("BL", "D2", "D7"))
BLOOD, LATER_BLOOD = FormKey("F10", "BL"), FormKey("F10", "D3")
START = "2026-03-02T08:30:00+08:00"


def gas(at: str, pao2: str, *, vessel: str = "ART") -> dict[str, str]:
    return {
        "abg_done": "Y", "abg_collect_dtm": at, "abg_vessel": vessel, "abg_fio2": "0.40", "abg_pao2": pao2, "abg_paco2": "40", "abg_pb": "760",
    }  # fmt: skip


def course(records: dict[FormKey, dict[str, str]]) -> Trend | None:
    story = Story()
    story.add(Draft("SubjectCreated", SUBJECT))
    for key, texts in records.items():
        form = story.study.forms[key.form]
        for name, text in texts.items():
            story.set(key, Cell(name), typed_value(form.by_id[name], text))
    return course_of(story.state().derive((), NOW))


def infused() -> dict[FormKey, dict[str, str]]:
    return {FormKey("F7", "D0", 1): {"inf_start_dtm": START}}


def test_without_a_measurement_there_is_no_picture():
    assert course(infused()) is None


def test_a_blood_gas_is_a_point_at_the_time_it_was_drawn_with_the_number_of_its_record():
    found = course(infused() | {DAY2: gas("2026-03-04T10:20:00+08:00", "100")})
    assert found is not None
    ratio = found.panels[0]
    assert [(r.at, r.value) for r in ratio.readings] == [
        (datetime.fromisoformat("2026-03-04T10:20:00+08:00"), Decimal(250))
    ]
    assert ratio.latest == "250.0"  # as its item prints it
    assert str(ratio.note) == "Day 2"


def test_a_venous_gas_has_no_point():
    found = course({
        BASELINE: gas("2026-03-02T07:00:00+08:00", "100"),
        DAY2: gas("2026-03-04T10:20:00+08:00", "38", vessel="VEN"),
    })  # fmt: skip
    assert found is not None
    assert len(found.panels[0].readings) == 1
    assert len(found.panels[1].readings) == 1


def test_points_stand_in_order_of_time_not_of_entry():
    found = course({
        DAY7: gas("2026-03-09T09:00:00+08:00", "120"),
        BASELINE: gas("2026-03-02T07:00:00+08:00", "100"),
    })  # fmt: skip
    assert found is not None
    times = [r.at for r in found.panels[0].readings]
    assert times == sorted(times)
    assert found.panels[0].latest == "300.0"


def test_a_result_below_the_assay_is_a_triangle_that_points_down():
    blood = {"cyt_collect_dtm": "2026-03-05T08:30:00+08:00", "il6_value": "<1.5", "il6_lloq": "1.5"}
    found = course(infused() | {LATER_BLOOD: blood})
    assert found is not None
    il6 = found.panels[2]
    assert (il6.readings[0].op, il6.readings[0].value, il6.latest) == ("<", Decimal("1.5"), "<1.5")
    strokes = draw(found, 900, 700, "en")
    triangle = next(s for s in strokes if isinstance(s, Shape) and len(s.points) == 3)
    tip, *base = triangle.points
    assert all(tip[1] > corner[1] for corner in base)  # y grows downwards
    assert any(isinstance(s, Words) and s.text == "LLOQ 1.5" for s in strokes)


def test_cytokines_stand_on_a_logarithmic_scale():
    found = course({
        BLOOD: {"cyt_collect_dtm": "2026-03-02T08:00:00+08:00", "il6_value": "10"},
        LATER_BLOOD: {"cyt_collect_dtm": "2026-03-05T08:00:00+08:00", "il6_value": "1000"},
    })  # fmt: skip
    assert found is not None
    for panel in found.panels[2:4]:
        share = panel.axis.share
        assert share(Decimal(10)) == pytest.approx(0.2)
        assert share(Decimal(1000)) == pytest.approx(0.6)
        assert share(Decimal("0.2")) == 0
        assert share(Decimal(10**6)) == 1


@pytest.mark.parametrize("grade", ["2", "2.0", "4"])
def test_a_haemolysed_sample_is_marked(grade: str):
    blood = {"cyt_collect_dtm": "2026-03-02T08:00:00+08:00", "il8_value": "40"}
    clean = course({BLOOD: blood | {"cyt_hemolysis": "1"}})
    red = course({BLOOD: blood | {"cyt_hemolysis": grade}})
    assert clean is not None
    assert red is not None
    assert not clean.panels[3].readings[0].unusual
    assert red.panels[3].readings[0].unusual


def test_the_scale_of_time_does_not_move_when_a_later_value_arrives():
    one = course(infused() | {BASELINE: gas("2026-03-02T07:00:00+08:00", "100")})
    two = course(
        infused()
        | {BASELINE: gas("2026-03-02T07:00:00+08:00", "100"), DAY7: gas("2026-03-09T09:00:00+08:00", "120")}
    )
    assert one is not None
    assert two is not None
    assert (one.begins, one.ends) == (two.begins, two.ends)
    assert one.begins == datetime.fromisoformat("2026-03-01T00:00:00+08:00")


def test_the_stretch_reaches_back_to_an_early_screening_gas():
    day0 = datetime.fromisoformat(START)
    begins, ends = stretch_of_days(day0, datetime.fromisoformat("2026-02-26T23:00:00+08:00"))
    assert begins == datetime.fromisoformat("2026-02-26T00:00:00+08:00")
    assert ends == datetime.fromisoformat("2026-03-18T00:00:00+08:00")


def test_days_are_counted_from_the_first_infusion_and_day_0_is_named_at_every_width():
    found = course(infused() | {BASELINE: gas("2026-02-27T07:00:00+08:00", "100")})
    assert found is not None
    for width in (500, 700, 1000):
        words = {s.text for s in draw(found, width, 700, "en") if isinstance(s, Words)}
        assert "D0" in words
        assert "D14" in words or width == 500


def test_each_infusion_has_its_line():
    found = course(
        infused()
        | {
            FormKey("F7", "D1", 2): {"inf_start_dtm": "2026-03-03T08:30:00+08:00"},
            BASELINE: gas("2026-03-02T07:00:00+08:00", "100"),
        }
    )
    assert found is not None
    assert len(found.marks) == 2
    lines = [s for s in draw(found, 900, 700, "en") if isinstance(s, Line) and s.width == 2 and not s.dashed]
    assert len([s for s in lines if s.points[0][0] == s.points[1][0]]) == 2 * len(found.panels)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_screen_reader_hears_the_last_values(lang):
    found = course(infused() | {DAY2: gas("2026-03-04T10:20:00+08:00", "100")})
    assert found is not None
    assert "250.0 mmHg" in spoken(found, lang)

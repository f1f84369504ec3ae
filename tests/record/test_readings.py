"""What a number may have been meant to be: another unit, a slipped decimal point."""

from __future__ import annotations

import pytest

from ucmsc_desktop.errors import ValueRefused
from ucmsc_desktop.record.entry import refuse_impossible
from ucmsc_desktop.record.form_state import soft_finding
from ucmsc_desktop.record.readings import both_readings, moved_point, other_units
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.study.values import Number


def item(name: str, form: str = "F9") -> Item:
    return load_study().forms[form].by_id[name]


def typed(name: str, text: str, form: str = "F9") -> Number:
    value = typed_value(item(name, form), text)
    assert isinstance(value, Number)
    return value


@pytest.mark.parametrize(
    ("name", "text", "unit"),
    [
        ("abg_pao2", "8.5", "kPa"),  # impossible in mmHg
        ("abg_pao2", "24", "kPa"),  # possible in mmHg, and hardly ever true
        ("abg_pao2", "85 kPa", "mmHg"),  # the other way round
        ("abg_paco2", "5.3", "kPa"),
        ("abg_paco2", "11.9", "kPa"),
        ("abg_fio2", "40", "%"),
        ("abg_fio2", "0.4 %", "fraction"),
        ("abg_hb", "12", "g/dL"),
        ("abg_temp_pt", "98.6", "°F"),
    ],
)
def test_a_doubtful_unit_offers_the_other_reading(name: str, text: str, unit: str) -> None:
    assert [o.unit for o in other_units(item(name), typed(name, text))] == [unit]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("abg_pao2", "27"),  # low, and mmHg all the same
        ("abg_pao2", "49"),
        ("abg_pao2", "90"),
        ("abg_pao2", "8.5 kPa"),
        ("abg_paco2", "12"),
        ("abg_paco2", "80"),
        ("abg_fio2", "15"),  # neither a fraction nor a percentage that is breathed
        ("abg_fio2", "0.40"),
        ("abg_ph", "74"),  # there is no other unit
    ],
)
def test_no_other_unit_is_offered_without_need(name: str, text: str) -> None:
    assert other_units(item(name), typed(name, text)) == ()


def test_half_kilograms_typed_as_kilograms_are_doubted() -> None:
    assert [o.unit for o in other_units(item("weight_kg", "F1"), typed("weight_kg", "130", "F1"))] == ["jin"]


@pytest.mark.parametrize(
    ("name", "text", "moved"),
    [
        ("abg_ph", "74", "7.4"),
        ("abg_ph", "74.0", "7.40"),
        ("abg_ph", "740", "7.40"),
        ("abg_ph", "0.74", "7.4"),
        ("abg_pao2", "8.5", "85"),
        ("abg_pao2", "850", "85.0"),
        ("abg_k", "45", "4.5"),
        ("abg_ph", "7.4", None),
        ("abg_pao2", "85", None),
        ("abg_hco3", "0", None),
    ],
)
def test_a_slipped_decimal_point_is_shown_in_its_place(name: str, text: str, moved: str | None) -> None:
    found = moved_point(item(name), typed(name, text))
    assert (format(found.amount, "f") if found else None) == moved


def test_a_refused_number_says_both_readings_and_the_point_in_both_languages() -> None:
    with pytest.raises(ValueRefused) as caught:
        refuse_impossible(item("abg_pao2"), typed("abg_pao2", "8.5"))
    said = caught.value.details["message"]
    assert said.en.endswith(  # type: ignore[attr-defined]
        "If the source says kPa, choose kPa: 8.5 kPa = 63.8 mmHg. Check the decimal point: was 85 mmHg meant?"
    )
    assert said.zh.endswith("请选择 kPa：8.5 kPa = 63.8 mmHg。请核对小数点：是否应为 85 mmHg？")  # type: ignore[attr-defined]


def test_one_meaning_is_not_told_twice() -> None:
    with pytest.raises(ValueRefused) as caught:
        refuse_impossible(item("abg_hb"), typed("abg_hb", "12"))
    said = str(caught.value.details["message"].en)  # type: ignore[attr-defined]
    assert "12 g/dL = 120 g/L" in said
    assert "decimal point" not in said


def test_an_unusual_number_says_its_other_reading_before_it_is_confirmed() -> None:
    said = soft_finding(item("abg_pao2"), typed("abg_pao2", "24"))
    assert said is not None
    assert "24 kPa = 180 mmHg" in said.en
    assert "24 kPa = 180 mmHg" in said.zh
    plain = soft_finding(item("abg_pao2"), typed("abg_pao2", "49"))
    assert plain is not None
    assert "kPa" not in plain.en


def test_readings_keep_a_sign() -> None:
    assert both_readings(item("il6_value", "F10"), typed("il6_value", "<0.01 ng/mL", "F10")).en == (
        "<0.01 ng/mL = <10.0 pg/mL"
    )

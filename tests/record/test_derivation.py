"""Running few derivations after an entry gives what running all of them gives, whatever is entered and in which order."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from ucmsc_desktop.record.derivation import follow
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.record.facts import SubjectRecord
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.model import Form, Item, Study
from ucmsc_desktop.study.values import Missing, Number, PartialDate, Value

NOW = datetime(2026, 3, 20, 12, 0, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study()


def settled(study: Study) -> SubjectState:
    return SubjectState(study, study.sites[0], SubjectRecord("01-001"), settled=True)


def any_value(item: Item, chance: random.Random) -> Value | None:  # noqa: PLR0911 - one arm per type
    if chance.random() < 0.05:
        return None
    if item.missing and chance.random() < 0.05:
        return Missing(item.missing[0], "not there")
    match item.type:
        case "decimal" | "integer":
            limits = item.soft or item.hard
            low = int(limits.low or 0) if limits else 0
            high = int(limits.high or 0) if limits and limits.high else low + 20
            return Number(Decimal(chance.randint(low, max(low, high))), item.unit)
        case "choice" | "yn" | "ynu":
            return chance.choice(item.choices).code
        case "multi":
            return (chance.choice(item.choices).code,)
        case "date":
            return date(2026, 3, 1) + timedelta(days=chance.randrange(10))
        case "partial_date":
            return PartialDate(2026, 3, chance.randint(1, 9))
        case "datetime":
            return NOW - timedelta(minutes=chance.randrange(15000))
        case "duration":
            return timedelta(minutes=chance.randrange(300))
        case _:
            return f"text {chance.randrange(3)}"


def any_entry(study: Study, form: Form, chance: random.Random) -> tuple[FormKey, dict[Cell, Value | None]]:
    visits = [p.visit for p in study.schedule if p.form == form.id] or ["UNS"]
    key = key_for(form, chance.choice(visits), 1 if form.repeat == "visit" else chance.randint(1, 2))
    section = chance.choice([s for s in form.sections if any(not i.is_derived for i in s.items)])
    row = chance.randint(1, 3) if section.rows else 0
    items = [i for i in section.items if not i.is_derived]
    chosen = chance.sample(items, min(len(items), chance.choice((1, 1, 2, 6))))
    return key, {Cell(i.id, row): any_value(i, chance) for i in chosen}


@pytest.mark.parametrize("seed", range(4))
def test_few_derivations_give_what_all_of_them_give(study: Study, seed: int) -> None:
    chance = random.Random(seed)
    state = settled(study)
    forms = list(study.forms.values())
    compared = 0
    for _ in range(60):
        key, values = any_entry(study, chance.choice(forms), chance)
        quick = follow(state, key, values, NOW)
        thorough = state.with_values(key, values).derive((key,), NOW)
        assert quick.settled
        for k in thorough.keys():  # noqa: SIM118 - not a mapping
            for item in study.forms[k.form].derivation_order:
                section = study.forms[k.form].section_of[item.id]
                for row in thorough.rows(k, section) if section.rows else (0,):
                    cell = Cell(item.id, row)
                    assert quick.value(k, cell) == thorough.value(k, cell), (k, cell, key, values)
                    compared += quick.value(k, cell) is not None
        state = quick
    assert compared > 100


def test_only_derivations_that_can_see_the_entry_run(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    state = settled(study)
    for form in study.forms.values():
        key, values = any_entry(study, form, random.Random(form.id))
        state = follow(state, key, values, NOW)
    ran: list[str] = []
    real = SubjectState.derived_value

    def noting(self: SubjectState, key: FormKey, item: Item, now: datetime, row: int = 0) -> Value | None:
        ran.append(f"{key.form}.{item.id}")
        return real(self, key, item, now, row)

    monkeypatch.setattr(SubjectState, "derived_value", noting)
    follow(state, FormKey("F5", "BL"), {Cell("hr"): Number(Decimal(88), "/min")}, NOW)
    every = sum(i.is_derived for f in study.forms.values() for i in f.items())
    assert len(ran) < every / 4


def test_what_is_laid_over_a_settled_state_is_derived_when_it_is_looked_at(study: Study) -> None:
    key = FormKey("F9", "BL")
    values: dict[Cell, Value | None] = {
        Cell("abg_vessel"): "ART",
        Cell("abg_done"): "Y",
        Cell("abg_pao2"): Number(Decimal(80), "mmHg"),
        Cell("abg_fio2"): Number(Decimal("0.4"), "fraction"),
    }
    state = follow(settled(study), key, values, NOW)
    changed = state.with_values(key, {Cell("abg_pao2"): Number(Decimal(100), "mmHg")})
    assert not changed.settled
    ratios = [FormState(s, key, NOW).value("pf") for s in (state, changed)]
    assert [r.amount for r in ratios if isinstance(r, Number)] == [200, 250]

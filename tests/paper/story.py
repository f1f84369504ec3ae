"""A participant's events made by hand, for printing: every form filled, with all that can happen to a record."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache

from ucmsc_desktop.i18n import Lang
from ucmsc_desktop.paper.sheet import PageHead
from ucmsc_desktop.record.events import GENESIS, Cell, Draft, Event, FormKey, Stamp, write
from ucmsc_desktop.record.facts import fold
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.subject_state import SubjectState, key_for
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.model import Form, Item, Study
from ucmsc_desktop.study.values import Missing, Number, PartialDate, Value, dump

START = datetime.fromisoformat("2026-03-02T08:00:00+08:00")
NOW = datetime.fromisoformat("2026-03-16T12:00:00+08:00")
SUBJECT = "01-001"
SECRET = "Fictia Testperson-4711"  # what stands in every site-only text item; it must never reach paper
NAMES = {"nurse.one": "Nurse One 测试护士", "dr.two": "Doctor Two 测试医生"}


def head(lang: Lang = "en", *, blank: bool = False) -> PageHead:
    study = load_study()
    return PageHead(
        registry=study.registry,
        study_title=study.title,
        protocol=f"{study.protocol_version} / {study.protocol_date}",
        site="01",
        subject="" if blank else SUBJECT,
        printed_by="dr.two",
        printed_at=NOW,
        app="0.1.0",
        device="" if blank else "ward-a1",
        seq=0 if blank else 1234,
        chain_head="" if blank else "0123456789abcdef" * 4,
        names=NAMES,
    )


def sample(item: Item, turn: int = 0) -> Value:
    """Give a plausible value of an item; `turn` gives others."""
    match item.type:
        case "decimal" | "integer":
            limits = item.soft or item.hard
            low = limits.low if limits and limits.low is not None else Decimal(1)
            high = limits.high if limits and limits.high is not None else low + 10
            middle = (low + high) / 2 + turn
            places = 0 if item.type == "integer" else 1 if high - low > 3 else 2
            return Number(middle.quantize(Decimal(1).scaleb(-places)), item.unit)
        case "choice" | "yn" | "ynu":
            return item.choices[turn % len(item.choices)].code
        case "multi":
            return tuple(c.code for c in item.choices[turn : turn + 2]) or (item.choices[0].code,)
        case "date":
            return date(2026, 3, 1) + timedelta(days=turn)
        case "partial_date":
            return PartialDate(2026, 2 + turn)
        case "datetime":
            return START + timedelta(minutes=7 * turn)
        case "duration":
            return timedelta(minutes=90 + turn)
        case "staff":
            return "nurse.one" if turn == 0 else "dr.two"
        case "text":
            return (
                SECRET
                if item.site_only
                else ("As in the chart 见病历" if turn == 0 else "Corrected text 更正内容")
            )


class Story:
    """Writes events in order, each on the chain of its device."""

    def __init__(self) -> None:
        self.study: Study = load_study()
        self.events: list[Event] = []
        self._heads: dict[str, tuple[int, str]] = {}
        self._at = START

    def add(
        self, draft: Draft, *, user: str = "nurse.one", role: str = "nurse", device: str = "ward-a1"
    ) -> Event:
        seq, prev = self._heads.get(device, (0, GENESIS))
        self._at += timedelta(seconds=20)
        stamp = Stamp(device, user, role, self._at, 0, "boot", "0.1.0")
        event = write(draft, stamp, seq + 1, prev)
        self._heads[device] = (seq + 1, event.hash)
        self.events.append(event)
        return event

    def set(
        self, key: FormKey, cell: Cell, value: Value | None, *, reason: str = "", parents: tuple[str, ...] = (),
        origin: str = "entered", user: str = "nurse.one", device: str = "ward-a1",
    ) -> Event:  # fmt: skip
        form = self.study.forms[key.form]
        text = dump(value) if value is not None else None
        site_only = form.by_id[cell.item].site_only
        draft = Draft(
            "ItemSet",
            SUBJECT,
            key,
            cell,
            form.version,
            text,
            site_only,
            reason,
            origin=origin,
            parents=parents,
        )
        return self.add(draft, user=user, device=device)

    def fill(self, form: Form, key: FormKey, rows: int = 2) -> dict[Cell, Event]:
        """Enter a value in every item that is not derived."""
        made: dict[Cell, Event] = {}
        for section in form.sections:
            for row in range(1, rows + 1) if section.rows else (0,):
                for item in section.items:
                    if not item.is_derived:
                        cell = Cell(item.id, row)
                        turn = row - 1 if item.type in ("choice", "datetime") and row else 0
                        made[cell] = self.set(key, cell, sample(item, turn))
        return made

    def sign(self, key: FormKey, meaning: str) -> None:
        self.add(Draft("FormCompleted", SUBJECT, key))
        self.add(
            Draft("FormSigned", SUBJECT, key, data={"meaning": meaning, "content": "ab" * 32}),
            user="dr.two",
            role="investigator",
        )

    def state(self) -> SubjectState:
        record = fold(self.study, SUBJECT, self.events)
        return SubjectState(self.study, self.study.sites[0], record)


def key_of(study: Study, form: Form, n: int = 1) -> FormKey:
    placement = next((p for p in study.schedule if p.form == form.id), None)
    return key_for(form, placement.visit if placement else "UNS", n)


@cache
def every_form_filled() -> SubjectState:
    """A participant with one record of each form, every item entered, derivations done."""
    story = Story()
    story.add(Draft("SubjectCreated", SUBJECT))
    for form_id in story.study.form_order:
        form = story.study.forms[form_id]
        story.fill(form, key_of(story.study, form))
    state = story.state()
    return state.derive((), NOW)


def form_states(state: SubjectState) -> list[FormState]:
    order = {f: n for n, f in enumerate(state.study.form_order)}
    return [FormState(state, key, NOW) for key in sorted(state.keys(), key=lambda k: (order[k.form], k))]


@cache
def eventful() -> SubjectState:
    """A participant to whose records everything happened: corrections, gaps, conflict, strike, signatures."""
    story = Story()
    study = story.study
    story.add(Draft("SubjectCreated", SUBJECT))
    abg = study.forms["F9"]
    key = key_for(abg, "D2")
    made = story.fill(abg, key)
    story.sign(key, "reviewed")
    ph = Cell("abg_ph")
    second = story.set(
        key,
        ph,
        Number(Decimal("7.31")),
        reason="Digit misread 看错一位",
        parents=(made[ph].hash,),
        user="dr.two",
    )
    story.set(key, ph, Number(Decimal("7.32")), reason="Second look", parents=(second.hash,))
    gaps = (i for i in abg.items() if i.missing and i.is_numeric and not i.is_derived)
    lactate = next(i for i in gaps if i.id not in ("abg_ph", "abg_pao2"))
    story.set(
        key, Cell(lactate.id), Missing("ND", "Cartridge empty 试剂用尽"), reason="Not measured after all",
        parents=(made[Cell(lactate.id)].hash,),
    )  # fmt: skip
    pao2 = Cell("abg_pao2")
    story.set(key, pao2, Number(Decimal(66), "mmHg"), device="ward-b2", user="dr.two")
    cytokine = study.forms["F10"]
    key = key_for(cytokine, "6H")
    made = story.fill(cytokine, key, rows=3)
    story.add(Draft("RowStruck", SUBJECT, key, Cell("aliquot", 2), reason="Tube broken 冻存管破裂"))
    story.sign(key, "reviewed")
    screening = study.forms["F1"]
    key = key_for(screening, "SCR")
    made = story.fill(screening, key)
    name = Cell("subj_name")
    story.set(key, name, SECRET + " Newname", reason="Misspelt", parents=(made[name].hash,))
    story.add(Draft("FormCompleted", SUBJECT, key))
    story.add(Draft("FormLocked", SUBJECT, key))
    infusion = study.forms["F7"]
    story.fill(infusion, key_for(infusion, n=1), rows=12)
    medication = study.forms["F13"]
    for n in (1, 2, 3):
        story.fill(medication, key_for(medication, n=n))
    return story.state().derive((), NOW)

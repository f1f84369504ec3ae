"""A participant at the bedside, brought to the start of an infusion by real entries. Invented."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from ucmsc_desktop.record.events import Cell, Draft, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.typed import typed_value
from ucmsc_desktop.study.values import Number, Value

F7 = FormKey("F7", "D0", 1)
ROW_1 = {
    "ivs_hr": "76",
    "ivs_sbp": "128",
    "ivs_dbp": "82",
    "ivs_rr": "18",
    "ivs_spo2": "97",
    "ivs_temp": "36.6",
}


def number(text: str, unit: str = "") -> Number:
    return Number(Decimal(text), unit)


def create(session: Session, bed: str = "12") -> str:
    """Add a participant with a dosing weight and a product."""
    subject = session.create_subject()
    ask = frozenset({"soft"})
    session.enter(
        subject,
        FormKey("F1", "SCR"),
        {
            Cell("initials4"): "WXMI",
            Cell("sex"): "F",
            Cell("bed"): bed,
            Cell("weight_kg"): number("60", "kg"),
        },
        confirmed=ask,
    )
    return subject


def prepare(session: Session, subject: str, n: int = 1) -> FormKey:
    """Record the product, then let the investigator pass what stands against the start but T0."""
    now = session.now().replace(microsecond=0)
    product = FormKey("F6", f"D{n - 1}", n)
    used = any(
        state.value(FormKey("F6", f"D{n - 1}", n), Cell("prod_unit_id")) == f"BAG-{n}"
        for state in (session.state(s.subject) for s in session.subjects() if s.subject != subject)
    )
    values: dict[Cell, Value | None] = {
        Cell("prod_unit_id"): f"BAG-{n}-{subject}" if used else f"BAG-{n}",
        Cell("prod_conc"): number("0.7", "10^6/mL"),
        Cell("prod_viab"): number("92", "%"),
        Cell("prod_volume"): number("100", "mL"),
        Cell("prep_wash"): "N",
        Cell("prep_dilute"): "N",
        Cell("prod_form"): "FRESH",
        Cell("prod_expiry_dtm"): now + timedelta(hours=5),
        Cell("dose_planned_vol"): number("47", "mL"),
    }
    session.enter(subject, product, values, confirmed=frozenset({"soft", "F6.conc_total"}))
    key = FormKey("F7", f"D{n - 1}", n)
    session.enter(subject, key, {Cell("inf_planned_dtm"): now + timedelta(minutes=20)})
    return key


def consented(session: Session, subject: str) -> None:
    """Give a participant a valid consent and a signed decision on eligibility, which nobody can pass over."""
    now = session.now().replace(microsecond=0)

    def ago(**span: float) -> str:
        return (now - timedelta(**span)).isoformat()

    records: dict[FormKey, dict[str, str]] = {
        FormKey("F1", "SCR"): {
            "birth_date": "1966-05-20",
            "admit_hosp_dtm": ago(days=4),
            "ali_onset_dtm": ago(days=3)[:16],
        },
        FormKey("F2", "SCR"): {
            "icf_version": "2.0",
            "capacity": "FULL",
            "consent_given": "Y",
            "consent_by": "SUBJ",
            "reads_icf": "Y",
            "explain_start_dtm": ago(hours=6),
            "explain_end_dtm": ago(hours=5.5),
            "subj_sign_dtm": ago(hours=5.4),
            "inv_sign_dtm": ago(hours=5.3),
            "witness_req": "N",
        },
        FormKey("F5", "BL"): {
            **dict.fromkeys(
                ("vir_hbsag", "vir_hbvdna", "vir_antihbs", "vir_antihbc", "vir_antihcv", "vir_hivagab", "vir_tb_igra"),
                "NEG",
            ),
            "fem_status": "MENO",
        },
        FormKey("F9", "SCR"): {
            "abg_done": "Y",
            "abg_collect_dtm": ago(hours=4),
            "abg_vessel": "ART",
            "abg_steady20": "Y",
            "abg_tempcorr": "N",
            "abg_rsup": "HFNC",
            "abg_fio2": "0.35",
            "abg_fio2_src": "SET",
            "abg_pao2": "87.5",
            "abg_paco2": "38",
        },
        FormKey("F3", "SCR"): {
            "elig_dtm": ago(hours=3),
            "inc05_infiltrates": "Y",
            "inc06_no_hf": "Y",
            "exc02_disability": "N",
            "exc03_malig": "N",
            "exc04_infect": "N",
            "exc07_organ": "N",
            "elig_decision": "ELIG",
        },
    }  # fmt: skip
    for key, given in records.items():
        form = session.study.forms[key.form]
        values: dict[Cell, Value | None] = {
            Cell(name): typed_value(form.by_id[name], text) for name, text in given.items()
        }
        session.enter(subject, key, values, ask=False)
    decision = FormKey("F3", "SCR")
    form = session.study.forms["F3"]
    slot = next(s for s in form.signatures if s.meaning == "eligibility")
    signed = {"meaning": "eligibility", "content": "ab" * 32, "covers": sorted(form.covered(slot))}
    # The record is not complete, so the signature is put straight into the log: what it rests on is not what is tested.
    session._append([Draft("FormSigned", subject, decision, form_version=form.version, data=signed)])
    session._states.pop(subject, None)


def override_blocks(session: Session, subject: str, key: FormKey) -> None:
    """As the investigator: pass every check that guards the start, but the one that wants T0 and those nobody can pass."""
    consented(session, subject)
    view = session.form(subject, key)
    ids = [c.id for c in view.form.checks if c.override == "investigator" and c.id != "F7.reference"]
    session.enter(
        subject,
        key,
        {Cell("pre_stable"): "Y"},
        overrides=dict.fromkeys(ids, "training case without a full record"),
    )


def vitals(
    session: Session, subject: str, key: FormKey, point: str, at_min: float = 0, **changed: str
) -> int:
    """Record a row of vital signs some minutes ago."""
    row = session.next_row(subject, key, "flow")
    units = {i.id: i.unit for i in session.study.forms["F7"].items()}
    given = {**ROW_1, **changed}
    values: dict[Cell, Value | None] = {Cell(k, row): number(v, units[k]) for k, v in given.items() if v}
    values[Cell("ivs_point", row)] = point
    values[Cell("ivs_dtm", row)] = session.now().replace(microsecond=0) + timedelta(minutes=at_min)
    values[Cell("ivs_symptoms", row)] = ("NONE",)
    checks = {c.id for c in session.study.forms["F7"].checks}
    session.enter(subject, key, values, confirmed=frozenset({"soft", *checks}))
    return row

"""Who can do a task, and what is said to somebody who cannot."""

from __future__ import annotations

import pytest

from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.doers import Doers, for_text
from ucmsc_desktop.record.tasks import Task, TaskStatus
from ucmsc_desktop.record.wording import Wording
from ucmsc_desktop.study.load import load_study
from ucmsc_desktop.study.model import Role

DOERS, WORDS = Doers(load_study()), Wording(load_study())


def task(code: str, status: TaskStatus = "due", why: Text | None = None) -> Task:
    what = WORDS.what(code)
    return Task(
        "01-001", what.key, what.title, what.visit, "", None, None, None, status, why, what.kind, what=code
    )


@pytest.mark.parametrize(
    ("code", "nurse", "doctor"),
    [
        ("flow|F7/D0/1|T15", True, True),
        ("spin|F10/BL/1", True, True),
        ("sign|F3/SCR/1|eligibility", False, True),
        ("sign|F3/SCR/1|entered", True, True),
        ("sign|F1/SCR/1|entered,reviewed", True, True),  # several are wanted, one of them hers
        ("sign|F3/SCR/1|eligibility,reviewed", False, True),  # none of them is
        ("none|F8/D0/1|6", False, True),
        ("ae.judge|F14/LOG/1", False, True),
        ("ae.end|F14/LOG/1", True, True),
        ("sae|F14/LOG/1", True, True),
        ("death|F15/END/1", False, True),
        ("form|F16/END/1", False, True),
        ("iae.judge|F8/D0/1|02", False, True),
        ("log|F17/LOG/1|1", True, True),
    ],
)
def test_what_a_nurse_and_a_doctor_can_do(code: str, nurse: bool, doctor: bool) -> None:
    roles = DOERS.of(task(code))
    assert ("nurse" in roles, "investigator" in roles) == (nurse, doctor)


@pytest.mark.parametrize(
    ("code", "role", "status", "can"),
    [
        ("form|F10/D7/1", "laboratory", "due", False),  # the blood is drawn by the ward
        ("form|F10/D7/1", "laboratory", "progress", True),
        ("form|F11/D7/1", "radiologist", "progress", True),
        ("form|F6/D0/1", "cell_lab", "due", True),
        ("form|F9/D7/1", "monitor", "due", False),
        ("freeze|F10/BL/1", "cell_lab", "due", True),
    ],
)
def test_laboratories_have_tasks_once_there_is_something_to_work_on(
    code: str, role: Role, status: TaskStatus, can: bool
) -> None:
    assert (role in DOERS.of(task(code, status))) is can


def test_a_task_of_somebody_else_says_for_whom_it_is() -> None:
    said = DOERS.waits_for(task("sign|F3/SCR/1|eligibility"), "nurse")
    assert said == Text("for the investigator", "由研究者完成")
    assert DOERS.waits_for(task("sign|F3/SCR/1|eligibility"), "investigator") is None


def test_nothing_is_said_twice_where_the_reason_names_them_already() -> None:
    why = WORDS.why("judge")
    assert why is not None
    assert DOERS.waits_for(task("ae.judge|F14/LOG/1", why=why), "nurse") is None


def test_several_roles_are_joined_by_or() -> None:
    assert for_text(("investigator", "nurse")) == Text("for the nurse or investigator", "由护士或研究者完成")

"""What the form page says about a record: its steps, its head, what is wrong, what its main action does now.

Pure functions of the record, the role and the fields on the screen; they change nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypedDict

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.record.events import Cell
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.titles import number_text
from ucmsc_desktop.study.model import Role
from ucmsc_desktop.ui.form import words
from ucmsc_desktop.ui.form.check_view import next_slot
from ucmsc_desktop.ui.form.parts import Parts
from ucmsc_desktop.ui.form.section_list import State, Step, state_of

CHECK: Final = "#check"  # the step behind the last section


class Head(TypedDict):
    """The head of the page."""

    crumb: str
    title: str
    status: str
    banner: str


def states(view: FormState) -> dict[str, State | None]:
    """Say how far each section is; None where skip logic shows nothing of it."""
    return {s.id: state_of(view, s) for s in view.form.sections}


def steps(
    view: FormState, known: Mapping[str, State | None], parts: Parts, current: str, role: Role
) -> list[Step]:
    """Give the sections that skip logic shows, with their state, and the check at the end."""
    found = []
    refused = {f.item.id for f in parts.fields() if f.problem}
    for section in view.form.sections:
        state = known[section.id]
        if state is None and section.id != current:
            continue
        if refused and any(i.id in refused for i in section.items):
            state = "problem"
        found.append(Step(section.id, str(section.title), state or "empty"))
    done = view.status in ("complete", "signed", "locked")
    last: State = "empty"
    if done:
        last = "done" if next_slot(view, role) is None else "progress"
    found.append(Step(CHECK, tr("Check and sign", "核对并签名"), last))
    return found


def first_step(found: Sequence[Step]) -> str:
    """Give the section to begin with: the first with something wrong or begun, else the first empty one."""
    begun = next((s.id for s in found if s.state in ("problem", "progress")), None)
    return begun or next((s.id for s in found if s.state == "empty"), found[-1].id)


def head(view: FormState, parts: Parts, current: str, found: Sequence[Step] = ()) -> Head:
    """Say which form and section this is, how far the form is, and what holds for all of it.

    With the form's code, by which messages and the paper call it, and with how many steps there are.
    """
    crumb = f"{view.form.id} · {view.form.title}"
    visit = view.state.study.visit_by_id.get(view.key.visit)
    if view.form.repeat == "visit" and visit is not None:
        crumb += f" · {visit.title}"
    elif view.form.repeat != "once":
        crumb += f" · {number_text(view.form, view.key.n)}"
    place = next((n for n, step in enumerate(found, start=1) if step.id == current), 0)
    if place:
        crumb += tr(" · step {n} of {all}", " · 第 {n} 步，共 {all} 步", n=place, all=len(found))
    title = tr("Check and sign", "核对并签名") if current == CHECK else str(parts.section(current).title)
    return Head(crumb=crumb, title=title, status=view.status, banner=_banner(view, parts, current))


def _banner(view: FormState, parts: Parts, current: str) -> str:
    if view.record.locked:
        return tr(
            "This form is locked. The investigator can unlock it with a reason.",
            "本表单已锁定。研究者填写理由后可解锁。",
        )
    if not parts.may_enter_some():
        return tr(
            "You can read this form. It is filled in by: {who}.",
            "您可查看本表单。由以下角色填写：{who}。",
            who=words.roles(view.form.by),
        )
    if view.form.note is not None and current == view.form.sections[0].id:
        return str(view.form.note)
    return ""


def problems(view: FormState, parts: Parts, current: str) -> list[tuple[Cell, str]]:
    """List what is wrong in a section: first what was refused, then what is open, in the words of the fields."""
    ids = {i.id for i in parts.section(current).items}
    refused = [(f.cell, f.problem) for f in parts.fields() if f.problem and f.item.id in ids]
    cells = {c for c, _ in refused}
    rows = parts.rows_of(current)
    row = rows.row if rows is not None else 0
    found = [
        (f.cell, str(f.message))
        for f in view.open_findings
        if f.cell.item in ids and f.cell not in cells and (not row or f.cell.row == row)
    ]
    return refused + found


def action(view: FormState, parts: Parts, current: str, role: Role) -> tuple[str, str, bool]:
    """Give text, icon and readiness of the main action."""
    may = parts.may_enter_some() and not view.record.locked
    if current == CHECK:
        if next_slot(view, role) is not None:
            return tr("Sign…", "签名……"), "draw", True
        if view.record.completed_at is None and may:
            return tr("Complete the form", "完成表单"), "check", not view.open_findings
        return tr("Done", "完成"), "check", True
    rows = parts.rows_of(current)
    if rows is not None and rows.editor is not None:
        return tr("Save this row", "保存本行"), "check", True
    return tr("Save and continue", "保存并继续") if may else tr("Continue", "继续"), "arrow_forward", True


def keys() -> tuple[tuple[str, str], ...]:
    """Give the keys of the form page for the list of keys."""
    return (
        ("Ctrl+Enter", tr("save and continue", "保存并继续")),
        ("Ctrl+PgUp / Ctrl+PgDn", tr("section before, next section", "上一部分、下一部分")),
        ("F4", tr("history of this item, not done, clear", "本项修改记录、未做、清除")),
        ("Ctrl+D", tr("not done…", "未做……")),
        ("1 … 9, Y, N, U", tr("choose an answer", "选择答案")),
        ("T", tr("today, in a date", "日期填今天")),
        ("U", tr("unknown, in a part of a date", "日期中的未知部分")),
        ("Esc", tr("take back what was typed", "撤销键入内容")),
    )

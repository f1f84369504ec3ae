"""A docked question never hides the field it asks about, in a low window, with one or two on the drip."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.ui.conftest import find
from tests.ui.infusion import bedside
from tests.ui.infusion.bedside import F7
from ucmsc_desktop.i18n import set_language
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.form.number_input import NumberInput
from ucmsc_desktop.ui.main_window import MainWindow
from ucmsc_desktop.ui.pages.infusion import InfusionPage

SignIn = Callable[..., Session]
TYPED = {
    "ivs_hr": "88", "ivs_sbp": "120", "ivs_dbp": "70", "ivs_rr": "20", "ivs_spo2": "95", "ivs_temp": "36.8",
}  # fmt: skip


def settle() -> None:
    for _round in range(6):
        QApplication.processEvents()


def on_the_drip(window: MainWindow, desk: Desk, session: Session, clock: FrozenClock, many: int) -> str:
    made = [bedside.create(session, bed=str(5 + n)) for n in range(many)]
    for subject in made:
        bedside.override_blocks(session, subject, bedside.prepare(session, subject))
        bedside.vitals(session, subject, F7, "T0")
        session.infusions.start(subject, 1)
    clock.advance(minutes=5)
    window.resize(1093, 574)
    desk.go("infusion", subject=made[0], n=1)
    window.reminders.look()
    settle()
    return made[0]


def in_sight(widget: QWidget, last: int = 0) -> bool:
    """Whether a scroll area shows a widget as a whole, or its `last` pixels: a label stands at the lower edge of its."""
    area = widget.parentWidget()
    while area is not None and area.objectName() != "qt_scrollarea_viewport":
        area = area.parentWidget()
    assert area is not None
    place = QRect(widget.mapTo(area, QPoint(0, 0)), widget.size())
    if last:
        place.setTop(place.bottom() - last)
    return area.rect().contains(place)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("many", [1, 2])
@pytest.mark.parametrize(("item", "typed"), [("ivs_hr", "190"), ("ivs_temp", "39.9"), ("ivs_spo2", "80")])
def test_the_number_that_is_asked_about_is_seen_above_the_question(
    window: MainWindow,
    desk: Desk,
    sign_in: SignIn,
    clock: FrozenClock,
    lang: str,
    many: int,
    item: str,
    typed: str,
) -> None:
    session = sign_in("inv1")
    if lang == "zh":
        desk.choose_language("zh")
        set_language("zh")
    subject = on_the_drip(window, desk, session, clock, many)
    assert window.work is not None
    page = window.work.page
    assert isinstance(page, InfusionPage)
    page.vitals_hand.ask()
    settle()
    cells = page.vitals.cells
    assert cells is not None
    for name, text in {**TYPED, item: typed}.items():
        field = cells.field(name)
        assert field is not None
        field.input.set_text(text)
    page.vitals.refresh()
    bar = page._area.verticalScrollBar()
    bar.setValue(bar.maximum() if item == "ivs_hr" else 0)
    page.vitals.save.setFocus()
    page.vitals.give()
    settle()
    assert find(window, "tray").isVisible()
    field = cells.field(item)
    assert field is not None
    assert field.input.text() != ""
    assert in_sight(field.input)  # type: ignore[arg-type]
    assert in_sight(field._label, 20)
    assert find(window, "infusion_stop").isVisible()
    if many == 2:
        assert find(window, f"running_{subject}").isVisible()
    find(window, "sheet_no").click()  # type: ignore[attr-defined]
    settle()
    assert not [w for w in window.findChildren(QWidget) if w.property("asked_about")]


def test_on_a_form_too_the_field_stays_above_the_question(
    window: MainWindow, desk: Desk, sign_in: SignIn, clock: FrozenClock
) -> None:
    session = sign_in("inv1")
    subject = on_the_drip(window, desk, session, clock, 1)
    desk.go("form", subject=subject, key=FormKey("F5", "BL"), item="hr")
    settle()
    last = [w for w in window.findChildren(NumberInput) if w.isVisible()][-1]
    last.edit.setFocus()
    last.edit.setText("79")
    QTest.keyClick(last.edit, Qt.Key.Key_Return)
    settle()
    assert find(window, "tray").isVisible()
    assert in_sight(last.edit)

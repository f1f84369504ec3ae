"""The form page at work: keys pressed, labels read, the ledger asked."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from tests.ui.conftest import PASSWORD, add_participant, find, number
from ucmsc_desktop.errors import StepBlocked
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.clock import FrozenClock
from ucmsc_desktop.record.entry import item_set
from ucmsc_desktop.record.events import Cell, FormKey
from ucmsc_desktop.session import Session
from ucmsc_desktop.study.values import Missing, Number
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.form.drafts import QUIET_MS
from ucmsc_desktop.ui.form.field import Field
from ucmsc_desktop.ui.form.field_head import FieldHead
from ucmsc_desktop.ui.form.page import CHECK, FormPage
from ucmsc_desktop.ui.main_window import MainWindow

GAS = FormKey("F9", "D2")
FLOW = FormKey("F7", "D0", 1)
SCREENING = FormKey("F1", "SCR")


class Hands:
    """A person at the form page."""

    def __init__(self, qtbot: QtBot, desk: Desk, window: MainWindow, sign_in: Callable[..., Session]) -> None:
        self.qtbot, self.desk, self.window = qtbot, desk, window
        self.session = sign_in()
        self.subject = add_participant(self.session)

    def enter(self, key: FormKey, row: int = 0, **values: object) -> None:
        cells = {Cell(k, row): v for k, v in values.items()}
        self.session.enter(self.subject, key, cells, reason="test")  # type: ignore[arg-type]

    def open(self, key: FormKey = GAS, section: str = "", **what: object) -> FormPage:
        self.desk.go("form", subject=self.subject, key=key, **what)
        if section:
            self.page._on_stage_chosen(section)
        return self.page

    @property
    def page(self) -> FormPage:
        page = self.window.work.page if self.window.work is not None else None
        assert isinstance(page, FormPage)
        return page

    def field(self, item: str, row: int = 0) -> Field:
        found = self.page._parts.field(Cell(item, row))
        assert found is not None, f"no field {item}"
        return found

    def edit(self, item: str, row: int = 0) -> QLineEdit:
        found = self.field(item, row).input.first()
        assert isinstance(found, QLineEdit)
        return found

    def type(self, item: str, text: str, row: int = 0, *, enter: bool = True) -> None:
        edit = self.edit(item, row)
        edit.setFocus()
        edit.selectAll()
        self.qtbot.keyClicks(edit, text)
        if enter:
            self.window.scan._typed = (
                ""  # a person waits before Enter; keys of a test come as fast as a scanner's
            )
            self.qtbot.keyClick(edit, Qt.Key.Key_Return)

    def choose(self, item: str, code: str) -> None:
        self.tap(f"{item}:{code}")

    def tap(self, name: str) -> None:
        self.qtbot.mouseClick(find(self.window, name), Qt.MouseButton.LeftButton)

    def label(self, name: str) -> str:
        found = [w for w in self.window.findChildren(QLabel, name) if w.isVisible()]
        return found[-1].text() if found else ""

    def value(self, item: str, row: int = 0, key: FormKey = GAS) -> object:
        return self.session.form(self.subject, key).value(item, row)

    def entries(self, item: str, row: int = 0, key: FormKey = GAS) -> int:
        return len(self.session.form(self.subject, key).history(item, row))

    def dialog(self) -> QDialog:
        found = [d for d in self.window.findChildren(QDialog) if d.isVisible()]
        assert found, "no dialog is open"
        return found[-1]

    def answer(self, text: str = "") -> None:
        dialog = self.dialog()
        if text:
            self.qtbot.keyClicks(dialog.findChild(QLineEdit), text)
        self.qtbot.mouseClick(dialog.findChild(QPushButton, "sheet_yes"), Qt.MouseButton.LeftButton)
        self.settle()

    def refuse(self) -> None:
        self.dialog().reject()
        self.settle()

    def settle(self) -> None:
        QApplication.processEvents()
        self.window.activateWindow()  # no window manager does it here once a dialog has closed
        self.qtbot.waitUntil(self.window.isActiveWindow)


@pytest.fixture
def hands(qtbot: QtBot, desk: Desk, window: MainWindow, sign_in: Callable[..., Session]) -> Hands:
    made = Hands(qtbot, desk, window, sign_in)
    made.enter(GAS, abg_done="Y")
    return made


# --- which unit --------------------------------------------------------------------------------------------------


def readings(hands: Hands) -> list[str]:
    return [b.text() for b in hands.dialog().findChildren(QPushButton) if "reading" in b.objectName()]


def test_a_doubtful_unit_is_asked_with_both_readings_and_the_other_one_is_saved(hands):
    hands.open(section="gas")
    hands.type("abg_pao2", "24")
    assert readings(hands) == ["24 mmHg = 3.20 kPa", "24 kPa = 180 mmHg"]
    assert hands.entries("abg_pao2") == 0
    hands.tap("reading:kPa")
    hands.settle()
    assert hands.value("abg_pao2") == number("24", "kPa")
    assert hands.entries("abg_pao2") == 1


def test_the_unit_typed_can_be_kept_and_is_not_asked_twice(hands):
    hands.open(section="gas")
    hands.type("abg_pao2", "24")
    hands.tap("reading:mmHg")
    hands.settle()
    assert hands.value("abg_pao2") == number("24", "mmHg")
    (soft,) = [f for f in hands.session.form(hands.subject, GAS).findings_of("abg_pao2") if f.kind == "soft"]
    assert soft.confirmed


def test_an_impossible_reading_is_not_offered_and_enter_chooses_none(hands):
    hands.open(section="gas")
    hands.type("abg_pao2", "8.5")
    assert readings(hands) == ["8.5 kPa = 63.8 mmHg"]
    hands.qtbot.keyClick(hands.dialog(), Qt.Key.Key_Return)
    hands.settle()
    assert hands.entries("abg_pao2") == 0
    assert "was 85 mmHg meant" in hands.label("abg_pao2:error")
    assert hands.edit("abg_pao2").text() == "8.5"


# --- committing ----------------------------------------------------------------------------------------------


def test_a_value_typed_is_committed_once_and_said_to_be_saved(hands, clock: FrozenClock):
    hands.open(section="gas")
    clock.advance(minutes=3)
    hands.type("abg_ph", "7.40")
    assert hands.value("abg_ph") == number("7.40")
    assert hands.entries("abg_ph") == 1
    assert hands.label("form_saved") == "Saved on this computer at 09:03"
    assert hands.field("abg_pao2").holds_focus()


def test_saved_is_not_said_while_something_typed_is_not(hands):
    hands.open(section="gas")
    hands.type("abg_ph", "7.40", enter=False)
    assert hands.label("form_saved") == "Not saved yet: press Enter"
    assert hands.entries("abg_ph") == 0


def test_nothing_is_rebuilt_by_a_commit(hands):
    hands.open(section="gas")
    hands.field("abg_ph")
    before = list(hands.page._parts.fields())
    hands.type("abg_ph", "7.40")
    after = list(hands.page._parts.fields())
    assert [id(f) for f in before] == [id(f) for f in after]


def test_full_width_digits_are_stored_as_plain_ones(hands):
    hands.open(section="gas")
    hands.edit("abg_ph").setText("７。40")
    hands.edit("abg_ph").textEdited.emit("７。40")
    hands.qtbot.keyClick(hands.edit("abg_ph"), Qt.Key.Key_Return)
    assert hands.value("abg_ph") == number("7.40")


def test_outside_the_hard_range_is_refused_beside_the_field_and_stays_typed(hands):
    hands.open(section="gas")
    hands.type("abg_ph", "9.4")
    assert hands.entries("abg_ph") == 0
    assert "9.4 is not possible" in hands.label("abg_ph:error")
    assert hands.edit("abg_ph").text() == "9.4"
    assert hands.field("abg_ph").holds_focus()


def test_a_number_of_the_other_unit_is_told_which(hands):
    hands.open(section="gas")
    hands.type("abg_pao2", "10")
    assert "10 mmHg is not possible" in hands.label("sheet_message")
    hands.refuse()
    assert "choose kPa" in hands.label("abg_pao2:error")
    hands.tap("abg_pao2:kPa")
    hands.qtbot.keyClick(hands.edit("abg_pao2"), Qt.Key.Key_Return)
    assert hands.value("abg_pao2") == number("10", "kPa")
    assert hands.label("abg_pao2:echo") == "10 kPa = 75 mmHg"


def test_going_from_the_number_to_its_unit_is_no_commit(hands):
    hands.open(section="gas")
    hands.type("abg_pao2", "90", enter=False)
    hands.qtbot.keyClick(hands.edit("abg_pao2"), Qt.Key.Key_Tab)
    assert hands.field("abg_pao2").holds_focus()
    assert hands.entries("abg_pao2") == 0


def test_outside_the_soft_range_is_asked_once_and_marked(hands):
    hands.open(section="gas")
    hands.type("abg_ph", "7.60")
    assert hands.entries("abg_ph") == 0
    hands.answer()
    assert hands.entries("abg_ph") == 1
    assert hands.label("abg_ph:remark").startswith("▲")
    assert hands.label("abg_ph:remark").endswith("(confirmed)")
    assert hands.field("abg_pao2").holds_focus()


def test_not_confirming_keeps_the_text_and_saves_nothing(hands):
    hands.open(section="gas")
    hands.type("abg_ph", "7.60")
    hands.refuse()
    assert hands.entries("abg_ph") == 0
    assert hands.edit("abg_ph").text() == "7.60"
    assert hands.label("abg_ph:error").startswith("Not saved yet.")


def test_changing_a_saved_value_asks_for_the_reason(hands):
    hands.enter(GAS, abg_ph=number("7.40"))
    hands.open(section="gas")
    hands.type("abg_ph", "7.41")
    hands.answer("misread the slip")
    history = hands.session.form(hands.subject, GAS).history("abg_ph")
    assert [e.reason for e in history][-1] == "misread the slip"
    assert hands.value("abg_ph") == number("7.41")


def test_no_reason_puts_the_old_value_back(hands):
    hands.enter(GAS, abg_ph=number("7.40"))
    hands.open(section="gas")
    hands.type("abg_ph", "7.41")
    hands.refuse()
    assert hands.edit("abg_ph").text() == "7.40"
    assert hands.entries("abg_ph") == 1
    hands.open(section="sampling")
    hands.choose("abg_done", "N")
    hands.refuse()
    assert hands.field("abg_done").value() == "Y"
    assert hands.value("abg_done") == "Y"


def test_a_stamp_is_recorded_as_stamped(hands):
    hands.open(section="sampling")
    hands.tap("abg_collect_dtm:now")
    entry = hands.session.form(hands.subject, GAS).entry("abg_collect_dtm")
    assert entry is not None
    assert entry.origin == "stamped"
    assert entry.value == hands.session.now()


def test_several_ticks_are_saved_when_the_field_is_left(hands):
    hands.open(section="sampling")
    hands.choose("abg_sample_q", "BUBBLE")
    hands.choose("abg_sample_q", "CLOT")
    assert hands.entries("abg_sample_q") == 0
    hands.edit("abg_analysis_dtm").setFocus() if False else hands.field("abg_done").focus()
    assert hands.value("abg_sample_q") == ("BUBBLE", "CLOT")
    assert hands.entries("abg_sample_q") == 1


# --- skip logic, gaps, findings ------------------------------------------------------------------------------


def test_skip_logic_shows_and_hides_at_once(hands):
    hands.open(section="oxygen")
    assert hands.page._parts.field(Cell("abg_o2flow")) is None
    hands.enter(GAS, abg_rsup="NC")
    hands.desk.changed.emit(None)
    assert hands.field("abg_o2flow").isVisible()
    hands.type("abg_o2flow", "3")
    hands.enter(GAS, abg_rsup="RA")
    hands.desk.changed.emit(None)
    field = hands.field("abg_o2flow")
    assert field.isVisible()  # it holds a value
    assert "No longer asked for" in hands.label("abg_o2flow:note")
    assert hands.edit("abg_o2flow").isReadOnly()


def test_a_field_that_comes_by_skip_logic_stands_in_its_place_for_tab(hands):
    hands.open(section="oxygen")
    hands.enter(GAS, abg_rsup="NC")
    hands.desk.changed.emit(None)
    hands.field("abg_rsup").focus()
    hands.qtbot.keyClick(hands.field("abg_rsup").input.first(), Qt.Key.Key_Tab)
    assert hands.field("abg_o2flow").holds_focus()


def test_tab_leads_from_the_last_field_to_the_foot(hands):
    hands.open(section="header")
    fields = hands.page._parts.fields_of("header").shown()
    stops = fields[-1].stops()
    stops[-1].setFocus()
    hands.qtbot.keyClick(stops[-1], Qt.Key.Key_Tab)
    assert QApplication.focusWidget() in (hands.page._foot.not_done, hands.page._foot.primary)


def test_not_done_records_the_code_and_the_reason_for_this_item(hands):
    hands.open(section="gas")
    hands.field("abg_paco2").focus()
    hands.qtbot.keyClick(hands.edit("abg_paco2"), Qt.Key.Key_F4)
    hands.tap("item_not_done")
    dialog = hands.dialog()
    hands.qtbot.mouseClick(dialog.findChild(QPushButton, "not_done_ND"), Qt.MouseButton.LeftButton)
    hands.answer("no sample left")
    assert hands.value("abg_paco2") == Missing("ND", "no sample left")
    assert hands.label("abg_paco2:gap") == "Not done: no sample left"
    assert hands.value("abg_ph") is None


def test_not_done_for_the_section_leaves_what_is_filled_alone(hands):
    hands.enter(GAS, abg_ph=number("7.40"))
    hands.open(section="gas")
    hands.tap("form_not_done")
    hands.qtbot.mouseClick(hands.dialog().findChild(QPushButton, "scope_section"), Qt.MouseButton.LeftButton)
    dialog = hands.dialog()
    hands.qtbot.mouseClick(dialog.findChild(QPushButton, "not_done_ND"), Qt.MouseButton.LeftButton)
    hands.answer("analyser broken")
    assert hands.value("abg_ph") == number("7.40")
    assert hands.value("abg_pao2") == Missing("ND", "analyser broken")
    assert hands.value("abg_rsup") is None  # another section


def test_the_history_names_every_value_who_when_and_why(hands, clock: FrozenClock):
    hands.enter(GAS, abg_ph=number("7.40"))
    clock.advance(minutes=5)
    hands.session.enter(hands.subject, GAS, {Cell("abg_ph"): number("7.41")}, reason="misread the slip")
    hands.open(section="gas")
    hands.tap("abg_ph:more")
    panel = find(hands.window, "item_panel")
    words = [w.text() for w in panel.findChildren(QLabel) if w.isVisible()]
    assert words.index("7.41") < words.index("7.40")
    assert any("Nora Test (nurse)" in w and "09:05:00" in w for w in words)
    assert "Reason: misread the slip" in words
    hands.qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert hands.field("abg_ph").holds_focus()


def test_clearing_a_saved_value_asks_for_a_reason(hands):
    hands.enter(GAS, abg_ph=number("7.40"))
    hands.open(section="gas")
    hands.tap("abg_ph:more")
    hands.tap("item_clear")
    hands.answer("wrong patient")
    assert hands.value("abg_ph") is None
    assert hands.edit("abg_ph").text() == ""


# --- the summary and the way through -------------------------------------------------------------------------


def test_save_and_continue_names_what_is_open_in_the_words_of_the_fields(hands):
    hands.open(section="gas")
    hands.type("abg_ph", "9.4")
    hands.tap("form_continue")
    summary = find(hands.window, "error_summary")
    lines = [b.text() for b in summary.findChildren(QPushButton) if b.objectName().startswith("error_link")]
    assert lines[0] == hands.label("abg_ph:error")
    assert "Fill in: Patient's temperature" in lines
    assert hands.label("abg_temp_pt:error") == "Fill in: Patient's temperature"
    hands.tap(f"error_link_{lines.index('Fill in: Patient' + chr(39) + 's temperature')}")
    assert hands.field("abg_temp_pt").holds_focus()
    hands.type("abg_temp_pt", "36.8")
    assert hands.label("abg_temp_pt:error") == ""


def test_empty_items_are_not_called_wrong_before_the_section_is_left(hands):
    hands.open(section="gas")
    assert hands.label("abg_ph:error") == ""
    assert not hands.page._stage.summary.isVisible()


def test_finish_this_later_goes_on(hands):
    hands.open(section="gas")
    hands.tap("form_continue")
    assert hands.page._current == "gas"
    hands.tap("finish_later")
    assert hands.page._current != "gas"


def test_control_enter_saves_what_is_typed_and_continues(hands):
    hands.open(section="header")
    hands.enter(GAS, source="SLIP", recorder="nurse1")
    hands.desk.changed.emit(None)
    hands.qtbot.keyClick(hands.page, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert hands.page._current == CHECK


def test_the_check_lists_what_is_open_and_leads_there(hands):
    hands.open(section="gas")
    hands.page._show(CHECK)
    assert not hands.page._foot.primary.isEnabled()
    link = find(hands.window, "open_0")
    hands.qtbot.mouseClick(link, Qt.MouseButton.LeftButton)
    assert any(f.holds_focus() for f in hands.page._parts.fields())


def fill(hands: Hands) -> None:
    hands.session.enter(
        hands.subject, GAS, {Cell("abg_done"): "N", Cell("abg_nd_reason"): "REFUSED"}, reason="not taken"
    )
    hands.session.enter(
        hands.subject,
        GAS,
        {Cell("source"): "DIRECT", Cell("recorder"): "nurse1"},
        confirmed=frozenset({"X10"}),
    )
    state = hands.session.form(hands.subject, GAS)
    for finding in state.open_findings:
        item = state.form.by_id[finding.cell.item]
        assert item.type == "datetime", finding
        hands.session.enter(hands.subject, GAS, {finding.cell: hands.session.now() - timedelta(minutes=5)})


def test_a_complete_form_is_signed_by_password(hands, sign_in):
    fill(hands)
    hands.open()
    hands.page._show(CHECK)
    hands.tap("form_continue")
    assert hands.session.form(hands.subject, GAS).status == "complete"
    assert "Waits for: investigator" in texts(hands.page._check)
    hands.desk.lock()
    hands.session = sign_in("inv1")
    hands.open()
    hands.page._show(CHECK)
    assert hands.page._foot.primary.text() == "Sign…"
    hands.tap("sign:reviewed")
    hands.answer(PASSWORD)
    state = hands.session.form(hands.subject, GAS)
    assert [(s.meaning, s.user) for s in state.valid_signatures] == [("reviewed", "inv1")]
    assert any(w.startswith("Signed by Ivo Test (investigator)") for w in texts(hands.page._check))


def test_a_change_after_signing_is_said_and_the_signature_shown_as_void(hands, sign_in):
    fill(hands)
    hands.session.complete(hands.subject, GAS)
    hands.session.sign(hands.subject, GAS, "reviewed", "inv1", PASSWORD)
    hands.session.enter(hands.subject, GAS, {Cell("source"): "PAPER"}, reason="was copied")
    hands.open()
    hands.page._show(CHECK)
    assert any("void, the form was changed later" in w for w in texts(hands.page._check))


def test_an_early_signature_is_offered_before_the_form_is_complete_and_to_two_people(hands):
    hands.enter(FLOW, verify_p1="nurse1", verify_p2="inv1", inf_bag_scan="B-1")
    hands.open(FLOW)
    hands.page._show(CHECK)
    assert "sign:verified" not in [b.objectName() for b in hands.page._check.findChildren(QPushButton)]
    hands.enter(FLOW, verify_dtm=hands.session.now())
    hands.open(FLOW)
    hands.page._show(CHECK)
    assert any("2 of 2 people have still to sign" in w for w in texts(hands.page._check))
    hands.tap("sign:verified")
    hands.answer(PASSWORD)
    view = hands.session.form(hands.subject, FLOW)
    assert view.record.completed_at is None
    assert [s.user for s in view.valid_signatures] == [hands.session.account.user]
    assert any("1 of 2 people have still to sign" in w for w in texts(hands.page._check))


def texts(parent: QWidget) -> list[str]:
    return [w.text() for w in parent.findChildren(QLabel) if w.isVisible()]


# --- drafts --------------------------------------------------------------------------------------------------


def test_two_quiet_seconds_keep_a_draft(hands):
    hands.open(section="gas")
    hands.type("abg_ph", "7.4", enter=False)
    assert hands.page._drafts._timer.interval() == QUIET_MS
    assert hands.page._drafts._timer.isActive()
    hands.page._drafts._timer.timeout.emit()
    assert hands.session.drafts(hands.subject, GAS) == {Cell("abg_ph"): "7.4"}
    assert hands.entries("abg_ph") == 0


def test_the_lock_keeps_the_draft_and_the_same_person_finds_it(hands, sign_in):
    hands.open(section="gas")
    hands.type("abg_ph", "7.4", enter=False)
    hands.desk.lock()
    session = sign_in()
    assert session.drafts(hands.subject, GAS) == {Cell("abg_ph"): "7.4"}
    hands.session = session
    hands.open(section="gas")
    assert hands.edit("abg_ph").text() == "7.4"
    assert "not saved yet" in hands.label("abg_ph:note")
    hands.type("abg_ph", "7.40")
    assert session.drafts(hands.subject, GAS) == {}


def test_leaving_the_page_saves_what_can_be_saved_and_keeps_the_rest(hands):
    hands.open(section="gas")
    hands.type("abg_ph", "7.40", enter=False)
    hands.desk.go("worklist")
    assert hands.value("abg_ph") == number("7.40")
    hands.open(section="gas")
    hands.type("abg_pao2", "8x", enter=False)
    hands.desk.go("worklist")
    assert hands.value("abg_pao2") is None
    assert hands.session.drafts(hands.subject, GAS) == {Cell("abg_pao2"): "8x mmHg"}


# --- rights, locks, scans ------------------------------------------------------------------------------------


def test_a_role_reads_what_it_may_not_enter(hands, sign_in):
    hands.open(FormKey("F3", "SCR"))
    field = next(
        f
        for s in hands.page._parts.form.sections
        for f in _fields_of(hands, s.id)
        if f.item.by == ("investigator",)
    )
    assert not field.is_open
    assert "investigator" in hands.label(f"{field.item.id}:note")


def _fields_of(hands: Hands, section: str) -> tuple[Field, ...]:
    hands.page._on_stage_chosen(section)
    part = hands.page._parts.there(section)
    return part.shown() if hasattr(part, "shown") else ()  # type: ignore[union-attr]


def test_a_locked_form_is_read_only_and_says_so(hands, sign_in, desk):
    fill(hands)
    hands.session.complete(hands.subject, GAS)
    desk.lock()
    hands.session = sign_in("inv1")
    hands.session.lock_form(hands.subject, GAS, "checked against the source")
    hands.open(section="sampling")
    assert "locked" in hands.label("form_banner")
    assert not hands.field("abg_done").is_open
    assert not hands.page._foot.not_done.isVisible()


def test_a_scan_goes_to_the_field_for_codes_and_is_recorded_as_scanned(hands):
    hands.open(SCREENING, section="identity")
    hands.field("hosp_no").focus()
    hands.desk.scanned.emit("H123456")
    entry = hands.session.form(hands.subject, SCREENING).entry("hosp_no")
    assert entry is not None
    assert (entry.value, entry.origin) == ("H123456", "scanned")


def test_a_scan_never_lands_in_a_field_of_words(hands):
    hands.open(SCREENING, section="identity")
    hands.enter(SCREENING, hosp_no="H1")
    hands.desk.changed.emit(None)
    hands.field("subj_name").focus()
    hands.desk.scanned.emit("H123456")
    assert hands.edit("subj_name").text() == ""
    assert hands.value("hosp_no", key=SCREENING) == "H1"


# --- rows ----------------------------------------------------------------------------------------------------


def test_a_row_is_added_filled_in_and_crossed_out_with_a_reason(hands):
    hands.open(FLOW, section="mixing")
    hands.tap("mixing:add")
    assert hands.label("mixing:row_title") == "Mixed 1 (new)"
    assert hands.session.form(hands.subject, FLOW).rows(hands.page._parts.section("mixing")) == ()
    hands.tap("mix_dtm.1:now")
    assert hands.value("mix_dtm", 1, FLOW) == hands.session.now()
    hands.tap("form_continue")
    model = hands.page._parts.rows_of("mixing").table.model()  # type: ignore[union-attr]
    assert model.rowCount() == 1
    hands.page._open_row(1)
    hands.tap("mixing:strike")
    hands.answer("pressed twice")
    view = hands.session.form(hands.subject, FLOW)
    assert view.rows(hands.page._parts.section("mixing")) == ()
    assert model.rowCount() == 1  # crossed out, and still in sight
    assert model.index(0, model.columnCount() - 1).data() == "Crossed out"
    hands.tap("mixing:add")
    assert hands.page._parts.rows_of("mixing").row == 2  # type: ignore[union-attr]


def test_fields_of_a_row_are_named_with_it(hands):
    hands.open(FLOW, section="flow")
    hands.tap("flow:add")
    assert hands.edit("ivs_hr", 1).objectName() == "ivs_hr.1"
    assert hands.edit("ivs_hr", 1).accessibleName() == "Heart rate, /min, row 1"


def test_a_new_row_is_not_called_wrong(hands):
    hands.open(FLOW, section="flow")
    hands.tap("flow:add")
    assert [f.item.id for f in hands.page._parts.fields() if hands.label(f"{f.item.id}.1:error")] == []


# --- the whole page ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("width", "two", "beside"), [(1280, True, True), (1024, True, False), (900, True, False)]
)
def test_columns_and_sections_follow_the_width(hands, width, two, beside):
    hands.open(section="gas")
    hands.window.resize(width, 600)
    QApplication.processEvents()
    left, right = hands.field("abg_temp_pt"), hands.field("abg_tempcorr")
    assert (left.y() == right.y()) == two
    assert hands.page._stage.list_area.isVisible() == beside
    assert hands.page._stage.strip.isVisible() != beside
    area = hands.page._stage.frame.area
    assert area is not None
    assert not area.horizontalScrollBar().isVisible()


def test_every_stop_is_named_and_large_enough_to_touch(hands):
    hands.open(section="sampling")
    found = 0
    for widget in hands.page.findChildren(QWidget):
        if not widget.isVisible() or widget.focusPolicy() == Qt.FocusPolicy.NoFocus:
            continue
        found += 1
        interface = QAccessible.queryAccessibleInterface(widget)
        assert widget.objectName(), widget
        assert interface.text(QAccessible.Text.Name).strip(), widget.objectName()
        assert widget.height() >= 44, widget.objectName()
    assert found > 20


def test_every_form_opens_and_every_section_shows(hands, study):
    for form in study.forms.values():
        visit = {"infusion": "D0", "log": "LOG", "day": "DAY"}.get(form.repeat, "SCR")
        hands.open(FormKey(form.id, visit, 1))
        for step in hands.page._steps():  # type: ignore[arg-type]
            hands.page._on_stage_chosen(step.id)
            assert hands.page._current == step.id
            part = hands.page._parts.there(step.id)
            if part is not None and not hasattr(part, "editor"):
                assert all(f.isVisible() for f in part.shown())  # type: ignore[union-attr]


def test_opening_at_an_item_takes_the_focus_there(hands):
    hands.open(item="abg_pao2")
    assert hands.page._current == "gas"
    assert hands.field("abg_pao2").holds_focus()


def test_a_change_elsewhere_is_shown(hands):
    hands.open(section="gas")
    hands.session.enter(hands.subject, GAS, {Cell("abg_ph"): Number(Decimal("7.40"))})
    hands.desk.changed.emit(None)
    assert hands.edit("abg_ph").text() == "7.40"


def test_no_field_is_squeezed_when_words_come_beside_it(hands):
    hands.open(section="gas")
    hands.field("abg_ph")
    QApplication.processEvents()
    hands.tap("form_continue")
    shown = hands.page._parts.fields_of("gas").shown()  # type: ignore[union-attr]
    assert len(shown) > 10
    hands.qtbot.waitUntil(lambda: all(f.height() >= f.heightForWidth(f.width()) for f in shown))


def test_what_is_being_typed_is_not_lost_when_the_cell_is_saved_elsewhere(hands):
    hands.open(section="gas")
    hands.type("abg_ph", "7.4", enter=False)
    change = hands.session.enter(hands.subject, GAS, {Cell("abg_ph"): Number(Decimal("7.35"))})
    hands.desk.changed.emit(change)
    assert hands.edit("abg_ph").text() == "7.4"
    assert hands.field("abg_ph").is_dirty


def test_a_gap_recorded_while_something_is_typed_takes_its_place(hands):
    hands.open(section="gas")
    hands.type("abg_paco2", "4", enter=False)
    change = hands.session.enter(hands.subject, GAS, {Cell("abg_paco2"): Missing("ND", "clotted")})
    hands.desk.changed.emit(change)
    assert hands.label("abg_paco2:gap") == "Not done: clotted"
    assert not hands.field("abg_paco2").is_dirty


def test_the_columns_of_a_table_are_as_wide_as_their_values(hands):
    for row, point in enumerate(("PRE15", "T5"), start=1):
        cells = {"ivs_point": point, "ivs_hr": number("80", "/min"), "ivs_sbp": number("124", "mmHg")}
        hands.session.enter(hands.subject, FLOW, {Cell(k, row): v for k, v in cells.items()})  # type: ignore[misc]
    hands.open(FLOW, section="flow")
    QApplication.processEvents()
    table = hands.page._parts.rows_of("flow").table  # type: ignore[union-attr]
    model = table.model()
    for column in range(model.columnCount()):
        for row in range(model.rowCount()):
            text = str(model.index(row, column).data() or "")
            assert table.fontMetrics().horizontalAdvance(text) + 24 <= table.columnWidth(column), (
                text,
                column,
            )


def test_an_answer_tapped_and_refused_does_not_look_chosen(hands, monkeypatch):
    def refuse(*_values: object, **_more: object) -> None:
        raise StepBlocked(message=Text("Stop: sign the consent first.", "停止"), check="X01", override="none")

    hands.open(section="sampling")
    monkeypatch.setattr(Session, "enter", refuse)
    hands.choose("abg_vessel", "ART")
    assert hands.field("abg_vessel").value() is None
    assert hands.label("abg_vessel:error") == "Stop: sign the consent first."


def test_no_part_of_any_form_is_a_window_of_its_own_even_for_a_moment(hands, window, qapp):
    """Such a window takes the focus, and the keys typed next go nowhere."""
    shown: list[QWidget] = []

    class Doorman(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() is QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
                shown.append(watched)
            return False

    doorman = Doorman()
    qapp.installEventFilter(doorman)
    for form in hands.session.study.forms.values():
        hands.open(FormKey(form.id, "D2" if form.repeat == "visit" else "SCR"))
        for section in (s for s in form.sections if s.rows):
            hands.page._show(section.id)
    qapp.removeEventFilter(doorman)
    assert not shown
    assert QApplication.activeWindow() is window


def test_what_only_the_program_fills_in_names_no_role(
    window: MainWindow, desk: Desk, sign_in: Callable[..., Session]
) -> None:
    session = sign_in()
    subject = add_participant(session)
    key = FormKey("F17", "LOG", 1)
    state = session.state(subject)
    session._append([item_set(state, key, Cell("dv_source"), "F10/6H/1 window", origin="drafted")])
    session._states.clear()
    desk.go("form", subject=subject, key=key)
    said = {w.text() for w in window.findChildren(QLabel) if w.isVisible()}
    assert "Filled in by the program" in said
    assert not any("data manager" in text for text in said)


def test_the_head_names_the_form_by_its_code_and_counts_the_steps(
    window: MainWindow, desk: Desk, sign_in: Callable[..., Session]
) -> None:
    subject = add_participant(sign_in())
    desk.go("form", subject=subject, key=FormKey("F14", "LOG", 1))
    crumb = find(window, "form_title", QLabel)
    assert isinstance(crumb, QLabel)
    steps = len(
        [w for w in window.findChildren(QWidget) if w.objectName().startswith("section:") and w.isVisible()]
    )
    assert crumb.text().startswith("F14 · ")
    assert "· no. 1 · step" in crumb.text()
    assert crumb.text().endswith(f"step 1 of {steps}")


# --- what is signed, what was changed since, locking ---------------------------------------------------------

EVENT = FormKey("F14", "LOG", 1)
JUDGED = {
    "ae_term": "Fever",
    "ae_grade_ver": "V5",
    "ae_grade": "3",
    **dict.fromkeys(("ae_sdth", "ae_slife", "ae_shosp", "ae_sdisab", "ae_scong"), "N"),
    "ae_smie": "Y",
    "ae_rel_msc": "PROB",
}


@pytest.fixture
def doctor(hands: Hands, sign_in: Callable[..., Session], desk: Desk) -> Hands:
    desk.lock()
    hands.session = sign_in("inv1")
    return hands


def signed_words(hands: Hands, meaning: str) -> list[str]:
    box = hands.page._check.findChild(QWidget, f"signed:{meaning}")
    return [] if box is None else texts(box)


def test_the_check_shows_the_judgements_that_a_signature_answers_for(doctor):
    doctor.enter(EVENT, **JUDGED)
    doctor.open(EVENT)
    doctor.page._show(CHECK)
    said = signed_words(doctor, "causality")
    assert said[said.index("CTCAE grade") + 1].startswith("3")
    assert said[said.index("Serious adverse event") + 1] == "Yes"  # calculated from the six answers above it
    assert said[said.index("Relation to the cell product") + 1] == "Probably related"
    assert "Fever" not in said  # the nurse's fact, not the judgement that is signed


def test_a_void_signature_says_what_was_changed_since(doctor):
    fill(doctor)
    doctor.session.complete(doctor.subject, GAS)
    doctor.session.sign(doctor.subject, GAS, "reviewed", "inv1", PASSWORD)
    doctor.enter(GAS, abg_nd_reason="OTH")
    doctor.open()
    doctor.page._show(CHECK)
    said = [w for w in texts(doctor.page._check) if w.startswith("Changed since")]
    assert len(said) == 1
    assert "→" in said[0]
    assert doctor.session.account.name in said[0]


def test_an_investigator_locks_a_signed_form_and_opens_it_again(doctor):
    fill(doctor)
    doctor.session.complete(doctor.subject, GAS)
    doctor.open()
    doctor.page._show(CHECK)
    assert doctor.page._check.findChild(QWidget, "form_lock") is None, "nothing is signed yet"
    doctor.session.sign(doctor.subject, GAS, "reviewed", "inv1", PASSWORD)
    doctor.page.refresh()
    doctor.tap("form_lock")
    doctor.answer("data are clean")
    assert doctor.session.form(doctor.subject, GAS).status == "locked"
    doctor.tap("form_unlock")
    doctor.answer("slip was misread")
    assert doctor.session.form(doctor.subject, GAS).status == "signed"


def test_a_nurse_is_offered_no_lock(hands, sign_in, desk):
    fill(hands)
    hands.session.complete(hands.subject, GAS)
    desk.lock()
    sign_in("inv1").sign(hands.subject, GAS, "reviewed", "inv1", PASSWORD)
    desk.lock()
    hands.session = sign_in()
    hands.open()
    hands.page._show(CHECK)
    assert hands.session.form(hands.subject, GAS).status == "signed"
    assert hands.page._check.findChild(QWidget, "form_lock") is None


# --- seeing what is asked ------------------------------------------------------------------------------------


def test_the_reason_for_a_change_is_asked_with_both_values(hands):
    hands.open(section="gas")
    hands.type("abg_ph", "7.40")
    hands.type("abg_ph", "7.41")
    asked = find(hands.dialog(), "sheet_message", QLabel).text()
    assert "7.40 → 7.41" in asked
    assert "changed only with a reason" in asked
    hands.refuse()
    assert hands.value("abg_ph") == number("7.40")
    assert hands.edit("abg_ph").text() == "7.40"
    hands.type("abg_ph", "7.41")
    hands.answer("slip misread")
    assert hands.value("abg_ph") == number("7.41")
    entry = hands.session.form(hands.subject, GAS).entry("abg_ph")
    assert entry is not None
    assert entry.reason == "slip misread"


def test_a_changed_value_that_is_unusual_is_asked_about_and_keeps_that_answer(hands):
    hands.open(section="gas")
    hands.type("abg_ph", "7.40")
    hands.type("abg_ph", "7.05")
    for _question in range(3):
        if not [d for d in hands.window.findChildren(QDialog) if d.isVisible()]:
            break
        field = hands.dialog().findChild(QLineEdit)
        hands.answer("as on the slip" if field is not None else "")
    assert hands.value("abg_ph") == number("7.05")
    entry = hands.session.form(hands.subject, GAS).entry("abg_ph")
    assert entry is not None
    assert entry.reason == "as on the slip"
    assert "soft" in entry.confirmed


def test_an_item_that_is_asked_for_is_scrolled_into_sight(hands):
    hands.window.resize(1093, 574)
    baseline = FormKey("F5", "BL")
    hands.open(baseline, item="vir_syph")
    field = hands.field("vir_syph")
    area = hands.page._stage.frame.area
    assert area is not None

    def is_seen() -> bool:
        place = field.mapTo(area.viewport(), field.rect().topLeft()).y()
        return place >= 0 and place + field.height() <= area.viewport().height()

    hands.qtbot.waitUntil(is_seen)
    assert area.verticalScrollBar().value() > 0


def test_what_the_program_fills_in_is_not_called_optional(hands):
    for form, name in (("F17", "dv_found"), ("F14", "ae_source")):
        item = hands.session.study.forms[form].by_id[name]
        assert not item.required
        assert FieldHead(item, name).label.text() == str(item.label)

"""Open a form: the record with its findings, then the page with its fields; the same with few or many participants."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

from tests.bench import generator
from tests.bench.generator import Recipe
from tests.bench.measure import Options, Row, Times, copy_of, ratio, repeat, timed
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session import Session

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from ucmsc_desktop.ui.main_window import MainWindow

GROUP = "open a form"
RUNS = (15, 60)
FORTY = FormKey("F10", "BL")  # 41 items are asked for once blood was drawn and no result is there
MANY = (20, 1_000, 10_000)


def see(session: Session, subject: str, key: FormKey) -> int:
    """Read everything a page shows of a record; give the number of items that show."""
    view = session.form(subject, key)
    shown = [(i, row) for _section, i, row in view.cells() if view.is_shown(i, row)]
    for item, row in shown:
        view.value(item.id, row)
        view.entry(item.id, row)
        view.findings_of(item.id, row)
    session.drafts(subject, key)
    session.banner(subject)
    return len(shown)


def _open(session: Session, subject: str, key: FormKey, *, known: bool) -> Callable[[], object]:
    def work() -> None:
        if not known:
            session._states.clear()
        see(session, subject, key)

    return work


def run(options: Options) -> Iterator[Row]:
    """Open a record of a participant in the middle of the log, known to the session or not."""
    runs = options.pick(*RUNS)
    yield from _on_many(runs, MANY[:2] if options.quick else MANY)
    with copy_of(Recipe(20, "full")) as folder:
        session = generator.sign_in(folder)
        subject = "01-008"  # far enough in the trial to have nearly everything
        entries = session.state(subject).record.events
        shown = see(session, subject, FORTY)
        cold = repeat(_open(session, subject, FORTY, known=False), options.pick(5, 20))
        warm = repeat(_open(session, subject, FORTY, known=True), runs)
        largest = repeat(_open(session, subject, FormKey("F7", "D0", 1), known=True), runs)
        yield warm.row(GROUP, f"{shown} items, of {entries} entries, participant known", 16, warm.note)
        yield cold.row(GROUP, f"{shown} items, of {entries} entries, first look", 50, cold.note)
        yield largest.row(GROUP, "the infusion record with its flow sheet, known", None, largest.note)
        session.lock()
        yield from _pages(folder / "ward", subject, options)


def _on_many(runs: int, sizes: tuple[int, ...]) -> Iterator[Row]:
    """Open the same record with few and many participants in the log, in turn."""
    key = FormKey("F9", "SCR")
    with ExitStack() as stack:
        sessions = {n: generator.sign_in(stack.enter_context(copy_of(Recipe(n, "brief")))) for n in sizes}
        works = {n: _open(s, f"01-{n - 8:03d}", key, known=False) for n, s in sessions.items()}
        shown = [see(s, f"01-{n - 8:03d}", key) for n, s in sessions.items()]
        seconds: dict[int, list[float]] = {n: [] for n in sizes}
        for _ in range(runs):
            for n, work in works.items():
                seconds[n].append(timed(work))
        for session in sessions.values():
            session.lock()
    found = {n: Times(tuple(s)) for n, s in seconds.items()}
    for n, times in found.items():
        yield times.row(GROUP, f"{shown[0]} items, first look, {n:,} participants", 50, times.note)
    many, few = sizes[-1], sizes[0]
    yield ratio(
        GROUP, f"the same, {many:,} / {few} participants", found[many], found[few], 1.3, by_processor=True
    )


def _pages(folder: object, subject: str, options: Options) -> Iterator[Row]:
    """Open the page itself, from the request to the painted screen; then type into it and save."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from pathlib import Path

    from PySide6.QtCore import QEvent

    from tests.ward import PASSWORDS
    from ucmsc_desktop.ledger.keys import TRAINING
    from ucmsc_desktop.record.clock import FrozenClock
    from ucmsc_desktop.session import Ward
    from ucmsc_desktop.study.load import load_study
    from ucmsc_desktop.ui.app import make_application, open_window
    from ucmsc_desktop.ui.desk import Desk
    from ucmsc_desktop.ui.form.page import FormPage

    app = make_application(["bench"])
    ward = Ward(Path(str(folder)), FrozenClock(generator.NOW), load_study(), kdf_floor=TRAINING)
    desk = Desk(ward)
    window = open_window(app, desk)
    desk.begin(ward.sign_in("nurse.alpha", PASSWORDS["nurse.alpha"]))
    app.processEvents()

    def drop() -> None:
        app.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # which only a running loop would do by itself

    def show(key: FormKey) -> None:
        desk.go("form", subject=subject, key=key)
        drop()
        app.sendPostedEvents()  # lays out and paints

    def settle() -> None:
        for _ in range(3):
            drop()
            app.processEvents()

    def leave(*, fresh: bool) -> None:
        desk.go("worklist")
        page = window.findChild(FormPage)
        if fresh and page is not None:
            page._structure = None
            page._parts._rest()
            page._parts.forget()
        settle()

    for key, what, limit, median in (
        (FORTY, "page of 41 items", 50.0, 16.0),
        (FormKey("F9", "D2"), "page of the blood gas", None, None),
        (FormKey("F7", "D0", 1), "page of the infusion record", None, None),
    ):
        first, rest, again = [], [], []
        for _ in range(options.pick(6, 20)):
            leave(fresh=True)
            first.append(timed(lambda key=key: show(key)))  # type: ignore[misc]  # bound at once
            rest.append(timed(settle))
            leave(fresh=False)
            again.append(timed(lambda key=key: show(key)))  # type: ignore[misc]
            settle()
        yield Times(tuple(first)).row(
            GROUP, f"{what}, fields made, to painted", limit, Times(tuple(first)).note
        )
        yield Times(tuple(rest)).row(GROUP, f"{what}, what is made after that", limit)
        yield Times(tuple(again)).row(GROUP, f"{what}, fields used again", median, Times(tuple(again)).note)
    yield from _typing(app, window, lambda: show(FormKey("F9", "D2")), options)
    window.close()
    desk.close()


def _typing(
    app: QApplication, window: MainWindow, show: Callable[[], None], options: Options
) -> Iterator[Row]:
    """Press keys in a field, and Enter: to the painted character, and to what the checks say of the saved value."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton

    from ucmsc_desktop.record.events import Cell
    from ucmsc_desktop.ui.form.page import FormPage

    show()
    page = window.findChild(FormPage)
    assert page is not None
    window.activateWindow()
    app.processEvents()
    window.scan.stop()  # the keys of a benchmark come as fast as a scanner's

    def focus() -> QLineEdit:
        edit = app.focusWidget()
        assert isinstance(edit, QLineEdit)
        return edit

    def press(key: str) -> None:
        QTest.keyClicks(focus(), key)
        app.sendPostedEvents()

    def question() -> QDialog:
        return next(d for d in window.findChildren(QDialog) if d.isVisible())

    def save() -> None:
        made = question().findChild(QPushButton, "sheet_yes")
        assert made is not None
        made.click()
        app.sendPostedEvents()

    keys, saves = [], []
    for n in range(options.pick(6, 20)):
        page.go_to(Cell("abg_lac"))
        app.processEvents()
        focus().selectAll()
        keys += [timed(lambda key=key: press(key)) for key in ("1", ".", str(1 + n % 9))]  # type: ignore[misc]
        QTest.keyClick(focus(), Qt.Key.Key_Return)
        QTest.keyClicks(focus(), "misread")
        saves.append(timed(save))
        window.activateWindow()
        app.processEvents()
    yield Times(tuple(keys)).row(GROUP, "a key in a field, to painted", 16, Times(tuple(keys)).note)
    yield Times(tuple(saves)).row(
        GROUP, "a value saved, to its findings painted", 50, Times(tuple(saves)).note
    )

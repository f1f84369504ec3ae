"""The hand-over: the sheet is made in the background, both persons look at it and type their own passwords.

The passwords are checked away from the window, because each takes its time. Nothing is recorded before both are right; the
sheet lies in the program's own folder and goes when the question is closed.
"""

from __future__ import annotations

import contextlib
import secrets
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog, QGridLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from ucmsc_desktop import paths
from ucmsc_desktop.durable import write_file_durably
from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import language, tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.session import Nurse, PdfMade, Session
from ucmsc_desktop.session.accounts import RIGHTS
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.dialogs.sheet import Sheet
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.style import set_wrong
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.password_field import PasswordField

ACROSS = 900  # from this width the two persons stand beside each other in a flat strip


class HandOverDialog(Sheet):
    """Asks both persons for their passwords. The answer is a pair of `Nurse`; it stays open until told to close."""

    def __init__(
        self, people: list[tuple[str, str]], outgoing: str, message: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(tr("Hand over", "交接班"), message, parent)
        self.setMinimumWidth(680)
        self._grid_of_people = QGridLayout()
        self._grid_of_people.setHorizontalSpacing(12)
        self._grid_of_people.setVerticalSpacing(8)
        self.outgoing = ChoiceBox("hand_outgoing", tr("Who hands over", "交班人"))
        self.incoming = ChoiceBox("hand_incoming", tr("Who takes over", "接班人"))
        self.outgoing_password = PasswordField(
            "hand_outgoing_password", tr("Password of who hands over", "交班人密码")
        )
        self.incoming_password = PasswordField(
            "hand_incoming_password", tr("Password of who takes over", "接班人密码")
        )
        rows = (
            (tr("Hands over", "交班"), self.outgoing, self.outgoing_password),
            (tr("Takes over", "接班"), self.incoming, self.incoming_password),
        )
        self._cells: list[tuple[QWidget, QWidget, QWidget]] = []
        for words, person, password in rows:
            person.set_choices(people)
            person.setPlaceholderText(tr("Choose", "请选择"))
            person.setSizeAdjustPolicy(ChoiceBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            person.setMinimumContentsLength(8)
            password.edit.setPlaceholderText(tr("Password", "密码"))
            said = label.label(words)
            said.setWordWrap(False)
            self._cells.append((said, person, password))
        self._across: bool | None = None
        self._arrange(across=False)
        self.outgoing.set_code(outgoing)
        holder = self._people = QWidget()
        inside = QVBoxLayout(holder)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.addLayout(self._grid_of_people)
        self.body.addWidget(holder)
        self.add_buttons(tr("Record the hand-over", "记录交接班"))
        self.show_sheet = button.secondary(tr("Show sheet", "查看交接班单"), "hand_show", "visibility")
        self.save_sheet = button.secondary(tr("Save…", "另存为……"), "hand_save", "download")
        self.save_sheet.setAccessibleName(tr("Save the sheet", "保存交接班单"))
        self.back = button.primary(tr("To the passwords", "输入密码"), "hand_back", "arrow_back")
        self.back.clicked.connect(lambda: self.set_folded(False))
        for place, made in enumerate((self.show_sheet, self.save_sheet), start=1):
            self.buttons.insertWidget(place, made)
        self.buttons.addWidget(self.back)
        self.back.hide()
        (self.outgoing_password.edit if outgoing else self.outgoing).setFocus()

    def dock(self) -> None:
        """Become a flat strip: four buttons leave the words no room beside them, so these get a line of their own."""
        super().dock()
        self._grid.removeWidget(self.message)
        self._grid.removeItem(self.buttons)
        self._grid.addLayout(self.buttons, 0, 1)
        self._grid.addWidget(self.message, 1, 0, 1, 2)

    def _arrange(self, *, across: bool) -> None:
        """Put the two persons below each other, or beside each other where the question is a flat strip."""
        if across == self._across:
            return
        self._across = across
        grid = self._grid_of_people
        for number, cells in enumerate(self._cells):
            for column, cell in enumerate(cells):
                grid.removeWidget(cell)
                grid.addWidget(cell, *((0, 3 * number + column) if across else (number, column)))
        for column, stretch in enumerate((0, 4, 3, 0, 4, 3) if across else (0, 1, 1, 0, 0, 0)):
            grid.setColumnStretch(column, stretch)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(across=not self.isWindow() and self.width() >= ACROSS)

    def set_folded(self, folded: bool) -> None:
        """Give the height to the sheet that is read, and take it back for the passwords."""
        for part in (self.message, self._people, self.show_sheet, self.save_sheet, self.yes):
            part.setVisible(not folded)
        self.back.setVisible(folded)
        self._error.setVisible(not folded and bool(self._error.text()))
        if folded:
            self.back.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self._first_empty().setFocus(Qt.FocusReason.OtherFocusReason)

    def _first_empty(self) -> QWidget:
        people = ((self.outgoing, self.outgoing_password), (self.incoming, self.incoming_password))
        for person, password in people:
            if not person.code():
                return person
            if not password.text():
                return password.edit
        return self.yes

    def give(self) -> None:
        if not self.back.isHidden():
            self.set_folded(False)
            return
        fields = (
            (self.outgoing, self.outgoing_password),
            (self.incoming, self.incoming_password),
        )
        for person, password in fields:
            set_wrong(person, not person.code())
            set_wrong(password.edit, not password.text())
        empty = next((p if not p.code() else w.edit for p, w in fields if not (p.code() and w.text())), None)
        if empty is not None:
            self.refused(
                tr("Both choose their name and type their own password.", "双方均须选择姓名并输入本人密码。")
            )
            empty.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        self.set_busy(True)
        self.answered.emit(tuple(Nurse(person.code(), password.text()) for person, password in fields))

    def set_busy(self, busy: bool) -> None:
        """Wait while the passwords are checked."""
        self.yes.setEnabled(not busy)
        if busy:
            self.refused("")

    def refuse(self, text: str, user: str) -> None:
        """Say what is wrong and ask the person it concerns for the password again."""
        self.set_busy(False)
        self.refused(text)
        concerned = [(self.outgoing, self.outgoing_password), (self.incoming, self.incoming_password)]
        for person, password in concerned:
            if person.code() == user:
                set_wrong(password.edit, True)
                password.clear()
                password.edit.setFocus(Qt.FocusReason.OtherFocusReason)


class HandOver:
    """One hand-over from the button to the log entry."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        self._desk = desk
        self._parent = parent
        self._made: PdfMade | None = None
        self._dialog: HandOverDialog | None = None

    def begin(self) -> None:
        """Make the sheet, then ask."""
        session, lang = self._desk.session, language()
        out = paths.private_temp_dir(session.folder) / f"{secrets.token_hex(8)}.pdf"
        self._desk.jobs.run(
            lambda: session.shift.sheet(out, lang=lang),
            then=self._on_made,
            title=tr("Making the hand-over sheet", "正在生成交接班单"),
        )

    def _on_made(self, made: PdfMade) -> None:
        self._made = made
        if not (self._desk.is_signed_in and isValid(self._parent)):  # the screen was locked meanwhile
            self._on_finished(0)
            return
        session = self._desk.session
        people = [
            (a.user, a.name) for a in session.people.all() if a.active and a.role in RIGHTS["hand_over"]
        ]
        dialog = HandOverDialog(people, session.account.user, _message(session, made), self._parent.window())
        dialog.answered.connect(self._on_answered)
        dialog.show_sheet.clicked.connect(self._on_show_clicked)
        dialog.save_sheet.clicked.connect(self._on_save_clicked)
        dialog.finished.connect(self._on_finished)
        self._dialog = dialog
        self._desk.ask(dialog, dock=True)  # the sheet is read above it

    def _on_answered(self, given: tuple[Nurse, Nurse]) -> None:
        assert self._made is not None
        session, sha256, (outgoing, incoming) = self._desk.session, self._made.sha256, given
        self._desk.jobs.run(
            lambda: session.shift.hand_over(outgoing, incoming, sha256),
            then=self._on_recorded,
            failed=self._on_refused,
            title=tr("Checking both passwords", "正在核对双方密码"),
        )

    def _on_recorded(self, change: Change) -> None:
        question = self._question()
        if question is not None:
            question.accept()
        self._desk.changed.emit(change)
        self._desk.say(
            Notice("ok", tr("Hand-over recorded at {at}.", "交接班已于 {at} 记录。", at=f"{change.at:%H:%M}"))
        )

    def _on_refused(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        question = self._question()
        if question is None:
            return
        user = str(error.details.get("person", ""))
        name = self._desk.session.people.name_of(user) if user else ""
        words = f"{name}: {error}" if name else str(error)
        question.refuse(words, user)

    def _question(self) -> HandOverDialog | None:
        """Give the question if it still stands: a lock takes it away with its page."""
        stands = self._desk.is_signed_in and self._dialog is not None and isValid(self._dialog)
        return self._dialog if stands else None

    def _on_show_clicked(self) -> None:
        """Show the very file whose hash is recorded on the page that shows and prints PDFs."""
        question = self._question()
        if question is not None and self._made is not None:
            question.set_folded(True)
            self._desk.go("print", what="handover", made=self._made)

    def _on_save_clicked(self) -> None:
        name = f"ucmsc-handover-{self._desk.session.now():%Y-%m-%d-%H%M}-{language()}.pdf"
        chooser = QFileDialog(
            self._dialog, tr("Save the sheet", "保存交接班单"), str(Path.home() / name), "PDF (*.pdf)"
        )
        chooser.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        chooser.setDefaultSuffix("pdf")
        chooser.fileSelected.connect(lambda chosen: self.save_to(Path(chosen)))
        chooser.finished.connect(chooser.deleteLater)
        chooser.open()

    def save_to(self, path: Path) -> None:
        """Keep the sheet under a name; it holds data in plain text."""
        if self._made is None:
            return
        try:
            write_file_durably(path, self._made.path.read_bytes(), replace=True)
        except KnownError as error:
            self._desk.say(error)
            return
        self._desk.say(
            Notice(
                "ok",
                tr("Saved as {name}.", "已保存为 {name}。", name=path.name),
                todo=tr(
                    "It is not encrypted: keep it where the study allows.", "该文件未加密，请按研究规定保存。"
                ),
            )
        )

    def _on_finished(self, _result: int) -> None:
        if self._made is not None:
            with contextlib.suppress(OSError):
                self._made.path.unlink(missing_ok=True)
        self._made = None
        self._dialog = None


def _message(session: Session, made: PdfMade) -> str:
    counts = session.shift.counts(made.sha256)
    return tr(
        "Read the sheet together: {o} overdue, {d} due within 12 h. Then each of you types your own password.",
        "请双方共同核对交接班单：已逾期 {o} 项，12 小时内应完成 {d} 项；核对后各输入本人密码。",
        o=counts["overdue"],
        d=counts["due"],
    )

"""Sync: what the centre has not confirmed, and one button that seals it onto a stick.

"Safe to remove" shows only after the sealed file has been read back from the stick. Nothing ever leaves in the clear.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ucmsc_desktop.durable import write_file_durably
from ucmsc_desktop.errors import KnownError
from ucmsc_desktop.i18n import show_datetime, tr
from ucmsc_desktop.record.change import Change
from ucmsc_desktop.record.events import Event
from ucmsc_desktop.session import Session, SyncMade
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.infusion import duration
from ucmsc_desktop.ui.jobs import Job
from ucmsc_desktop.ui.notice import Notice
from ucmsc_desktop.ui.style import pixmap, set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.naming import named
from ucmsc_desktop.ui.widgets.page_frame import PageFrame
from ucmsc_desktop.ui.widgets.page_header import PageHeader

LAST = 12  # exports listed
_MOUNTS = ("/media/", "/run/media/", "/mnt/", "/Volumes/")


@dataclass(frozen=True, slots=True)
class Stick:
    """A place to write to. Units: bytes."""

    path: Path
    name: str
    free: int


def sticks() -> tuple[Stick, ...]:
    """Find what is plugged in; where nothing can be found the person browses."""
    from PySide6.QtCore import QStorageInfo

    found = []
    for volume in QStorageInfo.mountedVolumes():
        root = volume.rootPath()
        plugged = root.startswith(_MOUNTS) or (os.name == "nt" and not volume.isRoot())
        if plugged and volume.isReady() and not volume.isReadOnly():
            found.append(Stick(Path(root), volume.displayName() or root, volume.bytesAvailable()))
    return tuple(sorted(found, key=lambda s: str(s.path)))


class SyncPage(QWidget):
    """Export to the centre."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        named(self, "sync_page")
        self._desk = desk
        self._folder: Path | None = None
        self._browsed: Path | None = None
        self._job: Job | None = None
        self._places: dict[Path, Button] = {}
        self._build()
        desk.changed.connect(self._on_desk_changed)

    def _build(self) -> None:
        self._frame = frame = PageFrame(self)
        frame.body.addWidget(PageHeader(tr("Sync with the centre", "与中心同步")))
        self._status = label.value("", "sync_status")
        self._last = label.hint("", "sync_last")
        state = Card(tr("Not yet confirmed by the centre", "中心尚未确认"))
        state.body.addWidget(self._status)
        state.body.addWidget(self._last)
        self._done = _DoneCard()
        frame.body.addWidget(self._done)
        frame.body.addWidget(state)
        frame.body.addWidget(self._build_export())
        frame.body.addWidget(self._build_past())
        frame.body.addWidget(self._build_key())
        self._returns = label.hint(
            tr(
                "This release writes files for the centre; it does not read return files yet.",
                "本版本仅向中心导出文件，尚不能读取中心的回执文件。",
            ),
            "sync_returns",
        )
        frame.body.addWidget(self._returns)
        frame.body.addStretch(1)

    def _build_export(self) -> QWidget:
        card = Card(tr("Export to a stick", "导出到 U 盘"))
        card.body.addWidget(
            label.hint(
                tr(
                    "The file is sealed for the centre; nobody else can read it.",
                    "文件仅中心可解密，他人无法读取。",
                )
            )
        )
        self._where = QVBoxLayout()
        self._where.setSpacing(8)
        card.body.addLayout(self._where)
        self._browse = button.secondary(tr("Browse…", "浏览……"), "sync_browse", "folder_open")
        self._look = button.quiet(tr("Look again", "重新查找"), "sync_look", "refresh")
        self.export_it = button.primary(tr("Export now", "立即导出"), "sync_export", "usb")
        self._error = label.error("", "sync_error")
        self._error.hide()
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self._browse)
        line.addWidget(self._look)
        line.addStretch(1)
        line.addWidget(self.export_it)
        card.body.addWidget(self._error)
        card.body.addLayout(line)
        self._browse.clicked.connect(self._on_browse_clicked)
        self._look.clicked.connect(self._show_places)
        self.export_it.clicked.connect(self.export)
        return card

    def _build_past(self) -> QWidget:
        self._past_card = Card(tr("Exports so far", "历次导出"))
        self._past = QVBoxLayout()
        self._past.setSpacing(6)
        self._past_card.body.addLayout(self._past)
        return self._past_card

    def _build_key(self) -> QWidget:
        card = Card(tr("Public key of this laptop", "本机公钥"))
        card.body.addWidget(
            label.hint(
                tr(
                    "The centre registers it once, to know that files come from here. It is no secret.",
                    "中心登记一次即可确认文件来源。公钥无需保密。",
                )
            )
        )
        self.key = named(QLineEdit(), "sync_key", tr("Public key of this laptop", "本机公钥"))
        self.key.setReadOnly(True)
        self._save_key = button.secondary(
            tr("Save device.pub…", "保存 device.pub……"), "sync_save_key", "download"
        )
        self._save_key.clicked.connect(self._on_save_key_clicked)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self.key, 1)
        line.addWidget(self._save_key)
        card.body.addLayout(line)
        return card

    def keys(self) -> tuple[tuple[str, str], ...]:
        """This page has no keys of its own."""
        return ()

    def open(self, **_what: object) -> None:
        """Show the page."""
        self._done.hide()
        self._say("")
        self._show_places()
        self.refresh()

    def refresh(self) -> None:
        """Read the status and the exports again."""
        if not self._desk.is_signed_in:
            return
        session = self._desk.session
        self._show_status(session)
        self._show_past(
            [e for e in session.audit(lambda e: e.kind == "SyncWritten") if e.device == session.device]
        )
        self.key.setText(session.device_public_key().strip().splitlines()[-1])
        self.key.setCursorPosition(0)
        self._returns.setVisible(not hasattr(session, "import_return"))
        self._refresh_button()

    def _show_status(self, session: Session) -> None:
        status = session.sync_status()
        if not status.unconfirmed:
            self._status.setText(tr("Nothing: the centre has everything.", "无：中心已全部确认。"))
        elif status.oldest is None:
            self._status.setText(tr("{n} entries", "{n} 条记录", n=status.unconfirmed))
        else:
            age = duration.words(session.now() - status.oldest)
            self._status.setText(
                tr(
                    "{n} entries, the oldest {age} old",
                    "{n} 条记录，最早的距今 {age}",
                    n=status.unconfirmed,
                    age=age,
                )
            )
        if status.last_export is None:
            self._last.setText(tr("Nothing was exported yet.", "尚未导出。"))
        else:
            self._last.setText(tr("Last export {at}", "上次导出 {at}", at=show_datetime(status.last_export)))

    def _show_past(self, events: Sequence[Event]) -> None:
        _clear(self._past)
        self._past_card.setVisible(bool(events))
        for event in reversed(events[-LAST:]):
            self._past.addWidget(
                label.body(
                    tr(
                        "{at} · entries {a} to {b} · {name} · SHA-256 {h}",
                        "{at} · 第 {a}–{b} 条 · {name} · SHA-256 {h}",
                        at=show_datetime(event.at),
                        a=event.data["first"],
                        b=event.data["last"],
                        name=event.data["name"],
                        h=str(event.data["sha256"])[:16],
                    )
                )
            )

    # --- where to ---------------------------------------------------------------------------------------------

    def _show_places(self) -> None:
        found = sticks()
        places = [
            (s.path, tr("{n}, {gb} GB free", "{n}，可用 {gb} GB", n=s.name, gb=f"{s.free / 1e9:.1f}"))
            for s in found
        ]
        if self._browsed is not None and self._browsed not in {p for p, _t in places}:
            places.append((self._browsed, str(self._browsed)))
        if self._folder not in {p for p, _t in places}:
            self._folder = places[0][0] if len(places) == 1 else None
        _clear(self._where)
        self._places = {}
        for number, (path, text) in enumerate(places):
            made = button.toggle(f"{text}  ({path})" if text != str(path) else text, f"sync_place_{number}")
            made.clicked.connect(lambda _on=False, p=path: self.choose(p))
            self._places[path] = made
            self._where.addWidget(made)
        if not places:
            self._where.addWidget(
                label.body(
                    tr("No stick found. Plug one in, or browse.", "未找到 U 盘。请插入，或手动浏览。"),
                    "sync_no_stick",
                )
            )
        self._refresh_button()

    def choose(self, folder: Path) -> None:
        """Choose a folder to export to; one that is not a stick is added to the list."""
        self._folder = folder
        if folder not in self._places:
            self._browsed = folder
            self._show_places()
            self._folder = folder
        self._refresh_button()

    def _refresh_button(self) -> None:
        for path, made in self._places.items():
            made.setChecked(path == self._folder)
        busy = self._job is not None and not self._job.is_done
        allowed = self._desk.is_signed_in and self._desk.session.may("export")
        self.export_it.setEnabled(self._folder is not None and not busy and allowed)

    def _on_browse_clicked(self) -> None:
        dialog = QFileDialog(self, tr("Choose the stick or a folder", "选择 U 盘或文件夹"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda chosen: self.choose(Path(chosen)))
        self._desk.ask(dialog)

    # --- export -----------------------------------------------------------------------------------------------

    def export(self) -> None:
        """Seal what is not confirmed and write it to the chosen place, in the background."""
        folder = self._folder
        if folder is None:
            return
        session = self._desk.session
        self._done.hide()
        self._say("")
        self._job = self._desk.jobs.run(
            lambda: session.export_sync(folder),
            then=self._on_exported,
            failed=self._on_export_failed,
            title=tr("Sealing and writing to the stick", "正在加密并写入 U 盘"),
        )
        self._refresh_button()

    def _on_exported(self, made: tuple[SyncMade, ...]) -> None:
        self._done.show_done(made)
        if self._frame.area is not None:
            self._frame.area.verticalScrollBar().setValue(0)
        self._desk.changed.emit(None)
        self.refresh()

    def _on_export_failed(self, error: Exception) -> None:
        if not isinstance(error, KnownError):
            raise error
        self._say(str(error))
        self._refresh_button()

    def _say(self, text: str) -> None:
        self._error.setText(text)
        self._error.setVisible(bool(text))

    # --- the key ----------------------------------------------------------------------------------------------

    def _on_save_key_clicked(self) -> None:
        dialog = QFileDialog(self, tr("Save device.pub", "保存 device.pub"), str(Path.home() / "device.pub"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.fileSelected.connect(lambda chosen: self.save_key(Path(chosen)))
        self._desk.ask(dialog)

    def save_key(self, path: Path) -> None:
        """Write the public key as a minisign key file."""
        try:
            write_file_durably(
                path, self._desk.session.device_public_key().encode(), replace=True, private=False
            )
        except KnownError as error:
            self._desk.say(error)
            return
        self._desk.say(Notice("ok", tr("Saved as {name}.", "已保存为 {name}。", name=path.name)))

    def _on_desk_changed(self, _change: Change | None) -> None:
        if self.isVisible():
            self.refresh()


class _DoneCard(QFrame):
    """Says that the stick may be taken out, and what is on it."""

    def __init__(self) -> None:
        super().__init__()
        set_kind(self, "notice-ok")
        self.setObjectName("sync_done")
        self._lines = QVBoxLayout()
        self._title = label.heading(tr("Safe to remove", "可以安全拔出"), "sync_safe")
        self._text = label.body("", "sync_written")
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lines.addWidget(self._title)
        self._lines.addWidget(self._text)
        mark = QLabel()
        mark.setPixmap(pixmap("check_circle", style.OK, 40))
        across = QHBoxLayout(self)
        across.setContentsMargins(18, 12, 18, 12)
        across.setSpacing(16)
        across.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        across.addLayout(self._lines, 1)
        self.hide()

    def show_done(self, made: Iterable[SyncMade]) -> None:
        """Show what was written and read back."""
        lines = [
            tr(
                "{name} · entries {a} to {b} · SHA-256 {h}",
                "{name} · 第 {a}–{b} 条 · SHA-256 {h}",
                name=file.path.name,
                a=file.first,
                b=file.last,
                h=file.sha256[:16],
            )
            for file in made
        ]
        if not lines:
            lines = [tr("There was nothing to export.", "没有需要导出的记录。")]
        self._text.setText("\n".join(lines))
        self.setAccessibleName(f"{self._title.text()}. {self._text.text()}")
        self.show()


def _clear(layout: QVBoxLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()

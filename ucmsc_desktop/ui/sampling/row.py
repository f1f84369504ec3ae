"""One sample as a card: its window, where it stands, what is next by when, and the buttons for it."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.session.samples import Sample, SampleStatus, span
from ucmsc_desktop.ui.style import set_kind
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.pill import Pill

_PILLS: dict[SampleStatus, str] = {
    "planned": "planned", "next": "next", "due": "due", "overdue": "overdue", "drawn": "progress",
    "spun": "progress", "frozen": "done", "not_drawn": "blocked",
}  # fmt: skip


def pill_words(status: SampleStatus) -> str:
    """Say where a sample stands in a word or two."""
    return {
        "planned": tr("Planned", "计划中"),
        "next": tr("Next", "下一份"),
        "due": tr("Draw now", "现在采血"),
        "overdue": tr("Overdue", "已逾期"),
        "drawn": tr("To be spun", "待离心"),
        "spun": tr("To be frozen", "待冻存"),
        "frozen": tr("Frozen", "已冻存"),
        "not_drawn": tr("Not drawn", "未采集"),
    }[status]


class SampleRow(Card):
    """Shows a sample. `pressed` tells what was asked: spin, freeze, skip, open."""

    pressed = Signal(str)

    def __init__(self, sample: Sample, *, may_draw: bool, with_subject: bool) -> None:
        super().__init__()
        self.sample = sample
        mark = f"{sample.subject}.{sample.key.visit}.{sample.key.n}"
        self.setObjectName(f"sample.{mark}")
        self.body.setContentsMargins(18, 12, 14, 12)
        self.body.setSpacing(4)
        title = f"{sample.subject} · {sample.title}" if with_subject else str(sample.title)
        words = QVBoxLayout()
        words.setSpacing(2)
        top = QHBoxLayout()
        top.setSpacing(12)
        heading = label.heading(title)
        heading.setWordWrap(False)
        top.addWidget(heading)
        top.addWidget(Pill(_PILLS[sample.status], pill_words(sample.status)))
        top.addStretch(1)
        words.addLayout(top)
        window = label.hint(_window_words(sample), f"sample_window.{mark}")
        words.addWidget(window)
        steps = _step_words(sample)
        if steps:
            words.addWidget(label.body(steps, f"sample_steps.{mark}"))
        self._by = label.label("", f"sample_by.{mark}")
        words.addWidget(self._by)
        if sample.status == "spun":
            hint = tr(
                "Scan each aliquot as it goes into the −80 °C freezer: the first scan stamps the time.",
                "分装管放入 −80 °C 冰箱时逐一扫描，首次扫描即记录冻存时间。",
            )
            words.addWidget(label.hint(hint))
        line = QHBoxLayout()
        line.setSpacing(12)
        line.addLayout(words, 1)
        for made in self._buttons(sample, mark, may_draw):
            line.addWidget(made, 0, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(line)
        if sample.is_under_way:
            set_kind(self, "strip")

    def _buttons(self, sample: Sample, mark: str, may_draw: bool) -> list[QWidget]:
        made: list[tuple[str, Button]] = []
        if sample.status == "drawn":
            made.append(
                ("spin", button.primary(tr("Spin started now", "现在开始离心"), f"sample_spin.{mark}"))
            )
        elif sample.status == "spun":
            made.append(("freeze", button.secondary(tr("Frozen now", "现在冻存"), f"sample_freeze.{mark}")))
        elif may_draw and sample.status in ("due", "overdue", "next", "planned") and sample.drawn is None:
            made.append(("skip", button.secondary(tr("Not drawn…", "未采集……"), f"sample_skip.{mark}")))
        made.append(("open", button.quiet(tr("Form", "表单"), f"sample_open.{mark}", "edit")))
        for name, one in made:
            one.setAccessibleName(f"{one.text()}: {sample.subject}, {sample.title}")
            one.clicked.connect(lambda _on=False, n=name: self.pressed.emit(n))
        return [one for _name, one in made]

    def show_time(self, now: datetime) -> None:
        """Show what moves with the clock."""
        text, is_late = by_words(self.sample, now)
        if self._by.text() != text:
            self._by.setText(text)
        set_kind(self._by, "error" if is_late else "value")
        self._by.setVisible(bool(text))


def _window_words(sample: Sample) -> str:
    parts = []
    if sample.due is not None:
        parts.append(
            tr("{nominal}, window {span}", "{nominal}，时间窗 {span}", nominal=f"{sample.due.nominal:%H:%M}", span=span(sample.due))
        )  # fmt: skip
    elif sample.rule.get():
        parts.append(sample.rule.get())
    parts.append(sample.code.printed)
    return " · ".join(parts)


def _step_words(sample: Sample) -> str:
    parts = []
    if sample.drawn is not None:
        parts.append(tr("Drawn {at}", "{at} 采血", at=f"{sample.drawn:%H:%M:%S}"))
    if sample.spun is not None:
        parts.append(tr("spun {at}", "{at} 离心", at=f"{sample.spun:%H:%M}"))
    if sample.frozen is not None:
        parts.append(tr("frozen {at}", "{at} 冻存", at=f"{sample.frozen:%H:%M}"))
    if sample.aliquots:
        count = f"{len(sample.aliquots)} / {sample.wanted}" if sample.wanted else str(len(sample.aliquots))
        parts.append(tr("aliquots scanned {count}", "已扫分装管 {count}", count=count))
    return " · ".join(parts)


def by_words(sample: Sample, now: datetime) -> tuple[str, bool]:
    """Say by when the next step is due, and whether that has passed."""
    if sample.status == "drawn" and sample.spin_by and sample.spin_latest:
        by, latest = sample.spin_by, sample.spin_latest
        if now <= by:
            return tr("Spin by {by} · {left} left", "{by} 前离心 · 还有 {left}", by=f"{by:%H:%M}", left=_span(by - now)), False  # fmt: skip
        if now <= latest:
            return tr(
                "Spin was due {by}, at the latest {latest} · {left} left",
                "应于 {by} 前离心，最迟 {latest} · 还有 {left}",
                by=f"{by:%H:%M}",
                latest=f"{latest:%H:%M}",
                left=_span(latest - now),
            ), True
        return tr(
            "Spin was due {latest} at the latest · {late} late",
            "最迟应于 {latest} 离心 · 已超时 {late}",
            latest=f"{latest:%H:%M}",
            late=_span(now - latest),
        ), True
    if sample.status == "spun" and sample.freeze_by:
        by = sample.freeze_by
        if now <= by:
            return tr("Freeze by {by} · {left} left", "{by} 前冻存 · 还有 {left}", by=f"{by:%H:%M}", left=_span(by - now)), False  # fmt: skip
        return tr(
            "Freezing was due {by} · {late} late",
            "应于 {by} 前冻存 · 已超时 {late}",
            by=f"{by:%H:%M}",
            late=_span(now - by),
        ), True
    return "", False


def _span(long: timedelta) -> str:
    seconds = int(long.total_seconds())
    hours, rest = divmod(seconds, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"

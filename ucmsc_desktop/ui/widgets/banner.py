"""The participant banner: who this is, always in the same place, and exactly one statement on allergies.

Labels plain, values bold, no colons between them. An empty value shows a dash, never a blank that looks like an answer.
Source: NHS CUI, Patient Banner.
"""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout

from ucmsc_desktop.i18n import show_date, tr
from ucmsc_desktop.record.worklist import Banner
from ucmsc_desktop.ui import style
from ucmsc_desktop.ui.style import font, set_kind
from ucmsc_desktop.ui.widgets import label
from ucmsc_desktop.ui.widgets.pill import Mark, mark_pixmap

DASH = "–"
MARK_AND_MARGINS = 58
_FIELDS = ("subject", "initials", "born", "sex", "bed", "visit")


class ParticipantBanner(QFrame):
    """Shows one participant. Empty until `show_banner`."""

    def __init__(self) -> None:
        super().__init__()
        set_kind(self, "banner")
        self.setObjectName("participant_banner")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._values: dict[str, QLabel] = {}
        line = QHBoxLayout(self)
        line.setContentsMargins(20, 6, 20, 6)
        line.setSpacing(24)
        names = {
            "subject": tr("Participant", "受试者"),
            "initials": tr("Initials", "姓名缩写"),
            "born": tr("Born", "出生日期"),
            "sex": tr("Sex", "性别"),
            "bed": tr("Bed", "床号"),
            "visit": tr("Visit", "访视"),
        }
        for field in _FIELDS:
            shown = label.value("", f"banner_{field}")
            pair = QVBoxLayout()
            pair.setSpacing(0)
            pair.addStretch(1)
            pair.addWidget(label.caption(names[field]))
            pair.addWidget(shown)
            pair.addStretch(1)
            line.addLayout(pair)
            self._values[field] = shown
        line.addStretch(1)
        self._box = QFrame()
        self._mark = QLabel()
        self._allergy = label.label("", "banner_allergy")
        self._allergy.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        inner = QHBoxLayout(self._box)
        inner.setContentsMargins(12, 6, 14, 6)
        inner.setSpacing(8)
        inner.addWidget(self._mark)
        inner.addWidget(self._allergy)
        line.addWidget(self._box, 100)

    def show_banner(self, banner: Banner, visit: str = "") -> None:
        """Show a participant; `visit` names the visit of the record that is open instead of today's."""
        born = DASH
        if banner.born is not None:
            born = show_date(banner.born)
            if banner.age is not None:
                born = tr("{born} ({age}y)", "{born}（{age} 岁）", born=born, age=banner.age)
        shown = {
            "subject": banner.subject,
            "initials": banner.initials,
            "born": born,
            "sex": banner.sex,
            "bed": banner.bed,
            "visit": visit or banner.visit.get(),
        }
        for field, value in shown.items():
            self._values[field].setText(value or DASH)
        match banner.allergy:
            case "known":
                words = tr("Known allergies", "已知过敏")
                if banner.allergy_text:
                    words = tr("Known allergies: {what}", "已知过敏：{what}", what=banner.allergy_text)
                look: tuple[Mark, str, str] = ("triangle", style.ERROR, style.SURFACE)
            case "none":
                words, look = tr("No known allergies", "无已知过敏"), ("check", style.OK, style.SURFACE)
            case _:
                words, look = (
                    tr("Allergies not recorded", "过敏史未记录"),
                    ("dots", style.WARNING, style.WARNING_TINT),
                )
        set_kind(self._box, f"allergy-{banner.allergy}")
        set_kind(self._allergy, f"words-{banner.allergy}")
        self._mark.setPixmap(mark_pixmap(look[0], look[1], look[2], 20))
        self._allergy.setText(words)
        # Long lists wrap rather than push the identity off the screen.
        needs = QFontMetrics(font(16, bold=True)).horizontalAdvance(words) + 12
        self._allergy.setMinimumWidth(min(needs, 170))
        self._allergy.setMaximumWidth(min(needs, 460))
        self._box.setMaximumWidth(min(needs, 460) + MARK_AND_MARGINS)
        self.setAccessibleName(
            tr(
                "Participant {subject}, {allergy}",
                "受试者 {subject}，{allergy}",
                subject=banner.subject,
                allergy=words,
            )
        )

    def text(self) -> str:
        """Give everything shown, for tests and screen readers."""
        return " | ".join([*(self._values[f].text() for f in _FIELDS), self._allergy.text()])

"""The course over the trial on the participant's page: the same picture that ends the casebook."""

from __future__ import annotations

from ucmsc_desktop.i18n import tr
from ucmsc_desktop.trend.visits import course_of
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.widgets import label
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.trend_view import TrendView


class CourseCard(Card):
    """PaO2/FiO2, P(A-a)O2, IL-6 and IL-8 against the days. Hides itself until there is a value."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("Course over the trial", "研究期间变化趋势"))
        self.setObjectName("course_card")
        self._desk = desk
        self.trend = TrendView()
        self.body.addWidget(self.trend)
        self.body.addWidget(
            label.hint(
                tr(
                    "Vertical lines: infusions. Dashed: limits of the protocol or of the assay. A triangle points to where "
                    "the true value lies. Filled red: haemolysed.",
                    "竖线：输注。虚线：方案界值或检测下限。三角形指向真值所在方向。红色填充：溶血标本。",
                )
            )
        )
        self.hide()

    def show_subject(self, subject: str) -> None:
        """Show a participant."""
        course = course_of(self._desk.session.state(subject))
        if course is not None:
            self.trend.show_trend(course)
        self.setVisible(course is not None)

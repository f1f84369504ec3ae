"""Ask which report of a serious event is to be printed, and in which language. Printing sends nothing, and it says so."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QWidget

from ucmsc_desktop.i18n import LANGS, Lang, language, tr
from ucmsc_desktop.record.safety import NOT_TRANSMITTED
from ucmsc_desktop.ui.dialogs.sheet import Sheet
from ucmsc_desktop.ui.widgets import button
from ucmsc_desktop.ui.widgets.button import Button

_LANGUAGES: dict[Lang, str] = {"en": "English", "zh": "中文"}


class ReportSheet(Sheet):
    """Which report; the answer is (kind, language). The follow-up names its number, counted from those that were sent."""

    def __init__(self, event: str, follow_up: int, parent: QWidget | None = None) -> None:
        super().__init__(tr("SAE report", "SAE报告"), f"{event}\n{NOT_TRANSMITTED}", parent)
        kinds = (
            ("INITIAL", tr("Initial", "首次报告")),
            ("FOLLOWUP", tr("Follow-up no. {n}", "第 {n} 次随访报告", n=follow_up)),
            ("FINAL", tr("Final", "总结报告")),
        )
        self.kinds = self._line({code: button.toggle(text, f"report_{code}") for code, text in kinds})
        self.languages = self._line({c: button.toggle(_LANGUAGES[c], f"report_{c}") for c in LANGS})
        self.languages[language()].setChecked(True)
        self.add_buttons(tr("Save PDF…", "保存PDF……"))

    def _line(self, made: dict[str, Button]) -> dict[str, Button]:
        line = QHBoxLayout()
        line.setSpacing(8)
        for one in made.values():
            line.addWidget(one)
            one.clicked.connect(lambda _on=False, one=one: self._choose(made, one))
        line.addStretch(1)
        self.body.addLayout(line)
        return made

    def _choose(self, made: dict[str, Button], chosen: Button) -> None:
        for one in made.values():
            one.setChecked(one is chosen)
        self.refused("")

    def give(self) -> None:
        kind = next((code for code, b in self.kinds.items() if b.isChecked()), None)
        if kind is None:
            self.refused(tr("Choose which report it is.", "请选择报告类型。"))
            return
        lang = next(code for code, b in self.languages.items() if b.isChecked())
        self.finish((kind, lang))

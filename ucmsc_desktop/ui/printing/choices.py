"""The left side of the print page: what to print, of whom, in which language, and the button that shows it.

It asks only what the chosen paper needs, and folds to one paper for somebody who came for that one.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Signal
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget

from ucmsc_desktop.i18n import LANGS, Lang, language, tr
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.session.labels import is_wanted
from ucmsc_desktop.session.safety import report_number
from ucmsc_desktop.ui.desk import Desk
from ucmsc_desktop.ui.printing import order
from ucmsc_desktop.ui.printing.label_choices import LabelChoices
from ucmsc_desktop.ui.printing.order import EVERYBODY, Order
from ucmsc_desktop.ui.printing.report_choices import ReportChoices
from ucmsc_desktop.ui.widgets import button, label
from ucmsc_desktop.ui.widgets.button import Button
from ucmsc_desktop.ui.widgets.card import Card
from ucmsc_desktop.ui.widgets.choice_box import ChoiceBox
from ucmsc_desktop.ui.widgets.page_frame import PageFrame

WIDTH = 344
_LANGUAGES: dict[Lang, str] = {"en": "English", "zh": "中文"}
_OF_ONE = ("filled", "casebook", "labels", "sae")  # papers of a participant
_OF_FORM = ("filled", "blank_one", "sae")  # papers that ask for a form, a record or an event


class Choices(QWidget):
    """Asks what to print. `changed` with every choice, `asked` for the preview."""

    changed = Signal()
    asked = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk
        self._lang: Lang = language()
        self.what = "blank_all"
        self._kinds: dict[str, Button] = {}
        self._languages: dict[Lang, Button] = {}
        self.setFixedWidth(WIDTH)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        inside = QWidget()
        column.addWidget(inside, 1)
        self.frame = PageFrame(inside)
        self.frame.body.setContentsMargins(0, 0, 4, 0)
        card = Card(tr("What to print", "打印内容"))
        self._add_kinds(card)
        self._add_questions(card)
        self.show_it = button.primary(tr("Show preview", "生成预览"), "print_preview", "visibility")
        self.error = label.error("", "print_error")
        self.error.hide()
        under = QVBoxLayout()
        under.setContentsMargins(0, 0, 4, 5)
        under.addWidget(self.error)
        under.addWidget(self.show_it)
        column.addLayout(under)
        self.frame.body.addWidget(card)
        self.frame.body.addStretch(1)
        self.subject.activated.connect(lambda _i: self._on_subject_activated())
        self.form.activated.connect(lambda _i: self._on_form_activated())
        self.labels.changed.connect(self.changed)
        self.report.changed.connect(self.changed)
        self.show_it.clicked.connect(self.asked)

    def _add_kinds(self, card: Card) -> None:
        for name, text in (
            ("blank_all", tr("All blank forms", "全套空白表单")),
            ("blank_one", tr("One blank form", "单张空白表单")),
            ("filled", tr("A filled form", "已填写的表单")),
            ("casebook", tr("Casebook of a participant", "受试者病例册")),
            ("sae", tr("SAE report", "SAE报告")),
            ("labels", tr("Labels", "标签")),
            ("handover", tr("Hand-over sheet", "交接班单")),
            ("screening", tr("Log of screen failures", "筛选失败登记表")),
        ):
            if name == "handover" and not self._desk.session.may("hand_over"):
                continue
            made = button.toggle(text, f"print_{name}")
            made.clicked.connect(lambda _on=False, n=name: self.choose(n))
            self._kinds[name] = made
            card.body.addWidget(made)
        self._other = button.quiet(tr("Print something else", "打印其他内容"), "print_other", "print")
        self._other.clicked.connect(lambda: self.fold(False))
        card.body.addWidget(self._other)

    def _add_questions(self, card: Card) -> None:
        self._subject_label = label.label(tr("Participant", "受试者"))
        self.subject = ChoiceBox("print_subject", tr("Participant", "受试者"))
        self._form_label = label.label("")
        self.form = ChoiceBox("print_form", tr("Form", "表单"))
        self.labels = LabelChoices(self._desk.session.study)
        self.report = ReportChoices()
        parts = (self.report, self._subject_label, self.subject, self._form_label, self.form, self.labels)
        for part in parts:
            card.body.addWidget(part)
        card.body.addWidget(label.label(tr("Language of the paper", "打印语言")))
        both = QHBoxLayout()
        for lang in LANGS:
            made = button.toggle(_LANGUAGES[lang], f"print_lang_{lang}")
            made.clicked.connect(lambda _on=False, chosen=lang: self._choose_language(chosen))
            self._languages[lang] = made
            both.addWidget(made)
        card.body.addLayout(both)

    # --- what is chosen --------------------------------------------------------------------------------------

    def open(self, subject: str, key: FormKey | None, kind: str) -> None:
        """Choose what somebody came for; the choices begin at their top."""
        is_kind = kind in self._kinds
        if is_kind:
            self.what = kind
            self._fill_subjects()
            self.subject.set_code(subject or EVERYBODY)
        elif subject:
            self.subject.set_code(subject)
            self.what = "filled" if key is not None else "casebook"
        self.report.choose("")
        self._fill_forms()
        if key is not None:
            self.form.set_code(str(key))
        self.choose(self.what, show=False)
        if self.frame.area is not None:
            self.frame.area.verticalScrollBar().setValue(0)
        self.fold(is_kind)
        if kind == "sae" and is_kind:
            self.report.focus()  # participant and event are chosen: this is what is left to say

    def refresh(self) -> None:
        """Read participants and forms again."""
        self._fill_subjects()
        self._fill_forms()
        self.changed.emit()

    def order(self) -> Order:
        """Give what is chosen."""
        wanted = self.labels.wanted() if self.what == "labels" else None
        report = self.report.kind() if self.what == "sae" else ""
        is_roll = self.what == "labels" and self.labels.layout_wanted == "roll"
        return Order(
            self.what,
            self.subject.code(),
            self.form.code(),
            self._lang,
            wanted,
            report,
            self._title(),
            is_roll,
        )

    def _title(self) -> str:
        match self.what:
            case "casebook":
                return tr("Casebook {s}", "病例册 {s}", s=self.subject.code())
            case "sae":
                event = self.form.currentText().partition(" · ")[0]
                return f"{self.subject.code()} · {event} · {self.report.text()}"
            case "filled" | "blank_one":
                return self.form.currentText()
            case _:
                return self._kinds[self.what].text()

    def show_state(self, *, busy: bool) -> None:
        """Light the language chosen, and the button where there is something to show."""
        for lang, made in self._languages.items():
            made.setChecked(lang == self._lang)
        ready = {
            "blank_one": bool(self.form.code()),
            "filled": bool(self.subject.code() and self.form.code()),
            "casebook": bool(self.subject.code()),
            "labels": bool(self.subject.code()) and self.labels.is_ready(),
            "sae": bool(self.form.code() and self.report.kind()),
        }.get(self.what, True)
        self.show_it.setEnabled(ready and not busy)

    def say(self, text: str) -> None:
        """Say above the button why there are no pages; "" says nothing."""
        self.error.setText(text)
        self.error.setVisible(bool(text))

    # --- choosing --------------------------------------------------------------------------------------------

    def choose(self, name: str, *, show: bool = True) -> None:
        """Choose a paper and ask what it needs."""
        self.what = name
        for other, made in self._kinds.items():
            made.setChecked(other == name)
        needs_subject, needs_form = name in _OF_ONE, name in _OF_FORM
        self.labels.setVisible(name == "labels")
        self.report.setVisible(name == "sae")
        self._fill_subjects()
        for part in (self._subject_label, self.subject):
            part.setVisible(needs_subject)
        for part in (self._form_label, self.form):
            part.setVisible(needs_form)
        self._fill_forms()
        self.changed.emit()
        self._show_options(show and (needs_subject or needs_form))

    def fold(self, folded: bool) -> None:
        """Show only the kind somebody came for, so that what is asked about it is in sight; one press shows the others."""
        for name, made in self._kinds.items():
            made.setHidden(folded and name != self.what)
        self._other.setHidden(not folded)

    def _show_options(self, wanted: bool) -> None:
        """Bring what is asked about the chosen kind into sight: the list of kinds is as high as a low window."""
        area = self.frame.area
        if wanted and area is not None and self.isVisible():
            self.frame.body.activate()
            QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest.value)
            top = self._subject_label if self._subject_label.isVisibleTo(self) else self._form_label
            content = area.widget()
            assert content is not None
            place = top.mapTo(content, QPoint(0, 0)).y()
            area.verticalScrollBar().setValue(max(0, place - 60))

    def _fill_subjects(self) -> None:
        """Offer the participants; labels also for all at once who are still in the trial."""
        chosen = self.subject.code()
        people = self._desk.session.subjects()
        found = [(s.subject, f"{s.subject}  {s.initials}".strip()) for s in people]
        if self.what == "labels" and any(map(is_wanted, people)):
            found.append((EVERYBODY, tr("All still in the trial", "全部在研受试者")))
        self.subject.set_choices(found)
        if chosen:
            self.subject.set_code(chosen)

    def _fill_forms(self) -> None:
        """Offer forms, the records of the participant, or their serious events; one alone is chosen."""
        session, subject = self._desk.session, self.subject.code()
        is_event = self.what == "sae"
        name = tr("Serious adverse event", "严重不良事件") if is_event else tr("Form", "表单")
        self._form_label.setText(name)
        self.form.setAccessibleName(name)
        found: list[tuple[str, str]] = []
        if is_event:
            found = order.events(session, subject) if subject not in ("", EVERYBODY) else []
        elif self.what == "filled":
            found = order.records(session, subject) if subject not in ("", EVERYBODY) else []
        else:
            forms = (session.study.forms[f] for f in session.study.form_order if f in session.study.forms)
            found = [(f.id, f"{f.id}  {f.title}") for f in forms]
        self.form.set_choices(found)
        if is_event and len(found) == 1:
            self.form.set_code(found[0][0])
        self.form.setPlaceholderText(
            tr("No serious event", "无严重不良事件")
            if is_event and subject and not found
            else tr("Choose", "请选择")
        )
        self._count()

    def _count(self) -> None:
        """Number the next follow-up of the event that is chosen."""
        if self.what == "sae" and self.form.code():
            state = self._desk.session.state(self.subject.code())
            self.report.count(report_number(state, FormKey.parse(self.form.code()), "FOLLOWUP"))

    def _choose_language(self, lang: Lang) -> None:
        self._lang = lang
        self.changed.emit()

    def _on_subject_activated(self) -> None:
        self._fill_forms()
        self.changed.emit()

    def _on_form_activated(self) -> None:
        self._count()
        self.changed.emit()

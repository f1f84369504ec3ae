"""The report of a serious adverse event for sponsor and ethics committee: initial, follow-up, final.

It is a picture of the record at the entry of the log named in the foot, to be signed and sent by a person. It must never
print a name of the participant, and never look as if printing were sending: the box on the first page says that nothing
was transmitted. Only a valid signature on the judgement makes it SIGNED; everything else prints as DRAFT.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from ucmsc_desktop.i18n import Lang, Text, show_datetime
from ucmsc_desktop.paper import answers
from ucmsc_desktop.paper import sae_words as words
from ucmsc_desktop.paper.blank import draw_band
from ucmsc_desktop.paper.filled import running
from ucmsc_desktop.paper.parts import (
    AMBER,
    BLUE,
    FRAME,
    GREY,
    INK,
    RED,
    TINT,
    Colour,
    Line,
    Span,
    height_of,
    lines_of,
)
from ucmsc_desktop.paper.sheet import (
    BOTTOM,
    LEFT,
    TOP,
    WIDTH,
    Made,
    PageHead,
    Running,
    Sheet,
    bookmark,
    document,
)
from ucmsc_desktop.paper.signatures import draw_signatures
from ucmsc_desktop.paper.tables import Column, Table, fit
from ucmsc_desktop.paper.trail import CONTINUED, Record
from ucmsc_desktop.record import around, signing
from ucmsc_desktop.record.events import FormKey
from ucmsc_desktop.record.form_state import FormState
from ucmsc_desktop.record.safety import CRITERIA, SaeClock, clock_of
from ucmsc_desktop.record.subject_state import SubjectState
from ucmsc_desktop.study.model import Item
from ucmsc_desktop.study.values import Number

__all__ = ["Report", "render"]


@dataclass(frozen=True, slots=True)
class Report:
    """Which report this is. `number` counts the follow-ups from 1; it says nothing of the others."""

    kind: words.Kind
    number: int = 1

    @property
    def title(self) -> Text:
        return words.KINDS[self.kind].fill(n=self.number)


def render(
    out: Path, state: SubjectState, key: FormKey, report: Report, head: PageHead, lang: Lang, now: datetime
) -> Made:
    """Print the report of one adverse event.

    Raises: FontsMissing, GlyphMissing, DiskFull, StickReadOnly, WriteFailed; then there is no file.
    """
    name = f"{head.registry} {words.TITLE.get(lang)} {state.subject} #{key.n} · {report.title.get(lang)}"
    with document(out, head, lang, name) as sheet:
        page = _Page(sheet, Record(FormState(state, key, now), head, lang), report)
        bookmark(sheet, f"{words.TITLE.get(lang)} · {report.title.get(lang)}", page.draw())
    return Made(sheet.pdf.page_count, sheet.pdf.sha256)


class _Page:
    """The report on its way down the pages."""

    def __init__(self, sheet: Sheet, record: Record, report: Report) -> None:
        self.sheet = sheet
        self.record = record
        self.report = report
        self.event = record.state
        self.state = record.state.state
        self.lang: Lang = sheet.lang

    def draw(self) -> int:
        first = self.sheet.begin(self._running())
        self._title()
        self._box()
        self._clock()
        self._glance()
        self._person()
        self._items(words.EVENT_TITLE, self.event, self._told())
        self._items(words.SERIOUS_TITLE, self.event, words.SERIOUSNESS)
        self._items(words.JUDGED_TITLE, self.event, words.JUDGEMENT)
        self._items(words.ACTION_TITLE, self.event, (*words.ACTION, *words.REPORTING))
        for key in self.state.keys("F15"):
            self._items(words.DEATH_TITLE, self._form(key), words.DEATH)
        self._narrative()
        self._infusions()
        self._surroundings()
        self._drugs()
        self._keep_end()
        self._sent()
        draw_signatures(self.sheet, self.record)
        self._hands()
        return first

    def _running(self) -> Running:
        like = running(self.sheet, self.record)
        is_signed = like.status in ("signed", "changed")
        return Running(
            f"{words.TITLE.get(self.lang)} · {self.report.title.get(self.lang)}",
            like.version,
            words.EVENT_NO.fill(n=self.event.key.n).get(self.lang),
            like.status if is_signed else "draft",
            like.corrections,
            like.record_hash,
            like.locked,
            like.scan,
        )

    # --- the first page ----------------------------------------------------------------------------------------

    def _title(self) -> None:
        sheet, pen = self.sheet, self.sheet.pen
        sheet.y += 4
        pen.text(LEFT, sheet.y + 15, words.TITLE.get(self.lang), 16, weight="bold", colour=BLUE)
        pen.aligned(
            LEFT + WIDTH, sheet.y + 15, self.report.title.get(self.lang), 13, align="right", weight="bold"
        )
        sheet.y += 24

    def _box(self) -> None:
        sheet, library = self.sheet, self.sheet.library
        said = lines_of(library, words.DO_SEND.get(self.lang), WIDTH - 24, size=8.6)
        blanks = Text(
            "Sent by ____________________   to ____________________   on ____________   at ______   by phone ☐  fax ☐",
            "送达人 ____________________   接收方 ____________________   日期 ____________   时间 ______   电话 ☐  传真 ☐",
        ).get(self.lang)  # fmt: skip
        height = 20 + height_of(said) + 20
        pen, y = sheet.pen, sheet.y
        pen.box(LEFT, y, WIDTH, height, stroke=RED, width=1.6)
        pen.text(LEFT + 12, y + 16, words.NOT_SENT.get(self.lang), 11, weight="bold", colour=RED)
        pen.lines(LEFT + 12, y + 21, said)
        pen.text(LEFT + 12, y + height - 7, blanks, 7.6, colour=INK)
        sheet.y += height + 6

    def _clock(self) -> None:
        sheet, pen, lang = self.sheet, self.sheet.pen, self.lang
        clock = clock_of(self.state, self.event.key, self.event.now)
        texts = [*self._clock_texts(clock), show_datetime(self.event.now, lang)]
        width, height = WIDTH / 4, 44.0
        for n, (caption, text) in enumerate(zip(words.CLOCK, texts, strict=True)):
            x = LEFT + n * width
            pen.box(x, sheet.y, width, height, stroke=FRAME, fill=TINT)
            pen.text(x + 6, sheet.y + 11, caption.get(lang), 7, colour=GREY)
            size = 10.0 if sheet.library.width(text, 10, "bold") <= width - 12 else 7.0
            lines = lines_of(sheet.library, text, width - 12, size=size, style=Span("", "bold"))
            pen.lines(x + 6, sheet.y + 15, lines)
        sheet.y += height
        if clock is not None:
            state, colour = words.STATES[clock.status]
            word = state.fill(reason=clock.reason).get(lang)
            if clock.is_running and clock.due is not None:
                left = words.LEFT if self.event.now <= clock.due else words.OVER
                minutes = abs(clock.due - self.event.now) // timedelta(minutes=1)
                word += " · " + left.fill(h=minutes // 60, m=f"{minutes % 60:02d}").get(lang)
            lines = lines_of(sheet.library, word, WIDTH - 12, size=8.6, style=Span("", "bold", colour))
            pen.box(LEFT, sheet.y, WIDTH, height_of(lines) + 6, stroke=FRAME)
            pen.lines(LEFT + 6, sheet.y + 3, lines)
            sheet.y += height_of(lines) + 6
        sheet.y += 4

    def _glance(self) -> None:
        """Say in one box what happened, why it is serious and how it was judged: who receives it reads this first."""
        form, library, lang = self.event.form, self.sheet.library, self.lang
        met = [form.by_id[i].label.get(lang) for i in CRITERIA if self.event.value(i) == "Y"]
        judged = [f"{form.by_id[i].label.get(lang).rstrip('?？')}: {self._answer(i)}" for i in words.GLANCE]
        texts = [
            ((self._answer("ae_term")), Span("", "bold"), 10.0),
            ("; ".join(met) or words.NO_CRITERION.get(lang), Span("", "bold", INK if met else AMBER), 8.4),
            (" · ".join(judged), Span(""), 8.4),
        ]
        lines = [
            line
            for text, style, size in texts
            for line in lines_of(library, text, WIDTH - 24, size=size, style=style)
        ]
        height = height_of(lines) + 12
        self.sheet.need(height + 4)
        self.sheet.pen.box(LEFT, self.sheet.y, WIDTH, height, stroke=BLUE, width=1.0)
        self.sheet.pen.lines(LEFT + 12, self.sheet.y + 6, lines)
        self.sheet.y += height + 4

    def _answer(self, name: str) -> str:
        item, value = self.event.form.by_id[name], self.event.value(name)
        if value is None:
            return answers.NOT_ENTERED.get(self.lang)
        return answers.shown(item, value, self.lang, self.record.head.names)

    def _clock_texts(self, clock: SaeClock | None) -> list[str]:
        lang = self.lang
        nothing = answers.NOT_ENTERED.get(lang)
        if clock is None:
            return [nothing, nothing, nothing]
        aware = show_datetime(clock.aware, lang) if clock.aware else nothing
        if clock.is_estimate:
            aware = f"{aware} ({words.ESTIMATE.get(lang)})"
        due = show_datetime(clock.due, lang) if clock.due else nothing
        return [aware, due, show_datetime(clock.reported, lang) if clock.reported else nothing]

    def _person(self) -> None:
        study, site, lang = self.state.study, self.state.site, self.lang
        facts = [
            (Text("Trial", "研究题目").get(lang), study.title.get(lang)),
            (Text("Registry number", "注册号").get(lang), study.registry),
            (Text("Protocol", "方案版本/日期").get(lang), f"{study.protocol_version} / {study.protocol_date}"),
            (Text("Site", "研究中心").get(lang), f"{site.id} · {site.name.get(lang)}"),
            (Text("Participant number", "受试者编号").get(lang), self.state.subject),
        ]  # fmt: skip
        rows = [(label, self._plain(text, INK)) for label, text in facts]
        for form, items in (("F1", words.PERSON), ("F4", words.HISTORY)):
            for key in self.state.keys(form)[:1]:
                view = self._form(key)
                rows += [self._item(view, i) for i in items if view.is_shown(view.form.by_id[i])]
        self._pairs(words.PERSON_TITLE, rows)

    # --- labels and values -------------------------------------------------------------------------------------

    def _form(self, key: FormKey) -> FormState:
        return FormState(self.state, key, self.event.now)

    def _items(self, title: Text, view: FormState, items: Iterable[str]) -> None:
        self._pairs(title, [self._item(view, i) for i in items if view.is_shown(view.form.by_id[i])])

    def _told(self) -> tuple[str, ...]:
        """Leave out what is reckoned from an infusion where none came before the event: one line says so."""
        event = self.event
        if not self._is_before():
            return words.EVENT
        return tuple(i for i in words.EVENT if i not in words.FROM_INFUSION or event.value(i) is not None)

    def _is_before(self) -> bool:
        number = self.event.value("ae_inf_no")
        return isinstance(number, Number) and not number.amount

    def _item(self, view: FormState, name: str) -> tuple[str, list[Line]]:
        item = view.form.by_id[name]
        value = view.value(name)
        label = item.label.get(self.lang)
        if name == "ae_inf_no" and self._is_before():
            return label, self._plain(words.BEFORE.get(self.lang), INK)
        if value is None:
            word = answers.NO_RESULT if item.is_derived else answers.NOT_ENTERED
            tone = AMBER if item.required and not item.is_derived else GREY
            return label, self._plain(word.get(self.lang), tone)
        text = answers.shown(item, value, self.lang, self.record.head.names)
        return label, answers.filled(self.sheet.library, item, value, text, self.lang, VALUE.inner, size=8.4)

    def _plain(self, text: str, colour: Colour) -> list[Line]:
        return lines_of(self.sheet.library, text, VALUE.inner, size=8.4, style=Span("", "bold", colour))

    def _band(self, title: Text, room: float = 40, right: str = "") -> None:
        self.sheet.y += 5
        self.sheet.need(18 + room)
        draw_band(self.sheet, title.get(self.lang), [right] if right else [])

    def _pairs(self, title: Text, rows: Sequence[tuple[str, list[Line]]]) -> None:
        if not rows:
            return
        self._band(title)
        name = title.get(self.lang)
        again = CONTINUED.fill(title=name).get(self.lang)
        with self.sheet.repeating(lambda: draw_band(self.sheet, again)):
            table = Table(self.sheet, (LABEL, VALUE))
            for label, value in rows:
                table.row([lines_of(self.sheet.library, label, LABEL.inner, size=7.8), value])

    def _narrative(self) -> None:
        self._items(words.TOLD_TITLE, self.event, ("sae_narrative",))

    # --- tables ------------------------------------------------------------------------------------------------

    def _head(self, item: Item) -> str:
        unit = item.unit_label("", self.lang) if item.unit else ""
        bare = unit.startswith(("(", "（"))
        return (
            f"{item.label.get(self.lang)} {unit if bare else f'({unit})'}"
            if unit
            else item.label.get(self.lang)
        )

    def _heads(self, form: str, items: Iterable[str]) -> list[tuple[str, float]]:
        """Give the columns of a table as wide as their items and words want to be."""
        found = [self.state.study.forms[form].by_id[i] for i in items]
        return [(self._head(i), self._width(i)) for i in found]

    def _width(self, item: Item) -> float:
        parts = self._head(item).replace("/", " ").split() if self.lang == "en" else []
        word = max((self.sheet.library.width(w, 5.8, "bold") for w in parts), default=0.0) + 8
        return max(word, WANTS.get(item.type, 30.0))

    def _titled(self, title: Text, heads: Sequence[tuple[str, float]], rows: Sequence[Sequence[str]]) -> None:
        library = self.sheet.library
        if not rows:
            self._band(title, 0, words.NONE.get(self.lang))
            return
        self._band(title, 60)
        columns = fit([Column(t, w) for t, w in heads])
        table = Table(self.sheet, columns, head_size=5.8)
        with table.open():
            for row in rows:
                cells = [lines_of(library, t, c.inner, size=7) for t, c in zip(row, columns, strict=True)]
                table.row(cells, grid=True)

    def _text(self, view: FormState, name: str, row: int = 0) -> str:
        """Show a value in a table whose head names the unit."""
        item, value = view.form.by_id[name], view.value(name, row)
        if value is None:
            return "–"
        text = answers.shown(item, value, self.lang, self.record.head.names)
        unit = item.unit_label("", self.lang)
        return text.removesuffix(unit).rstrip() if unit else text

    def _infusions(self) -> None:
        keys = around.infusions(self.state)
        if not keys:
            self._band(words.INFUSIONS_TITLE, 0, words.NO_INFUSION.get(self.lang))
            return
        heads = [("#", 16.0), *self._heads("F6", words.PRODUCT), *self._heads("F7", words.INFUSION)]
        rows = []
        for key in keys:
            bag, infusion = self._form(FormKey("F6", key.visit, key.n)), self._form(key)
            told = [self._text(bag, i) for i in words.PRODUCT] + [
                self._text(infusion, i) for i in words.INFUSION
            ]
            rows.append([str(key.n), *told])
        self._titled(words.INFUSIONS_TITLE, heads, rows)

    def _surroundings(self) -> None:
        key = self.event.key
        flow = [
            [self._text(self._form(r.key), i, r.row) for i in words.FLOW]
            for r in around.vital_signs(self.state, key)
        ]
        self._titled(words.VITALS_TITLE, self._heads("F7", words.FLOW), flow)
        for title, form, items, keys in (
            (words.GASES_TITLE, "F9", words.GAS, around.gases(self.state, key)),
            (words.DAYS_TITLE, "F12", words.DAY, around.days(self.state, key)),
            (words.BASELINE_TITLE, "F5", words.BASELINE, self.state.keys("F5")[:1]),
        ):
            rows = [[self._text(self._form(k), i) for i in items] for k in keys]
            self._titled(title, self._heads(form, items), rows)

    def _drugs(self) -> None:
        heads = [("#", 14.0), *self._heads("F13", words.DRUG)]
        rows = []
        for drug in around.drugs(self.state, self.event.key):
            view = self._form(drug.key)
            told = [self._text(view, i) for i in words.DRUG]
            if view.value("cm_ongoing") == "Y":
                told[-1] = words.ONGOING.get(self.lang)
            if drug.is_for_event:
                told[1] = f"{told[1]} ({words.FOR_EVENT.get(self.lang)})"
            rows.append([str(drug.key.n), *told])
        self._titled(words.DRUGS_TITLE, heads, rows)

    def _sent(self) -> None:
        section = next(s for s in self.event.form.sections if s.id == "sae_fu")
        heads = [("#", 14.0), *self._heads("F14", words.SENT)]
        rows = [
            [str(r), *(self._text(self.event, i, r) for i in words.SENT)] for r in self.event.rows(section)
        ]
        self._titled(words.SENT_TITLE, heads, rows)

    def _keep_end(self) -> None:
        """Turn the page where the signatures would stand alone on the next: a signature goes with what it is put under."""
        section = next(s for s in self.event.form.sections if s.id == "sae_fu")
        rows = len(self.event.rows(section))
        given = len(self.event.record.signatures)
        wanted = len(signing.unsigned_slots(self.event))
        table = 60.0 + rows * SENT_H if rows else 24.0
        needed = table + 30.0 + given * SIGNATURE_H + wanted * 16.0 + HANDS_H
        if needed <= BOTTOM - TOP:
            self.sheet.need(needed)

    # --- signatures by hand ------------------------------------------------------------------------------------

    def _hands(self) -> None:
        sheet, lang = self.sheet, self.lang
        people = (Text("Reporter", "报告人"), Text("Investigator", "研究者"), Text("Received by", "接收人"))
        lines = (
            Text("Name", "姓名"),
            Text("Role, telephone", "职务、电话"),
            Text("Signature", "签名"),
            Text("Date, time", "日期、时间"),
        )
        height, gap, pitch = HANDS_H - 16, 8.0, 17.0
        sheet.y += 6
        sheet.need(height + 4)
        pen, y = sheet.pen, sheet.y
        width = (WIDTH - 2 * gap) / 3
        for n, who in enumerate(people):
            x = LEFT + n * (width + gap)
            pen.box(x, y, width, height, stroke=FRAME, width=0.7)
            pen.text(x + 6, y + 12, who.get(lang), 8.6, weight="bold")
            for place, caption in enumerate(lines):
                at = y + 29 + place * pitch
                wide = pen.text(x + 6, at, caption.get(lang), 6.8, colour=GREY)
                pen.line(x + 10 + wide, at + 1.5, x + width - 6, at + 1.5, colour=FRAME, width=0.5)
        sheet.y += height + 6


HANDS_H = 104.0  # the boxes to be signed by hand, with the space around them
SENT_H = 30.0  # at most, of a report that was sent: its recipients wrap
SIGNATURE_H = 124.0  # at most, of the block of an electronic signature
LABEL, VALUE = Column("", 196), Column("", WIDTH - 196)
WANTS = {"datetime": 46.0, "partial_date": 46.0, "date": 42.0, "choice": 46.0, "multi": 62.0, "text": 62.0}

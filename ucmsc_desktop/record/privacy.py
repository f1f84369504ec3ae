"""What stays at the site stays at the site: no name or number of a site-only item in a text that travels.

A careful study office withholds the item and a tired nurse types the same name into the reason for the change. So every
text that leaves the laptop is compared with what this participant's site-only items hold or ever held. It must never look
at another participant, and never quote what it found. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ucmsc_desktop.errors import ValueRefused
from ucmsc_desktop.i18n import Text
from ucmsc_desktop.record.events import Draft
from ucmsc_desktop.record.facts import SubjectRecord
from ucmsc_desktop.study.model import Study
from ucmsc_desktop.study.values import ValueProblem, load

SHORTEST = 4
"""Letters or digits; a shorter word in Latin letters stands in too many other texts. Chinese names have two characters.

Four digits alone are a year, a time or a part of a lot as often as the end of a number."""

_IN_REASON = Text(
    "The reason contains a name or number that stays at the site.", "理由中含有仅留存于本中心的姓名或号码。"
)
_IN_ANSWER = Text(
    "{label}: the text contains a name or number that stays at the site.",
    "{label}：文字中含有仅留存于本中心的姓名或号码。",
)


def refuse_names(study: Study, record: SubjectRecord, drafts: Sequence[Draft]) -> None:
    """Refuse drafts whose travelling texts hold what a site-only item of this participant holds. Raises: ValueRefused."""
    texts = [d for d in drafts if d.reason or _is_free_text(study, d)]
    if not texts:
        return
    kept = _pattern({*_recorded(study, record), *_drafted(study, drafts)})
    if kept is None:
        return
    for draft in texts:
        if draft.reason and kept.search(draft.reason):
            raise ValueRefused(message=_IN_REASON, cell=draft.cell)
        if draft.value is not None and not draft.site_only and kept.search(draft.value):
            item = (
                study.forms[draft.key.form].by_id.get(draft.cell.item) if draft.key and draft.cell else None
            )
            label = item.label if item is not None else Text("", "")
            raise ValueRefused(message=_IN_ANSWER.fill(label=label), cell=draft.cell)


def _is_free_text(study: Study, draft: Draft) -> bool:
    """Say whether a person typed words into a value that travels: a text, or why there is none."""
    if draft.value is None or draft.site_only or draft.key is None or draft.cell is None:
        return False
    item = study.forms[draft.key.form].by_id.get(draft.cell.item)
    return (item is not None and item.type == "text") or '"reason"' in draft.value


def _recorded(study: Study, record: SubjectRecord) -> Iterator[str]:
    for key, facts in record.forms.items():
        kept = study.forms[key.form].site_only_ids
        if not kept:
            continue
        for cell, entries in facts.cells.items():
            if cell.item in kept:
                yield from (e.value for e in entries if isinstance(e.value, str))


def _drafted(study: Study, drafts: Iterable[Draft]) -> Iterator[str]:
    for draft in drafts:
        if draft.site_only and draft.value is not None and draft.key and draft.cell:
            try:
                value = load(draft.value, study.forms[draft.key.form].by_id[draft.cell.item].type)
            except (KeyError, ValueProblem):
                continue
            if isinstance(value, str):
                yield value


def _pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """Make one pattern of all words: Latin ones as whole words, Chinese ones anywhere."""
    parts = []
    for word in sorted({w.strip() for w in words}):
        if word.isascii():
            if len(word) >= SHORTEST and not (word.isdigit() and len(word) == SHORTEST):
                parts.append(rf"(?<![0-9A-Za-z]){re.escape(word)}(?![0-9A-Za-z])")
        elif len(word) > 1:
            parts.append(re.escape(word))
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None

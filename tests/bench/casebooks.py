"""The filled casebook: time, bytes and memory for each page."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench import generator
from tests.bench.generator import Recipe
from tests.bench.measure import Options, Row, Times, copy_of, in_child, timed
from ucmsc_desktop.i18n import Lang, Text
from ucmsc_desktop.record.course import planned_keys

if TYPE_CHECKING:
    from ucmsc_desktop.paper.sheet import PageHead

GROUP = "casebook"
LANGUAGES: tuple[Lang, ...] = ("en", "zh")


def beyond_fonts(path: Path) -> int:
    """Give the size of a PDF without its embedded fonts and their maps. Units: bytes."""
    import pikepdf

    fonts = 0
    with pikepdf.open(path) as pdf:
        for found in pdf.objects:
            if not isinstance(found, pikepdf.Dictionary):
                continue
            for name in ("/FontFile2", "/CIDToGIDMap", "/ToUnicode"):
                stream = found.get(name)
                if isinstance(stream, pikepdf.Stream):
                    fonts += len(stream.read_raw_bytes())
    return path.stat().st_size - fonts


def run(options: Options) -> Iterator[Row]:
    """Print the casebook of a participant with every visit; then the same pages again and again, for the memory."""
    with copy_of(Recipe(20, "full")) as folder, tempfile.TemporaryDirectory() as out:
        session = generator.sign_in(folder)
        subject = "01-001"
        path = Path(out) / "casebook.pdf"
        first = timed(lambda: session.paper.casebook(path, subject))
        for lang in LANGUAGES:
            pages = session.paper.casebook(path, subject, lang=lang).pages
            seconds = [
                timed(partial(session.paper.casebook, path, subject, lang=lang))
                for _ in range(options.pick(2, 5))
            ]
            page = Times(tuple(s / pages for s in seconds))
            yield page.row(
                GROUP, f"each of {pages} pages, {lang}", 40, f"the first time {first:.2f} s in all"
            )
            size = beyond_fonts(path) / pages / 1024
            yield Row(GROUP, f"each of {pages} pages beyond the fonts, {lang}", "KB", size, size, size, 20)
        session.lock()
        peaks = []
        for times in (1, 2, 4):
            numbers = in_child("casebooks", "pages", str(folder), subject, str(times))
            peaks.append((numbers["pages"], numbers["peak_kb"]))
        (few, low), (many, high) = peaks[0], peaks[-1]
        growth = (high - low) / (many - few)
        note = ", ".join(f"{n:.0f} pages {kb / 1024:.0f} MB" for n, kb in peaks)
        yield Row(GROUP, "memory for each further page", "KB", growth, growth, growth, 4, note=note)


def pages(folder: str, subject: str, times: str) -> dict[str, float]:
    """Print every record of a participant so many times into one file (a process of its own)."""
    from ucmsc_desktop.paper import crf
    from ucmsc_desktop.record.form_state import FormState

    session = generator.sign_in(Path(folder))
    state = session.state(subject)
    keys = [key for key in planned_keys(state) if key in state.record.forms]
    views = [FormState(state, key, session.now()) for key in keys]
    head = _page_head(session.device, state.study.registry, state.study.short)
    out = Path(folder) / "pages.pdf"
    made = crf.render(out, views * int(times), head, "en")
    session.lock()
    return {"pages": made.pages}


def _page_head(device: str, registry: str, title: Text) -> PageHead:
    from ucmsc_desktop.paper.sheet import PageHead

    return PageHead(
        registry=registry,
        study_title=title,
        protocol="1.0",
        site="01",
        subject="01-001",
        printed_by="nurse.alpha",
        printed_at=generator.NOW,
        app="bench",
        device=device,
        seq=1,
        chain_head="0" * 64,
        names={},
    )

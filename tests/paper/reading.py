"""Reads a PDF back with outside programs."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

External = Callable[[str], Path]


def run(external: External, program: str, *arguments: object) -> str:
    done = subprocess.run([external(program), *map(str, arguments)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def text_of(external: External, pdf: Path, *options: object) -> str:
    """Give the text in drawing order, so that the lines of a wrapped cell stay together."""
    return run(external, "pdftotext", "-raw", *options, pdf, "-")


def squeezed(text: str) -> str:
    """Take out all blanks and line breaks: wrapping is no change of content."""
    return re.sub(r"\s+", "", text)


def assert_sound(external: External, pdf: Path) -> None:
    """Check syntax and fonts: all embedded, subset, with Unicode tables; none of the viewer's own."""
    run(external, "qpdf", "--check", pdf)
    rows = [line.split() for line in run(external, "pdffonts", pdf).splitlines()[2:]]
    assert rows
    for row in rows:
        name, (emb, sub, uni) = row[0], row[-5:-2]
        assert (emb, sub, uni) == ("yes", "yes", "yes"), row
        assert re.fullmatch(r"[A-Z]{6}\+(NotoSansSC-(Regular|Bold)|UCMSCSymbols)", name), name

"""Fonts of the PDF, embedded from matplotlib: STIX for text, DejaVu Sans for labels.

Both cover Latin, Greek and Cyrillic; characters missing in STIX are set in DejaVu Sans.
"""

from __future__ import annotations

from functools import cache
from itertools import groupby
from pathlib import Path
from xml.sax.saxutils import escape

import matplotlib
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

TEXT, LABEL = "STIX", "DejaVu"
FACES = {  # family: its file for regular, bold, italic, bold italic
    TEXT: ("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta"),
    LABEL: ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique"),
}
BOLD = f"{LABEL}-1"
MISSING = "\N{REPLACEMENT CHARACTER}"


@cache
def register_fonts() -> None:
    """Register the families with reportlab."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for family, files in FACES.items():
        for number, file in enumerate(files):
            name = f"{family}-{number}" if number else family
            pdfmetrics.registerFont(TTFont(name, folder / f"{file}.ttf"))
            addMapping(family, number % 2, number // 2, name)


@cache
def covered(font: str) -> frozenset[int]:
    """Code points that all faces of a family have."""
    names = (f"{font}-{number}" if number else font for number in range(len(FACES[font])))
    return frozenset.intersection(*(frozenset(pdfmetrics.getFont(name).face.charToGlyph) for name in names))


def plain(text: str) -> str:
    """Put text on one line and replace characters that DejaVu Sans lacks."""
    one_line = " ".join(text.split())
    return "".join(character if ord(character) in covered(LABEL) else MISSING for character in one_line)


def literal(text: str) -> str:
    """Escape text for a reportlab paragraph; characters missing in STIX are set in DejaVu Sans."""
    runs = groupby(plain(text), lambda character: ord(character) in covered(TEXT))
    return "".join(
        escape("".join(run)) if known else f'<font name="{LABEL}" size="-1">{escape("".join(run))}</font>'
        for known, run in runs
    )

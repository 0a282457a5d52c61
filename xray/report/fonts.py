"""The fonts of the PDF: STIX for text, DejaVu Sans for labels, both out of matplotlib and embedded.

Each covers Latin, Greek and Cyrillic; what STIX lacks is set in DejaVu Sans.
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
    """Make the families known to reportlab."""
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    for family, files in FACES.items():
        for number, file in enumerate(files):
            name = f"{family}-{number}" if number else family
            pdfmetrics.registerFont(TTFont(name, folder / f"{file}.ttf"))
            addMapping(family, number % 2, number // 2, name)


@cache
def covered(font: str) -> frozenset[int]:
    """The code points of a family that all its faces have."""
    names = (f"{font}-{number}" if number else font for number in range(len(FACES[font])))
    return frozenset.intersection(*(frozenset(pdfmetrics.getFont(name).face.charToGlyph) for name in names))


def plain(text: str) -> str:
    """Text in one line of characters that DejaVu Sans has."""
    one_line = " ".join(text.split())
    return "".join(one if ord(one) in covered(LABEL) else MISSING for one in one_line)


def literal(text: str) -> str:
    """Text as a paragraph's markup that formats nothing; what STIX lacks in DejaVu Sans."""
    runs = groupby(plain(text), lambda one: ord(one) in covered(TEXT))
    return "".join(
        escape("".join(run)) if known else f'<font name="{LABEL}" size="-1">{escape("".join(run))}</font>'
        for known, run in runs
    )

"""Fonts of the PDF, embedded from matplotlib: STIX for text, DejaVu Sans for labels.

Both cover Latin, Greek and Cyrillic; characters missing in STIX are set in DejaVu Sans. Its upright faces
also cover Hebrew and Arabic, which are set in reading order. Other characters are replaced by MISSING.
"""

from __future__ import annotations

from functools import cache
from itertools import groupby
from pathlib import Path
from unicodedata import normalize
from xml.sax.saxutils import escape

import matplotlib
from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from xray.report.pdf.bidi import runs, visual, visual_lines

TEXT, LABEL, UPRIGHT = "STIX", "DejaVu", "DejaVuUpright"
FACES = {  # family: its file for regular, bold, italic, bold italic
    TEXT: ("STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "STIXGeneralBolIta"),
    LABEL: ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique"),
    UPRIGHT: ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans", "DejaVuSans-Bold"),
}
BOLD = f"{LABEL}-1"
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
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
    """Put text on one line, in the order in which it is drawn, without characters that DejaVu Sans lacks."""
    return "".join(_known(visual(run) if is_reversed else run) for run, is_reversed in runs(_one_line(text)))


def literal(text: str) -> str:
    """Escape text for a reportlab paragraph; Hebrew and Arabic are broken into lines before reordering."""
    parts = []
    for run, is_reversed in runs(_one_line(text)):
        if is_reversed:
            lines = (_known(line).replace(" ", NO_BREAK_SPACE) for line in visual_lines(run))
            parts.append("<br/>".join(_in_font(UPRIGHT, line) for line in lines))
        else:
            parts += [_in_font(font, "".join(some)) for font, some in groupby(_known(run), _family)]
    return "".join(parts)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _known(text: str) -> str:
    """Replace characters without a glyph: joined letters by separate ones, others by MISSING."""
    return "".join(
        next((form for form in (character, normalize("NFKC", character)) if _has_glyphs(form)), MISSING)
        for character in text
    )


def _has_glyphs(text: str) -> bool:
    return covered(UPRIGHT) >= set(map(ord, text))


def _family(character: str) -> str:
    """The first family that has a character."""
    return next(font for font in FACES if ord(character) in covered(font))


def _in_font(font: str, text: str) -> str:
    return escape(text) if font == TEXT else f'<font name="{font}" size="-1">{escape(text)}</font>'

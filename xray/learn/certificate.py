"""A certificate of practice as a PDF of one A4 page: what was practiced, and the figures with intervals."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from xray import __version__
from xray.errors import InvalidRequest
from xray.learn.reads import Read
from xray.learn.statistics import figures, of_reader
from xray.report.pdf.figures import INK, QUIET, RULE
from xray.report.pdf.fonts import BOLD, LABEL, TEXT, literal, plain, register_fonts
from xray.wording import counted

SIDE, PADDING = 28 * mm, 6  # the padding is that of a frame of reportlab, in points
MAX_NAME = 80  # characters
TITLE = ParagraphStyle("title", fontName=TEXT, fontSize=30, leading=36, textColor=INK, spaceAfter=4 * mm)
NAME = ParagraphStyle("name", parent=TITLE, fontSize=18, leading=22, spaceBefore=4 * mm)
BODY = ParagraphStyle("body", fontName=TEXT, fontSize=11.5, leading=16, textColor=INK, spaceAfter=3 * mm)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=9, leading=12.5, textColor=QUIET)
HEAD = ParagraphStyle("head", parent=SMALL, fontName=BOLD, fontSize=8.5)
MEANING = (
    "Intervals cover the true value in 95 of 100 such samples; with few films they are wide. AUROC: chance "
    "that a film with the finding gets a higher probability than one without. Brier score: squared "
    "difference between the stated probability and the truth, 0 is best. Hit rate: share of known places "
    "that the center of the mark meets. IoU: overlap of mark and reference."
)
LIMITS = (
    "This page states what was practiced and how it went. It is no examination and no qualification, and the "
    "films were chosen to include errors of the model. For research and education only."
)


def certificate(reads: Sequence[Read], name: str, on: date) -> bytes:
    """Write a certificate of practice. It names no finding. Equal input gives equal bytes.

    Args:
        reads: The films that were read.
        name: Name of the reader, or empty.
        on: The date.

    Returns:
        Contents of the PDF file.

    Raises:
        InvalidRequest: If no films were read.
    """
    if not reads:
        raise InvalidRequest("There is nothing to certify yet.", hint="Answer at least one film first.")
    register_fonts()
    buffer = io.BytesIO()
    document = SimpleDocTemplate(
        buffer,
        pagesize=A4,
        leftMargin=SIDE - PADDING,
        rightMargin=SIDE - PADDING,
        topMargin=40 * mm,
        bottomMargin=25 * mm,
        title="Certificate of practice",
        author=f"xray {__version__}",
        invariant=1,
        lang="en",
    )
    document.build(_story(reads, name.strip()[:MAX_NAME], on), onFirstPage=_edges)
    return buffer.getvalue()


def _story(reads: Sequence[Read], name: str, on: date) -> list[Flowable]:
    decks = len({film.key[:2] for film in reads})
    count, of = counted(len(reads), "radiograph"), counted(decks, "deck")
    simulated = sum(film.key[0] in ("simulated", "shortcut") for film in reads)
    practiced = (
        f"Reading of {count} from {of}, {simulated} of them simulated. Every film was answered with a stated "
        "confidence before the reference and the answer of a model were shown."
    )
    opening: list[Flowable] = [Paragraph("Certificate of practice", TITLE)]
    if name:
        opening.append(Paragraph(literal(name), NAME))
    return [
        *opening,
        Paragraph(f"{on.day} {on:%B %Y}", BODY),
        Paragraph(practiced, BODY),
        Spacer(1, 4 * mm),
        _figures(reads),
        Spacer(1, 6 * mm),
        Paragraph(MEANING, SMALL),
        Paragraph(LIMITS, SMALL),
    ]


def _figures(reads: Sequence[Read]) -> Table:
    rows = [[Paragraph(text, HEAD) for text in ("Figure", "Value", "95% interval", "Films")]]
    for figure in figures(reads, of_reader):
        known = figure.estimate
        cells = (f"{known.value:.2f}", f"{known.low:.2f} to {known.high:.2f}") if known else ("–", "–")
        rows.append([Paragraph(text, BODY) for text in (figure.name, *cells, str(figure.n))])
    style = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, RULE),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
        ("LEFTPADDING", (0, 0), (-1, -1), 0),
        ("BOTTOMPADDING", (0, 1), (-1, -1), 0),
    ]
    width = A4[0] - 2 * SIDE
    return Table(rows, [0.34 * width, 0.2 * width, 0.28 * width, 0.18 * width], style=style)


def _edges(canvas: Canvas, _document: SimpleDocTemplate) -> None:
    canvas.setFont(LABEL, 7)
    canvas.setFillColor(QUIET)
    canvas.setStrokeColor(RULE)
    canvas.line(SIDE, A4[1] - 28 * mm, A4[0] - SIDE, A4[1] - 28 * mm)
    canvas.drawString(SIDE, A4[1] - 25 * mm, plain("X-ray explainability · practice in reading radiographs"))
    canvas.drawString(SIDE, 16 * mm, f"xray {__version__}")

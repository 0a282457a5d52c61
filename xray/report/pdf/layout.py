"""Layout of the PDF: page templates, styles, header and footer."""

from __future__ import annotations

from typing import Any

from reportlab.lib.enums import TA_RIGHT
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Frame, PageTemplate

from xray import NOTICE, __version__
from xray.report.pdf.figures import INK, QUIET, RULE
from xray.report.pdf.fonts import BOLD, LABEL, TEXT

SIDE, TOP, BOTTOM, GUTTER = 17 * mm, 19 * mm, 17 * mm, 7 * mm
WIDTH, HEIGHT = A4[0] - 2 * SIDE, A4[1] - TOP - BOTTOM
COLUMN = (WIDTH - GUTTER) / 2
SUMMARY = 54 * mm  # width of the summary beside the pictures
FLAG = "#A32A12"

BODY = ParagraphStyle("body", fontName=TEXT, fontSize=8.9, leading=10.9, textColor=INK)
LEAD = ParagraphStyle("lead", parent=BODY, fontSize=10.6, leading=13)
SMALL = ParagraphStyle("small", parent=BODY, fontSize=7.5, leading=9)
CAPTION = ParagraphStyle("caption", parent=SMALL, spaceBefore=1.5 * mm, spaceAfter=3 * mm)
TITLE = ParagraphStyle("title", parent=BODY, fontSize=17, leading=20, spaceAfter=1 * mm)
UNDER = ParagraphStyle("under", parent=BODY, textColor=QUIET, spaceAfter=2 * mm)
HEAD = ParagraphStyle(
    "head", fontName=BOLD, fontSize=7.6, leading=10, textColor=INK, spaceBefore=2.2 * mm, spaceAfter=0.8 * mm
)
WARNING = ParagraphStyle("warning", parent=SMALL, textColor=FLAG)
FLAGGED = ParagraphStyle("flagged", parent=WARNING, leftIndent=3 * mm, firstLineIndent=-3 * mm)
FACT = ParagraphStyle("fact", parent=SMALL, fontSize=7.2, leading=8.7, leftIndent=5 * mm, bulletFontSize=7.2)
SIGN = ParagraphStyle("sign", parent=SMALL, fontName=LABEL, fontSize=7)
FIGURE = ParagraphStyle("figure", parent=SMALL, alignment=TA_RIGHT)
PLAIN = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
]
RULED = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 1.2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
    ("LINEABOVE", (0, 0), (-1, 0), 0.8, INK),
    ("LINEBELOW", (0, 0), (-1, 0), 0.4, INK),
]
WARNED = [
    ("LINEBEFORE", (0, 0), (0, -1), 1.6, FLAG),
    ("LEFTPADDING", (0, 0), (-1, -1), 3 * mm),
    ("TOPPADDING", (0, 0), (-1, -1), 0.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
]


def pages(top: float) -> list[PageTemplate]:
    """Page templates: the first has a frame of height `top` above its two columns."""

    def frame(left: float, width: float, height: float, up: float = BOTTOM) -> Frame:
        return Frame(left, up, width, height, 0, 0, 0, 0)

    lefts = (SIDE, SIDE + COLUMN + GUTTER)
    first = [frame(SIDE, WIDTH, top + 1, BOTTOM + HEIGHT - top - 1)]
    first += [frame(left, COLUMN, HEIGHT - top - 1) for left in lefts]
    return [
        PageTemplate("first", first),
        PageTemplate("columns", [frame(left, COLUMN, HEIGHT) for left in lefts]),
    ]


class Numbered(Canvas):
    """Canvas that draws header and footer after all pages are known, as the footer shows their number."""

    def __init__(self, running: str, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.running = running
        self.pages: list[dict[str, Any]] = []

    def showPage(self) -> None:
        """End a page and remember it."""
        self.pages.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Write every page with its head and foot."""
        for page in self.pages:
            self.__dict__.update(page)
            self._edges(len(self.pages))
            super().showPage()
        super().save()

    def _edges(self, pages: int) -> None:
        self.setFont(LABEL, 6.5)
        self.setFillColor(QUIET)
        self.setStrokeColor(RULE)
        self.setLineWidth(0.4)
        for up, left, right in (
            (A4[1] - 12 * mm, f"X-ray explainability · {NOTICE}", self.running),
            (10 * mm, f"xray {__version__}", f"{self._pageNumber} of {pages}"),
        ):
            self.drawString(SIDE, up, left)
            self.drawRightString(A4[0] - SIDE, up, right)
        self.line(SIDE, A4[1] - 14 * mm, A4[0] - SIDE, A4[1] - 14 * mm)

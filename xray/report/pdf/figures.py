"""Figures of the PDF: pictures side by side with a color bar, and probability bars."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from xray.render.overlay import RGB
from xray.report.pdf.fonts import BOLD, LABEL, plain
from xray.report.pictures import printed
from xray.types import Prediction
from xray.types.answer import percent

INK, QUIET, RULE = HexColor("#1B1E23"), HexColor("#5C6470"), HexColor("#C9CED6")
ABOVE, BELOW, TRACK = HexColor("#C4760F"), HexColor("#8C99AB"), HexColor("#EEF0F3")


class Panels(Flowable):
    """Pictures of one film side by side, with letters and a color bar beside the last one.

    Args:
        pictures: uint8 (H, W, 3) each.
        bar: Color bar.
        scale: Value of the brightest color; None for no color bar.
    """

    GAP, BAR, LETTER, HIGHEST = 4 * mm, 3 * mm, 4 * mm, 52 * mm

    def __init__(self, pictures: Sequence[RGB], bar: RGB, scale: float | None) -> None:
        super().__init__()
        self.pictures = [ImageReader(Image.fromarray(printed(picture))) for picture in pictures]
        self.bar = ImageReader(Image.fromarray(bar))
        self.scale = scale
        self.aspect = pictures[0].shape[1] / pictures[0].shape[0]

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Return the size in points that the flowable takes."""
        count = len(self.pictures)
        room = width - (count - 1) * self.GAP - (self.BAR + 14 * mm if self.scale is not None else 0)
        self.tall = min(self.HIGHEST, room / count / self.aspect, height - self.LETTER)
        self.wide = self.tall * self.aspect
        self.left = (room - count * self.wide) / 2
        return width, self.tall + self.LETTER

    def draw(self) -> None:
        """Draw the flowable on its canvas."""
        page, left = self.canv, self.left
        for letter, picture in zip("abc", self.pictures, strict=False):
            page.setFillColor(INK)
            page.setFont(BOLD, 8)
            page.drawString(left, self.tall + 1.5 * mm, letter)
            page.drawImage(picture, left, 0, self.wide, self.tall)
            left += self.wide + self.GAP
        if self.scale is None:
            return
        left -= self.GAP - 2 * mm
        page.drawImage(self.bar, left, 0, self.BAR, self.tall)
        page.setFont(LABEL, 6)
        page.setStrokeColor(INK)
        for share in (0, 0.5, 1):
            up = share * self.tall
            page.line(left + self.BAR, up, left + self.BAR + 1 * mm, up)
            lift = (0, -2, -4.4)[round(2 * share)]
            page.drawString(left + self.BAR + 1.6 * mm, up + lift, f"{share * self.scale:.3g}")


class Bars(Flowable):
    """One bar per finding: calibrated probability, interval (whisker) and operating point (line)."""

    def __init__(self, prediction: Prediction) -> None:
        super().__init__()
        self.prediction = prediction
        self.row = (5.6 if len(prediction.findings) <= 6 else 4.3) * mm

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Return the size in points that the flowable takes."""
        self.width = width
        return width, len(self.prediction.findings) * self.row + 6 * mm

    def draw(self) -> None:
        """Draw the flowable on its canvas."""
        page, prediction = self.canv, self.prediction
        names = prediction.findings
        left = min(0.45 * self.width, max(stringWidth(name, BOLD, 7) for name in names) + 2 * mm)
        room = self.width - left - 10.5 * mm
        page.setFont(LABEL, 6)
        page.setFillColor(QUIET)
        for share, place in ((0, "drawString"), (0.5, "drawCentredString"), (1, "drawRightString")):
            getattr(page, place)(left + share * room, 0, f"{share:.0%}")
        for number, name in enumerate(names):
            reached = prediction.at_operating_point(name)
            middle = 4.5 * mm + (len(names) - number - 0.5) * self.row
            page.setFillColor(INK)
            page.setFont(BOLD if reached else LABEL, 7)
            label = fitted(name, BOLD if reached else LABEL, 7, left - 1 * mm)
            page.drawString(0, middle - 2.4, plain(label))
            page.drawRightString(self.width, middle - 2.4, percent(prediction.probabilities[number]))
            self.bar(left, middle, room, number, ABOVE if reached else BELOW)

    def bar(self, left: float, middle: float, room: float, number: int, color: Color) -> None:
        """Draw one confidence bar with its operating point and interval."""
        page, prediction, half = self.canv, self.prediction, 0.28 * self.row
        page.setFillColor(TRACK)
        page.rect(left, middle - half, room, 2 * half, stroke=0, fill=1)
        page.setFillColor(color)
        page.rect(
            left, middle - half, float(prediction.probabilities[number]) * room, 2 * half, stroke=0, fill=1
        )
        page.setStrokeColor(INK)
        if prediction.intervals is not None:
            low, high = (left + float(value) * room for value in prediction.intervals[number])
            page.setLineWidth(0.6)
            page.line(low, middle, high, middle)
            for end in (low, high):
                page.line(end, middle - 0.5 * half, end, middle + 0.5 * half)
        at = left + float(prediction.thresholds[number]) * room
        page.setLineWidth(1.3)
        page.line(at, middle - 1.45 * half, at, middle + 1.45 * half)


def fitted(text: str, font: str, size: float, room: float) -> str:
    """Cut text to a width and end it with an ellipsis."""
    if stringWidth(text, font, size) <= room:
        return text
    while text and stringWidth(f"{text}…", font, size) > room:
        text = text[:-1]
    return f"{text}…"

"""Images that are not radiographs, made by code to test the input gate: drawings, documents, screenshots."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from xray.types import Radiograph

Shape = tuple[float, float, float, float]
TEXT = (
    "the patient was seen on monday with a cough of two weeks and no fever report of findings left right "
    "normal heart size lungs clear invoice total amount due page date name address chapter figure table"
)


def renderings(kind: str, count: int, seed: int = 0) -> list[Radiograph]:
    """Render images of one kind in RENDERINGS; the same seed gives the same images."""
    return [_picture(kind, [seed, number], f"{kind}-{number:02}.png") for number in range(count)]


def _picture(kind: str, seed: list[int], name: str) -> Radiograph:
    generator = np.random.default_rng(seed)
    sheet = RENDERINGS[kind](generator)
    if generator.random() < 0.5:  # as if photographed or scanned: blur and noise
        soft = np.asarray(sheet.filter(ImageFilter.GaussianBlur(generator.uniform(0.3, 1.2))), np.float32)
        sheet = Image.fromarray((soft + generator.normal(0, 2, soft.shape)).clip(0, 255).astype(np.uint8))
    return Radiograph(np.asarray(sheet, np.float32) / np.float32(255), name)


def drawing(generator: np.random.Generator) -> Image.Image:
    """Draw lines, boxes, ellipses and arcs on paper, some of them filled on half of the sheets."""
    width, height = generator.integers(300, 900, 2)
    sheet = Image.new("L", (int(width), int(height)), int(generator.integers(225, 256)))
    pen, filled = ImageDraw.Draw(sheet), generator.random() < 0.5
    for _ in range(generator.integers(8, 30)):
        ink, thick = int(generator.integers(0, 120)), int(generator.integers(1, 7))
        inside = int(generator.integers(90, 230)) if filled and generator.random() < 0.4 else None
        choice = generator.integers(0, 4)
        if choice == 0:
            points = np.cumsum(generator.normal(0, 25, (20, 2)), axis=0) + _place(generator, sheet)[:2]
            pen.line([tuple(point) for point in points], ink, thick, joint="curve")
        elif choice == 1:
            pen.ellipse(_place(generator, sheet), inside, ink, thick)
        elif choice == 2:
            pen.rectangle(_place(generator, sheet), inside, ink, thick)
        else:
            start, end = np.sort(generator.uniform(0, 360, 2))
            pen.arc(_place(generator, sheet), float(start), float(end), ink, thick)
    return sheet


def document(generator: np.random.Generator) -> Image.Image:
    """Draw a page of text with a heading, in one or two columns, sometimes with a table."""
    width = int(generator.integers(420, 900))
    sheet = Image.new("L", (width, int(width * 1.414)), int(generator.integers(235, 256)))
    pen, margin, ink = ImageDraw.Draw(sheet), width // 12, int(generator.integers(0, 60))
    size = int(generator.integers(width // 60, width // 28))
    pen.text((margin, margin), _words(generator, 4).title(), ink, ImageFont.load_default(size * 2))
    columns, top = int(generator.integers(1, 3)), margin + 4 * size
    wide = (width - margin * (columns + 1)) // columns
    for column in range(columns):
        left, line = margin + column * (wide + margin), top
        while line < sheet.height - margin:
            if generator.random() > 0.12:
                _line_of_text(pen, generator, (left, line), wide, size, ink)
            line += round(size * 1.5)
    if generator.random() < 0.4:
        _table(pen, (margin, sheet.height // 2, width - margin, sheet.height // 2 + 8 * size), size, ink)
    return sheet


def screenshot(generator: np.random.Generator) -> Image.Image:
    """Draw a light or dark window with a title bar, a side bar, cards, buttons and bar charts."""
    width, height = int(generator.integers(640, 1280)), int(generator.integers(420, 800))
    dark = generator.random() < 0.4
    back, ink, panel = (24, 225, 44) if dark else (250, 40, 228)
    sheet = Image.new("L", (width, height), back)
    pen, side, bar = ImageDraw.Draw(sheet), width // int(generator.integers(4, 7)), height // 14
    pen.rectangle((0, 0, width, bar), panel + (20 if dark else -60))
    pen.rectangle((0, bar, side, height), panel)
    for top in range(bar + 16, height - 40, 34):
        _line_of_text(pen, generator, (14, top), side - 30, 13, ink)
    across = int(generator.integers(1, 4))
    wide = (width - side) // across
    for number in range(across * 2):
        left, top = side + number % across * wide + 14, bar + number // across * (height - bar) // 2 + 14
        card: Shape = (left, top, left + wide - 28, top + (height - bar) // 2 - 28)
        pen.rounded_rectangle(card, 8, panel if generator.random() < 0.5 else back, ink, 1)
        if generator.random() < 0.4:
            _bars(pen, generator, card, int(generator.integers(70, 190)))
        else:
            for line in range(top + 12, int(card[3]) - 44, 20):
                _line_of_text(pen, generator, (left + 12, line), wide - 60, 12, ink)
            pen.rounded_rectangle((left + 12, card[3] - 34, left + 92, card[3] - 10), 5, 120)
    return sheet


RENDERINGS: dict[str, Callable[[np.random.Generator], Image.Image]] = {
    "drawing": drawing,
    "document": document,
    "screenshot": screenshot,
}


def _place(generator: np.random.Generator, sheet: Image.Image) -> Shape:
    left, right = np.sort(generator.uniform(0, sheet.width, 2))
    top, bottom = np.sort(generator.uniform(0, sheet.height, 2))
    return float(left), float(top), float(right), float(bottom)


def _words(generator: np.random.Generator, count: int) -> str:
    return " ".join(generator.choice(TEXT.split(), count))


def _line_of_text(
    pen: ImageDraw.ImageDraw,
    generator: np.random.Generator,
    place: tuple[int, int],
    wide: int,
    size: int,
    ink: int,
) -> None:
    letters = max(3, int(wide / (size * 0.55) * generator.uniform(0.6, 1)))
    pen.text(place, _words(generator, letters)[:letters], ink, ImageFont.load_default(size))


def _table(pen: ImageDraw.ImageDraw, place: tuple[int, int, int, int], size: int, ink: int) -> None:
    left, top, right, bottom = place
    pen.rectangle(place, 245, ink)
    for row in range(top, bottom, 2 * size):
        pen.line((left, row, right, row), ink)
    for column in range(left, right, (right - left) // 4):
        pen.line((column, top, column, bottom), ink)


def _bars(pen: ImageDraw.ImageDraw, generator: np.random.Generator, card: Shape, gray: int) -> None:
    left, top, right, bottom = card
    step = (right - left - 20) / 8
    for number, high in enumerate(generator.uniform(0.1, 0.9, 8)):
        at = left + 10 + number * step
        pen.rectangle((at, bottom - 10 - high * (bottom - top - 20), at + step * 0.7, bottom - 10), gray)

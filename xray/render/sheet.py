"""Pictures side by side with a line under each, as one picture for a slide."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xray.render.overlay import RGB

GAP, LINE, TEXT = 12, 22, 15  # pixels: between pictures, of a line of text, of its letters
GROUND, INK = "#0D1014", "#E4E8EE"


def sheet(pictures: Sequence[tuple[RGB, str]], columns: int, foot: str, side: int = 420) -> RGB:
    """Pictures (h, w, 3), each no larger than side, in rows of so many columns, on uint8 (H, W, 3).

    Lines of text are separated by a line break; foot stands below all.
    """
    lines = max(text.count("\n") + 1 for _, text in pictures)
    rows = -(-len(pictures) // columns)
    across, down = side + GAP, side + lines * LINE + GAP
    size = columns * across + GAP, rows * down + GAP + LINE * (foot.count("\n") + 1)
    drawn = Image.new("RGB", size, GROUND)
    pen, font = ImageDraw.Draw(drawn), ImageFont.load_default(size=TEXT)
    for number, (picture, text) in enumerate(pictures):
        left, top = GAP + number % columns * across, GAP + number // columns * down
        small = _fitted(picture, side)
        height, width = small.shape[:2]
        drawn.paste(Image.fromarray(small), (left + (side - width) // 2, top + (side - height) // 2))
        pen.multiline_text((left, top + side + 3), text, fill=INK, font=font, spacing=LINE - TEXT - 2)
    pen.multiline_text((GAP, size[1] - LINE * (foot.count("\n") + 1)), foot, fill=INK, font=font)
    return np.asarray(drawn)


def _fitted(picture: RGB, side: int) -> RGB:
    factor = side / max(picture.shape[:2])
    height, width = (max(1, round(factor * length)) for length in picture.shape[:2])
    how = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=how), np.uint8)

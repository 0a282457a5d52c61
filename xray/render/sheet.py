"""Several captioned pictures on one sheet."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xray.render.overlay import RGB

GAP, LINE, TEXT = 12, 22, 15  # px: space between pictures, line height, font size
GROUND, INK = "#0D1014", "#E4E8EE"


def sheet(pictures: Sequence[tuple[RGB, str]], columns: int, foot: str, side: int = 420) -> RGB:
    """Arrange captioned pictures in a grid.

    Args:
        pictures: RGB pictures (h, w, 3) with captions; captions may have several lines.
        columns: Pictures per row.
        foot: Text below all pictures; may have several lines.
        side: Size in px to which the longer side of each picture is scaled.

    Returns:
        uint8 RGB (H, W, 3).
    """
    lines = max(text.count("\n") + 1 for _, text in pictures)
    rows = -(-len(pictures) // columns)
    across, down = side + GAP, side + lines * LINE + GAP
    size = columns * across + GAP, rows * down + GAP + LINE * (foot.count("\n") + 1)
    canvas = Image.new("RGB", size, GROUND)
    pen, font = ImageDraw.Draw(canvas), ImageFont.load_default(size=TEXT)
    for number, (picture, text) in enumerate(pictures):
        left, top = GAP + number % columns * across, GAP + number // columns * down
        scaled = _scaled(picture, side)
        height, width = scaled.shape[:2]
        canvas.paste(Image.fromarray(scaled), (left + (side - width) // 2, top + (side - height) // 2))
        pen.multiline_text((left, top + side + 3), text, fill=INK, font=font, spacing=LINE - TEXT - 2)
    pen.multiline_text((GAP, size[1] - LINE * (foot.count("\n") + 1)), foot, fill=INK, font=font)
    return np.asarray(canvas)


def _scaled(picture: RGB, side: int) -> RGB:
    factor = side / max(picture.shape[:2])
    height, width = (max(1, round(factor * length)) for length in picture.shape[:2])
    interpolation = cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(picture, (width, height), interpolation=interpolation), np.uint8)

"""Boxes drawn on a film, distinguished by thickness and number as well as by color."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xray.io.encode import picture_png
from xray.render.overlay import RGB, Drawing, window
from xray.types import Case, Detections, Pixels

FOUND, NEAR = "#FFB000", "#648FFF"  # from IBM's color-blind safe palette
HALO = "#000000"


def draw_boxes(
    film: Pixels, found: Detections, near: Detections | None = None, drawing: Drawing | None = None
) -> RGB:
    """Draw boxes on a film.

    Args:
        film: (H, W) in [0, 1].
        found: Boxes at or above the threshold, drawn thick with number and confidence.
        near: Boxes just below the threshold, drawn thin.
        drawing: Window of the gray values.

    Returns:
        uint8 RGB (H, W, 3).
    """
    drawing = drawing or Drawing()
    gray = window(film, drawing.window_center, drawing.window_width)
    picture = Image.fromarray(np.rint(gray * 255).astype(np.uint8)).convert("RGB")
    pen, width = ImageDraw.Draw(picture), max(2, round(max(film.shape) / 300))
    for corners in near.xyxy.tolist() if near else ():
        pen.rectangle(corners, outline=NEAR, width=max(1, width // 2))
    font = ImageFont.load_default(size=7 * width)
    for number, (corners, score) in enumerate(zip(found.xyxy.tolist(), found.confidence, strict=True), 1):
        pen.rectangle(corners, outline=FOUND, width=width)
        label = f"{number}: {score:.0%}"
        across, down = pen.textbbox((0, 0), label, font=font)[2:]
        left = max(0, min(corners[0], picture.width - across))
        above, below = corners[1] - width - down, corners[3] + width
        inside = corners[1] + width
        top = above if above >= 0 else below if below + down <= picture.height else inside
        pen.rectangle((left, top, left + across, top + down), fill=HALO)
        pen.text((left, top), label, fill=FOUND, font=font)
    return np.asarray(picture)


def boxes_png(case: Case, found: Detections) -> bytes:
    """Encode the film of a Case with boxes at source resolution as PNG (see picture_png)."""
    return picture_png(draw_boxes(case.radiograph.pixels, found), f"Boxes of {found.model_id}", case)


def crop(film: Pixels | RGB, corners: Pixels, margin: float = 0.5) -> tuple[slice, slice]:
    """Rows and columns of a film (H, W) that show a box (4) and a margin, a share of the box's sides."""
    left, top, right, bottom = (float(value) for value in corners)
    across, down = margin * (right - left) + 16, margin * (bottom - top) + 16
    return (
        slice(max(0, int(top - down)), min(film.shape[0], int(np.ceil(bottom + down)))),
        slice(max(0, int(left - across)), min(film.shape[1], int(np.ceil(right + across)))),
    )


def enlarged(picture: RGB, corners: Pixels, side: int = 480) -> RGB:
    """Crop a box (4) of a picture (H, W, 3) with its margin, outlined, enlarged to at least `side` px."""
    rows, columns = crop(picture, corners)
    part = picture[rows, columns]
    factor = max(1.0, side / max(part.shape[:2]))
    size = round(part.shape[1] * factor), round(part.shape[0] * factor)
    enlarged_part = Image.fromarray(part).resize(size, Image.Resampling.BICUBIC)
    outline = (corners - np.tile([columns.start, rows.start], 2)) * factor
    ImageDraw.Draw(enlarged_part).rectangle(outline.tolist(), outline=FOUND, width=2)
    return np.asarray(enlarged_part)

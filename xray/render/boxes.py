"""Boxes drawn on a film, distinguished by thickness and number as well as by color."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageColor, ImageDraw, ImageFont

from xray.io.encode import picture_png
from xray.render.overlay import RGB, Drawing, windowed
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
    picture = np.repeat(windowed(film, drawing)[..., None], 3, axis=2)
    height, width = film.shape
    line = max(2, round(max(film.shape) / 300))
    for corners in near.xyxy if near else ():
        _outline(picture, corners, NEAR, max(1, line // 2))
    for corners in found.xyxy:
        _outline(picture, corners, FOUND, line)
    covered = np.zeros(film.shape, np.bool_)  # by labels
    for number, (corners, score) in enumerate(zip(found.xyxy, found.confidence, strict=True), 1):
        label = _label(f"{number}: {score:.3f}", 7 * line)[:height, :width]
        top, left = _place(corners, label.shape[:2], covered, line)
        area = slice(top, top + label.shape[0]), slice(left, left + label.shape[1])
        picture[area], covered[area] = label, True
    return picture


def _place(corners: Pixels, size: tuple[int, ...], covered: NDArray[np.bool_], line: int) -> tuple[int, int]:
    """Top and left of a box's label: above, below or inside it, or lower where other labels cover that."""
    height, width = covered.shape
    down, across = size[0], size[1]
    left, top, _, bottom = np.rint(corners).astype(int).clip(0, (width, height, width, height))
    left = min(left, width - across)
    inside = min(top + line, height - down)

    def free(place: int) -> bool:
        fits = 0 <= place <= height - down
        return fits and not covered[place : place + down, left : left + across].any()

    places = top - line - down, bottom + line, *range(inside, height - down + 1, down)
    return next(filter(free, places), inside), left


def _outline(picture: RGB, corners: Pixels, color: str, line: int) -> None:
    """Draw the border of a box (4) into a picture (H, W, 3), inside the box."""
    left, top, right, bottom = np.rint(corners).astype(int)
    right, bottom = right + 1, bottom + 1
    for x0, y0, x1, y1 in (
        (left, top, right, top + line),
        (left, bottom - line, right, bottom),
        (left, top, left + line, bottom),
        (right - line, top, right, bottom),
    ):
        picture[max(0, y0) : max(0, y1), max(0, x0) : max(0, x1)] = ImageColor.getrgb(color)


def _label(text: str, size: int) -> RGB:
    """Draw text in the color of found boxes on its ground."""
    font = ImageFont.load_default(size=size)
    across, down = (int(np.ceil(side)) + 1 for side in font.getbbox(text)[2:])
    label = Image.new("RGB", (across, down), HALO)
    ImageDraw.Draw(label).text((0, 0), text, fill=FOUND, font=font)
    return np.asarray(label)


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

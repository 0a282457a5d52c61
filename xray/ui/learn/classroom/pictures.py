"""Pictures of a revealed film: the marks of the class, the model's map and the reference."""

from __future__ import annotations

import cv2
import numpy as np

from xray.imaging.transforms import downsampled
from xray.learn.classroom.statistics import marks_heatmap
from xray.learn.scores import Box
from xray.render.overlay import RGB, SHOWN_SIDE, Drawing, downsampled_case, draw, overlay, scale_of, windowed
from xray.types import Case, Pixels, Radiograph

TRUTH = (47, 181, 151)  # RGB of a reference box, as in the viewer
MARKS = Drawing(opacity=0.6, threshold=0.0)


def marks_picture(film: Radiograph, marks: list[Box], truth: Pixels) -> RGB:
    """Draw how many marks cover each place, over the film; the most covered place has the brightest color.

    Args:
        film: The film.
        marks: Marks in source pixels.
        truth: Boxes (n, 4) of the reference in source pixels.

    Returns:
        uint8 RGB (h, w, 3), at most SHOWN_SIDE pixels on its longer side.
    """
    small = downsampled(film, SHOWN_SIDE).pixels
    factor = scale(small, film)
    counts = marks_heatmap([tuple(np.array(mark) * factor) for mark in marks], small.shape)
    picture = overlay(small, counts / max(1.0, float(counts.max())), MARKS)
    return with_boxes(picture, truth * factor)


def map_picture(case: Case, finding: str, truth: Pixels) -> RGB:
    """Draw the map of a finding over the film, scaled to its own maximum, as in marks_picture."""
    small = downsampled_case(case)
    picture = draw(small, finding, Drawing(), scale_of(case, finding, per_map=True))
    return with_boxes(picture, truth * scale(small.radiograph.pixels, case.radiograph))


def reference_picture(film: Radiograph, truth: Pixels) -> RGB:
    """Draw the film with the boxes of the reference, as in marks_picture."""
    small = downsampled(film, SHOWN_SIDE).pixels
    picture = np.repeat(windowed(small)[..., None], 3, axis=2)
    return with_boxes(picture, truth * scale(small, film))


def scale(small: Pixels, film: Radiograph) -> Pixels:
    """Factors (4) from source pixels to the pixels of a smaller copy, for left, top, right and bottom."""
    down, across = np.array(small.shape) / film.pixels.shape
    return np.array([across, down, across, down], np.float32)


def with_boxes(picture: RGB, boxes: Pixels) -> RGB:
    """Draw boxes (n, 4) into a picture (H, W, 3) and return it."""
    line = max(2, round(max(picture.shape) / 300))
    for left, top, right, bottom in np.rint(boxes).astype(int).tolist():
        cv2.rectangle(picture, (left, top), (right, bottom), TRUTH, line)
    return picture

"""Pictures of a report with their captions: the film, its boxes and the map of a finding."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.explain import method_of
from xray.io.bands import bands
from xray.models.detector import chosen
from xray.render.boxes import draw_boxes
from xray.render.overlay import RGB, Drawing, colors, draw, evidence, scale_of, window
from xray.types import Case, Detections
from xray.wording import counted

MAX_SIDE = 1000  # px of a printed picture: 300 dpi at 85 mm


def panels(case: Case, finding: str) -> list[tuple[RGB, str]]:
    """Return pictures (H, W, 3) and captions: the film, boxes and map; the last two only where they exist."""
    made = [(film_picture(case), "The film.")]
    found = boxes(case)
    if found is not None:
        made.append((draw_boxes(case.radiograph.pixels, found), boxes_caption(found)))
    if case.explanations:
        made.append((overlay_picture(case, finding), map_caption(case, finding)))
    return made


def boxes(case: Case) -> Detections | None:
    """A detector's boxes at its operating point; None for a model that does not detect boxes."""
    return None if case.detections is None else chosen(case.detections, case.detections.threshold)


def film_picture(case: Case) -> RGB:
    """The film as uint8 (H, W, 3)."""
    gray = np.rint(window(case.radiograph.pixels, 0.5, 1.0) * 255).astype(np.uint8)
    return np.dstack([gray] * 3)


def overlay_picture(case: Case, finding: str) -> RGB:
    """The film with the map of a finding, uint8 (H, W, 3), on the scale of all findings."""
    return draw(case, finding, Drawing())


def drawn_area(case: Case, finding: str) -> NDArray[np.bool_]:
    """Pixels of the film, (H, W), where `overlay_picture` draws the map of a finding."""
    drawing, film = Drawing(), case.radiograph.pixels
    area = np.empty(film.shape, bool)
    for rows in bands(film):
        area[rows] = evidence(case, finding, drawing, rows) >= drawing.threshold
    return area


def color_bar(length: int = 256) -> RGB:
    """Colors of the scale, uint8 (length, 1, 3), from the highest value to the lowest."""
    return colors(np.linspace(1, 0, length, dtype=np.float32)[:, None], Drawing.colormap)


def map_caption(case: Case, finding: str) -> str:
    """Describe what the colors of a map mean."""
    explanation = case.explanation(finding)
    method = method_of(explanation)
    caption = f"{method.title} of {finding} at {explanation.layer}: {method.values}."
    if not explanation.has_positive_evidence:
        return f"{caption} It has no positive evidence."
    caption += (
        f" Colors range from 0 to {scale_of(case, finding):.3g}, the maximum over all findings; the maximum "
        "of this map is {:.3g}, at x {:.0f}, y {:.0f} px.".format(explanation.raw_max, *explanation.peak)
    )
    if not case.prediction.at_operating_point(finding):
        caption += f" {finding} is below its operating point, so the map is muted."
    return caption


def boxes_caption(found: Detections) -> str:
    """State the number of boxes and the threshold of their scores."""
    count = counted(len(found), "box", "boxes") if len(found) else "No box"
    return f"{count} with a score of {found.threshold:.3f} or more, the model's operating point."


def printed(picture: RGB) -> RGB:
    """Shrink a picture (H, W, 3) to at most MAX_SIDE pixels."""
    factor = MAX_SIDE / max(picture.shape[:2])
    if factor >= 1:
        return picture
    height, width = (max(1, round(factor * length)) for length in picture.shape[:2])
    return np.asarray(cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA), np.uint8)

"""Heatmaps drawn over films; raw values are scaled only here, by a scale that the caller passes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.geometry import Affine
from xray.imaging import transforms
from xray.io.bands import bands
from xray.types import Case, Pixels

RGB = NDArray[np.uint8]

COLORMAPS = {  # perceptually uniform, readable with color blindness; the first is the default
    "Inferno": cv2.COLORMAP_INFERNO,
    "Viridis": cv2.COLORMAP_VIRIDIS,
    "Cividis": cv2.COLORMAP_CIVIDIS,
    "Magma": cv2.COLORMAP_MAGMA,
}
COLD = np.array([0.36, 0.66, 1.0]) * 255  # negative values are blue, which no color map above ends in
LINE = (154, 165, 180)  # of contours; also in the viewer
MUTED = 0.35  # opacity of a map of a finding below its operating point
SHOWN_SIDE = 1024  # px, longer side of a film on screen


@dataclass(frozen=True)
class Drawing:
    """How a heatmap is drawn.

    Attributes:
        opacity: Opacity of the strongest evidence, in [0, 1].
        threshold: Share of the scale, in [0, 1], below which nothing is drawn.
        colormap: A key of COLORMAPS.
        window_center: Center of the gray-value window, in [0, 1].
        window_width: Width of the gray-value window, in [0, 1].
        own_scale: Whether the scale is the maximum of this map instead of the maximum over all findings.
        negative: Whether negative values are drawn.
    """

    opacity: float = 0.6
    threshold: float = 0.15
    colormap: str = next(iter(COLORMAPS))
    window_center: float = 0.5
    window_width: float = 1.0
    own_scale: bool = False
    negative: bool = False


def window(pixels: Pixels, center: float, width: float) -> Pixels:
    """Map gray values in [center - width / 2, center + width / 2] of a film (H, W) to [0, 1]."""
    return transforms.window(pixels, center, width).pixels


def windowed(film: Pixels, drawing: Drawing | None = None) -> NDArray[np.uint8]:
    """Draw a film (H, W) without a map in its window: gray values, uint8 (H, W)."""
    drawing = drawing or Drawing()
    grays = np.empty(film.shape, np.uint8)
    for rows in bands(film):
        grays[rows] = np.rint(window(film[rows], drawing.window_center, drawing.window_width) * 255)
    return grays


def scale_of(case: Case, finding: str, *, per_map: bool = False, negative: bool = False) -> float:
    """Return the raw value that is drawn in the brightest color.

    Args:
        case: The Case.
        finding: The finding.
        per_map: Whether to use the maximum of this map instead of the maximum over all findings.
        negative: Whether negative values count by their magnitude.
    """
    explanations = (case.explanation(finding),) if per_map else case.explanations
    lows = [-explanation.raw_min for explanation in explanations if negative]
    return max(0.0, *(explanation.raw_max for explanation in explanations), *lows)


def strength(heatmap: Pixels, scale: float, *, negative: bool = False) -> Pixels:
    """Scale raw values (H, W) to [0, 1], or with negative values to [-1, 1]; zero if scale is 0."""
    if scale <= 0:
        return np.zeros_like(heatmap)
    shares = heatmap / scale
    return np.clip(shares, -float(negative), 1.0, out=shares)


def colors(values: Pixels, colormap: str) -> RGB:
    """Convert values (H, W) in [-1, 1] to RGB (H, W, 3): the color map above 0, black to blue below."""
    levels = np.rint(values.clip(0, 1) * 255).astype(np.uint8)
    warm = cv2.applyColorMap(levels, COLORMAPS[colormap])[..., ::-1].astype(np.uint8)
    cold = np.rint(values.clip(-1, 0)[..., None] * -COLD).astype(np.uint8)
    return np.where(values[..., None] < 0, cold, warm)


def overlay(film: Pixels, values: Pixels, drawing: Drawing, *, muted: bool = False) -> RGB:
    """Draw evidence over a film.

    The opacity of a pixel grows in proportion to its evidence above the threshold, so the film stays readable
    where there is little, and a map has no edge at its threshold.

    Args:
        film: (H, W) in [0, 1].
        values: Evidence (H, W) in [-1, 1].
        drawing: Opacity, threshold, color map and window.
        muted: Whether the opacity is reduced to MUTED.

    Returns:
        uint8 RGB (H, W, 3).
    """
    magnitude = np.abs(values)
    opacity = drawing.opacity * (MUTED if muted else 1.0)
    above = (magnitude - drawing.threshold) / max(1 - drawing.threshold, 1e-6)
    alpha = above.clip(0, 1) * opacity
    gray = window(film, drawing.window_center, drawing.window_width)[..., None] * 255.0
    blended = gray + alpha[..., None] * (colors(values, drawing.colormap) - gray)
    return np.rint(blended).astype(np.uint8)


def evidence(
    case: Case, finding: str, drawing: Drawing, rows: slice = slice(None), scale: float | None = None
) -> Pixels:
    """Scale the map of a finding for drawing, (rows, W) at source resolution in [-1, 1].

    Args:
        case: The Case.
        finding: The finding.
        drawing: How the map is drawn.
        rows: Rows of the film; by default all.
        scale: Raw value of the brightest color, unless the drawing has the map's own scale; by default that
            of the Case.
    """
    if scale is None or drawing.own_scale:
        scale = scale_of(case, finding, per_map=drawing.own_scale, negative=drawing.negative)
    return strength(case.explanation(finding).heatmap(rows), scale, negative=drawing.negative)


def draw(
    case: Case,
    finding: str,
    drawing: Drawing,
    scale: float | None = None,
    contours: Sequence[NDArray[np.float64]] = (),
) -> RGB:
    """Draw the map of a finding over its film at source resolution, muted below its operating point.

    Args:
        case: The Case.
        finding: The finding.
        drawing: How the map is drawn.
        scale: See evidence.
        contours: Closed polygons (n, 2) in source pixels, drawn as lines over the map.
    """
    muted = not case.prediction.at_operating_point(finding)
    film = case.radiograph.pixels
    picture = np.empty((*film.shape, 3), np.uint8)
    for rows in bands(film):
        values = evidence(case, finding, drawing, rows, scale)
        picture[rows] = overlay(film[rows], values, drawing, muted=muted)
    thickness = max(1, round(max(film.shape) / SHOWN_SIDE * 2))
    points = [np.rint(polygon).astype(np.int32) for polygon in contours]
    cv2.polylines(picture, points, True, LINE, thickness, cv2.LINE_AA)
    return picture


def downsampled_case(case: Case, side: int = SHOWN_SIDE) -> Case:
    """Reduce the film of a Case to at most `side` px on its longer side and adapt the affines of its maps."""
    film = transforms.downsampled(case.radiograph, side)
    to_smaller = Affine.stretch(case.radiograph.pixels.shape, film.pixels.shape)
    explanations = tuple(
        replace(
            explanation,
            to_source=explanation.to_source.then(to_smaller),
            source_shape=film.pixels.shape,
        )
        for explanation in case.explanations
    )
    return replace(case, radiograph=film, explanations=explanations)

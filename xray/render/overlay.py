"""Drawing a heatmap over a film: the only place where raw values are scaled, by a scale the caller names."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from xray.imaging import transforms
from xray.types import Case, Pixels

RGB = NDArray[np.uint8]

COLORMAPS = {  # perceptually even and safe for color blindness; the first is the default
    "Inferno": cv2.COLORMAP_INFERNO,
    "Viridis": cv2.COLORMAP_VIRIDIS,
    "Cividis": cv2.COLORMAP_CIVIDIS,
    "Magma": cv2.COLORMAP_MAGMA,
}
COLD = np.array([0.36, 0.66, 1.0]) * 255  # what speaks against: blue, which no color map above ends in
MUTED = 0.35


@dataclass(frozen=True)
class Drawing:
    """How a heatmap is drawn: opacity and threshold in [0, 1] (of the scale), window in the film's [0, 1].

    own_scale: this finding's own, not the highest of all. negative: also what speaks against the finding.
    """

    opacity: float = 0.6
    threshold: float = 0.15
    colormap: str = next(iter(COLORMAPS))
    window_center: float = 0.5
    window_width: float = 1.0
    own_scale: bool = False
    negative: bool = False


def window(pixels: Pixels, center: float, width: float) -> Pixels:
    """Pixels (H, W) with [center - width / 2, center + width / 2] spread over [0, 1]."""
    return transforms.window(pixels, center, width).pixels


def scale_of(case: Case, finding: str, *, own: bool = False, negative: bool = False) -> float:
    """Return the raw value that is drawn in the brightest color.

    Args:
        case: The Case.
        finding: The finding.
        own: Whether to use the maximum of this map instead of the maximum over all findings.
        negative: Whether negative values count by their magnitude.
    """
    shown = (case.explanation(finding),) if own else case.explanations
    return max(0.0, *(one.raw_max for one in shown), *(-one.raw_min for one in shown if negative))


def strength(heatmap: Pixels, scale: float, *, negative: bool = False) -> Pixels:
    """Scale raw values (H, W) to [0, 1], or with negative values to [-1, 1]; zero if scale is 0."""
    return np.clip(heatmap / scale, -float(negative), 1.0) if scale > 0 else np.zeros_like(heatmap)


def colors(values: Pixels, colormap: str) -> RGB:
    """Values (H, W) in [-1, 1] as colors (H, W, 3): the color map above 0, black to blue below."""
    levels = np.rint(values.clip(0, 1) * 255).astype(np.uint8)
    warm = cv2.applyColorMap(levels, COLORMAPS[colormap])[..., ::-1].astype(np.uint8)
    cold = np.rint(values.clip(-1, 0)[..., None] * -COLD).astype(np.uint8)
    return np.where(values[..., None] < 0, cold, warm)


def overlay(film: Pixels, values: Pixels, drawing: Drawing, *, muted: bool = False) -> RGB:
    """A windowed film (H, W) with evidence (H, W) in [-1, 1] over it, uint8 (H, W, 3).

    A pixel's opacity is the drawing's times its evidence, and 0 under the threshold, so the film stays
    readable where the model saw little; a muted map is drawn at about a third of that.
    """
    size = np.abs(values)
    shown = np.where(size >= drawing.threshold, size, 0.0) * drawing.opacity * (MUTED if muted else 1.0)
    gray = window(film, drawing.window_center, drawing.window_width)[..., None] * 255.0
    blended = gray + shown[..., None] * (colors(values, drawing.colormap) - gray)
    return np.rint(blended).astype(np.uint8)


def evidence(case: Case, finding: str, drawing: Drawing) -> Pixels:
    """A finding's evidence (H, W) at source resolution, as it is to be drawn."""
    scale = scale_of(case, finding, own=drawing.own_scale, negative=drawing.negative)
    return strength(case.explanation(finding).heatmap(), scale, negative=drawing.negative)


def draw(case: Case, finding: str, drawing: Drawing) -> RGB:
    """The overlay of one finding at source resolution, muted when it is below its operating point."""
    values = evidence(case, finding, drawing)
    muted = not case.prediction.at_operating_point(finding)
    return overlay(case.radiograph.pixels, values, drawing, muted=muted)

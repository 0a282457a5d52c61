"""What the viewer of the Analyze page shows: the map, or its mean or variation over small changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from xray.evidence.map_uncertainty import LEAST, MapUncertainty, map_uncertainty
from xray.explain import METHODS
from xray.geometry import Affine
from xray.models.ensemble import model_of
from xray.render.overlay import scale_of
from xray.types import Case, Pixels
from xray.ui.common.maps import with_progress
from xray.ui.session import session

DISPLAYS = HEATMAP, MEAN, VARIATION = "Heatmap", "Mean", "Variation"
WHOLE = 1.0  # coefficient of variation of the brightest color: the deviation is as large as the mean


@dataclass(frozen=True, eq=False)
class MapDisplay:
    """What is shown over the film.

    Attributes:
        name: HEATMAP, MEAN or VARIATION.
        case: The Case with the map that is shown.
        values: The values for download, float32 (h, w); NaN where they are not defined.
        scale: Raw value of the brightest color; that of the Case if None.
        caption: How to read the picture; empty for the heatmap.
        contours: Polygons (n, 2) in source pixels around the region with values.
    """

    name: str
    case: Case
    values: Pixels
    scale: float | None = None
    caption: str = ""
    contours: tuple[NDArray[np.float64], ...] = ()


def map_display(case: Case, finding: str, place: DeltaGenerator, hidden: float) -> MapDisplay:
    """Return what the user chose to see over the film, and compute the maps that it needs once per session.

    Args:
        case: The Case with the map of the finding.
        finding: The finding.
        place: Where the progress of the computation is shown.
        hidden: Share of the scale below which the drawing shows nothing.
    """
    explanation, chosen = case.explanation(finding), session().displays.get((case.radiograph.sha256,))
    if chosen is None or chosen == HEATMAP:
        return MapDisplay(HEATMAP, case, explanation.raw_map)
    found = _uncertainty(case, finding, place)
    if chosen == MEAN:
        shown = replace(case, explanations=(found.mean,))
        return MapDisplay(MEAN, shown, found.mean.raw_map, scale_of(case, finding), mean_caption(found))
    return MapDisplay(
        VARIATION,
        replace(case, explanations=(found.variation_map,)),
        found.variation,
        WHOLE,
        variation_caption(found, hidden),
        contours(np.isfinite(found.variation), found.mean.to_source),
    )


def choose_display(case: Case, name: str) -> None:
    """Show the heatmap of a film, or its mean or variation."""
    session().displays[case.radiograph.sha256,] = name


def _uncertainty(case: Case, finding: str, place: DeltaGenerator) -> MapUncertainty:
    """The uncertainty of a map, computed once per session with a bar and a button to stop it."""
    kept, film = session().uncertainties, case.radiograph
    method = METHODS[case.explanation(finding).method]
    key = (film.sha256, film.name, case.prediction.model_id, method.name, finding)
    if key not in kept:
        kept[key] = with_progress(
            f"{method.title} of slightly changed films",
            partial(map_uncertainty, model_of(case.prediction), film, method, finding),
            partial(choose_display, case, HEATMAP),  # the rerun after it interrupts the computation
            "stop uncertainty",
            place,
        )
    return kept[key]


def contours(mask: NDArray[np.bool_], to_source: Affine) -> tuple[NDArray[np.float64], ...]:
    """Polygons (n, 2) in source pixels around the regions of a mask (h, w)."""
    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    return tuple(to_source.apply(polygon[:, 0].astype(np.float64) + 0.5) for polygon in found)


def counted(found: MapUncertainty) -> str:
    """How many maps were compared, and of what."""
    networks = f", each by {found.members} networks" if found.members > 1 else ""
    return (
        f"{found.films * found.members} maps: of the film and of {found.films - 1} small changes of it "
        f"(shift, rotation, noise, JPEG){networks}"
    )


def mean_caption(found: MapUncertainty) -> str:
    """State what the mean shows."""
    return (
        f"Mean of {counted(found)}. The colors have the scale of the heatmap: a region that fades here "
        "depends on details of the film."
    )


def variation_caption(found: MapUncertainty, hidden: float) -> str:
    """State what the coefficient of variation shows, and how large it is; nothing is drawn below `hidden`."""
    defined = found.variation[np.isfinite(found.variation)]
    if not defined.size:
        return "The mean map has no positive evidence, so its variation is not defined."
    return (
        f"Standard deviation divided by mean, of {counted(found)}. Inside the line, no color means a value "
        f"below {hidden * WHOLE:.2f} (**Hide below**), so a stable map, and the brightest color "
        f"({WHOLE:g} or more) that the map varies by as much as its mean. "
        f"Outside the line, the mean is below {LEAST:.0%} of its maximum, and the quotient has no meaning. "
        f"Median inside the line: {np.median(defined):.2f}."
    )

"""Film of a simulated body: marker, exposure, collimation, masks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from xray.imaging.phantom.marker import letter
from xray.imaging.phantom.physics import LEAD, Array, Exposure, FilmCurve, detect, develop, transmission
from xray.imaging.phantom.solids import Grid
from xray.types import Mask, Radiograph

GRAY_LEVELS = 2**12 - 1
LEAD_MM = 1.5


class Scene(NamedTuple):
    """A body in the beam, (H, W) each: optical depth; masks of finding, its possible region, and body."""

    optical_depth: Array
    finding: Mask
    region: Mask
    body: Mask


@dataclass(frozen=True, eq=False)
class Phantom:
    """A simulated radiograph with its ground truth. Masks are bool (H, W).

    Attributes:
        radiograph: The film.
        finding: "Opacity", "Fracture" or None.
        finding_mask: Pixels of the finding; all False without one.
        marker_mask: Pixels of the marker; all False without one.
        body_mask: Pixels of the body.
        region_mask: Where the finding could be: the lungs, or the two long bones.
    """

    radiograph: Radiograph
    finding: str | None
    finding_mask: Mask
    marker_mask: Mask
    body_mask: Mask
    region_mask: Mask


@dataclass(frozen=True)
class Examination:
    """An examination: body part, view, possible finding, exposure and film curve."""

    body: str
    view: str
    finding: str
    exposure: Exposure
    curve: FilmCurve


def generators(seed: int) -> list[np.random.Generator]:
    """Return separate generators for anatomy, position of the finding, and film."""
    return [np.random.default_rng(stream) for stream in np.random.SeedSequence(seed).spawn(3)]


def take(
    scene: Scene,
    grid: Grid,
    examination: Examination,
    marker: str | None,
    exposure: Exposure | None,
    rng: np.random.Generator,
) -> Phantom:
    """Expose a film of a scene; None uses the exposure of the examination. Raises ValueError as letter()."""
    marker_mask = np.zeros(grid.shape, bool) if marker is None else letter(grid, marker)
    passed = transmission(scene.optical_depth + LEAD * LEAD_MM * marker_mask)
    field = collimate(grid, rng)
    detected = detect(passed, exposure or examination.exposure, grid.pitch, rng)
    pixels = np.round(develop(detected, examination.curve) * field * GRAY_LEVELS) / GRAY_LEVELS
    finding = examination.finding if scene.finding.any() else None
    notes = [f"Simulated radiograph: a {examination.body} computed by X-ray physics, not a patient."]
    if finding:
        notes.append(f"Simulated finding: {finding.lower()}.")
    return Phantom(
        radiograph=Radiograph(
            pixels=pixels.astype(np.float32),
            name=file_name(examination.body, finding, marker),
            bit_depth=GRAY_LEVELS.bit_length(),
            spacing_mm=(grid.pitch, grid.pitch),
            view=examination.view,
            simulated=True,
            notes=tuple(notes),
        ),
        finding=finding,
        finding_mask=scene.finding,
        marker_mask=marker_mask,
        body_mask=scene.body & field,
        region_mask=scene.region & field,
    )


def collimate(grid: Grid, rng: np.random.Generator) -> Mask:
    """Return the collimated field (H, W): the film without a strip of up to 1.5% at each edge."""
    rows, columns = (np.arange(count) / count for count in grid.shape)
    top, bottom, left, right = rng.uniform(0.004, 0.015, 4)
    return ((rows > top) & (rows < 1.0 - bottom))[:, None] & ((columns > left) & (columns < 1.0 - right))


def file_name(body: str, finding: str | None, marker: str | None) -> str:
    """Return the file name of a simulated film."""
    parts = ["simulated", body, finding and finding.lower(), marker and f"marker-{marker.lower()}"]
    return "-".join(part for part in parts if part) + ".png"

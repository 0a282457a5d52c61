"""Lesions inserted into a film or removed from it, and the response of a model over size and contrast.

An inserted lesion is additional attenuation (see imaging.lesions) at a known place. A lesion is removed by
inpainting from its surroundings (Bertalmio et al. 2001, doi:10.1109/CVPR.2001.990497). That is an estimate:
ribs and vessels behind the lesion are not restored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from xray.errors import InvalidRequest
from xray.explain.registry import Progress
from xray.imaging.lesions import Lesion, Placement, lesion
from xray.io.label_lists import NORMAL, plain
from xray.models.predictor import Predictor
from xray.types import Mask, Pixels, Radiograph

SIZE = (0.02, 0.2)  # range of the radius as a share of the film's width
CONTRAST = (0.0125, 1.6)  # range of the highest optical density
FAINTEST = 0.05  # lowest contrast of a surface
SIZES, CONTRASTS = 6, 8  # values of a surface
REACH = 5  # px from which inpainting takes values
FAINT = 0.02  # part of the highest density below which a pixel does not belong to what is removed


@dataclass(frozen=True)
class Insertion:
    """A lesion to insert.

    Attributes:
        kind: Name in imaging.lesions.LESIONS.
        x: Column of its center in source pixels.
        y: Row of its center in source pixels.
        size: Radius as a share of the film's width, in SIZE; of an effusion its height.
        contrast: Highest optical density, in CONTRAST.
        seed: Determines shape and texture.

    Raises:
        InvalidRequest: For a size or contrast out of range.
    """

    kind: str
    x: float
    y: float
    size: float
    contrast: float
    seed: int = 0

    def __post_init__(self) -> None:
        for name, value, (low, high) in (
            ("size", self.size, SIZE),
            ("contrast", self.contrast, CONTRAST),
        ):
            if not low <= value <= high:
                raise InvalidRequest(
                    f"The {name} of a lesion cannot be {value:g}.", f"Give a value from {low:g} to {high:g}."
                )

    def on(self, shape: tuple[int, int]) -> Lesion:
        """Build the lesion for a film (H, W).

        Raises:
            InvalidRequest: For an unknown kind, or if its center lies outside the film.
        """
        height, width = shape
        if not (0 <= self.x <= width and 0 <= self.y <= height):
            raise InvalidRequest(
                f"The place {self.x:.0f}, {self.y:.0f} lies outside the film.",
                f"It has {width} x {height} px.",
            )
        placement = Placement(shape, (self.y, self.x), self.size * width)
        return lesion(self.kind, placement, self.contrast, np.random.default_rng(self.seed))

    @property
    def description(self) -> str:
        """Kind, place, size and contrast in words."""
        return (
            f"{self.kind} inserted at {self.x:.0f}, {self.y:.0f}, radius {self.size:.1%} of the width, "
            f"optical density {self.contrast:.2f}"
        )


def inserted(film: Radiograph, insertion: Insertion) -> Radiograph:
    """Insert a lesion into a film, with a note. Raises InvalidRequest, as Insertion.on does."""
    pixels = insertion.on(_shape(film)).on(film.pixels)
    return replace(film, pixels=pixels, notes=(*film.notes, f"What if: {insertion.description}."))


def removed(film: Radiograph, mask: Mask) -> Radiograph:
    """Inpaint a mask (H, W) of a film, with a note; all other pixels stay unchanged.

    Raises:
        InvalidRequest: If the mask is empty or covers the film.
    """
    if not mask.any() or mask.all():
        raise InvalidRequest("There is nothing to inpaint from.", "Mark a part of the film.")
    filled = cv2.inpaint(film.pixels, mask.astype(np.uint8), REACH, cv2.INPAINT_NS)
    pixels = np.where(mask, filled.clip(0, 1), film.pixels).astype(np.float32)
    return replace(film, pixels=pixels, notes=(*film.notes, f"What if: {mask.sum()} px inpainted."))


def extent(added: Lesion) -> Mask:
    """All pixels (H, W) that a lesion changes visibly."""
    return np.asarray(added.density > FAINT * added.density.max())


@dataclass(frozen=True, eq=False)
class Surface:
    """Probabilities over size and contrast of a lesion.

    Attributes:
        sizes: Radii as shares of the film's width, (s).
        contrasts: Highest optical densities, (c).
        probabilities: Of every finding, (s, c, K).
        without: Of every finding on the film without the lesion, (K).
    """

    sizes: Pixels
    contrasts: Pixels
    probabilities: Pixels
    without: Pixels


def surface(
    model: Predictor,
    film: Radiograph,
    insertion: Insertion,
    progress: Progress = lambda _: None,
    shape: tuple[int, int] = (SIZES, CONTRASTS),
) -> Surface:
    """Compute the probabilities for all sizes and contrasts of a lesion, evenly spaced on log axes.

    Args:
        model: The model.
        film: The film without the lesion.
        insertion: Kind, place and seed of the lesion; its size and contrast are not used.
        progress: Receives the share that is done, in [0, 1].
        shape: Number of sizes and contrasts.
    """

    def at(changed: Radiograph) -> Pixels:
        return model.probabilities(model.logits(changed))[0].numpy()

    sizes, contrasts = (
        np.geomspace(*limits, count).clip(*limits)
        for limits, count in zip((SIZE, (FAINTEST, CONTRAST[1])), shape, strict=True)
    )
    found = []
    for number, size in enumerate(sizes):
        # the shape is that of this size, so that along a row only the contrast changes
        full = replace(insertion, size=float(size), contrast=1.0).on(_shape(film))
        for column, contrast in enumerate(contrasts):
            scaled = Lesion(full.kind, (full.density * contrast).astype(np.float32))
            found.append(at(replace(film, pixels=scaled.on(film.pixels))))
            progress((number * len(contrasts) + column + 1) / (len(sizes) * len(contrasts)))
    return Surface(
        sizes.astype(np.float32),
        contrasts.astype(np.float32),
        np.stack(found).reshape(*shape, -1),
        at(film),
    )


def smallest_crossing(found: Surface, index: int, threshold: float) -> Sequence[float | None]:
    """The lowest contrast of each size at which a finding crosses its operating point; None if none does.

    Args:
        found: The surface.
        index: Index of the finding.
        threshold: Operating point in [0, 1].
    """
    point = np.float32(threshold)
    crossed = (found.probabilities[..., index] >= point) != (found.without[index] >= point)
    return [float(found.contrasts[row.argmax()]) if row.any() else None for row in crossed]


def finding_for(kind: str, findings: Sequence[str]) -> str:
    """The finding of a model that describes a kind of lesion best: its name, Pneumonia, or the first one."""
    abnormal = [finding for finding in findings if plain(finding) not in NORMAL] or list(findings)
    names = {plain(finding): finding for finding in abnormal}
    return names.get(plain(kind), names.get("pneumonia", abnormal[0]))


def _shape(film: Radiograph) -> tuple[int, int]:
    height, width = film.pixels.shape
    return height, width

"""A Case at fewer pixels, for the screen and for thumbnails."""

from __future__ import annotations

from dataclasses import replace

from xray.geometry import Affine
from xray.imaging.transforms import downsampled
from xray.types import Case

SHOWN_SIDE = 1024  # px


def shrunk(case: Case, side: int = SHOWN_SIDE) -> Case:
    """The Case with its film's longer side at most `side` px; its maps' affines lead to the smaller film."""
    film = downsampled(case.radiograph, side)
    smaller = Affine.stretch(case.radiograph.pixels.shape, film.pixels.shape)
    return replace(
        case,
        radiograph=film,
        explanations=tuple(
            replace(
                explanation,
                to_source=explanation.to_source.then(smaller),
                source_shape=film.pixels.shape,
            )
            for explanation in case.explanations
        ),
    )

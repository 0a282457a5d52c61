"""Stability: is the map stable under small shifts, rotations, noise and JPEG compression of the film?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from xray.evidence.context import Candidate, CheckContext, FilmContext, Reading
from xray.evidence.measures import inner, rank_correlation
from xray.evidence.registry import Description, register
from xray.imaging.transforms import Transformed, jpeg, noise, rotate, shift
from xray.types import Pixels

SHIFTS = {"shifted by 1 px": (1, 0), "shifted by 2 px": (-1, 2)}  # px right, px down
ROTATIONS = {"turned by 2°": 2.0, "turned by -2°": -2.0}  # degrees
NOISE = 0.01  # standard deviation, as a share of the range
QUALITY = 90  # of the JPEG
RIM = 0.05  # share of each side that is not compared, since shifts and rotations fill it


def changes(film: Pixels) -> dict[str, Transformed]:
    """Make changes of a film (h, w) that a reader does not notice, each with its affine."""
    height, width = film.shape
    return {
        **{name: shift(film, right / width, down / height) for name, (right, down) in SHIFTS.items()},
        **{name: rotate(film, degrees) for name, degrees in ROTATIONS.items()},
        "noise": noise(film, NOISE, np.random.default_rng(0)),
        "JPEG 90": jpeg(film, QUALITY),
    }


def changed_films(film: FilmContext) -> dict[str, Transformed]:
    """The changes of a context's film."""
    return changes(film.radiograph.pixels)


@register(
    "stability",
    title="Stability",
    question="Is the map stable under small changes of the film?",
    paper="arXiv:1806.08049",
    better="higher",
    sentence="Under small shifts, rotations, noise and compression the map keeps a rank correlation of "
    "{value:.2f}.",
    remakes=True,
    description=Description(
        formula="The film is shifted by 1 and 2 pixels, rotated by 2° in both directions, given 1% "
        "noise, and compressed as JPEG with quality 90. Each map is transformed back; the "
        "value is the mean rank correlation with the map of the unchanged film.",
        reading="Higher is better. The limit is the value that 95% of random maps, which differ on every "
        "film, stay below.",
        caution="The centered Gaussian is perfectly stable and has no meaning. A good network can "
        "rightly change its prediction for a film near its decision boundary.",
        references="Alvarez-Melis and Jaakkola 2018, arXiv:1806.08049.",
    ),
)
def stability(context: CheckContext, candidate: Candidate) -> Reading:
    """Measure the mean rank correlation with maps of changed films, transformed back."""
    film = context.film
    compared, correlations, maps = inner(film.shape, RIM), {}, {}
    for name, (pixels, affine) in film.once(changed_films).items():
        remade = candidate.remake(film.model, replace(film.radiograph, pixels=pixels))
        maps[name] = affine.inverse().warp(remade, film.shape)
        correlations[name] = rank_correlation(candidate.map[compared], maps[name][compared])
    return Reading(float(np.mean(list(correlations.values()))), details=correlations, maps=maps)

"""Does it hold still? A film shifted, turned, a little noisy or compressed should be explained alike."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from xray.evidence.context import Candidate, CheckContext, FilmContext, Reading
from xray.evidence.measures import inner, rank_correlation
from xray.evidence.registry import register
from xray.geometry import Affine
from xray.imaging.degrade import compressed, noisy
from xray.types import Pixels

SHIFTS = {"shifted by 1 px": (1, 0), "shifted by 2 px": (-1, 2)}
TURNS = {"turned by 2°": 2.0, "turned by -2°": -2.0}
NOISE = 0.01  # standard deviation, of the film's range
RIM = 0.05  # of each side is left out where maps are compared: it was moved in from outside


def turned(shape: tuple[int, int], degrees: float) -> Affine:
    """About the middle of a film (h, w)."""
    matrix = cv2.getRotationMatrix2D((shape[1] / 2, shape[0] / 2), degrees, 1.0)
    return Affine.from_matrix(np.asarray(matrix, np.float64))


def changes(film: Pixels) -> dict[str, tuple[Pixels, Affine]]:
    """The film (h, w) changed so that no reader would see another film, and how each was moved."""
    still, shape = Affine.scale(1.0, 1.0), film.shape
    moves = {name: Affine(1.0, 0.0, float(x), 0.0, 1.0, float(y)) for name, (x, y) in SHIFTS.items()}
    moves |= {name: turned(shape, degrees) for name, degrees in TURNS.items()}
    films: dict[str, tuple[Pixels, Affine]] = {
        name: (move.warp(film, shape), move) for name, move in moves.items()
    }
    films["noise"] = noisy(film, NOISE), still
    films["JPEG 90"] = compressed(film, 90), still
    return films


def changed_films(film: FilmContext) -> dict[str, tuple[Pixels, Affine]]:
    """The changes of a context's film."""
    return changes(film.radiograph.pixels)


@register(
    "stability",
    title="Stability",
    question="Is the map stable under small changes of the film?",
    paper="arXiv:1806.08049",
    better="higher",
    sentence="On the same film shifted, turned by 2°, noisy or compressed it keeps a rank correlation of "
    "{value:.2f}; random maps {baseline:.2f}, a centered Gaussian {centered:.2f}.",
)
def stability(context: CheckContext, candidate: Candidate) -> Reading:
    """The mean rank correlation with maps of changed films, moved back (Alvarez-Melis and Jaakkola 2018)."""
    film = context.film
    compared, correlations, maps = inner(film.shape, RIM), {}, {}
    for name, (pixels, affine) in film.once(changed_films).items():
        remade = candidate.remake(film.model, replace(film.radiograph, pixels=pixels))
        maps[name] = affine.inverse().warp(remade, film.shape)
        correlations[name] = rank_correlation(candidate.map[compared], maps[name][compared])
    return Reading(float(np.mean(list(correlations.values()))), details=correlations, maps=maps)

"""Is it a shortcut? How much of the map lies on what is no body, and whether the answer needs that.

A network may learn the letter of a hospital instead of a disease (Zech et al. 2018; DeGrave et al. 2021).
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import binary_fill_holes

from xray.evidence.context import Candidate, Subject
from xray.evidence.measures import inner
from xray.evidence.registry import UNMEASURED, Reading, register
from xray.evidence.stability import changed
from xray.imaging.markers import markers, without_markers
from xray.types import Pixels, Verdict

Mask = NDArray[np.bool_]
RIM = 0.03  # of each side: the border of the film
DARK = 0.25  # of the way from the border's darkest tenth to Otsu's threshold: up to there it is air


def air(film: Pixels) -> Mask:
    """The dark around the body on a film (h, w), as far as it touches the border."""
    smooth = cv2.GaussianBlur(np.rint(film * 255).astype(np.uint8), (0, 0), max(1.0, max(film.shape) / 112))
    middle, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_OTSU)
    darkest = min(middle, float(np.percentile(smooth[rim(film.shape)], 10)))
    body = binary_fill_holes(np.pad(smooth >= darkest + DARK * (middle - darkest), 1))[1:-1, 1:-1]
    return ~body


def rim(shape: tuple[int, int]) -> Mask:
    border = np.ones(shape, bool)
    border[inner(shape, RIM)] = False
    return border


def painted(subject: Subject) -> tuple[Pixels, dict[str, Mask]]:
    """The film (h, w) with all that is no body painted out, and the places by name.

    Markers and hardware are filled from around them, the air becomes even, the border repeats what is inside.
    """
    film = subject.radiograph.pixels
    places = {"around the body": air(film), "border": rim(film.shape), "markers and hardware": markers(film)}
    plain = without_markers(subject.radiograph).pixels.copy()
    around = places["around the body"] & ~places["markers and hardware"]
    if around.any():
        plain[places["around the body"]] = np.median(film[around])
    rows, columns = inner(film.shape, RIM)
    rims = [(part.start, part.start) for part in (rows, columns)]
    return np.pad(plain[rows, columns], rims, mode="edge"), places


def judge(own: Reading, _baseline: float, limit: float | None) -> tuple[Verdict, str]:
    if limit is None:
        return "cannot be judged", UNMEASURED
    change = own.details["change"]
    told = (
        f"Painted out, it moves the logit by {change:+.2f}; shifts, turns and noise move it by {limit:.2f}."
    )
    return ("passed" if abs(change) <= limit else "failed"), told


def taken_again(subject: Subject, _foreign: Candidate) -> float:
    """How far the logit moves when the film is shifted, turned, noisy or compressed: the median of these, so
    that one change which happens to destroy a letter does not excuse who reads it.
    """
    films = np.stack([film for film, _ in changed(subject).values()])[:, None]
    return float(np.median(np.abs(subject.ask(torch.from_numpy(films)) - subject.logit)))


@register(
    "shortcut",
    title="Shortcut",
    question="Does the model use something outside the body?",
    paper="doi:10.1371/journal.pmed.1002683",
    better="lower",
    sentence="{value:.0%} of the map's positive values lie on what is no body (air, border, markers), "
    "of random maps {baseline:.0%}, of a centered Gaussian {centered:.0%}.",
    judge=judge,
    null=taken_again,
)
def shortcut(subject: Subject, candidate: Candidate) -> Reading:
    """The share of positive values on what is no body; beside it the change when that is painted out."""
    film, places, change = subject.once("painted out", lambda: asked_without(subject))
    heat = np.maximum(candidate.map, 0)
    total = float(heat.sum())
    region = np.logical_or.reduce(list(places.values()))
    details = {name: float(heat[place].sum() / total) for name, place in places.items()}
    details |= {"share of the film": float(region.mean()), "change": change}
    return Reading(float(heat[region].sum() / total), details=details, maps={"painted out": film})


def asked_without(subject: Subject) -> tuple[Pixels, dict[str, Mask], float]:
    """The film painted, the places that were, and how far that moves the logit: the same for every map."""
    film, places = painted(subject)
    return film, places, float(subject.ask(torch.from_numpy(film)[None, None])[0]) - subject.logit

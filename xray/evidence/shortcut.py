"""Shortcut: does the model use something outside the body?

A network may learn a hospital's lead marker instead of a disease (Zech et al. 2018; DeGrave et al. 2021).
"""

from __future__ import annotations

import cv2
import numpy as np
import torch
from scipy.ndimage import binary_fill_holes

from xray.evidence.context import Candidate, CheckContext, FilmContext, Reading
from xray.evidence.measures import inner
from xray.evidence.registry import UNMEASURED, Description, register
from xray.imaging.lungs import chest
from xray.imaging.markers import markers, without_markers
from xray.imaging.transforms import IDENTITY
from xray.models.lungs import find_lungs, shows_lungs
from xray.types import Mask, Pixels, Radiograph, Verdict

RIM = 0.03  # share of each side: the border of the film
DARK = 0.25  # threshold of air, as a share of the way from the border's darkest tenth to Otsu's threshold


def air(film: Pixels) -> Mask:
    """Mask of the dark area around the body on a film (h, w)."""
    smooth = cv2.GaussianBlur(np.rint(film * 255).astype(np.uint8), (0, 0), max(1.0, max(film.shape) / 112))
    middle, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_OTSU)
    darkest = min(middle, float(np.percentile(smooth[rim(film.shape)], 10)))
    body = binary_fill_holes(np.pad(smooth >= darkest + DARK * (middle - darkest), 1))[1:-1, 1:-1]
    return ~body


def rim(shape: tuple[int, int]) -> Mask:
    """Mask of the border of a film (h, w)."""
    border = np.ones(shape, bool)
    border[inner(shape, RIM)] = False
    return border


def painted(radiograph: Radiograph) -> tuple[Pixels, dict[str, Mask]]:
    """Paint out everything outside the body.

    Markers and hardware are inpainted, the air gets one gray value, the border repeats the pixels inside.

    Returns:
        The film (h, w), and masks (h, w) of the painted regions by name.
    """
    film = radiograph.pixels
    regions = {"around the body": air(film), "border": rim(film.shape), "markers and hardware": markers(film)}
    plain = without_markers(radiograph).pixels.copy()
    around = regions["around the body"] & ~regions["markers and hardware"]
    if around.any():
        plain[regions["around the body"]] = np.median(film[around])
    rows, columns = inner(film.shape, RIM)
    margins = [(part.start, part.start) for part in (rows, columns)]
    return np.pad(plain[rows, columns], margins, mode="edge"), regions


def decide(reading: Reading, limit: float | None) -> tuple[Verdict, str]:
    """Pass if removing what is outside the body changes the logit by no more than the limit."""
    if limit is None:
        return "cannot be judged", UNMEASURED
    change = reading.details["change"]
    reason = f"Painting it out changes the log-odds by {change:+.2f}; up to {limit:.2f} is usual."
    return ("passed" if abs(change) <= limit else "failed"), reason


@register(
    "shortcut",
    title="Shortcut",
    question="Does the model use something outside the body?",
    paper="doi:10.1371/journal.pmed.1002683",
    better="lower",
    sentence="{value:.0%} of the map's positive values lie outside, of random maps {baseline:.0%}, of a "
    "centered Gaussian {centered:.0%}.",
    decide=decide,
    passed="none found",
    failed="found",
    description=Description(
        formula="Regions that are not part of the body are detected: air around it, the border (3% of "
        "each side), letters, wires and other metal. On a chest film whose lungs are determined, "
        "the body outside the chest (the convex hull of the lungs with a margin of 5%) is added. The "
        "value is the share of the map's positive values there; the result states what counts as outside. "
        "Then the regions outside the body are painted out and the prediction is repeated.",
        reading="The verdict depends on the repeated prediction: the log-odds must not change by more "
        "than on 95% of films whose evidence lies inside a lung, since it was inserted there; changes "
        "below 1 do not count.",
        caution="A shortcut inside the body (a pacemaker, the sharpness of one scanner) is not found. "
        "Painting out is itself a change, so an unstable network can fail without a shortcut.",
        references="Zech et al. 2018, doi:10.1371/journal.pmed.1002683; DeGrave et al. 2021, "
        "doi:10.1038/s42256-021-00338-7.",
    ),
)
def shortcut(context: CheckContext, candidate: Candidate) -> Reading:
    """Measure the share of positive values outside the body, and the logit's change without these regions."""
    film, regions, change, note = context.film.once(painted_out)
    heat = np.maximum(candidate.map, 0)
    total = float(heat.sum())
    region = np.logical_or.reduce(list(regions.values()))
    details = {name: float(heat[mask].sum() / total) for name, mask in regions.items()}
    details |= {"share of the film": float(region.mean()), "change": change}
    return Reading(float(heat[region].sum() / total), note=note, details=details, maps={"painted out": film})


def painted_out(film: FilmContext) -> tuple[Pixels, dict[str, Mask], float, str]:
    """The painted film, the painted regions, the change of the logit, and what counts as outside."""
    pixels, regions = painted(film.radiograph)
    note = "Air, border, markers and hardware count as outside."
    if shows_lungs(film.model.entry):
        lungs = find_lungs(film.radiograph)
        if lungs.determined:
            regions["outside the chest"] = ~chest(lungs.mask(IDENTITY, film.shape))
            note = "Everything but the lungs and what lies between them counts as outside."
        else:
            note = f"{note} The lungs are undetermined: {lungs.problem}"
    change = float(film.logits(torch.from_numpy(pixels)[None, None])[0]) - film.logit
    return pixels, regions, change, note

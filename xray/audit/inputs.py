"""Is the model input normalized as declared, and different for different films?"""

from __future__ import annotations

from collections import Counter

import torch
from torch import Tensor

from xray.audit.predictions import Predictions
from xray.audit.registry import Judgment, passed_if, register
from xray.models.classifier import IMAGENET_MEAN, IMAGENET_STD

TOLERANCE = 0.05
NORMALIZATIONS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {  # mean, deviation
    "imagenet": (IMAGENET_MEAN, IMAGENET_STD),
    "unit": ((0.0,) * 3, (1.0,) * 3),
    "symmetric": ((0.5,) * 3, (0.5,) * 3),
    "xrv": ((0.5,), (1 / 2048,)),
}


def is_flat(film: Tensor) -> bool:
    """Whether a film in [0, 1] has a single gray value, like a blank exposure."""
    return bool(film.std() < 1e-3)


def fault_of(batch: Tensor, film: Tensor, normalization: str) -> str:
    """Check that a model input is the film, normalized as declared.

    The normalization is reverted, and mean and standard deviation of every channel are compared with those of
    the film. The tolerance, a twentieth of the film's standard deviation, exceeds rounding errors and is less
    than the effect of a missing step. For a flat film only finite values are required.

    Args:
        batch: Model input, (1, C, S, S).
        film: Film at the network's size, (1, 1, S, S), in [0, 1].
        normalization: Key of NORMALIZATIONS, or "film".

    Returns:
        A phrase for the fault; empty if there is none.
    """
    channels = batch[0].float().cpu().flatten(1)  # (C, S * S)
    if not channels.isfinite().all():
        return "not all numbers"
    if is_flat(film):
        return ""
    deviation, mean = torch.std_mean(film)
    of_film = ((float(mean),) * 3, (float(deviation),) * 3)  # the normalization `film`
    subtracted, divided = (torch.tensor(values) for values in NORMALIZATIONS.get(normalization, of_film))
    if len(channels) != len(subtracted):
        return f"{len(channels)} channels, not {len(subtracted)}"
    found_deviation, found_mean = torch.std_mean(channels, dim=1)
    off = torch.cat([found_mean * divided + subtracted - mean, found_deviation * divided - deviation]).abs()
    if (off <= TOLERANCE * deviation).all():
        return ""
    return f"of mean {float(found_mean[0]):.3g} and deviation {float(found_deviation[0]):.3g}"


@register(
    "input-range",
    title="Does the network get films in the range it was trained on?",
    meaning="Share of films whose input is outside the range of the normalization; fails above.",
    threshold=0.0,
    needs=0,
)
def input_range(predictions: Predictions) -> Judgment:
    """Fail if any input is wrong, because a faulty normalization may affect only unusual films."""
    faults = [film.input_fault for film in predictions.films if film.input_fault]
    n = len(predictions.films)
    why = f"{len(faults)} of {n} inputs do not match the model's normalization"
    why += f"; the first is {faults[0]}." if faults else "."
    return Judgment(len(faults) / n, passed_if(not faults), why)


@register(
    "input-identical",
    title="Does every film reach the network as itself?",
    meaning="Share of films whose input is also that of a different film; fails above.",
    threshold=0.0,
    needs=2,
)
def input_identical(predictions: Predictions) -> Judgment:
    """Fail if different films have the same model input.

    Different films are never identical after resizing; a reused buffer or a lost image is. Flat films are
    ignored, because the normalization `film` makes all of them identical.
    """
    pictures = [film for film in predictions.films if not film.flat]
    times = Counter(given for film in pictures for given in enumerate(film.inputs))
    shared = sum(any(times[given] > 1 for given in enumerate(film.inputs)) for film in pictures)
    why = f"{shared} of {len(pictures)} different films share their input with another."
    return Judgment(shared / max(1, len(pictures)), passed_if(not shared), why)

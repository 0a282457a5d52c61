"""Prediction intervals: how far probabilities move under small changes of the film or of the network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from xray.imaging.transforms import blur, gamma, move, noise
from xray.types import Pixels

Values = NDArray[np.floating]

SAMPLES = 6
SMALLEST_DEVIATION = 0.1  # log-odds
BLUR = 0.69  # px; the standard deviation of a binomial-like 3 x 3 kernel


def variants(film: Tensor) -> Tensor:
    """Return a film and five slightly changed versions: rotated, shifted, enlarged, or with another exposure.

    The changes are always the same, so that intervals are reproducible.

    Args:
        film: (1, 1, h, w) in [0, 1], at the network's size.

    Returns:
        (6, 1, h, w); the first is the film itself.
    """
    pixels = film[0, 0].cpu().numpy()
    return _like(
        film,
        pixels,
        _moved(pixels, -4, 0.0, 1.06),
        _moved(pixels, 4, 0.02, 1.06),
        _moved(pixels, 0, -0.02, 1.1),
        gamma(pixels, 0.8).pixels,
        gamma(pixels, 1.25).pixels,
    )


def retakes(film: Tensor) -> Tensor:
    """Return a film (1, 1, h, w) as if acquired three more times, (3, 1, h, w).

    The changes differ from those of `variants`, so that the coverage of intervals is measured on changes that
    the intervals were not computed from.
    """
    pixels = film[0, 0].cpu().numpy()
    noisy = noise(gamma(_moved(pixels, 2, 0.01, 1.08), 1.12).pixels, 0.02, np.random.default_rng(0))
    blurred = blur(_moved(pixels, 0, 0.015, 1.05), BLUR / max(pixels.shape))
    return _like(film, gamma(_moved(pixels, -2.5, -0.015, 1.03), 0.9).pixels, noisy.pixels, blurred.pixels)


def _moved(pixels: Pixels, degrees: float, share: float, factor: float) -> Pixels:
    """Rotated, enlarged, and shifted right and up by whole pixels; black outside the film."""
    height, width = pixels.shape
    step = round(share * width)
    across, down = step / width, -step / height
    return move(pixels, degrees=degrees, across=across, down=down, factor=factor, fill=0.0).pixels


def _like(film: Tensor, *films: Pixels) -> Tensor:
    return torch.from_numpy(np.stack(films)[:, None]).to(film.device)


@contextmanager
def dropout_on(module: nn.Module, generator: torch.Generator) -> Iterator[None]:
    """Activate dropout of a network in evaluation mode (Gal and Ghahramani 2016, arXiv:1506.02142).

    Args:
        module: The network.
        generator: Generator on the CPU, so that the same units are dropped on every device.
    """

    def drop(layer: nn.Dropout, _inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        kept = torch.empty(output.shape).bernoulli_(1 - layer.p, generator=generator)
        return output * (kept / (1 - layer.p)).to(output.device)

    layers = [layer for layer in module.modules() if isinstance(layer, nn.Dropout) and 0 < layer.p < 1]
    hooks = [layer.register_forward_hook(drop) for layer in layers]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def scale_of(deviations: Values) -> Values:
    """Deviations in log-odds, increased smoothly so that none is below SMALLEST_DEVIATION."""
    return np.hypot(deviations, SMALLEST_DEVIATION)


def interval_of(probabilities: Values, deviations: Values, widening: float) -> Values:
    """Compute intervals of probabilities as split-conformal prediction does with normalized residuals.

    The factor has no finite-sample correction. In log-odds, each interval extends to both sides by widening
    times the deviation (Lei et al. 2018, arXiv:1604.04173).

    Args:
        probabilities: (..., K) in (0, 1).
        deviations: (..., K), standard deviations in log-odds.
        widening: Factor calibrated on held-out films.

    Returns:
        Lower and upper bounds (..., K, 2), probabilities.
    """
    log_odds = np.log(probabilities) - np.log1p(-probabilities)
    margins = widening * scale_of(deviations)
    bounds = np.stack([log_odds - margins, log_odds + margins], axis=-1)
    return (1 / (1 + np.exp(-bounds))).astype(np.float32)

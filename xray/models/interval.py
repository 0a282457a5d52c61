"""How far an answer moves when the film, or the network, is changed a little: the interval beside it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torchvision.transforms.v2 import functional

Values = NDArray[np.floating]

SAMPLES = 6
STEADIEST = 0.1  # log-odds


def changed(film: Tensor) -> Tensor:
    """A film (1, 1, S, S) in [0, 1] as it is and five times changed a little, (6, 1, S, S): moved, turned,
    enlarged and exposed otherwise. Always the same changes, so that an answer can be repeated.
    """
    return torch.cat(
        [
            film,
            _moved(film, 4, 0.0, 1.06),
            _moved(film, -4, 0.02, 1.06),
            _moved(film, 0, -0.02, 1.1),
            film**0.8,
            film**1.25,
        ]
    )


def taken_again(film: Tensor) -> Tensor:
    """The film (1, 1, S, S) as if it had been taken three times more, (3, 1, S, S): other changes than those
    that intervals are drawn from, to see whether an interval holds what it has not seen.
    """
    noise = torch.randn(film.shape, generator=torch.Generator().manual_seed(0)).to(film.device)
    return torch.cat(
        [
            _moved(film, 2.5, -0.015, 1.03) ** 0.9,
            (_moved(film, -2, 0.01, 1.08) ** 1.12 + 0.02 * noise).clamp(0, 1),
            functional.gaussian_blur(_moved(film, 0, 0.015, 1.05), [3, 3]),
        ]
    )


def _moved(film: Tensor, angle: float, shift: float, scale: float) -> Tensor:
    shifts = [round(shift * film.shape[-1]), round(-shift * film.shape[-1])]
    bilinear = functional.InterpolationMode.BILINEAR
    return functional.affine(film, angle, shifts, scale, [0.0], interpolation=bilinear)


@contextmanager
def dropout_on(module: nn.Module) -> Iterator[None]:
    """Within, dropout drops although the network is in evaluation mode (Gal and Ghahramani 2016,
    arXiv:1506.02142).
    """
    layers = [layer for layer in module.modules() if isinstance(layer, nn.Dropout) and layer.p > 0]
    try:
        for layer in layers:
            layer.train()
        yield
    finally:
        for layer in layers:
            layer.eval()


def scale_of(deviations: Values) -> Values:
    return np.hypot(deviations, STEADIEST)


def interval_of(probabilities: Values, deviations: Values, widening: float) -> Values:
    """Where an answer stays when the film is taken again: intervals (..., K, 2) of probabilities (..., K).

    Their log-odds move to either side by widening times their deviations (..., K), of which none counts for
    less than STEADIEST: split-conformal with normalized residuals (Lei et al. 2018, arXiv:1604.04173).
    """
    log_odds = np.log(probabilities) - np.log1p(-probabilities)
    margins = widening * scale_of(deviations)
    bounds = np.stack([log_odds - margins, log_odds + margins], axis=-1)
    return (1 / (1 + np.exp(-bounds))).astype(np.float32)

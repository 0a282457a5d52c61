"""ROAD: does the prediction change when the highlighted regions are removed without visible traces?

A network may react to gray patches as such. ROAD (Rong et al. 2022) replaces each removed pixel by the
weighted mean of its eight neighbors, solved as one linear system, plus a little noise.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from xray.evidence.context import Candidate, CheckContext, Reading
from xray.evidence.deletion_insertion import missing, ranks
from xray.evidence.registry import Description, register

REMOVED = (0.1, 0.2)
NOISE = 0.01  # standard deviation, of the film's range
STEPS = 30  # of conjugate gradients at each resolution


def neighbors(films: Tensor) -> Tensor:
    """Sum the neighbors of each pixel of films (n, 1, h, w), with weights 1/12 and 1/6; zero outside."""
    padded = functional.pad(films, (1, 1, 1, 1))
    rows = (padded[:, :, :-2] + padded[:, :, 2:]).add_(padded[:, :, 1:-1], alpha=2)
    total = (rows[..., :-2] + rows[..., 2:]).add_(rows[..., 1:-1], alpha=2)
    return total.sub_(films, alpha=4).div_(12)


def imputed(films: Tensor, removed: Tensor, steps: int = STEPS) -> Tensor:
    """Replace removed pixels by the weighted mean of their neighbors.

    The system is solved at half the resolution first (cascadic multigrid, Bornemann and Deuflhard 1996).

    Args:
        films: (n, 1, h, w).
        removed: Removed pixels, bool (n, 1, h, w).
        steps: Steps of conjugate gradients at each resolution.
    """
    known = ~removed
    if known.all() or min(films.shape[2:]) < 2:
        mean = (films * known).sum((2, 3), keepdim=True) / known.sum((2, 3), keepdim=True).clamp_min(1)
        return torch.where(known, films, mean)
    share = functional.avg_pool2d(known.float(), 2, ceil_mode=True)
    means = functional.avg_pool2d(films * known, 2, ceil_mode=True) / share.clamp_min(1e-6)
    half = imputed(means, share == 0, steps)  # (n, 1, h / 2, w / 2)
    larger = functional.interpolate(half, films.shape[2:], mode="bilinear", align_corners=False)
    return conjugate_gradients(torch.where(known, films, larger), removed, steps)


def conjugate_gradients(films: Tensor, removed: Tensor, steps: int) -> Tensor:
    """Improve the removed pixels of films (n, 1, h, w) with conjugate gradients."""
    weight = neighbors(torch.ones_like(films[:1]))

    def laplacian(values: Tensor) -> Tensor:
        return (weight * values - neighbors(values)) * removed

    residual = -laplacian(films)
    direction, size = residual, (residual**2).sum((1, 2, 3), keepdim=True)
    for _ in range(steps):
        product = laplacian(direction)
        step = size / (direction * product).sum((1, 2, 3), keepdim=True).clamp_min(1e-20)
        films, residual = films + step * direction, residual - step * product
        before, size = size, (residual**2).sum((1, 2, 3), keepdim=True)
        direction = residual + size / before.clamp_min(1e-20) * direction
    return films


@register(
    "road",
    title="ROAD",
    question="Does the prediction change when the highlighted regions are removed without visible traces?",
    paper="arXiv:2202.00449",
    better="higher",
    sentence="Log-odds after removing the least important places minus those after removing the most "
    "important ones: {value:.2f}.",
    description=Description(
        formula=r"10 and 20% of the film are removed, once the most important and once the "
        r"least important pixels. Every removed pixel is replaced by the weighted mean of its "
        r"eight neighbors, solved jointly (from coarse to fine, to within about 1% of the "
        r"film's range), plus a little noise. The value is the mean of $f_\text{least "
        r"removed} - f_\text{most removed}$.",
        reading="Higher is better: removing important pixels lowers the log-odds more than removing "
        "unimportant ones.",
        caution="The replacement is smooth tissue. If the finding itself is smooth, such as an "
        "effusion, it can remain visible.",
        references="Rong et al. 2022, arXiv:2202.00449. Shares are taken by rank; the percentile "
        "threshold of common implementations removes the whole film if a map is half zeros.",
    ),
)
def road(context: CheckContext, candidate: Candidate) -> Reading:
    """Measure the mean difference of the logits after removing the least and the most important pixels.

    The mean is over REMOVED. Pixels are chosen by rank, so the removed share is exact also for a map that is
    half zeros.
    """
    order, shares = ranks(candidate.map), torch.tensor(REMOVED)[:, None, None, None]
    removed = torch.cat([order < shares, order >= 1 - shares])  # (2 * len(REMOVED), 1, h, w)
    films = imputed(context.film.tensor.expand(len(removed), -1, -1, -1), removed)
    noise = torch.randn(films.shape, generator=torch.Generator().manual_seed(0)) * NOISE
    logits = context.film.logits((films + noise * removed).clamp(0, 1))
    most, least = logits[: len(REMOVED)], logits[len(REMOVED) :]
    return Reading(
        float((least - most).mean()),
        missing(float(np.ptp(logits))),
        curves={"most important removed": most, "least important removed": least},
    )

"""Perturbation methods: occlusion, RISE and Score-CAM, for all findings at once.

Hidden pixels get the film's mean; Score-CAM multiplies the normalized film, whose mean is 0 with the
normalization `film`. Changed films run through the network in batches, without gradients.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from xray.explain.registry import ExplainRequest, register

BATCH = 32
WINDOW, STEP = 8, 16  # width and step of the occluding window: 1/8 and 1/16 of the short side
MASKS, CELLS, SHOWN = 512, 8, 0.5  # RISE: number of masks, cells per side, share of cells shown


def perturbed_logits(request: ExplainRequest, perturb: Callable[[slice], Tensor], count: int) -> Tensor:
    """Compute the logits (count, n) of changed films.

    Args:
        request: The request; its progress is reported.
        perturb: Returns the changed films (b, 3, h, w) of a slice of all of them.
        count: Number of changed films.
    """
    logits = []
    for start in range(0, count, BATCH):
        stop = min(count, start + BATCH)
        logits.append(request.classifier.batched_logits(perturb(slice(start, stop))))
        request.progress(stop / count)
    return torch.cat(logits)[:, list(request.findings)]


def mean_gray(batch: Tensor) -> Tensor:
    """The mean (1, C, 1, 1) of a film, which hidden pixels get."""
    return batch.mean((2, 3), keepdim=True)


@register(
    "occlusion",
    title="Occlusion",
    paper="arXiv:1311.2901",
    cost="hundreds of passes",
    values="decrease of the finding's logit when a window around the location is hidden",
    on_film=True,
)
def occlusion(request: ExplainRequest) -> Tensor:
    """Compute raw maps (n, h, w): the mean decrease over windows at a location (Zeiler and Fergus 2014)."""
    batch, gray = request.batch, mean_gray(request.batch)
    height, width = batch.shape[2:]
    side, step = max(1, min(height, width) // WINDOW), max(1, min(height, width) // STEP)
    corners = [
        (top * step, left * step)
        for top in range(math.ceil((height - side) / step) + 1)
        for left in range(math.ceil((width - side) / step) + 1)
    ]

    def occluded(part: slice) -> Tensor:
        films = batch.repeat(part.stop - part.start, 1, 1, 1)
        for film, (top, left) in zip(films, corners[part], strict=True):
            film[:, top : top + side, left : left + side] = gray[0]
        return films

    with request.classifier.lock, torch.inference_mode():
        original = request.classifier.module(batch)[:, list(request.findings)]
    decreases = original - perturbed_logits(request, occluded, len(corners))  # (windows, n)
    total, count = batch.new_zeros(len(request.findings), height, width), batch.new_zeros(height, width)
    for decrease, (top, left) in zip(decreases, corners, strict=True):
        total[:, top : top + side, left : left + side] += decrease[:, None, None]
        count[top : top + side, left : left + side] += 1
    return total / count


@register(
    "rise",
    title="RISE",
    paper="arXiv:1806.07421",
    cost="hundreds of passes",
    values="mean increase of the finding's logit when the location is shown",
    on_film=True,
)
def rise(request: ExplainRequest) -> Tensor:
    """Compute raw maps (n, h, w) with random masks, which are always the same (Petsiuk et al. 2018).

    The value of a location is the mean logit over the masks that show it, minus the mean over all masks.
    """
    batch, gray = request.batch, mean_gray(request.batch)
    masks = soft_masks((int(batch.shape[2]), int(batch.shape[3])), MASKS).to(batch.device)  # (MASKS, 1, h, w)
    logits = perturbed_logits(request, lambda part: gray + (batch - gray) * masks[part], MASKS)  # (MASKS, n)
    centered = logits - logits.mean(0)
    return torch.einsum("mn,mhw->nhw", centered, masks[:, 0]) / masks[:, 0].sum(0).clamp_min(1e-6)


def soft_masks(shape: tuple[int, int], count: int) -> Tensor:
    """Create masks (count, 1, h, w) in [0, 1]: random grids of CELLS x CELLS, enlarged and shifted."""
    generator = torch.Generator().manual_seed(0)
    cell = [math.ceil(side / CELLS) for side in shape]
    coarse = (torch.rand(count, 1, CELLS + 1, CELLS + 1, generator=generator) < SHOWN).float()
    larger = functional.interpolate(
        coarse, [(CELLS + 1) * side for side in cell], mode="bilinear", align_corners=False
    )
    tops, lefts = (torch.randint(0, side, (count,), generator=generator).tolist() for side in cell)
    return torch.stack(
        [
            mask[:, top : top + shape[0], left : left + shape[1]]
            for mask, top, left in zip(larger, tops, lefts, strict=True)
        ]
    )


@register(
    "scorecam",
    title="Score-CAM",
    paper="arXiv:1910.01279",
    cost="hundreds of passes",
    values="activations weighted by the logit of the film masked with each channel; no unit, never negative "
    "where activations are not",
)
def scorecam(request: ExplainRequest) -> Tensor:
    """Compute raw maps (n, h, w) with every channel of the target layer as a mask (Wang et al. 2020)."""
    activations = request.traced.activations  # (C, h, w)
    size = request.batch.shape[2:]

    def masked(part: slice) -> Tensor:
        larger = functional.interpolate(activations[part, None], size, mode="bilinear", align_corners=True)
        low, high = larger.amin((2, 3), keepdim=True), larger.amax((2, 3), keepdim=True)
        return request.batch * (larger - low) / (high - low + 1e-8)

    weights = perturbed_logits(request, masked, len(activations)).softmax(0)  # (C, n)
    return torch.einsum("cn,chw->nhw", weights, activations)

"""Hiding parts of a film and asking again: occlusion, RISE and Score-CAM, for all findings at once.

What is hidden becomes the film's mean. Films are changed and answered a batch at a time, without gradients.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

from xray.explain.registry import ExplainRequest, register

BATCH = 32
WINDOW, STEP = 8, 16  # an occluding window is an eighth of the short side wide and moves by half of that
MASKS, CELLS, SHOWN = 512, 8, 0.5  # RISE: how many, how fine, how much of the film each shows


def answers(request: ExplainRequest, changed: Callable[[slice], Tensor], count: int) -> Tensor:
    """Logits (count, n) of the findings asked for; changed gives the films (b, 3, h, w) of a slice."""
    said = []
    for start in range(0, count, BATCH):
        stop = min(count, start + BATCH)
        films = changed(slice(start, stop)).contiguous(memory_format=torch.channels_last)
        with request.classifier.lock, torch.inference_mode():
            said.append(request.classifier.module(films))
        request.progress(stop / count)
    return torch.cat(said)[:, list(request.findings)]


def hidden(batch: Tensor) -> Tensor:
    """What a hidden place shows: the film's mean (1, C, 1, 1)."""
    return batch.mean((2, 3), keepdim=True)


@register(
    "occlusion",
    title="Occlusion",
    paper="arXiv:1311.2901",
    cost="hundreds of passes",
    values="how much the finding's logit falls when a window around a place is hidden",
    on_film=True,
)
def occlusion(request: ExplainRequest) -> Tensor:
    """A gray window slid over the film (Zeiler and Fergus 2014): mean fall over the windows on a place."""
    batch, gray = request.batch, hidden(request.batch)
    height, width = batch.shape[2:]
    side, step = max(1, min(height, width) // WINDOW), max(1, min(height, width) // STEP)
    corners = [
        (top * step, left * step)
        for top in range(math.ceil((height - side) / step) + 1)
        for left in range(math.ceil((width - side) / step) + 1)
    ]

    def covered(some: slice) -> Tensor:
        films = batch.repeat(some.stop - some.start, 1, 1, 1)
        for film, (top, left) in zip(films, corners[some], strict=True):
            film[:, top : top + side, left : left + side] = gray[0]
        return films

    with request.classifier.lock, torch.inference_mode():
        plain = request.classifier.module(batch)[:, list(request.findings)]
    falls = plain - answers(request, covered, len(corners))  # (windows, n)
    total, times = batch.new_zeros(len(request.findings), height, width), batch.new_zeros(height, width)
    for fall, (top, left) in zip(falls, corners, strict=True):
        total[:, top : top + side, left : left + side] += fall[:, None, None]
        times[top : top + side, left : left + side] += 1
    return total / times


@register(
    "rise",
    title="RISE",
    paper="arXiv:1806.07421",
    cost="hundreds of passes",
    values="how much higher the finding's logit is on average when a place is shown",
    on_film=True,
)
def rise(request: ExplainRequest) -> Tensor:
    """Random masks, soft and shifted (Petsiuk et al. 2018): the mean logit of those that show a place, less
    the mean of all. The masks are always the same.
    """
    batch, gray = request.batch, hidden(request.batch)
    masks = soft_masks((int(batch.shape[2]), int(batch.shape[3])), MASKS)  # (MASKS, 1, h, w)
    said = answers(request, lambda some: gray + (batch - gray) * masks[some], MASKS)  # (MASKS, n)
    beyond = said - said.mean(0)
    return torch.einsum("mn,mhw->nhw", beyond, masks[:, 0]) / masks[:, 0].sum(0).clamp_min(1e-6)


def soft_masks(shape: tuple[int, int], count: int) -> Tensor:
    """Masks (count, 1, h, w) in [0, 1]: CELLS x CELLS cells shown or not, enlarged, cut out at random."""
    draw = torch.Generator().manual_seed(0)
    cell = [math.ceil(side / CELLS) for side in shape]
    coarse = (torch.rand(count, 1, CELLS + 1, CELLS + 1, generator=draw) < SHOWN).float()
    larger = functional.interpolate(
        coarse, [(CELLS + 1) * side for side in cell], mode="bilinear", align_corners=False
    )
    tops, lefts = (torch.randint(0, side, (count,), generator=draw).tolist() for side in cell)
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
    values="activations weighted by the logit of the film seen through each channel; no unit, never negative "
    "where activations are not",
)
def scorecam(request: ExplainRequest) -> Tensor:
    """Every channel of the target layer as a mask on the film (Wang et al. 2020)."""
    activations = request.traced.activations  # (C, h, w)
    size = request.batch.shape[2:]

    def through(some: slice) -> Tensor:
        larger = functional.interpolate(activations[some, None], size, mode="bilinear", align_corners=True)
        low, high = larger.amin((2, 3), keepdim=True), larger.amax((2, 3), keepdim=True)
        return request.batch * (larger - low) / (high - low + 1e-8)

    weights = answers(request, through, len(activations)).softmax(0)  # (C, n)
    return torch.einsum("cn,chw->nhw", weights, activations)

"""Loss functions for partially labeled films."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from xray.train.bootstrap import Values


def loss_of(
    logits: Tensor, targets: Tensor, activation: str, weights: Tensor, smoothing: float = 0.0
) -> Tensor:
    """Compute the mean loss over known labels.

    Args:
        logits: (n, K).
        targets: (n, K) in [0, 1], NaN where unknown.
        activation: `softmax` for cross-entropy with class weights, `sigmoid` for binary cross-entropy with
            positive weights.
        weights: Class or positive weights (K).
        smoothing: Label smoothing, in [0, 1).
    """
    known = ~targets.isnan()
    if activation == "softmax":
        rows = known.all(1)
        if not rows.any():
            return logits.sum() * 0
        return functional.cross_entropy(
            logits[rows], targets[rows], weight=weights, label_smoothing=smoothing
        )
    softened = targets.nan_to_num() * (1 - smoothing) + smoothing / 2
    each = functional.binary_cross_entropy_with_logits(logits, softened, pos_weight=weights, reduction="none")
    return (each * known).sum() / known.sum().clamp_min(1)


def weights_of(targets: NDArray[np.floating], activation: str) -> Tensor:
    """Return weights (K) against class imbalance.

    For softmax, every finding has the same total weight. For sigmoid, positives get the square root of the
    ratio of negatives to positives, in [1, 5].
    """
    known = ~np.isnan(targets)
    positives = np.maximum(np.nansum(targets, axis=0), 1)
    if activation == "softmax":
        return torch.tensor(known.all(1).sum() / (targets.shape[1] * positives), dtype=torch.float32)
    rarer = np.sqrt(np.maximum(known.sum(0) - positives, 1) / positives)
    return torch.tensor(np.clip(rarer, 1, 5), dtype=torch.float32)


def drawing_weights(groups: tuple[str, ...]) -> Values:
    """Return a weight of each film (n), with which every group is drawn equally often."""
    _, numbers, counts = np.unique(groups, return_inverse=True, return_counts=True)
    return np.asarray(1 / counts[numbers], np.float64)


def mixup(films: Tensor, targets: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """Blend films and targets with those of other films (mixup, Zhang et al. 2018, arXiv:1710.09412)."""
    other = torch.randperm(len(films), device=films.device)
    return share * films + (1 - share) * films[other], share * targets + (1 - share) * targets[other]

"""Loss functions for partially labeled films."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from xray.train.bootstrap import Values


def loss_of(
    logits: Tensor,
    targets: Tensor,
    activation: str,
    weights: Tensor,
    smoothing: float = 0.0,
    films: Tensor | None = None,
) -> Tensor:
    """Compute the mean loss over known labels.

    Args:
        logits: (n, K).
        targets: (n, K) in [0, 1], NaN where unknown.
        activation: `softmax` for cross-entropy with class weights, `sigmoid` for binary cross-entropy with
            positive weights.
        weights: Class or positive weights (K).
        smoothing: Label smoothing, in [0, 1).
        films: Weight of each film (n), for `sigmoid`; None for equal weights.
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
    counted = known.float() if films is None else known * films[:, None]
    return (each * counted).sum() / counted.sum().clamp_min(1e-6)


def weights_of(targets: NDArray[np.floating], activation: str, *, balanced: bool = False) -> Tensor:
    """Return weights (K) against class imbalance.

    For softmax, every finding has the same total weight. For sigmoid, positives get the square root of the
    ratio of negatives to positives, in [1, 5], or 1 in a balanced training, which draws them more often.
    """
    known = ~np.isnan(targets)
    positives = np.maximum(np.nansum(targets, axis=0), 1)
    if activation == "softmax":
        return torch.tensor(known.all(1).sum() / (targets.shape[1] * positives), dtype=torch.float32)
    if balanced:
        return torch.ones(targets.shape[1])
    rarer = np.sqrt(np.maximum(known.sum(0) - positives, 1) / positives)
    return torch.tensor(np.clip(rarer, 1, 5), dtype=torch.float32)


def drawing_weights(targets: NDArray[np.floating], groups: tuple[str, ...], activation: str) -> Values:
    """Return how often each film (n) is drawn in a balanced training, up to a factor.

    For softmax, every group is drawn equally often. For sigmoid, a film is drawn in proportion to the inverse
    square root of the number of films with its rarest finding.

    Args:
        targets: Targets (n, K).
        groups: Group of each film (n), its collection and labels, for softmax.
        activation: `softmax` or `sigmoid`.
    """
    if activation == "softmax":
        _, numbers, counts = np.unique(groups, return_inverse=True, return_counts=True)
        return np.asarray(1 / counts[numbers], np.float64)
    positives = np.maximum(np.nansum(targets, axis=0), 1)
    each = np.where(targets == 1, positives**-0.5, len(targets) ** -0.5)
    return np.asarray(each.max(1), np.float64)


def mixup(films: Tensor, targets: Tensor, share: float) -> tuple[Tensor, Tensor]:
    """Blend films and targets with those of other films (mixup, Zhang et al. 2018, arXiv:1710.09412)."""
    other = torch.randperm(len(films), device=films.device)
    return share * films + (1 - share) * films[other], share * targets + (1 - share) * targets[other]

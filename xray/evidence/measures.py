"""Measures of the similarity of two maps."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.stats import entropy, spearmanr
from skimage.metrics import structural_similarity

from xray.types import Pixels

SIDE = 56  # cells along the long side of the grid on which maps are compared
BINS = 100  # of the histogram of a map, as in Quantus
TOP = 0.1  # share of cells of the highest values


def inner(shape: tuple[int, ...], rim: float) -> tuple[slice, slice]:
    """Rows and columns of a film (h, w) without a border, a share of each side, at least one pixel."""
    y, x = (max(1, round(rim * side)) for side in shape)
    return slice(y, shape[0] - y), slice(x, shape[1] - x)


def coarse(values: Pixels, side: int = SIDE) -> Pixels:
    """Average a map (h, w) over cells, `side` of them along the long side."""
    factor = side / max(values.shape)
    if factor >= 1:
        return values
    size = max(1, round(values.shape[1] * factor)), max(1, round(values.shape[0] * factor))
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)


def rank_correlation(first: Pixels, second: Pixels, side: int = SIDE) -> float:
    """Spearman's rank correlation of two maps (h, w), in [-1, 1]; 0 if one is constant, 1 if both are."""
    values = [coarse(heatmap, side).ravel() for heatmap in (first, second)]
    constant = [np.ptp(flat) == 0 for flat in values]
    if any(constant):
        return float(all(constant))
    return float(spearmanr(*values).statistic)


def similarity(first: Pixels, second: Pixels) -> float:
    """SSIM (Wang et al. 2004, doi:10.1109/TIP.2003.819861) of two maps (h, w), each scaled to [0, 1]."""
    grids = [scaled(coarse(values)) for values in (first, second)]
    return float(structural_similarity(*grids, data_range=1.0))


def complexity(values: Pixels) -> float:
    """Entropy of the histogram of a map (h, w), in nats (Hedström et al. 2023, arXiv:2401.06465)."""
    return float(entropy(np.histogram(values, bins=BINS)[0]))


def top_overlap(first: Pixels, second: Pixels) -> float:
    """Compute the intersection over union of the highest tenths of two maps (h, w)."""
    tops = [top_share(coarse(values), TOP) for values in (first, second)]
    return float((tops[0] & tops[1]).sum() / (tops[0] | tops[1]).sum())


def top_share(values: Pixels, share: float) -> np.ndarray:
    """Mark the highest share of a map (h, w), bool; by rank, so the number of cells is exact."""
    chosen = np.zeros(values.size, bool)
    chosen[order_of(values)[: max(1, round(share * values.size))]] = True
    return chosen.reshape(values.shape)


def order_of(values: Pixels) -> np.ndarray:
    """Indices of a map's cells by decreasing value; ties are in a fixed random order."""
    tie = np.random.default_rng(0).permutation(values.size)
    return np.lexsort((tie, -values.ravel()))


def scaled(values: Pixels) -> Pixels:
    """Scale a map (h, w) to [0, 1]; a constant map becomes zero."""
    low, span = float(values.min()), float(np.ptp(values))
    return (values - low) / span if span > 0 else np.zeros_like(values)

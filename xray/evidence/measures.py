"""Measures of the similarity of two maps."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.stats import spearmanr
from skimage.metrics import structural_similarity

from xray.types import Pixels

SIDE = 56  # maps are compared on a grid of this many cells along the long side
TOP = 0.1


def inner(shape: tuple[int, ...], rim: float) -> tuple[slice, slice]:
    """Rows and columns of a film (h, w) without a rim, a share of each side and one pixel at least."""
    y, x = (max(1, round(rim * side)) for side in shape)
    return slice(y, shape[0] - y), slice(x, shape[1] - x)


def coarse(values: Pixels, side: int = SIDE) -> Pixels:
    """A map (h, w) as means over cells, side of them along the long side."""
    factor = side / max(values.shape)
    if factor >= 1:
        return values
    size = max(1, round(values.shape[1] * factor)), max(1, round(values.shape[0] * factor))
    return np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_AREA), np.float32)


def rank_correlation(one: Pixels, other: Pixels, side: int = SIDE) -> float:
    """Spearman's rank correlation of two maps (h, w), in [-1, 1]; 0 if one is constant, 1 if both are."""
    values = [coarse(image, side).ravel() for image in (one, other)]
    constant = [np.ptp(flat) == 0 for flat in values]
    if any(constant):
        return float(all(constant))
    return float(spearmanr(*values).statistic)


def similarity(one: Pixels, other: Pixels) -> float:
    """SSIM (Wang et al. 2004, doi:10.1109/TIP.2003.819861) of two maps (h, w), each scaled to [0, 1]."""
    small = [scaled(coarse(values)) for values in (one, other)]
    return float(structural_similarity(*small, data_range=1.0))


def top_overlap(one: Pixels, other: Pixels) -> float:
    """Intersection over union of the highest tenths of two maps (h, w)."""
    tops = [top_share(coarse(values), TOP) for values in (one, other)]
    return float((tops[0] & tops[1]).sum() / (tops[0] | tops[1]).sum())


def top_share(values: Pixels, share: float) -> np.ndarray:
    """Where the highest share of a map (h, w) is, bool; by rank, so that exactly so many cells are chosen."""
    chosen = np.zeros(values.size, bool)
    chosen[order_of(values)[: max(1, round(share * values.size))]] = True
    return chosen.reshape(values.shape)


def order_of(values: Pixels) -> np.ndarray:
    """The indices of a map's (h, w) cells, the highest first; equal ones in an order drawn once."""
    tie = np.random.default_rng(0).permutation(values.size)
    return np.lexsort((tie, -values.ravel()))


def scaled(values: Pixels) -> Pixels:
    low, span = float(values.min()), float(np.ptp(values))
    return (values - low) / span if span > 0 else np.zeros_like(values)

"""Strategies a model uses for a finding: its heatmaps, sorted into kinds by where their evidence lies.

Spectral relevance analysis, SpRAy (Lapuschkin et al. 2019, doi:10.1038/s41467-019-08987-4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import laplacian
from sklearn.cluster import SpectralClustering
from sklearn.metrics import pairwise_distances

from xray.errors import UnusableData
from xray.types import Pixels

SIDE = 14  # of the maps compared; the finest grid of the networks used here
FEWEST, MOST = 8, 1000  # maps; of more, every so manieth is taken
MOST_STRATEGIES = 8

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Strategy:
    """One kind of map. members: indices into the maps, the most typical first. mean: (S, S), sums to 1."""

    members: NDArray[np.int64]
    mean: Pixels


@dataclass(frozen=True, eq=False)
class Strategies:
    """kinds: the largest first. eigenvalues: the smallest of the graph's Laplacian, ascending; how many kinds
    there are is read from the widest gap between two that follow each other.
    """

    kinds: tuple[Strategy, ...]
    eigenvalues: Values


def strategies(maps: Pixels, number: int | None = None) -> Strategies:
    """Raw maps (n, S, S) of one finding sorted into kinds; what speaks against the finding is left out.

    number: how many kinds; by default what the eigenvalues say. Each map counts for where its evidence lies,
    not for how much there is. Maps are joined the more the closer they are, by a Gaussian half as wide as
    their median distance. Raises UnusableData for fewer than FEWEST maps with positive evidence.
    """
    flat = maps.clip(0).reshape(len(maps), -1).astype(np.float64)
    some = np.flatnonzero(flat.sum(1) > 0)
    if len(some) < FEWEST:
        raise UnusableData(
            f"Only {len(some)} of these films have positive evidence.",
            hint=f"Kinds of maps show from {FEWEST} films on.",
        )
    some = some[np.linspace(0, len(some) - 1, min(len(some), MOST)).astype(int)]
    shares = flat[some] / flat[some].sum(1, keepdims=True)
    joined = _affinity(shares)
    eigenvalues = np.linalg.eigvalsh(laplacian(joined, normed=True))[: MOST_STRATEGIES + 1]
    number = number or 1 + int(np.diff(eigenvalues).argmax())
    which = np.zeros(len(shares), int)
    if number > 1:
        which = SpectralClustering(number, affinity="precomputed", random_state=0).fit_predict(joined)
    kinds = [_kind(shares, some, which == one, maps.shape[1:]) for one in np.unique(which)]
    return Strategies(tuple(sorted(kinds, key=lambda one: -len(one.members))), eigenvalues)


def _affinity(shares: Values) -> Values:
    distances = pairwise_distances(np.sqrt(shares))  # Hellinger: how little the evidence overlaps
    median = np.median(distances[np.triu_indices(len(shares), 1)])
    joined = np.exp(-2 * (distances / max(median, 1e-12)) ** 2)
    np.fill_diagonal(joined, 0.0)
    return joined


def _kind(
    shares: Values, some: NDArray[np.int64], mine: NDArray[np.bool_], shape: tuple[int, ...]
) -> Strategy:
    mean = shares[mine].mean(0)
    typical = np.linalg.norm(shares[mine] - mean, axis=1).argsort(kind="stable")
    return Strategy(some[mine][typical], mean.reshape(shape).astype(np.float32))

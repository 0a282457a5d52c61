"""Heatmaps of a finding clustered by the location of their evidence, which shows a model's strategies.

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
FEWEST, MOST = 8, 1000  # maps; a larger number is evenly subsampled
MOST_CLUSTERS = 8

Values = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HeatmapCluster:
    """Maps with evidence in similar places.

    Attributes:
        members: Indices into the maps, the most typical first.
        mean: Mean of the normalized maps (S, S); sums to 1.
    """

    members: NDArray[np.int64]
    mean: Pixels


@dataclass(frozen=True, eq=False)
class HeatmapClusters:
    """All clusters of a finding's maps.

    Attributes:
        clusters: The clusters, the largest first.
        eigenvalues: The smallest eigenvalues of the graph's Laplacian, ascending. The widest gap between two
            neighbors gives the number of clusters.
    """

    clusters: tuple[HeatmapCluster, ...]
    eigenvalues: Values


def cluster_heatmaps(maps: Pixels, number: int | None = None) -> HeatmapClusters:
    """Cluster the maps of a finding by the location of their positive evidence.

    Each map is normalized to sum 1. The similarity of two maps is a Gaussian of their Hellinger distance; its
    width is half the median distance.

    Args:
        maps: Raw maps (n, S, S) of one finding; negative values are ignored.
        number: Number of clusters; by default the eigenvalues determine it.

    Raises:
        UnusableData: If fewer than FEWEST maps have positive evidence.
    """
    flat = maps.clip(0).reshape(len(maps), -1).astype(np.float64)
    used = np.flatnonzero(flat.sum(1) > 0)
    if len(used) < FEWEST:
        raise UnusableData(
            f"Only {len(used)} of these films have positive evidence.",
            hint=f"Heatmap clusters need at least {FEWEST} films.",
        )
    used = used[np.linspace(0, len(used) - 1, min(len(used), MOST)).astype(int)]
    shares = flat[used] / flat[used].sum(1, keepdims=True)
    affinity = _affinity(shares)
    eigenvalues = np.linalg.eigvalsh(laplacian(affinity, normed=True))[: MOST_CLUSTERS + 1]
    number = number or 1 + int(np.diff(eigenvalues).argmax())
    labels = np.zeros(len(shares), int)
    if number > 1:
        labels = SpectralClustering(number, affinity="precomputed", random_state=0).fit_predict(affinity)
    clusters = [_cluster(shares, used, labels == label, maps.shape[1:]) for label in np.unique(labels)]
    return HeatmapClusters(tuple(sorted(clusters, key=lambda cluster: -len(cluster.members))), eigenvalues)


def _affinity(shares: Values) -> Values:
    """Similarity (n, n) of normalized maps (n, S * S), 0 on the diagonal."""
    distances = pairwise_distances(np.sqrt(shares))  # Hellinger distance
    median = np.median(distances[np.triu_indices(len(shares), 1)])
    affinity = np.exp(-2 * (distances / max(median, 1e-12)) ** 2)
    np.fill_diagonal(affinity, 0.0)
    return affinity


def _cluster(
    shares: Values, used: NDArray[np.int64], inside: NDArray[np.bool_], shape: tuple[int, ...]
) -> HeatmapCluster:
    mean = shares[inside].mean(0)
    typical = np.linalg.norm(shares[inside] - mean, axis=1).argsort(kind="stable")
    return HeatmapCluster(used[inside][typical], mean.reshape(shape).astype(np.float32))
